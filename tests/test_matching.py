"""Matching: each field finds its box or area, and what is not certain is said to be so."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from renditions.docx_base import Rendition
from renditions.docx_ways import WAYS
from thorough import one_in

from cqp_forms.docx.detect import detect
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import Detected, DocxKind, DocxLocator, Format
from cqp_forms.mapping_lint import lint
from cqp_forms.mapping_yaml import dump_mapping, parse_mapping
from cqp_forms.matching import DOUBT, Matched, counts, mapping_of, match
from cqp_forms.matching.assignment import align
from cqp_forms.matching.units import units_of
from cqp_forms.matching.wording import is_no, is_yes, likeness
from docx_blank import build

Found = tuple[Detected, ...]
Change = Callable[[Found, random.Random], Sequence[Detected]]


@pytest.fixture(scope="module")
def documents(guide: Guide) -> dict[str, tuple[Rendition, Found]]:
    made = {name: way(guide, name).make() for name, way in WAYS.items()}
    return {name: (one, detect(one.content)) for name, one in made.items()}


def key(one: Detected) -> tuple[object, ...]:
    assert isinstance(one.locator, DocxLocator)
    return (one.locator.kind, one.locator.target, one.locator.offset)


def wrong(matched: Matched, rendition: Rendition) -> dict[str, float]:
    """The placements that are somewhere else than they should, with their confidence."""
    truth = {place: (one.kind, one.target, one.offset) for place, one in rendition.truth.items()}
    return {
        place: one.locator.confidence
        for place, one in matched.placed.items()
        if key(one) != truth[place]
    }


# -- whole guides -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", WAYS)
def test_every_field_of_a_rendition_is_found_none_wrong_none_in_doubt(
    name: str, guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    rendition, found = documents[name]
    matched = match(found, guide)
    assert len(matched.placed) == 217
    assert wrong(matched, rendition) == {}
    assert (matched.missing, matched.unused, matched.doubtful) == ((), (), ())
    assert all(one.locator.reason for one in matched.placed.values())


def test_the_order_in_which_things_were_found_does_not_matter(
    guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    rendition, found = documents["☐ OUI ☐ NON dans une cellule"]
    shuffled = random.Random(1).sample(found, len(found))
    assert wrong(match(shuffled, guide), rendition) == {}


def test_a_document_that_names_its_placements_is_believed(guide: Guide) -> None:
    matched = match(detect(build(guide).content), guide)
    assert len(matched.placed) == 217
    for place, one in matched.placed.items():
        assert isinstance(one.locator, DocxLocator)
        assert (one.locator.kind, one.locator.target) == (DocxKind.CONTROL, place)
        assert (one.locator.confidence, one.locator.reason) == (1.0, "")


def test_our_blank_is_matched_by_its_wording_alone(guide: Guide) -> None:
    """Its tags hidden, everything is found again: names are no crutch."""
    hidden = [
        replace(one, locator=replace(one.locator, target=f"x-{one.locator.target}"))
        for one in detect(build(guide).content)
        if isinstance(one.locator, DocxLocator)
    ]
    matched = match(hidden, guide)
    targets = {
        place: one.locator.target
        for place, one in matched.placed.items()
        if isinstance(one.locator, DocxLocator)
    }
    assert targets == {place: f"x-{place}" for place in guide.placements}
    assert not matched.doubtful


def test_a_name_is_not_believed_for_another_kind_of_thing(guide: Guide) -> None:
    area = Detected(
        PlacementKind.TEXT_AREA, DocxLocator(DocxKind.CONTROL, "c1.1.1.oui"), 0, label="Rien"
    )
    matched = match([area], guide)
    assert not matched.placed
    assert matched.unused == (area,)


def test_a_name_given_twice_is_both_areas_of_a_field_or_none(guide: Guide) -> None:
    areas = [
        Detected(PlacementKind.TEXT_AREA, DocxLocator(DocxKind.CONTROL, "candidat.nom"), order)
        for order in (0, 1)
    ]
    assert set(match(areas, guide).placed) == {"candidat.nom", "candidat.nom@2"}
    boxes = [
        Detected(PlacementKind.TICK_BOX, DocxLocator(DocxKind.CONTROL, "apports.autre"), order)
        for order in (0, 1)
    ]
    assert not match(boxes, guide).placed


def named_boxes(field: str, label: str, order: int) -> list[Detected]:
    return [
        Detected(
            PlacementKind.TICK_BOX,
            DocxLocator(DocxKind.CONTROL, f"{field}.{box}"),
            order + rank,
            label=label,
            column=box.upper(),
        )
        for rank, box in enumerate(("oui", "non"))
    ]


def test_a_name_that_the_wording_contradicts_is_in_doubt(guide: Guide) -> None:
    """Another guide's blank has a « c1.1.1.oui » too: a tick there would be for nothing known."""
    boxes = named_boxes("c1.1.1", "Les consignes du poste précédent sont lues et reformulées", 0)
    matched = match(boxes, guide)
    assert set(matched.doubtful) == {"c1.1.1.oui", "c1.1.1.non"}
    reasons = {one.locator.reason for one in matched.placed.values()}
    assert reasons == {"porte ce nom, mais un autre libellé"}


