"""Open a blank for stamping: what cannot be stamped is refused here."""

from __future__ import annotations

import pikepdf
from pikepdf import Dictionary, Name

from cqp_forms.errors import DocumentError
from cqp_forms.pdf.opening import open_pdf, unreadable
from cqp_forms.pdf.widgets import is_signed

_ORIGINAL = "Reprenez le document d’origine, ou enregistrez-le à nouveau en PDF."


def open_blank(document: bytes, name: str) -> pikepdf.Pdf:
    """Open a blank that can be stamped.

    Args:
        document: the PDF.
        name: its file name, for messages.

    Raises:
        DocumentError: not a PDF, encrypted with a password, an XFA form, or signed.
    """
    pdf = open_pdf(document, name, _ORIGINAL)
    try:
        pages = len(pdf.pages)
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError) as problem:
        raise unreadable(name, _ORIGINAL) from problem
    if not pages:
        raise unreadable(name, _ORIGINAL)
    _refuse_special(pdf, name)
    return pdf


def _refuse_special(pdf: pikepdf.Pdf, name: str) -> None:
    form = pdf.Root.get(Name.AcroForm)
    if not isinstance(form, Dictionary):
        return
    if Name.XFA in form:
        raise DocumentError(
            "ce PDF est un formulaire XFA, qui ne peut pas être rempli page à page.",
            where=name,
            remedy="Imprimez-le vers un PDF ordinaire, puis refaites la correspondance.",
        )
    if is_signed(pdf):
        raise DocumentError(
            "ce PDF est déjà signé : le remplir romprait la signature.",
            where=name,
            remedy="Partez du document vierge, non signé.",
        )
