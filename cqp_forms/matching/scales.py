"""Scales side by side: « Mi-parcours » and « Fin de parcours » over « NA, ECA, A » each (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
