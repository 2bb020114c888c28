"""Why a version is not issued (exit 5), or the register not opened; and what to do instead."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cqp_forms.answers import Answers
from cqp_forms.errors import OutputError
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Guide
from cqp_forms.issuing.naming import Person, Role
from cqp_forms.issuing.version import Version
from cqp_forms.typography import command_line

_REBUILD = (
    "Reprenez la dernière sauvegarde de registre.sqlite ; sans sauvegarde, renommez ce fichier, "
    "puis refaites le registre depuis les documents : {command}"
)
_CUT_SHORT = "le registre est endommagé ou incomplet"

#: In bytes; SQLite never writes less (« Database File Format », 1.3).
_SMALLEST_PAGE = 512


class ReplacedFicheError(OutputError):
    """A fiche says what a version said that another has replaced since: there is nothing to do."""

    def __init__(
        self, replaced: Version, latest: Version, directory: Path, fiche: Path | None
    ) -> None:
        super().__init__(
            replaced_message(replaced, latest),
            where=str(fiche or ""),
            remedy=f"Pour repartir de la version en vigueur : {extract_command(latest, directory)}",
        )


def replaced_message(replaced: Version, latest: Version) -> str:
    """« fiche de la version 1, remplacée par la 2 : rien à faire »."""
    return f"fiche de la version {replaced.number}, remplacée par la {latest.number} : rien à faire"


def extract_command(latest: Version, directory: Path) -> str:
    """The command that gives a fiche of the version that stands."""
    document = next((one for one in latest.files if one.role is not Role.CHANGES), None)
    path = directory / document.path if document else directory / latest.folder
    name = f"fiche_{latest.folder}_v{latest.number}.xlsx"
    return command_line("extract", path, "-o", directory / name)


def reissue_command(fiche: Path | None, directory: Path, *options: str) -> str:
    """« cqp-forms reissue FICHE --reason "…" -o DIR », whole."""
    return command_line(
        "reissue", fiche or "FICHE.xlsx", *options, "--reason", "…", "-o", directory
    )


def other_answers(latest: Version, directory: Path, fiche: Path | None) -> OutputError:
    """``fill`` on a candidate who was issued with other answers.

    Args:
        latest: the version that stands.
        directory: the output folder.
        fiche: the candidate's own; ``None`` for a row of a lot, which cannot be reissued as it is.
    """
    how = (
        f"Pour émettre une version corrigée : {reissue_command(fiche, directory)}"
        if fiche
        else "Pour émettre une version corrigée, partez d’une fiche : "
        f"{extract_command(latest, directory)}\n  corrigez-la, puis : "
        f"{reissue_command(None, directory)}"
    )
    return OutputError(
        f"le guide de {latest.candidate} est déjà émis (version {latest.number} du {latest.day}) "
        "avec d’autres réponses : une version émise ne change plus.",
        where=str(fiche or ""),
        remedy=f"{how}\n  S’il s’agit d’un homonyme de la même entreprise, donnez à chacun sa "
        "référence (dossier.reference).",
    )


def nothing_differs(latest: Version, directory: Path, fiche: Path | None) -> OutputError:
    """``reissue`` of the very same answers."""
    return OutputError(
        f"rien ne diffère de la version {latest.number} du {latest.day} de {latest.candidate} : "
        "il n’y a rien à corriger.",
        where=str(fiche or ""),
        remedy="Pour émettre tout de même une copie : "
        f"{reissue_command(fiche, directory, '--same')}",
    )


def undoes_correction(
    replaced: Version, latest: Version, directory: Path, fiche: Path | None
) -> OutputError:
    """``reissue`` of answers that a later version has replaced."""
    restore = reissue_command(fiche, directory, "--restore", str(replaced.number))
    return OutputError(
        f"{replaced_message(replaced, latest)}. La réémettre annulerait la correction.",
        where=str(fiche or ""),
        remedy=f"Pour repartir de la version en vigueur : {extract_command(latest, directory)}\n"
        f"  Pour revenir vraiment aux réponses de la version {replaced.number} : {restore}",
    )


def not_that_version(
    number: int, wanted: Version | None, latest: Version, directory: Path, fiche: Path | None
) -> OutputError:
    """``reissue --restore`` of a fiche that does not say what that version said."""
    if wanted is None:
        return OutputError(
            f"{latest.candidate} n’a pas de version {number} : la dernière est la {latest.number}.",
            where=str(fiche or ""),
            remedy="Voyez les versions : "
            f"{command_line('history', directory, '--candidate', latest.candidate)}",
        )
    return OutputError(
        f"les réponses de cette fiche ne sont pas celles de la version {number} du {wanted.day}.",
        where=str(fiche or ""),
        remedy="Pour avoir la fiche de cette version : "
        f"{extract_command(wanted, directory)}\n  Pour émettre celle-ci comme une correction : "
        f"{reissue_command(fiche, directory)}",
    )


def never_issued(
    candidate: Person, known: Iterable[Version], directory: Path, fiche: Path | None
) -> OutputError:
    """``reissue`` of a candidate whom the register does not know."""
    names = sorted({one.candidate for one in known})
    close = difflib.get_close_matches(candidate.name, names, n=3, cutoff=0.6)
    hint = (
        f"\n  Candidats proches dans le registre : {', '.join(close)} (nom, prénom, entreprise et "
        "référence doivent être ceux de la première version)."
        if close
        else ""
    )
    return OutputError(
        f"aucune version n’a encore été émise pour {candidate.name} dans ce dossier.",
        where=str(fiche or ""),
        remedy="Émettez d’abord le guide : "
        f"{command_line('fill', fiche or 'FICHE.xlsx', '-o', directory)}\n  ou indiquez avec -o le "
        f"dossier où il a été émis.{hint}",
    )


def name_taken(path: Path, directory: Path) -> OutputError:
    """A file that the register does not know has the name that a version is to get."""
    return OutputError(
        "ce fichier existe déjà, et le registre ne le connaît pas : il n’est pas écrasé.",
        where=str(path),
        remedy="Si le registre a été perdu, refaites-le : "
        f"{command_line('history', '--rebuild', directory)}\n"
        "  Sinon déplacez ce fichier, puis relancez la même commande.",
    )


def namesake(guide: Guide, answers: Answers, other: Version) -> Finding:
    """The warning that somebody of the same name and company was issued under another reference."""
    field = guide.key or guide.candidate[0]
    reference = other.canonical().get(guide.key) if guide.key else None
    under = f"sous la référence « {reference} »" if reference else "sans référence"
    return finding(
        Code.NAMESAKE_ISSUED,
        Severity.WARNING,
        f"un guide au même nom et à la même entreprise est déjà émis {under} : {other.candidate}, "
        f"version {other.number} du {other.day}.",
        "Si c’est la même personne, donnez à la fiche la même référence (ou aucune) ; si c’est un "
        "homonyme, il n’y a rien à faire.",
        field=field,
        source=answers.source(field) or answers.source(guide.candidate[0]),
    )


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
