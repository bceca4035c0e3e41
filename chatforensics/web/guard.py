"""Who may ask: the door in front of every page.

The page is reached by an address that holds a secret, which the browser gets in exchange for a token that works once.
There are no cookies, so another site that makes this browser send a request has nothing to send along. Host,
Origin and Sec-Fetch-Site are held to this address, against names that were pointed at this machine (DNS rebinding) and
against posts from elsewhere.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_LONGEST = 2000  # characters of a path; ours are far shorter, and numbers without end are slow to read
_ASKING, _CHANGING = ("GET", "HEAD"), ("POST", "PUT")
_USED = (
    "This address was used already: it opens the page once. Go on in the window in which it was opened. If nobody here "
    "opened it, stop chatforensics in the terminal and start it again."
)
_CLOSED = "Open the page by the address that chatforensics printed when it was started."
_ELSEWHERE = "This request came from another page or by another name of this machine. Nothing was done."


@dataclass
class Keys:
    """The secrets of one run: a token that opens the page once, and the part of the address that is asked for then."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    used: bool = False

    def exchange(self, given: str) -> bool:
        """Tell whether this is the token and is used for the first time; from then on it is used."""
        if self.used or not hmac.compare_digest(given.encode(), self.token.encode()):
            return False
        self.used = True
        return True


class Guard:
    """Let through what has the secret and comes from this page; say in words what is refused."""

    def __init__(self, app: "ASGIApp", *, keys: Keys, host: str) -> None:
        """Guard an application that is reached at `host`, an address with its port."""
        self._app = app
        self._keys = keys
        self._host = host

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        if refused := _refuse_form(scope) or self._refuse(scope):
            await _answer(send, *refused)
            return
        if scope["path"] == "/":
            await self._open(scope, send)
            return
        prefix = f"/{self._keys.key}"
        inner = {**scope, "path": scope["path"].removeprefix(prefix), "raw_path": None, "page_root": prefix}
        await self._app(inner, receive, _with_headers(send))

    def _refuse(self, scope: "Scope") -> tuple[int, str] | None:
        """Return why a request is refused, if it is."""
        if _values(scope, b"host") != [self._host]:
            return 403, _ELSEWHERE
        site = _values(scope, b"sec-fetch-site")
        asking = scope["method"] in _ASKING
        if any(said not in (("same-origin", "none") if asking else ("same-origin",)) for said in site):
            return 403, _ELSEWHERE
        if not asking and _values(scope, b"origin") != [f"http://{self._host}"]:
            return 403, _ELSEWHERE
        if scope["path"] == "/" and asking:
            return None
        first = scope["path"].split("/", 2)[1] if scope["path"].count("/") > 1 else ""
        known = hmac.compare_digest(first.encode(), self._keys.key.encode())
        return None if known else (403, _CLOSED)

    async def _open(self, scope: "Scope", send: "Send") -> None:
        """Exchange the token for the address of the page; a browser that only looks ahead does not use it up."""
        given = scope["query_string"].decode("latin-1").removeprefix("token=")
        ahead = scope["method"] == "HEAD" or any("prefetch" in said for said in _values(scope, b"sec-purpose"))
        if ahead or not self._keys.exchange(given):
            was = self._keys.used and hmac.compare_digest(given.encode(), self._keys.token.encode())
            await _answer(send, 403, _USED if was else _CLOSED)
            return
        await _answer(send, 303, "", location=f"/{self._keys.key}/")


def _refuse_form(scope: "Scope") -> tuple[int, str] | None:
    """Return what is wrong with a request wherever it comes from."""
    if scope["method"] not in (*_ASKING, *_CHANGING):
        return 405, "This is not offered."
    return (414, "There is no address as long as this one.") if len(scope["path"]) > _LONGEST else None


def _values(scope: "Scope", name: bytes) -> list[str]:
    """Return every value that a request gives for a header."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _with_headers(send: "Send") -> "Send":
    """Add the headers that every answer bears, where a page has not set its own."""

    async def send_with(message: "Message") -> None:
        if message["type"] == "http.response.start":
            there = {key.lower() for key, _ in message["headers"]}
            message = {**message, "headers": [*message["headers"], *_list_headers(but=there)]}
        await send(message)

    return send_with


def _list_headers(*, but: "set[bytes] | frozenset[bytes]" = frozenset()) -> list[tuple[bytes, bytes]]:
    return [(key.encode(), value.encode()) for key, value in HEADERS.items() if key.encode() not in but]


async def _answer(send: "Send", status: int, words: str, *, location: str | None = None) -> None:
    page = (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>chatforensics</title>'
        f"<main><h1>chatforensics</h1><p>{escape(words)}</p></main></html>"
    ).encode()
    headers: Sequence[tuple[bytes, bytes]] = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(page)).encode()),
        *([(b"location", location.encode())] if location else []),
        *_list_headers(),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": page})
