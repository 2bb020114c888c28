"""Answers that a person does not see on the screen count, and are told."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import openpyxl
import pytest
from fiches import put_fiche
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from workbook_tools import changed, complete, place, raw_xlsx, text_cell

from cqp_forms import limits
from cqp_forms.answers import Verdict
from cqp_forms.findings import Code, Severity
from cqp_forms.guide import Guide
from cqp_forms.workbook.cells import Unseen
from cqp_forms.workbook.read import read_fiche, read_workbook
from cqp_forms.workbook.sheet_xml import TooLargeError
from cqp_forms.workbook.unseen import read_unseen
from cqp_forms.workbook.write import write_lot

HIDDEN = Code.HIDDEN_ROW, Severity.WARNING
EXAMPLES = Path(__file__).parents[2] / "examples"


def opened(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def told(path: Path, guide: Guide) -> list[tuple[Code, Severity, str, str, str]]:
    return [
        (one.code, one.severity, one.sheet, one.cell, one.message.partition("\u00a0;")[0])
        for one in read_fiche(path, guide).findings
    ]


def test_hidden_columns_are_told_once_each(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {"c2.1.2": "NA", "c2.1.2:précision": "Sans objet"})
    book = opened(path)
    book["C2"].column_dimensions["C"].hidden = True
    book["C2"].column_dimensions["E"].hidden = True
    book["C2"].column_dimensions["F"].hidden = True  # help: no answers
    book["C3"].column_dimensions["A"].hidden = True  # ids
    book.save(path)
    first, comment = place(guide, "c2.1.1")[1], place(guide, "c2.1.2")[1].replace("C", "E")
    assert sorted(told(path, guide)) == sorted(
        [
            (*HIDDEN, "C2", first, "la colonne C est masquée"),
            (*HIDDEN, "C2", comment, "la colonne E est masquée"),
        ]
    )
    assert read_fiche(path, guide).answers.value("c2.1.1") is Verdict.OUI


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_told_once(state: str, guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = opened(path)
    assert book["Listes"].sheet_state == "hidden", "no answers are there: nothing to tell"
    book["C1"].sheet_state = state
    book["C1"].column_dimensions["C"].hidden = True
    book.save(path)
    ((code, severity, sheet, _, message),) = told(path, guide)
    assert (code, severity, sheet) == (*HIDDEN, "C1")
    assert message == "la feuille C1 est masquée"


def test_an_answer_under_a_merged_area_is_told(guide: Guide, tmp_path: Path) -> None:
    """Programs that merge without emptying keep what is under the area in the file."""
    rows = [("Champ", "Réponse", "Précision")]
    rows += [("c1.1.1", "OUI", ""), ("c1.1.2", "NON", ""), ("c1.1.3", "NA", "Sans objet")]
    body = "".join(
        f'<row r="{n}">{"".join(text_cell(f"{c}{n}", t) for c, t in zip("ABC", row, strict=True))}'
        "</row>"
        for n, row in enumerate(rows, 1)
    )
    merges = '</sheetData><mergeCells><mergeCell ref="B2:B3"/><mergeCell ref="B4:C4"/>'
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": body + merges + "</mergeCells><sheetData>"})
    assert [one[:4] for one in told(path, guide)] == [(*HIDDEN, "F", "B3")]
    (finding,) = read_fiche(path, guide).findings
    assert finding.message.endswith(": B3, C4.")
    assert read_fiche(path, guide).answers.value("c1.1.2") is Verdict.NON


def test_the_first_cell_of_a_merged_area_is_seen(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = opened(path)
    cell = place(guide, "c1.1.1")[1]
    book["C1"].merge_cells(f"{cell}:D{cell[1:]}")
    assert isinstance(book["C1"][f"D{cell[1:]}"], MergedCell)
    book.save(path)
    assert told(path, guide) == []


def test_a_candidate_of_a_lot_is_told_its_own(guide: Guide, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["candidat.nom", "c1.1.1", "c1.1.2"], ["Durand", "OUI"], ["Martin", "OUI", "NON"]):
        book.active.append(row)
    book.active.column_dimensions["C"].hidden = True
    book.save(tmp_path / "l.xlsx")
    first, second = read_workbook(tmp_path / "l.xlsx", guide)
    assert first.findings == ()
    assert [(one.code, one.severity, one.cell) for one in second.findings] == [(*HIDDEN, "C3")]
    assert second.answers.value("c1.1.2") is Verdict.NON


def test_what_is_too_thin_to_be_seen_is_hidden(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = opened(path)
    first = place(guide, "c1.1.1")[1]
    book["C1"].row_dimensions[int(first[1:])].height = 0.3
    book["C2"].column_dimensions["C"].width = 0.05
    book.save(path)
    sheets = [(code, severity, sheet) for code, severity, sheet, *_ in told(path, guide)]
    assert sorted(sheets) == [(*HIDDEN, "C1"), (*HIDDEN, "C2")]


def test_our_own_workbooks_hide_no_answer(guide: Guide, tmp_path: Path) -> None:
    put_fiche(tmp_path, guide, complete(guide), "f.xlsx")
    assert read_fiche(tmp_path / "f.xlsx", guide).findings == ()
    write_lot(tmp_path / "l.xlsx", guide, [complete(guide)])
    (candidate,) = read_workbook(tmp_path / "l.xlsx", guide)
    assert candidate.findings == ()
    read = [*read_workbook(EXAMPLES / "lot-12-candidats.xlsx", guide)]
    read += read_workbook(EXAMPLES / "fiche-maitrisee.xlsx", guide)
    read += read_workbook(EXAMPLES / "fiche-non-maitrisee.xlsx", guide)
    assert [one.findings for one in read] == [()] * 14


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_places_are_found_however_the_xml_is_cut(encoding: str, prefix: str) -> None:
    text = f"<{prefix}t>" + "a" * 200_000 + f"</{prefix}t>"
    xml = f'<{prefix}col min="2" max="3" hidden="true"/><{prefix}col min="5" max="x" hidden="1"/>'
    xml += f'<{prefix}col width="0" min="9" max="9"/><{prefix}col width="9" min="4" max="4"/>'
    xml += f'<{prefix}col min="7" max="7" hidden="1" outlineLevel="1"/>{text}'
    for pad in range(65_400, 65_540, 7):
        gap = " " * (pad - len(xml) % 65_536)
        cut = f'{gap}<{prefix}mergeCell\n ref="A1:B4"/><mergeCell ref=""/>'
        found = read_unseen(io.BytesIO((xml + cut).encode(encoding)), hidden=False)
        assert (list(found.columns), list(found.areas)) == ([(2, 3), (9, 9)], [(1, 1, 2, 4)])


def test_areas_that_overlap_cover_all_that_they_share() -> None:
    found = Unseen(areas=[(1, 1, 1, 9), (1, 3, 2, 4)])
    covered = [row for row in range(1, 12) if found.covers("A", row)]
    assert covered == [2, 3, 4, 5, 6, 7, 8, 9]
    assert [row for row in range(1, 12) if found.covers("B", row)] == [3, 4]


def test_too_many_merged_areas_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MERGED_AREAS", 3)
    xml = b'<mergeCell ref="A1:B4"/>'
    assert len(read_unseen(io.BytesIO(xml * 3), hidden=False).areas) == 3
    with pytest.raises(TooLargeError, match="fusionnées"):
        read_unseen(io.BytesIO(xml * 4), hidden=False)


def test_a_hidden_sheet_without_answers_is_silent(guide: Guide, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    book = openpyxl.Workbook()
    for row in (["Champ", "Réponse"], ["c1.1.1", "OUI"]):
        book.active.append(row)
    empty = book.copy_worksheet(book.active)
    empty["A2"].value, empty["B2"].value = "c1.1.2", None
    empty.sheet_state = "hidden"
    book.save(path)
    assert told(path, guide) == []


def test_comments_pinned_to_cells_are_told(guide: Guide, tmp_path: Path) -> None:
    """An evaluator may think that they go into the guide: nothing takes them."""
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = opened(path)
    first, second = place(guide, "c2.1.1")[1], place(guide, "c2.1.2")[1]
    for cell in (first, second):
        book["C2"][cell].comment = Comment("À revoir en janvier", "Évaluateur")
    book.save(path)
    assert told(path, guide) == [
        (
            Code.CELL_NOTE,
            Severity.WARNING,
            "C2",
            first,
            f"2 commentaires Excel ({first}, {second}) ne sont repris nulle part.",
        )
    ]


def test_comments_of_a_lot_are_told_of_their_own_candidate(guide: Guide, tmp_path: Path) -> None:
    path = tmp_path / "lot.xlsx"
    shutil.copy(EXAMPLES / "lot-12-candidats.xlsx", path)
    book = opened(path)
    sheet, row = book["Candidats"], 6
    sheet.cell(row, 3).comment = Comment("À revoir", "Évaluateur")
    book.save(path)
    found = {
        one.row: [each.cell for each in one.findings if each.code is Code.CELL_NOTE]
        for one in read_workbook(path, guide)
    }
    assert {rank: cells for rank, cells in found.items() if cells} == {row: [f"C{row}"]}
