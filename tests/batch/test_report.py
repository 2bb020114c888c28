"""The report: what each sheet says, and that nothing read from a workbook can harm it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cqp_forms.answers import Answer, Answers, Result, Verdict
from cqp_forms.batch.outcome import Outcome, State, Totals, assess, criterion_counts
from cqp_forms.batch.report import Header, report_json, write_report
from cqp_forms.batch.sources import is_report
from cqp_forms.errors import ExitCode, OutputError
from cqp_forms.findings import Code, Finding, Severity
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.version import IssuedFile
from cqp_forms.progress import FicheState, Progress
from cqp_forms.project import Project

STARTED = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def guide() -> Guide:
    return Project.at(Path()).guide()


@pytest.fixture
def header(guide: Guide, tmp_path: Path) -> Header:
    return Header(guide, tmp_path, STARTED, "cqp-forms 1.0")


def answers(guide: Guide, **verdicts: Verdict) -> Answers:
    by_field = {
        one.id: Answer(
            verdicts.get(one.id.replace(".", "_"), Verdict.OUI),
            "pas de vente à l’export" if one.id.replace(".", "_") in verdicts else "",
        )
        for one in guide.of_kind(FieldKind.CRITERION)
    }
    by_field |= {one.result.id: Answer(Result.MAITRISEE) for one in guide.competences}
    return Answers(by_field)


def totals(outcomes: list[Outcome]) -> Totals:
    made = Totals()
    for one in outcomes:
        made.add(one)
    return made


def outcome(guide: Guide, **changed: object) -> Outcome:
    plain: dict[str, object] = {
        "candidate": "DURAND Léa",
        "source": "lot.xlsx",
        "state": State.ISSUED,
        "reference": "D-1",
        "row": 7,
        "version": 1,
        "files": tuple(
            IssuedFile(role, f"DURAND_Lea/OUTIL4_DURAND_Lea_v1.{role}", 1, "0" * 64)
            for role in (Role.DOCX, Role.PDF)
        ),
        "seconds": 0.123,
        "assessment": assess(guide, answers(guide)),
    }
    return Outcome(**(plain | changed))  # type: ignore[arg-type]


def write(header: Header, *outcomes: Outcome) -> Path:
    return write_report(header, iter(outcomes), totals(list(outcomes)))


def rows(path: Path, sheet: str) -> list[list[object]]:
    return [[cell.value for cell in row] for row in load_workbook(path)[sheet].iter_rows(min_row=6)]


PROBLEM = Finding(
    Code.NA_WITHOUT_COMMENT,
    Severity.ERROR,
    "le critère c1.1.1 est NA sans précision.",
    "Écrivez pourquoi.",
    "c1.1.1",
    "L’été d'ici",
    "C14",
)


def test_the_sheets_in_order_with_a_row_a_candidate(guide: Guide, header: Header) -> None:
    path = write(header, outcome(guide), outcome(guide, candidate="LE GALL Yann", row=8))
    assert path == header.folder / "rapport.xlsx"
    book = load_workbook(path)
    assert book.sheetnames == ["Synthèse", "À relancer", "Problèmes", "Émissions", "Critères"]
    first, second = rows(path, "Émissions")
    assert first == [
        1, "DURAND Léa", "D-1", "émis", 1,
        "OUTIL4_DURAND_Lea_v1.docx", "OUTIL4_DURAND_Lea_v1.pdf", "lot.xlsx", 7, "0,12",
    ]  # fmt: skip
    assert second[1] == "LE GALL Yann"


def test_whom_to_remind(guide: Guide, header: Header) -> None:
    fiches = [
        outcome(guide, candidate=state.value, progress=Progress(state, 12, 84))
        for state in FicheState
    ]
    gone = Outcome("", "lots/DURAND_Lea", State.UNREADABLE, prepared="DURAND_Lea")
    found = rows(write(header, *fiches, gone), "À relancer")
    assert [one[0] for one in found] == ["non-commencee", "en-cours", "DURAND Lea"]
    assert found[1][2:4] == ["en cours 12/84", "12 sur 84"]
    assert found[2][2] == "non revenue"


@pytest.mark.parametrize("sheet", ["Synthèse", "À relancer", "Problèmes", "Émissions", "Critères"])
def test_every_sheet_is_ready_to_use_and_to_print(guide: Guide, header: Header, sheet: str) -> None:
    made = load_workbook(write(header, outcome(guide, findings=(PROBLEM,))))[sheet]
    assert made.freeze_panes in ("B6", "C6")
    assert made.auto_filter.ref.startswith("A5:")
    assert made.print_title_rows == "$5:$5"
    assert made.page_setup.fitToWidth == 1 and made.page_setup.fitToHeight == 0
    assert made.sheet_properties.pageSetUpPr.fitToPage
    assert made.page_setup.orientation == "landscape"
    assert "technico-commercial" in str(made["A2"].value).lower()


def test_a_problem_leads_to_its_cell(guide: Guide, header: Header) -> None:
    source = header.folder / "lots" / "été #1.xlsx"
    source.parent.mkdir()
    source.touch()
    one = outcome(guide, source=str(source), state=State.INVALID, findings=(PROBLEM,))
    path = write(header, one)
    sheet = load_workbook(path)["Problèmes"]
    assert [cell.value for cell in sheet[6]] == [
        "DURAND Léa", "erreur", "été #1.xlsx", "L’été d'ici", "C14",
        PROBLEM.message, PROBLEM.remedy, "c1.1.1", "NA sans précision",
    ]  # fmt: skip
    link = sheet["C6"].hyperlink
    assert link.target == "lots/été%20%231.xlsx"
    assert link.location == "'L’été d''ici'!C14"


def test_files_are_links_relative_to_the_folder(guide: Guide, header: Header) -> None:
    sheet = load_workbook(write(header, outcome(guide)))["Émissions"]
    assert sheet["F6"].hyperlink.target == "DURAND_Lea/OUTIL4_DURAND_Lea_v1.docx"
    assert sheet["G6"].hyperlink.target == "DURAND_Lea/OUTIL4_DURAND_Lea_v1.pdf"


def test_the_synthesis_tells_results_na_and_warnings(guide: Guide, header: Header) -> None:
    by_field = dict(answers(guide, c3_1_4=Verdict.NA, c1_1_1=Verdict.NON).by_field)
    by_field["c1.resultat"] = Answer(Result.NON_MAITRISEE)
    warning = Finding("na-trop-nombreux", Severity.WARNING, "trop de NA", "Vérifiez.")
    one = outcome(guide, assessment=assess(guide, Answers(by_field)), findings=(warning, PROBLEM))
    (row,) = rows(write(header, one), "Synthèse")
    assert row[2:8] == ["non maîtrisée", *["maîtrisée"] * 5]
    assert row[8:12] == ["non", 82, 1, 1]
    assert row[12] is not None
    assert str(row[12]).startswith("c3.1.4 «") and "pas de vente à l’export" in str(row[12])
    assert row[13] == "trop de NA"


def test_a_missing_result_is_neither_yes_nor_no(guide: Guide, header: Header) -> None:
    by_field = dict(answers(guide).by_field)
    del by_field["c2.resultat"]
    one = outcome(guide, state=State.INVALID, assessment=assess(guide, Answers(by_field)))
    (row,) = rows(write(header, one), "Synthèse")
    assert row[3] == "–" and row[8] == "–"


def test_criteria_are_counted_over_the_guides_done(guide: Guide, header: Header) -> None:
    failing = outcome(guide, assessment=assess(guide, answers(guide, c2_1_1=Verdict.NON)))
    twice = outcome(
        guide,
        state=State.ALREADY,
        assessment=assess(guide, answers(guide, c2_1_1=Verdict.NON, c3_1_1=Verdict.NON)),
    )
    refused = outcome(
        guide, state=State.INVALID, assessment=assess(guide, answers(guide, c4_1_1=Verdict.NON))
    )
    path = write(header, failing, twice, refused)
    found = {str(row[0]): row[3:] for row in rows(path, "Critères")}
    assert len(found) == 84
    assert found["c2.1.1"] == [0, 2, 0, 0, 1, "1"]
    assert found["c3.1.1"] == [1, 1, 0, 0, 0.5, "2"]
    assert found["c4.1.1"] == [2, 0, 0, 0, 0, None]


@pytest.mark.parametrize("name", ["=1+1", "+33 6", "@somme", "-3"])
def test_a_name_is_never_a_formula(guide: Guide, header: Header, name: str) -> None:
    path = write(header, outcome(guide, candidate=name))
    cell = load_workbook(path)["Émissions"]["B6"]
    assert cell.value == name and cell.data_type == "s"


def test_what_excel_cannot_hold_does_not_stop_the_report(guide: Guide, header: Header) -> None:
    path = write(header, outcome(guide, candidate="a\x00b", reference="x" * 40_000))
    (row,) = rows(path, "Émissions")
    assert row[1] == "a\ufffdb"
    assert len(str(row[2])) == 32_767 and str(row[2]).endswith("…")


def test_a_report_open_in_excel_does_not_lose_the_new_one(
    guide: Guide, header: Header, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(header, outcome(guide))
    before = (header.folder / "rapport.xlsx").read_bytes()
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        if Path(target).name == "rapport.xlsx":
            raise PermissionError(13, "sharing violation")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    first = write(header, outcome(guide, candidate="AUTRE"))
    second = write(header, outcome(guide, candidate="AUTRE"))
    assert first.name == "rapport_2026-11-24_14h05.xlsx"
    assert second.name == "rapport_2026-11-24_14h05_2.xlsx"
    assert rows(first, "Émissions")[0][1] == "AUTRE"
    assert (header.folder / "rapport.xlsx").read_bytes() == before
    assert all(is_report(one) for one in header.folder.glob("*.xlsx"))


def test_a_folder_that_cannot_be_made_is_said(guide: Guide, header: Header) -> None:
    (header.folder / "fichier").touch()
    barred = Header(guide, header.folder / "fichier" / "sous-dossier", STARTED, "")
    with pytest.raises(OutputError):
        write(barred, outcome(guide))


def test_nothing_is_left_beside_the_report(guide: Guide, header: Header) -> None:
    write(header, outcome(guide))
    assert [one.name for one in header.folder.iterdir()] == ["rapport.xlsx"]


def test_json_says_the_same(guide: Guide, header: Header) -> None:
    outcomes = [outcome(guide), outcome(guide, state=State.INVALID, findings=(PROBLEM,))]
    told = json.loads(json.dumps(report_json(header, outcomes, totals(outcomes))))
    assert told["states"]["emis"] == 1 and told["states"]["erreurs"] == 1
    first, second = told["candidates"]
    assert first["files"] == [one.path for one in outcomes[0].files]
    assert first["complete"] is True and first["results"] == ["MAITRISEE"] * 6
    assert second["complete"] is None, "no guide says so"
    assert second["findings"] == [PROBLEM.as_json()]
    assert len(told["criteria"]) == 84


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([State.ISSUED, State.ALREADY, State.DRAFT], ExitCode.DONE),
        ([State.ISSUED, State.INVALID], ExitCode.PARTIAL),
        ([State.INVALID, State.DUPLICATE], ExitCode.ANSWERS),
        ([State.CHANGED], ExitCode.OUTPUT),
        ([State.CHANGED, State.UNREADABLE], ExitCode.ANSWERS),
        ([State.ISSUED, State.UNTREATED], ExitCode.INTERRUPTED),
        ([], ExitCode.DONE),
    ],
)
def test_how_a_batch_ends(guide: Guide, states: list[State], code: ExitCode) -> None:
    assert totals([outcome(guide, state=state) for state in states]).exit_code is code


def test_equal_counts_share_a_rank(guide: Guide) -> None:
    ones = [
        outcome(guide, assessment=assess(guide, answers(guide, **{field: Verdict.NON})))
        for field in ("c1_1_1", "c1_1_1", "c2_1_1", "c3_1_1")
    ]
    ranks = {one.field: one.rank for one in criterion_counts(guide, totals(ones)) if one.rank}
    assert ranks == {"c1.1.1": 1, "c2.1.1": 2, "c3.1.1": 2}


def test_codes_are_written_as_people_write_them(guide: Guide, header: Header) -> None:
    """In their contract they are bare words: « critere-sans-reponse »."""
    codes = (Code.UNANSWERED_CRITERION, Code.UNKNOWN_HEADER, Code.UNEXPECTED)
    findings = tuple(Finding(code, Severity.ERROR, "non.", "oui.") for code in codes)
    path = write(header, outcome(guide, state=State.INVALID, findings=findings))
    shown = {cell.value for row in load_workbook(path)["Problèmes"] for cell in row}
    assert {"critère sans réponse", "en-tête inconnu", "panne imprévue"} <= shown
