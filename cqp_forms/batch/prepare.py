"""Before the interviews: per candidate of a lot, a fiche begun and a blank guide with their name.

Nothing that is there is ever written over: once prepared, a fiche is an evaluator's work, and a
blank may have been filled by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from functools import partial
from pathlib import Path

from cqp_forms.answers import Answers
from cqp_forms.batch.intake import DiskQueue, Entry, Intake, take_in
from cqp_forms.batch.outcome import Outcome, State, findings_of
from cqp_forms.errors import AnswersError, CqpError, DifferenceError
from cqp_forms.findings import Code, Finding, Severity, errors, finding
from cqp_forms.formats import PreparedBlank, rooms
from cqp_forms.guide import FieldKind, Guide, Requirement
from cqp_forms.issuing import storage
from cqp_forms.issuing.naming import person, prefix, suffixed
from cqp_forms.issuing.request import Settings
from cqp_forms.issuing.version import Version, payload
from cqp_forms.plan import Edition, Stage, Trail, make_plan
from cqp_forms.shown import differences
from cqp_forms.typography import folded
from cqp_forms.workbook.candidate import Candidate
from cqp_forms.workbook.read import PlainLists, read_fiche
from cqp_forms.workbook.write import FicheWriter


@dataclass(frozen=True, slots=True)
class Prepared:
    """One candidate's folder.

    Attributes:
        made: the files that were written, relative to the output folder, with ``/``.
        kept: those that were there and were left alone.
        problems: why the candidate could not be prepared; empty when all is well.
        told: how a list with titles in place of ids was understood; the same for all its rows.
    """

    candidate: str
    source: str
    row: int | None
    made: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    problems: tuple[Finding, ...] = ()
    told: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        """One candidate of ``prepare --json``."""
        return {
            "candidate": self.candidate,
            "source": self.source,
            "row": self.row,
            "made": list(self.made),
            "kept": list(self.kept),
            "findings": [one.as_json() for one in (*self.told, *self.problems)],
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
    with DiskQueue[Candidate]() as queue:
        taken = take_in(
            sources,
            lambda _: settings.guide,
            queue,
            output,
            lambda _count: None,
            lists=PlainLists.ACCEPTED,
        )
        begin(len(taken.entries))
        preparer = _FolderPreparer(settings, output, now)
        for entry in taken.entries:
            if isinstance(entry, Outcome):
                yield Prepared("", entry.source, None, problems=_errors_of(entry))
            else:
                yield _prepared(preparer, taken, entry, queue.at(entry.place))


def _errors_of(outcome: Outcome) -> tuple[Finding, ...]:
    return () if outcome.state is State.REPEATED else outcome.errors


def _prepared(
    preparer: _FolderPreparer, taken: Intake, entry: Entry, candidate: Candidate
) -> Prepared:
    understood = tuple(one for one in candidate.findings if one.code is Code.PLAIN_LIST)
    told = Prepared(candidate.label, str(candidate.source), candidate.row, told=understood)
    problems = _problems(preparer.guide, taken, entry, candidate)
    if problems:
        return replace(told, problems=problems)
    try:
        made, kept = preparer.prepare(candidate.answers)
    except CqpError as error:
        return replace(told, problems=findings_of(error))
    return replace(told, made=made, kept=kept)


def _problems(
    guide: Guide, taken: Intake, entry: Entry, candidate: Candidate
) -> tuple[Finding, ...]:
    """What stands in the way: a cell that was not understood, no name, or the same person twice."""
    found = list(errors(candidate.findings))
    found.extend(
        _nameless(guide, candidate, field)
        for field in guide.candidate[:1]
        if not candidate.answers.text(field).strip()
    )
    if (clash := taken.clashes.get(entry.place)) is not None:
        found.append(clash[1])
    return tuple(found)


def _nameless(guide: Guide, candidate: Candidate, field: str) -> Finding:
    return finding(
        Code.INCOMPLETE_IDENTITY,
        Severity.ERROR,
        f"« {guide.fields[field].title} » est vide.",
        "Remplissez cette cellule : elle donne son nom au dossier du candidat.",
        field=field,
        source=candidate.answers.source(field),
    )


class _FolderPreparer:
    """Where folders are prepared."""

    def __init__(self, settings: Settings, output: Path, now: datetime) -> None:
        self.guide = settings.guide
        self._settings, self._output, self._now = settings, output, now
        self._folders = CandidateFolders(self.guide, output)
        self._fiches = FicheWriter(
            self.guide, rooms(self.guide, (one.stamper for one in settings.blanks))
        )
        with storage.output_errors(output):
            storage.keep_blanks(output, settings.kept)

    def prepare(self, answers: Answers) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Write what is not there yet; gives the files made and the files kept."""
        folder = self._folders.of(answers)
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
        yield self._folders.fiche_name(folder), partial(self._fiches.fiche, answers)
        for blank in self._settings.blanks:
            name = f"{prefix(self.guide)}_{folder}_vierge.{blank.format}"
            yield name, partial(self._blank, blank, answers)

    def _blank(self, blank: PreparedBlank, answers: Answers) -> bytes:
        """The blank with the identity, proved like anything that is stamped.

        It carries the identity and the reference, which is not printed: filled on screen, it comes
        back as the same candidate's.
        """
        guide, known = self.guide, _identity(self.guide, answers)
        who, plan = person(guide, known), make_plan(guide, known)
        title = guide.document_title(who.name)
        version = Version.of(
            guide,
            who,
            known.canonical_json(),
            number=0,
            issued_at=self._now,
            program=self._settings.program,
            issuer=self._settings.issuer,
        )
        carried = payload(version, blank.blank_sha256, blank.mapping_sha256)
        trail = Trail(Stage.BLANK, blank=blank.blank_sha256)
        edition = Edition.of(trail, title, self._now, payload=carried)
        content = blank.stamper.stamp(plan, edition)
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
        if field.requirement is Requirement.IDENTITY or field.id == guide.key
    }
    return Answers({key: one for key, one in answers.items() if key in kept})


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name[:60]}.tmp")
    temporary.unlink(missing_ok=True)  # left by a run that was killed
    storage.write_new(temporary, content)
    try:
        storage.flush(temporary)
        storage.put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


