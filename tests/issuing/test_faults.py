"""The disk refuses: a clear message, exit 5, nothing half done, and the same command carries on.

Modes do not stop root, and a full disk is hard to come by: what the system answers is simulated at
the call that would answer it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from issuing_fakes import LATER, NOON, V1, V2, fiche, settings, tree

from cqp_forms.answers import Verdict
from cqp_forms.errors import ExitCode, OutputError
from cqp_forms.guide import Guide
from cqp_forms.issuing import staging, storage
from cqp_forms.issuing.history import FileCondition, history
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.register import Access, Register
from cqp_forms.issuing.request import Issued

posix = pytest.mark.skipif(os.name == "nt", reason="on Windows names are given by renaming")


def failing(number: int, problem: OSError, real: Callable[..., object]) -> Callable[..., object]:
    """The ``number``-th call (from 0) fails; the others do what they should."""
    calls = iter(range(10_000))

    def call(*arguments: object, **more: object) -> object:
        if next(calls) == number:
            raise problem
        return real(*arguments, **more)

    return call


def refuse(guide: Guide, out: Path) -> OutputError:
    with pytest.raises(OutputError) as caught, Issuer(settings(guide), out) as issuer:
        issuer.issue(fiche(guide), NOON)
    assert caught.value.exit_code == ExitCode.OUTPUT
    assert str(out) in caught.value.where
    assert caught.value.remedy
    return caught.value


def require_nothing_then_carry_on(guide: Guide, out: Path) -> None:
    assert tree(out) == {}
    with Issuer(settings(guide), out) as issuer:
        assert isinstance(issuer.issue(fiche(guide), NOON), Issued)
    assert list(tree(out)) == V1


@pytest.mark.parametrize("number", range(2))
def test_the_disk_is_full_when_files_are_flushed(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    real = os.fsync

    def fsync(descriptor: int) -> None:
        # Folders are flushed too; here only files are counted.
        (real if stat.S_ISDIR(os.fstat(descriptor).st_mode) else counted)(descriptor)

    counted = failing(number, full, real)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        assert "disque est plein" in refuse(guide, tmp_path).message
    require_nothing_then_carry_on(guide, tmp_path)


@pytest.mark.parametrize("number", range(4))
def test_the_disk_is_full_when_files_are_written(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    real = Path.open

    class Full:
        def __init__(self, file: object) -> None:
            self.file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()  # type: ignore[attr-defined]

        def write(self, content: memoryview) -> int:
            counted()
            return int(self.file.write(content[:5_000]))  # type: ignore[attr-defined]

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

    counted = failing(number, full, lambda: None)

    def opened(path: Path, mode: str = "r", *arguments: object, **more: object) -> object:
        file = real(path, mode, *arguments, **more)  # type: ignore[call-overload]
        return Full(file) if mode == "xb" else file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        assert "disque est plein" in refuse(guide, tmp_path).message
    require_nothing_then_carry_on(guide, tmp_path)


def test_a_file_that_takes_only_a_part_at_a_time_is_written_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    class Short:
        def __init__(self, file: object) -> None:
            self.file = file

        def __enter__(self) -> Short:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()  # type: ignore[attr-defined]

        def write(self, content: memoryview) -> int:
            return int(self.file.write(content[:7]))  # type: ignore[attr-defined]

        def fileno(self) -> int:
            return int(self.file.fileno())  # type: ignore[attr-defined]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda path, *a, **k: Short(real(path, *a, **k)))
        storage.write_new(tmp_path / "f", bytes(range(100)))
    assert (tmp_path / "f").read_bytes() == bytes(range(100))


@posix
@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "disque est plein"),
        (errno.EACCES, "vous n’avez pas les droits"),
        (errno.EROFS, "lecture seule"),
        (errno.ENAMETOOLONG, "trop long"),
        (errno.EIO, "écriture impossible"),
    ],
)
def test_a_name_cannot_be_given(
    guide: Guide,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    message: str,
    number: int,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", failing(number, OSError(code, os.strerror(code)), os.link))
        problem = refuse(guide, tmp_path)
    assert message in problem.message
    assert V1[number].split("/")[1] in problem.where
    require_nothing_then_carry_on(guide, tmp_path)


@pytest.mark.parametrize("call", ["mkdir", "mkdtemp"])
def test_a_folder_that_cannot_be_written(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    out = tmp_path / "out"
    denied = PermissionError(errno.EACCES, "Permission denied")
    place = Path if call == "mkdir" else staging.tempfile
    with monkeypatch.context() as patch:
        patch.setattr(place, call, failing(0, denied, getattr(place, call)))
        problem = refuse(guide, out)
    assert "droits" in problem.message
    assert "-o" in problem.remedy
    out.mkdir(exist_ok=True)
    require_nothing_then_carry_on(guide, out)


def test_the_output_folder_is_a_file(guide: Guide, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"x")
    refuse(guide, out)
    assert out.read_bytes() == b"x"


def sharing_violation() -> OSError:
    problem = PermissionError(errno.EACCES, "The process cannot access the file")
    problem.winerror = 32  # type: ignore[attr-defined,unused-ignore]
    return problem


def test_a_draft_open_in_word_on_windows(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.draft(fiche(guide), NOON)
    before = tree(tmp_path)
    with monkeypatch.context() as patch, Issuer(settings(guide), tmp_path) as issuer:
        patch.setattr(Path, "replace", failing(0, sharing_violation(), Path.replace))
        with pytest.raises(OutputError) as caught:
            issuer.draft(fiche(guide, c1__1__1=Verdict.NON), LATER)
    assert "ouvert ailleurs" in caught.value.message
    assert caught.value.where.endswith("OUTIL4_DUPONT_Zoe_brouillon.docx")
    assert "Fermez-le" in caught.value.remedy
    assert tree(tmp_path) == before


@posix
def test_a_name_open_elsewhere_on_windows(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", failing(1, sharing_violation(), os.link))
        problem = refuse(guide, tmp_path)
    assert "ouvert ailleurs" in problem.message
    require_nothing_then_carry_on(guide, tmp_path)


@posix
@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_drive_without_hard_links(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", no_links)
    taken = tmp_path / V2[0]
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
        taken.write_bytes(b"precious")
        with pytest.raises(OutputError, match="existe déjà"):
            issuer.reissue(fiche(guide, c1__1__1=Verdict.NON), LATER, "x")
    assert list(tree(tmp_path)) == [*V1[:1], V1[1], V2[0]]
    assert taken.read_bytes() == b"precious"
    with Register.open(tmp_path, Access.READ) as register:
        assert [one.state for one in history(tmp_path, register)] == [FileCondition.INTACT]


@posix
@pytest.mark.parametrize("number", range(2))
def test_a_rename_is_undone_too(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no")

    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", no_links)
        patch.setattr(Path, "rename", failing(number, full, Path.rename))
        refuse(guide, tmp_path)
    require_nothing_then_carry_on(guide, tmp_path)


def test_names_are_given_by_renaming_on_windows(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if target.exists():
            raise FileExistsError(errno.EEXIST, "exists", str(path), 183, str(target))
        return real(path, target)

    monkeypatch.setattr(storage, "WINDOWS", True)
    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(os, "link", failing(0, OSError(errno.ENOSYS, "no"), os.link))
    taken = tmp_path / V2[1]
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
        taken.write_bytes(b"precious")
        with pytest.raises(OutputError, match="existe déjà") as caught:
            issuer.reissue(fiche(guide, c1__1__1=Verdict.NON), LATER, "x")
        assert taken.name in caught.value.where
        taken.unlink()
        issuer.reissue(fiche(guide, c1__1__1=Verdict.NON), LATER, "x")
    assert list(tree(tmp_path)) == sorted([*V1, *V2])
    with Register.open(tmp_path, Access.READ) as register:
        assert {one.state for one in history(tmp_path, register)} == {FileCondition.INTACT}


@pytest.mark.parametrize("step", ["write pdf", "lock", "name pdf", "register", "commit"])
def test_interrupted_by_the_user(guide: Guide, tmp_path: Path, step: str) -> None:
    def interrupt(name: str) -> None:
        if name == step:
            raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        Issuer(settings(guide, checkpoint=interrupt), tmp_path) as issuer,
    ):
        issuer.issue(fiche(guide), NOON)
    require_nothing_then_carry_on(guide, tmp_path)


def test_interrupted_once_it_is_entered(guide: Guide, tmp_path: Path) -> None:
    """Between the commit and the tidying: the version stands."""

    def interrupt(name: str) -> None:
        if name == "tidy":
            raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        Issuer(settings(guide, checkpoint=interrupt), tmp_path) as issuer,
    ):
        issuer.issue(fiche(guide), NOON)
    assert list(tree(tmp_path)) == V1


def test_the_register_fails_at_the_last_moment_and_cannot_even_be_read(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names are given, the commit fails, and nothing can be asked: the next run finishes."""

    def unplugged(*_: object) -> None:
        raise OutputError("le lecteur réseau est débranché")

    def unplug(name: str) -> None:
        if name == "commit":
            monkeypatch.setattr(Register, "find", unplugged)
            raise OutputError("le lecteur réseau est débranché")

    with (
        pytest.raises(OutputError, match="débranché"),
        Issuer(settings(guide, checkpoint=unplug), tmp_path) as issuer,
    ):
        issuer.issue(fiche(guide), NOON)
    monkeypatch.undo()
    with Issuer(settings(guide), tmp_path) as issuer:
        assert [one.number for one in issuer.completed] == [1]
    assert list(tree(tmp_path)) == V1


def test_a_locked_register_leaves_no_file(guide: Guide, tmp_path: Path) -> None:
    with Register.open(tmp_path) as register, register.writing():
        with (
            pytest.raises(OutputError, match="utilisé par un autre programme"),
            Issuer(settings(guide), tmp_path, patience=0.05) as issuer,
        ):
            issuer.issue(fiche(guide), NOON)
        assert tree(tmp_path).keys() <= {"registre.sqlite-journal"}
    require_nothing_then_carry_on(guide, tmp_path)


def test_what_cannot_be_written_whole_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(storage, "memoryview", failing(0, full, memoryview), raising=False)
    with pytest.raises(OSError, match="No space"):
        storage.write_new(tmp_path / "f", b"content")
    assert list(tmp_path.iterdir()) == []


def test_what_exists_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "f"
    storage.write_new(path, b"one")
    with pytest.raises(FileExistsError):
        storage.write_new(path, b"two")
    assert path.read_bytes() == b"one"
