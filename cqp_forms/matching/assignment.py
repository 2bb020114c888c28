"""Decide which box or area of a document is which field of a guide (pure; both formats).

Boxes are not decided one by one. What was found becomes units (a criterion's row with its OUI and
NON boxes, a tick box, an area), what the guide expects becomes slots, and both sequences are
aligned as a whole: wording, titles and order count together. So a criterion that stands twice goes
to both of its rows, and a listing without boxes attracts nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from types import MappingProxyType

from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import AnyMapping, Detected, Format, Locator
from cqp_forms.mapping import mapping_of as make_mapping
from cqp_forms.matching.judge import DOUBT, MARGIN, Judge, Pair, Way
from cqp_forms.matching.score import FLOOR, NO_FIT, Fit, assign, fit, named
from cqp_forms.matching.slots import Slot, SlotKind, slots_of
from cqp_forms.matching.units import Unit, split_answers, units_of
from cqp_forms.matching.wording import bare
from cqp_forms.typography import spaced


@dataclass(frozen=True)
class Matched:
    """What matching decided.

    Attributes:
        placed: by placement id, what was found, its locator with a confidence and a reason.
        missing: placements that nothing was found for, in the guide's order.
        unused: what was found and is no placement, in reading order.
    """

    placed: Mapping[str, Detected]
    missing: tuple[str, ...]
    unused: tuple[Detected, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "placed", MappingProxyType(dict(self.placed)))

    @property
    def locators(self) -> Mapping[str, Locator]:
        """The locators by placement id."""
        return {place: one.locator for place, one in self.placed.items()}

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The placements that a person has to confirm, the least sure first."""
        doubts = [
            (one.locator.confidence, place)
            for place, one in self.placed.items()
            if not one.locator.confirmed
        ]
        return tuple(place for _, place in sorted(doubts, key=lambda one: one[0]))


def match(
    found: Sequence[Detected], guide: Guide, names: Mapping[str, str] = MappingProxyType({})
) -> Matched:
    """Say which field each box and area is.

    Args:
        found: what ``detect`` gave for the document.
        guide: the guide that the document is a blank of.
        names: other names of placements in the document (tag or field name → placement id), such
            as those of a former edition's mapping.

    Returns:
        The placements with a confidence each: 1 when the document names them and nothing beside
        them says otherwise, the likeness of the wordings otherwise, and less than :data:`DOUBT` for
        whatever is ambiguous.
    """
    slots = slots_of(guide)
    ticks = {bare(one.label) for one in slots if one.kind is SlotKind.TICK}
    claims = named(found, guide, names, slots, _units(found, guide, ticks))
    taken = {id(one) for one in claims.agreed.values()}
    left = [one for one in found if id(one) not in taken]
    open_slots = [
        one for one in slots if not any(place in claims.agreed for place in one.placements)
    ]
    # A name that nothing contradicts is not a guess, whatever stands beside it.
    placed = {
        place: replace(_with(replace(one, doubt=""), 1.0, ""), doubt=one.doubt)
        for place, one in claims.agreed.items()
    }
    placed |= _by_wording(open_slots, _units(left, guide, ticks))
    placed |= _by_name_alone(claims.contested, placed)
    used = {one.order for one in placed.values()}
    return Matched(
        {place: placed[place] for place in guide.placements if place in placed},
        tuple(place for place in guide.placements if place not in placed),
        tuple(one for one in sorted(found, key=lambda one: one.order) if one.order not in used),
    )


def _units(found: Sequence[Detected], guide: Guide, ticks: Collection[str]) -> tuple[Unit, ...]:
    return split_answers(units_of(found, guide.phrases), ticks)


def _by_name_alone(
    contested: Mapping[str, Detected], placed: Mapping[str, Detected]
) -> dict[str, Detected]:
    """What only its name tells, the wording beside it being another one: a person should look."""
    taken = {one.order for one in placed.values()}
    return {
        place: _with(one, 0.5, "porte ce nom, mais un autre libellé")
        for place, one in contested.items()
        if place not in placed and one.order not in taken
    }


