"""Detection in DOCX: every kind of box and area, in whole guides, in small cases, in real forms."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from renditions.docx_base import (
    DOCUMENT_TYPE,
    NAMESPACES,
    STYLES,
    Place,
    cell,
    package,
    paragraph,
    row,
    run,
    table,
    title,
)
from renditions.docx_ways import WAYS

from cqp_forms.docx import wml
from cqp_forms.docx.detect import detect
from cqp_forms.docx.stamp import Stamper
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import Detected, DocxKind, DocxLocator, Format
from cqp_forms.matching.drafting import draft
from cqp_forms.plan import Edition, LeaveBlank, Plan, Text, Tick
from cqp_forms.shown import Mark

EDITION = Edition("Essai", datetime(2026, 1, 5, tzinfo=UTC))


def document(body: str) -> bytes:
    xml = f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>".encode()
    return package(xml, "", DOCUMENT_TYPE, strict=False)


def found_in(body: str) -> tuple[Detected, ...]:
    return detect(document(body))


def with_parts(document: bytes, parts: dict[str, str]) -> bytes:
    """The same document with zip members replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, text in parts.items():
            new.writestr(name, text)
    return target.getvalue()


def place(one: Detected) -> Place:
    assert isinstance(one.locator, DocxLocator)
    return Place(one.locator.kind, one.locator.target, one.locator.offset)


def summary(found: tuple[Detected, ...]) -> list[tuple[str, str, str]]:
    return [(str(one.locator.kind), one.label, one.column) for one in found]


# -- whole guides -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", WAYS)
def test_every_box_and_area_of_a_rendition_is_found_and_nothing_else(
    name: str, guide: Guide
) -> None:
    rendition = WAYS[name](guide, name).make()
    found = {place(one): one for one in detect(rendition.content)}
    assert set(found) == set(rendition.truth.values())
    for placement, where in rendition.truth.items():
        expected = guide.placements[placement].kind
        assert found[where].kind is expected, placement
        assert found[where].state is Mark.OFF
        assert not found[where].text


# -- tick boxes -------------------------------------------------------------------------------

CHECKBOX = '<w14:checkbox><w14:checked w14:val="{}"/></w14:checkbox>'


def control(properties: str, inside: str) -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"


def legacy(data: str, name: str = "FORMCHECKBOX", result: str = "") -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
        f"<w:r><w:instrText> {name} </w:instrText></w:r>"
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize(
    ("box", "kind", "state"),
    [
        (control(CHECKBOX.format(0), run("☐")), DocxKind.CONTROL_AT, Mark.OFF),
        (control(CHECKBOX.format(1), run("☒")), DocxKind.CONTROL_AT, Mark.ON),
        (
            control(f'<w:tag w:val="x"/>{CHECKBOX.format("true")}', run("☒")),
            DocxKind.CONTROL,
            Mark.ON,
        ),
        (legacy("<w:checkBox><w:checked/></w:checkBox>"), DocxKind.FORM_CHECKBOX, Mark.ON),
        (
            legacy('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>'),
            DocxKind.FORM_CHECKBOX,
            Mark.OFF,
        ),
        (
            legacy('<w:checkBox><w:default w:val="1"/></w:checkBox>'),
            DocxKind.FORM_CHECKBOX,
            Mark.ON,
        ),
        ('<w:r><w:sym w:font="Wingdings" w:char="F06F"/></w:r>', DocxKind.SYMBOL, Mark.OFF),
        ('<w:r><w:sym w:font="Wingdings" w:char="00FE"/></w:r>', DocxKind.SYMBOL, Mark.ON),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F0A3"/></w:r>', DocxKind.SYMBOL, Mark.OFF),
        ('<w:r><w:sym w:font="Webdings" w:char="F063"/></w:r>', DocxKind.SYMBOL, Mark.OFF),
        (run("□"), DocxKind.GLYPH, Mark.OFF),
        (run("❏"), DocxKind.GLYPH, Mark.OFF),
        (run("☑"), DocxKind.GLYPH, Mark.ON),
        (run("\uf0a8"), DocxKind.GLYPH, Mark.OFF),
        (run("\uf0fe"), DocxKind.GLYPH, Mark.ON),
        (run("q", '<w:rFonts w:ascii="Wingdings"/>'), DocxKind.GLYPH, Mark.OFF),
    ],
)
def test_each_kind_of_box_with_its_state(box: str, kind: DocxKind, state: Mark) -> None:
    (one,) = found_in(paragraph(box + run(" Dossier candidat")))
    assert (one.kind, one.locator.kind) == (PlacementKind.TICK_BOX, kind)
    assert (one.state, one.label) == (state, "Dossier candidat")


