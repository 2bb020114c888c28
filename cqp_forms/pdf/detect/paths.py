"""Turn PDFium path objects into rules and closed shapes.

A path may hold many subpaths (ISO 32000-2, 8.5.2), each judged alone; frames that are filled (a big
square with a smaller one cut out, or painted over) are told from bullets by what lies inside them.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.model import Paint, Rule, Shape
from cqp_forms.pdf.geometry import Matrix, View, bounds, multiply, union

_LINE, _BEZIER, _MOVE = 0, 1, 2  # FPDF_SEGMENT_LINETO, _BEZIERTO, _MOVETO
#: Thinner than this, in points, a filled bar is a rule.
_THIN = 2.2
#: Beyond this luminance an outline does not show on paper.
_FAINT = 0.93
_DARK = 0.6
#: Points of a rectangle with rounded corners, at most, and how much of a side is straight.
_MOST_POINTS, _STRAIGHT = 40, 0.3
#: Side of a dot and distance of its neighbour, in points; fewer dots make no line.
_DOT, _DOTS_APART, _FEWEST_DOTS = 1.6, 3.5, 8
#: A path with more segments is a drawing, not a form.
_MOST_SEGMENTS = 4000


@dataclass(frozen=True, slots=True)
class _Style:
    filled: bool
    stroked: bool
    fill: float
    stroke: float
    dashed: bool


@dataclass(slots=True)
class _Subpath:
    points: list[tuple[float, float]]
    curves: int = 0
    closed: bool = False


class PathReader:
    """Collects the rules and shapes of one page, in painting order."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._rules: list[Rule] = []
        self._shapes: list[Shape] = []

    def add(self, item: Any, matrix: Matrix) -> None:
        """Add a path object; ``matrix`` takes its form's space to the page's."""
        if not 0 < pdfium.FPDFPath_CountSegments(item) <= _MOST_SEGMENTS:
            return
        style = _style(item)
        if not (style.filled or style.stroked):
            return
        found = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(item, found)
        full = multiply((found.a, found.b, found.c, found.d, found.e, found.f), matrix)
        judged = (self._judge(sub, style) for sub in self._subpaths(item, full))
        self._shapes.extend(_holed([one for one in judged if one is not None]))

    def result(self) -> tuple[tuple[Rule, ...], tuple[Shape, ...]]:
        """What was found; a dark shape painted over by a lighter one inside is a frame."""
        shapes = [one for one in self._shapes if one.rect.width > 0 and one.rect.height > 0]
        dotted, shapes = _dotted(shapes)
        return (*self._rules, *dotted), tuple(_framed(shapes))

    def _subpaths(self, item: Any, matrix: Matrix) -> Iterator[_Subpath]:
        a, b, c, d, e, f = matrix
        x, y = ctypes.c_float(), ctypes.c_float()
        current: _Subpath | None = None
        controls = 0
        for index in range(pdfium.FPDFPath_CountSegments(item)):
            segment = pdfium.FPDFPath_GetPathSegment(item, index)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            point = self._view.point(a * x.value + c * y.value + e, b * x.value + d * y.value + f)
            if kind == _MOVE or current is None:
                if current is not None:
                    yield current
                current, controls = _Subpath([point]), 0
                continue
            if kind == _BEZIER:
                # Three segments a curve: two control points, then the end point.
                controls = (controls + 1) % 3
                if controls == 0:
                    current.points.append(point)
                    current.curves += 1
            else:
                current.points.append(point)
            if pdfium.FPDFPathSegment_GetClose(segment):
                current.closed = True
        if current is not None:
            yield current

    def _judge(self, sub: _Subpath, style: _Style) -> Shape | None:
        points = sub.points
        if len(points) < 2:
            return None
        box = bounds(points)
        thin = min(box.width, box.height)
        if style.filled and thin <= _THIN and max(box.width, box.height) > 2 * thin:
            if style.fill < _FAINT:
                self._rules.append(Rule(box))
            return None
        closes = sub.closed or _near(points[0], points[-1]) or style.filled
        if not closes or len(set(points)) < 3:
            self._strokes(sub, style)
            return None
        round_ = _round(sub, box)
        boxy = not round_ and _boxy(sub, box)
        if style.stroked and style.stroke < _FAINT and not sub.curves and not boxy:
            self._strokes(sub, style)
        tint = style.fill if style.filled else 1.0
        return Shape(box, _paint(style), boxy, style.dashed, tint, round_)

    def _strokes(self, sub: _Subpath, style: _Style) -> None:
        if not style.stroked or style.stroke >= _FAINT or sub.curves:
            return
        for one, other in pairwise(sub.points):
            box = bounds([one, other])
            if box.width > 0.8 and box.height > 0.8:
                self._shapes.append(Shape(box, Paint.DARK, boxy=False))
            elif min(box.width, box.height) <= 0.8 and max(box.width, box.height) > 2:
                self._rules.append(Rule(box, style.dashed))


def _near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) < 0.6 and abs(one[1] - other[1]) < 0.6


def _round(sub: _Subpath, box: Rect) -> bool:
    """Whether it is a circle: curves alone, whose ends all lie as far from the middle."""
    radius = max(box.width, box.height) / 2
    if sub.curves < 4 or min(box.width, box.height) < 1.8 * radius:
        return False
    x, y = box.centre
    away = [((px - x) ** 2 + (py - y) ** 2) ** 0.5 for px, py in sub.points]
    return len(sub.points) <= sub.curves + 2 and all(
        abs(one - radius) < 0.06 * radius + 0.1 for one in away
    )


