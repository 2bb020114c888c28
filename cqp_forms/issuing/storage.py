"""Files: written whole or not at all, never over another, with errors that a person understands.

A file is written under a temporary name of the same file system, flushed to the disk, and only then
given its name. Giving a name never replaces anything: a hard link refuses an existing name on
POSIX, a rename does on Windows.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cqp_forms.errors import OutputError
from cqp_forms.project import KEPT, KeptBlank

#: There, no folder can be flushed, and renaming refuses an existing name.
WINDOWS = os.name == "nt"

_IN_USE = "Fermez-le dans Word, Acrobat ou l’Explorateur, puis relancez la même commande."
_REMEDIES: dict[int, tuple[str, str]] = {
    errno.ENOSPC: (
        "le disque est plein",
        "Libérez de la place (ou choisissez un autre dossier avec -o), puis relancez la même "
        "commande.",
    ),
    errno.EROFS: (
        "le disque est en lecture seule",
        "Choisissez un dossier où vous pouvez écrire avec -o DOSSIER.",
    ),
    errno.EACCES: (
        "écriture refusée : vous n’avez pas les droits sur ce dossier",
        "Demandez les droits d’écriture, ou choisissez un autre dossier avec -o DOSSIER.",
    ),
    errno.ENAMETOOLONG: (
        "le chemin est trop long pour ce système",
        "Choisissez avec -o un dossier au chemin plus court (par exemple C:\\CQP).",
    ),
    errno.EEXIST: (
        "ce fichier existe déjà",
        "Rien n’est jamais écrasé : déplacez-le, ou choisissez un autre dossier avec -o DOSSIER.",
    ),
    errno.ENOENT: (
        "le dossier a disparu pendant l’écriture",
        "Vérifiez que le disque ou le lecteur réseau est toujours branché, puis relancez.",
    ),
    errno.ENOTDIR: (
        "un fichier porte le nom d’un dossier du chemin",
        "Renommez ce fichier, ou choisissez un autre dossier avec -o DOSSIER.",
    ),
}
_REMEDIES[errno.EDQUOT] = _REMEDIES[errno.ENOSPC]
_REMEDIES[errno.EPERM] = _REMEDIES[errno.EACCES]

#: Windows error codes: sharing and lock violations, then a path that is too long.
_WIN_IN_USE = frozenset({32, 33})
_WIN_TOO_LONG = frozenset({206, 111})


def output_error(problem: OSError, path: Path) -> OutputError:
    """Say in French what the system refused, and what to do."""
    code = getattr(problem, "winerror", None)
    if code in _WIN_IN_USE:
        return OutputError("ce fichier est ouvert ailleurs", where=str(path), remedy=_IN_USE)
    number = errno.ENAMETOOLONG if code in _WIN_TOO_LONG else problem.errno
    message, remedy = _REMEDIES.get(
        number or 0,
        (
            f"écriture impossible ({problem.strerror or problem})",
            "Vérifiez le disque, puis relancez la même commande.",
        ),
    )
    return OutputError(message, where=str(path), remedy=remedy)


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn what the system refuses into an :class:`OutputError` about ``path``."""
    try:
        yield
    except OSError as problem:
        raise output_error(problem, path) from problem


def write_new(path: Path, content: bytes) -> None:
    """Write a file that does not exist yet; :func:`flush` writes it down to the disk.

    Raises:
        OSError: it exists, or cannot be written; what was begun is removed.
    """
    with path.open("xb", buffering=0) as file:
        try:
            remaining = memoryview(content)
            while remaining:
                remaining = remaining[file.write(remaining) or 0 :]
        except BaseException:
            file.close()
            path.unlink(missing_ok=True)
            raise


def flush(path: Path) -> None:
    """Write a finished file down to the disk.

    Raises:
        OSError: the disk refuses it.
    """
    with path.open("r+b", buffering=0) as file:  # Windows flushes what is open for writing alone
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Write a folder's entries down to the disk, where the system can (not on Windows).

    Network drives may refuse it: the names are then as safe as their server makes them.
    """
    if WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES):
            raise
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> list[Path]:
    """Make a folder and those above it; one that exists is left alone.

    Returns:
        The folders that have a new entry, for :func:`sync_folder` once they are filled.
    """
    if folder.is_dir():
        return []
    changed = make_folder(folder.parent)
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
    return [folder.parent, *changed]


#: What file systems without hard links answer (FAT, some network and container drives).
_NO_LINKS = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EXDEV}
)


def put_in_place(temporary: Path, final: Path) -> None:
    """Give a finished file its name. The temporary name may or may not be left.

    Raises:
        FileExistsError: the name is taken; nothing was changed.
    """
    if WINDOWS:
        temporary.rename(final)
        return
    try:
        os.link(temporary, final)
    except OSError as problem:
        if problem.errno not in _NO_LINKS:
            raise
        # Callers hold the register's lock, so no other process of ours comes in between.
        if os.path.lexists(final):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final)) from None
        temporary.rename(final)


def keep_blanks(directory: Path, blanks: Iterable[KeptBlank]) -> None:
    """Keep blanks in an output folder, each whole or not at all; one that is there stays.

    Raises:
        OSError: the disk refuses it.
    """
    for one in blanks:
        final = directory / KEPT / one.sha256
        if final.is_dir():
            continue
        make_folder(final.parent)
        temporary = Path(tempfile.mkdtemp(prefix=".", dir=final.parent))
        try:
            for name, content in one.files.items():
                write_new(temporary / name, content)
                flush(temporary / name)
            temporary.chmod(0o755)
            temporary.rename(final)
            sync_folder(final.parent)
        except OSError:
            if not final.is_dir():  # else another process was quicker
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_file_with(path: Path, sha256: str, size: int) -> bool:
    """Whether a file, and not a link to one, is there with exactly that content and size."""
    try:
        found = path.lstat()
        return stat.S_ISREG(found.st_mode) and found.st_size == size and sha256_of(path) == sha256
    except OSError:
        return False
