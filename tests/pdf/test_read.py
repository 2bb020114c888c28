"""Reading back: what was stamped is read as planned, and what was tampered with is noticed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from blanks import drawn_blank, form_blank, mapping_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String
from samples import EDITION, HOSTILE, NAMES, plan_of, random_plan
from strategies import texts as random_texts

from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import Format, PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.read import read, read_payload
from cqp_forms.pdf.stamp import Stamper
from cqp_forms.plan import Finish, Instruction, Plan, Stage, Text, Tick
from cqp_forms.project import Project
from cqp_forms.shown import Mark, differences

Blank = tuple[bytes, PdfMapping]


@pytest.fixture(scope="module")
def blank(guide: Guide) -> Blank:
    return form_blank(guide)


@pytest.fixture(scope="module")
def flat(guide: Guide, blank: Blank) -> Stamper:
    return Stamper(*blank, guide)


@pytest.fixture(scope="module", params=["flat", "editable", "real flat", "real editable"])
def stamped(
    request: pytest.FixtureRequest, guide: Guide, blank: Blank, project: Project
) -> tuple[Stamper, PdfMapping]:
    document, mapping = blank
    if request.param.startswith("real"):
        found = project.blank(guide, Format.PDF)
        assert isinstance(found.mapping.locators["candidat.nom"].page, int)
        document, mapping = found.content, found.mapping  # type: ignore[assignment]
    finish = Finish(request.param.rpartition(" ")[2])
    return Stamper(document, mapping, guide, finish), mapping


@pytest.mark.parametrize("long", [30, 300, 4000])
def test_what_is_stamped_is_read(
    stamped: tuple[Stamper, PdfMapping], guide: Guide, long: int
) -> None:
    stamper, mapping = stamped
    plan = random_plan(guide, long, long)
    assert differences(plan, read(stamper.stamp(plan, EDITION), mapping, guide)) == []


def test_a_draft_with_all_mentions_reads_the_same(
    stamped: tuple[Stamper, PdfMapping], guide: Guide
) -> None:
    stamper, mapping = stamped
    plan = random_plan(guide, 5, 3000)
    edition = replace(
        EDITION, stage=Stage.DRAFT, cover_note="Version 2 – motif : essai", margin_note="Version 2"
    )
    assert differences(plan, read(stamper.stamp(plan, edition), mapping, guide)) == []


@settings(max_examples=30)
@given(data=st.data())
def test_any_ticks_and_texts_come_back(data: st.DataObject, guide: Guide) -> None:
    document, mapping = _cached_blank(guide)
    boxes = [one.id for one in guide.placements_of(PlacementKind.TICK_BOX)]
    areas = [one.id for one in guide.placements_of(PlacementKind.TEXT_AREA)]
    ticked = frozenset(data.draw(st.sets(st.sampled_from(boxes))))
    shown = {key: data.draw(st.just("") | random_texts(long=True)) for key in areas}
    plan = plan_of(guide, ticked, shown)
    for finish in Finish:
        out = _cached_stamper(guide, finish).stamp(plan, EDITION)
        assert differences(plan, read(out, mapping, guide)) == []
        assert differences(plan, read(out, mapping, guide, document)) == []


_made: dict[object, object] = {}


def _cached_blank(guide: Guide) -> Blank:
    if "blank" not in _made:
        _made["blank"] = form_blank(guide)
    return _made["blank"]  # type: ignore[return-value]


def _cached_stamper(guide: Guide, finish: Finish) -> Stamper:
    if finish not in _made:
        _made[finish] = Stamper(*_cached_blank(guide), guide, finish)
    return _made[finish]  # type: ignore[return-value]


@pytest.mark.parametrize("text", [*NAMES, *HOSTILE, "a" * 300, "mot " * 90 + "fin", "a\nb", "  x"])
@pytest.mark.parametrize("key", ["candidat.nom", "commentaires.evaluateur_cpne"])
def test_text_is_read_as_typed(
    flat: Stamper, blank: Blank, guide: Guide, text: str, key: str
) -> None:
    plan = plan_of(guide, texts={key: text, "remarques.formation": "long\n" * 60 + "fin"})
    assert read(flat.stamp(plan, EDITION), blank[1], guide).texts[key] == text


def test_decomposed_accents_are_read_composed(flat: Stamper, blank: Blank, guide: Guide) -> None:
    text = unicodedata.normalize("NFD", "Évaluée à Nguyễn")
    out = flat.stamp(plan_of(guide, texts={"candidat.nom": text}), EDITION)
    shown = read(out, blank[1], guide)
    assert shown.texts["candidat.nom"] == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("long", [4_000, 10_000])
@pytest.mark.parametrize("tail", ["", "x" * 200, "\n\n\n"])
def test_a_long_comment_comes_back_whole(
    flat: Stamper, blank: Blank, guide: Guide, long: int, tail: str
) -> None:
    body = ("Elle maîtrise l’analyse,  deux espaces ; puis\nune ligne. " * (long // 50))[:long]
    shown = {
        "commentaires.evaluateur_metier": f"{body}{tail}.",
        "commentaires.evaluateur_cpne": f"{tail}{body}.".lstrip("\n"),
        "remarques.autre": "\n".join("ligne" for _ in range(long // 20)),
        "candidat.nom": "N" * 400,
        "candidat.nom@2": "N" * 400,
    }
    plan = plan_of(guide, texts=shown)
    read_ = read(flat.stamp(plan, EDITION), blank[1], guide)
    assert {key: read_.texts[key] for key in shown} == shown


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (40, 30, 560, 820)])
def test_drawn_boxes_on_turned_and_cropped_pages(
    guide: Guide, rotate: int, crop: tuple[float, float, float, float] | None
) -> None:
    document, mapping = drawn_blank(guide, rotate, crop)
    keys = [key for key in mapping.locators if key.startswith("c1.")]
    shown = {
        "candidat.nom": "Élodie Nguyễn",
        "commentaires.evaluateur_cpne": "deux mots " * 20 + "\nune ligne",
    }
    whole = plan_of(guide, frozenset(keys[::2]), shown)
    plan = Plan({key: one for key, one in whole.instructions.items() if key in mapping.locators})
    out = Stamper(document, mapping, guide).stamp(plan, EDITION)
    assert differences(plan, read(out, mapping, guide)) == []
    assert differences(plan, read(out, mapping, guide, document)) == []


def edited(document: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(BytesIO(document)) as pdf:
        change(pdf)
        buffer = BytesIO()
        pdf.save(buffer)
    return buffer.getvalue()


def overlay(pdf: pikepdf.Pdf, page: int) -> pikepdf.Object:
    return pdf.pages[page].obj.Resources.XObject.CqpOverlay


def drawing(page: int, content: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[page].contents_add(content.encode())

    return change


BOX = "c1.1.1.oui"
OTHER = "c1.1.1.non"


@pytest.fixture(scope="module")
def one_tick(flat: Stamper, guide: Guide) -> bytes:
    return flat.stamp(plan_of(guide, frozenset((BOX,)), {"candidat.nom": "Élodie"}), EDITION)


def box_at(blank: Blank, key: str) -> tuple[int, float, float, float]:
    locator = blank[1].locators[key]
    return locator.page - 1, *locator.rect.centre, locator.rect.width


def test_a_tick_taken_away_is_noticed(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    def erase(pdf: pikepdf.Pdf) -> None:
        form = overlay(pdf, 0)
        form.write(b"\n".join(line for line in form.read_bytes().split(b"\n") if b" S" not in line))

    shown = read(edited(one_tick, erase), blank[1], guide)
    assert shown.ticks[BOX] is Mark.OFF
    assert shown.texts["candidat.nom"] == "Élodie"


def test_a_tick_moved_to_the_other_box_is_noticed(
    one_tick: bytes, blank: Blank, guide: Guide
) -> None:
    def move(pdf: pikepdf.Pdf) -> None:
        form = overlay(pdf, 0)
        form.write(b"q 1 0 0 1 60 0 cm\n" + form.read_bytes() + b"\nQ")

    shown = read(edited(one_tick, move), blank[1], guide)
    assert (shown.ticks[BOX], shown.ticks[OTHER]) == (Mark.OFF, Mark.ON)


def test_a_second_tick_drawn_by_hand_is_noticed(
    one_tick: bytes, blank: Blank, guide: Guide
) -> None:
    page, x, y, _ = box_at(blank, OTHER)
    stroke = f"1 w {x - 4} {y} m {x - 1} {y - 4} l {x + 4} {y + 4} l S"
    shown = read(edited(one_tick, drawing(page, stroke)), blank[1], guide)
    assert (shown.ticks[BOX], shown.ticks[OTHER]) == (Mark.ON, Mark.ON)


def test_a_tick_typed_as_a_letter_counts(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    page, x, y, _ = box_at(blank, OTHER)
    typed = f"BT /F1 9 Tf {x - 3} {y - 3} Td (X) Tj ET"
    assert read(edited(one_tick, drawing(page, typed)), blank[1], guide).ticks[OTHER] is Mark.ON


@pytest.mark.parametrize(
    "content",
    [
        "1 w {x} {y} m {x1} {y1} l S",  # a stray dot of a pen
        "3 w {left} {y} m {right} {y} l S",  # a stroke across both boxes
        "{left} {low} {wide} {wide} re f",  # a blot
        "BT /F1 5 Tf {left} {y} Td (oui?) Tj ET",  # a word
    ],
)
def test_what_is_no_plain_mark_is_in_doubt(
    one_tick: bytes, blank: Blank, guide: Guide, content: str
) -> None:
    page, x, y, side = box_at(blank, OTHER)
    wide = side if "re f" in content else 60
    left, right = (x - side / 2, x + 60)
    drawn = content.format(
        x=x, y=y, x1=x + 1, y1=y + 1, left=left, right=right, low=y - side / 2, wide=wide
    )
    shown = read(edited(one_tick, drawing(page, drawn)), blank[1], guide)
    assert shown.ticks[OTHER] is Mark.DOUBTFUL


def test_a_tick_painted_over_is_no_tick(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    page, x, y, side = box_at(blank, BOX)
    cover = f"1 g {x - side / 2} {y - side / 2} {side} {side} re f"
    assert read(edited(one_tick, drawing(page, cover)), blank[1], guide).ticks[BOX] is Mark.OFF


def test_a_tick_struck_out_is_in_doubt(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    page, x, y, _ = box_at(blank, BOX)
    strike = f"2 w {x - 30} {y} m {x + 30} {y} l S"
    assert read(edited(one_tick, drawing(page, strike)), blank[1], guide).ticks[BOX] is (
        Mark.DOUBTFUL
    )


def test_text_painted_over_or_added_is_noticed(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    rect = blank[1].locators["candidat.nom"].rect
    cover = f"1 g {rect.x0} {rect.y0} {rect.width} {rect.height} re f"
    assert read(edited(one_tick, drawing(0, cover)), blank[1], guide).texts["candidat.nom"] == ""
    added = f"0 g BT /F1 9 Tf {rect.x0 + 100} {rect.y0 + 5} Td (bis) Tj ET"
    got = read(edited(one_tick, drawing(0, added)), blank[1], guide).texts["candidat.nom"]
    assert got == "Élodie\nbis"


def test_a_pen_annotation_counts_as_ink(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    page, x, y, _ = box_at(blank, OTHER)

    def annotate(pdf: pikepdf.Pdf) -> None:
        look = pdf.make_stream(b"1 w 1 1 m 7 7 l 1 7 m 7 1 l S")
        look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 8, 8])
        ink = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Ink,
            Rect=Array([x - 4, y - 4, x + 4, y + 4]),
            AP=Dictionary(N=look),
        )
        target = pdf.pages[page].obj
        target.Annots = Array([*target.get(Name.Annots, []), pdf.make_indirect(ink)])

    assert read(edited(one_tick, annotate), blank[1], guide).ticks[OTHER] is Mark.ON


def test_an_annex_changed_by_hand_is_noticed(flat: Stamper, blank: Blank, guide: Guide) -> None:
    plan = plan_of(guide, texts={"commentaires.evaluateur_cpne": "mot " * 900 + "fin"})
    out = flat.stamp(plan, EDITION)
    total = max(one.page for one in blank[1].locators.values())

    def cut(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[total]

    key = "commentaires.evaluateur_cpne"
    shown = read(edited(out, cut), blank[1], guide)
    assert key not in shown.texts
    assert "annexe" in shown.gone[key]
    added = drawing(total, "BT /F 9 Tf 80 400 Td (x) Tj ET")
    assert read(out, blank[1], guide).texts[key] == plan.texts[key]
    assert read(edited(out, added), blank[1], guide).texts[key] != plan.texts[key]


def test_a_page_that_is_missing_shows_nothing(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    def cut(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[-1]

    shown = read(edited(one_tick, cut), blank[1], guide)
    last = max(one.page for one in blank[1].locators.values())
    gone = {key for key, one in blank[1].locators.items() if one.page == last}
    assert gone & set(guide.placements)
    assert not gone & (set(shown.ticks) | set(shown.texts))
    assert {shown.gone[key] for key in gone if key in shown.gone} == {f"page {last} absente"}
    assert shown.places["candidat.nom"] == "page 1"


# A form filled by hand in a viewer


def fill_by_hand(blank: Blank, changes: dict[str, Callable[[pikepdf.Object], None]]) -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        for field in pdf.Root.AcroForm.Fields:
            if str(field.T) in changes:
                changes[str(field.T)](field)

    return edited(blank[0], change)


def tick(value: str | None, state: str | None) -> Callable[[pikepdf.Object], None]:
    def change(field: pikepdf.Object) -> None:
        if value is not None:
            field.V = Name(value)
        if state is not None:
            field.AS = Name(state)

    return change


@pytest.mark.parametrize(
    ("value", "state", "mark"),
    [
        ("/Oui", "/Oui", Mark.ON),
        ("/Off", "/Off", Mark.OFF),
        ("/Oui", "/Off", Mark.DOUBTFUL),
        ("/Off", "/Oui", Mark.DOUBTFUL),
        ("/Yes", "/Yes", Mark.DOUBTFUL),
    ],
)
def test_a_box_ticked_by_hand(
    blank: Blank, guide: Guide, value: str, state: str, mark: Mark
) -> None:
    document = fill_by_hand(blank, {BOX: tick(value, state)})
    assert read(document, blank[1], guide).ticks[BOX] is mark


def test_a_box_whose_appearance_is_missing_is_in_doubt(blank: Blank, guide: Guide) -> None:
    def strip(field: pikepdf.Object) -> None:
        field.V, field.AS = Name.Oui, Name.Oui
        del field.AP

    document = fill_by_hand(blank, {BOX: strip})
    assert read(document, blank[1], guide).ticks[BOX] is Mark.DOUBTFUL


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("Élodie", "Élodie"), ("a\rb\r\nc", "a\nb\nc"), ("Ελλάδα Ж", "Ελλάδα Ж"), ("", "")],
)
def test_a_text_typed_by_hand_needs_no_appearance(
    blank: Blank, guide: Guide, typed: str, shown: str
) -> None:
    def change(field: pikepdf.Object) -> None:
        field.V = String(typed)
        del field.AP

    document = fill_by_hand(blank, {"candidat.nom": change})
    assert read(document, blank[1], guide).texts["candidat.nom"] == shown


# Documents that cannot be read, and the payload


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7\n", b"PK\x03\x04 not a pdf", b"\0" * 3000])
def test_what_is_no_pdf_is_refused(document: bytes, blank: Blank, guide: Guide) -> None:
    with pytest.raises(DocumentError) as caught:
        read(document, blank[1], guide)
    assert caught.value.exit_code == 4
    with pytest.raises(DocumentError):
        read_payload(document)


def test_a_password_is_refused(one_tick: bytes, blank: Blank, guide: Guide) -> None:
    buffer = BytesIO()
    with pikepdf.open(BytesIO(one_tick)) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(DocumentError, match="mot de passe"):
        read(buffer.getvalue(), blank[1], guide)


def test_the_payload_comes_back_byte_for_byte(flat: Stamper, guide: Guide) -> None:
    payload = '{"é": "ü", "n": [1, 2]}'.encode() * 50
    plan = plan_of(guide)
    assert read_payload(flat.stamp(plan, replace(EDITION, payload=payload))) == payload
    assert read_payload(flat.stamp(plan, EDITION)) is None


def test_reading_is_not_fooled_by_what_it_remembers(
    flat: Stamper, blank: Blank, guide: Guide
) -> None:
    plans = [random_plan(guide, seed) for seed in range(4)]
    outs = [flat.stamp(plan, EDITION) for plan in plans]
    for plan, out in [*zip(plans, outs, strict=True)] * 2:
        assert differences(plan, read(out, blank[1], guide)) == []
    other = mapping_of(blank[0], {BOX: blank[1].locators[OTHER]}, guide)
    expected = plans[0].ticks[OTHER].value
    assert (read(outs[0], other, guide).ticks[BOX] is Mark.ON) == expected


def frames(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The forms that show the frames of boxes, which many boxes share."""
    found = {}
    for page in pdf.pages:
        for name, form in page.obj.Resources.get(Name.XObject, Dictionary()).items():
            if str(name).startswith("/CqpW") and float(form.BBox[2]) < 12:
                found[form.objgen] = form
    assert found
    return list(found.values())


