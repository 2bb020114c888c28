"""One PDF to print out of many: each document starts on a front page and can share nothing.

Only what pages show is taken over: content, resources, sizes. Annotations, form fields, signature
fields, attached files, metadata, scripts and the structure stay behind; what a form field shows
becomes page content first.

It is written object by object, straight to its file, and objects that are equal byte for byte (the
blank's own content, the fonts) once. Only a digest and a number of each are kept in memory: a PDF
library would hold all of it, 0.13 MB a document, until it is saved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from cqp_forms.errors import DocumentError
from cqp_forms.mapping import Rect
from cqp_forms.pdf.archive import packet, profile
from cqp_forms.pdf.geometry import inherited
from cqp_forms.pdf.stamp.overlay import written

#: What a page is taken over with (ISO 32000-2, table 31); the four first may be inherited.
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_KEPT = (*_INHERITED, "/Contents", "/BleedBox", "/TrimBox", "/ArtBox", "/Group", "/UserUnit")

#: Marks a file as a bundle of ours, which a later bundle may replace.
CREATOR = "cqp-forms (lot à imprimer)"

#: Keys that lead out of what a page shows: to the page tree, the structure, metadata, files.
_LEFT_OUT = frozenset(
    {
        "/Parent",
        "/P",
        "/StructParent",
        "/StructParents",
        "/Metadata",
        "/PieceInfo",
        "/AF",
        "/Length",  # written anew
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """A document of the bundle.

    Attributes:
        title: the bookmark.
        path: the PDF.
        details: further words for the index, by column.
        pages: how many it has; 0 until it is in.
        first_page: in the bundle, from 1; 0 until it is in.
    """

    title: str
    path: Path
    details: tuple[str, ...] = ()
    pages: int = 0
    first_page: int = 0


@dataclass(frozen=True, slots=True)
class IndexPages:
    """The pages that list what follows.

    Attributes:
        content: a PDF.
        links: for each item, the page from 0 of that PDF and the rectangle that leads to it.
    """

    content: bytes
    links: tuple[tuple[int, Rect], ...]


#: Lays out the index; called twice: the first time to learn how many pages it takes.
MakeIndex = Callable[[Sequence[Item]], IndexPages]


@dataclass(slots=True)
class _Kid:
    """A node of the page tree: the pages of one document."""

    number: int
    count: int


def write_bundle(
    file: IO[bytes],
    items: Iterable[Item],
    make_index: MakeIndex,
    *,
    title: str,
    language: str,
    created: datetime,
) -> tuple[Item, ...]:
    """Write the bundle.

    Args:
        file: opened for writing, at its start.
        items: in the order of the bundle; read once.
        make_index: lays out the index, which comes first.
        title: the bundle's title.
        language: a BCP 47 tag.
        created: aware, for the metadata. The same arguments give the same bytes.

    Returns:
        The items with their page numbers.

    Raises:
        DocumentError: a document cannot be read as a PDF.
        OSError: one is missing, or the file cannot be written.
    """
    writer = Writer(file)
    root = writer.reserve()
    placed: list[Item] = []
    kids: list[_Kid] = []
    firsts: list[int] = []
    position = 0
    for item in items:
        with _opened(item.path) as pdf:
            pages = _add_document(writer, root, pdf, kids)
            placed.append(replace(item, pages=len(pdf.pages), first_page=position + 1))
        firsts.append(pages[0])
        position += len(pages)
    drafted = make_index(placed)
    lead = _even(_page_count(drafted.content))
    listed = tuple(replace(one, first_page=one.first_page + lead) for one in placed)
    _add_index(writer, root, make_index(listed), firsts, kids)
    _add_root(writer, root, kids, position + lead)
    outline = _add_outline(writer, listed, firsts)
    lasting = _add_lasting(writer, title, language, created)
    catalog = writer.add(
        b"<< /Type /Catalog /Pages %d 0 R %s %s /PageMode /UseOutlines /Lang %s "
        # Printed on both sides, a candidate's first page is never on the back of another's last.
        b"/ViewerPreferences << /DisplayDocTitle true /Duplex /DuplexFlipLongEdge >> >>"
        % (root, lasting, b"/Outlines %d 0 R" % outline if outline else b"", _text(language))
    )
    stamp = created.strftime("%Y%m%d%H%M%S%z")
    info = writer.add(
        b"<< /Title %s /Creator %s /CreationDate (D:%s'%s) >>"
        % (_text(title), _text(CREATOR), stamp[:-2].encode(), stamp[-2:].encode())
    )
    writer.finish(catalog, info)
    return listed


def is_bundle(path: Path) -> bool:
    """Whether a file is a bundle that this program wrote."""
    try:
        with pikepdf.open(path) as pdf:
            return str(pdf.docinfo.get(Name.Creator, "")) == CREATOR
    except (OSError, pikepdf.PdfError):
        return False


def _opened(path: Path) -> pikepdf.Pdf:
    try:
        return pikepdf.open(path)
    except pikepdf.PdfError as problem:
        raise DocumentError(
            "ce PDF est illisible.",
            where=str(path),
            remedy="Contrôlez les documents émis : cqp-forms history DOSSIER.",
        ) from problem


def _text(text: str) -> bytes:
    return String(text).unparse()


def _page_count(content: bytes) -> int:
    with pikepdf.open(BytesIO(content)) as pdf:
        return len(pdf.pages)


def _even(count: int) -> int:
    return count + count % 2


def _add_document(writer: Writer, root: int, pdf: pikepdf.Pdf, kids: list[_Kid]) -> list[int]:
    """Write a document's pages, and a blank one if need be; gives their object numbers."""
    if Name.AcroForm in pdf.Root:
        # What a form field shows becomes page content; unsigned signature fields show nothing.
        pdf.flatten_annotations("print")
    copier = Copier(writer)
    node = writer.reserve()
    pages = [writer.add(_page_body(copier, page.obj, node)) for page in pdf.pages]
    if len(pages) % 2:
        pages.append(writer.add(_blank_body(pdf.pages[-1].obj, node)))
    _add_node(writer, root, node, pages)
    kids.append(_Kid(node, len(pages)))
    return pages


