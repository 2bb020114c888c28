"""The ink on the rendered pages: boxes ticked and not, and what should not be there."""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path

import pikepdf
import pytest
from examining_tools import (
    GUIDE,
    annotate,
    blank,
    box,
    cross,
    document,
    draw,
    edit_docx,
    edit_pdf,
    fiche,
    holder,
    set_box,
    widget,
)
from pikepdf import Name

from cqp_forms.alterations import OwnMarks
from cqp_forms.docx.compare import box_order
from cqp_forms.docx.office import to_pdf
from cqp_forms.errors import DocumentError
from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Format, Rect
from cqp_forms.pdf.png import png
from cqp_forms.pdf.render import Rendering, render, render_signs, saved
from cqp_forms.plan import Finish, make_plan

PLAN = make_plan(GUIDE, fiche())
both = pytest.mark.parametrize("fields", Finish)


def rendered(content: bytes, number: int = 1) -> Rendering:
    one = blank(Format.PDF)
    marks = OwnMarks(number, "critère mal lu")
    return render(content, one.content, one.mapping, GUIDE, PLAN, marks)  # type: ignore[arg-type]


@both
@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_was_issued_has_its_ink(fields: Finish, number: int) -> None:
    found = rendered(document(fiche(), Format.PDF, fields, number=number), number)
    assert (found.boxes, found.pages) == (190, 21)
    assert (found.differences, found.alterations) == ((), ())
    assert found.pictures == {}


@both
def test_a_box_inked_by_hand_and_the_picture_of_its_page(fields: Finish) -> None:
    issued = document(fiche(), Format.PDF, fields)
    page, _ = box("c4.1.1.non")
    if fields is Finish.EDITABLE:

        def tick(pdf: pikepdf.Pdf) -> None:
            one = widget(pdf, "c4.1.1.non")
            one.AS = next(Name(key) for key in one.AP.N.keys() if key != "/Off")  # noqa: SIM118
            holder(one).V = one.AS

        found = rendered(edit_pdf(issued, tick))
    else:
        found = rendered(edit_pdf(issued, cross("c4.1.1.non")))
    (one,) = found.differences
    assert (one.placement, one.expected, one.place) == (
        "c4.1.1.non",
        "non cochée",
        f"page {page}",
    )
    assert found.alterations == ()
    assert list(found.pictures) == [page]
    assert found.pictures[page].startswith(b"\x89PNG")
    assert [name for name, _ in saved(found.pictures)] == [f"page-{page:02d}.png"]


def test_a_tick_that_leaves_no_ink() -> None:
    """The field says ticked, and its appearance shows nothing: only rendering can tell."""

    def fade(pdf: pikepdf.Pdf) -> None:
        one = widget(pdf, "c4.1.1.oui")
        look = one.AP.N[one.AS]
        look.write(b"")

    found = rendered(edit_pdf(document(fiche(), Format.PDF, Finish.EDITABLE), fade))
    assert "c4.1.1.oui" in {one.placement for one in found.differences}


def test_a_criterion_hidden_by_a_clip_or_a_note() -> None:
    page, rect = box("c1.1.1.oui")
    over = Rect(70, rect.y0 - 4, rect.x0 - 40, rect.y1 + 4)
    white = draw(page, f"1 g {over.x0} {over.y0} {over.width} {over.height} re f")
    for change in (white, annotate(page, "FreeText", over, "")):
        found = rendered(edit_pdf(document(fiche(), Format.PDF), change))
        (one,) = found.alterations
        assert (one.where, one.what) == (f"page {page}", "encre modifiée")
        assert found.differences == ()
        assert list(found.pictures) == [page]


def test_pages_that_are_gone_or_larger() -> None:
    def drop(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[3:]

    with pytest.raises(DocumentError, match="manque des pages"):
        rendered(edit_pdf(document(fiche(), Format.PDF), drop))

    def grow(pdf: pikepdf.Pdf) -> None:
        pdf.pages[3].obj.MediaBox = pdf.pages[3].obj.CropBox = pikepdf.Array([0, 0, 700, 900])

    found = rendered(edit_pdf(document(fiche(), Format.PDF), grow))
    assert [(one.where, one.what) for one in found.alterations] == [
        ("page 4", "format de page modifié")
    ]


def test_what_is_no_pdf_cannot_be_rendered() -> None:
    with pytest.raises(DocumentError, match="affiché"):
        rendered(b"no")


def test_a_picture_is_sound_png() -> None:
    data = png(bytes(range(12)), 2, 2)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            kind + body
        )
        chunks[kind] = body
        at += 12 + length
    assert struct.unpack(">2I", chunks[b"IHDR"][:8]) == (2, 2)
    assert zlib.decompress(chunks[b"IDAT"]) == b"\0" + bytes(range(6)) + b"\0" + bytes(range(6, 12))


def test_the_boxes_of_a_docx_come_in_its_order() -> None:
    one = blank(Format.DOCX)
    order = box_order(one.content, one.mapping, GUIDE)  # type: ignore[arg-type]
    boxes = [one.id for one in GUIDE.placements_of(PlacementKind.TICK_BOX)]
    assert sorted(order) == sorted(boxes)
    criteria = [key for key in order if key[0] == "c" and key[1].isdigit()]
    assert criteria == [key for key in boxes if key in criteria]


@pytest.mark.slow
def test_the_ink_of_a_docx_laid_out_by_libreoffice() -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    one = blank(Format.DOCX)
    order = box_order(one.content, one.mapping, GUIDE)  # type: ignore[arg-type]
    issued = document(fiche(), Format.DOCX)
    found = render_signs(to_pdf(issued, Path(soffice)), order, PLAN)
    assert (found.boxes, found.differences) == (190, ())
    changed = edit_docx(issued, lambda xml: set_box(xml, "c2.1.1.non", True))
    pages = to_pdf(changed, Path(soffice))
    found = render_signs(pages, order, PLAN)
    assert [(one.placement, one.expected) for one in found.differences] == [
        ("c2.1.1.non", "non cochée")
    ]
    assert len(found.pictures) == 1
    with pytest.raises(DocumentError, match="190 cases sont visibles"):
        render_signs(pages, order[1:], PLAN)


def test_libreoffice_that_fails_is_said(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="LibreOffice"):
        to_pdf(b"", tmp_path / "absent")
