"""``reissue``: issue a corrected version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cqp_forms.cli.console import count_of, show_changes
from cqp_forms.cli.issued import (
    read_checked,
    tell_already,
    tell_blanks,
    tell_issued,
    tell_register,
)
from cqp_forms.cli.options import fiche_argument, issue_options
from cqp_forms.cli.session import Session, SettingsFactory, pass_session
from cqp_forms.errors import UsageError

if TYPE_CHECKING:
    from cqp_forms.issuing.version import Version


@click.command("reissue")
@fiche_argument
@click.option("--reason", metavar="TEXTE", required=True, help="Le motif, imprimé sur le guide.")
@click.option("--same", is_flag=True, help="Une nouvelle version même si rien ne diffère.")
@click.option(
    "--restore",
    metavar="N",
    type=click.IntRange(1),
    default=None,
    help="Revient aux réponses de la version N, que la fiche doit avoir.",
)
@click.option(
    "--same-blank",
    is_flag=True,
    help="Sur le document vierge de la version remplacée, même si le guide en a un autre depuis.",
)
@issue_options
@pass_session
def command(
    session: Session,
    /,
    fiche: Path,
    reason: str,
    same: bool,
    restore: int | None,
    same_blank: bool,
    folder: Path,
    guide_id: str | None,
    strict: bool,
    as_json: bool,
    **making: Any,
) -> None:
    """Émet une version corrigée d’un guide déjà émis.

    La nouvelle version dit sur sa couverture et dans la marge de chaque page ce qu’elle annule et
    remplace ; un PDF donne la liste des changements, avant et après. L’ancienne version reste
    telle quelle.

    Une fiche qui redit une version déjà remplacée annulerait une correction : elle est refusée
    (code 5), sauf avec --restore et le numéro de cette version.

    Si le document vierge du guide a changé depuis, la nouvelle version est faite sur l’actuel, et
    la commande le dit ; avec --same-blank, elle est faite sur celui de la version remplacée.
    """
    from cqp_forms.issuing.history import standing
    from cqp_forms.issuing.issuer import Issuer
    from cqp_forms.issuing.naming import person
    from cqp_forms.issuing.request import AlreadyIssued, Copies

    session = session.knowing(folder)
    guide, candidate, findings = read_checked(session, fiche, guide_id, strict=strict)
    before = standing(folder, guide.id, person(guide, candidate.answers).key)
    if same_blank and making["documents"]:
        raise UsageError(
            "--same-blank et --document se contredisent.",
            remedy="Donnez l’un ou l’autre.",
        )
    same_as = before if same_blank else None
    settings = SettingsFactory(session, guide.id, same_as=same_as, **making)()
    copies = Copies.WANTED if same else Copies.REFUSED
    with Issuer(settings, folder) as issuer:
        tell_register(session, issuer)
        result = issuer.reissue(candidate.answers, session.now, reason, copies, restore, fiche)
    if isinstance(result, AlreadyIssued):
        wanted = tuple(blank.format for blank in settings.blanks)
        tell_already(session, fiche, folder, result, wanted, as_json=as_json)
        return
    tell_blanks(session, settings)
    tell_issued(session, guide, folder, candidate, findings, result, as_json=as_json)
    if before is not None and not as_json:
        _tell_blanks(session, before, result.version)
    if not as_json and result.changes:
        session.say(f"{count_of(len(result.changes), 'changement')}\u00a0:")
        show_changes(result.changes)


def _tell_blanks(session: Session, before: Version, version: Version) -> None:
    """Say that the new version stands on another blank than the one that it replaces."""
    others = [
        one.role.upper()
        for one in version.files
        if before.blank_of(one.role) not in ("", one.blank_sha256)
    ]
    if others:
        session.say(
            f"{' et '.join(others)}\u00a0: fait sur un autre document vierge que la version "
            f"{before.number} (--same-blank aurait gardé le sien).",
            fg="yellow",
        )
