"""Run every benchmark and write the table into README.md: ``python benchmarks/run.py``."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import bench_app
import bench_batch
import bench_docx
import bench_lot
import bench_map
import bench_pdf
import bench_startup

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
PEERS = ("docxtpl", "PyPDFForm", "pypdf", "pikepdf", "reportlab", "openpyxl", "lxml")
LOOP = "import time; t = time.perf_counter(); sum(i * i for i in range(8_000_000)); " \
    "print(time.perf_counter() - t)"  # fmt: skip


def main() -> None:
    lines = []
    benches = (bench_startup, bench_docx, bench_pdf, bench_lot, bench_map, bench_app, bench_batch)
    for bench in benches:
        print(f"{bench.__name__} …", flush=True)
        lines += bench.main()
    table = [
        "| what | against | goal | ratio | met | measured |",
        "|---|---|---|---|---|---|",
        *(line.row() for line in lines),
    ]
    text = README.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    block = "\n".join([BEGIN, _machine(), "", *table, END])
    README.write_text(head + block + tail, encoding="utf-8")
    print("\n".join(table))


def _machine() -> str:
    peers = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return (
        f"Measured on {time.strftime('%Y-%m-%d')}: {_processor()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}; {peers}. "
        f"Two unrelated loops at once ran {_scaling():.2f} times as fast as one after the other "
        "(2.00 on two idle cores)."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _scaling() -> float:
    """What two processes can gain here at best: the machine may be shared."""
    alone = sum(_loops(1) + _loops(1))
    return alone / max(_loops(2))


def _loops(count: int) -> list[float]:
    running = [
        subprocess.Popen([sys.executable, "-c", LOOP], stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    return [float(one.communicate()[0]) for one in running]


if __name__ == "__main__":
    main()
