"""Detection in DOCX: grids under any caption, and boxes that answer one question."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import pytest
from detect_samples import document, found_in
from renditions.docx_base import cell, paragraph, row, run, table, title

from cqp_forms.docx.detect import detect
from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected
from cqp_forms.shown import Mark

WIDE = (5000, 900, 900, 900)


def texts(*values: str) -> str:
    return row(cell(paragraph(run(one) if one else "")) for one in values)


def named(found: Sequence[Detected]) -> list[tuple[str, str]]:
    """The boxes: label and option; those without a group have no option."""
    return [(one.label, one.option) for one in found if one.kind is PlacementKind.TICK_BOX]


def sizes(found: Sequence[Detected]) -> list[int]:
    """How many boxes each group has, in order."""
    counted: dict[str, int] = {}
    for one in found:
        if one.group:
            counted[one.group] = counted.get(one.group, 0) + 1
    return list(counted.values())


@pytest.mark.parametrize(
    "captions",
    [
        ("A", "B", "C", "D"),
        ("ND", "1", "2", "3"),
        ("0", "1", "2", "3"),
        ("Très satisfaisant", "Satisfaisant", "Peu satisfaisant", "Insuffisant"),
        ("Acquis", "En cours d’acquisition", "Non acquis", "Non évalué"),
        ("Jamais", "Parfois", "Souvent", "Toujours"),
        ("Tout à fait d’accord", "Plutôt d’accord", "Plutôt pas d’accord", "Sans avis"),
        ("++", "+", "-", "--"),
        ("☺", "😐", "☹", "NSP"),
        ("1 – Faible", "2 – Moyen", "3 – Bon", "4 – Excellent"),
        ("25 %", "50 %", "75 %", "100 %"),
        ("Favorable", "Favorable avec réserves", "Réservé", "Défavorable"),
        ("Très facile", "Facile", "Difficile", "Pas fait"),
    ],
)
def test_empty_cells_under_a_scale_are_the_answers_to_their_row(captions: tuple[str, ...]) -> None:
    rows = [texts("Critères", *captions), *(texts(one, *[""] * 4) for one in ("Poste", "Pièce"))]
    found = found_in(table(rows, (*WIDE, 900)))
    assert named(found) == [(one, each) for one in ("Poste", "Pièce") for each in captions]
    assert sizes(found) == [4, 4]
    assert {one.doubt for one in found} == {""}


def test_a_scale_in_drawn_boxes_is_one_question_a_row() -> None:
    rows = [texts("Critères", "A", "B"), texts("Poste", "☐", "☐"), texts("Pièce", "☐", "☐")]
    found = found_in(table(rows, WIDE[:3]))
    assert named(found) == [("Poste", "A"), ("Poste", "B"), ("Pièce", "A"), ("Pièce", "B")]
    assert sizes(found) == [2, 2]


def test_what_stands_beside_a_scale_is_an_area_and_a_total_is_counted() -> None:
    rows = [
        texts("Critères", "A", "B", "Observations"),
        texts("Poste", "", "", ""),
        texts("Total", "", "", ""),
    ]
    found = found_in(table(rows, WIDE))
    assert named(found) == [("Poste", "A"), ("Poste", "B")]
    areas = [(one.label, one.column) for one in found if one.kind is PlacementKind.TEXT_AREA]
    assert areas == [("Poste", "Observations")] + [
        ("Total", one) for one in ("A", "B", "Observations")
    ]


def test_a_table_to_write_in_has_no_boxes() -> None:
    rows = [texts("Module", "Date", "Lieu", "Durée"), texts("Sécurité", "", "", "")]
    found = found_in(table(rows, WIDE))
    assert [(one.kind, one.label, one.column) for one in found] == [
        (PlacementKind.TEXT_AREA, "Sécurité", one) for one in ("Date", "Lieu", "Durée")
    ]


def test_unknown_captions_over_narrow_columns_are_boxes_in_doubt() -> None:
    rows = [texts("Critères", "Vert", "Orange", "Rouge"), texts("Poste", "", "", "")]
    found = found_in(table(rows, WIDE))
    assert named(found) == [("Poste", one) for one in ("Vert", "Orange", "Rouge")]
    assert all("cases à cocher" in one.doubt for one in found)


def test_a_header_of_two_rows_and_titles_between_them_lose_no_column() -> None:
    rows = [
        row([cell(paragraph(run("Critères"))), cell(paragraph(run("Niveau")), 3)]),
        texts("", "A", "B", "C"),
        row([cell(paragraph(run("Sécurité")), 4)]),
        texts("Poste", "", "", ""),
        texts("", "A", "B", "C"),
        texts("Pièce", "", "", ""),
    ]
    found = found_in(table(rows, WIDE))
    assert named(found) == [(one, each) for one in ("Poste", "Pièce") for each in "ABC"]
    assert {one.heading for one in found} == {"Sécurité"}


def banded(bands: Sequence[tuple[str, int]], captions: Sequence[str]) -> Sequence[Detected]:
    """A grid of one row whose captions have wider headers over them."""
    heads = [cell(paragraph(run(text)), span) for text, span in (("Critères", 1), *bands)]
    rows = [row(heads), texts("", *captions), texts("Poste", *[""] * len(captions))]
    return found_in(table(rows, (5000, *[900] * len(captions))))


@pytest.mark.parametrize(
    "captions", [("A", "B", "A", "B"), ("1", "2", "OUI", "NON"), ("A", "B", "C", "D")], ids="".join
)
def test_scales_under_headers_of_their_own_are_questions_of_their_own(
    captions: tuple[str, ...],
) -> None:
    found = banded([("Début", 2), ("Fin", 2)], captions)
    assert named(found) == [
        (f"Poste – {band}", option)
        for band, part in (("Début", captions[:2]), ("Fin", captions[2:]))
        for option in part
    ]
    assert sizes(found) == [2, 2]


def test_a_header_that_grades_parts_no_scale() -> None:
    found = banded([("Insuffisant", 2), ("Satisfaisant", 2)], "1234")
    assert named(found) == [("Poste", one) for one in "1234"]
    assert sizes(found) == [4]


def test_a_text_beside_each_scale_is_told_apart() -> None:
    found = banded([("Début", 3), ("Fin", 3)], ("OUI", "NON", "Preuve", "OUI", "NON", "Preuve"))
    assert [(one.label, one.column) for one in found] == [
        (f"Poste – {band}", column)
        for band in ("Début", "Fin")
        for column in ("OUI", "NON", "Preuve")
    ]
    assert sizes(found) == [2, 2]
    assert {one.doubt for one in found} == {""}


def test_a_scale_stands_under_the_wide_answers_of_other_rows() -> None:
    named_above = row([cell(paragraph(run("Nom du candidat"))), cell(paragraph(""), 3)])
    found = found_in(
        table([named_above, texts("Critères", *"ABC"), texts("Poste", "", "", "")], WIDE)
    )
    assert named(found) == [("Poste", one) for one in "ABC"]
    assert [one.label for one in found if one.kind is PlacementKind.TEXT_AREA] == [
        "Nom du candidat"
    ]


def test_questions_side_by_side_each_have_their_boxes() -> None:
    rows = [
        texts("Critère", "OUI", "NON", "Critère", "OUI", "NON"),
        texts("Premier critère", "", "", "Second critère", "", ""),
    ]
    found = found_in(table(rows, (3000, 900, 900, 3000, 900, 900)))
    assert named(found) == [
        (f"{one} critère", option) for one in ("Premier", "Second") for option in ("OUI", "NON")
    ]


@pytest.mark.parametrize(
    ("between", "doubtful"), [(paragraph(""), False), (title("Suite", 2), True)]
)
def test_a_table_cut_by_a_page_keeps_its_columns(between: str, doubtful: bool) -> None:
    first = table([texts("Critères", "NON", "OUI"), texts("Poste", "", "")], WIDE[:3])
    found = found_in(first + between + table([texts("Pièce", "", "")], WIDE[:3]))
    assert named(found) == [(one, each) for one in ("Poste", "Pièce") for each in ("NON", "OUI")]
    assert [bool(one.doubt) for one in found] == [False, False, doubtful, doubtful]


def test_another_table_does_not_take_the_columns_of_the_one_before() -> None:
    first = table([texts("Critères", "A", "B"), texts("Poste", "", "")], WIDE[:3])
    found = found_in(first + paragraph("") + table([texts("Nom", "", "")], (2000, 3000, 3000)))
    assert [one.kind for one in found[2:]] == [PlacementKind.TEXT_AREA] * len(found[2:])


def test_the_order_of_columns_seen_on_a_row_holds_for_all() -> None:
    rows = [texts("Poste", "☐ NON", "☐ OUI"), texts("Pièce", "☐", "☐")]
    found = found_in(table(rows, WIDE[:3]))
    assert named(found) == [(one, each) for one in ("Poste", "Pièce") for each in ("NON", "OUI")]


def test_boxes_in_a_line_are_one_question_only_when_they_exclude_one_another() -> None:
    body = paragraph(run("Apte : ☐ Oui ☐ Non ☐ Ne sait pas")) + paragraph(run("☐ CV ☐ Lettre"))
    found = found_in(body)
    assert named(found)[:3] == [("Apte :", one) for one in ("Oui", "Non", "Ne sait pas")]
    assert sizes(found) == [3]
    assert [one.label for one in found[3:]] == ["CV", "Lettre"]


@pytest.mark.parametrize(
    "words", [("Favorable", "Défavorable"), ("Présent", "Absente"), ("Avis favorable", "Réservé")]
)
def test_an_opinion_in_a_line_is_one_question(words: tuple[str, str]) -> None:
    found = found_in(paragraph(run("Décision : ☐ {} ☐ {}".format(*words))))
    assert named(found) == [("Décision :", one) for one in words]
    assert sizes(found) == [2]


def test_columns_of_names_or_of_remarks_take_texts() -> None:
    rows = [texts("Séance", "Présents", "Absents", "Réserves"), texts("1", "", "", "")]
    assert {one.kind for one in found_in(table(rows, (2000,) * 4))} == {PlacementKind.TEXT_AREA}


def test_a_numbered_scale_is_one_question() -> None:
    found = found_in(paragraph(run("Note sur 4 : 2 ☐ 3 ☐ 4 ☐")))
    assert named(found) == [("Note sur 4", one) for one in "234"]
    assert sizes(found) == [3]


def test_a_row_of_thousands_of_cells_takes_no_more_than_its_length() -> None:
    def work(cells: int) -> int:
        content = document(table([texts(*["Nom", "", "☐"] * cells)], (900,)))
        return calls_of(lambda: detect(content))

    work(10)
    assert work(800) < 5 * work(200)


@pytest.mark.parametrize(
    ("captions", "doubtful"),
    [
        (("Satisfaisant", "Peu satisfaisant", "Impossible à évaluer"), False),
        (("Par courrier", "Par téléphone"), True),
    ],
)
def test_circles_under_one_lead_are_one_question(captions: Sequence[str], doubtful: bool) -> None:
    lines = "".join(paragraph(run(f"○ {one}")) for one in captions)
    found = found_in(paragraph(run("Appréciation :")) + lines)
    assert named(found) == [("Appréciation :", one) for one in captions]
    assert sizes(found) == [len(captions)]
    assert {bool(one.doubt) for one in found} == {doubtful}


def test_circles_in_one_line_are_one_question_and_the_filled_one_is_ticked() -> None:
    found = found_in(paragraph(run("Vous êtes : ○ salarié ● stagiaire")))
    assert named(found) == [("Vous êtes :", "salarié"), ("Vous êtes :", "stagiaire")]
    assert [one.state for one in found] == [Mark.OFF, Mark.ON]
    assert {one.doubt for one in found} == {""}


@pytest.mark.parametrize("text", ["○ un seul point de liste", "Stocker à 20 ○C", "● Un", "■ Deux"])
def test_a_circle_that_is_the_mark_of_a_list_or_a_letter_is_no_box(text: str) -> None:
    assert found_in(paragraph(run("Règles de stockage.")) + paragraph(run(text))) == ()


def test_circles_in_cells_are_one_question_a_row() -> None:
    rows = [texts("Critères", "A", "B"), texts("Poste", "○", "○"), texts("Pièce", "○", "○")]
    found = found_in(table(rows, WIDE[:3]))
    assert named(found) == [("Poste", "A"), ("Poste", "B"), ("Pièce", "A"), ("Pièce", "B")]
    assert {one.doubt for one in found} == {""}


def test_a_number_before_an_item_is_no_degree_beside_it() -> None:
    found = found_in(paragraph(run("2- ☐ Suffisante ☐")))
    assert [(one.label, one.group) for one in found] == [("2-", ""), ("Suffisante", "")]


def test_two_questions_in_one_line_each_have_their_answers() -> None:
    found = found_in(paragraph(run("Apte : ☐ Oui ☐ Non    Formé : ☐ Oui ☐ Non")))
    assert named(found) == [(one, each) for one in ("Apte :", "Formé :") for each in ("Oui", "Non")]
    assert sizes(found) == [2, 2]


def test_a_row_without_words_is_a_doubt_and_its_words_an_area_of_their_own_header() -> None:
    rows = [texts("Critère", "A", "B"), texts("Poste", "", ""), texts("", "", "")]
    area, *boxes = found_in(table(rows, WIDE[:3]))[2:]
    assert (area.kind, area.label) == (PlacementKind.TEXT_AREA, "Critère")
    assert all("libellé" in one.doubt for one in boxes)


def test_the_same_scale_twice_without_a_title_is_a_doubt() -> None:
    rows = [texts("Critères", "Oui", "Non", "Oui", "Non"), texts("Poste", *[""] * 4)]
    found = found_in(table(rows, (*WIDE, 900)))
    assert sizes(found) == [2, 2]
    assert all("deux fois" in one.doubt for one in found)


def test_what_is_written_in_a_cell_of_boxes_is_not_what_its_row_asks() -> None:
    rows = [texts("Critères", "OUI", "NON"), texts("Poste", "voir annexe", "")]
    (one,) = found_in(table(rows, WIDE[:3]))
    assert (one.label, one.column) == ("Poste", "NON")


def test_columns_numbered_by_week_are_no_scale() -> None:
    rows = [texts("Semaine", "1", "2", "3"), texts("Présence", "", "", "")]
    assert all(
        one.doubt or one.kind is PlacementKind.TEXT_AREA for one in found_in(table(rows, WIDE))
    )


@pytest.mark.parametrize("body", ["Nom :\t", "☐ Oui ☐ Non ", "○ un "])
def test_a_paragraph_of_thousands_of_places_takes_no_more_than_its_length(body: str) -> None:
    def work(times: int) -> int:
        content = document(paragraph(run(body * times)))
        return calls_of(lambda: detect(content))

    work(10)
    assert work(800) < 5 * work(200)


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called: what grows with the length, whatever the machine does."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
