"""What became of each candidate of a batch, told so that it can be reported. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from cqp_forms.answers import Answers, Result, Verdict
from cqp_forms.errors import AnswersError, CqpError, ExitCode
from cqp_forms.findings import Finding, Severity
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.typography import spaced


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
        return not self.done and self is not State.REPEATED


_LABELS: Mapping[State, str] = {
    State.ISSUED: "émis",
    State.ALREADY: "déjà émis",
    State.DRAFT: "brouillon",
    State.INVALID: "erreurs",
    State.CHANGED: "à réémettre",
    State.DUPLICATE: "en double",
    State.UNREADABLE: "illisible",
    State.FAILED: "échec",
    State.UNTREATED: "non traité",
    State.REPEATED: "nommé deux fois",
}
_DONE = frozenset({State.ISSUED, State.ALREADY, State.DRAFT})


class Trouble(StrEnum):
    """The codes of what is wrong with a source or a candidate as a whole, beside the findings'."""

    SAME_KEY = "candidat-en-double"
    SAME_FICHE = "fiche-en-double"
    NAMED_TWICE = "source-nommee-deux-fois"
    UNREADABLE = "source-illisible"
    NO_CANDIDATE = "source-sans-candidat"
    CHANGED = "deja-emis-autrement"
    OUTPUT = "ecriture-impossible"
    DOCUMENT = "document-inadapte"
    DIFFERENCE = "relecture-differente"
    UNEXPECTED = "panne-imprevue"


_OF_EXIT: Mapping[ExitCode, Trouble] = {
    ExitCode.ANSWERS: Trouble.UNREADABLE,
    ExitCode.DOCUMENT: Trouble.DOCUMENT,
    ExitCode.OUTPUT: Trouble.OUTPUT,
    ExitCode.DIFFERENCE: Trouble.DIFFERENCE,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of what is wrong: a finding, or an error about the candidate as a whole.

    Attributes:
        code: a finding's code or a :class:`Trouble`.
        sheet: the worksheet, empty when none is concerned; ``cell`` and ``field`` likewise.
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    field: str = ""
    sheet: str = ""
    cell: str = ""

    @classmethod
    def of_finding(cls, one: Finding) -> Self:
        """The same, as a finding tells it."""
        return cls(
            one.code.value, one.severity, one.message, one.remedy, one.field, one.sheet, one.cell
        )

    @classmethod
    def of_error(cls, error: CqpError, code: Trouble | None = None) -> Self:
        """What an error says, under the code of its kind unless another is given."""
        chosen = code or _OF_EXIT.get(error.exit_code, Trouble.UNEXPECTED)
        message = error.message
        if error.where and error.exit_code is not ExitCode.ANSWERS:
            message = spaced(f"{error.where} : {message}")
        return cls(chosen.value, Severity.ERROR, message, error.remedy)

    def as_json(self) -> dict[str, str]:
        """The keys of ``check --json`` (contract, section 5)."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "sheet": self.sheet,
            "cell": self.cell,
            "field": self.field,
            "message": self.message,
            "remedy": self.remedy,
        }


def problems_of(error: CqpError, code: Trouble | None = None) -> tuple[Problem, ...]:
    """The findings of an error that has some, else the error itself."""
    if isinstance(error, AnswersError) and error.findings:
        return tuple(Problem.of_finding(one) for one in error.findings)
    return (Problem.of_error(error, code),)


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
        files: relative to the output folder, with ``/``.
        seconds: time spent on the candidate.
        problems: errors first as they were found, warnings included.
        assessment: ``None`` when the fiche could not be read.
    """

    candidate: str
    source: str
    state: State
    reference: str = ""
    row: int | None = None
    version: int | None = None
    files: tuple[str, ...] = ()
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    assessment: Assessment | None = None

    def file(self, extension: str) -> str:
        """The candidate’s file of that extension, empty when there is none."""
        return next(
            (one for one in self.files if one.endswith(f".{extension}") and "_modif" not in one), ""
        )

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Those problems that did not block."""
        return tuple(one for one in self.problems if one.severity is Severity.WARNING)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those that did."""
        return tuple(one for one in self.problems if one.severity is Severity.ERROR)

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
        blamed = (exit_code for exit_code, code in _OF_EXIT.items() if code in codes)
        if self.state is State.FAILED:
            return next(blamed, ExitCode.UNEXPECTED)
        return ExitCode.ANSWERS

    def with_problems(self, *more: Problem) -> Outcome:
        """The same with further problems."""
        return replace(self, problems=(*self.problems, *more))

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
            "version": self.version,
            "files": list(self.files),
            "seconds": round(self.seconds, 3),
            "results": [one and one.value for one in known.results] if known else [],
            "complete": self.complete,
            "na": [
                {"field": one.field, "label": one.label, "comment": one.comment}
                for one in (known.notes if known else ())
            ],
            "findings": [one.as_json() for one in self.problems],
        }
