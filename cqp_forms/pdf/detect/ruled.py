"""Grids ruled across only: captions over rows (« Jamais », « Parfois ») that no upright parts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.detect.captions import rating
from cqp_forms.pdf.detect.model import PageContent, same_row, shared_height
from cqp_forms.pdf.detect.text import Phrase, rows_of
from cqp_forms.pdf.detect.widgets import Spot
from cqp_forms.typography import folded

#: Why nobody can be sure of such a place.
_OPEN = "aucun trait ne sépare cette case de ses voisines"
_HIGHEST = 60.0  # of a row, in points
_OVER = 16.0  # captions stand so close over the first rule
_SLACK = 6.0


def ruled_grids(
    page: PageContent,
    printed: Sequence[Phrase],
    taken: Sequence[Rect],
    named: Collection[Rect],
) -> list[Spot]:
    """The boxes of grids whose rows are ruled and whose columns are only headed.

    Each is to be confirmed: nothing printed bounds it.

    Args:
        printed: the page's phrases.
        taken: boxes, cells, areas and widgets already found.
        named: where the wording stands that names one of them.
    """
    found: list[Spot] = []
    free = [one for one in printed if one.rect not in named]
    rules = sorted((one.rect for one in page.rules if one.flat), key=lambda rect: -rect.y0)
    for heads in _headers(free):
        across = [
            one
            for one in rules
            if one.x0 <= heads[0].rect.x0 + 2 and one.x1 >= heads[-1].rect.x1 - 2
        ]
        edges = _columns(heads)
        top = heads[0].rect.y0
        lines = [one.centre[1] for one in across if one.centre[1] <= top + 2]
        if not lines or top - lines[0] > _HIGHEST:
            continue
        if top - lines[0] > _OVER:
            lines = [top, *lines]
        rows: list[list[Spot]] = []
        for high, low in pairwise(lines):
            row = Rect(edges[0], low, edges[-1], high)
            wording = _wording(row, printed)
            if not 8 < row.height < _HIGHEST or wording is None or _used(row, printed, taken):
                break
            rows.append([])
            for head, (left, right) in zip(heads, pairwise(edges), strict=True):
                place = Rect(left + 1, low + 1, right - 1, high - 1)
                spot = Spot(page.number, place, PlacementKind.TICK_BOX, PdfKind.CELL)
                spot.label, spot.column, spot.doubt = wording.text, head.text, _OPEN
                spot.words = (wording.rect,)
                spot.group = f"{page.number}.{row.x0:.0f}.{row.y0:.0f}"
                rows[-1].append(spot)
        if len(rows) > 1:
            found += [spot for row in rows for spot in row]
    return found


def _headers(printed: Sequence[Phrase]) -> Iterator[list[Phrase]]:
    """The lines that have captions of a scale side by side, without others between them."""
    for row in rows_of([one.rect for one in printed]):
        heads: list[Phrase] = []
        for one in (printed[index] for index in row):
            if rating(one.text):
                heads.append(one)
            elif heads:
                break
        if len(heads) > 1 and len({folded(one.text) for one in heads}) == len(heads):
            yield heads


def _columns(heads: Sequence[Phrase]) -> list[float]:
    """Where columns part: half way between captions, the first and last as wide as the next."""
    middles = [one.rect.centre[0] for one in heads]
    inner = [(one + two) / 2 for one, two in pairwise(middles)]
    return [2 * middles[0] - inner[0], *inner, 2 * middles[-1] - inner[-1]]


def _wording(row: Rect, printed: Sequence[Phrase]) -> Phrase | None:
    left = [
        one
        for one in printed
        if one.rect.x1 <= row.x0 + _SLACK and row.y0 < one.rect.centre[1] < row.y1
    ]
    return left[0] if len(left) == 1 else None


def _used(row: Rect, printed: Sequence[Phrase], taken: Sequence[Rect]) -> bool:
    """Whether something is printed or found in the columns of a row."""
    within = [*taken, *(one.rect for one in printed)]
    return any(
        row.x0 + _SLACK < one.centre[0] < row.x1
        and (same_row(one, row) or shared_height(one, row) > 4)
        for one in within
    )
