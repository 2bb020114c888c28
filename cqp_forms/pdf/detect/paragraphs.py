"""Lines that read as one: a label's whole paragraph, and what stands over or left of an area."""

from __future__ import annotations

from collections.abc import Sequence

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.model import shared_height, shared_width
from cqp_forms.pdf.detect.text import Phrase, body_size, choice

_SMALL = 10.5  # of a caption under a field


def paragraph(lead: Phrase, printed: Sequence[Phrase], leads: dict[int, Phrase]) -> list[Phrase]:
    """The lines of the paragraph that ``lead`` is one of, from the top.

    Args:
        leads: the lines that stand beside boxes, by identity: each starts, ends or centres a
            paragraph of its own, and which it is shows in how the block begins and ends.
    """
    block = lines_of(lead, printed)
    own = [index for index, one in enumerate(block) if id(one) in leads]
    if len(own) < 2:
        return block
    here = next(index for index, one in enumerate(block) if one is lead)
    rank = own.index(here)
    if own[0] == 0:
        return block[here : own[rank + 1] if rank + 1 < len(own) else len(block)]
    if own[-1] == len(block) - 1:
        return block[own[rank - 1] + 1 if rank else 0 : here + 1]
    return [
        one
        for index, one in enumerate(block)
        if min(own, key=lambda other: (abs(other - index), other)) == here
    ]


def lines_of(lead: Phrase, printed: Sequence[Phrase]) -> list[Phrase]:
    """The lines around a phrase in one column, in the same type, with no gap between."""
    column = sorted(
        (
            one
            for one in printed
            if abs(one.rect.x0 - lead.rect.x0) < 14
            and one.bold == lead.bold
            and abs(one.size - lead.size) < 0.25 * lead.size
            and not (choice(one.text) and one is not lead)
        ),
        key=lambda one: -one.rect.y1,
    )
    at = next(index for index, one in enumerate(column) if one is lead)
    start = end = at
    while start > 0 and _follows(column[start - 1], column[start]):
        start -= 1
    while end + 1 < len(column) and _follows(column[end], column[end + 1]):
        end += 1
    return column[start : end + 1]


def _follows(upper: Phrase, lower: Phrase) -> bool:
    gap = upper.rect.y0 - lower.rect.y1
    ended = upper.text.rstrip().endswith((":", "?", ".")) and not upper.text.endswith("...")
    if ended and not lower.text[:1].islower():
        return False
    return -0.5 * lower.size < gap < 0.32 * lower.size and shared_width(upper.rect, lower.rect) > 0


def label_above(rect: Rect, printed: Sequence[Phrase]) -> tuple[str, tuple[Rect, ...]]:
    """The wording right over an area, its lines joined; the empty string when there is none."""
    above = [
        one
        for one in printed
        if -2 <= one.rect.y0 - rect.y1 < 26
        and shared_width(one.rect, rect) > 0.3 * min(one.rect.width, rect.width)
    ]
    nearest = min(above, key=lambda one: one.rect.y0, default=None)
    if nearest is None:
        return "", ()
    block = [one for one in lines_of(nearest, printed) if one.rect.y0 >= nearest.rect.y0 - 1][-3:]
    return " ".join(one.text for one in block), tuple(one.rect for one in block)


def label_left(rect: Rect, printed: Sequence[Phrase]) -> tuple[str, tuple[Rect, ...]]:
    """The wording just left of an area, on its row; the empty string when there is none."""
    left = [
        one
        for one in printed
        if -4 <= rect.x0 - one.rect.x1 < 140
        and shared_height(one.rect, rect) > 0.4 * min(one.size, rect.height)
    ]
    nearest = max(left, key=lambda one: (round(one.rect.x1), one.rect.y1), default=None)
    return (nearest.text, (nearest.rect,)) if nearest else ("", ())


def caption_below(rect: Rect, printed: Sequence[Phrase], taken: Sequence[Rect]) -> Phrase | None:
    """The small caption under a field, under which no other field stands."""
    size = body_size(printed)
    return next(
        (
            one
            for one in printed
            if rect.x0 - 2 <= one.rect.x0
            and one.rect.x1 <= rect.x1 + 2
            and -3 <= rect.y0 - one.rect.y1 < 8
            and (one.size < 0.87 * size or one.size < _SMALL)
            and not any(
                shared_width(other, one.rect) > 0 and -2 <= one.rect.y0 - other.y1 < 14
                for other in taken
            )
        ),
        None,
    )
