"""Printed cells of one character each: one text area, the three places of a date, never ticks."""

from __future__ import annotations

from collections.abc import Callable

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas
from samples import EDITION, drawn_page, plan_of

from cqp_forms.guide import DatePart, FieldKind, PlacementKind
from cqp_forms.mapping import Detected, Format, PdfKind, PdfLocator, even_cells
from cqp_forms.mapping_yaml import dump_mapping, parse_mapping
from cqp_forms.matching.drafting import draft
from cqp_forms.pdf.detect import detect
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.shown import differences

Draw = Callable[[Canvas], None]


def place(one: Detected) -> PdfLocator:
    assert isinstance(one.locator, PdfLocator)
    return one.locator


def combs(draw: Draw) -> list[Detected]:
    found = list(detect(drawn_page(draw)))
    assert not [one for one in found if one.kind is PlacementKind.TICK_BOX]
    return [one for one in found if place(one).kind is PdfKind.COMB]


def squares(canvas: Canvas, count: int, x: float = 150, y: float = 700, step: float = 12) -> None:
    for rank in range(count):
        canvas.rect(x + step * rank, y, 12, 12)


def low_rectangles(canvas: Canvas, count: int) -> None:
    for rank in range(count):
        canvas.rect(150 + 13 * rank, 698, 13, 18)


def ruled(canvas: Canvas, count: int) -> None:
    canvas.grid([150 + 13 * rank for rank in range(count + 1)], [698, 714])


def open_cells(canvas: Canvas, count: int) -> None:
    canvas.line(150, 698, 150 + 13 * count, 698)
    for rank in range(count + 1):
        canvas.line(150 + 13 * rank, 698, 150 + 13 * rank, 704)


def typed(canvas: Canvas, count: int) -> None:
    canvas.drawString(150, 702, "|_" * count + "|")


def apart(canvas: Canvas, count: int) -> None:
    squares(canvas, count, step=14)


def dashes(canvas: Canvas, count: int) -> None:
    canvas.drawString(150, 702, " ".join("_" * count))


def strokes(canvas: Canvas, count: int) -> None:
    for rank in range(count):
        canvas.line(150 + 14 * rank, 700, 160 + 14 * rank, 700)


MAKES = (squares, low_rectangles, ruled, open_cells, typed, apart, dashes, strokes)


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize(("label", "count"), [("N° SIRET :", 14), ("Code postal", 5)])
def test_a_row_of_cells_is_one_text(
    make: Callable[[Canvas, int], None], label: str, count: int
) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 702, label)
        make(canvas, count)

    (one,) = combs(draw)
    assert (one.kind, one.label, one.doubt) == (PlacementKind.TEXT_AREA, label, "")
    assert place(one).cells == even_cells(count)


def _touching(canvas: Canvas) -> None:
    squares(canvas, 8)


def _slashes(canvas: Canvas) -> None:
    for x, count in ((150, 2), (184, 2), (218, 4)):
        squares(canvas, count, x)
    for x in (177, 211):
        canvas.drawString(x, 702, "/")


def _gaps(canvas: Canvas) -> None:
    for x, count in ((150, 2), (184, 2), (218, 4)):
        squares(canvas, count, x)


def _dashes(canvas: Canvas) -> None:
    canvas.drawString(150, 702, "_ _ / _ _ / _ _ _ _")


@pytest.mark.parametrize("make", [_touching, _slashes, _gaps, _dashes])
def test_a_date_in_cells_is_one_date_in_three_places(make: Draw) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(40, 702, "Date de naissance :")
        make(canvas)

    found = combs(draw)
    assert [one.option for one in found] == list(DatePart)
    assert [len(place(one).cells) for one in found] == [2, 2, 4]
    assert len({one.group for one in found}) == 1
    document = drawn_page(draw)
    (field,) = draft(found, "essai", Format.PDF, "x.pdf", document).guide.fields.values()
    assert (field.kind, field.split) == (FieldKind.DATE, True)


def test_groups_of_cells_are_one_text_a_character_in_the_middle_of_each() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 702, "N° SIREN")
        for x in (150, 200, 250):
            squares(canvas, 3, x)

    document = drawn_page(draw)
    made = draft(detect(document), "essai", Format.PDF, "x.pdf", document)
    (key,) = made.guide.fields
    mapping = parse_mapping(dump_mapping(made.mapping))
    assert mapping == made.mapping
    plan = plan_of(made.guide, texts={key: "732829320"})
    out = PdfStamper(document, mapping, made.guide).stamp(plan, EDITION)  # type: ignore[arg-type]
    assert differences(plan, read(out, mapping, made.guide)) == []  # type: ignore[arg-type]
    with pypdfium2.PdfDocument(out) as pdf:
        page = pdf[0].get_textpage()
        boxes = [page.get_charbox(rank, loose=True) for rank in range(page.count_chars())
                 if page.get_text_range(rank, 1).isdigit()]  # fmt: skip
    middles = [x + 12 * rank + 6 for x in (150, 200, 250) for rank in range(3)]
    assert [(one[0] + one[2]) / 2 for one in boxes] == pytest.approx(middles, abs=0.6)


def test_a_first_cell_alone_belongs_to_its_comb() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(40, 702, "N° de sécurité sociale")
        for x, count in ((150, 1), (170, 2), (202, 2), (234, 2), (266, 3), (310, 3)):
            squares(canvas, count, x)

    (one,) = combs(draw)
    assert len(place(one).cells) == 13


def test_cells_with_the_letters_of_a_date_cannot_be_filled() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 702, "Date")
        squares(canvas, 8)
        for rank, letter in enumerate("JJMMAAAA"):
            canvas.drawString(153 + 12 * rank, 702, letter)

    assert [one.unfillable for one in detect(drawn_page(draw))] == ["cellules déjà imprimées"]


def _likert(canvas: Canvas) -> None:
    canvas.drawString(90, 702, "Pas du tout")
    squares(canvas, 5, step=15)
    canvas.drawString(230, 702, "Tout à fait")


def _two(canvas: Canvas) -> None:
    canvas.drawString(90, 702, "Satisfait")
    squares(canvas, 2)


def _short_rows(canvas: Canvas) -> None:
    for rank, text in enumerate(("Date vérifiée", "Code vérifié")):
        canvas.drawString(60, 702 - 12 * rank, text)
        squares(canvas, 4, y=700 - 12 * rank)


def _two_under_a_date(canvas: Canvas) -> None:
    canvas.drawString(60, 702, "Date relevée")
    squares(canvas, 2)


@pytest.mark.parametrize("draw", [_likert, _two, _short_rows, _two_under_a_date])
def test_what_may_be_boxes_is_in_doubt(draw: Draw) -> None:
    found = combs(draw)
    assert found and all(one.doubt for one in found)


def test_a_scale_over_adjoining_squares_is_a_grid() -> None:
    def draw(canvas: Canvas) -> None:
        for rank, text in enumerate("ABCD"):
            canvas.drawString(158 + 24 * rank, 726, text)
            canvas.rect(150 + 24 * rank, 700, 24, 22)
        canvas.drawString(60, 702, "Accueil")

    found = detect(drawn_page(draw))
    assert [(one.label, one.option) for one in found] == [("Accueil", each) for each in "ABCD"]


def test_a_planning_is_no_comb() -> None:
    def draw(canvas: Canvas) -> None:
        for row in range(3):
            canvas.drawString(60, 702 - 12 * row, "Atelier")
            squares(canvas, 7, y=700 - 12 * row)

    assert combs(draw) == []
