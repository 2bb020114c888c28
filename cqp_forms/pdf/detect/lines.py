"""Lines to write on: rules, and runs of dots or underscores, with a label before or above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from cqp_forms.guide import DatePart, PlacementKind
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.detect.cells import kind_of
from cqp_forms.pdf.detect.model import PageContent, shared_height, shared_width
from cqp_forms.pdf.detect.paragraphs import caption_below
from cqp_forms.pdf.detect.tables import TableCell, touching
from cqp_forms.pdf.detect.text import Phrase, is_leader, rows_of
from cqp_forms.pdf.detect.widgets import Spot
from cqp_forms.pdf.geometry import union

_BROKEN = 100.0  # a label that a paragraph broke behind is so far right of its margin
_FAR_LEFT = 240.0  # a label in a column of labels is no further from its line
_SHORTEST, _SHORTEST_DOTS = 28.0, 14.0
_LINE_HEIGHT = (11.0, 16.0)  # what a line of text takes, at least and at most
_BESIDE_SLASH = 12.0
_YEAR = 26.0
_CLOSE_OVER = 24.0
_WIDEST_CAPTIONED = 280.0
_STACK = 34.0  # lines of one area are no further apart
_STACK_OF_DOTS = 44.0
_UNDER = 40.0  # a wording over the first line of an area is no further from it
_UNNAMED = "aucun libellé sûr à côté de ces lignes"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line to write on: its extent, the label before it, and which part of a date it is."""

    rect: Rect
    label: Phrase | None
    leader: bool
    part: str = ""
    doubt: str = ""


def writing_lines(
    page: PageContent, printed: Sequence[Phrase], cells: Sequence[TableCell], taken: Sequence[Rect]
) -> list[Spot]:
    """The lines of a page; those that follow one another without a label make one area.

    Args:
        taken: boxes, areas and widgets already found: no line lies in them.
    """
    ruled = _ruled_dates(list(_rules(page, printed, cells)), printed)
    found = [*_leaders(page, printed), *ruled]
    lines = [one for one in found if not any(_within(one.rect, other) for other in taken)]
    lines = _in_columns(lines, printed)
    order = [index for row in rows_of([_tall(one.rect) for one in lines]) for index in row]
    return [_spot(page.number, group) for group in _stacked([lines[i] for i in order], printed)]


def _within(line: Rect, other: Rect) -> bool:
    return (
        shared_width(line, other) > 0.5 * line.width
        and other.y0 - 4 <= line.centre[1] <= other.y1 + 2
    )


def _tall(rect: Rect) -> Rect:
    return Rect(rect.x0, rect.y0, rect.x1, max(rect.y1, rect.y0 + 8))


def _in_columns(lines: Sequence[_Line], printed: Sequence[Phrase]) -> list[_Line]:
    """Lines of one left edge, each far behind a label of one left edge: two columns of a form."""
    far = {
        rank: label
        for rank, line in enumerate(lines)
        if (label := before(line.rect, printed, _FAR_LEFT)) is not None
    }
    starts = Counter((round(lines[rank].rect.x0), round(one.rect.x0)) for rank, one in far.items())
    return [
        replace(line, label=far[rank])
        if line.label is None
        and rank in far
        and starts[round(line.rect.x0), round(far[rank].rect.x0)] > 1
        else line
        for rank, line in enumerate(lines)
    ]


def _leaders(page: PageContent, printed: Sequence[Phrase]) -> Iterable[_Line]:
    words = [word.rect for word in page.words if is_leader(word)]
    for row in rows_of(words):
        runs: list[Rect] = []
        for index in row:
            rect = words[index]
            if runs and rect.x0 - runs[-1].x1 < 6 and not _between(runs[-1], rect, printed):
                runs[-1] = union([runs[-1], rect])
            else:
                runs.append(rect)
        dates = dict(_dates(runs, printed))
        for rank, run in enumerate(runs):
            if rank in dates:
                label, part = dates[rank]
                room = _to_slashes(run, printed, roomy=part == DatePart.YEAR)
                yield _Line(room, label, leader=True, part=part)
            elif run.width >= _SHORTEST_DOTS and not _contents_line(run, printed):
                yield _Line(run, before(run, printed), leader=True)


