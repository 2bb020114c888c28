"""What a form of one's own looks like: its pages as pictures, and where each numbered place is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cqp_forms.app.own_forms import OwnForm
from cqp_forms.app.preview import PagePlace, picture_of, share_of
from cqp_forms.errors import DocumentError, UsageError
from cqp_forms.formats import format_of
from cqp_forms.mapping import Detected, Format, Locator, PdfLocator, Rect
from cqp_forms.matching import Matched
from cqp_forms.pdf.raster import Raster, RenderedParts

_NUMBER = re.compile(r"n°\s(\d+)")
#: Points: a comment is anchored to a point; so large is the square that stands for it.
_SQUARE = 12.0


@dataclass(frozen=True)
class FormPages:
    """The pages of a form.

    Attributes:
        content: a PDF; empty where the document cannot be laid out here.
        sizes: of its pages, in points.
        spots: where each numbered place is.
        parts: what of the pages is painted: not the comments by which places were found.
        drawable: whether a rectangle on a page is a place of the document itself.
    """

    content: bytes
    sizes: tuple[tuple[float, float], ...]
    spots: dict[int, PagePlace]
    parts: RenderedParts = RenderedParts.ALL
    drawable: bool = False

    def picture(self, number: int) -> bytes:
        """A page, from 1, as PNG. Raises :class:`DocumentError`: there is no such page."""
        return picture_of(self.content, number, self.parts)


def pages_of(form: OwnForm) -> FormPages:
    """Lay a form out. Raises :class:`DocumentError` when its pages cannot be read."""
    found = form.form.found
    own = [one for one in found if isinstance(one.locator, PdfLocator)]
    if own or not found:
        content = format_of(form.form.kind).laid_out(form.form.content) or b""
        spots = dict(_by_locator(content, own))
        return FormPages(content, sizes_of(content), spots, drawable=bool(content))
    return commented(form.form.kind, form.form.content, found)


def commented(kind: Format, document: bytes, found: tuple[Detected, ...]) -> FormPages:
    """The pages of a document that has none of its own, its places known by comments."""
    content = _laid_out(kind, document, found)
    return FormPages(content, sizes_of(content), dict(_by_note(content)), RenderedParts.CONTENT)


def _laid_out(kind: Format, document: bytes, found: tuple[Detected, ...]) -> bytes:
    """The pages with a comment at each place; without, where it cannot be commented."""
    known = format_of(kind)
    try:
        shown = known.preview(document, Matched({}, (), found))
    except DocumentError:
        shown = document
    try:
        return known.laid_out(shown) or b""
    except DocumentError:
        return b""


def sizes_of(content: bytes) -> tuple[tuple[float, float], ...]:
    """The sizes of a PDF's pages, in points; none of an empty one."""
    if not content:
        return ()
    with Raster(content) as pages:
        return tuple(pages.size(number) for number in range(len(pages)))


def _by_locator(content: bytes, found: list[Detected]) -> Iterator[tuple[int, PagePlace]]:
    with Raster(content) as pages:
        for one in found:
            place = _of_locator(pages, one.locator)
            if place is not None:
                yield one.number, place


def _of_locator(pages: Raster, locator: Locator) -> PagePlace | None:
    if not isinstance(locator, PdfLocator) or not 1 <= locator.page <= len(pages):
        return None
    return share_of(pages, locator.page, locator.rect)


def drawn_places(form: OwnForm, pages: FormPages) -> dict[str, PagePlace]:
    """Where the placements are that a person drew."""
    numbered = form.numbers
    drawn = {key: one for key, one in form.mapping.locators.items() if key not in numbered}
    if not drawn or not pages.drawable:
        return {}
    with Raster(pages.content) as raster:
        found = {key: _of_locator(raster, one) for key, one in drawn.items()}
    return {key: one for key, one in found.items() if one is not None}


def _by_note(content: bytes) -> Iterator[tuple[int, PagePlace]]:
    if not content:
        return
    with Raster(content) as pages:
        for page in range(len(pages)):
            for note in pages.notes(page):
                if number := _NUMBER.search(note.text):
                    x, y = note.rect.x0, (note.rect.y0 + note.rect.y1) / 2 - _SQUARE / 2
                    square = Rect(x, y, x + _SQUARE, y + _SQUARE)
                    yield int(number[1]), share_of(pages, page + 1, square)


def drawn_rect(pages: FormPages, page: int, shares: tuple[float, float, float, float]) -> Rect:
    """A rectangle of the screen in the user space of its page, in points.

    Args:
        page: from 1.
        shares: left, top, width and height, as shares of the page as it is shown.

    Raises:
        UsageError: a rectangle says nothing in this document.
        DocumentError: there is no such page.
    """
    if not pages.drawable:
        raise UsageError(
            "on ne peut pas tracer dans un document Word.",
            remedy="Ajoutez-y la case ou la zone dans Word, puis déposez-le de nouveau.",
        )
    if not 1 <= page <= len(pages.sizes):
        raise DocumentError(f"il n’y a pas de page {page}.")
    left, top, width, height = (min(1.0, max(0.0, one)) for one in shares)
    with Raster(pages.content) as raster:
        view = raster.view(page - 1)
        wide, high = view.size
        right, bottom = min(1.0, left + width), min(1.0, top + height)
        upright = Rect(left * wide, (1 - bottom) * high, right * wide, (1 - top) * high)
        return view.user(upright)
