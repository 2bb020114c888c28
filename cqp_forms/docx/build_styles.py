"""The blank's paragraph and character styles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cqp_forms.docx.build_form_styles import form_styles
from cqp_forms.docx.build_look import (
    ACCENT,
    BULLETS,
    CRITERIA,
    FONT,
    MAIN,
    RULE,
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
from cqp_forms.docx.build_table_styles import cell_margins, table_styles
from cqp_forms.docx.build_xml import el, root
from cqp_forms.docx.wml import BOX_FONT

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
    small = [el("color", val="595959"), *size(17)]
    return [
        paragraph_style("Normal", "Normal", [spacing(0, 100, 259)], []),
        style("character", "DefaultParagraphFont", "Default Paragraph Font", quick=False),
        style("table", "TableNormal", "Normal Table", cell_margins(0, 108)),
        paragraph_style(
            "Header",
            "header",
            [
                el("pBdr", line("bottom", 6, ACCENT, space=4)),
                el("tabs", *edge),
                spacing(0, 0),
            ],
            small,
        ),
        paragraph_style(
            "Footer",
            "footer",
            [
                el("pBdr", line("top", 4, RULE, space=4)),
                el("tabs", *[el("tab", val="right", pos=TEXT_WIDTH)]),
                spacing(0, 0),
            ],
            [el("color", val="595959"), *size(17)],
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
            [*bold(), el("color", val=MAIN), *size(32)],
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
            [*kept(), spacing(200, 80), el("outlineLvl", val=2)],
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
                    *(line(one, 4, MAIN, space=5) for one in ("top", "left", "bottom", "right")),
                ),
                shade(MAIN),
                spacing(0, 160),
                el("ind", left=113, right=113),
            ],
            [el("color", val=WHITE), *size(28)],
            based="Heading2",
            following="Normal",
        ),
    ]


def _cover() -> list[Element]:
    return [
        paragraph_style(
            "CoverTool",
            "Couverture – outil",
            [spacing(3000, 120)],
            [*bold(), el("color", val=ACCENT), el("spacing", val=60), *size(36)],
        ),
        paragraph_style(
            "Title",
            "Title",
            [spacing(0, 240, 240)],
            [*bold(), el("color", val=MAIN), *size(68)],
        ),
        paragraph_style(
            "Subtitle",
            "Subtitle",
            [
                el("pBdr", line("top", 24, ACCENT, space=12)),
                spacing(240, 3400),
            ],
            [el("color", val="404040"), *size(34)],
        ),
        paragraph_style(
            "CardTitle",
            "Titre de cadre",
            [el("keepNext"), spacing(60, 60)],
            [*bold(), el("color", val=MAIN), *size(25)],
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
            [numbered(0, CRITERIA), spacing(40, 40, 240)],
            size(19),
        ),
    ]


def _characters() -> list[Element]:
    def chip(fill: str) -> list[Element]:
        return [
            *bold(),
            el("color", val=WHITE),
            *size(17),
            el("bdr", val="single", sz=4, space=0, color=fill),
            shade(fill),
        ]

    return [
        _character_style("Strong", "Strong", *bold()),
        _character_style("Emphasis", "Emphasis", el("i"), el("iCs")),
        _character_style("PlaceholderText", "Placeholder Text", el("color", val="BFBFBF")),
        _character_style("Answer", "Réponse", el("color", val=MAIN)),
        _character_style(
            "Box",
            "Case à cocher",
            el("rFonts", ascii=BOX_FONT, hAnsi=BOX_FONT, eastAsia=BOX_FONT, cs=BOX_FONT),
            *size(24),
        ),
        _character_style("ChipYes", "Pastille OUI", *chip(ACCENT)),
        _character_style("ChipNo", "Pastille NON", *chip(MAIN)),
    ]
