"""``deposit``: gather the signed guides that stand, for the platform."""

from __future__ import annotations

from pathlib import Path

import click

from cqp_forms.cli.console import count_of, echo, emit_json
from cqp_forms.cli.options import json_option
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import ExitCode
from cqp_forms.typography import spaced


@click.command("deposit")
@click.argument(
    "folder",
    metavar="[DIR]",
    required=False,
    default=Path("output"),
    type=click.Path(path_type=Path),
)
@click.option(
    "-o",
    "--output",
    "target",
    metavar="DEPOT",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Dossier où réunir les guides signés et leur liste.",
)
@json_option
@pass_session
@click.pass_context
def command(
    ctx: click.Context, session: Session, folder: Path, target: Path, as_json: bool
) -> None:
    """Réunit, pour la plateforme, le guide signé de chaque candidat de DIR (par défaut : output).

    Seuls les guides complets y vont : la version en vigueur, les trois zones signées (par
    certificat, ou dessinées), ou un scan déclaré. Une liste (liste.xlsx) dit candidat, version,
    signatures et empreinte ; les autres candidats y sont nommés, avec la raison.

    Code de sortie 7 si des candidats manquent.
    """
    from cqp_forms.batch.deposit import LIST, deposit
    from cqp_forms.issuing.register import Access, Register
    from cqp_forms.issuing.signed import area_title, areas_of

    known = session.knowing(folder)
    with Register.open(folder, Access.READ) as register:
        found = deposit(
            folder,
            register,
            target,
            lambda guide: areas_of(known.guide(guide)),
            lambda guide, area: area_title(known.guide(guide), area),
        )
    left = [one for one in found if one.copy is None]
    if as_json:
        emit_json({"list": str(target / LIST), "candidates": [one.as_json() for one in found]})
    else:
        for one in left:
            version = one.version
            said = f"{version.candidate}, version {version.number} : {one.why}"
            echo(spaced(said), fg="yellow")
        done = count_of(len(found) - len(left), "guide signé", "guides signés")
        session.say(spaced(f"{done} dans {target}, sur {count_of(len(found), 'candidat')}."))
        echo(target / LIST)
    if left:
        ctx.exit(ExitCode.PARTIAL)
