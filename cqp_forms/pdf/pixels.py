"""Pages as pixels, rendered by PDFium: the only module of verifying that knows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cqp_forms.alterations import OwnMarks
from cqp_forms.errors import DocumentError
from cqp_forms.mapping import Rect
from cqp_forms.pdf.png import png
from cqp_forms.pdf.stamp.overlay import Frame, frame

#: Pixels a point.
SCALE = 3.0
#: Levels of grey apart that are ink and not the shade of an edge; a draft's mark is paler.
_CONTRAST = 90
#: Grey levels to ink or paper.
_INK = bytes(0 if level < 255 - _CONTRAST else 255 for level in range(256))
_RED = (200, 0, 0)


@dataclass(frozen=True)
class Stray:
    """Pixels that differ.

    Attributes:
        pixels: rank of each, row by row from the top.
        box: what holds them all, in points from the page's bottom left.
    """

    pixels: Sequence[int]
    box: Rect


@dataclass(frozen=True)
class Picture:
    """A rendered page, a byte a pixel, rows from the top."""

    grey: bytes
    width: int
    height: int

    def _window(self, rect: Rect) -> tuple[int, int, int, int]:
        """Columns and rows of a rectangle given in points from the page's bottom left."""
        left, right = max(0, round(rect.x0 * SCALE)), min(self.width, round(rect.x1 * SCALE))
        top = max(0, self.height - round(rect.y1 * SCALE))
        low = min(self.height, self.height - round(rect.y0 * SCALE))
        return left, top, right, low

    def ink(self, model: Picture, rect: Rect) -> float:
        """The share of a rectangle that is darker here than in the model."""
        left, top, right, low = self._window(rect)
        darker = total = 0
        for row in range(top, low):
            start = row * self.width
            mine = self.grey[start + left : start + right]
            theirs = model.grey[start + left : start + right]
            total += len(mine)
            darker += sum(1 for one, two in zip(mine, theirs, strict=True) if two - one > _CONTRAST)
        return darker / total if total else 0.0

    def darkness(self, rect: Rect) -> float:
        """The share of a rectangle that is dark."""
        left, top, right, low = self._window(rect)
        rows = [self.grey[row * self.width + left : row * self.width + right]
                for row in range(top, low)]  # fmt: skip
        total = sum(len(one) for one in rows)
        dark = sum(1 for row in rows for level in row if level < 255 - _CONTRAST)
        return dark / total if total else 0.0

    def stray(self, model: Picture, aside: Iterable[Rect]) -> Stray:
        """The pixels that differ from the model's, some rectangles left out."""
        mine, theirs = bytearray(self.grey), bytearray(model.grey)
        for rect in aside:
            left, top, right, low = self._window(rect)
            for row in range(top, low):
                start = row * self.width
                blank = bytes(max(0, right - left))
                mine[start + left : start + left + len(blank)] = blank
                theirs[start + left : start + left + len(blank)] = blank
        found = [
            start + rank
            for start in range(0, len(mine), self.width)
            # Most rows hold the same ink, a draft's pale mark aside: comparing them whole is quick.
            if mine[start : start + self.width].translate(_INK)
            != theirs[start : start + self.width].translate(_INK)
            for rank, (one, two) in enumerate(
                zip(
                    mine[start : start + self.width],
                    theirs[start : start + self.width],
                    strict=True,
                )
            )
            if abs(one - two) > _CONTRAST
        ]
        columns = [one % self.width for one in found] or [0]
        rows = [one // self.width for one in found] or [0]
        high = self.height
        return Stray(
            found,
            Rect(
                min(columns) / SCALE,
                (high - max(rows) - 1) / SCALE,
                (max(columns) + 1) / SCALE,
                (high - min(rows)) / SCALE,
            ),
        )

    def png(self, framed: Iterable[Rect]) -> bytes:
        """The page as PNG, some rectangles framed in red."""
        rgb = bytearray(level for one in self.grey for level in (one, one, one))
        for rect in framed:
            left, top, right, low = self._window(
                Rect(rect.x0 - 3, rect.y0 - 3, rect.x1 + 3, rect.y1 + 3)
            )
            for row in range(top, low):
                sides = (*range(left, min(left + 3, right)), *range(max(left, right - 3), right))
                columns = range(left, right) if row - top < 3 or low - row <= 3 else sides
                for column in columns:
                    at = 3 * (row * self.width + column)
                    rgb[at : at + 3] = bytes(_RED)
        return png(bytes(rgb), self.width, self.height)


class Renderer:
    """An open document, ready to be rendered; a context manager.

    Raises:
        DocumentError: PDFium cannot open it.
    """

    def __init__(self, document: bytes) -> None:
        import pypdfium2

        try:
            self._pdf: Any = pypdfium2.PdfDocument(document)
            # Without a form environment PDFium paints no field.
            self._pdf.init_forms()
        except pypdfium2.PdfiumError as problem:
            raise DocumentError(
                "ce PDF ne peut pas être affiché.",
                remedy="Reprenez le document tel qu’il a été émis.",
            ) from problem
        self.picture = lru_cache(maxsize=4)(self._picture)

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_: object) -> None:
        self.picture.cache_clear()
        self._pdf.close()

    def __len__(self) -> int:
        return len(self._pdf)

    def frame(self, number: int) -> Frame:
        """How a page (from 0) is seen."""
        page = self._pdf[number]
        return frame(Rect(*page.get_cropbox()), page.get_rotation())

    def _picture(self, number: int) -> Picture:
        bitmap = self._pdf[number].render(scale=SCALE, grayscale=True, may_draw_forms=True)
        raw, stride, width = bytes(bitmap.buffer), bitmap.stride, bitmap.width
        grey = b"".join(raw[row * stride : row * stride + width] for row in range(bitmap.height))
        return Picture(grey, width, bitmap.height)

    def mentions(self, number: int, marks: OwnMarks) -> Iterator[Rect]:
        """Where the edition's own mentions are, by what is written there."""
        text = self._pdf[number].get_textpage()
        seen = self.frame(number)
        lines = list(_lines(text))
        for start in range(len(lines)):
            whole = ""
            for end in range(start, min(start + 8, len(lines))):
                whole += lines[end][0]
                if marks.is_cover(whole):
                    # Its frame is as wide as the text column.
                    for _, rect in lines[start : end + 1]:
                        line = seen_rect(rect, seen)
                        yield Rect(0.1 * seen.width, line.y0, 0.9 * seen.width, line.y1)
                elif marks.is_margin(whole):
                    yield from (seen_rect(rect, seen) for _, rect in lines[start : end + 1])

    def signs(self, number: int, wanted: Collection[str]) -> Iterator[tuple[str, Rect]]:
        """The characters of a page that are among those wanted, in the order of its content."""
        text = self._pdf[number].get_textpage()
        for index in range(text.count_chars()):
            sign = text.get_text_range(index, 1)
            if sign in wanted:
                yield sign, Rect(*text.get_charbox(index, loose=False))


def _lines(text: Any) -> Iterator[tuple[str, Rect]]:
    for index in range(text.count_rects()):
        rect = text.get_rect(index)
        yield text.get_text_bounded(*rect).strip(), Rect(*rect)


def seen_rect(rect: Rect, seen: Frame) -> Rect:
    """A rectangle of the page, as the reader sees it: from the bottom left, in points."""
    xs, ys = [], []
    for x, y in ((rect.x0, rect.y0), (rect.x1, rect.y1)):
        dx, dy = x - seen.e, y - seen.f
        xs.append(seen.a * dx + seen.b * dy)
        ys.append(seen.c * dx + seen.d * dy)
    return Rect(min(xs), min(ys), max(xs), max(ys))
