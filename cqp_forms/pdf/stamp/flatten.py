"""The empty state of a blank: its form made flat, and no box ticked.

What fields show becomes page content, and only signature fields are left. A tick box gives the
appearance of its Off state when it is to be filled (ISO 32000-2, 12.7.5.2.3), a text field its
frame: its default value, or a prompt, is drawn where nothing is answered. Where there is no
appearance, /MK and /BS say what to draw (12.5.6.19, 12.5.4). A drawn box that is ticked is refused:
its mark is print, which nothing takes away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from cqp_forms.errors import DocumentError
from cqp_forms.mapping import PdfKind, PdfLocator, Rect
from cqp_forms.pdf.geometry import View, appearance_matrix, number
from cqp_forms.pdf.stamp.overlay import written
from cqp_forms.pdf.widgets import Widget, annotations_of

#: Annotation flag « Print » (table 167).
_PRINT = 4
#: The operators of 8.6.8 that take so many numbers.
_COLOURS = {1: "g", 3: "rg", 4: "k"}
#: The operators that show text (9.4.3).
_SHOWS = "Tj TJ ' \""


@dataclass
class Flattener:
    """Draws what widgets show, each drawing once however many widgets it serves."""

    pdf: pikepdf.Pdf
    drawn: dict[int, list[str]] = field(default_factory=dict)
    _same: dict[bytes, Object] = field(default_factory=dict)

    def flatten(self, found: Sequence[Widget], mapped: Collection[int]) -> Mapping[int, str]:
        """Take all widgets off the pages.

        Args:
            found: all widgets.
            mapped: the rank of those that a placement fills: they lose what they hold.

        Returns:
            What to draw in their stead: content operators, by page from 0.
        """
        form = self.pdf.Root.get(Name.AcroForm)
        default = form.get(Name.DR) if isinstance(form, Dictionary) else None
        for rank, widget in enumerate(found):
            if widget.shows and widget.kind != "/Sig":
                self._draw(widget, default, keep_value=rank not in mapped)
        for page in self.pdf.pages:
            _take_off(page.obj)
        if Name.AcroForm in self.pdf.Root:
            del self.pdf.Root[Name.AcroForm]
        _forget_structure(self.pdf)
        return {page: "".join(parts) for page, parts in self.drawn.items()}

    def _draw(self, widget: Widget, default: Object | None, *, keep_value: bool) -> None:
        form = frame_form(self.pdf, widget, keep_value=keep_value)
        if form is None:
            return
        if Name.Resources not in form and default is not None:
            form.Resources = default
        looks = form.stream_dict.unparse(resolved=True) + form.read_raw_bytes()
        form = self._same.setdefault(looks, form)
        page = widget.page - 1
        drawn = self.pdf.pages[page].obj.Resources.XObject
        name = f"/CqpW{form.objgen[0]}" if form.is_indirect else f"/CqpV{len(drawn)}"
        drawn[Name(name)] = form
        placed = f"q {placing(form, widget.rect)} cm {name} Do Q\n"
        self.drawn.setdefault(page, []).append(placed)


def frame_form(pdf: pikepdf.Pdf, widget: Widget, *, keep_value: bool) -> Object | None:
    """The form XObject that shows a widget as it is, or emptied; ``None`` when it shows nothing."""
    looks = widget.appearance
    if isinstance(looks, pikepdf.Stream):
        holds = widget.kind in {"/Tx", "/Ch"} and _holds_text(widget, looks)
        return looks if keep_value or not holds else _made(pdf, widget)
    if isinstance(looks, Dictionary):
        state = widget.annotation.get(Name.AS) if keep_value else Name.Off
        form = looks.get(state if isinstance(state, Name) else Name.Off)
        if isinstance(form, pikepdf.Stream):
            return form
    return _made(pdf, widget)


@dataclass(frozen=True, slots=True)
class Printed:
    """What a text field of the blank shows before anything is answered: it stays until then.

    Attributes:
        text: its value; empty for a prompt that has none.
        looks: the form XObject that shows it, ``None`` when nothing does.
    """

    text: str
    looks: Object | None


def printed_in(pdf: pikepdf.Pdf, widget: Widget) -> Printed | None:
    """What a text field shows, ``None`` when that is nothing, or somebody's answer."""
    looks = widget.appearance
    if not widget.shows or not widget.may_print:
        return None
    if not isinstance(looks, pikepdf.Stream):
        return Printed(widget.text, None) if widget.text.strip() else None
    if not _holds_text(widget, looks):
        return None
    form = pdf.Root.get(Name.AcroForm)
    if Name.Resources not in looks and isinstance(form, Dictionary) and Name.DR in form:
        looks.Resources = form.DR
    return Printed(widget.text, looks)


