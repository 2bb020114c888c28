"""``check``: read and check fiches and lots; write nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import BAD, GOOD, NOTE, count_of, echo, emit_json, show_findings
from cqp_forms.cli.options import (
    guide_option,
    json_option,
    sources_argument,
    strict_option,
    workbook_path,
)
from cqp_forms.cli.session import Session, Verbosity, pass_session
from cqp_forms.errors import AnswersError, DocumentError, ExitCode, UsageError
from cqp_forms.findings import (
    INCOMPLETENESS,
    Code,
    Finding,
    Severity,
    errors,
    strict,
    warnings,
)
from cqp_forms.mapping import Format
from cqp_forms.typography import NBSP, command_line

if TYPE_CHECKING:
    from cqp_forms.answers import Answers
    from cqp_forms.batch.intake import Entry
    from cqp_forms.formats import DocumentStamper
    from cqp_forms.guide import Guide
    from cqp_forms.progress import Progress
    from cqp_forms.workbook.candidate import Candidate


@dataclass(frozen=True)
class _Checked:
    """One candidate, or a source that gave none.

    Attributes:
        state: what it is, in French.
        brief: the findings in fewer lines: a line a sheet that nobody has begun, and what is wrong
            with a guide's documents once; ``None``: all of them.
    """

    source: str
    candidate: str
    row: int | None
    state: str
    findings: tuple[Finding, ...]
    brief: tuple[Finding, ...] | None = None
    progress: Progress | None = None

    @property
    def is_copy(self) -> bool:
        """Whether the same answers are in another source, which alone counts."""
        return any(one.code is Code.SAME_FICHE for one in self.findings)

    def as_json(self) -> dict[str, object]:
        return {
            "source": self.source,
            "candidate": self.candidate,
            "row": self.row,
            "progress": self.progress and self.progress.as_json(),
            "findings": [one.as_json() for one in self.findings],
        }


@click.command("check")
@sources_argument
@guide_option
@strict_option
@click.option(
    "--fix",
    is_flag=True,
    help="Reporte les réponses d’une fiche abîmée dans une fiche neuve (avec -o).",
)
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FICHE.xlsx",
    type=click.Path(path_type=Path),
    help="Avec --fix : la fiche à créer.",
)
@json_option
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    sources: tuple[Path, ...],
    guide_id: str | None,
    strict: bool,
    fix: bool,
    target: Path | None,
    as_json: bool,
) -> None:
    """Relit des fiches, des lots ou des dossiers de fiches, et dit tout ce qui ne va pas.

    Chaque problème est donné avec sa feuille, sa cellule et ce qu’il faut faire ; une feuille à
    laquelle personne n’a encore répondu tient en une ligne. Rien n’est écrit. Code de sortie 3 s’il
    y a au moins une erreur. D’une fiche prête, il est dit aussi ce qui empêche encore de remplir
    les documents de son guide.

    Avec --fix, les réponses d’une fiche dont des lignes, des identifiants ou des feuilles sont
    abîmés passent dans une fiche neuve ; ce qui n’a pas de place sûre est nommé (code 6).
    """
    if fix or target:
        if not (fix and target and len(sources) == 1):
            raise UsageError(
                "--fix veut une seule fiche, et -o la fiche à créer.",
                remedy="Écrivez : cqp-forms check FICHE --fix -o FICHE-NEUVE.xlsx",
            )
        ctx.exit(_fix(session, sources[0], target, guide_id, as_json))
    found = list(_check(session, sources, guide_id, strict))
    if as_json:
        emit_json({"sources": [one.as_json() for one in found]})
    else:
        for one in found:
            _show(session, one)
        _say_totals(session, found)
    if any(errors(one.findings) for one in found):
        ctx.exit(ExitCode.ANSWERS)


def _fix(
    session: Session, source: Path, target: Path, guide_id: str | None, as_json: bool
) -> ExitCode:
    """Move the answers of a damaged fiche into a fresh one; gives the exit code."""
    from cqp_forms.workbook.opening import open_workbook
    from cqp_forms.workbook.repair import recover_fiche, unplaced
    from cqp_forms.workbook.write import write_fiche

    with open_workbook(source) as book:
        guide = session.guide(guide_id, book)
        candidate = recover_fiche(book, guide)
    lost = list(unplaced(candidate))
    target = workbook_path(target)
    write_fiche(target, guide, candidate.answers, rooms=session.rooms(guide))
    moved = sum((one.value is not None) + bool(one.comment) for one in candidate.answers.values())
    if as_json:
        left = [{"place": place, "message": message} for place, message in lost]
        emit_json({"source": str(source), "fiche": str(target), "moved": moved, "unplaced": left})
    else:
        echo(target)
    for place, message in lost:
        echo(f"{place}{NBSP}: {message}", mark=BAD, err=True)
    left_out = f", {count_of(len(lost), 'non reportée', 'non reportées')}" if lost else ""
    session.say(
        f"{count_of(moved, 'réponse reportée', 'réponses reportées')}{left_out}. Contrôlez-la"
        f"{NBSP}: {command_line('check', target)}",
        fg="yellow" if lost else "green",
    )
    return ExitCode.DIFFERENCE if lost else ExitCode.DONE


def _check(
    session: Session, sources: tuple[Path, ...], guide_id: str | None, strictly: bool
) -> Iterator[_Checked]:
    from cqp_forms.batch.intake import DiskQueue, take_in
    from cqp_forms.batch.outcome import Outcome, State

    documents = _Documents(session)
    with DiskQueue["Candidate"]() as queue:
        taken = take_in(
            sources,
            lambda book: session.guide(guide_id, book),
            queue,
            None,
            lambda _count: None,
            session.project.known_guides,
        )
        for one in taken.entries:
            if isinstance(one, Outcome):
                yield _Checked(one.source, "", None, one.label, one.findings)
                continue
            clash = taken.clashes.get(one.place)
            checked = _of_candidate(session, one, queue.at(one.place), strictly, documents)
            if clash is None:
                yield checked
            elif clash[0] is State.COPY:
                yield replace(checked, state=clash[0].label, findings=(clash[1],), brief=None)
            else:
                yield replace(
                    checked,
                    state=f"{clash[0].label}, {checked.state}",
                    findings=(clash[1], *checked.findings),
                    brief=(clash[1], *(checked.brief or ())),
                )


#: A text that is shorter fits any place.
_SHORT = 35


@dataclass
class _Documents:
    """The blanks that a guide's answers go into, compiled once, if there is something to ask."""

    session: Session
    _known: dict[str, tuple[tuple[DocumentStamper, ...], tuple[Finding, ...]]] = field(
        default_factory=dict
    )
    _told: set[str] = field(default_factory=set)

    def continued(self, guide: Guide, answers: Answers) -> tuple[Finding, ...]:
        """Which texts will go on in an annex."""
        from cqp_forms.formats import continuations

        if all(len(answers.text(key)) < _SHORT for key in guide.fields):
            return ()
        try:
            return continuations(guide, answers, self._of(guide)[0])
        except AnswersError:  # of a list that lacks the answer: told when it is to be filled
            return ()

    def refused(self, guide: Guide) -> tuple[Finding, ...]:
        """Why ``fill`` would refuse the guide's documents, as warnings, in its words."""
        return self._of(guide)[1]

    def untold(self, guide: Guide) -> tuple[Finding, ...]:
        """The same for the first who asks; none afterwards."""
        first = guide.id not in self._told
        self._told.add(guide.id)
        return self.refused(guide) if first else ()

    def _of(self, guide: Guide) -> tuple[tuple[DocumentStamper, ...], tuple[Finding, ...]]:
        from cqp_forms.batch.outcome import findings_of
        from cqp_forms.formats import prepare_blank

        if guide.id not in self._known:
            made: list[DocumentStamper] = []
            refused: list[Finding] = []
            project = self.session.project
            # A guide without any document: asking for one says what misses.
            for kind in project.formats(guide) or tuple(Format)[:1]:
                try:
                    made.append(prepare_blank(guide, project.blank(guide, kind)).stamper)
                except DocumentError as error:
                    refused += findings_of(error)
            told = tuple(replace(one, severity=Severity.WARNING) for one in refused)
            self._known[guide.id] = tuple(made), told
        return self._known[guide.id]


