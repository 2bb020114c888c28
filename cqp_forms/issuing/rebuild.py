"""Make a lost register again, from the documents alone.

A document embeds its version’s answers and circumstances (see :mod:`cqp_forms.issuing.version`),
but not its own hash: its integrity is judged by whether it still *shows* those answers, and whether
key, name and dates are those that follow from what it shows. Whatever is wrong with one file, the
others are taken.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from cqp_forms.errors import CqpError
from cqp_forms.formats import PreparedBlank
from cqp_forms.issuing.naming import ISSUED_NAME, Role, person
from cqp_forms.issuing.register import Register
from cqp_forms.issuing.request import Settings
from cqp_forms.issuing.version import (
    EmbeddedVersion,
    IssuedFile,
    Version,
    answers_from_canonical,
    ordered,
    parse_payload,
)
from cqp_forms.limits import FILE_BYTES
from cqp_forms.mapping import Format
from cqp_forms.plan import Stage, Trail, make_plan
from cqp_forms.shown import differences
from cqp_forms.typography import spaced


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be used, or not be proved; why, in French."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it.

    Attributes:
        entered: the versions that the register now has again, in the order of issue.
        known: how many it had already.
        problems: what a person should look at.
        copies: how many signed copies were entered again.
    """

    entered: tuple[Version, ...]
    known: int
    problems: tuple[Problem, ...]
    copies: int = 0


#: Finds a former blank of the guide by its format and its SHA-256.
FormerBlanks: TypeAlias = Callable[[Format, str], PreparedBlank | None]

#: What makes two files of one version: guide, key, number.
_Id: TypeAlias = tuple[str, str, int]


@dataclass
class _Work:
    """What is found while the folder is read."""

    settings: Settings
    now: datetime
    former: FormerBlanks
    problems: list[Problem] = field(default_factory=list)
    changes: dict[tuple[str, int], Path] = field(default_factory=dict)
    replaced_on: dict[_Id, date] = field(default_factory=dict)

    def tell(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, spaced(message)))


def rebuild(
    settings: Settings,
    directory: Path,
    register: Register,
    now: datetime,
    former: FormerBlanks = lambda _kind, _sha256: None,
) -> Rebuilt:
    """Enter in a register every version that the documents of a folder tell of.

    Args:
        settings: the guide, and a prepared blank for each format to read.
        directory: the output folder.
        register: open for writing; versions that it has already are left alone.
        now: aware; nothing was issued later.
        former: for documents that name another blank than those of the settings.

    Raises:
        OutputError: the register cannot be written.
    """
    work = _Work(settings, now, former)
    found: dict[_Id, list[tuple[IssuedFile, EmbeddedVersion]]] = defaultdict(list)
    for path in sorted(directory.glob("*/*_v*")):
        try:
            _look_at(work, path, found)
        except Exception as problem:  # whatever a file holds, the others are taken
            work.tell(f"{path.parent.name}/{path.name}", f"illisible ({_reason(problem)}).")
    assembled = [one for parts in found.values() if (one := _assembled(work, parts)) is not None]
    versions = _in_their_order(work, assembled)
    entered: list[Version] = []
    known = 0
    for version in versions:
        there = register.find(version)
        if there is not None:
            known += 1
            if there.answers != version.answers:
                work.tell(version.files[0].path, "le registre a d’autres réponses pour elle.")
        elif register.owner_of(version.folder) not in (None, version.key):
            work.tell(version.files[0].path, "ce dossier appartient à un autre candidat.")
        else:
            try:
                with register.writing():
                    register.insert(version)
            except sqlite3.IntegrityError as problem:
                work.tell(version.files[0].path, f"le registre la refuse ({problem}).")
                continue
            entered.append(version)
    _tell_gaps(work, register.each())
    return Rebuilt(tuple(entered), known, tuple(work.problems))


