"""Signed copies that come back: recognised, proved, entered; forged ones named, never entered."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import signers
from click.testing import CliRunner, Result
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from signers import AREAS, sign, signed_by_all

from cqp_forms.cli import program
from cqp_forms.guide import Guide
from cqp_forms.issuing.register import Access, Register
from cqp_forms.mapping import Format
from cqp_forms.project import Project

EXAMPLES = Path(__file__).parents[1] / "examples"
FICHE, OTHER = (str(EXAMPLES / f"fiche-{one}.xlsx") for one in ("maitrisee", "non-maitrisee"))


#: How the folder of the editable guide begins.
EDITABLE = "NGUYEN"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(program, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two candidates' guides, one of them editable."""
    out = tmp_path_factory.mktemp("issued")
    assert run("fill", FICHE, "-o", out, "--format", "pdf").exit_code == 0
    assert run("fill", OTHER, "-o", out, "--format", "pdf", "--editable").exit_code == 0
    return out


@pytest.fixture
def out(issued: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(issued, tmp_path / "out"))


def guide_of(out: Path, name: str = "DURAND") -> Path:
    (found,) = out.glob(f"{name}*/*_v1.pdf")
    return found


def returned(out: Path, content: bytes, *more: object, code: int = 0) -> dict[str, Any]:
    """Give a file back; what is said of it."""
    path = out.parent / "rendu.pdf"
    path.write_bytes(content)
    done = run("return", path, "-o", out, "--json", *more)
    assert done.exit_code == code, done.output
    (one,) = json.loads(done.stdout)["returned"]
    return dict(one)


def rows(out: Path) -> list[str]:
    """The signed copies of the register; each is on the disk as it was entered."""
    with Register.open(out, Access.READ) as register:
        found = [copy for one in register.each() for copy in register.signed(one)]
    for copy in found:
        assert (out / copy.path).stat().st_size == copy.size
    on_disk = {one.relative_to(out).as_posix() for one in out.glob("*/*_signe*")}
    assert on_disk == {copy.path for copy in found}
    assert not list(out.glob(".emission/*"))
    return [Path(copy.path).name for copy in found]


