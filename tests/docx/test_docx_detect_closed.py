"""Detection in DOCX: boxes that nothing can be put in are named; other pictures are not."""

from __future__ import annotations

import pytest
from detect_samples import found_in
from renditions.docx_base import cell, paragraph, row, run, table

from cqp_forms.mapping import Detected

SMALL, LARGE = 150_000, 3_000_000


def picture(name: str, size: int = SMALL) -> str:
    return (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="{size}" cy="{size}"/><a:graphic>'
        f'<a:graphicData><a:blip r:embed="{name}"/></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r>"
    )


def metafile(name: str) -> str:
    return (
        '<w:r><w:pict><v:shape style="width:10pt;height:10pt">'
        f'<v:imagedata r:id="{name}"/></v:shape></w:pict></w:r>'
    )


ACTIVE_X = (
    '<w:r><w:object><v:shape style="width:10pt;height:10pt"><v:imagedata r:id="rId8"/></v:shape>'
    '<w:control r:id="rId9" w:name="CheckBox1"/></w:object></w:r>'
)


def named(found: tuple[Detected, ...]) -> list[tuple[str, str]]:
    return [(one.unfillable, one.label) for one in found]


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        (picture("rId7"), "image"),
        (metafile("rId7"), "image"),
        (ACTIVE_X, "contrôle ActiveX"),
    ],
)
def test_pictures_and_activex_controls_are_named_with_their_words(box: str, reason: str) -> None:
    found = found_in(paragraph(box + run(" Apte")) + paragraph(box + run(" Inapte")))
    assert named(found) == [(reason, "Apte"), (reason, "Inapte")]
    for one in found:
        assert str(one.locator.target).startswith("body/p[")


def test_filled_squares_in_a_line_or_alone_in_a_cell_are_named() -> None:
    rows = [
        row(cell(paragraph(run(one))) for one in ("Critère", "OUI", "NON")),
        row(cell(paragraph(run(one))) for one in ("Poste tenu", "■", "■")),
    ]
    found = found_in(paragraph(run("Apte : ■ Oui ■ Non")) + table(rows, (6, 1, 1)))
    assert named(found) == [("carré plein", "Apte :")] * 2 + [("carré plein", "Poste tenu")] * 2
    assert {one.group for one in found} == {""}


def test_pictures_that_are_no_boxes_leave_the_words_beside_them_as_they_are() -> None:
    body = (
        paragraph(picture("rId1") + run("Téléphone :"))
        + paragraph(picture("rId2", LARGE) + run("Nom :"))
        + paragraph(picture("rId2", LARGE) + run("Prénom :"))
        + paragraph(run("■ Première partie"))
    )
    assert named(found_in(body)) == [("", "Téléphone :"), ("", "Nom :"), ("", "Prénom :")]
