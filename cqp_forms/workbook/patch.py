"""Change cells of an .xlsx, and nothing else: every other byte of its parts stays as it was.

The fiche of someone at work keeps its comments, widths, colours and notes, whatever program made
them: a parser finds where the cells lie in the XML (ECMA-376 part 1, 18.3.1.4), their new XML is
put there. Excel is asked to compute the formulas anew when it opens the workbook (18.2.2).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple, TypeAlias
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from cqp_forms import limits
from cqp_forms.answers import Value
from cqp_forms.errors import OutputError
from cqp_forms.workbook.cells import column_index, column_letters, stored_text
from cqp_forms.workbook.formats import Epoch, serial
from cqp_forms.workbook.sheet_xml import refuse_doctype
from cqp_forms.workbook.values import written
from cqp_forms.workbook.xlsx import (
    CONTENT_TYPES,
    XlsxPackage,
    member,
    read_package,
    unlocked_styles,
)

#: A cell: the name of its sheet, and its reference, such as ``C14``.
Place: TypeAlias = tuple[str, str]
#: A stretch of bytes and what replaces it.
_Edit: TypeAlias = tuple[int, int, bytes]

_REFERENCE = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
_REMEDY = "Ouvrez-le dans Excel ou LibreOffice et enregistrez-le au format « .xlsx »."


class Computed(Enum):
    """Whether the formulas of a workbook may have values, which would be stale."""

    PERHAPS = "perhaps"
    NEVER = "never"


def set_cells(
    workbook: bytes,
    values: Mapping[Place, Value | None],
    heights: Mapping[tuple[str, int], float] = MappingProxyType({}),
    computed: Computed = Computed.PERHAPS,
) -> bytes:
    """A workbook with other values in some cells; their style is kept, a formula is replaced.

    Args:
        workbook: an .xlsx or .xlsm.
        values: what each cell holds from now on: an answer as a fiche writes it (``OUI``, ``X``, a
            date in a cell that has the format of one, a text, never a formula); ``None`` empties
            it.
        heights: other heights, in points, of rows in which a value changes.
        computed: a workbook that no program has opened yet has only the sheets read that change.

    Raises:
        OutputError: there is no such sheet, a text is too long, a cell is part of a formula that
            covers several, or the workbook is not one that can be changed so.
    """
    source = io.BytesIO(workbook)
    target = io.BytesIO()
    try:
        with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as new:
            changed = _changed_parts(archive, values, heights, computed)
            for info in archive.infolist():
                if (content := changed.get(info.filename, b"")) is not None:
                    new.writestr(info, content or archive.read(info))
    except OutputError:
        raise
    except Exception as cause:  # as in opening: whatever a damaged file provokes
        raise OutputError("ce classeur ne peut pas être modifié.", remedy=_REMEDY) from cause
    return target.getvalue()


def _changed_parts(
    archive: zipfile.ZipFile,
    values: Mapping[Place, Value | None],
    heights: Mapping[tuple[str, int], float],
    computed: Computed,
) -> dict[str, bytes | None]:
    """The parts that change; ``None`` for one that is left out."""
    package = read_package(archive)
    sheets = {sheet.name: sheet.member for sheet in package.sheets}
    by_sheet: dict[str, dict[str, Value | None]] = defaultdict(dict)
    for (sheet, reference), value in values.items():
        if sheet not in sheets:
            raise OutputError(f"le classeur n’a pas de feuille « {sheet} ».", remedy=_REMEDY)
        by_sheet[sheet][reference] = value
    changed: dict[str, bytes | None] = {}
    formulas = False
    unlocked = unlocked_styles(archive, package)
    for sheet, part in sheets.items():
        if sheet not in by_sheet and computed is Computed.NEVER:
            continue
        content = _read(archive, part)
        if sheet in by_sheet or b"<f" in content:
            patch = _SheetPatch(content, sheet, by_sheet[sheet], package.epoch, unlocked)
            patch.heights = {
                row: points for (name, row), points in heights.items() if name == sheet
            }
            changed[part] = patch.result()
            formulas |= patch.formulas
    changed[package.book] = _recomputed(_read(archive, package.book))
    if formulas and package.calculation_chain:
        changed |= _without_chain(archive, package)
    return changed


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with member(archive, name, limits.WORKBOOK_BYTES) as stream:
        return stream.read()


def _without_chain(archive: zipfile.ZipFile, package: XlsxPackage) -> dict[str, bytes | None]:
    """The package without the list of its formulas (18.6), which Excel makes anew."""
    changed: dict[str, bytes | None] = {package.calculation_chain: None}
    for name, attribute in ((CONTENT_TYPES, "PartName"), (package.relationships, "Target")):
        content = _read(archive, name)
        edits = [
            (one.first, one.after, b"")
            for one in _Elements(content).found
            if one.attributes.get(attribute, "").lower().endswith("/calcchain.xml")
            or one.attributes.get(attribute, "").lower() == "calcchain.xml"
        ]
        changed[name] = _spliced(content, edits)
    return changed


def _recomputed(content: bytes) -> bytes:
    """The workbook part, asking that all formulas be computed when it is opened (18.2.2)."""
    scan = _Elements(content)
    after = 0
    for one in scan.found:
        if one.name == "calcPr":
            tag = _element(scan.prefix, "calcPr", one.attributes | {"fullCalcOnLoad": "1"})
            return _spliced(content, [(one.first, one.after, tag)])
        if one.name in _BEFORE_CALCULATION:
            after = max(after, one.after)
    return _spliced(
        content, [(after, after, _element(scan.prefix, "calcPr", {"fullCalcOnLoad": "1"}))]
    )


#: What stands before calcPr in a workbook part (18.2.27) and is surely there, or is its neighbour.
_BEFORE_CALCULATION = frozenset({"sheets", "functionGroups", "externalReferences", "definedNames"})


def _spliced(content: bytes, edits: Iterable[_Edit]) -> bytes:
    pieces, end = [], 0
    for start, stop, new in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [content[end:start], new]
        end = stop
    return b"".join([*pieces, content[end:]])


class _Scan:
    """Reads a part and finds where each element begins and ends, in bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.prefix = ""
        self._open: list[tuple[int, dict[str, str]]] = []
        self._parser = parser = expat.ParserCreate()
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = refuse_doctype
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise ValueError("UTF-16")  # what is put in is UTF-8

    def run(self) -> None:
        """Read the part."""
        self._parser.Parse(self.content, True)

    def start(self, name: str, first: int, attributes: dict[str, str]) -> None:
        """An element begins: its local name, its first byte."""

    def end(self, name: str, first: int, after: int, attributes: dict[str, str]) -> None:
        """An element has ended: its first byte, and the one after its last."""

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "us-ascii"):
            raise ValueError(encoding)

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        prefix, _, local = name.rpartition(":")
        if not self._open:
            self.prefix = prefix and f"{prefix}:"
        first = self._parser.CurrentByteIndex
        self._open.append((first, attributes))
        self.start(local, first, attributes)

    def _ended(self, name: str) -> None:
        first, attributes = self._open.pop()
        # The parser stands at the end tag, or after a tag that is its own end.
        after = self._parser.CurrentByteIndex
        tag = b"</" + name.encode()
        if self.content.startswith(tag, after) and self.content[after + len(tag)] in b"> \t\r\n":
            after = self.content.index(b">", after) + 1
        self.end(name.rpartition(":")[2], first, after, attributes)


