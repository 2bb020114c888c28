"""``batch``: issue many candidates' guides, and report."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from cqp_forms import __version__
from cqp_forms.cli.console import (
    BAD,
    GOOD,
    NOTE,
    Bar,
    count_of,
    echo,
    emit_json,
    show_error,
    show_findings,
)
from cqp_forms.cli.issued import tell_blanks, tell_pending
from cqp_forms.cli.options import is_given, issue_options, sources_argument
from cqp_forms.cli.session import Session, SettingsFactory, Verbosity, pass_session
from cqp_forms.errors import AnswersError, CqpError, ExitCode, UsageError
from cqp_forms.findings import errors
from cqp_forms.typography import NBSP, spaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cqp_forms.batch.bundle import Bundled
    from cqp_forms.batch.intake import DiskQueue
    from cqp_forms.batch.outcome import Outcome, Totals
    from cqp_forms.batch.report import Header


def _cores() -> int:
    # The cores that this process may use, which a container or `taskset` makes fewer.
    count = getattr(os, "process_cpu_count", None) or (
        (lambda: len(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else os.cpu_count
    )
    return count() or 1


@click.command("batch")
@sources_argument
@issue_options
@click.option("--draft", is_flag=True, help="Des brouillons, qui n’entrent pas dans le registre.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1),
    default=None,
    help="Nombre de processus (par défaut : autant que de cœurs).",
)
@click.option(
    "--print-bundle",
    "bundle",
    metavar="FICHIER.pdf",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Réunit tous les PDF en un seul, à imprimer recto verso, précédé d’une liste.",
)
@click.option(
    "--results",
    metavar="FICHIER.xlsx|.docx",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Écrit ce qui est à recopier dans « Résultats de l’évaluation », comme cqp-forms results.",
)
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    /,
    sources: tuple[Path, ...],
    folder: Path,
    strict: bool,
    as_json: bool,
    draft: bool,
    jobs: int | None,
    bundle: Path | None,
    results: Path | None,
    guide_id: str | None,
    **options: Any,
) -> None:
    """Émet les guides de beaucoup de candidats : dossiers de fiches, fiches et lots, mélangés.

    Chaque candidat est traité pour lui-même : une fiche en erreur est signalée, les autres guides
    sont émis (code de sortie 7 ; 3 si aucun n’a pu l’être). Ctrl-C arrête proprement ; la même
    commande reprend où elle s’est arrêtée, et n’émet personne deux fois. Le compte rendu est
    rapport.xlsx, dans le dossier de sortie.
    """
    from cqp_forms.batch.intake import DiskQueue
    from cqp_forms.batch.outcome import Outcome
    from cqp_forms.batch.report import Header
    from cqp_forms.batch.run import Job, Purpose, Strictness, run_batch
    from cqp_forms.issuing.request import LackingFormats

    if bundle is not None:
        _check_bundle(bundle, options["formats"])
    if results is not None:
        from cqp_forms.batch.results import require_target

        require_target(results)
    making = SettingsFactory(
        session, guide_id or _guide_id(session, sources), is_draft=draft, **options
    )
    job = Job(
        sources=sources,
        output=folder,
        settings=making,
        started=session.now,
        jobs=jobs or _cores(),
        clock=time.perf_counter,
        purpose=Purpose.DRAFT if draft else Purpose.ISSUE,
        lacking=LackingFormats.ADDED if is_given(ctx, "formats") else LackingFormats.TOLD,
        strictness=Strictness.STRICT if strict else Strictness.LENIENT,
        known=session.project.known_guides,
    )
    settings = making()
    if draft:
        tell_pending(session, settings)
    else:
        tell_blanks(session, settings)
    header = Header(settings.guide, folder, job.started, f"cqp-forms {__version__}")
    with Interruption() as interruption, DiskQueue[Outcome]() as outcomes:
        progress = BatchProgress(session, interruption)
        try:
            totals = run_batch(job, settings, progress, outcomes)
        finally:
            progress.end()
        code = _conclude(session, header, outcomes, totals, bundle, results, as_json)
    ctx.exit(code)


def _guide_id(session: Session, sources: tuple[Path, ...]) -> str:
    """The guide that the first workbook was made for; the others have to be for the same."""
    from cqp_forms.batch.sources import find_workbooks
    from cqp_forms.project import DEFAULT_GUIDE

    for found in find_workbooks(sources, None):
        if isinstance(found, Path):
            try:
                return session.guide_id_of(found)
            except AnswersError:
                continue  # it is told in its turn
    return DEFAULT_GUIDE


def _check_bundle(path: Path, formats: str) -> None:
    """Refuse what cannot end well before anything is issued.

    Raises:
        UsageError: no PDF is asked for.
        OutputError: the file is there and is no bundle.
    """
    if formats == "docx":
        raise UsageError(
            "--print-bundle réunit des PDF, et --format docx n’en produit pas.",
            remedy="Retirez l’une des deux options.",
        )
    from cqp_forms.batch.bundle import require_replaceable

    require_replaceable(path)


def _conclude(
    session: Session,
    header: Header,
    outcomes: DiskQueue[Outcome],
    totals: Totals,
    bundle: Path | None,
    results: Path | None,
    as_json: bool,
) -> ExitCode:
    """Report, bundle and results; gives the exit code."""
    from cqp_forms.batch.bundle import make_bundle
    from cqp_forms.batch.report import report_json, write_report
    from cqp_forms.batch.results import results_of_batch, write_results

    report, bundled = None, None
    with _kept_going() as troubles:
        if totals.candidates:
            report = write_report(header, outcomes, totals)
    with _kept_going(troubles):
        if bundle is not None and totals.exit_code is not ExitCode.INTERRUPTED:
            bundled = make_bundle(header, outcomes, bundle)
    written = None
    with _kept_going(troubles):
        if results is not None and totals.done and totals.exit_code is not ExitCode.INTERRUPTED:
            found = results_of_batch(header.guide, outcomes)
            write_results(results, header.guide, found, header.started)
            written = str(results)
            session.say(f"À recopier : {results} ({count_of(len(found), 'candidat')})")
    if as_json:
        paths = {
            "report": report and str(report),
            "bundle": bundled and str(bundled.path),
            "results": written,
        }
        emit_json(report_json(header, outcomes, totals) | paths)
    _say_bundle(session, bundle, bundled)
    _say_totals(session, totals, report)
    code = totals.exit_code
    return troubles[0] if troubles and code is ExitCode.DONE else code


@contextmanager
def _kept_going(troubles: list[ExitCode] | None = None) -> Iterator[list[ExitCode]]:
    """The guides are issued: neither report nor bundle may end the batch without its totals."""
    troubles = [] if troubles is None else troubles
    try:
        yield troubles
    except CqpError as error:
        show_error(error)
        troubles.append(error.exit_code)


def _say_bundle(session: Session, asked: Path | None, bundled: Bundled | None) -> None:
    if bundled is None:
        if asked is not None:
            session.say("Rien à imprimer : le lot PDF n’a pas été écrit.", fg="yellow")
        return
    for name, state in bundled.left_out:
        session.say(spaced(f"Absent du lot à imprimer : {name} est {state.value}."), fg="yellow")
    guides, pages = count_of(bundled.documents, "guide"), count_of(bundled.pages, "page")
    session.say(f"À imprimer : {bundled.path} ({guides}, {pages})")


def _say_totals(session: Session, totals: Totals, report: Path | None) -> None:
    counts = ", ".join(totals.counted())
    colour = "yellow" if totals.failed else "green"
    session.say(spaced(f"Bilan : {counts or 'aucun candidat'}."), fg=colour)
    if report is not None:
        session.say(spaced(f"Compte rendu : {report}"))
    if totals.exit_code is ExitCode.INTERRUPTED:
        session.say(
            "Interrompu : ce qui est émis reste émis. Relancez la même commande pour continuer.",
            fg="yellow",
        )


if TYPE_CHECKING:
    from cqp_forms.batch.outcome import Outcome

#: After how many candidates the count of those read is told anew.
_READ = 50
#: How many errors of a candidate are told here; all are in the report.
_TOLD = 3


class Interruption:
    """Turns the first Ctrl-C into a request to end well; the second ends at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


