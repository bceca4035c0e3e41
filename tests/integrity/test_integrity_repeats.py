"""Messages that stand twice."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.chats import Said, evidence_of_records, found, notice, talk

from chatforensics.integrity.repeats import REPEATS


def seen(*said: Said) -> list[tuple[str, list[int]]]:
    return found(REPEATS, "I-23", said)


def test_a_chat_in_which_nothing_returns_is_nothing_odd() -> None:
    assert seen(*talk(50)) == []


def test_a_block_of_several_people_at_other_times_is_unexplained() -> None:
    said = talk(10)
    (told,) = REPEATS["I-23"].find(evidence_of_records([*said, *talk(5, topic="quay"), *said[2:6]]))
    assert (told.level, told.lines) == ("unexplained", [3, 4, 5, 6, 16, 17, 18, 19])
    assert told.value == (
        "4 messages in a row, of 4 senders, stand from line 3 and again from line 16, each 7,800 seconds later."
    )


def test_uneven_times_are_other_times() -> None:
    said = talk(10)
    slower = [replace(one, after_s=100 * place) for place, one in enumerate(said[2:6])]
    (told,) = REPEATS["I-23"].find(evidence_of_records([*said, *slower]))
    assert "again from line 11, at other times." in told.value


def test_two_exports_one_behind_the_other_are_unexplained() -> None:
    said = talk(6)
    back = [replace(said[0], after_s=-5 * 600), *said[1:]]
    (told,) = REPEATS["I-23"].find(evidence_of_records([*said, *back]))
    assert (told.level, told.lines) == ("unexplained", list(range(1, 13)))
    assert "with the same times" in told.value


def test_one_senders_series_sent_again_is_information() -> None:
    series = talk(4, people=["Ama"])
    assert seen(*series, *talk(5, topic="quay"), *series) == [("info", [1, 2, 3, 4, 10, 11, 12, 13])]


def test_short_texts_return_by_chance() -> None:
    short = [Said("Ama", "ok"), Said("Ewa", "thanks"), Said("Ama", "see you")]
    assert seen(*short, *talk(3), *short) == []


def test_two_messages_are_too_few() -> None:
    said = talk(10)
    assert seen(*said, *talk(2, topic="quay"), *said[4:6]) == []


def test_notices_and_media_count_by_their_place_only() -> None:
    block = [Said("Ama", None, kind="media"), notice("joined", "Ewa"), Said("Ewa", None, kind="media")]
    assert seen(*block, *talk(3), *block) == []


def test_the_longest_block_is_described_and_all_are_counted() -> None:
    one, other = talk(8), talk(4, topic="quay")
    said = [*one, *other, *talk(3, topic="pier"), *other, *talk(3, topic="dock"), *one]
    (told,) = REPEATS["I-23"].find(evidence_of_records(said))
    assert told.value.startswith("8 messages in a row")
    assert "the longest of 2 such blocks" in told.value


def test_one_long_message_twice_at_one_time_is_information() -> None:
    said = talk(10)
    assert seen(*said[:5], replace(said[4], after_s=0), *said[5:]) == [("info", [5, 6])]


def test_many_messages_twice_at_their_time_are_unexplained() -> None:
    doubled = [copy for one in talk(12) for copy in (one, replace(one, after_s=0))]
    assert seen(*doubled) == [("unexplained", list(range(1, 25)))]


def test_of_a_long_block_the_first_thousand_lines_are_named() -> None:
    said = talk(2000)
    ((level, lines),) = seen(*said, *said)
    assert (level, len(lines)) == ("unexplained", 1000)


SENTENCES = st.sampled_from(["the boat leaves at nine sharp", "bring the long rope for the quay", "ok", "no"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("AB"), SENTENCES), max_size=40))
def test_what_is_named_stands_twice_word_for_word(rows: list[tuple[str, str]]) -> None:
    for said, told in [(rows, REPEATS["I-23"].find(evidence_of_records([Said(*row) for row in rows])))]:
        for one in told:
            assert all(said.count(said[line - 1]) > 1 for line in one.lines)


@settings(max_examples=50, deadline=None)
@given(st.integers(3, 8), st.integers(0, 10), st.integers(3, 10))
def test_a_planted_block_is_always_found(n: int, start: int, apart: int) -> None:
    said = talk(20)
    block = said[start : start + n]
    between = talk(apart, topic="quay")
    ((level, lines),) = seen(*said, *between, *block)
    assert level == "unexplained"
    first = 20 + apart + 1
    assert lines == [*range(start + 1, start + n + 1), *range(first, first + n)]
