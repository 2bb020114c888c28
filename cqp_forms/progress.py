"""How far a fiche is, and what it lacks, said shortly. Pure: used by ``check`` and the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cqp_forms.answers import Answers
from cqp_forms.findings import FIX, INCOMPLETENESS, Code, Finding, Severity, errors
from cqp_forms.guide import FieldKind, Guide, Requirement, Section
from cqp_forms.typography import spaced


class FicheState(StrEnum):
    """What a fiche is good for."""

    NOT_BEGUN = "non-commencee"
    UNDER_WAY = "en-cours"
    TO_CORRECT = "a-corriger"
    READY = "prete"


_LABELS = {
    FicheState.NOT_BEGUN: "non commencée",
    FicheState.TO_CORRECT: "à corriger",
    FicheState.READY: "prête",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fiche is.

    Attributes:
        answered: how many of the criteria have an answer; of the required texts, in a guide without
            criteria.
        asked: how many there are.
    """

    state: FicheState
    answered: int
    asked: int

    @property
    def label(self) -> str:
        """« non commencée », « en cours 64/84 », « à corriger », « prête »."""
        return _LABELS.get(self.state, f"en cours {self.answered}/{self.asked}")

    def as_json(self) -> dict[str, object]:
        """The same as ``--json`` prints it."""
        return {"state": self.state.value, "answered": self.answered, "asked": self.asked}


def progress_of(guide: Guide, answers: Answers, findings: Sequence[Finding]) -> Progress:
    """Tell how far a fiche is.

    Args:
        answers: what it says.
        findings: what reading and the rules found, as severe as the caller takes them.
    """
    asked = [one.id for one in guide.of_kind(FieldKind.CRITERION)] or [
        one.id for one in guide.fields.values() if one.requirement is not Requirement.NONE
    ]
    answered = sum(answers.value(one) is not None for one in asked)
    blocking = errors(findings)
    if not blocking:
        state = FicheState.READY
    elif any(one.code not in INCOMPLETENESS for one in blocking):
        state = FicheState.TO_CORRECT
    elif not _begun(guide, answers):
        state = FicheState.NOT_BEGUN
    else:
        state = FicheState.UNDER_WAY if answered < len(asked) else FicheState.TO_CORRECT
    return Progress(state, answered, len(asked))


def _begun(guide: Guide, answers: Answers) -> bool:
    """Whether anything but who people are is answered: ``prepare`` writes that beforehand."""
    return any(
        one in guide.fields
        and one != guide.key
        and guide.fields[one].requirement is not Requirement.IDENTITY
        for one in answers
    )


def condensed(
    guide: Guide, answers: Answers, findings: Sequence[Finding], row: int | None = None
) -> tuple[Finding, ...]:
    """The findings, with one for all that lacks on a sheet where nothing is answered yet.

    Args:
        row: the row of a lot, whose candidates have one sheet in common; ``None`` for a fiche.

    Returns:
        The findings in their order; the one of a sheet stands for the first of those it replaces,
        and is as severe: an error, or in a draft a warning.
    """
    untouched = {
        field.id: section
        for section in guide.sections
        if not any(field.id in answers for field in section.fields)
        for field in section.fields
    }
    lacking: dict[str, list[Finding]] = {}
    for one in findings:
        if (section := _section_of(one, untouched)) is not None:
            lacking.setdefault(section.sheet, []).append(one)

    def told() -> Iterator[Finding]:
        seen: set[str] = set()
        for one in findings:
            section = _section_of(one, untouched)
            if section is None or len(lacking[section.sheet]) == 1:
                yield one
            elif section.sheet not in seen:
                seen.add(section.sheet)
                yield _of_sheet(section, lacking[section.sheet], row)

    return tuple(told())


def not_begun(findings: Sequence[Finding]) -> Finding:
    """One line for a fiche that nobody has begun, in place of all that it lacks."""
    count = _count(len(errors(findings)), "réponse attendue", "réponses attendues")
    return Finding(
        errors(findings)[0].code,
        Severity.ERROR,
        spaced(f"fiche non commencée : {count}."),
        "Remplissez la fiche, ou relancez l’évaluateur.",
    )


def _section_of(one: Finding, untouched: dict[str, Section]) -> Section | None:
    return untouched.get(one.field) if one.code in INCOMPLETENESS else None


def _of_sheet(section: Section, lacking: Sequence[Finding], row: int | None) -> Finding:
    codes = Counter(one.code for one in lacking)
    criteria, results = codes[Code.UNANSWERED_CRITERION], codes[Code.UNANSWERED_RESULT]
    others = len(lacking) - criteria - results
    parts = [
        _count(criteria, "critère") if criteria else "",
        _count(results, "résultat") if results else "",
        _count(others, "champ") if others else "",
    ]
    what = " et ".join(part for part in parts if part)
    where = "dans cette feuille" if row is None else f"à la ligne {row}"
    place = f"{section.sheet} : " if row else ""
    remedy = f"Répondez {where}, du premier au dernier." if criteria else f"Remplissez-les {where}."
    if all(FIX in one.remedy for one in lacking):  # each line is gone
        what = f"les lignes de cette feuille manquent : {what}"
        remedy = f"Refaites la fiche avec ses réponses : {FIX}."
    return Finding(
        lacking[0].code,
        lacking[0].severity,
        spaced(f"{place}{what} sans réponse."),
        remedy,
        sheet=section.sheet if row is None else "",
    )


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number} {noun if number < 2 else plural or noun + 's'}"
