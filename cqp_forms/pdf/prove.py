"""Prove a PDF by making it again: each page as a viewer shows it, beside its twin's.

PDFium decides what is seen, not what this program makes of a page's content: what covers, hides or
imitates a mark is a difference like any other. What cannot be seen is compared too: the text that
is copied, and what :mod:`cqp_forms.pdf.extras` knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import pikepdf
from PIL import Image

from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.extras import acts_and_carries, added_annotations, field_names
from cqp_forms.pdf.geometry import View
from cqp_forms.pdf.opening import opened
from cqp_forms.pdf.raster import Picture, Raster, RenderedParts, TextLine, count, regions
from cqp_forms.plan import Tick
from cqp_forms.proof import Alteration, Closeness, OwnMarks, Proof, Twin, alteration

#: Levels of a colour, of 255, from which a difference is seen; the rounding of a document that was
#: saved again stays below. Another rendering may set a line a fraction of a pixel elsewhere.
_SEEN = {Closeness.SAME: 14, Closeness.LOOSE: 90}
#: So many pixels may differ by the rounding of edges alone.
_NOISE = {Closeness.SAME: 0, Closeness.LOOSE: 12}
#: How far the ink of an answer or a signature may reach out of its place, in points.
_SPILL = 2.5
#: So much along the edge of a field belongs to its frame, in points.
_EDGE = 1.5
#: Of a box's side: how much of its edge belongs to its frame.
_INSET = 0.22
#: A mark of another hand has at least this share of the ink of ours, and an empty box this at most.
_MARKED, _CLEAN = 0.3, 0.004
#: The ink of one text, set in two fonts, differs by no more than this factor.
_INKED = 3.5
#: A criterion is named when it is no farther from a difference than this, in points.
_NEAR = 40.0
#: A signature area shows something from this share of its points on: a short initial is more.
_WRITTEN = 0.001
#: More differences than this on one page are counted, not listed.
_MANY = 6
#: From this share of a page on, the page as a whole is another.
_WHOLE = 0.5
#: Below this share of common text, two pages are not the same page.
_ALIKE = 0.6


def prove(document: bytes, twin: Twin, mapping: PdfMapping, guide: Guide) -> Proof:
    """Compare a document with its twin.

    Args:
        document: issued, filled by hand, signed or edited.
        twin: stamped from what was read in it.
        mapping, guide: where the places are and what they are, to name what differs.

    Raises:
        DocumentError: the document cannot be read or rendered.
    """
    with Raster(document) as pages, Raster(twin.content) as models:
        if document == twin.content:
            return Proof(pages=len(pages))
        work = _Work(pages, models, twin, mapping, guide)
        with opened(document) as pdf, opened(twin.content) as model:
            work.compare(pdf, model)
        return work.proof()


def _words(text: str) -> Counter[str]:
    return Counter(text.split())


@dataclass(frozen=True)
class _Place:
    """A placement on a page, its rectangles in user space and upright."""

    key: str
    locator: PdfLocator
    kind: PlacementKind
    rect: Rect
    live: bool
    by_hand: bool


@dataclass
class _Work:
    """What is found while the pages are compared."""

    pages: Raster
    models: Raster
    twin: Twin
    mapping: PdfMapping
    guide: Guide
    found: list[Alteration] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    seen: int = 0
    noted: bool = False
    signed: list[str] = field(default_factory=list)

    def compare(self, pdf: pikepdf.Pdf, model: pikepdf.Pdf) -> None:
        """Everything, page after page."""
        texts = [self.pages.text(number) for number in range(len(self.pages))]
        expected = [self.models.text(number) for number in range(len(self.models))]
        furthest = -1
        for page, twin in _paired(texts, expected):
            if page is not None and twin is not None and page < furthest:
                self._tell(page, f"page déplacée : c’est la page {twin + 1} du guide")
            furthest = max(furthest, page if twin is not None and page is not None else -1)
            if page is None and twin is not None:
                self._tell(twin, "page manquante")
            elif twin is None and page is not None:
                self._tell(page, "page ajoutée", after=_first_line(texts[page]))
            elif page is not None and twin is not None:
                self.seen += 1
                _Page(self, page, twin, pdf.pages[page], model.pages[twin]).compare()
        self.found.extend(acts_and_carries(pdf, model))

    def _tell(self, number: int, what: str, after: str = "") -> None:
        self.found.append(alteration(f"page {number + 1}", what, after=after))

    def proof(self) -> Proof:
        """All that was found."""
        unseen = []
        if self.twin.closeness is Closeness.LOOSE:
            unseen.append(
                "ce document a été dessiné par une autre version du programme, ou réenregistré par "
                "un autre logiciel : ses cases, ses textes et le document vierge sont comparés, "
                "non chaque trait"
            )
        if self.noted:
            unseen.append("les mentions de version qu’il porte ne sont pas comparées")
        return Proof(tuple(self.found), tuple(unseen), self.seen, self.pictures, tuple(self.signed))


class _Page:
    """A page beside its twin."""

    def __init__(
        self, work: _Work, number: int, twin: int, page: pikepdf.Page, model: pikepdf.Page
    ) -> None:
        self._work, self._number, self._twin = work, number, twin
        self._page, self._model = page, model
        self._closeness = work.twin.closeness
        self._view: View = work.models.view(twin)
        self._places = list(self._places_here())
        self._framed: list[Rect] = []

    def _places_here(self) -> Iterator[_Place]:
        live = set(field_names(self._model))
        for key, locator in self._work.mapping.locators.items():
            if locator.page != self._twin + 1 or key not in self._work.guide.placements:
                continue
            kind = self._work.guide.placements[key].kind
            stays = locator.name in live
            by_hand = self._closeness is Closeness.LOOSE or stays
            yield _Place(key, locator, kind, self._view.rect(locator.rect), stays, by_hand)

    @property
    def _signing(self) -> list[Rect]:
        return [
            one.locator.rect for one in self._places if one.kind is PlacementKind.SIGNATURE_AREA
        ]

    def compare(self) -> None:
        """All that the page shows, holds and does otherwise."""
        work = self._work
        filled = [one.locator.rect for one in self._places if one.by_hand]
        for rect, what, said in added_annotations(self._page, self._model, filled, self._signing):
            self._tell(self._view.rect(rect), what, after=said)
        if not self._same_shape():
            work.found.append(alteration(f"page {self._number + 1}", "page recadrée ou tournée"))
            return
        page, model = work.pages.picture(self._number), work.models.picture(self._twin)
        texts = list(self._texts())
        if page != model:
            mask = page.difference(model, _SEEN[self._closeness])
            self._clear_aside(mask, page)
            self._placements(mask, page, model)
            self._rest(mask, page, model, texts)
        for before, after in texts:
            self._copied(before, after)
        if self._framed:
            name = f"page-{self._number + 1:02d}.png"
            work.pictures[name] = page.beside(model, self._framed)

    def _same_shape(self) -> bool:
        sizes = self._work.pages.size(self._number), self._work.models.size(self._twin)
        same = all(abs(one - two) < 0.5 for one, two in zip(*sizes, strict=True))
        return same and self._work.pages.view(self._number).rotate == self._view.rotate

    def _clear_aside(self, mask: Image.Image, page: Picture) -> None:
        """Leave out what may differ: signatures; mentions of the version that are not known."""
        for one in self._places:
            if one.kind is PlacementKind.SIGNATURE_AREA:
                inner = mask.crop(page.box(_grown(self._view.rect(one.locator.rect), -_SPILL)))
                if count(inner) > _WRITTEN * inner.width * inner.height:
                    self._work.signed.append(one.key)
                _clear(mask, page, _grown(self._view.rect(one.locator.rect)))
        if self._closeness is Closeness.SAME:
            return
        for raster, number in (
            (self._work.pages, self._number), (self._work.models, self._twin),
        ):  # fmt: skip
            for rect in _notes(list(raster.lines(number)), self._view):
                self._work.noted = True
                _clear(mask, page, _grown(rect, 12.0))

    def _placements(self, mask: Image.Image, page: Picture, model: Picture) -> None:
        """The boxes and areas that show something else."""
        under: Image.Image | None = None
        for one in self._places:
            if one.kind is PlacementKind.SIGNATURE_AREA:
                continue
            box = page.box(_grown(one.rect, 1.0))
            pixels = count(mask.crop(box))
            if not pixels:
                continue
            mask.paste(0, box)
            if one.by_hand and self._closeness is Closeness.SAME:
                # A viewer fills fields in its own way; it leaves the page under them as it is.
                under = under or self._content()
                if count(under.crop(box)):
                    self._tell(one.rect, "la page a changé sous le champ", placement=one.key)
                    continue
            if one.kind is PlacementKind.TICK_BOX:
                self._box(one, page, model, pixels)
            else:
                self._area(one, page, model)

    def _content(self) -> Image.Image:
        """Where the page differs, its fields and annotations aside."""
        page = self._work.pages.picture(self._number, paint=RenderedParts.CONTENT)
        model = self._work.models.picture(self._twin, paint=RenderedParts.CONTENT)
        return page.difference(model, _SEEN[self._closeness])

    def _box(self, one: _Place, page: Picture, model: Picture, pixels: int) -> None:
        on = self._work.twin.plan.ticks.get(one.key) is Tick.ON
        inset = _INSET * min(one.rect.width, one.rect.height)
        inner = _grown(one.rect, -inset)
        ours, theirs = model.darkness(inner), page.darkness(inner)
        if one.by_hand:
            changed = count(page.difference(model, 90).crop(page.box(inner)))
            total = max(1.0, inner.width * inner.height * page.scale**2)
            if theirs >= _MARKED * ours if on else changed <= _CLEAN * total:
                return
        before = "cochée" if on else "non cochée"
        after = f"encre sur {theirs:.0%} de la case au lieu de {ours:.0%}".replace("%", " %")
        if abs(theirs - ours) < 0.01:
            after = f"{pixels} points de l’image diffèrent"
        self._tell(one.rect, "la case montre autre chose", before, after, one.key)

    def _area(self, one: _Place, page: Picture, model: Picture) -> None:
        rect, plan = one.locator.rect, self._work.twin.plan
        expected = plan.texts.get(one.key, "")
        seen = self._work.pages.text_in(self._number, _grown(rect, 1.0))
        if one.by_hand:
            ours = self._work.models.text_in(self._twin, _grown(rect, 1.0))
            ink, other = model.darkness(one.rect), page.darkness(one.rect)
            inked = ink <= _INKED * other + 0.002 and other <= _INKED * ink + 0.002
            if one.live and not expected and page.lacks(model, _grown(one.rect, -_EDGE)):
                # The text of fields is not among the page's.
                self._tell(one.rect, "ce que le champ imprime a disparu", placement=one.key)
                return
            if _compact(seen) in (_compact(ours), _compact(expected or ours)) and inked:
                return
        what = "la zone montre autre chose"
        if one.by_hand and self._closeness is Closeness.SAME:
            what = "le champ montre autre chose que sa valeur"
        self._tell(one.rect, what, expected, " ".join(seen.split()), one.key)

    def _rest(
        self,
        mask: Image.Image,
        page: Picture,
        model: Picture,
        texts: list[tuple[TextLine | None, TextLine | None]],
    ) -> None:
        """What differs outside the places."""
        if count(mask) <= _NOISE[self._closeness]:
            return
        found = [page.rect(box) for box in regions(mask)]
        area = sum(one.width * one.height for one in found)
        width, height = self._view.size
        if len(found) > _MANY or area > _WHOLE * width * height:
            whole = _around(found)
            self._framed.extend(found if len(found) <= _MANY else [whole])
            what = "la page est tout autre" if area > _WHOLE * width * height else (
                f"{len(found)} endroits de la page diffèrent"
            )  # fmt: skip
            self._work.found.append(alteration(f"page {self._number + 1}", what))
            return
        for rect in found:
            told = [one for one in texts if any(self._touches(line, rect) for line in one if line)]
            for one in told:
                texts.remove(one)
            self._region(rect, page, model, told)

    def _touches(self, line: TextLine, rect: Rect) -> bool:
        return _meet(self._view.rect(line.rect), _grown(rect, 1.0))

    def _region(
        self,
        rect: Rect,
        page: Picture,
        model: Picture,
        told: Sequence[tuple[TextLine | None, TextLine | None]],
    ) -> None:
        before = " ".join(one.text for one, _ in told if one)
        after = " ".join(one.text for _, one in told if one)
        if before or after:
            what = "texte modifié" if before and after else (
                "texte effacé" if before else "texte ajouté"
            )  # fmt: skip
        else:
            before = self._covered(rect)
            ours, theirs = model.darkness(rect, 40), page.darkness(rect, 40)
            what = "texte ou dessin effacé, couvert ou pâli" if theirs < ours else (
                "dessin ajouté, ou par-dessus le texte"
            )  # fmt: skip
        self._tell(rect, what, before, after)

    def _covered(self, rect: Rect) -> str:
        """What the twin says there."""
        lines = self._work.models.lines(self._twin)
        return " ".join(one.text for one in lines if self._touches(one, rect))[:300]

    def _texts(self) -> Iterator[tuple[TextLine | None, TextLine | None]]:
        """The lines that are copied otherwise, the places' own aside."""
        mine, theirs = (
            self._work.pages.text(self._number), self._work.models.text(self._twin),
        )  # fmt: skip
        if _compact(mine) == _compact(theirs):
            return
        found = self._lines_of(self._work.pages, self._number)
        expected = self._lines_of(self._work.models, self._twin)
        matcher = SequenceMatcher(
            None, [one.text for one in expected], [one.text for one in found], autojunk=False
        )
        for action, start, end, first, last in matcher.get_opcodes():
            if action == "equal":
                continue
            before, after = expected[start:end], found[first:last]
            for rank in range(max(len(before), len(after))):
                one = before[rank] if rank < len(before) else None
                two = after[rank] if rank < len(after) else None
                yield one, two

    def _lines_of(self, raster: Raster, number: int) -> list[TextLine]:
        aside = list(self._signing)
        aside += [one.locator.rect for one in self._places if one.by_hand]
        lines = list(raster.lines(number))
        if self._closeness is Closeness.LOOSE:
            notes = [self._view.user(rect) for rect in _notes(lines, self._view)]
            lines = [one for one in lines if not any(_meet(one.rect, rect) for rect in notes)]
        return [
            one for one in lines if one.text and not any(_meet(one.rect, rect) for rect in aside)
        ]

    def _copied(self, before: TextLine | None, after: TextLine | None) -> None:
        """A line of which only the text that is copied differs."""
        at = before or after
        assert at is not None
        rect = self._view.rect(at.rect)
        inside = [one.key for one in self._places if _meet(one.rect, rect)]
        told = {one.placement for one in self._work.found if one.placement}
        if any(key in told for key in inside):
            return
        key = inside[0] if len(inside) == 1 else ""
        self._tell(
            rect,
            "le texte qui se copie n’est pas celui qui se voit",
            before.text if before else "",
            after.text if after else "",
            key,
        )

    def _tell(
        self, rect: Rect, what: str, before: str = "", after: str = "", placement: str = ""
    ) -> None:
        self._framed.append(rect)
        where = f"page {self._number + 1}"
        where += f", {placement}" if placement else self._near(rect)
        self._work.found.append(alteration(where, what, before, after, placement))

    def _near(self, rect: Rect) -> str:
        """« , près de c1.2.3 »: the criterion whose row is the nearest."""
        y = rect.centre[1]
        near = [(abs(one.rect.centre[1] - y), rank) for rank, one in enumerate(self._places)]
        distance, rank = min(near, default=(_NEAR + 1, -1))
        if distance > _NEAR:
            return ""
        return f", près de {self._work.guide.placements[self._places[rank].key].field_id}"


