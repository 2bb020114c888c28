"""Keep the form, filled: values and appearances agree, and each appearance is written by us.

ISO 32000-2, 12.7.4.3 and 12.7.5: no /NeedAppearances, so that every viewer shows the same; the
on-state is the widget's own; a check box's /V and the /AS of its widgets say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.geometry import chain
from cqp_forms.pdf.stamp.flatten import Printed, form_xobject, frame_form, placing
from cqp_forms.pdf.stamp.overlay import (
    INK,
    FontUsage,
    Frame,
    StampResources,
    cross,
    resource_name,
    state,
)
from cqp_forms.pdf.stamp.text import Area, Flow, Setting, draw
from cqp_forms.pdf.widgets import COMB, Widget, state_name

_DEFAULT_ON = "/Oui"
#: What limits a value, or says another than /V does (12.7.4.3, 12.7.5.3 and 12.7.5.4).
_CONTRADICTS = (Name.MaxLen, Name.RV, Name.I, Name.TI)


@dataclass(frozen=True, slots=True)
class TickField:
    """A tick box that stays in the form.

    Attributes:
        field: the dictionary that holds the value: the widget itself, or its parent.
        on: the widget's own on-state.
    """

    annotation: Object
    field: Object
    on: Name


@dataclass(frozen=True, slots=True)
class TextField:
    """A text field that stays in the form.

    Attributes:
        field: the dictionary that holds the value: the widget itself, or its parent.
        appearance: the form XObject that shows the text.
        framed: whether that shows the field's own frame first.
        printed: what the blank shows there, if anything.
        flags: the field's.
    """

    field: Object
    appearance: Object
    framed: bool
    printed: Printed | None
    flags: int


@dataclass(frozen=True)
class LiveForm:
    """The fields that stay, by placement."""

    ticks: Mapping[str, TickField]
    texts: Mapping[str, TextField]

    def handles(self) -> list[Object]:
        """Their objects, in an order that :meth:`moved` knows."""
        ticks = [part for one in self.ticks.values() for part in (one.annotation, one.field)]
        return ticks + [part for one in self.texts.values() for part in (one.field, one.appearance)]

    def moved(self, handles: Iterator[Object]) -> LiveForm:
        """The same fields in the same document, saved and opened again."""
        return LiveForm(
            {
                key: replace(one, annotation=next(handles), field=next(handles))
                for key, one in self.ticks.items()
            },
            {
                key: replace(one, field=next(handles), appearance=next(handles))
                for key, one in self.texts.items()
            },
        )


def keep_form(
    pdf: pikepdf.Pdf,
    stamped: StampResources,
    found: Sequence[Widget],
    ticks: Mapping[str, Widget],
    texts: Mapping[str, Widget],
    printed: Mapping[str, Printed],
) -> LiveForm:
    """Prepare the form for filling.

    Args:
        found: all widgets of the document.
        ticks: the widgets of tick boxes, by placement id; texts: those of areas.
        printed: what areas show before anything is answered.
    """
    _complete_form(pdf, stamped, found)
    return LiveForm(
        {key: _keep_tick(pdf, one) for key, one in ticks.items()},
        {key: _keep_text(pdf, stamped, one, printed.get(key)) for key, one in texts.items()},
    )


def _complete_form(pdf: pikepdf.Pdf, stamped: StampResources, found: Sequence[Widget]) -> None:
    """List all fields, and offer our font to viewers that set a field's text anew."""
    if not isinstance(pdf.Root.get(Name.AcroForm), Dictionary):
        pdf.Root.AcroForm = pdf.make_indirect(Dictionary())
    form = pdf.Root.AcroForm
    fields = form.get(Name.Fields)
    listed = list(fields) if isinstance(fields, Array) else []
    tops = {one.objgen: one for one in listed if isinstance(one, Dictionary)}
    for one in found:
        *_, top = chain(one.annotation)
        if top.is_indirect:
            tops.setdefault(top.objgen, top)
    form.Fields = Array(tops.values())
    if Name.NeedAppearances in form:
        del form[Name.NeedAppearances]
    if not isinstance(form.get(Name.DR), Dictionary):
        form.DR = Dictionary()
    if not isinstance(form.DR.get(Name.Font), Dictionary):
        form.DR.Font = Dictionary()
    name = "/" + resource_name(stamped.common)
    form.DR.Font[Name(name)] = stamped.font(stamped.common)
    if Name.DA not in form:
        form.DA = String(f"{name} 10 Tf {INK} rg")


