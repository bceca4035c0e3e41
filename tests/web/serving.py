"""The page as its users have it: a process of its own, an address that opens it once, and requests to it."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)")
TELL_VIOLATIONS = (
    "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI))"
)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def value(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A running page. `root` is its address with the secret, without a slash at its end."""

    process: "subprocess.Popen[str]"
    port: int
    token: str
    root: str = ""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        return f"http://{self.host}{self.root}"

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request to a path below the secret, as the page's own forms do."""
        return self.ask_raw(method, f"{self.root}{path}", body=body, headers=headers)

    def ask_raw(
        self,
        method: str,
        path: str,
        *,
        body: bytes | Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        content = body if isinstance(body, bytes) or body is None else urlencode(body, doseq=True).encode()
        own = {"origin": f"http://{self.host}"} if method in ("POST", "PUT") else {}
        if isinstance(body, Mapping):
            own["content-type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=content, headers={**own, **(headers or {})})
            answered = connection.getresponse()
            return Answer(answered.status, {k.lower(): v for k, v in answered.getheaders()}, answered.read())
        finally:
            connection.close()

    def open_root(self) -> None:
        """Exchange the token, as the browser does."""
        answered = self.ask_raw("GET", f"/?token={self.token}")
        assert answered.status == 303, answered
        self.root = answered.headers["location"].rstrip("/")

    def make_case(self, place: Path, title: str = "ward") -> str:
        """Make a case and return the beginning of its addresses below the secret."""
        answered = self.ask(
            "POST", "/cases", body={"folder": str(place / title)}, headers={"accept": "application/json"}
        )
        assert answered.status in (200, 201), answered.text
        return str(answered.value["base"]).removeprefix(self.root)

    def add(self, base: str, *exports: Path, wait_for: str = "receive") -> Any:
        """Upload exports into a case and wait until they are received, or analysed."""
        numbers = [
            self.ask("PUT", f"{base}/uploads?name={quote(path.name)}", body=path.read_bytes()).value["upload"]
            for path in exports
        ]
        job = self.ask("POST", f"{base}/receive", body={"uploads": numbers}).value["job"]
        done = self.wait(job)
        if wait_for == "analyse":
            self.wait_until_current(base)
        return done

    def wait(self, job: str, *, seconds: float = 120) -> Any:
        """Wait for a job's end and return what is told of it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            told = self.ask("GET", f"/jobs/{job}").value
            if told["state"] in ("done", "failed", "stopped"):
                return told
            time.sleep(0.1)
        raise AssertionError(told)

    def wait_until_current(self, base: str, *, seconds: float = 180) -> None:
        """Wait until the pages of a case rest on all that is in it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = self.ask("GET", f"{base}/state").value
            if state["current"]:
                return
            assert not state["job"] or state["job"]["state"] != "failed", state
            time.sleep(0.2)
        raise AssertionError(state)

    def kill(self) -> None:
        """End the page by force, as a crash does."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(*words: str | Path, opened: bool = True) -> Iterator[Served]:
    """Run the page as a process until the block ends."""
    command = [sys.executable, "-m", "chatforensics", "serve", "--no-browser", *map(str, words)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        assert process.stdout is not None
        found = _ADDRESS.search(process.stdout.readline())
        assert found is not None
        served = Served(process, int(found[1]), found[2])
        if opened:
            served.open_root()
        yield served
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout is not None:
            process.stdout.close()


@dataclass
class Watch:
    """What a page said, asked for and complained of while it was open."""

    host: str
    heard: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Fail if anything was said, or asked for elsewhere than at the page itself."""
        assert self.heard == []
        own = (f"http://{self.host}/", "data:", f"blob:http://{self.host}/")
        assert [url for url in self.asked if not url.startswith(own)] == []


def open_page(browser: "Browser", served: Served, path: str = "/", *, width: int = 1280) -> "tuple[Page, Watch]":
    """Open a path of the page in the browser, watched."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    watch = Watch(served.host)
    page.on("dialog", lambda dialog: watch.heard.append(dialog.message))
    page.on(
        "console", lambda message: watch.heard.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: watch.heard.append(str(error)))
    page.on("request", lambda request: watch.asked.append(request.url))
    page.add_init_script(TELL_VIOLATIONS)
    page.goto(f"{served.address}{path}")
    return page, watch
