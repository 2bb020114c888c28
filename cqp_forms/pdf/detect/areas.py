"""Labels of text widgets, and signature spaces that nothing but a word announces."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import pairwise

from cqp_forms.guide import DatePart, PlacementKind
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.matching.wording import announces_signing
from cqp_forms.pdf.detect.cells import TALL, kind_of, row_label
from cqp_forms.pdf.detect.lines import date_in_three
from cqp_forms.pdf.detect.model import PageContent, Paint, shared_height, shared_width
from cqp_forms.pdf.detect.paragraphs import caption_below, label_above, label_left
from cqp_forms.pdf.detect.tables import TableCell, holding
from cqp_forms.pdf.detect.text import Phrase, rows_of
from cqp_forms.pdf.detect.widgets import Spot

_TALLEST, _LEAST = 70.0, 24.0  # of a signature space, in points
_LEAST_IN_CELL, _OVERLAP = 12.0, 3.0  # lines of text may overlap a little
_ALIGNED = 4.0
_LOWEST, _TINT = 9.0, (0.75, 0.985)  # of a place shown by its ground: height, luminance
_PART_WIDTH = 60.0  # of a field for a part of a date
_WIDEST = 220.0
_WORDING = re.compile(r"[^\W\d_]{2}")


def widget_labels(
    spots: Sequence[Spot],
    cells: Sequence[TableCell],
    printed: Sequence[Phrase],
    boxes: Sequence[Rect],
) -> None:
    """Name text and signature widgets by what is printed around them, else by their own names."""
    taken = [*(one.rect for one in spots), *boxes]
    for row in rows_of([one.rect for one in spots]):
        fields = [spots[index] for index in row]
        below = [caption_below(one.rect, printed, taken) for one in fields]
        if len(fields) > 1 and None not in below:
            for one, caption in zip(fields, below, strict=True):
                if caption is not None:
                    one.label, one.words = caption.text, (caption.rect,)
            continue
        for one in fields:
            _widget_label(one, cells, printed, taken)
        _dates(fields, printed)
    _columns(spots)
    _grids(spots, printed)


def _grids(spots: Sequence[Spot], printed: Sequence[Phrase]) -> None:
    """Fields in rows and columns, no rule around them: each has the row's wording and a heading."""
    grids: dict[tuple[int, ...], list[list[Spot]]] = defaultdict(list)
    for row in rows_of([one.rect for one in spots]):
        fields = [spots[index] for index in row]
        ends = [(one.rect.x1, two.rect.x0) for one, two in pairwise(fields)]
        between = any(
            left <= phrase.rect.centre[0] <= right
            and shared_height(phrase.rect, fields[0].rect) > 0.4 * phrase.size
            for phrase in printed
            for left, right in ends
        )
        if len(fields) > 1 and not between and not any(one.group for one in fields):
            grids[tuple(round(one.rect.x0 / _ALIGNED) for one in fields)].append(fields)
    for rows in grids.values():
        heads = [label_above(one.rect, printed) for one in rows[0]]
        leads = [label_left(members[0].rect, printed) for members in rows]
        named = all(text for text, _ in [*heads, *leads])
        if len(rows) < 2 or not named or len({text for text, _ in heads}) < len(heads):
            continue
        for members, (lead, words) in zip(rows, leads, strict=True):
            for one, (head, over) in zip(members, heads, strict=True):
                one.label, one.column, one.words = lead, head, (*words, *over)


def _columns(spots: Sequence[Spot]) -> None:
    """A field that nothing names has the label of the one right over it, of the same sides."""
    for one in sorted(spots, key=lambda spot: -spot.rect.y1):
        if one.words or one.widget is None or one.label != one.widget.name:
            continue
        over = [
            other
            for other in spots
            if abs(other.rect.x0 - one.rect.x0) < _ALIGNED
            and abs(other.rect.x1 - one.rect.x1) < _ALIGNED
            and 0 <= other.rect.y0 - one.rect.y1 + _ALIGNED < one.rect.height
        ]
        if over:
            one.label, one.words = over[0].label, over[0].words


def _dates(fields: Sequence[Spot], printed: Sequence[Phrase]) -> None:
    """Three narrow fields with slashes between them are the day, month and year of one date."""
    for rank in range(len(fields) - 2):
        three = fields[rank : rank + 3]
        rects = [one.rect for one in three]
        if all(one.width < _PART_WIDTH for one in rects) and date_in_three(rects, printed):
            for one, part in zip(three, DatePart, strict=True):
                one.label, one.words = three[0].label, three[0].words
                one.group = f"{one.page}.{rects[0].x0:.0f}.{rects[0].y0:.0f}"
                one.option = part


def _far_left(
    rect: Rect, printed: Sequence[Phrase], taken: Sequence[Rect]
) -> tuple[str, tuple[Rect, ...]]:
    """What starts the row of a field, however far, when nothing stands between."""
    left = [
        one
        for one in printed
        if one.rect.x1 <= rect.x0 and shared_height(one.rect, rect) > 0.4 * one.size
    ]
    nearest = max(left, key=lambda one: one.rect.x1, default=None)
    if nearest is None:
        return "", ()
    between = any(
        nearest.rect.x1 <= one.centre[0] < rect.x0 and shared_height(one, rect) > 4 for one in taken
    )
    return ("", ()) if between else (nearest.text, (nearest.rect,))


