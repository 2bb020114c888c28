"""What can be painted, by which instructions, and where (ISO 32000-2, 8.3 and 8.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

from pikepdf import Object

from cqp_forms.mapping import Rect
from cqp_forms.pdf.stamp.glyphs import Instruction, Step

Matrix: TypeAlias = tuple[float, float, float, float, float, float]
Point: TypeAlias = tuple[float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(eq=False)
class Content:
    """A content stream.

    Attributes:
        holder: the page, or the form XObject.
        lines: the elements of its show operators, by index.
    """

    holder: Object
    instructions: list[Instruction]
    lines: dict[int, list[Step]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Picture:
    """A form or an image, shown whole by one instruction."""

    content: Content
    index: int
    box: Rect
    by: Picture | None
    form: bool


@dataclass(frozen=True, eq=False)
class Glyph:
    """A glyph: the ``rank``-th element of a show operator; its box is that of its advance."""

    content: Content
    index: int
    rank: int
    box: Rect
    by: Picture | None


@dataclass(frozen=True, eq=False)
class Piece:
    """A subpath.

    Attributes:
        index: of the painting operator.
        parts: the instructions that construct it.
        points: its corners and control points.
        breaks: whether it is more than horizontal and vertical lines.
        fill: whether it is filled, dark; ``stroke``: whether it is stroked, dark.
    """

    content: Content
    index: int
    parts: tuple[int, ...]
    points: tuple[Point, ...]
    breaks: bool
    box: Rect
    fill: bool
    stroke: bool
    by: Picture | None


Painted: TypeAlias = Piece | Glyph | Picture


def at(matrix: Matrix, x: float, y: float) -> Point:
    """A point brought to where a matrix puts it."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def times(m: Matrix, n: Matrix) -> Matrix:
    """The matrix that applies ``m``, then ``n``."""
    a, b, c, d, e, f = m
    x, y = at(n, e, f)
    return (
        a * n[0] + b * n[2],
        a * n[1] + b * n[3],
        c * n[0] + d * n[2],
        c * n[1] + d * n[3],
        x,
        y,
    )


def matrix_of(values: Sequence[Any]) -> Matrix:
    """The matrix of six operands."""
    a, b, c, d, e, f = (float(one) for one in values)
    return a, b, c, d, e, f


def scale_of(matrix: Matrix) -> float:
    """How much a matrix enlarges, all directions together."""
    return float(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5)


def around(points: Sequence[Point], grow: float = 0.0) -> Rect:
    """The box of points, larger by so much on every side."""
    xs, ys = [one[0] for one in points], [one[1] for one in points]
    return Rect(min(xs) - grow, min(ys) - grow, max(xs) + grow, max(ys) + grow)


def breaks(points: Sequence[Point]) -> bool:
    """Whether a line through points is more than upright and level pieces."""
    return any(
        abs(x1 - x0) > 0.05 and abs(y1 - y0) > 0.05 for (x0, y0), (x1, y1) in pairwise(points)
    )
