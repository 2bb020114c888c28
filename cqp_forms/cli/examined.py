"""What ``diff``, ``extract`` and ``verify`` have in common: a document, and its blank."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cqp_forms.cli.options import json_option, own_documents, with_options
from cqp_forms.errors import UsageError

if TYPE_CHECKING:
    from cqp_forms.cli.session import Session
    from cqp_forms.examining.source import Blanks, Source

F = TypeVar("F", bound=Callable[..., Any])


def examined_options(function: F) -> F:
    """Which guide and which blank a document comes from."""
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
        json_option,
    ]
    return with_options(function, options)


def blanks_of(
    guide_id: str, documents: tuple[Path, ...], mappings: tuple[Path, ...], *paths: Path
) -> Blanks:
    """What the options say; the guide is the first that the user, or one of the files, names.

    Raises:
        UsageError: documents and mappings do not go in pairs.
        DocumentError: a file cannot be read.
    """
    from cqp_forms.examining.source import Blanks, guide_id_of

    if len(documents) != len(mappings):
        raise UsageError(
            f"{len(documents)} --document pour {len(mappings)} --mapping.",
            remedy="Donnez un --mapping après chaque --document.",
        )
    named = guide_id or next((one for path in paths if (one := guide_id_of(path))), "")
    return Blanks(named, tuple(zip(documents, mappings, strict=True)))


def open_one(session: Session, path: Path, blanks: Blanks) -> Source:
    """Read a fiche or a document."""
    from cqp_forms.examining.source import open_source

    return open_source(path, session.project, blanks)
