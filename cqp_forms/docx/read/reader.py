"""Read what a DOCX shows, from the document alone: as we issued it, or changed and saved since.

Nothing of what stamps is used here but the mapping, the names and the opening of the archive, so
that reading back proves something.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.container import open_docx, read_member
from cqp_forms.docx.read.content import (
    after_label,
    area,
    cell_mark,
    control_mark,
    font_in,
    glyph_mark,
    text_of,
)
from cqp_forms.docx.read.places import renderings, rest, result
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import DocxKind, DocxLocator, DocxMapping
from cqp_forms.plan import Trail
from cqp_forms.shown import Mark, Shown

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: A custom part larger than this, in bytes, is not the answers of a guide.
_MAX_PAYLOAD = 16 * 1024 * 1024


def read(document: bytes, mapping: DocxMapping, guide: Guide) -> Shown:
    """What the document shows.

    Args:
        document: stamped by us, filled by hand, or saved again by Word or LibreOffice.
        mapping: of the blank that it came from.
        guide: tells boxes from areas.

    Returns:
        Each box's mark and each area's text; a placement that is no longer in the document is
        left out. A box whose flag and sign disagree is doubtful.

    Raises:
        DocumentError: not a DOCX, encrypted, or damaged.
    """
    with open_docx(document) as archive:
        names = set(archive.namelist())
        parts = {
            name: _Part(_parsed(archive, name))
            for name in {one.part for one in mapping.locators.values()}
            if name in names
        }
    ticks: dict[str, Mark] = {}
    texts: dict[str, str] = {}
    for key, placement in guide.placements.items():
        locator = mapping.locators.get(key)
        part = parts.get(locator.part) if locator is not None else None
        if locator is None or part is None:
            continue
        if placement.kind is PlacementKind.TICK_BOX:
            mark = part.mark(key, locator)
            if mark is not None:
                ticks[key] = mark
        elif placement.kind is PlacementKind.TEXT_AREA:
            text = part.text(key, locator)
            if text is not None:
                texts[key] = text
    return Shown(ticks, texts)


def read_payload(document: bytes) -> bytes | None:
    """The answers that were embedded at issue; ``None`` when the document carries none.

    Raises:
        DocumentError: not a DOCX, encrypted, or damaged.
    """
    with open_docx(document) as archive:
        for member in archive.infolist():
            name = member.filename
            if not name.startswith("customXml/") or not name.endswith(".xml"):
                continue
            if member.file_size > _MAX_PAYLOAD:
                continue
            content = read_member(archive, name)
            if wml.PAYLOAD.encode() not in content:
                continue
            root = _parsed(archive, name)
            if root.tag == f"{{{wml.PAYLOAD}}}reponses":
                return (root.text or "").encode()
    return None


def read_trail(document: bytes) -> Trail | None:
    """What the custom properties say of the document's making; ``None`` when they say nothing.

    Raises:
        DocumentError: not a DOCX, encrypted, or damaged.
    """
    with open_docx(document) as archive:
        if wml.CUSTOM_PROPERTIES not in archive.namelist():
            return None
        root = _parsed(archive, wml.CUSTOM_PROPERTIES)
    return Trail.of_properties(
        {
            name.removeprefix(wml.TRAIL): "".join(child.text or "" for child in one)
            for one in root
            if (name := one.get("name", "")).startswith(wml.TRAIL)
        }
    )


def _parsed(archive: zipfile.ZipFile, name: str) -> Element:
    try:
        return wml.parse(read_member(archive, name))
    except etree.XMLSyntaxError as problem:
        raise DocumentError(
            f"la partie « {name} » du document n’est pas du XML valable.",
            remedy="Ouvrez le document dans Word et enregistrez-le de nouveau.",
        ) from problem


class _Stretch:
    """Where a placement was found: its elements, and its control if it still has one."""

    def __init__(self, elements: list[Element], control: Element | None = None) -> None:
        self.elements = elements
        self.controlled = control is not None
        properties = wml.child(control, "sdtPr") if control is not None else None
        self.box: Element | None = None
        self.placeholder = False
        for one in properties if properties is not None else ():
            name = wml.local(one)
            if name == "checkbox":
                self.box = one
            elif name == "showingPlcHdr":
                self.placeholder = wml.is_on(one)

    @property
    def text(self) -> str:
        return text_of(self.elements)

    @property
    def flag(self) -> bool | None:
        if self.box is None:
            return None
        return any(wml.local(one) == "checked" and wml.is_on(one) for one in self.box)


class _Memory:
    """What controls say, by their XML: a box is written in two ways, whoever the candidate."""

    def __init__(self) -> None:
        self._tags: dict[bytes, str] = {}
        self._marks: dict[bytes, Mark] = {}

    def tag(self, control: Element, written: bytes) -> str:
        """The tag of a control."""
        known = self._tags.get(written)
        if known is None:
            known = wml.tag_of(control)
            if _BOX in written:  # other controls hold texts, which do not come back
                if len(self._tags) >= _REMEMBERED:
                    self._tags.clear()
                self._tags[written] = known
        return known

    def mark(self, control: Element, written: bytes) -> Mark:
        """The mark of a control that is a box."""
        known = self._marks.get(written)
        if known is None:
            if len(self._marks) >= _REMEMBERED:
                self._marks.clear()
            known = self._marks[written] = _mark(_controlled(control), DocxKind.CONTROL)
        return known


#: How many controls are remembered; twice the boxes of a guide, and room for a second one.
_REMEMBERED = 1024
_BOX = b":checkbox>"
_memory = _Memory()


class _Part:
    """A part with its controls by tag and its bookmarks by name."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._controls: dict[str, list[Element]] = {}
        self._written: dict[Element, bytes] = {}
        for control in list(wml.all_words(root, "sdt")):
            written = etree.tostring(control, with_tail=False)
            tag = _memory.tag(control, written)
            self._written[control] = written
            if tag.startswith(wml.OWN_TAG):
                parent = control.getparent()
                if parent is not None:
                    # Our own mention on the cover: without it paths are those of the blank.
                    parent.remove(control)
            elif tag:
                self._controls.setdefault(tag, []).append(control)
        self._bookmarks: dict[str, Element] | None = None

    def mark(self, key: str, locator: DocxLocator) -> Mark | None:
        """A box's mark, ``None`` when it cannot be found."""
        if locator.kind in _FIELD_KINDS:
            return self._form_checkbox(locator)
        if locator.kind in _CONTROL_KINDS:
            tag = locator.target if locator.kind is DocxKind.CONTROL else key
            match self._controls.get(tag):
                case [control] if control in self._written:
                    return _memory.mark(control, self._written[control])
        stretches = self._find(key, locator)
        if not stretches:
            return None
        marks = {_mark(one, locator.kind) for one in stretches}
        return marks.pop() if len(marks) == 1 else Mark.DOUBTFUL

    def text(self, key: str, locator: DocxLocator) -> str | None:
        """An area's text, ``None`` when it cannot be found."""
        if locator.kind in _FIELD_KINDS:
            return self._form_text(locator)
        stretches = self._find(key, locator)
        if not stretches:
            return None
        first = stretches[0]
        if first.placeholder:
            return ""
        if locator.kind in (DocxKind.LEADER, DocxKind.GLYPH) and not first.controlled:
            return after_label(first.text)
        return area(first.text)

    def _find(self, key: str, locator: DocxLocator) -> list[_Stretch]:
        """By tag, then by the bookmark of our own blanks, then by path."""
        tag = locator.target if locator.kind is DocxKind.CONTROL else key
        controls = self._controls.get(tag, [])
        if controls:
            return [_controlled(one) for one in controls]
        mark = self._bookmark(key)
        if mark is not None:
            return [_bookmarked(mark)]
        if locator.kind is DocxKind.CONTROL:
            return []
        element = wml.find_path(self._root, locator.target)
        if element is None:
            return []
        if locator.kind in (DocxKind.TEXT_BOX, DocxKind.DRAWING):
            return [_Stretch([one]) for one in renderings(element)]
        if locator.kind in (DocxKind.GLYPH, DocxKind.LEADER):
            return [_Stretch(rest(element, locator.offset, locator.kind))]
        if wml.is_word(element, "sdt"):
            return [_controlled(element)]
        return [_Stretch([element])]

    def _bookmark(self, key: str) -> Element | None:
        if self._bookmarks is None:
            self._bookmarks = {
                wml.attribute(one, "name") or "": one
                for one in wml.all_words(self._root, "bookmarkStart")
            }
        return self._bookmarks.get(wml.bookmark_name(key))

    def _form_checkbox(self, locator: DocxLocator) -> Mark | None:
        element = wml.find_path(self._root, locator.target)
        box = next(wml.all_words(element, "checkBox"), None) if element is not None else None
        if box is None:
            return None
        checked = wml.child(box, "checked")
        shown = checked if checked is not None else wml.child(box, "default")
        return Mark.ON if wml.is_on(shown) else Mark.OFF

    def _form_text(self, locator: DocxLocator) -> str | None:
        element = wml.find_path(self._root, locator.target)
        begin = next(wml.all_words(element, "ffData"), None) if element is not None else None
        mark = begin.getparent() if begin is not None else None
        return area(result(self._root, mark)) if mark is not None else None


