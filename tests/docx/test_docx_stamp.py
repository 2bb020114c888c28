"""Stamping a DOCX: hostile text, editions, what is left untouched, and what is refused."""

from __future__ import annotations

import io
from dataclasses import replace

import docx
import pytest
from docx_samples import (
    EDITION,
    NAMES,
    archive,
    document,
    guide_of,
    mapping_of,
    members,
    part,
    plan_of,
    relationships,
    root,
    with_part,
)
from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.read import read, read_payload
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.errors import AnswersError, DocumentError, MappingError
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.mapping import DocxKind, DocxLocator, Format
from cqp_forms.plan import Plan, Stage, Text
from cqp_forms.project import Blank, Project
from cqp_forms.shown import Mark

TICK, TEXT = FieldKind.TICK, FieldKind.TEXT


@pytest.fixture(scope="module")
def blank(project: Project, guide: Guide) -> Blank:
    return project.blank(guide, Format.DOCX)


@pytest.fixture(scope="module")
def stamper(blank: Blank, guide: Guide) -> DocxStamper:
    return DocxStamper(blank.content, blank.mapping, guide)


def _text(content: bytes, name: str = "word/document.xml") -> str:
    return "".join(one.text or "" for one in wml.all_words(root(content, name), "t"))


# ------------------------------------------------------------------------------ our own blank


def test_members_that_hold_no_answer_are_those_of_the_blank(
    blank: Blank, stamper: DocxStamper, guide: Guide
) -> None:
    stamped = stamper.stamp(plan_of(guide, **{"candidat.nom": "LEFÈVRE"}), EDITION)
    before, after = members(blank.content), members(stamped)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        "word/document.xml",
        "docProps/core.xml",
        "_rels/.rels",
        "[Content_Types].xml",
    }
    assert set(after) == {*before, "docProps/custom.xml"}


def test_an_empty_plan_leaves_the_text_of_the_blank(
    blank: Blank, stamper: DocxStamper, guide: Guide
) -> None:
    assert _text(stamper.stamp(plan_of(guide), EDITION)) == _text(blank.content)


def test_the_same_plan_gives_the_same_bytes(
    blank: Blank, stamper: DocxStamper, guide: Guide
) -> None:
    plan = plan_of(guide, **{"c1.1.1.oui": True, "candidat.nom": "Ngô"})
    first = stamper.stamp(plan, EDITION)
    stamper.stamp(plan_of(guide, **{"candidat.nom": "Autre"}), replace(EDITION, stage=Stage.DRAFT))
    assert stamper.stamp(plan, EDITION) == first
    assert DocxStamper(blank.content, blank.mapping, guide).stamp(plan, EDITION) == first


def test_a_filled_control_is_no_placeholder_any_more(stamper: DocxStamper, guide: Guide) -> None:
    stamped = stamper.stamp(plan_of(guide, **{"candidat.nom": "LEFÈVRE"}), EDITION)
    for control in wml.all_words(root(stamped), "sdt"):
        written = etree.tostring(control, encoding="unicode")
        if wml.tag_of(control) == "candidat.nom":
            assert "showingPlcHdr" not in written
            assert "PlaceholderText" not in written
            assert 'rStyle w:val="Answer"' in written
        elif wml.tag_of(control) == "candidat.prenom":
            assert "showingPlcHdr" in written


def test_a_box_has_its_flag_and_its_glyph(stamper: DocxStamper, guide: Guide) -> None:
    stamped = stamper.stamp(plan_of(guide, **{"c1.1.1.non": True}), EDITION)
    for control in wml.all_words(root(stamped), "sdt"):
        box = control.find(f".//{wml.w14('checkbox')}")
        if box is None:
            continue
        on = wml.tag_of(control) == "c1.1.1.non"
        assert len(box.findall(wml.w14("checked"))) == 1
        assert box[0].get(wml.w14("val")) == ("1" if on else "0")
        shown = "".join(one.text or "" for one in wml.all_words(control, "t"))
        assert shown == ("☒" if on else "☐")


