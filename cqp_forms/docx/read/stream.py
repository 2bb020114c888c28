"""A part as one stream of signs: its text in reading order, its structure, its boxes.

The blank and a document made from it give streams that differ by the answers alone, whatever became
of controls, bookmarks, runs and paths; :mod:`cqp_forms.docx.read.align` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from cqp_forms import ticksigns
from cqp_forms.docx import wml
from cqp_forms.docx.read.content import control_mark, text_of
from cqp_forms.mapping import DocxKind, DocxLocator
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: The signs of the structure (the end of a paragraph, a cell, a row; both ends of a row and of a
#: shape), of a box and of an area: XML 1.0 has no such characters.
PARAGRAPH, CELL, ROW, SHAPE = "\x1f", "\x1c", "\x1d", "\x1e"
ROW_BEGIN = "\x03"
BOX, AREA = "\x01", "\x02"
STRUCTURE = frozenset({PARAGRAPH, CELL, ROW_BEGIN, ROW, SHAPE})

#: Fields whose result depends on the page (17.16.5): each program puts another one.
_PAGED = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES", "PAGEREF"})
_SKIPPED = frozenset({"pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "trPr", "tcPr"}) | {
    *("sectPr", "del", "moveFrom", "instrText", "delText", "fldData", "tblPrEx")
}
_CHARACTERS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "\u2011"}
_SHAPES = frozenset({"wsp", "rect", "roundrect", "shape"})
_DRAWN = frozenset({"drawing", "pict", "object"})
#: Stands for what a pictorial font draws and nobody takes for a tick.
_UNKNOWN = "\ufffd"
_AT_OFFSET = frozenset({DocxKind.GLYPH, DocxKind.LEADER})


@dataclass(frozen=True, slots=True)
class StreamSlot:
    """A placement in the stream of a blank.

    Attributes:
        original: what the blank shows there, which is no answer.
    """

    key: str
    original: str = ""


@dataclass(slots=True)
class Stream:
    """The signs of a part.

    Attributes:
        signs: what is compared: characters, and the signs above.
        shown: the text that each sign stands for.
        marks: what each box shows, by its index.
        torn: indexes of signs that the two renderings of a shape do not both show.
        slots: the placements of a blank, by index.
    """

    signs: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    marks: dict[int, Mark] = field(default_factory=dict)
    torn: set[int] = field(default_factory=set)
    slots: dict[int, StreamSlot] = field(default_factory=dict)

    def add(self, sign: str, shown: str = "") -> None:
        """Append a sign."""
        self.signs.append(sign)
        self.shown.append(shown)

    def cut(self, start: int) -> None:
        """Take back what was appended from an index on."""
        del self.signs[start:], self.shown[start:]
        for one in [index for index in self.marks if index >= start]:
            del self.marks[one]


def stream_of(root: Element, locators: Mapping[str, DocxLocator] | None = None) -> Stream:
    """The stream of a part.

    Args:
        root: the part's root.
        locators: of a blank: its placements in this part, which become slots.
    """
    walk = _Walk(_Places(root, locators or {}))
    walk.children(root)
    return walk.stream


class _Places:
    """Where the placements of a blank are, for the walk to meet them."""

    def __init__(self, root: Element, locators: Mapping[str, DocxLocator]) -> None:
        self.elements: dict[Element, tuple[str, DocxKind]] = {}
        self.offsets: dict[Element, dict[int, tuple[str, DocxKind]]] = {}
        tagged: dict[str, Element] = {}
        if any(one.kind is DocxKind.CONTROL for one in locators.values()):
            tagged = {wml.tag_of(one): one for one in wml.all_words(root, "sdt")}
        for key, locator in locators.items():
            by_tag = locator.kind is DocxKind.CONTROL
            element = tagged.get(locator.target) if by_tag else wml.find_path(root, locator.target)
            if element is None:
                continue
            if locator.kind in _AT_OFFSET and wml.is_word(element, "p"):
                self.offsets.setdefault(element, {})[locator.offset] = (key, locator.kind)
            else:
                self.elements[element] = (key, locator.kind)


@dataclass(slots=True)
class _Field:
    """An open complex field (17.16.18)."""

    code: str = ""
    hidden: bool = False


class _Walk:
    """One pass over a part."""

    def __init__(self, places: _Places) -> None:
        self.stream = Stream()
        self._places = places
        self._fields: list[_Field] = []
        self._muted = 0
        self._shapes: list[Element] = []
        self._offsets: dict[Element, dict[int, tuple[StreamSlot, str]]] = {}
        self._covered: dict[Element, set[int]] = {}

    def children(self, parent: Iterable[Element]) -> None:
        """Every child, in reading order."""
        for one in parent:
            self.element(one)

    def element(self, one: Element) -> None:
        """An element of any kind."""
        name = wml.local(one)
        if not name or name in _SKIPPED:
            if name == "instrText" and self._fields:
                self._fields[-1].code += one.text or ""
            return
        known = self._places.elements.get(one)
        if known is not None:
            self._place(one, *known)
        elif name == "p":
            self._paragraph(one)
        elif name == "r":
            self._run(one)
        elif name == "sdt":
            self._control(one)
        elif name == "AlternateContent" or name in _DRAWN:
            self._shapes.append(one)
        elif name == "fldSimple":
            if (wml.attribute(one, "instr") or "").split()[:1] not in [[each] for each in _PAGED]:
                self.children(one)
        elif name == "tr":
            self.stream.add(ROW_BEGIN)
            self.children(one)
            self.stream.add(ROW)
        else:
            self.children(one)
            if name == "tc":
                self.stream.add(CELL)

    def _place(self, one: Element, key: str, kind: DocxKind) -> None:
        """A placement of a blank, its own content put aside."""
        name = wml.local(one)
        boxed = kind in (DocxKind.SYMBOL, DocxKind.FORM_CHECKBOX)
        if name == "sdt" and self._boxed_control(one, key):
            return
        drawn = kind is DocxKind.DRAWING
        inside = {wml.local(each) for each in one.iter()}
        if drawn:
            self.stream.add(SHAPE)
        elif "tr" in inside:
            self.stream.add(ROW_BEGIN)
        original = _result(one) if name == "fldChar" else text_of([one])
        self._slot(StreamSlot(key, "" if boxed else original), BOX if boxed else AREA)
        if drawn:
            self.stream.add(SHAPE)
            return
        if name == "fldChar":
            self._fields.append(_Field(hidden=True))
            self._muted += 1
            return
        if "p" in inside:
            self.stream.add(PARAGRAPH)
        if "tc" in inside:
            self.stream.add(CELL)
        if "tr" in inside:
            self.stream.add(ROW)

    def _slot(self, slot: StreamSlot, sign: str) -> None:
        self.stream.slots[len(self.stream.signs)] = slot
        self.stream.add(sign)

    def _boxed_control(self, control: Element, key: str) -> bool:
        """A control of the blank that is a tick box, with the words inside it if it has some."""
        start = len(self.stream.signs)
        self._control(control)
        boxes = [at for at in range(start, len(self.stream.signs)) if self.stream.signs[at] == BOX]
        if len(boxes) != 1:
            self.stream.cut(start)
            return False
        self.stream.slots[boxes[0]] = StreamSlot(key)
        return True

    def _paragraph(self, one: Element) -> None:
        outer, self._shapes = self._shapes, []
        ending = self._note_offsets(one)
        self.children(one)
        for slot in ending:
            self._slot(slot, AREA)
        for shape in self._shapes:
            self._shape(shape)
        self._shapes = outer
        self.stream.add(PARAGRAPH)

    def _note_offsets(self, paragraph: Element) -> list[StreamSlot]:
        """Spread a paragraph's offsets over its pieces; those at its very end are returned."""
        ending = []
        places = self._places.offsets.get(paragraph, {})
        pieces = wml.pieces(paragraph) if places else []
        text = "".join(one.text for one in pieces)
        for offset, (key, kind) in places.items():
            glyph = kind is DocxKind.GLYPH
            end = offset + 1 if glyph else wml.leader_end(text, offset)
            slot = StreamSlot(key, "" if glyph else text[offset:end])
            if offset >= len(text):
                ending.append(slot)
                continue
            for piece in pieces:
                covered = range(max(offset, piece.start), min(end, piece.end))
                self._covered.setdefault(piece.element, set()).update(
                    at - piece.start for at in covered
                )
                if piece.start <= offset < piece.end:
                    at = offset - piece.start
                    self._offsets.setdefault(piece.element, {})[at] = (slot, BOX if glyph else AREA)
        return ending

    def _run(self, run: Element) -> None:
        properties = wml.child(run, "rPr")
        if properties is not None and wml.is_on(wml.child(properties, "vanish")):
            return
        font = None
        for one in run:
            name = wml.local(one)
            if one in self._places.elements:
                self.element(one)
            elif name == "t":
                font = wml.font_of(run) if font is None else font
                self._text(one, one.text or "", font)
            elif name in _CHARACTERS:
                self._text(one, _CHARACTERS[name], "")
            elif name == "sym":
                self._text(one, wml.symbol(one), wml.attribute(one, "font") or "")
            elif name == "fldChar":
                self._field(one)
            else:
                self.element(one)

    def _text(self, element: Element, text: str, font: str) -> None:
        slots = self._offsets.get(element, {})
        covered = self._covered.get(element, ())
        for at, sign in enumerate(text):
            if at in slots:
                self._slot(*slots[at])
            if at in covered or self._muted:
                continue
            # What is seen counts: a letter of a pictorial font is a sign, or none that is known.
            look = ticksigns.drawn(sign, font) or _UNKNOWN
            state = ticksigns.box(look)
            if state is not None:
                self.stream.marks[len(self.stream.signs)] = state
            self.stream.add(look if state is None else BOX, look)

    def _field(self, mark: Element) -> None:
        step = wml.attribute(mark, "fldCharType")
        if step == "begin":
            boxes = list(wml.all_words(mark, "checkBox"))
            self._fields.append(_Field(hidden=bool(boxes)))
            if boxes:
                self.stream.marks[len(self.stream.signs)] = _mark(boxes[0])
                self.stream.add(BOX)
                self._muted += 1
        elif step == "separate" and self._fields and not self._fields[-1].hidden:
            field_ = self._fields[-1]
            if field_.code.split()[:1] in [[one] for one in _PAGED]:
                field_.hidden = True
                self._muted += 1
        elif step == "end" and self._fields:
            self._muted -= self._fields.pop().hidden

    def _control(self, control: Element) -> None:
        properties = wml.child(control, "sdtPr")
        content = wml.child(control, "sdtContent")
        if wml.tag_of(control).startswith(wml.OWN_TAG) or content is None:
            return
        kinds = {wml.local(one): one for one in properties} if properties is not None else {}
        start = len(self.stream.signs)
        prompted = wml.is_on(kinds.get("showingPlcHdr"))
        box = kinds.get("checkbox")
        self._muted += prompted and box is None
        self.children(content)
        self._muted -= prompted and box is None
        if box is not None:
            self._flagged(box, list(content), start)

    def _flagged(self, box: Element, content: list[Element], start: int) -> None:
        """A box control: its flag and its sign must agree."""
        boxes = [at for at in range(start, len(self.stream.signs)) if self.stream.signs[at] == BOX]
        if len(boxes) == 1:
            if self.stream.marks.get(boxes[0]) is not _mark(box):
                self.stream.marks[boxes[0]] = Mark.DOUBTFUL
            return
        ending = [one for one in self.stream.signs[start:] if one in STRUCTURE]
        self.stream.cut(start)
        self.stream.marks[start] = control_mark(wml.is_checked(box), box, text_of(content), content)
        self.stream.add(BOX)
        for one in ending:
            self.stream.add(one)

    def _shape(self, one: Element) -> None:
        """The shapes of a drawing, those that repeat them for older programs put aside."""
        known = self._places.elements.get(one)
        name = wml.local(one)
        if known is not None and name != "txbxContent":
            self._place(one, *known)
        elif name in _SHAPES and one.get("id", "").startswith(wml.WATERMARK):
            return  # a draft's, or one that was laid over the guide: nothing of its wording
        elif name in _SHAPES:
            content = next(wml.all_words(one, "txbxContent"), None)
            self.stream.add(SHAPE)
            if content is not None:
                self.element(content)
            if self.stream.signs[-1] == PARAGRAPH:
                self.stream.cut(len(self.stream.signs) - 1)
            self.stream.add(SHAPE)
        elif name == "AlternateContent":
            start = len(self.stream.signs)
            branches = [each for each in one if wml.local(each) in ("Choice", "Fallback")]
            if branches:
                self._shape(branches[0])
            if len({"".join(_texts(each)) for each in branches}) > 1:
                self.stream.torn.update(range(start, len(self.stream.signs)))
        else:
            for each in one:
                self._shape(each)


def _result(begin: Element) -> str:
    """What a legacy field that begins here shows: what its « separate » and its « end » enclose."""
    found: list[Element] = []
    depth, shown = 1, False
    run = begin.getparent()
    for one in run.itersiblings() if run is not None else ():
        for mark in wml.all_words(one, "fldChar"):
            step = wml.attribute(mark, "fldCharType")
            depth += {"begin": 1, "end": -1}.get(step or "", 0)
            shown = shown or (step == "separate" and depth == 1)
        if depth == 0:
            break
        if shown:
            found.append(one)
    return text_of(found)


def _texts(branch: Element) -> Iterator[str]:
    for content in wml.all_words(branch, "txbxContent"):
        yield text_of(list(content)).strip()


def _mark(box: Element) -> Mark:
    return Mark.ON if wml.is_checked(box) else Mark.OFF


class Rigour(IntEnum):
    """How much of the structure is counted."""

    EXACT = 0
    PARAGRAPHS_FREE = 1
    CELLS_FREE = 2


@dataclass(frozen=True, slots=True)
class Found:
    """Where a placement is in a document's stream: from ``start`` to ``end``, as slices are."""

    start: int
    end: int
    original: str
    rigour: Rigour
