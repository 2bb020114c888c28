"""Stamped ink: where it should be and nowhere else, as a viewer shows it."""

from __future__ import annotations

import pypdfium2
import pytest
from blanks import drawn_blank
from PIL import ImageChops, ImageDraw
from PIL.Image import Image
from samples import (
    EDITION,
    EDITIONS,
    SCALE,
    dark,
    page_count,
    page_text,
    plan_of,
    random_plan,
    rendered,
)

from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish, Plan

Blank = tuple[bytes, PdfMapping]
LONG = "commentaires.evaluateur_cpne"
#: The pages of each blank with no answer, rendered once.
_EMPTY: dict[tuple[str, Finish], list[Image]] = {}


@pytest.mark.parametrize("source", ["blank", "real"])
def test_ticked_boxes_have_ink_and_the_others_none(
    request: pytest.FixtureRequest, guide: Guide, finish: Finish, source: str
) -> None:
    document, mapping = request.getfixturevalue(source)
    plan = random_plan(guide, 11, 100)
    out = PdfStamper(document, mapping, guide, finish).stamp(plan, EDITION)
    pages = rendered(out, forms=finish is Finish.EDITABLE)
    empty = rendered(PdfStamper(document, mapping, guide, finish).stamp(plan_of(guide), EDITION),
                     forms=finish is Finish.EDITABLE)  # fmt: skip
    for key, tick in plan.ticks.items():
        locator = mapping.locators[key]
        inset = locator.rect.width * 0.17
        ink = dark(pages[locator.page - 1], locator.rect, inset)
        assert (ink > 60) == tick.value, key
        assert dark(empty[locator.page - 1], locator.rect, inset) == 0, key


def test_a_tick_leaves_its_frame_alone(guide: Guide, real: Blank) -> None:
    document, mapping = real
    flat = PdfStamper(document, mapping, guide)
    boxes = [one.id for one in guide.placements_of(PlacementKind.TICK_BOX)]
    ticked = rendered(flat.stamp(plan_of(guide, frozenset(boxes)), EDITION))
    empty = rendered(flat.stamp(plan_of(guide), EDITION))
    for key in boxes:
        locator = mapping.locators[key]
        page, rect, inset = locator.page - 1, locator.rect, locator.rect.width * 0.12
        changed = dark(ticked[page], rect, 0) - dark(empty[page], rect, 0)
        assert changed == dark(ticked[page], rect, inset) - dark(empty[page], rect, inset), key


@pytest.mark.parametrize("source", ["blank", "real"])
@pytest.mark.parametrize("text", ["Ễ" * 400, "Çgjpq ÂẪ\n" * 40, "x", "mot " * 800])
def test_text_stays_in_its_area(
    request: pytest.FixtureRequest, guide: Guide, source: str, text: str, finish: Finish
) -> None:
    document, mapping = request.getfixturevalue(source)
    stamper = PdfStamper(document, mapping, guide, finish)
    areas = [one.id for one in guide.placements_of(PlacementKind.TEXT_AREA)]
    plan = plan_of(guide, texts=dict.fromkeys(areas, text))
    forms = finish is Finish.EDITABLE
    full = rendered(stamper.stamp(plan, EDITION), forms=forms)
    if (source, finish) not in _EMPTY:
        _EMPTY[source, finish] = rendered(stamper.stamp(plan_of(guide), EDITION), forms=forms)
    empty = _EMPTY[source, finish]
    for number, before in enumerate(empty):
        after = full[number]
        changed = ImageChops.difference(before, after)
        pen = ImageDraw.Draw(changed)
        places = [mapping.locators[key] for key in areas]
        rects = [one.rect for one in places if one.page - 1 == number]
        # The number of pages counts the annex.
        rects += [mapping.total.rect] if mapping.total else []
        for rect in rects:
            high = changed.height
            pen.rectangle(
                (rect.x0 * SCALE, high - rect.y1 * SCALE, rect.x1 * SCALE, high - rect.y0 * SCALE),
                fill=0,
            )
        assert sum(changed.histogram()[60:]) == 0, f"page {number + 1}: {changed.getbbox()}"


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_turned_pages_read_upright(guide: Guide, rotate: int) -> None:
    document, mapping = drawn_blank(guide, rotate, (30, 20, 570, 830))
    whole = plan_of(guide, frozenset(("c1.1.1.oui",)), {LONG: "Élodie maîtrise\nNguyễn"})
    plan = Plan({key: one for key, one in whole.instructions.items() if key in mapping.locators})
    out = PdfStamper(document, mapping, guide).stamp(plan, EDITION)
    with pypdfium2.PdfDocument(out) as pdf:
        page = pdf[0]
        text = page.get_textpage()
        found = text.get_text_range()
        assert "Élodie" in found and "maîtrise" in found and "Nguyễn" in found
        # As the page is seen, the second line is under the first.
        index = found.index("Élodie"), found.index("Nguyễn")
        boxes = [text.get_charbox(one) for one in index]
        width, height = page.get_size()
        assert (width > height) == (rotate % 180 == 90)
        below = {
            0: boxes[1][1] < boxes[0][1],
            90: boxes[1][0] > boxes[0][0],
            180: boxes[1][1] > boxes[0][1],
            270: boxes[1][0] < boxes[0][0],
        }
        assert below[rotate]
    image = rendered(out)[0]
    assert image.size == pytest.approx((width * SCALE, height * SCALE), abs=2)


# Mentions


def test_every_page_of_a_draft_says_so(flat: PdfStamper, guide: Guide) -> None:
    plan = plan_of(guide, texts={LONG: "mot " * 2000})
    for edition, expected in ((EDITIONS["draft"], 1), (EDITION, 0)):
        out = flat.stamp(plan, edition)
        found = [page_text(out, page).count("BROUILLON") for page in range(page_count(out))]
        assert found == [expected] * len(found)


@pytest.mark.parametrize("source", ["blank", "real"])
def test_mentions_lie_where_the_blank_has_nothing(
    request: pytest.FixtureRequest, guide: Guide, source: str
) -> None:
    document, mapping = request.getfixturevalue(source)
    stamper = PdfStamper(document, mapping, guide)
    edition = EDITIONS["version 2"]
    plain, noted = (rendered(stamper.stamp(plan_of(guide), one)) for one in (EDITION, edition))
    for number, (before, after) in enumerate(zip(plain, noted, strict=True)):
        changed = ImageChops.difference(before, after)
        box = changed.getbbox()
        assert box is not None, f"page {number + 1} has no mention"
        mask = changed.point(lambda level: 255 if level > 40 else 0)
        under = ImageChops.darker(ImageChops.invert(before), mask)
        assert sum(under.histogram()[40:]) == 0, f"page {number + 1}: over printed matter"
        for key, locator in mapping.locators.items():
            if locator.page - 1 == number:
                rect, high = locator.rect, changed.height
                area = (rect.x0 * SCALE, high - rect.y1 * SCALE, rect.x1 * SCALE,
                        high - rect.y0 * SCALE)  # fmt: skip
                assert mask.crop(tuple(map(int, area))).getbbox() is None, key
    out = stamper.stamp(plan_of(guide), edition)
    assert "annule et remplace" in page_text(out, 1)