class FolderMatch(IntEnum):
    """How sure it is that a fiche is a candidate's."""

    OTHER = 0
    POSSIBLE = 1
    SAME = 2


class CandidateFolders:
    """Gives each candidate of a lot a folder: theirs from an earlier run, else a new one."""

    def __init__(self, guide: Guide, output: Path) -> None:
        self._guide, self._output = guide, output
        self._given: set[str] = set()

    def fiche_name(self, folder: str) -> str:
        """« fiche_DUPONT_Jean.xlsx »."""
        return f"fiche_{folder}.xlsx"

    def of(self, answers: Answers) -> str:
        """The candidate's folder, relative to the output folder; nobody else gets it in this run.

        The fiche that is surely theirs decides; else one that may be (an evaluator has meanwhile
        filled in the company, say); else the first folder of that name without a fiche.
        """
        stem = person(self._guide, answers).stem
        there = [
            (self._match(folder, answers), -rank, folder)
            for rank, folder in enumerate(self._existing(stem))
            if folder not in self._given
        ]
        match, _, folder = max(there, default=(FolderMatch.OTHER, 0, ""))
        chosen = folder if match is not FolderMatch.OTHER else self._free(stem)
        self._given.add(chosen)
        return chosen

    def _existing(self, stem: str) -> Iterator[str]:
        rank = 1
        while self._fiche(folder := suffixed(stem, rank)).exists():
            yield folder
            rank += 1

    def _free(self, stem: str) -> str:
        rank = 1
        while (folder := suffixed(stem, rank)) in self._given or self._fiche(folder).exists():
            rank += 1
        return folder

    def _fiche(self, folder: str) -> Path:
        return self._output / folder / self.fiche_name(folder)

    def _match(self, folder: str, answers: Answers) -> FolderMatch:
        try:
            there = read_fiche(self._fiche(folder), self._guide).answers
        except AnswersError:
            return FolderMatch.POSSIBLE  # open in Excel, perhaps; by its name it is theirs
        theirs, own = person(self._guide, there), person(self._guide, answers)
        if theirs.key == own.key:
            return FolderMatch.SAME
        pairs = [
            (self._reference(there), self._reference(answers)),
            *zip(theirs.identity.split("|"), own.identity.split("|"), strict=False),
        ]
        # What one of them does not say cannot contradict the other.
        alike = all(one == other or not one or not other for one, other in pairs)
        return FolderMatch.POSSIBLE if alike else FolderMatch.OTHER

    def _reference(self, answers: Answers) -> str:
        return folded(answers.text(self._guide.key)) if self._guide.key else ""
