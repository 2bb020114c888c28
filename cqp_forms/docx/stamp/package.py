"""The parts of a DOCX being prepared: trees, relationships, content types (ECMA-376-2)."""

from __future__ import annotations

import posixpath
import zipfile
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.opc import CONTENT_TYPES, read_member, relationships_of
from cqp_forms.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
#: What relationship types begin with.
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata"


class Parts:
    """Parts parsed when they are first asked for, new ones added."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.names = list(archive.namelist())
        self.trees: dict[str, Element] = {}

    def tree(self, name: str) -> Element:
        """A part's root.

        Raises:
            DocumentError: the part is missing, damaged, or not XML.
        """
        if name not in self.trees:
            if name not in self.names:
                raise DocumentError(
                    f"la partie « {name} » manque dans le document.",
                    remedy="Reprenez le document d’origine, ou refaites sa correspondance.",
                )
            try:
                self.trees[name] = wml.parse(read_member(self._archive, name))
            except etree.XMLSyntaxError as problem:
                raise DocumentError(
                    f"la partie « {name} » du document n’est pas du XML valable.",
                    remedy="Ouvrez le document dans Word et enregistrez-le de nouveau.",
                ) from problem
        return self.trees[name]

    def add(self, name: str, root: Element, content_type: str) -> None:
        """Add a part, with its content type."""
        self.names.append(name)
        self.trees[name] = root
        self._declare(name, content_type)

    def _declare(self, name: str, content_type: str) -> None:
        types = self.tree(CONTENT_TYPES)
        if any(one.get("PartName") == f"/{name}" for one in types):
            return
        override = etree.SubElement(types, f"{{{_TYPES}}}Override")
        override.set("PartName", f"/{name}")
        override.set("ContentType", content_type)

    def related_tree(self, kind: str, name: str, made: Element, content_type: str) -> Element:
        """The root of the part that the package has a relationship of that kind with.

        Args:
            name: where the part goes if there is none; one that nothing refers to is taken over.
            made: the root of a new part.
        """
        known = self.only("", kind.rpartition("/")[2])
        if known is not None:
            return self.tree(known)
        if name in self.names:
            self._declare(name, content_type)
        else:
            self.add(name, made, content_type)
        self.relate("", kind, name)
        return self.tree(name)

    def free_name(self, pattern: str) -> str:
        """The first name that no part has: ``customXml/item{}.xml``."""
        taken = {one.casefold() for one in self.names}
        number = 1
        while pattern.format(number).casefold() in taken:
            number += 1
        return pattern.format(number)

    def relate(self, source: str, kind: str, target: str) -> str:
        """Add a relationship from a part (empty: the package) to another; gives its id."""
        name = relationships_of(source)
        if name not in self.names:
            self.names.append(name)
            # LibreOffice loses the part of a relationship whose namespace has a prefix.
            self.trees[name] = etree.fromstring(f'<Relationships xmlns="{_RELATIONSHIPS}"/>')
        root = self.tree(name)
        taken = {one.get("Id") for one in root}
        number = len(root) + 1
        while f"rId{number}" in taken:
            number += 1
        made = etree.SubElement(root, f"{{{_RELATIONSHIPS}}}Relationship")
        made.set("Id", f"rId{number}")
        made.set("Type", kind if "/" in kind else f"{_OFFICE}/{kind}")
        made.set("Target", posixpath.relpath(target, posixpath.dirname(source) or "."))
        return f"rId{number}"

    def related(self, source: str) -> dict[str, tuple[str, str]]:
        """A part's relationships inside the package: id → (kind, part)."""
        name = relationships_of(source)
        if name not in self.names:
            return {}
        found = {}
        for one in self.tree(name):
            if wml.local(one) != "Relationship" or one.get("TargetMode") == "External":
                continue
            kind = (one.get("Type") or "").rpartition("/")[2]
            target = one.get("Target") or ""
            base = "" if target.startswith("/") else posixpath.dirname(source)
            part = posixpath.normpath(posixpath.join(base, target.lstrip("/")))
            found[one.get("Id") or ""] = (kind, part)
        return found

    def only(self, source: str, kind: str) -> str | None:
        """The part that ``source`` has a relationship of that kind with, ``None`` without one."""
        parts = (part for name, part in self.related(source).values() if name == kind)
        return next((one for one in parts if one in self.names), None)

    def main(self) -> str:
        """The part that holds the body."""
        found = self.only("", "officeDocument")
        if found is None:
            raise DocumentError(
                "ce fichier n’est pas un document Word : il n’a pas de partie principale.",
                remedy="Donnez un document au format .docx.",
            )
        return found


#: The relationship of the core properties, from the package itself.
CORE_KIND = f"{_PACKAGE}/core-properties"