def test_properties_are_those_of_the_edition(stamper: DocxStamper, guide: Guide) -> None:
    edition = replace(EDITION, title="Guide <é> & co")
    properties = docx.Document(io.BytesIO(stamper.stamp(plan_of(guide), edition))).core_properties
    assert properties.title == "Guide <é> & co"
    assert properties.author == properties.last_modified_by == "Secrétariat"
    assert f"{properties.created:%Y-%m-%d %H:%M}" == "2026-03-14 09:30"
    assert properties.modified == properties.created


def test_properties_that_nothing_refers_to_are_taken_over() -> None:
    core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    body = "<w:p><w:r><w:t>☐</w:t></w:r></w:p>"
    properties = f'<cp:coreProperties xmlns:cp="{core}"/>'
    orphan = archive({**members(document(body)), "docProps/core.xml": properties})
    guide, mapping = guide_of(a=TICK), mapping_of(a=(DocxKind.GLYPH, "body/p"))
    stamped = DocxStamper(orphan, mapping, guide).stamp(plan_of(guide, a=True), EDITION)
    assert docx.Document(io.BytesIO(stamped)).core_properties.title == EDITION.title


def test_signature_areas_are_left_as_they_are(
    blank: Blank, stamper: DocxStamper, guide: Guide
) -> None:
    stamped = stamper.stamp(plan_of(guide, **{"c1.1.1.oui": True}), EDITION)

    def areas(content: bytes) -> list[bytes]:
        controls = wml.all_words(root(content), "sdt")
        return [etree.tostring(one) for one in controls if wml.tag_of(one).startswith("signature.")]

    assert len(areas(stamped)) == 3
    assert areas(stamped) == areas(blank.content)


# ------------------------------------------------------------------------------ hostile text


@pytest.mark.parametrize(
    "text",
    [
        "<b>&amp;</b>",
        "=1+1",
        "{{x}} {% for %}",
        "a\nb\n\nc",
        "  deux  espaces  ",
        "x\ty",
        "]]>",
        "<?cqp-forms-slot 3 on?>",
        "\u202eenvers",
        "é" * 10_000,
        "e\u0301",
        "Nguyễn Đặng",
        "\U0001f600",
        "\u2002",
    ],
)
def test_text_is_shown_as_typed(
    blank: Blank, stamper: DocxStamper, guide: Guide, text: str
) -> None:
    key = "commentaires.evaluateur_cpne"
    stamped = stamper.stamp(plan_of(guide, **{key: text}), EDITION)
    shown = read(stamped, blank.mapping, guide, blank.content)
    assert shown.texts[key] == ("" if text == "\u2002" else text)
    assert shown.texts["candidat.nom"] == ""


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1f", "\ufffe", "\r", "\ud800"])
def test_a_character_that_xml_forbids_is_refused(
    stamper: DocxStamper, guide: Guide, character: str
) -> None:
    with pytest.raises(AnswersError, match=f"{ord(character):04X}") as caught:
        stamper.stamp(plan_of(guide, **{"candidat.nom": f"A{character}B"}), EDITION)
    assert caught.value.where == "candidat.nom"
    assert caught.value.remedy


def test_new_lines_are_breaks_and_the_control_then_is_rich(
    stamper: DocxStamper, guide: Guide
) -> None:
    key = "commentaires.evaluateur_metier"
    several = part(stamper.stamp(plan_of(guide, **{key: "un\ndeux"}), EDITION))
    one = part(stamper.stamp(plan_of(guide, **{key: "un deux"}), EDITION))
    assert '>un</w:t><w:br/><w:t xml:space="preserve">deux<' in several
    assert one.count("<w:text") == several.count("<w:text") + 1


# ------------------------------------------------------------------------------ editions


def test_a_plain_edition_adds_nothing_but_its_trail(
    blank: Blank, stamper: DocxStamper, guide: Guide
) -> None:
    stamped = stamper.stamp(plan_of(guide), replace(EDITION, stage=Stage.BLANK))
    assert set(members(stamped)) == {*members(blank.content), "docProps/custom.xml"}
    assert read_payload(stamped) is None


def test_a_draft_says_so_on_every_page(stamper: DocxStamper, guide: Guide) -> None:
    stamped = stamper.stamp(plan_of(guide), replace(EDITION, stage=Stage.DRAFT))
    for name in ("word/header1.xml", "word/header2.xml"):
        assert part(stamped, name).count('string="BROUILLON"') == 1
    assert "BROUILLON" not in part(stamped)


