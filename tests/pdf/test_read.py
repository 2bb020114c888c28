"""What is stamped is read back, and forms of others too."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from blanks import drawn_blank, form_blank, mapping_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Name
from samples import EDITION, HOSTILE, NAMES, plan_of, random_plan
from strategies import texts as random_texts

from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import Format, PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish, Instruction, Plan, Stage, Text, Tick
from cqp_forms.project import Project
from cqp_forms.shown import differences

Blank = tuple[bytes, PdfMapping]


@pytest.fixture(scope="module", params=["flat", "editable", "real flat", "real editable"])
def stamped(
    request: pytest.FixtureRequest, guide: Guide, blank: Blank, project: Project
) -> tuple[PdfStamper, PdfMapping]:
    document, mapping = blank
    if request.param.startswith("real"):
        found = project.blank(guide, Format.PDF)
        assert isinstance(found.mapping.locators["candidat.nom"].page, int)
        document, mapping = found.content, found.mapping  # type: ignore[assignment]
    finish = Finish(request.param.rpartition(" ")[2])
    return PdfStamper(document, mapping, guide, finish), mapping


@pytest.mark.parametrize("long", [30, 300, 4000])
def test_what_is_stamped_is_read(
    stamped: tuple[PdfStamper, PdfMapping], guide: Guide, long: int
) -> None:
    stamper, mapping = stamped
    plan = random_plan(guide, long, long)
    assert differences(plan, read(stamper.stamp(plan, EDITION), mapping, guide)) == []


def test_a_draft_with_all_mentions_reads_the_same(
    stamped: tuple[PdfStamper, PdfMapping], guide: Guide
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


def _cached_stamper(guide: Guide, finish: Finish) -> PdfStamper:
    if finish not in _made:
        _made[finish] = PdfStamper(*_cached_blank(guide), guide, finish)
    return _made[finish]  # type: ignore[return-value]


@pytest.mark.parametrize("text", [*NAMES, *HOSTILE, "a" * 300, "mot " * 90 + "fin", "a\nb", "  x"])
@pytest.mark.parametrize("key", ["candidat.nom", "commentaires.evaluateur_cpne"])
def test_text_is_read_as_typed(
    flat: PdfStamper, blank: Blank, guide: Guide, text: str, key: str
) -> None:
    plan = plan_of(guide, texts={key: text, "remarques.formation": "long\n" * 60 + "fin"})
    assert read(flat.stamp(plan, EDITION), blank[1], guide).texts[key] == text


def test_decomposed_accents_are_read_composed(flat: PdfStamper, blank: Blank, guide: Guide) -> None:
    text = unicodedata.normalize("NFD", "Évaluée à Nguyễn")
    out = flat.stamp(plan_of(guide, texts={"candidat.nom": text}), EDITION)
    shown = read(out, blank[1], guide)
    assert shown.texts["candidat.nom"] == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("long", [4_000, 10_000])
@pytest.mark.parametrize("tail", ["", "x" * 200, "\n\n\n"])
def test_a_long_comment_comes_back_whole(
    flat: PdfStamper, blank: Blank, guide: Guide, long: int, tail: str
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
    # On a page turned on its side, the line for the name is 16 points wide.
    name = "É" if rotate % 180 else "Élodie Nguyễn"
    shown = {
        "candidat.nom": name,
        "commentaires.evaluateur_cpne": "deux mots " * 20 + "\nune ligne",
    }
    whole = plan_of(guide, frozenset(keys[::2]), shown)
    plan = Plan({key: one for key, one in whole.instructions.items() if key in mapping.locators})
    out = PdfStamper(document, mapping, guide).stamp(plan, EDITION)
    assert differences(plan, read(out, mapping, guide)) == []
    assert differences(plan, read(out, mapping, guide, document)) == []


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
    out = PdfStamper(document, mapping, guide, finish).stamp(plan, EDITION)
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
                    # A narrow place refuses a text that it cannot hold.
                    text = "É" if rect.width < 36 else f"Élodie {name.encode().hex()[:9]}"
                    instructions[key] = Text(text)
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
