"""Empty cells and frames to fill: boxes under « OUI » and « NON », text and signature areas."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.matching.wording import asks, asks_for_text, is_signed
from cqp_forms.pdf.detect.captions import Caption, CaptionColumn, captions_of
from cqp_forms.pdf.detect.model import same_row, shared_area, shared_height, shared_width
from cqp_forms.pdf.detect.tables import TableCell
from cqp_forms.pdf.detect.text import Phrase, choice, joined
from cqp_forms.pdf.detect.widgets import Spot
from cqp_forms.typography import folded

_PRONOUNCES = re.compile(
    r"(la |le |l')?[a-z]* ?(est |n'est pas |non |pas )*(maitrise|acquis|valide|atteint|realise)e?s?"
)
#: What a bold row concludes: it is answered as the others are.
_CONCLUDES = re.compile(
    r"\b(est|sont|n'est) (pas )?\w+|\b(resultats?|decision|bilan|conclusion|total|synthese|avis)\b"
)
#: An area this high takes several lines, in points.
TALL = 30.0
_ROOM, _ROOMY = 15.0, 30.0  # the least height and width to write in
_SMALL, _ROOM_UNDER_SMALL = 10.0, 11.0  # a caption's line, and the least height under it
_LOW = 9.0  # of a frame that stands alone
_MARGIN = 2.0
_NARROW = 20.0  # a narrower cell takes no text, and has no caption
_BESIDE = 60.0  # what a table inside another answers is no further from it
_LINKS = frozenset(("au", "a", "du", "de", "en", "par", "pour", "et"))
#: A shorter wording beside a box is a number or a unit, not what the box answers.
_TELLING = 5
_TITLE_ABOVE = 26.0  # a title over a table is no further from it
_SIGNED = PlacementKind.SIGNATURE_AREA
_NO_CAPTION = Caption("", ticks=False)


def kind_of(label: str) -> PlacementKind:
    """A text area, or a signature area when its label asks for a signature."""
    return _SIGNED if is_signed(label) else PlacementKind.TEXT_AREA


def row_label(
    rect: Rect, cell: TableCell, cells: Sequence[TableCell]
) -> tuple[str, tuple[Rect, ...]]:
    """The text of the row beside a cell: what stands left of it, else right.

    Returns:
        The text, and where it is printed.
    """
    row = [
        one
        for one in cells
        if one is not cell
        and one.phrases
        and not choice(one.text)
        and shared_height(one.rect, cell.rect) > 0.5 * min(one.rect.height, cell.rect.height)
    ]
    left = [one for one in row if one.rect.x1 <= cell.rect.x0 + 3]
    beside = left or [one for one in row if one.rect.x0 >= cell.rect.x1 - 3]
    # A cell that spans other rows too names a group, not the row.
    own = [one for one in beside if one.rect.height < 1.5 * cell.rect.height + 4] or beside
    own.sort(key=lambda one: one.rect.x0)
    own = _nearest_run(own) if left else own
    words = tuple(phrase.rect for one in own for phrase in one.phrases)
    return " ".join(one.text for one in own), words


def _nearest_run(cells: list[TableCell]) -> list[TableCell]:
    """The last cells side by side that tell something: a row may hold two questions."""
    runs: list[list[TableCell]] = []
    for one in cells:
        if runs and one.rect.x0 - runs[-1][-1].rect.x1 <= _MARGIN:
            runs[-1].append(one)
        else:
            runs.append([one])
    telling = [
        run
        for run in runs
        if sum(len(one.text) for one in run) >= _TELLING
        or run[-1].text.endswith(":")
        or asks_for_text(run[-1].text)  # « Période du | … | au | … »
        or folded(run[-1].text) in _LINKS
    ]
    return telling[-1] if telling else cells


class CellReader:
    """Reads the cells page after page: a table's columns are remembered over the page break."""

    def __init__(self) -> None:
        self._columns: tuple[CaptionColumn, ...] = ()
        self._cells: Sequence[TableCell] = ()
        self._printed: Sequence[Phrase] = ()
        self._asked: set[Rect] = set()
        self._captions = captions_of((), (), ())
        self._tables: dict[int, list[TableCell]] = {}

    def turn(self, cells: Sequence[TableCell], printed: Sequence[Phrase]) -> None:
        """Go to the next page.

        Args:
            cells: the page's.
            printed: its phrases.
        """
        self._cells, self._printed = cells, printed
        self._captions = captions_of(cells, printed, self._columns)
        self._columns = self._captions.columns
        self._tables = defaultdict(list)
        for cell in cells:
            self._tables[cell.table].append(cell)

    def caption(self, cell: TableCell) -> str:
        """The answer that a cell without text is: the caption over it; else the empty string."""
        over = self._over(cell)
        return over.text if over.ticks else ""

    def heading(self, cell: TableCell) -> str:
        """Whatever is printed over its column."""
        return self._over(cell).text

    def head(self, cell: TableCell) -> str:
        """What heads the column of a cell that is not empty: the first cell of it."""
        first = next(
            one
            for one in self.table(cell)
            if abs(one.rect.x0 - cell.rect.x0) < 3 and abs(one.rect.x1 - cell.rect.x1) < 3
        )
        return first.text if first is not cell else ""

    def _over(self, cell: TableCell) -> Caption:
        return self._captions.over.get(id(cell), _NO_CAPTION)

    def table(self, cell: TableCell) -> Sequence[TableCell]:
        """The cells of the table that a cell belongs to."""
        return self._tables[cell.table]

    def ticks(self, page: int, taken: Sequence[Rect]) -> list[Spot]:
        """The empty cells that are tick boxes."""
        found = []
        for cell in self._cells:
            caption = self.caption(cell)
            if not caption or cell.phrases or _holds(cell.rect, taken) or cell.rect.width > 190:
                continue
            table = self.table(cell)
            left = [one for one in table if one.rect.x1 <= cell.rect.x0 + 3]
            label, words = row_label(cell.rect, cell, left)
            if not label:
                label, words = self._outer_label(cell, table)
            if not label:
                label, words = row_label(cell.rect, cell, table)
            label = label or self._numbered(cell, table)
            if label and not self._goes_on(cell, label) and not _group_row(cell, table):
                label = self.banded(cell, label)
                spot = Spot(page, cell.rect, PlacementKind.TICK_BOX, PdfKind.CELL, label, caption)
                spot.words, spot.doubt = words, self.doubt(cell)
                spot.group = f"{page}.{cell.table}.{cell.rect.y1:.0f}.{self._over(cell).scale}"
                found.append(spot)
        self._asked = {rect for one in found for rect in one.words}
        rows = Counter(one.group for one in found)
        for one in found:
            # A box alone in its row is no option of anything.
            one.group = one.group if rows[one.group] > 1 else ""
        return found

    def _outer_label(
        self, cell: TableCell, table: Sequence[TableCell]
    ) -> tuple[str, tuple[Rect, ...]]:
        """What stands left of a table inside another, of which a row holds nothing but boxes."""
        row = [one.rect for one in table if one.phrases == [] and same_row(one.rect, cell.rect)]
        first = TableCell(min(row, key=lambda one: one.x0))
        others = [
            one
            for one in self._cells
            if one.table != cell.table and -3 <= first.rect.x0 - one.rect.x1 < _BESIDE
        ]
        return row_label(first.rect, first, others)

    def _numbered(self, cell: TableCell, table: Sequence[TableCell]) -> str:
        """« Candidat 2 »: a row that begins with what is to be written, under its heading."""
        row = [one for one in table if same_row(one.rect, cell.rect)]
        first = min(row, key=lambda one: one.rect.x0)
        heading = "" if first.phrases or self.caption(first) else self.heading(first)
        column = [one for one in table if not one.phrases and self.heading(one) == heading]
        rank = sum(
            one.rect.y1 > first.rect.y1 + 1 and one.rect.x0 == first.rect.x0 for one in column
        )
        return f"{heading} {rank + 1}" if heading else ""

    def banded(self, cell: TableCell, label: str) -> str:
        """A row's label, and which of the scales side by side the cell belongs to."""
        band = self._over(cell).band
        return f"{label} – {band}" if label and band else label

    def doubt(self, cell: TableCell) -> str:
        """Why a cell may not be what its caption says; else the empty string."""
        return self._over(cell).doubt

    def _goes_on(self, cell: TableCell, label: str) -> bool:
        """Whether the cell is the rest of a row that a page break has cut: in mid-sentence."""
        top = max(one.rect.y1 for one in self.table(cell))
        return id(cell) in self._captions.carried and cell.rect.y1 > top - 3 and label[:1].islower()

    def areas(self, page: int, taken: Sequence[Rect], dotted: Sequence[Rect]) -> list[Spot]:
        """The cells and frames that are left to write in.

        Args:
            taken: boxes, widgets and areas already found.
            dotted: lines of dots: a cell with « …… kg » names no other.
        """
        found = []
        filled = [*taken, *dotted]
        for cell in self._cells:
            table = self.table(cell)
            heading = "" if self.caption(cell) else self.heading(cell)
            told = heading or asks(cell.text)
            if _holds(cell.rect, taken) or (not told and self._beside_ticks(cell, table)):
                continue
            if not cell.phrases and self._is_corner(cell, table):
                continue
            if any(one.rect in self._asked for one in cell.phrases):
                continue  # boxes answer it
            boxless = [one for one in table if one is cell or not _holds(one.rect, filled)]
            spot = _area(page, cell, table, boxless)
            if spot is None or self._goes_on(cell, spot.label):
                continue
            if heading and spot.label and spot.label != heading:
                spot.column, spot.label = heading, self.banded(cell, spot.label)
                spot.kind = kind_of(heading)
            if self._signed(table):
                spot.kind = PlacementKind.SIGNATURE_AREA
            found.append(spot)
        return found

    def _signed(self, table: Sequence[TableCell]) -> bool:
        """Whether roles stand side by side under « Signatures », each over room to sign."""
        heads = [one for one in table if one.phrases]
        rooms = [one for one in table if not one.phrases]
        top = max(one.rect.y1 for one in table)
        return (
            len(heads) == len(rooms) > 1
            and min(one.rect.y0 for one in heads) > max(one.rect.y1 for one in rooms) - 3
            and any(
                -2 <= one.rect.y0 - top < _TITLE_ABOVE and kind_of(one.text) is _SIGNED
                for one in self._printed
            )
        )

    def _is_corner(self, cell: TableCell, table: Sequence[TableCell]) -> bool:
        """Whether it is over what other cells answer: tick cells' captions stand on its row, or
        it is the only blank of a first row and of a first column."""
        ticked = {self.caption(one) for one in table} - {""}
        row = [one for one in table if same_row(one.rect, cell.rect) and one is not cell]
        column = [one for one in table if one is not cell and abs(one.rect.x0 - cell.rect.x0) < 3]
        first = all(one.rect.y1 < cell.rect.y1 for one in column)
        first = first and all(one.rect.x0 > cell.rect.x0 for one in row)
        if first and len(row) > 1 and column and all(one.phrases for one in [*row, *column]):
            return True
        return any(
            one.text in ticked and shared_height(one.rect, cell.rect) > 0.5 * cell.rect.height
            for one in table
        )

    def _beside_ticks(self, cell: TableCell, table: Sequence[TableCell]) -> bool:
        """Whether the cell, or one on its row, is a tick cell: such a row asks for ticks alone."""
        return any(
            self.caption(other) and shared_height(other.rect, cell.rect) > 0.5 * other.rect.height
            for other in table
        )


