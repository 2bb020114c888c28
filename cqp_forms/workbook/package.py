"""The .xlsx file as a package: its sheets, shared strings and number formats.

Whatever is wrong with the file is said in the user's words; nothing here raises anything else.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from cqp_forms.errors import AnswersError, refusal
from cqp_forms.workbook.cells import Cell, Row
from cqp_forms.workbook.formats import BUILT_IN, GENERAL, Epoch
from cqp_forms.workbook.quick import read_rows, read_strings

#: Larger than any honest workbook; a bomb of repeated zeros is refused before it is inflated.
_MAX_SHEET = 1 << 29
_MAX_STRINGS = 1 << 27
_MAX_PART = 1 << 24

_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    ElementTree.ParseError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    StopIteration,
    ValueError,
)
_SAVE_AS = "Ouvrez-le dans Excel ou LibreOffice et enregistrez-le au format « .xlsx »."


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its name, and the package member that holds it."""

    name: str
    member: str


class Package:
    """An open workbook. Made by :func:`open_package`.

    Attributes:
        path: the file.
        sheets: its worksheets in the order of the tabs, hidden ones included.
        epoch: its date system.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self.sheets, self.epoch, strings, styles = _contents(archive)
        self._formats = _formats(archive, styles)
        self._strings: list[Cell] = []
        if strings:
            with _member(archive, strings, _MAX_STRINGS) as stream:
                self._strings = read_strings(stream)

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a sheet that hold something, one after the other.

        Raises:
            AnswersError: the sheet is damaged.
        """
        try:
            yield from read_rows(
                lambda: _member(self._archive, sheet.member, _MAX_SHEET),
                self._strings,
                self._formats,
            )
        except _BROKEN as cause:
            raise damaged(self.path, cause) from cause


def _damage(cause: Exception) -> str:
    match cause:
        case zipfile.BadZipFile() | zlib.error() | EOFError():
            return "l’archive est incomplète ou abîmée"
        case expat.ExpatError() | ElementTree.ParseError():
            return "une de ses parties n’est pas du XML bien formé"
        case NotImplementedError() | RuntimeError():
            return "sa compression ou son chiffrement n’est pas connu"
    return "son contenu n’est pas celui d’un classeur"


def damaged(path: Path, cause: Exception) -> AnswersError:
    """The error for a file that is no sound workbook."""
    return AnswersError(
        f"le classeur est endommagé ({_damage(cause)}).",
        where=str(path),
        remedy="Ouvrez-le dans Excel, laissez-le réparer, enregistrez-le ; ou reprenez une copie.",
    )


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """Open a workbook for reading.

    Args:
        path: the ``.xlsx`` (or ``.xlsm``) file.

    Raises:
        AnswersError: there is no such file, or it is no workbook that can be read.
    """
    with _opened(path) as file:
        _refuse_other_formats(path, file)
        try:
            archive = zipfile.ZipFile(file)
            names = set(archive.namelist())
        except _BROKEN as cause:
            raise damaged(path, cause) from cause
        with archive:
            _refuse_other_packages(path, names)
            try:
                package = Package(path, archive)
            except _BROKEN as cause:
                raise damaged(path, cause) from cause
            yield package


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if path.name.startswith("~$"):
        raise AnswersError(
            "c’est le fichier de verrou qu’Excel pose à côté d’un classeur ouvert.",
            where=str(path),
            remedy=f"Donnez le classeur lui-même : « {path.name[2:]} ».",
        )
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
    except OSError as cause:
        raise AnswersError(
            f"ce fichier ne peut pas être lu ({refusal(cause)}).",
            where=str(path),
            remedy="Vérifiez son nom et son emplacement.",
        ) from cause
    with file:
        yield file


def _refuse_other_formats(path: Path, file: IO[bytes]) -> None:
    head = file.read(8)
    file.seek(0)
    if head[:4] == b"PK\x03\x04":
        return
    if not head:
        raise AnswersError("ce fichier est vide (0 octet).", where=str(path), remedy=_ANOTHER)
    if head == _CFB:
        # An encrypted workbook is an OLE file with this stream (MS-OFFCRYPTO 2.3.2).
        if "EncryptedPackage".encode("utf-16-le") in file.read(_MAX_PART):
            raise AnswersError(
                "ce classeur est protégé par un mot de passe d’ouverture.",
                where=str(path),
                remedy="Dans Excel : Fichier > Informations > Protéger le classeur > Chiffrer avec "
                "mot de passe, videz le mot de passe, puis enregistrez.",
            )
        raise AnswersError(
            "c’est un classeur à l’ancien format d’Excel (.xls).", where=str(path), remedy=_SAVE_AS
        )
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        raise AnswersError(
            "c’est un fichier texte, pas un classeur Excel.", where=str(path), remedy=_SAVE_AS
        )
    raise AnswersError("ce n’est pas un classeur Excel.", where=str(path), remedy=_ANOTHER)


