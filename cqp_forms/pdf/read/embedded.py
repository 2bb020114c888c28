"""What a PDF carries beside its pages: embedded answers (ISO 32000-2, 7.11.4), its own making."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from lxml import etree
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms import limits
from cqp_forms.errors import DocumentError
from cqp_forms.pdf.archive import NAMESPACE
from cqp_forms.pdf.opening import opened, unpacked
from cqp_forms.plan import Trail

_PAYLOAD = "reponses.json"
_XMP_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def read_payload(document: bytes) -> bytes | None:
    """The embedded answers (``reponses.json``), ``None`` when the document has none.

    Raises:
        DocumentError: not a PDF, or protected with a password; or a list of attached files, or
            answers, larger than any of ours.
    """
    with opened(document) as pdf:
        names = pdf.Root.get(Name.Names)
        if not isinstance(names, Dictionary):
            return None
        for name, specification in _named(names.get(Name.EmbeddedFiles)):
            files = specification.get(Name.EF) if isinstance(specification, Dictionary) else None
            if name == _PAYLOAD and isinstance(files, Dictionary):
                stream = files.get(Name.F)
                if not isinstance(stream, pikepdf.Stream):
                    return None
                return unpacked(stream, limits.PDF_PAYLOAD_BYTES)
    return None


def read_trail(document: bytes) -> Trail | None:
    """What the document's XMP says of its making; ``None`` when it says nothing.

    Raises:
        DocumentError: not a PDF, or protected with a password.
    """
    with opened(document) as pdf:
        metadata = pdf.Root.get(Name.Metadata)
        if not isinstance(metadata, pikepdf.Stream):
            return None
        try:
            packet = etree.fromstring(unpacked(metadata, limits.PDF_PAYLOAD_BYTES), _XMP_PARSER)
        except etree.XMLSyntaxError:
            return None
    return Trail.of_properties(dict(_own(packet)))


def _own(packet: Any) -> Iterator[tuple[str, str]]:
    """This program's entries, as elements or as attributes: both say the same (XMP, 7.9.2.2)."""
    own = f"{{{NAMESPACE}}}"
    for one in packet.iter():
        if isinstance(one.tag, str) and one.tag.startswith(own):
            yield one.tag.removeprefix(own), one.text or ""
        for name, value in one.attrib.items():
            if name.startswith(own):
                yield name.removeprefix(own), value


def _named(root: Object | None) -> Iterator[tuple[str, Object]]:
    """The entries of a name tree (7.9.6); each of its nodes once."""
    stack: list[Object | None] = [root]
    seen: set[tuple[int, int]] = set()
    while stack:
        node = stack.pop()
        if not isinstance(node, Dictionary) or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen if node.is_indirect else (-len(seen) - 1, 0))
        if len(seen) > limits.PDF_NAME_NODES:
            raise DocumentError(
                "la liste des pièces jointes de ce PDF est sans fin.",
                remedy="Reprenez le document tel qu’il a été émis.",
            )
        names = node.get(Name.Names)
        if isinstance(names, Array):
            for rank in range(0, len(names) - 1, 2):
                yield str(names[rank]), names[rank + 1]
        kids = node.get(Name.Kids)
        stack.extend(reversed(list(kids)) if isinstance(kids, Array) else ())
