"""What is drawn, as content operators: ticks, lines of text, the draft's mark (ISO 32000-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cqp_forms.fonts import Face, Weight
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.layout import LEADING, Fitted, Line
from cqp_forms.pdf.stamp import fonts as stamp_fonts
from cqp_forms.pdf.stamp.frames import Frame, frame
from cqp_forms.pdf.stamp.objects import number, numbers

#: Near-black blue: told apart from print, as ink is, and dark on a copy.
INK = "0.05 0.1 0.35"

#: Of the height of a letter (em): room above the baseline and below it, for placing lines.
_RISE = 0.714
_DROP = 0.293

#: A cross in a whole table cell is no larger than this, in points.
_CELL_MARK = 10.0


def state(width: float) -> str:
    """The graphics state in which marks and text are drawn, with a stroke width in points."""
    return f"{INK} rg {INK} RG 1 J 1 j {number(width)} w\n"


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
        f"{numbers(left, low)} m {numbers(right, high)} l "
        f"{numbers(left, high)} m {numbers(right, low)} l S\n"
    )


@dataclass
class Used:
    """The faces that a document's stamped text needs, in the order met."""

    faces: dict[str, Face] = field(default_factory=dict)

    def glyphs(self, text: str, size: float, weight: Weight = Weight.REGULAR) -> str:
        """The operators that show a line of text at the current point."""
        parts = []
        for face, glyphs in stamp_fonts.shown(text, weight):
            self.faces.setdefault(face.key, face)
            parts.append(f"/{stamp_fonts.resource_name(face)} {number(size)} Tf <{glyphs}> Tj")
        return " ".join(parts)


def paragraphs(
    lines: Sequence[Line], size: float, where: Frame, x: float, baseline: float, used: Used
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
        parts.append(f"{matrix} Tm {used.glyphs(line.text, size)}\n")
    if lines:
        parts.append("ET EMC\n")
    return "".join(parts)


def mention(
    text: str, size: float, where: Frame, x: float, baseline: float, used: Used, tag: str
) -> str:
    """One line that the program adds (where the text goes on, a heading), marked as such."""
    return (
        f"/{tag} BMC BT {where.matrix(x, baseline)} Tm {used.glyphs(text, size)} ET EMC\n"
        if text
        else ""
    )


def middle_baseline(height: float, size: float) -> float:
    """The baseline that centres a line's capitals in a height, never below the line's own foot."""
    return max((height - _RISE * size) / 2, min(_DROP * size, height - _RISE * size))


def top_baseline(height: float, size: float, pad: float) -> float:
    """The first baseline of lines set from the top of a box."""
    return height - pad - size


def bottom_of(fitted: Fitted, first: float) -> float:
    """The baseline after the last line shown."""
    return first - len(fitted.lines) * fitted.leading


def draft_mark(visible: Rect, rotate: int, used: Used) -> str:
    """« BROUILLON » from corner to corner, see-through, so that nothing under it is lost."""
    where = frame(visible, rotate)
    word = "BROUILLON"
    advances = stamp_fonts.advances(Weight.BOLD)
    em = sum(advances[one] for one in word) / 1000
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
        f"q /CqpFaint gs 0.5 g /Artifact BMC BT {matrix} {numbers(*where.at(x, y))} Tm "
        f"{used.glyphs(word, size, Weight.BOLD)} ET EMC Q\n"
    )
