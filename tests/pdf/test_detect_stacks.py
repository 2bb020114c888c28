"""Boxes one under the other: one question where their wordings exclude one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.guide import FieldKind
from cqp_forms.mapping import Format
from cqp_forms.matching.drafting import draft
from cqp_forms.pdf.detect import detect

SCALES = (
    ("OUI", "NON"),
    ("Satisfaisant", "Insuffisant"),
    ("1", "2", "3", "4"),
    ("Acquis", "En cours", "Non acquis"),
)


def stack(canvas: Canvas, words: Sequence[str], y: float, square: bool = False) -> None:
    for rank, word in enumerate(words):
        if square:
            canvas.rect(80, y - 18 * rank, 9, 9)
        else:
            canvas.circle(84.5, y + 4.5 - 18 * rank, 4.5)
        canvas.drawString(95, y + 1 - 18 * rank, word)


def drafted(draw: Callable[[Canvas], None]) -> list[tuple[FieldKind, str, list[str]]]:
    document = drawn_page(draw)
    made = draft(detect(document), "essai", Format.PDF, "x.pdf", document)
    assert not made.mapping.unconfirmed
    return [
        (one.kind, one.label, [option.label for option in one.options])
        for one in made.guide.fields.values()
    ]


@pytest.mark.parametrize(
    ("words", "square"),
    [
        *((words, False) for words in SCALES),
        *((words, True) for words in SCALES if "1" not in words),
    ],
)
def test_a_scale_under_its_question_is_one_choice(words: tuple[str, ...], square: bool) -> None:
    questions = ("Préparer son poste", "Régler la machine")

    def draw(canvas: Canvas) -> None:
        for rank, text in enumerate(questions):
            y = 700 - 120 * rank
            canvas.drawString(60, y + 20, text)
            stack(canvas, words, y, square)

    assert drafted(draw) == [(FieldKind.CHOICE, text, list(words)) for text in questions]


def test_the_question_may_stand_before_its_circles() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(30, 701, "Niveau")
        stack(canvas, ("Débutant", "Confirmé", "Expert"), 700)

    assert drafted(draw) == [(FieldKind.CHOICE, "Niveau", ["Débutant", "Confirmé", "Expert"])]


@pytest.mark.parametrize(
    ("question", "words", "square"),
    [
        ("Cochez tout ce qui convient", ("Bien", "Moyen", "Faible"), False),
        ("Documents joints", ("Carte d’identité", "Diplôme", "Bien"), False),
        ("Documents joints", ("Carte d’identité", "Diplôme", "Contrat"), True),
        ("Cochez tout ce qui convient", ("Bien", "Moyen", "Faible"), True),
        ("Permis", ("A", "B"), True),
        ("Séances suivies", ("1", "2", "3"), True),
    ],
)
def test_independent_lists_stay_ticks(question: str, words: tuple[str, ...], square: bool) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 720, question)
        stack(canvas, words, 700, square)

    assert [(kind, label) for kind, label, _ in drafted(draw)] == [
        (FieldKind.TICK, word) for word in words
    ]