def crossed_frames(pdf: pikepdf.Pdf) -> None:
    for form in frames(pdf):
        form.write(form.read_bytes() + b" 1 w 2 2 m 8 8 l 2 8 m 8 2 l S")


def crosses_in_forms_of_frames(pdf: pikepdf.Pdf) -> None:
    for form in frames(pdf):
        inner = pdf.make_stream(b"1 w 2 2 m 8 8 l 2 8 m 8 2 l S")
        inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, 11, 11])
        inner.Resources = Dictionary()
        form.Resources = Dictionary(XObject=Dictionary(X=inner))
        form.write(form.read_bytes() + b" /X Do")


def crosses_before_the_overlay(pdf: pikepdf.Pdf) -> None:
    """In the page's own content, and by a form that every page had already."""
    for page in pdf.pages:
        own = page.obj.Contents[1].read_bytes()
        page.obj.Contents[1] = pdf.make_stream(own + b" 1 w 0 0 m 595 842 l 0 842 m 595 0 l S")


@pytest.mark.parametrize(
    "change",
    [crossed_frames, crosses_in_forms_of_frames, crosses_before_the_overlay],
)
def test_what_every_document_has_is_looked_at_in_each(
    flat: Stamper, blank: Blank, guide: Guide, change: Callable[[pikepdf.Pdf], None]
) -> None:
    outs = [flat.stamp(random_plan(guide, seed), EDITION) for seed in range(3)]
    before = [read(out, blank[1], guide, blank[0]) for out in outs * 2]
    assert before[:3] == before[3:]
    plan = plan_of(guide)
    out = flat.stamp(plan, EDITION)
    assert differences(plan, read(out, blank[1], guide, blank[0])) == []
    changed = edited(out, change)
    for _ in range(3):
        for one in (None, blank[0]):
            assert differences(plan, read(changed, blank[1], guide, one)) != []
        assert differences(plan, read(out, blank[1], guide, blank[0])) == []


