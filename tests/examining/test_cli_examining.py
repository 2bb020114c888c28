"""``diff``, ``extract`` and ``verify`` on the command line: exit codes, messages, files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result
from examining_tools import (
    GUIDE,
    NOTE,
    Embed,
    blank,
    box,
    cross,
    document,
    draw,
    edit_docx,
    edit_pdf,
    fiche,
)
from fiches import put_fiche, writer

from cqp_forms.answers import Answers, Verdict
from cqp_forms.cli import program
from cqp_forms.mapping import Format
from cqp_forms.mapping_yaml import dump_mapping
from cqp_forms.project import DEFAULT_GUIDE
from cqp_forms.workbook.read import read_fiche


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a fiche and its two documents."""
    (tmp_path / "fiche.xlsx").write_bytes(workbook(fiche()))
    (tmp_path / "guide.docx").write_bytes(document(fiche(), Format.DOCX))
    (tmp_path / "guide.pdf").write_bytes(document(fiche(), Format.PDF))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, list(arguments))


def names(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*")}


def workbook(answers: Answers) -> bytes:
    return writer(GUIDE).fiche(answers)


GIVEN = {"fiche.xlsx", "guide.docx", "guide.pdf"}


# diff


@pytest.mark.parametrize("first", sorted(GIVEN))
@pytest.mark.parametrize("second", sorted(GIVEN))
def test_diff_of_what_says_the_same(folder: Path, first: str, second: str) -> None:
    done = run("diff", first, second)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Aucune différence." in done.stderr
    assert names(folder) == GIVEN


def test_diff_tells_field_wording_before_and_after(folder: Path) -> None:
    put_fiche(folder, GUIDE, fiche(c1__1__1=Verdict.NON, candidat__nom="Durand"), "other.xlsx")
    done = run("diff", "guide.pdf", "other.xlsx")
    assert done.exit_code == 6
    assert "2 champs en différence" in done.stderr
    assert "c1.1.1 – " in done.stdout and GUIDE.fields["c1.1.1"].label in done.stdout
    assert "avant\u00a0: «\u00a0OUI\u00a0»".replace("\u00a0", " ") in done.stdout.replace(
        "\u00a0", " "
    )
    assert "après : « NON »" in done.stdout.replace("\u00a0", " ")
    plain = json.loads(run("diff", "guide.pdf", "other.xlsx", "--json").stdout)
    assert plain["equal"] is False
    assert [one["field"] for one in plain["changes"]] == ["candidat.nom", "c1.1.1"]
    assert plain["changes"][0]["after"] == "Durand"
    assert plain["before"] == {"path": "guide.pdf", "kind": "pdf"}


def test_diff_of_two_fiches_counts_comments_and_na(folder: Path) -> None:
    put_fiche(folder, GUIDE, fiche(c1__1__2=Verdict.NON), "other.xlsx")
    plain = json.loads(run("diff", "fiche.xlsx", "other.xlsx", "--json").stdout)
    assert [one["field"] for one in plain["changes"]] == ["c1.1.2", "c1.1.2:précision"]
    assert run("diff", "guide.docx", "other.xlsx").exit_code == 0


def test_diff_with_a_box_in_doubt_is_a_difference(folder: Path) -> None:
    (folder / "doubt.pdf").write_bytes(
        edit_pdf((folder / "guide.pdf").read_bytes(), cross("c2.1.1.non"))
    )
    done = run("diff", "doubt.pdf", "guide.docx", "--json")
    assert done.exit_code == 6
    plain = json.loads(done.stdout)
    assert [one["field"] for one in plain["findings"]] == ["c2.1.1"]


@pytest.mark.parametrize(
    ("first", "code", "said"),
    [
        ("absent.docx", 4, "n’existe pas"),
        ("damaged.xlsx", 3, "endommagé"),
        ("damaged.docx", 4, "n’est pas un document Word"),
        ("damaged.pdf", 4, "n’est pas un PDF"),
        ("image.png", 4, "ni une fiche"),
        (".", 4, "c’est un dossier"),
    ],
)
@pytest.mark.parametrize("command", ["diff", "verify", "extract"])
def test_what_cannot_be_read(folder: Path, command: str, first: str, code: int, said: str) -> None:
    for name in ("damaged.xlsx", "damaged.docx", "damaged.pdf", "image.png"):
        (folder / name).write_bytes(b"PK\x03\x04 no")
    before = names(folder)
    arguments = [command, first] + ([] if command == "extract" else ["fiche.xlsx"])
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert "→" in done.stderr
    assert "Traceback" not in done.output
    assert names(folder) == before
    plain = json.loads(run(*arguments, "--json").stdout)
    assert plain["error"]["exit_code"] == code


@pytest.mark.parametrize("command", ["diff", "verify", "extract"])
def test_documents_go_with_their_mappings(folder: Path, command: str) -> None:
    arguments = [command, "guide.pdf"] + ([] if command == "extract" else ["fiche.xlsx"])
    done = run(*arguments, "--document", "blank.pdf")
    assert done.exit_code == 2
    assert "--mapping" in done.stderr
    assert names(folder) == GIVEN


@pytest.mark.parametrize("command", ["diff", "verify", "extract"])
def test_an_unknown_guide(folder: Path, command: str) -> None:
    arguments = [command, "guide.pdf"] + ([] if command == "extract" else ["fiche.xlsx"])
    done = run(*arguments, "--guide", "absent")
    assert done.exit_code == 4
    assert DEFAULT_GUIDE in done.stderr
    assert names(folder) == GIVEN


@pytest.mark.parametrize("command", ["diff", "verify", "extract"])
def test_a_blank_of_ones_own(folder: Path, command: str) -> None:
    own = blank(Format.PDF)
    (folder / "own.pdf").write_bytes(own.content)
    (folder / "own.yaml").write_text(dump_mapping(own.mapping), encoding="utf-8")
    arguments = [command, "guide.pdf"] + ([] if command == "extract" else ["fiche.xlsx"])
    done = run(*arguments, "--document", "own.pdf", "--mapping", "own.yaml")
    assert done.exit_code == 0, done.output


# extract


@pytest.mark.parametrize("name", ["guide.docx", "guide.pdf"])
def test_extract_writes_a_fiche_ready_to_be_issued(folder: Path, name: str) -> None:
    done = run("extract", name, "-o", "new.xlsx")
    assert done.exit_code == 0
    assert done.stdout == "new.xlsx\n"
    assert "na-repris" in done.stderr and "c1.1.2" in done.stderr
    found = read_fiche(folder / "new.xlsx", GUIDE)
    assert found.answers == fiche()
    assert found.findings == ()
    assert names(folder) == GIVEN | {"new.xlsx"}
    assert run("diff", "fiche.xlsx", "new.xlsx").exit_code == 0


def test_extract_names_the_fiche_after_the_guide(folder: Path) -> None:
    assert run("extract", "guide.pdf").stdout == "guide.xlsx\n"
    assert run("extract", "guide.pdf", "-o", "named").stdout == "named.xlsx\n"
    assert names(folder) == GIVEN | {"guide.xlsx", "named.xlsx"}


def test_extract_never_overwrites(folder: Path) -> None:
    before = (folder / "fiche.xlsx").read_bytes()
    done = run("extract", "guide.docx", "-o", "fiche.xlsx")
    assert (done.exit_code, done.stdout) == (5, "")
    assert "existe déjà" in done.stderr
    assert (folder / "fiche.xlsx").read_bytes() == before
    assert names(folder) == GIVEN


def test_extract_leaves_a_doubt_empty_and_says_so(folder: Path) -> None:
    (folder / "doubt.pdf").write_bytes(
        edit_pdf((folder / "guide.pdf").read_bytes(), cross("c2.1.1.non"))
    )
    done = run("extract", "doubt.pdf", "-o", "new.xlsx")
    assert done.exit_code == 6
    assert "case-douteuse" in done.stderr and "c2.1.1" in done.stderr and "page " in done.stderr
    assert "1 champ laissé vide" in done.stderr
    assert "c2.1.1" not in read_fiche(folder / "new.xlsx", GUIDE).answers
    checked = run("check", "new.xlsx", "--json")
    assert checked.exit_code == 3
    findings = json.loads(checked.stdout)["sources"][0]["findings"]
    assert {one["field"] for one in findings if one["severity"] == "error"} == {"c2.1.1"}


def test_extract_as_json(folder: Path) -> None:
    plain = json.loads(run("extract", "guide.docx", "-o", "new.xlsx", "--json").stdout)
    assert plain["fiche"] == "new.xlsx"
    assert (plain["kind"], plain["guide"], plain["version"]) == ("docx", DEFAULT_GUIDE, 1)
    assert plain["answers"] == fiche().canonical()
    assert [one["code"] for one in plain["findings"]] == ["na-repris"]


def test_extract_of_a_fiche_makes_no_sense(folder: Path) -> None:
    done = run("extract", "fiche.xlsx", "-o", "new.xlsx")
    assert done.exit_code == 2
    assert "déjà une fiche" in done.stderr
    assert names(folder) == GIVEN


def test_extract_from_another_blank(folder: Path) -> None:
    other = edit_docx(
        document(fiche(), Format.DOCX, embed=Embed.NO),
        lambda xml: xml[: xml.index("<w:body>")] + "<w:body/></w:document>",
    )
    (folder / "other.docx").write_bytes(other)
    done = run("extract", "other.docx", "-o", "new.xlsx")
    assert done.exit_code == 4
    assert "--document FICHIER --mapping FICHIER" in done.stderr
    assert "new.xlsx" not in names(folder)


# verify


@pytest.mark.parametrize("name", ["guide.docx", "guide.pdf"])
def test_verify_proves(folder: Path, name: str) -> None:
    done = run("verify", name, "fiche.xlsx")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "190 cases" in done.stderr and "24 textes" in done.stderr
    assert names(folder) == GIVEN
    plain = json.loads(run("verify", name, "fiche.xlsx", "--json").stdout)
    assert plain["differs"] is False
    assert (plain["ticks"], plain["texts"]) == (190, 24)


def test_verify_looks_at_the_pages_and_keeps_pictures_where_asked(folder: Path) -> None:
    done = run("verify", "guide.pdf", "fiche.xlsx", "--render", "--pictures", "seen")
    assert done.exit_code == 0
    assert "22 pages comparées une à une" in done.stderr
    assert names(folder) == GIVEN
    bad = draw(3, "0 g 100 100 60 60 re f")
    (folder / "bad.pdf").write_bytes(edit_pdf((folder / "guide.pdf").read_bytes(), bad))
    done = run("verify", "bad.pdf", "fiche.xlsx")
    assert done.exit_code == 6
    assert "page 3" in done.stdout and "dessin ajouté" in done.stdout
    assert names(folder) == GIVEN | {"bad.pdf"}
    done = run("verify", "bad.pdf", "fiche.xlsx", "--pictures", "seen", "--json")
    assert done.exit_code == 6
    plain = json.loads(done.stdout)
    assert plain["pictures"] == [str(Path("seen", "bad_page-03.png"))]
    assert (plain["proved"], plain["differs"]) == (False, True)
    assert (folder / "seen" / "bad_page-03.png").read_bytes().startswith(b"\x89PNG")


def test_verify_cannot_keep_the_pictures(folder: Path) -> None:
    bad = draw(3, "0 g 100 100 60 60 re f")
    (folder / "bad.pdf").write_bytes(edit_pdf((folder / "guide.pdf").read_bytes(), bad))
    (folder / "file").write_text("")
    done = run("verify", "bad.pdf", "fiche.xlsx", "--pictures", "file/in")
    assert done.exit_code == 5
    assert "page-03.png" in done.stderr and "ne peut pas être écrit" in done.stderr


@pytest.mark.parametrize("command", ["extract", "diff"])
def test_an_answer_that_is_covered_is_in_doubt(folder: Path, command: str) -> None:
    """The content of the page says OUI; what is painted over it says otherwise."""
    page, rect = box("c1.1.1.oui")
    white = draw(page, f"1 g {rect.x0 - 1} {rect.y0 - 1} {rect.width / 2} {rect.height + 2} re f")
    (folder / "bad.pdf").write_bytes(edit_pdf((folder / "guide.pdf").read_bytes(), white))
    arguments = ["-o", "new.xlsx"] if command == "extract" else ["fiche.xlsx"]
    done = run(command, "bad.pdf", *arguments, "--pictures", "seen", "--json")
    assert done.exit_code == 6
    plain = json.loads(done.stdout)
    doubts = [one for one in plain["findings"] if one["code"] == "case-douteuse"]
    assert [one["field"] for one in doubts] == ["c1.1.1"]
    assert f"page {page}" in doubts[0]["message"]
    assert plain["pictures"] == [str(Path("seen", f"bad_page-{page:02d}.png"))]
    if command == "extract":
        assert "c1.1.1" not in plain["answers"]


def test_what_is_changed_beside_the_answers_is_told_and_the_answers_stand(folder: Path) -> None:
    line = draw(6, "0 G 1 w 80 500 m 300 500 l S")
    (folder / "bad.pdf").write_bytes(edit_pdf((folder / "guide.pdf").read_bytes(), line))
    done = run("extract", "bad.pdf", "-o", "new.xlsx")
    assert done.exit_code == 0
    assert "pages-modifiees" in done.stderr and "page 6" in done.stderr
    assert read_fiche(folder / "new.xlsx", GUIDE).answers == fiche()


def test_a_document_that_does_not_say_how_it_was_made(folder: Path) -> None:
    """One of an earlier release: compared by what it says; the verdict is not « Prouvé »."""

    def forget(pdf: pikepdf.Pdf) -> None:
        packet = pdf.Root.Metadata.read_bytes()
        pdf.Root.Metadata.write(re.sub(rb"<cqp:(?!guide|stage).*?>\n", b"", packet))

    (folder / "old.pdf").write_bytes(edit_pdf(document(fiche(), Format.PDF, number=2), forget))
    done = run("verify", "old.pdf", "fiche.xlsx")
    assert done.exit_code == 0
    assert "Prouvé" not in done.stderr
    assert "mentions de version" in done.stderr
    plain = json.loads(run("verify", "old.pdf", "fiche.xlsx", "--json").stdout)
    assert (plain["proved"], plain["differs"], len(plain["unseen"])) == (False, False, 2)


def test_a_register_at_hand_decides_which_version_a_document_is(folder: Path) -> None:
    """A document that hides what it replaces, in its pages and in its metadata alike."""
    (folder / "other.xlsx").write_bytes(workbook(fiche(candidat__entreprise="Autre")))
    assert run("fill", "other.xlsx", "-o", "out", "--format", "pdf").exit_code == 0
    done = run("reissue", "fiche.xlsx", "-o", "out", "--format", "pdf", "--reason", "nom")
    assert done.exit_code == 0, done.output
    (second,) = (folder / "out").glob("*/*_v2.pdf")
    assert run("verify", str(second), "fiche.xlsx").exit_code == 0
    (first,) = (folder / "out").glob("*/*_v1.pdf")
    second.write_bytes(first.read_bytes())
    done = run("verify", str(second), "other.xlsx")
    assert done.exit_code == 6
    assert "se dit de la version 1" in done.stdout


def test_verify_names_page_and_criterion(folder: Path) -> None:
    put_fiche(folder, GUIDE, fiche(c1__1__1=Verdict.NON), "other.xlsx")
    done = run("verify", "guide.pdf", "other.xlsx")
    assert done.exit_code == 6
    assert "c1.1.1.oui (page " in done.stdout
    assert GUIDE.fields["c1.1.1"].label in done.stdout
    assert "2 différences avec la fiche" in done.stderr.replace("\u00a0", " ")
    assert "réponses jointes" in done.stderr


def test_verify_of_a_draft_and_of_a_corrected_version(folder: Path) -> None:
    for number in (0, 2):
        (folder / "marked.pdf").write_bytes(document(fiche(), Format.PDF, number=number))
        (folder / "marked.docx").write_bytes(document(fiche(), Format.DOCX, number=number))
        for name in ("marked.pdf", "marked.docx"):
            done = run("verify", name, "fiche.xlsx")
            assert done.exit_code == 0, (NOTE, done.output)


@pytest.mark.parametrize(
    "arguments",
    [
        ("fiche.xlsx", "guide.pdf"),
        ("fiche.xlsx", "fiche.xlsx"),
        ("guide.pdf", "guide.docx"),
    ],
)
def test_verify_wants_a_guide_then_a_fiche(folder: Path, arguments: tuple[str, str]) -> None:
    done = run("verify", *arguments)
    assert done.exit_code == 2
    assert "verify GUIDE FICHE.xlsx" in done.stderr
    assert names(folder) == GIVEN
