"""The print bundle: pages in order, each document on a front page, nothing else of anyone in it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pikepdf
import pypdfium2
import pytest
from generated_lots import candidates
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.answers import Answer, Answers
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide
from cqp_forms.mapping import Format, PdfMapping, Rect
from cqp_forms.pdf.bundle import CREATOR, IndexPages, Item, is_bundle, write_bundle
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Edition, Finish, make_plan
from cqp_forms.project import Project

CREATED = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)


def made(path: Path, *pages: str, form: str = "") -> Path:
    """A PDF with a line of text a page, and a form field where asked."""
    canvas = Canvas(str(path), pagesize=(300, 400))
    for text in pages:
        canvas.drawString(50, 300, text)
        if form:
            canvas.acroForm.textfield(name="nom", value=form, x=50, y=100)
        canvas.showPage()
    canvas.save()
    return path


def index(items: Sequence[Item]) -> IndexPages:
    """Two items a page, so that three make two pages."""
    target = io.BytesIO()
    canvas, links = Canvas(target, pagesize=(300, 400)), []
    for rank, item in enumerate(items):
        if rank and rank % 2 == 0:
            canvas.showPage()
        y = 300 - 20 * (rank % 2)
        canvas.drawString(50, y, f"{item.title} page {item.first_page}")
        links.append((rank // 2, Rect(50, y, 250, y + 15)))
    canvas.showPage()
    canvas.save()
    return IndexPages(target.getvalue(), tuple(links))


def bundle(path: Path, *items: Item) -> tuple[Item, ...]:
    with path.open("w+b") as file:
        return write_bundle(file, items, index, title="Guides", language="fr-FR", created=CREATED)


def texts(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_bounded().strip() for page in document]


@pytest.fixture
def three(tmp_path: Path) -> tuple[Item, ...]:
    return (
        Item("UN", made(tmp_path / "1.pdf", "un a", "un b", "un c")),
        Item("DEUX", made(tmp_path / "2.pdf", "deux a", "deux b")),
        Item("TROIS", made(tmp_path / "3.pdf", "trois a")),
    )


def test_each_document_starts_on_a_front_page(three: tuple[Item, ...], tmp_path: Path) -> None:
    path = tmp_path / "b.pdf"
    placed = bundle(path, *three)
    assert texts(path) == [
        "UN page 3\r\nDEUX page 7",
        "TROIS page 9",
        "un a", "un b", "un c", "",
        "deux a", "deux b",
        "trois a", "",
    ]  # fmt: skip
    assert [one.first_page for one in placed] == [3, 7, 9]
    assert all(one.first_page % 2 for one in placed)
    assert [one.pages for one in placed] == [3, 2, 1]


def test_a_list_of_odd_length_gets_a_blank_back(three: tuple[Item, ...], tmp_path: Path) -> None:
    path = tmp_path / "b.pdf"
    bundle(path, *three[:2])
    assert texts(path)[:3] == ["UN page 3\r\nDEUX page 7", "", "un a"]


def test_bookmarks_and_links_lead_to_first_pages(three: tuple[Item, ...], tmp_path: Path) -> None:
    path = tmp_path / "b.pdf"
    bundle(path, *three)
    with pikepdf.open(path) as pdf:
        pages = [page.objgen for page in pdf.pages]
        with pdf.open_outline() as outline:
            marks = [(one.title, pages.index(one.destination[0].objgen)) for one in outline.root]
        links = [
            pages.index(one.Dest[0].objgen) for page in pdf.pages[:2] for one in page.obj.Annots
        ]
        assert pdf.Root.PageMode == Name.UseOutlines
    assert marks == [("UN", 2), ("DEUX", 6), ("TROIS", 8)]
    assert links == [2, 6, 8]


def test_it_says_what_it_is(three: tuple[Item, ...], tmp_path: Path) -> None:
    path = tmp_path / "b.pdf"
    bundle(path, *three)
    with pikepdf.open(path) as pdf:
        assert pdf.docinfo[Name.Creator] == CREATOR
        assert pdf.docinfo[Name.Title] == "Guides"
        assert pdf.docinfo[Name.CreationDate] == "D:20261124140500+00'00"
        assert pdf.Root.Lang == "fr-FR"
        assert pdf.Root.ViewerPreferences.Duplex == Name.DuplexFlipLongEdge
        assert not pdf.check_pdf_syntax()
    assert is_bundle(path)
    assert not is_bundle(three[0].path)
    assert not is_bundle(tmp_path / "absent.pdf")


def test_the_same_documents_give_the_same_bytes(three: tuple[Item, ...], tmp_path: Path) -> None:
    bundle(tmp_path / "a.pdf", *three)
    bundle(tmp_path / "b.pdf", *three)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_a_form_field_becomes_ink_and_no_field_is_left(tmp_path: Path) -> None:
    one = Item("A", made(tmp_path / "1.pdf", "a", form="Valeur Alice"))
    two = Item("B", made(tmp_path / "2.pdf", "b", form="Valeur Bruno"))
    path = tmp_path / "b.pdf"
    bundle(path, one, two)
    first, second = texts(path)[2], texts(path)[4]
    assert "Alice" in first and "Bruno" not in first
    assert "Bruno" in second and "Alice" not in second
    with pikepdf.open(path) as pdf:
        assert Name.AcroForm not in pdf.Root
        assert all(Name.Annots not in page.obj for page in pdf.pages[2:])


def test_a_thing_that_refers_to_itself_is_copied(tmp_path: Path) -> None:
    with pikepdf.open(made(tmp_path / "1.pdf", "a")) as pdf:
        loop = pdf.make_indirect(Dictionary(Type=Name.Pattern))
        loop.Resources = Dictionary(Pattern=Dictionary(P0=loop))
        pdf.pages[0].obj.Resources.Pattern = Dictionary(P0=loop)
        pdf.save(tmp_path / "loop.pdf")
    path = tmp_path / "b.pdf"
    bundle(path, Item("A", tmp_path / "loop.pdf"))
    with pikepdf.open(path) as pdf:
        copied = pdf.pages[2].obj.Resources.Pattern.P0
        assert copied.Resources.Pattern.P0.objgen == copied.objgen


def test_inherited_sizes_and_rotation_are_kept(tmp_path: Path) -> None:
    with pikepdf.open(made(tmp_path / "1.pdf", "a")) as pdf:
        page = pdf.pages[0].obj
        pdf.Root.Pages.MediaBox, pdf.Root.Pages.Rotate = Array([0, 0, 200, 700]), 90
        for key in ("/MediaBox", "/Rotate"):
            if key in page:
                del page[key]
        pdf.save(tmp_path / "turned.pdf")
    path = tmp_path / "b.pdf"
    bundle(path, Item("A", tmp_path / "turned.pdf"))
    with pikepdf.open(path) as pdf:
        for page in (pdf.pages[2], pdf.pages[3]):  # the blank back too
            assert [float(one) for one in page.mediabox] == [0, 0, 200, 700]
            assert page.obj.Rotate == 90


def test_a_document_that_is_no_pdf_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"rien")
    with pytest.raises(DocumentError) as caught:
        bundle(tmp_path / "b.pdf", Item("X", tmp_path / "x.pdf"))
    assert caught.value.where.endswith("x.pdf")


@pytest.fixture(scope="module", params=list(Finish))
def stamped(
    request: pytest.FixtureRequest,
    guide: Guide,
    project: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Item, ...]:
    """Three candidates' guides, flat and editable, each with a secret of its own everywhere."""
    blank = project.blank(guide, Format.PDF)
    stamper = PdfStamper(blank.content, cast(PdfMapping, blank.mapping), guide, request.param)
    folder = tmp_path_factory.mktemp(request.param.name)
    items = []
    for number, answers in enumerate(candidates(guide, 3)):
        secret = f"SECRET{number}"
        by_field = dict(answers.by_field)
        by_field["candidat.nom"] = Answer(secret)
        by_field["commentaires.evaluateur_metier"] = Answer(f"{secret} " * 40)
        edition = Edition(title=secret, issued_at=CREATED, author=secret, payload=secret.encode())
        path = folder / f"{number}.pdf"
        path.write_bytes(stamper.stamp(make_plan(guide, Answers(by_field)), edition))
        items.append(Item(f"CANDIDAT {number}", path))
    return tuple(items)


