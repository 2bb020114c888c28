"""Detection in DOCX: boxes in a line, in a list and in a cell keep what they answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from detect_samples import control, found_in, legacy
from renditions.docx_base import cell, paragraph, row, run, table

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected

SIGNATURE = PlacementKind.SIGNATURE_AREA


def lines(*texts: str) -> Sequence[Detected]:
    return found_in("".join(paragraph(run(one)) for one in texts))


def rows(*each: Sequence[str]) -> str:
    """A framed table; a cell's paragraphs are parted by a bar."""
    cells = [[cell("".join(map(_paragraph, one.split("|")))) for one in texts] for texts in each]
    return table(map(row, cells), [2400] * len(each[0]))


def _paragraph(text: str) -> str:
    return paragraph(run(text) if text else "")


def options(found: Sequence[Detected]) -> list[tuple[str, str]]:
    """The label and the option of each box; what stands for itself has no option."""
    return [(one.label, one.option) for one in found if one.kind is PlacementKind.TICK_BOX]


def test_boxes_in_a_line_keep_what_is_asked_before_them() -> None:
    found = lines("Mobilité : ☐ interne ☐ externe", "Télétravail : ☐ interne ☐ externe")
    assert options(found) == [
        (f"{asked} : {word}", "")
        for asked in ("Mobilité", "Télétravail")
        for word in ("interne", "externe")
    ]


def test_a_number_before_boxes_asks_nothing() -> None:
    assert options(lines("1. ☐ Bilan ☐ VAE")) == [("Bilan", ""), ("VAE", "")]


def test_two_questions_in_a_line_each_have_their_boxes_behind_the_words() -> None:
    found = lines("Véhicule :  NON ☐   OUI ☐      Permis B :  NON ☐   OUI ☐")
    assert options(found) == [
        (asked, word) for asked in ("Véhicule", "Permis B") for word in ("NON", "OUI")
    ]
    assert len({one.group for one in found}) == 2


def test_boxes_that_number_sessions_may_all_be_ticked() -> None:
    found = lines("Présent aux séances : ☐ 1 ☐ 2 ☐ 3", "Note : ☐ 1 ☐ 2 ☐ 3")
    assert options(found[:3]) == [(f"Présent aux séances : {one}", "") for one in "123"]
    assert options(found[3:]) == [("Note :", one) for one in "123"]


@pytest.mark.parametrize(
    ("lead", "words", "scale"),
    [
        ("L’accueil était :", ("Très satisfaisant", "Satisfaisant", "Insuffisant"), True),
        ("Cochez tout ce qui convient :", ("Satisfaisant", "Insuffisant"), False),
        ("Pièces jointes :", ("Lettre", "Diplôme", "Bon"), False),
        ("Permis :", ("A", "B"), False),
    ],
)
def test_degrees_one_under_the_other_are_one_question(
    lead: str, words: tuple[str, ...], scale: bool
) -> None:
    found = lines("Un titre", lead, *(f"☐ {one}" for one in words))
    assert options(found) == [(lead, one) if scale else (one, "") for one in words]
    assert {one.heading for one in found} == {"" if scale else lead}


def test_a_lead_that_was_answered_heads_no_boxes_below() -> None:
    found = lines("Suggestions :", "______________________", "☐ CAP", "☐ Bac")
    assert [one.heading for one in found] == ["", "", ""]


def test_a_unit_behind_an_answer_is_no_part_of_the_next_label() -> None:
    found = lines("Taille : ........ cm     Poids : ........ kg")
    assert [one.label for one in found] == ["Taille :", "Poids :"]


def test_typed_cells_are_one_area() -> None:
    found = lines("Code postal : |_|_|_|_|_|")
    assert [(one.label, one.kind) for one in found] == [("Code postal :", PlacementKind.TEXT_AREA)]


def test_one_line_under_several_labels_is_to_be_confirmed() -> None:
    found = lines("Nom\tPrénom\tDate", "__________\t__________\t__________")
    assert [bool(one.doubt) for one in found] == [True]


