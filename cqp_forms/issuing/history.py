"""What was issued, what differs from one version to the next, and whether the files still stand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from cqp_forms.answers import COMMENT, Answers, Option, Result, Value, Verdict
from cqp_forms.errors import OutputError
from cqp_forms.guide import Guide
from cqp_forms.issuing import storage
from cqp_forms.issuing.register import REGISTER, Access, Register
from cqp_forms.issuing.version import IssuedFile, SignedCopy, Version
from cqp_forms.typography import folded

NOTHING = "(vide)"

_WORDS: dict[Value, str] = {
    Verdict.OUI: "OUI",
    Verdict.NON: "NON",
    Verdict.NA: "NA (non applicable)",
    Result.MAITRISEE: "MAÎTRISÉE",
    Result.NON_MAITRISEE: "NON MAÎTRISÉE",
}


if TYPE_CHECKING:
    from cqp_forms.issuing.signed import Signing


class FileCondition(StrEnum):
    """How a file compares with what the register says of it; the worst of a version’s files."""

    INTACT = "intact"
    ALTERED = "altéré"
    #: It goes on after what was issued, as a PDF does that is signed where it lies.
    EXTENDED = "complété sur place"
    MISSING = "manquant"


@dataclass(frozen=True, slots=True)
class FileState:
    """One file of a version, as it is now."""

    file: IssuedFile
    state: FileCondition


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version of the register, with its files as they are now.

    Attributes:
        stands: whether no later version of the same candidate replaces it.
        signing: its signed copies, and how they are on the disk.
    """

    version: Version
    files: tuple[FileState, ...]
    stands: bool
    signing: Signing
    copies: tuple[tuple[SignedCopy, FileCondition], ...] = ()

    @property
    def state(self) -> FileCondition:
        """Missing if a file misses, else altered if one is, else intact; signed copies included."""
        states = {one.state for one in self.files} | {state for _, state in self.copies}
        worst = (FileCondition.MISSING, FileCondition.ALTERED, FileCondition.EXTENDED)
        return next((one for one in worst if one in states), FileCondition.INTACT)

    @property
    def standing(self) -> str:
        """« émis », « signé 2/3 », « signé », « remplacé », or what is wrong with its files."""
        if self.state in (FileCondition.MISSING, FileCondition.ALTERED):
            return self.state.value
        return self.signing.said if self.stands else "remplacé"

    def as_json(self) -> dict[str, object]:
        """The entry as ``history --json`` prints it."""
        version = self.version
        return {
            "guide": version.guide,
            "candidate": version.candidate,
            "key": version.key,
            "version": version.number,
            "issued_at": version.issued_at.isoformat(),
            "issuer": version.issuer,
            "program": version.program,
            "reason": version.reason,
            "stands": self.stands,
            "state": self.state.value,
            "standing": self.standing,
            "missing_signatures": list(self.signing.missing),
            "signed": [
                {
                    "path": copy.path,
                    "sha256": copy.sha256,
                    "state": state.value,
                    "declared": copy.is_declared,
                    "entered_at": copy.entered_at,
                    "signatures": list(copy.signatures),
                }
                for copy, state in self.copies
            ],
            "answers_sha256": version.answers_sha256,
            "files": [
                {
                    "path": one.file.path,
                    "sha256": one.file.sha256,
                    "state": one.state.value,
                    "added_at": one.file.added_at,
                }
                for one in self.files
            ],
        }


def history(
    directory: Path,
    register: Register,
    candidate: str = "",
    areas: Callable[[str], tuple[str, ...]] = lambda _guide: (),
) -> Iterator[HistoryEntry]:
    """Every version in the order of issue, each file checked against its hash.

    One at a time: neither memory nor the register's lock is held for all of them.

    Args:
        directory: the output folder.
        register: open, for reading at least, until the last entry.
        candidate: keeps the versions of candidates whose name or key contains this, accents and
            case aside; empty keeps all.
        areas: the signature areas of a guide, by its id.
    """
    from cqp_forms.issuing.signed import Signing  # an issue reads states alone

    standing = register.standing()
    wanted = folded(candidate)
    for one in register.each():
        if wanted in folded(one.candidate) or wanted in one.key:
            stands = standing.get((one.guide, one.key)) == one.number
            signing = Signing(register.signed(one), areas(one.guide))
            entered = {copy.sha256 for copy in signing.copies}
            files = tuple(_in_place(directory, file, entered) for file in one.files)
            copies = tuple((copy, file_state(directory, copy)) for copy in signing.copies)
            yield HistoryEntry(one, files, stands, signing, copies)


def _in_place(directory: Path, file: IssuedFile, entered: set[str]) -> FileState:
    """A file's state; one that was signed where it lies is as good as its signed copy."""
    state = file_state(directory, file)
    if state is FileCondition.ALTERED and _goes_on(directory / file.path, file):
        known = storage.sha256_of(directory / file.path) in entered
        state = FileCondition.INTACT if known else FileCondition.EXTENDED
    return FileState(file, state)


