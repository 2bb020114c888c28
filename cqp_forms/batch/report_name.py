"""What reports are called. Apart from what writes them, which loads openpyxl."""

from __future__ import annotations

from pathlib import Path

REPORT = "rapport.xlsx"
#: How the report's name starts, whatever it had to be called: sources are never such files.
REPORT_STEM = "rapport"


def is_report(path: Path) -> bool:
    """Whether a workbook is a report that a batch wrote, and hence no source."""
    return path.name.startswith((f"{REPORT_STEM}.", f"{REPORT_STEM}_", f".{REPORT_STEM}-"))
