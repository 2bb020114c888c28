"""Issued PDFs, ways to change them, and their proof."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.formats import PreparedBlank, format_of, prepare_blank
from cqp_forms.guide import FieldKind
from cqp_forms.mapping import Format, Rect
from cqp_forms.plan import Edition, Finish, Stage, Trail, make_plan
from cqp_forms.project import Project, installed_data
from cqp_forms.proof import Alteration, Closeness, Proof, Twin, plan_shown

PROJECT = Project((installed_data(),))
GUIDE = PROJECT.guide()
BLANK = PROJECT.blank(GUIDE, Format.PDF)
PDF = format_of(Format.PDF)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TITLE = GUIDE.document_title("DUPONT Zoé")
TRAILS = {
    "draft": Trail(Stage.DRAFT),
    "first": Trail(number=1),
    "second": Trail(Stage.ISSUED, 2, 1, date(2026, 11, 20), "critère mal lu"),
}


@cache
def prepared(finish: Finish) -> PreparedBlank:
    return prepare_blank(GUIDE, BLANK, finish)


def fiche(**changes: Value) -> Answers:
    """All OUI and mastered, each text its own name. Keyword ``candidat__nom`` replaces a text."""
    values: dict[str, Value] = {}
    for field in GUIDE.fields.values():
        match field.kind:
            case FieldKind.CRITERION:
                values[field.id] = Verdict.OUI
            case FieldKind.RESULT:
                values[field.id] = Result.MAITRISEE
            case FieldKind.DATE:
                values[field.id] = date(2026, 11, 3)
            case FieldKind.TEXT | FieldKind.LONG_TEXT:
                values[field.id] = f"Texte de {field.id}"
            case _:
                pass
    values |= {key.replace("__", "."): value for key, value in changes.items()}
    return Answers({key: Answer(value) for key, value in values.items()})


FICHE = fiche()


@cache
def issued(
    finish: Finish = Finish.FLAT, trail: Trail = TRAILS["first"], answers: Answers = FICHE
) -> bytes:
    edition = Edition.of(trail, TITLE, NOON, payload=b"{}")
    return prepared(finish).stamper.stamp(make_plan(GUIDE, answers), edition)


def proved(
    document: bytes,
    trail: Trail | None = None,
    closeness: Closeness = Closeness.SAME,
    answers: Answers | None = None,
) -> Proof:
    """Make a document again from what is read in it, or from given answers, and compare."""
    told = trail or PDF.trail(document) or Trail()
    plan = make_plan(GUIDE, answers) if answers else None
    plan = plan or plan_shown(GUIDE, PDF.read(document, BLANK, GUIDE))
    edition = Edition.of(told, TITLE, NOON, payload=PDF.payload(document))
    content = prepared(PDF.finish(document)).stamper.stamp(plan, edition)
    return PDF.prove(document, Twin(content, plan, told, closeness), BLANK, GUIDE)


def only(proof: Proof) -> Alteration:
    (one,) = proof.alterations
    return one


def edited(change: Callable[[pikepdf.Pdf], None], document: bytes = b"") -> bytes:
    """The document, changed and saved again."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(document or issued())) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def unchanged(_pdf: pikepdf.Pdf) -> None:
    """Only saved again, which writes every byte of the file otherwise."""


def draw(page: int, operators: str) -> Callable[[pikepdf.Pdf], None]:
    """Paint something over a page (from 1)."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[page - 1].contents_add(f"q {operators} Q".encode())

    return change


def spot(placement: str) -> tuple[int, Rect]:
    """The page and the rectangle of a placement."""
    locator = BLANK.mapping.locators[placement]
    return locator.page, locator.rect  # type: ignore[union-attr]


def beside(placement: str) -> tuple[int, Rect]:
    """Where the wording of a criterion stands: to the left of its box."""
    page, rect = spot(placement)
    return page, Rect(70, rect.y0, rect.x0 - 30, rect.y1)


def annotate(page: int, kind: str, rect: Rect, text: str = "") -> Callable[[pikepdf.Pdf], None]:
    """Put an annotation on a page, with an appearance that shows a grey box."""

    def change(pdf: pikepdf.Pdf) -> None:
        look = pdf.make_stream(b"0.5 g 0 0 %d %d re f" % (rect.width, rect.height))
        look.Type, look.Subtype = Name.XObject, Name.Form
        look.BBox = Array([0, 0, rect.width, rect.height])
        one = Dictionary(
            Type=Name.Annot,
            Subtype=Name("/" + kind),
            Rect=Array([rect.x0, rect.y0, rect.x1, rect.y1]),
            Contents=String(text),
            AP=Dictionary(N=look),
        )
        target = pdf.pages[page - 1].obj
        target.Annots = Array([*target.get(Name.Annots, []), pdf.make_indirect(one)])

    return change


def widget(pdf: pikepdf.Pdf, placement: str) -> pikepdf.Object:
    """The form field's widget of a placement, by its place."""
    page, rect = spot(placement)
    for one in pdf.pages[page - 1].obj.get(Name.Annots, []):
        x0, y0, x1, y1 = (float(value) for value in one.Rect)
        if rect.contains((x0 + x1) / 2, (y0 + y1) / 2):
            return one
    raise KeyError(placement)
