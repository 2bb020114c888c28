"""Cells of a row in turns, a wording and a box: « Avis | Favorable | ☐ | Défavorable | ☐ »."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cqp_forms.matching.wording import is_degree
from cqp_forms.pdf.detect.model import same_row
from cqp_forms.pdf.detect.tables import TableCell
from cqp_forms.typography import folded


@dataclass(frozen=True, slots=True)
class CellPair:
    """A cell with nothing but a box, and the cell beside it that words it.

    Attributes:
        asked: the cells before the first of the row's pairs: what they answer.
    """

    box: TableCell
    caption: TableCell
    asked: tuple[TableCell, ...]


def pairs_of(row: Sequence[TableCell], held: Mapping[int, int]) -> tuple[CellPair, ...]:
    """The pairs of a row; none unless its boxes are each worded by one cell, all on one side.

    Args:
        row: cells side by side, from the left.
        held: how many boxes each cell has, by its identity.
    """
    at = [rank for rank, one in enumerate(row) if held.get(id(one)) == 1 and not one.phrases]
    steps = {two - one for one, two in pairwise(at)}
    if len(at) < 2 or steps != {2}:
        return ()
    # A wording behind the last box tells that each follows its own.
    sides = (1, -1) if at[-1] + 1 < len(row) else (-1,)
    for side in sides:
        ranks = [rank + side for rank in at]
        if ranks[0] < 0:
            continue
        captions = [row[rank] for rank in ranks]
        unlike = len({folded(one.text) for one in captions}) == len(captions)
        if unlike and all(is_degree(one.text) for one in captions):
            asked = tuple(one for one in row[: min(at[0], ranks[0])] if one.phrases)
            boxes = (row[rank] for rank in at)
            return tuple(
                CellPair(box, caption, asked) for box, caption in zip(boxes, captions, strict=True)
            )
    return ()


def rows_of_table(cells: Sequence[TableCell]) -> list[list[TableCell]]:
    """The cells of a table that stand side by side, each row from the left."""
    rows: list[list[TableCell]] = []
    for cell in sorted(cells, key=lambda one: (-one.rect.centre[1], one.rect.x0)):
        if rows and same_row(rows[-1][0].rect, cell.rect):
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [sorted(row, key=lambda one: one.rect.x0) for row in rows]
