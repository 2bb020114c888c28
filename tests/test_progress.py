"""How far a fiche is: the states, and a line for a sheet that nobody has begun."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from generated_lots import candidates

from cqp_forms.answers import Answer, Answers, Verdict
from cqp_forms.findings import Code, lenient
from cqp_forms.guide import FieldKind, Guide, Requirement
from cqp_forms.progress import condensed, progress_of
from cqp_forms.project import Project
from cqp_forms.rules import check_rules

TODAY = date(2030, 1, 1)


@pytest.fixture(scope="module")
def guide() -> Guide:
    return Project.at(Path()).guide()


@pytest.fixture
def whole(guide: Guide) -> Answers:
    return next(iter(candidates(guide, 1)))


def label(guide: Guide, answers: Answers) -> str:
    return progress_of(guide, answers, check_rules(guide, answers, TODAY)).label


def without(answers: Answers, *starts: str) -> Answers:
    return Answers({key: one for key, one in answers.items() if not key.startswith(starts)})


def test_the_four_states(guide: Guide, whole: Answers) -> None:
    criteria = {one.id for one in guide.of_kind(FieldKind.CRITERION)}
    identity = {key for key, one in guide.fields.items() if one.requirement is Requirement.IDENTITY}
    assert label(guide, whole) == "prête"
    assert label(guide, Answers({})) == "non commencée"
    prepared = Answers({key: one for key, one in whole.items() if key in identity})
    assert label(guide, prepared) == "non commencée"
    assert label(guide, without(whole, "c4")) == f"en cours {len(criteria) - 13}/84"
    assert label(guide, without(whole, "commentaires")) == "à corriger"
    wrong = Answers({**without(whole, "c4"), "c1.1.1": Answer(Verdict.NA)})
    assert label(guide, wrong) == f"en cours {len(criteria) - 13}/84"
    wrong = Answers({**whole, "c1.1.1": Answer(Verdict.NON)})
    assert label(guide, wrong) == "à corriger"


def test_a_draft_that_only_lacks_answers_is_ready(guide: Guide) -> None:
    found = lenient(check_rules(guide, Answers({}), TODAY))
    assert progress_of(guide, Answers({}), found).label == "prête"


def test_a_sheet_that_nobody_has_begun_is_one_line(guide: Guide, whole: Answers) -> None:
    answers = Answers({
        key: one for key, one in without(whole, "c4").items() if key != "c1.1.1"
    })  # fmt: skip
    found = check_rules(guide, answers, TODAY)
    told = condensed(guide, answers, found)
    assert [(one.sheet, one.message) for one in told if one.field == ""] == [
        ("C4", "13 critères et 1 résultat sans réponse.")
    ]
    assert [one.field for one in told if one.field] == ["c1.1.1"]
    assert len(found) == 15
    of_row = [one for one in condensed(guide, answers, found, row=4) if not one.field]
    assert [(one.sheet, one.message.replace("\u00a0", " ")) for one in of_row] == [
        ("", "C4 : 13 critères et 1 résultat sans réponse.")
    ]


def test_what_is_wrong_is_never_condensed(guide: Guide, whole: Answers) -> None:
    answers = Answers({**whole, "c1.1.1": Answer(Verdict.NON)})
    found = check_rules(guide, answers, TODAY)
    assert [one.code for one in condensed(guide, answers, found)] == [Code.INCOHERENT_MASTERY]
