"""What the pages of a document paint, and at which places of a form.

Most of a stamped document is the blank's own, the same in each: what a content stream paints is
remembered by its bytes and its fonts, and costs nothing in the next document.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias, TypeVar

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms import limits
from cqp_forms.errors import DocumentError
from cqp_forms.mapping import Rect
from cqp_forms.pdf.geometry import (
    IDENTITY,
    Matrix,
    View,
    appearance_matrix,
    inherited,
    matrix_of,
    multiply,
    rect_of,
    view_of,
)
from cqp_forms.pdf.opening import DAMAGE, unpacked
from cqp_forms.pdf.page.fonts import NOTHING, Decoder, decoder
from cqp_forms.pdf.page.interpreter import GraphicsState, Interpreter
from cqp_forms.pdf.page.items import (
    UNSEEN,
    Item,
    TextRun,
    XObjectUse,
    bounds_of,
    image,
)
from cqp_forms.pdf.widgets import annotations_of, is_seen

#: No sane form has forms in it deeper than this.
_DEPTH = 8
#: Annotations that a page does not show besides its content, as it does a pen, a note, a stamp.
_NOT_DRAWN = {"/Widget", "/Link", "/Popup"}
_PACKING = ("/Filter", "/DecodeParms")
#: Where an image's data begins in a stream (8.9.7): where it ends cannot be told without it.
_IMAGE_DATA = re.compile(rb"(?<![A-Za-z])ID(?:\s|$)")
_BAND = 24.0
_SLACK = 1.0

#: An item, and the places that it touches.
Touching: TypeAlias = tuple[Item, tuple[str, ...]]
_Kept = TypeVar("_Kept")
#: A text, and where it begins, in whole points.
PlacedText: TypeAlias = tuple[str, int, int]


class Places:
    """The rectangles of one page, found by height.

    Args:
        rects: by placement.
        wanted: whether an item that overlaps a place matters there.
    """

    def __init__(self, rects: Mapping[str, Rect], wanted: Callable[[Item, str], bool]) -> None:
        self._wanted = wanted
        self._bands: dict[int, list[tuple[str, Rect]]] = {}
        for key, rect in rects.items():
            for band in range(int(rect.y0 // _BAND), int(rect.y1 // _BAND) + 1):
                self._bands.setdefault(band, []).append((key, rect))

    def touched(self, item: Item) -> tuple[str, ...]:
        """The places that an item overlaps."""
        x0, y0, x1, y1 = bounds_of(item)
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


class StreamItems:
    """What one content stream paints, in order; forms and images that it shows stay names.

    Attributes:
        left: the graphics state that it leaves; ``None`` where it cannot be told from what is
            around it.
    """

    def __init__(self, items: list[Item | XObjectUse], left: GraphicsState | None = None) -> None:
        self.items, self.left = items, left
        self._at: dict[Places, list[tuple[Item | XObjectUse, tuple[str, ...]]]] = {}

    def at(self, places: Places) -> list[tuple[Item | XObjectUse, tuple[str, ...]]]:
        """What touches a place, and what is only named."""
        known = self._at.get(places)
        if known is None:
            known = self._at[places] = [
                (item, touched)
                for item in self.items
                for touched in ((() if isinstance(item, XObjectUse) else places.touched(item)),)
                if touched or isinstance(item, XObjectUse)
            ]
        return known

    @cached_property
    def wording(self) -> frozenset[PlacedText]:
        """The text that is seen."""
        return frozenset(placed(one) for one in self.items if isinstance(one, TextRun) and one.text)


def placed(run: TextRun) -> PlacedText:
    """A run as what pages are told apart by; without text when it is not seen."""
    text = run.text.strip() if run.light < UNSEEN else ""
    return text, round(run.x), round(run.y)


class StreamMemo:
    """The one memo: what a content stream paints, by its bytes, its fonts and its matrix.

    Attributes:
        learning: whether a stream is remembered at once. Else it is when a second document has it:
            what a person wrote stands in one alone, and would fill the memory.
    """

    def __init__(self) -> None:
        self.learning = True
        self._known: OrderedDict[object, StreamItems] = OrderedDict()
        self._met: OrderedDict[object, None] = OrderedDict()

    def get(
        self, key: object, own: dict[object, StreamItems], make: Callable[[], StreamItems]
    ) -> StreamItems:
        """What is known under a key, made when nothing is.

        Args:
            own: what was made for the document at hand; goes with it.
        """
        known = self._known.get(key) or own.get(key)
        if known is None:
            known = own[key] = make()
            if self.learning or key in self._met:
                _keep(self._known, key, known)
            else:
                _keep(self._met, key, None)
        elif key in self._known:
            self._known.move_to_end(key)
        return known

    def known(self, key: object) -> StreamItems | None:
        """What is known under a key, if anything."""
        return self._known.get(key)


def _keep(kept: OrderedDict[object, _Kept], key: object, value: _Kept) -> None:
    kept[key] = value
    if len(kept) > limits.PDF_STREAMS_KEPT:
        kept.popitem(last=False)


@dataclass(eq=False)
class _Form:
    """A form XObject, or the content of a page."""

    identity: bytes
    streams: Sequence[Object]
    matrix: Matrix
    resources: _Resources | None


@dataclass(eq=False)
class _Resources:
    """What names in a content stream stand for.

    Attributes:
        states: by graphics state dictionary: its fill and stroke alpha, ``None`` when not set.
        inks: the colour spaces of one ink, of which more is darker (8.6.6.4).
        key: tells what reads differently apart.
        shown: the XObjects looked up so far; ``True`` for an image, ``None`` for nothing.
    """

    fonts: Mapping[str, Decoder]
    states: Mapping[str, tuple[float | None, float | None]]
    xobjects: Object | None
    key: bytes
    inks: frozenset[str] = frozenset()
    shown: dict[str, _Form | bool | None] = field(default_factory=dict)


_EMPTY = _Resources({}, {}, None, b"")


class Pages:
    """Reads the pages of one document; fonts, resources and forms are looked up once each.

    Args:
        pdf: the document; pages are numbered from 0 here.
        memo: kept from one document to the next.

    Raises:
        DocumentError: from any method: there is more to paint than in any document of its kind.
    """

    def __init__(self, pdf: pikepdf.Pdf, memo: StreamMemo) -> None:
        self._pdf, self._memo = pdf, memo
        self._own: dict[object, StreamItems] = {}
        # Walking the page tree costs; a document's pages are asked for one after the other.
        self._pages = [page.obj for page in pdf.pages]
        self._left = limits.PDF_OPERATORS
        self._fonts: dict[object, Decoder] = {}
        self._font_lists: dict[object, dict[str, Decoder]] = {}
        self._resource_lists: dict[tuple[int, int], _Resources] = {}
        self._forms: dict[tuple[int, int], _Form] = {}
        self._contents: dict[int, _Form] = {}

    @property
    def total(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def view(self, number: int) -> View:
        """What a reader sees of a page."""
        return view_of(self._pages[number])

    def own_wording(self, number: int) -> frozenset[PlacedText]:
        """The text of a page's own content, without that of the forms that it shows."""
        content = self._content(number)
        return self._items(content, content.resources or _EMPTY, IDENTITY).wording

    def items(self, number: int, matrix: Matrix = IDENTITY) -> list[Item]:
        """All that a page shows, in the order of painting.

        Args:
            matrix: from the page's space to the one wanted.
        """
        found: list[Touching] = []
        self._page(number, None, matrix, found)
        return [item for item, _ in found]

    def at(self, number: int, places: Places, matrix: Matrix = IDENTITY) -> list[Touching]:
        """What a page shows at some places, in the order of painting."""
        found: list[Touching] = []
        self._page(number, places, matrix, found)
        return found

    def _page(
        self, number: int, places: Places | None, matrix: Matrix, found: list[Touching]
    ) -> None:
        self._show(self._content(number), _EMPTY, matrix, places, found, 0)
        for annotation in annotations_of(self._pages[number]):
            if not is_seen(annotation) or str(annotation.get("/Subtype")) in _NOT_DRAWN:
                continue
            self._look(annotation, places, matrix, found)

    def look(self, annotation: Object) -> list[Item]:
        """What the appearance of an annotation paints, in the space of its page."""
        found: list[Touching] = []
        self._look(annotation, None, IDENTITY, found)
        return [item for item, _ in found]

    def _look(
        self, annotation: Object, places: Places | None, matrix: Matrix, found: list[Touching]
    ) -> None:
        looks, rect = annotation.get("/AP"), rect_of(annotation.get("/Rect"))
        look = looks.get("/N") if isinstance(looks, Dictionary) else None
        if isinstance(look, Dictionary):
            # One look for each state (ISO 32000-2, 12.5.5).
            look = look.get(str(annotation.get("/AS", "/Off")))
        if isinstance(look, pikepdf.Stream) and rect is not None:
            onto = multiply(appearance_matrix(look, rect), matrix)
            self._show(self._form(look), _EMPTY, onto, places, found, 1)

    def _show(
        self,
        form: _Form,
        outer: _Resources,
        matrix: Matrix,
        places: Places | None,
        found: list[Touching],
        depth: int,
    ) -> None:
        resources = form.resources or outer
        if form.matrix is not IDENTITY:
            matrix = multiply(form.matrix, matrix)
        shown = self._items(form, resources, matrix)
        listed = shown.at(places) if places else [(one, ()) for one in shown.items]
        self._spend(len(listed))
        for item, touched in listed:
            if not isinstance(item, XObjectUse):
                found.append((item, touched))
                continue
            inner = self._shown(resources, item.name)
            if isinstance(inner, _Form):
                if depth >= _DEPTH:
                    raise _trapped()
                self._show(inner, resources, item.matrix, places, found, depth + 1)
            elif inner:
                picture = image(item.matrix, item.light)
                under = places.touched(picture) if places else ()
                if under or not places:
                    found.append((picture, under))

    def _items(self, form: _Form, resources: _Resources, matrix: Matrix) -> StreamItems:
        def interpret() -> StreamItems:
            if len(form.streams) == 1:
                return self._stream(form.streams[0], resources, matrix)
            interpreter = self._one_by_one(form, resources, matrix)
            if not interpreter.is_cut:
                return StreamItems(interpreter.items)
            data = b"\n".join(unpacked(one, limits.PDF_CONTENT_BYTES) for one in form.streams)
            return self._stream(self._pdf.make_stream(data), resources, matrix)

        return self._memo.get((form.identity, resources.key, matrix), self._own, interpret)

    def _stream(self, stream: Object, resources: _Resources, matrix: Matrix) -> StreamItems:
        """What one stream paints; the same however it is packed."""
        data = unpacked(stream, limits.PDF_CONTENT_BYTES)

        def interpret() -> StreamItems:
            self._spend(len(data.split()))
            interpreter = _interpreter(resources, matrix)
            interpreter.run(stream)
            return StreamItems(
                interpreter.items, None if _IMAGE_DATA.search(data) else interpreter.left
            )

        return self._memo.get((_digest(data), resources.key, matrix), self._own, interpret)

    def _one_by_one(self, form: _Form, resources: _Resources, matrix: Matrix) -> Interpreter:
        """Interpret streams in turn: the blank's own is known, whatever stamping put around it."""
        interpreter = _interpreter(resources, matrix)
        for one in form.streams:
            data = unpacked(one, limits.PDF_CONTENT_BYTES)
            known = self._memo.known((_digest(data), resources.key, matrix))
            if known is not None and known.left is not None and interpreter.is_fresh:
                interpreter.take(known.items, known.left)
                continue
            self._spend(len(data.split()))
            try:
                interpreter.run(one)
            except DAMAGE:  # what the library makes of half an operator
                interpreter.is_cut = True
            interpreter.is_cut = interpreter.is_cut or bool(_IMAGE_DATA.search(data))
        return interpreter

    def _spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise _trapped()

    def _content(self, number: int) -> _Form:
        """The content of a page; several streams are one (7.8.2)."""
        known = self._contents.get(number)
        if known is None:
            page = self._pages[number]
            content = page.get("/Contents")
            streams = [one for one in (content if isinstance(content, Array) else [content])
                       if isinstance(one, pikepdf.Stream)]  # fmt: skip
            identity = b"".join(map(_identity, streams))
            resources = self._resources(inherited(page, "/Resources"))
            known = self._contents[number] = _Form(identity, streams, IDENTITY, resources)
        return known

    def _shown(self, resources: _Resources, name: str) -> _Form | bool | None:
        """What an XObject's name stands for."""
        if name not in resources.shown:
            found: _Form | bool | None = None
            listed = resources.xobjects
            shown = listed.get(f"/{name}") if listed is not None else None
            if isinstance(shown, pikepdf.Stream):
                found = self._form(shown) if shown.get("/Subtype") == Name.Form else True
            resources.shown[name] = found
        return resources.shown[name]

    def _form(self, stream: Object) -> _Form:
        known = self._forms.get(stream.objgen)
        if known is None:
            listed = stream.get("/Resources")
            resources = None if listed is None else self._resources(listed)
            matrix = matrix_of(stream.get("/Matrix")) or IDENTITY
            known = _Form(_identity(stream), [stream], matrix, resources)
            self._forms[stream.objgen] = known
        return known

    def _resources(self, listed: object) -> _Resources:
        """A resource dictionary (7.8.3)."""
        if not isinstance(listed, Dictionary):
            return _EMPTY
        known = self._resource_lists.get(listed.objgen) if listed.is_indirect else None
        if known is not None:
            return known
        _refuse_dust(listed.get("/Pattern"))
        fonts = self._font_list(listed.get("/Font"))
        states = _alphas(listed.get("/ExtGState"))
        parts = [name.encode("utf-8", "surrogateescape") + one.key for name, one in fonts.items()]
        inks = _inks(listed.get("/ColorSpace"))
        told = f"{states}{sorted(inks)}" if states or inks else ""
        parts.append(told.encode("utf-8", "surrogateescape"))
        xobjects = listed.get("/XObject")
        made = _Resources(
            fonts,
            states,
            xobjects if isinstance(xobjects, Dictionary) else None,
            hashlib.blake2b(b"\0".join(parts), digest_size=16).digest(),
            inks,
        )
        if listed.is_indirect:
            self._resource_lists[listed.objgen] = made
        return made

    def _font_list(self, listed: object) -> dict[str, Decoder]:
        if not isinstance(listed, Dictionary):
            return {}
        # Equal references, in one document, are the same fonts.
        key = listed.objgen if listed.is_indirect else listed.unparse()
        known = self._font_lists.get(key)
        if known is None:
            known = self._font_lists[key] = {
                str(name)[1:]: self._font(one)
                for name, one in listed.items()
                if isinstance(one, Dictionary)
            }
        return known

    def _font(self, font: Object) -> Decoder:
        if not font.is_indirect:
            return decoder(font)
        known = self._fonts.get(font.objgen)
        if known is None:
            known = self._fonts[font.objgen] = decoder(font)
        return known


