"""What a document itself calls by a placement's name, and whether its wording agrees (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cqp_forms.detection import Detected
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import DocxKind, DocxLocator, Locator, PdfKind
from cqp_forms.matching.score import FLOOR, wording_of
from cqp_forms.matching.slots import Slot
from cqp_forms.matching.units import Unit


@dataclass(frozen=True, slots=True)
class Named:
    """What bears the name of a placement.

    Attributes:
        agreed: by placement id, where nothing beside it says otherwise.
        contested: by placement id, where the wording beside it is another one's: a name alone may
            be left from another form, or from before a row was put in.
    """

    agreed: Mapping[str, Detected]
    contested: Mapping[str, Detected]


def name_of(locator: Locator) -> str:
    """The tag of a content control or the name of a form field; empty for what has none."""
    if isinstance(locator, DocxLocator):
        return locator.target if locator.kind is DocxKind.CONTROL else ""
    return locator.name if locator.kind is PdfKind.WIDGET else ""


def named(
    found: Sequence[Detected],
    guide: Guide,
    names: Mapping[str, str],
    slots: Sequence[Slot],
    units: Sequence[Unit],
) -> Named:
    """Say which boxes and areas bear the name of a placement.

    Args:
        names: names of placements (tag or field name → placement id) that are known to be true.
        slots: everything that the guide expects.
        units: everything that was found, grouped.
    """
    slot_of = {place: one for one in slots for place in one.placements}
    unit_of = {id(member): one for one in units for member in one.members}
    agreed: dict[str, Detected] = {}
    contested: dict[str, Detected] = {}
    for place, one in _bearers(found, guide, names).items():
        # What a former mapping says was looked at by a person: a new wording does not undo it.
        sure = name_of(one.locator) in names
        sure = sure or _agrees(guide, place, slot_of.get(place), unit_of[id(one)], one)
        (agreed if sure else contested)[place] = one
    return Named(agreed, contested)


def _bearers(
    found: Sequence[Detected], guide: Guide, names: Mapping[str, str]
) -> dict[str, Detected]:
    holders: dict[str, list[Detected]] = {}
    for one in found:
        if name := name_of(one.locator):
            holders.setdefault(name, []).append(one)
    placed = {}
    for name, ones in holders.items():
        place = guide.placements.get(names.get(name, name))
        if place is None or any(_unlike(place.kind, one.kind) for one in ones):
            continue
        twins = [one.id for one in guide.fields[place.field_id].placements]
        if len(ones) == 1:
            placed[place.id] = ones[0]
        elif place.kind is not PlacementKind.TICK_BOX and len(ones) == len(twins):
            placed.update(zip(twins, sorted(ones, key=lambda one: one.order), strict=True))
    return placed


def _unlike(expected: PlacementKind, kind: PlacementKind) -> bool:
    return (expected is PlacementKind.TICK_BOX) != (kind is PlacementKind.TICK_BOX)


def _agrees(guide: Guide, place: str, slot: Slot | None, unit: Unit, one: Detected) -> bool:
    box = guide.placements[place].box
    says = next((role for role, member in unit.roles.items() if member is one), None)
    if box is not None and says is not None and says is not box:
        return False
    return slot is None or not unit.label or wording_of(slot, unit) >= FLOOR
