"""Drawn boxes that come ticked are cleared out of the content, then ticked like any other."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from blanks import drawn_blank, mapping_of
from pikepdf import Array, Dictionary, Name
from samples import EDITION, plan_of

from cqp_forms import fonts
from cqp_forms.alterations import OwnMarks
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.compare import alterations
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import Stamper
from cqp_forms.plan import Plan
from cqp_forms.shown import Mark, differences

BOX, CELL, OTHER = "c1.1.1.oui", "c1.1.1.non", "c1.1.2.oui"
#: Where the tests draw boxes of their own, clear of the blank's: its right margin.
X, Y, SIDE = 560.0, 400.0, 10.0
OWN = Rect(X, Y, X + SIDE, Y + SIDE)
_SCALE = 6

Drawing = Callable[[pikepdf.Pdf, pikepdf.Object], str]


def font(pdf: pikepdf.Pdf, page: pikepdf.Object, name: str, made: pikepdf.Object) -> None:
    # The blank's pages share one dictionary.
    kept = dict(page.Resources.Font.items())
    page.Resources = Dictionary(Font=Dictionary({**kept, f"/{name}": pdf.make_indirect(made)}))


def dingbats(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    made = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.ZapfDingbats)
    font(pdf, page, "Z", made)


def symbols(pdf: pikepdf.Pdf, page: pikepdf.Object) -> fonts.Face:
    """An embedded TrueType font that has the ballot boxes, letters of another beside it."""
    face = next(one for one in fonts.faces() if one.covers("☒☐"))
    file = pdf.make_stream(zlib.decompress(face.font_file))
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name("/AAAAAA+Signes"), Flags=4, ItalicAngle=0,
        FontBBox=Array([0, -300, 1000, 1000]), Ascent=900, Descent=-300, CapHeight=700, StemV=80,
        FontFile2=file,
    )  # fmt: skip
    pairs = "".join(f"<{rank:04X}> <{ord(one):04X}>\n" for rank, one in face.to_unicode.items())
    listed = f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{len(face.chars)} beginbfchar"
    made = Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/AAAAAA+Signes"),
        Encoding=Name("/Identity-H"),
        ToUnicode=pdf.make_stream(f"{listed}\n{pairs}endbfchar".encode()),
        DescendantFonts=Array([Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/AAAAAA+Signes"),
            CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            FontDescriptor=pdf.make_indirect(descriptor), CIDToGIDMap=Name.Identity, DW=0,
            W=Array([1, Array(list(face.advances))]),
        )]),
    )  # fmt: skip
    font(pdf, page, "S", made)
    return face


def hexadecimal(face: fonts.Face, text: str) -> str:
    return "".join(f"{face.glyphs[one]:04X}" for one in text)


SQUARE = f"0.5 w {X} {Y} {SIDE} {SIDE} re S"


def cross(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    lines = f"{X + 2} {Y + 2} m {X + 8} {Y + 8} l S {X + 2} {Y + 8} m {X + 8} {Y + 2} l S"
    return f"{SQUARE} 1 w {lines}"


def our_own_cross(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    """As the program draws it: told from it by nothing but that it is the blank's."""
    a, b, c, d = X + 2.1, X + 7.9, Y + 2.1, Y + 7.9
    return f"{SQUARE} 1.2 w 1 J {a} {c} m {b} {d} l {a} {d} m {b} {c} l S"


