"""The ways in which other people write the same guide in Word."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cqp_forms.blocks import Block, CommentBox, SignatureBlock
from cqp_forms.guide import Competence, Field, Guide
from cqp_forms.mapping import DocxKind
from renditions.docx_base import (
    TEMPLATE_TYPE,
    Rendition,
    Writer,
    cell,
    paragraph,
    row,
    run,
    table,
)
from renditions.docx_layouts import Cut, InColumns, InTabs, SideBySide, Unframed


def _field(data: str, instruction: str, result: str, mark: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{mark}><w:ffData><w:name w:val=""/><w:enabled/>'
        f"{data}</w:ffData></w:fldChar></w:r>"
        f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


class Legacy(Writer):
    """FORMCHECKBOX and FORMTEXT, protected for forms, one box ticked by default."""

    def settings(self) -> str:
        return '<w:documentProtection w:edit="forms" w:enforcement="1"/>'

    def box(self, placement: str) -> str:
        mark = self.mark(placement, DocxKind.FORM_CHECKBOX)
        data = '<w:checkBox><w:sizeAuto/><w:default w:val="0"/></w:checkBox>'
        return _field(data, "FORMCHECKBOX", "", mark)

    def text(self, placement: str) -> str:
        mark = self.mark(placement, DocxKind.FORM_TEXT)
        return _field("<w:textInput/>", "FORMTEXT", run("\u2002" * 5), mark)

    def line(self, label: str, placement: str) -> str:
        return paragraph(run(f"{label} : ") + self.text(placement))

    def comment(self, label: str, placement: str, lines: int) -> str:
        return paragraph(run(f"{label} :")) + paragraph(self.text(placement))

    def signature(self, label: str, placement: str) -> str:
        empty = cell(paragraph(""), mark=self.mark(placement, DocxKind.CELL))
        return table([row([self.text_cell(label), empty])], (3000, 6000))


class Symbols(Writer):
    """``w:sym`` in Wingdings under NON | OUI, tab leaders, bordered blank paragraphs."""

    def box(self, placement: str) -> str:
        mark = self.mark(placement, DocxKind.SYMBOL)
        return f'<w:r><w:sym w:font="Wingdings" w:char="F0A8"{mark}/></w:r>'

    def line(self, label: str, placement: str) -> str:
        mark = self.mark(placement, DocxKind.LEADER)
        tabs = '<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9000"/></w:tabs>'
        return paragraph(run(f"{label} : ") + f"<w:r{mark}><w:tab/></w:r>", tabs)

    def comment(self, label: str, placement: str, lines: int) -> str:
        sides = "".join(
            f'<w:{one} w:val="dashed" w:sz="6"/>' for one in ("top", "left", "bottom", "right")
        )
        border = f"<w:pBdr>{sides}</w:pBdr>"
        first = paragraph("", border, self.mark(placement, DocxKind.PARAGRAPH))
        return paragraph(run(label)) + first + paragraph("", border) * (lines - 1)

    def signature(self, label: str, placement: str) -> str:
        border = '<w:pBdr><w:top w:val="single"/><w:bottom w:val="single"/></w:pBdr>'
        return paragraph(run(f"{label} :")) + paragraph(
            "", border, self.mark(placement, DocxKind.PARAGRAPH)
        )

    def criteria(self, competence: Competence) -> str:
        """A row of headers for each group, columns the other way round."""
        rows = []
        for group in competence.groups:
            heads = [self.text_cell(one) for one in (group.title, "NON", "OUI")]
            rows.append(row(heads))
            for one in group.fields:
                oui, non = (place.id for place in one.placements)
                boxes = [cell(paragraph(self.box(each))) for each in (non, oui)]
                rows.append(row([self.text_cell(one.label), *boxes]))
        return table(rows, (7000, 900, 900))


class Glyphs(Writer):
    """« ☐ OUI ☐ NON » in one cell or one run, split words, dotted lines; blocks swapped."""

    def order(self, blocks: Sequence[Block]) -> Sequence[Block]:
        """The professional evaluator before the CPNE's, comments the other way round too."""
        swapped = list(blocks)
        for kind in (SignatureBlock, CommentBox):
            places = [index for index, one in enumerate(swapped) if isinstance(one, kind)]
            first, second = places[-2:]
            swapped[first], swapped[second] = swapped[second], swapped[first]
        return swapped

    def box(self, placement: str) -> str:
        mark = self.mark(placement, DocxKind.GLYPH)
        return f'<w:r{mark}><w:t xml:space="preserve">☐</w:t></w:r>'

    def choice(self, one: Field, number: int) -> str:
        oui, non = (place.id for place in one.placements)
        if number % 2:
            split = self.box(oui) + run(" O") + run("UI ") + self.box(non) + run(" N") + run("ON")
            return cell(paragraph(split))
        self.mark(non, DocxKind.GLYPH, len("☐ OUI "))
        mark = self.mark(oui, DocxKind.GLYPH).replace(oui, f"{oui} {non}")
        inside = f'<w:r{mark}><w:t xml:space="preserve">☐ OUI ☐ NON</w:t></w:r>'
        return cell(paragraph(inside))

    def criteria(self, competence: Competence) -> str:
        rows = [row([self.text_cell(self.phrases.criteria), self.text_cell("Évaluation")])]
        for group in competence.groups:
            rows.append(row([cell(paragraph(run(group.title, "<w:b/>")), 2)]))
            for number, one in enumerate(group.fields):
                half = len(one.label) // 2
                label = run(one.label[:half]) + run(one.label[half:])
                rows.append(row([cell(paragraph(label)), self.choice(one, number)]))
        return table(rows, (7000, 1800))

    def line(self, label: str, placement: str) -> str:
        mark = self.mark(placement, DocxKind.LEADER)
        return paragraph(
            run(f"{label} : ") + f"<w:r{mark}><w:t>{'.' * 30}</w:t></w:r>" + run("." * 20)
        )

    def comment(self, label: str, placement: str, lines: int) -> str:
        mark = self.mark(placement, DocxKind.LEADER)
        dots = "…" * 40
        first = paragraph(f"<w:r{mark}><w:t>{dots}</w:t></w:r>")
        return paragraph(run(f"{label} :")) + first + paragraph(run(dots)) * (lines - 1)

    def signature(self, label: str, placement: str) -> str:
        mark = self.mark(placement, DocxKind.LEADER)
        return paragraph(run(f"{label} : ") + f"<w:r{mark}><w:t>{'_' * 30}</w:t></w:r>")


