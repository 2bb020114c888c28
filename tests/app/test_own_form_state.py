"""A form that is being placed outlives what happens to its folder: kills, damage, odd requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.app import form_trial, own_forms
from cqp_forms.app.own_forms import KEPT
from cqp_forms.files import Existing, save
from cqp_forms.formats import format_of
from cqp_forms.guide_yaml import GUIDE_FILE
from cqp_forms.mapping import Format
from cqp_forms.project import MAPPINGS, SOURCE_DOCS, Project

from .conftest import NOW, Browser
from .test_own_forms import DEMO, decide, drop, form_at, screen, text_of

__all__ = ["screen"]  # a fixture
DEMO_KIND = Format.PDF


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


@contextmanager
def killed_at(write: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process ends at a write, counted from 0."""
    done = []

    def dying(path: Path, content: bytes, existing: Existing) -> None:
        if len(done) == write:
            raise Killed
        save(path, content, existing)
        done.append(path)

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(own_forms, "save", dying)
        yield


@pytest.mark.parametrize("write", [0, 1, 2])
def test_a_form_half_taken_in_comes_again(
    screen: Browser, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    with killed_at(write, monkeypatch):
        screen.screen.forms.start(DEMO.name, DEMO.read_bytes(), "", "Essai")
    address = drop(screen, DEMO, title="Essai")
    assert screen.client.get(address).status_code == 200
    assert len(list((screen.path / KEPT).iterdir())) == 1


@pytest.mark.parametrize("write", [0, 1, 2])
def test_a_form_half_saved_is_saved_again(
    screen: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, write: int
) -> None:
    form = form_at(screen, drop(screen, DEMO, title="Essai"))
    forms = screen.screen.forms
    with killed_at(write, monkeypatch):
        forms.finish(form)
    assert "essai" not in Project.at(tmp_path).guide_ids()
    forms.finish(forms.open(form.name))
    project = Project.at(tmp_path)
    blank = project.blank(project.guide("essai"), DEMO_KIND)
    assert (blank.content, blank.mapping.locators) == (DEMO.read_bytes(), form.mapping.locators)
    assert [one.name for one in (tmp_path / SOURCE_DOCS).glob("*.pdf")] == ["essai.pdf"]


def test_a_form_killed_once_its_guide_is_there_is_saved_again(
    screen: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = form_at(screen, drop(screen, DEMO, title="Essai"))
    forms = screen.screen.forms
    monkeypatch.setattr(forms, "drop", lambda name: None)
    forms.finish(form)
    assert forms.finish(forms.open(form.name))


def test_another_guide_that_came_meanwhile_is_not_written_over(
    screen: Browser, tmp_path: Path
) -> None:
    address = drop(screen, DEMO, title="Essai")
    theirs = tmp_path / MAPPINGS / "essai" / GUIDE_FILE
    save(theirs, b"id: essai\n", Existing.REFUSE)
    answer = screen.client.post(f"{address}/enregistrer")
    assert answer.status_code == 422 and "existe déjà" in text_of(answer)
    assert theirs.read_bytes() == b"id: essai\n"
    assert not (tmp_path / SOURCE_DOCS).exists()


def test_a_question_half_removed_is_gone(screen: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    form = form_at(screen, drop(screen, DEMO, title="Essai"))
    gone = [one for one in form.guide.fields if one not in form.guide.candidate][-1]
    forms = screen.screen.forms
    with killed_at(1, monkeypatch):
        forms.keep(own_forms.removed(form, gone))
    again = forms.open(form.name)
    assert gone not in again.guide.fields
    assert again.problems() == []
    assert forms.finish(again)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("pdf.yaml", b"\xff\xfe\0"),
        ("pdf.yaml", b""),
        ("pdf.yaml", b"a: ["),
        ("guide.yaml", b"\xff"),
        ("document.pdf", b"%PDF-1.7 other"),
    ],
)
def test_a_form_whose_files_were_damaged_is_told_and_can_be_forgotten(
    screen: Browser, file: str, content: bytes
) -> None:
    address = drop(screen, DEMO, title="Essai")
    name = address.rsplit("/", 1)[-1]
    (screen.path / KEPT / name / file).write_bytes(content)
    screen.screen.forms._read.clear()  # as after a restart
    for path in ("", "/questions", "/essai"):
        assert screen.client.get(address + path).status_code == 422
    listed = screen.client.get("/formulaires")
    assert listed.status_code == 200 and "ne se lit plus" in text_of(listed)
    assert f"/formulaire/{name}/oublier" in listed.text
    screen.client.post(f"{address}/oublier")
    assert "ne se lit plus" not in text_of(screen.client.get("/formulaires"))


def test_a_question_that_there_is_not_changes_nothing(screen: Browser) -> None:
    address = drop(screen, DEMO, title="Essai")
    before = form_at(screen, address).mapping
    where = {"page": 1, "x": 0.1, "y": 0.1, "l": 0.1, "h": 0.1, "numero": 3}
    for action in ("placer", "enlever", "dessiner", "rien", ""):
        answer = decide(screen, address, action, cle="personne", **where)
        assert answer.status_code == 422, action
    assert form_at(screen, address).mapping == before


def test_a_field_too_narrow_for_its_wording_does_not_keep_the_rest_from_being_tried(
    screen: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "narrow.pdf"
    page = Canvas(str(path))
    for y, label, width in ((700, "Nom de famille", 200), (660, "Code", 16)):
        page.drawString(60, y, label)
        page.acroForm.textfield(name=label, x=200, y=y - 4, width=width, height=16)
    page.save()
    form = form_at(screen, drop(screen, path, title="Essai"))
    shown = form_trial.tried(form, NOW)
    screen.screen.forms.finish(form)
    read = Project.at(tmp_path)
    made = read.guide("essai")
    texts = format_of(DEMO_KIND).read(shown, read.blank(made, DEMO_KIND), made).texts
    told = {made.fields[key].label: text for key, text in texts.items()}
    assert told["Nom de famille"] == "Nom de famille"
    assert 0 < len(told["Code"]) < 4


def test_a_word_form_that_cannot_be_commented_is_shown_by_its_list(
    screen: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cqp_forms.docx.looks.office", lambda: None)
    path = tmp_path / "form.docx"
    document = docx.Document()
    document.add_paragraph("Avis : ☐ Oui   ☐ Non")
    document.save(str(path))
    with ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with ZipFile(path, "w") as new:
        for name, body in members.items():
            new.writestr(name, b"<cut" if name == "word/settings.xml" else body)
    page = screen.client.get(drop(screen, path))
    assert page.status_code == 200
    assert "n° 1 case" in text_of(page) and "n° 2 case" in text_of(page)
