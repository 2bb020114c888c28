"""Rows to a workbook written as Excel writes one: shared strings, UTF-8, styles by number."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    strings: dict[str, int] = {}
    uses = 0
    lines = []
    for number, row in enumerate(rows, 1):
        cells = []
        for column, value in enumerate(row, 1):
            place = f"{get_column_letter(column)}{number}"
            if isinstance(value, date):
                cells.append(f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>')
            elif value is None:
                cells.append(f'<c r="{place}" s="2"/>')
            else:
                uses += 1
                rank = strings.setdefault(str(value), len(strings))
                cells.append(f'<c r="{place}" s="2" t="s"><v>{rank}</v></c>')
        span = f'spans="1:{len(row)}" x14ac:dyDescent="0.25"'
        lines.append(f'<row r="{number}" {span}>{"".join(cells)}</row>')
    sheet = (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'mc:Ignorable="x14ac" '
        'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">'
        f"<sheetData>{''.join(lines)}</sheetData></worksheet>"
    )
    texts = "".join(
        f'<si><t xml:space="preserve">{escape(text)}</t></si>'
        if text != text.strip() or "\n" in text
        else f"<si><t>{escape(text)}</t></si>"
        for text in strings
    )
    shared = f'<sst xmlns="{MAIN}" count="{uses}" uniqueCount="{len(strings)}">{texts}</sst>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (PARTS | {_SHEET: sheet, _STRINGS: shared}).items():
            package.writestr(name, HEAD + content)


_SHEET, _STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_XF = '<xf numFmtId="{}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KINDS}.sheet.main+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{KINDS}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KINDS}.styles+xml"/>'
    f'<Override PartName="/{_STRINGS}" ContentType="{KINDS}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Candidats" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>",
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/>'
    '<name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/>'
    '</borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
    f"{_XF.format(14)}{_XF.format(49)}</cellXfs></styleSheet>",
}
