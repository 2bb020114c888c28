"""The look of the report's sheets, and cells that cannot be taken for formulas. Knows openpyxl."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from cqp_forms.batch.outcome import State

MAIN, ACCENT, TINT, RULE, GREY = "1F3864", "2E74B5", "DCE6F1", "B8C7DC", "595959"

#: What a cell may hold (ECMA-376 part 1, 18.3.1.4; Excel's own limit).
_MAX_TEXT = 32_767
#: Characters that XML 1.0 forbids, as a broken workbook may hold them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

#: Height of a line of text, and of the highest row, in points.
_LINE, _MAX_HEIGHT = 15.0, 409.0

#: Rows above the table: title, two lines about it, and a blank one.
_LEAD = 4

#: Fill and ink of each state.
_STATE_COLOURS = {
    State.ISSUED: ("E2EFDA", "375623"),
    State.ALREADY: (TINT, MAIN),
    State.DRAFT: ("EDEDED", "404040"),
    State.CHANGED: ("FFF2CC", "7F6000"),
    State.UNTREATED: ("FFF2CC", "7F6000"),
    State.REPEATED: ("EDEDED", "404040"),
    State.COPY: ("EDEDED", "404040"),
    State.SKIPPED: ("EDEDED", "404040"),
    State.REPLACED: ("EDEDED", "404040"),
}
_BAD = ("FCE4D6", "C00000")
GOOD, POOR, WARM = ("E2EFDA", "375623"), _BAD, ("FFF2CC", "7F6000")


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere.

    Attributes:
        target: a relative path or a URL, percent-encoded where it must be.
        location: a place in the target, such as ``'C1'!C14``; may be empty.
    """

    text: str
    target: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class CellMark:
    """A text on a coloured ground."""

    text: str
    colours: tuple[str, str]


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its title, its width in characters, and how its cells are set.

    Attributes:
        style: the name of one of the styles of :class:`SheetStyles`.
    """

    title: str
    width: float
    style: str = "text"


def state_mark(state: State, label: str) -> CellMark:
    """A label on the colour of a state."""
    return CellMark(label, _STATE_COLOURS.get(state, _BAD))


def _lines(value: object, column: SheetColumn) -> int:
    """How many lines a value takes in its column; programs other than Excel do not find out."""
    match value:
        case Link(text, _, _) | str(text):
            across = max(int(column.width * 1.2), 1)
            return sum(-(-len(line) // across) or 1 for line in text.split("\n"))
    return 1


def _header(column: SheetColumn) -> str:
    centred = column.style in ("centre", "percent")
    return "header-center" if centred else "header-left"


class SheetStyles:
    """The cell styles, made once a workbook: copying one is much cheaper than making it."""

    def __init__(self, book: Workbook) -> None:
        self._sheet = book.create_sheet("styles")
        self._made: dict[str, Any] = {}
        thin = Side(style="thin", color=RULE)
        lines = {"border": Border(bottom=thin)}
        top, centre = Alignment(vertical="top"), Alignment(horizontal="center", vertical="top")
        wrapped = Alignment(vertical="top", wrap_text=True)
        self._add("title", font=Font(name="Calibri", size=16, bold=True, color=MAIN))
        self._add("lead", font=Font(name="Calibri", size=11, color=GREY))
        for side in ("left", "center"):
            self._add(
                f"header-{side}",
                font=Font(name="Calibri", size=11, bold=True, color="FFFFFF"),
                fill=PatternFill("solid", fgColor=MAIN),
                alignment=Alignment(horizontal=side, vertical="center", wrap_text=True),
            )
        self._add("plain", alignment=top, **lines)
        self._add("text", alignment=wrapped, **lines)
        self._add("strong", font=Font(name="Calibri", bold=True), alignment=wrapped, **lines)
        self._add("centre", alignment=centre, **lines)
        self._add("percent", alignment=centre, number_format="0 %", **lines)
        link = Font(name="Calibri", color=ACCENT, underline="single")
        self._add("link", font=link, alignment=wrapped, **lines)
        book.remove(self._sheet)

    def _add(self, name: str, **parts: Any) -> None:
        cell = WriteOnlyCell(self._sheet)
        cell.font = Font(name="Calibri")
        for part, value in parts.items():
            setattr(cell, part, value)
        self._made[name] = cell._style

    def of(self, name: str) -> Any:
        """A copy of a style, as a cell keeps it."""
        return copy(self._made[name])

    def mark(self, colours: tuple[str, str]) -> Any:
        """The style of a :class:`CellMark`."""
        name = f"mark-{colours}"
        if name not in self._made:
            fill, ink = colours
            thin = Side(style="thin", color=RULE)
            self._add(
                name,
                font=Font(name="Calibri", bold=True, color=ink),
                fill=PatternFill("solid", fgColor=fill),
                alignment=Alignment(horizontal="center", vertical="top"),
                border=Border(bottom=thin),
            )
        return copy(self._made[name])


class TableSheet:
    """A sheet that is one table, written row by row and not kept in memory.

    Args:
        lead: two lines under the title.
        frozen: how many columns stay in view.
    """

    def __init__(
        self,
        book: Workbook,
        styles: SheetStyles,
        name: str,
        title: str,
        lead: Sequence[str],
        columns: Sequence[SheetColumn],
        frozen: int = 1,
    ) -> None:
        self.sheet = book.create_sheet(name)
        self._styles, self._columns = styles, columns
        self.rows = self._written = 0
        self._set_up(title, frozen)
        self._append([title], ["title"], 26)
        for line in (*lead, "", "")[: _LEAD - 2]:
            self._append([line], ["lead"], 16)
        self._append([], [], 6)
        self._append([one.title for one in columns], [_header(one) for one in columns], 34)

    def _set_up(self, title: str, frozen: int) -> None:
        sheet = self.sheet
        for index, column in enumerate(self._columns, 1):
            sheet.column_dimensions[get_column_letter(index)].width = column.width
        sheet.freeze_panes = f"{get_column_letter(frozen + 1)}{_LEAD + 2}"
        sheet.sheet_view.showGridLines = False
        sheet.sheet_properties.tabColor = MAIN
        sheet.print_title_rows = f"{_LEAD + 1}:{_LEAD + 1}"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = 9  # A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        margins = sheet.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom = 0.5, 0.6
        sheet.oddFooter.left.text = title.replace("&", "&&")
        sheet.oddFooter.right.text = "page &P / &N"
        sheet.oddFooter.left.size = sheet.oddFooter.right.size = 8

    def _append(self, values: Sequence[object], styles: Sequence[str], height: float) -> None:
        row = self._written + 1
        self.sheet.row_dimensions[row].height = height
        cells = [self._cell(one, style) for one, style in zip(values, styles, strict=True)]
        self.sheet.append(cells)
        del self.sheet.row_dimensions[row]  # written: kept, it would only cost memory
        self._written = row

    def add(self, *values: object) -> None:
        """Add a row: a value a column; ``None`` and empty texts give empty cells."""
        lines = max(_lines(one, column) for one, column in zip(values, self._columns, strict=True))
        height = min(_LINE * lines + 3, _MAX_HEIGHT)
        self._append(values, [one.style for one in self._columns], height)
        self.rows += 1

    def _cell(self, value: object, style: str) -> WriteOnlyCell:
        cell = WriteOnlyCell(self.sheet)
        match value:
            case Link(text, target, location):
                self._set_text(cell, text)
                cell._hyperlink = Hyperlink(ref="", target=target, location=location or None)
                cell._style = self._styles.of("link")
            case CellMark(text, colours):
                self._set_text(cell, text)
                cell._style = self._styles.mark(colours)
            case str():
                self._set_text(cell, value)
                cell._style = self._styles.of(style)
            case _:
                cell.value = value
                cell._style = self._styles.of(style)
        return cell

    @staticmethod
    def _set_text(cell: WriteOnlyCell, text: str) -> None:
        text = _FORBIDDEN.sub("\ufffd", text)
        cell.value = text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
        # A name that starts with « = » is a name, not a formula.
        cell.data_type = "s"

    def finish(self) -> None:
        """Set what covers the whole table, once its length is known; no row can follow."""
        last = get_column_letter(len(self._columns))
        self.sheet.auto_filter.ref = f"A{_LEAD + 1}:{last}{_LEAD + 1 + max(self.rows, 1)}"
        self.sheet.close()

    def cells_of(self, column: int) -> str:
        """The range of a column's cells, for conditional formats; columns count from 1."""
        letter = get_column_letter(column)
        return f"{letter}{_LEAD + 2}:{letter}{_LEAD + 1 + max(self.rows, 1)}"
