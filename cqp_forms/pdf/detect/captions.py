"""Captions: which wording over a column says what each empty cell under it means.

A column of boxes is one answer of a choice: « OUI », « A », « ND », « 3 », « Satisfaisant », a
face. A column of texts has a heading that asks for something else (« Observations », « Date »).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from cqp_forms.mapping import Rect
from cqp_forms.matching.scales import TWO_SCALES, HeaderCell, scales_of
from cqp_forms.matching.wording import asks_for_text
from cqp_forms.pdf.detect.model import shared_width
from cqp_forms.pdf.detect.tables import TableCell
from cqp_forms.pdf.detect.text import Phrase, choice
from cqp_forms.typography import folded

#: The stems of the words with which people are judged, folded.
_RATING = re.compile(
    r"\b(satisf|acquis|acquerir|maitris|conforme|valid|(tres |assez )?bien\b|bonn?e?s?\b|moyen|"
    r"passable|faible|fort|(in)?suffisan|excellent|mauvais|correct|jamais|rarement|parfois|souvent|"
    r"toujours|accord|partiel|total|aucun|(non )?atteint|depass|autonom|ecart|peu\b|pas du tout|"
    r"tout a fait|plutot|sans objet|evalue|sait pas|debut|confirme|expert|initi|niveau|oui\b|non\b|"
    r"adapt|inadapt|facile|difficile|(de)?favorable|present|absent|en cours|a (revoir|ameliorer)|"
    r"fait\b|admis|ajourn|vrai\b|faux\b|realise|applicable|concerne|seul|aide|normal|rare|frequent|yes\b|no\b)"
)
_AMOUNT = re.compile(r"\d{1,3}( ?%)?")
#: A picture, named by its rank.
_PICTURED = re.compile(r"image \d+")
_LONGEST = 40
#: Short headings that ask for a text.
_ASKS = frozenset(("n°", "no", "nb", "nom", "age", "cp", "tel", "ref", "qte", "lot", "pu", "ht"))
#: Signs that no scale is made of: a date's slashes, for one.
_MARKS = frozenset("/|.,:;_()'’« »")
#: A caption printed over a table is no further from it, in points.
_OVER = 30.0
_ALIKE = 6.0


def rating(text: str) -> bool:
    """Whether a wording is one answer of a choice, or one step of a scale."""
    bare = folded(text.strip(" :\u00a0?."))
    if choice(text):
        return True
    if not any(char.isalnum() for char in bare):
        return 0 < len(bare) <= 3 and not set(bare) <= _MARKS
    if bare in _ASKS or len(bare) > _LONGEST or asks_for_text(text):
        return False
    short = len(bare) <= 2 or (len(bare) <= 3 and text.strip().isupper())
    short = short or bool(_AMOUNT.fullmatch(bare) or _PICTURED.fullmatch(bare))
    return short or bool(_RATING.search(bare))


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands over an empty cell.

    Attributes:
        text: an answer, or the heading of a column that takes texts.
        ticks: whether it is an answer: the cell is a box.
        scale: which of the scales side by side it belongs to, from 0.
        band: the wording over that scale alone, that tells it from the others; else empty.
        doubt: why it may not be that one's.
    """

    text: str
    ticks: bool
    scale: int = 0
    band: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class CaptionColumn:
    """A column of empty cells and its caption, kept for a table that goes on over the page."""

    x0: float
    x1: float
    caption: Caption

    def holds(self, rect: Rect) -> bool:
        """Whether a cell stands in the column."""
        return abs(self.x0 - rect.x0) < _ALIKE and abs(self.x1 - rect.x1) < _ALIKE


@dataclass(slots=True)
class Captions:
    """What stands over each empty cell of a page.

    Attributes:
        over: by cell (identity).
        carried: the cells whose caption stands on the page before.
        columns: those at the foot of the page, for the next.
    """

    over: dict[int, Caption]
    carried: set[int]
    columns: tuple[CaptionColumn, ...]


def captions_of(
    cells: Sequence[TableCell], printed: Sequence[Phrase], before: Sequence[CaptionColumn]
) -> Captions:
    """Find the captions of a page.

    Args:
        cells: the page's, from the top.
        before: the columns at the foot of the page before.
    """
    found = Captions({}, set(), ())
    tables: dict[int, list[TableCell]] = defaultdict(list)
    for cell in cells:
        tables[cell.table].append(cell)
    columns: dict[tuple[int, int], CaptionColumn] = {}
    for table in tables.values():
        _table(table, printed, found)
        if not any(id(one) in found.over for one in table):
            _go_on(table, before, tables, found)
        for one in table:
            if caption := found.over.get(id(one)):
                key = round(one.rect.x0 / _ALIKE), round(one.rect.x1 / _ALIKE)
                columns[key] = CaptionColumn(one.rect.x0, one.rect.x1, caption)
    found.columns = tuple(columns.values())
    return found


@dataclass(frozen=True, slots=True)
class _Headed:
    """Empty cells under one header, where that is printed, and the wider header over that."""

    text: str
    at: Rect
    cells: list[TableCell]
    band: TableCell | None