class EmptyCells(Writer):
    """The empty cell is the box: NON | OUI, groups merged down at the left, answers in cells."""

    def box(self, placement: str) -> str:
        mark = self.mark(placement, DocxKind.GLYPH)
        return f'<w:r{mark}><w:t xml:space="preserve">\uf071</w:t></w:r>'

    def blank(self, placement: str) -> str:
        return cell(paragraph(""), mark=self.mark(placement, DocxKind.CELL))

    def criteria(self, competence: Competence) -> str:
        heads = ("Domaine", self.phrases.criteria, self.phrases.evaluation)
        merged = ["Domaine", self.phrases.criteria]
        start, more = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
        rows = [
            row(
                [cell(paragraph(run(one)), properties=start) for one in merged]
                + [self.text_cell(heads[2], 2)]
            ),
            row(
                [cell(paragraph(""), properties=more) for _ in merged]
                + [self.text_cell("NON"), self.text_cell("OUI")]
            ),
        ]
        for group in competence.groups:
            for number, one in enumerate(group.fields):
                oui, non = (place.id for place in one.placements)
                domain = (
                    cell(paragraph(""), properties=more)
                    if number
                    else cell(paragraph(run(group.title)), properties=start)
                )
                rows.append(
                    row([domain, self.text_cell(one.label), self.blank(non), self.blank(oui)])
                )
        return table(rows, (2000, 5200, 800, 800))

    def result(self, competence: Competence) -> str:
        yes, no = (place.id for place in competence.result.placements)
        heads = ["", self.phrases.mastered, self.phrases.not_mastered]
        cells = [self.text_cell(self.phrases.result_title), self.blank(yes), self.blank(no)]
        return table([row(self.text_cell(one) for one in heads), row(cells)], (3000, 3000, 3000))

    def line(self, label: str, placement: str) -> str:
        return table([row([self.text_cell(f"{label} :"), self.blank(placement)])], (3000, 6000))

    def comment(self, label: str, placement: str, lines: int) -> str:
        return table([row([self.text_cell(label)]), row([self.blank(placement)])], (9000,))

    def signature(self, label: str, placement: str) -> str:
        return paragraph(run(label)) + table([row([self.blank(placement)])], (9000,))


