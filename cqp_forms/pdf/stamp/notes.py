"""Mentions on the cover and in the margins, where the blank has nothing printed.

Where that is cannot be told from the page's text alone (rules, tints, images): the blank's pages
are rendered once, small, and only for the first document that carries a mention.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.fonts import Weight
from cqp_forms.mapping import Rect
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

    from cqp_forms.pdf.raster import Paint, Raster

    spaces = []
    with Raster(document) as pages:
        for number in range(len(pages)):
            picture = pages.picture(number, _SCALE, Paint.CONTENT)
            grey = picture.image.convert("L")
            inked = grey.point([255] * _PAPER + [0] * (256 - _PAPER))
            pen = ImageDraw.Draw(inked)
            for rect in taken.get(number, ()):
                pen.rectangle(picture.box(rect), fill=255)
            spaces.append(FreeSpace(inked, picture.scale))
    return spaces


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
