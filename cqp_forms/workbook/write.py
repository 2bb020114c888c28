"""The way out: answers workbooks, empty or filled in, for people to work in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.xml.functions import tostring

from cqp_forms.answers import Answers, Value
from cqp_forms.files import Existing, save
from cqp_forms.guide import Guide
from cqp_forms.workbook.entries import LISTS
from cqp_forms.workbook.formulas import ANSWER, COMMENT
from cqp_forms.workbook.instructions import add_fiche_instructions, add_lot_instructions
from cqp_forms.workbook.patch import Computed, Place, set_cells
from cqp_forms.workbook.summary import add_synthesis
from cqp_forms.workbook.write_fiche import add_section, asked
from cqp_forms.workbook.write_lot import TITLE as LOT_TITLE
from cqp_forms.workbook.write_lot import LotExtent, add_lot_sheet
from cqp_forms.workbook.xlsx import GUIDE_PROPERTY

__all__ = [
    "Existing",
    "FicheWriter",
    "LotExtent",
    "fiche_bytes",
    "lot_bytes",
    "write_fiche",
    "write_lot",
]

#: Neither the clock nor the machine shows in a workbook: the same answers give the same bytes.
_MADE = datetime(2026, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"


class FicheWriter:
    """Writes the fiches of one guide, one candidate after another: they are laid out once.

    Args:
        guide: the guide that the fiches answer.
        rooms: about how many letters of a long text stay on the guide's pages, by field.
    """

    def __init__(self, guide: Guide, rooms: Mapping[str, int] | None = None) -> None:
        book = _empty_book(guide)
        sections = [
            section for section in guide.sections if any(asked(group) for group in section.groups)
        ]
        add_fiche_instructions(book, guide, [section.sheet for section in sections])
        self._rows = {
            entry.field.id: entry
            for section in sections
            for entry in add_section(book, guide, section)
        }
        add_synthesis(book, guide, rooms or {})
        book.active = 1  # people begin there; the first one is there to be read
        book.active.sheet_view.tabSelected = True
        self._empty = _saved(book, f"Fiche de réponses – {guide.tool or guide.title}")

    def fiche(self, answers: Answers) -> bytes:
        """A fiche; the same answers give the same bytes, whoever's were written before.

        Raises:
            OutputError: a text is longer than a cell can hold.
        """
        values: dict[Place, Value | None] = {}
        heights = {}
        for key, answer in answers.items():
            if (row := self._rows.get(key)) is None:
                continue
            if answer.value is not None:
                values[row.sheet, row.cell(ANSWER)] = answer.value
            if answer.comment:
                values[row.sheet, row.cell(COMMENT)] = answer.comment
            heights[row.sheet, row.number] = row.height(answer)
        return set_cells(self._empty, values, heights, Computed.NEVER) if values else self._empty


def fiche_bytes(
    guide: Guide, answers: Answers | None = None, rooms: Mapping[str, int] | None = None
) -> bytes:
    """A fiche for one candidate; the same answers give the same bytes.

    Args:
        guide: the guide that the fiche answers.
        answers: what is known already; reading the fiche gives these answers back.
        rooms: as for :class:`FicheWriter`.

    Raises:
        OutputError: a text is longer than a cell can hold.
    """
    return FicheWriter(guide, rooms).fiche(answers or Answers({}))


def lot_bytes(
    guide: Guide, rows: Sequence[Answers] = (), extent: LotExtent = LotExtent.COMPLETE
) -> bytes:
    """A lot; the same rows give the same bytes.

    Args:
        guide: the guide that the candidates' rows answer.
        rows: what is known of each candidate already, a row each, in the columns that there are.
        extent: which columns there are.

    Raises:
        OutputError: a text is longer than a cell can hold.
    """
    book = _empty_book(guide)
    add_lot_instructions(book, guide, LOT_TITLE, extent)
    add_lot_sheet(book, guide, rows, extent)
    return _saved(book, f"Lot de candidats – {guide.tool or guide.title}")


def write_fiche(
    path: Path,
    guide: Guide,
    answers: Answers | None = None,
    *,
    rooms: Mapping[str, int] | None = None,
    existing: Existing = Existing.REFUSE,
) -> None:
    """Write a fiche to a file, whole or not at all; arguments as for :func:`fiche_bytes`.

    Raises:
        OutputError: the file exists and ``existing`` refuses it, or it cannot be written.
    """
    save(path, fiche_bytes(guide, answers, rooms), existing)


def write_lot(
    path: Path,
    guide: Guide,
    rows: Sequence[Answers] = (),
    *,
    extent: LotExtent = LotExtent.COMPLETE,
    existing: Existing = Existing.REFUSE,
) -> None:
    """Write a lot to a file, whole or not at all; arguments as for :func:`lot_bytes`.

    Raises:
        OutputError: the file exists and ``existing`` refuses it, or it cannot be written.
    """
    save(path, lot_bytes(guide, rows, extent), existing)


def _empty_book(guide: Guide) -> Workbook:
    book = Workbook()
    book.remove(book.active)
    book.custom_doc_props.append(StringProperty(name=GUIDE_PROPERTY, value=guide.id))
    return book


def _saved(book: Workbook, title: str) -> bytes:
    """Serialise a workbook, reproducibly."""
    book.calculation.fullCalcOnLoad = True
    if LISTS in book.sheetnames:
        book.move_sheet(LISTS, len(book.sheetnames))
    properties = book.properties
    properties.creator, properties.title, properties.language = "cqp-forms", title, "fr-FR"
    properties.created = _MADE
    first = io.BytesIO()
    book.save(first)
    properties.modified = _MADE  # saving has just put the clock there
    second = io.BytesIO()
    with (
        zipfile.ZipFile(first) as source,
        zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = tostring(properties.to_tree()) if name == _CORE else source.read(name)
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return second.getvalue()
