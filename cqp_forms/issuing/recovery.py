"""What a crash leaves, put right: a version is completed, or leaves no trace.

The record of a version under way (:mod:`cqp_forms.issuing.workshop`) is on the disk before the
first file gets its name, so whatever bears a final name can be told. A version of which at least
one file has its name may have been seen: it is completed. One of which none has is dropped, and the
same command makes it again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from cqp_forms.issuing import storage, workshop
from cqp_forms.issuing.register import Register
from cqp_forms.issuing.version import IssuedFile, Version
from cqp_forms.issuing.workshop import Staged


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
    completed: list[Version] = []
    for versions in workshop.abandoned(directory):
        completed.extend(
            staged.version
            for staged in versions
            if _begun(directory, staged) and _settle(directory, staged, open_register())
        )
    return tuple(completed)


def _begun(directory: Path, staged: Staged) -> bool:
    # A draft is not registered: those of its files that got their names are simply new drafts.
    version = staged.version
    return version.number > 0 and any(in_place(directory, one) for one in version.files)


def _settle(directory: Path, staged: Staged, register: Register) -> bool:
    with storage.output_errors(directory), register.writing():
        version = staged.version
        there = register.find(version)
        if there == version:
            return True  # it died while tidying up, and could not tell
        if there is not None:
            withdraw(directory, version)  # another one took its number
            return False
        try:
            place(directory, staged)
        except (FileExistsError, FileNotFoundError):
            withdraw(directory, version)
            return False
        register.insert(version)
        return True


def in_place(directory: Path, file: IssuedFile) -> bool:
    """Whether a file has its final name, with exactly the content that was meant."""
    return storage.is_file_with(directory / file.path, file.sha256)


def place(
    directory: Path,
    staged: Staged,
    checkpoint: Callable[[str], None] = lambda _step: None,
    settle: Callable[[Path], object] = storage.sync_folder,
) -> None:
    """Give each file its final name, down to the disk; those that have it already keep it.

    Args:
        directory: the output folder.
        staged: the version.
        checkpoint: called before each file.
        settle: called for each folder whose entries have to be written down to the disk before the
            version is entered.

    Raises:
        FileExistsError: a name is taken by something else.
        FileNotFoundError: a temporary file is gone.
        OutputError: the disk refuses the name.
    """
    folder = directory / staged.version.folder
    changed = storage.make_folder(folder)
    for file in staged.version.files:
        checkpoint(f"name {file.role}")
        final = directory / file.path
        try:
            storage.put_in_place(staged.temporary(file.role), final)
        except (FileExistsError, FileNotFoundError):
            if not in_place(directory, file):
                raise
        except OSError as problem:
            raise storage.output_error(problem, final) from problem
    for one in (folder, *changed):
        settle(one)


def withdraw(directory: Path, version: Version) -> None:
    """Take back the names that :func:`place` gave; what is not ours to the byte is left alone."""
    for file in version.files:
        if in_place(directory, file):
            (directory / file.path).unlink()
    with contextlib.suppress(OSError):
        (directory / version.folder).rmdir()
