"""Reading a DOCX back: what we stamped, what was changed since, what others saved again."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from docx_samples import (
    EDITION,
    archive,
    document,
    guide_of,
    mapping_of,
    members,
    part,
    plan_of,
    with_part,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import valid_answers

from cqp_forms.docx.read import read, read_payload
from cqp_forms.docx.read.content import cell_mark, glyph_mark
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.errors import DocumentError
from cqp_forms.guide import FieldKind, Guide, PlacementKind
from cqp_forms.mapping import DocxKind, Format
from cqp_forms.plan import LeaveBlank, Plan, Stage, Text, Tick, make_plan
from cqp_forms.project import Blank, Project
from cqp_forms.shown import Mark, Shown, answers_of, differences

MAIN = "word/document.xml"


@pytest.fixture(scope="module")
def blank(project: Project, guide: Guide) -> Blank:
    return project.blank(guide, Format.DOCX)


@pytest.fixture(scope="module")
def stamper(blank: Blank, guide: Guide) -> DocxStamper:
    return DocxStamper(blank.content, blank.mapping, guide)


@st.composite
def plans(draw: st.DrawFn, guide: Guide) -> Plan:
    """Any state of any box, any text of any area: also what no answers would give."""
    texts = st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co"))
        | st.sampled_from("\n\t <>&'\""),
        max_size=60,
    ).filter(lambda text: text.strip("\n\u2002/") != "" or text == "")
    made: dict[str, Tick | Text | LeaveBlank] = {}
    for key, placement in guide.placements.items():
        match placement.kind:
            case PlacementKind.TICK_BOX:
                made[key] = draw(st.sampled_from(Tick))
            case PlacementKind.TEXT_AREA:
                made[key] = Text(draw(texts))
            case PlacementKind.SIGNATURE_AREA:
                made[key] = LeaveBlank.SIGN
    return Plan(made)


@settings(max_examples=25)
@given(data=st.data())
def test_any_plan_is_read_back(
    data: st.DataObject, blank: Blank, stamper: DocxStamper, guide: Guide
) -> None:
    plan = data.draw(plans(guide))
    shown = read(stamper.stamp(plan, EDITION), blank.mapping, guide, blank.content)
    assert differences(plan, shown) == []
    assert (len(shown.ticks), len(shown.texts)) == (190, 24)


@settings(max_examples=25)
@given(data=st.data())
def test_answers_are_extracted_as_they_were(
    data: st.DataObject, blank: Blank, stamper: DocxStamper, guide: Guide
) -> None:
    answers = data.draw(valid_answers(guide))
    edition = data.draw(
        st.sampled_from(
            [EDITION, replace(EDITION, stage=Stage.DRAFT, cover_note="V2", margin_note="V2")]
        )
    )
    plan = make_plan(guide, answers)
    shown = read(stamper.stamp(plan, edition), blank.mapping, guide, blank.content)
    assert differences(plan, shown) == []
    assert answers_of(guide, shown)[1] == ()


def test_the_blank_is_blank(blank: Blank, guide: Guide) -> None:
    shown = read(blank.content, blank.mapping, guide, blank.content)
    assert set(shown.ticks.values()) == {Mark.OFF}
    assert set(shown.texts.values()) == {""}


# ------------------------------------------------------------------------------ changed by hand


@pytest.fixture(scope="module")
def stamped(stamper: DocxStamper, guide: Guide) -> bytes:
    return stamper.stamp(_plan(guide), EDITION)


def _plan(guide: Guide) -> Plan:
    name = dict.fromkeys(("candidat.nom", "candidat.nom@2"), "LEFÈVRE Zoé")
    return plan_of(guide, **{"c1.1.1.oui": True, **name})


def _control(content: bytes, tag: str) -> tuple[int, int]:
    xml = part(content)
    start = xml.rindex("<w:sdt>", 0, xml.index(f'w:tag w:val="{tag}"'))
    return start, xml.index("</w:sdt>", start) + len("</w:sdt>")


def _changed(content: bytes, tag: str, changes: Mapping[str, str]) -> bytes:
    """The document with one control's XML changed; each change must take."""
    start, end = _control(content, tag)
    xml = part(content)
    control = xml[start:end]
    for old, new in changes.items():
        assert re.search(old, control), (old, control)
        control = re.sub(old, new, control)
    return with_part(content, MAIN, xml[:start] + control + xml[end:])


