"""Make a form flat: widgets go, what they show of the empty form stays in the page.

A box's frame is often drawn by its widget alone, in the appearance of its Off state (ISO 32000-2,
12.7.5.2.3) or from its /MK entry (12.5.6.19); it is kept as page content. A text field gives its
frame likewise, never its text when the guide has a text to put there.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms.mapping import Rect
from cqp_forms.pdf import geometry
from cqp_forms.pdf.stamp.base import Extras
from cqp_forms.pdf.stamp.objects import numbers
from cqp_forms.pdf.widgets import Widget

#: An operator that shows text (9.4.3); a first look, strings may hold it too.
_SHOWS = re.compile(rb"(?:Tj|TJ|'|\")(?=\s|$)")

_OPERATORS = {1: "g", 3: "rg", 4: "k"}


def flatten(pdf: pikepdf.Pdf, found: list[Widget], mapped: Collection[Widget]) -> Extras:
    """Take all widgets off the pages.

    Args:
        found: all widgets.
        mapped: those that a placement fills: they lose what they hold and keep their frame.

    Returns:
        What to draw on each page in their stead.
    """
    drawn: dict[int, list[str]] = {}
    same: dict[bytes, Object] = {}
    default = _default_resources(pdf)
    emptied = {id(one) for one in mapped}
    for widget in found:
        if not widget.shows or widget.kind == "/Sig":
            continue
        form = frame_form(pdf, widget, keep_value=id(widget) not in emptied)
        if form is None:
            continue
        if Name.Resources not in form and default is not None:
            form.Resources = default
        # A form has hundreds of equal boxes: one drawing serves them all.
        one = same.setdefault(form.stream_dict.unparse(resolved=True) + form.read_raw_bytes(), form)
        drawn.setdefault(widget.page - 1, []).append(_show(pdf, widget, one))
    for page in pdf.pages:
        _take_off(page.obj)
    if Name.AcroForm in pdf.Root:
        del pdf.Root[Name.AcroForm]
    _forget_structure(pdf)
    return lambda number: "".join(drawn.get(number, ())).encode()


def _default_resources(pdf: pikepdf.Pdf) -> Object | None:
    form = pdf.Root.get(Name.AcroForm)
    return form.get(Name.DR) if isinstance(form, Dictionary) else None


def _take_off(page: Object) -> None:
    kept = [
        one
        for one in page.get(Name.Annots, [])
        if not (isinstance(one, Dictionary) and one.get(Name.Subtype) == Name.Widget)
    ]
    if kept:
        page.Annots = Array(kept)
    elif Name.Annots in page:
        del page[Name.Annots]


def frame_form(pdf: pikepdf.Pdf, widget: Widget, *, keep_value: bool) -> Object | None:
    """The form XObject that shows a widget as it is, or emptied; ``None`` when it shows nothing."""
    states = widget.appearance
    if isinstance(states, pikepdf.Stream):
        holds = widget.kind in {"/Tx", "/Ch"} and _holds_text(widget, states)
        return states if keep_value or not holds else _made(pdf, widget)
    if isinstance(states, Dictionary):
        state = widget.annotation.get(Name.AS) if keep_value else Name.Off
        form = states.get(state if isinstance(state, Name) else Name.Off)
        if isinstance(form, pikepdf.Stream):
            return form
    return _made(pdf, widget)


def _holds_text(widget: Widget, look: pikepdf.Stream) -> bool:
    """Whether a text field's appearance shows text: its value, or a prompt that has none."""
    value = widget.field.get(Name.V)
    if value is not None and str(value) != "":
        return True
    try:
        return _SHOWS.search(look.read_bytes()) is not None
    except pikepdf.PdfError:
        return True


def _made(pdf: pikepdf.Pdf, widget: Widget) -> Object | None:
    """The background and border that /MK and /BS ask for, when they ask for any."""
    look = widget.annotation.get(Name.MK)
    if not isinstance(look, Dictionary):
        return None
    style = widget.annotation.get(Name.BS, Dictionary())
    width = float(style.get(Name.W, 1)) if isinstance(style, Dictionary) else 1.0
    back, line = _colour(look.get(Name.BG)), _colour(look.get(Name.BC))
    wide, high = widget.rect.width, widget.rect.height
    content = ""
    if back:
        content += f"{back} {numbers(0, 0, wide, high)} re f\n"
    if line and width > 0:
        inner = numbers(width / 2, width / 2, wide - width, high - width)
        content += f"{line.upper()} {numbers(width)} w {inner} re S\n"
    if not content:
        return None
    form = pdf.make_stream(content.encode())
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, wide, high])
    form.Resources = Dictionary()
    return form


def _colour(value: Object | None) -> str:
    parts = [float(one) for one in value] if isinstance(value, Array) else []
    operator = _OPERATORS.get(len(parts))
    return f"{numbers(*parts)} {operator}" if operator else ""


def _show(pdf: pikepdf.Pdf, widget: Widget, form: Object) -> str:
    """The operators that draw an appearance where its annotation is."""
    drawn = pdf.pages[widget.page - 1].obj.Resources.XObject
    name = f"/CqpW{form.objgen[0]}" if form.is_indirect else f"/CqpV{len(drawn)}"
    drawn[Name(name)] = form
    return f"q {appearance_matrix(form, widget.rect)} cm {name} Do Q\n"


def appearance_matrix(form: Object, rect: Rect) -> str:
    """The matrix that brings an appearance's box to a rectangle (12.5.5), as written."""
    form.Type, form.Subtype = Name.XObject, Name.Form
    x, _, _, y, *move = geometry.appearance_matrix(form, rect)
    scale = f"{x:.5f} 0 0 {y:.5f}" if max(abs(x - 1), abs(y - 1)) > 1e-4 else "1 0 0 1"
    return f"{scale} {numbers(*move)}"


def _forget_structure(pdf: pikepdf.Pdf) -> None:
    """Drop the logical structure's references to annotations (14.7.5.3), which are gone."""
    root = pdf.Root.get(Name.StructTreeRoot)
    stack = [root] if isinstance(root, Dictionary) else []
    seen: set[tuple[int, int]] = set()
    while stack:
        node = stack.pop()
        if node.is_indirect:
            if node.objgen in seen:
                continue
            seen.add(node.objgen)
        kids = node.get(Name.K)
        items = list(kids) if isinstance(kids, Array) else [kids]
        kept = [one for one in items if not _is_widget_reference(one)]
        if len(kept) != len(items):
            node.K = Array(kept)
        stack.extend(one for one in kept if isinstance(one, Dictionary) and Name.K in one)


def _is_widget_reference(item: Object | int | None) -> bool:
    if not isinstance(item, Dictionary) or item.get(Name.Type) != Name.OBJR:
        return False
    target = item.get(Name.Obj)
    return isinstance(target, Dictionary) and target.get(Name.Subtype) == Name.Widget
