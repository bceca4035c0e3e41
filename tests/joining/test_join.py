import dataclasses
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import START, Export, Said, join, notice, tables, talk

from chatforensics.errors import SchemaError
from chatforensics.joining import Joined, join_exports
from chatforensics.schema import TABLES, Events, Messages, Sources, check, empty

PEOPLE = ("Anahera", "Boris", "Chipo", "Dalisay")


def a_case() -> list[Export]:
    """Return exports of two groups and a one-to-one chat from four phones, one of them altered."""
    said = [notice(0, "created", "Boris"), *talk(24, PEOPLE, start_s=60), notice(8000, "left", "Chipo")]
    oks = [Said(8100 + 20 * i, PEOPLE[i % 2], "ok") for i in range(6)]
    altered = [dataclasses.replace(s, text="something else altogether") if i == 9 else s for i, s in enumerate(said)]
    direct = talk(8, ("Anahera", "Boris"), topic="direct")
    return [
        Export("a", [*said, *oks], folder="x", title="Choir"),
        Export("b", [*altered, *oks[1:]], folder="y", ahead_s=3600, labels={"Anahera": "Ana"}),
        Export("c", [*said[5:], *oks], step_s=1, ahead_s=-20, labels={"Dalisay": "+44 7700 900666"}),
        Export("d", direct, folder="x", title="Boris"),
        Export("e", direct, ahead_s=5, labels={"Boris": "Bo"}),
    ]


def contradictions(*exports: Export) -> set[tuple[str, int]]:
    """Return the export and line of every contradiction."""
    found = join(*exports).indicators.filter(pl.col("level") == "contradiction").explode("lines")
    return set(found.select(pl.col("source_ids").list.first(), "lines").iter_rows())


def as_dict(joined: Joined) -> dict[str, pl.DataFrame]:
    return {field.name: getattr(joined, field.name) for field in dataclasses.fields(joined)}


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_inputs_changes_nothing(random: Random) -> None:
    def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
        order = list(range(frame.height))
        random.shuffle(order)
        return frame[order]

    sources, messages, events = tables(*a_case())
    whole = as_dict(join_exports(sources, messages, events, timezone="Europe/London"))
    mixed = (Sources(shuffled(sources)), Messages(shuffled(messages)), Events(shuffled(events)))
    other = as_dict(join_exports(*mixed, timezone="Europe/London"))
    for name, table in whole.items():
        assert other[name].equals(table), name


def test_every_table_keeps_the_contract() -> None:
    for name, table in as_dict(join(*a_case())).items():
        assert check(table, table=name).columns[: len(TABLES[name])] == list(TABLES[name])


def test_the_case_is_joined_as_it_was_told() -> None:
    joined = join(*a_case())
    assert joined.chats["kind"].sort().to_list() == ["direct", "group"]
    assert joined.people.height == 4
    found = dict(joined.corroboration["status"].value_counts().iter_rows())
    assert (found["text_conflict"], found["one_sided"]) == (1, 1)
    assert joined.messages["person_id"].null_count() == joined.messages.filter(pl.col("kind") == "system").height


def test_every_message_and_source_stays_and_gains_what_joining_knows() -> None:
    joined = join(*a_case())
    sources, messages, _ = tables(*a_case())
    assert joined.messages["message_id"].sort().equals(messages["message_id"].sort())
    assert joined.messages.select("chat_id", "sent_at", "canonical_id").null_count().sum_horizontal().item() == 0
    assert joined.sources["source_id"].sort().equals(sources["source_id"].sort())
    assert joined.sources.select("chat_id", "first_at", "last_at").null_count().sum_horizontal().item() == 0
    assert "folder" in joined.sources.columns


def test_no_canonical_message_has_two_copies_in_one_export() -> None:
    assert not join(*a_case()).messages.select(pl.struct("canonical_id", "source_id").is_duplicated().any()).item()


def test_removing_an_export_invents_no_contradiction() -> None:
    whole = join(*a_case()).indicators.filter(pl.col("level") == "contradiction")
    claims = {
        tuple(row) for row in whole.select(pl.col("source_ids").list.first(), pl.col("lines").list.first()).rows()
    }
    for left_out in range(5):
        exports = [export for place, export in enumerate(a_case()) if place != left_out]
        assert contradictions(*exports) <= claims


def test_message_and_person_ids_of_a_chat_do_not_depend_on_other_chats() -> None:
    alone = join(*a_case()[:3])
    whole = join(*a_case()[:3], Export("z", talk(9, ("Emeka", "Freya", "Gyasi"), topic="z")))
    kept = whole.messages.join(alone.messages.select("message_id"), on="message_id", how="semi")
    assert kept.equals(alone.messages)


def test_no_exports_at_all_give_empty_tables() -> None:
    sources = empty("sources").with_columns(folder=pl.lit(None, pl.String))
    joined = join_exports(Sources(sources), Messages(empty("messages")), Events(empty("events")), timezone="UTC")
    assert {table.height for table in as_dict(joined).values()} == {0}


def test_an_export_without_messages_is_a_chat_without_times() -> None:
    joined = join(Export("a", []))
    assert (joined.chats.height, joined.clocks.height, joined.messages.height) == (1, 1, 0)
    assert joined.sources["first_at"].to_list() == [None]


def test_an_export_of_notices_only_has_no_window() -> None:
    joined = join(Export("a", [notice(0, "created", "Boris")]))
    assert joined.corroboration.is_empty()
    assert joined.memberships.height == 1


def test_a_missing_column_is_named() -> None:
    sources, messages, events = tables(*a_case())
    with pytest.raises(SchemaError, match=r"messages\.text"):
        join_exports(sources, Messages(messages.drop("text")), events, timezone="UTC")


def test_times_are_utc_of_the_zone() -> None:
    times = join(Export("a", talk(1, PEOPLE)), timezone="Asia/Kathmandu").messages["sent_at"]
    assert times.dt.replace_time_zone(None).dt.offset_by("5h45m").to_list() == [START]
