"""Tables: which cells are headers, which empty ones are boxes or areas, and what labels them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.docx import wml
from cqp_forms.docx.detect.answers import NO_WORDING, banded, in_scale, options, row_options
from cqp_forms.docx.detect.captions import (
    captions_of,
    go_on,
    same_columns,
    spans,
    supposed_captions,
    widths_of,
)
from cqp_forms.docx.detect.cells import MAX_SPAN, ReadCell, read_cell
from cqp_forms.docx.detect.fields import (
    Container,
    FoundField,
    PartFields,
    TableColumns,
    date_part,
)
from cqp_forms.docx.detect.grid import (
    MAX_LABEL,
    GridCell,
    GridRow,
    TableGrid,
    group,
    left_label,
)
from cqp_forms.docx.detect.inline import control_field
from cqp_forms.docx.detect.naming import is_answer
from cqp_forms.docx.detect.styles import StyleSheet, bordered
from cqp_forms.mapping import DocxKind
from cqp_forms.matching.wording import bare, heads_a_column, is_signed
from cqp_forms.shown import Mark

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


#: A lower row (twentieths of a point) only makes room.
_MIN_HEIGHT = 200
_DRAWN_ELSEWHERE = "cellule vide, où d’autres lignes ont une case"
#: Under degrees, the row that says how often each was ticked is for figures.
_COUNTED = re.compile(r"(sous )?tota(l|ux)\b|nombre\b|moyenne\b|score\b|note (finale|globale)")


@dataclass
class _Table:
    part: PartFields
    read: ReadCell
    above: str
    framed: bool
    number: str = ""
    rows: list[GridRow] = dataclasses.field(default_factory=list)
    #: The areas of blocks that stand side by side, each with its column.
    blocks: list[tuple[int, FoundField]] = dataclasses.field(default_factory=list)
    header_title: str = ""


def read_table(
    part: PartFields, styles: StyleSheet, table: Element, container: Container, read: ReadCell
) -> None:
    """Read a table: note what its cells hold, then decide about the empty ones.

    Args:
        part: collects what is found.
        container: what the table stands in.
        read: reads a cell's blocks.
    """
    properties = wml.child(table, "tblPr")
    style = wml.value_of(wml.child(properties, "tblStyle")) if properties is not None else ""
    framed = bordered(properties, "tblBorders") or styles.get(style).bordered
    known = _Table(part, read, container.last, framed, part.new_number())
    for element, control in _inside(table, "tr"):
        if control is not None and (field := control_field(control, part.name)) and field.ticks:
            _boxed_row(known, element, field, container)
        else:
            _row(known, element)
    _strong_titles(known.rows)
    widths = widths_of(table)
    supposed_captions(known.rows, widths)
    go_on(known.rows, widths, container)
    grid = TableGrid(known.rows)
    for row in known.rows:
        row_options(known.number, grid, row)
        for cell in row.cells:
            _label(known, grid, row, cell)
    _signed(known, grid)
    same_columns(known.rows)
    part.by_block(known.blocks)
    last = next((row for row in reversed(known.rows) if row.text), None)
    container.last = last.text if last is not None and len(known.rows) == 1 else container.last
    container.words.extend(row.text for row in known.rows if row.text)
    heads = next((one.captions for one in reversed(known.rows) if one.captions), [])
    columns = TableColumns(widths, tuple(heads), len(container.words))
    container.columns = columns if heads else None


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


def _boxed_row(table: _Table, row: Element, field: FoundField, container: Container) -> None:
    """A tick box around a whole row: its glyph is somewhere inside and is not a second box."""
    table.part.add(field, container)
    _row(table, row)
    for cell in table.rows[-1].cells:
        for one in cell.fields:
            one.kept = False
    field.label = table.rows[-1].text


def _row(table: _Table, element: Element) -> None:
    part = table.part
    properties = wml.child(element, "trPr")
    before = wml.child(properties, "gridBefore") if properties is not None else None
    column = min(wml.whole(wml.value_of(before), 0), MAX_SPAN)
    row = GridRow(len(table.rows), [], _height(properties))
    heading = part.heading
    for tc, control in _inside(element, "tc"):
        cell = read_cell(part, table.read, tc, control, column, framed=table.framed)
        if cell.continued and table.rows:
            above = [one for one in table.rows[-1].cells if one.column == column]
            cell.origin = (above[0].origin or above[0]) if above else None
        row.cells.append(cell)
        column = cell.end
        part.heading = heading
    table.rows.append(row)
    first = row.cells[0] if row.cells else None
    if first is not None and first.merged and any(one.text for one in row.cells[1:]):
        # The title of the rows beside it, with room below: nothing is written there.
        for field in first.fields if not first.text.endswith(":") else ():
            field.kept = field.kept and (field.kind is not DocxKind.PARAGRAPH or field.ticks)
    _titles(table, row)


def _titles(table: _Table, row: GridRow) -> None:
    """Note what a row without boxes says of the rows below it."""
    written = [one for one in row.cells if one.text]
    if not written or any(one.kept for cell in row.cells for one in cell.fields):
        return
    if len(row.cells) == 1 and len(written[0].text) <= 2 * MAX_LABEL:
        row.title = True
        table.part.heading = written[0].text
        return
    row.captions = captions_of(row, table.rows[:-1])
    if row.captions and (over := table.rows[-2:-1]):
        for band in (one for one in over[0].cells if any(spans(one, x) for x in row.captions)):
            # Cells that were merged leave their blank lines.
            for field in band.fields:
                field.kept = field.kept and field.kind is not DocxKind.PARAGRAPH
        # « Insuffisant » over 1 and 2 heads these, no boxes.
        over[0].captions = [
            one for one in over[0].captions if not any(spans(one, each) for each in row.captions)
        ]
    row.ends = not row.captions and len(written) == len(row.cells) > 1
    if not row.captions or any(one.empty is not None for one in row.cells):
        return
    named = next((one.text for one in written if one not in row.captions), "")
    if named and not heads_a_column(named) and bare(named) != bare(table.header_title):
        first = not table.header_title
        table.header_title = named
        if not first or not any(one.title for one in table.rows):
            table.part.heading = named


def _strong_titles(rows: Sequence[GridRow]) -> None:
    """Titles of groups whose other cells were left empty rather than merged.

    They are recognised by their formatting, and only where other rows look otherwise.
    """
    asking = [row for row in rows if any(one.empty is not None for one in row.cells) and row.text]
    if all(row.entitles for row in asking):
        return
    heading = ""
    for row in rows:
        if row in asking and row.entitles:
            row.title, heading = True, row.text
        elif row.title or row.captions:
            heading = ""
        for cell in row.cells if heading else ():
            for field in [*cell.fields, *([cell.empty] if cell.empty else [])]:
                field.heading = heading


def _label(table: _Table, grid: TableGrid, row: GridRow, cell: GridCell) -> None:
    options(table.number, grid, row, cell)
    for field in cell.fields:
        column = grid.header(row, cell, field)
        if field.ticks:
            field.label = field.label or grid.question(row, cell)
            field.doubt = "" if field.label and field.doubt == NO_WORDING else field.doubt
            field.label = field.label or (column if field.column else "")
            # A box with its own wording is not what the cell above asks for.
            known = column.endswith(":") or f" {bare(column)} " in f" {bare(field.label)} "
            field.column = field.column or ("" if field.caption and known else column)
            if field.rounded and len(cell.fields) == 1:
                field.row = f"{table.number}.{row.index}"
            field.heading = group(row, field.label) or field.heading
            in_scale(table.number, grid, row, cell, field, table.above)
        elif field.label:
            title = grid.title(row, cell)
            field.heading = title or field.heading
            if title:
                table.blocks.append((cell.column, field))
        else:
            beside = left_label(row, cell)
            if beside is not None:
                _answered(beside)
            field.label = (beside.text if beside else "") or column or table.above
    if cell.empty is not None and not row.title and not row.captions:
        _empty(table, grid, row, cell)


def _empty(table: _Table, grid: TableGrid, row: GridRow, cell: GridCell) -> None:
    """Decide what an empty cell is: a box, an area, or nothing."""
    field = cell.empty
    assert field is not None
    column, asked = grid.header(row, cell, field), grid.question(row, cell)
    caption = grid.caption(row, cell)
    if caption is not None and grid.has_boxes(cell):
        boxed = any(one.ticks for each in row.cells for one in each.fields)
        first = next(one for one in row.cells if one.empty is not None and grid.has_boxes(one))
        if boxed or not asked or cell is not first:
            # The boxes of this row are drawn: a cell without one is only empty.
            return
        # A group's title, or a row that lost its boxes: named, not filled.
        field.unfillable = _DRAWN_ELSEWHERE
    counted = bool(_COUNTED.match(bare(asked))) and not is_answer(column)
    if caption is not None and not counted and (asked or len(row.cells) > 1):
        field.kept, field.ticks = True, True
        field.column, field.label = column, asked
        field.heading = group(row, asked) or field.heading
        in_scale(table.number, grid, row, cell, field, table.above)
        return
    if field.state is Mark.ON or row.height < _MIN_HEIGHT or cell.narrow:
        return
    beside, above = left_label(row, cell), grid.header_cell(row, cell)
    if beside is not None and (cell.framed or beside.text.rstrip().endswith(":")):
        field.kept, field.label, field.column = True, beside.text, column
        _answered(beside)
    elif cell.framed and len(row.cells) == 1 and (title := _title_above(table, row)):
        field.kept, field.multiline, field.label = True, True, title
    elif above is not None and _still_asks(above) and (cell.framed or is_signed(above.text)):
        field.kept, field.label = True, above.text
        # « Signatures » over a table of roles: each signs below its own.
        field.signs = is_signed(table.above) and not _asks_for_texts(table)
        if asked and not asked.endswith(":") and len(asked) <= MAX_LABEL:
            field.label, field.column = banded(asked, above), above.text
        _answered(above)
    if field.kept and above is not None and date_part(above.text) is not None:
        field.row, field.column = f"{table.number}.{row.index}.", above.text


def _signed(table: _Table, grid: TableGrid) -> None:
    """Keep the spaces that only a word in a cell announces, named by their column too."""
    for row in table.rows:
        for cell in row.cells:
            if cell.signing is None or any(one.kept for one in cell.fields):
                continue
            after = [one for one in row.cells if one.column == cell.end]
            below = [one for each in table.rows[row.index + 1 :] for one in each.cells
                     if one.column < cell.end and cell.column < one.end]  # fmt: skip
            beside = [*after, *below]
            if not any(one.empty is not None and one.empty.kept for one in beside):
                cell.signing.kept = True
                cell.signing.column = grid.header(row, cell)


def _asks_for_texts(table: _Table) -> bool:
    """Whether a table has labels such as « Nom : », rather than headings over empty cells."""
    return len(table.rows) > 2 or any(
        one.text.endswith(":") for row in table.rows for one in row.cells
    )


def _still_asks(cell: GridCell) -> bool:
    """Whether a short wording has no answer yet, as « Nom : » with an area beside it has."""
    if len(cell.text) > MAX_LABEL or cell.continued:
        return False
    return cell.waiting.kept if cell.waiting is not None else not cell.text.endswith(":")


def _title_above(table: _Table, row: GridRow) -> str:
    """What a cell as wide as the table answers: the row above if it is as wide, or the text."""
    if not row.index:
        return table.above
    above = table.rows[row.index - 1]
    return above.text if len(above.cells) == 1 else ""


def _answered(cell: GridCell) -> None:
    """The answer to a « Nom : » goes to the cell beside or below it."""
    if cell.waiting is not None:
        cell.waiting.kept = False


def _height(properties: Element | None) -> int:
    height = wml.child(properties, "trHeight") if properties is not None else None
    if height is None or wml.attribute(height, "hRule") != "exact":
        return 9999
    return wml.whole(wml.value_of(height), 9999)
