"""The way in: a workbook, fiche or lot, becomes candidates (contract, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from cqp_forms.errors import AnswersError
from cqp_forms.guide import Guide
from cqp_forms.workbook.candidate import Candidate
from cqp_forms.workbook.fiche import fiche_header, read_fiche_sheets
from cqp_forms.workbook.lot import is_lot_header, read_lot_sheet
from cqp_forms.workbook.origin import require_guide
from cqp_forms.workbook.package import Package, Sheet, open_package


class SheetKind(Enum):
    """What a worksheet holds."""

    FICHE = "fiche"
    LOT = "lot"
    OTHER = "other"


def read_workbook(path: Path, guide: Guide) -> Iterator[Candidate]:
    """Read every candidate of a workbook.

    The file stays open while the iterator is in use; a lot is read row by row, so that memory does
    not grow with the number of candidates. A lot with no row filled gives no candidate.

    Args:
        path: a fiche or a lot (``.xlsx``).
        guide: the guide that it answers.

    Yields:
        The candidate of a fiche (``row`` is ``None``), or the candidates of a lot in their order.

    Raises:
        AnswersError: at the first candidate: the file cannot be read, has no header row, is a fiche
            and a lot at once, which is not guessed at, or answers another guide.
    """
    require_guide(path, guide)
    with open_package(path) as package:
        kinds = {sheet: _kind(package, sheet, guide) for sheet in package.sheets}
        fiches = [sheet for sheet, kind in kinds.items() if kind is SheetKind.FICHE]
        lots = [sheet for sheet, kind in kinds.items() if kind is SheetKind.LOT]
        if fiches and lots:
            raise AnswersError(
                f"ce classeur est à la fois une fiche (feuille {fiches[0].name}) et un lot "
                f"(feuille {lots[0].name}).",
                where=str(path),
                remedy="Mettez-les dans deux classeurs, ou supprimez la feuille de trop.",
            )
        if not fiches and not lots:
            raise _without_header(package, guide)
        if fiches:
            yield read_fiche_sheets(package, fiches, guide)
        for sheet in lots:
            yield from read_lot_sheet(package, sheet, guide)


def read_fiche(path: Path, guide: Guide) -> Candidate:
    """Read the one candidate of a fiche.

    Raises:
        AnswersError: as :func:`read_workbook`; or the workbook is a lot.
    """
    for candidate in read_workbook(path, guide):
        if candidate.row is None:
            return candidate
        break
    raise AnswersError(
        "ce classeur est un lot (plusieurs candidats), pas une fiche.",
        where=str(path),
        remedy="Pour un lot, utilisez : cqp-forms batch.",
    )


def _kind(package: Package, sheet: Sheet, guide: Guide) -> SheetKind:
    for row in package.rows(sheet):
        if fiche_header(row):
            return SheetKind.FICHE
        if is_lot_header(guide, row):
            return SheetKind.LOT
    return SheetKind.OTHER


def _without_header(package: Package, guide: Guide) -> AnswersError:
    if not any(True for sheet in package.sheets for _ in package.rows(sheet)):
        return AnswersError(
            "ce classeur est vide.",
            where=str(package.path),
            remedy="Créez une fiche : cqp-forms new.",
        )
    leading = guide.candidate[0] if guide.candidate else "un identifiant"
    return AnswersError(
        "aucune feuille n’a de ligne d’en-tête : ni « Champ » et « Réponse » (fiche), ni "
        f"« {leading} » et d’autres identifiants (lot).",
        where=str(package.path),
        remedy="Partez d’une fiche neuve (cqp-forms new) ou rétablissez la ligne d’en-tête.",
    )
