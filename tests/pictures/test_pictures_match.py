"""The same picture again."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures.drawn import clouds, draw, jpeg, png
from PIL import Image

from chatforensics.pictures import match_pictures
from chatforensics.pictures.decode import Pixels, decode_grey
from chatforensics.pictures.match import MOST_NEAR, NEAR, _find_near, are_same_words, hash_pixels, split_words
from chatforensics.schema import TABLES, Messages, Pictures

NONE = "0" * 64


def flip(n_bits: int) -> str:
    """Return a hash that differs from `NONE` in so many bits."""
    return f"{(1 << n_bits) - 1:064x}"


def links(*rows: dict[str, Any], copies: dict[int, int] | None = None) -> list[tuple[object, ...]]:
    frame = [dict.fromkeys(TABLES["pictures"]) | row for row in rows]
    sent = [
        {
            "message_id": row["message_id"],
            "canonical_id": (copies or {}).get(row["message_id"], row["message_id"]),
            "sent_at": datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=row.get("minute", row["message_id"])),
        }
        for row in rows
    ]
    messages = pl.DataFrame(sent, schema_overrides={"sent_at": pl.Datetime("us", "UTC")})
    pictures = pl.DataFrame(frame, schema=dict(TABLES["pictures"]))
    return match_pictures(Pictures(pictures), Messages(messages)).rows()


def a_picture(
    message_id: int, sha256: str, hashed: str | None = NONE, text: str | None = None, **more: Any
) -> dict[str, Any]:
    return {"message_id": message_id, "sha256": sha256, "perceptual_hash": hashed, "text": text} | more


def test_equal_bytes_are_the_same_file_linked_to_the_first() -> None:
    rows = [a_picture(5, "f", text="vote"), a_picture(6, "f", text="vote"), a_picture(4, "f", text="vote", minute=9)]
    assert links(*rows) == [(5, 4, "same_file", 0, 1.0), (5, 6, "same_file", 0, 1.0)]


def test_copies_of_one_message_in_two_exports_are_not_linked() -> None:
    assert links(a_picture(1, "f"), a_picture(2, "f"), copies={2: 1}) == []


def test_an_unread_file_that_cannot_be_hashed_is_linked_by_its_bytes_alone() -> None:
    rows = [a_picture(1, "f", None), a_picture(2, "f", None), a_picture(3, "g", None)]
    assert links(*rows) == [(1, 2, "same_file", 0, None)]


def test_a_near_hash_with_the_same_words_is_the_same_picture() -> None:
    rows = [a_picture(1, "f", NONE, "Vote for Amara Osei!"), a_picture(2, "g", flip(NEAR), "vote for\nAmara Osei")]
    assert links(*rows) == [(1, 2, "same_picture", NEAR, 1.0)]


def test_a_near_hash_with_another_name_is_never_the_same_picture() -> None:
    rows = [a_picture(1, "f", NONE, "Vote for Elia Khan"), a_picture(2, "g", NONE, "Vote for Ella Khan")]
    ((_, _, relation, distance, similarity),) = links(*rows)
    assert (relation, distance) == ("same_template_other_words", 0)
    assert 0.9 < float(str(similarity)) < 1


@pytest.mark.parametrize("texts", [(None, None), ("vote", None), (None, "vote"), ("—", "…")])
def test_alike_pictures_of_which_one_could_not_be_read_stay_undecided(texts: tuple[str | None, str | None]) -> None:
    rows = [a_picture(1, "f", NONE, texts[0]), a_picture(2, "g", NONE, texts[1])]
    assert links(*rows) == [(1, 2, "alike_unread", 0, None)]


def test_a_hash_that_is_not_near_links_nothing_even_with_the_same_words() -> None:
    assert links(a_picture(1, "f", NONE, "vote"), a_picture(2, "g", flip(NEAR + 1), "vote")) == []


def test_no_pictures_give_no_links() -> None:
    assert match_pictures(
        Pictures(pl.DataFrame(schema=dict(TABLES["pictures"]))), Messages(pl.DataFrame(schema=dict(TABLES["messages"])))
    ).is_empty()


def test_a_picture_like_very_many_is_linked_to_the_nearest_of_them() -> None:
    hashes = [NONE, *(flip(n % NEAR + 1) for n in range(MOST_NEAR + 30))]
    of_first = [distance for one, _, distance in _find_near(hashes) if one == 0]
    assert len(of_first) == MOST_NEAR
    assert max(of_first) < NEAR


@given(st.lists(st.integers(0, 2**256 - 1).map(lambda number: f"{number & 0xFFFFFFF:064x}"), max_size=40))
def test_near_hashes_are_those_that_counting_bits_one_by_one_finds(hashes: list[str]) -> None:
    slow = {
        (one, other, (int(hashes[one], 16) ^ int(hashes[other], 16)).bit_count())
        for one, other in combinations(range(len(hashes)), 2)
    }
    assert set(_find_near(hashes)) == {pair for pair in slow if pair[2] <= NEAR}


@given(st.text(), st.text())
def test_words_are_the_same_both_ways_and_with_themselves(one: str, other: str) -> None:
    assert are_same_words(split_words(one), split_words(one))
    assert are_same_words(split_words(one), split_words(other)) == are_same_words(split_words(other), split_words(one))


def hashed(raw: bytes) -> str:
    found = decode_grey(raw)
    assert isinstance(found, Pixels)
    return hash_pixels(found.pixels, width=found.shown_width, height=found.shown_height)


def bits_between(one: bytes, other: bytes) -> int:
    return (int(hashed(one), 16) ^ int(hashed(other), 16)).bit_count()


def test_compression_and_another_size_move_the_hash_a_little_and_another_picture_far() -> None:
    picture = draw()
    half = picture.resize((500, picture.height // 2), Image.Resampling.LANCZOS)
    assert bits_between(jpeg(picture, 90), jpeg(picture, 30)) <= NEAR
    assert bits_between(jpeg(picture, 90), jpeg(half, 60)) <= NEAR
    assert bits_between(jpeg(picture), jpeg(clouds().convert("RGB"))) > NEAR


def test_a_picture_of_one_colour_has_a_hash() -> None:
    assert len(hashed(png(50, 50))) == 64
