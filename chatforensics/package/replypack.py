"""The reply pack: what findings say of one person's messages, in plain words for that person, and a form to answer."""

from collections.abc import Mapping

from chatforensics.errors import UsageError
from chatforensics.package.dossier import Dossier
from chatforensics.package.replychoice import choose_for, describe_person, find_person
from chatforensics.package.replyview import view_pack
from chatforensics.package.sheets import make_pages, print_sheet, render_sheet
from chatforensics.text import show_on_one_line

__all__ = ["choose_for", "describe_person", "find_person", "write_form", "write_reply_pack"]
OPENING = 40  # characters by which a message is known again


def write_reply_pack(dossier: Dossier) -> dict[str, bytes]:
    """Return the sheets for the person whom a reply pack is for, by their names in the package.

    `reply.html` and `reply.pdf` say what was found and how it may be wrong; `reply-form.html` is to be printed and
    filled in by hand, `reply-form.txt` to be typed in. They describe messages; they hold no verdict on the person.

    Raises:
        UsageError: The dossier is for nobody.
    """
    if dossier.reply_for is None:
        raise UsageError("This is the package of no person.", hint="Name one with --reply-for.")
    view = view_pack(dossier)
    page = render_sheet("reply.html.j2", view)
    return {
        "reply.html": page.encode(errors="replace"),
        "reply.pdf": print_sheet(page, dossier.tables),
        "reply-form.html": render_sheet("reply-form.html.j2", view).encode(errors="replace"),
        "reply-form.txt": write_form(view).encode(errors="replace"),
    }


def write_form(view: Mapping[str, object]) -> str:
    """Return the form as plain text, to be typed in; every line of it may grow."""
    plain = make_pages().overlay(autoescape=False, cache_size=1)
    plain.filters = plain.filters | {"line": show_on_one_line, "opening": _open}
    words: str = plain.get_template("reply-form.txt.j2").render(dict(view))
    return words


def _open(text: str) -> str:
    """Return how a message begins, on one line."""
    line = show_on_one_line(text)
    return f"{line[:OPENING]} ..." if len(line) > OPENING else line or "no words"
