"""The blank PDF: what it holds, how it looks, and that people can fill it in by hand."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pikepdf
import pypdf
import pypdfium2
import pytest
from PIL import Image

from blank_rules import has_two_lines
from cqp_forms.blocks import Bullets, Callout, Competences, FieldLines, Heading, Paragraph, plain
from cqp_forms.errors import GuideError
from cqp_forms.guide import Field, FieldGroup, FieldKind, Guide, PlacementKind, Section
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.mapping import Format, PdfKind, PdfLocator, Rect
from cqp_forms.mapping_lint import lint
from cqp_forms.mapping_yaml import dump_mapping, parse_mapping
from cqp_forms.project import Project
from pdf_blank import Built, build

SCALE = 4
MARGIN = 20 * 72 / 25.4


@pytest.fixture(scope="module")
def built(guide: Guide) -> Built:
    return build(guide)


@pytest.fixture(scope="module")
def document(built: Built) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(built.content)) as pdf:
        yield pdf


def _render(content: bytes, *, widgets: bool) -> list[Image.Image]:
    """Every page, in grey; with what the fields show, or with the page's own content only."""
    pdf = pypdfium2.PdfDocument(content)
    if widgets:
        pdf.init_forms()
    return [
        page.render(scale=SCALE, grayscale=True, may_draw_forms=widgets, draw_annots=widgets)
        .to_pil()
        .convert("L")
        for page in pdf
    ]


@pytest.fixture(scope="module")
def pages(built: Built) -> list[Image.Image]:
    return _render(built.content, widgets=False)


@pytest.fixture(scope="module")
def texts(built: Built) -> list[str]:
    pdf = pypdfium2.PdfDocument(built.content)
    return [page.get_textpage().get_text_bounded() for page in pdf]


def _crop(image: Image.Image, rect: Rect, inset: float = 0.0) -> Image.Image:
    """What lies in a rectangle, less ``inset`` points on each side."""
    return image.crop(
        (
            round((rect.x0 + inset) * SCALE),
            image.height - round((rect.y1 - inset) * SCALE),
            round((rect.x1 - inset) * SCALE),
            image.height - round((rect.y0 + inset) * SCALE),
        )
    )


def _darkest(image: Image.Image) -> int:
    return int(image.getextrema()[0])


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", plain(text))


def _full_name(widget: pikepdf.Object) -> str:
    parts = []
    node: pikepdf.Object | None = widget
    while node is not None:
        parts.append(str(node.T))
        node = node.get("/Parent")
    return ".".join(reversed(parts))


def _widgets(pdf: pikepdf.Pdf) -> dict[str, tuple[int, pikepdf.Object]]:
    return {
        _full_name(one): (number, one)
        for number, page in enumerate(pdf.pages, start=1)
        for one in page.get("/Annots", [])
    }


