"""A part split at its placements: static bytes, and what each placement puts between them.

While a part is a tree, each placement gets its two states, empty and filled, side by side between
processing instructions. Serialised once, the part is split at these; a stamp then picks one state
per placement and joins. Namespaces and prefixes are right by construction, as both states were
serialised where they stand.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from lxml import etree

from cqp_forms.docx.opc import CONTENT_TYPES, Package, relationships_of
from cqp_forms.docx.wml import dialect
from cqp_forms.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: zlib's usual level. Level 1 saves about a third of the time and makes files a quarter larger;
#: issued guides are kept for years and sent by mail, so size wins.
_LEVEL = 6

#: What a placement is filled with: a state, or a text.
Value: TypeAlias = bool | str

_TARGET = "cqp-forms-slot"
_SPLIT = re.compile(rb"<\?cqp-forms-slot ([0-9]+) (off|on|end|text)\?>")
_BREAK = re.compile(r"([\n\t])")


class TextWriter(Protocol):
    """How a text becomes markup."""

    def render(self, text: str) -> bytes:
        """The text as it stands in its part."""


@dataclass(frozen=True, slots=True)
class Markup:
    """How a text is written in a run: ``w:t``, ``w:br`` and ``w:tab`` with the part's prefix."""

    opening: bytes
    closing: bytes
    line: bytes
    tab: bytes

    @classmethod
    def at(cls, element: Element) -> Markup:
        """The markup to use inside an element."""
        namespace = dialect(element.getroottree().getroot())
        prefixes = [one for one, uri in element.nsmap.items() if uri == namespace]
        prefix = f"{prefixes[0]}:" if prefixes and prefixes[0] else ""
        return cls(
            f'<{prefix}t xml:space="preserve">'.encode(),
            f"</{prefix}t>".encode(),
            f"<{prefix}br/>".encode(),
            f"<{prefix}tab/>".encode(),
        )

    def render(self, text: str) -> bytes:
        """The text as run content; new lines and tabs become elements."""
        if "\n" not in text and "\t" not in text:
            return self.opening + escape(text) + self.closing
        found = []
        for piece in _BREAK.split(text):
            if piece == "\n":
                found.append(self.line)
            elif piece == "\t":
                found.append(self.tab)
            elif piece:
                found += (self.opening, escape(piece), self.closing)
        return b"".join(found)


#: For parts that hold the bare text, such as a title or the answers.
BARE = Markup(b"", b"", b"\n", b"\t")


def escape(text: str) -> bytes:
    """Character data (XML 1.0, 2.4)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


@dataclass(frozen=True, slots=True)
class TemplateSlot:
    """One placement's two states.

    Attributes:
        off: when not ticked, or when the text is empty.
        on: when ticked or filled; what precedes the text when there is one.
        after: what follows the text.
        markup: how the text is written; ``None`` when the state is the same for any text.
        several: whether only a text of several lines counts as filled.
    """

    off: bytes
    on: bytes
    after: bytes = b""
    markup: TextWriter | None = None
    several: bool = False

    def render(self, value: Value) -> bytes:
        """The state for a value."""
        if not value or (self.several and "\n" not in str(value)):
            return self.off
        if self.markup is None or value is True:
            return self.on
        return self.on + self.markup.render(str(value)) + self.after


class Slots:
    """Puts the placements' states into trees, and remembers whose they are."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._markups: dict[int, TextWriter] = {}
        self._several: set[int] = set()

    def add(
        self,
        key: str,
        parent: Element,
        index: int,
        off: Sequence[Element],
        on: Sequence[Element],
        run: Element | None = None,
        several: bool = False,
    ) -> None:
        """Insert both states of a placement among ``parent``'s children.

        Args:
            key: the placement's id.
            index: where to insert, as :meth:`list.insert` counts.
            off: the empty state; ``on``: the filled one.
            run: the element of ``on`` at whose end the text is written; ``None`` for ticks.
            several: show ``on`` only for a text of several lines.
        """
        number = len(self.keys)
        self.keys.append(key)
        together = [
            _marker(number, "off"),
            *off,
            _marker(number, "on"),
            *on,
            _marker(number, "end"),
        ]
        for position, one in enumerate(together, start=index):
            parent.insert(position, one)
        if several:
            self._several.add(number)
        if run is not None:
            self._markups[number] = Markup.at(run)
            run.append(_marker(number, "text"))

    def add_text(self, key: str, element: Element, markup: TextWriter = BARE) -> None:
        """Make an element's whole content the text of ``key``, written with a markup."""
        number = len(self.keys)
        self.keys.append(key)
        element.text = None
        for what in ("off", "on", "text", "end"):
            element.append(_marker(number, what))
        self._markups[number] = markup

    def slot(self, number: int, states: Mapping[str, bytes]) -> TemplateSlot:
        """The slot of that number, from what was serialised after each of its markers."""
        return TemplateSlot(
            states["off"],
            states["on"],
            states.get("text", b""),
            self._markups.get(number),
            number in self._several,
        )


def _marker(number: int, what: str) -> Element:
    return etree.ProcessingInstruction(_TARGET, f"{number} {what}")


class Template:
    """A part, split; :meth:`render` is all that a candidate costs."""

    def __init__(self, part: str, serialised: bytes, slots: Slots) -> None:
        tokens = _SPLIT.split(serialised)
        self._pieces: list[bytes] = [tokens[0]]
        self._slots: list[tuple[int, str, TemplateSlot]] = []
        position = 1
        while position < len(tokens):
            states: dict[str, bytes] = {}
            number = tokens[position]
            while True:
                what = tokens[position + 1].decode()
                if tokens[position] != number or what in states:
                    raise _overlap(part, slots, number, tokens[position])
                states[what] = tokens[position + 2]
                position += 3
                if what == "end":
                    break
            key = slots.keys[int(number)]
            self._slots.append((len(self._pieces), key, slots.slot(int(number), states)))
            self._pieces += (states["off"], states["end"])

    @property
    def keys(self) -> set[str]:
        """The keys that the part takes values for."""
        return {key for _, key, _ in self._slots}

    @property
    def is_static(self) -> bool:
        """Whether the part is the same for every candidate."""
        return not self._slots

    def render(self, values: Mapping[str, Value]) -> bytes:
        """The part's bytes for one candidate."""
        pieces = self._pieces.copy()
        for index, key, slot in self._slots:
            if value := values[key]:
                pieces[index] = slot.render(value)
        return b"".join(pieces)


def _overlap(part: str, slots: Slots, one: bytes, other: bytes) -> DocumentError:
    first, second = (slots.keys[int(number)] for number in (one, other))
    return DocumentError(
        f"les emplacements « {first} » et « {second} » se recouvrent.",
        where=part,
        remedy="Corrigez le fichier de correspondance : un endroit du document par emplacement.",
    )


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


def write_member(target: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a part to an archive: its bytes depend on the content alone."""
    # The date is fixed, and the system that wrote it not told.
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.create_system = 0
    target.writestr(member, content, zipfile.ZIP_DEFLATED, _LEVEL)


def serialised(root: Element) -> bytes:
    """A part as it stands in the archive."""
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return head + etree.tostring(root, encoding="UTF-8")
