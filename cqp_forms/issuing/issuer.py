"""Issue one candidate's guide, end to end: decide, make, prove, name and register.

The steps stand apart, so that a batch can make files in several processes while one of them names
and registers (:meth:`Issuer.request`, :func:`make_files`, :meth:`Issuer.release`).

Whatever the moment of a crash, a version is whole or is not there:

1. its files are written under temporary names, read back, and flushed to the disk;
2. a record of them (names, hashes) is written beside them, and flushed;
3. alone on the register (``BEGIN IMMEDIATE``), each file gets its name, never over another;
4. the version is entered and the transaction committed.

Killed before 3, nothing shows; killed between 3 and 4, the next run reads the record and finishes
(:mod:`cqp_forms.issuing.recovery`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from cqp_forms.answers import Answers
from cqp_forms.errors import OutputError
from cqp_forms.issuing import issue_errors, storage, workshop
from cqp_forms.issuing.canonical import answers_from_canonical
from cqp_forms.issuing.changes import changes
from cqp_forms.issuing.folders import Folders
from cqp_forms.issuing.history import file_states
from cqp_forms.issuing.making import make_files
from cqp_forms.issuing.naming import Person, issued_path, person
from cqp_forms.issuing.recovery import place, recover, withdraw
from cqp_forms.issuing.register import PATIENCE, REGISTER, Access, Register
from cqp_forms.issuing.request import AlreadyIssued, Copies, Issued, IssueRequest, Settings
from cqp_forms.issuing.version import Version
from cqp_forms.issuing.version_notes import clean_reason
from cqp_forms.issuing.workshop import Session, Staged


class Issuer:
    """Issues into one output folder; use as a context manager, in one thread.

    Entering finishes, or drops, what a process that was killed left under way. Nothing is written
    before there is something to write: neither the register nor the folder.

    Args:
        settings: the run's.
        directory: the output folder.
        patience: seconds to wait for another process that holds the register.

    Attributes:
        completed: the versions of processes that were killed, now complete: news to the user.
    """

    def __init__(self, settings: Settings, directory: Path, patience: float = PATIENCE) -> None:
        self.settings = settings
        self.directory = directory
        self.completed: tuple[Version, ...] = ()
        self._patience = patience
        self._register: Register | None = None
        self._session = Session(directory)
        self._folders = Folders(directory, settings.blanks, self._owner_of)

    def __enter__(self) -> Self:
        try:
            if (self.directory / REGISTER).is_file():
                self._writable()
            self.completed = recover(self.directory, self._writable)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the register, and remove what is left under temporary names."""
        self._session.close()
        if self._register is not None:
            self._register.close()
            self._register = None

    @property
    def session_folder(self) -> Path:
        """Where :func:`make_files` writes; made at first use.

        Raises:
            OutputError: it cannot be made.
        """
        return self._session.folder

    def latest(self, answers: Answers) -> Version | None:
        """The version of this candidate's guide that stands, if any."""
        return self._latest(person(self.settings.guide, answers))

    def issue(self, answers: Answers, issued_at: datetime) -> Issued | AlreadyIssued:
        """Issue a candidate's first version.

        Args:
            answers: checked; the rules are the caller's business.
            issued_at: now, with its zone.

        Raises:
            OutputError: other answers were issued before, or the files cannot be written.
            DifferenceError: a document does not show what it should.
        """
        request = self.request(answers, issued_at)
        return request if isinstance(request, AlreadyIssued) else self.carry_out(request)

    def reissue(
        self, answers: Answers, issued_at: datetime, reason: str, copies: Copies = Copies.REFUSED
    ) -> Issued | AlreadyIssued:
        """Issue a version that replaces the one that stands.

        Raises:
            UsageError: the reason cannot be printed.
            OutputError: there is nothing to replace, or nothing to correct.
            DifferenceError: a document does not show what it should.
        """
        request = self.request_correction(answers, issued_at, reason, copies)
        return request if isinstance(request, AlreadyIssued) else self.carry_out(request)

    def draft(self, answers: Answers, issued_at: datetime) -> Issued:
        """Write a draft, over the one before; it does not enter the register.

        Raises:
            OutputError: it cannot be written.
            DifferenceError: a document does not show what it should.
        """
        request = self.request_draft(answers, issued_at)
        return self.release_draft(make_files(self.settings, request, self.session_folder))

    def carry_out(self, request: IssueRequest) -> Issued | AlreadyIssued:
        """Prepare and release a request in this process."""
        return self.release(make_files(self.settings, request, self.session_folder), request)

    def request(self, answers: Answers, issued_at: datetime) -> IssueRequest | AlreadyIssued:
        """Decide about a first version; nothing is written.

        Orders given in the same sequence get the same folders, whoever carries them out.

        Raises:
            OutputError: other answers were issued before.
        """
        candidate = person(self.settings.guide, answers)
        latest = self._latest(candidate)
        if latest is not None:
            return self._already(latest, answers.canonical_json(), answers.name)
        return IssueRequest(answers, self._version(candidate, answers, issued_at, 1))

    def request_correction(
        self, answers: Answers, issued_at: datetime, reason: str, copies: Copies = Copies.REFUSED
    ) -> IssueRequest | AlreadyIssued:
        """Decide about a corrected version; nothing is written. Raises as :meth:`reissue`.

        The same command, killed before it could tell, may have issued it already.
        """
        reason = clean_reason(reason)
        guide = self.settings.guide
        candidate = person(guide, answers)
        latest = self._latest(candidate)
        if latest is None:
            known = self._register.versions(guide.id) if self._register else ()
            raise issue_errors.never_issued(candidate, known)
        if latest in self.completed and (latest.reason, latest.answers) == (
            reason,
            answers.canonical_json(),
        ):
            return self._already(latest, latest.answers, "")
        before = answers_from_canonical(guide, latest.canonical(), f"version {latest.number}")
        found = changes(guide, before, answers)
        if not found and copies is Copies.REFUSED:
            raise issue_errors.nothing_differs(latest)
        version = self._version(candidate, answers, issued_at, latest.number + 1, reason)
        return IssueRequest(answers, version, latest, found)

    def request_draft(self, answers: Answers, issued_at: datetime) -> IssueRequest:
        """Decide about a draft; nothing is written."""
        candidate = person(self.settings.guide, answers)
        return IssueRequest(answers, self._version(candidate, answers, issued_at, 0))

    def release(
        self, staged: Staged, request: IssueRequest | None = None
    ) -> Issued | AlreadyIssued:
        """Name a version's files and enter it in the register: both, or neither.

        Args:
            staged: what :func:`make_files` gave; its temporary files are gone afterwards.
            request: told again in the result.

        Raises:
            OutputError: another process issued this candidate meanwhile with other answers, a name
                is taken, or the disk refuses; nothing is left.
        """
        (done,) = self.release_all([staged])
        if isinstance(done, OutputError):
            raise done
        return (
            replace(done, changes=request.changes) if request and isinstance(done, Issued) else done
        )

    def release_all(self, staged: Sequence[Staged]) -> list[Issued | AlreadyIssued | OutputError]:
        """The same for several versions in one transaction: the disk is waited for once.

        Returns:
            What came of each; an error, told and not raised, is that version's alone.

        Raises:
            OutputError: the transaction failed, and none of them is issued.
        """
        settings, register = self.settings, self._writable()
        done: list[Issued | AlreadyIssued | OutputError] = []
        placed: list[Staged] = []
        kept: set[Path] = set()
        try:
            with storage.output_errors(self.directory), register.writing():
                settings.checkpoint("lock")
                folders: set[Path] = set()
                done.extend(self._entered(register, one, placed, folders) for one in staged)
                for folder in sorted(folders):
                    storage.sync_folder(folder)
                settings.checkpoint("commit")
        except BaseException:
            kept = {one.folder for one in placed if not self._undone(one)}
            raise
        finally:
            settings.checkpoint("tidy")
            for one in staged:
                if one.folder not in kept:
                    workshop.discard(one)
        return done

    def _entered(
        self, register: Register, staged: Staged, placed: list[Staged], folders: set[Path]
    ) -> Issued | AlreadyIssued | OutputError:
        """Name and register one version, inside the transaction."""
        try:
            if (there := register.find(staged.version)) is not None:
                return self._already(there, staged.version.answers, "")
            staged = self._named(staged)
            placed.append(staged)
            self._place(staged, folders)
        except OutputError as error:
            if staged in placed:
                withdraw(self.directory, staged.version)
                placed.remove(staged)
            return error
        self.settings.checkpoint("register")
        register.insert(staged.version)
        return Issued(staged.version, staged.ticks, staged.texts)

    def release_draft(self, staged: Staged) -> Issued:
        """Name a draft's files, over those of the draft before.

        Raises:
            OutputError: the disk refuses, or the draft before is open elsewhere.
        """
        for file in staged.version.files:
            final = self.directory / file.path
            with storage.output_errors(final):
                storage.make_folder(final.parent)
                self.settings.checkpoint(f"name {file.role}")
                staged.temporary(file.role).replace(final)
                storage.sync_folder(final.parent)
        workshop.discard(staged)
        return Issued(staged.version, staged.ticks, staged.texts)

    def _place(self, staged: Staged, folders: set[Path]) -> None:
        try:
            place(self.directory, staged, self.settings.checkpoint, folders.add)
        except FileExistsError as problem:
            raise issue_errors.name_taken(Path(problem.filename2 or problem.filename)) from problem

    def _named(self, staged: Staged) -> Staged:
        """The folder was proposed before; another process may have given it away meanwhile."""
        version, guide = staged.version, self.settings.guide
        if self._owner_of(version.folder) in (None, version.key):
            return staged
        candidate = person(guide, answers_from_canonical(guide, version.canonical()))
        folder = self._folders.choose(candidate)
        files = tuple(
            replace(one, path=issued_path(guide, folder, version.number, one.role))
            for one in version.files
        )
        return workshop.rename_record(staged, replace(version, folder=folder, files=files))

    def _undone(self, staged: Staged) -> bool:
        """Take the names back, unless the commit went through; whether that could be done."""
        try:
            register = self._writable()
            if register.find(staged.version) != staged.version:
                with register.writing():
                    withdraw(self.directory, staged.version)
        except (OutputError, OSError):
            # The next run reads the record and puts things right.
            self._session.abandon()
            return False
        return True

    def _already(self, latest: Version, answers: str, fiche: str) -> AlreadyIssued:
        if latest.answers != answers:
            raise issue_errors.other_answers(latest, fiche)
        return AlreadyIssued(latest, file_states(self.directory, latest))

    def _version(
        self,
        candidate: Person,
        answers: Answers,
        issued_at: datetime,
        number: int,
        reason: str = "",
    ) -> Version:
        if issued_at.tzinfo is None:
            raise ValueError("issued_at must be aware")
        version = Version.of(
            self.settings.guide,
            candidate,
            answers.canonical_json(),
            number=number,
            issued_at=issued_at,
            program=self.settings.program,
            issuer=self.settings.issuer,
            reason=reason,
        )
        return replace(version, folder=self._folders.choose(candidate))

    def _latest(self, candidate: Person) -> Version | None:
        if self._register is None:
            return None
        return self._register.latest(self.settings.guide.id, candidate.key)

    def _owner_of(self, folder: str) -> str | None:
        return self._register.owner_of(folder) if self._register else None

    def _writable(self) -> Register:
        """The register, made at first need."""
        if self._register is None:
            with storage.output_errors(self.directory):
                storage.make_folder(self.directory)
            self._register = Register.open(self.directory, Access.WRITE, self._patience)
        return self._register
