"""Two fields of one kind at the very same place: a person says which, nothing is filled before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reportlab.pdfgen.canvas import Canvas
from samples import EDITION, drawn_page, plan_of

from cqp_forms.mapping import Format, PdfMapping, with_places
from cqp_forms.matching.drafting import GuideDraft, draft
from cqp_forms.pdf.detect import detect
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish
from cqp_forms.shown import differences

BOX, TEXT = "box", "text"


def drafted(kind: str, *names: str) -> PdfMapping:
    return made_from(kind, *names)[1].mapping  # type: ignore[return-value]


def made_from(kind: str, *names: str) -> tuple[bytes, GuideDraft]:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 705, "Nom")
        for name in names:
            if kind == BOX:
                canvas.acroForm.checkbox(name=name, x=120, y=700, size=12)
            else:
                canvas.acroForm.textfield(name=name, x=120, y=700, width=200, height=16)

    document = drawn_page(draw)
    return document, draft(detect(document), "essai", Format.PDF, "x.pdf", document)


@pytest.mark.parametrize("kind", [BOX, TEXT])
@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c")])
def test_fields_of_two_names_at_one_place_wait_for_a_person(
    kind: str, names: tuple[str, ...]
) -> None:
    (one,) = drafted(kind, *names).locators.values()
    assert not one.confirmed
    assert one.candidates == tuple(range(1, len(names) + 1))
    assert "même endroit" in one.reason


def test_one_field_shown_twice_at_one_place_is_no_doubt() -> None:
    (one,) = drafted(TEXT, "a", "a").locators.values()
    assert (one.name, one.confirmed) == ("a", True)


@pytest.mark.parametrize("finish", Finish, ids=lambda one: one.name.lower())
def test_the_field_that_a_person_confirmed_is_filled(finish: Finish) -> None:
    document, made = made_from(TEXT, "a", "b")
    ((key, one),) = made.mapping.locators.items()
    where = with_places(made.mapping, {key: replace(one, confirmed=True, candidates=())})
    plan = plan_of(made.guide, texts={key: "DURAND"})
    issued = PdfStamper(document, where, made.guide, finish).stamp(plan, EDITION)  # type: ignore[arg-type]
    assert differences(plan, read(issued, where, made.guide, document)) == []  # type: ignore[arg-type]
