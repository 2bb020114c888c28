"""Detection in DOCX: tables and areas, in small cases."""

from __future__ import annotations

import io
import zipfile

import pytest
from detect_samples import control, document, found_in, legacy, summary, with_parts
from renditions.docx_base import (
    STYLES,
    cell,
    paragraph,
    row,
    run,
    table,
    title,
)
from renditions.docx_ways import WAYS

from cqp_forms.docx import wml
from cqp_forms.docx.detect import detect
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import DocxKind, DocxLocator
from cqp_forms.shown import Mark

# -- tables -----------------------------------------------------------------------------------


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


def test_an_empty_cell_among_drawn_boxes_is_only_empty() -> None:
    body = table(
        [texts("Critères", "OUI"), texts("Un groupe", ""), texts("Choix justifié", "☐")], (6, 1)
    )
    assert summary(found_in(body)) == [("glyph", "Choix justifié", "OUI")]


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


# -- areas ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "offset"),
    [
        (run("Nom : ..............."), 6),
        (run("Nom : …………"), 6),
        (run("Nom : …"), 6),
        (run("Nom : ") + run("____") + run("____"), 6),
        (run("Nom : . . . . . . ."), 6),
        (run("Nom : ") + run("          ", '<w:u w:val="single"/>'), 6),
        (run("Nom :"), 5),
        (run("Nom : / /"), 6),
        (run("Nom : __ / __ / ____"), 6),
    ],
)
def test_each_kind_of_line_to_write_on(line: str, offset: int) -> None:
    (one,) = found_in(paragraph(line))
    assert (one.locator.kind, one.locator.offset) == (DocxKind.LEADER, offset)
    assert (one.kind, one.label) == (PlacementKind.TEXT_AREA, "Nom :")


def test_a_tab_with_a_leader_is_a_line_and_one_without_is_not() -> None:
    leader = '<w:tabs><w:tab w:val="left" w:leader="underscore" w:pos="9000"/></w:tabs>'
    (one,) = found_in(paragraph(run("Fait le\t"), leader))
    assert one.locator.offset == 7
    assert found_in(paragraph(run("Fait le\t"), leader.replace("underscore", "none"))) == ()


def test_two_lines_in_one_paragraph_have_their_own_words() -> None:
    found = found_in(paragraph(run("Nom : .......... Prénom : ..........")))
    assert [one.label for one in found] == ["Nom :", "Prénom :"]


def test_dots_in_running_text_and_contents_are_no_lines() -> None:
    contents = STYLES.replace(
        "</w:styles>",
        '<w:style w:type="paragraph" w:styleId="TM1"><w:name w:val="toc 1"/><w:pPr><w:tabs>'
        '<w:tab w:val="right" w:leader="dot" w:pos="9000"/></w:tabs></w:pPr></w:style></w:styles>',
    )
    body = paragraph(run("formation, expérience, ...")) + paragraph(
        run("Introduction\t3"), '<w:pStyle w:val="TM1"/>'
    )
    assert detect(with_parts(document(body), {"word/styles.xml": contents})) == ()


def test_a_label_that_introduces_a_list_or_boxes_is_no_line() -> None:
    body = (
        paragraph(run("Entretien :"))
        + paragraph(run("• Bilan des activités"))
        + paragraph(run("Documents à disposition :"))
        + paragraph(run("☐ Dossier candidat"))
    )
    (one,) = found_in(body)
    assert (one.label, one.heading) == ("Dossier candidat", "Documents à disposition :")


def test_a_label_before_a_paragraph_is_a_line_only_among_others() -> None:
    long = paragraph(run("Vous allez conduire l’évaluation des compétences d’un candidat. " * 3))
    assert found_in(paragraph(run("Entretien :")) + long) == ()
    among = found_in(paragraph(run("Nom :")) + paragraph(run("Entreprise :")) + long)
    assert [one.label for one in among] == ["Nom :", "Entreprise :"]


def test_blank_lines_under_an_item_of_a_list_are_its_area() -> None:
    body = paragraph(run("• Pour la formation")) + paragraph("") * 3 + paragraph(run("Fin"))
    (one,) = found_in(body)
    assert (one.label, one.multiline) == ("Pour la formation", True)
    assert found_in(paragraph(run("Un texte")) + paragraph("") * 3) == ()
    assert found_in(paragraph(run("• Un item qui se lit.")) + paragraph("") * 3) == ()


def test_lines_without_words_prolong_the_first() -> None:
    body = paragraph(run("Remarques :")) + paragraph(run("." * 60)) * 4
    (one,) = found_in(body)
    assert (one.label, one.multiline, one.locator.target) == ("Remarques :", True, "body/p[2]")


def test_bordered_blank_paragraphs_are_one_area() -> None:
    border = '<w:pBdr><w:top w:val="single"/><w:bottom w:val="single"/></w:pBdr>'
    body = paragraph(run("Commentaires")) + paragraph("", border) * 3 + paragraph("")
    (one,) = found_in(body)
    assert (one.locator.kind, one.label, one.multiline) == (
        DocxKind.PARAGRAPH,
        "Commentaires",
        True,
    )


