"""Flat, laid out in blocks: two columns of text, blocks side by side, merged cells, no frames."""

from __future__ import annotations

from cqp_forms.blocks import SignatureBlock
from cqp_forms.guide import Box, Competence, Field
from cqp_forms.mapping import Rect
from renditions.pdf_cells import Cells
from renditions.pdf_squares import Squares


class TwoColumns(Squares):
    """The text runs down the left half of each page, then down the right half."""

    name = "columns"
    foot = 50.0

    def __init__(self, guide: object) -> None:
        super().__init__(guide)
        self._half(0)

    def _half(self, rank: int) -> None:
        # Every block is drawn from the margin to as far from the other edge.
        left = (40.0, 308.0)[rank]
        self.margin, self.width = left, left + left + 245.0
        self.column_rank = rank
        self.y = self.height - self.foot

    def new_page(self) -> None:
        if self.column_rank:
            super().new_page()
        self._half(1 - self.column_rank)

    def need(self, height: float) -> None:
        if self.y - height < self.foot:
            self.new_page()

    def criterion(self, one: Field) -> None:
        lines = self.split(one.label, 150)
        self.need(13 * len(lines) + 6)
        self.column(lines, self.margin, self.y)
        x = self.margin + 160
        for box, text, offset in ((Box.NON, "NON", 0), (Box.OUI, "OUI", 44)):
            self.box(f"{one.id}.{box}", x + offset, self.y - 11)
            self.write(x + offset + 13, self.y - 10, text)
        self.y -= 13 * len(lines) + 5

    def labelled_box(self, placement: str, text: str) -> None:
        lines = self.split(text, 215)
        self.need(13 * len(lines) + 6)
        self.box(placement, self.margin + 4, self.y - 11)
        self.column(lines, self.margin + 20, self.y)
        self.y -= 13 * len(lines) + 4


class SideBySide(Squares):
    """The signature blocks of the same page stand beside each other, each under its heading."""

    name = "beside"

    def __init__(self, guide: object) -> None:
        super().__init__(guide)
        self._left_top = 0.0

    def signature_block(self, block: SignatureBlock) -> None:
        page_margin, page_width = self.margin, self.width
        right = self._left_top > 0
        if not right:
            self.need(330)
            self._left_top = self.y
        else:
            self.y = self._left_top
            self._left_top = 0.0
        left = 308.0 if right else 40.0
        self.margin, self.width = left, 2 * left + 245.0
        fields = self.guide.fields
        self.title(block.title, 11)
        self.lines([fields[one] for one in block.fields])
        if block.declarant:
            self.lines([fields[block.declarant]])
            self.text(block.declaration)
        if block.date:
            self.lines([fields[block.date]])
        self.sign(fields[block.signature])
        self.margin, self.width = page_margin, page_width

    def need(self, height: float) -> None:
        if self.y - height < 50:
            self.new_page()


class Merged(Cells):
    """NON before OUI; a group's title is a cell merged over its rows, left of the criteria."""

    name = "merged"
    group_width = 110.0

    def criteria(self, one: Competence) -> None:
        self.need(80)
        for group in one.groups:
            self.merged(group.title, list(group.fields))
        self.y -= 10

    def merged(self, title: str, criteria: list[Field]) -> None:
        first, xs = self.edges()
        start = self.margin + self.group_width
        rows = [(one, self.split(one.label, first - start - 10)) for one in criteria]
        while rows:
            room = self.y - self.margin - 20
            fitting, height = 0, 0.0
            for _, lines in rows:
                if height + 13 * len(lines) + 8 > room:
                    break
                fitting, height = fitting + 1, height + 13 * len(lines) + 8
            if not fitting:
                self.new_page()
                continue
            part, rows = rows[:fitting], rows[fitting:]
            self.grid_row(20, [self.margin, start, *xs])
            self.write(start + 4, self.y - 14, "Critères", font=self.bold)
            for (_, text), x in zip(self.columns, xs, strict=False):
                self.write(x + 9, self.y - 14, text, font=self.bold)
            self.y -= 20
            self.canvas.rect(self.margin, self.y - height, self.group_width, height)
            self.column(self.split(title, self.group_width - 8), self.margin + 4, self.y - 2)
            for criterion, lines in part:
                high = 13 * len(lines) + 8
                self.grid_row(high, [start, *xs])
                self.column(lines, start + 4, self.y - 2)
                for (box, _), x, end in zip(self.columns, xs, xs[1:], strict=False):
                    self.place(f"{criterion.id}.{box}", Rect(x, self.y - high, end, self.y))
                self.y -= high

    def result(self, one: Competence) -> None:
        phrases = self.guide.phrases
        assert phrases is not None
        self.need(30)
        x = self.margin
        for box, text in (
            (Box.NOT_MASTERED, phrases.not_mastered),
            (Box.MASTERED, phrases.mastered),
        ):
            self.canvas.rect(x, self.y - 14, 10, 10)
            self.place(f"{one.result.id}.{box}", Rect(x, self.y - 14, x + 10, self.y - 4))
            self.write(x + 15, self.y - 12, text)
            x += 260
        self.y -= 26


class Frameless(Squares):
    """Remarks are dotted lines, signatures are announced by their word; results have no frame."""

    name = "frameless"

    def comment(self, one: Field, lines: int) -> None:
        self.need(16 * lines + 40)
        self.text(f"{one.label}\u00a0:")
        end, top = self.width - self.margin, self.y
        for _ in range(lines):
            self.y -= 16
            self.write(self.margin, self.y, "." * int((end - self.margin) / 2.78))
        self.place(self.area_id(one), Rect(self.margin, self.y, end, top))
        self.y -= 12

    def sign(self, one: Field) -> None:
        self.text(f"{one.label}\u00a0:")
        self.place(self.area_id(one), Rect(self.margin, self.y - 62, self.margin + 220, self.y))
        self.y -= 80
