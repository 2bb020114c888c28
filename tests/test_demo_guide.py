"""The demonstration guide: another CQP is a folder of data, found and filled by the same code."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import cqp_forms
from cqp_forms.answers import Answers
from cqp_forms.docx import detect as docx_detect
from cqp_forms.docx import read as docx_read
from cqp_forms.docx import stamp as docx_stamp
from cqp_forms.findings import Severity
from cqp_forms.guide import FieldKind, Guide, PlacementKind
from cqp_forms.mapping import DocxLocator, Format, PdfLocator
from cqp_forms.matching import match
from cqp_forms.pdf import detect as pdf_detect
from cqp_forms.pdf import read as pdf_read
from cqp_forms.pdf import stamp as pdf_stamp
from cqp_forms.plan import Edition, make_plan
from cqp_forms.project import Project
from cqp_forms.rules import check_rules
from cqp_forms.shown import differences
from cqp_forms.workbook.read import read_workbook

ID = "demo-conducteur-equipements"
DETECT = {Format.DOCX: docx_detect.detect, Format.PDF: pdf_detect.detect}


@pytest.fixture(scope="module")
def demo(project: Project) -> Guide:
    return project.guide(ID)


@pytest.fixture(scope="module")
def example(demo: Guide) -> Answers:
    path = Path(__file__).parents[1] / "examples" / f"fiche-{ID}.xlsx"
    (candidate,) = read_workbook(path, demo)
    assert candidate.findings == ()
    return candidate.answers


def test_it_is_unlike_the_first_guide(demo: Guide) -> None:
    sizes = [[len(group.fields) for group in one.groups] for one in demo.competences]
    assert sizes == [[3, 2, 4], [5], [2, 3], [4, 1, 2]]
    kinds = {kind: len(demo.placements_of(kind)) for kind in PlacementKind}
    assert kinds == {
        PlacementKind.TICK_BOX: 64,
        PlacementKind.TEXT_AREA: 18,
        PlacementKind.SIGNATURE_AREA: 3,
    }


def test_one_criterion_stands_in_two_competences(demo: Guide) -> None:
    labels = [one.label for one in demo.of_kind(FieldKind.CRITERION)]
    assert len(labels) - len(set(labels)) == 1


def test_no_line_of_code_knows_it() -> None:
    for path in Path(cqp_forms.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert ID not in text and "conducteur" not in text.casefold(), path


@pytest.mark.parametrize("kind", Format)
def test_map_finds_in_its_blanks_what_its_mappings_say(
    kind: Format, demo: Guide, project: Project
) -> None:
    blank = project.blank(demo, kind)
    matched = match(DETECT[kind](blank.content), demo)
    assert (matched.missing, matched.doubtful) == ((), ())
    for place, known in blank.mapping.locators.items():
        found = matched.placed[place].locator
        if isinstance(known, DocxLocator) and isinstance(found, DocxLocator):
            assert (found.kind, found.target) == (known.kind, known.target)
        elif isinstance(known, PdfLocator) and isinstance(found, PdfLocator):
            assert (found.name, found.page, found.on_state) == (
                known.name,
                known.page,
                known.on_state,
            )


def test_its_example_breaks_no_rule(demo: Guide, example: Answers) -> None:
    findings = check_rules(demo, example, date(2026, 9, 30))
    assert [one for one in findings if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize("kind", Format)
def test_its_example_is_filled_and_read_back(
    kind: Format, demo: Guide, example: Answers, project: Project
) -> None:
    blank = project.blank(demo, kind)
    plan = make_plan(demo, example)
    edition = Edition("Essai", datetime(2026, 9, 30, tzinfo=UTC))
    if kind is Format.DOCX:
        filled = docx_stamp.DocxStamper(blank.content, blank.mapping, demo).stamp(plan, edition)
        shown = docx_read.read(filled, blank.mapping, demo, blank.content)
    else:
        filled = pdf_stamp.PdfStamper(blank.content, blank.mapping, demo).stamp(plan, edition)
        shown = pdf_read.read(filled, blank.mapping, demo)
    assert differences(plan, shown) == []
