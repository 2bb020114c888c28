"""Stamping a DOCX: what was printed in an area stays, and boxes of other shapes are filled."""

from __future__ import annotations

import pytest
from docx_samples import (
    EDITION,
    document,
    guide_of,
    mapping_of,
    part,
    plan_of,
    shown_text,
    ticked,
    with_part,
    written,
)

from cqp_forms.docx.prove import alterations
from cqp_forms.docx.read import read
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.guide import FieldKind
from cqp_forms.mapping import DocxKind
from cqp_forms.shown import Mark, differences

TICK, TEXT = FieldKind.TICK, FieldKind.TEXT

_KG = "<w:r><w:t>kg</w:t></w:r>"


@pytest.mark.parametrize(
    ("kind", "target", "body"),
    [
        (
            DocxKind.CONTROL_AT,
            "body/p/sdt",
            f"<w:p><w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>{_KG}</w:sdtContent></w:sdt></w:p>",
        ),
        (
            DocxKind.CONTROL,
            "t",
            '<w:sdt><w:sdtPr><w:tag w:val="t"/></w:sdtPr><w:sdtContent>'
            f"<w:p>{_KG}</w:p></w:sdtContent></w:sdt>",
        ),
        (
            DocxKind.CELL,
            "body/tbl/tr/tc",
            f"<w:tbl><w:tr><w:tc><w:tcPr/><w:p>{_KG}</w:p></w:tc></w:tr></w:tbl>",
        ),
        (DocxKind.PARAGRAPH, "body/p[2]", f"<w:p/><w:p>{_KG}</w:p>"),
        (
            DocxKind.FORM_TEXT,
            "body/p/r[1]/fldChar",
            '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:textInput/></w:ffData>'
            '</w:fldChar></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            f'{_KG}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
        ),
    ],
    ids=["control_at", "control", "cell", "paragraph", "formtext"],
)
def test_what_was_printed_stays_unless_it_is_answered(
    kind: DocxKind, target: str, body: str
) -> None:
    off, on = written(body, kind, target, "12 kg")
    assert (shown_text(off), shown_text(on)) == ("kg", "12 kg")
    # Taken out afterwards, it is missed.
    emptied = with_part(off, "word/document.xml", part(off).replace(">kg<", "><"))
    (gone,) = alterations(emptied, off, guide_of(a=TEXT))
    assert (gone.what, gone.before) == ("texte supprimé", "kg")
    # An answer may say the same; where nothing stands, it is not taken for shown.
    guide, mapping = guide_of(a=TEXT), mapping_of(a=(kind, target))
    blank = document(body)
    plan = plan_of(guide, a="kg")
    same = DocxStamper(blank, mapping, guide).stamp(plan, EDITION)
    assert differences(plan, read(same, mapping, guide, blank)) == []
    nowhere = with_part(same, "word/document.xml", part(same).replace(">kg<", "><"))
    assert differences(plan, read(nowhere, mapping, guide, blank))


@pytest.mark.parametrize("glyph", ["○", "◯"])
def test_a_circle_is_filled(glyph: str) -> None:
    off, on = ticked(f"<w:p><w:r><w:t>{glyph} Oui</w:t></w:r></w:p>", DocxKind.GLYPH, "body/p")
    assert (shown_text(off), shown_text(on)) == (f"{glyph} Oui", "● Oui")


@pytest.mark.parametrize("blank", ["<w:tab/>", "<w:t xml:space='preserve'> </w:t>"])
@pytest.mark.parametrize(
    ("kind", "target", "body"),
    [
        (
            DocxKind.CELL,
            "body/tbl/tr/tc",
            "<w:tbl><w:tr><w:tc><w:tcPr/><w:p><w:r>{}</w:r></w:p></w:tc></w:tr></w:tbl>",
        ),
        (
            DocxKind.CONTROL_AT,
            "body/p/sdt",
            "<w:p><w:sdt><w:sdtPr/><w:sdtContent><w:r>{}</w:r></w:sdtContent></w:sdt></w:p>",
        ),
    ],
    ids=["cell", "control"],
)
def test_a_blank_that_only_fills_an_area_is_no_answer(
    kind: DocxKind, target: str, body: str, blank: str
) -> None:
    written(body.format(blank), kind, target, "Dupuis")


def test_a_box_beside_another_in_one_paragraph_is_ticked_alone() -> None:
    box = (
        '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="0"/></w14:checkbox></w:sdtPr>'
        "<w:sdtContent><w:r><w:t>☐</w:t></w:r></w:sdtContent></w:sdt>"
    )
    body = f"<w:p><w:r><w:t>1- ☐ Trop longue </w:t></w:r>{box}</w:p>"
    guide = guide_of(a=TICK, b=TICK)
    mapping = mapping_of(a=(DocxKind.GLYPH, "body/p", 3), b=(DocxKind.CONTROL_AT, "body/p/sdt"))
    for ones in ({"a"}, {"b"}, {"a", "b"}, set()):
        plan = plan_of(guide, **{one: one in ones for one in "ab"})
        made = DocxStamper(document(body), mapping, guide).stamp(plan, EDITION)
        shown = read(made, mapping, guide, document(body)).ticks
        assert {one for one, mark in shown.items() if mark is Mark.ON} == ones