@pytest.mark.parametrize(
    "inside",
    [
        run("q"),  # a letter in an ordinary font
        '<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>',  # an arrow
        '<w:r><w:sym w:font="Symbol" w:char="F06F"/></w:r>',  # an omicron
        run("\uf0b7 une puce"),
        "<w:del><w:r><w:delText>☐ supprimé</w:delText></w:r></w:del>",
    ],
)
def test_what_only_looks_like_a_box_is_none(inside: str) -> None:
    assert found_in(paragraph(inside)) == ()


def test_several_boxes_in_one_run_each_have_their_offset_and_words() -> None:
    found = found_in(paragraph(run("Réponse : ☐ oui ☑ non")))
    assert [(one.locator.offset, one.column, one.label, one.state) for one in found] == [
        (10, "oui", "Réponse :", Mark.OFF),
        (16, "non", "Réponse :", Mark.ON),
    ]


def test_words_split_over_runs_are_one_wording() -> None:
    found = found_in(paragraph(run("☐") + run(" Dos") + run("sier can") + run("didat")))
    assert summary(found) == [("glyph", "Dossier candidat", "")]


def test_a_box_after_its_words_takes_those_before_it() -> None:
    found = found_in(paragraph(run("Urgent ☐ Courant ☐")))
    assert [one.label for one in found] == ["Urgent", "Courant"]


def test_oui_and_non_answer_the_paragraph_above() -> None:
    found = found_in(paragraph(run("La réclamation est traitée")) + paragraph(run("☐ OUI ☐ NON")))
    assert summary(found) == [
        ("glyph", "La réclamation est traitée", "OUI"),
        ("glyph", "La réclamation est traitée", "NON"),
    ]


def test_a_control_around_a_row_is_one_box_its_glyph_none() -> None:
    body = table(
        [control(CHECKBOX.format(0), row([cell(paragraph(run("☐"))), cell(paragraph(run("A")))]))],
        (500, 5000),
    )
    assert summary(found_in(body)) == [("control_at", "A", "")]


def test_a_control_that_holds_a_piece_of_the_form_is_read_inside() -> None:
    body = control("", paragraph(run("☐ Un")) + paragraph(run("☐ Deux")))
    assert [one.label for one in found_in(body)] == ["Un", "Deux"]


@pytest.mark.parametrize("around", ["run", "paragraph", "cell"])
def test_words_inside_the_control_of_a_box_are_its_own(around: str) -> None:
    inside = run("☐ OUI")
    if around == "run":
        body = paragraph(run("Le choix ")) + paragraph(control(CHECKBOX.format(0), inside))
    elif around == "paragraph":
        body = paragraph(run("Le choix ")) + control(CHECKBOX.format(0), paragraph(inside))
    else:
        box = control(CHECKBOX.format(0), cell(paragraph(inside)))
        body = table([row([cell(paragraph(run("Le choix"))), box])], (6, 1))
    assert summary(found_in(body)) == [("control_at", "Le choix", "OUI")]


def test_a_control_around_a_letter_of_a_pictorial_font_holds_a_box() -> None:
    inside = run("o", '<w:rFonts w:ascii="Wingdings"/>')
    (one,) = found_in(paragraph(run("Lu ") + control('<w:tag w:val="t"/>', inside)))
    assert (one.locator.kind, one.kind) == (DocxKind.GLYPH, PlacementKind.TICK_BOX)


def test_a_cross_in_a_drawn_square_ticks_it() -> None:
    inside = f"<v:textbox><w:txbxContent>{paragraph(run('X'))}</w:txbxContent></v:textbox>"
    shape = f'<w:r><w:pict><v:rect style="width:10pt;height:10pt">{inside}</v:rect></w:pict></w:r>'
    (one,) = found_in(paragraph(shape + run(" Lu")))
    assert (one.locator.kind, one.state) == (DocxKind.DRAWING, Mark.ON)


def test_a_tag_shared_by_two_controls_names_neither() -> None:
    twice = control(f'<w:tag w:val="t"/>{CHECKBOX.format(0)}', run("☐"))
    kinds = [one.locator.kind for one in found_in(paragraph(twice + run(" A ") + twice))]
    assert kinds == [DocxKind.CONTROL_AT, DocxKind.CONTROL_AT]


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


# -- real forms -------------------------------------------------------------------------------

