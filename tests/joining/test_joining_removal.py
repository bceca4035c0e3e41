"""Taking one export away never invents a contradiction: what is in conflict then was in conflict before.

Or it was altered in truth and had gone unseen: one export less can let a name be joined again, and its sender compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import WORDS, Export, Said, join, notice, talk

from chatforensics.joining import Joined
from chatforensics.schema import CONFLICT_STATUSES

PEOPLE = ("Ayodele", "Bronwen", "Chiyo", "Dmitri")
SHORT = ("ok", "yes", "thanks", "see you")
N_SAID = 36
HOURS = st.sampled_from([0, 0, -5, 1, 5])


@dataclass(frozen=True)
class Change:
    """One thing that somebody altered in an export, at a place of it."""

    phone: int
    place: int
    how: str


@dataclass(frozen=True)
class Phone:
    """How one phone shows the conversation: its clock, its names, what it misses, when its owner left."""

    hours: int
    ahead_s: int
    step_s: int
    names: str
    first: int
    missing: int
    left: int | None


PHONES = st.builds(
    Phone,
    hours=HOURS,
    ahead_s=st.integers(-20, 20),
    step_s=st.sampled_from([1, 60]),
    names=st.sampled_from(["full", "book", "other"]),
    first=st.sampled_from([0, 0, 8]),
    missing=st.integers(0, N_SAID * 3),
    left=st.sampled_from([None, None, 26]),
)
CHANGES = st.lists(
    st.builds(
        Change,
        phone=st.integers(0, 3),
        place=st.integers(0, N_SAID - 1),
        how=st.sampled_from(["text", "time", "sender", "drop", "insert", "repeat"]),
    ),
    max_size=3,
)
PACES = st.sampled_from([40, 170, 600])


def converse(pace_s: int, short_every: int) -> list[Said]:
    """Return the conversation as it was."""
    said = [notice(0, "created", PEOPLE[0])]
    for number in range(N_SAID):
        who = PEOPLE[number * 7 % 4 if number % 5 else number % 4]
        words = f"{WORDS[number % 20]} {WORDS[number * 3 % 20]} at number {number:03d} please"
        text = SHORT[number % 4] if short_every and number % short_every == 0 else words
        said.append(Said(60 + number * pace_s, who, text))
    return said


def show(number: int, phone: Phone, said: Sequence[Said], changes: Sequence[Change]) -> Export:
    """Return the export of one phone, altered."""
    shown = [one for place, one in enumerate(said) if place >= phone.first and place != phone.missing]
    if phone.left is not None:
        shown = [*shown[: phone.left], notice(shown[: phone.left][-1].at_s + 5, "left", "You")]
    for change in changes:
        if change.phone == number:
            shown = alter(shown, change.place % len(shown), change.how)
    prefix = {"full": "", "book": "The ", "other": "~ "}[phone.names]
    labels = {name: f"{prefix}{name}" for name in PEOPLE}
    ahead = phone.hours * 3600 + phone.ahead_s
    return Export(f"phone {number}", shown, ahead_s=ahead, step_s=phone.step_s, labels=labels)


def alter(shown: list[Said], place: int, how: str) -> list[Said]:
    """Alter one message as a forger would; notices are left alone."""
    old = shown[place]
    if old.event is not None:
        return shown
    head, tail = shown[:place], shown[place + 1 :]
    instead = {
        "drop": [],
        "insert": [old, Said(old.at_s + 1, PEOPLE[1], "vote for nobody else but me")],
        "repeat": [old, replace(old, at_s=old.at_s + 2)],
        "text": [replace(old, text=f"{old.text} and not the others")],
        "sender": [replace(old, label=PEOPLE[(PEOPLE.index(str(old.label)) + 1) % 4])],
        "time": [replace(old, at_s=old.at_s + 3 * 3600)],
    }[how]
    return sorted([*head, *instead, *tail], key=lambda one: one.at_s)


def list_altered(said: Sequence[Said], exports: Sequence[Export], joined: Joined) -> set[int]:
    """Return the messages that somebody altered in one of the exports, in all exports that hold them."""
    foreign = {one for export in exports for one in export.said if one.event is None and one not in said}
    times = {one.at_s for one in foreign}
    words = {one.text for one in foreign}
    places = [
        (export.source_id, line)
        for export in exports
        for line, one in enumerate(export.said, start=1)
        if one.at_s in times or one.text in words
    ]
    schema = {"source_id": pl.String, "line": pl.Int64}
    found = joined.messages.join(
        pl.DataFrame(places, schema=schema, orient="row"), on=["source_id", "line"], how="semi"
    )
    return set(found["message_id"])


def in_conflict(joined: Joined) -> set[int]:
    """Return the messages of which exports are said to disagree, by status or by a row of level contradiction."""
    disputed = joined.corroboration.filter(
        pl.col("status").is_in(CONFLICT_STATUSES)
        | pl.col("conflicts").list.eval(pl.element().is_in(CONFLICT_STATUSES)).list.any()
    )
    by_status = joined.messages.join(disputed, on="canonical_id", how="semi")["message_id"]
    rows = joined.indicators.filter(pl.col("level") == "contradiction")
    places = rows.select(source_id=pl.col("source_ids").list.first(), line="lines").explode("line", empty_as_null=True)
    by_row = joined.messages.join(places, on=["source_id", "line"], how="semi")["message_id"]
    return {*by_status, *by_row}


@pytest.mark.slow
@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    phones=st.lists(PHONES, min_size=2, max_size=4),
    changes=CHANGES,
    pace_s=PACES,
    short_every=st.sampled_from([0, 3, 5]),
)
def test_removing_any_one_export_never_invents_a_contradiction(
    phones: list[Phone], changes: list[Change], pace_s: int, short_every: int
) -> None:
    said = converse(pace_s, short_every)
    exports = [show(number, phone, said, changes) for number, phone in enumerate(phones)]
    joined = join(*exports)
    known = in_conflict(joined) | list_altered(said, exports, joined)
    for gone in exports:
        rest = [export for export in exports if export is not gone]
        assert in_conflict(join(*rest)) <= known, f"without {gone.name}"


def test_a_sender_altered_in_one_of_three_exports_is_in_conflict_with_whichever_of_the_others_is_left() -> None:
    said = converse(170, 0)
    same = Phone(hours=0, ahead_s=0, step_s=1, names="full", first=0, missing=0, left=None)
    exports = [show(number, same, said, [Change(0, 12, "sender")]) for number in range(3)]
    altered = list_altered(said, exports, join(*exports))
    assert in_conflict(join(*exports)) == altered
    for rest in (exports[:2], exports[::2]):
        assert in_conflict(join(*rest)) == {one for one in altered if one in set(join(*rest).messages["message_id"])}
    assert in_conflict(join(*exports[1:])) == set()


def test_a_message_from_before_an_export_begins_is_not_in_conflict_with_its_first() -> None:
    said = talk(14, ("Ayodele", "Bronwen", "Bronwen"), every_s=40)
    retimed, late, whole = Export("a", alter(said, 2, "time")), Export("b", said[2:]), Export("c", said)
    assert in_conflict(join(retimed, late)) <= in_conflict(join(retimed, late, whole))
