"""Open a PDF, or refuse it with the reason and the remedy."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pikepdf
import pypdfium2.raw as pdfium

from cqp_forms import limits
from cqp_forms.errors import DocumentError
from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.model import PageContent, Rule
from cqp_forms.pdf.detect.page import read_page
from cqp_forms.pdf.detect.tables import merged
from cqp_forms.pdf.opening import DAMAGE, PDFIUM
from cqp_forms.pdf.page import Pages, StreamMemo
from cqp_forms.pdf.widgets import is_signed

#: The end-of-file marker stands within the last bytes (ISO 32000-2, 7.5.5); some mailers add more.
_TAIL = 8192
#: A page with a picture over more than this part of it, and no text, is a scan.
_SCANNED = 0.5
#: How high the head and the foot of a page are, in points, and how close rules touch.
_HEAD, _FOOT, _TOUCH = 110.0, 80.0, 3.0
_RUNNING = 3  # a rule on fewer pages than this belongs to none of the headers or footers


@contextmanager
def opened(document: bytes) -> Iterator[pikepdf.Pdf]:
    """The document's objects.

    Raises:
        DocumentError: empty, not a PDF, cut short, damaged, locked, XFA, or signed.
    """
    _check_bytes(document)
    try:
        pdf = pikepdf.open(io.BytesIO(document), suppress_warnings=True)
    except pikepdf.PasswordError as problem:
        raise DocumentError(
            "ce PDF est protégé par un mot de passe d’ouverture.",
            remedy="Ouvrez-le avec son mot de passe, réenregistrez-le sans protection, puis "
            "recommencez.",
        ) from problem
    except DAMAGE as problem:
        raise _damaged() from problem
    with pdf:
        try:
            _check_objects(pdf)
            _check_painting(pdf)
            yield pdf
        except DAMAGE as problem:
            raise _damaged() from problem


def _check_bytes(document: bytes) -> None:
    if not document:
        raise DocumentError(
            "le fichier est vide (0 octet).",
            remedy="Reprenez le document d’origine : la copie ou le téléchargement a échoué.",
        )
    # Readers accept some bytes before the header (ISO 32000-2, 7.5.2, note).
    if b"%PDF-" not in document[:1024]:
        raise DocumentError(
            "ce fichier n’est pas un PDF.",
            remedy="Donnez le document vierge au format PDF ou DOCX.",
        )
    if b"%%EOF" not in document[-_TAIL:]:
        raise DocumentError(
            "ce PDF est tronqué : la fin du fichier manque.",
            remedy="Téléchargez-le ou copiez-le à nouveau, en entier.",
        )


def _damaged() -> DocumentError:
    return DocumentError(
        "ce PDF est endommagé : sa structure ne peut pas être lue.",
        remedy="Ouvrez-le dans un lecteur PDF et réenregistrez-le, ou reprenez l’original.",
    )


def _check_painting(pdf: pikepdf.Pdf) -> None:
    """Refuse what has no end before PDFium is given it, which knows no limit."""
    pages = Pages(pdf, StreamMemo())
    for number in range(pages.total):
        pages.items(number)


def _check_objects(pdf: pikepdf.Pdf) -> None:
    pages = len(pdf.pages)
    form = pdf.Root.get("/AcroForm")
    if not 0 < pages <= limits.PDF_PAGES:
        raise DocumentError(
            "ce PDF n’a aucune page lisible." if not pages else f"ce PDF a {pages} pages.",
            remedy="Donnez le document vierge du guide, et lui seul.",
        )
    if isinstance(form, pikepdf.Dictionary):
        if "/XFA" in form:
            raise DocumentError(
                "ce PDF est un formulaire XFA (LiveCycle), que seuls les logiciels d’Adobe savent "
                "remplir.",
                remedy="Imprimez-le vers un fichier PDF, ou demandez à l’émetteur une version "
                "ordinaire.",
            )
        if is_signed(pdf):
            raise DocumentError(
                "ce PDF est signé électroniquement : le remplir invaliderait la signature.",
                remedy="Reprenez le document vierge, avant signature.",
            )


@contextmanager
def rendered(document: bytes) -> Iterator[Any]:
    """The document in PDFium, an ``FPDF_DOCUMENT``.

    Raises:
        DocumentError: PDFium cannot read it.
    """
    with PDFIUM:
        pdfium.FPDF_InitLibrary()
        handle = pdfium.FPDF_LoadMemDocument64(document, len(document), None)
        if not handle:
            raise _damaged()
        try:
            yield handle
        finally:
            pdfium.FPDF_CloseDocument(handle)


def read_pages(document: bytes) -> tuple[PageContent, ...]:
    """Every page's content.

    Raises:
        DocumentError: PDFium cannot read it.
    """
    with rendered(document) as handle:
        count = pdfium.FPDF_GetPageCount(handle)
        return _without_running([read_page(handle, number) for number in range(1, count + 1)])


def _without_running(pages: Sequence[PageContent]) -> tuple[PageContent, ...]:
    """The pages without the rules of their headers and footers.

    Those come back at one place on most pages, in the head or the foot, and belong to nothing that
    goes on into the page: a form may have the same grid on each.
    """
    seen = Counter(key for page in pages for key in {_place(rule) for rule in page.rules})
    often = max(_RUNNING, 0.4 * len(pages))
    return tuple(
        replace(
            page,
            rules=tuple(
                one
                for one in page.rules
                if seen[_place(one)] < often or not _apart(one.rect, uprights, page)
            ),
        )
        for page in pages
        for uprights in [_leaving(page)]
    )


def _bands(page: PageContent) -> tuple[float, float]:
    """Where the foot of a page ends, and where its head begins."""
    return _FOOT, page.view.size[1] - _HEAD


def _leaving(page: PageContent) -> list[Rect]:
    """The uprights of tables that reach from the head or the foot into the page."""
    low, high = _bands(page)
    lines = merged([(one.rect.centre[0], one.rect.y0, one.rect.y1)
                    for one in page.rules if not one.flat])  # fmt: skip
    found = [
        Rect(line.at, start, line.at, end)
        for line in lines
        for start, end in line.spans
        if start < low < end or start < high < end
    ]
    # Two that go down the whole page are its border.
    border = len(found) == 2 and all(one.y0 < low and one.y1 > high for one in found)
    return [] if border else found


def _apart(rule: Rect, uprights: Sequence[Rect], page: PageContent) -> bool:
    """Whether a rule lies in the head or the foot, and touches none of these uprights."""
    low, high = _bands(page)
    if rule.y1 > low and rule.y0 < high:
        return False
    return not any(
        rule.x0 - _TOUCH <= one.x0 <= rule.x1 + _TOUCH
        and one.y0 - _TOUCH <= rule.centre[1] <= one.y1 + _TOUCH
        for one in uprights
    )


def _place(rule: Rule) -> tuple[int, int, int, int]:
    box = rule.rect
    return round(box.x0), round(box.y0), round(box.x1), round(box.y1)


def refuse_scan(pages: Sequence[PageContent]) -> None:
    """Refuse a document whose pages are pictures.

    Raises:
        DocumentError: every page that shows something is a picture without text.
    """
    shown = [one for one in pages if one.words or one.shapes or one.rules or one.pictured]
    if shown and all(_scanned(one) for one in shown):
        raise DocumentError(
            "ce PDF est une image (document numérisé) : ses cases ne peuvent pas être repérées.",
            remedy="Demandez le document d’origine (Word, ou PDF produit par un logiciel), ou "
            "utilisez le document fourni avec le programme.",
        )


def _scanned(page: PageContent) -> bool:
    # Recognised text lies invisible over the picture: many words, but nothing drawn.
    return (
        page.pictured >= _SCANNED
        and not page.shapes
        and len(page.rules) < 3
        and (not page.words or page.pictured >= 0.9)
    )
