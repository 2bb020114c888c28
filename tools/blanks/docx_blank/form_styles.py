"""The styles of what is filled in: callouts, labels, answers, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docx_blank.look import (
    ACCENT,
    MAIN,
    TINT,
    WHITE,
    bold,
    line,
    paragraph_style,
    shade,
    size,
    spacing,
)
from docx_blank.xml import el

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def form_styles() -> list[Element]:
    """Callouts, then fields and boxes, then the text of tables."""
    return [*_callouts(), *_fields(), *_table_texts()]


def _callout(before: int, after: int) -> list[Element]:
    return [
        el(
            "pBdr",
            line("top", 4, TINT, space=4),
            line("left", 24, ACCENT, space=8),
            line("bottom", 4, TINT, space=4),
            line("right", 4, TINT, space=8),
        ),
        shade(TINT),
        spacing(before, after),
        el("ind", left=227, right=200),
    ]


def _callouts() -> list[Element]:
    return [
        paragraph_style("Callout", "Encadré", [el("keepLines"), *_callout(0, 90)], size(20)),
        paragraph_style(
            "CalloutTitle",
            "Encadré – titre",
            [el("keepNext"), el("keepLines"), *_callout(180, 90)],
            [*bold(), el("color", val=ACCENT), *size(21)],
            based="Callout",
        ),
        paragraph_style(
            "Reminder",
            "Encadré – rappel",
            [el("keepLines"), *_callout(180, 120)],
            [],
            based="Callout",
        ),
    ]


def _fields() -> list[Element]:
    return [
        paragraph_style(
            "FieldLabel",
            "Intitulé de champ",
            [el("keepNext"), spacing(60, 20)],
            [*bold(), el("color", val=MAIN), *size(20)],
        ),
        paragraph_style("CardLabel", "Intitulé de champ – cadre", [], size(24), based="FieldLabel"),
        paragraph_style("FieldAnswer", "Réponse – ligne", [spacing(60, 20)], size(21)),
        paragraph_style(
            "SignatureAnswer",
            "Réponse – signature",
            [spacing(40, 20)],
            size(19),
            based="FieldAnswer",
        ),
        paragraph_style(
            "BoxLabel",
            "Intitulé de cadre",
            [el("keepNext"), el("keepLines"), spacing(140, 60)],
            [*bold(), el("color", val=MAIN), *size(21)],
        ),
        paragraph_style("BoxAnswer", "Réponse – cadre", [spacing(40, 40, 259)], size(20)),
        paragraph_style(
            "TickLine",
            "Case – ligne",
            [
                el("keepNext"),
                el("tabs", el("tab", val="left", pos=397)),
                # The font of the boxes may be another one: lines keep their height.
                el("spacing", before=0, after=40, line=300, lineRule="exact"),
                el("ind", left=397, hanging=397),
            ],
            [],
        ),
        paragraph_style(
            "ResultLine",
            "Case – résultat",
            [
                el("tabs", el("tab", val="left", pos=760)),
                el("spacing", before=0, after=0),
                el("ind", left=760, hanging=420),
            ],
            [el("color", val=MAIN)],
            based="TickLine",
        ),
        paragraph_style("TickCell", "Case – cellule", [spacing(0, 0), el("jc", val="center")], []),
        paragraph_style("Declaration", "Déclaration", [spacing(40, 40)], size(20)),
    ]


def _table_texts() -> list[Element]:
    return [
        paragraph_style(
            "TableHead",
            "Tableau – en-tête",
            [el("keepNext"), spacing(50, 50)],
            [*bold(), el("color", val=WHITE), *size(21)],
        ),
        paragraph_style(
            "TableHeadNote",
            "Tableau – question",
            [el("keepNext"), spacing(0, 50)],
            [el("i"), el("iCs"), el("color", val=WHITE), *size(19)],
        ),
        paragraph_style(
            "Group",
            "Tableau – groupe",
            [el("keepNext"), el("keepLines"), spacing(50, 50)],
            [*bold(), el("color", val=MAIN), *size(20)],
        ),
        paragraph_style(
            "GroupBox",
            "Tableau – OUI NON",
            [el("jc", val="center")],
            size(17),
            based="Group",
        ),
        paragraph_style(
            "TableHeadBox", "Tableau – évaluation", [el("jc", val="center")], [], based="TableHead"
        ),
    ]
