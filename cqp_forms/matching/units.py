"""What was found in a document, grouped into what a field can be: rows of boxes, boxes, areas."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cqp_forms.guide import Box, CompetencePhrases, PlacementKind
from cqp_forms.mapping import Detected
from cqp_forms.matching.wording import bare, is_negative, is_no, is_yes, likeness


@dataclass(frozen=True)
class Unit:
    """One or two boxes of a row, or one area.

    Attributes:
        members: what was found, in reading order.
        roles: for boxes whose column or wording says so, which box of the field it is.
    """

    members: tuple[Detected, ...]
    roles: Mapping[Box, Detected]

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", MappingProxyType(dict(self.roles)))

    @property
    def first(self) -> Detected:
        """Its first member: its titles are those of the unit."""
        return self.members[0]

    @property
    def label(self) -> str:
        """Its wording: the fullest of its members'."""
        return max((one.label for one in self.members), key=len)

    @property
    def is_area(self) -> bool:
        """Whether it takes a text or a signature."""
        return self.first.kind is not PlacementKind.TICK_BOX

    @property
    def is_result(self) -> bool:
        """Whether its boxes say « maîtrisée » and « n’est pas maîtrisée »."""
        return Box.MASTERED in self.roles or Box.NOT_MASTERED in self.roles

    @property
    def is_choice(self) -> bool:
        """Whether it has two boxes that exclude each other."""
        return len(self.members) > 1


def units_of(found: Sequence[Detected], phrases: CompetencePhrases | None) -> tuple[Unit, ...]:
    """Group what was found.

    Boxes that follow one another in the same row make one unit, unless they play the same part.

    Args:
        found: in any order; :attr:`Detected.order` tells the reading order.
        phrases: the wording of the results, ``None`` for a guide without competences.
    """
    units: list[Unit] = []
    row: list[tuple[Box | None, Detected]] = []
    for one in sorted(found, key=lambda each: each.order):
        if one.kind is not PlacementKind.TICK_BOX:
            units.append(Unit((one,), {}))
            continue
        role = _role(one, phrases)
        if row and not _same_row(row, role, one):
            units.append(_unit(row))
            row = []
        row.append((role, one))
    if row:
        units.append(_unit(row))
    return tuple(sorted(units, key=lambda each: each.first.order))


def answer_label(one: Detected) -> str:
    """The wording of one of several answers to a question, as a field of its own."""
    both = one.label and one.column and bare(one.column) != bare(one.label)
    return f"{one.label} – {one.column}" if both else one.label or one.column


def split_answers(units: Sequence[Unit], ticks: Collection[str]) -> tuple[Unit, ...]:
    """Take rows apart whose boxes are ticks of their own in the guide.

    Args:
        ticks: the wordings of the guide's ticks, bare.
    """
    result: list[Unit] = []
    for unit in units:
        apart = unit.is_choice and all(bare(answer_label(one)) in ticks for one in unit.members)
        result += [Unit((one,), {}) for one in unit.members] if apart else [unit]
    return tuple(result)


def _unit(row: list[tuple[Box | None, Detected]]) -> Unit:
    return Unit(tuple(one for _, one in row), {role: one for role, one in row if role is not None})


def _role(one: Detected, phrases: CompetencePhrases | None) -> Box | None:
    if phrases is not None and (result := _result_role(one, phrases)) is not None:
        return result
    for text in (one.column, one.label):
        if is_yes(text) or (phrases and bare(text) == bare(phrases.yes)):
            return Box.OUI
        if is_no(text) or (phrases and bare(text) == bare(phrases.no)):
            return Box.NON
    return None


def _result_role(one: Detected, phrases: CompetencePhrases) -> Box | None:
    wordings = (phrases.mastered, phrases.not_mastered)
    for text in (one.column, one.label):
        if bare(text) in _MASTERY or any(likeness(each, text) > _SAME for each in wordings):
            return Box.NOT_MASTERED if is_negative(text) else Box.MASTERED
    return None


#: From this likeness on, a wording is one of the result's.
_SAME = 0.8
_MASTERY = frozenset(
    {"maitrisee", "maitrise", "competence maitrisee", "non maitrisee", "competence non maitrisee"}
)


def _same_row(row: list[tuple[Box | None, Detected]], role: Box | None, one: Detected) -> bool:
    last_role, last = row[-1]
    roles = {role, last_role}
    if role is not None and role in {each for each, _ in row}:
        return False
    if roles & _RESULTS:
        return roles == _RESULTS and one.order - last.order <= 2
    if bare(one.label) != bare(last.label):
        # « ☐ OUI ☐ NON » may stand alone, and a row's text be read more or less well for each box.
        return roles == {Box.OUI, Box.NON} and _near(last, one)
    # Two boxes of one row under unknown headers: a third would make it something else.
    return roles != {None} or (bool(one.label) and len(row) < 2)


def _near(one: Detected, two: Detected) -> bool:
    if not one.label or not two.label or is_yes(one.label) or is_no(one.label):
        return True
    return max(likeness(one.label, two.label), likeness(two.label, one.label)) > 0.6


_RESULTS = frozenset({Box.MASTERED, Box.NOT_MASTERED})
