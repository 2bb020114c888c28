"""The code of issued pages, read by another program from pages rendered at 100 dots an inch."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from blanks import drawn_blank
from click.testing import CliRunner, Result
from conftest import Blank
from PIL import Image, ImageDraw
from samples import EDITION, changed, plan_of

from cqp_forms.cli import program
from cqp_forms.guide import Guide
from cqp_forms.issuing.register import Access, Register
from cqp_forms.issuing.version import parse_payload
from cqp_forms.mapping import MAIN_PART, Format, PageCodes
from cqp_forms.pagecode import SIDE, draw_id, is_id
from cqp_forms.pdf.read import read_payload, read_trail
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish, Plan, Stage, Trail
from cqp_forms.project import Project

EXAMPLES = Path(__file__).parents[2] / "examples"
FICHE = str(EXAMPLES / "fiche-maitrisee.xlsx")
CODE = "7K2M9XW4TABC"
CODED = replace(EDITION, trail=Trail(number=1, code=CODE))


def read_codes(document: bytes) -> list[list[str]]:
    """The symbols of each page."""
    with pypdfium2.PdfDocument(document) as pdf:
        pages = [page.render(scale=100 / 72).to_pil() for page in pdf]
    return [[one.text for one in zxingcpp.read_barcodes(page)] for page in pages]


def expected(pages: int, code: str = CODE) -> list[list[str]]:
    return [[f"{code} {page}/{pages}"] for page in range(1, pages + 1)]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, list(arguments))


def part_of(plan: Plan, known: frozenset[str] | set[str]) -> Plan:
    return Plan({key: one for key, one in plan.instructions.items() if key in known})


def test_every_page_of_the_official_guide_says_version_page_and_pages(
    real: Blank, guide: Guide, finish: Finish
) -> None:
    stamper = PdfStamper(*real, guide, finish)
    out = stamper.stamp(plan_of(guide), CODED)
    assert read_codes(out) == expected(21)
    assert stamper.uncoded == ()


def test_the_place_that_the_mapping_says_is_the_one_that_is_free(real: Blank, guide: Guide) -> None:
    document, mapping = real
    assert mapping.codes is not None
    looked_for = PdfStamper(document, replace(mapping, codes=None), guide)
    said = PdfStamper(document, mapping, guide)
    assert said.stamp(plan_of(guide), CODED) == looked_for.stamp(plan_of(guide), CODED)
    nowhere = PdfStamper(document, replace(mapping, codes=PageCodes(((3, 548.0, 14.0),))), guide)
    assert nowhere.uncoded == (1, 2)


def test_pages_of_the_annex_have_one_too(real: Blank, guide: Guide) -> None:
    long = "Une phrase qui continue en annexe. " * 300
    plan = plan_of(guide, texts={"commentaires.evaluateur_metier": long})
    found = read_codes(PdfStamper(*real, guide).stamp(plan, CODED))
    assert found == expected(len(found)) and len(found) > 22


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.BLANK])
def test_drafts_and_prepared_blanks_have_none(real: Blank, guide: Guide, stage: Stage) -> None:
    edition = replace(EDITION, stage=stage, trail=Trail(stage))
    assert not any(read_codes(PdfStamper(*real, guide).stamp(plan_of(guide), edition)))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_turned_page_has_it_upright_and_on_free_paper(guide: Guide, rotate: int) -> None:
    document, mapping = drawn_blank(guide, rotate, (20.0, 10.0, 590.0, 830.0))
    stamper = PdfStamper(document, mapping, guide)
    plan = part_of(plan_of(guide), set(mapping.locators))
    with_code, without = stamper.stamp(plan, CODED), stamper.stamp(plan, EDITION)
    with pypdfium2.PdfDocument(with_code) as pdf, pypdfium2.PdfDocument(without) as plain:
        page, free = (one[0].render(scale=4).to_pil().convert("L") for one in (pdf, plain))
    (found,) = zxingcpp.read_barcodes(page)
    assert found.text == f"{CODE} 1/1" and found.orientation == 0
    corners = found.position
    box = (corners.top_left.x, corners.top_left.y, corners.bottom_right.x, corners.bottom_right.y)
    assert (box[2] - box[0]) / 4 == pytest.approx(SIDE, abs=0.6)
    assert free.crop((box[0] - 15, box[1] - 15, box[2] + 15, box[3] + 15)).getextrema()[0] == 255


def test_a_page_without_room_has_none_and_is_told(
    project: Project, guide: Guide, tmp_path: Path
) -> None:
    blank = project.blank(guide, Format.PDF)

    def tint(pdf: pikepdf.Pdf) -> None:
        pdf.pages[4].contents_add(b"q 0.9 g 0 0 596 842 re f Q", prepend=True)

    tinted = changed(blank.content, tint)
    source, mapping = tmp_path / "teinte.pdf", tmp_path / "teinte.yaml"
    source.write_bytes(tinted)
    yaml = (EXAMPLES.parent / "mappings" / guide.id / "pdf.yaml").read_text("utf-8")
    digests = sha256(blank.content).hexdigest(), sha256(tinted).hexdigest()
    # Another document leaves its room elsewhere: it is looked for.
    looked_for = re.sub(r"page_codes:\n(  - .*\n)+", "", yaml)
    mapping.write_text(looked_for.replace(*digests), "utf-8")
    own = "--document", str(source), "--mapping", str(mapping)
    done = run("fill", FICHE, "-o", str(tmp_path / "out"), *own)
    assert done.exit_code == 0, done.output
    assert "Page 5\u00a0: pas de place pour le code (QR)" in done.stderr
    (made,) = tmp_path.glob("out/*/*.pdf")
    found = read_codes(made.read_bytes())
    assert [number for number, one in enumerate(found, start=1) if not one] == [5]


def test_a_version_has_one_code_in_register_metadata_pages_and_word_document(
    tmp_path: Path,
) -> None:
    assert run("fill", FICHE, "-o", str(tmp_path)).exit_code == 0
    with Register.open(tmp_path, Access.READ) as register:
        (version,) = register.versions()
    assert is_id(version.code)
    (pdf,), (docx,) = tmp_path.glob("*/*.pdf"), tmp_path.glob("*/*.docx")
    content = pdf.read_bytes()
    trail, payload = read_trail(content), read_payload(content)
    assert trail is not None and trail.code == version.code
    assert payload is not None and parse_payload(payload).version.code == version.code
    assert read_codes(content) == expected(21, version.code)
    assert footer_code(docx) == version.code
    for guide in (pdf, docx):
        assert run("verify", str(guide), FICHE).exit_code == 0


def test_a_word_document_whose_margins_have_no_room_has_none_and_is_told(
    project: Project, guide: Guide, tmp_path: Path
) -> None:
    blank = project.blank(guide, Format.DOCX)
    source, mapping = tmp_path / "etroit.docx", tmp_path / "etroit.yaml"
    with ZipFile(BytesIO(blank.content)) as old, ZipFile(source, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == MAIN_PART:
                narrow = re.sub(rb'(<w:pgMar [^>]*w:right=)"[0-9]+"', rb'\1"720"', content)
                assert narrow != content
                content = narrow
            new.writestr(name, content)
    yaml = (EXAMPLES.parent / "mappings" / guide.id / "docx.yaml").read_text("utf-8")
    digests = sha256(blank.content).hexdigest(), sha256(source.read_bytes()).hexdigest()
    mapping.write_text(yaml.replace(*digests), "utf-8")
    own = "--document", str(source), "--mapping", str(mapping)
    done = run("fill", FICHE, "-o", str(tmp_path / "out"), *own)
    assert done.exit_code == 0, done.output
    assert "DOCX\u00a0: ses marges n’ont pas de place pour le code (QR)" in done.stderr
    (made,) = tmp_path.glob("out/*/*.docx")
    with ZipFile(made) as archive:
        assert not any(b"Code de la version" in archive.read(one) for one in archive.namelist())


def footer_code(document: Path) -> str:
    """The symbol in a DOCX's footers: the path of its shape, filled in at 100 dots an inch."""
    with ZipFile(document) as archive:
        footers = [archive.read(one) for one in archive.namelist() if "word/footer" in one]
    (path, side), *others = {
        (str(one.get("path")), int(str(one.get("coordsize")).split(",")[0]))
        for footer in footers
        for one in ElementTree.fromstring(footer).iter("{urn:schemas-microsoft-com:vml}shape")
        if one.get("alt") == "Code de la version"
    }
    assert not others
    scale = SIDE / 72 * 100 / side
    image = Image.new("L", (80, 80), 255)
    pen = ImageDraw.Draw(image)
    for move in re.findall(r"m(\d+),(\d+)l\d+,\d+,(\d+),(\d+)", path):
        x0, y0, x1, y1 = (int(one) * scale + 16 for one in move)
        pen.rectangle((round(x0), round(y0), round(x1) - 1, round(y1) - 1), fill=0)
    (found,) = zxingcpp.read_barcodes(image)
    return str(found.text)


