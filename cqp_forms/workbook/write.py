"""The way out: answers workbooks, empty or filled in, for people to work in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty

from cqp_forms.answers import Answers
from cqp_forms.files import Existing, save
from cqp_forms.guide import Guide
from cqp_forms.workbook.fiche_sheets import add_section, asked
from cqp_forms.workbook.instructions import add_fiche_instructions, add_lot_instructions
from cqp_forms.workbook.lot_sheet import TITLE as LOT_TITLE
from cqp_forms.workbook.lot_sheet import add_lot_sheet
from cqp_forms.workbook.save import workbook_bytes
from cqp_forms.workbook.synthesis import add_synthesis
from cqp_forms.workbook.xlsx import GUIDE_PROPERTY

__all__ = ["Existing", "fiche_bytes", "lot_bytes", "write_fiche", "write_lot"]


def fiche_bytes(guide: Guide, answers: Answers | None = None) -> bytes:
    """A fiche for one candidate; the same answers give the same bytes.

    Args:
        guide: the guide that the fiche answers.
        answers: what is known already; reading the fiche gives these answers back.

    Raises:
        OutputError: a text is longer than a cell can hold.
    """
    book = _empty_book(guide)
    sections = [
        section for section in guide.sections if any(asked(group) for group in section.groups)
    ]
    add_fiche_instructions(book, guide, [section.sheet for section in sections])
    for section in sections:
        add_section(book, guide, section, answers or Answers({}))
    add_synthesis(book, guide)
    return workbook_bytes(book, f"Fiche de réponses – {guide.tool or guide.title}")


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
    return workbook_bytes(book, f"Lot de candidats – {guide.tool or guide.title}")


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
