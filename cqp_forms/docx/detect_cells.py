"""A table's grid, and the wording that its cells lend one another (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cqp_forms.docx.detect_spots import Spot
from cqp_forms.docx.detect_wording import answers_in, heads_boxes, is_answer

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MAX_LABEL = 160
#: A shorter wording before a box is a number or a mark, not what the box answers.
_TELLING = 5


@dataclass(slots=True, eq=False)
class Cell:
    """A cell on the grid.

    Attributes:
        column: its first grid column, from 0.
        end: after its last grid column.
        merged: whether it is one of several merged downwards (``w:vMerge``).
        continued: whether it prolongs the cell above.
        waiting: the area of a « Nom : » that ends it.
        empty: what it is if it turns out to be a box or an area.
    """

    element: Element
    column: int
    end: int
    merged: bool = False
    continued: bool = False
    narrow: bool = False
    framed: bool = False
    text: str = ""
    spots: list[Spot] = field(default_factory=list)
    waiting: Spot | None = None
    empty: Spot | None = None

    @property
    def taken(self) -> bool:
        """Whether it holds a box or an area of its own."""
        return any(one.kept for one in self.spots)

    @property
    def asks(self) -> bool:
        """Whether it is plain wording, that may ask what another cell answers."""
        return bool(self.text) and (not self.taken or self.only_waits) and self.empty is None

    @property
    def only_waits(self) -> bool:
        """Whether all that it holds is the end of its own « Nom : »."""
        return all(one is self.waiting for one in self.spots if one.kept)


@dataclass(slots=True, eq=False)
class Row:
    """A row; ``title`` for one cell over all columns, ``header`` for one that heads columns."""

    index: int
    cells: list[Cell]
    height: int = 9999
    title: bool = False
    header: bool = False

    @property
    def text(self) -> str:
        """All its wording."""
        return " ".join(one.text for one in self.cells if one.text)


def header_cell(rows: Sequence[Row], row: Row, cell: Cell) -> Cell | None:
    """The nearest wording above a cell; past a title across the table, only « OUI » and such."""
    crossed = False
    for above in reversed(rows[: row.index]):
        crossed = crossed or above.title
        if above.title:
            continue
        for one in above.cells:
            covers = one.column <= cell.column < one.end or cell.column <= one.column < cell.end
            if covers and one.asks and (not crossed or heads_boxes(one.text)):
                return one
    return None


def header(rows: Sequence[Row], row: Row, cell: Cell, spot: Spot | None = None) -> str:
    """The wording above a cell, or above one box of it; empty when there is none.

    Of a header such as « OUI NON » each box below takes its own word.
    """
    found = header_cell(rows, row, cell)
    if found is None:
        return ""
    words = answers_in(found.text)
    if spot is None or not words:
        return found.text
    below = [
        box
        for one in row.cells
        if one.column < found.end and found.column < one.end
        for box in ([one.empty] if one.empty is not None else one.spots)
        if box.ticks or box is one.empty
    ]
    return words[below.index(spot)] if len(below) == len(words) and spot in below else found.text


def left_label(row: Row, cell: Cell) -> Cell | None:
    """The cell just before, when it is a label."""
    place = row.cells.index(cell)
    before = row.cells[place - 1] if place else None
    if before is None or not before.asks or len(before.text) > _MAX_LABEL:
        return None
    return before


def question(rows: Sequence[Row], row: Row, cell: Cell) -> str:
    """What a box of this cell answers: the row's wording, or the words nearest to it."""
    asking = [
        (one, text)
        for one in row.cells
        if one is not cell and (text := _asked(rows, row, one)) and not is_answer(text)
    ]
    if not asking:
        return ""
    boxes = [one for one in row.cells if one.taken or one.empty is not None]
    if len(asking) > 1 and len(boxes) > 1 and not _in_columns(rows, row, boxes):
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


def group(rows: Sequence[Row], row: Row, label: str) -> str:
    """The title of a group that stands beside its rows, in a cell merged over them."""
    for one in row.cells:
        if one.merged and (text := _asked(rows, row, one)) and text != label:
            return text
    return ""


def _in_columns(rows: Sequence[Row], row: Row, boxes: Sequence[Cell]) -> bool:
    """Whether the boxes stand under headers such as OUI and NON, all for one question."""
    return all(heads_boxes(header(rows, row, one)) for one in boxes) or all(
        spot.column for one in boxes for spot in one.spots
    )


def _asked(rows: Sequence[Row], row: Row, cell: Cell) -> str:
    if cell.asks:
        return cell.text
    if not cell.continued:
        return ""
    for above in reversed(rows[: row.index]):
        for one in above.cells:
            if one.column == cell.column and not one.continued:
                return one.text if one.asks else ""
    return ""
