"""The linked views with their data from here, and the result that the last analysis wrote."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from chatforensics.casefile import last_run
from chatforensics.casefile.desk import list_ticks
from chatforensics.errors import CaseError, UsageError
from chatforensics.report.explorer.page import read_vendored, read_views, read_views_style
from chatforensics.report.language import ENGLISH, say, select_script_words
from chatforensics.web.context import Context, answer_json, context_of, page, render
from chatforensics.web.results import REPORT, ResultFile, list_result, read_report_policy

if TYPE_CHECKING:
    from chatforensics.workflow.viewing import View

_SCRIPTS = {
    "vendored.js": (read_vendored, "text/javascript"),
    "views.js": (read_views, "text/javascript"),
    "views.css": (read_views_style, "text/css"),
}
_GROUPS = (
    ("", say("Report and records")),
    ("figures", say("Figures")),
    ("tables", say("Tables")),
    ("graph", say("Graphs")),
)
_TYPES = {
    ".pdf": "application/pdf", ".png": "image/png", ".svg": "image/svg+xml", ".json": "application/json",
    ".html": "text/html", ".txt": "text/plain",
}  # fmt: skip
_WORDS = {
    "gone": say("chatforensics does not answer. If it was stopped, start it again and open the page anew."),
    "anew": say("The case was analysed again. Load this page again to see it."),
}
_TITLE_BYTES = 400
_LARGEST_ID = 1 << 53
_MOST_PEOPLE = 400
_NO_VIEW = say("This case has no finished analysis yet.")


# ---------------------------------------------------------------------------------------------------- the views


def _give_script(request: Request) -> Response:
    name = str(request.path_params["name"])
    if name not in _SCRIPTS:
        raise HTTPException(404)
    read, kind = _SCRIPTS[name]
    return Response(read(), media_type=kind)


def _show_views(request: Request) -> Response:
    from chatforensics.workflow.viewing import open_view

    context = context_of(request)
    view = open_view(context.case)
    if view is None:
        return render(request, "views.html.j2", served=None)
    served = {"view": view.id, "ticked": _name_ticks(context), "words": {key: str(_WORDS[key]) for key in _WORDS}}
    return render(
        request,
        "views.html.j2",
        served=_as_island(served),
        catalogue=_as_island(select_script_words(ENGLISH)),
        current=view.is_current(context.case),
    )


def _as_island(value: object) -> Markup:
    """Return data for a script as JSON that no browser reads as markup."""
    return Markup(json.dumps(value, sort_keys=True).replace("<", "\\u003c"))  # noqa: S704


def _name_ticks(context: Context) -> list[str]:
    return [str(message_id) for message_id in list_ticks(context.case)]


# ---------------------------------------------------------------------------------------------------- their data


def _find_view(request: Request) -> "View":
    """Return the view that the asking page was drawn from: rows of another one are other messages."""
    from chatforensics.workflow.viewing import open_view

    view = open_view(context_of(request).case)
    if view is None:
        raise HTTPException(404, str(_NO_VIEW))
    if request.query_params.get("view") != view.id:
        raise HTTPException(409, str(_WORDS["anew"]))
    return view


def _give_packed(content: bytes) -> Response:
    return Response(content, media_type="application/json", headers={"content-encoding": "gzip"})


def _give_tables(request: Request) -> Response:
    return _give_packed(_find_view(request).tables())


def _give_chunk(request: Request) -> Response:
    return _give_packed(_find_view(request).chunk(int(request.path_params["number"])))


def _give_row(request: Request) -> Response:
    message_id = int(request.path_params["message_id"])
    return answer_json({"row": _find_view(request).row_of(message_id) if message_id < _LARGEST_ID else None})


def _give_ticks(request: Request) -> Response:
    return answer_json({"ticked": _name_ticks(context_of(request))})


def _give_rows(request: Request) -> Response:
    """Give the rows of the messages of which all is true that is asked, and that are of one of the people named."""
    from chatforensics.workflow.viewasking import Among
    from chatforensics.workflow.viewing import Query

    view, asked = _find_view(request), request.query_params
    people = [each for each in asked.getlist("person") if each]
    if len(people) > _MOST_PEOPLE:
        raise UsageError(say("A search among at most {n} people can be made.", n=_MOST_PEOPLE))
    among = Among(tuple(people), ("flag", "review") if asked.get("flagged") else ())
    return answer_json(view.rows(Query.from_params({**asked, "person": ""}), among=among))


# ---------------------------------------------------------------------------------------------------- the result


def _show_results(request: Request) -> Response:
    context = context_of(request)
    files = list_result(context.case)
    run = last_run(context.case)
    return render(
        request,
        "results.html.j2",
        groups=_group(list(files.values())),
        has_report=REPORT in files,
        at=run.at if run else "",
        current=context.desk.is_current(context.case),
    )


def _group(files: Sequence[ResultFile]) -> list[tuple[str, list[tuple[str, list[ResultFile]]]]]:
    """Return files in groups, each of parts: a figure under its title, and else what has none."""
    grouped = [(title, [file for file in files if file.name.rpartition("/")[0] == folder]) for folder, title in _GROUPS]
    return [(title, _part(rows)) for title, rows in grouped if rows]


def _part(files: Sequence[ResultFile]) -> list[tuple[str, list[ResultFile]]]:
    stems: dict[str, list[ResultFile]] = {}
    for file in files:
        stems.setdefault(file.name.rpartition(".")[0] if file.name.startswith("figures/") else "", []).append(file)
    return [(_read_title(rows), rows) for rows in stems.values()]


def _read_title(files: Sequence[ResultFile]) -> str:
    """Return the title of a figure, which its description begins with; empty where that is not as it was written."""
    told = [file for file in files if file.name.startswith("figures/") and file.name.endswith(".txt")]
    try:
        words = [file.hold().path.read_bytes()[:_TITLE_BYTES].decode("utf-8", "replace") for file in told]
    except (CaseError, OSError):
        return ""
    return words[0].strip().partition("\n")[0] if words else ""


def _find_file(context: Context, name: str) -> ResultFile:
    """Return a file of the result by its name in the record of the analysis, held to its hash there."""
    files = list_result(context.case)
    if name not in files:
        raise HTTPException(404, str(say("The last analysis of this case wrote no such file.")))
    return files[name].hold()


def _give_result(request: Request) -> Response:
    """Give a file to be saved; it is not shown as a page of this address."""
    file = _find_file(context_of(request), str(request.path_params["name"]))
    kind = _TYPES.get(file.path.suffix, "application/octet-stream")
    return FileResponse(file.path, media_type=kind, filename=file.path.name)


def _show_report(request: Request) -> Response:
    """Show the report as it was written, cut off from this page, whose address it could else read and ask."""
    file = _find_file(context_of(request), REPORT)
    headers = {"content-security-policy": read_report_policy(file.path), "referrer-policy": "no-referrer"}
    return FileResponse(file.path, media_type="text/html", headers=headers)


ROOT_ROUTES = [page("/explorer/{name}", _give_script)]
ROUTES = [
    page("/views", _show_views),
    page("/data/tables", _give_tables),
    page("/data/chunk/{number:int}", _give_chunk),
    page("/data/rows", _give_rows),
    page("/data/row/{message_id:int}", _give_row),
    page("/data/ticks", _give_ticks),
    page("/report", _show_report),
    page("/results", _show_results),
    page("/results/{name:path}", _give_result),
]
