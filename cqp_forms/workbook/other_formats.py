"""The reader of .ods, .xls and .xlsb: values alone, by python-calamine, in a process of its own.

That library lays a sheet out whole, which a file of a few kilobytes can make larger than the
memory, and then it ends its process. A process of its own, bounded in time and memory, makes of
this a file that cannot be read. It writes the cells as JSON; nothing else of it is trusted.

What the library cannot tell (number formats, hidden rows, struck texts, errors and formulas that
were never computed, which look empty) is said by :class:`cqp_forms.workbook.cells.Fidelity`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias
from xml.parsers import expat

from cqp_forms import limits
from cqp_forms.workbook.cells import (
    Cell,
    CellKind,
    Fidelity,
    Row,
    Sheet,
    Unseen,
    column_letters,
    quoted_text,
)
from cqp_forms.workbook.formats import UNKNOWN, Epoch
from cqp_forms.workbook.sheet_xml import TooLargeError
from cqp_forms.workbook.xlsx import GUIDE_PROPERTY, custom_property, find, member, tree

_META, _CONTENT = "meta.xml", "content.xml"
_ODS_NAME = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}name"

#: One cell as the process writes it: column from 1, what it holds, its text.
_Written: TypeAlias = tuple[int, str, str]

#: One sheet likewise: its name, whether its tab is hidden, its rows.
_WrittenSheet: TypeAlias = tuple[str, bool, list[tuple[int, list[_Written]]]]


class UnreadError(Exception):
    """The library could not read the file; the text is what it said."""


class OtherWorkbook:
    """A workbook that gives its values alone; see :class:`cqp_forms.workbook.cells.Workbook`."""

    fidelity = Fidelity.VALUES_ONLY
    epoch = Epoch.YEAR_1900  # dates come as dates

    def __init__(self, path: Path) -> None:
        self.path = path
        self.guide_id = guide_id_of(path)
        self._rows: dict[str, list[tuple[int, list[_Written]]]] = {}
        sheets = []
        for rank, (name, hidden, rows) in enumerate(_read_apart(path)):
            sheets.append(Sheet(quoted_text(name, 200), str(rank), hidden))
            self._rows[str(rank)] = rows
        self.sheets = tuple(sheets)

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a sheet that hold something, one after the other."""
        for number, cells in self._rows[sheet.member]:
            yield Row(
                number,
                {
                    column_letters(column): Cell(CellKind(kind), text, UNKNOWN)
                    for column, kind, text in cells
                },
            )

    def unseen(self, sheet: Sheet) -> Unseen:
        """Whether the sheet is hidden; the library does not tell more."""
        return Unseen(sheet.hidden)


def guide_id_of(path: Path) -> str:
    """The guide's id among the custom properties, which .ods and .xlsb keep.

    Raises:
        expat.ExpatError: an .ods breaks off: the library would take what comes before for all.
    """
    if not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        if _CONTENT not in archive.namelist():
            return custom_property(archive, GUIDE_PROPERTY)
        with member(archive, _CONTENT, limits.SHEET_BYTES) as stream:
            expat.ParserCreate().ParseFile(stream)
        if _META not in archive.namelist():
            return ""
        for one in find(tree(archive, _META), "user-defined"):
            if one.get(_ODS_NAME) == GUIDE_PROPERTY:
                return quoted_text("".join(one.itertext()), 100)
    return ""


def _read_apart(path: Path) -> list[_WrittenSheet]:
    """The sheets as the process of its own reads them.

    Raises:
        UnreadError: the file is damaged.
        TooLargeError: it took too long, or gave too much.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(path.resolve())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows alone has it
            timeout=limits.OTHER_FORMAT_SECONDS,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise TooLargeError("il demande trop de temps") from None
    if done.returncode:
        raise UnreadError(done.stderr[-300:].decode(errors="replace"))
    if len(done.stdout) > limits.OTHER_FORMAT_BYTES:
        raise TooLargeError("il contient trop de cellules")
    sheets: list[_WrittenSheet] = json.loads(done.stdout)
    return sheets


# ------------------------------------------------------------------------ in its own process


def _main(path: str) -> None:
    """Write the cells of a workbook to the standard output, as JSON."""
    _limit_memory()
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_path(path)
    written, size = [], 0
    for one in book.sheets_metadata:
        if one.name not in book.sheet_names:
            continue
        sheet = book.get_sheet_by_name(one.name)
        rows = []
        if sheet.start is None:
            continue  # an empty sheet
        # Rows come from the first of the sheet on, their cells from the first column in use.
        for number, values in enumerate(sheet.iter_rows(), 1):
            cells = [
                (column, *_written(value))
                for column, value in enumerate(values, sheet.start[1] + 1)
                if value not in ("", None)
            ]
            if cells:
                rows.append((number, cells))
                size += sum(len(text) + 12 for _, _, text in cells)
            if size > limits.OTHER_FORMAT_BYTES:
                raise SystemExit(2)
        written.append((one.name, one.visible is not SheetVisibleEnum.Visible, rows))
    json.dump(written, sys.stdout)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return  # Windows: the limit of time has to do
    limit = limits.OTHER_FORMAT_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _written(value: object) -> tuple[str, str]:
    match value:
        case bool():
            return CellKind.BOOLEAN.value, "1" if value else "0"
        case int() | float():
            return CellKind.NUMBER.value, repr(value)
        case datetime() | date():
            return CellKind.ISO_DATE.value, value.isoformat()
        case time():
            return CellKind.TEXT.value, f"{value:%H:%M}"
        case timedelta():
            return CellKind.NUMBER.value, repr(value / timedelta(days=1))
    return CellKind.TEXT.value, str(value)


if __name__ == "__main__":
    _main(sys.argv[1])
