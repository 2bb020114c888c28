"""A lot of 1,000 rows and 115 columns, read: ours against openpyxl's read-only mode."""

from __future__ import annotations

import gc
import tempfile
import time
from pathlib import Path

import excel_like
from common import Line, answers, guide, milliseconds
from openpyxl import load_workbook

from cqp_forms.guide import FieldKind
from cqp_forms.workbook.opening import open_workbook
from cqp_forms.workbook.read import read_workbook

ROWS, COLUMNS = 1000, 115


def main() -> list[Line]:
    known = guide()
    wanted = answers(ROWS)
    fields = [one for one in known.fields.values() if one.kind is not FieldKind.SIGNATURE]
    fields = fields[:COLUMNS]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lot.xlsx"
        header = [one.id for one in fields]
        rows = [[_shown(row.value(one.id)) for one in fields] for row in wanted]
        excel_like.write(path, [header, *rows])

        def ours() -> int:
            return sum(1 for _ in read_workbook(path, known))

        def openpyxl_read_only() -> int:
            rows = load_workbook(path, read_only=True, data_only=True)["Candidats"].iter_rows(
                values_only=True
            )
            return sum(1 for _ in rows) - 1

        for got, row in zip(read_workbook(path, known), wanted, strict=True):
            kept = {one.id for one in fields}
            said = {key: one for key, one in row.canonical().items() if key in kept}
            if got.answers.canonical() != said:
                raise SystemExit("lot: not read correctly")
        if openpyxl_read_only() != ROWS:
            raise SystemExit("lot: openpyxl read another number of rows")

        def cells() -> int:
            with open_workbook(path) as package:
                return sum(1 for _ in package.rows(package.sheets[0])) - 1

        own, bare, other = [], [], []
        for _ in range(4):
            own.append(_seconds(ours))
            bare.append(_seconds(cells))
            other.append(_seconds(openpyxl_read_only))
    what, peer, slow = f"lot of {ROWS} × {COLUMNS}", "openpyxl read_only", min(other)

    def line(label: str, fast: float) -> Line:
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
