"""Join the fiches of one candidate: two evaluators often fill in a half each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from cqp_forms.answers import Answer, Answers, Source, Value
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Field, Guide
from cqp_forms.workbook.formats import shown_date

_SHOWN = 60


class Relation(Enum):
    """What two fiches of one candidate are to each other."""

    SAME = "same"
    """Both give the same answers."""
    INCLUDED = "included"
    """One gives all that the other gives, and more."""
    COMPLEMENTARY = "complementary"
    """Each gives something that the other lacks, and nothing differs."""
    CONFLICTING = "conflicting"
    """They differ in something that both give."""


@dataclass(frozen=True)
class Merged:
    """Fiches of one candidate, joined.

    Attributes:
        answers: what only one fiche gives, and what all that give it give alike.
        conflicts: an error for each answer or comment that differs, naming all its cells; the
            answers have neither.
    """

    answers: Answers
    conflicts: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one fiche gives for a field: an answer's value or its comment, and its cell."""

    fiche: str
    what: Value
    source: Source | None


def merge(guide: Guide, fiches: Sequence[Answers]) -> Merged:
    """Join fiches of one candidate.

    A box ticked in one fiche and left alone in another is ticked: an empty cell is no answer.

    Args:
        guide: the guide that they answer; the conflicts come in the order of its fields.
        fiches: their answers, each with its workbook's name.
    """
    joined: dict[str, Answer] = {}
    conflicts: list[Finding] = []
    for field in guide.fields.values():
        given = [(fiche.name, fiche[field.id]) for fiche in fiches if field.id in fiche]
        values = [
            _Said(name, one.value, one.source) for name, one in given if one.value is not None
        ]
        comments = [
            _Said(name, one.comment, one.comment_source) for name, one in given if one.comment
        ]
        conflicts += [_conflict(field, said) for said in (values, comments) if _differ(said)]
        value, comment = _agreed(values), _agreed(comments)
        if value or comment:
            joined[field.id] = Answer(
                value.what if value else None,
                str(comment.what) if comment else "",
                value.source if value else None,
                comment.source if comment else None,
            )
    name = " + ".join(fiche.name for fiche in fiches)
    return Merged(Answers(joined, name=name), tuple(conflicts))


def relation(one: Answers, other: Answers) -> Relation:
    """Whether two fiches of one candidate say the same, complete each other, or differ."""
    first, second = one.canonical(), other.canonical()
    if any(first[key] != second[key] for key in first.keys() & second.keys()):
        return Relation.CONFLICTING
    if first == second:
        return Relation.SAME
    if first.keys() <= second.keys() or second.keys() <= first.keys():
        return Relation.INCLUDED
    return Relation.COMPLEMENTARY


def _differ(said: Iterable[_Said]) -> bool:
    return len({one.what for one in said}) > 1


def _agreed(said: Sequence[_Said]) -> _Said | None:
    return said[0] if said and not _differ(said) else None


def _conflict(field: Field, said: Sequence[_Said]) -> Finding:
    each = " ; ".join(f"« {_shown(one.what)} » dans {one.fiche}{_cell(one.source)}" for one in said)
    return finding(
        Code.TWO_ANSWERS,
        Severity.ERROR,
        f"{field.id}, les fiches se contredisent : {each}.",
        "Corrigez l’une des fiches, ou videz sa cellule, puis relancez la commande.",
        field=field.id,
        source=said[0].source,
    )


def _shown(value: Value) -> str:
    if isinstance(value, date):
        return shown_date(value)
    text = " ".join(str("X" if value is True else value).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _cell(source: Source | None) -> str:
    return f" (feuille {source.sheet}, cellule {source.cell})" if source else ""
