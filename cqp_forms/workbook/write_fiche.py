"""The sheets of a fiche that hold answers: one for each section of the guide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from cqp_forms.answers import Answer
from cqp_forms.guide import Field, FieldGroup, FieldKind, Guide, Section
from cqp_forms.workbook import style
from cqp_forms.workbook.entries import (
    choice_validation,
    colour_when,
    fill_answer,
    is_needed,
    number_format,
    option_labels,
    validation,
)
from cqp_forms.workbook.fiche import Column

HEADER_ROW = 3
_ID, _LABEL, _ANSWER, _COMMENT = 1, 2, 3, 4

_COMMENT_LINES = 8
_ID_ALIGNED = Alignment(vertical="center", shrink_to_fit=True)


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of sheet is laid out: column widths in characters, and what to do there."""

    id: float
    label: float
    answer: float
    comment: float
    hint: str


_CRITERIA = Shape(
    12,
    76,
    19,
    46,
    "Une réponse par critère dans la colonne « Réponse ». Un NA s’explique dans « Précision ». "
    "Ce qui est rouge reste à remplir.",
)
_TEXTS = Shape(
    27,
    46,
    78,
    11,
    "Répondez dans la colonne « Réponse » (Alt + Entrée pour aller à la ligne dans un "
    "commentaire). Ce qui est rouge reste à remplir.",
)


@dataclass
class _Ranges:
    """The rows of each kind of cell, gathered while the sheet is written."""

    by_kind: dict[FieldKind, list[int]] = field(default_factory=dict)
    choices: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    needed: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """The row of one field, to be filled in for one candidate after another."""

    sheet: Worksheet
    number: int
    field: Field
    shape: Shape


def add_section(book: Workbook, guide: Guide, section: Section) -> list[EntryRow]:
    """Add a section's sheet, without answers; gives its rows."""
    entries: list[EntryRow] = []
    sheet = book.create_sheet(section.sheet)
    has_criteria = any(one.kind is FieldKind.CRITERION for one in section.fields)
    shape = _CRITERIA if has_criteria else _TEXTS
    _head(sheet, section, shape)
    ranges = _Ranges()
    row = HEADER_ROW + 1
    for group in section.groups:
        fields = asked(group)
        if not fields:
            continue
        _group_title(sheet, row, group.title)
        for one in fields:
            row += 1
            entries.append(EntryRow(sheet, row, one, shape))
            _lay_out(entries[-1])
            ranges.by_kind.setdefault(one.kind, []).append(row)
            if one.options:
                ranges.choices.setdefault(option_labels(one), []).append(row)
            if is_needed(one):
                ranges.needed.append(row)
        row += 1
    _validate(book, sheet, ranges)
    _colour(sheet, section, ranges)
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"
    first = f"C{HEADER_ROW + 2}"
    for view in sheet.views.sheetView:
        view.showGridLines = False
        for selection in view.selection:
            selection.activeCell = selection.sqref = first
    style.protect(sheet)
    style.print_setup(
        sheet,
        header_row=HEADER_ROW,
        orientation="landscape",
        title=f"{guide.certificate} – {section.title}" if guide.certificate else section.title,
    )
    sheet.sheet_properties.tabColor = style.BLUE if has_criteria else style.NAVY
    return entries


def asked(group: FieldGroup) -> list[Field]:
    """The fields of a group that a workbook asks for: signatures are given on paper."""
    return [one for one in group.fields if one.kind is not FieldKind.SIGNATURE]


def _head(sheet: Worksheet, section: Section, shape: Shape) -> None:
    widths = (shape.id, shape.label, shape.answer, shape.comment)
    for letters, width in zip("ABCD", widths, strict=True):
        sheet.column_dimensions[letters].width = width
    style.band(sheet, 1, 4, section.title)
    lines = style.lines_of(section.title, sum(widths) * 11 / 15)
    sheet.row_dimensions[1].height = style.height(lines, 33) + 4 * (lines - 1)
    style.put(
        sheet.cell(2, 1),
        shape.hint,
        face=style.font(style.BLUE, 10, slant="italic"),
        align=style.WRAPPED,
    )
    sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=4)
    sheet.row_dimensions[2].height = 24
    for column, title in enumerate(Column, start=1):
        style.put(
            sheet.cell(HEADER_ROW, column),
            title.value,
            face=style.font("FFFFFF", weight="bold"),
            ground=style.BLUE,
            align=style.CENTRED if column != _LABEL else style.WRAPPED,
            boxed=True,
        )
    sheet.row_dimensions[HEADER_ROW].height = 24


def _group_title(sheet: Worksheet, row: int, title: str) -> None:
    # Not merged: people may then sort and insert rows, which merged cells forbid.
    for column in range(_ID, _COMMENT + 1):
        sheet.cell(row, column).fill = style.fill(style.PALE)
    style.put(
        sheet.cell(row, _LABEL),
        title,
        face=style.font(style.NAVY, weight="bold"),
        ground=style.PALE,
    )
    lines = style.lines_of(title, sheet.column_dimensions["B"].width * 0.92)
    sheet.row_dimensions[row].height = style.height(lines, 24)


