"""How runs and paragraphs look by their own properties and their styles', and what hides them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from cqp_forms import ticksigns
from cqp_forms.docx import wml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: What a run is when it is not seen at all: its text is none of the line's.
HIDDEN = "caché"
#: The least of a colour's three parts that is not seen on white paper, and the most that is dark.
_UNSEEN, _DARK = 0xF0, 0x50
#: A size in half points, and a width in percent, that no one reads.
_MINUTE, _NARROW = 8, 20
#: What makes a text small: its size, the width of its letters, the width it is pressed into.
_LEAST = (("sz", _MINUTE), ("w", _NARROW), ("fitText", 40))
#: Colours of a theme that are the paper's (20.1.6.2), where no one has chosen another theme.
_PAPER = frozenset({"background1", "light1", "background2", "light2"})
#: A raising, in half points, or a spacing, in twentieths, that takes a text from its line.
_SHIFTED = 100
#: A height in twentieths of a point that no line fits into, and a length that leaves any page.
_FLAT, _OUT = 100, 20_000
#: No program takes a number of more digits; Python refuses some more.
_NUMBER = re.compile("-?[0-9]{1,4000}")
_HEX = re.compile("[0-9A-Fa-f]{6}")
#: Heights that crush a paragraph when they are exact, and lengths that lead out of a page.
_HEIGHTS = (("spacing", "lineRule", "line"), ("framePr", "hRule", "h"))
_LENGTHS = (
    *(("framePr", name) for name in ("x", "y")),
    *(("ind", name) for name in ("left", "start", "right", "end")),
)
_TABLE_LENGTHS = (("tblInd", "w"), ("tblpPr", "tblpX"), ("tblpPr", "tblpY"))
#: What stands for a number in the text of a numbering (17.9.11).
_COUNTED = re.compile("%[1-9]")
#: A run's or a paragraph's own properties as written, its style, and its table's.
_Written: TypeAlias = tuple[bytes, str, str]


@dataclass(frozen=True, slots=True)
class _Style:
    """What of a style is compared: of its paragraphs the level, and what hides them and runs."""

    parent: str
    level: str
    run: Element | None
    paragraph: Element | None
    #: The style itself, then what a table style has for some of its rows or cells (17.7.6).
    regions: tuple[Element, ...]


class Styles:
    """How runs and paragraphs look, by their own properties and their styles' (17.7.2)."""

    def __init__(self, styles: Element | None, numbering: Element | None = None) -> None:
        self._known: dict[str, _Style] = {}
        self._default = ""
        self._lineages: dict[str, tuple[_Style, ...]] = {}
        # Runs and paragraphs of one look are many.
        self._flaws: dict[_Written, tuple[str, ...]] = {}
        self._paragraphs: dict[_Written, tuple[str, tuple[str, ...]]] = {}
        self._levels = dict(_levels(numbering)) if numbering is not None else {}
        for style in wml.all_words(styles, "style") if styles is not None else ():
            paragraph = wml.child(style, "pPr")
            level = wml.child(paragraph, "outlineLvl") if paragraph is not None else None
            key = wml.attribute(style, "styleId") or ""
            self._known[key] = _Style(
                wml.value_of(wml.child(style, "basedOn")),
                wml.value_of(level, "9"),
                wml.child(style, "rPr"),
                paragraph,
                (style, *wml.all_words(style, "tblStylePr")),
            )
            kind = wml.attribute(style, "type"), wml.attribute(style, "default")
            if kind[0] == "paragraph" and kind[1] in ("1", "true", "on"):
                self._default = key
        self._base = _default(styles, "rPrDefault", "rPr")
        self._paragraph_base = _default(styles, "pPrDefault", "pPr")

    def is_heading(self, paragraph: Element) -> bool:
        """Whether a paragraph is a heading, by the outline level of its style (17.3.1.20)."""
        return any(one.level != "9" for one in self._lineage(self._style_of(paragraph)))

    def flaws(self, run: Element) -> tuple[str, ...]:
        """What keeps the text of a run from being read; none for an ordinary run."""
        own, paragraph = wml.child(run, "rPr"), wml.paragraph_of(run)
        styled = self._style_of(paragraph) if paragraph is not None else ""
        key = _bytes_of(own), styled, _table_style(run)
        if key not in self._flaws:
            self._flaws[key] = _flaws(self._looks(own, *key[1:]))
        return self._flaws[key]

    def _looks(self, own: Element | None, style: str, table: str) -> list[Element]:
        """The properties that a run has, the nearest first."""
        found = [own]
        if own is not None:
            found += [one.run for one in self._lineage(wml.value_of(wml.child(own, "rStyle")))]
        found += [one.run for key in (style, table) for one in self._lineage(key)]
        return [one for one in (*found, self._base) if one is not None]

    def bullet(self, paragraph: Element) -> str:
        """The words and boxes that a numbering draws before a paragraph; empty for none.

        Numbers, dots and dashes are none: each program draws its own.
        """
        return self._paragraph(paragraph)[0]

    def frame_flaws(self, paragraph: Element) -> tuple[str, ...]:
        """What of its lines, row, cell or frame keeps a paragraph from being seen."""
        return (*self._paragraph(paragraph)[1], *_around(paragraph))

    def _paragraph(self, paragraph: Element) -> tuple[str, tuple[str, ...]]:
        """What a numbering draws before a paragraph, and what its formats hide of it."""
        own = wml.child(paragraph, "pPr")
        key = _bytes_of(own), self._style_of(paragraph), _table_style(paragraph)
        if key not in self._paragraphs:
            formats = self._formats(own, *key[1:])
            level = self._level(formats)
            flaws = tuple(self._format_flaws(own, formats, level, key[2]))
            self._paragraphs[key] = _drawn(level) if level is not None else "", flaws
        return self._paragraphs[key]

    def _formats(self, own: Element | None, style: str, table: str) -> list[Element]:
        """The properties that a paragraph has, the nearest first."""
        inherited = [one.paragraph for key in (style, table) for one in self._lineage(key)]
        return [one for one in (own, *inherited, self._paragraph_base) if one is not None]

    def _level(self, formats: Sequence[Element]) -> Element | None:
        numbered = [wml.child(one, "numPr") for one in formats]
        level, number = (_nearest(numbered, name, "val") for name in ("ilvl", "numId"))
        return self._levels.get((number, level or "0"))

    def _format_flaws(
        self, own: Element | None, formats: list[Element], level: Element | None, table: str
    ) -> Iterator[str]:
        if level is not None and (indent := wml.child(level, "pPr")) is not None:
            formats.insert(own is not None, indent)
        if any(_crushed(formats, *names) for names in _HEIGHTS):
            yield "écrasé"
        if any(_far(_nearest(formats, *names)) for names in _LENGTHS):
            yield "hors de la page"
        for one in self._lineage(table):
            for region in one.regions:
                yield from _region_flaws(region)

    def _style_of(self, paragraph: Element) -> str:
        properties = wml.child(paragraph, "pPr")
        named = wml.child(properties, "pStyle") if properties is not None else None
        return wml.value_of(named) or self._default

    def _lineage(self, key: str) -> tuple[_Style, ...]:
        """A style and those that it is based on, the nearest first; a circle is not followed."""
        if key not in self._lineages:
            seen: dict[str, _Style] = {}
            here = key
            while here in self._known and here not in seen:
                seen[here] = self._known[here]
                here = seen[here].parent
            self._lineages[key] = tuple(seen.values())
        return self._lineages[key]


