"""Invented candidates by the hundred, the same for the same seed, some of them broken."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.guide import Field, FieldKind, Guide, Requirement
from cqp_forms.workbook.write import lot_bytes

NAMES = (
    "Durand", "Le Gall", "Nguyễn", "Œhler", "Bernard-Lefèvre", "Żółć", "Παπαδοπούλου", "Иванов",
    "Yılmaz", "D’Arcy", "Çelik", "Martin",
)  # fmt: skip
FIRST_NAMES = ("Léa", "Yann", "Thị Ánh", "Paul-Émile", "Zoë", "Jiří", "Ελένη", "Сергей")
COMPANIES = ("Arkéa Chimie", "Solvants & Cie", "Brenntag Sud", "PolyChem", "Lac d’Ambre SAS")
COMMENT = (
    "Candidate à l’aise avec ses clients, qui prépare ses visites et rend compte sans qu’on le lui "
    "demande. Les tableaux de bord sont tenus à jour ; la relance des devis peut gagner en rigueur."
)
FIRST_DAY = date(2026, 3, 2)


class _Rows(tuple[Answers, ...]):
    """Rows of a lot, known again by what they say."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(repr(self))


def write(guide: Guide, path: Path, rows: Iterable[Answers]) -> Path:
    """Write a lot to a new file; one that was made before is not made again."""
    with path.open("xb") as file:
        file.write(_content(guide, _Rows(rows)))
    return path


@cache
def _content(guide: Guide, rows: _Rows) -> bytes:
    return lot_bytes(guide, rows)


def candidates(guide: Guide, count: int, seed: int = 0) -> Iterator[Answers]:
    """Answers without an error, each with its own ``dossier.reference``."""
    drawn = random.Random(seed)
    for number in range(1, count + 1):
        found: dict[str, Answer] = {}
        for competence in guide.competences:
            failed = False
            for criterion in competence.criteria:
                verdict = drawn.choices(list(Verdict), (93, 5, 2))[0]
                failed |= verdict is Verdict.NON
                na = verdict is Verdict.NA
                found[criterion.id] = Answer(verdict, "Sans objet : pas d’export." if na else "")
            result = Result.NON_MAITRISEE if failed else Result.MAITRISEE
            found[competence.result.id] = Answer(result)
        day = FIRST_DAY + timedelta(days=drawn.randrange(60))
        for field in guide.fields.values():
            value = _value(field, number, day, drawn)
            if value is not None and field.id not in found:
                found[field.id] = Answer(value)
        yield Answers(found)


def _value(field: Field, number: int, day: date, drawn: random.Random) -> Value | None:
    known: dict[str, Value] = {
        "dossier.reference": f"D-{number:05d}",
        "candidat.nom": f"{drawn.choice(NAMES)}",
        "candidat.prenom": drawn.choice(FIRST_NAMES),
        "candidat.entreprise": drawn.choice(COMPANIES),
    }
    if field.id in known:
        return known[field.id]
    match field.kind:
        case FieldKind.DATE:
            return day
        case FieldKind.LONG_TEXT:
            return COMMENT * drawn.randrange(1, 4)
        case FieldKind.TEXT if field.requirement is Requirement.IDENTITY:
            return f"{field.label} {number}"
        case FieldKind.TICK if not field.detail:
            return drawn.random() < 0.5 or None
    return None


def broken(answers: Answers, way: int) -> Answers:
    """The same candidate with an error; a way each, in turn."""
    found = dict(answers.by_field)
    match way % 3:
        case 0:
            del found["c2.1.1"]
        case 1:
            found["c4.2.1"] = Answer(Verdict.NA)
        case _:
            found["c1.1.1"] = Answer(Verdict.NON)
            found["c1.resultat"] = Answer(Result.MAITRISEE)
    return Answers(found)


def with_broken_rows(guide: Guide, count: int, number_broken: int, seed: int = 0) -> list[Answers]:
    """``count`` candidates, of whom ``number_broken`` have an error, spread over the lot."""
    found = list(candidates(guide, count, seed))
    chosen = random.Random(seed + 1).sample(range(count), number_broken)
    for way, index in enumerate(sorted(chosen)):
        found[index] = broken(found[index], way)
    return found