def _holds(rect: Rect, taken: Sequence[Rect]) -> bool:
    return any(
        rect.contains(*one.centre) or shared_area(rect, one) > 0.5 * rect.width * rect.height
        for one in taken
    )


def _group_row(cell: TableCell, cells: Sequence[TableCell]) -> bool:
    """Whether a row is a group's title: bold, where the table's other rows are not."""
    beside = [
        one
        for one in cells
        if one.phrases and not choice(one.text) and one.rect.x1 <= cell.rect.x0 + 3
    ]
    here = [one for one in beside if shared_height(one.rect, cell.rect) > 0.5 * cell.rect.height]
    others = [one for one in beside if one not in here]
    if any(_CONCLUDES.search(folded(one.text)) or asks(one.text) for one in here):
        return False
    return bool(here) and all(one.bold for one in here) and any(not one.bold for one in others)


def _area(
    page: int, cell: TableCell, cells: Sequence[TableCell], boxless: Sequence[TableCell]
) -> Spot | None:
    rect, label, words = cell.rect, "", tuple(one.rect for one in cell.phrases)
    alone = len(cells) == 1
    least = _LOW if alone and cell.framed else _ROOM - 3
    if rect.width < _NARROW or rect.height < least:
        return None
    captioned = alone or _captioned(cell, cells)
    if not cell.phrases:
        if _heads(cell, cells):
            return None
        if not alone:
            label, words = row_label(rect, cell, boxless)
            if not label:
                label, words = _above(cell, cells)
        if alone and cell.tint < 0.7 and not cell.dashed:
            return None
        if not label and not alone and not cell.framed:
            return None
        carrier = PdfKind.AREA if alone or rect.height > TALL else PdfKind.CELL
        return _spot(page, rect, label, words, carrier)
    free = _free(cell, cells, captioned)
    if free is None:
        return None
    return _spot(page, free, cell.text, words, PdfKind.AREA)


