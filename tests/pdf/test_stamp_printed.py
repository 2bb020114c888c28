"""A text field's default value, or its prompt, stays where nothing is answered."""

from __future__ import annotations

import pikepdf
import pytest
from blanks import mapping_of
from pikepdf import Dictionary, Name
from samples import EDITION, changed, page_text, plan_of

from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.prove import prove
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish
from cqp_forms.proof import Twin
from cqp_forms.shown import differences

Blank = tuple[bytes, PdfMapping]
NAME = "candidat.nom"


def printing(blank: Blank, guide: Guide, *, value: str, shown: str) -> Blank:
    """The form, its first text field with a value, and an appearance that shows a text."""

    def change(pdf: pikepdf.Pdf) -> None:
        for field in pdf.Root.AcroForm.Fields:
            if str(field.T) != NAME:
                continue
            field.V = field.DV = pikepdf.String(value)
            if not shown:
                del field.AP
                continue
            left, low, right, top = (float(one) for one in field.Rect)
            look = pdf.make_stream(f"BT /F 9 Tf 0 g 3 4 Td ({shown}) Tj ET".encode())
            look.Type, look.Subtype = Name.XObject, Name.Form
            look.BBox = pikepdf.Array([0, 0, right - left, top - low])
            font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            look.Resources = Dictionary(Font=Dictionary(F=font))
            field.AP = Dictionary(N=look)

    document = changed(blank[0], change)
    return document, mapping_of(document, dict(blank[1].locators), guide)


CASES = pytest.mark.parametrize(
    ("value", "shown"),
    [("cire", "cire"), ("", "cire"), ("cire", "")],
    ids=["both", "prompt", "value"],
)


@CASES
def test_it_stays_unless_an_answer_replaces_it(
    blank: Blank, guide: Guide, finish: Finish, value: str, shown: str
) -> None:
    document, mapping = printing(blank, guide, value=value, shown=shown)
    stamper = PdfStamper(document, mapping, guide, finish)
    for answer, seen in (("", "cire"), ("Zorn", "Zorn"), ("cire", "cire"), ("", "cire")):
        plan = plan_of(guide, texts={NAME: answer})
        out = stamper.stamp(plan, EDITION)
        found = read(out, mapping, guide, document)
        assert differences(plan, found) == []
        assert found.texts[NAME] == ("Zorn" if answer == "Zorn" else found.texts[NAME])
        with_answer = page_text(flattened(out), 0)
        assert (seen in with_answer, "cire" in with_answer) == (True, seen == "cire")


@CASES
def test_what_is_gone_is_told(
    blank: Blank, guide: Guide, finish: Finish, value: str, shown: str
) -> None:
    document, mapping = printing(blank, guide, value=value, shown=shown)
    plan = plan_of(guide)
    issued = PdfStamper(document, mapping, guide, finish).stamp(plan, EDITION)
    erased = PdfStamper(*blank, guide, finish).stamp(plan, EDITION)
    proof = prove(erased, Twin(issued, plan, EDITION.trail), mapping, guide)
    assert [one.placement for one in proof.alterations] == [NAME]
    assert prove(issued, Twin(issued, plan, EDITION.trail), mapping, guide).alterations == ()


@CASES
def test_an_answer_like_it_is_not_proved_by_an_empty_area(
    blank: Blank, guide: Guide, finish: Finish, value: str, shown: str
) -> None:
    document, mapping = printing(blank, guide, value=value, shown=shown)
    erased = PdfStamper(*blank, guide, finish).stamp(plan_of(guide), EDITION)
    found = read(erased, mapping, guide, document)
    (gone,) = differences(plan_of(guide, texts={NAME: "cire"}), found)
    assert (gone.placement, gone.expected, gone.shown) == (NAME, "cire", "")


def flattened(document: bytes) -> bytes:
    """The document with what its fields show as page content, as a printer has it."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.flatten_annotations()
        for page in pdf.pages:  # what is to be signed stays a field, of a form that is gone
            page.obj.Annots = pikepdf.Array()

    return changed(document, change)