def _holds_text(widget: Widget, looks: pikepdf.Stream) -> bool:
    """Whether a text field's appearance shows text: its value, or a prompt that has none."""
    if widget.text:
        return True
    try:
        return bool(pikepdf.parse_content_stream(looks, _SHOWS))
    except pikepdf.PdfError:
        return True


def _made(pdf: pikepdf.Pdf, widget: Widget) -> Object | None:
    """The background and border that /MK and /BS ask for, when they ask for any."""
    looks = widget.annotation.get(Name.MK)
    if not isinstance(looks, Dictionary):
        return None
    style = widget.annotation.get(Name.BS, Dictionary())
    width = number(style.get(Name.W, 1)) if isinstance(style, Dictionary) else 1.0
    back, line = _colour(looks.get(Name.BG)), _colour(looks.get(Name.BC))
    wide, high = widget.rect.width, widget.rect.height
    content = f"{back} {written(0, 0, wide, high)} re f\n" if back else ""
    if line and width > 0:
        inner = written(width / 2, width / 2, wide - width, high - width)
        content += f"{line.upper()} {written(width)} w {inner} re S\n"
        content += "".join(
            f"{written(x, 0)} m {written(x, high)} l S\n" for x in _separators(widget)
        )
    return form_xobject(pdf, content, wide, high) if content else None


def _separators(widget: Widget) -> list[float]:
    """Where a comb with a border has the lines between its cells (12.7.5.3)."""
    step = widget.rect.width / widget.cells if widget.cells else 0.0
    return [step * rank for rank in range(1, widget.cells)]


def _colour(value: Object | None) -> str:
    parts = [number(one) for one in value] if isinstance(value, Array) else []
    operator = _COLOURS.get(len(parts))
    return f"{written(*parts)} {operator}" if operator else ""


def form_xobject(
    pdf: pikepdf.Pdf, content: str, width: float, height: float, resources: Object | None = None
) -> Object:
    """A form XObject whose origin is its lower left corner (8.10)."""
    form = pdf.make_stream(content.encode())
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, round(width, 3), round(height, 3)])
    form.Resources = Dictionary() if resources is None else resources
    return form


def placing(form: Object, rect: Rect) -> str:
    """The matrix that brings an appearance's box to a rectangle (12.5.5), as written."""
    form.Type, form.Subtype = Name.XObject, Name.Form
    x, _, _, y, move_x, move_y = appearance_matrix(form, rect)
    scale = f"{x:.5f} 0 0 {y:.5f}" if max(abs(x - 1), abs(y - 1)) > 1e-4 else "1 0 0 1"
    return f"{scale} {written(move_x, move_y)}"


def _take_off(page: Object) -> None:
    kept = [one for one in annotations_of(page) if one.get(Name.Subtype) != Name.Widget]
    if kept:
        page.Annots = Array(kept)
    elif Name.Annots in page:
        del page[Name.Annots]


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


@dataclass(frozen=True, slots=True)
class SignatureSpot:
    """Where somebody signs: page from 0, and a wording for the field's tooltip."""

    page: int
    rect: Rect
    wording: str


def add_signatures(pdf: pikepdf.Pdf, spots: Mapping[str, SignatureSpot]) -> None:
    """Add unsigned signature fields (12.7.5.5) to the document's form, made when it has none.

    A placement's id becomes the field's full name: ``signature.candidat`` is the field ``candidat``
    under ``signature``. Signing one locks every field but these (12.7.5.5, table 236): the others
    can still sign, and nobody can change an answer.
    """
    if not spots:
        return
    lock = pdf.make_indirect(
        Dictionary(
            Type=Name.SigFieldLock,
            Action=Name.Exclude,
            Fields=Array([String(one) for one in spots]),
        )
    )
    if not isinstance(pdf.Root.get(Name.AcroForm), Dictionary):
        pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array()))
    form = pdf.Root.AcroForm
    blank = form_xobject(pdf, "", 1, 1)
    parents: dict[str, Object] = {}
    for identity, spot in spots.items():
        *path, last = identity.split(".")
        page = pdf.pages[spot.page].obj
        rect = spot.rect
        widget = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String(last),
                TU=String(spot.wording),
                F=_PRINT,
                Rect=Array([round(one, 2) for one in (rect.x0, rect.y0, rect.x1, rect.y1)]),
                P=page,
                AP=Dictionary(N=blank),
                Lock=lock,
            )
        )
        _adopt(form, _parent(pdf, form, parents, path), widget)
        if Name.Annots not in page:
            page.Annots = Array()
        page.Annots.append(widget)


