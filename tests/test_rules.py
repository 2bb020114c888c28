"""Each rule of the contract, broken alone in a real workbook: code, severity, field and cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from workbook_tools import changed, place

from cqp_forms.findings import Code, Severity, errors, lenient, strict
from cqp_forms.guide import Guide
from cqp_forms.workbook.read import read_fiche

TODAY = date(2026, 11, 24)
E, W = Severity.ERROR, Severity.WARNING


BROKEN: list[tuple[dict[str, Any], Code, Severity, str]] = [
    ({"c1.2.3": None}, Code.UNANSWERED_CRITERION, E, "c1.2.3"),
    ({"c6.4.2": "   "}, Code.UNANSWERED_CRITERION, E, "c6.4.2"),
    ({"c4.resultat": None}, Code.UNANSWERED_RESULT, E, "c4.resultat"),
    ({"c2.1.1": "NON"}, Code.INCOHERENT_MASTERY, E, "c2.resultat"),
    ({"c3.1.4": "NA"}, Code.NA_WITHOUT_COMMENT, E, "c3.1.4"),
    (
        {
            key: value
            for n in (1, 2, 3)
            for key, value in ((f"c5.1.{n}", "NA"), (f"c5.1.{n}:précision", "Sans objet ici"))
        },
        Code.TOO_MANY_NA,
        W,
        "c5.1.3",
    ),
    ({"c6.resultat": "NON MAÎTRISÉE"}, Code.NOT_MASTERED_WITHOUT_NON, W, "c6.resultat"),
    (
        {"commentaires.evaluateur_metier": None},
        Code.MISSING_COMMENT,
        E,
        "commentaires.evaluateur_metier",
    ),
    (
        {"commentaires.evaluateur_cpne": " \n "},
        Code.MISSING_COMMENT,
        E,
        "commentaires.evaluateur_cpne",
    ),
    ({"apports.autre": "X"}, Code.OTHER_WITHOUT_DETAIL, W, "apports.precisez"),
    ({"documents.precisez": "Une offre"}, Code.OTHER_WITHOUT_DETAIL, W, "documents.autre"),
    (
        {"evaluateur_cpne.date": date(2026, 11, 25), "evaluateur_metier.date": date(2026, 11, 24)},
        Code.INCOHERENT_DATE,
        W,
        "evaluateur_cpne.date",
    ),
    ({"evaluateur_cpne.date": date(2026, 7, 2)}, Code.INCOHERENT_DATE, W, "evaluateur_cpne.date"),
    *[
        ({field_id: None}, Code.INCOMPLETE_IDENTITY, E, field_id)
        for field_id in (
            "candidat.nom",
            "candidat.prenom",
            "candidat.entreprise",
            "evaluateur_cpne.entreprise",
            "evaluateur_cpne.nom",
            "evaluateur_cpne.fonction",
            "evaluateur_cpne.numero_habilitation",
            "evaluateur_cpne.soussigne",
            "evaluateur_cpne.date",
            "evaluateur_metier.entreprise",
            "evaluateur_metier.nom",
            "evaluateur_metier.fonction",
            "evaluateur_metier.soussigne",
            "evaluateur_metier.date",
        )
    ],
]


@pytest.mark.parametrize(
    ("edits", "code", "severity", "field_id"),
    [pytest.param(*row, id=f"{row[1].name.lower()}-{row[3]}-{n}") for n, row in enumerate(BROKEN)],
)
def test_a_rule_broken_alone_is_reported_alone_with_its_cell(
    edits: dict[str, Any],
    code: Code,
    severity: Severity,
    field_id: str,
    guide: Guide,
    tmp_path: Path,
) -> None:
    path = changed(tmp_path / "fiche.xlsx", guide, edits)
    found = read_fiche(path, guide).check(guide, TODAY)
    assert [(one.code, one.severity, one.field) for one in found] == [(code, severity, field_id)]
    assert (found[0].sheet, found[0].cell) == place(guide, field_id)
    assert found[0].message
    assert found[0].remedy[0].isupper()


ACCEPTED: list[dict[str, Any]] = [
    {},
    {"c1.1.1": "NON", "c1.resultat": "NON MAÎTRISÉE"},
    {"c2.1.1": "NA", "c2.1.1:précision": "Sans objet"},  # NA does not count against mastery
    {f"c2.1.{n}{tail}": "NA" if not tail else "Oui" for n in (1, 2) for tail in ("", ":précision")},
    {"apports.autre": "X", "apports.precisez": "Les langues"},
    {"evaluateur_cpne.date": date(2026, 7, 1)},  # 30 days apart
    {"evaluateur_cpne.date": TODAY, "evaluateur_metier.date": TODAY},
]


@pytest.mark.parametrize("edits", ACCEPTED)
def test_what_the_rules_allow(edits: dict[str, Any], guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "fiche.xlsx", guide, edits)
    assert read_fiche(path, guide).check(guide, TODAY) == ()


def test_all_problems_come_in_one_pass_each_once(guide: Guide, tmp_path: Path) -> None:
    edits = {"c1.1.1": None, "c2.resultat": "BIEN", "c3.1.1": "NA", "candidat.nom": None}
    found = read_fiche(changed(tmp_path / "f.xlsx", guide, edits), guide).check(guide, TODAY)
    # A result that cannot be understood is not reported as missing as well.
    assert {(one.code, one.field) for one in found} == {
        (Code.UNRECOGNISED_VALUE, "c2.resultat"),
        (Code.UNANSWERED_CRITERION, "c1.1.1"),
        (Code.NA_WITHOUT_COMMENT, "c3.1.1"),
        (Code.INCOMPLETE_IDENTITY, "candidat.nom"),
    }
    assert len(found) == 4


def test_an_empty_fiche_lacks_everything_and_a_draft_forgives_it(
    guide: Guide, tmp_path: Path
) -> None:
    from cqp_forms.workbook.write import write_fiche

    write_fiche(tmp_path / "vide.xlsx", guide)
    found = read_fiche(tmp_path / "vide.xlsx", guide).check(guide, TODAY)
    assert len(errors(found)) == 84 + 6 + 2 + 14
    assert all(one.sheet and one.cell for one in found)
    assert errors(lenient(found)) == ()


def test_a_draft_forgives_a_contradiction_and_strict_blocks_warnings(
    guide: Guide, tmp_path: Path
) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {"c2.1.1": "NON", "apports.autre": "X"})
    found = read_fiche(path, guide).check(guide, TODAY)
    assert [one.code for one in errors(found)] == [Code.INCOHERENT_MASTERY]
    assert errors(lenient(found)) == ()
    assert len(errors(strict(found))) == 2
