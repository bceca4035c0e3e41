"""Search over all chats: what is asked stands in the address, so that it can be kept and shown to a colleague."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chatforensics.casefile.desk import list_ticks
from chatforensics.errors import UsageError
from chatforensics.report.codes import name_code
from chatforensics.report.language import Phrase, say
from chatforensics.web.blocks import read_number
from chatforensics.web.choosing import find_ticked
from chatforensics.web.context import context_of, page, render, see_other
from chatforensics.web.opened import open_view
from chatforensics.web.pages import addresses

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from chatforensics.workflow.viewing import Found, View

PAGE = 50
FIELDS = ("words", "chat", "person", "source", "since", "until", "decision", "kind", "status")
LONGEST = 500  # characters of one field
OFFERED = 500  # people to choose from
_MOST_WORDS, _MOST_MARKS = 60, 200
_ASKED = re.compile(r'"([^"]*\S[^"]*)"|([^\s"]+)')
_DECISIONS = {
    "flag": say("looks like an instruction"),
    "review": say("to be read by a person"),
    "none": say("neither of the two"),
}
_KINDS = ("text", "media", "deleted", "system", "poll", "location", "contact", "call", "view_once")
_STATUSES = (
    "agree", "text_conflict", "sender_conflict", "time_conflict", "one_sided", "single_source", "outside_window",
)  # fmt: skip
_DONE = {"ticked": say("Ticks were kept.")}


@dataclass(frozen=True)
class Pages:
    """Which page of what was found is shown, of how many, and the addresses of its neighbours."""

    page: int
    n: int
    before: str | None
    after: str | None


def show_search(request: "Request") -> "Response":
    """Show what was found, 50 messages at a time; a day that is named leads to the page where it begins."""
    context = context_of(request)
    view, asked = open_view(context.case), read_asked(request.query_params)
    if view is None:
        return render(request, "search.html.j2", ready=False)
    day = request.query_params.get("day", "")
    if day:
        return see_other(context.base + _find_day(view, asked, day))
    number = max(1, read_number(request.query_params.get("page") or "1"))
    found = _find(view, asked, number)
    first = (number - 1) * PAGE
    return render(
        request,
        "search.html.j2",
        ready=True,
        asked=asked,
        found=found,
        days=_group_days(mark_found(found.items, asked["words"])),
        first=first + 1,
        last=first + len(found.items),
        n_narrowed=sum(bool(asked[name]) for name in FIELDS[1:]),
        pages=_lay_pages(asked, number, found.n),
        address=address_of(asked, page=number),
        ticked=find_ticked(view, found.items, list_ticks(context.case)),
        current=view.is_current(context.case),
        done=_DONE.get(request.query_params.get("did", "")),
        **_offer(view, asked),
    )


def _find(view: "View", asked: Mapping[str, str], number: int) -> "Found":
    from chatforensics.workflow.viewing import Query

    return view.find(Query.from_params(asked), page=number)


def read_asked(params: Mapping[str, str]) -> dict[str, str]:
    """Return what is asked by its fields, empty where nothing is.

    Raises:
        UsageError: a field is longer than any that is of use.
    """
    asked = {name: params.get(name, "").strip() for name in FIELDS}
    if any(len(value) > LONGEST for value in asked.values()):
        raise UsageError(say("A search has at most {n} characters.", n=LONGEST), hint="Ask for fewer words.")
    return asked


def address_of(asked: Mapping[str, str], *, page: int = 1) -> str:
    """Return the address at which something is asked, relative to the case."""
    fields = {name: value for name, value in asked.items() if value}
    query = urlencode(fields | ({"page": str(page)} if page > 1 else {}))
    return f"/search?{query}" if query else "/search"


def mark_found(items: Iterable[Mapping[str, Any]], words: str) -> list[dict[str, Any]]:
    """Return messages with where the words that were asked for stand in them: `found`, starts and ends.

    A word that was found in another form, such as without its accents, or in a picture, is not marked.
    """
    parts = [" ".join((quoted or plain).split()) for quoted, plain in _ASKED.findall(words)][:_MOST_WORDS]
    if not parts:
        return [dict(item) for item in items]
    starts = "|".join(sorted((re.escape(part).replace(r"\ ", r"\s+") for part in parts), key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{starts})", re.IGNORECASE)
    return [{**item, "found": _find_spans(pattern, item["text"] or "")} for item in items]


def _find_spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [found.span() for found in islice(pattern.finditer(text), _MOST_MARKS)]


def _group_days(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages by their day in UTC, in the order in which they were found; those without a time stand last."""
    days = groupby(items, key=lambda item: (item["sent_at"] or "")[:10])
    return [{"day": day, "items": list(group)} for day, group in days]


def _lay_pages(asked: Mapping[str, str], number: int, n: int) -> Pages:
    last = max(1, -(-n // PAGE))
    before = address_of(asked, page=min(number - 1, last)) if number > 1 else None
    return Pages(number, last, before, address_of(asked, page=number + 1) if number < last else None)


def _find_day(view: "View", asked: Mapping[str, str], day: str) -> str:
    """Return the address of the page on which the first message of a day stands, or what comes after it."""
    try:
        eve = date.fromisoformat(day) - timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise UsageError(say("“{day}” is no day.", day=day[:40]), hint="Write it as 2026-05-31.") from error
    until = min(filter(None, (asked["until"], eve.isoformat())))
    n_before = _find(view, {**asked, "until": until}, 1).n
    return f"{address_of(asked, page=1 + n_before // PAGE)}#day-{day}"


def _offer(view: "View", asked: Mapping[str, str]) -> dict[str, Any]:
    """Return what can be chosen: chats, exports, those who wrote most, and codes in words."""
    people = view.people()
    offered = [row for place, row in enumerate(people) if place < OFFERED or row["person_id"] == asked["person"]]
    return {
        "chats": [_option(row["chat_id"], row["title"] or row["chat_id"]) for row in view.chats()],
        "people": [_option(row["person_id"], row["name"]) for row in offered],
        "people_left": len(people) - len(offered),
        "sources": [_option(row["source_id"], f"{row['source']} {row['path']}") for row in view.sources()],
        "decisions": [_option(code, words) for code, words in _DECISIONS.items()],
        "kinds": _name_options(_KINDS),
        "statuses": _name_options(_STATUSES),
    }


def _name_options(codes: Iterable[str]) -> list[dict[str, str]]:
    return [_option(code, name_code(code)) for code in codes]


def _option(value: str, words: str | Phrase) -> dict[str, str]:
    return {"value": value, "words": words}


ROUTES = [page("/search", show_search), *addresses.ROUTES]
