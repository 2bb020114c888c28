"""Joining the fiches of one candidate."""

from __future__ import annotations

from datetime import date

from workbook_tools import complete

from cqp_forms.answers import Answer, Answers, Source, Verdict
from cqp_forms.findings import Code, Severity
from cqp_forms.guide import Guide
from cqp_forms.workbook.candidate import merge


def part(answers: Answers, name: str, *starts: str) -> Answers:
    return Answers({k: v for k, v in answers.items() if k.startswith(starts)}, name=name)


def test_two_halves_make_the_whole(guide: Guide) -> None:
    whole = complete(guide)
    first = part(whole, "A.xlsx", "candidat.", "dossier", "c1", "c2", "c3", "apports", "rem", "doc")
    second = part(whole, "B.xlsx", "candidat.", "c4", "c5", "c6", "comment", "eval")
    merged = merge(guide, [first, second])
    assert merged.conflicts == ()
    assert merged.answers == whole
    assert merged.answers.name == "A.xlsx + B.xlsx"


def test_what_differs_is_named_with_both_cells_and_not_taken(guide: Guide) -> None:
    first = Answers(
        {
            "c1.1.1": Answer(Verdict.OUI, source=Source("C1", "C5")),
            "c1.1.2": Answer(Verdict.NA, "absent", Source("C1", "C6"), Source("C1", "D6")),
            "evaluateur_cpne.date": Answer(date(2026, 6, 1), source=Source("S", "C9")),
        },
        name="A.xlsx",
    )
    second = Answers(
        {
            "c1.1.1": Answer(Verdict.NON, source=Source("C1", "C55")),
            "c1.1.2": Answer(Verdict.NA, "présent", Source("C1", "C6"), Source("C1", "D66")),
            "evaluateur_cpne.date": Answer(date(2026, 6, 2), source=Source("S", "C9")),
        },
        name="B.xlsx",
    )
    merged = merge(guide, [first, second])
    assert [(one.field, one.code, one.severity) for one in merged.conflicts] == [
        (field, Code.TWO_ANSWERS, Severity.ERROR)
        for field in ("c1.1.1", "c1.1.2", "evaluateur_cpne.date")
    ]
    told = [one.message.replace("\u00a0", " ") for one in merged.conflicts]
    assert "« OUI » dans A.xlsx (feuille C1, cellule C5)" in told[0]
    assert "« NON » dans B.xlsx (feuille C1, cellule C55)" in told[0]
    assert "D66" in told[1]
    assert "« présent »" in told[1]
    assert "« 02/06/2026 »" in told[2]
    assert merged.answers.canonical() == {"c1.1.2": "NA"}


def test_a_value_and_its_comment_may_come_from_two_fiches(guide: Guide) -> None:
    first = Answers({"c1.1.1": Answer(Verdict.NA)}, name="A")
    second = Answers({"c1.1.1": Answer(None, "sans objet ici")}, name="B")
    assert merge(guide, [first, second]).answers.canonical() == {
        "c1.1.1": "NA",
        "c1.1.1:précision": "sans objet ici",
    }


def test_a_third_fiche_can_contradict(guide: Guide) -> None:
    said = [Answers({"c1.1.1": Answer(v)}, name=v) for v in (Verdict.OUI, Verdict.OUI, Verdict.NA)]
    assert [one.field for one in merge(guide, said).conflicts] == ["c1.1.1"]
    assert merge(guide, said[:2]).answers.value("c1.1.1") is Verdict.OUI
