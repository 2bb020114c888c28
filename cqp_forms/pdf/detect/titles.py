"""Columns of a page and headings: in which order it is read, which title stands above each box."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cqp_forms.mapping import Rect
from cqp_forms.matching.wording import heads_a_column
from cqp_forms.pdf.detect.model import shared_height, shared_width
from cqp_forms.pdf.detect.tables import TableCell, holding
from cqp_forms.pdf.detect.text import Phrase, body_size, choice, rows_of
from cqp_forms.pdf.detect.widgets import Spot
from cqp_forms.pdf.geometry import union
from cqp_forms.typography import folded

#: Columns of text are so far apart, in points; each has so many boxes and areas, and lines of prose
#: of so many letters beside lines of the other.
_GUTTER, _FEW, _LEVEL, _PROSE = 10.0, 2, 4, 12
_FAR = 1e6
_RANK = re.compile(r"([0-9]{1,2}) ?[.)°/-]")
_LARGER = 1.3  # a title may stand beside what is so much smaller
#: « 2. Objectifs », « IV – Bilan », « B) Avis »: a title, even over the place that it names.
_NUMBERED = re.compile(r"(\d{1,2}|[IVX]{1,4}|[A-H])( ?[.)/:°]| [–—-]) ?[^\W\d_]")
_LONGEST = 260  # characters of a title
_RUNNING = 3  # a text at one place on so many pages is a running header or footer


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page in which two blocks stand side by side, parted at ``gutter``."""

    gutter: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Where a page has blocks side by side; regions from the top.

    Attributes:
        headed: whether each block has a title of its own, which ends with the region.
    """

    regions: tuple[Region, ...] = ()
    headed: bool = False

    def block(self, rect: Rect) -> tuple[int, int]:
        """The block that something stands in; blocks are read in that order."""
        x, y = rect.centre
        for rank, one in enumerate(self.regions):
            if y > one.top:
                return 2 * rank, 0
            if y > one.bottom:
                return 2 * rank + 1, int(x > one.gutter)
        return 2 * len(self.regions), 0

    def ends(self, block: int) -> bool:
        """Whether the titles of a block hold for that block alone."""
        return self.headed and block % 2 == 1


def columns_of(
    spots: Sequence[Spot],
    printed: Sequence[Phrase],
    others: Iterable[SideBySide],
    cells: Sequence[TableCell] = (),
    blocks: Sequence[Rect] = (),
) -> SideBySide:
    """Find the blocks side by side of a page: no box is parted from its wording by them.

    Args:
        spots: the page's, labelled.
        others: the columns of other pages: those of a document are alike.
        cells: the page's: a block in one ends with it.
        blocks: those with a title and several places of their own.
    """
    units = [union([spot.rect, *spot.words]) for spot in spots]
    known = {one.gutter for each in others for one in each.regions if one.top >= _FAR - 1}
    gutter = _gutter(units, printed)
    if gutter is None:
        gutter = next((one for one in sorted(known) if _parts(one, units, printed)), None)
    if gutter:
        across = sorted(
            (one.rect.centre[1] for one in printed if one.rect.x0 < gutter < one.rect.x1),
            reverse=True,
        )
        edges = [_FAR, *across, -_FAR]
        return SideBySide(tuple(Region(gutter, one - 1, two) for one, two in pairwise(edges)))
    if framed := tuple(_framed(blocks)):
        return SideBySide(framed, headed=True)
    if headed := tuple(_headed(units, printed, cells)):
        return SideBySide(headed, headed=True)
    return SideBySide(tuple(_numbered(units, printed)))


def _parts(gutter: float, units: Sequence[Rect], printed: Sequence[Phrase]) -> bool:
    """Whether what is a gutter on other pages is one here too."""
    across = sum(one.rect.x0 < gutter < one.rect.x1 for one in printed)
    sides = [sum(one.rect.x1 <= gutter for one in printed),
             sum(one.rect.x0 >= gutter for one in printed)]  # fmt: skip
    crossed = any(one.x0 < gutter < one.x1 for one in units)
    return not crossed and min(sides) >= max(_LEVEL, 4 * across)


def _gutter(units: Sequence[Rect], printed: Sequence[Phrase]) -> float | None:
    """Where two columns of text part the whole page."""
    ordered = sorted(units, key=lambda one: one.x0)
    reach = 0.0
    for rank, unit in enumerate(ordered):
        few = min(rank, len(ordered) - rank) < _FEW
        middle = (reach + unit.x0) / 2
        if not few and unit.x0 - reach >= _GUTTER:
            right = [one.rect for one in printed if one.rect.x0 >= middle]
            level = [
                one
                for one in printed
                if one.rect.x1 <= middle
                and len(one.text) > _PROSE
                and any(shared_height(one.rect, other) > 3 for other in right)
            ]
            if min(len(level), len(right)) >= _LEVEL:
                return middle
        reach = max(reach, unit.x1)
    return None


def _headed(
    units: Sequence[Rect], printed: Sequence[Phrase], cells: Sequence[TableCell]
) -> Iterator[Region]:
    """Blocks side by side, each under a heading of its own, down to what spans both."""
    size = body_size(printed)
    heads = [one for one in printed if _looks(one, size)]
    spans = [*units, *(one.rect for one in printed)]
    bottom = _FAR
    for one in heads:
        level = [other.rect for other in heads if shared_height(one.rect, other.rect) > 4]
        beside = [other for other in level if other.x0 > one.rect.x1 + _GUTTER]
        # Three or more are the header of a table.
        if len(beside) != 1 or len(level) != 2 or one.rect.y1 > bottom:
            continue
        gutter = beside[0].x0 - _GUTTER / 2
        under = [rect.y1 for rect in spans if rect.x0 < gutter < rect.x1 and rect.y1 < one.rect.y0]
        around = [holding(head, cells) for head in (one.rect, beside[0])]
        bases = [cell.rect.y0 for cell in around if cell is not None]
        under += [min(bases)] if len(bases) == len(around) else []
        region = Region(gutter, one.rect.y1 + 2, max(under, default=0.0))
        inside = [each.x0 > gutter for each in units if region.bottom < each.y0 < region.top]
        if min(inside.count(True), inside.count(False)) >= _FEW:
            bottom = region.bottom
            yield region


def _framed(blocks: Sequence[Rect]) -> Iterator[Region]:
    """Two frames side by side that are blocks, pair after pair from the top."""
    for row in rows_of(blocks):
        if len(row) == 2:
            left, right = (blocks[index] for index in row)
            top, base = max(left.y1, right.y1), min(left.y0, right.y0)
            yield Region((left.x1 + right.x0) / 2, top, base)


def _numbered(units: Sequence[Rect], printed: Sequence[Phrase]) -> Iterator[Region]:
    """The part of a page in which two columns are read one after the other, as numbers say.

    « 1) » to « 4) » stand left, « 5) » to « 7) » right: read row by row they would be mixed.
    """
    numbers = [(int(found[1]), one.rect) for one in printed if (found := _RANK.match(one.text))]
    lines = [*units, *(one.rect for one in printed)]
    for start in sorted({rect.x0 for _, rect in numbers}):
        gutter = start - _GUTTER / 2
        across = [one.centre[1] for one in lines if one.x0 < gutter < one.x1]
        for top, bottom in pairwise(sorted([_FAR, *across, -_FAR], reverse=True)):
            within = [(rank, rect) for rank, rect in numbers if bottom < rect.centre[1] < top]
            rows = [rank for rank, _ in sorted(within, key=lambda one: -one[1].y0)]
            columns = sorted(within, key=lambda one: (one[1].x0 > gutter, -one[1].y0))
            ranks = [rank for rank, _ in columns]
            sides = {rect.x0 > gutter for _, rect in within}
            if len(sides) > 1 and ranks == sorted(set(ranks)) != rows and len(ranks) > _FEW:
                inside = [one.y0 for one in units if bottom < one.centre[1] < top]
                yield Region(gutter, top - 1, min(inside, default=bottom) - 1)
                return


def in_order(spots: Sequence[Spot], columns: SideBySide) -> list[Spot]:
    """The spots of a page as they are read: block after block, each row by row."""
    blocks: dict[tuple[int, int], list[Spot]] = defaultdict(list)
    for spot in spots:
        blocks[columns.block(spot.rect)].append(spot)
    return [
        blocks[key][index]
        for key in sorted(blocks)
        for row in rows_of([one.rect for one in blocks[key]])
        for index in row
    ]


def give_headings(
    spots: Sequence[Spot],
    printed: Mapping[int, Sequence[Phrase]],
    columns: Mapping[int, SideBySide],
) -> None:
    """Fill in ``heading`` where it is empty: the nearest title above, else the last before that.

    Args:
        spots: all of the document's, labelled.
        printed: the phrases of each page.
        columns: those of each page.
    """
    size = body_size(one for page in printed.values() for one in page)
    running = _running(printed)
    current = ""
    for number in sorted(printed):
        here = [one for one in spots if one.page == number]
        block = columns[number].block
        titles = [
            ((*block(rect), -rect.y0), title)
            for rect, title in _titles(printed[number], here, size, running, block)
        ]
        titles.sort()
        for spot in here:
            if spot.heading:
                continue
            place = (*block(spot.rect), 1 - spot.rect.centre[1])
            before = [
                title
                for at, title in titles
                if at <= place and not (columns[number].ends(at[0]) and at[0] < place[0])
            ]
            spot.heading = before[-1] if before else current
        lasting = [title for at, title in titles if not columns[number].ends(at[0])]
        if lasting:
            current = lasting[-1]


def _running(printed: Mapping[int, Sequence[Phrase]]) -> set[tuple[str, int]]:
    seen = Counter(key for page in printed.values() for key in {_place(one) for one in page})
    return {key for key, count in seen.items() if count >= _RUNNING}


def _place(phrase: Phrase) -> tuple[str, int]:
    return folded("".join(char for char in phrase.text if not char.isdigit())), round(
        phrase.rect.y0
    )


def _titles(
    printed: Sequence[Phrase],
    spots: Sequence[Spot],
    size: float,
    running: set[tuple[str, int]],
    block: Callable[[Rect], tuple[int, int]],
) -> list[tuple[Rect, str]]:
    """The titles of a page, from the top; lines in one type that follow are one title."""
    labels = {_key(rect) for spot in spots for rect in spot.words}
    captions = {one.column for one in spots} | {one.option for one in spots}
    found: list[list[Phrase]] = []
    for one in sorted(printed, key=lambda phrase: -phrase.rect.y1):
        if not _looks(one, size) or _place(one) in running or one.text in captions:
            continue
        if _key(one.rect) in labels and not (one.bold and _NUMBERED.match(one.text)):
            continue
        mine = [other for other in printed if block(other.rect) == block(one.rect)]
        if _in_a_row(one, mine, spots):
            continue
        # Lines of a title beside it may come between.
        last = next((lines for lines in reversed(found[-2:]) if _goes_on(lines[-1], one)), None)
        if last is not None:
            last.append(one)
        else:
            found.append([one])
    return [(lines[-1].rect, " ".join(line.text for line in lines)) for lines in found]


def _key(rect: Rect) -> tuple[int, int, int]:
    return round(rect.x0), round(rect.y0), round(rect.x1)


def _looks(one: Phrase, size: float) -> bool:
    if not any(char.isalpha() for char in one.text) or len(one.text) > _LONGEST:
        return False
    if choice(one.text) or heads_a_column(one.text):
        return False
    return one.bold or one.size >= 1.12 * size or one.capitals


def _in_a_row(one: Phrase, printed: Sequence[Phrase], spots: Sequence[Spot]) -> bool:
    """Whether other text or a box stands beside it: a table's header, a label, a sentence."""
    for other in printed:
        if (
            other is not one
            and not (one.size > _LARGER * other.size and len(one.text) > _PROSE)
            and not choice(other.text)
            and shared_height(other.rect, one.rect) > 0.5 * min(one.size, other.size)
            and shared_width(other.rect, one.rect) < 1
        ):
            return True
    return any(
        shared_height(spot.rect, one.rect) > 0.5 * min(one.size, spot.rect.height)
        and spot.rect.height < 40
        for spot in spots
    )


def _goes_on(upper: Phrase, lower: Phrase) -> bool:
    gap = upper.rect.y0 - lower.rect.y1
    return (
        abs(upper.size - lower.size) < 0.8
        and upper.bold == lower.bold
        and -0.5 * lower.size < gap < 0.4 * lower.size
        and shared_width(upper.rect, lower.rect) > 0
        and not upper.text.rstrip().endswith((".", ":", "?"))
    )