def _table(table: Sequence[TableCell], printed: Sequence[Phrase], found: Captions) -> None:
    heads: dict[float, dict[float, _Headed]] = defaultdict(dict)
    top = max(one.rect.y1 for one in table)
    for column in _columns(table):
        for one in _under(column, table, printed, top):
            heads[round(one.at.y0 / 4)][column[0].rect.x0] = one
    for heads_of_row in heads.values():
        row = [heads_of_row[x] for x in sorted(heads_of_row)]
        known = [
            HeaderCell(one.text, id(one.band), one.band.text) if one.band else HeaderCell(one.text)
            for one in row
        ]
        scales = scales_of(known, rating)
        for rank, scale in enumerate(scales):
            doubt = "" if scale.band or len(scales) == 1 else TWO_SCALES
            _judge(row[scale.start : scale.end], rank, scale.band, doubt, found)


def _columns(table: Sequence[TableCell]) -> Iterator[list[TableCell]]:
    """The cells that stand one over another with the same sides, from the top."""
    columns: list[list[TableCell]] = []
    for cell in sorted(table, key=lambda one: (one.rect.x0, one.rect.x1)):
        for column in reversed(columns[-6:]):
            first = column[0].rect
            if abs(first.x0 - cell.rect.x0) < 3 and abs(first.x1 - cell.rect.x1) < 3:
                column.append(cell)
                break
        else:
            columns.append([cell])
    for column in columns:
        column.sort(key=lambda one: -one.rect.y1)
        yield column


def _under(
    column: Sequence[TableCell], table: Sequence[TableCell], printed: Sequence[Phrase], top: float
) -> Iterator[_Headed]:
    """The runs of empty cells of a column that something stands over."""
    head: TableCell | None = None
    for empty, run in groupby(column, key=lambda one: not one.phrases):
        cells = list(run)
        if not empty:
            head = cells[-1]
        elif header := head or _wide_head(cells[0], table):
            yield _Headed(header.text, header.rect, cells, _band(header, table))
        elif phrase := _over(cells[0], printed, top):
            yield _Headed(phrase.text, phrase.rect, cells, None)


def _band(header: TableCell, table: Sequence[TableCell]) -> TableCell | None:
    """The cell right over a header that spans others too."""
    return next(
        (
            one
            for one in table
            if one.phrases
            and abs(one.rect.y0 - header.rect.y1) < 4
            and shared_width(one.rect, header.rect) > 0.7 * header.rect.width
            and one.rect.width > 1.5 * header.rect.width
        ),
        None,
    )


def _wide_head(cell: TableCell, table: Sequence[TableCell]) -> TableCell | None:
    """The header right over a column that is a little wider or narrower than its cells."""
    over = [
        one
        for one in table
        if one.phrases
        and one.rect.y0 >= cell.rect.y1 - 4
        and shared_width(one.rect, cell.rect) > 0.7 * max(cell.rect.width, one.rect.width)
    ]
    return min(over, key=lambda one: one.rect.y0, default=None)


def _over(cell: TableCell, printed: Sequence[Phrase], top: float) -> Phrase | None:
    """What is printed over the table, in the column."""
    above = [
        one
        for one in printed
        if cell.rect.x0 - 1 <= one.rect.centre[0] <= cell.rect.x1 + 1
        and -3 <= one.rect.y0 - top <= _OVER
        and one.rect.width < cell.rect.width + 12
        and rating(one.text)
    ]
    return min(above, key=lambda one: one.rect.y0, default=None)


def _judge(row: Sequence[_Headed], rank: int, band: str, doubt: str, found: Captions) -> None:
    """Say of the columns under one header row which are answers, which take texts."""
    answers = [one for one in row if rating(one.text)]
    scale = len({folded(one.text) for one in answers}) == len(answers) > 1
    for one in row:
        ticks = bool(choice(one.text)) or (scale and rating(one.text))
        if not ticks and _PICTURED.fullmatch(folded(one.text)):
            continue  # a logo over one column says nothing of it
        caption = Caption(
            choice(one.text) or one.text if ticks else one.text, ticks, rank, band, doubt
        )
        found.over.update((id(cell), caption) for cell in one.cells)


def _go_on(
    table: Sequence[TableCell],
    before: Sequence[CaptionColumn],
    tables: Mapping[int, Sequence[TableCell]],
    found: Captions,
) -> None:
    """Give a table without captions those of the page before, when it may go on from there."""
    first = max(table, key=lambda one: one.rect.y1).rect
    higher = any(
        shared_width(one.rect, first) > 0 and one.rect.y0 >= first.y1 - 1
        for other in tables.values()
        if other is not table
        for one in other
    )
    pairs = [(one, column) for one in table for column in before if column.holds(one.rect)]
    if higher or not pairs:
        return
    for cell, column in pairs:
        if not cell.phrases:
            found.over[id(cell)] = column.caption
            found.carried.add(id(cell))
