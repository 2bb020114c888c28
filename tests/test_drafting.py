"""A guide drafted from any form: readable, complete, and fillable as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from renditions.docx_ways import WAYS

from cqp_forms.docx.detect import detect
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.errors import DocumentError, UsageError
from cqp_forms.guide import FIELD_ID, FieldKind, Guide, PlacementKind
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.mapping import (
    Detected,
    DocxKind,
    DocxLocator,
    Format,
    PdfKind,
    PdfLocator,
    Rect,
)
from cqp_forms.mapping_lint import lint
from cqp_forms.mapping_yaml import dump_mapping, parse_mapping
from cqp_forms.matching import match
from cqp_forms.matching.drafting import GuideDraft, draft
from cqp_forms.plan import Edition, LeaveBlank, Plan, Text, Tick
from cqp_forms.shown import Mark

TICK, AREA, SIGN = (
    PlacementKind.TICK_BOX,
    PlacementKind.TEXT_AREA,
    PlacementKind.SIGNATURE_AREA,
)


def drafted(*found: Detected, title: str = "") -> GuideDraft:
    return draft(found, "essai", Format.DOCX, "essai.docx", b"contenu", title)


def one(
    kind: PlacementKind,
    label: str,
    order: int,
    column: str = "",
    heading: str = "",
    long: bool = False,
) -> Detected:
    locator = DocxLocator(DocxKind.CELL, f"body/tc[{order + 1}]", confidence=0.4, reason="essai")
    return Detected(
        kind, locator, order, label=label, column=column, heading=heading, multiline=long
    )


def test_ids_come_from_labels_and_groups_from_titles() -> None:
    made = drafted(
        one(AREA, "Nom :", 0, heading="Candidat"),
        one(AREA, "Prénom :", 1, heading="Candidat"),
        one(AREA, "Fait le", 2, heading="Signature du tuteur"),
        one(AREA, "Commentaires", 3, heading="Signature du tuteur", long=True),
        one(SIGN, "Signature", 4, heading="Signature du tuteur"),
        one(TICK, "Dossier complet", 5, heading="Pièces : l’essentiel"),
        one(TICK, "Le geste est sûr", 6, "OUI", "Sécurité"),
        one(TICK, "Le geste est sûr", 7, "NON", "Sécurité"),
    )
    assert [(field.id, field.kind, field.label) for field in made.guide.fields.values()] == [
        ("candidat.nom", FieldKind.TEXT, "Nom"),
        ("candidat.prenom", FieldKind.TEXT, "Prénom"),
        ("signature_du_tuteur.fait_le", FieldKind.DATE, "Fait le"),
        ("signature_du_tuteur.commentaires", FieldKind.LONG_TEXT, "Commentaires"),
        ("signature_du_tuteur.signature", FieldKind.SIGNATURE, "Signature"),
        ("pieces_l_essentiel.dossier_complet", FieldKind.TICK, "Dossier complet"),
        ("securite.le_geste_est_sur", FieldKind.CHOICE, "Le geste est sûr"),
    ]
    (section,) = made.guide.sections
    assert [group.title for group in section.groups] == [
        "Candidat",
        "Signature du tuteur",
        "Pièces\u00a0: l’essentiel",
        "Sécurité",
    ]
    assert made.guide.candidate == ("candidat.nom", "candidat.prenom")
    assert set(made.mapping.locators) == set(made.guide.placements)
    assert all(where.confidence == 1 for where in made.mapping.locators.values())


def test_a_drop_down_list_is_a_text_with_the_items_as_options() -> None:
    service = replace(one(AREA, "Service", 0), items=("RH : siège", "Achats"), group="g")
    again = replace(one(AREA, "Service", 1), items=service.items, group="g")
    alike = replace(one(AREA, "Site", 2), items=("Lyon", "LYON", "Paris"))
    day = replace(one(AREA, "Date d’entrée", 3), items=("Lundi", "Mardi"))
    made = drafted(service, again, alike, day)
    fields = made.guide.fields.values()
    assert [(each.kind, each.areas, [o.label for o in each.options]) for each in fields] == [
        (FieldKind.TEXT, 2, ["RH : siège", "Achats"]),
        (FieldKind.TEXT, 1, []),
        (FieldKind.TEXT, 1, ["Lundi", "Mardi"]),
    ]
    assert set(made.mapping.locators) == set(made.guide.placements)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Date d’entrée :", FieldKind.DATE),
        ("Date de la visite", FieldKind.DATE),
        ("Date prévue du bilan", FieldKind.DATE),
        ("Date et lieu de naissance", FieldKind.TEXT),
        ("Date de début / de fin", FieldKind.TEXT),
        ("Date de la visite et durée", FieldKind.TEXT),
        ("Dates de présence", FieldKind.TEXT),
        ("Datation du sol", FieldKind.TEXT),
    ],
)
def test_what_asks_for_one_date_is_a_date(label: str, kind: FieldKind) -> None:
    (field,) = drafted(one(AREA, label, 0)).guide.fields.values()
    assert field.kind is kind


@pytest.mark.parametrize(
    ("labels", "candidate"),
    [
        (("Nom du tuteur", "Nom du salarié", "Prénom du salarié"), ("nom_du_salarie", "prenom")),
        (("Entreprise", "Nom et prénom du candidat"), ("nom_et_prenom_du_candidat",)),
        (("Nom de l’entreprise", "Nom d’usage", "Prénoms"), ("nom_d_usage", "prenoms")),
        (("Entreprise", "Nom du tuteur"), ("entreprise",)),
    ],
)
def test_whom_a_form_is_about_is_told_from_the_firm_and_the_tutor(
    labels: tuple[str, ...], candidate: tuple[str, ...]
) -> None:
    made = drafted(*(one(AREA, label, order) for order, label in enumerate(labels)))
    assert len(made.guide.candidate) == len(candidate)
    for found, start in zip(made.guide.candidate, candidate, strict=True):
        assert found.startswith(f"formulaire.{start}")


@pytest.mark.parametrize(
    ("guide_id", "short"),
    [
        ("accueil-tuteur", "ACCUEIL"),
        ("bilan-2026", "BILAN2026"),
        ("renouvellements", "RENOUVELLEME"),
    ],
)
def test_the_prefix_of_file_names_is_cut_between_words(guide_id: str, short: str) -> None:
    made = draft([one(AREA, "Nom", 0)], guide_id, Format.PDF, "f.pdf", b"%PDF-")
    assert made.guide.short == short


def test_a_label_has_no_mark_that_led_to_its_area() -> None:
    made = drafted(one(AREA, "Fait à :", 0), one(AREA, ", le", 1), one(AREA, " ; visa :", 2))
    assert [field.label for field in made.guide.fields.values()] == ["Fait à", "le", "visa"]


def test_equal_labels_get_ids_of_their_own() -> None:
    made = drafted(*(one(AREA, "Nom", order, heading="Témoin") for order in range(3)))
    assert list(made.guide.fields) == ["temoin.nom", "temoin.nom_2", "temoin.nom_3"]


def test_three_answers_to_a_question_are_one_choice() -> None:
    made = drafted(
        *(one(TICK, "Vacciné", order, word) for order, word in enumerate(("OUI", "NON", "NSP")))
    )
    (field,) = made.guide.fields.values()
    assert (field.id, field.label) == ("formulaire.vaccine", "Vacciné")
    assert [(str(each), each.label) for each in field.options] == [
        ("oui", "OUI"),
        ("non", "NON"),
        ("nsp", "NSP"),
    ]


def grid(*captions: str, rows: tuple[str, ...] = ("Préparer", "Régler")) -> list[Detected]:
    return [
        replace(
            one(TICK, row, index * len(captions) + rank, caption),
            group=f"t1.{index}",
            option=caption,
        )
        for index, row in enumerate(rows)
        for rank, caption in enumerate(captions)
    ]


@pytest.mark.parametrize(
    ("captions", "ids"),
    [
        (("ND", "1", "2", "3"), ["nd", "1", "2", "3"]),
        (("Satisfaisant", "À revoir"), ["satisfaisant", "a_revoir"]),
        (("☺", "☹"), ["option", "option_2"]),
        (("", ""), ["case_1", "case_2"]),
        (("A", "A"), ["a", "a_2"]),
    ],
)
def test_a_row_of_a_grid_is_one_choice(captions: tuple[str, ...], ids: list[str]) -> None:
    made = drafted(*grid(*captions))
    assert [(one.label, list(one.options)) for one in made.guide.fields.values()] == [
        ("Préparer", ids),
        ("Régler", ids),
    ]
    assert [key.rpartition(".")[2] for key in made.mapping.locators] == ids * 2
    assert lint(made.mapping, made.guide) == []


def test_boxes_in_a_line_of_text_ask_what_stands_above_them() -> None:
    found = [
        replace(one(TICK, word, rank, heading="Fumeur"), group="p3", option=word)
        for rank, word in enumerate(("Oui", "Non", "Ne sait pas"))
    ]
    (field,) = drafted(*found).guide.fields.values()
    assert (field.id, field.label, len(field.options)) == ("fumeur.fumeur", "Fumeur", 3)


def test_equal_labels_get_their_caption_then_a_number() -> None:
    made = drafted(
        one(AREA, "Horaires", 0, "Matin"),
        one(AREA, "Horaires", 1, "Soir"),
        one(AREA, "Lieu", 2),
        one(AREA, "Lieu :", 3),
    )
    labels = [field.label for field in made.guide.fields.values()]
    assert labels == ["Horaires – Matin", "Horaires – Soir", "Lieu", "Lieu (2)"]


def test_ids_that_look_like_numbers_and_controls_in_labels_survive_the_files() -> None:
    made = drafted(one(AREA, "3", 0, heading="1"), one(AREA, "Nom\x03\u200b:", 1, heading="1"))
    assert list(made.guide.fields) == ["1.3", "1.nom"]
    assert made.guide.fields["1.nom"].label == "Nom"
    assert parse_mapping(dump_mapping(made.mapping)) == made.mapping


def test_an_area_in_several_places_is_one_question() -> None:
    twice = [replace(one(AREA, "Nom", rank), group="nom") for rank in (0, 1)]
    made = drafted(*twice)
    assert list(made.mapping.locators) == ["formulaire.nom", "formulaire.nom@2"]


def pdf_area(order: int, x0: float, x1: float, label: str = "", y: float = 700) -> Detected:
    locator = PdfLocator(PdfKind.LINE, 1, Rect(x0, y, x1, y + 12))
    return Detected(AREA, locator, order, label=label)


def test_three_narrow_places_are_one_date() -> None:
    areas = [
        pdf_area(0, 100, 120, "Né(e) le"),
        pdf_area(1, 125, 145, "/"),
        pdf_area(2, 150, 190, "/"),
        pdf_area(3, 300, 400, "à"),
    ]
    made = draft(areas, "essai", Format.PDF, "a.pdf", b"")
    assert list(made.guide.placements) == [
        "formulaire.ne_e_le.jour",
        "formulaire.ne_e_le.mois",
        "formulaire.ne_e_le.annee",
        "formulaire.a",
    ]
    assert made.guide.fields["formulaire.ne_e_le"].kind is FieldKind.DATE


def test_a_date_beside_another_place_is_not_split() -> None:
    areas = [pdf_area(0, 100, 120, "Fait le"), pdf_area(1, 125, 145, "à"), pdf_area(2, 150, 190)]
    assert len(draft(areas, "essai", Format.PDF, "a.pdf", b"").guide.fields) == 3


def test_places_over_one_another_are_taken_apart_and_told() -> None:
    areas = [
        pdf_area(0, 100, 200, "Nom"),
        pdf_area(1, 100, 200, "Nom"),
        pdf_area(2, 190, 300, "Ville"),
    ]
    made = draft(areas, "essai", Format.PDF, "a.pdf", b"")
    assert lint(made.mapping, made.guide) == []
    assert [one.rect.x1 for one in made.mapping.locators.values()] == [195, 300]  # type: ignore[union-attr]
    assert len(made.notes) == 2


def test_a_place_in_doubt_waits_for_a_person_and_what_cannot_be_filled_is_left_out() -> None:
    made = drafted(
        replace(one(AREA, "Nom", 4), doubt="libellé loin au-dessus"),
        replace(one(TICK, "Lu", 5), unfillable="carré plein"),
    )
    assert made.mapping.unconfirmed == ("formulaire.nom",)
    assert made.mapping.locators["formulaire.nom"].candidates == (5,)
    assert list(made.guide.fields) == ["formulaire.nom"]


def test_a_box_named_oui_is_not_taken_for_the_box_of_a_question() -> None:
    made = drafted(one(TICK, "OUI", 0), one(AREA, "", 1), one(TICK, "", 2))
    assert list(made.guide.fields) == ["formulaire.oui_2", "formulaire.zone", "formulaire.case"]
    assert set(made.mapping.locators) == set(made.guide.placements)


@pytest.mark.parametrize(
    "label", ['Le « point » : #1 "fin" \\ {x}', "- liste", "**", "@", "œ" * 400]
)
def test_any_label_survives_the_file(label: str) -> None:
    made = drafted(one(AREA, label, 0))
    assert parse_guide(made.text) == made.guide
    (field,) = made.guide.fields.values()
    assert field.label.replace("\u00a0", " ") == label
    assert FIELD_ID.fullmatch(field.id) and len(field.id) < 80


def test_the_title_is_the_one_given_or_the_first_of_the_form() -> None:
    found = one(AREA, "Nom", 0, heading="Demande d’accès")
    assert drafted(found).guide.title == "Demande d’accès"
    assert drafted(found, title="Accès").guide.title == "Accès"


def test_a_pdf_gives_a_pdf_mapping() -> None:
    locator = PdfLocator(PdfKind.BOX, 1, Rect(0, 0, 10, 10))
    made = draft([Detected(TICK, locator, 0, label="Lu")], "essai", Format.PDF, "a.pdf", b"")
    assert (made.mapping.format, lint(made.mapping, made.guide)) == (Format.PDF, [])


@pytest.mark.parametrize("guide_id", ["", "Été", "a b", "../x", "-a", "a/b"])
def test_an_id_that_cannot_name_a_folder_is_refused(guide_id: str) -> None:
    with pytest.raises(UsageError):
        draft([one(AREA, "Nom", 0)], guide_id, Format.DOCX, "a.docx", b"")


def test_a_letter_cannot_be_drafted() -> None:
    with pytest.raises(DocumentError) as caught:
        draft([], "essai", Format.DOCX, "lettre.docx", b"")
    assert caught.value.where == "lettre.docx"
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("name", WAYS)
def test_a_whole_guide_is_drafted_with_each_of_its_placements(name: str, guide: Guide) -> None:
    rendition = WAYS[name](guide, name).make()
    made = draft(detect(rendition.content), "copie", Format.DOCX, "a.docx", rendition.content)
    assert lint(made.mapping, made.guide) == []
    assert len(made.guide.placements) == 217
    asked = list(made.guide.of_kind(FieldKind.CHOICE))
    assert sum({"oui", "non"} == set(one.options) for one in asked) == 84
    assert parse_mapping(dump_mapping(made.mapping)) == made.mapping


CORPUS = [
    "en_referral_FORMCHECKBOX.docx",
    "en_checklist_w14_cells.docx",
    "en_fax_wingdings_sym.docx",
    "en_mixed_w14_and_legacy.docx",
]


@pytest.mark.parametrize("name", CORPUS)
def test_a_drafted_guide_finds_its_own_document_again(name: str, shared: Path) -> None:
    """By wording and order, as it would a new edition of the form."""
    path = shared / "corpus" / name
    if not path.is_file():
        pytest.skip("the corpus does not lie beside this checkout")
    content = path.read_bytes()
    found = [one for one in detect(content) if not one.unfillable]
    made = draft(found, "essai", Format.DOCX, name, content)
    matched = match(found, made.guide)
    assert matched.missing == ()
    for place, known in made.mapping.locators.items():
        where = matched.placed[place].locator
        assert replace(where, confidence=1.0, reason="", confirmed=True, candidates=()) == known


def test_a_drafted_form_can_be_filled(shared: Path) -> None:
    path = shared / "corpus" / "en_referral_FORMCHECKBOX.docx"
    if not path.is_file():
        pytest.skip("the corpus does not lie beside this checkout")
    content = path.read_bytes()
    made = draft(detect(content), "signalement", Format.DOCX, path.name, content)
    instructions = {}
    for rank, place in enumerate(made.guide.placements.values()):
        if place.kind is TICK:
            instructions[place.id] = Tick(rank % 3 == 0)
        else:
            instructions[place.id] = Text(f"n° {rank}") if place.kind is AREA else LeaveBlank.SIGN
    edition = Edition("Essai", datetime(2026, 1, 5, tzinfo=UTC))
    filled = DocxStamper(content, made.mapping, made.guide).stamp(Plan(instructions), edition)
    shown = {one.locator: one for one in detect(filled)}
    for place, what in instructions.items():
        there = shown[made.mapping.locators[place]]
        if isinstance(what, Tick):
            assert there.state is (Mark.ON if what is Tick.ON else Mark.OFF)
        elif isinstance(what, Text):
            assert there.text == what.text
