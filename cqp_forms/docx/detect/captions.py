"""What heads columns of boxes: a scale above its rows, by its wording or by its look (pure)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cqp_forms.docx import wml
from cqp_forms.docx.detect.fields import Container, date_part
from cqp_forms.docx.detect.grid import GridCell, GridRow
from cqp_forms.docx.detect.naming import heads_boxes
from cqp_forms.guide import DatePart
from cqp_forms.matching.scales import TWO_SCALES, HeaderCell, scales_of
from cqp_forms.matching.wording import asks_for_text, bare, counts_periods, is_degree

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Columns of boxes are narrow (twentieths of a point), about as wide as one another, and far
#: narrower than that of the rows' wording.
_MAX_WIDTH, _ALIKE, _NARROWER = 1700, 1.6, 1.8
#: A shorter header may head columns of boxes, if nothing says what else stands below it.
_MAX_CAPTION = 40
_UNKNOWN = "on ne sait pas si ces colonnes sont des cases à cocher"
_GOES_ON = "sans en-tête, ce tableau est lu avec celui du tableau précédent"


def captions_of(row: GridRow, above: Sequence[GridRow]) -> list[GridCell]:
    """The cells of a row that head columns of boxes: « OUI », or degrees of one scale.

    Args:
        above: the rows before it; a scale stands above all that it heads.
    """
    if any(field.kept for cell in row.cells for field in cell.fields):
        return []
    written = [one for one in row.cells if one.text]
    if {date_part(one.text) for one in written} >= set(DatePart):
        return []
    degrees = [one for one in written if is_degree(one.text)]
    answers = [one for one in written if heads_boxes(one.text)]
    if len({bare(one.text) or one.text for one in degrees}) < 2:
        return answers
    first = row.cells.index(degrees[0])
    if any(one.empty is not None for one in row.cells[first:]):
        return answers
    found = [one for part in _scales(row.cells[first:], above) for one in _heads(part, degrees)]
    counted = all(bare(one.text).isdecimal() for one in found)
    counted = counted and counts_periods(row.cells[0].text)
    if counted or (not answers and not _stands_above(found, above)):
        return []
    for one in found:
        one.doubt = one.doubt if one in degrees or one in answers else _UNKNOWN
    return found


def _scales(cells: Sequence[GridCell], above: Sequence[GridRow]) -> Iterator[Sequence[GridCell]]:
    """The scales side by side of a header row; notes of each cell which it belongs to."""
    wider = [one for one in (above[-1].cells if above else ()) if one.text]
    over = [next((one for one in wider if spans(one, cell)), None) for cell in cells]
    known = [
        HeaderCell(cell.text, band.column, band.text) if band else HeaderCell(cell.text)
        for cell, band in zip(cells, over, strict=True)
    ]
    scales = scales_of(known, is_degree)
    for rank, scale in enumerate(scales):
        part = cells[scale.start : scale.end]
        for one in part:
            one.scale, one.band = rank, scale.band
            one.doubt = one.doubt or ("" if scale.band or len(scales) == 1 else TWO_SCALES)
        yield part


def spans(band: GridCell, cell: GridCell) -> bool:
    """Whether a cell is wider than one below it and stands over all of that."""
    wider = band.end - band.column > cell.end - cell.column
    return wider and band.column <= cell.column and cell.end <= band.end


def _heads(part: Sequence[GridCell], degrees: Sequence[GridCell]) -> Sequence[GridCell]:
    """What heads boxes of a scale: from its first degree to its last."""
    ranks = [rank for rank, one in enumerate(part) if one in degrees]
    return part[ranks[0] : ranks[-1] + 1] if ranks else ()


def _stands_above(found: Sequence[GridCell], above: Sequence[GridRow]) -> bool:
    """Whether what looks like a scale is one, rather than figures filled in below another."""
    for one in reversed(above):
        if one.captions and all(any(spans(band, cell) for band in one.captions) for cell in found):
            continue
        if one.captions:
            return [each.text for each in one.captions] == [each.text for each in found]
        if one.title:
            return True
        open_cells = [cell for cell in one.cells[1:] if cell.empty is not None or cell.fields]
        if any(not any(spans(cell, each) for each in found) for cell in open_cells):
            return False
    return True


def supposed_captions(rows: Sequence[GridRow], widths: Sequence[int]) -> None:
    """Head columns of boxes with wordings that are no known scale, by their look: with a doubt."""
    if any(one.captions for one in rows):
        return
    head = next((one for one in rows if not one.title), None)
    if head is None or len(head.cells) < 3 or any(cell.fields for cell in head.cells):
        return
    found = head.cells[1:]
    below = [one for one in rows[head.index + 1 :] if not one.title]
    likely = all(one.text and len(one.text) <= _MAX_CAPTION for one in found) and not any(
        asks_for_text(one.text) or date_part(one.text) for one in found
    )
    if likely and below and _are_narrow(found, widths) and all(_is_open(one) for one in below):
        head.captions = found
        for one in found:
            one.doubt = one.doubt or _UNKNOWN


def _are_narrow(found: Sequence[GridCell], widths: Sequence[int]) -> bool:
    if found[-1].end > len(widths):
        return False
    known = [sum(widths[one.column : one.end]) for one in found]
    rest = sum(widths[: found[0].column])
    return 0 < max(known) <= min(_MAX_WIDTH, _ALIKE * min(known)) and rest >= _NARROWER * max(known)


def _is_open(row: GridRow) -> bool:
    """Whether a row is a wording with only empty cells behind it."""
    return bool(row.cells[0].text) and all(one.empty is not None for one in row.cells[1:])


def widths_of(table: Element) -> tuple[int, ...]:
    """The widths of a table's columns, in twentieths of a point; 0 for one that is not said."""
    grid = wml.child(table, "tblGrid")
    columns = wml.all_words(grid, "gridCol") if grid is not None else ()
    return tuple(wml.whole(wml.attribute(one, "w") or "", 0) for one in columns)


def go_on(rows: list[GridRow], widths: tuple[int, ...], container: Container) -> None:
    """A table without a header of its own, cut from the one before, keeps that one's."""
    former = container.columns
    if former is None or former.widths != widths or not rows or rows[0].captions:
        return
    doubt = _GOES_ON if len(container.words) > former.words else ""
    element = rows[0].cells[0].element if rows[0].cells else None
    if element is None:
        return
    cells = [
        dataclasses.replace(one, element=element, doubt=one.doubt or doubt)
        for one in former.captions
    ]
    rows.insert(0, GridRow(0, cells, captions=cells))
    for index, one in enumerate(rows):
        one.index = index


def same_columns(rows: Sequence[GridRow]) -> None:
    """Columns have one order in a whole table: a box without a word takes that of its column."""
    words: dict[int, set[str]] = {}
    boxes = [
        (cell.column, field)
        for row in rows
        for cell in row.cells
        for field in cell.fields
        if field.ticks and field.kept and sum(one.ticks for one in cell.fields) == 1
    ]
    for column, field in boxes:
        if field.column:
            words.setdefault(column, set()).add(field.column)
    for column, field in boxes:
        if not field.column and not field.caption and len(words.get(column, ())) == 1:
            (field.column,) = words[column]
