"""Open a PDF, or say why it cannot be; and what it carries beside its pages.

The one room for it, of stamping, reading and comparing. A document carries its embedded answers
(ISO 32000-2, 7.11.4) and, in its XMP, how it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import RLock
from typing import Any

import pikepdf
from lxml import etree
from pikepdf import Array, Dictionary, Name, Object, settings

from cqp_forms import limits
from cqp_forms.errors import DocumentError
from cqp_forms.pdf.archive import NAMESPACE
from cqp_forms.plan import Trail

# The library's own limits hold for the whole process: nothing here needs larger ones.
settings.set_qpdf_limits(
    flate_max_memory=limits.PDF_STREAM_BYTES,
    run_length_max_memory=limits.PDF_STREAM_BYTES,
    png_max_memory=limits.PDF_STREAM_BYTES,
    tiff_max_memory=limits.PDF_STREAM_BYTES,
    dct_max_memory=limits.PDF_STREAM_BYTES,
    max_stream_filters=limits.PDF_FILTERS,
)

#: PDFium works for one thread at a time: a document that is open keeps the others waiting.
PDFIUM = RLock()

_AS_ISSUED = "Reprenez le document tel qu’il a été émis."

#: What reading a damaged PDF comes to: objects of another type than they should be fail where they
#: are used.
DAMAGE = (
    pikepdf.PikepdfError,
    TypeError,
    AttributeError,
    ValueError,
    LookupError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)

#: Packed bytes of a stream that went through LZW.
_LZW_BYTES = 64 * 1024

_PAYLOAD = "reponses.json"
_XMP_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def open_pdf(document: bytes, where: str = "", remedy: str = _AS_ISSUED) -> pikepdf.Pdf:
    """Open a PDF from its bytes; who asked closes it.

    Args:
        where: its file name, for messages.
        remedy: what to do when it is none.

    Raises:
        DocumentError: not a PDF, or protected with a password.
    """
    try:
        return pikepdf.open(BytesIO(document), suppress_warnings=True)
    except pikepdf.PasswordError as problem:
        raise DocumentError(
            "ce PDF est protégé par un mot de passe.",
            where=where,
            remedy="Enlevez la protection, ou demandez-en une copie sans mot de passe.",
        ) from problem
    except DAMAGE as problem:
        raise unreadable(where, remedy) from problem


def unpacked(stream: Object, most: int = limits.PDF_STREAM_BYTES) -> bytes:
    """A stream's data; empty when it is damaged, as viewers show it.

    Raises:
        DocumentError: it is larger than anything of its kind.
    """
    data = b""
    # LZW has no limit of its own, and makes at most some thousand bytes of one (7.4.4).
    if "/LZWDecode" in str(stream.get("/Filter")) and int(stream.Length) > _LZW_BYTES:
        raise _too_large(most)
    try:
        data = stream.read_bytes()
    except (pikepdf.PdfError, ValueError) as problem:
        if "limit exceeded" in str(problem):
            raise _too_large(most) from problem
    if len(data) > most:
        raise _too_large(most)
    return data


def _too_large(most: int) -> DocumentError:
    return DocumentError(
        f"ce PDF est piégé ou abîmé : un de ses contenus, déplié, dépasse {most >> 20} Mo.",
        remedy=_AS_ISSUED,
    )


def unreadable(where: str = "", remedy: str = _AS_ISSUED) -> DocumentError:
    """The refusal of what is no PDF."""
    return DocumentError("ce fichier n’est pas un PDF lisible.", where=where, remedy=remedy)


@contextmanager
def opened(document: bytes) -> Iterator[pikepdf.Pdf]:
    """Open a PDF for reading.

    Raises:
        DocumentError: not a PDF, damaged, or protected with a password; also for what is found out
            while the document is in use.
    """
    with open_pdf(document) as pdf:
        try:
            yield pdf
        except DAMAGE as problem:
            raise DocumentError(
                "ce PDF est abîmé : son contenu ne peut pas être lu.", remedy=_AS_ISSUED
            ) from problem


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
