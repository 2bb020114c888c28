"""Write a file whole or not at all, and never over another by omission."""

from __future__ import annotations

import os
import tempfile
from enum import Enum
from pathlib import Path

from cqp_forms.errors import OutputError


class Existing(Enum):
    """What to do with a file that is already there."""

    REFUSE = "refuse"
    REPLACE = "replace"


def save(path: Path, content: bytes, existing: Existing) -> None:
    """Write a file under a temporary name, then give it its own.

    Raises:
        OutputError: it exists and must not be replaced, or it cannot be written.
    """
    if path.is_dir():
        raise OutputError("c’est un dossier.", where=str(path), remedy="Donnez un nom de fichier.")
    if existing is Existing.REFUSE and path.exists():
        raise OutputError(
            "ce fichier existe déjà ; il n’a pas été modifié.",
            where=str(path),
            remedy="Donnez un autre nom avec -o, ou déplacez ce fichier.",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(".tmp", f".{path.stem[:40]}-", path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)  # mkstemp makes files that only their owner can read
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as cause:
        raise OutputError(
            f"ce fichier ne peut pas être écrit ({cause.strerror or type(cause).__name__}).",
            where=str(path),
            remedy="Fermez-le s’il est ouvert ailleurs (Excel…) ; vérifiez le dossier et vos droits.",
        ) from cause
