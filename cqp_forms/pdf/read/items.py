"""What a page paints: the items that reading goes by (ISO 32000-2, 8 and 9)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from cqp_forms.pdf.geometry import Matrix

#: Two points: x, y, x, y.
Segment: TypeAlias = tuple[float, float, float, float]


class Paint(Enum):
    """How an item is painted."""

    STROKE = "stroke"
    FILL = "fill"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Mark:
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
    paint: Paint
    straight: bool
    light: float
    opaque: bool = True
    lines: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Text shown by one operator.

    Attributes:
        x, y: where its first character stands.
        end_x, end_y: where the next one would stand.
        size: height of an em, in points.
        along: direction of the line, as a unit vector.
        tag: of the innermost marked content, when it has no properties; else empty.
        sequence: counts marked-content sequences within the stream.
        light: as for marks; 1 for text that is not painted.
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
class Shown:
    """A form or an image shown by name: who reads the page resolves it."""

    name: str
    matrix: Matrix
    light: float


Item: TypeAlias = Mark | Run | Shown


def image(matrix: Matrix, light: float) -> Mark:
    """An image: the unit square, turned by the matrix."""
    a, b, c, d, e, f = matrix
    xs, ys = [e, e + a, e + c, e + a + c], [f, f + b, f + d, f + b + d]
    return Mark(min(xs), min(ys), max(xs), max(ys), Paint.IMAGE, True, light, light < 0.1)
