"""WordprocessingML names, paths and text: the only module that knows namespaces (ECMA-376, part 1).

Documents come in two dialects, transitional and strict (ISO/IEC 29500-1), that differ by their
namespaces. :func:`w` gives the transitional name; a strict part is recognised with
:func:`dialect` and its names asked for with that namespace.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
R_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
WPS = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
V = "urn:schemas-microsoft-com:vml"
O = "urn:schemas-microsoft-com:office:office"  # noqa: E741 - the customary prefix
W10 = "urn:schemas-microsoft-com:office:word"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

#: The prefixes that this package writes.
PREFIXES: dict[str, str] = {
    "w": W,
    "w14": W14,
    "r": R,
    "mc": MC,
    "wp": WP,
    "wps": WPS,
    "a": A,
    "v": V,
    "o": O,
    "w10": W10,
}

#: The part of a package's custom properties (ECMA-376, part 1, 15.2.12.2), as producers name it,
#: and what begins the names of this program's own.
CUSTOM_PROPERTIES = "docProps/custom.xml"
TRAIL = "cqp-forms."

#: The two glyphs that Word puts in a ``w14:checkbox`` when nothing else is asked for.
UNTICKED = "\u2610"
TICKED = "\u2612"
BOX_FONT = "MS Gothic"

_STEP = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\[([1-9][0-9]*)\])?")


def w(name: str, namespace: str = W) -> str:
    """The qualified name of a ``w:`` element or attribute."""
    return f"{{{namespace}}}{name}"


def w14(name: str) -> str:
    """The qualified name of a ``w14:`` element or attribute ([MS-DOCX] 2.6.1)."""
    return f"{{{W14}}}{name}"


def qn(prefixed: str) -> str:
    """The qualified name of ``prefix:name``, for the prefixes of :data:`PREFIXES`."""
    prefix, name = prefixed.split(":")
    return f"{{{PREFIXES[prefix]}}}{name}"


def local(element: Element) -> str:
    """An element's name without its namespace; empty for comments and instructions."""
    tag = element.tag
    return _bare(tag) if isinstance(tag, str) else ""


@cache
def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


@cache
def _both(name: str) -> frozenset[str]:
    return frozenset({f"{{{W}}}{name}", f"{{{W_STRICT}}}{name}"})


def is_word(element: Element, name: str) -> bool:
    """Whether this is the ``w:`` element of that name, in either dialect."""
    return element.tag in _both(name)


def dialect(root: Element) -> str:
    """The ``w:`` namespace that a part uses: :data:`W`, or :data:`W_STRICT`."""
    return W_STRICT if str(root.tag).startswith(f"{{{W_STRICT}}}") else W


def child(element: Element, name: str) -> Element | None:
    """The first ``w:`` child of that name, in either dialect."""
    names = _both(name)
    for one in element:
        if one.tag in names:
            return one
    return None


def attribute(element: Element, name: str) -> str | None:
    """A ``w:`` attribute, in either dialect."""
    value = element.get(f"{{{W}}}{name}")
    return element.get(f"{{{W_STRICT}}}{name}") if value is None else value


def value_of(element: Element | None, default: str = "") -> str:
    """The ``w:val`` of an element, ``default`` when there is no element or no value."""
    if element is None:
        return default
    found = attribute(element, "val")
    return default if found is None else found


def whole(text: str, default: int) -> int:
    """The whole number that a text is, ``default`` for any other text, or one of over 18 digits."""
    return int(text) if text.isdecimal() and len(text) <= 18 else default


def is_on(element: Element | None) -> bool:
    """An on/off element (ECMA-376-1, 17.17.4): present without a value means on."""
    if element is None:
        return False
    found = attribute(element, "val")
    if found is None:
        found = element.get(w14("val"))
    return found is None or found.strip().lower() not in {"0", "false", "off", "none"}


def is_checked(box: Element) -> bool:
    """Whether a ``w14:checkbox`` or a legacy ``w:checkBox`` is ticked.

    A legacy one that nobody touched has no state but its default (17.16.7).
    """
    states = {local(one): one for one in box}
    return is_on(states.get("checked", states.get("default")))


def font_of(run: Element | None) -> str:
    """The font that a run itself names; empty when its style does."""
    properties = child(run, "rPr") if run is not None else None
    fonts = child(properties, "rFonts") if properties is not None else None
    if fonts is None:
        return ""
    return attribute(fonts, "ascii") or attribute(fonts, "hAnsi") or ""


def parse(content: bytes) -> Element:
    """Parse a part; no entity is expanded and nothing is fetched.

    Raises:
        lxml.etree.XMLSyntaxError: the part is not XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(content, parser)


def path_of(element: Element) -> str:
    """The path of an element from its part's root: ``body/tbl[3]/tr[2]/tc[2]``.

    Steps are local names, counted from 1 among siblings of the same local name; the number is left
    out for an only one.
    """
    steps: list[str] = []
    parent = element.getparent()
    while parent is not None:
        name = local(element)
        twins = [one for one in parent if local(one) == name]
        steps.append(name if len(twins) == 1 else f"{name}[{twins.index(element) + 1}]")
        element, parent = parent, parent.getparent()
    return "/".join(reversed(steps))


def find_path(root: Element, path: str) -> Element | None:
    """The element that :func:`path_of` named, ``None`` when there is none.

    A step without a number means the first; ``body/p`` and ``body/p[1]`` are the same.
    """
    here = root
    for step in path.split("/"):
        parsed = _STEP.fullmatch(step)
        if parsed is None:
            return None
        found = _nth(here, parsed[1], int(parsed[2] or 1))
        if found is None:
            return None
        here = found
    return here


def _nth(parent: Element, name: str, rank: int) -> Element | None:
    ending = "}" + name
    for one in parent:
        if isinstance(one.tag, str) and one.tag.endswith(ending):
            rank -= 1
            if rank == 0:
                return one
    return None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a paragraph's text and the element that carries it.

    Attributes:
        element: ``w:t``, ``w:tab``, ``w:br``, ``w:sym``…
        start: index of its first character in the paragraph's text.
        text: what it stands for; one character for all but ``w:t``.
    """

    element: Element
    start: int
    text: str

    @property
    def end(self) -> int:
        """Index after its last character."""
        return self.start + len(self.text)


