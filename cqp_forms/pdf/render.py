"""Prove the ink: render the pages of a document and of its blank, and compare what is seen.

Shares nothing with reading: what a viewer paints is the judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cqp_forms.alterations import Alteration, OwnMarks, alteration
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfMapping, Rect
from cqp_forms.pdf.pixels import Picture, Renderer, seen_rect
from cqp_forms.plan import Plan, Tick
from cqp_forms.shown import Difference

#: Of a box's side: how much of its edge belongs to its frame.
_INSET = 0.22
#: The part of a box's inside that a mark covers at least, and that nothing covers at most.
_MARKED = 0.04
_CLEAN = 0.004
#: The inside of the largest box that a mark fills, in square points.
_BOX = 60.0
#: How far an answer may reach out of its place, in points.
_SPILL = 2.5
#: Fewer pixels than this may differ by the rounding of edges alone.
_NOISE = 12


@dataclass(frozen=True)
class Rendering:
    """What the rendered pages show otherwise than they should.

    Attributes:
        pages: how many were compared.
        boxes: how many boxes were looked at.
        differences: boxes without the ink that they should have, or with ink that they should not.
        alterations: ink outside the places of answers.
        pictures: PNG of each page that differs, the differences framed in red, by page from 1.
    """

    pages: int
    boxes: int
    differences: tuple[Difference, ...]
    alterations: tuple[Alteration, ...]
    pictures: Mapping[int, bytes]


def render(
    document: bytes, blank: bytes, mapping: PdfMapping, guide: Guide, plan: Plan, marks: OwnMarks
) -> Rendering:
    """Compare a document's pages with its blank's, as they are seen.

    Args:
        plan: which boxes should be ticked.
        marks: the edition's own mentions, which are ink outside the places.

    Raises:
        DocumentError: the document cannot be rendered, or lacks pages.
    """
    with Renderer(document) as pages, Renderer(blank) as models:
        if len(pages) < len(models):
            raise DocumentError(
                f"il manque des pages : {len(pages)} au lieu de {len(models)}.",
                remedy="Reprenez le document tel qu’il a été émis.",
            )
        work = _Work(mapping, guide, plan, marks)
        for number in range(len(models)):
            work.compare(number, pages, models)
        return work.result(len(models))


@dataclass
class _Work:
    """What is found while the pages are compared."""

    mapping: PdfMapping
    guide: Guide
    plan: Plan
    marks: OwnMarks
    boxes: int = 0
    differences: list[Difference] = field(default_factory=list)
    alterations: list[Alteration] = field(default_factory=list)
    pictures: dict[int, bytes] = field(default_factory=dict)

    def compare(self, number: int, pages: Renderer, models: Renderer) -> None:
        """Compare one page, from 0."""
        here = {k: one for k, one in self.mapping.locators.items() if one.page == number + 1}
        page, model = pages.picture(number), models.picture(number)
        frame = models.frame(number)
        wrong: list[Rect] = []
        if (page.width, page.height) != (model.width, model.height):
            self.alterations.append(alteration(f"page {number + 1}", "format de page modifié"))
            self.pictures[number + 1] = page.png(())
            return
        for key, one in here.items():
            kind = self.guide.placements[key].kind
            if kind is PlacementKind.TICK_BOX:
                rect = seen_rect(one.rect, frame)
                if not self._box(key, rect, page, model, number + 1):
                    wrong.append(rect)
        aside = [_grown(seen_rect(one.rect, frame)) for one in here.values()]
        aside.extend(_grown(one, 12.0) for one in pages.mentions(number, self.marks))
        stray = page.stray(model, aside)
        if len(stray.pixels) > _NOISE:
            wrong.append(stray.box)
            self.alterations.append(
                alteration(f"page {number + 1}", "encre modifiée", after=_placed(stray.box))
            )
        if wrong:
            self.pictures[number + 1] = page.png(wrong)

    def _box(self, key: str, rect: Rect, page: Picture, model: Picture, number: int) -> bool:
        """Whether a box has the ink that it should have."""
        self.boxes += 1
        inset = _INSET * min(rect.width, rect.height)
        inner = Rect(rect.x0 + inset, rect.y0 + inset, rect.x1 - inset, rect.y1 - inset)
        share = page.ink(model, inner)
        expected = self.plan.ticks.get(key) is Tick.ON
        # A mark is no larger in a whole table cell than in a box.
        enough = _MARKED * min(1.0, _BOX / (inner.width * inner.height))
        if share >= enough if expected else share <= _CLEAN:
            return True
        self.differences.append(
            Difference(
                key,
                "cochée" if expected else "non cochée",
                f"encre sur {share:.0%} de la case à l’impression",
                f"page {number}",
            )
        )
        return False

    def result(self, pages: int) -> Rendering:
        """All that was found."""
        return Rendering(
            pages, self.boxes, tuple(self.differences), tuple(self.alterations), self.pictures
        )


def _grown(rect: Rect, by: float = _SPILL) -> Rect:
    return Rect(rect.x0 - by, rect.y0 - by, rect.x1 + by, rect.y1 + by)


def _placed(box: Rect) -> str:
    return (
        f"de {box.x0:.0f} à {box.x1:.0f} points du bord gauche, "
        f"de {box.y0:.0f} à {box.y1:.0f} points du bas"
    )


#: The signs by which a word processor shows a box, and what each says.
_SIGNS = {"☐": False, "□": False, "☒": True, "☑": True, "✓": True, "✔": True, "✗": True, "✘": True}


def render_signs(document: bytes, order: Sequence[str], plan: Plan) -> Rendering:
    """Look at the boxes of a document whose pages were laid out by a word processor.

    The boxes are signs of a font there; each is found by its place on the rendered page, in the
    order of the document, and its ink compared with that of its neighbours.

    Args:
        document: the PDF that the word processor made.
        order: the placements of tick boxes, in the document's order.
        plan: which should be ticked.

    Raises:
        DocumentError: the document cannot be rendered, or has more or fewer boxes.
    """
    with Renderer(document) as pages:
        found = [
            (number, sign, rect)
            for number in range(len(pages))
            for sign, rect in pages.signs(number, frozenset(_SIGNS))
        ]
        if len(found) != len(order):
            raise DocumentError(
                f"{len(found)} cases sont visibles sur les pages, au lieu de {len(order)}.",
                remedy="Reprenez le document tel qu’il a été émis.",
            )
        wrong: dict[int, list[Rect]] = {}
        differences = []
        for key, (number, sign, rect) in zip(order, found, strict=True):
            expected = plan.ticks.get(key) is Tick.ON
            share = pages.picture(number).darkness(_core(rect))
            if _SIGNS[sign] is expected and (share > _MARKED) is expected:
                continue
            wrong.setdefault(number, []).append(rect)
            told = f"« {sign} », encre sur {share:.0%} de la case à l’impression"
            mark = "cochée" if expected else "non cochée"
            differences.append(Difference(key, mark, told, f"page {number + 1}"))
        pictures = {number + 1: pages.picture(number).png(one) for number, one in wrong.items()}
        return Rendering(len(pages), len(order), tuple(differences), (), pictures)


def _core(rect: Rect) -> Rect:
    """The middle of a sign, its frame left out."""
    wide, high = rect.width * 0.28, rect.height * 0.28
    return Rect(rect.x0 + wide, rect.y0 + high, rect.x1 - wide, rect.y1 - high)


def saved(pictures: Mapping[int, bytes]) -> Iterable[tuple[str, bytes]]:
    """The pictures with their file names: « page-07.png »."""
    return ((f"page-{number:02d}.png", content) for number, content in sorted(pictures.items()))