class CellControls(Writer):
    """Untagged content controls around cells, rows in a repeating section, dates as controls."""

    def control(self, kind: str, inside: str, placement: str) -> str:
        mark = self.mark(placement, DocxKind.CONTROL_AT)
        return (
            f"<w:sdt{mark}><w:sdtPr>{kind}</w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"
        )

    CHECKBOX = (
        '<w14:checkbox><w14:checked w14:val="0"/><w14:checkedState w14:val="2612" '
        'w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/>'
        "</w14:checkbox>"
    )

    def box(self, placement: str) -> str:
        return self.control(self.CHECKBOX, run("☐"), placement)

    def box_cell(self, placement: str) -> str:
        return self.control(self.CHECKBOX, cell(paragraph(run("☐"))), placement)

    def criteria(self, competence: Competence) -> str:
        heads = [self.text_cell(one) for one in (self.phrases.criteria, "OUI", "NON")]
        parts = [row(heads)]
        for group in competence.groups:
            rows = [row([cell(paragraph(run(group.title)), 3)])]
            for one in group.fields:
                boxes = [self.box_cell(place.id) for place in one.placements]
                rows.append(row([self.text_cell(one.label), *boxes]))
            parts.append(
                "<w:sdt><w:sdtPr><w:id w:val='7'/></w:sdtPr><w:sdtContent>"
                f"{''.join(rows)}</w:sdtContent></w:sdt>"
            )
        return table(parts, (7000, 900, 900))

    def tick(self, one: Field) -> str:
        return table(
            [row([self.box_cell(one.placements[0].id), self.text_cell(one.label)])],
            (600, 8000),
            framed=False,
        )

    def line(self, label: str, placement: str) -> str:
        kind = '<w:date><w:dateFormat w:val="dd/MM/yyyy"/></w:date>' if "Date" in label else ""
        answer = self.control(
            f"<w:showingPlcHdr/>{kind or '<w:text/>'}",
            cell(paragraph(run("Cliquez ici pour entrer du texte."))),
            placement,
        )
        return table([row([self.text_cell(f"{label} :"), answer])], (3000, 6000))

    def comment(self, label: str, placement: str, lines: int) -> str:
        return paragraph(run(label)) + self.control("", paragraph(""), placement)

    def signature(self, label: str, placement: str) -> str:
        return paragraph(run(f"{label} :")) + self.control("", paragraph(""), placement)


_RECTANGLE = (
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:ln><a:solidFill><a:srgbClr val="000000"/>'
    "</a:solidFill></a:ln>"
)


def _drawing(width: int, height: int, content: str, mark: str) -> str:
    anchor = (
        f'<wp:inline><wp:extent cx="{width}" cy="{height}"/><wp:docPr id="1" name="Forme"/>'
        '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/'
        f'wordprocessingShape"><wps:wsp{mark}><wps:cNvSpPr/><wps:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="{width}" cy="{height}"/></a:xfrm>{_RECTANGLE}</wps:spPr>{content}'
        "<wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:inline>"
    )
    points = f"width:{width / 12700:.1f}pt;height:{height / 12700:.1f}pt"
    twin = content.replace("wps:txbx>", "v:textbox>").replace(" placement=", " twin=")
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{anchor}</w:drawing>'
        f'</mc:Choice><mc:Fallback><w:pict><v:rect style="{points}">{twin}</v:rect></w:pict>'
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )


class Drawings(Writer):
    """Drawn squares, text boxes in both renderings, criteria in nested tables."""

    def box(self, placement: str) -> str:
        return _drawing(150_000, 150_000, "", self.mark(placement, DocxKind.DRAWING))

    def text_box(self, placement: str, height: int) -> str:
        mark = self.mark(placement, DocxKind.TEXT_BOX)
        content = f"<wps:txbx><w:txbxContent{mark}>{paragraph('')}</w:txbxContent></wps:txbx>"
        return _drawing(4_000_000, height, content, "")

    def criteria(self, competence: Competence) -> str:
        inner = super().criteria(competence)
        return table([row([cell(inner + paragraph(""))])], (9000,), framed=False)

    def line(self, label: str, placement: str) -> str:
        return paragraph(run(f"{label} : ") + self.text_box(placement, 250_000))

    def comment(self, label: str, placement: str, lines: int) -> str:
        return paragraph(run(label)) + paragraph(self.text_box(placement, lines * 150_000))

    def signature(self, label: str, placement: str) -> str:
        return paragraph(run(label) + self.text_box(placement, 900_000))


