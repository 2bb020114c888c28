"""Which places of a form an item of a page touches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cqp_forms.mapping import Rect
from cqp_forms.pdf.read.items import Item, Mark, Run, Shown

#: Whether an item matters at a place.
Wanted: TypeAlias = Callable[[Mark | Run, str], bool]

_BAND = 24.0
_SLACK = 1.0
#: How many drawings a page's places are remembered for.
_MEMORY = 1024


class Places:
    """The rectangles of one page, found by height.

    Args:
        rects: by placement. Without any, all that the page shows is kept.
        wanted: whether an item that overlaps a place matters there; asked once for what every
            document shows.
    """

    def __init__(
        self, rects: Mapping[str, Rect], wanted: Wanted = lambda _item, _key: True
    ) -> None:
        self.rects = rects
        self._wanted = wanted
        self._known: dict[Mark, tuple[str, ...]] = {}
        self._bands: dict[int, list[tuple[str, Rect]]] = {}
        for key, rect in rects.items():
            for band in range(int(rect.y0 // _BAND), int(rect.y1 // _BAND) + 1):
                self._bands.setdefault(band, []).append((key, rect))

    def touched(self, item: Item) -> tuple[str, ...]:
        """The places that an item overlaps."""
        if isinstance(item, Shown):
            return ()
        if isinstance(item, Run):
            return self._overlapped(item)
        # Crosses come back with other candidates; texts do not.
        known = self._known.get(item)
        if known is None:
            if len(self._known) >= _MEMORY:
                self._known.clear()
            known = self._known[item] = self._overlapped(item)
        return known

    def _overlapped(self, item: Mark | Run) -> tuple[str, ...]:
        x0, y0, x1, y1 = bounds(item)
        found: dict[str, None] = {}
        low, high = int((y0 - _SLACK) // _BAND), int((y1 + _SLACK) // _BAND)
        for band in range(max(low, -400), min(high, 800) + 1):
            for key, rect in self._bands.get(band, ()):
                if (
                    x0 < rect.x1 + _SLACK
                    and x1 > rect.x0 - _SLACK
                    and y0 < rect.y1 + _SLACK
                    and y1 > rect.y0 - _SLACK
                ):
                    found[key] = None
        return tuple(key for key in found if self._wanted(item, key))


def bounds(item: Mark | Run) -> tuple[float, float, float, float]:
    """An item's box: for text, from its foot to the height of its capitals."""
    if isinstance(item, Mark):
        return item.x0, item.y0, item.x1, item.y1
    ax, ay = item.along
    ux, uy = -ay * item.size, ax * item.size
    xs = [item.x - 0.2 * ux, item.x + 0.7 * ux, item.end_x - 0.2 * ux, item.end_x + 0.7 * ux]
    ys = [item.y - 0.2 * uy, item.y + 0.7 * uy, item.end_y - 0.2 * uy, item.end_y + 0.7 * uy]
    return min(xs), min(ys), max(xs), max(ys)
