"""A document beside its twin: whatever a reader would see otherwise is found, and nothing else."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import pytest
from docx_samples import archive, members, part, with_part
from examining_tools import GUIDE, blank, fiche

from cqp_forms.docx import prove as room
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.mapping import Format
from cqp_forms.plan import Edition, Stage, Trail, make_plan
from cqp_forms.proof import Closeness, Proof, Twin

MAIN = "word/document.xml"
EDITION = Edition("Guide", datetime(2026, 11, 24, 12, tzinfo=UTC))
PLAN = make_plan(GUIDE, fiche())
NOTE = "Version 2 – annule et remplace la version 1 du 20/11/2026"


@cache
def stamped(cover: str = "", margin: str = "", stage: Stage = Stage.ISSUED) -> bytes:
    one = blank(Format.DOCX)
    edition = Edition(
        EDITION.title, EDITION.issued_at, stage=stage, cover_note=cover, margin_note=margin
    )
    return DocxStamper(one.content, one.mapping, GUIDE).stamp(PLAN, edition)  # type: ignore[arg-type]


def found(document: bytes) -> tuple[str, ...]:
    """What is found, in words: what, before, after."""
    return tuple(
        f"{one.what} : {one.before} → {one.after}"
        for one in room.alterations(document, stamped(), GUIDE)
    )


def body(change: Callable[[str], str]) -> bytes:
    xml = part(stamped())
    changed = change(xml)
    assert changed != xml
    return with_part(stamped(), MAIN, changed)


# ------------------------------------------------------------------------------ a hundred changes

_WORDS = r"<w:t(?: [^>]*)?>[^<]*\w{3}[^<]*</w:t>"
RUN = re.compile(rf"<w:r>(?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?{_WORDS}</w:r>")
ROW = re.compile(r"<w:tr>.*?</w:tr>", re.DOTALL)
PARAGRAPH = re.compile(rf"<w:p>(?:(?!</?w:p>).)*?{_WORDS}(?:(?!</?w:p>).)*?</w:p>", re.DOTALL)
LABELS = tuple(one.label for one in GUIDE.fields.values() if len(one.label) > 20)


def _look(run: str, look: str) -> str:
    """A run with one more property, or with that one instead of its own."""
    name = re.match(r"<w(?:14)?:(\w+)", look)
    assert name is not None
    if "<w:rPr>" in run:
        bare = re.sub(rf"<w:{name[1]}(?: [^>]*)?/>", "", run)
        return bare.replace("</w:rPr>", f"{look}</w:rPr>", 1)
    return run.replace("<w:r>", f"<w:r><w:rPr>{look}</w:rPr>", 1)


def _other_word(run: str) -> str:
    letter = "y" if "x" in run else "x"
    return re.sub(r"(>[^<]*?\w)\w(\w[^<]*</w:t>)", rf"\1{letter}\2", run, count=1)


RUNS: dict[str, Callable[[str], str]] = {
    "another letter": _other_word,
    "removed": lambda run: "",
    "of a size that is no number": lambda run: _other_word(_look(run, '<w:sz w:val="²"/>')),
    "at a place that is no number": lambda run: _other_word(
        _look(run, '<w:position w:val="--9"/>')
    ),
    "of a size of many digits": lambda run: _other_word(
        _look(run, f'<w:sz w:val="{"9" * 5000}"/>')
    ),
    "doubled": lambda run: run + run,
    "hidden": lambda run: _look(run, "<w:vanish/>"),
    "white": lambda run: _look(run, '<w:color w:val="FFFFFF"/>'),
    "minute": lambda run: _look(run, '<w:sz w:val="2"/>'),
    "narrow": lambda run: _look(run, '<w:w w:val="1"/>'),
    "pressed together": lambda run: _look(run, '<w:fitText w:val="1"/>'),
    "of the paper's colour": lambda run: _look(run, '<w:color w:themeColor="background1"/>'),
    "filled with white": lambda run: _look(
        run, '<w14:textFill><w14:srgbClr w14:val="FFFFFF"/></w14:textFill>'
    ),
    "red on red": lambda run: _look(
        _look(run, '<w:color w:val="C00000"/>'), '<w:shd w:val="clear" w:fill="C00000"/>'
    ),
    "lowered off the page": lambda run: _look(run, '<w:position w:val="-3000"/>'),
    "on top of each other": lambda run: _look(run, '<w:spacing w:val="-1500"/>'),
    "struck": lambda run: _look(run, "<w:strike/>"),
    "under black": lambda run: _look(run, '<w:highlight w:val="black"/>'),
    "on black": lambda run: _look(run, '<w:shd w:val="clear" w:fill="000000"/>'),
}
ROWS: dict[str, Callable[[str], str]] = {
    "removed": lambda row: "",
    "doubled": lambda row: row + row,
    "crushed": lambda row: _row(row, '<w:trHeight w:val="1" w:hRule="exact"/>'),
    "hidden": lambda row: _row(row, "<w:hidden/>"),
    "deleted": lambda row: _row(row, '<w:del w:id="1" w:author="x"/>'),
    "under the cell above": lambda row: re.sub("<w:tcPr>", "<w:tcPr><w:vMerge/>", row),
    "another before": lambda row: (
        "<w:tr><w:tc><w:p><w:r><w:t>Ajout</w:t></w:r></w:p></w:tc></w:tr>" + row
    ),
}
PARAGRAPHS: dict[str, Callable[[str], str]] = {
    "removed": lambda text: "<w:p/>",
    "a paragraph before": lambda text: f"<w:p><w:r><w:t>Ajout</w:t></w:r></w:p>{text}",
    "a drawing": lambda text: text.replace("</w:p>", "<w:r><w:drawing/></w:r></w:p>", 1),
    "an empty frame": lambda text: text.replace(
        "</w:p>", "<w:r><w:pict><w:txbxContent><w:p/></w:txbxContent></w:pict></w:r></w:p>", 1
    ),
    "crushed": lambda text: _format(text, '<w:spacing w:line="1" w:lineRule="exact"/>'),
    "off the page": lambda text: _format(text, '<w:ind w:left="31000"/>'),
}


def _row(row: str, look: str) -> str:
    if "<w:trPr>" in row:
        return row.replace("<w:trPr>", f"<w:trPr>{look}", 1)
    return row.replace("<w:tr>", f"<w:tr><w:trPr>{look}</w:trPr>", 1)


def _format(text: str, look: str) -> str:
    if "<w:pPr>" not in text:
        return text.replace("<w:p>", f"<w:p><w:pPr>{look}</w:pPr>", 1)
    name = look.partition(" ")[0]
    return re.sub(rf"{name}(?: [^>]*)?/>", "", text).replace("<w:pPr>", f"<w:pPr>{look}", 1)


CHANGES = [
    *((RUN, name, change) for name, change in RUNS.items()),
    *((ROW, name, change) for name, change in ROWS.items()),
    *((PARAGRAPH, name, change) for name, change in PARAGRAPHS.items()),
]


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(one, marks=pytest.mark.apart) for one in range(1, 5))]
)
@pytest.mark.parametrize(("unit", "name", "change"), CHANGES)
def test_a_visible_change_anywhere_is_found(
    unit: re.Pattern[str], name: str, change: Callable[[str], str], seed: int
) -> None:
    chance = random.Random(f"{name} {seed}")

    def anywhere(xml: str) -> str:
        units = list(unit.finditer(xml))
        if name in (
            "white",
            "filled with white",
            "of the paper's colour",
        ):  # a title on a dark ground is white
            units = [one for one in units if any(label in one[0] for label in LABELS)]
        one = chance.choice(units)
        return xml[: one.start()] + change(one[0]) + xml[one.end() :]

    assert found(body(anywhere)) != ()


# ------------------------------------------------------------------------------ styles and lists

_VANISH = "<w:rPr><w:vanish/></w:rPr>"
_CRUSH = '<w:pPr><w:spacing w:line="1" w:lineRule="exact"/></w:pPr>'
_BOX = '<w:pStyle w:val="TickCell"/>'
_TABLE = '<w:tblStyle w:val="CriteriaTable"/>'


@pytest.mark.parametrize(
    ("kind", "look", "named"),
    [
        ("paragraph", _CRUSH, _BOX),
        ("paragraph", '<w:pPr><w:ind w:left="31000"/></w:pPr>', _BOX),
        ("paragraph", _VANISH, _BOX),
        ("table", _VANISH, _TABLE),
        ("table", _CRUSH, _TABLE),
        ("table", "<w:trPr><w:hidden/></w:trPr>", _TABLE),
        ("table", f'<w:tblStylePr w:type="wholeTable">{_VANISH}</w:tblStylePr>', _TABLE),
    ],
)
def test_what_a_style_hides_is_found(kind: str, look: str, named: str) -> None:
    """What hides is in a style that the named one is based on."""
    other = re.sub('"[^"]+"', '"Other"', named)
    moved = body(lambda xml: xml.replace(named, other, 1))
    style = f'<w:style w:type="{kind}" w:styleId='
    added = (
        f'{style}"Base"><w:name w:val="base"/>{look}</w:style>'
        f'{style}"Other"><w:name w:val="other"/><w:basedOn w:val="Base"/></w:style></w:styles>'
    )
    sheet = part(stamped(), "word/styles.xml")
    assert found(with_part(moved, "word/styles.xml", sheet.replace("</w:styles>", added))) != ()
    harmless = added.replace(look, "")
    assert found(with_part(moved, "word/styles.xml", sheet.replace("</w:styles>", harmless))) == ()


@pytest.mark.parametrize(
    ("drawn", "seen"),
    [
        ('<w:lvlText w:val="☒"/>', True),
        ('<w:lvlText w:val="NON %1"/>', True),
        ('<w:lvlText w:val="\uf078"/>', True),
        ('<w:lvlText w:val="x"/><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr>', True),
        ('<w:lvlText w:val=""/><w:lvlPicBulletId w:val="0"/>', True),
        ('<w:lvlText w:val="•"/>', False),
        ('<w:lvlText w:val="%1."/>', False),
    ],
)
def test_words_and_boxes_that_a_numbering_draws_are_found(drawn: str, seen: bool) -> None:
    numbered = f'{_BOX}<w:numPr><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>'
    moved = body(lambda xml: xml.replace(_BOX, numbered, 1))
    name = "word/numbering.xml"
    level = f'<w:abstractNum w:abstractNumId="77"><w:lvl w:ilvl="0">{drawn}</w:lvl></w:abstractNum>'
    number = '<w:num w:numId="77"><w:abstractNumId w:val="77"/></w:num></w:numbering>'
    xml = part(stamped(), name).replace("</w:numbering>", level + number)
    assert bool(found(with_part(moved, name, xml))) is seen


# ------------------------------------------------------------------------------ what acts


def inserted(xml: str) -> bytes:
    return body(lambda whole: whole.replace("</w:body>", f"{xml}</w:body>"))


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ('<w:altChunk r:id="rId99" xmlns:r="x"/>', "document inséré"),
        ('<w:subDoc r:id="rId99" xmlns:r="x"/>', "sous-document"),
        (
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> INCLUDETEXT "x" '
            '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
            "INCLUDETEXT",
        ),
        ('<w:p><w:fldSimple w:instr="DDEAUTO x"/></w:p>', "DDEAUTO"),
        ("<w:p><w:r><w:object/></w:r></w:p>", "objet incorporé"),
        ('<q:a xmlns:q="urn:q"><w:p/></q:a>', "élément inconnu"),
        ('<q:a xmlns:q="urn:schemas-q"><w:p/></q:a>', "élément inconnu"),
    ],
)
def test_what_brings_something_from_elsewhere_is_named(xml: str, words: str) -> None:
    assert any(words in one for one in found(inserted(xml)))


def test_a_control_bound_to_other_data_is_named_with_its_place() -> None:
    tag = '<w:tag w:val="candidat.nom"/>'
    binding = '<w:dataBinding w:xpath="/x" w:storeItemID="{1}"/>'
    changed = body(lambda xml: xml.replace(tag, tag + binding, 1))
    (one,) = room.alterations(changed, stamped(), GUIDE)
    assert (one.what, one.placement) == (
        "contrôle lié à d’autres données ajouté",
        "candidat.nom",
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("attachedTemplate", "modèle attaché"),
        ("hyperlink", "lien vers l’extérieur"),
        ("image", "lien vers l’extérieur"),
    ],
)
def test_a_link_to_the_outside_is_named(kind: str, words: str) -> None:
    name = "word/_rels/document.xml.rels"
    relation = (
        f'<Relationship Id="rId999" Type="http://x/{kind}" Target="https://exemple.invalid/a" '
        'TargetMode="External"/>'
    )
    xml = part(stamped(), name)
    changed = with_part(
        stamped(), name, xml.replace("</Relationships>", f"{relation}</Relationships>")
    )
    (one,) = found(changed)
    assert words in one and "exemple.invalid" in one


def test_the_body_is_the_part_that_the_package_names() -> None:
    """The part that is usual stays, and another one is shown."""
    every = members(stamped())
    other = part(stamped()).replace(">Candidat<", ">AUTRE<", 1)
    rels = every["_rels/.rels"].decode().replace("word/document.xml", "word/autre.xml")
    moved = archive(
        {
            **every,
            "word/autre.xml": other,
            "_rels/.rels": rels,
            "word/_rels/autre.xml.rels": every["word/_rels/document.xml.rels"],
        }
    )
    assert any("AUTRE" in one for one in found(moved))


def test_a_row_that_is_crushed_puts_its_own_place_in_doubt() -> None:
    def change(xml: str) -> str:
        at = xml.rindex("<w:tr>", 0, xml.index('w:val="c2.1.1.oui"'))
        return xml[:at] + _row(xml[at:], '<w:trHeight w:val="1" w:hRule="exact"/>')

    alterations = room.alterations(body(change), stamped(), GUIDE)
    assert {one.placement for one in alterations} == {"", "c2.1.1.oui", "c2.1.1.non"}
    assert all(one.where.endswith("ligne de c2.1.1") for one in alterations)


# ------------------------------------------------------------------------------ mentions


def test_an_untouched_document_is_its_twin() -> None:
    assert found(stamped()) == ()
    twin = Twin(stamped(), PLAN, Trail())
    assert room.prove(stamped(), twin, GUIDE) == Proof()


def narrower() -> bytes:
    """A change that no line shows: the margins of a page."""
    return body(lambda xml: re.sub(r'(<w:pgMar [^>]*w:left=)"\d+"', r'\1"2400"', xml))


def test_without_libreoffice_the_verdict_says_what_was_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "office", lambda: None)
    proof = room.prove(narrower(), Twin(stamped(), PLAN, Trail()), GUIDE)
    assert proof.alterations == ()
    assert "LibreOffice" in proof.unseen[0]


def test_a_document_that_another_program_saved_is_compared_by_its_lines() -> None:
    app = "docProps/app.xml"
    other = with_part(narrower(), app, "<Properties><Application>Autre</Application></Properties>")
    proof = room.prove(other, Twin(stamped(), PLAN, Trail()), GUIDE)
    assert proof.alterations == ()
    assert "un autre logiciel" in proof.unseen[0]


@pytest.mark.slow
@pytest.mark.skipif(room.office() is None, reason="LibreOffice is not installed")
def test_with_libreoffice_pages_are_compared_as_they_are_seen() -> None:
    proof = room.prove(narrower(), Twin(stamped(), PLAN, Trail()), GUIDE)
    assert any("se montre autrement" in one.what for one in proof.alterations)
    assert proof.pages > 10
    assert proof.pictures["page-1.png"].startswith(b"\x89PNG")


def test_mentions_of_another_rendering_are_known_by_their_words() -> None:
    document = stamped(f"{NOTE} – motif\u00a0: erreur", NOTE)
    trail = Trail(number=2, reason="erreur", rendering=0)
    twin = Twin(stamped(), PLAN, trail, Closeness.LOOSE)
    assert room.prove(document, twin, GUIDE).alterations == ()
    what = {one.what for one in room.prove(stamped(), twin, GUIDE).alterations}
    assert what == {"mention de la version effacée ou modifiée"}
    assert room.alterations(document, stamped(), GUIDE) != ()


def test_a_draft_that_lost_its_word_is_altered() -> None:
    draft = stamped(stage=Stage.DRAFT)
    assert room.alterations(draft, draft, GUIDE) == ()
    (one,) = room.alterations(stamped(), draft, GUIDE)
    assert (one.before, one.what) == ("BROUILLON", "texte supprimé")
