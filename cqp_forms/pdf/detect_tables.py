"""Tables: cells out of rules and frames, and what each cell holds.

A cell is the smallest rectangle with four rules around it. Rules are gathered from strokes, thin
bars and the sides of frames; pieces in line count as one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect_model import PageContent, Paint, Shape
from cqp_forms.pdf.detect_text import Phrase, joined

_SNAP = 2.6  # rules closer than this, in points, are the same rule
_MIN_WIDTH, _MIN_HEIGHT = 9.0, 8.0


@dataclass(slots=True)
class _Line:
    """Rules in line: a place across, and the stretches drawn along."""

    at: float
    spans: list[tuple[float, float]]

    def covers(self, start: float, end: float) -> bool:
        """Whether one stretch reaches from ``start`` to ``end``."""
        return any(a <= start + _SNAP and end - _SNAP <= b for a, b in self.spans)


@dataclass(slots=True)
class Cell:
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


def cells_of(page: PageContent, printed: Sequence[Phrase], taken: Sequence[Rect]) -> list[Cell]:
    """The cells of a page, from the top, each row from the left.

    Args:
        printed: the page's phrases.
        taken: tick boxes already found: their frames make no cells.
    """
    frames = [one for one in page.shapes if _frames(one) and not _taken(one.rect, taken)]
    frames += _clearings(page.shapes, taken)
    flat, tall = _lines(page, frames, taken)
    cells = [Cell(rect) for rect in _rectangles(flat, tall)]
    known = {_key(one.rect) for one in cells}
    cells += [
        Cell(one.rect, dashed=one.dashed, framed=True)
        for one in frames
        if _key(one.rect) not in known
    ]
    # A frame whose inside is cut into cells is their outline, not a cell.
    cells = [one for one in cells if not _divided(one.rect, cells)]
    cells = _unique(cells)
    _fill(cells, printed)
    for cell in cells:
        cell.framed = cell.framed or any(_same(cell.rect, one.rect) for one in frames)
        cell.tint = _tint(cell.rect, page.shapes)
    _number(cells)
    cells.sort(key=lambda one: (-round(one.rect.y1 / 3), one.rect.x0))
    return cells


def _frames(shape: Shape) -> bool:
    return (
        shape.boxy
        and shape.paint is Paint.FRAME
        and shape.rect.width >= _MIN_WIDTH
        and shape.rect.height >= _MIN_HEIGHT
    )


def _taken(rect: Rect, taken: Sequence[Rect]) -> bool:
    return any(
        rect.contains(*one.centre) and rect.width < one.width + 4 and rect.height < one.height + 4
        for one in taken
    )


def _clearings(shapes: Sequence[Shape], taken: Sequence[Rect]) -> list[Shape]:
    """White places left in a tinted ground: they are seen without an outline."""
    grounds = [one for one in shapes if one.paint is Paint.LIGHT and one.tint < 0.95]
    return [
        one
        for one in shapes
        if one.boxy
        and one.paint is Paint.LIGHT
        and one.tint >= 0.97
        and one.rect.width >= 60
        and one.rect.height >= 16
        and not _taken(one.rect, taken)
        and any(
            other.rect.contains(*one.rect.centre)
            and other.rect.width > one.rect.width
            and other.rect.height > one.rect.height
            for other in grounds
        )
    ]


def _lines(
    page: PageContent, frames: Iterable[Shape], taken: Sequence[Rect]
) -> tuple[list[_Line], list[_Line]]:
    flat: list[tuple[float, float, float]] = []
    tall: list[tuple[float, float, float]] = []
    for rule in page.rules:
        box = rule.rect
        if any(one.contains(*box.centre, 1.5) for one in taken):
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
            crossing = [one for one in flat[low:high] if one.covers(left.at, left.at + _MIN_WIDTH)]
            for base, top in pairwise(crossing):
                if right := _closing(tall[column + 1 :], base, top, left.at):
                    yield Rect(left.at, base.at, right.at, top.at)


def _closing(candidates: Sequence[_Line], base: _Line, top: _Line, left: float) -> _Line | None:
    """The nearest upright rule that closes a cell, when its top and base reach that far."""
    if top.at - base.at < _MIN_HEIGHT:
        return None
    for right in candidates:
        if right.at - left < _MIN_WIDTH:
            continue
        if not (top.covers(left, right.at) and base.covers(left, right.at)):
            return None
        if right.covers(base.at, top.at):
            return right
    return None


def _key(rect: Rect) -> tuple[int, int, int, int]:
    return (round(rect.x0 / 4), round(rect.y0 / 4), round(rect.x1 / 4), round(rect.y1 / 4))


def _same(one: Rect, other: Rect) -> bool:
    return (
        abs(other.x0 - one.x0) < 4
        and abs(other.x1 - one.x1) < 4
        and abs(other.y0 - one.y0) < 4
        and abs(other.y1 - one.y1) < 4
    )


def _unique(cells: Sequence[Cell]) -> list[Cell]:
    kept: list[Cell] = []
    for one in cells:
        same = [other for other in kept if _same(other.rect, one.rect)]
        if not same:
            kept.append(one)
        elif one.dashed:
            same[0].dashed = True
    return kept


def _divided(rect: Rect, cells: Sequence[Cell]) -> bool:
    inside = 0.0
    for one in cells:
        box = one.rect
        if box is rect or box.width * box.height >= 0.98 * rect.width * rect.height:
            continue
        if rect.contains(box.x0, box.y0, 3) and rect.contains(box.x1, box.y1, 3):
            inside += box.width * box.height
    return inside > 0.6 * rect.width * rect.height


def _fill(cells: Sequence[Cell], printed: Sequence[Phrase]) -> None:
    """Put each phrase in the smallest cell around its middle."""
    by_area = sorted(cells, key=lambda one: one.rect.width * one.rect.height)
    for phrase in printed:
        x, y = phrase.rect.centre
        for cell in by_area:
            if cell.rect.contains(x, y):
                cell.phrases.append(phrase)
                break


def _tint(rect: Rect, shapes: Sequence[Shape]) -> float:
    x, y = rect.centre
    found = 1.0
    for shape in shapes:
        if shape.boxy and shape.rect.contains(x, y) and shape.rect.height < 2.5 * rect.height + 6:
            found = shape.tint
    return found


def _number(cells: Sequence[Cell]) -> None:
    """Number the tables: cells that share an edge belong together."""
    count = 0
    for start in cells:
        if start.table >= 0:
            continue
        start.table = count
        stack = [start]
        while stack:
            one = stack.pop()
            for other in cells:
                if other.table < 0 and _touch(one.rect, other.rect):
                    other.table = count
                    stack.append(other)
        count += 1


def _touch(one: Rect, other: Rect) -> bool:
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    along = min(one.y1, other.y1) - max(one.y0, other.y0)
    return (across > 3 and -4 <= along <= 3) or (along > 3 and -4 <= across <= 3)
