"""What is drawn over a page, as content operators, and the resources that they name.

ISO 32000-2, 8 and 9. Each page shows one form XObject, its overlay, after its own content; all that
is made here goes into overlays, annex pages and the appearances of fields. They share one set of
resources (fonts, and the draft's see-through state), which is theirs alone: no name of the blank
can mean anything else in it (7.8.3).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from cqp_forms import fonts
from cqp_forms.fonts import Face, Weight
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.geometry import View
from cqp_forms.pdf.layout import LEADING, Line, Measured
from cqp_forms.plan import Stage

#: Near-black blue: told apart from print, as ink is, and dark on a copy.
INK = "0.05 0.1 0.35"

#: Of the height of a letter (em): room above the baseline and below it, for placing lines.
_RISE = 0.714
_DROP = 0.293

#: A cross in a whole table cell is no larger than this, in points.
_CELL_MARK = 10.0

#: The graphics state in which the draft's mark is see-through, in the overlays' resources.
FAINT = "CqpFaint"

#: Nonsymbolic would promise a standard encoding: these fonts are symbolic (table 121).
_SYMBOLIC = 4
#: A block of a CMap has no more pairs than this (9.7.5.4).
_PAIRS = 100


def written(*values: float) -> str:
    """Numbers as they are written in a content stream (7.3.3), as short as two decimals allow.

    >>> written(12.5, 3.0, -0.001)
    '12.5 3 0'
    """
    return " ".join(map(_written, values))


def _written(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle as the reader sees it: x to the right, y upwards, from its lower left corner.

    Attributes:
        a, b, c, d, e, f: the matrix from the frame to default user space (8.3.4).
        width: for the reader, in points.
        height: likewise.
    """

    a: int
    b: int
    c: int
    d: int
    e: float
    f: float
    width: float
    height: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the frame in default user space."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> Rect:
        """A rectangle of the frame in default user space."""
        (left, bottom), (right, top) = self.at(x0, y0), self.at(x1, y1)
        return Rect(min(left, right), min(bottom, top), max(left, right), max(bottom, top))

    @property
    def whole(self) -> Rect:
        """All of it, in default user space."""
        return self.rect(0, 0, self.width, self.height)

    def matrix(self, x: float = 0.0, y: float = 0.0) -> str:
        """The whole matrix, its origin at a point of the frame, as written."""
        return f"{self.a} {self.b} {self.c} {self.d} {written(*self.at(x, y))}"


def frame(rect: Rect, rotate: int) -> Frame:
    """The frame of a rectangle on a page whose /Rotate (clockwise, in degrees) is given."""
    match rotate % 360:
        case 90:
            return Frame(0, 1, -1, 0, rect.x1, rect.y0, rect.height, rect.width)
        case 180:
            return Frame(-1, 0, 0, -1, rect.x1, rect.y1, rect.width, rect.height)
        case 270:
            return Frame(0, -1, 1, 0, rect.x0, rect.y1, rect.height, rect.width)
        case _:
            return Frame(1, 0, 0, 1, rect.x0, rect.y0, rect.width, rect.height)


def state(width: float) -> str:
    """The graphics state in which marks and text are drawn, with a stroke width in points."""
    return f"{INK} rg {INK} RG 1 J 1 j {written(width)} w\n"


def cross(rect: Rect, kind: PdfKind) -> tuple[float, str]:
    """A tick: two strokes centred in the box, clear of its frame.

    Returns:
        The stroke's width in points, and the path with its painting.
    """
    side = min(rect.width, rect.height)
    if kind is PdfKind.CELL:
        side = min(side, _CELL_MARK)
    width = round(max(0.7, side * 0.12), 2)
    # The inset is measured to the edge of the ink, round caps included.
    reach = max(side * 0.35 - width / 2, side * 0.2)
    x, y = rect.centre
    left, right, low, high = x - reach, x + reach, y - reach, y + reach
    return width, (
        f"{written(left, low)} m {written(right, high)} l "
        f"{written(left, high)} m {written(right, low)} l S\n"
    )


def measure(text: str, weight: Weight = Weight.REGULAR) -> Measured:
    """A text whose widths are known at any size."""
    return Measured(text, fonts.advances(weight))


