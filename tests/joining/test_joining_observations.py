"""Observations about several exports: one row per export concerned, all of level info, with their explanations."""

from dataclasses import replace

import polars as pl
import pytest
from joining.phones import Export, Said, join, notice, tables, talk

from chatforensics.joining import join_exports
from chatforensics.joining.blindspots import find_blind_spots
from chatforensics.joining.observations import _count
from chatforensics.joining.observed import WORDS
from chatforensics.schema import TABLES, Attachments, Sources

PEOPLE = ("Violeta", "Wiremu", "Xolani")
OTHERS = {"Violeta": "Vi", "Wiremu": "Wiremu P", "Xolani": "Xolani (choir)"}
SAID = talk(40, PEOPLE)
A, B, C = (Export(name, []).source_id for name in "abc")


def observed(*exports: Export, indicator: str) -> list[dict[str, object]]:
    """Return the rows of one indicator, those of the first export given first."""
    rows = join(*exports).indicators.filter(pl.col("indicator") == indicator).to_dicts()
    order = [export.source_id for export in exports]
    return sorted(rows, key=lambda row: order.index(row["source_ids"][0]))


def two(other: list[Said], **more: object) -> tuple[Export, Export]:
    return Export("a", SAID), Export("b", other, labels=OTHERS, **more)  # type: ignore[arg-type]


def test_one_chat_rests_on_the_texts_that_exports_share() -> None:
    (row, other) = observed(*two(SAID[10:]), indicator="J-01")
    assert (row["source_ids"], row["lines"]) == ([A, B], [11, 40])
    assert row["value"] == "30 long texts shared with 1 other export"
    assert other["source_ids"] == [B, A]


def test_large_numbers_have_their_thousands_apart() -> None:
    numbers = pl.DataFrame({"n": [0, 1, 999, 1000, 1_234_567]})
    told = numbers.select(_count(pl.col("n"), "message")).to_series().to_list()
    assert told == ["0 messages", "1 message", "999 messages", "1,000 messages", "1,234,567 messages"]


def test_one_chat_in_three_exports_is_one_row_each() -> None:
    exports = (*two(SAID), Export("c", SAID[20:], labels={"Violeta": "V"}))
    rows = observed(*exports, indicator="J-01")
    assert [row["value"] for row in rows] == [
        "40 long texts shared with 2 other exports, 20 to 40 with each",
        "40 long texts shared with 2 other exports, 20 to 40 with each",
        "20 long texts shared with 2 other exports, 20 to 20 with each",
    ]


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [
        (19_860, "5 h 31 min behind, give or take 8 s, by 40 shared texts"),
        (-120, "2 min ahead, give or take 8 s, by 40 shared texts"),
        (0, "0 s ahead, give or take 8 s, by 40 shared texts"),
    ],
)
def test_the_distance_of_two_clocks_is_told_from_the_first_ones_side(ahead_s: int, words: str) -> None:
    (row, _) = observed(*two(SAID, ahead_s=ahead_s), indicator="J-02")
    assert (row["value"], row["source_ids"]) == (words, [A, B])


def test_texts_at_another_distance_of_the_clocks_are_counted() -> None:
    said = talk(200, PEOPLE, every_s=3600)
    moved = [replace(one, at_s=one.at_s + 3600) if place >= 150 else one for place, one in enumerate(said)]
    rows = observed(Export("a", said), Export("b", moved, labels=OTHERS), indicator="J-02")
    told = [row["value"] for row in rows if row["source_ids"] == [A, B]]
    assert any("50 of 200 at another distance" in str(value) for value in told)


def test_what_others_say_of_an_export_is_counted_and_tiles() -> None:
    altered = replace(SAID[20], text="something else altogether, and long")
    other = [*SAID[5:12], *SAID[13:20], altered, *SAID[21:]]
    (row, _) = observed(*two(other), indicator="J-03")
    assert row["value"] == (
        "35 messages that others cover: 33 shown alike by all, 1 shown differently, 1 missing in some; "
        "5 that none covers"
    )


def test_a_message_moved_in_a_file_is_observed_on_both_sides() -> None:
    moved = [*SAID[:10], *SAID[11:30], SAID[10], *SAID[30:]]
    rows = observed(*two(moved), indicator="J-07")
    assert [(row["source_ids"], row["lines"], row["title"]) for row in rows] == [
        ([A, B], [11], "Different order"),
        ([B, A], [30], "Different order"),
    ]


def test_an_entry_in_one_export_only_is_observed() -> None:
    here = [*SAID[:20], notice(5800, "removed", "Violeta", "Xolani"), *SAID[20:]]
    (row,) = observed(Export("a", here), Export("b", SAID, labels=OTHERS), indicator="J-08")
    assert (row["title"], row["source_ids"], row["lines"]) == ("Entry or exit in one export only", [A, B], [21])


