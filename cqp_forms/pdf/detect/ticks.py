"""Tick boxes: which wording, column and question each has."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from cqp_forms.mapping import Rect
from cqp_forms.matching.scales import pairs_of
from cqp_forms.matching.wording import answered, asks, bare, is_degree, says_several
from cqp_forms.pdf.detect.boxes import ROUND
from cqp_forms.pdf.detect.captions import rating
from cqp_forms.pdf.detect.cells import CellReader, row_label
from cqp_forms.pdf.detect.labels import TickLabels
from cqp_forms.pdf.detect.model import same_row
from cqp_forms.pdf.detect.stacks import group_stacks
from cqp_forms.pdf.detect.tables import TableCell, holding
from cqp_forms.pdf.detect.text import Phrase, choice, rows_of
from cqp_forms.pdf.detect.widgets import Fillable, Spot

#: The cell that words a box, and those that say what it answers.
_Pair: TypeAlias = "tuple[TableCell, tuple[TableCell, ...]]"
_WORDING = re.compile(r"[^\W\d_]{2}")


class TickReader:
    """Names the tick boxes of a page: those in a table by its row, the others by what is around."""

    def __init__(self, reader: CellReader) -> None:
        self._cells = reader

    def name(
        self,
        ticks: Sequence[Spot],
        cells: Sequence[TableCell],
        printed: Sequence[Phrase],
        drawn: Sequence[Rect],
    ) -> None:
        """Fill in ``label``, ``column``, ``group`` and what else is known of each box.

        Args:
            cells: the page's.
            printed: its phrases.
            drawn: whatever else stands on the page: fields, boxes, cells of combs, upright rules.
        """
        outside = []
        around = {id(spot): holding(spot.rect, cells) for spot in ticks}
        held = Counter(id(cell) for cell in around.values())
        paired = self._pairs([one for one in around.values() if one is not None], held)
        for spot in ticks:
            cell = around[id(spot)]
            if cell is not None and (pair := paired.get(id(cell))):
                _word(spot, cell, pair)
                continue
            if cell is None or held[id(cell)] > 1 or not (column := self._option(cell, held)):
                outside.append(spot)
                continue
            spot.column = column
            spot.label, spot.words = self._row(spot, cell, held)
            if not spot.label:
                outside.append(spot)
        labels = TickLabels(outside, printed, drawn, cells)
        labels.run()
        inside: dict[int, list[Spot]] = defaultdict(list)
        for spot in outside:
            inside[id(around[id(spot)])].append(spot)
        for cell in cells:
            if id(cell) in inside and self._in_cell(inside[id(cell)], cell, held):
                labels.asked = [one for one in labels.asked if one[0] not in inside[id(cell)]]
        _group(ticks)
        group_stacks(ticks, printed)
        for spot, question in labels.asked:
            if spot.group and not (spot.column or spot.option):
                spot.option, spot.label = spot.label, question.text
            elif not spot.group:
                spot.label = answered(question.text, spot.label)
            spot.words = (*spot.words, question.rect)
        for spot in ticks:
            if spot.widget is not None and not spot.label:
                spot.label = _named(spot.widget)

    def _pairs(self, around: Sequence[TableCell], held: Mapping[int, int]) -> dict[int, _Pair]:
        """By the identity of its cell, the wording in the cell beside each box."""
        tables = {one.table: one for one in around}
        found = {}
        for row in (row for one in tables.values() for row in _rows(self._cells.table(one))):
            words = [None if held[id(one)] == 1 and not one.phrases else one.text for one in row]
            for pair in pairs_of(words):
                asked = tuple(row[rank] for rank in pair.asked)
                found[id(row[pair.box])] = (row[pair.caption], asked)
        return found

    def _in_cell(self, spots: Sequence[Spot], cell: TableCell, held: Mapping[int, int]) -> bool:
        """The boxes that a cell holds with their wordings: do they answer its row?"""
        first = min(one.rect.x0 for one in spots)
        if any(asks(one.text) and one.rect.x1 <= first + 2 for one in cell.phrases):
            return False
        _go_on_below(spots, cell)
        bare_cells = [one for one in self._cells.table(cell) if one is cell or not held[id(one)]]
        label, words = row_label(cell.rect, cell, bare_cells)
        if not label:
            label, words = self._row(spots[0], cell, Counter())
        if not label:
            return False
        beside = [one for one in self._cells.table(cell) if same_row(one.rect, cell.rect)]
        if sum(held[id(one)] > 1 for one in beside) > 1 and (head := self._cells.head(cell)):
            label = f"{label} – {head}"
        wordings = [one.column or one.label for one in spots]
        scale = len({bare(one) for one in wordings}) == len(spots) > 1
        scale = scale and all(map(is_degree, wordings)) and not says_several(label)
        for spot, wording in zip(spots, wordings, strict=True):
            spot.words = (*spot.words, *words)
            if scale:
                spot.column, spot.label = wording, label
                spot.group = f"{spot.page}.{cell.rect.x0:.0f}.{cell.rect.y0:.0f}"
            elif spot.column:
                spot.label = label
            elif spot.label:
                spot.label = answered(label, spot.label)
        return True

    def _option(self, cell: TableCell, held: Mapping[int, int]) -> str:
        """What a box in a cell says of its row: its own wording, or its column's caption.

        Cells side by side that hold a box each and its wording are the options of their row.
        """
        own = next((choice(one.text) for one in cell.phrases if choice(one.text)), "")
        if own or not cell.phrases:
            return own or self._cells.heading(cell)
        like = [
            one
            for one in self._cells.table(cell)
            if one.phrases and held[id(one)] == 1 and same_row(one.rect, cell.rect)
        ]
        return cell.text if len(like) > 1 else ""

    def _row(
        self, spot: Spot, cell: TableCell, held: Mapping[int, int]
    ) -> tuple[str, tuple[Rect, ...]]:
        """What the row of a cell with a box is about; a box's own wording is that box's."""
        table = [one for one in self._cells.table(cell) if one is cell or held[id(one)] != 1]
        label, words = row_label(spot.rect, cell, table)
        spot.doubt = spot.doubt or self._cells.doubt(cell)
        return self._cells.banded(cell, label), words


def _rows(cells: Sequence[TableCell]) -> list[list[TableCell]]:
    """The cells of a table that stand side by side, each row from the left."""
    return [[cells[index] for index in row] for row in rows_of([one.rect for one in cells])]


def _word(spot: Spot, cell: TableCell, pair: _Pair) -> None:
    """Word a box by the cell beside it, which answers what the row begins with."""
    caption, asked = pair
    spot.column, spot.label = caption.text, " ".join(one.text for one in asked)
    spot.words = tuple(phrase.rect for one in (*asked, caption) for phrase in one.phrases)
    spot.group = f"{spot.page}.{cell.table}.{cell.rect.y1:.0f}"


def _go_on_below(spots: Sequence[Spot], cell: TableCell) -> None:
    """A wording that a narrow cell breaks goes on below: « ☐ Sans », « objet »."""
    owned = {rect for spot in spots for rect in spot.words}
    for rest in cell.phrases:
        above = [one for one in spots if one.rect.y0 >= rest.rect.centre[1]]
        if rest.rect in owned or not rest.text[:1].islower() or not above:
            continue
        last = min(above, key=lambda one: (round(one.rect.y0 / 4), -one.rect.x0))
        if last.rect.y0 - rest.rect.y1 < rest.size and last.words:
            last.column = f"{last.column} {rest.text}" if last.column else ""
            last.label = last.label if last.column else f"{last.label} {rest.text}"
            last.words = (*last.words, rest.rect)


def _group(ticks: Sequence[Spot]) -> None:
    """Say which boxes are the options of one question.

    Those are the widgets of one field, and boxes of one row with one label and a caption each.
    """
    fields: dict[str, list[Spot]] = defaultdict(list)
    for spot in ticks:
        if spot.widget is not None and spot.widget.name:
            fields[spot.widget.name].append(spot)
    for name, members in fields.items():
        if len({one.widget.on_state for one in members if one.widget}) > 1:
            for one in members:
                one.group = name
    rows = []
    for row in rows_of([one.rect for one in ticks]):
        questions: dict[str, list[Spot]] = defaultdict(list)
        for one in (ticks[index] for index in row):
            if one.column and one.label and not one.group:
                questions[one.label].append(one)
        rows += [
            each
            for each in questions.values()
            if len({one.column for one in each}) == len(each) > 1
        ]
    times = Counter(frozenset(one.column for one in members) for members in rows)
    for members in rows:
        columns = frozenset(one.column for one in members)
        # « Matin » and « Soir » under « Lundi », « Mardi » may be ticked under both.
        if times[columns] > 1 and sum(rating(one) or is_degree(one) for one in columns) < 2:
            continue
        for one in members:
            one.group = f"{one.page}.{members[0].rect.x0:.0f}.{members[0].rect.y0:.0f}"
            # Under captions of a scale a round is no bullet.
            one.doubt = "" if one.doubt == ROUND else one.doubt


def _named(widget: Fillable) -> str:
    return widget.tooltip if _WORDING.search(widget.tooltip) else widget.name
