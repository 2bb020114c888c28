"""Documents tampered with: each change is found and named; our own marks are not changes."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import cast

import pikepdf
import pytest
from examining_tools import (
    GUIDE,
    KIND_NAMES,
    KINDS,
    NOON,
    NOTE,
    PROJECT,
    REASON,
    Embed,
    annotate,
    box,
    cross,
    document,
    draw,
    edit_docx,
    edit_pdf,
    fiche,
    set_box,
    widget,
)
from pikepdf import Array, Dictionary, Name, String

from cqp_forms.alterations import Alteration, OwnMarks
from cqp_forms.answers import Answers, Verdict
from cqp_forms.examining.source import Blanks, open_source
from cqp_forms.examining.verifying import Verification, verify
from cqp_forms.mapping import Format, PdfMapping, Rect
from cqp_forms.pdf.compare import alterations
from cqp_forms.pdf.read import read
from cqp_forms.pdf.stamp import Stamper
from cqp_forms.plan import Edition, Finish, make_plan

kinds = pytest.mark.parametrize(("kind", "fields"), KINDS, ids=KIND_NAMES)


def verified(content: bytes, folder: Path, answers: Answers | None = None) -> Verification:
    path = folder / "guide"
    path.write_bytes(content)
    source = open_source(path, PROJECT, Blanks())
    assert source.document is not None
    return verify(source, source.document, answers or fiche())


def only(found: Verification) -> Alteration:
    assert found.differences == ()
    (one,) = found.alterations
    return one


@kinds
@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("embed", Embed)
def test_what_was_issued_is_proved(
    tmp_path: Path, kind: Format, fields: Finish, number: int, embed: Embed
) -> None:
    found = verified(document(fiche(), kind, fields, embed, number), tmp_path)
    assert found.differences == ()
    assert found.alterations == ()
    assert found.proved
    assert found.stale == ()


@kinds
def test_an_annex_is_no_alteration(tmp_path: Path, kind: Format, fields: Finish) -> None:
    answers = fiche(
        commentaires__evaluateur_cpne="\n".join(f"Ligne {n} " + "mot " * 40 for n in range(40)),
        evaluateur_cpne__entreprise="Société " * 40,
    )
    for number in (0, 1, 2):
        found = verified(document(answers, kind, fields, Embed.YES, number), tmp_path, answers)
        assert found.proved, (found.differences, found.alterations)


@kinds
def test_a_fiche_that_says_otherwise_is_a_difference(
    tmp_path: Path, kind: Format, fields: Finish
) -> None:
    other = fiche(c1__1__1=Verdict.NON, candidat__nom="Texte de candidat.nöm")
    found = verified(document(fiche(), kind, fields), tmp_path, other)
    assert {one.placement for one in found.differences} == {
        "c1.1.1.oui",
        "c1.1.1.non",
        "candidat.nom",
        "candidat.nom@2",
    }
    assert found.alterations == ()
    assert [one.field for one in found.stale] == ["candidat.nom", "c1.1.1"]


def test_a_na_of_the_fiche_that_is_embedded_otherwise_is_told_apart(tmp_path: Path) -> None:
    found = verified(document(fiche(), Format.PDF), tmp_path, fiche(c1__1__2=Verdict.NON))
    assert found.proved
    assert [one.field for one in found.stale] == ["c1.1.2", "c1.1.2:précision"]


# In DOCX.


def in_docx(change: Callable[[str], str], part: str = "word/document.xml") -> bytes:
    return edit_docx(document(fiche(), Format.DOCX), change, part)


CRITERION = "Les informations sur les entreprises de son secteur"


def test_a_word_altered_in_a_criterion(tmp_path: Path) -> None:
    found = only(
        verified(
            in_docx(lambda xml: xml.replace(CRITERION, CRITERION.replace("entreprises", "amis"))),
            tmp_path,
        )
    )
    assert found.what == "texte modifié"
    assert found.where.endswith("ligne de c1.1.1")
    assert "entreprises" in found.before and "amis" in found.after


def row(xml: str, inside: str) -> tuple[int, int]:
    at = xml.index(inside)
    return xml.rindex("<w:tr>", 0, at), xml.index("</w:tr>", at) + len("</w:tr>")


def test_a_row_removed(tmp_path: Path) -> None:
    def remove(xml: str) -> str:
        start, end = row(xml, 'w:val="c6.1.2.oui"')
        return xml[:start] + xml[end:]

    found = verified(in_docx(remove), tmp_path)
    assert {one.placement for one in found.differences} == {"c6.1.2.oui", "c6.1.2.non"}
    gone = [one for one in found.alterations if one.before == GUIDE.fields["c6.1.2"].label]
    assert [one.what for one in gone] == ["texte supprimé"]
    assert gone[0].where.endswith("ligne de c6.1.2")


def test_two_rows_swapped(tmp_path: Path) -> None:
    def swap(xml: str) -> str:
        one, two = GUIDE.fields["c1.2.1"].label, GUIDE.fields["c1.2.2"].label
        return xml.replace(one, "\0").replace(two, one).replace("\0", two)

    assert verified(in_docx(swap), tmp_path).alterations != ()


def test_a_paragraph_added(tmp_path: Path) -> None:
    found = only(
        verified(
            in_docx(
                lambda xml: (
                    xml.replace("<w:sectPr", "<w:p><w:r><w:t>Ajout.</w:t></w:r></w:p><w:sectPr", 1)
                    if xml.count("<w:sectPr") == 1
                    else xml.replace(
                        "</w:tbl>", "</w:tbl><w:p><w:r><w:t>Ajout.</w:t></w:r></w:p>", 1
                    )
                )
            ),
            tmp_path,
        )
    )
    assert (found.what, found.after) == ("texte ajouté", "Ajout.")


@pytest.mark.parametrize("how", ["strike", "dstrike", "vanish"])
def test_a_criterion_struck_out_or_hidden(tmp_path: Path, how: str) -> None:
    start = f"<w:r><w:t>{CRITERION}"
    found = verified(
        in_docx(lambda xml: xml.replace(start, f"<w:r><w:rPr><w:{how}/></w:rPr><w:t>{CRITERION}")),
        tmp_path,
    )
    assert only(found).where.endswith("ligne de c1.1.1")


@pytest.mark.parametrize("colour", ["FFFFFF", "f8F8ff"])
def test_a_criterion_as_pale_as_paper(tmp_path: Path, colour: str) -> None:
    start = f"<w:r><w:t>{CRITERION}"
    look = f'<w:rPr><w:color w:val="{colour}"/></w:rPr>'
    found = verified(
        in_docx(lambda xml: xml.replace(start, f"<w:r>{look}<w:t>{CRITERION}")), tmp_path
    )
    assert only(found).after.startswith("[pâle : ")


def test_a_style_made_as_pale_as_paper(tmp_path: Path) -> None:
    ink = 'w:color w:val="1A1A1A"'
    white = in_docx(lambda xml: xml.replace(ink, 'w:color w:val="FFFFFF"'), "word/styles.xml")
    found = verified(white, tmp_path)
    assert any(one.after.startswith("[pâle : ") for one in found.alterations)


def test_a_picture_laid_over_the_page(tmp_path: Path) -> None:
    found = only(
        verified(
            in_docx(
                lambda xml: xml.replace(
                    f"<w:r><w:t>{CRITERION}",
                    f"<w:r><w:drawing/></w:r><w:r><w:t>{CRITERION}",
                )
            ),
            tmp_path,
        )
    )
    assert (found.what, found.after) == ("texte ajouté", "[dessin]")


def test_runs_split_and_proofing_marks_are_no_alteration(tmp_path: Path) -> None:
    content = in_docx(
        lambda xml: xml.replace(
            f"<w:r><w:t>{CRITERION}",
            '<w:proofErr w:type="spellStart"/><w:r w:rsidR="00AB12CD">'
            '<w:t xml:space="preserve">Les </w:t></w:r><w:r><w:t xml:space="preserve">'
            "informations sur</w:t></w:r>"
            f"<w:r><w:t xml:space='preserve'>{CRITERION.removeprefix('Les informations sur')}",
        )
    )
    assert verified(content, tmp_path).proved


@pytest.mark.parametrize(("kind", "where"), [("header", "en-tête"), ("footer", "pied de page")])
def test_a_header_or_footer_altered(tmp_path: Path, kind: str, where: str) -> None:
    issued = document(fiche(), Format.DOCX)
    long_text = re.compile(r"(<w:t(?: [^>]*)?>)[^<]{4,}")
    with zipfile.ZipFile(io.BytesIO(issued)) as archive:
        part = next(
            name
            for name in archive.namelist()
            if name.startswith(f"word/{kind}") and long_text.search(archive.read(name).decode())
        )
    changed = edit_docx(issued, lambda xml: long_text.sub(r"\1Autre", xml, count=1), part)
    found = verified(changed, tmp_path)
    assert found.differences == ()
    assert {one.where for one in found.alterations} == {where}


def test_a_tick_removed_and_a_second_added(tmp_path: Path) -> None:
    found = verified(in_docx(lambda xml: set_box(xml, "c5.3.4.oui", False)), tmp_path)
    (one,) = found.differences
    assert (one.placement, one.expected, one.shown) == ("c5.3.4.oui", "cochée", "non cochée")
    assert found.alterations == ()
    found = verified(in_docx(lambda xml: set_box(xml, "c5.3.4.non", True)), tmp_path)
    (one,) = found.differences
    assert (one.placement, one.expected, one.shown) == ("c5.3.4.non", "non cochée", "cochée")


def test_one_letter_of_a_comment(tmp_path: Path) -> None:
    before = "Texte de commentaires.evaluateur_cpne"
    found = verified(
        in_docx(lambda xml: xml.replace(before, before.replace("Texte", "Teste"))), tmp_path
    )
    (one,) = found.differences
    assert (one.placement, one.expected) == ("commentaires.evaluateur_cpne", before)
    assert found.alterations == ()


def test_a_version_that_hides_what_it_replaces(tmp_path: Path) -> None:
    issued = document(fiche(), Format.DOCX, number=2)
    found = verified(edit_docx(issued, lambda xml: xml.replace(REASON, "autre motif")), tmp_path)
    assert [one.what for one in found.alterations] == [
        "texte ajouté",
        "mention de la version effacée ou modifiée",
    ]
    assert all(one.where.startswith("couverture") for one in found.alterations)
    for part in ("word/header1.xml", "word/header2.xml"):
        issued = edit_docx(issued, lambda xml: xml.replace(NOTE, ""), part)
    found = verified(issued, tmp_path)
    assert [(one.where, one.what) for one in found.alterations] == [
        ("marge", "mention de la version effacée ou modifiée")
    ]


def test_a_mention_on_a_first_version_is_an_alteration(tmp_path: Path) -> None:
    forged = edit_docx(
        document(fiche(), Format.DOCX),
        lambda xml: xml.replace(
            "<w:body>", f"<w:body><w:p><w:r><w:t>{NOTE} – motif : {REASON}</w:t></w:r></w:p>"
        ),
    )
    assert only(verified(forged, tmp_path)).what == "texte ajouté"


@pytest.mark.slow
def test_a_document_saved_again_by_libreoffice(tmp_path: Path) -> None:
    """Tags, styles, runs and relationships are all written anew; what it says is not."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    contents = {f"v{number}": document(fiche(), Format.DOCX, number=number) for number in (0, 1, 2)}
    contents["altered"] = in_docx(lambda xml: xml.replace(CRITERION, CRITERION + " voisin"))
    for name, content in contents.items():
        (tmp_path / f"{name}.docx").write_bytes(content)
    command = [
        soffice,
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(tmp_path / "saved"),
        *(str(tmp_path / f"{name}.docx") for name in contents),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    saved = {name: (tmp_path / "saved" / f"{name}.docx").read_bytes() for name in contents}
    for number in (0, 1, 2):
        found = verified(saved[f"v{number}"], tmp_path)
        assert found.proved, (number, found.differences, found.alterations)
    found = only(verified(saved["altered"], tmp_path))
    assert found.where.endswith("ligne de c1.1.1")
    assert "voisin" in found.after


# In PDF.


def in_pdf(change: Callable[[pikepdf.Pdf], None], fields: Finish = Finish.FLAT) -> bytes:
    return edit_pdf(document(fiche(), Format.PDF, fields), change)


def beside(placement: str) -> tuple[int, Rect]:
    """Where the wording of a criterion stands: to the left of its box."""
    page, rect = box(placement)
    return page, Rect(70, rect.y0, rect.x0 - 30, rect.y1)


both = pytest.mark.parametrize("fields", Finish)


@both
def test_a_white_box_over_a_criterion(tmp_path: Path, fields: Finish) -> None:
    page, rect = beside("c1.1.1.oui")
    white = draw(page, f"1 g {rect.x0} {rect.y0} {rect.width} {rect.height} re f")
    found = verified(in_pdf(white, fields), tmp_path)
    assert found.differences == ()
    whats = {one.what for one in found.alterations}
    assert "dessin ajouté" in whats
    assert whats & {"texte effacé ou couvert", "texte modifié"}
    assert all(one.where.startswith(f"page {page}, près de c1.1.1") for one in found.alterations)


@both
def test_a_free_text_annotation(tmp_path: Path, fields: Finish) -> None:
    page, rect = beside("c3.1.2.oui")
    found = only(verified(in_pdf(annotate(page, "FreeText", rect, "Lu"), fields), tmp_path))
    assert found.what == "annotation ajoutée (texte libre)"
    assert found.where == f"page {page}, près de c3.1.2"
    assert found.after == "Lu"


@pytest.mark.parametrize("kind", ["Ink", "Highlight", "Stamp", "Link", "Unheard"])
def test_any_other_annotation(tmp_path: Path, kind: str) -> None:
    found = only(verified(in_pdf(annotate(2, kind, Rect(90, 300, 200, 320), "")), tmp_path))
    assert found.what.startswith("annotation ajoutée (")
    assert found.where.startswith("page 2")


def test_a_signature_drawn_where_one_signs_is_no_alteration(tmp_path: Path) -> None:
    page, rect = box("signature.candidat")
    inside = Rect(rect.x0 + 5, rect.y0 + 5, rect.x1 - 5, rect.y1 - 5)
    assert verified(in_pdf(annotate(page, "Ink", inside, "")), tmp_path).proved


def test_a_form_field_added(tmp_path: Path) -> None:
    def add(pdf: pikepdf.Pdf) -> None:
        one = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Tx,
                T=String("extra"),
                Rect=Array([90, 300, 200, 320]),
            )
        )
        page = pdf.pages[4].obj
        page.Annots = Array([*page.get(Name.Annots, []), one])

    found = only(verified(in_pdf(add), tmp_path))
    assert (found.what, found.after) == ("champ de formulaire ajouté", "extra")