def test_mentions_stand_on_the_cover_and_in_the_margins(
    blank: Blank, stamper: DocxStamper, guide: Guide
) -> None:
    edition = replace(EDITION, cover_note="Version 2 <b> & motif", margin_note="Version 2 – abc")
    plan = plan_of(guide, **{"candidat.nom": "Z", "c2.1.1.oui": True})
    stamped = stamper.stamp(plan, edition)
    texts = [wml.text_of(one) for one in wml.all_words(root(stamped), "p")]
    assert texts[:2] == [guide.certificate, "Version 2 <b> & motif"], "at the place that waits"
    for name in ("word/header1.xml", "word/header2.xml"):
        assert "Version 2 – abc" in _text(stamped, name)
    shown = read(stamped, blank.mapping, guide, blank.content)
    assert shown.texts["candidat.nom"] == "Z"
    assert shown.ticks["c2.1.1.oui"] is Mark.ON


def test_mentions_move_no_path() -> None:
    guide, mapping = guide_of(a=TEXT), mapping_of(a=(DocxKind.PARAGRAPH, "body/p[2]"))
    blank = document("<w:p/><w:p/>")
    stamper = DocxStamper(blank, mapping, guide)
    stamped = stamper.stamp(plan_of(guide, a="ici"), replace(EDITION, cover_note="Version 2"))
    assert read(stamped, mapping, guide, blank).texts == {"a": "ici"}


def test_answers_travel_in_a_part_of_their_own(stamper: DocxStamper, guide: Guide) -> None:
    payload = '{"a":"é <&> \\u0000 ]]>"}'.encode()
    stamped = stamper.stamp(plan_of(guide), replace(EDITION, payload=payload))
    assert read_payload(stamped) == payload
    assert "customXml/item1.xml" in members(stamped)
    relations = part(stamped, "word/_rels/document.xml.rels")
    assert "../customXml/item1.xml" in relations
    assert "itemProps1.xml" in part(stamped, "customXml/_rels/item1.xml.rels")
    docx.Document(io.BytesIO(stamped))


def test_a_free_number_is_taken_for_the_part() -> None:
    guide = guide_of(a=TEXT)
    content = archive({**members(document("<w:p/>")), "customXml/item1.xml": "<x/>"})
    stamper = DocxStamper(content, mapping_of(a=(DocxKind.PARAGRAPH, "body/p")), guide)
    stamped = stamper.stamp(plan_of(guide), replace(EDITION, payload=b"{}"))
    assert members(stamped)["customXml/item1.xml"] == b"<x/>"
    assert read_payload(stamped) == b"{}"


SECTIONS = "<w:p><w:pPr><w:sectPr><w:titlePg/></w:sectPr></w:pPr></w:p><w:p/><w:sectPr/>"


@pytest.mark.parametrize(
    ("body", "settings", "kinds"),
    [
        ("<w:p/><w:sectPr/>", "", ["default"]),
        ("<w:p/><w:sectPr><w:titlePg/></w:sectPr>", "", ["default", "first"]),
        (SECTIONS, "", ["default", "first"]),
        ("<w:p/><w:sectPr/>", "<w:evenAndOddHeaders/>", ["default", "even"]),
    ],
)
def test_headers_are_made_where_pages_have_none(body: str, settings: str, kinds: list[str]) -> None:
    guide = guide_of(a=TEXT)
    content = document(body)
    if settings:
        content = archive(
            {
                **members(content),
                "word/settings.xml": f"<w:settings {NAMES}>{settings}</w:settings>",
                "word/_rels/document.xml.rels": relationships(("settings", "settings.xml")),
            }
        )
    stamper = DocxStamper(content, mapping_of(a=(DocxKind.PARAGRAPH, "body/p[1]")), guide)
    edition = replace(EDITION, stage=Stage.DRAFT, margin_note="Version 2")
    stamped = stamper.stamp(plan_of(guide), edition)
    found = [wml.attribute(one, "type") for one in wml.all_words(root(stamped), "headerReference")]
    assert sorted(found) == kinds
    for rank in range(1, len(kinds) + 1):
        header = part(stamped, f"word/header{rank}.xml")
        assert "BROUILLON" in header
        assert "Version 2" in header
    docx.Document(io.BytesIO(stamped))


