"""The door: who gets in, by which names, from where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web.asgi import Headers, Told, ask

from chatforensics.web.guard import HEADERS, Guard, Keys

HOST = "127.0.0.1:4711"
KEYS = Keys(token="token-of-a-test", key="key-of-a-test", used=True)  # noqa: S106
PREFIX = "/key-of-a-test"


async def _inner(scope: dict[str, object], _receive: object, send: object) -> None:
    body = f"inside {scope['path']} {scope['page_root']}".encode()
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": body})  # type: ignore[operator]


def knock(method: str, path: str, *, keys: Keys = KEYS, headers: Headers = (("host", HOST),), query: str = "") -> Told:
    guard = Guard(_inner, keys=keys, host=HOST)  # type: ignore[arg-type] # an application of a test
    return ask(guard, method, path, headers=headers, query=query)


def test_the_token_opens_the_page_once_and_names_its_address() -> None:
    keys = Keys()
    first = knock("GET", "/", keys=keys, query=f"token={keys.token}")
    assert (first.status, first.headers["location"]) == (303, f"/{keys.key}/")
    second = knock("GET", "/", keys=keys, query=f"token={keys.token}")
    assert second.status == 403
    assert "used already" in second.body.decode()
    assert keys.key not in second.body.decode()


def test_a_browser_that_looks_ahead_does_not_use_the_token_up() -> None:
    keys = Keys()
    headers = (("host", HOST), ("sec-purpose", "prefetch"))
    assert knock("GET", "/", keys=keys, headers=headers, query=f"token={keys.token}").status == 403
    assert knock("HEAD", "/", keys=keys, query=f"token={keys.token}").status == 403
    assert knock("GET", "/", keys=keys, query=f"token={keys.token}").status == 303


@pytest.mark.parametrize("token", ["", "x", "token", "токен"])
def test_another_token_opens_nothing(token: str) -> None:
    assert knock("GET", "/", keys=Keys(), query=f"token={token}").status == 403


def test_with_the_secret_in_the_address_the_page_answers_with_every_header() -> None:
    told = knock("GET", f"{PREFIX}/c/ward/search")
    assert (told.status, told.body) == (200, f"inside /c/ward/search {PREFIX}".encode())
    assert {name: told.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in told.headers["content-security-policy"]
    assert "set-cookie" not in told.headers


@given(st.text(max_size=40))
def test_no_other_address_is_let_in(words: str) -> None:
    told = knock("GET", f"/{words}/x")
    assert told.status == 403 or words == KEYS.key


@pytest.mark.parametrize(
    "hosts",
    [
        [], ["evil.example:4711"], ["localhost:4711"], ["127.0.0.1"], ["127.0.0.1:80"], ["127.1:4711"],
        ["[::1]:4711"], ["127.0.0.1:4711.evil.example"], [HOST, "evil.example"], ["evil.example", HOST],
        [HOST + " "],
    ],
)  # fmt: skip
def test_only_its_own_name_is_answered_whatever_points_here(hosts: list[str]) -> None:
    assert knock("GET", f"{PREFIX}/", headers=[("host", host) for host in hosts]).status == 403


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://127.0.0.1", "https://127.0.0.1:4711", "http://localhost:4711"],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_nothing_is_changed_for_a_page_from_elsewhere(method: str, origin: str | None) -> None:
    headers = [("host", HOST), *([("origin", origin)] if origin is not None else [])]
    assert knock(method, f"{PREFIX}/stop", headers=headers).status == 403


def test_its_own_forms_are_let_in() -> None:
    headers = (("host", HOST), ("origin", f"http://{HOST}"), ("sec-fetch-site", "same-origin"))
    assert knock("POST", f"{PREFIX}/stop", headers=headers).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_a_browser_says_comes_from_elsewhere_is_refused(method: str, site: str) -> None:
    headers = (("host", HOST), ("origin", f"http://{HOST}"), ("sec-fetch-site", site))
    assert knock(method, f"{PREFIX}/", headers=headers).status == 403


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "get"])
def test_other_methods_are_refused(method: str) -> None:
    assert knock(method, f"{PREFIX}/").status == 405


@given(st.text(), st.text())
def test_a_refusal_repeats_nothing_of_what_was_asked(path: str, query: str) -> None:
    told = knock("GET", f"/{path}<script>", query=query)
    assert b"<script>" not in told.body
    assert KEYS.key.encode() not in told.body
