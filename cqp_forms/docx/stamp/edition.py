"""What an edition adds around the answers: properties, embedded answers, watermark, mentions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.stamp.template import CORE_KIND, Parts, Slots
from cqp_forms.pagecode import SIDE, symbol
from cqp_forms.plan import Edition, Stage, Trail

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TITLE, AUTHOR, DATE = "@title", "@author", "@date"
COVER, MARGIN, PAYLOAD = "@cover", "@margin", "@payload"
CODE = "@code"
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

#: Twentieths of a point in a millimetre.
_TWIPS = 56.7
#: How far from the page's edges the mention in the margin ends, in points.
_UPPER_END, _LOWER_END = 57, 57
#: How far from the page's edges the code stands, in points: printers reach no further.
_EDGE = 14.0
_NAMESPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in wml.PREFIXES.items())
_DRAFT = "BROUILLON"


@dataclass(frozen=True, slots=True)
class Additions:
    """Which additions an edition has; each combination is prepared once."""

    draft: bool
    cover: bool
    margin: bool
    payload: bool
    code: bool = False

    @classmethod
    def of(cls, edition: Edition) -> Additions:
        """The additions that an edition asks for."""
        return cls(
            edition.stage is Stage.DRAFT,
            bool(edition.cover_note),
            bool(edition.margin_note),
            edition.payload is not None,
            bool(edition.trail.code),
        )


def edition_values(edition: Edition) -> dict[str, str]:
    """The edition's texts, by the keys of their slots."""
    return {
        TITLE: edition.title,
        AUTHOR: edition.author,
        DATE: f"{edition.issued_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        COVER: edition.cover_note,
        MARGIN: edition.margin_note,
        CODE: edition.trail.code,
        PAYLOAD: (edition.payload or b"").decode(),
        **{_TRAIL + key: value for key, value in edition.trail.properties().items()},
    }


def add_edition(parts: Parts, additions: Additions, slots: Slots) -> None:
    """Prepare the parts for an edition with these additions."""
    _properties(parts, slots)
    _trail(parts, slots)
    if additions.payload:
        _payload(parts, slots)
    if additions.draft or additions.margin:
        _headers(parts, additions, slots)
    if additions.code:
        _footers(parts, slots)
    if additions.cover:
        _cover(parts, slots)


def _properties(parts: Parts, slots: Slots) -> None:
    made = etree.Element(
        f"{{{_CP}}}coreProperties",
        nsmap={"cp": _CP, "dc": _DC, "dcterms": _DCTERMS, "xsi": _XSI},
    )
    kind = "application/vnd.openxmlformats-package.core-properties+xml"
    root = parts.related_tree(CORE_KIND, "docProps/core.xml", made, kind)
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
        slots.add_text(key, element)


def _trail(parts: Parts, slots: Slots) -> None:
    """Custom properties, which word processors keep: the blank's own stay, ours are added."""
    made = etree.fromstring(f'<Properties xmlns="{_CUSTOM}" xmlns:vt="{_VT}"/>')
    kind = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
    root = parts.related_tree("custom-properties", wml.CUSTOM_PROPERTIES, made, kind)
    for one in [one for one in root if one.get("name", "").startswith(wml.TRAIL)]:
        root.remove(one)
    # Numbers begin at 2 (ECMA-376, part 1, 22.3.2.2).
    number = max((wml.whole(one.get("pid", ""), 1) for one in root), default=1)
    for rank, key in enumerate(Trail().properties(), start=number + 1):
        held = etree.SubElement(root, f"{{{_CUSTOM}}}property")
        held.set("fmtid", _FORMAT_ID)
        held.set("pid", str(rank))
        held.set("name", wml.TRAIL + key)
        slots.add_text(_TRAIL + key, etree.SubElement(held, f"{{{_VT}}}lpwstr"))


