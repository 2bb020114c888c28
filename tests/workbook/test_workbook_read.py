"""Reading fiches and lots through real files: what is taken, what is reported, what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from fiches import put_fiche
from workbook_tools import (
    changed,
    complete,
    fiche_xlsx,
    place,
    raw_xlsx,
    text_cell,
)

from cqp_forms.answers import Source, Verdict
from cqp_forms.errors import AnswersError
from cqp_forms.findings import Code, Severity
from cqp_forms.guide import Guide
from cqp_forms.workbook.candidate import Candidate
from cqp_forms.workbook.read import read_fiche, read_workbook
from cqp_forms.workbook.write import write_lot


def codes(candidate: Candidate) -> list[tuple[Code, str, str]]:
    return [(one.code, one.sheet, one.cell) for one in candidate.findings]


# ------------------------------------------------------------------------------ fiches


def test_a_fiche_gives_answers_with_their_cells(guide: Guide, tmp_path: Path) -> None:
    put_fiche(tmp_path, guide, complete(guide), "f.xlsx")
    candidate = read_fiche(tmp_path / "f.xlsx", guide)
    assert candidate.answers == complete(guide)
    assert candidate.findings == ()
    assert candidate.row is None
    answer = candidate.answers["c1.1.1"]
    assert answer.source == Source(*place(guide, "c1.1.1"))
    # Every row has its place, answered or not.
    assert candidate.answers.places["dossier.reference"] == Source(
        *place(guide, "dossier.reference")
    )
    assert len(candidate.answers.places) == 2 * 123, "answers and comments"


def test_columns_in_any_order_rows_in_any_order_other_sheets_ignored(
    guide: Guide, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Notes", "champ", "c1.1.1"])
    sheet = book.create_sheet("Tout")
    sheet.sheet_state = "hidden"
    sheet.append([])
    sheet["B3"], sheet["D3"], sheet["F3"] = " RÉPONSE ", "precision", "CHAMP "
    for row, (field_id, value, comment) in enumerate(
        [(" C1.1.2 ", "n/a", "Sans objet"), (None, "titre", ""), ("candidat.nom", "Durand", "")], 5
    ):
        sheet.cell(row, 6).value, sheet.cell(row, 2).value = field_id, value
        sheet.cell(row, 4).value = comment
    sheet.merge_cells("B5:C5")
    book.save(tmp_path / "f.xlsx")
    candidate = read_fiche(tmp_path / "f.xlsx", guide)
    assert candidate.answers.canonical() == {
        "c1.1.2": "NA",
        "c1.1.2:précision": "Sans objet",
        "candidat.nom": "Durand",
    }
    assert candidate.answers["c1.1.2"].comment_source == Source("Tout", "D5")
    # The title lies under « Réponse », on a row without an id: it might have been an answer.
    assert [(one.code, one.severity, one.cell) for one in candidate.findings] == [
        (Code.UNKNOWN_FIELD, Severity.WARNING, "B6"),
        (Code.HIDDEN_ROW, Severity.WARNING, "B5"),
    ]


def test_a_second_header_row_renames_the_columns(guide: Guide, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["Champ", "Réponse"], ["candidat.nom", "Durand"], ["Réponse", "Champ"],
        ["Léa", "candidat.prenom"],
    ):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")
    assert read_fiche(tmp_path / "f.xlsx", guide).label == "DURAND Léa"


def test_an_id_twice_names_both_cells_and_keeps_the_first(guide: Guide, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    changed(path, guide, {})
    book = openpyxl.load_workbook(path)
    book["Candidat"]["A40"], book["Candidat"]["C40"] = "c1.1.1", "NON"
    book.save(path)
    candidate = read_fiche(path, guide)
    sheet, cell = place(guide, "c1.1.1")
    # « Candidat » comes first: the row in C1 is the second one.
    assert codes(candidate) == [(Code.DUPLICATE_FIELD, sheet, cell.replace("C", "A"))]
    assert "cellule A40" in candidate.findings[0].message
    assert cell.replace("C", "A") in candidate.findings[0].message
    assert candidate.findings[0].severity is Severity.ERROR


def test_an_unknown_id_is_an_error_with_the_nearest(guide: Guide, tmp_path: Path) -> None:
    path = fiche_xlsx(
        tmp_path / "f.xlsx",
        {"candidat.non": text_cell("C§", "Durand"), "total général": "", "c1.1.1": ""},
    )
    candidate = read_fiche(path, guide)
    assert codes(candidate) == [
        (Code.UNKNOWN_FIELD, "F", "A2"),
        (Code.UNKNOWN_FIELD, "F", "A3"),
    ]
    assert "« candidat.nom »" in candidate.findings[0].remedy.replace("\u00a0", " ")
    assert "Vouliez-vous" not in candidate.findings[1].remedy


def test_comments_without_a_place_are_kept_and_told(guide: Guide, tmp_path: Path) -> None:
    edits = {"c1.1.1:précision": "Très bien", "candidat.nom:précision": "née Martin"}
    candidate = read_fiche(changed(tmp_path / "f.xlsx", guide, edits), guide)
    assert [(one.code, one.severity) for one in candidate.findings] == [
        (Code.COMMENT_WITHOUT_PLACE, Severity.WARNING)
    ] * 2
    assert candidate.answers.comment("c1.1.1") == "Très bien"
    assert candidate.answers.comment("candidat.nom") == "née Martin"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('<c r="C§"><f>A1&amp;"x"</f></c>', Code.FORMULA_WITHOUT_VALUE),
        ('<c r="C§"><f>A1</f><v></v></c>', Code.FORMULA_WITHOUT_VALUE),
        ('<c r="C§"><f>A1</f><v/></c>', Code.FORMULA_WITHOUT_VALUE),
        ('<c r="C§"><f t="shared" si="0"/></c>', Code.FORMULA_WITHOUT_VALUE),
        ('<c r="C§" t="e"><f>A1/0</f><v>#DIV/0!</v></c>', Code.EXCEL_ERROR),
        ('<c r="C§" t="e"><v>#N/A</v></c>', Code.EXCEL_ERROR),
        ('<c r="C§" t="str"><f>"OUI"</f><v>OUI</v></c>', None),
        ('<c r="C§" t="b"><f>1=1</f><v>1</v></c>', None),
        ('<c r="C§"><f>2-1</f><v>1</v></c>', None),
        ('<c r="C§" t="str"><f>""</f><v></v></c>', None),
    ],
)
@pytest.mark.parametrize("spacing", ["", "\n  "])
def test_formulas_count_for_their_cached_value(
    cell: str, code: Code | None, spacing: str, guide: Guide, tmp_path: Path
) -> None:
    cell = cell.replace("><", f">{spacing}<") if spacing else cell
    candidate = read_fiche(fiche_xlsx(tmp_path / "f.xlsx", {"c1.1.1": cell}), guide)
    if code is None:
        assert candidate.findings == ()
        expected = None if '""' in cell else Verdict.OUI
        assert candidate.answers.value("c1.1.1") is expected
    else:
        assert codes(candidate) == [(code, "F", "C2")]
        assert candidate.answers.value("c1.1.1") is None


def test_a_formula_that_should_give_an_id_is_not_skipped(guide: Guide, tmp_path: Path) -> None:
    rows = f'<row r="1">{text_cell("A1", "Champ")}{text_cell("C1", "Réponse")}</row>'
    rows += f'<row r="2"><c r="A2"><f>B1</f></c>{text_cell("C2", "OUI")}</row>'
    candidate = read_fiche(raw_xlsx(tmp_path / "f.xlsx", {"F": rows}), guide)
    assert codes(candidate) == [(Code.FORMULA_WITHOUT_VALUE, "F", "A2")]


def test_characters_that_no_font_has_are_named_with_their_cell(
    guide: Guide, tmp_path: Path
) -> None:
    nul = '<c r="C§" t="inlineStr"><is><t>a_x0000_b</t></is></c>'
    path = fiche_xlsx(
        tmp_path / "f.xlsx",
        {
            "candidat.nom": text_cell("C§", "李 Durand 😀"),
            "candidat.prenom": nul,
            "candidat.entreprise": text_cell("C§", "ACME\u202e"),
            "c1.1.1": text_cell("C§", "NA") + text_cell("D§", "parce que 😀"),
        },
    )
    candidate = read_fiche(path, guide)
    assert codes(candidate) == [
        (Code.UNPRINTABLE_CHARACTER, "F", cell) for cell in ("C2", "C3", "C4", "D5")
    ]
    message = candidate.findings[0].message
    assert "« 李 »" in message.replace("\u00a0", " ")
    assert "U+1F600" in message
    assert "un caractère de commande (U+0000)" in candidate.findings[1].message
    assert "une marque invisible de sens d’écriture (U+202E)" in candidate.findings[2].message
    assert not any("FACE" in one.message for one in candidate.findings), "Unicode's names: English"


def test_shared_strings_join_runs_and_leave_phonetics_out(guide: Guide, tmp_path: Path) -> None:
    strings = (
        "<si><t>Durand</t></si>"
        "<si><r><rPr><b/></rPr><t>Lé</t></r>\n<r><t xml:space='preserve'>a </t></r>"
        "<rPh sb='0' eb='1'><t>XX</t></rPh></si><si/>"
    )
    path = fiche_xlsx(
        tmp_path / "f.xlsx",
        {
            "candidat.nom": '<c r="C§" t="s"><v>0</v></c>',
            "candidat.prenom": '<c r="C§" t="s"><v>1</v></c>',
            "candidat.entreprise": '<c r="C§" t="s"><v>2</v></c>',
            "c1.1.1": '<c r="C§" t="inlineStr"><is><r><t>O</t></r> <r><t>UI</t></r>'
            "<rPh><t>x</t></rPh></is></c>",
        },
        strings=strings,
    )
    answers = read_fiche(path, guide).answers
    assert answers.canonical() == {
        "candidat.nom": "Durand", "candidat.prenom": "Léa", "c1.1.1": "OUI",
    }  # fmt: skip


def test_number_formats_and_the_1904_system_come_from_the_file(
    guide: Guide, tmp_path: Path
) -> None:
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs>'
    )
    rows = {
        "evaluateur_cpne.numero_habilitation": '<c r="C§" s="1"><v>427</v></c>',
        "evaluateur_cpne.nom": '<c r="C§"><v>12345</v></c>',
        "evaluateur_cpne.date": '<c r="C§" s="2"><v>44712</v></c>',
        "evaluateur_metier.nom": '<c r="C§" s="2"><v>44712</v></c>',
    }
    path = fiche_xlsx(tmp_path / "f.xlsx", rows, styles=styles, properties='date1904="1"')
    answers = read_fiche(path, guide).answers
    assert answers.value("evaluateur_cpne.numero_habilitation") == "00427"
    assert answers.value("evaluateur_cpne.nom") == "12345"
    assert answers.value("evaluateur_cpne.date") == date(2026, 6, 1)
    assert answers.value("evaluateur_metier.nom") == "01/06/2026"


# -------------------------------------------------------------------------------- lots


def lot_xlsx(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_lot_gives_a_candidate_a_row(guide: Guide, tmp_path: Path) -> None:
    path = lot_xlsx(
        tmp_path / "l.xlsx",
        ["Liste", "du 3 juin"],
        ["Nom", "Remarques internes", "Un critère", "Sa précision", "", "notes.internes"],
        ["Candidat.Nom", "pour moi", "c3.1.4", "c3.1.4 : PRECISION", None, "notes.internes"],
        ["Durand", "à rappeler", "NA", "Sans objet"],
        [None, "ligne de réserve", None, None],
        ["  ", None, None, None],
        ["Nguyễn", None, "oui", None],
    )
    first, second = read_workbook(path, guide)
    assert first.answers.canonical() == {
        "candidat.nom": "Durand", "c3.1.4": "NA", "c3.1.4:précision": "Sans objet",
    }  # fmt: skip
    assert (first.row, first.label, first.findings) == (4, "DURAND", ())
    assert (second.row, second.label) == (7, "NGUYỄN")
    assert first.answers["c3.1.4"].comment_source == Source("Sheet", "D4")
    assert second.answers.places["c3.1.4"] == Source("Sheet", "C7")


def test_a_mistyped_column_and_a_column_twice_concern_every_candidate(
    guide: Guide, tmp_path: Path
) -> None:
    path = lot_xlsx(
        tmp_path / "l.xlsx",
        ["candidat.nom", "candidat.prenon", "c1.1.1", "C1.1.1", "c9.9.9:précision", "infos.rh"],
        ["Durand", "Léa", "OUI", "NON"],
        ["Martin", "Zoé", "OUI", "NON"],
    )
    candidates = list(read_workbook(path, guide))
    assert len(candidates) == 2
    for candidate in candidates:
        assert codes(candidate) == [
            (Code.UNKNOWN_FIELD, "Sheet", "B1"),
            (Code.DUPLICATE_FIELD, "Sheet", "D1"),
            (Code.UNKNOWN_FIELD, "Sheet", "E1"),
        ]
        assert candidate.answers.value("c1.1.1") is Verdict.OUI


@pytest.mark.parametrize("column", ["c9.9.9", "C12.1.1", "c7.resultat"])
def test_a_column_made_like_an_id_is_not_skipped(guide: Guide, tmp_path: Path, column: str) -> None:
    path = lot_xlsx(
        tmp_path / "l.xlsx",
        ["candidat.nom", "c1.1.1", column, "v1.2", "tél. 2.1"],
        ["Durand", "OUI", "NON", "x", "y"],
    )
    (candidate,) = read_workbook(path, guide)
    assert codes(candidate) == [(Code.UNKNOWN_FIELD, "Sheet", "C1")]


def test_a_broken_row_leaves_the_others_alone(guide: Guide, tmp_path: Path) -> None:
    path = lot_xlsx(
        tmp_path / "l.xlsx",
        ["candidat.nom", "c1.1.1", "evaluateur_cpne.date"],
        ["A", "BOF", date(2026, 6, 1)],
        ["B", "OUI", "31/06/2026"],
        ["C", "=1+1", None],
        ["D", "NON", "01/06/2026"],
    )
    got = [codes(candidate) for candidate in read_workbook(path, guide)]
    assert got == [
        [(Code.UNRECOGNISED_VALUE, "Sheet", "B2")],
        [(Code.UNRECOGNISED_VALUE, "Sheet", "C3")],
        [(Code.FORMULA_WITHOUT_VALUE, "Sheet", "B4")],
        [],
    ]


def test_a_lot_without_rows_gives_nobody_and_a_lot_is_no_fiche(
    guide: Guide, tmp_path: Path
) -> None:
    write_lot(tmp_path / "l.xlsx", guide)
    assert list(read_workbook(tmp_path / "l.xlsx", guide)) == []
    with pytest.raises(AnswersError, match="lot"):
        read_fiche(tmp_path / "l.xlsx", guide)
    write_lot(tmp_path / "m.xlsx", guide, [complete(guide)])
    with pytest.raises(AnswersError, match="lot"):
        read_fiche(tmp_path / "m.xlsx", guide)


def test_candidates_above_the_row_of_ids_are_not_dropped(guide: Guide, tmp_path: Path) -> None:
    """A sort that takes the row of ids along leaves some above it."""
    write_lot(tmp_path / "l.xlsx", guide, [complete(guide)] * 3)
    book = openpyxl.load_workbook(tmp_path / "l.xlsx")
    sheet = book["Candidats"]
    ids = [one.value for one in sheet[3]]
    for column, key in enumerate(ids, 1):
        sheet.cell(3, column).value = sheet.cell(5, column).value
        sheet.cell(5, column).value = key
    book.save(tmp_path / "l.xlsx")
    with pytest.raises(AnswersError, match="les lignes 3, 4 portent des candidats") as caught:
        list(read_workbook(tmp_path / "l.xlsx", guide))
    (found,) = caught.value.findings
    assert (found.code, found.sheet, found.cell) == (Code.UNKNOWN_HEADER, "Candidats", "B3")
    # So with a list of names alone, under titles of one's own.
    rows = [["Candidats"], ["Nom", "Prénom"], ["Durand", "Léa"]]
    path = lot_xlsx(tmp_path / "m.xlsx", *rows, ["candidat.nom", "candidat.prenom"], ["B", "C"])
    with pytest.raises(AnswersError, match="la ligne 3 porte un candidat"):
        list(read_workbook(path, guide))


def test_rows_of_ids_without_a_header_above_are_not_dropped(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("Remarques")
    own = book["Observations"]
    moved = {one[0].value: [cell.value for cell in one] for one in own.iter_rows(min_row=4)}
    sheet.append(["Mes remarques"])
    sheet.append(moved["remarques.formation"])
    book.save(path)
    assert read_fiche(path, guide).findings == (), "a copy of what is read"
    row = next(one[0].row for one in own.iter_rows() if one[0].value == "remarques.formation")
    own.delete_rows(row)
    book.save(path)
    (found,) = read_fiche(path, guide).findings
    assert (found.code, found.severity) == (Code.UNKNOWN_HEADER, Severity.ERROR)
    assert (found.sheet, found.cell) == ("Remarques", "A2")
    assert "remarques.formation" in found.message


def test_memory_does_not_follow_the_rows(guide: Guide, tmp_path: Path) -> None:
    """The first candidate comes before the end of the sheet is read."""
    path = tmp_path / "l.xlsx"
    head = f'<row r="1">{text_cell("A1", "candidat.nom")}{text_cell("B1", "c1.1.1")}</row>'
    body = "".join(
        f'<row r="{n}">{text_cell(f"A{n}", "D" * 400)}{text_cell(f"B{n}", "OUI")}</row>'
        for n in range(2, 2000)
    )
    raw_xlsx(path, {"L": f"{head}{body}<row r='9999'><c r='A9999' t='s'><v>99</v></c></row>"})
    candidates = read_workbook(path, guide)
    assert next(candidates).row == 2
    with pytest.raises(AnswersError, match="endommagé"):  # a shared string that is not there
        list(candidates)
