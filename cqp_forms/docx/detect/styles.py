"""What a style sheet says of styles: titles, borders, leaders, table grids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.docx import wml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_TITLE = re.compile(r"(heading|titre|title|subtitle|sous-titre|berschrift)\b", re.IGNORECASE)
_NO_BORDER = frozenset({"nil", "none", ""})
_LIST_MARKS = frozenset("-•·–▪►➢☞👉*")
_LEADERS = frozenset({"dot", "underscore", "hyphen", "middleDot", "heavy"})


@dataclass(frozen=True, slots=True)
class StyleTraits:
    """What matters of one style, what it is based on included."""

    title: bool = False
    contents: bool = False
    bordered: bool = False
    leader: bool = False
    bold: bool = False


_PLAIN = StyleTraits()


class StyleSheet:
    """The style sheet, asked by style id."""

    def __init__(self, root: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self._known: dict[str, StyleTraits] = {}
        if root is not None:
            for one in wml.all_words(root, "style"):
                self._elements[wml.attribute(one, "styleId") or ""] = one

    def get(self, style_id: str, depth: int = 0) -> StyleTraits:
        """One style; plain for an unknown id."""
        if style_id in self._known:
            return self._known[style_id]
        element = self._elements.get(style_id)
        if element is None or depth > 20:
            return _PLAIN
        base = self.get(wml.value_of(wml.child(element, "basedOn")), depth + 1)
        name = wml.value_of(wml.child(element, "name"))
        ppr, rpr = wml.child(element, "pPr"), wml.child(element, "rPr")
        table = wml.child(element, "tblPr")
        contents = name.casefold().startswith(("toc", "tm "))
        style = StyleTraits(
            title=not contents and (base.title or bool(_TITLE.match(name)) or outlined(ppr)),
            contents=contents or base.contents,
            bordered=base.bordered or bordered(ppr, "pBdr") or bordered(table, "tblBorders"),
            leader=base.leader or has_leader(ppr),
            bold=base.bold or (rpr is not None and wml.is_on(wml.child(rpr, "b"))),
        )
        self._known[style_id] = style
        return style

    def of_paragraph(self, paragraph: Element) -> StyleTraits:
        """A paragraph's style, what the paragraph itself says included."""
        ppr = wml.child(paragraph, "pPr")
        if ppr is None:
            return _PLAIN
        style = self.get(wml.value_of(wml.child(ppr, "pStyle")))
        return StyleTraits(
            title=style.title or outlined(ppr),
            contents=style.contents,
            bordered=bordered(ppr, "pBdr")
            if wml.child(ppr, "pBdr") is not None
            else style.bordered,
            leader=style.leader or has_leader(ppr),
            bold=style.bold,
        )


def outlined(ppr: Element | None) -> bool:
    """Whether an outline level makes a title of it (17.3.1.20: 9 is body text)."""
    if ppr is None:
        return False
    level = wml.value_of(wml.child(ppr, "outlineLvl"))
    return level.isdecimal() and int(level) < 9


def bordered(properties: Element | None, name: str) -> bool:
    """Whether the border element of that name draws at least one side."""
    borders = wml.child(properties, name) if properties is not None else None
    if borders is None:
        return False
    return any(wml.value_of(one) not in _NO_BORDER for one in borders if wml.local(one))


def has_leader(ppr: Element | None) -> bool:
    """Whether a tab stop fills its space with dots or a line (17.3.1.37)."""
    tabs = wml.child(ppr, "tabs") if ppr is not None else None
    if tabs is None:
        return False
    return any(wml.attribute(one, "leader") in _LEADERS for one in tabs if wml.local(one))


def is_item(paragraph: Element) -> bool:
    """Whether a paragraph is an item of a list, that the line above only introduces."""
    properties = wml.child(paragraph, "pPr")
    if properties is not None and wml.child(properties, "numPr") is not None:
        return True
    style = wml.value_of(wml.child(properties, "pStyle")) if properties is not None else ""
    first = wml.text_of(paragraph).lstrip()[:1]
    return first in _LIST_MARKS or "list" in style.casefold() or "puce" in style.casefold()
