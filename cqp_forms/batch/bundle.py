"""The print bundle of a batch: which documents, under which names, and the pages that list them.

Written whole or not at all. Lengths in points.
"""

from __future__ import annotations

import glob
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from cqp_forms.batch.outcome import Outcome
from cqp_forms.batch.report import Header, remove_leftovers
from cqp_forms.errors import OutputError
from cqp_forms.guide import Guide
from cqp_forms.issuing.changes_pdf import BOLD, REGULAR, markup, register_fonts
from cqp_forms.issuing.history import FileCondition, file_state
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.storage import make_folder, output_errors
from cqp_forms.mapping import Rect
from cqp_forms.pdf.bundle import IndexPages, Item, is_bundle, write_bundle
from cqp_forms.typography import spaced

NAVY, ACCENT, TINT = HexColor("#1F3864"), HexColor("#2E74B5"), HexColor("#DCE6F1")
INK, QUIET, PAPER = HexColor("#1A1A1A"), HexColor("#5A6577"), HexColor("#FFFFFF")

_WIDTH, _HEIGHT = A4
_MARGIN = 20 * mm
_RIGHT = _WIDTH - _MARGIN
_BOTTOM = 24 * mm
_PADDING = 3.5


@dataclass(frozen=True, slots=True)
class Bundled:
    """What went into a bundle.

    Attributes:
        pages: of the documents, without the list and blank pages.
        left_out: the PDFs that are not as they were issued: path, and what became of them.
    """

    path: Path
    documents: int
    pages: int
    left_out: tuple[tuple[str, FileCondition], ...]


def require_replaceable(path: Path) -> None:
    """Refuse to write a bundle over anything but an earlier bundle.

    Raises:
        OutputError: the file is something else, an issued guide perhaps.
    """
    if path.exists() and not is_bundle(path):
        raise OutputError(
            "ce fichier existe déjà et n’est pas un lot à imprimer : il n’est pas remplacé.",
            where=str(path),
            remedy="Donnez un autre nom à --print-bundle, ou déplacez ce fichier.",
        )


def make_bundle(header: Header, outcomes: Iterable[Outcome], path: Path) -> Bundled | None:
    """Put the PDF of every candidate who has one into one file.

    Args:
        header: the batch.
        outcomes: in the order of the bundle.
        path: where it goes, in place of an earlier bundle.

    Returns:
        What is in it; ``None`` when there is nothing to print, and no file was written.

    Raises:
        OutputError: the file cannot be written.
        DocumentError: an issued PDF cannot be read.
    """
    left_out: list[tuple[str, FileCondition]] = []
    guide = header.guide
    temporary = path.with_name(f".{path.name[:40]}-{os.getpid()}.tmp")
    with output_errors(path):
        make_folder(path.absolute().parent)
        remove_leftovers(path.parent, f".{glob.escape(path.name[:40])}-*.tmp", header.started)
        try:
            with temporary.open("w+b") as file:
                items = write_bundle(
                    file,
                    _items(header, outcomes, left_out),
                    Index(guide, header.started),
                    title=" – ".join(
                        filter(None, ("Guides à imprimer", guide.tool, guide.certificate))
                    ),
                    language=guide.language,
                    created=header.started,
                )
            if not items:
                return None
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return Bundled(path, len(items), sum(one.pages for one in items), tuple(left_out))


def _items(
    header: Header, outcomes: Iterable[Outcome], left_out: list[tuple[str, FileCondition]]
) -> Iterator[Item]:
    for one in outcomes:
        file = one.file(Role.PDF)
        if not one.state.done or file is None:
            continue
        state = file_state(header.folder, file)
        if state is not FileCondition.INTACT:
            left_out.append((file.path, state))
            continue
        version = str(one.version) if one.version else "brouillon"
        yield Item(one.candidate, header.folder / file.path, (one.reference, version))


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    x: float
    width: float
    alignment: int = 0  # reportlab: 0 left, 1 centre, 2 right


_COLUMNS = (
    _Column("N°", _MARGIN, 26, 2),
    _Column("Candidat", _MARGIN + 34, 220),
    _Column("Référence", _MARGIN + 258, 100),
    _Column("Version", _MARGIN + 362, 50, 1),
    _Column("Pages", _MARGIN + 416, 30, 2),
    _Column("Page", _MARGIN + 450, _RIGHT - _MARGIN - 454, 2),
)


class Index:
    """Lays out the list of a bundle.

    Args:
        guide: gives the title.
        created: when the batch ran, aware.
    """

    def __init__(self, guide: Guide, created: datetime) -> None:
        self._guide, self._created = guide, created

    def __call__(self, items: Sequence[Item]) -> IndexPages:
        """The pages for these items: the same number whatever their page numbers."""
        return _Layout(self._guide, self._created, items).pages()


