"""Pages as a viewer shows them, rendered by PDFium: the only module that knows it for pictures.

Coordinates are those of :mod:`cqp_forms.pdf.geometry`: points, in user space or upright.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from PIL import Image, ImageChops, ImageDraw

from cqp_forms import limits
from cqp_forms.errors import DocumentError
from cqp_forms.mapping import Rect
from cqp_forms.pdf.geometry import View
from cqp_forms.pdf.opening import PDFIUM

#: Pixels a point for comparing: a hairline or a full stop is well seen at this size.
SCALE = 1.5
_RED = (200, 0, 0)
#: The side of the squares by which pixels that differ are gathered, in pixels: about a letter.
_SQUARE = 12


class RenderedParts(Enum):
    """What of a page is painted."""

    ALL = "all"
    CONTENT = "content"


@dataclass(frozen=True)
class TextLine:
    """A stretch of text in one font on one line; its rectangle is in user space."""

    text: str
    rect: Rect


class Raster:
    """An open document, its pages rendered on demand (numbers from 0); a context manager, always.

    Raises:
        DocumentError: PDFium cannot open it; on leaving the context, that it cannot show a page.
    """

    def __init__(self, document: bytes) -> None:
        import pypdfium2

        PDFIUM.acquire()
        try:
            self._pdf: Any = pypdfium2.PdfDocument(document)
            # Without a form environment PDFium paints no field.
            self._pdf.init_forms()
            self._total = len(self._pdf)
        except BaseException as problem:
            PDFIUM.release()
            if isinstance(problem, pypdfium2.PdfiumError):
                raise _unseen() from problem
            raise
        self._open: dict[int, Any] = {}
        self._flat: set[int] = set()

    def __enter__(self) -> Raster:
        return self

    def __exit__(self, _kind: object, problem: BaseException | None, _trace: object) -> None:
        import pypdfium2

        try:
            self._pdf.close()
        finally:
            PDFIUM.release()
        # Pages are parsed when they are asked for: what is wrong with one is found out there.
        if isinstance(problem, pypdfium2.PdfiumError):
            raise _unseen() from problem

    def __len__(self) -> int:
        return self._total

    def _page(self, number: int) -> Any:
        if number not in self._open:
            self._open[number] = self._pdf[number]
        return self._open[number]

    def view(self, number: int) -> View:
        """What a reader sees of a page."""
        page = self._page(number)
        return View(Rect(*page.get_cropbox()), page.get_rotation())

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of a page as shown, in points."""
        width, height = self._page(number).get_size()
        return float(width), float(height)

    def picture(
        self, number: int, scale: float = SCALE, paint: RenderedParts = RenderedParts.ALL
    ) -> Picture:
        """A page.

        Args:
            scale: pixels a point; less for a page that would be too large.
            paint: with its annotations and fields, or without.
        """
        page = self._page(number)
        width, height = page.get_size()
        room = limits.PIXELS / max(1.0, width * height)
        bitmap = page.render(
            scale=min(scale, room**0.5),
            draw_annots=paint is RenderedParts.ALL,
            may_draw_forms=paint is RenderedParts.ALL,
            rev_byteorder=True,
        )
        size = (bitmap.width, bitmap.height)
        return Picture(bytes(bitmap.buffer), size, bitmap.stride, bitmap.width / max(1.0, width))

    def notes(self, number: int) -> Iterator[TextLine]:
        """The text annotations of a page: who wrote each (ISO 32000-2, 12.5.6.2), and where."""
        import pypdfium2.raw as pdfium

        page = self._page(number).raw
        for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
            note = pdfium.FPDFPage_GetAnnot(page, index)
            if pdfium.FPDFAnnot_GetSubtype(note) == pdfium.FPDF_ANNOT_TEXT:
                size = pdfium.FPDFAnnot_GetStringValue(note, b"T", None, 0)
                text = ctypes.create_string_buffer(size)
                into = ctypes.cast(text, ctypes.POINTER(pdfium.FPDF_WCHAR))
                pdfium.FPDFAnnot_GetStringValue(note, b"T", into, size)
                box = pdfium.FS_RECTF()
                pdfium.FPDFAnnot_GetRect(note, box)
                rect = Rect(box.left, box.bottom, box.right, box.top)
                yield TextLine(text.raw.decode("utf-16-le").rstrip("\0"), rect)
            pdfium.FPDFPage_CloseAnnot(note)

    def text(self, number: int) -> str:
        """What is copied of a page, its fields left out."""
        found: str = self._page(number).get_textpage().get_text_range()
        return found

    def lines(self, number: int) -> Iterator[TextLine]:
        """The same with its places, in the order of the page's content."""
        text = self._page(number).get_textpage()
        for index in range(text.count_rects()):
            rect = text.get_rect(index)
            yield TextLine(text.get_text_bounded(*rect).strip(), Rect(*rect))

    def signs(self, number: int, wanted: frozenset[str]) -> Iterator[TextLine]:
        """The characters of a page that are among those wanted, in the order of its content."""
        text = self._page(number).get_textpage()
        for index, sign in enumerate(text.get_text_range()):
            if sign in wanted:
                yield TextLine(sign, Rect(*text.get_charbox(index, loose=False)))

    def text_in(self, number: int, rect: Rect) -> str:
        """The text in a rectangle of user space, that of fields and annotations included.

        The page's annotations become part of its content, for whatever is asked of it afterwards.
        """
        from pypdfium2 import raw

        page = self._page(number)
        if number not in self._flat:
            # Not the page's own `flatten`, which wants a form where there may be none.
            raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)
            self._flat.add(number)
            # Its content is parsed anew.
            self._open.pop(number).close()
            page = self._page(number)
        found: str = page.get_textpage().get_text_bounded(rect.x0, rect.y0, rect.x1, rect.y1)
        return found


