import itertools
import random
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from package.secretsworld import SOURCE, Row, a_dossier, a_table, rules, write_files

from chatforensics.package.columns import IDS, what_is
from chatforensics.package.dossier import Dossier
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.redaction import redact_dossier
from chatforensics.package.reordering import reorder, reorder_table
from chatforensics.package.rsmf import write_rsmf
from chatforensics.package.uco import write_uco
from chatforensics.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("Ama Owusu", "Wiktor Zielony", "Farhana Haque", "Gulsen Yildiz", "Nnamdi Eze", "Siobhan Achterberg")
TEXTS = ["vote", "no", "why", "who", "when", "so"]


def raw_id(kind: str, name: str) -> str:
    """Return an id made from a name without a key, as the tables of a case have them."""
    told = sha256(name.encode()).hexdigest()[:16]
    return f"person-{told}" if kind == "person" else told


def a_raw_world(names: tuple[str, ...]) -> Dossier:
    """Return a dossier with its people, texts and chats in the order of ids that anybody can compute."""
    ids = sorted((raw_id("person", name) for name in names), key=str)
    texts = sorted(raw_id("text", name) for name in names)
    pairs = [{"person_a": one, "person_b": other, "n_shares": 2} for one, other in itertools.combinations(ids, 2)]
    base = a_dossier({number: (name,) for number, name in enumerate(names)}, TEXTS)
    known = {f"person-{number:016x}": raw_id("person", name) for number, name in enumerate(names)}
    renamed = {
        name: base.tables[name].with_columns(pl.col("person_id").replace(known)) for name in ("people", "messages")
    }
    return replace(
        base,
        tables={
            **base.tables,
            "messages": renamed["messages"],
            "people": renamed["people"].sort("person_id"),
            "pairs": a_table("pairs", pairs),
            "namesakes": a_table("namesakes", [{**pair, "name": "Ama"} for pair in pairs]),
            "edges": a_table(
                "edges", [{"sender_id": one, "recipient_id": ids[0], "variant_ids": texts} for one in ids]
            ),
            "memberships": a_table(
                "memberships", [{"chat_id": "chat-00000000000000aa", "person_id": one} for one in ids]
            ),
            "joins": a_table("joins", [{"person_id": one, "source_a": SOURCE, "label_a": "You"} for one in ids]),
            "shares": a_table(
                "shares", [{"share_id": one, "family_id": texts[0], "message_ids": [1]} for one in texts]
            ),
            "exposures": a_table("exposures", [{"share_id": one, "n_recipients": 1} for one in texts]),
            "links": a_table("links", _links(texts)),
            "families": a_table("families", [{"message_id": 1, "family_id": one} for one in texts]),
            "same_slates": a_table("same_slates", _same(texts)),
            "clusters": a_table("clusters", [{"cluster_id": texts[0], "person_ids": ids, "family_ids": texts}]),
            "chats": a_table("chats", [{"chat_id": one, "title": None, "kind": "group"} for one in texts]),
        },
    )


def _links(texts: list[str]) -> list[Row]:
    found: list[tuple[str, str | None, float, int]] = [(one, None, 0.1, 9) for one in texts]
    found += [(one, other, 0.3, rank) for one in texts for rank, other in enumerate(texts, 1)]
    return [dict(zip(("share_id", "parent_share_id", "probability", "rank"), row, strict=True)) for row in found]


def _same(texts: list[str]) -> list[Row]:
    return [
        {"family_a": one, "family_b": other, "n_names_a": texts.index(one), "n_names_b": texts.index(other)}
        for one, other in itertools.combinations(texts, 2)
    ]


def _redact(dossier: Dossier) -> Dossier:
    return redact_dossier(dossier, rules(parties=frozenset()))[0]


