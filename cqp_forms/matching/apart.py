"""Places that lie over one another are taken apart, so that nothing is put in twice (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected, PdfLocator, Rect

#: Two places whose edges are no further apart, in points, are one.
_SAME = 1.5
#: What is left of a place that another one takes a part of, at the least: share of its extent.
_LEFT = 0.4


def set_apart(found: Sequence[Detected]) -> tuple[tuple[Detected, ...], tuple[str, ...]]:
    """Take the places of a PDF apart; those of a DOCX never lie over one another.

    Of two that lie at the same place the first is kept. Areas that overlap a little are cut where
    they meet.

    Returns:
        The places, and what was changed, in French.
    """
    kept: list[Detected] = []
    notes: list[str] = []
    for one in found:
        twin = next((other for other in kept if _same_place(one, other)), None)
        if twin is not None:
            notes.append(
                f"les n° {twin.number} et {one.number} sont au même endroit : une seule question "
                f"(« {twin.label or one.label} »)"
            )
            continue
        place = one
        for rank, other in enumerate(kept):
            if parts := _cut(other, place):
                kept[rank], place = parts
                notes.append(f"les n° {other.number} et {one.number} se chevauchaient : séparés")
        kept.append(place)
    return tuple(kept), tuple(notes)


def _same_place(one: Detected, two: Detected) -> bool:
    if not (
        isinstance(one.locator, PdfLocator)
        and isinstance(two.locator, PdfLocator)
        and one.locator.page == two.locator.page
    ):
        return False
    a, b = one.locator.rect, two.locator.rect
    edges = ((a.x0, b.x0), (a.y0, b.y0), (a.x1, b.x1), (a.y1, b.y1))
    return all(abs(here - there) <= _SAME for here, there in edges)


def _cut(one: Detected, two: Detected) -> tuple[Detected, Detected] | None:
    """Two areas that overlap, cut in the middle of what they share; ``None`` where they do not."""
    if not (
        isinstance(one.locator, PdfLocator)
        and isinstance(two.locator, PdfLocator)
        and one.locator.page == two.locator.page
        and one.locator.rect.overlaps(two.locator.rect)
        and PlacementKind.TICK_BOX not in (one.kind, two.kind)
    ):
        return None
    parts = _parted(one.locator.rect, two.locator.rect)
    if parts is None:
        return None
    return (
        replace(one, locator=replace(one.locator, rect=parts[0])),
        replace(two, locator=replace(two.locator, rect=parts[1])),
    )


def _parted(a: Rect, b: Rect) -> tuple[Rect, Rect] | None:
    """Two rectangles cut along the side that costs least, or ``None`` where too little is left."""
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    if across / min(a.width, b.width) < down / min(a.height, b.height):
        left, right = (a, b) if a.x0 <= b.x0 else (b, a)
        middle = (max(a.x0, b.x0) + min(a.x1, b.x1)) / 2
        cut = {
            id(left): replace(left, x1=middle),
            id(right): replace(right, x0=middle),
        }
    else:
        low, high = (a, b) if a.y0 <= b.y0 else (b, a)
        middle = (max(a.y0, b.y0) + min(a.y1, b.y1)) / 2
        cut = {id(low): replace(low, y1=middle), id(high): replace(high, y0=middle)}
    one, two = cut[id(a)], cut[id(b)]
    enough = all(
        new.width >= _LEFT * old.width and new.height >= _LEFT * old.height
        for new, old in ((one, a), (two, b))
    )
    return (one, two) if enough else None