@pytest.mark.parametrize(
    "instead",
    [
        notice(5790, "removed", "Violeta", "somebody without a name"),
        notice(5790, "unknown", None),
        notice(5850, "removed", "Violeta", "Xolani"),
    ],
)
def test_an_entry_that_the_other_export_may_tell_in_its_own_words_is_not_missed(instead: Said) -> None:
    here = [*SAID[:20], notice(5800, "removed", "Violeta", "Xolani"), *SAID[20:]]
    there = [*SAID[:20], instead, *SAID[20:]]
    rows = observed(Export("a", here), Export("b", there, labels=OTHERS), indicator="J-08")
    assert [row for row in rows if row["source_ids"] == [A, B]] == []


def test_an_entry_outside_the_time_of_the_other_export_is_not_missed() -> None:
    here = [notice(-6000, "added", "Violeta", "Xolani"), *SAID]
    assert observed(Export("a", here), Export("b", SAID, labels=OTHERS), indicator="J-08") == []


@pytest.mark.parametrize("otherwise", [notice(5800, "left", "Xolani"), notice(5800, "removed", "Wiremu", "Xolani")])
def test_an_exit_told_in_two_ways_is_observed_on_both_sides(otherwise: Said) -> None:
    removed = notice(5800, "removed", "Violeta", "Xolani")
    here, there = ([*SAID[:20], said, *SAID[20:]] for said in (removed, otherwise))
    rows = observed(Export("a", here), Export("b", there, labels=OTHERS), indicator="J-08")
    assert [(row["title"], row["lines"]) for row in rows] == [("Entry or exit told differently", [21])] * 2


def test_an_exit_that_both_tell_alike_is_not_observed() -> None:
    said = [*SAID[:20], notice(5800, "removed", "Violeta", "Xolani"), *SAID[20:]]
    assert observed(Export("a", said), Export("b", said, labels=OTHERS), indicator="J-08") == []


def test_files_of_different_content_for_one_message_are_observed() -> None:
    photo = [*SAID[:20], replace(SAID[20], kind="media", text=None), *SAID[21:]]
    sources, messages, events = tables(Export("a", photo), Export("b", photo, labels=OTHERS))
    media = messages.filter(pl.col("kind") == "media").sort("source_id")
    rows = [
        {"source_id": source, "file": "IMG-20260202-WA0001.jpg", "message_id": message, "status": status, "sha256": sha}
        for (source, message), status, sha in zip(
            media.select("source_id", "message_id").iter_rows(), ("tied", "tied"), ("a" * 64, "b" * 64), strict=True
        )
    ]
    attachments = Attachments(pl.DataFrame(rows, schema=dict(TABLES["attachments"])))
    joined = join_exports(sources, messages, events, timezone="UTC", attachments=attachments)
    found = joined.indicators.filter(pl.col("indicator") == "J-09")
    assert found.select("lines", "value").rows() == [([21], "1 message")] * 2
    alike = Attachments(attachments.with_columns(sha256=pl.lit("a" * 64)))
    unread = Attachments(attachments.with_columns(status=pl.lit("ambiguous")))
    for other in (alike, unread, None):
        joined = join_exports(sources, messages, events, timezone="UTC", attachments=other)
        assert joined.indicators.filter(pl.col("indicator") == "J-09").height == 0


def test_what_does_not_count_as_independent_is_told_with_the_reason() -> None:
    rows = observed(Export("a", SAID, folder="x"), Export("b", SAID[:-1], folder="x"), indicator="J-10")
    assert [(row["source_ids"], row["value"]) for row in rows] == [
        ([A, B], "Both lie in one folder, and so are taken to come from one phone."),
        ([B, A], "Both lie in one folder, and so are taken to come from one phone."),
    ]


def test_what_a_later_export_of_one_phone_lacks_is_told_of_the_earlier() -> None:
    later = [*SAID[:10], *SAID[12:], Said(20_000, "Violeta", "the last text of the later export")]
    (row,) = observed(Export("b", SAID, folder="x"), Export("a", later, folder="x"), indicator="J-12")
    assert (row["source_ids"], row["lines"], row["value"]) == ([B, A], [11, 12], "2 messages")
    assert observed(*two(later), indicator="J-12") == []


def test_time_that_one_export_alone_covers_is_a_blind_spot_with_the_ends_of_each_stretch() -> None:
    rows = observed(*two(SAID[10:30]), indicator="J-13")
    assert [(row["source_ids"], row["lines"]) for row in rows] == [([A], [1, 10, 31, 40])]
    assert rows[0]["value"] == "20 messages in 2 stretches, 0.1 days in all"


def test_two_exports_of_one_phone_do_not_lighten_each_others_blind_spots() -> None:
    exports = (
        Export("a", SAID, folder="x"),
        Export("b", SAID[:-1], folder="x"),
        Export("c", SAID[:20], labels=OTHERS, folder="y"),
    )
    assert [row["source_ids"] for row in observed(*exports, indicator="J-13")] == [[A], [B]]


def test_a_chat_of_one_unit_has_no_blind_spot_of_its_own() -> None:
    assert observed(Export("a", SAID, folder="x"), Export("b", SAID[:20], folder="x"), indicator="J-13") == []


