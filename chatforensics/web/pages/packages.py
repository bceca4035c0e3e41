"""Finished packages of a case: what each is, to be downloaded or removed."""

from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.casefile.desk import desk_folder
from chatforensics.web.boxtasks import PACKAGES
from chatforensics.web.context import context_of, page, post, render, see_other
from chatforensics.web.finished import find_finished, hand_out, list_rows
from chatforensics.web.forms import Form
from chatforensics.workflow.handing import read_public_key

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def show_packages(request: "Request") -> "Response":
    """List the finished packages."""
    case = context_of(request).case
    return render(request, "packed.html.j2", packages=list_rows(_folder(request)), public_key=read_public_key(case))


def give_package(request: "Request") -> "Response":
    """Hand out one of them."""
    return hand_out(_folder(request), str(request.path_params["name"]))


def remove_package(request: "Request", _form: Form) -> "Response":
    """Remove one of them; that it was made stays in the custody log."""
    find_finished(_folder(request), str(request.path_params["name"])).unlink(missing_ok=True)
    return see_other(f"{context_of(request).base}/packages")


def _folder(request: "Request") -> Path:
    return desk_folder(context_of(request).case) / PACKAGES


ROUTES = [
    page("/packages", show_packages),
    page("/packages/{name}", give_package),
    post("/packages/{name}/remove", remove_package),
]