def _adopt(form: Object, parent: Object | None, field: Object) -> None:
    """Put a field under its parent, or among the form's own."""
    if parent is None:
        form.Fields.append(field)
    else:
        field.Parent = parent
        parent.Kids.append(field)


def _parent(
    pdf: pikepdf.Pdf, form: Object, made: dict[str, Object], path: list[str]
) -> Object | None:
    """The field that holds those of one prefix, made at first use."""
    parent: Object | None = None
    for depth in range(1, len(path) + 1):
        name = ".".join(path[:depth])
        if name not in made:
            made[name] = pdf.make_indirect(Dictionary(T=String(path[depth - 1]), Kids=Array()))
            _adopt(form, parent, made[name])
        parent = made[name]
    return parent


if TYPE_CHECKING:
    from cqp_forms.pdf.raster import Picture

#: Pixels a point.
_SCALE = 3.0
#: How far from the box's edge its own frame may reach, of its smaller side.
_INSET = 0.28
#: Grey levels apart from the paper around that count as ink.
_CONTRAST = 90
#: The part of the inside that ink must cover to be a mark.
_INKED = 0.06
#: In a cell, this many square points of ink are one.
_CELL_INK = 5.0
#: Grey levels between the paper around a box and the lightest inside that make it solid ink.
_SOLID = 140


def refuse_ticked(
    document: bytes, name: str, boxes: Mapping[str, PdfLocator], views: Sequence[View]
) -> None:
    """Look at the drawn boxes of a blank as they are seen.

    Args:
        name: the blank's file name, for messages.
        boxes: the tick boxes that no form field carries, by placement.

    Raises:
        DocumentError: one is ticked, naming it and its page.
    """
    if not boxes:
        return
    from cqp_forms.pdf.raster import Raster, RenderedParts

    with Raster(document) as pages:
        # One page at a time: a picture of this size takes thirty megabytes.
        for number, view in enumerate(views):
            here = {key: one for key, one in boxes.items() if one.page == number + 1}
            if not here:
                continue
            picture = pages.picture(number, _SCALE, RenderedParts.CONTENT)
            for key, one in here.items():
                if _is_marked(picture, view.rect(one.rect), one.kind):
                    raise DocumentError(
                        f"la case « {key} » est déjà cochée dans le document vierge.",
                        where=f"{name}, page {one.page}",
                        remedy="Partez d’un exemplaire vierge de ce document.",
                    )


def _is_marked(page: Picture, rect: Rect, kind: PdfKind) -> bool:
    """Whether there is a mark inside a box, its frame left out."""
    side = min(rect.width, rect.height)
    levels = _levels(page, rect, -_INSET * side)
    total = sum(levels)
    if not total:
        return False
    paper = _lightest(levels)
    inked = sum(levels[: max(0, paper - _CONTRAST)])
    if kind is PdfKind.CELL:
        # A cell may be wide, and shaded; a cross in it is as large as elsewhere.
        return inked > min(_INKED * total, _CELL_INK * page.scale**2)
    around = _lightest(_levels(page, rect, 0.4 * side))
    return inked > _INKED * total or around - paper > _SOLID


def _levels(page: Picture, rect: Rect, grown: float) -> list[int]:
    """How many pixels of each grey a rectangle has, made larger by so many points a side."""
    box = Rect(rect.x0 - grown, rect.y0 - grown, rect.x1 + grown, rect.y1 + grown)
    return page.image.crop(page.box(box)).convert("L").histogram()


def _lightest(levels: Sequence[int]) -> int:
    return max((level for level, count in enumerate(levels) if count), default=0)