def _with(
    one: Detected, confidence: float, reason: str, others: Sequence[Detected] = ()
) -> Detected:
    """What was found, with how sure it is; what was not seen to be right waits for a person.

    Args:
        others: where else the placement may be.
    """
    if one.doubt:
        confidence = min(confidence, 0.7)
        reason = " ; ".join(part for part in (reason, one.doubt) if part)
    confirmed = confidence >= DOUBT
    numbers = dict.fromkeys(each.number for each in (one, *others))
    locator = replace(
        one.locator,
        confidence=round(confidence, 2),
        reason=spaced(reason),
        confirmed=confirmed,
        candidates=() if confirmed else tuple(numbers),
    )
    return replace(one, locator=locator)


def _by_wording(slots: Sequence[Slot], units: Sequence[Unit]) -> dict[str, Detected]:
    fits = [[fit(slot, unit) for unit in units] for slot in slots]
    pairs = _in_order(slots, fits, len(units))
    pairs += _leftovers(slots, units, fits, pairs)
    judge = Judge(slots, units, fits, pairs)
    placed = {}
    for pair in pairs:
        slot, unit = slots[pair.row], units[pair.column]
        confidence, reason = judge.of(pair)
        rivals = [units[column] for column in judge.rivals(pair)]
        for rank, one in enumerate(assign(slot, unit)):
            sure = confidence if one.sure else min(confidence, 0.7)
            why = reason if one.sure else f"{reason} ; ordre OUI, NON supposé"
            if one.sure and slot.kind in (SlotKind.CRITERION, SlotKind.RESULT):
                why = f"{reason} ; « {one.found.column or one.found.label} »"
            others = () if one.sure else unit.members
            others += tuple(each.members[rank] for each in rivals if rank < len(each.members))
            placed[one.placement] = _with(one.found, sure, why, others)
    return placed


def _in_order(slots: Sequence[Slot], fits: Sequence[Sequence[Fit]], columns: int) -> list[Pair]:
    """Align the whole document; its parts may stand in another order than the guide's."""
    best: list[tuple[int, int]] = []
    best_gain = -1.0
    for order in (list(range(len(slots))), _as_found(slots, fits)):
        gains = [[max(0.0, one.score - FLOOR) for one in fits[row]] for row in order]
        pairs = align(gains, columns)
        gain = sum(gains[row][column] for row, column in pairs)
        if gain > best_gain + 1e-9:
            best, best_gain = [(order[row], column) for row, column in pairs], gain
    return [Pair(row, column) for row, column in best]


def _as_found(slots: Sequence[Slot], fits: Sequence[Sequence[Fit]]) -> list[int]:
    """The slots, part by part, in the order in which the document shows the parts."""
    seen: dict[int, list[int]] = {}
    for slot, row in zip(slots, fits, strict=True):
        ranked = sorted(range(len(row)), key=lambda column: -row[column].score)[:2]
        if not ranked or row[ranked[0]].score < DOUBT:
            continue
        if len(ranked) == 1 or row[ranked[0]].score - row[ranked[1]].score > MARGIN:
            seen.setdefault(slot.block, []).append(ranked[0])
    place, places = -1.0, {}
    for block in sorted({slot.block for slot in slots}):
        place = float(median(seen[block])) if block in seen else place
        places[block] = place
    return sorted(
        range(len(slots)), key=lambda row: (places[slots[row].block], slots[row].block, row)
    )


