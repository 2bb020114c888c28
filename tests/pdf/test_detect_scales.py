"""Scales side by side in one table, and columns that go on over the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected
from cqp_forms.matching.scales import TWO_SCALES
from cqp_forms.pdf.detect import detect

ROW, LEFT, FIRST, WIDE = 18.0, 60.0, 160.0, 44.0
ASKED = ("Accueillir un client", "Analyser la demande")

Band = tuple[str, int]


def _row(canvas: Canvas, y: float, cells: Sequence[Band]) -> None:
    """One row of cells; each has a wording and how many columns it takes. « ☐ » is a square."""
    x = LEFT
    for rank, (text, columns) in enumerate(cells):
        width = WIDE * columns if rank else FIRST
        canvas.rect(x, y, width, ROW)
        if text == "☐":
            canvas.rect(x + width / 2 - 4, y + 5, 8, 8)
        else:
            canvas.drawString(x + 3, y + 6, text)
        x += width


def banded(
    bands: Sequence[Band], captions: Sequence[str], sign: str = ""
) -> Callable[[Canvas], None]:
    """A grid whose captions have wider headers over them."""

    def draw(canvas: Canvas) -> None:
        canvas.setFontSize(7)
        _row(canvas, 700, [("Compétences", 1), *bands])
        _row(canvas, 700 - ROW, [("", 1), *((text, 1) for text in captions)])
        for rank, text in enumerate(ASKED, 2):
            _row(canvas, 700 - ROW * rank, [(text, 1), *[(sign, 1)] * len(captions)])

    return draw


def questions(found: Sequence[Detected]) -> dict[str, list[str]]:
    """The options of each question, by its label."""
    groups: dict[str, list[Detected]] = {}
    for one in found:
        assert one.kind is PlacementKind.TICK_BOX, one
        assert one.group, one
        groups.setdefault(one.group, []).append(one)
    assert all(len({one.label for one in each}) == 1 for each in groups.values())
    return {each[0].label: [one.column for one in each] for each in groups.values()}


@pytest.mark.parametrize("sign", ["", "☐"], ids=["cells", "squares"])
@pytest.mark.parametrize(
    "captions",
    [("NA", "ECA", "A", "NA", "ECA", "A"), ("OUI", "NON", "SO", "OUI", "NON", "SO"),
     ("1", "2", "3", "OUI", "NON", "En cours")],
    ids=["letters", "answers", "unlike"],
)  # fmt: skip
def test_scales_under_headers_of_their_own_are_questions_of_their_own(
    captions: tuple[str, ...], sign: str
) -> None:
    bands = [("Mi-parcours", 3), ("Fin de parcours", 3)]
    found = detect(drawn_page(banded(bands, captions, sign)))
    assert questions(found) == {
        f"{row} – {band}": list(part)
        for row in ASKED
        for band, part in (("Mi-parcours", captions[:3]), ("Fin de parcours", captions[3:]))
    }


@pytest.mark.parametrize("bands", [[("Insuffisant", 2), ("Satisfaisant", 2)], [("Niveau", 4)]])
def test_a_header_that_grades_or_spans_all_parts_no_scale(bands: list[Band]) -> None:
    found = detect(drawn_page(banded(bands, ("1", "2", "3", "4"))))
    assert questions(found) == {row: ["1", "2", "3", "4"] for row in ASKED}


@pytest.mark.parametrize("sign", ["", "☐"], ids=["cells", "squares"])
def test_a_scale_printed_twice_without_a_header_is_to_be_confirmed(sign: str) -> None:
    def draw(canvas: Canvas) -> None:
        for rank, text in enumerate(("Compétences", *ASKED)):
            cells = [(one if text == "Compétences" else sign, 1) for one in "ABAB"]
            _row(canvas, 700 - ROW * rank, [(text, 1), *cells])

    found = detect(drawn_page(draw))
    assert Counter((one.label, one.column) for one in found) == {
        (row, one): 2 for row in ASKED for one in "AB"
    }
    assert {one.doubt for one in found} == {TWO_SCALES}


def test_a_text_beside_each_scale_is_told_apart() -> None:
    head = ("OUI", "NON", "Preuve", "OUI", "NON", "Preuve")

    def draw(canvas: Canvas) -> None:
        banded([("Mi-parcours", 3), ("Fin de parcours", 3)], head)(canvas)

    texts = [one for one in detect(drawn_page(draw)) if one.kind is PlacementKind.TEXT_AREA]
    assert [(one.label, one.column) for one in texts] == [
        (f"{row} – {band}", "Preuve")
        for row in ASKED
        for band in ("Mi-parcours", "Fin de parcours")
    ]


def test_columns_of_texts_go_on_over_the_page() -> None:
    """The first row after the break is the end of the one before, in mid-sentence."""

    def head(canvas: Canvas) -> None:
        _row(canvas, 60, [("Compétences", 1), ("OUI", 1), ("NON", 1), ("Observations", 2)])
        _row(canvas, 60 - ROW, [(ASKED[0], 1), ("", 1), ("", 1), ("", 2)])
        canvas.showPage()

    def rest(canvas: Canvas) -> None:
        _row(canvas, 760, [("et le rappeler", 1), ("", 1), ("", 1), ("", 2)])
        _row(canvas, 760 - ROW, [(ASKED[1], 1), ("", 1), ("", 1), ("", 2)])

    found = detect(drawn_page(head, rest))
    assert [(one.label, one.column) for one in found] == [
        (row, column) for row in ASKED for column in ("OUI", "NON", "Observations")
    ]


@pytest.mark.parametrize("sign", ["", "☐"], ids=["cells", "squares"])
def test_questions_side_by_side_each_have_their_boxes(sign: str) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFontSize(7)
        for rank, text in enumerate(("Critère", "Premier critère", "Dernier critère")):
            y = 700 - ROW * rank
            answers = [("OUI", 1), ("NON", 1)] if not rank else [(sign, 1)] * 2
            _row(canvas, y, [(text, 1), *answers, (f"{text} bis" if rank else text, 3), *answers])

    assert questions(detect(drawn_page(draw))) == {
        text: ["OUI", "NON"]
        for one in ("Premier critère", "Dernier critère")
        for text in (one, f"{one} bis")
    }