def test_wording_goes_before_names_that_are_out_of_step(guide: Guide) -> None:
    """Rows that changed places with their tags left behind; OUI and NON likewise."""
    one, two = (guide.fields[field].label for field in ("c1.1.1", "c1.1.2"))
    boxes = [*named_boxes("c1.1.2", one, 0), *named_boxes("c1.1.1", two, 2)]
    targets = {place: found.order for place, found in match(boxes, guide).placed.items()}
    assert targets == {"c1.1.1.oui": 0, "c1.1.1.non": 1, "c1.1.2.oui": 2, "c1.1.2.non": 3}
    swapped = [replace(each, column="NON" if each.column == "OUI" else "OUI") for each in boxes]
    targets = {place: found.order for place, found in match(swapped, guide).placed.items()}
    assert targets == {"c1.1.1.oui": 1, "c1.1.1.non": 0, "c1.1.2.oui": 3, "c1.1.2.non": 2}


# -- what is uncertain ------------------------------------------------------------------------


def without_headings(found: Found, _: random.Random) -> list[Detected]:
    return [replace(one, heading="") for one in found]


def without_columns(found: Found, _: random.Random) -> list[Detected]:
    return [
        replace(one, column="", option="") if one.column in ("OUI", "NON") else one for one in found
    ]


def with_typing_errors(found: Found, chance: random.Random) -> list[Detected]:
    def typed(text: str) -> str:
        return "".join(
            chance.choice("aeiou") if one.isalpha() and chance.random() < 0.03 else one
            for one in text
        )

    return [replace(one, label=typed(one.label)) for one in found]


