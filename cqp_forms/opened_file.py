"""A file that a command is given: what it is by its content, and the fiche or document in it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

from cqp_forms.errors import DocumentError, refusal
from cqp_forms.formats import format_of
from cqp_forms.issuing.version import EmbeddedVersion, parse_payload
from cqp_forms.mapping import Format
from cqp_forms.workbook.cells import Workbook
from cqp_forms.workbook.opening import open_workbook

#: What begins any file is enough to tell what it is; some PDFs begin late (ISO 32000-2, annex I).
_HEAD = 1024
_COMPOUND = b"\xd0\xcf\x11\xe0"
_FICHES = frozenset({"xlsx", "xlsm", "xltx", "xls", "xlsb", "ods", "csv"})


def format_at(path: Path, content: bytes) -> Format | None:
    """A file's document format, by its content: names lie; ``None`` for a fiche.

    A damaged or protected file counts for what its name says, so that reading it can say what is
    wrong with it.

    Raises:
        DocumentError: it is none that can be examined.
    """
    head = content[:_HEAD]
    suffix = path.suffix.casefold().lstrip(".")
    # Workbooks and documents are both zip archives, or compound files when they are old or locked.
    shared = head.startswith((b"PK", _COMPOUND))
    folders = _folders_of(content) if shared else frozenset()
    if "xl" in folders:
        return None
    by_content = next((kind for kind in Format if format_of(kind).recognises(head)), None)
    if by_content and (not shared or "word" in folders):
        return by_content
    if suffix in _FICHES:
        return None
    for kind in Format:
        if suffix in format_of(kind).SUFFIXES:
            return kind
    if by_content and not suffix and head.startswith(_COMPOUND):
        return by_content
    raise DocumentError(
        "ce fichier n’est ni une fiche (.xlsx), ni un guide en DOCX ou en PDF.",
        where=str(path),
        remedy="Donnez une fiche ou un guide émis ; un .odt s’enregistre en .docx.",
    )


def _folders_of(content: bytes) -> frozenset[str]:
    """The folders of a zip archive, none when it is not one."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return frozenset(name.partition("/")[0] for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError, EOFError):
        return frozenset()


def _unreadable(path: Path, problem: OSError) -> DocumentError:
    if path.is_dir():
        return DocumentError(
            "c’est un dossier.", where=str(path), remedy="Donnez une fiche ou un guide."
        )
    if isinstance(problem, FileNotFoundError):
        return DocumentError(
            "ce fichier n’existe pas.",
            where=str(path),
            remedy="Vérifiez le chemin ; un nom qui contient des espaces se met entre guillemets.",
        )
    return DocumentError(
        f"ce fichier ne peut pas être lu ({refusal(problem)}).",
        where=str(path),
        remedy="Vérifiez vos droits d’accès, et fermez-le s’il est ouvert ailleurs.",
    )


@dataclass(frozen=True)
class OpenFile:
    """A file that was read.

    Attributes:
        book: a fiche, open.
        format: of a document.
    """

    content: bytes
    book: Workbook | None = None
    format: Format | None = None
    payload: bytes | None = None

    @cached_property
    def carried(self) -> EmbeddedVersion | None:
        """The version that the document says it is."""
        try:
            return parse_payload(self.payload) if self.payload else None
        except ValueError:
            # Damaged or of a later format: what the document shows still counts.
            return None

    @property
    def guide_id(self) -> str:
        """The id of the guide that it says it is for; empty where it is silent."""
        if self.book is not None:
            return self.book.guide_id
        return self.carried.version.guide if self.carried else ""


def read_file(path: Path, held: ExitStack) -> OpenFile:
    """Read a file, once; a fiche stays open while ``held`` is.

    Raises:
        AnswersError, DocumentError: it cannot be read, or is none that can be examined.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    kind = format_at(path, content)
    if kind is None:
        return OpenFile(content, held.enter_context(open_workbook(path, content)))
    with named(path):
        return OpenFile(content, None, kind, format_of(kind).payload(content))


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Name the file in what is wrong with it."""
    try:
        yield
    except DocumentError as error:
        if error.where:
            raise
        raise type(error)(error.message, where=str(path), remedy=error.remedy) from error
