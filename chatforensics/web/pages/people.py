"""The people of a case: under which names phones print them, what joined those names, and how to state it otherwise."""

import json
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chatforensics.joining.people import YOU
from chatforensics.package.replychoice import fold_name
from chatforensics.text import normalise
from chatforensics.web.context import context_of, page, render
from chatforensics.web.paging import cut_page
from chatforensics.workflow.effects import read_facts
from chatforensics.workflow.facts import Facts

SHOWN = 50
_MOST_CHOSEN = 20
_SHORT = 2
Row = dict[str, Any]


def show_people(request: Request) -> Response:
    """Show the people in the order of their printed names; those found by a name, and those chosen for a statement.

    The order says nothing about a person, and nobody is counted against anybody.
    """
    context, asked = context_of(request), request.query_params
    facts = read_facts(context.case)
    words = asked.get("q", "").strip()
    people = sort_people(facts["people"]) if facts else []
    chosen = list(dict.fromkeys(asked.getlist("chosen")))[:_MOST_CHOSEN]
    picked = [each for each in people if each["person_id"] in chosen]
    found = find_people(people, words)
    paged = cut_page([_view(each, facts) for each in found], asked.get("page"), size=SHOWN) if facts else None
    on_page = {row["person_id"] for row in paged.rows} if paged else set()
    places = [place for each in picked for place in list_places(each, facts)] if facts else []
    return render(
        request,
        "people.html.j2",
        analysed=facts is not None,
        paged=paged,
        words=words,
        total=len(people),
        chosen=[each["person_id"] for each in picked],
        elsewhere=[each["person_id"] for each in picked if each["person_id"] not in on_page],
        picked=picked,
        places=places,
        **_suggest(picked, places),
    )


def sort_people(people: Sequence[Row]) -> list[Row]:
    """Return people by their first printed name, whatever its capitals, and by id where names are the same."""
    return sorted(people, key=lambda each: (fold_name(first_name(each)), each["person_id"]))


def first_name(person: Row) -> str:
    """Return the first printed name of a person, else the pseudonym."""
    return str(next(iter(person["labels"]), person["pseudonym"]))


def find_people(people: Sequence[Row], words: str) -> list[Row]:
    """Return the people in whose printed names or pseudonym the words stand, whatever the capitals and spaces.

    Numbers are also found by their digits alone.
    """
    wanted = normalise(words)
    if not wanted:
        return list(people)
    is_number = len(words) > _SHORT and not any(map(str.isalpha, words))
    digits = "".join(filter(str.isdecimal, words)) if is_number else ""
    return [each for each in people if any(_holds(name, wanted, digits) for name in _names(each))]


def _names(person: Row) -> list[str]:
    return [*person["labels"], person["pseudonym"]]


def _holds(name: str, wanted: str, digits: str) -> bool:
    return wanted in normalise(name) or bool(digits and digits in "".join(filter(str.isdecimal, name)))


def _view(person: Row, facts: Facts) -> Row:
    """Return a person with the short names of exports, and those who may be the same person."""
    numbers = {key: str(row["source"]) for key, row in facts["sources"].items()}
    by_id = {each["person_id"]: each for each in facts["people"]}
    pairs = [(a, b, name, n) for a, b, name, n in facts["namesakes"] if person["person_id"] in (a, b)]
    alike = [(by_id[b if a == person["person_id"] else a], name, n) for a, b, name, n in pairs]
    return {
        **person,
        "sources": sort_numbers(numbers.get(key, key) for key in person["source_ids"]),
        "joins": [
            (a, numbers.get(at, at), b, numbers.get(other, other), basis, n, against)
            for a, at, b, other, basis, n, against in person["joins"]
        ],
        "alike": alike,
    }


def sort_numbers(numbers: Any) -> list[str]:  # noqa: ANN401 - any texts
    """Return short names of exports in their order: S2 before S10."""
    return sorted(numbers, key=lambda number: (int(number[1:]) if number[1:].isdecimal() else 1_000_000, number))


def list_places(person: Row, facts: Facts) -> list[tuple[str, list[str], str, str]]:
    """Return each printed name of a person on each phone: the name, the exports, how a correction names it, and whose.

    One name on two phones is two places: they may be two people. `You` stands only where the phone prints its owner by
    no other name.
    """
    grouped: dict[tuple[str, str], list[str]] = {}
    for label, source_id in person["places"]:
        phone = facts["sources"].get(source_id, {}).get("phone") or source_id
        grouped.setdefault((label, phone), []).append(source_id)
    named = {phone for label, phone in grouped if label != YOU}
    grouped = {key: ids for key, ids in grouped.items() if key[0] != YOU or key[1] not in named}
    return [
        (label, _number(ids, facts), json.dumps({"label": label, "source": min(ids)}), person["person_id"])
        for (label, _), ids in sorted(grouped.items())
    ]


def _number(ids: Sequence[str], facts: Facts) -> list[str]:
    return sort_numbers(str(facts["sources"].get(key, {}).get("source", key)) for key in ids)


def _suggest(picked: Sequence[Row], places: Sequence[tuple[str, list[str], str, str]]) -> dict[str, Any]:
    """Return what is chosen beforehand in the form: that several are one, or that the names of one are two people's."""
    first = {person: place for _, _, place, person in reversed(places)}
    if len(picked) > 1:
        return {"kind": "same", "ticked": list(first.values())}
    two = [place for _, _, place, _ in places]
    return {"kind": "different", "ticked": two if len(two) == 2 else []}  # noqa: PLR2004 - the one and the other


ROUTES = [page("/people", show_people)]
