"""Detection in DOCX: areas, in small cases."""

from __future__ import annotations

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

from cqp_forms.docx import wml
from cqp_forms.docx.detect import detect
from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import DocxKind, DocxLocator


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
    (one,) = found_in(paragraph(run("Commentaires")) + table([row([cell(paragraph(""))])], (9000,)))
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


def floating(offset: int, relative: str = "paragraph") -> str:
    """An empty text box so many EMU below its paragraph."""
    return (
        "<w:r><w:drawing><wp:anchor>"
        f'<wp:positionV relativeFrom="{relative}"><wp:posOffset>{offset}</wp:posOffset>'
        "</wp:positionV><wps:wsp><wps:txbx><w:txbxContent><w:p/></w:txbxContent></wps:txbx>"
        "</wps:wsp></wp:anchor></w:drawing></w:r>"
    )


def test_a_text_box_that_floats_a_line_below_answers_that_line() -> None:
    body = (
        paragraph(floating(190_000) + run("À remplir par le tuteur."))
        + paragraph(floating(370_000) + run("Nom :"))
        + paragraph(run("Né le 5 mai"))
        + paragraph(floating(0) + run("Service :"))
    )
    found = found_in(body)
    assert [(one.locator.kind, one.label, bool(one.doubt)) for one in found] == [
        (DocxKind.TEXT_BOX, "Nom :", False),
        (DocxKind.TEXT_BOX, "Service :", False),
        (DocxKind.TEXT_BOX, "Service :", False),
    ]


def test_a_text_box_placed_on_the_page_has_a_label_in_doubt() -> None:
    (one,) = found_in(paragraph(floating(190_000, "page") + run("Nom :")))
    assert (one.label, bool(one.doubt)) == ("Nom :", True)


def test_dots_that_lead_to_a_colon_are_no_line() -> None:
    tabs = (
        '<w:tabs><w:tab w:val="left" w:leader="dot" w:pos="3000"/>'
        '<w:tab w:val="left" w:leader="underscore" w:pos="8000"/></w:tabs>'
    )
    (one,) = found_in(paragraph(run("Nom de l’élève	: 	"), tabs))
    assert (one.label, one.locator.offset) == ("Nom de l’élève:", 17)


@pytest.mark.parametrize("gap", ["\t", "\t\t", "     "])
def test_the_room_before_a_second_label_of_the_line_is_an_area(gap: str) -> None:
    found = found_in(paragraph(run(f"Nom :{gap}Prénom :")))
    assert [(one.label, one.locator.offset) for one in found] == [
        ("Nom :", 5),
        ("Prénom :", 13 + len(gap)),
    ]


def test_what_is_printed_behind_a_label_is_no_area() -> None:
    assert found_in(paragraph(run("Objet :\tÉvaluation des compétences"))) == ()


def test_what_a_box_asks_to_be_told_is_an_area() -> None:
    found = found_in(paragraph(run("Apte ☐ OUI ☐ NON Si oui, précisez :")))
    assert [one.locator.kind for one in found] == [
        DocxKind.GLYPH,
        DocxKind.GLYPH,
        DocxKind.LEADER,
    ]


