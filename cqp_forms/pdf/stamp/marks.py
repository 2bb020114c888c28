"""Which of the things that a page paints are the mark in a box, and not its frame.

The rules are generous: what they find is taken out, rendered and looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.stamp.marked import INSET, grown
from cqp_forms.pdf.stamp.painted import Content, Glyph, Painted, Picture, Piece, Point

#: How far a mark may reach out of its box, of the box's smaller side.
REACH = 0.4
#: In a whole table cell a mark is no larger than this, in points, and of no more glyphs than this.
_CELL_SIDE = 14.0
_CELL_GLYPHS = 2

#: The parts of a frame's side: nearer to the edge, and thinner than this.
_NEAR = 0.2
_WHOLE = 0.75


def marks_in(
    painted: Sequence[Painted],
    rect: Rect,
    kind: PdfKind,
    editable: Callable[[Content], bool],
) -> list[Painted]:
    """What to take out to clear a box.

    Args:
        painted: what its page paints.
        rect: the box.
        editable: whether a stream serves this place only. What is in another goes only when all
            that the form shows here is in the box: the form is then not shown here any more.
    """
    box = _Box(rect, kind)
    found = dict.fromkeys(
        out
        for one in painted
        if box.is_mark(one, painted) and (out := _movable(one, box, editable)) is not None
    )
    glyphs = sum(isinstance(one, Glyph) for one in found)
    return [] if kind is PdfKind.CELL and glyphs > _CELL_GLYPHS else list(found)


def _movable(one: Painted, box: _Box, editable: Callable[[Content], bool]) -> Painted | None:
    here: Painted | None = one
    while here is not None and not editable(here.content):
        here = here.by
        if here is not None and not box.holds(here.box):
            return None
    return here


class _Box:
    """A box, with what counts as being in it."""

    def __init__(self, rect: Rect, kind: PdfKind) -> None:
        self.rect, self.kind = rect, kind
        self.side = min(rect.width, rect.height)
        if kind is PdfKind.CELL:
            self.side = min(self.side, _CELL_SIDE)
        self._outer = grown(rect, REACH * self.side)
        self._inner = grown(rect, -INSET * min(rect.width, rect.height))

    def holds(self, other: Rect) -> bool:
        """Whether something lies in the box, or a little beyond it."""
        outer = self._outer
        return outer.contains(other.x0, other.y0) and outer.contains(other.x1, other.y1)

    def is_mark(self, one: Painted, painted: Sequence[Painted]) -> bool:
        """Whether it is the mark, or a part of it."""
        box = one.box
        if isinstance(one, Glyph):
            return self.rect.contains(*box.centre, slack=0.1 * self.side) and (
                self.kind is PdfKind.CELL or box.width <= 2 * self.side
            )
        if not self.holds(box) or not self._reaches(box):
            return False
        if isinstance(one, Picture):
            # What a form shows is judged thing by thing.
            return not one.form
        if one.fill:
            return self._filled(one, painted)
        return one.stroke and self._stroked(one)

    def _reaches(self, box: Rect) -> bool:
        inner = self._inner
        return box.x0 < inner.x1 and box.x1 > inner.x0 and box.y0 < inner.y1 and box.y1 > inner.y0

    def _whole(self, box: Rect) -> bool:
        return box.width >= _WHOLE * self.rect.width and box.height >= _WHOLE * self.rect.height

    def _stroked(self, one: Piece) -> bool:
        box = one.box
        if one.breaks:
            return not (self._whole(box) and _rings(one.points, self.rect.centre, 0.27 * self.side))
        # Lines that are only upright or level are a frame, but for a single one across the middle.
        thin = min(box.width, box.height) <= _NEAR * self.side
        return thin and not self._along_edge(box)

    def _along_edge(self, box: Rect) -> bool:
        near = _NEAR * self.side
        if box.width > box.height:
            return min(abs(box.y1 - self.rect.y1), abs(box.y0 - self.rect.y0)) <= near
        return min(abs(box.x1 - self.rect.x1), abs(box.x0 - self.rect.x0)) <= near

    def _filled(self, one: Piece, painted: Sequence[Painted]) -> bool:
        path = [
            each
            for each in painted
            if isinstance(each, Piece)
            and each.content is one.content
            and each.index == one.index
            and each.by is one.by
            and self.holds(each.box)
        ]
        if any(self._whole(each.box) for each in path):
            if self.kind is PdfKind.CELL and not one.breaks:
                return False  # shading
            # An outline with one hole is a frame; alone it is a solid; with several holes it is
            # frame and mark in one.
            return not (len(path) == 2 and all(self._half(each.box) for each in path))
        thin = min(one.box.width, one.box.height) <= _NEAR * self.side
        return not (thin and self._along_edge(one.box))

    def _half(self, box: Rect) -> bool:
        return box.width >= 0.5 * self.rect.width and box.height >= 0.5 * self.rect.height


def _rings(points: Sequence[Point], centre: Point, reach: float) -> bool:
    """Whether a line goes round a point, never nearer than a distance."""
    return all(_distance(one, centre) > reach for one in pairwise(points))


def _distance(line: tuple[Point, Point], point: Point) -> float:
    """How far a point is from a segment."""
    (x0, y0), (x1, y1) = line
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    along = ((point[0] - x0) * dx + (point[1] - y0) * dy) / length if length else 0.0
    along = max(0.0, min(1.0, along))
    return float(
        ((x0 + along * dx - point[0]) ** 2 + (y0 + along * dy - point[1]) ** 2) ** 0.5
    )  # fmt: skip
