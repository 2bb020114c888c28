"""Read a lot: many candidates, a row each, under a row of ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from cqp_forms.answers import COMMENT, Answer, Answers, RowPlaces, Source
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import Field, FieldKind, Guide
from cqp_forms.typography import folded
from cqp_forms.workbook.candidate import (
    Candidate,
    Collector,
    duplicate_field,
    key_of,
    label_of,
    nearest,
    unknown_field,
    unread_header,
)
from cqp_forms.workbook.cells import CellKind, Row, Sheet, Workbook, quoted_text
from cqp_forms.workbook.formats import Epoch
from cqp_forms.workbook.unseen import told_hidden, told_notes, told_unseen
from cqp_forms.workbook.values import CHOICES

_DIGITS = re.compile(r"[0-9]+")

#: What texts were found to mean, for a kind of field that chooses among a few values.
Understood: TypeAlias = dict[str, Answer]
_REMEMBERED = 1000

#: How like a known id a column's title must be to be taken for a mistyped one.
_TYPO = 0.8


@dataclass(frozen=True)
class LotHeader:
    """The row of ids, understood.

    Attributes:
        values: the answer columns from the left: letters, field, and for fields that choose among
            a few values, what their texts were already found to mean.
        comments: the comment columns: letters and field.
        letters: the answer column of each field, and, under ``ID:précision``, of its comment.
        findings: what is wrong with the row itself; it concerns every candidate.
        ids: all that look like one, known or not.
    """

    values: tuple[tuple[str, Field, Understood | None], ...]
    comments: tuple[tuple[str, Field], ...]
    letters: Mapping[str, str]
    findings: tuple[Finding, ...]
    ids: frozenset[str] = frozenset()


def _split(key: str) -> tuple[str, bool]:
    """An id and whether the column holds comments; « ID : precision » is understood too."""
    field_id, colon, suffix = key.partition(":")
    if colon and folded(suffix) == folded(COMMENT[1:]):
        return field_id.strip(), True
    return key, False


def is_lot_header(guide: Guide, row: Row) -> bool:
    """Whether the row holds the candidate's name's id and at least one other id."""
    ids = {_split(key)[0] for cell in row.cells.values() if (key := key_of(cell))}
    known = ids & guide.fields.keys()
    leading = guide.candidate[0] if guide.candidate else ""
    return len(known) > 1 and (leading in known or not leading)


#: A list of candidates has no more columns titled as a lot's are.
_ANSWERED = 2
#: How people call the key of a file, in a list of their own.
_KEY_TITLES = ("n°", "n", "numéro", "référence", "réf", "dossier", "n° de dossier", "n° dossier")


def plain_titles(guide: Guide) -> Mapping[str, str]:
    """What people head the columns of a list of their own with, folded, and the id of each."""
    if not guide.candidate:
        return {}
    leading = guide.fields[guide.candidate[0]]
    titles = {folded(one.title): one.id for one in guide.of_kind(FieldKind.TEXT)}
    titles |= {
        folded(one.label): one.id
        for one in guide.fields.values()
        if (one.context, one.sheet) == (leading.context, leading.sheet)
    }
    if guide.key:
        titles |= dict.fromkeys(
            map(folded, (*_KEY_TITLES, guide.fields[guide.key].label)), guide.key
        )
    return titles


def plain_header(guide: Guide, titles: Mapping[str, str], row: Row) -> Row | None:
    """The row of ids that a list's titles stand for: « Nom », « Prénom », « Entreprise », « N° ».

    Args:
        titles: those of :func:`plain_titles`.
        row: any row.

    Returns:
        The row with ids in place of the titles that are understood, and no other cell; ``None``
        where it does not name the candidate and something else.
    """
    cells = {
        letters: cell._replace(text=titles[title])
        for letters, cell in row.cells.items()
        if cell.kind is CellKind.TEXT and (title := folded(key_of(cell)).strip(" :.")) in titles
    }
    plain = Row(row.number, cells)
    return plain if is_lot_header(guide, plain) else None


def has_lost_ids(guide: Guide, row: Row) -> bool:
    """Whether a row of titles is that of a lot whose row of ids was deleted.

    Its columns hold answers: taken for a list of candidates, it would lose them.
    """
    written = {folded(one.title) for one in guide.fields.values() if one.kind is not FieldKind.TEXT}
    titles = [folded(key_of(cell)) for cell in row.cells.values() if cell.kind is CellKind.TEXT]
    return sum(one in written for one in titles) >= _ANSWERED


def how_understood(guide: Guide, sheet: str, row: Row, plain: Row) -> Finding:
    """How the titles of a list of one's own were understood, and which were left aside."""
    taken = ", ".join(
        f"« {quoted_text(row.cells[letters].text, 30)} » = {guide.fields[cell.text].title}"
        for letters, cell in plain.cells.items()
    )
    others = [
        f"« {quoted_text(cell.text, 30)} »"
        for letters, cell in row.cells.items()
        if letters not in plain.cells
    ]
    aside = f" ; colonnes laissées de côté : {', '.join(others)}" if others else ""
    return finding(
        Code.PLAIN_LIST,
        Severity.INFORMATION,
        f"liste simple, comprise ainsi : {taken}{aside}.",
        "Rien à faire si c’est bien cela ; sinon, partez de : cqp-forms new --lot.",
        source=Source(sheet, f"{next(iter(plain.cells))}{row.number}"),
    )