def with_broken_labels(found: Found, chance: random.Random) -> list[Detected]:
    """A criterion broken over two pages: the row shows its second half."""
    return [
        replace(one, label=one.label[len(one.label) // 2 :])
        if len(one.label) > 80 and chance.random() < 0.3
        else one
        for one in found
    ]


def with_running_heads(found: Found, chance: random.Random) -> list[Detected]:
    return [
        replace(one, label=f"{one.label} OUTIL N°4 page 12 / 30")
        if len(one.label) > 40 and chance.random() < 0.2
        else one
        for one in found
    ]


def with_some_lost(found: Found, chance: random.Random) -> list[Detected]:
    return [one for one in found if chance.random() > 0.05]


def with_some_unlabelled(found: Found, chance: random.Random) -> list[Detected]:
    return [replace(one, label="") if chance.random() < 0.1 else one for one in found]


def with_decoys(found: Found, chance: random.Random) -> list[Detected]:
    result: list[Detected] = []
    for one in found:
        if chance.random() < 0.1:
            locator = DocxLocator(DocxKind.CELL, "decoy")
            result.append(replace(one, locator=locator, label="Tout autre chose"))
        result.append(one)
    return [replace(one, order=order) for order, one in enumerate(result)]


def with_a_first_listing(found: Found, _: random.Random) -> list[Detected]:
    """The criteria listed a first time, boxes and all: the second listing is the form."""
    first = [
        replace(one, locator=DocxLocator(DocxKind.CELL, "decoy"), heading="Sommaire")
        for one in found
        if one.label.startswith("Les ") and one.kind is PlacementKind.TICK_BOX
    ]
    return [replace(one, order=order) for order, one in enumerate([*first, *found])]


CHANGES = [
    (without_headings, 217),
    (without_columns, 217),
    (with_typing_errors, 217),
    (with_broken_labels, 217),
    (with_running_heads, 217),
    (with_some_lost, 195),
    (with_some_unlabelled, 210),
    (with_decoys, 195),
    (with_a_first_listing, 217),
]


@pytest.mark.parametrize(
    ("name", "change", "at_least"),
    one_in(4, [(name, *change) for name in WAYS for change in CHANGES]),
)
def test_nothing_wrong_is_ever_sure(
    name: str,
    change: Change,
    at_least: int,
    guide: Guide,
    documents: dict[str, tuple[Rendition, Found]],
) -> None:
    rendition, found = documents[name]
    matched = match(change(found, random.Random(5)), guide)
    sure = {place: one for place, one in wrong(matched, rendition).items() if one >= DOUBT}
    assert sure == {}
    assert len(matched.placed) >= at_least


def test_unknown_columns_are_supposed_oui_non_and_reported(
    guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    _, found = documents["formcheckbox et formtext"]
    matched = match(without_columns(found, random.Random()), guide)
    criteria = [place for place in guide.placements if place.endswith((".oui", ".non"))]
    assert set(criteria) <= set(matched.doubtful)
    assert "ordre OUI, NON supposé" in matched.placed["c1.1.1.oui"].locator.reason


def test_the_criterion_that_stands_twice_goes_to_both_rows_in_order(
    guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    _, found = documents["cellules vides sous NON | OUI"]
    matched = match(found, guide)
    first, second = matched.placed["c5.3.1.oui"], matched.placed["c5.3.4.oui"]
    assert first.label == second.label
    assert first.order < second.order
    for one in (first, second):
        assert "départagé par l’ordre" in one.locator.reason
        assert DOUBT <= one.locator.confidence < 0.95


def test_one_of_two_equal_rows_lost_makes_the_other_doubtful(
    guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    _, found = documents["cellules vides sous NON | OUI"]
    lost = [match(found, guide).placed[f"c5.3.4.{box}"].order for box in ("oui", "non")]
    matched = match([one for one in found if one.order not in lost], guide)
    assert set(matched.missing) in ({"c5.3.4.oui", "c5.3.4.non"}, {"c5.3.1.oui", "c5.3.1.non"})
    left = "c5.3.1" if "c5.3.4.oui" in matched.missing else "c5.3.4"
    assert f"{left}.oui" in matched.doubtful


def test_doubtful_ones_come_least_sure_first(
    guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    _, found = documents["formes et zones de texte"]
    matched = match(with_some_unlabelled(found, random.Random(5)), guide)
    confidences = [matched.placed[one].locator.confidence for one in matched.doubtful]
    assert confidences == sorted(confidences)
    assert confidences


def test_a_row_without_words_between_two_sure_ones_is_placed_in_doubt(
    guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    rendition, found = documents["contrôles autour des cellules"]
    places = {f"c2.1.2.{box}" for box in ("oui", "non")}
    orders = {match(found, guide).placed[one].order for one in places}
    blank = [replace(one, label="") if one.order in orders else one for one in found]
    matched = match(blank, guide)
    assert wrong(matched, rendition) == {}
    assert set(matched.doubtful) == places
    assert "sa place seulement" in matched.placed["c2.1.2.oui"].locator.reason


def test_a_denial_is_not_taken_for_its_contrary(guide: Guide) -> None:
    label = guide.fields["c6.1.1"].label.replace("est prise", "n’est pas prise")
    boxes = [
        Detected(
            PlacementKind.TICK_BOX,
            DocxLocator(DocxKind.CELL, f"body/tc[{order}]"),
            order,
            label=label,
            column=column,
        )
        for order, column in enumerate(("OUI", "NON"), start=1)
    ]
    matched = match(boxes, guide)
    assert set(matched.doubtful) == set(matched.placed)


# -- summaries and mappings -------------------------------------------------------------------


def test_counts_say_placed_and_expected_by_kind(
    guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    _, found = documents["formcheckbox et formtext"]
    kept = [one for one in found if one.kind is not PlacementKind.SIGNATURE_AREA]
    told = [(one.kind, one.placed, one.expected) for one in counts(match(kept, guide), guide)]
    assert told == [
        (PlacementKind.TICK_BOX, 190, 190),
        (PlacementKind.TEXT_AREA, 24, 24),
        (PlacementKind.SIGNATURE_AREA, 0, 3),
    ]


def test_the_mapping_is_complete_and_survives_its_file(
    guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    for name, (rendition, found) in documents.items():
        mapping = mapping_of(
            match(found, guide), guide, Format.DOCX, f"{name}.docx", rendition.content
        )
        mapping.require_document(rendition.content)
        assert lint(mapping, guide) == []
        assert parse_mapping(dump_mapping(mapping, guide.placements)) == mapping


def test_what_is_missing_is_left_to_do_in_the_mapping(
    guide: Guide, documents: dict[str, tuple[Rendition, Found]]
) -> None:
    rendition, found = documents["formcheckbox et formtext"]
    kept = [one for one in found if one.kind is PlacementKind.TICK_BOX]
    mapping = mapping_of(match(kept, guide), guide, Format.DOCX, "a.docx", rendition.content)
    assert len(mapping.todo) == 27
    assert "candidat.nom@2: TODO" in dump_mapping(mapping, guide.placements)


def test_nothing_found_places_nothing(guide: Guide) -> None:
    matched = match([], guide)
    assert len(matched.missing) == 217
    assert (dict(matched.placed), matched.unused) == ({}, ())


# -- the parts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "found", "low", "high"),
    [
        ("Nom", "NOM :", 1, 1),
        ("Nom", "Prénom", 0, 0.7),
        ("Nom", "Nom du candidat", 0.75, 0.9),
        ("Je soussigné(e)", "Je, soussigné(e) :", 1, 1),
        ("Élaboration d’une offre", "ELABORATION D'UNE OFFRE", 1, 1),
        ("La compétence est maîtrisée", "La compétence n’est pas maîtrisée", 0, 0.75),
        ("Le choix des sources d’information est pertinent", "et justifié", 0, 0.6),
        ("", "Nom", 0, 0),
    ],
)
def test_likeness(expected: str, found: str, low: float, high: float) -> None:
    assert low <= likeness(expected, found) <= high


def test_a_half_tells_which_whole_it_is(guide: Guide) -> None:
    labels = [one.label for one in guide.competences[0].criteria if len(one.label) > 100]
    for label in labels:
        half = label[len(label) // 2 :]
        assert max(labels, key=lambda one: likeness(one, half)) == label
        assert likeness(label, half) > 0.8


@pytest.mark.parametrize("text", ["OUI", "oui ", "O", "Yes", "Acquis"])
def test_words_for_yes(text: str) -> None:
    assert is_yes(text) and not is_no(text)


@given(
    st.integers(0, 5).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 9), min_size=columns, max_size=columns), max_size=5
        )
    )
)
def test_the_alignment_is_the_best_there_is(gains: list[list[int]]) -> None:
    columns = len(gains[0]) if gains else 0
    pairs = align(gains, columns)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))
    assert all(gains[row][column] > 0 for row, column in pairs)
    best = 0
    for size in range(min(len(gains), columns) + 1):
        for rows in combinations(range(len(gains)), size):
            for chosen in combinations(range(columns), size):
                total = sum(gains[row][column] for row, column in zip(rows, chosen, strict=True))
                best = max(best, total)
    assert sum(gains[row][column] for row, column in pairs) == best


def box(order: int, label: str, column: str = "") -> Detected:
    locator = DocxLocator(DocxKind.CELL, f"body/tc[{order + 1}]")
    return Detected(PlacementKind.TICK_BOX, locator, order, label=label, column=column)


def test_boxes_of_a_row_are_one_unit_and_ticks_of_a_list_are_not(guide: Guide) -> None:
    found = [
        box(0, "Le choix est justifié", "NON"),
        box(1, "Le choix est justifié", "OUI"),
        box(2, "Le choix est justifié", "OUI"),
        box(3, "Le choix est justifié", "NON"),
        box(4, "Dossier candidat"),
        box(5, "Livret de suivi"),
        box(6, "La compétence est maîtrisée"),
        box(7, "La compétence n’est pas maîtrisée"),
    ]
    units = units_of(found, guide.phrases)
    assert [len(one.members) for one in units] == [2, 2, 1, 1, 2]
    assert [one.is_result for one in units] == [False, False, False, False, True]
