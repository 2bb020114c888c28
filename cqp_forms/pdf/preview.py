"""Show a mapping: each page of the document with every placement drawn and named.

A Word document has no pages of its own until a word processor lays it out; for it
:func:`listing` gives a PDF list of the placements, with the same colours.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape

import pikepdf
from reportlab.lib.colors import Color, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from cqp_forms.fonts import Style, blank_font
from cqp_forms.mapping import Detected, DocxLocator, PdfLocator, Rect
from cqp_forms.pdf.detect.open import opened
from cqp_forms.pdf.geometry import view_of
from cqp_forms.typography import spaced

_REGULAR, _BOLD = "CqpPreview", "CqpPreview-Bold"
_NAME_SIZE, _LEGEND_SIZE = 5.0, 7.0
_OUTSET = 1.2  # frames stand this far around the place: a widget is painted over the page


class Band(Enum):
    """How sure a placement is; the value is the legend's wording."""

    SURE = "sûr"
    CHECK = "à vérifier"
    DOUBT = "douteux"
    UNUSED = "détecté, non attribué"

    @classmethod
    def of(cls, confidence: float) -> Band:
        """The band that a confidence (0 to 1) falls in."""
        if confidence >= 0.8:
            return cls.SURE
        return cls.CHECK if confidence >= 0.6 else cls.DOUBT


_COLOURS = {
    Band.SURE: Color(0.0, 0.5, 0.2),
    Band.CHECK: Color(0.85, 0.45, 0.0),
    Band.DOUBT: Color(0.8, 0.0, 0.1),
    Band.UNUSED: Color(0.5, 0.5, 0.5),
}
#: Dashes tell the bands apart on a black and white print; in points.
_DASHES: Mapping[Band, tuple[float, ...]] = {
    Band.SURE: (),
    Band.CHECK: (4, 2),
    Band.DOUBT: (1.5, 1.5),
    Band.UNUSED: (1, 2),
}


@dataclass(frozen=True, slots=True)
class _Mark:
    name: str
    locator: PdfLocator
    band: Band


def preview(
    document: bytes,
    placed: Mapping[str, Detected],
    unused: Sequence[Detected] = (),
    missing: Sequence[str] = (),
) -> bytes:
    """The document with every placement framed and named.

    Args:
        document: the PDF.
        placed: what was found, by placement id; the locators' confidence gives the colour.
        unused: what was found and is no placement, framed in grey.
        missing: placements still to be found, listed on a page at the end.

    Raises:
        DocumentError: the document cannot be read.
    """
    _register()
    marks = [
        _Mark(name, one.locator, Band.of(one.locator.confidence))
        for name, one in placed.items()
        if isinstance(one.locator, PdfLocator)
    ]
    marks += [
        _Mark("", one.locator, Band.UNUSED) for one in unused if isinstance(one.locator, PdfLocator)
    ]
    with opened(document) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            _overlay(page, [one for one in marks if one.locator.page == number])
        if missing:
            with pikepdf.open(io.BytesIO(_missing_page(missing))) as end:
                pdf.pages.extend(end.pages)
        out = io.BytesIO()
        # A preview is nobody's document: whoever may open the blank may read it.
        pdf.save(out, encryption=False)
    return out.getvalue()


def listing(
    title: str,
    placed: Mapping[str, Detected],
    unused: Sequence[Detected] = (),
    missing: Sequence[str] = (),
) -> bytes:
    """The placements as a list in reading order, for a document that has no pages to draw on.

    Args:
        title: the document's name.
        placed, unused, missing: as for :func:`preview`.
    """
    _register()
    rows = sorted(placed.items(), key=lambda item: item[1].order)
    story: list[Flowable] = [
        Paragraph(escape(spaced(f"Emplacements repérés dans {title}")), _style(14, _BOLD)),
        Paragraph(_summary(placed, unused, missing), _style(9)),
        Spacer(0, 8),
    ]
    if missing:
        story += [Paragraph(_todo(missing), _style(9)), Spacer(0, 8)]
    story.append(_table([*rows, *(("", one) for one in unused)]))
    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, invariant=1, title=title,
        leftMargin=36, rightMargin=36, topMargin=36, bottomMargin=36,
    ).build(story)  # fmt: skip
    return out.getvalue()


def _table(entries: Sequence[tuple[str, Detected]]) -> Table:
    """One row a placement; what has no name is unused."""
    cells = [[Paragraph(one, _style(8, _BOLD)) for one in _HEADERS]]
    bands = []
    for name, one in entries:
        band = Band.UNUSED if not name else Band.of(one.locator.confidence)
        bands.append(band)
        cells.append([Paragraph(escape(text), _style(7)) for text in _row(name, one, band)])
    table = Table(cells, colWidths=(105, 62, 185, 171), repeatRows=1)
    lines = [
        ("LINEBEFORE", (0, row), (0, row), 3, _COLOURS[band])
        for row, band in enumerate(bands, start=1)
    ]
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, _COLOURS[Band.UNUSED]),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                *lines,
            ]
        )
    )
    return table


