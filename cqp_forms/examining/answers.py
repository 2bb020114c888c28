"""What a document cannot show: how it is restored, and how it is left out of a comparison. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from cqp_forms.answers import Answer, Answers, Verdict
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Field, FieldKind, Guide
from cqp_forms.plan import Instruction, Text, Tick, make_plan
from cqp_forms.shown import Mark, Shown


def restored(
    guide: Guide, shown: Shown, answers: Answers, embedded: Answers
) -> tuple[Answers, tuple[Finding, ...]]:
    """Complete what a document shows with the answers that it carries, where the two agree.

    An embedded answer stands when it would show exactly what is shown; spaces and line ends aside,
    which editors lose. So come back NA (shown as NON), comments, and what is not printed at all.

    Args:
        shown: what the document shows; ``answers``: the same, as answers.
        embedded: what it carries.

    Returns:
        The answers, and a warning for each NA that came back.
    """
    planned = make_plan(guide, embedded).instructions
    found: dict[str, Answer] = dict(answers)
    notes: list[Finding] = []
    for field in guide.fields.values():
        carried = embedded.get(field.id)
        if carried is None or not all(
            _agrees(planned[one.id], one.id, shown) for one in field.placements
        ):
            continue
        found[field.id] = carried
        if carried.value == Verdict.NA:
            notes.append(_restored_na(field, carried.comment, shown))
    return Answers(found, name=answers.name), tuple(notes)


def _agrees(instruction: Instruction, placement: str, shown: Shown) -> bool:
    match instruction:
        case Tick():
            return shown.ticks.get(placement) is (Mark.ON if instruction.value else Mark.OFF)
        case Text(text):
            return _compact(text) == _compact(shown.texts.get(placement, ""))
        case _:
            return True


def _compact(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def _restored_na(field: Field, comment: str, shown: Shown) -> Finding:
    place = next((shown.places[one.id] for one in field.placements if one.id in shown.places), "")
    where = f"{place} : " if place else ""
    quoted = f" et sa précision (« {comment} »)" if comment else ""
    return finding(
        Code.RESTORED_NA,
        Severity.WARNING,
        f"{where}{field.id} (« {field.label} ») est coché NON ; les réponses jointes au document "
        f"disent NA : NA est repris{quoted}.",
        "Si c’est bien NON, changez la réponse dans la fiche.",
        field=field.id,
    )


def comparable(guide: Guide, one: Answers, other: Answers) -> tuple[Answers, Answers]:
    """Leave out of two sets of answers what a document cannot show.

    For comparing a document with anything: fields that are not printed and comments are left out
    of both, and a NA is the NON that the document shows.
    """
    return _as_shown(guide, one, other), _as_shown(guide, other, one)


def _as_shown(guide: Guide, own: Answers, other: Answers) -> Answers:
    found: dict[str, Answer] = {}
    for field_id, answer in own.items():
        field = guide.fields.get(field_id)
        if field is None or not field.placements or answer.value is None:
            continue
        value = answer.value
        if field.kind is FieldKind.CRITERION and value == Verdict.NA:
            # Where the other side has no NON, the difference is told with the word of the fiche.
            value = Verdict.NON if other.value(field_id) == Verdict.NON else value
        elif isinstance(value, str) and field.kind in (FieldKind.TEXT, FieldKind.LONG_TEXT):
            value = unicodedata.normalize("NFC", value)
        found[field_id] = replace(answer, value=value, comment="")
    return Answers(found, name=own.name)