@pytest.mark.parametrize("words", [("Oui", "Non"), ("1", "2", "3"), ("Acquis", "En cours")])
def test_boxes_of_a_cell_answer_its_row_and_its_column(words: tuple[str, ...]) -> None:
    boxes = " ".join(f"☐ {one}" for one in words)
    found = found_in(
        rows(
            ("Compétence", "Auto-évaluation", "Évaluation", "Commentaires"),
            ("Autonomie", boxes, boxes, ""),
            ("Initiative", boxes, boxes, ""),
        )
    )
    assert options(found) == [
        (f"{asked} – {head}", one)
        for asked in ("Autonomie", "Initiative")
        for head in ("Auto-évaluation", "Évaluation")
        for one in words
    ]
    texts = [one for one in found if one.kind is PlacementKind.TEXT_AREA]
    assert [(one.label, one.column) for one in texts] == [
        ("Autonomie", "Commentaires"),
        ("Initiative", "Commentaires"),
    ]


def test_boxes_one_under_the_other_in_a_cell_answer_its_row() -> None:
    found = found_in(rows(("Avis", "☐ Favorable|☐ Défavorable"), ("Pièces", "☐ CV|☐ Lettre")))
    assert options(found) == [
        ("Avis", "Favorable"),
        ("Avis", "Défavorable"),
        ("Pièces : CV", ""),
        ("Pièces : Lettre", ""),
    ]


def test_a_scale_in_a_table_of_its_own_answers_the_row_around_it() -> None:
    inner = rows(("Admis", "Ajourné"), ("", ""))
    around = row([cell(paragraph(run("Décision"))), cell(inner + paragraph(""))])
    found = found_in(table([around], (3000, 5000)))
    assert options(found) == [("Décision", "Admis"), ("Décision", "Ajourné")]
    assert {one.doubt for one in found} == {""}


def test_a_date_alone_in_its_cell_is_an_area() -> None:
    found = found_in(rows(("Date de remise", "__ /__ /____")))
    assert [one.label for one in found] == ["Date de remise"]


def test_a_column_for_signatures_and_roles_under_signatures_are_signed() -> None:
    found = found_in(
        rows(("Le jury", "Nom", "Signature"), ("Président", "", ""))
        + paragraph(run("Signatures"))
        + rows(("Le stagiaire", "Le tuteur"), ("", ""))
    )
    kinds = [(one.column or one.label, one.kind is SIGNATURE) for one in found]
    assert kinds == [
        ("Nom", False),
        ("Signature", True),
        ("Le stagiaire", True),
        ("Le tuteur", True),
    ]


def test_a_table_of_labels_under_signatures_takes_texts() -> None:
    found = found_in(paragraph(run("Signatures")) + rows(("Nom :", ""), ("Fonction :", "")))
    assert [one.kind for one in found] == [PlacementKind.TEXT_AREA] * 2


def test_an_old_drop_down_list_is_named() -> None:
    data = '<w:ddList><w:listEntry w:val="RH"/><w:listEntry w:val="Achats"/></w:ddList>'
    found = found_in(paragraph(run("Service : ") + legacy(data, "FORMDROPDOWN")))
    assert [(one.unfillable, one.label) for one in found] == [("liste déroulante", "Service :")]


@pytest.mark.parametrize(("kind", "items"), [("dropDownList", ("RH", "Achats")), ("comboBox", ())])
def test_the_items_of_a_drop_down_control_are_told(kind: str, items: tuple[str, ...]) -> None:
    listed = "".join(f'<w:listItem w:displayText="{one}" w:value="1"/>' for one in ("RH", "Achats"))
    prompt = '<w:listItem w:value="Choisissez"/>'
    inside = control(f"<w:showingPlcHdr/><w:{kind}>{prompt}{listed}</w:{kind}>", run("Choisissez"))
    (one,) = found_in(paragraph(run("Service : ") + inside))
    assert (one.label, one.items) == ("Service :", items)


