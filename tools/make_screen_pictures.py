"""Make the pictures of the screen in ``docs/images`` again, in a real browser.

Run it from the checkout: ``python tools/make_screen_pictures.py``. It needs Chromium, and what the
tests bring along: playwright and Pillow.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from cqp_forms.answers import Answer, Answers, Verdict
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.project import SOURCE_DOCS, Project
from cqp_forms.workbook.read import read_fiche
from cqp_forms.workbook.write import write_fiche

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1366, "height": 768}
DEMO = ROOT / SOURCE_DOCS / "demo-conducteur-equipements.pdf"
WHY = "Aucune insatisfaction sur la période observée."

#: Reference, names, company.
CANDIDATES = {
    "BERNARD_Malo": ("2026-TC-0038", "Bernard", "Malo", "Résines & Solvants de l’Ouest"),
    "DURAND_Lea": ("2026-TC-0031", "Durand-Çelik", "Léa", "Résines & Solvants de l’Ouest"),
    "LEROUX_Ines": ("2026-TC-0041", "Leroux", "Inès", "Chimie Fine du Léman"),
    "NGUYEN_Linh": ("2026-TC-0042", "Nguyen", "Linh", "Tensioactifs du Rhône"),
    "NGUYEN_Duc": ("2026-TC-0032", "Nguyễn", "Đức Minh", "Tensioactifs du Rhône"),
    "PETIT_Aurelie": ("2026-TC-0044", "Petit", "Aurélie", "Colorants de Seine"),
    "SOW_Amadou": ("2026-TC-0045", "Sow", "Amadou", "Peintures Atlantique"),
}
ISSUED = ("DURAND_Lea", "NGUYEN_Duc")


def put_fiches(folder: Path, guide: Guide) -> None:
    """One fiche not begun, one begun, one that contradicts itself, two ready, two issued."""
    whole = read_fiche(ROOT / "examples" / "fiche-maitrisee.xlsx", guide).answers
    for name, identity in CANDIDATES.items():
        given = dict(
            zip(("dossier.reference", *_identity(guide)), map(Answer, identity), strict=True)
        )
        fields = dict(whole.by_field) | given
        if name == "BERNARD_Malo":
            fields = given
        elif name == "NGUYEN_Linh":
            late = ("c3.", "c4.", "c5.", "c6.")
            fields = {key: one for key, one in fields.items() if not key.startswith(late)}
            fields["c2.1.2"] = Answer(Verdict.NA, WHY)
        elif name == "PETIT_Aurelie":
            fields["c4.2.1"] = Answer(Verdict.NON)
        write_fiche(folder / f"{name}.xlsx", guide, Answers(fields))


def _identity(guide: Guide) -> tuple[str, ...]:
    texts = (one.id for one in guide.of_kind(FieldKind.TEXT) if one.id.startswith("candidat."))
    return tuple(texts)


def command(folder: Path, *words: str) -> list[str]:
    """The program, on a project folder of its own."""
    return [sys.executable, "-m", "cqp_forms", "--project", str(folder), *words]


@contextmanager
def screen(folder: Path) -> Iterator[Any]:
    """A page of the browser that shows the folder."""
    server = subprocess.Popen(
        command(folder, "app", str(folder), "--no-browser"), stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    entrance = server.stdout.readline().strip()
    try:
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport=SIZE, locale="fr-FR")
            page.goto(entrance)
            yield page
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


def keep(page: Any, name: str) -> None:
    """Save what is seen, in few colours."""
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture = picture.convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE, colors=128)
    picture.save(IMAGES / f"{name}.png", optimize=True)


def main() -> None:
    """Make them all."""
    guide = Project.at(ROOT).guide()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "Session de juin 2026"
        folder.mkdir()
        put_fiches(folder, guide)
        for one in ISSUED:
            fill = command(folder, "-q", "fill", str(folder / f"{one}.xlsx"))
            subprocess.run([*fill, "-o", str(folder / "output")], check=True, capture_output=True)
        with screen(folder) as page:
            keep(page, "ecran-session")
            home = page.url
            page.get_by_role("link", name="NGUYEN Linh").click()
            page.locator("[data-section=C2]").click()
            keep(page, "ecran-fiche")
            page.goto(home)
            page.get_by_role("link", name="PETIT").click()
            page.locator("#controle").click()
            page.locator(".to-page").first.click()
            page.wait_for_timeout(1000)
            keep(page, "ecran-controle")
            page.goto(f"{home}formulaires")
            page.set_input_files("input[type=file]", str(DEMO))
            page.get_by_label("Son titre").fill("Conduite d’équipements")
            page.get_by_role("button", name="Repérer").click()
            page.wait_for_url("**/formulaire/*")
            row = page.locator(".place", has_text="respectées").first
            row.get_by_role("button", name="Enlever").click()
            page.locator(".place.todo").wait_for()
            page.evaluate("document.querySelector('.spot.free').scrollIntoView({block: 'center'})")
            page.wait_for_timeout(500)
            keep(page, "ecran-formulaire")


if __name__ == "__main__":
    main()
