"""The graphics state of a content stream, as far as reading goes (ISO 32000-2, 8.4)."""

from __future__ import annotations

from dataclasses import dataclass

from cqp_forms.pdf.geometry import IDENTITY, Matrix
from cqp_forms.pdf.read.fonts import Decoder
from cqp_forms.pdf.read.tokens import Operand


@dataclass(slots=True)
class State:
    """Matrix, colours as lightness (0 to 1), alphas, line width, and the text state (9.3)."""

    matrix: Matrix = IDENTITY
    fill: float = 0.0
    stroke: float = 0.0
    fill_alpha: float = 1.0
    stroke_alpha: float = 1.0
    width: float = 1.0
    font: Decoder | None = None
    size: float = 0.0
    char: float = 0.0
    word: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0

    def copy(self) -> State:
        """A copy, for q."""
        return State(*(getattr(self, name) for name in _FIELDS))


_FIELDS = tuple(State.__dataclass_fields__)


def light_of(operands: list[Operand]) -> float:
    """How light a colour is, 0 to 1; patterns and separations count as dark."""
    values = [one for one in operands if isinstance(one, float)]
    match values:
        case [grey]:
            return grey
        case [red, green, blue]:
            return 0.299 * red + 0.587 * green + 0.114 * blue
        case [cyan, magenta, yellow, black]:
            return (1 - black) * (1 - (cyan + magenta + yellow) / 3)
        case _:
            return 0.0
