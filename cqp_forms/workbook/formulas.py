"""Formulas of the « Synthèse » sheet. They look answers up by id: rows may be sorted and inserted.

Function names are the English ones, which every language's Excel and LibreOffice read from a file.
"""

from __future__ import annotations

from cqp_forms.guide import Competence, Field


def quoted(sheet: str) -> str:
    """A sheet's name in a formula; ``C1`` alone would be a cell."""
    return "'" + sheet.replace("'", "''") + "'"


def answer(field: Field) -> str:
    """The answer to a field, as text; empty when there is none or the row is gone."""
    sheet = quoted(field.sheet)
    return f'IFERROR(TRIM(INDEX({sheet}!$C:$C,MATCH("{field.id}",{sheet}!$A:$A,0))&""),"")'


def count(competence: Competence, value: str) -> str:
    """How many criteria of a competence have an answer (``<>``: any)."""
    first = competence.criteria[0]
    sheet = quoted(first.sheet)
    prefix = first.id.partition(".")[0]
    return f'COUNTIFS({sheet}!$A:$A,"{prefix}.*.*",{sheet}!$C:$C,"{value}")'


def na_without_comment(competence: Competence) -> str:
    """How many criteria of a competence are NA without a « Précision »."""
    first = competence.criteria[0]
    sheet = quoted(first.sheet)
    prefix = first.id.partition(".")[0]
    return f'COUNTIFS({sheet}!$A:$A,"{prefix}.*.*",{sheet}!$C:$C,"NA",{sheet}!$D:$D,"")'
