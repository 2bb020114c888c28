"""Open a PDF, or say why it cannot be: the one room for it, of stamping, reading and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pikepdf

from cqp_forms.errors import DocumentError

_AS_ISSUED = "Reprenez le document tel qu’il a été émis."


def open_pdf(document: bytes, where: str = "", remedy: str = _AS_ISSUED) -> pikepdf.Pdf:
    """Open a PDF from its bytes; who asked closes it.

    Args:
        where: its file name, for messages.
        remedy: what to do when it is none.

    Raises:
        DocumentError: not a PDF, or protected with a password.
    """
    try:
        return pikepdf.open(BytesIO(document), suppress_warnings=True)
    except pikepdf.PasswordError as problem:
        raise DocumentError(
            "ce PDF est protégé par un mot de passe.",
            where=where,
            remedy="Enlevez la protection, ou demandez-en une copie sans mot de passe.",
        ) from problem
    except (pikepdf.PdfError, ValueError) as problem:
        raise unreadable(where, remedy) from problem


def unreadable(where: str = "", remedy: str = _AS_ISSUED) -> DocumentError:
    """The refusal of what is no PDF."""
    return DocumentError("ce fichier n’est pas un PDF lisible.", where=where, remedy=remedy)


@contextmanager
def opened(document: bytes) -> Iterator[pikepdf.Pdf]:
    """Open a PDF for reading.

    Raises:
        DocumentError: not a PDF, damaged, or protected with a password; also for what is found out
            while the document is in use.
    """
    with open_pdf(document) as pdf:
        try:
            yield pdf
        # Objects of another type than they should be fail where they are used.
        except (pikepdf.PdfError, TypeError, AttributeError, RecursionError) as problem:
            raise DocumentError(
                "ce PDF est abîmé : son contenu ne peut pas être lu.", remedy=_AS_ISSUED
            ) from problem
