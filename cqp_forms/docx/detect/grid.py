"""A table's grid, and the wording that its cells lend one another (pure)."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cqp_forms.docx.detect.fields import FoundField
from cqp_forms.docx.detect.naming import answers_in
from cqp_forms.matching.wording import is_degree

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_C = TypeVar("_C")

#: A longer wording labels nothing.
MAX_LABEL = 160
#: A shorter wording before a box is a number or a mark, not what the box answers.
_TELLING = 5


@dataclass(slots=True, eq=False)
class GridCell:
    """A cell on the grid.

    Attributes:
        column: its first grid column, from 0.
        end: after its last grid column.
        merged: whether it is one of several merged downwards (``w:vMerge``).
        continued: whether it prolongs the cell above.
        origin: the first of the cells merged downwards that it prolongs.
        strong: whether its wording is all bold, or on a coloured ground.
        doubt: why it may not head boxes, if it does.
        scale: of a header row, which of the scales side by side it belongs to, from 0.
        band: the wording over that scale alone, that tells it from the others.
        waiting: the area of a « Nom : » that ends it.
        signing: the space that « Signature » announces, unless a cell beside or below is it.
        empty: what it is if it turns out to be a box or an area.
    """

    element: Element
    column: int
    end: int
    merged: bool = False
    continued: bool = False
    origin: GridCell | None = None
    strong: bool = False
    narrow: bool = False
    doubt: str = ""
    scale: int = 0
    band: str = ""
    framed: bool = False
    text: str = ""
    fields: list[FoundField] = dataclasses.field(default_factory=list)
    waiting: FoundField | None = None
    signing: FoundField | None = None
    empty: FoundField | None = None

    @property
    def taken(self) -> bool:
        """Whether it holds a box or an area of its own."""
        return any(one.kept for one in self.fields)

    @property
    def asks(self) -> bool:
        """Whether it is plain wording, that may ask what another cell answers."""
        return bool(self.text) and (not self.taken or self.only_waits) and self.empty is None

    @property
    def only_waits(self) -> bool:
        """Whether all that it holds is the end of its own « Nom : »."""
        return all(one is self.waiting for one in self.fields if one.kept)


@dataclass(slots=True, eq=False)
class GridRow:
    """A row.

    Attributes:
        title: whether it is one cell over all columns.
        captions: its cells that head columns of boxes.
        ends: whether it heads the columns with something else.
    """

    index: int
    cells: list[GridCell]
    height: int = 9999
    title: bool = False
    captions: list[GridCell] = dataclasses.field(default_factory=list)
    ends: bool = False

    @property
    def text(self) -> str:
        """All its wording."""
        return " ".join(one.text for one in self.cells if one.text)

    @property
    def entitles(self) -> bool:
        """Whether it may be a title with empty cells behind it: one strong wording."""
        written = [one for one in self.cells if one.text]
        rest = [one for one in self.cells if not one.text]
        return (
            len(written) == 1
            and written[0] is self.cells[0]
            and written[0].strong
            and written[0].asks
            and bool(rest)
            and all(one.empty is not None for one in rest)
        )


class TableGrid:
    """A table's rows, asked for the wording around a cell; each question looks at few cells."""

    def __init__(self, rows: Sequence[GridRow]) -> None:
        self.rows = rows
        self._titles = [one.index for one in rows if one.title]
        self._captioned = [one.index for one in rows if one.captions]
        self._asking: dict[int, list[tuple[int, GridCell]]] = {}
        self._heading: dict[int, list[tuple[int, GridCell | None]]] = {}
        self._places: dict[int, _Places] = {}
        self._boxed = {
            one.column
            for row in rows
            for one in row.cells
            if any(field.ticks and field.kept for field in one.fields)
        }
        for row in rows:
            for cell in () if row.title else row.cells:
                for column in range(cell.column, cell.end) if cell.asks else ():
                    self._asking.setdefault(column, []).append((row.index, cell))
            for cell in row.captions or (row.cells if row.ends else ()):
                for column in range(cell.column, cell.end):
                    known = self._heading.setdefault(column, [])
                    known.append((row.index, cell if row.captions else None))

    def has_boxes(self, cell: GridCell) -> bool:
        """Whether another cell of this column holds a box of its own."""
        return cell.column in self._boxed

    def caption(self, row: GridRow, cell: GridCell) -> GridCell | None:
        """What heads the boxes of a cell's column: « OUI », « B »; ``None`` when nothing does."""
        return _nearest(self._heading, row, cell)[1]

    def header_cell(self, row: GridRow, cell: GridCell) -> GridCell | None:
        """What heads a cell: its boxes' caption, else the nearest wording since the last title."""
        found = self.caption(row, cell)
        if found is None:
            index, found = _nearest(self._asking, row, cell)
            found = None if index < _below(self._titles, row.index) else found
            if found is not None and left_label(row, cell) and self._is_answered(index, found):
                found = None
            if found is not None and not self.rows[index].ends:
                found = self._beside_captions(row, cell) or found
        return found

    def _is_answered(self, index: int, label: GridCell) -> bool:
        """Whether the cell behind a label is open: it answers it, and nothing below does."""
        cells = self.rows[index].cells
        place = bisect_left(cells, label.end, key=lambda one: one.column)
        return place < len(cells) and (cells[place].empty is not None or cells[place].taken)

    def _beside_captions(self, row: GridRow, cell: GridCell) -> GridCell | None:
        """What heads the column of a cell in the row whose other cells head boxes."""
        above = _below(self._captioned, row.index)
        cells = self.rows[above].cells if above >= 0 else []
        place = bisect_left(cells, cell.column + 1, key=lambda one: one.column) - 1
        return cells[place] if place >= 0 and cells[place].text else None

    def header(self, row: GridRow, cell: GridCell, field: FoundField | None = None) -> str:
        """The wording above a cell, or above one box of it; empty when there is none.

        Of a header such as « OUI NON » each box below takes its own word.
        """
        found = self.header_cell(row, cell)
        if found is None:
            return ""
        words = answers_in(found.text)
        if field is None or not words:
            return found.text
        below = [
            box
            for one in row.cells
            if one.column < found.end and found.column < one.end
            for box in ([one.empty] if one.empty is not None else one.fields)
            if box.ticks or box is one.empty
        ]
        return (
            words[below.index(field)] if len(below) == len(words) and field in below else found.text
        )

    def title(self, row: GridRow, cell: GridCell) -> str:
        """The title of a block that stands in a column, beside others: the row that heads them."""
        known = self._asking.get(cell.column, ())
        first = bisect_left(known, _below(self._titles, row.index), key=lambda one: one[0])
        last = bisect_left(known, row.index, key=lambda one: one[0])
        heads = (one for index, one in known[first:last] if self.rows[index].ends)
        return next((one.text for one in heads if not one.text.endswith(":")), "")

    def question(self, row: GridRow, cell: GridCell) -> str:
        """What a box of this cell answers: the row's wording, or the words nearest to it."""
        return self._in(row).question(cell)

    def before(self, row: GridRow, cell: GridCell) -> str:
        """What a cell answers, if that stands left of it."""
        asked = self.question(row, cell)
        return asked if any(one.text == asked for one in row.cells[: row.cells.index(cell)]) else ""

    def _in(self, row: GridRow) -> _Places:
        if row.index not in self._places:
            found = [self.caption(row, one) for one in row.cells]
            self._places[row.index] = _Places(row, found)
        return self._places[row.index]


