"""The preview: the document's own pages, each placement framed and named where it is."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from renditions.pdf_squares import Squares
from renditions.pdf_turned import turned

from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import Detected, DocxKind, DocxLocator, PdfKind, PdfLocator, Rect
from cqp_forms.pdf.detect.model import View
from cqp_forms.pdf.preview import Band, listing, preview


def at(page: int, rect: Rect, confidence: float, order: int = 0) -> Detected:
    locator = PdfLocator(PdfKind.BOX, page, rect, confidence=confidence)
    return Detected(PlacementKind.TICK_BOX, locator, order, label="Libellé", column="OUI")


def blank(angle: int = 0) -> bytes:
    pdf = pikepdf.new()
    for _ in range(2):
        page = pdf.add_blank_page(page_size=(400, 300))
        page.obj.Rotate = angle
        page.cropbox = [20, 30, 380, 280]
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def texts(document: bytes) -> list[str]:
    with pypdfium2.PdfDocument(document) as pdf:
        return [page.get_textpage().get_text_range() for page in pdf]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_frames_are_where_the_places_are(angle: int) -> None:
    rect = Rect(100, 120, 160, 150)
    frame = View(Rect(20, 30, 380, 280), angle).rect(rect)
    inked = _difference(
        preview(blank(angle), {}), preview(blank(angle), {"c1.1.1.oui": at(1, rect, 1.0)})
    )
    assert abs(inked.x0 - frame.x0) < 3
    assert abs(inked.y0 - frame.y0) < 3
    assert abs(inked.x1 - frame.x1) < 3
    # The name stands on the frame, as the page is read.
    assert 3 < inked.y1 - frame.y1 < 10


def _difference(one: bytes, other: bytes) -> Rect:
    """Where the first pages of two documents differ, upright, in points."""
    scale = 4
    pictures = []
    for document in (one, other):
        with pypdfium2.PdfDocument(document) as pdf:
            image = pdf[0].render(scale=scale, grayscale=True)
            raw = bytes(image.buffer)
            rows = [
                raw[row * image.stride : row * image.stride + image.width]
                for row in range(image.height)
            ]
            pictures.append(rows)
    before, after = pictures
    marks = [
        (column, row)
        for row, (p, q) in enumerate(zip(before, after, strict=True))
        if p != q
        for column, (a, b) in enumerate(zip(p, q, strict=True))
        if abs(a - b) > 40
    ]
    xs, ys = zip(*marks, strict=True)
    height = len(before)
    return Rect(
        min(xs) / scale, (height - max(ys)) / scale, max(xs) / scale, (height - min(ys)) / scale
    )


def test_colours_follow_the_confidence() -> None:
    assert [Band.of(one) for one in (1.0, 0.8, 0.79, 0.6, 0.59, 0.0)] == [
        Band.SURE,
        Band.SURE,
        Band.CHECK,
        Band.CHECK,
        Band.DOUBT,
        Band.DOUBT,
    ]
    rect = Rect(100, 120, 160, 150)
    pictures = []
    for confidence in (0.9, 0.7, 0.2):
        document = preview(blank(), {"c1.1.1.oui": at(1, rect, confidence)})
        with pypdfium2.PdfDocument(document) as pdf:
            image = pdf[0].render(scale=4)
            stride, channels = image.stride, image.n_channels
            # The left side of the frame, in the page as shown: the crop box starts at (20, 30).
            x, y = round((98.8 - 20) * 4), ((280 - 135) * 4)
            start = y * stride + x * channels
            raw = bytes(image.buffer)[start : start + 3]
            pictures.append(tuple(raw[:3]))
    assert len(set(pictures)) == 3
    blue_green_red = pictures
    assert blue_green_red[0][1] > blue_green_red[0][2]
    assert blue_green_red[2][2] > blue_green_red[2][1]


def test_unused_and_missing_are_shown() -> None:
    rect = Rect(100, 120, 160, 150)
    plain = preview(blank(), {})
    document = preview(blank(), {}, unused=[at(2, rect, 1.0)], missing=["c1.1.2.oui"])
    pages = texts(document)
    assert len(pages) == 3
    assert "c1.1.2.oui" in pages[2]
    assert "à trouver" in pages[2]
    assert all("douteux" in page and "non attribué" in page for page in pages[:2])
    with pypdfium2.PdfDocument(plain) as one, pypdfium2.PdfDocument(document) as two:
        counts = [sum(1 for _ in pdf[1].get_objects(max_depth=4)) for pdf in (one, two)]
    assert counts[1] > counts[0]


def test_the_whole_guide_on_turned_pages(guide: Guide) -> None:
    made = turned(Squares(guide).build(), (90, 0))
    placed = {
        name: at(page, rect, 1.0, order)
        for order, (name, (page, rect)) in enumerate(made.truth.items())
    }
    pages = texts(preview(made.document, placed))
    shown = "\n".join(pages)
    assert all(name in shown for name in made.truth)
    for name, (page, _) in made.truth.items():
        assert name in pages[page - 1]


def test_a_locked_document_can_be_previewed_by_who_may_open_it() -> None:
    with pikepdf.open(io.BytesIO(blank())) as pdf:
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="secret", user=""))
    document = preview(out.getvalue(), {"a": at(1, Rect(100, 120, 110, 130), 1.0)})
    with pikepdf.open(io.BytesIO(document)) as pdf:
        assert not pdf.is_encrypted


def test_not_a_pdf() -> None:
    with pytest.raises(DocumentError):
        preview(b"PK", {})


def test_a_word_document_gets_a_list() -> None:
    locator = DocxLocator(
        DocxKind.GLYPH, "body/tbl[3]/tr[2]/tc[2]/p[1]", confidence=0.7, reason="libellé proche"
    )
    one = Detected(PlacementKind.TICK_BOX, locator, 0, label="Tout écart <est> identifié & noté")
    other = replace(one, order=1, label="Non attribuée")
    shown = " ".join(
        " ".join(texts(listing("guide.docx", {"c2.4.2.oui": one}, [other], ["c2.4.3.oui"]))).split()
    )
    for wanted in (
        "guide.docx",
        "c2.4.2.oui",
        "c2.4.3.oui",
        "Tout écart <est> identifié & noté",
        "à vérifier",
        "libellé proche",
        "Non attribuée",
    ):
        assert wanted in shown
