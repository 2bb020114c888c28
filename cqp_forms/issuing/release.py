"""Give finished files their names and enter their versions in the register: both, or neither.

Whatever the moment of a crash, a version is whole or is not there:

1. its files, finished under temporary names, are flushed to the disk;
2. alone on the register, what is about to be named is noted in it (table « pending »): committed;
3. still alone, each file gets its name, never over another, and the version is entered: committed.

Killed before the end of 2, nothing shows; killed between 2 and 3, the next run reads the note and
finishes (:mod:`cqp_forms.issuing.recovery`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from cqp_forms.errors import CqpError, OutputError
from cqp_forms.formats import PreparedBlank
from cqp_forms.issuing import issue_errors, storage
from cqp_forms.issuing.history import file_states
from cqp_forms.issuing.naming import Person, choose_folder, issued_path, person
from cqp_forms.issuing.recovery import settle
from cqp_forms.issuing.register import Register
from cqp_forms.issuing.request import AlreadyIssued, Issued, Settings
from cqp_forms.issuing.staging import Staged, place, withdraw
from cqp_forms.issuing.version import (
    EmbeddedVersion,
    Version,
    answers_from_canonical,
    parse_payload,
)

#: What becomes of a version that was made.
Released: TypeAlias = Issued | AlreadyIssued | OutputError


class Release:
    """The release of several versions at once: the disk is waited for once.

    Args:
        settings: the run's.
        directory: the output folder.
        register: open for writing.
        folders: chooses again where another process has meanwhile taken a folder.
        staged: the versions, each with its finished files.

    Attributes:
        completed: versions of processes that were killed, completed on the way.
        kept: the folders of versions that could be neither entered nor taken back: whatever is
            there is to stay as it is.
    """

    def __init__(
        self,
        settings: Settings,
        directory: Path,
        register: Register,
        folders: Folders,
        staged: Sequence[Staged],
    ) -> None:
        self.completed: tuple[Version, ...] = ()
        self.kept: set[Path] = set()
        self._settings, self._directory = settings, directory
        self._register, self._folders = register, folders
        self._staged = staged
        self._done: dict[int, Released] = {}
        self._noted: dict[int, Staged] = {}

    def carry_out(self) -> list[Released]:
        """Release them.

        Returns:
            What came of each; an error, told and not raised, is that version's alone.

        Raises:
            OutputError: the register refuses, and none of them is issued.
        """
        with storage.output_errors(self._directory), self._register.held():
            try:
                self._flush()
                with self._register.writing():
                    self._note()
                if self._noted:
                    with self._register.writing():
                        self._name()
            except BaseException:
                self.kept = {one.folder for one in self._noted.values() if not self._undone(one)}
                raise
        return [self._done[index] for index in range(len(self._staged))]

    def _flush(self) -> None:
        self._settings.checkpoint("flush")
        for index, one in enumerate(self._staged):
            try:
                with storage.output_errors(self._directory):
                    one.flush()
            except OutputError as error:
                self._done[index] = error

    def _note(self) -> None:
        """Decide about each version, and note what is about to get its names."""
        self._settings.checkpoint("lock")
        self.completed = settle(self._directory, self._register)
        self._settings.checkpoint("record")
        for index, one in enumerate(self._staged):
            if index in self._done:
                continue
            decided = self._decided(one)
            if isinstance(decided, Staged):
                self._register.begin(decided.pending)
                self._noted[index] = decided
            else:
                self._done[index] = decided

    def _decided(self, staged: Staged) -> Staged | AlreadyIssued | OutputError:
        """What other processes have done since the version was decided counts."""
        there = self._register.find(staged.version)
        if there is None:
            return self._in_its_folder(staged)
        if staged.version.completes(there):
            return staged
        if there.answers == staged.version.answers:
            return AlreadyIssued(there, file_states(self._directory, there))
        return issue_errors.other_answers(there, self._directory, None)

    def _in_its_folder(self, staged: Staged) -> Staged:
        """The folder was proposed before; another process may have given it away meanwhile."""
        version, guide = staged.version, self._settings.guide
        if self._register.owner_of(version.folder) in (None, version.key):
            return staged
        candidate = person(guide, answers_from_canonical(guide, version.canonical()))
        folder = self._folders.choose(candidate)
        files = tuple(
            replace(one, path=issued_path(guide, folder, version.number, one.role))
            for one in version.files
        )
        return replace(staged, version=replace(version, folder=folder, files=files))

    def _name(self) -> None:
        """Give the files their names and enter the versions."""
        folders: set[Path] = set()
        for index, one in self._noted.items():
            try:
                self._place(one, folders)
            except OutputError as error:
                withdraw(self._directory, one.version)
                self._register.forget_pending(one.pending.folder)
                self._done[index] = error
            else:
                self._settings.checkpoint("register")
                self._done[index] = self._entered(one)
        for folder in sorted(folders):
            storage.sync_folder(folder)
        self._settings.checkpoint("commit")

    def _place(self, staged: Staged, folders: set[Path]) -> None:
        try:
            place(self._directory, staged, self._settings.checkpoint, folders.add)
        except FileExistsError as problem:
            taken = Path(problem.filename2 or problem.filename)
            raise issue_errors.name_taken(taken, self._directory) from problem

    def _entered(self, staged: Staged) -> Issued:
        version, register = staged.version, self._register
        if not any(one.added_at for one in version.files):
            register.insert(version)
            return Issued(version, staged.ticks, staged.texts)
        register.add_files(version)
        whole = register.find(version) or version
        return Issued(whole, staged.ticks, staged.texts, added=version.files)

    def _undone(self, staged: Staged) -> bool:
        """Take the names back, unless the commit went through; whether that could be done."""
        version = staged.version
        try:
            there = self._register.find(version)
            if there is None or not set(version.files) <= set(there.files):
                with self._register.writing():
                    withdraw(self._directory, version)
                    self._register.forget_pending(staged.pending.folder)
        except (OutputError, OSError):
            return False
        return True


class Folders:
    """Gives each candidate a folder: the register decides, then what this run has given away, then
    the drafts that lie there.

    Args:
        directory: the output folder.
        blanks: to read whose a draft is.
        registered: gives the key of the candidate who was issued into a folder, or ``None``.
    """

    def __init__(
        self,
        directory: Path,
        blanks: Iterable[PreparedBlank],
        registered: Callable[[str], str | None],
    ) -> None:
        self._directory = directory
        self._blanks = tuple(blanks)
        self._registered = registered
        self._given: dict[str, str] = {}

    def choose(self, candidate: Person) -> str:
        """The candidate's folder, kept for them until the run ends."""

        def owner(folder: str) -> str | None:
            return (
                self._registered(folder)
                or self._given.get(folder.casefold())
                or self._drafted(folder, candidate)
            )

        folder = choose_folder(candidate.stem, candidate.key, owner)
        self._given[folder.casefold()] = candidate.key
        return folder

    def _drafted(self, folder: str, candidate: Person) -> str | None:
        """The key of the candidate whose draft is there.

        A fiche that got its reference or its company after its draft is still the same person’s:
        the identity tells. A draft without embedded answers counts as nobody’s.
        """
        for blank in self._blanks:
            for path in (self._directory / folder).glob(f"*_brouillon.{blank.format}"):
                carried = _carried(blank, path)
                if carried and not _compatible(carried.version.identity, candidate.identity):
                    return carried.version.key
        return None


def _compatible(one: str, other: str) -> bool:
    """Whether two identities agree in what both of them tell; a draft may lack a part."""
    pairs = zip(one.split("|"), other.split("|"), strict=False)
    return all(a == b or not a or not b for a, b in pairs)


def _carried(blank: PreparedBlank, path: Path) -> EmbeddedVersion | None:
    try:
        content = blank.payload(path.read_bytes())
        return parse_payload(content) if content else None
    except (OSError, ValueError, CqpError):
        return None
