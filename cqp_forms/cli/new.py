"""``new``: an empty answers workbook."""

from __future__ import annotations

from pathlib import Path

import click

from cqp_forms.cli.console import echo
from cqp_forms.cli.options import guide_option, workbook_path
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.errors import UsageError
from cqp_forms.typography import NBSP, command_line


@click.command("new")
@click.argument("named", metavar="[FICHE.xlsx]", required=False, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FICHE.xlsx",
    type=click.Path(path_type=Path),
    help="Le fichier à créer (par défaut : fiche.xlsx, ou lot.xlsx avec --lot).",
)
@click.option("--lot", is_flag=True, help="Un classeur pour beaucoup de candidats, un par ligne.")
@click.option(
    "--complet",
    is_flag=True,
    help="Avec --lot : toutes les réponses, et pas seulement qui sont candidats et évaluateurs.",
)
@guide_option
@pass_session
def command(
    session: Session,
    named: Path | None,
    path: Path | None,
    lot: bool,
    complet: bool,
    guide_id: str | None,
) -> None:
    """Crée un classeur de réponses vide, à remplir dans Excel ou LibreOffice.

    Un fichier qui existe déjà n’est jamais remplacé.
    """
    from cqp_forms.workbook.write import LotExtent, write_fiche, write_lot

    if complet and not lot:
        raise UsageError("--complet va avec --lot.", remedy="Ajoutez --lot, ou retirez --complet.")

    if path and named:
        raise UsageError(
            "deux noms de fichier sont donnés.", remedy="Gardez le nom seul, ou l’option -o."
        )
    guide = session.guide(guide_id)
    target = workbook_path(path or named or Path("lot.xlsx" if lot else "fiche.xlsx"))
    if lot:
        write_lot(target, guide, extent=LotExtent.COMPLETE if complet else LotExtent.IDENTITY)
    else:
        write_fiche(target, guide, rooms=session.rooms(guide))
    echo(target)
    kind = "Lot" if lot else "Fiche"
    following = command_line("prepare" if lot and not complet else "check", target)
    session.say(f"{kind} à remplir, puis{NBSP}: {following}", fg="green")
