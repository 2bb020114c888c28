"""Tick boxes that are printed: drawn squares and box glyphs, decoys left out.

Where a glyph's text does not say what it is, its ink is looked at.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2.raw as pdfium

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.combs import without_combs
from cqp_forms.pdf.detect.model import (
    PageContent,
    Paint,
    Rule,
    Shape,
    Word,
    same_row,
    shared_height,
    shared_width,
)
from cqp_forms.pdf.detect.tables import Nearby, touching
from cqp_forms.pdf.detect.text import Phrase, rows_of
from cqp_forms.pdf.geometry import View, union
from cqp_forms.shown import Mark
from cqp_forms.ticksigns import CROSSES, box, drawn, family

_SMALLEST, _LARGEST = 4.5, 30.0  # sides of a tick box, in points
#: Characters that are boxes or bullets, and those that a mark would not show on.
#: Why a round character may be no box.
ROUND = "un rond : case à cocher, ou puce ?"
_ROUNDS, _FULL = "○◯⚪❍", "■◼⬛"
_LEAST_ROUND, _LEAST_FULL = 5.0, 6.0  # smaller ones are bullets, in points
_LEAST_CIRCLE = 6.5
_LEAST_FACE, _LARGEST_FACE = 8.0, 60.0  # sides of a picture over a column, in points

_ON_EDGE = 1.5
_SCALE = 4.0  # pixels a point: a box of 5 points has 20
_INK = 205  # of 255: darker pixels are ink
_WHITE = 0xFFFFFFFF
_FLAGS = pdfium.FPDF_GRAYSCALE


@dataclass(frozen=True, slots=True)
class PrintedBox:
    """A box printed on the page, upright.

    Attributes:
        doubt: why it may be none, in French.
        unfillable: why it can hold no mark, in French.
        rounded: whether it is a circle, which excludes its neighbours, or is a list's mark.
    """

    rect: Rect
    state: Mark = Mark.OFF
    doubt: str = ""
    unfillable: str = ""
    rounded: bool = False


def printed_boxes(page: PageContent) -> tuple[list[PrintedBox], list[Rect]]:
    """The boxes of a page, and the comb cells and other squares that are none.

    Returns:
        Boxes from the top, and decoys: what looks like a box and belongs to a comb.
    """
    glyphs = list(_glyphs(page))
    runs = touching(one.rect for one in page.rules if one.flat)
    edges = [union(run) for run in runs if max(one.width for one in run) > _LARGEST + 2]
    squares = [*_drawn(page), *_four_rules(page.rules)]
    squares = _distinct(one for one in squares if not _is_cell(one, edges))
    boxes, decoys = without_combs(squares, page.words)
    _, cells = without_combs([one.rect for one in glyphs], page.words)
    glyphs = [one for one in glyphs if one.rect not in cells]
    framed = [one for one in boxes if _holds_letter(one, page.words)]
    decoys += [*framed, *cells]
    boxes = [one for one in boxes if one not in framed]
    circles = [shape.rect for shape in page.shapes if shape.round]
    frames = [
        PrintedBox(rect, _inked(rect, page), rounded=rect in circles)
        for rect in boxes
        if not any(_covers(one.rect, rect) for one in glyphs)
        and not _among_letters(rect, page.shapes)
    ]
    known = [*(one.rect for one in [*frames, *glyphs]), *decoys]
    return [*frames, *glyphs, *_pictured(page, known)], decoys


def _glyphs(page: PageContent) -> Iterable[PrintedBox]:
    """Box characters; rounds and full squares only where a wording follows, as after a box."""
    starts = [word.rect for word in page.words if any(char.isalnum() for char in word.text)]
    for word in page.words:
        if (mark := box(word.text, word.font)) is not None:
            yield PrintedBox(word.ink, mark)
            continue
        shown = drawn(word.text, word.font) if len(word.text) == 1 else ""
        beside = shown in _ROUNDS and any(
            one is not word and same_row(one.ink, word.ink)
            for one in page.words
            if one.text == word.text
        )
        if not shown or not (beside or _named(word.ink, starts)):
            continue
        if shown in _ROUNDS and word.ink.height >= _LEAST_ROUND:
            yield PrintedBox(word.ink, doubt=ROUND, rounded=True)
        elif shown in _FULL and word.ink.height >= _LEAST_FULL:
            yield PrintedBox(word.ink, unfillable="carré plein")


def _pictured(page: PageContent, known: Sequence[Rect]) -> Iterable[PrintedBox]:
    """Small square pictures that a wording follows, as after a box."""
    starts = [word.rect for word in page.words if any(char.isalnum() for char in word.text)]
    for one in _distinct(filter(_square, page.pictures)):
        covered = any(_covers(one, other) for other in known)
        if one.height >= _LEAST_FULL and not covered and _named(one, starts):
            yield PrintedBox(one, unfillable="image")


def faces(page: PageContent) -> list[Phrase]:
    """Pictures of one size in a row, no wording between: what stands over a grid of faces.

    Each is named by its rank from the left (« Image 1 »): nothing says what it shows.
    """
    starts = [word.rect for word in page.words if any(char.isalnum() for char in word.text)]
    small = [
        one
        for one in _distinct(page.pictures)
        if min(one.width, one.height) >= _LEAST_FACE
        and max(one.width, one.height) <= _LARGEST_FACE
        and not _named(one, starts)
    ]
    found: list[Phrase] = []
    for row in rows_of(small):
        sizes = [small[index].height for index in row]
        band = union(small[index] for index in row)
        worded = any(band.contains(*word.rect.centre) for word in page.words)
        if len(row) > 1 and max(sizes) < 1.3 * min(sizes) and not worded:
            found += (
                Phrase(f"Image {rank}", small[index], False, small[index].height)
                for rank, index in enumerate(row, 1)
            )
    return found


def _named(box: Rect, wordings: Sequence[Rect]) -> bool:
    return any(
        -1 <= one.x0 - box.x1 < 14 and shared_height(one, box) > 0.4 * box.height
        for one in wordings
    )


def _holds_letter(square: Rect, words: Sequence[Word]) -> bool:
    """Whether a frame shows a letter or a number: a mark of the form, no box to tick."""
    return any(
        square.contains(*word.ink.centre) and word.text.isalnum() and word.text not in CROSSES
        for word in words
        if len(word.text) <= 2
    )


def _square(rect: Rect) -> bool:
    small, large = sorted((rect.width, rect.height))
    return small >= _SMALLEST and large <= _LARGEST and small >= 0.8 * large


def _drawn(page: PageContent) -> Iterable[Rect]:
    for shape in page.shapes:
        if shape.round and shape.paint is Paint.FRAME and shape.rect.width >= _LEAST_CIRCLE:
            if _square(shape.rect):
                yield shape.rect
            continue
        if not shape.boxy or not _square(shape.rect):
            continue
        # A light square with no outline is seen only when it is tinted.
        if shape.paint is Paint.FRAME or (shape.paint is Paint.LIGHT and shape.tint < 0.95):
            yield shape.rect


def _four_rules(rules: Sequence[Rule]) -> Iterable[Rect]:
    """Squares drawn side by side as four strokes or four thin bars."""
    flat = [one.rect for one in rules if one.flat and _SMALLEST <= one.rect.width <= _LARGEST + 2]
    tall = [
        one.rect for one in rules if not one.flat and _SMALLEST <= one.rect.height <= _LARGEST + 2
    ]
    for top in flat:
        left, right = _hanging(tall, top.x0, top), _hanging(tall, top.x1, top)
        if left is None or right is None:
            continue
        base = min(left.y0, right.y0)
        if any(
            abs(one.y0 - base) < 2 and abs(one.x0 - top.x0) < 2 and abs(one.x1 - top.x1) < 2
            for one in flat
            if one is not top
        ):
            found = Rect(min(top.x0, left.x0), base, max(top.x1, right.x1), top.y1)
            if _square(found):
                yield found


def _is_cell(square: Rect, edges: Sequence[Rect]) -> bool:
    """Whether a table's lines run along the top and the base of a square."""
    return all(
        any(
            abs(one.centre[1] - y) < _ON_EDGE
            and one.x0 <= square.x0 + _ON_EDGE
            and one.x1 >= square.x1 - _ON_EDGE
            for one in edges
        )
        for y in (square.y0, square.y1)
    )


