"""What a crash leaves, put right: a version is completed, or leaves no trace.

A row of the register's table « pending » is on the disk before the first file gets its name, so
whatever bears a final name can be told. A version of which at least one file has its name may have
been seen: it is completed. One of which none has is dropped, and the same command makes it again.

What is found is held to what this program writes: names inside the output folder, of the form that
issued files have; files, and not links; contents that match their SHA-256.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from cqp_forms.issuing import storage
from cqp_forms.issuing.naming import ISSUED_NAME, Role
from cqp_forms.issuing.register import REGISTER, Register
from cqp_forms.issuing.schema import Pending, PendingCopy
from cqp_forms.issuing.staging import STAGING, Staged, in_place, place, sweep, withdraw
from cqp_forms.issuing.version import IssuedFile, Version
from cqp_forms.limits import PENDING_RECORD

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

#: What version 1.0.0 wrote beside a version's files, in place of a row.
_RECORD = "version.json"

_SIGNED_NAME = re.compile(r"[A-Za-z0-9_-]{1,120}_v\d+_signe(-\d+)?\.[a-z]{3,4}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def recover(directory: Path, open_register: Callable[[], Register]) -> tuple[Version, ...]:
    """Complete or drop what processes that are gone left under way.

    Args:
        directory: the output folder.
        open_register: opens the register for writing; called only if there is something to enter.

    Returns:
        The versions that were completed, and those that were complete but whose process died before
        it could tell.

    Raises:
        OutputError: the register or the folder cannot be written.
    """
    with _records(directory) as records:
        completed: tuple[Version, ...] = ()
        if records or (directory / REGISTER).is_file():
            register = open_register()
            # Rows of what was entered and told stay until something is written anyway.
            told = all(_is_told(directory, one, register) for one in register.pending())
            if records or not told or register.pending_copies():
                with storage.output_errors(directory), register.writing():
                    completed = settle(directory, register, records)
    sweep(directory)
    return completed


def settle(
    directory: Path, register: Register, records: tuple[Pending, ...] = ()
) -> tuple[Version, ...]:
    """Complete or drop what is pending; inside a transaction, which ends it.

    Args:
        directory: the output folder.
        register: in :meth:`Register.writing`.
        records: of version 1.0.0, beside the register's own rows.

    Returns:
        As :func:`recover`.

    Raises:
        OutputError: the register or the folder cannot be written.
    """
    completed = [
        one.version
        for one in (*register.pending(), *records)
        if _is_ours(directory, one) and _settled(directory, one, register)
    ]
    for one in register.pending_copies():
        if _is_our_copy(directory, one, register):
            register.enter_signed(one.version, one.copy)
    register.forget_pending()
    return tuple(completed)


def _is_our_copy(directory: Path, pending: PendingCopy, register: Register) -> bool:
    """Whether a signed copy has its name, of the form that this program gives, and no row yet."""
    copy, version = pending.copy, register.find(pending.version)
    folder, _, name = copy.path.partition("/")
    return (
        version is not None
        and folder == version.folder
        and _SIGNED_NAME.fullmatch(name) is not None
        and not (directory / folder).is_symlink()
        and not any(one.sha256 == copy.sha256 for one in register.signed(version))
        and register.signed_at(copy.path) is None
        and storage.is_file_with(directory / copy.path, copy.sha256, copy.size)
    )


def _is_told(directory: Path, pending: Pending, register: Register) -> bool:
    """Whether a version was entered, and its process lived on to remove the temporary names."""
    there = register.find(pending.version)
    return (
        there is not None
        and set(pending.version.files) <= set(there.files)
        and not (directory / STAGING / pending.folder).is_dir()
    )


def _settled(directory: Path, pending: Pending, register: Register) -> bool:
    """Whether the version is entered now, and nobody has been told yet."""
    staged = Staged(directory / STAGING / pending.folder, pending.version)
    version = staged.version
    there = register.find(version)
    if there is not None and set(version.files) <= set(there.files):
        return staged.folder.is_dir()  # it died while tidying up, and could not tell
    if not any(in_place(directory, one) for one in version.files):
        return False
    adds = there is not None and version.completes(there)
    if there is not None and not adds:
        withdraw(directory, version)  # another one took its number
        return False
    try:
        _require_files(directory, staged)
        place(directory, staged)
    except (FileExistsError, FileNotFoundError):
        withdraw(directory, version)
        return False
    register.add_files(version) if adds else register.insert(version)
    return True


def _require_files(directory: Path, staged: Staged) -> None:
    for file in staged.version.files:
        waiting = staged.temporary(file.role)
        if not in_place(directory, file) and not storage.is_file_with(
            waiting, file.sha256, file.size
        ):
            raise FileNotFoundError(waiting)


def _is_ours(directory: Path, pending: Pending) -> bool:
    """Whether this program can have written it."""
    version = pending.version
    folders = pending.folder.split("/")
    waiting = [directory / STAGING, *_descending(directory / STAGING, folders)]
    return (
        len(folders) == 2
        and all(_NAME.fullmatch(one) for one in (*folders, version.folder))
        and not any(path.is_symlink() for path in (*waiting, directory / version.folder))
        and version.number >= 1
        and version.issued_at.tzinfo is not None
        and bool(version.files)
        and len({one.role for one in version.files}) == len(version.files)
        and all(_is_ours_file(version, one) for one in version.files)
    )


def _descending(path: Path, names: list[str]) -> Iterator[Path]:
    for name in names:
        path /= name
        yield path


def _is_ours_file(version: Version, file: IssuedFile) -> bool:
    folder, _, name = file.path.partition("/")
    parts = ISSUED_NAME.fullmatch(name)
    return (
        parts is not None
        and folder == version.folder
        and parts["stem"].endswith(f"_{folder}")
        and int(parts["number"]) == version.number
        and file.role == (Role.CHANGES if parts["changes"] else parts["ext"])
        and _SHA256.fullmatch(file.sha256) is not None
        and file.size > 0
    )


@contextlib.contextmanager
def _records(directory: Path) -> Iterator[tuple[Pending, ...]]:
    """What processes of version 1.0.0 that are gone have left; removed once it is dealt with.

    Each had a folder in the staging folder, and beside it a lock file of the same name.
    """
    root = directory / STAGING
    locks = [] if root.is_symlink() else sorted(root.glob("*.lock"))
    with contextlib.ExitStack() as held:
        gone = [path.with_suffix("") for path in locks if held.enter_context(_locked(path))]
        yield tuple(one for folder in gone if not folder.is_symlink() for one in _read(folder))
    for folder in gone:
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            with contextlib.suppress(OSError):
                folder.with_suffix(".lock").unlink()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Whether the lock of a process of version 1.0.0 could be had: its process is gone."""
    try:
        if not path.is_file() or path.is_symlink():
            raise OSError
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        yield False
        return
    try:
        try:
            if sys.platform == "win32":
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _read(folder: Path) -> Iterator[Pending]:
    for path in sorted(folder.glob(f"*/{_RECORD}")):
        with contextlib.suppress(OSError, ValueError):
            if path.is_symlink() or path.stat().st_size > PENDING_RECORD:
                continue
            version = Version.from_json(path.read_text(encoding="utf-8"))
            yield Pending(f"{folder.name}/{path.parent.name}", version)