@pytest.mark.parametrize("names", [NAMES, NAMES[::-1], NAMES[2:] + NAMES[:2]])
def test_each_table_with_stand_ins_comes_in_their_order_and_in_none_of_the_hashes_of_names(
    names: tuple[str, ...],
) -> None:
    done = _redact(a_raw_world(names))
    for table, frame in done.tables.items():
        first = next(name for name in frame.columns if what_is(table, name) in IDS)
        if "message_id" not in frame.columns and "source_a" not in frame.columns:
            assert frame[first].to_list() == sorted(frame[first]), table
    assert done.tables["people"]["person_id"].to_list() == sorted(done.tables["people"]["person_id"])
    assert done.tables["people"]["pseudonym"].to_list() == sorted(done.tables["people"]["pseudonym"])


def test_of_two_people_or_texts_the_lesser_stand_in_is_named_first_and_takes_its_numbers_along() -> None:
    world = a_raw_world(NAMES)
    done = _redact(world)
    for table in ("pairs", "namesakes"):
        assert all(one < other for one, other in done.tables[table].select("person_a", "person_b").iter_rows())
    numbers: dict[str, set[int]] = {}
    for row in done.tables["same_slates"].to_dicts():
        assert row["family_a"] < row["family_b"]
        numbers.setdefault(row["family_a"], set()).add(row["n_names_a"])
        numbers.setdefault(row["family_b"], set()).add(row["n_names_b"])
    assert all(len(told) == 1 for told in numbers.values())


def test_lists_of_stand_ins_are_in_their_order() -> None:
    done = _redact(a_raw_world(NAMES))
    for table, column in (("clusters", "person_ids"), ("clusters", "family_ids"), ("edges", "variant_ids")):
        assert all(cell == sorted(cell) for cell in done.tables[table][column].to_list())


def test_candidates_of_one_probability_are_ranked_by_their_stand_ins_and_the_others_keep_their_rank() -> None:
    done = _redact(a_raw_world(NAMES))
    for (_,), rows in done.tables["links"].group_by("share_id"):
        alike = rows.filter(pl.col("parent_share_id").is_not_null()).sort("rank")["parent_share_id"].to_list()
        assert alike == sorted(alike)
        assert rows.filter(pl.col("parent_share_id").is_null())["rank"].to_list() == [9]


def shuffled(dossier: Dossier, seed: int) -> Dossier:
    """Return the dossier with its rows, and the lists of ids in them, in another order."""
    chance = random.Random(seed)  # noqa: S311 - an order to try, no secret
    tables: dict[str, pl.DataFrame] = {}
    for name, frame in dossier.tables.items():
        rows = frame.to_dicts()
        chance.shuffle(rows)
        for row in rows:
            for column in ("person_ids", "family_ids", "variant_ids", "source_ids"):
                if row.get(column):
                    chance.shuffle(row[column])
        tables[name] = pl.DataFrame(rows, schema=frame.schema)
    return replace(dossier, tables=tables)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_whatever_order_the_tables_had_before_the_package_is_the_same(seed: int) -> None:
    world = a_raw_world(NAMES)
    one, two = _redact(world), _redact(shuffled(world, seed))
    assert write_files(one) == write_files(two)


def test_exchange_formats_too_are_the_same_whatever_order_the_tables_had() -> None:
    world = a_raw_world(NAMES)
    source = {"source_id": SOURCE, "sha256": SOURCE * 4, "path": "x.txt", "size_bytes": 9, "platform": "android"}
    world = replace(world, tables={**world.tables, "sources": a_table("sources", [source])})
    written = [
        {**write_uco(done), **write_rsmf(done)} for done in (_redact(shuffled(world, seed)) for seed in range(3))
    ]
    assert written[0] == written[1] == written[2]


def test_a_second_time_changes_nothing() -> None:
    done = _redact(a_raw_world(NAMES))
    assert write_files(reorder(done)) == write_files(done)


def test_names_that_are_shown_stay_before_what_is_masked() -> None:
    row = {"person_id": "P-AAAAAAAAAA", "labels": ["[phone P-BBBBBBBBBB]", "Zofia", "Ama", "P-AAAAAAAAAC"]}
    done = reorder_table(a_table("people", [row]), table="people")
    assert done["labels"].to_list() == [["Zofia", "Ama", "P-AAAAAAAAAC", "[phone P-BBBBBBBBBB]"]]


