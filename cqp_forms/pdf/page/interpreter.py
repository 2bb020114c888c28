"""Interpret a content stream: what it paints and where (ISO 32000-2, 7.8.2, 8 and 9).

Only what reading a form needs: paths with their boxes, text with its place, marked content, and the
forms and images that are shown. Clipping is not followed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any

import pikepdf
from pikepdf import Array, Name, Object, String

from cqp_forms.pdf.geometry import IDENTITY, Matrix, multiply
from cqp_forms.pdf.page.fonts import Decoder, Fonts
from cqp_forms.pdf.page.items import (
    Drawing,
    Item,
    Painting,
    Segment,
    TextRun,
    XObjectUse,
    image,
)
from cqp_forms.ticksigns import SIGNS

_FAR = 1e5  # points
#: Marked-content sequences are numbered across all streams, so that none is taken for another.
_sequences = count(1)


@dataclass(slots=True)
class GraphicsState:
    """Matrix, colours as lightness (0 to 1), alphas, line width, and the text state (8.4, 9.3)."""

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
    fill_inked: bool = False
    stroke_inked: bool = False

    def copied(self) -> GraphicsState:
        """The same state; `copy` takes ten times as long, and there is one for every « q »."""
        return GraphicsState(
            self.matrix,
            self.fill,
            self.stroke,
            self.fill_alpha,
            self.stroke_alpha,
            self.width,
            self.font,
            self.size,
            self.char,
            self.word,
            self.scale,
            self.leading,
            self.rise,
            self.mode,
            self.fill_inked,
            self.stroke_inked,
        )


class Interpreter:
    """Runs content streams; :attr:`items` is what they painted, in order.

    Args:
        fonts: finds a font by its resource name.
        alphas: by name of a graphics state dictionary: its fill and stroke alpha, ``None`` when
            not set (11.6.4.4).
        matrix: from the stream's space to the page's.
        inks: the colour spaces of one ink: their tint is 0 for paper, 1 for full ink (8.6.6.4).

    Attributes:
        is_cut: whether a stream ended within an operator and its operands.
    """

    def __init__(
        self,
        fonts: Fonts,
        alphas: Callable[[str], tuple[float | None, float | None]],
        matrix: Matrix = IDENTITY,
        inks: Collection[str] = (),
    ) -> None:
        self.items: list[Item | XObjectUse] = []
        self._fonts, self._alphas, self._inks = fonts, alphas, inks
        self._first, self._state = GraphicsState(matrix=matrix), GraphicsState(matrix=matrix)
        self._saved: list[GraphicsState] = []
        self._restored_too_often = False
        self.is_cut = False
        self._points: list[tuple[float, float]] = []
        self._moves: set[int] = set()
        self._straight = True
        self._text = self._line = IDENTITY
        self._tags: list[tuple[str, int]] = []

    def run(self, stream: Object) -> list[Item | XObjectUse]:
        """Interpret the stream; an operator with wrong operands is passed over, as viewers do."""
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            instructions = pikepdf.parse_content_stream(stream)
        # A stream that is cut short shows what comes before.
        self.is_cut = self.is_cut or bool(told)
        for one in instructions:
            handler = _HANDLERS.get(one.operator.unparse())
            if handler is not None:
                # `suppress` would cost as much as most operators.
                try:  # noqa: SIM105
                    handler(self, one.operands)
                except (IndexError, ValueError, TypeError, ArithmeticError):
                    pass
        return self.items

    @property
    def is_fresh(self) -> bool:
        """Whether the next stream is painted as if nothing had come before it."""
        return self._state == self._first and not self._points and not self._tags

    @property
    def left(self) -> GraphicsState | None:
        """The state that is left; ``None`` where what came is not whole by itself."""
        loose = self.is_cut or self._saved or self._restored_too_often or self._points or self._tags
        return None if loose else self._state.copied()

    def take(self, items: Sequence[Item | XObjectUse], left: GraphicsState) -> None:
        """Go on as if a stream had been run that is known to paint this, and to leave that."""
        self.items.extend(items)
        self._state = left.copied()

    # Graphics state (8.4.4)

    def _save(self, _: Sequence[Any]) -> None:
        self._saved.append(self._state.copied())

    def _restore(self, _: Sequence[Any]) -> None:
        if self._saved:
            self._state = self._saved.pop()
        else:
            self._restored_too_often = True

    def _concat(self, operands: Sequence[Any]) -> None:
        a, b, c, d, e, f = _numbers(operands)
        self._state.matrix = multiply((a, b, c, d, e, f), self._state.matrix)

    def _width(self, operands: Sequence[Any]) -> None:
        (self._state.width,) = _numbers(operands)

    def _graphics(self, operands: Sequence[Any]) -> None:
        fill, stroke = self._alphas(_name(operands[-1]))
        if fill is not None:
            self._state.fill_alpha = fill
        if stroke is not None:
            self._state.stroke_alpha = stroke

    def _fill_colour(self, operands: Sequence[Any]) -> None:
        self._state.fill, self._state.fill_inked = _light(operands), False

    def _stroke_colour(self, operands: Sequence[Any]) -> None:
        self._state.stroke, self._state.stroke_inked = _light(operands), False

    def _fill_space(self, operands: Sequence[Any]) -> None:
        self._state.fill, self._state.fill_inked = 0.0, _name(operands[-1]) in self._inks

    def _stroke_space(self, operands: Sequence[Any]) -> None:
        self._state.stroke, self._state.stroke_inked = 0.0, _name(operands[-1]) in self._inks

    def _fill_tint(self, operands: Sequence[Any]) -> None:
        inked = self._state.fill_inked
        self._state.fill = _tinted(operands) if inked else _light(operands)

    def _stroke_tint(self, operands: Sequence[Any]) -> None:
        inked = self._state.stroke_inked
        self._state.stroke = _tinted(operands) if inked else _light(operands)

    # Paths (8.5)

    def _add(self, x: float, y: float) -> None:
        a, b, c, d, e, f = self._state.matrix
        px, py = _near(a * x + c * y + e), _near(b * x + d * y + f)
        if self._points and self._straight:
            last = self._points[-1]
            if abs(px - last[0]) > 0.05 and abs(py - last[1]) > 0.05:
                self._straight = False
        self._points.append((px, py))

    def _move(self, operands: Sequence[Any]) -> None:
        x, y = _numbers(operands)
        straight = self._straight
        self._moves.add(len(self._points))
        self._add(x, y)
        # Moving draws nothing, whatever its direction.
        self._straight = straight

    def _draw(self, operands: Sequence[Any]) -> None:
        x, y = _numbers(operands)
        self._add(x, y)

    def _curve(self, operands: Sequence[Any]) -> None:
        values = _numbers(operands)
        for x, y in zip(values[::2], values[1::2], strict=False):
            self._add(x, y)
        self._straight = False

    def _rectangle(self, operands: Sequence[Any]) -> None:
        x, y, w, h = _numbers(operands)
        a, b, c, d, e, f = self._state.matrix
        if b == c == 0.0:  # as nearly always: a page's code has some sixty of them
            x0, y0, x1, y1 = map(_near, (a * x + e, d * y + f, a * (x + w) + e, d * (y + h) + f))
            self._moves.add(len(self._points))
            self._points += ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
            return
        self._move([x, y])
        for px, py in ((x + w, y), (x + w, y + h), (x, y + h)):
            self._add(px, py)

    def _stroke(self, _: Sequence[Any]) -> None:
        self._paint(Painting.STROKE, self._state.stroke, self._state.stroke_alpha)
        self._forget(_)

    def _fill(self, _: Sequence[Any]) -> None:
        self._paint(Painting.FILL, self._state.fill, self._state.fill_alpha)
        self._forget(_)

    def _fill_stroke(self, _: Sequence[Any]) -> None:
        self._paint(Painting.FILL, self._state.fill, self._state.fill_alpha)
        self._paint(Painting.STROKE, self._state.stroke, self._state.stroke_alpha)
        self._forget(_)

    def _forget(self, _: Sequence[Any]) -> None:
        self._points = []
        self._moves = set()
        self._straight = True

    def _segments(self) -> tuple[Segment, ...]:
        points, moves = self._points, self._moves
        return tuple(
            (*points[end - 1], *points[end]) for end in range(1, len(points)) if end not in moves
        )

    def _paint(self, painting: Painting, light: float, alpha: float) -> None:
        if not self._points:
            return
        xs = [one[0] for one in self._points]
        ys = [one[1] for one in self._points]
        grow = 0.0
        if painting is Painting.STROKE:
            a, b, c, d, _, _ = self._state.matrix
            grow = _near(self._state.width * abs(a * d - b * c) ** 0.5 / 2)
        self.items.append(
            Drawing(
                min(xs) - grow,
                min(ys) - grow,
                max(xs) + grow,
                max(ys) + grow,
                painting,
                self._straight,
                1 - alpha * (1 - light),
                alpha > 0.9,
                # Two crossed strokes are a mark whatever their course: only more may be a ring.
                self._segments() if len(xs) > 4 and not (grow and self._straight) else (),
            )
        )

    # Text (9.4)

    def _begin(self, _: Sequence[Any]) -> None:
        self._text = self._line = IDENTITY

    def _font(self, operands: Sequence[Any]) -> None:
        self._state.font = self._fonts(_name(operands[0]))
        self._state.size = _numbers(operands[1:])[0]

    def _place(self, operands: Sequence[Any]) -> None:
        a, b, c, d, e, f = _numbers(operands)
        self._text = self._line = (a, b, c, d, e, f)

    def _next(self, operands: Sequence[Any]) -> None:
        x, y = _numbers(operands)
        a, b, c, d, e, f = self._line
        self._text = self._line = (a, b, c, d, a * x + c * y + e, b * x + d * y + f)

    def _next_leading(self, operands: Sequence[Any]) -> None:
        self._state.leading = -_numbers(operands)[1]
        self._next(operands)

    def _new_line(self, _: Sequence[Any]) -> None:
        self._next([0.0, -self._state.leading])

    def _show(self, operands: Sequence[Any]) -> None:
        self._glyphs([operands[-1]])

    def _show_array(self, operands: Sequence[Any]) -> None:
        listed = operands[-1]
        self._glyphs(list(listed) if isinstance(listed, Array) else [listed])

    def _show_line(self, operands: Sequence[Any]) -> None:
        self._new_line([])
        self._glyphs([operands[-1]])

    def _show_spaced(self, operands: Sequence[Any]) -> None:
        self._state.word, self._state.char = _numbers(operands[:2])
        self._show_line(operands)

    def _glyphs(self, pieces: Sequence[Any]) -> None:
        state = self._state
        font = state.font
        if font is None:
            return
        text: list[str] = []
        advance = 0.0
        for piece in pieces:
            if not isinstance(piece, String):
                gap = float(piece)
                # A wide gap stands for a space that is not shown (9.4.3).
                if gap < -200 and text:
                    text.append(" ")
                    if gap < -1000:
                        # As wide as a letter: what follows stands by itself.
                        self._emit("".join(text), advance * state.scale)
                        text, advance = [], 0.0
                        self._go_on(-gap / 1000 * state.size * state.scale)
                        continue
                advance -= gap / 1000 * state.size
            else:
                codes = font.codes(bytes(piece))
                shown = font.text(codes)
                if len(codes) > 1 and not SIGNS.isdisjoint(shown):
                    # A box in a line of text is an item of its own.
                    self._emit("".join(text), advance * state.scale)
                    for some in _apart(codes, font):
                        self._emit(font.text(some), self._advance(font, some) * state.scale)
                    text, advance = [], 0.0
                    continue
                text.append(shown)
                advance += self._advance(font, codes)
        self._emit("".join(text), advance * state.scale)

    def _advance(self, font: Decoder, codes: str) -> float:
        state = self._state
        advance = font.width(codes) * state.size / 1000 + state.char * len(codes)
        if state.word and not font.wide:
            advance += state.word * codes.count(" ")
        return advance

    def _emit(self, text: str, advance: float) -> None:
        state = self._state
        a, b, c, d, e, f = self._text
        matrix = multiply((a, b, c, d, e + c * state.rise, f + d * state.rise), state.matrix)
        ma, mb, mc, md, me, mf = matrix
        length = (ma * ma + mb * mb) ** 0.5 or 1.0
        tag, sequence = self._tags[-1] if self._tags else ("", 0)
        # Modes 3 and 7 paint nothing; 1 only the outline (9.3.6).
        light = {1: state.stroke, 3: 1.0, 7: 1.0}.get(state.mode, state.fill)
        self.items.append(
            TextRun(
                text,
                _near(me),
                _near(mf),
                _near(me + ma * advance),
                _near(mf + mb * advance),
                _near(state.size * (mc * mc + md * md) ** 0.5),
                (ma / length, mb / length),
                tag,
                sequence,
                1 - state.fill_alpha * (1 - light),
            )
        )
        self._go_on(advance)

    def _go_on(self, advance: float) -> None:
        a, b, c, d, e, f = self._text
        self._text = (a, b, c, d, e + a * advance, f + b * advance)

    # Marked content and XObjects (14.6, 8.8)

    def _open(self, operands: Sequence[Any]) -> None:
        self._tags.append((_name(operands[0]), next(_sequences)))

    def _open_listed(self, _: Sequence[Any]) -> None:
        # With properties, it belongs to the logical structure of whoever made the blank.
        self._tags.append(("", next(_sequences)))

    def _close(self, _: Sequence[Any]) -> None:
        if self._tags:
            self._tags.pop()

    def _do(self, operands: Sequence[Any]) -> None:
        light = 1 - self._state.fill_alpha
        self.items.append(XObjectUse(_name(operands[-1]), self._state.matrix, light))

    def _inline(self, _: Sequence[Any]) -> None:
        self.items.append(image(self._state.matrix, 1 - self._state.fill_alpha))


def _apart(codes: str, font: Decoder) -> list[str]:
    """Codes with each sign of a box on its own."""
    found: list[str] = []
    for sign, group in groupby(codes, lambda code: font.text(code) in SIGNS):
        some = "".join(group)
        found.extend(some if sign else (some,))
    return found


def _near(value: float) -> float:
    """A coordinate, no farther than anything that a page shows; also for what is no number."""
    return max(-_FAR, min(_FAR, value))


def _numbers(operands: Sequence[Any]) -> list[float]:
    return [float(one) for one in operands]


def _name(operand: object) -> str:
    """A name, without its slash (7.3.5)."""
    return str(operand)[1:] if isinstance(operand, Name) else ""


def _light(operands: Sequence[Any]) -> float:
    """How light a colour is, 0 to 1; patterns count as dark."""
    match [float(one) for one in operands if not isinstance(one, Object)]:
        case [grey]:
            return grey
        case [red, green, blue]:
            return 0.299 * red + 0.587 * green + 0.114 * blue
        case [cyan, magenta, yellow, black]:
            return (1 - black) * (1 - (cyan + magenta + yellow) / 3)
        case _:
            return 0.0


def _tinted(operands: Sequence[Any]) -> float:
    """How light a tint of inks is: paper without any."""
    return max(0.0, 1 - sum(_numbers(operands)))


def _set(name: str, factor: float = 1.0) -> Callable[[Interpreter, Sequence[Any]], None]:
    def apply(self: Interpreter, operands: Sequence[Any]) -> None:
        setattr(self._state, name, _numbers(operands)[0] * factor)

    return apply


def _mode(self: Interpreter, operands: Sequence[Any]) -> None:
    self._state.mode = int(_numbers(operands)[0])


_I = Interpreter
_HANDLERS: Mapping[bytes, Callable[[Interpreter, Any], None]] = {
    b"q": _I._save, b"Q": _I._restore, b"cm": _I._concat, b"w": _I._width, b"gs": _I._graphics,
    b"g": _I._fill_colour, b"rg": _I._fill_colour, b"k": _I._fill_colour,
    b"cs": _I._fill_space, b"CS": _I._stroke_space, b"sc": _I._fill_tint, b"scn": _I._fill_tint,
    b"G": _I._stroke_colour, b"RG": _I._stroke_colour, b"K": _I._stroke_colour,
    b"SC": _I._stroke_tint, b"SCN": _I._stroke_tint,
    b"m": _I._move, b"l": _I._draw, b"c": _I._curve, b"v": _I._curve, b"y": _I._curve,
    b"re": _I._rectangle, b"S": _I._stroke, b"s": _I._stroke, b"f": _I._fill, b"F": _I._fill,
    b"f*": _I._fill, b"B": _I._fill_stroke, b"B*": _I._fill_stroke, b"b": _I._fill_stroke,
    b"b*": _I._fill_stroke, b"n": _I._forget,
    b"BT": _I._begin, b"Tf": _I._font, b"Tm": _I._place, b"Td": _I._next,
    b"TD": _I._next_leading, b"T*": _I._new_line, b"TL": _set("leading"), b"Tc": _set("char"),
    b"Tw": _set("word"), b"Tz": _set("scale", 0.01), b"Ts": _set("rise"), b"Tr": _mode,
    b"Tj": _I._show, b"TJ": _I._show_array, b"'": _I._show_line, b'"': _I._show_spaced,
    b"BMC": _I._open, b"BDC": _I._open_listed, b"EMC": _I._close, b"Do": _I._do,
    b"INLINE IMAGE": _I._inline,
}  # fmt: skip
