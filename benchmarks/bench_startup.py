"""How long whole processes take: the help, and the filling of one fiche, beside bare imports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from common import ROOT, Line

FICHE = ROOT / "examples/fiche-maitrisee.xlsx"


ROUNDS = 7


def best_of(*methods: Callable[[], None]) -> list[float]:
    """The best wall-clock time of each, in seconds; they take turns."""
    times: list[list[float]] = [[] for _ in methods]
    for _ in range(ROUNDS):
        for method, found in zip(methods, times, strict=True):
            start = time.perf_counter()
            method()
            found.append(time.perf_counter() - start)
    return [min(found) for found in times]


#: With compiled modules, as a program that is installed has them.
_ENVIRONMENT = {
    key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
} | {"PYTHONPYCACHEPREFIX": tempfile.mkdtemp(prefix="pyc-")}


def _process(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, *arguments], check=True, capture_output=True, cwd=ROOT, env=_ENVIRONMENT
    )


def _cpu(method: Callable[[], None]) -> float:
    """The least CPU time of a process among some, in seconds."""

    def spent() -> float:
        before = os.times()
        method()
        after = os.times()
        return sum(after[2:4]) - sum(before[2:4])

    return min(spent() for _ in range(ROUNDS))


def _fill() -> None:
    folder = tempfile.mkdtemp()
    try:
        _process("-m", "cqp_forms", "fill", str(FICHE), "-o", folder)
        assert len(list(Path(folder).rglob("*_v1.*"))) == 2
    finally:
        shutil.rmtree(folder)


def main() -> list[Line]:
    _fill()  # compiles the modules
    _process("-c", "import openpyxl, click")
    openpyxl, click, fill, shown = best_of(
        lambda: _process("-c", "import openpyxl"),
        lambda: _process("-c", "import click"),
        _fill,
        lambda: _process("-m", "cqp_forms", "--help"),
    )
    cpu = _cpu(_fill)
    return [
        Line(
            "`fill` of one fiche, CPU time of the process",
            "seconds",
            cpu,
            0.45,
            False,
            f"{cpu:.2f} s",
        ),
        Line(
            "`fill` of one fiche, both formats, whole process",
            "`python -c 'import openpyxl'`",
            fill / openpyxl,
            6,
            False,
            f"{fill:.2f} s against {openpyxl:.2f} s",
        ),
        Line(
            "`cqp-forms --help`, whole process",
            "`python -c 'import click'`",
            shown / click,
            2.5,
            False,
            f"{shown:.2f} s against {click:.2f} s",
        ),
    ]


if __name__ == "__main__":
    for line in main():
        print(line.row())
