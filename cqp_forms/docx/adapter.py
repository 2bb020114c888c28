"""The DOCX side of :mod:`cqp_forms.formats`: each function loads only the room that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cqp_forms.mapping import AnyMapping, DocxMapping

if TYPE_CHECKING:
    from cqp_forms.docx.stamp import Stamper
    from cqp_forms.guide import Guide
    from cqp_forms.mapping import Detected
    from cqp_forms.matching import Matched
    from cqp_forms.plan import Finish, Trail
    from cqp_forms.project import Blank
    from cqp_forms.proof import Proof, Twin
    from cqp_forms.shown import Shown

SUFFIXES = frozenset({"docx", "doc", "docm", "dotx", "dotm"})

#: A zip archive, or a compound file: an old or a locked Word document ([MS-CFB]).
_HEADS = (b"PK", b"\xd0\xcf\x11\xe0")


def recognises(content: bytes) -> bool:
    """Whether this may be a Word document."""
    return content.startswith(_HEADS)


def detect(content: bytes) -> tuple[Detected, ...]:
    """Every box and area, in reading order."""
    from cqp_forms.docx.detect import detect

    return detect(content)


def check(content: bytes, mapping: AnyMapping) -> list[str]:
    """What of a mapping does not hold in its document."""
    from cqp_forms.docx.lint import lint

    return lint(content, _mapping(mapping))


def preview(content: bytes, matched: Matched) -> bytes | None:
    """Nothing: only a word processor knows where the pages of a document break."""
    return None


def stamper(blank: Blank, guide: Guide, finish: Finish) -> Stamper:
    """Compile a blank; controls stay, whatever the finish: a DOCX is made to be corrected."""
    from cqp_forms.docx.stamp import Stamper

    return Stamper(blank.content, _mapping(blank.mapping), guide)


def read(content: bytes, blank: Blank, guide: Guide) -> Shown:
    """What a document shows."""
    from cqp_forms.docx.read import read

    return read(content, _mapping(blank.mapping), guide, blank.content)


def payload(content: bytes) -> bytes | None:
    """The embedded answers."""
    from cqp_forms.docx.read import read_payload

    return read_payload(content)


def trail(content: bytes) -> Trail | None:
    """What the document says of its own making."""
    from cqp_forms.docx.read import read_trail

    return read_trail(content)


def likeness(content: bytes, blank: Blank, guide: Guide) -> float:
    """How much of the blank's wording the document has."""
    from cqp_forms.docx.prove import likeness

    return likeness(content, blank.content, guide)


def finish(content: bytes) -> Finish:
    """Controls always stay."""
    from cqp_forms.plan import Finish

    return Finish.FLAT


def prove(content: bytes, twin: Twin, blank: Blank, guide: Guide) -> Proof:
    """Compare a document with its twin, by the lines that a reader sees."""
    from cqp_forms.docx.prove import prove

    return prove(content, twin, guide)


def _mapping(mapping: AnyMapping) -> DocxMapping:
    return cast(DocxMapping, mapping)
