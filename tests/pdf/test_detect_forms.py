"""Pages as administrations print them: each place has the label that a person would read for it."""

from __future__ import annotations

from form_pages import bold, boxes, labels, outline, table
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


def test_cells_in_turns_a_wording_and_a_box_are_one_choice() -> None:
    """« Favorable » had the box of « Défavorable »."""
    rows = [
        ["Avis général", "Favorable", "☐", "Défavorable", "☐"],
        ["Avis du tuteur", "Favorable", "☐", "Défavorable", "☐"],
    ]
    assert labels(lambda canvas: table(canvas, 740, [50, 190, 280, 310, 400, 430], rows)) == [
        "Avis général | Favorable | Défavorable",
        "Avis du tuteur | Favorable | Défavorable",
    ]
    after = [["Présence", "☐", "Oui", "☐", "Non"]]
    assert labels(lambda canvas: table(canvas, 740, [50, 190, 220, 280, 310, 400], after)) == [
        "Présence | Oui | Non"
    ]


def test_frames_side_by_side_with_a_caption_at_their_top_are_places() -> None:
    def draw(canvas: Canvas) -> None:
        for x, caption in ((50, "Nom de naissance"), (300, "Nom d’usage")):
            canvas.rect(x, 740, 240, 36)
            canvas.setFont("Helvetica", 7)
            canvas.drawString(x + 4, 766, caption)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(50, 700, "Note globale :")
        canvas.rect(130, 695, 50, 18)
        canvas.drawString(184, 700, "/ 20")

    assert labels(draw) == ["Nom de naissance", "Nom d’usage", "Note globale"]


def test_labels_in_a_frame_ask_for_the_room_beside_them() -> None:
    """Each frame is a block with its own title; what follows both belongs to neither."""

    def draw(canvas: Canvas) -> None:
        bold(canvas, 50, 800, "ENTRETIEN", 16)
        for x, who in ((50, "Salarié"), (300, "Responsable")):
            canvas.rect(x, 600, 240, 140)
            bold(canvas, x + 5, 725, who)
            for rank, label in enumerate(["Nom :", "N° de poste :", "Signature :"]):
                canvas.drawString(x + 5, 705 - 20 * rank, label)
        canvas.drawString(50, 570, "Commentaires du salarié")
        canvas.rect(50, 490, 490, 72)

    assert outline(draw) == [
        ("Salarié", "? Nom"),
        ("Salarié", "? N° de poste"),
        ("Salarié", "Signature"),
        ("Responsable", "? Nom"),
        ("Responsable", "? N° de poste"),
        ("Responsable", "Signature"),
        ("ENTRETIEN", "Commentaires du salarié"),
    ]


def test_a_header_row_of_a_table_makes_no_columns_of_text() -> None:
    def draw(canvas: Canvas) -> None:
        edges = [50, 200, 330, 440, 545]
        table(canvas, 740, edges, [["", "", "", ""]] * 3)
        for left, text in zip(
            edges, ["Action", "Responsable", "Échéance", "Résultat"], strict=False
        ):
            canvas.rect(left, 762, edges[edges.index(left) + 1] - left, 22)
            bold(canvas, left + 4, 769, text)

    assert labels(draw)[:4] == ["Action", "Responsable", "Échéance", "Résultat"]


def test_the_blank_corner_of_a_table_is_no_place() -> None:
    rows = [
        ["", "Avant", "Après"],
        ["Connaissances", "", ""],
        ["Savoir-faire", "", ""],
    ]
    assert labels(lambda canvas: table(canvas, 740, [50, 200, 370, 540], rows)) == [
        f"{row} – {column}"
        for row in ("Connaissances", "Savoir-faire")
        for column in ("Avant", "Après")
    ]


