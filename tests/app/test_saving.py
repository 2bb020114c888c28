"""An answer given on the screen is in its cell, and nothing else of the file has changed."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fiches import put_fiche
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cqp_forms.answers import Answers
from cqp_forms.app import saving
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.workbook.patch import set_cells
from cqp_forms.workbook.read import read_fiche
from cqp_forms.workbook.write import fiche_bytes

from .conftest import Browser


@pytest.fixture
def fiche(browser: Browser, guide: Guide, answers: Answers) -> Path:
    return put_fiche(browser.path, guide, answers, "fiche.xlsx", c1__1__1=None)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_answer_changes_its_cell_and_nothing_else(
    browser: Browser, guide: Guide, fiche: Path
) -> None:
    before = parts(fiche)
    done = browser.answer("fiche.xlsx", ("c1.1.1", None, "NON"))
    assert done.status_code == 200
    assert done.json()["answers"]["c1.1.1"] == "NON"
    assert read_fiche(fiche, guide).answers.value("c1.1.1") == "NON"
    after = parts(fiche)
    changed = {name for name in before if before[name] != after[name]}
    sheet = {name for name in changed if name.startswith("xl/worksheets/")}
    assert len(sheet) == 1
    assert changed - sheet <= {"xl/workbook.xml"}
    assert before.keys() == after.keys()


def test_a_change_in_excel_elsewhere_is_joined(browser: Browser, guide: Guide, fiche: Path) -> None:
    seen = browser.state("fiche.xlsx")
    fiche.write_bytes(set_cells(fiche.read_bytes(), {_cell(fiche, guide, "c2.1.1"): "NON"}))
    done = browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI"), who=seen["who"]).json()
    assert done["clashes"] == []
    assert (done["answers"]["c1.1.1"], done["answers"]["c2.1.1"]) == ("OUI", "NON")


def test_the_same_answer_changed_in_excel_is_asked(
    browser: Browser, guide: Guide, fiche: Path
) -> None:
    fiche.write_bytes(set_cells(fiche.read_bytes(), {_cell(fiche, guide, "c1.1.1"): "NON"}))
    done = browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI")).json()
    clash = {"key": "c1.1.1", "before": None, "after": "OUI", "file": "NON"}
    assert done["clashes"] == [clash]
    assert read_fiche(fiche, guide).answers.value("c1.1.1") == "NON"
    # It is asked until somebody decides, whatever page is loaded.
    assert browser.state("fiche.xlsx")["clashes"] == [clash]
    chosen = browser.answer("fiche.xlsx", ("c1.1.1", "NON", "OUI"), drop=["c1.1.1"]).json()
    assert chosen["clashes"] == []
    assert read_fiche(fiche, guide).answers.value("c1.1.1") == "OUI"


def test_the_files_answer_may_be_kept(browser: Browser, guide: Guide, fiche: Path) -> None:
    fiche.write_bytes(set_cells(fiche.read_bytes(), {_cell(fiche, guide, "c1.1.1"): "NON"}))
    browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI"))
    assert browser.answer("fiche.xlsx", drop=["c1.1.1"]).json()["clashes"] == []
    assert read_fiche(fiche, guide).answers.value("c1.1.1") == "NON"
    assert not list(fiche.parent.glob(".*.json"))


def test_two_pages_on_one_fiche(browser: Browser, guide: Guide, fiche: Path) -> None:
    first = browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI")).json()
    second = browser.answer("fiche.xlsx", ("c1.1.1", None, "NON")).json()
    assert first["clashes"] == []
    assert [one["file"] for one in second["clashes"]] == ["OUI"]
    assert read_fiche(fiche, guide).answers.value("c1.1.1") == "OUI"


def test_answers_wait_while_excel_has_the_file(browser: Browser, guide: Guide, fiche: Path) -> None:
    owner = fiche.with_name("~$fiche.xlsx")
    owner.write_bytes(b"")
    content = fiche.read_bytes()
    done = browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI")).json()
    assert done["waiting"] == ["c1.1.1"]
    assert done["answers"]["c1.1.1"] == "OUI"
    assert fiche.read_bytes() == content
    later = browser.answer("fiche.xlsx", ("c1.1.1", "OUI", "NON")).json()
    assert later["answers"]["c1.1.1"] == "NON"
    owner.unlink()
    assert browser.state("fiche.xlsx")["waiting"] == []
    assert read_fiche(fiche, guide).answers.value("c1.1.1") == "NON"
    assert not list(fiche.parent.glob(".*.json"))


def test_what_waits_may_be_written_all_the_same(
    browser: Browser, guide: Guide, fiche: Path
) -> None:
    fiche.with_name(".~lock.fiche.xlsx#").write_bytes(b"")
    browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI"))
    assert browser.answer("fiche.xlsx", force=True).json()["waiting"] == []
    assert read_fiche(fiche, guide).answers.value("c1.1.1") == "OUI"


def test_a_file_that_may_not_be_replaced_counts_as_held(
    browser: Browser, fiche: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        real = saving.save
        patch.setattr(
            saving, "save", lambda path, *rest: refused() if path == fiche else real(path, *rest)
        )
        assert browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI")).json()["waiting"] == ["c1.1.1"]
    assert browser.state("fiche.xlsx")["answers"]["c1.1.1"] == "OUI"


def test_another_candidate_in_the_same_file_is_not_written_to(
    browser: Browser, guide: Guide, answers: Answers, fiche: Path
) -> None:
    who = browser.state("fiche.xlsx")["who"]
    fiche.unlink()
    put_fiche(browser.path, guide, answers, "fiche.xlsx", dossier__reference="autre", c1__1__1=None)
    content = fiche.read_bytes()
    done = browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI"), who=who)
    assert done.status_code == 422
    assert "un autre candidat" in done.json()["error"]
    assert fiche.read_bytes() == content


@pytest.mark.parametrize(
    "edit",
    [
        ("c1.1.1", None, "PEUT-ÊTRE"),
        ("c9.9.9", None, "OUI"),
        ("signature.candidat", None, "X"),
        ("evaluateur_cpne.date", "2026-06-15", "hier"),
        ("c1.1.1", None, {"value": "OUI"}),
        ("c1.1.1", None, 1),
    ],
)
def test_what_is_no_answer_is_refused(
    browser: Browser, fiche: Path, edit: tuple[str, Any, Any]
) -> None:
    content = fiche.read_bytes()
    done = browser.answer("fiche.xlsx", edit)
    assert done.status_code == 422
    assert done.json()["error"]
    assert fiche.read_bytes() == content


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"who": 1}', b"[" * 100_000, b"\xff"])
def test_what_is_no_request_is_refused(browser: Browser, fiche: Path, body: bytes) -> None:
    address = f"/fiche/{browser.id('fiche.xlsx')}/reponses"
    assert (
        browser.post(address, content=body, headers={"Accept": "application/json"}).status_code
        == 422
    )


def test_a_fiche_that_is_gone_is_told(browser: Browser, fiche: Path) -> None:
    who = browser.state("fiche.xlsx")["who"]
    fiche.unlink()
    done = browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI"), who=who)
    assert "n’est plus dans le dossier" in done.json()["error"]
    assert browser.client.get(f"/fiche/{browser.id('fiche.xlsx')}").status_code == 404


def test_killed_while_saving_the_file_is_whole(
    browser: Browser, guide: Guide, fiche: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = fiche.read_bytes()

    class KilledError(BaseException):
        pass

    def killed(*_: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", killed)
        with pytest.raises(KilledError):
            saving.save_edits(
                browser.screen.folder,
                browser.id("fiche.xlsx"),
                browser.state("fiche.xlsx")["who"],
                [saving.Edit("c1.1.1", None, "OUI")],
            )
    assert fiche.read_bytes() == content
    assert browser.answer("fiche.xlsx", ("c1.1.1", None, "OUI")).status_code == 200


def _cell(path: Path, guide: Guide, field: str) -> tuple[str, str]:
    place = read_fiche(path, guide).answers.place(field)
    assert place is not None
    return place.sheet, place.cell


@pytest.fixture(scope="module")
def empty_fiche(guide: Guide) -> bytes:
    return fiche_bytes(guide)


_TEXT = st.text(st.characters(codec="latin-1", exclude_categories=["C"]), min_size=1, max_size=40)


@settings(
    max_examples=50,
    report_multiple_bugs=False,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_random_answers_read_back_as_they_were_given(
    browser: Browser, guide: Guide, empty_fiche: bytes, data: st.DataObject
) -> None:
    """Some answers of each of fifty fiches: the page's are those that ``check`` reads."""
    path = browser.path / "fiche.xlsx"
    path.write_bytes(empty_fiche)
    before = parts(path)
    values: dict[FieldKind, st.SearchStrategy[Any]] = {
        FieldKind.CRITERION: st.sampled_from(["OUI", "NON", "NA"]),
        FieldKind.RESULT: st.sampled_from(["MAITRISEE", "NON_MAITRISEE"]),
        FieldKind.TICK: st.just(True),
        FieldKind.DATE: st.dates(date(1950, 1, 1), date(2100, 1, 1)).map(str),
        FieldKind.TEXT: _TEXT,
        FieldKind.LONG_TEXT: _TEXT | st.builds("{}\n{}".format, _TEXT, _TEXT),
    }
    fields = [one for one in guide.fields.values() if one.kind is not FieldKind.SIGNATURE]
    chosen = data.draw(st.lists(st.sampled_from(fields), min_size=1, max_size=12, unique=True))
    edits = [(one.id, None, data.draw(values[one.kind])) for one in chosen]
    edits += [
        (f"{key}:précision", None, data.draw(_TEXT)) for key, _, value in edits if value == "NA"
    ]
    done = browser.answer("fiche.xlsx", *edits)
    assert done.status_code == 200, json.dumps(edits)
    read = read_fiche(path, guide).answers.canonical()
    assert done.json()["answers"] == read
    for key, _, value in edits:
        kept = value.strip() if isinstance(value, str) else value
        assert (
            isinstance(read.get(key, ""), bool)
            or str(read.get(key, "")).split() == str(kept).split()
        )
    sheets = {guide.fields[key.removesuffix(":précision")].sheet for key, _, _ in edits}
    changed = [name for name, content in parts(path).items() if content != before[name]]
    assert len([name for name in changed if name.startswith("xl/worksheets/")]) <= len(sheets)
    assert all(name.startswith("xl/worksheets/") or name == "xl/workbook.xml" for name in changed)
