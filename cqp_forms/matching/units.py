"""What was found in a document, grouped into what a field can be: rows of boxes, boxes, areas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

from cqp_forms.guide import Box, CompetencePhrases, PlacementKind
from cqp_forms.mapping import Detected, Locator, PdfLocator
from cqp_forms.matching.wording import DATE_WORDS, bare, is_negative, is_no, is_yes, likeness


@dataclass(frozen=True)
class Unit:
    """The boxes of a row or of a group, one area, or the three of a date.

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
        """Whether it has several boxes, of which one is ticked."""
        return len(self.members) > 1 and not self.is_area

    @property
    def is_date(self) -> bool:
        """Whether it is the places of a day, a month and a year."""
        return len(self.members) > 1 and self.is_area


def units_of(found: Sequence[Detected], phrases: CompetencePhrases | None) -> tuple[Unit, ...]:
    """Group what was found.

    Boxes of one group make one unit; others that follow one another in the same row do, unless they
    play the same part. Three narrow places of a date make one unit.

    Args:
        found: in any order; :attr:`Detected.order` tells the reading order.
        phrases: the wording of the results, ``None`` for a guide without competences.
    """
    units: list[Unit] = []
    row: list[tuple[Box | None, Detected]] = []
    grouped: dict[str, list[tuple[Box | None, Detected]]] = {}
    areas: list[Detected] = []
    sizes = Counter(one.group for one in found)
    for one in sorted(found, key=lambda each: each.order):
        if one.kind is not PlacementKind.TICK_BOX:
            areas.append(one)
            continue
        role = _role(one, phrases)
        # A result may have a row for each of its boxes: one alone in its group is half of it.
        if one.group and (sizes[one.group] > 1 or role not in _RESULTS):
            # What stands before a question and what stands behind it are no row.
            units += [_unit(row)] if row else []
            row = []
            grouped.setdefault(one.group, []).append((role, one))
            continue
        if row and not _same_row(row, role, one):
            units.append(_unit(row))
            row = []
        row.append((role, one))
    units += [_unit(each) for each in ([row] if row else []) + list(grouped.values())]
    units = _in_the_order_of_their_table(units)
    units += [Unit(each, {}) for each in _dates_joined(areas)]
    return tuple(sorted(units, key=lambda each: each.first.order))


#: Two boxes whose middles are no further apart, in points, stand in one column of a PDF.
_COLUMN_SLACK = 4.0


def _in_the_order_of_their_table(units: Sequence[Unit]) -> list[Unit]:
    """Rows whose boxes no caption names have the order seen on other rows of their table.

    The rows of a table stand at the same places across its page, and on the pages that it goes on
    to without its header. Where rows at the same places differ, nothing is known of the others.
    """
    known = [
        (_columns(each), tuple(_role_in(each, member) for member in each.members))
        for each in units
        if each.roles.keys() == {Box.OUI, Box.NON} and len(each.members) == 2
    ]
    return [each if each.roles else _with_order(each, known) for each in units]


def _with_order(
    unit: Unit, known: Sequence[tuple[tuple[str | float, ...], tuple[Box | None, ...]]]
) -> Unit:
    columns = _columns(unit)
    named = any(one.column or one.option for one in unit.members)
    if len(unit.members) != 2 or named or not columns:
        return unit
    orders = {order for other, order in known if _same_columns(columns, other)}
    if len(orders) != 1:
        return unit
    roles = zip(orders.pop(), unit.members, strict=True)
    return replace(unit, roles={role: one for role, one in roles if role is not None})


def _role_in(unit: Unit, member: Detected) -> Box | None:
    return next((role for role, one in unit.roles.items() if one is member), None)


def _columns(unit: Unit) -> tuple[str | float, ...]:
    """Where a row's boxes stand in their table: its path and columns, or points from the left."""
    places: list[str | float] = []
    for one in unit.members:
        if isinstance(one.locator, PdfLocator):
            places.append(one.locator.rect.centre[0])
            continue
        table, row, cell = one.locator.target.rpartition("/tr")
        if not row:
            return ()
        places += [table, cell.partition("/")[2].partition("/")[0]]
    return tuple(places)


def _same_columns(one: tuple[str | float, ...], two: tuple[str | float, ...]) -> bool:
    return len(one) == len(two) and all(
        abs(here - there) <= _COLUMN_SLACK
        if isinstance(here, float) and isinstance(there, float)
        else here == there
        for here, there in zip(one, two, strict=True)
    )


#: By which words, bare, a place for a part of a date is known; a slash alone heads the next part.
DATE_PARTS = (
    frozenset({"jj", "j", "jour", "dd"}),
    frozenset({"mm", "m", "mois"}),
    frozenset({"aaaa", "aa", "a", "an", "annee", "yyyy"}),
)
#: Wider than this, in points, a place takes more than a part of a date.
_PART_WIDTH = 60.0


def _dates_joined(areas: Sequence[Detected]) -> Iterator[tuple[Detected, ...]]:
    """The areas, those that are the day, the month and the year of one date together."""
    rank = 0
    while rank < len(areas):
        three = tuple(areas[rank : rank + 3])
        size = 3 if len(three) == 3 and _is_date(three) else 1
        yield three[:size]
        rank += size


def _is_date(three: tuple[Detected, ...]) -> bool:
    if any(one.kind is not PlacementKind.TEXT_AREA for one in three):
        return False
    if three[0].group:
        options = [bare(one.option) for one in three]
        worded = all(one in words for one, words in zip(options, DATE_PARTS, strict=True))
        return worded and len({one.group for one in three}) == 1
    first, *others = three
    named = DATE_WORDS.search(bare(first.label)) or bare(first.label) in DATE_PARTS[0]
    followed = all(
        bare(one.label) in words or not bare(one.label)
        for one, words in zip(others, DATE_PARTS[1:], strict=True)
    )
    return bool(named) and followed and _side_by_side([one.locator for one in three])


def _side_by_side(places: Sequence[Locator]) -> bool:
    rects = [one.rect for one in places if isinstance(one, PdfLocator)]
    pages = {one.page for one in places if isinstance(one, PdfLocator)}
    return (
        len(rects) == len(places)
        and len(pages) == 1
        and all(one.width <= _PART_WIDTH for one in rects)
        and all(
            one.x1 <= two.x0 + 1 and one.y0 < two.y1 and two.y0 < one.y1
            for one, two in pairwise(rects)
        )
    )


def option_of(one: Detected) -> str:
    """The wording of a box among those of its question."""
    return one.option or one.column or one.label


def answer_label(one: Detected) -> str:
    """The wording of one of several answers to a question, as a field of its own."""
    word = one.option or one.column
    both = one.label and word and bare(word) != bare(one.label)
    label = one.label.rstrip(" :\u00a0")
    return f"{label} – {word}" if both else one.label or word


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
    for text in (one.option, one.column, one.label):
        if is_yes(text) or (phrases and bare(text) == bare(phrases.yes)):
            return Box.OUI
        if is_no(text) or (phrases and bare(text) == bare(phrases.no)):
            return Box.NON
    return None


def _result_role(one: Detected, phrases: CompetencePhrases) -> Box | None:
    wordings = (phrases.mastered, phrases.not_mastered)
    for text in (one.option, one.column, one.label):
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