class _Found(NamedTuple):
    """An element of a small part."""

    name: str
    first: int
    after: int
    attributes: dict[str, str]


class _Elements(_Scan):
    """All elements of a small part."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.found: list[_Found] = []
        self.run()

    def end(self, name: str, first: int, after: int, attributes: dict[str, str]) -> None:
        """See :meth:`_Scan.end`."""
        self.found.append(_Found(name, first, after, attributes))


class _SheetPatch(_Scan):
    """Finds where the cells of one sheet lie, or would, and what to put there."""

    def __init__(
        self,
        content: bytes,
        sheet: str,
        cells: Mapping[str, Value | None],
        epoch: Epoch,
        unlocked: Collection[str],
    ) -> None:
        super().__init__(content)
        self._sheet, self._epoch, self._unlocked = sheet, epoch, unlocked
        self._rows: dict[int, dict[int, Value | None]] = defaultdict(dict)
        for reference, value in cells.items():
            found = _REFERENCE.fullmatch(reference)
            if not found:
                raise ValueError(f"cell {reference}")
            self._rows[int(found[2])][column_index(found[1])] = value
        self._edits: list[_Edit] = []
        self._values: list[_Edit] = []
        self._wanted: dict[int, Value | None] = {}
        self._row = self._column = 0
        self._in_cell = self._is_computed = False
        self.heights: Mapping[int, float] = {}
        self.formulas = False
        """Whether a cell that is changed was a formula."""

    def result(self) -> bytes:
        """The sheet's XML, changed."""
        self.run()
        if self._rows:
            raise ValueError("no sheet data")
        return _spliced(self.content, self._edits)

    def start(self, name: str, first: int, attributes: dict[str, str]) -> None:
        """See :meth:`_Scan.start`."""
        if name == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = 0
            self._edits.append((first, first, self._new_rows(self._row)))
            self._wanted = self._rows.pop(self._row, {})
            if self._wanted and (points := self.heights.get(self._row)):
                self._set_height(first, attributes, points)
        elif name == "c":
            self._is_computed = False
            reference = attributes.get("r", "").rstrip("0123456789")
            self._column = column_index(reference) if reference else self._column + 1
            if self._wanted:
                self._edits.append((first, first, self._new_cells(self._row, self._column)))
            self._in_cell = self._column in self._wanted
        elif name == "f" and not self._in_cell:
            self._is_computed = True
        elif name == "f":
            self.formulas = True
            if "ref" in attributes:
                raise OutputError(
                    "cette cellule tient une formule qui en remplit plusieurs.",
                    where=self._place(self._row, self._column),
                    remedy="Effacez cette formule dans le classeur, puis recommencez.",
                )

    def end(self, name: str, first: int, after: int, attributes: dict[str, str]) -> None:
        """See :meth:`_Scan.end`."""
        if name == "v" and self._is_computed and not self.content.endswith(b"></v>", first, after):
            self._values.append((first, after, b""))
        elif name == "c" and self._in_cell:
            self._in_cell = False
            cell = self._new_cell(self._row, self._column, attributes.get("s", ""))
            self._edits.append((first, after, cell))
        elif name == "c":
            if attributes.get("s", "0") not in self._unlocked:
                self._edits += self._values
            self._values.clear()
        elif name == "row":
            self._append(first, after, self._new_cells(self._row, limits.SHEET_COLUMNS + 1))
        elif name == "sheetData":
            self._append(first, after, self._new_rows(limits.SHEET_ROWS + 1))

    def _set_height(self, first: int, attributes: dict[str, str], points: float) -> None:
        height = {"ht": f"{points:g}", "customHeight": "1"}
        tag = _element(self.prefix, "row", attributes | height)
        after = self.content.index(b">", first) + 1
        if not self.content.endswith(b"/>", first, after):
            tag = tag.removesuffix(b"/>") + b">"
        self._edits.append((first, after, tag))

    def _append(self, first: int, after: int, children: bytes) -> None:
        """Put children before an element's end tag, which is made where there is none."""
        if not children:
            return
        if self.content.endswith(b"/>", first, after):
            name = self.content[first + 1 : after].replace(b"/", b" ").split(None, 1)[0]
            self._edits.append((after - 2, after, b">" + children + b"</" + name + b">"))
        else:
            at = self.content.rindex(b"</", first, after)
            self._edits.append((at, at, children))

    def _new_rows(self, before: int) -> bytes:
        """The rows that are not there yet, above another one."""
        made = b""
        for row in sorted(one for one in self._rows if one < before):
            self._wanted = self._rows.pop(row)
            cells = self._new_cells(row, limits.SHEET_COLUMNS + 1)
            made += _element(self.prefix, "row", {"r": str(row)}, cells)
        return made

    def _new_cells(self, row: int, before: int) -> bytes:
        """The cells that are not there yet, left of another one."""
        missing = sorted(one for one in self._wanted if one < before)
        return b"".join(self._new_cell(row, column, "") for column in missing)

    def _new_cell(self, row: int, column: int, style: str) -> bytes:
        attributes = {"r": f"{column_letters(column)}{row}"} | ({"s": style} if style else {})
        match written(self._wanted.pop(column)):
            case None | "":
                return _element(self.prefix, "c", attributes)
            case date() as day:
                number = _element(self.prefix, "v", {}, str(serial(day, self._epoch)).encode())
                return _element(self.prefix, "c", attributes, number)
            case text:
                text = stored_text(text, self._place(row, column))
                kept = {"xml:space": "preserve"}
                string = _element(self.prefix, "t", kept, escape(text).encode())
                string = _element(self.prefix, "is", {}, string)
                return _element(self.prefix, "c", attributes | {"t": "inlineStr"}, string)

    def _place(self, row: int, column: int) -> str:
        return f"feuille {self._sheet}, cellule {column_letters(column)}{row}"


def _element(prefix: str, name: str, attributes: Mapping[str, str], content: bytes = b"") -> bytes:
    written_out = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    opening = f"<{prefix}{name}{written_out}".encode()
    return opening + (b">" + content + f"</{prefix}{name}>".encode() if content else b"/>")
