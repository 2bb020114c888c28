"""The way out: answers workbooks, empty or filled in, for people to work in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.xml.functions import tostring

from cqp_forms.answers import Answers
from cqp_forms.files import Existing, save
from cqp_forms.guide import Guide
from cqp_forms.workbook.instructions import add_fiche_instructions, add_lot_instructions
from cqp_forms.workbook.summary import add_synthesis
from cqp_forms.workbook.write_fiche import add_section, asked, fill_row, restored
from cqp_forms.workbook.write_lot import TITLE as LOT_TITLE
from cqp_forms.workbook.write_lot import add_lot_sheet
from cqp_forms.workbook.xlsx import GUIDE_PROPERTY

__all__ = ["Existing", "FicheWriter", "fiche_bytes", "lot_bytes", "write_fiche", "write_lot"]

#: Neither the clock nor the machine shows in a workbook: the same answers give the same bytes.
_MADE = datetime(2026, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"


class FicheWriter:
    """Writes the fiches of one guide, one candidate after another: they are laid out once.

    Args:
        guide: the guide that the fiches answer.
    """

    def __init__(self, guide: Guide) -> None:
        self._book = _empty_book(guide)
        self._title = f"Fiche de réponses – {guide.tool or guide.title}"
        sections = [
            section for section in guide.sections if any(asked(group) for group in section.groups)
        ]
        add_fiche_instructions(self._book, guide, [section.sheet for section in sections])
        self._rows = {
            entry.field.id: entry
            for section in sections
            for entry in add_section(self._book, guide, section)
        }
        add_synthesis(self._book, guide)
        self._styles = {name: tuple(getattr(self._book, name)) for name in _STYLE_LISTS}

    def fiche(self, answers: Answers) -> bytes:
        """A fiche; the same answers give the same bytes, whoever's were written before.

        Raises:
            OutputError: a text is longer than a cell can hold.
        """
        # The styles that one candidate's answers need are not in the next one's fiche.
        for name, styles in self._styles.items():
            setattr(self._book, name, IndexedList(styles))
        for sheet in self._book.worksheets:
            sheet.column_dimensions.max_outline = None  # openpyxl leaves it from the last save
        rows = {key: self._rows[key] for key in answers if key in self._rows}
        with restored(rows.values()):
            for key, row in rows.items():
                fill_row(row, answers[key])
            return _saved(self._book, self._title)


#: What openpyxl keeps of the styles of a workbook; a cell's own is made of places in them.
_STYLE_LISTS = (
    "_fonts", "_fills", "_borders", "_alignments", "_protections", "_number_formats", "_cell_styles"
)  # fmt: skip


def fiche_bytes(guide: Guide, answers: Answers | None = None) -> bytes:
    """A fiche for one candidate; the same answers give the same bytes.

    Args:
        guide: the guide that the fiche answers.
        answers: what is known already; reading the fiche gives these answers back.

    Raises:
        OutputError: a text is longer than a cell can hold.
    """
    return FicheWriter(guide).fiche(answers or Answers({}))


def lot_bytes(guide: Guide, rows: Sequence[Answers] = ()) -> bytes:
    """A lot; the same rows give the same bytes.

    Args:
        guide: the guide that the candidates' rows answer.
        rows: what is known of each candidate already, a row each.

    Raises:
        OutputError: a text is longer than a cell can hold.
    """
    book = _empty_book(guide)
    add_lot_instructions(book, guide, LOT_TITLE)
    add_lot_sheet(book, guide, rows)
    return _saved(book, f"Lot de candidats – {guide.tool or guide.title}")


def write_fiche(
    path: Path,
    guide: Guide,
    answers: Answers | None = None,
    *,
    existing: Existing = Existing.REFUSE,
) -> None:
    """Write a fiche to a file, whole or not at all; arguments as for :func:`fiche_bytes`.

    Raises:
        OutputError: the file exists and ``existing`` refuses it, or it cannot be written.
    """
    save(path, fiche_bytes(guide, answers), existing)


def write_lot(
    path: Path,
    guide: Guide,
    rows: Sequence[Answers] = (),
    *,
    existing: Existing = Existing.REFUSE,
) -> None:
    """Write a lot to a file, whole or not at all; arguments as for :func:`lot_bytes`.

    Raises:
        OutputError: the file exists and ``existing`` refuses it, or it cannot be written.
    """
    save(path, lot_bytes(guide, rows), existing)


def _empty_book(guide: Guide) -> Workbook:
    book = Workbook()
    book.remove(book.active)
    book.custom_doc_props.append(StringProperty(name=GUIDE_PROPERTY, value=guide.id))
    return book


def _saved(book: Workbook, title: str) -> bytes:
    """Serialise a workbook, reproducibly."""
    book.calculation.fullCalcOnLoad = True
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
