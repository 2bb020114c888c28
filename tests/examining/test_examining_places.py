"""Documents whose places have moved: what is read is right, or said to be in doubt; never wrong."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from examining_tools import GUIDE, NOON, PROJECT, blank, edit_docx, fiche
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree
from renditions.docx_ways import WAYS

from cqp_forms.answers import Answers, Verdict
from cqp_forms.docx import wml
from cqp_forms.docx.places import displaced
from cqp_forms.docx.read import read
from cqp_forms.docx.stamp import Stamper
from cqp_forms.errors import DocumentError, ExitCode
from cqp_forms.examining.answers import restored
from cqp_forms.examining.source import Blanks, Source, open_source
from cqp_forms.examining.verifying import verify
from cqp_forms.findings import Code
from cqp_forms.issuing.naming import person
from cqp_forms.issuing.version import Version, payload
from cqp_forms.mapping import DocxLocator, DocxMapping, Format
from cqp_forms.mapping_yaml import dump_mapping
from cqp_forms.plan import Edition, make_plan
from cqp_forms.shown import Shown, differences

FICHE = fiche(
    candidat__prenom="Léa", candidat__nom="Durand-Çelik", commentaires__evaluateur_cpne="Un\nDeux"
)
PLAN = make_plan(GUIDE, FICHE)
LEGACY, SYMBOLS, GLYPHS, CELLS, CONTROLS, DRAWINGS, STRICT, BARE = WAYS
ways = pytest.mark.parametrize("way", WAYS)


@cache
def own(way: str) -> tuple[bytes, DocxMapping]:
    """A blank of the user's own, and where its places truly are."""
    made = WAYS[way](GUIDE).make()
    locators = {
        key: DocxLocator(one.kind, one.target, offset=one.offset) for key, one in made.truth.items()
    }
    digest = sha256(made.content).hexdigest()
    return made.content, DocxMapping(GUIDE.id, Format.DOCX, "autre.docx", digest, locators)


@cache
def issued(way: str) -> bytes:
    """That blank filled, with the answers and the hash of the blank in it."""
    content, mapping = own(way)
    version = Version.of(
        GUIDE,
        person(GUIDE, FICHE),
        FICHE.canonical_json(),
        number=1,
        issued_at=NOON,
        program="1.0.0",
        issuer="",
    )
    carried = payload(version, mapping.sha256, "0" * 64)
    return Stamper(content, mapping, GUIDE).stamp(PLAN, Edition("Guide", NOON, payload=carried))


def opened(content: bytes, way: str, folder: Path) -> Source:
    paths = folder / "autre.docx", folder / "autre.yaml"
    document, mapping = own(way)
    paths[0].write_bytes(document)
    paths[1].write_text(dump_mapping(mapping), encoding="utf-8")
    (folder / "guide.docx").write_bytes(content)
    return open_source(folder / "guide.docx", PROJECT, Blanks(pairs=(paths,)))


def extracted(source: Source) -> Answers:
    assert source.document is not None and source.document.embedded is not None
    document = source.document
    return restored(GUIDE, document.shown, source.answers, document.embedded)[0]


def in_doubt(content: bytes, way: str, folder: Path) -> set[str] | None:
    """The fields in doubt, all others being right; ``None`` for a document that is refused."""
    try:
        source = opened(content, way, folder)
    except DocumentError as error:
        assert error.exit_code is ExitCode.DOCUMENT
        assert "ont bougé" in error.message or "n’y correspondent" in error.message
        assert error.remedy
        return None
    doubts = {one.field for one in source.findings if one.code is Code.DOUBTFUL_BOX}
    found = extracted(source)
    wrong = {
        key: (found.value(key), FICHE.value(key))
        for key in GUIDE.fields
        if key not in doubts and found.value(key) != FICHE.value(key)
    }
    assert wrong == {}
    # Nor does what the document carries stand in for what it does not show.
    assert {key for key in doubts if found.value(key) is not None} == set()
    return doubts


def misread(content: bytes, way: str) -> set[str]:
    """The fields that reading alone gets wrong."""
    shown = read(content, own(way)[1], GUIDE)
    return {GUIDE.placements[one.placement].field_id for one in differences(PLAN, shown)}


_COPIED = "documents.precisez"

Body = etree._Element


def edited(content: bytes, change: Callable[[Body], None]) -> bytes:
    def apply(xml: str) -> str:
        root = etree.fromstring(xml.encode())
        body = wml.child(root, "body")
        assert body is not None
        change(body)
        return etree.tostring(root, encoding="unicode")

    return edit_docx(content, apply)


