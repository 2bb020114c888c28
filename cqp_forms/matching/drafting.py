"""Draft a guide from what is detected in any form: a person reads it over and corrects it (pure).

Fields take their ids from their labels and their groups from the titles above them. Boxes under OUI
and NON become one question; any other box is a tick of its own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cqp_forms.errors import DocumentError, UsageError
from cqp_forms.guide import FIELD_ID, Box, FieldKind, Guide, PlacementKind
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.mapping import AnyMapping, Detected, Format, Locator, PdfLocator, mapping_of
from cqp_forms.matching.units import Unit, answer_label, units_of
from cqp_forms.matching.wording import bare

_ID_LENGTH = 40
_GROUP_LENGTH = 24
_DATES = re.compile(r"\b(date|le|fait le|ne e le|nee? le|date of birth|dob)$")
_FAMILY = ("nom", "nom de famille", "nom de naissance", "last name", "name", "nom et prenom")
_FIRST = ("prenom", "prenoms", "first name")


@dataclass(frozen=True, slots=True)
class Draft:
    """A guide and its mapping, as drafted.

    Attributes:
        text: the ``guide.yaml``.
        guide: the same, read.
        mapping: complete for it.
    """

    text: str
    guide: Guide
    mapping: AnyMapping


@dataclass(frozen=True, slots=True)
class _Entry:
    """A field being drafted, with the locator of each of its placements."""

    id: str
    kind: FieldKind
    label: str
    locators: tuple[tuple[str, Locator], ...]


def draft(
    found: Sequence[Detected],
    guide_id: str,
    kind: Format,
    document: str,
    content: bytes,
    title: str = "",
) -> Draft:
    """Draft a guide and its mapping.

    Args:
        found: what ``detect`` gave for the document.
        guide_id: the id of the new guide, the name of its folder.
        document: the document's file name.
        content: its bytes, for the SHA-256.
        title: the guide's title; the first title of the document when empty.

    Raises:
        UsageError: the id cannot name a guide.
        DocumentError: nothing was detected.
    """
    _require_id(guide_id)
    if not found:
        raise DocumentError(
            "aucune case ni zone à remplir n’a été trouvée dans ce document.",
            where=document,
            remedy="Vérifiez que c’est bien un formulaire ; cqp-forms map DOCUMENT --list montre "
            "ce qui est détecté.",
        )
    groups = _groups(found)
    heading = title or next((one for one, _ in groups if one), "") or guide_id
    text = _yaml(guide_id, heading, groups)
    locators = {
        place: locator
        for _, entries in groups
        for one in entries
        for place, locator in one.locators
    }
    sha256 = hashlib.sha256(content).hexdigest()
    mapping = mapping_of(guide_id, kind, document, sha256, locators)
    return Draft(text, parse_guide(text), mapping)


def _require_id(guide_id: str) -> None:
    if not re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", guide_id):
        raise UsageError(
            f"« {guide_id} » ne peut pas être l’identifiant d’un guide.",
            remedy="Lettres minuscules sans accent, chiffres et tirets, comme « mon-guide ».",
        )


def _groups(found: Sequence[Detected]) -> list[tuple[str, list[_Entry]]]:
    taken: set[str] = set()
    groups: list[tuple[str, list[_Entry]]] = []
    #: By the name of a PDF field, where its entry stands: it may show in several places.
    named: dict[str, tuple[list[_Entry], int]] = {}
    for unit in units_of(found, None):
        name = _shared_name(unit)
        if name in named:
            entries, rank = named[name]
            entries[rank] = _also_at(entries[rank], unit.first)
            continue
        heading = unit.first.heading
        if not groups or groups[-1][0] != heading:
            groups.append((heading, []))
        groups[-1][1].extend(_entries(unit, taken))
        if name:
            named[name] = groups[-1][1], len(groups[-1][1]) - 1
    return groups


def _shared_name(unit: Unit) -> str:
    """The name of the form field that an area is, which has one value wherever it shows."""
    one = unit.first
    text = unit.is_area and one.kind is PlacementKind.TEXT_AREA
    return one.locator.name if text and isinstance(one.locator, PdfLocator) else ""


def _also_at(entry: _Entry, one: Detected) -> _Entry:
    place = f"{entry.id}@{len(entry.locators) + 1}"
    return replace(entry, locators=(*entry.locators, (place, _sure(one))))


def _entries(unit: Unit, taken: set[str]) -> Iterator[_Entry]:
    one = unit.first
    if unit.is_area:
        kind = _area_kind(one)
        field = _new_id(one, one.label, taken)
        yield _Entry(field, kind, one.label or one.column or "Zone", ((field, _sure(one)),))
        return
    if set(unit.roles) == {Box.OUI, Box.NON} and len(unit.members) == 2:
        field = _new_id(one, unit.label, taken)
        label = unit.label or "Question"
        locators = tuple((f"{field}.{box}", _sure(unit.roles[box])) for box in (Box.OUI, Box.NON))
        yield _Entry(field, FieldKind.CRITERION, label, locators)
        return
    for box in unit.members:
        label = answer_label(box) if len(unit.members) > 1 else box.label or box.column
        label = label or "Case"
        field = _new_id(box, label, taken)
        yield _Entry(field, FieldKind.TICK, label, ((field, _sure(box)),))


def _area_kind(one: Detected) -> FieldKind:
    if one.kind is PlacementKind.SIGNATURE_AREA:
        return FieldKind.SIGNATURE
    if _DATES.search(bare(one.label)):
        return FieldKind.DATE
    return FieldKind.LONG_TEXT if one.multiline else FieldKind.TEXT


def _sure(one: Detected) -> Locator:
    return replace(one.locator, confidence=1.0, reason="")


def _new_id(one: Detected, label: str, taken: set[str]) -> str:
    """An id from the title and the label, unlike those given so far."""
    group = _slug(one.heading, _GROUP_LENGTH) or "formulaire"
    name = _slug(label, _ID_LENGTH) or _slug(one.column, _ID_LENGTH) or "champ"
    base = f"{group}.{name}"
    candidate, rank = base, 2
    # « a.oui » could be a field, and is the box of the question « a »: no id may end like a box.
    while candidate in taken or candidate.rpartition(".")[2] in {box.value for box in Box}:
        candidate = f"{base}_{rank}"
        rank += 1
    taken.add(candidate)
    assert FIELD_ID.fullmatch(candidate)
    return candidate


def _slug(text: str, length: int) -> str:
    words: list[str] = []
    for word in bare(text).split():
        if words and len("_".join([*words, word])) > length:
            break
        words.append(word[:length])
    return "_".join(words)


def _quoted(text: str) -> str:
    # A JSON string is a YAML one; forms hold quotes, colons and hashes.
    return json.dumps(text, ensure_ascii=False)


def _yaml(guide_id: str, title: str, groups: Sequence[tuple[str, list[_Entry]]]) -> str:
    lines = [
        "# Ébauche établie d’après les cases et les zones d’un document : relisez les libellés,",
        "# les groupes, la nature des champs (text, long-text, date, tick, criterion, signature).",
        "# Les identifiants sont ceux de la correspondance : changez-les dans les deux fichiers.",
        f"id: {guide_id}",
        f"short: {_quoted(re.sub('[^A-Z0-9]', '', guide_id.upper())[:16])}",
        f"title: {_quoted(title)}",
        "language: fr-FR",
    ]
    if named := _candidate([one for _, entries in groups for one in entries]):
        lines += ["candidate:", *(f"  - {one}" for one in named)]
    lines += ["sections:", "  - sheet: Formulaire", "    groups:"]
    for heading, entries in groups:
        lines += [f"      - title: {_quoted(heading or 'Formulaire')}", "        fields:"]
        for one in entries:
            lines += [
                f"          - id: {one.id}",
                f"            kind: {one.kind}",
                f"            label: {_quoted(_unmarked(one.label))}",
            ]
            areas = len(one.locators)
            if areas > 1 and one.kind is not FieldKind.CRITERION:
                lines.append(f"            areas: {areas}")
    return "\n".join(lines) + "\n"


def _unmarked(label: str) -> str:
    """« Nom : » is the label « Nom »."""
    return label.rstrip(" :\u00a0") or label


def _candidate(entries: Sequence[_Entry]) -> list[str]:
    """The fields that name whom the form is about: they name its files too."""
    texts = [one for one in entries if one.kind is FieldKind.TEXT]
    named = []
    for known in (_FAMILY, _FIRST):
        one = next((each.id for each in texts if bare(each.label) in known), None)
        named += [one] if one else []
    return named or [one.id for one in texts[:1]]
