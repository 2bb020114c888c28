"""What a person sees in a workbook is what counts; what they do not see is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from workbook_tools import changed, complete, fiche_xlsx, place, raw_xlsx, text_cell

from cqp_forms.answers import Verdict
from cqp_forms.errors import AnswersError
from cqp_forms.findings import Code, Severity, errors, lenient
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.project import Project
from cqp_forms.workbook.candidate import Candidate
from cqp_forms.workbook.cells import Cell, CellKind
from cqp_forms.workbook.formats import BUILT_IN, UNKNOWN, Epoch, ShownNumber, shown_number
from cqp_forms.workbook.read import read_fiche, read_workbook
from cqp_forms.workbook.values import Understood, read_value
from cqp_forms.workbook.write import write_fiche

K = FieldKind


def told(candidate: Candidate) -> list[tuple[Code, Severity, str]]:
    return [(one.code, one.severity, one.cell) for one in candidate.findings]


def understood(kind: FieldKind, cell: Cell | str) -> Understood:
    cell = Cell(CellKind.TEXT, cell) if isinstance(cell, str) else cell
    return read_value(kind, cell, Epoch.YEAR_1900)


# ------------------------------------------------------------------- invisible characters


@pytest.mark.parametrize("char", [*"\u200b\u200c\u200d\ufeff\u00ad\u200e\u061c\u2060\ufe0f\u2066"])
def test_invisible_characters_are_dropped_and_told(char: str) -> None:
    for kind, text, value in (
        (K.CRITERION, "OUI", Verdict.OUI),
        (K.TEXT, "Durand", "Durand"),
        (K.LONG_TEXT, "a\nb", "a\nb"),
        (K.DATE, "01/06/2026", date(2026, 6, 1)),
    ):
        found = understood(kind, f"{char}{text[0]}{char}{text[1:]}{char}")
        assert found.value == value
        assert [(one.code, one.severity) for one in found.troubles] == [
            (Code.INVISIBLE_CHARACTER, Severity.INFORMATION)
        ]
        assert f"U+{ord(char):04X}" in found.troubles[0].message
    assert understood(K.CRITERION, char * 3).value is None


@pytest.mark.parametrize("char", ["\u202e", "\u202d"])
def test_what_turns_a_text_round_is_not_dropped(char: str) -> None:
    """U+202E shows « IUO » as « OUI »: without it, another text would be read than is seen."""
    (trouble,) = understood(K.CRITERION, f"{char}OUI").troubles
    assert trouble.code is Code.UNRECOGNISED_VALUE
    assert understood(K.TEXT, f"a{char}b").value == f"a{char}b"  # refused where it is printed


def test_invisible_characters_in_ids_and_titles(guide: Guide, tmp_path: Path) -> None:
    rows = f'<row r="1">{text_cell("A1", chr(0xFEFF) + "Champ")}'
    rows += f"{text_cell('B1', 'Ré' + chr(0xAD) + 'ponse')}</row>"
    rows += f'<row r="2">{text_cell("A2", "c1.1" + chr(0x200B) + ".1")}'
    rows += f"{text_cell('B2', 'OUI')}</row>"
    candidate = read_fiche(raw_xlsx(tmp_path / "f.xlsx", {"F": rows}), guide)
    assert candidate.answers.canonical() == {"c1.1.1": "OUI"}
    assert candidate.findings == ()


def test_tabs_become_spaces() -> None:
    assert understood(K.TEXT, "a\tb").value == "a b"


# ----------------------------------------------------------------------- struck answers


@pytest.mark.parametrize(
    "cell", [Cell(CellKind.TEXT, "OUI", struck=True), "O\u0336U\u0336I\u0336", "OUI\u0338"]
)
def test_a_struck_choice_is_no_answer(cell: Cell | str) -> None:
    found = understood(K.CRITERION, cell)
    assert found.value is None
    assert [(one.code, one.severity) for one in found.troubles] == [
        (Code.STRUCK_ANSWER, Severity.ERROR)
    ]


@pytest.mark.parametrize("text", ["Ø barré", "De\u0336l"])
def test_a_struck_text_is_a_warning(text: str) -> None:
    struck = understood(K.TEXT, Cell(CellKind.TEXT, text, struck=True))
    assert struck.value == text
    assert [one.severity for one in struck.troubles] == [Severity.WARNING]
    plain = understood(K.TEXT, text)
    assert bool(plain.troubles) == ("\u0336" in text)


def test_strike_through_comes_from_the_cells_font(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {"c1.1.2": "NA", "c1.1.2:précision": "absent"})
    book = openpyxl.load_workbook(path)
    cells = [place(guide, one)[1] for one in ("c1.1.1", "c1.1.2")]
    for cell in (book["C1"][cells[0]], book["C1"][cells[1].replace("C", "E")]):
        cell.font = Font(strike=True)
    book.save(path)
    candidate = read_fiche(path, guide)
    assert told(candidate) == [
        (Code.STRUCK_ANSWER, Severity.ERROR, cells[0]),
        (Code.STRUCK_ANSWER, Severity.WARNING, cells[1].replace("C", "E")),
    ]
    # Told once: not as unanswered as well.
    assert len(candidate.check(guide, date(2026, 6, 2))) == 2


@pytest.mark.parametrize(
    "text", ["①", "O\u20e3UI", "1º", "¹", "ℕ", "𝐎𝐔𝐈", "O\u0332UI", "NO\u0305N", "⑴", "Ⓝ", "ⁿ"]
)
def test_ordinals_circled_digits_and_marked_letters_are_no_answers(text: str) -> None:
    for kind in (K.CRITERION, K.TICK):
        found = understood(kind, text)
        assert found.value is None
        assert [one.code for one in found.troubles] == [Code.UNRECOGNISED_VALUE]


def test_what_a_keyboard_types_is_an_answer() -> None:
    for text in ("ＯＵＩ", "\u2003oui\u00a0", "ouï"):
        assert understood(K.CRITERION, text).value is Verdict.OUI
    assert understood(K.RESULT, "MAI\u0302TRISE\u0301E").value is not None


# ------------------------------------------------------------------- numbers and dates


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (BUILT_IN[16], "12-mars"),
        (BUILT_IN[15], "12-mars-26"),
        (BUILT_IN[17], "mars-26"),
        ("d mmmm yyyy", "12 mars 2026"),
        ("dddd d mmmm yyyy", "jeudi 12 mars 2026"),
        ("[$-40C]d\\ mmmm\\ yyyy;@", "12 mars 2026"),
        ("yyyy-mm-dd", "2026-03-12"),
        ("[$-409]m/d/yyyy;@", "3/12/2026"),
        ('"le "d/m/yy', "le 12/3/26"),
        ("dd.mm.yyyy hh:mm", "12.03.2026 18:30"),
        ("mmmmm", "m"),
        ("[h]:mm", "1106250:30"),
        ("mm:ss", "30:00"),
    ],
)
def test_a_date_is_shown_as_its_format_says(code: str, shown: str) -> None:
    assert shown_number("46093.770833333", code) == ShownNumber(shown)


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        ("46034", "d-mmm", "12-janv."),  # the stop depends on the version
        ("46093", "ddd d", "jeu. 12"),
        ("46093", "[$-409]d mmmm", "12 mars"),  # an English Excel shows March
        ("46093", "[$-F800]dddd, mmmm dd, yyyy", "jeudi, mars 12, 2026"),
        ("46093.770833333", "h:mm AM/PM", "6:30 PM"),
        ("0.5", "# ?/?", "0,5"),
        ("12345", "0.00E+00", "12345"),
        ("427", UNKNOWN, "427"),
        ("-5", "dd/mm/yyyy", "-5"),
        ("1", "[>5]0;00", "1"),
    ],
)
def test_what_cannot_be_known_is_said_with_what_will_print(
    number: str, code: str, shown: str
) -> None:
    assert shown_number(number, code) == ShownNumber(shown, False)
    found = understood(K.TEXT, Cell(CellKind.NUMBER, number, code))
    assert found.value == shown
    assert [(one.code, one.severity) for one in found.troubles] == [
        (Code.SHOWN_DATE, Severity.WARNING)
    ]
    assert shown in found.troubles[0].message


@pytest.mark.parametrize(
    ("number", "code"), [("1E+30", "0"), ("1234567890123456", "General"), ("1.5", "0." + "0" * 30)]
)
def test_digits_that_no_cell_keeps_are_not_printed(number: str, code: str) -> None:
    found = understood(K.TEXT, Cell(CellKind.NUMBER, number, code))
    assert found.value is None
    assert "15 chiffres" in found.troubles[0].message


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12/03/2026", date(2026, 3, 12)),
        ("12/03/26", date(2026, 3, 12)),
        ("12.03.2026", date(2026, 3, 12)),
        ("12-3-26", date(2026, 3, 12)),
        ("12 mars 2026", date(2026, 3, 12)),
        ("12 MARS 26", date(2026, 3, 12)),
        ("1er mars 2026", date(2026, 3, 1)),
        ("1er août 26", date(2026, 8, 1)),
        ("3 févr. 2026", date(2026, 2, 3)),
        ("12-déc-26", date(2026, 12, 12)),
        ("2026-03-12", date(2026, 3, 12)),
        ("12/03/99", date(2099, 3, 12)),
        ("12/03-2026", None),
        ("30 février 2026", None),
        ("12 marss 2026", None),
        ("03/12", None),
        ("12/03/026", None),
        ("①/03/2026", None),
        ("١٢/٠٣/٢٠٢٦", None),
    ],
)
def test_dates_as_people_write_them(text: str, day: date | None) -> None:
    found = understood(K.DATE, text)
    assert found.value == day
    assert bool(found.troubles) == (day is None)


# ------------------------------------------------------------------------ rows and columns


def test_hidden_rows_are_read_and_told(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = openpyxl.load_workbook(path)
    cell = place(guide, "c2.1.1")[1]
    book["C2"].row_dimensions[int(cell[1:])].hidden = True
    book["C2"].row_dimensions[4].hidden = True  # a title
    book.save(path)
    candidate = read_fiche(path, guide)
    assert told(candidate) == [(Code.HIDDEN_ROW, Severity.WARNING, cell.replace("C", "A"))]
    assert candidate.answers.value("c2.1.1") is Verdict.OUI

    lot = openpyxl.Workbook()
    for row in (["candidat.nom", "c1.1.1"], ["Durand", "OUI"], ["Martin", "NON"]):
        lot.active.append(row)
    lot.active.row_dimensions[3].hidden = True
    lot.save(tmp_path / "l.xlsx")
    first, second = read_workbook(tmp_path / "l.xlsx", guide)
    assert told(first) == []
    assert told(second) == [(Code.HIDDEN_ROW, Severity.WARNING, "A3")]
    assert second.answers.value("c1.1.1") is Verdict.NON


def test_answers_that_wait_beside_a_workbook_are_an_error_of_its_candidate(
    guide: Guide, tmp_path: Path
) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    (tmp_path / ".f.xlsx.attente.json").write_text("[]")
    candidate = read_fiche(path, guide)
    assert told(candidate) == [(Code.WAITING_ANSWERS, Severity.ERROR, "")]
    assert errors(lenient(candidate.findings)) == ()

    lot = openpyxl.Workbook()
    for row in (["candidat.nom", "c1.1.1"], ["Durand", "OUI"], ["Martin", "NON"]):
        lot.active.append(row)
    lot.save(tmp_path / "l.xlsx")
    (tmp_path / ".l.xlsx.3.attente.json").write_text("[]")
    first, second = read_workbook(tmp_path / "l.xlsx", guide)
    assert told(first) == []
    assert told(second) == [(Code.WAITING_ANSWERS, Severity.ERROR, "")]


def two_columns(path: Path, *rows: tuple[str, str, str]) -> Path:
    """A fiche with two « Réponse » columns, B and D, and two « Précision », C and E."""
    titles = ("Champ", "Réponse", "Précision", "Réponse", "Précision")
    body = "".join(text_cell(f"{c}1", t) for c, t in zip("ABCDE", titles, strict=True))
    body = f'<row r="1">{body}</row>'
    for n, (field_id, first, second) in enumerate(rows, 2):
        cells = ((f"A{n}", field_id), (f"B{n}", first), (f"D{n}", second))
        body += f'<row r="{n}">{"".join(text_cell(*one) for one in cells if one[1])}</row>'
    return raw_xlsx(path, {"F": body})


def test_two_answer_columns_that_differ_are_an_error(guide: Guide, tmp_path: Path) -> None:
    path = two_columns(
        tmp_path / "f.xlsx",
        ("c1.1.1", "OUI", "NON"),
        ("c1.1.2", "OUI", "OUI"),
        ("c1.1.3", "", "NON"),
        ("c1.2.1", " ", "NON"),
    )
    candidate = read_fiche(path, guide)
    assert told(candidate) == [(Code.TWO_ANSWERS, Severity.ERROR, "D2")]
    assert "B2 et D2" in candidate.findings[0].message
    assert candidate.answers.canonical() == {"c1.1.2": "OUI", "c1.1.3": "NON", "c1.2.1": "NON"}
    answer = candidate.answers.source("c1.1.3")
    assert answer is not None
    assert answer.cell == "D4"


def test_two_id_columns_that_differ_are_an_error(guide: Guide, tmp_path: Path) -> None:
    rows = f'<row r="1">{text_cell("A1", "Champ")}{text_cell("B1", "Réponse")}'
    rows += f'{text_cell("C1", "Champ")}</row><row r="2">{text_cell("A2", "c1.1.1")}'
    rows += f"{text_cell('B2', 'OUI')}{text_cell('C2', 'c1.1.2')}</row>"
    candidate = read_fiche(raw_xlsx(tmp_path / "f.xlsx", {"F": rows}), guide)
    assert told(candidate) == [(Code.TWO_ANSWERS, Severity.ERROR, "C2")]
    assert candidate.answers.canonical() == {}


def test_an_answer_on_a_row_without_id_is_told(guide: Guide, tmp_path: Path) -> None:
    path = fiche_xlsx(
        tmp_path / "f.xlsx",
        {
            "c1.1.1": text_cell("C§", "OUI"),
            " ": text_cell("C§", "NON") + text_cell("D§", "pourquoi"),
            "\u200b": text_cell("C§", " "),
        },
    )
    assert told(read_fiche(path, guide)) == [
        (Code.UNKNOWN_FIELD, Severity.WARNING, "C3"),
        (Code.UNKNOWN_FIELD, Severity.WARNING, "D3"),
    ]


def test_a_second_header_row_of_a_lot_is_read_as_one(guide: Guide, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["candidat.nom", "c1.1.1", "c1.1.2"], ["A", "OUI", "NON"],
        ["Candidat.nom ", "c1.1.2", "c1.1.1"], ["B", "OUI", "NON"],
    ):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "l.xlsx")
    first, second = read_workbook(tmp_path / "l.xlsx", guide)
    assert first.answers.value("c1.1.1") is Verdict.OUI
    assert second.answers.value("c1.1.1") is Verdict.NON
    assert second.answers.places["c1.1.1"].cell == "C4"


# --------------------------------------------------------------------------------- headers


def test_a_header_that_is_an_uncomputed_formula_is_told(guide: Guide, tmp_path: Path) -> None:
    rows = f'<row r="1">{text_cell("A1", "candidat.nom")}{text_cell("B1", "c1.1.1")}'
    rows += '<c r="C1"><f>"c1."&amp;"1.2"</f></c></row>'
    rows += f'<row r="2">{text_cell("A2", "D")}{text_cell("C2", "NON")}</row>'
    (candidate,) = read_workbook(raw_xlsx(tmp_path / "l.xlsx", {"L": rows}), guide)
    assert told(candidate) == [(Code.FORMULA_WITHOUT_VALUE, Severity.ERROR, "C1")]
    rows = f'<row r="1">{text_cell("A1", "Champ")}{text_cell("B1", "Réponse")}'
    rows += '<c r="C1"><f>"Précision"</f></c></row>'
    candidate = read_fiche(raw_xlsx(tmp_path / "f.xlsx", {"F": rows}), guide)
    assert told(candidate) == [(Code.FORMULA_WITHOUT_VALUE, Severity.ERROR, "C1")]


@pytest.mark.parametrize(
    ("title", "new"), [("Champ", None), ("Champ", "Identifiant"), ("Réponse", "Rép.")]
)
def test_a_column_deleted_or_renamed_is_one_error(
    title: str, new: str | None, guide: Guide, tmp_path: Path
) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = openpyxl.load_workbook(path)
    sheet = book["C1"]
    cell = next(one for one in sheet[3] if one.value == title)
    if new is None:
        for row in sheet.iter_rows(min_row=3, max_col=1):
            row[0].value = None
    cell.value = new
    book.save(path)
    with pytest.raises(AnswersError) as caught:
        read_fiche(path, guide)
    (found,) = caught.value.findings
    assert (found.code, found.severity) == (Code.UNKNOWN_HEADER, Severity.ERROR)
    assert f"« {title} »" in found.message.replace("\u00a0", " ")
    assert found.sheet == "C1"
    # A sheet of the user's own that only looks like one is no reason to refuse a whole fiche.
    path = changed(tmp_path / "g.xlsx", guide, {})
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes").append(["Libellé", "Réponse"])
    book.save(path)
    assert read_fiche(path, guide).findings == ()


def test_a_fiche_of_another_guide_is_known_by_its_ids(guide: Guide, tmp_path: Path) -> None:
    project = Project.at(Path(__file__).parents[2])
    other = project.guide("demo-conducteur-equipements")
    path = tmp_path / "f.xlsx"
    write_fiche(path, other, complete(other))
    book = openpyxl.load_workbook(path)
    del book.custom_doc_props["cqp-forms.guide"]
    book.save(path)
    with pytest.raises(AnswersError) as caught:
        read_fiche(path, guide, project.known_guides)
    assert [one.code for one in caught.value.findings] == [Code.OTHER_GUIDE]
    assert "--guide demo-conducteur-equipements" in caught.value.remedy
    assert read_fiche(path, other, project.known_guides).findings == ()
    # A part of a fiche, however small, stays its own.
    small = fiche_xlsx(tmp_path / "s.xlsx", {"c1.1.1": text_cell("C§", "OUI"), "c1.1.9": ""})
    assert read_fiche(small, guide, project.known_guides).answers.canonical() == {"c1.1.1": "OUI"}


@pytest.mark.parametrize("built_in", ["# ?/?", "#,##0_);(#,##0)", "##0.0E+0"])
def test_a_format_that_excel_draws_by_the_country_is_told(
    built_in: str, guide: Guide, tmp_path: Path
) -> None:
    """The file names it by its number alone (18.8.30): what it shows is not known."""
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = openpyxl.load_workbook(path)
    sheet, cell = place(guide, "candidat.entreprise")
    book[sheet][cell].value, book[sheet][cell].number_format = 1234567, built_in
    book.save(path)
    assert cell in [one.cell for one in read_fiche(path, guide).findings]