# ------------------------------------------------------------------------------ unhappy paths


def _refused(content: bytes, words: str, **places: tuple[DocxKind, str]) -> DocumentError:
    mapping = mapping_of(**(places or {"a": (DocxKind.PARAGRAPH, "body/p")}))
    with pytest.raises(DocumentError, match=words) as caught:
        DocxStamper(content, mapping, guide_of(a=TEXT))
    assert caught.value.remedy
    return caught.value


def test_what_is_no_docx_is_refused() -> None:
    _refused(b"", "est vide")
    _refused(b"%PDF-1.7", "est un PDF")
    _refused(document("<w:p/>")[:300], "n’est pas un document Word")
    _refused(archive({"content.xml": "<x/>", "mimetype": "odt"}), "pas un document Word")
    compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    _refused(compound, "ancien format")
    _refused(compound + "EncryptedPackage".encode("utf-16-le"), "mot de passe")


def test_an_encrypted_member_is_told() -> None:
    content = bytearray(document("<w:p/>"))
    content[6] |= 1
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    _refused(bytes(content), "mot de passe")


def test_a_zip_bomb_is_not_opened() -> None:
    _refused(
        archive({**members(document("<w:p/>")), "word/media/x.bin": bytes(40_000_000)}),
        "volumineux",
    )


def test_a_damaged_part_is_told() -> None:
    _refused(with_part(document("<w:p/>"), "word/document.xml", "<w:document>"), "XML valable")
    content = bytearray(document("<w:p/>" * 500))
    start = content.index(b"word/document.xml") + 25
    content[start : start + 8] = b"\xff" * 8
    _refused(bytes(content), "abîmée")


def test_a_missing_part_is_told() -> None:
    locator = DocxLocator(DocxKind.PARAGRAPH, "p", "word/header9.xml")
    with pytest.raises(DocumentError, match=r"header9\.xml"):
        DocxStamper(document("<w:p/>"), mapping_of(a=locator), guide_of(a=TEXT))


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (DocxKind.CONTROL, "nulle.part"),
        (DocxKind.CONTROL_AT, "body/sdt[4]"),
        (DocxKind.PARAGRAPH, "body/p[7]"),
        (DocxKind.PARAGRAPH, "body//p"),
        (DocxKind.CELL, "body/tbl/tr/tc"),
    ],
)
def test_a_placement_that_is_not_there_is_named(kind: DocxKind, target: str) -> None:
    problem = _refused(document("<w:p/>"), "«.a.» est introuvable", a=(kind, target))
    assert target in problem.where


@pytest.mark.parametrize("kind", [one for one in DocxKind if one is not DocxKind.CONTROL])
def test_a_placement_of_another_kind_is_told(kind: DocxKind) -> None:
    content = document("<w:bookmarkStart/>")
    _refused(content, "«.a.» ne peut pas être rempli", a=(kind, "body/bookmarkStart"))


def test_a_glyph_that_is_not_there_is_told() -> None:
    content = document("<w:p><w:r><w:t>abc</w:t></w:r></w:p>")
    with pytest.raises(DocumentError, match=r"«.a.» ne peut pas"):
        DocxStamper(content, mapping_of(a=(DocxKind.GLYPH, "body/p", 9)), guide_of(a=TICK))


def test_placements_that_cover_each_other_are_told() -> None:
    body = "<w:tbl><w:tr><w:tc><w:p/><w:p/></w:tc></w:tr></w:tbl>"
    places = mapping_of(
        a=(DocxKind.CELL, "body/tbl/tr/tc"), b=(DocxKind.PARAGRAPH, "body/tbl/tr/tc/p[1]")
    )
    with pytest.raises(DocumentError, match="recouv"):
        DocxStamper(document(body), places, guide_of(a=TEXT, b=TEXT))


def test_a_plan_that_lacks_a_placement_is_told(stamper: DocxStamper) -> None:
    with pytest.raises(MappingError, match="rien n’est prévu"):
        stamper.stamp(Plan({"candidat.nom": Text("x")}), EDITION)