def frame_and_cross_in_one_path(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    lines = f"{X + 2} {Y + 2} m {X + 8} {Y + 8} l {X + 2} {Y + 8} m {X + 8} {Y + 2} l"
    return f"0.5 w {X} {Y} {SIDE} {SIDE} re {lines} S"


def tick(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    return f"{SQUARE} 1.5 w {X + 1.5} {Y + 5} m {X + 4} {Y + 2} l {X + 11} {Y + 10.5} l S"


def filled(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    return f"{SQUARE} 0 g {X + 2} {Y + 2} {SIDE - 4} {SIDE - 4} re f"


def solid(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    return f"0 g {X} {Y} {SIDE} {SIDE} re f"


def outlined(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    """Frame and cross as one filled outline: a square with four triangular holes."""
    holes = (
        f"{X + 2} {Y + 1} m {X + 8} {Y + 1} l {X + 5} {Y + 4} l h "
        f"{X + 2} {Y + 9} m {X + 8} {Y + 9} l {X + 5} {Y + 6} l h "
        f"{X + 1} {Y + 2} m {X + 1} {Y + 8} l {X + 4} {Y + 5} l h "
        f"{X + 9} {Y + 2} m {X + 9} {Y + 8} l {X + 6} {Y + 5} l h"
    )
    return f"0 g {X} {Y} {SIDE} {SIDE} re {holes} f*"


def ballot(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    face = symbols(pdf, page)
    codes = hexadecimal(face, "☒")
    return f"BT /S 12 Tf {X - 1} {Y + 0.5} Td <{codes}> Tj ET"


def ballot_among_others(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    face = symbols(pdf, page)
    before, after = hexadecimal(face, "☐"), hexadecimal(face, "☒☐")
    step = face.advances[face.glyphs["☐"] - 1] * 12 / 1000
    return f"BT /S 12 Tf {X - 1 - step - 6} {Y + 0.5} Td [<{before}> -500 <{after}>] TJ ET"


def dingbat(code: str) -> Drawing:
    def draw(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
        dingbats(pdf, page)
        return f"{SQUARE} BT /Z 10 Tf {X + 1} {Y + 1.5} Td ({code}) Tj ET"

    draw.__name__ = f"dingbat {code}"
    return draw


def form(pdf: pikepdf.Pdf, content: str, box: list[float]) -> pikepdf.Object:
    made = pdf.make_stream(content.encode())
    made.Type, made.Subtype, made.BBox = Name.XObject, Name.Form, Array(box)
    return made


def in_a_form(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    """A form that shows more than the box, once."""
    lines = f"1 w {X + 2} {Y + 2} m {X + 8} {Y + 8} l {X + 8} {Y + 2} m {X + 2} {Y + 8} l S"
    everything = f"{SQUARE} {lines} 0.5 w 50 {Y} m 100 {Y} l S"
    page.Resources = Dictionary(Font=page.Resources.Font)
    page.Resources.XObject = Dictionary(F=form(pdf, everything, [0, 0, 595, 842]))
    return "/F Do"


def shown_twice(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    """A mark that another box, which is no placement, shows too."""
    page.Resources = Dictionary(Font=page.Resources.Font)
    page.Resources.XObject = Dictionary(
        F=form(pdf, "1 w 2 2 m 8 8 l 8 2 m 2 8 l S", [0, 0, SIDE, SIDE])
    )
    return f"{SQUARE} q 1 0 0 1 {X} {Y} cm /F Do Q q 1 0 0 1 {X} {Y - 40} cm /F Do Q"


def picture(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    return f"{SQUARE} q 6 0 0 6 {X + 2} {Y + 2} cm BI /W 1 /H 1 /BPC 8 /CS /G ID \0 EI Q"


DRAWINGS = (
    cross, our_own_cross, frame_and_cross_in_one_path, tick, filled, solid, outlined, ballot,
    ballot_among_others, dingbat("8"), dingbat("4"), dingbat("n"), in_a_form, shown_twice, picture,
)  # fmt: skip


def blank_with(
    guide: Guide, draw: Drawing, rotate: int = 0, kind: PdfKind = PdfKind.BOX, rect: Rect = OWN
) -> tuple[bytes, PdfMapping]:
    """A flat blank in which the box of c1.1.1.oui is drawn, ticked, in the margin."""
    document, mapping = drawn_blank(guide, rotate)
    buffer = BytesIO()
    with pikepdf.open(BytesIO(document)) as pdf:
        page = pdf.pages[0].obj
        content = page.Contents.read_bytes().replace(b"2 0 0 2 40 40 cm", b"")
        page.Contents = pdf.make_stream(
            content + b"\nq " + draw(pdf, page).encode("latin-1") + b" Q"
        )
        pdf.save(buffer, deterministic_id=True)
    locators = dict(mapping.locators) | {BOX: PdfLocator(kind, 1, rect)}
    return buffer.getvalue(), mapping_of(buffer.getvalue(), locators, guide)


def plan_for(guide: Guide, mapping: PdfMapping, *ticked: str) -> Plan:
    whole = plan_of(guide, frozenset(ticked), {"candidat.nom": "Élodie"})
    return Plan({key: one for key, one in whole.instructions.items() if key in mapping.locators})


def ink(document: bytes, rect: Rect, inset: float) -> int:
    """Dark pixels within a rectangle of the first page, an edge left out."""
    with pypdfium2.PdfDocument(document) as pdf:
        image = pdf[0].render(scale=_SCALE, grayscale=True, rotation=0).to_pil()
    high = image.height
    box = (
        round((rect.x0 + inset) * _SCALE), round(high - (rect.y1 - inset) * _SCALE),
        round((rect.x1 - inset) * _SCALE), round(high - (rect.y0 + inset) * _SCALE),
    )  # fmt: skip
    return int(sum(image.crop(box).histogram()[:150]))


def sides(document: bytes, rect: Rect) -> int:
    """How many sides of a box have a line along them."""
    thin = 1.6
    bands = (
        Rect(rect.x0 - 1, rect.y0, rect.x0 + thin, rect.y1),
        Rect(rect.x1 - thin, rect.y0, rect.x1 + 1, rect.y1),
        Rect(rect.x0, rect.y0 - 1, rect.x1, rect.y0 + thin),
        Rect(rect.x0, rect.y1 - thin, rect.x1, rect.y1 + 1),
    )
    return sum(ink(document, one, 0) > 0.7 * SIDE * _SCALE for one in bands)


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda one: one.__name__)
def test_a_box_that_comes_ticked_is_cleared_and_ticked(guide: Guide, draw: Drawing) -> None:
    document, mapping = blank_with(guide, draw)
    assert ink(document, OWN, 0.28 * SIDE) > 20, "the test draws no mark"
    stamper = Stamper(document, mapping, guide)
    for ticked in ((), (BOX, CELL), (OTHER,)):
        plan = plan_for(guide, mapping, *ticked)
        out = stamper.stamp(plan, EDITION)
        inside = ink(out, OWN, 0.2 * SIDE)
        assert (inside > 60) if BOX in ticked else (inside == 0)
        assert sides(out, OWN) == 4, "the frame is gone"
        assert differences(plan, read(out, mapping, guide)) == []
        assert differences(plan, read(out, mapping, guide, document)) == []
        shown = read(out, mapping, guide, document)
        assert alterations(out, document, mapping, guide, shown, OwnMarks()) == ()


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda one: one.__name__)
def test_nothing_else_of_the_page_changes(guide: Guide, draw: Drawing) -> None:
    from PIL import ImageChops, ImageDraw

    document, mapping = blank_with(guide, draw)
    plan = Plan({key: one for key, one in plan_for(guide, mapping).instructions.items()
                 if key != "candidat.nom"})  # fmt: skip
    images = []
    for one in (document, Stamper(document, mapping, guide).stamp(plan, EDITION)):
        with pypdfium2.PdfDocument(one) as pdf:
            images.append(pdf[0].render(scale=_SCALE, grayscale=True).to_pil())
    changed = ImageChops.difference(*images)
    high = changed.height
    ImageDraw.Draw(changed).rectangle(
        ((X - 2) * _SCALE, high - (Y + SIDE + 2) * _SCALE,
         (X + SIDE + 2) * _SCALE, high - (Y - 2) * _SCALE), fill=0,
    )  # fmt: skip
    assert changed.point(lambda level: 255 if level > 60 else 0).getbbox() is None


def test_the_mark_is_no_longer_in_the_file(guide: Guide) -> None:
    document, mapping = blank_with(guide, ballot_among_others)

    def text(one: bytes) -> str:
        with pypdfium2.PdfDocument(one) as pdf:
            return str(pdf[0].get_textpage().get_text_range())

    out = Stamper(document, mapping, guide).stamp(plan_for(guide, mapping), EDITION)
    assert (text(document).count("☒"), text(document).count("☐")) == (1, 2)
    assert (text(out).count("☒"), text(out).count("☐")) == (0, 2)


@pytest.mark.parametrize("draw", [cross, ballot, dingbat("8")], ids=lambda one: one.__name__)
def test_the_blank_itself_reads_as_ticked(guide: Guide, draw: Drawing) -> None:
    document, mapping = blank_with(guide, draw)
    assert read(document, mapping, guide).ticks[BOX] is Mark.ON
    assert read(document, mapping, guide, document).ticks[BOX] is Mark.ON


def test_a_cell_that_comes_crossed_is_cleared(guide: Guide) -> None:
    def letter(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
        return f"0.5 w 540 {Y} 40 20 re S BT /F1 10 Tf 556 {Y + 6} Td (X) Tj ET"

    cell = Rect(540, Y, 580, Y + 20)
    document, mapping = blank_with(guide, letter, kind=PdfKind.CELL, rect=cell)
    stamper = Stamper(document, mapping, guide)
    for ticked in ((), (BOX,)):
        out = stamper.stamp(plan_for(guide, mapping, *ticked), EDITION)
        assert (ink(out, cell, 2) > 30) == bool(ticked)
        assert differences(plan_for(guide, mapping, *ticked), read(out, mapping, guide)) == []


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_on_turned_pages(guide: Guide, rotate: int) -> None:
    document, mapping = blank_with(guide, tick, rotate)
    out = Stamper(document, mapping, guide).stamp(plan_for(guide, mapping), EDITION)
    assert read(out, mapping, guide).ticks[BOX] is Mark.OFF


def whole_page_picture(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    """A scan: the box and its mark are pixels."""
    pixels = bytearray(b"\xff" * (595 * 842))
    for row in range(842 - int(Y) - 9, 842 - int(Y) - 1):
        pixels[row * 595 + int(X) + 1 : row * 595 + int(X) + 9] = bytes(8)
    image = pdf.make_stream(bytes(pixels))
    image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 595, 842
    image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
    page.Resources = Dictionary(Font=page.Resources.Font, XObject=Dictionary(I=image))
    return "q 595 0 0 842 0 0 cm /I Do Q"


def form_of_two_boxes(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    """A shared form larger than the box: what it shows elsewhere would change with it."""
    content = "0.5 w 0 0 10 10 re S 1 w 2 2 m 8 8 l 8 2 m 2 8 l S 0.5 w 0 -30 10 10 re S"
    page.Resources = Dictionary(Font=page.Resources.Font)
    page.Resources.XObject = Dictionary(F=form(pdf, content, [-1, -31, 11, 11]))
    return f"q 1 0 0 1 {X} {Y} cm /F Do Q q 1 0 0 1 {X} {Y - 90} cm /F Do Q"


def sentence(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    return f"BT /F1 10 Tf 505 {Y + 6} Td (sans objet) Tj ET"


@pytest.mark.parametrize(
    ("draw", "kind", "rect"),
    [
        (whole_page_picture, PdfKind.BOX, OWN),
        (form_of_two_boxes, PdfKind.BOX, OWN),
        (sentence, PdfKind.CELL, Rect(500, Y, 555, Y + 20)),
    ],
)
def test_what_cannot_be_cleared_is_refused(
    guide: Guide, draw: Drawing, kind: PdfKind, rect: Rect
) -> None:
    document, mapping = blank_with(guide, draw, kind=kind, rect=rect)
    with pytest.raises(DocumentError, match=r"c1\.1\.1\.oui.*déjà cochée") as caught:
        Stamper(document, mapping, guide)
    assert caught.value.exit_code == 4
    assert caught.value.remedy
