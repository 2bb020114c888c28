"""A table's cell: its wording, the boxes and areas in it, and what it may turn out to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from cqp_forms import ticksigns
from cqp_forms.docx import wml
from cqp_forms.docx.detect.fields import Container, FoundField, PartFields, tidy
from cqp_forms.docx.detect.grid import MAX_LABEL, GridCell
from cqp_forms.docx.detect.inline import all_bold, control_field, inside_words
from cqp_forms.docx.detect.naming import name_box
from cqp_forms.docx.detect.styles import bordered
from cqp_forms.mapping import DocxKind
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: The faces of Wingdings, that Word puts for « :-) ».
_FACES = {0xF04A: "☺", 0xF04B: "😐", 0xF04C: "☹"}
#: Reads what a cell holds.
ReadCell: TypeAlias = "Callable[[Element], Container]"

#: A narrower cell (twentieths of a point) only makes room.
_MIN_WIDTH = 250
_CAPTION = 18  # half points (ECMA-376-1, 17.3.2.38)
#: Word has at most 63 columns; a larger span is a mistake, or malice.
MAX_SPAN = 63
_NOT_EMPTY = frozenset({"drawing", "pict", "object", "tbl", "fldChar", "fldSimple", "sdt"})


def read_cell(
    part: PartFields,
    read: ReadCell,
    tc: Element,
    control: Element | None,
    column: int,
    *,
    framed: bool,
) -> GridCell:
    """Read a cell: its wording, what it holds, and what it may turn out to be.

    Args:
        part: collects what is found.
        read: reads the cell's blocks.
        control: the content control around the cell, if there is one.
        column: its first column on the grid, from 0.
        framed: whether its table draws borders.
    """
    properties = wml.child(tc, "tcPr")
    span = wml.child(properties, "gridSpan") if properties is not None else None
    merge = wml.child(properties, "vMerge") if properties is not None else None
    width = wml.child(properties, "tcW") if properties is not None else None
    cell = GridCell(tc, column, column + min(max(1, wml.whole(wml.value_of(span), 1)), MAX_SPAN))
    cell.merged = merge is not None
    cell.continued = merge is not None and wml.value_of(merge, "continue") != "restart"
    if width is not None and wml.attribute(width, "type") == "dxa":
        cell.narrow = wml.whole(wml.attribute(width, "w") or "", 9999) < _MIN_WIDTH
    cell.framed = framed or bordered(properties, "tcBorders")
    field = control_field(control, part.name) if control is not None else None
    start = len(part.found)
    inner = read(tc)
    if field is not None:
        del part.found[start:]
        part.found.append(field)
        field.heading = part.heading
        if field.ticks:
            name_box(field, tidy(" ".join(inside_words(one) for one in wml.all_words(tc, "p"))), "")
        cell.fields = [field]
        return cell
    cell.text, cell.fields, cell.waiting = inner.text, inner.fields, inner.waiting
    if cell.waiting is not None and not cell.waiting.label.endswith(":"):
        cell.signing, cell.waiting = cell.waiting, None
        cell.signing.kept = False
        cell.fields = [one for one in cell.fields if one is not cell.signing]
    _signs(cell, tc)
    cell.strong = bool(cell.text) and _is_strong(tc, properties)
    _room(cell, inner, part)
    mark = ticksigns.sign(_shown(tc)) is Mark.ON
    if not cell.continued and (mark or not (cell.text or cell.fields or _draws(tc))):
        empty = FoundField(DocxKind.CELL, tc, part.name, False, kept=False)
        empty.state = Mark.ON if mark else Mark.OFF
        empty.heading = part.heading
        part.found.append(empty)
        cell.empty = empty
    return cell


def _signs(cell: GridCell, tc: Element) -> None:
    """A caption without words: « ++ », a face, or a picture of one."""
    if cell.text or cell.fields:
        return
    shown = _shown(tc).translate(_FACES)
    if shown and ticksigns.sign(shown) is None:
        cell.text = shown
        return
    picture = next((one for one in tc.iter() if wml.local(one) == "docPr"), None)
    if picture is not None:
        cell.text = picture.get("descr") or picture.get("title") or picture.get("name") or ""
        cell.doubt = "la légende de la colonne est une image"


def _room(cell: GridCell, inner: Container, part: PartFields) -> None:
    """« Commentaires : » with blank lines under it: the first of them is the area.

    One is enough under a caption in small type.
    """
    waits = inner.waiting is not None and inner.waiting.kept
    enough = 1 if waits or _is_small(cell.element) else 2
    if len(inner.blanks) < enough or not inner.last or not (waits or cell.framed):
        return
    if len(inner.last) > MAX_LABEL or (not waits and len(cell.fields) > 0):
        return
    if inner.waiting is not None:
        inner.waiting.kept = False
    blank = inner.blanks[0]
    field = FoundField(
        DocxKind.PARAGRAPH, blank, part.name, False, label=inner.last, multiline=True
    )
    part.add(field, inner)


def _is_small(tc: Element) -> bool:
    """Whether all that a cell shows is in the type of a caption, 9 points at most."""
    runs = [one for one in wml.all_words(tc, "r") if wml.text_of(one).strip()]
    sizes = [wml.child(look, "sz") for one in runs if (look := wml.child(one, "rPr")) is not None]
    known = [wml.whole(wml.value_of(one), 99) for one in sizes if one is not None]
    return len(known) == len(runs) > 0 and max(known) <= _CAPTION


def _shown(tc: Element) -> str:
    return "".join(wml.text_of(one) for one in wml.all_words(tc, "p")).strip()


def _is_strong(tc: Element, properties: Element | None) -> bool:
    shade = wml.child(properties, "shd") if properties is not None else None
    fill = wml.attribute(shade, "fill") if shade is not None else None
    if fill is not None and fill.casefold() not in ("auto", "ffffff"):
        return True
    return all(all_bold(one) for one in wml.all_words(tc, "p") if wml.text_of(one).strip())


def _draws(tc: Element) -> bool:
    return any(wml.local(one) in _NOT_EMPTY for one in tc.iter())
