"""Open a DOCX: a zip archive of parts joined by relationships (ECMA-376-2), or say why it is none.

A file from outside is held to its limits before anything in it is unpacked, and what a package must
not have (two members of one name, a document type) is refused: programs disagree on what it shows.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.errors import DocumentError
from cqp_forms.limits import (
    DOCX_BYTES,
    DOCX_MEMBERS,
    DOCX_PART_BYTES,
    DOCX_RATIO,
    DOCX_RATIO_FROM,
)

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: The signature of a compound file: an old .doc, or a DOCX encrypted with a password ([MS-CFB]).
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

CONTENT_TYPES = "[Content_Types].xml"

_SAVE_AGAIN = (
    "Ouvrez le document dans Word ou LibreOffice, enregistrez-le en .docx, et recommencez."
)
_ORIGINAL = "Reprenez le document d’origine."


def open_docx(document: bytes, parts: Iterable[str] = ()) -> zipfile.ZipFile:
    """Open a DOCX.

    Args:
        document: the file's bytes.
        parts: zip members that must be there.

    Raises:
        DocumentError: empty, a PDF, encrypted, an old .doc, not a zip archive, not a DOCX,
            truncated, a zip bomb, two members of one name, or without one of the parts.
    """
    if document.startswith(_COMPOUND):
        raise _compound(document)
    if not document.strip(b"\0 \r\n\t"):
        raise DocumentError("ce fichier est vide.", remedy="Choisissez un document Word (.docx).")
    if document.lstrip()[:5] == b"%PDF-":
        raise DocumentError(
            "ce fichier est un PDF, pas un document Word.",
            remedy="Donnez-lui l’extension .pdf.",
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(document))
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as problem:
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
    except (
        *(zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError, zlib.error),
    ) as problem:
        raise DocumentError(
            f"la partie « {name} » du document est abîmée.", remedy=_ORIGINAL
        ) from problem


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
    swollen = any(
        one.file_size > DOCX_RATIO_FROM and one.file_size > DOCX_RATIO * max(1, one.compress_size)
        for one in members
    )
    total = sum(one.file_size for one in members)
    if len(members) > DOCX_MEMBERS or total > DOCX_BYTES or swollen:
        raise DocumentError(
            "ce fichier est anormalement volumineux une fois décompressé : il n’est pas ouvert.",
            remedy=_ORIGINAL,
        )
    # Names differ by more than their case (ECMA-376-2, 6.2.2.3); two methods are known (annex B).
    counted = Counter(one.filename.casefold() for one in members)
    for one in members:
        if counted[one.filename.casefold()] > 1:
            raise DocumentError(
                f"la partie « {one.filename} » est deux fois dans le document : ce qu’il montre "
                "dépend du logiciel.",
                remedy=_ORIGINAL,
            )
        if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DocumentError(
                f"la partie « {one.filename} » est compressée d’une façon interdite dans un .docx.",
                remedy=_SAVE_AGAIN,
            )


def parse(name: str, content: bytes) -> Element:
    """The tree of a part.

    Raises:
        DocumentError: too large, not XML, nested too deep, or with a document type, which is
            forbidden (ECMA-376-2, 6.2.5) and has entities as its only use.
    """
    if len(content) > DOCX_PART_BYTES:
        raise DocumentError(
            f"la partie « {name} » de ce document est anormalement volumineuse.",
            remedy="Vérifiez d’où vient ce document.",
        )
    forbidden = DocumentError(
        f"la partie « {name} » contient une déclaration DOCTYPE, interdite dans un .docx.",
        remedy=_SAVE_AGAIN,
    )
    if b"<!DOCTYPE" in content:
        raise forbidden
    try:
        root = wml.parse(content)
    except (etree.XMLSyntaxError, LookupError, ValueError) as problem:
        raise DocumentError(
            f"la partie « {name} » de ce document n’est pas du XML valable.", remedy=_SAVE_AGAIN
        ) from problem
    if root.getroottree().docinfo.internalDTD is not None:  # written in another encoding
        raise forbidden
    return root


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship (ECMA-376-2, 6.5).

    Attributes:
        kind: the last word of its type: ``header``, ``attachedTemplate``.
        target: the part inside the package; outside it, the address as it is written.
        external: whether it leads outside the package.
    """

    id: str
    kind: str
    target: str
    external: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """An XML part that can hold boxes: its zip member and its root."""

    name: str
    root: Element


