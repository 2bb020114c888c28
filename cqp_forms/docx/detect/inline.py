"""A paragraph's words, boxes and areas, in reading order; lines to write on among the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cqp_forms import ticksigns
from cqp_forms.docx import wml
from cqp_forms.docx.detect.fields import FoundField
from cqp_forms.mapping import DocxKind
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


@dataclass(frozen=True, slots=True)
class Words:
    """Text; ``blank`` when its white space is underlined, as a line to write on."""

    text: str
    start: int
    blank: bool = False


@dataclass(frozen=True, slots=True)
class DrawingToken:
    """A drawing, a picture or a choice between two renderings of one."""

    element: Element


Token: TypeAlias = Words | FoundField | DrawingToken

_SKIPPED = frozenset({"pPr", "rPr", "sdtPr", "sdtEndPr", "del", "moveFrom", "instrText"})
_SHAPES = frozenset({"AlternateContent", "drawing", "pict", "object"})
#: Controls that only hold other things (ECMA-376-1, 17.5.2; [MS-DOCX] 2.5.3).
_HOLDERS = frozenset(
    {"docPartObj", "docPartList", "group", "picture", "equation", "bibliography", "citation"}
    | {"repeatingSection", "repeatingSectionItem"}
)

# Blanks that are shown as a line; XML cannot hold these two characters, so no text is mistaken.
_UNDERLINED = "\x01"
_TAB_LINE = "\x02"
#: « Date : __ / __ / ____ », or dots and such.
_LEADER = re.compile(
    r"(?P<date>(?:[.…‥·_\x01]+[ \u00a0]*)?/[.…‥·_\x01 \u00a0]*/(?:[ \u00a0]*[.…‥·_\x01]+)?)"
    r"|(?:\|_{1,3}){2,}\|?"
    r"|[.…‥·_\x01\x02](?:[.…‥·_\x01\x02\t \u00a0]*[.…‥·_\x01\x02])?"
)
#: The room between « Nom : » and a second label of the same line.
_GAP = re.compile(
    r"(?<=:)(?:[ \u00a0]*\t[\t \u00a0]*|[ \u00a0]{4,})(?=[^:\t\n]{2,60}:)"
    r"|(?<=:)[ \u00a0]*(?=\n[^:\n]{2,60}:[ \u00a0]*(?:\n|$))"
)
_WEIGHTS = {"…": 3, "‥": 2, _TAB_LINE: 4}
#: « … » and « ... » close a list in running text; a line to write on is longer.
_LONG_ENOUGH = 4
#: « Nom : » and nothing else waits for an answer; longer wordings introduce what follows.
_MAX_WORDS = 9


def tokens_of(paragraph: Element, part: str) -> list[Token]:
    """Read a paragraph."""
    tokens = _ParagraphReader(paragraph, part).tokens
    signs = [one for one in tokens if isinstance(one, FoundField) and (one.rounded or one.solid)]
    if not signs:
        return tokens
    shown = [one for one in tokens if not (isinstance(one, Words) and not one.text.strip())]
    rounds = [one for one in signs if one.rounded]
    opened = [one for one in rounds if one.state is Mark.OFF]
    if not (opened and (len(rounds) > 1 or shown[0] is opened[0])):
        # A circle among words is a word: « 20 ○C ».
        tokens = _as_words(tokens, rounds)
    solids = [one for one in signs if one.solid]
    if len(solids) == 1 and len(shown) > 1:
        # One filled square before words is the mark of a list.
        tokens = _as_words(tokens, solids)
    for one in signs:
        one.offset = 0 if one.kind is DocxKind.SYMBOL else one.offset
    return tokens


def _as_words(tokens: list[Token], signs: list[FoundField]) -> list[Token]:
    """The same tokens, these signs as the characters that they are."""
    words = {id(one): Words(one.caption, one.offset) for one in signs}
    return [words.get(id(one), one) for one in tokens]


class _ParagraphReader:
    """Walks a paragraph once; a legacy field's own result is no wording of the form."""

    def __init__(self, paragraph: Element, part: str) -> None:
        self.part = part
        self.paragraph = paragraph
        self.tokens: list[Token] = []
        self._pieces = {one.element: one for one in wml.pieces(paragraph)}
        # Each open field: its field (None for PAGE, REF…), and whether its result has begun.
        self._fields: list[tuple[FoundField | None, bool]] = []
        self._look: tuple[Element | None, str, bool] = (None, "", False)
        self._children(paragraph)

    def _children(self, parent: Element) -> None:
        for one in parent:
            name = wml.local(one)
            if not name or name in _SKIPPED:
                continue
            if name in _SHAPES:
                self.tokens.append(DrawingToken(one))
            elif name == "sdt":
                self._control(one)
            elif name == "fldChar":
                self._field(one)
            elif one in self._pieces:
                self._piece(one, parent)
            else:
                self._children(one)

    def _control(self, control: Element) -> None:
        field = control_field(control, self.part)
        if field is not None:
            self.tokens.append(field)
            if field.ticks and (words := inside_words(control)):
                # « ☐ OUI » inside one control: the words are the box's.
                self.tokens.append(Words(words, 0))
        elif (content := wml.child(control, "sdtContent")) is not None:
            self._children(content)

    def _field(self, mark: Element) -> None:
        step = wml.attribute(mark, "fldCharType")
        if step == "begin":
            field = _legacy(mark, self.part)
            if field is not None:
                self.tokens.append(field)
            self._fields.append((field, False))
        elif step == "separate" and self._fields:
            self._fields[-1] = (self._fields[-1][0], True)
        elif step == "end" and self._fields:
            field, _ = self._fields.pop()
            if field is not None:
                field.text = _typed(field.text)

    def _piece(self, element: Element, run: Element) -> None:
        piece = self._pieces[element]
        inside = [field for field, began in self._fields if field is not None and began]
        if inside:
            inside[-1].text += piece.text
            return
        if wml.local(element) == "sym":
            found = self._sign(piece.text, piece.start, wml.attribute(element, "font") or "")
            if found is not None:
                found.kind, found.element = DocxKind.SYMBOL, element
                found.offset = piece.start if found.rounded or found.solid else 0
                self.tokens.append(found)
            else:
                self.tokens.append(Words(piece.text, piece.start))
            return
        if self._look[0] is not run:
            # One run may hold thousands of pieces: its properties are looked for once.
            self._look = (run, wml.font_of(run), _underlined(run))
        self._text(piece.text, piece.start, *self._look[1:])

    def _text(self, text: str, start: int, font: str, underlined: bool) -> None:
        held = ""
        for position, character in enumerate(text):
            found = self._sign(character, start + position, font)
            if found is None:
                held += character
                continue
            self._words(held, start + position - len(held), underlined)
            held = ""
            self.tokens.append(found)
        self._words(held, start + len(text) - len(held), underlined)

    def _sign(self, character: str, start: int, font: str) -> FoundField | None:
        """The box that a character is, or the circle or filled square that may be one."""
        state, shown = ticksigns.box(character, font), ticksigns.drawn(character, font)
        rounded = bool(shown) and shown in ticksigns.ROUNDS + ticksigns.TICKED_ROUNDS
        solid = bool(shown) and shown in ticksigns.SOLIDS
        if rounded or solid:
            state = Mark.OFF if shown in ticksigns.ROUNDS else Mark.ON
        if state is None:
            return None
        found = FoundField(
            DocxKind.GLYPH, self.paragraph, self.part, True, offset=start, state=state
        )
        found.rounded, found.caption = rounded, shown if rounded or solid else ""
        found.unfillable = "carré plein" if solid else ""
        return found

    def _words(self, text: str, start: int, underlined: bool) -> None:
        if text:
            self.tokens.append(Words(text, start, underlined))


