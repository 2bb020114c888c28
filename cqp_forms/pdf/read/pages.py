"""What the pages of a document show at the places of a form.

Most of a stamped document is the blank's own, the same in each: what a content stream shows is
remembered by its bytes and its fonts, and costs nothing in the next document.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Object

from cqp_forms.pdf.geometry import (
    IDENTITY,
    Matrix,
    appearance_matrix,
    inherited,
    multiply,
    rect_of,
    view_of,
)
from cqp_forms.pdf.read.content import Interpreter
from cqp_forms.pdf.read.items import Shown, image
from cqp_forms.pdf.read.memory import Memory, Settled, Shows, Touching, Unresolved
from cqp_forms.pdf.read.places import Places
from cqp_forms.pdf.read.store import EMPTY, Form, Packed, Resources, Store
from cqp_forms.pdf.widgets import annotations_of, is_seen

__all__ = ["Memory", "Pages", "Places", "Settled", "Touching"]

_DEPTH = 8
#: Sequences of one stream; the next stream's start above.
_SEQUENCES = 1_000_000
#: Those that a page shows besides its content: a pen, a typewriter, a stamp.
_NOT_DRAWN = {"/Widget", "/Link", "/Popup"}


@dataclass
class Pages:
    """Reads the pages of one document.

    Args:
        pdf: the document.
        memory: kept from one document to the next.
    """

    pdf: pikepdf.Pdf
    memory: Memory
    _store: Store = field(default_factory=Store)

    def __post_init__(self) -> None:
        # Walking the page tree costs; a document's pages are asked for one after the other.
        self._pages = [page.obj for page in self.pdf.pages]
        #: How many items of the page come before those that are being found.
        self._before = 0

    @property
    def total(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def rotation(self, number: int) -> int:
        """How a page (from 0) is turned, clockwise, in degrees."""
        return view_of(self._pages[number]).rotate

    def read(self, number: int, places: Places, scope: object) -> list[Touching]:
        """What a page shows, in the order of painting, with the places touched.

        Args:
            number: from 0.
            places: of the page.
            scope: tells one set of places from another, in the memory.
        """
        settled, found = self.page(number, places, scope)
        return settled.items + found

    def page(self, number: int, places: Places, scope: object) -> tuple[Settled, list[Touching]]:
        """The same in two: what other documents show too, and what comes after it.

        The first is the same object for each document. It is found by the bytes of all that it
        comes from, in this document: nothing is taken for granted.
        """
        page = self._pages[number]
        resources = self._store.resources(inherited(page, "/Resources"))
        content = page.get("/Contents")
        streams = list(content) if isinstance(content, Array) else [content]
        packed = tuple(
            self._store.packed(one) for one in streams if isinstance(one, pikepdf.Stream)
        )
        key, shown = self._interpreted(packed, resources, IDENTITY, places, scope, 0)
        wholes = [self._store.whole(resources, name) for name in shown.names]
        new = {
            name
            for name, whole in zip(shown.names, wholes, strict=True)
            if not self.memory.is_settled(whole, self._store.serial)
        }
        key = (key, tuple(b"" if name in new else whole
                          for name, whole in zip(shown.names, wholes, strict=True)))  # fmt: skip
        settled = self.memory.settled(key)
        cut = min((shown.names[name] for name in new), default=len(shown.items))
        if settled is None:
            before: list[Touching] = []
            self._before = 0
            self._show(shown.items[:cut], resources, places, scope, before, 0)
            settled = Settled(before)
            self.memory.settle(key, settled)
        self._before = len(settled.items)
        found: list[Touching] = []
        self._show(shown.items[cut:], resources, places, scope, found, 0)
        self._annotations(page, places, scope, found)
        return settled, found

    def _annotations(
        self, page: Object, places: Places, scope: object, found: list[Touching]
    ) -> None:
        for annotation in annotations_of(page):
            if not is_seen(annotation) or str(annotation.get("/Subtype")) in _NOT_DRAWN:
                continue
            look = annotation.get("/AP", Dictionary()).get("/N")
            rect = rect_of(annotation.get("/Rect"))
            if isinstance(look, pikepdf.Stream) and rect is not None:
                form, matrix = self._store.unfolded(look), appearance_matrix(look, rect)
                self._form(form, matrix, None, places, scope, found, 1)

    def _stream(
        self,
        packed: tuple[Packed, ...],
        resources: Resources,
        matrix: Matrix,
        places: Places,
        scope: object,
        found: list[Touching],
        depth: int,
    ) -> None:
        start = (self._before + len(found)) * _SEQUENCES
        _, shown = self._interpreted(packed, resources, matrix, places, scope, start)
        self._show(shown.items, resources, places, scope, found, depth)

    def _interpreted(
        self,
        packed: tuple[Packed, ...],
        resources: Resources,
        matrix: Matrix,
        places: Places,
        scope: object,
        start: int,
    ) -> tuple[object, Shows]:
        """What a stream shows, and what that is known by."""
        identity = b"".join([one.identity for one in packed])
        key = (identity, resources.key, matrix, scope, start)
        shown = self.memory.get(key)
        if shown is None:
            data = b"\n".join(one.content() for one in packed)
            lines = self.memory.lines()
            interpreter = Interpreter(resources.font, resources.alphas, matrix, start, lines)
            items = [(item, places.touched(item)) for item in interpreter.run(data)]
            if places.rects:
                items = [one for one in items if one[1] or isinstance(one[0], Shown)]
            shown = Shows(items)
            self.memory.put(key, shown)
        return key, shown

    def _show(
        self,
        items: list[Unresolved],
        resources: Resources,
        places: Places,
        scope: object,
        found: list[Touching],
        depth: int,
    ) -> None:
        for item, touched in items:
            if isinstance(item, Shown):
                self._named(item, resources, places, scope, found, depth)
            else:
                found.append((item, touched))

    def _named(
        self,
        item: Shown,
        resources: Resources,
        places: Places,
        scope: object,
        found: list[Touching],
        depth: int,
    ) -> None:
        shown = self._store.drawn(resources, item.name)
        if shown is None or depth >= _DEPTH:
            return
        if isinstance(shown, Form):
            # The frames of boxes, by the hundred: what they are is told by their bytes.
            inner = shown.resources or resources
            key = (shown.identity, inner.key, shown.matrix, item.matrix, scope)
            if inner.forms is None and self.memory.shows_nothing(key):
                return
            before = len(found)
            self._form(shown, item.matrix, resources, places, scope, found, depth + 1)
            if inner.forms is None and len(found) == before:
                self.memory.put_empty(key)
            return
        mark = image(item.matrix, item.light)
        touched = places.touched(mark)
        if touched or not places.rects:
            found.append((mark, touched))

    def _form(
        self,
        form: Form,
        matrix: Matrix,
        outer: Resources | None,
        places: Places,
        scope: object,
        found: list[Touching],
        depth: int,
    ) -> None:
        if form.matrix is not None:
            matrix = multiply(form.matrix, matrix)
        resources = form.resources or outer or EMPTY
        self._stream(form.packed, resources, matrix, places, scope, found, depth)