def _keep_tick(pdf: pikepdf.Pdf, widget: Widget) -> TickField:
    on = state_name(widget.on_state or _DEFAULT_ON)
    frame = frame_form(pdf, widget, keep_value=False)
    width, mark = cross(_local(widget), PdfKind.WIDGET)
    looks = Dictionary(Off=_framed(pdf, widget, frame, ""))
    looks[on] = _framed(pdf, widget, frame, state(width) + mark)
    widget.annotation.AP = Dictionary(N=looks)
    _hold(widget)
    return TickField(widget.annotation, widget.field, on)


def _keep_text(
    pdf: pikepdf.Pdf, stamped: StampResources, widget: Widget, printed: Printed | None
) -> TextField:
    for key in _CONTRADICTS:
        for node in (widget.annotation, widget.field):
            if key in node:
                del node[key]
    frame = frame_form(pdf, widget, keep_value=False)
    resources, forms = Dictionary(Font=stamped.fonts), Dictionary()
    if frame is not None:
        forms.Frame = _framed(pdf, widget, frame, "")
    if printed is not None and printed.looks is not None:
        forms.Printed = _framed(pdf, widget, printed.looks, "")
    if forms.keys():
        resources.XObject = forms
    appearance = form_xobject(pdf, "", widget.rect.width, widget.rect.height, resources)
    widget.annotation.AP = Dictionary(N=appearance)
    _hold(widget)
    return TextField(widget.field, appearance, frame is not None, printed, widget.flags)


def _local(widget: Widget) -> Rect:
    return Rect(0, 0, widget.rect.width, widget.rect.height)


def _framed(pdf: pikepdf.Pdf, widget: Widget, frame: Object | None, mark: str) -> Object:
    """An appearance: the widget's own frame, and a mark in it."""
    resources, content = Dictionary(), ""
    if frame is not None:
        resources = Dictionary(XObject=Dictionary(Frame=frame))
        content = f"q {placing(frame, _local(widget))} cm /Frame Do Q\n"
    return form_xobject(pdf, content + mark, widget.rect.width, widget.rect.height, resources)


def _hold(widget: Widget) -> None:
    """Let only the field hold a value."""
    if Name.V in widget.annotation:
        del widget.annotation[Name.V]


def fill_ticks(boxes: Sequence[tuple[TickField, bool]]) -> None:
    """Write the states of tick boxes and the values of their fields."""
    for live, _ in boxes:
        live.field.V = Name.Off
    for live, ticked in boxes:
        live.annotation.AS = live.on if ticked else Name.Off
        if ticked:
            live.field.V = live.on


def fill_text(
    live: TextField, text: str, setting: Setting, annex_page: int, usage: FontUsage
) -> bytes:
    """Write a text's value, whole whatever is shown of it; without text, what the blank has.

    Returns:
        The content of its appearance.
    """
    kept = live.printed if not text else None
    live.field.V = String(kept.text if kept else text)
    cells = len(setting.area.cells)
    if cells:
        # Running text over the cells is no comb, and its length no longer limited by them.
        comb = setting.flow is Flow.COMB
        live.field.Ff = live.flags if comb else live.flags & ~COMB
        live.field.MaxLen = cells if comb else len(text)
    if kept and kept.looks is not None:
        return b"/Tx BMC\nq\n/Printed Do\nQ\nEMC\n"
    shown = draw(setting, _local_frame(setting.area), annex_page, usage)
    # Marked content of its own kind may nest in /Tx (14.6.1).
    frame = "/Frame Do\n" if live.framed else ""
    return f"{frame}/Tx BMC\nq\n{state(1)}{shown}Q\nEMC\n".encode()


def _local_frame(area: Area) -> Frame:
    """The area's frame in the space of its own appearance, whose origin is the widget's corner."""
    where, box = area.frame, area.frame.whole
    return Frame(
        where.a,
        where.b,
        where.c,
        where.d,
        where.e - box.x0,
        where.f - box.y0,
        where.width,
        where.height,
    )
