"""A choice: a question with options of its own, exactly one of which is ticked."""

from __future__ import annotations

import pickle
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from cqp_forms.answers import Answer, Answers, Option
from cqp_forms.errors import DocumentError, GuideError
from cqp_forms.findings import Code
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.issuing.history import changes
from cqp_forms.issuing.version import answers_from_canonical
from cqp_forms.plan import Tick, make_plan
from cqp_forms.rules import check_rules
from cqp_forms.shown import Mark, Shown, answers_of
from cqp_forms.workbook.cells import Cell, CellKind
from cqp_forms.workbook.formats import Epoch
from cqp_forms.workbook.read import read_workbook
from cqp_forms.workbook.values import read_value
from cqp_forms.workbook.write import fiche_bytes, lot_bytes

TODAY = date(2026, 1, 1)


GUIDE = """\
id: essai
short: E
title: Essai
candidate: [nom]
sections:
  - sheet: F
    groups:
      - title: G
        fields:
          - {id: nom, label: Nom}
          - {id: q, kind: choice, label: Le geste, %s options: [%s]}
"""


def guide_of(*labels: str, more: str = "") -> Guide:
    options = ", ".join(f'{{id: "o{n}", label: "{one}"}}' for n, one in enumerate(labels))
    return parse_guide(GUIDE % (more, options))


LEVELS = guide_of("Insuffisant", "Moyen", "Bon, très bon")
NUMBERED = guide_of("ND", "1", "2", "3")
YES_NO = guide_of("NON", "OUI")


def read(guide: Guide, text: str, kind: CellKind = CellKind.TEXT) -> object:
    field = guide.fields["q"]
    return read_value(field.kind, Cell(kind, text), Epoch.YEAR_1900, field.options).value


def test_exactly_one_box_is_ticked() -> None:
    plan = make_plan(LEVELS, Answers({"q": Answer(LEVELS.fields["q"].options[1])}))
    assert [key for key, tick in plan.ticks.items() if tick is Tick.ON] == ["q.o1"]
    assert list(LEVELS.placements) == ["nom", "q.o0", "q.o1", "q.o2"]


@pytest.mark.parametrize(
    ("guide", "text", "kind", "option"),
    [
        (LEVELS, " BON, TRES BON ", CellKind.TEXT, "o2"),
        (LEVELS, "2", CellKind.NUMBER, "o1"),
        (LEVELS, "4", CellKind.NUMBER, None),
        (LEVELS, "o1", CellKind.TEXT, None),
        (NUMBERED, "1", CellKind.NUMBER, "o1"),
        (NUMBERED, "4", CellKind.NUMBER, None),
        (NUMBERED, "nd", CellKind.TEXT, "o0"),
        # By rank, 1 would be the NON that this form prints first.
        (YES_NO, "1", CellKind.NUMBER, "o1"),
        (YES_NO, "n", CellKind.TEXT, "o0"),
        (YES_NO, "1", CellKind.BOOLEAN, "o1"),
        (YES_NO, "2", CellKind.NUMBER, None),
    ],
)
def test_an_answer_is_a_wording_or_a_rank_that_no_wording_could_be(
    guide: Guide, text: str, kind: CellKind, option: str | None
) -> None:
    assert read(guide, text, kind) == option


def test_what_is_refused_says_what_is_accepted() -> None:
    field = NUMBERED.fields["q"]
    (trouble,) = read_value(
        field.kind, Cell(CellKind.TEXT, "5"), Epoch.YEAR_1900, field.options
    ).troubles
    assert trouble.code is Code.UNRECOGNISED_VALUE
    assert trouble.remedy == "Choisissez l’une des réponses\u00a0: ND, 1, 2, 3."


@pytest.mark.parametrize("write", [fiche_bytes, lambda guide, one: lot_bytes(guide, [one])])
@pytest.mark.parametrize("guide", [LEVELS, NUMBERED, guide_of("1-2", "=A", "x" * 300)])
def test_an_answer_comes_back_from_a_workbook(write: object, guide: Guide, tmp_path: Path) -> None:
    for option in guide.fields["q"].options:
        given = Answers({"nom": Answer("Abel"), "q": Answer(option)})
        path = tmp_path / f"{option}.xlsx"
        path.write_bytes(write(guide, given))  # type: ignore[operator]
        (candidate,) = read_workbook(path, guide)
        assert candidate.findings == ()
        assert candidate.answers == given


def test_two_ticked_or_one_in_doubt_is_no_answer() -> None:
    def shown(*marks: Mark) -> tuple[object, list[Code]]:
        ticks = {f"q.o{rank}": mark for rank, mark in enumerate(marks)}
        answers, doubts = answers_of(LEVELS, Shown(ticks, {}))
        return answers.value("q"), [one.code for one in doubts]

    off, on = Mark.OFF, Mark.ON
    assert shown(off, on, off) == ("o1", [])
    assert shown(off, off, off) == (None, [])
    assert shown(on, off, on) == (None, [Code.DOUBTFUL_BOX])
    assert shown(off, Mark.DOUBTFUL, on) == (None, [Code.DOUBTFUL_BOX])


