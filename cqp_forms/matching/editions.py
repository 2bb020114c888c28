"""A new edition of a document: carry its mapping over, and say what the branch changed (pure)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cqp_forms.guide import Field, FieldKind, Guide, PlacementKind
from cqp_forms.mapping import AnyMapping, Detected, DocxLocator, Locator
from cqp_forms.matching import Matched, match
from cqp_forms.matching.score import name_of
from cqp_forms.matching.slots import Slot, SlotKind, slots_of
from cqp_forms.matching.units import units_of
from cqp_forms.matching.wording import bare, likeness
from cqp_forms.typography import spaced


class ChangeKind(StrEnum):
    """What happened to a field from one edition to the next; the value is what people read."""

    REWORDED = "reformulé"
    MOVED = "déplacé"
    ADDED = "ajouté"
    REMOVED = "supprimé"


_ACTIONS = {
    ChangeKind.REWORDED: "Reportez le nouveau libellé dans guide.yaml.",
    ChangeKind.MOVED: "Déplacez-le dans guide.yaml : les identifiants des critères suivent l’ordre "
    "du document.",
    ChangeKind.ADDED: "Ajoutez-le dans guide.yaml, puis refaites la correspondance.",
    ChangeKind.REMOVED: "Retirez-le de guide.yaml, ou complétez sa place dans la correspondance.",
}


@dataclass(frozen=True, slots=True)
class EditionChange:
    """One line of the table that the secretariat acts on.

    Attributes:
        field: the field's id; empty for what the guide does not know yet.
        before: its wording in the former edition; empty when added.
        after: its wording in the new one; empty when removed.
        where: the title above it in the new document, or in the guide when removed.
    """

    kind: ChangeKind
    field: str
    before: str
    after: str
    where: str

    @property
    def action(self) -> str:
        """What to do about it, in French."""
        return spaced(_ACTIONS[self.kind])

    def as_json(self) -> dict[str, str]:
        """The line as ``map --json`` prints it."""
        return {
            "change": self.kind.value,
            "field": self.field,
            "before": self.before,
            "after": self.after,
            "where": self.where,
            "action": self.action,
        }


@dataclass(frozen=True, slots=True)
class MigratedMapping:
    """A mapping carried over to a new edition.

    Attributes:
        matched: where each placement lies in the new document.
        changes: what differs, in the guide's order, additions last.
    """

    matched: Matched
    changes: tuple[EditionChange, ...]


def carry_over(
    guide: Guide,
    former: AnyMapping,
    found: Sequence[Detected],
    former_found: Sequence[Detected] = (),
) -> MigratedMapping:
    """Carry a mapping over to a new edition of its document.

    Args:
        guide: the guide of the former edition.
        former: its mapping; the tags and field names that it uses are looked for first.
        found: what ``detect`` gave for the new document.
        former_found: what ``detect`` gives for the former document, where it is at hand: wordings
            are then compared between the documents, else with the guide.
    """
    matched = match(found, guide, _names(former))
    before = _Former(guide, former, former_found)
    slots = slots_of(guide)
    changes = [
        *_reworded(slots, matched, before),
        *_moved(slots, matched, before),
        *_removed(slots, matched, before),
    ]
    rank = {slot.field.id: index for index, slot in enumerate(slots)}
    changes.sort(key=lambda one: rank[one.field])
    return MigratedMapping(matched, (*changes, *_added(guide, matched, before)))


def _names(former: AnyMapping) -> dict[str, str]:
    named = Counter(name for one in former.locators.values() if (name := name_of(one)))
    return {
        name: place
        for place, one in former.locators.items()
        if (name := name_of(one)) and named[name] == 1
    }


def _spot(locator: Locator) -> tuple[object, ...]:
    """What tells places apart, confidence and reason left out."""
    if isinstance(locator, DocxLocator):
        return (locator.kind, locator.target, locator.part, locator.offset)
    box = locator.rect
    corners = tuple(round(one, 1) for one in (box.x0, box.y0, box.x1, box.y1))
    return (locator.kind, locator.page, *corners)


class _Former:
    """The former edition: what it said at each placement."""

    def __init__(self, guide: Guide, mapping: AnyMapping, found: Sequence[Detected]) -> None:
        self.guide = guide
        self.found = tuple(found)
        spots = {_spot(one.locator): one for one in found}
        self.at: Mapping[str, Detected] = {
            place: spots[_spot(one)]
            for place, one in mapping.locators.items()
            if _spot(one) in spots
        }

    def wording(self, slot: Slot) -> str:
        """What the former document, or else the guide, calls a slot."""
        place = next((one for one in slot.placements if one in self.at), None)
        return self.at[place].label if place else _label(self.guide, slot.field)


def _label(guide: Guide, field: Field) -> str:
    if field.kind is FieldKind.RESULT and guide.phrases is not None:
        return guide.phrases.mastered
    return field.label


def _shown(slot: Slot, matched: Matched) -> Detected | None:
    return next((matched.placed[one] for one in slot.placements if one in matched.placed), None)


def _reworded(slots: Sequence[Slot], matched: Matched, before: _Former) -> Iterator[EditionChange]:
    seen: set[str] = set()
    for slot in slots:
        shown = _shown(slot, matched)
        known = any(one in before.at for one in slot.placements)
        asked = slot.field.kind in (FieldKind.CRITERION, FieldKind.TICK, FieldKind.CHOICE)
        # How a line is labelled on paper is not the guide's wording: only documents compare.
        if shown is None or not shown.label or not (known or asked) or slot.field.id in seen:
            continue
        if slot.field.kind is FieldKind.RESULT:
            # Its two boxes are named in the row or in the column, as the layout has it.
            continue
        wording = before.wording(slot)
        if bare(wording).replace(" ", "") != bare(shown.label).replace(" ", ""):
            seen.add(slot.field.id)
            yield EditionChange(
                ChangeKind.REWORDED, slot.field.id, wording, shown.label, shown.heading
            )


def _moved(slots: Sequence[Slot], matched: Matched, before: _Former) -> Iterator[EditionChange]:
    """What left its order: all but the longest series that kept it.

    Where a signature stands beside its lines is layout, not order.
    """
    ordered = [slot for slot in slots if slot.kind is not SlotKind.SIGNATURE]
    placed = [(slot, one) for slot in ordered if (one := _shown(slot, matched)) is not None]
    if before.at:
        placed = [pair for pair in placed if any(one in before.at for one in pair[0].placements)]
        placed.sort(key=lambda pair: _order(pair[0], before))
    kept = _longest_increasing([one.order for _, one in placed])
    for index, (slot, one) in enumerate(placed):
        if index not in kept or _other_group(slot, one, before):
            yield EditionChange(
                ChangeKind.MOVED, slot.field.id, before.wording(slot), one.label, one.heading
            )


def _order(slot: Slot, before: _Former) -> int:
    return min(before.at[one].order for one in slot.placements if one in before.at)


def _other_group(slot: Slot, shown: Detected, before: _Former) -> bool:
    """Whether a criterion now stands under the title of another group."""
    if slot.field.kind is not FieldKind.CRITERION or not shown.heading:
        return False
    own = max(likeness(one, shown.heading) for one in slot.contexts)
    others = {group.title for one in before.guide.competences for group in one.groups} - set(
        slot.contexts
    )
    return own < 0.7 and any(likeness(one, shown.heading) > 0.95 for one in others)


def _longest_increasing(values: Sequence[int]) -> set[int]:
    """The ranks of a longest increasing series (patience sorting)."""
    tails: list[int] = []
    ends: list[int] = []
    parents: list[int] = []
    for index, value in enumerate(values):
        place = bisect_left(tails, value)
        tails[place : place + 1] = [value]
        ends[place : place + 1] = [index]
        parents.append(ends[place - 1] if place else -1)
    kept: set[int] = set()
    index = ends[-1] if ends else -1
    while index >= 0:
        kept.add(index)
        index = parents[index]
    return kept


def _removed(slots: Sequence[Slot], matched: Matched, before: _Former) -> Iterator[EditionChange]:
    missing = set(matched.missing)
    for slot in slots:
        if all(one in missing for one in slot.placements):
            wording = before.wording(slot)
            where = slot.contexts[0] if slot.contexts else ""
            yield EditionChange(ChangeKind.REMOVED, slot.field.id, wording, "", where)


def _added(guide: Guide, matched: Matched, before: _Former) -> Iterator[EditionChange]:
    used = {_spot(one.locator) for one in before.at.values()}
    already = Counter(_likes(one) for one in before.found if _spot(one.locator) not in used)
    for unit in units_of(matched.unused, guide.phrases):
        one = unit.first
        if already[_likes(one)]:
            already[_likes(one)] -= 1
            continue
        if one.kind is PlacementKind.TICK_BOX or one.label:
            wording = unit.label or one.column
            yield EditionChange(ChangeKind.ADDED, "", "", wording, one.heading)


def _likes(one: Detected) -> tuple[PlacementKind, str, str]:
    return (one.kind, bare(one.label), bare(one.column))
