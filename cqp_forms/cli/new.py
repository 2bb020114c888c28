"""``new``: an empty answers workbook."""

from __future__ import annotations

from pathlib import Path

import click

from cqp_forms.cli.console import echo
from cqp_forms.cli.options import guide_option, workbook_path
from cqp_forms.cli.session import Session, pass_session


@click.command("new")
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FICHE.xlsx",
    type=click.Path(path_type=Path),
    help="Le fichier à créer (par défaut : fiche.xlsx, ou lot.xlsx avec --lot).",
)
@click.option("--lot", is_flag=True, help="Un classeur pour beaucoup de candidats, un par ligne.")
@guide_option
@pass_session
def command(session: Session, path: Path | None, lot: bool, guide_id: str | None) -> None:
    """Crée un classeur de réponses vide, à remplir dans Excel ou LibreOffice.

    Un fichier qui existe déjà n’est jamais remplacé.
    """
    from cqp_forms.workbook.write import write_fiche, write_lot

    guide = session.guide(guide_id)
    target = workbook_path(path or Path("lot.xlsx" if lot else "fiche.xlsx"))
    (write_lot if lot else write_fiche)(target, guide)
    echo(target)
    name = f'"{target}"' if " " in str(target) else str(target)
    session.say(f"{'Lot' if lot else 'Fiche'} à remplir, puis : cqp-forms check {name}", fg="green")
