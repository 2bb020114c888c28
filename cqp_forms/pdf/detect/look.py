"""Look at the ink of a page: what a glyph is when its text does not tell."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pypdfium2.raw as pdfium

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.model import Word
from cqp_forms.pdf.geometry import View
from cqp_forms.ticksigns import box, family

_SCALE = 4.0  # pixels a point: a box of 5 points has 20
_LARGEST = 30.0
_INK = 205  # of 255: darker pixels are ink
_WHITE = 0xFFFFFFFF
_FLAGS = pdfium.FPDF_GRAYSCALE


def recognised(page: Any, view: View, words: Sequence[Word]) -> tuple[Word, ...]:
    """The words, glyphs that look like an empty frame replaced by « ☐ ».

    The page is rendered once, and only when a glyph of a pictorial font, or one that the text does
    not tell (private use, no mapping), is not known by its code.
    """
    doubtful = [one for one in words if _doubtful(one)]
    if not doubtful:
        return tuple(words)
    picture = _Picture(page, view)
    inks = {id(one): picture.ink(one.ink) for one in doubtful}
    boxes = {key: ink for key, ink in inks.items() if ink and _hollow(picture.rows(ink))}
    return tuple(
        replace(one, text="☐", ink=boxes[id(one)]) if id(one) in boxes else one for one in words
    )


def _doubtful(word: Word) -> bool:
    if len(word.text) != 1 or box(word.text, word.font) is not None:
        return False
    code = ord(word.text)
    # A Type 3 font has no name, and draws what it likes.
    odd = bool(family(word.font)) or not word.font
    if not (odd or code < 0x20 or code == 0xFFFD or 0xE000 <= code <= 0xF8FF):
        return False
    ink = word.ink
    return 3 < ink.width < _LARGEST and 3 < ink.height < _LARGEST


def _hollow(rows: Sequence[bytes]) -> bool:
    """Whether a rendered glyph is an empty frame.

    Args:
        rows: one byte a pixel, 0 black to 255 white, cut to the ink; at least 12 by 12.
    """
    height = len(rows)
    width = len(rows[0]) if rows else 0
    if width < 12 or height < 12 or not 0.75 <= width / height <= 1.34:
        return False
    band = max(2, min(width, height) // 4)
    # A frame may be printed in grey: ink is what is nearer to it than to the paper.
    limit = (min(min(row) for row in rows) + 255) // 2
    columns = [bytes(row[index] for row in rows) for index in range(width)]
    sides = (rows[:band], rows[-band:], columns[:band], columns[-band:])
    for side in sides:
        # Each side has a line of ink along nearly its whole length.
        if max(sum(pixel < limit for pixel in line) / len(line) for line in side) < 0.8:
            return False
    inside = [row[band:-band] for row in rows[band:-band]]
    pixels = sum(len(row) for row in inside)
    return sum(pixel < limit for row in inside for pixel in row) <= 0.04 * pixels


class _Picture:
    """A page in shades of grey, upright."""

    def __init__(self, page: Any, view: View) -> None:
        self._height = view.size[1]
        self._columns = max(1, int(view.size[0] * _SCALE))
        self._lines = max(1, int(self._height * _SCALE))
        bitmap = pdfium.FPDFBitmap_CreateEx(
            self._columns, self._lines, pdfium.FPDFBitmap_Gray, None, 0
        )
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, self._columns, self._lines, _WHITE)
            pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, self._columns, self._lines, 0, _FLAGS)
            self._stride = pdfium.FPDFBitmap_GetStride(bitmap)
            size = self._stride * self._lines
            self._pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), size)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)

    def ink(self, rect: Rect) -> Rect | None:
        """The part of an upright rectangle that has ink: a font may give more than its glyph."""
        rows = self.rows(rect)
        inked = [index for index, row in enumerate(rows) if min(row, default=255) < _INK]
        if not inked:
            return None
        columns = [min(row[index] for row in rows) < _INK for index in range(len(rows[0]))]
        left = max(0, int(rect.x0 * _SCALE)) + columns.index(True)
        right = max(0, int(rect.x0 * _SCALE)) + len(columns) - columns[::-1].index(True)
        top = max(0, int((self._height - rect.y1) * _SCALE)) + inked[0]
        base = top + inked[-1] - inked[0] + 1
        return Rect(
            left / _SCALE,
            self._height - base / _SCALE,
            (right - 1) / _SCALE,
            self._height - top / _SCALE,
        )

    def rows(self, rect: Rect) -> list[bytes]:
        """The pixels of an upright rectangle, from the top."""
        left = max(0, int(rect.x0 * _SCALE))
        right = min(self._columns, int(rect.x1 * _SCALE) + 1)
        top = max(0, int((self._height - rect.y1) * _SCALE))
        base = min(self._lines, int((self._height - rect.y0) * _SCALE) + 1)
        return [
            self._pixels[line * self._stride + left : line * self._stride + right]
            for line in range(top, base)
        ]
