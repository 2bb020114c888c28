"""The blank's cover: a band with the tool and the title, and a card for the candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cqp_forms.blocks import plain
from cqp_forms.docx.wml import NOTE_PLACE
from docx_blank.controls import Controls
from docx_blank.look import (
    ACCENT,
    CARD_SIDE,
    GROUP,
    MAIN,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    TEXT_WIDTH,
    shade,
)
from docx_blank.tables import label_width, line_cells
from docx_blank.xml import cell, el, paragraph, row, table

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

BAND_HEIGHT, STRIPE = 7350, 120
#: The band at the foot, and the stripe above it: clear of the code in the corner.
FOOT_BAND, FOOT_STRIPE = 150, 60
#: What a title leaves free at its right: short lines, of about the same length.
TITLE_SIDE = 2600
#: The band reaches over the page's edges, wherever a viewer begins to count.
OVER = 60

CHIP_HEIGHT = 600
#: A capital of the chip is 8.5 points wide on average.
CHIP_LETTER, CHIP_SIDES = 170, 560

CARD_LINE = 640


def head_band(tool: str, title: str) -> Element:
    """The band with tool and title, the header of the cover: from the page's top, edge to edge."""
    margin, width = MARGIN + OVER, PAGE_WIDTH + 2 * OVER
    content = [_chip(tool)] if tool else []
    made = table(
        "BandTable",
        (width,),
        row(
            cell(
                width,
                *content,
                paragraph("Title", title),
                properties=[
                    shade(MAIN),
                    el(
                        "tcMar",
                        el("left", w=margin, type_="dxa"),
                        el("right", w=margin + TITLE_SIDE, type_="dxa"),
                    ),
                    el("vAlign", val="center"),
                ],
            ),
            properties=[el("cantSplit"), el("trHeight", val=BAND_HEIGHT, hRule="atLeast")],
        ),
        _stripe(width, ACCENT, STRIPE),
    )
    made[0].insert(2, el("tblInd", w=-margin, type_="dxa"))
    return made


def foot_band() -> Element:
    """The band at the foot of the cover, put at its place of the page, in the footer."""
    width = PAGE_WIDTH + 2 * OVER
    made = table(
        "BandTable",
        (width,),
        _stripe(width, ACCENT, FOOT_STRIPE),
        _stripe(width, MAIN, FOOT_BAND),
    )
    place = el(
        "tblpPr",
        leftFromText=0,
        rightFromText=0,
        vertAnchor="page",
        horzAnchor="page",
        tblpX=-OVER,
        tblpY=PAGE_HEIGHT - FOOT_BAND - FOOT_STRIPE,
    )
    made[0].insert(1, place)
    return made


def _stripe(width: int, fill: str, height: int) -> Element:
    return row(
        cell(width, paragraph("Bare"), properties=[shade(fill)]),
        properties=[el("cantSplit"), el("trHeight", val=height, hRule="exact")],
    )


def note_place() -> Element:
    """Where the mention of a later version goes: a paragraph that a bookmark names."""
    marks = [el("bookmarkStart", id=0, name=NOTE_PLACE), el("bookmarkEnd", id=0)]
    return paragraph("CoverNote", marks)


def _chip(tool: str) -> Element:
    width = len(plain(tool)) * CHIP_LETTER + CHIP_SIDES
    return table(
        "ChipTable",
        (width,),
        row(
            cell(width, paragraph("CoverTool", tool), properties=[el("vAlign", val="center")]),
            properties=[el("cantSplit"), el("trHeight", val=CHIP_HEIGHT, hRule="atLeast")],
        ),
    )


def card(controls: Controls, title: str, fields: Sequence[str]) -> Element:
    """The candidate's card: a frame, its title on a tint, lines to write on."""
    label = label_width(controls.field(one).label for one in fields) * 6 // 5
    widths = (CARD_SIDE, label, TEXT_WIDTH - label - 2 * CARD_SIDE, CARD_SIDE)

    def across(content: Element, *properties: Element) -> Element:
        return cell(TEXT_WIDTH, content, properties=[el("gridSpan", val=4), *properties])

    def side() -> Element:
        return cell(CARD_SIDE, paragraph("Bare"))

    head = paragraph("CardTitle", title)
    rows = [row(across(head, shade(GROUP)), properties=[el("cantSplit")])]
    rows += [
        row(
            side(),
            *line_cells(controls, controls.field(one), (widths[1], widths[2]), "CardLabel"),
            side(),
            properties=[el("cantSplit"), el("trHeight", val=CARD_LINE, hRule="atLeast")],
        )
        for one in fields
    ]
    foot = row(
        across(paragraph("Bare")),
        properties=[el("cantSplit"), el("trHeight", val=400, hRule="atLeast")],
    )
    return table("CardTable", widths, *rows, foot)
