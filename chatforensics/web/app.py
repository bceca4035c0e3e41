"""The application behind the door: which address leads to which page."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module, resources
from typing import cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router

from chatforensics.casefile.desk import desk_version
from chatforensics.errors import ChatForensicsError
from chatforensics.web.addresses import return_address
from chatforensics.web.context import (
    answer_json,
    context_of,
    desk_of,
    page,
    post,
    render,
    root_of,
    see_other,
    wants_json,
)
from chatforensics.web.desk import Desk
from chatforensics.web.forms import Form
from chatforensics.web.uploads import receive_file, uploads_folder

PAGES = (
    "complaint", "questions", "packages", "search", "message", "notes", "documents", "addresses", "views", "exports",
    "people", "corrections", "replies", "custodylog", "save", "verify",
)  # fmt: skip
_KINDS = {"css": "text/css", "js": "text/javascript", "json": "application/json", "svg": "image/svg+xml"}
_WRONG = "Something went wrong that should not. Nothing was lost. Please report it."


def make_app(desk: Desk) -> Starlette:
    """Return the application for a desk."""
    modules = [import_module(f"chatforensics.web.pages.{name}") for name in PAGES]
    roots = [route for module in modules for route in getattr(module, "ROOT_ROUTES", [])]
    routes = [route for module in modules for route in getattr(module, "ROUTES", [])]
    inside = Router([*_OWN, *routes], redirect_slashes=False)  # which would leave out the secret
    handlers = {ChatForensicsError: _tell_error, HTTPException: _tell_missing, Exception: _tell_wrong}
    app = Starlette(
        routes=[*_OWN_ROOTS, *roots, Mount("/c/{slug}", app=inside)],
        exception_handlers=cast("dict[object, object]", handlers),  # type: ignore[arg-type]
        lifespan=_live,
    )
    app.router.redirect_slashes = False
    app.state.desk = desk
    return app


@asynccontextmanager
async def _live(app: Starlette) -> AsyncIterator[None]:
    await app.state.desk.begin()
    yield
    await app.state.desk.end()


# ---------------------------------------------------------------------------------------------------- errors


def _tell(request: Request, words: str, status: int) -> Response:
    if wants_json(request) or request.method == "PUT":
        return answer_json({"error": words}, status=status)
    request.scope["path_params"] = {}  # the case may be what is at fault
    return render(request, "error.html.j2", status=status, words=words)


def _tell_error(request: Request, error: Exception) -> Response:
    return _tell(request, str(error), 400)


def _tell_missing(request: Request, error: Exception) -> Response:
    missing = cast("HTTPException", error)
    words = "There is no such page." if missing.detail == "Not Found" else str(missing.detail)
    return _tell(request, words, missing.status_code)


def _tell_wrong(request: Request, error: Exception) -> Response:
    logging.getLogger(__name__).error("%s", request.scope["path"], exc_info=error)
    return _tell(request, _WRONG, 500)


# ---------------------------------------------------------------------------------------------------- own addresses


def _give_asset(request: Request) -> Response:
    """Give a style or script of ours, by its name in the list of them."""
    name = str(request.path_params["name"])
    folder = resources.files("chatforensics.web").joinpath("assets")
    known = {file.name: file for file in folder.iterdir()}
    if name not in known or name.rpartition(".")[2] not in _KINDS:
        raise HTTPException(404)
    return Response(known[name].read_bytes(), media_type=_KINDS[name.rpartition(".")[2]])


def _give_job(request: Request) -> Response:
    job = desk_of(request).find_job(str(request.path_params["number"]))
    return answer_json(job.describe() if job else {"state": "stopped", "error": "Nothing is known of this any more."})


def _stop(request: Request, _form: Form) -> Response:
    desk = desk_of(request)
    desk.ask_to_stop()
    return render(request, "stopped.html.j2")


async def _upload(request: Request) -> Response:
    context = await run_in_threadpool(context_of, request)
    return answer_json(await receive_file(request, uploads_folder(context.case)), status=201)


def _receive(request: Request, form: Form) -> Response:
    context = context_of(request)
    args = {"case": str(context.case.folder), "uploads": form.many("uploads"), "actor": context.actor}
    job = context.desk.submit("receive", context.slug, args)
    context.desk.analyse(context.slug, actor=context.actor)
    return answer_json({"job": job.id}, status=202)


def _analyse(request: Request, form: Form) -> Response:
    context = context_of(request)
    job = context.desk.analyse(context.slug, actor=context.actor)
    back = return_address(form.one("back"), otherwise="/")
    return answer_json({"job": job.id}, status=202) if wants_json(request) else see_other(f"{context.base}{back}")


def _tell_state(request: Request) -> Response:
    context = context_of(request)
    job = context.desk.latest_job(context.slug)
    state = {"version": desk_version(context.case), "job": job.describe() if job else None}
    return answer_json({**state, "current": context.desk.is_current(context.case)})


def _go_to_start(request: Request) -> Response:
    return see_other(f"{root_of(request)}/")


_OWN_ROOTS: list[BaseRoute] = [
    page("/assets/{name}", _give_asset),
    page("/jobs/{number}", _give_job),
    page("/c", _go_to_start),
    post("/stop", _stop),
]
_OWN: list[BaseRoute] = [
    Route("/uploads", _upload, methods=["PUT"]),
    post("/receive", _receive),
    post("/analyse", _analyse),
    page("/state", _tell_state),
]
