"""Flat, no box at all: the empty cells of « NON | OUI » are the boxes; fields are table cells."""

from __future__ import annotations

from cqp_forms.guide import Box, Competence, Field
from cqp_forms.mapping import Rect
from renditions.pdf_flow import Flow


class Cells(Flow):
    """Tables with rules; rows do not split, headers are not repeated on the next page."""

    name = "cells"
    repeat_header = True
    splits = False
    columns = ((Box.NON, "NON"), (Box.OUI, "OUI"))
    answer = 42.0

    def edges(self) -> tuple[float, list[float]]:
        end = self.width - self.margin
        starts = [
            end - self.answer * (len(self.columns) - rank) for rank in range(len(self.columns))
        ]
        return starts[0], [*starts, end]

    def grid_row(self, height: float, xs: list[float]) -> None:
        self.canvas.setLineWidth(0.6)
        top, base = self.y, self.y - height
        self.canvas.lines([(xs[0], top, xs[-1], top), (xs[0], base, xs[-1], base)])
        self.canvas.lines([(x, top, x, base) for x in xs])

    def header(self) -> None:
        _, xs = self.edges()
        self.grid_row(20, [self.margin, *xs])
        self.write(self.margin + 4, self.y - 14, "Critères", font=self.bold)
        for (_, text), x in zip(self.columns, xs, strict=False):
            self.write(x + 9, self.y - 14, text, font=self.bold)
        self.y -= 20

    def criteria(self, one: Competence) -> None:
        self.need(80)
        self.header()
        for group in one.groups:
            self.group(group.title)
            for criterion in group.fields:
                self.criterion(criterion)
        self.y -= 10

    def group(self, title: str) -> None:
        lines = self.split(title, self.width - 2 * self.margin - 10, font=self.bold)
        height = 13 * len(lines) + 8
        self.room(height + 60)
        self.canvas.setFillGray(0.9)
        end = self.width - self.margin
        self.canvas.rect(self.margin, self.y - height, end - self.margin, height, stroke=0, fill=1)
        self.canvas.setFillGray(0)
        self.grid_row(height, [self.margin, end])
        for rank, line in enumerate(lines):
            self.write(self.margin + 4, self.y - 13 - 13 * rank, line, font=self.bold)
        self.y -= height

    def room(self, height: float) -> None:
        if self.y - height < self.margin:
            self.new_page()
            if self.repeat_header:
                self.header()

    def criterion(self, one: Field) -> None:
        first, xs = self.edges()
        lines = self.split(one.label, first - self.margin - 10)
        if self.splits:
            fitting = max(1, int((self.y - self.margin - 8) // 13))
            head, rest = (
                (lines[:fitting], lines[fitting:]) if self.y > self.margin + 22 else ([], lines)
            )
        else:
            self.room(13 * len(lines) + 8)
            head, rest = lines, []
        placed = False
        for part in (head, rest):
            if not part:
                continue
            if part is rest:
                self.new_page()
                if self.repeat_header:
                    self.header()
            height = 13 * len(part) + 8
            self.grid_row(height, [self.margin, *xs])
            self.column(part, self.margin + 4, self.y - 2)
            if not placed:
                for (box, _), x, end in zip(self.columns, xs, xs[1:], strict=False):
                    self.place(f"{one.id}.{box}", Rect(x, self.y - height, end, self.y))
                placed = True
            self.y -= height

    def result(self, one: Competence) -> None:
        phrases = self.guide.phrases
        assert phrases is not None
        xs = [self.margin, self.width - self.margin - 70, self.width - self.margin]
        self.need(70)
        self.grid_row(20, xs)
        self.write(xs[1] + 6, self.y - 14, "Cochez", font=self.bold)
        self.y -= 20
        for box, text in (
            (Box.MASTERED, phrases.mastered),
            (Box.NOT_MASTERED, phrases.not_mastered),
        ):
            self.grid_row(20, xs)
            self.write(xs[0] + 4, self.y - 14, text)
            self.place(f"{one.result.id}.{box}", Rect(xs[1], self.y - 20, xs[2], self.y))
            self.y -= 20
        self.y -= 8

    def labelled_box(self, placement: str, text: str) -> None:
        """A row « ☐ text » with a drawn box, in a frame of its own."""
        self.need(20)
        side = 10
        self.canvas.rect(self.margin + 4, self.y - 14, side, side)
        self.place(
            placement, Rect(self.margin + 4, self.y - 14, self.margin + 4 + side, self.y - 4)
        )
        self.write(self.margin + 20, self.y - 12, text)
        self.y -= 17

    def line(self, one: Field) -> None:
        xs = [self.margin, self.margin + 150, self.width - self.margin]
        self.grid_row(21, xs)
        self.write(xs[0] + 4, self.y - 14, one.label)
        self.place(self.area_id(one), Rect(xs[1], self.y - 21, xs[2], self.y))
        self.y -= 21

    def boxed(self, placement: str, label: str, height: float) -> None:
        """A frame with its label inside, at the top."""
        self.need(height + 10)
        end = self.width - self.margin
        self.canvas.rect(self.margin, self.y - height, end - self.margin, height)
        lines = self.split(label, end - self.margin - 10)
        self.column(lines, self.margin + 4, self.y - 2)
        self.place(placement, Rect(self.margin, self.y - height, end, self.y - 13 * len(lines) - 2))
        self.y -= height + 10

    def comment(self, one: Field, lines: int) -> None:
        self.boxed(self.area_id(one), one.label, lines * 13 + 30)

    def sign(self, one: Field) -> None:
        self.y -= 6
        self.boxed(self.area_id(one), one.label, 70)


class BrokenCells(Cells):
    """The same, OUI first, rows cut by the page break, the header not repeated."""

    name = "broken"
    splits = True
    repeat_header = False
    columns = ((Box.OUI, "OUI"), (Box.NON, "NON"))
