"""The cells that people fill in: value, format, dropdown, and colours that show what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from cqp_forms.answers import Result, Value, Verdict
from cqp_forms.guide import Field, FieldKind, Requirement
from cqp_forms.workbook import style
from cqp_forms.workbook.cells import escaped, stored_text
from cqp_forms.workbook.values import SHORT_VERDICTS, SHOWN_RESULTS, written


@dataclass(frozen=True, slots=True)
class Dropdown:
    """A validation, told in French: title and text of the prompt, text of the refusal."""

    title: str
    prompt: str
    refusal: str
    values: tuple[str, ...] = ()


DROPDOWNS: Mapping[FieldKind, Dropdown] = {
    FieldKind.CRITERION: Dropdown(
        "Critère",
        "O (OUI) : réalisé correctement.\nN (NON) : non réalisé ou de manière insuffisante.\n"
        "A (NA) : non applicable, à expliquer dans « Précision ».",
        "Tapez O, N ou A, ou choisissez OUI, NON ou NA dans la liste.",
        (*Verdict, *SHORT_VERDICTS.values()),
    ),
    FieldKind.RESULT: Dropdown(
        "Résultat de la compétence",
        "MAÎTRISÉE seulement si aucun critère n’est à NON ; un NA ne compte pas.",
        "Choisissez MAÎTRISÉE ou NON MAÎTRISÉE dans la liste.",
        tuple(SHOWN_RESULTS.values()),
    ),
    FieldKind.TICK: Dropdown(
        "Case à cocher",
        "X pour cocher ; laissez vide sinon.",
        "Mettez X pour cocher, ou videz la cellule.",
        ("X",),
    ),
    FieldKind.DATE: Dropdown(
        "Date", "Sous la forme JJ/MM/AAAA.", "Écrivez une date sous la forme JJ/MM/AAAA."
    ),
}

#: The hidden sheet with the values of the lists.
LISTS = "Listes"
#: What a message beside a cell holds at most (Excel's limit).
_MESSAGE_LENGTH = 255


def validation(one: Field, book: Workbook) -> DataValidation | None:
    """The validation of a field, ``None`` for free text; fields of equal values share a list.

    Args:
        book: gets a hidden sheet with the values: a list in a range takes them in any case, one
            in a formula does not.
    """
    told = _choice(one) if one.options else DROPDOWNS.get(one.kind)
    if told is None:
        return None
    rule = (
        DataValidation(type="list", formula1=_listed(told.values, book))
        if told.values
        else DataValidation(
            type="date",
            operator="between",
            formula1=str((date(2000, 1, 1) - date(1899, 12, 30)).days),
            formula2=str((date(2100, 1, 1) - date(1899, 12, 30)).days),
        )
    )
    rule.allow_blank = rule.showErrorMessage = rule.showInputMessage = True
    rule.errorTitle, rule.error = "Valeur non admise", told.refusal
    rule.promptTitle, rule.prompt = told.title, told.prompt
    return rule


def add_validations(sheet: Worksheet, fields: Iterable[tuple[Field, str]]) -> None:
    """Give each field's cells its validation.

    Args:
        fields: each field, with its cell or range.
    """
    cells: dict[tuple[FieldKind, tuple[str, ...]], list[str]] = {}
    examples: dict[tuple[FieldKind, tuple[str, ...]], Field] = {}
    for one, place in fields:
        key = (one.kind, tuple(each.label for each in one.options))
        cells.setdefault(key, []).append(place)
        examples.setdefault(key, one)
    for key, one in examples.items():
        if (rule := validation(one, sheet.parent)) is not None:
            for place in cells[key]:
                rule.add(place)
            sheet.add_data_validation(rule)


def _choice(one: Field) -> Dropdown:
    labels = tuple(each.label for each in one.options)
    named = ", ".join(labels)
    if len(named) > _MESSAGE_LENGTH - 40:
        named = f"{len(labels)} réponses"
    return Dropdown(
        "Une réponse", f"Au choix : {named}.", f"Choisissez dans la liste : {named}.", labels
    )


def _listed(values: Sequence[str], book: Workbook) -> str:
    """The formula of a range that holds the values."""
    known = LISTS in book.sheetnames
    sheet = book[LISTS] if known else book.create_sheet(LISTS)
    sheet.sheet_state = "hidden"
    for column in range(1, sheet.max_column + 2 if known else 2):
        there = [sheet.cell(row, column).value for row in range(1, len(values) + 2)]
        if there == [*map(escaped, values), None]:
            break
        if there[0] is None:
            for row, value in enumerate(values, start=1):
                fill_text(sheet.cell(row, column), value)
            break
    letters = get_column_letter(column)
    return f"{LISTS}!${letters}$1:${letters}${len(values)}"


#: Kinds whose answers are texts: « 1-2 », an option's wording, must not become a date.
_WORDED = (FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.CHOICE)


def number_format(kind: FieldKind) -> str:
    """Text cells keep what is typed: leading zeros, and a dash that starts a line."""
    if kind is FieldKind.DATE:
        return style.DATE_FORMAT
    return style.TEXT_FORMAT if kind in _WORDED else "General"


def fill_value(cell: Cell, value: Value | None) -> None:
    """Write an answer so that reading it back gives the same; text never becomes a formula.

    Raises:
        OutputError: the text is longer than a cell can hold.
    """
    match written(value):
        case date() as day:
            cell.value = day
            cell.number_format = style.DATE_FORMAT
        case str() as text if isinstance(value, Verdict | Result | bool):
            cell.value = text
        case str() as text:
            fill_text(cell, text)


def fill_text(cell: Cell, text: str) -> None:
    """Write a text as text.

    Raises:
        OutputError: it is longer than a cell can hold.
    """
    if not text:
        return
    # Control characters are escaped by now; openpyxl's own check would refuse the text.
    cell._value = stored_text(text, f"feuille {cell.parent.title}, cellule {cell.coordinate}")
    cell.data_type = "s"
    cell.number_format = style.TEXT_FORMAT
    if text[0] in "=+-@":
        cell.quotePrefix = True


def is_needed(field: Field) -> bool:
    """Whether a fiche is incomplete without an answer to the field."""
    return (
        field.kind in (FieldKind.CRITERION, FieldKind.RESULT)
        or field.requirement is not Requirement.NONE
    )


def colour_when(sheet: Worksheet, cells: str, formula: str, colour: str, text: str) -> None:
    """Colour cells while a formula, relative to the first of them, holds."""
    rule = Rule(type="expression", dxf=style.highlight(colour, text), formula=[formula])
    sheet.conditional_formatting.add(cells, rule)
