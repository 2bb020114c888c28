"""Documents that came back changed: what is read is right, or said to be gone; never wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from hashlib import sha256

import pytest
from docx_samples import EDITION, part, with_part
from examining_tools import GUIDE, blank, document, fiche
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from renditions.docx_ways import WAYS
from thorough import examples

from cqp_forms.docx import wml
from cqp_forms.docx.read import read
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.findings import Code, Severity
from cqp_forms.mapping import DocxLocator, DocxMapping, Format
from cqp_forms.plan import make_plan
from cqp_forms.shown import Shown, answers_of, differences

FICHE = fiche(
    candidat__prenom="Léa",
    candidat__nom="Durand-Çelik",
    commentaires__evaluateur_cpne="Un\nDeux",
)
PLAN = make_plan(GUIDE, FICHE)
LEGACY, SYMBOLS, GLYPHS, CELLS, CONTROLS, DRAWINGS, STRICT, BARE, *_ = WAYS
MAIN = "word/document.xml"

Body = etree._Element
Change = Callable[[Body], None]


@cache
def own(way: str) -> tuple[bytes, DocxMapping]:
    """A blank without our controls, and where its places truly are."""
    made = WAYS[way](GUIDE).make()
    locators = {
        key: DocxLocator(one.kind, one.target, offset=one.offset) for key, one in made.truth.items()
    }
    digest = sha256(made.content).hexdigest()
    return made.content, DocxMapping(GUIDE.id, Format.DOCX, "autre.docx", digest, locators)


@cache
def issued(way: str) -> bytes:
    content, mapping = own(way)
    return DocxStamper(content, mapping, GUIDE).stamp(PLAN, EDITION)


def edited(content: bytes, change: Change) -> bytes:
    root = etree.fromstring(part(content).encode())
    body = wml.child(root, "body")
    assert body is not None
    change(body)
    return with_part(content, MAIN, etree.tostring(root, encoding="unicode"))


def shown_by(way: str, change: Change) -> Shown:
    content, mapping = own(way)
    return read(edited(issued(way), change), mapping, GUIDE, content)


def gone(shown: Shown) -> set[str]:
    """The fields that are not read, each with its finding; all the others being right."""
    answers, findings = answers_of(GUIDE, shown)
    told = {one.field for one in findings if one.severity is Severity.ERROR}
    assert all(one.remedy for one in findings)
    expected = answers_of(GUIDE, read(issued(LEGACY), own(LEGACY)[1], GUIDE, own(LEGACY)[0]))[0]
    wrong = {
        key: (answers.value(key), expected.value(key))
        for key in GUIDE.fields
        if key not in told and answers.value(key) != expected.value(key)
    }
    assert wrong == {}
    return told


def empty(like: Body, name: str = "p") -> Body:
    """An empty paragraph, or a cell with one."""
    found = etree.Element(wml.w(name, wml.dialect(like.getroottree().getroot())))
    if name == "tc":
        found.append(empty(like))
    return found


def with_first_paragraph(body: Body) -> None:
    body.insert(0, empty(body))


def with_first_rows(body: Body) -> None:
    for table in list(wml.all_words(body, "tbl")):
        row = deepcopy(next(wml.all_words(table, "tr")))
        for text in list(wml.all_words(row, "t")):
            text.text = ""
        table.insert([wml.local(one) for one in table].index("tr"), row)


def with_first_cells(body: Body) -> None:
    for row in list(wml.all_words(body, "tr")):
        row.insert(0, empty(body, "tc"))


def row_of(body: Body, field: str) -> Body:
    label = GUIDE.fields[field].label
    cells = [
        one
        for one in wml.all_words(body, "tc")
        if "".join(each.text or "" for each in wml.all_words(one, "t"))
        .lstrip("• ")
        .startswith(label)
    ]
    (row,) = (one.getparent() for one in cells)
    assert row is not None
    return row


def without_a_row(body: Body) -> None:
    row = row_of(body, "c2.1.1")
    row.getparent().remove(row)  # type: ignore[union-attr]


def with_a_row_twice(body: Body) -> None:
    row = row_of(body, "c2.1.1")
    row.addprevious(deepcopy(row))


def with_rows_swapped(body: Body) -> None:
    row = row_of(body, "c2.1.1")
    row.addprevious(row_of(body, "c2.1.2"))


@pytest.mark.parametrize("way", WAYS)
def test_what_was_issued_is_read_exactly(way: str) -> None:
    content, mapping = own(way)
    shown = read(issued(way), mapping, GUIDE, content)
    assert differences(PLAN, shown) == []
    assert (shown.gone, shown.remarks) == ({}, ())


@pytest.mark.parametrize(
    ("way", "change", "fields"),
    [
        (SYMBOLS, with_first_paragraph, 0),
        (SYMBOLS, with_first_rows, 0),
        (SYMBOLS, with_first_cells, 0),
        (LEGACY, with_first_rows, 0),
        (DRAWINGS, with_first_paragraph, 0),
        (STRICT, with_first_rows, 0),
        (BARE, with_first_paragraph, 0),
        # An empty cell beside cells that are boxes without a label of their own: no one knows.
        (CELLS, with_first_cells, 13),
    ],
)
def test_what_was_added_moves_nothing(way: str, change: Change, fields: int) -> None:
    assert len(gone(shown_by(way, change))) == fields


@pytest.mark.parametrize("way", [SYMBOLS, CELLS, LEGACY])
def test_a_row_that_is_gone_takes_its_own_field_only(way: str) -> None:
    assert gone(shown_by(way, without_a_row)) == {"c2.1.1"}


@pytest.mark.parametrize("way", [SYMBOLS, CELLS, LEGACY])
def test_a_row_that_stands_twice_is_not_read(way: str) -> None:
    assert gone(shown_by(way, with_a_row_twice)) == {"c2.1.1"}


@pytest.mark.parametrize("way", [SYMBOLS, CELLS, LEGACY])
def test_a_row_that_moved_is_read_or_told(way: str) -> None:
    assert gone(shown_by(way, with_rows_swapped)) <= {"c2.1.1", "c2.1.2"}


@pytest.mark.parametrize("way", [SYMBOLS, CELLS, LEGACY])
def test_a_label_that_was_changed_puts_its_own_field_in_doubt(way: str) -> None:
    def change(body: Body) -> None:
        texts = list(wml.all_words(row_of(body, "c3.1.1"), "t"))
        (label,) = (one for one in texts if GUIDE.fields["c3.1.1"].label in (one.text or ""))
        label.text = "Autre critère"

    assert gone(shown_by(way, change)) == {"c3.1.1"}


def test_an_answer_whose_paragraph_is_gone_is_told() -> None:
    """Without its own paragraph the one after it would pass for an area left empty."""

    def change(body: Body) -> None:
        place = wml.find_path(
            body.getparent(),  # type: ignore[arg-type]
            own(SYMBOLS)[1].locators["remarques.autre"].target,
        )
        assert place is not None
        place.getparent().remove(place)  # type: ignore[union-attr]

    told = gone(shown_by(SYMBOLS, change))
    assert "remarques.autre" in told


def test_a_paragraph_that_came_into_the_place_of_an_answer() -> None:
    """The answer goes down by one, and what follows stays where it was."""

    def change(body: Body) -> None:
        place = wml.find_path(
            body.getparent(),  # type: ignore[arg-type]
            own(BARE)[1].locators["remarques.formation"].target,
        )
        assert place is not None
        following = place.getnext()
        assert following is not None and not wml.text_of(following)
        place.addprevious(following)

    shown = shown_by(BARE, change)
    assert gone(shown) == set()
    assert [one.code for one in shown.remarks] == [Code.READ_BY_WORDING]


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=examples(2))
@given(data=st.data())
def test_any_paragraph_row_or_cell_that_comes_or_goes(way: str, data: st.DataObject) -> None:
    def change(body: Body) -> None:
        how = data.draw(st.sampled_from(["empty", "twice", "gone"]))
        every = list(wml.all_words(body, data.draw(st.sampled_from(["p", "tr", "tc"])))) or [
            body[0]
        ]
        one = every[data.draw(st.integers(0, len(every) - 1))]
        parent = one.getparent()
        assert parent is not None
        # What goes inside a place takes its answer along: that is an answer changed by hand.
        places = {
            wml.find_path(body.getparent(), each.target)  # type: ignore[arg-type]
            for each in own(way)[1].locators.values()
        }
        if set(one.iterancestors()) & places:
            return
        if how == "gone":
            parent.remove(one)
            return
        other = deepcopy(one)
        if how == "empty":
            for text in list(wml.all_words(other, "t")):
                text.text = ""
        one.addprevious(other)

    gone(shown_by(way, change))


# ------------------------------------------------------------------------------ our own blank


def without_names(xml: str) -> str:
    """Without content controls and bookmarks, what they held kept: as some editors save."""
    xml = re.sub(r"<w:sdt>(?:(?!<w:sdt>).)*?<w:sdtContent>", "", xml, flags=re.DOTALL)
    xml = xml.replace("</w:sdtContent></w:sdt>", "")
    return re.sub(r"<w:bookmark(Start|End)[^>]*/>", "", xml)


def ours(change: Callable[[str], str]) -> Shown:
    content = document(FICHE, Format.DOCX)
    one = blank(Format.DOCX)
    return read(
        with_part(content, MAIN, change(part(content))),
        one.mapping,  # type: ignore[arg-type]
        GUIDE,
        one.content,
    )


def test_a_document_without_its_controls_is_read_by_its_wording() -> None:
    shown = ours(without_names)
    assert differences(PLAN, shown) == []
    assert shown.gone == {}
    (remark,) = shown.remarks
    assert (remark.code, remark.severity) == (Code.READ_BY_WORDING, Severity.WARNING)
    assert "214" in remark.message


def control(xml: str, tag: str) -> tuple[int, int]:
    at = xml.index(f'w:tag w:val="{tag}"')
    return xml.rindex("<w:sdt>", 0, at), xml.index("</w:sdt>", at) + len("</w:sdt>")


def without_bookmark(xml: str, tag: str) -> str:
    return xml.replace(f'w:name="{wml.bookmark_name(tag)}"', 'w:name="x"')


@pytest.mark.parametrize("tag", ["remarques.reperage", "c6.1.5.oui", "c1.resultat.maitrisee"])
def test_one_control_lost_is_read_by_its_wording(tag: str) -> None:
    def change(xml: str) -> str:
        start, end = control(xml, tag)
        held = xml[start:end].partition("<w:sdtContent>")[2].removesuffix("</w:sdtContent></w:sdt>")
        return without_bookmark(xml[:start] + held + xml[end:], tag)

    shown = ours(change)
    assert differences(PLAN, shown) == []
    assert "1 de ses cases" in shown.remarks[0].message


@pytest.mark.parametrize("tag", ["remarques.reperage", "c6.1.5.oui", "c1.resultat.maitrisee"])
def test_one_control_lost_with_what_it_held_is_told(tag: str) -> None:
    def change(xml: str) -> str:
        start, end = control(xml, tag)
        return without_bookmark(xml[:start] + xml[end:], tag)

    shown = ours(change)
    assert set(shown.gone) == {tag}
    assert shown.gone[tag].startswith("son contrôle a disparu")
    answers, findings = answers_of(GUIDE, shown)
    field = GUIDE.placements[tag].field_id
    assert answers.value(field) is None
    assert [(one.code, one.field) for one in findings] == [(Code.MISSING_PLACE, field)]


def test_a_control_that_stands_twice_is_told() -> None:
    def change(xml: str) -> str:
        start, end = control(xml, "evaluateur_cpne.fonction")
        return xml[:end] + xml[start:end] + xml[end:]

    shown = ours(change)
    assert shown.gone == {"evaluateur_cpne.fonction": "son contrôle est en double dans le document"}
