"""Detection in DOCX: every kind of box and area, in whole guides, in small cases, in real forms."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from detect_samples import CHECKBOX, control, document, found_in, legacy, place, summary, with_parts
from lxml import etree
from renditions.docx_base import (
    cell,
    paragraph,
    row,
    run,
    table,
)
from renditions.docx_ways import WAYS
from thorough import examples

from cqp_forms.docx import wml
from cqp_forms.docx.detect import detect
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import Detected, DocxKind, Format
from cqp_forms.matching.drafting import draft
from cqp_forms.plan import Edition, LeaveBlank, Plan, Text, Tick
from cqp_forms.shown import Mark

EDITION = Edition("Essai", datetime(2026, 1, 5, tzinfo=UTC))


# -- whole guides -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", WAYS)
def test_every_box_and_area_of_a_rendition_is_found_and_nothing_else(
    name: str, guide: Guide
) -> None:
    rendition = WAYS[name](guide, name).make()
    found = {place(one): one for one in detect(rendition.content)}
    assert set(found) == set(rendition.truth.values())
    for placement, where in rendition.truth.items():
        expected = guide.placements[placement].kind
        assert found[where].kind is expected, placement
        assert found[where].state is Mark.OFF
        assert not found[where].text


# -- tick boxes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("box", "kind", "state"),
    [
        (control(CHECKBOX.format(0), run("☐")), DocxKind.CONTROL_AT, Mark.OFF),
        (control(CHECKBOX.format(1), run("☒")), DocxKind.CONTROL_AT, Mark.ON),
        (
            control(f'<w:tag w:val="x"/>{CHECKBOX.format("true")}', run("☒")),
            DocxKind.CONTROL,
            Mark.ON,
        ),
        (legacy("<w:checkBox><w:checked/></w:checkBox>"), DocxKind.FORM_CHECKBOX, Mark.ON),
        (
            legacy('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>'),
            DocxKind.FORM_CHECKBOX,
            Mark.OFF,
        ),
        (
            legacy('<w:checkBox><w:default w:val="1"/></w:checkBox>'),
            DocxKind.FORM_CHECKBOX,
            Mark.ON,
        ),
        ('<w:r><w:sym w:font="Wingdings" w:char="F06F"/></w:r>', DocxKind.SYMBOL, Mark.OFF),
        ('<w:r><w:sym w:font="Wingdings" w:char="00FE"/></w:r>', DocxKind.SYMBOL, Mark.ON),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F0A3"/></w:r>', DocxKind.SYMBOL, Mark.OFF),
        ('<w:r><w:sym w:font="Webdings" w:char="F063"/></w:r>', DocxKind.SYMBOL, Mark.OFF),
        (run("□"), DocxKind.GLYPH, Mark.OFF),
        (run("❏"), DocxKind.GLYPH, Mark.OFF),
        (run("☑"), DocxKind.GLYPH, Mark.ON),
        (run("\uf0a8"), DocxKind.GLYPH, Mark.OFF),
        (run("\uf0fe"), DocxKind.GLYPH, Mark.ON),
        (run("q", '<w:rFonts w:ascii="Wingdings"/>'), DocxKind.GLYPH, Mark.OFF),
    ],
)
def test_each_kind_of_box_with_its_state(box: str, kind: DocxKind, state: Mark) -> None:
    (one,) = found_in(paragraph(box + run(" Dossier candidat")))
    assert (one.kind, one.locator.kind) == (PlacementKind.TICK_BOX, kind)
    assert (one.state, one.label) == (state, "Dossier candidat")


_CONTROL = control(CHECKBOX.format(0), run("☐"))
_LEGACY = legacy("<w:checkBox/>")
_WINGDINGS = '<w:r><w:sym w:font="Wingdings" w:char="F06F"/></w:r>'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        *(
            (run("Client : ☐ ") + field + run(" Oui ☐ ") + field + run(" Non"), [kind, kind])
            for field, kind in ((_CONTROL, "control_at"), (_LEGACY, "formcheckbox"))
        ),
        (_CONTROL + run("☐ Oui ") + _CONTROL + run(" ☐ Non"), ["control_at"] * 2),
        (_WINGDINGS + _CONTROL + run(" Oui"), ["control_at"]),
        (run("Oui ") + _CONTROL + run("☐ Non"), ["control_at", "glyph"]),
        (run("☐ Oui ") + _CONTROL + run(" Non"), ["glyph", "control_at"]),
    ],
)
def test_a_printed_box_beside_a_field_is_the_same_box(line: str, expected: list[str]) -> None:
    found = found_in(paragraph(line))
    assert [str(one.locator.kind) for one in found] == expected
    if len(expected) == 2 and len(set(expected)) == 1:
        assert [one.column for one in found] == ["Oui", "Non"]
    assert not any(one.doubt for one in found)


@pytest.mark.parametrize(
    "line",
    [
        run("☐ ") + _CONTROL + run(" Oui ☐ Non"),
        run("☐ ") + _LEGACY + run(" Oui ") + _LEGACY + run(" ☐ Non"),
        run("☐ ") + _CONTROL + run("☐ Oui"),
    ],
)
def test_a_printed_box_that_may_be_a_fields_is_in_doubt(line: str) -> None:
    found = found_in(paragraph(line))
    doubted = [one.doubt for one in found]
    assert len(found) > 2 and doubted[0] and doubted[1]


@pytest.mark.parametrize(
    "inside",
    [
        run("q"),  # a letter in an ordinary font
        '<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>',  # an arrow
        '<w:r><w:sym w:font="Symbol" w:char="F06F"/></w:r>',  # an omicron
        run("\uf0b7 une puce"),
        "<w:del><w:r><w:delText>☐ supprimé</w:delText></w:r></w:del>",
    ],
)
def test_what_only_looks_like_a_box_is_none(inside: str) -> None:
    assert found_in(paragraph(inside)) == ()


def test_several_boxes_in_one_run_each_have_their_offset_and_words() -> None:
    found = found_in(paragraph(run("Réponse : ☐ oui ☑ non")))
    assert [(one.locator.offset, one.column, one.label, one.state) for one in found] == [
        (10, "oui", "Réponse :", Mark.OFF),
        (16, "non", "Réponse :", Mark.ON),
    ]


def test_words_split_over_runs_are_one_wording() -> None:
    found = found_in(paragraph(run("☐") + run(" Dos") + run("sier can") + run("didat")))
    assert summary(found) == [("glyph", "Dossier candidat", "")]


def test_a_box_after_its_words_takes_those_before_it() -> None:
    found = found_in(paragraph(run("Urgent ☐ Courant ☐")))
    assert [one.label for one in found] == ["Urgent", "Courant"]


def test_oui_and_non_answer_the_paragraph_above() -> None:
    found = found_in(paragraph(run("La réclamation est traitée")) + paragraph(run("☐ OUI ☐ NON")))
    assert summary(found) == [
        ("glyph", "La réclamation est traitée", "OUI"),
        ("glyph", "La réclamation est traitée", "NON"),
    ]


def test_a_control_around_a_row_is_one_box_its_glyph_none() -> None:
    body = table(
        [control(CHECKBOX.format(0), row([cell(paragraph(run("☐"))), cell(paragraph(run("A")))]))],
        (500, 5000),
    )
    assert summary(found_in(body)) == [("control_at", "A", "")]


def test_a_control_that_holds_a_piece_of_the_form_is_read_inside() -> None:
    body = control("", paragraph(run("☐ Un")) + paragraph(run("☐ Deux")))
    assert [one.label for one in found_in(body)] == ["Un", "Deux"]


@pytest.mark.parametrize("around", ["run", "paragraph", "cell"])
def test_words_inside_the_control_of_a_box_are_its_own(around: str) -> None:
    inside = run("☐ OUI")
    if around == "run":
        body = paragraph(run("Le choix ")) + paragraph(control(CHECKBOX.format(0), inside))
    elif around == "paragraph":
        body = paragraph(run("Le choix ")) + control(CHECKBOX.format(0), paragraph(inside))
    else:
        box = control(CHECKBOX.format(0), cell(paragraph(inside)))
        body = table([row([cell(paragraph(run("Le choix"))), box])], (6, 1))
    assert summary(found_in(body)) == [("control_at", "Le choix", "OUI")]


def test_a_control_around_a_letter_of_a_pictorial_font_holds_a_box() -> None:
    inside = run("o", '<w:rFonts w:ascii="Wingdings"/>')
    (one,) = found_in(paragraph(run("Lu ") + control('<w:tag w:val="t"/>', inside)))
    assert (one.locator.kind, one.kind) == (DocxKind.GLYPH, PlacementKind.TICK_BOX)


def test_a_cross_in_a_drawn_square_ticks_it() -> None:
    inside = f"<v:textbox><w:txbxContent>{paragraph(run('X'))}</w:txbxContent></v:textbox>"
    shape = f'<w:r><w:pict><v:rect style="width:10pt;height:10pt">{inside}</v:rect></w:pict></w:r>'
    (one,) = found_in(paragraph(shape + run(" Lu")))
    assert (one.locator.kind, one.state) == (DocxKind.DRAWING, Mark.ON)


def test_a_tag_shared_by_two_controls_names_neither() -> None:
    twice = control(f'<w:tag w:val="t"/>{CHECKBOX.format(0)}', run("☐"))
    kinds = [one.locator.kind for one in found_in(paragraph(twice + run(" A ") + twice))]
    assert kinds == [DocxKind.CONTROL_AT, DocxKind.CONTROL_AT]


# -- real forms -------------------------------------------------------------------------------

CORPUS = {
    "en_referral_FORMCHECKBOX.docx": ({"formcheckbox": 44, "formtext": 46}, 12),
    "en_mixed_w14_and_legacy.docx": ({"formcheckbox": 2, "control_at": 5}, 2),
    "en_checklist_w14_cells.docx": ({"control_at": 21}, 1),
    "en_fax_wingdings_sym.docx": ({"symbol": 5, "control": 4, "control_at": 10}, 0),
    "fr_autorisation_acces_textboxes.docx": ({"leader": 1}, 0),
}


#: How many old drop-down lists they have, that can only be named.
DROP_DOWNS = {"en_referral_FORMCHECKBOX.docx": 14, "en_mixed_w14_and_legacy.docx": 1}


def parted(found: Sequence[Detected]) -> tuple[list[Detected], list[Detected]]:
    """What can be filled, and what can only be named."""
    named = [one for one in found if one.unfillable]
    return [one for one in found if not one.unfillable], named


def corpus(shared: Path, name: str) -> bytes:
    path = shared / "corpus" / name
    if not path.is_file():
        pytest.skip(f"{name} does not lie beside this checkout")
    return path.read_bytes()


@pytest.mark.parametrize("name", CORPUS)
def test_real_forms_have_their_boxes_and_areas(name: str, shared: Path) -> None:
    kinds, ticked = CORPUS[name]
    found, lists = parted(detect(corpus(shared, name)))
    assert len(lists) == DROP_DOWNS.get(name, 0)
    assert {one.unfillable for one in lists} <= {"liste déroulante"}
    assert all(one.label for one in lists)
    assert Counter(str(one.locator.kind) for one in found) == kinds
    assert sum(one.state is Mark.ON for one in found) == ticked


@pytest.mark.parametrize("name", CORPUS)
@pytest.mark.parametrize("tick", Tick)
def test_every_box_of_a_real_form_can_be_ticked_and_unticked(
    name: str, tick: Tick, shared: Path
) -> None:
    content = corpus(shared, name)
    found, _ = parted(detect(content))
    made = draft(found, "essai", Format.DOCX, name, content)
    texts = {one.locator: one.items[0] if one.items else "Été" for one in found}
    plan = Plan(
        {
            key: tick
            if one.kind is PlacementKind.TICK_BOX
            else LeaveBlank.SIGN
            if one.kind is PlacementKind.SIGNATURE_AREA
            else Text(texts[made.mapping.locators[key]])
            for key, one in made.guide.placements.items()
        }
    )
    again, _ = parted(detect(DocxStamper(content, made.mapping, made.guide).stamp(plan, EDITION)))
    boxes = [one.state for one in again if one.kind is PlacementKind.TICK_BOX]
    areas = [one for one in again if one.kind is PlacementKind.TEXT_AREA]
    assert boxes == [Mark.ON if tick is Tick.ON else Mark.OFF] * len(boxes)
    assert len(boxes) == sum(one.kind is PlacementKind.TICK_BOX for one in found)
    assert [one.text for one in areas] == [one.items[0] if one.items else "Été" for one in areas]


# -- what is no form --------------------------------------------------------------------------


def test_a_letter_has_no_box_and_is_no_error() -> None:
    assert found_in(paragraph(run("Madame,")) + paragraph(run("Veuillez agréer…"))) == ()


def archive(**members: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/"), text)
    return target.getvalue()


def bomb() -> bytes:
    whole = document(paragraph(run("a")))
    return with_parts_deflated(whole, {"word/document.xml": " " * (64 * 1024 * 1024)})


def with_parts_deflated(document: bytes, parts: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
    return target.getvalue()


ENTITY = '<!DOCTYPE w:document [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: b"", "vide"),
        (lambda: b"%PDF-1.7\n", "PDF"),
        (lambda: b"Bonjour", "pas un document Word"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "ancien format"),
        (lambda: document(paragraph(run("☐")))[:-400], "abîmé"),
        (lambda: archive(mimetype="x"), "pas un document Word"),
        (bomb, "volumineux"),
        (
            lambda: with_parts(
                document(""), {"word/document.xml": f"{ENTITY}<w:document xmlns:w='{wml.W}'/>"}
            ),
            "DOCTYPE",
        ),
        (lambda: with_parts(document(""), {"word/document.xml": "<w:document"}), "XML valable"),
        (
            lambda: with_parts(document(""), {"word/document.xml": "<workbook/>"}),
            "pas un document Word",
        ),
    ],
)
def test_what_is_no_document_is_refused_with_its_own_message(content, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        detect(content())
    assert words in caught.value.message
    assert caught.value.remedy
    assert caught.value.exit_code == 4


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A document with elements removed, renamed, or given absurd values."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = wml.parse(archive.read("word/document.xml"))
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    for _ in range(20):
        one, other = chance.choice(elements), chance.choice(elements)
        parent = one.getparent()
        if parent is None:
            continue
        change = chance.randrange(3)
        if change == 0:
            parent.remove(one)
        elif change == 1:
            one.tag = other.tag
        for key in one.attrib if change == 2 else ():
            one.set(key, chance.choice(["", "-1", "²", "99999999999", "é"]))
    return with_parts(content, {"word/document.xml": etree.tostring(root).decode()})


@pytest.mark.parametrize("name", WAYS)
def test_a_damaged_document_never_ends_in_a_traceback(name: str, guide: Guide) -> None:
    content = WAYS[name](guide).make().content
    for seed in range(examples(2)):
        with contextlib.suppress(DocumentError):
            detect(damaged(content, random.Random(seed)))
