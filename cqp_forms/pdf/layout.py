"""Lay text out in a rectangle: wrap, shrink, and say what is left over. Pure: no font, no PDF.

Widths come from a table of advances in thousandths of an em. A text is measured once, as running
sums, so that wrapping at any size costs a binary search a line.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat

#: Sizes that are tried, in points: what a form is comfortably read at, down to the floor.
SIZES = (10.0, 9.5, 9.0, 8.5, 8.0)
#: Those for a place that is itself printed for small type, such as the day of a date.
NARROW_SIZES = (*SIZES, 7.5, 7.0, 6.5, 6.0)

#: What does not begin a line, even after a plain space.
_CLOSING = frozenset("»:;?!")

#: Distance between baselines over the font size: room for Vietnamese capitals with two marks.
LEADING = 1.25


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is shown.

    Attributes:
        text: with the spaces at which it was wrapped, so that lines joined give the text again.
        starts: whether it begins what was typed as a line; else it continues the one before.
    """

    text: str
    starts: bool


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text laid out in a rectangle.

    Attributes:
        size: the font size, in points.
        lines: what is shown, in order.
        rest: what did not fit, in order; empty when all did.
    """

    size: float
    lines: tuple[Line, ...]
    rest: tuple[Line, ...] = ()

    @property
    def leading(self) -> float:
        """Distance between baselines, in points."""
        return self.size * LEADING


class Measured:
    """A text whose widths are known at any size.

    Args:
        text: lines separated by ``\\n``.
        advances: the advance of each character, in thousandths of an em. A character that is not
            in it counts for nothing; who stamps refuses it.
    """

    __slots__ = ("sums", "text")

    def __init__(self, text: str, advances: Mapping[str, int]) -> None:
        self.text = text
        self.sums = [0, *accumulate(map(advances.get, text, repeat(0)))]

    def width(self, size: float) -> float:
        """The width of the whole text set on one line, in points."""
        return self.sums[-1] * size / 1000

    def wrap(self, width: float, size: float, start: int = 0, *, fresh: bool = True) -> list[Line]:
        """Wrap into lines no wider than ``width`` points; trailing spaces may stick out.

        Lines break at spaces, never at an unbreakable one, nor inside « » or before : ; ? ! ; words
        only when they are longer than a line. Typed line breaks, empty lines and repeated spaces
        are kept.

        Args:
            start: index of the first character to take.
            fresh: whether the first line begins what was typed as a line.
        """
        limit = width * 1000 / size
        lines: list[Line] = []
        total = len(self.text)
        while start <= total:
            end = self.text.find("\n", start)
            end = total if end < 0 else end
            lines.extend(self._paragraph(start, end, limit, fresh))
            start, fresh = end + 1, True
        return lines

    def _paragraph(self, start: int, end: int, limit: float, fresh: bool) -> Iterator[Line]:
        while True:
            stop = self._stop(start, end, limit)
            yield Line(self.text[start:stop], fresh)
            if stop >= end:
                return
            start, fresh = stop, False

    def _stop(self, start: int, end: int, limit: float) -> int:
        """Where the line that begins at ``start`` ends."""
        # Half a unit: sums are whole, but a limit made from points may fall just below one.
        reach = bisect_right(self.sums, self.sums[start] + limit + 0.5, start, end + 1) - 1
        if reach >= end:
            return end
        space = self.text.rfind(" ", start, reach + 1)
        while space > start and self._clings(space):
            space = self.text.rfind(" ", start, space)
        if space >= 0 and self.text[start:space].strip(" "):
            return self._past_spaces(space, end)
        if self.text[start : reach + 1].strip(" ") == "":
            return self._past_spaces(max(reach, start), end)
        stop = max(reach, start + 1)
        while stop > start + 1 and unicodedata.combining(self.text[stop]):
            stop -= 1
        while stop < end and unicodedata.combining(self.text[stop]):
            stop += 1
        return stop

    def _clings(self, space: int) -> bool:
        """Whether French keeps together what a typed space parts: « quoted », and marks : ; ? !."""
        return self.text[space + 1 : space + 2] in _CLOSING or self.text[space - 1] == "«"

    def _past_spaces(self, index: int, end: int) -> int:
        while index < end and self.text[index] == " ":
            index += 1
        return index


def joined(lines: Iterable[Line]) -> str:
    """The text that the lines show."""
    parts: list[str] = []
    for rank, line in enumerate(lines):
        if line.starts and rank:
            parts.append("\n")
        parts.append(line.text)
    return "".join(parts)


#: What ends a sentence, before closing marks.
_STOPS = (".", "!", "?", "…")


def sentence_end(lines: Sequence[Line], count: int) -> int:
    """After how many of the first ``count`` lines to turn the page: at the end of a paragraph.

    Where no paragraph ends there, at a line that ends with a sentence; in a long sentence, as late
    as possible. Never less than half of what there is room for.
    """
    if len(lines) <= count:
        return count
    ends = range(count, max(1, count // 2), -1)
    stops = (one for one in ends if lines[one].starts)
    full = (one for one in ends if lines[one - 1].text.rstrip(" »\u00a0").endswith(_STOPS))
    return next(stops, None) or next(full, count)


def capacity(height: float, size: float) -> int:
    """How many lines of that size a rectangle of that height (in points) takes."""
    # One line needs its own height; each further one needs a leading.
    return max(0, int((height - size) / (size * LEADING) + 1e-6) + 1) if height >= size else 0


def fit(measured: Measured, width: float, height: float, reserve: int = 1) -> Fitted:
    """Wrap a text into a rectangle at the largest size that takes it whole.

    Args:
        width: of the room for text, in points.
        height: likewise.
        reserve: lines to keep free for the mention of the annex when the text does not fit.
    """
    for size in SIZES:
        room = capacity(height, size)
        # No line can hold more than the width: skip sizes that cannot do without wrapping first.
        if measured.width(size) > (room + 1) * width:
            continue
        lines = measured.wrap(width, size)
        if len(lines) <= room:
            return Fitted(size, tuple(lines))
    size = SIZES[-1]
    lines = measured.wrap(width, size)
    shown = max(0, capacity(height, size) - reserve)
    shown = sentence_end(lines, shown) if shown else 0
    return Fitted(size, tuple(lines[:shown]), tuple(lines[shown:]))


def fit_line(
    measured: Measured, width: float, tail: float = 0.0, sizes: Sequence[float] = SIZES
) -> Fitted:
    """Set a text on one line at the largest size that takes it whole; else its beginning.

    Args:
        width: of the line, in points.
        tail: width kept free after the beginning, in thousandths of an em, for the mention of the
            annex.
        sizes: those to try, from the largest.
    """
    if "\n" not in measured.text:
        for size in sizes:
            if measured.width(size) <= width:
                return Fitted(size, (Line(measured.text, True),))
    size = sizes[-1]
    head = measured.text.partition("\n")[0]
    limit = width * 1000 / size - tail
    stop = max(0, bisect_right(measured.sums, limit, 0, len(head) + 1) - 1)
    space = head.rfind(" ", 0, stop + 1)
    if stop < len(head) and space > stop // 2:
        stop = space
    while 0 < stop < len(head) and unicodedata.combining(head[stop]):
        stop -= 1
    whole = tuple(measured.wrap(width, size))
    return Fitted(size, (Line(head[:stop].rstrip(), True),), whole)
