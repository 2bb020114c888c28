"""The plan decides what is ticked; what a document shows is compared with it."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import valid_answers

from cqp_forms.answers import Answer, Answers, Result, Verdict
from cqp_forms.findings import Code
from cqp_forms.guide import Box, Guide, PlacementKind
from cqp_forms.plan import LeaveBlank, Plan, Text, Tick, make_plan
from cqp_forms.project import Project, installed_data
from cqp_forms.shown import Mark, Shown, answers_of, differences

GUIDE = Project((installed_data(),)).guide()


def answers(**values: object) -> Answers:
    return Answers({key.replace("__", "."): Answer(value) for key, value in values.items()})  # type: ignore[arg-type]


def shown_of(plan: Plan) -> Shown:
    """What a faithful document of that plan shows."""
    ticks = {key: Mark.ON if tick is Tick.ON else Mark.OFF for key, tick in plan.ticks.items()}
    return Shown(ticks, plan.texts, dict.fromkeys(plan.instructions, "page 1"))


@pytest.mark.parametrize(
    ("verdict", "ticked"), [(Verdict.OUI, "oui"), (Verdict.NON, "non"), (Verdict.NA, "non")]
)
def test_a_verdict_ticks_one_box(guide: Guide, verdict: Verdict, ticked: str) -> None:
    plan = make_plan(guide, Answers({"c1.1.1": Answer(verdict)}))
    on = [key for key, tick in plan.ticks.items() if tick is Tick.ON]
    assert on == [f"c1.1.1.{ticked}"]


def test_every_placement_has_its_instruction(guide: Guide) -> None:
    plan = make_plan(guide, Answers({}))
    assert list(plan.instructions) == list(guide.placements)
    assert len(plan.ticks) == 190
    assert len(plan.texts) == 24
    signatures = {key for key, one in plan.instructions.items() if one is LeaveBlank.SIGN}
    assert signatures == {
        "signature.candidat",
        "signature.evaluateur_cpne",
        "signature.evaluateur_metier",
    }


def test_results_ticks_dates_and_second_areas(guide: Guide) -> None:
    plan = make_plan(
        guide,
        Answers(
            {
                "c2.resultat": Answer(Result.NON_MAITRISEE),
                "apports.autre": Answer(True),
                "candidat.nom": Answer("Lefèvre"),
                "evaluateur_cpne.date": Answer(date(2026, 3, 9)),
            }
        ),
    )
    assert {key for key, tick in plan.ticks.items() if tick is Tick.ON} == {
        "c2.resultat.non_maitrisee",
        "apports.autre",
    }
    assert plan.instructions["candidat.nom"] == Text("Lefèvre")
    assert plan.instructions["candidat.nom@2"] == Text("Lefèvre")
    assert plan.instructions["evaluateur_cpne.date"] == Text("09/03/2026")


@given(st.data())
def test_a_faithful_document_gives_the_answers_back(data: st.DataObject) -> None:
    given_answers = data.draw(valid_answers(GUIDE))
    plan = make_plan(GUIDE, given_answers)
    assert differences(plan, shown_of(plan)) == []
    back, doubts = answers_of(GUIDE, shown_of(plan))
    assert doubts == ()
    # On paper a NA is a NON, and its comment goes to another document.
    expected = {
        key: Answer(Verdict.NON if answer.value is Verdict.NA else answer.value)
        for key, answer in given_answers.items()
        if key != GUIDE.key
    }
    assert back == Answers(expected)


@given(st.data())
def test_any_single_change_is_a_difference(data: st.DataObject) -> None:
    plan = make_plan(GUIDE, data.draw(valid_answers(GUIDE)))
    shown = shown_of(plan)
    victim = data.draw(st.sampled_from(sorted([*plan.ticks, *plan.texts])))
    if victim in plan.ticks:
        others = [mark for mark in Mark if mark is not shown.ticks[victim]]
        changed = replace(shown, ticks={**shown.ticks, victim: data.draw(st.sampled_from(others))})
    else:
        changed = replace(shown, texts={**shown.texts, victim: shown.texts[victim] + "x"})
    assert [one.placement for one in differences(plan, changed)] == [victim]


def test_a_placement_that_is_not_shown_is_a_difference(guide: Guide) -> None:
    plan = make_plan(guide, answers(candidat__nom="Lefèvre"))
    shown = shown_of(plan)
    ticks = {key: mark for key, mark in shown.ticks.items() if key != "c1.1.1.oui"}
    texts = {key: text for key, text in shown.texts.items() if key != "candidat.nom"}
    assert {one.placement for one in differences(plan, Shown(ticks, texts))} == {
        "c1.1.1.oui",
        "candidat.nom",
    }


def test_two_ticked_boxes_are_a_doubt_and_no_answer(guide: Guide) -> None:
    shown = Shown({"c3.1.4.oui": Mark.ON, "c3.1.4.non": Mark.ON}, {}, {"c3.1.4.oui": "page 9"})
    found, doubts = answers_of(guide, shown)
    assert found.value("c3.1.4") is None
    (doubt,) = doubts
    assert doubt.code is Code.DOUBTFUL_BOX
    assert doubt.field == "c3.1.4"
    assert "page 9" in doubt.message
    assert "deux cases" in doubt.message


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        ({"candidat.nom": "Durand", "candidat.nom@2": "Dupont"}, "diffèrent"),
        ({"evaluateur_cpne.date": "hier"}, "pas une date"),
    ],
)
def test_texts_in_doubt_are_told(guide: Guide, texts: dict[str, str], word: str) -> None:
    found, (doubt,) = answers_of(guide, Shown({}, texts))
    assert len(found) == 0
    assert word in doubt.message


def test_an_area_left_empty_says_nothing(guide: Guide) -> None:
    texts = {"candidat.nom": "Durand", "candidat.nom@2": " ", "candidat.prenom": ""}
    found, doubts = answers_of(guide, Shown({}, texts))
    assert (found, doubts) == (answers(candidat__nom="Durand"), ())


def test_a_doubtful_box_is_told(guide: Guide) -> None:
    found, (doubt,) = answers_of(guide, Shown({"c1.1.1.oui": Mark.DOUBTFUL}, {}))
    assert len(found) == 0
    assert "douteuse" in doubt.message


def test_a_plan_and_answers_travel_between_processes(guide: Guide) -> None:
    given_answers = answers(candidat__nom="Lefèvre")
    assert pickle.loads(pickle.dumps(given_answers)) == given_answers
    plan = make_plan(guide, given_answers)
    assert pickle.loads(pickle.dumps(plan)).instructions == plan.instructions


def test_boxes_are_in_the_order_of_the_form(guide: Guide) -> None:
    boxes = [one.box for one in guide.placements_of(PlacementKind.TICK_BOX)[:4]]
    assert boxes == [Box.OUI, Box.NON, Box.OUI, Box.NON]
