"""Read what a DOCX shows, from the document alone: as we issued it, or changed and saved since.

A placement is found by the tag of its control, else by the bookmark of our own blanks, else by the
wording around it: by nothing that saving the document again changes. Nothing of what stamps is used
here but the mapping, the names and the opening of the archive, so that reading back proves
something.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from cqp_forms.docx import wml
from cqp_forms.docx.opc import Package, open_package
from cqp_forms.docx.read.content import (
    after_label,
    area,
    cell_mark,
    control_mark,
    font_in,
    glyph_mark,
    text_of,
)
from cqp_forms.docx.read.stream import BOX, PARAGRAPH, Found, Rigour, Stream, stream_of
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.limits import PAYLOAD_BYTES
from cqp_forms.mapping import MAIN_PART, DocxKind, DocxLocator, DocxMapping
from cqp_forms.plan import Trail
from cqp_forms.shown import Mark, Shown

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def read(document: bytes, mapping: DocxMapping, guide: Guide, blank: bytes) -> Shown:
    """What the document shows.

    Args:
        document: stamped by us, filled by hand, or saved again by Word or LibreOffice.
        mapping: of the blank that it came from, ``blank``.
        guide: has boxes, areas and signatures.

    Returns:
        Each box's mark and each area's text; a placement that has no sure place in the document is
        gone, with the reason. A box whose flag and sign disagree is doubtful. A remark where
        controls are lost and what they held was read by its wording.

    Raises:
        DocumentError: not a DOCX, encrypted, or damaged.
    """
    package = open_package(document)
    marks: dict[str, Mark] = {}
    texts: dict[str, str] = {}
    gone: dict[str, str] = {}
    printed: dict[str, str] = {}
    worded = 0
    for name in dict.fromkeys(one.part for one in mapping.locators.values()):
        locators = {
            key: one
            for key, one in mapping.locators.items()
            if one.part == name and key in guide.placements
        }
        part = _part(package, name, locators, blank)
        for key in locators:
            kind = guide.placements[key].kind
            if kind is PlacementKind.SIGNATURE_AREA:
                continue
            if part is None:
                gone[key] = f"la partie « {name} » n’est plus dans le document"
            elif reason := part.missing(key):
                gone[key] = reason
            elif kind is PlacementKind.TICK_BOX:
                marks[key] = part.mark(key)
            else:
                texts[key] = part.text(key)
                if not texts[key] and (there := part.printed(key)):
                    printed[key] = there
            worded += part is not None and part.is_worded(key)
    return Shown(marks, texts, gone=gone, remarks=_remarks(worded), printed=printed)


def _part(
    package: Package, name: str, locators: Mapping[str, DocxLocator], blank: bytes
) -> _Part | None:
    there = package.main if name == MAIN_PART else name
    if there not in package.names:
        return None
    part = _Part(package.tree(there), locators, _printed(blank, name))
    if part.untagged:
        original = open_package(blank)
        root = original.tree(original.main if name == MAIN_PART else name)
        part.find_by_wording(stream_of(root, locators))
    return part


@lru_cache(maxsize=8)
def _printed(blank: bytes, name: str) -> Mapping[str, str]:
    """What the tagged controls of a blank's part hold before anything is answered, by tag."""
    package = open_package(blank)
    there = package.main if name == MAIN_PART else name
    root = package.tree(there) if there in package.names else None
    controls = wml.all_words(root, "sdt") if root is not None else ()
    return {
        tag: one.text
        for control in controls
        if (tag := wml.tag_of(control)) and not (one := _controlled(control)).placeholder
    }


def _remarks(worded: int) -> tuple[Finding, ...]:
    if not worded:
        return ()
    return (
        finding(
            Code.READ_BY_WORDING,
            Severity.WARNING,
            "ce document a perdu des contrôles de contenu, ou sa structure a changé : "
            f"{worded} de ses cases et zones sont lues d’après le texte qui les entoure.",
            "Comparez la fiche avec le document avant de l’émettre.",
        ),
    )


def read_payload(document: bytes) -> bytes | None:
    """The answers that were embedded at issue; ``None`` when the document carries none.

    Raises:
        DocumentError: not a DOCX, encrypted, or damaged.
    """
    package = open_package(document)
    for name in package.names:
        if not name.startswith("customXml/") or not name.endswith(".xml"):
            continue
        content = package.content(name)
        if len(content) > PAYLOAD_BYTES or wml.PAYLOAD.encode() not in content:
            continue
        root = package.tree(name)
        if root.tag == f"{{{wml.PAYLOAD}}}reponses":
            return (root.text or "").encode()
    return None


def read_trail(document: bytes) -> Trail | None:
    """What the custom properties say of the document's making; ``None`` when they say nothing.

    Raises:
        DocumentError: not a DOCX, encrypted, or damaged.
    """
    package = open_package(document)
    if wml.CUSTOM_PROPERTIES not in package.names:
        return None
    root = package.tree(wml.CUSTOM_PROPERTIES)
    return Trail.of_properties(
        {
            name.removeprefix(wml.TRAIL): "".join(child.text or "" for child in one)
            for one in root
            if (name := one.get("name", "")).startswith(wml.TRAIL)
        }
    )


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
        return wml.is_checked(self.box)


