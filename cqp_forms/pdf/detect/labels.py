"""Name what was found: the label, the column and the heading of each box and area."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cqp_forms.mapping import Rect
from cqp_forms.matching.wording import (
    asks,
    bare,
    counts_periods,
    counts_up,
    is_worded_degree,
    says_several,
)
from cqp_forms.pdf.detect.model import shared_height, shared_width
from cqp_forms.pdf.detect.paragraphs import lines_of, paragraph
from cqp_forms.pdf.detect.tables import Nearby, TableCell
from cqp_forms.pdf.detect.text import Phrase, choice, rows_of
from cqp_forms.pdf.detect.widgets import Spot

_NEAR = 42.0  # a caption is no further from its box
_CAPTION_ABOVE = 420.0  # a header serves the boxes of its page that far down
_CAPTION_BELOW = 8.0
_TWINS = "rien ne distingue cette case d’une autre de sa ligne"
#: A question before its boxes without a colon or a question mark: « Civilité », no « l/min. ».
_TITLED = re.compile(r"[^\W\d_a-zà-ÿ].{1,38}\w")


class TickLabels:
    """Labels for the tick boxes of one page that no table cell explains.

    On a row, captions are all on one side of their boxes: right when something follows the last box
    (« ☐ OUI ☐ NON »), else left (« Oui ☐ Non ☐ »). A caption that is a mere answer becomes the
    column, and what the row starts with (or the text above it) the label.

    Attributes:
        asked: the boxes with a wording of their own, and what their row asks before them.
    """

    def __init__(
        self,
        spots: Sequence[Spot],
        printed: Sequence[Phrase],
        drawn: Sequence[Rect],
        cells: Sequence[TableCell] = (),
    ) -> None:
        """Args: the boxes, the page's phrases, what else is drawn on it, and its table cells."""
        self._spots = spots
        self._cells = {id(phrase): cell for cell in cells for phrase in cell.phrases}
        self._drawn = drawn
        self._printed = printed
        self.asked: list[tuple[Spot, Phrase]] = []
        self._leads: list[tuple[Spot, Phrase]] = []
        #: What captions no box from beside it.
        near = Nearby([one.rect for one in spots])
        self._free = [
            one
            for one in printed
            if not any(
                _level(one, spots[index]) and _beside(one, spots[index])
                for index in near.around(one.rect, _NEAR)
            )
        ]

    def run(self) -> None:
        """Fill in ``label``, ``column`` and ``words``, and ``heading`` under a list's question."""
        for row in rows_of([spot.rect for spot in self._spots]):
            self._row([self._spots[index] for index in row])
        self._paragraphs()

    def _row(self, row: Sequence[Spot]) -> None:
        low, high = min(one.rect.y0 for one in row), max(one.rect.y1 for one in row)
        level = [one for one in self._printed if one.rect.y0 < high and one.rect.y1 > low]
        beside = [one for one in level if any(_level(one, spot) for spot in row)]
        on_right = self._gaps(row, beside, right=True) <= self._gaps(row, beside, right=False)
        if self._scale(row, beside, right=on_right):
            return
        for spot in row:
            caption = self._next(spot, beside, row, right=on_right)
            if self._in_columns(spot, beside, row):
                self._under_header(spot, beside, row)
            elif caption is not None and (choice(caption.text) or _close(caption, spot)):
                self._captioned(spot, caption, beside)
                if not spot.column:
                    self._answers(spot, beside, row, right=on_right)
            else:
                self._under_header(spot, beside, row)

    def _scale(self, row: Sequence[Spot], beside: Sequence[Phrase], *, right: bool) -> bool:
        """« Avis : ☐ Favorable ☐ Réservé »: boxes of a question with degrees as captions.

        Letters and figures are left out: « Permis : ☐ A ☐ B » may have both.
        """
        captions = [self._next(spot, beside, row, right=right) for spot in row]
        worded = [one for one in captions if one is not None and is_worded_degree(one.text)]
        numbers = [one.text.strip() for one in captions if one is not None]
        figures = len(numbers) == len(row) and counts_up(numbers)
        if figures:
            worded = [one for one in captions if one is not None]
        if not (len(worded) == len(row) == len({bare(one.text) for one in worded}) > 1):
            return False
        others = [one for one in beside if one not in worded]
        leads = [self._lead(spot, others) or self._question(spot) for spot in row]
        asked = [
            one
            for one in leads
            if one is not None
            and not says_several(one.text)
            and not (figures and counts_periods(one.text))
        ]
        if len(asked) < len(row):
            return False
        for spot, caption, lead in zip(row, worded, asked, strict=True):
            spot.column, spot.label = caption.text.strip(" :\u00a0?."), lead.text
            spot.words = (caption.rect,)
            self._leads.append((spot, lead))
        return True

    def _gaps(
        self, row: Sequence[Spot], beside: Sequence[Phrase], *, right: bool
    ) -> tuple[int, float]:
        """How far the captions would be on one side: how many miss, then the distance in all."""
        missing, total = 0, 0.0
        for spot in row:
            one = self._next(spot, beside, row, right=right)
            if one is None or not (choice(one.text) or _close(one, spot)):
                missing += 1
                continue
            total += _gap(one, spot)
        return missing, total

    def _next(
        self, spot: Spot, beside: Sequence[Phrase], row: Sequence[Spot], *, right: bool
    ) -> Phrase | None:
        """The nearest phrase on one side, when no other box stands between."""
        found = None
        for one in beside:
            gap = one.rect.x0 - spot.rect.x1 if right else spot.rect.x0 - one.rect.x1
            if gap < -0.3 * spot.rect.width or not _level(one, spot):
                continue
            if found is None or (gap, _off(one, spot)) < found[0]:
                found = ((gap, _off(one, spot)), one)
        if found is None or found[0][0] > 4 * _NEAR:
            return None
        phrase = found[1]
        low, high = sorted((phrase.rect.centre[0], spot.rect.centre[0]))
        between = any(low < other.rect.centre[0] < high for other in row if other is not spot)
        return None if between else phrase

    def _captioned(self, spot: Spot, caption: Phrase, beside: Sequence[Phrase]) -> None:
        spot.words = (caption.rect,)
        answer = choice(caption.text)
        if not answer:
            spot.label = caption.text
            self._leads.append((spot, caption))
            return
        spot.column = answer
        lead = self._lead(spot, beside) or self._question(spot)
        if lead is not None:
            spot.label = lead.text
            self._leads.append((spot, lead))

    def _answers(
        self, spot: Spot, beside: Sequence[Phrase], row: Sequence[Spot], *, right: bool
    ) -> None:
        """Note what is asked before a box that has its own wording, on its row or above it."""
        captions = [self._next(one, beside, row, right=right) for one in row]
        if any(one is None or choice(one.text) or ":" in one.text[:-1] for one in captions):
            return  # « Non ☐ Oui ☐ Motif ☐ »: nothing tells whether the last answers it too
        first = min(one.rect.x0 for one in (row[0], *captions) if one is not None)
        before = [one for one in beside if one.rect.x1 <= first + 2 and one not in captions]
        nearest = max(before, key=lambda one: one.rect.x1, default=None)
        if nearest is not None:
            told = asks(nearest.text) or bool(_TITLED.fullmatch(nearest.text))
            reach = 4 * _NEAR if right else _NEAR / 2
            between = any(
                nearest.rect.x1 < one.centre[0] < first and shared_height(one, row[0].rect) > 2
                for one in self._drawn
            )
            if told and not between and first - nearest.rect.x1 < reach:
                self.asked.append((spot, nearest))
            return
        above = self._question(spot)
        near = above is not None and above.rect.x1 > spot.rect.x0 - _NEAR
        if above is not None and near and asks(above.text) and not above.bold:
            # A bold one is a title: see give_headings.
            spot.heading = " ".join(one.text for one in lines_of(above, self._printed))

    def _under_header(self, spot: Spot, beside: Sequence[Phrase], row: Sequence[Spot]) -> None:
        """A bare box: the row's text names it, a caption above its column says which."""
        row = self._run(spot, beside, row)
        spot.column = self._footer(spot, row) or self._header(spot, row)
        lead = self._lead(spot, beside) or self._after(spot, beside)
        if lead is None and spot.column and len(row) > 1:
            lead = self._asked_over(row)
        if lead is not None:
            spot.label = lead.text
            spot.words = (lead.rect,)
            self._leads.append((spot, lead))
            if len(row) > 1 and not spot.column:
                spot.doubt = spot.doubt or _TWINS

    def _header(self, spot: Spot, row: Sequence[Spot] = ()) -> str:
        """The answer printed above a box, in its column.

        What captions a box of its own row is no header; of other wordings than the usual answers,
        the line must have one over each box of the row, and nothing but like rows lie between.
        """
        x, top = spot.rect.centre[0], spot.rect.y1
        above = [
            one
            for one in self._free
            if one.rect.x0 - 12 <= x <= one.rect.x1 + 12
            and -1 <= one.rect.y0 - top < _CAPTION_ABOVE
        ]
        above.sort(key=lambda one: one.rect.y0)
        if above and len(row) > 1 and self._heads(above[0], row):
            return choice(above[0].text) or above[0].text
        return next((answer for one in above if (answer := choice(one.text))), "")

    def _run(self, spot: Spot, beside: Sequence[Phrase], row: Sequence[Spot]) -> Sequence[Spot]:
        """The boxes of a row with no wording between: another block has captions of its own."""
        ends = [one.rect.centre[0] for one in beside]
        low = max((x for x in ends if x < spot.rect.x0), default=0.0)
        high = min((x for x in ends if x > spot.rect.x1), default=float("inf"))
        return [one for one in row if low < one.rect.centre[0] < high]

    def _footer(self, spot: Spot, row: Sequence[Spot]) -> str:
        """The caption printed under a box, when each box of its row has one of its own."""
        captions = [self._below(one) for one in row]
        texts = {bare(one.text) for one in captions if one is not None}
        mine = captions[row.index(spot)]
        if mine is None or not len(texts) == len(row) > 1:
            return ""
        rest = [
            one
            for one in self._free
            if abs(one.rect.centre[0] - mine.rect.centre[0]) < 6
            and abs(one.size - mine.size) < 1
            and -0.4 * one.size < mine.rect.y0 - one.rect.y1 < 0.4 * one.size
        ]
        return " ".join(one.text for one in (mine, *rest[:1]))

    def _below(self, spot: Spot) -> Phrase | None:
        x, base = spot.rect.centre[0], spot.rect.y0
        under = [
            one
            for one in self._free
            if abs(one.rect.centre[0] - x) < max(6.0, spot.rect.width / 2)
            and -2 <= base - one.rect.y1 < _CAPTION_BELOW
            and not any(
                shared_width(other.rect, one.rect) > 0 and -2 <= one.rect.y0 - other.rect.y1 < 20
                for other in self._spots
            )
        ]
        return max(under, key=lambda one: one.rect.y1, default=None)

    def _heads(self, header: Phrase, row: Sequence[Spot]) -> bool:
        """Whether a phrase is one of a line that has one over each box of a row."""
        line = [
            one
            for one in self._printed
            if abs(one.rect.y0 - header.rect.y0) < 3 or shared_height(one.rect, header.rect) > 4
        ]
        over = []
        for spot in row:
            x = spot.rect.centre[0]
            mine = [one for one in line if one.rect.x0 - 6 <= x <= one.rect.x1 + 6]
            over += mine if len(mine) == 1 else []
        between = [
            other
            for other in self._spots
            if row[0].rect.y1 < other.rect.y0
            and other.rect.y1 < header.rect.y0 + 2
            and row[0].rect.x0 - _NEAR < other.rect.x0 < row[-1].rect.x0 + _NEAR
        ]
        places = [spot.rect.centre[0] for spot in row]
        like = all(any(abs(one.rect.centre[0] - x) < 3 for x in places) for one in between)
        return like and len({one.text for one in over}) == len(row)

    def _in_columns(self, spot: Spot, beside: Sequence[Phrase], row: Sequence[Spot]) -> bool:
        """Whether the box stands in columns with headers, before the text that they share."""
        for other in row:
            low, high = sorted((other.rect.centre[0], spot.rect.centre[0]))
            if other is spot or high - low > 2 * _NEAR:
                continue
            if any(low < one.rect.centre[0] < high for one in beside):
                continue
            run = self._run(spot, beside, row)
            headers = {self._header(spot, run), self._header(other, run)}
            if len(headers) == 2 and "" not in headers:
                return True
        return False

    def _after(self, spot: Spot, beside: Sequence[Phrase]) -> Phrase | None:
        """What follows the boxes of a row that begins with them."""
        right = [
            one
            for one in beside
            if spot.rect.x1 <= one.rect.x0 < spot.rect.x1 + 4 * _NEAR
            and _level(one, spot)
            and not choice(one.text)
        ]
        return min(right, key=lambda one: (round(one.rect.x0), _off(one, spot)), default=None)

    def _lead(self, spot: Spot, beside: Sequence[Phrase]) -> Phrase | None:
        """What the row says before its boxes: the nearest phrase on the left that is no answer."""
        left = [
            one
            for one in beside
            if one.rect.x1 <= spot.rect.x0 + 2 and _level(one, spot) and not choice(one.text)
        ]
        if not left:
            return None
        nearest = max(one.rect.x1 for one in left)
        same = [one for one in left if nearest - one.rect.x1 < 60 or _stack(one, left)]
        return min(same, key=lambda one: (_off(one, spot), -one.rect.x1))

    def _asked_over(self, row: Sequence[Spot]) -> Phrase | None:
        """The question right over a row of boxes that only their captions stand beside."""
        first = row[0].rect
        over = [
            one
            for one in self._free
            if asks(one.text)
            and 0 <= one.rect.y0 - first.y1 < _NEAR
            and one.rect.x0 <= first.x1 + _NEAR / 2
        ]
        return min(over, key=lambda one: one.rect.y0, default=None)

    def _question(self, spot: Spot) -> Phrase | None:
        """The nearest phrase above that captions no box."""
        above = [
            one
            for one in self._free
            if one.rect.y0 >= spot.rect.centre[1]
            and one.rect.y0 - spot.rect.y1 < 90
            and one.rect.x0 <= spot.rect.x1 + 20
            and not choice(one.text)
        ]
        return min(above, key=lambda one: one.rect.y0, default=None)

    def _paragraphs(self) -> None:
        """Extend each label to the whole paragraph that its line belongs to."""
        leads = {id(lead): lead for _, lead in self._leads}
        outside = [one for one in self._printed if id(one) not in self._cells]
        blocks: dict[int, list[Phrase]] = {}
        for lead in leads.values():
            cell = self._cells.get(id(lead))
            around = outside if cell is None else cell.phrases
            blocks[id(lead)] = paragraph(lead, around, leads)
        for spot, lead in self._leads:
            block = blocks[id(lead)]
            spot.label = " ".join(one.text for one in block)
            spot.words += tuple(one.rect for one in block)


def _level(phrase: Phrase, spot: Spot) -> bool:
    return shared_height(phrase.rect, spot.rect) > 0.25 * min(phrase.rect.height, spot.rect.height)


def _off(phrase: Phrase, spot: Spot) -> float:
    return round(abs(phrase.rect.centre[1] - spot.rect.centre[1]), 1)


def _gap(phrase: Phrase, spot: Spot) -> float:
    return max(phrase.rect.x0 - spot.rect.x1, spot.rect.x0 - phrase.rect.x1, 0.0)


def _close(phrase: Phrase, spot: Spot) -> bool:
    return _gap(phrase, spot) <= (_NEAR if phrase.rect.x0 > spot.rect.x0 else 14)


def _beside(phrase: Phrase, spot: Spot) -> bool:
    return 0 <= phrase.rect.x0 - spot.rect.x1 < _NEAR or 0 <= spot.rect.x0 - phrase.rect.x1 < 14


def _stack(phrase: Phrase, others: Sequence[Phrase]) -> bool:
    return any(other is not phrase and abs(other.rect.x0 - phrase.rect.x0) < 4 for other in others)
