"""The one door to a workbook's file: what it is, told by its content, and which reader takes it.

Whatever is wrong with the file is said in the user's words: nothing but
:class:`~cqp_forms.errors.AnswersError` leaves here.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from cqp_forms import limits
from cqp_forms.errors import AnswersError, refusal
from cqp_forms.workbook.cells import Row, Sheet, Unseen, Workbook
from cqp_forms.workbook.sheet_xml import TooLargeError
from cqp_forms.workbook.xlsx import GUIDE_PROPERTY, XlsxWorkbook, custom_property, member

_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 4096
_SAVE_AS = "Ouvrez-le dans Excel ou LibreOffice et enregistrez-le au format « .xlsx »."
_ANOTHER = "Donnez une fiche au format .xlsx ; pour en créer une : cqp-forms new."
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


class _Format(Enum):
    XLSX = "xlsx"
    OTHER = "other"


class _GuardedWorkbook:
    """A workbook whose reader raises nothing but :class:`AnswersError`."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self.path, self.sheets, self.epoch = book.path, book.sheets, book.epoch
        self.guide_id, self.fidelity = book.guide_id, book.fidelity

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """See :meth:`cqp_forms.workbook.cells.Workbook.rows`."""
        rows = self._book.rows(sheet)
        while True:
            try:
                row = next(rows, None)
            except Exception as cause:
                raise damaged(self.path, cause) from cause
            if row is None:
                return
            yield row

    def unseen(self, sheet: Sheet) -> Unseen:
        """See :meth:`cqp_forms.workbook.cells.Workbook.unseen`."""
        try:
            return self._book.unseen(sheet)
        except Exception as cause:
            raise damaged(self.path, cause) from cause


@contextmanager
def open_workbook(path: Path, content: bytes | None = None) -> Iterator[Workbook]:
    """Open a workbook for reading; ``.xlsx``, ``.xlsm``, ``.ods``, ``.xls`` or ``.xlsb``.

    Args:
        content: the file, where it was read already.

    Raises:
        AnswersError: there is no such file, or it is no workbook that can be read; also while its
            rows are read.
    """
    _refuse_lock_file(path)
    with _opened(path) if content is None else BytesIO(content) as file:
        kind = _kind_of(path, file)
        with _archive(path, file, kind) as archive:
            # Readers meet whatever people and attackers put into a file: every kind of exception
            # has been seen here, and each means that the file is damaged.
            try:
                book = _read(path, archive)
            except AnswersError:
                raise
            except Exception as cause:
                raise damaged(path, cause) from cause
            yield _GuardedWorkbook(book)


def _read(path: Path, archive: zipfile.ZipFile | None) -> Workbook:
    if archive is not None:
        return XlsxWorkbook(path, archive)
    # Rare: only such a file pays for loading what reads it.
    from cqp_forms.workbook.other_formats import OtherWorkbook

    return OtherWorkbook(path)


def guide_of(path: Path) -> str:
    """The id of the guide that a workbook was made for, empty where it does not say.

    Nothing else of the file is read; who reads it too has :attr:`Workbook.guide_id`. What is wrong
    with the file is not told here: reading it will tell.
    """
    try:
        with _opened(path) as file, _archive(path, file, _kind_of(path, file)) as archive:
            if archive is not None:
                return custom_property(archive, GUIDE_PROPERTY)
            from cqp_forms.workbook.other_formats import guide_id_of

            return guide_id_of(path)
    except Exception:  # as in open_workbook
        return ""


def damaged(path: Path, cause: Exception) -> AnswersError:
    """The error for a file that is no sound workbook, or an outsize one."""
    if isinstance(cause, TooLargeError | MemoryError):
        reason = str(cause) or "il est démesuré"
        return AnswersError(
            f"le classeur est illisible ({reason}).",
            where=str(path),
            remedy="Un vrai classeur ne l’est jamais à ce point. Reprenez une copie, ou copiez les "
            "réponses dans une fiche neuve (cqp-forms new).",
        )
    return AnswersError(
        f"le classeur est endommagé, donc illisible ({_damage(cause)}).",
        where=str(path),
        remedy="Ouvrez-le dans Excel, laissez-le réparer, enregistrez-le ; ou reprenez une copie.",
    )


def _damage(cause: Exception) -> str:
    match cause:
        case zipfile.BadZipFile() | zlib.error() | EOFError():
            return "l’archive est incomplète ou abîmée"
        case expat.ExpatError() | ElementTree.ParseError():
            return "une de ses parties n’est pas du XML bien formé"
        case NotImplementedError() | RuntimeError():
            return "sa compression ou son chiffrement n’est pas connu"
    return "son contenu n’est pas celui d’un classeur"


