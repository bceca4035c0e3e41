"""What every page is built from: the case that a request is about, forms, templates, and answers."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from chatforensics.casefile import By, Case
from chatforensics.casefile.desk import read_setting
from chatforensics.errors import CaseError, UsageError
from chatforensics.version import __version__
from chatforensics.web.desk import Desk
from chatforensics.web.forms import Form

if TYPE_CHECKING:
    from jinja2 import Environment

LARGEST_FORM = 1_000_000  # bytes
_MOST_FIELDS = 20_000
Show = Callable[[Request], Response]
Change = Callable[[Request, Form], Response]


@dataclass(frozen=True)
class Context:
    """The case that a request is about; `root` begins the addresses of the page, `base` those of the case."""

    root: str
    base: str
    slug: str
    case: Case
    desk: Desk

    @property
    def actor(self) -> str:
        """Who sits at the page, as typed; `unknown` as long as nobody said."""
        return read_setting(self.case, "actor") or "unknown"

    def by(self) -> By:
        """Return who does something, and when."""
        from chatforensics.workflow.clock import now

        return By(self.actor, now())


def root_of(request: Request) -> str:
    """Return the secret part with which all addresses of the page begin."""
    return str(request.scope["page_root"])


def desk_of(request: Request) -> Desk:
    """Return the desk."""
    desk: Desk = request.app.state.desk
    return desk


def context_of(request: Request) -> Context:
    """Return the case that a request is about.

    Raises:
        HTTPException: there is no such case here.
    """
    desk, slug, root = desk_of(request), str(request.path_params["slug"]), root_of(request)
    try:
        case = desk.open(slug)
        desk.take_up(slug, case)
        return Context(root, f"{root}/c/{slug}", slug, case, desk)
    except CaseError as error:
        raise HTTPException(404, str(error)) from error


def render(request: Request, template: str, /, status: int = 200, **values: object) -> Response:
    """Return a page."""
    named: dict[str, object] = {"root": root_of(request), "base": "", "case": None, "nav": (), "here": ""}
    if "slug" in request.path_params:
        from chatforensics.web.navigation import STAGES, list_pages

        context = context_of(request)
        here = request.scope["path"].removeprefix(f"/c/{context.slug}")
        named |= {"base": context.base, "case": context.case, "nav": list_pages(), "here": here, "stages": STAGES}
        named["actor"] = context.actor
    page = _environment().get_template(template).render({**named, "version": __version__, **values})
    return HTMLResponse(page, status_code=status)


@cache
def _environment() -> "Environment":
    from jinja2 import ChoiceLoader, PackageLoader

    from chatforensics.report.language import ENGLISH
    from chatforensics.report.templating import make_environment
    from chatforensics.web.showing import add_filters

    environment = make_environment(ENGLISH).overlay(
        loader=ChoiceLoader(
            [PackageLoader("chatforensics.web", "templates"), PackageLoader("chatforensics.report", "templates")]
        )
    )
    environment.globals |= {"language": ENGLISH}
    add_filters(environment)
    return environment


def see_other(url: str) -> Response:
    """Send the browser to another address of this page."""
    return RedirectResponse(url, status_code=303)


def wants_json(request: Request) -> bool:
    """Tell whether a script of ours asks, which takes JSON."""
    return "application/json" in request.headers.get("accept", "")


def answer_json(value: object, *, status: int = 200) -> Response:
    """Answer a script."""
    content = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
    return Response(content, status_code=status, media_type="application/json")


def page(path: str, show: Show) -> Route:
    """Return the route of a page that is only looked at."""
    return Route(path, show, methods=["GET"])


def post(path: str, change: Change) -> Route:
    """Return the route of a form that changes something."""
    return Route(path, _reading(change), methods=["POST"])


def form(path: str, show: Show, change: Change) -> Route:
    """Return the route of a page with a form that is posted to the same address."""
    reading = _reading(change)

    async def answer(request: Request) -> Response:
        if request.method == "POST":
            return await reading(request)
        return await run_in_threadpool(show, request)

    return Route(path, answer, methods=["GET", "POST"])


def _reading(change: Change) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(change, request, await read_form(request))

    return answer


async def read_form(request: Request) -> Form:
    """Read a form, as browsers write it without files.

    Raises:
        UsageError: it is too large, or no form.
    """
    from chatforensics.web.uploads import next_piece

    body, pieces = bytearray(), request.stream().__aiter__()
    while (piece := await next_piece(pieces)) is not None:
        body += piece
        if len(body) > LARGEST_FORM:
            raise UsageError(f"What was sent is larger than {LARGEST_FORM:,} bytes.", hint="Send less at a time.")
    fields: dict[str, list[str]] = {}
    try:
        said = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise UsageError("What was sent is no form.") from error
    for name, value in said:
        fields.setdefault(name, []).append(value.replace("\r\n", "\n").encode("utf-8", "replace").decode())
    return Form(fields)
