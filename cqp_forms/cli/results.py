"""``results``: what is to be copied to « Résultats de l’évaluation », for each candidate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import BAD, count_of, echo, emit_json, show_findings
from cqp_forms.cli.options import guide_option, json_option, sources_argument
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import ExitCode
from cqp_forms.findings import errors

if TYPE_CHECKING:
    from cqp_forms.batch.results import CandidateResults
    from cqp_forms.findings import Finding
    from cqp_forms.guide import Guide


@click.command("results")
@sources_argument
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FICHIER.xlsx|.docx",
    type=click.Path(path_type=Path),
    default=Path("resultats.xlsx"),
    show_default=True,
    help="Le fichier à créer : un classeur, ou un document Word selon son suffixe.",
)
@guide_option
@json_option
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    sources: tuple[Path, ...],
    path: Path,
    guide_id: str | None,
    as_json: bool,
) -> None:
    """Écrit, pour chaque candidat, ce qui est à recopier dans « Résultats de l’évaluation ».

    Le résultat de chaque compétence, et chaque critère NA avec sa précision. Un fichier qui existe
    déjà n’est jamais remplacé.
    """
    from cqp_forms.batch.results import require_target, write_results

    require_target(path)
    guide, found, unread = _read(session, sources, guide_id)
    if guide is not None:
        write_results(path, guide, found, session.now)
        if not as_json:
            echo(path)
        session.say(f"{count_of(len(found), 'candidat')} dans {path}.", fg="green")
    if as_json:
        emit_json({
            "file": str(path) if guide else None,
            "candidates": [one.as_json() for one in found],
        })  # fmt: skip
    if unread:
        ctx.exit(ExitCode.PARTIAL if found else ExitCode.ANSWERS)


def _read(
    session: Session, sources: tuple[Path, ...], guide_id: str | None
) -> tuple[Guide | None, list[CandidateResults], int]:
    """What the fiches say, and how many sources and candidates could not be read in full."""
    from cqp_forms.batch.intake import DiskQueue, take_in
    from cqp_forms.batch.outcome import Outcome, State, assess
    from cqp_forms.batch.results import results_of
    from cqp_forms.workbook.candidate import Candidate

    guide: Guide | None = None
    found: list[CandidateResults] = []
    unread = 0
    with DiskQueue[Candidate]() as queue:
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
                unread += bool(errors(one.findings))
                _tell(one.source, one.findings)
                continue
            clash = taken.clashes.get(one.place)
            if clash and clash[0] is State.COPY:
                continue
            candidate = queue.at(one.place)
            troubles = errors((*candidate.findings, *([clash[1]] if clash else [])))
            if troubles:
                unread += 1
                _tell(f"{one.where} – {candidate.label}", troubles)
                continue
            guide = one.guide
            reference = candidate.answers.text(guide.key) if guide.key else ""
            known = assess(guide, candidate.answers)
            found.append(results_of(guide, candidate.label, reference, known))
    return guide, found, unread


def _tell(where: str, findings: tuple[Finding, ...]) -> None:
    if findings:
        echo(where, mark=BAD, err=True)
        show_findings(findings)
