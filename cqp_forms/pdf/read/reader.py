"""Read a PDF guide back: what it shows at each placement, from the document alone.

Shares nothing with the stamper but the mapping, so that one cannot hide a fault of the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pikepdf

from cqp_forms import limits
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect, even_cells
from cqp_forms.pdf.geometry import IDENTITY, View
from cqp_forms.pdf.opening import opened
from cqp_forms.pdf.page import Drawing, Item, Pages, Painting, Places, StreamMemo, TextRun
from cqp_forms.pdf.read.marks import Signature, is_own_mark, mark_of, may_mark, signature
from cqp_forms.pdf.read.recognise import (
    Copy,
    GuidePages,
    Recognised,
    page_remarks,
    page_text,
    refuse_other,
)
from cqp_forms.pdf.read.text import (
    AnnexTexts,
    Comb,
    LostTextError,
    annex_of,
    is_annex,
    may_write,
    text_of,
)
from cqp_forms.pdf.widgets import Widget, by_name, widget_for, widgets_of
from cqp_forms.shown import Mark, Shown

#: Blanks whose reading is kept at hand; a program deals with one or two.
_READERS = 4
#: A page with an image over more than this part of it, and no text, is a scan.
_SCANNED = 0.5
_NOTHING: frozenset[Signature] = frozenset()


def read(document: bytes, mapping: PdfMapping, guide: Guide, blank: bytes | None = None) -> Shown:
    """Read what a document shows.

    Each page is first recognised by its own text. Form fields are read from their widgets; drawn
    boxes and flat text from the page. Text that goes on in the annex is put together again.

    Args:
        document: a PDF made from the mapped blank: stamped, filled by hand, or edited.
        mapping: where the placements lie.
        guide: what they are.
        blank: the blank itself; what it shows is then never taken for an answer. Without it, pages
            are taken in order, and frames and rules are told by their shape.

    Raises:
        DocumentError: not a PDF, protected with a password, larger than any guide, or without a
            page of the guide that can be read.
    """
    reader = _reader(mapping, guide)
    expected = None if blank is None else reader.blank(blank)
    with opened(document) as pdf:
        return _Reading(reader, pdf, expected).run()


def in_place(document: bytes, mapping: PdfMapping, guide: Guide, blank: bytes) -> float:
    """How much of a blank's text stands at its very place in a document: 0 to 1.

    Tells two blanks of the same wording apart, which are laid out otherwise.

    Raises:
        DocumentError: not a PDF, or protected with a password.
    """
    expected = _reader(mapping, guide).blank(blank).pages.pages
    with opened(document) as pdf:
        pages = Pages(pdf, StreamMemo())
        total = min(pages.total, limits.PDF_PAGES)
        found = [page_text(pages.items(number)).placed for number in range(total)]
    there = sum(max((len(one.placed & other) for other in found), default=0) for one in expected)
    return there / max(1, sum(len(one.placed) for one in expected))


@dataclass(frozen=True)
class _Blank:
    """What reading needs of a blank.

    Attributes:
        printed: what it shows at each place, its form fields aside.
        views: how its pages are seen.
        combs: the places that are cells of one character, with the middle of each.
        values: what text fields say, and what they show, before anything is answered.
    """

    content: bytes
    pages: GuidePages
    views: Sequence[View]
    printed: Mapping[str, frozenset[Signature]]
    combs: Mapping[str, tuple[float, ...]]
    values: Mapping[str, frozenset[str]]


@dataclass
class _Reader:
    """What reading needs of a mapping, made once.

    Attributes:
        rects: of the placements, by page from 0.
    """

    mapping: PdfMapping
    kinds: Mapping[str, PlacementKind]
    locators: Mapping[str, PdfLocator]
    rects: Mapping[int, Mapping[str, Rect]]
    words: Mapping[str, str]
    memo: StreamMemo = field(default_factory=StreamMemo)
    _places: dict[tuple[int, int], Places] = field(default_factory=dict)
    _blank: _Blank | None = None

    def blank(self, content: bytes) -> _Blank:
        """Take in the blank, or find it taken in."""
        if self._blank is None or self._blank.content != content:
            self.memo.learning = True
            with opened(content) as pdf:
                pages = Pages(pdf, self.memo)
                views = [pages.view(number) for number in range(pages.total)]
                printed: dict[str, list[Item]] = {}
                texts = []
                for number, view in enumerate(views):
                    rects = tuple(self.rects.get(number, {}).values())
                    texts.append(page_text(pages.items(number), lambda one: _outside(one, rects)))  # noqa: B023
                    for item, touched in pages.at(number, self.places(number, view.rotate)):
                        for key in touched:
                            printed.setdefault(key, []).append(item)
                named = by_name(widgets_of(pdf))
                held = {key: widget for key, one in self.locators.items()
                        if (widget := widget_for(one, named))}  # fmt: skip
                combs = {key: one.cells for key, one in self.locators.items() if one.cells}
                combs |= {key: even_cells(one.cells) for key, one in held.items() if one.cells}
                values = {key: self._values(one, pages, views[one.page - 1].rotate)
                          for key, one in held.items()
                          if self.kinds[key] is PlacementKind.TEXT_AREA}  # fmt: skip
                empty = {key: frozenset(map(signature, pages.look(one.annotation)))
                         for key, one in held.items()
                         if self.kinds[key] is PlacementKind.TICK_BOX
                         and one.mark is Mark.OFF}  # fmt: skip
            self.memo.learning = False
            prints = {key: self._print(items, key) for key, items in printed.items()}
            # What an empty box draws is no mark, wherever in its field it stands.
            prints |= {key: prints.get(key, _NOTHING) | look for key, look in empty.items()}
            self._blank = _Blank(content, GuidePages(texts), views, prints, combs, values)
        return self._blank

    def _values(self, widget: Widget, pages: Pages, rotate: int) -> frozenset[str]:
        """What a text field of the blank says, and what it shows, when that is no answer."""
        if not widget.may_print:
            return frozenset()
        runs = [one for one in pages.look(widget.annotation) if may_write(one, widget.rect, rotate)]
        comb = Comb(widget.rect, even_cells(widget.cells)) if widget.cells and not rotate else None
        return frozenset((widget.text, text_of(runs, AnnexTexts(), rotate, comb=comb))) - {""}

    def _print(self, items: Iterable[Item], key: str) -> frozenset[Signature]:
        """What is no answer of what a blank shows at a place."""
        if self.kinds[key] is PlacementKind.TICK_BOX:
            rect, kind = self.locators[key].rect, self.locators[key].kind
            items = [one for one in items if not is_own_mark(one, rect, kind)]
        return frozenset(map(signature, items))

    def places(self, number: int, rotate: int) -> Places:
        """The places of a page of the guide, from 0."""
        known = self._places.get((number, rotate))
        if known is None:
            rects = {key: self.locators[key].rect for key in self.rects.get(number, ())
                     if key in self.locators}  # fmt: skip

            def wanted(item: Item, key: str) -> bool:
                if self.kinds[key] is PlacementKind.TICK_BOX:
                    return may_mark(item, rects[key])
                return may_write(item, rects[key], rotate)

            known = self._places[number, rotate] = Places(rects, wanted)
        return known


@dataclass
class _Read:
    """What one copy of a page shows."""

    ticks: dict[str, Mark] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)

    def text(self, key: str, text: str, values: Collection[str]) -> None:
        """Take in what an area shows; what the blank has there is no answer by itself."""
        if text in values:
            self.printed[key] = text
            text = ""
        self.texts[key] = text


class _Reading:
    """The reading of one document."""

    def __init__(self, reader: _Reader, pdf: pikepdf.Pdf, blank: _Blank | None) -> None:
        self._reader, self._blank = reader, blank
        self._pages = Pages(pdf, reader.memo)
        if self._pages.total > limits.PDF_PAGES:
            raise DocumentError(
                f"ce PDF a {self._pages.total} pages.", remedy="Donnez le guide, et lui seul."
            )
        self._widgets = by_name(widgets_of(pdf))
        self._annexes: dict[int, list[Item]] = {}
        self._pictures: set[int] = set()
        self._recognised = self._recognise()
        self._has_form = any(
            one.kind is PdfKind.WIDGET and one.name in self._widgets
            for one in reader.locators.values()
        )

    def run(self) -> Shown:
        """Read every page of the guide, in each of its copies."""
        reader, recognised = self._reader, self._recognised
        total = len(self._blank.views) if self._blank else max(reader.rects, default=-1) + 1
        annex = annex_of(self._annexes.values(), total + 1) if self._annexes else AnnexTexts()
        whole = _Read()
        for page, rects in reader.rects.items():
            keys = [key for key in rects if key in reader.locators]
            copies = recognised.copies.get(page, ())
            if not any(one.matrix for one in copies):
                whole.gone.update(dict.fromkeys(keys, self._why_gone(page)))
                continue
            reads = [self._page(page, one, keys, annex) for one in copies if one.matrix]
            _join(whole, reads, f"page {page + 1} en double, les exemplaires diffèrent")
        if self._blank is None:
            return Shown(whole.ticks, whole.texts, reader.words, whole.gone)
        turned = {
            one.number
            for page, several in recognised.copies.items()
            for one in several
            if one.matrix != IDENTITY
            or self._pages.view(one.number).rotate != self._blank.views[page].rotate
        }
        remarks = page_remarks(recognised, total, self._pictures, turned)
        return Shown(whole.ticks, whole.texts, reader.words, whole.gone, remarks, whole.printed)

    def _recognise(self) -> Recognised:
        total = self._pages.total
        if self._blank is None:
            for number in range(max(self._reader.rects, default=-1) + 1, total):
                self._see_annex(number)
            return Recognised({number: (Copy(number),) for number in range(total)})
        guide = self._blank.pages
        count = len(guide.pages)
        rest = [self._see_annex(number) for number in range(count, total)]
        if all(rest) and guide.as_issued(
            [self._pages.own_wording(number) for number in range(min(count, total))]
        ):
            return Recognised({number: (Copy(number),) for number in range(count)})
        texts, annex = [], []
        for number in range(total):
            items = self._annexes.get(number) or self._pages.items(number)
            texts.append(page_text(items))
            annex.append(number in self._annexes or self._see_annex(number))
            if self._is_picture(items, number):
                self._pictures.add(number)
        found = guide.recognise(texts, annex)
        refuse_other(found, self._pictures, total)
        return found

    def _see_annex(self, number: int) -> bool:
        items = self._pages.items(number)
        if found := is_annex(items):
            self._annexes[number] = items
        return found

    def _is_picture(self, items: Iterable[Item], number: int) -> bool:
        page = self._pages.view(number).crop
        covered = 0.0
        for one in items:
            if isinstance(one, TextRun) and one.text.strip() and one.light < 1:
                return False
            if isinstance(one, Drawing) and one.painting is Painting.IMAGE:
                covered += (one.x1 - one.x0) * (one.y1 - one.y0)
        return covered >= _SCANNED * page.width * page.height

    def _why_gone(self, page: int) -> str:
        if page in self._recognised.copies:
            return f"page {page + 1} mise en page autrement"
        for options in self._recognised.undecided.values():
            if page in options:
                either = " ou ".join(str(one + 1) for one in options)
                return f"page {either}, rien ne dit laquelle"
        return f"page {page + 1} absente"

    def _page(self, page: int, copy: Copy, keys: Iterable[str], annex: AnnexTexts) -> _Read:
        """Read one copy of a page of the guide."""
        assert copy.matrix is not None
        reader, found = self._reader, _Read()
        drawn = []
        for key in keys:
            locator = reader.locators[key]
            widget = None
            if self._has_form and locator.kind is PdfKind.WIDGET:
                widget = widget_for(locator, self._widgets, copy.number + 1, copy.matrix)
                if widget is None:
                    found.gone[key] = f"champ « {locator.name} » absent de la page {page + 1}"
                    continue
            if widget is None:
                drawn.append(key)
            elif reader.kinds[key] is PlacementKind.TICK_BOX:
                found.ticks[key] = widget.mark
            elif widget.outside_list:
                found.gone[key] = f"« {widget.text} » n’est pas dans la liste du champ"
            else:
                found.text(key, widget.text, self._values(key))
        if drawn:
            self._drawn(page, copy, drawn, annex, found)
        return found

    def _values(self, key: str) -> Collection[str]:
        return self._blank.values.get(key, ()) if self._blank else ()

    def _drawn(
        self, page: int, copy: Copy, keys: Iterable[str], annex: AnnexTexts, found: _Read
    ) -> None:
        """Read what is on the page itself."""
        reader = self._reader
        view = self._blank.views[page] if self._blank else self._pages.view(copy.number)
        shown: dict[str, list[Item]] = {}
        places = reader.places(page, view.rotate)
        for item, touched in self._pages.at(copy.number, places, copy.matrix or IDENTITY):
            for key in touched:
                shown.setdefault(key, []).append(item)
        for key in keys:
            locator, items = reader.locators[key], shown.get(key, ())
            printed = self._blank.printed.get(key, _NOTHING) if self._blank else _NOTHING
            if reader.kinds[key] is PlacementKind.TICK_BOX:
                found.ticks[key] = mark_of(items, locator.rect, locator.kind, printed)
                continue
            cells = self._blank.combs.get(key, ()) if self._blank else ()
            comb = Comb(locator.rect, cells) if cells and not view.rotate else None
            try:
                text = text_of(items, annex, view.rotate, printed, comb) if items else ""
                found.text(key, text, self._values(key))
            except LostTextError as lost:
                found.gone[key] = str(lost)


def _join(whole: _Read, reads: Sequence[_Read], differ: str) -> None:
    """Take what all copies of a page show alike; what they do not is in doubt."""
    first, *others = reads
    whole.gone.update(first.gone)
    for key, tick in first.ticks.items():
        same = all(one.ticks.get(key) is tick for one in others)
        whole.ticks[key] = tick if same else Mark.DOUBTFUL
    for key, text in first.texts.items():
        printed = first.printed.get(key)
        if all((one.texts.get(key), one.printed.get(key)) == (text, printed) for one in others):
            whole.texts[key] = text
            if printed is not None:
                whole.printed[key] = printed
        else:
            whole.gone[key] = differ


def _outside(run: TextRun, rects: Iterable[Rect]) -> bool:
    """Whether a run of the blank is outside all places: no answer can hide it."""
    return not any(one.contains(run.x, run.y, 2.0) for one in rects)


_readers: dict[int, _Reader] = {}


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
    rects: dict[int, dict[str, Rect]] = {}
    for key, locator in sorted(mapping.locators.items(), key=lambda one: one[1].page):
        rects.setdefault(locator.page - 1, {})[key] = locator.rect
    words = {key: f"page {one.page}" for key, one in mapping.locators.items()}
    made = _Reader(mapping, kinds, locators, rects, words)
    while len(_readers) >= _READERS:
        _readers.pop(next(iter(_readers)))
    _readers[id(mapping)] = made
    return made
