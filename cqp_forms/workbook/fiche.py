"""Read a fiche: one candidate, a row an answer, on any sheet that has the header row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from cqp_forms.answers import Source
from cqp_forms.findings import Finding
from cqp_forms.guide import Guide
from cqp_forms.typography import folded
from cqp_forms.workbook.candidate import Candidate, label_of
from cqp_forms.workbook.cells import CellKind, Row
from cqp_forms.workbook.package import Package, Sheet
from cqp_forms.workbook.reading import (
    Collector,
    duplicate_field,
    unknown_field,
    unreadable_header,
)
from cqp_forms.workbook.values import seen


class Column(StrEnum):
    """The columns of a fiche; the value is their title, as written."""

    FIELD = "Champ"
    LABEL = "Libellé"
    ANSWER = "Réponse"
    COMMENT = "Précision"


_TITLES: Mapping[str, Column] = {folded(column.value): column for column in Column}
_NEEDED = frozenset({Column.FIELD, Column.ANSWER})


def fiche_header(row: Row) -> dict[Column, str] | None:
    """The letters of the columns when the row is a header row; the first of equal titles counts."""
    found: dict[Column, str] = {}
    for letters, cell in row.cells.items():
        if cell.kind is CellKind.TEXT and (column := _TITLES.get(folded(cell.text))):
            found.setdefault(column, letters)
    return found if found.keys() >= _NEEDED else None


def read_fiche_sheets(package: Package, sheets: Iterable[Sheet], guide: Guide) -> Candidate:
    """Read the one candidate of a fiche from the sheets that have the header row."""
    places: dict[str, Source] = {}
    collector = Collector(package.epoch, places)
    first_cells: dict[str, Source] = {}
    for sheet in sheets:
        columns: dict[Column, str] | None = None
        for row in package.rows(sheet):
            if header := fiche_header(row):
                columns = header
            elif columns:
                _read_row(guide, collector, places, first_cells, sheet.name, row, columns)
    answers = collector.finished(package.path.name)
    return Candidate(
        answers,
        tuple(collector.findings),
        package.path,
        None,
        label_of(guide, answers, package.path.stem),
    )


def _read_row(
    guide: Guide,
    collector: Collector,
    places: dict[str, Source],
    first_cells: dict[str, Source],
    sheet: str,
    row: Row,
    columns: Mapping[Column, str],
) -> None:
    def source(column: Column) -> Source:
        return Source(sheet, f"{columns[column]}{row.number}")

    cell = row.cells.get(columns[Column.FIELD])
    if cell is None:
        return  # a title
    key = seen(cell, collector.epoch).strip().casefold()
    one = guide.fields.get(key)
    problem: Finding | None = unreadable_header(cell, source(Column.FIELD), collector.epoch)
    if problem is None and not key:
        return
    if problem is None and one is None:
        problem = unknown_field(guide, key, source(Column.FIELD))
    if problem is None and key in first_cells:
        problem = duplicate_field(key, first_cells[key], source(Column.FIELD))
    if problem is not None or one is None:
        collector.findings.extend([problem] if problem else [])
        return
    first_cells[key] = source(Column.FIELD)
    places[key] = source(Column.ANSWER)
    if (answer := row.cells.get(columns[Column.ANSWER])) is not None:
        collector.take_value(one, answer, places[key])
    if Column.COMMENT in columns and (comment := row.cells.get(columns[Column.COMMENT])):
        collector.take_comment(one, comment, source(Column.COMMENT))
