"""Read a PDF guide back: what it shows at each placement, from the document alone.

Shares nothing with the stamper but the mapping, so that one cannot hide a fault of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import pikepdf
from lxml import etree
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.opening import opened
from cqp_forms.pdf.read.items import Mark as Painted
from cqp_forms.pdf.read.items import Run
from cqp_forms.pdf.read.marks import Signature, is_own_mark, mark_of, may_mark, signature
from cqp_forms.pdf.read.pages import Memory, Pages, Places, Settled
from cqp_forms.pdf.read.text import Passage, annexes_of, may_write, text_of
from cqp_forms.pdf.read.widgets import FormFields
from cqp_forms.plan import Trail
from cqp_forms.shown import Mark, Shown

_PAYLOAD = "reponses.json"
#: The namespace of this program's own properties in XMP.
NAMESPACE = "urn:cqp-forms:xmp:1.0/"
_XMP_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
#: Blanks whose reading is kept at hand; a program deals with one or two.
_READERS = 4
#: What is remembered about a page; a guide's has a few dozen boxes.
_NOTES = 512
_NOTHING: frozenset[Signature] = frozenset()


def read(document: bytes, mapping: PdfMapping, guide: Guide, blank: bytes | None = None) -> Shown:
    """Read what a document shows.

    Form fields are read from their widgets; drawn boxes and flat text from the page. Text that goes
    on in the annex is put together again.

    Args:
        document: a PDF made from the mapped blank: stamped, filled by hand, or edited.
        mapping: where the placements lie.
        guide: what they are.
        blank: the blank itself; what it shows is then never taken for an answer. Without it, frames
            and rules are told by their shape.

    Raises:
        DocumentError: not a PDF, or protected with a password.
    """
    reader = _reader(mapping, guide)
    printed: Mapping[str, frozenset[Signature]] = {}
    if blank is not None:
        printed = reader.printed(blank)
    return reader.read(document, printed)


def read_payload(document: bytes) -> bytes | None:
    """The embedded answers (``reponses.json``), ``None`` when the document has none.

    Raises:
        DocumentError: not a PDF, or protected with a password.
    """
    with opened(document) as pdf:
        names = pdf.Root.get(Name.Names)
        if not isinstance(names, Dictionary):
            return None
        for name, specification in _named(names.get(Name.EmbeddedFiles)):
            files = specification.get(Name.EF) if isinstance(specification, Dictionary) else None
            if name == _PAYLOAD and isinstance(files, Dictionary):
                stream = files.get(Name.F)
                return stream.read_bytes() if isinstance(stream, pikepdf.Stream) else None
    return None


def read_trail(document: bytes) -> Trail | None:
    """What the document's XMP says of its making; ``None`` when it says nothing.

    Raises:
        DocumentError: not a PDF, or protected with a password.
    """
    with opened(document) as pdf:
        metadata = pdf.Root.get(Name.Metadata)
        if not isinstance(metadata, pikepdf.Stream):
            return None
        try:
            packet = etree.fromstring(metadata.read_bytes(), _XMP_PARSER)
        except etree.XMLSyntaxError:
            return None
    own = f"{{{NAMESPACE}}}"
    return Trail.of_properties(
        {
            one.tag.removeprefix(own): one.text or ""
            for one in packet.iter(f"{own}*")
            if isinstance(one.tag, str)
        }
    )


def _named(node: Object | None, depth: int = 0) -> Iterator[tuple[str, Object]]:
    """The entries of a name tree (ISO 32000-2, 7.9.6)."""
    if not isinstance(node, Dictionary) or depth > 16:
        return
    names = node.get(Name.Names)
    if isinstance(names, Array):
        for rank in range(0, len(names) - 1, 2):
            yield str(names[rank]), names[rank + 1]
    for kid in node.get(Name.Kids, []):
        yield from _named(kid, depth + 1)


@dataclass
class _Reader:
    """What reading needs of a mapping, made once."""

    mapping: PdfMapping
    kinds: Mapping[str, PlacementKind]
    locators: Mapping[str, PdfLocator]
    pages: Mapping[int, Mapping[str, Rect]]
    words: Mapping[str, str]
    scope: int
    memory: Memory = field(default_factory=Memory)
    _by_page: dict[tuple[int, int], Places] = field(default_factory=dict)
    _printed: tuple[bytes, Mapping[str, frozenset[Signature]]] | None = None

    def printed(self, blank: bytes) -> Mapping[str, frozenset[Signature]]:
        """What the blank shows at each place, its form fields aside."""
        if self._printed is None or self._printed[0] != blank:
            with opened(blank) as pdf:
                pages = Pages(pdf, self.memory)
                found: dict[str, frozenset[Signature]] = {}
                for number in self.pages:
                    if number < pages.total:
                        settled, new = self._page(pages, number)
                        for key in {*settled.by_place, *new}:
                            items = settled.by_place.get(key, []) + new.get(key, [])
                            found[key] = self._print(items, key)
            self._printed = blank, found
        return self._printed[1]

    def _print(self, items: Iterable[Painted | Run], key: str) -> frozenset[Signature]:
        """What is no answer of what a blank shows at a place."""
        if self.kinds[key] is PlacementKind.TICK_BOX:
            rect, kind = self.locators[key].rect, self.locators[key].kind
            items = [one for one in items if not is_own_mark(one, rect, kind)]
        return frozenset(map(signature, items))

    def read(self, document: bytes, printed: Mapping[str, frozenset[Signature]]) -> Shown:
        """Read a document."""
        ticks: dict[str, Mark] = {}
        texts: dict[str, str] = {}
        with opened(document) as pdf:
            widgets = FormFields(pdf)
            drawn: dict[str, PdfLocator] = {}
            for key, locator in self.locators.items():
                widget = widgets.find(locator) if locator.kind is PdfKind.WIDGET else None
                if widget is None:
                    drawn[key] = locator
                elif self.kinds[key] is PlacementKind.TICK_BOX:
                    ticks[key] = widgets.tick_of(widget)
                else:
                    texts[key] = widget.text
            if drawn:
                self._drawn(Pages(pdf, self.memory), drawn, printed, ticks, texts)
        return Shown(ticks, texts, self.words)

    def _drawn(
        self,
        pages: Pages,
        drawn: Mapping[str, PdfLocator],
        printed: Mapping[str, frozenset[Signature]],
        ticks: dict[str, Mark],
        texts: dict[str, str],
    ) -> None:
        """Read what is on the pages themselves."""
        numbers = {one.page - 1 for one in drawn.values()}
        shown = {number: self._page(pages, number) for number in numbers if number < pages.total}
        annexes = self._annexes(pages)
        for key, locator in drawn.items():
            # A page that the document does not have shows nothing, not even an empty box.
            if locator.page > pages.total:
                continue
            settled, new = shown[locator.page - 1]
            blank = printed.get(key, _NOTHING)
            if self.kinds[key] is PlacementKind.TICK_BOX:
                ticks[key] = self._mark(locator, key, settled, new.get(key, ()), blank)
            else:
                items = [*settled.by_place.get(key, ()), *new.get(key, ())]
                rotate = pages.rotation(locator.page - 1)
                texts[key] = text_of(items, annexes, rotate, blank) if items else ""

    def _mark(
        self,
        locator: PdfLocator,
        key: str,
        settled: Settled,
        new: Sequence[Painted | Run],
        blank: frozenset[Signature],
    ) -> Mark:
        items = (*settled.by_place.get(key, ()), *new)
        if any(isinstance(one, Run) for one in new):
            return mark_of(items, locator.rect, locator.kind, blank)
        # The same items give the same mark, if told from the same blank.
        told = key, tuple(new)
        note = settled.notes.get(told)
        if note is None or note[0] is not blank:
            if len(settled.notes) >= _NOTES:
                settled.notes.clear()
            mark = mark_of(items, locator.rect, locator.kind, blank)
            note = settled.notes[told] = blank, mark
        return note[1]

    def _page(self, pages: Pages, number: int) -> tuple[Settled, Mapping[str, list[Painted | Run]]]:
        """What a page shows at its places: what other documents show too, and what is new."""
        rotate = pages.rotation(number)
        places = self._places(number, self.pages[number], rotate)
        settled, found = pages.page(number, places, (self.scope, number, rotate))
        new: dict[str, list[Painted | Run]] = {}
        for item, touched in found:
            for key in touched:
                new.setdefault(key, []).append(item)
        return settled, new

    def _places(self, number: int, rects: Mapping[str, Rect], rotate: int) -> Places:
        known = self._by_page.get((number, rotate))
        if known is None:

            def wanted(item: Painted | Run, key: str) -> bool:
                if self.kinds[key] is PlacementKind.TICK_BOX:
                    return may_mark(item, rects[key])
                return may_write(item, rects[key], rotate)

            known = self._by_page[number, rotate] = Places(rects, wanted)
        return known

    def _annexes(self, pages: Pages) -> dict[int, Passage]:
        """The annex, from the pages that no placement is on."""
        everything = Places({})
        found: list[list[Painted | Run]] = []
        for number in range(pages.total):
            if number not in self.pages:
                settled, new = pages.page(number, everything, "all")
                # Most are the blank's own, the same in every document.
                if new or settled.tagged:
                    found.append([item for item, _ in settled.items + new])
        return annexes_of(found)


_readers: dict[int, _Reader] = {}
_scopes = count()


def _reader(mapping: PdfMapping, guide: Guide) -> _Reader:
    """The reader of a mapping, kept for the next document."""
    known = _readers.get(id(mapping))
    # The reader holds its mapping: while it does, no other can have its identity.
    if known is not None and known.mapping is mapping:
        return known
    kinds = {
        key: one.kind
        for key, one in guide.placements.items()
        if one.kind is not PlacementKind.SIGNATURE_AREA
    }
    locators = {key: one for key, one in mapping.locators.items() if key in kinds}
    by_page: dict[int, dict[str, Rect]] = {one.page - 1: {} for one in mapping.locators.values()}
    for key, locator in locators.items():
        by_page[locator.page - 1][key] = locator.rect
    words = {key: f"page {one.page}" for key, one in mapping.locators.items()}
    made = _Reader(mapping, kinds, locators, dict(sorted(by_page.items())), words, next(_scopes))
    while len(_readers) >= _READERS:
        _readers.pop(next(iter(_readers)))
    _readers[id(mapping)] = made
    return made
