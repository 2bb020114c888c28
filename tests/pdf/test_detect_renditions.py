"""Renditions of the guide that the program has never seen: every placement found, none wrong.

Each is also filled through the mapping that was found, read back, and looked at.
"""

from __future__ import annotations

import hashlib
from functools import cache

import pytest
from renditions.pdf_all import RENDITIONS
from renditions.pdf_flow import Rendition
from renditions.pdf_glyphs import Unmapped
from samples import EDITION, random_plan

from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import (
    Detected,
    DocumentMapping,
    Format,
    PdfKind,
    PdfLocator,
    PdfMapping,
    Rect,
)
from cqp_forms.mapping_lint import lint
from cqp_forms.matching import Matched, match
from cqp_forms.pdf.detect import detect
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Plan, Text, Tick
from cqp_forms.project import Project, installed_data
from cqp_forms.shown import Mark, differences

pypdfium2 = pytest.importorskip("pypdfium2")

CARRIERS = {
    "squares": {PdfKind.BOX: 190, PdfKind.LINE: 18, PdfKind.AREA: 9},
    "glyphs": {PdfKind.BOX: 190, PdfKind.LINE: 18, PdfKind.AREA: 9},
    "unmapped": {PdfKind.BOX: 190, PdfKind.LINE: 18, PdfKind.AREA: 9},
    "cells": {PdfKind.CELL: 198, PdfKind.BOX: 10, PdfKind.AREA: 9},
    "broken": {PdfKind.CELL: 198, PdfKind.BOX: 10, PdfKind.AREA: 9},
    "form": {PdfKind.WIDGET: 217},
    "turned": {PdfKind.BOX: 190, PdfKind.LINE: 18, PdfKind.AREA: 9},
    "locked": {PdfKind.BOX: 190, PdfKind.LINE: 18, PdfKind.AREA: 9},
    "columns": {PdfKind.BOX: 190, PdfKind.LINE: 18, PdfKind.AREA: 9},
    "beside": {PdfKind.BOX: 190, PdfKind.LINE: 18, PdfKind.AREA: 9},
    "merged": {PdfKind.CELL: 186, PdfKind.BOX: 22, PdfKind.AREA: 9},
    "frameless": {PdfKind.BOX: 190, PdfKind.LINE: 18, PdfKind.AREA: 9},
}


@cache
def _guide() -> Guide:
    return Project((installed_data(),)).guide()


@cache
def made(name: str) -> Rendition:
    if name == "unmapped" and not Unmapped.file.is_file():
        pytest.skip(f"the font {Unmapped.file.name} is not installed")
    return RENDITIONS[name](_guide())


@cache
def found(name: str) -> tuple[Detected, ...]:
    return detect(made(name).document)


@cache
def matched(name: str) -> Matched:
    return match(found(name), _guide())


def mapping(name: str) -> PdfMapping:
    document = made(name).document
    locators = {
        place: one for place, one in matched(name).locators.items() if isinstance(one, PdfLocator)
    }
    return DocumentMapping(
        _guide().id, Format.PDF, f"{name}.pdf", hashlib.sha256(document).hexdigest(), locators
    )


def _there(locator: PdfLocator, truth: tuple[int, Rect]) -> bool:
    page, rect = truth
    width = min(locator.rect.x1, rect.x1) - max(locator.rect.x0, rect.x0)
    height = min(locator.rect.y1, rect.y1) - max(locator.rect.y0, rect.y0)
    return (
        locator.page == page
        and width > 0.6 * min(rect.width, locator.rect.width)
        and height > 0.6 * min(rect.height, locator.rect.height)
    )


def test_the_renditions_hold_the_whole_guide(guide: Guide) -> None:
    for name in RENDITIONS:
        if name == "unmapped" and not Unmapped.file.is_file():
            continue
        assert set(made(name).truth) == set(guide.placements), name


def test_a_row_of_the_broken_rendition_goes_on_over_the_page() -> None:
    rows = [one for one in found("broken") if one.column == "OUI"]
    truth = made("broken").truth
    cut = [
        place
        for place, (page, rect) in truth.items()
        if place.endswith(".oui")
        and rect.y0 < 62
        and any(other[0] > page for other in truth.values())
    ]
    assert cut
    assert len(rows) == 84