@pytest.mark.parametrize(
    "operators",
    [
        "0 g BT /F1 10 Tf 90 300 Td (Ajout) Tj ET",
        "/Artifact BMC 0 g BT /F1 10 Tf 90 300 Td (Ajout) Tj ET EMC",
    ],
)
def test_text_added_to_a_page_even_as_an_artifact(tmp_path: Path, operators: str) -> None:
    def add(pdf: pikepdf.Pdf) -> None:
        resources = pdf.pages[2].obj.Resources
        if Name.Font not in resources:
            resources.Font = Dictionary()
        resources.Font.F1 = Dictionary(
            Type=Name.Font,
            Subtype=Name.Type1,
            BaseFont=Name.Helvetica,
            Encoding=Name.WinAnsiEncoding,
        )
        draw(3, operators)(pdf)

    found = verified(in_pdf(add), tmp_path)
    assert any("Ajout" in one.after for one in found.alterations)


def test_a_line_drawn_through_a_criterion(tmp_path: Path) -> None:
    page, rect = beside("c1.2.1.oui")
    y = (rect.y0 + rect.y1) / 2
    found = only(
        verified(in_pdf(draw(page, f"0 G 1 w {rect.x0} {y} m {rect.x1} {y} l S")), tmp_path)
    )
    assert (found.what, found.after[:5]) == ("dessin ajouté", "trait")
    assert found.where == f"page {page}, près de c1.2.1"


