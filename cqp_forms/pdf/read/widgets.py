"""Read a form's fields, as a viewer shows them (ISO 32000-2, 12.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

import pikepdf
from pikepdf import Dictionary, Name, Object

from cqp_forms.mapping import PdfLocator
from cqp_forms.pdf.read.store import entry
from cqp_forms.shown import Mark

_DEPTH = 32
_WIDGET = Name.Widget
_UNSEEN = (1 << 1) | (1 << 5)


@dataclass(frozen=True, slots=True)
class FormWidget:
    """A widget with what its field says.

    Attributes:
        page: from 1.
        centre: of its rectangle, in points.
        value: the field's /V, inherited, ``None`` when absent.
    """

    page: int
    centre: tuple[float, float]
    annotation: Object
    value: Object | None


class FormFields:
    """The widgets of a document by the full name of their field; none when it has no form."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._widgets: dict[str, list[FormWidget]] = {}
        self._data: dict[tuple[int, int], bytes] = {}
        if not isinstance(pdf.Root.get("/AcroForm"), Dictionary):
            return
        for number, page in enumerate(pdf.pages, start=1):
            for annotation in entry(page.obj, "/Annots") or ():
                if isinstance(annotation, Dictionary) and annotation.get("/Subtype") == _WIDGET:
                    name, value = _field(annotation)
                    widget = FormWidget(number, _centre(annotation), annotation, value)
                    self._widgets.setdefault(name, []).append(widget)

    def find(self, locator: PdfLocator) -> FormWidget | None:
        """The widget that a locator means: of its name, at its place."""
        return next(
            (
                one
                for one in self._widgets.get(locator.name, ())
                if one.page == locator.page and locator.rect.contains(*one.centre, slack=1.0)
            ),
            None,
        )

    def tick_of(self, widget: FormWidget) -> Mark:
        """Whether a check box or radio button is on; in doubt when its parts disagree.

        What shows is the appearance that /AS names; the field's /V must say the same (12.7.5.2.3),
        and the appearance must exist.
        """
        annotation = widget.annotation
        shows, value = annotation.get("/AS"), widget.value
        looks = _looks(annotation)
        if not _is_on(shows):
            # Meant for another of the field's buttons, unless this one has such a state.
            mine = _is_on(value) and (looks is None or value in looks)
            return Mark.DOUBTFUL if mine else Mark.OFF
        unseen = int(annotation.get("/F", 0)) & _UNSEEN
        if looks is None or unseen or not _is_on(value) or value.unparse() != shows.unparse():
            return Mark.DOUBTFUL
        shown, plain = self._bytes(looks.get(shows)), self._bytes(looks.get("/Off"))
        return Mark.ON if shown and shown != plain else Mark.DOUBTFUL

    def _bytes(self, look: Object | None) -> bytes:
        if not isinstance(look, pikepdf.Stream):
            return b""
        known = self._data.get(look.objgen)
        if known is None:
            known = self._data[look.objgen] = look.read_raw_bytes()
        return known


def _is_on(state: Object | None) -> TypeGuard[Name]:
    """Whether a state is there and is not Off; told from its bytes, which may be no text."""
    return isinstance(state, Name) and state.unparse() != b"/Off"


def _centre(annotation: Object) -> tuple[float, float]:
    x0, y0, x1, y1 = (float(one) for one in annotation.get("/Rect", [0, 0, 0, 0]))
    return (x0 + x1) / 2, (y0 + y1) / 2


def _field(annotation: Object) -> tuple[str, Object | None]:
    names: list[str] = []
    value: Object | None = None
    node: Object | None = annotation
    for _ in range(_DEPTH):
        if not isinstance(node, Dictionary):
            break
        if "/T" in node:
            names.append(str(node["/T"]))
        if value is None:
            value = entry(node, "/V")
        node = entry(node, "/Parent")
    return ".".join(reversed(names)), value


def _looks(annotation: Object) -> Object | None:
    appearance = annotation.get("/AP")
    states = appearance.get("/N") if isinstance(appearance, Dictionary) else None
    return states if isinstance(states, Dictionary) else None


def value_of(widget: FormWidget) -> str:
    """The text of a field, its lines separated by ``\\n``."""
    value = widget.value
    if isinstance(value, pikepdf.Stream):
        data = value.read_bytes()
        text = str(pikepdf.String(data))
    elif isinstance(value, pikepdf.Array):
        text = "\n".join(str(one) for one in _strings(value))
    else:
        text = "" if value is None else str(value)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _strings(listed: pikepdf.Array) -> Sequence[object]:
    return [one for one in listed if isinstance(one, pikepdf.String)]