def _look_at(
    work: _Work, path: Path, found: dict[_Id, list[tuple[IssuedFile, EmbeddedVersion]]]
) -> None:
    relative = f"{path.parent.name}/{path.name}"
    name = ISSUED_NAME.fullmatch(path.name)
    if name is None or not path.is_file():
        return
    if path.is_symlink() or path.stat().st_size > FILE_BYTES:
        work.tell(relative, "ce n’est pas un fichier que ce programme a émis : ignoré.")
        return
    if not name["stem"].endswith(f"_{path.parent.name}"):
        work.tell(relative, "ce fichier n’est pas dans son dossier d’origine : ignoré.")
        return
    if name["changes"]:
        work.changes[path.parent.name, int(name["number"])] = path
        return
    blank = next((one for one in work.settings.blanks if one.format == name["ext"]), None)
    content = path.read_bytes()
    carried = _carried(work, blank, content, relative) if blank else None
    if blank is None or carried is None:
        return
    if carried.version.number != int(name["number"]):
        work.tell(relative, f"son contenu est celui de la version {carried.version.number}.")
        return
    if not (
        _is_who_it_says(work, carried, relative)
        and _is_dated(work, carried, relative)
        and _keeps_its_trail(work, blank.trail(content), carried, relative)
        and _shows_its_answers(work, blank, content, carried, relative)
    ):
        return
    file = IssuedFile(
        Role(blank.format),
        relative,
        len(content),
        sha256(content).hexdigest(),
        carried.blank_sha256,
        carried.mapping_sha256,
    )
    version = carried.version
    found[version.guide, version.key, version.number].append((file, carried))


def _reason(problem: Exception) -> str:
    known = problem.message if isinstance(problem, CqpError) else str(problem)
    return (known or type(problem).__name__).rstrip(".")


def _carried(
    work: _Work, blank: PreparedBlank, document: bytes, relative: str
) -> EmbeddedVersion | None:
    try:
        content = blank.payload(document)
        if content is None:
            work.tell(
                relative,
                "pas de réponses embarquées (émis avec --no-embed, ou réenregistré par un logiciel "
                "qui les a retirées) : à reprendre d’une sauvegarde du registre.",
            )
            return None
        return parse_payload(content)
    except (ValueError, CqpError) as problem:
        work.tell(relative, f"illisible ({_reason(problem)}).")
        return None


def _is_who_it_says(work: _Work, carried: EmbeddedVersion, relative: str) -> bool:
    """Whether key, identity and name are those of the answers, which the document is to show."""
    version, guide = carried.version, work.settings.guide
    if version.guide != guide.id:
        return True  # told as not checked
    try:
        who = person(guide, answers_from_canonical(guide, version.canonical(), relative))
    except CqpError as problem:
        work.tell(relative, f"illisible ({_reason(problem)}).")
        return False
    if (who.key, who.identity, who.name) == (version.key, version.identity, version.candidate):
        return True
    work.tell(
        relative,
        f"se dit de « {version.candidate} » (clé « {version.key} »), mais ses réponses sont celles "
        f"de « {who.name} » (clé « {who.key} ») : il n’est pas repris.",
    )
    return False


def _is_dated(work: _Work, carried: EmbeddedVersion, relative: str) -> bool:
    if carried.version.issued_at <= work.now:
        return True
    work.tell(relative, f"se dit émis le {carried.version.day}, plus tard que maintenant : ignoré.")
    return False


def _keeps_its_trail(
    work: _Work, trail: Trail | None, carried: EmbeddedVersion, relative: str
) -> bool:
    """Whether the document's metadata say the same version; those of 1.0.0 say nothing."""
    version = carried.version
    said = trail and (trail.stage, trail.number, trail.reason, trail.code)
    if said not in (None, (Stage.ISSUED, version.number, version.reason, version.code)):
        work.tell(
            relative,
            "ses réponses embarquées et ses métadonnées ne se disent pas de la même version : il "
            "n’est pas repris.",
        )
        return False
    if trail is not None and trail.replaced_on is not None:
        work.replaced_on[version.guide, version.key, trail.replaces] = trail.replaced_on
    return True


