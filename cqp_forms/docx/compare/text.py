"""The lines that a paragraph shows, for comparing documents that an editor has saved again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.docx import wml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Fields whose result depends on the page (17.16.5): each program puts another one.
_PAGED = ("PAGE", "NUMPAGES", "SECTIONPAGES")
#: What is drawn rather than written.
_DRAWN = ("drawing", "pict", "object")
_DRAWING = "[dessin]"
_STRUCK = "~"
_PALE, _PALE_END = "[pâle : ", "]"
#: The least of a colour's three parts that is not seen on white paper.
_UNSEEN = 0xF0
_HEX = re.compile("[0-9A-Fa-f]{6}")


def lines_of(paragraph: Element, is_pale: Callable[[Element], bool]) -> Iterator[str]:
    """The lines of a paragraph: its text, then what its drawings say.

    Text that a placeholder shows, that a reader does not see (``w:vanish``), and page numbers are
    left out; struck-out text is put between ``~``, and text as pale as paper is called so, as it
    is in a PDF; a drawing without text is named.

    Args:
        is_pale: what :func:`pale_runs` gave.
    """
    if _in_fallback(paragraph) or _is_placeholder(paragraph):
        return
    unseen = set(_page_numbers(paragraph))
    text = ""
    for piece in wml.pieces(paragraph):
        look = _look(piece.element)
        if piece.element in unseen or _is_placeholder(piece.element) or _has(look, "vanish"):
            continue
        struck = _has(look, "strike") or _has(look, "dstrike")
        said = f"{_STRUCK}{piece.text}{_STRUCK}" if struck else piece.text
        run = piece.element.getparent()
        pale = piece.text.strip() and run is not None and is_pale(run)
        text += f"{_PALE}{said}{_PALE_END}" if pale else said
    # Editors cut a run in several, and join several in one.
    yield from text.replace(_STRUCK * 2, "").replace(_PALE_END + _PALE, "").split("\n")
    yield from _drawings(paragraph)


def invitations(root: Element) -> Iterator[str]:
    """The texts by which empty controls invite to type."""
    for control in wml.all_words(root, "sdt"):
        properties = wml.child(control, "sdtPr")
        if properties is not None and wml.is_on(wml.child(properties, "showingPlcHdr")):
            yield "".join(one.text or "" for one in wml.all_words(control, "t"))


def _look(element: Element) -> Element | None:
    run = element.getparent()
    return wml.child(run, "rPr") if run is not None else None


def _has(look: Element | None, name: str) -> bool:
    return look is not None and wml.is_on(wml.child(look, name))


def _in_fallback(element: Element) -> bool:
    """Whether it repeats what stands in ``mc:Choice``."""
    return any(one.tag == wml.qn("mc:Fallback") for one in element.iterancestors())


def _is_placeholder(element: Element) -> bool:
    """Whether a control shows it as its invitation to type (17.5.2.39)."""
    for one in element.iterancestors():
        if wml.is_word(one, "sdt"):
            properties = wml.child(one, "sdtPr")
            if properties is not None and wml.is_on(wml.child(properties, "showingPlcHdr")):
                return True
    return False


def _page_numbers(paragraph: Element) -> Iterator[Element]:
    """The text elements that hold a page number."""
    for simple in wml.all_words(paragraph, "fldSimple"):
        if _is_paged(wml.attribute(simple, "instr") or ""):
            yield from wml.all_words(simple, "t")
    code, inside, result = "", False, False
    for element in paragraph.iter():
        name = wml.local(element)
        if name == "fldChar":
            match wml.attribute(element, "fldCharType"):
                case "begin":
                    code, inside, result = "", True, False
                case "separate":
                    result = True
                case _:
                    inside = result = False
        elif name == "instrText" and inside:
            code += element.text or ""
        elif name == "t" and result and _is_paged(code):
            yield element


def _is_paged(code: str) -> bool:
    return code.split()[:1] in [[one] for one in _PAGED]


def _drawings(paragraph: Element) -> Iterator[str]:
    """What the drawings of a paragraph are: the text of WordArt, else that there is one.

    The paragraphs of a text box are lines of their own.
    """
    for name in _DRAWN:
        for drawing in wml.all_words(paragraph, name):
            if wml.paragraph_of(drawing) is not paragraph or _in_fallback(drawing):
                continue
            art = [one.get("string", "") for one in drawing.iter(wml.qn("v:textpath"))]
            if art := [one for one in art if one]:
                yield from art
            elif next(wml.all_words(drawing, "txbxContent"), None) is None:
                yield _DRAWING


@dataclass(frozen=True, slots=True)
class _Style:
    """What of a style is compared."""

    parent: str
    level: str
    colour: str


def _styles(styles: Element | None) -> dict[str, _Style]:
    found = {}
    for style in wml.all_words(styles, "style") if styles is not None else ():
        paragraph, run = wml.child(style, "pPr"), wml.child(style, "rPr")
        level = wml.child(paragraph, "outlineLvl") if paragraph is not None else None
        found[wml.attribute(style, "styleId") or ""] = _Style(
            wml.value_of(wml.child(style, "basedOn")), wml.value_of(level, "9"), _colour(run)
        )
    return found


def _colour(look: Element | None) -> str:
    return wml.value_of(wml.child(look, "color")) if look is not None else ""


def _lineage(key: str, styles: Mapping[str, _Style]) -> Iterator[_Style]:
    """A style and those that it is based on, the nearest first; a circle is not followed."""
    seen: set[str] = set()
    while key in styles and key not in seen:
        seen.add(key)
        yield styles[key]
        key = styles[key].parent


def pale_runs(styles: Element | None) -> Callable[[Element], bool]:
    """Tell whether a run is as pale as paper, by its own colour or its styles' (17.3.2.6)."""
    known = _styles(styles)

    def colours(run: Element) -> Iterator[str]:
        look = wml.child(run, "rPr")
        yield _colour(look)
        if look is not None:
            yield from (one.colour for one in _lineage(_named(look, "rStyle"), known))
        paragraph = wml.paragraph_of(run)
        properties = wml.child(paragraph, "pPr") if paragraph is not None else None
        if properties is not None:
            yield from (one.colour for one in _lineage(_named(properties, "pStyle"), known))

    def is_pale(run: Element) -> bool:
        colour = next((one for one in colours(run) if one), "")
        if not _HEX.fullmatch(colour):
            return False
        return min(bytes.fromhex(colour)) >= _UNSEEN

    return is_pale


def _named(properties: Element, name: str) -> str:
    return wml.value_of(wml.child(properties, name))


def headings(styles: Element | None) -> Callable[[Element], bool]:
    """Tell whether a paragraph is a heading, by the outline level of its style (17.3.1.20)."""
    known = _styles(styles)

    def is_heading(paragraph: Element) -> bool:
        properties = wml.child(paragraph, "pPr")
        if properties is None:
            return False
        return any(one.level != "9" for one in _lineage(_named(properties, "pStyle"), known))

    return is_heading