def test_stretches_of_one_unit_that_overlap_are_one() -> None:
    windows = [(0, 0, 50), (1, 40, 100), (2, 30, 60), (3, 200, 300)]
    units = {0: 0, 1: 0, 2: 2, 3: 0}
    copies = [(place, src, t) for place, (src, t) in enumerate([(0, 10), (1, 90), (2, 45), (3, 250), (0, 45)])]
    frame = pl.DataFrame(copies, schema=["slot", "src", "t"], orient="row").with_columns(
        source_id=pl.col("src").cast(pl.String), chat=pl.lit(0, pl.Int64), line="slot",
        unit=pl.col("src").replace_strict(units, return_dtype=pl.Int64),
    )  # fmt: skip
    numbered = frame.select("src", "chat", "unit").unique()
    told = find_blind_spots(frame, pl.DataFrame(windows, schema=["src", "from_t", "to_t"], orient="row"), numbered)
    assert told.select("src", "n", "n_stretches").rows() == [(0, 1, 1), (1, 1, 1), (3, 1, 1)]


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_every_observation_has_its_four_texts_in_single_spaces(kind: str) -> None:
    words = WORDS[kind].columns()
    assert set(words) == {"indicator", "title", "explanation", "innocent", "resolve"}
    assert all(text and "  " not in text and "\n" not in text for text in words.values())


def alter(said: list[Said], share: float) -> list[Said]:
    """Alter a share of the texts, evenly."""
    kept = [int(place * share) == int((place + 1) * share) for place in range(len(said))]
    return [one if keep else replace(one, text=f"altered {one.text}") for one, keep in zip(said, kept, strict=True)]


def near(*exports: Export) -> list[tuple[object, object, object]]:
    """Return whose texts are in step though they were not taken for one chat, on which lines, and how that is told."""
    rows = observed(*exports, indicator="J-01")
    told = [row for row in rows if row["title"] == WORDS["near"].title]
    return [(row["source_ids"], row["lines"], row["value"]) for row in told]


@pytest.mark.parametrize("share", [0.4, 0.5, 0.6, 0.8])
def test_an_export_of_which_about_half_was_altered_is_in_step_and_that_is_said_of_both(share: float) -> None:
    altered = alter(SAID, share)
    lines = [place for place, one in enumerate(altered, start=1) if one in SAID]
    value = (
        f"{len(lines)} texts in both at one distance in time; not taken for one chat because too many texts of the "
        "common time are in one of them only"
    )
    assert near(*two(altered, ahead_s=7200)) == [([A, B], lines, value), ([B, A], lines, value)]


def test_an_altered_export_beside_several_of_its_chat_is_one_row_for_each_export() -> None:
    exports = (*two(SAID), Export("c", alter(SAID, 0.5)[10:], labels={"Violeta": "V"}))
    rows = near(*exports)
    assert [ids for ids, _, _ in rows] == [[A, C], [B, C], [C, *sorted([A, B])]]
    assert str(rows[2][2]).startswith("15 texts in both, with each export, at one distance in time;")


def test_posts_of_one_sender_in_two_groups_are_in_step_and_that_is_the_reason() -> None:
    posted = talk(20, ("Yuki",), every_s=600, topic="posted")
    groups = (
        sorted([*posted, *talk(20, PEOPLE, every_s=600, start_s=start, topic=topic)], key=lambda one: one.at_s)
        for start, topic in ((120, "mine"), (300, "theirs"))
    )
    (row, _) = near(*(Export(name, said) for name, said in zip("ab", groups, strict=True)))
    assert row[2] == (
        "20 texts in both at one distance in time; not taken for one chat because one sender has written all of them, "
        "or nearly all"
    )


def test_a_few_forwards_beside_much_else_are_not_said_to_be_in_step() -> None:
    forwards = talk(5, ("Yuki", "Zola"), every_s=3000, topic="forwarded")
    groups = [
        sorted([*forwards, *talk(60, PEOPLE, start_s=start, topic=topic)], key=lambda one: one.at_s)
        for start, topic in ((120, "mine"), (200, "theirs"))
    ]
    assert near(*(Export(name, said) for name, said in zip("ab", groups, strict=True))) == []


def test_what_is_in_one_chat_by_a_third_export_or_declared_apart_is_not_said_to_be_in_step() -> None:
    half = [one for place, one in enumerate(SAID) if place % 2]
    rest = [one for place, one in enumerate(SAID) if place % 2 == 0 or place % 10 == 1]
    assert near(*two(SAID)) == []
    assert near(Export("b", half), Export("c", rest)) != []
    assert join(Export("a", SAID), Export("b", half), Export("c", rest)).chats.height == 1
    assert near(Export("a", SAID), Export("b", half), Export("c", rest)) == []
    sources, messages, events = tables(*two(alter(SAID, 0.5)))
    stated = Sources(sources.with_columns(declared_chat=pl.Series(["choir", "band"])))
    told = join_exports(stated, messages, events, timezone="UTC").indicators
    assert told.filter(pl.col("title") == WORDS["near"].title).height == 0


def test_a_case_of_single_exports_has_no_observation_about_several() -> None:
    assert join(Export("a", SAID), Export("b", talk(30, PEOPLE, topic="else"))).indicators.height == 0