CORPUS = {
    "en_referral_FORMCHECKBOX.docx": ({"formcheckbox": 44, "formtext": 46}, 12),
    "en_mixed_w14_and_legacy.docx": ({"formcheckbox": 2, "control_at": 5}, 2),
    "en_checklist_w14_cells.docx": ({"control_at": 21}, 1),
    "en_fax_wingdings_sym.docx": ({"symbol": 5, "control": 4, "control_at": 10}, 0),
    "fr_autorisation_acces_textboxes.docx": ({"textbox": 2, "leader": 1}, 0),
}


def corpus(shared: Path, name: str) -> bytes:
    path = shared / "corpus" / name
    if not path.is_file():
        pytest.skip(f"{name} does not lie beside this checkout")
    return path.read_bytes()


@pytest.mark.parametrize("name", CORPUS)
def test_real_forms_have_their_boxes_and_areas(name: str, shared: Path) -> None:
    kinds, ticked = CORPUS[name]
    found = detect(corpus(shared, name))
    assert Counter(str(one.locator.kind) for one in found) == kinds
    assert sum(one.state is Mark.ON for one in found) == ticked


@pytest.mark.parametrize("name", CORPUS)
@pytest.mark.parametrize("tick", Tick)
def test_every_box_of_a_real_form_can_be_ticked_and_unticked(
    name: str, tick: Tick, shared: Path
) -> None:
    content = corpus(shared, name)
    found = detect(content)
    made = draft(found, "essai", Format.DOCX, name, content)
    filler = {
        PlacementKind.TICK_BOX: tick,
        PlacementKind.TEXT_AREA: Text("Été"),
        PlacementKind.SIGNATURE_AREA: LeaveBlank.SIGN,
    }
    plan = Plan({key: filler[one.kind] for key, one in made.guide.placements.items()})
    again = detect(Stamper(content, made.mapping, made.guide).stamp(plan, EDITION))
    boxes = [one.state for one in again if one.kind is PlacementKind.TICK_BOX]
    areas = [one.text for one in again if one.kind is PlacementKind.TEXT_AREA]
    assert boxes == [Mark.ON if tick is Tick.ON else Mark.OFF] * len(boxes)
    assert len(boxes) == sum(one.kind is PlacementKind.TICK_BOX for one in found)
    assert areas == ["Été"] * len(areas)


# -- what is no form --------------------------------------------------------------------------


def test_a_letter_has_no_box_and_is_no_error() -> None:
    assert found_in(paragraph(run("Madame,")) + paragraph(run("Veuillez agréer…"))) == ()


def archive(**members: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/"), text)
    return target.getvalue()


def bomb() -> bytes:
    whole = document(paragraph(run("a")))
    return with_parts_deflated(whole, {"word/document.xml": " " * (64 * 1024 * 1024)})


def with_parts_deflated(document: bytes, parts: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
    return target.getvalue()


ENTITY = '<!DOCTYPE w:document [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: b"", "vide"),
        (lambda: b"%PDF-1.7\n", "PDF"),
        (lambda: b"Bonjour", "pas un document Word"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "ancien format"),
        (lambda: document(paragraph(run("☐")))[:-400], "abîmé"),
        (lambda: archive(mimetype="x"), "pas un document Word"),
        (bomb, "volumineux"),
        (
            lambda: with_parts(
                document(""), {"word/document.xml": f"{ENTITY}<w:document xmlns:w='{wml.W}'/>"}
            ),
            "DOCTYPE",
        ),
        (lambda: with_parts(document(""), {"word/document.xml": "<w:document"}), "XML valable"),
        (
            lambda: with_parts(document(""), {"word/document.xml": "<workbook/>"}),
            "pas un document Word",
        ),
    ],
)
def test_what_is_no_document_is_refused_with_its_own_message(content, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        detect(content())
    assert words in caught.value.message
    assert caught.value.remedy
    assert caught.value.exit_code == 4


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A document with elements removed, renamed, or given absurd values."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = wml.parse(archive.read("word/document.xml"))
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    for _ in range(20):
        one, other = chance.choice(elements), chance.choice(elements)
        parent = one.getparent()
        if parent is None:
            continue
        change = chance.randrange(3)
        if change == 0:
            parent.remove(one)
        elif change == 1:
            one.tag = other.tag
        for key in one.attrib if change == 2 else ():
            one.set(key, chance.choice(["", "-1", "²", "99999999999", "é"]))
    return with_parts(content, {"word/document.xml": etree.tostring(root).decode()})


@pytest.mark.parametrize("name", WAYS)
def test_a_damaged_document_never_ends_in_a_traceback(name: str, guide: Guide) -> None:
    content = WAYS[name](guide).make().content
    for seed in range(6):
        with contextlib.suppress(DocumentError):
            detect(damaged(content, random.Random(seed)))
