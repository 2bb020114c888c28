"""Tables and frames as administrations print them: each cell has its own label."""

from __future__ import annotations

from form_pages import bold, labels, outline, table
from reportlab.pdfgen.canvas import Canvas


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


def test_a_question_over_boxes_ends_where_a_table_does() -> None:
    def draw(canvas: Canvas) -> None:
        table(canvas, 700, [50, 300, 400], [["Parler en public", ""], ["Rédiger", ""]])
        canvas.drawString(54, 671, "Quelle est votre motivation ?")
        for rank in range(4):
            canvas.rect(60 + 40 * rank, 648, 9, 9)
            canvas.drawCentredString(64 + 40 * rank, 636, str(rank))

    assert labels(draw)[-1] == "Quelle est votre motivation ? | 0 | 1 | 2 | 3"
