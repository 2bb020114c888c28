"""The wide sheet of a lot: one row a candidate, under a row of ids and a row of labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from cqp_forms.answers import COMMENT, Answers, Verdict
from cqp_forms.guide import Field, FieldKind, Guide, Requirement, Section
from cqp_forms.workbook import style
from cqp_forms.workbook.entries import (
    add_validations,
    colour_when,
    fill_text,
    fill_value,
    is_needed,
    number_format,
)
from cqp_forms.workbook.formulas import is_verdict
from cqp_forms.workbook.write_fiche import asked

TITLE = "Candidats"
#: Rows that are ready for candidates: validation and colours reach down to there.
READY = 1000
_SECTIONS, _LABELS, _IDS = 1, 2, 3
_FIRST = _IDS + 1
_WIDTHS = {
    FieldKind.CRITERION: 13.0,
    FieldKind.RESULT: 19.0,
    FieldKind.TICK: 13.0,
    FieldKind.DATE: 14.0,
    FieldKind.CHOICE: 19.0,
    FieldKind.LONG_TEXT: 42.0,
    FieldKind.TEXT: 29.0,
}
_LABEL_LENGTH = 110


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: an answer, or the comment of one; ``level`` is its depth in the outline."""

    field: Field
    is_comment: bool
    level: int

    @property
    def id(self) -> str:
        return f"{self.field.id}{COMMENT}" if self.is_comment else self.field.id


class LotExtent(Enum):
    """Which columns a new lot has."""

    IDENTITY = "identity"
    """Who the candidates and the evaluators are: what is known before the interviews."""
    COMPLETE = "complete"
    """All that a fiche asks."""


def _wanted(guide: Guide, extent: LotExtent) -> Mapping[str, Field]:
    known = {
        one.id: one
        for one in guide.fields.values()
        if one.id == guide.key or one.requirement is Requirement.IDENTITY
    }
    return known if known and extent is LotExtent.IDENTITY else guide.fields


def _columns(section: Section, wanted: Mapping[str, Field], *, folded: bool) -> Iterator[_Column]:
    """A section's columns. The first stays in sight when the section is folded; for a competence
    it is the result, and the comments come last, folded.
    """
    fields = [one for group in section.groups for one in asked(group) if one.id in wanted]
    fields.sort(key=lambda one: one.kind is not FieldKind.RESULT)
    for index, one in enumerate(fields):
        yield _Column(one, False, 1 if folded and index else 0)
    for one in fields:
        if one.kind is FieldKind.CRITERION:
            yield _Column(one, True, 2)


def add_lot_sheet(
    book: Workbook, guide: Guide, rows: Sequence[Answers], extent: LotExtent
) -> Worksheet:
    """Add the sheet, with a row for each of the candidates given."""
    sheet = book.create_sheet(TITLE)
    sheet.sheet_properties.outlinePr.summaryRight = False
    letters: dict[str, str] = {}
    column = 0
    named = 0
    wanted = _wanted(guide, extent)
    for index, section in enumerate(guide.sections):
        first = column + 1
        for one in _columns(section, wanted, folded=index > 0 and extent is LotExtent.COMPLETE):
            column += 1
            letters[one.id] = get_column_letter(column)
            _head(sheet, column, guide, one)
            if one.id in (guide.key, *guide.candidate):
                named = column
        if column >= first:
            _section_band(sheet, section, first, column, index)
    known = [one for one in guide.fields.values() if one.id in letters]
    add_validations(sheet, ((one, _area(letters[one.id])) for one in known))
    _colour(sheet, guide, letters, named)
    for row, answers in enumerate(rows, start=_FIRST):
        _fill(sheet, row, guide, answers, letters)
    sheet.row_dimensions[_SECTIONS].height = 27
    sheet.row_dimensions[_LABELS].height = 132
    sheet.freeze_panes = f"{get_column_letter(named + 1)}{_FIRST}"
    for selection in sheet.views.sheetView[0].selection:
        selection.activeCell = selection.sqref = f"A{_FIRST}"
    _print(sheet, guide, named)
    return sheet


