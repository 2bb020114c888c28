"""A sign is an empty box, a ticked one or neither, and all who look at it say the same."""

from __future__ import annotations

import io

import pikepdf
import pytest
from docx_samples import EDITION, document, guide_of, mapping_of, plan_of
from pikepdf import Dictionary, Name

from cqp_forms import ticksigns
from cqp_forms.docx import wml
from cqp_forms.docx.detect import detect as detect_docx
from cqp_forms.docx.read import read as read_docx
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.guide import FieldKind
from cqp_forms.mapping import (
    Detected,
    DocumentMapping,
    DocxKind,
    Format,
    PdfKind,
    PdfLocator,
    PdfMapping,
    Rect,
)
from cqp_forms.pdf.detect import detect as detect_pdf
from cqp_forms.pdf.read import read as read_pdf
from cqp_forms.shown import Mark
from cqp_forms.ticksigns import CROSSES, EMPTY_BOXES, EMPTY_ROUNDS, MARKS, TICKED_BOXES

GUIDE = guide_of(autre=FieldKind.TICK)
#: Pictorial fonts as documents name them, with codes of theirs, as a letter and as a private one.
FONTS = {
    "Wingdings": {"o": Mark.OFF, "q": Mark.OFF, "\xa8": Mark.OFF, "x": Mark.ON, "\xfe": Mark.ON},
    "Wingdings 2": {"\xa3": Mark.OFF, "Q": Mark.ON, "R": Mark.ON, "S": Mark.ON, "T": Mark.ON},
    "Webdings": {"c": Mark.OFF},
    "ZapfDingbats": {"o": Mark.OFF, "r": Mark.OFF},
}
BOXES = [
    *(("Arial", char, Mark.OFF) for char in EMPTY_BOXES),
    *(("Arial", char, Mark.ON) for char in TICKED_BOXES),
    *((font, char, mark) for font, codes in FONTS.items() for char, mark in codes.items()),
    *(
        (font, chr(0xF000 + ord(char)), mark)
        for font, codes in FONTS.items()
        for char, mark in codes.items()
    ),
    # Left behind by a converter, without its font.
    *(("Arial", chr(0xF000 + ord(char)), mark) for char, mark in FONTS["Wingdings"].items()),
]
#: Signs where a box is known to be; elsewhere a bullet, or a letter.
LOOSE = [
    *(("Arial", char, Mark.OFF) for char in EMPTY_ROUNDS),
    *(("Arial", char, Mark.ON) for char in MARKS + CROSSES),
    *(("Wingdings", char, Mark.ON) for char in "ln\xfb\xfc"),
    *(("Wingdings 2", char, Mark.ON) for char in "OP"),
    *(("Webdings", char, Mark.ON) for char in "agnr"),
    *(("ZapfDingbats", char, Mark.ON) for char in "345678ln"),
]
NEITHER = [
    *(("Arial", char) for char in "aoc1§•–"),
    *(("Wingdings", char) for char in "Xè§\uf0a7"),
    *(("Webdings", char) for char in "do"),
    *(("Wingdings 3", char) for char in "ox\uf06f"),
    *(("Symbol", char) for char in "o\uf0b7\uf06f"),
]


def docx_of(font: str, char: str, *, symbol: bool = False) -> bytes:
    shown = f"<w:t>{char}</w:t>"
    if symbol:
        shown = f'<w:sym w:font="{font}" w:char="{ord(char):04X}"/>'
    fonts = f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr>'
    return document(f"<w:p><w:r>{fonts}{shown}</w:r><w:r><w:t> Autre</w:t></w:r></w:p>")


def pdf_of(font: str, char: str) -> bytes:
    """One page: the sign at 100, 700; where its code is not the character, /ToUnicode gives it."""
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(595, 842))
    code = ord(char) if ord(char) < 256 else ord(char) & 0xFF if ord(char) >> 8 == 0xF0 else 0x41
    sign = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1 if font == "ZapfDingbats" else Name.TrueType,
        BaseFont=Name("/" + font.replace(" ", "")),
        Encoding=Name.WinAnsiEncoding,
        FirstChar=code,
        LastChar=code,
        Widths=[1000],
    )
    if code != ord(char):
        text = char.encode("utf-16-be").hex()
        sign.ToUnicode = made.make_stream(
            (
                "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
                "1 begincodespacerange <00> <FF> endcodespacerange\n"
                f"1 beginbfchar <{code:02X}> <{text}> endbfchar\nendcmap end end"
            ).encode()
        )
    words = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = Dictionary(Font=Dictionary(S=sign, W=words))
    page.Contents = made.make_stream(
        f"BT /S 12 Tf 100 700 Td <{code:02X}> Tj /W 10 Tf 24 0 Td (Autre chose) Tj ET".encode()
    )
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def pdf_mapping(locator: PdfLocator) -> PdfMapping:
    return DocumentMapping("essai", Format.PDF, "essai.pdf", "0" * 64, {"autre": locator})