_CHARACTERS = {
    "tab": "\t",
    "ptab": "\t",
    "br": "\n",
    "cr": "\n",
    "noBreakHyphen": "\u2011",
    "softHyphen": "\u00ad",
}
#: What holds text of its own, or none that is shown at this place.
_CLOSED = frozenset({"p", "tbl", "drawing", "pict", "object", "txbxContent", "AlternateContent"})
_UNSHOWN = frozenset({"pPr", "rPr", "sdtPr", "del", "moveFrom", "instrText", "delText", "fldData"})


def pieces(paragraph: Element) -> list[Piece]:
    """A paragraph's text, piece by piece, in reading order.

    Runs inside hyperlinks, insertions, inline controls and smart tags count; text boxes, drawings,
    deleted text and field codes do not. The offsets of ``GLYPH`` and ``LEADER`` index the pieces
    put end to end.
    """
    found: list[Piece] = []
    position = 0
    for element in _carriers(paragraph):
        name = local(element)
        if name == "t":
            text = element.text or ""
        elif name == "sym":
            text = symbol(element)
        else:
            text = _CHARACTERS[name]
        if text:
            found.append(Piece(element, position, text))
            position += len(text)
    return found


def _carriers(parent: Element) -> Iterator[Element]:
    for one in parent:
        name = local(one)
        if name in ("t", "sym") or name in _CHARACTERS:
            if is_word(one, name) and is_word(parent, "r"):
                yield one
        elif name and name not in _CLOSED and name not in _UNSHOWN:
            yield from _carriers(one)


def text_of(paragraph: Element) -> str:
    """A paragraph's text, as :func:`pieces` counts it."""
    return "".join(one.text for one in pieces(paragraph))


#: The two slashes of a date, typed cells, or dots and such.
_LEADER = re.compile(
    r"[.…‥·_\t \u00a0]*(?:/[.…‥·_\t \u00a0]*){2}"
    r"|(?:\|_{1,3}){2,}\|?"
    r"|[.…‥·_](?:[.…‥·_\t \u00a0]*[.…‥·_])?|[\t \u00a0]+"
)


def leader_end(text: str, offset: int) -> int:
    """Where the line to write on that starts at an offset ends: there, when there is none."""
    found = _LEADER.match(text, offset)
    return found.end() if found else offset


def symbol(element: Element) -> str:
    """The character of a ``w:sym``, such as U+F0A8 (ECMA-376-1, 17.3.3.30)."""
    try:
        return chr(int(attribute(element, "char") or "", 16))
    except (ValueError, OverflowError):
        return "\ufffd"


def paragraph_of(element: Element) -> Element | None:
    """The paragraph that holds an element, itself included; ``None`` outside one."""
    here: Element | None = element
    while here is not None and not is_word(here, "p"):
        here = here.getparent()
    return here


def tag_of(control: Element) -> str:
    """The ``w:tag`` of a ``w:sdt``, empty when it has none."""
    properties = child(control, "sdtPr")
    return value_of(child(properties, "tag")) if properties is not None else ""


def all_words(root: Element, name: str) -> Iterator[Element]:
    """Every ``w:`` element of that name below ``root``, in document order, in either dialect."""
    yield from root.iter(w(name), w(name, W_STRICT))


def list_items(control: Element) -> tuple[str, ...]:
    """The items of a control that takes nothing else (17.5.2.15); empty for any other.

    A prompt is no item: one without a value, what the empty control shows, or one that has no
    wording of its own beside others that have one, as Word's own « Choisissez un élément. ».
    """
    properties = child(control, "sdtPr")
    closed = child(properties, "dropDownList") if properties is not None else None
    if properties is None or closed is None:
        return ()
    prompted = child(properties, "showingPlcHdr") is not None
    prompt = "".join(one.text or "" for one in all_words(control, "t")) if prompted else ""
    items = [one for one in closed if is_word(one, "listItem")]
    worded = any(attribute(one, "displayText") for one in items)
    shown = [
        attribute(one, "displayText") or ("" if worded else attribute(one, "value") or "")
        for one in items
        if attribute(one, "value")
    ]
    known = (" ".join(one.split()) for one in shown)
    return tuple(dict.fromkeys(one for one in known if one and one != " ".join(prompt.split())))


#: The custom XML part that carries the answers, and what marks the edition's own additions.
PAYLOAD = "urn:cqp-forms:reponses:1"
OWN_TAG = "cqp-forms."
#: How the name of a watermark begins, Word's own as well: it lies across the page, in a header.
WATERMARK = "PowerPlusWaterMarkObject"
#: A bookmark that our blanks have where the mention of a later version goes.
NOTE_PLACE = "mention_version"

#: Word's limit for the name of a bookmark.
_BOOKMARK_LENGTH = 40


def bookmark_name(placement: str) -> str:
    """The bookmark around a placement of our own blanks.

    Programs that re-save a document drop a control's tag (LibreOffice before 7.5) or the control
    itself; none drops bookmarks.
    """
    name = "cqp_" + placement.replace("@", "___").replace(".", "__")
    if len(name) <= _BOOKMARK_LENGTH:
        return name
    return f"{name[:31]}_{hashlib.sha256(placement.encode()).hexdigest()[:8]}"