class BatchProgress:
    """Tells how a batch goes on, on stderr."""

    def __init__(self, session: Session, interruption: Interruption) -> None:
        self._interruption = interruption
        self._quiet = session.verbosity is Verbosity.QUIET
        self._bar = Bar(wanted=not self._quiet)

    def read(self, count: int) -> None:
        """Candidates have been read."""
        if self._interruption.asked:
            raise KeyboardInterrupt  # nothing has been issued yet: nothing to end well
        if count % _READ == 0:
            self._bar.say(f"Lecture{NBSP}: {count_of(count, 'candidat')}")

    def begin(self, total: int) -> None:
        """Their turn comes."""
        self._bar.clear()
        self._bar.begin(total)
        if not self._quiet and not self._bar.shown:
            echo(f"{count_of(total, 'candidat à traiter', 'candidats à traiter')}", err=True)

    def done(self, outcome: Outcome) -> None:
        """One more is dealt with."""
        if (outcome.state.failed or outcome.state.passed) and not self._interruption.asked:
            if outcome.state.failed or not self._quiet:
                self._bar.clear()
                _tell_failure(outcome)
        elif not self._quiet and not self._bar.shown:
            _tell(outcome)
        self._bar.step()

    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._interruption.asked

    def end(self) -> None:
        """Leave the terminal as it was."""
        self._bar.end()


def _where(outcome: Outcome) -> str:
    row = f", ligne {outcome.row}" if outcome.row else ""
    return f"{outcome.source}{row}"


def _tell(outcome: Outcome) -> None:
    version = f" (version {outcome.version})" if outcome.version else ""
    warned = f", {count_of(len(outcome.warnings), 'avertissement')}" if outcome.warnings else ""
    name = outcome.candidate or outcome.source
    echo(f"{name}{NBSP}: {outcome.label}{version}{warned}", mark=GOOD, err=True)


def _tell_failure(outcome: Outcome) -> None:
    """A candidate who has no guide, or a source that gave nobody: why, and what to do."""
    name = f"{outcome.candidate} – " if outcome.candidate else ""
    mark = BAD if outcome.state.failed else NOTE
    echo(f"{name}{_where(outcome)}{NBSP}: {outcome.label}", mark=mark, err=True)
    found = errors(outcome.told) or outcome.told
    show_findings(found[:_TOLD])
    if len(found) > _TOLD:
        echo(f"    … et {len(found) - _TOLD} de plus, dans le rapport.", err=True)
