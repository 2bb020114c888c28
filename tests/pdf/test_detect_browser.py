"""Pages as a browser prints them: rounded frames, dots one by one, a border for each cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import cos, pi, sin

import pytest
from form_pages import boxes, labels, outline
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import PdfKind
from cqp_forms.pdf.detect import detect


def soft_box(canvas: Canvas, x: float, y: float, wide: float, high: float, radius: float) -> None:
    """A rectangle whose corners are two arcs each, as Skia draws them."""
    path = canvas.beginPath()
    corners = ((x + wide - radius, y + high - radius), (x + radius, y + high - radius),
               (x + radius, y + radius), (x + wide - radius, y + radius))  # fmt: skip
    path.moveTo(x + wide, y + radius)
    pull = 4 / 3 * sin(pi / 16) / (1 + cos(pi / 16)) * radius
    for rank, (at_x, at_y) in enumerate(corners):
        start = rank * pi / 2
        path.lineTo(at_x + radius * cos(start), at_y + radius * sin(start))
        for step in range(2):
            one, two = start + step * pi / 4, start + (step + 1) * pi / 4
            path.curveTo(
                at_x + radius * cos(one) - pull * sin(one),
                at_y + radius * sin(one) + pull * cos(one),
                at_x + radius * cos(two) + pull * sin(two),
                at_y + radius * sin(two) - pull * cos(two),
                at_x + radius * cos(two),
                at_y + radius * sin(two),
            )
    path.close()
    canvas.drawPath(path)


def bordered(canvas: Canvas, top: float, edges: Sequence[float], rows: Sequence[str]) -> None:
    """A table with a border for each cell; cells are parted by « | »."""
    for rank, row in enumerate(rows):
        y = top - 21 * rank
        for text, (left, right) in zip(row.split("|"), pairwise(edges), strict=True):
            for x0, y0, x1, y1 in (
                (left, y, right, y),
                (left, y + 21, right, y + 21),
                (left, y, left, y + 21),
                (right, y, right, y + 21),
            ):
                canvas.line(x0, y0, x1, y1)
            canvas.drawString(left + 4, y + 6, text)


def dots(canvas: Canvas, x: float, y: float, wide: float) -> None:
    for rank in range(int(wide / 1.5)):
        canvas.rect(x + 1.5 * rank, y, 0.75, 0.75, stroke=0, fill=1)


def found(draw: Callable[[Canvas], None]) -> list[tuple[PlacementKind, PdfKind]]:
    return [(one.kind, one.locator.kind) for one in detect(drawn_page(draw))]


def test_frames_with_rounded_corners_are_boxes_and_places() -> None:
    """Neither was seen: the middles of their arcs lie on no side."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 703, "Nom :")
        soft_box(canvas, 90, 698, 180, 15, 2)
        soft_box(canvas, 60, 668, 9, 9, 1.5)
        canvas.drawString(74, 669, "Contrat")

    assert labels(draw) == ["Nom", "Contrat"]


def test_a_circle_of_many_arcs_is_no_frame() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 703, "Logo")
        soft_box(canvas, 300, 600, 80, 80, 40)
        boxes(canvas, 60, 660, ["Contrat"])

    assert labels(draw) == ["Contrat"]


def test_dots_drawn_one_by_one_are_a_line() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Service :")
        dots(canvas, 110, 698, 160)
        canvas.drawString(50, 670, "Date :")
        for x, wide in ((90, 30), (132, 30), (174, 45)):
            dots(canvas, x, 668, wide)
        for x in (124, 166):
            canvas.drawString(x, 670, "/")

    assert labels(draw) == ["Service", "Date"]
    assert len(found(draw)) == 4  # the date is in three


def test_square_cells_of_a_table_with_a_border_each_are_no_boxes_of_their_own() -> None:
    """A sign in their header was read as a ticked box, and the rows had no choice."""
    edges = [50, 300, 340, 361, 382, 500]
    rows = ["Objectif|++|+|-|Commentaire", "Vendre||||"]

    def draw(canvas: Canvas) -> None:
        bordered(canvas, 700, edges, rows)

    assert labels(draw) == ["Vendre | ++ | + | -", "Vendre – Commentaire"]


@pytest.mark.parametrize("hint", ["JJ/MM/AAAA", "Choisir…", "Saisissez ici"])
def test_a_hint_in_a_frame_is_a_place_that_an_answer_covers(hint: str) -> None:
    """It took its label from the line above, and the answer would have been printed over it."""

    def draw(canvas: Canvas) -> None:
        boxes(canvas, 60, 730, ["Madame"])
        canvas.drawString(50, 703, "Depuis le")
        canvas.rect(98, 698, 80, 15)
        canvas.drawString(101, 703, hint)
        canvas.drawString(181, 703, "Lieu")
        canvas.rect(206, 698, 120, 15)

    assert labels(draw) == ["Madame", "Depuis le", "Lieu"]
    assert found(draw)[1] == (PlacementKind.TEXT_AREA, PdfKind.INVITE)


def test_boxes_under_a_line_do_not_answer_its_label() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 730, "Formation demandée :")
        canvas.line(160, 728, 460, 728)
        boxes(canvas, 50, 710, ["CPF", "Pro-A"])

    assert outline(draw) == [
        ("Formulaire", label) for label in ("Formation demandée", "CPF", "Pro-A")
    ]


