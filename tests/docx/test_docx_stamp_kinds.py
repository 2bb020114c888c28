"""Stamping a DOCX: every kind of placement, empty and filled."""

from __future__ import annotations

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
    root,
    shown_text,
    ticked,
    written,
)

from cqp_forms.docx import wml
from cqp_forms.docx.read import read
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.errors import DocumentError, NotListedError
from cqp_forms.guide import FieldKind
from cqp_forms.mapping import DocxKind, DocxLocator
from cqp_forms.shown import Mark, differences

TICK, TEXT = FieldKind.TICK, FieldKind.TEXT


# ------------------------------------------------------------------------------ controls


def _box(content: str, extra: str = "", checked: str = "0") -> str:
    return (
        f'<w:sdt><w:sdtPr>{extra}<w14:checkbox><w14:checked w14:val="{checked}"/>'
        '<w14:checkedState w14:val="2612" w14:font="MS Gothic"/>'
        '<w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox></w:sdtPr>'
        f"<w:sdtContent>{content}</w:sdtContent></w:sdt>"
    )


RUN = "<w:r><w:rPr><w:b/></w:rPr><w:t>☐</w:t></w:r>"


@pytest.mark.parametrize(
    ("body", "target"),
    [
        (f"<w:p>{_box(RUN)}</w:p>", "body/p/sdt"),
        (_box(f"<w:p>{RUN}</w:p>"), "body/sdt"),
        (
            f"<w:tbl><w:tr>{_box(f'<w:tc><w:p>{RUN}</w:p></w:tc>')}</w:tr></w:tbl>",
            "body/tbl/tr/sdt",
        ),
        (f"<w:tbl>{_box(f'<w:tr><w:tc><w:p>{RUN}</w:p></w:tc></w:tr>')}</w:tbl>", "body/tbl/sdt"),
        (f"<w:p>{_box(RUN.replace('☐', '☒'), checked='1')}</w:p>", "body/p/sdt"),
    ],
    ids=["run", "block", "cell", "row", "pre-ticked"],
)
def test_boxes_around_runs_paragraphs_cells_and_rows(body: str, target: str) -> None:
    off, on = ticked(body, DocxKind.CONTROL_AT, target)
    assert (shown_text(off), shown_text(on)) == ("☐", "☒")
    assert part(on).count("<w:b/>") == 1


def test_a_box_keeps_its_own_two_signs() -> None:
    own = _box(RUN).replace("2612", "00FE").replace('w14:font="MS Gothic"', 'w14:font="Wingdings"')
    _, on = ticked(f"<w:p>{own}</w:p>", DocxKind.CONTROL_AT, "body/p/sdt")
    assert shown_text(on) == "\u00fe"
    assert 'w:ascii="Wingdings"' in part(on)


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ("<w:p>{}</w:p>", "body/p/sdt"),
        ("{}", "body/sdt"),
        ("<w:tbl><w:tr>{}</w:tr></w:tbl>", "body/tbl/tr/sdt"),
        ("<w:tbl>{}</w:tbl>", "body/tbl/sdt"),
    ],
    ids=["run", "block", "cell", "row"],
)
def test_areas_around_runs_paragraphs_cells_and_rows(body: str, target: str) -> None:
    inside = '<w:r><w:rPr><w:rStyle w:val="PlaceholderText"/></w:rPr><w:t>Cliquez ici</w:t></w:r>'
    if target != "body/p/sdt":
        inside = f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{inside}</w:p>'
    if "tbl" in target:
        inside = f"<w:tc><w:tcPr/>{inside}</w:tc>"
    if target == "body/tbl/sdt":
        inside = f"<w:tr>{inside}</w:tr>"
    control = (
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"
    )
    off, on = written(body.format(control), DocxKind.CONTROL_AT, target, "Zoé\nLefèvre")
    assert shown_text(off) == "Cliquez ici"
    assert shown_text(on) == "ZoéLefèvre"
    assert "PlaceholderText" not in part(on)
    assert part(on).count('w:jc w:val="center"') == (0 if target == "body/p/sdt" else 1)


