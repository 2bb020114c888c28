"""The same guide in other layouts: blocks side by side, columns turned, tables cut, no frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cqp_forms.blocks import SignatureBlock
from cqp_forms.guide import Competence
from cqp_forms.mapping import DocxKind
from renditions.docx_base import Writer, cell, paragraph, row, run, table


class Unframed(Writer):
    """NON before OUI everywhere; results, remarks and signatures are room behind their label."""

    def box(self, placement: str) -> str:
        mark = self.mark(placement, DocxKind.GLYPH)
        return f'<w:r{mark}><w:t xml:space="preserve">☐</w:t></w:r>'

    def label(self, text: str, placement: str) -> str:
        """« Label : », the area behind it."""
        mark = self.mark(placement, DocxKind.LEADER, len(f"{text} :"))
        return f'<w:r{mark}><w:t xml:space="preserve">{text} :</w:t></w:r>'

    def line(self, label: str, placement: str) -> str:
        return paragraph(self.label(label, placement))

    def comment(self, label: str, placement: str, lines: int) -> str:
        if len(label.split()) < 9:
            return self.line(label, placement) + paragraph("") * lines
        # A label of many words is not taken for one of a line: the blank lines are the area.
        first = paragraph("", mark=self.mark(placement, DocxKind.PARAGRAPH))
        return paragraph(run(f"{label} :")) + first + paragraph("") * (lines - 1)

    def signature(self, label: str, placement: str) -> str:
        return self.line(label, placement) + paragraph("") * 4

    def criteria(self, competence: Competence) -> str:
        parts = []
        for group in competence.groups:
            rows = [row(self.text_cell(one) for one in (group.title, "NON", "OUI"))]
            for one in group.fields:
                oui, non = (place.id for place in one.placements)
                boxes = [cell(paragraph(self.box(each))) for each in (non, oui)]
                rows.append(row([self.text_cell(one.label), *boxes]))
            parts.append(table(rows, (7000, 900, 900)))
        return "".join(f"{one}{paragraph('')}" for one in parts)

    def result(self, competence: Competence) -> str:
        yes, no = (place.id for place in competence.result.placements)
        phrases = self.phrases
        return paragraph(run(phrases.result_title)) + paragraph(
            f"{self.box(no)}{run(f' {phrases.not_mastered}')}{run(chr(9))}"
            f"{self.box(yes)}{run(f' {phrases.mastered}')}"
        )


class SideBySide(Unframed):
    """Who signs side by side, each block in a cell under its own title; text in two columns."""

    def body(self) -> str:
        parts, signing = [], []
        for one in self.guide.document:
            if isinstance(one, SignatureBlock):
                signing.append(one)
                continue
            parts.extend(self.together(signing))
            signing = []
            parts.append(self.block(one))
        columns = '<w:sectPr><w:cols w:num="2" w:space="700"/></w:sectPr>'
        return "".join([*parts, *self.together(signing), paragraph("", columns)])

    def signature(self, label: str, placement: str) -> str:
        """In a cell, the blank lines are the area."""
        first = paragraph("", mark=self.mark(placement, DocxKind.PARAGRAPH))
        return paragraph(run(f"{label} :")) + first + paragraph("") * 3

    def together(self, blocks: Sequence[SignatureBlock]) -> Iterator[str]:
        """The blocks, one a column."""
        if blocks:
            yield table([row(cell(self.signing(one)) for one in blocks)], (3000,) * len(blocks))

    def criteria(self, competence: Competence) -> str:
        """Boxes without words but on the first row: NON | OUI in every one."""
        rows = []
        for group in competence.groups:
            rows.append(row([cell(paragraph(run(group.title, "<w:b/>")), 3)]))
            for one in group.fields:
                oui, non = (place.id for place in one.placements)
                words = ("", "") if len(rows) > 1 else (" NON", " OUI")
                boxes = [
                    cell(paragraph(self.box(each) + run(word)))
                    for each, word in zip((non, oui), words, strict=True)
                ]
                rows.append(row([self.text_cell(one.label), *boxes]))
        return table(rows, (7000, 900, 900))


class InColumns(SideBySide):
    """Who signs side by side, titles in one row, each line in a row of its own."""

    def together(self, blocks: Sequence[SignatureBlock]) -> Iterator[str]:
        if not blocks:
            return
        columns = [list(self.cells(one)) for one in blocks]
        height = max(len(one) for one in columns)
        rows = [[*one, *[cell(paragraph(""))] * (height - len(one))] for one in columns]
        heads = row(self.text_cell(one.title) for one in blocks)
        lines = [row(one) for one in zip(*rows, strict=True)]
        yield table([heads, *lines], (3000,) * len(blocks), framed=False)

    def cells(self, block: SignatureBlock) -> Iterator[str]:
        for known, place in self.areas(block.fields):
            yield cell(self.line(known.label, place))
        for one in (block.declarant, block.date) if block.date else ():
            if one == block.date:
                yield cell(paragraph(run(block.declaration)))
            ((known, place),) = self.areas([one])
            yield cell(self.line(known.label, place))
        ((known, place),) = self.areas([block.signature])
        yield cell(self.signature(known.label, place))


class InTabs(SideBySide):
    """Who signs side by side without a table: titles in a line, then what each writes, by tabs."""

    def together(self, blocks: Sequence[SignatureBlock]) -> Iterator[str]:
        if not blocks:
            return
        # The first signs alone: the others have the same lines.
        yield self.signing(blocks[0])
        others = blocks[1:]
        tab = "<w:r><w:tab/></w:r>"
        yield paragraph(tab.join(run(one.title, "<w:b/>") for one in others))
        common = min(len(one.fields) for one in others)
        ids = [[*one.fields[:common], one.declarant, one.date, one.signature] for one in others]
        for line in zip(*ids, strict=True):
            yield paragraph(tab.join(self.label(one.label, at) for one, at in self.areas(line)))
        yield paragraph(run(others[0].declaration))
        for one in others:
            if more := one.fields[common:]:
                yield paragraph(run(one.title, "<w:b/>")) + self.lines(more)

    def signature(self, label: str, placement: str) -> str:
        return Unframed.signature(self, label, placement)


class Cut(Unframed):
    """Empty cells are the boxes; tables cut by pages without their header, cells merged."""

    def blank(self, placement: str) -> str:
        return cell(paragraph(""), mark=self.mark(placement, DocxKind.CELL))

    def lines(self, ids: Iterable[str]) -> str:
        """Two labels in a line, the room between them to write in."""
        known = list(self.areas(ids))
        made = []
        for one, two in zip(known[::2], known[1::2], strict=False):
            first = self.label(one[0].label, one[1])
            made.append(paragraph(first + "<w:r><w:tab/></w:r>" + self.label(two[0].label, two[1])))
        if len(known) % 2:
            made.append(self.line(known[-1][0].label, known[-1][1]))
        return "".join(made)

    def criteria(self, competence: Competence) -> str:
        head = row(
            [
                self.text_cell("N°"),
                self.text_cell(self.phrases.criteria),
                *(self.text_cell(one) for one in ("NON", "OUI")),
            ]
        )
        parts, rows = [], [head]
        number = 0
        for group in competence.groups:
            rows.append(row([cell(paragraph(run(group.title)), 4)]))
            for one in group.fields:
                number += 1
                oui, non = (place.id for place in one.placements)
                label = [self.text_cell(str(number)), self.text_cell(one.label)]
                if number % 3 == 0:
                    label = [self.text_cell(one.label, 2)]
                rows.append(row([*label, self.blank(non), self.blank(oui)]))
                if number % 4 == 0:
                    parts.append(table(rows, (600, 6400, 900, 900)))
                    rows = []
        parts += [table(rows, (600, 6400, 900, 900))] if rows else []
        return paragraph("").join(parts)

    def result(self, competence: Competence) -> str:
        yes, no = (place.id for place in competence.result.placements)
        heads = ["", self.phrases.not_mastered, self.phrases.mastered]
        cells = [self.text_cell(self.phrases.result_title), self.blank(no), self.blank(yes)]
        return table([row(self.text_cell(one) for one in heads), row(cells)], (3000, 3000, 3000))
