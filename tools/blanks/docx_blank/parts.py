"""The blank's other parts: package description, properties, settings, headers, glossary."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from docx.opc.constants import CONTENT_TYPE as CT
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.package import Package

from cqp_forms.blocks import Cover, plain
from cqp_forms.docx.wml import qn
from cqp_forms.guide import Guide
from docx_blank.controls import EMPTY, EMPTY_DATE, EMPTY_DATE_PART, EMPTY_PART
from docx_blank.cover import foot_band, head_band
from docx_blank.lists import fonts, numbering
from docx_blank.look import MARGIN, PAGE_HEIGHT, PAGE_WIDTH
from docx_blank.styles import styles
from docx_blank.xml import el, paragraph, root, run, serialise

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: The blank's own date: a fixed one, so that the same guide always gives the same bytes.
_BUILT = datetime(2026, 1, 1)

#: Relationship ids that the body's ``w:sectPr`` refers to; python-docx gives them in order.
HEADER, FOOTER, COVER_HEADER, COVER_FOOTER = "rId5", "rId6", "rId7", "rId8"


def package(guide: Guide, document: Element) -> Package:
    """The whole package around the body (ECMA-376 part 2), ready to be saved."""
    made = Package()

    def part(name: str, kind: str, content: bytes) -> Part:
        return Part(PackURI(name), kind, content, made)

    look = serialise(styles(guide.language))
    glossary = part("/word/glossary/document.xml", CT.WML_DOCUMENT_GLOSSARY, serialise(_glossary()))
    glossary.relate_to(part("/word/glossary/styles.xml", CT.WML_STYLES, look), RT.STYLES)
    main = part("/word/document.xml", CT.WML_DOCUMENT_MAIN, serialise(document))
    for kind, related in (
        (RT.STYLES, part("/word/styles.xml", CT.WML_STYLES, look)),
        (RT.NUMBERING, part("/word/numbering.xml", CT.WML_NUMBERING, serialise(numbering()))),
        (RT.SETTINGS, part("/word/settings.xml", CT.WML_SETTINGS, serialise(_settings(guide)))),
        (RT.FONT_TABLE, part("/word/fontTable.xml", CT.WML_FONT_TABLE, serialise(fonts()))),
        (RT.HEADER, part("/word/header1.xml", CT.WML_HEADER, serialise(_header(guide)))),
        (RT.FOOTER, part("/word/footer1.xml", CT.WML_FOOTER, serialise(_footer(guide)))),
        (RT.HEADER, part("/word/header2.xml", CT.WML_HEADER, serialise(_cover_header(guide)))),
        (
            RT.FOOTER,
            part(
                "/word/footer2.xml",
                CT.WML_FOOTER,
                serialise(_cover_footer()),
            ),
        ),
        (RT.GLOSSARY_DOCUMENT, glossary),
    ):
        main.relate_to(related, kind)
    made.relate_to(main, RT.OFFICE_DOCUMENT)
    made.relate_to(
        part("/docProps/app.xml", CT.OFC_EXTENDED_PROPERTIES, _app()), RT.EXTENDED_PROPERTIES
    )
    _describe(made, guide)
    return made


def _describe(made: Package, guide: Guide) -> None:
    properties = made.core_properties
    properties.title = " – ".join(
        one for one in (running_title(guide), plain(guide.certificate)) if one
    )
    properties.subject = plain(guide.certificate)
    properties.author = properties.last_modified_by = ""
    properties.language = guide.language
    properties.created = properties.modified = _BUILT


def _cover_header(guide: Guide) -> Element:
    cover = next((one for one in guide.document if isinstance(one, Cover)), None)
    band = [head_band(cover.tool, cover.title)] if cover else []
    return root("hdr", *band, paragraph("Bare"))


def _cover_footer() -> Element:
    return root("ftr", foot_band(), paragraph("Bare"))


def cover_section() -> Element:
    """The section of the cover: its header, the band, begins at the page's very top."""
    return _section(COVER_HEADER, COVER_FOOTER, 0)


def body_section() -> Element:
    """The section of the other pages."""
    return _section(HEADER, FOOTER, 567)


def _section(header: str, footer: str, top: int) -> Element:
    references = []
    for name, id_ in (("headerReference", header), ("footerReference", footer)):
        reference = el(name, type_="default")
        reference.set(qn("r:id"), id_)
        references.append(reference)
    margins = dict.fromkeys(("top", "right", "bottom", "left"), MARGIN)
    return el(
        "sectPr",
        *references,
        el("pgSz", w=PAGE_WIDTH, h=PAGE_HEIGHT),
        el("pgMar", **margins, header=top, footer=510, gutter=0),
    )


def running_title(guide: Guide) -> str:
    """« OUTIL N°4 – GUIDE D’ÉVALUATION DES COMPÉTENCES »."""
    return " – ".join(plain(one) for one in (guide.tool, guide.title) if one)


def _header(guide: Guide) -> Element:
    title, certificate = run(running_title(guide), "Strong"), plain(guide.certificate)
    return root("hdr", paragraph("Header", [title, el("r", el("tab")), run(certificate)]))


def _footer(guide: Guide) -> Element:
    return root(
        "ftr",
        paragraph(
            "Footer",
            [
                run("Page "),
                el("fldSimple", run("1"), instr=" PAGE "),
                run(" / "),
                el("fldSimple", run("1"), instr=" NUMPAGES "),
            ],
        ),
    )


def _settings(guide: Guide) -> Element:
    return root(
        "settings",
        el("zoom", percent=100),
        el("defaultTabStop", val=709),
        el("hyphenationZone", val=425),
        el("characterSpacingControl", val="doNotCompress"),
        el(
            "compat",
            *(
                el(
                    "compatSetting",
                    name=name,
                    uri="http://schemas.microsoft.com/office/word",
                    val=value,
                )
                for name, value in (
                    ("compatibilityMode", 15),
                    ("overrideTableStyleFontSizeAndJustification", 1),
                    ("enableOpenTypeFeatures", 1),
                    ("doNotFlipMirrorIndents", 1),
                )
            ),
        ),
        el("themeFontLang", val=guide.language),
        el("decimalSymbol", val=","),
        el("listSeparator", val=";"),
        prefixes=("w",),
    )


def _glossary() -> Element:
    def blank(rank: int, name: str, content: str) -> Element:
        return el(
            "docPart",
            el(
                "docPartPr",
                el("name", val=name),
                el("category", el("name", val="Général"), el("gallery", val="placeholder")),
                el("types", el("type", val="bbPlcHdr")),
                el("behaviors", el("behavior", val="content")),
                el("guid", val=f"{{5E0C7A9D-3B1F-4E62-9C4A-0000000000{rank:02X}}}"),
            ),
            el(
                "docPartBody",
                el("p", run(content, "PlaceholderText")),
            ),
        )

    return root(
        "glossaryDocument",
        el("docParts", blank(1, EMPTY_PART, EMPTY), blank(2, EMPTY_DATE_PART, EMPTY_DATE)),
    )


def _app() -> bytes:
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Properties xmlns="{namespace}"><Application>cqp-forms</Application></Properties>'
    ).encode()