def _hanging(tall: Sequence[Rect], x: float, top: Rect) -> Rect | None:
    """The upright rule that hangs from one end of a flat one."""
    return next((one for one in tall if abs(one.x0 - x) < 2 and abs(one.y1 - top.y0) < 2), None)


def _covers(one: Rect, other: Rect) -> bool:
    x, y = one.centre
    p, q = other.centre
    return other.contains(x, y) or one.contains(p, q)


def _distinct(squares: Iterable[Rect]) -> list[Rect]:
    """One square for each place: a ground and its outline are drawn separately."""
    kept: list[Rect] = []
    near = Nearby()
    for one in sorted(squares, key=lambda rect: -rect.width * rect.height):
        if not any(_covers(one, kept[index]) for index in near.around(one)):
            near.add(len(kept), one)
            kept.append(one)
    return kept


def _among_letters(rect: Rect, shapes: Sequence[Shape]) -> bool:
    """Whether a frame is a letter drawn as an outline: others stand close to it, in line."""
    near = [
        one
        for one in shapes
        if not one.boxy
        and one.paint is Paint.DARK
        and shared_height(one.rect, rect) > 0.4 * min(one.rect.height, rect.height)
        and one.rect.height < 2 * rect.height
        and -0.5 < -shared_width(one.rect, rect) < 0.45 * rect.width
    ]
    return bool(near)


def _inked(rect: Rect, page: PageContent) -> Mark:
    """Whether something is printed inside a drawn square."""
    inner = Rect(
        rect.x0 + 0.2 * rect.width,
        rect.y0 + 0.2 * rect.height,
        rect.x1 - 0.2 * rect.width,
        rect.y1 - 0.2 * rect.height,
    )
    for word in page.words:
        if inner.contains(*word.ink.centre) and word.ink.width < 1.6 * rect.width:
            return Mark.ON
    for shape in page.shapes:
        if (
            shape.paint is Paint.DARK
            and inner.contains(*shape.rect.centre)
            and shape.rect.width < 1.5 * rect.width
            and shape.rect.height < 1.5 * rect.height
        ):
            return Mark.ON
    return Mark.OFF


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
