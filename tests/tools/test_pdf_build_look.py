"""How the blank PDF's pages are composed: columns, signature lines, what stays together."""

from __future__ import annotations

from collections import Counter

import pypdfium2
import pytest

from cqp_forms.guide import Competence, Guide
from cqp_forms.mapping import PdfLocator
from cqp_forms.project import Project
from pdf_blank import Built, build

#: A guide whose result would stand on a page of its own, if nothing were done.
DEMO = "demo-conducteur-equipements"


@pytest.fixture(scope="module", params=["technico-commercial", DEMO])
def composed(request: pytest.FixtureRequest, project: Project) -> tuple[Guide, Built]:
    guide = project.guide(request.param)
    return guide, build(guide)


def _box(built: Built, field: str, box: str = "oui") -> PdfLocator:
    return built.mapping.locators[f"{field}.{box}"]


def _words(content: bytes, word: str) -> list[tuple[int, float]]:
    """Where a whole word stands: page, and the middle of its width."""
    found = []
    for number, page in enumerate(pypdfium2.PdfDocument(content), start=1):
        text = page.get_textpage()
        search = text.search(word, match_case=True, match_whole_word=True)
        while (hit := search.get_next()) is not None:
            boxes = [text.get_charbox(hit[0] + rank) for rank in range(len(word))]
            found.append((number, (boxes[0][0] + boxes[-1][2]) / 2))
    return found


def test_each_page_of_a_table_and_each_group_name_the_columns(
    composed: tuple[Guide, Built],
) -> None:
    guide, built = composed
    expected: Counter[int] = Counter()
    for competence in guide.competences:
        expected.update({_box(built, one.id).page for one in competence.criteria})
        expected.update(_box(built, one.fields[0].id).page for one in competence.groups)
    assert guide.phrases is not None
    for word, box in ((guide.phrases.yes, "oui"), (guide.phrases.no, "non")):
        middle = _box(built, guide.competences[0].criteria[0].id, box).rect.centre[0]
        # The chips of « Consigne » stand elsewhere.
        over = Counter(page for page, x in _words(built.content, word) if abs(x - middle) < 20)
        assert over == expected
        assert all(
            x == pytest.approx(middle, abs=1)
            for _, x in _words(built.content, word)
            if abs(x - middle) < 20
        )


def test_a_table_begins_with_two_criteria_and_ends_on_the_page_of_its_result(
    composed: tuple[Guide, Built],
) -> None:
    guide, built = composed

    def last(one: Competence) -> tuple[int, int]:
        result = built.mapping.locators[one.result.placements[0].id]
        return _box(built, one.criteria[-1].id).page, result.page

    for one in guide.competences:
        pages = [_box(built, criterion.id).page for criterion in one.criteria]
        assert pages[0] == pages[1], one.heading
        assert len(set(last(one))) == 1, one.heading


def test_the_lines_of_all_signature_blocks_begin_at_one_place(
    composed: tuple[Guide, Built],
) -> None:
    guide, built = composed
    (page,) = {
        built.mapping.locators[one].page for one in guide.placements if one.startswith("signature.")
    }
    lines = {
        key: one.rect
        for key, one in built.mapping.locators.items()
        if one.page == page
        and key.startswith(("candidat.", "evaluateur", "tuteur"))
        and not key.endswith((".oui", ".non"))
    }
    assert len(lines) >= 8
    assert len({round(one.x0, 1) for one in lines.values()}) == 1
