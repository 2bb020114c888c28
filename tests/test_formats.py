"""The port: which format a file has, and what a document says of its own making."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest

from cqp_forms.answers import Answers
from cqp_forms.errors import DocumentError
from cqp_forms.formats import PreparedBlank, format_of, prepare_blank, recognise
from cqp_forms.mapping import Format
from cqp_forms.plan import RENDERING, Edition, Stage, Trail, make_plan
from cqp_forms.project import Project, installed_data

PROJECT = Project((installed_data(),))
GUIDE = PROJECT.guide()
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


@cache
def prepared(kind: Format) -> PreparedBlank:
    return prepare_blank(GUIDE, PROJECT.blank(GUIDE, kind))


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.7", "guide.docx", Format.PDF),
        (b"junk %PDF-1.7", "guide", Format.PDF),
        (b"PK\x03\x04", "guide.pdf", Format.DOCX),
        (b"\xd0\xcf\x11\xe0", "guide.doc", Format.DOCX),
        (b"", "guide.DOTX", Format.DOCX),
        (b"no", "guide.pdf", Format.PDF),
    ],
)
def test_content_decides_then_the_name(content: bytes, name: str, kind: Format) -> None:
    assert recognise(content, Path(name)) is kind


def test_another_file_is_refused_by_name() -> None:
    with pytest.raises(DocumentError, match="ni un document Word ni un PDF"):
        recognise(b"\x89PNG", Path("guide.png"))


TRAILS = {
    "first": Trail(number=1),
    "draft": Trail(Stage.DRAFT),
    "prepared": Trail(Stage.BLANK),
    "third": Trail(Stage.ISSUED, 3, 2, date(2026, 3, 1), "nom mal lu : « A & <B> »"),
    "drawn otherwise": Trail(number=1, rendering=RENDERING + 1),
}


@pytest.mark.parametrize("trail", TRAILS.values(), ids=TRAILS)
@pytest.mark.parametrize("kind", Format)
def test_a_document_says_how_it_was_made_even_without_answers(kind: Format, trail: Trail) -> None:
    plan = make_plan(GUIDE, Answers({}))
    content = prepared(kind).stamper.stamp(plan, Edition.of(trail, "Guide", NOON))
    assert format_of(kind).payload(content) is None
    assert format_of(kind).trail(content) == trail


@pytest.mark.parametrize("kind", Format)
def test_a_document_that_is_not_ours_says_nothing_of_its_making(kind: Format) -> None:
    assert format_of(kind).trail(PROJECT.blank(GUIDE, kind).content) is None


@pytest.mark.parametrize("name", ["stage", "version", "rendering", "replacedOn"])
def test_texts_that_are_no_trail_say_nothing(name: str) -> None:
    named = Trail(number=1).properties()
    assert Trail.of_properties(named) == Trail(number=1)
    assert Trail.of_properties(named | {name: "?"}) is None


def test_a_document_of_the_first_release_says_its_stage_alone() -> None:
    assert Trail.of_properties({"stage": "draft"}) == Trail(Stage.DRAFT, rendering=0)
    assert Trail.of_properties({}) is None
