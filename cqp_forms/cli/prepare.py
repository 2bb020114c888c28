"""``prepare``: before the interviews, a folder a candidate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import BAD, GOOD, Bar, count_of, echo, emit_json, show_findings
from cqp_forms.cli.options import guide_option, json_option, lot_argument, output_folder_option
from cqp_forms.cli.session import Session, SettingsFactory, Verbosity, pass_session
from cqp_forms.errors import ExitCode
from cqp_forms.typography import NBSP

if TYPE_CHECKING:
    from cqp_forms.batch.prepare import Prepared
    from cqp_forms.findings import Finding


@click.command("prepare")
@lot_argument
@output_folder_option
@guide_option
@json_option
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    lot: Path,
    folder: Path,
    guide_id: str | None,
    as_json: bool,
) -> None:
    """Prépare, pour chaque candidat d’un lot, sa fiche préremplie et le guide vierge à son nom.

    La fiche reprend tout ce que le lot sait déjà ; le guide porte l’identité du candidat et des
    évaluateurs, dans les deux formats, et reste à remplir (le PDF garde ses champs). Rien n’entre
    dans le registre. Relancée après un ajout de candidats, la commande prépare les nouveaux et ne
    touche à aucun fichier déjà là : une fiche commencée est conservée. Une liste à vous convient
    aussi, avec les titres « Nom », « Prénom », « Entreprise », « N° » : la commande dit comment
    elle l’a comprise.
    """
    from cqp_forms.batch.prepare import prepare_folders

    settings = SettingsFactory(session, guide_id or session.guide_id_of(lot), editable=True)()
    telling = _Telling(session)
    found = []
    try:
        for one in prepare_folders([lot], folder, settings, session.now, telling.begin):
            telling.tell(one)
            found.append(one)
    finally:
        telling.end()
    if as_json:
        emit_json({"output": str(folder), "candidates": [one.as_json() for one in found]})
    bad = [one for one in found if one.problems]
    _say_totals(session, found, folder)
    if bad:
        ctx.exit(ExitCode.PARTIAL if len(bad) < len(found) else ExitCode.ANSWERS)


class _Telling:
    """A bar on a terminal, a line a candidate when piped; what could not be done in full."""

    def __init__(self, session: Session) -> None:
        self._quiet = session.verbosity is Verbosity.QUIET
        self._bar = Bar(wanted=not self._quiet)
        self._understood: set[Finding] = set()

    def begin(self, total: int) -> None:
        self._bar.begin(total)

    def tell(self, one: Prepared) -> None:
        new = [each for each in one.told if each not in self._understood]
        if new and not self._quiet:
            self._bar.clear()
            show_findings(new)
        self._understood.update(new)
        if one.problems:
            self._bar.clear()
            _tell_problems(one)
        elif not self._quiet and not self._bar.shown:
            made, kept = count_of(len(one.made), "fichier créé", "fichiers créés"), ""
            if one.kept:
                kept = ", " + count_of(len(one.kept), "conservé")
            echo(f"{one.candidate}{NBSP}: {made}{kept}", mark=GOOD, err=True)
        self._bar.step()

    def end(self) -> None:
        self._bar.end()


def _tell_problems(one: Prepared) -> None:
    row = f", ligne {one.row}" if one.row else ""
    name = f"{one.candidate} – " if one.candidate else ""
    echo(f"{name}{one.source}{row}{NBSP}: non préparé", mark=BAD, err=True)
    show_findings(one.problems)


def _say_totals(session: Session, found: list[Prepared], folder: Path) -> None:
    new = sum(bool(one.made) for one in found)
    kept = sum(any(name.endswith(".xlsx") for name in one.kept) for one in found)
    bad = sum(bool(one.problems) for one in found)
    parts = [
        f"{count_of(new, 'dossier préparé', 'dossiers préparés')} dans {folder}",
        count_of(kept, "fiche déjà là, conservée", "fiches déjà là, conservées") if kept else "",
        count_of(bad, "candidat à corriger", "candidats à corriger") if bad else "",
    ]
    session.say(" ; ".join(one for one in parts if one) + ".", fg="yellow" if bad else "green")
