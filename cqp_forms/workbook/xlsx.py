"""The exact reader: .xlsx and .xlsm, every cell with its number format and its strike-through.

This is the package: its parts, styles and list of sheets; :mod:`cqp_forms.workbook.sheet_xml` reads
the sheets. Each part is bounded (:mod:`cqp_forms.limits`). What is wrong with a file leaves here as
an exception of any kind; :mod:`cqp_forms.workbook.opening` makes it a message.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree import ElementTree

from cqp_forms import limits
from cqp_forms.workbook.cells import (
    Cell,
    Fidelity,
    Row,
    Sheet,
    Unseen,
    quoted_text,
    unescaped,
)
from cqp_forms.workbook.formats import BUILT_IN, GENERAL, UNKNOWN, Epoch
from cqp_forms.workbook.sheet_xml import (
    Look,
    SheetReader,
    StringsReader,
    TooLargeError,
    refuse_doctype,
)
from cqp_forms.workbook.unseen import read_unseen

#: The custom document property (ECMA-376 part 1, 22.3) that names the guide of a workbook.
GUIDE_PROPERTY = "cqp-forms.guide"

#: The part of every package that lists the types of the others (ECMA-376 part 2, 7.2.3).
CONTENT_TYPES = "[Content_Types].xml"
_CUSTOM = "docProps/custom.xml"
#: How the parts with a sheet's comments are related to it.
_COMMENTS = frozenset({"comments", "threadedComment"})


class XlsxWorkbook:
    """A workbook in an open archive; see :class:`cqp_forms.workbook.cells.Workbook`."""

    fidelity = Fidelity.EXACT

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self.guide_id = custom_property(archive, GUIDE_PROPERTY)
        package = read_package(archive)
        self.sheets, self.epoch = package.sheets, package.epoch
        self._looks = _looks(archive, package.styles)
        self._strings_member = package.strings
        self._read_bytes = 0

    @cached_property
    def _strings(self) -> list[Cell]:
        """The shared strings; read only once a sheet is."""
        if not self._strings_member:
            return []
        with member(self._archive, self._strings_member, limits.SHARED_STRING_BYTES) as stream:
            return StringsReader().read(stream)

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a sheet that hold something, one after the other."""
        self._read_bytes += self._archive.getinfo(sheet.member).file_size
        if self._read_bytes > limits.SHEET_BYTES:
            raise TooLargeError("ses feuilles sont démesurées")
        with member(self._archive, sheet.member, limits.SHEET_BYTES) as stream:
            yield from SheetReader(stream, self._strings, self._looks).rows()

    def unseen(self, sheet: Sheet) -> Unseen:
        """What of a sheet a person does not see."""
        with member(self._archive, sheet.member, limits.SHEET_BYTES) as stream:
            notes = _notes(self._archive, sheet.member)
            return read_unseen(stream, hidden=sheet.hidden, notes=notes)


# -------------------------------------------------------------------------- parts of the archive


@contextmanager
def member(archive: zipfile.ZipFile, name: str, limit: int) -> Iterator[IO[bytes]]:
    """Open a member for reading.

    Raises:
        TooLargeError: it is larger than ``limit`` bytes, or deflated out of all proportion.
    """
    info = archive.getinfo(name)
    # zipfile never inflates more than the size declared, so checking that one is enough.
    if info.file_size > limit or (
        info.file_size > limits.INFLATION_FROM
        and info.file_size > limits.INFLATION * info.compress_size
    ):
        raise TooLargeError("une de ses parties est démesurée")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(info.compress_type)
    with archive.open(info) as stream:
        yield stream


def tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A small XML part as a tree; a document type declaration is refused."""
    with member(archive, name, limits.PART_BYTES) as stream:
        content = stream.read()
    if content.count(b"<") > limits.PART_ELEMENTS:
        raise TooLargeError("une de ses parties est démesurée")
    if any("<!DOCTYPE".encode(one) in content for one in ("ascii", "utf-16-le", "utf-16-be")):
        refuse_doctype()
    return ElementTree.fromstring(content)


def custom_property(archive: zipfile.ZipFile, name: str) -> str:
    """A custom document property's text, empty where there is none."""
    if _CUSTOM not in archive.namelist():
        return ""
    for one in find(tree(archive, _CUSTOM), "property"):
        if one.get("name") == name:
            return quoted_text("".join(one.itertext()), 100)
    return ""


def find(root: ElementTree.Element, local: str) -> Iterator[ElementTree.Element]:
    """The elements of a local name: strict and transitional forms differ in namespaces alone."""
    return (one for one in root.iter() if one.tag.rpartition("}")[2] == local)


