"""Boxes one under the other that exclude one another: the options of one question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from cqp_forms.matching.wording import bare, is_degree, is_worded_degree, says_several
from cqp_forms.pdf.detect.model import shared_height
from cqp_forms.pdf.detect.text import Phrase
from cqp_forms.pdf.detect.widgets import Spot

_APART = 34.0  # circles of one question are no further apart, in points
_OVER = 40.0  # a question over its circles is no further from them
_SLACK = 2.0


def group_stacks(ticks: Sequence[Spot], printed: Sequence[Phrase]) -> None:
    """Make one question of boxes in a column whose wordings are the degrees of a scale.

    Any others stand each for itself: nothing says that one excludes another. Squares need a
    question over them, and degrees in words: « ☐ A », « ☐ B » may both hold.

    Args:
        ticks: the boxes of a page, labelled.
    """
    owned = {rect for one in ticks for rect in one.words if not one.column}
    free = [one for one in printed if one.rect not in owned and not _is_caption(one, ticks)]
    for stack in _stacks([one for one in ticks if not one.group], free):
        words = [_wording(one) for one in stack]
        question = _question(stack, free)
        told = " ".join((question.text if question else "", stack[0].heading))
        if len(stack) < 2 or not all(map(is_degree, words)) or says_several(told):
            continue
        squares = not all(one.rounded for one in stack)
        if squares and (question is None or not all(map(is_worded_degree, words))):
            continue
        first = stack[0].rect
        for one, word in zip(stack, words, strict=True):
            one.group = f"{one.page}.{first.x0:.0f}.{first.y0:.0f}"
            one.option, one.doubt = word, ""
            if question is not None:
                one.label, one.words = question.text, (*one.words[:1], question.rect)
                one.heading = ""


def _wording(one: Spot) -> str:
    return one.column or one.label


def _is_caption(phrase: Phrase, ticks: Sequence[Spot]) -> bool:
    return any(
        phrase.text in (one.column, one.label)
        and 0 <= phrase.rect.x0 - one.rect.x1 < _OVER
        and shared_height(phrase.rect, one.rect) > 2
        for one in ticks
    )


def _stacks(circles: Sequence[Spot], free: Sequence[Phrase]) -> Iterator[list[Spot]]:
    """The circles of one size that stand one under the other with nothing between."""
    stack: list[Spot] = []
    for one in sorted(circles, key=lambda spot: (round(spot.rect.x0 / 3), -spot.rect.y1)):
        if stack and not _goes_on(stack, one, free):
            yield stack
            stack = []
        stack.append(one)
    if stack:
        yield stack


def _goes_on(stack: Sequence[Spot], one: Spot, free: Sequence[Phrase]) -> bool:
    above, rect = stack[-1].rect, one.rect
    aligned = abs(above.x0 - rect.x0) < _SLACK and abs(above.width - rect.width) < _SLACK
    if not aligned or not 0 < above.y0 - rect.y1 < _APART:
        return False
    if bare(_wording(one)) in {bare(_wording(each)) for each in stack}:
        return False
    steps = [two.rect.y1 - three.rect.y1 for two, three in pairwise([*stack, one])]
    between = any(
        rect.y1 < phrase.rect.centre[1] < above.y0 and phrase.rect.x0 < rect.x1 + _OVER
        for phrase in free
    )
    return not between and steps[-1] < 1.5 * steps[0]


def _question(stack: Sequence[Spot], free: Sequence[Phrase]) -> Phrase | None:
    """What is asked: the wording left of the first circle, else the nearest over it."""
    first = stack[0].rect
    left = [
        one
        for one in free
        if -4 <= first.x0 - one.rect.x1 < 4 * _OVER and shared_height(one.rect, first) > 3
    ]
    if left:
        return max(left, key=lambda one: one.rect.x1)
    over = [
        one
        for one in free
        if 0 <= one.rect.y0 - first.centre[1] < _OVER
        and one.rect.x0 <= first.x1 + 20
        and one.rect.x1 > first.x0 - _OVER
    ]
    return min(over, key=lambda one: one.rect.y0, default=None)
