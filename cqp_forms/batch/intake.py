"""Find and read every source once: who is there, who is there twice, what gives nobody.

Keys have to be known before anyone is issued, so reading is a pass of its own; what it reads is set
aside on disk until its turn comes.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Generic, Self, TypeVar

from cqp_forms.batch.outcome import Outcome, State
from cqp_forms.batch.sources import find_workbooks, nobody, unread
from cqp_forms.errors import AnswersError, CqpError
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Guide
from cqp_forms.issuing.naming import person
from cqp_forms.typography import command_line
from cqp_forms.workbook.candidate import Candidate, merge
from cqp_forms.workbook.cells import Workbook
from cqp_forms.workbook.opening import open_workbook
from cqp_forms.workbook.read import KnownGuides, PlainLists, read_workbook, unreadable

T = TypeVar("T")


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
                entries.append(nobody(found, "il n’y a aucun candidat ici.", _EMPTY))
        except Exception as cause:
            if isinstance(cause, CqpError) and not isinstance(cause, AnswersError):
                raise
            error = cause if isinstance(cause, AnswersError) else unreadable(found, cause)
            # A workbook that breaks off half-way is not trusted for the half that was read.
            del entries[start:]
            entries.append(unread(found, error))
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