def test_pages_gone_added_or_cropped(tmp_path: Path) -> None:
    def drop(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[20:]

    found = verified(in_pdf(drop), tmp_path)
    assert "page manquante" in {one.what for one in found.alterations}
    assert found.differences != ()

    def add(pdf: pikepdf.Pdf) -> None:
        pdf.add_blank_page()

    assert only(verified(in_pdf(add), tmp_path)).what == "page ajoutée"

    def crop(pdf: pikepdf.Pdf) -> None:
        pdf.pages[3].obj.CropBox = Array([0, 100, 595, 842])

    found = verified(in_pdf(crop), tmp_path)
    assert (only(found).where, only(found).what) == ("page 4", "page recadrée ou tournée")


def test_a_tick_added_in_ink(tmp_path: Path) -> None:
    found = verified(in_pdf(cross("c4.1.1.non")), tmp_path)
    (one,) = found.differences
    assert (one.placement, one.shown) == ("c4.1.1.non", "cochée")
    assert one.place == f"page {box('c4.1.1.non')[0]}"
    assert found.alterations == ()


def test_a_tick_painted_over(tmp_path: Path) -> None:
    page, rect = box("c4.1.1.oui")
    white = draw(page, f"1 g {rect.x0 + 1} {rect.y0 + 1} {rect.width - 2} {rect.height - 2} re f")
    (one,) = verified(in_pdf(white), tmp_path).differences
    assert (one.placement, one.expected) == ("c4.1.1.oui", "cochée")


def test_an_annex_altered(tmp_path: Path) -> None:
    """In an editable PDF the field holds the whole text: the annex must not say otherwise."""
    answers = fiche(commentaires__evaluateur_cpne="\n".join(f"Ligne {n}" for n in range(120)))
    for fields in Finish:
        issued = document(answers, Format.PDF, fields)

        def cut(pdf: pikepdf.Pdf) -> None:
            page = pdf.pages[-1].obj
            data = page.Contents.read_bytes()
            parts = data.split(b"/P BMC")
            page.Contents = pdf.make_stream(b"/P BMC".join([*parts[:-2], parts[-1]]))

        found = verified(edit_pdf(issued, cut), tmp_path, answers)
        assert not found.proved


def test_a_sign_that_nobody_sees_in_a_box_of_the_blank_is_no_print() -> None:
    """Some forms keep each box’s sign on the page, in white; its field, once flat, covers it."""
    page, rect = box("c1.1.1.oui")

    def hide(pdf: pikepdf.Pdf) -> None:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.ZapfDingbats)
        pdf.pages[page - 1].add_resource(font, Name.Font, Name.ZaDb)
        at = f"1 0 0 1 {rect.x0 + 2} {rect.y0 + 2} Tm"
        pdf.pages[page - 1].contents_add(f"q BT 1 g /ZaDb 8 Tf {at} (l) Tj ET Q".encode())

    own = PROJECT.blank(GUIDE, Format.PDF)
    content = edit_pdf(own.content, hide)
    mapping = replace(cast(PdfMapping, own.mapping), sha256=sha256(content).hexdigest())
    plan = make_plan(GUIDE, fiche(c1__1__1=Verdict.NON))
    edition = Edition(f"{GUIDE.tool} – {GUIDE.title}", NOON)
    issued = Stamper(content, mapping, GUIDE).stamp(plan, edition)
    ground = draw(page, f"1 g {rect.x0} {rect.y0} {rect.width} {rect.height} re f")
    for one in (issued, edit_pdf(issued, ground)):
        shown = read(one, mapping, GUIDE, content)
        assert alterations(one, content, mapping, GUIDE, shown, OwnMarks(1)) == ()


