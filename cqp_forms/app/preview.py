"""The draft as it would be issued: its pages as pictures, and where each field lies on them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from threading import RLock

from cqp_forms.app.folder import Folder, ListedCandidate
from cqp_forms.errors import CqpError, DocumentError
from cqp_forms.formats import PreparedBlank
from cqp_forms.guide import Guide
from cqp_forms.issuing.naming import Role, person
from cqp_forms.issuing.request import Settings
from cqp_forms.mapping import PdfLocator, Rect
from cqp_forms.pdf.raster import Raster, RenderedParts
from cqp_forms.plan import Edition, Stage, Trail, make_plan

#: Pixels a point of a page on the screen.
_SCALE = 1.6


@dataclass(frozen=True, slots=True)
class PagePlace:
    """Where a field lies: page from 1, and the upright rectangle as shares of the page."""

    page: int
    x: float
    y: float
    width: float
    height: float


def share_of(pages: Raster, page: int, rect: Rect) -> PagePlace:
    """Where a rectangle of a page's user space is on it as it is shown; the page from 1."""
    view = pages.view(page - 1)
    upright, (wide, high) = view.rect(rect), view.size
    return PagePlace(
        page, upright.x0 / wide, 1 - upright.y1 / high, upright.width / wide, upright.height / high
    )


def picture_of(content: bytes, number: int, parts: RenderedParts = RenderedParts.ALL) -> bytes:
    """A page of a PDF, from 1, as PNG. Raises :class:`DocumentError`: there is no such page."""
    with Raster(content) as pages:
        if not 1 <= number <= len(pages):
            raise DocumentError(f"il n’y a pas de page {number}.")
        target = io.BytesIO()
        picture = pages.picture(number - 1, _SCALE, parts)
        picture.image.save(target, "PNG", compress_level=1)
        return target.getvalue()


@dataclass(frozen=True)
class Draft:
    """A candidate's draft.

    Attributes:
        sizes: of its pages, in points.
    """

    content: bytes
    sizes: tuple[tuple[float, float], ...]


class Previews:
    """Drafts, the last few kept; safe for several threads."""

    _KEPT = 4

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._drafts: dict[str, Draft] = {}
        self._spots: dict[str, dict[str, PagePlace]] = {}
        self._lock = RLock()

    def draft(self, candidate: ListedCandidate) -> Draft:
        """The PDF that would be issued, marked as a draft.

        Raises:
            DocumentError: the guide has no PDF, or its blank cannot be stamped.
            AnswersError: a text cannot be printed.
        """
        key = f"{candidate.guide.id} {candidate.canonical}"
        with self._lock, self._folder.stamping:
            if key not in self._drafts:
                while len(self._drafts) >= self._KEPT:
                    del self._drafts[next(iter(self._drafts))]
                self._drafts[key] = self._made(candidate)
            return self._drafts[key]

    def _made(self, candidate: ListedCandidate) -> Draft:
        settings = self._folder.settings(candidate.guide.id)
        title = candidate.guide.document_title(person(candidate.guide, candidate.answers).name)
        edition = Edition.of(Trail(stage=Stage.DRAFT), title, self._folder.now())
        plan = make_plan(candidate.guide, candidate.answers)
        content = _paged(settings).stamper.stamp(plan, edition)
        with Raster(content) as pages:
            return Draft(content, tuple(pages.size(number) for number in range(len(pages))))

    def count(self, content: bytes) -> int:
        """How many pages a PDF has. Raises :class:`DocumentError`."""
        with Raster(content) as pages:
            return len(pages)

    def page(self, content: bytes, number: int) -> bytes:
        """A page of a PDF, from 1, as PNG. Raises :class:`DocumentError`: there is no such page."""
        with self._lock:
            return picture_of(content, number)

    def spots(self, guide: Guide) -> dict[str, PagePlace]:
        """Where the first place of each field lies on the guide's PDF; empty without a PDF."""
        with self._lock:
            if guide.id not in self._spots:
                self._spots[guide.id] = dict(self._found(guide))
            return self._spots[guide.id]

    def forget(self, guide_id: str) -> None:
        """Find a guide's places again: its form was saved anew."""
        with self._lock:
            self._spots.pop(guide_id, None)
            self._drafts.clear()

    def _found(self, guide: Guide) -> dict[str, PagePlace]:
        project = self._folder.project
        found: dict[str, PagePlace] = {}
        for kind in project.formats(guide):
            if Role(kind) is not Role.PDF:
                continue
            blank = project.blank(guide, kind)
            with Raster(blank.content) as pages:
                for key, one in blank.mapping.locators.items():
                    if isinstance(one, PdfLocator):
                        place = share_of(pages, one.page, one.rect)
                        found.setdefault(guide.placements[key].field_id, place)
        return found

    def continued(self, candidate: ListedCandidate) -> frozenset[str]:
        """The fields whose text will go on in the annex."""
        try:
            with self._lock, self._folder.stamping:
                stamper = _paged(self._folder.settings(candidate.guide.id)).stamper
                return frozenset(stamper.continued(make_plan(candidate.guide, candidate.answers)))
        except CqpError:  # a text that cannot be printed is told by the rules, a blank when issuing
            return frozenset()


def _paged(settings: Settings) -> PreparedBlank:
    for blank in settings.blanks:
        if Role(blank.format) is Role.PDF:
            return blank
    raise DocumentError(
        "ce guide n’a pas de PDF : ses pages ne peuvent pas être montrées.",
        remedy="Émettez-le en DOCX, et relisez-le dans Word.",
    )