def inside(crossed: bool) -> Callable[[pikepdf.Pdf], None]:
    """Frames with a form in them, which is empty or a cross: only the inner one differs."""

    def change(pdf: pikepdf.Pdf) -> None:
        crosses_in_forms_of_frames(pdf)
        for form in frames(pdf):
            if not crossed:
                form.Resources.XObject.X.write(b"1 w")

    return change


def moved(onto: bool) -> Callable[[pikepdf.Pdf], None]:
    """Frames with a cross beside the box, or moved onto it by the form's matrix alone."""

    def change(pdf: pikepdf.Pdf) -> None:
        for form in frames(pdf):
            form.write(b"1 w 22 2 m 28 8 l 22 8 m 28 2 l S")
            form.Matrix = Array([1, 0, 0, 1, -20 if onto else 0, 0])

    return change


@pytest.mark.parametrize("change", [inside, moved])
def test_what_is_deep_in_every_document_is_looked_at_in_each(
    flat: Stamper, blank: Blank, guide: Guide, change: Callable[[bool], Callable[..., None]]
) -> None:
    plans = [random_plan(guide, seed) for seed in range(4)]
    for plan in plans:
        out = edited(flat.stamp(plan, EDITION), change(False))
        assert differences(plan, read(out, blank[1], guide)) == []
    new = random_plan(guide, 9)
    out = edited(flat.stamp(new, EDITION), change(True))
    assert differences(new, read(out, blank[1], guide)) != []