class _Part:
    """A part of a document, and where the placements of the mapping are in it.

    Attributes:
        untagged: the placements that neither a control nor a bookmark names.
    """

    def __init__(
        self, root: Element, locators: Mapping[str, DocxLocator], printed: Mapping[str, str]
    ) -> None:
        self._root = root
        self._printed = printed
        self._locators = locators
        self._controls: dict[str, list[Element]] = {}
        for control in wml.all_words(root, "sdt"):
            if tag := wml.tag_of(control):
                self._controls.setdefault(tag, []).append(control)
        self._bookmarks: dict[str, Element] = {
            wml.attribute(one, "name") or "": one for one in wml.all_words(root, "bookmarkStart")
        }
        self._named = {key: named for key in locators if (named := self._by_name(key))}
        self.untagged = [
            key for key in locators if key not in self._named and not self._tagged(key)
        ]
        self._found: dict[str, Found] = {}

    @cached_property
    def _stream(self) -> Stream:
        return stream_of(self._root)

    def find_by_wording(self, blank: Stream) -> None:
        """Look for what has no name by the wording of the blank's same part."""
        # Documents that lost controls or bookmarks alone need it.
        from cqp_forms.docx.read.align import align

        self._found = {
            key: found
            for key, found in align(blank, self._stream).items()
            if key in self.untagged and self._holds(key, found)
        }

    def _holds(self, key: str, found: Found) -> bool:
        """Whether a place holds something, or what an empty control of the blank does.

        Where a control went with all that it held, nothing says that it held no answer.
        """
        shown = self._shown(found)
        if self._locators[key].kind is not DocxKind.CONTROL or shown.strip():
            return True
        return bool(found.original) and found.original in shown

    def missing(self, key: str) -> str:
        """Why a placement is not read; empty when it is."""
        if key in self._named or key in self._found:
            return ""
        if self._tagged(key):
            return "son contrôle est en double dans le document"
        if self._locators[key].kind is DocxKind.CONTROL:
            return "son contrôle a disparu du document, et le texte autour de lui a changé"
        return "sa place n’est plus dans le document, ou n’y est plus sûre"

    def is_worded(self, key: str) -> bool:
        """Whether a placement was read by its wording although something else should name it."""
        found = self._found.get(key)
        if found is None or key in self._named:
            return False
        return self._locators[key].kind is DocxKind.CONTROL or found.rigour > Rigour.EXACT

    def mark(self, key: str) -> Mark:
        """A box's mark."""
        kind = self._locators[key].kind
        if stretches := self._named.get(key):
            marks = {_mark(one, kind) for one in stretches}
            return marks.pop() if len(marks) == 1 else Mark.DOUBTFUL
        found, stream = self._found[key], self._stream
        places = range(found.start, found.end)
        boxes = [at for at in places if stream.signs[at] == BOX]
        if any(at in stream.torn for at in range(found.start - 1, found.end)):
            return Mark.DOUBTFUL
        text = self._shown(found)
        if len(boxes) == 1 and len(_compact(text)) <= 1:
            return stream.marks.get(boxes[0], Mark.DOUBTFUL)
        if kind in (DocxKind.CELL, DocxKind.DRAWING):
            return cell_mark(text)
        return glyph_mark(text) or Mark.DOUBTFUL

    def text(self, key: str) -> str:
        """An area's text."""
        line = self._locators[key].kind in (DocxKind.LEADER, DocxKind.GLYPH)
        if stretches := self._named.get(key):
            first = stretches[0]
            if first.placeholder or first.text == self._printed.get(self._locators[key].target):
                return ""
            return after_label(first.text) if line and not first.controlled else area(first.text)
        found = self._found[key]
        text = self._shown(found)
        if found.rigour > Rigour.EXACT:
            text = text.strip()
        if _compact(text) == _compact(found.original):
            return ""
        return after_label(text) if line else area(text)

    def printed(self, key: str) -> str:
        """What an area shows when that is what the blank prints there; else nothing."""
        if stretches := self._named.get(key):
            first = stretches[0]
            same = first.text == self._printed.get(self._locators[key].target)
            return first.text if same and not first.placeholder else ""
        found = self._found[key]
        same = _compact(self._shown(found)) == _compact(found.original)
        return area(found.original) if same else ""

    def _shown(self, found: Found) -> str:
        signs, shown = self._stream.signs, self._stream.shown
        return "".join(
            "\n" if signs[at] == PARAGRAPH else shown[at] for at in range(found.start, found.end)
        )

    def _tagged(self, key: str) -> list[Element]:
        """The controls that a placement's tag names, those that repeat a drawing put aside."""
        locator = self._locators[key]
        tag = locator.target if locator.kind is DocxKind.CONTROL else key
        return [one for one in self._controls.get(tag, []) if not _is_fallback(one)]

    def _by_name(self, key: str) -> list[_Stretch]:
        """What a placement's tag names, else its bookmark; one place, in both its renderings."""
        tagged = self._tagged(key)
        if len(tagged) == 1:
            return [_controlled(one) for one in self._controls[wml.tag_of(tagged[0])]]
        mark = self._bookmarks.get(wml.bookmark_name(key))
        return [_bookmarked(mark)] if mark is not None and not tagged else []


_CONTROL_KINDS = frozenset({DocxKind.CONTROL, DocxKind.CONTROL_AT})


def _is_fallback(element: Element) -> bool:
    """Whether it repeats what stands in ``mc:Choice``."""
    return any(one.tag == wml.qn("mc:Fallback") for one in element.iterancestors())


def _compact(text: str) -> str:
    return "".join(text.split())


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
