"""PDF/A-3u, validated by veraPDF: every kind of PDF that the program writes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import tests_support
from blanks import drawn_blank
from click.testing import CliRunner, Result
from conftest import Blank
from pikepdf import Name
from samples import EDITION, EDITIONS, changed, opened, plan_of
from signers import signed_by_all

from cqp_forms.cli import program
from cqp_forms.guide import Guide
from cqp_forms.mapping import Format
from cqp_forms.pdf.archive import obstacles, profile
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Archive, Finish, Stage, Trail
from cqp_forms.project import Project

EXAMPLES = Path(__file__).parents[2] / "examples"
FICHE = str(EXAMPLES / "fiche-maitrisee.xlsx")

validator = tests_support.pdfa_validator()
needs_engine = pytest.mark.skipif(
    bool(validator.missing()), reason=f"{validator.missing()} missing"
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, list(arguments))


def claims(content: bytes) -> bool:
    with opened(content) as pdf, pdf.open_metadata() as xmp:
        return xmp.pdfa_status == "3U"


def stamped(real: Blank, guide: Guide) -> Iterator[tuple[str, bytes]]:
    """A guide of each kind, with the claim that those without --archive do not make."""
    trail = Trail(number=1, code="7K2M9XW4TABC", reason="<a> & b")
    plan = plan_of(guide, frozenset(("c1.1.1.oui",)), {"candidat.nom": "Nguyễn Łukasz"})
    long = plan_of(guide, texts={"commentaires.evaluateur_metier": "Une phrase de plus. " * 300})
    coded = replace(EDITIONS["payload"], trail=trail)
    blank = replace(EDITION, stage=Stage.BLANK, trail=Trail(Stage.BLANK))
    flat, editable = (PdfStamper(*real, guide, one) for one in (Finish.FLAT, Finish.EDITABLE))
    yield "annexe", flat.stamp(long, replace(coded, archive=Archive.CLAIMED))
    yield "brouillon", flat.stamp(plan, replace(EDITIONS["draft"], archive=Archive.CLAIMED))
    yield "vierge", editable.stamp(plan, replace(blank, archive=Archive.CLAIMED))
    yield "modifiable", editable.stamp(plan, replace(coded, archive=Archive.CLAIMED))


def unembedded(pdf: pikepdf.Pdf) -> None:
    """Take a font out of the document."""
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary) and Name.FontFile2 in one:
            del one[Name.FontFile2]
            return


@pytest.mark.apart
@needs_engine
def test_every_kind_of_pdf_is_valid_and_a_broken_one_is_not(
    real: Blank, guide: Guide, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    common = "-o", str(out), "--format", "pdf", "--archive"
    assert run("batch", FICHE, *common, "--print-bundle", str(tmp_path / "lot.pdf")).exit_code == 0
    again = run("reissue", FICHE, "--same", "--reason", "copie <a> & b", *common)
    assert again.exit_code == 0, again.output
    paths = [*out.glob("*/*.pdf"), tmp_path / "lot.pdf"]
    assert len(paths) == 4
    for name, content in stamped(real, guide):
        paths.append(tmp_path / f"{name}.pdf")
        paths[-1].write_bytes(content)
    for path in paths[-4], paths[-1]:
        signed = path.with_stem(f"{path.stem}-signe")
        signed.write_bytes(signed_by_all(path.read_bytes()))
        paths.append(signed)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(changed(paths[0].read_bytes(), unembedded))
    found = validator.validate(*paths, broken)
    assert any("6.2.11.4" in one for one in found.pop(broken))
    assert found == {path: [] for path in paths}
    assert all(claims(path.read_bytes()) for path in paths)


def test_only_what_is_asked_to_says_that_it_lasts(tmp_path: Path) -> None:
    assert run("fill", FICHE, "-o", str(tmp_path), "--format", "pdf").exit_code == 0
    (made,) = tmp_path.glob("*/*.pdf")
    assert not claims(made.read_bytes())


def test_a_blank_that_cannot_last_is_issued_all_the_same_and_why_is_told(
    project: Project, guide: Guide, tmp_path: Path
) -> None:
    blank = project.blank(guide, Format.PDF)
    source, mapping = tmp_path / "vierge.pdf", tmp_path / "vierge.yaml"
    source.write_bytes(changed(blank.content, unembedded))
    yaml = (EXAMPLES.parent / "mappings" / guide.id / "pdf.yaml").read_text("utf-8")
    digests = (hashlib.sha256(one).hexdigest() for one in (blank.content, source.read_bytes()))
    mapping.write_text(yaml.replace(*digests), "utf-8")
    own = "--document", str(source), "--mapping", str(mapping)
    done = run("fill", FICHE, "-o", str(tmp_path / "out"), "--archive", *own)
    assert done.exit_code == 0, done.output
    assert "ne se déclare pas PDF/A-3\u00a0: la police «" in done.stderr
    (made,) = tmp_path.glob("out/*/*.pdf")
    assert not claims(made.read_bytes())


def test_the_usual_obstacles_are_known(guide: Guide) -> None:
    document, _ = drawn_blank(guide)
    assert any("n’est pas dans le document" in one for one in obstacles(document))

    def note(pdf: pikepdf.Pdf) -> None:
        rect = pikepdf.Array([0, 0, 9, 9])
        one = pikepdf.Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=rect)
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(one)])

    assert "une annotation n’a pas d’apparence à elle" in obstacles(changed(document, note))


@pytest.mark.parametrize("where", ["page", "form", "profiled"])
def test_a_printing_colour_set_by_an_operator_is_an_obstacle(real: Blank, where: str) -> None:
    def paint(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[1]
        content = b"q 0 0 0 1 k 9 9 9 9 re f Q"
        if where == "form":
            form = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form)
            form.BBox = pikepdf.Array([0, 0, 99, 99])
            content = f"q {page.add_resource(form, Name.XObject)} Do Q".encode()
        if where == "profiled":
            profile = pdf.make_stream(b"", N=4)
            space = pikepdf.Array([Name.ICCBased, profile])
            page.Resources.ColorSpace = pikepdf.Dictionary(DefaultCMYK=space)
        page.contents_add(content)

    told = any("CMJN" in one for one in obstacles(changed(real[0], paint)))
    assert told is (where != "profiled")


def test_the_official_blank_has_no_obstacle(real: Blank) -> None:
    assert obstacles(real[0]) == ()


def test_the_profile_is_the_one_that_the_tool_makes() -> None:
    assert profile() == tests_support.profile_maker().profile()
    assert len(profile()) < 1000
