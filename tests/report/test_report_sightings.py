import polars as pl
from report.invented import Tables, a_message, a_source, a_table, tiny_case

from chatforensics.report.sightings import (
    QUOTE_LIMIT,
    first_copies,
    list_sightings,
    name_people,
    number_sources,
    place_messages,
)
from chatforensics.schema import TABLES, empty


def _place(tables: Tables) -> pl.DataFrame:
    return place_messages({name: tables.get(name, empty(name)) for name in TABLES})


def test_sources_are_numbered_by_path_whatever_their_order() -> None:
    sources = a_table("sources", [a_source(2), a_source(1)])
    assert number_sources(sources).select("source", "path").rows() == [
        ("S1", "phone-1/chat.txt"),
        ("S2", "phone-2/chat.txt"),
    ]


def test_columns_that_are_not_wanted_change_nothing_of_the_others() -> None:
    full = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    slim = place_messages(full, without=("dst", "byte_end"))
    assert slim.equals(place_messages(full).drop("dst", "byte_end"))


def test_a_time_is_printed_no_finer_than_its_clock() -> None:
    tables = tiny_case()
    tables["sources"] = a_table("sources", [a_source(1), a_source(2, clock_step_s=1)])
    first, second = list_sightings(_place(tables), ids=[101, 201])
    assert (first["when"], first["is_minute"]) == ("2031-03-03 19:41", True)
    assert (second["when"], second["is_minute"]) == ("2031-03-03 19:41:00", False)


def test_a_message_without_its_source_is_still_placed() -> None:
    tables = tiny_case() | {"sources": a_table("sources", [])}
    (row,) = list_sightings(_place(tables), ids=[101])
    assert (row["source"], row["line"], row["is_minute"]) == ("S?", 2, True)


def test_long_words_are_quoted_with_what_is_left_out() -> None:
    long = a_message(1, source=1, minute=0, text="x" * (QUOTE_LIMIT + 7), sender="Nazanin")
    (row,) = list_sightings(_place({"messages": a_table("messages", [long])}), ids=[1])
    assert (len(row["text"]), row["left_out"]) == (QUOTE_LIMIT, 7)


def test_copies_of_one_message_count_once() -> None:
    assert first_copies(_place(tiny_case()).filter(pl.col("line") == 2), limit=9) == [101, 311]


def test_a_person_is_named_by_the_first_label_else_by_the_pseudonym() -> None:
    people = a_table(
        "people",
        [
            {"person_id": "p1", "pseudonym": "P-AAAA", "labels": ["Mirela", "Mirela home"]},
            {"person_id": "p2", "pseudonym": "P-BBBB", "labels": []},
        ],
    )
    assert name_people(people) == {"p1": "Mirela", "p2": "P-BBBB"}
