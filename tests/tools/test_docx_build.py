"""The blank DOCX: complete, deterministic, in the schema's order, and nothing Word would mend."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import docx
import pytest
from docx_samples import members, part, root
from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.errors import GuideError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.mapping import DocxKind, Format
from cqp_forms.mapping_lint import lint
from cqp_forms.mapping_yaml import dump_mapping, parse_mapping
from cqp_forms.project import Project, installed_data
from docx_blank import Built, build
from docx_blank.controls import ALIAS_LENGTH


@pytest.fixture(scope="module")
def built(guide: Guide) -> Built:
    return build(guide)


def _controls(content: bytes) -> list[etree._Element]:
    return list(wml.all_words(root(content), "sdt"))


def _property(control: etree._Element, name: str) -> etree._Element | None:
    properties = wml.child(control, "sdtPr")
    assert properties is not None
    return wml.child(properties, name)


def test_every_placement_has_its_control(guide: Guide, built: Built) -> None:
    tags = [wml.tag_of(one) for one in _controls(built.content)]
    assert sorted(tags) == sorted(guide.placements)
    boxes = root(built.content).findall(f".//{wml.w14('checkbox')}")
    texts = [one for one in _controls(built.content) if _property(one, "text") is not None]
    assert (len(boxes), len(texts), len(tags)) == (190, 24, 217)


def test_boxes_are_unticked_by_flag_and_by_glyph(built: Built) -> None:
    for control in _controls(built.content):
        box = control.find(f".//{wml.w14('checkbox')}")
        if box is None:
            continue
        assert [wml.local(one) for one in box] == ["checked", "checkedState", "uncheckedState"]
        assert box[0].get(wml.w14("val")) == "0"
        assert [one.get(wml.w14("val")) for one in box[1:]] == ["2612", "2610"]
        assert "".join(one.text or "" for one in wml.all_words(control, "t")) == "☐"


def test_empty_areas_print_nothing_and_are_no_answer(built: Built) -> None:
    for control in _controls(built.content):
        if _property(control, "text") is None:
            continue
        assert _property(control, "showingPlcHdr") is not None
        shown = "".join(one.text or "" for one in wml.all_words(control, "t"))
        assert not shown.replace("/", "").strip()
        assert len(shown) >= 10, "too narrow to be clicked"


def test_titles_are_readable_and_short_enough_for_word(built: Built) -> None:
    titles = [wml.value_of(_property(one, "alias")) for one in _controls(built.content)]
    assert all(0 < len(one) <= ALIAS_LENGTH for one in titles)
    assert any(one.startswith("NON – c1.2.3 – Les objectifs généraux") for one in titles)
    assert "Compétence 6 non maîtrisée" in titles


def test_controls_cannot_be_deleted_and_have_ids_of_their_own(built: Built) -> None:
    controls = _controls(built.content)
    assert {wml.value_of(_property(one, "lock")) for one in controls} == {"sdtLocked"}
    ids = Counter(wml.value_of(_property(one, "id")) for one in controls)
    assert len(ids) == len(controls)
    marks = Counter(
        wml.attribute(one, "name") for one in wml.all_words(root(built.content), "bookmarkStart")
    )
    assert len(marks) == 214 + 1, "each area and box, and the place of the version's mention"
    assert set(marks.values()) == {1}
    assert all(len(name or "") <= 40 for name in marks)


def test_placeholders_are_in_the_glossary(built: Built) -> None:
    named = {wml.value_of(one) for one in wml.all_words(root(built.content), "docPart")}
    glossary = root(built.content, "word/glossary/document.xml")
    assert named == {wml.value_of(one) for one in wml.all_words(glossary, "name")} - {"Général"}


def said(content: bytes) -> dict[str, bytes]:
    """Each part as canonical XML: other versions of the libraries compress and quote otherwise."""
    return {
        name: etree.tostring(etree.fromstring(inside), method="c14n")
        for name, inside in members(content).items()
    }


def test_rebuilding_gives_the_committed_files(guide: Guide, built: Built) -> None:
    assert built.content == build(guide).content, "two builds in one process differ"
    blank = Project((installed_data(),)).blank(guide, Format.DOCX)
    assert said(blank.content) == said(built.content)
    assert blank.mapping.locators == built.mapping.locators
    mapping = installed_data() / "mappings" / guide.id / "docx.yaml"
    written = dump_mapping(blank.mapping, guide.placements)
    assert mapping.read_text("utf-8") == written
    assert parse_mapping(written) == blank.mapping


def test_the_mapping_is_complete_and_that_of_the_bytes(guide: Guide, built: Built) -> None:
    assert lint(built.mapping, guide) == []
    built.mapping.require_document(built.content)
    assert {one.kind for one in built.mapping.locators.values()} == {DocxKind.CONTROL}


def test_headings_make_the_navigation_pane(guide: Guide, built: Built) -> None:
    opened = docx.Document(io.BytesIO(built.content))
    levels = [
        (one.style.name, one.text)
        for one in opened.paragraphs
        if one.style.name.startswith(("Heading", "Compétence"))
    ]
    parts = [text for name, text in levels if name == "Heading 1"]
    assert parts[:3] == [
        "Modalités d’évaluation des compétences",
        "Évaluation des compétences du candidat",
        "Observations",
    ]
    titles = [text for name, text in levels if name == "Compétence"]
    assert titles == [one.heading for one in guide.competences]
    assert opened.styles["Compétence"].base_style.name == "Heading 2"
    assert opened.core_properties.title.startswith("OUTIL N°4")
    assert opened.core_properties.language == "fr-FR"


def test_each_competence_begins_a_page(built: Built) -> None:
    breaks = []
    for one in wml.all_words(root(built.content), "p"):
        properties = wml.child(one, "pPr")
        if properties is None or wml.value_of(wml.child(properties, "pStyle")) != "Competence":
            continue
        breaks.append(wml.value_of(wml.child(properties, "pageBreakBefore"), "by style"))
    # The first one stands under the part's own title, which begins the page.
    assert breaks == ["0", *["by style"] * 5]
    style = next(
        one
        for one in wml.all_words(root(built.content, "word/styles.xml"), "style")
        if wml.attribute(one, "styleId") == "Competence"
    )
    assert wml.is_on(style.find(f".//{wml.w('pageBreakBefore')}"))


def test_tables_repeat_their_header_and_do_not_split_rows(guide: Guide, built: Built) -> None:
    tables = [
        one
        for one in wml.all_words(root(built.content), "tbl")
        if wml.value_of(one.find(f".//{wml.w('tblStyle')}")) == "CriteriaTable"
    ]
    assert len(tables) == 6
    for table, competence in zip(tables, guide.competences, strict=True):
        rows = [one for one in table if wml.is_word(one, "tr")]
        assert all(one.find(f"{wml.w('trPr')}/{wml.w('cantSplit')}") is not None for one in rows)
        heads = [one.find(f"{wml.w('trPr')}/{wml.w('tblHeader')}") is not None for one in rows]
        body = len(competence.groups) + len(competence.criteria)
        assert len(rows) > body
        assert heads == [True] * (len(rows) - body) + [False] * body


def test_only_comment_boxes_may_split(built: Built) -> None:
    free = [
        wml.tag_of(next(wml.all_words(one, "sdt")))
        for one in wml.all_words(root(built.content), "tr")
        if one.find(f"{wml.w('trPr')}/{wml.w('cantSplit')}") is None
    ]
    assert free
    assert all(one.startswith(("remarques.", "commentaires.")) for one in free)


def test_every_wording_of_the_guide_is_there(guide: Guide, built: Built) -> None:
    text = "\n".join(wml.text_of(one) for one in wml.all_words(root(built.content), "p"))
    for field in guide.fields.values():
        if field.placements and not field.id.endswith(".resultat"):
            assert field.label in text, field.id
    for competence in guide.competences:
        assert text.count(competence.heading) == 2
        for wording in (*competence.abilities, *competence.documents, *competence.questions):
            assert wording in text


def test_no_run_is_formatted_by_hand(built: Built) -> None:
    direct = Counter(
        wml.local(each)
        for run in wml.all_words(root(built.content), "r")
        for properties in [wml.child(run, "rPr")]
        if properties is not None
        for each in properties
    )
    assert set(direct) == {"rStyle"}


def test_styles_that_are_used_are_defined(built: Built) -> None:
    known = {
        wml.attribute(one, "styleId")
        for one in wml.all_words(root(built.content, "word/styles.xml"), "style")
    }
    for name in members(built.content):
        if name.startswith("word/") and name.endswith(".xml"):
            for kind in ("pStyle", "rStyle", "tblStyle"):
                used = {wml.value_of(one) for one in wml.all_words(root(built.content, name), kind)}
                assert used <= known, name


_ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr "
    "suppressLineNumbers pBdr shd tabs suppressAutoHyphens spacing ind contextualSpacing jc "
    "textAlignment "
    "outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike color spacing w kern position sz szCs "
    "highlight u bdr shd vertAlign lang",
    "sdtPr": "rPr alias tag id lock placeholder showingPlcHdr text checkbox",
    "tcPr": "tcW gridSpan vMerge tcBorders shd noWrap tcMar vAlign",
    "tblPr": "tblStyle tblpPr tblW jc tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "trPr": "cantSplit trHeight tblHeader",
    "tcBorders": "top left bottom right insideH insideV",
    "tblBorders": "top left bottom right insideH insideV",
    "pBdr": "top left bottom right between",
    "tblCellMar": "top left bottom right",
    "sectPr": "headerReference footerReference pgSz pgMar titlePg",
    "style": "name basedOn next link uiPriority qFormat pPr rPr tblPr trPr tcPr",
    "settings": "zoom defaultTabStop hyphenationZone characterSpacingControl compat themeFontLang "
    "decimalSymbol listSeparator",
    "lvl": "start numFmt lvlText lvlJc pPr rPr",
    "sdt": "sdtPr sdtContent",
    "tc": "tcPr p tbl sdt",
    "docPartPr": "name category types behaviors guid",
}


def test_elements_stand_in_the_schemas_order(built: Built) -> None:
    checked = 0
    for name in members(built.content):
        if not name.startswith("word/") or not name.endswith(".xml"):
            continue
        for element in root(built.content, name).iter():
            if (order := _ORDER.get(wml.local(element))) is None or wml.local(element) == "tc":
                continue
            known = order.split()
            ranks = [known.index(wml.local(one)) for one in element]
            assert ranks == sorted(ranks), (name, wml.local(element), [one.tag for one in element])
            checked += 1
    assert checked > 2000


def test_every_cell_ends_with_a_paragraph(built: Built) -> None:
    for cell in wml.all_words(root(built.content), "tc"):
        last = cell[-1]
        assert wml.local(last) in ("p", "sdt")
        assert list(wml.all_words(cell, "p"))


def test_declared_parts_are_there(built: Built) -> None:
    found = members(built.content)
    overrides = {
        one.get("PartName", "").lstrip("/")
        for one in root(built.content, "[Content_Types].xml")
        if one.get("PartName")
    }
    assert overrides <= set(found)
    assert 'mc:Ignorable="w14"' in part(built.content)[:800]
    assert part(built.content, "word/settings.xml").count('themeFontLang w:val="fr-FR"') == 1
    footer = part(built.content, "word/footer1.xml")
    assert "PAGE" in footer
    assert "NUMPAGES" in footer


def test_a_guide_of_other_counts_is_built_by_the_same_code() -> None:
    guide = parse_guide(_SMALL)
    built = build(guide)
    assert sorted(wml.tag_of(one) for one in _controls(built.content)) == sorted(guide.placements)
    assert built.mapping.document == "petit.docx"


def test_a_field_that_no_block_lays_out_is_told() -> None:
    with pytest.raises(GuideError, match=r"mis en page nulle part.*nom"):
        build(parse_guide(_SMALL.replace("- field_lines: [nom, signe]", "- paragraph: Rien")))


def test_a_field_laid_out_too_often_is_told() -> None:
    with pytest.raises(GuideError, match="plus souvent"):
        build(parse_guide(_SMALL.replace("[nom, signe]", "[nom, nom, signe]")))


def test_a_guide_without_a_text_is_told() -> None:
    text = _SMALL[: _SMALL.index("document:")] + "document: []\n"
    with pytest.raises(GuideError, match="pas de texte"):
        build(parse_guide(text))


_SMALL = """
id: petit
short: P
title: Petit
sections:
  - sheet: Un
    groups:
      - title: Groupe
        fields:
          - {id: nom, label: Nom}
          - {id: signe, label: Signe, kind: date}
          - {id: case, label: Case, kind: tick}