def test_a_frame_under_its_label_is_an_area() -> None:
    (one,) = found_in(paragraph(run("Commentaires")) + table([texts("")], (9000,)))
    assert (one.locator.kind, one.label, one.multiline) == (DocxKind.CELL, "Commentaires", True)


@pytest.mark.parametrize(
    ("properties", "inside", "text", "multiline"),
    [
        ("<w:text/>", run("DUPONT"), "DUPONT", False),
        ("<w:showingPlcHdr/><w:text/>", run("Cliquez ici"), "", False),
        ('<w:text w:multiLine="1"/>', run("a") + "<w:r><w:br/></w:r>" + run("b"), "a\nb", True),
        ("<w:date/>", run("05/01/2026"), "05/01/2026", False),
        ("<w:dropDownList/>", run("Choix A"), "Choix A", False),
        ("<w:comboBox/>", run("Choix B"), "Choix B", False),
    ],
)
def test_controls_are_areas_with_what_they_hold(
    properties: str, inside: str, text: str, multiline: bool
) -> None:
    (one,) = found_in(paragraph(run("Valeur : ") + control(properties, inside)))
    assert (one.kind, one.label) == (PlacementKind.TEXT_AREA, "Valeur :")
    assert (one.text, one.multiline) == (text, multiline)


def test_a_legacy_text_field_shows_its_result_and_its_result_is_no_wording() -> None:
    typed = legacy("<w:textInput/>", "FORMTEXT", run("DUPONT"))
    blank = legacy("<w:textInput/>", "FORMTEXT", run("\u2002" * 5))
    one, two = found_in(paragraph(run("Nom : ") + typed + run(" Prénom : ") + blank))
    assert (one.label, one.text) == ("Nom :", "DUPONT")
    assert (two.label, two.text) == ("Prénom :", "")


def test_a_text_box_is_counted_once_in_its_two_renderings() -> None:
    twin = f"<w:txbxContent>{paragraph(run('Visa'))}</w:txbxContent>"
    body = paragraph(
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>'
        f"{twin}</wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape>"
        f"<v:textbox>{twin}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    (one,) = found_in(body)
    assert (one.locator.kind, one.text) == (DocxKind.TEXT_BOX, "Visa")
    assert isinstance(one.locator, DocxLocator) and "/Choice/" in one.locator.target


def test_a_vml_square_alone_is_a_box_and_a_large_frame_is_not() -> None:
    shape = '<w:r><w:pict><v:rect style="width:{0}pt;height:{0}pt"/></w:pict></w:r>'
    (one,) = found_in(paragraph(shape.format(10) + run(" Lu")) + paragraph(shape.format(200)))
    assert (one.locator.kind, one.label) == (DocxKind.DRAWING, "Lu")


def test_boxes_inside_a_text_box_are_boxes() -> None:
    body = paragraph(
        "<w:r><w:pict><v:shape><v:textbox><w:txbxContent>"
        f"{paragraph(run('☐ Lu et approuvé'))}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    assert summary(found_in(body)) == [("glyph", "Lu et approuvé", "")]


def test_headers_and_footers_are_read_after_the_body() -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{wml.R}/footer" Target="footer1.xml"/>'
        f'<Relationship Id="rId2" Type="{wml.R}/header" Target="/word/header1.xml"/>'
        "</Relationships>"
    )
    parts = {
        "word/_rels/document.xml.rels": relations,
        "word/header1.xml": f'<w:hdr xmlns:w="{wml.W}">{paragraph(run("☐ Original"))}</w:hdr>',
        "word/footer1.xml": f'<w:ftr xmlns:w="{wml.W}">{paragraph(run("Visa : ......"))}</w:ftr>',
    }
    found = detect(with_parts(document(paragraph(run("☐ Corps"))), parts))
    assert [(one.locator.part, one.label) for one in found] == [
        ("word/document.xml", "Corps"),
        ("word/header1.xml", "Original"),
        ("word/footer1.xml", "Visa :"),
    ]
    assert [one.order for one in found] == [0, 1, 2]


def test_the_nearest_title_above_is_the_heading() -> None:
    body = (
        title("Partie", 1)
        + paragraph(run("☐ A"))
        + paragraph(run("En gras", "<w:b/>"))
        + paragraph(run("☐ B"))
    )
    assert [one.heading for one in found_in(body)] == ["Partie", "En gras"]


def test_text_boxes_in_text_boxes_are_read_in_no_time() -> None:
    body = paragraph(run("Nom :"))
    for _ in range(25):
        style = 'style="width:12pt;height:12pt"'
        inside = f"<v:textbox><w:txbxContent>{body}</w:txbxContent></v:textbox>"
        body = paragraph(f"<w:r><w:pict><v:rect {style}>{inside}</v:rect></w:pict></w:r>")
    assert [one.label for one in found_in(body)] == ["Nom :"]
