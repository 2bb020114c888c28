"""What a document says of itself: information dictionary, XMP, and the embedded answers."""

from __future__ import annotations

import hashlib
from datetime import datetime

from cqp_forms import __version__
from cqp_forms.pdf.stamp.objects import Assembly, stream, text_string
from cqp_forms.plan import Edition

#: The name under which the answers are embedded.
PAYLOAD = "reponses.json"

#: The namespace of what only this program says in XMP.
NAMESPACE = "urn:cqp-forms:xmp:1.0/"

_PROGRAM = f"cqp-forms {__version__}"


def _escaped(text: str) -> str:
    # The standard library's own function would load its whole network stack with it.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def pdf_date(moment: datetime) -> str:
    """A date (ISO 32000-2, 7.9.4), its zone included when it has one."""
    zone = moment.strftime("%z")
    zone = f"{zone[:3]}'{zone[3:5]}'" if zone else ""
    return f"D:{moment:%Y%m%d%H%M%S}{zone}"


def add_information(assembly: Assembly, edition: Edition) -> int:
    """Add the information dictionary (14.3.3); gives its number."""
    day = f"({pdf_date(edition.issued_at)})".encode()
    author = b" /Author " + text_string(edition.author) if edition.author else b""
    return assembly.add(
        b"<< /Title %s%s /Creator %s /Producer %s /CreationDate %s /ModDate %s >>"
        % (
            text_string(edition.title),
            author,
            text_string(_PROGRAM),
            text_string(_PROGRAM),
            day,
            day,
        )
    )


def xmp(edition: Edition, guide: str, language: str) -> bytes:
    """The metadata stream's object (14.3.2), saying the same as the information dictionary."""
    day = edition.issued_at.replace(microsecond=0).isoformat()
    title = _escaped(edition.title)
    creator = (
        f"<dc:creator><rdf:Seq><rdf:li>{_escaped(edition.author)}</rdf:li></rdf:Seq></dc:creator>"
        if edition.author
        else ""
    )
    trail = "\n".join(
        f"<cqp:{key}>{_escaped(value)}</cqp:{key}>"
        for key, value in edition.trail.properties().items()
        if value
    )
    packet = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:cqp="{NAMESPACE}">
<dc:format>application/pdf</dc:format>
<dc:language><rdf:Bag><rdf:li>{_escaped(language)}</rdf:li></rdf:Bag></dc:language>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
{creator}
<xmp:CreateDate>{day}</xmp:CreateDate>
<xmp:ModifyDate>{day}</xmp:ModifyDate>
<xmp:MetadataDate>{day}</xmp:MetadataDate>
<xmp:CreatorTool>{_PROGRAM}</xmp:CreatorTool>
<pdf:Producer>{_PROGRAM}</pdf:Producer>
<cqp:guide>{_escaped(guide)}</cqp:guide>
{trail}
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
    data = packet.encode()
    # Not compressed: XMP is meant to be found by programs that do not read PDF.
    return b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream" % (
        len(data),
        data,
    )


def add_payload(assembly: Assembly, payload: bytes, moment: datetime) -> None:
    """Embed the answers as a file (7.11.4), associated with the document (14.13)."""
    checksum = hashlib.md5(payload, usedforsecurity=False).hexdigest().encode()
    embedded = assembly.add(
        stream(
            payload,
            b"/Type /EmbeddedFile /Subtype /application#2Fjson"
            b" /Params << /Size %d /ModDate (%s) /CheckSum <%s> >>"
            % (len(payload), pdf_date(moment).encode(), checksum),
        )
    )
    name = PAYLOAD.encode()
    specification = assembly.add(
        b"<< /Type /Filespec /F (%s) /UF (%s) /AFRelationship /Data /Desc %s"
        b" /EF << /F %d 0 R /UF %d 0 R >> >>"
        % (name, name, text_string("Réponses de la fiche"), embedded, embedded)
    )
    assembly.fill("attachments", b"<< /Names [(%s) %d 0 R] >>" % (name, specification))
    assembly.fill("files", b"[%d 0 R]" % specification)
