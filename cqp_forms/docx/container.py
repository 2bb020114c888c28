"""Open a DOCX as a zip archive, or say why it is not one. Both stamping and reading begin here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from cqp_forms.errors import DocumentError

#: The signature of a compound file: an old .doc, or a DOCX encrypted with a password ([MS-CFB]).
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

CONTENT_TYPES = "[Content_Types].xml"

#: Limits that no guide comes near; beyond them an archive is taken for a bomb.
MAX_MEMBERS = 5_000
MAX_TOTAL = 300 * 1024 * 1024
MAX_RATIO = 250
#: Small parts may be very repetitive: the ratio counts from this size on, in bytes.
RATIO_FROM = 8 * 1024 * 1024


def open_docx(document: bytes, parts: Iterable[str] = ()) -> zipfile.ZipFile:
    """Open a DOCX.

    Args:
        document: the file's bytes.
        parts: zip members that must be there.

    Raises:
        DocumentError: encrypted, an old .doc, not a zip archive, not a DOCX, truncated, a zip
            bomb, or without one of the parts.
    """
    if document.startswith(_COMPOUND):
        raise _compound(document)
    try:
        archive = zipfile.ZipFile(io.BytesIO(document))
    except (zipfile.BadZipFile, ValueError, EOFError, OSError) as problem:
        raise DocumentError(
            "ce fichier n’est pas un document Word (.docx), ou il est abîmé.",
            remedy="Ouvrez-le dans Word et enregistrez-le au format .docx.",
        ) from problem
    _check_members(archive)
    names = set(archive.namelist())
    if CONTENT_TYPES not in names:
        raise DocumentError(
            "ce fichier est une archive, mais pas un document Word (.docx).",
            remedy="Donnez le document au format .docx ; un .odt s’enregistre en .docx.",
        )
    for part in parts:
        if part not in names:
            raise DocumentError(
                f"la partie « {part} » manque dans le document.",
                remedy="Reprenez le document d’origine, ou refaites sa correspondance : "
                "cqp-forms map DOCUMENT.",
            )
    return archive


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member's content.

    Raises:
        DocumentError: the archive is damaged.
    """
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as problem:
        raise _damaged(name) from problem
    except Exception as problem:  # zlib.error has no common parent with the others
        if type(problem).__module__ != "zlib":
            raise
        raise _damaged(name) from problem


def _damaged(name: str) -> DocumentError:
    return DocumentError(
        f"la partie « {name} » du document est abîmée.",
        remedy="Reprenez le document d’origine.",
    )


def _compound(document: bytes) -> DocumentError:
    if _ENCRYPTED in document:
        return DocumentError(
            "ce document est protégé par un mot de passe.",
            remedy="Ouvrez-le dans Word, retirez le mot de passe (Fichier, Informations, Protéger "
            "le document), puis enregistrez-le.",
        )
    return DocumentError(
        "ce document est dans l’ancien format Word (.doc).",
        remedy="Ouvrez-le dans Word et enregistrez-le au format .docx.",
    )


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if any(one.flag_bits & 1 for one in members):
        raise DocumentError(
            "ce document est protégé par un mot de passe.",
            remedy="Enregistrez-le sans mot de passe.",
        )
    total = sum(one.file_size for one in members)
    swollen = any(
        one.file_size > RATIO_FROM and one.file_size > MAX_RATIO * max(1, one.compress_size)
        for one in members
    )
    if len(members) > MAX_MEMBERS or total > MAX_TOTAL or swollen:
        raise DocumentError(
            "ce fichier est anormalement volumineux une fois décompressé : il n’est pas ouvert.",
            remedy="Reprenez le document d’origine.",
        )
