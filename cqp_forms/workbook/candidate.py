"""One candidate, as read from a workbook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from cqp_forms.answers import Answers
from cqp_forms.findings import INCOMPLETENESS, Finding, errors
from cqp_forms.guide import Guide
from cqp_forms.rules import check_rules
from cqp_forms.typography import spaced


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate's answers, with what reading them found.

    Attributes:
        answers: what the workbook says; a cell that could not be understood gives no answer.
        findings: the problems of reading (contract, section 3), in the order of the sheets.
        source: the workbook.
        row: the row of a lot, from 1; ``None`` for a fiche.
        label: a name for messages: « DURAND Léa », else the file's name and row.
    """

    answers: Answers
    findings: tuple[Finding, ...]
    source: Path
    row: int | None
    label: str

    def check(self, guide: Guide, today: date) -> tuple[Finding, ...]:
        """All problems in one pass: those of reading, then those of the guide's rules.

        A field whose cell could not be understood is reported once: not as unanswered as well.
        """
        unread = {one.field for one in errors(self.findings) if one.field}
        rules = (
            self._placed(one)
            for one in check_rules(guide, self.answers, today)
            if not (one.code in INCOMPLETENESS and one.field in unread)
        )
        return (*self.findings, *rules)

    def _placed(self, one: Finding) -> Finding:
        """A finding that asks for an answer, told otherwise where there is no cell to fill."""
        if one.cell or one.code not in INCOMPLETENESS:
            return one
        what = (
            f"la ligne « {one.field} » manque dans la fiche : rétablissez son identifiant"
            if self.row is None
            else f"la colonne « {one.field} » manque dans le lot : ajoutez-la"
        )
        return replace(one, remedy=spaced(f"Aucune cellule à remplir, {what}."))


def label_of(guide: Guide, answers: Answers, otherwise: str) -> str:
    """« DURAND Léa » from the fields that make the candidate's name, in the guide's order."""
    names = [answers.text(field_id) for field_id in guide.candidate]
    if names and names[0]:
        names[0] = names[0].upper()
    return " ".join(name for name in names if name) or otherwise
