"""``diff``: what differs between two of: fiche, issued DOCX, issued PDF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import count_of, emit_json, show_changes, show_findings
from cqp_forms.cli.options import examined_options
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.cli.verify import keep_pictures
from cqp_forms.errors import ExitCode
from cqp_forms.findings import Severity, errors
from cqp_forms.typography import spaced

if TYPE_CHECKING:
    from cqp_forms.examine import OpenedSource
    from cqp_forms.findings import Finding
    from cqp_forms.issuing.history import Change


@click.command("diff")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@examined_options
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    first: Path,
    second: Path,
    guide_id: str,
    documents: tuple[Path, ...],
    mappings: tuple[Path, ...],
    folder: Path | None,
    as_json: bool,
) -> None:
    """Compare deux fiches ou guides (DOCX, PDF), champ par champ : avant dans A, après dans B.

    Un guide est lu tel qu’il se montre, non d’après les réponses qui lui sont jointes. Ce qu’un
    guide ne montre pas ne se compare pas : NA y est coché NON, et ni les précisions ni la référence
    du dossier n’y figurent.

    Chaque guide est aussi refait d’après ce qui y est lu : là où il montre autre chose (une case
    couverte, un texte changé), la réponse est en doute.

    Code de sortie 6 si quelque chose diffère, ou si une case est douteuse.
    """
    before, after = session.examine(guide_id, documents, mappings).open(first, second)
    found, findings = _compare(before, after)
    doubts = errors(findings)
    pictures = keep_pictures(folder, before, after)
    if as_json:
        emit_json(
            {
                "before": {"path": str(first), "kind": before.kind},
                "after": {"path": str(second), "kind": after.kind},
                "equal": not (found or doubts),
                "changes": [one.as_json() for one in found],
                "findings": [one.as_json() for one in findings],
                "pictures": [str(one) for one in pictures],
            }
        )
    else:
        _show(session, found, findings)
    if found or doubts:
        ctx.exit(ExitCode.DIFFERENCE)


def _compare(
    before: OpenedSource, after: OpenedSource
) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
    from cqp_forms.issuing.history import changes
    from cqp_forms.shown import comparable

    old, new = before.answers, after.answers
    if before.document or after.document:
        old, new = comparable(before.guide, old, new)
    findings = tuple(
        one
        for source in (before, after)
        for one in source.findings
        if source.document or one.severity is Severity.ERROR
    )
    return changes(before.guide, old, new), findings


def _show(session: Session, found: tuple[Change, ...], findings: tuple[Finding, ...]) -> None:
    doubts = errors(findings)
    if doubts:
        session.say(spaced(f"{count_of(len(doubts), 'champ')} en doute :"))
    show_findings(findings)
    if found:
        session.say(spaced(f"{count_of(len(found), 'champ')} en différence :"), bold=True)
        show_changes(found)
    if not (found or doubts):
        session.say("Aucune différence.", fg="green")