def test_bound_data_does_not_come_back_over_the_answer() -> None:
    body = (
        '<w:p><w:sdt><w:sdtPr><w:dataBinding w:xpath="/x"/><w:text/></w:sdtPr><w:sdtContent>'
        "<w:r/></w:sdtContent></w:sdt></w:p>"
    )
    _, on = written(body, DocxKind.CONTROL_AT, "body/p/sdt", "x")
    assert "dataBinding" not in part(on)


def test_two_controls_of_one_tag_are_ambiguous() -> None:
    control = (
        '<w:sdt><w:sdtPr><w:tag w:val="nom"/></w:sdtPr><w:sdtContent><w:r/></w:sdtContent></w:sdt>'
    )
    content = document(f"<w:p>{control}{control}</w:p>")
    with pytest.raises(DocumentError, match=r"2 contrôles.*nom.*ambigu"):
        DocxStamper(content, mapping_of(a=(DocxKind.CONTROL, "nom")), guide_of(a=TEXT))


# ------------------------------------------------------------------------------ lists

PROMPT = "Choisissez un élément."


def _list(items: str, shown: str, prompted: str = "", kind: str = "dropDownList") -> str:
    return (
        f'<w:p><w:sdt><w:sdtPr>{prompted}<w:{kind} w:lastValue="rh">{items}</w:{kind}></w:sdtPr>'
        f"<w:sdtContent><w:r><w:t>{shown}</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    )


WORDED = (
    f'<w:listItem w:value="{PROMPT}"/><w:listItem w:displayText="Vide" w:value=""/>'
    '<w:listItem w:displayText="Ressources humaines" w:value="rh"/>'
    '<w:listItem w:displayText="Achats" w:value="ac"/>'
)
UNWORDED = f'<w:listItem w:value="{PROMPT}"/><w:listItem w:value="Achats"/>'


@pytest.mark.parametrize(
    ("items", "prompted", "listed"),
    [
        (WORDED, "<w:showingPlcHdr/>", ("Ressources humaines", "Achats")),
        (WORDED, "", ("Ressources humaines", "Achats")),
        (UNWORDED, "<w:showingPlcHdr/>", ("Achats",)),
    ],
)
def test_a_list_takes_its_items_and_nothing_else(
    items: str, prompted: str, listed: tuple[str, ...]
) -> None:
    body = _list(items, PROMPT, prompted)
    off, on = written(body, DocxKind.CONTROL_AT, "body/p/sdt", "Achats")
    assert (shown_text(off), shown_text(on)) == (PROMPT, "Achats")
    assert "lastValue" not in part(on)
    guide = guide_of(a=TEXT)
    stamper = DocxStamper(document(body), mapping_of(a=(DocxKind.CONTROL_AT, "body/p/sdt")), guide)
    for wrong in (PROMPT, "Vide", "rh", "Compta"):
        with pytest.raises(NotListedError, match=wrong) as caught:
            stamper.stamp(plan_of(guide, a=wrong), EDITION)
        assert caught.value.listed == listed


def test_an_item_that_the_blank_shows_is_no_answer() -> None:
    content, guide = document(_list(WORDED, "Achats")), guide_of(a=TEXT)
    mapping = mapping_of(a=(DocxKind.CONTROL_AT, "body/p/sdt"))
    stamper = DocxStamper(content, mapping, guide)
    for answer in ("", "Achats", "Ressources humaines"):
        plan = plan_of(guide, a=answer)
        made = stamper.stamp(plan, EDITION)
        assert shown_text(made) == answer
        assert differences(plan, read(made, mapping, guide, content)) == []


def test_a_list_that_one_may_type_in_takes_any_text() -> None:
    body = _list(WORDED, PROMPT, kind="comboBox")
    _, on = written(body, DocxKind.CONTROL_AT, "body/p/sdt", "Compta")
    assert shown_text(on) == "Compta"


# ------------------------------------------------------------------------------ legacy fields


def _field(data: str, result: str = "") -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
        "<w:r><w:instrText> FORM </w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'{result}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize(
    "inside",
    [
        "<w:sizeAuto/>",
        '<w:default w:val="0"/>',
        '<w:default w:val="1"/>',
        "<w:default/>",
        "<w:checked/>",
        '<w:default w:val="1"/><w:checked w:val="0"/>',
    ],
)
def test_form_check_boxes(inside: str) -> None:
    body = f"<w:p>{_field(f'<w:checkBox>{inside}</w:checkBox>')}</w:p>"
    off, on = ticked(body, DocxKind.FORM_CHECKBOX, "body/p/r[1]/fldChar")
    assert 'w:checked w:val="0"' in part(off)
    assert 'w:checked w:val="1"' in part(on)


