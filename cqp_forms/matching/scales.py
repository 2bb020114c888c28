"""Scales of a table's rows (pure).

Side by side: « Mi-parcours » and « Fin de parcours » over « NA, ECA, A » each; or in the row
itself, a wording and a box in turns: « Avis | Favorable | ☐ | Défavorable | ☐ ».
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cqp_forms.matching.wording import is_degree
from cqp_forms.typography import folded

#: Why nobody can tell which of two scales is meant.
TWO_SCALES = "la ligne a deux fois la même échelle, sans rien qui les distingue"


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """A cell of a header row.

    Attributes:
        band: which wider cell stands right over it, -1 for none.
        over: that one's wording.
    """

    text: str
    band: int = -1
    over: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Columns that belong together, from ``start`` up to ``end``, and what tells them apart."""

    start: int
    end: int
    band: str = ""


def scales_of(row: Sequence[HeaderCell], degree: Callable[[str], bool]) -> list[Scale]:
    """The parts of a header row that are scales of their own; one when nothing parts it.

    Bands that are degrees themselves (« Insuffisant » over 1 and 2) part no scale, unless it is
    there twice.

    Args:
        row: from the left.
        degree: whether a wording is a degree of a scale.
    """
    answers = [one for one in row if degree(one.text)]
    bands = {one.band: one.over for one in answers}
    twice = len({folded(one.text) for one in answers}) < len(answers)
    banded = len(bands) > 1 and -1 not in bands
    if not twice and not (banded and not any(map(degree, bands.values()))):
        return [Scale(0, len(row))]
    starts = [0]
    for rank, one in enumerate(row):
        part = row[starts[-1] : rank]
        again = degree(one.text) and folded(one.text) in {folded(known.text) for known in part}
        if part and (one.band != part[-1].band if banded else again):
            starts.append(rank)
    ends = [*starts[1:], len(row)]
    return [
        Scale(start, end, next((one.over for one in row[start:end] if banded), ""))
        for start, end in zip(starts, ends, strict=True)
    ]


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