def _widget_label(
    spot: Spot, cells: Sequence[TableCell], printed: Sequence[Phrase], taken: Sequence[Rect]
) -> None:
    # A low field has its label before it, a tall one above it.
    tall = spot.rect.height >= 40
    spot.label, spot.words = (label_above if tall else label_left)(spot.rect, printed)
    if spot.label:
        return
    widget = spot.widget
    if widget is not None and _WORDING.search(widget.tooltip):
        spot.label = widget.tooltip
        return
    holding = [
        one
        for one in cells
        if one.rect.contains(*spot.rect.centre) and one.rect.height < spot.rect.height + 60
    ]
    cell = min(holding, key=lambda one: one.rect.width * one.rect.height, default=None)
    if cell is not None:
        if cell.phrases:
            spot.label, spot.words = cell.text, tuple(one.rect for one in cell.phrases)
        else:
            table = [one for one in cells if one.table == cell.table]
            spot.label, spot.words = row_label(spot.rect, cell, table)
    if not spot.label:
        spot.label, spot.words = label_above(spot.rect, printed)
    if not spot.label:
        spot.label, spot.words = _far_left(spot.rect, printed, taken)
    if not spot.label and widget is not None:
        spot.label = widget.name


def signature_spaces(
    page: PageContent,
    printed: Sequence[Phrase],
    cells: Sequence[TableCell],
    known: Sequence[Rect],
    named: Collection[Rect],
) -> list[Spot]:
    """The blank under « Signature : » where no frame or line is drawn; in a cell, what it leaves.

    Args:
        known: boxes, areas and lines already found.
        named: the wordings that name one of them.
    """
    found: list[Spot] = []
    width = page.view.size[0]
    for one in printed:
        if one.rect in named or len(one.text) > 90 or not announces_signing(one.text):
            continue
        beside = [
            other.rect.x0 - 4
            for other in printed
            if other.rect.x0 > one.rect.x1 and shared_height(other.rect, one.rect) > 4
        ]
        around = holding(one.rect, cells)
        cell = around.rect if around is not None else None
        right = min([one.rect.x0 + _WIDEST, width - 20, *beside])
        if cell is not None:
            right = min(right, cell.x1 - 1)
        below = [
            other.y1
            for other in [*known, *(two.rect for two in printed if two is not one)]
            if other.y1 <= one.rect.y0 + 1
            and shared_width(other, Rect(one.rect.x0, 0, right, 1)) > 0
            and (cell is None or cell.contains(*other.centre))
        ]
        base = 20.0 if cell is None else cell.y0 + 1
        low = max([one.rect.y0 - _TALLEST, base, *(top + 2 for top in below)])
        space = Rect(one.rect.x0, low, right, one.rect.y0 - 2)
        least = _LEAST if cell is None else _LEAST_IN_CELL
        asks = one.text.rstrip().endswith(":")
        behind = cell.x1 - one.rect.x1 if cell is not None and asks else 0.0
        if cell is not None and space.height < least and behind > _PART_WIDTH:
            # No room is left below: one signs behind the word.
            space = Rect(one.rect.x1 + 3, one.rect.y0, cell.x1 - 1, one.rect.y1 - _OVERLAP)
            least = 0.0
        if space.height < least or any(_served(one, other) for other in known):
            continue
        found.append(
            Spot(
                page.number,
                space,
                PlacementKind.SIGNATURE_AREA,
                PdfKind.AREA,
                " ".join(each.text for each in (*_whose(one, printed), one)),
                multiline=True,
                words=tuple(each.rect for each in (*_whose(one, printed), one)),
            )
        )
    return found


def tinted_places(
    page: PageContent, printed: Sequence[Phrase], known: Sequence[Rect]
) -> list[Spot]:
    """Places shown by their ground alone, behind a label; a person confirms each.

    Args:
        known: cells, boxes, areas and lines already found.
    """
    found: list[Spot] = []
    grounds = [
        one.rect
        for one in page.shapes
        if one.boxy and one.paint is Paint.LIGHT and _TINT[0] < one.tint < _TINT[1]
    ]
    for rect in grounds:
        fits = rect.width > _PART_WIDTH and _LOWEST < rect.height < _TALLEST
        held = [*known, *(one.rect for one in printed), *(one.rect for one in found)]
        inside = any(shared_width(one, rect) > 1 and shared_height(one, rect) > 1 for one in held)
        label, words = label_left(rect, printed)
        if not fits or inside or not label:
            continue
        spot = Spot(page.number, rect, kind_of(label), PdfKind.AREA, label, words=words)
        spot.multiline = rect.height > TALL
        spot.doubt = "un fond teinté : une place, ou un ornement ?"
        found.append(spot)
    return found


def _whose(one: Phrase, printed: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """« Le tuteur » right over « (date et signature) »."""
    if not one.text.startswith("("):
        return ()
    over = [
        other
        for other in printed
        if abs(other.rect.x0 - one.rect.x0) < _ALIGNED
        and 0 <= other.rect.y0 - one.rect.centre[1] < 2 * other.size
    ]
    return tuple(over[:1])


def _served(label: Phrase, known: Rect) -> bool:
    """Whether an area already found is the one that the word announces."""
    holds = known.contains(*label.rect.centre, 3)
    beside = shared_height(label.rect, known) > 4 and 0 <= known.x0 - label.rect.x1 < 40
    under = shared_width(label.rect, known) > 10 and 0 <= label.rect.y0 - known.y1 < 8
    return (holds or beside or under) and known.height > 10