def test_form_text_keeps_its_look() -> None:
    result = "<w:r><w:rPr><w:i/></w:rPr><w:t>\u2002\u2002</w:t></w:r><w:r><w:t>\u2002</w:t></w:r>"
    body = f"<w:p><w:r><w:t>Nom</w:t></w:r>{_field('<w:textInput/>', result)}</w:p>"
    off, on = written(body, DocxKind.FORM_TEXT, "body/p/r[2]/fldChar", "Zoé\nX")
    assert "\u2002" in shown_text(off)
    assert shown_text(on) == "NomZoéX"
    assert part(on).count("<w:i/>") == 1


def test_a_form_text_without_a_result_gets_one() -> None:
    written(
        f"<w:p>{_field('<w:textInput/>')}</w:p>", DocxKind.FORM_TEXT, "body/p/r[1]/fldChar", "x"
    )


# ------------------------------------------------------------------------------ symbols and glyphs


@pytest.mark.parametrize(
    ("font", "code", "off", "on"),
    [
        ("Wingdings", "F06F", "F06F", "F0FD"),
        ("Wingdings", "F0A8", "F0A8", "F0FD"),
        ("Wingdings", "F0FE", "F06F", "F0FD"),
        ("Wingdings", "A8", "A8", "F0FD"),
        ("Wingdings 2", "F0A3", "F0A3", "F053"),
    ],
)
def test_symbols(font: str, code: str, off: str, on: str) -> None:
    body = (
        f'<w:p><w:r><w:sym w:font="{font}" w:char="{code}"/></w:r><w:r><w:t> Oui</w:t></w:r></w:p>'
    )
    made = ticked(body, DocxKind.SYMBOL, "body/p/r[1]/sym")
    for content, expected in zip(made, (off, on), strict=True):
        (mark,) = wml.all_words(root(content), "sym")
        assert wml.attribute(mark, "char") == expected
        assert shown_text(content) == " Oui"


@pytest.mark.parametrize(
    ("body", "offset", "off", "on"),
    [
        ("<w:r><w:t>☐ Oui ☐ Non</w:t></w:r>", 6, "☐ Oui ☐ Non", "☐ Oui ☒ Non"),
        ("<w:r><w:t>☐ Oui</w:t></w:r>", 0, "☐ Oui", "☒ Oui"),
        ("<w:r><w:t>Oui ☒</w:t></w:r>", 4, "Oui ☐", "Oui ☒"),
        ("<w:r><w:t>Oui</w:t><w:tab/><w:t>☑ x</w:t></w:r>", 4, "Oui☐ x", "Oui☒ x"),
        ("<w:r><w:t>Oui </w:t></w:r><w:r><w:t>□</w:t></w:r>", 4, "Oui □", "Oui ☒"),
        ("<w:r><w:t>Oui ❏</w:t></w:r>", 4, "Oui ❏", "Oui ☒"),
        ("<w:r><w:t>\uf071 Oui</w:t></w:r>", 0, "\uf071 Oui", "☒ Oui"),
    ],
)
def test_glyphs_among_words(body: str, offset: int, off: str, on: str) -> None:
    made = ticked(f"<w:p>{body}</w:p>", DocxKind.GLYPH, "body/p", offset)
    assert tuple(shown_text(one) for one in made) == (off, on)


def test_two_glyphs_of_one_run_are_two_boxes() -> None:
    guide = guide_of(a=TICK, b=TICK)
    mapping = mapping_of(a=(DocxKind.GLYPH, "body/p", 0), b=(DocxKind.GLYPH, "body/p", 6))
    blank = document("<w:p><w:r><w:t>☐ Oui ☐ Non</w:t></w:r></w:p>")
    stamper = DocxStamper(blank, mapping, guide)
    for a in (True, False):
        for b in (True, False):
            stamped = stamper.stamp(plan_of(guide, a=a, b=b), EDITION)
            assert shown_text(stamped) == f"{'☒' if a else '☐'} Oui {'☒' if b else '☐'} Non"
            shown = read(stamped, mapping, guide, blank).ticks
            assert shown == {"a": Mark.ON if a else Mark.OFF, "b": Mark.ON if b else Mark.OFF}


