"""Workbooks for tests: real fiches with cells changed, and sheets written as raw XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.guide import FieldKind, Guide, Requirement
from cqp_forms.workbook.write import fiche_bytes

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def complete(guide: Guide, **changes: Value | None) -> Answers:
    """Answers that break no rule; ``changes`` by field id, dots written ``__``."""
    found: dict[str, Answer] = {}
    for field in guide.fields.values():
        match field.kind:
            case FieldKind.CRITERION:
                found[field.id] = Answer(Verdict.OUI)
            case FieldKind.RESULT:
                found[field.id] = Answer(Result.MAITRISEE)
            case FieldKind.DATE:
                found[field.id] = Answer(date(2026, 6, 1))
            case _ if field.requirement is not Requirement.NONE:
                found[field.id] = Answer(f"Texte {len(found)}")
    for name, value in changes.items():
        key = name.replace("__", ".")
        if value is None:
            found.pop(key, None)
        else:
            found[key] = Answer(value)
    return Answers(found)


_BOOKS: dict[str, openpyxl.Workbook] = {}


def _book(guide: Guide) -> openpyxl.Workbook:
    """A complete fiche, parsed once: opening one takes longer than all the rest of a test."""
    if guide.id not in _BOOKS:
        content = fiche_bytes(guide, complete(guide))
        _BOOKS[guide.id] = openpyxl.load_workbook(io.BytesIO(content))
    return _BOOKS[guide.id]


def place(guide: Guide, field_id: str) -> tuple[str, str]:
    """The sheet and the answer cell of a field in a new fiche."""
    name = guide.fields[field_id].sheet
    sheet = _book(guide)[name]
    row = next(row for row in range(1, 200) if sheet.cell(row, 1).value == field_id)
    return name, f"C{row}"


def changed(path: Path, guide: Guide, edits: Mapping[str, Any]) -> Path:
    """A complete fiche with cells changed by hand: ``c1.1.1``, or ``c1.1.1:précision``."""
    book = _book(guide)
    before = []
    for key, value in edits.items():
        field_id, _, is_comment = key.partition(":")
        name, reference = place(guide, field_id)
        cell = book[name][reference.replace("C", "E") if is_comment else reference]
        before.append((cell, cell.value))
        cell.value = value
    book.save(path)
    for cell, value in before:
        cell.value = value
    return path


def raw_xlsx(
    path: Path,
    sheets: Mapping[str, str],
    *,
    strings: str = "",
    styles: str = "",
    properties: str = "",
) -> Path:
    """A minimal package whose sheets hold the given ``<row>`` elements, as written."""
    names = list(sheets)
    types = "".join(
        f'<Relationship Id="rId{i}" Type="{RELS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    if strings:
        types += f'<Relationship Id="s" Type="{RELS}/sharedStrings" Target="sharedStrings.xml"/>'
    if styles:
        types += f'<Relationship Id="t" Type="{RELS}/styles" Target="styles.xml"/>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    tabs = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(names, 1)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="rId1" '
            f'Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><workbookPr {properties}/>'
            f"<sheets>{tabs}</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}">{types}</Relationships>',
        )
        for i, rows in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{i}.xml", worksheet(rows))
        if strings:
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
        if styles:
            archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>')
    return path


def worksheet(rows: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    )


def text_cell(reference: str, text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'


def fiche_xlsx(path: Path, rows: Mapping[str, str], **parts: str) -> Path:
    """A fiche of one sheet « F »: per field id, the XML of its answer cell in column C.

    ``§`` in it stands for the row's number, and attributes may be added to an open ``<c``.
    """
    body = f'<row r="1">{text_cell("A1", "Champ")}{text_cell("C1", "Réponse")}'
    body += f"{text_cell('D1', 'Précision')}</row>"
    for number, (field_id, cell) in enumerate(rows.items(), 2):
        body += f'<row r="{number}">{text_cell(f"A{number}", field_id)}'
        body += f"{cell.replace('§', str(number))}</row>"
    return raw_xlsx(path, {"F": body}, **parts)
