"""What a DOCX has otherwise than its blank, the answers aside.

Word and LibreOffice rewrite a document when they save it: runs are split, styles renamed, tags and
relationships numbered anew. What is compared is therefore what a reader sees, line by line: the
text of the body, of the headers, footers and notes, with what is struck out, what is as pale as
paper, and what is drawn. How it looks otherwise is not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.alterations import DRAFT, Alteration, OwnMarks, alteration, plan_shown
from cqp_forms.docx import wml
from cqp_forms.docx.compare.text import headings, invitations, lines_of, pale_runs
from cqp_forms.docx.opc import open_docx, read_member
from cqp_forms.docx.stamp.stamper import Stamper
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import MAIN_PART, DocxKind, DocxMapping
from cqp_forms.plan import Edition
from cqp_forms.shown import Shown

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: The parts beside the body that a reader sees, by the name of their root (ECMA-376-1, 11.3).
_BESIDE = {
    "hdr": "en-tête",
    "ftr": "pied de page",
    "footnotes": "notes de bas de page",
    "endnotes": "notes de fin",
    "comments": "commentaires Word",
}
_STYLES = "word/styles.xml"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text as it is compared, and where it stands."""

    text: str
    where: str = ""


def alterations(
    document: bytes,
    blank: bytes,
    mapping: DocxMapping,
    guide: Guide,
    shown: Shown,
    marks: OwnMarks,
) -> tuple[Alteration, ...]:
    """Everything that the document has otherwise than the blank filled with what it shows.

    Args:
        document: issued, perhaps saved again by Word or LibreOffice.
        blank: what it was made from, with its mapping.
        guide: names the criteria.
        shown: what reading the document gave.
        marks: the edition's own mentions, which are no alterations.

    Raises:
        DocumentError: the document cannot be read.
    """
    # Filling the blank with what the document shows leaves, as differences, what is no answer.
    filled = Stamper(blank, mapping, guide).stamp(
        plan_shown(guide, shown), Edition(title="", issued_at=_EPOCH)
    )
    expected, found = _Reading(filled, guide), _Reading(document, guide)
    # LibreOffice keeps the text of an invitation to type, and forgets that it is one.
    invited = expected.invitations()
    body = [one for one in found.body() if one.text not in invited]
    return (
        *_body(expected.body(), body, marks),
        *_beside(expected.beside(), found.beside(), marks),
    )


def likeness(document: bytes, blank: bytes, guide: Guide) -> float:
    """How much of the blank's text the document has: 0 to 1.

    Raises:
        DocumentError: the document cannot be read.
    """
    expected = {one.text for one in _Reading(blank, guide).body()}
    found = {one.text for one in _Reading(document, guide).body()}
    return len(expected & found) / len(expected) if expected else 1.0


def box_order(blank: bytes, mapping: DocxMapping, guide: Guide) -> tuple[str, ...]:
    """The placements of the body's tick boxes, in the order of the document.

    Raises:
        DocumentError: the blank cannot be read.
    """
    root = _Reading(blank, guide).tree(MAIN_PART)
    rank = {element: number for number, element in enumerate(root.iter())}
    tagged = {wml.tag_of(one): one for one in wml.all_words(root, "sdt")}
    found: list[tuple[int, int, str]] = []
    for one in guide.placements_of(PlacementKind.TICK_BOX):
        locator = mapping.locators[one.id]
        by_tag = locator.kind is DocxKind.CONTROL
        element = tagged.get(locator.target) if by_tag else wml.find_path(root, locator.target)
        if element is not None and locator.part == MAIN_PART:
            found.append((rank[element], locator.offset, one.id))
    return tuple(key for _, _, key in sorted(found))


