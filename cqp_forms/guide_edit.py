"""Change the words of a drafted ``guide.yaml``, from text to text (pure).

Ids stay as they are: mappings and fiches name fields by them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from cqp_forms import yaml_data
from cqp_forms.errors import GuideError, UsageError
from cqp_forms.guide import FieldKind, Requirement
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.typography import folded

#: What a text area may be said to take.
AREA_KINDS = (FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.DATE, FieldKind.SIGNATURE)
#: What may be added where the program found nothing.
ADDED_KINDS = (FieldKind.TICK, *AREA_KINDS)
_ID_LENGTH = 40


@dataclass(frozen=True, slots=True)
class FieldWords:
    """What a person says of a field.

    Attributes:
        label: its wording on the document.
        kind: of an area; ``None`` leaves it.
        is_required: whether a fiche without an answer is refused; ``None`` leaves it.
        options: the wordings of a choice's options, by their ids.
    """

    label: str
    kind: FieldKind | None = None
    is_required: bool | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GuideWords:
    """What a person says of a guide.

    Attributes:
        groups: the titles of the groups, in their order.
        fields: by field id; the others stay.
        candidate: the fields that name whom a form is about.
    """

    title: str
    groups: Sequence[str]
    fields: Mapping[str, FieldWords]
    candidate: Sequence[str]


def reworded(text: str, words: GuideWords) -> str:
    """The guide with other wordings.

    Raises:
        GuideError: that would be no guide.
    """

    def change(root: dict[str, Any]) -> None:
        root["title"] = words.title or root["title"]
        if words.candidate:
            root["candidate"] = list(words.candidate)
        for group, title in zip(_groups(root), words.groups, strict=False):
            group["title"] = title or group["title"]
        for one in _fields(root):
            if one["id"] in words.fields:
                _reword(one, words.fields[one["id"]])

    return _changed(text, change)


def _reword(one: dict[str, Any], words: FieldWords) -> None:
    one["label"] = words.label or one["label"]
    is_area = one.get("kind", FieldKind.TEXT) in AREA_KINDS and "parts" not in one
    if is_area and words.kind in AREA_KINDS:
        one["kind"] = words.kind.value
    if words.is_required is not None:
        one.pop("required", None)
        if words.is_required:
            one["required"] = Requirement.ANSWER.value
    for option in one.get("options", []):
        option["label"] = words.options.get(option["id"]) or option["label"]


def without(text: str, field_id: str) -> str:
    """The guide without one of its fields.

    Raises:
        GuideError: that would be no guide.
        UsageError: it is its last field, or names the candidate.
    """
    if field_id in parse_guide(text).candidate:
        raise UsageError(
            "cette question donne le nom du candidat : elle nomme aussi ses fichiers.",
            remedy="Dites d’abord quelle autre question le donne.",
        )

    def change(root: dict[str, Any]) -> None:
        for group in _groups(root):
            group["fields"] = [one for one in group["fields"] if one["id"] != field_id]
        for section in root["sections"]:
            section["groups"] = [one for one in section["groups"] if one["fields"]]
        if not any(_groups(root)):
            raise UsageError(
                "c’est la dernière question de ce guide.", remedy="Un guide en a au moins une."
            )

    return _changed(text, change)


def with_field(text: str, group: int, kind: FieldKind, label: str) -> tuple[str, str]:
    """The guide with one field more, at the end of a group, and the id of that field.

    Args:
        group: which group, from 0.
        kind: one of :data:`ADDED_KINDS`.

    Raises:
        UsageError: it has no label, or there is no such group or kind.
        GuideError: that would be no guide.
    """
    guide = parse_guide(text)
    if not label:
        raise UsageError("cette question n’a pas de libellé.", remedy="Donnez ce qu’elle demande.")
    if kind not in ADDED_KINDS:
        raise UsageError("on ne peut pas ajouter cela ici.", remedy="Choisissez dans la liste.")
    base = f"ajout.{_slug(label) or 'champ'}"
    made, rank = base, 2
    while made in guide.fields or made in guide.placements:
        made, rank = f"{base}_{rank}", rank + 1

    def change(root: dict[str, Any]) -> None:
        groups = list(_groups(root))
        if not 0 <= group < len(groups):
            raise UsageError("ce groupe n’existe pas.", remedy="Rechargez la page.")
        groups[group]["fields"].append({"id": made, "kind": kind.value, "label": label})

    return _changed(text, change), made


def _slug(label: str) -> str:
    words = re.sub("[^a-z0-9]+", "_", folded(label)).strip("_")
    return words[:_ID_LENGTH].strip("_")


def _changed(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    """The text with a change made; what its first lines say of it stays, and all where none is."""
    root = yaml_data.load(text, "guide.yaml", GuideError).value
    assert isinstance(root, dict)
    before = deepcopy(root)
    change(root)
    if root == before:
        return text
    head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    made = head + yaml_data.dump(root)
    parse_guide(made)
    return made


def _groups(root: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for section in root["sections"]:
        yield from section["groups"]


def _fields(root: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for group in _groups(root):
        yield from group["fields"]
