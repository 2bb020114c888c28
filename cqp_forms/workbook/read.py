"""The way in: a workbook, fiche or lot, becomes candidates."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from itertools import chain
from pathlib import Path

from cqp_forms.answers import Source
from cqp_forms.errors import AnswersError, CqpError
from cqp_forms.findings import Code, Severity, finding
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.workbook.candidate import Candidate, faithful
from cqp_forms.workbook.cells import Row, Sheet, Workbook, quoted_text
from cqp_forms.workbook.fiche import (
    Column,
    FicheReader,
    fiche_header,
    lost_rows,
    missing_titles,
    stray_ids,
)
from cqp_forms.workbook.lot import (
    has_lost_ids,
    how_understood,
    is_above,
    is_lot_header,
    plain_header,
    plain_titles,
    read_header,
    read_lot_sheet,
)
from cqp_forms.workbook.opening import open_workbook

#: The guides at hand, asked for only when a workbook's ids are not those of the guide given.
KnownGuides = Callable[[], Iterable[Guide]]

#: How much of a guide's fields the ids of a fiche must be, and no others, to be known as its own.
_ALIKE = 0.9


class PlainLists(Enum):
    """What becomes of a list of one's own, which has titles and no ids."""

    REFUSED = "refused"
    ACCEPTED = "accepted"


class SheetKind(Enum):
    """What a worksheet holds."""

    FICHE = "fiche"
    LOT = "lot"
    OTHER = "other"


#: How many rows above a lot's row of ids are looked at: more than a list of candidates has.
_ABOVE = 2000


@dataclass
class _Scanned:
    """A sheet, read down to its header row.

    Attributes:
        header: the header row, where there is one.
        below: the rows after it, still to be read.
        partial: the first row that looks like a fiche's header row and is none.
        is_empty: the sheet has no cell at all.
        titles: the first row that could be the titles of a list of one's own.
        above: the last rows above the header row.
        strays: the guide's ids that stand above the header row, or have none, and their cells.
    """

    sheet: Sheet
    kind: SheetKind
    header: Row | None
    below: Iterator[Row]
    partial: Row | None = None
    is_empty: bool = False
    titles: Row | None = None
    above: Sequence[Row] = ()
    strays: Sequence[tuple[str, str]] = ()


def read_workbook(
    source: Path | Workbook,
    guide: Guide,
    known: KnownGuides = tuple,
    lists: PlainLists = PlainLists.REFUSED,
) -> Iterator[Candidate]:
    """Read every candidate of a workbook, each sheet once.

    The file stays open while the iterator is in use; a lot is read row by row, so that memory does
    not grow with the number of candidates. A lot with no row filled gives no candidate.

    Args:
        source: a fiche or a lot: its path, or the workbook where it is open already.
        guide: the guide that it answers.
        known: gives the other guides at hand, to name the one that a workbook was made for.
        lists: whether a list with titles in place of ids is read as a lot.

    Yields:
        The candidate of a fiche (``row`` is ``None``), or the candidates of a lot in their order.

    Raises:
        AnswersError: at the first candidate: the file cannot be read, has no header row, is a fiche
            and a lot at once, which is not guessed at, or answers another guide. Its findings have
            the code. Whatever else a reader raises of a file becomes that error too: it is the
            file that is wrong.
    """
    try:
        yield from _candidates(source, guide, known, lists)
    except CqpError:
        raise
    except Exception as cause:
        raise unreadable(source if isinstance(source, Path) else source.path, cause) from cause


def unreadable(path: Path, cause: Exception) -> AnswersError:
    """The error for whatever a reader raises of a file: it is the file that is wrong."""
    return AnswersError(
        f"ce classeur est illisible ({type(cause).__name__}).",
        where=str(path),
        remedy="Ouvrez-le dans Excel ou LibreOffice, enregistrez-le sous un autre nom, puis "
        "relancez la commande.",
    )


def _candidates(
    source: Path | Workbook, guide: Guide, known: KnownGuides, lists: PlainLists
) -> Iterator[Candidate]:
    with _opened(source) as book:
        require_guide(book, guide)
        known_titles = plain_titles(guide)
        scanned = [_scan(book, sheet, guide, known_titles) for sheet in book.sheets]
        fiches = [one for one in scanned if one.kind is SheetKind.FICHE]
        lots = [one for one in scanned if one.kind is SheetKind.LOT]
        if not (fiches or lots) and lists is PlainLists.ACCEPTED:
            lots = [_as_lot(book, one) for one in scanned if one.titles]
        if fiches and lots:
            raise AnswersError(
                f"ce classeur est à la fois une fiche (feuille {fiches[0].sheet.name}) et un lot "
                f"(feuille {lots[0].sheet.name}).",
                where=str(book.path),
                remedy="Mettez-les dans deux classeurs, ou supprimez la feuille de trop.",
            )
        if fiches:
            yield faithful(book, _read_fiche(book, guide, fiches, scanned, known))
        elif lots:
            for lot in lots:
                for candidate in _read_lot(book, guide, lot, known):
                    yield faithful(book, candidate)
        else:
            raise _without_header(book, guide, scanned)


