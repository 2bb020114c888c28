"""Forms filled by hand in a viewer, documents that cannot be read, and the payload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from edits import BOX, edited
from pikepdf import Name, String
from samples import EDITION, plan_of

from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.read import read, read_payload
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.shown import Mark

Blank = tuple[bytes, PdfMapping]


# A form filled by hand in a viewer


def fill_by_hand(blank: Blank, changes: dict[str, Callable[[pikepdf.Object], None]]) -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        for field in pdf.Root.AcroForm.Fields:
            if str(field.T) in changes:
                changes[str(field.T)](field)

    return edited(blank[0], change)


def tick(value: str | None, state: str | None) -> Callable[[pikepdf.Object], None]:
    def change(field: pikepdf.Object) -> None:
        if value is not None:
            field.V = Name(value)
        if state is not None:
            field.AS = Name(state)

    return change


@pytest.mark.parametrize(
    ("value", "state", "mark"),
    [
        ("/Oui", "/Oui", Mark.ON),
        ("/Off", "/Off", Mark.OFF),
        ("/Oui", "/Off", Mark.DOUBTFUL),
        ("/Off", "/Oui", Mark.DOUBTFUL),
        ("/Yes", "/Yes", Mark.DOUBTFUL),
    ],
)
def test_a_box_ticked_by_hand(
    blank: Blank, guide: Guide, value: str, state: str, mark: Mark
) -> None:
    document = fill_by_hand(blank, {BOX: tick(value, state)})
    assert read(document, blank[1], guide).ticks[BOX] is mark


def test_a_box_whose_appearance_is_missing_is_in_doubt(blank: Blank, guide: Guide) -> None:
    def strip(field: pikepdf.Object) -> None:
        field.V, field.AS = Name.Oui, Name.Oui
        del field.AP

    document = fill_by_hand(blank, {BOX: strip})
    assert read(document, blank[1], guide).ticks[BOX] is Mark.DOUBTFUL


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("Élodie", "Élodie"), ("a\rb\r\nc", "a\nb\nc"), ("Ελλάδα Ж", "Ελλάδα Ж"), ("", "")],
)
def test_a_text_typed_by_hand_needs_no_appearance(
    blank: Blank, guide: Guide, typed: str, shown: str
) -> None:
    def change(field: pikepdf.Object) -> None:
        field.V = String(typed)
        del field.AP

    document = fill_by_hand(blank, {"candidat.nom": change})
    assert read(document, blank[1], guide).texts["candidat.nom"] == shown


# Documents that cannot be read, and the payload


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7\n", b"PK\x03\x04 not a pdf", b"\0" * 3000])
def test_what_is_no_pdf_is_refused(document: bytes, blank: Blank, guide: Guide) -> None:
    with pytest.raises(DocumentError) as caught:
        read(document, blank[1], guide)
    assert caught.value.exit_code == 4
    with pytest.raises(DocumentError):
        read_payload(document)


def test_a_password_is_refused(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    buffer = BytesIO()
    with pikepdf.open(BytesIO(one_tick)) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(DocumentError, match="mot de passe"):
        read(buffer.getvalue(), blank[1], guide)


def test_the_payload_comes_back_byte_for_byte(flat: PdfStamper, guide: Guide) -> None:
    payload = '{"é": "ü", "n": [1, 2]}'.encode() * 50
    plan = plan_of(guide)
    assert read_payload(flat.stamp(plan, replace(EDITION, payload=payload))) == payload
    assert read_payload(flat.stamp(plan, EDITION)) is None
