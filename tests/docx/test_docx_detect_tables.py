"""Detection in DOCX: tables, in small cases."""

from __future__ import annotations

import io
import zipfile

import pytest
from detect_samples import document, found_in, summary
from renditions.docx_base import (
    cell,
    paragraph,
    row,
    run,
    table,
)
from renditions.docx_ways import WAYS

from cqp_forms.docx import wml
from cqp_forms.docx.detect import detect
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import DocxKind, DocxLocator
from cqp_forms.shown import Mark


def texts(*values: str) -> str:
    return row(cell(paragraph(run(one) if one else "")) for one in values)


def test_empty_cells_under_non_and_oui_are_boxes_of_their_row() -> None:
    body = table(
        [texts("Critères", "NON", "OUI"), texts("Le choix est justifié", "", "")], (6, 1, 1)
    )
    assert summary(found_in(body)) == [
        ("cell", "Le choix est justifié", "NON"),
        ("cell", "Le choix est justifié", "OUI"),
    ]


def test_a_cross_in_a_cell_under_oui_is_a_ticked_box() -> None:
    body = table([texts("", "OUI", "NON"), texts("Le choix", "X", "")], (6, 1, 1))
    assert [one.state for one in found_in(body)] == [Mark.ON, Mark.OFF]


def test_headers_hold_past_a_title_and_merged_columns() -> None:
    body = table(
        [
            texts("Critères", "OUI", "NON"),
            row([cell(paragraph(run("Un groupe")), 3)]),
            row([cell(paragraph(run("Fiabilité vérifiée"))), cell(paragraph(""), 2)]),
            texts("Choix justifié", "", ""),
        ],
        (6, 1, 1),
    )
    found = found_in(body)
    assert [(one.label, one.column, one.heading) for one in found] == [
        ("Fiabilité vérifiée", "OUI", "Un groupe"),
        ("Choix justifié", "OUI", "Un groupe"),
        ("Choix justifié", "NON", "Un groupe"),
    ]


def test_past_a_title_only_oui_and_non_still_head_a_column() -> None:
    body = table(
        [
            texts("Organismes", "Témoins"),
            row([cell(paragraph(run("Types de faits")), 2)]),
            texts("☐ Abandon", "☐ Négligence"),
        ],
        (4, 4),
    )
    found = found_in(body)
    assert [(one.label, one.column, one.heading) for one in found] == [
        ("Abandon", "", "Types de faits"),
        ("Négligence", "", "Types de faits"),
    ]


@pytest.mark.parametrize("mark", ["☐", ""])
def test_one_header_over_both_columns_gives_each_box_its_word(mark: str) -> None:
    body = table(
        [
            row([cell(paragraph(run("Un groupe"))), cell(paragraph(run("OUI NON")), 2)]),
            texts("Choix justifié", mark, mark),
        ],
        (6, 1, 1),
    )
    found = found_in(body)
    assert [(one.label, one.column, one.heading) for one in found] == [
        ("Choix justifié", "OUI", "Un groupe"),
        ("Choix justifié", "NON", "Un groupe"),
    ]


def test_two_bare_boxes_in_a_cell_share_the_header_above() -> None:
    body = table([texts("Critères", "Non / Oui"), texts("Choix justifié", "☐ ☐")], (6, 1))
    assert [one.column for one in found_in(body)] == ["Non", "Oui"]


def strong(*values: str) -> str:
    return row(cell(paragraph(run(one, "<w:b/>") if one else "")) for one in values)


def test_a_bold_title_with_empty_cells_behind_it_is_no_row_of_boxes() -> None:
    body = table(
        [
            texts("Critères", "OUI", "NON"),
            strong("Premier groupe", "", ""),
            texts("Choix justifié", "", ""),
            strong("Second groupe", "", ""),
            texts("Fiabilité vérifiée", "", ""),
        ],
        (6, 1, 1),
    )
    found = found_in(body)
    assert [(one.label, one.heading, one.column) for one in found] == [
        ("Choix justifié", "Premier groupe", "OUI"),
        ("Choix justifié", "Premier groupe", "NON"),
        ("Fiabilité vérifiée", "Second groupe", "OUI"),
        ("Fiabilité vérifiée", "Second groupe", "NON"),
    ]


def test_where_every_row_is_bold_none_is_a_title() -> None:
    body = table([strong("Critères", "OUI"), strong("Un", ""), strong("Deux", "")], (6, 1))
    assert [one.label for one in found_in(body)] == ["Un", "Deux"]


