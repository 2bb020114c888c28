"""What a page holds once it is read: words, strokes and shapes, upright; pure data.

Detection works in *upright* space: points, y upwards, origin at the lower left corner of the page
as a reader sees it. :class:`View` goes to it from default user space, and back (ISO 32000-2,
8.3.2.3 and 7.7.3.3: ``/Rotate`` turns clockwise, ``/CropBox`` is what viewers show).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from cqp_forms.mapping import Rect


@dataclass(frozen=True, slots=True)
class View:
    """How a page is shown.

    Attributes:
        crop: the visible box, in default user space.
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


def bounds(points: Iterable[tuple[float, float]]) -> Rect:
    """The smallest rectangle around points."""
    xs, ys = zip(*points, strict=True)
    return Rect(min(xs), min(ys), max(xs), max(ys))


def union(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle around rectangles."""
    return bounds(corner for one in rects for corner in ((one.x0, one.y0), (one.x1, one.y1)))


def shared_width(one: Rect, other: Rect) -> float:
    """How far two rectangles overlap horizontally, in points; negative for a gap."""
    return min(one.x1, other.x1) - max(one.x0, other.x0)


def shared_height(one: Rect, other: Rect) -> float:
    """How far two rectangles overlap vertically, in points; negative for a gap."""
    return min(one.y1, other.y1) - max(one.y0, other.y0)


def same_row(one: Rect, other: Rect) -> bool:
    """Whether two rectangles stand side by side: half of the lower one's height is shared."""
    return shared_height(one, other) >= 0.5 * min(one.height, other.height)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is printed.

    Attributes:
        rect: from descender to ascender, so that the words of a line have the same height.
        ink: the glyphs themselves; differs from ``rect`` for lone symbols.
        font: the base font name.
        bold: by the font's name or weight.
    """

    text: str
    rect: Rect
    ink: Rect
    font: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight stroke, or a filled bar so thin that it looks like one.

    Attributes:
        rect: its extent; one side is nearly zero.
        dashed: drawn with a dash pattern.
    """

    rect: Rect
    dashed: bool = False

    @property
    def flat(self) -> bool:
        """Whether it is horizontal."""
        return self.rect.width >= self.rect.height


class Paint(Enum):
    """How a closed shape looks."""

    FRAME = "frame"  # a visible outline around nothing, or around a light ground
    DARK = "dark"  # full of ink: a bullet, a bar, a letter
    LIGHT = "light"  # a light ground with no outline of its own


@dataclass(frozen=True, slots=True)
class Shape:
    """A closed shape.

    Attributes:
        boxy: whether it is a rectangle, its corners rounded or not.
        tint: the luminance of its ground, 0 black to 1 white; 1 for no ground at all.
    """

    rect: Rect
    paint: Paint
    boxy: bool
    dashed: bool = False
    tint: float = 1.0


@dataclass(frozen=True, slots=True)
class PageContent:
    """One page, read.

    Attributes:
        number: from 1.
        words: in the document's own order.
        pictured: which part of the page raster images cover, 0 to 1.
    """

    number: int
    view: View
    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    shapes: tuple[Shape, ...]
    pictured: float
