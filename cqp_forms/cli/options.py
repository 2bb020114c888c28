"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

guide_option = click.option(
    "--guide",
    "guide_id",
    metavar="ID",
    default=None,
    help="Le guide (voir « cqp-forms guides ») ; par défaut celui de la fiche, sinon "
    "technico-commercial.",
)

#: Where a command leaves, for the edge, that errors are to be told as JSON too.
AS_JSON = "cqp_forms.as_json"


def _remember_json(ctx: click.Context, _option: click.Parameter, value: bool) -> bool:
    ctx.meta[AS_JSON] = value
    return value


json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    is_eager=True,  # known before another option is found wrong
    callback=_remember_json,
    help="Un document JSON sur la sortie standard.",
)

strict_option = click.option(
    "--strict", is_flag=True, help="Les avertissements bloquent comme des erreurs."
)

output_folder_option = click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("output"),
    help="Dossier où vont les guides (par défaut : output).",
)


def fiche_argument(function: F) -> F:
    """The fiche, as the command's argument."""
    # ``readable=False``: who opens it says what is wrong, with the code of an unreadable workbook.
    kind = click.Path(readable=False, path_type=Path)
    return click.argument("fiche", type=kind, metavar="FICHE.xlsx")(function)


def workbook_path(path: Path) -> Path:
    """The path under which a workbook is written: Excel opens it by its extension.

    A folder is left as it is, to be refused as one.
    """
    if path.suffix.casefold() == ".xlsx" or path.is_dir():
        return path
    return path.with_name(f"{path.name}.xlsx")


def sources_argument(function: F) -> F:
    """Folders, fiches and lots, at least one."""
    kind = click.Path(readable=False, path_type=Path)
    return click.argument("sources", nargs=-1, required=True, type=kind, metavar="SOURCE…")(
        function
    )


Option: TypeAlias = Callable[[Any], Any]


def with_options(function: F, options: Sequence[Option]) -> F:
    """Give a command its options, listed in the order of its help."""
    for option in reversed(options):
        function = option(function)
    return function


def own_documents(said: str) -> tuple[Option, Option]:
    """``--document`` and ``--mapping``, given in pairs; ``said`` is the help of the first."""
    file: dict[str, Any] = {
        "multiple": True,
        "metavar": "FICHIER",
        "type": click.Path(path_type=Path),
    }
    return (
        click.option("--document", "documents", help=said, **file),
        click.option(
            "--mapping",
            "mappings",
            help="Correspondance du document précédent ; une par --document.",
            **file,
        ),
    )


def issue_options(function: F) -> F:
    """What ``fill``, ``batch`` and ``reissue`` have in common."""
    options = [
        output_folder_option,
        click.option(
            "--format",
            "formats",
            type=click.Choice(["docx", "pdf", "both"]),
            default="both",
            help="Formats à produire (par défaut : both, les deux).",
        ),
        click.option(
            "--editable",
            is_flag=True,
            help="Le PDF garde ses champs de formulaire, remplis.",
        ),
        click.option(
            "--no-embed",
            is_flag=True,
            help="Ne joint pas les réponses aux documents : un registre perdu ne pourra pas être "
            "reconstitué d’après eux.",
        ),
        *own_documents("Document à remplir au lieu de celui du guide ; va avec --mapping."),
        guide_option,
        strict_option,
        json_option,
    ]
    return with_options(function, options)
