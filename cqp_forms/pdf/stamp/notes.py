"""Mentions on the cover and in the margins, and the pages' codes, where nothing is printed.

Where that is cannot be told from the page's text alone (rules, tints, images): the blank's pages
are rendered once, small, and only for the first document that carries a mention.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import TYPE_CHECKING

from cqp_forms.fonts import Weight
from cqp_forms.mapping import Rect
from cqp_forms.pagecode import ROOM, SIDE, Symbol
from cqp_forms.pdf.geometry import View
from cqp_forms.pdf.layout import LEADING
from cqp_forms.pdf.stamp.overlay import (
    FontUsage,
    frame,
    measure,
    mention,
    middle_baseline,
    written,
)

if TYPE_CHECKING:
    from PIL.Image import Image

#: Pixels a point when looking for free strips.
_SCALE = 0.5
#: What counts as paper: a tint is not.
_PAPER = 250
#: Printers do not reach nearer to the edge, in points.
_EDGE = 14.0
_GAP = 2.0
#: How finely a place for the code is looked for, in points.
_STEP = 3.0
#: The left side and the head of a page are taken for the code when they are so much freer.
_LEANING = 12.0
#: Points from a corner within which nearly every page has room for it.
_NEAR = 90.0


@dataclass(frozen=True, slots=True)
class Strip:
    """A free strip of a page, as the reader sees it.

    Attributes:
        rect: in points from the visible page's bottom left.
        upright: whether text runs along the page's side, from bottom to top.
    """

    rect: Rect
    upright: bool = False


@dataclass(frozen=True)
class FreeSpace:
    """What of a page nothing is printed on, nor will be.

    Attributes:
        inked: 255 where there is ink, else 0; rows from the top.
        scale: its pixels a point.
    """

    inked: Image
    scale: float

    def without(self, rect: Rect) -> FreeSpace:
        """What is left once a rectangle is taken."""
        from PIL import ImageDraw

        inked = self.inked.copy()
        ImageDraw.Draw(inked).rectangle(self._box(rect), fill=255)
        return FreeSpace(inked, self.scale)

    def is_free(self, rect: Rect) -> bool:
        """Whether nothing is in a rectangle."""
        return self.inked.crop(self._box(rect)).getbbox() is None

    def _box(self, rect: Rect) -> tuple[int, int, int, int]:
        high = self.inked.height
        return (
            int(rect.x0 * self.scale), int(high - rect.y1 * self.scale),
            ceil(rect.x1 * self.scale), ceil(high - rect.y0 * self.scale),
        )  # fmt: skip

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page as seen, in points."""
        return self.inked.width / self.scale, self.inked.height / self.scale

    def rows(self, x0: float, x1: float) -> list[tuple[float, float]]:
        """Runs of free rows between two abscissas: (bottom, top) in points, from the bottom up."""
        left = int(x0 * self.scale)
        band = (left, 0, max(int(x1 * self.scale), left + 1), self.inked.height)
        _, inked = self.inked.crop(band).getprojection()
        return self._runs(inked[::-1])

    def columns(self, y0: float, y1: float) -> list[tuple[float, float]]:
        """Runs of free columns between two ordinates: (left, right) in points."""
        high = self.inked.height
        band = (
            0,
            max(0, high - int(y1 * self.scale)),
            self.inked.width,
            high - int(y0 * self.scale),
        )
        inked, _ = self.inked.crop(band).getprojection()
        return self._runs(inked)

    def _runs(self, inked: Sequence[int]) -> list[tuple[float, float]]:
        runs, start = [], None
        for index, one in enumerate([*inked, 1]):
            if not one and start is None:
                start = index
            elif one and start is not None:
                runs.append((start / self.scale, index / self.scale))
                start = None
        return runs


def free_spaces(document: bytes, taken: Mapping[int, Sequence[Rect]]) -> list[FreeSpace]:
    """Where the pages of a blank have room.

    Args:
        document: the blank.
        taken: rectangles that will be filled, by page from 0, in points of the page as seen.
    """
    from PIL import ImageDraw

    from cqp_forms.pdf.raster import Raster, RenderedParts

    spaces = []
    with Raster(document) as pages:
        for number in range(len(pages)):
            picture = pages.picture(number, _SCALE, RenderedParts.CONTENT)
            grey = picture.image.convert("L")
            inked = grey.point([255] * _PAPER + [0] * (256 - _PAPER))
            pen = ImageDraw.Draw(inked)
            for rect in taken.get(number, ()):
                pen.rectangle(picture.box(rect), fill=255)
            spaces.append(FreeSpace(inked, picture.scale))
    return spaces