def test_a_box_changed_in_word_is_read(stamped: bytes, blank: Blank, guide: Guide) -> None:
    changed = _changed(
        stamped, "c1.1.1.oui", {'checked w14:val="1"': 'checked w14:val="0"', "☒": "☐"}
    )
    changed = _changed(
        changed, "c1.1.1.non", {'checked w14:val="0"': 'checked w14:val="1"', "☐": "☒"}
    )
    shown = read(changed, blank.mapping, guide, blank.content)
    assert (shown.ticks["c1.1.1.oui"], shown.ticks["c1.1.1.non"]) == (Mark.OFF, Mark.ON)


@pytest.mark.parametrize(
    "changes",
    [
        {'checked w14:val="1"': 'checked w14:val="0"'},
        {"☒": "☐"},
        {"☒": "☐☒"},
        {"☒": "oui"},
        {"☒": ""},
    ],
)
def test_a_flag_and_a_sign_that_disagree_are_in_doubt(
    stamped: bytes, blank: Blank, guide: Guide, changes: dict[str, str]
) -> None:
    shown = read(_changed(stamped, "c1.1.1.oui", changes), blank.mapping, guide, blank.content)
    assert shown.ticks["c1.1.1.oui"] is Mark.DOUBTFUL
    assert answers_of(guide, shown)[1][0].field == "c1.1.1"


@pytest.mark.parametrize("sign", ["☑", "✔", "X", "x"])
def test_a_flag_with_another_sign_for_ticked_is_ticked(
    stamped: bytes, blank: Blank, guide: Guide, sign: str
) -> None:
    shown = read(_changed(stamped, "c1.1.1.oui", {"☒": sign}), blank.mapping, guide, blank.content)
    assert shown.ticks["c1.1.1.oui"] is Mark.ON


def test_two_ticked_boxes_are_a_finding(stamped: bytes, blank: Blank, guide: Guide) -> None:
    changed = _changed(
        stamped, "c1.1.1.non", {'checked w14:val="0"': 'checked w14:val="1"', "☐": "☒"}
    )
    _, findings = answers_of(guide, read(changed, blank.mapping, guide, blank.content))
    assert [one.field for one in findings] == ["c1.1.1"]


def test_two_areas_that_disagree_are_a_finding(stamped: bytes, blank: Blank, guide: Guide) -> None:
    changed = _changed(stamped, "candidat.nom@2", {"LEFÈVRE Zoé": "LEFEVRE Zoé"})
    _, findings = answers_of(guide, read(changed, blank.mapping, guide, blank.content))
    assert [one.field for one in findings] == ["candidat.nom"]


def test_text_that_word_divides_is_one_text(stamped: bytes, blank: Blank, guide: Guide) -> None:
    divided = (
        '>LEFÈVRE</w:t></w:r><w:proofErr w:type="spellEnd"/><w:ins w:id="9"><w:r><w:t '
        'xml:space="preserve"> Zoé</w:t></w:r></w:ins><w:del w:id="8"><w:r><w:delText>X</w:delText>'
        "</w:r></w:del><w:r><w:t></w:t>"
    )
    changed = _changed(stamped, "candidat.nom", {">LEFÈVRE Zoé</w:t>": divided})
    assert read(changed, blank.mapping, guide, blank.content).texts["candidat.nom"] == "LEFÈVRE Zoé"


def test_text_moved_away_does_not_count(stamped: bytes, blank: Blank, guide: Guide) -> None:
    moved = "</w:t></w:r><w:moveFrom><w:r><w:t>parti</w:t></w:r></w:moveFrom><w:r><w:t>"
    changed = _changed(stamped, "candidat.nom", {" Zoé": moved})
    assert read(changed, blank.mapping, guide, blank.content).texts["candidat.nom"] == "LEFÈVRE"


