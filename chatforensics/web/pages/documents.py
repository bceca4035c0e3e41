"""Documents that quote messages live: an editor that works without scripts, and a page to take away."""

from typing import TYPE_CHECKING, Any

from chatforensics.casefile.desk import list_ticks, set_ticks
from chatforensics.casefile.papers import list_documents, read_document, remove_document, save_document
from chatforensics.errors import Stale, UsageError
from chatforensics.report.language import Phrase, say
from chatforensics.web import blocks as parts
from chatforensics.web.addresses import return_address
from chatforensics.web.blocks import TITLE_LIMIT, Block, read_number, tidy_text
from chatforensics.web.context import Context, context_of, form, page, post, render, see_other
from chatforensics.web.drafts import list_ids, list_sources, read_style, shorten, show_blocks
from chatforensics.web.forms import Form
from chatforensics.web.opened import message_finder, open_view
from chatforensics.web.writers import writer_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

OFFERED = 200  # ticked messages to choose a quote from
_TRIES = 5
_DONE: dict[str, Phrase] = {
    "save": say("Saved."),
    "up": say("Moved up, and saved."),
    "down": say("Moved down, and saved."),
    "remove": say("Taken out, and saved. It can be put back."),
    "back": say("Put back, and saved."),
    "paragraph": say("A paragraph was added."),
    "heading": say("A heading was added."),
    "quote": say("A quote was added."),
    "discard": say("What was taken out is gone now."),
    "copy": say("Yours was saved as this new document."),
    "tick": say("All messages quoted are ticked."),
    "gone": say("The document was removed."),
}


def show_documents(request: "Request") -> "Response":
    """List the documents of a case."""
    documents = list_documents(context_of(request).case)
    return render(
        request, "documents.html.j2", documents=documents, done=_DONE.get(request.query_params.get("did", ""))
    )


def begin_document(request: "Request", sent: Form) -> "Response":
    """Begin a document with its title alone."""
    context = context_of(request)
    number = save_document(
        context.case, None, title=_read_title(sent), blocks=parts.store_blocks([]), version=0, by=context.by()
    )
    return see_other(f"{context.base}/documents/{number}")


def show_document(request: "Request") -> "Response":
    """Show a document in the editor."""
    stored = read_document(context_of(request).case, _number_of(request))
    at, did = request.query_params.get("at", ""), request.query_params.get("did", "")
    return _render_editor(request, stored, parts.read_blocks(stored["blocks"]), at=at, done=_DONE.get(did))


def change_document(request: "Request", sent: Form) -> "Response":
    """Save a document as typed, after doing what the button pressed says: move a part, add one, take one out.

    Where somebody else saved or removed it meanwhile nothing is saved, and both versions are shown.
    """
    context, number = context_of(request), _number_of(request)
    by = writer_of(context, sent)
    action, _, where = sent.one("do", "save").partition(":")
    typed, at = _act(parts.read_form(sent), action, where, sent)
    stored = _find_document(context, number)
    before = parts.read_blocks(stored["blocks"]) if stored else []
    credited = parts.credit_writers(typed, before=before, actor=by.actor)
    kept: dict[str, Any] = {"title": _read_title(sent), "blocks": parts.store_blocks(credited)}
    if action == "copy":
        number = save_document(context.case, None, **kept, version=0, by=by)
    elif stored is None:
        return _show_stale(request, {"number": number, "title": kept["title"]}, credited)
    else:
        try:
            save_document(context.case, number, **kept, version=sent.number("version"), by=by)
        except Stale:
            return _show_stale(request, {"number": number, "title": kept["title"]}, credited)
    did = action if action in _DONE else "save"
    return see_other(
        f"{context.base}/documents/{number}?did={did}&at={at}"
    )  # no fragment: with one, no browser puts the focus


def _find_document(context: Context, number: int) -> dict[str, Any] | None:
    """Return a document as it was saved last; None where it is gone."""
    try:
        return read_document(context.case, number)
    except UsageError:
        return None


def _act(blocks: list[Block], action: str, where: str, sent: Form) -> tuple[list[Block], str]:
    """Return the blocks after what a button does, and where the keyboard goes on: a button, or a field to type in."""
    if action in {"up", "down"}:
        step = -1 if action == "up" else 1
        return parts.move_block(blocks, read_number(where), by=step), f"{action}:{where}"
    if action in {"remove", "back"}:
        other = "back" if action == "remove" else "remove"
        return parts.remove_block(blocks, read_number(where), removed=action == "remove"), f"{other}:{where}"
    if action in {"paragraph", "heading"}:
        added = parts.add_block(blocks, action, after=read_number(where))
        return added, f"field:{_newest(added)}"
    if action == "quote":
        said = sent.one("quote-number") or sent.one("quote")
        if not said:
            raise UsageError(say("No message was chosen."), hint="Go back, and choose a ticked one or type a number.")
        added = parts.add_quote(blocks, read_number(said))
        return added, f"field:{_newest(added)}"
    return (parts.discard_removed(blocks) if action == "discard" else blocks), "save"


def _newest(blocks: list[Block]) -> int:
    return max(block.number for block in blocks)


