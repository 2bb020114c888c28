"""Issue many candidates: each on its own, in order, reported one by one.

The parent reads, decides, names and registers; making the files, which is the bulk of the work, is
the crew's. Orders are given and released in the order of the sources, so that whoever makes the
files, and however many, the same candidates get the same folders and the same bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from cqp_forms.batch.crew import GROUP, Crew, WorkerLostError, make_crew
from cqp_forms.batch.intake import Entry, Intake, take_in
from cqp_forms.batch.job import Job, Purpose, Watcher
from cqp_forms.batch.outcome import Outcome, Problem, State, Trouble, assess, problems_of
from cqp_forms.batch.spool import Spool
from cqp_forms.batch.totals import Totals
from cqp_forms.batch.worker import Bench, Made
from cqp_forms.errors import CqpError, OutputError
from cqp_forms.findings import Severity, errors
from cqp_forms.issuing.history import State as FileCondition
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.request import AlreadyIssued, Issued, IssueRequest, Settings
from cqp_forms.issuing.staging import Staged
from cqp_forms.issuing.version import Version
from cqp_forms.typography import spaced
from cqp_forms.workbook.candidate import Candidate

#: What becomes of a version that was made.
Released: TypeAlias = Issued | AlreadyIssued | OutputError


def run_batch(job: Job, settings: Settings, watcher: Watcher, outcomes: Spool[Outcome]) -> Totals:
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
    with Spool[Candidate]() as spool:
        taken = take_in(job.sources, settings.guide, spool, job.output, watcher.read)
        watcher.begin(len(taken.entries))
        with Issuer(settings, job.output) as issuer:
            for outcome in _Run(job, issuer, taken, spool, watcher).outcomes():
                outcomes.add(outcome)
                totals.add(outcome)
                watcher.done(outcome)
    return totals


@dataclass(slots=True)
class _Pending:
    """A candidate whose turn has come: an outcome, or an order that is being made."""

    outcome: Outcome
    order: IssueRequest | None = None


class _Run:
    def __init__(
        self, job: Job, issuer: Issuer, taken: Intake, spool: Spool[Candidate], watcher: Watcher
    ) -> None:
        self._job, self._issuer = job, issuer
        self._taken, self._spool, self._watcher = taken, spool, watcher
        self._crew: Crew | None = None

    def outcomes(self) -> Iterator[Outcome]:
        """One outcome an entry, in order."""
        line: deque[_Pending] = deque()
        try:
            for entry in self._taken.entries:
                stopped = self._watcher.stopped()
                while line and (stopped or line[0].order is None or not self._has_room()):
                    yield from self._finished(line)
                line.append(_Pending(self._untreated(entry)) if stopped else self._started(entry))
            while line:
                yield from self._finished(line)
        finally:
            if self._crew is not None:
                self._crew.close()

    def _has_room(self) -> bool:
        return self._crew is None or self._crew.has_room

    def _started(self, entry: Entry | Outcome) -> _Pending:
        """Decide about a candidate; give the order when there is something to make."""
        if isinstance(entry, Outcome):
            return _Pending(entry)
        candidate = self._spool.at(entry.place)
        told = self._told(candidate)
        if (twice := self._taken.duplicates(entry)) is not None:
            problems = (twice, *told.problems)
            return _Pending(replace(told, state=State.DUPLICATE, problems=problems))
        if told.errors:
            return _Pending(told)
        try:
            order = self._ordered(candidate)
        except CqpError as error:
            return _Pending(self._refused(told, candidate, error))
        if isinstance(order, AlreadyIssued):
            return _Pending(_already(told, order, self._issuer.settings))
        if self._crew is None:
            bench = Bench(self._job.settings, self._issuer.session_folder, self._job.clock)
            self._crew = make_crew(self._issuer.settings, bench, self._job.jobs)
        self._crew.give(order)
        return _Pending(told, order)

    def _told(self, candidate: Candidate) -> Outcome:
        """The candidate's outcome as far as the fiche alone tells."""
        guide = self._issuer.settings.guide
        findings = self._job.weighed(candidate.check(guide, self._job.started.date()))
        return Outcome(
            candidate.label,
            str(candidate.source),
            State.INVALID if errors(findings) else State.UNTREATED,
            reference=candidate.answers.text(guide.key) if guide.key else "",
            row=candidate.row,
            problems=tuple(Problem.of_finding(one) for one in findings),
            assessment=assess(guide, candidate.answers),
        )

    def _ordered(self, candidate: Candidate) -> IssueRequest | AlreadyIssued:
        if self._job.purpose is Purpose.DRAFT:
            return self._issuer.request_draft(candidate.answers, self._job.started)
        return self._issuer.request(candidate.answers, self._job.started)

    def _refused(self, told: Outcome, candidate: Candidate, error: CqpError) -> Outcome:
        latest = self._issuer.latest(candidate.answers)
        if isinstance(error, OutputError) and latest is not None:
            problem = Problem.of_error(error, Trouble.CHANGED)
            return replace(told.with_problems(problem), state=State.CHANGED, version=latest.number)
        return replace(told.with_problems(*problems_of(error)), state=State.FAILED)

    def _finished(self, line: deque[_Pending]) -> list[Outcome]:
        """Take what was made for the first in line, and for those behind, and release it."""
        if line[0].order is None:
            return [line.popleft().outcome]
        assert self._crew is not None
        if self._watcher.stopped():
            self._crew.close()
            return [line.popleft().outcome for _ in range(len(line))]
        group: list[Outcome | tuple[Outcome, Made]] = []
        while line and line[0].order is not None and len(group) < GROUP:
            if group and self._watcher.stopped():
                break
            group.append(self._taken_from(self._crew, line.popleft().outcome))
        return self._released(group)

    def _taken_from(self, crew: Crew, told: Outcome) -> Outcome | tuple[Outcome, Made]:
        try:
            return told, crew.take()
        except CqpError as error:
            return _failed(told, error)
        except Exception as error:  # one candidate's accident is not the others'
            return replace(told.with_problems(_accident(error)), state=State.FAILED)

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
                return _already(told, result, self._issuer.settings)
        state = State.DRAFT if self._job.purpose is Purpose.DRAFT else State.ISSUED
        return replace(_with_version(told, result.version), state=state, seconds=seconds)

    def _untreated(self, entry: Entry | Outcome) -> Outcome:
        if isinstance(entry, Outcome):
            return entry
        return self._told(self._spool.at(entry.place))