class Package:
    """A document's parts, each parsed once, when it is asked for. Made by :func:`open_package`."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._trees: dict[str, Element] = {}
        self.names = tuple(archive.namelist())

    def content(self, name: str) -> bytes:
        """A member's bytes."""
        return read_member(self._archive, name)

    def tree(self, name: str) -> Element:
        """A part's root.

        Raises:
            DocumentError: the part is missing, damaged, too large, or not XML.
        """
        if name not in self._trees:
            if name not in self.names:
                raise DocumentError(
                    f"la partie « {name} » manque dans le document.", remedy=_ORIGINAL
                )
            if self._archive.getinfo(name).file_size > DOCX_PART_BYTES:
                raise DocumentError(
                    f"la partie « {name} » de ce document est anormalement volumineuse.",
                    remedy="Vérifiez d’où vient ce document.",
                )
            self._trees[name] = parse(name, self.content(name))
        return self._trees[name]

    def relations(self, source: str) -> tuple[Relation, ...]:
        """The relationships of a part; of the package itself where ``source`` is empty."""
        path = relationships_of(source)
        if path not in self.names:
            return ()
        return tuple(
            Relation(
                one.get("Id", ""),
                one.get("Type", "").rpartition("/")[2],
                _target(source, one.get("Target", ""), external),
                external,
            )
            for one in self.tree(path)
            if wml.local(one) == "Relationship"
            for external in [one.get("TargetMode") == "External"]
        )

    def related(self, source: str, kind: str) -> list[str]:
        """The parts that a part has a relationship of that kind with, in order."""
        found = (one for one in self.relations(source) if one.kind == kind and not one.external)
        return [one.target for one in found if one.target in self.names]

    @cached_property
    def main(self) -> str:
        """The part that holds the body: the one that the package's relationships name.

        Raises:
            DocumentError: there is none, or more than one.
        """
        mains = self.related("", "officeDocument")
        if len(set(mains)) != 1 or not wml.is_word(self.tree(mains[0]), "document"):
            raise DocumentError(
                "ce fichier n’est pas un document Word (.docx).", remedy=_SAVE_AGAIN
            )
        return mains[0]

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The body, then the headers, then the footers."""
        beside = (sorted(set(self.related(self.main, kind))) for kind in ("header", "footer"))
        names = [self.main, *(name for each in beside for name in each)]
        return tuple(Part(name, self.tree(name)) for name in names)

    @cached_property
    def styles(self) -> Element | None:
        """The root of the style sheet, ``None`` when there is none."""
        return self._of_main("styles")

    @cached_property
    def numbering(self) -> Element | None:
        """The root of what draws the lists, ``None`` when there is none."""
        return self._of_main("numbering")

    def _of_main(self, kind: str) -> Element | None:
        names = self.related(self.main, kind)
        return self.tree(names[0]) if names else None


def open_package(document: bytes) -> Package:
    """Open a document, template or strict variant included (ISO/IEC 29500-1, 11.3.10).

    Raises:
        DocumentError: as :func:`open_docx` does.
    """
    return Package(open_docx(document))


def relationships_of(part: str) -> str:
    """Where a part's relationships are (ECMA-376-2, 6.5.2)."""
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


def _target(source: str, target: str, external: bool) -> str:
    if external:
        return target
    folder = "" if target.startswith("/") else posixpath.dirname(source)
    return posixpath.normpath(posixpath.join(folder, target.lstrip("/")))
