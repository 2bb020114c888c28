"""Makes a DOCX of a guide the way somebody else would, and knows where each field lies in it.

A rendition says how boxes and areas are drawn; the walk over the guide's blocks is common. What it
places is marked as it is drawn, so that the truth does not depend on the code under test.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree

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
    Paragraph,
    SignatureBlock,
    TickList,
    plain,
)
from cqp_forms.docx import wml
from cqp_forms.guide import Competence, Field, Guide
from cqp_forms.mapping import DocxKind

MARK = "placement"
NAMESPACES = (
    f'xmlns:w="{wml.W}" xmlns:w14="{wml.W14}" xmlns:mc="{wml.MC}" xmlns:wp="{wml.WP}" '
    f'xmlns:wps="{wml.WPS}" xmlns:a="{wml.A}" xmlns:v="{wml.V}" xmlns:o="{wml.O}" '
    f'xmlns:r="{wml.R}" mc:Ignorable="w14"'
)
DOCUMENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TEMPLATE_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
STYLES = f"""<w:styles xmlns:w="{wml.W}">
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Titre1"><w:name w:val="heading 1"/><w:pPr>
<w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Titre2"><w:name w:val="heading 2"/><w:pPr>
<w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/><w:sz w:val="26"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Titre3"><w:name w:val="heading 3"/><w:pPr>
<w:outlineLvl w:val="2"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="table" w:styleId="Grille"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders>
<w:top w:val="single" w:sz="4"/><w:left w:val="single" w:sz="4"/><w:bottom w:val="single" w:sz="4"/>
<w:right w:val="single" w:sz="4"/><w:insideH w:val="single" w:sz="4"/>
<w:insideV w:val="single" w:sz="4"/></w:tblBorders></w:tblPr></w:style>
</w:styles>"""


@dataclass(frozen=True)
class Place:
    """Where a placement really is: the kind, the element's path, the offset."""

    kind: DocxKind
    target: str
    offset: int = 0


@dataclass(frozen=True)
class Rendition:
    """A document, and where each placement of the guide lies in it."""

    name: str
    content: bytes
    truth: dict[str, Place]


def run(text: str, properties: str = "") -> str:
    """A run of text; a tab is a tab."""
    rpr = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    pieces = escape(text).split("\t")
    inside = "<w:tab/>".join(f'<w:t xml:space="preserve">{one}</w:t>' for one in pieces)
    return f"<w:r>{rpr}{inside}</w:r>"


def paragraph(inside: str, properties: str = "", mark: str = "") -> str:
    """A paragraph."""
    ppr = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p{mark}>{ppr}{inside}</w:p>"


def title(text: str, level: int) -> str:
    """A heading."""
    return paragraph(run(text), f'<w:pStyle w:val="Titre{level}"/>')


def cell(inside: str, span: int = 1, mark: str = "", properties: str = "") -> str:
    """A table cell."""
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return f"<w:tc{mark}><w:tcPr>{spanned}{properties}</w:tcPr>{inside}</w:tc>"


def row(cells: Iterable[str]) -> str:
    """A table row."""
    return f"<w:tr>{''.join(cells)}</w:tr>"


