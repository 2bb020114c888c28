"""Compile a blank: open it, find its places, and freeze what no candidate changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pikepdf

from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.stamp.areas import Area, flow_of
from cqp_forms.pdf.stamp.base import Sheet, freeze, hold_slots, sheets
from cqp_forms.pdf.stamp.flat import flatten
from cqp_forms.pdf.stamp.form import Live, keep_form
from cqp_forms.pdf.stamp.frames import frame
from cqp_forms.pdf.stamp.ink import cross
from cqp_forms.pdf.stamp.objects import Base
from cqp_forms.pdf.stamp.open import open_blank
from cqp_forms.pdf.stamp.signatures import SignatureSpot, add_signatures
from cqp_forms.pdf.stamp.unmark import unmark
from cqp_forms.pdf.widgets import MULTILINE, Widget, by_name, widget_for, widgets_of
from cqp_forms.plan import Finish

_REFERENCE = re.compile(rb"\d+ 0 R")


@dataclass(frozen=True)
class Compiled:
    """A blank ready for candidates.

    Attributes:
        document: the blank, as given.
        sheets: its pages.
        kids: their references, for the page tree.
        crosses: by placement, for boxes drawn on the page: page from 0, stroke width, operators.
        areas: by placement, the text areas.
        live: by placement, the widgets that stay in the form.
        taken: what will be filled, by page from 0, in points of the page as seen.
    """

    document: bytes
    base: Base
    sheets: tuple[Sheet, ...]
    kids: list[bytes]
    crosses: Mapping[str, tuple[int, float, str]]
    areas: Mapping[str, Area]
    live: Mapping[str, Live]
    taken: Mapping[int, Sequence[Rect]]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """A placement as found in the document."""

    locator: PdfLocator
    kind: PlacementKind
    rect: Rect
    widget: Widget | None


def compile_blank(document: bytes, mapping: PdfMapping, guide: Guide, finish: Finish) -> Compiled:
    """Compile a blank for one finish.

    Raises:
        DocumentError: it cannot be stamped.
    """
    pdf = open_blank(document, mapping.document)
    with pdf:
        pages = sheets(pdf)
        found = widgets_of(pdf)
        places = _places(mapping, guide, found, len(pages))
        cleared = unmark(pdf, document, mapping, _drawn_boxes(places), pages)
        hold_slots(pdf)
        live = _forms(pdf, finish, found, places)
        kept = (
            flatten(pdf, found, [one.widget for one in places.values() if one.widget])
            if finish is Finish.FLAT
            else (lambda _number: b"")
        )
        _signatures(pdf, finish, guide, places)
        base = freeze(pdf, lambda number: cleared(number) + kept(number))
    kids = _REFERENCE.findall(base.templates["pages"].partition(b"/Kids")[2].partition(b"]")[0])
    return Compiled(
        document,
        base,
        pages,
        kids,
        _crosses(places, live),
        _areas(places, guide, pages),
        live,
        _taken(places, pages),
        frozenset(places),
    )


def _places(
    mapping: PdfMapping, guide: Guide, found: list[Widget], pages: int
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


def _drawn_boxes(places: Mapping[str, _Place]) -> dict[str, PdfLocator]:
    return {
        key: one.locator
        for key, one in places.items()
        if one.kind is PlacementKind.TICK_BOX and one.widget is None
    }


def _forms(
    pdf: pikepdf.Pdf, finish: Finish, found: list[Widget], places: Mapping[str, _Place]
) -> dict[str, Live]:
    if finish is Finish.FLAT or not any(one.widget for one in places.values()):
        return {}
    held = {key: (one.kind, one.widget) for key, one in places.items() if one.widget}
    ticks = {key: one for key, (kind, one) in held.items() if kind is PlacementKind.TICK_BOX}
    texts = {key: one for key, (kind, one) in held.items() if kind is PlacementKind.TEXT_AREA}
    return keep_form(pdf, ticks, texts)


def _signatures(
    pdf: pikepdf.Pdf, finish: Finish, guide: Guide, places: Mapping[str, _Place]
) -> None:
    spots = {}
    for key, one in places.items():
        if one.kind is not PlacementKind.SIGNATURE_AREA:
            continue
        kept = finish is Finish.EDITABLE and one.widget is not None and one.widget.kind == "/Sig"
        if not kept:
            wording = guide.fields[guide.placements[key].field_id].title
            spots[key] = SignatureSpot(one.locator.page - 1, one.rect, wording)
    add_signatures(pdf, spots)


def _crosses(
    places: Mapping[str, _Place], live: Mapping[str, Live]
) -> dict[str, tuple[int, float, str]]:
    drawn = {}
    for key, one in places.items():
        if one.kind is PlacementKind.TICK_BOX and key not in live:
            drawn[key] = (one.locator.page - 1, *cross(one.rect, one.locator.kind))
    return drawn


def _areas(places: Mapping[str, _Place], guide: Guide, pages: Sequence[Sheet]) -> dict[str, Area]:
    areas = {}
    for key, one in places.items():
        if one.kind is not PlacementKind.TEXT_AREA:
            continue
        page = one.locator.page - 1
        where = frame(one.rect, pages[page].rotate)
        multiline = bool(one.widget and one.widget.flags & MULTILINE)
        field = guide.fields[guide.placements[key].field_id]
        flow = flow_of(one.locator.kind, where, multiline=multiline)
        areas[key] = Area(page, where, flow, field.id, field.title)
    return areas


def _taken(places: Mapping[str, _Place], pages: Sequence[Sheet]) -> dict[int, list[Rect]]:
    taken: dict[int, list[Rect]] = {}
    for one in places.values():
        number = one.locator.page - 1
        sheet = pages[number]
        taken.setdefault(number, []).append(seen(one.rect, sheet))
    return taken


def seen(rect: Rect, sheet: Sheet) -> Rect:
    """A rectangle of default user space in points of the page as the reader sees it."""
    page = frame(sheet.visible, sheet.rotate)
    corners = []
    for x, y in ((rect.x0, rect.y0), (rect.x1, rect.y1)):
        dx, dy = x - page.e, y - page.f
        # The matrix only turns: its inverse is its transpose.
        corners.append((page.a * dx + page.b * dy, page.c * dx + page.d * dy))
    (left, bottom), (right, top) = corners
    return Rect(min(left, right), min(bottom, top), max(left, right), max(bottom, top))