def _captioned(cell: TableCell, cells: Sequence[TableCell]) -> bool:
    """Whether the frames of a row each have a caption at their top, and room to write under it."""
    row = [one for one in cells if same_row(one.rect, cell.rect) and one.rect.width >= _NARROW]
    return all(
        one.phrases
        and min(each.rect.y0 for each in one.phrases) - one.rect.y0 > 0.5 * one.rect.height
        for one in row
    )


def _heads(cell: TableCell, cells: Sequence[TableCell]) -> bool:
    """Whether a cell stands in a header row: « OUI » or « NON » is printed beside it."""
    return any(
        (choice(other.text) or _PRONOUNCES.fullmatch(folded(other.text)))
        and shared_height(other.rect, cell.rect) > 0.5 * cell.rect.height
        for other in cells
    )


def _spot(page: int, rect: Rect, label: str, words: tuple[Rect, ...], carrier: PdfKind) -> Spot:
    return Spot(
        page, rect, kind_of(label), carrier, label, multiline=rect.height > TALL, words=words
    )


def _above(cell: TableCell, cells: Sequence[TableCell]) -> tuple[str, tuple[Rect, ...]]:
    over = [
        one
        for one in cells
        if one.phrases
        and one.rect.y0 >= cell.rect.y1 - 4
        and shared_width(one.rect, cell.rect) > 0.7 * cell.rect.width
    ]
    nearest = min(over, key=lambda one: one.rect.y0, default=None)
    if nearest is None:
        return "", ()
    return nearest.text, tuple(one.rect for one in nearest.phrases)


