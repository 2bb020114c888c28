"""Draft a guide from what is detected in any form: a person reads it over and corrects it (pure).

Fields take their ids from their labels and their groups from the titles above them. Boxes that
exclude one another become one choice; any other box is a tick of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cqp_forms.answers import Option
from cqp_forms.errors import DocumentError, UsageError
from cqp_forms.guide import Box, DatePart, FieldKind, Guide, PlacementKind
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.mapping import AnyMapping, Detected, Format, Locator, PdfLocator, mapping_of
from cqp_forms.matching.apart import set_apart
from cqp_forms.matching.draft_yaml import (
    DraftEntry,
    DraftGroup,
    clean,
    guide_text,
    slug,
    unmarked,
)
from cqp_forms.matching.score import name_of
from cqp_forms.matching.units import Unit, answer_label, option_of, units_of
from cqp_forms.matching.wording import DATE_WORDS, bare
from cqp_forms.typography import folded

_ID_LENGTH = 40
_GROUP_LENGTH = 24
_BOX_NAMES = frozenset([*Box, *DatePart])
#: « Date d’entrée », « Date de la visite » ask for one date; « Date et lieu » for more than that.
_DATED = re.compile(
    r"date(?: prevue)? d(?:e|u|)\b(?!.*\b(?:et|ou|lieu|heures?|duree|debut.* fin)\b)[a-z0-9 ]*"
)

#: What heads a column of boxes and says nothing of them, folded.
_TO_TICK = frozenset(("", "x", "✓", "✔", "coche", "cochez", "cocher", "case", "case a cocher"))
#: What asks for more about the answer before it.
_GOES_ON = re.compile(r"(si (oui|non|autre)|precise|les?quel|laquelle|pourquoi|motif|depuis quand)")


@dataclass(frozen=True, slots=True)
class GuideDraft:
    """A guide and its mapping, as drafted.

    Attributes:
        text: the ``guide.yaml``.
        guide: the same, read.
        mapping: complete for it.
        notes: what was changed of what had been found, in French.
        numbered: what was found for each placement, as the mapping has it.
    """

    text: str
    guide: Guide
    mapping: AnyMapping
    notes: tuple[str, ...]
    numbered: Mapping[str, Detected]


def draft(
    found: Sequence[Detected],
    guide_id: str,
    kind: Format,
    document: str,
    content: bytes,
    title: str = "",
) -> GuideDraft:
    """Draft a guide and its mapping.

    Args:
        found: what ``detect`` gave for the document; what cannot be filled is left out.
        guide_id: the id of the new guide, the name of its folder.
        document: the document's file name.
        content: its bytes, for the SHA-256.
        title: the guide's title; the first title of the document when empty.

    Raises:
        UsageError: the id cannot name a guide.
        DocumentError: nothing was detected.
    """
    _require_id(guide_id)
    fillable = [one for one in found if not one.unfillable]
    if not fillable:
        raise DocumentError(
            "aucune case ni zone à remplir n’a été trouvée dans ce document.",
            where=document,
            remedy="Vérifiez que c’est bien un formulaire ; cqp-forms map DOCUMENT --list montre "
            "ce qui est détecté.",
        )
    apart = set_apart(fillable)
    groups = _named(_distinct(_groups(apart.places)))
    heading = title or next((one.title for one in groups if one.title), "") or guide_id
    text = guide_text(guide_id, heading, groups)
    places = {
        place: replace(one, locator=_locator(one, apart.rivals.get(one.number, ())))
        for group in groups
        for entry in group.entries
        for place, one in entry.placements.items()
    }
    locators = {place: one.locator for place, one in places.items()}
    sha256 = hashlib.sha256(content).hexdigest()
    mapping = mapping_of(guide_id, kind, document, sha256, locators)
    return GuideDraft(text, parse_guide(text), mapping, apart.notes, places)


def _require_id(guide_id: str) -> None:
    if not re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", guide_id):
        raise UsageError(
            f"« {guide_id} » ne peut pas être l’identifiant d’un guide.",
            remedy="Lettres minuscules sans accent, chiffres et tirets, comme « mon-guide ».",
        )


def _groups(found: Sequence[Detected]) -> list[DraftGroup]:
    groups: list[tuple[str, list[DraftEntry]]] = []
    #: By the name of a form's field, where its entry stands: it may show in several places.
    named: dict[str, tuple[list[DraftEntry], int]] = {}
    for unit in units_of(found, None):
        name = _shared_name(unit)
        if name in named:
            entries, rank = named[name]
            entries[rank] = replace(entries[rank], places=(*entries[rank].places, unit.first))
            continue
        heading = clean(unit.first.heading)
        if not groups or groups[-1][0] != heading:
            groups.append((heading, []))
        groups[-1][1].extend(_after_question(one, groups[-1][1]) for one in _entries(unit))
        if name:
            named[name] = groups[-1][1], len(groups[-1][1]) - 1
    return [DraftGroup(title, tuple(entries)) for title, entries in groups]


def _after_question(entry: DraftEntry, before: Sequence[DraftEntry]) -> DraftEntry:
    """« Si oui, précisez » with the question that it goes on from, for where it stands again."""
    last = before[-1] if before else None
    if last is None or last.kind is not FieldKind.CHOICE or not _GOES_ON.match(bare(entry.label)):
        return entry
    return replace(entry, longer=f"{unmarked(last.label)} – {entry.label}")


def _shared_name(unit: Unit) -> str:
    """What names an area that has one value wherever it shows; empty for others."""
    one = unit.first
    if one.kind is not PlacementKind.TEXT_AREA or unit.is_date:
        return ""
    return one.group or (one.locator.name if isinstance(one.locator, PdfLocator) else "")


def _entries(unit: Unit) -> Iterator[DraftEntry]:
    one = unit.first
    label = clean(unit.label or one.column)
    if unit.is_area:
        label = clean(one.label or one.column) or _technical_name(one) or "Zone"
        kind = FieldKind.DATE if unit.is_date else _area_kind(one)
        longer = "" if unit.is_date else clean(answer_label(one))
        options = _named_options(one.items) if _are_plain(one.items) else ()
        yield DraftEntry(kind, label, unit.members, longer, options, split=unit.is_date)
        return
    asked = bool(one.group) or {Box.OUI, Box.NON} <= unit.roles.keys()
    if asked and len(unit.members) > 1:
        yield DraftEntry(FieldKind.CHOICE, _question(unit), unit.members, options=_options(unit))
        return
    for box in unit.members:
        told = len(unit.members) > 1 or folded(box.column) not in _TO_TICK
        label = answer_label(box) if told else box.label or box.column
        label = clean(label) or _technical_name(box) or "Case"
        yield DraftEntry(FieldKind.TICK, label, (box,), clean(answer_label(box)))


def _question(unit: Unit) -> str:
    """What a choice asks: the row's wording, else the title above « ☐ Oui ☐ Non »."""
    shared = len({bare(one.label) for one in unit.members}) == 1
    asked = [one.label for one in unit.members if shared or bare(one.label) != bare(option_of(one))]
    label = max(asked, key=len, default="") or unit.first.heading
    return clean(label) or _technical_name(unit.first) or "Question"