def _lay_out(entry: EntryRow) -> None:
    sheet, row, one, shape = entry.sheet, entry.number, entry.field, entry.shape
    style.put(
        sheet.cell(row, _ID),
        one.id,
        face=style.font("8C8C8C", 8),
        ground=style.GREY,
        align=_ID_ALIGNED,
        boxed=True,
    )
    result = one.kind is FieldKind.RESULT
    label = style.font(style.NAVY, weight="bold") if result else style.font()
    style.put(sheet.cell(row, _LABEL), one.label, face=label, boxed=True)
    answer, comment = sheet.cell(row, _ANSWER), sheet.cell(row, _COMMENT)
    takes_comment = one.kind is FieldKind.CRITERION
    style.share(
        answer,
        ("answer", one.kind, shape is _TEXTS),
        lambda cell: _dress_answer(cell, one.kind, shape),
    )
    style.share(
        comment, ("comment", takes_comment), lambda cell: _dress_comment(cell, takes_comment)
    )
    sheet.row_dimensions[row].height = _height(one, None, shape)


def _dress_answer(cell: Cell, kind: FieldKind, shape: Shape) -> None:
    cell.alignment = Alignment(
        wrap_text=True,
        vertical="top" if kind is FieldKind.LONG_TEXT else "center",
        horizontal="left" if shape is _TEXTS else "center",
        indent=1 if shape is _TEXTS else 0,
    )
    cell.border, cell.protection = style.BOX, style.UNLOCKED
    chosen = kind not in (FieldKind.TEXT, FieldKind.LONG_TEXT)
    cell.font = style.font(weight="bold" if chosen else "regular")
    cell.number_format = number_format(kind)


def _dress_comment(cell: Cell, takes_comment: bool) -> None:
    cell.border, cell.alignment, cell.font = style.BOX, style.WRAPPED, style.font(size=10)
    cell.number_format = style.TEXT_FORMAT
    if takes_comment:
        cell.protection = style.UNLOCKED
    else:
        cell.fill = style.fill(style.GREY)


def fill_row(entry: EntryRow, answer: Answer) -> None:
    """Put an answer into its row."""
    sheet, row, one = entry.sheet, entry.number, entry.field
    cell, comment = sheet.cell(row, _ANSWER), sheet.cell(row, _COMMENT)
    if answer.comment and one.kind is not FieldKind.CRITERION:
        comment.protection, comment.fill = style.UNLOCKED, PatternFill()
    fill_answer(cell, comment, answer)
    sheet.row_dimensions[row].height = _height(one, answer, entry.shape)


@contextmanager
def restored(entries: Iterable[EntryRow]) -> Iterator[None]:
    """Leave rows as they are now: empty, once a candidate's fiche is written."""
    before = [
        (cell, copy(cell._style), entry.sheet.row_dimensions[entry.number])
        for entry in entries
        for cell in (entry.sheet.cell(entry.number, one) for one in (_ANSWER, _COMMENT))
    ]
    heights = [line.height for _, _, line in before]
    try:
        yield
    finally:
        for (cell, was, line), height in zip(before, heights, strict=True):
            cell.value, cell._style, line.height = None, was, height


def _height(one: Field, answer: Answer | None, shape: Shape) -> float:
    text = answer.value if answer and type(answer.value) is str else ""
    needed = [
        style.lines_of(one.label, shape.label),
        style.lines_of(text, shape.answer),
        style.lines_of(answer.comment if answer else "", shape.comment * 1.1),
    ]
    if one.kind is FieldKind.LONG_TEXT:
        needed.append(_COMMENT_LINES)
    return style.height(max(needed), 27)


def _spans(rows: list[int], letters: str) -> Iterator[str]:
    """The rows as ranges of one column: 5, 6, 8 gives ``C5:C6`` and ``C8``."""
    start = previous = rows[0]
    for row in [*rows[1:], -1]:
        if row == previous + 1:
            previous = row
            continue
        yield f"{letters}{start}:{letters}{previous}" if start != previous else f"{letters}{start}"
        start = previous = row


def _validate(book: Workbook, sheet: Worksheet, ranges: _Ranges) -> None:
    rules = [
        *((validation(kind), rows) for kind, rows in ranges.by_kind.items()),
        *((choice_validation(labels, book), rows) for labels, rows in ranges.choices.items()),
    ]
    for rule, rows in rules:
        if rule:
            for span in _spans(rows, "C"):
                rule.add(span)
            sheet.add_data_validation(rule)


def _colour(sheet: Worksheet, section: Section, ranges: _Ranges) -> None:
    """Red until answered; then the colour of the answer, so that a sheet is read at a glance."""

    def colour(rows: list[int], letters: str, formula: str, ground: str, ink: str) -> None:
        if rows:
            cells = " ".join(_spans(rows, letters))
            colour_when(sheet, cells, formula.replace("§", str(rows[0])), ground, ink)

    criteria = ranges.by_kind.get(FieldKind.CRITERION, [])
    colour(ranges.needed, "C", "LEN(TRIM($C§))=0", style.RED, style.INK)
    colour(criteria, "D", 'AND(TRIM($C§)="NA",LEN(TRIM($D§))=0)', style.RED, style.INK)
    for value, ground, ink in (
        ("OUI", style.GREEN, "375623"),
        ("NON", style.AMBER, "7F6000"),
        ("NA", style.SLATE, style.NAVY),
    ):
        colour(criteria, "C", f'TRIM($C§)="{value}"', ground, ink)
    results = ranges.by_kind.get(FieldKind.RESULT, [])
    if criteria and results:
        prefix = section.groups[0].fields[0].id.partition(".")[0]
        failed = f'COUNTIFS($A:$A,"{prefix}.*.*",$C:$C,"NON")>0'
        mastered = 'AND(LEN(TRIM($C§))>0,LEFT(TRIM($C§),3)<>"NON")'
        colour(results, "C", f"AND({mastered},{failed})", style.RED, "C00000")
        colour(results, "C", mastered, style.GREEN, "375623")
        colour(results, "C", 'LEFT(TRIM($C§),3)="NON"', style.AMBER, "7F6000")
