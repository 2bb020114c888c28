"""Issue many candidates: each on its own, in order, reported one by one.

The parent reads, decides, names and registers; making the files, which is the bulk of the work, is
the executor's. Requests are given and released in the order of the sources, so that whoever makes
the files, and however many, the same candidates get the same folders and the same bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeAlias

from cqp_forms.batch.intake import DiskQueue, Entry, Intake, take_in
from cqp_forms.batch.outcome import Outcome, State, Totals, assess, findings_of
from cqp_forms.batch.workers import (
    GROUP,
    PER_PROCESS,
    Executor,
    Made,
    WorkerConfig,
    WorkerLostError,
    make_executor,
)
from cqp_forms.errors import CqpError, OutputError
from cqp_forms.findings import Code, Finding, Severity, errors, finding, lenient, strict
from cqp_forms.guide import Guide
from cqp_forms.issuing.history import FileCondition
from cqp_forms.issuing.issue_errors import ReplacedFicheError, reissue_command
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.request import (
    AlreadyIssued,
    Issued,
    IssueRequest,
    LackingFormats,
    Settings,
)
from cqp_forms.issuing.staging import Staged
from cqp_forms.issuing.version import Version
from cqp_forms.progress import FicheState, Progress, condensed, not_begun, progress_of
from cqp_forms.typography import command_line
from cqp_forms.workbook.candidate import Candidate
from cqp_forms.workbook.read import KnownGuides

#: What becomes of a version that was made.
Released: TypeAlias = Issued | AlreadyIssued | OutputError


class Purpose(Enum):
    """What the documents are for."""

    ISSUE = "issue"
    DRAFT = "draft"


class Strictness(Enum):
    """Whether warnings block."""

    LENIENT = "lenient"
    STRICT = "strict"


@dataclass(frozen=True)
class Job:
    """A batch to run.

    Attributes:
        sources: folders, fiches and lots.
        output: the output folder.
        settings: makes the settings in another process, to which it is sent.
        started: the date and time of issue of every candidate, aware: it does not depend on when
            their turn comes.
        jobs: how many processes make files at most; fewer where so many do not pay.
        clock: seconds from any origin, to measure with.
        lacking: what to do about a format that a candidate's version lacks.
        known: gives the other guides at hand, to name the one that a workbook was made for.
    """

    sources: tuple[Path, ...]
    output: Path
    settings: Callable[[], Settings]
    started: datetime
    jobs: int
    clock: Callable[[], float]
    purpose: Purpose = Purpose.ISSUE
    strictness: Strictness = Strictness.LENIENT
    lacking: LackingFormats = LackingFormats.TOLD
    known: KnownGuides = tuple

    def weighed(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings, as severe as the job wants them."""
        if self.strictness is Strictness.STRICT:
            findings = strict(findings)
        # Last: what a draft may lack, it may lack whatever else is asked.
        return lenient(findings) if self.purpose is Purpose.DRAFT else findings


class Watcher(Protocol):
    """Who is told how the batch goes on, and may stop it."""

    def read(self, count: int) -> None:
        """``count`` candidates have been read so far."""

    def begin(self, total: int) -> None:
        """All have been read; their turn comes."""

    def done(self, outcome: Outcome) -> None:
        """One more has been dealt with."""

    def stopped(self) -> bool:
        """Whether to end: what is released stays, the others are told as not treated."""


def run_batch(
    job: Job, settings: Settings, watcher: Watcher, outcomes: DiskQueue[Outcome]
) -> Totals:
    """Run a batch.

    Args:
        job: what to do.
        settings: what ``job.settings`` makes, for this process.
        watcher: told of everything.
        outcomes: gets an outcome a candidate, in the order of the sources.

    Returns:
        What they add up to.

    Raises:
        OutputError: the register cannot be opened.
    """
    totals = Totals()
    with DiskQueue[Candidate]() as queue:
        taken = take_in(
            job.sources,
            lambda _: settings.guide,
            queue,
            job.output,
            watcher.read,
            job.known,
        )
        watcher.begin(len(taken.entries))
        with Issuer(settings, job.output) as issuer:
            for outcome in _Run(job, issuer, taken, queue, watcher).outcomes():
                outcomes.add(outcome)
                totals.add(outcome)
                watcher.done(outcome)
    return totals


@dataclass(slots=True)
class _Pending:
    """A candidate whose turn has come: an outcome, or a request that is carried out."""

    outcome: Outcome
    request: IssueRequest | None = None