class StrictTemplate(Writer):
    """Strict namespaces, the content type of a template, boxes after their label, underscores."""

    def box(self, placement: str) -> str:
        mark = self.mark(placement, DocxKind.GLYPH)
        return f'<w:r{mark}><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr><w:t>o</w:t></w:r>'

    def tick(self, one: Field) -> str:
        return paragraph(run(f"{one.label} ") + self.box(one.placements[0].id))

    def criteria(self, competence: Competence) -> str:
        """No table: each criterion is a paragraph, its answers another."""
        parts = []
        for group in competence.groups:
            parts.append(paragraph(run(group.title, "<w:b/>")))
            for one in group.fields:
                oui, non = (place.id for place in one.placements)
                parts.append(paragraph(run(one.label)))
                parts.append(paragraph(run("OUI ") + self.box(oui) + run(" NON ") + self.box(non)))
        return "".join(parts)

    def line(self, label: str, placement: str) -> str:
        mark = self.mark(placement, DocxKind.LEADER)
        line = f"<w:r{mark}><w:t>{'_' * 20}</w:t></w:r>"
        return paragraph(run(f"{label} ") + line)

    def comment(self, label: str, placement: str, lines: int) -> str:
        inside = paragraph(run(f"{label} :")) + paragraph(
            "", mark=self.mark(placement, DocxKind.PARAGRAPH)
        )
        return table([row([cell(inside + paragraph("") * (lines - 1))])], (9000,))

    def signature(self, label: str, placement: str) -> str:
        empty = cell(paragraph(""), mark=self.mark(placement, DocxKind.CELL))
        return table([row([self.text_cell(label)]), row([empty])], (9000,))

    def make(self, content_type: str = TEMPLATE_TYPE, strict: bool = True) -> Rendition:
        return super().make(content_type, strict)


class Bare(Writer):
    """Hardly anything to write on: « OUI NON » in one header over two columns, « Nom : » alone.

    Tables are cut where a page ended, criteria are items of a list, dates are two slashes, remarks
    are blank lines under an item.
    """

    def box(self, placement: str) -> str:
        mark = self.mark(placement, DocxKind.GLYPH)
        return f'<w:r{mark}><w:t xml:space="preserve">❑</w:t></w:r>'

    def criteria(self, competence: Competence) -> str:
        phrases = self.phrases
        head = row(
            [
                self.text_cell(f"{phrases.criteria} {phrases.criteria_question}"),
                self.text_cell(phrases.evaluation, 2),
            ]
        )
        parts, rows = [], [head]
        for number, group in enumerate(competence.groups):
            if number == 2:
                parts.append(table(rows, (7000, 900, 900)) + paragraph(""))
                rows = []
            rows.append(row([self.text_cell(group.title), self.text_cell("OUI NON", 2)]))
            for one in group.fields:
                boxes = [cell(paragraph(self.box(place.id))) for place in one.placements]
                rows.append(row([self.text_cell(f"• {one.label}"), *boxes]))
        return "".join([*parts, table(rows, (7000, 900, 900))])

    def line(self, label: str, placement: str) -> str:
        mark = self.mark(placement, DocxKind.LEADER)
        if label == "Date":
            slashes = '<w:t xml:space="preserve">/ /</w:t>'
            return paragraph(run(f"{label} : ") + f"<w:r{mark}>{slashes}</w:r>")
        text = f"{label} :"
        self.mark(placement, DocxKind.LEADER, len(text))
        return paragraph(f"<w:r{mark}><w:t>{text}</w:t></w:r>")

    def comment(self, label: str, placement: str, lines: int) -> str:
        if lines < 5:
            first = paragraph("", mark=self.mark(placement, DocxKind.PARAGRAPH))
            item = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
            return paragraph(run(label), item) + first + paragraph("") * 2
        sides = "".join(
            f'<w:{one} w:val="dashed" w:sz="6"/>' for one in ("top", "left", "bottom", "right")
        )
        mark = self.mark(placement, DocxKind.CELL)
        frame = cell(paragraph(""), mark=mark, properties=f"<w:tcBorders>{sides}</w:tcBorders>")
        return paragraph(run(f"{label} :")) + table([row([frame])], (9000,), framed=False)

    def signature(self, label: str, placement: str) -> str:
        return self.line(label, placement) + paragraph("") * 3


WAYS: dict[str, Callable[[Guide], Writer]] = {
    "formcheckbox et formtext": Legacy,
    "w:sym Wingdings, NON | OUI, taquets": Symbols,
    "☐ OUI ☐ NON dans une cellule": Glyphs,
    "cellules vides sous NON | OUI": EmptyCells,
    "contrôles autour des cellules": CellControls,
    "formes et zones de texte": Drawings,
    "strict, modèle, sans tableau": StrictTemplate,
    "OUI NON sur deux colonnes, libellés seuls": Bare,
    "NON avant OUI, sans cadre": Unframed,
    "signatures côte à côte, deux colonnes": SideBySide,
    "signatures en colonnes, ligne à ligne": InColumns,
    "signatures côte à côte par tabulations": InTabs,
    "tableaux coupés sans en-tête, cellules fusionnées": Cut,
}
