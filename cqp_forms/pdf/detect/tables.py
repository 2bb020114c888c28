"""Tables: cells out of rules and frames, and what each cell holds.

A cell is the smallest rectangle with four rules around it, or a frame that stands alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.model import PageContent, Paint, Shape
from cqp_forms.pdf.detect.text import Phrase, joined

#: A page with more cells than this is graph paper or a spreadsheet, no form.
_MOST_CELLS = 1500

_LEVEL, _TOUCH = 0.6, 0.8  # rules of one border are so level and so close, in points
_SNAP = 2.6  # rules closer than this, in points, are the same rule
#: The least width and height of a cell, in points.
MIN_WIDTH, MIN_HEIGHT = 9.0, 8.0

_PITCH = 40.0  # side of a bin, in points: some lines of text high


@dataclass(slots=True)
class TableCell:
    """A cell, or a frame that stands alone.

    Attributes:
        phrases: what is printed in it.
        tint: the luminance of its ground.
        framed: whether a rectangle of its own is drawn around it.
        table: which table of the page it belongs to; cells of one table touch.
    """

    rect: Rect
    phrases: list[Phrase] = field(default_factory=list)
    tint: float = 1.0
    dashed: bool = False
    framed: bool = False
    table: int = -1

    @property
    def text(self) -> str:
        """What is printed in it, in reading order."""
        return joined(self.phrases)

    @property
    def bold(self) -> bool:
        """Whether all that is printed in it is bold."""
        return bool(self.phrases) and all(one.bold for one in self.phrases)


def holding(rect: Rect, cells: Iterable[TableCell]) -> TableCell | None:
    """The smallest cell that the middle of something stands in."""
    around = [one for one in cells if one.rect.contains(*rect.centre)]
    return min(around, key=lambda one: one.rect.width * one.rect.height, default=None)


def touching(rules: Iterable[Rect]) -> Iterator[list[Rect]]:
    """Flat rules, those together that go on from one another: a border drawn cell by cell."""
    lines: list[list[Rect]] = []
    for one in sorted(rules, key=lambda rect: rect.centre[1]):
        if lines and one.centre[1] - lines[-1][0].centre[1] <= _LEVEL:
            lines[-1].append(one)
        else:
            lines.append([one])
    for line in lines:
        run: list[Rect] = []
        for one in sorted(line, key=lambda rect: rect.x0):
            if run and one.x0 - run[-1].x1 >= _TOUCH:
                yield run
                run = []
            run.append(one)
        yield run


def cells_of(
    page: PageContent, printed: Sequence[Phrase], taken: Sequence[Rect]
) -> list[TableCell]:
    """The cells of a page, from the top, each row from the left.

    Args:
        printed: the page's phrases.
        taken: tick boxes already found: their frames make no cells.
    """
    frames = [one for one in page.shapes if _frames(one)]
    frames += _clearings(page.shapes)
    boxes = Nearby(taken)
    frames = [
        one
        for one in frames
        if not any(_encloses(one.rect, taken[index]) for index in boxes.around(one.rect))
    ]
    cells = [TableCell(rect) for rect in enclosed(page, frames, taken)]
    known = {_key(one.rect) for one in cells}
    cells += [
        TableCell(one.rect, dashed=one.dashed, framed=True)
        for one in frames
        if _key(one.rect) not in known
    ]
    if len(cells) > _MOST_CELLS:
        return []
    # A frame whose inside is cut into cells is their outline, not a cell.
    near = Nearby([one.rect for one in cells])
    cells = [one for one in cells if not _divided(one.rect, cells, near)]
    cells = _unique(cells)
    _fill(cells, printed)
    _ground(cells, frames, page.shapes)
    _number(cells)
    cells.sort(key=lambda one: (-round(one.rect.y1 / 3), one.rect.x0))
    return cells


def _frames(shape: Shape) -> bool:
    return (
        shape.boxy
        and shape.paint is Paint.FRAME
        and shape.rect.width >= MIN_WIDTH
        and shape.rect.height >= MIN_HEIGHT
    )


def _encloses(frame: Rect, box: Rect) -> bool:
    """Whether a frame is that of a tick box."""
    return (
        frame.contains(*box.centre)
        and frame.width < box.width + 4
        and frame.height < box.height + 4
    )


def _clearings(shapes: Sequence[Shape]) -> list[Shape]:
    """White places left in a tinted ground: they are seen without an outline."""
    grounds = [one for one in shapes if one.paint is not Paint.DARK and one.tint < 0.95]
    return [
        one
        for one in shapes
        if one.boxy
        and one.paint is Paint.LIGHT
        and one.tint >= 0.97
        and one.rect.width >= 60
        and one.rect.height >= 12
        and any(
            other.rect.contains(*one.rect.centre)
            and other.rect.width > one.rect.width
            and other.rect.height > one.rect.height
            for other in grounds
        )
    ]


def _key(rect: Rect) -> tuple[int, int, int, int]:
    return (round(rect.x0 / 4), round(rect.y0 / 4), round(rect.x1 / 4), round(rect.y1 / 4))


def _same(one: Rect, other: Rect) -> bool:
    return (
        abs(other.x0 - one.x0) < 4
        and abs(other.x1 - one.x1) < 4
        and abs(other.y0 - one.y0) < 4
        and abs(other.y1 - one.y1) < 4
    )


def _unique(cells: Sequence[TableCell]) -> list[TableCell]:
    kept: list[TableCell] = []
    near = Nearby()
    for one in cells:
        same = next(
            (kept[at] for at in near.around(one.rect, 4) if _same(kept[at].rect, one.rect)), None
        )
        if same is None:
            near.add(len(kept), one.rect)
            kept.append(one)
        elif one.dashed:
            same.dashed = True
    return kept


def _divided(rect: Rect, cells: Sequence[TableCell], near: Nearby) -> bool:
    inside = 0.0
    for index in near.around(rect):
        box = cells[index].rect
        if box is rect or box.width * box.height >= 0.98 * rect.width * rect.height:
            continue
        if rect.contains(box.x0, box.y0, 3) and rect.contains(box.x1, box.y1, 3):
            inside += box.width * box.height
    return inside > 0.6 * rect.width * rect.height


def _fill(cells: Sequence[TableCell], printed: Sequence[Phrase]) -> None:
    """Put each phrase in the smallest cell around its middle."""
    near = Nearby([one.rect for one in cells])
    for phrase in printed:
        x, y = phrase.rect.centre
        holding = [cells[index] for index in near.at(x, y) if cells[index].rect.contains(x, y)]
        cell = min(holding, key=lambda one: one.rect.width * one.rect.height, default=None)
        if cell is not None:
            cell.phrases.append(phrase)


def _ground(cells: Sequence[TableCell], frames: Sequence[Shape], shapes: Sequence[Shape]) -> None:
    """Say of each cell whether it has a frame of its own, and how light its ground is."""
    outlines = Nearby([one.rect for one in frames])
    grounds = Nearby([one.rect for one in shapes])
    for cell in cells:
        rect = cell.rect
        cell.framed = cell.framed or any(
            _same(rect, frames[index].rect) for index in outlines.around(rect, 4)
        )
        x, y = rect.centre
        for index in grounds.at(x, y):
            one = shapes[index]
            if one.boxy and one.rect.contains(x, y) and one.rect.height < 2.5 * rect.height + 6:
                cell.tint = one.tint


def _number(cells: Sequence[TableCell]) -> None:
    """Number the tables: cells that share an edge belong together."""
    near = Nearby([one.rect for one in cells])
    count = 0
    for start in cells:
        if start.table >= 0:
            continue
        start.table = count
        stack = [start]
        while stack:
            one = stack.pop()
            for index in near.around(one.rect, 4):
                other = cells[index]
                if other.table < 0 and _touch(one.rect, other.rect):
                    other.table = count
                    stack.append(other)
        count += 1


def _touch(one: Rect, other: Rect) -> bool:
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    along = min(one.y1, other.y1) - max(one.y0, other.y0)
    return (across > 3 and -4 <= along <= 3) or (along > 3 and -4 <= across <= 3)


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
    return merged(flat), merged(tall)


def merged(pieces: list[tuple[float, float, float]]) -> list[_Line]:
    """Strokes in line as one: each piece is its place across, its start and its end."""
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
