"""The XML of a worksheet and of the shared strings, read as a stream of parser events.

Rows are yielded while the XML is read (ECMA-376 part 1, 18.3.1), so that memory does not grow with
their number. Only what answers need is looked at: values, types, formats, hidden rows, and whether
a cell is a formula, because one that was never computed must not pass for an empty cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import IO, NamedTuple
from xml.parsers import expat

from cqp_forms import limits
from cqp_forms.workbook.cells import Cell, CellKind, Row, column_letters, is_flat, unescaped
from cqp_forms.workbook.formats import GENERAL

_CHUNK = 1 << 16
_DIGITS = "0123456789"
_BOOLEANS = {"1": "1", "true": "1", "0": "0", "false": "0"}
_LETTERS = re.compile("[A-Z]{1,3}")
_SHORT, _REMEMBERED = 20, 1000
#: Pieces of one text, of at most 8 KiB each, that one chunk of XML may leave unfinished.
_PIECES = limits.CELL_TEXT // 1000


class TooLargeError(Exception):
    """A part passes a limit; the text says which, in French."""


class Look(NamedTuple):
    """What a cell's style says of its text: its number format, and whether it is struck through."""

    format: str = GENERAL
    struck: bool = False


def refuse_doctype(*_: object) -> None:
    """Refuse a document type declaration: no writer of workbooks makes one, entity bombs do.

    Raises:
        expat.ExpatError: always.
    """
    raise expat.ExpatError("a document type declaration is not allowed in a workbook")


class _PartReader:
    """Parses a part chunk by chunk, and holds it to the limits that a stream can pass."""

    def __init__(self) -> None:
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse_doctype
        self._started = 0
        self._pieces: list[str] = []
        # A method of a list is the cheapest handler that there is; how many have ended is its
        # length, and depth is what was started less that.
        self._ended: list[str] = []
        parser.EndElementHandler = self._ended.append

    def _parse(self, stream: IO[bytes]) -> Iterator[None]:
        """Feed the parser; yields after each chunk."""
        fed = ended = 0
        while chunk := stream.read(_CHUNK):
            self._parser.Parse(chunk, False)
            fed += len(chunk)
            ended += len(self._ended)
            self._ended.clear()
            if (
                self._started - ended > limits.XML_DEPTH
                or fed - self._parser.CurrentByteIndex > limits.XML_TOKEN_BYTES
                or len(self._pieces) > _PIECES
            ):
                raise TooLargeError("une de ses parties est démesurée")
            yield
        self._parser.Parse(b"", True)


class StringsReader(_PartReader):
    """Shared strings: runs joined, phonetic hints left out (18.4.8, 18.4.6)."""

    def read(self, stream: IO[bytes]) -> list[Cell]:
        """The shared strings, as text cells."""
        self._found: list[Cell] = []
        self._phonetic = self._struck = False
        self._prefix = ""
        self._open = False
        self._parser.StartElementHandler = self._start
        for _ in self._parse(stream):
            if len(self._found) > limits.SHARED_STRINGS:
                raise TooLargeError("il contient trop de textes")
        self._close()
        return self._found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._started += 1
        match name.rpartition(":")[2]:
            case "si":
                self._close()
                self._open = True
            case "rPh":
                self._phonetic = True
            case "strike" if attributes.get("val", "1") not in ("0", "false"):
                self._struck = True
            case "t" if not self._phonetic:
                self._parser.CharacterDataHandler = self._pieces.append
                self._parser.EndElementHandler = self._end_text

    def _end_text(self, name: str) -> None:
        self._ended.append(name)
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = self._ended.append

    def _close(self) -> None:
        if self._open:
            text = _unescaped("".join(self._pieces))
            self._pieces.clear()
            self._found.append(
                Cell(CellKind.TEXT, text, struck=True) if self._struck else _text_cell(text)
            )
        self._phonetic = self._struck = self._open = False


_EMPTY = Cell(CellKind.TEXT, "")


def _text_cell(text: str) -> Cell:
    return Cell(CellKind.TEXT, text) if text else _EMPTY


def _unescaped(text: str) -> str:
    text = unescaped(text)
    if len(text) > limits.CELL_TEXT:
        raise TooLargeError("une de ses cellules est démesurée")
    return text