def test_boxes_inside_a_text_box_are_boxes() -> None:
    body = paragraph(
        "<w:r><w:pict><v:shape><v:textbox><w:txbxContent>"
        f"{paragraph(run('☐ Lu et approuvé'))}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    assert summary(found_in(body)) == [("glyph", "Lu et approuvé", "")]


def test_headers_and_footers_are_read_after_the_body_but_for_what_they_print() -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{wml.R}/footer" Target="footer1.xml"/>'
        f'<Relationship Id="rId2" Type="{wml.R}/header" Target="/word/header1.xml"/>'
        "</Relationships>"
    )
    parts = {
        "word/_rels/document.xml.rels": relations,
        "word/header1.xml": f'<w:hdr xmlns:w="{wml.W}">{paragraph(run("☐ Original"))}</w:hdr>',
        "word/footer1.xml": f'<w:ftr xmlns:w="{wml.W}">{paragraph(run("Visa : ......"))}'
        f"{control('<w:text/>', paragraph(run('1 rue des Lilas')))}</w:ftr>",
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


PARTS = ["jour", "mois", "annee"]


def test_three_areas_with_slashes_between_them_are_one_date() -> None:
    blank = legacy("<w:textInput/>", "FORMTEXT", run("\u2002" * 2))
    three = blank + run(" / ") + blank + run("/") + blank
    found = found_in(paragraph(run("Né le ") + three + run(" Fin le ") + three))
    assert [(one.label, one.option) for one in found] == [
        *(("Né le", one) for one in PARTS),
        *(("Fin le", one) for one in PARTS),
    ]
    assert len({one.group for one in found}) == 2
    assert {one.group for one in found_in(paragraph(run("A ") + blank + run(" / ") + blank))} == {
        ""
    }


@pytest.mark.parametrize(
    "heads", [("JJ", "MM", "AAAA"), ("J", "M", "A"), ("Jour", "Mois", "Année")]
)
def test_cells_under_day_month_and_year_are_one_date(heads: tuple[str, ...]) -> None:
    lines = [("", *heads), ("Date de naissance", "", "", "")]
    rows = [row(cell(paragraph(run(one) if one else "")) for one in line) for line in lines]
    found = found_in(table(rows, (4000, 600, 600, 900)))
    assert [(one.label, one.option) for one in found] == [
        ("Date de naissance", one) for one in PARTS
    ]
    assert len({one.group for one in found}) == 1
    assert {one.kind for one in found} == {PlacementKind.TEXT_AREA}


def test_a_date_is_an_area_though_another_follows() -> None:
    found = found_in(paragraph(run("Date : ___/___/____  Lieu : ________")))
    assert [(one.label, one.locator.offset) for one in found] == [("Date :", 7), ("Lieu :", 28)]


def test_a_caption_in_brackets_below_a_line_names_it() -> None:
    line = paragraph(run("_" * 30))
    said = paragraph(run("Je certifie l’exactitude de ces renseignements."))
    found = found_in(said + line + paragraph(run("(nom)")) + line + paragraph(run("(fonction)")))
    assert [(one.label, one.doubt) for one in found] == [("nom", ""), ("fonction", "")]
    (one,) = found_in(said + line)
    assert one.doubt


def test_a_word_announces_the_room_for_a_signature() -> None:
    room = found_in(paragraph(run("Signature du candidat")) + paragraph("") * 4)
    words = ("Signature du candidat", "Signature de l’évaluateur")
    rows = [row(cell(paragraph(run(one))) for one in words), row([cell(paragraph(""))] * 2)]
    beside = found_in(table(rows, (4500, 4500), framed=False))
    assert [(one.kind, one.label) for one in (*room, *beside)] == [
        (PlacementKind.SIGNATURE_AREA, one) for one in (words[0], *words)
    ]
    assert found_in(paragraph(run("Le candidat")) + paragraph("") * 4) == ()


def test_blocks_side_by_side_by_tabs_each_have_their_title_and_are_read_in_turn() -> None:
    body = paragraph(run("Le candidat\tLe tuteur", "<w:b/>")) + paragraph(run("Nom :\tNom :"))
    found = found_in(body + paragraph(run("Signature :\tSignature :")))
    assert [(one.heading, one.label) for one in found] == [
        (heading, label)
        for heading in ("Le candidat", "Le tuteur")
        for label in ("Nom :", "Signature :")
    ]


def bound(path: str, tag: str = "nom", store: str = "{1A}", prefixes: str = "") -> str:
    """A control in a paragraph, bound to a place of the data of the document where one is given."""
    meaning = f'w:prefixMappings="{prefixes}" w:storeItemID="{store}"'
    binding = f'<w:dataBinding {meaning} w:xpath="{path}"/>' if path else ""
    return control(f'<w:tag w:val="{tag}"/>{binding}<w:text/>', run(" "))


def test_controls_bound_to_the_same_data_take_one_answer() -> None:
    body = "".join(
        paragraph(run(f"{label} : ") + bound(path))
        for label, path in (("Nom", "/f/nom"), ("Ville", "/f/ville"), ("Je soussigné", "/f/nom"))
    )
    first, city, again = found_in(body)
    assert first.group == again.group != city.group == ""


def test_a_store_is_known_in_either_case_and_a_path_by_what_its_prefixes_mean() -> None:
    one, same = bound("/a:nom"), bound("/a:nom", store="{1a}")
    other = bound("/a:nom", prefixes="xmlns:a='urn:autre'")
    body = "".join(paragraph(run("Nom : ") + each) for each in (one, same, other))
    first, second, third = found_in(body)
    assert first.group == second.group != third.group == ""


@pytest.mark.parametrize("path", ["", "/temoins/temoin[{}]/nom"])
def test_controls_of_one_tag_are_the_answers_of_several_people(path: str) -> None:
    body = "".join(paragraph(run("Nom : ") + bound(path.format(rank))) for rank in (1, 2))
    assert [one.group for one in found_in(body)] == ["", ""]