class _Reading:
    """The lines of one document."""

    def __init__(self, document: bytes, guide: Guide) -> None:
        self._archive = open_docx(document, [MAIN_PART])
        self._guide = guide

    def tree(self, name: str) -> Element:
        """A part, parsed."""
        try:
            return wml.parse(read_member(self._archive, name))
        except etree.XMLSyntaxError as problem:
            raise DocumentError(
                f"la partie « {name} » du document est abîmée.",
                remedy="Reprenez le document d’origine.",
            ) from problem

    def _styles(self) -> Element | None:
        return self.tree(_STYLES) if _STYLES in self._archive.namelist() else None

    def body(self) -> list[_Line]:
        """The lines of the body, in order."""
        titles = headings(self._styles())
        is_pale = pale_runs(self._styles())
        heading = ""
        found: list[_Line] = []
        for paragraph in wml.all_words(self.tree(MAIN_PART), "p"):
            lines = list(lines_of(paragraph, is_pale))
            if titles(paragraph) and lines:
                heading = lines[0]
            where = self._where(paragraph, heading)
            found.extend(_Line(normal, where) for one in lines if (normal := _normal(one)))
        return found

    def invitations(self) -> set[str]:
        """What the controls without an answer invite to type."""
        return {normal for one in invitations(self.tree(MAIN_PART)) if (normal := _normal(one))}

    def _where(self, paragraph: Element, heading: str) -> str:
        row = next((one for one in paragraph.iterancestors() if wml.is_word(one, "tr")), None)
        parts = [heading or "couverture"]
        if row is not None:
            tags = (wml.tag_of(one) for one in wml.all_words(row, "sdt"))
            known = (self._guide.placements.get(one) for one in tags)
            field_id = next((one.field_id for one in known if one), "")
            parts.append(f"ligne de {field_id}" if field_id else "dans un tableau")
        return ", ".join(parts)

    def beside(self) -> dict[str, set[str]]:
        """The lines of the other parts, by the name of their root."""
        found: dict[str, set[str]] = {name: set() for name in _BESIDE}
        is_pale = pale_runs(self._styles())
        for name in self._archive.namelist():
            if not (name.startswith("word/") and name.endswith(".xml") and name.count("/") == 1):
                continue
            root = self.tree(name)
            if wml.local(root) in _BESIDE:
                lines = (one for p in wml.all_words(root, "p") for one in lines_of(p, is_pale))
                found[wml.local(root)].update(normal for one in lines if (normal := _normal(one)))
        return found


#: Signs of a tick box: reading has told their state.
_BOXES = str.maketrans(dict.fromkeys("☐☑☒✓✔✗✘■□❏❐❑❒", "□"))


def _normal(text: str) -> str:
    """A line as it is compared: spaces of every kind are one, boxes are alike."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_BOXES).split())


def _body(
    expected: Sequence[_Line], found: Sequence[_Line], marks: OwnMarks
) -> Iterator[Alteration]:
    matcher = SequenceMatcher(
        None, [one.text for one in expected], [one.text for one in found], autojunk=False
    )
    covered = False
    for action, start, end, first, last in matcher.get_opcodes():
        if action == "equal":
            continue
        before, after = list(expected[start:end]), list(found[first:last])
        if start == 0 and after and marks.is_cover(after[0].text):
            # The mention stands at the top of the cover, before anything of the blank's.
            covered = True
            after = after[1:]
        where = expected[min(start, len(expected) - 1)].where if expected else ""
        yield from _changed(before, after, where)
    if marks.corrected and not covered:
        yield alteration("couverture", "mention de la version effacée ou modifiée")


def _changed(before: list[_Line], after: list[_Line], where: str) -> Iterator[Alteration]:
    """Pair what went with what came, the most alike first; the rest went or came alone."""
    left = list(after)
    for one in before:
        twin = max(left, key=lambda two: _likeness(one.text, two.text), default=None)
        if twin is not None and _likeness(one.text, twin.text) > 0.5:
            left.remove(twin)
            yield alteration(one.where, "texte modifié", one.text, twin.text)
        else:
            yield alteration(one.where, "texte supprimé", one.text)
    for two in left:
        yield alteration(where, "texte ajouté", after=two.text)


def _likeness(one: str, two: str) -> float:
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def _beside(
    expected: dict[str, set[str]], found: dict[str, set[str]], marks: OwnMarks
) -> Iterator[Alteration]:
    notes = [one for one in found["hdr"] if marks.is_margin(one)]
    if marks.corrected and not notes:
        yield alteration("marge", "mention de la version effacée ou modifiée")
    for kind, title in _BESIDE.items():
        own = {one for one in found[kind] if kind == "hdr" and _is_own(one, marks)}
        gone = sorted(expected[kind] - found[kind])
        come = sorted(found[kind] - expected[kind] - own)
        yield from _changed(_as_lines(gone, title), _as_lines(come, title), title)


def _is_own(text: str, marks: OwnMarks) -> bool:
    return marks.is_margin(text) or (marks.draft and text == DRAFT)


def _as_lines(texts: Iterable[str], where: str) -> list[_Line]:
    return [_Line(one, where) for one in texts]
