"""The blank's bullets and fonts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cqp_forms.docx.wml import BOX_FONT
from docx_blank.look import ACCENT, BULLETS, CRITERIA, FONT
from docx_blank.xml import el, root

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def numbering() -> Element:
    """``word/numbering.xml``: one bullet style in two levels, and that of the criteria."""

    def level(rank: int, mark: str, left: int, hanging: int, colour: str) -> Element:
        return el(
            "lvl",
            el("start", val=1),
            el("numFmt", val="bullet"),
            el("lvlText", val=mark),
            el("lvlJc", val="left"),
            el("pPr", el("ind", left=left, hanging=hanging)),
            el("rPr", el("rFonts", ascii=FONT, hAnsi=FONT, cs=FONT), el("color", val=colour)),
            ilvl=rank,
        )

    return root(
        "numbering",
        el(
            "abstractNum",
            el("multiLevelType", val="hybridMultilevel"),
            level(0, "•", 397, 284, ACCENT),
            level(1, "–", 737, 284, ACCENT),
            abstractNumId=0,
        ),
        el(
            "abstractNum",
            el("multiLevelType", val="hybridMultilevel"),
            level(0, "•", 198, 198, ACCENT),
            abstractNumId=1,
        ),
        el("num", el("abstractNumId", val=0), numId=BULLETS),
        el("num", el("abstractNumId", val=1), numId=CRITERIA),
        prefixes=("w",),
    )


def fonts() -> Element:
    """``word/fontTable.xml``."""

    def font(name: str, family: str, pitch: str) -> Element:
        return el(
            "font",
            el("altName", val="Carlito") if name == FONT else None,
            el("family", val=family),
            el("pitch", val=pitch),
            name=name,
        )

    return root(
        "fonts", font(FONT, "swiss", "variable"), font(BOX_FONT, "modern", "fixed"), prefixes=("w",)
    )
