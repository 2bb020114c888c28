"""How high the blank's comment boxes are: they share what their page leaves free.

A word processor decides alone where a page ends, so that heights are estimated here, from the
styles' measures, and some room is left for the difference. Lengths in points.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from cqp_forms.blocks import (
    Block,
    Bullets,
    Callout,
    CommentBox,
    FieldLines,
    Heading,
    Paragraph,
    SignatureBlock,
    TickList,
)
from cqp_forms.guide import Guide
from docx_blank.look import MARGIN, PAGE_HEIGHT

#: What a page holds, less what the estimate may be wrong by.
_PAGE = (PAGE_HEIGHT - 2 * MARGIN) / 20 - 26

#: A line of a comment, a box's own margins, what its label and the gap under it take, and how much
#: of its height may be added to it.
_LINE, _INSET, _LABEL, _MORE = 13.6, 8.0, 28.0, 1.2

#: For headings, by level: a line, the space around, and the letters in a line.
_HEADINGS = {1: (22.5, 14.0, 50), 2: (16.5, 16.0, 70), 3: (14.0, 14.0, 85)}
_TEXT_LINE, _LETTERS = 13.8, 105


def comment_heights(guide: Guide) -> dict[str, float]:
    """The height of each comment box, in points, by its field."""
    heights: dict[str, float] = {}
    page: dict[str, float] = {}
    used = 0.0
    for block in guide.document:
        height = _height(block)
        if height is None or used + height > _PAGE:
            heights |= _shared(page, used)
            page, used = {}, 0.0
        # A part's title begins a page, and stands on it.
        used += height or 0.0
        if isinstance(block, Heading) and block.level == 1:
            used = _heading(block)
        if isinstance(block, CommentBox):
            page[block.field] = _box(block)
    return heights | _shared(page, used)


def _shared(boxes: dict[str, float], used: float) -> dict[str, float]:
    """The boxes of a page, each with its share of the room that is left."""
    share = max(0.0, _PAGE - used) / max(1, len(boxes))
    return {key: height + min(share, _MORE * height) for key, height in boxes.items()}


def _height(block: Block) -> float | None:
    """What a block takes of its page; nothing where a new page begins."""
    match block:
        case Heading(level) if level > 1:
            return _heading(block)
        case Paragraph(text):
            return _text([text], 5.0)
        case Bullets(items):
            texts = [one for item in items for one in (item.text, *item.children)]
            return _text(texts, 2.5)
        case Callout(title, paragraphs):
            return _text([*([title] if title else []), *paragraphs], 5.0) + 12
        case FieldLines(fields):
            return 21.0 * len(fields) + 5
        case TickList(fields):
            return 17.0 * len(fields)
        case CommentBox():
            return _box(block) + _LABEL
        case SignatureBlock():
            return 145.0
        case _:
            return None


def _box(block: CommentBox) -> float:
    return block.lines * _LINE + _INSET


def _heading(block: Heading) -> float:
    line, around, letters = _HEADINGS[min(block.level, 3)]
    return ceil(len(block.text) / letters) * line + around


def _text(texts: Iterable[str], after: float) -> float:
    return sum(ceil(len(one) / _LETTERS) * _TEXT_LINE + after for one in texts)