@dataclass
class FontUsage:
    """The faces that a document's stamped text needs, by key, in the order met."""

    faces: dict[str, Face] = field(default_factory=dict)

    def show(self, text: str, size: float, weight: Weight = Weight.REGULAR) -> str:
        """The operators that show a line of text at the current point.

        Raises:
            AnswersError: a character cannot be printed.
        """
        parts = []
        for face, codes in fonts.coded(text, weight):
            self.faces.setdefault(face.key, face)
            parts.append(f"/{resource_name(face)} {written(size)} Tf <{codes}> Tj")
        return " ".join(parts)


def resource_name(face: Face) -> str:
    """The name of a face in resource dictionaries."""
    return "Cqp" + face.key.replace("-", "")


def paragraphs(
    lines: Sequence[Line], size: float, where: Frame, x: float, baseline: float, usage: FontUsage
) -> str:
    """Lines of typed text, marked so that they can be read back as typed.

    ``/P`` marks what begins a typed line, ``/Span`` what continues one; a wrapped line keeps its
    space.

    Args:
        x: left edge, in the frame.
        baseline: of the first line, in the frame.
    """
    parts = []
    for rank, line in enumerate(lines):
        if line.starts or rank == 0:
            parts.append("ET EMC\n" if rank else "")
            parts.append("/P BMC BT\n" if line.starts else "/Span BMC BT\n")
        # An empty line is shown too: its place says that it was typed.
        matrix = where.matrix(x, baseline - rank * size * LEADING)
        parts.append(f"{matrix} Tm {usage.show(line.text, size)}\n")
    if lines:
        parts.append("ET EMC\n")
    return "".join(parts)


def comb(
    text: str, size: float, cells: Sequence[float], first: int, where: Frame, usage: FontUsage
) -> str:
    """One typed line, a character in the middle of each cell, as a comb field shows it (12.7.5.3).

    Args:
        cells: the middle of each along the frame, from 0 to 1.
        first: the cell of the first character, from 0.
    """
    baseline = middle_baseline(where.height, size)
    shown = []
    for middle, cluster in zip(cells[first:], fonts.clusters(text), strict=False):
        x = where.width * middle - measure(cluster).width(size) / 2
        shown.append(f"{where.matrix(x, baseline)} Tm {usage.show(cluster, size)}\n")
    return f"/P BMC BT\n{''.join(shown)}ET EMC\n"


#: The house's quiet grey, its navy, its blue and its pale rule: device colours.
QUIET, NAVY, BLUE = "0.353 0.396 0.467", "0.122 0.220 0.392", "0.180 0.455 0.710"
RULE = "0.706 0.761 0.839"


#: The frame around what is not settled in a draft: its colour, and how far it stands from it.
AMBER = "0.95 0.6 0.05"
_CLEAR = 2.5


def mention(
    text: str, size: float, where: Frame, x: float, baseline: float, usage: FontUsage, tag: str
) -> str:
    """One line that the program adds (where the text goes on, a heading), marked as such."""
    return (
        f"/{tag} BMC BT {where.matrix(x, baseline)} Tm {usage.show(text, size)} ET EMC\n"
        if text
        else ""
    )


def middle_baseline(height: float, size: float) -> float:
    """The baseline that centres a line's capitals in a height, never below the line's own foot."""
    return max((height - _RISE * size) / 2, min(_DROP * size, height - _RISE * size))


def outline(rect: Rect) -> str:
    """A thin amber frame that stands clear of a place, in default user space."""
    x, y = rect.x0 - _CLEAR, rect.y0 - _CLEAR
    box = written(x, y, rect.width + 2 * _CLEAR, rect.height + 2 * _CLEAR)
    return f"q {AMBER} RG 1 w /Artifact BMC {box} re S EMC Q\n"


