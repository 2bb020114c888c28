"""Runs: making one, dividing one, and giving a paragraph two states."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.stamp.template import Slots
from cqp_forms.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


@dataclass(frozen=True, slots=True)
class PlacementTarget:
    """A placement, found in its part.

    Attributes:
        key: the placement's id.
        ticks: whether it is a tick box; else it takes text.
        element: what its locator points at.
        offset: for glyphs and leaders, the index in the paragraph's text.
        where: how messages name the place.
    """

    key: str
    ticks: bool
    element: Element
    offset: int
    where: str

    def unfit(self, why: str) -> DocumentError:
        """The error that says why the placement cannot be used."""
        return DocumentError(
            f"l’emplacement « {self.key} » ne peut pas être rempli : {why}.",
            where=self.where,
            remedy="Corrigez la correspondance, ou refaites-la : cqp-forms map DOCUMENT.",
        )


def make(like: Element, name: str, *children: Element, **attributes: str) -> Element:
    """A ``w:`` element in the dialect of ``like``'s part, attributes qualified."""
    namespace = wml.dialect(like.getroottree().getroot())
    made = etree.Element(wml.w(name, namespace))
    for key, value in attributes.items():
        made.set(wml.w(key, namespace), value)
    made.extend(children)
    return made


def text_element(like: Element, content: str) -> Element:
    """``w:t`` that keeps its spaces."""
    made = make(like, "t")
    made.text = content
    made.set(wml.XML_SPACE, "preserve")
    return made


def run_like(like: Element, properties: Element | None, *content: Element) -> Element:
    """A run with a copy of the given ``w:rPr``."""
    kept = [deepcopy(properties)] if properties is not None else []
    for one in kept:
        one.tail = None
    return make(like, "r", *kept, *content)


def properties_of(run: Element | None) -> Element | None:
    """A run's ``w:rPr``."""
    return wml.child(run, "rPr") if run is not None else None


def without_placeholder(properties: Element | None) -> Element | None:
    """Run properties less what makes a placeholder grey: its style and its colour."""
    if properties is None:
        return None
    kept = deepcopy(properties)
    for one in list(kept):
        if wml.local(one) in ("rStyle", "color"):
            kept.remove(one)
    return kept


def with_font(like: Element, properties: Element | None, font: str) -> Element:
    """Run properties with another font, in its place in the schema's order (17.3.2.28)."""
    kept = deepcopy(properties) if properties is not None else make(like, "rPr")
    for one in list(kept):
        if wml.local(one) == "rFonts":
            kept.remove(one)
    fonts = make(like, "rFonts", ascii=font, hAnsi=font, eastAsia=font, cs=font, hint="eastAsia")
    after_style = 1 if len(kept) and wml.local(kept[0]) == "rStyle" else 0
    kept.insert(after_style, fonts)
    return kept


def first_run(element: Element) -> Element | None:
    """The first run below an element that shows something, else the first run."""
    runs = list(wml.all_words(element, "r"))
    shown = (one for one in runs if any(wml.local(each) != "rPr" for each in one))
    return next(shown, runs[0] if runs else None)


def shows_nothing(elements: Sequence[Element]) -> bool:
    """Whether elements hold only blanks: no word, no picture, no field."""
    for element in elements:
        for one in element.iter():
            name = wml.local(one)
            if name == "t" and (one.text or "").strip():
                return False
            if name in ("drawing", "pict", "object", "sym", "fldChar", "instrText"):
                return False
    return True


def content_of(parent: Element, properties: str) -> list[Element]:
    """An element's children but its properties (``pPr``, ``tcPr``)."""
    return [one for one in parent if wml.local(one) != properties]


def replace_with_slot(
    slots: Slots,
    target: PlacementTarget,
    parent: Element,
    old: Sequence[Element],
    off: Sequence[Element],
    on: Sequence[Element],
    run: Element | None = None,
) -> None:
    """Put both states of a placement in the place of ``old``, children of ``parent`` in a row."""
    index = parent.index(old[0]) if old else len(parent)
    for one in old:
        parent.remove(one)
    slots.add(target.key, parent, index, off, on, run)


def blank_paragraph(target: PlacementTarget, paragraph: Element, slots: Slots) -> None:
    """Make a whole paragraph the area: its runs when empty, a run of text when filled."""
    old = content_of(paragraph, "pPr")
    properties = properties_of(first_run(paragraph))
    if properties is None:
        # What is typed there takes the format of the paragraph mark (17.3.1.29).
        mark = wml.child(paragraph, "pPr")
        properties = wml.child(mark, "rPr") if mark is not None else None
    run = run_like(paragraph, properties)
    replace_with_slot(slots, target, paragraph, old, old, [run], run)


def split_at(paragraph: Element, start: int, end: int) -> list[Element]:
    """Divide runs so that the paragraph's text from ``start`` to ``end`` has runs of its own.

    Returns:
        Those runs, in order; empty when the text does not reach ``end``, or spans two containers.
    """
    found: list[Element] = []
    for piece in wml.pieces(paragraph):
        if piece.end <= start or piece.start >= end:
            continue
        found.append(_isolated(piece, max(start, piece.start), min(end, piece.end)))
    covered = sum(
        len(one.text) for run in found for one in wml.pieces(make(run, "p", deepcopy(run)))
    )
    if covered != end - start or len({run.getparent() for run in found}) != 1:
        return []
    return found


def _isolated(piece: wml.Piece, start: int, end: int) -> Element:
    """The run that holds just the characters ``start`` to ``end`` of a piece."""
    element = piece.element
    run = element.getparent()
    assert run is not None
    head, tail = piece.text[: start - piece.start], piece.text[end - piece.start :]
    position = run.index(element)
    before, after = list(run)[:position], list(run)[position + 1 :]
    if wml.local(element) == "t":
        element.text = piece.text[start - piece.start : end - piece.start]
        element.set(wml.XML_SPACE, "preserve")
    properties = properties_of(run)
    leading = [one for one in before if one is not properties]
    if head:
        leading.append(text_element(run, head))
    if leading:
        run.addprevious(run_like(run, properties, *leading))
    following = ([text_element(run, tail)] if tail else []) + after
    if following:
        run.addnext(run_like(run, properties, *following))
    return run


def plain_for_one_line(
    target: PlacementTarget, properties: Element, plain: Element, slots: Slots
) -> None:
    """Make a plain-text control a rich one for an answer of several lines.

    LibreOffice sets the line breaks of a plain-text control before it, all together; those of a
    rich-text control where they are.
    """
    index = properties.index(plain)
    properties.remove(plain)
    slots.add(target.key, properties, index, [plain], [], several=True)


def in_control(target: PlacementTarget) -> Element:
    """A run-level control around a placement that has none of its own, tagged with its id.

    It makes the answer easy to correct in Word, and certain to find again when reading back.
    """
    like = target.element
    properties = make(like, "sdtPr", make(like, "tag", val=target.key))
    return make(like, "sdt", properties, make(like, "sdtContent"))
