"""The way of somebody who was wronged: drop the export, tick what matters, answer a few questions, take the package."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.casefile import By, is_case, list_originals, new_case
from chatforensics.casefile.desk import list_ticks, set_ticks
from chatforensics.errors import UsageError
from chatforensics.report.language import say
from chatforensics.web import opened
from chatforensics.web.addresses import return_address
from chatforensics.web.blocks import read_number
from chatforensics.web.choosing import PARTS, count_ticked, list_copies, view_case
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
from chatforensics.web.forms import Form
from chatforensics.web.pages import questions
from chatforensics.web.uploads import LARGEST
from chatforensics.workflow.clock import now

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from chatforensics.casefile import Case
    from chatforensics.workflow.viewing import View

_LONGEST_PATH = 1000


def show_start(request: "Request") -> "Response":
    """Show where to drop an export; a page that was started with a case goes there instead."""
    desk, root = desk_of(request), root_of(request)
    if desk.start is not None and "other" not in request.query_params:
        return see_other(f"{root}/c/{desk.start}/")
    cases = [_describe_case(slug, case) for slug, case in desk.list_cases().items()]
    return render(
        request,
        "start.html.j2",
        cases=sorted(cases, key=lambda row: (str(row["day"]), str(row["title"])), reverse=True),
        folder=show_folder(suggest_folder(desk.place)),
        place=show_folder(desk.place),
        largest=LARGEST,
    )


def _describe_case(slug: str, case: "Case") -> Mapping[str, object]:
    return {
        "slug": slug,
        "title": case.title,
        "day": f"{case.created_at:%Y-%m-%d}",
        "n_exports": len(list_originals(case)),
        "folder": show_folder(case.folder),
    }


def suggest_folder(place: Path) -> Path:
    """Return a folder for a new case that is not there yet, named after the day."""
    first = f"case-{now():%Y-%m-%d}"
    names = (first, *(f"{first}-{n}" for n in range(2, 1000)))
    return next((place / name for name in names if not (place / name).exists()), place / first)


def show_folder(folder: Path) -> str:
    """Return a folder as people write it, with ~ for their own."""
    home = Path.home()
    return f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)


def read_folder(said: str, *, place: Path) -> Path:
    """Return the folder that was typed; a name alone lies where cases are kept.

    Raises:
        UsageError: it is empty or no path.
    """
    if not said or len(said) > _LONGEST_PATH or not said.isprintable():
        raise UsageError(say("Name a folder for the case."), hint="For example ~/chatforensics/my-case.")
    try:
        return place / Path(said).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{said}: there is no such user.", hint="Begin with ~/ or with the whole path.") from error


def make_case(request: "Request", form: Form) -> "Response":
    """Make a case in the folder that was named, or open the one that is there, and say its address."""
    desk, root = desk_of(request), root_of(request)
    folder = read_folder(form.one("folder"), place=desk.place)
    if not is_case(folder):
        new_case(folder, title=folder.name, by=By("unknown", now()), key=secrets.token_bytes(32))
    base = f"{root}/c/{desk.add_case(folder)}"
    return answer_json({"base": base}, status=201) if wants_json(request) else see_other(f"{base}/")


def open_other(request: "Request", form: Form) -> "Response":
    """Open a case that is kept elsewhere."""
    desk = desk_of(request)
    slug = desk.add_case(read_folder(form.one("folder"), place=desk.place))
    return see_other(f"{root_of(request)}/c/{slug}/")


def show_case(request: "Request") -> "Response":
    """Show what was received, and the messages that look like instructions, to be ticked."""
    context = context_of(request)
    ticked = list_ticks(context.case)
    values = view_case(context.case, _read_pages(request), ticked)
    return render(request, "choose.html.j2", **values, largest=LARGEST)


def _read_pages(request: "Request") -> dict[str, int]:
    asked = {name: request.query_params.get(name, "") for _, name in PARTS}
    return {name: read_number(said) if said else 1 for name, said in asked.items()}


def keep_ticks(request: "Request", form: Form) -> "Response":
    """Store ticks: of the messages that a script names, or of all that a form showed.

    A tick goes for all copies of a message in other exports: it is not made twice, and is taken from each of them.

    Raises:
        UsageError: what was sent are no ids of messages.
    """
    context = context_of(request)
    view = opened.open_view(context.case)
    if said := form.many("message"):
        shown = {read_number(each) for each in said}
        on = shown if form.one("on") == "1" else set()
    else:
        shown = {read_number(each) for each in form.many("shown")}
        on = shown if form.one("all") else shown & {read_number(each) for each in form.many("tick")}
    _store_ticks(context.case, view, on=on, off=shown - on)
    if wants_json(request):
        return answer_json({"n": count_ticked(view, list_ticks(context.case))})
    return see_other(context.base + return_address(form.one("back"), otherwise="/"))


def _store_ticks(case: "Case", view: "View | None", *, on: set[int], off: set[int]) -> None:
    known, at = set(list_ticks(case)), now()
    new = [number for number in sorted(on - known) if known.isdisjoint(list_copies(view, number))]
    copies = {copy for number in off for copy in list_copies(view, number)} if known - off else set()
    set_ticks(case, new, on=True, at=at)
    set_ticks(case, sorted(off | copies), on=False, at=at)


ROOT_ROUTES = [page("/", show_start), post("/cases", make_case), post("/open", open_other)]
ROUTES = [page("/", show_case), post("/ticks", keep_ticks), *questions.ROUTES]
