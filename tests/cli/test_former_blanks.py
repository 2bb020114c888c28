"""Documents made on a blank that the guide no longer has: read, proved and corrected all the same.

The blanks of version 1.0.0 are known by their SHA-256; those of a user are kept where they were
used.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

import pikepdf
import pytest
from cli_support import files_in

from cqp_forms.docx import prove
from cqp_forms.errors import ExitCode
from cqp_forms.guide import Guide
from cqp_forms.mapping import Format
from cqp_forms.project import FORMER, KEPT, SOURCE_DOCS, Blank, Project, installed_data

#: What version 1.0.0 was released with.
FIRST = {
    Format.DOCX: "189e037cd7a4a16e4df756b6a709df41eb59ccbcf7acaf805e29a3be72b0d2a9",
    Format.PDF: "a125d1f87028df0e2bc1d11cacdbc24366479b1e2485ddffaa8eb96412a98d43",
}
SHELF = installed_data() / SOURCE_DOCS / FORMER
FORMATS = pytest.mark.parametrize("kind", list(Format))
STEM = "LEFEVRE_Anne-Marie/OUTIL4_LEFEVRE_Anne-Marie"


@pytest.fixture(autouse=True)
def without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are compared all the same; laying pages out takes seconds each time."""
    monkeypatch.setattr(prove, "office", lambda: None)


def pairs(folder: dict[Format, Path]) -> list[object]:
    found: list[object] = []
    for kind, path in folder.items():
        found += ["--document", path / f"document.{kind}", "--mapping", path / f"{kind}.yaml"]
    return found


@pytest.fixture
def first() -> list[object]:
    """Options that name the blanks of 1.0.0."""
    return pairs({kind: SHELF / sha for kind, sha in FIRST.items()})


@pytest.fixture
def own(tmp_path: Path) -> list[object]:
    """Options that name blanks of one's own: those of 1.0.0 with other bytes."""
    folders = {}
    for kind, sha in FIRST.items():
        folder = folders[kind] = tmp_path / f"mine-{kind}"
        shutil.copytree(SHELF / sha, folder)
        document, mapping = folder / f"document.{kind}", folder / f"{kind}.yaml"
        if kind is Format.PDF:
            with pikepdf.open(SHELF / sha / "document.pdf") as pdf:
                pdf.docinfo["/Author"] = "La branche"
                pdf.save(document)
        else:
            with zipfile.ZipFile(document, "a") as archive:
                archive.writestr("docProps/note.txt", "mon document")
        new = hashlib.sha256(document.read_bytes()).hexdigest()
        mapping.write_text(mapping.read_text("utf-8").replace(sha, new), "utf-8")
    return pairs(folders)


@FORMATS
def test_the_blanks_of_the_first_release_stay_known(
    project: Project, guide: Guide, kind: Format
) -> None:
    blank = project.blank_named(guide, kind, FIRST[kind])
    assert isinstance(blank, Blank)
    assert blank.sha256 == FIRST[kind]
    assert blank.sha256 in {one.sha256 for one in project.former(guide)}


def test_guides_lists_former_blanks(run, make, own: list[object]) -> None:
    assert run("fill", make(), *own).code == 0
    former = [one["document"] for one in run("guides", "--json").json["guides"]]
    assert f"technico-commercial.pdf ({FIRST[Format.PDF][:12]})" in former
    rows = run("guides", "--json").json["guides"]
    listed = [one["document"].split()[0] for one in rows if one["state"] == "ancien, encore lu"]
    assert {"technico-commercial.docx", "technico-commercial.pdf"} <= set(listed)


