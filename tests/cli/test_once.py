"""A command reads each of its files once, and loads what it needs alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FICHE = ROOT / "examples" / "fiche-maitrisee.xlsx"
#: How many modules of the package a `fill` may load.
MODULES = 95

WATCHED = """
import collections, json, os, sys
opened = collections.Counter()
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
        path = os.path.abspath(arguments[0])
        if path.endswith((".xlsx", ".yaml", ".docx", ".pdf")) and "r" in str(arguments[1]):
            opened[path] += 1
sys.addaudithook(watch)
from cqp_forms.cli import main
try:
    main()
except SystemExit as end:
    code = end.code or 0
told = {"opened": opened, "modules": sorted(sys.modules), "code": code}
print("\\n" + json.dumps(told))
"""

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def watched(tmp_path: Path) -> Run:
    """Run a command in a process of its own; what it opened, loaded, and ended with."""

    def run(*arguments: object) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, "-q", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    return run


def test_each_file_is_read_once_a_command(watched: Run, tmp_path: Path) -> None:
    filled = watched("fill", FICHE, "-o", tmp_path / "out")
    (pdf,) = tmp_path.glob("out/*/*_v1.pdf")
    (docx,) = tmp_path.glob("out/*/*_v1.docx")
    again = ("--reason", "copie", "--same", "-o", tmp_path / "out")
    told = {
        "fill": filled,
        "check": watched("check", FICHE),
        "reissue": watched("reissue", FICHE, *again),
        "verify": watched("verify", pdf, FICHE),
        "extract": watched("extract", docx, "-o", tmp_path / "x.xlsx"),
        "diff": watched("diff", docx, FICHE),
    }
    assert [one["code"] for one in told.values()] == [0] * len(told)
    for name, one in told.items():
        assert one["opened"], name
        assert set(one["opened"].values()) == {1}, (name, one["opened"])
    kinds = {Path(one).name for one in filled["opened"]}
    assert {FICHE.name, "guide.yaml", "docx.yaml", "pdf.yaml"} < kinds


def test_fill_loads_neither_detection_nor_matching(watched: Run, tmp_path: Path) -> None:
    modules = watched("fill", FICHE, "-o", tmp_path / "out")["modules"]
    own = [one for one in modules if one.startswith("cqp_forms")]
    assert not [one for one in own if ".detect" in one or ".matching" in one or ".app" in one]
    assert not {"rapidfuzz", "openpyxl", "reportlab", "docx", "python_calamine"} & set(modules)
    assert len(own) <= MODULES, own