def empty(like: Body, name: str = "p") -> Body:
    """An empty paragraph, or a cell with one."""
    found = etree.Element(wml.w(name, wml.dialect(like.getroottree().getroot())))
    if name == "tc":
        found.append(empty(like))
    return found


def with_first_paragraph(body: Body) -> None:
    body.insert(0, empty(body))


def with_first_rows(body: Body) -> None:
    for table in list(wml.all_words(body, "tbl")):
        row = deepcopy(next(wml.all_words(table, "tr")))
        for text in list(wml.all_words(row, "t")):
            text.text = ""
        table.insert([wml.local(one) for one in table].index("tr"), row)


def with_first_cells(body: Body) -> None:
    for row in list(wml.all_words(body, "tr")):
        row.insert(0, empty(body, "tc"))


def without_a_row(body: Body) -> None:
    """A criterion's row is gone: those below come up by one."""
    (cell,) = (one for one in wml.all_words(body, "tc") if _label(one, "c2.1.1"))
    row = cell.getparent()
    assert row is not None
    row.getparent().remove(row)  # type: ignore[union-attr]


def _label(element: Body, field: str) -> bool:
    text = "".join(one.text or "" for one in wml.all_words(element, "t"))
    return text.lstrip("• ").startswith(GUIDE.fields[field].label)


@ways
def test_a_document_that_has_not_moved_is_read_exactly(way: str, tmp_path: Path) -> None:
    source = opened(issued(way), way, tmp_path)
    assert source.findings == ()
    assert extracted(source) == FICHE
    assert source.document is not None
    assert verify(source, source.document, FICHE).proved


@pytest.mark.parametrize(
    ("way", "change"),
    [
        (SYMBOLS, with_first_paragraph),
        (SYMBOLS, with_first_rows),
        (SYMBOLS, with_first_cells),
        (SYMBOLS, without_a_row),
        (CELLS, with_first_rows),
        (CELLS, with_first_cells),
        (CELLS, without_a_row),
        (LEGACY, with_first_paragraph),
        (LEGACY, with_first_rows),
        (DRAWINGS, with_first_paragraph),
        (STRICT, with_first_rows),
        (BARE, with_first_paragraph),
        (BARE, with_first_rows),
    ],
)
def test_what_has_moved_is_never_read_wrong(
    way: str, change: Callable[[Body], None], tmp_path: Path
) -> None:
    moved = edited(issued(way), change)
    wrong = misread(moved, way)
    assert wrong
    doubts = in_doubt(moved, way, tmp_path)
    assert doubts is None or doubts >= wrong


def test_a_document_that_has_moved_as_a_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="les places ont bougé") as refused:
        opened(edited(issued(CELLS), with_first_cells), CELLS, tmp_path)
    assert refused.value.exit_code is ExitCode.DOCUMENT
    assert "cqp-forms map" in refused.value.remedy
    assert refused.value.where.endswith("guide.docx")


@pytest.mark.parametrize(("way", "name"), [(SYMBOLS, "formation"), (BARE, "formation")])
def test_one_place_that_has_moved_leaves_its_field_empty(
    way: str, name: str, tmp_path: Path
) -> None:
    """An empty paragraph before the last area of its kind: that place alone is another's."""
    field = f"remarques.{name}"

    def change(body: Body) -> None:
        place = wml.find_path(body.getparent(), own(way)[1].locators[field].target)  # type: ignore[arg-type]
        assert place is not None
        # The answer goes down by one, and what follows stays where it was.
        following = place.getnext()
        assert following is not None and not wml.text_of(following)
        place.addprevious(following)

    moved = edited(issued(way), change)
    assert misread(moved, way) == {field}
    source = opened(moved, way, tmp_path)
    (doubt,) = source.findings
    assert (doubt.code, doubt.field) == (Code.DOUBTFUL_BOX, field)
    assert "sa place dans le document a bougé" in doubt.message
    assert doubt.remedy
    assert extracted(source).value(field) is None
    assert in_doubt(moved, way, tmp_path) == {field}
    assert source.document is not None
    assert not verify(source, source.document, FICHE).proved


