"""What a document says of itself: information dictionary, XMP, and the embedded answers."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime
from functools import cached_property

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from cqp_forms import __version__
from cqp_forms.pdf.archive import add_output_intent, obstacles, packet
from cqp_forms.plan import Archive, Edition

#: The name under which the answers are embedded.
PAYLOAD = "reponses.json"

_PROGRAM = f"cqp-forms {__version__}"


class EditionWriter:
    """Writes an edition into a prepared document, over that of the candidate before.

    Args:
        pdf: the prepared document, whose metadata, information and attachments this replaces.
        guide: the guide's id.
        language: a BCP 47 tag.
        blank: the document that it was prepared from.
    """

    def __init__(self, pdf: pikepdf.Pdf, guide: str, language: str, blank: bytes) -> None:
        self._blank = blank
        add_output_intent(pdf)
        self._pdf, self._guide, self._language = pdf, guide, language
        pdf.trailer.Info = self._information = pdf.make_indirect(Dictionary())
        pdf.Root.Metadata = self._metadata = pdf.make_stream(b"")
        self._metadata.Type, self._metadata.Subtype = Name.Metadata, Name.XML
        self._file = pdf.make_stream(b"")
        self._file.Type, self._file.Subtype = Name.EmbeddedFile, Name("/application/json")
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

    @cached_property
    def obstacles(self) -> tuple[str, ...]:
        """Why its documents are not PDF/A, in French; empty when they are."""
        return obstacles(self._blank)

    def write(self, edition: Edition) -> None:
        """Write an edition; nothing of an earlier one stays."""
        self._write_information(edition)
        claims = edition.archive is Archive.CLAIMED and not self.obstacles
        # Not compressed: XMP is meant to be found by programs that do not read PDF.
        said = packet(
            title=edition.title,
            language=self._language,
            author=edition.author,
            moment=edition.issued_at,
            program=_PROGRAM,
            own={"guide": self._guide, **edition.trail.properties()},
            claims=claims,
        )
        self._metadata.write(said)
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