def _page_body(copier: Copier, page: Object, node: int, more: bytes = b"") -> bytes:
    entries = []
    for key in _KEPT:
        value = inherited(page, key) if key in _INHERITED else page.get(key)
        if value is not None:
            entries.append(key.encode() + b" " + copier.value(value))
    return b"<< /Type /Page /Parent %d 0 R %s %s >>" % (node, b" ".join(entries), more)


def _blank_body(page: Object, node: int) -> bytes:
    box = inherited(page, "/CropBox") or inherited(page, "/MediaBox") or Array([0, 0, 595, 842])
    rotate = int(inherited(page, "/Rotate") or 0)
    return b"<< /Type /Page /Parent %d 0 R /MediaBox %s /Rotate %d /Resources << >> >>" % (
        node,
        Array([float(one) for one in box]).unparse(),
        rotate,
    )


def _add_node(writer: Writer, root: int, node: int, pages: Sequence[int]) -> None:
    kids = b" ".join(b"%d 0 R" % one for one in pages)
    writer.put(
        node,
        b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [%s] >>" % (root, len(pages), kids),
    )


def _add_index(
    writer: Writer, root: int, index: IndexPages, firsts: Sequence[int], kids: list[_Kid]
) -> None:
    links: dict[int, list[bytes]] = {}
    for (page, rect), first in zip(index.links, firsts, strict=True):
        body = (
            b"<< /Type /Annot /Subtype /Link /F 4 /Rect [%s] /Border [0 0 0] /Dest [%d 0 R /Fit] >>"
        )
        corners = written(rect.x0, rect.y0, rect.x1, rect.y1).encode()
        links.setdefault(page, []).append(body % (corners, first))
    with pikepdf.open(BytesIO(index.content)) as pdf:
        copier, node = Copier(writer), writer.reserve()
        pages = [
            writer.add(
                _page_body(
                    copier, page.obj, node, b"/Annots [%s]" % b" ".join(links.get(number, ()))
                )
            )
            for number, page in enumerate(pdf.pages)
        ]
        if len(pages) % 2:
            pages.append(writer.add(_blank_body(pdf.pages[-1].obj, node)))
    _add_node(writer, root, node, pages)
    kids.insert(0, _Kid(node, len(pages)))


def _add_root(writer: Writer, root: int, kids: Sequence[_Kid], count: int) -> None:
    refs = b" ".join(b"%d 0 R" % kid.number for kid in kids)
    writer.put(root, b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, refs))