def read_fiche(source: Path | Workbook, guide: Guide, known: KnownGuides = tuple) -> Candidate:
    """Read the one candidate of a fiche.

    Raises:
        AnswersError: as :func:`read_workbook`; or the workbook is a lot.
    """
    for candidate in read_workbook(source, guide, known):
        if candidate.row is None:
            return candidate
        break
    raise AnswersError(
        "ce classeur est un lot (plusieurs candidats), pas une fiche.",
        where=str(source if isinstance(source, Path) else source.path),
        remedy="Pour un lot, utilisez : cqp-forms batch.",
    )


@contextmanager
def _opened(source: Path | Workbook) -> Iterator[Workbook]:
    if isinstance(source, Path):
        with open_workbook(source) as book:
            yield book
    else:
        yield source


def _scan(book: Workbook, sheet: Sheet, guide: Guide, known: Mapping[str, str]) -> _Scanned:
    """Read a sheet down to its header row; to its end where it has none."""
    rows = book.rows(sheet)
    partial: Row | None = None
    titles: Row | None = None
    is_empty = True
    above: deque[Row] = deque(maxlen=_ABOVE)
    strays: list[tuple[str, str]] = []
    for row in rows:
        is_empty = False
        if fiche_header(row):
            return _Scanned(sheet, SheetKind.FICHE, row, rows, strays=strays)
        if is_lot_header(guide, row):
            return _Scanned(sheet, SheetKind.LOT, row, rows, above=above)
        above.append(row)
        if len(strays) < len(guide.fields):
            strays += stray_ids(guide, row)
        if partial is None and missing_titles(row):
            partial = row
        if titles is None and plain_header(guide, known, row):
            titles = row
    return _Scanned(
        sheet, SheetKind.OTHER, None, iter(()), partial, is_empty, titles, strays=strays
    )


def _as_lot(book: Workbook, scanned: _Scanned) -> _Scanned:
    """A sheet that is a list of one's own, to be read from its titles on."""
    rows = book.rows(scanned.sheet)
    header = next(row for row in rows if scanned.titles and row.number == scanned.titles.number)
    return replace(scanned, kind=SheetKind.LOT, header=header, below=rows)


def _read_fiche(
    book: Workbook,
    guide: Guide,
    fiches: Iterable[_Scanned],
    scanned: Sequence[_Scanned],
    known: KnownGuides,
) -> Candidate:
    reader = FicheReader(book, guide)
    for one in fiches:
        assert one.header is not None
        reader.read_sheet(one.sheet.name, chain([one.header], one.below), book.unseen(one.sheet))
    _refuse_other_guide(book, guide, reader.ids, known)
    partial = [one for one in scanned if one.partial]
    if partial and _asked(guide) - reader.places.keys():
        raise _unknown_header(book, partial)
    found = reader.finished()
    # What is read elsewhere is somebody's copy of it.
    lost = [
        lost_rows(one.sheet.name, strays)
        for one in scanned
        if (strays := [each for each in one.strays if each[0] not in reader.places])
    ]
    return replace(found, findings=(*lost, *found.findings)) if lost else found


def _read_lot(
    book: Workbook, guide: Guide, lot: _Scanned, known: KnownGuides
) -> Iterator[Candidate]:
    assert lot.header is not None
    plain = plain_header(guide, plain_titles(guide), lot.header) if lot.titles else None
    header = read_header(guide, lot.sheet.name, plain or lot.header, book.epoch)
    if lot.titles and has_lost_ids(guide, lot.header):
        raise _without_ids(book, lot)
    if plain:
        told = how_understood(guide, lot.sheet.name, lot.header, plain)
        header = replace(header, findings=(told, *header.findings))
    if lost := [row for row in lot.above if not lot.titles and is_above(book, guide, header, row)]:
        raise _above_ids(book, lot.sheet, lost)
    if header.ids - guide.fields.keys():
        _refuse_other_guide(book, guide, set(header.ids), known)
    return read_lot_sheet(book, lot.sheet, header, lot.below, guide)


# ----------------------------------------------------------------------------- which guide


def require_guide(book: Workbook, guide: Guide) -> None:
    """Refuse a workbook that says it was made for another guide: its ids mean something else."""
    if book.guide_id not in ("", guide.id):
        named = quoted_text(book.guide_id)
        raise _refusal(
            book,
            Code.OTHER_GUIDE,
            f"ce classeur est fait pour le guide « {named} », pas pour « {guide.id} ».",
            f"Traitez-le à part, avec --guide {named}.",
        )


def _asked(guide: Guide) -> set[str]:
    """The ids that a fiche of the guide has rows for."""
    return {one.id for one in guide.fields.values() if one.kind is not FieldKind.SIGNATURE}


