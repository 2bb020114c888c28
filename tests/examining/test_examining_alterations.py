"""Documents tampered with: each change is found and named; our own marks are not changes."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from examining_tools import (
    GUIDE,
    KIND_NAMES,
    KINDS,
    NOTE,
    PROJECT,
    REASON,
    Embed,
    document,
    edit_docx,
    fiche,
    set_box,
)

from cqp_forms.answers import Answers, Verdict
from cqp_forms.examine import Run, Verification, verify
from cqp_forms.mapping import Format
from cqp_forms.plan import Finish
from cqp_forms.proof import Alteration, OwnMarks

kinds = pytest.mark.parametrize(("kind", "fields"), KINDS, ids=KIND_NAMES)


def verified(content: bytes, folder: Path, answers: Answers | None = None) -> Verification:
    path = folder / "guide"
    path.write_bytes(content)
    (source,) = Run(PROJECT).open(path)
    assert source.document is not None
    return verify(source, source.document, answers or fiche())


def only(found: Verification) -> Alteration:
    assert found.differences == ()
    (one,) = found.alterations
    return one


@kinds
@pytest.mark.parametrize(
    ("number", "embed"), [(0, Embed.NO), (1, Embed.YES), (1, Embed.NO), (2, Embed.YES)]
)
def test_what_was_issued_is_proved(
    tmp_path: Path, kind: Format, fields: Finish, number: int, embed: Embed
) -> None:
    found = verified(document(fiche(), kind, fields, embed, number), tmp_path)
    assert found.differences == ()
    assert found.alterations == ()
    assert not found.differs
    assert found.stale == ()


@kinds
def test_an_annex_is_no_alteration(tmp_path: Path, kind: Format, fields: Finish) -> None:
    answers = fiche(
        commentaires__evaluateur_cpne="\n".join(f"Ligne {n} " + "mot " * 40 for n in range(40)),
        evaluateur_cpne__entreprise="Société " * 40,
    )
    for number in (0, 1, 2):
        found = verified(document(answers, kind, fields, Embed.YES, number), tmp_path, answers)
        assert not found.differs, (found.differences, found.alterations)


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
    assert not found.differs
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
    assert verified(content, tmp_path).differs is False


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
    (changed,) = found.alterations
    assert (changed.where, changed.what) == ("couverture", "texte modifié")
    assert changed.before.endswith(f"motif : {REASON}")
    assert changed.after.endswith("motif : autre motif")
    for part in ("word/header1.xml", "word/header2.xml"):
        issued = edit_docx(issued, lambda xml: xml.replace(NOTE, ""), part)
    found = verified(issued, tmp_path)
    # The frame that held the mention stays, empty: it might cover something.
    assert [(one.where, one.what, one.before or one.after) for one in found.alterations] == [
        ("en-tête", "texte supprimé", NOTE),
        ("en-tête", "texte ajouté", "[dessin]"),
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
        assert not found.differs, (number, found.differences, found.alterations)
    found = only(verified(saved["altered"], tmp_path))
    assert found.where.endswith("ligne de c1.1.1")
    assert "voisin" in found.after


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