def _trapped() -> DocumentError:
    return DocumentError(
        "ce PDF dessine plus que ne le fait aucun guide : il est piégé, ou n’est pas le "
        "document attendu.",
        remedy="Reprenez le document tel qu’il a été émis.",
    )


def _refuse_dust(listed: object) -> None:
    """Refuse patterns whose tiles (8.7.3) are too small to be seen: painting them has no end."""
    for one in listed.as_dict().values() if isinstance(listed, Dictionary) else ():
        if not isinstance(one, pikepdf.Stream) or one.get("/PatternType") != 1:
            continue
        a, b, c, d, _, _ = matrix_of(one.get("/Matrix")) or IDENTITY
        try:
            tile = float(one.get("/XStep", 0)) * float(one.get("/YStep", 0)) * (a * d - b * c)
        except (TypeError, ValueError):
            continue
        if abs(tile) < limits.PDF_TILE:
            raise _trapped()


def _interpreter(resources: _Resources, matrix: Matrix) -> Interpreter:
    return Interpreter(
        lambda name: resources.fonts.get(name, NOTHING),
        lambda name: resources.states.get(name, (None, None)),
        matrix,
        resources.inks,
    )


def _identity(stream: Object) -> bytes:
    """Equal for equal bytes, packed alike: the same bytes unpacked otherwise are another stream."""
    packing = b"".join([stream[key].unparse() for key in _PACKING if key in stream])
    return _digest(stream.read_raw_bytes() + packing)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _inks(listed: object) -> frozenset[str]:
    """The names of the colour spaces that are one ink: Separation, and DeviceN of one (8.6.6)."""
    if not isinstance(listed, Dictionary):
        return frozenset()
    return frozenset(
        str(name)[1:]
        for name, one in listed.items()
        if isinstance(one, Array) and len(one) and one[0] in (Name.Separation, Name.DeviceN)
    )


def _alphas(listed: object) -> dict[str, tuple[float | None, float | None]]:
    """The fill and stroke alpha of each graphics state dictionary (11.6.4.4)."""
    if not isinstance(listed, Dictionary):
        return {}

    def alpha(state: Object, key: str) -> float | None:
        value = state.get(key)
        return None if value is None else float(value)

    return {
        str(name)[1:]: (alpha(one, "/ca"), alpha(one, "/CA"))
        for name, one in listed.items()
        if isinstance(one, Dictionary)
    }
