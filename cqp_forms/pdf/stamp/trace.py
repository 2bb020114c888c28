"""What a blank paints and by which instruction: so that a mark can be taken out of the content.

Paths come piece by piece (a subpath each), text glyph by glyph, forms and images as wholes, and
what a form shows as well (ISO 32000-2, 8.5, 8.10 and 9.4). Boxes are in default user space.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms.pdf.stamp.glyphs import (
    Font,
    Instruction,
    TextState,
    font_of,
    steps,
)
from cqp_forms.pdf.stamp.painted import (
    IDENTITY,
    Content,
    Glyph,
    Matrix,
    Painted,
    Picture,
    Piece,
    Point,
    around,
    at,
    breaks,
    matrix_of,
    scale_of,
    times,
)

_DEPTH = 8
#: Lighter than this is paper.
_PALE = 0.75


@dataclass
class Tracer:
    """Traces pages; :attr:`uses` counts how often each form was shown."""

    uses: Counter[tuple[int, int]] = field(default_factory=Counter)
    _forms: dict[tuple[int, int], Content] = field(default_factory=dict)
    _fonts: dict[tuple[int, int], Font] = field(default_factory=dict)

    def page(self, page: pikepdf.Page) -> list[Painted]:
        """All that a page paints, in order."""
        content = Content(page.obj, list(pikepdf.parse_content_stream(page)))
        found: list[Painted] = []
        resources = page.obj.get(Name.Resources, Dictionary())
        _Run(self, content, resources, _State(IDENTITY), None, found, 0).run()
        return found

    def editable(self, content: Content) -> bool:
        """Whether changing a stream changes one place only."""
        holder = content.holder
        return not isinstance(holder, pikepdf.Stream) or self.uses[holder.objgen] == 1

    def form(self, form: Object) -> Content:
        """A form's content; the same object each time."""
        self.uses[form.objgen] += 1
        known = self._forms.get(form.objgen)
        if known is None:
            known = Content(form, list(pikepdf.parse_content_stream(form)))
            self._forms[form.objgen] = known
        return known

    def font(self, font: Object | None) -> Font:
        """A font's metrics."""
        if font is None or not font.is_indirect:
            return font_of(font)
        if font.objgen not in self._fonts:
            self._fonts[font.objgen] = font_of(font)
        return self._fonts[font.objgen]


@dataclass(slots=True)
class _State:
    matrix: Matrix
    width: float = 1.0
    fill: float = 0.0
    stroke: float = 0.0
    text: TextState = field(default_factory=TextState)

    def copy(self) -> _State:
        return replace(self, text=replace(self.text))


class _Run:
    """Runs one stream."""

    def __init__(
        self,
        tracer: Tracer,
        content: Content,
        resources: Object,
        state: _State,
        by: Picture | None,
        found: list[Painted],
        depth: int,
    ) -> None:
        self._tracer, self._content, self._resources = tracer, content, resources
        self._by, self._found, self._depth = by, found, depth
        self.state = state
        self.saved: list[_State] = []
        self.text = self.line = IDENTITY
        self.subpaths: list[tuple[list[int], list[Point]]] = []

    def run(self) -> None:
        for index, one in enumerate(self._content.instructions):
            handler = _HANDLERS.get(str(one.operator))
            if handler is not None:
                # An operator with wrong operands is passed over, as viewers do.
                with suppress(IndexError, ValueError, TypeError, ArithmeticError):
                    handler(self, index, one)

    # Paths

    def construct(self, index: int, one: Instruction) -> None:
        values = [float(value) for value in one.operands]
        name = str(one.operator)
        if name in {"m", "re"} or not self.subpaths:
            self.subpaths.append(([], []))
        parts, points = self.subpaths[-1]
        parts.append(index)
        if name == "re":
            x, y, w, h = values
            values = [x, y, x + w, y, x + w, y + h, x, y + h, x, y]
        points.extend(
            at(self.state.matrix, x, y) for x, y in zip(values[::2], values[1::2], strict=True)
        )

    def close(self, index: int, _: Instruction | None = None) -> None:
        if self.subpaths:
            parts, points = self.subpaths[-1]
            parts.append(index)
            points.append(points[0])

    def paint(self, index: int, one: Instruction) -> None:
        name = str(one.operator)
        fill = name[0] in "fFbB" and self.state.fill < _PALE
        stroke = name[0] in "sSbB" and self.state.stroke < _PALE
        grow = self.state.width * scale_of(self.state.matrix) / 2 if stroke else 0.0
        for parts, points in self.subpaths if name != "n" else ():
            self._found.append(
                Piece(
                    self._content, index, tuple(parts), tuple(points), breaks(points),
                    around(points, grow), fill, stroke, self._by,
                )
            )  # fmt: skip
        self.subpaths = []

    # Text

    def show(self, index: int, one: Instruction) -> None:
        name, state = str(one.operator), self.state.text
        if name == '"':
            state.word, state.char = (float(value) for value in list(one.operands)[:2])
        if name in {"'", '"'}:
            self.next(0.0, -state.leading)
        line = steps(one, state)
        self._content.lines[index] = line
        a, b, c, d, e, f = self.text
        matrix = times((a, b, c, d, e + c * state.rise, f + d * state.rise), self.state.matrix)
        for rank, step in enumerate(line):
            if step.code:
                corners = [
                    at(matrix, x, y)
                    for x in (step.start, step.start + step.advance)
                    for y in (-0.15 * state.size, 0.8 * state.size)
                ]
                box = around(corners)
                self._found.append(Glyph(self._content, index, rank, box, self._by))
        if line:
            along = line[-1].start + line[-1].advance
            self.text = (a, b, c, d, e + a * along, f + b * along)

    def next(self, x: float, y: float) -> None:
        a, b, c, d, e, f = self.line
        self.text = self.line = (a, b, c, d, a * x + c * y + e, b * x + d * y + f)

    def font(self, name: Object, size: float) -> None:
        fonts = self._resources.get(Name.Font, Dictionary())
        self.state.text.font = self._tracer.font(fonts.get(str(name)))
        self.state.text.size = size

    # Forms and images

    def draw(self, index: int, one: Instruction) -> None:
        drawn = self._resources.get(Name.XObject, Dictionary()).get(str(one.operands[0]))
        if not isinstance(drawn, pikepdf.Stream):
            return
        if drawn.get(Name.Subtype) != Name.Form:
            self.image(index, one)
            return
        own, box = drawn.get(Name.Matrix), drawn.get(Name.BBox)
        matrix = self.state.matrix
        if isinstance(own, Array):
            matrix = times(matrix_of(list(own)), matrix)
        x0, y0, x1, y1 = (float(value) for value in box) if box is not None else (0, 0, 0, 0)
        corners = [at(matrix, x, y) for x in (x0, x1) for y in (y0, y1)]
        shown = Picture(self._content, index, around(corners), self._by, form=True)
        self._found.append(shown)
        if self._depth < _DEPTH:
            content = self._tracer.form(drawn)
            inner = drawn.get(Name.Resources, self._resources)
            # It begins with the graphics state of where it is shown (8.10.1).
            state = replace(self.state.copy(), matrix=matrix)
            depth = self._depth + 1
            _Run(self._tracer, content, inner, state, shown, self._found, depth).run()

    def image(self, index: int, _: Instruction) -> None:
        corners = [at(self.state.matrix, x, y) for x in (0, 1) for y in (0, 1)]
        box = around(corners)
        self._found.append(Picture(self._content, index, box, self._by, form=False))


