"""What makes a PDF one that lasts: PDF/A-3u (ISO 19005-3), with or without saying so.

A file that says so is opened read-only by Acrobat: what is still to be signed or filled conforms
and does not say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from cqp_forms import limits
from cqp_forms.pdf.geometry import inherited

#: The namespace of what only this program says in XMP.
NAMESPACE = "urn:cqp-forms:xmp:1.0/"

#: What an XMP packet says of a file that claims to be PDF/A-3u (ISO 19005-3, 6.6.4).
_CLAIM = """<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>U</pdfaid:conformance>
</rdf:Description>"""

#: Our own entries, and what each says.
_ENTRIES = {
    "guide": "id of the guide",
    "stage": "issued, draft or blank",
    "version": "number of the version",
    "replaces": "number of the version that it replaces",
    "replacedOn": "day on which that version was issued",
    "reason": "why it was replaced",
    "rendering": "number of the way it was drawn",
    "code": "random id of the version",
    "blank": "SHA-256 of the document that it was made from",
}


def packet(
    *,
    title: str,
    language: str,
    moment: datetime,
    program: str,
    author: str = "",
    own: Mapping[str, str] | None = None,
    claims: bool,
) -> bytes:
    """An XMP packet (ISO 32000-2, 14.3.2).

    Args:
        moment: when the document was made.
        own: this program's own entries; those without a value are left out.
        claims: whether it says that the document is PDF/A-3u.
    """
    day = moment.replace(microsecond=0).isoformat()
    creator = f"<dc:creator><rdf:Seq><rdf:li>{_escaped(author)}</rdf:li></rdf:Seq></dc:creator>"
    held = {key: one for key, one in (own or {}).items() if one}
    entries = "\n".join(f"<cqp:{key}>{_escaped(one)}</cqp:{key}>" for key, one in held.items())
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:cqp="{NAMESPACE}">
<dc:format>application/pdf</dc:format>
<dc:language><rdf:Bag><rdf:li>{_escaped(language)}</rdf:li></rdf:Bag></dc:language>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{_escaped(title)}</rdf:li></rdf:Alt></dc:title>
{creator if author else ""}
<xmp:CreateDate>{day}</xmp:CreateDate>
<xmp:ModifyDate>{day}</xmp:ModifyDate>
<xmp:MetadataDate>{day}</xmp:MetadataDate>
<xmp:CreatorTool>{_escaped(program)}</xmp:CreatorTool>
<pdf:Producer>{_escaped(program)}</pdf:Producer>
{entries}
</rdf:Description>
{_extension_schema() if held else ""}
{_CLAIM if claims else ""}
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>""".encode()


def _escaped(text: str) -> str:
    # The standard library's own function would load its whole network stack with it.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def claimed(content: bytes, language: str, moment: datetime) -> bytes:
    """A PDF made by another library, with what makes it PDF/A-3u and says so.

    Args:
        content: its fonts are in it, its colours are device colours; its information dictionary
            says title and program.
        moment: when it was made. The same arguments give the same bytes.
    """
    with pikepdf.open(BytesIO(content)) as pdf:
        add_output_intent(pdf)
        said = packet(
            title=str(pdf.docinfo.get(Name.Title, "")),
            language=language,
            moment=moment,
            program=str(pdf.docinfo.get(Name.Creator, "")),
            claims=True,
        )
        pdf.Root.Metadata = pdf.make_stream(said, Type=Name.Metadata, Subtype=Name.XML)
        target = BytesIO()
        pdf.save(target, min_version="1.7", deterministic_id=True)
    return target.getvalue()


def _extension_schema() -> str:
    """The description of our own entries, without which a packet may not have them (6.6.2.3)."""
    entries = "\n".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>internal</pdfaProperty:category>"
        f"<pdfaProperty:description>{said}</pdfaProperty:description></rdf:li>"
        for name, said in _ENTRIES.items()
    )
    return f"""<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>cqp-forms</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>cqp</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
{entries}
</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>"""


def profile() -> bytes:
    """The sRGB profile, an ICC file."""
    return (files(__package__) / "srgb.icc").read_bytes()


def add_output_intent(pdf: pikepdf.Pdf) -> None:
    """Say that device colours are sRGB (6.2.3), unless the document says what its colours are."""
    known = pdf.Root.get(Name.OutputIntents)
    if isinstance(known, Array) and len(known):
        return
    stream = pdf.make_stream(profile(), N=3)
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
                Info=String("sRGB IEC61966-2.1"),
                DestOutputProfile=pdf.make_indirect(stream),
            )
        ]
    )


