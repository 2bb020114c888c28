"""Labels of text widgets, and signature spaces that nothing but a word announces."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.detect.cells import row_label
from cqp_forms.pdf.detect.labels import label_above, label_left
from cqp_forms.pdf.detect.model import PageContent, shared_height, shared_width
from cqp_forms.pdf.detect.spot import Spot
from cqp_forms.pdf.detect.tables import Cell
from cqp_forms.pdf.detect.text import Phrase
from cqp_forms.typography import folded

_ANNOUNCES = re.compile(r"^\W*(signature|visa|cachet)\b")
_TALLEST, _LEAST = 70.0, 24.0  # of a signature space, in points
_WIDEST = 220.0
_WORDING = re.compile(r"[^\W\d_]{2}")


def widget_label(spot: Spot, cells: Sequence[Cell], printed: Sequence[Phrase]) -> None:
    """Name a text or signature widget by what is printed around it, else by its own names."""
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
    if not spot.label and widget is not None:
        spot.label = widget.name


def signature_spaces(
    page: PageContent, printed: Sequence[Phrase], known: Sequence[Rect]
) -> list[Spot]:
    """The blank under « Signature : » where no frame or line is drawn.

    Args:
        known: boxes, areas and lines already found.
    """
    found: list[Spot] = []
    width = page.view.size[0]
    for one in printed:
        if len(one.text) > 90 or not _ANNOUNCES.search(folded(one.text)):
            continue
        right = min(one.rect.x0 + _WIDEST, width - 20)
        below = [
            other.y1
            for other in [*known, *(two.rect for two in printed if two is not one)]
            if other.y1 <= one.rect.y0 + 1
            and shared_width(other, Rect(one.rect.x0, 0, right, 1)) > 0
        ]
        low = max([one.rect.y0 - _TALLEST, 20.0, *(top + 2 for top in below)])
        space = Rect(one.rect.x0, low, right, one.rect.y0 - 2)
        if space.height < _LEAST or any(_served(one, other) for other in known):
            continue
        found.append(
            Spot(
                page.number,
                space,
                PlacementKind.SIGNATURE_AREA,
                PdfKind.AREA,
                one.text,
                multiline=True,
                words=(one.rect,),
            )
        )
    return found


def _served(label: Phrase, known: Rect) -> bool:
    """Whether an area already found is the one that the word announces."""
    holds = known.contains(*label.rect.centre, 3)
    beside = shared_height(label.rect, known) > 4 and 0 <= known.x0 - label.rect.x1 < 40
    under = shared_width(label.rect, known) > 10 and 0 <= label.rect.y0 - known.y1 < 8
    return (holds or beside or under) and known.height > 10
