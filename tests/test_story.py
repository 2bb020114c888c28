"""The life of a document: issued, corrected in LibreOffice, issued anew, verified."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cqp_forms.answers import Verdict
from cqp_forms.cli import program
from cqp_forms.guide import Guide
from cqp_forms.workbook.read import read_fiche

EXAMPLE = Path(__file__).parent.parent / "examples" / "fiche-non-maitrisee.xlsx"
#: A criterion that the example answers OUI, in a competence that is not mastered.
WRONG = "c5.1.2"
REASON = "critère coché OUI par erreur"

pytestmark = pytest.mark.slow


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, list(arguments))


def data(*arguments: str, code: int = 0) -> dict[str, object]:
    done = run(*arguments, "--json")
    assert done.exit_code == code, done.output
    plain: dict[str, object] = json.loads(done.stdout)
    return plain


def only(folder: Path, ending: str) -> Path:
    (found,) = folder.glob(f"*/*{ending}")
    return found


def correct(source: Path, target: Path) -> None:
    """Tick NON in place of OUI, as the evaluator does in the document."""
    with (
        zipfile.ZipFile(source) as before,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            content = before.read(name)
            if name == "word/document.xml":
                xml = _tick(_tick(content.decode(), f"{WRONG}.oui", "0"), f"{WRONG}.non", "1")
                content = xml.encode()
            after.writestr(name, content)


def _tick(xml: str, placement: str, state: str) -> str:
    start = xml.index(f'w:tag w:val="{placement}"')
    end = xml.index("</w:sdt>", start)
    control = re.sub(r'(w14:checked [^>]*w14:val=)"."', rf'\1"{state}"', xml[start:end], count=1)
    control = re.sub("[☐☒]", "☒" if state == "1" else "☐", control)
    assert control != xml[start:end]
    return xml[:start] + control + xml[end:]


def saved_by_libreoffice(document: Path, folder: Path) -> Path:
    """Open a DOCX in LibreOffice and save it: all of it is written anew."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    profile = (folder / "profile").as_uri()
    command = [
        soffice,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(folder),
        str(document),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / document.name


def test_the_story_of_a_mistake(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE, "fiche.xlsx")
    out = tmp_path / "output"

    # Issued.
    assert run("fill", "fiche.xlsx").exit_code == 0
    first, first_pdf = only(out, "_v1.docx"), only(out, "_v1.pdf")
    kept = {one: one.read_bytes() for one in (first, first_pdf)}
    for one in kept:
        assert data("verify", str(one), "fiche.xlsx")["proved"] is True

    # A mistake is found: the evaluator corrects the document in LibreOffice.
    correct(first, tmp_path / first.name)
    (tmp_path / "lo").mkdir()
    corrected = saved_by_libreoffice(tmp_path / first.name, tmp_path / "lo")
    told = data("diff", "fiche.xlsx", str(corrected), code=6)
    assert [one["field"] for one in told["changes"]] == [WRONG]  # type: ignore[attr-defined]

    # The document becomes a fiche again, with all that it does not show.
    extracted = data("extract", str(corrected), "-o", "corrigee.xlsx")
    assert {one["code"] for one in extracted["findings"]} == {"na-repris"}  # type: ignore[attr-defined]
    before = read_fiche(Path("fiche.xlsx"), guide).answers.canonical()
    after = read_fiche(Path("corrigee.xlsx"), guide)
    assert after.findings == ()
    assert after.answers.value(WRONG) is Verdict.NON
    assert after.answers.canonical() == before | {WRONG: "NON"}

    # Filling again is refused, and points to what to do; nothing is written.
    refused = run("fill", "corrigee.xlsx")
    assert refused.exit_code == 5
    assert "reissue" in refused.stderr
    assert {one: one.read_bytes() for one in (first, first_pdf)} == kept

    # Issued anew, with the list of what changed.
    done = run("reissue", "corrigee.xlsx", "--reason", REASON)
    assert done.exit_code == 0, done.output
    assert WRONG in done.stdout
    assert {one: one.read_bytes() for one in (first, first_pdf)} == kept
    assert only(out, "_v2_modifications.pdf").is_file()

    # The register tells both versions, and which one stands.
    versions = data("history")["versions"]
    assert isinstance(versions, list)
    assert {one["version"]: one["reason"] for one in versions} == {1: "", 2: REASON}
    assert all(file["state"] == "intact" for one in versions for file in one["files"])

    # The new version says what the corrected fiche says, and the old one does not.
    for ending in ("_v2.docx", "_v2.pdf"):
        proof = data("verify", str(only(out, ending)), "corrigee.xlsx", "--render")
        assert proof["proved"] is True
        assert proof["alterations"] == proof["unseen"] == []
        told = data("diff", str(first_pdf), str(only(out, ending)), code=6)
        assert [one["field"] for one in told["changes"]] == [WRONG]  # type: ignore[attr-defined]
    wrong = data("verify", str(first), "corrigee.xlsx", code=6)
    assert [one["placement"] for one in wrong["differences"]] == [  # type: ignore[attr-defined]
        f"{WRONG}.oui",
        f"{WRONG}.non",
    ]
