"""What a page holds once it is read: words, strokes and shapes, upright; pure data.

Detection works in *upright* space: see :mod:`cqp_forms.pdf.geometry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cqp_forms.mapping import Rect
from cqp_forms.pdf.geometry import View


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
        round: whether it is a circle.
        tint: the luminance of its ground, 0 black to 1 white; 1 for no ground at all.
    """

    rect: Rect
    paint: Paint
    boxy: bool
    dashed: bool = False
    tint: float = 1.0
    round: bool = False


@dataclass(frozen=True, slots=True)
class PageContent:
    """One page, read.

    Attributes:
        number: from 1.
        words: in the document's own order.
        pictured: which part of the page raster images cover, 0 to 1.
        pictures: where each of them shows.
    """

    number: int
    view: View
    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    shapes: tuple[Shape, ...]
    pictured: float
    pictures: tuple[Rect, ...] = ()


def shared_area(one: Rect, other: Rect) -> float:
    """How much two rectangles share, in square points."""
    return max(0.0, shared_width(one, other)) * max(0.0, shared_height(one, other))