def test_a_glyph_of_a_pictorial_font_stays_in_it() -> None:
    run = '<w:r><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr><w:t>\uf06f</w:t></w:r>'
    off, on = ticked(f"<w:p>{run}</w:p>", DocxKind.GLYPH, "body/p")
    assert (shown_text(off), shown_text(on)) == ("\uf06f", "\uf0fd")


# ------------------------------------------------------------------------------ cells, lines, boxes


def test_cells_take_a_centred_cross() -> None:
    body = (
        "<w:tbl><w:tr><w:tc><w:tcPr/><w:p><w:r><w:t>Critère</w:t></w:r></w:p></w:tc><w:tc><w:tcPr/>"
        '<w:p><w:pPr><w:spacing w:after="0"/><w:ind w:left="9"/><w:rPr><w:sz w:val="18"/></w:rPr>'
        "</w:pPr></w:p></w:tc></w:tr></w:tbl>"
    )
    off, on = ticked(body, DocxKind.CELL, "body/tbl/tr/tc[2]")
    assert (shown_text(off), shown_text(on)) == ("Critère", "CritèreX")
    properties = root(on).findall(f".//{wml.w('pPr')}")[-1]
    assert [wml.local(one) for one in properties] == ["spacing", "jc", "rPr"]
    assert (
        root(on).findall(f".//{wml.w('r')}")[-1].find(f"{wml.w('rPr')}/{wml.w('sz')}") is not None
    )
    assert "jc" not in part(off)


def test_a_cell_ticked_beforehand_is_unticked() -> None:
    body = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>X</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    assert shown_text(ticked(body, DocxKind.CELL, "body/tbl/tr/tc")[0]) == ""


def test_cells_and_paragraphs_take_text() -> None:
    cell = "<w:tbl><w:tr><w:tc><w:p/><w:p/></w:tc></w:tr></w:tbl>"
    written(cell, DocxKind.CELL, "body/tbl/tr/tc", "a\nb")
    written("<w:p/><w:p/>", DocxKind.PARAGRAPH, "body/p[2]", " a  b ")


@pytest.mark.parametrize(
    ("body", "offset", "shown"),
    [
        ("<w:r><w:t>Nom : ..........</w:t></w:r>", 6, "Nom : Zoé"),
        ("<w:r><w:t>Nom :......</w:t></w:r>", 5, "Nom : Zoé"),
        ("<w:r><w:t>Nom : ___</w:t></w:r><w:r><w:t>____ le</w:t></w:r>", 6, "Nom : Zoé le"),
        ("<w:r><w:t>Nom : ……… Prénom : ………</w:t></w:r>", 6, "Nom : Zoé Prénom : ………"),
        ("<w:r><w:t>Nom :</w:t></w:r>", 5, "Nom : Zoé"),
        ("<w:r><w:t>Nom : .....Lieu</w:t></w:r>", 6, "Nom : Zoé Lieu"),
    ],
)
def test_leaders_give_way_to_the_text(body: str, offset: int, shown: str) -> None:
    off, on = written(f"<w:p>{body}</w:p>", DocxKind.LEADER, "body/p", "Zoé", offset)
    assert shown_text(on) == shown
    assert shown_text(off) == shown_text(document(f"<w:p>{body}</w:p>"))


@pytest.mark.parametrize("text", [".", "…", "___", " . "])
def test_an_answer_of_dots_is_an_answer(text: str) -> None:
    body = "<w:p><w:r><w:t>Nom : ..........</w:t></w:r></w:p>"
    written(body, DocxKind.LEADER, "body/p", text, 6)


def test_a_line_takes_several_in_a_rich_control_since_libreoffice_moves_plain_breaks() -> None:
    body = "<w:p><w:r><w:t>Avis :</w:t></w:r></w:p>"
    _, one = written(body, DocxKind.LEADER, "body/p", "un deux", 6)
    _, several = written(body, DocxKind.LEADER, "body/p", "un\ndeux", 6)
    assert "<w:text/></w:sdtPr>" in part(one)
    assert "<w:text/>" not in part(several)
    assert '>un</w:t><w:br/><w:t xml:space="preserve">deux<' in part(several)


