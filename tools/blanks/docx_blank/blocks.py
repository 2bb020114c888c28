"""The guide's blocks as the body of a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cqp_forms.blocks import (
    Block,
    Bullets,
    Callout,
    CommentBox,
    Competences,
    Cover,
    FieldLines,
    Heading,
    Modalities,
    PageBreak,
    Paragraph,
    SignatureBlock,
    TickList,
    plain,
)
from cqp_forms.docx.wml import qn
from cqp_forms.guide import Box, Competence, CompetencePhrases, Guide
from docx_blank.controls import Controls
from docx_blank.cover import card, note_place
from docx_blank.parts import cover_section
from docx_blank.room import comment_heights
from docx_blank.tables import (
    colon,
    comment_box,
    criteria_table,
    field_lines,
    label_width,
    result_table,
    signature_table,
    tick_line,
)
from docx_blank.xml import el, paragraph, run, runs

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def body(guide: Guide, controls: Controls) -> list[Element]:
    """All that stands between the cover and the last page, in order."""
    return _Layout(guide, controls).elements()


class _Layout:
    """Lays the blocks out one after the other; remembers whether a new page has just begun."""

    def __init__(self, guide: Guide, controls: Controls) -> None:
        self._guide = guide
        self._controls = controls
        self._heights = comment_heights(guide)
        self._made: list[Element] = []
        self._new_page = False
        self._top = True
        self._lead = False

    def elements(self) -> list[Element]:
        self._all(self._guide.document)
        return self._made

    def _all(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            self._block(block)

    def _add(self, *elements: Element) -> None:
        self._made.extend(elements)
        self._top = False

    def _block(self, block: Block) -> None:
        match block:
            case Cover():
                self._cover(block)
            case Heading(level, text):
                self._heading(level, text)
            case PageBreak():
                self._new_page = True
            case Modalities():
                self._modalities()
            case Competences():
                self._competences()
            case FieldLines(fields):
                self._add(field_lines(self._controls, fields), paragraph("Bare"))
            case CommentBox(field_id):
                field = self._controls.field(field_id)
                self._add(
                    paragraph("BoxLabel", colon(plain(field.label))),
                    comment_box(self._controls, field, self._heights[field_id]),
                    paragraph("Bare"),
                )
            case SignatureBlock():
                table = signature_table(self._controls, block, self._signature_label())
                self._add(table, paragraph("Bare", "", _gap()))
            case TickList(fields):
                self._add(*self._ticks(fields))
            case Paragraph(text) if self._lead:
                # What follows the cover opens the document: it has no heading above it.
                self._add(*self._paged([paragraph("Lead", text)]))
            case _:
                self._add(*self._paged(prose(block)))
        self._lead = isinstance(block, Cover) or (self._lead and isinstance(block, PageBreak))

    def _paged(self, elements: list[Element]) -> list[Element]:
        if self._new_page and elements:
            properties = elements[0][0]
            properties.insert(1, el("pageBreakBefore"))
            self._new_page = False
        return elements

    def _cover(self, cover: Cover) -> None:
        self._add(
            paragraph("Subtitle", cover.certificate),
            note_place(),
            card(self._controls, cover.fields_title, cover.fields),
            paragraph("Bare", "", cover_section()),
        )
        self._new_page = self._lead = True

    def _heading(self, level: int, text: str) -> None:
        made = paragraph(f"Heading{level}", text)
        # A part begins on a new page by its style.
        self._add(made) if level == 1 else self._add(*self._paged([made]))
        self._new_page = False
        self._top = level == 1

    def _modalities(self) -> None:
        for competence in self._guide.competences:
            start = len(self._made)
            self._heading(3, competence.heading)
            self._all(competence.modalities)
            _keep_together(self._made[start:])

    def _competences(self) -> None:
        phrases = self._guide.phrases
        for competence in self._guide.competences:
            already = [el("pageBreakBefore", val=0)] if self._top else []
            self._add(paragraph("Competence", competence.heading, *already))
            if phrases is not None:
                self._competence(competence, phrases)

    def _competence(self, competence: Competence, phrases: CompetencePhrases) -> None:
        self._add(*(paragraph("ListBullet", one) for one in competence.abilities))
        self._heading(3, phrases.how)
        self._all(competence.method)
        self._heading(3, phrases.documents)
        self._add(*(paragraph("ListBullet", one) for one in competence.documents))
        self._add(*_instructions(phrases))
        self._heading(3, phrases.questions_title)
        self._add(paragraph("Intro", phrases.questions_intro))
        self._add(*_questions(competence))
        self._add(paragraph("Bare", "", _gap()))
        self._add(criteria_table(self._controls, competence, phrases))
        self._heading(3, phrases.result_title)
        self._add(result_table(self._controls, competence.result, phrases))
        self._add(paragraph("Reminder", phrases.reminder))

    def _signature_label(self) -> int:
        """The room for the labels of all signature blocks: their lines begin at one place."""
        return label_width(
            self._controls.field(one).label
            for block in self._guide.document
            if isinstance(block, SignatureBlock)
            for one in (*block.fields, block.declarant, block.date)
            if one
        )

    def _ticks(self, fields: Sequence[str]) -> Iterator[Element]:
        for one in fields:
            field = self._controls.field(one)
            label = colon(field.label) if field.detail else field.label
            yield tick_line(self._controls, field, Box.TICK, label)


def _questions(competence: Competence) -> list[Element]:
    """The questions; the last one does not go to the next page alone."""
    made = [paragraph("ListBullet", one) for one in competence.questions]
    _keep_together(made[-2:])
    return made


def _keep_together(elements: list[Element]) -> None:
    """Keep paragraphs on one page: each but the last goes with the next."""
    for one in elements[:-1]:
        properties = one[0]
        if properties.find(qn("w:keepNext")) is None:
            properties.insert(1, el("keepNext"))


def _gap() -> Element:
    return el("spacing", before=0, after=60)


def prose(block: Block) -> list[Element]:
    """The blocks that hold text alone."""
    match block:
        case Paragraph(text):
            return [paragraph("Normal", text)]
        case Bullets(items):
            return [
                made
                for item in items
                for made in (
                    paragraph("ListBullet", item.text),
                    *(paragraph("ListBullet2", one) for one in item.children),
                )
            ]
        case Callout(title, paragraphs):
            head = [paragraph("CalloutTitle", title)] if title else []
            return [*head, *(paragraph("Callout", one) for one in paragraphs)]
        case _:
            return []


def _instructions(phrases: CompetencePhrases) -> list[Element]:
    legends = ((phrases.yes, phrases.legend_yes), (phrases.no, phrases.legend_no))
    return [
        paragraph("CalloutTitle", phrases.instruction_title),
        *(paragraph("Callout", one, *[el("keepNext")]) for one in phrases.instructions),
        *(
            paragraph(
                "Callout",
                [run(f"\u00a0{chip}\u00a0", "Chip"), run("\u2002"), *runs(legend)],
                *([el("keepNext")] if chip == phrases.yes else []),
            )
            for chip, legend in legends
        ),
    ]
