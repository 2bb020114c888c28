"""A package being prepared: parts, relationships and content types are added (ECMA-376-2)."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx.opc import CONTENT_TYPES, Package, relationships_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
#: What relationship types begin with.
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata"


class Parts(Package):
    """A package whose parts are changed, and to which parts and relationships are added."""

    @property
    def trees(self) -> Mapping[str, Element]:
        """The parts that were parsed or made so far."""
        return self._trees

    def add(self, name: str, root: Element, content_type: str) -> None:
        """Add a part, with its content type."""
        self._put(name, root)
        self._declare(name, content_type)

    def _put(self, name: str, root: Element) -> None:
        self.names = (*self.names, name)
        self._trees[name] = root

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
        if known := self.related("", kind.rpartition("/")[2]):
            return self.tree(known[0])
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
            # LibreOffice loses the part of a relationship whose namespace has a prefix.
            self._put(name, etree.fromstring(f'<Relationships xmlns="{_RELATIONSHIPS}"/>'))
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


#: The relationship of the core properties, from the package itself.
CORE_KIND = f"{_PACKAGE}/core-properties"