class SheetReader(_PartReader):
    """Reads one worksheet, once.

    Args:
        stream: the worksheet's XML.
        shared: the workbook's shared strings.
        looks: the look of each cell style, by the style's index.
    """

    def __init__(self, stream: IO[bytes], shared: Sequence[Cell], looks: Sequence[Look]) -> None:
        super().__init__()
        self._stream = stream
        self._shared = shared
        self._struck_looks = {str(rank) for rank, look in enumerate(looks) if look.struck}
        self._formats = {str(rank): look.format for rank, look in enumerate(looks)}
        self._texts: dict[str, Cell] = {}
        self._known_letters: set[str] = set()
        self._ready: list[Row] = []
        self._cells: dict[str, Cell] = {}
        self._number = self._rows = self._column = self._row_text = 0
        self._attributes: dict[str, str] = {}
        self._hidden = self._has_value = self._has_formula = False
        self._phonetic = self._run_struck = False
        self._parser.StartElementHandler = self._root

    def rows(self) -> Iterator[Row]:
        """The rows that have a cell with something in it, in the sheet's order.

        Raises:
            TooLargeError: the sheet passes a limit.
            Exception: the XML, or what it says, is broken.
        """
        for _ in self._parse(self._stream):
            if self._started > limits.SHEET_ELEMENTS or self._rows > limits.SHEET_ROWS:
                raise TooLargeError("une de ses feuilles est démesurée")
            if self._ready:
                yield from self._ready
                self._ready.clear()
        self._end_row()
        yield from self._ready

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        # A prefix on every name (<x:c>) is legal; extensions' names must not be taken for ours.
        prefix = name.rpartition(":")[0]
        mark = f"{prefix}:" if prefix else ""
        self._c, self._v, self._t = f"{mark}c", f"{mark}v", f"{mark}t"
        self._others: dict[str, Callable[[dict[str, str]], None]] = {
            f"{mark}row": self._start_row,
            f"{mark}f": self._formula,
            f"{mark}rPh": self._phonetic_run,
            f"{mark}strike": self._strike,
        }
        self._started += 1
        self._parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        # The hot path, once for each element: a cell that holds something is finished when the next
        # starts, and the other handlers are set only while a text is read. Fewer calls from the
        # parser make this several times faster than a tree.
        self._started += 1
        if name == self._c:
            if self._pieces or self._has_formula:
                self._end_cell()
            self._column += 1
            self._has_value = self._phonetic = self._run_struck = False
            self._attributes = attributes
        elif (name == self._t and not self._phonetic) or name == self._v:
            if self._column:
                self._has_value = True
                self._parser.CharacterDataHandler = self._pieces.append
                self._parser.EndElementHandler = self._end_text
        elif other := self._others.get(name):
            other(attributes)

    def _end_text(self, name: str) -> None:
        self._ended.append(name)
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = self._ended.append

    def _formula(self, _attributes: dict[str, str]) -> None:
        self._has_formula = self._column > 0

    def _phonetic_run(self, _attributes: dict[str, str]) -> None:
        self._phonetic = True

    def _strike(self, attributes: dict[str, str]) -> None:
        if self._column and attributes.get("val", "1") not in ("0", "false"):
            self._run_struck = True

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._end_row()
        number = attributes.get("r")
        self._number = int(number) if number else self._number + 1
        if not 0 < self._number <= limits.SHEET_ROWS:
            raise ValueError(f"row {self._number}")
        self._rows += 1
        # Filtered rows are hidden ones too (18.3.1.73); a row without height shows no more.
        is_hidden = attributes.get("hidden") in ("1", "true")
        self._hidden = is_hidden or is_flat(attributes.get("ht", ""))

    def _end_row(self) -> None:
        if self._pieces or self._has_formula:
            self._end_cell()
        if self._column > limits.SHEET_COLUMNS:
            raise TooLargeError("une de ses lignes a trop de cellules")
        if self._cells:
            self._ready.append(Row(self._number or 1, self._cells, self._hidden))
            self._cells = {}
        self._column = self._row_text = 0
        self._hidden = self._run_struck = False

    def _end_cell(self) -> None:
        attributes = self._attributes
        kind = attributes.get("t", "n")
        text = "".join(self._pieces)
        self._pieces.clear()
        cell: Cell | None
        if kind in {"inlineStr", "str"}:
            cell = self._texts.get(text) or self._text(text)
        else:
            text = text.strip()  # indented XML
            cell = self._typed(kind, attributes, text) if text else None
        if cell is None and self._has_formula and not (kind == "str" and self._has_value):
            # A formula whose text result is empty has t="str" and an empty value; without a type,
            # nobody has computed it.
            cell = Cell(CellKind.UNCOMPUTED, "")
        self._has_formula = False
        if cell is not None:
            self._keep(attributes, cell)

    def _keep(self, attributes: dict[str, str], cell: Cell) -> None:
        reference = attributes.get("r")
        # Without references, cells follow one another (18.3.1.4).
        letters = reference.rstrip(_DIGITS) if reference else column_letters(self._column)
        if letters not in self._known_letters:
            if not _LETTERS.fullmatch(letters):
                raise ValueError(f"cell {reference}")
            self._known_letters.add(letters)
        if letters in self._cells:
            raise ValueError(f"cell {letters}{self._number} twice")
        if self._run_struck or (self._struck_looks and attributes.get("s") in self._struck_looks):
            cell = cell._replace(struck=True)
        self._cells[letters] = cell

    def _text(self, text: str) -> Cell | None:
        """A text's cell, ``None`` when it is empty; OUI comes back in every row."""
        cell = _text_cell(_unescaped(text))
        self._row_text += len(text)
        if self._row_text > limits.ROW_TEXT:
            raise TooLargeError("une de ses lignes est démesurée")
        if len(text) <= _SHORT and len(self._texts) < _REMEMBERED and cell.text:
            self._texts[text] = cell
        return cell if cell.text else None

    def _typed(self, kind: str, attributes: dict[str, str], text: str) -> Cell | None:
        match kind:
            case "s":
                if not text.isdecimal():  # a negative one would count from the end
                    raise ValueError(f"shared string {text}")
                cell = self._shared[int(text)]
                return cell if cell.text else None
            case "n":
                return Cell(CellKind.NUMBER, text, self._formats[attributes.get("s", "0")])
            case "b":
                return Cell(CellKind.BOOLEAN, _BOOLEANS[text])
            case "e":
                return Cell(CellKind.ERROR, text)
            case "d":
                return Cell(CellKind.ISO_DATE, text)
        raise ValueError(f"cell type {kind}")