def test_a_mark_is_told_from_the_blank_that_is_given(guide: Guide) -> None:
    document, mapping = drawn_blank(guide)
    x, y = mapping.locators[BOX].rect.centre

    def speck(pdf: pikepdf.Pdf) -> None:
        content = pdf.pages[0].obj.Contents.read_bytes().replace(b"2 0 0 2 40 40 cm", b"")
        drawn = f"0.8 w {x - 0.7} {y - 0.7} m {x + 0.7} {y + 0.7} l S".encode()
        pdf.pages[0].obj.Contents = pdf.make_stream(content + drawn)

    with_speck = edited(document, speck)
    for _ in range(3):
        assert read(with_speck, mapping, guide).ticks[BOX] is Mark.DOUBTFUL
        assert read(with_speck, mapping, guide, with_speck).ticks[BOX] is Mark.OFF
        assert read(with_speck, mapping, guide, document).ticks[BOX] is Mark.DOUBTFUL


@pytest.mark.parametrize(
    ("font", "text", "mark"),
    [
        ("Wingdings", "\\376", Mark.ON),
        ("ABCDEF+Wingdings-Regular", "\\250", Mark.OFF),
        ("ZapfDingbats", "8", Mark.ON),
        ("ZapfDingbats", "n", Mark.ON),
        ("ZapfDingbats", "o", Mark.OFF),
    ],
)
def test_signs_of_pictorial_fonts(
    one_tick: bytes, blank: Blank, guide: Guide, font: str, text: str, mark: Mark
) -> None:
    page, x, y, _ = box_at(blank, OTHER)

    def draw(pdf: pikepdf.Pdf) -> None:
        made = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name(f"/{font}"))
        pdf.pages[page].obj.Resources.Font = Dictionary(W=pdf.make_indirect(made))
        # The word beside it is shown by the same operator.
        typed = f"q BT /W 9 Tf {x - 3} {y - 3} Td ({text}ABABABABAB) Tj ET Q"
        pdf.pages[page].contents_add(typed.encode())

    assert read(edited(one_tick, draw), blank[1], guide).ticks[OTHER] is mark


