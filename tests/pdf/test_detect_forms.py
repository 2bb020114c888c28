"""Pages as administrations print them: each place has the label that a person would read for it."""

from __future__ import annotations

from form_pages import bold, boxes, labels, outline
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.pdf.detect import detect


def test_lines_under_a_title_or_a_sentence_are_named_by_it() -> None:
    """They were passed over in silence: nothing with a colon stands before them."""

    def draw(canvas: Canvas) -> None:
        bold(canvas, 50, 770, "1. Bilan de l’année", 12)
        canvas.drawString(50, 752, "Décrivez les faits marquants.")
        for rank in range(4):
            canvas.line(50, 732 - 20 * rank, 540, 732 - 20 * rank)
        bold(canvas, 50, 620, "2. Objectifs", 12)
        for rank in range(3):
            canvas.drawString(50, 600 - 20 * rank, "." * 150)
        bold(canvas, 50, 500, "3. Avis", 12)
        canvas.drawString(50, 480, "Points forts :")
        canvas.line(130, 478, 400, 478)

    assert outline(draw) == [
        ("1. Bilan de l’année", "Décrivez les faits marquants."),
        ("2. Objectifs", "2. Objectifs"),
        ("3. Avis", "Points forts"),
    ]


def test_lines_of_which_no_wording_says_what_they_are_wait_to_be_confirmed() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(300, 770, "Entretien du tuteur")
        for rank in range(3):
            canvas.line(50, 740 - 20 * rank, 540, 740 - 20 * rank)
        canvas.line(50, 300, 540, 300)  # parts the page
        canvas.drawString(50, 280, "Document à conserver.")

    assert labels(draw) == ["? Entretien du tuteur"]


def test_a_third_answer_in_a_line_belongs_to_its_question() -> None:
    def draw(canvas: Canvas) -> None:
        for rank, question in enumerate(["Portez-vous des lunettes ?", "Êtes-vous suivi ?"]):
            y = 760 - 60 * rank
            canvas.drawString(50, y, question)
            boxes(canvas, 300, y, ["Oui", "Non", "À voir"])
            canvas.drawString(70, y - 20, "Si oui, précisez :")
            canvas.drawString(160, y - 20, "." * 60)

    assert labels(draw) == [
        "Portez-vous des lunettes ? | Oui | Non | À voir",
        "Portez-vous des lunettes ? – Si oui, précisez",
        "Êtes-vous suivi ? | Oui | Non | À voir",
        "Êtes-vous suivi ? – Si oui, précisez",
    ]


