"""Cells changed in a workbook that is there: these change, and nothing else does."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from workbook_tools import changed, complete, fiche_xlsx, place, raw_xlsx, worksheet

from cqp_forms.answers import Answers, Result, Verdict
from cqp_forms.errors import OutputError
from cqp_forms.guide import Guide
from cqp_forms.workbook.patch import set_cells
from cqp_forms.workbook.read import read_fiche
from cqp_forms.workbook.write import fiche_bytes


def parts(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sheet_of(path: Path, rows: str, values: dict[str, object]) -> str:
    """The first sheet of a small workbook once some of its cells are changed."""
    raw_xlsx(path, {"F": rows})
    new = set_cells(path.read_bytes(), {("F", key): one for key, one in values.items()})
    return parts(new)["xl/worksheets/sheet1.xml"].decode()


def test_answers_put_into_an_empty_fiche_are_read_back(guide: Guide, tmp_path: Path) -> None:
    wanted = complete(
        guide,
        c1__1__1=Verdict.NON,
        c1__resultat=Result.NON_MAITRISEE,
        commentaires__evaluateur_metier="=1+1 <b> & «\n deux » _x0041_ \u0007",
        documents__autre=True,
        evaluateur_cpne__date=date(1900, 2, 28),
    )
    values = {place(guide, key): answer.value for key, answer in wanted.items()}
    path = tmp_path / "f.xlsx"
    path.write_bytes(set_cells(fiche_bytes(guide), values))
    assert read_fiche(path, guide).answers.canonical() == wanted.canonical()


def test_everything_but_the_cells_stays_byte_for_byte(guide: Guide) -> None:
    before = fiche_bytes(guide, complete(guide))
    sheet, cell = place(guide, "candidat.nom")
    after = set_cells(before, {(sheet, cell): "ÉTÉ"})
    old, new = parts(before), parts(after)
    differing = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    assert differing == {"xl/worksheets/sheet2.xml"}, "the workbook part asked for it already"
    head, _, rest = old["xl/worksheets/sheet2.xml"].partition(f'<c r="{cell}"'.encode())
    _, _, tail = rest.partition(b"</c>")
    style = rest.split(b'"')[1].decode()
    put = f'<c r="{cell}" s="{style}" t="inlineStr"><is><t xml:space="preserve">ÉTÉ</t></is></c>'
    assert new["xl/worksheets/sheet2.xml"] == head + put.encode() + tail


def test_what_people_put_into_a_workbook_is_kept(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = openpyxl.load_workbook(path)
    sheet, cell = place(guide, "candidat.nom")
    book[sheet]["H3"] = "une note"
    book[sheet].column_dimensions["B"].width = 33
    book.save(path)
    path.write_bytes(set_cells(path.read_bytes(), {(sheet, cell): None}))
    again = openpyxl.load_workbook(path)[sheet]
    assert (again["H3"].value, again.column_dimensions["B"].width) == ("une note", 33)
    assert "candidat.nom" not in read_fiche(path, guide).answers


@pytest.mark.parametrize(
    ("rows", "values", "expected"),
    [
        ('<row r="2"><c r="B2" s="4"><v>1</v></c></row>', {"B2": "X"},
         '<row r="2"><c r="B2" s="4" t="inlineStr"><is><t xml:space="preserve">X</t></is></c>'
         "</row>"),
        ('<row r="2"><c r="A2"/><c r="C2"/></row>', {"B2": None, "D2": None},
         '<row r="2"><c r="A2"/><c r="B2"/><c r="C2"/><c r="D2"/></row>'),
        ('<row r="2" ht="9"/><row r="9"/>', {"A2": None, "A5": None, "B5": None, "A12": None},
         '<row r="2" ht="9"><c r="A2"/></row><row r="5"><c r="A5"/><c r="B5"/></row><row r="9"/>'
         '<row r="12"><c r="A12"/></row>'),
        ("<row><c><v>1</v></c><c s='7'><v>2</v></c></row>", {"B1": None},
         '<row><c><v>1</v></c><c r="B1" s="7"/></row>'),
        ('<row r="1"><c r="A1" s="3"><v>1</v></c></row>', {"A1": date(2026, 6, 1)},
         '<row r="1"><c r="A1" s="3"><v>46174</v></c></row>'),
        ("", {"B1": None}, '<row r="1"><c r="B1"/></row>'),
    ],
    ids=["replaced", "between and after", "rows", "without references", "date", "empty sheet"],
)  # fmt: skip
def test_cells_and_rows_that_are_not_there_are_put_in_their_order(
    tmp_path: Path, rows: str, values: dict[str, object], expected: str
) -> None:
    assert sheet_of(tmp_path / "f.xlsx", rows, values) == worksheet(expected)


def test_a_prefix_on_every_name_is_kept(tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": ""})
    prefixed = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<x:sheetData><x:row r="1"><x:c r="A1"/></x:row></x:sheetData></x:worksheet>'
    )
    replace_part(path, "xl/worksheets/sheet1.xml", prefixed.encode())
    new = parts(set_cells(path.read_bytes(), {("F", "A1"): "é"}))["xl/worksheets/sheet1.xml"]
    cell = '<x:c r="A1" t="inlineStr"><x:is><x:t xml:space="preserve">é</x:t></x:is></x:c>'
    assert new.decode() == prefixed.replace('<x:c r="A1"/>', cell)


def replace_part(path: Path, name: str, content: bytes) -> None:
    kept = parts(path.read_bytes()) | {name: content}
    with zipfile.ZipFile(path, "w") as archive:
        for key, value in kept.items():
            archive.writestr(key, value)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("</sheets>", '</sheets><calcPr fullCalcOnLoad="1"/>'),
        ('</sheets><calcPr calcId="7"/>', '</sheets><calcPr calcId="7" fullCalcOnLoad="1"/>'),
        (
            "</sheets><definedNames><definedName>é</definedName></definedNames>",
            "</sheets><definedNames><definedName>é</definedName></definedNames>"
            '<calcPr fullCalcOnLoad="1"/>',
        ),
    ],
)  # fmt: skip
def test_formulas_are_to_be_computed_anew(tmp_path: Path, was: str, becomes: str) -> None:
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": ""})
    book = parts(path.read_bytes())["xl/workbook.xml"].decode()
    replace_part(path, "xl/workbook.xml", book.replace("</sheets>", was).encode())
    new = parts(set_cells(path.read_bytes(), {("F", "A1"): "é"}))["xl/workbook.xml"].decode()
    assert new == book.replace("</sheets>", becomes)


def test_a_formula_is_replaced_and_leaves_the_list_of_formulas(tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'})
    rels = parts(path.read_bytes())["xl/_rels/workbook.xml.rels"].decode()
    chain = '<Relationship Id="c" Type="http://x/calcChain" Target="calcChain.xml"/>'
    with_chain = rels.replace("</Relationships>", f"{chain}</Relationships>")
    replace_part(path, "xl/_rels/workbook.xml.rels", with_chain.encode())
    types = '<Types><Override PartName="/xl/calcChain.xml"/><Default Extension="xml"/></Types>'
    replace_part(path, "[Content_Types].xml", types.encode())
    replace_part(path, "xl/calcChain.xml", b'<calcChain><c r="A1" i="1"/></calcChain>')
    new = parts(set_cells(path.read_bytes(), {("F", "A1"): Verdict.OUI}))
    assert "xl/calcChain.xml" not in new
    assert new["xl/_rels/workbook.xml.rels"].decode() == rels
    assert new["[Content_Types].xml"] == b'<Types><Default Extension="xml"/></Types>'
    assert b"1+1" not in new["xl/worksheets/sheet1.xml"]
    assert "xl/calcChain.xml" in parts(set_cells(path.read_bytes(), {("F", "B1"): "x"}))


def test_formulas_lose_their_last_value_but_for_those_of_answers(tmp_path: Path) -> None:
    styles = '<cellXfs><xf/><xf><protection locked="0"/></xf></cellXfs>'
    formula = '<row r="1"><c r="A1" s="{}"><f>B9</f><v>2</v></c></row>'
    sheets = {"F": formula.format(1), "G": formula.format(0)}
    path = raw_xlsx(tmp_path / "f.xlsx", sheets, styles=styles)
    new = parts(set_cells(path.read_bytes(), {("F", "A3"): None}))
    assert b"<f>B9</f><v>2</v>" in new["xl/worksheets/sheet1.xml"]
    assert b'<c r="A1" s="0"><f>B9</f></c>' in new["xl/worksheets/sheet2.xml"]


def test_a_formula_over_several_cells_is_refused_with_its_cell(tmp_path: Path) -> None:
    formula = '<row r="1"><c r="A1"><f t="array" ref="A1:B2">1+1</f></c></row>'
    with pytest.raises(OutputError, match=r"feuille F, cellule A1.*plusieurs"):
        sheet_of(tmp_path / "f.xlsx", formula, {"A1": "x"})


def test_a_text_too_long_is_refused_with_its_cell(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"feuille F, cellule B2.*32768 caractères"):
        sheet_of(tmp_path / "f.xlsx", "", {"B2": "x" * 32_768})


def test_what_is_no_workbook_is_refused(guide: Guide, tmp_path: Path) -> None:
    whole = fiche_bytes(guide, Answers({}))
    place_ = place(guide, "candidat.nom")
    for content in (b"", b"PK", whole[:2000]):
        with pytest.raises(OutputError, match="ne peut pas être modifié"):
            set_cells(content, {place_: "x"})
    with pytest.raises(OutputError, match="pas de feuille «\u00a0Nulle part\u00a0»"):
        set_cells(whole, {("Nulle part", "A1"): "x"})
    path = fiche_xlsx(tmp_path / "f.xlsx", {"candidat.nom": ""})
    bad = '<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData/></worksheet>'
    replace_part(path, "xl/worksheets/sheet1.xml", bad.encode())
    with pytest.raises(OutputError, match="ne peut pas être modifié"):
        set_cells(path.read_bytes(), {("F", "A1"): "x"})
