"""The doors of a document format, as issuing sees them: stamp, read back, read what is embedded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Protocol, cast

from cqp_forms.guide import Guide
from cqp_forms.issuing.naming import Role
from cqp_forms.mapping import DocxMapping, Format, PdfMapping
from cqp_forms.plan import Edition, Plan
from cqp_forms.project import Blank
from cqp_forms.shown import Shown


class Stamps(Protocol):
    """A blank, compiled once, that stamps one candidate after another."""

    def stamp(self, plan: Plan, edition: Edition) -> bytes:
        """The filled document."""


@dataclass(frozen=True)
class Door:
    """One blank, ready to be filled and read.

    Attributes:
        stamper: compiled from the blank and its mapping.
        read: what a document made from this blank shows, from the document alone.
        read_payload: what a document of this format embeds, ``None`` when nothing.
        blank_sha256: of the blank, in hexadecimal.
        mapping_sha256: of its mapping.
    """

    format: Format
    stamper: Stamps
    read: Callable[[bytes], Shown]
    read_payload: Callable[[bytes], bytes | None]
    blank_sha256: str
    mapping_sha256: str

    @property
    def role(self) -> Role:
        """Which file of a version this door makes."""
        return Role(self.format.value)


class PdfFields(Enum):
    """Whether an issued PDF can still be filled by hand."""

    FLAT = "flat"
    EDITABLE = "editable"


def open_door(guide: Guide, blank: Blank, fields: PdfFields = PdfFields.FLAT) -> Door:
    """Compile a blank.

    Args:
        guide: what the blank's placements are.
        blank: with its mapping.
        fields: for a PDF only.

    Raises:
        DocumentError: the blank cannot be stamped with this mapping.
    """
    if blank.format is Format.DOCX:
        return _docx_door(guide, blank)
    return _pdf_door(guide, blank, fields)


def _docx_door(guide: Guide, blank: Blank) -> Door:
    # Each format's libraries cost start-up time: only what is asked for is loaded.
    from cqp_forms.docx.read import read, read_payload
    from cqp_forms.docx.stamp import Stamper

    mapping = cast(DocxMapping, blank.mapping)
    stamper = Stamper(blank.content, mapping, guide)
    return _door(blank, stamper, partial(read, mapping=mapping, guide=guide), read_payload)


def _pdf_door(guide: Guide, blank: Blank, fields: PdfFields) -> Door:
    from cqp_forms.pdf.read import read, read_payload
    from cqp_forms.pdf.stamp import Finish, Stamper

    mapping = cast(PdfMapping, blank.mapping)
    finish = Finish.EDITABLE if fields is PdfFields.EDITABLE else Finish.FLAT
    stamper = Stamper(blank.content, mapping, guide, finish)
    # What the blank itself prints inside an area is not an answer.
    reader = partial(read, mapping=mapping, guide=guide, blank=blank.content)
    return _door(blank, stamper, reader, read_payload)


def _door(
    blank: Blank,
    stamper: Stamps,
    read: Callable[[bytes], Shown],
    read_payload: Callable[[bytes], bytes | None],
) -> Door:
    return Door(
        format=blank.format,
        stamper=stamper,
        read=read,
        read_payload=read_payload,
        blank_sha256=hashlib.sha256(blank.content).hexdigest(),
        mapping_sha256=blank.mapping_sha256,
    )
