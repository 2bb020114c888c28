"""The parts of a DOCX that detection reads, in a file that nobody vouches for."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.container import open_docx, read_member
from cqp_forms.errors import DocumentError

if TYPE_CHECKING:
    from zipfile import ZipFile

    from lxml.etree import _Element as Element

#: Real forms stay far below: a part of this size is made to exhaust memory.
_MAX_PART = 64 * 1024 * 1024
_SAVE_AGAIN = (
    "Ouvrez le document dans Word ou LibreOffice, enregistrez-le en .docx, et recommencez."
)


@dataclass(frozen=True, slots=True)
class Part:
    """An XML part that can hold boxes: its zip member and its root."""

    name: str
    root: Element


@dataclass(frozen=True, slots=True)
class Package:
    """What detection reads of a document.

    Attributes:
        parts: the body first, then headers and footers.
        styles: the root of the style sheet, ``None`` when there is none.
    """

    parts: tuple[Part, ...]
    styles: Element | None


def open_package(document: bytes) -> Package:
    """Open a document, template or strict variant included (ISO/IEC 29500-1, 11.3.10).

    The body is found by its relationship, whatever its name and content type.

    Raises:
        DocumentError: not a DOCX, damaged, encrypted, or built to exhaust memory.
    """
    if not document.strip(b"\0 \r\n\t"):
        raise DocumentError("ce fichier est vide.", remedy="Choisissez le document à remplir.")
    if document.lstrip()[:5] == b"%PDF-":
        raise DocumentError(
            "ce fichier est un PDF, pas un document Word.",
            remedy="Donnez-lui l’extension .pdf.",
        )
    with open_docx(document) as archive:
        return _read(archive)


def _read(archive: ZipFile) -> Package:
    members = set(archive.namelist())
    mains = [one for kind, one in _relations(archive, members, "") if kind == "officeDocument"]
    root = _parse(archive, mains[0]) if mains else None
    if root is None or not wml.is_word(root, "document"):
        raise DocumentError("ce fichier n’est pas un document Word (.docx).", remedy=_SAVE_AGAIN)
    parts = [Part(mains[0], root)]
    related = _relations(archive, members, mains[0])
    for wanted in ("header", "footer"):
        names = sorted({name for kind, name in related if kind == wanted})
        parts += [Part(name, _parse(archive, name)) for name in names]
    sheets = [name for kind, name in related if kind == "styles"]
    return Package(tuple(parts), _parse(archive, sheets[0]) if sheets else None)


def _relations(archive: ZipFile, members: set[str], source: str) -> list[tuple[str, str]]:
    """The inner relationships of a part: the last word of the type, and the target."""
    folder, name = posixpath.split(source)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in members:
        return []
    found = []
    for one in _parse(archive, path):
        if wml.local(one) != "Relationship" or one.get("TargetMode") == "External":
            continue
        target = posixpath.join("/", folder, one.get("Target", ""))
        full = posixpath.normpath(target).lstrip("/")
        if full in members:
            found.append((one.get("Type", "").rpartition("/")[2], full))
    return found


def _parse(archive: ZipFile, name: str) -> Element:
    if archive.getinfo(name).file_size > _MAX_PART:
        raise DocumentError(
            f"la partie « {name} » de ce document est anormalement volumineuse.",
            remedy="Vérifiez d’où vient ce document.",
        )
    content = read_member(archive, name)
    if b"<!DOCTYPE" in content[:4096]:
        # OPC forbids it (ECMA-376-2, 9.1.4), and entities are the only use that it could have.
        raise DocumentError(
            f"la partie « {name} » contient une déclaration DOCTYPE, interdite dans un .docx.",
            remedy=_SAVE_AGAIN,
        )
    try:
        return wml.parse(content)
    except etree.XMLSyntaxError as problem:
        raise DocumentError(
            f"la partie « {name} » de ce document est illisible.", remedy=_SAVE_AGAIN
        ) from problem
