"""Open a PDF for reading, or say why it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pikepdf

from cqp_forms.errors import DocumentError


@contextmanager
def opened(document: bytes) -> Iterator[pikepdf.Pdf]:
    """Open a PDF from its bytes.

    Raises:
        DocumentError: not a PDF, damaged, or protected with a password; also for what is found out
            while the document is in use.
    """
    try:
        pdf = pikepdf.open(BytesIO(document), suppress_warnings=True)
    except pikepdf.PasswordError as problem:
        raise DocumentError(
            "ce PDF est protégé par un mot de passe.",
            remedy="Enlevez la protection, ou demandez-en une copie sans mot de passe.",
        ) from problem
    except (pikepdf.PdfError, ValueError) as problem:
        raise DocumentError(
            "ce fichier n’est pas un PDF lisible.",
            remedy="Reprenez le document tel qu’il a été émis.",
        ) from problem
    with pdf:
        try:
            yield pdf
        except (pikepdf.PdfError, RecursionError) as problem:
            raise DocumentError(
                "ce PDF est abîmé : son contenu ne peut pas être lu.",
                remedy="Reprenez le document tel qu’il a été émis.",
            ) from problem