# Forms that others made


CORPUS = (
    "edge_checkbox_no_appearance.pdf",
    "edge_checks_as_radio.pdf",
    "en_icar_yes_no_unknown.pdf",
    "en_pdflib_sample_form.pdf",
    "fr_ch_prescription_oxygene.pdf",
)


@pytest.mark.parametrize("finish", list(Finish))
@pytest.mark.parametrize("name", CORPUS)
def test_real_forms_come_back(shared: Path, guide: Guide, name: str, finish: Finish) -> None:
    document = (shared / "corpus" / name).read_bytes()
    mapping, plan = borrowed(document, guide)
    out = Stamper(document, mapping, guide, finish).stamp(plan, EDITION)
    assert differences(plan, read(out, mapping, guide, document)) == []
    checked = pikepdf.open(BytesIO(out)).check_pdf_syntax()
    assert checked == []


def borrowed(document: bytes, guide: Guide) -> tuple[PdfMapping, Plan]:
    """The form's own fields under the guide's ids: what is asked does not matter here."""
    spare = {
        kind: [one.id for one in guide.placements_of(kind)]
        for kind in (PlacementKind.TICK_BOX, PlacementKind.TEXT_AREA)
    }
    locators: dict[str, PdfLocator] = {}
    instructions: dict[str, Instruction] = {}
    ticked: set[str] = set()
    with pikepdf.open(BytesIO(document)) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            for widget in page.obj.get(Name.Annots, []):
                name, kind, flags = described(widget)
                rect = Rect(*(float(one) for one in widget.Rect))
                if kind == "/Btn" and not flags & (1 << 16) and spare[PlacementKind.TICK_BOX]:
                    key = spare[PlacementKind.TICK_BOX].pop(0)
                    # One button of a group, and every other box.
                    on = name not in ticked and len(locators) % 3 != 0
                    ticked |= {name} if on else set()
                    instructions[key] = Tick(on)
                elif kind == "/Tx" and spare[PlacementKind.TEXT_AREA]:
                    key = spare[PlacementKind.TEXT_AREA].pop(0)
                    instructions[key] = Text(f"Élodie {name.encode().hex()[:9]}")
                else:
                    continue
                locators[key] = PdfLocator(PdfKind.WIDGET, number, rect, name)
    assert locators
    return mapping_of(document, locators, guide), Plan(instructions)


def described(widget: pikepdf.Object) -> tuple[str, str, int]:
    names, kind, flags = [], "", 0
    node: pikepdf.Object | None = widget
    while node is not None:
        names += [str(node.T)] if Name.T in node else []
        kind = kind or str(node.get(Name.FT, ""))
        flags = flags or int(node.get(Name.Ff, 0))
        node = node.get(Name.Parent)
    return ".".join(reversed(names)), kind, flags
