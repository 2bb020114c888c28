"""What the boxes of a table answer: the options that a cell holds, or the scale over them."""

from __future__ import annotations

from collections.abc import Sequence

from cqp_forms.docx.detect.fields import FoundField
from cqp_forms.docx.detect.grid import MAX_LABEL, GridCell, GridRow, TableGrid
from cqp_forms.matching.scales import TWO_SCALES, pairs_of
from cqp_forms.matching.wording import answered, asks, bare, is_degree, says_several

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


def row_options(table: str, grid: TableGrid, row: GridRow) -> None:
    """Cells side by side that each hold a box: with its wording, or with that of the cell beside.

    « Motivation | ☐ Favorable | ☐ Réservé », « Avis | Favorable | ☐ | Défavorable | ☐ ».
    """
    single = {
        rank: one.fields[0]
        for rank, one in enumerate(row.cells)
        if len(one.fields) == 1 and one.fields[0].ticks and not one.fields[0].unfillable
    }
    bare_boxes = [one for rank, one in single.items() if not row.cells[rank].text]
    words = [None if rank in single and not one.text else one.text
             for rank, one in enumerate(row.cells)]  # fmt: skip
    for pair in pairs_of(words) if len(bare_boxes) == len(single) else ():
        asked = " ".join(row.cells[rank].text for rank in pair.asked)
        _chosen(single[pair.box], f"{table}.{row.index}", row.cells[pair.caption].text, asked)
    own = {
        rank: one.column or one.caption
        for rank, one in single.items()
        if one.column or (one.caption and one.label == one.caption)
    }
    if len(own) < 2 or len(own) < len(single) or not _side_by_side(list(own)):
        return
    asked = grid.before(row, row.cells[min(own)])
    if not asked or len(asked) > MAX_LABEL or len({bare(one) for one in own.values()}) < len(own):
        return
    scale = all(map(is_degree, own.values())) and not says_several(asked)
    for rank, word in own.items():
        if scale:
            _chosen(single[rank], f"{table}.{row.index}", word, asked)
        elif not single[rank].column:
            single[rank].label, single[rank].listed = answered(asked, word), ""


def _side_by_side(ranks: Sequence[int]) -> bool:
    return ranks == list(range(ranks[0], ranks[0] + len(ranks)))


def _chosen(field: FoundField, row: str, option: str, asked: str) -> None:
    field.column, field.label, field.row, field.listed = option, asked, row, ""
    field.doubt = "" if asked else field.doubt


def in_scale(
    table: str, grid: TableGrid, row: GridRow, cell: GridCell, field: FoundField, above: str
) -> None:
    """The boxes of a row under one scale are the answers to one question.

    Args:
        above: the wording over the table, that a row without any answers.
    """
    caption = grid.caption(row, cell)
    if caption is None:
        return
    field.label = banded(field.label, caption)
    field.row = f"{table}.{row.index}.{caption.scale}"
    others = {
        grid.question(row, one)
        for one in row.cells
        if (head := grid.caption(row, one)) is not None and head.scale != caption.scale
    }
    # « Critère | OUI | NON | Critère | OUI | NON »: each scale has a wording of its own.
    twice = caption.doubt == TWO_SCALES and field.label and field.label not in others
    field.doubt = field.doubt or ("" if twice else caption.doubt)
    if not field.label and asks(above):
        field.label = above
    elif not field.label:
        field.doubt = NO_WORDING


def banded(label: str, header: GridCell) -> str:
    """A row's label, and which of the scales side by side is meant."""
    return f"{label} – {header.band}" if label and header.band else label
