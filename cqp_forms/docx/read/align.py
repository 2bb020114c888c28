"""Find the placements of a blank in a document by the wording around them, in its order.

Lines that stand once in the blank and once in the document hold the two together. Between two of
them, what the document has must be what the blank has with answers in the place of its placements,
and in one way only: a placement that could lie in two places lies in none. An editor may have added
empty paragraphs, or empty cells: such a document is matched again without counting them, but then
an empty area proves nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cqp_forms import ticksigns
from cqp_forms.docx.read.stream import (
    AREA,
    BOX,
    CELL,
    PARAGRAPH,
    ROW,
    ROW_BEGIN,
    STRUCTURE,
    Found,
    Rigour,
    Stream,
    StreamSlot,
)
from cqp_forms.limits import ALIGNMENT_STEPS

#: Fewer letters than this hold nothing together.
_ANCHOR = 4
#: What stands for a box where one is known to be.
_SIGNS = frozenset(ticksigns.MARKS + ticksigns.EMPTY_ROUNDS + ticksigns.CROSSES) | {BOX}
#: A box that was crossed by hand may be one sign beside the other.
_BOX_SIGNS = 2
#: Beyond this many pairs of a start and an end a placement has no sure place.
_PLACES = 10_000


#: The signs that a document may have more or fewer of.
_FREE = {
    Rigour.EXACT: frozenset[str](),
    Rigour.PARAGRAPHS_FREE: frozenset({PARAGRAPH}),
    Rigour.CELLS_FREE: frozenset({PARAGRAPH, CELL}),
}
_STRICT = (Rigour.EXACT, Rigour.PARAGRAPHS_FREE)
_LOOSE = (Rigour.PARAGRAPHS_FREE, Rigour.CELLS_FREE)
_EMPTY_ROW = re.compile(f"{ROW_BEGIN}[{PARAGRAPH}{CELL}]*{ROW}")


def align(blank: Stream, document: Stream) -> dict[str, Found]:
    """Where the blank's placements are in the document; those without one place are left out."""
    found = _aligned(_Compact.of(blank), _Compact.of(document), _STRICT)
    if len(found) < len(blank.slots):
        # Rows without anything in them may have been added.
        again = _aligned(_Compact.of(blank, dense=True), _Compact.of(document, dense=True), _LOOSE)
        found = {**again, **found}
    return found


