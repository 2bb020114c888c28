"""A blank whose drawn box is ticked is refused, naming the box; a widget that is, is unticked."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pikepdf
import pytest
from blanks import drawn_blank, mapping_of
from pikepdf import Array, Dictionary, Name
from samples import EDITION, changed, plan_of

from cqp_forms import fonts
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Plan
from cqp_forms.shown import differences

BOX = "c1.1.1.oui"
#: Where the tests draw a box of their own, clear of the blank's: its right margin.
X, Y, SIDE = 560.0, 400.0, 10.0
OWN = Rect(X, Y, X + SIDE, Y + SIDE)
CELL = Rect(500, Y, 555, Y + 20)
SQUARE = f"0.5 w {X} {Y} {SIDE} {SIDE} re S "
CROSS = f"{X + 2} {Y + 2} m {X + 8} {Y + 8} l {X + 2} {Y + 8} m {X + 8} {Y + 2} l S"

Drawing = Callable[[pikepdf.Pdf, pikepdf.Object], str]


def plain(content: str) -> Drawing:
    return lambda _pdf, _page: content


def text(face: str, char: str, at: str) -> Drawing:
    """A character of a font that every viewer has."""

    def draw(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
        made = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(face))
        page.Resources.Font = Dictionary({**dict(page.Resources.Font.items()), "/T": made})
        return f"{SQUARE} BT /T 10 Tf {at} Td ({char}) Tj ET"

    return draw


def ballot(char: str) -> Drawing:
    """A box that is a character of an embedded font."""

    def draw(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
        face = next(one for one in fonts.faces() if one.covers(char))
        descriptor = Dictionary(
            Type=Name.FontDescriptor, FontName=Name("/AAAAAA+Signes"), Flags=4, ItalicAngle=0,
            FontBBox=Array([0, -300, 1000, 1000]), Ascent=900, Descent=-300, CapHeight=700,
            StemV=80, FontFile2=pdf.make_stream(zlib.decompress(face.font_file)),
        )  # fmt: skip
        below = Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/AAAAAA+Signes"),
            CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            FontDescriptor=pdf.make_indirect(descriptor), CIDToGIDMap=Name.Identity, DW=0,
            W=Array([1, Array(face.advances)]),
        )  # fmt: skip
        made = Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/AAAAAA+Signes"),
            Encoding=Name("/Identity-H"), DescendantFonts=Array([below]),
        )  # fmt: skip
        page.Resources.Font = Dictionary({**dict(page.Resources.Font.items()), "/T": made})
        return f"BT /T 12 Tf {X - 1} {Y + 0.5} Td <{face.glyphs[char]:04X}> Tj ET"

    return draw


def scan(pdf: pikepdf.Pdf, page: pikepdf.Object) -> str:
    """A picture of the whole page: the box and its mark are pixels."""
    pixels = bytearray(b"\xff" * (595 * 842))
    for row in range(842 - int(Y) - 9, 842 - int(Y) - 1):
        pixels[row * 595 + int(X) + 1 : row * 595 + int(X) + 9] = bytes(8)
    image = pdf.make_stream(bytes(pixels))
    image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 595, 842
    image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
    page.Resources.XObject = Dictionary(I=image)
    return "q 595 0 0 842 0 0 cm /I Do Q"


MARKED = {
    "cross": plain(f"{SQUARE} 1 w {CROSS}"),
    "our own cross": plain(f"{SQUARE} 0.05 0.1 0.35 RG 1.2 w 1 J {CROSS}"),
    "tick": plain(f"{SQUARE} 1.5 w {X + 1.5} {Y + 5} m {X + 4} {Y + 2} l {X + 11} {Y + 10} l S"),
    "small square": plain(f"{SQUARE} 0 g {X + 2} {Y + 2} {SIDE - 4} {SIDE - 4} re f"),
    "solid": plain(f"0 g {X} {Y} {SIDE} {SIDE} re f"),
    "character": ballot("☒"),
    "dingbat": text("/ZapfDingbats", "8", f"{X + 1} {Y + 1.5}"),
    "letter": text("/Helvetica", "X", f"{X + 2} {Y + 1.5}"),
    "scan": scan,
}
EMPTY = {
    "square": plain(SQUARE),
    "thick square": plain(f"1.5 w {X} {Y} {SIDE} {SIDE} re S"),
    "shaded": plain(f"0.8 g {X} {Y} {SIDE} {SIDE} re B"),
    "character": ballot("☐"),
}


def blank_with(
    guide: Guide, draw: Drawing, rotate: int = 0, kind: PdfKind = PdfKind.BOX, rect: Rect = OWN
) -> tuple[bytes, PdfMapping]:
    """A flat blank in which the box of c1.1.1.oui is drawn in the margin."""
    document, mapping = drawn_blank(guide, rotate)

    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0].obj
        content = page.Contents.read_bytes().replace(b"2 0 0 2 40 40 cm", b"")
        page.Resources = Dictionary(Font=page.Resources.Font)
        page.Contents = pdf.make_stream(
            content + b"\nq " + draw(pdf, page).encode("latin-1") + b" Q"
        )

    made = changed(document, change)
    locators = dict(mapping.locators) | {BOX: PdfLocator(kind, 1, rect)}
    return made, mapping_of(made, locators, guide)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("draw", MARKED.values(), ids=MARKED.keys())
def test_a_drawn_box_that_comes_ticked_is_refused(guide: Guide, draw: Drawing, rotate: int) -> None:
    document, mapping = blank_with(guide, draw, rotate)
    with pytest.raises(DocumentError) as caught:
        PdfStamper(document, mapping, guide)
    assert "c1.1.1.oui\u00a0» est déjà cochée" in caught.value.message
    assert caught.value.where == "essai.pdf, page 1"
    assert caught.value.exit_code == 4
    assert caught.value.remedy


@pytest.mark.parametrize("words", ["X", "sans objet"])
def test_a_cell_that_comes_filled_is_refused(guide: Guide, words: str) -> None:
    draw = text("/Helvetica", words, f"{CELL.x0 + 5} {CELL.y0 + 6}")
    with pytest.raises(DocumentError, match=r"c1\.1\.1\.oui.*déjà cochée"):
        PdfStamper(*blank_with(guide, draw, kind=PdfKind.CELL, rect=CELL), guide)


@pytest.mark.parametrize("draw", EMPTY.values(), ids=EMPTY.keys())
def test_an_empty_box_of_any_look_is_stamped(guide: Guide, draw: Drawing) -> None:
    document, mapping = blank_with(guide, draw)
    whole = plan_of(guide, frozenset((BOX,)))
    plan = Plan({key: one for key, one in whole.instructions.items() if key in mapping.locators})
    out = PdfStamper(document, mapping, guide).stamp(plan, EDITION)
    assert differences(plan, read(out, mapping, guide, document)) == []
