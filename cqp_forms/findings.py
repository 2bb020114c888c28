"""A finding: one problem of a workbook or a document, told so that a person can mend it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cqp_forms.typography import spaced

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cqp_forms.answers import Source


class Severity(StrEnum):
    """Errors block; warnings only with ``--strict``; information never does."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


#: What makes a fiche whole again whose lines, ids or sheets were deleted.
FIX = "cqp-forms check FICHE --fix -o FICHE-NEUVE.xlsx"


class Code(StrEnum):
    """What is found wrong; scripts may rely on these codes."""

    UNANSWERED_CRITERION = "critere-sans-reponse"
    UNANSWERED_RESULT = "resultat-sans-reponse"
    INCOHERENT_MASTERY = "maitrise-incoherente"
    NA_WITHOUT_COMMENT = "na-sans-precision"
    TOO_MANY_NA = "na-trop-nombreux"
    NOT_MASTERED_WITHOUT_NON = "non-maitrise-sans-non"
    MISSING_COMMENT = "commentaire-obligatoire"
    INCOMPLETE_IDENTITY = "identite-incomplete"
    MISSING_ANSWER = "reponse-obligatoire"
    OTHER_WITHOUT_DETAIL = "autre-sans-precision"
    INCOHERENT_DATE = "date-incoherente"
    UNKNOWN_FIELD = "champ-inconnu"
    DUPLICATE_FIELD = "champ-en-double"
    UNRECOGNISED_VALUE = "valeur-non-reconnue"
    FORMULA_WITHOUT_VALUE = "formule-sans-valeur"
    EXCEL_ERROR = "erreur-excel"
    UNPRINTABLE_CHARACTER = "caractere-non-imprimable"
    COMMENT_WITHOUT_PLACE = "precision-sans-place"
    RESTORED_NA = "na-repris"
    DOUBTFUL_BOX = "case-douteuse"
    MISSING_PLACE = "place-absente"
    CHANGED_PAGES = "pages-modifiees"
    READ_BY_WORDING = "lu-par-le-libelle"
    HIDDEN_ROW = "ligne-masquee"
    CELL_NOTE = "commentaire-excel"
    STRUCK_ANSWER = "reponse-barree"
    SHOWN_DATE = "date-affichee"
    TWO_ANSWERS = "deux-reponses"
    UNKNOWN_HEADER = "en-tete-inconnu"
    OTHER_GUIDE = "autre-guide"
    INVISIBLE_CHARACTER = "caractere-invisible"
    NAMESAKE_ISSUED = "homonyme-deja-emis"
    REPLACED_FICHE = "fiche-remplacee"
    CONTINUED_TEXT = "suite-en-annexe"
    UNREADABLE_SOURCE = "source-illisible"
    NO_CANDIDATE = "source-sans-candidat"
    VALUES_ONLY = "lu-sans-mise-en-forme"
    WAITING_ANSWERS = "reponses-en-attente"
    PLAIN_LIST = "liste-simple"
    NAMED_TWICE = "source-nommee-deux-fois"
    SAME_CANDIDATE = "candidat-en-double"
    SAME_FICHE = "fiche-en-double"
    COMPLEMENTARY = "fiches-complementaires"
    ISSUED_OTHERWISE = "deja-emis-autrement"
    OUTPUT = "ecriture-impossible"
    DOCUMENT = "document-inadapte"
    DIFFERENCE = "relecture-differente"
    UNEXPECTED = "panne-imprevue"


#: What makes a fiche incomplete, and not wrong.
INCOMPLETENESS = frozenset(
    {
        Code.UNANSWERED_CRITERION,
        Code.UNANSWERED_RESULT,
        Code.NA_WITHOUT_COMMENT,
        Code.MISSING_COMMENT,
        Code.INCOMPLETE_IDENTITY,
        Code.MISSING_ANSWER,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: what, where, and what to do.

    Attributes:
        sheet: the worksheet's name, empty when the problem has no cell.
        cell: the cell, such as ``C14``; empty likewise.
        field: the field id, empty when none is concerned.
        message: what is wrong, in French.
        remedy: what to do, in French, starting with a verb.
    """

    code: Code
    severity: Severity
    message: str
    remedy: str
    field: str = ""
    sheet: str = ""
    cell: str = ""

    @property
    def where(self) -> str:
        """« C3, cellule C14 », as precise as what is known."""
        return ", ".join(filter(None, (self.sheet, self.cell and f"cellule {self.cell}")))

    def as_json(self) -> dict[str, str]:
        """The finding as ``check --json`` prints it."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "sheet": self.sheet,
            "cell": self.cell,
            "field": self.field,
            "message": self.message,
            "remedy": self.remedy,
        }


def finding(
    code: Code,
    severity: Severity,
    message: str,
    remedy: str,
    *,
    field: str = "",
    source: Source | None = None,
) -> Finding:
    """Make a finding from the place where an answer was read (``None``: it has no cell)."""
    return Finding(
        code,
        severity,
        spaced(message),
        spaced(remedy),
        field,
        source.sheet if source else "",
        source.cell if source else "",
    )


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings that block."""
    return tuple(one for one in findings if one.severity is Severity.ERROR)


def warnings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings that are told and do not block."""
    return tuple(one for one in findings if one.severity is Severity.WARNING)


def strict(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same findings, every warning made an error (``--strict``); information stays."""
    return tuple(
        replace(one, severity=Severity.ERROR) if one.severity is Severity.WARNING else one
        for one in findings
    )


def lenient(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same findings, errors of a field made warnings (``--draft``).

    What is missing or contradictory is marked on the draft, and what cannot be read is left empty.
    An error of no field is one of the whole fiche, and stays; answers that wait may still come.
    """
    return tuple(
        replace(one, severity=Severity.WARNING)
        if one.severity is Severity.ERROR and (one.field or one.code is Code.WAITING_ANSWERS)
        else one
        for one in findings
    )