class _Run:
    def __init__(
        self, job: Job, issuer: Issuer, taken: Intake, queue: DiskQueue[Candidate], watcher: Watcher
    ) -> None:
        self._job, self._issuer = job, issuer
        self._taken, self._queue, self._watcher = taken, queue, watcher
        self._executor: Executor | None = None

    def outcomes(self) -> Iterator[Outcome]:
        """One outcome an entry, in order."""
        line: deque[_Pending] = deque()
        try:
            for entry in self._taken.entries:
                stopped = self._watcher.stopped()
                while line and (stopped or line[0].request is None or not self._has_room()):
                    yield from self._finished(line)
                line.append(_Pending(self._untreated(entry)) if stopped else self._started(entry))
            while line:
                yield from self._finished(line)
        finally:
            if self._executor is not None:
                self._executor.close()

    def _has_room(self) -> bool:
        return self._executor is None or self._executor.has_room

    def _started(self, entry: Entry | Outcome) -> _Pending:
        """Decide about a candidate; give the request when there is something to make."""
        if isinstance(entry, Outcome):
            return _Pending(entry)
        candidate = self._queue.at(entry.place)
        told = self._told(candidate)
        if (clash := self._taken.clashes.get(entry.place)) is not None:
            return _Pending(_clashing(told, *clash))
        told = self._warned(told, candidate)
        if told.errors:
            return _Pending(told)
        try:
            request = self._requested(candidate)
        except CqpError as error:
            return _Pending(self._refused(told, candidate, error))
        if isinstance(request, AlreadyIssued):
            return _Pending(self._already(told, request, _path_of(candidate)))
        if self._executor is None:
            config = WorkerConfig(self._job.settings, self._issuer.session_folder, self._job.clock)
            jobs = min(self._job.jobs, 1 + len(self._taken.entries) // PER_PROCESS)
            self._executor = make_executor(self._issuer.settings, config, jobs)
        self._executor.give(request)
        return _Pending(told, request)

    def _told(self, candidate: Candidate) -> Outcome:
        """The candidate's outcome as far as the fiche alone tells."""
        guide = self._issuer.settings.guide
        findings = self._job.weighed(candidate.check(guide, self._job.started.date()))
        progress = progress_of(guide, candidate.answers, findings)
        return Outcome(
            candidate.label,
            str(candidate.source),
            State.INVALID if errors(findings) else State.UNTREATED,
            reference=candidate.answers.text(guide.key) if guide.key else "",
            row=candidate.row,
            findings=findings,
            assessment=assess(guide, candidate.answers),
            progress=progress,
            brief=_brief(guide, candidate, findings, progress),
        )

    def _warned(self, told: Outcome, candidate: Candidate) -> Outcome:
        """The same, with the warning that a namesake was issued, as severe as the job wants it."""
        found = self._issuer.namesake(candidate.answers)
        if found is None or self._job.purpose is Purpose.DRAFT:
            return told
        weighed = self._job.weighed((found,))
        told = told.found(*weighed)
        return replace(told, state=State.INVALID) if errors(weighed) else told

    def _requested(self, candidate: Candidate) -> IssueRequest | AlreadyIssued:
        if self._job.purpose is Purpose.DRAFT:
            return self._issuer.request_draft(candidate.readable().answers, self._job.started)
        return self._issuer.request(
            candidate.answers, self._job.started, _path_of(candidate), self._job.lacking
        )

    def _refused(self, told: Outcome, candidate: Candidate, error: CqpError) -> Outcome:
        if isinstance(error, ReplacedFicheError):
            why = finding(
                Code.REPLACED_FICHE, Severity.INFORMATION, f"{error.message}.", error.remedy
            )
            return replace(told.found(why), state=State.REPLACED)
        latest = self._issuer.latest(candidate.answers)
        if isinstance(error, OutputError) and latest is not None:
            found = findings_of(error, Code.ISSUED_OTHERWISE)
            return replace(told.found(*found), state=State.CHANGED, version=latest.number)
        return replace(told.found(*findings_of(error)), state=State.FAILED)

    def _finished(self, line: deque[_Pending]) -> list[Outcome]:
        """Take what was made for the first in line, and for those behind, and release it."""
        if line[0].request is None:
            return [line.popleft().outcome]
        assert self._executor is not None
        if self._watcher.stopped():
            self._executor.close()
            return [line.popleft().outcome for _ in range(len(line))]
        group: list[Outcome | tuple[Outcome, Made]] = []
        while line and line[0].request is not None and len(group) < GROUP:
            if group and self._watcher.stopped():
                break
            group.append(self._taken_from(self._executor, line.popleft().outcome))
        return self._released(group)

    def _taken_from(self, executor: Executor, told: Outcome) -> Outcome | tuple[Outcome, Made]:
        try:
            return told, executor.take()
        except CqpError as error:
            return _failed(told, error)
        except Exception as error:  # one candidate's accident is not the others'
            return replace(told.found(_accident(error)), state=State.FAILED)

    def _released(self, group: Sequence[Outcome | tuple[Outcome, Made]]) -> list[Outcome]:
        """Name and register what was made; gives an outcome for each of the group, in order."""
        start = self._job.clock()
        made = [one[1] for one in group if not isinstance(one, Outcome)]
        results = iter(self._release([one.staged for one in made]))
        share = (self._job.clock() - start) / max(len(made), 1)
        return [
            one
            if isinstance(one, Outcome)
            else self._concluded(one[0], next(results), one[1].seconds + share)
            for one in group
        ]

    def _release(self, staged: Sequence[Staged]) -> Sequence[Released]:
        try:
            if self._job.purpose is Purpose.DRAFT:
                return [self._issuer.release_draft(one) for one in staged]
            return self._issuer.release_all(staged) if staged else []
        except OutputError as error:
            return [error] * len(staged)

    def _concluded(self, told: Outcome, result: Released, seconds: float) -> Outcome:
        match result:
            case OutputError():
                return _failed(told, result)
            case AlreadyIssued():
                return self._already(told, result, None)
        state = State.DRAFT if self._job.purpose is Purpose.DRAFT else State.ISSUED
        return replace(_with_version(told, result.version), state=state, seconds=seconds)

    def _already(self, told: Outcome, done: AlreadyIssued, fiche: Path | None) -> Outcome:
        """Issued before, with the same answers; what is no longer as issued is told."""
        output = self._job.output
        again = reissue_command(fiche, output, "--same")
        altered = (
            _warning(
                f"le fichier émis {one.file.path} est {one.state.value}.",
                f"Reprenez-le d’une sauvegarde, ou émettez une nouvelle version : {again}",
            )
            for one in done.files
            if one.state is not FileCondition.INTACT
        )
        lacking = (
            _warning(
                f"la version {done.version.number} a été émise sans {kind.value.upper()}.",
                "Pour l’ajouter : "
                + command_line("batch", told.source, "--format", kind.value, "-o", output),
            )
            for kind in done.lacks(tuple(one.format for one in self._issuer.settings.blanks))
        )
        told = _with_version(told.found(*altered, *lacking), done.version)
        return replace(told, state=State.ALREADY)

    def _untreated(self, entry: Entry | Outcome) -> Outcome:
        if isinstance(entry, Outcome):
            return entry
        return self._told(self._queue.at(entry.place))


def _clashing(told: Outcome, state: State, why: Finding) -> Outcome:
    brief = (why, *told.brief) if told.brief else ()
    return replace(told, state=state, findings=(why, *told.findings), brief=brief)


def _brief(
    guide: Guide, candidate: Candidate, findings: tuple[Finding, ...], progress: Progress
) -> tuple[Finding, ...]:
    if progress.state is FicheState.NOT_BEGUN:
        return (not_begun(findings), *(one for one in findings if one not in errors(findings)))
    if progress.state is FicheState.READY:
        return ()
    return condensed(guide, candidate.answers, findings, candidate.row)


def _failed(told: Outcome, error: CqpError) -> Outcome:
    code = Code.UNEXPECTED if isinstance(error, WorkerLostError) else None
    return replace(told.found(*findings_of(error, code)), state=State.FAILED)


def _with_version(told: Outcome, version: Version) -> Outcome:
    return replace(told, version=version.number or None, files=version.files)


def _path_of(candidate: Candidate) -> Path | None:
    """The candidate's fiche; ``None`` for a row of a lot."""
    return candidate.source if candidate.row is None else None


def _warning(message: str, remedy: str) -> Finding:
    return finding(Code.OUTPUT, Severity.WARNING, message, remedy)


def _accident(error: Exception) -> Finding:
    return finding(
        Code.UNEXPECTED,
        Severity.ERROR,
        f"panne imprévue ({type(error).__name__} : {error}).",
        "Relancez la même commande ; si cela se répète, transmettez la fiche et ce message.",
    )
