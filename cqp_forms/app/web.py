"""The application: its addresses, and what all its pages share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from cqp_forms.app.folder import Folder, ListedCandidate
from cqp_forms.app.guard import Guard, Secrets
from cqp_forms.app.preview import Previews
from cqp_forms.app.production import Producer
from cqp_forms.blocks import plain
from cqp_forms.errors import CqpError
from cqp_forms.examine import OpenedSource
from cqp_forms.project import DEFAULT_GUIDE
from cqp_forms.typography import spaced

if TYPE_CHECKING:
    from cqp_forms.app.form_pages import FormPages
    from cqp_forms.app.own_forms import OwnForms

#: Seconds after which the first page is there: until then, nothing else is done.
_QUIET = 1.5
_HERE = Path(__file__).parent


@dataclass
class Screen:
    """What the pages work with."""

    folder: Folder
    secrets: Secrets
    previews: Previews
    producer: Producer
    templates: Environment
    examined: dict[str, OpenedSource] = field(default_factory=dict)
    #: The pages of the received document that is looked at, where it has none of its own.
    laid_out: dict[str, FormPages] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Folder, secrets: Secrets) -> Screen:
        """A screen on a folder."""
        templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters["spaced"] = spaced
        templates.filters["plain"] = plain
        templates.filters["begun"] = lambda text: text[:1].upper() + text[1:]
        return cls(folder, secrets, Previews(folder), Producer(folder), templates)

    @cached_property
    def forms(self) -> OwnForms:
        """The forms of one's own that wait in the folder."""
        from cqp_forms.app.own_forms import OwnForms

        return OwnForms(self.folder)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page; every template knows the folder's name and the token of forms."""
        return HTMLResponse(
            self.templates.get_template(template).render(
                folder_name=self.folder.path.name or str(self.folder.path),
                jeton=self.secrets.form_token,
                **values,
            ),
            status,
        )

    def required(self, request: Request) -> ListedCandidate:
        """The candidate that an address names.

        Raises:
            HTTPException: nobody is called that any more (404).
        """
        found = self.folder.candidate(request.path_params["id"])
        if found is None:
            raise HTTPException(404, "Cette fiche n’est plus dans le dossier.")
        return found


def screen_of(request: Request) -> Screen:
    """What the application was made with."""
    screen: Screen = request.app.state.screen
    return screen


def posted(
    handle: Callable[[Request, FormData], Response], max_fields: int = 1000
) -> Callable[[Request], Awaitable[Response]]:
    """What answers a form: it is read here, and handled in a thread, since files are written."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(handle, request, await request.form(max_fields=max_fields))

    return endpoint


def redirect(path: str) -> RedirectResponse:
    """Go and see another page after a form."""
    return RedirectResponse(path, 303)


def _told(request: Request, error: Exception) -> Response:
    """An expected failure as a page; of JSON, where the page's script asked."""
    status = error.status_code if isinstance(error, HTTPException) else 422
    message = error.detail if isinstance(error, HTTPException) else str(error)
    if isinstance(error, HTTPException) and status == 404 and message == "Not Found":
        message = "Cette page n’existe pas."
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": message}, status)
    lines = message.split("\n")
    return screen_of(request).page(
        "erreur.html", status, message=lines[0], remedies=[one.lstrip("→ ") for one in lines[1:]]
    )


def make_app(screen: Screen) -> ASGIApp:
    """The application, guarded."""
    from cqp_forms.app import (
        pages_fiche,
        pages_files,
        pages_form,
        pages_issue,
        pages_received,
        pages_session,
    )

    routes = [
        *pages_session.ROUTES,
        *pages_fiche.ROUTES,
        *pages_issue.ROUTES,
        *pages_files.ROUTES,
        *pages_received.ROUTES,
        *pages_form.ROUTES,
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]
    handlers: Any = {CqpError: _told, HTTPException: _told}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.state.screen = screen
    return Guard(app, screen.secrets)


def warm_up(screen: Screen) -> None:
    """Compile the usual guide's blanks while the first page is looked at, once it is there."""

    def compiled() -> None:
        try:
            screen.folder.settings(DEFAULT_GUIDE)
        except CqpError:
            return  # told where somebody issues

    timer = Timer(_QUIET, compiled)
    timer.daemon = True
    timer.start()