def _goes_on(path: Path, file: IssuedFile) -> bool:
    """Whether a file begins with what was issued, and goes on with a signature."""
    try:
        with path.open("rb") as opened:
            beginning, rest = opened.read(file.size), opened.read()
    except OSError:
        return False
    return b"/ByteRange" in rest and hashlib.sha256(beginning).hexdigest() == file.sha256


def awaited_signatures(directory: Path, guide: Guide) -> dict[str, str]:
    """Who has still to sign each version that stands, by the paths of its files; in French.

    A register that is not there, or cannot be read, awaits nobody.
    """
    from cqp_forms.issuing.signed import Signing, area_title, areas_of

    awaited: dict[str, str] = {}
    if not (directory / REGISTER).is_file():
        return awaited
    with suppress(OutputError), Register.open(directory, Access.READ) as register:
        standing = register.standing()
        for version in register.versions(guide.id):
            if standing[version.guide, version.key] != version.number:
                continue
            missing = Signing(register.signed(version), areas_of(guide)).missing
            names = ", ".join(area_title(guide, one) for one in missing)
            awaited |= {file.path: names for file in version.files if names}
    return awaited


def file_states(directory: Path, version: Version) -> tuple[FileState, ...]:
    """The state of each file of a version."""
    return tuple(FileState(one, file_state(directory, one)) for one in version.files)


def file_state(directory: Path, file: IssuedFile | SignedCopy) -> FileCondition:
    """Whether a file still is as it was issued, a signed copy as it came."""
    path = directory / file.path
    if not path.is_file():
        return FileCondition.MISSING
    same = storage.is_file_with(path, file.sha256, file.size)
    return FileCondition.INTACT if same else FileCondition.ALTERED


def standing(directory: Path, guide: str, key: str) -> Version | None:
    """The version of a candidate that stands, if there is one.

    Raises:
        OutputError: the register cannot be read.
    """
    if not (directory / REGISTER).is_file():
        return None
    with Register.open(directory, Access.READ) as register:
        return register.latest(guide, key)


def entered(path: Path) -> tuple[Version, Version | None] | None:
    """What the register at hand says of a document: its version, and the one that it replaces.

    Returns:
        ``None`` when the document does not lie under an output folder, or not under the name that
        the register has for it; a register that cannot be read says nothing.
    """
    directory = path.absolute().parent.parent
    if not (directory / REGISTER).is_file():
        return None
    folder = path.absolute().parent.name
    try:
        with Register.open(directory, Access.READ, patience=1.0) as register:
            key = register.owner_of(folder)
            versions = register.versions(key=key) if key is not None else ()
    except OutputError:
        return None
    for version in versions:
        if f"{folder}/{path.name}" in {one.path for one in version.files}:
            before = (one for one in versions if one.guide == version.guide)
            replaced = (one for one in before if one.number == version.number - 1)
            return version, next(replaced, None)
    return None


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that differs.

    Attributes:
        field: the field id; ``ID:précision`` when it is the comment that differs.
        wording: the field's wording, with what stands above it: « Candidat – Nom ».
        before: what was answered, in French; « (vide) » when nothing was.
        after: what is.
    """

    field: str
    wording: str
    before: str
    after: str

    def as_json(self) -> dict[str, str]:
        """The change as ``diff --json`` prints it."""
        return {
            "field": self.field,
            "wording": self.wording,
            "before": self.before,
            "after": self.after,
        }


def changes(guide: Guide, before: Answers, after: Answers) -> tuple[Change, ...]:
    """Every answer that differs, in the guide's order; empty exactly when the two are equal.

    Args:
        guide: gives the order and the wording. A field that it does not have comes last, by its id.
        before: the version that stands, or the first document.
        after: the corrected fiche, or the second.
    """
    old, new = before.canonical(), after.canonical()
    keys = [key for one in guide.fields for key in (one, one + COMMENT)]
    keys.extend(sorted((old.keys() | new.keys()) - set(keys)))
    return tuple(
        Change(key, _wording(guide, key), _said(before, key), _said(after, key))
        for key in keys
        if old.get(key) != new.get(key)
    )


def _wording(guide: Guide, key: str) -> str:
    field = guide.fields.get(key.removesuffix(COMMENT))
    title = field.title if field else key.removesuffix(COMMENT)
    return f"{title} – Précision" if key.endswith(COMMENT) else title


def _said(answers: Answers, key: str) -> str:
    if key.endswith(COMMENT):
        return answers.comment(key.removesuffix(COMMENT)) or NOTHING
    match answers.value(key):
        case None | False | "":
            return NOTHING
        case True:
            return "coché"
        case Verdict() | Result() as chosen:
            return _WORDS[chosen]
        case Option() as option:
            return option.label
        case str() as text:
            return text
        case day:
            return f"{day:%d/%m/%Y}"
