"""A case at a desk without a server: requests go straight to the application, as the door would let them through."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from web.apart import run_apart
from web.asgi import Told

from chatforensics.casefile import By, Case, new_case
from chatforensics.web.app import make_app
from chatforensics.web.desk import Desk

ROOT = "/secret"
BY = By("Ama Boateng", datetime(2031, 3, 4, 9, 30, tzinfo=UTC))


@dataclass(frozen=True)
class Sat:
    """A case that is open at a desk."""

    case: Case
    app: Any
    slug: str

    @property
    def base(self) -> str:
        return f"{ROOT}/c/{self.slug}"

    def get(self, path: str) -> "Page":
        return self._ask("GET", path)

    def post(self, path: str, **fields: object) -> "Page":
        return self._ask("POST", path, urlencode(fields, doseq=True).encode())

    def _ask(self, method: str, path: str, body: bytes = b"") -> "Page":
        path, _, query = path.partition("?")
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": method, "path": f"/c/{self.slug}{path}", "query_string": query.encode(),
            "root_path": "", "headers": [(b"host", b"127.0.0.1")], "page_root": ROOT,
        }  # fmt: skip
        run_apart(self.app(scope, receive, send))
        headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
        told = Told(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))
        return Page(told, self.base)


@dataclass(frozen=True)
class Page:
    """An answer, read as a browser reads it."""

    told: Told
    base: str

    @property
    def status(self) -> int:
        return self.told.status

    @property
    def text(self) -> str:
        return self.told.body.decode()

    @property
    def leads_to(self) -> str:
        """The address to which the answer sends the browser, below the case."""
        assert self.status == 303, self.text
        return self.told.headers["location"].removeprefix(self.base).partition("#")[0]

    @property
    def words(self) -> str:
        """What a reader reads, on one line."""
        return " ".join("".join(_read(self.text).said).split())

    @property
    def tags(self) -> list[tuple[str, Mapping[str, str]]]:
        """Every element with its attributes, as a parser finds them."""
        return _read(self.text).tags

    def find(self, tag: str, **wanted: str) -> list[Mapping[str, str]]:
        """Return the attributes of the elements of a name that have these values."""
        return [given for name, given in self.tags if name == tag and wanted.items() <= given.items()]

    def fields(self, form_id: str) -> dict[str, list[str]]:
        """Return what a browser would send for the form of that id without a button pressed."""
        return next(fields for given, fields in _read(self.text).forms if given.get("id") == form_id)

    @property
    def forms(self) -> list[dict[str, list[str]]]:
        """What a browser would send for each form of the page."""
        return [fields for _, fields in _read(self.text).forms]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[tuple[str, Mapping[str, str]]] = []
        self.forms: list[tuple[Mapping[str, str], dict[str, list[str]]]] = []
        self.form: dict[str, list[str]] = {}
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "form":
            self.form = {}
            self.forms.append((given, self.form))
        if (
            tag == "input"
            and given.get("name")
            and (given.get("type") not in ("checkbox", "radio") or "checked" in given)
        ):
            self.form.setdefault(given["name"], []).append(given.get("value", ""))
        if tag == "textarea":
            self.area = given["name"]
            self.form.setdefault(given["name"], []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area is not None:
            self.form[self.area][-1] = self.form[self.area][-1].removeprefix("\n")
            self.area = None

    def handle_data(self, data: str) -> None:
        self.said.append(data)
        if self.area is not None:
            self.form[self.area][-1] += data


def _read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    return reader


def sit_down(folder: Path, *, title: str = "Ward of hands") -> Sat:
    """Make an empty case and open it at a desk."""
    case = new_case(folder, title=title, by=BY, key=bytes(32))
    return sit_at(case, folder.parent)


def sit_at(case: Case, place: Path) -> Sat:
    """Open a case at a desk."""
    desk = Desk(place=place, start=case.folder)
    return Sat(case, make_app(desk), desk.start or "")
