"""Searches and views that were kept: a name and an address within the case."""

from typing import TYPE_CHECKING

from chatforensics.casefile.desk import list_saved_views, remove_saved_view, save_view
from chatforensics.errors import UsageError
from chatforensics.report.language import say
from chatforensics.web.addresses import check_address
from chatforensics.web.context import context_of, form, post, render, see_other
from chatforensics.web.forms import Form

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

NAME_LIMIT = 200
_DONE = {"kept": say("It was kept."), "removed": say("It was removed.")}


def show_addresses(request: "Request") -> "Response":
    """Show what was kept."""
    context = context_of(request)
    saved = [{**row, "told": tell_address(str(row["address"]))} for row in list_saved_views(context.case)]
    return render(request, "addresses.html.j2", saved=saved, done=_DONE.get(request.query_params.get("did", "")))


def keep_address(request: "Request", sent: Form) -> "Response":
    """Keep an address of a page of the case under a name; one of the same name is replaced.

    Raises:
        UsageError: no name, too long a one, or no address of a page of the case.
    """
    context, name = context_of(request), sent.one("name")
    if not 0 < len(name) <= NAME_LIMIT:
        raise UsageError(say("Give it a name of at most {n} characters.", n=NAME_LIMIT))
    save_view(context.case, name, check_address(sent.one("address")), at=context.by().at)
    return see_other(f"{context.base}/addresses?did=kept")


def remove_address(request: "Request", sent: Form) -> "Response":
    """Forget an address; the page that it names is not touched."""
    context = context_of(request)
    remove_saved_view(context.case, sent.one("name"))
    return see_other(f"{context.base}/addresses?did=removed")


def tell_address(address: str) -> str:
    """Return an address as people read it: its letters, not their codes."""
    from urllib.parse import unquote_plus

    return unquote_plus(address)


ROUTES = [form("/addresses", show_addresses, keep_address), post("/addresses/remove", remove_address)]
