"""What an edition adds around the answers: watermark, mentions, properties, embedded answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.stamp.drawings import cover_note, margin_note, watermark
from cqp_forms.docx.stamp.package import CORE_KIND, Parts
from cqp_forms.docx.stamp.template import Marks
from cqp_forms.plan import Edition, Stage, Trail

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TITLE, AUTHOR, DATE = "@title", "@author", "@date"
COVER, MARGIN, PAYLOAD = "@cover", "@margin", "@payload"
_TRAIL = "@trail."

_CP = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DC = "http://purl.org/dc/elements/1.1/"
_DCTERMS = "http://purl.org/dc/terms/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_DS = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
_WML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VT = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
#: The set that custom properties are of ([MS-OLEPS] 2.18).
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_ITEM_ID = "{6F1D1C52-2B0E-4A5C-9B57-5D0C3A8E4F10}"


@dataclass(frozen=True, slots=True)
class Extras:
    """Which additions an edition has; each combination is prepared once."""

    draft: bool
    cover: bool
    margin: bool
    payload: bool

    @classmethod
    def of(cls, edition: Edition) -> Extras:
        """The additions that an edition asks for."""
        return cls(
            edition.stage is Stage.DRAFT,
            bool(edition.cover_note),
            bool(edition.margin_note),
            edition.payload is not None,
        )


def edition_values(edition: Edition) -> dict[str, str]:
    """The edition's texts, by the keys of their slots."""
    return {
        TITLE: edition.title,
        AUTHOR: edition.author,
        DATE: f"{edition.issued_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        COVER: edition.cover_note,
        MARGIN: edition.margin_note,
        PAYLOAD: (edition.payload or b"").decode(),
        **{_TRAIL + key: value for key, value in edition.trail.properties().items()},
    }


def add_extras(parts: Parts, extras: Extras, marks: Marks) -> None:
    """Prepare the parts for an edition with these additions."""
    _properties(parts, marks)
    _trail(parts, marks)
    if extras.payload:
        _payload(parts, marks)
    if extras.draft or extras.margin:
        _headers(parts, extras, marks)
    if extras.cover:
        _cover(parts, marks)


def _properties(parts: Parts, marks: Marks) -> None:
    name = parts.only("", "core-properties")
    if name is None:
        name = parts.free_name("docProps/core.xml")
        root = etree.Element(
            f"{{{_CP}}}coreProperties",
            nsmap={"cp": _CP, "dc": _DC, "dcterms": _DCTERMS, "xsi": _XSI},
        )
        parts.add(name, root, "application/vnd.openxmlformats-package.core-properties+xml")
        parts.relate("", CORE_KIND, name)
    root = parts.tree(name)
    for tag, key in (
        (f"{{{_DC}}}title", TITLE),
        (f"{{{_DC}}}creator", AUTHOR),
        (f"{{{_CP}}}lastModifiedBy", AUTHOR),
        (f"{{{_DCTERMS}}}created", DATE),
        (f"{{{_DCTERMS}}}modified", DATE),
    ):
        element = root.find(tag)
        if element is None:
            element = etree.SubElement(root, tag)
        if key == DATE:
            element.set(f"{{{_XSI}}}type", "dcterms:W3CDTF")
        marks.bare(key, element)


def _trail(parts: Parts, marks: Marks) -> None:
    """Custom properties, which word processors keep: the blank's own stay, ours are added."""
    name = parts.only("", "custom-properties") or wml.CUSTOM_PROPERTIES
    if name not in parts.names:
        root = etree.fromstring(f'<Properties xmlns="{_CUSTOM}" xmlns:vt="{_VT}"/>')
        parts.add(name, root, "application/vnd.openxmlformats-officedocument.custom-properties+xml")
        parts.relate("", "custom-properties", name)
    root = parts.tree(name)
    for one in [one for one in root if one.get("name", "").startswith(wml.TRAIL)]:
        root.remove(one)
    # Numbers begin at 2 (ECMA-376, part 1, 22.3.2.2).
    number = max((int(one.get("pid", "1")) for one in root), default=1)
    for rank, key in enumerate(Trail().properties(), start=number + 1):
        held = etree.SubElement(root, f"{{{_CUSTOM}}}property")
        held.set("fmtid", _FORMAT_ID)
        held.set("pid", str(rank))
        held.set("name", wml.TRAIL + key)
        marks.bare(_TRAIL + key, etree.SubElement(held, f"{{{_VT}}}lpwstr"))


