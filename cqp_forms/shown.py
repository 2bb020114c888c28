"""What a document shows, placement by placement; read from the document alone.

Reading back compares it with the plan; extracting turns it into answers. Neither guesses: a box in
doubt stays in doubt.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Box, Field, FieldKind, Guide, Placement
from cqp_forms.plan import Instruction, Plan, Text, Tick, make_plan


class Mark(Enum):
    """What a box shows."""

    OFF = "off"
    ON = "on"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True)
class Shown:
    """What a document shows.

    Attributes:
        ticks: each tick box's mark, by placement id.
        texts: each area's text, by placement id, lines separated by ``\\n``.
        places: where each placement is, for messages (« page 7 »); may lack some.
        gone: placements that the document does not have any more, with the reason in French
            (« page 21 absente »); they stand in neither ``ticks`` nor ``texts``.
        remarks: what there is to say of the document as a whole (a page added or doubled).
        printed: areas that show what the blank prints there, by placement id, with that text:
            alone it is no answer, and ``texts`` has nothing; an answer may say the same.
    """

    ticks: Mapping[str, Mark]
    texts: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[Finding, ...] = ()
    printed: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("ticks", "texts", "places", "gone", "printed"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))


@dataclass(frozen=True, slots=True)
class Difference:
    """A placement that does not show what it should; values in French, for people."""

    placement: str
    expected: str
    shown: str
    place: str = ""


_MARKS = {Mark.ON: "cochée", Mark.OFF: "non cochée", Mark.DOUBTFUL: "douteuse"}


def differences(plan: Plan, shown: Shown) -> list[Difference]:
    """Every placement that does not show what the plan says, in the plan's order.

    A placement that the document does not show at all is a difference too.
    """
    return [*_tick_differences(plan, shown), *_text_differences(plan, shown)]


def _tick_differences(plan: Plan, shown: Shown) -> Iterator[Difference]:
    for placement, tick in plan.ticks.items():
        expected = Mark.ON if tick is Tick.ON else Mark.OFF
        mark = shown.ticks.get(placement)
        if mark is not expected:
            got = _MARKS[mark] if mark else "introuvable"
            yield Difference(placement, _MARKS[expected], got, shown.places.get(placement, ""))


def _text_differences(plan: Plan, shown: Shown) -> Iterator[Difference]:
    for placement, text in plan.texts.items():
        got = shown.texts.get(placement)
        if got != text and not (text and shown.printed.get(placement) == text):
            place = shown.places.get(placement, "")
            yield Difference(placement, text, "introuvable" if got is None else got, place)


_VALUES: Mapping[FieldKind, Mapping[str, Value]] = {
    FieldKind.CRITERION: {Box.OUI: Verdict.OUI, Box.NON: Verdict.NON},
    FieldKind.RESULT: {
        Box.MASTERED: Result.MAITRISEE,
        Box.NOT_MASTERED: Result.NON_MAITRISEE,
    },
    FieldKind.TICK: {Box.TICK: True},
}


def _values(one: Field) -> Mapping[str, Value]:
    """The answer that each of a field's boxes stands for; none for a field of areas."""
    if one.kind is FieldKind.CHOICE:
        return {option: option for option in one.options}
    return _VALUES.get(one.kind, {})


def answers_of(guide: Guide, shown: Shown, name: str = "") -> tuple[Answers, tuple[Finding, ...]]:
    """Turn what a document shows into answers.

    Args:
        guide: the guide.
        shown: what :func:`read` of either format gave.
        name: the document's name, kept in the answers.

    Returns:
        The answers; then what there is to say of the document, and a finding for every field in
        doubt (two boxes ticked, a doubtful box, two areas that disagree, a date that is not one)
        or with a place that is gone. Such a field is left unanswered.
    """
    found: dict[str, Answer] = {}
    doubts: list[Finding] = list(shown.remarks)
    for one in guide.fields.values():
        if gone := _gone(one, guide.placements_by_field[one.id], shown):
            doubts.append(gone)
            continue
        try:
            value = _value(one, guide.placements_by_field[one.id], shown)
        except _InDoubtError as doubt:
            places = guide.placements_by_field[one.id]
            doubts.append(_doubt(one, places, shown, str(doubt)))
            continue
        if value is not None:
            found[one.id] = Answer(value)
    return Answers(found, name=name), tuple(doubts)