def _failed(told: Outcome, error: CqpError) -> Outcome:
    code = Trouble.UNEXPECTED if isinstance(error, WorkerLostError) else None
    return replace(told.with_problems(*problems_of(error, code)), state=State.FAILED)


def _with_version(told: Outcome, version: Version) -> Outcome:
    files = tuple(one.path for one in version.files)
    return replace(told, version=version.number or None, files=files)


_AGAIN = 'cqp-forms reissue FICHE.xlsx --same --reason "…".'


def _already(told: Outcome, done: AlreadyIssued, settings: Settings) -> Outcome:
    """Issued before, with the same answers; what is no longer as issued is told."""
    altered = (
        _warning(
            f"le fichier émis {one.file.path} est {one.state.value}.",
            f"Reprenez-le d’une sauvegarde, ou émettez une nouvelle version : {_AGAIN}",
        )
        for one in done.files
        if one.state is not FileCondition.INTACT
    )
    lacking = (
        _warning(
            f"la version {done.version.number} a été émise sans {kind.value.upper()}.",
            f"Pour l’avoir, émettez une nouvelle version : {_AGAIN}",
        )
        for kind in done.lacks(tuple(blank.format for blank in settings.blanks))
    )
    told = _with_version(told.with_problems(*altered, *lacking), done.version)
    return replace(told, state=State.ALREADY)


def _warning(message: str, remedy: str) -> Problem:
    return Problem(Trouble.OUTPUT.value, Severity.WARNING, spaced(message), spaced(remedy))


def _accident(error: Exception) -> Problem:
    return Problem(
        Trouble.UNEXPECTED.value,
        Severity.ERROR,
        f"panne imprévue ({type(error).__name__}\u00a0: {error}).",
        "Relancez la même commande ; si cela se répète, transmettez la fiche et ce message.",
    )