def test_nothing_of_a_candidate_reaches_another(stamped: tuple[Item, ...], tmp_path: Path) -> None:
    path = tmp_path / "b.pdf"
    placed = bundle(path, *stamped)
    shown = texts(path)
    for number, item in enumerate(placed):
        start = item.first_page - 1
        for offset, text in enumerate(shown):
            inside = start <= offset < start + item.pages
            assert inside or f"SECRET{number}" not in text
        assert shown[start].count(f"SECRET{number}") == 1  # on the cover
    with pikepdf.open(path) as pdf:
        assert Name.AcroForm not in pdf.Root
        assert Name.Names not in pdf.Root
        assert b"SECRET" not in pdf.Root.Metadata.read_bytes()
        kinds = {str(one.get("/Type", "")) for one in pdf.objects if isinstance(one, Dictionary)}
        assert not kinds & {"/Filespec", "/EmbeddedFile", "/StructTreeRoot"}
        assert all(Name.Annots not in page.obj for page in pdf.pages[2:])


def test_what_pages_show_is_what_the_documents_show(
    stamped: tuple[Item, ...], tmp_path: Path
) -> None:
    path = tmp_path / "b.pdf"
    placed = bundle(path, *stamped)
    with pypdfium2.PdfDocument(path) as whole:
        for item in placed[:2]:
            with pypdfium2.PdfDocument(item.path) as alone:
                alone.init_forms()
                for number in (0, 5, item.pages - 2):
                    expected = alone[number].render(scale=0.5).to_pil()
                    got = whole[item.first_page - 1 + number].render(scale=0.5).to_pil()
                    assert _difference(expected, got) < 0.5


def _difference(one: object, other: object) -> float:
    from PIL import Image, ImageChops, ImageStat

    assert isinstance(one, Image.Image) and isinstance(other, Image.Image)
    return max(ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean)


def test_what_candidates_share_is_there_once(stamped: tuple[Item, ...], tmp_path: Path) -> None:
    path = tmp_path / "b.pdf"
    bundle(path, *stamped)
    alone = sum(item.path.stat().st_size for item in stamped)
    assert path.stat().st_size < alone * 0.55
    with pikepdf.open(path) as pdf:
        files = [one.read_raw_bytes() for one in pdf.objects if _is_font_file(one)]
    assert len(files) == len(set(files))


def _is_font_file(one: object) -> bool:
    return isinstance(one, pikepdf.Stream) and "/Length1" in one
