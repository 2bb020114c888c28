"""Before the interviews: per candidate of a lot, a fiche begun and a blank guide with their name.

Nothing that is there is ever written over: once prepared, a fiche is an evaluator's work, and a
blank may have been filled by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from cqp_forms.answers import Answers
from cqp_forms.batch.homes import Homes
from cqp_forms.batch.intake import Entry, Intake, take_in
from cqp_forms.batch.outcome import Outcome, Problem, State, problems_of
from cqp_forms.batch.spool import Spool
from cqp_forms.errors import CqpError, DifferenceError
from cqp_forms.findings import Code, Severity, errors
from cqp_forms.formats import PreparedBlank
from cqp_forms.guide import FieldKind, Guide, Requirement
from cqp_forms.issuing import storage
from cqp_forms.issuing.naming import person, prefix
from cqp_forms.issuing.request import Settings
from cqp_forms.plan import Edition, Stage, Trail, make_plan
from cqp_forms.shown import differences
from cqp_forms.typography import spaced
from cqp_forms.workbook.candidate import Candidate
from cqp_forms.workbook.write import fiche_bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """One candidate's folder.

    Attributes:
        made: the files that were written, relative to the output folder, with ``/``.
        kept: those that were there and were left alone.
        problems: why the candidate could not be prepared; empty when all is well.
    """

    candidate: str
    source: str
    row: int | None
    made: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, object]:
        """One candidate of ``prepare --json``."""
        return {
            "candidate": self.candidate,
            "source": self.source,
            "row": self.row,
            "made": list(self.made),
            "kept": list(self.kept),
            "findings": [one.as_json() for one in self.problems],
        }


def prepare_folders(
    sources: Iterable[Path],
    output: Path,
    settings: Settings,
    now: datetime,
    begin: Callable[[int], None],
) -> Iterator[Prepared]:
    """Prepare every candidate of the sources.

    Args:
        sources: lots, as a rule.
        output: gets a folder a candidate.
        settings: its blanks are stamped; a PDF one should keep its form fields.
        now: aware, for the documents' metadata.
        begin: told how many candidates there are, before the first.

    Yields:
        What became of each, in the order of the sources.
    """
    with Spool[Candidate]() as spool:
        taken = take_in(sources, settings.guide, spool, output, lambda _count: None)
        begin(len(taken.entries))
        desk = _Desk(settings, output, now)
        for entry in taken.entries:
            if isinstance(entry, Outcome):
                yield Prepared("", entry.source, None, problems=_errors_of(entry))
            else:
                yield _prepared(desk, taken, entry, spool.at(entry.place))


def _errors_of(outcome: Outcome) -> tuple[Problem, ...]:
    return () if outcome.state is State.REPEATED else outcome.errors


def _prepared(desk: _Desk, taken: Intake, entry: Entry, candidate: Candidate) -> Prepared:
    told = Prepared(candidate.label, str(candidate.source), candidate.row)
    problems = _problems(desk.guide, taken, entry, candidate)
    if problems:
        return replace(told, problems=problems)
    try:
        made, kept = desk.prepare(candidate.answers)
    except CqpError as error:
        return replace(told, problems=problems_of(error))
    return replace(told, made=made, kept=kept)


def _problems(
    guide: Guide, taken: Intake, entry: Entry, candidate: Candidate
) -> tuple[Problem, ...]:
    """What stands in the way: a cell that was not understood, no name, or the same person twice."""
    found = [Problem.of_finding(one) for one in errors(candidate.findings)]
    found.extend(
        _nameless(guide, candidate, field)
        for field in guide.candidate[:1]
        if not candidate.answers.text(field).strip()
    )
    if (twice := taken.duplicates(entry)) is not None:
        found.append(twice)
    return tuple(found)


def _nameless(guide: Guide, candidate: Candidate, field: str) -> Problem:
    source = candidate.answers.source(field)
    return Problem(
        Code.INCOMPLETE_IDENTITY.value,
        Severity.ERROR,
        spaced(f"« {guide.fields[field].title} » est vide."),
        "Remplissez cette cellule : elle donne son nom au dossier du candidat.",
        field,
        source.sheet if source else "",
        source.cell if source else "",
    )


class _Desk:
    """Where folders are prepared."""

    def __init__(self, settings: Settings, output: Path, now: datetime) -> None:
        self.guide = settings.guide
        self._settings, self._output, self._now = settings, output, now
        self._homes = Homes(self.guide, output)

    def prepare(self, answers: Answers) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Write what is not there yet; gives the files made and the files kept."""
        folder = self._homes.of(answers)
        made, kept = [], []
        for name, content in self._files(folder, answers):
            path = self._output / folder / name
            if path.exists():
                kept.append(f"{folder}/{name}")
                continue
            with storage.output_errors(path):
                storage.make_folder(path.parent)
                _write(path, content())
            made.append(f"{folder}/{name}")
        return tuple(made), tuple(kept)

    def _files(self, folder: str, answers: Answers) -> Iterator[tuple[str, Callable[[], bytes]]]:
        yield self._homes.fiche_name(folder), partial(fiche_bytes, self.guide, answers)
        for blank in self._settings.blanks:
            name = f"{prefix(self.guide)}_{folder}_vierge.{blank.format}"
            yield name, partial(self._blank, blank, answers)

    def _blank(self, blank: PreparedBlank, answers: Answers) -> bytes:
        """The blank with the identity, proved like anything that is stamped."""
        guide, name = self.guide, person(self.guide, answers).name
        plan = make_plan(guide, _identity(guide, answers))
        title = " – ".join(part for part in (guide.tool, guide.title, name) if part)
        content = blank.stamper.stamp(plan, Edition.of(Trail(Stage.BLANK), title, self._now))
        if differences(plan, blank.read(content)):
            raise DifferenceError(
                f"le document {blank.format.upper()} préparé ne montre pas l’identité attendue.",
                remedy="Vérifiez la correspondance : cqp-forms map DOCUMENT --check "
                "CORRESPONDANCE.",
            )
        return content


def _identity(guide: Guide, answers: Answers) -> Answers:
    """Who the candidate and the evaluators are; no date: it is that of signing."""
    kept = {
        field.id
        for field in guide.of_kind(FieldKind.TEXT)
        if field.requirement is Requirement.IDENTITY
    }
    return Answers({key: one for key, one in answers.items() if key in kept})


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name[:60]}.tmp")
    temporary.unlink(missing_ok=True)  # left by a run that was killed
    storage.write_new(temporary, content)
    try:
        storage.put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
