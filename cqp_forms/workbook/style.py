"""How the workbooks look: colours, fonts, borders, and heights, which Excel does not compute."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import copy
from functools import cache
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from cqp_forms.answers import Verdict

NAVY, BLUE, PALE, GREY, INK = "1F3864", "2E74B5", "DCE6F1", "F2F2F2", "262626"
AMBER, GREEN, SLATE = "FFE699", "E2EFDA", "D6DCE4"
#: What is missing or contradicts itself: a red frame and red text on a ground that prints as white.
CREAM, RED = "FFFBF0", "C00000"

#: The ground and the ink of each verdict.
VERDICTS = (
    (Verdict.OUI, GREEN, "375623"),
    (Verdict.NON, AMBER, "7F6000"),
    (Verdict.NA, SLATE, NAVY),
)

DATE_FORMAT = "dd/mm/yyyy"
TEXT_FORMAT = "@"

#: A4 in points, margins in inches, and the width of a character in points.
_PAPER_WIDTH, _PAPER_HEIGHT, _SIDE, _EDGE, _CHARACTER = 595.0, 842.0, 0.5, 0.7, 5.4
_LINE = 15.0  # points: one line of 11 pt text
_MAX_HEIGHT = 409.0  # the most that Excel accepts
_HAIR = Side(style="thin", color="BFBFBF")

#: The looks of each workbook that is being written, and what keeps their keys from being reused.
_LOOKS: WeakKeyDictionary[Workbook, dict[tuple[object, ...], tuple[StyleArray, object]]] = (
    WeakKeyDictionary()
)

BOX = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
_ALARM = Side(style="thin", color=RED)
ALARM = Border(left=_ALARM, right=_ALARM, top=_ALARM, bottom=_ALARM)
UNLOCKED = Protection(locked=False)
WRAPPED = Alignment(wrap_text=True, vertical="center", horizontal="left", indent=1)
RUNNING = Alignment(vertical="center", horizontal="left", indent=1)
CENTRED = Alignment(wrap_text=True, vertical="center", horizontal="center")


def fill(colour: str) -> PatternFill:
    """A plain fill."""
    return PatternFill("solid", start_color=colour, end_color=colour)


@cache
def font(
    colour: str = INK, size: float = 11, *, weight: str = "regular", slant: str = "upright"
) -> Font:
    """Calibri, which LibreOffice replaces by Carlito, of the same widths."""
    return Font(
        name="Calibri", size=size, color=colour, bold=weight == "bold", italic=slant == "italic"
    )


def highlight(colour: str, text: str = INK) -> DifferentialStyle:
    """What a conditional format changes; what is on cream is framed in red."""
    return DifferentialStyle(
        font=Font(color=text),
        fill=PatternFill("solid", start_color=colour, end_color=colour),
        border=ALARM if colour == CREAM else None,
    )


def put(
    cell: Cell,
    value: object,
    *,
    face: Font | None = None,
    ground: str = "",
    align: Alignment = WRAPPED,
    boxed: bool = False,
) -> Cell:
    """Write a label: text is never taken for a formula."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    face = face or font()

    def dress(first: Cell) -> None:
        first.font = face
        first.alignment = align
        if ground:
            first.fill = fill(ground)
        if boxed:
            first.border = BOX

    share(cell, (id(face), ground, id(align), boxed), dress, face, align)
    return cell


def share(
    cell: Cell, key: tuple[object, ...], dress: Callable[[Cell], None], *kept: object
) -> None:
    """Give a cell a look that many cells of its workbook have.

    openpyxl compares a style with all others each time that one is set, which takes most of the
    time of a workbook. A look is therefore set on its first cell alone, and copied to the others.

    Args:
        key: tells the look from others.
        dress: sets the look.
        kept: objects whose identity is in the key, and which must therefore stay.
    """
    looks = _LOOKS.setdefault(cell.parent.parent, {})
    if key not in looks:
        dress(cell)
        looks[key] = (copy(cell._style), kept)
    cell._style = copy(looks[key][0])


def link(cell: Cell, sheet: str, place: str = "A1") -> None:
    """Make a cell lead to a cell of a sheet."""
    quoted = sheet.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{place}")


def freeze(sheet: Worksheet, corner: str, first: str) -> None:
    """Keep what is above and left of a cell in sight, and begin at another cell; no grid."""
    sheet.freeze_panes = corner
    for view in sheet.views.sheetView:
        view.showGridLines = False
        for selection in view.selection:
            selection.activeCell = selection.sqref = first


def band(sheet: Worksheet, row: int, columns: int, text: str, size: float = 14) -> None:
    """A dark title band over the first ``columns`` columns."""
    for column in range(1, columns + 1):
        sheet.cell(row, column).fill = fill(NAVY)
    put(
        sheet.cell(row, 1),
        text,
        face=font("FFFFFF", size, weight="bold"),
        ground=NAVY,
        align=WRAPPED,
    )
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column ``width`` characters wide.

    A column is measured in digits, wider than most letters; what words leave unused is deducted.
    """
    usable = max(1.0, width * 1.05)
    return sum(max(1, math.ceil(len(line) / usable)) for line in text.split("\n"))


def height(lines: int, least: float = 21.0) -> float:
    """The height in points of a row of that many lines, with some air."""
    return min(_MAX_HEIGHT, max(least, lines * _LINE + 6))


def print_setup(sheet: Worksheet, *, orientation: str, title: str) -> None:
    """A4, the title on top, the sheet's name and the page below."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = orientation
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = _SIDE
    sheet.page_margins.top = sheet.page_margins.bottom = _EDGE
    sheet.page_margins.header = sheet.page_margins.footer = 0.3
    # « & » starts a code in headers; doubled, it is itself (18.3.1.46). 255 characters at most.
    sheet.oddHeader.left.text = title[:100].replace("&", "&&")
    sheet.oddHeader.left.size = 8
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "Page &P / &N"
    sheet.oddFooter.left.size = sheet.oddFooter.right.size = 8


def fit(sheet: Worksheet) -> None:
    """Print the sheet on one page."""
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def paginate(sheet: Worksheet, width: float, repeated: float, blocks: Sequence[range]) -> None:
    """Print a sheet on upright pages as wide as it is, each beginning with a whole block.

    Excel minds no page break where it fits a sheet to pages by itself, hence the scale.

    Args:
        width: of what is printed, in characters.
        repeated: the height in points of the rows that come back on each page.
        blocks: rows that belong together: a title with what stands under it.
    """
    scale = min(0.9, (_PAPER_WIDTH - 144 * _SIDE) / (width * _CHARACTER + 20))
    sheet.page_setup.scale = int(scale * 100)
    usable = (_PAPER_HEIGHT - 144 * _EDGE) / scale - repeated - 20
    used = 0.0
    for block in blocks:
        needed = sum(sheet.row_dimensions[row].height for row in block)
        if used and used + needed > usable:
            sheet.row_breaks.append(Break(id=block.start - 1))
            used = 0.0
        used += needed


def protect(sheet: Worksheet) -> None:
    """Lock what is not unlocked, without a password; sizes and sorting stay the user's."""
    sheet.protection.sheet = True
    sheet.protection.formatRows = sheet.protection.formatColumns = False
    sheet.protection.formatCells = False
    sheet.protection.sort = sheet.protection.autoFilter = False