def test_a_placeholder_is_never_an_answer(stamped: bytes, blank: Blank, guide: Guide) -> None:
    changes = {
        "<w:text": "<w:showingPlcHdr/><w:text",
        "LEFÈVRE Zoé": "Cliquez ou appuyez ici pour entrer du texte.",
    }
    changed = _changed(stamped, "candidat.nom", changes)
    assert read(changed, blank.mapping, guide, blank.content).texts["candidat.nom"] == ""


def test_a_control_that_was_removed_is_missing(stamped: bytes, blank: Blank, guide: Guide) -> None:
    start, end = _control(stamped, "candidat.prenom")
    xml = part(stamped)
    start = xml.rindex("<w:bookmarkStart", 0, start)
    end = xml.index("/>", end) + 2
    changed = with_part(stamped, MAIN, xml[:start] + xml[end:])
    shown = read(changed, blank.mapping, guide, blank.content)
    assert "candidat.prenom" not in shown.texts
    assert len(shown.texts) == 23
    assert [one.shown for one in differences(_plan(guide), shown)] == ["introuvable"]


def test_without_tags_or_controls_bookmarks_still_tell(
    stamped: bytes, blank: Blank, guide: Guide
) -> None:
    expected = read(stamped, blank.mapping, guide, blank.content)
    untagged = re.sub(r'<w:tag w:val="[^"]*"/>', "", part(stamped))
    # Without controls, as a program that does not know them saves a document.
    flat = re.sub(r"<w:sdtPr>.*?</w:sdtPr>|</?w:sdt(Content)?>", "", untagged)
    for xml in (untagged, flat):
        shown = read(with_part(stamped, MAIN, xml), blank.mapping, guide, blank.content)
        assert shown.ticks == expected.ticks
        assert shown.texts == expected.texts


def test_a_copied_control_that_disagrees_is_in_doubt(
    stamped: bytes, blank: Blank, guide: Guide
) -> None:
    start, end = _control(stamped, "c1.1.1.oui")
    xml = part(stamped)
    copy = xml[start:end].replace('checked w14:val="1"', 'checked w14:val="0"').replace("☒", "☐")
    changed = with_part(stamped, MAIN, xml[:end] + copy + xml[end:])
    shown = read(changed, blank.mapping, guide, blank.content)
    assert shown.gone == {"c1.1.1.oui": "son contrôle est en double dans le document"}


# ------------------------------------------------------------------------------ filled by hand


def _read_one(
    body: str, blank: str, kind: DocxKind, target: str, offset: int = 0, *, tick: bool
) -> Mark | str | None:
    """What is read in a body that was made from a blank; ``None`` when its place is gone."""
    guide = guide_of(a=FieldKind.TICK if tick else FieldKind.TEXT)
    shown = read(document(body), mapping_of(a=(kind, target, offset)), guide, document(blank))
    found = shown.ticks.get("a") if tick else shown.texts.get("a")
    assert (found is None) is ("a" in shown.gone)
    return found


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("", Mark.OFF),
        ("  ", Mark.OFF),
        ("X", Mark.ON),
        ("x", Mark.ON),
        ("☒", Mark.ON),
        ("☐", Mark.OFF),
        ("peut-être", Mark.DOUBTFUL),
    ],
)
def test_cells_filled_by_hand(cell: str, mark: Mark) -> None:
    body = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    filled, empty = body.format(cell), body.format("")
    assert _read_one(filled, empty, DocxKind.CELL, "body/tbl/tr/tc", tick=True) is mark


@pytest.mark.parametrize(
    ("sign", "mark"),
    [("☐", Mark.OFF), ("☒", Mark.ON), ("x", Mark.ON), ("☐ x", Mark.DOUBTFUL), ("a", None)],
)
def test_glyphs_changed_by_hand(sign: str, mark: Mark | None) -> None:
    body = "<w:p><w:r><w:t>Oui {} Non</w:t></w:r></w:p>"
    filled, empty = body.format(sign), body.format("☐")
    assert _read_one(filled, empty, DocxKind.GLYPH, "body/p", 4, tick=True) is mark


@pytest.mark.parametrize(("code", "mark"), [("F06F", Mark.OFF), ("F0FE", Mark.ON)])
def test_symbols_changed_by_hand(code: str, mark: Mark) -> None:
    body = '<w:p><w:r><w:sym w:font="Wingdings" w:char="{}"/></w:r></w:p>'
    filled, empty = body.format(code), body.format("F06F")
    assert _read_one(filled, empty, DocxKind.SYMBOL, "body/p/r/sym", tick=True) is mark


