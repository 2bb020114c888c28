"""The annex's own header and foot."""

from __future__ import annotations

import pypdfium2
import pytest
from samples import EDITION, plan_of

from cqp_forms.fonts import width
from cqp_forms.guide import Guide
from cqp_forms.mapping import Format
from cqp_forms.pdf.stamp import Stamper
from cqp_forms.pdf.stamp.annex import _running
from cqp_forms.project import Project


def test_each_annex_page_tells_its_number_and_the_last(guide: Guide, project: Project) -> None:
    blank = project.blank(guide, Format.PDF)
    stamper = Stamper(blank.content, blank.mapping, guide)  # type: ignore[arg-type]
    text = "\n".join(f"ligne {rank}" for rank in range(200))
    out = stamper.stamp(plan_of(guide, texts={"commentaires.evaluateur_cpne": text}), EDITION)
    with pypdfium2.PdfDocument(out) as pdf:
        pages = [page.get_textpage().get_text_range() for page in pdf]
    annex = [page for page in pages if "Annexe – page" in page]
    assert len(annex) > 1
    first = len(pages) - len(annex) + 1
    for rank, page in enumerate(annex, start=first):
        assert f"Annexe – page {rank} / {len(pages)}" in page


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
