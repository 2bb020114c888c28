"""The same rows as :mod:`cells`, several times faster, for worksheets written plainly.

Excel, LibreOffice and openpyxl write rows in one plain form. A pattern for that form reads them at
a third of a parser's cost, which counts in a lot of a thousand rows. The pattern is narrower than
XML: a row with anything else in it (rich text, an uncomputed formula, unusual attributes) is handed
to the parser, and so is a whole sheet with comments, prefixes or another encoding. Nothing is
guessed: both ways give the same rows.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import IO

from cqp_forms.workbook.cells import (
    Cell,
    CellKind,
    Row,
    SheetReader,
    read_shared_strings,
    unescaped,
)

_CHUNK = 1 << 17
_END = b"</row>"
_SHORT, _REMEMBERED = 20, 1000
_UNUSUAL = re.compile(b"<[!?]")  # comments, CDATA, document types, processing instructions
_ROW_NUMBER = re.compile(r'<row r="(\d+)"[^<>]*>')
_CELL = re.compile(
    r'<c r="([A-Z]+)\d+"(?: s="(\d+)")?(?: t="(\w+)")?'
    r"(?:/>|>(<f\b[^<>]*(?:/>|>[^<]*</f>))?"
    r'(?:<v>([^<]*)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
    r"|(\S)"
)
_STRING = re.compile(
    r'<si>(?:<t(?: xml:space="preserve")?>([^<]*)</t>|<t/>)</si>|<si/>|(<si>.*?</si>)', re.DOTALL
)
_SHARED_CELL = re.compile(r'<c r="([A-Z]+)[^>]* t="s"><v>(\d+)</v></c>')
_NUMBER_CELL = re.compile(r'<c r="([A-Z]+)\d+"(?: s="(\d+)")?><v>([0-9.E+-]+)</v></c>')
_REFERENCE = re.compile("&(#x[0-9A-Fa-f]+|#[0-9]+|amp|lt|gt|quot|apos);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

Opener = Callable[[], AbstractContextManager[IO[bytes]]]


def read_rows(opener: Opener, shared: Sequence[Cell], formats: Sequence[str]) -> Iterator[Row]:
    """The rows of a worksheet that hold something.

    Args:
        opener: opens the worksheet's XML; it may be called twice.
        shared: the workbook's shared strings.
        formats: the number format's code of each cell style.

    Raises:
        xml.parsers.expat.ExpatError, ValueError, IndexError: the worksheet is damaged.
    """
    given = 0
    try:
        with opener() as stream:
            for row in _QuickReader(shared, formats).rows(stream):
                yield row
                given += 1
            return
    except _NotPlainError:
        pass
    with opener() as stream:
        yield from islice(SheetReader(stream, shared, formats).rows(), given, None)


class _NotPlainError(Exception):
    """The sheet is not, or not to its end, written in the plain form."""


def read_strings(stream: IO[bytes]) -> list[Cell]:
    """The shared strings as text cells, as :func:`cells.read_shared_strings` gives them."""
    content = stream.read()
    if _is_plain(content, b"sst"):
        text = content.decode()
        matches = _STRING.findall(text)
        if len(matches) == text.count("<si"):
            return [
                _rich(rich) if rich else Cell(CellKind.TEXT, _decoded(plain))
                for plain, rich in matches
            ]
    return read_shared_strings(io.BytesIO(content))


def _rich(text: str) -> Cell:
    return read_shared_strings(io.BytesIO(f"<sst>{text}</sst>".encode()))[0]


def _is_plain(head: bytes, root: bytes = b"worksheet") -> bool:
    """Whether a part begins as UTF-8 without prefixes, and has nothing unusual so far."""
    declaration, _, rest = head.partition(b"?>") if head.startswith(b"<?xml") else (b"", b"", head)
    encoding = re.search(rb"encoding=[\"']([^\"']+)", declaration)
    if encoding and encoding[1].lower() != b"utf-8":
        return False
    begins = re.match(rb"\s*<" + root + rb"[\s>]", rest) is not None
    return begins and not _UNUSUAL.search(rest)


class _QuickReader:
    def __init__(self, shared: Sequence[Cell], formats: Sequence[str]) -> None:
        self._shared = shared
        self._formats = formats
        self._inline: dict[str, Cell] = {}
        # Without empty strings, which are no cells: a row that has one is read with more care.
        self._by_rank = {str(rank): cell for rank, cell in enumerate(shared) if cell.text}

    def rows(self, stream: IO[bytes]) -> Iterator[Row]:
        """The rows; raises _NotPlainError before the first one that it may not read."""
        rest, number = b"", 0
        chunk = stream.read(_CHUNK)
        if not _is_plain(chunk):
            raise _NotPlainError
        while chunk:
            # A tag may straddle two chunks: cut after the last whole row.
            whole, mark, rest = (rest + chunk).rpartition(_END)
            for text in whole.decode().split("</row>") if mark else ():
                row = self._row(text[text.rfind("<row") :], number)
                number = row.number
                if row.cells:
                    yield row
            if b"</sheetData" in rest:
                while stream.read(_CHUNK):
                    pass  # not ours, but reading it all lets zipfile check the sum of the file
                break
            seam, chunk = chunk[-1:], stream.read(_CHUNK)
            if _UNUSUAL.search(chunk) or (seam == b"<" and chunk[:1] in (b"!", b"?")):
                raise _NotPlainError
        if b"</sheetData" not in rest and b"<sheetData/>" not in rest:
            raise _NotPlainError  # cut short: the parser says so

    def _row(self, text: str, before: int) -> Row:
        opening = _ROW_NUMBER.match(text)
        if opening is None:
            return self._parsed(text, before)
        cells = self._simple(text, opening.end())
        if cells is not None:
            return Row(int(opening[1]), cells)
        cells = {}
        shared = self._shared
        for letters, style, kind, formula, value, inline, other in _CELL.findall(
            text, opening.end()
        ):
            if other or (formula and not value) or (value.isspace() and kind != "str"):
                return self._parsed(text, before)
            if kind == "s" and value:
                cell = shared[int(value)]
                if cell.text:
                    cells[letters] = cell
            elif inline:
                known = self._inline.get(inline)
                cells[letters] = known or self._inline_cell(inline)
            elif value:
                cells[letters] = self._typed(kind, style, value)
        return Row(int(opening[1]), cells)

    def _simple(self, text: str, start: int) -> dict[str, Cell] | None:
        """The cells of a row that has but shared strings, plain numbers and empty cells."""
        if "<f" in text:
            return None  # whether it was computed needs a closer look
        count = text.count("<c ")
        strings = _SHARED_CELL.findall(text, start)
        numbers = _NUMBER_CELL.findall(text, start) if len(strings) < count else ()
        if len(strings) + len(numbers) + text.count('"/>', start) != count:
            return None
        known = self._by_rank
        try:
            cells = {letters: known[rank] for letters, rank in strings}
        except KeyError:
            return None
        for letters, style, value in numbers:
            cells[letters] = Cell(CellKind.NUMBER, value, self._formats[int(style or 0)])
        return cells

    def _inline_cell(self, text: str) -> Cell:
        cell = Cell(CellKind.TEXT, _decoded(text))
        if len(text) <= _SHORT and len(self._inline) < _REMEMBERED:
            self._inline[text] = cell  # OUI comes back in every cell
        return cell

    def _typed(self, kind: str, style: str, value: str) -> Cell:
        match kind:
            case "" | "n":
                return Cell(CellKind.NUMBER, value, self._formats[int(style or 0)])
            case "b":
                return Cell(CellKind.BOOLEAN, value)
            case "e":
                return Cell(CellKind.ERROR, value)
            case "d":
                return Cell(CellKind.ISO_DATE, value)
        return Cell(CellKind.TEXT, _decoded(value))

    def _parsed(self, text: str, before: int) -> Row:
        document = io.BytesIO(f"<worksheet>{text}</row></worksheet>".encode())
        reader = SheetReader(document, self._shared, self._formats, before)
        return next(reader.rows(), Row(reader.number, {}))


def _decoded(text: str) -> str:
    if "&" in text:
        text = _REFERENCE.sub(_referred, text)
    return unescaped(text) if "_x" in text else text


def _referred(found: re.Match[str]) -> str:
    name = found[1]
    if name[0] != "#":
        return _NAMED[name]
    return chr(int(name[2:], 16) if name[1] in "xX" else int(name[1:]))
