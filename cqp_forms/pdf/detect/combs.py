"""Combs: rows of small printed cells that take a character each (a SIRET, a date), never ticks.

Cells are squares or low rectangles that adjoin, open ones (uprights on a base), box characters that
follow one another, « |_|_|_| » or strokes (« _ _ _ _ »).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from cqp_forms.guide import DatePart, PlacementKind
from cqp_forms.mapping import PdfKind, Rect, even_cells
from cqp_forms.matching.wording import DATE_WORDS, bare
from cqp_forms.pdf.detect.captions import rating
from cqp_forms.pdf.detect.model import (
    PageContent,
    Rule,
    Word,
    same_row,
    shared_height,
    shared_width,
)
from cqp_forms.pdf.detect.paragraphs import label_above, label_left
from cqp_forms.pdf.detect.tables import TableCell, merged
from cqp_forms.pdf.detect.text import Phrase, choice, rows_of
from cqp_forms.pdf.detect.widgets import Spot
from cqp_forms.pdf.geometry import union

_ALIKE = 1.6  # two cells of one comb differ less than this, in points
_ADJOINING = 1.6  # cells that share an edge are no further apart
_CLOSE = 4.0  # cells that do not touch are no further apart
_FEWEST = 4  # such cells are at least so many
_FEWEST_IN_A_GRID = 8  # rows of fewer cells, one on another, may be a grid to tick
_SEPARATED = 2.6  # the groups of a comb are no further apart, in widths of a cell
_NARROWEST, _WIDEST, _HIGHEST = 6.5, 30.0, 34.0  # of a cell, in points
_LOWEST = 11.0  # the room over the base of open cells, in points
_DASH, _DASH_GAP = (4.0, 22.0), 8.0  # strokes that are cells, and the room between two
_MANY = 5  # so many cells that touch are a comb whatever they are for
_LONGEST = 60  # more cells are a pattern
_READ_APART = 20.0  # letters that stand closer read as one wording, in points
_CAPTIONED = 40.0  # a caption over squares is no further from them, in points

#: « |_|_|_| », as typed.
_TYPED = re.compile(r"(?:\|_{1,3}){2,}\|?")
#: What is written a character a cell, folded.
_IN_CELLS = re.compile(
    r"\b(siret|siren|code|cp|postal|dates?|nee?|naissance|telephone|tel|portable|mobile|fax|iban|"
    r"bic|rib|ape|naf|numero|secu|securite sociale|insee|nir|matricule|noms?|prenoms?|commune|"
    r"ville|departement|immatriculation|references?|ref|dossier|identifiant|annee|jj|jour|"
    r"mois|heure|rcs|kbis|idcc|uai|rncp|finess|adeli|rpps)\b"
)
#: Letters that say which part of a date each cell is.
_HINTS = re.compile(r"[jd]*[m]*[ay]*")
_SEPARATORS = frozenset("/-.–|") | {""}
_DATES = ((2, 2, 4), (2, 2, 2))


@dataclass(frozen=True, slots=True)
class _Comb:
    """Cells of one row that belong together, in groups that a gap or a slash parts."""

    groups: tuple[tuple[Rect, ...], ...]

    @property
    def cells(self) -> tuple[Rect, ...]:
        return tuple(cell for group in self.groups for cell in group)

    @property
    def rect(self) -> Rect:
        return union(self.cells)

    @property
    def touching(self) -> bool:
        """Whether the cells share their edges."""
        pairs = (pair for group in self.groups for pair in pairwise(group))
        return all(two.x0 - one.x1 <= _ADJOINING for one, two in pairs)


def without_combs(squares: Sequence[Rect], words: Sequence[Word]) -> tuple[list[Rect], list[Rect]]:
    """Leave out comb cells: squares of one size that share edges along a line.

    Columns of cells under « OUI » and « NON », or under a scale, adjoin too: they are kept.

    Returns:
        The squares that are no cells, and those that are.
    """
    captions = [word for word in words if choice(word.text) or rating(word.text)]
    combs = [
        cell
        for comb in _combs(squares, words)
        if not _captioned(comb.cells, captions, squares)
        for cell in comb.cells
    ]
    return [one for one in squares if one not in combs], combs


def _combs(cells: Sequence[Rect], words: Sequence[Word]) -> Iterator[_Comb]:
    """The combs among cells: runs that adjoin, with the cells of one size just beside them."""
    for row in rows_of(cells):
        runs: list[list[Rect]] = []
        for index in row:
            one = cells[index]
            if runs and _adjoin(runs[-1][-1], one):
                runs[-1].append(one)
            else:
                runs.append([one])
        chains: list[list[list[Rect]]] = []
        for run in runs:
            if chains and _goes_on(chains[-1][-1][-1], run[0], words):
                chains[-1].append(run)
            else:
                chains.append([run])
        for chain in chains:
            if any(_like_comb(run) for run in chain) and sum(map(len, chain)) <= _LONGEST:
                yield _Comb(tuple(map(tuple, chain)))


def _like_comb(run: Sequence[Rect]) -> bool:
    """Two cells that share an edge, or four that stand close at one distance."""
    gaps = [other.x0 - one.x1 for one, other in pairwise(run)]
    if not gaps:
        return False
    return max(gaps) <= _ADJOINING or (len(run) >= _FEWEST and max(gaps) - min(gaps) < 0.6)


def _alike(one: Rect, other: Rect) -> bool:
    return (
        abs(one.y0 - other.y0) <= _ALIKE
        and abs(one.height - other.height) <= _ALIKE
        and abs(one.width - other.width) <= _ALIKE
    )


def _adjoin(one: Rect, other: Rect) -> bool:
    return -_ADJOINING <= other.x0 - one.x1 <= _CLOSE and _alike(one, other)


def _goes_on(one: Rect, other: Rect, words: Sequence[Word]) -> bool:
    gap = Rect(one.x1, one.y0, other.x0, one.y1)
    if not _alike(one, other) or gap.width > _SEPARATED * one.width:
        return False
    return not any(
        gap.x0 - 1 < word.rect.centre[0] < gap.x1 + 1
        and same_row(word.rect, gap)
        and word.text not in _SEPARATORS
        for word in words
    )


def _captioned(run: Sequence[Rect], captions: Sequence[Word], squares: Sequence[Rect]) -> bool:
    """Whether answers stand above, straight or over other squares of the columns.

    « OUI » or « NON » over the first says it; of other wordings there is one over each, all unlike.
    """
    column = [one for one in squares if shared_width(one, run[0]) > 0.7 * run[0].width]
    top = max(one.y1 for one in column)
    over = [one for one in captions if -2 < one.rect.y0 - top < _CAPTIONED]
    if any(shared_width(one.rect, run[0]) > 0 and choice(one.text) for one in over):
        return True
    if run[1].x0 - run[0].x0 < _READ_APART:
        return False
    each = [
        {one.text for one in over if cell.x0 - 1 <= one.rect.centre[0] <= cell.x1 + 1}
        for cell in run
    ]
    return all(len(one) == 1 for one in each) and len(set().union(*each)) == len(run)


def is_typed(word: Word) -> bool:
    """Whether a word draws cells: « |_|_|_| »."""
    return bool(_TYPED.fullmatch(word.text))


def comb_areas(
    page: PageContent,
    printed: Sequence[Phrase],
    squares: Sequence[Rect],
    cells: Sequence[TableCell],
    taken: Sequence[Rect],
) -> list[Spot]:
    """The combs of a page: an area each, or the three of a date.

    Args:
        squares: those that :func:`without_combs` set aside.
        cells: table cells that are nothing else.
        taken: boxes, areas and widgets already found.
    """
    narrow = [one.rect for one in cells if _could_be(one)]
    rects = [*squares, *narrow]
    for one in [*_typed(page.words), *_open(page.rules), *_strokes(page)]:
        if not any(shared_width(one, other) > 2 and shared_height(one, other) > 2
                   for other in [*rects, *(cell.rect for cell in cells)]):  # fmt: skip
            rects.append(one)
    free = [one for one in rects if not any(other.overlaps(one) for other in taken)]
    combs = list(_combs(free, page.words))
    wordings = [one for one in printed if not _hints(one.text) and any(map(str.isalnum, one.text))]
    spots = []
    for comb in combs:
        letters = [word.text for word in page.words for cell in comb.cells
                   if cell.contains(*word.ink.centre)
                   and not is_typed(word) and word.text.strip("_")]  # fmt: skip
        if letters and not _hints("".join(letters)):
            continue
        spot = _spot(page.number, comb, wordings, combs)
        if letters and spot.label:
            spot.kind, spot.unfillable = PlacementKind.TICK_BOX, "cellules déjà imprimées"
            spots.append(spot)
        elif _is_sure(comb, spot, combs, printed):
            spots += _dated(comb, spot, printed)
        elif _asks(spot.label) or (spot.label and not _in_a_grid(comb, combs)):
            spot.doubt = "une suite de petites cases : un texte, ou des cases à cocher ?"
            spots.append(spot)
    return spots


def _could_be(cell: TableCell) -> bool:
    rect = cell.rect
    size = rect.width <= _WIDEST and rect.height <= _HIGHEST and rect.height > 0.6 * rect.width
    return size and all(_hints(one.text) and len(one.text) == 1 for one in cell.phrases)


def _hints(text: str) -> bool:
    bared = bare(text).replace(" ", "")
    return bool(bared) and bool(_HINTS.fullmatch(bared)) and (bared[:1] in "jd" or len(bared) == 1)


def _typed(words: Sequence[Word]) -> Iterator[Rect]:
    """The cells that « |_|_|_| » draws."""
    for word in filter(is_typed, words):
        count, box = len(re.findall("_+", word.text)), word.ink
        wide = box.width / count
        for rank in range(count):
            left = box.x0 + rank * wide
            yield Rect(left, word.rect.y0, left + wide, word.rect.y1)


def _open(rules: Sequence[Rule]) -> Iterator[Rect]:
    """Cells open at the top: short uprights at one distance on a base."""
    bases = merged([(one.rect.centre[1], one.rect.x0, one.rect.x1) for one in rules if one.flat])
    feet = sorted(
        (one.rect for one in rules if not one.flat and one.rect.height <= _HIGHEST),
        key=lambda rect: (round(rect.y0 / 2), rect.x0),
    )
    for one, two in pairwise(feet):
        alike = abs(one.y0 - two.y0) < 1.5 and abs(one.height - two.height) < 1.5
        if not alike or not _NARROWEST <= two.x0 - one.x0 <= _WIDEST:
            continue
        if any(abs(base.at - one.y0) < 2 and base.covers(one.x0, two.x0) for base in bases):
            yield Rect(one.centre[0], one.y0, two.centre[0], one.y0 + max(one.height, _LOWEST))


def _strokes(page: PageContent) -> Iterator[Rect]:
    """The cells over short strokes at one distance: « _ _ _ _ _ », or drawn."""
    strokes = [word.ink for word in page.words if word.text == "_"]
    strokes += [
        one.rect for one in page.rules if one.flat and _DASH[0] <= one.rect.width <= _DASH[1]
    ]
    for row in rows_of([replace(one, y1=one.y0 + _LOWEST) for one in strokes]):
        dashes = [strokes[index] for index in row]
        gaps = [two.x0 - one.x1 for one, two in pairwise(dashes)]
        for rank, one in enumerate(dashes):
            beside = [gap for gap in gaps[max(rank - 1, 0) : rank + 1] if 0 < gap <= _DASH_GAP]
            if beside:
                side = min(beside) / 2
                yield Rect(one.x0 - side, one.y0, one.x1 + side, one.y0 + _LOWEST)


def _spot(page: int, comb: _Comb, printed: Sequence[Phrase], combs: Sequence[_Comb]) -> Spot:
    """The area of a comb, named by what stands close before it, else over it, else farther."""
    rect = comb.rect
    left, left_words = label_left(rect, printed)
    over, over_words = label_above(rect, printed)
    near = left_words and rect.x0 - left_words[0].x1 < 40
    if left_words and any(
        left_words[0].x1 <= other.rect.centre[0] < rect.x0 and same_row(other.rect, rect)
        for other in combs
    ):
        left, left_words = "", ()
    label, words = (left, left_words) if left and (near or not over) else (over, over_words)
    spot = Spot(page, rect, PlacementKind.TEXT_AREA, PdfKind.COMB, label, words=words)
    spot.cells = _middles(comb)
    return spot


def _middles(comb: _Comb) -> tuple[float, ...]:
    """The middle of each cell from 0 to 1: of one width where they differ by a hair."""
    rect, even = comb.rect, even_cells(len(comb.cells))
    found = tuple(round((one.centre[0] - rect.x0) / rect.width, 4) for one in comb.cells)
    slack = 0.1 / len(even)
    return even if all(abs(a - b) < slack for a, b in zip(found, even, strict=True)) else found


def _is_sure(comb: _Comb, spot: Spot, combs: Sequence[_Comb], printed: Sequence[Phrase]) -> bool:
    """Whether cells are for characters: by what is asked, or as a long row that stands alone."""
    grid = _in_a_grid(comb, combs)
    if _asks(spot.label):
        return len(comb.cells) >= (_FEWEST_IN_A_GRID if grid else _FEWEST)
    rect = comb.rect
    after = any(0 <= one.rect.x0 - rect.x1 < 20 and same_row(one.rect, rect) for one in printed)
    long = len(comb.cells) >= _MANY and comb.touching
    return bool(spot.label) and long and not after and not grid


def _asks(label: str) -> bool:
    """Whether a wording asks for what is written a character a cell."""
    words = bare(label)
    return "n°" in label.lower() or bool(_IN_CELLS.search(words) or DATE_WORDS.search(words))


def _in_a_grid(comb: _Comb, combs: Sequence[_Comb]) -> bool:
    """Whether another row of cells stands right over or under it, in the same columns."""
    rect = comb.rect
    return any(
        other is not comb
        and abs(other.rect.x0 - rect.x0) < 2
        and -2 <= max(other.rect.y0 - rect.y1, rect.y0 - other.rect.y1) < 4
        for other in combs
    )


def _dated(comb: _Comb, spot: Spot, printed: Sequence[Phrase]) -> Iterable[Spot]:
    """The three places of a date, where there are so many cells as it has digits."""
    hinted = any(
        _hints(one.text)
        and shared_width(one.rect, spot.rect) > 0.3 * one.rect.width
        and -14 < one.rect.centre[1] - spot.rect.centre[1] < spot.rect.height + 14
        for one in printed
    )
    words = bare(spot.label)
    named = bool(DATE_WORDS.search(words) or re.search(r"\b(date|naissance|jj|jjmm[a]+)\b", words))
    slashes = [one for one in printed if one.text.strip() == "/" and same_row(one.rect, spot.rect)
               and spot.rect.x0 < one.rect.centre[0] < spot.rect.x1]  # fmt: skip
    sizes = tuple(map(len, comb.groups))
    cells = comb.cells
    if sizes == (8,) and (named or hinted):
        sizes = (2, 2, 4)
    if sizes not in _DATES or not (named or hinted or len(slashes) == 2):
        return [spot]
    ends = (0, sizes[0], sizes[0] + sizes[1], len(cells))
    parts = []
    for part, start, end in zip(DatePart, ends, ends[1:], strict=False):
        own = _Comb((cells[start:end],))
        place = Spot(spot.page, own.rect, spot.kind, PdfKind.COMB, spot.label, words=spot.words)
        place.cells, place.option = _middles(own), part
        place.group = f"{spot.page}.{spot.rect.x0:.0f}.{spot.rect.y0:.0f}"
        parts.append(place)
    return parts
