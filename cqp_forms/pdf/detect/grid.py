"""The smallest rectangles that rules and frames enclose.

Rules are gathered from strokes, thin bars and the sides of frames; pieces in line count as one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.model import PageContent, Shape

_SNAP = 2.6  # rules closer than this, in points, are the same rule
#: The least width and height of a cell, in points.
MIN_WIDTH, MIN_HEIGHT = 9.0, 8.0

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


@dataclass(slots=True)
class _Line:
    """Rules in line: a place across, and the stretches drawn along."""

    at: float
    spans: list[tuple[float, float]]

    def covers(self, start: float, end: float) -> bool:
        """Whether one stretch reaches from ``start`` to ``end``."""
        return any(a <= start + _SNAP and end - _SNAP <= b for a, b in self.spans)


def enclosed(page: PageContent, frames: Iterable[Shape], taken: Sequence[Rect]) -> list[Rect]:
    """The cells that a page's rules enclose.

    Args:
        frames: shapes whose sides count as rules.
        taken: tick boxes, whose sides do not.
    """
    flat, tall = _lines(page, frames, taken)
    return list(_rectangles(flat, tall))


def _lines(
    page: PageContent, frames: Iterable[Shape], taken: Sequence[Rect]
) -> tuple[list[_Line], list[_Line]]:
    flat: list[tuple[float, float, float]] = []
    tall: list[tuple[float, float, float]] = []
    boxes = Nearby(taken)
    for rule in page.rules:
        box = rule.rect
        if any(taken[index].contains(*box.centre, 1.5) for index in boxes.around(box, 1.5)):
            continue
        x, y = box.centre
        if rule.flat:
            flat.append((y, box.x0, box.x1))
        else:
            tall.append((x, box.y0, box.y1))
    for shape in frames:
        box = shape.rect
        flat += [(box.y0, box.x0, box.x1), (box.y1, box.x0, box.x1)]
        tall += [(box.x0, box.y0, box.y1), (box.x1, box.y0, box.y1)]
    return _merged(flat), _merged(tall)


def _merged(pieces: list[tuple[float, float, float]]) -> list[_Line]:
    lines: list[_Line] = []
    for at, start, end in sorted(pieces):
        if not lines or at - lines[-1].at > _SNAP:
            lines.append(_Line(at, []))
        lines[-1].spans.append((start, end))
    for line in lines:
        spans: list[tuple[float, float]] = []
        for start, end in sorted(line.spans):
            if spans and start - spans[-1][1] <= _SNAP:
                spans[-1] = (spans[-1][0], max(spans[-1][1], end))
            else:
                spans.append((start, end))
        line.spans = spans
    return lines


def _rectangles(flat: list[_Line], tall: list[_Line]) -> Iterable[Rect]:
    """The smallest rectangles, from their upper left corners."""
    flat.sort(key=lambda one: one.at)
    tall.sort(key=lambda one: one.at)
    heights = [one.at for one in flat]
    for column, left in enumerate(tall):
        for start, end in left.spans:
            low = bisect_left(heights, start - _SNAP)
            high = bisect_right(heights, end + _SNAP)
            crossing = [one for one in flat[low:high] if one.covers(left.at, left.at + MIN_WIDTH)]
            for base, top in pairwise(crossing):
                if right := _closing(tall[column + 1 :], base, top, left.at):
                    yield Rect(left.at, base.at, right.at, top.at)


def _closing(candidates: Sequence[_Line], base: _Line, top: _Line, left: float) -> _Line | None:
    """The nearest upright rule that closes a cell, when its top and base reach that far."""
    if top.at - base.at < MIN_HEIGHT:
        return None
    for right in candidates:
        if right.at - left < MIN_WIDTH:
            continue
        if not (top.covers(left, right.at) and base.covers(left, right.at)):
            return None
        if right.covers(base.at, top.at):
            return right
    return None
