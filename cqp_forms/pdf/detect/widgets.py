"""The form's widgets: check boxes, radio buttons, text, choice and signature fields.

Found through the pages' annotations rather than through ``/AcroForm``, which may be absent; what a
widget does not say itself its parents do (ISO 32000-2, 12.7.4.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.model import bounds
from cqp_forms.shown import Mark

_HIDDEN = 0b10 | 0b100000  # annotation flags: hidden, no view (table 167)
_PUSH_BUTTON, _MULTILINE = 1 << 16, 1 << 12  # field flags (tables 229 and 231)
_DEPTH = 64
_TALL = 30.0  # a text field taller than this, in points, takes several lines whatever its flag


@dataclass(frozen=True, slots=True)
class Widget:
    """A widget that a person can fill.

    Attributes:
        page: from 1.
        rect: in default user space.
        name: the field's full name, empty when no one gave it any.
        index: its rank among the field's widgets.
        on_state: with its slash; empty when the document does not tell.
        tooltip: ``/TU``.
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


def widgets_of(pdf: pikepdf.Pdf) -> list[Widget]:
    """The widgets of the document, page by page, in the order of the annotations."""
    found: list[Widget] = []
    ranks: dict[str, int] = {}
    for number, page in enumerate(pdf.pages, start=1):
        read = (_widget(one, number, ranks) for one in _annotations(page))
        found.extend(one for one in read if one is not None)
    return found


def _annotations(page: pikepdf.Page) -> Iterator[pikepdf.Dictionary]:
    listed = page.obj.get("/Annots")
    if not isinstance(listed, pikepdf.Array):
        return
    for one in listed:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Subtype") == "/Widget":
            yield one


def _widget(one: pikepdf.Dictionary, page: int, ranks: dict[str, int]) -> Widget | None:
    rect = _rect(one.get("/Rect"))
    name = _name(one)
    index = _index(one, name, ranks)
    if rect is None or int(_number(one.get("/F"))) & _HIDDEN:
        return None
    tooltip = _text(_inherited(one, "/TU"))
    flags = int(_number(_inherited(one, "/Ff")))
    match str(_inherited(one, "/FT")):
        case "/Btn" if not flags & _PUSH_BUTTON:
            on = _on_state(one)
            return Widget(
                page, rect, PlacementKind.TICK_BOX, name, index, on, _state(one, on),
                tooltip=tooltip,
            )  # fmt: skip
        case "/Tx" | "/Ch" as kind:
            several = kind == "/Tx" and (bool(flags & _MULTILINE) or rect.height > _TALL)
            text = _text(_inherited(one, "/V"))
            return Widget(
                page, rect, PlacementKind.TEXT_AREA, name, index,
                text=text, multiline=several, tooltip=tooltip,
            )  # fmt: skip
        case "/Sig":
            return Widget(page, rect, PlacementKind.SIGNATURE_AREA, name, index, tooltip=tooltip)
    return None


def _chain(one: pikepdf.Dictionary) -> Iterator[pikepdf.Dictionary]:
    """The widget and its ancestors; cycles end."""
    current: Any = one
    for _ in range(_DEPTH):
        if not isinstance(current, pikepdf.Dictionary):
            return
        yield current
        current = current.get("/Parent")


def _inherited(one: pikepdf.Dictionary, key: str) -> Any:
    return next((node[key] for node in _chain(one) if key in node), None)


def _name(one: pikepdf.Dictionary) -> str:
    parts = [_text(node["/T"]) for node in _chain(one) if "/T" in node]
    return ".".join(reversed(parts))


def _index(one: pikepdf.Dictionary, name: str, ranks: dict[str, int]) -> int:
    """The widget's rank among the field's kids, or among the widgets of its name."""
    parent = one.get("/Parent")
    if "/T" not in one and isinstance(parent, pikepdf.Dictionary) and one.is_indirect:
        kids = parent.get("/Kids")
        if isinstance(kids, pikepdf.Array):
            for rank, kid in enumerate(kids):
                if isinstance(kid, pikepdf.Dictionary) and kid.objgen == one.objgen:
                    return rank
    ranks[name] = ranks.get(name, -1) + 1
    return ranks[name]


def _on_state(one: pikepdf.Dictionary) -> str:
    """The appearance that shows the box ticked.

    Without appearances, the state that the widget or the field stands in tells (when it is on), or
    its export value.
    """
    appearances = one.get("/AP")
    if isinstance(appearances, pikepdf.Dictionary):
        for which in ("/N", "/D"):
            states = appearances.get(which)
            if isinstance(states, pikepdf.Dictionary) and not isinstance(states, pikepdf.Stream):
                names = [key for key in states.keys() if key != "/Off"]  # noqa: SIM118
                if names:
                    return names[0]
    for value in (one.get("/AS"), _inherited(one, "/V")):
        if isinstance(value, pikepdf.Name) and value != "/Off":
            return str(value)
    return ""


def _state(one: pikepdf.Dictionary, on: str) -> Mark:
    value = one.get("/AS")
    if value is None:
        value = _inherited(one, "/V")
    if value is None or value == "/Off":
        return Mark.OFF
    return Mark.ON if str(value) == on else Mark.OFF


def _rect(value: Any) -> Rect | None:
    if not isinstance(value, pikepdf.Array) or len(value) != 4:
        return None
    numbers = [_number(one) for one in value]
    box = bounds([(numbers[0], numbers[1]), (numbers[2], numbers[3])])
    return box if box.width > 1 and box.height > 1 else None


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _text(value: Any) -> str:
    """A text string, a choice's list, or a stream (ISO 32000-2, 12.7.5.3)."""
    if isinstance(value, pikepdf.Stream):
        return value.read_bytes().decode("utf-8", "replace")
    if isinstance(value, pikepdf.Array):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, pikepdf.String | pikepdf.Name | str):
        return str(value).removeprefix("/") if isinstance(value, pikepdf.Name) else str(value)
    return ""
