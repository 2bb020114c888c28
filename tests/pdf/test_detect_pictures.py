"""Boxes that are pictures: named with their place, since nothing can be put in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.mapping import PdfLocator, PlacementKind
from cqp_forms.pdf.detect import detect


def picture() -> ImageReader:
    return ImageReader(Image.new("L", (20, 20), 90))


def test_a_small_square_picture_before_a_wording_is_a_box_that_cannot_be_filled() -> None:
    def draw(canvas: Canvas) -> None:
        for rank, text in enumerate(("Dossier complet", "Pièces jointes")):
            canvas.drawImage(picture(), 80, 700 - 30 * rank, 11, 11)
            canvas.drawString(96, 702 - 30 * rank, text)

    found = detect(drawn_page(draw))
    assert [(one.label, one.unfillable) for one in found] == [
        ("Dossier complet", "image"),
        ("Pièces jointes", "image"),
    ]
    place = found[0].locator
    assert isinstance(place, PdfLocator)
    assert (place.page, round(place.rect.x0), round(place.rect.y0)) == (1, 80, 700)


def test_logos_photos_and_pictures_in_a_box_are_no_boxes() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 60, 760, 60, 60)
        canvas.drawString(130, 780, "Organisme certificateur")
        canvas.drawImage(picture(), 60, 600, 12, 12)
        canvas.rect(60, 500, 10, 10)
        canvas.drawImage(picture(), 61, 501, 8, 8)
        canvas.drawString(76, 502, "Dossier")

    assert [(one.label, one.unfillable) for one in detect(drawn_page(draw))] == [("Dossier", "")]


def grid(canvas: Canvas, columns: int) -> None:
    sides = [60, 260, *(260 + 60 * rank for rank in range(1, columns + 1))]
    for x in sides:
        canvas.line(x, 740, x, 660)
    for y in (740, 710, 685, 660):
        canvas.line(60, y, sides[-1], y)
    canvas.drawString(66, 695, "Accueil")
    canvas.drawString(66, 670, "Rythme de la formation")


def test_under_pictures_in_a_row_empty_cells_are_options_named_by_rank() -> None:
    """Faces over a grid: a text in each cell would be three answers where one is asked."""

    def draw(canvas: Canvas) -> None:
        grid(canvas, 3)
        for rank in range(3):
            canvas.drawImage(picture(), 280 + 60 * rank, 715, 20, 20)

    found = detect(drawn_page(draw))
    assert [(one.kind, one.label, one.option) for one in found] == [
        (PlacementKind.TICK_BOX, label, f"Image {rank}")
        for label in ("Accueil", "Rythme de la formation")
        for rank in (1, 2, 3)
    ]
    assert len({one.group for one in found}) == 2


def one_logo(canvas: Canvas) -> None:
    canvas.drawImage(picture(), 70, 715, 20, 20)


def logos_in_the_corners(canvas: Canvas) -> None:
    for x in (70, 285):
        canvas.drawImage(picture(), x, 715, 20, 20)


def logos_about_a_title(canvas: Canvas) -> None:
    for x in (280, 400):
        canvas.drawImage(picture(), x, 715, 20, 20)
    canvas.drawString(330, 722, "Suivi")


@pytest.mark.parametrize(
    ("draw_logos", "columns"),
    [(one_logo, 1), (logos_in_the_corners, 1), (logos_about_a_title, 3)],
)
def test_logos_in_a_table_caption_nothing(
    draw_logos: Callable[[Canvas], None], columns: int
) -> None:
    def draw(canvas: Canvas) -> None:
        grid(canvas, columns)
        draw_logos(canvas)

    found = detect(drawn_page(draw))
    assert {one.kind for one in found} == {PlacementKind.TEXT_AREA}
    assert not any("Image" in (one.label + one.column) for one in found)
