"""What is found pending is held to what this program writes; what 1.0.0 left is completed."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from issuing_fakes import LATER, NOON, V1, fiche, settings, tree

from cqp_forms.answers import Verdict
from cqp_forms.guide import Guide
from cqp_forms.issuing import schema
from cqp_forms.issuing.history import FileCondition, history
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.register import REGISTER, Access, Register
from cqp_forms.issuing.request import AlreadyIssued, Issued, IssueRequest, make_files
from cqp_forms.issuing.staging import STAGING, Staged
from cqp_forms.issuing.version import Version


@pytest.fixture
def staged(guide: Guide, tmp_path: Path) -> tuple[Path, Staged]:
    """An output folder, and a version whose files wait outside it."""
    made = tmp_path / "elsewhere"
    with Issuer(settings(guide), made) as issuer:
        request = issuer.request(fiche(guide), NOON)
        assert isinstance(request, IssueRequest)
        waiting = make_files(issuer.settings, request, issuer.session_folder)
        kept = tmp_path / "kept"
        shutil.copytree(waiting.folder, kept)
    out = tmp_path / "out"
    out.mkdir()
    return out, replace(waiting, folder=kept)


def left_by_1_0_0(out: Path, staged: Staged, named: int = 1, **changed: object) -> Path:
    """As 1.0.0 leaves it when killed after so many names: a record, and a lock nobody holds."""
    folder = out / STAGING / "4711-x7k2ab" / "ab12cd34"
    shutil.copytree(staged.folder, folder)
    record = json.loads(staged.version.to_json()) | changed
    for file in record["files"]:
        del file["added_at"]
    (folder / "version.json").write_text(json.dumps(record), encoding="utf-8")
    (out / STAGING / "4711-x7k2ab.lock").touch()
    for file in staged.version.files[:named]:
        final = out / file.path
        final.parent.mkdir(exist_ok=True)
        os.link(folder / file.role.value, final)
    return folder


def of_format_1(out: Path) -> None:
    """The register of 1.0.0, empty."""
    with closing(sqlite3.connect(out / REGISTER)) as connection:
        connection.executescript(schema.MIGRATIONS[0])
        connection.execute("PRAGMA user_version=1")
        connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")


def test_what_1_0_0_left_half_named_is_completed(guide: Guide, staged: tuple[Path, Staged]) -> None:
    out, waiting = staged
    of_format_1(out)
    left_by_1_0_0(out, waiting)
    with Issuer(settings(guide), out) as issuer:
        assert [one.key for one in issuer.completed] == [waiting.version.key]
        assert isinstance(issuer.issue(fiche(guide), LATER), AlreadyIssued)
    assert list(tree(out)) == V1
    with Register.open(out, Access.READ) as register:
        assert register.versions() == (waiting.version,)


def test_what_1_0_0_left_unnamed_is_dropped(guide: Guide, staged: tuple[Path, Staged]) -> None:
    out, waiting = staged
    left_by_1_0_0(out, waiting, named=0)
    with Issuer(settings(guide), out) as issuer:
        assert issuer.completed == ()
        assert tree(out) == {}
        assert isinstance(issuer.issue(fiche(guide), LATER), Issued)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize(
    "forge",
    [
        {"folder": ".."},
        {"folder": "AUTRE"},
        {"number": 7},
        {"number": 0},
        {"issued_at": "2026-11-24T12:00:00"},
        {"guide": 3},
        {"answers": None},
        {"answers": "[1]"},
        {"number": "1"},
        {"unknown": "x"},
    ],
)
def test_a_forged_record_gives_no_version(
    guide: Guide, staged: tuple[Path, Staged], forge: dict[str, object]
) -> None:
    out, waiting = staged
    left_by_1_0_0(out, waiting, **forge)
    first = out / waiting.version.files[0].path
    with Issuer(settings(guide), out) as issuer:
        assert issuer.completed == ()
    assert list(tree(out)) == [waiting.version.files[0].path]
    assert first.exists()
    assert not (out / REGISTER).exists() or rows(out) == 0


def rows(out: Path) -> int:
    with Register.open(out, Access.WRITE) as register:
        return len(register.versions())


def test_a_record_cannot_name_a_file_outside(guide: Guide, staged: tuple[Path, Staged]) -> None:
    out, waiting = staged
    files = json.loads(waiting.version.to_json())["files"]
    files[1]["path"] = "../dehors.pdf"
    left_by_1_0_0(out, waiting, files=files)
    with Issuer(settings(guide), out) as issuer:
        assert issuer.completed == ()
    assert not (out.parent / "dehors.pdf").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("linked", ["file", "version", "session", "staging", "candidate"])
def test_links_are_never_followed(guide: Guide, staged: tuple[Path, Staged], linked: str) -> None:
    out, waiting = staged
    folder = left_by_1_0_0(out, waiting)
    target = {
        "file": folder / "pdf",
        "version": folder,
        "session": folder.parent,
        "staging": out / STAGING,
        "candidate": out / waiting.version.folder,
    }[linked]
    away = out.parent / "away"
    target.rename(away)
    target.symlink_to(away)
    before = tree(away) if away.is_dir() else {"": away.read_bytes()}
    with Issuer(settings(guide), out) as issuer:
        assert issuer.completed == ()
    assert (tree(away) if away.is_dir() else {"": away.read_bytes()}) == before
    assert not (out / V1[1]).is_file() or linked == "candidate"


def test_contents_that_changed_are_not_given_a_name(
    guide: Guide, staged: tuple[Path, Staged]
) -> None:
    out, waiting = staged
    folder = left_by_1_0_0(out, waiting)
    (folder / "pdf").unlink()
    (folder / "pdf").write_bytes(b"x" * waiting.version.files[1].size)
    with Issuer(settings(guide), out) as issuer:
        assert issuer.completed == ()
    assert tree(out) == {}  # what had got its name is taken back


@pytest.mark.parametrize("row", ["", "{}", "[1]", '{"files": 3}', "\x00"])
def test_a_row_that_is_no_version_is_dropped(guide: Guide, tmp_path: Path, row: str) -> None:
    with Register.open(tmp_path), closing(sqlite3.connect(tmp_path / REGISTER)) as connection:
        connection.execute("INSERT INTO pending VALUES ('a/b', ?)", (row,))
        connection.commit()
    with Issuer(settings(guide), tmp_path) as issuer:
        assert isinstance(issuer.issue(fiche(guide), NOON), Issued)


def test_an_old_register_is_read_as_it_is_and_migrated_at_the_next_issue(
    guide: Guide, tmp_path: Path
) -> None:
    of_format_1(tmp_path)
    version = Version.from_json(issued_elsewhere(guide, tmp_path / "new").to_json())
    with closing(sqlite3.connect(tmp_path / REGISTER)) as connection:
        source = tmp_path / "new" / REGISTER
        connection.execute("ATTACH ? AS new", (str(source),))
        columns = ", ".join(
            row[1] for row in connection.execute("PRAGMA main.table_info(version)").fetchall()
        )
        connection.execute(f"INSERT INTO version SELECT {columns} FROM new.version")
        connection.execute(
            "INSERT INTO file SELECT version, role, path, size, sha256, blank_sha256, "
            "mapping_sha256 FROM new.file"
        )
        connection.commit()
    shutil.copytree(tmp_path / "new" / version.folder, tmp_path / version.folder)
    content = (tmp_path / REGISTER).read_bytes()
    with Register.open(tmp_path, Access.READ) as register:
        assert register.is_protected
        assert register.pending() == ()
        assert [one.state for one in history(tmp_path, register)] == [FileCondition.INTACT]
    assert (tmp_path / REGISTER).read_bytes() == content
    with Issuer(settings(guide), tmp_path) as issuer:
        done = issuer.reissue(fiche(guide, c1__1__1=Verdict.NON), LATER, "x")
    assert isinstance(done, Issued) and done.version.number == 2


def issued_elsewhere(guide: Guide, out: Path) -> Version:
    with Issuer(settings(guide), out) as issuer:
        done = issuer.issue(fiche(guide), NOON)
    return done.version