class _Places:
    """Where the wordings and the boxes of one row stand; looked at once, however wide it is."""

    def __init__(self, row: GridRow, captions: Sequence[GridCell | None]) -> None:
        self._rank = {id(one): rank for rank, one in enumerate(row.cells)}
        self._runs: list[tuple[int, int, str]] = []
        self._first_box = len(row.cells)
        for rank, (cell, caption) in enumerate(zip(row.cells, captions, strict=True)):
            if cell.empty is not None or (cell.taken and not cell.only_waits):
                self._first_box = min(self._first_box, rank)
            text = asked(cell)
            if text and not (caption is not None and is_degree(caption.text)):
                self._add(rank, text)

    def _add(self, rank: int, text: str) -> None:
        """Wordings side by side are one run; the last that tells something speaks for it."""
        if self._runs and self._runs[-1][1] == rank:
            start, _, known = self._runs.pop()
            better = len(text) >= _TELLING or len(text) > len(known)
            self._runs.append((start, rank + 1, text if better else known))
        else:
            self._runs.append((rank, rank + 1, text))

    def question(self, cell: GridCell) -> str:
        """What a box of a cell answers."""
        rank = self._rank[id(cell)]
        at = bisect_left(self._runs, rank, key=lambda one: one[0])
        others = [one for one in self._runs[max(0, at - 1) : at + 1] if not one[0] <= rank < one[1]]
        before = [text for start, _, text in others if start < rank]
        after = [text for start, _, text in others if start > rank]
        if not before and not after:
            return ""
        if before and after and self._runs[0][0] > self._first_box:
            # Boxes lead: each answers the words behind it.
            before = []
        if before and (len(before[-1]) >= _TELLING or not after):
            return before[-1]
        return after[0] if after else before[-1]


def _below(indexes: Sequence[int], limit: int) -> int:
    """The greatest index under a limit, -1 when there is none."""
    place = bisect_left(indexes, limit)
    return indexes[place - 1] if place else -1


def _nearest(
    columns: Mapping[int, Sequence[tuple[int, _C]]], row: GridRow, cell: GridCell
) -> tuple[int, _C | None]:
    best: tuple[int, _C | None] = (-1, None)
    for column in range(cell.column, cell.end):
        known = columns.get(column, ())
        place = bisect_left(known, row.index, key=lambda one: one[0])
        if place and known[place - 1][0] > best[0]:
            best = known[place - 1]
    return best


def left_label(row: GridRow, cell: GridCell) -> GridCell | None:
    """The cell just before, when it is a label."""
    place = bisect_left(row.cells, cell.column, key=lambda one: one.column)
    before = row.cells[place - 1] if place else None
    if before is None or not before.asks or len(before.text) > MAX_LABEL:
        return None
    return before


def group(row: GridRow, label: str) -> str:
    """The title of a group that stands beside its rows, in a cell merged over them."""
    for one in row.cells:
        if one.merged and (text := asked(one)) and text != label:
            return text
    return ""


def asked(cell: GridCell) -> str:
    """A cell's wording if it asks something, that of the cell which it prolongs included."""
    if cell.asks:
        return cell.text
    return asked(cell.origin) if cell.origin is not None else ""