@dataclass(frozen=True)
class Room:
    """Where an edition's additions go.

    Attributes:
        cover: the strip of the cover's mention.
        margins: that of each page's mention.
        codes: the square of each page's code, its quiet zone left out; ``None`` without room.
    """

    cover: Strip
    margins: tuple[Strip, ...]
    codes: tuple[Rect | None, ...]


def room(spaces: Sequence[FreeSpace], coded: bool) -> Room:
    """Share the free places of a blank's pages out.

    Args:
        coded: whether pages carry a code; mentions of documents without lie as they always did.
    """
    codes: list[Rect | None] = [None] * len(spaces)
    left = list(spaces)
    for number, space in enumerate(spaces if coded else ()):
        square = code_square(space)
        if square is not None:
            codes[number] = _grown(square, (SIDE - ROOM) / 2)
            left[number] = space.without(square)
    # The cover has both mentions: its margin is taken when the larger one looks for room.
    return Room(cover_strip(left[0]), tuple(margin_strip(one) for one in left), tuple(codes))


def code_square(space: FreeSpace) -> Rect | None:
    """The free square nearest to a corner of the page, its foot and its right side first."""
    wide, high = space.size
    for near in (True, False):
        for x, y in _places(wide, high, near):
            square = Rect(x, y, x + ROOM, y + ROOM)
            if space.is_free(square):
                return square
    return None


def code_at(x: float, y: float) -> Rect:
    """The square of a code whose lower left corner is there, its quiet zone left out."""
    return Rect(x, y, x + SIDE, y + SIDE)


@cache
def _places(wide: float, high: float, near: bool) -> Sequence[tuple[float, float]]:
    """Where a square may lie on a page of that size, the best first; most pages have room near."""
    # The quiet zone is paper: it may lie where printers do not reach.
    edge = _EDGE - (ROOM - SIDE) / 2
    ups = [(min(y, high - ROOM - y + _LEANING), y) for y in _steps(edge, high - edge - ROOM)]
    found = [
        (far, x, y)
        for x in _steps(edge, wide - edge - ROOM)
        for across in (min(wide - ROOM - x, x + _LEANING),)
        for up, y in ups
        if ((far := across + up) <= _NEAR) is near
    ]
    return [(x, y) for _, x, y in sorted(found)]


def _steps(start: float, end: float) -> list[float]:
    return [start + rank * _STEP for rank in range(int((end - start) / _STEP) + 1)]


def _grown(rect: Rect, by: float) -> Rect:
    return Rect(rect.x0 - by, rect.y0 - by, rect.x1 + by, rect.y1 + by)


def page_code(code: Symbol, square: Rect, view: View) -> str:
    """A symbol drawn as filled squares, in a square of the page as the reader sees it."""
    where = frame(frame(view.crop, view.rotate).rect(*_corners(square)), view.rotate)
    size = where.width / code.modules
    turn = " ".join(f"{one * size:.4f}" for one in (where.a, where.b, where.c, where.d))
    squares = " ".join(f"{one.x} {code.modules - 1 - one.y} {one.length} 1 re" for one in code.runs)
    return f"q /Artifact BMC 0 g {turn} {written(where.e, where.f)} cm {squares} f EMC Q\n"


def _corners(rect: Rect) -> tuple[float, float, float, float]:
    return rect.x0, rect.y0, rect.x1, rect.y1


