"""Read a fiche: one candidate, a row an answer, on any sheet that has the header row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from cqp_forms.answers import COMMENT, Source
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Field, Guide
from cqp_forms.typography import folded
from cqp_forms.workbook.candidate import (
    Candidate,
    Collector,
    duplicate_field,
    key_of,
    label_of,
    unknown_field,
    unread_header,
)
from cqp_forms.workbook.cells import Cell, CellKind, Row, Unseen, Workbook, quoted_text
from cqp_forms.workbook.unseen import told_hidden, told_notes, told_unseen
from cqp_forms.workbook.values import plain_text, seen


class Column(StrEnum):
    """The columns of a fiche; the value is their title, as written."""

    FIELD = "Champ"
    LABEL = "Libellé"
    ANSWER = "Réponse"
    COMMENT = "Précision"


#: The letters of each column; a title may stand twice.
Columns = Mapping[Column, Sequence[str]]

_TITLES: Mapping[str, Column] = {folded(column.value): column for column in Column}
_NEEDED = frozenset({Column.FIELD, Column.ANSWER})


def titles_of(row: Row) -> dict[Column, list[str]]:
    """The letters of the cells that hold a column's title, by column."""
    found: dict[Column, list[str]] = {}
    for letters, cell in row.cells.items():
        if cell.kind is CellKind.TEXT and (column := _TITLES.get(folded(key_of(cell)))):
            found.setdefault(column, []).append(letters)
    return found


def fiche_header(row: Row) -> Columns | None:
    """The columns when the row is a header row."""
    found = titles_of(row)
    return found if found.keys() >= _NEEDED else None


def missing_titles(row: Row) -> list[Column]:
    """What a row lacks that two titles make look like a header row; empty when it does not."""
    found = titles_of(row)
    return [one for one in Column if one in _NEEDED - found.keys()] if len(found) > 1 else []


def stray_ids(guide: Guide, row: Row) -> Iterator[tuple[str, str]]:
    """The ids with something behind them in a row without a header row above, and their cells."""
    for letters, cell in list(row.cells.items())[:-1]:
        key = key_of(cell)
        # « nom » alone is a word like another.
        if key in guide.fields and ("." in key or "_" in key):
            yield key, f"{letters}{row.number}"


def lost_rows(sheet: str, strays: Sequence[tuple[str, str]]) -> Finding:
    """The error for rows of answers that are not read, for want of a header row above them."""
    named = ", ".join(key for key, _ in strays[:3]) + (", …" if len(strays) > 3 else "")
    many = f"{len(strays)} lignes ne sont pas lues"
    count = "une ligne n’est pas lue" if len(strays) == 1 else many
    return finding(
        Code.UNKNOWN_HEADER,
        Severity.ERROR,
        f"{count} dans la feuille {sheet}, faute de ligne d’en-tête au-dessus : {named}.",
        "Recopiez au-dessus la ligne d’en-tête d’une fiche neuve (« Champ », « Réponse »…), ou "
        "supprimez ces lignes si elles ne servent pas.",
        source=Source(sheet, strays[0][1]),
    )