def test_of_the_run_record_what_bears_stand_ins_changes_places_among_itself() -> None:
    run = {"inputs": [{"path": "export-2.zip"}, {"path": "export-1.zip"}], "n": [3, 1, 2], "warnings": [
        "P-BBBBBBBBBB did", "Zone unknown.", "P-AAAAAAAAAA did"]}  # fmt: skip
    done = reorder(replace(a_dossier({}, []), run=run)).run
    assert done == {
        "inputs": [{"path": "export-1.zip"}, {"path": "export-2.zip"}],
        "n": [3, 1, 2],
        "warnings": ["P-AAAAAAAAAA did", "Zone unknown.", "P-BBBBBBBBBB did"],
    }


def test_answers_come_by_export_and_replies_by_person_those_of_one_as_they_came_in() -> None:
    answers: tuple[Mapping[str, object], ...] = ({"source_id": "b"}, {"source_id": "a"})
    replies: tuple[Mapping[str, object], ...] = tuple(
        {"person_id": person, "text": text} for person, text in (("P-B", "x"), ("P-A", "z"), ("P-A", "y"))
    )
    done = reorder(replace(a_dossier({}, []), answers=answers, replies=replies))
    assert [row["source_id"] for row in done.answers] == ["a", "b"]
    assert [row["text"] for row in done.replies] == ["z", "y", "x"]


def test_values_of_sensitivity_keep_their_order_but_for_those_that_name_phones() -> None:
    told = [("window_s", "120"), ("window_s", "60"), ("phone", "folder-2"), ("phone", "folder-1")]
    rows = [{"setting": setting, "value": value, "result": 1.0} for setting, value in told]
    done = reorder_table(a_table("sensitivity", rows), table="sensitivity")
    assert done["value"].to_list() == ["120", "60", "folder-1", "folder-2"]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_of_the_contract_can_be_put_in_order(table: str) -> None:
    frame = a_table(table, [{}, {}])
    assert reorder_table(frame, table=table).equals(frame)


def a_world_of_files() -> Dossier:
    """Return a dossier with a zip of a chat and two pictures, of which the first is of message 1."""
    members = [
        {"source_id": SOURCE, "position": position, "name": name, "role": role, "size_bytes": 70, "crc32": 7,
         "packed_bytes": 60, "modified_local": a_dossier({}, []).made_at.replace(tzinfo=None), "magic": "ffd8"}
        for position, (name, role) in enumerate(
            (("x.zip", "container"), ("_chat.txt", "chat"), ("IMG-1.jpg", "sent"), ("IMG-2.jpg", "sent"))
        )
    ]  # fmt: skip
    beside = [
        {"source_id": SOURCE, "file": f"IMG-{number}.jpg", "message_id": number, "status": "tied", "sha256": "ab" * 32}
        for number in (1, 2)
    ]
    tables = {"members": a_table("members", members), "attachments": a_table("attachments", beside)}
    return a_dossier({0: ("Ama Owusu",)}, ["one", "two"], **tables)


def test_no_checksum_and_no_size_of_a_chat_text_is_in_a_redacted_package() -> None:
    done = _redact(a_world_of_files()).tables["members"]
    assert done["crc32"].null_count() == done["packed_bytes"].null_count() == 4
    chat = done.row(by_predicate=pl.col("role") == "chat", named=True)
    assert (chat["size_bytes"], chat["modified_local"]) == (None, None)
    assert done.filter(pl.col("role") == "sent")["size_bytes"].to_list() == [70, 70]


def test_of_the_file_of_a_withheld_message_only_its_place_is_left() -> None:
    manual = (ManualRule("private", message_id=1),)
    done, _ = redact_dossier(a_world_of_files(), rules(manual=manual))
    first, second = done.tables["members"].filter(pl.col("role") == "sent").sort("position").to_dicts()
    assert {name: value for name, value in first.items() if value is not None} == {
        "source_id": SOURCE, "position": 2, "name": "[withheld 1: private]", "role": "sent",
    }  # fmt: skip
    assert (second["name"], second["magic"]) == ("IMG-2.jpg", "ffd8")
    again, _ = redact_dossier(done, rules(manual=manual))
    assert write_files(again) == write_files(done)
