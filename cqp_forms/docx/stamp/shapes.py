"""Text boxes and drawn squares, in both renderings that a document holds of them.

A shape stands in ``mc:AlternateContent`` as DrawingML (``mc:Choice``) and as VML (``mc:Fallback``);
which one is shown depends on the program, so that both say the same (ECMA-376-3, 10.2.1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.stamp.runs import Target, make, run_like, text_element
from cqp_forms.docx.stamp.template import Marks
from cqp_forms.docx.stamp.text import CROSS, fill_blocks

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_SHAPES = (f"{{{wml.WPS}}}wsp", *(f"{{{wml.V}}}{one}" for one in ("rect", "shape", "roundrect")))


def stamp_text_box(target: Target, marks: Marks) -> None:
    """The same text in every rendering of the box."""
    if target.ticks:
        raise target.unfit("une zone de texte n’est pas une case à cocher")
    element = target.element
    content = element if wml.is_word(element, "txbxContent") else _content(element)
    if content is None:
        raise target.unfit("ce n’est pas une zone de texte")
    for one in _renderings(content, lambda branch: list(wml.all_words(branch, "txbxContent"))):
        fill_blocks(target, one, list(one), marks)


def stamp_drawing(target: Target, marks: Marks) -> None:
    """An X inside a drawn square, or text inside a drawn frame."""
    if target.element.tag not in _SHAPES:
        raise target.unfit("ce n’est pas un rectangle dessiné")
    for shape in _renderings(target.element, lambda branch: list(branch.iter(*_SHAPES))):
        content = _content(shape)
        if content is not None:
            fill_blocks(target, content, list(content), marks)
        elif shape.tag == _SHAPES[0]:
            _drawn(target, shape, marks)
        else:
            _vml(target, shape, marks)


def _content(element: Element) -> Element | None:
    return next(wml.all_words(element, "txbxContent"), None)


def _renderings(element: Element, listed: Callable[[Element], list[Element]]) -> list[Element]:
    """The element and its twins in the other branches, told by their rank in their branch."""
    branch = element
    while branch is not None and branch.tag not in (
        f"{{{wml.MC}}}Choice",
        f"{{{wml.MC}}}Fallback",
    ):
        parent = branch.getparent()
        if parent is None:
            return [element]
        branch = parent
    alternatives = branch.getparent()
    if alternatives is None:
        return [element]
    rank = listed(branch).index(element)
    twins = [listed(one) for one in alternatives]
    return [one[rank] for one in twins if len(one) > rank]


def _cross(target: Target, like: Element, size: int) -> tuple[Element, Element, Element | None]:
    """A ``w:txbxContent`` with the mark, centred, without spacing."""
    spacing = make(like, "spacing", before="0", after="0", line="240", lineRule="auto")
    properties = make(like, "pPr", spacing, make(like, "jc", val="center"))
    look = make(like, "rPr", make(like, "sz", val=str(size))) if target.ticks else None
    run = run_like(like, look, *([text_element(like, CROSS)] if target.ticks else []))
    content = make(like, "txbxContent", make(like, "p", properties, run))
    return content, run, None if target.ticks else run


def _drawn(target: Target, shape: Element, marks: Marks) -> None:
    body = next((one for one in shape if wml.local(one) == "bodyPr"), None)
    if body is None:
        raise target.unfit("le rectangle dessiné est incomplet")
    for side in ("lIns", "tIns", "rIns", "bIns"):
        body.set(side, "0")
    body.set("anchor", "ctr")
    extent = next((one for one in shape.iter() if wml.local(one) == "ext" and one.get("cy")), None)
    height = int(extent.get("cy", "0")) / 12_700 if extent is not None else 0
    content, _, text = _cross(target, shape, _size(height))
    # Before the body's properties, in the schema's order ([MS-ODRAWXML], CT_WordprocessingShape).
    box = etree.Element(f"{{{wml.WPS}}}txbx")
    box.append(content)
    marks.fork(target.key, shape, shape.index(body), [], [box], text)


def _size(height: float) -> int:
    """The mark's size in half points, for a square of so many points."""
    return max(8, min(28, round(height * 1.5))) if height else 18


def _vml(target: Target, shape: Element, marks: Marks) -> None:
    content, _, text = _cross(target, shape, 14)
    box = etree.Element(f"{{{wml.V}}}textbox")
    box.set("inset", "0,0,0,0")
    box.append(content)
    marks.fork(target.key, shape, len(shape), [], [box], text)