class FicheReader:
    """Reads the one candidate of a fiche from its sheets, one after the other."""

    def __init__(self, book: Workbook, guide: Guide) -> None:
        self._book, self._guide = book, guide
        self.places: dict[str, Source] = {}
        self._collector = Collector(book.epoch, self.places)
        self._first_cells: dict[str, Source] = {}
        self._read_cells: list[str] = []  #: of the sheet, what holds answers or comments
        self.ids: set[str] = set()  #: all that stand under « Champ », known or not

    def read_sheet(self, sheet: str, rows: Iterable[Row], unseen: Unseen) -> None:
        """Read the rows of a sheet, the first of them its header row."""
        self._read_cells.clear()
        columns: Columns = {}
        hidden: list[int] = []
        before = len(self._collector.answers)
        for row in rows:
            if header := fiche_header(row):
                columns = header
                self._check_header(sheet, row)
                continue
            self._read_row(sheet, row, columns)
            if row.hidden and len(self._collector.answers) > before:
                hidden.append(row.number)
            before = len(self._collector.answers)
        if hidden:
            self._collector.findings.append(_hidden(sheet, hidden))
        self._collector.findings += told_unseen(unseen, sheet, self._read_cells)
        notes = [cell for cells in unseen.notes.values() for cell in cells]
        self._collector.findings += told_notes(sheet, notes)

    def finished(self) -> Candidate:
        """The candidate."""
        path = self._book.path
        answers = self._collector.finished(path.name)
        label = label_of(self._guide, answers, path.stem)
        return Candidate(answers, tuple(self._collector.findings), path, None, label)

    def _check_header(self, sheet: str, row: Row) -> None:
        for letters, cell in row.cells.items():
            problem = unread_header(cell, Source(sheet, f"{letters}{row.number}"), self._book.epoch)
            if problem:
                self._collector.findings.append(problem)

    def _read_row(self, sheet: str, row: Row, columns: Columns) -> None:
        place, cell = _first_filled(sheet, row, columns[Column.FIELD])
        epoch = self._book.epoch
        key = plain_text(seen(cell, epoch).text).casefold() if cell else ""
        if cell and (problem := unread_header(cell, place, epoch)):
            self._collector.findings.append(problem)
            return
        if not key:
            self._check_no_answer(sheet, row, columns)
            return
        self.ids.add(key)
        if self._is_double(sheet, row, columns[Column.FIELD], key):
            return
        one = self._guide.fields.get(key)
        if one is None:
            self._collector.findings.append(unknown_field(self._guide, key, place))
        elif key in self._first_cells:
            problem = duplicate_field(key, self._first_cells[key], place)
            self._collector.findings.append(problem)
        else:
            self._first_cells[key] = place
            self._read_answer(sheet, row, columns, one)

    def _read_answer(self, sheet: str, row: Row, columns: Columns, one: Field) -> None:
        place, cell = _first_filled(sheet, row, columns[Column.ANSWER])
        self.places[one.id] = place
        if cell and not self._is_double(sheet, row, columns[Column.ANSWER], one.id):
            self._read_cells.append(place.cell)
            self._collector.take_value(one, cell, place)
        comments = columns.get(Column.COMMENT, ())
        place, cell = _first_filled(sheet, row, comments)
        if comments:
            self.places[one.id + COMMENT] = place
        if cell and not self._is_double(sheet, row, comments, one.id):
            self._read_cells.append(place.cell)
            self._collector.take_comment(one, cell, place)

    def _is_double(self, sheet: str, row: Row, letters: Sequence[str], field_id: str) -> bool:
        """Whether columns of one title hold different things; then that is told."""
        if len(letters) < 2:
            return False
        filled = [one for one in letters if _is_filled(row.cells.get(one))]
        said = {plain_text(seen(row.cells[one], self._book.epoch).text) for one in filled}
        if len(said) < 2:
            return False
        cells = " et ".join(f"{one}{row.number}" for one in filled)
        self._collector.findings.append(
            finding(
                Code.TWO_ANSWERS,
                Severity.ERROR,
                f"« {quoted_text(field_id)} » : {cells} disent deux choses, sous deux colonnes de "
                "même titre.",
                "Gardez la bonne cellule et videz l’autre, ou supprimez la colonne de trop.",
                field=quoted_text(field_id),
                source=Source(sheet, f"{filled[-1]}{row.number}"),
            )
        )
        return True

    def _check_no_answer(self, sheet: str, row: Row, columns: Columns) -> None:
        """Tell an answer or a comment on a row whose id is gone."""
        for column in (Column.ANSWER, Column.COMMENT):
            place, cell = _first_filled(sheet, row, columns.get(column, ()))
            if cell:
                shown = quoted_text(seen(cell, self._book.epoch).text)
                self._collector.findings.append(
                    finding(
                        Code.UNKNOWN_FIELD,
                        Severity.WARNING,
                        f"« {shown} » n’est pas lu : sa ligne n’a pas d’identifiant sous "
                        f"« {Column.FIELD} ».",
                        "Rétablissez l’identifiant de cette ligne (il est le même dans une fiche "
                        "neuve), ou videz cette cellule.",
                        source=place,
                    )
                )


def _is_filled(cell: Cell | None) -> bool:
    """Whether something can be seen in a cell, or should be: a formula or an error counts."""
    if cell is None:
        return False
    return cell.kind is not CellKind.TEXT or bool(plain_text(cell.text))


def _first_filled(sheet: str, row: Row, letters: Sequence[str]) -> tuple[Source, Cell | None]:
    """The first cell of these columns that holds something; else the place of the first."""
    for one in letters:
        cell = row.cells.get(one)
        if _is_filled(cell):
            return Source(sheet, f"{one}{row.number}"), cell
    return Source(sheet, f"{letters[0]}{row.number}" if letters else ""), None


def _hidden(sheet: str, rows: Sequence[int]) -> Finding:
    named = ", ".join(map(str, rows[:5])) + ("…" if len(rows) > 5 else "")
    count = "une ligne masquée porte" if len(rows) == 1 else f"{len(rows)} lignes masquées portent"
    return told_hidden(
        sheet,
        f"A{rows[0]}",
        f"{count} une réponse, qui compte comme les autres : {named}.",
        "Affichez les lignes (ou retirez le filtre) et vérifiez-les.",
    )
