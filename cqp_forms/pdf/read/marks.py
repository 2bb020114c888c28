"""Whether a box drawn on a page is ticked: what is inside it, its own frame left out.

Not a guess: what is neither clean paper nor plainly a mark is in doubt.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TypeAlias

from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.page.items import (
    Drawing,
    Item,
    Painting,
    Segment,
    TextRun,
    bounds_of,
)
from cqp_forms.shown import Mark
from cqp_forms.ticksigns import box, sign

#: What a blank shows at a place, to be told from what was added: see :func:`signature`.
Signature: TypeAlias = tuple[object, ...]

#: Paper and tints are lighter; ink is darker.
_FAINT = 0.75
_WHITE = 0.95
#: In a whole table cell a mark needs not be larger than this, in points.
_CELL_SIDE = 10.0


def signature(item: Item) -> Signature:
    """What makes an item the same as another, to half a point."""
    box = tuple(round(one * 2) for one in bounds_of(item))
    if isinstance(item, TextRun):
        return ("text", item.text, *box)
    return (item.painting, *box)


def mark_of(
    items: Sequence[Item], rect: Rect, kind: PdfKind, blank: Collection[Signature] = ()
) -> Mark:
    """What a box shows.

    Args:
        items: what :func:`may_mark` lets through, in the order of painting.
        rect: the box, in points.
        kind: how the mapping describes it.
        blank: what the blank shows there.
    """
    ink: list[Item] = []
    for item in items:
        if _hides(item, rect):
            ink.clear()
        elif not (blank and signature(item) in blank):
            ink.append(item)
    if not ink:
        return Mark.OFF
    side = _side(rect, kind)
    clear = [item for item in ink if _is_mark(item, rect, side)]
    # A clear mark with something else beside it may be a mark struck out.
    return Mark.ON if len(clear) == len(ink) else Mark.DOUBTFUL


def is_own_mark(item: Item, rect: Rect, kind: PdfKind) -> bool:
    """Whether an item that a blank shows in a box is the mark of a box that comes ticked.

    Such a mark is no print: it may have been taken away when the blank was filled, and says that
    the box is ticked when it was not.
    """
    if not may_mark(item, rect) or _hides(item, rect):
        return False
    side = _side(rect, kind)
    if isinstance(item, TextRun):
        # A blank may draw its empty boxes with whatever letter of a font that nobody knows.
        return sign(item.text.strip()) is Mark.ON and _is_mark(item, rect, side)
    if item.straight and item.painting is Painting.STROKE:
        # Frames are printed a little smaller than their field; no blank is ticked with one.
        return False
    if _is_blot(item, rect):
        # A cell may be shaded; a box in ink from edge to edge is ticked.
        return kind is PdfKind.BOX and _fits(item, rect, side)
    return _is_mark(item, rect, side)


def may_mark(item: Item, rect: Rect) -> bool:
    """Whether an item that touches a box can change what it shows: ink, or paper over it."""
    return _hides(item, rect) or (item.light < _FAINT and not _is_print(item, rect))


def _side(rect: Rect, kind: PdfKind) -> float:
    side = min(rect.width, rect.height)
    return min(side, _CELL_SIDE) if kind is PdfKind.CELL else side


def _hides(item: Item, rect: Rect) -> bool:
    """Whether the item paints paper over the box."""
    if isinstance(item, TextRun) or item.painting is Painting.STROKE or not item.opaque:
        return False
    if item.painting is Painting.FILL and item.light < _WHITE:
        return False
    inset = 0.2 * min(rect.width, rect.height)
    return (
        item.x0 <= rect.x0 + inset
        and item.y0 <= rect.y0 + inset
        and item.x1 >= rect.x1 - inset
        and item.y1 >= rect.y1 - inset
        and item.painting is Painting.FILL
    )


def _is_print(item: Item, rect: Rect) -> bool:
    """Whether the item belongs to the form by its shape: a frame, a rule, a label."""
    if isinstance(item, TextRun):
        return _is_label(item, rect)
    x0, y0, x1, y1 = item.x0, item.y0, item.x1, item.y1
    tolerance = max(1.2, 0.15 * min(rect.width, rect.height))
    # Barely reaching in: a neighbour's frame, a table's rule.
    if min(x1, rect.x1) - max(x0, rect.x0) < tolerance and (x0 < rect.x0 or x1 > rect.x1):
        return True
    if min(y1, rect.y1) - max(y0, rect.y0) < tolerance and (y0 < rect.y0 or y1 > rect.y1):
        return True
    if item.painting is not Painting.STROKE:
        # A filled frame has an inner outline; with the outer alone it is a disc, or a blot.
        return _outlines(item.lines) > 1 and _is_ring(item, rect)
    if not item.straight:
        return _is_ring(item, rect)
    wide = x1 - x0 >= rect.width - 2 * tolerance
    high = y1 - y0 >= rect.height - 2 * tolerance
    if wide and high:
        return True
    # A line along an edge is a side of the frame.
    along = (wide and y1 - y0 < tolerance, high and x1 - x0 < tolerance)
    near = (
        min(abs(y0 - rect.y0), abs(y1 - rect.y1)) <= tolerance,
        min(abs(x0 - rect.x0), abs(x1 - rect.x1)) <= tolerance,
    )
    return (along[0] and near[0]) or (along[1] and near[1])


def _is_ring(item: Drawing, rect: Rect) -> bool:
    """Whether a path goes round the box's middle, as the frame of a round button does."""
    side = min(rect.width, rect.height)
    fits = (
        item.x1 - item.x0 >= 0.7 * rect.width
        and item.y1 - item.y0 >= 0.7 * rect.height
        and item.x0 >= rect.x0 - 0.15 * side
        and item.y0 >= rect.y0 - 0.15 * side
        and item.x1 <= rect.x1 + 0.15 * side
        and item.y1 <= rect.y1 + 0.15 * side
    )
    if not fits or not item.lines:
        return False
    x, y = rect.centre
    return all(_distance(line, x, y) > 0.27 * side for line in item.lines)


