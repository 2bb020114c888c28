"""Where a version's files are made before they get their names.

::

    DIR/.emission/lock               shared by all processes that work here, while they live
    DIR/.emission/x7k2ab12/          one process's part
        ab12cd34/                    one version under way
            docx  pdf  modifications its files, finished, under temporary names

It lies in the output folder, hence on the same file system as the final names, and the candidates'
own folders never hold anything unfinished. The system lets go of a lock however its process ended:
whoever gets the lock alone knows that nobody else lives, and may clean up.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cqp_forms.errors import OutputError
from cqp_forms.issuing import storage
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.schema import Pending
from cqp_forms.issuing.version import IssuedFile, Version

if sys.platform == "win32":
    import msvcrt
    import secrets

    # Windows has no shared locks: each process locks a byte of its own, or all to be alone.
    _BYTES = 1 << 20
else:
    import fcntl

STAGING = ".emission"
_LOCK = "lock"


class Lock:
    """The lock file of a staging folder, open; held together with others, or alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = path.open("a+b")
        self._byte = 0

    def share(self) -> bool:
        """Hold it as long as this process lives; ``False`` when the file has been removed since."""
        with contextlib.suppress(OSError):  # some network drives have no locks
            if sys.platform == "win32":
                self._byte = secrets.randbelow(_BYTES)
                self._file.seek(self._byte)
                msvcrt.locking(self._file.fileno(), msvcrt.LK_LOCK, 1)
            else:
                fcntl.flock(self._file, fcntl.LOCK_SH)
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except OSError:
            return False

    def try_alone(self) -> bool:
        """Hold it alone; ``False`` when another process holds it, or when there are no locks."""
        try:
            if sys.platform == "win32":
                with contextlib.suppress(OSError):  # nothing was held
                    self._file.seek(self._byte)
                    msvcrt.locking(self._file.fileno(), msvcrt.LK_UNLCK, 1)
                self._file.seek(0)
                msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, _BYTES)
            else:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Let it go."""
        self._file.close()

    def remove(self) -> None:
        """Let it go, and remove the file."""
        if sys.platform == "win32":  # an open file cannot be removed there
            self.close()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self.close()


class StagingSession:
    """This process's part of the staging folder, made when first needed, gone when closed.

    Args:
        directory: the output folder, made if need be.
    """

    def __init__(self, directory: Path) -> None:
        self._root = directory.absolute() / STAGING
        self._lock: Lock | None = None
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
        if self._root.is_symlink():
            raise OutputError(
                "ce nom est réservé à cqp-forms, et c’est un lien vers un autre dossier.",
                where=str(self._root),
                remedy="Supprimez ce lien, puis relancez la même commande.",
            )
        while True:
            for changed in storage.make_folder(self._root):
                storage.sync_folder(changed)
            try:
                lock = Lock(self._root / _LOCK)
            except FileNotFoundError:
                continue  # another process, leaving, has just removed the empty folder
            if lock.share():
                self._lock = lock
                return Path(tempfile.mkdtemp(prefix="", dir=self._root))
            lock.close()

    def close(self) -> None:
        """Remove what is left; the last process also removes the staging folder."""
        if self._lock is None:
            return
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        alone = self._lock.try_alone()
        if alone and [path.name for path in self._root.iterdir()] == [_LOCK]:
            self._lock.remove()
            with contextlib.suppress(OSError):
                self._root.rmdir()
        self._lock.close()
        self._folder = self._lock = None

    def abandon(self) -> None:
        """Leave everything as a killed process would, for the next run to put right."""
        if self._lock is not None:
            self._lock.close()
            self._folder = self._lock = None


def sweep(directory: Path) -> None:
    """Remove what processes that are gone have left, unless another one lives; links are left."""
    root = directory.absolute() / STAGING
    if root.is_symlink() or not root.is_dir():
        return
    try:
        lock = Lock(root / _LOCK)
    except OSError:
        return
    if not lock.try_alone():
        lock.close()
        return
    for path in root.iterdir():
        # Version 1.0.0 has a lock file beside each of its folders: while there is one, it may live.
        if path.is_dir() and not path.is_symlink() and not path.with_suffix(".lock").exists():
            shutil.rmtree(path, ignore_errors=True)
    if [path.name for path in root.iterdir()] == [_LOCK]:
        lock.remove()
        with contextlib.suppress(OSError):
            root.rmdir()
    lock.close()


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

    @property
    def pending(self) -> Pending:
        """What the register keeps of it while it is being named."""
        return Pending(f"{self.folder.parent.name}/{self.folder.name}", self.version)

    def flush(self) -> None:
        """Write its files down to the disk; before, a power cut may leave them empty.

        Raises:
            OSError: the disk refuses.
        """
        for file in self.version.files:
            storage.flush(self.temporary(file.role))
        storage.sync_folder(self.folder)


def stage(
    session_folder: Path,
    version: Version,
    contents: Mapping[Role, bytes],
    tally: tuple[int, int],
    checkpoint: Callable[[str], None],
) -> Staged:
    """Write a version's files under temporary names.

    Args:
        session_folder: :attr:`StagingSession.folder`; may be another process's, which waits for
            this one.
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
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return Staged(folder, version, *tally)


def discard(staged: Staged) -> None:
    """Remove what is left of a version's temporary names."""
    shutil.rmtree(staged.folder, ignore_errors=True)


def in_place(directory: Path, file: IssuedFile) -> bool:
    """Whether a file has its final name, with exactly the content that was meant."""
    return storage.is_file_with(directory / file.path, file.sha256, file.size)


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
