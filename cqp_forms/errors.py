"""The exception tree: one exit code per kind of failure, each error with its remedy.

Every error that a user can cause is a :class:`CqpError`. Its text is French and written for the
person at the keyboard: what is wrong, where, and what to do next. The command line translates it
into an exit code once, at the edge; nothing else in the package exits or prints.
"""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

from cqp_forms.typography import spaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cqp_forms.findings import Finding


class ExitCode(IntEnum):
    """What the process returns: the table « Codes de sortie » of docs/commandes.md."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    ANSWERS = 3
    DOCUMENT = 4
    OUTPUT = 5
    DIFFERENCE = 6
    PARTIAL = 7
    INTERRUPTED = 130


class CqpError(Exception):
    """An expected failure.

    Args:
        message: what is wrong, in French, without a trailing remedy.
        where: the place (file, « feuille C1, cellule C4 », YAML path, page); may be empty.
        remedy: what the reader can do about it, in French.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.UNEXPECTED

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        self.message = spaced(message)
        self.where = spaced(where)
        self.remedy = spaced(remedy)
        super().__init__(self.message)

    def __str__(self) -> str:
        head = f"{self.where}\u00a0: {self.message}" if self.where else self.message
        return f"{head}\n→ {self.remedy}" if self.remedy else head

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are not replayed by the default protocol, and a batch sends its
        # errors from one process to another.
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(kind: type[CqpError], state: dict[str, object]) -> CqpError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    Exception.__init__(error, state.get("message", ""))
    return error


_REFUSALS = {
    errno.ENOENT: "il n’existe pas",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EISDIR: "c’est un dossier",
    errno.ENOTDIR: "un fichier porte le nom d’un dossier du chemin",
    errno.EEXIST: "un fichier porte le nom d’un dossier du chemin",
    errno.ENAMETOOLONG: "le chemin est trop long",
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "le disque est plein",
    errno.EROFS: "le disque est en lecture seule",
    errno.EIO: "le disque ou le lecteur réseau ne répond pas",
}


def refusal(problem: OSError) -> str:
    """What the system refused to do with a file, in French, to go between brackets.

    What it has no French for is told in the system's own words.
    """
    known = _REFUSALS.get(problem.errno or 0)
    return known or problem.strerror or type(problem).__name__


class UsageError(CqpError):
    """The command itself does not make sense (exit 2)."""

    exit_code = ExitCode.USAGE


class AnswersError(CqpError):
    """The workbook cannot be read, or its answers break a rule (exit 3).

    Args:
        findings: all that is wrong.
        brief: the same for a person to read, in fewer lines; all of it by default.
    """

    exit_code = ExitCode.ANSWERS

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        remedy: str = "",
        findings: Sequence[Finding] = (),
        brief: Sequence[Finding] = (),
    ) -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.findings = tuple(findings)
        self.told = tuple(brief) or self.findings


class NotListedError(AnswersError):
    """A text that the list of a form's field does not have.

    Attributes:
        text: what was given.
        listed: what the list has.
    """

    text = ""
    listed: tuple[str, ...] = ()

    @classmethod
    def of(cls, title: str, text: str, listed: tuple[str, ...], where: str) -> NotListedError:
        """The error.

        Args:
            title: of the field.
            text: what was given.
            listed: what the list has.
            where: the place in the document.
        """
        error = cls(
            f"{title} : « {text} » n’est pas dans la liste du champ ({', '.join(listed)}).",
            where=where,
            remedy="Mettez dans la fiche l’une de ces réponses, telle quelle.",
        )
        error.text, error.listed = text, listed
        return error


class NoRoomError(AnswersError):
    """A text that its place has no room for, nor for saying where it goes on.

    Attributes:
        text: what was given.
    """

    text = ""


class DocumentError(CqpError):
    """The blank, the guide or the mapping does not fit (exit 4)."""

    exit_code = ExitCode.DOCUMENT


class ScannedError(DocumentError):
    """A PDF whose pages are pictures: its boxes cannot be read."""


class GuideError(DocumentError):
    """guide.yaml is not a guide."""


class MappingError(DocumentError):
    """The mapping is not usable with this guide or this document."""


class OutputError(CqpError):
    """The output cannot be written, would overwrite what was issued, or has no content (exit 5)."""

    exit_code = ExitCode.OUTPUT


class DifferenceError(CqpError):
    """A document does not say what it should (exit 6)."""

    exit_code = ExitCode.DIFFERENCE
