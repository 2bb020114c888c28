"""Never a guess: what ``map`` supposes is filled only after a person confirmed it."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pypdfium2
import pytest
from cli_support import Run, files_in
from docx import Document
from docx.oxml.ns import qn
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.errors import ExitCode
from cqp_forms.mapping_yaml import read_mapping

GUIDE = """\
id: geste
short: GESTE
title: Fiche de geste
candidate: [nom]
sections:
  - sheet: F
    groups:
      - title: Fiche
        fields:
          - {id: nom, label: Nom}
          - {id: geste.sur, kind: criterion, label: Le geste est sûr}
"""


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A row of two boxes under captions that say nothing: which is OUI can only be supposed."""
    folder = tmp_path / "mappings" / "geste"
    folder.mkdir(parents=True)
    (folder / "guide.yaml").write_text(GUIDE, encoding="utf-8")
    document = Document()
    document.add_paragraph("Nom : ......................................")
    table = document.add_table(2, 3, style="Table Grid")
    for column, text in enumerate(("", "", "")):
        table.cell(0, column).text = text
    table.cell(1, 0).text = "Le geste est sûr"
    table.cell(1, 1).text = table.cell(1, 2).text = "☐"
    path = tmp_path / "geste.docx"
    document.save(str(path))
    return path


def fiche(run: Run, tmp_path: Path, **answers: str) -> str:
    assert run("new", "--guide", "geste", "-o", "f.xlsx").code == 0
    book = openpyxl.load_workbook(tmp_path / "f.xlsx")
    for sheet in book:
        for row in sheet.iter_rows():
            if len(row) > 2 and row[0].value in answers:
                row[2].value = answers[str(row[0].value)]
    book.save(tmp_path / "f.xlsx")
    return "f.xlsx"


def shown_in(element: Any) -> str:
    """The text below an element, controls included, which python-docx passes over."""
    return "".join(one.text or "" for one in element.iter(qn("w:t")))


def mapped(run: Run, form: Path, tmp_path: Path) -> Path:
    done = run("map", form.name, "--guide", "geste", "-o", "geste.yaml")
    assert done.code == ExitCode.DOCUMENT
    assert "À confirmer (2)" in done.err
    assert "n° 2 ou n° 3" in done.err
    path = tmp_path / "geste.yaml"
    assert "confirmed: false" in path.read_text(encoding="utf-8")
    assert read_mapping(path).unconfirmed == ("geste.sur.oui", "geste.sur.non")
    return path


def test_nothing_is_issued_with_a_place_that_was_supposed(run, form, tmp_path: Path) -> None:
    mapped(run, form, tmp_path)
    book = fiche(run, tmp_path, nom="Zoé", **{"geste.sur": "OUI"})
    pair = ("--document", "geste.docx", "--mapping", "geste.yaml")
    before = files_in(tmp_path)
    for command in (("fill", book), ("batch", book), ("reissue", book, "--reason", "x")):
        done = run(*command, "--guide", "geste", *pair, "-o", "o")
        assert done.code == ExitCode.DOCUMENT, done.err
        assert "geste.sur.oui (n° 2 ou n° 3), geste.sur.non (n° 3 ou n° 2)" in done.err
        assert "cqp-forms map geste.docx -o geste.yaml --confirm" in done.err
        assert files_in(tmp_path) == before


def test_check_says_of_a_ready_fiche_what_fill_refuses(run, form, tmp_path: Path) -> None:
    path = mapped(run, form, tmp_path)
    (tmp_path / "mappings" / "geste" / "docx.yaml").write_bytes(path.read_bytes())
    (tmp_path / "source_docs").mkdir()
    shutil.copy(form, tmp_path / "source_docs")
    book = fiche(run, tmp_path, nom="Zoé", **{"geste.sur": "OUI"})
    told = run("check", book)
    assert told.code == 0
    assert "mais les documents de son guide ne peuvent pas encore être remplis" in told.err
    refused = run("fill", book)
    assert refused.code == ExitCode.DOCUMENT
    why = "geste.sur.oui (n° 2 ou n° 3), geste.sur.non (n° 3 ou n° 2)"
    assert why in told.err
    assert why in refused.err


def test_a_draft_leaves_it_blank_and_marked(run, form, tmp_path: Path) -> None:
    mapped(run, form, tmp_path)
    book = fiche(run, tmp_path, nom="Zoé", **{"geste.sur": "OUI"})
    pair = ("--document", "geste.docx", "--mapping", "geste.yaml")
    done = run("fill", book, "--guide", "geste", *pair, "-o", "o", "--draft")
    assert done.code == 0, done.err
    assert "2 emplacements laissés vides, à trouver ou à confirmer : geste.sur.oui" in done.err
    assert "0/0 cases cochées" in done.err
    (made,) = (tmp_path / "o").glob("*/*.docx")
    document = docx.Document(str(made))
    assert "Zoé" in shown_in(document.paragraphs[0]._p)
    assert [shown_in(cell._tc) for cell in document.tables[0].rows[1].cells[1:]] == ["☐", "☐"]
    paragraphs = document.element.body.iter(qn("w:p"))
    last = [shown_in(one).replace("\u00a0", " ") for one in paragraphs]
    assert "À régler" in last
    assert any("l’emplacement « geste.sur.oui » n’est pas confirmé" in one.lower() for one in last)
    comments = [one.text.replace("\u00a0", " ") for one in document.comments]
    assert len(comments) == 2
    assert "geste.sur.oui : laissé vide, son emplacement reste à confirmer." in comments


