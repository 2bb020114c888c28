"""Documents read back: as issued, corrected by hand, or made from another blank."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pikepdf
import pytest
from examining_tools import (
    GUIDE,
    KIND_NAMES,
    KINDS,
    PROJECT,
    Embed,
    blank,
    cross,
    document,
    edit_docx,
    edit_pdf,
    fiche,
    holder,
    prepared,
    set_box,
    widget,
)
from fiches import put_fiche
from hypothesis import given, settings
from pikepdf import Name, String
from strategies import valid_answers
from thorough import examples

from cqp_forms.answers import Answer, Answers, Result, Verdict
from cqp_forms.errors import AnswersError, DocumentError, ExitCode, MappingError, UsageError
from cqp_forms.examine import Blanks, OpenedSource, Run
from cqp_forms.findings import Code
from cqp_forms.issuing.history import changes
from cqp_forms.mapping import Format
from cqp_forms.mapping_yaml import dump_mapping
from cqp_forms.opened_file import read_file
from cqp_forms.plan import Finish
from cqp_forms.shown import comparable

kinds = pytest.mark.parametrize(("kind", "fields"), KINDS, ids=KIND_NAMES)


def opened(content: bytes, folder: Path, blanks: Blanks = Blanks()) -> OpenedSource:  # noqa: B008
    path = folder / "guide"
    path.write_bytes(content)
    (source,) = Run(PROJECT, blanks).open(path)
    return source


def extracted(source: OpenedSource) -> Answers:
    assert source.findings == ()
    return source.restored()[0]


def as_printed(answers: Answers) -> Answers:
    """What a document without its answers can tell."""
    return comparable(GUIDE, answers, Answers({key: Answer(Verdict.NON) for key in answers}))[0]


@kinds
@settings(max_examples=examples(1))
@given(answers=valid_answers(GUIDE))
def test_what_was_filled_is_extracted(
    tmp_path_factory: pytest.TempPathFactory, kind: Format, fields: Finish, answers: Answers
) -> None:
    folder = tmp_path_factory.mktemp("extracted")
    assert extracted(opened(document(answers, kind, fields), folder)) == answers
    bare = document(answers, kind, fields, Embed.NO)
    assert extracted(opened(bare, folder)) == as_printed(answers)


@kinds
def test_a_text_that_goes_on_in_the_annex_comes_back_whole(
    tmp_path: Path, kind: Format, fields: Finish
) -> None:
    long = "\n".join(f"Paragraphe {n} : " + "mot " * 60 + "fin." for n in range(16))
    answers = fiche(commentaires__evaluateur_cpne=long, candidat__nom="Long " * 30 + "Nom")
    source = opened(document(answers, kind, fields, Embed.NO), tmp_path)
    assert extracted(source) == as_printed(answers)


def test_boxes_changed_in_word_count(tmp_path: Path) -> None:
    issued = document(fiche(), Format.DOCX)
    changed = edit_docx(
        issued, lambda xml: set_box(set_box(xml, "c1.1.1.oui", False), "c1.1.1.non", True)
    )
    found = extracted(opened(changed, tmp_path))
    assert found == fiche(c1__1__1=Verdict.NON)


def viewer_look(pdf: pikepdf.Pdf, field: pikepdf.Object, text: str) -> pikepdf.Object:
    """The appearance that a viewer makes of a value: in its own font, at its own place."""
    x0, y0, x1, y1 = (float(one) for one in field.Rect)
    look = pdf.make_stream(f"/Tx BMC q BT 0 g /Helv 9 Tf 4 4 Td ({text}) Tj ET Q EMC".encode())
    look.Type, look.Subtype = Name.XObject, Name.Form
    look.BBox = pikepdf.Array([0, 0, x1 - x0, y1 - y0])
    font = pikepdf.Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    look.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font))
    return look


def test_a_field_that_shows_nothing_of_its_value_is_in_doubt(tmp_path: Path) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        for placement in ("candidat.nom", "candidat.nom@2"):
            name = widget(pdf, placement)
            holder(name).V = String("Lukasz")
            name.AP = pikepdf.Dictionary(N=viewer_look(pdf, name, ""))

    source = opened(edit_pdf(blank(Format.PDF).content, fill), tmp_path)
    (doubt,) = source.findings
    assert (doubt.code, doubt.field) == (Code.DOUBTFUL_BOX, "candidat.nom")
    assert "page 1, candidat.nom" in doubt.message
    assert "candidat.nom" not in source.answers


@pytest.mark.parametrize("look", ["regenerated", "not regenerated"])
def test_a_form_filled_by_hand_is_read(tmp_path: Path, look: str) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        box = widget(pdf, "c1.1.1.oui")
        on = next(key for key in box.AP.N.keys() if key != "/Off")  # noqa: SIM118
        box.AS = holder(box).V = Name(on)
        for placement in ("candidat.nom", "candidat.nom@2"):
            name = widget(pdf, placement)
            holder(name).V = String("Lukasz")
            if look == "regenerated":
                name.AP = pikepdf.Dictionary(N=viewer_look(pdf, name, "Lukasz"))
        if look == "not regenerated":
            pdf.Root.AcroForm.NeedAppearances = True

    source = opened(edit_pdf(blank(Format.PDF).content, fill), tmp_path)
    assert source.findings == ()
    assert source.answers.canonical() == {"c1.1.1": "OUI", "candidat.nom": "Lukasz"}


def test_a_box_ticked_twice_on_the_flat_pdf_is_in_doubt(tmp_path: Path) -> None:
    changed = edit_pdf(document(fiche(), Format.PDF), cross("c2.1.1.non"))
    source = opened(changed, tmp_path)
    (doubt,) = source.findings
    assert doubt.code is Code.DOUBTFUL_BOX
    assert doubt.field == "c2.1.1"
    assert doubt.message.startswith("page ")
    assert "deux cases sont cochées" in doubt.message
    assert "c2.1.1" not in source.answers


def test_a_box_ticked_twice_in_the_docx_is_in_doubt(tmp_path: Path) -> None:
    changed = edit_docx(
        document(fiche(), Format.DOCX), lambda xml: set_box(xml, "c2.resultat.non_maitrisee", True)
    )
    (doubt,) = opened(changed, tmp_path).findings
    assert (doubt.code, doubt.field) == (Code.DOUBTFUL_BOX, "c2.resultat")


def test_a_flag_without_its_sign_is_in_doubt(tmp_path: Path) -> None:
    changed = edit_docx(
        document(fiche(), Format.DOCX),
        lambda xml: xml.replace("☒", "☐", 1),
    )
    (doubt,) = opened(changed, tmp_path).findings
    assert doubt.code is Code.DOUBTFUL_BOX


@kinds
def test_a_document_and_its_fiche_do_not_differ(
    tmp_path: Path, kind: Format, fields: Finish
) -> None:
    found = opened(document(fiche(), kind, fields), tmp_path)
    assert changes(GUIDE, *comparable(GUIDE, found.answers, fiche())) == ()


@kinds
def test_a_document_names_its_guide(tmp_path: Path, kind: Format, fields: Finish) -> None:
    path = tmp_path / "guide"
    path.write_bytes(document(fiche(), kind, fields))
    assert read_file(path, ExitStack()).guide_id == GUIDE.id
    path.write_bytes(document(fiche(), kind, fields, Embed.NO))
    assert read_file(path, ExitStack()).guide_id == ""


def test_a_document_of_another_guide_is_refused(tmp_path: Path) -> None:
    content = edit_docx(
        document(fiche(), Format.DOCX),
        lambda text: text.replace('"guide": "technico-commercial"', '"guide": "autre"'),
        "customXml/item1.xml",
    )
    with pytest.raises(DocumentError, match="celui du guide « autre »".replace(" ", ".")) as one:
        opened(content, tmp_path, Blanks(GUIDE.id))
    assert "--guide autre" in one.value.remedy


@kinds
def test_a_document_made_from_another_blank_is_refused(
    tmp_path: Path, kind: Format, fields: Finish
) -> None:
    """Its answers name the blank that it was made from: the guide's own would read wrong places."""
    content = document(fiche(), kind, fields)
    other = b"0" * 64
    sha = prepared(kind).blank_sha256.encode()
    if kind is Format.DOCX:
        content = edit_docx(
            content, lambda text: text.replace(sha.decode(), other.decode()), "customXml/item1.xml"
        )
    else:
        content = _with_payload(content, lambda data: data.replace(sha, other))
    with pytest.raises(DocumentError, match="autre document vierge") as refused:
        opened(content, tmp_path)
    assert refused.value.exit_code is ExitCode.DOCUMENT
    assert "--document FICHIER --mapping FICHIER" in refused.value.remedy
    assert refused.value.where.endswith("guide")


