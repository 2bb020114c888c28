"""Who may talk to the screen: this machine's browser, opened by this program, and no other page.

The server listens on 127.0.0.1 alone. A page of another origin can still send requests there, and a
name of an attacker's can be made to mean 127.0.0.1: so the Host is checked, a random token has to
come as a cookie that other sites' pages cannot send, and whatever changes something must come from
our own origin with a token of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cqp_forms import limits

#: Where files are dropped: the one address that takes more than a form.
UPLOAD_PATH = "/deposer"
#: Where a blank form of one's own comes in.
FORM_PATH = "/formulaires"

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not « no-referrer »: forms would come with the origin « null ».
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Secrets:
    """What a browser has to know.

    Attributes:
        token: random; comes once in the address that is opened, then as a cookie.
        port: the server's.
    """

    token: str
    port: int

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies do not tell ports apart."""
        return f"cqp_forms_{self.port}"

    @property
    def form_token(self) -> str:
        """What forms send back; it does not give the token away."""
        return hashlib.sha256(f"form {self.token}".encode()).hexdigest()[:32]

    @property
    def hosts(self) -> frozenset[str]:
        """The names by which the server is called."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    @property
    def entrance(self) -> str:
        """The address to open in the browser."""
        return f"http://127.0.0.1:{self.port}/?cle={self.token}"


class Guard:
    """Lets requests through to the application, or refuses them."""

    def __init__(self, app: ASGIApp, secrets: Secrets) -> None:
        self._app, self._secrets = app, secrets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request (the ASGI interface)."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refused = self._answer(scope)
        if refused is not None:
            await refused(scope, receive, _with_headers(send))
            return
        limit = (
            limits.UPLOAD_BYTES
            if scope["path"] in (UPLOAD_PATH, FORM_PATH)
            else limits.REQUEST_BYTES
        )
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > limit:
            await PlainTextResponse(_TOO_LARGE, 413)(scope, receive, _with_headers(send))
            return
        await self._app(scope, _bounded(receive, limit), _with_headers(send))

    def _answer(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further."""
        headers = Headers(scope=scope)
        secrets = self._secrets
        if headers.get("host") not in secrets.hosts:
            return _refused("Cette adresse n’est pas celle de l’écran.")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if key := query.get("cle"):
            if scope["method"] == "GET" and compare_digest(key[0].encode(), secrets.token.encode()):
                return self._welcome()
            return _refused(_REOPEN)
        if not compare_digest(_cookie(headers, secrets.cookie).encode(), secrets.token.encode()):
            return _refused(_REOPEN)
        if scope["method"] in ("GET", "HEAD"):
            return None
        origin = headers.get("origin")
        if origin is None or origin.removeprefix("http://") != headers.get("host"):
            return _refused("Cette demande ne vient pas de l’écran lui-même.")
        sent = headers.get("x-jeton") or query.get("jeton", [""])[0]
        if not compare_digest(sent.encode(), secrets.form_token.encode()):
            return _refused("Cette page est périmée : rechargez-la.")
        return None

    def _welcome(self) -> Response:
        response = RedirectResponse("/", 303)
        response.set_cookie(
            self._secrets.cookie, self._secrets.token, httponly=True, samesite="strict"
        )
        return response


_REOPEN = (
    "Cette page n’a pas été ouverte par le programme. Ouvrez-la par « Guides CQP », ou par la "
    "commande « cqp-forms app »."
)
_TOO_LARGE = "C’est trop volumineux : déposez moins de fichiers à la fois."


def _refused(why: str) -> Response:
    return PlainTextResponse(why, 403)


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _bounded(receive: Receive, limit: int) -> Receive:
    """The same request, stopped when more comes than it may have."""
    total = 0

    async def bounded() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return with_headers
