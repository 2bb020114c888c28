"""Why a version is not issued, and what to do instead (exit 5)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from cqp_forms.errors import OutputError
from cqp_forms.issuing.naming import Person
from cqp_forms.issuing.version import Version


def other_answers(latest: Version, fiche: str) -> OutputError:
    """``fill`` on a candidate who was issued with other answers."""
    return OutputError(
        f"le guide de {latest.candidate} est déjà émis (version {latest.number} du {latest.day}) "
        "avec d’autres réponses : une version émise ne change plus.",
        where=fiche,
        remedy="Pour émettre une version corrigée : cqp-forms reissue "
        f'{_quoted(fiche or "FICHE.xlsx")} --reason "…". S’il s’agit d’un homonyme de la même '
        "entreprise, donnez à chacun sa référence (dossier.reference).",
    )


def _quoted(fiche: str) -> str:
    return f'"{fiche}"' if " " in fiche else fiche


def nothing_differs(latest: Version) -> OutputError:
    """``reissue`` of the very same answers."""
    return OutputError(
        f"rien ne diffère de la version {latest.number} du {latest.day} de {latest.candidate} : "
        "il n’y a rien à corriger.",
        remedy="Pour émettre tout de même une copie : ajoutez --same.",
    )


def never_issued(candidate: Person, known: Iterable[Version]) -> OutputError:
    """``reissue`` of a candidate whom the register does not know."""
    names = sorted({one.candidate for one in known})
    close = difflib.get_close_matches(candidate.name, names, n=3, cutoff=0.6)
    hint = (
        f" Candidats proches dans le registre : {', '.join(close)} (nom, prénom, entreprise et "
        "référence doivent être ceux de la première version)."
        if close
        else ""
    )
    return OutputError(
        f"aucune version n’a encore été émise pour {candidate.name} dans ce dossier.",
        remedy=f"Émettez d’abord le guide : cqp-forms fill FICHE.xlsx ; ou indiquez avec -o le "
        f"dossier où il a été émis.{hint}",
    )


def name_taken(path: Path) -> OutputError:
    """A file that the register does not know has the name that a version is to get."""
    return OutputError(
        "ce fichier existe déjà, et le registre ne le connaît pas : il n’est pas écrasé.",
        where=str(path),
        remedy="Si le registre a été perdu, refaites-le : cqp-forms history --rebuild DOSSIER. "
        "Sinon déplacez ce fichier, puis relancez la même commande.",
    )
