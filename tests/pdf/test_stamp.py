"""Stamping: a plain, valid, flat file that says what it should, and what cannot be stamped."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdf
import pypdfium2
import pytest
from blanks import mapping_of
from pikepdf import Array, Dictionary, Name, String
from samples import (
    EDITION,
    EDITIONS,
    HOSTILE,
    NAMES,
    changed,
    dark,
    opened,
    page_count,
    page_text,
    plan_of,
    random_plan,
    rendered,
)

from cqp_forms.errors import AnswersError, DocumentError, MappingError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Edition, Finish, Plan, Stage, Trail
from cqp_forms.shown import differences

Blank = tuple[bytes, PdfMapping]
LONG = "commentaires.evaluateur_cpne"


# The file


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=EDITIONS.keys())
@pytest.mark.parametrize("long", [100, 4000])
def test_qpdf_finds_nothing(
    stamper: PdfStamper, guide: Guide, edition: Edition, long: int, tmp_path: Path
) -> None:
    if not shutil.which("qpdf"):
        pytest.skip("qpdf is not installed")
    file = tmp_path / "out.pdf"
    file.write_bytes(stamper.stamp(random_plan(guide, 3, long), edition))
    done = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_same_input_gives_the_same_bytes(stamper: PdfStamper, guide: Guide) -> None:
    plan = random_plan(guide, 1)
    first, other = (stamper.stamp(one, EDITION) for one in (plan, random_plan(guide, 2)))
    assert stamper.stamp(plan, EDITION) == first
    identity = [re.findall(rb"/ID \[<(\w+)>", one)[0] for one in (first, other)]
    assert identity[0] != identity[1]


@pytest.mark.parametrize("before", EDITIONS.values(), ids=EDITIONS.keys())
def test_nothing_of_the_candidate_before_is_left(
    guide: Guide, blank: Blank, finish: Finish, before: Edition
) -> None:
    plan = random_plan(guide, 1, 100)
    few = Plan({"candidat.nom": plan.instructions["candidat.nom"]})
    used = PdfStamper(*blank, guide, finish)
    # An annex, other alphabets, everything ticked; then a text that is refused half-way.
    boxes = frozenset(one.id for one in guide.placements_of(PlacementKind.TICK_BOX))
    used.stamp(plan_of(guide, boxes, {LONG: "Ελλάδα " * 900}), before)
    with pytest.raises(AnswersError):
        used.stamp(plan_of(guide, boxes, {"candidat.nom": "Bruno", LONG: "😀"}), before)
    for one in (few, plan, plan_of(guide)):
        assert used.stamp(one, EDITION) == PdfStamper(*blank, guide, finish).stamp(one, EDITION)


def test_the_file_is_one_revision(stamper: PdfStamper, guide: Guide) -> None:
    out = stamper.stamp(random_plan(guide, 1), EDITION)
    assert out.count(b"%%EOF") == out.count(b"startxref") == 1


def test_flat_leaves_no_field_but_the_signatures(flat: PdfStamper, guide: Guide) -> None:
    out = flat.stamp(random_plan(guide, 1), EDITION)
    reader = pypdf.PdfReader(BytesIO(out))
    fields = reader.get_fields() or {}
    leaves = {name for name, one in fields.items() if one.get("/FT")}
    assert leaves == {one.id for one in guide.placements_of(PlacementKind.SIGNATURE_AREA)}
    assert all(one.get("/V") is None for one in fields.values())
    with opened(out) as pdf:
        assert Name.NeedAppearances not in pdf.Root.AcroForm
        widgets = [one for page in pdf.pages for one in page.obj.get(Name.Annots, [])]
        assert [one.FT for one in widgets] == [Name.Sig] * 3


def test_editable_fields_say_what_they_show(guide: Guide, blank: Blank) -> None:
    plan = random_plan(guide, 4, 2000)
    out = PdfStamper(*blank, guide, Finish.EDITABLE).stamp(plan, EDITION)
    with opened(out) as pdf:
        assert Name.NeedAppearances not in pdf.Root.AcroForm
        fields = {str(one.T): one for one in pdf.Root.AcroForm.Fields}
        for key, tick in plan.ticks.items():
            expected = Name.Oui if tick.value else Name.Off
            assert fields[key].V == fields[key].AS == expected
            assert isinstance(fields[key].AP.N[str(expected)], pikepdf.Stream)
        for key, text in plan.texts.items():
            assert str(fields[key].V) == text
            assert isinstance(fields[key].AP.N, pikepdf.Stream)
        assert pdf.Root.AcroForm.DR.Font.CqpRegularlatin.Subtype == Name.Type0


def test_metadata_says_who_what_and_when(flat: PdfStamper, guide: Guide) -> None:
    edition = replace(EDITION, author="A & B <x>", trail=Trail(Stage.DRAFT))
    with opened(flat.stamp(plan_of(guide), edition)) as pdf:
        assert str(pdf.docinfo.Title) == EDITION.title
        assert str(pdf.docinfo.Author) == "A & B <x>"
        assert str(pdf.docinfo.CreationDate) == "D:20261124100500+01'00'"
        assert str(pdf.docinfo.Creator).startswith("cqp-forms ")
        with pdf.open_metadata() as xmp:
            assert xmp["dc:title"] == EDITION.title
            assert xmp["dc:creator"] == ["A & B <x>"]
            assert xmp["xmp:CreateDate"] == "2026-11-24T10:05:00+01:00"
            assert xmp["{urn:cqp-forms:xmp:1.0/}guide"] == guide.id
            assert xmp["{urn:cqp-forms:xmp:1.0/}stage"] == "draft"


def test_the_answers_are_an_associated_file(flat: PdfStamper, guide: Guide) -> None:
    out = flat.stamp(plan_of(guide), EDITIONS["payload"])
    with opened(out) as pdf:
        assert pdf.attachments["reponses.json"].get_file().read_bytes() == b'{"a": 1}'
        assert pdf.Root.AF[0].AFRelationship == Name.Data
    with opened(flat.stamp(plan_of(guide), EDITION)) as pdf:
        assert not pdf.attachments and Name.AF not in pdf.Root


def test_only_the_fonts_that_are_used_are_in_the_file(flat: PdfStamper, guide: Guide) -> None:
    latin = flat.stamp(plan_of(guide, texts={"candidat.nom": "Élodie"}), EDITION)
    greek = flat.stamp(plan_of(guide, texts={"candidat.nom": "Γιώργος"}), EDITION)
    assert latin.count(b"/FontFile2") == 1 and greek.count(b"/FontFile2") == 1
    both = flat.stamp(plan_of(guide, texts={"candidat.nom": "É Γ"}), EDITION)
    assert both.count(b"/FontFile2") == 2


# Text


def extractors() -> Iterator[tuple[str, Callable[[bytes], str]]]:
    def by_pypdf(document: bytes) -> str:
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(document)).pages)

    def by_pdfium(document: bytes) -> str:
        with pypdfium2.PdfDocument(document) as pdf:
            return "\n".join(page.get_textpage().get_text_range() for page in pdf)

    def by_poppler(document: bytes) -> str:
        if not shutil.which("pdftotext"):
            pytest.skip("pdftotext is not installed")
        done = subprocess.run(
            ["pdftotext", "-layout", "-", "-"], input=document, capture_output=True, check=True
        )
        return done.stdout.decode()

    yield "pypdf", by_pypdf
    yield "pdfium", by_pdfium
    yield "poppler", by_poppler


@pytest.mark.parametrize("extract", [pytest.param(one, id=name) for name, one in extractors()])
def test_names_are_searched_and_copied_as_typed(
    flat: PdfStamper, guide: Guide, extract: Callable[[bytes], str]
) -> None:
    for name in (*NAMES, *HOSTILE[:5]):
        plan = plan_of(guide, texts={"candidat.nom": name})
        found = unicodedata.normalize("NFC", extract(flat.stamp(plan, EDITION)))
        assert unicodedata.normalize("NFC", name) in found.replace("\u00a0", " ")


def test_a_long_comment_goes_on_in_the_annex(flat: PdfStamper, blank: Blank, guide: Guide) -> None:
    text = " ".join(f"mot{rank}" for rank in range(1500))
    out = flat.stamp(plan_of(guide, texts={LONG: text}), EDITION)
    with opened(out) as pdf, opened(blank[0]) as before:
        total = len(before.pages)
        assert len(pdf.pages) > total
        assert pdf.pages[total].obj.MediaBox == pdf.pages[0].obj.MediaBox
    home = page_text(out, blank[1].locators[LONG].page - 1)
    assert f"(suite en annexe 1, page {total + 1})" in home
    annex = page_text(out, total)
    title = guide.fields[LONG].title
    assert f"Annexe 1 – {title}" in annex.replace("\r\n", " ").replace("  ", " ")
    assert f"(suite de la page {blank[1].locators[LONG].page})" in " ".join(annex.split())
    everything = " ".join(page_text(out, page) for page in range(total - 1, page_count(out)))
    words = re.findall(r"mot\d+", everything + home)
    assert {f"mot{rank}" for rank in range(1500)} <= set(words)


def test_a_short_text_that_is_too_long_points_to_the_annex(flat: PdfStamper, guide: Guide) -> None:
    name = "Jean-Baptiste " * 20 + "fin"
    out = flat.stamp(plan_of(guide, texts={"candidat.nom": name, "candidat.nom@2": name}), EDITION)
    assert page_text(out, 0).count("… (voir annexe 1)") == 2
    assert "Annexe 2" not in page_text(out, page_count(out) - 1)


def test_a_character_that_no_font_has_is_refused(flat: PdfStamper, guide: Guide) -> None:
    with pytest.raises(AnswersError, match="U\\+1F600"):
        flat.stamp(plan_of(guide, texts={"candidat.nom": "a😀"}), EDITION)


# What cannot be stamped


def xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.XFA = Array([String("template"), pdf.make_stream(b"<a/>")])


def signed(pdf: pikepdf.Pdf) -> None:
    field = next(one for one in pdf.Root.AcroForm.Fields if Name.Sig == one.FT)
    field.V = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"))


def shorter(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[-1]


def renamed(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.Fields[0].T = String("autre")


@pytest.mark.parametrize(
    ("change", "words"),
    [(xfa, "XFA"), (signed, "signé"), (shorter, "page"), (renamed, "candidat.nom")],
)
def test_a_blank_that_cannot_be_stamped_is_refused(
    blank: Blank, guide: Guide, change: Callable[[pikepdf.Pdf], None], words: str
) -> None:
    document = changed(blank[0], change)
    mapping = mapping_of(document, dict(blank[1].locators), guide)
    with pytest.raises(DocumentError, match=words) as caught:
        PdfStamper(document, mapping, guide)
    assert caught.value.exit_code == 4
    assert caught.value.remedy


@pytest.mark.parametrize("document", [b"", b"hello", b"%PDF-1.7\n%%EOF", b"PK\x03\x04" * 50])
def test_what_is_no_pdf_is_refused(document: bytes, blank: Blank, guide: Guide) -> None:
    with pytest.raises(DocumentError):
        PdfStamper(document, mapping_of(document, dict(blank[1].locators), guide), guide)


def test_a_password_is_refused_and_an_empty_one_is_not(blank: Blank, guide: Guide) -> None:
    def nothing(_: pikepdf.Pdf) -> None:
        pass

    locked = changed(blank[0], nothing, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(DocumentError, match="mot de passe"):
        PdfStamper(locked, mapping_of(locked, dict(blank[1].locators), guide), guide)
    guarded = changed(blank[0], nothing, encryption=pikepdf.Encryption(owner="o", user=""))
    mapping = mapping_of(guarded, dict(blank[1].locators), guide)
    out = PdfStamper(guarded, mapping, guide).stamp(random_plan(guide, 1), EDITION)
    with opened(out) as pdf:
        assert not pdf.is_encrypted


def test_another_document_than_the_mapped_one_is_refused(blank: Blank, guide: Guide) -> None:
    with pytest.raises(MappingError):
        PdfStamper(blank[0] + b"\n", blank[1], guide)


def test_a_form_that_comes_ticked_is_unticked(blank: Blank, guide: Guide, finish: Finish) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        for field in pdf.Root.AcroForm.Fields:
            if Name.Btn == field.FT:
                field.V, field.AS = Name.Oui, Name.Oui
            elif Name.Tx == field.FT:
                field.V = String("ancien texte")
                look = field.AP.N.read_bytes() + b" BT /Helv 9 Tf 2 5 Td (ancien) Tj ET"
                field.AP.N.write(look)
                field.AP.N.Resources = pdf.Root.AcroForm.DR

    document = changed(blank[0], fill)
    mapping = mapping_of(document, dict(blank[1].locators), guide)
    out = PdfStamper(document, mapping, guide, finish).stamp(plan_of(guide), EDITION)
    pages = rendered(out, forms=finish is Finish.EDITABLE)
    for key in (one.id for one in guide.placements_of(PlacementKind.TICK_BOX)):
        locator = mapping.locators[key]
        assert dark(pages[locator.page - 1], locator.rect, locator.rect.width * 0.17) == 0
    assert "ancien" not in " ".join(page_text(out, page) for page in range(len(pages)))


def test_a_plan_for_places_that_the_mapping_lacks_is_refused(blank: Blank, guide: Guide) -> None:
    few = mapping_of(blank[0], {"candidat.nom": blank[1].locators["candidat.nom"]}, guide)
    with pytest.raises(MappingError, match="ne place pas"):
        PdfStamper(blank[0], few, guide).stamp(plan_of(guide), EDITION)


def no_list(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.AcroForm


def written_in_their_pages(pdf: pikepdf.Pdf) -> None:
    """The widgets are no objects of their own."""
    del pdf.Root.AcroForm
    for page in pdf.pages:
        page.obj.Annots = Array([Dictionary(dict(one.items())) for one in page.obj.Annots])


@pytest.mark.parametrize("change", [no_list, written_in_their_pages])
@pytest.mark.filterwarnings("ignore:This document has")
def test_a_form_without_its_list_of_fields_is_filled(
    blank: Blank, guide: Guide, finish: Finish, change: Callable[[pikepdf.Pdf], None]
) -> None:
    document = changed(blank[0], change)
    mapping = mapping_of(document, dict(blank[1].locators), guide)
    plan = plan_of(guide, frozenset(("c1.1.1.oui",)), {"candidat.nom": "Élodie"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = PdfStamper(document, mapping, guide, finish).stamp(plan, EDITION)
    assert differences(plan, read(out, mapping, guide)) == []
    with opened(out) as pdf:
        listed = {str(one.T) for one in pdf.Root.AcroForm.Fields}
    assert ("candidat.nom" in listed) == (finish is Finish.EDITABLE)
