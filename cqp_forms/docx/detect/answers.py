"""What the boxes of a table answer: the options that a cell holds, or the scale over them."""

from __future__ import annotations

from cqp_forms.docx.detect.fields import FoundField
from cqp_forms.docx.detect.grid import MAX_LABEL, GridCell, GridRow, TableGrid
from cqp_forms.matching.wording import answered, bare, is_degree, says_several

#: Why a box of a scale may not be what it seems.
NO_WORDING = "la ligne n’a pas de libellé"


def options(table: str, grid: TableGrid, row: GridRow, cell: GridCell) -> None:
    """The boxes that a cell holds with their wordings answer its row.

    Args:
        table: what tells the table from others.
    """
    boxes = [one for one in cell.fields if one.ticks and one.kept and not one.unfillable]
    asked = grid.before(row, cell)
    own = [one.column or one.caption for one in boxes]
    plain = all(one.column or one.label == one.caption for one in boxes)
    if len(boxes) < 2 or not asked or len(asked) > MAX_LABEL or not plain or not all(own):
        return
    if any(one.label and one.label not in (one.caption, asked) for one in boxes):
        return
    beside = [one for one in row.cells if sum(each.ticks for each in one.fields) > 1]
    head = grid.header(row, cell) if len(beside) > 1 else ""
    asked = f"{asked} – {head}" if head and head != asked else asked
    scale = len({bare(one) for one in own}) == len(own) and all(map(is_degree, own))
    for field, option in zip(boxes, own, strict=True):
        if scale and not says_several(asked):
            field.column, field.label = option, asked
            field.row = f"{table}.{row.index}.{cell.column}"
        elif not field.column:
            field.label = answered(asked, option)
        field.listed = ""


def in_scale(table: str, grid: TableGrid, row: GridRow, cell: GridCell, field: FoundField) -> None:
    """The boxes of a row under one scale are the answers to one question."""
    caption = grid.caption(row, cell)
    if caption is None:
        return
    field.label = banded(field.label, caption)
    field.row = f"{table}.{row.index}.{caption.scale}"
    field.doubt = field.doubt or caption.doubt
    if not field.label:
        field.doubt = NO_WORDING


def banded(label: str, header: GridCell) -> str:
    """A row's label, and which of the scales side by side is meant."""
    return f"{label} – {header.band}" if label and header.band else label
