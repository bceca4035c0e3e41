"""The exhibit: the ticked messages between their neighbours, with all that speaks for and against what they show."""

from collections.abc import Mapping

from chatforensics.package.dossier import Dossier
from chatforensics.package.exhibitrows import view_exhibits
from chatforensics.package.logrows import view_log
from chatforensics.package.measured import CORPUS, is_same_model
from chatforensics.package.origins import list_comparisons, view_redactions, view_replies, view_sources
from chatforensics.package.sheets import Row, as_rows, as_words, fill_tables, print_sheet, render_sheet
from chatforensics.report.observations import view_indicators
from chatforensics.report.otherway import view_other_way
from chatforensics.report.sightings import place_messages
from chatforensics.report.words import LABEL_MEANINGS, LIMITS

HTML, PDF = "exhibit.html", "exhibit.pdf"
# What the limits of the report say of things that an exhibit does not hold.
_ELSEWHERE = frozenset({"Texts and near-copies", "Passing on", "Reach", "Pairs and clusters", "Agreement", "Figures"})
# What the run record may say of the choice.
_COUNTS = (
    "chosen_by", "n_records", "n_records_of_case", "n_exports", "n_exports_of_case", "n_flagged", "n_flagged_of_case",
    "n_slate_names_shown",
)  # fmt: skip
SECTIONS = (
    ("received", "Where the messages come from"),
    ("exhibits", "The exhibits"),
    ("labels", "How often the labels are right"),
    ("indicators", "What the exports themselves show"),
    ("replies", "Replies of the people concerned"),
    ("other-way", "What speaks the other way"),
    ("interpretations", "Interpretation"),
    ("limits", "What this cannot show"),
    ("custody", "Custody"),
    ("checking", "How to check this package"),
)


def write_exhibit(dossier: Dossier) -> dict[str, bytes]:
    """Return the exhibit as one page and on paper: each ticked message with its place, context, doubts and replies.

    It cannot show that a message was sent, who held the phone, or what anybody did on reading it. Words stand as the
    tables of the dossier have them, so that what redaction took out is not there. Equal dossiers give equal bytes.

    Args:
        dossier: what the package says; nothing else is read.

    Returns:
        `exhibit.html` and `exhibit.pdf`.
    """
    page = render_exhibit(dossier)
    return {HTML: page.encode("utf-8", errors="replace"), PDF: print_sheet(page, dossier.tables)}


def render_exhibit(dossier: Dossier) -> str:
    """Return the page of the exhibit; see `write_exhibit`."""
    return render_sheet("exhibit.html.j2", build_view(dossier))


def build_view(dossier: Dossier) -> Row:
    """Return all that the template of the exhibit prints."""
    tables = fill_tables(dossier.tables)
    placed = place_messages(tables)
    exhibits = view_exhibits(dossier)
    sources = view_sources(dossier)
    replies = view_replies(dossier, exhibits["senders"])
    package = dossier.run.get("package")
    return {
        "title": dossier.title,
        "made_at": dossier.made_at.strftime("%Y-%m-%d %H:%M"),
        "reply_for": dossier.reply_for,
        "run": _view_run(dossier),
        "version": str(dossier.run.get("version", "unknown")),
        "package": dict.fromkeys(_COUNTS) | (dict(package) if isinstance(package, Mapping) else {}),
        "sections": [{"id": key, "title": title, "n": number} for number, (key, title) in enumerate(SECTIONS, 1)],
        "sources": sources,
        "n_unknown_kind": sum(not row["is_kind_known"] for row in sources),
        "n_records": placed.height,
        "exhibits": exhibits,
        "meanings": LABEL_MEANINGS,
        "corpus": CORPUS,
        "indicators": view_indicators(tables, placed=placed),
        "comparisons": list_comparisons(tables),
        "replies": replies,
        "reply_of": {row["person_id"] or row["name"]: row for row in replies["rows"]},
        "other_way": view_other_way(tables, placed=placed),
        "interpretations": _list_interpretations(dossier),
        "limits": [row for row in LIMITS if str(row[0]) not in _ELSEWHERE],
        "log": view_log(dossier.log, head=dossier.head, case=dossier.run.get("case")),
        "redactions": view_redactions(dossier.redactions),
    }


def _view_run(dossier: Dossier) -> Row:
    run = dossier.run
    return {
        "assumptions": as_words(run.get("assumptions")),
        "n_warnings": len(as_words(run.get("warnings"))),
        "is_same_model": is_same_model(run),
    }


def _list_interpretations(dossier: Dossier) -> list[Row]:
    """Return what named people say of the exhibits; words without a name are left out."""
    given = as_rows(dossier.run.get("interpretations"))
    named = [row for row in given if str(row.get("who") or "").strip() and str(row.get("words") or "").strip()]
    return [{"who": str(row["who"]), "when": row.get("when"), "words": str(row["words"])} for row in named]
