"""Turned pages: where a rectangle's left, bottom, width and height are for the reader."""

from __future__ import annotations

from dataclasses import dataclass

from cqp_forms.mapping import Rect
from cqp_forms.pdf.stamp.objects import numbers


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle as the reader sees it: x to the right, y upwards, from its bottom left corner.

    Attributes:
        a, b, c, d, e, f: the matrix from the frame to default user space (ISO 32000-2, 8.3.4).
        width: for the reader, in points.
        height: likewise.
    """

    a: int
    b: int
    c: int
    d: int
    e: float
    f: float
    width: float
    height: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the frame in default user space."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> Rect:
        """A rectangle of the frame in default user space."""
        (left, bottom), (right, top) = self.at(x0, y0), self.at(x1, y1)
        return Rect(min(left, right), min(bottom, top), max(left, right), max(bottom, top))

    @property
    def turned(self) -> str:
        """The four turning numbers of a text matrix (Tm), as written."""
        return f"{self.a} {self.b} {self.c} {self.d}"

    def matrix(self, x: float = 0.0, y: float = 0.0) -> str:
        """The whole matrix, its origin at a point of the frame, as written."""
        return f"{self.turned} {numbers(*self.at(x, y))}"


def frame(rect: Rect, rotate: int) -> Frame:
    """The frame of a rectangle on a page whose /Rotate (clockwise, in degrees) is given."""
    match rotate % 360:
        case 90:
            return Frame(0, 1, -1, 0, rect.x1, rect.y0, rect.height, rect.width)
        case 180:
            return Frame(-1, 0, 0, -1, rect.x1, rect.y1, rect.width, rect.height)
        case 270:
            return Frame(0, -1, 1, 0, rect.x0, rect.y1, rect.height, rect.width)
        case _:
            return Frame(1, 0, 0, 1, rect.x0, rect.y0, rect.width, rect.height)
