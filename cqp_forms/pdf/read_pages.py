"""What the pages of a document show at the places of a form.

Most of a stamped document is the blank's own, the same in each: what a content stream shows is
remembered by its bytes and its fonts, and costs nothing in the next document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import pikepdf
from pikepdf import Array, Dictionary, Object

from cqp_forms.mapping import Rect
from cqp_forms.pdf.read_content import Interpreter
from cqp_forms.pdf.read_items import IDENTITY, Item, Mark, Matrix, Run, Shown, image, multiply
from cqp_forms.pdf.read_store import EMPTY, Form, Packed, Resources, Store, entry, inherited, onto

#: An item, and the places that it touches.
Touching: TypeAlias = tuple[Mark | Run, tuple[str, ...]]

#: The same before the forms and images that a stream shows are looked up.
_Unresolved: TypeAlias = tuple[Item, tuple[str, ...]]

#: Whether an item matters at a place.
Wanted: TypeAlias = Callable[[Mark | Run, str], bool]

_BAND = 24.0
_SLACK = 1.0
_DEPTH = 8
#: Sequences of one stream; the next stream's start above.
_SEQUENCES = 1_000_000
_MEMORY = 1024
#: Annotation flags Hidden and NoView.
_UNSEEN = (1 << 1) | (1 << 5)
#: Those that a page shows besides its content: a pen, a typewriter, a stamp.
_NOT_DRAWN = {"/Widget", "/Link", "/Popup"}


class Places:
    """The rectangles of one page, found by height.

    Args:
        rects: by placement. Without any, all that the page shows is kept.
        wanted: whether an item that overlaps a place matters there; asked once for what every
            document shows.
    """

    def __init__(
        self, rects: Mapping[str, Rect], wanted: Wanted = lambda _item, _key: True
    ) -> None:
        self.rects = rects
        self._wanted = wanted
        self._bands: dict[int, list[tuple[str, Rect]]] = {}
        for key, rect in rects.items():
            for band in range(int(rect.y0 // _BAND), int(rect.y1 // _BAND) + 1):
                self._bands.setdefault(band, []).append((key, rect))

    def touched(self, item: Item) -> tuple[str, ...]:
        """The places that an item overlaps."""
        if isinstance(item, Shown):
            return ()
        x0, y0, x1, y1 = bounds(item)
        found: dict[str, None] = {}
        low, high = int((y0 - _SLACK) // _BAND), int((y1 + _SLACK) // _BAND)
        for band in range(max(low, -400), min(high, 800) + 1):
            for key, rect in self._bands.get(band, ()):
                if (
                    x0 < rect.x1 + _SLACK
                    and x1 > rect.x0 - _SLACK
                    and y0 < rect.y1 + _SLACK
                    and y1 > rect.y0 - _SLACK
                ):
                    found[key] = None
        return tuple(key for key in found if self._wanted(item, key))


def bounds(item: Mark | Run) -> tuple[float, float, float, float]:
    """An item's box: for text, from its foot to the height of its capitals."""
    if isinstance(item, Mark):
        return item.x0, item.y0, item.x1, item.y1
    ax, ay = item.along
    ux, uy = -ay * item.size, ax * item.size
    xs = [item.x - 0.2 * ux, item.x + 0.7 * ux, item.end_x - 0.2 * ux, item.end_x + 0.7 * ux]
    ys = [item.y - 0.2 * uy, item.y + 0.7 * uy, item.end_y - 0.2 * uy, item.end_y + 0.7 * uy]
    return min(xs), min(ys), max(xs), max(ys)


class Memory:
    """What content streams show, by what decides it; those met once are only counted."""

    def __init__(self) -> None:
        self._kept: dict[object, list[_Unresolved]] = {}
        self._met: set[int] = set()
        self._empty: set[object] = set()

    def get(self, key: object) -> list[_Unresolved] | None:
        """What was kept under a key."""
        return self._kept.get(key)

    def put(self, key: object, shown: list[_Unresolved]) -> None:
        """Keep it if it comes back: a candidate's own streams never do, and would only pile up."""
        mark = hash(key)
        if mark in self._met:
            if len(self._kept) >= _MEMORY:
                self._kept.clear()
            self._kept[key] = shown
            return
        if len(self._met) >= 4 * _MEMORY:
            self._met.clear()
        self._met.add(mark)

    def shows_nothing(self, key: object) -> bool:
        """Whether a form shown somewhere is known to matter to no place."""
        return key in self._empty

    def put_empty(self, key: object) -> None:
        """Remember that."""
        if len(self._empty) >= 16 * _MEMORY:
            self._empty.clear()
        self._empty.add(key)


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

    @property
    def total(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def rotation(self, number: int) -> int:
        """How a page (from 0) is turned, clockwise, in degrees."""
        turned = inherited(self._pages[number], "/Rotate")
        return turned % 360 if isinstance(turned, int) else 0

    def read(self, number: int, places: Places, scope: object) -> list[Touching]:
        """What a page shows, in the order of painting, with the places touched.

        Args:
            number: from 0.
            places: of the page.
            scope: tells one set of places from another, in the memory.
        """
        page = self._pages[number]
        resources = self._store.resources(inherited(page, "/Resources"))
        content = page.get("/Contents")
        streams = list(content) if isinstance(content, Array) else [content]
        found: list[Touching] = []
        packed = tuple(
            self._store.packed(one) for one in streams if isinstance(one, pikepdf.Stream)
        )
        self._stream(packed, resources, IDENTITY, places, scope, found, 0)
        self._annotations(page, places, scope, found)
        return found

    def _annotations(
        self, page: Object, places: Places, scope: object, found: list[Touching]
    ) -> None:
        for annotation in entry(page, "/Annots") or ():
            if not isinstance(annotation, Dictionary):
                continue
            unseen = int(annotation.get("/F", 0)) & _UNSEEN
            if unseen or str(annotation.get("/Subtype")) in _NOT_DRAWN:
                continue
            look = annotation.get("/AP", Dictionary()).get("/N")
            if isinstance(look, pikepdf.Stream):
                form, matrix = self._store.unfolded(look), onto(look, annotation)
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
        start = len(found) * _SEQUENCES
        identity = b"".join([one.identity for one in packed])
        key = (identity, resources.key, matrix, scope, start)
        shown = self.memory.get(key)
        if shown is None:
            data = b"\n".join(one.content() for one in packed)
            interpreter = Interpreter(resources.font, resources.alphas, matrix, start)
            shown = [(item, places.touched(item)) for item in interpreter.run(data)]
            if places.rects:
                shown = [one for one in shown if one[1] or isinstance(one[0], Shown)]
            self.memory.put(key, shown)
        for item, touched in shown:
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
