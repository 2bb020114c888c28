"""Find and read every source once: who is there, who is there twice, what gives nobody.

In a folder nothing vanishes: each file that could be a fiche is read, or named with what to do.
Keys have to be known before anyone is issued, so reading is a pass of its own; what it reads is set
aside on disk until its turn comes.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Generic, Self, TypeVar

from cqp_forms.batch.outcome import Outcome, State, findings_of
from cqp_forms.errors import AnswersError, CqpError, refusal
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Guide
from cqp_forms.issuing.naming import person
from cqp_forms.issuing.register import REGISTER
from cqp_forms.typography import command_line
from cqp_forms.workbook.candidate import Candidate, merge
from cqp_forms.workbook.cells import Workbook
from cqp_forms.workbook.opening import open_workbook
from cqp_forms.workbook.read import KnownGuides, PlainLists, read_workbook, unreadable

T = TypeVar("T")

REPORT = "rapport.xlsx"
#: How the report's name starts, whatever it had to be called: sources are never such files.
REPORT_STEM = "rapport"

#: What is read, by the end of its name.
READ = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm", ".ods", ".xls", ".xlsb"})

_SAVE = "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le au format « .xlsx »"
_UNPACK = "S’il contient une fiche, sortez-la de là et mettez-la dans ce dossier"
_NAME = "Si c’est une fiche, donnez-lui un nom qui finit par « .xlsx »"

#: What is a table, but not one that is read: what it is, and what to do.
_OTHER_TABLES: Mapping[str, tuple[str, str]] = {
    ".csv": ("un fichier texte (.csv)", _SAVE),
    ".tsv": ("un fichier texte (.tsv)", _SAVE),
    ".fods": ("un classeur OpenDocument à plat (.fods)", _SAVE),
    ".sxc": ("un classeur d’OpenOffice 1 (.sxc)", _SAVE),
    ".xlt": ("un modèle d’Excel (.xlt)", _SAVE),
    ".numbers": ("un classeur de Numbers", "Dans Numbers : Fichier > Exporter vers > Excel"),
    ".gsheet": (
        "un raccourci vers Google Sheets",
        "Dans Google Sheets : Fichier > Télécharger > Microsoft Excel (.xlsx)",
    ),
}
#: What may hold a fiche, and often stands beside those that were taken out of it.
_CONTAINERS: Mapping[str, tuple[str, str]] = {
    ".zip": ("une archive (.zip)", _UNPACK),
    ".7z": ("une archive (.7z)", _UNPACK),
    ".rar": ("une archive (.rar)", _UNPACK),
    ".eml": ("un message (.eml)", _UNPACK),
    ".msg": ("un message (.msg)", _UNPACK),
    ".crdownload": ("un téléchargement inachevé", "Téléchargez-le de nouveau"),
    ".part": ("un téléchargement inachevé", "Téléchargez-le de nouveau"),
    ".lnk": ("un raccourci", "Si c’est celui d’une fiche, copiez la fiche elle-même ici"),
}
#: Documents and pictures, which no one takes for a fiche.
_OTHERS = frozenset(
    {".docx", ".dotx", ".docm", ".doc", ".odt", ".pdf", ".rtf", ".txt", ".md", ".html", ".htm"}
    | {".pptx", ".ppt", ".odp", ".odg", ".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp"}
    | {".svg", ".heic", ".xml", ".json", ".yaml", ".yml", ".db", ".ini", ".sqlite", ".log", ".tmp"}
)
#: Folders of this program, and of macOS in an archive: they hold no fiche.
_OWN_FOLDERS = frozenset({".emission", ".modeles", "__macosx"})
#: Before Excel's temporary file beside an open workbook, and before what is hidden.
_PASSED_OVER = ("~$", ".")
#: How the names of the blanks end that ``prepare`` puts beside a fiche.
_BLANKS = ("_vierge.docx", "_vierge.pdf")


class DiskQueue(Generic[T]):
    """Objects set aside on disk, so that memory does not grow with the number of candidates.

    The temporary file has no name (on Windows, the system removes it), so that answers, which are
    personal, are never left behind. Only this process writes it, so that unpickling it is safe.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed on exit
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, one: T) -> int:
        """Set an object aside; gives the place to find it at."""
        place = self._end
        self._file.seek(place)
        pickle.dump(one, self._file, pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()
        return place

    def at(self, place: int) -> T:
        """The object at a place that :meth:`add` gave."""
        self._file.seek(place)
        found: T = pickle.load(self._file)
        return found

    def __iter__(self) -> Iterator[T]:
        """All objects in the order in which they came."""
        place = 0
        while place < self._end:
            self._file.seek(place)
            one: T = pickle.load(self._file)
            place = self._file.tell()
            yield one


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate whose turn is to come.

    Attributes:
        guide: the one that the fiche answers.
        key: the register's; empty when the fiche names nobody.
        place: where the candidate is in the queue.
        answers_sha256: tells whether two fiches say the same.
    """

    guide: Guide
    key: str
    place: int
    source: str
    row: int | None
    answers_sha256: bytes

    @property
    def where(self) -> str:
        """« lot.xlsx, ligne 12 », « fiche.xlsx »."""
        name = Path(self.source).name
        return f"{name}, ligne {self.row}" if self.row else name


@dataclass(frozen=True)
class Intake:
    """All that was read.

    Attributes:
        entries: in the order of the sources; an outcome stands for a source that gave nobody.
        clashes: by the place of a candidate who is there more than once, what becomes of the
            candidate and why.
    """

    entries: Sequence[Entry | Outcome]
    clashes: Mapping[int, tuple[State, Finding]]


def find_workbooks(sources: Iterable[Path], output: Path | None) -> Iterator[Path | Outcome]:
    """The workbooks to read: files as they are named, folders searched at any depth.

    Args:
        sources: in the order of the command; a folder's files come sorted by name.
        output: the output folder, if any, whose reports are no sources.

    Yields:
        Paths, each once; and an outcome for each thing that could be a fiche and is not read.
    """
    taken: set[str] = set()
    for source in sources:
        if not _is_folder(source):
            real = os.path.realpath(source)
            if real in taken:
                yield _passed_over(source, State.REPEATED, Code.NAMED_TWICE, *_TWICE)
            else:
                taken.add(real)
                yield source
            continue
        empty = True
        for found in _walk(source, output):
            empty = False
            if isinstance(found, Outcome):
                yield found
            elif (real := os.path.realpath(found)) not in taken:
                taken.add(real)
                yield found
        if empty:
            yield _nobody(source, "ce dossier ne contient aucune fiche.", _NO_FICHE)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, a folder above that is closed: reading says so
        return False


_TWICE = (
    "ce classeur est nommé deux fois dans la commande ; il n’est lu qu’une fois.",
    "Nommez-le une seule fois.",
)
_NO_FICHE = (
    "Vérifiez le dossier. D’un guide rempli (PDF, DOCX), refaites une fiche : cqp-forms extract "
    "GUIDE -o FICHE.xlsx."
)


def _walk(folder: Path, output: Path | None) -> Iterator[Path | Outcome]:
    seen: set[str] = set()
    pending = [folder]
    while pending:
        path = pending.pop()
        try:
            if not path.is_dir():
                if (found := _file(path, output)) is not None:
                    yield found
                continue
            if path.name.casefold() in _OWN_FOLDERS or (real := os.path.realpath(path)) in seen:
                continue
            seen.add(real)
            inside = sorted(path.iterdir(), key=lambda one: one.name.casefold(), reverse=True)
        except OSError as cause:
            # A folder that cannot be looked into may hold candidates: never passed over in silence.
            yield _unread(path, _unopened(cause))
            continue
        pending.extend(inside)
        if _lacks_its_fiche(inside):
            yield replace(_nobody(path, *_WITHOUT_FICHE), prepared=path.name)


_WITHOUT_FICHE = (
    "ce dossier préparé n’a plus de fiche.",
    "Remettez-y la fiche du candidat, ou refaites-la d’après le guide rempli : cqp-forms extract "
    "GUIDE -o FICHE.xlsx.",
)


def _unopened(cause: OSError) -> AnswersError:
    return AnswersError(
        f"ce dossier ne peut pas être lu ({refusal(cause)}).",
        remedy="Vérifiez vos droits d’accès.",
    )


def _lacks_its_fiche(inside: Sequence[Path]) -> bool:
    shown = [one for one in inside if not one.name.startswith(_PASSED_OVER)]
    tables = READ | _OTHER_TABLES.keys()
    return any(one.name.casefold().endswith(_BLANKS) for one in shown) and not any(
        one.suffix.casefold() in tables for one in shown
    )


def _file(path: Path, output: Path | None) -> Path | Outcome | None:
    """What a file of a folder is: to be read, to be named, or nothing of ours."""
    name, suffix = path.name.casefold(), path.suffix.casefold()
    if name.startswith(_PASSED_OVER):
        return None
    if suffix in READ:
        return None if _own_report(path, output) else path
    if suffix in _OTHER_TABLES:
        what, remedy = _OTHER_TABLES[suffix]
        return _unread(
            path, AnswersError(f"ce fichier n’est pas lu : c’est {what}.", remedy=f"{remedy}.")
        )
    if suffix in _CONTAINERS:
        what, remedy = _CONTAINERS[suffix]
        return _passed_over(
            path,
            State.SKIPPED,
            Code.UNREADABLE_SOURCE,
            f"ce fichier n’est pas lu : c’est {what}.",
            f"{remedy}.",
        )
    if suffix not in _OTHERS and (_named_like_a_workbook(name) or _is_workbook(path)):
        message = "ce fichier ressemble à un classeur, mais n’en a pas le nom : il n’est pas lu."
        return _passed_over(path, State.SKIPPED, Code.UNREADABLE_SOURCE, message, f"{_NAME}.")
    return None


def _named_like_a_workbook(name: str) -> bool:
    """« fiche.xlsx.bak », « fiche.xlsx~ », « fiche.xlsx (1) »."""
    return ".xls" in name or ".ods" in name


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/workbook.") for name in archive.namelist())
    except Exception:  # whatever it is, it is no sound workbook
        return False


def is_report(path: Path) -> bool:
    """Whether a workbook has the name of a report that a batch wrote."""
    return path.name.startswith((f"{REPORT_STEM}.", f"{REPORT_STEM}_", f".{REPORT_STEM}-"))


def _own_report(path: Path, output: Path | None) -> bool:
    """Whether a batch wrote it, into this output folder or into one among the sources."""
    here = path.resolve().parent
    return is_report(path) and bool(
        (output and here == output.resolve()) or (here / REGISTER).is_file()
    )


def take_in(
    sources: Iterable[Path],
    guide_of: Callable[[Workbook], Guide],
    queue: DiskQueue[Candidate],
    output: Path | None,
    seen: Callable[[int], None],
    known: KnownGuides = tuple,
    lists: PlainLists = PlainLists.REFUSED,
) -> Intake:
    """Read all candidates of all sources.

    Args:
        sources: folders, fiches and lots.
        guide_of: the guide that a workbook answers; may raise :class:`AnswersError`.
        queue: where candidates are set aside.
        output: the output folder, if any, whose reports are no sources.
        seen: told the number of candidates read so far, after each.
        known: gives the other guides at hand, to name the one that a workbook was made for.
        lists: whether a list with titles in place of ids is read as a lot.
    """
    entries: list[Entry | Outcome] = []
    for found in find_workbooks(sources, output):
        if isinstance(found, Outcome):
            entries.append(found)
            continue
        start = len(entries)
        try:
            with open_workbook(found) as book:
                guide = guide_of(book)
                for candidate in read_workbook(book, guide, known, lists):
                    entries.append(_entry(guide, candidate, queue))
                    seen(len(entries))
            if len(entries) == start:
                entries.append(_nobody(found, "il n’y a aucun candidat ici.", _EMPTY))
        except Exception as cause:
            if isinstance(cause, CqpError) and not isinstance(cause, AnswersError):
                raise
            error = cause if isinstance(cause, AnswersError) else unreadable(found, cause)
            # A workbook that breaks off half-way is not trusted for the half that was read.
            del entries[start:]
            entries.append(_unread(found, error))
    return Intake(entries, dict(_clashes(entries, queue)))


_EMPTY = "Vérifiez que c’est le bon fichier, et que ses lignes sont remplies."


def _entry(guide: Guide, candidate: Candidate, queue: DiskQueue[Candidate]) -> Entry:
    who = person(guide, candidate.answers)
    return Entry(
        guide,
        who.key if who.key.strip("|") else "",
        queue.add(candidate),
        str(candidate.source),
        candidate.row,
        bytes.fromhex(candidate.answers.sha256())[:16],
    )


def _clashes(
    entries: Iterable[Entry | Outcome], queue: DiskQueue[Candidate]
) -> Iterator[tuple[int, tuple[State, Finding]]]:
    by_key: dict[tuple[str, str], list[Entry]] = {}
    for one in entries:
        if isinstance(one, Entry) and one.key:
            by_key.setdefault((one.guide.id, one.key), []).append(one)
    for same in by_key.values():
        if len(same) == 1:
            continue
        if len({one.answers_sha256 for one in same}) == 1:
            for one in same[1:]:
                yield one.place, (State.COPY, _copy(same[0]))
            continue
        halves = _complete_each_other(same, queue)
        for one in same:
            others = [other for other in same if other is not one]
            told = _halves(same, others) if halves else _same_candidate(others)
            yield one.place, (State.DUPLICATE, told)


def _complete_each_other(same: Sequence[Entry], queue: DiskQueue[Candidate]) -> bool:
    """Whether they are fiches of which no two answer one field differently."""
    if len(same) > _HALVES or any(one.row is not None for one in same):
        return False
    return not merge(same[0].guide, [queue.at(one.place).answers for one in same]).conflicts


#: In how many parts a fiche can come back.
_HALVES = 6


def _named(others: Sequence[Entry]) -> str:
    more = f" et {len(others) - 3} de plus" if len(others) > 3 else ""
    return " ; ".join(one.where for one in others[:3]) + more


def _copy(first: Entry) -> Finding:
    return finding(
        Code.SAME_FICHE,
        Severity.WARNING,
        f"les mêmes réponses sont aussi dans {first.where}, qui seule est traitée.",
        "Gardez l’une des deux. Si ce sont deux personnes, donnez à chacune sa référence "
        "(dossier.reference).",
    )


def _halves(same: Sequence[Entry], others: Sequence[Entry]) -> Finding:
    first = Path(same[0].source)
    target = first.with_name(f"{first.stem}_reunie.xlsx")
    command = command_line("merge", *(one.source for one in same), "-o", target)
    return finding(
        Code.COMPLEMENTARY,
        Severity.ERROR,
        f"cette fiche et celle-ci se complètent : {_named(others)}.",
        f"Réunissez-les, puis retirez-les du dossier : {command}",
    )


def _same_candidate(others: Sequence[Entry]) -> Finding:
    return finding(
        Code.SAME_CANDIDATE,
        Severity.ERROR,
        f"ce candidat figure aussi, avec d’autres réponses, dans : {_named(others)}.",
        "Gardez la bonne fiche. Si ce sont deux personnes, donnez à chacune sa référence "
        "(dossier.reference).",
    )


def _unread(source: Path, error: AnswersError) -> Outcome:
    return Outcome("", str(source), State.UNREADABLE, findings=findings_of(error))


def _nobody(source: Path, message: str, remedy: str) -> Outcome:
    return _passed_over(
        source, State.UNREADABLE, Code.NO_CANDIDATE, message, remedy, Severity.ERROR
    )


def _passed_over(
    source: Path,
    state: State,
    code: Code,
    message: str,
    remedy: str,
    severity: Severity = Severity.WARNING,
) -> Outcome:
    found = (finding(code, severity, message, remedy),)
    return Outcome("", str(source), state, findings=found)
