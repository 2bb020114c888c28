"""A draft of a fiche that is not settled: marked at its places, listed, read back and proved."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pikepdf
import pypdfium2
import pytest
from cli_support import Run
from docx.oxml.ns import qn

from cqp_forms.answers import Answer, Verdict
from cqp_forms.errors import ExitCode
from cqp_forms.pdf.stamp.overlay import AMBER

STEM = "output/LEFEVRE_Anne-Marie/OUTIL4_LEFEVRE_Anne-Marie"
SHADE = b"FFD58A"
LISTED = (
    "La compétence 2 est dite maîtrisée alors que le critère c2.1.1 est à NON",
    "Le critère c1.1.1 n’a pas de réponse",
    "Le critère c6.1.1 est NA (non applicable) sans précision",
)


def _text(path: Path) -> str:
    """All that a document says, on one line."""
    if path.suffix == ".docx":
        # All that stands in controls, which python-docx's paragraphs pass over.
        written = docx.Document(str(path)).element.body.iter(qn("w:t"))
        return " ".join(" ".join(one.text for one in written).replace("\u00a0", " ").split())
    pages = pypdfium2.PdfDocument(path)
    text = " ".join(page.get_textpage().get_text_range() for page in pages)
    return " ".join(text.replace("\u00a0", " ").split())


def _marks(path: Path) -> int:
    """How many places are marked."""
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            return archive.read("word/document.xml").count(SHADE)
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        streams = (one for one in pdf.objects if isinstance(one, pikepdf.Stream))
        forms = (one for one in streams if one.get("/Subtype") == "/Form")
        return sum(one.read_bytes().count(f"{AMBER} RG".encode()) for one in forms)


@pytest.fixture
def unsettled(make: Callable[..., Path]) -> Path:
    """A contradiction, a missing answer, an NA that is not explained, and one that is."""
    return make(
        c1__1__1=None,
        c2__1__1=Verdict.NON,
        c3__1__1=Answer(Verdict.NA, "Hors secteur"),
        c6__1__1=Verdict.NA,
    )


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_draft_marks_lists_and_is_read_and_proved(run: Run, unsettled: Path, kind: str) -> None:
    done = run("fill", unsettled, "--draft", "--format", kind)
    assert done.code == 0, done.err
    draft = Path(f"{STEM}_brouillon.{kind}")
    text = _text(draft)
    _, heading, listed = text.rpartition("À régler")
    assert heading
    assert all(one in listed for one in LISTED)
    # Two boxes each of a result and of two criteria.
    assert _marks(draft) == 6
    proved = run("verify", draft, unsettled)
    assert proved.code == 0, proved.err
    read = json.loads(run("extract", draft, "-o", "lue.xlsx", "--json").out)["answers"]
    assert "c1.1.1" not in read
    assert read["c2.1.1"] == "NON"
    assert run("diff", unsettled, "lue.xlsx").code == 0


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_nothing_of_it_is_in_an_issued_guide_or_a_settled_draft(
    run: Run, make: Callable[..., Path], kind: str
) -> None:
    for more, name in (((), "v1"), (("--draft",), "brouillon")):
        assert run("fill", make(), "--format", kind, *more).code == 0
        document = Path(f"{STEM}_{name}.{kind}")
        assert "À régler" not in _text(document)
        assert _marks(document) == 0


def test_a_cell_that_cannot_be_read_is_told_left_empty_and_listed(
    run: Run, make: Callable[..., Path]
) -> None:
    path = make()
    book = openpyxl.load_workbook(path)
    row = next(row for row in book["C2"].iter_rows() if row[0].value == "c2.1.2")
    row[2].value = "peut-être"
    book.save(path)
    done = run("fill", path, "--draft", "--format", "pdf")
    assert done.code == 0
    assert "valeur-non-reconnue" in done.err
    draft = Path(f"{STEM}_brouillon.pdf")
    assert "Le critère c2.1.2 n’a pas de réponse" in _text(draft)
    assert _marks(draft) == 2
    assert run("fill", path).code == ExitCode.ANSWERS


def test_what_an_empty_fiche_lacks_is_told_a_line_a_sheet(run: Run) -> None:
    assert run("new", "-o", "vide.xlsx").code == 0
    done = run("fill", "vide.xlsx", "--draft", "--format", "docx")
    assert done.code == 0, done.err
    asked = [line for line in done.err.splitlines() if "critères" in line]
    counts = [int(re.findall(r"(\d+).critères", line)[0]) for line in asked]
    assert len(counts) == 6
    assert sum(counts) == 84
    assert "c1.1.1" not in done.err


def test_a_workbook_that_cannot_be_read_gives_no_draft(run: Run, tmp_path: Path) -> None:
    (tmp_path / "f.xlsx").write_bytes(b"PK\x03\x04 broken")
    assert run("fill", "f.xlsx", "--draft").code == ExitCode.ANSWERS
    assert not Path("output").exists()
