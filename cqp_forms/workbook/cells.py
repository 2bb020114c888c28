"""What every reader of workbooks gives: sheets, rows, and cells that are not empty."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, Protocol

from cqp_forms.errors import OutputError
from cqp_forms.workbook.formats import GENERAL, Epoch

#: What a cell holds at most (Excel's limit).
MAX_TEXT = 32_767
#: A column narrower than this, in letters, or a row lower, in points, shows nothing.
_FLAT = 1.0

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
        format: the number format's code (``dd/mm/yyyy``), for numbers; ``formats.UNKNOWN`` where
            the file's reader cannot tell it.
        struck: a line is drawn through the text, or through a part of it.
    """

    kind: CellKind
    text: str
    format: str = GENERAL
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, from 1, its cells by column letters, and whether it is hidden."""

    number: int
    cells: Mapping[str, Cell]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its name, without control characters, where its reader finds it, and whether
    its tab is hidden.
    """

    name: str
    member: str
    hidden: bool = False


@dataclass(frozen=True)
class Unseen:
    """What of a sheet a person does not see, besides hidden rows.

    Attributes:
        sheet: the sheet itself is hidden.
        columns: hidden columns, first and last, from 1.
        areas: merged areas, which show their first cell alone: first column, first row, last
            column, last row, from 1.
        notes: by row, the cells that a comment is pinned to: no document has its text.
    """

    sheet: bool = False
    columns: Sequence[tuple[int, int]] = ()
    areas: Sequence[tuple[int, int, int, int]] = ()
    notes: Mapping[int, Sequence[str]] = field(default_factory=dict)
    _covered: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict, compare=False)

    def hides(self, letters: str) -> bool:
        """Whether a column is hidden."""
        return any(first <= column_index(letters) <= last for first, last in self.columns)

    def covers(self, letters: str, row: int) -> bool:
        """Whether a merged area covers a cell; its first cell is the one that is seen."""
        if letters not in self._covered:
            column = column_index(letters)
            rows = sorted(
                (top + (left == column), bottom)
                for left, top, right, bottom in self.areas
                if left <= column <= right
            )
            ends = accumulate((bottom for _, bottom in rows), max)
            self._covered[letters] = [top for top, _ in rows], list(ends)
        tops, ends_so_far = self._covered[letters]
        before = bisect_right(tops, row)
        return before > 0 and ends_so_far[before - 1] >= row


class Fidelity(Enum):
    """How much a reader can tell of what a person sees in a workbook."""

    EXACT = "exact"
    VALUES_ONLY = "values-only"
    """Neither number formats, nor hidden rows, struck texts and formulas without value."""


class Workbook(Protocol):
    """An open workbook, of any format.

    Attributes:
        path: the file.
        sheets: its worksheets in the order of the tabs, hidden ones included.
        epoch: its date system.
        guide_id: the id of the guide that it says it was made for, empty where it is silent.
        fidelity: how much its reader can tell.
    """

    path: Path
    sheets: tuple[Sheet, ...]
    epoch: Epoch
    guide_id: str
    fidelity: Fidelity

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a sheet that hold something, one after the other.

        Raises:
            AnswersError: the sheet is damaged.
        """
        ...

    def unseen(self, sheet: Sheet) -> Unseen:
        """What of a sheet a person does not see, as far as the reader can tell; raises likewise."""
        ...


def column_letters(index: int) -> str:
    """The letters of a column: 1 is ``A``, 27 is ``AA``."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The number of a column: ``A`` is 1, ``AA`` is 27."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index


def unescaped(text: str) -> str:
    """Decode the ``_xHHHH_`` escapes of ST_Xstring (ECMA-376 part 1, 22.9.2.19).

    A pair of surrogates becomes its character; a lone one becomes U+FFFD.
    """
    if "_x" not in text:
        return text
    decoded = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def escaped(text: str) -> str:
    """Encode what XML forbids, and what would read as an escape, as ``_xHHHH_`` (22.9.2.19)."""
    text = _UNDERSCORE.sub("_x005F_", text)
    return _FORBIDDEN.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def stored_text(text: str, where: str) -> str:
    """A text as a part keeps it; see :func:`escaped`.

    Args:
        where: its sheet and cell, for the message.

    Raises:
        OutputError: it is longer than a cell can hold.
    """
    stored = escaped(text)
    if len(stored) > MAX_TEXT:
        raise OutputError(
            f"ce texte de {len(text)} caractères ne tient pas dans une cellule, qui en admet "
            f"{MAX_TEXT}.",
            where=where,
            remedy="Raccourcissez ce texte.",
        )
    return stored


def quoted_text(text: str, length: int = 60) -> str:
    """A text from a file as a message shows it: one short line, without control characters."""
    shown = " ".join(text.split())
    shown = f"{shown[: length - 3]}…" if len(shown) > length else shown
    return "".join(char if unicodedata.category(char)[0] != "C" else "\ufffd" for char in shown)


def is_flat(size: str) -> bool:
    """Whether a column's width, in letters, or a row's height, in points, shows nothing."""
    try:
        return float(size) < _FLAT
    except ValueError:
        return False