_FIELD_KINDS = frozenset({DocxKind.FORM_CHECKBOX, DocxKind.FORM_TEXT})
_CONTROL_KINDS = frozenset({DocxKind.CONTROL, DocxKind.CONTROL_AT})


def _controlled(control: Element) -> _Stretch:
    content = wml.child(control, "sdtContent")
    return _Stretch(list(content) if content is not None else [], control)


def _bookmarked(start: Element) -> _Stretch:
    """What stands between a bookmark's start and end; its control may be around or inside."""
    parent = start.getparent()
    if parent is not None and wml.is_word(parent, "sdtContent"):
        control = parent.getparent()
        if control is not None:
            return _controlled(control)
    number = wml.attribute(start, "id")
    inside: list[Element] = []
    for one in start.itersiblings():
        if wml.is_word(one, "bookmarkEnd") and wml.attribute(one, "id") == number:
            break
        inside.append(one)
    controls = [one for one in inside if wml.is_word(one, "sdt")]
    return _controlled(controls[0]) if len(controls) == 1 else _Stretch(inside)


def _mark(stretch: _Stretch, kind: DocxKind) -> Mark:
    text = stretch.text
    if kind in (DocxKind.CELL, DocxKind.DRAWING):
        return cell_mark(text)
    if kind in _CONTROL_KINDS:
        return control_mark(stretch.flag, stretch.box, text, stretch.elements)
    found = glyph_mark(text, font_in(stretch.elements))
    return Mark.DOUBTFUL if found is None else found
