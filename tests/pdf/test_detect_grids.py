"""Grids under any caption: each empty cell or box has its row and column, a text its heading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected
from cqp_forms.pdf.detect import detect

LEFT, TOP, FIRST, WIDE, ROW = 60.0, 760.0, 140.0, 86.0, 22.0


def grid(
    canvas: Canvas, head: Sequence[str], rows: Sequence[Sequence[str]], top: float = TOP
) -> None:
    """A ruled table; « ☐ » draws a square in the middle of its cell."""
    xs = [LEFT, *(LEFT + FIRST + WIDE * rank for rank in range(len(head)))]
    lines = [row for row in (head, *rows) if row]
    ys = [top - ROW * rank for rank in range(len(lines) + 1)]
    canvas.grid(xs, ys)
    for row, y in zip(lines, ys[1:], strict=False):
        for text, x, end in zip(row, xs, xs[1:], strict=False):
            if text == "☐":
                canvas.rect((x + end) / 2 - 5, y + 6, 10, 10)
            else:
                canvas.drawString(x + 4, y + 7, text)


def found_on(*draw: Callable[[Canvas], None]) -> list[Detected]:
    return list(detect(drawn_page(*draw)))


def answers(found: Sequence[Detected]) -> list[tuple[str, str]]:
    return [(one.label, one.column) for one in found if one.kind is PlacementKind.TICK_BOX]


SCALES = (
    ("A", "B", "C", "D"),
    ("ND", "1", "2", "3"),
    ("Très satisfaisant", "Satisfaisant", "Insuffisant"),
    ("Jamais", "Parfois", "Toujours"),
    ("++", "+", "-"),
    ("0 %", "50 %", "100 %"),
    ("Acquis", "En cours", "Non acquis"),
)


@pytest.mark.parametrize("scale", SCALES, ids="-".join)
@pytest.mark.parametrize("sign", ["", "☐"], ids=["cells", "squares"])
def test_each_cell_under_a_caption_is_a_box_of_its_row(scale: tuple[str, ...], sign: str) -> None:
    rows = [("Préparer son poste", *([sign] * len(scale))), ("régler", *([sign] * len(scale)))]
    found = found_on(lambda canvas: grid(canvas, ("Activités", *scale), rows))
    assert answers(found) == [(label, one) for label, *_ in rows for one in scale]
    assert [one.option for one in found] == [*scale, *scale]
    groups = Counter(one.group for one in found)
    assert sorted(groups.values()) == [len(scale)] * 2
    assert "" not in groups


def test_headings_that_ask_for_a_text_head_areas() -> None:
    rows = [("Régler la machine", "", "", "")]
    head = ("Activités", "A", "B", "Remarques")
    found = found_on(lambda canvas: grid(canvas, head, rows))
    assert answers(found) == [("Régler la machine", "A"), ("Régler la machine", "B")]
    (area,) = [one for one in found if one.kind is PlacementKind.TEXT_AREA]
    assert (area.label, area.column) == ("Régler la machine", "Remarques")


def test_a_table_of_texts_has_no_boxes() -> None:
    rows = [("Lot 1", "", "", ""), ("Lot 2", "", "", "")]
    head = ("Désignation", "Date", "Tuteur", "Lieu")
    found = found_on(lambda canvas: grid(canvas, head, rows))
    assert answers(found) == []
    assert [one.column for one in found] == ["Date", "Tuteur", "Lieu"] * 2


def _choice_line(canvas: Canvas) -> None:
    canvas.drawString(60, 700, "Besoin de pauses :")
    for x, text in ((260, "Oui"), (330, "Non")):
        canvas.rect(x, 699, 10, 10)
        canvas.drawString(x + 14, 700, text)


def _square_rows(canvas: Canvas) -> None:
    for x, text in zip((262, 300, 338, 376), "WXYZ", strict=True):
        canvas.drawString(x, 660, text)
    for y, text in ((630, "Marcher"), (606, "Se lever")):
        canvas.drawString(60, y, text)
        for x in (260, 298, 336, 374):
            canvas.rect(x, y - 1, 10, 10)


def test_the_captions_of_other_boxes_head_no_grid_under_them() -> None:
    found = found_on(_choice_line, _square_rows)
    first = [("Besoin de pauses :", "Oui"), ("Besoin de pauses :", "Non")]
    rows = [(label, one) for label in ("Marcher", "Se lever") for one in "WXYZ"]
    assert answers(found) == [*first, *rows]
    assert sorted(Counter(one.group for one in found).values()) == [2, 4, 4]


def test_boxes_with_their_own_wording_in_a_row_of_cells_are_its_options() -> None:
    def draw(canvas: Canvas) -> None:
        _choice_line(canvas)
        canvas.grid([60, 200, 290, 380, 470], [620, 644])
        canvas.drawString(64, 628, "Quantité de fluide")
        for x, text in ((200, "2 à 30 kg"), (290, "30 à 300 kg"), (380, "plus")):
            canvas.rect(x + 4, 627, 10, 10)
            canvas.drawString(x + 18, 628, text)

    wanted = [("Quantité de fluide", one) for one in ("2 à 30 kg", "30 à 300 kg", "plus")]
    assert answers(found_on(draw))[2:] == wanted


def test_a_table_that_starts_with_a_small_letter_loses_no_row() -> None:
    rows = [("reprendriez-vous une finissante ?", "", ""), ("reprendriez-vous l’élève ?", "", "")]
    found = found_on(lambda canvas: grid(canvas, ("Si c’était à refaire", "OUI", "NON"), rows))
    assert len(found) == 4


def test_a_grid_that_each_page_has_is_no_header() -> None:
    rows = [("Régler la machine", "", ""), ("Ranger son poste", "", "")]

    def draw(canvas: Canvas) -> None:
        for number in range(5):
            canvas.drawString(200, 812, "Organisme de formation")
            canvas.grid([40, 180, 555], [805, 830])
            canvas.line(40, 45, 555, 45)
            canvas.drawString(40, 34, "12 rue des Lilas, Lyon")
            grid(canvas, ("Activités", "OUI", "NON"), rows, top=790 if number % 2 else 760)
            if number < 4:
                canvas.showPage()
                canvas.setFont("Helvetica", 10)

    found = found_on(draw)
    assert len(found) == 20
    assert set(answers(found)) == {(row, one) for row, *_ in rows for one in ("OUI", "NON")}


def test_round_characters_in_a_grid_are_its_boxes() -> None:
    words = ("Débutant", "Confirmé", "Expert")

    def draw(canvas: Canvas) -> None:
        grid(canvas, ("Niveau", *words), [("Bureautique", "", "", ""), ("Anglais", "", "", "")])
        canvas.setFont("ZapfDingbats", 11)
        for y in (TOP - 2 * ROW + 7, TOP - 3 * ROW + 7):
            for rank in range(3):
                canvas.drawString(LEFT + FIRST + WIDE * rank + 4, y, "❍")

    found = found_on(draw)
    assert answers(found) == [(row, one) for row in ("Bureautique", "Anglais") for one in words]
    assert {one.doubt for one in found} == {""}
