"""Areas of a PDF without form fields: what names them, what shows where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import pytest
from reportlab.pdfgen.canvas import Canvas
from samples import EDITION, drawn_page, plan_of

from cqp_forms.guide import FieldKind, PlacementKind
from cqp_forms.mapping import Detected, Format, PdfMapping
from cqp_forms.matching.drafting import GuideDraft, draft
from cqp_forms.pdf.detect import detect
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.shown import differences

AREA, SIGNATURE = PlacementKind.TEXT_AREA, PlacementKind.SIGNATURE_AREA


def found_on(*draws: Callable[[Canvas], None]) -> list[Detected]:
    return list(detect(drawn_page(*draws)))


def drafted(document: bytes) -> GuideDraft:
    made = draft(detect(document), "essai", Format.PDF, "x.pdf", document)
    assert not made.mapping.unconfirmed
    return made


def table(canvas: Canvas, widths: Sequence[float], rows: Sequence[Sequence[str]]) -> None:
    """A ruled table from (40, 740) down, its rows 30 points high."""
    xs = [40 + sum(widths[:rank]) for rank in range(len(widths) + 1)]
    canvas.grid(xs, [740 - 30 * rank for rank in range(len(rows) + 1)])
    for rank, row in enumerate(rows):
        for x, text in zip(xs, row, strict=False):
            canvas.drawString(x + 4, 740 - 30 * rank - 18, text)


def test_a_column_for_signatures_is_left_to_the_hand() -> None:
    rows = [("Le jury", "Nom", "Signature"), ("Président", "", ""), ("Assesseur", "", "")]
    found = found_on(lambda canvas: table(canvas, (100, 150, 150), rows))
    assert [(one.label, one.column, one.kind) for one in found] == [
        (row, column, kind)
        for row in ("Président", "Assesseur")
        for column, kind in (("Nom", AREA), ("Signature", SIGNATURE))
    ]


def test_each_empty_cell_answers_the_label_beside_it() -> None:
    """« à : » is short, and is a label like « Né(e) le : »."""
    rows = [("Né(e) le :", "", "à :", ""), ("Adresse :", "", "Ville :", "")]
    found = found_on(lambda canvas: table(canvas, (70, 150, 50, 150), rows))
    assert [one.label for one in found] == ["Né(e) le :", "à :", "Adresse :", "Ville :"]


def test_a_scale_in_a_cell_of_its_own_answers_the_row_around_it() -> None:
    def draw(canvas: Canvas) -> None:
        table(canvas, (150, 160), [("Avis du jury", ""), ("Décision finale", "")])
        for y, scale in ((738, ("Oui", "Non")), (708, ("Admis", "Ajourné"))):
            canvas.grid([200, 250, 300], [y - 2, y - 13, y - 24])
            for rank, text in enumerate(scale):
                canvas.drawString(204 + 50 * rank, y - 11, text)

    found = found_on(draw)
    assert [(one.label, one.column, bool(one.group)) for one in found] == [
        ("Avis du jury", "Oui", True),
        ("Avis du jury", "Non", True),
        ("Décision finale", "Admis", True),
        ("Décision finale", "Ajourné", True),
    ]


def test_white_places_on_a_framed_ground_are_areas() -> None:
    labels = {740: "Raison sociale", 715: "Adresse", 690: "Téléphone"}

    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(0.9)
        canvas.rect(40, 680, 500, 90, fill=1)
        for y, text in labels.items():
            canvas.setFillGray(1)
            canvas.rect(150, y - 3, 200, 14, fill=1, stroke=0)
            canvas.setFillGray(0)
            canvas.drawString(50, y, text)

    assert [one.label for one in found_on(draw)] == list(labels.values())


def test_a_small_caption_under_a_line_names_it_and_a_foot_does_not() -> None:
    captions = {50: "Nom du stagiaire", 220: "Prénom", 390: "Date de naissance"}

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Un texte de la page, dans sa taille à elle.")
        canvas.setFontSize(7)
        for x, text in captions.items():
            canvas.line(x, 600, x + 150, 600)
            canvas.drawCentredString(x + 75, 591, text)
        canvas.line(40, 60, 560, 60)
        canvas.drawCentredString(300, 51, "OPCO Formation – 12 rue des Lilas, 69003 Lyon")

    assert [one.label for one in found_on(draw)] == list(captions.values())


def test_a_unit_behind_dots_names_neither_its_cell_nor_the_next() -> None:
    rows = [
        ("Points à vérifier", "Réponse", "Commentaires"),
        ("Poids maximal", "........ kg", ""),
        ("Nombre d’heures", "_____ heures", ""),
        ("Date de remise", "__ /__ /____", ""),
    ]
    document = drawn_page(lambda canvas: table(canvas, (150, 150, 150), rows))
    made = drafted(document)
    assert [(one.kind, one.label) for one in made.guide.fields.values()] == [
        (FieldKind.TEXT, "Poids maximal"),
        (FieldKind.TEXT, "Poids maximal – Commentaires"),
        (FieldKind.TEXT, "Nombre d’heures"),
        (FieldKind.TEXT, "Nombre d’heures – Commentaires"),
        (FieldKind.DATE, "Date de remise"),
        (FieldKind.TEXT, "Date de remise – Commentaires"),
    ]


@pytest.mark.parametrize("size", [9, 10])
def test_a_date_between_slashes_as_narrow_as_its_dots_is_filled(size: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFontSize(size)
        canvas.drawString(60, 700, "Date de remise : __ /__ /____")

    document = drawn_page(draw)
    made = drafted(document)
    assert [one.kind for one in made.guide.fields.values()] == [FieldKind.DATE]
    days = [one.id for one in made.guide.placements_of(AREA)]
    where = cast("PdfMapping", made.mapping)
    plan = plan_of(made.guide, frozenset(), dict(zip(days, ("12", "03", "2026"), strict=True)))
    issued = PdfStamper(document, where, made.guide).stamp(plan, EDITION)
    assert differences(plan, read(issued, where, made.guide, document)) == []


def test_a_word_that_names_a_frame_announces_no_second_space() -> None:
    rows = [("Nom du tuteur :", ""), ("Signature :", "")]

    def draw(canvas: Canvas) -> None:
        table(canvas, (150, 250), rows)
        canvas.drawString(40, 500, "Pied de page")

    assert [(one.label, one.kind) for one in found_on(draw)] == [
        ("Nom du tuteur :", AREA),
        ("Signature :", SIGNATURE),
    ]


def test_a_frame_beside_its_label_is_not_named_by_the_line_above() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(120, 720, "Avis du responsable")
        canvas.drawString(60, 690, "Signature :")
        canvas.rect(120, 640, 180, 65)

    assert [(one.label, one.kind) for one in found_on(draw)] == [("Signature :", SIGNATURE)]


def test_roles_under_signatures_are_signed_and_labels_are_not() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(40, 746, "Signatures")
        table(canvas, (150, 150), [("Le stagiaire", "Le tuteur"), ("", "")])
        canvas.translate(0, -150)
        canvas.drawString(40, 746, "Signatures")
        table(canvas, (150, 150), [("Nom :", ""), ("Fonction :", "")])

    assert [(one.label, one.kind) for one in found_on(draw)] == [
        ("Le stagiaire", SIGNATURE),
        ("Le tuteur", SIGNATURE),
        ("Nom :", AREA),
        ("Fonction :", AREA),
    ]


def test_a_scale_in_a_cell_is_not_named_by_what_follows_it() -> None:
    """The inner table touches the cell on its right, and stands off the one on its left."""

    def draw(canvas: Canvas) -> None:
        canvas.grid([40, 190, 300, 450], [700, 740])
        canvas.drawString(44, 728, "Avis du jury")
        canvas.drawString(304, 728, "Commentaire :")
        canvas.grid([196, 248, 300], [700, 714, 728])
        canvas.drawString(200, 718, "Oui")
        canvas.drawString(252, 718, "Non")

    found = found_on(draw)
    assert [(one.label, one.column) for one in found] == [
        ("Avis du jury", "Oui"),
        ("Avis du jury", "Non"),
        ("Commentaire :", ""),
    ]


def test_lines_under_labels_in_a_row_have_one_each() -> None:
    labels = {50: "Nom du stagiaire", 220: "Prénom", 390: "Date de naissance"}

    def draw(canvas: Canvas) -> None:
        for x, text in labels.items():
            canvas.drawString(x, 700, text)
            canvas.drawString(x, 684, "_" * 24)

    assert [one.label for one in found_on(draw)] == list(labels.values())


def test_a_heading_that_asks_for_words_is_no_answer() -> None:
    rows = [("Restrictions", "NON", "OUI", "Si oui, précisez"), ("Médicale", "", "", "")]
    found = found_on(lambda canvas: table(canvas, (150, 60, 60, 150), rows))
    assert [(one.column, one.kind is AREA) for one in found] == [
        ("NON", False),
        ("OUI", False),
        ("Si oui, précisez", True),
    ]


def test_slashes_over_a_table_head_no_column() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(130, 748, "/ /")
        table(canvas, (70, 150), [("Né(e) le :", "")])

    assert [(one.label, one.column) for one in found_on(draw)] == [("Né(e) le :", "")]


def test_a_wording_that_its_cell_breaks_is_whole_and_takes_no_header() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFontSize(8)
        canvas.grid([40, 190, 300], [690, 716, 728])
        canvas.drawString(44, 719, "Points à vérifier")
        canvas.drawString(194, 719, "Réponse")
        canvas.drawString(44, 706, "Le contrat est signé")
        for x, text in ((194, "Oui"), (230, "Non"), (266, "Sans")):
            canvas.rect(x, 706, 7, 7)
            canvas.drawString(x + 9, 707, text)
        canvas.drawString(194, 697, "objet")

    found = found_on(draw)
    assert [(one.label, one.option) for one in found] == [
        ("Le contrat est signé", one) for one in ("Oui", "Non", "Sans objet")
    ]


def test_a_place_with_several_labels_is_to_be_confirmed() -> None:
    found = found_on(lambda canvas: canvas.drawString(60, 700, "Nom : Date : " + "_" * 30))
    assert ["plusieurs libellés" in one.doubt for one in found] == [True]
