"""Cell to answer: the table of accepted values, and what a number looks like to a person."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cqp_forms.answers import Result, Value, Verdict
from cqp_forms.findings import Code, Finding, Severity
from cqp_forms.guide import FieldKind
from cqp_forms.workbook.cells import Cell, CellKind, escaped, unescaped
from cqp_forms.workbook.formats import Epoch, is_date, moment, shown_number
from cqp_forms.workbook.values import plain_text, read_comment, read_value

K = FieldKind
TEXT, NUMBER, BOOLEAN = CellKind.TEXT, CellKind.NUMBER, CellKind.BOOLEAN


def read(kind: FieldKind, cell: Cell | str, epoch: Epoch = Epoch.YEAR_1900) -> object:
    if isinstance(cell, str):
        cell = Cell(TEXT, cell)
    understood = read_value(kind, cell, epoch)
    errors = [one for one in understood.troubles if one.severity is Severity.ERROR]
    return errors[0] if errors else understood.value


def variants(text: str) -> list[str]:
    return [text, text.lower(), text.title(), f"  {text} ", f"\u00a0{text}\n"]


@pytest.mark.parametrize(
    ("kind", "texts", "value"),
    [
        (K.CRITERION, ["OUI", "O", "X", "1", "VRAI", "TRUE"], Verdict.OUI),
        (K.CRITERION, ["NON", "N", "0", "FAUX", "FALSE"], Verdict.NON),
        (K.CRITERION, ["NA", "A", "N/A", "NON APPLICABLE", "SANS OBJET"], Verdict.NA),
        (
            K.RESULT,
            ["MAITRISEE", "MAÎTRISÉE", "MAI\u0302TRISE\u0301E", "OUI", "ACQUISE"],
            Result.MAITRISEE,
        ),
        (
            K.RESULT,
            ["NON MAITRISEE", "NON_MAITRISEE", "NON MAÎTRISÉE", "NON\u00a0MAÎTRISÉE", "NON"],
            Result.NON_MAITRISEE,
        ),
        (K.TICK, ["X", "OUI", "1", "VRAI", "TRUE"], True),
        (K.TICK, ["NON", "0", "FAUX", "FALSE"], False),
    ],
)
def test_accepted_texts(kind: FieldKind, texts: list[str], value: Value) -> None:
    for text in texts:
        for variant in variants(text):
            assert read(kind, variant) is value, variant


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (K.CRITERION, Cell(NUMBER, "1"), Verdict.OUI),
        (K.CRITERION, Cell(NUMBER, "1.0"), Verdict.OUI),
        (K.CRITERION, Cell(NUMBER, "1", "0.00"), Verdict.OUI),
        (K.CRITERION, Cell(NUMBER, "0"), Verdict.NON),
        (K.CRITERION, Cell(BOOLEAN, "1"), Verdict.OUI),
        (K.CRITERION, Cell(BOOLEAN, "0"), Verdict.NON),
        (K.TICK, Cell(NUMBER, "1.0"), True),
        (K.TICK, Cell(BOOLEAN, "0"), False),
        (K.DATE, Cell(NUMBER, "46174", "dd/mm/yyyy"), date(2026, 6, 1)),
        (K.DATE, Cell(NUMBER, "46174.75", "d mmm yy h:mm"), date(2026, 6, 1)),
        (K.DATE, Cell(NUMBER, "46174", "[$-40C]d mmmm yyyy;@"), date(2026, 6, 1)),
        (K.DATE, Cell(NUMBER, "59", "dd/mm/yyyy"), date(1900, 2, 28)),
        (K.DATE, Cell(NUMBER, "61", "dd/mm/yyyy"), date(1900, 3, 1)),
        (K.DATE, Cell(CellKind.ISO_DATE, "2026-06-01T00:00:00"), date(2026, 6, 1)),
        (K.DATE, Cell(TEXT, " 01/06/2026 "), date(2026, 6, 1)),
        (K.DATE, Cell(TEXT, "1/6/2026"), date(2026, 6, 1)),
        (K.DATE, Cell(TEXT, "2026-06-01"), date(2026, 6, 1)),
        (K.TEXT, Cell(NUMBER, "12345"), "12345"),
        (K.TEXT, Cell(NUMBER, "12345.0"), "12345"),
        (K.TEXT, Cell(NUMBER, "427", "00000"), "00427"),
        (K.TEXT, Cell(NUMBER, "46174", "dd/mm/yyyy"), "01/06/2026"),
        (K.TEXT, Cell(TEXT, "00427"), "00427"),
        (K.TEXT, Cell(BOOLEAN, "1"), "VRAI"),
        (K.TEXT, Cell(TEXT, "  Léa  "), "Léa"),
        (K.TEXT, Cell(TEXT, "=1+1"), "=1+1"),
        (K.LONG_TEXT, Cell(TEXT, "a\r\nb\rc\u2028d"), "a\nb\nc\nd"),
        *[(kind, Cell(TEXT, " \n\t\u00a0 "), None) for kind in K],
    ],
)
def test_accepted_cells(kind: FieldKind, cell: Cell, value: Value | None) -> None:
    got = read(kind, cell)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        *[(K.CRITERION, Cell(TEXT, text)) for text in ("PEUT-ÊTRE", "2", "OUI NON", "NA?")],
        *[(K.CRITERION, Cell(NUMBER, number)) for number in ("2", "-1", "0.5", "1e300")],
        *[(K.RESULT, Cell(TEXT, text)) for text in ("NA", "X", "MAITRISEE ?", "1")],
        (K.RESULT, Cell(NUMBER, "1")),
        *[(K.TICK, Cell(TEXT, text)) for text in ("Y", "☑", "N/A")],
        *[
            (K.DATE, Cell(TEXT, text))
            for text in ("31/02/2026", "06/2026", "1/6/226", "hier", "01/06/0206", "20260601")
        ],
        (K.DATE, Cell(NUMBER, "46174")),  # a number that no person sees as a date
        (K.DATE, Cell(NUMBER, "60", "dd/mm/yyyy")),  # 29 February 1900 never was
        (K.DATE, Cell(NUMBER, "-5", "dd/mm/yyyy")),
        (K.DATE, Cell(NUMBER, "99999999", "dd/mm/yyyy")),
        (K.DATE, Cell(BOOLEAN, "1")),
        (K.TEXT, Cell(TEXT, "deux\nlignes")),
        (K.SIGNATURE, Cell(TEXT, "Durand")),
    ],
)
def test_refused_values_are_shown_and_say_what_is_accepted(kind: FieldKind, cell: Cell) -> None:
    got = read(kind, cell)
    assert isinstance(got, Finding)
    assert got.code is Code.UNRECOGNISED_VALUE
    assert "«" in got.message
    assert got.remedy


def test_formulas_without_value_and_excel_errors() -> None:
    for kind in K:
        got = read(kind, Cell(CellKind.UNCOMPUTED, ""))
        assert isinstance(got, Finding)
        assert got.code is Code.FORMULA_WITHOUT_VALUE
        assert "enregistrez" in got.remedy
        got = read(kind, Cell(CellKind.ERROR, "#REF!"))
        assert isinstance(got, Finding)
        assert got.code is Code.EXCEL_ERROR
        assert "#REF!" in got.message
    assert read_comment(Cell(CellKind.UNCOMPUTED, ""), Epoch.YEAR_1900).troubles


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        ("12345", "General", "12345"),
        ("12345678901234", "General", "12345678901234"),  # a SIRET
        ("0.1", "General", "0,1"),
        ("0.30000000000000004", "General", "0,3"),
        ("-2.50", "General", "-2,5"),
        ("1E+20", "General", "1E+20"),
        ("612345678", '0#" "##" "##" "##" "##', "06 12 34 56 78"),
        ("42", '"HAB-"0000', "HAB-0042"),
        ("42", "\\H0000", "H0042"),
        ("1234567.891", "#,##0.00", "1\u00a0234\u00a0567,89"),
        ("0.256", "0%", "26\u00a0%"),
        ("-5", "0;(0)", "(5)"),
        ("0", '0;-0;"néant"', "0"),
        ("5", "[Red]0", "5"),
        ("5", "# ?/?", "5"),
        ("0", "#", "0"),
        ("7", "@", "7"),
        ("1E+30", "0", "1" + "0" * 30),
        ("1.5", "0." + "0" * 30, "1,5" + "0" * 29),
        ("1E999999999", "0", "1E999999999"),
        ("46174.5", "dd/mm/yyyy hh:mm", "01/06/2026 12:00"),
        ("0.5", "h:mm", "12:00"),
        ("NaN", "0", "NaN"),
        ("quoi", "0", "quoi"),
    ],
)
def test_a_number_is_kept_as_a_person_sees_it(number: str, code: str, shown: str) -> None:
    assert shown_number(number, code).text == shown


def test_only_date_formats_are_dates() -> None:
    for code in ("dd/mm/yyyy", "m/d/yy", "[$-40C]d mmm", "yyyy", "d", "dd/mm/yyyy hh:mm"):
        assert is_date(code), code
    for code in ("General", "0", '"dimanche"0', "[Red]0.00", "0.00E+00", "h:mm", "\\d0", "@"):
        assert not is_date(code), code


def test_the_1904_date_system() -> None:
    cell = Cell(NUMBER, "44712", "dd/mm/yyyy")
    assert read(K.DATE, cell, Epoch.YEAR_1904) == date(2026, 6, 1)
    assert moment("0", Epoch.YEAR_1904) is not None


@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_every_day_has_its_serial_number(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    assert read(K.DATE, Cell(NUMBER, serial, "dd/mm/yyyy")) == day


@given(st.text())
def test_escaping_loses_nothing(text: str) -> None:
    once = escaped(text)
    assert unescaped(once) == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_an_escape_typed_as_text_stays_text() -> None:
    assert unescaped(escaped("_x0041_x0042_")) == "_x0041_x0042_"
    assert unescaped("a_x000D_\nb") == "a\r\nb"
    assert unescaped("_xD83D__xDE00_") == "😀"


@given(st.text())
def test_plain_text_is_stable(text: str) -> None:
    once = plain_text(text)
    assert plain_text(once) == once


def test_decomposed_accents_are_composed() -> None:
    assert read(K.TEXT, "Le\u0301a") == "Léa"