def test_a_caption_of_two_lines_under_a_circle_is_whole() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 740, "Êtes-vous satisfait ?")
        for rank, lines in enumerate([("Pas du", "tout"), ("Peu",), ("Très",)]):
            x = 70 + 60 * rank
            canvas.circle(x, 720, 6)
            for line, text in enumerate(lines):
                canvas.drawCentredString(x, 702 - 11 * line, text)

    assert labels(draw) == ["Êtes-vous satisfait ? | Pas du tout | Peu | Très"]


def test_an_opinion_that_asks_for_its_reason_is_one_of_the_opinions() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Avis :")
        boxes(canvas, 100, 700, ["favorable", "défavorable, motif :"], step=80)
        canvas.line(280, 698, 450, 698)

    assert labels(draw) == ["Avis | favorable | défavorable, motif", "défavorable, motif"]


def test_letters_over_square_columns_of_a_tinted_header_are_captions() -> None:
    """The letters were lost, and with them the columns under « S » and « I »."""

    def draw(canvas: Canvas) -> None:
        edges = [50, 300, 340, 362, 384]
        for left, right in pairwise(edges):
            canvas.setFillGray(0.87)
            canvas.rect(left, 700, right - left, 21, stroke=0, fill=1)
            canvas.setFillGray(0)
        bordered(canvas, 700, edges, ["Points|TS|S|I", "Ponctualité|||"])

    assert labels(draw) == ["Ponctualité | TS | S | I"]


def test_boxes_answer_what_their_own_cell_asks_not_the_cell_behind() -> None:
    """They were « Durée : en présentiel »; and « Durée : » had no place."""

    def draw(canvas: Canvas) -> None:
        bordered(canvas, 700, [50, 400, 480], ["|Durée :"])
        canvas.drawString(54, 706, "Visite :")
        boxes(canvas, 100, 706, ["en présentiel", "à distance"], step=100)

    assert labels(draw) == ["Visite : en présentiel", "Visite : à distance", "Durée"]


def test_signatures_in_the_cells_of_a_table_are_named_by_their_column() -> None:
    def draw(canvas: Canvas) -> None:
        edges = [50, 200, 350]
        bordered(canvas, 700, edges, ["Apprenti|Formateur"])
        for left, right in pairwise(edges):
            canvas.rect(left, 650, right - left, 50)
            canvas.drawString(left + 4, 672, "Signature")
        canvas.drawString(50, 630, "Total :")
        canvas.rect(90, 627, 30, 11)
        canvas.drawString(124, 630, "/ 40 Moyenne :")
        canvas.rect(200, 627, 30, 11)

    assert labels(draw) == [
        "Signature – Apprenti",
        "Signature – Formateur",
        "Total",
        "Moyenne",
    ]


def test_a_narrow_cell_behind_its_label_is_a_place() -> None:
    def draw(canvas: Canvas) -> None:
        bordered(canvas, 700, [50, 200, 228], ["Critère|Note", "Présentation|", "Contenu|"])

    assert labels(draw) == ["Présentation", "Contenu"]


def test_a_decision_on_a_block_is_one_choice() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Décision :")
        boxes(canvas, 110, 700, ["Bloc acquis", "Bloc non acquis"], step=90)

    assert labels(draw) == ["Décision | Bloc acquis | Bloc non acquis"]


def test_captions_over_borders_drawn_cell_by_cell_are_no_lines_to_write_on() -> None:
    def draw(canvas: Canvas) -> None:
        edges = [50, 200, 240, 280, 370]
        for rank in range(3):
            for left, right in pairwise(edges):
                canvas.line(left, 695 - 22 * rank, right, 695 - 22 * rank)
        for left, word in zip(edges[1:], ["Oui", "Non", "Partiellement"], strict=False):
            canvas.drawString(left + 8, 700, word)
        for rank, row in enumerate(["Je sais négocier", "Je connais la loi"]):
            y = 679 - 22 * rank
            canvas.drawString(54, y, row)
            for left in edges[1:4]:
                canvas.rect(left + 12, y - 1, 8, 8)

    assert labels(draw) == [
        f"{row} | Oui | Non | Partiellement" for row in ("Je sais négocier", "Je connais la loi")
    ]


def test_columns_are_read_as_their_numbers_say() -> None:
    def draw(canvas: Canvas) -> None:
        for x, y, question in (
            (50, 740, "1) Êtes-vous salarié ?"),
            (50, 690, "2) Êtes-vous disponible ?"),
            (310, 728, "3) Avez-vous le permis ?"),
            (310, 678, "4) Êtes-vous mobile ?"),
        ):
            canvas.drawString(x, y, question)
            for rank, word in enumerate(["Oui", "Non"]):
                canvas.rect(x + 10, y - 15 - 12 * rank, 8, 8)
                canvas.drawString(x + 22, y - 14 - 12 * rank, word)

    assert [one[:2] for one in labels(draw)] == ["1)", "2)", "3)", "4)"]


def test_a_tinted_ground_behind_a_label_is_to_be_confirmed() -> None:
    """It was passed over in silence."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Candidat")
        canvas.setFillColorRGB(0.9, 0.93, 0.97)
        canvas.rect(150, 695, 180, 16, stroke=0, fill=1)
        canvas.rect(50, 600, 400, 16, stroke=0, fill=1)  # an ornament: nothing stands before it
        canvas.setFillGray(0)
        boxes(canvas, 50, 660, ["Présent"])

    assert labels(draw) == ["? Candidat", "Présent"]