def _refuse_other_guide(book: Workbook, guide: Guide, ids: set[str], known: KnownGuides) -> None:
    """Refuse a workbook whose ids are those of another guide, its mark lost.

    Two guides share many ids. It is another's where more of its ids are that one's, or where they
    are exactly that one's and only a part of this guide's.
    """
    own = _asked(guide)
    if book.guide_id or _likeness(ids, own) >= _ALIKE:
        return
    for other in known():
        theirs = _asked(other)
        more = len(ids & theirs) > len(ids & own)
        same = _likeness(ids, theirs) >= _ALIKE and len(ids & theirs) >= len(ids & own)
        if other.id != guide.id and (more or same):
            raise _refusal(
                book,
                Code.OTHER_GUIDE,
                f"cette fiche est celle de « {other.certificate or other.title} » (guide "
                f"« {other.id} »), pas du guide « {guide.id} ».",
                f"Relancez la commande avec : --guide {other.id}.",
            )


def _likeness(ids: set[str], fields: set[str]) -> float:
    return len(ids & fields) / (len(ids | fields) or 1)


# ------------------------------------------------------------------------------- no header


def _refusal(
    book: Workbook, code: Code, message: str, remedy: str, source: Source | None = None
) -> AnswersError:
    """An error that ends the reading, with its finding."""
    told = finding(code, Severity.ERROR, message, remedy, source=source)
    return AnswersError(message, where=str(book.path), remedy=remedy, findings=(told,))


def _unknown_header(book: Workbook, partial: list[_Scanned]) -> AnswersError:
    first = partial[0]
    assert first.partial is not None
    lacking = missing_titles(first.partial)
    names = " et ".join(f"« {one} »" for one in lacking)
    sheets = ", ".join(one.sheet.name for one in partial)
    where = "la feuille" if len(partial) == 1 else "les feuilles"
    hint = (
        "Les identifiants y étaient ; copiez cette colonne depuis une fiche neuve (cqp-forms new)."
        if Column.FIELD in lacking
        else "Rétablissez ce titre dans la ligne d’en-tête."
    )
    return _refusal(
        book,
        Code.UNKNOWN_HEADER,
        f"la colonne {names} manque, ou son titre a changé, dans {where} {sheets}.",
        hint,
        Source(first.sheet.name, f"{next(iter(first.partial.cells))}{first.partial.number}"),
    )


def _without_header(book: Workbook, guide: Guide, scanned: list[_Scanned]) -> AnswersError:
    if all(one.is_empty for one in scanned):
        return AnswersError(
            "ce classeur est vide.",
            where=str(book.path),
            remedy="Créez une fiche : cqp-forms new.",
        )
    if partial := [one for one in scanned if one.partial]:
        return _unknown_header(book, partial)
    if lost := [one for one in scanned if one.titles and has_lost_ids(guide, one.titles)]:
        return _without_ids(book, lost[0])
    leading = guide.candidate[0] if guide.candidate else "un identifiant"
    return _refusal(
        book,
        Code.UNKNOWN_HEADER,
        "aucune feuille n’a de ligne d’en-tête : ni « Champ » et « Réponse » (fiche), ni "
        f"« {leading} » et d’autres identifiants (lot).",
        "Cette liste de candidats se donne à : cqp-forms prepare."
        if any(one.titles for one in scanned)
        else "Partez d’une fiche neuve (cqp-forms new) ou rétablissez la ligne d’en-tête.",
    )


def _without_ids(book: Workbook, lot: _Scanned) -> AnswersError:
    assert lot.titles is not None
    return _refusal(
        book,
        Code.UNKNOWN_HEADER,
        f"la ligne des identifiants de ce lot manque dans la feuille {lot.sheet.name} : sans elle, "
        "ses réponses seraient perdues.",
        "Recopiez-la sous les titres (la ligne grise) depuis un lot neuf : cqp-forms new --lot.",
        Source(lot.sheet.name, f"{next(iter(lot.titles.cells))}{lot.titles.number}"),
    )


def _above_ids(book: Workbook, sheet: Sheet, rows: Sequence[Row]) -> AnswersError:
    named = ", ".join(str(row.number) for row in rows[:5]) + ("…" if len(rows) > 5 else "")
    told = (
        f"la ligne {named} porte un candidat qui n’est pas lu : elle est"
        if len(rows) == 1
        else f"les lignes {named} portent des candidats qui ne sont pas lus : elles sont"
    )
    return _refusal(
        book,
        Code.UNKNOWN_HEADER,
        f"{told} au-dessus de la ligne des identifiants, dans la feuille {sheet.name}.",
        "Remettez la ligne des identifiants (la grise) au-dessus de tous les candidats.",
        Source(sheet.name, f"{next(iter(rows[0].cells))}{rows[0].number}"),
    )
