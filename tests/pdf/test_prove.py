"""A PDF beside its twin: what was issued is the same, and whatever is changed in it is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from prove_support import (
    BLANK,
    FICHE,
    GUIDE,
    PDF,
    TRAILS,
    annotate,
    beside,
    draw,
    edited,
    fiche,
    issued,
    only,
    proved,
    spot,
    unchanged,
    widget,
)

from cqp_forms.errors import DocumentError
from cqp_forms.mapping import Rect
from cqp_forms.plan import Finish, Trail, make_plan
from cqp_forms.proof import Closeness, Twin

LONG = "\n".join(f"Ligne {n} " + "mot " * 40 for n in range(60))

trails = pytest.mark.parametrize("trail", TRAILS.values(), ids=TRAILS)
both = pytest.mark.parametrize("finish", Finish)


# What is as it was made.


@both
@trails
def test_what_was_issued_is_its_twin_byte_for_byte(finish: Finish, trail: Trail) -> None:
    proof = proved(issued(finish, trail))
    assert (proof.alterations, proof.unseen, dict(proof.pictures)) == ((), (), {})
    assert proof.pages == 22


@both
@trails
def test_what_was_saved_again_shows_the_same(finish: Finish, trail: Trail) -> None:
    answers = fiche(commentaires__evaluateur_cpne=LONG, evaluateur_cpne__entreprise="Société " * 40)
    proof = proved(edited(unchanged, issued(finish, trail, answers)))
    assert (proof.alterations, proof.unseen) == ((), ())
    assert proof.pages > 22


@both
def test_a_signature_where_one_signs_is_no_difference(finish: Finish) -> None:
    page, rect = spot("signature.candidat")
    inside = Rect(rect.x0 + 5, rect.y0 + 5, rect.x1 - 5, rect.y1 - 5)

    def sign(pdf: pikepdf.Pdf) -> None:
        annotate(page, "Stamp", inside)(pdf)
        draw(page, f"0 G 2 w {rect.x0 + 8} {rect.y0 + 8} m {rect.x1 - 8} {rect.y1 - 8} l S")(pdf)

    assert proved(edited(sign, issued(finish))).alterations == ()


def test_another_rendering_is_compared_by_what_it_says_and_that_is_said() -> None:
    document = edited(unchanged, issued(trail=TRAILS["second"]))
    proof = proved(document, Trail(number=2), Closeness.LOOSE)
    assert proof.alterations == ()
    assert any("autre version du programme" in one for one in proof.unseen)
    assert any("mentions de version" in one for one in proof.unseen)
    page, rect = beside("c1.2.1.oui")
    struck = draw(page, f"0 G 1 w {rect.x0} {rect.y0 + 5} m {rect.x1} {rect.y0 + 5} l S")
    assert proved(edited(struck, document), Trail(number=2), Closeness.LOOSE).alterations != ()


# What shows something else.


@both
@pytest.mark.parametrize("closeness", Closeness)
def test_a_tick_that_a_shading_covers(finish: Finish, closeness: Closeness) -> None:
    """The content says ticked; what is painted over it is no rectangle that a parser looks for."""
    page, rect = spot("c1.1.1.oui")

    def cover(pdf: pikepdf.Pdf) -> None:
        function = Dictionary(
            FunctionType=2, Domain=Array([0, 1]), N=1, C0=Array([1, 1, 1]), C1=Array([1, 1, 1])
        )
        white = Dictionary(
            ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=Array([0, 0, 1, 0]),
            Function=function, Extend=Array([True, True]),
        )  # fmt: skip
        pdf.pages[page - 1].add_resource(white, Name.Shading, Name.Sh9)
        over = f"{rect.x0 + 1} {rect.y0 + 1} {rect.width - 2} {rect.height - 2}"
        draw(page, f"{over} re W n /Sh9 sh")(pdf)

    proof = proved(edited(cover, issued(finish)), closeness=closeness)
    if finish is Finish.EDITABLE:
        # The field is painted over the page: nothing is covered.
        assert proof.alterations == ()
        return
    one = only(proof)
    assert (one.placement, one.before) == ("c1.1.1.oui", "cochée")
    assert one.where == f"page {page}, c1.1.1.oui"
    (name,) = proof.pictures
    assert name == f"page-{page:02d}.png"
    assert proof.pictures[name].startswith(b"\x89PNG")


@pytest.mark.apart
def test_the_cases_that_hide_cover_or_swap_ticks(shared: Path) -> None:
    paths = sorted((shared / "cases" / "hostile").glob("p-*.pdf"))
    if not paths:
        pytest.skip("the folder « shared/cases » does not lie beside this checkout")
    for path in paths:
        proof = proved(path.read_bytes(), closeness=Closeness.LOOSE)
        assert {one.placement.rpartition(".")[0] for one in proof.alterations} >= {"c1.1.1"}, path


def test_a_field_whose_appearance_is_not_its_value() -> None:
    def forge(pdf: pikepdf.Pdf) -> None:
        widget(pdf, "candidat.entreprise").AP.N = widget(pdf, "candidat.prenom").AP.N

    one = only(proved(edited(forge, issued(Finish.EDITABLE))))
    assert one.what == "le champ montre autre chose que sa valeur"
    assert one.placement == "candidat.entreprise"
    assert one.before == "Texte de candidat.entreprise"
    assert "candidat.prenom" in one.after


def test_a_tick_whose_appearance_is_clipped_away() -> None:
    def fade(pdf: pikepdf.Pdf) -> None:
        one = widget(pdf, "c4.1.1.oui")
        look = one.AP.N[one.AS]
        look.write(b"0 0 1 1 re W n " + look.read_bytes())

    one = only(proved(edited(fade, issued(Finish.EDITABLE))))
    assert (one.placement, one.before) == ("c4.1.1.oui", "cochée")


@both
def test_a_criterion_covered_in_white(finish: Finish) -> None:
    page, rect = beside("c1.1.1.oui")
    white = draw(page, f"1 g {rect.x0} {rect.y0} {rect.width} {rect.height} re f")
    one = only(proved(edited(white, issued(finish))))
    assert one.what == "texte ou dessin effacé, couvert ou pâli"
    assert one.where == f"page {page}, près de c1.1.1"
    assert "informations" in one.before


def test_a_line_drawn_through_a_criterion() -> None:
    page, rect = beside("c1.2.1.oui")
    y = rect.centre[1]
    line = draw(page, f"0 G 1 w {rect.x0} {y} m {rect.x1} {y} l S")
    one = only(proved(edited(line)))
    assert one.what == "dessin ajouté, ou par-dessus le texte"
    assert one.where == f"page {page}, près de c1.2.1"


def write_over(operators: str, page: int = 3) -> Callable[[pikepdf.Pdf], None]:
    """Write on a page in Helvetica, which it names F9."""

    def add(pdf: pikepdf.Pdf) -> None:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.pages[page - 1].add_resource(font, Name.Font, Name.F9)
        draw(page, operators)(pdf)

    return add


def test_text_added_to_a_page_even_as_an_artifact() -> None:
    add = write_over("/Artifact BMC 0 g BT /F9 10 Tf 20 400 Td (Ajout) Tj ET EMC")
    one = only(proved(edited(add)))
    assert (one.what, one.after) == ("texte ajouté", "Ajout")
    assert one.where.startswith("page 3")


def test_text_that_is_copied_and_not_seen() -> None:
    one = only(proved(edited(write_over("BT 3 Tr /F9 10 Tf 20 400 Td (Secret) Tj ET"))))
    assert (one.what, one.after) == ("le texte qui se copie n’est pas celui qui se voit", "Secret")


def test_pages_gone_added_or_cropped() -> None:
    def drop(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[4]

    one = only(proved(edited(drop), answers=FICHE))
    assert (one.where, one.what) == ("page 5", "page manquante")
    one = only(proved(edited(lambda pdf: pdf.pages.insert(3, pdf.pages[9])), answers=FICHE))
    assert (one.where, one.what) == ("page 4", "page ajoutée")

    def swap(pdf: pikepdf.Pdf) -> None:
        pdf.pages.insert(1, pdf.pages[2])
        del pdf.pages[3]

    one = only(proved(edited(swap), answers=FICHE))
    assert (one.where, one.what) == ("page 2", "page déplacée\u00a0: c’est la page 3 du guide")

    def add(pdf: pikepdf.Pdf) -> None:
        pdf.add_blank_page()

    one = only(proved(edited(add)))
    assert (one.where, one.what) == ("page 23", "page ajoutée")

    def crop(pdf: pikepdf.Pdf) -> None:
        pdf.pages[3].obj.CropBox = Array([0, 100, 595, 842])

    one = only(proved(edited(crop)))
    assert (one.where, one.what) == ("page 4", "page recadrée ou tournée")


def test_a_mention_gone_from_one_page() -> None:
    def bare(pdf: pikepdf.Pdf) -> None:
        pdf.pages[1].obj.Resources.XObject["/CqpOverlay"].write(b"")

    found = proved(edited(bare, issued(trail=TRAILS["second"]))).alterations
    assert all(one.where.startswith("page 2") for one in found)
    assert any("annule et remplace la version 1" in one.before for one in found)


# What is carried and done.


@both
def test_an_annotation_over_a_criterion(finish: Finish) -> None:
    page, rect = beside("c3.1.2.oui")
    first = proved(edited(annotate(page, "FreeText", rect, "Lu"), issued(finish))).alterations[0]
    assert (first.what, first.after) == ("annotation ajoutée (texte libre)", "Lu")
    assert first.where == f"page {page}, près de c3.1.2"


@pytest.mark.parametrize("kind", ["Highlight", "Link", "Unheard"])
def test_any_other_annotation(kind: str) -> None:
    change = annotate(2, kind, Rect(90, 300, 200, 320))
    assert proved(edited(change)).alterations[0].what.startswith("annotation ajoutée (")


def test_a_form_field_added_or_hidden() -> None:
    def add(pdf: pikepdf.Pdf) -> None:
        one = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("extra"),
            Rect=Array([90, 300, 200, 320]),
        )  # fmt: skip
        page = pdf.pages[4].obj
        page.Annots = Array([*page.get(Name.Annots, []), pdf.make_indirect(one)])

    # The form does not list the added field, as when a program forgets it; the page shows it.
    with pytest.warns(pikepdf.PageCopyWarning, match="1 form widget"):
        added = edited(add, issued(Finish.EDITABLE))
    one = only(proved(added))
    assert (one.what, one.after) == ("champ de formulaire ajouté", "extra")

    def hide(pdf: pikepdf.Pdf) -> None:
        widget(pdf, "c4.1.1.oui").F = 2

    found = proved(edited(hide, issued(Finish.EDITABLE))).alterations
    assert "annotation masquée ou montrée autrement" in {one.what for one in found}


def act(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def attach(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["note.txt"] = b"note"


def launch(pdf: pikepdf.Pdf) -> None:
    pdf.pages[2].obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("calc.exe")))


def layer(pdf: pikepdf.Pdf) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("x")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group])))


def xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp/>")


@pytest.mark.parametrize(
    ("change", "what", "said"),
    [
        (act, "action ajoutée (programme JavaScript)", "app.alert(1)"),
        (launch, "action ajoutée (lancement d’un programme)", "calc.exe"),
        (attach, "fichier joint", "note.txt"),
        (layer, "calques (contenu facultatif) d’une autre sorte que dans le document vierge", ""),
        (xfa, "formulaire XFA ajouté", ""),
    ],
)
def test_what_acts_or_is_attached_is_named(
    change: Callable[[pikepdf.Pdf], None], what: str, said: str
) -> None:
    one = only(proved(edited(change)))
    assert (one.where, one.what, one.after) == ("document", what, said)


def test_what_is_no_pdf_cannot_be_rendered() -> None:
    twin = Twin(issued(), make_plan(GUIDE, FICHE), Trail())
    with pytest.raises(DocumentError, match="affiché"):
        PDF.prove(b"no", twin, BLANK, GUIDE)


# Two hundred changes that a person would see.


def scribble(rng: random.Random, page: int) -> str:
    """Something small in colour on a page, outside what is signed."""
    signing = [
        rect for key in GUIDE.placements if key.startswith("signature")
        for number, rect in [spot(key)] if number == page
    ]  # fmt: skip
    while True:
        x, y = rng.uniform(60, 520), rng.uniform(60, 780)
        mark = Rect(x, y, x + rng.uniform(2, 40), y + rng.uniform(2, 10))
        around = Rect(mark.x0 - 5, mark.y0 - 5, mark.x1 + 5, mark.y1 + 5)
        if not any(one.overlaps(around) for one in signing):
            break
    colour = rng.choice(("0.8 0 0 rg 0.8 0 0 RG", "0.4 g 0.4 G", "1 0.9 0.6 rg 1 0.9 0.6 RG"))
    shape = rng.choice(
        (
            f"{mark.x0} {mark.y0} {mark.width} {mark.height} re f",
            f"0.6 w {mark.x0} {mark.y0} m {mark.x1} {mark.y1} l S",
            f"0.5 w {mark.x0} {mark.y0} {mark.width} {mark.height} re S",
            f"{mark.x0} {mark.y0} m {mark.x1} {mark.y0} l {mark.x0} {mark.y1} l f",
        )
    )
    return f"{colour} {shape}"


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(one, marks=pytest.mark.apart) for one in range(3, 10))]
)
def test_every_visible_change_is_found(seed: int) -> None:
    """Each page takes a change of its own; all 21 are named by their page."""
    rng = random.Random(seed)
    document = issued(list(Finish)[seed % 2], list(TRAILS.values())[seed % 3])
    drawings = {page: scribble(rng, page) for page in range(1, 22)}

    def change(pdf: pikepdf.Pdf) -> None:
        for page, operators in drawings.items():
            draw(page, operators)(pdf)

    proof = proved(edited(change, document))
    named = {one.where.partition(",")[0] for one in proof.alterations}
    missed = {page: one for page, one in drawings.items() if f"page {page}" not in named}
    assert missed == {}
    assert len(proof.pictures) == 21
