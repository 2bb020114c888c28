"""Drawn rectangles and text boxes: each read once, though a file may hold it in two renderings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.docx import wml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: A tick box is about as wide as high, and no larger than a centimetre (EMU, 914,400 an inch).
_MAX_BOX = 400_000
_MIN_BOX = 45_000
_SQUARE = 1.7
#: A line of text (EMU): 14 points, for letters of 10 to 12.
_LINE = 178_000
_EMU = {"pt": 12_700, "px": 9_525, "in": 914_400, "cm": 360_000, "mm": 36_000, "": 12_700}
_RECTANGLES = frozenset({"rect", "roundRect", "flowChartProcess", "frame"})
_VML = frozenset({"rect", "roundrect", "shape"})
_SIZE = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*([0-9.]+)([a-z]*)")


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle.

    Attributes:
        element: the ``wps:wsp``, or the VML shape.
        content: its ``w:txbxContent``, ``None`` when it takes no text.
        sized: whether its size is a tick box's; ``small``: and its form too.
    """

    element: Element
    content: Element | None
    small: bool
    sized: bool = False


def lines_below(shape: Element) -> int | None:
    """How many lines below its paragraph's first one a floating shape begins.

    Returns:
        0 for one that stands in the text; ``None`` for one that is placed on the page.
    """
    anchor = next((one for one in shape.iterancestors() if wml.local(one) == "anchor"), None)
    position = (
        next((one for one in anchor if wml.local(one) == "positionV"), None)
        if (anchor is not None)
        else None
    )
    if position is None:
        return 0
    offset = next((one.text or "" for one in position if wml.local(one) == "posOffset"), "")
    if position.get("relativeFrom") not in ("paragraph", "line"):
        return None
    return round(int(offset) / _LINE) if offset.isdecimal() else 0


def drawn(shape: Element) -> Iterator[Rectangle]:
    """The rectangles of a drawing; of a choice, those of the rendering that has any."""
    if wml.local(shape) == "AlternateContent":
        for branch in shape:
            if wml.local(branch) in ("Choice", "Fallback"):
                found = list(_inside(branch))
                if found:
                    yield from found
                    return
        return
    yield from _inside(shape)


def closed(shape: Element) -> tuple[str, str]:
    """Why a drawing that may be a tick box cannot be one here, and what tells its like.

    Returns:
        The reason in French, empty for what is no box; and for a picture the part that holds it:
        only one that comes back several times stands for a box.
    """
    if next(wml.all_words(shape, "control"), None) is not None:
        return "contrôle ActiveX", ""
    for one in shape.iter():
        name = wml.local(one)
        if name == "blip" and (extent := _anchor_extent(one)) is not None:
            small = _is_box(_number(extent, "cx"), _number(extent, "cy"))
            return ("image" if small else ""), one.get(f"{{{wml.R}}}embed", "")
        if name == "imagedata":
            frame = one.getparent()
            small = frame is not None and _vml(frame).sized
            return ("image" if small else ""), one.get(f"{{{wml.R}}}id", "")
    return "", ""


def pictures_of(root: Element) -> Counter[str]:
    """How often each small picture of a part is shown."""
    shapes = (one for one in root.iter() if wml.local(one) in ("drawing", "pict", "object"))
    found = (closed(one) for one in shapes)
    return Counter(picture for reason, picture in found if reason and picture)


def _inside(parent: Element) -> Iterator[Rectangle]:
    for one in parent:
        name = wml.local(one)
        if name == "AlternateContent":
            yield from drawn(one)
        elif name == "wsp":
            if (found := _modern(one)) is not None:
                yield found
        elif name in _VML and str(one.tag).startswith(f"{{{wml.V}}}"):
            yield _vml(one)
        elif name and name != "txbxContent":
            yield from _inside(one)


def _modern(shape: Element) -> Rectangle | None:
    content = next((one for one in shape.iter() if wml.is_word(one, "txbxContent")), None)
    geometry = next((one for one in shape.iter() if wml.local(one) == "prstGeom"), None)
    rectangle = geometry is not None and geometry.get("prst") in _RECTANGLES
    if content is None and not rectangle:
        return None
    extent = next((one for one in shape.iter() if wml.local(one) == "ext" and one.get("cx")), None)
    if extent is None:
        extent = _anchor_extent(shape)
    width, height = _number(extent, "cx"), _number(extent, "cy")
    return Rectangle(shape, content, rectangle and _is_box(width, height))


def _anchor_extent(shape: Element) -> Element | None:
    here: Element | None = shape
    while here is not None and wml.local(here) not in ("inline", "anchor"):
        here = here.getparent()
    if here is None:
        return None
    return next((one for one in here if wml.local(one) == "extent"), None)


def _number(element: Element | None, name: str) -> float:
    value = element.get(name, "") if element is not None else ""
    return float(value) if value.isdecimal() else 0.0


def _vml(shape: Element) -> Rectangle:
    content = next((one for one in shape.iter() if wml.is_word(one, "txbxContent")), None)
    sizes = {
        name: float(number) * _EMU.get(unit, 0)
        for name, number, unit in _SIZE.findall(shape.get("style", ""))
        if number.count(".") < 2 and number != "."
    }
    box = _is_box(sizes.get("width", 0.0), sizes.get("height", 0.0))
    return Rectangle(shape, content, box and wml.local(shape) != "shape", box)


def _is_box(width: float, height: float) -> bool:
    if not min(width, height) >= _MIN_BOX or max(width, height) > _MAX_BOX:
        return False
    return max(width, height) <= _SQUARE * min(width, height)
