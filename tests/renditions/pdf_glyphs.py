"""Flat, boxes as glyphs of a pictorial font, dotted lines to write on."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from cqp_forms.guide import Box, Field, Guide
from cqp_forms.mapping import Rect
from renditions.pdf_flow import Flow, Rendition


class Glyphs(Flow):
    """« OUI ❏ NON ❏ » at the end of each criterion; « Nom : ………… »; signatures in the blank."""

    name = "glyphs"
    symbol, symbol_font = "❏", "ZapfDingbats"

    def box(self, placement: str, x: float, y: float) -> None:
        self.write(x, y, self.symbol, 10, self.symbol_font)
        width = self.canvas.stringWidth(self.symbol, self.symbol_font, 10)
        self.place(placement, Rect(x, y - 1.5, x + width, y + 8))

    def criterion(self, one: Field) -> None:
        lines = self.split("– " + one.label, 375)
        self.need(13 * len(lines) + 6)
        self.column(lines, self.margin, self.y)
        x, base = self.width - self.margin - 105, self.y - 10 - 13 * (len(lines) - 1)
        for box, text, offset in ((Box.OUI, "Oui", 0), (Box.NON, "Non", 55)):
            self.write(x + offset, base, text)
            self.box(f"{one.id}.{box}", x + offset + 23, base)
        self.y -= 13 * len(lines) + 3

    def labelled_box(self, placement: str, text: str) -> None:
        lines = self.split(text, 420)
        self.need(13 * len(lines) + 6)
        self.box(placement, self.margin + 4, self.y - 10)
        self.column(lines, self.margin + 20, self.y)
        self.y -= 13 * len(lines) + 3

    def dots(self, x: float, end: float) -> Rect:
        dot = "."
        count = int((end - x) / self.canvas.stringWidth(dot, self.font, self.body))
        self.write(x, self.y, dot * count)
        return Rect(x, self.y - 2, end, self.y + 11)

    def line(self, one: Field) -> None:
        self.y -= 19
        label = f"{one.label}\u00a0: "
        self.write(self.margin, self.y, label)
        x = self.margin + self.canvas.stringWidth(label, self.font, self.body)
        self.place(self.area_id(one), self.dots(x, self.width - self.margin))

    def comment(self, one: Field, lines: int) -> None:
        count = min(lines, 6)
        self.need(count * 18 + 40)
        self.text(f"{one.label}\u00a0:")
        rects = []
        for _ in range(count):
            self.y -= 17
            rects.append(self.dots(self.margin, self.width - self.margin))
        self.place(self.area_id(one), Rect(rects[0].x0, rects[-1].y0, rects[0].x1, rects[0].y1))
        self.y -= 10

    def sign(self, one: Field) -> None:
        self.text(f"{one.label}\u00a0:")
        self.place(self.area_id(one), Rect(self.margin, self.y - 50, self.margin + 220, self.y))
        self.y -= 60


class Unmapped(Glyphs):
    """Boxes of an embedded font named Wingdings whose codes say nothing, before their words."""

    name = "unmapped"
    symbol, symbol_font = "☐", "DejaVuSans"
    file = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")

    def __init__(self, guide: Guide) -> None:
        pdfmetrics.registerFont(TTFont(self.symbol_font, str(self.file)))
        super().__init__(guide)

    def criterion(self, one: Field) -> None:
        """« ☐ OUI ☐ NON » level with the middle of the criterion."""
        lines = self.split(one.label, 375)
        self.need(13 * len(lines) + 6)
        self.column(lines, self.margin, self.y)
        x = self.width - self.margin - 105
        base = self.y - 10 - 6.5 * (len(lines) - 1)
        for box, text, offset in ((Box.OUI, "Oui", 0), (Box.NON, "Non", 55)):
            self.box(f"{one.id}.{box}", x + offset, base)
            self.write(x + offset + 13, base, text)
        self.y -= 13 * len(lines) + 3

    def build(self) -> Rendition:
        made = super().build()
        with pikepdf.open(io.BytesIO(made.document)) as pdf:
            for one in pdf.objects:
                if not isinstance(one, pikepdf.Dictionary):
                    continue
                if one.get("/Type") == "/Font" and "DejaVu" in str(one.get("/BaseFont")):
                    one.BaseFont = pikepdf.Name("/AAAAAA+Wingdings-Regular")
                    del one["/ToUnicode"]
                    one.FontDescriptor.FontName = one.BaseFont
            out = io.BytesIO()
            pdf.save(out, deterministic_id=True)
        made.document = out.getvalue()
        return made