def inside_words(holder: Element) -> str:
    """The text inside a tick box's control, without the box itself."""
    found = ""
    for one in wml.all_words(holder, "t"):
        run = one.getparent()
        font = wml.font_of(run)
        found += "".join(each for each in one.text or "" if ticksigns.box(each, font) is None)
    return found


def _underlined(run: Element) -> bool:
    properties = wml.child(run, "rPr")
    line = wml.child(properties, "u") if properties is not None else None
    return wml.value_of(line, "none") != "none"


def _legacy(mark: Element, part: str) -> FoundField | None:
    """The box or area of a legacy form field (17.16.7 and 17.16.17)."""
    data = wml.child(mark, "ffData")
    if data is None:
        return None
    box = wml.child(data, "checkBox")
    if box is not None:
        state = Mark.ON if wml.is_checked(box) else Mark.OFF
        return FoundField(DocxKind.FORM_CHECKBOX, mark, part, True, state=state)
    if wml.child(data, "textInput") is not None:
        return FoundField(DocxKind.FORM_TEXT, mark, part, False)
    if wml.child(data, "ddList") is not None:
        # Word shows an item of its list, by its rank (17.16.9): no text stands there.
        return FoundField(DocxKind.FORM_TEXT, mark, part, False, unfillable="liste déroulante")
    return None


def _typed(text: str) -> str:
    """What was typed into a legacy text field: Word fills an empty one with en spaces."""
    return text.replace("\u2002", " ").strip()


def control_field(control: Element, part: str) -> FoundField | None:
    """The box or area that a content control is; ``None`` for one that only holds others."""
    properties = wml.child(control, "sdtPr")
    kinds = {wml.local(one) for one in properties} if properties is not None else set()
    if properties is not None and "checkbox" in kinds:
        box = next(one for one in properties if wml.local(one) == "checkbox")
        state = Mark.ON if wml.is_checked(box) else Mark.OFF
        return FoundField(DocxKind.CONTROL, control, part, True, state=state)
    content = wml.child(control, "sdtContent")
    if content is None or kinds & _HOLDERS or _holds_others(content):
        return None
    plain = wml.child(properties, "text") if properties is not None else None
    rich = not kinds & {"text", "date", "dropDownList", "comboBox"}
    several = rich and any(wml.is_word(one, "p") for one in content)
    return FoundField(
        DocxKind.CONTROL,
        control,
        part,
        False,
        text="" if "showingPlcHdr" in kinds else _shown(content),
        multiline=several or (plain is not None and wml.attribute(plain, "multiLine") == "1"),
        items=wml.list_items(control),
    )


