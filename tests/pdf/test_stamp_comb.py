"""Comb fields: a character in the middle of each cell, as a viewer shows it (ISO 32000-2)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pikepdf
import pypdfium2
import pytest
from blanks import mapping_of
from pikepdf import Name
from samples import EDITION, changed, opened, page_text, plan_of

from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping, Rect
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish
from cqp_forms.shown import differences

Blank = tuple[bytes, PdfMapping]
NAME = "candidat.nom"
COMB = 1 << 24
CELLS = 12


@dataclass(frozen=True)
class Shown:
    char: str
    middle: float


def comb_blank(blank: Blank, guide: Guide, align: int = 0, cells: int = CELLS) -> Blank:
    """The form, the candidate's name in a comb of cells."""

    def change(pdf: pikepdf.Pdf) -> None:
        for field in pdf.Root.AcroForm.Fields:
            if str(field.T) == NAME:
                field.Ff, field.MaxLen, field.Q = COMB, cells, align

    document = changed(blank[0], change)
    return document, mapping_of(document, dict(blank[1].locators), guide)


def shown_in(document: bytes, rect: Rect) -> list[Shown]:
    """The characters in a rectangle of the first page, and the middle of each."""
    found = []
    with pypdfium2.PdfDocument(document) as pdf:
        pdf.init_forms()
        pdf[0].flatten() if pdf.get_formtype() else None
        page = pdf[0].get_textpage()
        for rank in range(page.count_chars()):
            left, low, right, top = page.get_charbox(rank, loose=True)
            char = page.get_text_range(rank, 1)
            if char.strip() and rect.contains((left + right) / 2, (low + top) / 2):
                found.append(Shown(char, (left + right) / 2))
    return found


@pytest.mark.parametrize(("align", "first"), [(0, 0), (1, 3), (2, 6)])
@pytest.mark.parametrize("name", ["DURAND", "Ńgũyê", "il WWW", "ΓΙΏΡΓΟ"])
def test_each_character_stands_in_the_middle_of_its_cell(
    blank: Blank, guide: Guide, name: str, align: int, first: int
) -> None:
    if len(name) != 6:
        first = {0: 0, 1: (CELLS - len(name)) // 2, 2: CELLS - len(name)}[align]
    document, mapping = comb_blank(blank, guide, align)
    rect = mapping.locators[NAME].rect
    plan = plan_of(guide, texts={NAME: name})
    out = PdfStamper(document, mapping, guide).stamp(plan, EDITION)
    wide = rect.width / CELLS
    expected = [
        (char, rect.x0 + wide * (first + rank + 0.5))
        for rank, char in enumerate(name)
        if char != " "
    ]
    found = shown_in(out, rect)
    assert [one.char for one in found] == [char for char, _ in expected]
    for one, (_, middle) in zip(found, expected, strict=True):
        assert one.middle == pytest.approx(middle, abs=0.6)
    assert differences(plan, read(out, mapping, guide)) == []


def test_a_text_longer_than_its_comb_is_printed_whole(
    blank: Blank, guide: Guide, finish: Finish
) -> None:
    document, mapping = comb_blank(blank, guide)
    name = "Jean-Baptiste de La Rochefoucauld " * 4 + "fin"
    stamper = PdfStamper(document, mapping, guide, finish)
    plan = plan_of(guide, texts={NAME: name})
    out = stamper.stamp(plan, EDITION)
    assert differences(plan, read(out, mapping, guide)) == []
    if finish is Finish.FLAT:
        assert "… (voir annexe 1)" in page_text(out, 0)
        return
    with opened(out) as pdf:
        field = next(one for one in pdf.Root.AcroForm.Fields if str(one.T) == NAME)
        assert str(field.V) == name
        assert not int(field.Ff) & COMB and int(field.MaxLen) == len(name)
    # The next candidate's comb is one again.
    with opened(stamper.stamp(plan_of(guide, texts={NAME: "DURAND"}), EDITION)) as pdf:
        field = next(one for one in pdf.Root.AcroForm.Fields if str(one.T) == NAME)
        assert int(field.Ff) & COMB and int(field.MaxLen) == CELLS
        assert len(pikepdf.parse_content_stream(field.AP.N, "Tj")) == len("DURAND")


def test_a_character_wider_than_its_cell_runs_on(blank: Blank, guide: Guide) -> None:
    document, mapping = comb_blank(blank, guide, cells=60)
    plan = plan_of(guide, texts={NAME: "WWWWW"})
    out = PdfStamper(document, mapping, guide).stamp(plan, EDITION)
    found = shown_in(out, mapping.locators[NAME].rect)
    gaps = [two.middle - one.middle for one, two in pairwise(found)]
    assert len(found) == 5 and min(gaps) > 8, "no two characters on top of one another"


def test_a_comb_with_a_border_shows_its_cells(blank: Blank, guide: Guide) -> None:
    """An empty comb that has no appearance of its own: its border parts the cells."""

    def change(pdf: pikepdf.Pdf) -> None:
        for field in pdf.Root.AcroForm.Fields:
            if str(field.T) == NAME:
                field.Ff, field.MaxLen = COMB, CELLS
                field.MK = pikepdf.Dictionary(BC=pikepdf.Array([0]))
                del field.AP

    document = changed(blank[0], change)
    mapping = mapping_of(document, dict(blank[1].locators), guide)
    out = PdfStamper(document, mapping, guide).stamp(plan_of(guide), EDITION)
    with opened(out) as pdf:
        forms = pdf.pages[0].obj.Resources.XObject
        lines = [
            sum(1 for one in pikepdf.parse_content_stream(form, "l"))
            for name, form in forms.items()
            if str(name) != "/CqpOverlay" and Name.Subtype in form
        ]
    assert CELLS - 1 in lines
