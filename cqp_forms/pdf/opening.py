"""Open a PDF, or say why it cannot be: the one room for it, of stamping, reading and comparing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pikepdf
from pikepdf import Object, settings

from cqp_forms import limits
from cqp_forms.errors import DocumentError

# The library's own limits hold for the whole process: nothing here needs larger ones.
settings.set_qpdf_limits(
    flate_max_memory=limits.PDF_STREAM_BYTES,
    run_length_max_memory=limits.PDF_STREAM_BYTES,
    png_max_memory=limits.PDF_STREAM_BYTES,
    tiff_max_memory=limits.PDF_STREAM_BYTES,
    dct_max_memory=limits.PDF_STREAM_BYTES,
    max_stream_filters=limits.PDF_FILTERS,
)

_AS_ISSUED = "Reprenez le document tel qu’il a été émis."

#: What reading a damaged PDF comes to: objects of another type than they should be fail where they
#: are used.
DAMAGE = (
    pikepdf.PikepdfError,
    TypeError,
    AttributeError,
    ValueError,
    LookupError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)

#: Packed bytes of a stream that went through LZW.
_LZW_BYTES = 64 * 1024


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
    except DAMAGE as problem:
        raise unreadable(where, remedy) from problem


def unpacked(stream: Object, most: int = limits.PDF_STREAM_BYTES) -> bytes:
    """A stream's data; empty when it is damaged, as viewers show it.

    Raises:
        DocumentError: it is larger than anything of its kind.
    """
    data = b""
    # LZW has no limit of its own, and makes at most some thousand bytes of one (7.4.4).
    if "/LZWDecode" in str(stream.get("/Filter")) and int(stream.Length) > _LZW_BYTES:
        raise _too_large(most)
    try:
        data = stream.read_bytes()
    except (pikepdf.PdfError, ValueError) as problem:
        if "limit exceeded" in str(problem):
            raise _too_large(most) from problem
    if len(data) > most:
        raise _too_large(most)
    return data


def _too_large(most: int) -> DocumentError:
    return DocumentError(
        f"ce PDF est piégé ou abîmé : un de ses contenus, déplié, dépasse {most >> 20} Mo.",
        remedy=_AS_ISSUED,
    )


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
        except DAMAGE as problem:
            raise DocumentError(
                "ce PDF est abîmé : son contenu ne peut pas être lu.", remedy=_AS_ISSUED
            ) from problem