def _of_candidate(
    session: Session, entry: Entry, candidate: Candidate, strictly: bool, documents: _Documents
) -> _Checked:
    from cqp_forms.progress import FicheState, condensed, progress_of

    guide, answers = entry.guide, candidate.answers
    found = candidate.check(guide, session.today)
    found = strict(found) if strictly else found
    progress = progress_of(guide, answers, found)
    more = documents.continued(guide, answers)
    brief = condensed(guide, answers, found, candidate.row) + more
    found += more
    state = progress.label
    if progress.state is FicheState.READY and (refused := documents.refused(guide)):
        state += ", mais les documents de son guide ne peuvent pas encore être remplis"
        found += refused
        brief += documents.untold(guide)
    return _Checked(entry.source, candidate.label, candidate.row, state, found, brief, progress)


def _show(session: Session, one: _Checked) -> None:
    told = one.findings if one.brief is None else one.brief
    if session.verbosity is Verbosity.QUIET:
        told = errors(told)
        if not told:
            return
    if session.verbosity is not Verbosity.VERBOSE:
        told = tuple(found for found in told if found.code is not Code.INVISIBLE_CHARACTER)
    row = f", ligne {one.row}" if one.row else ""
    name = f" – {one.candidate}" if one.candidate else ""
    mark = BAD if errors(one.findings) else GOOD if one.candidate else NOTE
    echo(f"{one.source}{row}{name}{NBSP}: {one.state}", mark=mark, err=True)
    show_findings(told)
    if len(told) > 1:
        echo(f"  Total{NBSP}: {_total(one.findings)}", err=True)


def _total(findings: tuple[Finding, ...]) -> str:
    """« 2 erreurs, 97 réponses manquantes, 1 avertissement »."""
    wrong = errors(findings)
    missing = sum(one.code in INCOMPLETENESS for one in wrong)
    infos = sum(one.severity is Severity.INFORMATION for one in findings)
    counts = (
        (len(wrong) - missing, "erreur", ""),
        (missing, "réponse manquante", "réponses manquantes"),
        (len(warnings(findings)), "avertissement", ""),
        (infos, "information", ""),
    )
    return ", ".join(count_of(*count) for count in counts if count[0])


def _say_totals(session: Session, found: list[_Checked]) -> None:
    if len(found) < 2:
        return
    states = Counter(
        "copie" if one.is_copy else one.progress.state.value for one in found if one.progress
    )
    counts = [count_of(states[key], *words) for key, words in _STATES.items() if states[key]]
    read, others = states.total(), [one for one in found if one.progress is None]
    parts = [f"{count_of(read, 'candidat lu', 'candidats lus')}{NBSP}: {', '.join(counts)}"]
    if others:
        parts.append(count_of(len(others), "source sans candidat", "sources sans candidat"))
    session.say("\n" + " ; ".join(parts if read else parts[1:]) + ".")


#: By the value of a fiche's state; several of them.
_STATES = {
    "prete": ("prête", "prêtes"),
    "en-cours": ("en cours", "en cours"),
    "non-commencee": ("non commencée", "non commencées"),
    "a-corriger": ("à corriger", "à corriger"),
    "copie": ("copie", "copies"),
}
