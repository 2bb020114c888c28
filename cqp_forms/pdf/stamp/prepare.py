"""Prepare a blank once: find its places, make it flat or keep its form, and hold it open.

Each page keeps its own content, shut in q … Q, and then shows one form XObject, the *overlay*,
which is written anew for each candidate and has its own resources (ISO 32000-2, 8.10): neither
graphics state nor resource names of the blank can reach what is stamped, nor the reverse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect, even_cells
from cqp_forms.pdf.geometry import View, inherited, number, view_of
from cqp_forms.pdf.opening import open_pdf, unreadable
from cqp_forms.pdf.stamp.editable import LiveForm, keep_form
from cqp_forms.pdf.stamp.flatten import (
    Flattener,
    Printed,
    SignatureSpot,
    add_signatures,
    placing,
    printed_in,
    refuse_ticked,
)
from cqp_forms.pdf.stamp.overlay import StampResources, cross, frame
from cqp_forms.pdf.stamp.text import Align, Area, flow_of
from cqp_forms.pdf.widgets import MULTILINE, Widget, by_name, is_signed, widget_for, widgets_of
from cqp_forms.plan import Finish

_OVERLAY = Name("/CqpOverlay")
_INHERITED = (Name.Resources, Name.MediaBox, Name.CropBox, Name.Rotate)
#: Kept alive while the prepared document is saved and opened again.
_HELD = Name("/CqpHeld")
#: Streams are copied as they are, whatever the blank was protected with.
_AS_IT_IS: dict[str, Any] = {
    "stream_decode_level": pikepdf.StreamDecodeLevel.none,
    "encryption": False,
    "min_version": "1.7",
    "deterministic_id": True,
    "fix_metadata_version": False,
}
_ORIGINAL = "Reprenez le document d’origine, ou enregistrez-le à nouveau en PDF."


@dataclass(frozen=True)
class PreparedPdf:
    """A blank ready for candidates, held open.

    Attributes:
        document: the blank, as given.
        pdf: what is saved for each candidate, after its parts were written.
        views: how each page is seen.
        kids: the pages, for the page tree.
        overlays: the form XObject that each page shows last.
        stamped: what the overlays refer to.
        crosses: by placement, for boxes drawn on the page: page from 0, stroke width, operators.
        areas: by placement, the text areas.
        live: the fields that stay in the form.
        kept: by placement, what draws that which the blank shows in a field made flat: page from
            0, operators.
        unseen: by placement, the value of a field that has no appearance.
        taken: what will be filled, by page from 0, in points of the page as seen.
        known: the placements that can be filled.
    """

    document: bytes
    pdf: pikepdf.Pdf
    views: tuple[View, ...]
    kids: tuple[Object, ...]
    overlays: tuple[Object, ...]
    stamped: StampResources
    crosses: Mapping[str, tuple[int, float, str]]
    areas: Mapping[str, Area]
    live: LiveForm
    kept: Mapping[str, tuple[int, str]]
    unseen: Mapping[str, str]
    taken: Mapping[int, Sequence[Rect]]
    known: frozenset[str]

    def save(self, target: BytesIO) -> None:
        """Write the document as it is now: one revision, and an /ID made from its bytes alone.

        What was prepared stays in its object streams, uncompressed. What is added later is in none:
        there it would be ordered by object numbers, which depend on what was stamped before.
        """
        self.pdf.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.preserve,
            compress_streams=False,
            **_AS_IT_IS,
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """A placement as found in the document."""

    locator: PdfLocator
    kind: PlacementKind
    rect: Rect
    widget: Widget | None

    @property
    def page(self) -> int:
        """From 0."""
        return self.locator.page - 1


def prepare(document: bytes, mapping: PdfMapping, guide: Guide, finish: Finish) -> PreparedPdf:
    """Prepare a blank for one finish.

    Raises:
        DocumentError: it cannot be stamped.
    """
    pdf = _open_blank(document, mapping.document)
    views = _stand_alone(pdf)
    found = widgets_of(pdf)
    places = _places(mapping, guide, found, len(views))
    drawn = {
        key: one.locator
        for key, one in places.items()
        if one.kind is PlacementKind.TICK_BOX and one.widget is None
    }
    refuse_ticked(document, mapping.document, drawn, views)
    areas = _areas(places, guide, views)
    stamped = StampResources(pdf)
    live = LiveForm({}, {})
    printed = {
        key: there
        for key, one in places.items()
        if one.widget
        and one.kind is PlacementKind.TEXT_AREA
        and (there := printed_in(pdf, one.widget))
    }
    kept: Mapping[str, tuple[int, str]] = {}
    shown: Mapping[int, str] = {}
    if finish is Finish.FLAT:
        mapped = {id(one.widget) for one in places.values() if one.widget}
        emptied = {rank for rank, one in enumerate(found) if id(one) in mapped}
        kept = _kept(stamped, places, printed)
        shown = Flattener(pdf).flatten(found, emptied)
    else:
        live = _live(pdf, stamped, found, places, printed)
    _add_signatures(pdf, finish, guide, places)
    overlays = _overlays(pdf, views, stamped, shown)
    _flatten_page_tree(pdf)
    _clean(pdf)
    pdf, moved = _opened_again(
        pdf, mapping.document, [*overlays, *stamped.handles(), *live.handles()]
    )
    overlays = [next(moved) for _ in overlays]
    stamped.move(pdf, moved)
    live = live.moved(moved)
    return PreparedPdf(
        document,
        pdf,
        views,
        tuple(page.obj for page in pdf.pages),
        tuple(overlays),
        stamped,
        _crosses(places, live),
        areas,
        live,
        kept,
        {key: one.text for key, one in printed.items() if one.looks is None},
        _taken(places, views),
        frozenset(places),
    )


def _open_blank(document: bytes, name: str) -> pikepdf.Pdf:
    """Open a blank that can be stamped.

    Args:
        name: its file name, for messages.
    """
    pdf = open_pdf(document, name, _ORIGINAL)
    try:
        pages = len(pdf.pages)
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError) as problem:
        raise unreadable(name, _ORIGINAL) from problem
    if not pages:
        raise unreadable(name, _ORIGINAL)
    form = pdf.Root.get(Name.AcroForm)
    if isinstance(form, Dictionary) and Name.XFA in form:
        raise DocumentError(
            "ce PDF est un formulaire XFA, qui ne peut pas être rempli page à page.",
            where=name,
            remedy="Imprimez-le vers un PDF ordinaire, puis refaites la correspondance.",
        )
    if is_signed(pdf):
        raise DocumentError(
            "ce PDF est déjà signé : le remplir romprait la signature.",
            where=name,
            remedy="Partez du document vierge, non signé.",
        )
    return pdf


def _stand_alone(pdf: pikepdf.Pdf) -> tuple[View, ...]:
    """Make every page stand alone, sharing nothing that it gets names in; say how each is seen."""
    for page in pdf.pages:
        for key in _INHERITED:
            value = inherited(page.obj, str(key))
            if value is not None:
                page.obj[key] = value
        own = _copied(page.obj.get(Name.Resources))
        own.XObject = _copied(own.get(Name.XObject))
        page.obj.Resources = own
        listed = page.obj.get(Name.Annots)
        if isinstance(listed, Array):
            for rank, one in enumerate(listed):
                if isinstance(one, Dictionary) and not one.is_indirect:
                    listed[rank] = pdf.make_indirect(one)
    return tuple(view_of(page.obj) for page in pdf.pages)


def _copied(dictionary: Object | None) -> Dictionary:
    if not isinstance(dictionary, Dictionary):
        return Dictionary()
    return Dictionary({key: dictionary[key] for key in dictionary.keys()})  # noqa: SIM118


def _places(
    mapping: PdfMapping, guide: Guide, found: Sequence[Widget], pages: int
) -> dict[str, _Place]:
    named = by_name(found)
    places = {}
    for key, locator in mapping.locators.items():
        placement = guide.placements.get(key)
        if placement is None:
            continue
        if not 1 <= locator.page <= pages:
            raise DocumentError(
                f"« {key} » est placé page {locator.page}, mais le document s’arrête page {pages}.",
                where=mapping.document,
                remedy="Corrigez la correspondance : cqp-forms map DOCUMENT --check "
                "CORRESPONDANCE.",
            )
        widget = widget_for(locator, named) if locator.kind is PdfKind.WIDGET else None
        if locator.kind is PdfKind.WIDGET and widget is None:
            raise DocumentError(
                f"le champ « {locator.name} » n’est pas page {locator.page}, là où la "
                "correspondance le place.",
                where=mapping.document,
                remedy="Refaites la correspondance : cqp-forms map DOCUMENT --against "
                "CORRESPONDANCE.",
            )
        rect = widget.rect if widget else locator.rect
        places[key] = _Place(locator, placement.kind, rect, widget)
    return places


def _live(
    pdf: pikepdf.Pdf,
    stamped: StampResources,
    found: Sequence[Widget],
    places: Mapping[str, _Place],
    printed: Mapping[str, Printed],
) -> LiveForm:
    held = {key: (one.kind, one.widget) for key, one in places.items() if one.widget}
    if not held:
        return LiveForm({}, {})
    ticks = {key: one for key, (kind, one) in held.items() if kind is PlacementKind.TICK_BOX}
    texts = {key: one for key, (kind, one) in held.items() if kind is PlacementKind.TEXT_AREA}
    return keep_form(pdf, stamped, found, ticks, texts, printed)


def _kept(
    stamped: StampResources, places: Mapping[str, _Place], printed: Mapping[str, Printed]
) -> dict[str, tuple[int, str]]:
    kept = {}
    for key, one in printed.items():
        if one.looks is not None:
            name = stamped.keep(one.looks)
            placed = f"q {placing(one.looks, places[key].rect)} cm {name} Do Q\n"
            kept[key] = (places[key].page, placed)
    return kept


def _add_signatures(
    pdf: pikepdf.Pdf, finish: Finish, guide: Guide, places: Mapping[str, _Place]
) -> None:
    spots = {}
    for key, one in places.items():
        if one.kind is not PlacementKind.SIGNATURE_AREA:
            continue
        kept = finish is Finish.EDITABLE and one.widget is not None and one.widget.kind == "/Sig"
        if not kept:
            wording = guide.fields[guide.placements[key].field_id].title
            spots[key] = SignatureSpot(one.page, one.rect, wording)
    add_signatures(pdf, spots)


def _overlays(
    pdf: pikepdf.Pdf, views: Sequence[View], stamped: StampResources, shown: Mapping[int, str]
) -> list[Object]:
    """Shut each page's content and let it show its overlay last.

    Args:
        shown: what pages show between the two: content operators, by page from 0.
    """
    overlays: list[Object] = []
    made: dict[bytes, Object] = {}
    for rank, (page, view) in enumerate(zip(pdf.pages, views, strict=True)):
        opening, closing = _balance(page)
        drawn = shown.get(rank, "").encode()
        end = b"\n%s\n%sq %s Do Q\n" % (closing, drawn, _OVERLAY.unparse())
        for data in (opening, end):
            # Most pages need the same few bytes: one object serves them all.
            if data not in made:
                made[data] = pdf.make_stream(data)
        content = page.obj.get(Name.Contents)
        own = list(content) if isinstance(content, Array) else [content]
        own = [one for one in own if one is not None]
        page.obj.Contents = Array([made[opening], *own, made[end]])
        overlay = pdf.make_stream(b"")
        overlay.Type, overlay.Subtype = Name.XObject, Name.Form
        crop = view.crop
        overlay.BBox = Array([round(one, 2) for one in (crop.x0, crop.y0, crop.x1, crop.y1)])
        overlay.Resources = stamped.dictionary
        page.obj.Resources.XObject[_OVERLAY] = overlay
        overlays.append(overlay)
    return overlays


def _balance(page: pikepdf.Page) -> tuple[bytes, bytes]:
    """What to write before and after a page's content so that its graphics state ends with it."""
    depth = low = 0
    try:
        for one in pikepdf.parse_content_stream(page, "q Q"):
            depth += 1 if str(one.operator) == "q" else -1
            low = min(low, depth)
    except pikepdf.PdfError as problem:
        raise DocumentError(
            "le contenu d’une page est illisible.",
            where=f"page {page.index + 1}",
            remedy="Enregistrez à nouveau le document en PDF.",
        ) from problem
    return b"q\n" * (1 - low), b"Q " * (1 - low + depth)


