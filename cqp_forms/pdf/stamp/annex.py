"""The pages « Annexe » at the end: what did not fit in its place, whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cqp_forms.fonts import Weight
from cqp_forms.mapping import Rect
from cqp_forms.pdf.geometry import View
from cqp_forms.pdf.layout import LEADING, Line, joined, sentence_end
from cqp_forms.pdf.stamp.overlay import (
    BLUE,
    NAVY,
    QUIET,
    RULE,
    FontUsage,
    Frame,
    frame,
    measure,
    mention,
    paragraphs,
    state,
    written,
)
from cqp_forms.plan import UNSETTLED_TITLE, Unsettled
from cqp_forms.typography import NBSP

_MARGIN = 56.7
_SIZE = 10.0
_HEADING = 11.0
_TITLE = 16.0
_SMALL = 8.5
#: From the page's edges, in points: the lines under the header and above the foot.
_HEADER_LINE, _FOOTER_LINE = 45.4, 42.5


@dataclass(frozen=True, slots=True)
class AnnexEntry:
    """One text that goes on in the annex.

    Attributes:
        number: from 1.
        title: the field's readable label.
        page: the page it comes from, from 1.
        lines: what goes there, as laid out elsewhere: wrapped anew here.
    """

    number: int
    title: str
    page: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Annex:
    """The annex laid out.

    Attributes:
        pages: the content of each page, in order.
        starts: the index in ``pages`` of each entry's first line, by number.
        width: of a page, in points.
        height: likewise.
    """

    pages: tuple[str, ...]
    starts: dict[int, int]
    width: float
    height: float


class _Writer:
    """Fills pages from the top."""

    def __init__(self, where: Frame, usage: FontUsage) -> None:
        self.where, self.usage = where, usage
        self.width = where.width - 2 * _MARGIN
        self.pages: list[list[str]] = [[]]
        self.y = where.height - _MARGIN

    def room(self) -> float:
        return self.y - _MARGIN

    def turn(self) -> None:
        self.pages.append([])
        self.y = self.where.height - _MARGIN

    def heading(self, text: str, size: float, tag: str) -> None:
        lines = measure(text, Weight.BOLD).wrap(self.width, size)
        colour = NAVY if tag == "H1" else BLUE
        shown = []
        for line in lines:
            self.y -= size * LEADING
            matrix = self.where.matrix(_MARGIN, self.y)
            shown.append(f"{matrix} Tm {self.usage.show(line.text, size, Weight.BOLD)}")
        self.pages[-1].append(f"q {colour} rg /{tag} BMC BT {' '.join(shown)} ET EMC Q\n")
        self.y -= size * 0.4

    def text(self, lines: Sequence[Line]) -> None:
        leading = _SIZE * LEADING
        rest = list(lines)
        while rest:
            count = int(self.room() / leading)
            if count < 1:
                self.turn()
                continue
            count = sentence_end(rest, count)
            part, rest = rest[:count], rest[count:]
            ops = paragraphs(part, _SIZE, self.where, _MARGIN, self.y - leading, self.usage)
            self.pages[-1].append(ops)
            self.y -= len(part) * leading
        self.y -= 2 * leading


def lay_out(
    entries: Sequence[AnnexEntry],
    cover: View,
    first: int,
    title: str,
    usage: FontUsage,
    unsettled: Sequence[tuple[Unsettled, int]] = (),
) -> Annex:
    """Lay the annex out on pages as large as the reader sees the first page.

    Args:
        cover: the document's first page.
        first: the number of the annex's first page in the document, from 1.
        title: the document's title, for the header.
        unsettled: what a draft lists at the end, each with its page, from 1; 0 where it has none.
    """
    width, height = cover.size
    where = frame(Rect(0, 0, width, height), 0)
    writer = _Writer(where, usage)
    if entries:
        writer.heading("Annexe", _TITLE, "H1")
        writer.y -= _SIZE
    starts: dict[int, int] = {}
    for entry in entries:
        # A heading never stands alone at the foot of a page.
        if writer.room() < _HEADING * 4 + 2 * _SIZE * LEADING and writer.pages[-1]:
            writer.turn()
        starts[entry.number] = len(writer.pages) - 1
        heading = f"Annexe {entry.number} – {entry.title} (suite de la page{NBSP}{entry.page})"
        writer.heading(heading, _HEADING, "H2")
        fresh = entry.lines[0].starts if entry.lines else True
        measured = measure(joined(entry.lines))
        writer.text(measured.wrap(writer.width, _SIZE, fresh=fresh))
    if unsettled:
        if entries:
            writer.turn()
        _list_unsettled(writer, unsettled)
    last = first + len(writer.pages) - 1
    pages = [
        state(1) + _furniture(where, title, first + rank, last, usage) + "".join(page)
        for rank, page in enumerate(writer.pages)
    ]
    return Annex(tuple(pages), starts, width, height)


def _list_unsettled(writer: _Writer, unsettled: Sequence[tuple[Unsettled, int]]) -> None:
    """The pages « À régler »: the page, the question, what is wrong and what to do."""
    writer.heading(UNSETTLED_TITLE, _TITLE, "H1")
    writer.y -= _SIZE
    for one, page in unsettled:
        question = f"Page{NBSP}{page} – {one.title}" if page else one.title
        what = measure(f"{one.message[:1].upper()}{one.message[1:]} {one.remedy}")
        lines = what.wrap(writer.width, _SIZE)
        heads = len(measure(question, Weight.BOLD).wrap(writer.width, _SIZE))
        if writer.room() < (len(lines) + heads + 1) * _SIZE * LEADING:
            writer.turn()
        writer.heading(question, _SIZE, "H2")
        writer.text(lines)
        writer.y += _SIZE * LEADING


def _running(title: str, width: float) -> str:
    """The title on one line of the header, cut where it must be, in a word if need be."""
    # Unbreakable spaces: what is cut away is the end alone, not a whole long name.
    whole = measure(title.replace(" ", NBSP))
    if len(whole.wrap(width, _SMALL)) == 1:
        return title
    room = width - measure("…").width(_SMALL)
    return title[: len(whole.wrap(room, _SMALL)[0].text)].rstrip() + "…"


def _furniture(where: Frame, title: str, page: int, last: int, usage: FontUsage) -> str:
    """The running header and the foot of a page, each with its line, as on the guide's pages.

    The foot tells the last page's number, so that pages of the annex are missed too if they get
    lost, also where the blank's own « Page x / y » stop before them.
    """
    head = _running(title, where.width - 2 * _MARGIN)
    foot = f"Annexe – page {page} / {last}"
    x = where.width - _MARGIN - measure(foot).width(_SMALL)
    top, low = where.height - _HEADER_LINE + 5, _FOOTER_LINE - 12
    lines = " ".join(
        f"{written(*where.at(_MARGIN, y))} m {written(*where.at(where.width - _MARGIN, y))} l S"
        for y in (where.height - _HEADER_LINE, _FOOTER_LINE)
    )
    return (
        f"q {RULE} RG 0.6 w /Artifact BMC {lines} EMC {QUIET} rg\n"
        + mention(head, _SMALL, where, _MARGIN, top, usage, "Artifact")
        + mention(foot, _SMALL, where, x, low, usage, "Artifact")
        + "Q\n"
    )
