"""Cells in turns, a wording and a box: « Avis | Favorable | ☐ | Défavorable | ☐ » (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cqp_forms.matching.wording import is_degree
from cqp_forms.typography import folded


@dataclass(frozen=True, slots=True)
class CellPair:
    """A cell with nothing but a box, and the cell beside it that words it; ranks in their row.

    Attributes:
        asked: the cells with a wording before the first of the row's pairs: what they answer.
    """

    box: int
    caption: int
    asked: tuple[int, ...]


def pairs_of(row: Sequence[str | None]) -> tuple[CellPair, ...]:
    """The pairs of a row; none unless its boxes are each worded by one cell, all on one side.

    Args:
        row: from the left, the wording of each cell; ``None`` for one that holds a box alone.
    """
    at = [rank for rank, one in enumerate(row) if one is None]
    if len(at) < 2 or {two - one for one, two in pairwise(at)} != {2}:
        return ()
    # A wording behind the last box tells that each follows its own.
    for side in (1, -1) if at[-1] + 1 < len(row) else (-1,):
        ranks = [rank + side for rank in at]
        captions = [row[rank] or "" for rank in ranks if rank >= 0]
        unlike = len({folded(one) for one in captions}) == len(at)
        if unlike and all(map(is_degree, captions)):
            before = range(min(at[0], ranks[0]))
            asked = tuple(rank for rank in before if row[rank])
            return tuple(
                CellPair(box, caption, asked) for box, caption in zip(at, ranks, strict=True)
            )
    return ()
