"""Two forms for people to fill in: who handed the files to whom, and a statement in the words of whoever makes it."""

from chatforensics.package.dossier import Dossier
from chatforensics.package.logrows import view_log
from chatforensics.package.origins import view_sources
from chatforensics.package.sheets import Row, print_sheet, render_sheet

CUSTODY, STATEMENT = "forms/chain-of-custody", "forms/statement"
N_HANDOVERS = 6
# Lines to write on, as wide as the paper and as what stands beside a heading.
RULE, SHORT_RULE = "_" * 112, "_" * 84
# What only the person can know; for each what is asked, a hint, and on how many lines.
QUESTIONS = (
    (
        "About me",
        (
            ("My full name", "", 1),
            ("How I can be reached", "Only if you are asked for it; it need not be your home.", 1),
            ("What I do, or my place in the organisation", "", 1),
        ),
    ),
    (
        "How I took part in the chat",
        (
            ("Which chat it is, and what it is for", "", 3),
            ("Since when I have been in it, and how I came into it", "", 3),
            ("The name under which I appear in it, if any", "", 1),
            ("Whom I know in it, and how", "Only those whom this is about.", 3),
        ),
    ),
    (
        "How and when I made the export",
        (
            ("On which phone (make, model, system) and whose it is", "", 3),
            ("The date and time", "Say how sure you are.", 1),
            ("What I pressed, and whether with or without media", "", 3),
            ("The time zone and language that the phone was set to", "", 1),
            ("Whether I had deleted or edited anything, or the chat deletes messages by itself", "", 3),
        ),
    ),
    (
        "What I did with the file",
        (
            ("Where it was kept, and who could reach it", "", 3),
            ("To whom I gave it, when and how", "", 3),
            ("Whether I opened, renamed, unpacked or changed it", "", 3),
            ("Whether I still have the phone with the chat on it", "", 1),
        ),
    ),
    (
        "What I saw, and what I remember",
        (
            (
                "What I saw myself, in my own words",
                "Keep apart what you saw, what you were told, and what you think. Say what speaks the other way too.",
                10,
            ),
            ("What I do not know, or am not sure of", "", 3),
        ),
    ),
)


def write_forms(dossier: Dossier) -> dict[str, bytes]:
    """Return the chain-of-custody form and the statement template, each as a page and on paper.

    The first is filled from the case as far as it knows; a hand-over that nobody wrote down is not in it. The second
    holds no fact but hashes and file names: what a person knows, only that person can write.

    Args:
        dossier: of which sources, custody answers and the log are read.

    Returns:
        `forms/chain-of-custody` and `forms/statement`, as `.html` and `.pdf`.
    """
    pages = render_forms(dossier)
    return {f"{name}.html": page.encode("utf-8", errors="replace") for name, page in pages.items()} | {
        f"{name}.pdf": print_sheet(page, {}) for name, page in pages.items()
    }


def render_forms(dossier: Dossier) -> dict[str, str]:
    """Return the pages of the two forms by their names without an ending; see `write_forms`."""
    view = _view(dossier)
    return {name: render_sheet(f"{name.removeprefix('forms/')}.html.j2", view) for name in (CUSTODY, STATEMENT)}


def _view(dossier: Dossier) -> Row:
    return {
        "title": dossier.title,
        "made_at": dossier.made_at.strftime("%Y-%m-%d %H:%M"),
        "version": str(dossier.run.get("version", "unknown")),
        "sources": view_sources(dossier),
        "log": view_log(dossier.log, head=dossier.head, case=dossier.run.get("case")),
        "handovers": range(1, N_HANDOVERS + 1),
        "questions": QUESTIONS,
        "rule": RULE,
        "short_rule": SHORT_RULE,
    }