def _payload(parts: Parts, slots: Slots) -> None:
    item = parts.free_name("customXml/item{}.xml")
    properties = item.replace("item", "itemProps", 1)
    root = etree.Element(f"{{{wml.PAYLOAD}}}reponses", nsmap={"cqp": wml.PAYLOAD})
    slots.add_text(PAYLOAD, root)
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
    parts.relate(parts.main, "customXml", item)


def _cover(parts: Parts, slots: Slots) -> None:
    root = parts.tree(parts.main)
    body = wml.child(root, "body")
    if body is None:
        return
    place = next(
        (
            one
            for one in wml.all_words(body, "bookmarkStart")
            if wml.attribute(one, "name") == wml.NOTE_PLACE
        ),
        None,
    )
    if place is not None and (paragraph := place.getparent()) is not None:
        holder = paragraph.getparent()
        if holder is not None:
            note, run = _cover_note(wml.dialect(root))
            slots.add(COVER, holder, holder.index(paragraph), [], [note], run)
            return
    section = next(wml.all_words(body, "sectPr"), None)
    left, width = _text_column(section)
    frame = (
        f'<w:framePr w:w="{width}" w:hSpace="0" w:wrap="around" w:vAnchor="page" '
        f'w:hAnchor="page" w:x="{left}" w:y="{int(22 * _TWIPS)}"/>'
    )
    note, run = _cover_note(wml.dialect(root), frame)
    slots.add(COVER, body, 0, [], [note], run)


def _text_column(section: Element | None) -> tuple[int, int]:
    """The left margin and the text's width of a section, in twentieths of a point."""
    size = wml.child(section, "pgSz") if section is not None else None
    margins = wml.child(section, "pgMar") if section is not None else None
    page = _whole(size, "w", 11906)
    left, right = _whole(margins, "left", 1134), _whole(margins, "right", 1134)
    return left, page - left - right


def _whole(element: Element | None, name: str, default: int) -> int:
    value = wml.attribute(element, name) if element is not None else None
    return wml.whole(value or "", default)


def has_room_for_code(parts: Parts) -> bool:
    """Whether the right margin of every section is as wide as the code and what is around it."""
    margins = wml.all_words(parts.tree(parts.main), "pgMar")
    return all(_whole(one, "right", 1134) / 20 >= _EDGE + SIDE for one in margins)


def _footers(parts: Parts, slots: Slots) -> None:
    """The version's code, at the right of the foot of every page that has room for it."""
    if not has_room_for_code(parts):
        return
    root = parts.tree(parts.main)
    size = next(wml.all_words(root, "pgSz"), None)
    edge = _EDGE + SIDE
    width, height = _whole(size, "w", 11906) / 20, _whole(size, "h", 16838) / 20
    writer = _CodeWriter(width - edge, height - edge)
    for name in _edge_parts(parts, parts.main, root, "footer"):
        footer = parts.tree(name)
        paragraph = next((one for one in footer if wml.is_word(one, "p")), None)
        if paragraph is None:
            paragraph = etree.SubElement(footer, wml.w("p", wml.dialect(footer)))
        run = _fragment("<w:r><w:rPr><w:noProof/></w:rPr><w:pict/></w:r>", wml.dialect(footer))
        paragraph.append(run)
        slots.add_text(CODE, run[-1], writer)


@dataclass(frozen=True, slots=True)
class _CodeWriter:
    """Writes a code as a shape (VML) whose path is its symbol's dark modules: sharp at any size.

    Attributes:
        left, top: where the symbol stands on the page, in points.
    """

    left: float
    top: float

    def render(self, text: str) -> bytes:
        """The shape of a version's id."""
        made = symbol(text)
        path = "".join(
            f"m{one.x},{one.y}l{one.x + one.length},{one.y},{one.x + one.length},{one.y + 1},"
            f"{one.x},{one.y + 1}x"
            for one in made.runs
        )
        return (
            '<v:shape xmlns:v="urn:schemas-microsoft-com:vml" alt="Code de la version" '
            f'style="position:absolute;margin-left:{self.left:.2f}pt;margin-top:{self.top:.2f}pt;'
            f"width:{SIDE:.2f}pt;height:{SIDE:.2f}pt;z-index:251670528;"
            'mso-position-horizontal-relative:page;mso-position-vertical-relative:page" '
            f'coordsize="{made.modules},{made.modules}" path="{path}e" fillcolor="black" '
            'stroked="f"/>'
        ).encode()


