"""Write a file whole or not at all, and never over another by omission."""

from __future__ import annotations

import errno
import os
import secrets
from enum import Enum
from pathlib import Path

from cqp_forms.errors import DocumentError, OutputError, refusal


def read_document(path: Path) -> bytes:
    """A blank's bytes. Raises :class:`DocumentError` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise DocumentError(
            f"document illisible ({refusal(problem)}).",
            where=str(path),
            remedy="Vérifiez le chemin et les droits.",
        ) from problem


class Existing(Enum):
    """What to do with a file that is already there."""

    REFUSE = "refuse"
    REPLACE = "replace"


def require_free(*paths: Path, option: str = "-o") -> None:
    """Refuse names that are taken: asked before writing several files, so that none is left alone.

    Args:
        option: the option of the command line that gives another name.

    Raises:
        OutputError: one exists.
    """
    for path in paths:
        if path.is_dir():
            raise _folder(path)
        if path.exists():
            raise OutputError(
                "ce fichier existe déjà ; il n’a pas été modifié.",
                where=str(path),
                remedy=f"Donnez un autre nom avec {option}, ou déplacez ce fichier.",
            )


def _folder(path: Path) -> OutputError:
    return OutputError("c’est un dossier.", where=str(path), remedy="Donnez un nom de fichier.")


def save(path: Path, content: bytes, existing: Existing) -> None:
    """Write a file under a temporary name, then give it its own.

    Raises:
        OutputError: it exists and must not be replaced, or it cannot be written.
    """
    if existing is Existing.REFUSE:
        require_free(path)
    elif path.is_dir():
        raise _folder(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not tempfile's, which only their owner can read: who may is for the user to set (umask).
        temporary = path.with_name(f".{path.stem[:40]}-{secrets.token_hex(4)}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as cause:
        raise OutputError(
            f"ce fichier ne peut pas être écrit ({refusal(cause)}).",
            where=str(path),
            remedy="Libérez de la place, puis relancez la commande."
            if cause.errno in (errno.ENOSPC, errno.EDQUOT)
            else "Fermez-le s’il est ouvert ailleurs (Excel…) ; vérifiez le dossier et vos droits.",
        ) from cause
