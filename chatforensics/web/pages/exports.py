"""Every export of a case: what was received, how it is read, on what that rests, and how to state it otherwise."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chatforensics.casefile import (
    QUESTIONS,
    SOURCE_KINDS,
    UNKNOWN,
    Original,
    answer,
    list_answers,
    list_originals,
    list_unanswered,
)
from chatforensics.errors import ChatForensicsError, UsageError
from chatforensics.joining.people import YOU
from chatforensics.report.custody import SOURCE_KINDS as KIND_WORDS
from chatforensics.report.language import Phrase, say
from chatforensics.web.context import Context, context_of, page, post, render, see_other
from chatforensics.web.correctionwords import ORDERS
from chatforensics.web.forms import Form
from chatforensics.web.paging import cut_page
from chatforensics.web.writers import writer_of
from chatforensics.workflow.effects import read_facts
from chatforensics.workflow.facts import Facts

SHOWN = 50
_LAST = 1_000_000  # place of exports that were not analysed yet
_LABELS = 200  # printed names offered for who made an export
ASKED: Mapping[str, Phrase] = {
    "exported_by": say("Who made the export, on their own phone?"),
    "phone": say("Which phone: make, model, system and its version?"),
    "app_version": say("Which version of WhatsApp?"),
    "zone": say("Which time zone and language was the phone set to?"),
    "media": say("Exported with or without media?"),
    "exported_on": say("When was it exported?"),
    "received": say("How, when and through whom did it come to you?"),
    "source_kind": say("Where is it from?"),
    "basis": say("On what lawful basis do you hold it?"),
}


def show_exports(request: Request) -> Response:
    """Show the exports with all that is known of each, and the forms to answer for them and to read them otherwise."""
    return _show(request, answered=request.query_params.get("answered", ""))


def answer_questions(request: Request, given: Form) -> Response:
    """Record what was answered about an export, or about all of its phone; what stayed the same is not said again.

    Answers are what people say. Nothing here can check them.
    """
    context = context_of(request)
    source_id, told = given.one("source_id"), list_answers(context.case)
    before: Mapping[str, str] = next((row for row in told if row["source_id"] == source_id), {})
    fields = {name: given.one(f"q-{name}") for name in QUESTIONS}
    said = {name: words for name, words in fields.items() if words and words != before.get(name)}
    if given.one("unknown") == "yes":
        left = list_unanswered(context.case).get(source_id, [])
        said = {**dict.fromkeys((name for name in left if not fields[name]), UNKNOWN), **said}
    try:
        if not said:
            raise UsageError("No answer was filled in that is not on record.", hint="Answer at least one question.")
        by = writer_of(context, given, field="actor")
        answer(context.case, _choose_sources(context, source_id, given.one("for")), said, by=by)
    except ChatForensicsError as error:
        return _show(
            request, status=400, error=str(error), typed={**fields, "source_id": source_id, "actor": given.one("actor")}
        )
    return see_other(f"{context.base}/exports?{_keep_page(given)}answered={source_id[:16]}#export-{source_id[:16]}")


def _keep_page(given: Form) -> str:
    number = given.one("page")
    return f"page={number}&" if number.isascii() and number.isdecimal() else ""


def _choose_sources(context: Context, source_id: str, wanted: str) -> list[str]:
    originals = list_originals(context.case)
    phone = next((each.folder for each in originals if each.source_id == source_id), None)
    alike = [each.source_id for each in originals if phone is not None and each.folder == phone]
    return alike if wanted == "phone" and alike else [source_id]


def _show(request: Request, *, status: int = 200, **told: Any) -> Response:  # noqa: ANN401 - for the template
    context = context_of(request)
    facts, originals = read_facts(context.case), list_originals(context.case)
    answers = {row["source_id"]: row for row in list_answers(context.case)}
    unanswered, phones = list_unanswered(context.case), Counter(each.folder for each in originals)
    known = facts["sources"] if facts else {}
    looked = _read_looks(context) if any(each.source_id not in known for each in originals) else {}
    labels, makers = _list_labels(facts), _name_people(facts)
    rows = [
        {
            **_describe(each, known.get(each.source_id), looked.get(each.source_id)),
            "labels": labels.get(each.source_id, []),
            "maker": makers.get(known.get(each.source_id, {}).get("custodian_id")),
            "answers": answers[each.source_id],
            "open": unanswered[each.source_id],
            "n_of_phone": phones[each.folder] if each.folder is not None else 1,
        }
        for each in originals
    ]
    rows.sort(key=lambda row: (row["place"], row["path"], row["source_id"]))
    typed = told.get("typed") or {}
    at = next((place for place, row in enumerate(rows) if row["source_id"] == typed.get("source_id")), None)
    asked = request.query_params.get("page") if at is None else str(at // SHOWN + 1)
    named = {"error": "", "answered": "", "typed": None, **told}
    return render(
        request,
        "exports.html.j2",
        status=status,
        paged=cut_page(rows, asked, size=SHOWN),
        failures=facts["failures"] if facts else [],
        analysed=facts is not None,
        orders=ORDERS,
        questions=ASKED,
        source_kinds={key: KIND_WORDS[key] for key in SOURCE_KINDS},
        **named,
    )


def _read_looks(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return what the first look at each export showed, by its id."""
    from chatforensics.workflow.looking import list_looks

    return {str(look["received"]["source_id"]): look["received"] for look in list_looks(context.case)}


def _describe(original: Original, read: Facts | None, looked: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return one export: as received, and as the last analysis read it, else as the first look did."""
    nothing: dict[str, Any] = {"clock": [], "custodian_basis": [], "unread": [], "n_doubtful": 0}
    return {
        **nothing,
        **(read or {key: (looked or {}).get(key) for key in _OF_LOOKS}),
        "place": int(str(read["source"])[1:]) if read else _LAST,
        "number": str(read["source"]) if read else "",
        "source_id": original.source_id,
        "path": original.shown,
        "folder": original.folder,
        "sha256": original.sha256,
        "size": original.size_bytes,
        "added_at": original.added_at,
        "mode": (original.minimised or {}).get("mode"),
        "is_read": read is not None,
        "is_looked_at": looked is not None,
    }


_OF_LOOKS = (
    "chat", "first", "last", "n_messages", "n_rejects", "platform", "clock_step_s", "timezone", "date_order",
    "date_order_verdict", "date_order_evidence",
)  # fmt: skip


def _name_people(facts: Facts | None) -> dict[str | None, str]:
    people = facts["people"] if facts else []
    return {each["person_id"]: str(next(iter(each["labels"]), each["pseudonym"])) for each in people}


def _list_labels(facts: Facts | None) -> dict[str, list[str]]:
    """Return the names that each export prints, in the order of the alphabet."""
    found: dict[str, set[str]] = {}
    for person in facts["people"] if facts else ():
        for label, source_id in person["places"]:
            found.setdefault(source_id, set()).add(label)
    return {source_id: sorted(labels - {YOU})[:_LABELS] for source_id, labels in found.items()}


ROUTES = [page("/exports", show_exports), post("/exports/answers", answer_questions)]