_CMYK = "des couleurs d’imprimerie (CMJN) y sont sans profil"


def obstacles(document: bytes) -> tuple[str, ...]:
    """Why a document cannot become PDF/A-3u, in French; empty when nothing is known against it.

    What :mod:`cqp_forms.pdf.stamp` takes away or writes anew does not count: fields, scripts,
    metadata, attached files.
    """
    with pikepdf.open(BytesIO(document)) as pdf:
        return tuple(dict.fromkeys(_obstacles(pdf)))


def _obstacles(pdf: pikepdf.Pdf) -> Iterator[str]:
    seen: set[tuple[int, int]] = set()
    for page in pdf.pages:
        resources = inherited(page.obj, "/Resources")
        yield from _of_resources(resources, seen, depth=6)
        if _paints_in_cmyk(page.obj, resources):
            yield _CMYK
        for annotation in page.obj.get(Name.Annots, Array()):
            if not isinstance(annotation, Dictionary) or annotation.get(Name.Subtype) in (
                Name.Widget, Name.Link, Name.Popup,
            ):  # fmt: skip
                continue
            if Name.AP not in annotation:
                yield "une annotation n’a pas d’apparence à elle"
    for number, one in enumerate(pdf.objects):
        if number > limits.PDF_OBJECTS:
            return
        if isinstance(one, pikepdf.Stream) and "/LZWDecode" in str(one.get(Name.Filter)):
            yield "un contenu est comprimé par LZW"


def _of_resources(
    resources: Object | None, seen: set[tuple[int, int]], depth: int
) -> Iterator[str]:
    if not isinstance(resources, Dictionary) or not depth:
        return
    for font in _entries(resources, Name.Font):
        if not _is_embedded(font):
            name = str(font.get(Name.BaseFont, "/sans nom")).lstrip("/")
            yield f"la police « {name} » n’est pas dans le document"
        elif Name.ToUnicode not in font and font.get(Name.Subtype) == Name.Type0:
            name = str(font.get(Name.BaseFont, "/sans nom")).lstrip("/")
            yield f"les signes de la police « {name} » n’ont pas d’équivalent Unicode"
    for space in _entries(resources, Name.ColorSpace):
        if "/DeviceCMYK" in str(space.unparse(resolved=True)[:2000]):
            yield _CMYK
    for form in _entries(resources, Name.XObject):
        if form.is_indirect and form.objgen in seen:
            continue
        seen.add(form.objgen)
        if form.get(Name.ColorSpace) == Name.DeviceCMYK:
            yield _CMYK
        own = form.get(Name.Resources)
        if form.get(Name.Subtype) == Name.Form and _paints_in_cmyk(form, own or resources):
            yield _CMYK
        yield from _of_resources(own, seen, depth - 1)


def _paints_in_cmyk(stream: Object, resources: Object | None) -> bool:
    """Whether a content sets a CMYK colour by operator (8.6.8) without a profile (8.6.5.6)."""
    spaces = resources.get(Name.ColorSpace) if isinstance(resources, Dictionary) else None
    if isinstance(spaces, Dictionary) and Name.DefaultCMYK in spaces:
        return False
    try:
        return bool(pikepdf.parse_content_stream(stream, "k K"))
    except (pikepdf.PdfError, pikepdf.PdfParsingError):
        return False  # a content that cannot be read paints nothing that is told here


def _entries(resources: Object, kind: Name) -> Iterator[Object]:
    held = resources.get(kind)
    for _, one in held.items() if isinstance(held, Dictionary) else ():
        if isinstance(one, (Array, Dictionary, pikepdf.Stream)):
            yield one


def _is_embedded(font: Object) -> bool:
    """Whether a font's glyphs are in the document (6.2.11.4)."""
    if font.get(Name.Subtype) == Name.Type3:
        return True
    below = font.get(Name.DescendantFonts)
    holder = below[0] if isinstance(below, Array) and len(below) else font
    descriptor = holder.get(Name.FontDescriptor)
    return isinstance(descriptor, Dictionary) and any(
        key in descriptor for key in (Name.FontFile, Name.FontFile2, Name.FontFile3)
    )