def quote_message(request: "Request", sent: Form) -> "Response":
    """Put a message at the end of a document, or of a new one."""
    context, message_id = context_of(request), read_number(sent.one("message_id"))
    back = return_address(sent.one("back"), otherwise="/documents").partition("#")[0]
    if sent.one("document") == "new":
        stored = parts.store_blocks(parts.add_quote([], message_id))
        title = str(say("New document"))
        number = save_document(context.case, None, title=title, blocks=stored, version=0, by=context.by())
    else:
        number = _append_quote(context, read_number(sent.one("document")), message_id)
    return see_other(f"{context.base}{back}{'&' if '?' in back else '?'}did=quoted&in={number}#quote-title")


def _append_quote(context: Context, number: int, message_id: int) -> int:
    """Add a quote to whatever stands in the document now: what others type meanwhile is not in its way."""
    for left in reversed(range(_TRIES)):
        stored = read_document(context.case, number)
        blocks = parts.store_blocks(parts.add_quote(parts.read_blocks(stored["blocks"]), message_id))
        kept = {"title": stored["title"], "blocks": blocks, "version": stored["version"]}
        try:
            return save_document(context.case, number, **kept, by=context.by())
        except Stale:
            if not left:
                raise
    return number


def unwrite_document(request: "Request", sent: Form) -> "Response":
    """Remove a document."""
    context = context_of(request)
    remove_document(context.case, _number_of(request), by=context.by(), version=sent.number("version"))
    return see_other(f"{context.base}/documents?did=gone")


def tick_quoted(request: "Request", sent: Form) -> "Response":  # noqa: ARG001 - as forms are handled
    """Tick every message quoted that the case holds, so that it goes into the next package."""
    context, number = context_of(request), _number_of(request)
    shown = _show_saved(context, number)
    ids = [part["message_id"] for part in shown if part["item"] is not None]
    set_ticks(context.case, ids, True, at=context.by().at)
    return see_other(f"{context.base}/documents/{number}?did=tick&at=tick")


def download_page(request: "Request") -> "Response":
    """Give a document as one page that needs nothing else, with what every quote can be checked by."""
    from markupsafe import Markup

    from chatforensics.report.explorer.page import hash_of

    context, number = context_of(request), _number_of(request)
    view, stored, style = open_view(context.case), read_document(context.case, number), read_style()
    shown = [part for part in _show_saved(context, number) if not part["removed"]]
    told = {
        "document": stored,
        "blocks": shown,
        "case_title": context.case.title,
        "sources": list_sources(shown, view.sources() if view else []),
        "n_missing": sum(part["kind"] == "quote" and part["item"] is None for part in shown),
    }
    safe = Markup(style)  # noqa: S704 - our own style sheet
    answered = render(request, "documentpage.html.j2", **told, style=safe, style_hash=hash_of(style))
    answered.headers["content-disposition"] = f'attachment; filename="document-{number}.html"'
    return answered


def download_ids(request: "Request") -> "Response":
    """Give the numbers of the messages quoted as a text file."""
    from starlette.responses import PlainTextResponse

    context, number = context_of(request), _number_of(request)
    name = f'attachment; filename="document-{number}-messages.txt"'
    return PlainTextResponse(list_ids(_show_saved(context, number)), headers={"content-disposition": name})


def _show_saved(context: Context, number: int) -> list[dict[str, Any]]:
    blocks = parts.read_blocks(read_document(context.case, number)["blocks"])
    return show_blocks(blocks, message_finder(context.case))


def _render_editor(
    request: "Request", document: dict[str, Any], blocks: list[Block], *, at: str = "", **values: object
) -> "Response":
    context = context_of(request)
    find = message_finder(context.case)
    field = at.removeprefix("field:")
    ticked = [item for item in map(find, list_ticks(context.case)[:OFFERED]) if item is not None]
    told: dict[str, Any] = {
        "document": document,
        "blocks": show_blocks(blocks, find, focus=int(field) if field.isascii() and field.isdigit() else None),
        "ticked": [{**item, "short": shorten(item["text"])} for item in ticked],
        "n_removed": sum(block.removed for block in blocks),
        "n_quoted": len(parts.list_quoted(blocks)),
        "at": at,
        "done": None,
        "stale": None,
    }
    status = 409 if values.get("stale") else 200
    return render(request, "document.html.j2", status, **(told | values))


def _show_stale(request: "Request", mine: dict[str, Any], typed: list[Block]) -> "Response":
    """Show what was typed in the editor, and beside it what somebody else saved; nothing of either is lost."""
    context = context_of(request)
    stored = _find_document(context, mine["number"])
    gone = {"title": "", "actor": "", "at": "", "version": 0, "blocks": []}
    theirs = parts.read_blocks(stored["blocks"] if stored else [])
    shown = show_blocks(theirs, message_finder(context.case))
    stale = {**(stored or gone), "blocks": shown, "gone": stored is None}
    return _render_editor(request, {**(stored or gone), **mine}, parts.renumber(typed, beside=theirs), stale=stale)


def _read_title(sent: Form) -> str:
    title = tidy_text(sent.one("title"), limit=TITLE_LIMIT)
    if not title:
        raise UsageError(say("The document has no title."), hint="Go back and type one.")
    return title


def _number_of(request: "Request") -> int:
    return read_number(str(request.path_params["number"]))


ROUTES = [
    form("/documents", show_documents, begin_document),
    post("/documents/quote", quote_message),
    form("/documents/{number:int}", show_document, change_document),
    post("/documents/{number:int}/remove", unwrite_document),
    post("/documents/{number:int}/tick", tick_quoted),
    page("/documents/{number:int}/page", download_page),
    page("/documents/{number:int}/ids", download_ids),
]