_ANOTHER = "Donnez une fiche au format .xlsx ; pour en créer une : cqp-forms new."


def _refuse_other_packages(path: Path, names: set[str]) -> None:
    if any(name.lower() == "xl/workbook.xml" for name in names) or "_rels/.rels" in names:
        if any(name.lower() == "xl/workbook.bin" for name in names):
            raise AnswersError(
                "c’est un classeur binaire (.xlsb).", where=str(path), remedy=_SAVE_AS
            )
        if not any(name.startswith("xl/") for name in names):
            raise AnswersError(
                "c’est un document Office, mais pas un classeur.", where=str(path), remedy=_ANOTHER
            )
        return
    if "mimetype" in names and "content.xml" in names:
        raise AnswersError(
            "c’est un document OpenDocument (.ods).", where=str(path), remedy=_SAVE_AS
        )
    raise AnswersError(
        "c’est une archive zip, pas un classeur Excel.", where=str(path), remedy=_ANOTHER
    )


@contextmanager
def _member(archive: zipfile.ZipFile, name: str, limit: int) -> Iterator[IO[bytes]]:
    # zipfile never inflates more than the size declared, so checking that one is enough.
    if archive.getinfo(name).file_size > limit:
        raise ValueError(f"{name} is larger than any honest workbook")
    with archive.open(name) as stream:
        yield stream


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with _member(archive, name, _MAX_PART) as stream:
        content = stream.read()
    if b"<!DOCTYPE" in content:
        raise ValueError("a document type declaration is not allowed in a workbook")
    return ElementTree.fromstring(content)


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _find(root: ElementTree.Element, local: str) -> Iterator[ElementTree.Element]:
    # By local name: the strict and the transitional forms differ in namespaces alone.
    return (element for element in root.iter() if _local(element) == local)


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """The relationships of a part: id → (type's last word, member)."""
    folder = PurePosixPath(part).parent
    rels = str(folder / "_rels" / f"{PurePosixPath(part).name}.rels") if part else "_rels/.rels"
    found = {}
    for one in _tree(archive, rels):
        target = one.get("Target", "")
        full = target[1:] if target.startswith("/") else str(folder / target)
        full = re.sub(r"[^/]+/\.\./", "", full)
        found[one.get("Id", "")] = (one.get("Type", "").rpartition("/")[2], full)
    return found


def _contents(archive: zipfile.ZipFile) -> tuple[tuple[Sheet, ...], Epoch, str, str]:
    book = next(
        member for kind, member in _related(archive, "").values() if kind == "officeDocument"
    )
    related = _related(archive, book)
    root = _tree(archive, book)
    sheets = []
    for one in _find(root, "sheet"):
        link = next(value for key, value in one.attrib.items() if key.endswith("}id"))
        kind, member = related[link]
        if kind == "worksheet":  # chart sheets hold no cells
            sheets.append(Sheet(one.get("name", ""), member))
    dated_1904 = any(one.get("date1904") in ("1", "true") for one in _find(root, "workbookPr"))
    by_kind = dict(related.values())
    epoch = Epoch.YEAR_1904 if dated_1904 else Epoch.YEAR_1900
    return tuple(sheets), epoch, by_kind.get("sharedStrings", ""), by_kind.get("styles", "")


def _formats(archive: zipfile.ZipFile, styles: str) -> list[str]:
    """The number format's code of each cell style (18.8.10)."""
    if not styles:
        return [GENERAL]
    root = _tree(archive, styles)
    codes = {
        **BUILT_IN,
        **{int(one.get("numFmtId", 0)): one.get("formatCode", "") for one in _find(root, "numFmt")},
    }
    cell_styles = next(_find(root, "cellXfs"), None)
    used = [] if cell_styles is None else [int(xf.get("numFmtId", 0)) for xf in cell_styles]
    return [codes.get(one, GENERAL) for one in used] or [GENERAL]
