"""``check``: read and check fiches and lots; write nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import BAD, GOOD, count_of, echo, emit_json, show_findings, summary
from cqp_forms.cli.options import guide_option, json_option, sources_argument, strict_option
from cqp_forms.cli.session import Session, Verbosity, pass_session
from cqp_forms.errors import AnswersError, ExitCode
from cqp_forms.findings import Code, Finding, Severity, errors, strict

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class _Checked:
    """One candidate, or a workbook that gave none."""

    source: Path
    candidate: str
    row: int | None
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "source": str(self.source),
            "candidate": self.candidate,
            "row": self.row,
            "findings": [one.as_json() for one in self.findings],
        }


@click.command("check")
@sources_argument
@guide_option
@strict_option
@json_option
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    sources: tuple[Path, ...],
    guide_id: str | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Relit des fiches, des lots ou des dossiers de fiches, et dit tout ce qui ne va pas.

    Chaque problème est donné avec sa feuille, sa cellule et ce qu’il faut faire. Rien n’est écrit.
    Code de sortie 3 s’il y a au moins une erreur.
    """
    found = list(_check(session, sources, guide_id, strict))
    if as_json:
        emit_json({"sources": [one.as_json() for one in found]})
    else:
        for one in found:
            _show(session, one)
        blocked = [one for one in found if errors(one.findings)]
        if len(found) > 1:
            session.say(
                f"\n{count_of(len(found), 'candidat lu', 'candidats lus')}, "
                f"{len(blocked)} à corriger."
            )
    if any(errors(one.findings) for one in found):
        ctx.exit(ExitCode.ANSWERS)


def _check(
    session: Session, sources: tuple[Path, ...], guide_id: str | None, strictly: bool
) -> Iterator[_Checked]:
    from cqp_forms.sources import find_workbooks
    from cqp_forms.workbook.read import findings_of, read_workbook

    for path in find_workbooks(sources):
        try:
            guide = session.guide(guide_id, path)
            empty = True
            for one in read_workbook(path, guide, session.project.known_guides):
                empty = False
                found = one.check(guide, session.today)
                yield _Checked(path, one.label, one.row, strict(found) if strictly else found)
            if empty:
                yield _Checked(path, "", None, (_nobody(),))
        except AnswersError as error:
            yield _Checked(path, "", None, findings_of(error))


def _nobody() -> Finding:
    return Finding(
        Code.NO_CANDIDATE,
        Severity.ERROR,
        "ce lot n’a aucune ligne remplie.",
        "Remplissez une ligne par candidat.",
    )


def _show(session: Session, one: _Checked) -> None:
    quiet = session.verbosity is Verbosity.QUIET
    told = errors(one.findings) if quiet else one.findings
    if quiet and not told:
        return
    row = f", ligne {one.row}" if one.row else ""
    name = f" – {one.candidate}" if one.candidate else ""
    mark = BAD if errors(one.findings) else GOOD
    echo(f"{one.source}{row}{name}\u00a0: {summary(one.findings)}", mark=mark, err=True)
    show_findings(told)