def _bytes_of(properties: Element | None) -> bytes:
    return etree.tostring(properties, with_tail=False) if properties is not None else b""


def _flaws(looks: Sequence[Element]) -> tuple[str, ...]:
    found = []
    if _first_on(looks, "vanish") or _first_on(looks, "specVanish"):
        found.append(HIDDEN)
    if _first_on(looks, "strike") or _first_on(looks, "dstrike"):
        found.append("barré")
    colour, shade = _first(looks, "color", "val"), _first(looks, "shd", "fill")
    themed = _first(looks, "color", "themeColor") in _PAPER
    if _is_pale(colour) or themed or any(_is_filled_away(look) for look in looks):
        found.append("pâle")
    if any(_small(_first(looks, name, "val").removesuffix("%"), most) for name, most in _LEAST):
        found.append("minuscule")
    if any(_shifted(_first(looks, name, "val")) for name in ("position", "spacing")):
        found.append("déplacé")
    if _is_dark(shade) or _first(looks, "highlight", "val") == "black":
        found.append("sur fond sombre")
    elif _HEX.fullmatch(colour) and shade.upper() == colour.upper() and not _is_pale(colour):
        found.append("de la couleur du fond")
    return tuple(found)


def _around(paragraph: Element) -> Iterator[str]:
    """What of its row, cell or table keeps a paragraph from being seen."""
    for up in paragraph.iterancestors():
        if wml.is_word(up, "tr"):
            yield from _row_flaws(wml.child(up, "trPr"))
        elif wml.is_word(up, "tc"):
            yield from _cell_flaws(wml.child(up, "tcPr"))
        elif wml.is_word(up, "tbl"):
            table = [wml.child(up, "tblPr")]
            if any(_far(_nearest(table, *names)) for names in _TABLE_LENGTHS):
                yield "hors de la page"


def _region_flaws(region: Element) -> Iterator[str]:
    """What a table style hides in its table, or in some of it: which of it, no one looks up."""
    yield from _row_flaws(wml.child(region, "trPr"))
    run = wml.child(region, "rPr")
    if run is not None and _first_on([run], "vanish"):
        yield HIDDEN
    if any(_crushed([wml.child(region, "pPr")], *names) for names in _HEIGHTS):
        yield "écrasé"


