"""Lines to write on: rules, and runs of dots or underscores, with a label before or above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.detect.cells import kind_of
from cqp_forms.pdf.detect.model import PageContent, shared_height, shared_width
from cqp_forms.pdf.detect.spot import Spot
from cqp_forms.pdf.detect.tables import Cell
from cqp_forms.pdf.detect.text import Phrase, is_leader, rows_of
from cqp_forms.pdf.geometry import union

_SHORTEST = 28.0
_LINE_HEIGHT = (11.0, 16.0)  # what a line of text takes, at least and at most
_STACK = 34.0  # lines of one area are no further apart


@dataclass(frozen=True, slots=True)
class _Line:
    """A line to write on: its extent, and the label that stands before it."""

    rect: Rect
    label: Phrase | None
    leader: bool


def writing_lines(
    page: PageContent, printed: Sequence[Phrase], cells: Sequence[Cell], taken: Sequence[Rect]
) -> list[Spot]:
    """The lines of a page; those that follow one another without a label make one area.

    Args:
        taken: boxes, areas and widgets already found: no line lies in them.
    """
    found = [*_leaders(page, printed), *_rules(page, printed, cells)]
    lines = [one for one in found if not any(_within(one.rect, other) for other in taken)]
    order = [index for row in rows_of([_tall(one.rect) for one in lines]) for index in row]
    return [_spot(page.number, group) for group in _stacked([lines[i] for i in order], printed)]


def _within(line: Rect, other: Rect) -> bool:
    return (
        shared_width(line, other) > 0.5 * line.width
        and other.y0 - 4 <= line.centre[1] <= other.y1 + 2
    )


def _tall(rect: Rect) -> Rect:
    return Rect(rect.x0, rect.y0, rect.x1, max(rect.y1, rect.y0 + 8))


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
        for run in runs:
            if run.width < _SHORTEST or _contents_line(run, printed):
                continue
            yield _Line(run, _before(run, printed), leader=True)


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


def _rules(page: PageContent, printed: Sequence[Phrase], cells: Sequence[Cell]) -> Iterable[_Line]:
    for rule in page.rules:
        rect = rule.rect
        if not rule.flat or rect.width < _SHORTEST or _edge(rect, cells):
            continue
        if _underlines(rect, printed):
            continue
        yield _Line(rect, _before(rect, printed), leader=False)


def _edge(rect: Rect, cells: Sequence[Cell]) -> bool:
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


def _before(rect: Rect, printed: Sequence[Phrase]) -> Phrase | None:
    """The phrase left of a line, on its row: its feet a little above a rule, level with dots."""
    leader = rect.height > 3
    left = [
        one
        for one in printed
        if one.rect.x1 <= rect.x0 + 4
        and rect.x0 - one.rect.x1 < 130
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
    """Lines grouped into fields; those with no label at all are dropped."""
    groups: list[list[_Line]] = []
    for line in lines:
        group = next((one for one in groups if _continues(one, line, printed)), None)
        if group is not None:
            group.append(line)
            continue
        label = line.label or _above(line.rect, printed)
        groups.append([replace(line, label=label)])
    return [one for one in groups if one[0].label is not None]


def _continues(group: Sequence[_Line], line: _Line, printed: Sequence[Phrase]) -> bool:
    last = group[-1].rect
    if line.label is not None or not 6 < last.y0 - line.rect.y0 <= _STACK:
        return False
    if abs(line.rect.x1 - last.x1) > 12 or line.rect.x0 > last.x0 + 3:
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
        kind_of(text),
        PdfKind.AREA if several else PdfKind.LINE,
        text,
        multiline=several,
        words=words,
    )
