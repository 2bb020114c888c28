"""What SQLite refuses, said in French, with what to do next."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cqp_forms.errors import OutputError
from cqp_forms.typography import command_line

_REBUILD = (
    "Reprenez la dernière sauvegarde de registre.sqlite ; sans sauvegarde, renommez ce fichier, "
    "puis refaites le registre depuis les documents : {command}"
)
_CUT_SHORT = "le registre est endommagé ou incomplet"

#: In bytes; SQLite never writes less (« Database File Format », 1.3).
_SMALLEST_PAGE = 512


def is_emptied(path: Path) -> bool:
    """Whether the register is an empty file: about to be made, or its content was lost.

    Raises:
        OutputError: it is too short to be either.
    """
    if not path.is_file():
        return False
    size = path.stat().st_size
    if 0 < size < _SMALLEST_PAGE:
        raise OutputError(_CUT_SHORT, where=str(path), remedy=_remedy(_REBUILD, path))
    return size == 0


def holds_issued(directory: Path) -> bool:
    """Whether an output folder holds files that look issued."""
    return any(directory.glob("*/*_v[0-9]*.*"))


def refuse_lost_content(path: Path) -> None:
    """Refuse an emptied register beside issued guides: SQLite would silently begin a new one.

    Raises:
        OutputError: there are issued guides.
    """
    if holds_issued(path.parent):
        raise OutputError(
            "le registre est vide alors que des guides ont été émis",
            where=str(path),
            remedy=_remedy(_REBUILD, path),
        )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about a register into :class:`OutputError`."""
    try:
        yield
    except sqlite3.Error as problem:
        raise _explain(problem, path) from problem


_MESSAGES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "le registre est utilisé par un autre programme",
        "Attendez la fin de l’émission en cours (ou fermez le programme qui tient le registre "
        "ouvert), puis relancez la même commande.",
    ),
    sqlite3.SQLITE_READONLY: (
        "le registre est en lecture seule",
        "Demandez les droits d’écriture sur ce dossier, ou choisissez-en un autre avec -o DOSSIER.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "le registre ne peut pas être ouvert",
        "Vérifiez que le dossier existe et que vous pouvez y écrire, ou choisissez-en un autre "
        "avec -o DOSSIER.",
    ),
    sqlite3.SQLITE_FULL: (
        "le disque est plein",
        "Libérez de la place, puis relancez la même commande : rien n’est perdu.",
    ),
    sqlite3.SQLITE_IOERR: (
        "le disque ou le lecteur réseau a refusé l’accès au registre",
        "Vérifiez qu’il est branché et qu’il y reste de la place, puis relancez la même commande.",
    ),
    sqlite3.SQLITE_CORRUPT: (_CUT_SHORT, _REBUILD),
}
_MESSAGES[sqlite3.SQLITE_LOCKED] = _MESSAGES[sqlite3.SQLITE_BUSY]
_MESSAGES[sqlite3.SQLITE_PERM] = _MESSAGES[sqlite3.SQLITE_READONLY]
_MESSAGES[sqlite3.SQLITE_NOTADB] = _MESSAGES[sqlite3.SQLITE_CORRUPT]


def _explain(problem: sqlite3.Error, path: Path) -> Exception:
    # Extended codes keep the primary one in their low byte; errors that we raise have none.
    code = getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code not in _MESSAGES:
        return problem
    message, remedy = _MESSAGES[code]
    return OutputError(message, where=str(path), remedy=_remedy(remedy, path))


def _remedy(remedy: str, path: Path) -> str:
    return remedy.replace("{command}", command_line("history", "--rebuild", path.parent))