def drawn_over(page: int, operators: bytes) -> Callable[[bytes], bytes]:
    """A later revision that paints over a page, its beginning intact."""

    def forge(content: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
        stream = generic.StreamObject(stream_data=b"q " + operators + b" Q")
        writer.add_stream_to_page(page, writer.add_object(stream))
        target = BytesIO()
        writer.write(target)
        return target.getvalue()

    return forge


def test_three_signatures_are_recognised_proved_and_entered(out: Path) -> None:
    root = out.parent / "racine.pem"
    root.write_bytes(signers.root())
    issued = guide_of(out).read_bytes()
    found = returned(out, signed_by_all(issued, (2, 0, 1)), "--trust", root)
    assert found["state"] == "entré" and found["missing"] == [] and found["notes"] == []
    assert found["found_by"] == "les octets émis, au début du fichier"
    assert [(one["area"], one["signer"], one["verdict"], one["trust"])
            for one in sorted(found["signatures"], key=lambda one: one["area"])] == [
        (area, f"Signataire {rank}", "intacte", "reconnu") for rank, area in enumerate(AREAS, 1)
    ]  # fmt: skip
    assert rows(out) == ["OUTIL4_DURAND-CELIK_Lea_v1_signe.pdf"]
    assert guide_of(out).read_bytes() == issued


def test_trust_is_said_only_where_it_was_asked(out: Path) -> None:
    signed = sign(guide_of(out).read_bytes(), AREAS[0])
    assert returned(out, signed)["signatures"][0]["trust"] == ""
    stranger = out.parent / "autre.pem"
    stranger.write_bytes(signers.other_root())
    again = returned(out, signed, "--trust", stranger)
    assert again["signatures"][0]["trust"] == "non reconnu"
    stranger.write_bytes(b"pas un certificat")
    done = run("return", out.parent / "rendu.pdf", "-o", out, "--trust", stranger)
    assert done.exit_code == 2 and "certificat" in done.stderr


def test_an_editable_guide_locks_its_answers_and_lets_the_others_sign(out: Path) -> None:
    found = returned(out, signed_by_all(guide_of(out, EDITABLE).read_bytes()))
    assert found["state"] == "entré" and found["missing"] == []
    assert {one["verdict"] for one in found["signatures"]} == {"intacte"}


def test_a_certified_guide_stays_provable(out: Path) -> None:
    found = returned(out, signed_by_all(guide_of(out).read_bytes(), certify=True))
    assert found["state"] == "entré" and found["missing"] == []


def test_an_invisible_signature_stands_in_no_area(out: Path) -> None:
    found = returned(out, sign(guide_of(out).read_bytes(), "Sig9", invisible=True))
    assert found["state"] == "entré" and found["missing"] == list(AREAS)
    assert found["signatures"][0]["area"] == ""


def test_copies_that_extend_one_another_stand_and_others_contradict(out: Path) -> None:
    issued = guide_of(out).read_bytes()
    one = sign(issued, AREAS[0])
    two = sign(one, AREAS[1])
    assert returned(out, one)["missing"] == [AREAS[1], AREAS[2]]
    assert returned(out, two)["missing"] == [AREAS[2]]
    assert returned(out, two)["state"] == returned(out, one)["state"] == "déjà rendu"
    assert rows(out) == [f"OUTIL4_DURAND-CELIK_Lea_v1_signe{one}.pdf" for one in ("", "-2")]
    stranger = returned(out, sign(issued, AREAS[2]), code=6)
    assert stranger["state"] == "entré, en conflit" and "contredit" in stranger["notes"][0]
    assert len(rows(out)) == 3


def test_a_file_of_that_name_is_never_written_over(out: Path) -> None:
    mine = guide_of(out).with_name("OUTIL4_DURAND-CELIK_Lea_v1_signe.pdf")
    mine.write_bytes(b"a moi")
    found = returned(out, sign(guide_of(out).read_bytes(), AREAS[0]))
    assert found["path"].endswith("_signe-2.pdf") and mine.read_bytes() == b"a moi"


def test_what_nobody_signed_is_not_entered(out: Path) -> None:
    found = returned(out, guide_of(out).read_bytes(), code=6)
    assert found["state"] == "non signé" and found["missing"] == list(AREAS)
    assert rows(out) == []


def spot(placement: str, guide: Guide, project: Project) -> tuple[int, Any]:
    locator = project.blank(guide, Format.PDF).mapping.locators[placement]
    return locator.page, locator.rect  # type: ignore[union-attr]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["box", "note", "page", "field"])
def test_a_guide_forged_before_or_after_signing_is_named_and_not_entered(
    out: Path, guide: Guide, project: Project, what: str, when: str
) -> None:
    page, rect = spot("c1.1.1.non", guide, project)
    cross = f"1 w {rect.x0} {rect.y0} m {rect.x1} {rect.y1} l S".encode()
    forges = {
        "box": drawn_over(page - 1, cross),
        "note": later(add_note),
        "page": later(add_page),
        "field": later(enlarge),
    }
    content = guide_of(out).read_bytes()
    if when == "before":
        content = sign(forges[what](content), AREAS[0])
    else:
        content = forges[what](sign(content, AREAS[0]))
    found = returned(out, content, code=6)
    assert found["state"] == "altéré" and found["notes"], found
    if when == "after":
        assert found["signatures"][0]["verdict"] == "rompue", found
    assert rows(out) == []


def later(change: Callable[[IncrementalPdfFileWriter], None]) -> Callable[[bytes], bytes]:
    """A later revision, the beginning of the file intact."""

    def forge(content: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
        change(writer)
        target = BytesIO()
        writer.write(target)
        return target.getvalue()

    return forge


def add_note(writer: IncrementalPdfFileWriter) -> None:
    look = generic.StreamObject(
        {generic.NameObject("/Type"): generic.NameObject("/XObject"),
         generic.NameObject("/Subtype"): generic.NameObject("/Form"),
         generic.NameObject("/BBox"): numbers(0, 0, 100, 100)},
        stream_data=b"1 0 0 rg 0 0 100 100 re f",
    )  # fmt: skip
    note = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Annot"),
            generic.NameObject("/Subtype"): generic.NameObject("/Square"),
            generic.NameObject("/Rect"): numbers(100, 300, 200, 400),
            generic.NameObject("/F"): generic.NumberObject(4),
            generic.NameObject("/AP"): generic.DictionaryObject(
                {generic.NameObject("/N"): writer.add_object(look)}
            ),
        }
    )
    page = writer.root["/Pages"]["/Kids"].raw_get(4).get_object()
    page[generic.NameObject("/Annots")] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject([generic.FloatObject(one) for one in values])


def add_page(writer: IncrementalPdfFileWriter) -> None:
    from pyhanko.pdf_utils.writer import PageObject

    content = writer.add_object(generic.StreamObject(stream_data=b""))
    writer.insert_page(PageObject(content, media_box=(0, 0, 595, 842)))


def enlarge(writer: IncrementalPdfFileWriter) -> None:
    """The area of another's signature grows over the page."""
    for parent in writer.root["/AcroForm"]["/Fields"]:
        for held in parent.get_object()["/Kids"]:
            kid = held.get_object()
            if kid["/T"] == "evaluateur_metier":
                kid[generic.NameObject("/Rect")] = numbers(0, 0, 595, 842)
                writer.update_container(kid)
