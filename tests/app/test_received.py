"""What comes back to the screen: the signed copy of an issued guide."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from examining_tools import edit_docx, set_box
from returns_support import FICHE, guide_of, rows, run
from signers import AREAS, sign, signed_by_all

from cqp_forms.pdf.raster import Raster

from .conftest import Browser

#: How the first criterion of the guide begins.
CRITERION = "Les informations sur"


@pytest.fixture
def issued(browser: Browser) -> Path:
    """The output folder of the screen, with one guide."""
    out = browser.screen.folder.output
    assert run("fill", FICHE, "-o", out, "--format", "pdf").exit_code == 0
    return out


def dropped(browser: Browser, content: bytes, name: str = "rendu.pdf") -> str:
    answer = browser.client.post(
        "/deposer", files={"fichiers": (name, content)}, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def words(answer: Any) -> str:
    return " ".join(re.sub("<[^>]+>", " ", answer.text).split())


def test_a_signed_copy_is_taken_back(browser: Browser, issued: Path) -> None:
    address = dropped(browser, signed_by_all(guide_of(issued).read_bytes()))
    assert "Reprendre l’exemplaire signé" in words(browser.client.get(address))
    told = words(browser.client.post(f"{address}/signe"))
    assert "entré" in told.casefold() and told.count("intacte") == 3
    assert rows(issued) == [f"{guide_of(issued).stem}_signe.pdf"]
    # It waits no more, and the list of candidates knows that it is signed.
    assert browser.client.get(address).status_code == 404
    assert "signée v1" in words(browser.client.get("/"))


def test_what_is_still_to_be_signed_is_said(browser: Browser, issued: Path) -> None:
    address = dropped(browser, sign(guide_of(issued).read_bytes(), AREAS[0]))
    told = words(browser.client.post(f"{address}/signe"))
    assert "Il manque la signature de" in told
    assert len(rows(issued)) == 1


def test_a_copy_that_nobody_signed_is_not_taken(browser: Browser, issued: Path) -> None:
    address = dropped(browser, guide_of(issued).read_bytes())
    told = words(browser.client.post(f"{address}/signe"))
    assert "n’a pas été repris" in told and "personne ne l’a signé" in told.casefold()
    assert rows(issued) == []
    # It can still become a fiche.
    assert browser.client.get(address).status_code == 200


def test_without_a_register_nothing_can_be_taken_back(browser: Browser, issued: Path) -> None:
    content = signed_by_all(guide_of(issued).read_bytes())
    for one in issued.glob("registre.sqlite*"):
        one.unlink()
    address = dropped(browser, content)
    assert "Reprendre l’exemplaire" not in words(browser.client.get(address))
    answer = browser.client.post(f"{address}/signe")
    assert answer.status_code == 422
    assert not list(issued.glob("registre.sqlite"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_doubt_in_a_word_document_is_shown_on_its_page(browser: Browser) -> None:
    out = browser.screen.folder.output
    assert run("fill", FICHE, "-o", out, "--format", "docx").exit_code == 0
    (path,) = out.glob("*/*_v1.docx")
    both = edit_docx(path.read_bytes(), lambda xml: set_box(xml, "c1.1.1.non", True))
    address = dropped(browser, both, "rendu.docx")
    page = browser.client.get(address)
    assert "À trancher" in words(page)
    (shown,) = re.findall(r"Voir toute la page (\d+)", page.text)
    picture = browser.client.get(f"{address}/page/{shown}.png")
    assert picture.content.startswith(b"\x89PNG")
    (top,) = re.findall(r'<rect x="[\d.]+" y="([\d.]+)"', page.text)
    (laid,) = browser.screen.laid_out.values()
    with Raster(laid.content) as pages:
        rows = [one for one in pages.lines(int(shown) - 1) if CRITERION in one.text]
        high = pages.size(int(shown) - 1)[1]
    assert any(abs(1 - one.rect.y0 / high - float(top)) < 0.04 for one in rows)
