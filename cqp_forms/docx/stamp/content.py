"""Placements that are plain content: symbols, box glyphs, cells, paragraphs, lines, drawn shapes.

A shape stands in ``mc:AlternateContent`` as DrawingML (``mc:Choice``) and as VML (``mc:Fallback``);
which one is shown depends on the program, so that both say the same (ECMA-376-3, 10.2.1).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms import ticksigns
from cqp_forms.docx import wml
from cqp_forms.docx.stamp.runs import (
    PlacementTarget,
    blank_paragraph,
    content_of,
    first_run,
    in_control,
    make,
    plain_for_one_line,
    properties_of,
    replace_with_slot,
    run_like,
    shows_nothing,
    split_at,
    text_element,
    with_font,
)
from cqp_forms.docx.stamp.template import Slots
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: The mark set in an empty cell or a drawn square.
CROSS = "X"

#: What may follow ``w:jc`` in ``w:pPr`` (17.3.1.26).
_AFTER_JC = frozenset(
    {"textDirection", "textAlignment", "textboxTightWrap", "outlineLvl", "divId", "cnfStyle"}
    | {"rPr", "sectPr", "pPrChange"}
)
#: What draws a rectangle, in DrawingML and in VML.
_SHAPES = (f"{{{wml.WPS}}}wsp", *(f"{{{wml.V}}}{one}" for one in ("rect", "shape", "roundrect")))


def stamp_symbol(target: PlacementTarget, slots: Slots) -> None:
    """Swap a ``w:sym`` for the crossed or the empty box of its font (17.3.3.30)."""
    mark = target.element
    run = mark.getparent()
    if not wml.is_word(mark, "sym") or run is None:
        raise target.unfit("ce n’est pas un symbole")
    states = _symbols(mark)
    replace_with_slot(slots, target, run, [mark], states[:1], states[1:])


def _symbols(mark: Element) -> list[Element]:
    """The two states of a symbol; one of a font without a crossed box becomes Wingdings."""
    font = wml.attribute(mark, "font") or ""
    pair = ticksigns.PAIRS.get(ticksigns.family(font))
    shown = font if pair else "Wingdings"
    empty, crossed = (
        make(mark, "sym", font=shown, char=f"{ord(one):04X}")
        for one in pair or ticksigns.PAIRS["wingdings"]
    )
    if pair and ticksigns.sign(wml.symbol(mark), font) is not Mark.ON:
        empty = deepcopy(mark)
        empty.tail = None
    return [empty, crossed]


def stamp_glyph(target: PlacementTarget, slots: Slots) -> None:
    """Swap one box character of a paragraph, the words around it left as they are."""
    if not target.ticks:
        stamp_leader(target, slots)
        return
    paragraph = _paragraph(target)
    runs = split_at(paragraph, target.offset, target.offset + 1)
    if len(runs) != 1:
        raise target.unfit("il n’y a pas de caractère à cet endroit du paragraphe")
    (run,) = runs
    carriers = [one for one in run if wml.local(one) in ("t", "sym")]
    if len(carriers) != 1:
        raise target.unfit("le caractère à cet endroit n’est pas une case")
    if wml.local(carriers[0]) == "sym":
        states = [run_like(run, properties_of(run), one) for one in _symbols(carriers[0])]
    else:
        states = [_glyph_run(run, carriers[0].text or "", on=on) for on in (False, True)]
    _in_place(target, run, states[:1], states[1:], None, slots)


def _glyph_run(run: Element, glyph: str, *, on: bool) -> Element:
    properties = properties_of(run)
    fonts = wml.child(properties, "rFonts") if properties is not None else None
    font = wml.attribute(fonts, "ascii") or "" if fonts is not None else ""
    if not on and ticksigns.sign(glyph, font) is not Mark.ON:
        return run_like(run, properties, text_element(run, glyph))
    if glyph in ticksigns.ROUNDS + ticksigns.TICKED_ROUNDS:
        shown = ticksigns.TICKED_ROUNDS[0] if on else ticksigns.ROUNDS[0]
        return run_like(run, properties, text_element(run, shown))
    pair = ticksigns.PAIRS.get(ticksigns.family(font))
    if pair and ticksigns.drawn(glyph, font) != glyph:
        return run_like(run, properties, text_element(run, pair[on]))
    if glyph not in (wml.UNTICKED, wml.TICKED, "☑"):
        # The font of an ordinary square need not have a crossed one.
        properties = with_font(run, properties, wml.BOX_FONT)
    return run_like(run, properties, text_element(run, wml.TICKED if on else wml.UNTICKED))


def _paragraph(target: PlacementTarget) -> Element:
    if not wml.is_word(target.element, "p"):
        raise target.unfit("ce n’est pas un paragraphe")
    return target.element


def _in_place(
    target: PlacementTarget,
    run: Element,
    off: list[Element],
    on: list[Element],
    text: Element | None,
    slots: Slots,
) -> None:
    """Put a control where a run stands, with both states inside."""
    parent = run.getparent()
    assert parent is not None
    control = in_control(target) if target.ticks else _text_control(target, slots)
    parent.insert(parent.index(run), control)
    parent.remove(run)
    content = control[-1]
    slots.add(target.key, content, 0, off, on, text)


def _text_control(target: PlacementTarget, slots: Slots) -> Element:
    """A control for an answer: plain text for one line, rich text for several."""
    control = in_control(target)
    plain = make(target.element, "text")
    control[0].append(plain)
    plain_for_one_line(target, control[0], plain, slots)
    return control


def stamp_leader(target: PlacementTarget, slots: Slots) -> None:
    """Put the text in the place of dots, underscores, underlined blanks or a tab."""
    paragraph = _paragraph(target)
    text = wml.text_of(paragraph)
    if target.offset > len(text):
        raise target.unfit("le paragraphe est plus court que prévu")
    end = wml.leader_end(text, target.offset)
    before, after = text[: target.offset], text[end:]
    if end > target.offset:
        runs = split_at(paragraph, target.offset, end)
        if not runs:
            raise target.unfit("la ligne à remplir s’étend sur plusieurs éléments")
    else:
        runs = [_landing(paragraph, target.offset)]
    run_style = properties_of(runs[0])
    run = run_like(paragraph, run_style)
    parent = runs[0].getparent()
    assert parent is not None
    index = parent.index(runs[0])
    for one in runs:
        parent.remove(one)
    control = _text_control(target, slots)
    # In the tree first: a run outside it does not know the part's prefixes.
    parent.insert(index, control)
    slots.add(target.key, control[-1], 0, runs, [run], run)
    # Dots that wait for an answer are a placeholder: an answer of dots is not.
    slots.add(target.key, control[0], 1, [make(paragraph, "showingPlcHdr")], [])
    # Words must not run together where the line gave the space between them.
    for needed, position in (
        (bool(after) and not after[0].isspace(), index + 1),
        (bool(before) and not before[-1].isspace(), index),
    ):
        if needed:
            space = run_like(paragraph, run_style, text_element(paragraph, " "))
            slots.add(target.key, parent, position, [], [space])


def _landing(paragraph: Element, offset: int) -> Element:
    """An empty run at an offset, after a label that no line follows."""
    pieces = wml.pieces(paragraph)
    before = [one for one in pieces if one.end <= offset]
    empty = run_like(paragraph, None)
    if not before:
        start = wml.child(paragraph, "pPr")
        paragraph.insert(0 if start is None else paragraph.index(start) + 1, empty)
        return empty
    run = before[-1].element.getparent()
    assert run is not None
    empty = run_like(paragraph, None if offset else properties_of(run))
    if before[-1].end == offset and before[-1].element is run[-1]:
        run.addnext(empty)
    else:
        paragraph.append(empty)
    return empty


def stamp_paragraph(target: PlacementTarget, slots: Slots) -> None:
    """Write in an empty paragraph, in the format of its mark."""
    if target.ticks:
        raise target.unfit("un paragraphe n’est pas une case à cocher")
    blank_paragraph(target, _paragraph(target), slots)


def stamp_cell(target: PlacementTarget, slots: Slots) -> None:
    """An X centred in an empty cell, or text in it."""
    cell = target.element
    if not wml.is_word(cell, "tc"):
        raise target.unfit("ce n’est pas une cellule de tableau")
    _fill_blocks(target, cell, content_of(cell, "tcPr"), slots)


def _fill_blocks(
    target: PlacementTarget, holder: Element, blocks: list[Element], slots: Slots
) -> None:
    """Write in the first paragraph of a cell or a text box; ticks are centred there.

    What the holder shows before is kept while it is empty, when it is blank.
    """
    first = next((one for one in blocks if wml.is_word(one, "p")), None)
    filled = _paragraph_like(holder, first)
    if target.ticks:
        _centre(filled)
    properties = properties_of(first_run(first)) if first is not None else None
    if properties is None and first is not None:
        mark = wml.child(first, "pPr")
        properties = wml.child(mark, "rPr") if mark is not None else None
    run = run_like(holder, properties)
    if target.ticks:
        run.append(text_element(holder, CROSS))
    filled.append(run)
    # What was printed stays where nothing is answered; a cross that was there is taken away.
    kept = blocks and (not target.ticks or shows_nothing(blocks))
    off = blocks if kept else [_paragraph_like(holder, first)]
    replace_with_slot(slots, target, holder, blocks, off, [filled], None if target.ticks else run)


def _paragraph_like(holder: Element, first: Element | None) -> Element:
    kept = wml.child(first, "pPr") if first is not None else None
    return make(holder, "p", *([deepcopy(kept)] if kept is not None else []))


def _centre(paragraph: Element) -> None:
    properties = wml.child(paragraph, "pPr")
    if properties is None:
        properties = make(paragraph, "pPr")
        paragraph.insert(0, properties)
    for one in list(properties):
        if wml.local(one) in ("jc", "ind"):
            properties.remove(one)
    later = [one for one in properties if wml.local(one) in _AFTER_JC]
    index = properties.index(later[0]) if later else len(properties)
    properties.insert(index, make(paragraph, "jc", val="center"))


def stamp_text_box(target: PlacementTarget, slots: Slots) -> None:
    """The same text in every rendering of the box."""
    if target.ticks:
        raise target.unfit("une zone de texte n’est pas une case à cocher")
    element = target.element
    content = element if wml.is_word(element, "txbxContent") else _content(element)
    if content is None:
        raise target.unfit("ce n’est pas une zone de texte")
    for one in _renderings(content, lambda branch: list(wml.all_words(branch, "txbxContent"))):
        _fill_blocks(target, one, list(one), slots)


def stamp_drawing(target: PlacementTarget, slots: Slots) -> None:
    """An X inside a drawn square, or text inside a drawn frame."""
    if target.element.tag not in _SHAPES:
        raise target.unfit("ce n’est pas un rectangle dessiné")
    for shape in _renderings(target.element, lambda branch: list(branch.iter(*_SHAPES))):
        content = _content(shape)
        if content is not None:
            _fill_blocks(target, content, list(content), slots)
        elif shape.tag == _SHAPES[0]:
            _drawn(target, shape, slots)
        else:
            _vml(target, shape, slots)


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


def _cross(
    target: PlacementTarget, like: Element, size: int
) -> tuple[Element, Element, Element | None]:
    """A ``w:txbxContent`` with the mark, centred, without spacing."""
    spacing = make(like, "spacing", before="0", after="0", line="240", lineRule="auto")
    properties = make(like, "pPr", spacing, make(like, "jc", val="center"))
    run_style = make(like, "rPr", make(like, "sz", val=str(size))) if target.ticks else None
    run = run_like(like, run_style, *([text_element(like, CROSS)] if target.ticks else []))
    content = make(like, "txbxContent", make(like, "p", properties, run))
    return content, run, None if target.ticks else run


def _drawn(target: PlacementTarget, shape: Element, slots: Slots) -> None:
    body = next((one for one in shape if wml.local(one) == "bodyPr"), None)
    if body is None:
        raise target.unfit("le rectangle dessiné est incomplet")
    for side in ("lIns", "tIns", "rIns", "bIns"):
        body.set(side, "0")
    body.set("anchor", "ctr")
    extent = next((one for one in shape.iter() if wml.local(one) == "ext" and one.get("cy")), None)
    height = wml.whole(extent.get("cy", ""), 0) / 12_700 if extent is not None else 0
    content, _, text = _cross(target, shape, _size(height))
    # Before the body's properties, in the schema's order ([MS-ODRAWXML], CT_WordprocessingShape).
    box = etree.Element(f"{{{wml.WPS}}}txbx")
    box.append(content)
    slots.add(target.key, shape, shape.index(body), [], [box], text)


def _size(height: float) -> int:
    """The mark's size in half points, for a square of so many points."""
    return max(8, min(28, round(height * 1.5))) if height else 18


def _vml(target: PlacementTarget, shape: Element, slots: Slots) -> None:
    content, _, text = _cross(target, shape, 14)
    box = etree.Element(f"{{{wml.V}}}textbox")
    box.set("inset", "0,0,0,0")
    box.append(content)
    slots.add(target.key, shape, len(shape), [], [box], text)
