"""The bundled fonts: what they print, and that the files are usable as they are in a PDF."""

from __future__ import annotations

import io
import subprocess
import sys
import unicodedata
import zlib
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Stream

from cqp_forms import fonts
from cqp_forms.errors import AnswersError
from cqp_forms.fonts import Style, Weight

NAMES = [
    "Nguyễn Văn Đức",
    "Žižka Řehoř Šťastný",
    "İsmail Ağaoğlu Şükrü",
    "Łukasz Gżegżółka",
    "Γεώργιος Παπαδόπουλος",
    "Сергей Щербаков Їжак",
    "L’œuvre « d’été » — 12 €… ÉÈÇŒ ±²³µ·½ ≥ → ✓ •",
    "Ștefan Țăran, Ðorđe, Þór, Ærø, ẞ",
]


@pytest.mark.parametrize("weight", Weight)
@pytest.mark.parametrize("name", NAMES)
def test_european_and_vietnamese_text_can_be_printed(name: str, weight: Weight) -> None:
    assert fonts.unprintable(name) == ()
    assert "".join(run.text for run in fonts.runs(name, weight)) == name
    assert fonts.width(name, 10, weight) > len(name) * 3


#: What a chemist writes, and what a word processor puts in by itself.
SIGNS = "−⌀∅∈∩∪⇌⇄⟶⋅⊕∝∇∆⌬⚗☢☣⚠♻▶◀①⑳✓→≥²³½⅓₂⁺⁻°µ‰℃Å×÷±"


def test_the_signs_of_chemistry_can_be_printed() -> None:
    for weight in Weight:
        assert fonts.unprintable(SIGNS) == ()
        assert "".join(run.text for run in fonts.runs(SIGNS, weight)) == unicodedata.normalize(
            "NFC", SIGNS
        )


@pytest.mark.parametrize("char", sorted(set(SIGNS) & set("−⌀∅∈∩∪⇌⇄⟶⋅⊕∝∇⌬⚗☢☣♻▶◀①⑳")))
def test_each_sign_has_ink(char: str) -> None:
    (run,) = fonts.runs(char)
    page = pypdfium2.PdfDocument(_pdf_of(run.face, list(run.glyphs)))[0]
    dark, _ = page.render(scale=2, grayscale=True).to_pil().getextrema()
    assert dark < 160


def test_decomposed_text_is_composed_first() -> None:
    decomposed = unicodedata.normalize("NFD", "Élodie Nguyễn")
    assert fonts.unprintable(decomposed) == ()
    assert fonts.width(decomposed, 10) == fonts.width("Élodie Nguyễn", 10)
    assert "".join(run.text for run in fonts.runs(decomposed)) == "Élodie Nguyễn"


@pytest.mark.parametrize("char", ["\u202e", "\u200b", "\ufeff", "\0", "\t", "\x1b", "\u00ad"])
def test_what_shows_nothing_cannot_be_printed(char: str) -> None:
    assert fonts.unprintable(f"a{char}b") == (char,)


@pytest.mark.parametrize("char", ["😀", "中", "\ufffd", "ع", "ก", "\ue000", "\ud800", "\u2028"])
def test_characters_without_a_glyph_are_named_once_in_order(char: str) -> None:
    assert fonts.unprintable(f"x{char}\n\u202e{char}") == (char, "\u202e")


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_unbreakable_and_thin_spaces_stay_themselves(space: str) -> None:
    assert fonts.unprintable(space) == ()
    (run,) = fonts.runs(f"a{space}b c")
    assert "".join(run.face.to_unicode[one] for one in run.glyphs) == f"a{space}b c"
    assert len(set(run.glyphs)) == 5


def test_an_unprintable_character_is_refused_by_name() -> None:
    for call in (fonts.runs, lambda text: fonts.width(text, 10)):
        with pytest.raises(AnswersError) as caught:
            call("a😀")
        assert "U+1F600" in caught.value.message
        assert caught.value.remedy


@pytest.mark.parametrize("base", ["x", "Ω", "Ж", "ế"])
def test_a_mark_without_composed_form_stays_with_its_letter(base: str) -> None:
    text = f"{base}\u0327\u0331"
    assert len(unicodedata.normalize("NFC", text)) > 1
    assert len(fonts.runs(text)) == 1
    assert fonts.width(text, 10) == fonts.width(base, 10)


