"""Make a lost register again, from the documents alone.

A document embeds its version’s answers and circumstances (see :mod:`cqp_forms.issuing.version`),
but not its own hash: its integrity is judged by whether it still *shows* those answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from cqp_forms.errors import CqpError
from cqp_forms.formats import PreparedBlank
from cqp_forms.issuing.canonical import answers_from_canonical
from cqp_forms.issuing.naming import ISSUED_NAME, Role
from cqp_forms.issuing.register import Register
from cqp_forms.issuing.request import Settings
from cqp_forms.issuing.version import Carried, IssuedFile, Version, parse_payload
from cqp_forms.plan import make_plan
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
    """

    entered: tuple[Version, ...]
    known: int
    problems: tuple[Problem, ...]


@dataclass
class _Work:
    """What is found while the folder is read."""

    settings: Settings
    directory: Path
    problems: list[Problem] = field(default_factory=list)
    changes: dict[tuple[str, int], Path] = field(default_factory=dict)

    def tell(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, spaced(message)))


#: What makes two files of one version: guide, key, number.
_Id = tuple[str, str, int]


def rebuild(settings: Settings, directory: Path, register: Register) -> Rebuilt:
    """Enter in a register every version that the documents of a folder tell of.

    Args:
        settings: the guide, and a prepared blank for each format to read.
        directory: the output folder.
        register: open for writing; versions that it has already are left alone.

    Raises:
        OutputError: the register cannot be written.
    """
    work = _Work(settings, directory)
    found: dict[_Id, list[tuple[IssuedFile, Carried]]] = defaultdict(list)
    for path in sorted(directory.glob("*/*_v*")):
        _look_at(work, path, found)
    versions = [one for parts in found.values() if (one := _assembled(work, parts)) is not None]
    versions.sort(key=lambda one: (one.issued_at, one.number))
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
            with register.writing():
                register.insert(version)
            entered.append(version)
    _tell_gaps(work, register.versions())
    return Rebuilt(tuple(entered), known, tuple(work.problems))


def _look_at(work: _Work, path: Path, found: dict[_Id, list[tuple[IssuedFile, Carried]]]) -> None:
    relative = f"{path.parent.name}/{path.name}"
    name = ISSUED_NAME.fullmatch(path.name)
    if name is None or not path.is_file():
        return
    if not name["stem"].endswith(f"_{path.parent.name}"):
        work.tell(relative, "ce fichier n’est pas dans son dossier d’origine : ignoré.")
        return
    if name["changes"]:
        work.changes[path.parent.name, int(name["number"])] = path
        return
    blank = next((one for one in work.settings.blanks if one.format == name["ext"]), None)
    carried = _carried(work, blank, path, relative) if blank else None
    if blank is None or carried is None:
        return
    if carried.version.number != int(name["number"]):
        work.tell(relative, f"son contenu est celui de la version {carried.version.number}.")
        return
    content = path.read_bytes()
    if not _shows_its_answers(work, blank, content, carried, relative):
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


def _carried(work: _Work, blank: PreparedBlank, path: Path, relative: str) -> Carried | None:
    try:
        content = blank.payload(path.read_bytes())
        if content is None:
            work.tell(
                relative,
                "pas de réponses embarquées (émis avec --no-embed, ou réenregistré par un logiciel "
                "qui les a retirées) : à reprendre d’une sauvegarde du registre.",
            )
            return None
        return parse_payload(content)
    except (OSError, ValueError, CqpError) as problem:
        reason = problem.message if isinstance(problem, CqpError) else str(problem)
        work.tell(relative, f"illisible ({reason.rstrip('.')}).")
        return None


def _shows_its_answers(
    work: _Work, blank: PreparedBlank, content: bytes, carried: Carried, relative: str
) -> bool:
    guide = work.settings.guide
    made_for = carried.version.guide
    if made_for != guide.id:
        again = f"pour le contrôler, relancez avec --guide {made_for}"
        work.tell(relative, f"repris sans contrôle : il est d’un autre guide ; {again}.")
        return True
    if carried.blank_sha256 != blank.blank_sha256:
        work.tell(relative, "repris sans contrôle : il est fait d’un autre document vierge.")
        return True
    try:
        answers = answers_from_canonical(guide, carried.version.canonical(), relative)
        found = differences(make_plan(guide, answers), blank.read(content))
    except CqpError as problem:
        work.tell(relative, f"illisible ({problem.message.rstrip('.')}).")
        return False
    if found:
        count = f"{len(found)} différence" + ("s" if len(found) > 1 else "")
        work.tell(
            relative,
            f"modifié depuis son émission ({count} avec ses réponses embarquées, dont "
            f"{found[0].placement}) : il n’est pas repris.",
        )
    return not found


def _assembled(work: _Work, parts: list[tuple[IssuedFile, Carried]]) -> Version | None:
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
    files.sort(key=lambda one: list(Role).index(one.role))
    return replace(carried.version, folder=folder, files=tuple(files))


def _changes(work: _Work, folder: str, carried: Carried) -> Iterable[IssuedFile]:
    number = carried.version.number
    path = work.changes.get((folder, number))
    if path is None:
        work.tell(folder, f"la liste des modifications de la version {number} manque.")
        return
    content = path.read_bytes()
    relative, digest = f"{folder}/{path.name}", sha256(content).hexdigest()
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