def _paired(
    texts: Sequence[str], expected: Sequence[str]
) -> Iterator[tuple[int | None, int | None]]:
    """Each page of a document with its twin, by what they say; numbers from 0, in the twin's order.

    Pages that are alike go together wherever they stand; a page that is like none goes with the one
    of its number, where both are left.
    """
    mine, theirs = [_words(one) for one in texts], [_words(one) for one in expected]
    left, right = dict.fromkeys(range(len(mine))), dict.fromkeys(range(len(theirs)))
    found: dict[int, int] = {}

    def pair(twin: int, page: int) -> None:
        found[twin] = page
        del left[page], right[twin]

    for twin in range(min(len(mine), len(theirs))):
        if mine[twin] == theirs[twin]:
            pair(twin, twin)
    for twin in list(right):
        # The page of the same number comes first among equals.
        near = sorted(left, key=lambda page: abs(page - twin))
        best = max(near, key=lambda page: _share(mine[page], theirs[twin]), default=None)
        if best is not None and _share(mine[best], theirs[twin]) > _ALIKE:
            pair(twin, best)
    for twin in list(right):
        if twin in left:
            pair(twin, twin)
    yield from ((found.get(twin), twin) for twin in range(len(theirs)))
    yield from ((page, None) for page in left)


def _share(one: Counter[str], other: Counter[str]) -> float:
    """The share of their words that two texts have in common."""
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _notes(lines: Sequence[TextLine], view: View) -> Iterator[Rect]:
    """Where a page says which version it is, by the wording; upright."""
    marks = OwnMarks()
    for start, first in enumerate(lines):
        whole, last = "", first
        note: list[TextLine] = []
        for line in lines[start : start + 8]:
            if note and not 0 < last.rect.y0 - line.rect.y0 < 2 * last.rect.height:
                break
            whole, last = whole + line.text, line
            note.append(line)
            wide = view.size[0]
            if marks.is_cover(whole):
                # The frame of the cover's mention is as wide as the text column.
                rects = [view.rect(one.rect) for one in note]
                yield from (Rect(0.1 * wide, one.y0, 0.9 * wide, one.y1) for one in rects)
            elif marks.is_margin(whole):
                yield from (view.rect(one.rect) for one in note)


def _clear(mask: Image.Image, page: Picture, rect: Rect) -> None:
    mask.paste(0, page.box(rect))


def _grown(rect: Rect, by: float = _SPILL) -> Rect:
    return Rect(rect.x0 - by, rect.y0 - by, rect.x1 + by, rect.y1 + by)


def _around(rects: Sequence[Rect]) -> Rect:
    return Rect(
        min(one.x0 for one in rects), min(one.y0 for one in rects),
        max(one.x1 for one in rects), max(one.y1 for one in rects),
    )  # fmt: skip


def _meet(one: Rect, other: Rect) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def _compact(text: str) -> str:
    return "".join(text.split())


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:80]
