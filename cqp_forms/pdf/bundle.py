"""One PDF to print out of many: each document starts on a front page and can share nothing.

Only what pages show is taken over: content, resources, sizes. Annotations, form fields, signature
fields, attached files, metadata, scripts and the structure stay behind; what a form field shows
becomes page content first. Objects that are equal byte for byte (the blank's own content, the
fonts) are written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

import pikepdf
from pikepdf import Array, Name, Object, String

from cqp_forms.errors import DocumentError
from cqp_forms.mapping import Rect
from cqp_forms.pdf.bundle_write import Copier, Writer
from cqp_forms.pdf.geometry import inherited
from cqp_forms.pdf.stamp.overlay import written

#: What a page is taken over with (ISO 32000-2, table 31); the four first may be inherited.
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_KEPT = (*_INHERITED, "/Contents", "/BleedBox", "/TrimBox", "/ArtBox", "/Group", "/UserUnit")

#: Marks a file as a bundle of ours, which a later bundle may replace.
CREATOR = "cqp-forms (lot à imprimer)"


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
    catalog = writer.add(
        b"<< /Type /Catalog /Pages %d 0 R %s /PageMode /UseOutlines /Lang %s "
        # Printed on both sides, a candidate's first page is never on the back of another's last.
        b"/ViewerPreferences << /DisplayDocTitle true /Duplex /DuplexFlipLongEdge >> >>"
        % (root, b"/Outlines %d 0 R" % outline if outline else b"", _text(language))
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
        body = b"<< /Type /Annot /Subtype /Link /Rect [%s] /Border [0 0 0] /Dest [%d 0 R /Fit] >>"
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
