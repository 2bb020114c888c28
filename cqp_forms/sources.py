"""From what a user names (folders, fiches, lots) to the workbooks to read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from cqp_forms.errors import AnswersError, refusal

#: The workbooks that can be read; Excel's template and macro variants hold the same parts.
EXTENSIONS = frozenset({".xlsx", ".xlsm", ".xltx"})

#: Excel puts such a file beside a workbook that it has open.
LOCK_PREFIX = "~$"


def find_workbooks(sources: Iterable[Path]) -> list[Path]:
    """The workbooks that the sources name: files as they are, folders searched at any depth.

    Returns:
        Paths in the order given, a folder's sorted by name; each file once, however often named.

    Raises:
        AnswersError: a source does not exist, or a folder has no workbook in it.
    """
    found: dict[Path, Path] = {}
    for source in sources:
        for path in _workbooks_of(source):
            found.setdefault(path.resolve(), path)
    return list(found.values())


def _workbooks_of(source: Path) -> list[Path]:
    try:
        there = source.exists()
    except OSError as cause:  # a folder above may not be looked into, or the name is too long
        raise AnswersError(
            f"ce fichier ou dossier ne peut pas être lu ({refusal(cause)}).",
            where=str(source),
            remedy="Vérifiez le chemin et vos droits d’accès.",
        ) from cause
    if not there:
        raise AnswersError(
            "ce fichier ou dossier n’existe pas.",
            where=str(source),
            remedy="Vérifiez le chemin ; un nom qui contient des espaces se met entre guillemets.",
        )
    if not source.is_dir():
        return [source]
    inside = sorted(_walk(source), key=lambda path: str(path).casefold())
    if not inside:
        raise AnswersError(
            "ce dossier ne contient aucun classeur .xlsx.",
            where=str(source),
            remedy="Vérifiez le dossier, ou enregistrez les fiches au format .xlsx.",
        )
    return inside


def _refuse(cause: OSError) -> None:
    # A folder that cannot be looked into may hold candidates: never passed over in silence.
    raise AnswersError(
        f"ce dossier ne peut pas être lu ({refusal(cause)}).",
        where=str(cause.filename),
        remedy="Vérifiez vos droits d’accès.",
    ) from cause


def _walk(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder, onerror=_refuse):
        for name in names:
            path = Path(parent, name)
            if path.suffix.casefold() in EXTENSIONS and not name.startswith((LOCK_PREFIX, ".")):
                yield path
