"""A lot of 1,000 rows and 115 columns, read: ours against openpyxl's read-only mode."""

from __future__ import annotations

import gc
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import excel_like
from common import Line, answers, guide, milliseconds
from openpyxl import Workbook, load_workbook

from cqp_forms.guide import FieldKind, Guide
from cqp_forms.workbook.opening import open_workbook
from cqp_forms.workbook.read import read_workbook

ROWS, COLUMNS = 1000, 115


def main() -> list[Line]:
    known = guide()
    wanted = answers(ROWS)
    fields = [one for one in known.fields.values() if one.kind is not FieldKind.SIGNATURE]
    fields = fields[:COLUMNS]
    rows = [[_shown(row.value(one.id)) for one in fields] for row in wanted]
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for writer, path in _lots([[one.id for one in fields], *rows], Path(folder)):
            for got, row in zip(read_workbook(path, known), wanted, strict=True):
                kept = {one.id for one in fields}
                said = {key: one for key, one in row.canonical().items() if key in kept}
                if got.answers.canonical() != said:
                    raise SystemExit(f"lot of {writer}: not read correctly")
            lines += _lines(writer, path, known)
    return lines


def _lots(rows: list[list[object]], folder: Path) -> Iterator[tuple[str, Path]]:
    """The same lot, as three programs write it: strings shared, in line, with many styles."""
    by_excel = folder / "excel.xlsx"
    excel_like.write(by_excel, rows)
    yield "Excel", by_excel
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Candidats")
    for row in rows:
        sheet.append(row)
    book.save(folder / "openpyxl.xlsx")
    yield "openpyxl", folder / "openpyxl.xlsx"
    office = shutil.which("soffice")
    if office is None:
        return
    made = folder / "made"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", made, by_excel],
        check=True,
        capture_output=True,
    )
    yield "LibreOffice", made / "excel.xlsx"


def _lines(writer: str, path: Path, known: Guide) -> list[Line]:
    def ours() -> int:
        return sum(1 for _ in read_workbook(path, known))

    def openpyxl_read_only() -> int:
        book = load_workbook(path, read_only=True, data_only=True)
        return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1

    def cells() -> int:
        with open_workbook(path) as package:
            return sum(1 for _ in package.rows(package.sheets[0])) - 1

    own, bare, other = [], [], []
    for _ in range(4):
        own.append(_seconds(ours))
        bare.append(_seconds(cells))
        other.append(_seconds(openpyxl_read_only))
    what, peer = f"lot of {ROWS} × {COLUMNS} by {writer}", "openpyxl read_only"

    def line(label: str, fast: float) -> Line:
        slow = min(other)
        detail = f"{milliseconds(fast)} against {milliseconds(slow)}"
        return Line(f"{what}, {label}", peer, slow / fast, 4, True, detail)

    return [
        line("cells read", min(bare)),
        line("candidates read: answers typed and checked", min(own)),
    ]


def _seconds(method: object) -> float:
    gc.collect()
    start = time.process_time()
    method()  # type: ignore[operator]
    return time.process_time() - start


def _shown(value: object) -> object:
    if value is True:
        return "X"
    return str(value) if isinstance(value, str) else value


if __name__ == "__main__":
    print("\n".join(line.row() for line in main()))
