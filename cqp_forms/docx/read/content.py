"""What stretches of a document show: their text, the state of a box, the flag of a control."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms import ticksigns
from cqp_forms.docx import wml
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_T, _P, _SYM = ({wml.w(name), wml.w(name, wml.W_STRICT)} for name in ("t", "p", "sym"))
_BREAKS = {wml.w(name, space) for name in ("br", "cr") for space in (wml.W, wml.W_STRICT)}
_TABS = {wml.w(name, space) for name in ("tab", "ptab") for space in (wml.W, wml.W_STRICT)}
_RUNS = {wml.w("r"), wml.w("r", wml.W_STRICT)}
#: Text that was moved away or deleted is still in the file.
_GONE = ("moveFrom", "del")

#: What an empty area of our own blanks, or an empty legacy field, is filled with.
_FILLING = frozenset("\u2002/")
_LEADERS = frozenset(".…‥·_|\t \u00a0")


def text_of(elements: Sequence[Element]) -> str:
    """The text of elements in a row, paragraphs and line breaks as ``\\n``."""
    found: list[str] = []
    begun = False
    for top in elements:
        for element in top.iter():
            tag = element.tag
            if tag in _T:
                found.append(element.text or "")
            elif tag in _P:
                if begun:
                    found.append("\n")
                begun = True
            elif tag in _BREAKS:
                found.append("\n")
            elif tag in _TABS and _in_run(element):
                found.append("\t")
            elif tag in _SYM:
                found.append(wml.symbol(element))
            elif isinstance(tag, str) and tag.endswith(_GONE):
                return "".join(_kept(elements))
    return "".join(found)


def _in_run(element: Element) -> bool:
    parent = element.getparent()
    # Tab stops of the paragraph's properties have the same name.
    return parent is not None and parent.tag in _RUNS


def _kept(elements: Sequence[Element]) -> Iterator[str]:
    """The slow way, for what is under revision: the text as it stands after the changes."""
    paragraphs = [each for one in elements for each in wml.all_words(one, "p")]
    if not paragraphs:
        holder = etree.Element(wml.w("p"))
        holder.extend([deepcopy(one) for one in elements])
        paragraphs = [holder]
    for rank, one in enumerate(paragraphs):
        yield ("\n" if rank else "") + wml.text_of(one)


def area(text: str) -> str:
    """The text of an area; what only fills an empty one is no answer."""
    filling = "\u2002" in text and set(text) <= _FILLING
    return "" if filling or not text.strip() else text


def after_label(text: str) -> str:
    """The text where a line to write on was; dots, or the slashes of a date, are no answer."""
    slashes = text.count("/") == 2
    return "" if set(text) <= (_LEADERS | {"/"} if slashes else _LEADERS) else text


def glyph_mark(text: str, font: str = "") -> Mark | None:
    """What the signs of a box show; ``None`` when they show no box at all."""
    signs = [one for one in text if not one.isspace()]
    if not signs:
        return None
    marks = {ticksigns.sign(one, font) for one in signs}
    return marks.pop() if len(marks) == 1 else Mark.DOUBTFUL


def cell_mark(text: str) -> Mark:
    """A cell or a square that is the box itself: empty, crossed, or in doubt."""
    if not text.strip():
        return Mark.OFF
    mark = glyph_mark(text)
    return Mark.DOUBTFUL if mark is None else mark


def control_mark(
    flag: bool | None, box: Element | None, text: str, elements: Sequence[Element]
) -> Mark:
    """A box control: its flag and its sign must agree.

    Args:
        flag: ``w14:checked``; ``None`` when the control is none of a check box.
        box: the ``w14:checkbox``, for the signs of its two states.
        text: what the control shows; ``elements``: its content, for the font of the sign.
    """
    mark = _own_sign(box, text.strip())
    if mark is None:
        mark = glyph_mark(text, font_in(elements))
    if flag is None:
        return cell_mark(text) if mark is None else mark
    flagged = Mark.ON if flag else Mark.OFF
    return flagged if mark is flagged else Mark.DOUBTFUL


def _own_sign(box: Element | None, shown: str) -> Mark | None:
    if box is None or not shown:
        return None
    for state in box:
        name = wml.local(state)
        if name not in ("checkedState", "uncheckedState"):
            continue
        code = state.get(wml.w14("val"), "")
        if len(shown) == 1 and code and f"{ord(shown):04X}" == code.upper().zfill(4):
            return Mark.ON if name == "checkedState" else Mark.OFF
    return None


def font_in(elements: Iterable[Element]) -> str:
    """The first font that a run or a symbol names."""
    for top in elements:
        for one in top.iter():
            name = wml.local(one)
            if name == "rFonts":
                return wml.attribute(one, "ascii") or ""
            if name == "sym":
                return wml.attribute(one, "font") or ""
    return ""