def _dates(
    runs: Sequence[Rect], printed: Sequence[Phrase]
) -> Iterable[tuple[int, tuple[Phrase | None, str]]]:
    """Which runs of a row are the day, the month and the year of a date, with its label."""
    for rank in range(len(runs) - 2):
        three = runs[rank : rank + 3]
        if date_in_three(three, printed):
            label = before(three[0], printed)
            for offset, part in enumerate(DatePart):
                yield rank + offset, (label, part)


def _to_slashes(run: Rect, printed: Sequence[Phrase], *, roomy: bool) -> Rect:
    """A date's dots with the room up to the slashes beside them: « __ / » is 9 points wide.

    A year needs four digits' room, where nothing is printed behind it.
    """
    slashes = [
        one.rect
        for one in printed
        if one.text.strip() == "/" and shared_height(one.rect, run) > 0.4 * run.height
    ]
    before = [one.x1 for one in slashes if 0 <= run.x0 - one.x1 < _BESIDE_SLASH]
    after = [one.x0 for one in slashes if 0 <= one.x0 - run.x1 < _BESIDE_SLASH]
    if roomy and not after:
        right = [
            one.rect.x0 - 2
            for one in printed
            if one.rect.x0 >= run.x1 - 1 and shared_height(one.rect, run) > 0.4 * run.height
        ]
        after = [max(run.x1, min([run.x0 + _YEAR, *right]))]
    return replace(run, x0=max(before, default=run.x0), x1=min(after, default=run.x1))


def date_in_three(places: Sequence[Rect], printed: Sequence[Phrase]) -> bool:
    """Whether three places stand side by side with a slash between them, and nothing else."""
    for one, other in pairwise(places):
        gap = Rect(one.x1, one.y0, other.x0, one.y1)
        texts = [
            phrase.text.strip()
            for phrase in printed
            if gap.x0 - 3 <= phrase.rect.centre[0] <= gap.x1 + 3
            and shared_height(phrase.rect, gap) > 0.4 * min(phrase.rect.height, gap.height)
        ]
        if texts != ["/"] or gap.width > 20:
            return False
    return True


def _between(one: Rect, other: Rect, printed: Sequence[Phrase]) -> bool:
    return any(
        one.x1 - 1 <= phrase.rect.centre[0] <= other.x0 + 1
        and shared_height(phrase.rect, one) > 0.5 * one.height
        for phrase in printed
    )


def _contents_line(run: Rect, printed: Sequence[Phrase]) -> bool:
    """Whether a page number follows: a line of a table of contents."""
    return any(
        phrase.text.strip().isdigit()
        and -2 <= phrase.rect.x0 - run.x1 < 30
        and shared_height(phrase.rect, run) > 0.5 * run.height
        for phrase in printed
    )


def _ruled_dates(lines: Sequence[_Line], printed: Sequence[Phrase]) -> Iterable[_Line]:
    """Short rules with slashes between them are the parts of a date, as dots are."""
    rows = rows_of([_tall(one.rect) for one in lines])
    for row in ([lines[index] for index in each] for each in rows):
        dates = dict(_dates([_tall(one.rect) for one in row], printed))
        for rank, one in enumerate(row):
            label, part = dates.get(rank, (one.label, ""))
            yield replace(one, label=label, part=part)


def _rules(
    page: PageContent, printed: Sequence[Phrase], cells: Sequence[TableCell]
) -> Iterable[_Line]:
    for rect in map(union, touching(rule.rect for rule in page.rules if rule.flat)):
        if rect.width < _SHORTEST or _edge(rect, cells):
            continue
        if _underlines(rect, printed):
            continue
        yield _Line(rect, before(rect, printed), leader=False)


