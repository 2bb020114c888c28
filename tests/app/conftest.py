"""A screen on a folder of its own, and a browser's requests to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from cqp_forms.answers import Answers
from cqp_forms.app.folder import Folder, hashed
from cqp_forms.app.guard import Secrets
from cqp_forms.app.web import Screen, make_app
from cqp_forms.guide import Guide
from cqp_forms.project import DEFAULT_GUIDE, installed_data
from cqp_forms.workbook.read import read_fiche

EXAMPLES = Path(__file__).parents[2] / "examples"
SECRETS = Secrets("a-token-of-the-tests", 8000)
NOW = datetime(2026, 6, 16, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))


@dataclass(repr=False)
class Browser:
    """A page of the screen, as its script talks to the server."""

    client: TestClient
    screen: Screen

    @property
    def path(self) -> Path:
        return self.screen.folder.path

    def id(self, name: str) -> str:
        """What pages call the candidate of a fiche."""
        return hashed(name)

    def state(self, name: str) -> dict[str, Any]:
        answer = self.client.get(f"/fiche/{self.id(name)}/etat", headers=JSON)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def answer(self, name: str, *edits: tuple[str, Any, Any], **more: Any) -> Any:
        """Answer some questions: key, what the page showed, what it is to be."""
        who = more.pop("who", None) or self.state(name)["who"]
        body = {"who": who, "edits": [dict(zip(EDIT, one, strict=True)) for one in edits]}
        return self.client.post(f"/fiche/{self.id(name)}/reponses", json=body | more, headers=JSON)

    def post(self, address: str, **kwargs: Any) -> Any:
        return self.client.post(address, **kwargs)


EDIT = ("key", "before", "after")
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="session")
def answers(guide: Guide) -> Answers:
    """A whole fiche's."""
    return read_fiche(EXAMPLES / "fiche-maitrisee.xlsx", guide).answers


@pytest.fixture(scope="session")
def compiled() -> Folder:
    """Has read the guide and compiled its blanks, for all tests."""
    folder = Folder(Path("/nowhere"), installed_data(), lambda: NOW)
    folder.settings(folder.guide(DEFAULT_GUIDE).id)
    return folder


@pytest.fixture
def browser(tmp_path: Path, compiled: Folder) -> Iterator[Browser]:
    folder = tmp_path / "session"
    folder.mkdir()
    screen = Screen.of(Folder(folder, installed_data(), lambda: NOW, "essai"), SECRETS)
    screen.folder._settings.update(compiled._settings)
    screen.folder._guides.update(compiled._guides)
    with TestClient(
        make_app(screen),
        base_url="http://127.0.0.1:8000",
        headers={"Origin": "http://127.0.0.1:8000", "X-Jeton": SECRETS.form_token},
        cookies={SECRETS.cookie: SECRETS.token},
    ) as client:
        yield Browser(client, screen)
    screen.producer.stop()