def test_a_tab_gives_way_to_the_text() -> None:
    body = "<w:p><w:r><w:t>Nom :</w:t><w:tab/></w:r><w:r><w:t>fin</w:t></w:r></w:p>"
    off, on = written(body, DocxKind.LEADER, "body/p", "Zoé", 5)
    assert shown_text(on) == "Nom : Zoé fin"
    assert "<w:tab/>" in part(off)
    assert "<w:tab/>" not in part(on)


BOX = "<w:txbxContent><w:p/></w:txbxContent>"
TEXT_BOX = (
    '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic>'
    f"<wps:wsp><wps:txbx>{BOX}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphic></wp:anchor></w:drawing>"
    f"</mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict>"
    "</mc:Fallback></mc:AlternateContent></w:r></w:p>"
)
_WSP = "body/p/r/AlternateContent/Choice/drawing/anchor/graphic/wsp"


def test_both_renderings_of_a_text_box_say_the_same() -> None:
    _, on = written(TEXT_BOX, DocxKind.TEXT_BOX, f"{_WSP}/txbx/txbxContent", "a\nb")
    assert shown_text(on) == "abab"


def test_both_renderings_of_a_drawn_square_are_crossed() -> None:
    square = TEXT_BOX.replace(f"<wps:txbx>{BOX}</wps:txbx>", "<wps:spPr/>").replace(
        f"<v:textbox>{BOX}</v:textbox>", ""
    )
    off, on = ticked(square, DocxKind.DRAWING, _WSP)
    assert (shown_text(off), shown_text(on)) == ("", "XX")
    assert [wml.local(one) for one in root(on).find(f".//{{{wml.WPS}}}wsp")] == [
        "spPr",
        "txbx",
        "bodyPr",
    ]


def test_strict_documents_are_stamped_in_their_own_dialect() -> None:
    guide = guide_of(a=TICK, b=TEXT)
    mapping = mapping_of(a=(DocxKind.CELL, "body/tbl/tr/tc"), b=(DocxKind.LEADER, "body/p", 4))
    body = (
        "<w:p><w:r><w:t>Nom ....</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    )
    content = document(body, NAMES.replace(wml.W, wml.W_STRICT))
    stamped = DocxStamper(content, mapping, guide).stamp(plan_of(guide, a=True, b="Zoé"), EDITION)
    assert shown_text(stamped) == "Nom ZoéX"
    assert wml.W not in part(stamped)
    assert read(stamped, mapping, guide, content).texts == {"b": "Zoé"}


def test_another_prefix_and_the_default_namespace_are_kept() -> None:
    guide, mapping = guide_of(a=TEXT), mapping_of(a=(DocxKind.PARAGRAPH, "body/p"))
    for prefix in ("ns0:", ""):
        names = f'xmlns{":ns0" if prefix else ""}="{wml.W}"'
        content = archive(
            {
                **members(document("")),
                "word/document.xml": f"<{prefix}document {names}><{prefix}body><{prefix}p/>"
                f"</{prefix}body></{prefix}document>",
            }
        )
        stamped = DocxStamper(content, mapping, guide).stamp(plan_of(guide, a="a\nb"), EDITION)
        assert read(stamped, mapping, guide, content).texts == {"a": "a\nb"}


def test_placements_in_headers_and_footers() -> None:
    guide = guide_of(a=TEXT, b=TICK)
    mapping = mapping_of(
        a=DocxLocator(DocxKind.PARAGRAPH, "p", "word/header1.xml"),
        b=DocxLocator(DocxKind.GLYPH, "p", "word/footer1.xml"),
    )
    content = document(
        "<w:p/>",
        word__header1__xml="",
    )
    content = archive(
        {
            **members(content),
            "word/header1.xml": f"<w:hdr {NAMES}><w:p/></w:hdr>",
            "word/footer1.xml": f"<w:ftr {NAMES}><w:p><w:r><w:t>☐</w:t></w:r></w:p></w:ftr>",
        }
    )
    stamped = DocxStamper(content, mapping, guide).stamp(plan_of(guide, a="haut", b=True), EDITION)
    assert shown_text(stamped, "word/header1.xml") == "haut"
    assert shown_text(stamped, "word/footer1.xml") == "☒"
    assert part(stamped) == part(content)
