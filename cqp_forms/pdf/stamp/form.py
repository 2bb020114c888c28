"""Keep the form, filled: values and appearances agree, and each appearance is written by us.

ISO 32000-2, 12.7.4.3 and 12.7.5: no /NeedAppearances, so that every viewer shows the same; the
on-state is the widget's own; a check box's /V and the /AS of its widgets say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.stamp.areas import Setting, box_of, draw, local
from cqp_forms.pdf.stamp.base import common_font, slot
from cqp_forms.pdf.stamp.flat import appearance_matrix, frame_form
from cqp_forms.pdf.stamp.ink import INK, Used, cross, state
from cqp_forms.pdf.stamp.objects import SLOT, Assembly, Base, numbers, stream, text_string
from cqp_forms.pdf.widgets import Widget, state_name

#: Stand in a slot's template for the value and for the appearance state.
_VALUE = b"/CqpValue"
_STATE = b"/CqpState"

_DEFAULT_ON = "/Oui"
_FONT = "CqpRegularlatin"


@dataclass(frozen=True, slots=True)
class Live:
    """A widget kept in the form.

    Attributes:
        widget: the widget's slot.
        field: the slot of the dictionary that holds the value; the same when they are one.
        look: the slot of a text's appearance; empty for tick boxes.
        state: a tick box's on-state, as written.
    """

    widget: str
    field: str
    look: str = ""
    state: bytes = b""


def keep_form(
    pdf: pikepdf.Pdf, ticks: Mapping[str, Widget], texts: Mapping[str, Widget]
) -> dict[str, Live]:
    """Prepare the form for filling: every mapped widget becomes a slot.

    Args:
        ticks: the widgets of tick boxes, by placement id; texts: those of areas.
    """
    form = pdf.Root.AcroForm
    if Name.NeedAppearances in form:
        del form[Name.NeedAppearances]
    _offer_font(pdf, form)
    fields: dict[tuple[int, int], str] = {}
    live: dict[str, Live] = {}
    for rank, (placement, widget) in enumerate(ticks.items()):
        live[placement] = _keep_tick(pdf, widget, f"tick{rank}", fields)
    for rank, (placement, widget) in enumerate(texts.items()):
        live[placement] = _keep_text(pdf, widget, f"text{rank}", fields)
    return live


def _offer_font(pdf: pikepdf.Pdf, form: Object) -> None:
    """Make our font one of the form's, for viewers that set a field's text anew."""
    if not isinstance(form.get(Name.DR), Dictionary):
        form.DR = Dictionary()
    if not isinstance(form.DR.get(Name.Font), Dictionary):
        form.DR.Font = Dictionary()
    form.DR.Font[Name("/" + _FONT)] = common_font(pdf)
    if Name.DA not in form:
        form.DA = String(f"/{_FONT} 10 Tf {INK} rg")


def _keep_tick(
    pdf: pikepdf.Pdf, widget: Widget, name: str, fields: dict[tuple[int, int], str]
) -> Live:
    on = widget.on_state or _DEFAULT_ON
    frame = frame_form(pdf, widget, keep_value=False)
    annotation = widget.annotation
    box = Rect(0, 0, widget.rect.width, widget.rect.height)
    width, mark = cross(box, PdfKind.WIDGET)
    off_look = _look(pdf, widget, frame, "")
    on_look = _look(pdf, widget, frame, state(width) + mark)
    looks = Dictionary(Off=off_look)
    looks[state_name(on)] = on_look
    annotation.AP = Dictionary(N=looks)
    annotation.AS = Name(_STATE.decode())
    annotation[Name(SLOT)] = Name("/" + name)
    return Live(name, _hold(widget, name, fields), state=state_name(on).unparse())


def _look(pdf: pikepdf.Pdf, widget: Widget, frame: Object | None, mark: str) -> Object:
    resources = Dictionary()
    content = ""
    if frame is not None:
        resources = Dictionary(XObject=Dictionary(Frame=frame))
        box = Rect(0, 0, widget.rect.width, widget.rect.height)
        content = f"q {appearance_matrix(frame, box)} cm /Frame Do Q\n"
    form = pdf.make_stream((content + mark).encode())
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, round(widget.rect.width, 3), round(widget.rect.height, 3)])
    form.Resources = resources
    return form


def _keep_text(
    pdf: pikepdf.Pdf, widget: Widget, name: str, fields: dict[tuple[int, int], str]
) -> Live:
    annotation, field = widget.annotation, widget.field
    # A limit on the length, or a rich text that says something else, would contradict the value.
    for key in (Name.MaxLen, Name.RV, Name.I, Name.TI):
        for node in (annotation, field):
            if key in node:
                del node[key]
    look = name + "look"
    frame = frame_form(pdf, widget, keep_value=False)
    held = slot(pdf, look)
    if frame is not None:
        held.Resources = Dictionary(XObject=Dictionary(Frame=_look(pdf, widget, frame, "")))
    annotation.AP = Dictionary(N=held)
    annotation[Name(SLOT)] = Name("/" + name)
    return Live(name, _hold(widget, name, fields), look=look)


def _hold(widget: Widget, name: str, fields: dict[tuple[int, int], str]) -> str:
    """Make the dictionary that holds the value a slot; gives its name."""
    field = widget.field
    if field.objgen == widget.annotation.objgen:
        field.V = Name(_VALUE.decode())
        return name
    if Name.V in widget.annotation:
        del widget.annotation[Name.V]
    if field.objgen not in fields:
        fields[field.objgen] = name + "field"
        field[Name(SLOT)] = Name(f"/{name}field")
        field.V = Name(_VALUE.decode())
    return fields[field.objgen]


def fill_ticks(assembly: Assembly, base: Base, boxes: Sequence[tuple[Live, bool]]) -> None:
    """Write the tick boxes' widgets and fields."""
    values: dict[str, bytes] = {}
    for live, ticked in boxes:
        if ticked:
            values[live.field] = live.state
    for live, ticked in boxes:
        body = base.templates[live.widget].replace(_STATE, live.state if ticked else b"/Off")
        assembly.fill(live.widget, body.replace(_VALUE, values.get(live.field, b"/Off")))
        if live.field != live.widget:
            body = base.templates[live.field].replace(_VALUE, values.get(live.field, b"/Off"))
            assembly.fill(live.field, body)


