"""Find every tick box and every area of a DOCX that the program has never seen.

Boxes: ``w14:checkbox`` controls wherever they stand, FORMCHECKBOX fields, ``w:sym`` and characters
of pictorial fonts, ☐ and its likes in ordinary runs, small drawn rectangles, empty cells under OUI
and NON. Areas: content controls, FORMTEXT fields, text boxes, leaders of dots or lines, empty cells
and bordered paragraphs, and « Nom : » with nothing behind it. Protection changes nothing to where
they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from cqp_forms.docx import wml
from cqp_forms.docx.detect.fields import (
    Container,
    FoundField,
    PartFields,
    detected,
    tidy,
)
from cqp_forms.docx.detect.inline import (
    DrawingToken,
    Token,
    Words,
    all_bold,
    control_field,
    ends_as_label,
    inside_words,
    tokens_of,
    with_leaders,
)
from cqp_forms.docx.detect.naming import (
    caption_boxes,
    label_areas,
    name_box,
    one_area_a_label,
    only_leads,
    signed_parts,
    without_doubles,
)
from cqp_forms.docx.detect.shapes import Rectangle, closed, drawn, lines_below, pictures_of
from cqp_forms.docx.detect.styles import StyleSheet, is_item
from cqp_forms.docx.detect.tables import read_table
from cqp_forms.docx.opc import open_package
from cqp_forms.mapping import Detected, DocxKind
from cqp_forms.matching.wording import announces_signing, asks_for_text, is_signed
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Wrappers that stand between a container and its paragraphs without being shown.
_WRAPPERS = frozenset({"customXml", "ins", "moveTo", "smartTag", "sdtContent"})
#: A longer paragraph above a list of boxes is an instruction, not their title.
_MAX_LEAD = 160
#: Under « Nom : », a longer paragraph is what the line only introduces.
_MAX_AFTER = 100
#: Fewer blank lines are only space: under an item of a list, under what may introduce the rest.
_ROOM, _MORE_ROOM = 2, 3
_ROUND = "ce rond peut n’être qu’une puce"
_FLOATS = "cette zone de texte flotte sur la page : son libellé n’est pas sûr"
_TABBED = "plusieurs libellés au-dessus d’une seule ligne"
_NO_LABEL = "rien ne dit ce qui s’écrit sur cette ligne"


def detect(document: bytes) -> tuple[Detected, ...]:
    """Find the boxes and areas of a document.

    Args:
        document: a .docx or .dotx, transitional or strict, protected for forms or not.

    Returns:
        What was found, in reading order: the body first, then headers and footers.

    Raises:
        DocumentError: not a DOCX, damaged, encrypted, or built to exhaust memory. A document
            without any box is no error: the result is empty.
    """
    package = open_package(document)
    styles = StyleSheet(package.styles)
    fields: list[FoundField] = []
    for part in package.parts:
        reader = PartReader(part.name, styles, pictures=pictures_of(part.root))
        body = wml.child(part.root, "body")
        reader.read(part.root if body is None else body)
        if wml.local(part.root) in ("hdr", "ftr"):
            # An address or a title there is part of the form, whatever holds it.
            fields += [one for one in reader.part.found if not one.text.strip()]
        else:
            fields += reader.part.found
    return detected(fields, [part.root for part in package.parts])


class PartReader:
    """Reads one part; :attr:`part` collects its fields."""

    def __init__(
        self,
        part: str,
        styles: StyleSheet,
        forms: dict[Element, bool] | None = None,
        pictures: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.part = PartFields(part)
        self._styles = styles
        # Text boxes may be nested: each is asked once whether it is a form, at whatever depth.
        self._forms = {} if forms is None else forms
        self._pictures = pictures

    def read(self, element: Element, container: Container | None = None) -> Container:
        """Read a container: body, header, cell, text box."""
        container = container or Container()
        self._blocks(element, container)
        self.part.by_block(container.blocks)
        return container

    def _blocks(self, element: Element, container: Container) -> None:
        for one in element:
            if wml.is_word(one, "p"):
                self._paragraph(one, container)
            elif wml.is_word(one, "tbl"):
                self._table(one, container)
            elif wml.is_word(one, "sdt"):
                self._control(one, container)
            elif wml.local(one) in _WRAPPERS:
                self._blocks(one, container)

    def _table(self, table: Element, container: Container) -> None:
        before = len(self.part.found)
        heading = self.part.heading
        read_table(self.part, self._styles, table, container, self.read)
        self.part.heading = heading
        found = self.part.found[before:]
        first = next((one for one in found if one.kept), None)
        if container.waiting is not None and first is not None:
            # « Disponibilités : » only leads to a grid of boxes; « Nom : » has its own answer.
            container.waiting.kept = first.ticks and asks_for_text(container.waiting.label)
        container.restart()
        container.fields.extend(found)

    def _control(self, control: Element, container: Container) -> None:
        field = control_field(control, self.part.name)
        content = wml.child(control, "sdtContent")
        if field is None:
            if content is not None:
                self._blocks(content, container)
            return
        if content is not None and field.ticks:
            words = [inside_words(one) for one in wml.all_words(content, "p")]
            name_box(field, tidy(" ".join(words)), container.last)
        else:
            field.label = container.last
        self._answered(container)
        self.part.add(field, container)

    def _answered(self, container: Container) -> None:
        """What follows a « Nom : » takes its answer."""
        if container.waiting is not None:
            container.waiting.kept = False
        container.restart()

    def _paragraph(self, paragraph: Element, container: Container) -> None:
        style = self._styles.of_paragraph(paragraph)
        tokens = without_doubles(tokens_of(paragraph, self.part.name))
        if not style.contents:
            tokens = with_leaders(tokens, paragraph, self.part.name, style.leader)
        shapes = [one for one in tokens if isinstance(one, DrawingToken)]
        tokens = self._with_drawn(tokens)
        text = tidy("".join(one.text for one in tokens if isinstance(one, Words)))
        if any(isinstance(one, FoundField) for one in tokens):
            self._filled_in(paragraph, tokens, text, container)
        elif text:
            self._wording(paragraph, text, style.title, container)
        elif not shapes:
            self._blank(paragraph, style.bordered, container)
        self._settle(paragraph, text, container)
        for shape in shapes:
            self._text_boxes(shape, container)
            self._closed(shape.element, text, container)

    def _closed(self, shape: Element, text: str, container: Container) -> None:
        """A picture or an ActiveX control that stands for a box can only be named."""
        reason, picture = closed(shape)
        if reason and (not picture or self._pictures[picture] > 1):
            found = FoundField(
                DocxKind.DRAWING, shape, self.part.name, True, label=text, unfillable=reason
            )
            self.part.add(found, container)

    def _settle(self, paragraph: Element, text: str, container: Container) -> None:
        """A text box that floats some lines below its own paragraph answers what stands there."""
        floating, container.floating = container.floating, []
        for field, lines in floating:
            if lines > 1:
                container.floating.append((field, lines - 1))
            elif text:
                field.label, field.doubt = text, "" if ends_as_label(text) else _FLOATS
                if container.waiting is not None and container.waiting.element is paragraph:
                    self._answered(container)

    def _filled_in(
        self, paragraph: Element, tokens: list[Token], text: str, container: Container
    ) -> None:
        """A paragraph with boxes or areas in it."""
        tokens = one_area_a_label(tokens)
        fields = [one for one in tokens if isinstance(one, FoundField)]
        lonely_line = not text and all(one.kind is DocxKind.LEADER for one in fields)
        if lonely_line and container.area is not None:
            # The next line of the same area: its text goes to the first.
            container.area.multiline = True
            return
        if fields[0].ticks or not text:
            self._answered(container)
        elif container.waiting is not None and isinstance(tokens[0], Words):
            # « Entre les soussignés : » over « Nom : …… ».
            container.waiting.kept = not only_leads(container.waiting.label)
        container.waiting, container.blanks, container.room = None, [], 0
        caption_boxes(tokens, container.last)
        label_areas(tokens, container.last)
        self._rounds([one for one in fields if one.rounded], container)
        before = len(container.fields)
        if not all(one.ticks for one in fields) and not fields[0].ticks:
            container.lead = ""  # it was answered here
        for one in fields:
            own = not one.column and one.label != one.caption
            if one.ticks and not own and 0 < len(container.lead) <= _MAX_LEAD:
                one.lead, one.listed = container.lead, container.listed
            self.part.add(one, container)
        tail = tokens[-1].text if isinstance(tokens[-1], Words) else ""
        if ends_as_label(tail):
            self._waits(paragraph, tidy(tail), container)
        self._beside([one for one in container.fields[before:] if not one.ticks], container)
        container.labels = 0 if fields[0].ticks else container.labels + 1
        last = fields[-1]
        container.lone = last if lonely_line else None
        if lonely_line and last.label.endswith("."):
            last.doubt = _NO_LABEL
        if lonely_line and len(container.tabs) > 1 and len(fields) == 1:
            last.doubt = _TABBED
        container.area = last if last.kind is DocxKind.LEADER else None
        if text:
            container.words.append(text)
        if text and not all(one.ticks for one in fields):
            container.last = text

    def _beside(self, areas: list[FoundField], container: Container) -> None:
        """Areas in a line under titles in a line, tabs between them: each has its own."""
        if len(areas) == len(container.beside) > 1:
            for rank, (one, heading) in enumerate(zip(areas, container.beside, strict=True)):
                one.heading = heading
                container.blocks.append((rank, one))

    def _rounds(self, rounds: list[FoundField], container: Container) -> None:
        """Circles in a line, or in lines that follow one another, are one question's answers."""
        if len(rounds) != 1:
            container.rounds = ""
        elif not container.rounds:
            container.rounds = self.part.new_number()
        row = container.rounds or self.part.new_number()
        for one in rounds:
            one.row = row
            if container.rounds:
                one.column, one.label = one.caption, container.lead
                one.doubt = _ROUND

    def _wording(self, paragraph: Element, text: str, title: bool, container: Container) -> None:
        if container.waiting is not None and self._only_introduced(paragraph, text, container):
            container.waiting.kept = False
        elif container.waiting is not None and ends_as_label(text) and not title:
            container.waiting.kept = not only_leads(container.waiting.label)
        if container.lone is not None and text.startswith("(") and len(text) <= _MAX_AFTER:
            # « (nom et prénom) » under a line says what is written on it.
            container.lone.label, container.lone.doubt = text.strip("() "), ""
        container.lone = None
        container.restart()
        container.rounds = ""
        container.words.append(text)
        if title or (all_bold(paragraph) and not ends_as_label(text)):
            self.part.heading = text
            self.part.by_block(container.blocks)
            container.blocks = []
            heads = [tidy(one) for one in wml.text_of(paragraph).split("\t")]
            container.beside = [one for one in heads if one]
        signed = announces_signing(text) and len(text) <= _MAX_AFTER
        signed = signed and not (title or container.floats)
        labelled = ends_as_label(text) and not title
        container.labels = container.labels + 1 if labelled else 0
        tabs = [one for one in map(tidy, wml.text_of(paragraph).split("\t")) if one]
        beside = signed and len(tabs) > 1 and all(map(announces_signing, tabs))
        if beside:
            for end, label in signed_parts(wml.text_of(paragraph), container.tabs):
                self._room_at(paragraph, end, label, container)
        elif signed and text.startswith("(") and container.last:
            # « Le tuteur » over « (date et signature) ».
            self._waits(paragraph, f"{container.last} {text}", container)
        elif labelled or signed:
            self._waits(paragraph, text, container)
        container.last = container.lead = text
        container.listed = self.part.new_number()
        container.tabs = tabs
        item = is_item(paragraph) and len(text) <= _MAX_AFTER and text[-1] not in ".;,"
        asks = text.endswith((":", "?")) and len(text) <= _MAX_LEAD and not title
        asks = asks or (is_signed(text) and not beside)
        container.room = _ROOM if item else _MORE_ROOM if asks else 0

    def _waits(self, paragraph: Element, label: str, container: Container) -> None:
        """The room behind « Nom : » is an area, unless what follows takes the answer."""
        end = len(wml.text_of(paragraph))
        container.waiting = self._room_at(paragraph, end, label, container)

    def _room_at(
        self, paragraph: Element, offset: int, label: str, container: Container
    ) -> FoundField:
        field = FoundField(
            DocxKind.LEADER, paragraph, self.part.name, False, offset=offset, label=label
        )
        self.part.add(field, container)
        return field

    def _only_introduced(self, paragraph: Element, text: str, container: Container) -> bool:
        """Whether the « Nom : » above leads to this paragraph rather than to an answer."""
        return is_item(paragraph) or (container.labels < 2 and len(text) > _MAX_AFTER)

    def _blank(self, paragraph: Element, bordered: bool, container: Container) -> None:
        container.blanks.append(paragraph)
        if not bordered:
            container.area = (
                container.area
                if container.area and container.area.kind is DocxKind.LEADER
                else None
            )
            waiting = container.waiting
            enough = container.room and len(container.blanks) == container.room
            # « Nom : » has its answer behind it, « Date et signature » its space below.
            if waiting is not None and waiting.label.endswith(":") and len(container.blanks) > 1:
                waiting.multiline = True
            elif enough:
                if waiting is not None:
                    waiting.kept = False
                self._area(container.blanks[0], container).multiline = True
            return
        if container.area is not None:
            container.area.multiline = True
            return
        if container.waiting is not None:
            container.waiting.kept = False
            container.waiting = None
        container.area = self._area(paragraph, container)

    def _area(self, paragraph: Element, container: Container) -> FoundField:
        field = FoundField(
            DocxKind.PARAGRAPH, paragraph, self.part.name, False, label=container.last
        )
        self.part.add(field, container)
        return field

    def _with_drawn(self, tokens: list[Token]) -> list[Token]:
        """The same tokens, small drawn squares become boxes where they stand."""
        result: list[Token] = []
        for token in tokens:
            if not isinstance(token, DrawingToken):
                result.append(token)
                continue
            squares = [one for one in drawn(token.element) if one.small and not self._is_form(one)]
            result.extend(self._square(one) for one in squares)
        return result

    def _square(self, one: Rectangle) -> FoundField:
        inside = wml.all_words(one.content, "p") if one.content is not None else ()
        state = Mark.ON if any(wml.text_of(each).strip() for each in inside) else Mark.OFF
        return FoundField(DocxKind.DRAWING, one.element, self.part.name, True, state=state)

    def _is_form(self, one: Rectangle) -> bool:
        """Whether a shape's text is itself a box, as « ☐ » set in a small text box."""
        if one.content is None:
            return False
        if one.content not in self._forms:
            probe = PartReader(self.part.name, self._styles, self._forms, self._pictures)
            self._forms[one.content] = bool(probe.read(one.content).fields)
        return self._forms[one.content]

    def _text_boxes(self, shape: DrawingToken, container: Container) -> None:
        for one in drawn(shape.element):
            if one.content is None or (one.small and not self._is_form(one)):
                continue
            inner = self.read(one.content, Container(last=container.last, floats=True))
            if any(field.kept for field in inner.fields):
                container.fields.extend(inner.fields)
                continue
            field = FoundField(
                DocxKind.TEXT_BOX,
                one.content,
                self.part.name,
                False,
                text="\n".join(inner.words),
                multiline=True,
                label=container.last,
            )
            self.part.add(field, container)
            below = lines_below(one.element)
            if below:
                field.doubt = _FLOATS
                container.floating.append((field, below))
                continue
            field.doubt = _FLOATS if below is None else ""
            self._answered(container)
