"""What became of each candidate of a batch, and what all of them add up to. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from cqp_forms.answers import Answers, Result, Verdict
from cqp_forms.errors import AnswersError, CqpError, ExitCode
from cqp_forms.findings import Code, Finding, Severity, errors, finding, warnings
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.version import IssuedFile
from cqp_forms.progress import Progress
from cqp_forms.typography import NBSP


class State(StrEnum):
    """What became of a candidate; the values are those of ``--json``."""

    ISSUED = "emis"
    ALREADY = "deja-emis"
    DRAFT = "brouillon"
    INVALID = "erreurs"
    CHANGED = "a-reemettre"
    DUPLICATE = "en-double"
    UNREADABLE = "illisible"
    FAILED = "echec"
    UNTREATED = "non-traite"
    REPEATED = "nomme-deux-fois"
    COPY = "copie"
    SKIPPED = "non-lu"
    REPLACED = "remplacee"

    @property
    def label(self) -> str:
        """The state in French, for people."""
        return _LABELS[self]

    @property
    def done(self) -> bool:
        """Whether the candidate has the guide that was asked for."""
        return self in _DONE

    @property
    def failed(self) -> bool:
        """Whether a candidate lacks it, and somebody has to do something."""
        return self not in _DONE | _PASSED

    @property
    def passed(self) -> bool:
        """Whether it is told, and asks nothing of anybody."""
        return self in _PASSED


_LABELS: Mapping[State, str] = {
    State.ISSUED: "émis",
    State.ALREADY: "déjà émis",
    State.DRAFT: "brouillon",
    State.INVALID: "à corriger",
    State.CHANGED: "à réémettre",
    State.DUPLICATE: "en double",
    State.UNREADABLE: "illisible",
    State.FAILED: "échec",
    State.UNTREATED: "non traité",
    State.REPEATED: "nommé deux fois",
    State.COPY: "copie",
    State.SKIPPED: "non lu",
    State.REPLACED: "fiche remplacée",
}
#: Those that take a plural.
_PLURALS = {
    "brouillon": "brouillons",
    "non commencée": "non commencées",
    "illisible": "illisibles",
    "échec": "échecs",
    "non traité": "non traités",
    "nommé deux fois": "nommés deux fois",
    "copie": "copies",
    "non lu": "non lus",
    "fiche remplacée": "fiches remplacées",
}
_DONE = frozenset({State.ISSUED, State.ALREADY, State.DRAFT})
_PASSED = frozenset({State.REPEATED, State.COPY, State.SKIPPED, State.REPLACED})


_CODES: Mapping[ExitCode, Code] = {
    ExitCode.ANSWERS: Code.UNREADABLE_SOURCE,
    ExitCode.DOCUMENT: Code.DOCUMENT,
    ExitCode.OUTPUT: Code.OUTPUT,
    ExitCode.DIFFERENCE: Code.DIFFERENCE,
}


def findings_of(error: CqpError, code: Code | None = None) -> tuple[Finding, ...]:
    """The findings of an error that has some; else one of the error itself.

    Args:
        code: the code of that one; by default, that of the error's kind.
    """
    if isinstance(error, AnswersError) and error.findings:
        return error.findings
    chosen = code or _CODES.get(error.exit_code, Code.UNEXPECTED)
    message = error.message
    if error.where and error.exit_code is not ExitCode.ANSWERS:
        message = f"{error.where} : {message}"
    return (finding(chosen, Severity.ERROR, message, error.remedy),)


#: One letter a criterion keeps a thousand candidates' verdicts small.
_LETTER = {Verdict.OUI: "O", Verdict.NON: "N", Verdict.NA: "A"}
UNANSWERED = "-"


@dataclass(frozen=True, slots=True)
class Note:
    """The comment of a NA, to be copied to « Résultats de l’évaluation »."""

    field: str
    label: str
    comment: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a fiche says, as far as the report tells it.

    Attributes:
        results: a competence each, in order; ``None`` where unanswered.
        verdicts: a letter a criterion, in the guide's order: O(ui), N(on), A (NA), ``-``.
        notes: the comments of the NA.
    """

    results: tuple[Result | None, ...]
    verdicts: str
    notes: tuple[Note, ...]

    @property
    def complete(self) -> bool | None:
        """Whether every competence is mastered; ``None`` while a result is missing."""
        if not self.results or None in self.results:
            return None
        return all(one is Result.MAITRISEE for one in self.results)

    def count(self, verdict: Verdict) -> int:
        """How many criteria have this verdict."""
        return self.verdicts.count(_LETTER[verdict])


