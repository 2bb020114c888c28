"""What of a sheet a person does not see, besides hidden rows, and how it is told.

Hidden columns stand before the cells of a worksheet's XML and merged areas behind them (ECMA-376
part 1, 18.3.1.99), while a lot is read row by row: so both are looked up first, in the bytes alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from cqp_forms import limits
from cqp_forms.answers import Source
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.workbook.cells import Unseen, column_index, is_flat
from cqp_forms.workbook.sheet_xml import TooLargeError

_CHUNK = 1 << 16
_ELEMENT = re.compile(rb"<(?:[^\s<>/:]+:)?(col|mergeCell)\s([^<>]*)>")
_ATTRIBUTE = re.compile(r"""\b(hidden|min|max|width|outlineLevel|ref)\s*=\s*["']([^"']*)["']""")
_AREA = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
_CELL = re.compile("([A-Z]+)([0-9]+)")


def told_unseen(unseen: Unseen, sheet: str, cells: Iterable[str]) -> list[Finding]:
    """Warnings about answers that a person does not see: for the sheet, else for each column that
    is hidden, and for all merged areas.

    Args:
        cells: the references of those that hold the answers.
    """
    if not (unseen.sheet or unseen.columns or unseen.areas):
        return []  # as nearly all: cells are not even asked for
    places = [(one[1], int(one[2]), one[0]) for one in map(_CELL.fullmatch, cells) if one]
    if unseen.sheet:
        return [_hidden_sheet(sheet, places[0][2])] if places else []
    columns: dict[str, str] = {}
    for letters, _, cell in places:
        if unseen.hides(letters):
            columns.setdefault(letters, cell)
    covered = [cell for letters, row, cell in places if unseen.covers(letters, row)]
    found = [_hidden_column(sheet, letters, cell) for letters, cell in columns.items()]
    return [*found, _covered(sheet, covered)] if covered else found


def told_notes(sheet: str, cells: Sequence[str]) -> list[Finding]:
    """The warning about comments pinned to cells: what they say goes into no document."""
    if not cells:
        return []
    named = ", ".join(cells[:5]) + ("…" if len(cells) > 5 else "")
    told = (
        f"un commentaire Excel est épinglé à la cellule {named} : il n’est repris nulle part."
        if len(cells) == 1
        else f"{len(cells)} commentaires Excel ({named}) ne sont repris nulle part."
    )
    remedy = "Ce qui doit figurer au guide s’écrit sous « Réponse » ou « Précision »."
    source = Source(sheet, cells[0])
    return [finding(Code.CELL_NOTE, Severity.WARNING, told, remedy, source=source)]


def read_unseen(stream: IO[bytes], *, hidden: bool, notes: Iterable[str] = ()) -> Unseen:
    """Look a worksheet's XML through for hidden columns and merged areas.

    A column folded in an outline, as a lot's comments are, has its « + » in sight and is not
    hidden. What is malformed is left out: it hides nothing.

    Args:
        notes: the cells that a comment is pinned to.

    Raises:
        TooLargeError: it has too many of them.
    """
    columns: list[tuple[int, int]] = []
    areas: list[tuple[int, int, int, int]] = []
    for name, said in _elements(stream):
        numbers = said.get("min", ""), said.get("max", "")
        if name == b"mergeCell" and (area := _AREA.fullmatch(said.get("ref", ""))):
            left, top, right, bottom = area.groups()
            areas.append((column_index(left), int(top), column_index(right), int(bottom)))
        elif name == b"col" and all(re.fullmatch("[0-9]{1,5}", one) for one in numbers):
            is_hidden = said.get("hidden") in ("1", "true") or is_flat(said.get("width", ""))
            if is_hidden and said.get("outlineLevel", "0") == "0":
                columns.append((int(numbers[0]), int(numbers[1])))
        if len(columns) + len(areas) > limits.MERGED_AREAS:
            raise TooLargeError("une de ses feuilles a trop de cellules fusionnées")
    by_row: dict[int, list[str]] = {}
    for place in filter(None, map(_CELL.fullmatch, notes)):
        by_row.setdefault(int(place[2]), []).append(place[0])
    return Unseen(hidden, columns, areas, by_row)


def _elements(stream: IO[bytes]) -> Iterator[tuple[bytes, dict[str, str]]]:
    rest = b""
    while chunk := stream.read(_CHUNK):
        data = rest + chunk.replace(b"\0", b"")  # UTF-16 has these names between zeros
        # An element may go on in the next chunk.
        start = data.rfind(b"<")
        rest = data[start:] if start >= 0 and b">" not in data[start:] else b""
        if len(rest) > _CHUNK:
            rest = b""  # a text that long is no element of these
        if b"mergeCell" in data or b"<col" in data or b":col" in data:
            for one in _ELEMENT.finditer(data):
                yield one[1], dict(_ATTRIBUTE.findall(one[2].decode("latin-1")))


def told_hidden(sheet: str, cell: str, message: str, remedy: str) -> Finding:
    """The warning about an answer that a person does not see."""
    source = Source(sheet, cell)
    return finding(Code.HIDDEN_ROW, Severity.WARNING, message, remedy, source=source)


def _hidden_sheet(sheet: str, cell: str) -> Finding:
    return told_hidden(
        sheet,
        cell,
        f"la feuille {sheet} est masquée ; ses réponses comptent comme les autres.",
        "Affichez-la (clic droit sur un onglet, « Afficher ») et vérifiez-la ; si Excel ne la "
        "propose pas, ouvrez le classeur dans LibreOffice.",
    )


def _hidden_column(sheet: str, letters: str, cell: str) -> Finding:
    message = f"la colonne {letters} est masquée ; ses réponses comptent comme les autres."
    return told_hidden(sheet, cell, message, "Affichez la colonne et vérifiez-la.")


def _covered(sheet: str, cells: Sequence[str]) -> Finding:
    named = ", ".join(cells[:5]) + ("…" if len(cells) > 5 else ".")
    return told_hidden(
        sheet,
        cells[0],
        "une réponse se trouve sous une cellule fusionnée, qui ne la montre pas, et compte comme "
        f"les autres : {named}",
        "Défusionnez ces cellules et vérifiez chaque réponse.",
    )
