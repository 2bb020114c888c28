"""Content controls: the flag and the glyph of a box, the text of an area.

ECMA-376-1, 17.5.2; [MS-DOCX] 2.6.1.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.stamp.runs import (
    Target,
    content_of,
    first_run,
    make,
    properties_of,
    replace,
    run_like,
    shows_nothing,
    text_element,
    with_font,
    without_placeholder,
)
from cqp_forms.docx.stamp.template import Marks

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def stamp_control(target: Target, marks: Marks) -> None:
    """A ``w:sdt`` around runs, paragraphs, a cell or a row."""
    control = target.element
    if not wml.is_word(control, "sdt"):
        raise target.unfit("ce n’est pas un contrôle de contenu")
    properties = wml.child(control, "sdtPr")
    content = wml.child(control, "sdtContent")
    if properties is None or content is None:
        raise target.unfit("le contrôle de contenu est incomplet")
    for one in list(properties):
        # Word would put the bound data back over what is stamped (17.5.2.6).
        if wml.local(one) == "dataBinding":
            properties.remove(one)
    box = next((one for one in properties if one.tag == wml.w14("checkbox")), None)
    if target.ticks:
        _tick_box(target, properties, content, box, marks)
    elif box is not None:
        raise target.unfit("c’est une case à cocher, pas une zone de texte")
    else:
        _text_area(target, properties, content, marks)


def _tick_box(
    target: Target, properties: Element, content: Element, box: Element | None, marks: Marks
) -> None:
    placeholder = wml.child(properties, "showingPlcHdr")
    if placeholder is not None:
        replace(marks, target, properties, [placeholder], [placeholder], [])
    if box is not None:
        for one in [each for each in box if each.tag == wml.w14("checked")]:
            box.remove(one)
        # The flag comes first ([MS-DOCX] 2.6.1.4, CT_SdtCheckbox).
        marks.fork(target.key, box, 0, [_checked("0")], [_checked("1")])
    paragraph, runs = _runs(target, content)
    look = without_placeholder if placeholder is not None else deepcopy
    base = properties_of(runs[0] if runs else None)
    base = look(base) if base is not None else wml.child(properties, "rPr")
    looks = [_state_run(target, base, box, name) for name in ("uncheckedState", "checkedState")]
    replace(marks, target, paragraph, runs, looks[:1], looks[1:])


def _checked(value: str) -> Element:
    made = etree.Element(wml.w14("checked"), nsmap={"w14": wml.W14})
    made.set(wml.w14("val"), value)
    return made


def _state_run(target: Target, base: Element | None, box: Element | None, name: str) -> Element:
    glyph, font = (wml.TICKED if name == "checkedState" else wml.UNTICKED), wml.BOX_FONT
    state = None
    if box is not None:
        state = next((one for one in box if one.tag == wml.w14(name)), None)
    if state is not None:
        try:
            glyph = chr(int(state.get(wml.w14("val"), ""), 16))
        except ValueError as problem:
            raise target.unfit("l’un des deux signes de la case n’est pas valable") from problem
        font = state.get(wml.w14("font"), font)
    fonts = wml.child(base, "rFonts") if base is not None else None
    style = wml.child(base, "rStyle") if base is not None else None
    named = wml.attribute(fonts, "ascii") if fonts is not None else None
    # A character style may bring the font already, as in our own blanks.
    if named != font and not (named is None and style is not None):
        base = with_font(target.element, base, font)
    return run_like(target.element, base, text_element(target.element, glyph))


def _runs(target: Target, content: Element) -> tuple[Element, list[Element]]:
    """The element that holds a control's runs, and these runs; the first paragraph of blocks."""
    if any(wml.is_word(one, "r") for one in content):
        return content, list(content)
    paragraph = next(wml.all_words(content, "p"), None)
    if paragraph is not None:
        return paragraph, content_of(paragraph, "pPr")
    if len(content) == 0:
        return content, []
    raise target.unfit("le contrôle de contenu ne contient ni texte ni paragraphe")


def _text_area(target: Target, properties: Element, content: Element, marks: Marks) -> None:
    placeholder = wml.child(properties, "showingPlcHdr")
    for one in properties:
        # The date that a picker holds would no longer be the one that is shown.
        for name in [key for key in one.attrib if str(key).endswith("}fullDate")]:
            del one.attrib[name]
    plain = wml.child(properties, "text")
    if plain is not None:
        # LibreOffice sets the line breaks of a plain-text control before it, all together; those
        # of a rich-text control where they are.
        index = properties.index(plain)
        properties.remove(plain)
        marks.fork(target.key, properties, index, [plain], [], several=True)
    holder, blocks = _area(target, content)
    given = wml.child(properties, "rPr")
    look = given if given is not None else properties_of(first_run(content))
    if given is None and placeholder is not None:
        look = without_placeholder(look)
    run = run_like(target.element, look)
    empty = placeholder is not None or shows_nothing(blocks)
    if not any(wml.is_word(one, "p") for one in blocks):
        off = blocks if empty else [run_like(target.element, look)]
        on = [run]
    else:
        off = blocks if empty else [_bare_paragraph(blocks)]
        filled = _bare_paragraph(blocks)
        filled.append(run)
        on = [filled]
    replace(marks, target, holder, blocks, off, on, run)
    if placeholder is not None:
        replace(marks, target, properties, [placeholder], [placeholder], [])


def _area(target: Target, content: Element) -> tuple[Element, list[Element]]:
    """What holds the answer: the control's content, or the cell inside it."""
    cell = next(wml.all_words(content, "tc"), None)
    if cell is None:
        return content, list(content)
    if len(list(wml.all_words(content, "tc"))) > 1:
        raise target.unfit("le contrôle de contenu entoure plusieurs cellules")
    return cell, content_of(cell, "tcPr")


def _bare_paragraph(blocks: list[Element]) -> Element:
    first = next(one for one in blocks if wml.is_word(one, "p"))
    kept = wml.child(first, "pPr")
    return make(first, "p", *([deepcopy(kept)] if kept is not None else []))
