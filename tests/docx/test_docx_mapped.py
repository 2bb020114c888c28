"""A guide laid out by somebody else, mapped and filled, says what the answers say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from renditions.docx_ways import WAYS
from strategies import valid_answers
from thorough import examples

from cqp_forms.answers import Answers
from cqp_forms.docx.detect import detect
from cqp_forms.docx.read import read
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import DocxMapping, Format
from cqp_forms.matching import mapping_of, match
from cqp_forms.plan import Edition, make_plan
from cqp_forms.shown import Mark, answers_of, differences

EDITION = Edition("Essai", datetime(2026, 1, 5, tzinfo=UTC))


@pytest.fixture(scope="module", params=WAYS)
def mapped(request: pytest.FixtureRequest, guide: Guide) -> tuple[DocxMapping, DocxStamper, bytes]:
    """A rendition, mapped and ready to be filled."""
    content = WAYS[request.param](guide).make().content
    found = match(detect(content), guide)
    mapping = mapping_of(found, guide, Format.DOCX, "autre.docx", content)
    return mapping, DocxStamper(content, mapping, guide), content


@settings(max_examples=examples(2))
@given(data=st.data())
def test_what_is_filled_is_read_back(
    data: st.DataObject, mapped: tuple[DocxMapping, DocxStamper, bytes], guide: Guide
) -> None:
    mapping, stamper, blank = mapped
    answers = data.draw(valid_answers(guide))
    plan = make_plan(guide, answers)
    shown = read(stamper.stamp(plan, EDITION), mapping, guide, blank)
    assert differences(plan, shown) == []
    assert answers_of(guide, shown)[1] == ()


def test_a_blank_that_was_filled_with_nothing_stays_blank(
    mapped: tuple[DocxMapping, DocxStamper, bytes], guide: Guide
) -> None:
    mapping, stamper, blank = mapped
    plan = make_plan(guide, Answers({}))
    document = stamper.stamp(plan, EDITION)
    assert differences(plan, read(document, mapping, guide, blank)) == []
    boxes = [one for one in detect(document) if one.kind is PlacementKind.TICK_BOX]
    assert len(boxes) == 190
    assert {one.state for one in boxes} == {Mark.OFF}