def margin_strip(space: FreeSpace) -> Strip:
    """Where a page's margin takes one small line: its foot, its head, its sides, then anywhere."""
    wide, high = space.size
    left, right = wide * 0.1, wide * 0.9
    need = 8.0
    rows = space.rows(left, right)
    for low, top in rows:
        bottom, upper = max(low + _GAP, _EDGE), min(top - _GAP, high - _EDGE)
        at_edge = low <= _EDGE or top >= high - _EDGE
        if at_edge and upper - bottom >= need:
            thick = min(12.0, upper - bottom)
            # Near the edge, as margins are, however far the free part reaches into the page.
            foot = max(bottom, min(upper - thick, _EDGE + 6))
            if low > _EDGE:
                foot = min(upper - thick, max(bottom, high - _EDGE - 6 - thick))
            return Strip(Rect(left, foot, right, foot + thick))
    for first, last in space.columns(high * 0.15, high * 0.85):
        start, end = max(first + _GAP, _EDGE), min(last - _GAP, wide - _EDGE)
        if end - start >= need and (first <= _EDGE or last >= wide - _EDGE):
            side = Rect(end - need, high * 0.15, end, high * 0.85)
            if first > _EDGE:
                side = Rect(start, high * 0.15, start + need, high * 0.85)
            return Strip(side, upright=True)
    inner = [one for one in rows if one[1] - one[0] >= need + 2 * _GAP]
    if inner:
        low, top = inner[0]
        return Strip(Rect(left, low + _GAP, right, min(top - _GAP, low + _GAP + 12)))
    return Strip(Rect(left, _EDGE, right, _EDGE + need))


def cover_strip(space: FreeSpace) -> Strip:
    """The highest free strip of the cover, inside its margins."""
    wide, high = space.size
    left, right = wide * 0.12, wide * 0.88
    rows = [
        (max(low, 3 * _EDGE), min(top, high - 3 * _EDGE)) for low, top in space.rows(left, right)
    ]
    low, top = max(rows, key=lambda one: one[1] - one[0], default=(0.0, 0.0))
    if top - low < 3 * _GAP + 8:
        return margin_strip(space)
    return Strip(Rect(left, low + _GAP, right, top - _GAP))


def margin_note(text: str, strip: Strip, view: View, usage: FontUsage) -> str:
    """One line in a margin, centred, shrunk to the strip."""
    page = frame(view.crop, view.rotate)
    # Along the side, text runs upwards: as on a page turned by a quarter.
    where = frame(
        page.rect(strip.rect.x0, strip.rect.y0, strip.rect.x1, strip.rect.y1),
        view.rotate + (90 if strip.upright else 0),
    )
    wide = measure(text).width(1)
    size = round(min(7.5, where.width / wide, where.height / 1.1), 2) if wide else 7.5
    x = (where.width - wide * size) / 2
    return mention(text, size, where, x, middle_baseline(where.height, size), usage, "Artifact")


def cover_note(text: str, strip: Strip, view: View, usage: FontUsage) -> str:
    """The whole mention in a thin frame, centred, at the head of the strip."""
    page = frame(view.crop, view.rotate)
    pad = 8.0
    width, room = strip.rect.width - 2 * pad, strip.rect.height
    measured = measure(text, Weight.BOLD)
    size = 11.0
    lines = measured.wrap(width, size)
    while len(lines) * size * LEADING + 2 * pad > room and size > 5:
        size -= 0.5
        lines = measured.wrap(width, size)
    high = min(room, len(lines) * size * LEADING + 2 * pad)
    top = strip.rect.y1 - (room - high) * 0.25
    box = page.rect(strip.rect.x0, top - high, strip.rect.x1, top)
    where = frame(box, view.rotate)
    first = where.height - (where.height - len(lines) * size * LEADING) / 2 - size
    shown = []
    for rank, line in enumerate(lines):
        em = measure(line.text.rstrip(" "), Weight.BOLD).width(size)
        matrix = where.matrix((where.width - em) / 2, first - rank * size * LEADING)
        shown.append(f"{matrix} Tm {usage.show(line.text, size, Weight.BOLD)}")
    edge = written(box.x0, box.y0, box.width, box.height)
    return f"q 0.8 w {edge} re S Q /Artifact BMC BT {' '.join(shown)} ET EMC\n"


def plain_strip(width: float) -> Strip:
    """The margin strip at the foot of such a page."""
    return Strip(Rect(width * 0.1, _EDGE, width * 0.9, _EDGE + 10))


def plain_square(view: View) -> Rect:
    """The square of the code at the right of the foot of such a page."""
    x1 = view.size[0] - _EDGE
    return Rect(x1 - SIDE, _EDGE, x1, _EDGE + SIDE)
