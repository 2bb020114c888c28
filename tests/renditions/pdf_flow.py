"""A small typesetter for renditions of a guide in PDF: it draws the blocks and remembers where.

A rendition is a subclass that decides what a box, a line, a comment area look like. Nothing is
shared with the program's own builder: what the tests prove must not depend on it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.blocks import (
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
from cqp_forms.guide import Box, Competence, Field, Guide
from cqp_forms.mapping import Rect

Spot = tuple[int, Rect]


@dataclass
class Rendition:
    """A document, and where each placement really is."""

    name: str
    document: bytes
    truth: dict[str, Spot] = field(default_factory=dict)


class Flow:
    """Draws a guide from top to bottom."""

    name = "flow"
    size = A4
    margin = 50.0
    body, small = 10.0, 8.0
    font, bold = "Helvetica", "Helvetica-Bold"

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.truth: dict[str, Spot] = {}
        self._buffer = io.BytesIO()
        self.canvas = Canvas(self._buffer, pagesize=self.size, invariant=1, pageCompression=1)
        self.page = 1
        self.width, self.height = self.size
        self.y = self.height - self.margin
        self.areas: dict[str, int] = {}

    # -- the frame -----------------------------------------------------------------------------

    def build(self) -> Rendition:
        for block in self.guide.document:
            self.block(block)
        self.canvas.showPage()
        self.canvas.save()
        return Rendition(self.name, self._buffer.getvalue(), self.truth)

    def block(self, block: object) -> None:
        fields = self.guide.fields
        match block:
            case Cover():
                self.title(block.certificate, 16)
                self.title(block.title, 20)
                self.title(block.fields_title, 13)
                self.lines([fields[one] for one in block.fields])
                self.new_page()
            case Heading():
                self.title(block.text, {1: 16, 2: 13}.get(block.level, 11.5))
            case Paragraph():
                self.text(plain(block.text))
            case Bullets():
                for item in block.items:
                    self.text("• " + plain(item.text).replace("\n", " "), indent=8)
                    for child in item.children:
                        self.text("– " + plain(child), indent=22)
            case Callout():
                if block.title:
                    self.title(block.title, 11)
                for one in block.paragraphs:
                    self.text(plain(one))
            case FieldLines():
                self.lines([fields[one] for one in block.fields])
            case TickList():
                for one in block.fields:
                    self.tick(fields[one])
                self.y -= 6
            case CommentBox():
                self.comment(fields[block.field], block.lines)
            case SignatureBlock():
                self.signature_block(block)
            case Modalities():
                for one in self.guide.competences:
                    self.title(one.heading, 11)
                    for inner in one.modalities:
                        self.block(inner)
            case Competences():
                for one in self.guide.competences:
                    self.new_page()
                    self.competence(one)
                self.new_page()
            case PageBreak():
                self.new_page()

    def competence(self, one: Competence) -> None:
        phrases = self.guide.phrases
        assert phrases is not None
        self.title(one.heading, 15)
        for ability in one.abilities:
            self.text("• " + ability, indent=8)
        self.title(phrases.how, 11.5)
        for inner in one.method:
            self.block(inner)
        self.title(phrases.documents, 11.5)
        for text in one.documents:
            self.text("• " + text, indent=8)
        self.title(phrases.instruction_title, 11.5)
        for text in phrases.instructions:
            self.text(text)
        self.title(phrases.questions_title, 11.5)
        for text in one.questions:
            self.text("• " + text, indent=8)
        self.criteria(one)
        self.title(phrases.result_title, 11.5)
        self.result(one)
        self.text(phrases.reminder)

    def criteria(self, one: Competence) -> None:
        for group in one.groups:
            self.title(group.title, 11)
            for criterion in group.fields:
                self.criterion(criterion)

    def result(self, one: Competence) -> None:
        phrases = self.guide.phrases
        assert phrases is not None
        for box, text in (
            (Box.MASTERED, phrases.mastered),
            (Box.NOT_MASTERED, phrases.not_mastered),
        ):
            self.labelled_box(f"{one.result.id}.{box}", text)

    def signature_block(self, block: SignatureBlock) -> None:
        fields = self.guide.fields
        self.need(200)
        self.title(block.title, 12)
        self.lines([fields[one] for one in block.fields])
        if block.declarant:
            self.lines([fields[block.declarant]])
            self.text(block.declaration)
        if block.date:
            self.lines([fields[block.date]])
        self.sign(fields[block.signature])

    # -- to be redefined -----------------------------------------------------------------------

    def criterion(self, one: Field) -> None:
        raise NotImplementedError

    def tick(self, one: Field) -> None:
        self.labelled_box(one.id, one.label)

    def labelled_box(self, placement: str, text: str) -> None:
        raise NotImplementedError

    def line(self, one: Field) -> None:
        raise NotImplementedError

    def comment(self, one: Field, lines: int) -> None:
        raise NotImplementedError

    def sign(self, one: Field) -> None:
        raise NotImplementedError

    # -- drawing -------------------------------------------------------------------------------

    def lines(self, fields: Iterable[Field]) -> None:
        for one in fields:
            self.need(22)
            self.line(one)
        self.y -= 4

    def place(self, placement: str, rect: Rect) -> None:
        assert placement not in self.truth, placement
        self.truth[placement] = (self.page, rect)

    def area_id(self, one: Field) -> str:
        """The id of the field's next area: its second one is ``@2``."""
        rank = self.areas[one.id] = self.areas.get(one.id, 0) + 1
        return one.id if rank == 1 else f"{one.id}@{rank}"

    def need(self, height: float) -> None:
        if self.y - height < self.margin:
            self.new_page()

    def new_page(self) -> None:
        self.canvas.showPage()
        self.page += 1
        self.y = self.height - self.margin

    def split(
        self, text: str, width: float, size: float | None = None, font: str = ""
    ) -> list[str]:
        return simpleSplit(text, font or self.font, size or self.body, width)

    def write(self, x: float, y: float, text: str, size: float = 0, font: str = "") -> None:
        self.canvas.setFont(font or self.font, size or self.body)
        self.canvas.drawString(x, y, text)

    def text(self, text: str, indent: float = 0) -> None:
        for line in self.split(text, self.width - 2 * self.margin - indent):
            self.need(14)
            self.y -= 13
            self.write(self.margin + indent, self.y, line)
        self.y -= 5

    def title(self, text: str, size: float) -> None:
        lines = self.split(text, self.width - 2 * self.margin, size, self.bold)
        self.need(len(lines) * size * 1.3 + 50)
        self.y -= 6
        for line in lines:
            self.y -= size * 1.25
            self.write(self.margin, self.y, line, size, self.bold)
        self.y -= 7

    def column(self, lines: Sequence[str], x: float, top: float, pitch: float = 13) -> None:
        for rank, line in enumerate(lines):
            self.write(x, top - 10 - rank * pitch, line)
