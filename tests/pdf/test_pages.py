"""Pages are recognised by their own text: answers never come from the wrong page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen.canvas import Canvas
from samples import EDITION, plan_of, random_plan

from cqp_forms.errors import DocumentError, ExitCode
from cqp_forms.findings import Code, Severity
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import PdfKind, PdfLocator, PdfMapping, Rect
from cqp_forms.pdf.read import read
from cqp_forms.pdf.read.recognise import GuidePages, PageText
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish, Plan
from cqp_forms.shown import Mark, Shown, answers_of, differences

Blank = tuple[bytes, PdfMapping]
Change = Callable[[pikepdf.Pdf], None]


@pytest.fixture(scope="module")
def plan(guide: Guide) -> Plan:
    return random_plan(guide, 7)


@pytest.fixture(scope="module", params=list(Finish))
def issued(request: pytest.FixtureRequest, guide: Guide, real: Blank, plan: Plan) -> bytes:
    return PdfStamper(*real, guide, request.param).stamp(plan, EDITION)


def changed(document: bytes, change: Change) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(document)) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def put_in(pdf: pikepdf.Pdf, at: int, words: str) -> None:
    """Put a strange page in."""
    out = BytesIO()
    canvas = Canvas(out)
    canvas.drawString(60, 700, words)
    canvas.showPage()
    canvas.save()
    with pikepdf.open(BytesIO(out.getvalue())) as made:
        pdf.pages.insert(at, made.pages[0])
        pdf.pages[at].obj.Contents = pdf.make_stream(made.pages[0].obj.Contents.read_bytes())


def said(shown: Shown) -> str:
    assert {one.code for one in shown.remarks} <= {Code.CHANGED_PAGES}
    assert all(one.remedy for one in shown.remarks)
    return " / ".join(one.message.replace("\u00a0", " ") for one in shown.remarks)


def wrong(plan: Plan, shown: Shown) -> list[str]:
    """The places that show what the plan does not say; what is gone or in doubt is not wrong."""
    return [
        one.placement
        for one in differences(plan, shown)
        if one.placement not in shown.gone and shown.ticks.get(one.placement) is not Mark.DOUBTFUL
    ]


def on_page(mapping: PdfMapping, guide: Guide, page: int) -> set[str]:
    return {
        key
        for key, one in mapping.locators.items()
        if one.page == page and guide.placements[key].kind is not PlacementKind.SIGNATURE_AREA
    }


def test_a_document_as_issued_has_nothing_to_remark(
    issued: bytes, real: Blank, guide: Guide, plan: Plan
) -> None:
    shown = read(issued, real[1], guide, real[0])
    assert differences(plan, shown) == []
    assert not shown.gone
    assert not shown.remarks


def cover(pdf: pikepdf.Pdf) -> None:
    put_in(pdf, 0, "Bordereau d’envoi")


def blank_page(pdf: pikepdf.Pdf) -> None:
    put_in(pdf, 10, "")


def swapped(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[6]
    del pdf.pages[6]
    pdf.pages.insert(9, page)


def turned(pdf: pikepdf.Pdf) -> None:
    for number in (5, 6):
        pdf.pages[number].obj.Rotate = 90


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (cover, "page 1 du fichier : texte qui n’est pas celui du guide"),
        (blank_page, "page 11 du fichier : texte qui n’est pas celui du guide"),
        (swapped, "pages 7, 8, 9 et 10 du fichier : dans un autre ordre"),
        (turned, "pages 6 et 7 du fichier : tournée"),
    ],
)
def test_each_page_is_read_wherever_it_lies(
    issued: bytes, real: Blank, guide: Guide, plan: Plan, change: Change, remark: str
) -> None:
    shown = read(changed(issued, change), real[1], guide, real[0])
    assert differences(plan, shown) == []
    assert not shown.gone
    assert remark in said(shown)
    assert len(shown.remarks) == 1


@pytest.mark.parametrize("page", [1, 7, 21])
def test_the_places_of_a_missing_page_are_gone(
    issued: bytes, real: Blank, guide: Guide, plan: Plan, page: int
) -> None:
    def cut(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[page - 1]

    shown = read(changed(issued, cut), real[1], guide, real[0])
    assert set(shown.gone) == on_page(real[1], guide, page)
    assert set(shown.gone.values()) == {f"page {page} absente"}
    assert wrong(plan, shown) == []
    assert f"page {page} du guide : absente" in said(shown)
    answers, findings = answers_of(guide, shown)
    gone = {guide.placements[key].field_id for key in shown.gone}
    told = {one.field for one in findings if one.code is Code.MISSING_PLACE}
    assert told == {one for one in gone if one not in answers} - {
        one.id for one in guide.fields.values() if not guide.placements_by_field[one.id]
    }


def doubled(other: bytes, page: int) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        with pikepdf.open(BytesIO(other)) as second:
            pdf.pages.insert(page, second.pages[page - 1])

    return change


def test_a_doubled_page_counts_once_and_where_its_copies_differ_not_at_all(
    real: Blank, guide: Guide, plan: Plan
) -> None:
    stamper = PdfStamper(*real, guide)
    issued, other = stamper.stamp(plan, EDITION), stamper.stamp(random_plan(guide, 8), EDITION)
    same = read(changed(issued, doubled(issued, 7)), real[1], guide, real[0])
    assert differences(plan, same) == []
    assert "page 7 du guide : en double (pages 7 et 8 du fichier)" in said(same)
    differs = read(changed(issued, doubled(other, 7)), real[1], guide, real[0])
    assert wrong(plan, differs) == []
    doubtful = {key for key, one in differs.ticks.items() if one is Mark.DOUBTFUL}
    assert doubtful
    assert doubtful | set(differs.gone) <= on_page(real[1], guide, 7)


def wrapped(matrix: str, box: tuple[float, ...]) -> Change:
    """All pages as a printer's driver writes them again: shrunk onto another paper, or turned."""

    def change(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            page.contents_add(f"q {matrix} cm".encode(), prepend=True)
            page.contents_add(b"Q")
            page.obj.MediaBox = Array(box)
            if Name.CropBox in page.obj:
                del page.obj.CropBox

    return change


@pytest.mark.parametrize(
    ("matrix", "box"),
    [
        ("0.94 0 0 0.94 18 2.5", (0, 0, 612, 792)),
        ("0 1 -1 0 842 0", (0, 0, 842, 595)),
        ("0 -0.7071 0.7071 0 0 421", (0, 0, 595, 421)),
        ("1 0 0 1 10 -12", (0, 0, 595, 842)),
    ],
)
def test_a_page_shrunk_turned_or_moved_by_a_printer_is_read_at_its_place(
    real: Blank, guide: Guide, plan: Plan, matrix: str, box: tuple[float, ...]
) -> None:
    document = changed(PdfStamper(*real, guide).stamp(plan, EDITION), wrapped(matrix, box))
    shown = read(document, real[1], guide, real[0])
    assert wrong(plan, shown) == []
    assert not shown.gone
    (remark,) = shown.remarks
    assert remark.severity is Severity.INFORMATION
    assert "tournée, réduite ou déplacée" in remark.message


def scan(number: int) -> Change:
    """A page that is but a picture, with or without text recognised under it."""

    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[number].obj
        picture = pdf.make_stream(b"\xdd" * 64)
        picture.Type, picture.Subtype, picture.ColorSpace = (
            Name.XObject,
            Name.Image,
            Name.DeviceGray,
        )
        picture.Width = picture.Height = picture.BitsPerComponent = 8
        page.Resources = Dictionary(XObject=Dictionary(Im=picture))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im Do Q")
        if Name.Annots in page:
            del page.Annots

    return change


def test_a_scanned_page_is_named_and_its_places_are_gone(
    issued: bytes, real: Blank, guide: Guide, plan: Plan
) -> None:
    shown = read(changed(issued, scan(6)), real[1], guide, real[0])
    assert set(shown.gone) == on_page(real[1], guide, 7)
    assert wrong(plan, shown) == []
    assert "page 7 du fichier : image sans texte (page numérisée)" in said(shown)


def all_scanned(pdf: pikepdf.Pdf) -> None:
    for number in range(len(pdf.pages)):
        scan(number)(pdf)


def laid_out_otherwise(pdf: pikepdf.Pdf) -> None:
    """The same text at other heights, as another program sets it."""
    for page in pdf.pages:
        page.contents_coalesce()
        first, *texts = re.split(rb"\bBT\b", page.obj.Contents.read_bytes())
        risen = [b"BT %d Ts %s" % (rank % 23 * 3, one) for rank, one in enumerate(texts)]
        page.obj.Contents = pdf.make_stream(first + b"".join(risen))


def another(pdf: pikepdf.Pdf) -> None:
    put_in(pdf, 0, "Facture n° 12, du 3 mars 2026, payable à trente jours")
    del pdf.pages[1:]


@pytest.mark.parametrize(
    ("change", "message", "remedy"),
    [
        (all_scanned, "numérisé", "fiche"),
        (laid_out_otherwise, "exporté de Word", "DOCX"),
        (laid_out_otherwise, "autre document vierge", "--document"),
        (another, "n’est pas fait d’après ce guide", "--document"),
    ],
)
def test_a_document_without_a_page_that_can_be_read_is_refused(
    real: Blank, guide: Guide, plan: Plan, change: Change, message: str, remedy: str
) -> None:
    document = changed(PdfStamper(*real, guide).stamp(plan, EDITION), change)
    with pytest.raises(DocumentError) as caught:
        read(document, real[1], guide, real[0])
    assert caught.value.exit_code is ExitCode.DOCUMENT
    assert message in caught.value.message
    assert remedy in caught.value.remedy


# The annex


def with_annex(guide: Guide, real: Blank) -> tuple[Plan, bytes]:
    texts = {
        "commentaires.evaluateur_cpne": "".join(f"Mot {one} de la suite. " for one in range(900))
    }
    plan = plan_of(guide, texts=texts)
    document = PdfStamper(*real, guide).stamp(plan, EDITION)
    with pikepdf.open(BytesIO(document)) as pdf:
        assert len(pdf.pages) >= 24
    return plan, document


def without(page: int) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[page - 1]

    return change


def annex_swapped(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[21]
    del pdf.pages[21]
    pdf.pages.append(page)


def annex_doubled(pdf: pikepdf.Pdf) -> None:
    pdf.pages.append(pdf.pages[21])


@pytest.mark.parametrize("change", [cover, annex_swapped, annex_doubled, without(7)])
def test_the_annex_is_found_wherever_it_lies(guide: Guide, real: Blank, change: Change) -> None:
    plan, document = with_annex(guide, real)
    shown = read(changed(document, change), real[1], guide, real[0])
    key = "commentaires.evaluateur_cpne"
    assert shown.texts[key] == plan.texts[key]
    assert wrong(plan, shown) == []


@pytest.mark.parametrize("page", [22, 23, 24])
def test_a_text_whose_annex_lacks_a_page_is_gone(guide: Guide, real: Blank, page: int) -> None:
    plan, document = with_annex(guide, real)
    shown = read(changed(document, without(page)), real[1], guide, real[0])
    assert shown.gone == {"commentaires.evaluateur_cpne": f"page {page}, de l’annexe, absente"}
    assert wrong(plan, shown) == []


# What decides between pages of almost the same text


def text(*lines: str) -> PageText:
    """A page of lines, one under another."""
    placed = frozenset((line, 60, 700 - 20 * rank) for rank, line in enumerate(lines))
    grams = frozenset(
        one[start : start + 6]
        for line in lines
        for one in ["".join(line.split())]
        for start in range(len(one) - 5)
    )
    where = tuple(("".join(line.split()), complex(60, 700 - 20 * rank))
                  for rank, line in enumerate(lines))  # fmt: skip
    return PageText(placed, where, grams)


HEADER = "Guide d’évaluation des compétences du certificat"
FIRST = text(HEADER, "Critère premier : la sécurité des procédés est respectée")
SECOND = text(HEADER, "Critère second : la sécurité des produits est respectée")
TWIN = text(HEADER, "Observations de l’évaluateur sur la compétence")
LAST = text(HEADER, "Signature du candidat et des évaluateurs habilités")
GUIDE = GuidePages([FIRST, TWIN, SECOND, TWIN, LAST])


def found(*pages: PageText) -> Iterator[tuple[int, tuple[int, ...]]]:
    recognised = GUIDE.recognise(pages, [False] * len(pages))
    for page, copies in recognised.copies.items():
        yield page, tuple(one.number for one in copies)
    yield from ((-1, one) for one in sorted(set(recognised.undecided.values())))


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ((FIRST, TWIN, SECOND, TWIN, LAST), {0: (0,), 1: (1,), 2: (2,), 3: (3,), 4: (4,)}),
        # One of two equal pages is lost: its neighbours say which is left.
        ((FIRST, TWIN, SECOND, LAST), {0: (0,), 1: (1,), 2: (2,), 4: (3,)}),
        ((FIRST, SECOND, TWIN, LAST), {0: (0,), 2: (1,), 3: (2,), 4: (3,)}),
        # The neighbours are lost too: nothing says which.
        ((TWIN, LAST), {4: (1,), -1: (1, 3)}),
        # Three copies of two equal pages: one is doubled, nothing says which.
        ((TWIN, TWIN, TWIN), {-1: (1, 3)}),
        ((SECOND, FIRST), {2: (0,), 0: (1,)}),
    ],
)
def test_equal_pages_are_told_apart_by_their_neighbours_or_not_at_all(
    pages: tuple[PageText, ...], expected: dict[int, tuple[int, ...]]
) -> None:
    assert dict(found(*pages)) == expected


