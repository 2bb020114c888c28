"""What a document says of itself: information dictionary, XMP, and the embedded answers."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from cqp_forms import __version__
from cqp_forms.plan import Edition

#: The name under which the answers are embedded.
PAYLOAD = "reponses.json"

#: The namespace of what only this program says in XMP.
NAMESPACE = "urn:cqp-forms:xmp:1.0/"

_PROGRAM = f"cqp-forms {__version__}"


class EditionWriter:
    """Writes an edition into a prepared document, over that of the candidate before.

    Args:
        pdf: the prepared document, whose metadata, information and attachments this replaces.
        guide: the guide's id.
        language: a BCP 47 tag.
    """

    def __init__(self, pdf: pikepdf.Pdf, guide: str, language: str) -> None:
        self._pdf, self._guide, self._language = pdf, guide, language
        pdf.trailer.Info = self._information = pdf.make_indirect(Dictionary())
        pdf.Root.Metadata = self._metadata = pdf.make_stream(b"")
        self._metadata.Type, self._metadata.Subtype = Name.Metadata, Name.XML
        self._file = pdf.make_stream(b"")
        self._file.Type, self._file.Subtype = Name.EmbeddedFile, Name("/application#2Fjson")
        self._specification = pdf.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(PAYLOAD),
                UF=String(PAYLOAD),
                AFRelationship=Name.Data,
                Desc=String("Réponses de la fiche"),
                EF=Dictionary(F=self._file, UF=self._file),
            )
        )

    def write(self, edition: Edition) -> None:
        """Write an edition; nothing of an earlier one stays."""
        self._write_information(edition)
        # Not compressed: XMP is meant to be found by programs that do not read PDF.
        self._metadata.write(_xmp(edition, self._guide, self._language).encode())
        root = self._pdf.Root
        if edition.payload is None:
            for holder, key in ((root, Name.AF), (root.Names, Name.EmbeddedFiles)):
                if key in holder:
                    del holder[key]
            return
        self._write_payload(edition.payload, edition.issued_at)
        root.AF = Array([self._specification])
        root.Names.EmbeddedFiles = Dictionary(Names=Array([String(PAYLOAD), self._specification]))

    def _write_information(self, edition: Edition) -> None:
        """The information dictionary (ISO 32000-2, 14.3.3)."""
        information, day = self._information, String(_date(edition.issued_at))
        information.Title = String(edition.title)
        if edition.author:
            information.Author = String(edition.author)
        elif Name.Author in information:
            del information.Author
        information.Creator = information.Producer = String(_PROGRAM)
        information.CreationDate = information.ModDate = day

    def _write_payload(self, payload: bytes, moment: datetime) -> None:
        """The answers as an embedded file (7.11.4), associated with the document (14.13)."""
        self._file.write(zlib.compress(payload), filter=Name.FlateDecode)
        self._file.Params = Dictionary(
            Size=len(payload),
            ModDate=String(_date(moment)),
            CheckSum=String(hashlib.md5(payload, usedforsecurity=False).digest()),
        )


def _date(moment: datetime) -> str:
    """A date (ISO 32000-2, 7.9.4), its zone included when it has one."""
    zone = moment.strftime("%z")
    zone = f"{zone[:3]}'{zone[3:5]}'" if zone else ""
    return f"D:{moment:%Y%m%d%H%M%S}{zone}"


def _escaped(text: str) -> str:
    # The standard library's own function would load its whole network stack with it.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _xmp(edition: Edition, guide: str, language: str) -> str:
    """The metadata packet (14.3.2), saying the same as the information dictionary."""
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
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
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
