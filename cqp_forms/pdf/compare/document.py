"""What a PDF has otherwise than its blank, the answers aside, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

import pikepdf
from pikepdf import Name

from cqp_forms.alterations import Alteration, OwnMarks, alteration
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.compare.annex import annex_alterations
from cqp_forms.pdf.compare.annotations import added_annotations
from cqp_forms.pdf.compare.fields import contradictions
from cqp_forms.pdf.compare.page import Line, PageView, fingerprint, view
from cqp_forms.pdf.opening import opened
from cqp_forms.pdf.page import Drawing, Pages, StreamMemo, TextRun
from cqp_forms.pdf.read.marks import is_own_mark
from cqp_forms.shown import Shown

_Items: TypeAlias = "list[Drawing | TextRun]"

#: How far a line may move before that is told, in points.
_MOVED = 4.0
#: A criterion is named when it is no farther from a line than this, in points.
_NEAR = 40.0
#: More drawings than this on a page are counted, not listed.
_MANY = 4
#: From this lightness on, ink is not seen on white paper.
_PAPER = 0.99


def alterations(
    document: bytes,
    blank: bytes,
    mapping: PdfMapping,
    guide: Guide,
    shown: Shown,
    marks: OwnMarks,
) -> tuple[Alteration, ...]:
    """Everything that the document has otherwise than its blank, what fills a placement aside.

    Args:
        document: issued, filled by hand, or edited.
        blank: what it was made from, with its mapping.
        guide: names the criteria.
        shown: what reading the document gave; the annex may say nothing else.
        marks: the edition's own mentions, which are no alterations.

    Raises:
        DocumentError: the document cannot be read.
    """
    with opened(document) as pdf, opened(blank) as model:
        found = tuple(_Comparison(pdf, model, mapping, guide, marks).run(shown))
    told = "le champ montre autre chose que sa valeur"
    return found + tuple(
        alteration(f"page {one.page}, {one.name}", told, value, seen)
        for one, value, seen in contradictions(document, mapping, shown)
    )


@dataclass
class _Document:
    """The pages of one document, annotations left out."""

    pdf: pikepdf.Pdf

    def __post_init__(self) -> None:
        self.annotations = [list(page.obj.get(Name.Annots, [])) for page in self.pdf.pages]
        for page in self.pdf.pages:
            if Name.Annots in page.obj:
                del page.obj[Name.Annots]
        self._pages = Pages(self.pdf, StreamMemo())

    @property
    def total(self) -> int:
        return len(self.pdf.pages)

    def items(self, number: int) -> _Items:
        return self._pages.items(number)

    def rotation(self, number: int) -> int:
        return self._pages.view(number).rotate

    def box(self, number: int) -> tuple[float, ...]:
        page = self.pdf.pages[number]
        return tuple(float(one) for one in page.cropbox)


class _Comparison:
    """Two documents side by side."""

    def __init__(
        self,
        pdf: pikepdf.Pdf,
        blank: pikepdf.Pdf,
        mapping: PdfMapping,
        guide: Guide,
        marks: OwnMarks,
    ) -> None:
        self.document, self.expected = _Document(pdf), _Document(blank)
        self._mapping, self._guide, self._marks = mapping, guide, marks
        self._places: dict[int, dict[str, Rect]] = {}
        self._boxes: dict[int, list[PdfLocator]] = {}
        for key, locator in mapping.locators.items():
            self._places.setdefault(locator.page - 1, {})[key] = locator.rect
            placement = guide.placements.get(key)
            if placement is not None and placement.kind is PlacementKind.TICK_BOX:
                self._boxes.setdefault(locator.page - 1, []).append(locator)
        self._printed: dict[int, _Items] = {}

    def blank_view(self, number: int) -> PageView:
        """A page of the blank."""
        items = self._blank_items(number)
        printed = frozenset(fingerprint(one) for one in items)
        return view(items, self.expected.rotation(number), {}, printed, OwnMarks(1))

    def document_view(self, number: int) -> PageView | None:
        """The same page of the document, ``None`` when it has none."""
        if number >= self.document.total:
            return None
        printed = frozenset(fingerprint(one) for one in self._blank_items(number))
        places = self._places.get(number, {})
        items, rotate = self.document.items(number), self.document.rotation(number)
        return view(items, rotate, places, printed, self._marks)

    def _blank_items(self, number: int) -> _Items:
        if number not in self._printed:
            boxes = self._boxes.get(number, ())
            self._printed[number] = [
                item
                for item in self.expected.items(number)
                # The mark of a box that comes ticked is no print: it was taken away.
                if not any(is_own_mark(item, one.rect, one.kind) for one in boxes)
                and not any(_is_unseen_in(item, one.rect) for one in boxes)
            ]
        return self._printed[number]

    def run(self, shown: Shown) -> Iterator[Alteration]:
        """Every alteration, page after page."""
        for number in range(self.expected.total):
            found = self.document_view(number)
            if found is None:
                yield alteration(f"page {number + 1}", "page manquante")
                continue
            yield from self._page(number, self.blank_view(number), found)
        numbers = range(self.expected.total, self.document.total)
        pages = [self.document.items(number) for number in numbers]
        yield from annex_alterations(pages, self.expected.total, shown, self._guide, self._marks)
        places = {
            key: (one.page, one.rect, one.name) for key, one in self._mapping.locators.items()
        }
        for page, rect, what, said in added_annotations(
            self.document.annotations, self.expected.annotations, places, self._guide
        ):
            yield alteration(self._where(page, (rect.y0 + rect.y1) / 2), what, after=said)

    def _page(self, number: int, expected: PageView, found: PageView) -> Iterator[Alteration]:
        page = number + 1
        turned = self.document.rotation(number) != self.expected.rotation(number)
        boxes = zip(self.document.box(number), self.expected.box(number), strict=True)
        if turned or any(abs(one - two) > 1 for one, two in boxes):
            yield alteration(f"page {page}", "page recadrée ou tournée")
        yield from self._lines(page, expected.lines, found.lines)
        yield from self._drawings(page, expected, found)
        if self._marks.corrected and not found.margin:
            yield alteration(f"page {page}", "mention de la version effacée ou modifiée")
        if self._marks.corrected and page == 1 and not found.cover:
            yield alteration("couverture", "mention de la version effacée ou modifiée")

    def _lines(
        self, page: int, expected: Sequence[Line], found: Sequence[Line]
    ) -> Iterator[Alteration]:
        matcher = SequenceMatcher(
            None, [one.text for one in expected], [one.text for one in found], autojunk=False
        )
        for action, start, end, first, last in matcher.get_opcodes():
            before, after = expected[start:end], found[first:last]
            if action == "equal":
                for one, two in zip(before, after, strict=True):
                    if abs(one.y - two.y) > _MOVED:
                        yield alteration(self._where(page, one.y), "texte déplacé", one.text)
                continue
            for one, two in zip(before, after, strict=False):
                yield alteration(self._where(page, one.y), "texte modifié", one.text, two.text)
            for one in before[len(after) :]:
                yield alteration(self._where(page, one.y), "texte effacé ou couvert", one.text)
            for two in after[len(before) :]:
                yield alteration(self._where(page, two.y), "texte ajouté", after=two.text)

    def _drawings(self, page: int, expected: PageView, found: PageView) -> Iterator[Alteration]:
        come = [
            (kind, Rect(*box))
            for kind, *box in found.drawings - expected.drawings
            if not self._is_frame(page, Rect(*box))
        ]
        gone = [(kind, Rect(*box)) for kind, *box in expected.drawings - found.drawings]
        for drawings, what in ((come, "ajouté"), (gone, "effacé")):
            # A document printed anew draws everything otherwise: that is one thing to tell.
            if len(drawings) > _MANY:
                yield alteration(f"page {page}", f"{len(drawings)} dessins {what}s")
                continue
            for kind, box in drawings:
                size = f"{kind} de {box.width:.0f} × {box.height:.0f} points"
                where = self._where(page, box.centre[1])
                told = ("", size) if what == "ajouté" else (size, "")
                yield alteration(where, f"dessin {what}", *told)

    def _is_frame(self, page: int, box: Rect) -> bool:
        """Whether a drawing is the frame of a form field that was made flat."""
        return any(
            max(
                abs(rect.x0 - box.x0), abs(rect.y0 - box.y0),
                abs(rect.x1 - box.x1), abs(rect.y1 - box.y1),
            ) < 2.5
            for rect in self._places.get(page - 1, {}).values()
        )  # fmt: skip

    def _where(self, page: int, y: float) -> str:
        """« page 7, près de c1.2.3 »."""
        near = [
            (abs(sum((rect.y0, rect.y1)) / 2 - y), key)
            for key, rect in self._places.get(page - 1, {}).items()
        ]
        distance, key = min(near, default=(_NEAR + 1, ""))
        if distance > _NEAR:
            return f"page {page}"
        return f"page {page}, près de {self._guide.placements[key].field_id}"


def _is_unseen_in(item: Drawing | TextRun, rect: Rect) -> bool:
    """Whether an item is text in a box that nobody sees: it too may have been taken away."""
    if not isinstance(item, TextRun) or item.light < _PAPER:
        return False
    return rect.contains((item.x + item.end_x) / 2, (item.y + item.end_y) / 2 + item.size / 3)