def _payload(parts: Parts, marks: Marks) -> None:
    item = parts.free_name("customXml/item{}.xml")
    properties = item.replace("item", "itemProps", 1)
    root = etree.Element(f"{{{wml.PAYLOAD}}}reponses", nsmap={"cqp": wml.PAYLOAD})
    marks.bare(PAYLOAD, root)
    parts.add(item, root, "application/xml")
    about = etree.Element(f"{{{_DS}}}datastoreItem", nsmap={"ds": _DS})
    about.set(f"{{{_DS}}}itemID", _ITEM_ID)
    references = etree.SubElement(about, f"{{{_DS}}}schemaRefs")
    reference = etree.SubElement(references, f"{{{_DS}}}schemaRef")
    reference.set(f"{{{_DS}}}uri", wml.PAYLOAD)
    parts.add(
        properties,
        about,
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
    )
    parts.relate(item, "customXmlProps", properties)
    parts.relate(parts.main(), "customXml", item)


def _cover(parts: Parts, marks: Marks) -> None:
    root = parts.tree(parts.main())
    body = wml.child(root, "body")
    if body is None:
        return
    section = next(wml.all_words(body, "sectPr"), None)
    left, width = _text_column(section)
    note, run = cover_note(wml.dialect(root), width, left)
    marks.fork(COVER, body, 0, [], [note], run)


def _text_column(section: Element | None) -> tuple[int, int]:
    """The left margin and the text's width of a section, in twentieths of a point."""
    size = wml.child(section, "pgSz") if section is not None else None
    margins = wml.child(section, "pgMar") if section is not None else None
    page = _whole(size, "w", 11906)
    left, right = _whole(margins, "left", 1134), _whole(margins, "right", 1134)
    return left, page - left - right


def _whole(element: Element | None, name: str, default: int) -> int:
    value = wml.attribute(element, name) if element is not None else None
    return int(value) if value and value.isdigit() else default


def _headers(parts: Parts, extras: Extras, marks: Marks) -> None:
    main = parts.main()
    root = parts.tree(main)
    height = _whole(next(wml.all_words(root, "pgSz"), None), "h", 16838)
    for rank, name in enumerate(_header_parts(parts, main, root), start=1):
        header = parts.tree(name)
        paragraph = next((one for one in header if wml.is_word(one, "p")), None)
        if paragraph is None:
            paragraph = etree.SubElement(header, wml.w("p", wml.dialect(header)))
        if extras.draft:
            paragraph.append(watermark(rank, wml.dialect(header)))
        if extras.margin:
            note, run = margin_note(rank, wml.dialect(header), height)
            marks.fork(MARGIN, paragraph, len(paragraph), [], [note], run)


def _header_parts(parts: Parts, main: str, root: Element) -> list[str]:
    """The header parts of every page, made where a page has none (17.10.1).

    A section without a reference of its own takes the one before's.
    """
    kinds = ["default"]
    settings = parts.only(main, "settings")
    if settings is not None and wml.is_on(wml.child(parts.tree(settings), "evenAndOddHeaders")):
        kinds.append("even")
    known = parts.related(main)
    inherited: dict[str, str] = {}
    found: dict[str, None] = {}
    for section in wml.all_words(root, "sectPr"):
        parent = section.getparent()
        if parent is not None and wml.is_word(parent, "sectPrChange"):
            continue
        own = {
            wml.attribute(one, "type") or "default": known.get(_reference(one), ("", ""))[1]
            for one in section
            if wml.is_word(one, "headerReference")
        }
        inherited |= {kind: name for kind, name in own.items() if name in parts.names}
        first = ["first"] if wml.is_on(wml.child(section, "titlePg")) else []
        for kind in (*kinds, *first):
            if kind not in inherited:
                inherited[kind] = _new_header(parts, main, section, kind)
            found[inherited[kind]] = None
    return list(found)


def _reference(element: Element) -> str:
    value = element.get(f"{{{wml.R}}}id")
    return value if value is not None else element.get(f"{{{wml.R_STRICT}}}id", "")


def _new_header(parts: Parts, main: str, section: Element, kind: str) -> str:
    namespace = wml.dialect(section.getroottree().getroot())
    name = parts.free_name("word/header{}.xml")
    header = etree.Element(wml.w("hdr", namespace), nsmap={"w": namespace})
    paragraph = etree.SubElement(header, wml.w("p", namespace))
    # As low as can be: a header must not push the text of the page down.
    spacing = etree.SubElement(
        etree.SubElement(paragraph, wml.w("pPr", namespace)), wml.w("spacing", namespace)
    )
    for key, value in (("before", "0"), ("after", "0"), ("line", "20"), ("lineRule", "exact")):
        spacing.set(wml.w(key, namespace), value)
    parts.add(name, header, f"{_WML}.header+xml")
    strict = namespace == wml.W_STRICT
    relationship = f"{wml.R_STRICT}/header" if strict else "header"
    reference = etree.Element(wml.w("headerReference", namespace))
    reference.set(wml.w("type", namespace), kind)
    office = wml.R_STRICT if strict else wml.R
    reference.set(f"{{{office}}}id", parts.relate(main, relationship, name))
    section.insert(0, reference)
    return name
