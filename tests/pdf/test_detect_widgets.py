"""Form widgets: inherited values, kids, odd on-states, missing appearances, orphan widgets."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen.canvas import Canvas
from samples import drawn_page

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import Detected, PdfKind, PdfLocator, Rect
from cqp_forms.pdf.detect import detect
from cqp_forms.shown import Mark

Fill = Callable[[pikepdf.Pdf, pikepdf.Page], None]


def document(fill: Fill) -> bytes:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(400, 400))
    page.obj.Annots = pdf.make_indirect(Array())
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array()))
    fill(pdf, page)
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some widgets are meant to be out of the form
        pdf.save(out)
    return out.getvalue()


def widget(pdf: pikepdf.Pdf, page: pikepdf.Page, y: float, **keys: object) -> pikepdf.Object:
    made = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=[100, y, 112, y + 12], F=4, **keys)
    )
    page.obj.Annots.append(made)
    return made


def look(pdf: pikepdf.Pdf, *states: str) -> pikepdf.Object:
    drawn = {one: pdf.make_stream(b"", BBox=[0, 0, 12, 12]) for one in states}
    return Dictionary(N=Dictionary(drawn))


def found_by(fill: Fill) -> list[Detected]:
    return list(detect(document(fill)))


def place(one: Detected) -> PdfLocator:
    assert isinstance(one.locator, PdfLocator)
    return one.locator


def test_kids_inherit_type_flags_value_and_name() -> None:
    def fill(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        parent = pdf.make_indirect(
            Dictionary(FT=Name.Btn, Ff=1 << 15, T="groupe", V=Name.NON, Kids=Array())
        )
        outer = pdf.make_indirect(Dictionary(T="page1", Kids=[parent]))
        parent.Parent = outer
        pdf.Root.AcroForm.Fields.append(outer)
        for y, state in ((300, "/OUI"), (280, "/NON")):
            kid = widget(pdf, page, y, AP=look(pdf, state, "/Off"), Parent=parent)
            parent.Kids.append(kid)

    yes, no = found_by(fill)
    assert place(yes).name == place(no).name == "page1.groupe"
    assert (place(yes).on_state, place(yes).index, yes.state) == ("/OUI", 0, Mark.OFF)
    assert (place(no).on_state, place(no).index, no.state) == ("/NON", 1, Mark.ON)
    assert place(yes).rect == Rect(100, 300, 112, 312)


def test_on_states_of_any_name() -> None:
    states = ["/1", "/Ja", "/", "/Réalisé", "/Oui#20ou#20non"]

    def fill(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        for rank, state in enumerate(states):
            made = widget(
                pdf, page, 300 - 20 * rank, FT=Name.Btn, T=f"c{rank}", AP=look(pdf, state)
            )
            pdf.Root.AcroForm.Fields.append(made)

    assert [place(one).on_state for one in found_by(fill)] == states


def test_without_appearances_the_value_tells_the_on_state() -> None:
    def fill(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        widget(pdf, page, 300, FT=Name.Btn, T="a", AS=Name.Oui)
        widget(pdf, page, 280, FT=Name.Btn, T="b", V=Name.X)
        widget(pdf, page, 260, FT=Name.Btn, T="c", V=Name.Off, AS=Name.Off)
        widget(pdf, page, 240, FT=Name.Btn, T="d")

    assert [(place(one).on_state, one.state) for one in found_by(fill)] == [
        ("/Oui", Mark.ON),
        ("/X", Mark.ON),
        ("", Mark.OFF),
        ("", Mark.OFF),
    ]


def test_widgets_without_a_form_are_found() -> None:
    def fill(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        widget(pdf, page, 300, FT=Name.Btn, T="seul", AP=look(pdf, "/On"))
        del pdf.Root.AcroForm

    (one,) = found_by(fill)
    assert (place(one).kind, place(one).name) == (PdfKind.WIDGET, "seul")


def test_kinds_of_fields() -> None:
    def fill(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        widget(pdf, page, 340, FT=Name.Tx, T="texte", V="déjà là")
        widget(pdf, page, 320, FT=Name.Tx, T="long", Ff=1 << 12)
        widget(pdf, page, 300, FT=Name.Ch, T="liste", V="Lyon")
        widget(pdf, page, 280, FT=Name.Sig, T="signature")
        widget(pdf, page, 260, FT=Name.Btn, Ff=1 << 16, T="bouton")
        widget(pdf, page, 240, FT=Name.Btn, T="caché", AP=look(pdf, "/On")).F = 2
        pdf.make_indirect(Dictionary())

    found = found_by(fill)
    assert [(place(one).name, one.kind, one.text, one.multiline) for one in found] == [
        ("texte", PlacementKind.TEXT_AREA, "déjà là", False),
        ("long", PlacementKind.TEXT_AREA, "", True),
        ("liste", PlacementKind.TEXT_AREA, "Lyon", False),
        ("signature", PlacementKind.SIGNATURE_AREA, "", False),
    ]


def test_names_only_serve_when_nothing_else_names_the_box() -> None:
    def fill(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        widget(pdf, page, 300, FT=Name.Btn, T="Case1", TU="Dossier candidat", AP=look(pdf, "/On"))
        widget(pdf, page, 280, FT=Name.Btn, T="Case2", AP=look(pdf, "/On"))
        page.obj.Resources = Dictionary(
            Font=Dictionary(
                F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            )
        )
        page.obj.Contents = pdf.make_stream(b"BT /F1 10 Tf 120 242 Td (Autre) Tj ET")
        widget(pdf, page, 240, FT=Name.Btn, T="Case3", TU="Case 3", AP=look(pdf, "/On"))

    assert [one.label for one in found_by(fill)] == ["Dossier candidat", "Case2", "Autre"]


def test_a_printed_frame_under_a_widget_is_the_same_box() -> None:
    def fill(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        page.obj.Contents = pdf.make_stream(b"101 301 10 10 re S 200 301 10 10 re S")
        widget(pdf, page, 300, FT=Name.Btn, T="Case1", AP=look(pdf, "/On"))

    found = found_by(fill)
    assert [place(one).kind for one in found] == [PdfKind.WIDGET, PdfKind.BOX]
    assert place(found[1]).rect.x0 > 190


def test_broken_widgets_do_no_harm() -> None:
    def fill(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        loop = widget(pdf, page, 300, T="boucle")
        loop.Parent = loop
        page.obj.Annots.append(Dictionary(Subtype=Name.Widget, FT=Name.Btn))
        page.obj.Annots.append(Dictionary(Subtype=Name.Widget, FT=Name.Btn, Rect=[0, 0, 0, 0]))
        page.obj.Annots.append(Name.Rien)
        widget(pdf, page, 200, FT=Name.Btn, T="bon", AP=look(pdf, "/On"))

    assert [place(one).name for one in found_by(fill)] == ["bon"]


def test_fields_in_rows_and_columns_have_the_words_of_both() -> None:
    """The first of a row had its row's alone, the others their column's."""

    def draw(canvas: Canvas) -> None:
        for x, head in ((50, "Compétence"), (200, "Évaluateur 1"), (300, "Évaluateur 2")):
            canvas.drawString(x, 550, head)
        for rank, row in enumerate(["Écoute", "Reformulation"]):
            canvas.drawString(50, 530 - 22 * rank, row)
            for column in range(2):
                canvas.acroForm.textfield(
                    name=f"n{rank}{column}", x=200 + 100 * column, y=526 - 22 * rank, width=60,
                    height=16,
                )  # fmt: skip

    found = detect(drawn_page(draw))
    assert [(one.label, one.column) for one in found] == [
        (row, column)
        for row in ("Écoute", "Reformulation")
        for column in ("Évaluateur 1", "Évaluateur 2")
    ]


def test_dots_behind_fait_a_and_le_are_places_in_a_form_with_fields_too() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Nom")
        canvas.acroForm.textfield(name="nom", x=120, y=696, width=200, height=16)
        canvas.drawString(50, 500, "Fait à " + "." * 40 + " le " + "." * 40)
        canvas.drawString(50, 470, "Chapitre " + "." * 60 + " 12")

    assert [one.label for one in detect(drawn_page(draw))] == ["Nom", "Fait à", "le"]