def _row_flaws(row: Element | None) -> Iterator[str]:
    if row is None:
        return
    if wml.is_on(wml.child(row, "hidden")):
        yield "rangée cachée"
    if wml.child(row, "del") is not None:
        yield "rangée supprimée"
    if _crushed([row], "trHeight", "hRule", "val"):
        yield "rangée sans hauteur"


def _cell_flaws(cell: Element | None) -> Iterator[str]:
    if cell is None:
        return
    merged, shade = wml.child(cell, "vMerge"), wml.child(cell, "shd")
    # What a cell holds that goes on with the one above is not shown (17.4.84).
    if merged is not None and wml.value_of(merged, "continue") != "restart":
        yield "cellule fusionnée"
    if shade is not None and _is_dark(wml.attribute(shade, "fill") or ""):
        yield "cellule sombre"


def _first(looks: Sequence[Element], name: str, attribute: str) -> str:
    """The nearest value of a property's attribute; empty when nothing sets it."""
    found = (wml.child(look, name) for look in looks)
    return next((wml.attribute(one, attribute) or "" for one in found if one is not None), "")


def _first_on(looks: Sequence[Element], name: str) -> bool:
    found = (wml.child(look, name) for look in looks)
    return next((wml.is_on(one) for one in found if one is not None), False)


def _is_filled_away(look: Element) -> bool:
    """Whether letters are filled with nothing, or with the paper's colour (w14:textFill)."""
    for fill in (one for one in look if wml.local(one) == "textFill"):
        for one in fill.iter():
            name, value = wml.local(one), next(iter(one.attrib.values()), "")
            if name == "noFill" or (name == "srgbClr" and _is_pale(str(value))):
                return True
            if name == "schemeClr" and value in ("bg1", "lt1", "bg2", "lt2"):
                return True
    return False


def _shifted(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value)) and abs(int(value)) > _SHIFTED


def _is_pale(colour: str) -> bool:
    return bool(_HEX.fullmatch(colour)) and min(bytes.fromhex(colour)) >= _UNSEEN


def _is_dark(colour: str) -> bool:
    return bool(_HEX.fullmatch(colour)) and max(bytes.fromhex(colour)) <= _DARK


def _small(value: str, limit: int) -> bool:
    return bool(_NUMBER.fullmatch(value)) and int(value) <= limit


def _crushed(looks: Sequence[Element | None], name: str, rule: str, height: str) -> bool:
    """Whether a height is fixed, and too small for a line."""
    exact = _nearest(looks, name, rule) == "exact"
    return exact and _small(_nearest(looks, name, height), _FLAT)


def _far(value: str) -> bool:
    """Whether a length leads out of any page."""
    return bool(_NUMBER.fullmatch(value)) and not -_OUT // 4 <= int(value) <= _OUT


def _nearest(looks: Sequence[Element | None], name: str, attribute: str) -> str:
    """The nearest value of an attribute that is inherited by itself; empty when nothing sets it."""
    found = (wml.child(look, name) for look in looks if look is not None)
    values = (wml.attribute(one, attribute) for one in found if one is not None)
    return next((one for one in values if one is not None), "")


def _default(styles: Element | None, name: str, properties: str) -> Element | None:
    """The properties of runs or paragraphs that no style says otherwise (17.7.5)."""
    found = next(wml.all_words(styles, name), None) if styles is not None else None
    return wml.child(found, properties) if found is not None else None


def _table_style(element: Element) -> str:
    """The style of the table that an element is in; empty for none."""
    table = next((one for one in element.iterancestors() if wml.is_word(one, "tbl")), None)
    properties = wml.child(table, "tblPr") if table is not None else None
    return wml.value_of(wml.child(properties, "tblStyle")) if properties is not None else ""


def _levels(numbering: Element) -> Iterator[tuple[tuple[str, str], Element]]:
    """What draws each level of each list, by its number and level (17.9)."""
    kinds = {
        wml.attribute(one, "abstractNumId"): one for one in wml.all_words(numbering, "abstractNum")
    }
    for number in wml.all_words(numbering, "num"):
        kind = kinds.get(wml.value_of(wml.child(number, "abstractNumId")))
        # The levels that a list has otherwise come last, and so win.
        for holder in (kind, number) if kind is not None else (number,):
            for level in wml.all_words(holder, "lvl"):
                key = wml.attribute(number, "numId") or "", wml.attribute(level, "ilvl") or ""
                yield key, level


def _drawn(level: Element) -> str:
    text = _COUNTED.sub("", wml.value_of(wml.child(level, "lvlText")))
    font = wml.font_of(level)
    signs = "".join(ticksigns.drawn(one, font) for one in text)
    told = any(one.isalnum() or ticksigns.sign(one) is not None for one in signs)
    return f"[puce : {signs}] " if told or wml.child(level, "lvlPicBulletId") is not None else ""
