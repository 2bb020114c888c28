"""Read every source once: who is in the batch, who is in it twice, which sources give nobody.

Keys have to be known before anyone is issued, so reading is a pass of its own; what it reads is set
aside on disk until its turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cqp_forms.batch.outcome import Outcome, Problem, State, Trouble
from cqp_forms.batch.report_name import is_report
from cqp_forms.batch.spool import Spool
from cqp_forms.errors import AnswersError
from cqp_forms.findings import Severity
from cqp_forms.guide import Guide
from cqp_forms.issuing.naming import person
from cqp_forms.issuing.register import REGISTER
from cqp_forms.sources import find_workbooks
from cqp_forms.typography import spaced
from cqp_forms.workbook.candidate import Candidate
from cqp_forms.workbook.read import read_workbook


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate whose turn is to come.

    Attributes:
        key: the register's; empty when the fiche names nobody.
        place: where the candidate is in the spool.
        answers_sha256: tells whether two fiches say the same.
    """

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
        twice: for a key that several candidates have, those candidates.
    """

    entries: Sequence[Entry | Outcome]
    twice: dict[str, list[Entry]]

    def duplicates(self, entry: Entry) -> Problem | None:
        """What is wrong with a candidate who is in the batch more than once."""
        same = self.twice.get(entry.key)
        return _duplicate(entry, [one for one in same if one is not entry]) if same else None


def take_in(
    sources: Iterable[Path],
    guide: Guide,
    spool: Spool[Candidate],
    output: Path,
    seen: Callable[[int], None],
) -> Intake:
    """Read all candidates of all sources.

    Args:
        sources: folders, fiches and lots.
        guide: the guide that they answer.
        spool: where candidates are set aside.
        output: the output folder, whose reports are no sources.
        seen: told the number of candidates read so far, after each.
    """
    entries: list[Entry | Outcome] = []
    for found in _workbooks(sources, output):
        if isinstance(found, Outcome):
            entries.append(found)
            continue
        start = len(entries)
        try:
            for candidate in read_workbook(found, guide):
                entries.append(_entry(guide, candidate, spool))
                seen(len(entries))
            if len(entries) == start:
                entries.append(_nobody(found))
        except AnswersError as error:
            # A workbook that breaks off half-way is not trusted for the half that was read.
            del entries[start:]
            entries.append(_unread(found, error))
    return Intake(entries, _twice(one for one in entries if isinstance(one, Entry)))


def _workbooks(sources: Iterable[Path], output: Path) -> Iterator[Path | Outcome]:
    taken: set[Path] = set()
    for source in sources:
        try:
            found = [one for one in find_workbooks([source]) if not _own_report(one, output)]
        except AnswersError as error:
            yield _unread(source, error)
            continue
        if not found:
            yield _nobody(source)
        for path in found:
            if path.resolve() in taken and not source.is_dir():
                yield _named_twice(path)
            elif path.resolve() not in taken:
                taken.add(path.resolve())
                yield path


def _own_report(path: Path, output: Path) -> bool:
    """Whether a batch wrote it, into this output folder or into one among the sources."""
    here = path.resolve().parent
    return is_report(path) and (here == output.resolve() or (here / REGISTER).is_file())


def _entry(guide: Guide, candidate: Candidate, spool: Spool[Candidate]) -> Entry:
    who = person(guide, candidate.answers)
    return Entry(
        who.key if who.key.strip("|") else "",
        spool.add(candidate),
        str(candidate.source),
        candidate.row,
        bytes.fromhex(candidate.answers.sha256())[:16],
    )


def _twice(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    by_key: dict[str, list[Entry]] = {}
    for one in entries:
        if one.key:
            by_key.setdefault(one.key, []).append(one)
    return {key: found for key, found in by_key.items() if len(found) > 1}


def _duplicate(entry: Entry, others: Sequence[Entry]) -> Problem:
    named = " ; ".join(one.where for one in others[:3])
    more = f" et {len(others) - 3} de plus" if len(others) > 3 else ""
    if all(one.answers_sha256 == entry.answers_sha256 for one in others):
        return Problem(
            Trouble.SAME_FICHE.value,
            Severity.ERROR,
            spaced(f"la même fiche est aussi là, avec les mêmes réponses : {named}{more}."),
            "Gardez-en une seule.",
        )
    return Problem(
        Trouble.SAME_KEY.value,
        Severity.ERROR,
        spaced(f"ce candidat figure aussi, avec d’autres réponses, dans : {named}{more}."),
        "Gardez la bonne fiche. Si ce sont deux personnes, donnez à chacune sa référence "
        "(dossier.reference).",
    )


def _unread(source: Path, error: AnswersError) -> Outcome:
    problems = (Problem.of_error(error, Trouble.UNREADABLE),)
    return Outcome("", str(source), State.UNREADABLE, problems=problems)


def _nobody(source: Path) -> Outcome:
    problem = Problem(
        Trouble.NO_CANDIDATE.value,
        Severity.ERROR,
        "il n’y a aucun candidat ici.",
        "Vérifiez que c’est le bon fichier, et que ses lignes sont remplies.",
    )
    return Outcome("", str(source), State.UNREADABLE, problems=(problem,))


def _named_twice(path: Path) -> Outcome:
    problem = Problem(
        Trouble.NAMED_TWICE.value,
        Severity.WARNING,
        "ce classeur est nommé deux fois dans la commande ; il n’est lu qu’une fois.",
        "Nommez-le une seule fois.",
    )
    return Outcome("", str(path), State.REPEATED, problems=(problem,))
