"""How sure a pair is, and why, in French (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from cqp_forms.matching.score import FLOOR, Fit, says_contrary
from cqp_forms.matching.slots import Slot, SlotKind
from cqp_forms.matching.units import Unit

#: Under this confidence a person should look.
DOUBT = 0.8
#: Fits closer than this do not tell two candidates apart.
MARGIN = 0.03
#: From this length on, the same wording is no coincidence.
_TELLING = 30


class Way(Enum):
    """How a pair was made; the value is what is said of it."""

    ORDER = ""
    MOVED = "hors de l’ordre attendu"
    PLACE = "d’après sa place seulement"


@dataclass(frozen=True, slots=True)
class Pair:
    """A slot and a unit, by rank."""

    row: int
    column: int
    way: Way = Way.ORDER


class Judge:
    """Says how sure each pair of an assignment is.

    Args:
        fits: how well each slot fits each unit.
        pairs: the whole assignment: whether a rival exists depends on the others.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        units: Sequence[Unit],
        fits: Sequence[Sequence[Fit]],
        pairs: Sequence[Pair],
    ) -> None:
        self.slots, self.units, self.fits = slots, units, fits
        self._rows = {one.row for one in pairs}
        self._owners = {one.column: one.row for one in pairs}
        self._rivals = {one.row: self._rivals_of(one) for one in pairs}
        self._held = self._anchored(pairs)

    def _rivals_of(self, pair: Pair) -> list[tuple[int, int]]:
        """The other pairs that fit as well, with the same slot or the same unit.

        The two areas of one field are no rivals: both get the same text.
        """
        line = self.fits[pair.row]
        score = max(line[pair.column].score - MARGIN, FLOOR)
        same_row = [
            (pair.row, column)
            for column, one in enumerate(line)
            if column != pair.column and one.score >= score
        ]
        same_column = [
            (row, pair.column)
            for row, other in enumerate(self.fits)
            if row != pair.row and other[pair.column].score >= score
        ]
        return [*same_row, *same_column]

    def _anchored(self, pairs: Sequence[Pair]) -> set[int]:
        """The slots that stand in an unbroken run of one part with at least one sure member."""
        held: set[int] = set()
        run: list[Pair] = []
        for pair in [*sorted(pairs, key=lambda one: one.row), None]:
            if pair is not None and run and self._follows(run[-1], pair):
                run.append(pair)
                continue
            if any(not self._rivals[one.row] for one in run):
                held.update(one.row for one in run)
            run = [] if pair is None else [pair]
        return held

    def _follows(self, one: Pair, two: Pair) -> bool:
        if two.row != one.row + 1 or two.column != one.column + 1:
            return False
        return self.slots[one.row].block == self.slots[two.row].block

    def of(self, pair: Pair) -> tuple[float, str]:
        """Confidence and reason of a pair."""
        slot, unit = self.slots[pair.row], self.units[pair.column]
        one = self.fits[pair.row][pair.column]
        confidence = 0.99 if one.text >= 0.97 else one.text
        reasons = [_wording(slot, unit, one.text)]
        if one.title is not None and one.title < 0.5 and len(slot.label) < _TELLING:
            confidence = min(confidence, 0.85)
        elif one.title is not None and one.title >= DOUBT:
            reasons.append(f"sous « {_short(unit.first.heading)} »")
        limits = (
            self._rivalry(pair),
            self._titled(pair),
            _contrary(slot, unit, one),
            self._way(pair),
        )
        for limit, reason in limits:
            confidence = min(confidence, limit)
            reasons += [reason] if reason else []
        return confidence, " ; ".join(reasons)

    def rivals(self, pair: Pair) -> list[int]:
        """The units that may be the slot as well, by rank, the likeliest first."""
        line = self.fits[pair.row]
        field = self.slots[pair.row].field.id
        columns = [
            column
            for row, column in self._rivals[pair.row]
            if row == pair.row and not self._same_field((row, column), field)
        ]
        return sorted(columns, key=lambda column: -line[column].score)

    def _rivalry(self, pair: Pair) -> tuple[float, str]:
        rivals = self._rivals[pair.row]
        field = self.slots[pair.row].field
        others = [one for one in rivals if not self._same_field(one, field.id)]
        if not others:
            return 1.0, ""
        if not all(row in self._rows and column in self._owners for row, column in others):
            return 0.7, "un autre endroit convient aussi bien"
        blocks: set[int | None] = {self.slots[row].block for row, _ in others}
        blocks |= {self._block_of(column) for _, column in others}
        if pair.row in self._held or blocks == {self.slots[pair.row].block}:
            return 0.9, "départagé par l’ordre"
        return 0.75, "départagé par l’ordre seul, aucun titre ne le confirme"

    def _titled(self, pair: Pair) -> tuple[float, str]:
        """Whether the title above is another block's: order then says nothing of a shared label."""
        slot, unit = self.slots[pair.row], self.units[pair.column]
        title = self.fits[pair.row][pair.column].title
        if title is None or title >= 0.5:
            return 1.0, ""
        others = [one for one in self._rivals[pair.row] if not self._same_field(one, slot.field.id)]
        if others and any((line[pair.column].title or 0.0) >= DOUBT for line in self.fits):
            return 0.7, f"sous le titre « {_short(unit.first.heading)} »"
        return 1.0, ""

    def _same_field(self, rival: tuple[int, int], field_id: str) -> bool:
        row, column = rival
        owner = self._owners.get(column)
        owned = owner is not None and self.slots[owner].field.id == field_id
        return self.slots[row].field.id == field_id and owned

    def _block_of(self, column: int) -> int | None:
        owner = self._owners.get(column)
        return None if owner is None else self.slots[owner].block

    def _way(self, pair: Pair) -> tuple[float, str]:
        if pair.way is Way.PLACE:
            return 0.5, pair.way.value
        if pair.way is Way.ORDER:
            return 1.0, ""
        slot, one = self.slots[pair.row], self.fits[pair.row][pair.column]
        telling = len(slot.label) >= _TELLING or (one.title is not None and one.title >= DOUBT)
        certain = one.text >= 0.97 and telling and not self._rivals[pair.row]
        return (0.85 if certain else 0.75), pair.way.value


def _contrary(slot: Slot, unit: Unit, one: Fit) -> tuple[float, str]:
    if slot.kind is not SlotKind.RESULT and one.text < 0.97 and says_contrary(slot, unit):
        return 0.6, "une négation les distingue"
    return 1.0, ""


def _wording(slot: Slot, unit: Unit, text: float) -> str:
    if slot.kind is SlotKind.RESULT and unit.is_result:
        return "libellés du résultat"
    if text >= 0.995:
        return "libellé identique"
    if text < 0.3:
        return "libellé non reconnu"
    return f"libellé proche ({round(100 * text)} %)"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39].rstrip() + "…"