def table(rows: Iterable[str], widths: Sequence[int], framed: bool = True) -> str:
    """A table."""
    style = '<w:tblStyle w:val="Grille"/>' if framed else ""
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    return (
        f'<w:tbl><w:tblPr>{style}<w:tblW w:w="0" w:type="auto"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


@dataclass
class Writer:
    """A way of writing the guide; renditions override the parts that they draw otherwise."""

    guide: Guide
    name: str = "base"
    kinds: dict[str, DocxKind] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    # -- what a rendition draws ---------------------------------------------------------------

    def box(self, placement: str) -> str:
        """A tick box, as runs."""
        raise NotImplementedError

    def line(self, label: str, placement: str) -> str:
        """« Label : » with a line to write on."""
        raise NotImplementedError

    def comment(self, label: str, placement: str, lines: int) -> str:
        """A comment area under its label."""
        raise NotImplementedError

    def signature(self, label: str, placement: str) -> str:
        """A signature area."""
        raise NotImplementedError

    def criteria(self, competence: Competence) -> str:
        """The criteria tables of a competence."""
        phrases = self.phrases
        rows = [
            row([self.text_cell(phrases.criteria), self.text_cell("OUI"), self.text_cell("NON")])
        ]
        for group in competence.groups:
            rows.append(row([cell(paragraph(run(group.title, "<w:b/>")), 3)]))
            for one in group.fields:
                oui, non = (place.id for place in one.placements)
                rows.append(
                    row(
                        [
                            self.text_cell(one.label),
                            cell(paragraph(self.box(oui))),
                            cell(paragraph(self.box(non))),
                        ]
                    )
                )
        return table(rows, (7000, 900, 900))

    def result(self, competence: Competence) -> str:
        """The result line."""
        yes, no = (place.id for place in competence.result.placements)
        return paragraph(run(self.phrases.result_title, "<w:b/>")) + paragraph(
            f"{self.box(yes)}{run(f' {self.phrases.mastered}')}"
            f"{run(chr(9))}{self.box(no)}{run(f' {self.phrases.not_mastered}')}"
        )

    def tick(self, one: Field) -> str:
        """A tick box with its label."""
        return paragraph(f"{self.box(one.placements[0].id)}{run(f' {one.label}')}")

    def order(self, blocks: Sequence[Block]) -> Sequence[Block]:
        """The guide's blocks, in the order of this rendition."""
        return blocks

    # -- common ground ------------------------------------------------------------------------

    @property
    def phrases(self):
        assert self.guide.phrases is not None
        return self.guide.phrases

    def text_cell(self, text: str, span: int = 1) -> str:
        return cell(paragraph(run(text)), span)

    def mark(self, placement: str, kind: DocxKind, offset: int = 0) -> str:
        """The attribute that remembers which placement an element is."""
        self.kinds[placement] = kind
        self.offsets[placement] = offset
        return f' {MARK}="{placement}"'

    def areas(self, ids: Iterable[str]) -> Iterable[tuple[Field, str]]:
        """The fields, each with its next placement."""
        for one in ids:
            known = self.guide.fields[one]
            rank = self.seen.get(one, 0)
            self.seen[one] = rank + 1
            yield known, known.placements[rank].id

    def body(self) -> str:
        return "".join(self.block(one) for one in self.order(self.guide.document))

    def block(self, block: Block) -> str:
        match block:
            case Cover():
                head = title(block.certificate, 1) + title(block.title, 1)
                return head + title(block.fields_title, 2) + self.lines(block.fields)
            case Heading():
                return title(block.text, block.level)
            case Paragraph():
                return paragraph(run(plain(block.text)))
            case Callout():
                return "".join(paragraph(run(plain(one))) for one in block.paragraphs)
            case Bullets():
                return "".join(self.bullets(block))
            case FieldLines():
                return self.lines(block.fields)
            case TickList():
                return "".join(self.tick(self.guide.fields[one]) for one in block.fields)
            case CommentBox():
                ((known, place),) = self.areas([block.field])
                return self.comment(known.label, place, block.lines)
            case SignatureBlock():
                return self.signing(block)
            case Modalities():
                return "".join(self.modality(one) for one in self.guide.competences)
            case Competences():
                return "".join(self.competence(one) for one in self.guide.competences)
            case _:
                return paragraph('<w:r><w:br w:type="page"/></w:r>')

    def bullets(self, block: Bullets) -> Iterable[str]:
        for one in block.items:
            yield paragraph(run(f"☞ {plain(one.text)}"))
            yield from (paragraph(run(f"– {plain(child)}")) for child in one.children)

    def lines(self, ids: Iterable[str]) -> str:
        return "".join(self.line(known.label, place) for known, place in self.areas(ids))

    def modality(self, one: Competence) -> str:
        return title(one.heading, 3) + "".join(self.block(each) for each in one.modalities)

    def competence(self, one: Competence) -> str:
        phrases = self.phrases
        parts = [title(one.heading, 2)]
        parts += [paragraph(run(f"• {each}")) for each in one.abilities]
        parts += [title(phrases.how, 3), *(self.block(each) for each in one.method)]
        parts += [title(phrases.documents, 3)]
        parts += [paragraph(run(f"• {each}")) for each in one.documents]
        parts += [paragraph(run(each)) for each in phrases.instructions]
        parts += [title(phrases.questions_title, 3)]
        parts += [paragraph(run(f"• {each}")) for each in one.questions]
        parts += [self.criteria(one), paragraph(""), self.result(one)]
        return "".join([*parts, paragraph(run(phrases.reminder))])

    def signing(self, block: SignatureBlock) -> str:
        parts = [title(block.title, 2), self.lines(block.fields)]
        if block.declarant:
            parts += [self.lines([block.declarant]), paragraph(run(block.declaration))]
        if block.date:
            parts.append(self.lines([block.date]))
        ((known, place),) = self.areas([block.signature])
        return "".join([*parts, self.signature(known.label, place)])

    # -- the file -----------------------------------------------------------------------------

    def settings(self) -> str:
        return ""

    def document_xml(self) -> bytes:
        body = f"<w:body>{self.body()}<w:sectPr/></w:body>"
        return f"<w:document {NAMESPACES}>{body}</w:document>".encode()

    def make(self, content_type: str = DOCUMENT_TYPE, strict: bool = False) -> Rendition:
        """The document and the truth about it."""
        root = etree.fromstring(self.document_xml())
        truth = {}
        for element in list(root.iter()):
            ids = element.attrib.pop(MARK, "") if isinstance(element.tag, str) else ""
            for one in ids.split():
                truth[one] = self.place(one, element)
        assert set(truth) == set(self.guide.placements), set(self.guide.placements) - set(truth)
        xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return Rendition(self.name, package(xml, self.settings(), content_type, strict), truth)

    def place(self, placement: str, element: etree._Element) -> Place:
        kind, offset = self.kinds[placement], self.offsets[placement]
        if kind in (DocxKind.GLYPH, DocxKind.LEADER):
            # Marked on the run that begins with it.
            host = next(one for one in element.iterancestors() if wml.local(one) == "p")
            text = next(one for one in element if wml.local(one) in ("t", "tab"))
            start = next(one.start for one in wml.pieces(host) if one.element is text)
            return Place(kind, wml.path_of(host), start + offset)
        return Place(kind, wml.path_of(element))


def package(xml: bytes, settings: str, content_type: str, strict: bool) -> bytes:
    """A minimal package around a body."""
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    kinds = wml.R_STRICT if strict else wml.R
    members = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{content_type}"/>'
        '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.styles+xml"/>'
        '<Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.settings+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="rId1" '
        f'Type="{kinds}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{relations}">'
        f'<Relationship Id="rId1" Type="{kinds}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId2" Type="{kinds}/settings" Target="settings.xml"/></Relationships>',
        "word/styles.xml": STYLES,
        "word/settings.xml": f'<w:settings xmlns:w="{wml.W}">{settings}</w:settings>',
        "word/document.xml": xml.decode(),
    }
    if strict:
        for name, text in members.items():
            members[name] = text.replace(wml.W, wml.W_STRICT).replace(
                f'xmlns:r="{wml.R}"', f'xmlns:r="{wml.R_STRICT}"'
            )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return target.getvalue()
