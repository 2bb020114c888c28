"""Boxes that are printed otherwise, what only looks like them, and areas of several parts."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected, PdfKind, PdfLocator
from cqp_forms.pdf.detect import detect


def found_on(*draws: object) -> list[Detected]:
    return list(detect(drawn_page(*draws)))  # type: ignore[arg-type]


def ticks(found: list[Detected]) -> list[str]:
    return [one.label for one in found if one.kind is PlacementKind.TICK_BOX]


def place(one: Detected) -> PdfLocator:
    assert isinstance(one.locator, PdfLocator)
    return one.locator


def _nom(canvas: Canvas) -> None:
    canvas.drawString(60, 600, "Nom : ______________________________")


def test_circles_are_boxes() -> None:
    def draw(canvas: Canvas) -> None:
        for y, text in ((760, "Satisfaisant"), (740, "Peu satisfaisant")):
            canvas.circle(64, y + 4, 4)
            canvas.drawString(75, y, text)

    found = found_on(draw)
    assert ticks(found) == ["Satisfaisant", "Peu satisfaisant"]
    assert place(found[0]).rect.width == pytest.approx(8, abs=0.5)


def test_full_discs_and_framed_letters_are_none() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.79, 0.84, 0.2)
        for x in (60, 71, 82):
            canvas.circle(x, 800, 3.5, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.rect(400, 780, 25, 25)
        canvas.setFont("Helvetica", 18)
        canvas.drawString(406, 786, "A")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 786, "Volet")

    assert [one.label for one in found_on(draw, _nom)] == ["Nom :"]


def test_a_full_square_is_named_and_not_filled() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(75, 700, "Convention signée")
        canvas.setFont("ZapfDingbats", 11)
        canvas.drawString(60, 700, "■")

    (one,) = found_on(draw)
    assert (one.label, one.unfillable) == ("Convention signée", "carré plein")


def test_a_round_character_is_a_box_or_a_bullet() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(75, 700, "Satisfaisant")
        canvas.setFont("ZapfDingbats", 11)
        canvas.drawString(60, 700, "❍")

    (one,) = found_on(draw)
    assert one.label == "Satisfaisant"
    assert one.doubt


@pytest.mark.parametrize("grey", [0.0, 0.5, 0.7])
def test_a_font_may_draw_its_boxes_in_grey(grey: float) -> None:
    bare = drawn_page(lambda canvas: canvas.drawString(75, 760, "Oui"))
    with pikepdf.open(BytesIO(bare)) as pdf:
        glyph = pdf.make_stream(b"600 0 0 0 600 600 d1 40 w 20 20 560 560 re S")
        font = Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FirstChar=70, LastChar=70, Widths=Array([600]),
            FontBBox=Array([0, 0, 600, 600]), FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
            CharProcs=Dictionary(F=glyph), Resources=Dictionary(),
            Encoding=Dictionary(Type=Name.Encoding, Differences=Array([70, Name.F])),
        )  # fmt: skip
        page = pdf.pages[0]
        page.obj.Resources.Font.T3 = font
        page.contents_add(b"%.1f g BT /T3 14 Tf 58 759 Td (F) Tj ET" % grey)
        out = BytesIO()
        pdf.save(out)
    assert len(detect(out.getvalue())) == 1


@pytest.mark.parametrize("line", ["........", "___"])
def test_a_date_has_three_places_under_one_name(line: str) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, f"Date de naissance : {line}/{line}/{line}{line}")

    found = found_on(draw)
    assert [(one.label, one.option) for one in found] == [
        ("Date de naissance :", part) for part in ("jour", "mois", "annee")
    ]
    assert len({one.group for one in found}) == 1
    rects = [place(one).rect for one in found]
    assert all(one.x1 < two.x0 for one, two in pairwise(rects))


def test_dots_that_a_word_processor_broke_are_one_area() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(78, 292, "Observations :")
        for y, dots in ((275, 79), (263, 21), (246, 79), (234, 21)):
            canvas.drawString(78, y, "_" * dots)

    (one,) = found_on(draw)
    assert (one.label, one.multiline) == ("Observations :", True)
    assert place(one).rect.height > 45


def test_signatures_side_by_side_do_not_share_their_room() -> None:
    def draw(canvas: Canvas) -> None:
        for x, who in ((39, "l’employeur"), (205, "l’apprenti"), (360, "le tuteur")):
            canvas.drawString(x, 185, f"Signature de {who}")

    found = found_on(draw, _nom)
    rects = [place(one).rect for one in found if one.kind is PlacementKind.SIGNATURE_AREA]
    assert len(rects) == 3
    assert all(one.x1 < two.x0 for one, two in pairwise(rects))


def test_an_invitation_to_write_is_a_place() -> None:
    def draw(canvas: Canvas) -> None:
        for y, label in ((700, "Nom :"), (676, "Courriel :")):
            canvas.drawString(60, y, label)
            canvas.drawString(120, y, "Cliquez ou appuyez ici pour entrer du texte.")

    found = found_on(draw)
    assert [(one.label, place(one).kind) for one in found] == [
        ("Nom :", PdfKind.INVITE), ("Courriel :", PdfKind.INVITE),
    ]  # fmt: skip


def test_room_that_nothing_shows_is_a_place_to_confirm() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Nom du candidat :")
        canvas.drawString(60, 660, "Compétences évaluées :")

    (one,) = found_on(draw)
    assert one.label == "Nom du candidat :"
    assert one.doubt


def _field(canvas: Canvas, name: str, x: float, y: float, width: float) -> None:
    canvas.acroForm.textfield(name=name, x=x, y=y, width=width, height=15, borderWidth=0)


def test_a_form_that_is_fillable_in_part_has_its_lines_too() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Prénom :")
        _field(canvas, "prenom", 120, 697, 200)

    assert [one.label for one in found_on(draw, _nom)] == ["Prénom :", "Nom :"]


def test_captions_under_fields_and_labels_far_from_them() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "demeurant à")
        canvas.drawString(60, 640, "Fonction :")
        canvas.setFontSize(8)
        for name, x, width in (("adresse", 130, 180), ("ville", 315, 110)):
            _field(canvas, name, x, 697, width)
            canvas.drawString(x + 4, 686, name.capitalize())
        _field(canvas, "champ95", 300, 637, 200)

    assert [one.label for one in found_on(draw)] == ["Adresse", "Ville", "Fonction :"]


def test_three_narrow_fields_are_one_date() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Date de naissance :")
        for name, x, width in (("jj", 170, 11.3), ("mm", 190, 11.3), ("aaaa", 210, 24)):
            _field(canvas, name, x, 697, width)
        for x in (184, 204):
            canvas.drawString(x, 700, "/")

    found = found_on(draw)
    assert [one.option for one in found] == ["jour", "mois", "annee"]
    assert {one.label for one in found} == {"Date de naissance :"}
    assert len({one.group for one in found}) == 1


def test_a_field_of_the_foot_or_the_head_that_holds_something_is_no_question() -> None:
    def draw(canvas: Canvas) -> None:
        field = canvas.acroForm.textfield
        canvas.drawString(60, 20, "Adresse :")
        field(name="pied", value="12, rue de la Chimie", x=120, y=15, width=200, height=15)
        field(name="tete", value="Édition 2026", x=120, y=810, width=200, height=15)
        canvas.drawString(60, 700, "Ville :")
        field(name="ville", value="Lyon", x=120, y=697, width=200, height=15)
        canvas.drawString(350, 20, "Visa :")
        field(name="visa", x=400, y=15, width=100, height=15)

    assert [place(one).name for one in found_on(draw)] == ["ville", "visa"]
