"""Flat, boxes drawn as squares in six ways, ruled lines, dashed comment boxes."""

from __future__ import annotations

from cqp_forms.guide import Box, Field
from cqp_forms.mapping import Rect
from renditions.pdf_flow import Flow


class Squares(Flow):
    """« Criterion text …… ☐ OUI ☐ NON »; the boxes stand level with the criterion's first line."""

    name = "squares"
    side = 9.0

    def __init__(self, guide: object) -> None:
        super().__init__(guide)  # type: ignore[arg-type]
        self._drawn = 0

    def box(self, placement: str, x: float, y: float) -> None:
        side, canvas = self.side, self.canvas
        way = self._drawn % 6
        self._drawn += 1
        canvas.setLineWidth(0.8)
        if way == 0:
            canvas.rect(x, y, side, side)
        elif way == 1:
            path = canvas.beginPath()
            path.moveTo(x, y)
            for p, q in ((x + side, y), (x + side, y + side), (x, y + side), (x, y)):
                path.lineTo(p, q)
            canvas.drawPath(path)
        elif way == 2:
            canvas.roundRect(x, y, side, side, 2)
        elif way == 3:
            canvas.lines(
                [
                    (x, y, x + side, y),
                    (x, y + side, x + side, y + side),
                    (x, y, x, y + side),
                    (x + side, y, x + side, y + side),
                ]
            )
        elif way == 4:
            canvas.setFillGray(0)
            canvas.rect(x, y, side, side, stroke=0, fill=1)
            canvas.setFillGray(1)
            canvas.rect(x + 0.8, y + 0.8, side - 1.6, side - 1.6, stroke=0, fill=1)
            canvas.setFillGray(0)
        else:
            for bar in (
                (x, y, side, 0.8),
                (x, y + side - 0.8, side, 0.8),
                (x, y, 0.8, side),
                (x + side - 0.8, y, 0.8, side),
            ):
                canvas.rect(*bar, stroke=0, fill=1)
        self.place(placement, Rect(x, y, x + side, y + side))

    def criterion(self, one: Field) -> None:
        lines = self.split(one.label, 360)
        self.need(13 * len(lines) + 6)
        self.column(lines, self.margin, self.y)
        x = self.width - self.margin - 95
        for box, text, offset in ((Box.OUI, "OUI", 0), (Box.NON, "NON", 50)):
            self.box(f"{one.id}.{box}", x + offset, self.y - 11)
            self.write(x + offset + 13, self.y - 10, text)
        self.y -= 13 * len(lines) + 5

    def labelled_box(self, placement: str, text: str) -> None:
        lines = self.split(text, 420)
        self.need(13 * len(lines) + 6)
        self.box(placement, self.margin + 4, self.y - 11)
        self.column(lines, self.margin + 20, self.y)
        self.y -= 13 * len(lines) + 4

    def line(self, one: Field) -> None:
        self.y -= 19
        label = f"{one.label}\u00a0:"
        self.write(self.margin, self.y, label)
        x = self.margin + self.canvas.stringWidth(label, self.font, self.body) + 4
        end = self.width - self.margin
        self.canvas.setLineWidth(0.5)
        self.canvas.line(x, self.y - 2, end, self.y - 2)
        self.place(self.area_id(one), Rect(x, self.y - 2, end, self.y + 12))

    def frame(self, placement: str, height: float) -> None:
        end = self.width - self.margin
        self.canvas.setLineWidth(0.7)
        self.canvas.rect(self.margin, self.y - height, end - self.margin, height)
        self.place(placement, Rect(self.margin, self.y - height, end, self.y))
        self.y -= height + 8

    def comment(self, one: Field, lines: int) -> None:
        self.need(lines * 13 + 40)
        self.text(f"{one.label}\u00a0:")
        self.canvas.setDash(3, 2)
        self.frame(self.area_id(one), lines * 13 + 6)
        self.canvas.setDash()

    def sign(self, one: Field) -> None:
        self.text(f"{one.label}\u00a0:")
        self.frame(self.area_id(one), 60)