@dataclass(frozen=True)
class Picture:
    """A rendered page; equal pictures show the same.

    Attributes:
        content: its pixels, rows from the top, each of ``stride`` bytes.
        size: width and height in pixels.
        scale: its pixels a point.
    """

    content: bytes
    size: tuple[int, int]
    stride: int
    scale: float

    @cached_property
    def image(self) -> Image.Image:
        """The picture, RGB."""
        mode = "RGB" if self.stride < 4 * self.size[0] else "RGBX"
        return Image.frombytes("RGB", self.size, self.content, "raw", mode, self.stride)

    def box(self, rect: Rect) -> tuple[int, int, int, int]:
        """Left, top, right and bottom, in pixels, of an upright rectangle; inside the page."""
        width, height = self.image.size
        left = min(width, max(0, round(rect.x0 * self.scale)))
        top = min(height, max(0, height - round(rect.y1 * self.scale)))
        right = min(width, max(left, round(rect.x1 * self.scale)))
        low = min(height, max(top, height - round(rect.y0 * self.scale)))
        return left, top, right, low

    def rect(self, box: tuple[int, int, int, int]) -> Rect:
        """The upright rectangle of some pixels."""
        left, top, right, low = (one / self.scale for one in box)
        high = self.image.height / self.scale
        return Rect(left, high - low, right, high - top)

    def difference(self, other: Picture, threshold: int) -> Image.Image:
        """Where two pictures of one size differ by more than a number of levels: 255, else 0."""
        channels = ImageChops.difference(self.image, other.image).split()
        most = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
        return most.point([0] * (threshold + 1) + [255] * (255 - threshold))

    def darkness(self, rect: Rect, threshold: int = 90) -> float:
        """The share of an upright rectangle that is darker than paper, by some levels of grey."""
        part = self.image.crop(self.box(rect)).convert("L")
        total = part.width * part.height
        return sum(part.histogram()[: 256 - threshold]) / total if total else 0.0

    def lacks(self, other: Picture, rect: Rect, threshold: int = 90) -> bool:
        """Whether ink of another picture is missing in an upright rectangle, and none is added."""
        parts = [one.image.crop(one.box(rect)).convert("L") for one in (self, other)]
        lost, added = (
            sum(ImageChops.subtract(one, two).histogram()[threshold:])
            for one, two in (parts, parts[::-1])
        )
        return lost > 0 and not added

    def beside(self, other: Picture, framed: Iterable[Rect]) -> bytes:
        """Both pictures side by side as PNG, upright rectangles framed in red in each."""
        rects = list(framed)
        gap = 20
        width = self.image.width + gap + other.image.width
        sheet = Image.new(
            "RGB", (width, max(self.image.height, other.image.height)), (128, 128, 128)
        )
        for picture, left in ((self, 0), (other, self.image.width + gap)):
            sheet.paste(picture.image, (left, 0))
            pen = ImageDraw.Draw(sheet)
            for rect in rects:
                x0, y0, x1, y1 = picture.box(
                    Rect(rect.x0 - 3, rect.y0 - 3, rect.x1 + 3, rect.y1 + 3)
                )
                pen.rectangle((left + x0, y0, left + x1, y1), outline=_RED, width=3)
        out = io.BytesIO()
        sheet.save(out, "PNG")
        return out.getvalue()


def count(mask: Image.Image) -> int:
    """How many pixels of a mask are set."""
    return mask.histogram()[255]


def regions(mask: Image.Image) -> list[tuple[int, int, int, int]]:
    """Boxes, in pixels, around the pixels that are set in a mask: neighbours share one."""
    width = -(-mask.width // _SQUARE)
    squares = mask.reduce(_SQUARE).point([0] + [255] * 255)
    todo = {index for index, one in enumerate(squares.tobytes()) if one}
    found = []
    while todo:
        group, edge = [], [todo.pop()]
        while edge:
            here = edge.pop()
            group.append(here)
            near = {here + dx + dy * width for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & todo
            todo -= near
            edge.extend(near)
        found.append(_around(group, width, mask))
    return sorted((one for one in found if one), key=lambda one: (one[1], one[0]))


def _around(
    group: Sequence[int], width: int, mask: Image.Image
) -> tuple[int, int, int, int] | None:
    columns, rows = [one % width for one in group], [one // width for one in group]
    left, top = min(columns) * _SQUARE, min(rows) * _SQUARE
    box = mask.crop((left, top, (max(columns) + 1) * _SQUARE, (max(rows) + 1) * _SQUARE)).getbbox()
    return (left + box[0], top + box[1], left + box[2], top + box[3]) if box else None


def _unseen() -> DocumentError:
    return DocumentError(
        "ce PDF ne peut pas être affiché.", remedy="Reprenez le document tel qu’il a été émis."
    )
