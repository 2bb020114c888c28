"""The workshop: where files are made before they get their names, and what a crash leaves there.

::

    DIR/.emission/4711-x7k2.lock      held for as long as the process lives
    DIR/.emission/4711-x7k2/ab12/     one version under way
        docx  pdf  modifications      its files, finished, under temporary names
        version.json                  written last: which files, which names, which hashes

It lies in the output folder, hence on the same file system as the final names, and the candidates'
own folders never hold anything unfinished. A workshop whose process is gone can be told by its
lock, which the system releases however the process ended.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cqp_forms.issuing import storage
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.version import Version

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

WORKSHOP = ".emission"
RECORD = "version.json"
_LOCK = "lock"

# The locks that this very process holds. POSIX record locks do not conflict within one process,
# and closing any handle on the file would release them: such a lock must not even be tried.
_OWN: set[Path] = set()


def _try_lock(file: BinaryIO) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Session:
    """This process's part of the workshop, made when first needed, gone when closed.

    Args:
        directory: the output folder, made if need be.
    """

    def __init__(self, directory: Path) -> None:
        self._root = directory.absolute() / WORKSHOP
        self._lock: BinaryIO | None = None
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """The session's folder.

        Raises:
            OutputError: it cannot be made.
        """
        if self._folder is None:
            with storage.output_errors(self._root.parent):
                self._folder = self._begin()
        return self._folder

    def _begin(self) -> Path:
        while True:
            for changed in storage.make_folder(self._root):
                storage.sync_folder(changed)
            try:
                handle, name = tempfile.mkstemp(f".{_LOCK}", f"{os.getpid()}-", self._root)
            except FileNotFoundError:
                continue  # another process, leaving, has just removed the empty workshop
            lock = os.fdopen(handle, "r+b")
            path = Path(name)
            _OWN.add(path)
            _try_lock(lock)
            # A cleaner may have taken the file for a dead one before it was locked.
            if path.exists():
                self._lock = lock
                folder = path.with_suffix("")
                folder.mkdir()
                return folder
            lock.close()
            _OWN.discard(path)

    def close(self) -> None:
        """Remove what is left; another process's part is not touched."""
        if self._folder is None or self._lock is None:
            return
        shutil.rmtree(self._folder, ignore_errors=True)
        _discard_lock(self._folder.with_suffix(f".{_LOCK}"), self._lock)
        with contextlib.suppress(OSError):
            self._root.rmdir()
        self._folder = self._lock = None

    def abandon(self) -> None:
        """Leave everything as a killed process would, for the next run to put right."""
        if self._lock is not None and self._folder is not None:
            self._lock.close()
            _OWN.discard(self._folder.with_suffix(f".{_LOCK}"))
            self._folder = self._lock = None


def _discard_lock(path: Path, lock: BinaryIO) -> None:
    # Windows removes no open file; POSIX must remove it while it is still locked.
    if sys.platform == "win32":
        lock.close()
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    lock.close()
    _OWN.discard(path)


@dataclass(frozen=True, slots=True)
class Staged:
    """A version whose files are finished and wait for their names.

    Attributes:
        folder: where they wait.
        version: complete; its paths are the names that they are to get.
        ticks: how many boxes are ticked, all read back.
        texts: how many areas hold text, all read back.
    """

    folder: Path
    version: Version
    ticks: int = 0
    texts: int = 0

    def temporary(self, role: Role) -> Path:
        """The temporary name of a file."""
        return self.folder / role.value


def stage(
    session_folder: Path,
    version: Version,
    contents: Mapping[Role, bytes],
    tally: tuple[int, int],
    checkpoint: Callable[[str], None],
) -> Staged:
    """Write a version's files and its record, down to the disk, under temporary names.

    Args:
        session_folder: :attr:`Session.folder`; may be another process's that waits for this one.
        version: with its files.
        contents: the bytes of each of them.
        tally: ticked boxes and filled areas.
        checkpoint: called just before each step.

    Raises:
        OutputError: the disk is full, the folder read-only…; nothing is left.
    """
    with storage.output_errors(session_folder.parent.parent):
        folder = Path(tempfile.mkdtemp(prefix="", dir=session_folder))
        try:
            for role, content in contents.items():
                checkpoint(f"write {role}")
                storage.write_new(folder / role.value, content)
            checkpoint("record")
            storage.write_new(folder / RECORD, version.to_json().encode())
            storage.sync_folder(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return Staged(folder, version, *tally)


def rename_record(staged: Staged, version: Version) -> Staged:
    """Record other final names for files that are already staged."""
    record = staged.folder / RECORD
    fresh = record.with_suffix(".new")
    storage.write_new(fresh, version.to_json().encode())
    fresh.replace(record)
    storage.sync_folder(staged.folder)
    return Staged(staged.folder, version, staged.ticks, staged.texts)


def discard(staged: Staged) -> None:
    """Remove what is left of a version's temporary names."""
    shutil.rmtree(staged.folder, ignore_errors=True)


def abandoned(directory: Path) -> Iterator[tuple[Staged, ...]]:
    """The versions under way of each process that is gone; their remains are removed afterwards.

    Versions that had not been recorded whole are removed without being told: none of their files
    can have got its name.
    """
    root = directory.absolute() / WORKSHOP
    if not root.is_dir():
        return
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        path = folder.with_suffix(f".{_LOCK}")
        if path in _OWN:
            continue
        lock = _open_lock(path)
        if lock is None:
            continue
        try:
            yield tuple(_recorded(folder))
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            # What could not be removed keeps its lock file, so that it is found again.
            if folder.exists():
                lock.close()
            else:
                _discard_lock(path, lock)
    _remove_stray_locks(root)


def _open_lock(path: Path) -> BinaryIO | None:
    """The lock of a process that is gone, now ours; ``None`` when it lives."""
    try:
        lock = path.open("a+b")
    except OSError:
        return None
    if _try_lock(lock):
        return lock
    lock.close()
    return None


def _recorded(folder: Path) -> Iterator[Staged]:
    for record in sorted(folder.glob(f"*/{RECORD}")):
        with contextlib.suppress(OSError, ValueError):
            yield Staged(record.parent, Version.from_json(record.read_text(encoding="utf-8")))


def _remove_stray_locks(root: Path) -> None:
    """A process may die between its lock and its folder, or between its folder and its lock."""
    for path in root.glob(f"*.{_LOCK}"):
        if path in _OWN or path.with_suffix("").exists():
            continue
        lock = _open_lock(path)
        if lock is not None:
            _discard_lock(path, lock)
    with contextlib.suppress(OSError):
        root.rmdir()
