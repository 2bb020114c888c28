"""The annex: its header and foot, its bookmark, where its pages turn, what pages count."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from samples import EDITION, plan_of

from cqp_forms.fonts import width
from cqp_forms.guide import Guide
from cqp_forms.mapping import Format
from cqp_forms.pdf.layout import Line, sentence_end
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.pdf.stamp.annex import _running
from cqp_forms.project import Project


def test_each_annex_page_tells_its_number_and_the_last(guide: Guide, project: Project) -> None:
    blank = project.blank(guide, Format.PDF)
    stamper = PdfStamper(blank.content, blank.mapping, guide)  # type: ignore[arg-type]
    text = "\n".join(f"ligne {rank}" for rank in range(200))
    out = stamper.stamp(plan_of(guide, texts={"commentaires.evaluateur_cpne": text}), EDITION)
    with pypdfium2.PdfDocument(out) as pdf:
        pages = [page.get_textpage().get_text_range() for page in pdf]
    annex = [page for page in pages if "Annexe – page" in page]
    assert len(annex) > 1
    first = len(pages) - len(annex) + 1
    for rank, page in enumerate(annex, start=first):
        assert f"Annexe – page {rank} / {len(pages)}" in page
    for rank, page in enumerate(pages[1 : first - 1], start=2):
        assert f"Page {rank}\r\n" in page
        assert f" / {len(pages)}" in page, "the guide's own pages count the annex"


def test_an_annex_has_a_bookmark_and_no_other_document_has_it(
    guide: Guide, project: Project
) -> None:
    blank = project.blank(guide, Format.PDF)
    stamper = PdfStamper(blank.content, blank.mapping, guide)  # type: ignore[arg-type]

    def outline(text: str) -> tuple[list[str], int]:
        plan = plan_of(guide, texts={"commentaires.evaluateur_cpne": text})
        with pikepdf.open(BytesIO(stamper.stamp(plan, EDITION))) as pdf, pdf.open_outline() as made:
            last = made.root[-1].destination[0] if text else None
            assert last is None or last.objgen == pdf.pages[21].objgen
            return [one.title for one in made.root], int(pdf.Root.Outlines.Count)

    plain, count = outline("")
    assert outline("mot " * 3000) == ([*plain, "Annexe"], count + 1)
    assert outline("") == (plain, count)


def test_what_goes_on_in_the_annex_is_known_beforehand(guide: Guide, project: Project) -> None:
    blank = project.blank(guide, Format.PDF)
    stamper = PdfStamper(blank.content, blank.mapping, guide)  # type: ignore[arg-type]
    text = "Une phrase. " * 1000
    plan = plan_of(guide, texts={"commentaires.evaluateur_cpne": text, "candidat.nom": "Court"})
    ((field, letters),) = stamper.continued(plan).items()
    assert field == "commentaires.evaluateur_cpne"
    assert 0 < letters < len(text)


@pytest.mark.parametrize(
    ("lines", "count", "kept"),
    [
        ("abcd", 4, 4),  # all of it
        ("abcdef", 4, 4),  # a long sentence: as late as can be
        ("abc.def", 4, 3),  # after a sentence
        ("abcd|ef", 5, 4),  # before a paragraph
        ("a.bcdefgh", 6, 6),  # never less than half
    ],
)
def test_pages_turn_between_paragraphs_or_sentences(lines: str, count: int, kept: int) -> None:
    made = []
    for letter, before in zip(lines, f"|{lines}", strict=False):
        if letter == ".":
            made[-1] = Line(f"{made[-1].text}. ", made[-1].starts)
        elif letter != "|":
            made.append(Line(letter, before == "|"))
    assert sentence_end(made, count) == kept


@pytest.mark.parametrize(
    "name", ["Léa Durand", "W" * 200, "Jean-Baptiste " * 20, "W" * 30 + " " + "é" * 100]
)
def test_a_title_too_long_for_the_header_is_cut_with_an_ellipsis(name: str) -> None:
    title = f"OUTIL N°4 – GUIDE – {name.strip()}"
    shown = _running(title, 300)
    assert width(shown, 8) <= 300
    if width(title, 8) <= 300:
        assert shown == title
        return
    assert shown.endswith("…")
    assert title.startswith(shown[:-1])
    assert width(shown, 8) > 270, "as much of the name as there is room for"
