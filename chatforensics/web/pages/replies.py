"""Right of reply: who is named in findings, what each was offered and answered, and how to record more of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chatforensics.casefile import list_replies, record_reply
from chatforensics.errors import ChatForensicsError, UsageError
from chatforensics.package.replychoice import fold_name
from chatforensics.report.language import Phrase, say
from chatforensics.report.replies import ENTRY_WORDS, STATUS_WORDS, WAITING
from chatforensics.web.context import Context, context_of, form, post, render, see_other
from chatforensics.web.forms import Form
from chatforensics.web.ordering import load_wishes
from chatforensics.web.paging import cut_page
from chatforensics.web.writers import writer_of
from chatforensics.workflow.effects import read_facts
from chatforensics.workflow.facts import Facts
from chatforensics.workflow.replying import match_people

SHOWN = 50
_LONGEST = 100_000
_LONGEST_HOW = 1000
# What a person at the page may record; that a pack was made is recorded when it is made.
OFFERED: Mapping[str, Phrase] = {
    "offered": say("The pack was given to them, and they were asked to answer"),
    "replied": say("They answered"),
    "declined": say("They said that they do not wish to answer"),
}
Row = dict[str, Any]


def show_replies(request: Request) -> Response:
    """Show everybody whom a finding names, in the order of their printed names, and what was recorded of each.

    To be named is no finding about a person: it says that a reply is owed to them.
    """
    return _show(request, recorded=request.query_params.get("recorded", ""))


def record(request: Request, given: Form) -> Response:
    """Record that somebody was offered a reply, answered or declined; nothing that was recorded is ever changed.

    That an answer is recorded does not show who wrote it.
    """
    context = context_of(request)
    facts = read_facts(context.case)
    person_id = given.one("person_id")
    try:
        label = _find_label(facts, person_id)
        status = given.one("status")
        if status not in OFFERED:
            raise UsageError("Nothing was chosen to be recorded.", hint="Say what happened.")
        more = {"text": _read_text(given, status), "happened_on": _read_day(given), "how": _read_how(given)}
        by = writer_of(context, given, field="actor")
        record_reply(context.case, person=(person_id, label), status=status, by=by, more=more)
    except ChatForensicsError as error:
        typed = {name: given.one(name) for name in ("person_id", "status", "text", "happened_on", "how", "page")}
        return _show(request, status=400, error=str(error), typed=typed)
    number = given.one("page") if given.one("page").isdecimal() else "1"
    return see_other(f"{context.base}/replies?page={number}&recorded={person_id}#reply-{person_id}")


def make_pack(request: Request, given: Form) -> Response:
    """Have the pack made that is to be given to one person, so that they can answer; its own page shows how it goes."""
    context = context_of(request)
    person_id = given.one("person_id")
    label = _find_label(read_facts(context.case), person_id)
    order = {"reply_for": person_id, "sign": load_wishes(context.case).sign}
    name = f"reply-{person_id.removeprefix('person-')}"
    args = {"case": str(context.case.folder), "order": order, "actor": context.actor, "name": name, "for": label}
    job = context.desk.submit("pack", context.slug, args)
    return see_other(f"{context.base}/package/made/{job.id}")


def _find_label(facts: Facts | None, person_id: str) -> str:
    """Return the name by which a person is recorded: the first that is printed, else the pseudonym.

    Raises:
        UsageError: the last analysis knows nobody of that id.
    """
    for each in facts["people"] if facts else ():
        if each["person_id"] == person_id:
            return str(next(iter(each["labels"]), each["pseudonym"]))
    raise UsageError(
        "Nobody in this case bears that number.", hint="Load the page again: an analysis may have changed it."
    )


def _read_text(given: Form, status: str) -> str | None:
    text = given.one("text")
    if status == "replied" and not text:
        raise UsageError("The reply has no words.", hint="Copy their words into the field, as they gave them.")
    if status != "replied" and text:
        raise UsageError("There are words of a reply, but it says that there was none.", hint="Choose “They answered”.")
    if len(text) > _LONGEST:
        raise UsageError(f"The reply has over {_LONGEST:,} characters.", hint="Record it in parts.")
    return text or None


def _read_how(given: Form) -> str | None:
    how = given.one("how")
    if len(how) > _LONGEST_HOW:
        raise UsageError(f"How it came has over {_LONGEST_HOW:,} characters.", hint="Say it in fewer words.")
    return how or None


def _read_day(given: Form) -> date | None:
    said = given.one("happened_on")
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as error:
        raise UsageError(f"'{said[:40]}' is no day.", hint="Write it as 2027-01-31.") from error


def _show(request: Request, *, status: int = 200, **told: Any) -> Response:  # noqa: ANN401 - what the template shows
    context = context_of(request)
    facts = read_facts(context.case)
    rows = _list_people(context, facts)
    typed = told.get("typed")
    asked = typed["page"] if typed else request.query_params.get("page")
    named = {"error": "", "recorded": "", "typed": None, **told}
    owed = [row for row in rows if row["named"]]
    return render(
        request,
        "replies.html.j2",
        status=status,
        analysed=facts is not None,
        paged=cut_page([row for row in rows if row["person_id"]], asked, size=SHOWN),
        unmatched=[row for row in rows if not row["person_id"]],
        n_named=len(owed),
        n_waiting=sum(row["status"] in WAITING for row in owed),
        n_replied=sum(row["status"] == "replied" for row in owed),
        statuses=STATUS_WORDS,
        entry_words=ENTRY_WORDS,
        offered=OFFERED,
        **named,
    )


def _list_people(context: Context, facts: Facts | None) -> Sequence[Row]:
    """Return those to whom a reply is owed or of whom one is recorded, by printed name; who is unknown, last."""
    people = {each["person_id"]: each for each in facts["people"]} if facts else {}
    names = {key: [*each["labels"], each["pseudonym"]] for key, each in people.items()}
    owed = {key for key, each in people.items() if each["is_named"]}
    rows: list[Row] = [dict(row) for row in match_people(names, list_replies(context.case), named=owed)]
    for row in rows:
        row["names"] = people[row["person_id"]]["labels"] if row["person_id"] in people else []
    rows.sort(key=lambda row: (row["person_id"] is None, fold_name(str(row["label"])), row["person_id"] or ""))
    return rows


ROUTES = [
    form("/replies", show_replies, record),
    post("/replies/pack", make_pack),
]
