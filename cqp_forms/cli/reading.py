"""Read a fiche and hold it to the rules, for the commands that issue from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cqp_forms.cli.console import summary
from cqp_forms.errors import AnswersError
from cqp_forms.findings import Finding, errors, lenient
from cqp_forms.findings import strict as made_strict

if TYPE_CHECKING:
    from cqp_forms.cli.session import Session
    from cqp_forms.workbook.candidate import Candidate


def read_checked(
    session: Session, fiche: Path, guide_id: str, *, strict: bool, draft: bool = False
) -> tuple[Candidate, tuple[Finding, ...]]:
    """Read a fiche that is fit to be issued.

    Args:
        strict: warnings block.
        draft: what is missing does not.

    Returns:
        The candidate, and the warnings.

    Raises:
        AnswersError: with every finding, in one pass.
    """
    from cqp_forms.workbook.read import read_fiche

    guide = session.guide(guide_id)
    candidate = read_fiche(fiche, guide, session.project.known_guides)
    findings = candidate.check(guide, session.today)
    if strict:
        findings = made_strict(findings)
    if draft:
        # Last: what a draft may lack, it may lack whatever else is asked.
        findings = lenient(findings)
    if errors(findings):
        raise AnswersError(
            f"{summary(findings)} ; rien n’a été écrit.",
            where=str(fiche),
            remedy="Corrigez les cellules indiquées, enregistrez la fiche et relancez la commande.",
            findings=findings,
        )
    return candidate, findings
