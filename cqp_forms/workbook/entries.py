"""The cells that people fill in: value, format, dropdown, and colours that show what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
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


def validation(kind: FieldKind) -> DataValidation | None:
    """The validation of a kind of field, ``None`` for free text."""
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
    rule.allow_blank = rule.showErrorMessage = rule.showInputMessage = True
    rule.errorTitle, rule.error = "Valeur non admise", told.refusal
    rule.promptTitle, rule.prompt = told.title, told.prompt
    return rule


def number_format(kind: FieldKind) -> str:
    """Text cells keep what is typed: leading zeros, and a dash that starts a line."""
    if kind is FieldKind.DATE:
        return style.DATE_FORMAT
    return style.TEXT_FORMAT if kind in (FieldKind.TEXT, FieldKind.LONG_TEXT) else "General"


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
