"""Tables: cells out of rules and frames, and what each cell holds.

A cell is the smallest rectangle with four rules around it, or a frame that stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.grid import MIN_HEIGHT, MIN_WIDTH, Nearby, enclosed
from cqp_forms.pdf.detect.model import PageContent, Paint, Shape
from cqp_forms.pdf.detect.text import Phrase, joined

#: A page with more cells than this is graph paper or a spreadsheet, no form.
_MOST_CELLS = 1500


@dataclass(slots=True)
class Cell:
    """A cell, or a frame that stands alone.

    Attributes:
        phrases: what is printed in it.
        tint: the luminance of its ground.
        framed: whether a rectangle of its own is drawn around it.
        table: which table of the page it belongs to; cells of one table touch.
    """

    rect: Rect
    phrases: list[Phrase] = field(default_factory=list)
    tint: float = 1.0
    dashed: bool = False
    framed: bool = False
    table: int = -1

    @property
    def text(self) -> str:
        """What is printed in it, in reading order."""
        return joined(self.phrases)

    @property
    def bold(self) -> bool:
        """Whether all that is printed in it is bold."""
        return bool(self.phrases) and all(one.bold for one in self.phrases)


def cells_of(page: PageContent, printed: Sequence[Phrase], taken: Sequence[Rect]) -> list[Cell]:
    """The cells of a page, from the top, each row from the left.

    Args:
        printed: the page's phrases.
        taken: tick boxes already found: their frames make no cells.
    """
    frames = [one for one in page.shapes if _frames(one)]
    frames += _clearings(page.shapes)
    boxes = Nearby(taken)
    frames = [
        one
        for one in frames
        if not any(_encloses(one.rect, taken[index]) for index in boxes.around(one.rect))
    ]
    cells = [Cell(rect) for rect in enclosed(page, frames, taken)]
    known = {_key(one.rect) for one in cells}
    cells += [
        Cell(one.rect, dashed=one.dashed, framed=True)
        for one in frames
        if _key(one.rect) not in known
    ]
    if len(cells) > _MOST_CELLS:
        return []
    # A frame whose inside is cut into cells is their outline, not a cell.
    near = Nearby([one.rect for one in cells])
    cells = [one for one in cells if not _divided(one.rect, cells, near)]
    cells = _unique(cells)
    _fill(cells, printed)
    _ground(cells, frames, page.shapes)
    _number(cells)
    cells.sort(key=lambda one: (-round(one.rect.y1 / 3), one.rect.x0))
    return cells


def _frames(shape: Shape) -> bool:
    return (
        shape.boxy
        and shape.paint is Paint.FRAME
        and shape.rect.width >= MIN_WIDTH
        and shape.rect.height >= MIN_HEIGHT
    )


def _encloses(frame: Rect, box: Rect) -> bool:
    """Whether a frame is that of a tick box."""
    return (
        frame.contains(*box.centre)
        and frame.width < box.width + 4
        and frame.height < box.height + 4
    )


def _clearings(shapes: Sequence[Shape]) -> list[Shape]:
    """White places left in a tinted ground: they are seen without an outline."""
    grounds = [one for one in shapes if one.paint is Paint.LIGHT and one.tint < 0.95]
    return [
        one
        for one in shapes
        if one.boxy
        and one.paint is Paint.LIGHT
        and one.tint >= 0.97
        and one.rect.width >= 60
        and one.rect.height >= 16
        and any(
            other.rect.contains(*one.rect.centre)
            and other.rect.width > one.rect.width
            and other.rect.height > one.rect.height
            for other in grounds
        )
    ]


def _key(rect: Rect) -> tuple[int, int, int, int]:
    return (round(rect.x0 / 4), round(rect.y0 / 4), round(rect.x1 / 4), round(rect.y1 / 4))


def _same(one: Rect, other: Rect) -> bool:
    return (
        abs(other.x0 - one.x0) < 4
        and abs(other.x1 - one.x1) < 4
        and abs(other.y0 - one.y0) < 4
        and abs(other.y1 - one.y1) < 4
    )


def _unique(cells: Sequence[Cell]) -> list[Cell]:
    kept: list[Cell] = []
    near = Nearby()
    for one in cells:
        same = next(
            (kept[at] for at in near.around(one.rect, 4) if _same(kept[at].rect, one.rect)), None
        )
        if same is None:
            near.add(len(kept), one.rect)
            kept.append(one)
        elif one.dashed:
            same.dashed = True
    return kept


def _divided(rect: Rect, cells: Sequence[Cell], near: Nearby) -> bool:
    inside = 0.0
    for index in near.around(rect):
        box = cells[index].rect
        if box is rect or box.width * box.height >= 0.98 * rect.width * rect.height:
            continue
        if rect.contains(box.x0, box.y0, 3) and rect.contains(box.x1, box.y1, 3):
            inside += box.width * box.height
    return inside > 0.6 * rect.width * rect.height


def _fill(cells: Sequence[Cell], printed: Sequence[Phrase]) -> None:
    """Put each phrase in the smallest cell around its middle."""
    near = Nearby([one.rect for one in cells])
    for phrase in printed:
        x, y = phrase.rect.centre
        holding = [cells[index] for index in near.at(x, y) if cells[index].rect.contains(x, y)]
        cell = min(holding, key=lambda one: one.rect.width * one.rect.height, default=None)
        if cell is not None:
            cell.phrases.append(phrase)


def _ground(cells: Sequence[Cell], frames: Sequence[Shape], shapes: Sequence[Shape]) -> None:
    """Say of each cell whether it has a frame of its own, and how light its ground is."""
    outlines = Nearby([one.rect for one in frames])
    grounds = Nearby([one.rect for one in shapes])
    for cell in cells:
        rect = cell.rect
        cell.framed = cell.framed or any(
            _same(rect, frames[index].rect) for index in outlines.around(rect, 4)
        )
        x, y = rect.centre
        for index in grounds.at(x, y):
            one = shapes[index]
            if one.boxy and one.rect.contains(x, y) and one.rect.height < 2.5 * rect.height + 6:
                cell.tint = one.tint


def _number(cells: Sequence[Cell]) -> None:
    """Number the tables: cells that share an edge belong together."""
    near = Nearby([one.rect for one in cells])
    count = 0
    for start in cells:
        if start.table >= 0:
            continue
        start.table = count
        stack = [start]
        while stack:
            one = stack.pop()
            for index in near.around(one.rect, 4):
                other = cells[index]
                if other.table < 0 and _touch(one.rect, other.rect):
                    other.table = count
                    stack.append(other)
        count += 1


def _touch(one: Rect, other: Rect) -> bool:
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    along = min(one.y1, other.y1) - max(one.y0, other.y0)
    return (across > 3 and -4 <= along <= 3) or (along > 3 and -4 <= across <= 3)