document:
  - heading: {level: 1, text: Titre}
  - field_lines: [nom, signe]
  - page_break
  - paragraph: Texte
  - tick_list: [case]
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
def test_libreoffice_lays_the_blank_out(built: Built, tmp_path: Path) -> None:
    (tmp_path / "vierge.docx").write_bytes(built.content)
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
    shown = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "vierge.pdf"), "-"],
        check=True,
        capture_output=True,
    ).stdout.decode()
    pages = shown.split("\f")[:-1]
    assert 18 <= len(pages) <= 26
    assert "Page " not in pages[0].casefold(), "the cover has no page number"
    numbered = [re.search(r"[Pp]age\s+(\d+)\s+/\s+(\d+)", one) for one in pages[1:]]
    found = [(int(one[1]), int(one[2])) for one in numbered if one]
    assert found == [(rank, len(pages)) for rank in range(2, len(pages) + 1)]
    assert shown.count("☐") == 190
    assert all("Critères" in one for one in pages if re.search(r"☐\s+☐", one))


def test_placement_kinds_have_the_control_they_need(guide: Guide, built: Built) -> None:
    kinds = {wml.tag_of(one): one for one in _controls(built.content)}
    for key, placement in guide.placements.items():
        control = kinds[key]
        holds = wml.is_word(control.find(wml.w("sdtContent"))[0], "p")
        assert holds is (placement.kind is PlacementKind.SIGNATURE_AREA)