def _in_their_order(work: _Work, versions: list[Version]) -> list[Version]:
    """The versions in the order of issue, without those that another one contradicts.

    A version says on its pages on which day the one before it was issued.
    """
    kept = []
    for one in sorted(versions, key=lambda one: (one.issued_at, one.number)):
        said = work.replaced_on.get((one.guide, one.key, one.number))
        if said is None or said == one.issued_at.date():
            kept.append(one)
            continue
        work.tell(
            one.files[0].path,
            f"se dit émis le {one.day}, mais la version suivante dit l’avoir remplacé comme étant "
            f"du {said:%d/%m/%Y} : il n’est pas repris.",
        )
    return kept


def _shows_its_answers(
    work: _Work, blank: PreparedBlank, content: bytes, carried: EmbeddedVersion, relative: str
) -> bool:
    guide = work.settings.guide
    made_for = carried.version.guide
    if made_for != guide.id:
        again = f"pour le contrôler, relancez avec --guide {made_for}"
        work.tell(relative, f"repris sans contrôle : il est d’un autre guide ; {again}.")
        return True
    if carried.blank_sha256 != blank.blank_sha256:
        former = work.former(blank.format, carried.blank_sha256)
        if former is None:
            work.tell(relative, "repris sans contrôle : il est fait d’un autre document vierge.")
            return True
        blank = former
    try:
        answers = answers_from_canonical(guide, carried.version.canonical(), relative)
        found = differences(make_plan(guide, answers), blank.read(content))
    except CqpError as problem:
        work.tell(relative, f"illisible ({_reason(problem)}).")
        return False
    if found:
        count = f"{len(found)} différence" + ("s" if len(found) > 1 else "")
        work.tell(
            relative,
            f"modifié depuis son émission ({count} avec ses réponses embarquées, dont "
            f"{found[0].placement}) : il n’est pas repris.",
        )
    return not found


def _assembled(work: _Work, parts: list[tuple[IssuedFile, EmbeddedVersion]]) -> Version | None:
    files = [file for file, _ in parts]
    carried = parts[0][1]
    folders = {file.path.split("/")[0] for file in files}
    agree = all(one.version == carried.version for _, one in parts)
    if not agree or len(folders) > 1:
        names = ", ".join(file.path for file in files)
        work.tell(names, "ces documents se disent de la même version et se contredisent.")
        return None
    folder = folders.pop()
    if carried.changes_sha256:
        files.extend(_changes(work, folder, carried))
    return replace(carried.version, folder=folder, files=ordered(files))


def _changes(work: _Work, folder: str, carried: EmbeddedVersion) -> Iterable[IssuedFile]:
    number = carried.version.number
    path = work.changes.get((folder, number))
    if path is None:
        work.tell(folder, f"la liste des modifications de la version {number} manque.")
        return
    relative = f"{folder}/{path.name}"
    if path.is_symlink() or path.stat().st_size > FILE_BYTES:
        work.tell(relative, "ce n’est pas un fichier que ce programme a émis : ignoré.")
        return
    content = path.read_bytes()
    digest = sha256(content).hexdigest()
    if digest != carried.changes_sha256:
        work.tell(relative, "modifiée depuis son émission : elle n’est pas reprise.")
        return
    yield IssuedFile(Role.CHANGES, relative, len(content), digest)


def _tell_gaps(work: _Work, versions: Iterable[Version]) -> None:
    numbers: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for one in versions:
        numbers[one.guide, one.key].append(one)
    for group in numbers.values():
        have = {one.number for one in group}
        missing = sorted(set(range(1, max(have))) - have)
        if missing:
            listed = ", ".join(str(one) for one in missing)
            what = "version introuvable" if len(missing) == 1 else "versions introuvables"
            work.tell(group[0].folder, f"{what} : {listed}.")
