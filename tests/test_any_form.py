"""A form that no one prepared: drafted, filled, read back and proved without editing a YAML."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import docx
import openpyxl
import pytest
from click.testing import CliRunner, Result
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml.etree import _Element as Element
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.cli import program
from cqp_forms.docx import wml

CAPTIONS = ("ND", "1", "2", "3")
ROWS = ("Préparer son poste", "Régler la machine", "Contrôler la pièce")
ANSWERS = {"Nom": "Élodie Brun", ROWS[0]: "2", ROWS[1]: "nd", ROWS[2]: "3"}
TITLE = "Grille de positionnement"


def word_form(path: Path) -> None:
    document = docx.Document()
    document.add_heading(TITLE, 1)
    document.add_paragraph("Nom : ........................................")
    table = document.add_table(1 + len(ROWS), 1 + len(CAPTIONS), style="Table Grid")
    for column, text in enumerate(("Compétences", *CAPTIONS)):
        table.cell(0, column).text = text
    for row, text in enumerate(ROWS, start=1):
        table.cell(row, 0).text = text
    document.save(str(path))


def pdf_form(path: Path) -> None:
    canvas = Canvas(str(path), invariant=1)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(60, 790, TITLE)
    canvas.setFont("Helvetica", 11)
    canvas.drawString(60, 755, "Nom :")
    canvas.line(95, 753, 400, 753)
    edges = [60, 300, 345, 390, 435, 480]
    for row, texts in enumerate([("Compétences", *CAPTIONS), *((each,) for each in ROWS)]):
        top = 720 - 24 * row
        for column, (x, right) in enumerate(pairwise(edges)):
            canvas.rect(x, top - 24, right - x, 24)
            if column < len(texts):
                canvas.drawString(x + 5, top - 16, texts[column])
    canvas.save()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, list(arguments))


def answers_in(path: Path) -> dict[str, str]:
    """What a fiche says, by label."""
    found = {}
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows(values_only=True):
            if len(row) > 2 and row[0] and row[2] and row[0] != "Champ":
                found[str(row[1])] = str(row[2])
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    word_form(tmp_path / "grille.docx")
    pdf_form(tmp_path / "grille.pdf")
    return tmp_path


def test_a_form_with_a_grid_goes_all_the_way_in_both_formats(folder: Path) -> None:
    drafted = run("map", "grille.docx", "grille.pdf", "--new-guide", "grille")
    assert drafted.exit_code == 0, drafted.output
    assert run("new", "--guide", "grille", "-o", "f.xlsx").exit_code == 0
    book = openpyxl.load_workbook("f.xlsx")
    rows = [row for sheet in book for row in sheet.iter_rows() if len(row) > 2]
    asked = [row for row in rows if row[1].value in ANSWERS]
    for row in asked:
        row[2].value = ANSWERS[str(row[1].value)]
    book.save("f.xlsx")
    assert len(asked) == len(ANSWERS)

    filled = run("fill", "f.xlsx", "-o", "o")
    assert filled.exit_code == 0, filled.output
    (word,) = (folder / "o").glob("*/*_v1.docx")
    (pdf,) = (folder / "o").glob("*/*_v1.pdf")
    table = docx.Document(str(word)).tables[0]
    ticked = [
        CAPTIONS[column - 1]
        for row in table.rows[1:]
        for column in range(1, 5)
        if row.cells[column].text.strip()
    ]
    assert ticked == ["2", "ND", "3"]
    for number, issued in enumerate((word, pdf)):
        assert run("verify", str(issued), "f.xlsx").exit_code == 0
        back = f"relue{number}.xlsx"
        read = run("extract", str(issued), "-o", back)
        assert read.exit_code == 0, read.output
        expected = {**ANSWERS, ROWS[1]: "ND"}
        assert answers_in(folder / back) == expected
    differ = run("diff", str(word), str(pdf), "--json")
    assert differ.exit_code == 0, differ.output
    assert json.loads(differ.stdout)["changes"] == []


def bound_form(path: Path) -> None:
    """A name that a field of the body, one at its end and one of the header take from one place."""

    def control() -> Element:
        names = f'xmlns:w="{wml.W}"'
        binding = '<w:dataBinding w:storeItemID="{1}" w:xpath="/fiche/nom"/>'
        return parse_xml(
            f'<w:sdt {names}><w:sdtPr><w:tag w:val="t"/><w:showingPlcHdr/>{binding}<w:text/>'
            "</w:sdtPr><w:sdtContent><w:r><w:t>Cliquez ici</w:t></w:r></w:sdtContent></w:sdt>"
        )

    document = docx.Document()
    document.sections[0].header.paragraphs[0].add_run("Dossier de : ")
    document.sections[0].header.paragraphs[0]._p.append(control())
    document.add_paragraph("Nom du salarié : ")._p.append(control())
    document.add_paragraph("Avis : ☐ Favorable   ☐ Défavorable")
    document.add_paragraph("Je soussigné(e) : ")._p.append(control())
    document.save(str(path))


@pytest.mark.parametrize("pending", [False, True])
def test_one_answer_is_read_back_from_all_its_places_in_a_draft_too(
    folder: Path, pending: bool
) -> None:
    bound_form(folder / "suivi.docx")
    assert run("map", "suivi.docx", "--new-guide", "suivi").exit_code == 0
    mapping = folder / "mappings" / "suivi" / "docx.yaml"
    if pending:
        text = mapping.read_text(encoding="utf-8")
        doubt = 'offset: 7, confirmed: false, reason: "essai", candidates: ["#2", "#3"]}'
        assert "offset: 7}" in text
        mapping.write_text(text.replace("offset: 7}", doubt), encoding="utf-8")
    assert run("new", "--guide", "suivi", "-o", "s.xlsx").exit_code == 0
    book = openpyxl.load_workbook("s.xlsx")
    for sheet in book:
        for row in sheet.iter_rows():
            if len(row) > 2 and row[1].value == "Nom du salarié":
                row[2].value = "Zoé Brun"
    book.save("s.xlsx")
    drafted = run("fill", "s.xlsx", "--draft", "-o", "o")
    assert drafted.exit_code == 0, drafted.output
    assert "3/3 textes" in drafted.output
    (made,) = (folder / "o").glob("*/*_brouillon.docx")
    shown = docx.Document(str(made))
    words = [each.text for each in shown.element.body.iter(qn("w:t"))]
    assert words.count("Zoé Brun") == 2
    heads = [each.text for each in shown.sections[0].header._element.iter(qn("w:t"))]
    assert heads == ["Dossier de : ", "Zoé Brun"]
    if not pending:
        assert run("verify", str(made), "s.xlsx").exit_code == 0


def test_an_answer_that_is_no_option_is_refused_with_those_that_are(folder: Path) -> None:
    assert run("map", "grille.docx", "--new-guide", "grille").exit_code == 0
    assert run("new", "--guide", "grille", "-o", "f.xlsx").exit_code == 0
    book = openpyxl.load_workbook("f.xlsx")
    for sheet in book:
        for row in sheet.iter_rows():
            if len(row) > 2 and row[1].value == ROWS[0]:
                row[2].value = "4"
    book.save("f.xlsx")
    done = run("check", "f.xlsx")
    assert done.exit_code == 3
    assert "ND, 1, 2, 3" in done.output
