"""The cells that people fill in: value, format, dropdown, and colours that show what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from cqp_forms.answers import Answer, Result, Value, Verdict
from cqp_forms.guide import Field, FieldKind, Requirement
from cqp_forms.workbook import style
from cqp_forms.workbook.cells import stored_text
from cqp_forms.workbook.values import SHOWN_RESULTS, written


@dataclass(frozen=True, slots=True)
class Dropdown:
    """A validation, told in French: title and text of the prompt, text of the refusal."""

    title: str
    prompt: str
    refusal: str
    values: str = ""


DROPDOWNS: Mapping[FieldKind, Dropdown] = {
    FieldKind.CRITERION: Dropdown(
        "Critère",
        "OUI : réalisé correctement.\nNON : non réalisé ou de manière insuffisante.\n"
        "NA : non applicable, à expliquer dans « Précision ».",
        "Choisissez OUI, NON ou NA dans la liste (en majuscules).",
        ",".join(Verdict),
    ),
    FieldKind.RESULT: Dropdown(
        "Résultat de la compétence",
        "MAÎTRISÉE seulement si aucun critère n’est à NON ; un NA ne compte pas.",
        "Choisissez MAÎTRISÉE ou NON MAÎTRISÉE dans la liste.",
        ",".join(SHOWN_RESULTS.values()),
    ),
    FieldKind.TICK: Dropdown(
        "Case à cocher",
        "X pour cocher ; laissez vide sinon.",
        "Mettez X pour cocher, ou videz la cellule.",
        "X",
    ),
    FieldKind.DATE: Dropdown(
        "Date", "Sous la forme JJ/MM/AAAA.", "Écrivez une date sous la forme JJ/MM/AAAA."
    ),
}


#: What the formula of a list holds at most (Excel's limit), its quotation marks aside.
_LIST_LENGTH = 255
#: The hidden sheet with the options that such a formula cannot hold.
_OPTIONS_SHEET = "Listes"
#: What a message beside a cell holds at most (Excel's limit).
_MESSAGE_LENGTH = 255


def option_labels(one: Field) -> tuple[str, ...]:
    """The wordings that a choice admits, as cells hold them; equal ones share a list."""
    return tuple(each.label for each in one.options)


def choice_validation(labels: tuple[str, ...], book: Workbook) -> DataValidation:
    """The list of a choice's wordings.

    Args:
        book: gets a hidden sheet with those that a formula cannot hold.
    """
    named = ", ".join(labels)
    if len(named) > _MESSAGE_LENGTH - 40:
        named = f"{len(labels)} réponses"
    listed = ",".join(labels)
    plain = len(labels) == len(listed.split(",")) and '"' not in listed
    formula = (
        f'"{listed}"' if plain and len(listed) <= _LIST_LENGTH else _listed_apart(labels, book)
    )
    told = Dropdown("Une réponse", f"Au choix : {named}.", f"Choisissez dans la liste : {named}.")
    return _dressed(DataValidation(type="list", formula1=formula), told)


def _listed_apart(labels: tuple[str, ...], book: Workbook) -> str:
    """The formula of a range that holds the wordings."""
    known = _OPTIONS_SHEET in book.sheetnames
    sheet = book[_OPTIONS_SHEET] if known else book.create_sheet(_OPTIONS_SHEET)
    sheet.sheet_state = "hidden"
    column = sheet.max_column + 1 if known else 1
    for row, label in enumerate(labels, start=1):
        fill_text(sheet.cell(row, column), label)
    letters = get_column_letter(column)
    return f"{_OPTIONS_SHEET}!${letters}$1:${letters}${len(labels)}"


def validation(kind: FieldKind) -> DataValidation | None:
    """The validation of a kind of field, ``None`` for free text and for choices."""
    told = DROPDOWNS.get(kind)
    if told is None:
        return None
    rule = (
        DataValidation(type="list", formula1=f'"{told.values}"')
        if told.values
        else DataValidation(
            type="date",
            operator="between",
            formula1=str((date(2000, 1, 1) - date(1899, 12, 30)).days),
            formula2=str((date(2100, 1, 1) - date(1899, 12, 30)).days),
        )
    )
    return _dressed(rule, told)


def _dressed(rule: DataValidation, told: Dropdown) -> DataValidation:
    rule.allow_blank = rule.showErrorMessage = rule.showInputMessage = True
    rule.errorTitle, rule.error = "Valeur non admise", told.refusal
    rule.promptTitle, rule.prompt = told.title, told.prompt
    return rule


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


def fill_answer(cell: Cell, comment: Cell | None, answer: Answer | None) -> None:
    """Write an answer and its comment."""
    if answer is None:
        return
    fill_value(cell, answer.value)
    if comment is not None:
        fill_text(comment, answer.comment)


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
