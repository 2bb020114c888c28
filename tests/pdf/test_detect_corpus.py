"""Real forms that nobody here wrote: all their boxes, and no decoy."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected, PdfKind, PdfLocator
from cqp_forms.pdf.detect import detect
from cqp_forms.shown import Mark
from cqp_forms.typography import folded

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def found_in(name: str) -> list[Detected]:
    file = CORPUS / name
    if not file.is_file():
        pytest.skip(f"{name}: the corpus does not lie beside this checkout")
    return list(detect(file.read_bytes()))


def place(one: Detected) -> PdfLocator:
    assert isinstance(one.locator, PdfLocator)
    return one.locator


def of_kind(found: list[Detected], kind: PlacementKind) -> list[Detected]:
    return [one for one in found if one.kind is kind]


def test_drawn_squares_among_comb_cells() -> None:
    found = found_in("fr_cerfa_sante_cs8.pdf")
    ticks = of_kind(found, PlacementKind.TICK_BOX)
    # 534 comb cells, white on blue, are left out; the 114 framed squares are all boxes, 52 of which
    # stand right after « Oui » or « Non ».
    assert len(ticks) == 114
    assert {place(one).kind for one in ticks} == {PdfKind.BOX}
    assert all(abs(place(one).rect.width - 9) < 1.2 for one in ticks)
    assert Counter(one.column for one in ticks if one.column) == {"Oui": 26, "Non": 26}
    pairs = Counter(one.label for one in ticks if one.column)
    assert all(count % 2 == 0 for count in pairs.values())
    assert pairs["Antécédents de césarienne :"] == 2
    labels = [one.label for one in ticks]
    assert {"Siège", "Masculin", "2e trimestre", "Unité Kangourou"} <= set(labels)
    assert all(one.state is Mark.OFF for one in ticks)


def test_dotted_lines_and_a_blank_for_the_stamp_beside_the_squares() -> None:
    found = found_in("fr_cerfa_sante_cs8.pdf")
    others = [one for one in found if one.kind is not PlacementKind.TICK_BOX]
    assert {one.label: (one.kind, one.multiline) for one in others} == {
        "Médecin : Cachet et signature": (PlacementKind.SIGNATURE_AREA, True),
        "Lieu du transfert (Adresse) :": (PlacementKind.TEXT_AREA, False),
        "Informations éventuelles pour le service de PMI :": (PlacementKind.TEXT_AREA, True),
    }


def test_printed_boxes_under_widgets_count_once() -> None:
    found = found_in("fr_ch_prescription_oxygene.pdf")
    ticks = of_kind(found, PlacementKind.TICK_BOX)
    assert len(ticks) == 14
    assert len({place(one).name for one in ticks}) == 11
    assert {place(one).kind for one in ticks} == {PdfKind.WIDGET}
    assert len(of_kind(found, PlacementKind.TEXT_AREA)) == 26
    # « Signature + Timbre » is a frame that no field carries.
    (signature,) = of_kind(found, PlacementKind.SIGNATURE_AREA)
    assert place(signature).kind is PdfKind.AREA
    assert {place(one).on_state for one in ticks} == {"/On", "/Ja", "/Nein", "/no", "/Yes"}
    pairs = Counter((one.label, one.column) for one in ticks if one.column)
    assert len(pairs) == 4
    assert {column for _, column in pairs} == {"oui", "non"}


def test_checks_radio_groups_and_texts() -> None:
    found = found_in("en_icar_yes_no_unknown.pdf")
    ticks = Counter(place(one).name for one in of_kind(found, PlacementKind.TICK_BOX))
    assert sum(count == 1 for count in ticks.values()) == 54
    groups = {name: count for name, count in ticks.items() if count > 1}
    assert len(groups) == 20
    assert sum(groups.values()) == 68
    texts = of_kind(found, PlacementKind.TEXT_AREA)
    assert Counter(one.multiline for one in texts) == {True: 43, False: 45}
    for name in groups:
        ranks = [place(one).index for one in found if place(one).name == name]
        assert sorted(ranks) == list(range(len(ranks)))


def test_a_form_that_comes_filled() -> None:
    found = found_in("en_pdflib_sample_form.pdf")
    ticks = Counter(place(one).name for one in of_kind(found, PlacementKind.TICK_BOX))
    assert Counter(ticks.values()) == {1: 9, 2: 1}
    texts = of_kind(found, PlacementKind.TEXT_AREA)
    assert len(texts) == 17
    assert len(of_kind(found, PlacementKind.SIGNATURE_AREA)) == 1
    on = {folded(one.label) for one in found if one.state is Mark.ON}
    assert {"male", "other doctorate", "high school diploma"} <= on
    assert len(on) == 6
    assert "133 Tin Drive" in {one.text for one in texts}


def test_no_appearance_tells_no_state() -> None:
    found = found_in("edge_checkbox_no_appearance.pdf")
    assert [(place(one).name, place(one).on_state, one.state) for one in found] == [
        ("cbOn", "/Yes", Mark.ON),
        ("cbOff", "", Mark.OFF),
    ]


def test_checks_that_exclude_each_other() -> None:
    found = found_in("edge_checks_as_radio.pdf")
    checks = [place(one) for one in found if place(one).name == "RadioCheck"]
    assert [(one.on_state, one.index) for one in checks] == [
        ("/Opt1", 0),
        ("/Opt2", 1),
        ("/Opt3", 2),
    ]
    assert [one.label for one in found] == ["Option 1", "Option 2", "Option 3"] * 2
