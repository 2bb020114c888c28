"""A damaged fiche: what it says goes into a fresh one, and what has no sure place is named."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from workbook_tools import complete

from cqp_forms.answers import Answer, Answers, Verdict
from cqp_forms.errors import AnswersError
from cqp_forms.guide import Guide
from cqp_forms.workbook.opening import open_workbook
from cqp_forms.workbook.repair import recover_fiche, unplaced
from cqp_forms.workbook.write import write_fiche, write_lot


@pytest.fixture
def book(guide: Guide, tmp_path: Path) -> openpyxl.Workbook:
    answers = {**complete(guide), "c1.1.2": Answer(Verdict.NA, "sans objet ici")}
    write_fiche(tmp_path / "f.xlsx", guide, Answers(answers))
    return openpyxl.load_workbook(tmp_path / "f.xlsx")


def recovered(book: openpyxl.Workbook, path: Path, guide: Guide):
    book.save(path)
    return read(path, guide)


def read(path: Path, guide: Guide):
    with open_workbook(path) as book:
        return recover_fiche(book, guide)


def row_of(sheet: Worksheet, field_id: str) -> int:
    return next(row[0].row for row in sheet.iter_rows() if row[0].value == field_id)


def expected(guide: Guide) -> dict[str, str]:
    answers = {**complete(guide), "c1.1.2": Answer(Verdict.NA, "sans objet ici")}
    return Answers(answers).canonical()


def test_ids_headers_and_names_of_sheets_are_found_again(
    guide: Guide, tmp_path: Path, book: openpyxl.Workbook
) -> None:
    for row in range(3, 40):
        book["C1"].cell(row, 1).value = None  # the ids and their title
    for column in range(1, 7):
        book["C2"].cell(3, column).value = None  # the titles
    book["C3"].title = "Feuille 3"
    for row in range(4, 40):
        book["Signataires"].cell(row, 1).value = None
    candidate = recovered(book, tmp_path / "f.xlsx", guide)
    assert list(unplaced(candidate)) == []
    assert candidate.answers.canonical() == expected(guide)


def test_a_wording_that_stands_twice_is_not_guessed_at(
    guide: Guide, tmp_path: Path, book: openpyxl.Workbook
) -> None:
    sheet = book["C5"]
    twins = [row_of(sheet, key) for key in ("c5.3.1", "c5.3.4")]
    assert sheet.cell(twins[0], 2).value == sheet.cell(twins[1], 2).value
    sheet.cell(twins[0], 1).value = None
    whole = recovered(book, tmp_path / "one.xlsx", guide)
    assert whole.answers.canonical() == expected(guide), "the other has its id: only one is left"
    sheet.cell(twins[1], 1).value = None
    candidate = recovered(book, tmp_path / "two.xlsx", guide)
    assert {"c5.3.1", "c5.3.4"} & candidate.answers.keys() == set()
    assert [place for place, _ in unplaced(candidate)] == [
        f"feuille C5, cellule C{row}" for row in twins
    ]


def test_a_row_of_no_known_wording_and_a_bad_value_are_named(
    guide: Guide, tmp_path: Path, book: openpyxl.Workbook
) -> None:
    sheet = book["C1"]
    gone, bad, double = (row_of(sheet, f"c1.1.{n}") for n in (1, 2, 3))
    sheet.cell(gone, 1).value, sheet.cell(gone, 2).value = "c1.1.99", "réécrit"
    sheet.cell(bad, 3).value = "peut-être"
    sheet.cell(60, 1).value, sheet.cell(60, 3).value = "c1.1.3", "NON"
    candidate = recovered(book, tmp_path / "f.xlsx", guide)
    assert candidate.answers.value("c1.1.3") is Verdict.OUI
    places = [place for place, _ in unplaced(candidate)]
    assert places == [f"feuille C1, cellule {one}" for one in (f"A{gone}", f"C{bad}", "A60")]
    assert double < 60


def test_a_lot_and_what_is_no_fiche_are_refused(guide: Guide, tmp_path: Path) -> None:
    write_lot(tmp_path / "lot.xlsx", guide)
    with pytest.raises(AnswersError, match="est un lot"):
        read(tmp_path / "lot.xlsx", guide)
    openpyxl.Workbook().save(tmp_path / "vide.xlsx")
    with pytest.raises(AnswersError, match="rien ici ne ressemble"):
        read(tmp_path / "vide.xlsx", guide)