def fill_text(
    assembly: Assembly,
    base: Base,
    live: Live,
    text: str,
    setting: Setting,
    annex_page: int,
    used: Used,
) -> None:
    """Write a text's widget, field and appearance; the value is whole, whatever is shown of it."""
    value = text_string(text)
    assembly.fill(live.widget, base.templates[live.widget].replace(_VALUE, value))
    if live.field != live.widget:
        assembly.fill(live.field, base.templates[live.field].replace(_VALUE, value))
    box = box_of(setting.area)
    where = local(setting.area)
    template = base.templates[live.look]
    framed = b"/XObject" in template
    shown = draw(setting, where, annex_page, used)
    content = ("/Frame Do\n" if framed else "") + f"/Tx BMC\nq\n{state(1)}{shown}Q\nEMC\n"
    # Marked content of its own kind may not nest in /Tx for all viewers: it does by 14.6.1.
    entries = b"/Type /XObject /Subtype /Form /BBox [%s] /Resources %s" % (
        numbers(0, 0, box.width, box.height).encode(),
        _resources(template, base),
    )
    assembly.fill(live.look, stream(content.encode(), entries))


def _resources(template: bytes, base: Base) -> bytes:
    """The appearance's resources: the frame's, when it has one, and the fonts."""
    fonts = b"/Font %d 0 R" % base.slots["fonts"]
    start = template.find(b"/XObject")
    if start < 0:
        return b"<< %s >>" % fonts
    frame = template[start : template.index(b">>", start) + 2]
    return b"<< %s %s >>" % (fonts, frame)
