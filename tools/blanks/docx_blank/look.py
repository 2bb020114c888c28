"""The blank's colours and measures, and the properties that its styles are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cqp_forms.docx.wml import w
from docx_blank.xml import Child, el

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

FONT = "Calibri"
MAIN = "1F3864"
ACCENT = "2E74B5"
GROUP = "DCE6F1"
TINT = "F2F6FB"
GRID = "B4C2D6"
QUIET = "5A6577"
INK = "1A1A1A"
WHITE = "FFFFFF"

#: A4 and its margins, in twentieths of a point (20 mm).
PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 11906, 16838, 1134
TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN

#: What the cover's card keeps free at its sides.
CARD_SIDE = 280

BULLETS, CRITERIA = 1, 2

#: Styles that Word knows by name, in any language.
_BUILTIN = frozenset(
    {
        "Normal",
        "DefaultParagraphFont",
        "TableNormal",
        "Heading1",
        "Heading2",
        "Heading3",
        "Title",
        "Subtitle",
        "ListBullet",
        "ListBullet2",
        "Header",
        "Footer",
        "Strong",
        "Emphasis",
        "PlaceholderText",
        "TableGrid",
    }
)


def size(half_points: int) -> list[Element]:
    """A font size, in half points."""
    return [el("sz", val=half_points), el("szCs", val=half_points)]


def bold() -> list[Element]:
    """Bold."""
    return [el("b"), el("bCs")]


def spacing(before: int, after: int, leading: int = 0) -> Element:
    """Space before and after, in twentieths of a point; ``leading`` in 240ths of a line."""
    made = el("spacing", before=before, after=after)
    if leading:
        made = el("spacing", before=before, after=after, line=leading, lineRule="auto")
    return made


def line(side: str, size: int, colour: str, kind: str = "single", space: int = 0) -> Element:
    """A border: its width in eighths of a point."""
    return el(side, val=kind, sz=size, space=space, color=colour)


def shade(fill: str) -> Element:
    """A fill."""
    return el("shd", val="clear", color="auto", fill=fill)


def style(
    kind: str,
    id_: str,
    name: str,
    *parts: Child,
    based: str = "",
    following: str = "",
    quick: bool = True,
) -> Element:
    """A style; its parts in the schema's order (17.7.4.17)."""
    made = el(
        "style",
        el("name", val=name),
        el("basedOn", val=based) if based else None,
        el("next", val=following) if following else None,
        el("uiPriority", val=10),
        el("qFormat") if quick and kind != "table" else None,
        *parts,
        type_=kind,
        styleId=id_,
    )
    if id_ in ("Normal", "DefaultParagraphFont", "TableNormal"):
        made.set(w("default"), "1")
    if id_ not in _BUILTIN:
        made.set(w("customStyle"), "1")
    return made


def paragraph_style(
    id_: str,
    name: str,
    ppr: list[Element],
    rpr: list[Element],
    based: str = "Normal",
    following: str = "",
) -> Element:
    """A paragraph style, from its paragraph and run properties in the schema's order."""
    return style(
        "paragraph",
        id_,
        name,
        el("pPr", *ppr) if ppr else None,
        el("rPr", *rpr) if rpr else None,
        based=based if id_ != "Normal" else "",
        following=following,
    )
