"""A lot from end to end: what it costs beside what it cannot do without, in time and memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

import excel_like
import floors
from common import EDITION, ROOT, Line, answers, guide, milliseconds, plans

from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.guide import FieldKind
from cqp_forms.mapping import DocxMapping, Format, PdfMapping
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.project import Project

SMALL, FEW, MANY, LARGE = 12, 100, 1000, 10_000
RUNS = 2
CORES = os.cpu_count() or 1
MIB = 1024


def main() -> list[Line]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lots = {n: _lot(folder / f"{n}.xlsx", n) for n in (SMALL, FEW, MANY, LARGE)}
        # The disk and the neighbours only ever add time: the best of a few runs is the fairest.
        one = _best(lots[MANY], folder, 1)
        two = _best(lots[MANY], folder, 2)
        few = _run(lots[FEW], folder, 2)
        alone, together = (_best(lots[SMALL], folder, jobs) for jobs in (1, CORES))
        prepared = _command("prepare", lots[FEW], "-o", folder / "prepared")
        large = _run(lots[LARGE], folder, 2, keep=True)
        history = _command("history", folder / f"output-{LARGE}-2", "--json")
    least = min(_floors(FEW) for _ in range(RUNS)) * MANY / FEW
    growth = max(two["parent"] / few["parent"], two["worker"] / few["worker"])
    whole = f"{MANY} candidates read, checked, stamped twice, read back, hashed, registered"
    rate = f"{MANY / two['seconds']:.0f} candidates/s"
    return [
        Line(
            f"{whole}, CPU time",
            "the floors: deflate, inflate, parse, open, hash, write",
            one["cpu"] / least,
            2.5,
            False,
            f"{milliseconds(one['cpu'])} against {milliseconds(least)}; "
            f"{milliseconds(one['seconds'])} by the clock",
        ),
        Line(
            f"{SMALL} candidates, as many jobs as there are cores",
            "one job",
            together["seconds"] / alone["seconds"],
            1.05,
            False,
            f"{milliseconds(together['seconds'])} against {milliseconds(alone['seconds'])}",
        ),
        Line(
            "`prepare`, CPU time a candidate, in milliseconds",
            "the limit",
            prepared["cpu"] / FEW * 1000,
            30,
            False,
            f"{milliseconds(prepared['cpu'])} for {FEW}, start-up included",
        ),
        Line(
            f"peak memory of the parent, {LARGE} candidates",
            f"{MANY} candidates",
            large["parent"] / two["parent"],
            1.1,
            False,
            f"{two['parent'] / MIB:.0f} → {large['parent'] / MIB:.0f} MiB; "
            f"{LARGE / large['seconds']:.0f} candidates/s",
        ),
        Line(
            f"`history` of {LARGE}, peak memory in MiB",
            "the limit",
            history["peak"] / MIB,
            100,
            False,
            f"{milliseconds(history['cpu'])} of CPU time",
        ),
        Line(
            "two jobs",
            "one job",
            one["seconds"] / two["seconds"],
            1.7,
            True,
            f"{milliseconds(two['seconds'])} against {milliseconds(one['seconds'])}; {rate}",
        ),
        Line(
            f"peak memory, {MANY} candidates",
            f"{FEW} candidates",
            growth,
            1.1,
            False,
            f"parent {few['parent'] / MIB:.0f} → {two['parent'] / MIB:.0f} MiB, "
            f"worker {few['worker'] / MIB:.0f} → {two['worker'] / MIB:.0f} MiB",
        ),
        Line(
            "peak memory of a worker, in MiB",
            "the limit",
            two["worker"] / MIB,
            150,
            False,
            "resident, the libraries included",
        ),
    ]


def _best(lot: Path, folder: Path, jobs: int) -> dict[str, Any]:
    return min((_run(lot, folder, jobs) for _ in range(RUNS)), key=lambda one: one["seconds"])


def _lot(path: Path, count: int) -> Path:
    fields = [one for one in guide().fields.values() if one.kind is not FieldKind.SIGNATURE]
    criteria = [one for one in fields if one.kind is FieldKind.CRITERION]
    header = [one.id for one in fields] + [f"{one.id}:précision" for one in criteria]
    rows = [
        [_shown(row.value(one.id)) for one in fields]
        + [row.comment(one.id) or None for one in criteria]
        for row in answers(count)
    ]
    excel_like.write(path, [header, *rows])
    return path


def _shown(value: object) -> object:
    return "X" if value is True else value


def _floors(count: int) -> float:
    """CPU seconds of what libraries must do for so many candidates, whoever calls them."""
    known, project = guide(), Project.at(ROOT)
    docx, pdf = project.blank(known, Format.DOCX), project.blank(known, Format.PDF)
    stampers = (
        DocxStamper(docx.content, cast(DocxMapping, docx.mapping), known),
        PdfStamper(pdf.content, cast(PdfMapping, pdf.mapping), known),
    )
    docx_stamper, pdf_stamper = stampers
    return floors.seconds(
        [
            (docx_stamper.stamp(plan, EDITION), pdf_stamper.stamp(plan, EDITION))
            for plan in plans(count)
        ]
    )


def _command(*arguments: object) -> dict[str, Any]:
    """A command in a process of its own: CPU seconds and peak memory in KiB."""
    script = str(Path(__file__).with_name("one_command.py"))
    done = subprocess.run(
        [sys.executable, script, *map(str, arguments)], check=True, capture_output=True, text=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _run(lot: Path, folder: Path, jobs: int, *, keep: bool = False) -> dict[str, Any]:
    """A batch in a process of its own, into a new folder."""
    output = folder / f"output-{lot.stem}-{jobs}"
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("one_batch.py")), lot, output, str(jobs)],
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    issued = len(list(output.rglob("*_v1.docx"))), len(list(output.rglob("*_v1.pdf")))
    if told["done"] != int(lot.stem) or issued != (told["done"], told["done"]):
        raise SystemExit(f"batch: {issued} files for {lot.stem} candidates")
    if not keep:
        shutil.rmtree(output)
    return told


if __name__ == "__main__":
    print("\n".join(line.row() for line in main()))
