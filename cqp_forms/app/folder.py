"""The folder that the screen shows: its candidates from fiches, lots and register, and their state.

Each workbook is read once and again when it changes. Names are for people: pages name a candidate
by a hash, which is looked up here, so that no request can name a path.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import RLock
from time import monotonic

from cqp_forms import __version__
from cqp_forms.answers import Answers
from cqp_forms.batch.outcome import Outcome, findings_of
from cqp_forms.batch.sources import find_workbooks
from cqp_forms.errors import CqpError, DocumentError, UsageError
from cqp_forms.findings import Code, Finding, errors
from cqp_forms.formats import prepare_blank, rooms
from cqp_forms.guide import Guide
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.naming import person
from cqp_forms.issuing.register import REGISTER, Access, Register
from cqp_forms.issuing.request import Settings
from cqp_forms.issuing.signed import Signing, areas_of
from cqp_forms.issuing.version import Version
from cqp_forms.pagecode import draw_id
from cqp_forms.progress import FicheState, Progress, progress_of
from cqp_forms.project import DEFAULT_GUIDE, Project
from cqp_forms.workbook.candidate import Candidate
from cqp_forms.workbook.opening import guide_of
from cqp_forms.workbook.read import read_workbook

#: Where guides go when the folder is not an output folder itself: that of the commands.
OUTPUT = "output"
#: How a file was when it was read: time of its last change in nanoseconds, size.
_Stamp = tuple[int, int]


def hashed(text: str) -> str:
    """The name by which pages call a thing; it says nothing of it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class ListedCandidate:
    """A candidate of the folder.

    Attributes:
        id: what pages call it by.
        guide: the one that the fiche answers.
        read: as read from the fiche.
        findings: all there is to say of the answers today.
        key: the register's.
        versions: what was issued, in the order of issue.
        doubles: in how many other fiches the same candidate is.
        signed: how far the version that stands is signed, in French; empty where nobody has.
    """

    id: str
    guide: Guide
    read: Candidate
    findings: tuple[Finding, ...]
    progress: Progress
    key: str
    versions: tuple[Version, ...] = ()
    doubles: int = 0
    signed: str = ""

    @property
    def path(self) -> Path:
        """The workbook."""
        return self.read.source

    @property
    def answers(self) -> Answers:
        """What the fiche says."""
        return self.read.answers

    @cached_property
    def canonical(self) -> str:
        """The answers as the register keeps them."""
        return self.answers.canonical_json()

    @property
    def latest(self) -> Version | None:
        """The version that stands."""
        return self.versions[-1] if self.versions else None

    @property
    def state(self) -> tuple[str, str]:
        """A word for the style sheet, and the state in French."""
        latest = self.latest
        if latest is not None and latest.answers == self.canonical and self.signed:
            return "emise", f"{self.signed} v{latest.number}"
        if latest is not None and latest.answers == self.canonical:
            return "emise", f"émise v{latest.number}"
        if latest is not None and self.canonical in {one.answers for one in self.versions}:
            return "remplacee", f"remplacée par la v{latest.number}"
        if self.doubles:
            return "a-corriger", "en double"
        if latest is not None and not errors(self.findings):
            return "prete", f"modifiée depuis la v{latest.number}"
        return self.progress.state.value, self.progress.label

    @property
    def is_ready(self) -> bool:
        """Whether it can be issued for the first time as it is."""
        ready = self.progress.state is FicheState.READY
        return ready and not self.versions and not self.doubles


@dataclass(frozen=True)
class IssuedOnly:
    """Somebody who is in the register, and whose fiche is not in the folder.

    Attributes:
        signed: as :attr:`ListedCandidate.signed`.
    """

    id: str
    versions: tuple[Version, ...]
    signed: str = ""

    @property
    def latest(self) -> Version:
        """The version that stands."""
        return self.versions[-1]


@dataclass(frozen=True)
class UnreadFile:
    """A file that could be a fiche and gives nobody: why, and what to do."""

    name: str
    findings: tuple[Finding, ...]


@dataclass
class _ReadFile:
    stamp: _Stamp
    candidates: tuple[ListedCandidate, ...] = ()
    trouble: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Listing:
    """What the folder holds.

    Attributes:
        unread: how many workbooks are still to be read.
    """

    candidates: tuple[ListedCandidate, ...]
    issued_only: tuple[IssuedOnly, ...]
    files: tuple[UnreadFile, ...]
    unread: int


