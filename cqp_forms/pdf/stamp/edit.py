"""Take painted things out of content streams, each stream written anew once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pikepdf

from cqp_forms.pdf.stamp.glyphs import Instruction, instruction, without
from cqp_forms.pdf.stamp.painted import Content, Glyph, Painted, Piece

_CLIPS = frozenset(("W", "W*"))
#: What a path is constructed with, clipping included.
_BUILDS = frozenset(("m", "l", "c", "v", "y", "re", "h", *_CLIPS))


@dataclass
class Edits:
    """What to take out."""

    _gone: list[Painted] = field(default_factory=list)

    def drop_all(self, painted: Iterable[Painted]) -> None:
        """Take these out."""
        self._gone.extend(painted)

    def write(self, pdf: pikepdf.Pdf) -> None:
        """Write the streams that change."""
        by_content: dict[int, list[Painted]] = {}
        for one in self._gone:
            by_content.setdefault(id(one.content), []).append(one)
        for gone in by_content.values():
            content = gone[0].content
            data = pikepdf.unparse_content_stream(_rewritten(content, gone))
            if isinstance(content.holder, pikepdf.Stream):
                content.holder.write(data)
            else:
                # A new stream: other pages may share the old one.
                content.holder.Contents = pdf.make_stream(data)


def _rewritten(content: Content, gone: list[Painted]) -> list[Instruction]:
    changed: dict[int, list[Instruction]] = {}
    glyphs: dict[int, set[int]] = {}
    paths: dict[int, list[Piece]] = {}
    for one in gone:
        match one:
            case Glyph():
                glyphs.setdefault(one.index, set()).add(one.rank)
            case Piece():
                paths.setdefault(one.index, []).append(one)
            case _:
                changed[one.index] = []
    for index, ranks in glyphs.items():
        changed[index] = without(content.instructions[index], content.lines[index], ranks)
    for index, pieces in paths.items():
        changed |= _without_pieces(content.instructions, index, pieces)
    return [
        kept
        for index, one in enumerate(content.instructions)
        for kept in changed.get(index, (one,))
    ]


def _without_pieces(
    instructions: list[Instruction], paint: int, pieces: list[Piece]
) -> dict[int, list[Instruction]]:
    """The changes that take subpaths out of the path that an operator paints."""
    start = paint
    while start and str(instructions[start - 1].operator) in _BUILDS:
        start -= 1
    path = range(start, paint)
    parts = {part for one in pieces for part in one.parts}
    clips = [index for index in path if str(instructions[index].operator) in _CLIPS]
    if parts < {index for index in path if index not in clips}:
        return {part: [] for part in parts}
    if clips:
        # What it clips is still needed; only the painting goes.
        return {paint: [instruction("n")]}
    return {index: [] for index in range(start, paint + 1)}
