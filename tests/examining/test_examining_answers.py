"""What a document cannot show: restored where it agrees, left out of a comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examining_tools import GUIDE, fiche

from cqp_forms.answers import Answer, Answers, Result, Verdict
from cqp_forms.findings import Code, Severity
from cqp_forms.issuing.history import changes
from cqp_forms.plan import Tick, make_plan
from cqp_forms.shown import Mark, Shown, answers_of, comparable, restored


def shown_of(answers: Answers) -> Shown:
    plan = make_plan(GUIDE, answers)
    ticks = {key: Mark.ON if tick is Tick.ON else Mark.OFF for key, tick in plan.ticks.items()}
    return Shown(ticks, plan.texts, dict.fromkeys(plan.instructions, "page 7"))


def restore(shown: Shown, embedded: Answers) -> tuple[Answers, list[str]]:
    read, _ = answers_of(GUIDE, shown)
    answers, notes = restored(GUIDE, shown, read, embedded)
    assert all(one.code is Code.RESTORED_NA for one in notes)
    assert all(one.severity is Severity.WARNING for one in notes)
    return answers, [one.field for one in notes]


def test_what_is_shown_as_carried_comes_back_whole() -> None:
    answers = fiche()
    found, notes = restore(shown_of(answers), answers)
    assert found == answers
    assert found.comment("c1.1.2") == "Sans objet dans ce secteur."
    assert found.text("dossier.reference") == "D-7"
    assert notes == ["c1.1.2"]


def test_the_warning_names_page_criterion_and_comment() -> None:
    shown = shown_of(fiche())
    read, _ = answers_of(GUIDE, shown)
    _, (note,) = restored(GUIDE, shown, read, fiche())
    assert note.message.startswith("page 7\u00a0: c1.1.2 (« ".replace("« ", "«\u00a0"))
    assert "Sans objet dans ce secteur." in note.message
    assert note.remedy


def test_a_na_that_became_oui_stays_oui() -> None:
    found, notes = restore(shown_of(fiche(c1__1__2=Verdict.OUI)), fiche())
    assert found.value("c1.1.2") is Verdict.OUI
    assert found.comment("c1.1.2") == ""
    assert notes == []


def test_a_non_that_was_non_stays_non() -> None:
    embedded = fiche(c1__1__1=Verdict.NON)
    found, notes = restore(shown_of(embedded), embedded)
    assert found.value("c1.1.1") is Verdict.NON
    assert notes == ["c1.1.2"]


def test_what_was_changed_on_the_document_stands() -> None:
    shown = shown_of(fiche(c2__resultat=Result.NON_MAITRISEE, candidat__nom="Durand"))
    found, _ = restore(shown, fiche())
    assert found.value("c2.resultat") is Result.NON_MAITRISEE
    assert found.text("candidat.nom") == "Durand"


def test_a_box_in_doubt_is_not_settled_by_what_is_embedded() -> None:
    shown = shown_of(fiche())
    doubt = replace(shown, ticks={**shown.ticks, "c1.1.2.non": Mark.DOUBTFUL})
    found, notes = restore(doubt, fiche())
    assert found.value("c1.1.2") is None
    assert notes == []


@pytest.mark.parametrize("kept", ["Ligne 1\nLigne 2", "Ligne 1 \n\nLigne 2", "Ligne 1\tLigne 2"])
def test_line_ends_that_an_editor_lost_come_back(kept: str) -> None:
    embedded = fiche(commentaires__evaluateur_cpne=kept)
    shown = shown_of(fiche(commentaires__evaluateur_cpne="Ligne 1Ligne 2"))
    found, _ = restore(shown, embedded)
    assert found.text("commentaires.evaluateur_cpne") == kept


def test_other_words_do_not() -> None:
    embedded = fiche(commentaires__evaluateur_cpne="Ligne 1\nLigne 2")
    shown = shown_of(fiche(commentaires__evaluateur_cpne="Ligne 1\nLigne 3"))
    found, _ = restore(shown, embedded)
    assert found.text("commentaires.evaluateur_cpne") == "Ligne 1\nLigne 3"


def test_a_document_and_its_fiche_are_equal() -> None:
    read, _ = answers_of(GUIDE, shown_of(fiche()))
    assert read != fiche()
    assert changes(GUIDE, *comparable(GUIDE, read, fiche())) == ()
    assert changes(GUIDE, *comparable(GUIDE, fiche(), read)) == ()


def test_two_documents_are_equal() -> None:
    read, _ = answers_of(GUIDE, shown_of(fiche()))
    assert changes(GUIDE, *comparable(GUIDE, read, read)) == ()


def test_a_na_shown_as_oui_is_told_with_the_word_of_the_fiche() -> None:
    read, _ = answers_of(GUIDE, shown_of(fiche(c1__1__2=Verdict.OUI)))
    (change,) = changes(GUIDE, *comparable(GUIDE, fiche(), read))
    assert (change.field, change.before, change.after) == ("c1.1.2", "NA (non applicable)", "OUI")


def test_a_na_that_the_document_leaves_open_differs() -> None:
    read, _ = answers_of(GUIDE, shown_of(fiche(c1__1__2=None)))
    (change,) = changes(GUIDE, *comparable(GUIDE, read, fiche()))
    assert (change.field, change.before) == ("c1.1.2", "(vide)")


def test_decomposed_accents_are_the_same_text() -> None:
    one = Answers({"candidat.nom": Answer("Zoe\u0301")})
    two = Answers({"candidat.nom": Answer("Zo\u00e9")})
    assert changes(GUIDE, *comparable(GUIDE, one, two)) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("c3.1.1", Verdict.NON),
        ("c4.resultat", Result.NON_MAITRISEE),
        ("candidat.nom", "Autre"),
        ("apports.autre", True),
        ("evaluateur_cpne.date", None),
    ],
)
def test_all_that_is_shown_counts(field: str, value: object) -> None:
    other = fiche(**{field.replace(".", "__"): value})  # type: ignore[arg-type]
    assert [one.field for one in changes(GUIDE, *comparable(GUIDE, fiche(), other))] == [field]