def test_a_letter_goes_to_the_face_that_has_its_mark() -> None:
    assert [run.text for run in fonts.runs("ab\u1dc4c")] == ["a", "b\u1dc4c"]


def test_a_face_is_kept_while_it_serves() -> None:
    assert [run.face.key for run in fonts.runs("Γ. Smith – Ω")] == ["Regular-greek"]
    assert [run.face.key for run in fonts.runs("Dupont (Ж)")] == [
        "Regular-latin",
        "Regular-cyrillic",
    ]


@given(st.text(st.sampled_from(fonts.faces()[0].chars + fonts.faces()[1].chars + "ЖΩ→✓ậ")))
def test_runs_lose_nothing_and_agree_with_the_width(text: str) -> None:
    found = fonts.runs(text)
    assert "".join(run.text for run in found) == unicodedata.normalize("NFC", text)
    advance = sum(run.face.advances[glyph - 1] for run in found for glyph in run.glyphs)
    assert advance / 100 == pytest.approx(fonts.width(text, 10))
    for run in found:
        assert [run.face.to_unicode[one] for one in run.glyphs] == list(run.text)


@pytest.mark.parametrize("weight", Weight)
def test_faces_are_small_and_found_by_key(weight: Weight) -> None:
    found = fonts.faces(weight)
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert fonts.face(one.key) is one
        assert len(zlib.decompress(one.font_file)) == one.length1
        assert len(one.chars) == len(set(one.chars)) == len(one.advances)
    assert len(found[0].font_file) < 25_000
    with pytest.raises(KeyError):
        fonts.face("Regular-klingon")


def _pdf_of(face: fonts.Face, glyphs: list[int]) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(40 * len(glyphs), 60))
    metrics = face.metrics
    file = Stream(pdf, face.font_file, Filter=Name.FlateDecode, Length1=face.length1)
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name("/" + face.name), Flags=4, FontFile2=file,
        FontBBox=Array(metrics.bbox), ItalicAngle=metrics.italic_angle, Ascent=metrics.ascent,
        Descent=metrics.descent, CapHeight=metrics.cap_height, StemV=metrics.stem_v,
    )  # fmt: skip
    cid = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/" + face.name),
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor), CIDToGIDMap=Name.Identity,
        W=Array([1, Array(face.advances)]),
    )  # fmt: skip
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/" + face.name),
        Encoding=Name("/Identity-H"), DescendantFonts=Array([pdf.make_indirect(cid)]),
    )  # fmt: skip
    page = pdf.pages[0]
    page.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
    shown = " ".join(f"1 0 0 1 {40 * rank + 8} 20 Tm <{one:04x}> Tj"
                     for rank, one in enumerate(glyphs))  # fmt: skip
    page.Contents = pdf.make_stream(f"BT /F 24 Tf {shown} ET".encode())
    stream = io.BytesIO()
    pdf.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("face", [*fonts.faces(), *fonts.faces(Weight.BOLD)], ids=lambda f: f.key)
def test_each_face_draws_its_characters(face: fonts.Face) -> None:
    """Every 23rd character has ink in its cell: the glyph order is the characters' order."""
    chars = [one for one in face.chars[::23] if unicodedata.category(one) not in ("Zs", "Mn")]
    page = pypdfium2.PdfDocument(_pdf_of(face, [face.glyphs[one] for one in chars]))[0]
    image = page.render(scale=1, grayscale=True).to_pil()
    for rank, char in enumerate(chars):
        dark, _ = image.crop((40 * rank, 0, 40 * rank + 40, 60)).getextrema()
        assert dark < 160, f"{char} U+{ord(char):04X}"


@pytest.mark.parametrize("style", Style)
def test_the_blanks_font_is_there_in_four_styles(style: Style) -> None:
    assert fonts.blank_font(style)[:4] == b"\0\1\0\0"


def test_each_font_has_its_licence_beside_it() -> None:
    folder = Path(fonts.__file__).parent
    families = {path.name.partition("-")[0] for path in folder.iterdir() if "-" in path.name}
    assert families == {"NotoSans", "Carlito"}
    for family in families:
        text = (folder / f"{family}-LICENSE.txt").read_text("utf-8")
        assert "Copyright" in text
        assert "SIL OPEN FONT LICENSE" in text


def test_neither_fonttools_nor_a_pdf_library_is_loaded_to_measure_text() -> None:
    script = (
        "import sys; from cqp_forms import fonts; fonts.width('é', 10); "
        "print({'fontTools', 'reportlab', 'pikepdf'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
