"""The command line: the only place that knows click, and where errors become exit codes, once.

A command is a module; it is imported when it is run (or listed), and imports what is heavy inside
its function, so that ``--help`` pays for click alone.
"""

from __future__ import annotations

import gettext
import os
import re
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

# click asks gettext for its sentences, in the process's language; ours is French on every machine.
# To be set before click asks for its first sentence.
os.environ["LANGUAGE"] = "fr"
gettext.bindtextdomain("messages", str(Path(__file__).parent / "locale"))

import click  # noqa: E402

from cqp_forms import __version__  # noqa: E402
from cqp_forms.cli.console import clean, echo  # noqa: E402
from cqp_forms.cli.options import AS_JSON, TYPED  # noqa: E402
from cqp_forms.cli.session import Session, Verbosity  # noqa: E402
from cqp_forms.errors import CqpError, ExitCode, OutputError, UsageError, refusal  # noqa: E402
from cqp_forms.typography import NBSP, command_line, spaced  # noqa: E402

#: What each command does, in a line, in the order of a guide's life. A command is the module of its
#: name; the list is here so that --help imports none of them.
COMMANDS = {
    "new": "Crée une fiche vide, ou un lot vide (--lot).",
    "prepare": "Avant les entretiens : un dossier par candidat d’un lot.",
    "check": "Relit des fiches et dit ce qui manque ; n’écrit rien.",
    "merge": "Réunit les fiches d’un candidat qui se complètent.",
    "fill": "Produit le guide d’un candidat, prêt à signer.",
    "batch": "Émet beaucoup de guides d’un coup, et rend compte.",
    "results": "Écrit ce qui est à recopier dans « Résultats de l’évaluation ».",
    "reissue": "Émet une version corrigée, avec la liste des changements.",
    "return": "Reprend les exemplaires signés, et les prouve.",
    "history": "Dit ce qui a été émis, et si les fichiers sont intacts.",
    "deposit": "Réunit les guides signés, pour la plateforme.",
    "diff": "Compare deux fiches ou guides, champ par champ.",
    "extract": "Relit un guide rempli, et en fait une fiche.",
    "verify": "Prouve qu’un guide dit ce que dit la fiche, et rien d’autre.",
    "map": "Repère les cases et les zones d’un document vierge.",
    "app": "Ouvre un dossier de fiches à l’écran, dans le navigateur.",
    "guides": "Dit quels guides sont disponibles et repérés.",
}

#: No module can have the name of a word of the language.
_MODULES = {"return": "returned"}


