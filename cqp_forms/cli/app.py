"""``app``: the same on a screen, in the browser of this machine."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from cqp_forms.cli.console import echo
from cqp_forms.cli.session import Session, pass_session
from cqp_forms.typography import spaced


@click.command("app")
@click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path), default=Path()
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Le port de l’écran (par défaut : un port libre).",
)
@click.option("--no-browser", is_flag=True, help="N’ouvre pas le navigateur : donne l’adresse.")
@pass_session
def command(session: Session, folder: Path, port: int, no_browser: bool) -> None:
    """Ouvre un dossier de fiches à l’écran, dans le navigateur de cette machine.

    On y remplit les fiches, on les contrôle, on émet et on corrige les guides. Rien ne quitte la
    machine ; les fiches restent des classeurs, qu’Excel peut ouvrir à tout moment. Ctrl-C arrête.
    """
    from cqp_forms.app.serve import serve

    def opened(address: str) -> None:
        is_open = not no_browser and webbrowser.open(address)
        if not is_open:
            echo(address)
        told = "L’écran est ouvert" if is_open else "Ouvrez cette adresse"
        session.say(spaced(f"{told} dans le navigateur. Pour l’arrêter : Ctrl-C."))

    serve(folder, session.folder, port, lambda: session.now, session.user, opened)