_HEADERS = ("Emplacement", "Confiance", "Libellé trouvé", "Où")


def _row(name: str, one: Detected, band: Band) -> tuple[str, str, str, str]:
    locator = one.locator
    label = f"{one.label} – {one.column}" if one.column else one.label
    if isinstance(locator, DocxLocator):
        where = f"{locator.part} : {locator.target}"
    else:
        where = f"page {locator.page}"
    sure = band.value if band is Band.UNUSED else f"{locator.confidence:.0%} {band.value}"
    if locator.reason:
        where = f"{where} ({locator.reason})"
    return name, spaced(sure.replace("%", " %")), label, spaced(where)


def _summary(
    placed: Mapping[str, Detected], unused: Sequence[Detected], missing: Sequence[str]
) -> str:
    bands = [Band.of(one.locator.confidence) for one in placed.values()]
    parts = [
        f"{band.value} : {bands.count(band)}"
        for band in (Band.SURE, Band.CHECK, Band.DOUBT)
        if band in bands
    ]
    if unused:
        parts.append(f"{Band.UNUSED.value} : {len(unused)}")
    if missing:
        parts.append(f"à trouver : {len(missing)}")
    return escape(spaced(" ; ".join(parts) or "aucun emplacement"))


def _todo(missing: Sequence[str]) -> str:
    return escape(spaced(f"Emplacements à trouver ({len(missing)}) : {', '.join(missing)}."))


def _register() -> None:
    for name, style in ((_REGULAR, Style.REGULAR), (_BOLD, Style.BOLD)):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, io.BytesIO(blank_font(style))))


def _style(size: float, font: str = _REGULAR) -> ParagraphStyle:
    return ParagraphStyle(f"{font}{size}", fontName=font, fontSize=size, leading=size * 1.2)


def _missing_page(missing: Sequence[str]) -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, invariant=1).build([Paragraph(_todo(missing), _style(10))])
    return out.getvalue()


def _overlay(page: pikepdf.Page, marks: Sequence[_Mark]) -> None:
    """Draw over a page, upright as it is read."""
    view = view_of(page.obj)
    width, height = view.size
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1)
    for mark in marks:
        _frame(canvas, view.rect(mark.locator.rect), mark)
    _legend(canvas, width)
    canvas.showPage()
    canvas.save()
    with pikepdf.open(io.BytesIO(out.getvalue())) as drawn:
        crop = view.crop
        page.add_overlay(drawn.pages[0], pikepdf.Rectangle(crop.x0, crop.y0, crop.x1, crop.y1))


def _dash(band: Band) -> tuple[list[float], ...]:
    return (list(_DASHES[band]),) if _DASHES[band] else ()


def _frame(canvas: Canvas, rect: Rect, mark: _Mark) -> None:
    colour = _COLOURS[mark.band]
    canvas.setLineWidth(0.9)
    canvas.setDash(*_dash(mark.band))
    canvas.setStrokeColor(colour)
    canvas.setFillColor(colour, alpha=0.08)
    canvas.rect(
        rect.x0 - _OUTSET, rect.y0 - _OUTSET,
        rect.width + 2 * _OUTSET, rect.height + 2 * _OUTSET, fill=1,
    )  # fmt: skip
    if not mark.name:
        return
    canvas.setFont(_BOLD, _NAME_SIZE)
    width = canvas.stringWidth(mark.name, _BOLD, _NAME_SIZE)
    x, y = rect.x0 - _OUTSET, rect.y1 + _OUTSET + 0.6
    canvas.setFillColor(white, alpha=0.75)
    canvas.rect(x, y - 0.8, width + 1, _NAME_SIZE, stroke=0, fill=1)
    canvas.setFillColor(colour, alpha=1)
    canvas.drawString(x + 0.5, y + 0.4, mark.name)


def _legend(canvas: Canvas, width: float) -> None:
    canvas.setLineWidth(0.9)
    x, y = 14.0, 5.0
    canvas.setFont(_REGULAR, _LEGEND_SIZE)
    length = sum(canvas.stringWidth(one.value, _REGULAR, _LEGEND_SIZE) + 24 for one in Band)
    canvas.setFillColor(white, alpha=0.85)
    canvas.rect(x - 4, y - 3, min(length + 4, width - x), 12, stroke=0, fill=1)
    for band in Band:
        canvas.setStrokeColor(_COLOURS[band])
        canvas.setDash(*_dash(band))
        canvas.rect(x, y, 6, 6, fill=0)
        canvas.setFillColor(_COLOURS[band], alpha=1)
        canvas.drawString(x + 9, y, band.value)
        x += canvas.stringWidth(band.value, _REGULAR, _LEGEND_SIZE) + 24