def _with_payload(content: bytes, change: object) -> bytes:
    def apply(pdf: pikepdf.Pdf) -> None:
        stream = pdf.Root.Names.EmbeddedFiles.Names[1].EF.F
        stream.write(change(stream.read_bytes()))  # type: ignore[operator]

    return edit_pdf(content, apply)


def test_a_damaged_payload_does_not_hide_what_is_shown(tmp_path: Path) -> None:
    content = _with_payload(document(fiche(), Format.PDF), lambda data: data[:40])
    source = opened(content, tmp_path)
    assert source.document is not None and source.document.embedded is None
    assert source.answers == as_printed(fiche())


def test_answers_embedded_that_were_changed_are_not_used(tmp_path: Path) -> None:
    content = _with_payload(
        document(fiche(), Format.PDF), lambda data: data.replace(b'"NA"', b'"OUI"')
    )
    source = opened(content, tmp_path)
    assert source.document is not None and source.document.embedded is None


def test_pages_out_of_order_are_read_and_told(tmp_path: Path) -> None:
    bare = document(fiche(), Format.PDF, embed=Embed.NO)
    source = opened(edit_pdf(bare, lambda pdf: pdf.pages.reverse()), tmp_path)
    assert source.answers.value("c1.1.1") is Verdict.OUI
    assert Code.CHANGED_PAGES in {one.code for one in source.findings}


