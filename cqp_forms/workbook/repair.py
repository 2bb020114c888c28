"""Read what can be read of a fiche whose rows, ids or sheets were damaged, for a fresh one.

A row without its id is known by its wording, where one field alone can be meant; a sheet without
its titles by the columns of the workbook's other sheets. What is not sure is not guessed at: the
findings name it, with its cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cqp_forms.errors import AnswersError
from cqp_forms.findings import Code, Severity
from cqp_forms.guide import Field, FieldKind, Guide
from cqp_forms.typography import folded
from cqp_forms.workbook.candidate import Candidate, faithful, key_of
from cqp_forms.workbook.cells import Cell, CellKind, Row, Unseen, Workbook
from cqp_forms.workbook.fiche import Column, FicheReader, titles_of
from cqp_forms.workbook.lot import is_lot_header
from cqp_forms.workbook.read import require_guide
from cqp_forms.workbook.values import plain_text, seen

#: A column for the ids that are found by their wording: the last that there is.
_FOUND = "XFD"


@dataclass(frozen=True)
class _Table:
    """The rows of a sheet below its titles.

    Attributes:
        letters: of the column of each title, from the sheet or from another one.
    """

    sheet: str
    letters: dict[Column, str]
    rows: Sequence[Row]
    unseen: Unseen


def recover_fiche(book: Workbook, guide: Guide) -> Candidate:
    """The answers that a damaged fiche gives.

    Args:
        book: open, of any format that is read.
        guide: the guide that it answers.

    Returns:
        The candidate, whose findings name each answer that has no sure place.

    Raises:
        AnswersError: it cannot be read, is a lot, answers another guide or holds no answer.
    """
    require_guide(book, guide)
    tables = list(_tables(book, guide))
    if not tables:
        raise AnswersError(
            "rien ici ne ressemble à une fiche.",
            where=str(book.path),
            remedy="Vérifiez que c’est le bon classeur.",
        )
    there = {
        key
        for table in tables
        for row in table.rows
        if (key := key_of(row.cells.get(table.letters.get(Column.FIELD, "")))) in guide.fields
    }
    reader = FicheReader(book, guide)
    for table in tables:
        reader.read_sheet(table.sheet, _Restorer(book, guide, table, there).rows(), table.unseen)
    return faithful(book, reader.finished())


def unplaced(candidate: Candidate) -> Iterator[tuple[str, str]]:
    """What of a recovered fiche could not be moved: where it stands, and why; in French."""
    for one in candidate.findings:
        if one.severity is Severity.ERROR or one.code is Code.UNKNOWN_FIELD:
            yield f"feuille {one.sheet}, cellule {one.cell}", one.message


def _tables(book: Workbook, guide: Guide) -> Iterator[_Table]:
    sheets = []
    for sheet in book.sheets:
        rows = list(book.rows(sheet))
        if any(is_lot_header(guide, row) for row in rows[:20]):
            raise AnswersError(
                "ce classeur est un lot, pas une fiche.",
                where=str(book.path),
                remedy="--fix remet en état la fiche d’un candidat.",
            )
        header = next((rank for rank, row in enumerate(rows) if len(titles_of(row)) > 1), None)
        titles = {} if header is None else titles_of(rows[header])
        below = rows if header is None else rows[header + 1 :]
        sheets.append((sheet, {key: one[0] for key, one in titles.items()}, below))
    whole = max((letters for _, letters, _ in sheets), key=len, default={})
    for sheet, letters, rows in sheets:
        # Columns that a sheet does not name are those of a sheet that does, if the others agree.
        alike = all(whole.get(key) == one for key, one in letters.items())
        named = whole | letters if alike else letters
        # Without titles, what stands above the first field is no answer.
        asking = rows if letters else _from_first(rows, named, guide)
        if Column.ANSWER in named and any(_asks(row, named, guide) for row in asking):
            yield _Table(sheet.name, named, asking, book.unseen(sheet))


def _from_first(rows: Sequence[Row], letters: Mapping[Column, str], guide: Guide) -> Sequence[Row]:
    asking = (rank for rank, row in enumerate(rows) if _asks(row, letters, guide))
    return rows[next(asking, len(rows)) :]


def _asks(row: Row, letters: Mapping[Column, str], guide: Guide) -> bool:
    """Whether a row has the id or the wording of a field."""
    label = _folded(row.cells.get(letters.get(Column.LABEL, "")))
    return key_of(row.cells.get(letters.get(Column.FIELD, ""))) in guide.fields or any(
        folded(one.label) == label for one in guide.fields.values()
    )


def _folded(cell: Cell | None) -> str:
    return folded(plain_text(cell.text)) if cell and cell.kind is CellKind.TEXT else ""


class _Restorer:
    """Gives the rows of a table, those without id with the one that their wording stands for.

    Args:
        there: the ids that stand in the workbook: no other row can be theirs.
    """

    def __init__(self, book: Workbook, guide: Guide, table: _Table, there: Iterable[str]) -> None:
        self._epoch, self._guide, self._table = book.epoch, guide, table
        self._there = frozenset(there)
        self._titles = {folded(one.context) for one in guide.fields.values()}
        self._title = ""

    def rows(self) -> Iterator[Row]:
        """The header row, then the others."""
        letters = self._table.letters
        titles = {one: Cell(CellKind.TEXT, title.value) for title, one in letters.items()}
        yield Row(0, {_FOUND: Cell(CellKind.TEXT, Column.FIELD.value)} | titles)
        for row in self._table.rows:
            yield self._restored(row)

    def _restored(self, row: Row) -> Row:
        letters = self._table.letters
        id_letters, label_letters = letters.get(Column.FIELD, ""), letters.get(Column.LABEL, "")
        label = _folded(row.cells.get(label_letters))
        if key_of(row.cells.get(id_letters)) in self._guide.fields:
            return row
        if not self._is_filled(row):  # nothing to move; it may be the title of those below
            self._title = label if label in self._titles else self._title
            return row
        fields = self._meant(label)
        if len(fields) != 1:
            return row
        kept = {key: cell for key, cell in row.cells.items() if key != id_letters}
        return replace(row, cells={_FOUND: Cell(CellKind.TEXT, fields[0].id)} | kept)

    def _meant(self, label: str) -> list[Field]:
        """The fields that a row of this wording may be: of its sheet, under its title."""
        fields = [
            one
            for one in self._guide.fields.values()
            if label
            and folded(one.label) == label
            and one.id not in self._there
            and one.kind is not FieldKind.SIGNATURE
        ]
        for narrower in (
            lambda one: one.sheet == self._table.sheet,
            lambda one: folded(one.context) == self._title,
        ):
            if len(fields) > 1 and (fewer := [one for one in fields if narrower(one)]):
                fields = fewer
        return fields

    def _is_filled(self, row: Row) -> bool:
        cells = (row.cells.get(self._table.letters.get(one, "")) for one in _ANSWERS)
        return any(cell and plain_text(seen(cell, self._epoch).text) for cell in cells)


_ANSWERS = (Column.ANSWER, Column.COMMENT)