def test_a_row_without_boxes_among_rows_with_drawn_ones_is_named_and_not_filled() -> None:
    """It may be a group's title, or have lost its boxes: it was passed over in silence."""
    rows = [
        texts("Critères", "OUI", "NON"),
        texts("Un groupe", "", ""),
        texts("Choix justifié", "☐", "☐"),
    ]
    found = found_in(table(rows, (6, 1, 1)))
    assert [one.label for one in found if one.unfillable] == ["Un groupe"]
    assert [(one.label, one.column) for one in found if not one.unfillable] == [
        ("Choix justifié", "OUI"),
        ("Choix justifié", "NON"),
    ]


@pytest.mark.parametrize("mark", ["X", "x", "✓", "✔"])
def test_any_hand_mark_in_a_cell_under_oui_ticks_it(mark: str) -> None:
    (one,) = found_in(table([texts("Critères", "OUI"), texts("Choix justifié", mark)], (6, 1)))
    assert (one.locator.kind, one.state) == (DocxKind.CELL, Mark.ON)


def test_long_tables_and_absurd_spans_are_read_whole() -> None:
    rows = [texts("Critères", "OUI", "NON"), *(texts(f"Critère {n}", "", "") for n in range(700))]
    huge = '<w:gridSpan w:val="999999999"/>'
    rows.append(row([cell(paragraph(run("Fin")), properties=huge), cell(paragraph(""))]))
    content = document(table(rows, (6, 1, 1)))
    boxes = [one for one in detect(content) if one.kind is PlacementKind.TICK_BOX]
    assert len(boxes) == 1400


def test_the_path_of_each_thing_found_leads_back_to_it(guide: Guide) -> None:
    content = WAYS["formes et zones de texte"](guide).make().content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = wml.parse(archive.read("word/document.xml"))
    for one in detect(content):
        assert isinstance(one.locator, DocxLocator)
        element = wml.find_path(root, one.locator.target)
        assert element is not None
        assert wml.path_of(element) == one.locator.target


def test_cells_merged_downwards_are_no_boxes_and_lend_their_words() -> None:
    start, more = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        [
            texts("Domaine", "Critère", "OUI"),
            row(
                [
                    cell(paragraph(run("Prospection")), properties=start),
                    *(cell(paragraph(run(one) if one else "")) for one in ("Premier", "")),
                ]
            ),
            row(
                [
                    cell(paragraph(""), properties=more),
                    *(cell(paragraph(run(one) if one else "")) for one in ("Second", "")),
                ]
            ),
        ],
        (2, 4, 1),
    )
    assert [(one.label, one.heading) for one in found_in(body)] == [
        ("Premier", "Prospection"),
        ("Second", "Prospection"),
    ]


def test_a_nested_table_answers_the_row_that_holds_it() -> None:
    inner = table([texts("☐ OUI", "☐ NON")], (1, 1), framed=False)
    body = table([row([cell(paragraph(run("Le choix"))), cell(inner + paragraph(""))])], (6, 2))
    assert summary(found_in(body)) == [("glyph", "Le choix", "OUI"), ("glyph", "Le choix", "NON")]


def test_layout_cells_and_spacer_rows_are_nothing() -> None:
    spacer = (
        '<w:tr><w:trPr><w:trHeight w:val="80" w:hRule="exact"/></w:trPr>'
        f"{cell(paragraph(''))}{cell(paragraph(''))}</w:tr>"
    )
    layout = table([texts("", ""), texts("", "Titre")], (3, 3), framed=False)
    assert found_in(layout + table([texts("Nom", "Prénom"), spacer], (3, 3))) == ()


def test_an_empty_cell_is_the_answer_to_the_label_beside_it_or_above_it() -> None:
    beside = table([texts("Nom :", "", "Prénom :", "")], (2, 3, 2, 3))
    above = table([texts("Signature du candidat", "Observations"), texts("", "")], (4, 4))
    found = found_in(beside + above)
    assert summary(found) == [
        ("cell", "Nom :", ""),
        ("cell", "Prénom :", ""),
        ("cell", "Signature du candidat", ""),
        ("cell", "Observations", ""),
    ]
    assert [one.kind for one in found] == [
        PlacementKind.TEXT_AREA,
        PlacementKind.TEXT_AREA,
        PlacementKind.SIGNATURE_AREA,
        PlacementKind.TEXT_AREA,
    ]