@pytest.mark.parametrize(
    ("inside", "mark"),
    [
        ("<w:checked/>", Mark.ON),
        ('<w:default w:val="1"/>', Mark.ON),
        ('<w:default w:val="1"/><w:checked w:val="0"/>', Mark.OFF),
        ("", Mark.OFF),
    ],
)
def test_legacy_boxes_filled_by_hand(inside: str, mark: Mark) -> None:
    body = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox>'
        "{}</w:checkBox></w:ffData></w:fldChar></w:r></w:p>"
    )
    filled, empty = body.format(inside), body.format("")
    assert _read_one(filled, empty, DocxKind.FORM_CHECKBOX, "body/p/r/fldChar", tick=True) is mark


@pytest.mark.parametrize(
    ("line", "text"), [(".....", ""), ("Zoé", "Zoé"), ("____", ""), ("a.b", "a.b")]
)
def test_lines_filled_by_hand(line: str, text: str) -> None:
    body = "<w:p><w:r><w:t>Nom : {}</w:t></w:r></w:p>"
    filled, empty = body.format(line), body.format("......")
    assert _read_one(filled, empty, DocxKind.LEADER, "body/p", 6, tick=False) == text


def test_renderings_of_a_square_that_disagree_are_in_doubt() -> None:
    def box(text: str) -> str:
        return f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"

    body = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice><wps:wsp><wps:txbx>{}</wps:txbx></wps:wsp>"
        "</mc:Choice><mc:Fallback><v:rect><v:textbox>{}</v:textbox></v:rect></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    target = "body/p/r/AlternateContent/Choice/wsp"
    for first, second, mark in (
        ("X", "X", Mark.ON),
        ("", "", Mark.OFF),
        ("X", "", Mark.DOUBTFUL),
    ):
        made, empty = body.format(box(first), box(second)), body.format(box(""), box(""))
        assert _read_one(made, empty, DocxKind.DRAWING, target, tick=True) is mark


def test_marks_of_single_signs() -> None:
    assert glyph_mark("☐") is Mark.OFF
    assert glyph_mark(" ☒ ") is Mark.ON
    assert glyph_mark("\uf0a8") is Mark.OFF
    assert glyph_mark("") is None
    assert glyph_mark("☐☒") is Mark.DOUBTFUL
    assert cell_mark("\u00a0") is Mark.OFF


# ------------------------------------------------------------------------------ payload, unhappy


def test_payload_of_a_document_that_has_none(blank: Blank) -> None:
    assert read_payload(blank.content) is None


def test_a_custom_part_of_someone_else_is_not_the_payload(blank: Blank) -> None:
    other = archive(
        {**members(blank.content), "customXml/item1.xml": "<x>urn:cqp-forms:reponses:1</x>"}
    )
    assert read_payload(other) is None


