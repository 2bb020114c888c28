"""The blank's other parts: package description, properties, settings, headers, glossary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from cqp_forms.blocks import plain
from cqp_forms.docx.build_controls import EMPTY, EMPTY_DATE, EMPTY_DATE_PART, EMPTY_PART
from cqp_forms.docx.build_lists import fonts, numbering
from cqp_forms.docx.build_styles import styles
from cqp_forms.docx.build_xml import el, paragraph, root, run, serialise
from cqp_forms.guide import Guide

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: The blank's own date: a fixed one, so that the same guide always gives the same bytes.
BUILT = "2026-01-01T00:00:00Z"

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WML = "application/vnd.openxmlformats-officedocument.wordprocessingml"

#: Relationship ids that the body's ``w:sectPr`` refers to.
HEADER, FOOTER, FIRST_HEADER, FIRST_FOOTER = "rId5", "rId6", "rId7", "rId8"

_CONTENT_TYPES: Mapping[str, str] = {
    "/word/document.xml": f"{_WML}.document.main+xml",
    "/word/styles.xml": f"{_WML}.styles+xml",
    "/word/numbering.xml": f"{_WML}.numbering+xml",
    "/word/settings.xml": f"{_WML}.settings+xml",
    "/word/fontTable.xml": f"{_WML}.fontTable+xml",
    "/word/header1.xml": f"{_WML}.header+xml",
    "/word/footer1.xml": f"{_WML}.footer+xml",
    "/word/header2.xml": f"{_WML}.header+xml",
    "/word/footer2.xml": f"{_WML}.footer+xml",
    "/word/glossary/document.xml": f"{_WML}.document.glossary+xml",
    "/word/glossary/styles.xml": f"{_WML}.styles+xml",
    "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}


def parts(guide: Guide, document: Element) -> dict[str, bytes]:
    """Every part of the package, in the order to write them."""
    look = serialise(styles(guide.language))
    return {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            ("rId1", f"{_OFFICE}/relationships/officeDocument", "word/document.xml"),
            ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ("rId3", f"{_OFFICE}/relationships/extended-properties", "docProps/app.xml"),
        ),
        "word/document.xml": serialise(document),
        "word/_rels/document.xml.rels": _relationships(
            *(
                (f"rId{rank}", f"{_OFFICE}/relationships/{kind}", target)
                for rank, (kind, target) in enumerate(_RELATED, start=1)
            )
        ),
        "word/styles.xml": look,
        "word/numbering.xml": serialise(numbering()),
        "word/settings.xml": serialise(_settings(guide)),
        "word/fontTable.xml": serialise(fonts()),
        "word/header1.xml": serialise(_header(guide)),
        "word/footer1.xml": serialise(_footer(guide)),
        "word/header2.xml": serialise(root("hdr", paragraph("Bare"))),
        "word/footer2.xml": serialise(root("ftr", paragraph("Bare"))),
        "word/glossary/document.xml": serialise(_glossary()),
        "word/glossary/_rels/document.xml.rels": _relationships(
            ("rId1", f"{_OFFICE}/relationships/styles", "styles.xml")
        ),
        "word/glossary/styles.xml": look,
        "docProps/core.xml": _core(guide),
        "docProps/app.xml": _app(),
    }


_RELATED = (
    ("styles", "styles.xml"),
    ("numbering", "numbering.xml"),
    ("settings", "settings.xml"),
    ("fontTable", "fontTable.xml"),
    ("header", "header1.xml"),
    ("footer", "footer1.xml"),
    ("header", "header2.xml"),
    ("footer", "footer2.xml"),
    ("glossaryDocument", "glossary/document.xml"),
)


def _content_types() -> bytes:
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{kind}"/>'
        for part, kind in _CONTENT_TYPES.items()
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        f'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{overrides}</Types>"
    ).encode()


def _relationships(*related: tuple[str, str, str]) -> bytes:
    inside = "".join(
        f'<Relationship Id="{id_}" Type="{kind}" Target="{target}"/>'
        for id_, kind, target in related
    )
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'.encode()
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


def _core(guide: Guide) -> bytes:
    title = escape(
        " – ".join(one for one in (running_title(guide), plain(guide.certificate)) if one)
    )
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{title}</dc:title><dc:subject>{escape(plain(guide.certificate))}</dc:subject>"
        f"<dc:creator></dc:creator><dc:language>{escape(guide.language)}</dc:language>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{BUILT}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{BUILT}</dcterms:modified>'
        "</cp:coreProperties>"
    ).encode()


def _app() -> bytes:
    return (
        f'{_HEAD}<Properties xmlns="{_OFFICE}/extended-properties">'
        "<Application>cqp-forms</Application></Properties>"
    ).encode()