class _Layout:
    def __init__(self, guide: Guide, created: datetime, items: Sequence[Item]) -> None:
        register_fonts()
        self._guide, self._created, self._items = guide, created, items
        self._target = io.BytesIO()
        self._canvas = Canvas(self._target, pagesize=A4, invariant=1)
        self._page = 0
        self._y = 0.0

    def pages(self) -> IndexPages:
        self._head()
        links = []
        for rank, item in enumerate(self._items, 1):
            cells = self._cells(rank, item)
            height = max(cell.height for cell in cells) + 2 * _PADDING
            if self._y - height < _BOTTOM:
                self._turn()
            self._row(rank, cells, height)
            links.append((self._page, Rect(_MARGIN, self._y, _RIGHT, self._y + height)))
        self._foot()
        self._canvas.save()
        return IndexPages(self._target.getvalue(), tuple(links))

    def _head(self) -> None:
        canvas, top = self._canvas, _HEIGHT - _MARGIN
        canvas.setFillColor(NAVY)
        canvas.rect(_MARGIN, top - 46, _RIGHT - _MARGIN, 46, stroke=0, fill=1)
        canvas.setFillColor(PAPER)
        canvas.setFont(BOLD, 20)
        canvas.drawString(_MARGIN + 12, top - 30, "Guides d’évaluation à imprimer")
        lines = (
            " – ".join(filter(None, (self._guide.tool, self._guide.certificate))),
            spaced(f"{_count(self._items)} – lot du {self._created:%d/%m/%Y à %H:%M}"),
            "Impression recto verso : chaque guide commence sur un recto.",
        )
        y = top - 62
        for line in lines:
            text = _paragraph(line, _LEAD, _RIGHT - _MARGIN)
            text.drawOn(canvas, _MARGIN, y - text.height)
            y -= text.height + 2
        self._y = y - 8
        self._titles()

    def _titles(self) -> None:
        canvas, height = self._canvas, 20
        self._y -= height
        canvas.setFillColor(ACCENT)
        canvas.rect(_MARGIN, self._y, _RIGHT - _MARGIN, height, stroke=0, fill=1)
        for column in _COLUMNS:
            title = _paragraph(column.title, _styles("title", column), column.width)
            title.drawOn(canvas, column.x, self._y + (height - title.height) / 2)

    def _turn(self) -> None:
        self._foot()
        self._canvas.showPage()
        self._page += 1
        self._y = _HEIGHT - _MARGIN
        self._titles()

    def _foot(self) -> None:
        self._canvas.setFillColor(QUIET)
        self._canvas.setFont(REGULAR, 8)
        self._canvas.drawCentredString(_WIDTH / 2, 14 * mm, f"Liste – page {self._page + 1}")

    def _cells(self, rank: int, item: Item) -> list[Paragraph]:
        texts = (
            str(rank),
            item.title,
            *item.details,
            str(item.pages),
            str(item.first_page),
        )
        return [
            _paragraph(text, _styles("row", column), column.width)
            for text, column in zip(texts, _COLUMNS, strict=True)
        ]

    def _row(self, rank: int, cells: Sequence[Paragraph], height: float) -> None:
        self._y -= height
        if rank % 2 == 0:
            self._canvas.setFillColor(TINT)
            self._canvas.rect(_MARGIN, self._y, _RIGHT - _MARGIN, height, stroke=0, fill=1)
        for cell, column in zip(cells, _COLUMNS, strict=True):
            cell.drawOn(self._canvas, column.x, self._y + height - _PADDING - cell.height)


def _paragraph(text: str, style: ParagraphStyle, width: float) -> Paragraph:
    made = Paragraph(markup(text), style)
    made.wrap(width, _HEIGHT)
    return made


_LEAD = ParagraphStyle("lead", fontName=REGULAR, fontSize=10, leading=12.5, textColor=QUIET)


def _styles(kind: str, column: _Column) -> ParagraphStyle:
    font, colour = (BOLD, PAPER) if kind == "title" else (REGULAR, INK)
    if kind == "row" and column.title == "Candidat":
        font = BOLD
    return ParagraphStyle(
        kind,
        fontName=font,
        fontSize=9.5,
        leading=11.5,
        textColor=colour,
        alignment=column.alignment,
        splitLongWords=1,
    )


def _count(items: Sequence[Item]) -> str:
    pages = sum(item.pages for item in items)
    return f"{len(items)} guide{'s' if len(items) > 1 else ''}, {pages} pages"
