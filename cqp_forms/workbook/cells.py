"""Worksheet XML to cells: a stream of rows, each a few cells with what they hold.

Only what answers need is read (ECMA-376 part 1, 18.3.1): values, types, number formats, and whether
a cell is a formula, because a formula that was never computed must not pass for an empty cell.
Rows are yielded while the XML is parsed: memory does not grow with their number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import IO, NamedTuple
from xml.parsers import expat

_CHUNK = 1 << 16
_DIGITS = "0123456789"
_TEXTS = ("str", "inlineStr")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_UNDERSCORE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0d-\x1f\ud800-\udfff\ufffe\uffff]")


class CellKind(Enum):
    """What a cell holds."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ISO_DATE = "iso-date"
    ERROR = "error"
    UNCOMPUTED = "uncomputed"


class Cell(NamedTuple):
    """One cell that is not empty.

    Attributes:
        kind: what it holds; ``UNCOMPUTED`` is a formula without a cached value.
        text: the text, the number as written in the file, ``1``/``0``, or the error (``#REF!``).
        format: the number format's code (``dd/mm/yyyy``), for numbers.
    """

    kind: CellKind
    text: str
    format: str = "General"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, from 1, and its cells by column letters."""

    number: int
    cells: Mapping[str, Cell]


def unescaped(text: str) -> str:
    """Decode the ``_xHHHH_`` escapes of ST_Xstring (ECMA-376 part 1, 22.9.2.19).

    A pair of surrogates becomes its character; a lone one becomes U+FFFD.
    """
    if "_x" not in text:
        return text
    decoded = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        # No writer of workbooks declares a document type; entity bombs do.
        raise expat.ExpatError("a document type declaration is not allowed in a workbook")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _chunks(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    while chunk := stream.read(_CHUNK):
        yield chunk, False
    yield b"", True


def read_shared_strings(stream: IO[bytes]) -> list[Cell]:
    """The shared strings as text cells: runs joined, phonetic hints left out (18.4.8, 18.4.6)."""
    parser = _parser()
    found: list[Cell] = []
    pieces: list[str] = []
    state = {"phonetic": False}

    def start(name: str, _attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "si":
                pieces.clear()
                state["phonetic"] = False
            case "rPh":
                state["phonetic"] = True
            case "t" if not state["phonetic"]:
                parser.CharacterDataHandler = pieces.append

    def end(name: str) -> None:
        match name.rpartition(":")[2]:
            case "t":
                parser.CharacterDataHandler = None
            case "si":
                found.append(Cell(CellKind.TEXT, unescaped("".join(pieces))))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    for chunk, last in _chunks(stream):
        parser.Parse(chunk, last)
    return found


class SheetReader:
    """Reads one worksheet, once.

    Args:
        stream: the worksheet's XML.
        shared: the workbook's shared strings.
        formats: the number format's code of each cell style, by the style's index.
        before: the number of the row before the first.
    """

    def __init__(
        self,
        stream: IO[bytes],
        shared: Sequence[Cell],
        formats: Sequence[str],
        before: int = 0,
    ) -> None:
        self._stream = stream
        self._shared = shared
        self._formats = formats
        self._ready: list[Row] = []
        self._cells: dict[str, Cell] = {}
        self.number = before
        self._attributes: dict[str, str] | None = None
        self._pieces: list[str] = []
        self._column = 0
        self._has_value = self._has_formula = self._phonetic = False
        self._parser = _parser()
        self._parser.StartElementHandler = self._root

    def rows(self) -> Iterator[Row]:
        """The rows that have a cell with something in it, in the sheet's order.

        Raises:
            xml.parsers.expat.ExpatError: the XML is broken.
        """
        for chunk, last in _chunks(self._stream):
            self._parser.Parse(chunk, last)
            if self._ready:
                yield from self._ready
                self._ready.clear()
        self._end_row()
        yield from self._ready

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        # A prefix on every name (<x:c>) is legal; extensions' names must not be taken for ours.
        prefix = name.rpartition(":")[0]
        mark = f"{prefix}:" if prefix else ""
        self._c, self._v, self._row_name = f"{mark}c", f"{mark}v", f"{mark}row"
        self._others = {
            f"{mark}{local}": handler
            for local, handler in (
                ("f", self._formula),
                ("t", self._inline_text),
                ("rPh", self._phonetic_run),
            )
        }
        self._parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        # The hot path, once for each element. The other two handlers are set only while a value is
        # being read: fewer calls from the parser make this several times faster than a tree.
        if name == self._c:
            if self._attributes is not None:
                self._end_cell(self._attributes)
            self._attributes = attributes
        elif name == self._v:
            self._has_value = True
            self._parser.CharacterDataHandler = self._pieces.append
            self._parser.EndElementHandler = self._end_text
        elif name == self._row_name:
            self._end_row()
            self.number = int(attributes.get("r", self.number + 1))
        elif other := self._others.get(name):
            other()

    def _end_text(self, _name: str) -> None:
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None

    def _formula(self) -> None:
        self._has_formula = True

    def _phonetic_run(self) -> None:
        self._phonetic = True

    def _inline_text(self) -> None:
        if self._attributes is not None and not self._phonetic:
            self._parser.CharacterDataHandler = self._pieces.append
            self._parser.EndElementHandler = self._end_text

    def _end_row(self) -> None:
        if self._attributes is not None:
            self._end_cell(self._attributes)
        if self._cells:
            self._ready.append(Row(self.number, self._cells))
            self._cells = {}
        self._column = 0

    def _end_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference:
            letters = reference.rstrip(_DIGITS)
        else:  # without references, cells follow one another (18.3.1.4)
            self._column += 1
            letters = column_letters(self._column)
        kind = attributes.get("t", "n")
        text = "".join(self._pieces)
        self._pieces.clear()
        if kind not in _TEXTS:
            text = text.strip()  # indented XML
        if text:
            if kind == "s":
                cell = self._shared[int(text)]
                if cell.text:
                    self._cells[letters] = cell
            else:
                self._cells[letters] = self._typed(kind, attributes, text)
        elif self._has_formula and not (self._has_value and kind == "str"):
            # A formula whose text result is empty has t="str" and an empty value; without a type,
            # nobody has computed it.
            self._cells[letters] = Cell(CellKind.UNCOMPUTED, "")
        self._attributes = None
        self._has_value = self._has_formula = self._phonetic = False

    def _typed(self, kind: str, attributes: dict[str, str], text: str) -> Cell:
        match kind:
            case "str" | "inlineStr":
                return Cell(CellKind.TEXT, unescaped(text))
            case "b":
                return Cell(CellKind.BOOLEAN, text)
            case "e":
                return Cell(CellKind.ERROR, text)
            case "d":
                return Cell(CellKind.ISO_DATE, text)
        return Cell(CellKind.NUMBER, text, self._formats[int(attributes.get("s", 0))])


def column_letters(index: int) -> str:
    """The letters of a column: 1 is ``A``, 27 is ``AA``."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def escaped(text: str) -> str:
    """Encode what XML forbids, and what would read as an escape, as ``_xHHHH_`` (22.9.2.19)."""
    text = _UNDERSCORE.sub("_x005F_", text)
    return _FORBIDDEN.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