def _options(unit: Unit) -> tuple[Option, ...]:
    """The boxes' own wordings, each unlike the others."""
    words = {id(one): role.upper() for role, one in unit.roles.items()}
    shared = len({bare(one.label) for one in unit.members}) == 1
    labels: list[str] = []
    for rank, one in enumerate(unit.members, start=1):
        label = unmarked(clean(one.option or one.column)) or words.get(id(one), "")
        label = label or ("" if shared else clean(one.label))
        if not label or folded(label) in map(folded, labels):
            label = f"{label or 'Case'} ({rank})"
        labels.append(label)
    return _named_options(labels)


def _are_plain(items: Sequence[str]) -> bool:
    """Whether a fiche can name each item of an area's list as it is."""
    return len({folded(one) for one in items if one == clean(one)}) == len(items) > 1


def _named_options(labels: Sequence[str]) -> tuple[Option, ...]:
    names = _unlike((slug(one, _ID_LENGTH) or "option" for one in labels), set())
    return tuple(map(Option, names, labels))


def _technical_name(one: Detected) -> str:
    """The name of a form's field or the tag of a control, where it says something."""
    words = bare(name_of(one.locator).rpartition(".")[2].replace("_", " "))
    return words.capitalize() if re.search(r"[a-z]{3}", words) else ""


def _area_kind(one: Detected) -> FieldKind:
    if one.kind is PlacementKind.SIGNATURE_AREA:
        return FieldKind.SIGNATURE
    if one.items:
        return FieldKind.TEXT
    # A column's heading tells what its cells ask for.
    words = bare(one.column or one.label).removeprefix("si oui ").removeprefix("si non ")
    if DATE_WORDS.search(words) or (_DATED.fullmatch(words) and not one.multiline):
        return FieldKind.DATE
    return FieldKind.LONG_TEXT if one.multiline else FieldKind.TEXT


def _locator(one: Detected, rivals: tuple[int, ...]) -> Locator:
    """The place itself: a field is drafted from it; only what stands beside it may be in doubt."""
    if not one.doubt:
        return replace(one.locator, confidence=1.0, reason="")
    return replace(
        one.locator,
        confidence=0.5,
        reason=one.doubt,
        confirmed=False,
        candidates=rivals or (one.number,),
    )


def _distinct(groups: Sequence[DraftGroup]) -> list[DraftGroup]:
    """Groups in which no two fields have the same label under the same title."""
    labels = Counter(_key(group, one.label) for group in groups for one in group.entries)
    told = [
        DraftGroup(
            group.title,
            tuple(
                replace(one, label=one.longer or one.label)
                if labels[_key(group, one.label)] > 1
                else one
                for one in group.entries
            ),
        )
        for group in groups
    ]
    seen: Counter[tuple[str, str]] = Counter()
    numbered = []
    for group in told:
        entries = []
        for one in group.entries:
            key = _key(group, one.label)
            seen[key] += 1
            label = f"{unmarked(one.label)} ({seen[key]})" if seen[key] > 1 else one.label
            entries.append(replace(one, label=label))
        numbered.append(DraftGroup(group.title, tuple(entries)))
    return numbered


def _key(group: DraftGroup, label: str) -> tuple[str, str]:
    return folded(group.title), folded(unmarked(label))


def _named(groups: Sequence[DraftGroup]) -> list[DraftGroup]:
    """The same with ids, from titles and labels; none could be taken for a box of another field."""
    taken: set[str] = set()
    named = []
    for group in groups:
        title = slug(group.title, _GROUP_LENGTH) or "formulaire"
        bases = [f"{title}.{slug(one.label, _ID_LENGTH) or 'champ'}" for one in group.entries]
        ids = _unlike(bases, taken)
        pairs = zip(group.entries, ids, strict=True)
        named.append(DraftGroup(group.title, tuple(replace(one, id=each) for one, each in pairs)))
    return named


def _unlike(names: Iterable[str], taken: set[str]) -> list[str]:
    """Names unlike those taken and one another: « a.oui » may be the box of a question « a »."""
    given = []
    for base in names:
        name, rank = base, 2
        while name in taken or ("." in name and name.rpartition(".")[2] in _BOX_NAMES):
            name = f"{base}_{rank}"
            rank += 1
        taken.add(name)
        given.append(name)
    return given