@pytest.mark.parametrize("name", RENDITIONS)
def test_every_box_and_area_is_found_and_nothing_else(name: str) -> None:
    carriers = [one.locator.kind for one in found(name)]
    assert {kind: carriers.count(kind) for kind in set(carriers)} == CARRIERS[name]
    kinds = [one.kind for one in found(name)]
    assert kinds.count(PlacementKind.TICK_BOX) == 190
    assert kinds.count(PlacementKind.TEXT_AREA) == 24
    assert kinds.count(PlacementKind.SIGNATURE_AREA) == 3
    assert all(one.state is Mark.OFF for one in found(name))
    assert [one.order for one in found(name)] == list(range(217))


@pytest.mark.parametrize("name", RENDITIONS)
def test_all_217_placements_are_matched_and_none_is_wrong(name: str) -> None:
    result = matched(name)
    assert result.missing == ()
    truth = made(name).truth
    wrong = [
        place
        for place, one in result.placed.items()
        if not isinstance(one.locator, PdfLocator) or not _there(one.locator, truth[place])
    ]
    assert wrong == []
    assert len(result.placed) == 217
    assert lint(mapping(name), _guide()) == []


@pytest.mark.parametrize("name", RENDITIONS)
def test_filled_with_the_mapping_found_it_shows_the_plan(name: str) -> None:
    document, where = made(name).document, mapping(name)
    plan = random_plan(_guide(), seed=len(name))
    issued = PdfStamper(document, where, _guide()).stamp(plan, EDITION)
    assert differences(plan, read(issued, where, _guide(), document)) == []
    assert _inked(issued, document, where, plan) == []


def _inked(issued: bytes, blank: bytes, where: PdfMapping, plan: Plan) -> list[str]:
    """The placements whose look does not follow the plan: ink added where none is due, or none.

    Rendered with PDFium, the blank without its form fields for comparison.
    """
    odd = []
    scale = 3
    with pypdfium2.PdfDocument(issued) as one, pypdfium2.PdfDocument(blank) as other:
        for number in sorted({locator.page for locator in where.locators.values()}):
            page = one[number - 1]
            after = page.render(scale=scale, grayscale=True, may_draw_forms=False)
            before = other[number - 1].render(scale=scale, grayscale=True)
            box, turn = page.get_cropbox(), page.get_rotation()
            for place, locator in where.locators.items():
                if locator.page != number or place not in {**plan.ticks, **plan.texts}:
                    continue
                area = _pixels(locator.rect, box, turn, scale)
                added = sum(
                    abs(p - q) > 96
                    for p, q in zip(_crop(after, area), _crop(before, area), strict=True)
                )
                instruction = plan.instructions[place]
                due = instruction is Tick.ON or (
                    isinstance(instruction, Text) and bool(instruction.text.strip())
                )
                if due != (added > 4):
                    odd.append(place)
    return odd


def _pixels(
    rect: Rect, box: tuple[float, float, float, float], turn: int, scale: int
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in the picture, a fifth of the box left out on each side."""
    dx, dy = 0.2 * min(rect.width, rect.height), 0.2 * min(rect.width, rect.height)
    x0, x1 = rect.x0 - box[0] + dx, rect.x1 - box[0] - dx
    y0, y1 = rect.y0 - box[1] + dy, rect.y1 - box[1] - dy
    width, height = box[2] - box[0], box[3] - box[1]
    left, top, right, base = {
        0: (x0, height - y1, x1, height - y0),
        90: (y0, x0, y1, x1),
        180: (width - x1, y0, width - x0, y1),
        270: (height - y1, width - x1, height - y0, width - x0),
    }[turn]
    return round(left * scale), round(top * scale), round(right * scale), round(base * scale)


def _crop(bitmap: object, area: tuple[int, int, int, int]) -> bytes:
    left, top, right, base = area
    raw, stride = bytes(bitmap.buffer), bitmap.stride  # type: ignore[attr-defined]
    return b"".join(raw[row * stride + left : row * stride + right] for row in range(top, base))