def _said(content: bytes) -> dict[str, object]:
    """What a document says, however its objects are compressed and numbered."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        widgets = {
            name: (page, *(repr(one.get(key)) for key in ("/FT", "/Ff", "/F", "/DA", "/MK", "/TU")))
            for name, (page, one) in _widgets(pdf).items()
        }
        marks = {
            (str(state), drawing.read_bytes())
            for _, one in _widgets(pdf).values()
            if pikepdf.Name.Btn == one.FT
            for state, drawing in one.AP.N.items()
        }
        with pdf.open_outline() as outline:
            parts = [(one.title, [child.title for child in one.children]) for one in outline.root]
        head = (str(pdf.Root.Lang), repr(pdf.Root.ViewerPreferences), str(pdf.docinfo.Title))
    read = pypdfium2.PdfDocument(content)
    texts = [one.get_textpage().get_text_bounded() for one in read]
    return {"widgets": widgets, "marks": marks, "outline": parts, "head": head, "texts": texts}


def test_rebuilding_gives_the_committed_document(
    project: Project, guide: Guide, built: Built, pages: list[Image.Image]
) -> None:
    blank = project.blank(guide, Format.PDF)
    assert build(guide) == built, "two builds in one process differ"
    if blank.content == built.content:
        assert blank.mapping == built.mapping
        return
    # Other versions of the libraries compress and number otherwise: what is said stays the same.
    assert dict(blank.mapping.locators) == dict(built.mapping.locators)
    assert _said(blank.content) == _said(built.content)
    committed = _render(blank.content, widgets=False)
    assert [one.tobytes() for one in committed] == [one.tobytes() for one in pages]


def test_each_placement_is_a_field_of_that_name(guide: Guide, document: pikepdf.Pdf) -> None:
    widgets = _widgets(document)
    assert set(widgets) == set(guide.placements)
    kinds = Counter(str(one.FT) for _, one in widgets.values())
    assert kinds == {"/Btn": 190, "/Tx": 24, "/Sig": 3}
    for name, (_, widget) in widgets.items():
        assert "." not in str(widget.T)
        assert int(widget.F) == 4, "printed, not hidden"
        assert str(widget.P.Tabs) == "/R", "the tab key goes row by row"
        field = guide.fields[guide.placements[name].field_id]
        long = field.kind is FieldKind.LONG_TEXT or has_two_lines(field)
        assert bool(int(widget.get("/Ff", 0)) & 1 << 12) == long


def test_the_tree_of_fields_holds_together(document: pikepdf.Pdf) -> None:
    def leaves(nodes: pikepdf.Object, parent: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
        names = [str(one.T) for one in nodes]
        assert len(names) == len(set(names))
        for one in nodes:
            assert (one.get("/Parent") is None) if parent is None else (one.Parent == parent)
            if "/Kids" in one:
                assert "/Subtype" not in one
                yield from leaves(one.Kids, one)
            else:
                yield one

    form = document.Root.AcroForm
    assert "/NeedAppearances" not in form
    assert {_full_name(one) for one in leaves(form.Fields, None)} == set(_widgets(document))


def test_tooltips_are_wordings(guide: Guide, document: pikepdf.Pdf) -> None:
    tips = {name: str(widget.TU) for name, (_, widget) in _widgets(document).items()}
    assert all(len(one) > 8 and "**" not in one for one in tips.values())
    assert tips["c1.1.2.oui"].startswith("Compétence 1 – OUI\u00a0: Le choix des sources")
    assert tips["c6.resultat.non_maitrisee"].endswith("n’est pas maîtrisée")
    assert tips["candidat.nom"] == "Candidat – Nom"
    boxes = [one.id for one in guide.placements_of(PlacementKind.TICK_BOX)]
    # The guide says one criterion of competence 5 twice.
    assert len({tips[one] for one in boxes}) == len(boxes) - 2


def test_metadata_and_bookmarks(guide: Guide, document: pikepdf.Pdf, built: Built) -> None:
    root = document.Root
    assert str(root.Lang) == "fr-FR"
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert guide.title in str(document.docinfo.Title)
    assert "/CreationDate" not in document.docinfo
    with document.open_metadata() as xmp:
        assert xmp["dc:title"] == str(document.docinfo.Title)
    assert built.content.startswith(b"%PDF-1.7")
    assert len(built.content) < 400_000
    with document.open_outline() as outline:
        parts = [one.title for one in outline.root]
        under = [child.title for one in outline.root for child in one.children]
    headings = [one.text for one in guide.document if isinstance(one, Heading) and one.level == 1]
    assert parts == [guide.title, *headings]
    assert under == [one.heading for one in guide.competences]


def test_bookmarks_lead_to_their_page(guide: Guide, built: Built, texts: list[str]) -> None:
    reader = pypdf.PdfReader(io.BytesIO(built.content))

    def flat(items: list[object]) -> Iterator[pypdf.generic.Destination]:
        for one in items:
            yield from flat(one) if isinstance(one, list) else [one]

    for one in flat(reader.outline):
        page = reader.get_destination_page_number(one)
        assert page is not None
        assert _bare(str(one.title)) in _bare(texts[page])


def test_fonts_are_embedded_subsets(document: pikepdf.Pdf) -> None:
    for page in document.pages:
        for font in page.Resources.Font.values():
            assert re.match(r"/[A-Z]{6}\+Carlito", str(font.BaseFont))
            assert "/FontFile2" in font.FontDescriptor
            assert "/ToUnicode" in font


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_nothing(built: Built, tmp_path: Path) -> None:
    path = tmp_path / "blank.pdf"
    path.write_bytes(built.content)
    done = subprocess.run(
        ["qpdf", "--check", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr + done.stdout


def test_the_mapping_is_that_of_the_document(
    guide: Guide, built: Built, document: pikepdf.Pdf
) -> None:
    mapping = built.mapping
    mapping.require_document(built.content)
    assert lint(mapping, guide) == []
    assert parse_mapping(dump_mapping(mapping, guide.placements)) == mapping
    widgets = _widgets(document)
    for key, one in mapping.locators.items():
        page, widget = widgets[key]
        assert (one.kind, one.name, one.page) == (PdfKind.WIDGET, key, page)
        corners = [float(value) for value in widget.Rect]
        assert corners == [one.rect.x0, one.rect.y0, one.rect.x1, one.rect.y1]
        ticks = guide.placements[key].kind is PlacementKind.TICK_BOX
        assert one.on_state == ("/Oui" if ticks else "")
        if ticks:
            assert set(widget.AP.N.keys()) == {"/Oui", "/Off"}
            assert widget.AS == widget.V == pikepdf.Name.Off


def _of_kind(guide: Guide, built: Built, kind: PlacementKind) -> list[tuple[str, PdfLocator]]:
    return [(one.id, built.mapping.locators[one.id]) for one in guide.placements_of(kind)]


def test_each_box_is_drawn_where_its_widget_is(
    guide: Guide, built: Built, pages: list[Image.Image]
) -> None:
    for key, one in _of_kind(guide, built, PlacementKind.TICK_BOX):
        image, rect = pages[one.page - 1], one.rect
        assert 9.5 <= rect.width <= 11.5
        assert rect.width == pytest.approx(rect.height)
        assert _darkest(_crop(image, rect, 1.2)) > 250, f"{key}: the inside is not white"
        middle_x, middle_y = rect.centre
        for edge in (
            Rect(rect.x0 - 0.6, middle_y - 2, rect.x0 + 0.6, middle_y + 2),
            Rect(rect.x1 - 0.6, middle_y - 2, rect.x1 + 0.6, middle_y + 2),
            Rect(middle_x - 2, rect.y0 - 0.6, middle_x + 2, rect.y0 + 0.6),
            Rect(middle_x - 2, rect.y1 - 0.6, middle_x + 2, rect.y1 + 0.6),
        ):
            assert _darkest(_crop(image, edge)) < 110, f"{key}: no frame around it"


def test_areas_are_blank_and_roomy(guide: Guide, built: Built, pages: list[Image.Image]) -> None:
    for key, one in _of_kind(guide, built, PlacementKind.TEXT_AREA):
        assert _darkest(_crop(pages[one.page - 1], one.rect)) > 250, key
        assert one.rect.height >= 16
        assert one.rect.width >= 110
    for key, one in _of_kind(guide, built, PlacementKind.SIGNATURE_AREA):
        assert _darkest(_crop(pages[one.page - 1], one.rect)) > 250, key
        stamped = "cachet" in guide.fields[guide.placements[key].field_id].label
        assert one.rect.height >= (35 if stamped else 22) * 72 / 25.4
        assert one.rect.width >= 60 * 72 / 25.4


def test_comment_boxes_have_their_lines_at_least(guide: Guide, built: Built) -> None:
    for block in guide.document:
        if hasattr(block, "lines"):
            rect = built.mapping.locators[block.field].rect
            assert rect.height >= block.lines * 12.5


def test_no_two_placements_overlap(built: Built) -> None:
    for one, other in combinations(built.mapping.locators.values(), 2):
        assert one.page != other.page or not one.rect.overlaps(other.rect)


def test_ticks_are_in_two_straight_columns(guide: Guide, built: Built) -> None:
    for box in ("oui", "non"):
        centres = {
            round(built.mapping.locators[f"{one.id}.{box}"].rect.centre[0], 1)
            for one in guide.of_kind(FieldKind.CRITERION)
        }
        assert len(centres) == 1


def test_pages_keep_to_their_margins(pages: list[Image.Image]) -> None:
    for number, image in enumerate(pages[1:], start=2):
        ink = image.point(lambda value: 255 if value < 200 else 0).getbbox()
        assert ink is not None
        left, top, right, bottom = (one / SCALE for one in ink)
        assert left >= MARGIN - 2, f"page {number}"
        assert right <= image.width / SCALE - MARGIN + 2, f"page {number}"
        assert min(top, image.height / SCALE - bottom) >= 28, f"page {number}"


def test_each_page_has_its_number_and_leaves_the_total_to_who_stamps(
    built: Built, texts: list[str], pages: list[Image.Image]
) -> None:
    total = built.mapping.total
    assert total is not None
    assert total.first == 2
    free = Rect(total.rect.x0 + 1, total.rect.y0, total.rect.x1, total.rect.y1)
    for number, text in enumerate(texts[1:], start=2):
        assert f"Page {number}\r\n" in text
        assert _darkest(_crop(pages[number - 1], free)) > 250


def test_header_rows_come_back_and_groups_stay_with_their_first_criterion(
    guide: Guide, built: Built, texts: list[str]
) -> None:
    assert guide.phrases is not None
    question = _bare(guide.phrases.criteria_question)
    for competence in guide.competences:
        for group in competence.groups:
            page = built.mapping.locators[f"{group.fields[0].id}.oui"].page
            assert _bare(group.title) in _bare(texts[page - 1])
        for field in competence.criteria:
            page = built.mapping.locators[f"{field.id}.oui"].page
            assert question in _bare(texts[page - 1])
            assert _bare(field.label) in _bare(texts[page - 1]), "a row is split"
        first = built.mapping.locators[f"{competence.criteria[0].id}.oui"].page
        result = built.mapping.locators[f"{competence.result.id}.maitrisee"].page
        starts = [n for n, one in enumerate(texts, 1) if _bare(competence.heading) in _bare(one)]
        assert starts[-1] <= first <= result


def test_the_whole_wording_is_there(guide: Guide, texts: list[str]) -> None:
    whole = _bare("".join(re.sub(r"Page \d+ / \d+", "", one) for one in texts))
    wordings = [guide.certificate, guide.tool, guide.title]
    for one in guide.competences:
        wordings += [one.heading, *one.abilities, *one.documents, *one.questions]
        wordings += [field.label for field in one.criteria]
        wordings += [group.title for group in one.groups]
    for block in guide.document:
        match block:
            case Paragraph() | Heading():
                wordings.append(block.text)
            case Callout():
                wordings += block.paragraphs
            case Bullets():
                wordings += [item.text for item in block.items]
    # Page furniture may fall inside a paragraph that goes over two pages.
    missing = [one for one in wordings if _bare(one)[:60] not in whole]
    assert missing == []
    assert guide.phrases is not None
    for phrase in (*guide.phrases.instructions, guide.phrases.legend_no, guide.phrases.reminder):
        assert whole.count(_bare(phrase)) == len(guide.competences)


def test_a_box_ticked_by_hand_shows_its_mark(guide: Guide, built: Built) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(built.content))
    ticked = {"c1.1.1.oui", "c5.3.4.non", "c6.resultat.maitrisee", "documents.autre"}
    for number in {built.mapping.locators[one].page for one in ticked}:
        writer.update_page_form_field_values(
            writer.pages[number - 1], dict.fromkeys(ticked, "/Oui"), auto_regenerate=False
        )
    stream = io.BytesIO()
    writer.write(stream)
    images = _render(stream.getvalue(), widgets=True)
    for key, one in _of_kind(guide, built, PlacementKind.TICK_BOX):
        inside = _crop(images[one.page - 1], one.rect, 1.4)
        assert (_darkest(inside) < 60) == (key in ticked), key
        if key in ticked:
            ink = inside.point(lambda value: 255 if value < 128 else 0).getbbox()
            assert ink is not None
            assert ink[2] - ink[0] > 5 * SCALE
            off = [ink[0] - (inside.width - ink[2]), ink[1] - (inside.height - ink[3])]
            assert max(map(abs, off)) <= 2, f"{key}: the mark is not centred"


def test_text_typed_by_hand_shows(guide: Guide, built: Built) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(built.content))
    values = {"candidat.nom": "Œuvrard-Béchamp", "candidat.nom@2": "Œuvrard-Béchamp"}
    for key in values:
        page = built.mapping.locators[key].page
        writer.update_page_form_field_values(writer.pages[page - 1], values, auto_regenerate=False)
    stream = io.BytesIO()
    writer.write(stream)
    images = _render(stream.getvalue(), widgets=True)
    for key, one in _of_kind(guide, built, PlacementKind.TEXT_AREA):
        assert (_darkest(_crop(images[one.page - 1], one.rect)) < 100) == (key in values), key


def test_tick_marks_are_vectors(document: pikepdf.Pdf) -> None:
    _, widget = _widgets(document)["c1.1.1.oui"]
    mark = widget.AP.N["/Oui"]
    assert "/Font" not in mark.get("/Resources", {})
    assert mark.read_bytes().count(b" l ") == 2


SMALL = """
id: petit
short: P1
title: "Fiche d'entretien"
candidate: [a.nom]
sections:
  - sheet: Feuille
    groups:
      - title: "Personne"
        fields:
          - {id: a.nom, label: "Nom", areas: 2}
          - {id: a.note, kind: long-text, label: "Remarque <& fin>"}
          - {id: a.oui, kind: tick, label: "D'accord"}
          - {id: a.vu, kind: signature, label: "Visa"}
