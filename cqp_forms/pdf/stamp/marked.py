"""Whether a drawn box is marked in the blank: judged by its ink, as it is seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.stamp.base import Sheet
from cqp_forms.pdf.stamp.frames import frame

_SCALE = 3.0
#: How far from the box's edge its own frame may reach, of its smaller side.
INSET = 0.28
#: Grey levels apart from the paper around that count as ink.
_CONTRAST = 90
#: The part of the inside that ink must cover to be a mark.
_INKED = 0.06
#: In a cell, this many square points of ink are one.
_CELL_INK = 5.0
#: Grey levels between the paper around a box and the lightest inside that make it solid ink.
_SOLID = 140
#: The part of a side that ink must cover to be a line of the frame.
_LINED = 0.6
#: Grey levels that two renderings of the same may be apart.
_SAME = 60


@dataclass(frozen=True)
class Raster:
    """A page as rendered, in grey, a byte a pixel."""

    rows: Sequence[bytes]
    sheet: Sheet

    def marked(self, rect: Rect, kind: PdfKind) -> bool:
        """Whether there is a mark inside a box, its frame left out."""
        side = min(rect.width, rect.height)
        pixels = b"".join(self._cut(grown(rect, -INSET * side)))
        if not pixels:
            return False
        paper = max(pixels)
        inked = sum(1 for one in pixels if paper - one > _CONTRAST)
        if kind is PdfKind.CELL:
            # A cell may be wide, and shaded; a cross in it is as large as elsewhere.
            return inked > min(_INKED * len(pixels), _CELL_INK * _SCALE**2)
        around = max(max(row) for row in self._cut(grown(rect, 0.4 * side)))
        return inked > _INKED * len(pixels) or around - paper > _SOLID

    def framed(self, rect: Rect) -> bool:
        """Whether there is a line along each side of a box."""
        side = min(rect.width, rect.height)
        rows = self._cut(grown(rect, 0.12 * side))
        if not rows or not rows[0]:
            return False
        band = max(2, round(0.3 * side * _SCALE))
        columns = [bytes(row[index] for row in rows) for index in range(len(rows[0]))]
        paper = max(map(max, rows))
        return all(
            max(sum(paper - one > _CONTRAST for one in line) for line in lines)
            > _LINED * len(lines[0])
            for lines in (rows[:band], rows[-band:], columns[:band], columns[-band:])
        )

    def same_but(self, other: Raster, rects: Iterable[Rect]) -> bool:
        """Whether the page shows the same as another rendering, some rectangles left out."""
        boxes = [self._pixels(one) for one in rects]
        for number, (row, twin) in enumerate(zip(self.rows, other.rows, strict=True)):
            if row == twin:
                continue
            ours, theirs = bytearray(row), bytearray(twin)
            for left, top, right, bottom in boxes:
                if top <= number < bottom:
                    ours[left:right] = theirs[left:right] = bytes(max(0, right - left))
            if any(abs(a - b) > _SAME for a, b in zip(ours, theirs, strict=True)):
                return False
        return True

    def _cut(self, rect: Rect) -> list[bytes]:
        left, top, right, bottom = self._pixels(rect)
        return [row[left:right] for row in self.rows[top:bottom]]

    def _pixels(self, rect: Rect) -> tuple[int, int, int, int]:
        page = frame(self.sheet.visible, self.sheet.rotate)
        xs, ys = [], []
        for x, y in ((rect.x0, rect.y0), (rect.x1, rect.y1)):
            dx, dy = x - page.e, y - page.f
            # The matrix only turns: its inverse is its transpose.
            xs.append(int((page.a * dx + page.b * dy) * _SCALE))
            ys.append(len(self.rows) - int((page.c * dx + page.d * dy) * _SCALE))
        width = len(self.rows[0]) if self.rows else 0
        left, right = max(0, min(xs)), min(width, max(xs) + 1)
        return left, max(0, min(ys)), right, min(len(self.rows), max(ys) + 1)


def grown(rect: Rect, by: float) -> Rect:
    """A rectangle larger by so many points on every side."""
    return Rect(rect.x0 - by, rect.y0 - by, rect.x1 + by, rect.y1 + by)


def rasters(
    document: bytes, sheets: Sequence[Sheet], numbers: Collection[int]
) -> dict[int, Raster]:
    """Render some pages (from 0) of a document, its form fields left out."""
    import pypdfium2

    found = {}
    with pypdfium2.PdfDocument(document) as pdf:
        for number in sorted(numbers):
            bitmap = pdf[number].render(scale=_SCALE, grayscale=True, may_draw_forms=False)
            raw, stride = bytes(bitmap.buffer), bitmap.stride
            rows = [raw[row * stride : row * stride + bitmap.width] for row in range(bitmap.height)]
            found[number] = Raster(rows, sheets[number])
    return found