def read_header(guide: Guide, sheet: str, row: Row, epoch: Epoch) -> LotHeader:
    """Understand the row of ids: each column a field, a comment, or not ours."""
    values: list[tuple[str, Field, Understood | None]] = []
    #: What was understood of each text: by kind, by field where each has options of its own.
    choices: dict[str, Understood] = {kind: {} for kind in CHOICES}
    comments: list[tuple[str, Field]] = []
    findings: list[Finding] = []
    first_cells: dict[str, Source] = {}
    for letters, cell in row.cells.items():
        source = Source(sheet, f"{letters}{row.number}")
        if problem := unread_header(cell, source, epoch):
            findings.append(problem)
            continue
        field_id, is_comment = _split(key_of(cell))
        name = f"{field_id}{COMMENT}" if is_comment else field_id
        one = guide.fields.get(field_id)
        if one is None:
            if is_comment or _looks_like_an_id(guide, field_id):
                findings.append(unknown_field(guide, field_id, source))
        elif name in first_cells:
            findings.append(duplicate_field(name, first_cells[name], source))
        else:
            first_cells[name] = source
            if is_comment:
                comments.append((letters, one))
            else:
                remembered = {} if one.kind is FieldKind.CHOICE else choices.get(one.kind)
                values.append((letters, one, remembered))
    letters_of = {one.id: letters for letters, one, _ in values}
    letters_of |= {one.id + COMMENT: letters for letters, one in comments}
    ids = frozenset(_split(key)[0] for cell in row.cells.values() if "." in (key := key_of(cell)))
    return LotHeader(tuple(values), tuple(comments), letters_of, tuple(findings), ids)


def _looks_like_an_id(guide: Guide, key: str) -> bool:
    if "." not in key or " " in key:
        return False
    # c9.1.1 is made like a criterion, however unlike it is to each that there is.
    return _shape(key) in map(_shape, guide.fields) or bool(nearest(key, guide.fields, _TYPO))


def _shape(key: str) -> str:
    return _DIGITS.sub("0", key)


def read_lot_sheet(
    book: Workbook, sheet: Sheet, header: LotHeader, rows: Iterable[Row], guide: Guide
) -> Iterator[Candidate]:
    """Read the candidates of a sheet, one after the other; empty rows are skipped.

    Args:
        header: the row of ids.
        rows: those below it; another row of ids among them is understood as one.
    """
    unseen = book.unseen(sheet)
    for row in rows:
        if _may_be_header(guide, row) and is_lot_header(guide, row):
            header = read_header(guide, sheet.name, row, book.epoch)
        elif (candidate := _candidate(book, sheet.name, guide, header, row)) is not None:
            told = told_unseen(unseen, sheet.name, _filled(header, row))
            told += told_notes(sheet.name, unseen.notes.get(row.number, ()))
            yield replace(candidate, findings=(*candidate.findings, *told)) if told else candidate


def is_above(book: Workbook, guide: Guide, header: LotHeader, row: Row) -> bool:
    """Whether a row above the ids holds a candidate, rather than titles: a sort puts one there."""
    candidate = _candidate(book, "", guide, header, row)
    answers = candidate.answers if candidate is not None else Answers({})
    fields = [guide.fields[key] for key in answers if answers.value(key) is not None]
    if any(one.kind not in (FieldKind.TEXT, FieldKind.LONG_TEXT) for one in fields):
        return True
    if not guide.candidate:
        return False
    leading = guide.fields[guide.candidate[0]]
    named = [one for one in fields if one.sheet == leading.sheet]
    is_titled = folded(answers.text(leading.id)) in plain_titles(guide)
    return leading in fields and len(named) > 1 and not is_titled


def _filled(header: LotHeader, row: Row) -> Iterator[str]:
    """The cells of a row that hold an answer or a comment."""
    for letters in header.letters.values():
        if (cell := row.cells.get(letters)) and cell.text.strip():
            yield f"{letters}{row.number}"


def _may_be_header(guide: Guide, row: Row) -> bool:
    """A quick look at each row: most have no cell that could be an id."""
    known = guide.fields
    return any("." in cell.text or cell.text in known for cell in row.cells.values())


def _candidate(
    book: Workbook, sheet: str, guide: Guide, header: LotHeader, row: Row
) -> Candidate | None:
    number = str(row.number)
    cells = row.cells
    collector = Collector(book.epoch, RowPlaces(sheet, number, header.letters))
    found = collector.answers
    for letters, one, understood in header.values:
        cell = cells.get(letters)
        if cell is None:
            continue
        if understood is None or cell.kind is not CellKind.TEXT or cell.struck:
            collector.take_value(one, cell, Source(sheet, letters + number))
        elif (answer := understood.get(cell.text)) is not None:
            # A lot says OUI a hundred thousand times: it is understood once.
            found[one.id] = answer
        else:
            collector.take_value(one, cell, Source(sheet, letters + number))
            if one.id in found and cell.text.isascii() and len(understood) < _REMEMBERED:
                understood[cell.text] = Answer(found[one.id].value)
    for letters, one in header.comments:
        if (comment := cells.get(letters)) is not None:
            collector.take_comment(one, comment, Source(sheet, letters + number))
    if not collector.answers and not collector.findings:
        return None
    if row.hidden:
        collector.findings.append(_hidden(sheet, row, header))
    answers = collector.finished(f"{book.path.name}, ligne {row.number}")
    otherwise = f"{book.path.stem}, ligne {row.number}"
    return Candidate(
        answers,
        (*header.findings, *collector.findings),
        book.path,
        row.number,
        label_of(guide, answers, otherwise),
    )


def _hidden(sheet: str, row: Row, header: LotHeader) -> Finding:
    return told_hidden(
        sheet,
        f"{header.values[0][0]}{row.number}",
        f"la ligne {row.number} est masquée ou filtrée ; elle compte comme les autres.",
        "Affichez-la et vérifiez-la, ou supprimez-la si ce candidat n’est pas à émettre.",
    )