def _refuse_lock_file(path: Path) -> None:
    if path.name.startswith("~$"):
        raise AnswersError(
            "c’est le fichier de verrou qu’Excel pose à côté d’un classeur ouvert.",
            where=str(path),
            remedy=f"Donnez le classeur lui-même : « {path.name[2:]} ».",
        )


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        if path.is_dir():
            raise AnswersError(
                "c’est un dossier, pas un classeur.",
                where=str(path),
                remedy="Donnez un fichier .xlsx, ou utilisez la commande « batch » pour un "
                "dossier.",
            )
        file = path.open("rb")
    except FileNotFoundError:
        raise AnswersError(
            "ce fichier n’existe pas.",
            where=str(path),
            remedy="Vérifiez son nom, ou créez une fiche : cqp-forms new.",
        ) from None
    except PermissionError:
        raise AnswersError(
            "ce fichier ne peut pas être ouvert.",
            where=str(path),
            remedy="Fermez-le dans Excel s’il y est ouvert, et vérifiez vos droits d’accès.",
        ) from None
    except (OSError, ValueError) as cause:
        reason = refusal(cause) if isinstance(cause, OSError) else "son nom n’est pas valable"
        raise AnswersError(
            f"ce fichier ne peut pas être lu ({reason}).",
            where=str(path),
            remedy="Vérifiez son nom et son emplacement.",
        ) from cause
    with file:
        yield file


def _kind_of(path: Path, file: IO[bytes]) -> _Format:
    """What the first bytes say; an archive is looked into by :func:`_archive`."""
    head = file.read(_HEAD)
    size = file.seek(0, 2)
    file.seek(0)
    if size > limits.WORKBOOK_BYTES:
        raise damaged(path, TooLargeError("il est démesuré"))
    if head[:4] == b"PK\x03\x04":
        return _Format.XLSX
    if not head:
        raise AnswersError("ce fichier est vide (0 octet).", where=str(path), remedy=_ANOTHER)
    if head.startswith(_CFB):
        _refuse_encrypted(path, file.read())
        return _Format.OTHER
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        raise AnswersError(
            "c’est un fichier texte, pas un classeur Excel.", where=str(path), remedy=_SAVE_AS
        )
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise AnswersError(
            "c’est une page web ou un fichier XML sous un nom de classeur.",
            where=str(path),
            remedy=_SAVE_AS,
        )
    raise AnswersError("ce n’est pas un classeur Excel.", where=str(path), remedy=_ANOTHER)


def _refuse_encrypted(path: Path, content: bytes) -> None:
    # An encrypted workbook is an OLE file with this stream (MS-OFFCRYPTO 2.3.2); an old one has
    # a stream named « Workbook » or « Book » (MS-XLS 2.1.2).
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise AnswersError(
            "ce classeur est protégé par un mot de passe d’ouverture.",
            where=str(path),
            remedy="Dans Excel : Fichier > Informations > Protéger le classeur > Chiffrer avec "
            "mot de passe, videz le mot de passe, puis enregistrez.",
        )
    if not any(name.encode("utf-16-le") in content for name in ("Workbook\0", "Book\0")):
        raise AnswersError(
            "c’est un document d’une ancienne version d’Office, mais pas un classeur.",
            where=str(path),
            remedy=_ANOTHER,
        )


@contextmanager
def _archive(path: Path, file: IO[bytes], kind: _Format) -> Iterator[zipfile.ZipFile | None]:
    """The archive of an .xlsx; ``None`` for what the other reader takes.

    Raises:
        AnswersError: it is damaged, or no workbook.
    """
    if kind is _Format.OTHER:
        yield None
        return
    try:
        archive = zipfile.ZipFile(file)
        names = [info.filename for info in archive.infolist()]
    except Exception as cause:
        raise damaged(path, cause) from cause
    with archive:
        if len(names) > limits.WORKBOOK_MEMBERS:
            raise damaged(path, TooLargeError("il a trop de parties"))
        folded = [name.lower() for name in names]
        if len(set(folded)) < len(folded):
            # Programs differ in which of two parts of one name they read.
            raise damaged(path, zipfile.BadZipFile("a member twice"))
        yield archive if _archive_format(path, archive, set(folded)) is _Format.XLSX else None


def _archive_format(path: Path, archive: zipfile.ZipFile, names: set[str]) -> _Format:
    if "xl/workbook.bin" in names:
        return _other(path, archive)
    if "xl/workbook.xml" in names or "_rels/.rels" in names:
        if any(name.startswith("xl/") for name in names):
            return _Format.XLSX
        raise AnswersError(
            "c’est un document Office, mais pas un classeur.", where=str(path), remedy=_ANOTHER
        )
    if "mimetype" in names and "content.xml" in names:
        try:
            with member(archive, "mimetype", _HEAD) as stream:
                kind = stream.read().strip()
        except Exception as cause:
            raise damaged(path, cause) from cause
        if kind.startswith(_ODS):
            return _other(path, archive)
        raise AnswersError(
            "c’est un document OpenDocument, mais pas un classeur.",
            where=str(path),
            remedy=_ANOTHER,
        )
    if "index/document.iwa" in names or "index.zip" in names:
        raise AnswersError("c’est un classeur Numbers.", where=str(path), remedy=_NUMBERS)
    raise AnswersError(
        "c’est une archive zip, pas un classeur Excel.", where=str(path), remedy=_ANOTHER
    )


_NUMBERS = "Dans Numbers : Fichier > Exporter vers > Excel, puis donnez le fichier « .xlsx »."


def _other(path: Path, archive: zipfile.ZipFile) -> _Format:
    """An archive for the other reader, whose parts are held to the limits of a worksheet."""
    for info in archive.infolist():
        if info.file_size > limits.SHEET_BYTES or (
            info.file_size > limits.INFLATION_FROM
            and info.file_size > limits.INFLATION * info.compress_size
        ):
            raise damaged(path, TooLargeError("une de ses parties est démesurée"))
    return _Format.OTHER
