"""What is drawn on a page: boxes of every make, areas and lines, and what only looks like them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected, PdfKind, PdfLocator, Rect
from cqp_forms.pdf.detect import detect
from cqp_forms.shown import Mark

Draw = Callable[[Canvas], None]


def found_on(draw: Draw) -> tuple[Detected, ...]:
    return detect(drawn_page(draw))


def ticks(found: tuple[Detected, ...]) -> list[Detected]:
    return [one for one in found if one.kind is PlacementKind.TICK_BOX]


def rect_of(one: Detected) -> Rect:
    assert isinstance(one.locator, PdfLocator)
    return one.locator.rect


def near(one: Rect, other: Rect, slack: float = 1.2) -> bool:
    pairs = zip(
        (one.x0, one.y0, one.x1, one.y1), (other.x0, other.y0, other.x1, other.y1), strict=True
    )
    return all(abs(a - b) <= slack for a, b in pairs)


BOX = Rect(100, 700, 110, 710)


def _re(canvas: Canvas) -> None:
    canvas.rect(100, 700, 10, 10)


def _lines(canvas: Canvas) -> None:
    for line in ((100, 700, 110, 700), (110, 700, 110, 710), (100, 710, 110, 710)):
        canvas.line(*line)
    canvas.line(100, 700, 100, 710)


def _closed_path(canvas: Canvas) -> None:
    # From the middle of a side, as word processors draw shapes.
    path = canvas.beginPath()
    path.moveTo(105, 700)
    for point in ((100, 700), (100, 710), (110, 710), (110, 700)):
        path.lineTo(*point)
    path.close()
    canvas.drawPath(path)


def _bezier(canvas: Canvas) -> None:
    canvas.roundRect(100, 700, 10, 10, 2.5)


def _filled_frame(canvas: Canvas) -> None:
    canvas.rect(100, 700, 10, 10, stroke=0, fill=1)
    canvas.setFillGray(1)
    canvas.rect(101, 701, 8, 8, stroke=0, fill=1)
    canvas.setFillGray(0)


def _even_odd(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.rect(100, 700, 10, 10)
    path.rect(101, 701, 8, 8)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=0)


def _bars(canvas: Canvas) -> None:
    for bar in ((100, 700, 10, 0.7), (100, 709.3, 10, 0.7), (100, 700, 0.7, 10)):
        canvas.rect(*bar, stroke=0, fill=1)
    canvas.rect(109.3, 700, 0.7, 10, stroke=0, fill=1)


def _ground_and_outline(canvas: Canvas) -> None:
    canvas.setFillGray(0.95)
    canvas.rect(100.5, 700.5, 9, 9, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.rect(100, 700, 10, 10)


def _in_a_form(canvas: Canvas) -> None:
    canvas.beginForm("box")
    canvas.rect(0, 0, 5, 5)
    canvas.endForm()
    canvas.saveState()
    canvas.translate(100, 700)
    canvas.scale(2, 2)
    canvas.doForm("box")
    canvas.restoreState()


@pytest.mark.parametrize(
    "draw",
    [_re, _lines, _closed_path, _bezier, _filled_frame, _even_odd, _bars, _ground_and_outline,
     _in_a_form],
)  # fmt: skip
def test_a_square_is_one_box_however_it_is_drawn(draw: Draw) -> None:
    def with_label(canvas: Canvas) -> None:
        draw(canvas)
        canvas.drawString(116, 702, "Dossier candidat")

    (one,) = found_on(with_label)
    assert one.kind is PlacementKind.TICK_BOX
    assert one.locator.kind is PdfKind.BOX
    assert near(rect_of(one), BOX)
    assert one.label == "Dossier candidat"
    assert one.state is Mark.OFF


def _comb(canvas: Canvas) -> None:
    for rank in range(8):
        canvas.rect(100 + 12 * rank, 700, 12, 12)


def _comb_of_rules(canvas: Canvas) -> None:
    canvas.grid([100 + 11 * rank for rank in range(7)], [700, 711])


def _bullets(canvas: Canvas) -> None:
    for rank in range(3):
        canvas.rect(60, 700 - 20 * rank, 5, 5, stroke=0, fill=1)
        canvas.drawString(70, 700 - 20 * rank, "Une puce carrée")
        canvas.circle(62, 600 - 20 * rank, 3)
        canvas.drawString(70, 598 - 20 * rank, "Une puce ronde")


def _outlined_letters(canvas: Canvas) -> None:
    """« NON » in a square face, drawn as paths: its O is a frame."""
    for x, letter in ((100, "n"), (110, "o"), (120, "n")):
        path = canvas.beginPath()
        if letter == "o":
            path.rect(x, 700, 8, 8)
            path.rect(x + 1.5, 701.5, 5, 5)
        else:
            path.moveTo(x, 700)
            for point in ((x, 708), (x + 2, 708), (x + 6, 703), (x + 6, 708), (x + 8, 708)):
                path.lineTo(*point)
            path.lineTo(x + 8, 700)
            path.lineTo(x + 2, 705)
            path.close()
        canvas.drawPath(path, stroke=0, fill=1, fillMode=0)


def _invisible(canvas: Canvas) -> None:
    canvas.setStrokeGray(1)
    canvas.rect(100, 700, 10, 10)
    canvas.setFillGray(1)
    canvas.rect(130, 700, 10, 10, stroke=0, fill=1)


def _large_and_flat(canvas: Canvas) -> None:
    canvas.rect(100, 600, 40, 40)
    canvas.rect(100, 700, 20, 6)


@pytest.mark.parametrize(
    "draw", [_comb, _comb_of_rules, _bullets, _outlined_letters, _invisible, _large_and_flat]
)
def test_decoys_are_no_boxes(draw: Draw) -> None:
    assert ticks(found_on(draw)) == []


def test_two_columns_of_square_cells_are_no_comb() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(403, 724, "OUI")
        canvas.drawString(425, 724, "NON")
        for rank, text in enumerate(("La cible est claire", "Le bilan est fait", "Tout est dit")):
            y = 700 - 22 * rank
            canvas.drawString(60, y + 6, text)
            canvas.rect(400, y, 22, 22)
            canvas.rect(422, y, 22, 22)

    found = ticks(found_on(draw))
    assert [(one.label, one.column) for one in found] == [
        (text, column)
        for text in ("La cible est claire", "Le bilan est fait", "Tout est dit")
        for column in ("OUI", "NON")
    ]


@pytest.mark.parametrize(("before", "after"), [("OUI", ""), ("", "OUI")], ids=["left", "right"])
def test_captions_are_on_one_side_of_a_row(before: str, after: str) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 702, "Un système de relance est mis en œuvre")
        for x, text in ((350, "OUI"), (420, "NON")):
            canvas.rect(x, 700, 10, 10)
            canvas.drawString(x - 27 if before else x + 14, 702, text)

    found = ticks(found_on(draw))
    assert [(one.label, one.column) for one in found] == [
        ("Un système de relance est mis en œuvre", "OUI"),
        ("Un système de relance est mis en œuvre", "NON"),
    ]


@pytest.mark.parametrize("level", ["first", "last"])
def test_a_label_is_its_whole_paragraph(level: str) -> None:
    texts = [("Les moyens nécessaires à la", "mise en œuvre sont", "identifiés")] * 1 + [
        ("Les priorités sont", "identifiées"),
        ("Un système de relance est", "mis en œuvre", "et suivi"),
    ]

    def draw(canvas: Canvas) -> None:
        y = 700.0
        for lines in texts:
            for rank, line in enumerate(lines):
                canvas.drawString(60, y, line)
                if rank == (0 if level == "first" else len(lines) - 1):
                    canvas.drawString(380, y, "Oui")
                    canvas.rect(400, y - 1, 9, 9)
                    canvas.drawString(430, y, "Non")
                    canvas.rect(454, y - 1, 9, 9)
                y -= 12.5

    found = ticks(found_on(draw))
    assert [one.label for one in found[::2]] == [" ".join(lines) for lines in texts]
    assert [one.column for one in found] == ["Oui", "Non"] * 3


@pytest.mark.parametrize(
    ("font", "glyph", "state"),
    [
        ("ZapfDingbats", "❏", Mark.OFF),
        ("ZapfDingbats", "❒", Mark.OFF),
        ("ZapfDingbats", "❑", Mark.OFF),
    ],
)
def test_glyphs_of_a_pictorial_font(font: str, glyph: str, state: Mark) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(80, 700, "Autre")
        canvas.setFont(font, 11)
        canvas.drawString(60, 700, glyph)

    (one,) = found_on(draw)
    assert (one.locator.kind, one.label, one.state) == (PdfKind.BOX, "Autre", state)


@pytest.mark.parametrize("glyph", ["■", "●", "➢", "✓", "❖"])
def test_other_signs_of_a_pictorial_font_are_bullets(glyph: str) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(80, 700, "Autre")
        canvas.setFont("ZapfDingbats", 11)
        canvas.drawString(60, 700, glyph)

    assert [one for one in found_on(draw) if not one.unfillable] == []


def _type3(square: bytes) -> bytes:
    """A page whose box is a glyph of a Type 3 font: its text says « z »."""
    pdf = pikepdf.new()
    made = pdf.add_blank_page(page_size=(300, 300))
    glyph = pdf.make_stream(b"1000 0 0 0 1000 1000 d1 " + square)
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type3,
        FontBBox=[0, 0, 1000, 1000],
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        CharProcs=pikepdf.Dictionary(z=glyph),
        Encoding=pikepdf.Dictionary(Type=pikepdf.Name.Encoding, Differences=[122, pikepdf.Name.z]),
        FirstChar=122,
        LastChar=122,
        Widths=[1000],
    )
    made.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    made.Contents = pdf.make_stream(b"BT /F1 12 Tf 100 200 Td (z) Tj ET")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def test_a_glyph_that_the_text_does_not_tell_is_judged_by_its_ink() -> None:
    hollow = b"100 100 800 800 re 200 200 600 600 re f*"
    assert len(ticks(detect(_type3(hollow)))) == 1
    assert detect(_type3(b"100 100 800 800 re f")) == ()


@pytest.mark.parametrize("how", ["letter", "cross"])
def test_a_square_that_comes_ticked_says_so(how: str) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(100, 700, 10, 10)
        canvas.drawString(116, 702, "Autre")
        if how == "letter":
            canvas.drawString(101.7, 701.5, "X")
        else:
            canvas.line(102, 702, 108, 708)
            canvas.line(102, 708, 108, 702)

    (one,) = ticks(found_on(draw))
    assert one.state is Mark.ON


def test_empty_cells_under_headers_and_not_the_others() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.grid([50, 400, 450, 500], [600, 625, 650, 675, 700])
        canvas.setFont("Helvetica-Bold", 10)
        for x, text in ((60, "Critères"), (410, "NON"), (460, "OUI")):
            canvas.drawString(x, 683, text)
        canvas.drawString(60, 658, "Organisation de son activité")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 633, "Les priorités sont identifiées")
        canvas.drawString(60, 608, "Les moyens sont pertinents")

    found = found_on(draw)
    assert [(one.locator.kind, one.label, one.column) for one in found] == [
        (PdfKind.CELL, label, column)
        for label in ("Les priorités sont identifiées", "Les moyens sont pertinents")
        for column in ("NON", "OUI")
    ]
    assert near(rect_of(found[0]), Rect(400, 625, 450, 650))
    assert {one.heading for one in found} == {"Organisation de son activité"}


def test_a_table_goes_on_over_the_page_without_its_header() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.grid([50, 400, 450, 500], [60, 85, 110])
        for x, text in ((60, "Critères"), (410, "OUI"), (460, "NON")):
            canvas.drawString(x, 93, text)
        canvas.drawString(60, 68, "Les besoins du client sont")
        canvas.showPage()
        canvas.setFont("Helvetica", 10)
        canvas.grid([50, 400, 450, 500], [730, 755, 780])
        canvas.drawString(60, 763, "identifiés")
        canvas.drawString(60, 738, "Le choix est justifié")

    found = found_on(draw)
    # The rest of the cut row is no row.
    assert [(one.label, one.column) for one in found] == [
        ("Les besoins du client sont", "OUI"),
        ("Les besoins du client sont", "NON"),
        ("Le choix est justifié", "OUI"),
        ("Le choix est justifié", "NON"),
    ]


@pytest.mark.parametrize("how", ["rule", "bar", "dots", "underscores", "dashes"])
def test_lines_to_write_on(how: str) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Prénom :")
        if how == "rule":
            canvas.line(110, 698, 400, 698)
        elif how == "bar":
            canvas.rect(110, 698, 290, 0.5, stroke=0, fill=1)
        elif how == "dashes":
            canvas.setDash(1, 2)
            canvas.line(110, 698, 400, 698)
        else:
            canvas.drawString(110, 700, ("." if how == "dots" else "_") * 70)

    (one,) = found_on(draw)
    assert one.kind is PlacementKind.TEXT_AREA
    assert one.locator.kind is PdfKind.LINE
    assert one.label == "Prénom :"
    assert not one.multiline
    rect = rect_of(one)
    assert abs(rect.x0 - 110) < 2
    assert rect.height >= 10


def test_two_fields_on_one_dotted_line_and_dots_glued_to_the_label() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Nom:" + "." * 60 + " Prénom:" + "." * 60)

    assert [one.label for one in found_on(draw)] == ["Nom:", "Prénom:"]


def test_lines_that_follow_one_another_are_one_area() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 720, "Vos remarques :")
        for rank in range(4):
            canvas.drawString(60, 700 - 18 * rank, "." * 150)
        canvas.drawString(60, 600, "Date :")
        canvas.drawString(100, 600, "." * 40)

    area, line = found_on(draw)
    assert (area.label, area.multiline, area.locator.kind) == (
        "Vos remarques :",
        True,
        PdfKind.AREA,
    )
    assert rect_of(area).height > 54
    assert (line.label, line.multiline) == ("Date :", False)


def test_rules_that_underline_or_separate_are_no_lines() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(60, 700, "Un titre souligné de toute sa largeur")
        canvas.line(60, 696, 320, 696)
        canvas.line(40, 500, 555, 500)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 450, "Introduction" + "." * 80 + " 12")

    assert found_on(draw) == ()


@pytest.mark.parametrize("dashed", [False, True])
def test_frames_to_fill(dashed: bool) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 720, "Commentaires de l’évaluateur :")
        if dashed:
            canvas.setDash(4, 3)
        canvas.rect(60, 600, 400, 110)
        canvas.setDash()
        canvas.rect(60, 500, 400, 60)
        canvas.drawString(66, 545, "Signature et cachet")
        canvas.rect(60, 400, 400, 40)
        canvas.drawString(66, 420, "Consigne : pour chaque critère, cochez une case.")

    comment, signature = found_on(draw)
    assert comment.kind is PlacementKind.TEXT_AREA
    assert comment.label == "Commentaires de l’évaluateur :"
    assert comment.multiline
    assert near(rect_of(comment), Rect(60, 600, 460, 710), 3)
    assert signature.kind is PlacementKind.SIGNATURE_AREA
    assert rect_of(signature).y1 < 545


def test_a_signature_needs_no_frame() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Signature :")
        canvas.drawString(60, 600, "Fait à l’usine")

    (one,) = found_on(draw)
    assert one.kind is PlacementKind.SIGNATURE_AREA
    assert 602 < rect_of(one).y0 < rect_of(one).y1 <= 700


def test_headings_and_reading_order() -> None:
    def draw(canvas: Canvas) -> None:
        for y, title in ((780, "Candidat"), (600, "Évaluateur")):
            canvas.setFont("Helvetica-Bold", 13)
            canvas.drawString(60, y, title)
            canvas.setFont("Helvetica", 10)
            for rank, label in enumerate(("Nom :", "Prénom :")):
                canvas.drawString(60, y - 30 - 25 * rank, label)
                canvas.line(120, y - 32 - 25 * rank, 400, y - 32 - 25 * rank)

    found = found_on(draw)
    assert [(one.heading, one.label) for one in found] == [
        ("Candidat", "Nom :"),
        ("Candidat", "Prénom :"),
        ("Évaluateur", "Nom :"),
        ("Évaluateur", "Prénom :"),
    ]
    assert [one.order for one in found] == [0, 1, 2, 3]


def test_text_up_the_margin_names_nothing() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(100, 700, 10, 10)
        canvas.drawString(116, 702, "Autre")
        canvas.saveState()
        canvas.translate(96, 660)
        canvas.rotate(90)
        canvas.drawString(0, 0, "Grossesse et suites")
        canvas.restoreState()

    (one,) = found_on(draw)
    assert one.label == "Autre"


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_rectangles_are_in_default_user_space(angle: int) -> None:
    with pikepdf.open(io.BytesIO(drawn_page(_re))) as pdf:
        pdf.pages[0].obj.Rotate = angle
        pdf.pages[0].mediabox = [-20, -30, 595, 842]
        pdf.pages[0].cropbox = [15, 40, 500, 800]
        out = io.BytesIO()
        pdf.save(out)
    (one,) = detect(out.getvalue())
    assert near(rect_of(one), BOX, 0.6)


def test_a_letter_has_nothing_to_fill() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Madame, Monsieur,")
        canvas.drawString(60, 680, "Veuillez trouver ci-joint le guide demandé.")

    assert found_on(draw) == ()


def test_boxes_before_the_text_that_they_share() -> None:
    texts = ("La réclamation est prise en compte", "La gravité est identifiée")

    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 730, "OUI")
        canvas.drawString(90, 730, "NON")
        for rank, text in enumerate(texts):
            y = 700 - 25 * rank
            canvas.rect(64, y, 9, 9)
            canvas.rect(97, y, 9, 9)
            canvas.drawString(125, y + 1, text)

    assert [(one.label, one.column) for one in ticks(found_on(draw))] == [
        (text, column) for text in texts for column in ("OUI", "NON")
    ]


def test_a_comb_whose_cells_do_not_touch() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 702, "Code postal")
        for rank in range(5):
            canvas.rect(120 + 14 * rank, 700, 11, 11)
        canvas.drawString(50, 662, "Vous êtes")
        for rank, text in enumerate(("salarié", "cadre", "retraité", "autre")):
            canvas.rect(120 + 80 * rank, 660, 11, 11)
            canvas.drawString(135 + 80 * rank, 662, text)

    words = ("salarié", "cadre", "retraité", "autre")
    assert [one.label for one in ticks(found_on(draw))] == [f"Vous êtes : {one}" for one in words]


def test_a_form_with_text_fields_still_has_its_signature_frame() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 705, "Nom")
        canvas.acroForm.textfield(name="Texte1", x=120, y=700, width=200, height=16)
        canvas.rect(60, 600, 200, 40)
        canvas.drawString(60, 645, "Remarques")
        canvas.rect(60, 500, 200, 60)
        canvas.drawString(60, 565, "Signature")

    assert [(one.kind, one.label) for one in found_on(draw)] == [
        (PlacementKind.TEXT_AREA, "Nom"),
        (PlacementKind.SIGNATURE_AREA, "Signature"),
    ]