def _outlines(lines: Sequence[Segment]) -> int:
    """How many paths of their own a row of segments makes."""
    return sum(one[2:] != two[:2] for one, two in pairwise(lines)) + 1


def _distance(line: Segment, x: float, y: float) -> float:
    """How far a point is from a segment."""
    x0, y0, x1, y1 = line
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, ((x - x0) * dx + (y - y0) * dy) / length)) if length else 0.0
    return float(((x0 + along * dx - x) ** 2 + (y0 + along * dy - y) ** 2) ** 0.5)


def _is_label(item: TextRun, rect: Rect) -> bool:
    """Whether the text is no mark: an empty box's glyph, a word beside the box, spaces."""
    text = item.text.strip()
    if not text or all(sign(char) is Mark.OFF for char in text):
        return True
    if abs(item.along[0]) > 0.02 and abs(item.along[1]) > 0.02:
        # Slanting text crosses the whole page: a draft's mark.
        return True
    x0, y0, x1, y1 = bounds_of(item)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return not rect.contains(x, y, slack=1.0)


def _is_mark(item: Item, rect: Rect, side: float) -> bool:
    """Whether the item is of a mark's size, and in the box."""
    if isinstance(item, TextRun) and box(item.text.strip()) is Mark.ON:
        # A ticked box is the box itself, of which the mapping has the ink alone.
        return True
    if not _fits(item, rect, side):
        return False
    if isinstance(item, TextRun):
        return len(item.text.strip()) == 1 and item.size >= 0.4 * side
    large = item.x1 - item.x0 >= 0.35 * side and item.y1 - item.y0 >= 0.35 * side
    return large and not _is_blot(item, rect)


def _fits(item: Item, rect: Rect, side: float) -> bool:
    x0, y0, x1, y1 = bounds_of(item)
    slack = 0.35 * side
    return (
        x0 >= rect.x0 - slack
        and y0 >= rect.y0 - slack
        and x1 <= rect.x1 + slack
        and y1 <= rect.y1 + slack
    )


def _is_blot(item: Drawing, rect: Rect) -> bool:
    """Whether the item is ink from edge to edge."""
    covers = (item.x1 - item.x0) * (item.y1 - item.y0) >= 0.85 * rect.width * rect.height
    return item.painting is Painting.FILL and item.straight and covers
