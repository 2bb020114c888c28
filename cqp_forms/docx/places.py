"""Whether the places read in a DOCX are those that were meant.

A mapping may name a place by its path. An editor that saves a document again adds, drops or joins
paragraphs and runs: the path then leads elsewhere, and what stands there is another field's answer,
or a label. A place is proved by the wording around it, which must be that of the blank filled with
what the document shows. Places found by a tag or by a bookmark of ours need no proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from cqp_forms.alterations import plan_shown
from cqp_forms.docx import wml
from cqp_forms.docx.container import open_docx, read_member
from cqp_forms.docx.places_text import Text, after, before, compact, is_wording
from cqp_forms.docx.stamp import Stamper
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import DocxKind, DocxLocator, DocxMapping
from cqp_forms.plan import Edition
from cqp_forms.shown import Shown

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Above this share of the places to prove, the document as a whole has shifted.
_SHIFTED = 0.25
#: Fewer places than this are named one by one, whatever their share.
_FEW = 6
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_OFFSETS = frozenset({DocxKind.GLYPH, DocxKind.LEADER})


def displaced(
    document: bytes, blank: bytes, mapping: DocxMapping, guide: Guide, shown: Shown
) -> tuple[str, ...]:
    """The boxes and areas that cannot be proved to be where the blank has them.

    Args:
        document: as it was read.
        blank: what it was made from, with its mapping.
        shown: what reading the document gave.

    Returns:
        Placement ids, in the guide's order; none for a document with controls only.

    Raises:
        DocumentError: so many places have moved that nothing of the document can be trusted.
    """
    if all(one.kind is DocxKind.CONTROL for one in mapping.locators.values()):
        return ()
    names = sorted({one.part for one in mapping.locators.values()})
    found = _parts(document, names, mapping)
    doubtful = [one for one in guide.placements.values() if _is_read(one.kind)]
    by_path = [one.id for one in doubtful if _needs_proof(one.id, mapping, found)]
    if not by_path:
        return ()
    plan = plan_shown(guide, shown)
    filled = Stamper(blank, mapping, guide).stamp(plan, Edition(title="", issued_at=_EPOCH))
    meant = _parts(filled, names, mapping)
    moved = [one for one in by_path if not _is_proved(one, mapping.locators[one], meant, found)]
    if len(moved) >= _FEW and len(moved) > _SHIFTED * len(by_path):
        raise DocumentError(
            f"les places ont bougé dans ce document : {len(moved)} cases et zones sur "
            f"{len(by_path)} ne sont plus là où le document vierge les a ; il a sans doute été "
            "enregistré par un autre logiciel.",
            remedy="Remplissez la fiche à la main, ou corrigez le document émis dans Word ; "
            "sinon, refaites la correspondance : cqp-forms map DOCUMENT.",
        )
    return tuple(moved)


def _is_read(kind: PlacementKind) -> bool:
    return kind is not PlacementKind.SIGNATURE_AREA


def _needs_proof(key: str, mapping: DocxMapping, parts: dict[str, _Part]) -> bool:
    locator = mapping.locators.get(key)
    if locator is None or locator.kind is DocxKind.CONTROL:
        return False
    part = parts.get(locator.part)
    return part is None or not part.names(key)


def _is_proved(
    key: str, locator: DocxLocator, meant: dict[str, _Part], found: dict[str, _Part]
) -> bool:
    own, other = meant.get(locator.part), found.get(locator.part)
    if own is None or other is None:
        return False
    expected, actual = own.setting(key, locator), other.setting(key, locator)
    if expected is None or actual is None or expected.own != actual.own:
        return False
    # Wording that stands once in both documents can be nowhere else.
    if any(one in own.unique and one in other.unique for one in expected.words):
        return True
    if own.preceding(expected.start) != other.preceding(actual.start, own.unique):
        return False
    return bool(expected.words) or own.following(expected.end) == other.following(actual.end)


def _parts(document: bytes, names: Iterable[str], mapping: DocxMapping) -> dict[str, _Part]:
    with open_docx(document) as archive:
        there = set(archive.namelist())
        return {
            name: _Part(
                wml.parse(read_member(archive, name)),
                {key: one for key, one in mapping.locators.items() if one.part == name},
            )
            for name in names
            if name in there
        }


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stands around a place.

    Attributes:
        own: the wording of its row and of its paragraph, and where the place is among it.
        words: the parts of it that say something; none for a place under its label.
        start, end: where the row or the paragraph begins and ends.
    """

    own: tuple[str | int, ...]
    words: tuple[str, ...]
    start: int
    end: int


