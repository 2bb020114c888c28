"""The cover of the blank PDF: one flowable as large as the page."""

from __future__ import annotations

from reportlab.platypus import Flowable, Paragraph

from blank_rules import has_two_lines
from cqp_forms import blocks
from cqp_forms.guide import Field
from pdf_blank import style as look
from pdf_blank.flow import FieldLine, Recorder, label_width
from pdf_blank.headings import Heading

#: From the page's foot, in points: the lower edge of the coloured ground, and the card's top.
GROUND = 470.0
CARD_TOP = 300.0
LINE_STEP = 34.0


class CoverPage(Flowable):  # type: ignore[misc]
    """Tool and title on a coloured ground, the certificate, and a card for the candidate.

    Args:
        recorder: told where the lines are.
        block: the cover's texts.
        areas: each identity field with the id of its area.
    """

    def __init__(
        self, recorder: Recorder, block: blocks.Cover, areas: list[tuple[Field, str]]
    ) -> None:
        super().__init__()
        self.recorder, self.block, self.areas = recorder, block, areas
        self.width, self.height = look.PAGE_WIDTH, look.PAGE_HEIGHT

    def draw(self) -> None:
        """Draw the whole page."""
        self._ground()
        self._title()
        certificate = Paragraph(look.markup(self.block.certificate), look.COVER_CERTIFICATE)
        _, height = certificate.wrap(look.TEXT_WIDTH, 200)
        certificate.drawOn(self.canv, look.MARGIN, GROUND - 52 - height)
        self._card()

    def _ground(self) -> None:
        canvas = self.canv
        canvas.setFillColor(look.NAVY)
        canvas.rect(0, GROUND, self.width, self.height - GROUND, stroke=0, fill=1)
        canvas.setFillColor(look.ACCENT)
        canvas.rect(0, GROUND - 6, self.width, 6, stroke=0, fill=1)
        canvas.rect(0, 0, self.width, 14, stroke=0, fill=1)
        canvas.setFillColor(look.NAVY)
        canvas.rect(0, 0, self.width, 9, stroke=0, fill=1)

    def _title(self) -> None:
        canvas = self.canv
        text = look.markup(self.block.title)
        title = Heading(text, look.COVER_TITLE, blocks.plain(self.block.title))
        _, height = title.wrap(look.TEXT_WIDTH, 400)
        bottom = GROUND + 58
        title.drawOn(canvas, look.MARGIN, bottom)
        if not self.block.tool:
            return
        size = 15.0
        base = bottom + height + 30
        width = canvas.stringWidth(self.block.tool, look.BOLD, size) + 28
        canvas.setStrokeColor(look.PAPER)
        canvas.setLineWidth(1.2)
        canvas.roundRect(look.MARGIN, base, width, 30, 4, stroke=1, fill=0)
        canvas.setFillColor(look.PAPER)
        canvas.setFont(look.BOLD, size)
        canvas.drawString(look.MARGIN + 14, base + 10.2, self.block.tool)

    def _card(self) -> None:
        canvas, left, width = self.canv, look.MARGIN, look.TEXT_WIDTH
        head = 30.0
        height = head + LINE_STEP * len(self.areas) + 20
        canvas.setFillColor(look.SHADE)
        canvas.rect(left, CARD_TOP - head, width, head, stroke=0, fill=1)
        canvas.setStrokeColor(look.NAVY)
        canvas.setLineWidth(look.STROKE)
        canvas.rect(left, CARD_TOP - height, width, height, stroke=1, fill=0)
        canvas.setFillColor(look.NAVY)
        canvas.setFont(look.BOLD, 14)
        canvas.drawString(left + 14, CARD_TOP - head + 10, self.block.fields_title)
        indent = label_width([field.label for field, _ in self.areas], 12)
        for rank, (field, placement) in enumerate(self.areas, start=1):
            tall = has_two_lines(field)
            line = FieldLine(self.recorder, placement, field.label, indent, 12, tall=tall)
            line.wrap(width - 28, LINE_STEP)
            line.drawOn(canvas, left + 14, CARD_TOP - head - 5 - LINE_STEP * rank)
