"""The lines that a paragraph shows, and what keeps them from being read.

For comparing documents that an editor has saved again: what is named here is what no editor
changes of itself.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.errors import DocumentError

#: LibreOffice takes a few seconds; far more than this means that it hangs.
_SECONDS = 180
#: Where its installers put it without telling the shell: macOS, Windows.
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
)


if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Fields whose result depends on the page (17.16.5): each program puts another one.
_PAGED = ("PAGE", "NUMPAGES", "SECTIONPAGES")
#: What is drawn rather than written.
_DRAWN = ("drawing", "pict", "object")
_DRAWING = "[dessin]"
#: What a run is when it is not seen at all: its text is none of the line's.
_HIDDEN = "caché"
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
_HEX = re.compile("[0-9A-Fa-f]{6}")


def lines_of(paragraph: Element, styles: Styles) -> Iterator[str]:
    """The lines of a paragraph: its text, then what its drawings say.

    Text that a placeholder shows, that is hidden, and page numbers are left out; text that is
    struck out, pale or minute stands between brackets that say so, and so does a line that its
    row or frame hides; a drawing without text is named.
    """
    if _in_fallback(paragraph) or _is_placeholder(paragraph):
        return
    unseen = set(_page_numbers(paragraph))
    parts: list[tuple[tuple[str, ...], str]] = []
    for piece in wml.pieces(paragraph):
        run = piece.element.getparent()
        if run is None or piece.element in unseen or _is_placeholder(piece.element):
            continue
        flaws = styles.flaws(run)
        if _HIDDEN in flaws:
            continue
        # Editors cut a run in several, and join several in one.
        flaws = flaws if piece.text.strip() else ()
        if parts and parts[-1][0] == flaws:
            parts[-1] = flaws, parts[-1][1] + piece.text
        else:
            parts.append((flaws, piece.text))
    text = "".join(_bracketed(flaws, text) for flaws, text in parts)
    around = frame_flaws(paragraph) if text.strip() else ()
    yield from (_bracketed(around, line) for line in text.split("\n"))
    yield from _drawings(paragraph)


def _bracketed(flaws: tuple[str, ...], text: str) -> str:
    return f"[{', '.join(flaws)} : {text}]" if flaws and text.strip() else text


def invitations(root: Element) -> Iterator[str]:
    """The texts by which empty controls invite to type."""
    for control in wml.all_words(root, "sdt"):
        properties = wml.child(control, "sdtPr")
        if properties is not None and wml.is_on(wml.child(properties, "showingPlcHdr")):
            yield "".join(one.text or "" for one in wml.all_words(control, "t"))


def _in_fallback(element: Element) -> bool:
    """Whether it repeats what stands in ``mc:Choice``."""
    return any(one.tag == wml.qn("mc:Fallback") for one in element.iterancestors())


def _is_placeholder(element: Element) -> bool:
    """Whether a control shows it as its invitation to type (17.5.2.39)."""
    for one in element.iterancestors():
        if wml.is_word(one, "sdt"):
            properties = wml.child(one, "sdtPr")
            if properties is not None and wml.is_on(wml.child(properties, "showingPlcHdr")):
                return True
    return False


def _page_numbers(paragraph: Element) -> Iterator[Element]:
    """The text elements that hold a page number."""
    for simple in wml.all_words(paragraph, "fldSimple"):
        if _is_paged(wml.attribute(simple, "instr") or ""):
            yield from wml.all_words(simple, "t")
    code, inside, result = "", False, False
    for element in paragraph.iter():
        name = wml.local(element)
        if name == "fldChar":
            match wml.attribute(element, "fldCharType"):
                case "begin":
                    code, inside, result = "", True, False
                case "separate":
                    result = True
                case _:
                    inside = result = False
        elif name == "instrText" and inside:
            code += element.text or ""
        elif name == "t" and result and _is_paged(code):
            yield element


def _is_paged(code: str) -> bool:
    return code.split()[:1] in [[one] for one in _PAGED]


def _drawings(paragraph: Element) -> Iterator[str]:
    """What the drawings of a paragraph are: the text of WordArt, else that there is one.

    The paragraphs of a text box are lines of their own.
    """
    for name in _DRAWN:
        for drawing in wml.all_words(paragraph, name):
            if wml.paragraph_of(drawing) is not paragraph or _in_fallback(drawing):
                continue
            art = [one.get("string", "") for one in drawing.iter(wml.qn("v:textpath"))]
            if art := [one for one in art if one]:
                yield from art
            elif not any(one.text for one in _boxed(drawing)):
                # A frame without a word covers what is under it.
                yield _DRAWING


def _boxed(drawing: Element) -> Iterator[Element]:
    for box in wml.all_words(drawing, "txbxContent"):
        yield from wml.all_words(box, "t")


@dataclass(frozen=True, slots=True)
class _Style:
    """What of a style is compared: of its paragraphs the level, of its runs what hides them."""

    parent: str
    level: str
    run: Element | None


class Styles:
    """How runs and paragraphs look, by their own properties and their styles' (17.7.2)."""

    def __init__(self, styles: Element | None) -> None:
        self._known: dict[str, _Style] = {}
        self._default = ""
        self._lineages: dict[str, tuple[_Style, ...]] = {}
        # Runs of one look are many.
        self._flaws: dict[tuple[bytes, str], tuple[str, ...]] = {}
        for style in wml.all_words(styles, "style") if styles is not None else ():
            paragraph = wml.child(style, "pPr")
            level = wml.child(paragraph, "outlineLvl") if paragraph is not None else None
            key = wml.attribute(style, "styleId") or ""
            self._known[key] = _Style(
                wml.value_of(wml.child(style, "basedOn")),
                wml.value_of(level, "9"),
                wml.child(style, "rPr"),
            )
            kind = wml.attribute(style, "type"), wml.attribute(style, "default")
            if kind[0] == "paragraph" and kind[1] in ("1", "true", "on"):
                self._default = key
        defaults = next(wml.all_words(styles, "rPrDefault"), None) if styles is not None else None
        self._base = wml.child(defaults, "rPr") if defaults is not None else None

    def is_heading(self, paragraph: Element) -> bool:
        """Whether a paragraph is a heading, by the outline level of its style (17.3.1.20)."""
        return any(one.level != "9" for one in self._lineage(self._style_of(paragraph)))

    def flaws(self, run: Element) -> tuple[str, ...]:
        """What keeps the text of a run from being read; none for an ordinary run."""
        own, paragraph = wml.child(run, "rPr"), wml.paragraph_of(run)
        written = etree.tostring(own, with_tail=False) if own is not None else b""
        key = written, self._style_of(paragraph) if paragraph is not None else ""
        if key not in self._flaws:
            self._flaws[key] = _flaws(self._looks(own, key[1]))
        return self._flaws[key]

    def _looks(self, own: Element | None, style: str) -> list[Element]:
        """The properties that a run has, the nearest first."""
        found = [own] if own is not None else []
        if own is not None:
            named = self._lineage(wml.value_of(wml.child(own, "rStyle")))
            found += [one.run for one in named if one.run is not None]
        found += [one.run for one in self._lineage(style) if one.run is not None]
        return found if self._base is None else [*found, self._base]

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


