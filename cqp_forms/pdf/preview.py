"""Show a mapping: a list of what to confirm, then each page with every place drawn and numbered.

A Word document has no pages of its own until a word processor lays it out; for it
:func:`listing` gives a PDF list of the placements, with the same colours.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape

import pikepdf
from reportlab.lib.colors import Color, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    Image,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from cqp_forms.fonts import Style, blank_font
from cqp_forms.mapping import Detected, DocxLocator, Locator, PdfLocator, Rect
from cqp_forms.pdf.detect.open import opened
from cqp_forms.pdf.geometry import view_of
from cqp_forms.pdf.raster import Raster
from cqp_forms.typography import spaced

_REGULAR, _BOLD = "CqpPreview", "CqpPreview-Bold"
_NUMBER_SIZE, _LEGEND_SIZE = 7.0, 7.0
#: A picture of a place in a list: its reach above and below, and its width there, in points.
_AROUND, _PICTURE_WIDTH = 22.0, 330.0
_PICTURE_SCALE = 2.0
#: Places to confirm that have a picture; a document with more is not the guide's.
_PICTURED = 60
_OUTSET = 1.2  # frames stand this far around the place: a widget is painted over the page


class Band(Enum):
    """How sure a placement is; the value is the legend's wording."""

    SURE = "sûr"
    CHECK = "à confirmer"
    DOUBT = "douteux"
    UNUSED = "détecté, non attribué"

    @classmethod
    def of(cls, locator: Locator) -> Band:
        """The band that a place falls in, by whether it is confirmed, then by its confidence."""
        if locator.confirmed:
            return cls.SURE
        return cls.CHECK if locator.confidence >= 0.6 else cls.DOUBT


_COLOURS = {
    Band.SURE: Color(0.0, 0.5, 0.2),
    Band.CHECK: Color(0.85, 0.45, 0.0),
    Band.DOUBT: Color(0.8, 0.0, 0.1),
    Band.UNUSED: Color(0.5, 0.5, 0.5),
}
#: Dashes tell the bands apart on a black and white print; in points.
_DASHES: Mapping[Band, tuple[float, ...]] = {
    Band.SURE: (),
    Band.CHECK: (4, 2),
    Band.DOUBT: (1.5, 1.5),
    Band.UNUSED: (1, 2),
}


@dataclass(frozen=True, slots=True)
class _Mark:
    tag: str
    locator: PdfLocator
    band: Band


def preview(
    document: bytes,
    placed: Mapping[str, Detected],
    unused: Sequence[Detected] = (),
    missing: Sequence[str] = (),
) -> bytes:
    """The document with every placement framed and numbered, and lists of what the numbers are.

    What a person has to confirm, or to find, stands in a list before the first page, a picture
    beside each; the list of all places is at the end.

    Args:
        document: the PDF.
        placed: what was found, by placement id.
        unused: what was found and is no placement, framed in grey.
        missing: placements still to be found.

    Raises:
        DocumentError: the document cannot be read.
    """
    _register()
    marks = [
        _Mark(f"{one.number}", one.locator, Band.of(one.locator) if name else Band.UNUSED)
        for name, one in [*placed.items(), *(("", one) for one in unused)]
        if isinstance(one.locator, PdfLocator)
    ]
    drawn = _drawn(document, marks)
    waiting = {name: one for name, one in placed.items() if not one.locator.confirmed}
    first = _to_confirm(drawn, waiting, missing) if waiting or missing else b""
    return _joined(first, drawn, listing("", placed, unused, missing))


def mark(document: bytes, pending: Mapping[str, Locator | None]) -> bytes:
    """A draft with a frame around each place that was left blank, since no one confirmed it.

    Args:
        pending: the placements, and the place supposed for each; those without one are named on a
            page at the end.
    """
    _register()
    marks = [
        _Mark(f"? {name}", one, Band.DOUBT)
        for name, one in pending.items()
        if isinstance(one, PdfLocator)
    ]
    drawn = _drawn(document, marks, with_legend=False)
    unknown = [name for name, one in pending.items() if one is None]
    return _joined(b"", drawn, _built([Paragraph(_todo(unknown), _style(10))]) if unknown else b"")


def _drawn(document: bytes, marks: Sequence[_Mark], *, with_legend: bool = True) -> bytes:
    with opened(document) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            here = [one for one in marks if one.locator.page == number]
            if here or with_legend:
                _overlay(page, here, with_legend=with_legend)
        out = io.BytesIO()
        # A preview is nobody's document: whoever may open the blank may read it.
        pdf.save(out, encryption=False, deterministic_id=True)
    return out.getvalue()


