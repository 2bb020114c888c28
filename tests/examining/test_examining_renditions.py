"""Other people's layouts of the guide: what is stamped on them is proved, what is forged is not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from examining_tools import GUIDE, NOON, NOTE, PROJECT, REASON, draw, edit_pdf, fiche
from renditions.docx_ways import WAYS
from renditions.pdf_all import RENDITIONS
from thorough import one_in

from cqp_forms.docx import prove as docx_prove
from cqp_forms.docx.detect import detect as detect_docx
from cqp_forms.docx.read import read as read_docx
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.errors import DocumentError
from cqp_forms.examine import Blanks, Run
from cqp_forms.mapping import DocxMapping, Format, PdfMapping
from cqp_forms.mapping_yaml import dump_mapping
from cqp_forms.matching import mapping_of, match
from cqp_forms.pdf.detect import detect as detect_pdf
from cqp_forms.pdf.prove import prove
from cqp_forms.pdf.read import read as read_pdf
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Edition, Stage, Trail, make_plan
from cqp_forms.proof import Twin, plan_shown
from cqp_forms.shown import differences

pytestmark = pytest.mark.slow

LONG = "\n".join(f"Ligne {n} " + "mot " * 20 for n in range(60))
PLAN = make_plan(GUIDE, fiche(commentaires__evaluateur_cpne=LONG))
TITLE = f"{GUIDE.tool} – {GUIDE.title}"
EDITIONS = {
    0: Edition(TITLE, NOON, stage=Stage.DRAFT),
    1: Edition(TITLE, NOON),
    2: Edition(TITLE, NOON, margin_note=NOTE, cover_note=f"{NOTE} – motif\u00a0: {REASON}"),
}


def in_turn(names: Iterable[str]) -> list[tuple[str, int]]:
    """Each layout with one edition: what an edition adds hangs on the page, not on the boxes."""
    return [(name, rank % len(EDITIONS)) for rank, name in enumerate(names)]


@cache
def docx(way: str) -> tuple[bytes, DocxMapping]:
    content = WAYS[way](GUIDE).make().content
    found = match(detect_docx(content), GUIDE)
    mapping = mapping_of(found, GUIDE, Format.DOCX, "autre.docx", content)
    return content, cast(DocxMapping, mapping)


@cache
def pdf(name: str) -> tuple[bytes, PdfMapping]:
    content = RENDITIONS[name](GUIDE).document
    found = match(detect_pdf(content), GUIDE)
    return content, cast(PdfMapping, mapping_of(found, GUIDE, Format.PDF, "autre.pdf", content))


@pytest.mark.parametrize(("way", "number"), one_in(2, in_turn(WAYS)))
def test_a_docx_laid_out_otherwise(way: str, number: int) -> None:
    blank, mapping = docx(way)
    issued = DocxStamper(blank, mapping, GUIDE).stamp(PLAN, EDITIONS[number])
    shown = read_docx(issued, mapping, GUIDE, blank)
    assert differences(PLAN, shown) == []
    twin = DocxStamper(blank, mapping, GUIDE).stamp(plan_shown(GUIDE, shown), EDITIONS[number])
    assert docx_prove.alterations(issued, twin, GUIDE) == ()
    assert docx_prove.likeness(issued, blank, GUIDE) > 0.9


@pytest.mark.parametrize(("name", "number"), one_in(4, in_turn(RENDITIONS)))
def test_a_pdf_laid_out_otherwise(name: str, number: int) -> None:
    blank, mapping = pdf(name)
    issued = PdfStamper(blank, mapping, GUIDE).stamp(PLAN, EDITIONS[number])
    shown = read_pdf(issued, mapping, GUIDE, blank)
    assert differences(PLAN, shown) == []
    twin = Twin(PdfStamper(blank, mapping, GUIDE).stamp(PLAN, EDITIONS[number]), PLAN, Trail())
    assert prove(issued, twin, mapping, GUIDE).alterations == ()
    forged = edit_pdf(issued, draw(4, "0.5 g 200 300 90 30 re f"))
    found = prove(forged, twin, mapping, GUIDE).alterations
    assert {one.where.partition(",")[0] for one in found} == {"page 4"}
    # Where boxes lie under it in this layout, each is named as well.
    boxes = [one for one in found if one.what == "la case montre autre chose"]
    assert len(found) - len(boxes) == 1


def test_a_document_made_from_a_blank_of_ones_own(tmp_path: Path) -> None:
    blank, mapping = pdf("squares")
    paths = tmp_path / "autre.pdf", tmp_path / "autre.yaml"
    paths[0].write_bytes(blank)
    paths[1].write_text(dump_mapping(mapping), encoding="utf-8")
    (tmp_path / "guide.pdf").write_bytes(PdfStamper(blank, mapping, GUIDE).stamp(PLAN, EDITIONS[1]))
    (source,) = Run(PROJECT, Blanks(pairs=(paths,))).open(tmp_path / "guide.pdf")
    assert source.document is not None
    assert differences(PLAN, source.document.shown) == []
    with pytest.raises(DocumentError, match="autre document vierge") as caught:
        Run(PROJECT).open(tmp_path / "guide.pdf")
    assert "--document" in caught.value.remedy