def test_rows_across_a_table_head_the_rows_below_in_any_type() -> None:
    rows = [
        ["Thème", "1", "2", "3"],
        ["Accueil du client"],
        ["Salue", "", "", ""],
        ["Conseil"],
        ["Propose un produit", "", "", ""],
        ["Conclut", "", "", ""],
    ]
    assert outline(lambda canvas: table(canvas, 740, [50, 300, 350, 400, 450], rows)) == [
        ("Accueil du client", "Salue | 1 | 2 | 3"),
        ("Conseil", "Propose un produit | 1 | 2 | 3"),
        ("Conseil", "Conclut | 1 | 2 | 3"),
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


def test_a_bold_row_that_concludes_is_answered_like_the_others() -> None:
    """Taken for a group's title, its cells were passed over."""

    def draw(canvas: Canvas) -> None:
        edges = [50, 380, 440, 500]
        rows = [["Critères", "OUI", "NON"], ["Sait vendre", "", ""], ["Sait écouter", "", ""]]
        table(canvas, 740, edges, rows)
        table(canvas, 674, edges, [["", "", ""]])
        bold(canvas, 54, 681, "La compétence est maîtrisée")

    assert labels(draw) == [
        f"{row} | OUI | NON"
        for row in ("Sait vendre", "Sait écouter", "La compétence est maîtrisée")
    ]


def test_answers_of_a_row_that_begins_with_what_is_to_be_written_are_found() -> None:
    rows = [["Candidat", "Admis", "Ajourné"], ["", "", ""], ["", "", ""]]
    assert labels(lambda canvas: table(canvas, 740, [50, 300, 360, 420], rows)) == [
        "Candidat",
        "Candidat 1 | Admis | Ajourné",
        "Candidat (2)",
        "Candidat 2 | Admis | Ajourné",
    ]


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


def test_a_short_label_names_the_cell_behind_it() -> None:
    """« Date » took the label of the first cell of its row."""
    rows = [["Nom de l’évaluateur", "", "Date", ""]]
    assert labels(lambda canvas: table(canvas, 700, [50, 180, 330, 380, 480], rows)) == [
        "Nom de l’évaluateur",
        "Date",
    ]


def test_two_labels_of_a_cell_are_two_places_however_low_it_is() -> None:
    def draw(canvas: Canvas) -> None:
        table(canvas, 700, [50, 250, 450], [["Évaluateur 1", "Évaluateur 2"]])
        for x in (50, 250):
            canvas.rect(x, 662, 200, 38)
            canvas.drawString(x + 4, 688, "Nom :")
            canvas.drawString(x + 4, 675, "Signature :")

    assert labels(draw) == [
        "? Nom",
        "? Nom (2)",
        "Signature – Évaluateur 1",
        "Signature – Évaluateur 2",
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


def test_blocks_in_frames_side_by_side_are_read_one_after_the_other() -> None:
    """« SIRET », in capitals, was taken for the title of a block, and the two were mixed."""

    def draw(canvas: Canvas) -> None:
        for x, who in ((50, "Entreprise"), (300, "Organisme")):
            canvas.rect(x, 640, 250, 70)
            for rank, text in enumerate([who, "Raison sociale :", "SIRET :", "Ville :"]):
                canvas.drawString(x + 5, 695 - 16 * rank, text)

    assert outline(draw) == [
        (who, f"? {label}")
        for who in ("Entreprise", "Organisme")
        for label in ("Raison sociale", "SIRET", "Ville")
    ]


def test_lines_of_signs_that_are_too_long_for_their_page_are_one_area() -> None:
    """Their rests are on lines of their own, of a sign or two: each line was a place."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Observations :")
        for rank in range(3):
            canvas.drawString(50, 670 - 40 * rank, "_" * 80)
            canvas.drawString(50, 657 - 40 * rank, "__")

    assert labels(draw) == ["Observations"]


def test_a_caption_in_small_type_in_a_low_cell_leaves_room_for_its_answer() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 7)
        for x, caption in ((50, "Nom de naissance"), (300, "Nom d’usage")):
            canvas.rect(x, 700, 250, 24)
            canvas.drawString(x + 4, 716, caption)

    assert labels(draw) == ["Nom de naissance", "Nom d’usage"]


def test_a_linking_word_names_the_cell_behind_it() -> None:
    """« au » took the label « Période du »."""
    rows = [["Période du", "", "au", ""]]
    assert labels(lambda canvas: table(canvas, 700, [50, 150, 250, 300, 400], rows)) == [
        "Période du",
        "au",
    ]


def test_dots_that_a_paragraph_broke_off_keep_their_label() -> None:
    """They took the label that the paragraph begins with."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Absences :")
        boxes(canvas, 120, 700, ["aucune", "non justifiées (nombre :"], step=180)
        canvas.drawString(50, 687, "." * 30 + ")")

    assert labels(draw)[-1] == "non justifiées (nombre)"


def test_a_question_over_boxes_ends_where_a_table_does() -> None:
    def draw(canvas: Canvas) -> None:
        table(canvas, 700, [50, 300, 400], [["Parler en public", ""], ["Rédiger", ""]])
        canvas.drawString(54, 671, "Quelle est votre motivation ?")
        for rank in range(4):
            canvas.rect(60 + 40 * rank, 648, 9, 9)
            canvas.drawCentredString(64 + 40 * rank, 636, str(rank))

    assert labels(draw)[-1] == "Quelle est votre motivation ? | 0 | 1 | 2 | 3"
