"""Build a guide's blank PDF from its text, and say where each field lies in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cqp_forms.errors import GuideError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import DocumentMapping, Format, PdfKind, PdfLocator, PdfMapping
from pdf_blank.flow import Recorder
from pdf_blank.form import ON, add_form
from pdf_blank.pages import document_title, lay_out, page_codes, page_total


@dataclass(frozen=True, slots=True)
class Built:
    """A blank and its mapping."""

    content: bytes
    mapping: PdfMapping


def build(guide: Guide) -> Built:
    """Build the blank PDF of a guide.

    The same guide gives the same bytes, with the same versions of the libraries.

    Args:
        guide: with its document's blocks.

    Raises:
        GuideError: the guide has no document, or its document does not show each field as often as
            the field says.
    """
    if not guide.document:
        raise GuideError(
            f"le guide « {guide.id} » n’a pas de texte à mettre en page (clé « document »).",
            remedy="Ajoutez-le, ou prenez le document de la branche : cqp-forms map DOCUMENT.pdf.",
        )
    pages, recorder = lay_out(guide)
    missing = [one for one in guide.placements if one not in recorder.spots]
    if missing:
        raise GuideError(
            f"le document ne montre pas {', '.join(missing[:8])}.",
            remedy="Ajoutez ces champs à la clé « document », ou donnez-leur « areas: 0 ».",
        )
    content = add_form(pages, guide, recorder, document_title(guide))
    return Built(content, _mapping(guide, recorder, content))


def _mapping(guide: Guide, recorder: Recorder, content: bytes) -> PdfMapping:
    locators = {}
    for placement in guide.placements.values():
        spot = recorder.spots[placement.id]
        ticks = placement.kind is PlacementKind.TICK_BOX
        locators[placement.id] = PdfLocator(
            PdfKind.WIDGET, spot.page, spot.rect, name=placement.id, on_state=ON if ticks else ""
        )
    return DocumentMapping[PdfLocator](
        guide.id,
        Format.PDF,
        f"{guide.id}.pdf",
        hashlib.sha256(content).hexdigest(),
        locators,
        total=page_total(guide),
        codes=page_codes(guide),
    )
