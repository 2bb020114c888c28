"""Fields of a form: content controls (17.5.2; [MS-DOCX] 2.6.1), and Word's older form fields.

Clauses are those of ECMA-376-1.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.stamp.runs import (
    PlacementTarget,
    content_of,
    first_run,
    make,
    plain_for_one_line,
    properties_of,
    replace_with_slot,
    run_like,
    text_element,
    with_font,
    without_placeholder,
)
from cqp_forms.docx.stamp.template import Slots

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def stamp_control(target: PlacementTarget, slots: Slots) -> None:
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
        # The item that was chosen last (17.5.2.15) is no longer the one that is shown.
        for name in [key for key in one.attrib if str(key).endswith("}lastValue")]:
            del one.attrib[name]
    box = next((one for one in properties if one.tag == wml.w14("checkbox")), None)
    if target.ticks:
        _tick_box(target, properties, content, box, slots)
    elif box is not None:
        raise target.unfit("c’est une case à cocher, pas une zone de texte")
    else:
        _text_area(target, properties, content, slots)


def _tick_box(
    target: PlacementTarget,
    properties: Element,
    content: Element,
    box: Element | None,
    slots: Slots,
) -> None:
    placeholder = wml.child(properties, "showingPlcHdr")
    if placeholder is not None:
        replace_with_slot(slots, target, properties, [placeholder], [placeholder], [])
    if box is not None:
        for one in [each for each in box if each.tag == wml.w14("checked")]:
            box.remove(one)
        # The flag comes first ([MS-DOCX] 2.6.1.4, CT_SdtCheckbox).
        slots.add(target.key, box, 0, [_checked("0")], [_checked("1")])
    paragraph, runs = _runs(target, content)
    base = properties_of(runs[0] if runs else None)
    if base is None:
        base = wml.child(properties, "rPr")
    elif placeholder is not None:
        base = without_placeholder(base)
    states = [_state_run(target, base, box, name) for name in ("uncheckedState", "checkedState")]
    replace_with_slot(slots, target, paragraph, runs, states[:1], states[1:])


def _checked(value: str) -> Element:
    made = etree.Element(wml.w14("checked"), nsmap={"w14": wml.W14})
    made.set(wml.w14("val"), value)
    return made


def _state_run(
    target: PlacementTarget, base: Element | None, box: Element | None, name: str
) -> Element:
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


def _runs(target: PlacementTarget, content: Element) -> tuple[Element, list[Element]]:
    """The element that holds a control's runs, and these runs; the first paragraph of blocks."""
    if any(wml.is_word(one, "r") for one in content):
        return content, list(content)
    paragraph = next(wml.all_words(content, "p"), None)
    if paragraph is not None:
        return paragraph, content_of(paragraph, "pPr")
    if len(content) == 0:
        return content, []
    raise target.unfit("le contrôle de contenu ne contient ni texte ni paragraphe")


def _text_area(
    target: PlacementTarget, properties: Element, content: Element, slots: Slots
) -> None:
    placeholder = wml.child(properties, "showingPlcHdr")
    for one in properties:
        # The date that a picker holds would no longer be the one that is shown.
        for name in [key for key in one.attrib if str(key).endswith("}fullDate")]:
            del one.attrib[name]
    plain = wml.child(properties, "text")
    if plain is not None:
        plain_for_one_line(target, properties, plain, slots)
    holder, blocks = _area(target, content)
    given = wml.child(properties, "rPr")
    run_style = given if given is not None else properties_of(first_run(content))
    if given is None and placeholder is not None:
        run_style = without_placeholder(run_style)
    run = run_like(target.element, run_style)
    on = [run]
    if any(wml.is_word(one, "p") for one in blocks):
        on = [_bare_paragraph(blocks)]
        on[0].append(run)
    chosen = "".join(one.text or "" for one in wml.all_words(content, "t")).strip()
    # What was printed stays where nothing is answered; an item is a choice that nobody made.
    off = deepcopy(on) if chosen in wml.list_items(target.element) else blocks
    replace_with_slot(slots, target, holder, blocks, off, on, run)
    if placeholder is not None:
        replace_with_slot(slots, target, properties, [placeholder], [placeholder], [])


def _area(target: PlacementTarget, content: Element) -> tuple[Element, list[Element]]:
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


#: What Word puts in a text field that is still empty.
_EMPTY = "\u2002" * 5


def stamp_form_checkbox(target: PlacementTarget, slots: Slots) -> None:
    """Set ``w:checked``, which wins over ``w:default``; a box ticked beforehand is unticked."""
    box = next(wml.all_words(target.element, "checkBox"), None)
    if box is None:
        raise target.unfit("ce n’est pas une case à cocher de formulaire")
    old = [one for one in box if wml.is_word(one, "checked")]
    for one in old:
        box.remove(one)
    states = [make(box, "checked", val=value) for value in ("0", "1")]
    # Last in the schema's order (17.16.6, CT_FFCheckBox).
    slots.add(target.key, box, len(box), states[:1], states[1:])


def stamp_form_text(target: PlacementTarget, slots: Slots) -> None:
    """Write between the field's « separate » and « end » slots, in the format that stands there."""
    begin = next(
        (one for one in wml.all_words(target.element, "fldChar") if _step(one) == "begin"), None
    )
    if begin is None or next(wml.all_words(begin, "textInput"), None) is None:
        raise target.unfit("ce n’est pas une zone de texte de formulaire")
    separate, end = _bounds(target, begin)
    first, last = separate.getparent(), end.getparent()
    if first is None or last is None or first.getparent() is not last.getparent():
        raise target.unfit("son contenu s’étend sur plusieurs paragraphes")
    parent = first.getparent()
    if parent is None or first is last:
        raise target.unfit("le champ de formulaire est mal construit")
    runs = list(parent)[parent.index(first) + 1 : parent.index(last)]
    shown = next((one for one in runs if wml.is_word(one, "r")), None)
    run_style = properties_of(shown if shown is not None else first)
    run = run_like(parent, run_style)
    off = runs
    if not runs:
        off = [run_like(parent, run_style, text_element(parent, _EMPTY))]
    if runs:
        replace_with_slot(slots, target, parent, runs, off, [run], run)
    else:
        slots.add(target.key, parent, parent.index(last), off, [run], run)


def _step(mark: Element) -> str | None:
    return wml.attribute(mark, "fldCharType")


def _bounds(target: PlacementTarget, begin: Element) -> tuple[Element, Element]:
    """The field's own « separate » and « end »; fields may be nested (17.16.2)."""
    root = begin.getroottree().getroot()
    depth, separate = 0, None
    found = False
    for mark in wml.all_words(root, "fldChar"):
        found = found or mark is begin
        if not found:
            continue
        step = _step(mark)
        if step == "begin":
            depth += 1
        elif step == "separate" and depth == 1:
            separate = mark
        elif step == "end":
            depth -= 1
            if depth == 0:
                if separate is None:
                    separate = _separator(mark)
                return separate, mark
    raise target.unfit("le champ de formulaire n’a pas de fin")


def _separator(end: Element) -> Element:
    """Give a field without a result the mark that its result follows."""
    run = end.getparent()
    assert run is not None
    mark = make(run, "fldChar", fldCharType="separate")
    run.addprevious(run_like(run, properties_of(run), mark))
    return mark