class _Part:
    """A part, its answers masked."""

    def __init__(self, root: Element, locators: dict[str, DocxLocator]) -> None:
        controls: dict[str, list[Element]] = {}
        for one in list(wml.all_words(root, "sdt")):
            tag, parent = wml.tag_of(one), one.getparent()
            if tag.startswith(wml.OWN_TAG) and parent is not None:
                # Our own mention on the cover: without it paths are those of the blank.
                parent.remove(one)
            elif tag:
                controls.setdefault(tag, []).append(one)
        marks = {wml.attribute(one, "name") for one in wml.all_words(root, "bookmarkStart")}
        # A paragraph that was copied takes its control along: which one is meant, no one knows.
        self._twice = {key for key in locators if _times(controls.get(key, ())) > 1}
        self._named = {
            key for key in locators if key in controls or wml.bookmark_name(key) in marks
        }
        self._places: dict[str, Element] = {}
        masked: list[Element] = []
        offsets: dict[Element, dict[int, DocxKind]] = {}
        for key, locator in locators.items():
            tag = locator.target if locator.kind is DocxKind.CONTROL else key
            masked.extend(controls.get(tag, ()))
            if key in self._named or locator.kind is DocxKind.CONTROL:
                continue
            place = wml.find_path(root, locator.target)
            if place is not None:
                self._places[key] = place
                if locator.kind in _OFFSETS:
                    offsets.setdefault(place, {})[locator.offset] = locator.kind
                else:
                    masked.append(place)
        # A place of the blank may be found by its tag there, and by its path after an editor.
        for key in self._named:
            if controls.get(key):
                self._places[key] = controls[key][0]
        self._text = Text(root, masked, offsets)

    def names(self, key: str) -> bool:
        """Whether a placement is found by its tag or its bookmark, and by one only."""
        return key in self._named and key not in self._twice

    @cached_property
    def _lines(self) -> list[tuple[int, str]]:
        return [(rank, text) for rank, text in self._text.lines() if is_wording(text)]

    @cached_property
    def unique(self) -> frozenset[str]:
        """The lines that stand once in the part."""
        counted = Counter(text for _, text in self._lines)
        return frozenset(text for text, times in counted.items() if times == 1)

    def preceding(self, start: int, unique: frozenset[str] | None = None) -> Sequence[str]:
        """The wording before a place, back to the nearest that stands once in the blank."""
        known = self.unique if unique is None else unique
        found: list[str] = []
        for rank, text in reversed(self._lines):
            if rank < start:
                found.append(text)
                if text in known:
                    break
        return found

    def following(self, end: int) -> str:
        """The first wording after a place."""
        return next((text for rank, text in self._lines if rank > end), "")

    def setting(self, key: str, locator: DocxLocator) -> _Setting | None:
        """What stands around a placement; ``None`` when it cannot be found."""
        place = self._places.get(key)
        if place is None or key in self._twice:
            return None
        text = self._text
        by_offset = locator.kind in _OFFSETS and wml.is_word(place, "p")
        host = place if by_offset else _above(place, "p")
        sides: list[str] = []
        if host is not None:
            at = text.at_offset(host, locator.offset) if by_offset else text.at(place)
            tokens = text.tokens(host)
            # What follows a line to write on is the answer.
            sides = [before(tokens, at)]
            if locator.kind is not DocxKind.LEADER:
                sides.append(after(tokens, at))
        row = _above(place, "tr")
        cells = text.cells(row) if row is not None else []
        unit = row if row is not None else host if host is not None else place
        words = tuple(one for one in _words(sides, cells, text, host) if is_wording(one))
        rank = text.column(row, place) if row is not None else 0
        return _Setting((rank, *sides, "|", *cells), words, *text.span(unit))


def _times(controls: Sequence[Element]) -> int:
    """How many controls there are; those in the other rendering of a shape are no more."""
    fallback = wml.qn("mc:Fallback")
    return sum(all(up.tag != fallback for up in one.iterancestors()) for one in controls)


def _words(
    sides: Sequence[str], cells: Sequence[str], text: Text, host: Element | None
) -> Iterator[str]:
    if host is not None and any(is_wording(compact(one)) for one in sides):
        yield text.line(host)
    yield from cells


def _above(element: Element, name: str) -> Element | None:
    return next((one for one in element.iterancestors() if wml.is_word(one, name)), None)
