"""``map``: find, show, check, carry over, draft; and refuse what is no form."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pypdfium2
import pytest
import yaml
from cli_support import files_in
from docx import Document
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.errors import ExitCode
from cqp_forms.mapping import Format
from cqp_forms.mapping_yaml import read_mapping
from cqp_forms.project import Project

EXAMPLE = Path(__file__).parents[2] / "examples/lot-12-candidats.xlsx"
FICHE = Path(__file__).parents[2] / "examples/fiche-maitrisee.xlsx"


def blank(project: Project, kind: str) -> Path:
    return project.roots[0] / "source_docs" / f"technico-commercial.{kind}"


def own_mapping(project: Project, kind: str) -> Path:
    return project.roots[0] / "mappings/technico-commercial" / f"{kind}.yaml"


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_our_own_blank_is_mapped_as_it_was_built(run, project, tmp_path: Path, kind: str) -> None:
    done = run("map", blank(project, kind))
    assert done.code == 0
    assert "cases : 190/190" in done.err
    assert "zones : 24/24" in done.err
    assert "signatures : 3/3" in done.err
    assert done.out.split() == [f"technico-commercial.{kind and 'yaml'}"]
    made = read_mapping(tmp_path / "technico-commercial.yaml")
    ours = read_mapping(own_mapping(project, kind))
    assert set(made.locators) == set(ours.locators)
    if kind == "docx":
        assert {key: one.target for key, one in made.locators.items()} == {
            key: one.target for key, one in ours.locators.items()
        }
    else:
        assert {key: (one.page, one.name) for key, one in made.locators.items()} == {
            key: (one.page, one.name) for key, one in ours.locators.items()
        }


def test_map_json(run, project) -> None:
    told = run("map", blank(project, "docx"), "--json").json
    assert [(one["placed"], one["expected"]) for one in told["counts"]] == [
        (190, 190),
        (24, 24),
        (3, 3),
    ]
    assert told["missing"] == []
    assert all(one["confidence"] == 1 for one in told["placements"].values())


def test_a_mapping_is_never_replaced(run, project, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("precious")
    done = run("map", blank(project, "docx"), "-o", "m.yaml")
    assert done.code == ExitCode.OUTPUT
    assert (tmp_path / "m.yaml").read_text() == "precious"
    assert files_in(tmp_path) == ["m.yaml"]


def test_a_preview_replaces_nothing_and_a_refusal_leaves_nothing(run, project, tmp_path) -> None:
    document = tmp_path / "guide.pdf"
    content = blank(project, "pdf").read_bytes()
    document.write_bytes(content)
    done = run("map", "guide.pdf", "--preview", "guide.pdf")
    assert done.code == ExitCode.OUTPUT
    assert "--preview" in done.err
    assert document.read_bytes() == content
    assert files_in(tmp_path) == ["guide.pdf"]


@pytest.mark.parametrize("mode", [("--list",), ("--new-guide", "g"), ("--check", "m.yaml")])
def test_an_option_that_a_mode_does_not_use_is_refused(run, project, mode, tmp_path) -> None:
    done = run("map", blank(project, "docx"), *mode, "-o", "x.yaml")
    assert done.code == ExitCode.USAGE
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_preview(run, project, tmp_path: Path, kind: str) -> None:
    assert run("map", blank(project, kind), "-o", "m.yaml", "--preview", "p.pdf").code == 0
    with pypdfium2.PdfDocument(tmp_path / "p.pdf") as pdf:
        text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    for placement in ("c1.1.1.oui", "c6.4.2.non", "signature.candidat"):
        assert placement in text


def test_list_needs_no_guide(run, project) -> None:
    done = run("map", blank(project, "pdf"), "--list")
    assert done.code == 0
    assert "190 cases, 27 zones" in done.out
    told = run("map", blank(project, "pdf"), "--list", "--json").json["detected"]
    assert sum(one["kind"] == "tick-box" for one in told) == 190
    assert all(one["place"].startswith("page ") for one in told)


@pytest.fixture
def partial_form(tmp_path: Path) -> Path:
    """A document that holds a part of the guide."""
    document = Document()
    document.add_paragraph("Candidat")
    for label in ("Nom", "Prénom", "Entreprise"):
        document.add_paragraph(f"{label} : ..............................")
    path = tmp_path / "partiel.docx"
    document.save(str(path))
    return path


def test_what_is_not_found_is_listed_and_marked(run, partial_form: Path, tmp_path: Path) -> None:
    done = run("map", partial_form)
    assert done.code == ExitCode.DOCUMENT
    assert "À trouver" in done.err
    assert "n’est sans doute pas celui du guide technico-commercial" in done.err
    text = (tmp_path / "partiel.yaml").read_text(encoding="utf-8")
    assert "c1.1.1.oui: TODO" in text
    assert "candidat.nom: {leader:" in text
    made = read_mapping(tmp_path / "partiel.yaml")
    assert made.format is Format.DOCX
    assert len(made.locators) + len(made.todo) == 217
    assert run("map", partial_form, "--check", "partiel.yaml").code == ExitCode.DOCUMENT


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_check_accepts_our_own(run, project, kind: str) -> None:
    done = run("map", blank(project, kind), "--check", own_mapping(project, kind))
    assert done.code == 0
    assert "complète et conforme" in done.err


BROKEN = {
    "docx": [
        ('c1.1.1.oui: {control: "c1.1.1.oui"}', 'c1.1.1.oui: {control: "x"}', "aucun contrôle"),
        (
            'c1.1.1.oui: {control: "c1.1.1.oui"}',
            'c1.1.1.oui: {cell: "body/tbl[99]/tr[1]/tc[1]"}',
            "il n’y a rien à",
        ),
        (
            'c1.1.1.oui: {control: "c1.1.1.oui"}',
            'c1.1.1.oui: {control: "c1.1.1.non"}',
            "même endroit",
        ),
    ],
    "pdf": [
        ("page: 1,", "page: 99,", "pas de page 99"),
        ('widget: "c1.1.1.oui"', 'widget: "c9.1.1.oui"', "pas de champ « c9.1.1.oui »"),
        ('on: "/Oui"', 'on: "/Yes"', "l’état coché"),
        ("page: 1, rect: [", "page: 1, rect: [-50.00, 1.00, 3.00, 9.00]} #", "sort de la page"),
    ],
}


@pytest.mark.parametrize(
    ("kind", "before", "after", "said"),
    [(kind, *case) for kind, cases in BROKEN.items() for case in cases],
)
def test_check_tells_what_does_not_hold(
    run, project, tmp_path: Path, kind: str, before: str, after: str, said: str
) -> None:
    text = own_mapping(project, kind).read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "m.yaml").write_text(text.replace(before, after, 1), encoding="utf-8")
    done = run("map", blank(project, kind), "--check", "m.yaml")
    assert done.code == ExitCode.DOCUMENT
    assert said in done.out
    told = run("map", blank(project, kind), "--check", "m.yaml", "--json").json["problems"]
    assert any(said in one.replace("\u00a0", " ") for one in told)


def test_check_refuses_another_document(run, project, partial_form: Path) -> None:
    done = run("map", partial_form, "--check", own_mapping(project, "docx"))
    assert done.code == ExitCode.DOCUMENT
    assert "SHA-256" in done.err


def test_a_new_edition(run, project, tmp_path: Path) -> None:
    document = Document(str(blank(project, "docx")))
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                for paragraph in cell.paragraphs:
                    if paragraph.text == "Tout écart est identifié":
                        paragraph.runs[0].text = "Tout écart est identifié et expliqué"
    document.save(str(tmp_path / "edition2.docx"))
    done = run("map", "edition2.docx", "--against", own_mapping(project, "docx"))
    assert done.code == 0
    assert "1 changement depuis" in done.err
    assert "reformulé c2.4.2" in done.out
    assert "Tout écart est identifié et expliqué" in done.out
    assert "guide.yaml" in done.out


def test_a_new_edition_is_one_of_the_guide_that_its_mapping_names(run, project) -> None:
    demo, root = "demo-conducteur-equipements", project.roots[0]
    document = root / "source_docs" / f"{demo}.docx"
    mapping = root / "mappings" / demo / "docx.yaml"
    done = run("map", document, "--against", mapping, "-o", "demo.yaml")
    assert done.code == 0
    assert "Aucun changement" in done.err
    named = ("--guide", "technico-commercial", "-o", "autre.yaml")
    refused = run("map", document, "--against", mapping, *named)
    assert refused.code == ExitCode.USAGE
    assert "est faite pour le guide" in refused.err


def test_any_form_becomes_fillable_without_code(run, tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "inscription.pdf"))
    canvas.drawString(72, 780, "Fiche d'inscription")
    canvas.drawString(72, 740, "Nom :")
    canvas.line(120, 738, 400, 738)
    canvas.drawString(72, 715, "Prénom :")
    canvas.line(130, 713, 400, 713)
    for index, label in enumerate(("Repas végétarien", "Transport")):
        canvas.rect(72, 680 - 20 * index, 10, 10)
        canvas.drawString(90, 682 - 20 * index, label)
    canvas.save()
    done = run("map", "inscription.pdf", "--new-guide", "inscription")
    assert done.code == 0
    made = files_in(tmp_path)
    assert "mappings/inscription/guide.yaml" in made
    assert "mappings/inscription/pdf.yaml" in made
    assert "source_docs/inscription.pdf" in made
    assert run("new", "--guide", "inscription", "-o", "f.xlsx").code == 0
    guide = yaml.safe_load((tmp_path / "mappings/inscription/guide.yaml").read_text("utf-8"))
    groups = [group for section in guide["sections"] for group in section["groups"]]
    assert sum(len(group["fields"]) for group in groups) == 4
    # The fiche says which guide it is for: fill needs no --guide.
    done = run("fill", "f.xlsx", "--draft", "--format", "pdf")
    assert done.code == 0, done.err
    (tmp_path / "source_docs/vide.pdf").write_bytes((tmp_path / "inscription.pdf").read_bytes())
    assert run("map", "source_docs/vide.pdf", "--new-guide", "vide").code == 0
    assert run("guides").out.count("vide") >= 1
    for taken in ("inscription", "technico-commercial"):
        again = run("map", "inscription.pdf", "--new-guide", taken)
        assert again.code == ExitCode.OUTPUT
        assert "existe déjà" in again.err
    assert "mappings/technico-commercial/guide.yaml" not in files_in(tmp_path)


def _letter_docx(path: Path) -> None:
    document = Document()
    document.add_paragraph("Madame, Monsieur, nous accusons réception de votre courrier.")
    document.save(str(path))


def _letter_pdf(path: Path) -> None:
    canvas = Canvas(str(path))
    canvas.drawString(72, 700, "Madame, Monsieur, nous accusons réception de votre courrier.")
    canvas.save()


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"0" * (600 << 20))


def _half(path: Path) -> None:
    whole = io.BytesIO()
    canvas = Canvas(whole)
    for _ in range(20):
        canvas.drawString(72, 700, "Page")
        canvas.showPage()
    canvas.save()
    path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("lettre.docx", _letter_docx),
        ("lettre.pdf", _letter_pdf),
        ("vide.docx", lambda path: path.write_bytes(b"")),
        ("vide.pdf", lambda path: path.write_bytes(b"")),
        ("bombe.docx", _bomb),
        ("moitie.pdf", _half),
        ("texte.txt", lambda path: path.write_text("Bonjour")),
        (
            "tableur.docx",
            lambda path: shutil.copy(EXAMPLE, path),
        ),
    ],
)
def test_what_is_no_form_is_refused(run, tmp_path: Path, name: str, make) -> None:
    make(tmp_path / name)
    done = run("map", name)
    assert done.code == ExitCode.DOCUMENT
    assert "→" in done.err
    assert files_in(tmp_path) == [name]


def test_a_missing_document_is_told(run) -> None:
    done = run("map", "absent.pdf")
    assert done.code == ExitCode.DOCUMENT
    assert "absent.pdf" in done.err


@pytest.mark.parametrize("guide_id", ["Mon Guide", "../x", ""])
def test_a_new_guide_needs_a_usable_id(
    run, partial_form: Path, tmp_path: Path, guide_id: str
) -> None:
    done = run("map", partial_form, "--new-guide", guide_id)
    assert done.code == ExitCode.USAGE
    assert files_in(tmp_path) == ["partiel.docx"]


@pytest.mark.parametrize("kind", ["docx", "pdf"])
@pytest.mark.parametrize("mode", [(), ("--new-guide", "essai")])
def test_a_guide_that_is_filled_is_no_blank(run, tmp_path: Path, kind: str, mode) -> None:
    """Its answers would be printed in every document made from it."""
    assert run("fill", FICHE, "--draft", "--format", kind, "-o", "out").code == ExitCode.DONE
    (filled,) = (tmp_path / "out").rglob(f"*.{kind}")
    before = files_in(tmp_path)
    done = run("map", filled, *mode)
    assert done.code == ExitCode.DOCUMENT
    assert "vierge" in done.err
    assert files_in(tmp_path) == before
    assert run("map", filled, "--list").code == ExitCode.DONE
