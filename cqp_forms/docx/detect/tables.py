"""Tables: which cells are headers, which empty ones are boxes or areas, and what labels them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from cqp_forms import ticksigns
from cqp_forms.docx import wml
from cqp_forms.docx.detect.cells import Cell, Grid, Row, group, left_label
from cqp_forms.docx.detect.inline import all_bold, control_spot, inside_words
from cqp_forms.docx.detect.spots import Spot, tidy
from cqp_forms.docx.detect.styles import Styles, bordered
from cqp_forms.docx.detect.wording import heads_boxes, is_answer, name_box
from cqp_forms.mapping import DocxKind
from cqp_forms.matching.wording import bare
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from cqp_forms.docx.detect.flow import Flow

#: Lower rows and narrower cells (twentieths of a point) only make room.
_MIN_HEIGHT, _MIN_WIDTH = 200, 250
_MAX_LABEL = 160
#: Word has at most 63 columns; a larger span is a mistake, or malice.
_MAX_SPAN = 63
_NOT_EMPTY = frozenset({"drawing", "pict", "object", "tbl", "fldChar", "fldSimple", "sdt"})


class Reads(Protocol):
    """What a table needs of the reader of its part."""

    part: str
    styles: Styles
    heading: str
    spots: list[Spot]

    def add(self, spot: Spot, flow: Flow) -> None:
        """Note a place found."""

    def flow(self, container: Element) -> Flow:
        """Read a cell."""


@dataclass
class _Table:
    reader: Reads
    above: str
    framed: bool
    rows: list[Row] = field(default_factory=list)
    header_title: str = ""


def read_table(reader: Reads, table: Element, flow: Flow) -> None:
    """Read a table: note what its cells hold, then decide about the empty ones."""
    properties = wml.child(table, "tblPr")
    style = wml.value_of(wml.child(properties, "tblStyle")) if properties is not None else ""
    framed = bordered(properties, "tblBorders") or reader.styles.get(style).bordered
    known = _Table(reader, flow.last, framed)
    for element, control in _inside(table, "tr"):
        if control is not None and (spot := control_spot(control, reader.part)) and spot.ticks:
            _boxed_row(known, element, spot, flow)
        else:
            _row(known, element)
    _strong_titles(known.rows)
    grid = Grid(known.rows)
    for row in known.rows:
        for cell in row.cells:
            _label(known, grid, row, cell)
    last = next((row for row in reversed(known.rows) if row.text), None)
    flow.last = last.text if last is not None and len(known.rows) == 1 else flow.last
    flow.words.extend(row.text for row in known.rows if row.text)


def _inside(
    parent: Element, name: str, control: Element | None = None
) -> Iterator[tuple[Element, Element | None]]:
    """The rows of a table, or the cells of a row, each with the control around it."""
    for one in parent:
        if wml.is_word(one, name):
            yield one, control
        elif wml.is_word(one, "sdt"):
            content = wml.child(one, "sdtContent")
            if content is not None:
                yield from _inside(content, name, one)
        elif wml.local(one) in ("customXml", "ins", "moveTo"):
            yield from _inside(one, name, control)


def _boxed_row(table: _Table, row: Element, spot: Spot, flow: Flow) -> None:
    """A tick box around a whole row: its glyph is somewhere inside and is not a second box."""
    table.reader.add(spot, flow)
    _row(table, row)
    for cell in table.rows[-1].cells:
        for one in cell.spots:
            one.kept = False
    spot.label = table.rows[-1].text


def _row(table: _Table, element: Element) -> None:
    reader = table.reader
    properties = wml.child(element, "trPr")
    before = wml.child(properties, "gridBefore") if properties is not None else None
    column = min(_whole(wml.value_of(before), 0), _MAX_SPAN)
    row = Row(len(table.rows), [], _height(properties))
    heading = reader.heading
    for tc, control in _inside(element, "tc"):
        cell = _cell(table, tc, control, column)
        if cell.continued and table.rows:
            above = [one for one in table.rows[-1].cells if one.column == column]
            cell.origin = (above[0].origin or above[0]) if above else None
        row.cells.append(cell)
        column = cell.end
        reader.heading = heading
    table.rows.append(row)
    _titles(table, row)


def _cell(table: _Table, tc: Element, control: Element | None, column: int) -> Cell:
    reader = table.reader
    properties = wml.child(tc, "tcPr")
    span = wml.child(properties, "gridSpan") if properties is not None else None
    merge = wml.child(properties, "vMerge") if properties is not None else None
    width = wml.child(properties, "tcW") if properties is not None else None
    cell = Cell(tc, column, column + min(max(1, _whole(wml.value_of(span), 1)), _MAX_SPAN))
    cell.merged = merge is not None
    cell.continued = merge is not None and wml.value_of(merge, "continue") != "restart"
    if width is not None and wml.attribute(width, "type") == "dxa":
        cell.narrow = _whole(wml.attribute(width, "w") or "", 9999) < _MIN_WIDTH
    cell.framed = table.framed or bordered(properties, "tcBorders")
    spot = control_spot(control, reader.part) if control is not None else None
    start = len(reader.spots)
    inner = reader.flow(tc)
    if spot is not None:
        del reader.spots[start:]
        reader.spots.append(spot)
        spot.heading = reader.heading
        if spot.ticks:
            name_box(spot, tidy(" ".join(inside_words(one) for one in wml.all_words(tc, "p"))), "")
        cell.spots = [spot]
        return cell
    cell.text, cell.spots, cell.waiting = inner.text, inner.spots, inner.waiting
    cell.strong = bool(cell.text) and _is_strong(tc, properties)
    _room(cell, inner, reader)
    mark = ticksigns.sign(_shown(tc)) is Mark.ON
    if not cell.continued and (mark or not (cell.text or cell.spots or _draws(tc))):
        empty = Spot(DocxKind.CELL, tc, reader.part, False, kept=False)
        empty.state = Mark.ON if mark else Mark.OFF
        empty.heading = reader.heading
        reader.spots.append(empty)
        cell.empty = empty
    return cell


def _room(cell: Cell, inner: Flow, reader: Reads) -> None:
    """« Commentaires : » with blank lines under it: the first of them is the area."""
    waits = inner.waiting is not None and inner.waiting.kept
    enough = 1 if waits else 2
    if len(inner.blanks) < enough or not inner.last or not (waits or cell.framed):
        return
    if len(inner.last) > _MAX_LABEL or (not waits and len(cell.spots) > 0):
        return
    if inner.waiting is not None:
        inner.waiting.kept = False
    blank = inner.blanks[0]
    spot = Spot(DocxKind.PARAGRAPH, blank, reader.part, False, label=inner.last, multiline=True)
    reader.add(spot, inner)


def _titles(table: _Table, row: Row) -> None:
    """Note what a row without boxes says of the rows below it."""
    written = [one for one in row.cells if one.text]
    if not written or any(one.kept for cell in row.cells for one in cell.spots):
        return
    if len(row.cells) == 1 and len(written[0].text) <= 2 * _MAX_LABEL:
        row.title = True
        table.reader.heading = written[0].text
        return
    answers = [one for one in written if heads_boxes(one.text)]
    if not answers or any(one.empty is not None for one in row.cells):
        return
    row.header = True
    named = next((one.text for one in written if one not in answers), "")
    if named and bare(named) != bare(table.header_title):
        first = not table.header_title
        table.header_title = named
        if not first or not any(one.title for one in table.rows):
            table.reader.heading = named


def _strong_titles(rows: Sequence[Row]) -> None:
    """Titles of groups whose other cells were left empty rather than merged.

    They are told by their look, and only where other rows look otherwise.
    """
    asking = [row for row in rows if any(one.empty is not None for one in row.cells) and row.text]
    if all(row.entitles for row in asking):
        return
    heading = ""
    for row in rows:
        if row in asking and row.entitles:
            row.title, heading = True, row.text
        elif row.title or row.header:
            heading = ""
        for cell in row.cells if heading else ():
            for spot in [*cell.spots, *([cell.empty] if cell.empty else [])]:
                spot.heading = heading


def _label(table: _Table, grid: Grid, row: Row, cell: Cell) -> None:
    for spot in cell.spots:
        column = grid.header(row, cell, spot)
        if spot.ticks:
            spot.label = spot.label or grid.question(row, cell)
            spot.label = spot.label or (column if spot.column else "")
            spot.column = spot.column or column
            spot.heading = group(row, spot.label) or spot.heading
        elif not spot.label:
            beside = left_label(row, cell)
            if beside is not None:
                _answered(beside)
            spot.label = (beside.text if beside else "") or column or table.above
    if cell.empty is not None and not row.title:
        _empty(table, grid, row, cell)


def _empty(table: _Table, grid: Grid, row: Row, cell: Cell) -> None:
    """Decide what an empty cell is: a box, an area, or nothing."""
    spot = cell.empty
    assert spot is not None
    column, asked = grid.header(row, cell, spot), grid.question(row, cell)
    if is_answer(column) and grid.has_boxes(cell):
        # The boxes of this column are drawn: a cell without one is only empty.
        return
    if is_answer(column) and (asked or len(row.cells) > 1):
        spot.kept, spot.ticks = True, True
        spot.column, spot.label = column, asked
        spot.heading = group(row, asked) or spot.heading
        return
    if spot.state is Mark.ON or row.height < _MIN_HEIGHT or cell.narrow:
        return
    beside, above = left_label(row, cell), grid.header_cell(row, cell)
    if beside is not None and (cell.framed or beside.text.rstrip().endswith(":")):
        spot.kept, spot.label, spot.column = True, beside.text, column
        _answered(beside)
    elif cell.framed and len(row.cells) == 1 and (title := _title_above(table, row)):
        spot.kept, spot.multiline, spot.label = True, True, title
    elif cell.framed and above is not None and _still_asks(above):
        spot.kept, spot.label = True, above.text
        _answered(above)


def _still_asks(cell: Cell) -> bool:
    """Whether a short wording has no answer yet, as « Nom : » with an area beside it has."""
    if len(cell.text) > _MAX_LABEL or cell.continued:
        return False
    return cell.waiting.kept if cell.waiting is not None else not cell.text.endswith(":")


def _title_above(table: _Table, row: Row) -> str:
    """What a cell as wide as the table answers: the row above if it is as wide, or the text."""
    if not row.index:
        return table.above
    above = table.rows[row.index - 1]
    return above.text if len(above.cells) == 1 else ""


def _answered(cell: Cell) -> None:
    """The answer to a « Nom : » goes to the cell beside or below it."""
    if cell.waiting is not None:
        cell.waiting.kept = False


def _shown(tc: Element) -> str:
    return "".join(wml.text_of(one) for one in wml.all_words(tc, "p")).strip()


def _is_strong(tc: Element, properties: Element | None) -> bool:
    shade = wml.child(properties, "shd") if properties is not None else None
    fill = wml.attribute(shade, "fill") if shade is not None else None
    if fill is not None and fill.casefold() not in ("auto", "ffffff"):
        return True
    return all(all_bold(one) for one in wml.all_words(tc, "p") if wml.text_of(one).strip())


def _draws(tc: Element) -> bool:
    return any(wml.local(one) in _NOT_EMPTY for one in tc.iter())


def _height(properties: Element | None) -> int:
    height = wml.child(properties, "trHeight") if properties is not None else None
    if height is None or wml.attribute(height, "hRule") != "exact":
        return 9999
    return _whole(wml.value_of(height), 9999)


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() else default