def _answered(cell: TableCell, cells: Sequence[TableCell]) -> bool:
    """Whether the cell on the right, or the one below, is the place for what this one asks."""
    box = cell.rect
    for other in cells:
        if other is cell or other.rect.width < 40:
            continue
        right = -3 <= other.rect.x0 - box.x1 <= 4 and shared_height(other.rect, box) > 4
        if right and not other.phrases:
            return True
    return False


def _free(cell: TableCell, cells: Sequence[TableCell], alone: bool) -> Rect | None:
    """What is left of a cell that holds its own label: under it, or right of it."""
    rect = cell.rect
    low = min(one.rect.y0 for one in cell.phrases)
    size = max(one.size for one in cell.phrases)
    text = joined(cell.phrases)
    short = len(text) < 130 and len({round(one.rect.y0 / 3) for one in cell.phrases}) <= 2
    asks = text.rstrip().endswith((":", "?", "…")) or is_signed(text)
    several = sum(one.text.rstrip().endswith(":") for one in cell.phrases) > 1
    if several or not short or not (asks or alone) or _answered(cell, cells):
        return None
    room = low - rect.y0
    least = _ROOM if size > _SMALL else _ROOM_UNDER_SMALL
    if room >= max(1.7 * size, least) and room >= 0.5 * rect.height:
        return Rect(rect.x0 + _MARGIN, rect.y0 + _MARGIN, rect.x1 - _MARGIN, low - 1)
    right = max(one.rect.x1 for one in cell.phrases)
    if asks and text.rstrip().endswith(":") and rect.x1 - right > _ROOMY:
        return Rect(right + 3, rect.y0 + 1, rect.x1 - _MARGIN, rect.y1 - 1)
    return None
