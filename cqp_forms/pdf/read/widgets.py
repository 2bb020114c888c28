"""What a form's fields show, as a viewer shows them (ISO 32000-2, 12.7)."""

from __future__ import annotations

from typing import TypeGuard

import pikepdf
from pikepdf import Dictionary, Name, Object

from cqp_forms.mapping import PdfLocator
from cqp_forms.pdf.widgets import Widget, by_name, widget_for, widgets_of
from cqp_forms.shown import Mark


class FormFields:
    """The widgets of a document by the full name of their field; none when it has no form."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._data: dict[tuple[int, int], bytes] = {}
        has_form = isinstance(pdf.Root.get("/AcroForm"), Dictionary)
        self._widgets = by_name(widgets_of(pdf)) if has_form else {}

    def find(self, locator: PdfLocator) -> Widget | None:
        """The widget that a locator means: of its name, at its place."""
        return widget_for(locator, self._widgets)

    def tick_of(self, widget: Widget) -> Mark:
        """Whether a check box or radio button is on; in doubt when its parts disagree.

        What shows is the appearance that /AS names; the field's /V must say the same (12.7.5.2.3),
        and the appearance must exist.
        """
        shows, value = widget.annotation.get("/AS"), widget.value
        looks = widget.states
        if not _is_on(shows):
            # Meant for another of the field's buttons, unless this one has such a state.
            mine = _is_on(value) and (looks is None or value in looks)
            return Mark.DOUBTFUL if mine else Mark.OFF
        same = _is_on(value) and value.unparse() == shows.unparse()
        if looks is None or not widget.shows or not same:
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
