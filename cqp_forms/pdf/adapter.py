"""The PDF side of :mod:`cqp_forms.formats`: each function loads only the room that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cqp_forms.mapping import AnyMapping, PdfMapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cqp_forms.guide import Guide
    from cqp_forms.mapping import Detected, Locator
    from cqp_forms.matching import Matched
    from cqp_forms.pdf.stamp import PdfStamper
    from cqp_forms.plan import Finish, Trail
    from cqp_forms.project import Blank
    from cqp_forms.proof import Proof, Twin
    from cqp_forms.shown import Shown

SUFFIXES = frozenset({"pdf"})

#: A PDF may begin with something else (ISO 32000-2, annex I); readers look this far.
_HEAD = 1024


def recognises(content: bytes) -> bool:
    """Whether this is a PDF."""
    return b"%PDF-" in content[:_HEAD]


def detect(content: bytes) -> tuple[Detected, ...]:
    """Every box and area, in reading order."""
    from cqp_forms.pdf.detect import detect

    return detect(content)


def check(content: bytes, mapping: AnyMapping) -> list[str]:
    """What of a mapping does not hold in its document."""
    from cqp_forms.pdf.lint import lint

    return lint(content, _mapping(mapping))


def mark(content: bytes, pending: Mapping[str, Locator | None]) -> bytes:
    """The draft with a frame around each place that was left blank."""
    from cqp_forms.pdf.preview import mark

    return mark(content, pending)


def preview(content: bytes, matched: Matched) -> bytes:
    """The document with its placements drawn."""
    from cqp_forms.pdf.preview import preview

    return preview(content, matched.placed, matched.unused, matched.missing)


def laid_out(content: bytes) -> bytes | None:
    """The document has pages of its own."""
    return content


def stamper(blank: Blank, guide: Guide, finish: Finish) -> PdfStamper:
    """Compile a blank."""
    from cqp_forms.pdf.stamp import PdfStamper

    return PdfStamper(blank.content, _mapping(blank.mapping), guide, finish)


def read(content: bytes, blank: Blank, guide: Guide) -> Shown:
    """What a document shows; what the blank itself prints inside an area is not an answer."""
    from cqp_forms.pdf.read import read

    return read(content, _mapping(blank.mapping), guide, blank.content)


def payload(content: bytes) -> bytes | None:
    """The embedded answers."""
    from cqp_forms.pdf.read import read_payload

    return read_payload(content)


def trail(content: bytes) -> Trail | None:
    """What the document says of its own making."""
    from cqp_forms.pdf.read import read_trail

    return read_trail(content)


def finish(content: bytes) -> Finish:
    """Whether form fields were left in a document, signatures aside."""
    from cqp_forms.pdf.extras import field_names
    from cqp_forms.pdf.opening import opened
    from cqp_forms.plan import Finish

    with opened(content) as pdf:
        live = any(True for page in pdf.pages for _ in field_names(page))
    return Finish.EDITABLE if live else Finish.FLAT


def prove(content: bytes, twin: Twin, blank: Blank, guide: Guide) -> Proof:
    """Compare a document with its twin, page by page, as a viewer shows them."""
    from cqp_forms.pdf.prove import prove

    return prove(content, twin, _mapping(blank.mapping), guide)


def likeness(content: bytes, blank: Blank, guide: Guide) -> float:
    """How much of the blank's text stands at its place.

    Never below what counts as alike: reading recognises each page, wherever its text stands, and
    refuses a document of which it finds none.
    """
    from cqp_forms.pdf.read import in_place
    from cqp_forms.proof import ALIKE

    return ALIKE + (1 - ALIKE) * in_place(content, _mapping(blank.mapping), guide, blank.content)


def _mapping(mapping: AnyMapping) -> PdfMapping:
    return cast(PdfMapping, mapping)