def _headers(parts: Parts, additions: Additions, slots: Slots) -> None:
    main = parts.main
    root = parts.tree(main)
    height = _whole(next(wml.all_words(root, "pgSz"), None), "h", 16838)
    for rank, name in enumerate(_edge_parts(parts, main, root, "header"), start=1):
        header = parts.tree(name)
        paragraph = next((one for one in header if wml.is_word(one, "p")), None)
        if paragraph is None:
            paragraph = etree.SubElement(header, wml.w("p", wml.dialect(header)))
        if additions.draft:
            paragraph.append(_watermark(rank, wml.dialect(header)))
        if additions.margin:
            note, run = _margin_note(rank, wml.dialect(header), height)
            slots.add(MARGIN, paragraph, len(paragraph), [], [note], run)


def _edge_parts(parts: Parts, main: str, root: Element, what: str) -> list[str]:
    """The header or footer parts of every page, made where a page has none (17.10.1).

    A section without a reference of its own takes the one before's.
    """
    kinds = ["default"]
    settings = parts.related(main, "settings")
    if settings and wml.is_on(wml.child(parts.tree(settings[0]), "evenAndOddHeaders")):
        kinds.append("even")
    known = {one.id: one.target for one in parts.relations(main) if not one.external}
    inherited: dict[str, str] = {}
    found: dict[str, None] = {}
    for section in wml.all_words(root, "sectPr"):
        parent = section.getparent()
        if parent is not None and wml.is_word(parent, "sectPrChange"):
            continue
        own = {
            wml.attribute(one, "type") or "default": known.get(_reference(one), "")
            for one in section
            if wml.is_word(one, f"{what}Reference")
        }
        inherited |= {kind: name for kind, name in own.items() if name in parts.names}
        first = ["first"] if wml.is_on(wml.child(section, "titlePg")) else []
        for kind in (*kinds, *first):
            if kind not in inherited:
                inherited[kind] = _new_edge(parts, main, section, kind, what)
            found[inherited[kind]] = None
    return list(found)


def _reference(element: Element) -> str:
    value = element.get(f"{{{wml.R}}}id")
    return value if value is not None else element.get(f"{{{wml.R_STRICT}}}id", "")


def _new_edge(parts: Parts, main: str, section: Element, kind: str, what: str) -> str:
    namespace = wml.dialect(section.getroottree().getroot())
    name = parts.free_name(f"word/{what}{{}}.xml")
    tag = "hdr" if what == "header" else "ftr"
    header = etree.Element(wml.w(tag, namespace), nsmap={"w": namespace})
    paragraph = etree.SubElement(header, wml.w("p", namespace))
    # As low as can be: a header must not push the text of the page down.
    spacing = etree.SubElement(
        etree.SubElement(paragraph, wml.w("pPr", namespace)), wml.w("spacing", namespace)
    )
    for key, value in (("before", "0"), ("after", "0"), ("line", "20"), ("lineRule", "exact")):
        spacing.set(wml.w(key, namespace), value)
    parts.add(name, header, f"{_WML}.{what}+xml")
    strict = namespace == wml.W_STRICT
    relationship = f"{wml.R_STRICT}/{what}" if strict else what
    reference = etree.Element(wml.w(f"{what}Reference", namespace))
    reference.set(wml.w("type", namespace), kind)
    office = wml.R_STRICT if strict else wml.R
    reference.set(f"{{{office}}}id", parts.relate(main, relationship, name))
    section.insert(0, reference)
    return name


def _fragment(xml: str, namespace: str) -> Element:
    names = _NAMESPACES.replace(wml.W + '"', namespace + '"')
    holder = etree.fromstring(f"<holder {names}>{xml}</holder>")
    (made,) = holder
    holder.remove(made)
    etree.cleanup_namespaces(made)
    return made


