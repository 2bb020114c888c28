"""Where a placement without a control of its own is: by path and offset, in both renderings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.mapping import DocxKind

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def renderings(element: Element) -> list[Element]:
    """A shape's content and that of its twin in the other branch of ``mc:AlternateContent``."""
    branch: Element | None = element
    while branch is not None and wml.local(branch) not in ("Choice", "Fallback"):
        branch = branch.getparent()
    alternatives = branch.getparent() if branch is not None else None
    if branch is None or alternatives is None:
        return [element]
    own = list(wml.all_words(branch, "txbxContent"))
    contents = [one for one in own if one is element or element in one.iterancestors()]
    if not contents:
        return [element]
    rank = own.index(contents[0])
    twins = [list(wml.all_words(one, "txbxContent")) for one in alternatives]
    return [one[rank] for one in twins if len(one) > rank]


def rest(paragraph: Element, offset: int, kind: DocxKind) -> list[Element]:
    """The piece of a paragraph at an offset; for a line to write on, all pieces from there."""
    found = []
    for piece in wml.pieces(paragraph):
        if piece.end <= offset:
            continue
        run = piece.element.getparent()
        if kind is DocxKind.GLYPH and run is not None:
            found.append(_single(piece, offset))
            break
        found.append(_single(piece, offset, to_end=True))
    return found


def _single(piece: wml.Piece, offset: int, *, to_end: bool = False) -> Element:
    """A copy of the piece's element that holds its text from an offset."""
    start = max(0, offset - piece.start)
    copy = etree.Element(wml.w("r"))
    text = etree.SubElement(copy, wml.w("t"))
    text.text = piece.text[start:] if to_end else piece.text[start : start + 1]
    run = piece.element.getparent()
    properties = wml.child(run, "rPr") if run is not None else None
    fonts = wml.child(properties, "rFonts") if properties is not None else None
    font = wml.attribute(fonts, "ascii") if fonts is not None else None
    if wml.local(piece.element) == "sym":
        font = wml.attribute(piece.element, "font")
    if font:
        named = etree.SubElement(copy, wml.w("rFonts"))
        named.set(wml.w("ascii"), font)
    return copy


def result(root: Element, begin: Element) -> str:
    """A legacy field's result: between its own « separate » and « end » (17.16.18)."""
    depth, shown = 0, False
    found: list[str] = []
    started = False
    for one in root.iter():
        started = started or one is begin
        if not started:
            continue
        name = wml.local(one)
        if name == "fldChar":
            step = wml.attribute(one, "fldCharType")
            depth += {"begin": 1, "end": -1}.get(step or "", 0)
            shown = shown or (step == "separate" and depth == 1)
            if depth == 0:
                break
        elif shown and name == "t":
            found.append(one.text or "")
        elif shown and name in ("br", "cr"):
            found.append("\n")
        elif shown and name == "tab" and one.getparent() is not None:
            found.append("\t")
    return "".join(found)