def state(found: tuple[Detected, ...]) -> Mark | None:
    (one,) = found or (None,)
    return one and one.state


@pytest.mark.parametrize(("font", "char", "mark"), BOXES)
def test_a_box_is_the_same_for_whoever_looks(font: str, char: str, mark: Mark) -> None:
    assert (ticksigns.box(char, font), ticksigns.sign(char, font)) == (mark, mark)

    written = docx_of(font, char)
    assert state(detect_docx(written)) is mark
    glyph = mapping_of(autre=(DocxKind.GLYPH, "body/p"))
    assert read_docx(written, glyph, GUIDE, docx_of("Arial", "☐")).ticks["autre"] is mark
    if ord(char) <= 0xFFFF:
        symbol = docx_of(font, char, symbol=True)
        assert state(detect_docx(symbol)) is mark
        place = mapping_of(autre=(DocxKind.SYMBOL, "body/p/r[1]/sym"))
        assert read_docx(symbol, place, GUIDE, symbol).ticks["autre"] is mark

    printed = pdf_of(font, char)
    (found,) = detect_pdf(printed)
    assert found.state is mark
    assert isinstance(found.locator, PdfLocator)
    assert read_pdf(printed, pdf_mapping(found.locator), GUIDE).ticks["autre"] is mark


@pytest.mark.parametrize(("font", "char", "mark"), BOXES)
def test_a_box_is_stamped_empty_and_ticked_whatever_it_was(
    font: str, char: str, mark: Mark
) -> None:
    ways = [(docx_of(font, char), mapping_of(autre=(DocxKind.GLYPH, "body/p")))]
    if ord(char) <= 0xFFFF:
        place = mapping_of(autre=(DocxKind.SYMBOL, "body/p/r[1]/sym"))
        ways.append((docx_of(font, char, symbol=True), place))
    for blank, mapping in ways:
        stamper = DocxStamper(blank, mapping, GUIDE)
        for ticked in (False, True):
            made = stamper.stamp(plan_of(GUIDE, autre=ticked), EDITION)
            shown = Mark.ON if ticked else Mark.OFF
            assert read_docx(made, mapping, GUIDE, blank).ticks["autre"] is shown


@pytest.mark.parametrize(("font", "char", "mark"), LOOSE)
def test_a_loose_sign_says_something_where_a_box_is_known(font: str, char: str, mark: Mark) -> None:
    assert (ticksigns.box(char, font), ticksigns.sign(char, font)) == (None, mark)

    written = docx_of(font, char)
    assert detect_docx(written) == ()
    glyph = mapping_of(autre=(DocxKind.GLYPH, "body/p"))
    shown = read_docx(written, glyph, GUIDE, docx_of("Arial", "☐"))
    assert shown.ticks == {"autre": mark}

    printed = pdf_of(font, char)
    assert detect_pdf(printed) == ()
    place = PdfLocator(PdfKind.BOX, 1, Rect(100, 698, 112, 710))
    assert read_pdf(printed, pdf_mapping(place), GUIDE).ticks["autre"] is mark


@pytest.mark.parametrize(("font", "char"), NEITHER)
def test_any_other_character_is_no_sign(font: str, char: str) -> None:
    assert (ticksigns.box(char, font), ticksigns.sign(char, font)) == (None, None)
    assert detect_docx(docx_of(font, char)) == ()
    glyph = mapping_of(autre=(DocxKind.GLYPH, "body/p"))
    shown = read_docx(docx_of(font, char), glyph, GUIDE, docx_of("Arial", "☐"))
    assert shown.ticks == {"autre": Mark.DOUBTFUL} or set(shown.gone) == {"autre"}


def test_several_signs_are_not_one() -> None:
    assert ticksigns.sign("☐☒") is ticksigns.sign("") is ticksigns.box("☐ ") is None


def test_what_is_written_for_a_box_is_one() -> None:
    for family, pair in ticksigns.PAIRS.items():
        assert [ticksigns.box(one, family) for one in pair] == [Mark.OFF, Mark.ON]
    assert [ticksigns.box(one) for one in (wml.UNTICKED, wml.TICKED)] == [
        Mark.OFF,
        Mark.ON,
    ]