def _edge(rect: Rect, cells: Sequence[TableCell]) -> bool:
    y = rect.centre[1]
    return any(
        shared_width(rect, cell.rect) > 0.6 * min(rect.width, cell.rect.width)
        and (abs(cell.rect.y0 - y) < 3 or abs(cell.rect.y1 - y) < 3)
        for cell in cells
    )


def _underlines(rect: Rect, printed: Sequence[Phrase]) -> bool:
    """Whether text stands on the rule: it is underlined, or separated from what follows."""
    y = rect.centre[1]
    covered = sum(
        max(0.0, shared_width(one.rect, rect))
        for one in printed
        if one.rect.y0 - 3.5 <= y + 0.5 and y + 9 > one.rect.y0 and one.rect.centre[1] > y - 1
    )
    return covered > 0.12 * rect.width


def before(rect: Rect, printed: Sequence[Phrase], reach: float = 130.0) -> Phrase | None:
    """The phrase left of a line, on its row: its feet a little above a rule, level with dots.

    Args:
        reach: how far it may be, in points.
    """
    leader = rect.height > 3
    left = [
        one
        for one in printed
        if one.rect.x1 <= rect.x0 + 4
        and rect.x0 - one.rect.x1 < reach
        and any(char.isalnum() for char in one.text)
        and (
            shared_height(one.rect, rect) > 0.4 * min(one.size, rect.height)
            if leader
            else one.rect.y0 - 10 <= rect.y0 <= one.rect.centre[1] + 2
        )
    ]
    return max(left, key=lambda one: one.rect.x1, default=None)


def _above(rect: Rect, printed: Sequence[Phrase]) -> Phrase | None:
    over = [
        one
        for one in printed
        if 0 <= one.rect.y0 - rect.y0 < 32 and shared_width(one.rect, rect) > 10
    ]
    nearest = min(over, key=lambda one: one.rect.y0, default=None)
    asks = nearest is not None and nearest.text.rstrip().endswith((":", "?", ")", "…"))
    return nearest if asks else None


def _stacked(lines: Sequence[_Line], printed: Sequence[Phrase]) -> Iterable[list[_Line]]:
    """Lines grouped into fields; a rule alone with no label at all parts what is printed."""
    groups: list[list[_Line]] = []
    for line in _headed(lines, printed):
        group = next((one for one in groups if _continues(one, line, printed)), None)
        if group is not None:
            group.append(line)
            continue
        label = (
            line.label
            or _wrapped(line, lines, printed)
            or _above(line.rect, printed)
            or _caption(line, lines, printed)
        )
        groups.append([replace(line, label=label)])
    for one in groups:
        if one[0].label is None and (len(one) > 1 or one[0].leader):
            one[0] = _introduced(one[0], lines, printed)
    return [one for one in groups if one[0].label is not None or one[0].doubt]


def _wrapped(line: _Line, lines: Sequence[_Line], printed: Sequence[Phrase]) -> Phrase | None:
    """The label that ends the line of text above, when a paragraph broke right behind it."""
    if not line.leader:
        return None
    over = [one for one in printed if 0 < one.rect.y0 - line.rect.y0 < 2 * one.size]
    last = max(over, key=lambda one: one.rect.x1, default=None)
    if (
        last is None
        or not last.text.rstrip().endswith(":")
        or last.rect.x0 < line.rect.x0 + _BROKEN
    ):
        return None
    behind = any(
        one.rect.x0 >= last.rect.x1 - 2 and shared_height(_tall(one.rect), last.rect) > 3
        for one in lines
    )
    return None if behind else last