def _head(sheet: Worksheet, column: int, guide: Guide, one: _Column) -> None:
    """The label, the id, and how the cells below style."""
    label = one.field.label
    if one.field.kind is FieldKind.CRITERION:
        short = one.field.id.partition(".")[2]
        shown = label if len(label) <= _LABEL_LENGTH else f"{label[: _LABEL_LENGTH - 1].rstrip()}…"
        label = f"Précision {short}" if one.is_comment else f"{short} {shown}"
    elif one.field.context and one.field.context != one.field.sheet:
        label = one.field.title
    style.put(
        sheet.cell(_LABELS, column),
        label,
        face=style.font(style.NAVY, 9),
        ground=style.PALE,
        align=Alignment(wrap_text=True, vertical="bottom", horizontal="left"),
        boxed=True,
    )
    style.put(
        sheet.cell(_IDS, column),
        one.id,
        face=style.font("7F7F7F", 8),
        ground=style.GREY,
        align=Alignment(horizontal="left"),
        boxed=True,
    )
    dimension = sheet.column_dimensions[get_column_letter(column)]
    dimension.width = 28.0 if one.is_comment else _WIDTHS[one.field.kind]
    dimension.number_format = style.TEXT_FORMAT if one.is_comment else number_format(one.field.kind)
    dimension.alignment = _alignment(one.field.kind, one.is_comment)
    if one.level:
        dimension.outlineLevel = one.level
        dimension.hidden = one.level > 1


def _alignment(kind: FieldKind, is_comment: bool) -> Alignment:
    chosen = kind not in (FieldKind.TEXT, FieldKind.LONG_TEXT)
    return Alignment(
        vertical="center", horizontal="center" if chosen and not is_comment else "left"
    )


def _section_band(sheet: Worksheet, section: Section, first: int, last: int, index: int) -> None:
    ground = style.NAVY if index % 2 == 0 else style.BLUE
    for column in range(first, last + 1):
        sheet.cell(_SECTIONS, column).fill = style.fill(ground)
    style.put(
        sheet.cell(_SECTIONS, first),
        section.title,
        face=style.font("FFFFFF", 11, weight="bold"),
        ground=ground,
        align=Alignment(vertical="center", horizontal="left", indent=1),
    )


def _area(letters: str) -> str:
    return f"{letters}{_FIRST}:{letters}{_FIRST + READY - 1}"


def _colour(sheet: Worksheet, guide: Guide, letters: dict[str, str], named: int) -> None:
    """The fiche's colours; nothing is red in a row that names no candidate yet."""
    leading = letters.get(guide.candidate[0], "A") if guide.candidate else "A"
    begun = f"LEN(TRIM(${leading}{_FIRST}))>0"
    for one in guide.fields.values():
        column = letters.get(one.id)
        if column is None:
            continue
        cell = f"{column}{_FIRST}"
        if one.kind is FieldKind.CRITERION:
            for verdict, ground, ink in style.VERDICTS:
                colour_when(sheet, _area(column), is_verdict(cell, verdict), ground, ink)
            comment = letters[f"{one.id}{COMMENT}"]
            empty = f"LEN(TRIM({comment}{_FIRST}))=0"
            colour_when(
                sheet,
                _area(comment),
                f"AND({is_verdict(cell, Verdict.NA)},{empty})",
                style.CREAM,
                style.INK,
            )
        if is_needed(one):
            formula = f"AND({begun},LEN(TRIM({cell}))=0)"
            colour_when(sheet, _area(column), formula, style.CREAM, style.INK)
    for competence in guide.competences:
        if (column := letters.get(competence.result.id)) is None:
            continue
        cells = (letters[competence.criteria[0].id], letters[competence.criteria[-1].id])
        failed = f'SUMPRODUCT(COUNTIF(${cells[0]}{_FIRST}:${cells[1]}{_FIRST},{{"NON","N"}}))>0'
        mastered = f'AND(LEN({column}{_FIRST})>0,LEFT({column}{_FIRST},3)<>"NON")'
        colour_when(sheet, _area(column), f"AND({mastered},{failed})", style.CREAM, style.RED)
        colour_when(sheet, _area(column), mastered, style.GREEN, "375623")
        colour_when(sheet, _area(column), f'LEFT({column}{_FIRST},3)="NON"', style.AMBER, "7F6000")


def _fill(
    sheet: Worksheet, row: int, guide: Guide, answers: Answers, letters: dict[str, str]
) -> None:
    for field_id, answer in answers.items():
        column = letters.get(field_id)
        if column is None:
            continue
        cell = sheet[f"{column}{row}"]
        cell.alignment = _alignment(guide.fields[field_id].kind, False)
        fill_value(cell, answer.value)
        comment = letters.get(f"{field_id}{COMMENT}")
        if comment and answer.comment:
            fill_text(sheet[f"{comment}{row}"], answer.comment)
    sheet.row_dimensions[row].height = 20


def _print(sheet: Worksheet, guide: Guide, named: int) -> None:
    style.print_setup(sheet, orientation="landscape", title=guide.certificate)
    # Two hundred columns on one page would be unreadable: pages side by side, names on each.
    sheet.page_setup.scale = 60
    sheet.print_title_rows = f"{_SECTIONS}:{_IDS}"
    if named:
        sheet.print_title_cols = f"A:{get_column_letter(named)}"
