"""A form of one's own on the screen: what is decided is kept, and saved as the command would."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cqp_forms.app import form_trial, own_forms
from cqp_forms.app.folder import Folder
from cqp_forms.app.own_forms import KEPT, OwnForm
from cqp_forms.app.web import Screen, make_app
from cqp_forms.blank_form import BlankForm, draft_guide
from cqp_forms.formats import format_of
from cqp_forms.guide import FieldKind, PlacementKind
from cqp_forms.mapping import Format, PdfKind, PdfLocator
from cqp_forms.mapping_lint import lint
from cqp_forms.project import FORMER, SOURCE_DOCS, Project, installed_data

from .conftest import NOW, SECRETS, Browser

DEMO = installed_data() / SOURCE_DOCS / "demo-conducteur-equipements.pdf"
OFFICIAL = installed_data() / SOURCE_DOCS / "technico-commercial.pdf"


@pytest.fixture
def screen(tmp_path: Path) -> Any:
    """A screen whose project folder is the open folder, as the installed program has it."""
    with TestClient(
        make_app(Screen.of(Folder(tmp_path, tmp_path, lambda: NOW, "essai"), SECRETS)),
        base_url="http://127.0.0.1:8000",
        headers={"Origin": "http://127.0.0.1:8000", "X-Jeton": SECRETS.form_token},
        cookies={SECRETS.cookie: SECRETS.token},
    ) as client:
        yield Browser(client, client.app._app.state.screen)  # type: ignore[attr-defined]


def drop(screen: Browser, path: Path, guide: str = "", title: str = "") -> str:
    """Drop a form; the address of its page."""
    files = {"formulaire": (path.name, path.read_bytes())}
    data = {"guide": guide, "titre": title}
    answer = screen.client.post("/formulaires", files=files, data=data, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def decide(screen: Browser, address: str, action: str, **values: object) -> Any:
    body = {"action": action} | {key: str(one) for key, one in values.items()}
    return screen.client.post(address, data=body, follow_redirects=False)


def form_at(screen: Browser, address: str) -> OwnForm:
    return screen.screen.forms.open(address.rsplit("/", 1)[-1])


def text_of(answer: Any) -> str:
    return " ".join(re.sub("<[^>]+>", " ", answer.text).split())


def test_a_form_never_seen_becomes_a_guide(screen: Browser, tmp_path: Path) -> None:
    address = drop(screen, DEMO, title="Fiche de poste")
    form = form_at(screen, address)
    assert form.is_new and form.guide.title == "Fiche de poste"
    page = screen.client.get(address)
    assert page.status_code == 200
    for number in {one.number for one in form.form.found}:
        assert f'id="spot-{number}"' in page.text
    assert screen.client.get(f"{address}/page/1.png").content.startswith(b"\x89PNG")
    assert screen.client.get(f"{address}/page/99.png").status_code == 422

    saved = screen.client.post(f"{address}/enregistrer")
    assert saved.status_code == 200, text_of(saved)
    project = Project.at(tmp_path)
    made = project.guide("fiche-de-poste")
    blank = project.blank(made, Format.PDF)
    assert blank.content == DEMO.read_bytes()
    assert lint(blank.mapping, made) == []
    assert blank.mapping.locators == form.mapping.locators
    assert not (tmp_path / KEPT / form.name).exists()
    assert 'value="fiche-de-poste"' in screen.client.get("/").text


def test_a_form_saved_as_it_was_found_is_what_the_command_writes(
    screen: Browser, tmp_path: Path
) -> None:
    address = drop(screen, DEMO)
    guide_id = form_at(screen, address).guide.id
    assert screen.client.post(f"{address}/enregistrer").status_code == 200
    drafted = draft_guide([BlankForm.read(DEMO)], guide_id)
    assert len(drafted.files) == 3
    for path, content in drafted.files.items():
        assert (tmp_path / path).read_bytes() == content, path


def test_a_known_blank_comes_with_its_own_mapping(screen: Browser, project: Project) -> None:
    form = form_at(screen, drop(screen, OFFICIAL, "technico-commercial"))
    known = project.blank(project.guide(), Format.PDF).mapping
    assert form.mapping == known
    moved, _ = own_forms.placed(form, "c1.1.1.oui", None)
    assert (moved.mapping.total, moved.mapping.codes) == (known.total, known.codes)


def test_a_place_that_is_taken_leaves_the_other_question_without(screen: Browser) -> None:
    address = drop(screen, OFFICIAL, "technico-commercial")
    number = form_at(screen, address).numbers["c1.1.1.non"]
    answer = decide(screen, address, "placer", cle="c1.1.1.oui", numero=number)
    assert "cede=c1.1.1.non" in answer.headers["location"]
    form = form_at(screen, address)
    assert form.numbers["c1.1.1.oui"] == number
    assert form.mapping.todo == ("c1.1.1.non",) == form.waiting
    assert "était à cette place" in text_of(screen.client.get(answer.headers["location"]))
    refused = screen.client.post(f"{address}/enregistrer")
    assert refused.status_code == 422 and "1 emplacement manque" in text_of(refused)
    # What was decided outlives the server.
    again = Screen.of(Folder(screen.path, screen.path, lambda: NOW), SECRETS)
    assert again.forms.open(form.name).mapping == form.mapping


def test_a_number_that_is_none_changes_nothing(screen: Browser) -> None:
    address = drop(screen, OFFICIAL, "technico-commercial")
    before = form_at(screen, address).mapping
    for number in ("", "0", "-3", "9999", "²", "1 2", "'; --", "1e3"):
        answer = decide(screen, address, "placer", cle="c1.1.1.oui", numero=number)
        assert answer.status_code == 422, number
    assert form_at(screen, address).mapping == before


def test_two_places_that_overlap_are_told_in_the_words_of_their_questions(screen: Browser) -> None:
    address = drop(screen, OFFICIAL, "technico-commercial")
    locator = form_at(screen, address).mapping.locators["candidat.prenom"]
    assert isinstance(locator, PdfLocator)
    height = 841.89
    where = {"page": locator.page, "x": 0.3, "y": 1 - locator.rect.y1 / height, "l": 0.3, "h": 0.02}
    decide(screen, address, "dessiner", cle="candidat.nom", **where)
    page = text_of(screen.client.get(address))
    assert "« Nom » et « Prénom » se chevauchent" in page
    assert screen.client.post(f"{address}/enregistrer").status_code == 422


def test_a_box_is_no_place_for_a_text(screen: Browser) -> None:
    address = drop(screen, OFFICIAL, "technico-commercial")
    box = form_at(screen, address).numbers["c1.1.1.oui"]
    answer = decide(screen, address, "placer", cle="candidat.nom", numero=box)
    assert answer.status_code == 422 and "case" in text_of(answer)


def test_what_is_supposed_is_confirmed_one_by_one_or_all(screen: Browser) -> None:
    address = drop(screen, OFFICIAL, "technico-commercial")
    form = form_at(screen, address)
    supposed = {
        key: replace(one, confirmed=False, candidates=(3,), reason="supposé")
        for key, one in list(form.mapping.locators.items())[:3]
    }
    first, *_ = supposed
    screen.screen.forms.keep(own_forms._with(form, supposed))
    page = text_of(screen.client.get(address))
    assert "Encore 3 à placer ou à confirmer" in page and "supposé" in page
    decide(screen, address, "confirmer", cle=first)
    assert len(form_at(screen, address).waiting) == 2
    decide(screen, address, "tout")
    assert form_at(screen, address).waiting == ()


def test_a_place_is_traced_where_nothing_was_found(screen: Browser, tmp_path: Path) -> None:
    address = drop(screen, DEMO, title="Essai")
    answer = decide(screen, address, "ajouter", libelle="Visa", nature="text", groupe=0)
    key = "ajout.visa"
    assert answer.headers["location"].endswith(f"?suite={key}")
    assert form_at(screen, address).waiting == (key,)
    where = {"page": 2, "x": 0.5, "y": 0.25, "l": 0.25, "h": 0.02}
    assert decide(screen, address, "dessiner", cle=key, **where).status_code == 303
    form = form_at(screen, address)
    locator = form.mapping.locators[key]
    assert isinstance(locator, PdfLocator)
    assert (locator.page, locator.kind) == (2, PdfKind.LINE)
    width, height = 595.28, 841.89
    rect = locator.rect
    assert rect.x0 == pytest.approx(width / 2, abs=0.5)
    assert rect.y1 == pytest.approx(height * 0.75, abs=0.5)
    assert (rect.width, rect.height) == pytest.approx((width / 4, height * 0.02), abs=0.5)
    assert "drawn" in screen.client.get(address).text
    assert "tracée à la main" in text_of(screen.client.get(f"{address}/questions"))
    shown = form_trial.tried(form, NOW)
    read = Project.at(tmp_path)
    assert screen.client.post(f"{address}/enregistrer").status_code == 200
    made = read.guide("essai")
    seen = format_of(Format.PDF).read(shown, read.blank(made, Format.PDF), made)
    assert seen.texts[key] == "Visa"


def test_a_rectangle_that_is_no_place_changes_nothing(screen: Browser) -> None:
    address = drop(screen, OFFICIAL, "technico-commercial")
    before = form_at(screen, address).mapping
    wheres: tuple[dict[str, object], ...] = (
        {"page": 99, "x": 0.1, "y": 0.1, "l": 0.1, "h": 0.1},
        {"page": 1, "x": "nan", "y": 0.1, "l": 0.1, "h": 0.1},
        {"page": 1, "x": 2, "y": 0.1, "l": 0.1, "h": 0.1},
        {"page": 1, "x": 0.1, "y": 0.1, "l": 0.0, "h": 0.0},
        {"page": 1},
    )
    for where in wheres:
        answer = decide(screen, address, "dessiner", cle="c1.1.1.oui", **where)
        assert answer.status_code == 422, where
    assert form_at(screen, address).mapping == before


def test_words_kinds_and_options_are_changed_and_questions_removed(
    screen: Browser, tmp_path: Path
) -> None:
    address = drop(screen, DEMO, title="Essai")
    form = form_at(screen, address)
    text = next(one for one in form.guide.fields.values() if one.kind is FieldKind.TEXT)
    choice = next(one for one in form.guide.fields.values() if one.options)
    gone = next(
        one.id
        for one in form.guide.fields.values()
        if one.kind is FieldKind.LONG_TEXT and one.id not in form.guide.candidate
    )
    page = screen.client.get(f"{address}/questions")
    assert page.status_code == 200 and choice.options[0].label in text_of(page) + page.text
    sent = {
        "titre": "Mon « guide » : n° 1",
        "groupe-0": "Yes",
        f"libelle-{text.id}": 'Nom # « usuel » : "x"',
        f"nature-{text.id}": "long-text",
        f"exigee-{text.id}": "1",
        f"libelle-{choice.id}": choice.label,
        f"option-{choice.id}.{choice.options[0]}": "Tout à fait",
        "retirer": gone,
    }
    answer = screen.client.post(f"{address}/questions", data=sent, follow_redirects=False)
    assert answer.status_code == 303, text_of(answer)
    made = form_at(screen, address).guide
    assert made.title == "Mon «\u00a0guide\u00a0»\u00a0: n° 1"
    assert made.sections[0].groups[0].title == "Yes"
    changed = made.fields[text.id]
    assert changed.kind is FieldKind.LONG_TEXT and changed.requirement.value == "answer"
    assert made.fields[choice.id].options[0].label == "Tout à fait"
    assert made.fields[choice.id].options == choice.options
    assert gone not in made.fields
    assert gone not in form_at(screen, address).mapping.locators
    assert screen.client.post(f"{address}/enregistrer").status_code == 200


def test_the_questions_of_a_known_guide_stay(screen: Browser) -> None:
    address = drop(screen, OFFICIAL, "technico-commercial")
    assert (
        decide(screen, address, "ajouter", libelle="x", nature="tick", groupe=0).status_code == 422
    )
    answer = screen.client.post(f"{address}/questions", data={"retirer": "c1.1.1"})
    assert answer.status_code == 422


def test_the_example_is_shown_with_the_words_of_each_question(screen: Browser) -> None:
    address = drop(screen, OFFICIAL, "technico-commercial")
    decide(screen, address, "enlever", cle="c1.1.1.oui")
    page = screen.client.get(f"{address}/essai")
    assert "pas encore placé reste vide" in text_of(page)
    assert screen.client.get(f"{address}/essai/1.png").content.startswith(b"\x89PNG")
    document = screen.client.get(f"{address}/essai/document")
    assert document.content.startswith(b"%PDF-")
    assert "attachment" in document.headers["content-disposition"]


def test_a_new_edition_replaces_the_mapping_and_keeps_the_former(
    screen: Browser, tmp_path: Path
) -> None:
    first = tmp_path / "a.pdf"
    first.write_bytes(OFFICIAL.read_bytes() + b"\n")
    for path in (first, OFFICIAL):
        address = drop(screen, path, "technico-commercial")
        decide(screen, address, "tout")
        assert screen.client.post(f"{address}/enregistrer").status_code == 200
    project = Project.at(tmp_path)
    guide = project.guide()
    assert project.blank(guide, Format.PDF).content == OFFICIAL.read_bytes()
    (kept,) = (tmp_path / SOURCE_DOCS / FORMER).iterdir()
    former = project.blank_named(guide, Format.PDF, kept.name)
    assert former is not None and former.content == first.read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("vide.pdf", b""),
        ("faux.pdf", b"%PDF-1.7\nrien"),
        ("texte.txt", b"bonjour"),
        ("fiche.xlsx", b"PK\x05\x06" + b"\0" * 18),
        ("../../etc/passwd", b"root"),
    ],
)
def test_what_is_no_form_is_told_and_leaves_nothing(
    screen: Browser, name: str, content: bytes
) -> None:
    answer = screen.client.post("/formulaires", files={"formulaire": (name, content)})
    assert answer.status_code == 422
    shelf = screen.path / KEPT
    assert not shelf.exists() or list(shelf.iterdir()) == []


@pytest.mark.parametrize("name", ["x", "%2e%2e", "0" * 24])
def test_a_form_that_does_not_wait_is_told(screen: Browser, name: str) -> None:
    for path in ("", "/questions", "/essai", "/page/1.png"):
        assert screen.client.get(f"/formulaire/{name}{path}").status_code in (404, 422)


def test_a_form_that_is_forgotten_leaves_nothing(screen: Browser) -> None:
    address = drop(screen, DEMO)
    assert screen.client.post(f"{address}/oublier", follow_redirects=False).status_code == 303
    assert list((screen.path / KEPT).iterdir()) == []
    assert screen.client.get(address).status_code == 422


def test_a_word_document_is_shown_with_its_places(
    screen: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cqp_forms.docx.looks.office", lambda: None)
    address = drop(screen, OFFICIAL.with_suffix(".docx"), "technico-commercial")
    page = screen.client.get(address)
    assert "LibreOffice" in text_of(page)
    form = form_at(screen, address)
    assert all(f'id="spot-{one.number}"' in page.text for one in form.form.found)
    where = {"page": 1, "x": 0.1, "y": 0.1, "l": 0.1, "h": 0.1}
    answer = decide(screen, address, "dessiner", cle="c1.1.1.oui", **where)
    assert answer.status_code == 422 and "Word" in text_of(answer)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_lays_a_word_document_out_with_every_place(screen: Browser) -> None:
    address = drop(screen, OFFICIAL.with_suffix(".docx"), "technico-commercial")
    screen.client.get(address)
    (pages,) = screen.screen.forms.pages.values()
    found = form_at(screen, address).form.found
    assert pages.spots.keys() == {one.number for one in found}
    by_page = [pages.spots[one.number].page for one in found]
    boxes = [pages.spots[one.number] for one in found if one.kind is PlacementKind.TICK_BOX]
    assert len(set(by_page)) > 5 and all(0 <= one.x <= 1 and 0 <= one.y <= 1 for one in boxes)


@pytest.mark.apart
@pytest.mark.parametrize("kind", ["hostile", "returned", "forms"])
def test_any_file_that_is_dropped_as_a_form_gives_a_page(
    screen: Browser, shared: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("cqp_forms.docx.looks.office", lambda: None)
    files = sorted(one for one in (shared / "cases" / kind).rglob("*") if one.is_file())
    assert files
    for path in files:
        for guide in ("", "technico-commercial"):
            files_sent = {"formulaire": (path.name, path.read_bytes())}
            answer = screen.client.post("/formulaires", files=files_sent, data={"guide": guide})
            assert answer.status_code in (200, 422), path.name
            if answer.status_code == 422:
                continue
            address = answer.url.path
            for page in ("/questions", "/essai", "/page/1.png"):
                assert screen.client.get(address + page).status_code in (200, 422), path.name
            saved = screen.client.post(f"{address}/enregistrer")
            assert saved.status_code in (200, 422), path.name
    assert screen.client.get("/formulaires").status_code == 200
    assert screen.client.get("/").status_code == 200
