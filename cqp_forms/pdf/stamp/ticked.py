"""Refuse a blank in which a drawn box is ticked: its mark is print, which nothing takes away.

A form field that comes ticked is another matter: it is unticked by its state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cqp_forms.errors import DocumentError
from cqp_forms.mapping import PdfKind, PdfLocator, Rect
from cqp_forms.pdf.geometry import View

if TYPE_CHECKING:
    from cqp_forms.pdf.raster import Picture

#: Pixels a point.
_SCALE = 3.0
#: How far from the box's edge its own frame may reach, of its smaller side.
_INSET = 0.28
#: Grey levels apart from the paper around that count as ink.
_CONTRAST = 90
#: The part of the inside that ink must cover to be a mark.
_INKED = 0.06
#: In a cell, this many square points of ink are one.
_CELL_INK = 5.0
#: Grey levels between the paper around a box and the lightest inside that make it solid ink.
_SOLID = 140


def refuse_ticked(
    document: bytes, name: str, boxes: Mapping[str, PdfLocator], views: Sequence[View]
) -> None:
    """Look at the drawn boxes of a blank as they are seen.

    Args:
        name: the blank's file name, for messages.
        boxes: the tick boxes that no form field carries, by placement.

    Raises:
        DocumentError: one is ticked, naming it and its page.
    """
    if not boxes:
        return
    from cqp_forms.pdf.raster import Paint, Raster

    with Raster(document) as pages:
        # One page at a time: a picture of this size takes thirty megabytes.
        for number, view in enumerate(views):
            here = {key: one for key, one in boxes.items() if one.page == number + 1}
            if not here:
                continue
            picture = pages.picture(number, _SCALE, Paint.CONTENT)
            for key, one in here.items():
                if _is_marked(picture, view.rect(one.rect), one.kind):
                    raise DocumentError(
                        f"la case « {key} » est déjà cochée dans le document vierge.",
                        where=f"{name}, page {one.page}",
                        remedy="Partez d’un exemplaire vierge de ce document.",
                    )


def _is_marked(page: Picture, rect: Rect, kind: PdfKind) -> bool:
    """Whether there is a mark inside a box, its frame left out."""
    side = min(rect.width, rect.height)
    levels = _levels(page, rect, -_INSET * side)
    total = sum(levels)
    if not total:
        return False
    paper = _lightest(levels)
    inked = sum(levels[: max(0, paper - _CONTRAST)])
    if kind is PdfKind.CELL:
        # A cell may be wide, and shaded; a cross in it is as large as elsewhere.
        return inked > min(_INKED * total, _CELL_INK * page.scale**2)
    around = _lightest(_levels(page, rect, 0.4 * side))
    return inked > _INKED * total or around - paper > _SOLID


def _levels(page: Picture, rect: Rect, grown: float) -> list[int]:
    """How many pixels of each grey a rectangle has, made larger by so many points a side."""
    box = Rect(rect.x0 - grown, rect.y0 - grown, rect.x1 + grown, rect.y1 + grown)
    return page.image.crop(page.box(box)).convert("L").histogram()


def _lightest(levels: Sequence[int]) -> int:
    return max((level for level, count in enumerate(levels) if count), default=0)