def _joined(first: bytes, document: bytes, last: bytes) -> bytes:
    """The document, with pages before and after it where there are any."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        if first:
            with pikepdf.open(io.BytesIO(first)) as pages:
                for rank, page in enumerate(pages.pages):
                    pdf.pages.insert(rank, page)
        if last:
            with pikepdf.open(io.BytesIO(last)) as pages:
                pdf.pages.extend(pages.pages)
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _to_confirm(drawn: bytes, waiting: Mapping[str, Detected], missing: Sequence[str]) -> bytes:
    """The list of what a person has to look at: the least sure first, a picture of each place."""
    story: list[Flowable] = [Paragraph("À confirmer", _style(14, _BOLD)), Spacer(0, 6)]
    if missing:
        story += [Paragraph(_todo(missing), _style(9)), Spacer(0, 8)]
    least_sure = sorted(waiting.items(), key=lambda item: item[1].locator.confidence)
    rows = []
    for (name, one), picture in zip(
        least_sure, _pictures(drawn, [one for _, one in least_sure]), strict=False
    ):
        rows.append([picture, _described(name, one)])
    if rows:
        table = Table(rows, colWidths=(_PICTURE_WIDTH + 12, 180))
        table.setStyle(
            TableStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                    ("LINEBELOW", (0, 0), (-1, -1), 0.3, _COLOURS[Band.UNUSED]),
                ]
            )
        )
        story.append(table)
    if len(least_sure) > len(rows):
        rest = ", ".join(name for name, _ in least_sure[len(rows) :])
        story.append(Paragraph(escape(spaced(f"De même : {rest}.")), _style(9)))
    return _built(story)


def _described(name: str, one: Detected) -> list[Flowable]:
    label = " – ".join(part for part in (one.label, one.option or one.column) if part)
    numbers = " ou ".join(f"n° {each}" for each in one.locator.candidates) or f"n° {one.number}"
    return [
        Paragraph(escape(spaced(f"{name} : {numbers} ?")), _style(9, _BOLD)),
        Paragraph(escape(spaced(f"« {label} » – {one.locator.reason}")), _style(8)),
    ]


def _pictures(drawn: bytes, places: Sequence[Detected]) -> Iterator[Flowable]:
    """What the page shows beside each of the first places, its frame and number included."""
    with Raster(drawn) as raster:
        for one in places[:_PICTURED]:
            assert isinstance(one.locator, PdfLocator)
            number = one.locator.page - 1
            picture = raster.picture(number, _PICTURE_SCALE)
            rect = raster.view(number).rect(one.locator.rect)
            # As wide as the page: the wording may stand far from its boxes.
            near = Rect(0, rect.y0 - _AROUND, raster.size(number)[0], rect.y1 + _AROUND)
            image = picture.image.crop(picture.box(near))
            out = io.BytesIO()
            image.convert("RGB").save(out, "PNG")
            out.seek(0)
            height = _PICTURE_WIDTH * image.height / max(image.width, 1)
            yield Image(out, _PICTURE_WIDTH, height)


def listing(
    title: str,
    placed: Mapping[str, Detected],
    unused: Sequence[Detected] = (),
    missing: Sequence[str] = (),
) -> bytes:
    """The placements as a list in reading order, for a document that has no pages to draw on.

    Args:
        title: the document's name.
        placed, unused, missing: as for :func:`preview`.
    """
    _register()
    rows = sorted(placed.items(), key=lambda item: item[1].order)
    where = f" dans {title}" if title else ""
    story: list[Flowable] = [
        Paragraph(escape(spaced(f"Emplacements repérés{where}")), _style(14, _BOLD)),
        Paragraph(_summary(placed, unused, missing), _style(9)),
        Spacer(0, 8),
    ]
    if missing:
        story += [Paragraph(_todo(missing), _style(9)), Spacer(0, 8)]
    story.append(_table([*rows, *(("", one) for one in unused)]))
    return _built(story, title)


def _built(story: list[Flowable], title: str = "") -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, invariant=1, title=title,
        leftMargin=36, rightMargin=36, topMargin=36, bottomMargin=36,
    ).build(story)  # fmt: skip
    return out.getvalue()


def _table(entries: Sequence[tuple[str, Detected]]) -> Table:
    """One row a placement; what has no name is unused."""
    cells = [[Paragraph(one, _style(8, _BOLD)) for one in _HEADERS]]
    bands = []
    for name, one in entries:
        band = Band.UNUSED if not name else Band.of(one.locator)
        bands.append(band)
        cells.append([Paragraph(escape(text), _style(7)) for text in _row(name, one, band)])
    table = Table(cells, colWidths=(105, 62, 185, 171), repeatRows=1)
    lines = [
        ("LINEBEFORE", (0, row), (0, row), 3, _COLOURS[band])
        for row, band in enumerate(bands, start=1)
    ]
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, _COLOURS[Band.UNUSED]),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                *lines,
            ]
        )
    )
    return table


_HEADERS = ("Emplacement", "Confiance", "Libellé trouvé", "Où")


def _row(name: str, one: Detected, band: Band) -> tuple[str, str, str, str]:
    locator = one.locator
    label = f"{one.label} – {one.column}" if one.column else one.label
    if isinstance(locator, DocxLocator):
        where = f"{locator.part} : {locator.target}"
    else:
        where = f"page {locator.page}"
    waits = band in (Band.CHECK, Band.DOUBT)
    sure = f"{locator.confidence:.0%} {band.value}" if waits else band.value
    if locator.reason:
        where = f"{where} ({locator.reason})"
    return f"n° {one.number} {name}", spaced(sure.replace("%", " %")), label, spaced(where)


def _summary(
    placed: Mapping[str, Detected], unused: Sequence[Detected], missing: Sequence[str]
) -> str:
    bands = [Band.of(one.locator) for one in placed.values()]
    parts = [
        f"{band.value} : {bands.count(band)}"
        for band in (Band.SURE, Band.CHECK, Band.DOUBT)
        if band in bands
    ]
    if unused:
        parts.append(f"{Band.UNUSED.value} : {len(unused)}")
    if missing:
        parts.append(f"à trouver : {len(missing)}")
    return escape(spaced(" ; ".join(parts) or "aucun emplacement"))


def _todo(missing: Sequence[str]) -> str:
    return escape(spaced(f"Emplacements à trouver ({len(missing)}) : {', '.join(missing)}."))


def _register() -> None:
    for name, style in ((_REGULAR, Style.REGULAR), (_BOLD, Style.BOLD)):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, io.BytesIO(blank_font(style))))


def _style(size: float, font: str = _REGULAR) -> ParagraphStyle:
    return ParagraphStyle(f"{font}{size}", fontName=font, fontSize=size, leading=size * 1.2)


def _overlay(page: pikepdf.Page, marks: Sequence[_Mark], *, with_legend: bool) -> None:
    """Draw over a page, upright as it is read."""
    view = view_of(page.obj)
    width, height = view.size
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1)
    for mark in marks:
        _frame(canvas, view.rect(mark.locator.rect), mark)
    if with_legend:
        _legend(canvas, width)
    canvas.showPage()
    canvas.save()
    with pikepdf.open(io.BytesIO(out.getvalue())) as drawn:
        crop = view.crop
        page.add_overlay(drawn.pages[0], pikepdf.Rectangle(crop.x0, crop.y0, crop.x1, crop.y1))


def _dash(band: Band) -> tuple[list[float], ...]:
    return (list(_DASHES[band]),) if _DASHES[band] else ()


def _frame(canvas: Canvas, rect: Rect, mark: _Mark) -> None:
    colour = _COLOURS[mark.band]
    canvas.setLineWidth(0.9)
    canvas.setDash(*_dash(mark.band))
    canvas.setStrokeColor(colour)
    canvas.setFillColor(colour, alpha=0.08)
    canvas.rect(
        rect.x0 - _OUTSET, rect.y0 - _OUTSET,
        rect.width + 2 * _OUTSET, rect.height + 2 * _OUTSET, fill=1,
    )  # fmt: skip
    canvas.setDash()
    canvas.setFont(_BOLD, _NUMBER_SIZE)
    width = canvas.stringWidth(mark.tag, _BOLD, _NUMBER_SIZE) + 3
    # In a small frame the tag would hide what it numbers: it stands on its corner.
    inside = rect.height > 2.5 * _NUMBER_SIZE and rect.width > 2 * width
    x = rect.x0 - _OUTSET
    y = rect.y1 + _OUTSET - (_NUMBER_SIZE + 1 if inside else 0)
    canvas.setFillColor(colour, alpha=0.9)
    canvas.rect(x, y, width, _NUMBER_SIZE + 1, stroke=0, fill=1)
    canvas.setFillColor(white, alpha=1)
    canvas.drawString(x + 1.5, y + 1.8, mark.tag)


def _legend(canvas: Canvas, width: float) -> None:
    canvas.setLineWidth(0.9)
    x, y = 14.0, 5.0
    canvas.setFont(_REGULAR, _LEGEND_SIZE)
    length = sum(canvas.stringWidth(one.value, _REGULAR, _LEGEND_SIZE) + 24 for one in Band)
    canvas.setFillColor(white, alpha=0.85)
    canvas.rect(x - 4, y - 3, min(length + 4, width - x), 12, stroke=0, fill=1)
    for band in Band:
        canvas.setStrokeColor(_COLOURS[band])
        canvas.setDash(*_dash(band))
        canvas.rect(x, y, 6, 6, fill=0)
        canvas.setFillColor(_COLOURS[band], alpha=1)
        canvas.drawString(x + 9, y, band.value)
        x += canvas.stringWidth(band.value, _REGULAR, _LEGEND_SIZE) + 24