def _aligned(pattern: _Compact, text: _Compact, rigours: Sequence[Rigour]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for ours, theirs in _segments(pattern, text):
        found |= _Segment(pattern, text, ours, theirs, rigours).placements()
    return found


@dataclass(frozen=True)
class _Compact:
    """A stream without its spaces, which editors change.

    Attributes:
        at: the index of each sign in the stream; one more at the end.
    """

    signs: str
    at: Sequence[int]
    slots: Mapping[int, StreamSlot]
    stream: Stream

    @classmethod
    def of(cls, stream: Stream, *, dense: bool = False) -> _Compact:
        """The stream without its spaces; ``dense``: without rows that have no sign of a text."""
        kept = [
            index
            for index, sign in enumerate(stream.signs)
            if sign in STRUCTURE or not (sign.isspace() or sign == "\u00ad")
        ]
        if dense:
            written = "".join(stream.signs[index] for index in kept)
            empty = [range(*one.span()) for one in _EMPTY_ROW.finditer(written)]
            dropped = {at for one in empty for at in one}
            kept = [index for at, index in enumerate(kept) if at not in dropped]
        signs = "".join(stream.signs[index] for index in kept)
        slots = {at: stream.slots[index] for at, index in enumerate(kept) if index in stream.slots}
        return cls(signs, [*kept, len(stream.signs)], slots, stream)

    @cached_property
    def labels(self) -> frozenset[str]:
        """The wording that leads to an area, and whole lines of wording."""
        found = (line.partition(AREA)[0] for _, line in self.lines())
        return frozenset(one for one in found if sum(map(str.isalpha, one)) >= _ANCHOR)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each stretch between two signs of the structure, with its place."""
        start = 0
        for at, sign in enumerate(self.signs):
            if sign in STRUCTURE:
                if at > start:
                    yield start, self.signs[start:at]
                start = at + 1
        if start < len(self.signs):
            yield start, self.signs[start:]


def _segments(pattern: _Compact, text: _Compact) -> Iterator[tuple[range, range]]:
    """What stands between the lines that both have once, in both."""
    ours, theirs = list(pattern.lines()), list(text.lines())
    here, there = Counter(line for _, line in ours), Counter(line for _, line in theirs)
    places = {line: at for at, line in theirs}
    pairs = [
        (at, places[line], len(line))
        for at, line in ours
        if here[line] == 1
        and there[line] == 1
        and BOX not in line
        and AREA not in line
        and sum(map(str.isalpha, line)) >= _ANCHOR
    ]
    start = begin = 0
    for at, place, length in _increasing(pairs):
        yield range(start, at), range(begin, place)
        start, begin = at + length, place + length
    yield range(start, len(pattern.signs)), range(begin, len(text.signs))


def _increasing(pairs: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The longest run of pairs whose second places go up: the others have moved."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for rank, (_, place, _) in enumerate(pairs):
        at = bisect_left(ends, place)
        before.append(last[at - 1] if at else -1)
        ends[at : at + 1] = [place]
        last[at : at + 1] = [rank]
    chain = []
    rank = last[-1] if last else -1
    while rank >= 0:
        chain.append(pairs[rank])
        rank = before[rank]
    return chain[::-1]


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stretch of the blank, and what should be the same stretch of the document."""

    pattern: _Compact
    text: _Compact
    ours: range
    theirs: range
    rigours: Sequence[Rigour]

    def placements(self) -> dict[str, Found]:
        """The placements that have one place in it."""
        if not any(at in self.pattern.slots for at in self.ours):
            return {}
        for rigour in self.rigours:
            found = self._matched(rigour)
            if found is not None:
                return found
        # A row that came or went says nothing against the ends of those around it.
        return {**self._tail(), **self._head()}

    def _head(self) -> dict[str, Found]:
        ours = self.pattern.signs.find(ROW, self.ours.start, self.ours.stop) + 1
        theirs = self.text.signs.find(ROW, self.theirs.start, self.theirs.stop) + 1
        return self._part(range(self.ours.start, ours), range(self.theirs.start, theirs))

    def _tail(self) -> dict[str, Found]:
        ours = self.pattern.signs.rfind(ROW, self.ours.start, self.ours.stop) + 1
        theirs = self.text.signs.rfind(ROW, self.theirs.start, self.theirs.stop) + 1
        if not ours or not theirs or self.ours.stop == len(self.pattern.signs):
            return {}
        return self._part(range(ours, self.ours.stop), range(theirs, self.theirs.stop))

    def _part(self, ours: range, theirs: range) -> dict[str, Found]:
        if not ours or not theirs or not ours.start or len(ours) >= len(self.ours):
            return {}
        part = _Segment(self.pattern, self.text, ours, theirs, self.rigours)
        found = (part._matched(rigour) for rigour in self.rigours)
        return next((one for one in found if one is not None), {})

    def _matched(self, rigour: Rigour) -> dict[str, Found] | None:
        """The placements at a rigour; ``None`` when the two do not match."""
        if len(self.ours) * len(self.theirs) > ALIGNMENT_STEPS:
            return None
        free = _FREE[rigour]
        reached = self._forward(free)
        if not reached[-1]:
            return None
        found = {}
        for rank, at in enumerate(self.ours):
            slot = self.pattern.slots.get(at)
            place = slot and self._place(reached[rank], reached[rank + 1], at, free)
            if slot and place and self._is_sure(place, at, rigour):
                start, end = self._in_stream(*place, at)
                found[slot.key] = Found(start, end, slot.original, rigour)
        return found

    def _forward(self, free: frozenset[str]) -> list[set[int]]:
        """Where each sign of the pattern may begin in the text, and where its end may be."""
        reached = [{self.theirs.start}]
        for at in self.ours:
            reached.append(self._ends(reached[-1], self.pattern.signs[at], free))
            if not reached[-1]:
                return reached
        reached[-1] &= self._last()
        for rank in range(len(self.ours) - 1, -1, -1):
            sign = self.pattern.signs[self.ours[rank]]
            after = sorted(reached[rank + 1])
            reached[rank] = {one for one in reached[rank] if self._leads(one, sign, free, after)}
        return reached

    def _last(self) -> set[int]:
        """Where the segment may end: a part that ends with a table gets a paragraph behind it."""
        end = self.theirs.stop
        last = {end}
        if self.ours.stop == len(self.pattern.signs):
            while end > self.theirs.start and self.text.signs[end - 1] == PARAGRAPH:
                end -= 1
                last.add(end)
        return last

    def _ends(self, starts: set[int], sign: str, free: frozenset[str]) -> set[int]:
        """Where a sign of the pattern may end that begins at one of these places."""
        ends: set[int] = set()
        upto = -1
        for start in sorted(starts):
            if start <= upto and self._stretches(sign, free):
                continue  # an earlier start has reached all that this one does
            reach = self._reach(start, sign, free)
            ends.update(reach)
            upto = max(upto, reach.stop - 1)
        return ends

    def _leads(self, start: int, sign: str, free: frozenset[str], after: Sequence[int]) -> bool:
        reach = self._reach(start, sign, free)
        at = bisect_left(after, reach.start)
        return at < len(after) and after[at] < reach.stop

    def _stretches(self, sign: str, free: frozenset[str]) -> bool:
        return sign == AREA or sign in free

    def _reach(self, start: int, sign: str, free: frozenset[str]) -> range:
        """Where a sign of the pattern that begins here may end."""
        signs, stop = self.text.signs, self.theirs.stop
        end = start
        if sign == AREA:
            closed = (STRUCTURE - {PARAGRAPH}) if free else STRUCTURE
            while end < stop and signs[end] not in closed:
                end += 1
            return range(start, end + 1)
        if sign in free:
            while end < stop and signs[end] in free:
                end += 1
            return range(start, end + 1)
        if sign == BOX:
            while end < min(start + _BOX_SIGNS, stop) and signs[end] in _SIGNS:
                end += 1
        elif start < stop and signs[start] == sign:
            end += 1
            while sign == ROW_BEGIN and end < stop and signs[end] in free:
                end += 1
        return range(start + 1, end + 1)

    def _place(
        self, starts: set[int], ends: set[int], at: int, free: frozenset[str]
    ) -> tuple[int, int] | None:
        """Where a placement is, the signs of the structure around it left out; one place only."""
        found = set()
        if len(starts) * len(ends) > _PLACES:
            return None
        for start in starts:
            for end in ends.intersection(self._reach(start, self.pattern.signs[at], free)):
                first, last = start, end
                while first < last and self.text.signs[first] in free:
                    first += 1
                while last > first and self.text.signs[last - 1] in free:
                    last -= 1
                found.add((first, last) if last > first else (start, start))
        if all(first == last for first, last in found):
            return min(found, default=None)
        return found.pop() if len(found) == 1 else None

    def _is_sure(self, place: tuple[int, int], at: int, rigour: Rigour) -> bool:
        """Whether an empty area is one, and not an area that is gone; and a full one an answer."""
        if rigour is Rigour.EXACT:
            return True
        if place[0] < place[1]:
            lines = self.text.signs[slice(*place)].split(PARAGRAPH)
            return not any(line.startswith(tuple(self.pattern.labels)) for line in lines)
        if rigour is Rigour.CELLS_FREE:
            return False
        ours = self.pattern.signs.count(PARAGRAPH, self.ours.start, self.ours.stop)
        return self.text.signs.count(PARAGRAPH, self.theirs.start, self.theirs.stop) >= ours

    def _in_stream(self, start: int, end: int, at: int) -> tuple[int, int]:
        """The same place in the document's stream, without the spaces that its neighbours have."""
        ours, stream = self.pattern, self.text.stream
        first = self.text.at[start - 1] + 1 if start else 0
        last = self.text.at[end]
        before = ours.at[at] - (ours.at[at - 1] + 1 if at else 0)
        after = ours.at[at + 1] - ours.at[at] - 1
        # Where wording touches the place in the blank, a space was put between it and the answer.
        before = max(before, at > 0 and ours.signs[at - 1] not in STRUCTURE)
        after = max(after, at + 1 < len(ours.signs) and ours.signs[at + 1] not in STRUCTURE)
        while before and first < last and stream.shown[first].isspace():
            first, before = first + 1, before - 1
        while after and first < last and stream.shown[last - 1].isspace():
            last, after = last - 1, after - 1
        return first, last
