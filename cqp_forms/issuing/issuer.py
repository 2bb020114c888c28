"""Issue one candidate's guide, end to end: decide, make, prove, name and register.

The steps stand apart, so that a batch can make files in several processes while one of them names
and registers: :meth:`Issuer.request` decides, :func:`making.make_files` makes and proves,
:meth:`Issuer.release` names and registers (see :mod:`cqp_forms.issuing.release` for crashes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from cqp_forms.answers import Answers
from cqp_forms.errors import OutputError
from cqp_forms.findings import Finding
from cqp_forms.issuing import issue_errors, staging, storage
from cqp_forms.issuing.history import changes, file_states
from cqp_forms.issuing.issue_errors import ReplacedFicheError
from cqp_forms.issuing.naming import Person, person
from cqp_forms.issuing.recovery import recover
from cqp_forms.issuing.register import PATIENCE, REGISTER, Access, Register
from cqp_forms.issuing.release import Folders, Release, Released
from cqp_forms.issuing.request import (
    AlreadyIssued,
    Copies,
    Issued,
    IssueRequest,
    LackingFormats,
    Settings,
    make_files,
)
from cqp_forms.issuing.staging import Staged, StagingSession
from cqp_forms.issuing.version import Version, answers_from_canonical, clean_reason


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
        self._requested: dict[str, Version] = {}
        self._session = StagingSession(directory)
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

    @property
    def is_protected(self) -> bool:
        """Whether the register, if there is one, still keeps what was issued from being changed."""
        return self._register is None or self._register.is_protected

    def latest(self, answers: Answers) -> Version | None:
        """The version of this candidate's guide that stands, if any."""
        return self._latest(person(self.settings.guide, answers))

    def namesake(self, answers: Answers) -> Finding | None:
        """A warning when somebody of the same name and company stands under another reference.

        Only for a candidate who was not issued yet.
        """
        guide = self.settings.guide
        candidate = person(guide, answers)
        if self._latest(candidate) is not None:
            return None
        # In a batch, the other's turn may have come without its being in the register yet.
        other = self._requested.get(candidate.identity)
        if other is None and self._register is not None:
            other = self._register.namesake(guide.id, candidate.identity, candidate.key)
        if other is not None and other.key == candidate.key:
            return None
        return issue_errors.namesake(guide, answers, other) if other else None

    def issue(
        self,
        answers: Answers,
        issued_at: datetime,
        fiche: Path | None = None,
        lacking: LackingFormats = LackingFormats.TOLD,
    ) -> Issued | AlreadyIssued:
        """Issue a candidate's first version, or add a format to it.

        Args:
            answers: checked; the rules are the caller's business.
            issued_at: now, with its zone.
            fiche: the fiche's path, for the commands that errors tell; ``None`` for a row of a lot.
            lacking: what to do about the formats that the version issued before lacks.

        Raises:
            OutputError: other answers were issued before, or the files cannot be written.
            DifferenceError: a document does not show what it should.
        """
        request = self.request(answers, issued_at, fiche, lacking)
        return request if isinstance(request, AlreadyIssued) else self.carry_out(request)

    def reissue(
        self,
        answers: Answers,
        issued_at: datetime,
        reason: str,
        copies: Copies = Copies.REFUSED,
        restore: int | None = None,
        fiche: Path | None = None,
    ) -> Issued | AlreadyIssued:
        """Issue a version that replaces the one that stands.

        Args:
            answers: checked.
            issued_at: now, with its zone.
            reason: printed on the cover.
            copies: whether the version may say what the one before says.
            restore: the number of the replaced version whose answers these are; without it, answers
                that were replaced are refused, so that no correction is undone by accident.
            fiche: as in :meth:`issue`.

        Raises:
            UsageError: the reason cannot be printed.
            OutputError: there is nothing to replace, nothing to correct, or a correction to undo.
            DifferenceError: a document does not show what it should.
        """
        request = self.request_correction(answers, issued_at, reason, copies, restore, fiche)
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
        """Make the files of a request and release them, in this process."""
        return self.release(make_files(self.settings, request, self.session_folder), request)

    def request(
        self,
        answers: Answers,
        issued_at: datetime,
        fiche: Path | None = None,
        lacking: LackingFormats = LackingFormats.TOLD,
    ) -> IssueRequest | AlreadyIssued:
        """Decide about a first version; nothing is written. Arguments as in :meth:`issue`.

        Requests made in the same sequence get the same folders, whoever carries them out.

        Raises:
            ReplacedFicheError: a later version has replaced these answers.
            OutputError: other answers were issued before.
        """
        candidate = person(self.settings.guide, answers)
        latest = self._latest(candidate)
        if latest is None:
            version = self._version(candidate, answers, issued_at, 1)
            self._requested.setdefault(candidate.identity, self._known_by(version, answers))
            return IssueRequest(answers, version)
        canonical = answers.canonical_json()
        if latest.answers != canonical:
            replaced = self._replaced(latest, canonical)
            if replaced is not None:
                raise ReplacedFicheError(replaced, latest, self.directory, fiche)
            raise issue_errors.other_answers(latest, self.directory, fiche)
        already = AlreadyIssued(latest, file_states(self.directory, latest))
        formats = already.lacks(tuple(one.format for one in self.settings.blanks))
        if not formats or lacking is LackingFormats.TOLD:
            return already
        previous = self._numbered(latest, latest.number - 1)
        return IssueRequest(answers, latest, previous, adds=formats, added_at=issued_at)

    def request_correction(
        self,
        answers: Answers,
        issued_at: datetime,
        reason: str,
        copies: Copies = Copies.REFUSED,
        restore: int | None = None,
        fiche: Path | None = None,
    ) -> IssueRequest | AlreadyIssued:
        """Decide about a corrected version; nothing is written. As :meth:`reissue`.

        The same command, killed before it could tell, may have issued it already.
        """
        reason = clean_reason(reason)
        guide, canonical = self.settings.guide, answers.canonical_json()
        candidate = person(guide, answers)
        latest = self._latest(candidate)
        if latest is None:
            known = self._register.each() if self._register else ()
            raise issue_errors.never_issued(candidate, known, self.directory, fiche)
        same = latest.answers == canonical
        again = same and latest.number > 1 and latest.reason == reason
        if again and (copies is Copies.REFUSED or latest in self.completed):
            return AlreadyIssued(latest, file_states(self.directory, latest))
        if same and copies is Copies.REFUSED:
            raise issue_errors.nothing_differs(latest, self.directory, fiche)
        if not same:
            self._require_intended(latest, canonical, restore, fiche)
        before = answers_from_canonical(guide, latest.canonical(), f"version {latest.number}")
        found = changes(guide, before, answers)
        version = self._version(candidate, answers, issued_at, latest.number + 1, reason)
        return IssueRequest(answers, version, latest, found)

    def _require_intended(
        self, latest: Version, answers: str, restore: int | None, fiche: Path | None
    ) -> None:
        """Refuse to bring back answers that a later version replaced, unless that is asked for."""
        if restore is None:
            replaced = self._replaced(latest, answers)
            if replaced is not None:
                raise issue_errors.undoes_correction(replaced, latest, self.directory, fiche)
            return
        wanted = self._numbered(latest, restore)
        if wanted is None or wanted.answers != answers:
            raise issue_errors.not_that_version(restore, wanted, latest, self.directory, fiche)

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
        if request is None or isinstance(done, AlreadyIssued):
            return done
        return replace(done, changes=request.changes)

    def release_all(self, staged: Sequence[Staged]) -> list[Released]:
        """The same for several versions at once: the disk is waited for once.

        Returns:
            What came of each; an error, told and not raised, is that version's alone.

        Raises:
            OutputError: the register refuses, and none of them is issued.
        """
        register = self._writable()
        with storage.output_errors(self.directory):
            storage.keep_blanks(self.directory, self.settings.kept)
        release = Release(self.settings, self.directory, register, self._folders, staged)
        try:
            return release.carry_out()
        finally:
            self.completed += release.completed
            if release.kept:
                # The next run reads the register's note and puts things right.
                self._session.abandon()
            self.settings.checkpoint("tidy")
            for one in staged:
                if one.folder not in release.kept:
                    staging.discard(one)

    def release_draft(self, staged: Staged) -> Issued:
        """Name a draft's files, over those of the draft before.

        Raises:
            OutputError: the disk refuses, or the draft before is open elsewhere.
        """
        for file in staged.version.files:
            final = self.directory / file.path
            with storage.output_errors(final):
                storage.flush(staged.temporary(file.role))
                storage.make_folder(final.parent)
                self.settings.checkpoint(f"name {file.role}")
                staged.temporary(file.role).replace(final)
                storage.sync_folder(final.parent)
        staging.discard(staged)
        return Issued(staged.version, staged.ticks, staged.texts)

    def _known_by(self, version: Version, answers: Answers) -> Version:
        """A version with no more of its answers than its reference: memory is to stay small."""
        key = self.settings.guide.key
        kept = {key: answers[key]} if key and key in answers else {}
        return replace(version, answers=Answers(kept).canonical_json())

    def _replaced(self, latest: Version, answers: str) -> Version | None:
        """The last version, before the one that stands, that had these answers."""
        if self._register is None:
            return None
        versions = self._register.versions(latest.guide, latest.key)
        return next((one for one in reversed(versions) if one.answers == answers), None)

    def _numbered(self, latest: Version, number: int) -> Version | None:
        """The same candidate's version of that number."""
        return self._register.find(replace(latest, number=number)) if self._register else None

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
        draw = self.settings.draw_code if number else None
        version = Version.of(
            self.settings.guide,
            candidate,
            answers.canonical_json(),
            number=number,
            issued_at=issued_at,
            program=self.settings.program,
            issuer=self.settings.issuer,
            reason=reason,
            code=draw() if draw else "",
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
