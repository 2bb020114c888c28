"""Which of two boxes is OUI: what the rows of one table know of one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from renditions.docx_base import Rendition
from renditions.docx_ways import WAYS

from cqp_forms.docx.detect import detect
from cqp_forms.guide import Box, Guide, PlacementKind
from cqp_forms.mapping import Detected, DocxKind, DocxLocator, PdfKind, PdfLocator, Rect
from cqp_forms.matching import match
from cqp_forms.matching.units import units_of


def with_captions_on_one_row_of_a_table(found: Sequence[Detected]) -> list[Detected]:
    """A table goes on over pages without its header: only its first row has captions."""
    seen: set[str] = set()
    result = []
    for one in found:
        table, _, row = one.locator.target.rpartition("/tr") if in_table(one) else ("", "", "")
        if not table or one.column not in ("OUI", "NON"):
            result.append(one)
            continue
        first = f"{table} {row.partition('/')[0]}"
        if table not in seen:
            seen |= {table, first}
        kept = first in seen
        result.append(one if kept else replace(one, column="", option="", group=""))
    return result


def in_table(one: Detected) -> bool:
    return isinstance(one.locator, DocxLocator) and "/tr" in one.locator.target


def test_the_rows_of_a_table_share_the_order_seen_on_one_of_them(
    guide: Guide,
) -> None:
    """NON stands before OUI here: an order that is supposed would be wrong."""
    name = "cellules vides sous NON | OUI"
    rendition = WAYS[name](guide, name).make()
    changed = with_captions_on_one_row_of_a_table(detect(rendition.content))
    assert sum(one.column in ("OUI", "NON") for one in changed) < 40
    matched = match(changed, guide)
    there = {place: one.locator for place, one in matched.placed.items()}
    wrong = [
        place
        for place, one in rendition.truth.items()
        if (there[place].kind, there[place].target) != (one.kind, one.target)  # type: ignore[union-attr]
    ]
    assert wrong == []
    criteria = {place for place in guide.placements if place.endswith((".oui", ".non"))}
    assert criteria <= set(matched.placed) - set(matched.doubtful)


def test_rows_at_the_same_place_that_differ_tell_nothing_of_the_others() -> None:
    def box(order: int, x: float, column: str) -> Detected:
        locator = PdfLocator(PdfKind.BOX, order // 4 + 1, Rect(x, 700, x + 10, 710))
        return Detected(PlacementKind.TICK_BOX, locator, order, f"Question {order // 2}", column)

    def units(*columns: str) -> list[dict[Box, int]]:
        found = [box(rank, 300 + 40 * (rank % 2), one) for rank, one in enumerate(columns)]
        return [
            {role: one.order for role, one in unit.roles.items()} for unit in units_of(found, None)
        ]

    unknown = ("", "")
    assert units("NON", "OUI", *unknown)[1] == {Box.NON: 2, Box.OUI: 3}
    assert units("NON", "OUI", "OUI", "NON", *unknown)[2] == {}
    # Captions of another kind are no unknown ones.
    assert units("OUI", "NON", "Reçu", "Remis")[1] == {}


@pytest.mark.parametrize(
    "swapped", [("candidat", "evaluateur_cpne"), ("candidat", "evaluateur_metier")]
)
def test_order_does_not_outvote_the_title_of_another_block(
    guide: Guide, swapped: tuple[str, str]
) -> None:
    """Under « Candidat », what the guide's order would give an evaluator is not confirmed."""
    name = "contrôles autour des cellules"
    first, second = (guide.fields[f"{one}.nom"].context for one in swapped)
    other = {first: second, second: first}
    rendition = WAYS[name](guide, name).make()
    found = [
        replace(one, heading=other.get(one.heading, one.heading)) for one in nameless(rendition)
    ]
    matched = match(found, guide)
    labels = Counter(one.label for one in guide.fields.values())
    sure = {
        place
        for place, one in matched.placed.items()
        if place not in matched.doubtful
        and labels[guide.fields[guide.placements[place].field_id].label] > 1
        and one.heading in other
    }
    assert all(
        matched.placed[one].heading == guide.fields[guide.placements[one].field_id].context
        for one in sure
    )


def nameless(rendition: Rendition) -> list[Detected]:
    """What is found, with nothing that the document's own names tell."""
    return [
        replace(
            one, locator=replace(one.locator, kind=DocxKind.CONTROL_AT, target=f"body/sdt[{n}]")
        )
        for n, one in enumerate(detect(rendition.content), 1)
        if isinstance(one.locator, DocxLocator)
    ]