def _leftovers(
    slots: Sequence[Slot],
    units: Sequence[Unit],
    fits: Sequence[Sequence[Fit]],
    pairs: Sequence[Pair],
) -> list[Pair]:
    """Pair what the alignment left: what was moved, then what stands alone between sure rows."""
    rows = [row for row in range(len(slots)) if row not in {one.row for one in pairs}]
    columns = [each for each in range(len(units)) if each not in {one.column for one in pairs}]
    gains = [[max(0.0, one.score - DOUBT) for one in row] for row in fits]
    moved = [Pair(row, column, Way.MOVED) for row, column in pair_best(gains, rows, columns)]
    known = [(one.row, one.column) for one in pairs]
    taken = {one.row for one in moved}, {one.column for one in moved}
    alone = []
    for some_rows, some_columns in between(known, len(slots), len(units)):
        free = [row for row in some_rows if row not in taken[0]]
        spare = [column for column in some_columns if column not in taken[1]]
        if len(free) == len(spare) and all(
            _possible(fits[row][column], units[column])
            for row, column in zip(free, spare, strict=True)
        ):
            alone += [Pair(row, column, Way.PLACE) for row, column in zip(free, spare, strict=True)]
    return [*moved, *alone]


def _possible(one: Fit, unit: Unit) -> bool:
    if one is NO_FIT:
        return False
    # Any two French sentences are alike by 0.4: less tells nothing.
    return one.text >= 0.5 or not unit.label


def mapping_of(
    matched: Matched, guide: Guide, kind: Format, document: str, content: bytes
) -> AnyMapping:
    """The mapping to write, placements not found marked as still to do.

    Args:
        document: the document's file name.
        content: its bytes, for the SHA-256.
    """
    digest = hashlib.sha256(content).hexdigest()
    return make_mapping(guide.id, kind, document, digest, matched.locators, matched.missing)


@dataclass(frozen=True, slots=True)
class Count:
    """How many placements of a kind were found."""

    kind: PlacementKind
    placed: int
    expected: int


def counts(matched: Matched, guide: Guide) -> tuple[Count, ...]:
    """Placed and expected, kind by kind; kinds that the guide does not have are left out."""
    rows = []
    for kind in PlacementKind:
        places = guide.placements_of(kind)
        if places:
            placed = sum(one.id in matched.placed for one in places)
            rows.append(Count(kind, placed, len(places)))
    return tuple(rows)


Matrix = Sequence[Sequence[float]]


def align(gains: Matrix, columns: int) -> list[tuple[int, int]]:
    """Pair rows with columns so that both keep their order and the total gain is greatest.

    The classic alignment of two sequences (Needleman and Wunsch, 1970) with free gaps: a pair whose
    gain is not positive is never made.

    Args:
        gains: what each pair is worth, a row for each slot.
        columns: how many columns each row has.

    Returns:
        Pairs ``(row, column)``, both increasing.
    """
    best = [[0.0] * (columns + 1)]
    for gain in gains:
        above, here = best[-1], [0.0]
        for column in range(columns):
            value = max(above[column + 1], here[column])
            paired = above[column] + gain[column]
            here.append(paired if gain[column] > 0 and paired > value else value)
        best.append(here)
    return list(_trace(best, gains, columns))[::-1]


def _trace(best: list[list[float]], gains: Matrix, columns: int) -> Iterator[tuple[int, int]]:
    row, column = len(gains), columns
    while row and column:
        if best[row][column] == best[row - 1][column]:
            row -= 1
        elif best[row][column] == best[row][column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            yield row, column


def pair_best(gains: Matrix, rows: Sequence[int], columns: Sequence[int]) -> list[tuple[int, int]]:
    """Pair what is left whatever its order, the greatest gains first."""
    offers = sorted(
        ((gains[row][column], row, column) for row in rows for column in columns),
        key=lambda one: (-one[0], one[1], one[2]),
    )
    pairs: list[tuple[int, int]] = []
    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    for gain, row, column in offers:
        if gain <= 0:
            break
        if row not in taken_rows and column not in taken_columns:
            taken_rows.add(row)
            taken_columns.add(column)
            pairs.append((row, column))
    return pairs


def between(
    pairs: Sequence[tuple[int, int]], rows: int, columns: int
) -> Iterator[tuple[range, range]]:
    """The stretches of rows and columns left between consecutive pairs, ends included."""
    last = (-1, -1)
    for row, column in [*sorted(pairs), (rows, columns)]:
        if column > last[1]:
            yield range(last[0] + 1, row), range(last[1] + 1, column)
            last = (row, column)
