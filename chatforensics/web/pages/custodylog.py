"""The custody log in words: what was done with the evidence, by whom, when, and the head to write down elsewhere."""

from starlette.requests import Request
from starlette.responses import Response

from chatforensics.casefile import check_chain, list_originals, log_lines
from chatforensics.web.context import context_of, page, render
from chatforensics.web.logwords import read_line
from chatforensics.web.paging import cut_page

_SHOWN = 50


def show_log(request: Request) -> Response:
    """Show the lines of the log, the newest last; without a page in the address, the last page of them.

    The chain shows a change only to whoever knows an earlier head: its holder could write it anew from the beginning.
    """
    context = context_of(request)
    raw = log_lines(context.case)
    lines = [read_line(line, number=number) for number, line in enumerate(raw, start=1)]
    names = {each.sha256: each.shown for each in list_originals(context.case)}
    paged = cut_page(lines, request.query_params.get("page"), size=_SHOWN, last=True)
    head = lines[-1].sha256 if lines else ""
    return render(
        request, "custodylog.html.j2", paged=paged, names=names, n_lines=len(lines), sha256=head, fault=check_chain(raw)
    )


ROUTES = [page("/log", show_log)]