def _add_lasting(writer: Writer, title: str, language: str, created: datetime) -> bytes:
    """What makes the bundle PDF/A-3u: its colours' profile and its metadata; catalog entries."""
    icc = writer.add(_stream(b"/N 3", profile()))
    said = packet(title=title, language=language, moment=created, program=CREATOR, claims=True)
    metadata = writer.add(_stream(b"/Type /Metadata /Subtype /XML", said))
    return (
        b"/Metadata %d 0 R /OutputIntents [<< /Type /OutputIntent /S /GTS_PDFA1 "
        b"/OutputConditionIdentifier (sRGB IEC61966-2.1) /Info (sRGB IEC61966-2.1) "
        b"/DestOutputProfile %d 0 R >>]" % (metadata, icc)
    )


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def _add_outline(writer: Writer, items: Sequence[Item], firsts: Sequence[int]) -> int:
    """A bookmark a document (12.3.3); 0 when there is none to make."""
    if not items:
        return 0
    outline = writer.reserve()
    marks = [writer.reserve() for _ in items]
    for rank, (mark, item, first) in enumerate(zip(marks, items, firsts, strict=True)):
        before = b"/Prev %d 0 R" % marks[rank - 1] if rank else b""
        after = b"/Next %d 0 R" % marks[rank + 1] if rank + 1 < len(marks) else b""
        body = b"<< /Title %s /Parent %d 0 R %s %s /Dest [%d 0 R /Fit] >>"
        writer.put(mark, body % (_text(item.title), outline, before, after, first))
    body = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>"
    return writer.put(outline, body % (marks[0], marks[-1], len(marks)))


class Writer:
    """A PDF 1.7 file in the making (ISO 32000-2, 7.5).

    Args:
        file: opened for writing, at its start.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._offsets: list[int] = [0]
        self._known: dict[bytes, int] = {}
        self._position = 0
        self._hash = hashlib.sha256()
        # A comment of high bytes tells transfer programs that the file is binary (7.5.2).
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._position += len(data)

    def reserve(self) -> int:
        """A new object number, to be given its body later."""
        self._offsets.append(0)
        return len(self._offsets) - 1

    def put(self, number: int, body: bytes) -> int:
        """Write a reserved object; gives its number back."""
        self._offsets[number] = self._position
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        return number

    def add(self, body: bytes) -> int:
        """Write an object; gives its number."""
        return self.put(self.reserve(), body)

    def shared(self, body: bytes) -> int:
        """Write an object unless an equal one was written; gives the number of either."""
        digest = hashlib.sha256(body).digest()[:16]
        number = self._known.get(digest)
        if number is None:
            number = self._known[digest] = self.add(body)
        return number

    def finish(self, root: int, info: int) -> None:
        """Write the cross-reference table and the trailer (7.5.4, 7.5.5).

        Args:
            root: the catalog's number.
            info: the document information dictionary's.
        """
        start, size = self._position, len(self._offsets)
        identity = self._hash.hexdigest()[:32].upper().encode()
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        for offset in self._offsets[1:]:
            self._write(b"%010d 00000 n \n" % offset)
        self._write(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] >>\n"
            b"startxref\n%d\n%%%%EOF\n" % (size, root, info, identity, identity, start)
        )


class Copier:
    """Copies objects of one source document into the file, with all that they refer to.

    What leads elsewhere than to what a page shows is left out (:data:`_LEFT_OUT`).
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._done: dict[tuple[int, int], int] = {}
        self._open: dict[tuple[int, int], int | None] = {}

    def value(self, value: object) -> bytes:
        """A value as it is written in the new file; objects that it refers to are written first."""
        if not isinstance(value, Object):
            return _scalar(value)
        if value.is_indirect and isinstance(value, Array | Dictionary | pikepdf.Stream):
            return b"%d 0 R" % self._number(value)
        return self._direct(value)

    def _direct(self, value: Object) -> bytes:
        if isinstance(value, Dictionary):
            return b"<< %s >>" % self._entries(value)
        if isinstance(value, Array):
            plain = value.unparse()
            if b" R" not in plain:  # widths and the like: no reference to follow
                return plain
            return b"[%s]" % b" ".join(self.value(one) for one in value)
        return value.unparse()

    def _entries(self, value: Object) -> bytes:
        return b" ".join(
            Name(key).unparse() + b" " + self.value(value.get(key))
            for key in sorted(value.keys())
            if key not in _LEFT_OUT
        )

    def _number(self, value: Object) -> int:
        key = value.objgen
        if key in self._done:
            return self._done[key]
        if key in self._open:  # it refers to itself: its number is wanted before its body is known
            number = self._open[key]
            if number is None:
                number = self._open[key] = self._writer.reserve()
            return number
        self._open[key] = None
        body = self._stream(value) if isinstance(value, pikepdf.Stream) else self._direct(value)
        number = self._open.pop(key)
        if number is None:
            number = self._writer.shared(body)
        else:
            self._writer.put(number, body)
        self._done[key] = number
        return number

    def _stream(self, value: pikepdf.Stream) -> bytes:
        data = value.read_raw_bytes()
        head = b"<< %s /Length %d >>" % (self._entries(value), len(data))
        return b"%s\nstream\n%s\nendstream" % (head, data)


def _scalar(value: object) -> bytes:
    """A number, truth value or null, which pikepdf gives as Python's own."""
    if value is None:
        return b"null"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return str(value).encode("ascii")
