"""The columns of a fiche's sheets, and formulas that look answers up there by their ids.

Rows may be sorted and inserted. Function names are the English ones, which every language's Excel
and LibreOffice read from a file. Texts are compared whatever their case.
"""

from __future__ import annotations

from cqp_forms.answers import Verdict
from cqp_forms.guide import Competence, Field
from cqp_forms.workbook.values import SHORT_VERDICTS

#: The letters of the columns.
ID, LABEL, ANSWER, HELP, COMMENT, NOTES, PANEL = "ABCDEFG"


def quoted(sheet: str) -> str:
    """A sheet's name in a formula; ``C1`` alone would be a cell."""
    return "'" + sheet.replace("'", "''") + "'"


def value_of(field: Field) -> str:
    """The cell that answers a field."""
    sheet = quoted(field.sheet)
    return f'INDEX({sheet}!${ANSWER}:${ANSWER},MATCH("{field.id}",{sheet}!${ID}:${ID},0))'


def text_of(field: Field) -> str:
    """The answer to a field, as text; empty when there is none or the row is gone."""
    return f'IFERROR(TRIM({value_of(field)}&""),"")'


def is_verdict(cell: str, verdict: Verdict) -> str:
    """Whether a cell's text is a verdict, in full or by its letter."""
    return f'OR(TRIM({cell})="{verdict}",TRIM({cell})="{SHORT_VERDICTS[verdict]}")'


def answered(competence: Competence) -> str:
    """How many criteria of a competence have an answer."""
    return f'COUNTIFS({_criteria(competence)},"<>")'


def verdicts(competence: Competence, verdict: Verdict) -> str:
    """How many criteria of a competence have a verdict, written in full or by its letter."""
    return f"SUMPRODUCT(COUNTIFS({_criteria(competence)},{_written(verdict)}))"


def unexplained(competence: Competence) -> str:
    """How many criteria of a competence are NA without a « Précision »."""
    sheet = quoted(competence.result.sheet)
    comments = f'{sheet}!${COMMENT}:${COMMENT},""'
    return f"SUMPRODUCT(COUNTIFS({_criteria(competence)},{_written(Verdict.NA)},{comments}))"


def _written(verdict: Verdict) -> str:
    return f'{{"{verdict}","{SHORT_VERDICTS[verdict]}"}}'


def _criteria(competence: Competence) -> str:
    """The criteria of a competence and, as the range that is to be counted, their answers."""
    first = competence.criteria[0]
    sheet, prefix = quoted(first.sheet), first.id.partition(".")[0]
    return f'{sheet}!${ID}:${ID},"{prefix}.*.*",{sheet}!${ANSWER}:${ANSWER}'
