"""The blank's table styles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docx_blank.look import GRID, MAIN, QUIET, WHITE, line, style
from docx_blank.xml import el

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def cell_margins(vertical: int, right: int, left: int | None = None) -> Element:
    """A table style's properties: what its cells keep free, in twentieths of a point."""
    left = right if left is None else left
    sides = (("top", vertical), ("left", left), ("bottom", vertical), ("right", right))
    return el(
        "tblPr",
        el("tblInd", w=0, type_="dxa"),
        el("tblCellMar", *(el(side, w=width, type_="dxa") for side, width in sides)),
    )


def _table_style(
    id_: str, name: str, borders: list[Element], vertical: int = 20, left: int = 108
) -> Element:
    properties = cell_margins(vertical, 108, left)
    if borders:
        properties.insert(1, el("tblBorders", *borders))
    return style("table", id_, name, properties, based="TableNormal")


def table_styles() -> list[Element]:
    """Every table style of the blank."""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    return [
        _table_style(
            "CriteriaTable",
            "Tableau – critères",
            [*(line(s, 6, MAIN) for s in sides[:4]), *(line(s, 4, GRID) for s in sides[4:])],
        ),
        _table_style("ResultTable", "Tableau – résultat", [line(s, 6, MAIN) for s in sides], 80),
        _table_style("FieldTable", "Tableau – champs", [], left=0),
        _table_style("BandTable", "Tableau – couverture", [], 0),
        _table_style("ChipTable", "Tableau – pastille", [line(s, 8, WHITE) for s in sides[:4]], 0),
        _table_style("CardTable", "Tableau – candidat", [line(s, 6, MAIN) for s in sides[:4]]),
        _table_style(
            "CommentTable",
            "Tableau – commentaire",
            [line(s, 6, QUIET, "dashed") for s in sides[:4]],
            60,
        ),
        _table_style(
            "SignatureTable", "Tableau – signature", [line(s, 6, MAIN) for s in sides[:4]]
        ),
    ]
