"""Places that lie over one another are taken apart, so that nothing is put in twice (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected, PdfLocator, Rect

#: Two places whose edges are no further apart, in points, are one.
_SAME = 1.5
#: What is left of a place that another one takes a part of, at the least: share of its extent.
_LEFT = 0.4


@dataclass(frozen=True, slots=True)
class SetApart:
    """Places none of which lies over another.

    Attributes:
        rivals: by the number of a place, those of all the fields that lie there.
        notes: what was changed, in French.
    """

    places: tuple[Detected, ...]
    rivals: Mapping[int, tuple[int, ...]]
    notes: tuple[str, ...]


def set_apart(found: Sequence[Detected]) -> SetApart:
    """Take the places of a PDF apart; those of a DOCX never lie over one another.

    Of two that lie at the same place the first is kept; where they are two fields of a form, a
    person says which. Areas that overlap a little are cut where they meet.
    """
    kept: list[Detected] = []
    rivals: dict[int, tuple[int, ...]] = {}
    notes: list[str] = []
    for one in found:
        twin = next((other for other in kept if _same_place(one, other)), None)
        if twin is not None:
            notes.append(
                f"les n° {twin.number} et {one.number} sont au même endroit : une seule question "
                f"(« {twin.label or one.label} »)"
            )
            if _fields(twin, one):
                rivals[twin.number] = (*rivals.get(twin.number, (twin.number,)), one.number)
                numbers = " et ".join(f"n° {each}" for each in rivals[twin.number])
                doubt = f"champs au même endroit : {numbers}, lequel est le bon ?"
                kept[kept.index(twin)] = replace(twin, doubt=doubt)
            continue
        place = one
        for rank, other in enumerate(kept):
            if parts := _cut(other, place):
                kept[rank], place = parts
                notes.append(f"les n° {other.number} et {one.number} se chevauchaient : séparés")
        kept.append(place)
    return SetApart(tuple(kept), rivals, tuple(notes))


def _fields(one: Detected, two: Detected) -> bool:
    """Whether they are two fields of a form, of two names: each has a value of its own."""
    a, b = one.locator, two.locator
    return (
        isinstance(a, PdfLocator)
        and isinstance(b, PdfLocator)
        and bool(a.name and b.name)
        and a.name != b.name
    )


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