def _flatten_page_tree(pdf: pikepdf.Pdf) -> None:
    """Make one flat tree, so that adding annex pages changes one object."""
    kids = [page.obj for page in pdf.pages]
    root = pdf.make_indirect(Dictionary(Type=Name.Pages, Kids=Array(kids), Count=len(kids)))
    for one in kids:
        one.Parent = root
    pdf.Root.Pages = root


def _clean(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    # Scripts could change what is stamped; the blank's own metadata would contradict ours.
    for key in (Name.AA, Name.Perms, Name.AF, Name.Metadata):
        if key in root:
            del root[key]
    action = root.get(Name.OpenAction)
    if isinstance(action, Dictionary) and action.get(Name.S) == Name.JavaScript:
        del root[Name.OpenAction]
    names = _copied(root.get(Name.Names))
    for key in (Name.EmbeddedFiles, Name.JavaScript):
        if key in names:
            del names[key]
    root.Names = names
    if Name.Info in pdf.trailer:
        del pdf.trailer.Info


def _opened_again(
    pdf: pikepdf.Pdf, name: str, handles: Sequence[Object]
) -> tuple[pikepdf.Pdf, Iterator[Object]]:
    """Save a prepared document, compressed and its objects in object streams, and open it again.

    Saving it for each candidate is a third faster then, and so is reading what was saved.

    Returns:
        The document, and the objects that the handles stand for in it.
    """
    pdf.Root[_HELD] = Array(handles)
    saved = BytesIO()
    try:
        pdf.save(saved, object_stream_mode=pikepdf.ObjectStreamMode.generate, **_AS_IT_IS)
        pdf.close()
        again = pikepdf.open(saved)
    except pikepdf.PdfError as problem:
        raise unreadable(name, _ORIGINAL) from problem
    moved = list(again.Root[_HELD])
    del again.Root[_HELD]
    # What is issued is another document: its /ID is made from its own bytes.
    del again.trailer.ID
    return again, iter(moved)


def _crosses(places: Mapping[str, _Place], live: LiveForm) -> dict[str, tuple[int, float, str]]:
    return {
        key: (one.page, *cross(one.rect, one.locator.kind))
        for key, one in places.items()
        if one.kind is PlacementKind.TICK_BOX and key not in live.ticks
    }


def _areas(places: Mapping[str, _Place], guide: Guide, views: Sequence[View]) -> dict[str, Area]:
    areas = {}
    for key, one in places.items():
        if one.kind is not PlacementKind.TEXT_AREA:
            continue
        where = frame(one.rect, views[one.page].rotate)
        cells = even_cells(one.widget.cells) if one.widget else one.locator.cells
        multiline = bool(one.widget and one.widget.flags & MULTILINE)
        field = guide.fields[guide.placements[key].field_id]
        flow = flow_of(one.locator.kind, where, multiline=multiline, cells=cells)
        align = _align(one.widget) if one.widget else Align.LEFT
        closed = one.widget is not None and one.widget.closed
        choices = tuple(shown for _, shown in one.widget.options) if closed and one.widget else ()
        covers = one.locator.kind is PdfKind.INVITE
        title = field.title
        areas[key] = Area(one.page, where, flow, field.id, title, cells, align, choices, covers)
    return areas


def _align(widget: Widget) -> Align:
    said = int(number(inherited(widget.annotation, "/Q")))
    return Align(said) if said in {1, 2} else Align.LEFT


def _taken(places: Mapping[str, _Place], views: Sequence[View]) -> dict[int, list[Rect]]:
    taken: dict[int, list[Rect]] = {}
    for one in places.values():
        taken.setdefault(one.page, []).append(views[one.page].rect(one.rect))
    return taken
