"""``fill``: issue one candidate's guide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cqp_forms.cli.issued import (
    namesakes,
    read_checked,
    tell_already,
    tell_blanks,
    tell_issued,
    tell_pending,
    tell_register,
)
from cqp_forms.cli.options import fiche_argument, is_given, issue_options
from cqp_forms.cli.session import Session, SettingsFactory, pass_session


@click.command("fill")
@fiche_argument
@click.option(
    "--draft",
    is_flag=True,
    help="Un brouillon : ce qui manque ou se contredit y est marqué et listé, et n’arrête rien.",
)
@issue_options
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    /,
    fiche: Path,
    draft: bool,
    folder: Path,
    guide_id: str | None,
    strict: bool,
    as_json: bool,
    **making: Any,
) -> None:
    """Produit le guide d’un candidat, prêt à signer, en DOCX et en PDF.

    La fiche est contrôlée d’abord : s’il y a une erreur, rien n’est écrit (code 3). Chaque document
    est relu et comparé aux réponses avant de recevoir son nom.

    Un guide déjà émis n’est jamais remplacé : pour le corriger, voir « cqp-forms reissue ». Un
    format qui lui manque s’ajoute à la même version : mêmes réponses, et --format pdf ou docx.
    """
    from cqp_forms.issuing.issuer import Issuer
    from cqp_forms.issuing.request import AlreadyIssued, LackingFormats

    guide, candidate, findings = read_checked(session, fiche, guide_id, strict=strict, draft=draft)
    settings = SettingsFactory(session, guide.id, is_draft=draft, **making)()
    lacking = LackingFormats.ADDED if is_given(ctx, "formats") else LackingFormats.TOLD
    with Issuer(settings, folder) as issuer:
        tell_register(session, issuer)
        if draft:
            result: Any = issuer.draft(candidate.answers, session.now)
        else:
            findings += namesakes(issuer, candidate, strict=strict)
            result = issuer.issue(candidate.answers, session.now, fiche, lacking)
    if isinstance(result, AlreadyIssued):
        wanted = tuple(blank.format for blank in settings.blanks)
        tell_already(session, fiche, folder, result, wanted, as_json=as_json)
        return
    if draft:
        tell_pending(session, settings)
    else:
        tell_blanks(session, settings)
    tell_issued(session, guide, folder, candidate, findings, result, as_json=as_json)