def test_the_label_of_an_area_behind_boxes_is_not_the_last_boxs() -> None:
    found = lines("Avis :   ☐ favorable   ☐ sans avis   Motif : ........................")
    assert options(found[:2]) == [("Avis :", "favorable"), ("Avis :", "sans avis")]
    assert found[2].label == "Motif :"


def test_blank_lines_in_a_header_over_captions_are_no_area() -> None:
    heads = [cell(_paragraph("Critères")), cell(_paragraph("Début") + paragraph("") * 2, 2)]
    heads.append(cell(_paragraph("Fin") + paragraph("") * 2, 2))
    texts = [
        [cell(_paragraph(one)) for one in each] for each in (["", *"ABAB"], ["Poste", *[""] * 4])
    ]
    found = found_in(table([row(heads), *map(row, texts)], (3000, 900, 900, 900, 900)))
    assert options(found) == [(f"Poste – {band}", one) for band in ("Début", "Fin") for one in "AB"]
    assert len(found) == 4


@pytest.mark.parametrize("day", ["……/……/……", "..../..../....", "____ / ____ / ____"])
def test_a_date_of_any_dots_is_one_area(day: str) -> None:
    found = lines(f"Disponible à partir du {day}, le soir")
    assert [(one.label, one.locator.offset) for one in found] == [("Disponible à partir du", 23)]


@pytest.mark.parametrize("more", ["   Si oui, montant :", ". Si oui, quand ?", " Si oui, quand ?"])
def test_what_an_answer_leads_to_is_no_part_of_it(more: str) -> None:
    found = lines(f"Gratification : ☐ Oui ☐ Non{more} ............")
    assert options(found) == [("Gratification :", "Oui"), ("Gratification :", "Non")]
    assert [one.label for one in found[2:]] == [more.strip(" .")]


def test_a_label_that_its_own_cell_answers_heads_no_column() -> None:
    first = row([cell(paragraph(run(one) if one else "")) for one in ("Nom", "", "Né le", "")])
    wide = cell(paragraph("")).replace("<w:tc>", '<w:tc><w:tcPr><w:gridSpan w:val="3"/></w:tcPr>')
    below = row(
        [cell(paragraph(run("Adresse"))), re.sub("(?<=</w:tcPr>)<w:tcPr>.*?</w:tcPr>", "", wide)]
    )
    found = found_in(table([first, below], [2400] * 4))
    assert [(one.label, one.column) for one in found] == [
        ("Nom", ""),
        ("Né le", ""),
        ("Adresse", ""),
    ]


def test_a_title_beside_its_rows_is_no_place_to_write() -> None:
    around = "<w:tcPr><w:vMerge{}/></w:tcPr>"
    begun, goes_on = around.format(' w:val="restart"'), around.format("")
    grid = rows(
        ("Domaine", "Critère", "A", "B"),
        ("Savoir-être||", "Ponctualité", "", ""),
        ("", "Écoute", "", ""),
    )
    cells = grid.split("<w:tc>")
    for at, merge in ((5, begun), (9, goes_on)):
        cells[at] = re.sub("<w:tcPr>.*?</w:tcPr>", "", cells[at])
        cells[at] = merge + cells[at]
    found = found_in("<w:tc>".join(cells))
    assert options(found) == [(one, each) for one in ("Ponctualité", "Écoute") for each in "AB"]
    assert {(one.kind, one.heading) for one in found} == {(PlacementKind.TICK_BOX, "Savoir-être")}


def test_a_place_with_several_labels_is_to_be_confirmed() -> None:
    """The date would stand where one signs."""
    roles = ("Le salarié Nom : Date :", "L’employeur Nom : Date :")
    found = found_in(paragraph(run("Signatures")) + rows(roles, ("", "")))
    assert ["plusieurs libellés" in one.doubt for one in found] == [True, True]
