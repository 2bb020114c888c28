"""What reading remembers from one document never hides what another shows."""

from __future__ import annotations

from collections.abc import Callable

import pikepdf
import pytest
from blanks import mapping_of
from edits import BOX, OTHER, edited
from pikepdf import Array, Dictionary, Name
from samples import EDITION, plan_of, random_plan

from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import Stamper
from cqp_forms.shown import Mark, differences

Blank = tuple[bytes, PdfMapping]


def test_reading_is_not_fooled_by_what_it_remembers(
    flat: Stamper, blank: Blank, guide: Guide
) -> None:
    plans = [random_plan(guide, seed) for seed in range(4)]
    outs = [flat.stamp(plan, EDITION) for plan in plans]
    for plan, out in [*zip(plans, outs, strict=True)] * 2:
        assert differences(plan, read(out, blank[1], guide)) == []
    other = mapping_of(blank[0], {BOX: blank[1].locators[OTHER]}, guide)
    expected = plans[0].ticks[OTHER].value
    assert (read(outs[0], other, guide).ticks[BOX] is Mark.ON) == expected


def frames(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The forms that show the frames of boxes, which many boxes share."""
    found = {}
    for page in pdf.pages:
        for name, form in page.obj.Resources.get(Name.XObject, Dictionary()).items():
            if str(name).startswith("/CqpW") and float(form.BBox[2]) < 12:
                found[form.objgen] = form
    assert found
    return list(found.values())


def crossed_frames(pdf: pikepdf.Pdf) -> None:
    for form in frames(pdf):
        form.write(form.read_bytes() + b" 1 w 2 2 m 8 8 l 2 8 m 8 2 l S")


def crosses_in_forms_of_frames(pdf: pikepdf.Pdf) -> None:
    for form in frames(pdf):
        inner = pdf.make_stream(b"1 w 2 2 m 8 8 l 2 8 m 8 2 l S")
        inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, 11, 11])
        inner.Resources = Dictionary()
        form.Resources = Dictionary(XObject=Dictionary(X=inner))
        form.write(form.read_bytes() + b" /X Do")


def crosses_before_the_overlay(pdf: pikepdf.Pdf) -> None:
    """In the page's own content, and by a form that every page had already."""
    for page in pdf.pages:
        own = page.obj.Contents[1].read_bytes()
        page.obj.Contents[1] = pdf.make_stream(own + b" 1 w 0 0 m 595 842 l 0 842 m 595 0 l S")


@pytest.mark.parametrize(
    "change",
    [crossed_frames, crosses_in_forms_of_frames, crosses_before_the_overlay],
)
def test_what_every_document_has_is_looked_at_in_each(
    flat: Stamper, blank: Blank, guide: Guide, change: Callable[[pikepdf.Pdf], None]
) -> None:
    outs = [flat.stamp(random_plan(guide, seed), EDITION) for seed in range(3)]
    before = [read(out, blank[1], guide, blank[0]) for out in outs * 2]
    assert before[:3] == before[3:]
    plan = plan_of(guide)
    out = flat.stamp(plan, EDITION)
    assert differences(plan, read(out, blank[1], guide, blank[0])) == []
    changed = edited(out, change)
    for _ in range(3):
        for one in (None, blank[0]):
            assert differences(plan, read(changed, blank[1], guide, one)) != []
        assert differences(plan, read(out, blank[1], guide, blank[0])) == []


def inside(crossed: bool) -> Callable[[pikepdf.Pdf], None]:
    """Frames with a form in them, which is empty or a cross: only the inner one differs."""

    def change(pdf: pikepdf.Pdf) -> None:
        crosses_in_forms_of_frames(pdf)
        for form in frames(pdf):
            if not crossed:
                form.Resources.XObject.X.write(b"1 w")

    return change


def moved(onto: bool) -> Callable[[pikepdf.Pdf], None]:
    """Frames with a cross beside the box, or moved onto it by the form's matrix alone."""

    def change(pdf: pikepdf.Pdf) -> None:
        for form in frames(pdf):
            form.write(b"1 w 22 2 m 28 8 l 22 8 m 28 2 l S")
            form.Matrix = Array([1, 0, 0, 1, -20 if onto else 0, 0])

    return change


@pytest.mark.parametrize("change", [inside, moved])
def test_what_is_deep_in_every_document_is_looked_at_in_each(
    flat: Stamper, blank: Blank, guide: Guide, change: Callable[[bool], Callable[..., None]]
) -> None:
    plans = [random_plan(guide, seed) for seed in range(4)]
    for plan in plans:
        out = edited(flat.stamp(plan, EDITION), change(False))
        assert differences(plan, read(out, blank[1], guide)) == []
    new = random_plan(guide, 9)
    out = edited(flat.stamp(new, EDITION), change(True))
    assert differences(new, read(out, blank[1], guide)) != []
