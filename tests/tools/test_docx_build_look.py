"""How the blank DOCX is composed: cover, columns, boxes; what stays together."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest
from docx_samples import part, root
from lxml import etree

from cqp_forms.blocks import CommentBox, SignatureBlock
from cqp_forms.docx import wml
from cqp_forms.guide import Guide
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.mapping import Format, PdfLocator
from cqp_forms.project import Project
from docx_blank import Built, build
from docx_blank.look import MARGIN, PAGE_HEIGHT, PAGE_WIDTH
from docx_blank.room import comment_heights
from docx_blank.tables import label_width

NAVY = (0x1F, 0x38, 0x64)
DEMO = "demo-conducteur-equipements"


@pytest.fixture(scope="module")
def built(guide: Guide) -> Built:
    return build(guide)


def _tables(built: Built, style: str) -> list[etree._Element]:
    return [
        one
        for one in wml.all_words(root(built.content), "tbl")
        if wml.value_of(one.find(f"{wml.w('tblPr')}/{wml.w('tblStyle')}")) == style
    ]


def _cells(row: etree._Element) -> list[str]:
    return [
        "".join(wml.text_of(p) for p in wml.all_words(one, "p"))
        for one in row
        if wml.is_word(one, "tc")
    ]


def _widths(table: etree._Element) -> list[int]:
    grid = wml.child(table, "tblGrid")
    assert grid is not None
    return [int(wml.attribute(one, "w") or 0) for one in grid]


def test_headers_and_group_rows_name_the_columns(guide: Guide, built: Built) -> None:
    assert guide.phrases is not None
    names = [guide.phrases.yes, guide.phrases.no]
    for table, competence in zip(_tables(built, "CriteriaTable"), guide.competences, strict=True):
        rows = [one for one in table if wml.is_word(one, "tr")]
        heads = [one for one in rows if one.find(f".//{wml.w('tblHeader')}") is not None]
        assert _cells(heads[0])[1:] == [guide.phrases.evaluation]
        assert _cells(heads[-1])[1:] == names
        titles = {one.title for one in competence.groups}
        groups = [_cells(one) for one in rows if _cells(one)[0] in titles]
        assert [one[1:] for one in groups] == [names] * len(competence.groups)


def test_rows_are_as_wide_as_their_grid(built: Built) -> None:
    """Word mends what is not."""
    for table in wml.all_words(root(built.content), "tbl"):
        grid = _widths(table)
        for row in (one for one in table if wml.is_word(one, "tr")):
            spans, width = 0, 0
            for cell in (one for one in row if wml.is_word(one, "tc")):
                properties = cell[0]
                span = wml.child(properties, "gridSpan")
                spans += int(wml.value_of(span)) if span is not None else 1
                width += int(wml.attribute(properties[0], "w") or 0)
            assert (spans, width) == (len(grid), sum(grid))


def test_the_band_goes_from_edge_to_edge_and_does_not_float(built: Built) -> None:
    header = root(built.content, "word/header2.xml")
    band = header[0]
    assert band.find(f".//{wml.w('tblpPr')}") is None
    indent = band.find(f"{wml.w('tblPr')}/{wml.w('tblInd')}")
    assert indent is not None
    left = MARGIN + int(wml.attribute(indent, "w") or 0)
    assert left <= 0
    assert left + sum(_widths(band)) >= PAGE_WIDTH
    assert "<w:drawing" not in part(built.content, "word/header2.xml")
    cover, _ = list(wml.all_words(root(built.content), "sectPr"))
    margins = cover.find(wml.w("pgMar"))
    assert margins is not None
    assert wml.attribute(margins, "header") == "0", "nothing white above the band"


def test_header_and_footer_say_what_those_of_the_pdf_say(guide: Guide, built: Built) -> None:
    header = wml.text_of(next(wml.all_words(root(built.content, "word/header1.xml"), "p")))
    assert header.split("\t") == [f"{guide.tool} – {guide.title}", guide.certificate]
    footer = wml.text_of(next(wml.all_words(root(built.content, "word/footer1.xml"), "p")))
    assert footer == "Page 1 / 1"


def test_the_lines_of_all_signature_blocks_begin_at_one_place(guide: Guide, built: Built) -> None:
    blocks = [one for one in guide.document if isinstance(one, SignatureBlock)]
    tables = _tables(built, "SignatureTable")
    assert len(tables) == len(blocks)
    assert len({tuple(_widths(one)) for one in tables}) == 1
    assert label_width(["Nom"]) < label_width(["Nom", "Numéro d’habilitation"])


@pytest.mark.parametrize("key", ["technico-commercial", DEMO])
def test_comment_boxes_are_about_as_high_as_those_of_the_pdf(key: str, project: Project) -> None:
    guide = project.guide(key)
    heights = comment_heights(guide)
    pdf = project.blank(guide, Format.PDF).mapping.locators
    boxes = [one for one in guide.document if isinstance(one, CommentBox)]
    assert set(heights) == {one.field for one in boxes}
    for one in boxes:
        located = pdf[guide.fields[one.field].placements[0].id]
        assert isinstance(located, PdfLocator)
        assert heights[one.field] == pytest.approx(located.rect.height + 8, rel=0.15)
    made = _tables(build(guide), "CommentTable")
    rows = [next(wml.all_words(one, "trHeight")) for one in made]
    assert [int(wml.attribute(one, "val") or 0) for one in rows] == [
        round(heights[one.field] * 20) for one in boxes
    ]


_PAGE = (PAGE_HEIGHT - 2 * MARGIN) / 20


@pytest.mark.parametrize("lines", [[1], [2, 2], [3, 3, 3, 30], [40, 40], [200]])
def test_boxes_never_take_more_than_their_page(lines: list[int]) -> None:
    fields = "".join(f"\n          - {{id: n{i}, label: N, kind: long-text}}" for i in range(9))
    blocks = "".join(f"\n  - comment_box: {{field: n{i}, lines: {n}}}" for i, n in enumerate(lines))
    guide = parse_guide(
        "id: petit\nshort: P\ntitle: Petit\nsections:\n  - sheet: Un\n    groups:\n"
        f"      - title: G\n        fields:{fields}\ndocument:{blocks}\n"
    )
    heights = comment_heights(guide)
    for rank, asked in enumerate(lines):
        base = asked * 13.6 + 8
        assert base <= heights[f"n{rank}"] <= max(base, _PAGE)
        assert heights[f"n{rank}"] <= base * 2.2 + 0.01
    if sum(lines) * 13.6 + 36 * len(lines) < _PAGE - 26:
        assert sum(heights.values()) + 28 * len(lines) <= _PAGE


def _flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
@pytest.mark.parametrize("key", ["technico-commercial", DEMO])
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_composes_the_pages_well(key: str, project: Project, tmp_path: Path) -> None:
    guide = project.guide(key)
    (tmp_path / "vierge.docx").write_bytes(build(guide).content)
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            *("--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "vierge.docx")),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    pdf = pypdfium2.PdfDocument(tmp_path / "vierge.pdf")
    texts = [_flat(page.get_textpage().get_text_bounded()) for page in pdf]
    assert guide.phrases is not None
    for text in texts:
        results = text.count(_flat(guide.phrases.not_mastered))
        assert text.count(_flat(guide.phrases.result_title)) == results
        assert text.count(_flat(guide.phrases.reminder)) == results
        if _flat(guide.phrases.criteria_question) in text:
            assert text.count("☐") >= 4
    cover = pdf[0].render(scale=1).to_pil().convert("RGB")
    ends = [
        cover.getpixel((x, y))
        for x in (0, 1, cover.width // 2, cover.width - 1)
        for y in (1, 40, cover.height - 3)
    ]
    assert all(
        abs(seen - wanted) < 8 for one in ends for seen, wanted in zip(one, NAVY, strict=True)
    )
    boxes = [one for one in guide.document if isinstance(one, CommentBox)]
    labels = [_flat(guide.fields[one.field].label) for one in boxes]
    pages = [next(n for n, text in enumerate(texts) if label in text) for label in labels]
    assert len(set(pages)) <= 2, "boxes share their pages as in the PDF"
