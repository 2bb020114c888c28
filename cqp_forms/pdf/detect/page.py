"""Read a page with PDFium: its words, rules and shapes, in upright space.

PDFium decodes any font and follows form XObjects, in C; a page takes some milliseconds. Nothing is
interpreted here: what a shape means is for the other modules.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from cqp_forms import ticksigns
from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.boxes import recognised
from cqp_forms.pdf.detect.model import PageContent, Rule, Shape, Word
from cqp_forms.pdf.detect.paths import PathReader
from cqp_forms.pdf.geometry import IDENTITY, Matrix, View, bounds, multiply, union

#: A run of these draws a line to write on, or cells.
LEADERS = re.compile(
    r"[._·‧…‐\-]{5,}|[….]*…[….]+|(?<=/)[._…]{2,}|[._…]{2,}(?=/)|(?:\|_{1,3}){2,}\|?"
)

_BOLD = re.compile(r"bold|black|heavy|semibold|demi|(?<![a-z])bd(?![a-z])", re.IGNORECASE)
_SUBSET = re.compile(r"^[A-Z]{6}\+")
#: Symbols stand alone: a box glued to the word after it is still a box.
_SYMBOLIC = re.compile(r"dingbat|wingding|webding|symbol", re.IGNORECASE)
_BOX_RANGES = ((0x2500, 0x27BF), (0x2B00, 0x2BFF), (0xE000, 0xF8FF), (0x1F700, 0x1FAFF))

#: White space of every width, and what has no width.
_BLANKS = frozenset(
    code for code in (*range(0x3001), 0xFEFF) if chr(code).isspace() or 0x200B <= code <= 0x200F
) | {0x2060, 0xFEFF}

_IMAGE, _PATH, _FORM = 3, 2, 5  # FPDF_PAGEOBJ_IMAGE, _PATH and _FORM
_FORM_DEPTH = 12


def read_page(document: Any, number: int) -> PageContent:
    """Read one page.

    Args:
        document: an open ``FPDF_DOCUMENT``.
        number: from 1.
    """
    page = pdfium.FPDF_LoadPage(document, number - 1)
    try:
        view = _view(page)
        words = recognised(page, view, tuple(_words(page, view)))
        rules, shapes, pictures = _graphics(page, view)
    finally:
        pdfium.FPDF_ClosePage(page)
    width, height = view.size
    area = sum(one.width * one.height for one in pictures)
    pictured = min(1.0, area / max(width * height, 1.0))
    return PageContent(number, view, words, rules, shapes, pictured, pictures)


def _view(page: Any) -> View:
    rotate = (pdfium.FPDFPage_GetRotation(page) % 4) * 90
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    # FPDF_GetPageBoundingBox is the crop box cut to the media box: what the reader sees.
    found = pdfium.FS_RECTF()
    if pdfium.FPDF_GetPageBoundingBox(page, found):
        box = Rect(found.left, found.bottom, found.right, found.top)
    elif pdfium.FPDFPage_GetMediaBox(page, left, bottom, right, top):
        box = Rect(left.value, bottom.value, right.value, top.value)
    else:
        box = Rect(0, 0, 612, 792)
    return View(box, rotate)


class _Char:
    """One glyph; mutable state is not shared, slots keep a page cheap."""

    __slots__ = ("bold", "font", "ink", "rect", "text")

    def __init__(self, text: str, rect: Rect, ink: Rect, font: str, bold: bool) -> None:
        self.text = text
        self.rect = rect
        self.ink = ink
        self.font = font
        self.bold = bold

    @property
    def alone(self) -> bool:
        """Whether it never joins a word: a pictorial sign."""
        code = ord(self.text[0])
        return bool(_SYMBOLIC.search(self.font)) or any(a <= code <= b for a, b in _BOX_RANGES)


def _words(page: Any, view: View) -> Iterator[Word]:
    text = pdfium.FPDFText_LoadPage(page)
    try:
        pending: list[_Char] = []
        for char in _chars(text, view):
            if pending and (char is None or not _joined(pending[-1], char)):
                yield from _finished(pending)
                pending = []
            if char is not None:
                pending.append(char)
        if pending:
            yield from _finished(pending)
    finally:
        pdfium.FPDFText_ClosePage(text)


def _chars(text: Any, view: View) -> Iterator[_Char | None]:
    """The glyphs in order, ``None`` for what separates words."""
    loose = pdfium.FS_RECTF()
    sides = [ctypes.c_double() for _ in range(4)]
    buffer = ctypes.create_string_buffer(160)
    flags = ctypes.c_int()
    turned = math.radians(view.rotate)  # glyph angles count clockwise too, from the user space
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = _code(text, index)
        if 0xDC00 <= code <= 0xDFFF:
            continue  # the second half of a surrogate pair
        pdfium.FPDFText_GetCharBox(text, index, *sides)
        left, right, bottom, top = (side.value for side in sides)
        # What extraction calls a space may still be a glyph with ink, in a pictorial font.
        blank = code in _BLANKS and right - left < 1
        if blank or pdfium.FPDFText_IsGenerated(text, index) == 1:
            yield None
            continue
        if not pdfium.FPDFText_GetLooseCharBox(text, index, loose):
            continue
        # Text that runs up or down the page names no box beside it.
        if math.cos(pdfium.FPDFText_GetCharAngle(text, index) + turned) < 0.9:
            continue
        pdfium.FPDFText_GetFontInfo(text, index, buffer, 160, flags)
        font = _SUBSET.sub("", buffer.value.decode("utf-8", "replace"))
        if code in _BLANKS and not ticksigns.family(font):
            yield None
            continue
        bold = bool(_BOLD.search(font)) or bool(flags.value & (1 << 18))
        yield _Char(
            chr(code) if code and not 0xD800 <= code <= 0xDBFF else "\ufffd",
            view.rect(Rect(loose.left, loose.bottom, loose.right, loose.top)),
            view.rect(Rect(left, bottom, right, top)),
            font,
            bold,
        )


def _code(text: Any, index: int) -> int:
    """The character at an index; PDFium gives one beyond U+FFFF as two halves, in UTF-16."""
    code = int(pdfium.FPDFText_GetUnicode(text, index))
    if 0xD800 <= code <= 0xDBFF:
        low = int(pdfium.FPDFText_GetUnicode(text, index + 1))
        if 0xDC00 <= low <= 0xDFFF:
            return 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00
    return code


def _joined(one: _Char, other: _Char) -> bool:
    if one.alone or other.alone:
        return False
    size = max(one.rect.height, 1.0)
    gap = other.rect.x0 - one.rect.x1
    # The letters of a ligature share one place.
    onward = other.rect.x0 > one.rect.x0 - 0.3 * size
    return onward and gap < 0.22 * size and abs(one.rect.y0 - other.rect.y0) < 0.45 * size


def _finished(chars: list[_Char]) -> Iterator[Word]:
    """One word, cut where a run of dots begins or ends (« Nom:……… »)."""
    text = "".join(char.text for char in chars)
    cuts = {0, len(chars)}
    if len(text) == len(chars):
        for run in LEADERS.finditer(text):
            cuts |= {run.start(), run.end()}
    marks = sorted(cuts)
    for start, end in pairwise(marks):
        part = chars[start:end]
        yield Word(
            "".join(char.text for char in part),
            union(char.rect for char in part),
            union(char.ink for char in part),
            part[0].font,
            all(char.bold for char in part),
        )


def _graphics(
    page: Any, view: View
) -> tuple[tuple[Rule, ...], tuple[Shape, ...], tuple[Rect, ...]]:
    reader = PathReader(view)
    images: list[Rect] = []
    count = pdfium.FPDFPage_CountObjects(page)
    stack: list[tuple[Any, Matrix, int]] = [
        (pdfium.FPDFPage_GetObject(page, index), IDENTITY, 0) for index in range(count - 1, -1, -1)
    ]
    while stack:
        item, matrix, depth = stack.pop()
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == _PATH:
            reader.add(item, matrix)
        elif kind == _IMAGE:
            images.append(_image(item, matrix, view))
        elif kind == _FORM and depth < _FORM_DEPTH:
            inner = multiply(_matrix(item), matrix)
            stack.extend(
                (pdfium.FPDFFormObj_GetObject(item, index), inner, depth + 1)
                for index in range(pdfium.FPDFFormObj_CountObjects(item) - 1, -1, -1)
            )
    return *reader.result(), tuple(images)


def _matrix(item: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, found)
    return found.a, found.b, found.c, found.d, found.e, found.f


def _image(item: Any, matrix: Matrix, view: View) -> Rect:
    """Where an image shows: the unit square through its matrix, cut to the page."""
    a, b, c, d, e, f = multiply(_matrix(item), matrix)
    corners = [(e, f), (a + e, b + f), (c + e, d + f), (a + c + e, b + d + f)]
    box = bounds([view.point(x, y) for x, y in corners])
    width, height = view.size
    x0, y0 = min(max(box.x0, 0), width), min(max(box.y0, 0), height)
    return Rect(x0, y0, max(x0, min(box.x1, width)), max(y0, min(box.y1, height)))
