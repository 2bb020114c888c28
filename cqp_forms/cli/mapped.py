"""What ``map`` tells: a list, a summary, a check, the changes of a new edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cqp_forms.cli.console import count_of, echo, emit_json, table
from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import DocxLocator, Locator
from cqp_forms.shown import Mark
from cqp_forms.typography import spaced

if TYPE_CHECKING:
    from cqp_forms.cli.session import Session
    from cqp_forms.guide import Guide
    from cqp_forms.mapping import Detected
    from cqp_forms.matching import Matched
    from cqp_forms.matching.drafting import GuideDraft
    from cqp_forms.matching.editions import EditionChange

_KINDS = {
    PlacementKind.TICK_BOX: "case",
    PlacementKind.TEXT_AREA: "zone",
    PlacementKind.SIGNATURE_AREA: "signature",
}
_STATES = {Mark.ON: "cochée", Mark.OFF: "", Mark.DOUBTFUL: "douteuse"}

#: From this confidence on, a place speaks for the document's being the guide's.
_LIKELY = 0.6

#: How many lines of a list a person reads; ``--json`` and the file have them all.
_SHOWN = 20


def _place(locator: Locator) -> str:
    if isinstance(locator, DocxLocator):
        part = "" if locator.part.endswith("document.xml") else f"{locator.part} "
        return f"{part}{locator.target}"
    box = locator.rect
    return f"page {locator.page} ({box.x0:.0f}, {box.y0:.0f}, {box.x1:.0f}, {box.y1:.0f})"


def _cut(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _as_json(one: Detected) -> dict[str, object]:
    return {
        "number": one.number,
        "kind": one.kind.value,
        "made_as": one.locator.kind.value,
        "place": _place(one.locator),
        "label": one.label,
        "column": one.column,
        "heading": one.heading,
        "group": one.group,
        "option": one.option,
        "doubt": one.doubt,
        "state": one.state.value,
        "text": one.text,
    }


def show_list(session: Session, found: tuple[Detected, ...], *, as_json: bool) -> None:
    """Every box and area: kind, how it is made, where, what stands beside it, its state.

    What cannot be filled is told apart, with a word of warning.
    """
    places = [one for one in found if not one.unfillable]
    closed = [one for one in found if one.unfillable]
    if as_json:
        named = [_as_json(one) | {"reason": one.unfillable} for one in closed]
        emit_json({"detected": [_as_json(one) for one in places], "unfillable": named})
        return
    rows = [
        [
            f"#{one.number}",
            _KINDS[one.kind],
            one.locator.kind.value,
            _cut(_place(one.locator), 28),
            _cut(" / ".join(part for part in (one.column, one.label) if part), 60),
            _STATES[one.state] or _cut(one.text, 20) or _cut(one.doubt, 40),
        ]
        for one in places
    ]
    if rows:
        echo(table(["N°", "Quoi", "Fait de", "Où", "Libellé voisin", "État"], rows))
    boxes = sum(one.kind is PlacementKind.TICK_BOX for one in places)
    echo(f"{count_of(boxes, 'case')}, {count_of(len(places) - boxes, 'zone')}")
    show_unfillable(session, closed)


def show_unfillable(session: Session, closed: Sequence[Detected]) -> None:
    """The places that a person has to fill by hand, or to have remade; nothing if there are none.

    Args:
        closed: what was found with a reason why it cannot be filled.
    """
    if not closed:
        return
    session.say(
        f"Attention\u00a0: {count_of(len(closed), 'place')} que l’on ne sait pas remplir, à "
        "compléter à la main ou à refaire en cases et champs ordinaires\u00a0:",
        fg="yellow",
    )
    for one in closed[:_SHOWN]:
        label = f" – {_cut(one.label, 60)}" if one.label else ""
        session.say(f"  #{one.number} {_place(one.locator)} ({one.unfillable}){label}")
    _rest(session, len(closed))


def show_matched(session: Session, guide: Guide, matched: Matched) -> None:
    """Placed and expected, kind by kind; then what misses, and what is doubtful."""
    from cqp_forms.matching import counts

    for one in counts(matched, guide):
        colour = "green" if one.placed == one.expected else "red"
        session.say(
            spaced(f"  {_KINDS[one.kind]}s : {one.placed}/{one.expected} repérées"), fg=colour
        )
    likely = sum(one.locator.confidence >= _LIKELY for one in matched.placed.values())
    if likely < len(guide.placements) / 2:
        session.say(
            spaced(
                f"Ce document n’est sans doute pas celui du guide {guide.id} : donnez le bon guide "
                "avec --guide, ou ébauchez-en un avec --new-guide."
            ),
            fg="red",
        )
    if matched.missing:
        session.say(spaced(f"À trouver ({len(matched.missing)}) :"), fg="red")
        for place in matched.missing[:_SHOWN]:
            session.say(f"  {place} – {guide.fields[guide.placements[place].field_id].title}")
        _rest(session, len(matched.missing))
    if doubtful := matched.doubtful:
        session.say(spaced(f"À confirmer ({len(doubtful)}), le moins sûr d’abord :"), fg="yellow")
        for place in doubtful[:_SHOWN]:
            found = matched.placed[place]
            chance = f"{found.locator.confidence * 100:.0f}\u00a0%"
            numbers = " ou ".join(f"n° {one}" for one in found.locator.candidates)
            where = f"{numbers}, {_place(found.locator)}"
            session.say(f"  {chance}  {place} ({where}) – {found.locator.reason}")
        _rest(session, len(doubtful))
    if matched.unused:
        session.say(
            f"{count_of(len(matched.unused), 'case ou zone', 'cases ou zones')} du document "
            "hors du guide."
        )


def show_confirmed(
    session: Session,
    path: Path,
    places: Mapping[str, Locator],
    found: Mapping[Locator, Detected],
    problems: list[str],
    as_json: bool,
) -> None:
    """Where each placement that a person confirmed is; what still keeps the mapping from use."""
    if as_json:
        emit_json(
            {
                "mapping": str(path),
                "confirmed": {key: _place(one) for key, one in places.items()},
                "problems": [spaced(one) for one in problems],
            }
        )
        return
    for key, locator in places.items():
        one = found.get(locator)
        label = f" – {_cut(one.label, 60)}" if one else ""
        echo(spaced(f"  {key} : {_place(locator)}{label}"))
    session.say(f"{count_of(len(places), 'emplacement confirmé', 'emplacements confirmés')}.")
    show_check(session, path, problems, as_json=False)


def show_drafted(
    session: Session,
    guide_id: str,
    made: GuideDraft,
    document: str,
    problems: Mapping[Path, list[str]],
    files: Sequence[Path],
    as_json: bool,
) -> None:
    """What was drafted, what was mended, and what ``fill`` would refuse, file by file."""
    if as_json:
        told = {str(path): [spaced(one) for one in each] for path, each in problems.items()}
        paths = [str(path) for path in files]
        emit_json({"guide": guide_id, "files": paths, "notes": list(made.notes), "problems": told})
        return
    for path in files:
        echo(path)
    for note in made.notes:
        session.say(spaced(f"  {note}"), fg="yellow")
    for path, each in problems.items():
        for one in each:
            session.say(spaced(f"  {path} : {one}."), fg="red")
    session.say(
        f"{count_of(len(made.guide.fields), 'champ ébauché', 'champs ébauchés')} d’après "
        f"{document}. Relisez guide.yaml (libellés, identifiants), puis\u00a0: "
        f"cqp-forms new --guide {guide_id}",
        fg="green",
    )
    if any(problems.values()):
        session.say(
            "Avant d’émettre, regardez l’aperçu (cqp-forms map DOCUMENT --list --preview FICHIER) "
            "et confirmez ces emplacements\u00a0: cqp-forms map DOCUMENT --confirm",
            fg="yellow",
        )


def matched_json(
    guide: Guide, matched: Matched, changes: tuple[EditionChange, ...], target: Path
) -> dict[str, object]:
    """What ``map --json`` prints."""
    from cqp_forms.matching import counts

    return {
        "mapping": str(target),
        "counts": [
            {"kind": one.kind.value, "placed": one.placed, "expected": one.expected}
            for one in counts(matched, guide)
        ],
        "missing": list(matched.missing),
        "unconfirmed": list(matched.doubtful),
        "placements": {
            key: {
                "number": one.number,
                "place": _place(one.locator),
                "confidence": one.locator.confidence,
                "reason": one.locator.reason,
                "confirmed": one.locator.confirmed,
                "candidates": list(one.locator.candidates),
            }
            for key, one in matched.placed.items()
        },
        "unused": len(matched.unused),
        "changes": [one.as_json() for one in changes],
    }


def _rest(session: Session, count: int) -> None:
    if count > _SHOWN:
        session.say(f"  … et {count - _SHOWN} de plus")


def show_changes_of_edition(session: Session, changes: tuple[EditionChange, ...]) -> None:
    """What the branch changed, as a table to act on."""
    if not changes:
        session.say("Aucun changement par rapport à l’édition précédente.", fg="green")
        return
    session.say(f"{count_of(len(changes), 'changement')} depuis l’édition précédente\u00a0:")
    for one in changes:
        where = f"({_cut(one.where, 60)})" if one.where else ""
        what = (one.kind.value, one.field, where)
        echo(spaced("  " + " ".join(part for part in what if part)))
        for name, text in (("avant", one.before), ("après", one.after)):
            if text:
                echo(spaced(f"      {name} : « {_cut(text, 140)} »"))
        echo(f"      → {one.action}")


def show_check(session: Session, path: Path, problems: list[str], *, as_json: bool) -> None:
    """What is wrong with a mapping, or that nothing is."""
    if as_json:
        emit_json({"mapping": str(path), "problems": [spaced(one) for one in problems]})
        return
    if not problems:
        session.say(f"{path}\u00a0: complète et conforme au document.", fg="green")
    for one in problems:
        echo(spaced(f"  {one}"))
    if problems:
        session.say(count_of(len(problems), "problème"), fg="red")