def test_the_last_page_of_an_annex_lost_is_told(tmp_path: Path) -> None:
    answers = fiche(commentaires__evaluateur_cpne="\n".join(f"Ligne {n}" for n in range(160)))
    issued = document(answers, Format.PDF, Finish.EDITABLE)

    def lose(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[-1]

    found = verified(edit_pdf(issued, lose), tmp_path, answers)
    assert ("page 24", "page manquante") in {(one.where, one.what) for one in found.alterations}


@pytest.mark.parametrize(("tool", "title"), [("", "Bilan"), ("OUTIL N°9", "Un titre " * 30)])
def test_the_running_head_of_any_guide_s_annex_is_no_alteration(tool: str, title: str) -> None:
    guide = replace(GUIDE, tool=tool, title=title.strip())
    answers = fiche(commentaires__evaluateur_cpne="\n".join(f"Ligne {n}" for n in range(120)))
    blank = PROJECT.blank(GUIDE, Format.PDF)
    mapping = cast(PdfMapping, blank.mapping)
    head = " – ".join(part for part in (tool, guide.title, "NOM Prénom") if part)
    plan = make_plan(guide, answers)
    issued = Stamper(blank.content, mapping, guide).stamp(plan, Edition(head, NOON))
    shown = read(issued, mapping, guide)
    assert alterations(issued, blank.content, mapping, guide, shown, OwnMarks(1)) == ()


def test_a_mention_gone_from_one_page(tmp_path: Path) -> None:
    issued = document(fiche(), Format.PDF, number=2)
    assert verified(issued, tmp_path).proved

    def bare(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[1].obj
        overlay = page.Resources.XObject["/CqpOverlay"]
        overlay.write(b"")

    found = verified(edit_pdf(issued, bare), tmp_path)
    assert ("page 2", "mention de la version effacée ou modifiée") in {
        (one.where, one.what) for one in found.alterations
    }


def test_a_field_that_shows_something_else_than_its_value(tmp_path: Path) -> None:
    def forge(pdf: pikepdf.Pdf) -> None:
        one = widget(pdf, "candidat.entreprise")
        other = widget(pdf, "candidat.prenom")
        one.AP.N = other.AP.N

    found = only(verified(in_pdf(forge, Finish.EDITABLE), tmp_path))
    assert found.what == "le champ montre autre chose que sa valeur"
    assert found.where == "page 1, candidat.entreprise"
    assert (found.before, found.after) == (
        "Texte de candidat.entreprise",
        "Texte de candidat.prenom",
    )


def test_a_page_drawn_anew_is_one_alteration(tmp_path: Path) -> None:
    many = draw(4, " ".join(f"0 G {90 + n} 200 m {90 + n} 300 l S" for n in range(0, 50, 5)))
    found = only(verified(in_pdf(many), tmp_path))
    assert (found.where, found.what) == ("page 4", "10 dessins ajoutés")


# Our own marks.


@pytest.mark.parametrize(
    ("text", "margin", "cover"),
    [
        (NOTE, True, False),
        (f"{NOTE} – motif : {REASON}", False, True),
        (NOTE.replace("Version 2", "Version 3"), False, False),
        (NOTE.replace("version 1", "version 2"), False, False),
        (NOTE + " et plus", False, False),
        (f"{NOTE} – motif : autre", False, False),
        ("BROUILLON", False, False),
    ],
)
def test_only_the_very_mention_is_ours(text: str, margin: bool, cover: bool) -> None:
    marks = OwnMarks(2, REASON)
    assert (marks.is_margin(text), marks.is_cover(text)) == (margin, cover)


def test_a_document_that_does_not_say_its_version_may_have_any_mention() -> None:
    marks = OwnMarks()
    assert marks.is_margin(NOTE.replace("Version 2", "Version 3"))
    assert marks.is_cover(f"{NOTE} – motif : autre")
    assert not marks.is_margin(NOTE.replace("version 1", "version 2"))
    assert marks.draft and not OwnMarks(1).draft and OwnMarks(0).draft
