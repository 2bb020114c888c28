"""A table's grid, and the wording that its cells lend one another (pure)."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.docx.detect.fields import FoundField
from cqp_forms.docx.detect.naming import answers_in, heads_boxes, is_answer

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MAX_LABEL = 160
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
        waiting: the area of a « Nom : » that ends it.
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
    framed: bool = False
    text: str = ""
    fields: list[FoundField] = dataclasses.field(default_factory=list)
    waiting: FoundField | None = None
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
    """A row; ``title`` for one cell over all columns, ``header`` for one that heads columns."""

    index: int
    cells: list[GridCell]
    height: int = 9999
    title: bool = False
    header: bool = False

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
        self._asking: dict[int, list[tuple[int, GridCell]]] = {}
        self._heading: dict[int, list[tuple[int, GridCell]]] = {}
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
                    if heads_boxes(cell.text):
                        self._heading.setdefault(column, []).append((row.index, cell))

    def has_boxes(self, cell: GridCell) -> bool:
        """Whether another cell of this column holds a box of its own."""
        return cell.column in self._boxed

    def header_cell(self, row: GridRow, cell: GridCell) -> GridCell | None:
        """The nearest wording above a cell; past a title across the table, « OUI » and such."""
        title = _below(self._titles, row.index)
        index, found = _nearest(self._asking, row, cell)
        if found is None or index < title:
            found = _nearest(self._heading, row, cell)[1]
        return found

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

    def question(self, row: GridRow, cell: GridCell) -> str:
        """What a box of this cell answers: the row's wording, or the words nearest to it."""
        asking = [
            (one, text)
            for one in row.cells
            if one is not cell and (text := asked(one)) and not is_answer(text)
        ]
        if not asking:
            return ""
        boxes = [one for one in row.cells if one.taken or one.empty is not None]
        if len(asking) > 1 and len(boxes) > 1 and not self._in_columns(row, boxes):
            place = row.cells.index(cell)
            leads = row.cells.index(asking[0][0]) < row.cells.index(boxes[0])
            beside = row.cells[place - 1 if leads else min(place + 1, len(row.cells) - 1)]
            near = [text for one, text in asking if one is beside]
            if near:
                return near[0]
        first = row.cells.index(boxes[0]) if boxes else len(row.cells)
        before = [text for one, text in asking if row.cells.index(one) < first]
        if before and len(before[-1]) >= _TELLING:
            return before[-1]
        return max((text for _, text in asking), key=len)

    def _in_columns(self, row: GridRow, boxes: Sequence[GridCell]) -> bool:
        """Whether the boxes stand under headers such as OUI and NON, all for one question."""
        return all(heads_boxes(self.header(row, one)) for one in boxes) or all(
            field.column for one in boxes for field in one.fields
        )


def _below(indexes: Sequence[int], limit: int) -> int:
    """The greatest index under a limit, -1 when there is none."""
    place = bisect_left(indexes, limit)
    return indexes[place - 1] if place else -1


def _nearest(
    columns: Mapping[int, Sequence[tuple[int, GridCell]]], row: GridRow, cell: GridCell
) -> tuple[int, GridCell | None]:
    best: tuple[int, GridCell | None] = (-1, None)
    for column in range(cell.column, cell.end):
        known = columns.get(column, ())
        place = bisect_left(known, row.index, key=lambda one: one[0])
        if place and known[place - 1][0] > best[0]:
            best = known[place - 1]
    return best


def left_label(row: GridRow, cell: GridCell) -> GridCell | None:
    """The cell just before, when it is a label."""
    place = row.cells.index(cell)
    before = row.cells[place - 1] if place else None
    if before is None or not before.asks or len(before.text) > _MAX_LABEL:
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
