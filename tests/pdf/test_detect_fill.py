"""Every box of the real forms can be ticked and unticked, every area filled, with no code for them.

A guide is drafted from what is detected; the form is then filled through it, read back, rendered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from reportlab.lib.colors import CMYKColorSep
from reportlab.pdfgen.canvas import Canvas
from samples import EDITION, dark, drawn_page, page_text, plan_of, rendered

from cqp_forms.errors import AnswersError
from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Format, PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.mapping_lint import lint
from cqp_forms.matching.drafting import GuideDraft, draft
from cqp_forms.pdf import opening, raster
from cqp_forms.pdf.detect import detect
from cqp_forms.pdf.detect import open as opened
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.pdf.widgets import widgets_of
from cqp_forms.plan import Finish, Plan
from cqp_forms.shown import differences

ROOT = Path(__file__).parents[2] / "source_docs"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
NAMES = (
    "edge_checkbox_no_appearance.pdf",
    "edge_checks_as_radio.pdf",
    "en_icar_yes_no_unknown.pdf",
    "en_pdflib_sample_form.pdf",
    "fr_cerfa_sante_cs8.pdf",
    "fr_ch_prescription_oxygene.pdf",
)
_SCALE = 5


@cache
def drafted(name: str) -> tuple[bytes, GuideDraft]:
    file = CORPUS / name
    if not file.is_file():
        pytest.skip(f"{name}: the corpus does not lie beside this checkout")
    document = file.read_bytes()
    return document, draft(detect(document), "essai", Format.PDF, name, document)


def mapping_of(made: GuideDraft) -> PdfMapping:
    assert made.mapping.format is Format.PDF
    return made.mapping  # type: ignore[return-value]


def _text(locator: object, closed: dict[str, str]) -> str:
    """What the area can hold: an item of its list where it takes nothing else."""
    assert isinstance(locator, PdfLocator)
    narrow = locator.rect.width < 36
    return closed.get(locator.name, "Ó" if narrow else "Né à Óbidos")


def plans(document: bytes, made: GuideDraft) -> list[Plan]:
    """Nothing ticked; then every box ticked in one plan or another, one at a time in its group."""
    groups: dict[str, list[str]] = defaultdict(list)
    for one in made.guide.placements_of(PlacementKind.TICK_BOX):
        locator = made.mapping.locators[one.id]
        assert isinstance(locator, PdfLocator)
        # Widgets of one field exclude one another or go together; boxes do neither.
        groups[locator.name or one.id].append(one.id)
    with pikepdf.open(BytesIO(document)) as pdf:
        lists = [one for one in widgets_of(pdf) if one.closed]
        closed = {one.name: next(two for _, two in one.options if two.strip()) for one in lists}
    texts = {
        one.id: _text(made.mapping.locators[one.id], closed)
        for one in made.guide.placements_of(PlacementKind.TEXT_AREA)
    }
    most = max((len(ids) for ids in groups.values()), default=0)
    ticked = [frozenset(ids[turn % len(ids)] for ids in groups.values()) for turn in range(most)]
    assert frozenset().union(*ticked) == {one for ids in groups.values() for one in ids}
    return [plan_of(made.guide, one, texts) for one in (frozenset(), *ticked)]


@pytest.mark.parametrize("finish", Finish, ids=lambda one: one.name.lower())
@pytest.mark.parametrize("name", NAMES)
def test_filled_and_read_back(name: str, finish: Finish) -> None:
    document, made = drafted(name)
    where = mapping_of(made)
    assert lint(where, made.guide) == []
    stamper = PdfStamper(document, where, made.guide, finish)
    for plan in plans(document, made):
        issued = stamper.stamp(plan, EDITION)
        assert differences(plan, read(issued, where, made.guide, document)) == []


@pytest.mark.parametrize("name", NAMES)
def test_ticks_are_seen_and_only_ticks(name: str) -> None:
    document, made = drafted(name)
    where = mapping_of(made)
    stamper = PdfStamper(document, where, made.guide)
    for plan in plans(document, made):
        seen = _marked(stamper.stamp(plan, EDITION), where, list(plan.ticks))
        assert seen == {key for key, tick in plan.ticks.items() if tick.value}


def _marked(document: bytes, where: PdfMapping, boxes: list[str]) -> set[str]:
    """The boxes with ink in their middle, rendered by PDFium."""
    found = set()
    with pypdfium2.PdfDocument(document) as pdf:
        for number in {where.locators[one].page for one in boxes}:
            page = pdf[number - 1]
            image = page.render(scale=_SCALE, grayscale=True, may_draw_forms=False)
            raw, stride = bytes(image.buffer), image.stride
            left, _, _, top = page.get_cropbox()
            for key in boxes:
                locator = where.locators[key]
                if locator.page != number:
                    continue
                assert locator.kind in {PdfKind.BOX, PdfKind.WIDGET}
                x, y = locator.rect.centre
                reach = 0.22 * min(locator.rect.width, locator.rect.height)
                columns = slice(
                    round((x - reach - left) * _SCALE), round((x + reach - left) * _SCALE)
                )
                rows = range(round((top - y - reach) * _SCALE), round((top - y + reach) * _SCALE))
                dark = sum(
                    pixel < 130
                    for row in rows
                    for pixel in raw[row * stride : (row + 1) * stride][columns]
                )
                if dark > 3:
                    found.add(key)
    return found


def _small_square(canvas: Canvas) -> None:
    """A printed square smaller than its field, which shows nothing of its own."""
    for y, label in ((756, "J’accepte"), (726, "Je refuse")):
        canvas.acroForm.checkbox(
            name=label, x=60, y=y - 1, size=12, borderWidth=0, fillColor=None, borderColor=None
        )
        canvas.setLineWidth(0.24)
        canvas.rect(61.8, y + 0.8, 8.9, 8.6)
        canvas.drawString(75, y + 2, label)


def _white_ink(canvas: Canvas) -> None:
    """Squares filled with none of an ink: white, whatever the number means elsewhere."""
    for y, label in ((760, "Mme"), (740, "M.")):
        canvas.setFillColor(CMYKColorSep(0, 0, 0, 1, spotName="Encre", density=0))
        canvas.rect(60, y, 8, 8, stroke=1, fill=1)
        canvas.setFillGray(0)
        canvas.drawString(75, y, label)


def _neighbours(canvas: Canvas) -> None:
    """Fields that reach a little into each other."""
    for name, y, high in (("nom", 770, 25), ("ville", 746, 24.9)):
        canvas.acroForm.textfield(name=name, x=120, y=y, width=200, height=high)
        canvas.drawString(60, y + 6, f"{name.capitalize()} :")


def _invitation(canvas: Canvas) -> None:
    canvas.drawString(60, 700, "Nom :")
    canvas.setFillGray(0.5)
    canvas.drawString(120, 700, "Cliquez ou appuyez ici pour entrer du texte.")


@pytest.mark.parametrize("finish", Finish, ids=lambda one: one.name.lower())
@pytest.mark.parametrize("draw", [_small_square, _white_ink, _neighbours, _invitation])
def test_a_right_document_is_read_back(draw: Callable[[Canvas], None], finish: Finish) -> None:
    document = drawn_page(draw)
    made = draft(detect(document), "essai", Format.PDF, "essai.pdf", document)
    where = mapping_of(made)
    assert lint(where, made.guide) == []
    stamper = PdfStamper(document, where, made.guide, finish)
    for plan in plans(document, made):
        issued = stamper.stamp(plan, EDITION)
        assert differences(plan, read(issued, where, made.guide, document)) == []


def test_an_invitation_gives_way_to_the_answer() -> None:
    document = drawn_page(_invitation)
    made = draft(detect(document), "essai", Format.PDF, "essai.pdf", document)
    where = mapping_of(made)
    (full,) = plans(document, made)
    empty = plan_of(made.guide, frozenset(), {})
    area = next(iter(where.locators.values())).rect
    half = Rect(area.x0 + 70, area.y0, area.x1, area.y1)  # beyond what the answer takes
    stamper = PdfStamper(document, where, made.guide)
    ink = dark(rendered(document)[0], half, 0)
    assert ink
    assert dark(rendered(stamper.stamp(empty, EDITION))[0], half, 0) == ink
    assert dark(rendered(stamper.stamp(full, EDITION))[0], half, 0) == 0


@pytest.mark.parametrize(("wide", "text"), [(11.3, "12"), (24.0, "2026"), (11.3, "12/03/2026")])
def test_a_narrow_place_takes_small_type_or_refuses(wide: float, text: str) -> None:
    document = drawn_page(
        lambda canvas: canvas.acroForm.textfield(name="jj", x=170, y=700, width=wide, height=11.5)
    )
    made = draft(detect(document), "essai", Format.PDF, "essai.pdf", document)
    (key,) = made.mapping.locators
    stamper = PdfStamper(document, mapping_of(made), made.guide)
    plan = plan_of(made.guide, frozenset(), {key: text})
    if len(text) > 4:
        with pytest.raises(AnswersError, match="ne tient pas") as told:
            stamper.stamp(plan, EDITION)
        assert told.value.where == "page 1 du PDF"
        return
    issued = stamper.stamp(plan, EDITION)
    assert "annexe" not in page_text(issued, 0)
    page = rendered(issued)[0]
    assert dark(page, Rect(170, 700, 170 + wide, 712), 0)
    assert not dark(page, Rect(171 + wide, 695, 250, 715), 0)


def test_an_empty_button_drawn_beside_its_field_is_not_ticked() -> None:
    """Its ring stands in a corner of the field: that is how it looks when nobody chose it."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 703, "Hors temps de travail ?")
        for rank, word in enumerate(("Non", "Oui")):
            x = 250 + 70 * rank
            canvas.acroForm.radio(
                name="r", value=word, x=x, y=700, size=12, shape="circle", buttonStyle="circle"
            )
            canvas.drawString(x + 16, 703, word)

    document = drawn_page(draw)
    made = draft(detect(document), "essai", Format.PDF, "x.pdf", document)
    where = mapping_of(made)
    stamper = PdfStamper(document, where, made.guide)
    for plan in plans(document, made):
        assert (
            differences(plan, read(stamper.stamp(plan, EDITION), where, made.guide, document)) == []
        )


def test_detection_waits_until_pdfium_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFium ends the process where two threads use it: whoever draws pages holds the same lock."""
    entered = []

    class Lock:
        def __enter__(self) -> None:
            entered.append(True)

        def __exit__(self, *_: object) -> None:
            entered.append(False)

    assert raster.PDFIUM is opening.PDFIUM is opened.PDFIUM
    monkeypatch.setattr(opened, "PDFIUM", Lock())
    opened.read_pages((ROOT / "technico-commercial.pdf").read_bytes())
    assert entered == [True, False]