class Program(click.Group):
    """The group that loads its commands when they are asked for, and ends every failure well."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of a guide's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command; ``None`` when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"cqp_forms.cli.{_MODULES.get(cmd_name, cmd_name)}")
        return _house_style(module.command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; the words are kept for what is said of them.

        « help » is understood, alone or before a command.
        """
        if args[0] == "help":
            if len(args) == 1:
                echo(ctx.get_help())
                ctx.exit()
            args = [args[1], "--help"]
        ctx.meta[TYPED] = list(args)
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(_unknown_command(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section(f"Commandes{NBSP}"):
            formatter.write_dl([(name, spaced(said)) for name, said in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; every failure ends here, as a French message and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, BrokenPipeError) as ended:
            # click ends each of them well; the last is « cqp-forms … | head ».
            if isinstance(ended, click.UsageError) and ctx.meta.get(AS_JSON):
                from cqp_forms.cli.console import emit_json, error_json

                emit_json(error_json(UsageError(_french(ctx, ended))))
            if isinstance(ended, click.UsageError):
                raise click.UsageError(_french(ctx, ended), ended.ctx) from ended
            raise
        except CqpError as error:
            from cqp_forms.cli.console import emit_json, error_json, show_error

            if ctx.meta.get(AS_JSON):
                emit_json(error_json(error))
            show_error(error)
            ctx.exit(error.exit_code)
        except (KeyboardInterrupt, click.Abort):
            echo("\nInterrompu : ce qui est émis reste émis.", fg="yellow", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        except OSError as error:
            _refused(ctx, error)
        except Exception as error:
            _unexpected(ctx, error)


def _refused(ctx: click.Context, error: OSError) -> NoReturn:
    """What the system refused where nobody expected it: a file, all the same, and not a bug."""
    if error.filename is None:
        _unexpected(ctx, error)
    from cqp_forms.cli.console import emit_json, error_json, show_error

    told = OutputError(
        f"le système refuse l’accès ({refusal(error)}).",
        where=str(error.filename),
        remedy="Vérifiez le chemin et vos droits d’accès, ou choisissez un autre dossier.",
    )
    if ctx.meta.get(AS_JSON):
        emit_json(error_json(told))
    show_error(told)
    ctx.exit(told.exit_code)


def _unknown_command(name: str) -> str:
    """What to say of a word that is no command: the nearest, or the one for a file."""
    from difflib import get_close_matches

    if Path(name).suffix and Path(name).exists():
        guide = Path(name).suffix.casefold() in (".pdf", ".docx")
        wanted = command_line("extract" if guide else "check", name)
        return f"« {name} » est un fichier. Que faut-il en faire ? Par exemple : {wanted}"
    near = get_close_matches(name.casefold(), COMMANDS, n=1)
    hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    return f"commande inconnue « {name} ».{hint}"


def _french(ctx: click.Context, ended: click.UsageError) -> str:
    """A sentence of click's with French quotation marks; of words too many, what to do."""
    message = spaced(_ENGLISH_QUOTES.sub(r"« \1 »", clean(ended.format_message())))
    typed: list[str] = ctx.meta.get(TYPED, [])
    extra = next((one for one in _EXTRA if message.startswith(one)), None)
    if extra is None or len(typed) < 3:
        return message
    words = [one for one in typed[1:] if not one.startswith("-")]
    example = command_line(typed[0], " ".join(words))
    return f"{message}\n→ Un nom qui contient des espaces se met entre guillemets\u00a0: {example}"


_ENGLISH_QUOTES = re.compile(r"'([^'\n]*)'")
#: How the sentences about words too many begin.
_EXTRA = ("argument en trop", "arguments en trop")


def _set_verbosity(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    session = ctx.find_object(Session)
    if not value or session is None:
        return
    level = Verbosity.VERBOSE if option.name == "verbose" else Verbosity.QUIET
    if session.verbosity not in (Verbosity.NORMAL, level):
        raise click.UsageError("-v et -q s’excluent.")
    ctx.obj = replace(session, verbosity=level)


def _house_style(command: click.Command) -> click.Command:
    """Give a command what all have: French spaces in its help, and ``-v`` and ``-q`` anywhere."""
    command.help = spaced(command.help or "")
    names = {parameter.name for parameter in command.params}
    if command is not program and "verbose" not in names:
        for short, name in (("-v", "verbose"), ("-q", "quiet")):
            option = click.Option(
                [short, f"--{name}"],
                is_flag=True,
                expose_value=False,
                hidden=True,
                callback=_set_verbosity,
                help="Comme l’option du programme.",
            )
            command.params.append(option)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = spaced(parameter.help)
    return command


def _unexpected(ctx: click.Context, error: Exception) -> NoReturn:
    session = ctx.find_object(Session)
    if session and session.verbosity is Verbosity.VERBOSE:
        import traceback

        traceback.print_exc()
    echo(
        f"Erreur imprévue ({type(error).__name__} : {error}).\n"
        "→ Relancez avec « cqp-forms -v … » et transmettez le détail affiché.",
        fg="red",
        err=True,
    )
    ctx.exit(ExitCode.UNEXPECTED)


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="COMMANDE [ARGUMENTS]…",
    options_metavar="[OPTIONS]",
    epilog="Aide d’une commande : cqp-forms COMMANDE --help",
)
@click.version_option(__version__, "--version", prog_name="cqp-forms")
@click.option(
    "--project",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Où chercher d’abord mappings/ et source_docs/ (par défaut : le dossier courant).",
)
@click.option("-v", "--verbose", is_flag=True, help="Dit davantage, et le détail des pannes.")
@click.option("-q", "--quiet", is_flag=True, help="Ne dit que les erreurs.")
@click.pass_context
def program(ctx: click.Context, folder: Path, verbose: bool, quiet: bool) -> None:
    """Remplit le guide d’évaluation d’un CQP, en DOCX et en PDF, depuis un classeur Excel.

    \b
    Pour commencer :
      cqp-forms new -o fiche.xlsx     crée une fiche vide, à remplir dans Excel ;
      cqp-forms check fiche.xlsx      la relit et dit ce qui manque ;
      cqp-forms fill fiche.xlsx       produit le guide, prêt à signer.
    """
    if verbose and quiet:
        raise click.UsageError("-v et -q s’excluent.")
    level = Verbosity.VERBOSE if verbose else Verbosity.QUIET if quiet else Verbosity.NORMAL
    ctx.obj = Session(folder, level)


_house_style(program)


def main() -> None:
    """The entry point of ``cqp-forms`` and of ``python -m cqp_forms``."""
    # A Windows console that is not UTF-8 must not turn an accent into a crash.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    program(prog_name="cqp-forms")