def _flaws(looks: Sequence[Element]) -> tuple[str, ...]:
    found = []
    if _first_on(looks, "vanish") or _first_on(looks, "specVanish"):
        found.append(_HIDDEN)
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
    if not _is_pale(colour) and (_is_dark(shade) or _first(looks, "highlight", "val") == "black"):
        found.append("sur fond sombre")
    elif _HEX.fullmatch(colour) and shade.upper() == colour.upper() and not _is_pale(colour):
        found.append("de la couleur du fond")
    return tuple(found)


def frame_flaws(paragraph: Element) -> tuple[str, ...]:
    """What of its row, cell or frame keeps a paragraph from being seen; none for most."""
    found = []
    properties = wml.child(paragraph, "pPr")
    if properties is not None:
        spacing, frame = wml.child(properties, "spacing"), wml.child(properties, "framePr")
        indent = wml.child(properties, "ind")
        if _exact(spacing, "lineRule", "line") or _exact(frame, "hRule", "h"):
            found.append("écrasé")
        if any(_far(frame, name) for name in ("x", "y")) or any(
            _far(indent, name) for name in ("left", "start", "right", "end")
        ):
            found.append("hors de la page")
    for up in paragraph.iterancestors():
        if wml.is_word(up, "tr"):
            found += _row_flaws(wml.child(up, "trPr"))
        elif wml.is_word(up, "tc"):
            found += _cell_flaws(wml.child(up, "tcPr"))
        elif wml.is_word(up, "tbl"):
            table = wml.child(up, "tblPr")
            place = wml.child(table, "tblpPr") if table is not None else None
            aside = wml.child(table, "tblInd") if table is not None else None
            if _far(aside, "w") or any(_far(place, name) for name in ("tblpX", "tblpY")):
                found.append("hors de la page")
    return tuple(found)


def _row_flaws(row: Element | None) -> Iterator[str]:
    if row is None:
        return
    if wml.is_on(wml.child(row, "hidden")):
        yield "rangée cachée"
    if wml.child(row, "del") is not None:
        yield "rangée supprimée"
    if _exact(wml.child(row, "trHeight"), "hRule", "val"):
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
    return value.lstrip("-").isdigit() and abs(int(value)) > _SHIFTED


def _is_pale(colour: str) -> bool:
    return bool(_HEX.fullmatch(colour)) and min(bytes.fromhex(colour)) >= _UNSEEN


def _is_dark(colour: str) -> bool:
    return bool(_HEX.fullmatch(colour)) and max(bytes.fromhex(colour)) <= _DARK


def _small(value: str, limit: int) -> bool:
    return value.isdigit() and int(value) <= limit


def _exact(element: Element | None, rule: str, name: str) -> bool:
    """Whether a height is fixed, and too small for a line."""
    if element is None or wml.attribute(element, rule) != "exact":
        return False
    return _small(wml.attribute(element, name) or "", _FLAT)


def _far(element: Element | None, name: str) -> bool:
    """Whether a length leads out of any page."""
    value = (wml.attribute(element, name) or "") if element is not None else ""
    return value.lstrip("-").isdigit() and not -_OUT // 4 <= int(value) <= _OUT


def office() -> Path | None:
    """LibreOffice's program; ``None`` where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return Path(found) if found else next((one for one in map(Path, _PLACES) if one.exists()), None)


def to_pdfs(documents: Sequence[bytes], program: Path) -> list[bytes]:
    """The pages of each DOCX as a PDF.

    Raises:
        DocumentError: LibreOffice did not make a PDF of each.
    """
    with tempfile.TemporaryDirectory(prefix="cqp-forms-") as name:
        folder = Path(name)
        sources = [folder / f"{rank}.docx" for rank in range(len(documents))]
        for source, content in zip(sources, documents, strict=True):
            source.write_bytes(content)
        command = [
            str(program),
            # A profile of its own: an open LibreOffice would take the document over.
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--convert-to", "pdf", "--outdir", name),
            *map(str, sources),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
            return [one.with_suffix(".pdf").read_bytes() for one in sources]
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise DocumentError(
                "LibreOffice n’a pas pu mettre ce document en pages.",
                remedy="Ouvrez-le dans LibreOffice pour voir ce qui ne va pas.",
            ) from problem