def test_a_person_confirms_what_was_supposed_or_says_otherwise(run, form, tmp_path) -> None:
    path = mapped(run, form, tmp_path)
    supposed = {key: one.target for key, one in read_mapping(path).locators.items()}
    done = run("map", form.name, "--confirm", "geste.sur.oui=#3", "geste.sur.non=#2")
    assert done.code == 0, done.err
    made = {key: one.target for key, one in read_mapping(path).locators.items()}
    assert made["geste.sur.oui"] == supposed["geste.sur.non"]
    assert made["geste.sur.non"] == supposed["geste.sur.oui"]
    book = fiche(run, tmp_path, nom="Zoé", **{"geste.sur": "OUI"})
    pair = ("--document", "geste.docx", "--mapping", "geste.yaml")
    assert run("fill", book, "--guide", "geste", *pair, "-o", "o").code == 0
    (issued,) = (tmp_path / "o").glob("*/*.docx")
    cells = docx.Document(str(issued)).tables[0].rows[1].cells
    assert [shown_in(cell._tc) for cell in cells[1:]] == ["☐", "☒"]


def test_all_that_is_supposed_is_confirmed_at_once(run, form, tmp_path) -> None:
    path = mapped(run, form, tmp_path)
    done = run("map", form.name, "--confirm", "--json")
    assert done.code == 0
    assert set(done.json["confirmed"]) == {"geste.sur.oui", "geste.sur.non"}
    assert read_mapping(path).unconfirmed == ()
    assert run("map", form.name, "--check", "geste.yaml", "--guide", "geste").code == 0


def test_a_number_in_the_file_stands_for_a_place(run, form, tmp_path) -> None:
    path = mapped(run, form, tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "geste.sur" not in line]
    numbered = ['  geste.sur.oui: "#3"', '  geste.sur.non: "#2"']
    path.write_text("\n".join([*kept, *numbered, ""]), encoding="utf-8")
    checked = run("map", form.name, "--check", "geste.yaml")
    assert checked.code == ExitCode.DOCUMENT
    assert "geste.sur.oui (donné par son numéro, 3)" in checked.out
    assert run("map", form.name, "--confirm").code == 0
    made = read_mapping(path)
    assert made.locators["geste.sur.oui"].target.endswith("tc[3]/p")
    assert not made.numbered


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("geste.sur.oui=#99", "n’existe pas"),
        ("geste.sur.oui=#1", "est une zone"),
        ("nom=#2", "est une case"),
        ("geste.sur.peut_etre", "n’est pas un emplacement"),
        ("geste.sur.oui=trois", "numéro"),
    ],
)
def test_what_cannot_be_confirmed_is_refused_and_the_file_stays(
    run, form, tmp_path, wish: str, said: str
) -> None:
    path = mapped(run, form, tmp_path)
    before = path.read_bytes()
    done = run("map", form.name, "--confirm", wish)
    assert done.code == ExitCode.USAGE
    assert said in done.err
    assert path.read_bytes() == before


def test_two_placements_are_not_confirmed_at_one_place(run, form, tmp_path) -> None:
    mapped(run, form, tmp_path)
    done = run("map", form.name, "--confirm", "geste.sur.oui=#2", "geste.sur.non=#2")
    assert done.code == ExitCode.DOCUMENT
    assert "désignent le même endroit" in done.out


def test_the_preview_of_a_word_form_is_the_form_with_comments(run, form, tmp_path) -> None:
    done = run("map", form.name, "--guide", "geste", "--preview", "vu.docx")
    assert done.code == ExitCode.DOCUMENT
    shown = docx.Document(str(tmp_path / "vu.docx"))
    comments = [one.text.replace("\u00a0", " ") for one in shown.comments]
    assert len(comments) == 3
    assert comments[0].startswith("n° 1 : nom")
    assert "À confirmer" in comments[1] and "n° 2 ou n° 3" in comments[1]
    fills = [one.get(qn("w:fill")) for one in shown.element.iter(qn("w:shd"))]
    assert "FFC7CE" in fills
    again = run("map", form.name, "--list", "--preview", "tout.docx")
    assert again.code == 0
    assert len(list(docx.Document(str(tmp_path / "tout.docx")).comments)) == 3
    refused = run("map", form.name, "--list", "--preview", "tout.odt")
    assert refused.code == ExitCode.USAGE


def test_a_draft_of_a_pdf_is_marked_too(run, tmp_path: Path) -> None:
    folder = tmp_path / "mappings" / "geste"
    folder.mkdir(parents=True)
    (folder / "guide.yaml").write_text(GUIDE, encoding="utf-8")
    canvas = Canvas(str(tmp_path / "geste.pdf"), invariant=1)
    canvas.drawString(72, 780, "Nom :")
    canvas.line(120, 778, 400, 778)
    canvas.drawString(72, 740, "Le geste est sûr")
    for x in (300, 340):
        canvas.rect(x, 738, 10, 10)
    canvas.save()
    done = run("map", "geste.pdf", "--guide", "geste", "--preview", "vu.pdf")
    assert done.code == ExitCode.DOCUMENT, done.err
    with pypdfium2.PdfDocument(tmp_path / "vu.pdf") as pdf:
        assert "À confirmer" in pdf[0].get_textpage().get_text_range()
    book = fiche(run, tmp_path, nom="Zoé", **{"geste.sur": "OUI"})
    pair = ("--document", "geste.pdf", "--mapping", "geste.yaml", "--format", "pdf")
    assert run("fill", book, "--guide", "geste", *pair, "-o", "o").code == ExitCode.DOCUMENT
    assert run("fill", book, "--guide", "geste", *pair, "-o", "o", "--draft").code == 0
    (made,) = (tmp_path / "o").glob("*/*.pdf")
    with pypdfium2.PdfDocument(io.BytesIO(made.read_bytes())) as pdf:
        text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert "? geste.sur.oui" in text and "Zoé" in text
    assert "À régler" in text and "geste.sur.non" in text.partition("À régler")[2]
