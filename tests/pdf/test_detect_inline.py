"""Boxes in a line of text: one question where their wordings are the degrees of a scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.guide import FieldKind, PlacementKind
from cqp_forms.mapping import Format
from cqp_forms.matching.drafting import draft
from cqp_forms.pdf.detect import detect

NBSP = "\u00a0"


def line(canvas: Canvas, question: str, words: Sequence[str], y: float, before: bool) -> None:
    canvas.drawString(60, y, question)
    for rank, word in enumerate(words):
        x = 200.0 + 110 * rank
        canvas.rect(x, y - 1, 9, 9)
        if before:
            canvas.drawRightString(x - 5, y, word)
        else:
            canvas.drawString(x + 14, y, word)


def drafted(*lines: tuple[str, Sequence[str]], before: bool = False) -> list[tuple[str, list[str]]]:
    """The questions of a page with these lines, each with its options."""

    def draw(canvas: Canvas) -> None:
        for rank, (question, words) in enumerate(lines):
            line(canvas, question, words, 700.0 - 30 * rank, before)

    document = drawn_page(draw)
    made = draft(detect(document), "essai", Format.PDF, "x.pdf", document)
    assert not made.mapping.unconfirmed
    fields = made.guide.fields.values()
    assert all((one.kind is FieldKind.CHOICE) == bool(one.options) for one in fields)
    return [(one.label, [option.label for option in one.options]) for one in fields]


@pytest.mark.parametrize("before", [False, True])
def test_opinions_in_a_line_are_one_choice(before: bool) -> None:
    lines = (
        ("Avis du tuteur :", ["Favorable", "Réservé", "Défavorable"]),
        ("Séance :", ["Présent", "Absent"]),
        ("Autonomie :", ["Jamais", "Parfois", "Toujours"]),
    )
    assert drafted(*lines, before=before) == [(text.rstrip(" :"), words) for text, words in lines]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Permis :", ["A", "B"]),
        ("Pièces :", ["Lettre", "Diplôme"]),
        ("Avis :", ["Favorable", "Lettre"]),
        ("Cochez tout ce qui convient :", ["Difficile", "Important"]),
    ],
)
def test_boxes_that_may_all_be_ticked_stay_ticks(question: str, words: list[str]) -> None:
    assert drafted((question, words)) == [
        (f"{question.replace(' :', NBSP + ':')} {one}", []) for one in words
    ]


def fields_of(draw: Callable[[Canvas], None]) -> list[tuple[str, list[str]]]:
    """The questions drafted of a page, each with its options."""
    document = drawn_page(draw)
    made = draft(detect(document), "essai", Format.PDF, "x.pdf", document)
    assert not made.mapping.unconfirmed
    fields = made.guide.fields.values()
    return [(one.label, [option.label for option in one.options]) for one in fields]


def test_a_list_is_a_group_named_by_what_it_answers() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 720, "Formation connue par (plusieurs réponses possibles) :")
        for rank, word in enumerate(("un collègue", "la presse", "votre employeur", "internet")):
            x, y = 80 + 150 * (rank % 2), 700 - 18 * (rank // 2)
            canvas.rect(x, y, 9, 9)
            canvas.drawString(x + 14, y + 1, word)

    found = detect(drawn_page(draw))
    assert [one.label for one in found] == [
        "un collègue",
        "la presse",
        "votre employeur",
        "internet",
    ]
    assert {one.heading for one in found} == {
        "Formation connue par (plusieurs réponses possibles) :"
    }


def test_a_question_of_another_column_is_not_taken() -> None:
    """« Parité : » has cells of its own, and « (cm) » only says how these are filled."""

    def draw(canvas: Canvas) -> None:
        for y, text in ((700, "Parité :"), (670, "(cm) :")):
            canvas.drawString(60, y, text)
            canvas.grid([110, 122, 134], [y - 2, y + 10])
        for y, text in ((700, "Rachianesthésie"), (670, "Péridurale")):
            canvas.rect(200, y - 1, 9, 9)
            canvas.drawString(214, y, text)

    ticks = [one for one in detect(drawn_page(draw)) if one.kind is PlacementKind.TICK_BOX]
    assert [one.label for one in ticks] == ["Rachianesthésie", "Péridurale"]


def test_a_caption_under_each_box_of_a_row_is_its_option() -> None:
    words = ["CAP", "Bac", "Bac+2"]

    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Niveau d’études :")
        for rank, word in enumerate(words):
            canvas.rect(200 + 60 * rank, 699, 10, 10)
            canvas.drawCentredString(205 + 60 * rank, 688, word)

    assert fields_of(draw) == [("Niveau d’études", words)]


def test_boxes_that_nothing_tells_apart_are_to_be_confirmed() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Objectifs clairs")
        for rank in range(3):
            canvas.rect(200 + 60 * rank, 699, 10, 10)

    found = detect(drawn_page(draw))
    assert [one.label for one in found] == ["Objectifs clairs"] * 3
    assert all("rien ne distingue" in one.doubt for one in found)


def test_blocks_side_by_side_have_captions_of_their_own() -> None:
    scale = ["++", "+", "-"]
    blocks = {60: ("Objectifs clairs", "Durée juste"), 320: ("Rythme adapté", "Échanges riches")}

    def draw(canvas: Canvas) -> None:
        for x, rows in blocks.items():
            for rank, text in enumerate(scale):
                canvas.drawCentredString(x + 125 + 22 * rank, 720, text)
            for y, row in zip((700, 680), rows, strict=True):
                canvas.drawString(x, y, row)
                for rank in range(len(scale)):
                    canvas.rect(x + 120 + 22 * rank, y - 1, 10, 10)

    known = {text: scale for rows in blocks.values() for text in rows}
    assert dict(fields_of(draw)) == known


@pytest.mark.parametrize("words", [("Oui", "Non"), ("1", "2", "3"), ("Acquis", "En cours")])
def test_boxes_of_a_cell_answer_its_row_and_its_column(words: tuple[str, ...]) -> None:
    heads = ("Compétence", "Auto-évaluation", "Évaluation", "Commentaires")

    def draw(canvas: Canvas) -> None:
        canvas.setFontSize(8)
        canvas.grid([60, 180, 300, 420, 540], [680, 700, 720, 740])
        for rank, text in enumerate(heads):
            canvas.drawString(64 + 120 * rank, 726, text)
        for y, text in ((706, "Autonomie"), (686, "Initiative")):
            canvas.drawString(64, y, text)
            for column in (1, 2):
                for rank, word in enumerate(words):
                    x = 64 + 120 * column + 38 * rank
                    canvas.rect(x, y - 1, 7, 7)
                    canvas.drawString(x + 9, y, word)

    assert fields_of(draw) == [
        one
        for row in ("Autonomie", "Initiative")
        for one in (*((f"{row} – {head}", list(words)) for head in heads[1:3]), (row, []))
    ]


def test_boxes_of_a_cell_that_may_all_be_ticked_keep_its_row() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.grid([60, 180, 400], [680, 700, 720])
        for y, text, words in (
            (706, "Mobilité", ("Interne", "Externe")),
            (686, "Télétravail", ("Interne", "Externe")),
        ):
            canvas.drawString(64, y, text)
            for rank, word in enumerate(words):
                canvas.rect(190 + 90 * rank, y - 1, 9, 9)
                canvas.drawString(203 + 90 * rank, y, word)

    assert [label for label, _ in fields_of(draw)] == [
        f"{row}{NBSP}: {word}"
        for row in ("Mobilité", "Télétravail")
        for word in ("Interne", "Externe")
    ]
