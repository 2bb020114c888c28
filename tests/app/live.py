"""The screen in a real browser: Debian's Chromium, driven by Playwright, on a folder of its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: What marks a module of stories.
STORY = [
    pytest.mark.apart,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.xdist_group("browser"),
]
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAPTOP, TABLET, TELEPHONE = (1366, 768), (820, 1180), (390, 844)


class Server:
    """The screen on a folder, as the command starts it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options = folder, options
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "cqp_forms", *self.options]
        command += ["app", str(self.folder), "--no-browser"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.entrance = self.process.stdout.readline().strip()
        self.address = self.entrance.split("/?")[0]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.communicate(timeout=20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "Session de juin"
    folder.mkdir()
    server = Server(folder)
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def open_page(chromium: Any, server: Server) -> Iterator[Any]:
    """Opens the screen; every request has to stay on the machine, and no script may fail."""
    contexts, requests, failures = [], [], []

    def opened(size: tuple[int, int] = LAPTOP, **more: Any) -> Any:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="fr-FR", **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(server.entrance)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert {url for url in requests if not url.startswith(("http://127.0.0.1:", "data:"))} == set()
    assert failures == []


def saved(page: Any) -> None:
    """Wait until the answer is in the file."""
    sync_api.expect(page.locator("#enregistre")).to_contain_text("Enregistré dans")


def accessible(page: Any) -> None:
    found = axe.Axe().run(page).response["violations"]
    told = [
        f"{one['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:300]}"
        for one in found
        for node in one["nodes"][:3]
    ]
    assert told == []


def looked_at(page: Any, size: tuple[int, int]) -> None:
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0], page.url
    accessible(page)
