"""What a drawn box or an area shows after someone changed it; what is not plain is in doubt."""

from __future__ import annotations

import pikepdf
import pytest
from blanks import drawn_blank
from edits import BOX, OTHER, box_at, drawing, edited, overlay
from pikepdf import Array, Dictionary, Name
from samples import EDITION, plan_of

from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.shown import Mark

Blank = tuple[bytes, PdfMapping]


def test_a_tick_taken_away_is_noticed(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    def erase(pdf: pikepdf.Pdf) -> None:
        form = overlay(pdf, 0)
        form.write(b"\n".join(line for line in form.read_bytes().split(b"\n") if b" S" not in line))

    shown = read(edited(one_tick, erase), blank[1], guide)
    assert shown.ticks[BOX] is Mark.OFF
    assert shown.texts["candidat.nom"] == "Élodie"


def test_a_tick_moved_to_the_other_box_is_noticed(
    one_tick: bytes, blank: Blank, guide: Guide
) -> None:
    def move(pdf: pikepdf.Pdf) -> None:
        form = overlay(pdf, 0)
        form.write(b"q 1 0 0 1 60 0 cm\n" + form.read_bytes() + b"\nQ")

    shown = read(edited(one_tick, move), blank[1], guide)
    assert (shown.ticks[BOX], shown.ticks[OTHER]) == (Mark.OFF, Mark.ON)


def test_a_second_tick_drawn_by_hand_is_noticed(
    one_tick: bytes, blank: Blank, guide: Guide
) -> None:
    page, x, y, _ = box_at(blank, OTHER)
    stroke = f"1 w {x - 4} {y} m {x - 1} {y - 4} l {x + 4} {y + 4} l S"
    shown = read(edited(one_tick, drawing(page, stroke)), blank[1], guide)
    assert (shown.ticks[BOX], shown.ticks[OTHER]) == (Mark.ON, Mark.ON)


def test_a_tick_typed_as_a_letter_counts(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    page, x, y, _ = box_at(blank, OTHER)
    typed = f"BT /F1 9 Tf {x - 3} {y - 3} Td (X) Tj ET"
    assert read(edited(one_tick, drawing(page, typed)), blank[1], guide).ticks[OTHER] is Mark.ON


@pytest.mark.parametrize(
    "content",
    [
        "1 w {x} {y} m {x1} {y1} l S",  # a stray dot of a pen
        "3 w {left} {y} m {right} {y} l S",  # a stroke across both boxes
        "{left} {low} {wide} {wide} re f",  # a blot
        "BT /F1 5 Tf {left} {y} Td (oui?) Tj ET",  # a word
    ],
)
def test_what_is_no_plain_mark_is_in_doubt(
    one_tick: bytes, blank: Blank, guide: Guide, content: str
) -> None:
    page, x, y, side = box_at(blank, OTHER)
    wide = side if "re f" in content else 60
    left, right = (x - side / 2, x + 60)
    drawn = content.format(
        x=x, y=y, x1=x + 1, y1=y + 1, left=left, right=right, low=y - side / 2, wide=wide
    )
    shown = read(edited(one_tick, drawing(page, drawn)), blank[1], guide)
    assert shown.ticks[OTHER] is Mark.DOUBTFUL


def test_a_tick_painted_over_is_no_tick(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    page, x, y, side = box_at(blank, BOX)
    cover = f"1 g {x - side / 2} {y - side / 2} {side} {side} re f"
    assert read(edited(one_tick, drawing(page, cover)), blank[1], guide).ticks[BOX] is Mark.OFF


def test_a_tick_struck_out_is_in_doubt(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    page, x, y, _ = box_at(blank, BOX)
    strike = f"2 w {x - 30} {y} m {x + 30} {y} l S"
    assert read(edited(one_tick, drawing(page, strike)), blank[1], guide).ticks[BOX] is (
        Mark.DOUBTFUL
    )


def test_text_painted_over_or_added_is_noticed(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    rect = blank[1].locators["candidat.nom"].rect
    cover = f"1 g {rect.x0} {rect.y0} {rect.width} {rect.height} re f"
    assert read(edited(one_tick, drawing(0, cover)), blank[1], guide).texts["candidat.nom"] == ""
    added = f"0 g BT /F1 9 Tf {rect.x0 + 100} {rect.y0 + 5} Td (bis) Tj ET"
    got = read(edited(one_tick, drawing(0, added)), blank[1], guide).texts["candidat.nom"]
    assert got == "Élodie\nbis"


def test_a_pen_annotation_counts_as_ink(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    page, x, y, _ = box_at(blank, OTHER)

    def annotate(pdf: pikepdf.Pdf) -> None:
        look = pdf.make_stream(b"1 w 1 1 m 7 7 l 1 7 m 7 1 l S")
        look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 8, 8])
        ink = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Ink,
            Rect=Array([x - 4, y - 4, x + 4, y + 4]),
            AP=Dictionary(N=look),
        )
        target = pdf.pages[page].obj
        target.Annots = Array([*target.get(Name.Annots, []), pdf.make_indirect(ink)])

    assert read(edited(one_tick, annotate), blank[1], guide).ticks[OTHER] is Mark.ON


def test_an_annex_changed_by_hand_is_noticed(flat: PdfStamper, blank: Blank, guide: Guide) -> None:
    plan = plan_of(guide, texts={"commentaires.evaluateur_cpne": "mot " * 900 + "fin"})
    out = flat.stamp(plan, EDITION)
    total = max(one.page for one in blank[1].locators.values())

    def cut(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[total]

    key = "commentaires.evaluateur_cpne"
    shown = read(edited(out, cut), blank[1], guide)
    assert key not in shown.texts
    assert "annexe" in shown.gone[key]
    added = drawing(total, "BT /F 9 Tf 80 400 Td (x) Tj ET")
    assert read(out, blank[1], guide).texts[key] == plan.texts[key]
    assert read(edited(out, added), blank[1], guide).texts[key] != plan.texts[key]


def test_a_page_that_is_missing_shows_nothing(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    def cut(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[-1]

    shown = read(edited(one_tick, cut), blank[1], guide)
    last = max(one.page for one in blank[1].locators.values())
    gone = {key for key, one in blank[1].locators.items() if one.page == last}
    assert gone & set(guide.placements)
    assert not gone & (set(shown.ticks) | set(shown.texts))
    assert {shown.gone[key] for key in gone if key in shown.gone} == {f"page {last} absente"}
    assert shown.places["candidat.nom"] == "page 1"


def test_a_mark_is_told_from_the_blank_that_is_given(guide: Guide) -> None:
    document, mapping = drawn_blank(guide)
    x, y = mapping.locators[BOX].rect.centre

    def speck(pdf: pikepdf.Pdf) -> None:
        content = pdf.pages[0].obj.Contents.read_bytes().replace(b"2 0 0 2 40 40 cm", b"")
        drawn = f"0.8 w {x - 0.7} {y - 0.7} m {x + 0.7} {y + 0.7} l S".encode()
        pdf.pages[0].obj.Contents = pdf.make_stream(content + drawn)

    with_speck = edited(document, speck)
    for _ in range(3):
        assert read(with_speck, mapping, guide).ticks[BOX] is Mark.DOUBTFUL
        assert read(with_speck, mapping, guide, with_speck).ticks[BOX] is Mark.OFF
        assert read(with_speck, mapping, guide, document).ticks[BOX] is Mark.DOUBTFUL


@pytest.mark.parametrize(
    ("font", "text", "mark"),
    [
        ("Wingdings", "\\376", Mark.ON),
        ("ABCDEF+Wingdings-Regular", "\\250", Mark.OFF),
        ("ZapfDingbats", "8", Mark.ON),
        ("ZapfDingbats", "n", Mark.ON),
        ("ZapfDingbats", "o", Mark.OFF),
    ],
)
def test_signs_of_pictorial_fonts(
    one_tick: bytes, blank: Blank, guide: Guide, font: str, text: str, mark: Mark
) -> None:
    page, x, y, _ = box_at(blank, OTHER)

    def draw(pdf: pikepdf.Pdf) -> None:
        made = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name(f"/{font}"))
        pdf.pages[page].obj.Resources.Font = Dictionary(W=pdf.make_indirect(made))
        # The word beside it is shown by the same operator.
        typed = f"q BT /W 9 Tf {x - 3} {y - 3} Td ({text}ABABABABAB) Tj ET Q"
        pdf.pages[page].contents_add(typed.encode())

    assert read(edited(one_tick, draw), blank[1], guide).ticks[OTHER] is mark