def draft_mark(view: View, usage: FontUsage) -> str:
    """« BROUILLON » from corner to corner, see-through, so that nothing under it is lost."""
    where = frame(view.crop, view.rotate)
    word = "BROUILLON"
    em = measure(word, Weight.BOLD).width(1)
    diagonal = (where.width**2 + where.height**2) ** 0.5
    size = round(diagonal * 0.62 / em, 1)
    cos, sin = where.width / diagonal, where.height / diagonal
    along, across = em * size / 2, _RISE * size / 2
    x = where.width / 2 - along * cos + across * sin
    y = where.height / 2 - along * sin - across * cos
    turn = (
        where.a * cos + where.c * sin,
        where.b * cos + where.d * sin,
        -where.a * sin + where.c * cos,
        -where.b * sin + where.d * cos,
    )
    matrix = " ".join(f"{one:.4f}" for one in turn)
    return (
        f"q /{FAINT} gs 0.5 g /Artifact BMC BT {matrix} {written(*where.at(x, y))} Tm "
        f"{usage.show(word, size, Weight.BOLD)} ET EMC Q\n"
    )


class StampResources:
    """The resources of a prepared document's stamped content.

    Attributes:
        dictionary: for overlays and annex pages.
        fonts: its fonts, for the appearances of fields too.
        common: the face that nearly all text is set in.
    """

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._made: dict[str, Object] = {}
        self.common = fonts.faces()[0]
        self.fonts: Object = pdf.make_indirect(Dictionary())
        self.dictionary: Object = pdf.make_indirect(Dictionary(Font=self.fonts))
        self._faint = Dictionary({f"/{FAINT}": Dictionary(Type=Name.ExtGState, ca=0.22, CA=0.22)})

    def handles(self) -> list[Object]:
        """Its objects, in an order that :meth:`move` knows."""
        return [self.dictionary, *self._made.values()]

    def move(self, pdf: pikepdf.Pdf, handles: Iterator[Object]) -> None:
        """Go on in the same document, saved and opened again, with its objects in that one."""
        self._pdf = pdf
        self.dictionary = next(handles)
        self.fonts = self.dictionary.Font
        self._made = {key: next(handles) for key in self._made}

    def keep(self, form: Object) -> str:
        """Name a form XObject that overlays may show."""
        if Name.XObject not in self.dictionary:
            self.dictionary.XObject = Dictionary()
        name = f"/CqpP{len(self.dictionary.XObject)}"
        self.dictionary.XObject[Name(name)] = form
        return name

    def font(self, face: Face) -> Object:
        """The font dictionary of a face, made at first use."""
        if face.key not in self._made:
            self._made[face.key] = font_object(self._pdf, face)
        return self._made[face.key]

    def write(self, usage: FontUsage, stage: Stage) -> None:
        """Name what one document uses, and nothing else."""
        for name in list(self.fonts.keys()):
            del self.fonts[name]
        for face in usage.faces.values():
            self.fonts[Name("/" + resource_name(face))] = self.font(face)
        if stage is Stage.DRAFT:
            self.dictionary.ExtGState = self._faint
        elif Name.ExtGState in self.dictionary:
            del self.dictionary.ExtGState


def font_object(pdf: pikepdf.Pdf, face: Face) -> Object:
    """A new composite font with identity encoding (9.7): its file, widths and character map."""
    name = Name(f"/{face.name}")
    metrics = face.metrics
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=_SYMBOLIC,
        FontBBox=Array(metrics.bbox),
        ItalicAngle=metrics.italic_angle,
        Ascent=metrics.ascent,
        Descent=metrics.descent,
        CapHeight=metrics.cap_height,
        StemV=metrics.stem_v,
        FontFile2=_packed(pdf, face.font_file, Length1=face.length1),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=Dictionary(
            Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0
        ),
        CIDToGIDMap=Name.Identity,
        DW=0,
        W=Array([1, Array(face.advances)]),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=name,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=_packed(pdf, _to_unicode(face)),
        )
    )


def _packed(pdf: pikepdf.Pdf, data: bytes, **entries: int) -> Object:
    """A stream of data that zlib has compressed already."""
    made = pdf.make_stream(data, **entries)
    made.write(data, filter=Name.FlateDecode)
    return made


@cache
def _to_unicode(face: Face) -> bytes:
    """The /ToUnicode CMap of a face (9.10.3), compressed."""
    pairs = list(face.to_unicode.items())
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    for start in range(0, len(pairs), _PAIRS):
        block = pairs[start : start + _PAIRS]
        lines.append(f"{len(block)} beginbfchar")
        lines.extend(
            f"<{glyph:04X}> <{text.encode('utf-16-be').hex().upper()}>" for glyph, text in block
        )
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return zlib.compress("\n".join(lines).encode(), 9)