def test_a_page_without_text_is_known_by_its_neighbours() -> None:
    empty = text()
    guide = GuidePages([FIRST, empty, LAST])
    whole = guide.recognise([FIRST, empty, LAST], [False] * 3)
    assert [one.number for one in whole.copies[1]] == [1]
    for pages in ([FIRST, LAST], [FIRST, empty, empty, LAST]):
        assert 1 not in guide.recognise(pages, [False] * len(pages)).copies


# A form that lost a field


def test_a_field_that_a_form_lost_is_gone_not_empty(real: Blank, guide: Guide, plan: Plan) -> None:
    document = PdfStamper(*real, guide, Finish.EDITABLE).stamp(plan, EDITION)
    lost = next(
        key
        for key, one in real[1].locators.items()
        if one.kind is PdfKind.WIDGET and guide.placements[key].kind is PlacementKind.TICK_BOX
    )
    locator: PdfLocator = real[1].locators[lost]

    def remove(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[locator.page - 1].obj
        kept = [one for one in page.Annots if not at(one, locator.rect)]
        assert len(kept) == len(page.Annots) - 1
        page.Annots = Array(kept)

    shown = read(changed(document, remove), real[1], guide, real[0])
    assert list(shown.gone) == [lost]
    assert "absent" in shown.gone[lost]
    assert wrong(plan, shown) == []


def at(annotation: pikepdf.Object, rect: Rect) -> bool:
    x0, y0, x1, y1 = (float(one) for one in annotation.Rect)
    return rect.contains((x0 + x1) / 2, (y0 + y1) / 2)
