"""Boxes in a line of text: one question where their wordings are the degrees of a scale."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.guide import FieldKind
from cqp_forms.mapping import Format
from cqp_forms.matching.drafting import draft
from cqp_forms.pdf.detect import detect


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
    assert drafted((question, words)) == [(one, []) for one in words]