@pytest.mark.parametrize("way", [SYMBOLS, CELLS, LEGACY])
def test_a_label_that_was_changed_puts_its_own_field_in_doubt(way: str, tmp_path: Path) -> None:
    def change(body: Body) -> None:
        (cell,) = (one for one in wml.all_words(body, "tc") if _label(one, "c3.1.1"))
        next(wml.all_words(cell, "t")).text = "Autre critère"

    assert in_doubt(edited(issued(way), change), way, tmp_path) == {"c3.1.1"}


def test_a_place_that_is_gone_is_no_empty_answer(tmp_path: Path) -> None:
    def change(body: Body) -> None:
        target = own(CELLS)[1].locators["candidat.prenom"].target
        place = wml.find_path(body.getparent(), target)  # type: ignore[arg-type]
        assert place is not None
        place.getparent().remove(place)  # type: ignore[union-attr]

    assert in_doubt(edited(issued(CELLS), change), CELLS, tmp_path) == {"candidat.prenom"}


def test_a_line_that_was_copied_is_in_doubt(tmp_path: Path) -> None:
    """Its tag is copied along: no one knows which of the two is meant."""

    def change(body: Body) -> None:
        (control,) = (one for one in wml.all_words(body, "sdt") if wml.tag_of(one) == _COPIED)
        line = wml.paragraph_of(control)
        assert line is not None
        other = deepcopy(line)
        for text in list(wml.all_words(other, "t")):
            text.text = ""
        line.addprevious(other)

    moved = edited(issued(SYMBOLS), change)
    assert _COPIED in misread(moved, SYMBOLS)
    doubts = in_doubt(moved, SYMBOLS, tmp_path)
    assert doubts is not None and _COPIED in doubts


def test_a_cross_put_by_hand_is_read(tmp_path: Path) -> None:
    """What stands in a place is an answer, whatever its sign: only what is around is compared."""

    def change(body: Body) -> None:
        locators = own(CELLS)[1].locators
        for key, sign in (("c1.1.1.oui", ""), ("c1.1.1.non", "✓")):
            place = wml.find_path(body.getparent(), locators[key].target)  # type: ignore[arg-type]
            assert place is not None
            for text in list(wml.all_words(place, "t")):
                text.text = ""
            run = etree.SubElement(next(wml.all_words(place, "p")), wml.w("r"))
            etree.SubElement(run, wml.w("t")).text = sign

    source = opened(edited(issued(CELLS), change), CELLS, tmp_path)
    assert source.findings == ()
    assert extracted(source).value("c1.1.1") is Verdict.NON


def test_a_blank_with_controls_only_needs_no_proof() -> None:
    """Not even opened: tags go with the controls."""
    one = blank(Format.DOCX)
    assert displaced(b"", b"", one.mapping, GUIDE, Shown({}, {})) == ()  # type: ignore[arg-type]


@pytest.mark.slow
@ways
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_paragraph_row_or_cell_that_comes_or_goes(
    way: str, tmp_path: Path, data: st.DataObject
) -> None:
    def change(body: Body) -> None:
        how = data.draw(st.sampled_from(["empty", "twice", "gone"]))
        # A run that is gone takes its answer along: that is an answer changed by hand.
        names = ["p", "tr", "tc", "r"] if how == "empty" else ["p", "tr", "tc"]
        every = list(wml.all_words(body, data.draw(st.sampled_from(names)))) or [body[0]]
        one = every[data.draw(st.integers(0, len(every) - 1))]
        parent = one.getparent()
        places = (
            wml.find_path(body.getparent(), each.target)  # type: ignore[arg-type]
            for each in own(way)[1].locators.values()
        )
        assume(not set(one.iterancestors()) & set(places))
        assert parent is not None
        if how == "gone":
            parent.remove(one)
            return
        other = deepcopy(one)
        if how == "empty":
            for text in list(wml.all_words(other, "t")):
                text.text = ""
        one.addprevious(other)

    in_doubt(edited(issued(way), change), way, tmp_path)


@pytest.mark.slow
def test_documents_saved_again_by_libreoffice(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    names = {f"{number}.docx": way for number, way in enumerate(WAYS)}
    for name, way in names.items():
        (tmp_path / name).write_bytes(issued(way))
    command = [
        soffice,
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(tmp_path / "saved"),
        *(str(tmp_path / name) for name in names),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    doubts = {
        way: in_doubt((tmp_path / "saved" / name).read_bytes(), way, tmp_path)
        for name, way in names.items()
    }
    # What it keeps is read; what it moves is not guessed.
    assert doubts[LEGACY] == doubts[GLYPHS] == set()
    assert doubts[CELLS] is None
    assert doubts[BARE]
