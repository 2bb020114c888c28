"""Nobody but the page that this program opened talks to the screen."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from fiches import put_fiche
from starlette.testclient import TestClient

from cqp_forms import limits
from cqp_forms.answers import Answers
from cqp_forms.app.guard import UPLOAD_PATH, Guard
from cqp_forms.app.web import make_app
from cqp_forms.guide import Guide

from .conftest import SECRETS, Browser

OWN = "http://127.0.0.1:8000"


@pytest.fixture
def bare(browser: Browser) -> TestClient:
    """A client that knows nothing."""
    return TestClient(make_app(browser.screen), base_url=OWN, follow_redirects=False)


def test_the_token_of_the_address_becomes_a_strict_cookie(bare: TestClient) -> None:
    welcome = bare.get(f"/?cle={SECRETS.token}")
    assert (welcome.status_code, welcome.headers["location"]) == (303, "/")
    cookie = welcome.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert bare.get("/").status_code == 200


@pytest.mark.parametrize(
    "address", ["/", "/?cle=", "/?cle=another", "/static/app.css", "/production"]
)
def test_without_the_token_nothing_is_shown(bare: TestClient, address: str) -> None:
    refused = bare.get(address)
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:8001", "127.0.0.1", "evil.example:8000", ""]
)
def test_another_host_is_refused(browser: Browser, host: str) -> None:
    assert browser.client.get("/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8000"},
        {"X-Jeton": "", "Origin": OWN},
        {"X-Jeton": SECRETS.token, "Origin": OWN},
    ],
)
def test_a_form_of_another_page_changes_nothing(browser: Browser, headers: dict[str, str]) -> None:
    sent = {"candidat.nom": "X", "candidat.prenom": "Y"}
    assert browser.post("/nouvelle", data=sent, headers=headers).status_code == 403
    assert not list(browser.path.iterdir())


def test_a_request_without_an_origin_changes_nothing(browser: Browser) -> None:
    del browser.client.headers["Origin"]
    assert browser.post("/nouvelle", data={"candidat.nom": "X"}).status_code == 403


def test_every_answer_says_what_a_browser_may_do(browser: Browser) -> None:
    for address in ("/", "/static/app.js", "/nulle-part", "/?cle=x"):
        headers = browser.client.get(address).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_a_request_that_is_too_large_is_stopped(browser: Browser) -> None:
    content = b"x" * (limits.REQUEST_BYTES + 1)
    assert browser.post("/nouvelle", content=content).status_code == 413

    def pieces() -> Any:
        for _ in range(20):
            yield content[: limits.REQUEST_BYTES // 10]

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post("/nouvelle", content=pieces(), headers=form).status_code == 413
    assert not list(browser.path.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.xlsx",
        "..\\evil.xlsx",
        "/etc/evil.xlsx",
        ".evil.xlsx",
        "C:\\evil.xlsx",
        "con.xlsx",
        "a" * 400 + ".xlsx",
        "~$x.xlsx",
        "\x00\n.xlsx",
    ],
)
def test_a_name_is_never_a_path(
    browser: Browser, guide: Guide, answers: Answers, tmp_path: Path, name: str
) -> None:
    content = put_fiche(tmp_path, guide, answers, "source.xlsx").read_bytes()
    before = {*tmp_path.rglob("*")}
    browser.post(UPLOAD_PATH, files=[("fichiers", (name, io.BytesIO(content)))])
    (made,) = {*tmp_path.rglob("*")} - before
    assert made.parent == browser.path
    assert made.read_bytes() == content
    assert made.suffix == ".xlsx"
    assert len(made.name) <= 110
    assert not made.name.startswith((".", "~"))
    assert [one.path for one in browser.screen.folder.listing().candidates] == [made]


@pytest.mark.parametrize(
    "address",
    [
        "/fichier/registre.sqlite",
        "/fichier/..%2F..%2Fetc%2Fpasswd",
        "/fiche/..%2Ffiche",
        "/emis/0123456789abcdef",
        "/emis/0123456789abcdef/1/pdf",
        "/recu/..%2Fsource.pdf",
        "/static/../app.py",
        "/static/%2e%2e/web.py",
    ],
)
def test_nothing_outside_the_folder_is_sent(browser: Browser, address: str) -> None:
    assert browser.client.get(address).status_code == 404


def test_a_lock_file_of_the_folder_is_never_served(browser: Browser) -> None:
    (browser.path / ".ecran.json").write_text(json.dumps({"token": "secret"}))
    assert browser.client.get("/fichier/.ecran.json").status_code == 404


@pytest.mark.apart
def test_hostile_files_are_told_and_leave_nothing(browser: Browser, shared: Path) -> None:
    files = sorted((shared / "cases" / "hostile").iterdir())
    assert files
    for path in files:
        answer = browser.post(UPLOAD_PATH, files=[("fichiers", (path.name, path.read_bytes()))])
        assert answer.status_code in (200, 422), path.name
        assert "Traceback" not in answer.text
        assert not list(browser.path.glob(".depot-*")), path.name
    assert browser.client.get("/").status_code == 200


def test_websockets_are_not_spoken() -> None:
    reached = []

    async def app(*_: object) -> None:
        reached.append(1)

    import asyncio

    async def nothing(*_: object) -> Any:
        raise AssertionError

    asyncio.run(Guard(app, SECRETS)({"type": "websocket"}, nothing, nothing))
    assert not reached
