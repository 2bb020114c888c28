"""The DOCX side of :mod:`cqp_forms.formats`: each function loads only the room that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cqp_forms.errors import UsageError
from cqp_forms.mapping import AnyMapping, DocxMapping

if TYPE_CHECKING:
    from pathlib import Path

    from cqp_forms.alterations import Alteration, OwnMarks
    from cqp_forms.docx.stamp import Stamper
    from cqp_forms.guide import Guide
    from cqp_forms.mapping import Detected
    from cqp_forms.matching import Matched
    from cqp_forms.pdf.render import Rendering
    from cqp_forms.plan import Finish, Plan, Trail
    from cqp_forms.project import Blank
    from cqp_forms.shown import Shown

SUFFIXES = frozenset({"docx", "docm", "dotx", "dotm"})

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
    from cqp_forms.docx.compare import likeness

    return likeness(content, blank.content, guide)


def alterations(
    content: bytes, blank: Blank, guide: Guide, shown: Shown, marks: OwnMarks
) -> tuple[Alteration, ...]:
    """What the document has otherwise than its blank."""
    from cqp_forms.docx.compare import alterations

    return alterations(content, blank.content, _mapping(blank.mapping), guide, shown, marks)


def render(
    content: bytes, blank: Blank, guide: Guide, plan: Plan, marks: OwnMarks, office: Path | None
) -> Rendering:
    """Look at the pages as LibreOffice lays them out."""
    from cqp_forms.docx.compare import box_order
    from cqp_forms.docx.office import to_pdf
    from cqp_forms.pdf.render import render_signs

    if office is None:
        raise UsageError(
            "l’encre d’un DOCX ne peut pas être vérifiée ici : LibreOffice est introuvable.",
            remedy="Installez LibreOffice, vérifiez le PDF, ou enlevez --render.",
        )
    order = box_order(blank.content, _mapping(blank.mapping), guide)
    return render_signs(to_pdf(content, office), order, plan)


def _mapping(mapping: AnyMapping) -> DocxMapping:
    return cast(DocxMapping, mapping)