document:
  - heading: {level: 1, text: "Entretien"}
  - paragraph: "Le *texte* <b>tel quel</b> & **gras**."
  - field_lines: [a.nom, a.nom]
  - comment_box: {field: a.note, lines: 5}
  - tick_list: [a.oui]
  - signature: {title: "Fin", signature: a.vu}
"""


@pytest.fixture
def small() -> Guide:
    return parse_guide(SMALL)


def test_another_guide_needs_no_code(small: Guide) -> None:
    made = build(small)
    assert list(made.mapping.locators) == ["a.nom", "a.nom@2", "a.note", "a.oui", "a.vu"]
    assert lint(made.mapping, small) == []
    assert made.mapping.document == "petit.pdf"
    pdf = pypdfium2.PdfDocument(made.content)
    assert len(pdf) == 1
    text = pdf[0].get_textpage().get_text_bounded()
    assert "Le texte <b>tel quel</b> & gras." in text
    assert "Remarque <& fin>" in text
    assert "Page 1\r\n" in text


@pytest.mark.parametrize("above", range(4))
def test_a_group_title_never_ends_a_page(guide: Guide, above: int) -> None:
    """Groups of one criterion, so that a page could end after any title."""
    groups = tuple(
        FieldGroup(
            f"Groupe n{number}.",
            (Field(f"c1.{number}.1", FieldKind.CRITERION, f"Critère n{number}.", "", "C1"),),
        )
        for number in range(1, 91)
    )
    one = replace(guide.competences[0], groups=groups, abilities=("Savoir",) * above)
    section = Section("C1", "C1", (*groups, FieldGroup("", (one.result,))))
    made = build(replace(guide, competences=(one,), sections=(section,), document=(Competences(),)))
    read = pypdfium2.PdfDocument(made.content)
    texts = [page.get_textpage().get_text_bounded() for page in read]
    assert len(texts) > 4
    for group in groups:
        page = made.mapping.locators[f"{group.fields[0].id}.oui"].page
        assert group.title in texts[page - 1]


def test_a_guide_without_text_is_refused(small: Guide) -> None:
    with pytest.raises(GuideError, match="document"):
        build(replace(small, document=()))


def test_a_field_that_the_text_forgets_is_refused(small: Guide) -> None:
    with pytest.raises(GuideError, match=r"a\.oui"):
        build(replace(small, document=tuple(b for b in small.document if not _ticks(b))))


def _ticks(block: object) -> bool:
    return getattr(block, "fields", ()) == ("a.oui",)


def test_a_field_shown_too_often_is_refused(small: Guide) -> None:
    twice = (*small.document, FieldLines(("a.nom",)))
    with pytest.raises(GuideError, match="areas"):
        build(replace(small, document=twice))


@pytest.mark.parametrize("order", [("a.nom", "a.nom.x"), ("a.nom.x", "a.nom")])
def test_a_name_that_begins_another_is_refused(order: tuple[str, str]) -> None:
    text = SMALL.replace("field_lines: [a.nom, a.nom]", f"field_lines: [{', '.join(order)}]")
    text = text.replace('{id: a.nom, label: "Nom", areas: 2}', '{id: a.nom, label: "Nom"}')
    text = text.replace(
        "          - {id: a.note", "          - {id: a.nom.x, label: X}\n          - {id: a.note", 1
    )
    with pytest.raises(GuideError, match="porte le début"):
        build(parse_guide(text))
