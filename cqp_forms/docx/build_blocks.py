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
from cqp_forms.docx.build_controls import Controls
from cqp_forms.docx.build_tables import (
    card,
    colon,
    comment_box,
    criteria_table,
    field_lines,
    result_table,
    signature_table,
    tick_line,
)
from cqp_forms.docx.build_xml import el, paragraph, run, runs
from cqp_forms.guide import Box, Competence, CompetencePhrases, Guide

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
        self._made: list[Element] = []
        self._new_page = False
        self._top = True

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
            case CommentBox(field_id, lines):
                field = self._controls.field(field_id)
                self._add(
                    paragraph("BoxLabel", colon(plain(field.label))),
                    comment_box(self._controls, field, lines),
                    paragraph("Bare"),
                )
            case SignatureBlock():
                self._add(signature_table(self._controls, block), paragraph("Bare", "", _gap()))
            case TickList(fields):
                self._add(*self._ticks(fields))
            case _:
                self._add(*self._paged(prose(block)))

    def _paged(self, elements: list[Element]) -> list[Element]:
        if self._new_page and elements:
            properties = elements[0][0]
            properties.insert(1, el("pageBreakBefore"))
            self._new_page = False
        return elements

    def _cover(self, cover: Cover) -> None:
        self._add(
            paragraph("CoverTool", cover.tool),
            paragraph("Title", cover.title),
            paragraph("Subtitle", cover.certificate),
            card(self._controls, cover.fields_title, cover.fields),
            paragraph("Bare"),
        )
        self._new_page = True

    def _heading(self, level: int, text: str) -> None:
        made = paragraph(f"Heading{level}", text)
        # A part begins on a new page by its style.
        self._add(made) if level == 1 else self._add(*self._paged([made]))
        self._new_page = False
        self._top = level == 1

    def _modalities(self) -> None:
        for competence in self._guide.competences:
            self._heading(3, competence.heading)
            self._all(competence.modalities)

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
        self._add(paragraph("Normal", phrases.questions_intro, el("keepNext")))
        self._add(*(paragraph("ListBullet", one) for one in competence.questions))
        self._add(paragraph("Bare", "", _gap()))
        self._add(criteria_table(self._controls, competence, phrases))
        self._heading(3, phrases.result_title)
        self._add(result_table(self._controls, competence.result, phrases))
        self._add(paragraph("Reminder", phrases.reminder))

    def _ticks(self, fields: Sequence[str]) -> Iterator[Element]:
        for one in fields:
            field = self._controls.field(one)
            label = colon(field.label) if field.detail else field.label
            yield tick_line(self._controls, field, Box.TICK, label)


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
    legends = (
        ("ChipYes", phrases.yes, phrases.legend_yes),
        ("ChipNo", phrases.no, phrases.legend_no),
    )
    keep = [el("keepNext")]
    return [
        paragraph("CalloutTitle", phrases.instruction_title),
        *(paragraph("Callout", one, *[el("keepNext")]) for one in phrases.instructions),
        *(
            paragraph(
                "Callout",
                [run(f"\u00a0{chip}\u00a0", style), run("\u2002"), *runs(legend)],
                *(keep if style == "ChipYes" else []),
            )
            for style, chip, legend in legends
        ),
    ]