def _watermark(rank: int, namespace: str) -> Element:
    """A run with « BROUILLON » across the page, as Word's own watermarks (VML WordArt)."""
    return _fragment(
        "<w:r><w:rPr><w:noProof/></w:rPr><w:pict>"
        '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas>'
        '<v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/>'
        '<v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/>'
        '<v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/>'
        '<v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>'
        '<v:path textpathok="t" o:connecttype="custom" '
        'o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800" o:connectangles="270,180,90,0"/>'
        '<v:textpath on="t" fitshape="t"/>'
        '<v:handles><v:h position="#0,bottomRight" xrange="6629,14971"/></v:handles>'
        '<o:lock v:ext="edit" text="t" shapetype="t"/></v:shapetype>'
        f'<v:shape id="{wml.WATERMARK}{rank}" o:spid="_x0000_s{2048 + rank}" '
        'type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;width:500pt;'
        "height:110pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;"
        "mso-position-horizontal-relative:margin;mso-position-vertical:center;"
        'mso-position-vertical-relative:margin" o:allowincell="f" fillcolor="#d0d0d0" '
        'stroked="f"><v:fill opacity=".5"/>'
        '<v:textpath style="font-family:&quot;Calibri&quot;;font-size:1pt;font-weight:bold" '
        f'string="{_DRAFT}"/><w10:wrap anchorx="margin" anchory="margin"/></v:shape>'
        "</w:pict></w:r>",
        namespace,
    )


def _margin_note(rank: int, namespace: str, height: int) -> tuple[Element, Element]:
    """A run with a mention that climbs the left margin, and the run inside that takes its text.

    Args:
        height: the page's height, in twentieths of a point.
    """
    long = height / 20 - _LOWER_END - _UPPER_END
    made = _fragment(
        "<w:r><w:rPr><w:noProof/></w:rPr><w:pict>"
        '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
        'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
        '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
        f'<v:shape id="Mention{rank}" o:spid="_x0000_s{3072 + rank}" type="#_x0000_t202" '
        f'style="position:absolute;margin-left:20pt;margin-top:{_UPPER_END}pt;width:17pt;'
        f"height:{long:.0f}pt;z-index:{251660288 + rank};mso-position-horizontal-relative:page;"
        'mso-position-vertical-relative:page" o:allowincell="f" filled="f" stroked="f">'
        '<v:textbox style="layout-flow:vertical;mso-layout-flow-alt:bottom-to-top" '
        'inset="0,0,0,0"><w:txbxContent><w:p><w:pPr>'
        '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/><w:jc w:val="left"/>'
        '</w:pPr><w:r><w:rPr><w:color w:val="595959"/><w:sz w:val="14"/><w:szCs w:val="14"/>'
        "</w:rPr></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>",
        namespace,
    )
    content = next(wml.all_words(made, "txbxContent"))
    return made, next(wml.all_words(content, "r"))


def _cover_note(namespace: str, frame: str = "") -> tuple[Element, Element]:
    """A mention between two rules on the first page, and the run that takes its text.

    Args:
        frame: what puts it at a place of the page; empty where it stands in the text.
    """
    made = _fragment(
        f'<w:sdt><w:sdtPr><w:tag w:val="{wml.OWN_TAG}mention"/></w:sdtPr><w:sdtContent><w:p><w:pPr>'
        f"{frame}"
        '<w:pBdr><w:top w:val="single" w:sz="8" w:space="4" w:color="C00000"/>'
        '<w:bottom w:val="single" w:sz="8" w:space="4" w:color="C00000"/></w:pBdr>'
        '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
        '<w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:b/><w:bCs/><w:color w:val="C00000"/>'
        '<w:sz w:val="22"/><w:szCs w:val="22"/></w:rPr></w:r></w:p></w:sdtContent></w:sdt>',
        namespace,
    )
    return made, next(wml.all_words(made, "r"))
