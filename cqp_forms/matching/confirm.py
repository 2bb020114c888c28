"""A person says where placements are: what was supposed is confirmed, or put elsewhere (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cqp_forms.errors import UsageError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import AnyMapping, Detected, Locator, with_places
from cqp_forms.mapping_yaml import place_number


def wishes_of(words: Sequence[str]) -> dict[str, int | None]:
    """What a command line asks to confirm: ``ID``, or ``ID=#37`` for the place of that number.

    Raises:
        UsageError: a number is none, or an id is given twice.
    """
    wishes: dict[str, int | None] = {}
    for word in words:
        key, equals, text = word.partition("=")
        number = place_number(text if text.startswith("#") else f"#{text}") if equals else None
        if equals and number is None:
            raise UsageError(
                f"« {word} » ne donne pas de numéro d’emplacement.",
                remedy="Écrivez-le ainsi : c1.1.1.oui=#37.",
            )
        if key in wishes:
            raise UsageError(
                f"« {key} » est donné deux fois.", remedy="Gardez un seul numéro par emplacement."
            )
        wishes[key] = number
    return wishes


def confirmed(
    mapping: AnyMapping,
    guide: Guide,
    found: Sequence[Detected],
    wishes: Mapping[str, int | None],
) -> tuple[AnyMapping, tuple[str, ...]]:
    """The mapping with the places that a person confirms.

    Args:
        found: what ``detect`` gives for the document: numbers are its.
        wishes: by placement id, the number of its place, ``None`` for the one supposed; empty for
            all that are supposed, or given by number in the file.

    Returns:
        The mapping, and the placements that were confirmed.

    Raises:
        UsageError: a placement or a number that there is not, or that do not go together.
    """
    places = {one.number: one for one in found}
    asked = dict(wishes) or {
        **dict.fromkeys(mapping.unconfirmed),
        **dict(mapping.numbered),
    }
    locators: dict[str, Locator] = dict(mapping.locators)
    for key, number in asked.items():
        if key not in guide.placements:
            raise UsageError(
                f"« {key} » n’est pas un emplacement du guide « {guide.id} ».",
                remedy="Les identifiants sont ceux du fichier de correspondance.",
            )
        given = number or mapping.numbered.get(key)
        if given is not None:
            locators[key] = _place(key, guide.placements[key].kind, given, places)
        elif key not in locators:
            raise UsageError(
                f"rien n’est supposé pour « {key} ».",
                remedy=f"Donnez le numéro de sa place : {key}=#37 (--list et --preview les "
                "donnent).",
            )
        locators[key] = replace(
            locators[key], confidence=1.0, reason="", confirmed=True, candidates=()
        )
    todo = tuple(one for one in mapping.todo if one not in locators)
    numbered = {key: one for key, one in mapping.numbered.items() if key not in locators}
    return with_places(mapping, locators, todo, numbered), tuple(asked)


def _place(key: str, kind: PlacementKind, number: int, places: Mapping[int, Detected]) -> Locator:
    one = places.get(number)
    if one is None or one.unfillable:
        why = f"ne se remplit pas ({one.unfillable})" if one else "n’existe pas dans ce document"
        raise UsageError(
            f"{key} : le n° {number} {why}.",
            remedy="cqp-forms map DOCUMENT --list donne les numéros.",
        )
    if (kind is PlacementKind.TICK_BOX) != (one.kind is PlacementKind.TICK_BOX):
        what = "une case" if one.kind is PlacementKind.TICK_BOX else "une zone"
        raise UsageError(
            f"{key} : le n° {number} est {what} (« {one.label} »).",
            remedy="Une case se coche, une zone s’écrit : donnez un autre numéro.",
        )
    return one.locator
