"""A form that the program has never seen, from its drop on the screen to a filled, proved guide."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from reportlab.lib.colors import black
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.answers import Answer, Answers
from cqp_forms.cli import program
from cqp_forms.project import SOURCE_DOCS, Project, installed_data
from cqp_forms.workbook.write import write_fiche

from .live import LAPTOP, STORY, TABLET, Server, chromium, looked_at, open_page, sync_api

__all__ = ["chromium", "open_page"]  # fixtures
pytestmark = STORY

WIDTH, HEIGHT = 595.28, 841.89


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The screen on a folder that is its project too, as the installed program opens it."""
    folder = tmp_path / "Session"
    folder.mkdir()
    server = Server(folder, "--project", str(folder))
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A visit report: a name, a date, two boxes, and a word that nothing shows to be a question."""
    path = tmp_path / "Compte rendu de visite.pdf"
    page = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    page.setFont("Helvetica-Bold", 16)
    page.drawString(60, 770, "COMPTE RENDU DE VISITE")
    page.setFont("Helvetica", 11)
    page.setStrokeColor(black)
    for y, label in ((720, "Nom :"), (690, "Date de la visite :")):
        page.drawString(60, y, label)
        page.line(170, y - 2, 420, y - 2)
    page.drawString(60, 650, "Le client est-il satisfait ?")
    for x, label in ((260, "Oui"), (330, "Non")):
        page.rect(x, 648, 11, 11)
        page.drawString(x + 16, 650, label)
    page.drawString(60, 560, "Magasin")
    page.save()
    return path


def spot(page: Any, number: str) -> Any:
    return page.locator(f"#spot-{number}")


def test_a_form_never_seen_from_drop_to_filled_guide(
    open_page: Callable[..., Any], server: Server, form: Path, tmp_path: Path
) -> None:
    page = open_page(LAPTOP)
    page.get_by_role("link", name="Un formulaire à vous").click()
    looked_at(page, LAPTOP)
    page.set_input_files("input[type=file]", str(form))
    page.get_by_role("button", name="Repérer").click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_contain_text("COMPTE RENDU")
    looked_at(page, LAPTOP)

    # What the program did not find: a question more, its place traced on the page.
    page.get_by_text("Ajouter une question").click()
    page.get_by_label("Ce qu’elle demande").fill("Magasin")
    page.get_by_label("Nature").select_option("text")
    page.get_by_role("button", name="Ajouter", exact=True).click()
    sync_api.expect(page.get_by_text("Encore 1 à placer")).to_be_visible()
    sync_api.expect(page.get_by_role("button", name="Enregistrer")).to_be_disabled()
    waiting = page.locator(".place.todo")
    waiting.get_by_role("button", name="Tracer").click()
    sheet = page.locator(".sheet")
    page.evaluate("scrollTo(0, 0)")
    box = sheet.bounding_box()
    scale = box["width"] / WIDTH
    page.mouse.move(box["x"] + 180 * scale, box["y"] + (HEIGHT - 572) * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + 300 * scale, box["y"] + (HEIGHT - 560) * scale)
    page.mouse.move(box["x"] + 420 * scale, box["y"] + (HEIGHT - 554) * scale)
    page.mouse.up()
    sync_api.expect(page.locator(".spot.drawn")).to_have_count(1)

    # The program is killed: what was decided is there again.
    server.stop(signal.SIGKILL)
    server.start()
    page.goto(server.entrance)
    page.get_by_role("link", name="Un formulaire à vous").click()
    page.get_by_role("link", name="COMPTE RENDU").click()
    sync_api.expect(page.locator(".spot.drawn")).to_have_count(1)

    # A question is put elsewhere with a click on the page, and back.
    named = page.locator(".place", has_text="Nom").first
    own = named.locator("a[data-show]").inner_text().split()[-1]
    dated = page.locator(".place", has_text="Date").first
    other = dated.locator("a[data-show]").inner_text().split()[-1]
    named.get_by_role("button", name="Enlever").click()
    page.locator(".place.todo", has_text="Nom").click()
    spot(page, own).click()
    sync_api.expect(page.get_by_text("Tout a sa place")).to_be_visible()
    assert own != other

    # Its words.
    page.get_by_role("link", name="Titres et questions").click()
    looked_at(page, LAPTOP)
    page.get_by_label("Titre du guide").fill("Visite")
    page.get_by_role("button", name="Garder ces mots").click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_contain_text("Visite")

    page.get_by_role("link", name="Essayer").click()
    sync_api.expect(page.get_by_alt_text("Page 1 de l’essai")).to_be_visible()
    looked_at(page, LAPTOP)
    page.go_back()
    page.get_by_role("button", name="Enregistrer").click()
    sync_api.expect(page.get_by_text("se remplit maintenant en PDF")).to_be_visible()
    looked_at(page, LAPTOP)
    filled_by_the_commands(server.folder, tmp_path)


def test_a_free_place_is_clicked_first_and_a_rectangle_traced_with_the_keyboard(
    open_page: Callable[..., Any], server: Server, form: Path
) -> None:
    page = open_page(LAPTOP)
    page.goto(f"{server.address}/formulaires")
    page.set_input_files("input[type=file]", str(form))
    page.get_by_role("button", name="Repérer").click()
    named = page.locator(".place", has_text="Nom").first
    own = named.locator("a[data-show]").inner_text().split()[-1]
    named.get_by_role("button", name="Enlever").click()
    waiting = page.locator(".place.todo")
    sync_api.expect(waiting).to_have_count(1)

    page.goto(page.url.split("?")[0])  # no question is chosen
    spot(page, own).click()
    told = page.locator("#dit")
    sync_api.expect(told).to_contain_text(f"N° {own}, une zone libre")
    looked_at(page, LAPTOP)
    page.get_by_text("Placées : 3").click()
    page.locator(".place", has_text="Oui").first.click(position={"x": 200, "y": 10})
    sync_api.expect(told).to_contain_text("Cette question veut une case")
    waiting.click(position={"x": 200, "y": 10})
    sync_api.expect(page.get_by_text("Tout a sa place")).to_be_visible()
    sync_api.expect(named.locator("a[data-show]")).to_contain_text(own)

    draw = named.get_by_role("button", name="Tracer")
    draw.focus()
    page.keyboard.press("Enter")
    looked_at(page, LAPTOP)
    for key in ("ArrowDown", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    sync_api.expect(page.locator(".frame")).to_have_count(0)
    draw.press("Enter")
    for key in ("ArrowDown", *["Shift+ArrowRight"] * 5):
        page.keyboard.press(key)
    frame = page.locator(".frame")
    width = float(frame.get_attribute("width"))
    assert width == pytest.approx(160, abs=0.1)
    page.keyboard.press("Enter")
    drawn = page.locator(".spot.drawn rect")
    sync_api.expect(drawn).to_have_count(1)
    assert float(drawn.get_attribute("width")) == pytest.approx(width, abs=0.5)


def filled_by_the_commands(folder: Path, tmp_path: Path) -> None:
    """The guide that the screen saved goes through fill, extract and verify."""
    project = Project.at(folder)
    (guide_id,) = set(project.guide_ids()) - set(Project((installed_data(),)).guide_ids())
    guide = project.guide(guide_id)
    assert (folder / SOURCE_DOCS / f"{guide_id}.pdf").is_file()
    shop = next(one.id for one in guide.fields.values() if one.label == "Magasin")
    asked = next(one for one in guide.fields.values() if one.options)
    answers = {guide.candidate[0]: "Durand", shop: "Lyon", asked.id: asked.options[1]}
    fiche = tmp_path / "fiche.xlsx"
    write_fiche(fiche, guide, Answers({key: Answer(one) for key, one in answers.items()}))

    def run(*words: object) -> Any:
        return CliRunner().invoke(program, ["--project", str(folder), *map(str, words)])

    made = run("new", "--guide", guide_id, "-o", tmp_path / "new.xlsx")
    assert made.exit_code == 0, made.output
    done = run("fill", fiche, "--guide", guide_id, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    (issued,) = (tmp_path / "out").glob("*/*_v1.pdf")
    proof = run("verify", issued, fiche, "--guide", guide_id, "--json")
    assert proof.exit_code == 0 and json.loads(proof.stdout)["proved"] is True, proof.output


@pytest.mark.parametrize("size", [TABLET, LAPTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_screens_of_a_form_are_accessible_and_fit(
    open_page: Callable[..., Any], server: Server, size: tuple[int, int], scheme: str
) -> None:
    demo = installed_data() / SOURCE_DOCS / "demo-conducteur-equipements.pdf"
    page = open_page(size, color_scheme=scheme)
    page.goto(f"{server.address}/formulaires")
    looked_at(page, size)
    page.set_input_files("input[type=file]", str(demo))
    page.get_by_role("button", name="Repérer").click()
    page.wait_for_url("**/formulaire/*")
    page.locator(".place").first.get_by_role("button", name="Enlever").click()
    sync_api.expect(page.locator(".place.todo")).to_have_count(1)
    looked_at(page, size)
    # However long the list, the pages are in view with it.
    page.evaluate("scrollTo(0, 0)")
    place, sheet = page.locator(".place.todo").bounding_box(), page.locator(".sheet").first
    assert 0 <= place["y"] < size[1] and sheet.bounding_box()["y"] < size[1] / 2
    address = page.url.split("#")[0]
    for path in ("/questions", "/essai"):
        page.goto(address + path)
        looked_at(page, size)