@dataclass(frozen=True)
class FolderSettings:
    """Makes the settings of an issue, here and in another process, to which it can be sent."""

    project: Path
    guide_id: str
    user: str

    def __call__(self) -> Settings:
        """Compile the guide's blanks. Raises :class:`DocumentError` when one cannot be stamped."""
        project = Project.at(self.project)
        guide = project.guide(self.guide_id)
        blanks = [project.blank(guide, kind) for kind in project.formats(guide)]
        kept = (project.kept(guide, blank) for blank in blanks)
        return Settings(
            guide=guide,
            blanks=tuple(prepare_blank(guide, blank) for blank in blanks),
            program=__version__,
            issuer=self.user,
            draw_code=draw_id,
            kept=tuple(one for one in kept if one is not None),
        )


@dataclass
class Folder:
    """An open folder; safe for several threads.

    Attributes:
        path: absolute.
        project_folder: where guides of the user's own are.
        now: the present, with its zone.
        user: the operating system's.
        lock: held while files are read or written.
        stamping: held while documents are made: a compiled blank serves one thread at a time.
    """

    path: Path
    project_folder: Path
    now: Callable[[], datetime]
    user: str = ""
    lock: RLock = field(default_factory=RLock)
    stamping: RLock = field(default_factory=RLock)
    _read: dict[Path, _ReadFile] = field(default_factory=dict)
    _guides: dict[str, Guide] = field(default_factory=dict)
    _settings: dict[str, Settings] = field(default_factory=dict)
    _register: tuple[_Stamp | None, dict[tuple[str, str], list[Version]]] = (None, {})
    _signed: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def output(self) -> Path:
        """Where guides are issued: the folder itself if it has the register, else its own."""
        return self.path if (self.path / REGISTER).is_file() else self.path / OUTPUT

    @property
    def project(self) -> Project:
        """Where guides, blanks and mappings are."""
        return Project.at(self.project_folder).knowing((self.output,))

    def guide(self, guide_id: str) -> Guide:
        """A guide, read once. Raises :class:`GuideError`."""
        with self.lock:
            if guide_id not in self._guides:
                self._guides[guide_id] = self.project.guide(guide_id)
            return self._guides[guide_id]

    def forget_guides(self) -> None:
        """Read guides and blanks again: a form was saved."""
        with self.lock:
            self._guides.clear()
            self._read.clear()
        with self.stamping:
            self._settings.clear()

    def factory(self, guide_id: str) -> FolderSettings:
        """What makes the settings to issue a guide."""
        return FolderSettings(self.project_folder, guide_id, self.user)

    def settings(self, guide_id: str) -> Settings:
        """The settings to issue a guide, made once; for those who hold :attr:`stamping`."""
        with self.stamping:
            if guide_id not in self._settings:
                self._settings[guide_id] = self.factory(guide_id)()
            return self._settings[guide_id]

    def rooms(self, guide_id: str) -> dict[str, int]:
        """About how many letters of each long text stay on the guide's pages."""
        with self.stamping:
            try:
                known = self.settings(guide_id)
                return rooms(known.guide, [one.stamper for one in known.blanks])
            except DocumentError:  # told where somebody issues
                return {}

    def issuer(self, guide_id: str) -> Issuer:
        """Who issues into the output folder; to be used in one thread, under :attr:`stamping`."""
        return Issuer(self.settings(guide_id), self.output)

    # ------------------------------------------------------------------------------- reading

    def listing(self, seconds: float = 60.0) -> Listing:
        """Everything in the folder, as far as it can be read in some seconds; the rest next time.

        What is known already, and has not changed, is not read again.
        """
        limit = monotonic() + seconds
        unread = 0
        files: list[UnreadFile] = []
        found: list[ListedCandidate] = []
        with self.lock:
            self._forget_removed()
            for one in find_workbooks([self.path], self.output):
                if isinstance(one, Outcome):
                    if Path(one.source) != self.path:  # an empty folder is no trouble here
                        files.append(UnreadFile(self.relative(Path(one.source)), one.told))
                elif monotonic() > limit and not self._is_fresh(one):
                    unread += 1
                else:
                    read = self._file(one)
                    found.extend(read.candidates)
                    if read.trouble:
                        files.append(UnreadFile(self.relative(one), read.trouble))
            known = self.versions()
        return Listing(
            tuple(self._completed(found, found, known)),
            tuple(self._issued_only(found, known)),
            tuple(files),
            unread,
        )

    def candidate(self, wanted: str) -> ListedCandidate | None:
        """A candidate by the id that pages use, as the file is now; ``None`` when it is gone."""
        with self.lock:
            for path, known in list(self._read.items()):
                if any(one.id == wanted for one in known.candidates):
                    if not path.is_file():
                        return None
                    again = [one for one in self._file(path).candidates if one.id == wanted]
                    every = (one for file in self._read.values() for one in file.candidates)
                    return next(self._completed(again, every, self.versions()), None)
            # A page that was open before the screen was started again.
            return next((one for one in self.listing().candidates if one.id == wanted), None)

    def issued(self, wanted: str) -> tuple[Version, ...]:
        """The versions of somebody of the register, by the id that pages use."""
        return next(
            (tuple(made) for key, made in self.versions().items() if issued_id(*key) == wanted), ()
        )

    def versions(self) -> dict[tuple[str, str], list[Version]]:
        """What was issued, by guide and key; read again when the register changes.

        Raises:
            OutputError: the register cannot be read.
        """
        path = self.output / REGISTER
        try:
            stamp = _stamp(path)
        except FileNotFoundError:
            return {}
        with self.lock:
            if self._register[0] != stamp:
                found: dict[tuple[str, str], list[Version]] = {}
                with Register.open(self.output, Access.READ) as register:
                    for one in register.each():
                        found.setdefault((one.guide, one.key), []).append(one)
                    self._signed = dict(self._signings(register, found))
                self._register = (stamp, found)
            return self._register[1]

    def signed(self, guide_id: str, key: str) -> str:
        """How far the version that stands is signed, in French; empty where nobody has."""
        return self._signed.get((guide_id, key), "")

    def _signings(
        self, register: Register, found: dict[tuple[str, str], list[Version]]
    ) -> Iterator[tuple[tuple[str, str], str]]:
        for key, versions in found.items():
            if copies := register.signed(versions[-1]):
                guide = self.guide(versions[-1].guide)
                yield key, Signing(copies, areas_of(guide)).said.replace("signé", "signée", 1)

    def relative(self, path: Path) -> str:
        """A file's name as people read it: from the folder on."""
        return path.relative_to(self.path).as_posix() if path != self.path else path.name

    def _completed(
        self,
        found: Iterable[ListedCandidate],
        every: Iterable[ListedCandidate],
        known: dict[tuple[str, str], list[Version]],
    ) -> Iterator[ListedCandidate]:
        """The candidates with what was issued to them, and how often each is among all."""
        counts = Counter((one.guide.id, one.key) for one in every if one.key.strip("|"))
        for one in found:
            key = (one.guide.id, one.key)
            yield replace(
                one,
                versions=tuple(known.get(key, ())),
                doubles=max(0, counts[key] - 1),
                signed=self.signed(*key),
            )

    def _issued_only(
        self, found: Iterable[ListedCandidate], known: dict[tuple[str, str], list[Version]]
    ) -> Iterator[IssuedOnly]:
        present = {(one.guide.id, one.key) for one in found}
        for key, versions in known.items():
            if key not in present:
                yield IssuedOnly(issued_id(*key), tuple(versions), self.signed(*key))

    def _forget_removed(self) -> None:
        for path in [one for one in self._read if not one.is_file()]:
            del self._read[path]

    def _is_fresh(self, path: Path) -> bool:
        known = self._read.get(path)
        return known is not None and known.stamp == _stamp_or_none(path)

    def _file(self, path: Path) -> _ReadFile:
        if not self._is_fresh(path):
            stamp = _stamp_or_none(path) or (0, 0)
            try:
                self._read[path] = _ReadFile(stamp, tuple(self._candidates(path)))
            except CqpError as error:
                self._read[path] = _ReadFile(stamp, trouble=findings_of(error))
        return self._read[path]

    def _candidates(self, path: Path) -> Iterator[ListedCandidate]:
        guide = self.guide(guide_of(path) or DEFAULT_GUIDE)
        today = self.now().date()
        for one in read_workbook(path, guide, self.project.known_guides):
            row = "" if one.row is None else f"#{one.row}"
            # What waits is shown by the fiche's own page, and puts itself in.
            findings = tuple(
                told for told in one.check(guide, today) if told.code is not Code.WAITING_ANSWERS
            )
            yield ListedCandidate(
                hashed(self.relative(path) + row),
                guide,
                one,
                findings,
                progress_of(guide, one.answers, findings),
                person(guide, one.answers).key,
            )


def issued_id(guide_id: str, key: str) -> str:
    """What pages call somebody of the register by."""
    return hashed(f"{guide_id}\n{key}")


def _stamp(path: Path) -> _Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _stamp_or_none(path: Path) -> _Stamp | None:
    try:
        return _stamp(path)
    except OSError:
        return None


def require_folder(path: Path) -> Path:
    """The folder to open, absolute. Raises :class:`UsageError` when it is none."""
    if not path.is_dir():
        raise UsageError(
            "ce dossier n’existe pas.",
            where=str(path),
            remedy="Vérifiez le chemin ; un nom qui contient des espaces se met entre guillemets.",
        )
    return path.resolve()