def _gone(one: Field, places: Sequence[Placement], shown: Shown) -> Finding | None:
    """The finding for a field that lost a place.

    A text that stands in another area of the same field is still read; a box that is gone puts
    the whole field in doubt, since the other box alone proves nothing.
    """
    lost = [place for place in places if place.id in shown.gone]
    if not lost or (len(lost) < len(places) and not (one.split or _values(one))):
        return None
    why = "\u00a0; ".join(dict.fromkeys(shown.gone[place.id] for place in lost))
    return finding(
        Code.MISSING_PLACE,
        Severity.ERROR,
        f"{why} : {one.id} (« {one.label} ») n’est pas lu.",
        "Retrouvez la réponse sur l’original, puis complétez la fiche.",
        field=one.id,
    )


class _InDoubtError(Exception):
    """The field's placements do not give one answer."""


def _value(one: Field, places: Sequence[Placement], shown: Shown) -> Value | None:
    if boxes := _values(one):
        marks = {place.box: shown.ticks.get(place.id, Mark.OFF) for place in places}
        if Mark.DOUBTFUL in marks.values():
            raise _InDoubtError("une case est douteuse")
        ticked = [box for box, mark in marks.items() if mark is Mark.ON and box is not None]
        if len(ticked) > 1:
            raise _InDoubtError(
                "deux cases sont cochées" if len(ticked) == 2 else "plusieurs cases sont cochées"
            )
        return boxes[ticked[0]] if ticked else None
    if one.kind is FieldKind.SIGNATURE:
        return None
    if one.split:
        return _joined_date([shown.texts.get(place.id, "").strip() for place in places])
    # An area left empty says nothing: people fill the name on the cover, and not again.
    texts = {text for place in places if (text := shown.texts.get(place.id, "")).strip()}
    if len(texts) > 1:
        quoted = " et ".join(f"« {text} »" for text in sorted(texts))
        raise _InDoubtError(f"les zones du même champ diffèrent ({quoted})")
    if not texts:
        return None
    text = texts.pop()
    return _date(text) if one.kind is FieldKind.DATE else text


def _joined_date(parts: Sequence[str]) -> date | None:
    """The date of three places; one part without the others is none."""
    return _date("/".join(parts)) if any(parts) else None


def _date(text: str) -> date:
    compact = "".join(text.split())
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(compact, pattern).date()
        except ValueError:
            continue
    raise _InDoubtError(f"« {text} » n’est pas une date")


def _doubt(one: Field, placements: Sequence[Placement], shown: Shown, why: str) -> Finding:
    places = {shown.places[place.id] for place in placements if place.id in shown.places}
    where = f"{', '.join(sorted(places))} : " if places else ""
    return finding(
        Code.DOUBTFUL_BOX,
        Severity.ERROR,
        f"{where}{why} pour {one.id} (« {one.label} »).",
        "Tranchez d’après l’original, puis complétez la fiche.",
        field=one.id,
    )


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
    for known in guide.fields.values():
        carried = embedded.get(known.id)
        if carried is None or not all(
            _agrees(planned[one.id], one.id, shown) for one in known.placements
        ):
            continue
        found[known.id] = carried
        if carried.value == Verdict.NA:
            notes.append(_restored_na(known, carried.comment, shown))
    return Answers(found, name=answers.name), tuple(notes)


def _agrees(instruction: Instruction, placement: str, shown: Shown) -> bool:
    match instruction:
        case Tick():
            return shown.ticks.get(placement) is (Mark.ON if instruction.value else Mark.OFF)
        case Text(text):
            # The text that the blank prints there may be the answer too.
            shows = {_compact(one.get(placement, "")) for one in (shown.texts, shown.printed)}
            return _compact(text) in shows
        case _:
            return True


def _compact(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def _restored_na(known: Field, comment: str, shown: Shown) -> Finding:
    place = next((shown.places[one.id] for one in known.placements if one.id in shown.places), "")
    where = f"{place} : " if place else ""
    quoted = f" et sa précision (« {comment} »)" if comment else ""
    return finding(
        Code.RESTORED_NA,
        Severity.WARNING,
        f"{where}{known.id} (« {known.label} ») est coché NON ; les réponses jointes au document "
        f"disent NA : NA est repris{quoted}.",
        "Si c’est bien NON, changez la réponse dans la fiche.",
        field=known.id,
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
        known = guide.fields.get(field_id)
        if known is None or not known.placements or answer.value is None:
            continue
        value = answer.value
        if known.kind is FieldKind.CRITERION and value == Verdict.NA:
            # Where the other side has no NON, the difference is told with the word of the fiche.
            value = Verdict.NON if other.value(field_id) == Verdict.NON else value
        elif isinstance(value, str) and known.kind in (FieldKind.TEXT, FieldKind.LONG_TEXT):
            value = unicodedata.normalize("NFC", value)
        found[field_id] = replace(answer, value=value, comment="")
    return Answers(found, name=own.name)