def test_another_document_of_the_same_format_is_refused(tmp_path: Path) -> None:
    def write(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[1:]
        pdf.pages[0].Contents = pdf.make_stream(b"")

    bare = document(fiche(), Format.PDF, embed=Embed.NO)
    with pytest.raises(DocumentError):
        opened(edit_pdf(bare, write), tmp_path)
    empty = edit_docx(
        document(fiche(), Format.DOCX, embed=Embed.NO),
        lambda xml: xml[: xml.index("<w:body>")] + "<w:body/></w:document>",
    )
    with pytest.raises(DocumentError, match="n’y correspondent pas"):
        opened(empty, tmp_path)


def test_the_blank_named_by_the_user_comes_first(tmp_path: Path) -> None:
    own = blank(Format.PDF)
    paths = tmp_path / "own.pdf", tmp_path / "own.yaml"
    paths[0].write_bytes(own.content)
    paths[1].write_text(dump_mapping(own.mapping), encoding="utf-8")
    blanks = Blanks(pairs=(paths,))
    found = opened(document(fiche(), Format.PDF), tmp_path, blanks)
    assert found.document is not None and found.document.blank.path == paths[0]
    with pytest.raises(UsageError, match="DOCX"):
        opened(document(fiche(), Format.DOCX), tmp_path, blanks)
    paths[0].write_bytes(own.content + b"\n")
    with pytest.raises(MappingError):
        opened(document(fiche(), Format.PDF), tmp_path, blanks)


@pytest.mark.parametrize("suffix", [".docx", ".pdf"])
def test_a_damaged_document_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"not one")
    with pytest.raises(DocumentError) as refused:
        Run(PROJECT).open(path)
    assert refused.value.where == str(path)
    kind = Format(suffix[1:])
    path.write_bytes(document(fiche(), kind)[:3000])
    with pytest.raises(DocumentError):
        Run(PROJECT).open(path)


def test_a_protected_pdf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(document(fiche(), Format.PDF))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(user="u", owner="o"))
    with pytest.raises(DocumentError, match="mot de passe"):
        Run(PROJECT).open(path)


def test_a_fiche_is_read_whole_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "fiche.xlsx"
    put_fiche(path.parent, GUIDE, fiche(), path.name)
    (source,) = Run(PROJECT).open(path)
    assert source.answers == fiche()
    assert source.document is None
    import openpyxl

    book = openpyxl.load_workbook(path)
    place = source.answers["c1.1.1"].source
    assert place is not None
    book[place.sheet][place.cell] = "peut-être"
    book.save(path)
    with pytest.raises(AnswersError, match="en entier") as refused:
        Run(PROJECT).open(path)
    assert [one.cell for one in refused.value.findings] == [place.cell]


def test_results_changed_by_hand_are_extracted(tmp_path: Path) -> None:
    changed = edit_docx(
        document(fiche(), Format.DOCX),
        lambda xml: set_box(
            set_box(xml, "c3.resultat.maitrisee", False), "c3.resultat.non_maitrisee", True
        ),
    )
    found = extracted(opened(changed, tmp_path))
    assert found.value("c3.resultat") is Result.NON_MAITRISEE
    assert found.value("c1.1.2") is Verdict.NA
