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
from cqp_forms.pdf.preview import Band, listing, mark, preview


def at(page: int, rect: Rect, confidence: float, order: int = 0) -> Detected:
    waits = confidence < 0.8
    locator = PdfLocator(
        PdfKind.BOX,
        page,
        rect,
        confidence=confidence,
        reason="ordre supposé" if waits else "",
        confirmed=not waits,
        candidates=(order + 1, 12) if waits else (),
    )
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
    # The number stands inside a frame that has room for it.
    assert abs(inked.y1 - frame.y1) < 3


def test_the_number_of_a_small_box_stands_on_its_frame() -> None:
    rect = Rect(100, 120, 110, 130)
    frame = View(Rect(20, 30, 380, 280), 0).rect(rect)
    inked = _difference(preview(blank(), {}), preview(blank(), {"c1.1.1.oui": at(1, rect, 1.0)}))
    assert 5 < inked.y1 - frame.y1 < 12


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
    assert [
        Band.of(at(1, Rect(0, 0, 9, 9), one).locator) for one in (1.0, 0.8, 0.79, 0.6, 0.59, 0.0)
    ] == [
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
            # What waits for a person stands in a list before the form.
            image = pdf[0 if confidence > 0.8 else 1].render(scale=4)
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
    assert len(pages) == 4
    assert "À confirmer" in pages[0] and "c1.1.2.oui" in pages[0]
    assert all("douteux" in page and "non attribué" in page for page in pages[1:3])
    assert "n° 1" in pages[3].replace("\u00a0", " ")
    with pypdfium2.PdfDocument(plain) as one, pypdfium2.PdfDocument(document) as two:
        counts = [
            sum(1 for _ in pdf[page].get_objects(max_depth=4)) for pdf, page in ((one, 1), (two, 2))
        ]
    assert counts[1] > counts[0]


def test_what_waits_stands_first_the_least_sure_on_top_with_a_picture() -> None:
    rect = Rect(100, 120, 112, 132)
    placed = {"sûr": at(1, rect, 1.0, 4), "b": at(1, rect, 0.7, 5), "a": at(2, rect, 0.5, 6)}
    document = preview(blank(), placed)
    first = texts(document)[0].replace("\u00a0", " ")
    assert first.index("a : n° 7 ou n° 12 ?") < first.index("b : n° 6 ou n° 12 ?")
    assert "ordre supposé" in first and "sûr :" not in first
    with pypdfium2.PdfDocument(document) as pdf:
        kinds = [one.type for one in pdf[0].get_objects(max_depth=4)]
    assert kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE) == 2


def test_a_draft_says_where_it_was_left_blank() -> None:
    known = at(1, Rect(100, 120, 160, 150), 0.5).locator
    pages = texts(mark(blank(), {"c1.1.1.oui": known, "c1.1.1.non": None}))
    assert "? c1.1.1.oui" in pages[0] and "c1.1.1.oui" not in pages[1]
    assert "c1.1.1.non" in pages[2] and len(pages) == 3
    assert len(texts(mark(blank(), {"c1.1.1.oui": known}))) == 2


def test_the_whole_guide_on_turned_pages(guide: Guide) -> None:
    made = turned(Squares(guide).build(), (90, 0))
    placed = {
        name: at(page, rect, 1.0, order)
        for order, (name, (page, rect)) in enumerate(made.truth.items())
    }
    pages = texts(preview(made.document, placed))
    shown = "\n".join(pages)
    assert all(name in "".join(shown.split()) for name in made.truth)
    for name, (page, _) in made.truth.items():
        assert f"{placed[name].number}" in pages[page - 1]


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
        DocxKind.GLYPH,
        "body/tbl[3]/tr[2]/tc[2]/p[1]",
        confidence=0.7,
        reason="libellé proche",
        confirmed=False,
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
        "à confirmer",
        "libellé proche",
        "Non attribuée",
    ):
        assert wanted in shown