@pytest.mark.parametrize("content", [b"", b"PK", b"%PDF", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_is_no_docx_is_refused(content: bytes, blank: Blank, guide: Guide) -> None:
    with pytest.raises(DocumentError) as caught:
        read(content, blank.mapping, guide, blank.content)
    assert caught.value.remedy
    with pytest.raises(DocumentError):
        read_payload(content)


def test_a_damaged_part_is_told(blank: Blank, guide: Guide) -> None:
    with pytest.raises(DocumentError, match="XML valable"):
        read(with_part(blank.content, MAIN, "<w:document"), blank.mapping, guide, blank.content)


def test_another_document_shows_nothing(blank: Blank, guide: Guide) -> None:
    shown = read(document("<w:p/>"), blank.mapping, guide, blank.content)
    assert (shown.ticks, shown.texts) == ({}, {})
    assert len(shown.gone) == 190 + 24


def test_entities_are_not_expanded(blank: Blank, guide: Guide) -> None:
    bomb = (
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        f'<w:document xmlns:w="{"http://schemas.openxmlformats.org/wordprocessingml/2006/main"}">'
        "<w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"
    )
    guide_a = guide_of(a=FieldKind.TEXT)
    content = with_part(document("<w:p/>"), MAIN, bomb)
    with pytest.raises(DocumentError, match="DOCTYPE"):
        read(content, mapping_of(a=(DocxKind.PARAGRAPH, "body/p")), guide_a, document("<w:p/>"))


# ------------------------------------------------------------------------------ LibreOffice

needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed"
)


def _convert(source: Path, kind: str, folder: Path) -> Path:
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--convert-to", kind, "--outdir", str(folder / "out"), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / "out" / f"{source.stem}.{kind.partition(':')[0]}"


WORD = "docx:MS Word 2007 XML"


def _full_plan(guide: Guide) -> Plan:
    boxes = [one.id for one in guide.placements_of(PlacementKind.TICK_BOX)]
    values: dict[str, bool | str] = {key: rank % 3 == 0 for rank, key in enumerate(boxes)}
    for field in guide.fields.values():
        for placement in field.placements:
            if placement.kind is PlacementKind.TEXT_AREA:
                long = field.kind is FieldKind.LONG_TEXT
                text = f"Réponse « {field.id} » : <b>&amp;</b> Ngô"
                values[placement.id] = f"{text}\n\ntroisième ligne" if long else text
    values["remarques.autre"] = ""
    return plan_of(guide, **values)


@pytest.fixture(scope="module")
def saved_again(
    stamper: DocxStamper, guide: Guide, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Plan, Path, bytes]:
    folder = tmp_path_factory.mktemp("libreoffice")
    plan = _full_plan(guide)
    source = folder / "guide.docx"
    edition = replace(
        EDITION, payload=b'{"x": 1}', cover_note="Version 2", margin_note="Version 2 bis"
    )
    source.write_bytes(stamper.stamp(plan, edition))
    return plan, source, _convert(source, WORD, folder).read_bytes()


@needs_libreoffice
@pytest.mark.slow
def test_a_guide_saved_again_by_libreoffice_is_read(
    saved_again: tuple[Plan, Path, bytes], blank: Blank, guide: Guide
) -> None:
    plan, _, content = saved_again
    assert differences(plan, read(content, blank.mapping, guide, blank.content)) == []
    assert read_payload(content) == b'{"x": 1}'


@needs_libreoffice
@pytest.mark.slow
def test_a_guide_that_went_through_odt_is_read(
    saved_again: tuple[Plan, Path, bytes], blank: Blank, guide: Guide, tmp_path: Path
) -> None:
    plan, source, _ = saved_again
    odt = _convert(source, "odt", tmp_path)
    shown = read(_convert(odt, WORD, tmp_path).read_bytes(), blank.mapping, guide, blank.content)
    assert differences(plan, shown) == []


@needs_libreoffice
@pytest.mark.slow
def test_a_blank_saved_again_by_libreoffice_is_blank(
    blank: Blank, guide: Guide, tmp_path: Path
) -> None:
    source = tmp_path / "vierge.docx"
    source.write_bytes(blank.content)
    shown = read(_convert(source, WORD, tmp_path).read_bytes(), blank.mapping, guide, blank.content)
    assert _summary(shown) == ({Mark.OFF}, 190, {""}, 24)


def _summary(shown: Shown) -> tuple[set[Mark], int, set[str], int]:
    return set(shown.ticks.values()), len(shown.ticks), set(shown.texts.values()), len(shown.texts)


@needs_libreoffice
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
def test_libreoffice_shows_the_same_boxes_and_all_texts(
    saved_again: tuple[Plan, Path, bytes], tmp_path: Path
) -> None:
    plan, source, _ = saved_again
    pdf = _convert(source, "pdf", tmp_path)
    raw = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True)
    shown = raw.stdout.decode()
    ticked = [one for one in plan.ticks.values() if one is Tick.ON]
    assert (shown.count("☒"), shown.count("☐")) == (len(ticked), 190 - len(ticked))
    flat = "".join(shown.split())
    for key, text in plan.texts.items():
        assert "".join(text.split()) in flat, key
    pages = shown.split("\f")[:-1]
    assert len(pages) > 18
    assert all("Version2bis" in "".join(one.split()) for one in pages)
    assert "Version 2\n" in pages[0]
