"""Start the screen on a folder, once: a second start opens the first."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import uvicorn

from cqp_forms.app.folder import Folder, require_folder
from cqp_forms.app.guard import Secrets
from cqp_forms.app.web import Screen, make_app, warm_up
from cqp_forms.errors import OutputError, refusal

#: In the folder, while a screen is open on it: its port and token. Hidden, and for its owner alone.
LOCK = ".ecran.json"


def running(folder: Path) -> Secrets | None:
    """The screen that is open on a folder already, on this machine; ``None`` when none answers."""
    try:
        found = json.loads((folder / LOCK).read_text(encoding="utf-8"))
        there = Secrets(str(found["token"]), int(found["port"]))
        request = urllib.request.Request(
            f"http://127.0.0.1:{there.port}/production/etat",
            headers={"Cookie": f"{there.cookie}={there.token}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=3) as answer:
            return there if answer.status == 200 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def serve(
    folder: Path,
    project: Path,
    port: int,
    now: Callable[[], datetime],
    user: str,
    opened: Callable[[str], None],
) -> None:
    """Serve the screen until it is stopped.

    Args:
        folder: what it shows.
        project: where guides of the user's own are.
        port: 0 for any that is free.
        opened: told the address to open, once it answers.

    Raises:
        UsageError: there is no such folder.
        OutputError: it cannot be written, or the port is taken.
    """
    folder = require_folder(folder)
    there = running(folder)
    if there is not None:
        opened(there.entrance)
        return
    with _listening(port) as listener:
        known = Secrets(secrets.token_urlsafe(32), listener.getsockname()[1])
        screen = Screen.of(Folder(folder, project, now, user), known)
        config = uvicorn.Config(
            make_app(screen),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        with _locked(folder, known):
            warm_up(screen)
            opened(known.entrance)
            # Both ask it to end well: uvicorn raises them again once all is closed.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            try:
                with suppress(KeyboardInterrupt):
                    uvicorn.Server(config).run(sockets=[listener])
            finally:
                screen.producer.stop()


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """A socket of this machine alone, which no other program may share."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # on Windows this would let another program listen too
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        yield listener
    except OSError as cause:
        raise OutputError(
            f"l’écran ne peut pas s’ouvrir sur le port {port} ({refusal(cause)}).",
            remedy="Choisissez-en un autre, ou laissez le programme choisir : sans --port.",
        ) from cause
    finally:
        listener.close()


@contextmanager
def _locked(folder: Path, known: Secrets) -> Iterator[None]:
    path = folder / LOCK
    content = json.dumps({"port": known.port, "token": known.token})
    try:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(content)
    except OSError as cause:
        raise OutputError(
            f"ce dossier ne peut pas être écrit ({refusal(cause)}).",
            where=str(folder),
            remedy="Vérifiez vos droits, ou choisissez un autre dossier.",
        ) from cause
    try:
        yield
    finally:
        with suppress(OSError):
            if path.read_text(encoding="utf-8") == content:
                path.unlink()