def _light(values: Sequence[Any]) -> float:
    """How light a colour is, 0 to 1; patterns and unknown spaces count as dark."""
    listed = [float(one) for one in values if not isinstance(one, Object)]
    match listed:
        case [grey]:
            return grey
        case [red, green, blue]:
            return 0.299 * red + 0.587 * green + 0.114 * blue
        case [cyan, magenta, yellow, black]:
            return (1 - black) * (1 - (cyan + magenta + yellow) / 3)
    return 0.0


_Handler: TypeAlias = Callable[[_Run, int, Instruction], None]


def _with(apply: Callable[[_Run, list[Any]], None]) -> _Handler:
    return lambda run, _index, one: apply(run, list(one.operands))


def _set_text(name: str, factor: float = 1.0) -> _Handler:
    return _with(lambda run, one: setattr(run.state.text, name, float(one[0]) * factor))


def _set(name: str) -> _Handler:
    return _with(lambda run, one: setattr(run.state, name, _light(one)))


def _restore(run: _Run, _: list[Any]) -> None:
    if run.saved:
        run.state = run.saved.pop()


def _concat(run: _Run, operands: list[Any]) -> None:
    run.state.matrix = times(matrix_of(operands), run.state.matrix)


def _width(run: _Run, operands: list[Any]) -> None:
    run.state.width = float(operands[0])


def _begin(run: _Run, _: list[Any]) -> None:
    run.text = run.line = IDENTITY


def _place(run: _Run, operands: list[Any]) -> None:
    run.text = run.line = matrix_of(operands)


def _next(run: _Run, operands: list[Any]) -> None:
    run.next(float(operands[0]), float(operands[1]))


def _next_leading(run: _Run, operands: list[Any]) -> None:
    run.state.text.leading = -float(operands[1])
    _next(run, operands)


def _closed(run: _Run, index: int, one: Instruction) -> None:
    # « s » and « b » close the last subpath themselves: no instruction of its own does.
    if run.subpaths:
        points = run.subpaths[-1][1]
        points.append(points[0])
    run.paint(index, one)


_HANDLERS: Mapping[str, _Handler] = {
    **dict.fromkeys(("m", "l", "c", "v", "y", "re"), _Run.construct),
    **dict.fromkeys(("S", "f", "F", "f*", "B", "B*", "n"), _Run.paint),
    **dict.fromkeys(("s", "b", "b*"), _closed),
    "h": _Run.close,
    **dict.fromkeys(("Tj", "TJ", "'", '"'), _Run.show),
    "Do": _Run.draw,
    "INLINE IMAGE": _Run.image,
    "q": _with(lambda run, _: run.saved.append(run.state.copy())),
    "Q": _with(_restore),
    "cm": _with(_concat),
    "w": _with(_width),
    **dict.fromkeys(("g", "rg", "k", "sc", "scn"), _set("fill")),
    **dict.fromkeys(("G", "RG", "K", "SC", "SCN"), _set("stroke")),
    "BT": _with(_begin),
    "Tm": _with(_place),
    "Td": _with(_next),
    "TD": _with(_next_leading),
    "T*": _with(lambda run, _: run.next(0.0, -run.state.text.leading)),
    "Tf": _with(lambda run, one: run.font(one[0], float(one[1]))),
    "Tc": _set_text("char"),
    "Tw": _set_text("word"),
    "TL": _set_text("leading"),
    "Tz": _set_text("scale", 0.01),
    "Ts": _set_text("rise"),
}
