"""What a person or a program does to a document, for tests of reading."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pikepdf

from cqp_forms.mapping import PdfMapping

Blank = tuple[bytes, PdfMapping]


def edited(document: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(BytesIO(document)) as pdf:
        change(pdf)
        buffer = BytesIO()
        pdf.save(buffer)
    return buffer.getvalue()


def overlay(pdf: pikepdf.Pdf, page: int) -> pikepdf.Object:
    return pdf.pages[page].obj.Resources.XObject.CqpOverlay


def drawing(page: int, content: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[page].contents_add(content.encode())

    return change


BOX = "c1.1.1.oui"
OTHER = "c1.1.1.non"


def box_at(blank: Blank, key: str) -> tuple[int, float, float, float]:
    locator = blank[1].locators[key]
    return locator.page - 1, *locator.rect.centre, locator.rect.width
