"""Interpret a content stream: what it paints and where (ISO 32000-2, 7.8.2, 8 and 9).

Only what reading a form needs: paths with their boxes, text with its place, marked content, and the
forms and images that are shown. Clipping is not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

from cqp_forms.pdf.geometry import IDENTITY, Matrix, multiply
from cqp_forms.pdf.read.fonts import Decoder, Fonts
from cqp_forms.pdf.read.items import (
    Item,
    Mark,
    Paint,
    Run,
    Segment,
    Shown,
    image,
)
from cqp_forms.pdf.read.state import State, light_of
from cqp_forms.pdf.read.tokens import Operand, name_of, operations, string_of, strokes
from cqp_forms.ticksigns import SIGNS

__all__ = ["Interpreter", "Mark", "Paint", "Run"]


class Interpreter:
    """Runs one content stream; :attr:`items` is what it painted, in order.

    Args:
        fonts: finds a font by its resource name.
        alphas: by name of a graphics state dictionary: its fill and stroke alpha, ``None`` when
            not set (11.6.4.4).
        matrix: from the stream's space to the page's.
        first_sequence: where to start numbering marked content, so that streams do not mix.
        lines: what stroked lines were found to paint, by what they are; added to.
    """

    def __init__(
        self,
        fonts: Fonts,
        alphas: Callable[[str], tuple[float | None, float | None]],
        matrix: Matrix = IDENTITY,
        first_sequence: int = 0,
        lines: dict[object, Mark] | None = None,
    ) -> None:
        self.items: list[Item] = []
        self._fonts, self._alphas = fonts, alphas
        self._state = State(matrix=matrix)
        self._saved: list[State] = []
        self._points: list[tuple[float, float]] = []
        self._moves: set[int] = set()
        self._straight = True
        self._text = self._line = IDENTITY
        self._tags: list[tuple[str, int]] = []
        self._sequences = first_sequence
        self._lines = {} if lines is None else lines

    def run(self, data: bytes) -> list[Item]:
        """Interpret the stream; an operator with wrong operands is passed over, as viewers do."""
        self._run(operations(data))
        return self.items

    def _run(self, listed: Iterable[tuple[bytes, list[Operand]]]) -> None:
        for operator, operands in listed:
            handler = _HANDLERS.get(operator)
            if handler is not None:
                # `suppress` would cost as much as most operators.
                try:  # noqa: SIM105
                    handler(self, operands)
                except (IndexError, ValueError, TypeError, ZeroDivisionError):
                    pass

    # Graphics state (8.4.4)

    def _save(self, _: list[Operand]) -> None:
        self._saved.append(self._state.copy())

    def _restore(self, _: list[Operand]) -> None:
        if self._saved:
            self._state = self._saved.pop()

    def _concat(self, operands: list[Operand]) -> None:
        a, b, c, d, e, f = _numbers(operands)
        self._state.matrix = multiply((a, b, c, d, e, f), self._state.matrix)

    def _width(self, operands: list[Operand]) -> None:
        (self._state.width,) = _numbers(operands)

    def _graphics(self, operands: list[Operand]) -> None:
        fill, stroke = self._alphas(name_of(operands[-1]))
        if fill is not None:
            self._state.fill_alpha = fill
        if stroke is not None:
            self._state.stroke_alpha = stroke

    def _fill_colour(self, operands: list[Operand]) -> None:
        self._state.fill = light_of(operands)

    def _stroke_colour(self, operands: list[Operand]) -> None:
        self._state.stroke = light_of(operands)

    # Paths (8.5)

    def _add(self, x: float, y: float) -> None:
        a, b, c, d, e, f = self._state.matrix
        px, py = a * x + c * y + e, b * x + d * y + f
        if self._points and self._straight:
            last = self._points[-1]
            if abs(px - last[0]) > 0.05 and abs(py - last[1]) > 0.05:
                self._straight = False
        self._points.append((px, py))

    def _move(self, operands: list[Operand]) -> None:
        x, y = _numbers(operands)
        straight = self._straight
        self._moves.add(len(self._points))
        self._add(x, y)
        # Moving draws nothing, whatever its direction.
        self._straight = straight

    def _draw(self, operands: list[Operand]) -> None:
        x, y = _numbers(operands)
        self._add(x, y)

    def _curve(self, operands: list[Operand]) -> None:
        values = _numbers(operands)
        for x, y in zip(values[::2], values[1::2], strict=False):
            self._add(x, y)
        self._straight = False

    def _rectangle(self, operands: list[Operand]) -> None:
        x, y, w, h = _numbers(operands)
        self._move([x, y])
        for px, py in ((x + w, y), (x + w, y + h), (x, y + h)):
            self._add(px, py)

    def _stroke_lines(self, operands: list[Operand]) -> None:
        state, (written,) = self._state, operands
        key = (written, state.matrix, state.width, state.stroke, state.stroke_alpha)
        known = self._lines.get(key)
        if known is not None and not self._points:
            # The cross of a box is the same for every candidate who has it.
            self.items.append(known)
            return
        alone = not self._points
        self._run(strokes(written))  # type: ignore[arg-type]
        made = self.items[-1]
        if alone and isinstance(made, Mark):
            self._lines[key] = made

    def _stroke(self, _: list[Operand]) -> None:
        self._paint(Paint.STROKE, self._state.stroke, self._state.stroke_alpha)
        self._forget(_)

    def _fill(self, _: list[Operand]) -> None:
        self._paint(Paint.FILL, self._state.fill, self._state.fill_alpha)
        self._forget(_)

    def _fill_stroke(self, _: list[Operand]) -> None:
        self._paint(Paint.FILL, self._state.fill, self._state.fill_alpha)
        self._paint(Paint.STROKE, self._state.stroke, self._state.stroke_alpha)
        self._forget(_)

    def _forget(self, _: list[Operand]) -> None:
        self._points = []
        self._moves = set()
        self._straight = True

    def _segments(self) -> tuple[Segment, ...]:
        points, moves = self._points, self._moves
        return tuple(
            (*points[end - 1], *points[end]) for end in range(1, len(points)) if end not in moves
        )

    def _paint(self, paint: Paint, light: float, alpha: float) -> None:
        if not self._points:
            return
        xs = [one[0] for one in self._points]
        ys = [one[1] for one in self._points]
        grow = 0.0
        if paint is Paint.STROKE:
            a, b, c, d, _, _ = self._state.matrix
            grow = self._state.width * abs(a * d - b * c) ** 0.5 / 2
        self.items.append(
            Mark(
                min(xs) - grow,
                min(ys) - grow,
                max(xs) + grow,
                max(ys) + grow,
                paint,
                self._straight,
                1 - alpha * (1 - light),
                alpha > 0.9,
                # Two crossed strokes are a mark whatever their course: only more may be a ring.
                self._segments() if len(xs) > 4 and not (grow and self._straight) else (),
            )
        )

    # Text (9.4)

    def _begin(self, _: list[Operand]) -> None:
        self._text = self._line = IDENTITY

    def _font(self, operands: list[Operand]) -> None:
        self._state.font = self._fonts(name_of(operands[0]))
        self._state.size = _numbers(operands[1:])[0]

    def _place(self, operands: list[Operand]) -> None:
        a, b, c, d, e, f = _numbers(operands)
        self._text = self._line = (a, b, c, d, e, f)

    def _next(self, operands: list[Operand]) -> None:
        x, y = _numbers(operands)
        a, b, c, d, e, f = self._line
        self._text = self._line = (a, b, c, d, a * x + c * y + e, b * x + d * y + f)

    def _next_leading(self, operands: list[Operand]) -> None:
        self._state.leading = -_numbers(operands)[1]
        self._next(operands)

    def _new_line(self, _: list[Operand]) -> None:
        self._next([0.0, -self._state.leading])

    def _show(self, operands: list[Operand]) -> None:
        self._glyphs([operands[-1]])

    def _show_array(self, operands: list[Operand]) -> None:
        listed = operands[-1]
        self._glyphs(listed if isinstance(listed, list) else [listed])

    def _show_line(self, operands: list[Operand]) -> None:
        self._new_line([])
        self._glyphs([operands[-1]])

    def _show_spaced(self, operands: list[Operand]) -> None:
        self._state.word, self._state.char = _numbers(operands[:2])
        self._show_line(operands)

    def _glyphs(self, pieces: list[Operand]) -> None:
        state = self._state
        font = state.font
        if font is None:
            return
        text: list[str] = []
        advance = 0.0
        for piece in pieces:
            if isinstance(piece, float):
                advance -= piece / 1000 * state.size
                # A wide gap stands for a space that is not shown (9.4.3).
                if piece < -200 and text:
                    text.append(" ")
            elif isinstance(piece, bytes):
                codes = font.codes(string_of(piece))
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
            Run(
                text,
                me,
                mf,
                me + ma * advance,
                mf + mb * advance,
                state.size * (mc * mc + md * md) ** 0.5,
                (ma / length, mb / length),
                tag,
                sequence,
                1 - state.fill_alpha * (1 - light),
            )
        )
        self._text = (a, b, c, d, e + a * advance, f + b * advance)

    # Marked content and XObjects (14.6, 8.8)

    def _open(self, operands: list[Operand]) -> None:
        self._sequences += 1
        self._tags.append((name_of(operands[0]), self._sequences))

    def _open_listed(self, _: list[Operand]) -> None:
        # With properties, it belongs to the logical structure of whoever made the blank.
        self._sequences += 1
        self._tags.append(("", self._sequences))

    def _close(self, _: list[Operand]) -> None:
        if self._tags:
            self._tags.pop()

    def _do(self, operands: list[Operand]) -> None:
        light = 1 - self._state.fill_alpha
        self.items.append(Shown(name_of(operands[-1]), self._state.matrix, light))

    def _inline(self, _: list[Operand]) -> None:
        self.items.append(image(self._state.matrix, 1 - self._state.fill_alpha))


def _apart(codes: str, font: Decoder) -> list[str]:
    """Codes with each sign of a box on its own."""
    found: list[str] = []
    for sign, group in groupby(codes, lambda code: font.text(code) in SIGNS):
        some = "".join(group)
        found.extend(some if sign else (some,))
    return found


def _numbers(operands: list[Operand]) -> list[float]:
    # What is no number fails where it is used, and the operator is passed over.
    return operands  # type: ignore[return-value]


def _set(name: str, factor: float = 1.0) -> Callable[[Interpreter, list[Operand]], None]:
    def apply(self: Interpreter, operands: list[Operand]) -> None:
        setattr(self._state, name, _numbers(operands)[0] * factor)

    return apply


def _mode(self: Interpreter, operands: list[Operand]) -> None:
    self._state.mode = int(_numbers(operands)[0])


_I = Interpreter
_HANDLERS: Mapping[bytes, Callable[[Interpreter, list[Operand]], None]] = {
    b"q": _I._save, b"Q": _I._restore, b"cm": _I._concat, b"w": _I._width, b"gs": _I._graphics,
    b"g": _I._fill_colour, b"rg": _I._fill_colour, b"k": _I._fill_colour,
    b"sc": _I._fill_colour, b"scn": _I._fill_colour,
    b"G": _I._stroke_colour, b"RG": _I._stroke_colour, b"K": _I._stroke_colour,
    b"SC": _I._stroke_colour, b"SCN": _I._stroke_colour,
    b"m": _I._move, b"l": _I._draw, b"c": _I._curve, b"v": _I._curve, b"y": _I._curve,
    b"re": _I._rectangle, b"S": _I._stroke, b"s": _I._stroke, b"f": _I._fill, b"F": _I._fill,
    b"f*": _I._fill, b"B": _I._fill_stroke, b"B*": _I._fill_stroke, b"b": _I._fill_stroke,
    b"b*": _I._fill_stroke, b"n": _I._forget,
    b"BT": _I._begin, b"Tf": _I._font, b"Tm": _I._place, b"Td": _I._next,
    b"TD": _I._next_leading, b"T*": _I._new_line, b"TL": _set("leading"), b"Tc": _set("char"),
    b"Tw": _set("word"), b"Tz": _set("scale", 0.01), b"Ts": _set("rise"), b"Tr": _mode,
    b"Tj": _I._show, b"TJ": _I._show_array, b"'": _I._show_line, b'"': _I._show_spaced,
    b"BMC": _I._open, b"BDC": _I._open_listed, b"EMC": _I._close, b"Do": _I._do,
    b"INLINE": _I._inline, b"LINES": _I._stroke_lines,
}  # fmt: skip
