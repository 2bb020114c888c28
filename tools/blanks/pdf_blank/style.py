"""How the blank PDF looks: its font, colours, lengths and paragraph styles. Lengths in points."""

from __future__ import annotations

import io
from functools import cache
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from cqp_forms.blocks import spans
from cqp_forms.fonts import Style, blank_font

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 20 * mm
TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN

NAVY = HexColor("#1F3864")
ACCENT = HexColor("#2E74B5")
SHADE = HexColor("#DCE6F1")
TINT = HexColor("#F2F6FB")
GRID = HexColor("#B4C2D6")
INK = HexColor("#1A1A1A")
QUIET = HexColor("#5A6577")
PAPER: Color = white

REGULAR, BOLD = "Carlito", "Carlito-Bold"
ITALIC, BOLD_ITALIC = "Carlito-Italic", "Carlito-BoldItalic"

#: The side of a tick box, and the stroke of what is drawn to be filled in.
TICK_SIDE = 10.5
STROKE = 0.8
RULE = 0.6


@cache
def register_fonts() -> None:
    """Make the blanks' font known to reportlab, once a process."""
    for name, style in (
        (REGULAR, Style.REGULAR),
        (BOLD, Style.BOLD),
        (ITALIC, Style.ITALIC),
        (BOLD_ITALIC, Style.BOLD_ITALIC),
    ):
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(blank_font(style))))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD_ITALIC)


def markup(text: str) -> str:
    """The guide's inline markup as reportlab's; line breaks kept."""
    found = []
    for span in spans(text):
        piece = escape(span.text).replace("\n", "<br/>")
        if span.bold:
            piece = f"<b>{piece}</b>"
        if span.italic:
            piece = f"<i>{piece}</i>"
        found.append(piece)
    return "".join(found)


def _style(name: str, size: float, leading: float, **more: object) -> ParagraphStyle:
    settings: dict[str, object] = {
        "fontName": REGULAR,
        "bulletFontName": REGULAR,
        "fontSize": size,
        "leading": leading,
        "textColor": INK,
        "allowWidows": 0,
        "allowOrphans": 0,
        **more,
    }
    return ParagraphStyle(name, **settings)


BODY = _style("body", 10.5, 14, spaceAfter=6)
LEAD = _style("lead", 12.5, 17.5, spaceAfter=9, textColor=NAVY)
BULLET = _style(
    "bullet", 10.5, 13.6, leftIndent=14, bulletIndent=3, spaceAfter=2.6, bulletColor=ACCENT
)
SUB_BULLET = _style(
    "sub-bullet", 10.5, 13.2, leftIndent=29, bulletIndent=18, spaceAfter=1.6, bulletColor=ACCENT
)
HEADING_1 = _style(
    "heading-1", 19, 23, fontName=BOLD, textColor=NAVY, spaceAfter=15, keepWithNext=1
)
HEADING_2 = _style(
    "heading-2", 13, 16.5, fontName=BOLD, textColor=NAVY, spaceBefore=13, spaceAfter=6,
    keepWithNext=1,
)  # fmt: skip
HEADING_3 = _style(
    "heading-3", 11, 14, fontName=BOLD, textColor=ACCENT, spaceBefore=10, spaceAfter=4,
    keepWithNext=1,
)  # fmt: skip
BANNER = _style("banner", 14.5, 18, fontName=BOLD, textColor=PAPER, spaceAfter=10, keepWithNext=1)
CALLOUT_TITLE = _style("callout-title", 10.5, 14, fontName=BOLD, textColor=ACCENT)
CALLOUT = _style("callout", 10.5, 14)
INTRO = _style("intro", 10.5, 14, fontName=ITALIC, textColor=QUIET, spaceAfter=5, keepWithNext=1)
CRITERION = _style("criterion", 9.75, 12.4, leftIndent=11.5, bulletColor=ACCENT)
GROUP = _style("group", 10, 12.8, fontName=BOLD, textColor=NAVY)
GROUP_COLUMN = _style("group-column", 8.5, 11, fontName=BOLD, textColor=NAVY, alignment=1)
TABLE_TITLE = _style("table-title", 11, 14, fontName=BOLD, textColor=PAPER)
TABLE_QUESTION = _style("table-question", 9, 11.5, fontName=ITALIC, textColor=PAPER)
COLUMN = _style("column", 10, 12.5, fontName=BOLD, textColor=PAPER, alignment=1)
TICK_LABEL = _style("tick-label", 10.5, 13.5)
RESULT_LABEL = _style("result-label", 10.5, 13.5, fontName=BOLD, textColor=NAVY)
LABEL = _style("label", 10.5, 13.5, fontName=BOLD, textColor=NAVY, keepWithNext=1)
BLOCK_TITLE = _style("block-title", 11, 14, fontName=BOLD, textColor=NAVY)
DECLARATION = _style("declaration", 10, 13)
COVER_TITLE = _style("cover-title", 33, 40, fontName=BOLD, textColor=PAPER)
COVER_CERTIFICATE = _style("cover-certificate", 21, 27, fontName=BOLD, textColor=NAVY)
