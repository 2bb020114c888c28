"""List fields and fields with several widgets: filled and read as a viewer does."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from blanks import mapping_of
from pikepdf import Array, Name, String
from reportlab.pdfgen.canvas import Canvas
from samples import EDITION

from cqp_forms.errors import AnswersError, ExitCode
from cqp_forms.guide import Guide
from cqp_forms.mapping import Format, PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.matching.drafting import draft
from cqp_forms.pdf.detect import detect
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish, Plan, Text

FIELD = "candidat.nom"


def form(editable: bool = False) -> bytes:
    """A list of two items, which takes others or not; and one field on two pages."""
    out = BytesIO()
    canvas = Canvas(out)
    canvas.drawString(60, 700, "Résultat de la candidate ou du candidat :")
    canvas.acroForm.choice(
        name="resultat", x=300, y=695, width=150, height=20, value="Acquis",
        options=["Acquis", "Non acquis"], fieldFlags="combo edit" if editable else "combo",
    )  # fmt: skip
    for page in (1, 2):
        canvas.drawString(60, 650, "Nom de naissance :")
        canvas.acroForm.textfield(name=f"nom{page}", x=300, y=645, width=150, height=20)
        canvas.showPage()
        canvas.drawString(60, 700, "Signature et lieu de la seconde page")
    canvas.save()
    with pikepdf.open(BytesIO(out.getvalue())) as pdf:
        first, second = (next(one for one in page.obj.Annots if str(one.T).startswith("nom"))
                         for page in list(pdf.pages)[:2])  # fmt: skip
        parent = pdf.make_indirect(pikepdf.Dictionary(T=String("nom"), FT=Name.Tx))
        parent.Kids = Array([first, second])
        for one in (first, second):
            del one.T
            one.Parent = parent
        fields = [one for one in pdf.Root.AcroForm.Fields if "/T" in one]
        pdf.Root.AcroForm.Fields = Array([*fields, parent])
        del pdf.pages[2:]
        saved = BytesIO()
        pdf.save(saved)
    return saved.getvalue()


def mapped(document: bytes, guide: Guide) -> PdfMapping:
    locator = PdfLocator(PdfKind.WIDGET, 1, Rect(300, 695, 450, 715), "resultat")
    return mapping_of(document, {FIELD: locator}, guide)


@pytest.mark.parametrize("finish", list(Finish))
def test_a_list_takes_its_items_only(guide: Guide, finish: Finish) -> None:
    document = form()
    stamper = PdfStamper(document, mapped(document, guide), guide, finish)
    for answer in ("Acquis", "Non acquis", ""):
        out = stamper.stamp(Plan({FIELD: Text(answer)}), EDITION)
        shown = read(out, mapped(document, guide), guide, document)
        assert shown.texts == {FIELD: answer}
    with pytest.raises(AnswersError, match="Acquis, Non acquis") as caught:
        stamper.stamp(Plan({FIELD: Text("Acquis avec réserve")}), EDITION)
    assert caught.value.exit_code is ExitCode.ANSWERS
    assert "page 1" in caught.value.where


def test_a_list_that_can_be_typed_in_takes_any_text(guide: Guide) -> None:
    document = form(editable=True)
    out = PdfStamper(document, mapped(document, guide), guide, Finish.EDITABLE).stamp(
        Plan({FIELD: Text("Acquis avec réserve")}), EDITION
    )
    shown = read(out, mapped(document, guide), guide, document)
    assert shown.texts == {FIELD: "Acquis avec réserve"}


@pytest.mark.parametrize("editable", [False, True])
def test_the_items_of_a_list_are_told(editable: bool) -> None:
    one = detect(form(editable))[0]
    assert one.items == (() if editable else ("Acquis", "Non acquis"))


def test_a_value_that_the_list_does_not_have_is_no_answer(guide: Guide) -> None:
    document = form()
    with pikepdf.open(BytesIO(document)) as pdf:
        for field in pdf.Root.AcroForm.Fields:
            if str(field.T) == "resultat":
                field.V = String("Acquis avec réserve")
        out = BytesIO()
        pdf.save(out)
    shown = read(out.getvalue(), mapped(document, guide), guide, document)
    assert shown.texts == {}
    assert "n’est pas dans la liste" in shown.gone[FIELD]


@pytest.mark.parametrize("spread", ["runs", "array"])
def test_a_comb_filled_and_printed_by_a_viewer_is_read_cell_by_cell(
    guide: Guide, spread: str
) -> None:
    out = BytesIO()
    canvas = Canvas(out)
    for rank in range(8):
        canvas.drawString(60, 400 + 20 * rank, f"Ligne imprimée numéro {rank} du formulaire")
    canvas.acroForm.textfield(
        name="num", x=200, y=665, width=160, height=18, maxlen=8, fieldFlags="comb"
    )
    canvas.save()
    document = out.getvalue()
    locator = PdfLocator(PdfKind.WIDGET, 1, Rect(200, 665, 360, 683), "num")
    mapping = mapping_of(document, {FIELD: locator}, guide)
    if spread == "runs":
        shown = " ".join(f"1 0 0 1 {206 + 20 * rank} 670 Tm ({letter}) Tj"
                         for rank, letter in enumerate("12B 45") if letter != " ")  # fmt: skip
    else:
        shown = "1 0 0 1 206 670 Tm [(1) -1200 (2) -1200 (B) -3000 (4) -1200 (5)] TJ"
    with pikepdf.open(BytesIO(document)) as pdf:
        page = pdf.pages[0]
        del page.obj.Annots
        del pdf.Root.AcroForm
        page.contents_add(f"BT /F1 12 Tf {shown} ET".encode())
        printed = BytesIO()
        pdf.save(printed)
    assert read(printed.getvalue(), mapping, guide, document).texts == {FIELD: "12B 45"}


def test_a_field_that_shows_on_two_pages_is_asked_once(guide: Guide) -> None:
    document = form()
    made = draft(detect(document), "deux", Format.PDF, "deux.pdf", document)
    named = [one for one in made.guide.fields.values() if one.areas == 2]
    assert [one.label for one in named] == ["Nom de naissance"]
    field = named[0].id
    pages = [made.mapping.locators[key].page for key in (field, f"{field}@2")]
    assert pages == [1, 2]
    stamper = PdfStamper(document, made.mapping, made.guide, Finish.EDITABLE)
    values = {key: Text("Anna" if key.startswith(field) else "") for key in made.guide.placements}
    shown = read(stamper.stamp(Plan(values), EDITION), made.mapping, made.guide, document)
    assert shown.texts[field] == shown.texts[f"{field}@2"] == "Anna"