def _introduced(line: _Line, lines: Sequence[_Line], printed: Sequence[Phrase]) -> _Line:
    """The first of lines to write on, with the wording over it: sure where both start together."""
    over = [
        one
        for one in printed
        if 0 <= one.rect.y0 - line.rect.y0 < _UNDER
        and shared_width(one.rect, line.rect) > 0
        and any(char.isalnum() for char in one.text)
    ]
    label = min(over, key=lambda one: one.rect.y0, default=None)
    named = [one.label for one in lines if one.label is not None]
    aligned = label is not None and abs(label.rect.x0 - line.rect.x0) < _CLOSE_OVER
    aligned = aligned and label not in named
    return replace(line, label=label, doubt="" if aligned else _UNNAMED)


def _headed(lines: Sequence[_Line], printed: Sequence[Phrase]) -> Iterable[_Line]:
    """Lines side by side with a label over each: « Nom », « Prénom » over two lines."""
    rows = rows_of([_tall(one.rect) for one in lines])
    for row in ([lines[index] for index in each] for each in rows):
        over = [_label_over(one.rect, printed) for one in row]
        own = len({id(one) for one in over}) == len(row) > 1 and None not in over
        bare = all(one.label is None for one in row)
        for line, label in zip(row, over, strict=True):
            yield replace(line, label=label) if own and bare else line


def _label_over(rect: Rect, printed: Sequence[Phrase]) -> Phrase | None:
    over = [
        one
        for one in printed
        if 0 <= one.rect.y0 - rect.y0 < _CLOSE_OVER and abs(one.rect.x0 - rect.x0) < _CLOSE_OVER
    ]
    return min(over, key=lambda one: one.rect.y0, default=None)


def _caption(line: _Line, lines: Sequence[_Line], printed: Sequence[Phrase]) -> Phrase | None:
    """« (nom et prénom) » in small type under a line; a rule over the page's foot has none."""
    if line.rect.width > _WIDEST_CAPTIONED:
        return None
    return caption_below(line.rect, printed, [one.rect for one in lines if one is not line])


def _continues(group: Sequence[_Line], line: _Line, printed: Sequence[Phrase]) -> bool:
    last = group[-1].rect
    alike = abs(line.rect.x0 - last.x0) < 3 and abs(line.rect.x1 - last.x1) < 3
    # A line of dots that is a little too long leaves a rest on a line of its own.
    reach = _STACK_OF_DOTS if line.leader and alike else _STACK
    if line.label is not None or line.part or not 6 < last.y0 - line.rect.y0 <= reach:
        return False
    # Dots that a word processor broke end where they happen to.
    ragged = line.leader and abs(line.rect.x0 - last.x0) < 3
    end = max(one.rect.x1 for one in group)
    if line.rect.x0 > last.x0 + 3 or (abs(line.rect.x1 - end) > 12 and not ragged):
        return False
    return not any(
        line.rect.y0 < one.rect.centre[1] < last.y0 and shared_width(one.rect, line.rect) > 0
        for one in printed
    )


def _spot(page: int, group: Sequence[_Line]) -> Spot:
    label = group[0].label
    text = label.text if label else ""
    words = (label.rect,) if label else ()
    # The part at the margin is the roomy one, when the first line starts after its label.
    rects = [one.rect for one in group]
    if len(rects) > 1 and rects[0].x0 - rects[1].x0 > 20:
        rects = rects[1:]
    pitch = rects[0].y0 - rects[1].y0 if len(rects) > 1 else _LINE_HEIGHT[1] - 2
    height = min(max(pitch - 2, _LINE_HEIGHT[0]), _LINE_HEIGHT[1])
    box = union(rects)
    several = len(rects) > 1
    return Spot(
        page,
        Rect(box.x0, box.y0, box.x1, rects[0].y0 + height),
        PlacementKind.TEXT_AREA if group[0].part else kind_of(text),
        PdfKind.AREA if several else PdfKind.LINE,
        text,
        multiline=several,
        words=words,
        group=f"{page}.{words[0].x0:.0f}.{words[0].y0:.0f}" if group[0].part and words else "",
        option=group[0].part,
        doubt=group[0].doubt,
    )
