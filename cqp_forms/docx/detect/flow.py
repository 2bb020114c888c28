"""Reads a body, a cell or a text box block by block, and gives each place found its wording."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cqp_forms.docx import wml
from cqp_forms.docx.detect.inline import (
    Shape,
    Token,
    Words,
    all_bold,
    control_spot,
    inside_words,
    tokens_of,
)
from cqp_forms.docx.detect.leaders import ends_as_label, with_leaders
from cqp_forms.docx.detect.shapes import Drawn, drawn
from cqp_forms.docx.detect.spots import Spot, tidy
from cqp_forms.docx.detect.styles import Styles
from cqp_forms.docx.detect.tables import read_table
from cqp_forms.docx.detect.wording import caption_boxes, label_areas, name_box
from cqp_forms.mapping import DocxKind
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Wrappers that stand between a container and its paragraphs without being shown.
_WRAPPERS = frozenset({"customXml", "ins", "moveTo", "smartTag", "sdtContent"})
#: A longer paragraph above a list of boxes is an instruction, not their title.
_MAX_LEAD = 160
#: Under « Nom : », a longer paragraph is what the line only introduces.
_MAX_AFTER = 100
#: Fewer blank lines under an item of a list are only space.
_ROOM = 2
_LIST_MARKS = frozenset("-•·–▪►➢☞👉*")


@dataclass(slots=True)
class Flow:
    """One container being read.

    Attributes:
        last: the last wording read, that an area without one of its own belongs to.
        lead: the last wording without boxes, that a list of tick boxes below it belongs to.
        words: all its wording, one string a paragraph.
        spots: what was found in it, in order.
        waiting: an area at the end of a « Nom : », dropped when what follows takes the answer.
        labels: how many « Nom : » follow one another: a long paragraph answers none of several.
        item: whether the last wording is a short item of a list, that blank lines may answer.
        blanks: paragraphs without wording since the last one that had some.
        area: the last bordered blank area, that the next bordered blank paragraph prolongs.
    """

    last: str = ""
    lead: str = ""
    words: list[str] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    waiting: Spot | None = None
    labels: int = 0
    item: bool = False
    blanks: list[Element] = field(default_factory=list)
    area: Spot | None = None

    @property
    def text(self) -> str:
        """All its wording."""
        return " ".join(self.words)

    def restart(self) -> None:
        """Nothing is waited for any more: something else begins."""
        self.waiting, self.blanks, self.item, self.area = None, [], False, None


class Reader:
    """Reads one part.

    Attributes:
        spots: what was found so far, in reading order.
        heading: the title above what is being read.
    """

    def __init__(self, part: str, styles: Styles) -> None:
        self.part = part
        self.styles = styles
        self.heading = ""
        self.spots: list[Spot] = []

    def add(self, spot: Spot, flow: Flow) -> None:
        """Note a place found in a container."""
        spot.heading = spot.heading or self.heading
        self.spots.append(spot)
        flow.spots.append(spot)

    def flow(self, container: Element, flow: Flow | None = None) -> Flow:
        """Read a container: body, header, cell, text box."""
        flow = flow or Flow()
        self._blocks(container, flow)
        return flow

    def _blocks(self, container: Element, flow: Flow) -> None:
        for one in container:
            if wml.is_word(one, "p"):
                self._paragraph(one, flow)
            elif wml.is_word(one, "tbl"):
                self._table(one, flow)
            elif wml.is_word(one, "sdt"):
                self._control(one, flow)
            elif wml.local(one) in _WRAPPERS:
                self._blocks(one, flow)

    def _table(self, table: Element, flow: Flow) -> None:
        before = len(self.spots)
        heading = self.heading
        read_table(self, table, flow)
        self.heading = heading
        found = self.spots[before:]
        if flow.waiting is not None and any(one.kept and not one.ticks for one in found):
            first = next(one for one in found if one.kept)
            flow.waiting.kept = first.ticks
        flow.restart()
        flow.spots.extend(found)

    def _control(self, control: Element, flow: Flow) -> None:
        spot = control_spot(control, self.part)
        content = wml.child(control, "sdtContent")
        if spot is None:
            if content is not None:
                self._blocks(content, flow)
            return
        if content is not None and spot.ticks:
            words = [inside_words(one) for one in wml.all_words(content, "p")]
            name_box(spot, tidy(" ".join(words)), flow.last)
        else:
            spot.label = flow.last
        self._answered(flow)
        self.add(spot, flow)

    def _answered(self, flow: Flow) -> None:
        """What follows a « Nom : » takes its answer."""
        if flow.waiting is not None:
            flow.waiting.kept = False
        flow.restart()

    def _paragraph(self, paragraph: Element, flow: Flow) -> None:
        style = self.styles.of_paragraph(paragraph)
        tokens = tokens_of(paragraph, self.part)
        if not style.contents:
            tokens = with_leaders(tokens, paragraph, self.part, style.leader)
        shapes = [one for one in tokens if isinstance(one, Shape)]
        tokens = self._with_drawn(tokens)
        text = tidy("".join(one.text for one in tokens if isinstance(one, Words)))
        spots = [one for one in tokens if isinstance(one, Spot)]
        if spots:
            self._filled_in(tokens, spots, text, flow)
        elif text:
            self._wording(paragraph, text, style.title, flow)
        elif not shapes:
            self._blank(paragraph, style.bordered, flow)
        for shape in shapes:
            self._text_boxes(shape, flow)

    def _filled_in(self, tokens: list[Token], spots: list[Spot], text: str, flow: Flow) -> None:
        """A paragraph with boxes or areas in it."""
        lonely_line = not text and all(one.kind is DocxKind.LEADER for one in spots)
        if lonely_line and flow.area is not None:
            # The next line of the same area: its text goes to the first.
            flow.area.multiline = True
            return
        if spots[0].ticks or not text:
            self._answered(flow)
        flow.waiting, flow.blanks, flow.item = None, [], False
        caption_boxes(tokens, flow.last)
        label_areas(tokens, flow.last)
        for one in spots:
            if one.ticks and not one.column and 0 < len(flow.lead) <= _MAX_LEAD:
                one.heading = flow.lead
            self.add(one, flow)
        last = spots[-1]
        flow.area = last if last.kind is DocxKind.LEADER else None
        if text:
            flow.words.append(text)
        if text and not all(one.ticks for one in spots):
            flow.last = text

    def _wording(self, paragraph: Element, text: str, title: bool, flow: Flow) -> None:
        if flow.waiting is not None and self._only_introduced(paragraph, text, flow):
            flow.waiting.kept = False
        flow.restart()
        flow.words.append(text)
        if title or (all_bold(paragraph) and not ends_as_label(text)):
            self.heading = text
        labelled = ends_as_label(text) and not title
        flow.labels = flow.labels + 1 if labelled else 0
        if labelled:
            end = len(wml.text_of(paragraph))
            spot = Spot(DocxKind.LEADER, paragraph, self.part, False, offset=end, label=text)
            self.add(spot, flow)
            flow.waiting = spot
        flow.last = flow.lead = text
        flow.item = _is_item(paragraph) and len(text) <= _MAX_AFTER and text[-1] not in ".;,"

    def _only_introduced(self, paragraph: Element, text: str, flow: Flow) -> bool:
        """Whether the « Nom : » above leads to this paragraph rather than to an answer."""
        return _is_item(paragraph) or (flow.labels < 2 and len(text) > _MAX_AFTER)

    def _blank(self, paragraph: Element, bordered: bool, flow: Flow) -> None:
        flow.blanks.append(paragraph)
        if not bordered:
            flow.area = flow.area if flow.area and flow.area.kind is DocxKind.LEADER else None
            if flow.waiting is not None and len(flow.blanks) > 1:
                flow.waiting.multiline = True
            elif flow.item and len(flow.blanks) == _ROOM:
                self._area(flow.blanks[0], flow).multiline = True
            return
        if flow.area is not None:
            flow.area.multiline = True
            return
        if flow.waiting is not None:
            flow.waiting.kept = False
            flow.waiting = None
        flow.area = self._area(paragraph, flow)

    def _area(self, paragraph: Element, flow: Flow) -> Spot:
        spot = Spot(DocxKind.PARAGRAPH, paragraph, self.part, False, label=flow.last)
        self.add(spot, flow)
        return spot

    def _with_drawn(self, tokens: list[Token]) -> list[Token]:
        """The same tokens, small drawn squares become boxes where they stand."""
        result: list[Token] = []
        for token in tokens:
            if not isinstance(token, Shape):
                result.append(token)
                continue
            squares = [one for one in drawn(token.element) if one.small and not self._is_form(one)]
            result.extend(self._square(one) for one in squares)
        return result

    def _square(self, one: Drawn) -> Spot:
        inside = wml.all_words(one.content, "p") if one.content is not None else ()
        state = Mark.ON if any(wml.text_of(each).strip() for each in inside) else Mark.OFF
        return Spot(DocxKind.DRAWING, one.element, self.part, True, state=state)

    def _is_form(self, one: Drawn) -> bool:
        """Whether a shape's text is itself a box, as « ☐ » set in a small text box."""
        if one.content is None:
            return False
        probe = Reader(self.part, self.styles).flow(one.content)
        return bool(probe.spots)

    def _text_boxes(self, shape: Shape, flow: Flow) -> None:
        for one in drawn(shape.element):
            if one.content is None or (one.small and not self._is_form(one)):
                continue
            inner = self.flow(one.content, Flow(last=flow.last))
            if any(spot.kept for spot in inner.spots):
                flow.spots.extend(inner.spots)
                continue
            spot = Spot(
                DocxKind.TEXT_BOX,
                one.content,
                self.part,
                False,
                text="\n".join(inner.words),
                multiline=True,
                label=flow.last,
            )
            self._answered(flow)
            self.add(spot, flow)


def _is_item(paragraph: Element) -> bool:
    """Whether a paragraph is an item of a list, that the line above only introduces."""
    properties = wml.child(paragraph, "pPr")
    if properties is not None and wml.child(properties, "numPr") is not None:
        return True
    style = wml.value_of(wml.child(properties, "pStyle")) if properties is not None else ""
    first = wml.text_of(paragraph).lstrip()[:1]
    return first in _LIST_MARKS or "list" in style.casefold() or "puce" in style.casefold()
