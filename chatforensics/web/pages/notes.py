"""Notes that people type while they look: on a message, or on the case as a whole."""

from typing import TYPE_CHECKING, Any

from chatforensics.casefile.papers import add_note, change_note, list_notes, remove_note
from chatforensics.errors import Stale, UsageError
from chatforensics.report.language import say
from chatforensics.web.addresses import return_address
from chatforensics.web.blocks import read_number, tidy_text
from chatforensics.web.context import Context, context_of, form, post, render, see_other
from chatforensics.web.forms import Form
from chatforensics.web.opened import message_finder
from chatforensics.web.writers import writer_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

DONE = {
    "noted": say("The note was added."),
    "changed": say("The note was changed."),
    "unnoted": say("The note was removed."),
}


def show_notes(request: "Request") -> "Response":
    """Show all notes with their messages."""
    return _render_notes(request, done=DONE.get(request.query_params.get("did", "")))


def write_note(request: "Request", sent: Form) -> "Response":
    """Add a note.

    Raises:
        UsageError: it has no words, or too many.
    """
    context, said = context_of(request), sent.one("message_id")
    add_note(context.case, read_number(said) if said else None, _read_text(sent), by=writer_of(context, sent))
    return _go_back(context, sent, "noted")


def rewrite_note(request: "Request", sent: Form) -> "Response":
    """Change a note; where somebody else did so meanwhile, both texts are shown and nothing is lost."""
    context, number, text = context_of(request), _number_of(request), _read_text(sent)
    try:
        change_note(context.case, number, text, version=sent.number("version"), by=writer_of(context, sent))
    except Stale:
        return _render_notes(request, status=409, stale=_tell_stale(context, number, sent))
    return _go_back(context, sent, "changed")


def unwrite_note(request: "Request", sent: Form) -> "Response":
    """Remove a note; where somebody changed it meanwhile it stays."""
    context = context_of(request)
    remove_note(context.case, _number_of(request), by=context.by(), version=sent.number("version"))
    return _go_back(context, sent, "unnoted")


def _render_notes(request: "Request", *, status: int = 200, **values: object) -> "Response":
    context = context_of(request)
    find = message_finder(context.case)
    notes = [
        {**row, "item": None if row["message_id"] is None else find(row["message_id"])}
        for row in list_notes(context.case)
    ]
    return render(request, "notes.html.j2", status, **{"done": None, "stale": None, "notes": notes, **values})


def _tell_stale(context: Context, number: int, sent: Form) -> dict[str, Any]:
    row = next((row for row in list_notes(context.case) if row["number"] == number), None)
    back = return_address(sent.one("back"), otherwise="/notes")
    return {"row": row, "text": sent.one("text"), "back": back, "message_id": sent.one("message_id")}


def _read_text(sent: Form) -> str:
    text = tidy_text(sent.one("text"))
    if not text:
        raise UsageError(say("The note has no words."), hint="Go back and type some.")
    return text


def _number_of(request: "Request") -> int:
    return read_number(str(request.path_params["number"]))


def _go_back(context: Context, sent: Form, did: str) -> "Response":
    """Go back to where the form stood, and say there what was done."""
    address = return_address(sent.one("back"), otherwise="/notes").partition("#")[0]
    return see_other(f"{context.base}{address}{'&' if '?' in address else '?'}did={did}#notes-title")


ROUTES = [
    form("/notes", show_notes, write_note),
    post("/notes/{number:int}", rewrite_note),
    post("/notes/{number:int}/remove", unwrite_note),
]
