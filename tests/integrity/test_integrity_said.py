"""What holds for all indicators of what the chat says."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.chats import PEOPLE, Said, android, evidence_of_records, notice, talk, told
from integrity.received import evidence_from

from chatforensics.integrity import CATALOGUE, check_export
from chatforensics.integrity.said import SAID

FORMS = sorted({"I-12", "I-13", "I-14", "I-15", "I-16", "I-17", "I-18", "I-19", "I-23", "I-25", "I-26", "I-28"})
OTHER_NAMES = ("Zoltán", "علي", "王小明", "+44 7700 900123", "Nguyễn Ánh")


def test_all_are_in_the_catalogue_with_words_for_a_lay_reader() -> None:
    assert sorted(SAID) == sorted([*FORMS, "I-20"])
    for number, indicator in SAID.items():
        assert CATALOGUE[number] is indicator
        for words in (indicator.title, indicator.why, indicator.innocent, indicator.resolve):
            assert words == " ".join(words.split())


def test_style_and_replies_are_not_computed() -> None:
    assert not {"I-24", "I-27"} & set(CATALOGUE)


def records(names: tuple[str, ...]) -> list[Said]:
    ama, bo, chi, dan, eve = names
    block = talk(4, people=(ama, bo, dan, eve))
    return [
        notice("added", ama, bo),
        notice("removed", ama, chi),
        Said(chi, "I am still here, am I not"),
        notice("joined", dan),
        notice("joined", dan),
        *block,
        Said(eve, None, kind="deleted"),
        *talk(6, people=(ama, bo, dan, eve), topic="quay"),
        *block,
    ]


@settings(max_examples=20, deadline=None)
@given(st.permutations(PEOPLE), st.permutations(OTHER_NAMES))
def test_names_scripts_and_phone_codes_change_nothing(names: list[str], others: list[str]) -> None:
    seen = [
        {number: told(SAID[number].find(evidence_of_records(records(tuple(some))))) for number in FORMS}
        for some in (names, others)
    ]
    assert seen[0] == seen[1]
    assert seen[0]["I-17"] == [("unexplained", [3]), ("info", [5])]


def test_observations_come_as_rows_of_the_table() -> None:
    evidence = evidence_from(android((None, "Ewa removed Ama"), ("Ama", "hi"), ("Ewa", "This message was deleted")))
    table = check_export(evidence).filter(pl.col("indicator").is_in([*SAID]))
    assert table.select("indicator", "level", "lines").rows() == [
        ("I-12", "info", [1]),
        ("I-15", "info", [3]),
        ("I-17", "unexplained", [2]),
    ]
    assert table["source_ids"].to_list() == [[evidence.source["source_id"]]] * 3
