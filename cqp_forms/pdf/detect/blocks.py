"""Blocks of a page: what a row across a table, a frame or a list's question heads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.tables import TableCell
from cqp_forms.pdf.detect.widgets import Spot

_ACROSS = 0.95  # of a table's width
_LONGEST = 120  # characters of a row that heads others


def headed_by_rows(spots: Sequence[Spot], cells: Sequence[TableCell]) -> None:
    """A row of one cell across a table heads the rows under it, up to the next of its kind."""
    labels = {rect for spot in spots for rect in spot.words}
    tables: dict[int, list[TableCell]] = defaultdict(list)
    for cell in cells:
        tables[cell.table].append(cell)
    for table in tables.values():
        wide = max(one.rect.x1 for one in table) - min(one.rect.x0 for one in table)
        heads = [
            one
            for one in table
            if one.rect.width > _ACROSS * wide
            and len(one.phrases) == 1
            and len(one.text) < _LONGEST
            and not one.text.rstrip().endswith((".", ":", "?"))
            and one.phrases[0].rect not in labels
        ]
        for spot in spots if len(heads) > 1 else ():
            over = [one for one in heads if one.rect.y0 >= spot.rect.centre[1]]
            if over and any(one.rect.contains(*spot.rect.centre) for one in table):
                nearest = min(over, key=lambda one: one.rect.y0)
                spot.heading = spot.heading or nearest.text


def headed_by_cells(areas: Sequence[Spot], cells: Sequence[TableCell]) -> list[Rect]:
    """A cell with several areas and their labels is a block: what stands over them heads them.

    Returns:
        The blocks.
    """
    found = []
    for cell in cells:
        inside = [one for one in areas if cell.rect.contains(*one.rect.centre)]
        labels = {rect for one in inside for rect in one.words}
        first = cell.phrases[0] if cell.phrases else None
        if first is None or first.rect in labels or first.text.rstrip().endswith(":"):
            continue
        if len(labels) > 1 and all(one.y1 < first.rect.centre[1] for one in labels):
            found.append(cell.rect)
            for one in inside:
                one.heading = one.heading or first.text
    return found


def headed_by_lists(ticks: Sequence[Spot], areas: Sequence[Spot]) -> None:
    """Keep a list's question for its boxes, and give it to the lines behind them.

    « Formation demandée : …… » is answered by its line, not by the boxes below.
    """
    asked = {spot.label for spot in areas if spot.words}
    for spot in ticks:
        spot.heading = "" if spot.heading in asked else spot.heading
    for area in areas:
        area.heading = area.heading or _heading_beside(area, ticks)


def _heading_beside(area: Spot, ticks: Sequence[Spot]) -> str:
    """« ☐ Autre : …… » in a list stands under the list's question, box and line alike."""
    beside = [one for one in ticks if one.heading and set(one.words) & set(area.words)]
    return beside[0].heading if beside else ""
