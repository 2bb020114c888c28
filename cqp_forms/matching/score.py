"""How well a unit of a document fits a slot of the guide: by wording, titles, and fields' names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cqp_forms.guide import Box, Guide, PlacementKind
from cqp_forms.mapping import Detected, DocxKind, DocxLocator, Locator, PdfKind
from cqp_forms.matching.slots import Slot, SlotKind
from cqp_forms.matching.units import Unit, answer_label, option_of
from cqp_forms.matching.wording import bare, is_negative, likeness
from cqp_forms.typography import folded

#: Under this fit, a slot and a unit are not the same thing.
FLOOR = 0.6
#: How much the title above weighs, for wordings that tell by themselves and for short ones.
_TITLE_LONG, _TITLE_SHORT = 0.12, 0.35
_TELLING = 30
#: What a way of asking that is not the guide's costs.
_UNUSUAL = 0.12
#: What a second wording of the same slot is worth.
_ALIAS = 0.9


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a slot and a unit fit.

    Attributes:
        score: all considered, 0 to 1; 0 when they cannot be the same thing.
        text: likeness of the wordings.
        title: likeness of the titles above; ``None`` when the unit has none.
    """

    score: float = 0.0
    text: float = 0.0
    title: float | None = None


NO_FIT = Fit()


def fit(slot: Slot, unit: Unit) -> Fit:
    """Compare a slot with a unit, by what they are, by wording and by title."""
    cost = _cost(slot, unit)
    if cost is None:
        return NO_FIT
    text = wording_of(slot, unit)
    if text < 0.3:
        return Fit(0.0, text)
    heading = unit.first.heading
    title = max((likeness(one, heading) for one in slot.contexts), default=0.0) if heading else None
    if title is None:
        return Fit(max(0.0, text - cost), text)
    weight = _TITLE_LONG if len(slot.label) >= _TELLING else _TITLE_SHORT
    score = text * (1 - weight) + title * weight
    return Fit(max(0.0, score - cost), text, title)


def wording_of(slot: Slot, unit: Unit) -> float:
    """How alike the wordings of a slot and of a unit are, whichever of them fits best: 0 to 1."""
    return max(_texts(slot, unit))


def _cost(slot: Slot, unit: Unit) -> float | None:
    """What the pair costs for being unusual, ``None`` for what cannot be."""
    if slot.kind in (SlotKind.AREA, SlotKind.SIGNATURE):
        if not unit.is_area or unit.is_date != slot.field.split:
            return None
        signing = unit.first.kind is PlacementKind.SIGNATURE_AREA
        if (slot.kind is SlotKind.SIGNATURE) == signing:
            return 0.0 if signing or not slot.multiline or unit.first.multiline else 0.02
        return 0.1 if slot.kind is SlotKind.SIGNATURE else 0.3
    if unit.is_area:
        return None
    if slot.kind is SlotKind.TICK:
        return _UNUSUAL if unit.is_choice else 0.0
    if slot.kind is SlotKind.CHOICE:
        return 0.0 if len(unit.members) == len(slot.placements) else None
    if slot.kind is SlotKind.RESULT:
        return 0.0 if unit.is_result else _UNUSUAL if unit.is_choice else None
    if unit.is_result:
        return None
    return 0.0 if unit.is_choice else _UNUSUAL


def _texts(slot: Slot, unit: Unit) -> Iterator[float]:
    one, label = unit.first, unit.label
    if slot.kind is SlotKind.RESULT and unit.is_result:
        yield 1.0
        return
    yield likeness(slot.label, label)
    for alias in slot.labels[1:]:
        yield _ALIAS * likeness(alias, label)
    if slot.kind is SlotKind.TICK and one.column:
        yield likeness(slot.label, answer_label(one))
    if one.column and slot.kind is not SlotKind.CRITERION:
        yield 0.97 * likeness(slot.label, one.column)
    if unit.is_area and one.heading:
        # A comment box may have no wording of its own but the title just above it.
        yield 0.92 * likeness(slot.label, one.heading)
    if unit.is_area and label:
        yield 0.95 * likeness(f"{slot.label} {slot.field.context}", label)


@dataclass(frozen=True, slots=True)
class Assigned:
    """One placement of a slot and the box or area that it is.

    Attributes:
        sure: whether something told which box it is; else the order OUI, NON was supposed.
    """

    placement: str
    found: Detected
    sure: bool = True


def assign(slot: Slot, unit: Unit) -> tuple[Assigned, ...]:
    """Say which box of a unit is which placement of a slot."""
    if slot.kind in (SlotKind.AREA, SlotKind.SIGNATURE):
        return tuple(map(Assigned, slot.placements, unit.members))
    if slot.kind is SlotKind.CHOICE:
        return _options(slot, unit)
    if slot.kind is SlotKind.TICK:
        return (_tick(slot, unit),)
    boxes = (Box.OUI, Box.NON)
    if slot.kind is SlotKind.RESULT and unit.is_result:
        boxes = (Box.MASTERED, Box.NOT_MASTERED)
    named = dict(zip(slot.placements, boxes, strict=True))
    if unit.roles.keys() & set(boxes):
        return tuple(
            Assigned(place, unit.roles[box]) for place, box in named.items() if box in unit.roles
        )
    return tuple(
        Assigned(place, one, sure=False)
        for place, one in zip(slot.placements, unit.members, strict=False)
    )


def _options(slot: Slot, unit: Unit) -> tuple[Assigned, ...]:
    """Each option and the box with its wording; in their order, supposed, where they do not say."""
    worded = {_key(option_of(one)): one for one in unit.members}
    named = [worded.get(_key(one.label)) for one in slot.field.options]
    boxes = [one for one in named if one is not None]
    if len(worded) == len(boxes) == len(slot.placements):
        return tuple(map(Assigned, slot.placements, boxes))
    return tuple(
        Assigned(place, one, sure=False)
        for place, one in zip(slot.placements, unit.members, strict=True)
    )


def _key(wording: str) -> str:
    # A face or an arrow has no word in it.
    return bare(wording) or folded(wording)


def _tick(slot: Slot, unit: Unit) -> Assigned:
    if Box.OUI in unit.roles:
        return Assigned(slot.placements[0], unit.roles[Box.OUI], sure=False)
    return Assigned(slot.placements[0], unit.first, sure=not unit.is_choice)


def says_contrary(slot: Slot, unit: Unit) -> bool:
    """Whether one of the two wordings denies what the other states."""
    label = unit.label
    return bool(bare(label)) and is_negative(slot.label) != is_negative(label)


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