def test_a_code_of_another_version_is_an_alteration(tmp_path: Path) -> None:
    assert run("fill", FICHE, "-o", str(tmp_path / "a")).exit_code == 0
    assert run("fill", FICHE, "-o", str(tmp_path / "b")).exit_code == 0
    (mine,), (other,) = tmp_path.glob("a/*/*.pdf"), tmp_path.glob("b/*/*.pdf")
    mine.write_bytes(other.read_bytes())
    done = run("verify", str(mine), FICHE)
    assert done.exit_code == 6 and "page 1" in done.output


def test_no_code_leaves_it_out(tmp_path: Path) -> None:
    assert run("fill", FICHE, "-o", str(tmp_path), "--no-code", "--format", "pdf").exit_code == 0
    (pdf,) = tmp_path.glob("*/*.pdf")
    assert not any(read_codes(pdf.read_bytes()))
    with Register.open(tmp_path, Access.READ) as register:
        assert [one.code for one in register.versions()] == [""]


def test_a_rebuilt_register_has_the_codes_again(tmp_path: Path) -> None:
    assert run("fill", FICHE, "-o", str(tmp_path)).exit_code == 0
    with Register.open(tmp_path, Access.READ) as register:
        before = register.versions()
    (tmp_path / "registre.sqlite").unlink()
    assert run("history", str(tmp_path), "--rebuild").exit_code == 0
    with Register.open(tmp_path, Access.READ) as register:
        assert [one.code for one in register.versions()] == [before[0].code]


def test_ids_are_as_random_as_they_are_long() -> None:
    drawn = {draw_id() for _ in range(1000)}
    assert len(drawn) == 1000 and all(map(is_id, drawn))
    assert not any(map(is_id, ("", CODE[:-1], CODE.lower(), CODE + "\n", "IIIIIIIIIIII")))
