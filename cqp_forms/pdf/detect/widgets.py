"""The form's fields that a person can fill: tick boxes, texts, choices and signatures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import Name

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.geometry import inherited
from cqp_forms.pdf.widgets import MULTILINE, PUSH_BUTTON, Widget, text_of, widgets_of
from cqp_forms.shown import Mark

_TALL = 30.0  # a text field taller than this, in points, takes several lines whatever its flag


@dataclass(frozen=True, slots=True)
class Fillable:
    """A widget that a person can fill; usable when the document is closed.

    Attributes:
        page: from 1.
        rect: in default user space.
        name: the field's full name, empty when no one gave it any.
        index: its rank among the field's widgets.
        on_state: with its slash; empty when the document does not tell.
        tooltip: ``/TU``.
        items: of a list that takes nothing else, as they are shown.
    """

    page: int
    rect: Rect
    kind: PlacementKind
    name: str
    index: int
    on_state: str = ""
    state: Mark = Mark.OFF
    text: str = ""
    multiline: bool = False
    tooltip: str = ""
    items: tuple[str, ...] = ()


@dataclass(slots=True)
class Spot:
    """A box or an area; its label is found after its place.

    Attributes:
        page: from 1.
        rect: upright.
        carrier: what carries it.
        group: the question that the box is an option of; empty when it stands for itself.
        option: its own wording in its group, where that is no column's caption.
        words: which printed phrases name it, as rectangles: they are no titles.
        cells: see :class:`PdfLocator`.
        rounded: whether it is printed as a circle.
    """

    page: int
    rect: Rect
    kind: PlacementKind
    carrier: PdfKind
    label: str = ""
    column: str = ""
    heading: str = ""
    state: Mark = Mark.OFF
    text: str = ""
    multiline: bool = False
    group: str = ""
    option: str = ""
    doubt: str = ""
    unfillable: str = ""
    widget: Fillable | None = None
    words: tuple[Rect, ...] = ()
    cells: tuple[float, ...] = ()
    rounded: bool = False


def fillable(pdf: pikepdf.Pdf) -> list[Fillable]:
    """What can be filled, page by page, in the order of the annotations."""
    return [one for widget in widgets_of(pdf) for one in _fillable(widget)]


def _fillable(one: Widget) -> Iterator[Fillable]:
    if not one.shows or one.rect.width <= 1 or one.rect.height <= 1:
        return
    tooltip = text_of(inherited(one.annotation, "/TU"))
    match one.kind:
        case "/Btn" if not one.flags & PUSH_BUTTON:
            yield Fillable(
                one.page, one.rect, PlacementKind.TICK_BOX, one.name, one.index, one.on_state,
                _state(one), tooltip=tooltip,
            )  # fmt: skip
        case "/Tx" | "/Ch":
            several = one.flags & MULTILINE or one.rect.height > _TALL
            yield Fillable(
                one.page, one.rect, PlacementKind.TEXT_AREA, one.name, one.index, text=one.text,
                multiline=one.kind == "/Tx" and bool(several), tooltip=tooltip,
                items=tuple(shown for _, shown in one.options if one.closed and shown.strip()),
            )  # fmt: skip
        case "/Sig":
            area = PlacementKind.SIGNATURE_AREA
            yield Fillable(one.page, one.rect, area, one.name, one.index, tooltip=tooltip)


def _state(one: Widget) -> Mark:
    shown = one.annotation.get("/AS", one.value)
    return Mark.ON if isinstance(shown, Name) and str(shown) == one.on_state else Mark.OFF
