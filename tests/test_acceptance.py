"""Random valid fiches, end to end: what both documents say, and the ink that two engines show."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from strategies import valid_answers

from cqp_forms.answers import Answer, Answers, Verdict
from cqp_forms.formats import PreparedBlank, prepare_blank
from cqp_forms.mapping import Format, PdfLocator, Rect
from cqp_forms.plan import Edition, Plan, Tick, make_plan
from cqp_forms.project import Project, installed_data
from cqp_forms.shown import answers_of, differences

PROJECT = Project((installed_data(),))
GUIDE = PROJECT.guide()
EDITION = Edition("Guide", datetime(2026, 3, 9, 14, 5, tzinfo=UTC))
DPI = 72
#: Gray levels below this are ink; a cross is dark blue.
INK = 140

Engine = Callable[[bytes], Iterator[Image.Image]]


@cache
def prepared(kind: Format) -> PreparedBlank:
    return prepare_blank(GUIDE, PROJECT.blank(GUIDE, kind))


@cache
def boxes() -> dict[str, tuple[int, Rect]]:
    locators = PROJECT.blank(GUIDE, Format.PDF).mapping.locators
    ticks = make_plan(GUIDE, Answers({})).ticks
    found = {key: cast(PdfLocator, locators[key]) for key in ticks}
    return {key: (one.page, one.rect) for key, one in found.items()}


def by_pdfium(content: bytes) -> Iterator[Image.Image]:
    with pypdfium2.PdfDocument(content) as pdf:
        for page in pdf:
            yield page.render(scale=DPI / 72, grayscale=True).to_pil()


def by_poppler(content: bytes) -> Iterator[Image.Image]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["pdftoppm", "-r", str(DPI), "-gray", "-", f"{folder}/page"],
            input=content,
            check=True,
            capture_output=True,
        )
        for path in sorted(Path(folder).iterdir()):
            yield Image.open(io.BytesIO(path.read_bytes())).convert("L")


def inked(content: bytes, engine: Engine) -> set[str]:
    """The boxes with ink well inside their frame."""
    pages = list(engine(content))
    found = set()
    for key, (number, rect) in boxes().items():
        page = pages[number - 1]
        inset = rect.width * 0.25
        scale = DPI / 72
        crop = page.crop(
            (
                round((rect.x0 + inset) * scale),
                round(page.height - (rect.y1 - inset) * scale),
                round((rect.x1 - inset) * scale),
                round(page.height - (rect.y0 + inset) * scale),
            )
        )
        assert crop.width >= 4
        assert crop.height >= 4
        if crop.getextrema()[0] < INK:
            found.add(key)
    return found


def as_shown(answers: Answers) -> Answers:
    """On paper a NA is a NON, and the file's own key is not printed."""
    return Answers(
        {
            key: Answer(Verdict.NON if answer.value is Verdict.NA else answer.value)
            for key, answer in answers.items()
            if key != GUIDE.key
        }
    )


def ticked(plan: Plan) -> set[str]:
    return {key for key, tick in plan.ticks.items() if tick is Tick.ON}


@pytest.mark.slow
@settings(max_examples=12)
@given(st.data())
def test_both_documents_say_and_show_what_was_answered(data: st.DataObject) -> None:
    answers = data.draw(valid_answers(GUIDE))
    plan = make_plan(GUIDE, answers)
    assert len(plan.ticks) == 190
    assert len(plan.texts) == 24
    made = {kind: prepared(kind).stamper.stamp(plan, EDITION) for kind in Format}
    for kind, content in made.items():
        shown = prepared(kind).read(content)
        assert differences(plan, shown) == []
        assert answers_of(GUIDE, shown) == (as_shown(answers), ())
    assert inked(made[Format.PDF], by_pdfium) == ticked(plan)
    if shutil.which("pdftoppm"):
        assert inked(made[Format.PDF], by_poppler) == ticked(plan)


def test_the_ink_test_sees_a_blank_and_a_cross() -> None:
    plan = make_plan(GUIDE, Answers({"c1.1.1": Answer(Verdict.OUI)}))
    content = prepared(Format.PDF).stamper.stamp(plan, EDITION)
    assert inked(content, by_pdfium) == {"c1.1.1.oui"}
    assert inked(PROJECT.blank(GUIDE, Format.PDF).content, by_pdfium) == set()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="poppler (pdftoppm) is not installed")
def test_poppler_sees_the_same() -> None:
    plan = make_plan(GUIDE, Answers({"c1.1.1": Answer(Verdict.NA), "apports.autre": Answer(True)}))
    content = prepared(Format.PDF).stamper.stamp(plan, EDITION)
    assert inked(content, by_poppler) == {"c1.1.1.non", "apports.autre"}
