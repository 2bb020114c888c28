"""The glyphs of a show operator: where each stands, and the operator without some of them.

A glyph is taken away with its place kept: an equal displacement stands for it (ISO 32000-2, 9.4.3
and 9.4.4), so that nothing after it moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Operator, String

Instruction: TypeAlias = "pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage"

_DEFAULT_WIDTH = 500.0
#: ZapfDingbats' own widths (Adobe's metrics), for the signs that forms use: it is seldom embedded.
_DINGBATS = {
    "3": 755, "4": 846, "5": 762, "6": 761, "7": 571, "8": 677, " ": 278, "l": 791, "m": 873,
    "n": 761, "o": 762, "p": 762, "q": 759, "r": 759, "u": 788,
}  # fmt: skip
_SHOWS = frozenset(("Tj", "TJ", "'", '"'))


@dataclass(frozen=True)
class Font:
    """What placing glyphs needs of a font.

    Attributes:
        size: bytes in a code; 0 when its codes cannot be told apart.
        widths: by code, in thousandths of the text space unit.
        default: for the other codes.
    """

    size: int
    widths: Mapping[int, float]
    default: float

    def codes(self, data: bytes) -> Iterator[bytes]:
        """The codes of a string."""
        for start in range(0, len(data) - self.size + 1, self.size):
            yield data[start : start + self.size]

    def width(self, code: bytes) -> float:
        """The width of a code's glyph."""
        return self.widths.get(int.from_bytes(code, "big"), self.default)


#: What nothing is known about: its glyphs stay.
UNKNOWN = Font(0, {}, 0.0)


def font_of(font: Object | None) -> Font:
    """The metrics of a font dictionary."""
    if not isinstance(font, Dictionary):
        return UNKNOWN
    try:
        if font.get(Name.Subtype) == Name.Type0:
            return _composite(font)
        return _simple(font)
    except (pikepdf.PdfError, TypeError, ValueError, IndexError, AttributeError):
        return UNKNOWN


def _composite(font: Object) -> Font:
    if font.get(Name.Encoding) != Name("/Identity-H"):
        return UNKNOWN
    descendant = font.DescendantFonts[0]
    widths: dict[int, float] = {}
    pending: list[float] = []
    for one in descendant.get(Name.W, []):
        if isinstance(one, Array):
            start = int(pending.pop())
            widths |= {start + rank: float(width) for rank, width in enumerate(one)}
            continue
        pending.append(float(one))
        if len(pending) == 3:
            low, high, width = pending
            widths |= dict.fromkeys(range(int(low), min(int(high), 0xFFFF) + 1), width)
            pending = []
    return Font(2, widths, float(descendant.get(Name.DW, 1000)))


def _simple(font: Object) -> Font:
    listed = font.get(Name.Widths)
    name = str(font.get(Name.BaseFont, ""))
    if listed is None:
        if "Dingbats" in name:
            return Font(1, {ord(char): float(one) for char, one in _DINGBATS.items()}, 788.0)
        return Font(1, _standard_widths(name.lstrip("/")), _DEFAULT_WIDTH)
    unit = 1.0
    if font.get(Name.Subtype) == Name.Type3:
        # Its widths are in glyph space, which its own matrix scales (9.6.4).
        unit = 1000 * float(font.FontMatrix[0])
    first = int(font.get(Name.FirstChar, 0))
    widths = {first + rank: float(one) * unit for rank, one in enumerate(listed)}
    described = font.get(Name.FontDescriptor)
    missing = described.get(Name.MissingWidth, 0) if isinstance(described, Dictionary) else 0
    return Font(1, widths, float(missing) * unit)


def _standard_widths(name: str) -> dict[int, float]:
    """The widths of one of the fonts that every viewer has (9.6.2.2)."""
    import ctypes

    import pypdfium2.raw as pdfium

    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_CreateNewDocument()
    try:
        font = pdfium.FPDFText_LoadStandardFont(document, name.encode())
        if not font:
            return {}
        width, widths = ctypes.c_float(), {}
        for code in range(32, 256):
            if pdfium.FPDFFont_GetGlyphWidth(font, code, 1000.0, width):
                widths[code] = float(width.value)
        pdfium.FPDFFont_Close(font)
        return widths
    finally:
        pdfium.FPDF_CloseDocument(document)


@dataclass(slots=True)
class TextState:
    """The text state (9.3), lengths in unscaled text space."""

    font: Font = UNKNOWN
    size: float = 0.0
    char: float = 0.0
    word: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One element of a show operator.

    Attributes:
        code: the glyph's code; empty for a displacement.
        start: how far along the line it stands, in text space.
        advance: how far it moves on.
        number: what to write in a TJ for the same advance.
    """

    code: bytes
    start: float
    advance: float
    number: float


def steps(instruction: Instruction, state: TextState) -> list[Step]:
    """The elements of a show operator, in order; none when its font is not understood."""
    operands = list(instruction.operands)
    if str(instruction.operator) not in _SHOWS or not operands or not state.font.size:
        return []
    shown = operands[-1]
    pieces = list(shown) if isinstance(shown, Array) else [shown]
    found: list[Step] = []
    position = 0.0
    for piece in pieces:
        if not isinstance(piece, String):
            advance = -float(piece) / 1000 * state.size * state.scale
            found.append(Step(b"", position, advance, float(piece)))
            position += advance
            continue
        for code in state.font.codes(bytes(piece)):
            extra = state.char + (state.word if code == b" " else 0.0)
            width = state.font.width(code)
            advance = (width / 1000 * state.size + extra) * state.scale
            number = -(width + (1000 * extra / state.size if state.size else 0.0))
            found.append(Step(code, position, advance, number))
            position += advance
    return found


@dataclass
class _Line:
    """TJ operators in the making."""

    made: list[Instruction] = field(default_factory=list)
    _elements: list[float | bytes] = field(default_factory=list)

    def add(self, element: float | bytes) -> None:
        last = self._elements[-1] if self._elements else None
        if isinstance(element, bytes) and isinstance(last, bytes):
            self._elements[-1] = last + element
        else:
            self._elements.append(element)

    def end(self) -> None:
        if self._elements:
            listed = Array([
                String(one) if isinstance(one, bytes) else round(one, 4) for one in self._elements
            ])  # fmt: skip
            self.made.append(instruction("TJ", listed))
        self._elements = []


def without(shown: Instruction, line: Sequence[Step], gone: Collection[int]) -> list[Instruction]:
    """The operators that show the same without some of its glyphs.

    Args:
        shown: the show operator.
        line: its elements.
        gone: those to leave out, by rank.
    """
    made = _Line()
    if str(shown.operator) == '"':
        word, char = list(shown.operands)[:2]
        made.made += [instruction("Tw", word), instruction("Tc", char)]
    if str(shown.operator) in {"'", '"'}:
        made.made.append(instruction("T*"))
    for rank, step in enumerate(line):
        if rank in gone:
            # What is left and right of it is shown apart: text that is copied keeps its words.
            made.end()
            made.add(step.number)
            made.end()
        else:
            made.add(step.code or step.number)
    made.end()
    return made.made


def instruction(operator: str, *operands: Any) -> Instruction:
    """One instruction of a content stream."""
    return pikepdf.ContentStreamInstruction(list(operands), Operator(operator))
