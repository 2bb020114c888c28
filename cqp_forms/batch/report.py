"""``rapport.xlsx``: what a batch did, for the secretariat. Written in one pass."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from cqp_forms.batch.outcome import Outcome, State
from cqp_forms.batch.report_name import REPORT, REPORT_STEM
from cqp_forms.batch.report_sheets import Header, ReportSheets
from cqp_forms.batch.totals import Totals, criterion_counts
from cqp_forms.issuing.storage import make_folder, output_errors

__all__ = ["Header", "report_json", "write_report"]


def write_report(header: Header, outcomes: Iterable[Outcome], totals: Totals) -> Path:
    """Write the report into the output folder, in place of an earlier one.

    The folder is made if need be.

    Args:
        header: the batch.
        outcomes: one a candidate, in the order of the sources; read once.
        totals: what they add up to.

    Returns:
        The report's path. When ``rapport.xlsx`` is held open by another program, it is written
        beside it under a name with the date and time, so that a finished batch keeps its report.

    Raises:
        OutputError: it cannot be written at all.
    """
    with output_errors(header.folder):
        make_folder(header.folder)
    book = _filled(header, outcomes, totals)
    # Not tempfile: its files are for their owner alone, and a report is for the whole office.
    temporary = header.folder / f".{REPORT_STEM}-{os.getpid()}.xlsx"
    with output_errors(header.folder / REPORT):
        try:
            with temporary.open("wb") as file:
                book.save(file)
            return _put(temporary, header)
        finally:
            temporary.unlink(missing_ok=True)


def _put(temporary: Path, header: Header) -> Path:
    path = header.folder / REPORT
    try:
        temporary.replace(path)
    except PermissionError:
        path = _free_name(header)
        temporary.replace(path)
    return path


def _free_name(header: Header) -> Path:
    stem = f"{REPORT_STEM}_{header.started:%Y-%m-%d_%Hh%M}"
    path = header.folder / f"{stem}.xlsx"
    rank = 2
    while path.exists():
        path = header.folder / f"{stem}_{rank}.xlsx"
        rank += 1
    return path


def _filled(header: Header, outcomes: Iterable[Outcome], totals: Totals) -> Workbook:
    book = Workbook(write_only=True)
    book.properties.title = "Rapport d’émission"
    book.properties.creator = header.program
    book.properties.language = header.guide.language
    book.properties.created = book.properties.modified = header.started.replace(tzinfo=None)
    sheets = ReportSheets(book, header, totals)
    for rank, outcome in enumerate(outcomes, 1):
        sheets.add(rank, outcome)
    sheets.finish()
    return book


def report_json(header: Header, outcomes: Iterable[Outcome], totals: Totals) -> dict[str, Any]:
    """The same as the workbook, as plain values for ``--json``."""
    return {
        "guide": header.guide.id,
        "output": str(header.folder),
        "started": header.started.isoformat(),
        "states": {state.value: totals.states[state] for state in State},
        "complete": totals.complete,
        "candidates": [one.as_json() for one in outcomes],
        "criteria": [one.as_json() for one in criterion_counts(header.guide, totals)],
    }