@dataclass(frozen=True, slots=True)
class XlsxPackage:
    """What a workbook's package says of itself; the name of a part that is not there is empty.

    Attributes:
        sheets: its worksheets, in the order of the tabs.
        epoch: its date system.
        book: the workbook part, which lists the sheets.
        relationships: the part that says where the others are.
        strings: the shared strings.
        styles: the cells' styles.
        calculation_chain: the list of the formulas.
    """

    sheets: tuple[Sheet, ...]
    epoch: Epoch
    book: str
    relationships: str
    strings: str
    styles: str
    calculation_chain: str


def _relationships(part: str) -> str:
    path = PurePosixPath(part)
    return str(path.parent / "_rels" / f"{path.name}.rels") if part else "_rels/.rels"


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """The relationships of a part: id → (type's last word, member)."""
    folder = PurePosixPath(part).parent
    found = {}
    for one in tree(archive, _relationships(part)):
        target = one.get("Target", "")
        full = target[1:] if target.startswith("/") else str(folder / target)
        full = re.sub(r"[^/]+/\.\./", "", full)
        found[one.get("Id", "")] = (one.get("Type", "").rpartition("/")[2], full)
    return found


def read_package(archive: zipfile.ZipFile) -> XlsxPackage:
    """Read what a workbook's package says of itself."""
    book = next(part for kind, part in _related(archive, "").values() if kind == "officeDocument")
    related = _related(archive, book)
    root = tree(archive, book)
    sheets = []
    for one in find(root, "sheet"):
        link = next(value for key, value in one.attrib.items() if key.endswith("}id"))
        kind, part = related[link]
        if kind == "worksheet":  # chart sheets hold no cells
            name = quoted_text(unescaped(one.get("name", "")), 200)
            sheets.append(Sheet(name, part, one.get("state") in ("hidden", "veryHidden")))
    if len(sheets) > limits.SHEETS:
        raise TooLargeError("il a trop de feuilles")
    dated_1904 = any(one.get("date1904") in ("1", "true") for one in find(root, "workbookPr"))
    by_kind = dict(related.values())
    return XlsxPackage(
        tuple(sheets),
        Epoch.YEAR_1904 if dated_1904 else Epoch.YEAR_1900,
        book,
        _relationships(book),
        by_kind.get("sharedStrings", ""),
        by_kind.get("styles", ""),
        by_kind.get("calcChain", ""),
    )


def _notes(archive: zipfile.ZipFile, sheet: str) -> list[str]:
    """The cells of a sheet that a comment is pinned to (18.7.3; threaded ones are Excel 365's)."""
    if _relationships(sheet) not in archive.namelist():
        return []
    parts = [part for kind, part in _related(archive, sheet).values() if kind in _COMMENTS]
    found = {
        one.get("ref", "")
        for part in parts
        if part in archive.namelist()
        for name in ("comment", "threadedComment")
        for one in find(tree(archive, part), name)
    }
    return sorted(found, key=lambda ref: (len(ref), ref))


def _looks(archive: zipfile.ZipFile, styles: str) -> list[Look]:
    """The look of each cell style (18.8.10): number format (18.8.30), strike-through (18.4.10)."""
    if not styles:
        return [Look()]
    root = tree(archive, styles)
    codes = {
        **BUILT_IN,
        **{
            int(one.get("numFmtId", 0)): one.get("formatCode") or GENERAL
            for one in find(root, "numFmt")
        },
    }
    fonts, styles_used = (next(find(root, one), None) for one in ("fonts", "cellXfs"))
    struck = {
        str(rank) for rank, font in enumerate(() if fonts is None else fonts) if _is_struck(font)
    }
    return [
        Look(
            codes.get(int(xf.get("numFmtId", 0)), UNKNOWN),
            xf.get("fontId", "0") in struck,
        )
        for xf in (() if styles_used is None else styles_used)
    ] or [Look()]


def _is_struck(font: ElementTree.Element) -> bool:
    strikes = next(find(font, "strike"), None)
    return strikes is not None and strikes.get("val", "1") not in ("0", "false")


def unlocked_styles(archive: zipfile.ZipFile, package: XlsxPackage) -> frozenset[str]:
    """The indexes of the cell styles (18.8.10) whose cells a protected sheet lets people change."""
    if not package.styles:
        return frozenset()
    cell_styles = next(find(tree(archive, package.styles), "cellXfs"), None)
    return frozenset(
        str(rank)
        for rank, xf in enumerate(() if cell_styles is None else cell_styles)
        if any(one.get("locked") in ("0", "false") for one in find(xf, "protection"))
    )
