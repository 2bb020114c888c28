"""Write ``docs/commandes.md`` from the commands' own ``--help``; a test holds it up to date."""

from __future__ import annotations

from pathlib import Path

import click

from cqp_forms.cli import COMMANDS, program

TARGET = Path(__file__).parent.parent / "docs/commandes.md"

_HEAD = """\
# Les commandes

Cette page est produite d’après l’aide du programme (`python tools/make_command_reference.py`) :
c’est mot pour mot ce qu’affiche `cqp-forms COMMANDE --help`.

"""

_EXITS = """\
## Codes de sortie

| code | sens |
|---|---|
| 0 | c’est fait |
| 1 | panne imprévue |
| 2 | la commande est mal formée |
| 3 | les réponses ont des erreurs : rien n’a été écrit |
| 4 | la correspondance ou le document ne convient pas |
| 5 | l’écriture est impossible, écraserait un guide émis, ou il n’y a rien à rééditer |
| 6 | une différence a été trouvée (`verify`, `diff`, relecture), ou un fichier altéré ou manquant |
| 7 | un lot s’est terminé avec des candidats non émis : les autres le sont |
| 130 | interrompu : ce qui est émis reste, et la même commande reprend |
"""


def _help(command: click.Command, name: str) -> str:
    context = click.Context(
        command,
        info_name=name,
        max_content_width=100,
        terminal_width=100,
        help_option_names=["-h", "--help"],
    )
    return command.get_help(context)


def render() -> str:
    """The page."""
    parts = [_HEAD, "## cqp-forms\n\n```text\n", _help(program, "cqp-forms"), "\n```\n\n"]
    context = click.Context(program, info_name="cqp-forms")
    for name in COMMANDS:
        command = program.get_command(context, name)
        assert command is not None
        parts += [f"## {name}\n\n```text\n", _help(command, f"cqp-forms {name}"), "\n```\n\n"]
    return "".join([*parts, _EXITS])


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