def test_an_answer_is_asked_for_only_where_the_guide_says_so() -> None:
    assert check_rules(LEVELS, Answers({}), TODAY) == ()
    (missing,) = check_rules(guide_of("Oui", "Non", more="required: answer,"), Answers({}), TODAY)
    assert (missing.code, missing.field) == (Code.MISSING_ANSWER, "q")
    assert missing.remedy == "Choisissez l’une des réponses\u00a0: Oui, Non."


def test_an_answer_is_kept_by_id_and_told_by_wording() -> None:
    options = LEVELS.fields["q"].options
    one, two = (Answers({"q": Answer(each)}) for each in options[:2])
    assert one.canonical() == {"q": "o0"}
    assert answers_from_canonical(LEVELS, one.canonical()).value("q") == options[0]
    (change,) = changes(LEVELS, one, two)
    assert (change.before, change.after) == ("Insuffisant", "Moyen")
    copy = pickle.loads(pickle.dumps(options[0]))
    assert (copy, copy.label, type(copy)) == ("o0", "Insuffisant", Option)
    with pytest.raises(DocumentError):
        answers_from_canonical(LEVELS, {"q": "o9"})


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (("Oui",), "au moins deux options"),
        (("Oui", "OUI"), "même libellé"),
        (("Oui", ""), "libellé"),
    ],
)
def test_options_that_could_be_taken_for_each_other_are_refused(
    labels: tuple[str, ...], said: str
) -> None:
    with pytest.raises(GuideError) as raised:
        guide_of(*labels)
    assert said in str(raised.value)


def test_a_date_in_three_places_is_split_and_joined() -> None:
    guide = parse_guide(
        "id: e\nshort: E\ntitle: T\nsections:\n  - sheet: F\n    groups:\n    - title: G\n"
        "      fields:\n      - {id: d, kind: date, label: Le, parts: [jour, mois, annee]}\n"
    )
    assert guide.fields["d"].kind is FieldKind.DATE
    plan = make_plan(guide, Answers({"d": Answer(date(2026, 3, 9))}))
    assert plan.texts == {"d.jour": "09", "d.mois": "03", "d.annee": "2026"}
    assert answers_of(guide, Shown({}, plan.texts))[0].value("d") == date(2026, 3, 9)
    empty = {**plan.texts, "d.mois": ""}
    answers, doubts = answers_of(guide, Shown({}, empty))
    assert answers.value("d") is None
    assert [one.code for one in doubts] == [Code.DOUBTFUL_BOX]
    assert answers_of(guide, Shown({}, dict.fromkeys(empty, ""))) == (Answers({}), ())


def test_only_dates_of_signatures_are_held_against_each_other() -> None:
    days = {"a": date(1990, 5, 1), "b": date(2027, 1, 1)}
    fields = "".join(f"      - {{id: {key}, kind: date, label: {key}%s}}\n" for key in days)
    text = (
        "id: e\nshort: E\ntitle: T\nsections:\n  - sheet: F\n    groups:\n    - title: G\n"
        "      fields:\n" + fields
    )
    answers = Answers({key: Answer(day) for key, day in days.items()})
    assert check_rules(parse_guide(text.replace("%s", "")), answers, TODAY) == ()
    signed = parse_guide(text.replace("%s", ", required: identity"))
    assert {one.code for one in check_rules(signed, answers, TODAY)} == {Code.INCOHERENT_DATE}


def test_a_control_character_in_a_wording_is_refused_with_its_place() -> None:
    with pytest.raises(GuideError) as raised:
        guide_of("Oui", "N\\u0003on")
    assert "U+0003" in str(raised.value) and "options[1]" in str(raised.value)


LISTED = parse_guide(
    (GUIDE % ("", '{id: rh, label: "Personnel : siège"}, {id: ac, label: Achats}')).replace(
        "kind: choice", "kind: text"
    )
)


def test_a_text_with_options_is_one_of_them_as_the_list_has_it() -> None:
    assert list(LISTED.placements) == ["nom", "q"]
    assert [read(LISTED, one) for one in ("ACHATS", "personnel : siège", "Compta")] == [
        "Achats",
        "Personnel : siège",
        None,
    ]
    plan = make_plan(LISTED, Answers({"q": Answer("Achats")}))
    assert (plan.ticks, plan.texts["q"]) == ({}, "Achats")
    book = openpyxl.load_workbook(BytesIO(fiche_bytes(LISTED)))
    rules = [one for sheet in book for one in sheet.data_validations.dataValidation]
    assert [one.error for one in rules] == ["Choisissez dans la liste : Personnel : siège, Achats."]


def test_a_date_has_no_options() -> None:
    with pytest.raises(GuideError, match="aucun autre champ"):
        parse_guide(
            (GUIDE % ("", "{id: a, label: A}, {id: b, label: B}")).replace("choice", "date")
        )