@FORMATS
@pytest.mark.parametrize(
    "embed",
    [
        pytest.param([], id="embed"),
        pytest.param(["--no-embed"], id="bare", marks=pytest.mark.apart),
    ],
)
def test_the_life_of_a_document_of_the_first_release(
    run, make, tmp_path: Path, first: list[object], kind: Format, embed: list[str]
) -> None:
    fiche = make()
    only = ["--format", kind]
    assert run("fill", fiche, *first, *only, *embed).code == 0
    assert KEPT not in {path.name for path in (tmp_path / "output").iterdir()}
    issued = tmp_path / f"output/{STEM}_v1.{kind}"
    assert run("verify", issued, fiche).code == 0
    away = tmp_path / "away" / "elsewhere" / f"renamed.{kind}"
    away.parent.mkdir(parents=True)
    shutil.copy(issued, away)
    assert run("verify", away, fiche).code == 0
    assert run("extract", away, "-o", tmp_path / "again.xlsx").code == 0
    assert run("diff", away, tmp_path / "again.xlsx").code == 0
    assert run("batch", fiche, *only).code == 0
    changed = make("v2.xlsx", evaluateur_metier__fonction="Directeur")
    done = run("reissue", changed, "--reason", "faute", "--same-blank", *only)
    assert done.code == 0
    assert "document vierge" not in done.err
    again = make("v3.xlsx", evaluateur_metier__fonction="Directrice")
    done = run("reissue", again, "--reason", "fonction corrigée", *only)
    assert done.code == 0
    assert f"{kind.upper()} : fait sur un autre document vierge que la version 2" in done.err
    for number, said in ((2, changed), (3, again)):
        assert run("verify", tmp_path / f"output/{STEM}_v{number}.{kind}", said).code == 0
    assert run("history").code == 0


def test_same_blank_keeps_the_blank_of_the_version_replaced(
    run, make, tmp_path: Path, first: list[object]
) -> None:
    assert run("fill", make(), *first).code == 0
    changed = make(evaluateur_metier__fonction="Directeur")
    assert run("reissue", changed, "--reason", "faute", "--same-blank").code == 0
    (tmp_path / "output/registre.sqlite").unlink()
    done = run("history", "--rebuild")
    assert (done.code, done.err.count("sans contrôle")) == (0, 0)
    refused = run("reissue", changed, "--reason", "x", "--same-blank", *first)
    assert refused.code == ExitCode.USAGE
    assert "--same-blank et --document se contredisent" in refused.err


@FORMATS
def test_a_users_own_blank_is_kept_where_it_was_used(
    run, make, tmp_path: Path, own: list[object], kind: Format
) -> None:
    fiche = make()
    assert run("fill", fiche, *own).code == 0
    for path in tmp_path.glob("mine-*"):
        shutil.rmtree(path)
    output = tmp_path / "output"
    kept = sorted(one.name for one in (output / KEPT).iterdir())
    assert len(kept) == 2
    assert {f"document.{kind}", f"{kind}.yaml", "guide.yaml"} in [
        {path.name for path in (output / KEPT / one).iterdir()} for one in kept
    ]
    moved = tmp_path / "archive"
    output.rename(moved)
    assert run("verify", moved / f"{STEM}_v1.{kind}", fiche).code == 0
    changed = make("v2.xlsx", evaluateur_metier__fonction="Directeur")
    done = run("reissue", changed, "--reason", "faute", "--same-blank", "-o", moved)
    assert (done.code, "document vierge" in done.err) == (0, False)
    again = make("v3.xlsx", evaluateur_metier__fonction="Directrice")
    done = run("reissue", again, "--reason", "fonction corrigée", "-o", moved)
    assert done.code == 0
    assert "DOCX et PDF : fait sur un autre document vierge que la version 2" in done.err
    for number, said in ((2, changed), (3, again)):
        assert run("verify", moved / f"{STEM}_v{number}.{kind}", said).code == 0


def test_a_kept_blank_that_is_no_longer_there_is_told(
    run, make, tmp_path: Path, own: list[object]
) -> None:
    assert run("fill", make(), *own).code == 0
    shutil.rmtree(tmp_path / "output" / KEPT)
    changed = make(evaluateur_metier__fonction="Directeur")
    before = files_in(tmp_path / "output")
    refused = run("reissue", changed, "--reason", "faute", "--same-blank")
    assert refused.code == ExitCode.DOCUMENT
    assert "n’est plus là" in refused.err
    assert files_in(tmp_path / "output") == before


@FORMATS
def test_a_blank_that_was_tampered_with_is_not_known(
    project: Project, guide: Guide, tmp_path: Path, kind: Format
) -> None:
    folder = tmp_path / KEPT / FIRST[kind]
    shutil.copytree(SHELF / FIRST[kind], folder)
    alone = Project(project.roots[:0], (tmp_path,))
    assert alone.blank_named(guide, kind, FIRST[kind]) is not None
    document = folder / f"document.{kind}"
    document.write_bytes(document.read_bytes() + b" ")
    assert alone.blank_named(guide, kind, FIRST[kind]) is None
    assert list(alone.former(guide)) == []
