"""The blank's paragraph and character styles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cqp_forms.docx.wml import BOX_FONT
from docx_blank.form_styles import form_styles
from docx_blank.look import (
    ACCENT,
    BULLETS,
    CARD_SIDE,
    CRITERIA,
    FONT,
    GRID,
    INK,
    MAIN,
    QUIET,
    TEXT_WIDTH,
    WHITE,
    bold,
    line,
    paragraph_style,
    shade,
    size,
    spacing,
    style,
)
from docx_blank.table_styles import cell_margins, table_styles
from docx_blank.xml import el, root

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def _character_style(id_: str, name: str, *rpr: Element) -> Element:
    return style("character", id_, name, el("rPr", *rpr), based="DefaultParagraphFont")


def styles(language: str) -> Element:
    """``word/styles.xml``."""
    defaults = el(
        "docDefaults",
        el(
            "rPrDefault",
            el(
                "rPr",
                el("rFonts", ascii=FONT, hAnsi=FONT, eastAsia=FONT, cs=FONT),
                *size(21),
                el("lang", val=language, eastAsia=language, bidi="ar-SA"),
            ),
        ),
        el("pPrDefault", el("pPr", el("spacing", after=0, line=240, lineRule="auto"))),
    )
    return root(
        "styles",
        defaults,
        *_base(),
        *_headings(),
        *_cover(),
        *_lists(),
        *form_styles(),
        *_characters(),
        *table_styles(),
        prefixes=("w",),
    )


def _base() -> list[Element]:
    edge = [el("tab", val="right", pos=TEXT_WIDTH)]

    def small() -> list[Element]:
        return [el("color", val=QUIET), *size(17)]

    return [
        paragraph_style("Normal", "Normal", [spacing(0, 100, 259)], []),
        style("character", "DefaultParagraphFont", "Default Paragraph Font", quick=False),
        style("table", "TableNormal", "Normal Table", cell_margins(0, 108)),
        paragraph_style(
            "Header",
            "header",
            [
                el("pBdr", line("bottom", 4, GRID, space=4)),
                el("tabs", *edge),
                spacing(0, 0),
            ],
            small(),
        ),
        paragraph_style(
            "Footer",
            "footer",
            [
                el("pBdr", line("top", 4, GRID, space=4)),
                spacing(0, 0),
                el("jc", val="right"),
            ],
            small(),
        ),
        paragraph_style(
            "Lead",
            "Chapeau",
            [spacing(0, 180, 288)],
            [el("color", val=MAIN), *size(25)],
            following="Normal",
        ),
        paragraph_style(
            "Intro",
            "Introduction de liste",
            [el("keepNext"), el("keepLines"), spacing(0, 80)],
            [el("i"), el("iCs"), el("color", val=QUIET), *size(21)],
            following="ListBullet",
        ),
        paragraph_style("Bare", "Sans texte", [spacing(0, 0)], size(8)),
    ]


def _headings() -> list[Element]:
    def kept() -> list[Element]:
        return [el("keepNext"), el("keepLines")]

    return [
        paragraph_style(
            "Heading1",
            "heading 1",
            [
                *kept(),
                el("pageBreakBefore"),
                el("pBdr", line("bottom", 12, ACCENT, space=4)),
                spacing(0, 180),
                el("outlineLvl", val=0),
            ],
            [*bold(), el("color", val=MAIN), *size(38)],
            following="Normal",
        ),
        paragraph_style(
            "Heading2",
            "heading 2",
            [*kept(), spacing(220, 100), el("outlineLvl", val=1)],
            [*bold(), el("color", val=MAIN), *size(27)],
            following="Normal",
        ),
        paragraph_style(
            "Heading3",
            "heading 3",
            [*kept(), spacing(180, 80), el("outlineLvl", val=2)],
            [*bold(), el("color", val=ACCENT), *size(23)],
            following="Normal",
        ),
        paragraph_style(
            "Competence",
            "Compétence",
            [
                el("pageBreakBefore"),
                el(
                    "pBdr",
                    line("top", 4, MAIN, space=7),
                    line("left", 36, ACCENT, space=8),
                    line("bottom", 4, MAIN, space=7),
                    line("right", 4, MAIN, space=8),
                ),
                shade(MAIN),
                spacing(140, 200),
                el("ind", left=200, right=170),
            ],
            [el("color", val=WHITE), *size(28)],
            based="Heading2",
            following="Normal",
        ),
    ]


def _cover() -> list[Element]:
    return [
        paragraph_style("CoverNote", "Couverture – mention", [spacing(0, 240)], size(8)),
        paragraph_style(
            "CoverTool",
            "Couverture – outil",
            [spacing(0, 0), el("jc", val="center")],
            [*bold(), el("color", val=WHITE), *size(30)],
        ),
        paragraph_style(
            "Title",
            "Title",
            [spacing(600, 0)],
            [*bold(), el("color", val=WHITE), *size(66)],
        ),
        paragraph_style(
            "Subtitle",
            "Subtitle",
            [spacing(960, 1900)],
            [*bold(), el("color", val=MAIN), *size(42)],
        ),
        paragraph_style(
            "CardTitle",
            "Titre de cadre",
            [el("keepNext"), spacing(80, 80), el("ind", left=CARD_SIDE)],
            [*bold(), el("color", val=MAIN), *size(28)],
        ),
    ]


def _lists() -> list[Element]:
    def numbered(level: int, number: int) -> Element:
        return el("numPr", el("ilvl", val=level), el("numId", val=number))

    return [
        paragraph_style("ListBullet", "List Bullet", [numbered(0, BULLETS), spacing(0, 50)], []),
        paragraph_style("ListBullet2", "List Bullet 2", [numbered(1, BULLETS), spacing(0, 30)], []),
        paragraph_style(
            "Criterion",
            "Critère",
            [numbered(0, CRITERIA), spacing(45, 45, 240)],
            size(19),
        ),
    ]


def _characters() -> list[Element]:
    return [
        _character_style("Strong", "Strong", *bold()),
        _character_style("Emphasis", "Emphasis", el("i"), el("iCs")),
        _character_style("PlaceholderText", "Placeholder Text", el("color", val="BFBFBF")),
        _character_style("Answer", "Réponse", el("color", val=MAIN)),
        _character_style(
            "Box",
            "Case à cocher",
            el("rFonts", ascii=BOX_FONT, hAnsi=BOX_FONT, eastAsia=BOX_FONT, cs=BOX_FONT),
            *bold(),
            el("color", val=INK),
            *size(28),
        ),
        _character_style(
            "Chip",
            "Pastille",
            *bold(),
            el("color", val=WHITE),
            *size(17),
            el("bdr", val="single", sz=8, space=0, color=MAIN),
            shade(MAIN),
        ),
    ]
