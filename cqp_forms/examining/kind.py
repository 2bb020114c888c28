"""What a file is, told by its content: names lie."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import Path

from cqp_forms.errors import DocumentError

_PDF = b"%PDF-"
_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: A PDF may begin with something else (ISO 32000-2, annex I); readers look this far.
_HEAD = 1024
_FICHES = frozenset({".xlsx", ".xlsm", ".xltx", ".xls", ".xlsb", ".ods", ".csv"})
_WORDS = frozenset({".docx", ".doc", ".docm"})


class Kind(StrEnum):
    """What can be examined."""

    FICHE = "fiche"
    DOCX = "docx"
    PDF = "pdf"


def kind_of(path: Path) -> Kind:
    """What a file is.

    A damaged or protected file counts for what its name says, so that reading it can say what is
    wrong with it.

    Raises:
        DocumentError: there is no such file, or it is none of the three.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    if _PDF in head:
        return Kind.PDF
    if head.startswith(_ZIP) and (kind := _packaged(path)):
        return kind
    suffix = path.suffix.casefold()
    if suffix in _FICHES:
        return Kind.FICHE
    if suffix in _WORDS or (suffix == "" and head.startswith(_COMPOUND)):
        return Kind.DOCX
    if suffix == ".pdf":
        return Kind.PDF
    raise DocumentError(
        "ce fichier n’est ni une fiche (.xlsx), ni un guide en DOCX ou en PDF.",
        where=str(path),
        remedy="Donnez une fiche ou un guide émis ; un .odt s’enregistre en .docx.",
    )


def _packaged(path: Path) -> Kind | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, EOFError):
        return None
    if any(name.startswith("word/") for name in names):
        return Kind.DOCX
    if any(name.startswith("xl/") for name in names):
        return Kind.FICHE
    return None


def _unreadable(path: Path, problem: OSError) -> DocumentError:
    if path.is_dir():
        return DocumentError(
            "c’est un dossier.", where=str(path), remedy="Donnez une fiche ou un guide."
        )
    if isinstance(problem, FileNotFoundError):
        return DocumentError(
            "ce fichier n’existe pas.",
            where=str(path),
            remedy="Vérifiez le chemin ; un nom qui contient des espaces se met entre guillemets.",
        )
    return DocumentError(
        f"ce fichier ne peut pas être lu ({problem.strerror or problem}).",
        where=str(path),
        remedy="Vérifiez vos droits d’accès, et fermez-le s’il est ouvert ailleurs.",
    )
