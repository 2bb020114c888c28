"""Stories told in a real browser, on real folders: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from examining_tools import edit_docx, set_box
from fiches import put_fiche
from returns_support import run

from cqp_forms.answers import Answer, Answers
from cqp_forms.findings import Code
from cqp_forms.guide import Guide
from cqp_forms.workbook.patch import set_cells
from cqp_forms.workbook.read import read_fiche

from .live import (
    LAPTOP,
    STORY,
    TABLET,
    TELEPHONE,
    Server,
    accessible,
    chromium,
    looked_at,
    open_page,
    saved,
    server,
    sync_api,
)

__all__ = ["chromium", "open_page", "server"]  # fixtures

pytestmark = STORY


def value(path: Path, guide: Guide, key: str) -> Any:
    return read_fiche(path, guide).answers.canonical().get(key)


def test_an_evaluator_answers_and_issues_by_keyboard_alone(
    open_page: Any, server: Server, guide: Guide, answers: Answers
) -> None:
    path = put_fiche(
        server.folder, guide, answers, "fiche.xlsx", c1__1__1=None, c1__1__2=None, c6__4__2=None
    )
    page = open_page()
    page.reload()
    page.get_by_role("link", name="DURAND").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/fiche/*")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("o")
    saved(page)
    assert value(path, guide, "c1.1.1") == "OUI"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("n")
    sync_api.expect(page.locator('[id="c1.1.2"] input[value=NON]')).to_be_checked()
    page.keyboard.press("Control+z")
    page.keyboard.press("a")
    # The reason is asked at once: the cursor is in its box.
    page.keyboard.type("Poste sans déplacement.")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    sync_api.expect(page.locator("#etat-libelle")).to_have_text("prête")
    read = read_fiche(path, guide).answers
    assert read.canonical()["c1.1.2"] == "NA"
    assert read.comment("c1.1.2") == "Poste sans déplacement."
    assert read.canonical()["c6.4.2"] == "OUI"
    page.locator("#controle").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Émettre le guide").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/emis/*")
    assert "Poste sans déplacement." in page.locator("#notes").inner_text()
    assert len(list(server.folder.glob("output/*/*_v1.*"))) == 2


def test_an_interview_on_a_tablet_by_touch(
    open_page: Any, server: Server, guide: Guide, answers: Answers
) -> None:
    path = put_fiche(server.folder, guide, answers, "fiche.xlsx", c3__1__1=None)
    page = open_page(TABLET, has_touch=True)
    page.reload()
    page.get_by_role("link", name="DURAND").tap()
    page.locator("[data-section=C3]").tap()
    target = page.locator('[id="c3.1.1"] .choice.non')
    box = target.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    target.tap()
    saved(page)
    assert value(path, guide, "c3.1.1") == "NON"
    # MAÎTRISÉE with a NON: told beside the result, at once.
    told = page.locator('[id="c3.resultat"] .finding.error')
    sync_api.expect(told).to_be_visible()
    page.locator('[id="c3.resultat"] .choice.non_maitrisee').tap()
    sync_api.expect(told).to_have_count(0)
    assert value(path, guide, "c3.resultat") == "NON_MAITRISEE"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= TABLET[0]


def test_a_session_of_twelve_with_two_broken_fiches(
    open_page: Any, server: Server, guide: Guide, answers: Answers
) -> None:
    for number in range(10):
        name = f"Candidat{number}"
        put_fiche(
            server.folder,
            guide,
            answers,
            f"{number}.xlsx",
            candidat__nom=name,
            dossier__reference=str(number),
        )
    broken = {"candidat__nom": "Zola", "dossier__reference": "z", "c3__1__1": None}
    path = put_fiche(server.folder, guide, answers, "z.xlsx", **broken)
    (server.folder / "abime.xlsx").write_bytes(b"PK\x03\x04")
    page = open_page()
    page.get_by_role("button", name=re.compile("Produire les 10")).wait_for()
    page.get_by_role("searchbox").fill("zola")
    sync_api.expect(page.locator("tbody tr:visible")).to_have_count(1)
    page.get_by_role("button", name=re.compile("Produire les 10")).click()
    page.reload()
    page.get_by_role("heading", name="Production terminée").wait_for(timeout=60_000)
    assert "10 émis" in page.locator(".lead").inner_text().replace("\u00a0", " ")
    assert "abime.xlsx" in page.locator("main").inner_text()
    accessible(page)
    page.get_by_role("link", name=re.compile("c3.1.1")).click()
    page.locator('[id="c3.1.1"] .choice.oui').click()
    saved(page)
    assert value(path, guide, "c3.1.1") == "OUI"


def test_a_correction(open_page: Any, server: Server, guide: Guide, answers: Answers) -> None:
    put_fiche(server.folder, guide, answers, "fiche.xlsx")
    page = open_page()
    page.reload()
    page.get_by_role("link", name="DURAND").click()
    page.locator("#controle").click()
    page.get_by_role("button", name="Émettre le guide").click()
    page.wait_for_url("**/emis/*")
    page.get_by_role("link", name="Corriger").click()
    page.locator("[data-section=Observations]").click()
    remark = page.locator("[data-key='remarques.autre']")
    remark.fill("Une remarque ajoutée.")
    saved(page)
    page.locator("#controle").click()
    assert "Une remarque ajoutée." in page.locator(".changes").inner_text()
    page.get_by_label("Motif").fill("Remarque oubliée")
    page.get_by_role("button", name="Émettre la version 2").click()
    page.wait_for_url("**/emis/*")
    assert "version 2" in page.locator("h1").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Liste des modifications").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    accessible(page)


def test_two_tabs_on_one_fiche(
    open_page: Any, server: Server, guide: Guide, answers: Answers
) -> None:
    path = put_fiche(server.folder, guide, answers, "fiche.xlsx", c1__1__1=None, c1__1__2=None)
    first = open_page()
    first.reload()
    first.get_by_role("link", name="DURAND").click()
    first.locator("[data-section=C1]").click()
    second = first.context.new_page()
    second.goto(first.url)
    first.locator('[id="c1.1.1"] .choice.non').click()
    saved(first)
    sync_api.expect(second.locator('[id="c1.1.1"] input[value=NON]')).to_be_checked()
    second.locator('[id="c1.1.2"] .choice.oui').click()
    saved(second)
    assert (value(path, guide, "c1.1.1"), value(path, guide, "c1.1.2")) == ("NON", "OUI")


def test_the_same_answer_changed_in_excel_meanwhile_is_asked(
    open_page: Any, server: Server, guide: Guide, answers: Answers
) -> None:
    path = put_fiche(server.folder, guide, answers, "fiche.xlsx", c1__1__1=None)
    place = read_fiche(path, guide).answers.place("c1.1.1")
    assert place is not None
    page = open_page()
    page.reload()
    page.get_by_role("link", name="DURAND").click()
    page.locator("[data-section=C1]").click()
    page.route("**/etat*", lambda route: route.abort())  # the page has not looked yet
    path.write_bytes(set_cells(path.read_bytes(), {(place.sheet, place.cell): "NON"}))
    page.locator('[id="c1.1.1"] .choice.oui').click()
    question = page.get_by_role("alert")
    question.wait_for()
    assert value(path, guide, "c1.1.1") == "NON"
    accessible(page)
    question.get_by_role("button", name="Celle d’ici").click()
    saved(page)
    assert value(path, guide, "c1.1.1") == "OUI"


def test_a_fiche_that_excel_has_open(
    open_page: Any, server: Server, guide: Guide, answers: Answers
) -> None:
    path = put_fiche(server.folder, guide, answers, "fiche.xlsx", c1__1__1=None)
    page = open_page()
    page.reload()
    page.get_by_role("link", name="DURAND").click()
    page.locator("[data-section=C1]").click()
    owner = path.with_name("~$fiche.xlsx")
    owner.write_bytes(b"")
    page.locator('[id="c1.1.1"] .choice.oui').click()
    sync_api.expect(page.locator("#attente")).to_contain_text("Excel")
    assert value(path, guide, "c1.1.1") is None
    (waiting,) = read_fiche(path, guide).findings
    assert waiting.code is Code.WAITING_ANSWERS
    page.reload()
    assert page.locator('[id="c1.1.1"] input[value=OUI]').is_checked()
    owner.unlink()
    sync_api.expect(page.locator("#attente")).to_be_hidden()
    assert value(path, guide, "c1.1.1") == "OUI"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_in_the_middle(
    open_page: Any, server: Server, guide: Guide, answers: Answers
) -> None:
    """Killed while answers are saved, and while guides are issued: whole, and it goes on."""
    for number in range(12):
        put_fiche(
            server.folder,
            guide,
            answers,
            f"{number}.xlsx",
            candidat__nom=f"Nom{number}",
            dossier__reference=str(number),
        )
    page = open_page()
    page.reload()
    page.get_by_role("link", name="NOM0 ").click()
    page.locator("[data-section=C1]").click()
    for number in range(1, 4):
        page.locator(f'[id="c1.1.{number}"] .choice.non').click()
    server.stop(signal.SIGKILL)
    read_fiche(server.folder / "0.xlsx", guide)
    page.context.close()
    server.start()
    page = open_page()
    page.get_by_role("button", name=re.compile("Produire")).wait_for()
    page.get_by_role("button", name=re.compile("Produire")).click()
    time.sleep(1.5)
    server.stop(signal.SIGKILL)
    server.start()
    page = open_page()
    # Unless all were issued before the end, there is something left to produce.
    with contextlib.suppress(sync_api.TimeoutError):
        page.get_by_role("button", name=re.compile("Produire")).click(timeout=10_000)
        page.get_by_role("heading", name="Production terminée").wait_for(timeout=60_000)
    issued = sorted(one.name for one in server.folder.glob("output/*/*_v1.pdf"))
    ready = 12 - (read_fiche(server.folder / "0.xlsx", guide).answers != answers and 1)
    assert len(issued) >= ready - 1
    assert not list(server.folder.glob("output/*/*_v2.*"))
    assert len(issued) == len(list(server.folder.glob("output/*/*_v1.docx")))


class _Hostile(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>hostile</h1>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_page_of_another_origin_can_do_nothing(
    open_page: Any, server: Server, guide: Guide, answers: Answers
) -> None:
    path = put_fiche(server.folder, guide, answers, "fiche.xlsx")
    page = open_page()
    token = page.locator("meta[name=jeton]").get_attribute("content")
    content = path.read_bytes()
    hostile = HTTPServer(("127.0.0.1", 0), _Hostile)
    threading.Thread(target=hostile.serve_forever, daemon=True).start()
    try:
        page.goto(f"http://127.0.0.1:{hostile.server_port}/")
        script = """async ([address, token]) => {
            const tries = [];
            const credentials = "include";
            for (const one of ["/", "/static/app.js"]) {
                const read = fetch(address + one, {credentials});
                tries.push(await read.then(() => "read", () => "no"));
            }
            const body = new URLSearchParams({"candidat.nom": "Pirate"});
            const target = `${address}/nouvelle?jeton=${token}`;
            for (const mode of ["cors", "no-cors"])
                await fetch(target, {method: "POST", mode, credentials, body}).catch(() => 0);
            const frame = document.createElement("iframe");
            frame.src = address;
            document.body.append(frame);
            await new Promise((done) => (frame.onload = done));
            let seen = "no";
            try { seen = frame.contentDocument ? "read" : "no"; } catch {}
            return [...tries, seen];
        }"""
        assert page.evaluate(script, [server.address, token]) == ["no", "no", "no"]
    finally:
        hostile.shutdown()
    assert [one.name for one in server.folder.glob("*.xlsx")] == ["fiche.xlsx"]
    assert path.read_bytes() == content


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, TABLET, TELEPHONE])
def test_every_screen_is_accessible_and_fits(
    open_page: Any,
    server: Server,
    guide: Guide,
    answers: Answers,
    size: tuple[int, int],
    scheme: str,
) -> None:
    na = dict(answers.by_field) | {"c1.1.1": Answer("NA", "Sans objet.")}
    put_fiche(server.folder, guide, answers, "a.xlsx", c1__1__1=None, c2__1__1=None)
    put_fiche(
        server.folder, guide, Answers(na), "b.xlsx", dossier__reference="b", candidat__nom="Bé"
    )
    page = open_page(size, color_scheme=scheme)
    page.reload()
    for address in ("/", "/nulle-part"):
        page.goto(server.address + address)
        looked_at(page, size)
    page.goto(server.address)
    page.get_by_role("link", name="DURAND").click()
    fiche = page.url
    for section in ("Candidat", "C1", "C5", "Observations", "Signataires"):
        page.goto(f"{fiche}#{section}")
        looked_at(page, size)
    page.goto(f"{fiche}/controle")
    looked_at(page, size)
    page.goto(server.address)
    page.get_by_role("link", name="BÉ").click()
    page.goto(f"{page.url.split('#')[0]}/controle")
    looked_at(page, size)
    page.get_by_role("button", name="Émettre le guide").click()
    page.wait_for_url("**/emis/*")
    looked_at(page, size)


def test_a_second_start_opens_the_first(server: Server) -> None:
    command = [sys.executable, "-m", "cqp_forms", "app", str(server.folder), "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == server.entrance
    server.stop()
    assert not (server.folder / ".ecran.json").exists()
    server.start()
    assert server.address


@pytest.mark.parametrize("size", [LAPTOP, TABLET, TELEPHONE])
def test_a_guide_that_comes_back_is_looked_at(
    open_page: Any, server: Server, guide: Guide, answers: Answers, size: tuple[int, int]
) -> None:
    fiche = put_fiche(server.folder, guide, answers, "a.xlsx")
    out = server.folder / "output"
    assert run("fill", fiche, "-o", out).exit_code == 0
    (word,) = out.glob("*/*_v1.docx")
    both = edit_docx(word.read_bytes(), lambda xml: set_box(xml, "c1.1.1.non", True))
    (server.folder / "rendu.docx").write_bytes(both)
    page = open_page(size)
    page.set_input_files("#fichiers", str(server.folder / "rendu.docx"))
    page.wait_for_url("**/recu/*")
    sync_api.expect(page.get_by_role("heading", name="À trancher")).to_be_visible()
    looked_at(page, size)
    page.goto(server.address)
    (printed,) = out.glob("*/*_v1.pdf")
    page.set_input_files("#fichiers", str(printed))
    page.wait_for_url("**/recu/*")
    looked_at(page, size)
    page.get_by_role("button", name="Reprendre l’exemplaire signé").click()
    sync_api.expect(page.get_by_text("n’a pas été repris")).to_be_visible()
    looked_at(page, size)
