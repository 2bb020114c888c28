"""Points, rectangles and matrices of PDF pages, and the attributes that pages inherit.

Coordinates are in points. *User space* is the page's own, before it is turned; *upright* space has
its origin at the lower left corner of the page as a reader sees it, y upwards (ISO 32000-2,
8.3.2.3 and 7.7.3.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeAlias

from pikepdf import Array, Dictionary, Object

from cqp_forms.mapping import Rect

#: a, b, c, d, e, f (8.3.3).
Matrix: TypeAlias = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

#: No sane page or field tree is deeper; a deeper one is a loop.
_DEPTH = 64
_A4 = Rect(0.0, 0.0, 595.276, 841.89)
#: No page is wider; a number beyond it is a mistake.
_FAR = 1e7


def number(value: object) -> float:
    """A number of a PDF; 0 for what is none, or is beyond all pages."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return found if isfinite(found) and abs(found) < _FAR else 0.0


def multiply(m: Matrix, n: Matrix) -> Matrix:
    """The matrix that applies ``m``, then ``n``."""
    a, b, c, d, e, f = m
    g, h, i, j, k, o = n
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + o,
    )


def at(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Where a matrix brings a point."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def moved(matrix: Matrix, rect: Rect) -> Rect:
    """The rectangle around what a matrix makes of one."""
    xs, ys = (rect.x0, rect.x1), (rect.y0, rect.y1)
    return bounds(at(matrix, x, y) for x in xs for y in ys)


def matrix_of(value: object) -> Matrix | None:
    """The matrix that an array says, ``None`` when it is none."""
    if not isinstance(value, Array) or len(value) != 6:
        return None
    a, b, c, d, e, f = (number(one) for one in value)
    return a, b, c, d, e, f


def rect_of(value: object) -> Rect | None:
    """The rectangle that an array says (7.9.5), its corners put in order; else ``None``."""
    if not isinstance(value, Array) or len(value) != 4:
        return None
    x0, y0, x1, y1 = (number(one) for one in value)
    return Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def bounds(points: Iterable[tuple[float, float]]) -> Rect:
    """The smallest rectangle around points."""
    xs, ys = zip(*points, strict=True)
    return Rect(min(xs), min(ys), max(xs), max(ys))


def union(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle around rectangles."""
    return bounds(corner for one in rects for corner in ((one.x0, one.y0), (one.x1, one.y1)))


def chain(node: object) -> Iterator[Dictionary]:
    """A page or a field, and what stands above it in its tree; loops end."""
    for _ in range(_DEPTH):
        if not isinstance(node, Dictionary):
            return
        yield node
        node = node["/Parent"] if "/Parent" in node else None  # noqa: SIM401


def inherited(node: object, key: str) -> Any:
    """An attribute of a page or a field, its own or that of the tree above it; else ``None``.

    ISO 32000-2, 7.7.3.4 and 12.7.4.1.
    """
    return next((one[key] for one in chain(node) if key in one), None)


@dataclass(frozen=True, slots=True)
class View:
    """How a page is shown.

    Attributes:
        crop: the visible box, in user space.
        rotate: 0, 90, 180 or 270, clockwise.
    """

    crop: Rect
    rotate: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as shown, in points."""
        flat = (self.crop.width, self.crop.height)
        return flat if self.rotate in (0, 180) else (flat[1], flat[0])

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of user space, upright."""
        x, y = x - self.crop.x0, y - self.crop.y0
        width, height = self.crop.width, self.crop.height
        match self.rotate:
            case 90:
                return y, width - x
            case 180:
                return width - x, height - y
            case 270:
                return height - y, x
        return x, y

    def back(self, x: float, y: float) -> tuple[float, float]:
        """An upright point, in user space."""
        width, height = self.crop.width, self.crop.height
        match self.rotate:
            case 90:
                x, y = width - y, x
            case 180:
                x, y = width - x, height - y
            case 270:
                x, y = y, height - x
        return x + self.crop.x0, y + self.crop.y0

    def rect(self, rect: Rect) -> Rect:
        """A rectangle of user space, upright."""
        return bounds([self.point(rect.x0, rect.y0), self.point(rect.x1, rect.y1)])

    def user(self, rect: Rect) -> Rect:
        """An upright rectangle in user space, rounded to a hundredth of a point."""
        box = bounds([self.back(rect.x0, rect.y0), self.back(rect.x1, rect.y1)])
        return Rect(round(box.x0, 2), round(box.y0, 2), round(box.x1, 2), round(box.y1, 2))


def view_of(page: Object) -> View:
    """What a reader sees of a page: the crop box cut to the media box (14.11.2), and its turn."""
    media = rect_of(inherited(page, "/MediaBox")) or _A4
    crop = rect_of(inherited(page, "/CropBox")) or media
    seen = Rect(
        max(media.x0, crop.x0),
        max(media.y0, crop.y0),
        min(media.x1, crop.x1),
        min(media.y1, crop.y1),
    )
    if seen.width <= 0 or seen.height <= 0:
        seen = media
    return View(seen, int(number(inherited(page, "/Rotate"))) % 360 // 90 * 90)


def appearance_matrix(appearance: Object, rect: Rect) -> Matrix:
    """The matrix that brings an appearance onto its annotation (12.5.5).

    The appearance's own /Matrix is applied before it.
    """
    box = rect_of(appearance.get("/BBox")) or Rect(0, 0, 1, 1)
    own = matrix_of(appearance.get("/Matrix"))
    if own is not None:
        box = moved(own, box)
    x = rect.width / box.width if box.width else 1.0
    y = rect.height / box.height if box.height else 1.0
    return x, 0.0, 0.0, y, rect.x0 - box.x0 * x, rect.y0 - box.y0 * y
