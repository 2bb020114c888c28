"""What a page paints: drawings and runs of text, with their place (ISO 32000-2, 8 and 9)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from cqp_forms.mapping import Rect
from cqp_forms.pdf.geometry import Matrix, moved

#: Two points: x, y, x, y.
Segment: TypeAlias = tuple[float, float, float, float]

#: From this lightness on, text is not seen on white paper.
UNSEEN = 0.9


class Painting(Enum):
    """How an item is painted."""

    STROKE = "stroke"
    FILL = "fill"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A painted path or image.

    Attributes:
        x0, y0, x1, y1: its box, in points.
        straight: whether it has only horizontal and vertical lines.
        light: 0 for black to 1 for white, see-through ink being lighter.
        opaque: whether it hides what is under it.
        lines: the ends of its segments (curves as their control polygons); none when it is but
            four points, or a stroke that is straight.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    painting: Painting
    straight: bool
    light: float
    opaque: bool = True
    lines: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class TextRun:
    """Text shown by one operator.

    Attributes:
        x, y: where its first character stands.
        end_x, end_y: where the next one would stand.
        size: the height of the font, in points.
        along: the direction in which it runs, of length 1.
        tag: of the marked content that it is in, when that has no properties; else empty.
        sequence: the same for what stands in one marked-content sequence.
        light: as for drawings; 1 for text that is not painted.
    """

    text: str
    x: float
    y: float
    end_x: float
    end_y: float
    size: float
    along: tuple[float, float]
    tag: str
    sequence: int
    light: float


@dataclass(frozen=True, slots=True)
class XObjectUse:
    """A form or an image shown by name: who reads the page looks it up."""

    name: str
    matrix: Matrix
    light: float


Item: TypeAlias = Drawing | TextRun


def bounds_of(item: Item) -> tuple[float, float, float, float]:
    """An item's box: for text, from its foot to the height of its capitals."""
    if isinstance(item, Drawing):
        return item.x0, item.y0, item.x1, item.y1
    ax, ay = item.along
    ux, uy = -ay * item.size, ax * item.size
    xs = [item.x - 0.2 * ux, item.x + 0.7 * ux, item.end_x - 0.2 * ux, item.end_x + 0.7 * ux]
    ys = [item.y - 0.2 * uy, item.y + 0.7 * uy, item.end_y - 0.2 * uy, item.end_y + 0.7 * uy]
    return min(xs), min(ys), max(xs), max(ys)


def image(matrix: Matrix, light: float) -> Drawing:
    """An image: the unit square, turned by the matrix."""
    box = moved(matrix, Rect(0, 0, 1, 1))
    corners = box.x0, box.y0, box.x1, box.y1
    return Drawing(*corners, Painting.IMAGE, True, light, light < 0.1)