def _boxy(sub: _Subpath, box: Rect) -> bool:
    """Whether it is a rectangle, its corners rounded or not."""
    slack = 0.02 * max(box.width, box.height) + 0.25
    if min(box.width, box.height) < _THIN or len(sub.points) > _MOST_POINTS:
        return False
    if sub.curves:
        return _rounded(sub, box, slack)
    corners = set()
    for x, y in sub.points:
        left, right = abs(x - box.x0) <= slack, abs(x - box.x1) <= slack
        low, high = abs(y - box.y0) <= slack, abs(y - box.y1) <= slack
        if not (left or right or low or high):
            return False
        if (left or right) and (low or high):
            corners.add((left, low))
    return len(corners) == 4 and all(
        abs(one[0] - other[0]) <= slack or abs(one[1] - other[1]) <= slack
        for one, other in pairwise(sub.points)
    )


def _rounded(sub: _Subpath, box: Rect, slack: float) -> bool:
    """Whether each side is straight along a part of its length, and all else lies in the corners.

    A circle touches its bounds at four points only.
    """
    reach = 0.42 * min(box.width, box.height) + slack
    straight = dict.fromkeys("lrbt", 0.0)
    closed = [*sub.points, sub.points[0]]
    for (x, y), (p, q) in pairwise(closed):
        for side, at, edge, length in (
            ("l", (x, p), box.x0, abs(q - y)),
            ("r", (x, p), box.x1, abs(q - y)),
            ("b", (y, q), box.y0, abs(p - x)),
            ("t", (y, q), box.y1, abs(p - x)),
        ):
            if all(abs(one - edge) <= slack for one in at):
                straight[side] += length
    if min(straight["l"], straight["r"]) < _STRAIGHT * box.height:
        return False
    if min(straight["b"], straight["t"]) < _STRAIGHT * box.width:
        return False
    return all(
        (
            min(abs(x - box.x0), abs(x - box.x1)) <= reach
            and min(abs(y - box.y0), abs(y - box.y1)) <= reach
        )
        or min(abs(x - box.x0), abs(x - box.x1), abs(y - box.y0), abs(y - box.y1)) <= slack
        for x, y in sub.points
    )


def _dotted(shapes: list[Shape]) -> tuple[list[Rule], list[Shape]]:
    """Dots drawn one by one at one distance are a rule.

    Returns:
        The rules that dots make, and the shapes that are no dots.
    """
    dots = [
        one
        for one in shapes
        if one.paint is Paint.DARK and max(one.rect.width, one.rect.height) <= _DOT
    ]
    lines: dict[int, list[Shape]] = defaultdict(list)
    for one in dots:
        lines[round(2 * one.rect.centre[1])].append(one)
    rules: list[Rule] = []
    used: set[int] = set()
    for line in lines.values():
        line.sort(key=lambda one: one.rect.x0)
        runs = [[line[0]]]
        for one in line[1:]:
            if one.rect.x0 - runs[-1][-1].rect.x1 <= _DOTS_APART:
                runs[-1].append(one)
            else:
                runs.append([one])
        for run in runs:
            if len(run) >= _FEWEST_DOTS:
                rules.append(Rule(union(one.rect for one in run), dashed=True))
                used.update(map(id, run))
    return rules, [one for one in shapes if id(one) not in used]


def _paint(style: _Style) -> Paint:
    if style.filled and style.fill < _DARK:
        return Paint.DARK
    if style.stroked and style.stroke < _FAINT:
        return Paint.FRAME
    return Paint.LIGHT


def _inside(inner: Rect, outer: Rect, part: float) -> bool:
    """Whether ``inner`` fills at least ``part`` of ``outer``, from inside."""
    return (
        outer.x0 - 0.1 <= inner.x0
        and outer.y0 - 0.1 <= inner.y0
        and inner.x1 <= outer.x1 + 0.1
        and inner.y1 <= outer.y1 + 0.1
        and inner.width >= part * outer.width
        and inner.height >= part * outer.height
        and inner != outer
    )


def _holed(shapes: list[Shape]) -> list[Shape]:
    """One path of two nested boxes, filled: the inner one is a hole, the whole a frame."""
    kept = list(shapes)
    for outer in shapes:
        if outer.paint is not Paint.DARK or not outer.boxy:
            continue
        for inner in shapes:
            if inner.boxy and _inside(inner.rect, outer.rect, 0.6) and inner in kept:
                kept.remove(inner)
                kept[kept.index(outer)] = replace(outer, paint=Paint.FRAME, tint=1.0)
                break
    return kept


def _framed(shapes: list[Shape]) -> list[Shape]:
    """A dark box over which a lighter one is painted is a frame."""
    found = list(shapes)
    lights = [(index, one) for index, one in enumerate(shapes) if one.boxy and one.tint > _DARK]
    for index, outer in enumerate(shapes):
        if outer.paint is Paint.DARK and outer.boxy:
            for later, inner in lights:
                if later > index and _inside(inner.rect, outer.rect, 0.6):
                    found[index] = replace(outer, paint=Paint.FRAME, tint=inner.tint)
                    break
    return found


def _style(item: Any) -> _Style:
    fill_mode, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, fill_mode, stroked)
    return _Style(
        filled=fill_mode.value != 0,
        stroked=bool(stroked.value),
        fill=_luminance(pdfium.FPDFPageObj_GetFillColor, item),
        stroke=_luminance(pdfium.FPDFPageObj_GetStrokeColor, item),
        dashed=pdfium.FPDFPageObj_GetDashCount(item) > 0,
    )


def _luminance(getter: Any, item: Any) -> float:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not getter(item, red, green, blue, alpha):
        return 0.0
    ink = 0.299 * red.value + 0.587 * green.value + 0.114 * blue.value
    opacity = alpha.value / 255
    return 1 - opacity * (1 - ink / 255)
