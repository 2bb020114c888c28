"""Prepare a blank once: what stays the same for every candidate becomes fixed bytes.

Each page keeps its own content, shut in q … Q, and then shows one form XObject, the *overlay*,
which is written for each candidate and has its own resources (ISO 32000-2, 8.10): neither graphics
state nor resource names of the blank can reach what is stamped, nor the reverse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms.errors import DocumentError
from cqp_forms.mapping import Rect
from cqp_forms.pdf.geometry import inherited, view_of
from cqp_forms.pdf.stamp.objects import HELD, SLOT, Base, cut

OVERLAY = "CqpOverlay"

#: q and Q as whole words; a first look only, strings may hold them too.
_SAVES = re.compile(rb"(?:(?<=\s)|^)([qQ])(?=\s|$)")

_INHERITED = (Name.Resources, Name.MediaBox, Name.CropBox, Name.Rotate)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of the blank.

    Attributes:
        visible: what a reader sees of it, in default user space.
        rotate: clockwise, in degrees, 0 to 270.
    """

    visible: Rect
    rotate: int


#: What a page draws over its own content before the overlay, by page from 0: content operators.
Extras = Callable[[int], bytes]


def sheets(pdf: pikepdf.Pdf) -> tuple[Sheet, ...]:
    """Make every page stand alone (no inherited attributes), and say how each is seen."""
    found = []
    for page in pdf.pages:
        for key in _INHERITED:
            value = inherited(page.obj, str(key))
            if value is not None:
                page.obj[key] = value
        _own_resources(page.obj)
        view = view_of(page.obj)
        found.append(Sheet(view.crop, view.rotate))
    return tuple(found)


def _own_resources(page: Object) -> None:
    """Copy what several pages may share: each page gets names of its own in it."""
    resources = page.get(Name.Resources, Dictionary())
    fresh = Dictionary({key: resources[key] for key in resources.keys()})  # noqa: SIM118
    drawn = fresh.get(Name.XObject, Dictionary())
    fresh[Name.XObject] = Dictionary({key: drawn[key] for key in drawn.keys()})  # noqa: SIM118
    page.Resources = fresh


def freeze(pdf: pikepdf.Pdf, extras: Extras) -> Base:
    """Turn a prepared document into the fixed part, with its slots.

    Slots: ``overlayN`` (page N, from 0), ``pages``, ``catalog``, ``metadata``, ``attachments`` (the
    name tree), ``files`` (the associated files), and those that were put in before.
    """
    root = _page_tree(pdf)
    made: dict[bytes, Object] = {}
    for number, page in enumerate(pdf.pages):
        page.obj.Parent = root
        _close_content(pdf, page, number, extras(number), made)
    _catalog(pdf)
    buffer = BytesIO()
    pdf.save(
        buffer,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        compress_streams=True,
        encryption=False,
        min_version="1.7",
        deterministic_id=True,
        fix_metadata_version=False,
    )
    return cut(buffer.getvalue())


def slot(pdf: pikepdf.Pdf, name: str) -> Object:
    """A new slot of that name."""
    return pdf.make_indirect(Dictionary({SLOT: Name(f"/{name}")}))


def hold_slots(pdf: pikepdf.Pdf) -> None:
    """Make the slots that belong to no page: the overlays' resources, their fonts, the common font.

    The catalog holds them until the file is cut: what nothing refers to would not be saved.
    """
    held = [slot(pdf, name) for name in ("resources", "fonts", "font")]
    pdf.Root[Name("/" + HELD)] = Array(held)


def common_font(pdf: pikepdf.Pdf) -> Object:
    """The slot of the common font, for who refers to it."""
    return pdf.Root[Name("/" + HELD)][2]


def _page_tree(pdf: pikepdf.Pdf) -> Object:
    """One flat tree, so that adding annex pages means writing one object."""
    kids = [page.obj for page in pdf.pages]
    root = slot(pdf, "pages")
    root[Name.Type] = Name.Pages
    root[Name.Kids] = Array(kids)
    root[Name.Count] = len(kids)
    pdf.Root.Pages = root
    return root


def _close_content(
    pdf: pikepdf.Pdf, page: pikepdf.Page, number: int, extra: bytes, made: dict[bytes, Object]
) -> None:
    opening, closing = _balance(page)
    content = page.obj.get(Name.Contents)
    own = list(content) if isinstance(content, Array) else [content] if content is not None else []
    end = b"\n%s\n%sq /%s Do Q\n" % (closing, extra, OVERLAY.encode())
    for data in (opening, end):
        # Most pages need the same few bytes: one object serves them all.
        if data not in made:
            made[data] = pdf.make_stream(data)
    page.obj.Contents = Array([made[opening], *own, made[end]])
    page.obj.Resources.XObject[Name("/" + OVERLAY)] = slot(pdf, f"overlay{number}")


def _balance(page: pikepdf.Page) -> tuple[bytes, bytes]:
    """What to write before and after a page's content so that its graphics state ends with it."""
    try:
        content = _content(page)
        depth, low = _depth(one[1] for one in _SAVES.finditer(content))
        if depth or low:
            instructions = pikepdf.parse_content_stream(page, "q Q")
            depth, low = _depth(bytes(str(one.operator), "ascii") for one in instructions)
    except pikepdf.PdfError as problem:
        raise DocumentError(
            "le contenu d’une page est illisible.",
            where=f"page {page.index + 1}",
            remedy="Enregistrez à nouveau le document en PDF.",
        ) from problem
    return b"q\n" * (1 - low), b"Q " * (1 - low + depth)


def _content(page: pikepdf.Page) -> bytes:
    content = page.obj.get(Name.Contents)
    if content is None:
        return b""
    parts = content if isinstance(content, Array) else [content]
    return b"\n".join(part.read_bytes() for part in parts if isinstance(part, pikepdf.Stream))


def _depth(operators: Iterable[bytes]) -> tuple[int, int]:
    """The final depth of q/Q nesting, and its lowest point (0 or below)."""
    depth = low = 0
    for operator in operators:
        depth += 1 if operator == b"q" else -1
        low = min(low, depth)
    return depth, low


def _catalog(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    # Scripts could change what is stamped; the blank's own metadata would contradict ours.
    for key in (Name.AA, Name.Perms, Name.AF, Name.Metadata):
        if key in root:
            del root[key]
    action = root.get(Name.OpenAction)
    if isinstance(action, Dictionary) and action.get(Name.S) == Name.JavaScript:
        del root[Name.OpenAction]
    names = root.get(Name.Names, Dictionary())
    kept = {
        key: names[key]
        for key in names.keys()  # noqa: SIM118
        if key not in {"/EmbeddedFiles", "/JavaScript"}
    }
    root.Names = Dictionary({**kept, "/EmbeddedFiles": slot(pdf, "attachments")})
    root.AF = slot(pdf, "files")
    root.Metadata = slot(pdf, "metadata")
    if Name.Info in pdf.trailer:
        del pdf.trailer[Name.Info]