def test_circles_one_under_the_other_that_begin_with_oui_or_non_are_one_choice() -> None:
    """« Non » was a tick named by the question alone, which says the contrary."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 760, "Souhaitez-vous évoluer ?")
        for rank, word in enumerate(["Oui, à court terme", "Oui, à moyen terme", "Non"]):
            canvas.circle(58, 743 - 16 * rank, 4)
            canvas.drawString(70, 740 - 16 * rank, word)

    assert labels(draw) == [
        "Souhaitez-vous évoluer ? | Oui, à court terme | Oui, à moyen terme | Non"
    ]


def test_a_numbered_row_of_circles_answers_the_question_over_it() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 760, "Recommanderiez-vous cette formation ?")
        for rank in range(11):
            canvas.circle(60 + 40 * rank, 734, 6)
            canvas.setFont("Helvetica", 8)
            canvas.drawCentredString(60 + 40 * rank, 716, str(rank))

    ranks = " | ".join(map(str, range(11)))
    assert labels(draw) == [f"Recommanderiez-vous cette formation ? | {ranks}"]


def test_dots_that_lead_to_boxes_are_no_line_to_write_on() -> None:
    def draw(canvas: Canvas) -> None:
        for rank, word in enumerate(["TB", "B", "I"]):
            canvas.drawString(350 + 50 * rank, 760, word)
        for rank, question in enumerate(["Ponctualité", "Tenue"]):
            y = 740 - 20 * rank
            canvas.drawString(50, y, question + "." * 80)
            for column in range(3):
                canvas.rect(352 + 50 * column, y - 1, 9, 9)
        canvas.drawString(50, 690, "Tuteur : " + "." * 60)
        boxes(canvas, 300, 690, ["présent", "absent"])

    assert labels(draw) == [
        "Ponctualité | TB | B | I",
        "Tenue | TB | B | I",
        "Tuteur",
        "Tuteur (2) | présent | absent",
    ]


def test_signatures_that_a_note_in_brackets_announces() -> None:
    def draw(canvas: Canvas) -> None:
        for x, who in ((50, "Le tuteur"), (300, "Le stagiaire")):
            canvas.drawString(x, 700, who)
            canvas.setFont("Helvetica", 8)
            canvas.drawString(x, 688, "(nom, date et signature)")
            canvas.setFont("Helvetica", 10)
        canvas.drawString(50, 500, "Date et signature, précédées de « lu et approuvé »")

    assert labels(draw) == [
        "Le tuteur (nom, date et signature)",
        "Le stagiaire (nom, date et signature)",
        "Date et signature, précédées de « lu et approuvé »",
    ]


def test_a_unit_ends_a_place_and_a_year_has_room_for_four_digits() -> None:
    def draw(canvas: Canvas) -> None:
        text = "Montant : ............... €    Date : ...../...../....."
        canvas.drawString(50, 700, text)

    document = drawn_page(draw)
    found = detect(document)
    assert [one.label.rstrip(" :\u00a0") for one in found] == ["Montant", "Date", "Date", "Date"]
    year = found[-1].locator.rect
    assert year.x1 - year.x0 > 24


def test_boxes_under_words_that_may_all_hold_stay_ticks() -> None:
    """Choices of one day: « Matin » on Monday and on Tuesday could not both be ticked."""

    def draw(canvas: Canvas) -> None:
        for column, day in enumerate(["Lundi", "Mardi"]):
            canvas.drawString(150 + 80 * column, 700, day)
        for rank, row in enumerate(["Matin", "Soir"]):
            canvas.drawString(50, 680 - 20 * rank, row)
            for column in range(2):
                canvas.rect(160 + 80 * column, 679 - 20 * rank, 9, 9)

    assert labels(draw) == ["Matin – Lundi", "Matin – Mardi", "Soir – Lundi", "Soir – Mardi"]


def test_a_box_and_a_line_of_a_list_stand_under_one_title() -> None:
    def draw(canvas: Canvas) -> None:
        bold(canvas, 50, 760, "ADHÉSION", 16)
        canvas.drawString(50, 730, "Je souhaite :")
        boxes(canvas, 60, 712, ["adhérer"])
        boxes(canvas, 60, 694, ["autre : " + "." * 60])

    assert outline(draw) == [
        ("Je souhaite :", "adhérer"),
        ("Je souhaite :", "autre"),
        ("Je souhaite :", "autre (2)"),
    ]


def test_an_answer_that_leads_on_is_still_one_of_its_question() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Êtes-vous en emploi ?")
        boxes(canvas, 250, 700, ["Oui", "Non → passez à la rubrique 3"])

    assert labels(draw) == ["Êtes-vous en emploi ? | Oui | Non → passez à la rubrique 3"]


def test_a_grid_ruled_across_only_is_to_be_confirmed() -> None:
    """Its boxes were passed over in silence."""

    def draw(canvas: Canvas) -> None:
        for x, word in ((330, "Jamais"), (400, "Parfois"), (470, "Souvent")):
            canvas.drawString(x, 760, word)
        canvas.line(50, 755, 540, 755)
        for rank, row in enumerate(["Je prépare", "Je relance"]):
            canvas.drawString(54, 741 - 20 * rank, row)
            canvas.line(50, 735 - 20 * rank, 540, 735 - 20 * rank)
        canvas.drawString(50, 690, "Fin du document")

    assert labels(draw) == [
        f"? {row} | Jamais | Parfois | Souvent" for row in ("Je prépare", "Je relance")
    ]


def test_fields_of_a_column_go_on_with_its_heading() -> None:
    """From the third row on they had the technical names of the form."""

    def draw(canvas: Canvas) -> None:
        for x, head in ((50, "Poste"), (250, "Entreprise")):
            canvas.drawString(x, 760, head)
            for rank in range(4):
                canvas.acroForm.textfield(
                    name=f"exp{rank}_{x}", x=x, y=738 - 20 * rank, width=180, height=16
                )

    assert labels(draw) == [
        f"{head}{rank}" for rank in ("", " (2)", " (3)", " (4)") for head in ("Poste", "Entreprise")
    ]


def test_lines_in_a_column_far_behind_a_column_of_labels_have_each_their_own() -> None:
    """The second line was taken for the rest of the first, and « Prénom » had no place."""

    def draw(canvas: Canvas) -> None:
        for rank, label in enumerate(["Nom de famille", "Prénom", "Lieu"]):
            canvas.drawString(50, 700 - 15 * rank, label)
            canvas.line(220, 698 - 15 * rank, 540, 698 - 15 * rank)

    assert labels(draw) == ["Nom de famille", "Prénom", "Lieu"]


def test_figures_beside_boxes_answer_what_the_row_begins_with() -> None:
    """Each box was a tick of its own, named « 1 », « 2 »."""

    def draw(canvas: Canvas) -> None:
        for rank, (question, words) in enumerate(
            [("Anglais", ["1", "2", "3", "4"]), ("Présent aux séances :", ["1", "2", "3"])]
        ):
            canvas.drawString(50, 700 - 20 * rank, question)
            boxes(canvas, 200, 700 - 20 * rank, words, step=40)

    assert labels(draw) == [
        "Anglais | 1 | 2 | 3 | 4",
        *(f"Présent aux séances : {rank}" for rank in (1, 2, 3)),
    ]


def test_a_slash_over_a_row_of_cells_is_no_label() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Date de naissance")
        canvas.drawString(50, 680, "N° de sécurité sociale")
        for rank in range(13):
            canvas.rect(200 + 11 * rank, 677, 11, 13)
        for rank in range(8):
            canvas.rect(200 + 11 * rank + 5 * ((rank > 1) + (rank > 3)), 697, 11, 13)
        for x in (222, 249):
            canvas.drawString(x, 700, "/")

    assert labels(draw) == ["Date de naissance", "N° de sécurité sociale"]


def test_lines_of_signs_that_are_too_long_for_their_page_are_one_area() -> None:
    """Their rests are on lines of their own, of a sign or two: each line was a place."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Observations :")
        for rank in range(3):
            canvas.drawString(50, 670 - 40 * rank, "_" * 80)
            canvas.drawString(50, 657 - 40 * rank, "__")

    assert labels(draw) == ["Observations"]


def test_dots_that_a_paragraph_broke_off_keep_their_label() -> None:
    """They took the label that the paragraph begins with."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Absences :")
        boxes(canvas, 120, 700, ["aucune", "non justifiées (nombre :"], step=180)
        canvas.drawString(50, 687, "." * 30 + ")")

    assert labels(draw)[-1] == "non justifiées (nombre)"