def assess(guide: Guide, answers: Answers) -> Assessment:
    """Take from a fiche what the report tells."""
    criteria = tuple(guide.of_kind(FieldKind.CRITERION))
    values = [answers.value(one.id) for one in criteria]
    results = [answers.value(one.result.id) for one in guide.competences]
    return Assessment(
        tuple(one if isinstance(one, Result) else None for one in results),
        "".join(_LETTER[one] if isinstance(one, Verdict) else UNANSWERED for one in values),
        tuple(
            Note(one.id, one.label, answers.comment(one.id))
            for one, value in zip(criteria, values, strict=True)
            if value is Verdict.NA
        ),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one candidate, or of a source that gave none.

    Attributes:
        candidate: « DURAND Léa »; empty for a source without a candidate.
        reference: ``dossier.reference`` as typed, or empty.
        source: the workbook or folder, as the user named it.
        row: the row of a lot, ``None`` for a fiche.
        version: the version's number, ``None`` when none stands.
        files: of that version; paths are relative to the output folder, with ``/``.
        seconds: time spent on the candidate.
        findings: as they were found, warnings included.
        progress: how far the fiche is; ``None`` when it could not be read.
        brief: the same findings in fewer lines, where there are fewer: a line a sheet that nobody
            has begun.
        assessment: ``None`` when the fiche could not be read.
        prepared: the name of a prepared folder that no fiche came back to; empty for all others.
    """

    candidate: str
    source: str
    state: State
    reference: str = ""
    row: int | None = None
    version: int | None = None
    files: tuple[IssuedFile, ...] = ()
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    assessment: Assessment | None = None
    progress: Progress | None = None
    brief: tuple[Finding, ...] = ()
    prepared: str = ""

    @property
    def told(self) -> tuple[Finding, ...]:
        """The findings as people read them."""
        return self.brief or self.findings

    @property
    def label(self) -> str:
        """What became of the candidate, in French; of a fiche not ready, how far it is."""
        unready = self.state is State.INVALID and self.progress is not None
        return self.progress.label if unready and self.progress else self.state.label

    def file(self, role: Role) -> IssuedFile | None:
        """The candidate's file of that role, ``None`` when there is none."""
        return next((one for one in self.files if one.role is role), None)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Those findings that did not block."""
        return warnings(self.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those that did."""
        return errors(self.findings)

    @property
    def exit_code(self) -> ExitCode:
        """What ``fill`` would have ended with for this candidate alone."""
        if not self.state.failed:
            return ExitCode.DONE
        if self.state is State.UNTREATED:
            return ExitCode.INTERRUPTED
        if self.state is State.CHANGED:
            return ExitCode.OUTPUT
        codes = {one.code for one in self.errors}
        blamed = (exit_code for exit_code, code in _CODES.items() if code in codes)
        if self.state is State.FAILED:
            return next(blamed, ExitCode.UNEXPECTED)
        return ExitCode.ANSWERS

    def found(self, *more: Finding) -> Outcome:
        """The same with further findings."""
        return replace(self, findings=(*self.findings, *more))

    @property
    def complete(self) -> bool | None:
        """Whether the CQP is complete; ``None`` where no guide says so: the fiche is not one."""
        return self.assessment.complete if self.assessment and self.state.done else None

    def as_json(self) -> dict[str, Any]:
        """One candidate of ``batch --json``."""
        known = self.assessment
        return {
            "candidate": self.candidate,
            "reference": self.reference,
            "source": self.source,
            "row": self.row,
            "state": self.state.value,
            "progress": self.progress and self.progress.as_json(),
            "version": self.version,
            "files": [one.path for one in self.files],
            "seconds": round(self.seconds, 3),
            "results": [one and one.value for one in known.results] if known else [],
            "complete": self.complete,
            "na": [
                {"field": one.field, "label": one.label, "comment": one.comment}
                for one in (known.notes if known else ())
            ],
            "findings": [one.as_json() for one in self.findings],
        }


@dataclass(slots=True)
class Totals:
    """What a batch adds up to; grows with the guide, not with the candidates.

    Attributes:
        states: how many candidates ended in each state.
        labels: the same, fiches that are not ready told apart by how far they are.
        complete: how many of those done master every competence.
        verdicts: for each criterion, in the guide's order, the count of each letter, over the
            candidates done.
        failures: how many candidates failed with each exit code.
    """

    states: Counter[State] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    complete: int = 0
    verdicts: list[Counter[str]] = field(default_factory=list)
    failures: Counter[ExitCode] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one more candidate."""
        self.states[outcome.state] += 1
        label = outcome.label
        self.labels["en cours" if label.startswith("en cours") else label] += 1
        if outcome.state.failed:
            self.failures[outcome.exit_code] += 1
        known = outcome.assessment
        if known is None or not outcome.state.done:
            return
        self.complete += outcome.complete is True
        if not self.verdicts:
            self.verdicts = [Counter() for _ in known.verdicts]
        for counter, letter in zip(self.verdicts, known.verdicts, strict=True):
            counter[letter] += 1

    def counted(self) -> list[str]:
        """« 12 émis », « 3 non commencées », in the order of their first."""
        return [
            f"{count}{NBSP}{_PLURALS.get(label, label) if count > 1 else label}"
            for label, count in self.labels.items()
        ]

    @property
    def candidates(self) -> int:
        """How many were read, whatever became of them."""
        return sum(
            count
            for state, count in self.states.items()
            if state is not State.UNREADABLE and not state.passed
        )

    @property
    def done(self) -> int:
        """How many have their guide."""
        return sum(count for state, count in self.states.items() if state.done)

    @property
    def failed(self) -> int:
        """How many do not."""
        return sum(count for state, count in self.states.items() if state.failed)

    def count(self, *states: State) -> int:
        """How many ended in one of these states."""
        return sum(self.states[one] for one in states)

    @property
    def exit_code(self) -> ExitCode:
        """How the batch ended.

        7 says « the others were issued »; where nobody was, the code is that of the failures: 3
        when answers are to blame for one at least, as for ``fill``.
        """
        if self.states[State.UNTREATED]:
            return ExitCode.INTERRUPTED
        if not self.failed:
            return ExitCode.DONE
        if self.done:
            return ExitCode.PARTIAL
        if ExitCode.ANSWERS in self.failures or len(self.failures) > 1:
            return ExitCode.ANSWERS
        return next(iter(self.failures))


@dataclass(frozen=True, slots=True)
class CriterionCount:
    """How often a criterion was answered in each way, over the candidates done."""

    field: str
    label: str
    competence: str
    yes: int
    no: int
    na: int
    unanswered: int
    rank: int | None

    @property
    def share_of_no(self) -> float:
        """NON among OUI and NON, 0 to 1."""
        asked = self.yes + self.no
        return self.no / asked if asked else 0.0

    def as_json(self) -> dict[str, Any]:
        """One criterion of ``batch --json``."""
        return {
            "field": self.field,
            "label": self.label,
            "oui": self.yes,
            "non": self.no,
            "na": self.na,
            "unanswered": self.unanswered,
            "rank": self.rank,
        }


def criterion_counts(guide: Guide, totals: Totals) -> tuple[CriterionCount, ...]:
    """The counts of every criterion, in the guide's order; rank 1 is the one most often NON."""
    criteria = [
        (competence.heading, one) for competence in guide.competences for one in competence.criteria
    ]
    counters: Iterable[Counter[str]] = totals.verdicts or [Counter[str]() for _ in criteria]
    counted = list(zip(criteria, counters, strict=True))
    failing = sorted({counter["N"] for _, counter in counted if counter["N"]}, reverse=True)
    ranks: dict[int, int] = {}
    for number in failing:
        ranks[number] = 1 + sum(counter["N"] > number for _, counter in counted)
    return tuple(
        CriterionCount(
            one.id,
            one.label,
            heading,
            counter["O"],
            counter["N"],
            counter["A"],
            counter[UNANSWERED],
            ranks.get(counter["N"]),
        )
        for (heading, one), counter in counted
    )
