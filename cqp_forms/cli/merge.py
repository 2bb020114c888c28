"""``merge``: one fiche out of several that one candidate's evaluators filled in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cqp_forms.cli.console import count_of, echo, emit_json
from cqp_forms.cli.options import (
    guide_option,
    json_option,
    merged_argument,
    workbook_output,
)
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import AnswersError, UsageError
from cqp_forms.findings import errors
from cqp_forms.typography import command_line

if TYPE_CHECKING:
    from cqp_forms.guide import Guide
    from cqp_forms.workbook.candidate import Candidate


@click.command("merge")
@merged_argument
@workbook_output("La fiche à créer ; un fichier qui existe déjà n’est jamais remplacé.")
@guide_option
@json_option
@pass_session
def command(
    session: Session, fiches: tuple[Path, ...], path: Path, guide_id: str | None, as_json: bool
) -> None:
    """Réunit en une seule les fiches d’un candidat que plusieurs évaluateurs ont remplies.

    Ce qu’une seule fiche répond est repris, ce que toutes répondent de même aussi. Si deux fiches
    se contredisent, chaque différence est donnée avec ses cellules, et rien n’est écrit (code 3).
    """
    from cqp_forms.workbook.candidate import merge
    from cqp_forms.workbook.write import write_fiche

    if len(fiches) < 2:
        raise UsageError(
            "une seule fiche est donnée.", remedy="Donnez les fiches à réunir, l’une après l’autre."
        )
    guide, first = _read(session, fiches[0], guide_id)
    others = [_read(session, one, guide.id)[1] for one in fiches[1:]]
    merged = merge(guide, [one.answers for one in (first, *others)])
    if merged.conflicts:
        raise AnswersError(
            f"les fiches se contredisent ({count_of(len(merged.conflicts), 'différence')}) ; "
            "rien n’a été écrit.",
            remedy="Décidez de chaque différence, corrigez l’une des fiches, et relancez la "
            "commande.",
            findings=merged.conflicts,
        )
    write_fiche(path, guide, merged.answers, rooms=session.rooms(guide))
    if as_json:
        sources = [str(one) for one in fiches]
        emit_json({"sources": sources, "fiche": str(path), "answers": merged.answers.canonical()})
        return
    echo(path)
    session.say(
        f"{count_of(len(fiches), 'fiche réunie', 'fiches réunies')}. Contrôlez-la : "
        f"{command_line('check', path)}",
        fg="green",
    )


def _read(session: Session, path: Path, guide_id: str | None) -> tuple[Guide, Candidate]:
    """A fiche of which every cell was understood: what is not could hide an answer."""
    from cqp_forms.workbook.opening import open_workbook
    from cqp_forms.workbook.read import read_fiche

    with open_workbook(path) as book:
        guide = session.guide(guide_id, book)
        candidate = read_fiche(book, guide)
    if found := errors(candidate.findings):
        raise AnswersError(
            f"{count_of(len(found), 'erreur')} dans cette fiche ; rien n’a été écrit.",
            where=str(path),
            remedy="Corrigez les cellules indiquées, enregistrez la fiche et relancez la commande.",
            findings=found,
        )
    return guide, candidate
