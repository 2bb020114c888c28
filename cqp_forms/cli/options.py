"""Options and arguments that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import click

from cqp_forms.errors import UsageError
from cqp_forms.typography import command_line

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


def is_given(ctx: click.Context, parameter: str) -> bool:
    """Whether an option stands on the command line, whatever its value."""
    return ctx.get_parameter_source(parameter) is click.core.ParameterSource.COMMANDLINE


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


#: Where the words after the command are kept, as they were typed.
TYPED = "cqp_forms.typed"


def _present(ctx: click.Context, _argument: click.Parameter, value: Any) -> Any:
    """Refuse what does not exist, before anything is done."""
    for path in value if isinstance(value, tuple) else (value,):
        if not _exists(path):
            raise UsageError(
                "ce fichier ou dossier n’existe pas.", where=str(path), remedy=_missing(ctx, path)
            )
    return value


def _there(ctx: click.Context, argument: click.Parameter, value: Any) -> Any:
    """The same, and refuse a guide where a fiche is wanted."""
    _present(ctx, argument, value)
    for path in value if isinstance(value, tuple) else (value,):
        if path.suffix.casefold() in (".pdf", ".docx") and path.is_file():
            command = command_line("extract", path, "-o", path.with_suffix(".xlsx"))
            raise UsageError(
                "c’est un guide, pas une fiche.",
                where=str(path),
                remedy=f"Pour en refaire une fiche : {command}",
            )
    return value


def _exists(path: Path | str) -> bool:
    """Whether something has this name; what may not be asked about, or is too long, might."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _missing(ctx: click.Context, path: Path) -> str:
    """What to do about a path that is not there: a name with spaces comes in several words."""
    typed: list[str] = ctx.meta.get(TYPED, [])
    starts = [index for index, word in enumerate(typed) if word == str(path)]
    for start in starts:
        for end in range(len(typed), start + 1, -1):
            joined = " ".join(typed[start:end])
            if len(joined) < _LONGEST and _exists(joined):
                words = (*typed[:start], joined, *typed[end:])
                return f"Mettez ce nom entre guillemets : {command_line(*words)}"
    return "Vérifiez le chemin ; un nom qui contient des espaces se met entre guillemets."


#: Longer than any path.
_LONGEST = 4096


def _workbook_argument(name: str) -> Callable[[F], F]:
    # ``readable=False``: who opens it says what is wrong, with the code of an unreadable workbook.
    kind = click.Path(readable=False, path_type=Path)
    return click.argument(name, type=kind, metavar=f"{name.upper()}.xlsx", callback=_there)


#: One workbook, as a command's argument.
fiche_argument, lot_argument = _workbook_argument("fiche"), _workbook_argument("lot")


def workbook_output(said: str) -> Callable[[F], F]:
    """``-o FICHE.xlsx``, required; ``said`` is its help."""
    return click.option(
        "-o",
        "--output",
        "path",
        metavar="FICHE.xlsx",
        required=True,
        type=click.Path(path_type=Path),
        callback=lambda _ctx, _option, value: workbook_path(value),
        help=said,
    )


def workbook_path(path: Path) -> Path:
    """The path under which a workbook is written; a name without an extension gets one.

    A folder is left as it is, to be refused as one.

    Raises:
        UsageError: the name is that of another kind of file, which Excel would not open.
    """
    if path.suffix.casefold() == ".xlsx" or path.is_dir():
        return path
    named = path.with_name(f"{path.name}.xlsx")
    if path.suffix.casefold() in _OTHER_SUFFIXES:
        raise UsageError(
            f"une fiche est un classeur .xlsx, pas un fichier {path.suffix}.",
            where=str(path),
            remedy=f"Donnez un nom en .xlsx : -o {path.with_suffix('.xlsx')}",
        )
    return named


#: Extensions that say what a file is; any other dot belongs to the name (« fiche.Dupont »).
_OTHER_SUFFIXES = frozenset(
    {".xls", ".xlsm", ".xlsb", ".ods", ".csv", ".pdf", ".docx", ".doc", ".yaml", ".yml", ".txt"}
    | {".json", ".html", ".zip", ".png", ".jpg"}
)


def _workbooks_argument(name: str, metavar: str) -> Callable[[F], F]:
    kind = click.Path(readable=False, path_type=Path)
    return click.argument(
        name, nargs=-1, required=True, type=kind, metavar=metavar, callback=_there
    )


#: Signed copies, and folders of them.
returned_argument = click.argument(
    "sources",
    nargs=-1,
    required=True,
    metavar="SOURCE…",
    type=click.Path(readable=False, path_type=Path),
    callback=_present,
)

#: Folders, fiches and lots, at least one; and the fiches that ``merge`` joins.
sources_argument = _workbooks_argument("sources", "SOURCE…")
merged_argument = _workbooks_argument("fiches", "FICHE.xlsx…")


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


pictures_option = click.option(
    "--pictures",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Dossier où garder une image de chaque page qui diffère : le document à gauche, ce qu’il "
    "devrait montrer à droite.",
)


def examined_options(function: F) -> F:
    """Which guide and which blank the documents that ``diff``, ``extract``… read come from."""
    options = [
        click.option(
            "--guide",
            "guide_id",
            metavar="ID",
            default="",
            help="Le guide (voir « cqp-forms guides ») ; par défaut celui que nomme le document ou "
            "la fiche, sinon technico-commercial.",
        ),
        *own_documents(
            "Document vierge d’origine, si ce n’est pas celui du guide ; va avec --mapping."
        ),
        pictures_option,
        json_option,
    ]
    return with_options(function, options)


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
        click.option(
            "--no-code",
            is_flag=True,
            help="Ne met pas de code (QR) sur les pages : un exemplaire signé sur papier sera plus "
            "long à retrouver.",
        ),
        click.option(
            "--archive",
            is_flag=True,
            help="Le PDF se déclare PDF/A-3 ; à éviter s’il reste à signer à l’écran : Acrobat "
            "l’ouvrira en lecture seule.",
        ),
        *own_documents("Document à remplir au lieu de celui du guide ; va avec --mapping."),
        guide_option,
        strict_option,
        json_option,
    ]
    return with_options(function, options)
