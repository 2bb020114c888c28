"""The PDF side of :mod:`cqp_forms.formats`: each function loads only the room that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cqp_forms.mapping import AnyMapping, PdfMapping

if TYPE_CHECKING:
    from pathlib import Path

    from cqp_forms.alterations import Alteration, OwnMarks
    from cqp_forms.guide import Guide
    from cqp_forms.mapping import Detected
    from cqp_forms.matching import Matched
    from cqp_forms.pdf.render import Rendering
    from cqp_forms.pdf.stamp import Stamper
    from cqp_forms.plan import Finish, Plan, Trail
    from cqp_forms.project import Blank
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


def preview(content: bytes, matched: Matched) -> bytes | None:
    """The document with its placements drawn."""
    from cqp_forms.pdf.preview import preview

    return preview(content, matched.placed, matched.unused, matched.missing)


def stamper(blank: Blank, guide: Guide, finish: Finish) -> Stamper:
    """Compile a blank."""
    from cqp_forms.pdf.stamp import Stamper

    return Stamper(blank.content, _mapping(blank.mapping), guide, finish)


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


def likeness(content: bytes, blank: Blank, guide: Guide) -> float:
    """All of it: reading recognises each page, and refuses a document of which it finds none."""
    return 1.0


def alterations(
    content: bytes, blank: Blank, guide: Guide, shown: Shown, marks: OwnMarks
) -> tuple[Alteration, ...]:
    """What the document has otherwise than its blank."""
    from cqp_forms.pdf.compare import alterations

    return alterations(content, blank.content, _mapping(blank.mapping), guide, shown, marks)


def render(
    content: bytes, blank: Blank, guide: Guide, plan: Plan, marks: OwnMarks, office: Path | None
) -> Rendering:
    """Look at the pages."""
    from cqp_forms.pdf.render import render

    return render(content, blank.content, _mapping(blank.mapping), guide, plan, marks)


def _mapping(mapping: AnyMapping) -> PdfMapping:
    return cast(PdfMapping, mapping)