_OTHERS = frozenset({"sdt", "fldChar", "sym", "tbl", "AlternateContent", "drawing", "pict"})


def _holds_others(content: Element) -> bool:
    """Whether a control wraps a piece of the form rather than one answer."""
    for one in content.iter():
        if wml.local(one) in _OTHERS:
            return True
        if wml.is_word(one, "t"):
            run = one.getparent()
            font = wml.font_of(run)
            if any(ticksigns.box(each, font) for each in one.text or ""):
                return True
    return False


def _shown(content: Element) -> str:
    paragraphs = list(wml.all_words(content, "p"))
    if not paragraphs:
        return wml.text_of(content).strip()
    return "\n".join(wml.text_of(one) for one in paragraphs).strip()


def all_bold(paragraph: Element) -> bool:
    """Whether a short paragraph is all bold: a title in all but style."""
    pieces = [one for one in wml.pieces(paragraph) if one.text.strip()]
    if not pieces or pieces[-1].end > 120:
        return False
    for one in pieces:
        run = one.element.getparent()
        properties = wml.child(run, "rPr") if run is not None else None
        if properties is None or not wml.is_on(wml.child(properties, "b")):
            return False
    return True


def with_leaders(
    tokens: Sequence[Token], paragraph: Element, part: str, tab_leader: bool
) -> list[Token]:
    """The same tokens, with an area in the place of each leader.

    Args:
        tab_leader: whether the paragraph's tab stops draw a leader.
    """
    result: list[Token] = []
    run: list[Words] = []
    for token in tokens:
        if isinstance(token, Words):
            run.append(token)
            continue
        result.extend(_split(run, paragraph, part, tab_leader))
        run = []
        result.append(token)
    result.extend(_split(run, paragraph, part, tab_leader))
    return _without_fillers(result)


def _without_fillers(tokens: list[Token]) -> list[Token]:
    """The same, less the dots that only lead from a label to its colon, « Nom ....... : ____ »."""
    fillers = {
        index
        for index, (one, colon, line) in enumerate(
            zip(tokens, tokens[1:], tokens[2:], strict=False)
        )
        if isinstance(one, FoundField) and one.kind is DocxKind.LEADER
        if isinstance(colon, Words) and colon.text.strip() == ":"
        if isinstance(line, FoundField) and line.kind is DocxKind.LEADER
    }
    return [one for index, one in enumerate(tokens) if index not in fillers]


def _split(run: list[Words], paragraph: Element, part: str, tab_leader: bool) -> list[Token]:
    text = "".join(one.text for one in run)
    # Offsets follow the paragraph's text; boxes between two words are not in these words.
    places = [one.start + index for one in run for index in range(len(one.text))]
    drawn = "".join(_drawn(one, tab_leader) for one in run)
    result: list[Token] = []
    done = 0
    lines = [one for one in _LEADER.finditer(drawn) if _is_line(one, drawn)]
    for found in sorted([*lines, *_GAP.finditer(drawn)], key=re.Match.start):
        if found.start() < done:
            continue
        if found.start() > done:
            result.append(Words(text[done : found.start()], places[done]))
        result.append(
            FoundField(DocxKind.LEADER, paragraph, part, False, offset=places[found.start()])
        )
        done = found.end()
    if done < len(text):
        result.append(Words(text[done:], places[done]))
    return result


def _is_line(found: re.Match[str], drawn: str) -> bool:
    before = drawn[: found.start()].rstrip()
    if found["date"]:
        # « oui / non / sans objet » is no date: a label must lead to it, and nothing may follow
        # slashes without a line between them.
        lines = all(set(one) & set(".…‥·_\x01") for one in found[0].split("/"))
        if lines and found[0].strip() == drawn.strip():
            return True  # alone in its cell
        return bool(before) and (lines or not drawn[found.end() :].strip())
    weight = sum(_WEIGHTS.get(one, 1) for one in found[0] if one not in "\t \u00a0")
    if weight >= _LONG_ENOUGH:
        return True
    return before.endswith(":") and found.end() == len(drawn.rstrip())


def _drawn(one: Words, tab_leader: bool) -> str:
    """The text with its drawn blanks marked, character for character."""
    if one.blank and not one.text.strip():
        return (
            one.text.replace("\t", _TAB_LINE)
            .replace(" ", _UNDERLINED)
            .replace("\u00a0", _UNDERLINED)
        )
    return one.text.replace("\t", _TAB_LINE) if tab_leader else one.text


def ends_as_label(text: str) -> bool:
    """Whether a paragraph is « Nom : » and waits for its answer on the same line."""
    bare = text.strip()
    return len(bare) > 1 and bare.endswith(":") and len(bare.split()) <= _MAX_WORDS
