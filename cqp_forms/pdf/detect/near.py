"""Find rectangles by place, so that a page of thousands of cells does not take minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from cqp_forms.mapping import Rect

_PITCH = 40.0  # side of a bin, in points: some lines of text high


class Nearby:
    """Rectangles in bins; what is found may be near and not touch: the caller looks closer."""

    def __init__(self, rects: Sequence[Rect] = ()) -> None:
        self._bins: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, rect in enumerate(rects):
            self.add(index, rect)

    def add(self, index: int, rect: Rect) -> None:
        """Put one rectangle in, under its index."""
        for place in _places(rect, 0.0):
            self._bins[place].append(index)

    def around(self, rect: Rect, slack: float = 0.0) -> list[int]:
        """The indices of what is near a rectangle, in order."""
        found: set[int] = set()
        for place in _places(rect, slack):
            if place in self._bins:
                found.update(self._bins[place])
        return sorted(found)

    def at(self, x: float, y: float) -> list[int]:
        """The indices of what is near a point, in order."""
        return self._bins.get((int(x // _PITCH), int(y // _PITCH)), [])


def _places(rect: Rect, slack: float) -> Iterator[tuple[int, int]]:
    left, right = int((rect.x0 - slack) // _PITCH), int((rect.x1 + slack) // _PITCH)
    low, high = int((rect.y0 - slack) // _PITCH), int((rect.y1 + slack) // _PITCH)
    for column in range(left, right + 1):
        for row in range(low, high + 1):
            yield column, row
