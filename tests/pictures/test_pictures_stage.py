"""Pictures to a table."""

import polars as pl
import pytest
from pictures.drawn import a_reader, clouds, draw, jpeg

from chatforensics.pictures import Examined, build_pictures, examine_picture
from chatforensics.pictures.stage import NO_READER
from chatforensics.schema import TABLES


def test_a_picture_with_words_is_read_hashed_and_measured() -> None:
    found = examine_picture(jpeg(draw(text="Vote for the Orange list on Friday")), reader=a_reader())
    assert (found.status, found.text, found.reason) == ("read", "Vote for the Orange list on Friday", None)
    assert (found.width, found.height) == (1000, 120)
    assert len(found.perceptual_hash or "") == 64


def test_a_picture_without_words_says_so() -> None:
    found = examine_picture(jpeg(clouds().convert("RGB")), reader=a_reader())
    assert (found.status, found.text, found.languages) == ("no_text", None, None)


def test_without_a_reader_a_picture_is_still_hashed() -> None:
    found = examine_picture(jpeg(draw()), reader=None)
    assert (found.status, found.reason, found.width) == ("not_read", NO_READER, 1000)
    assert found.perceptual_hash is not None


@pytest.mark.parametrize("raw", [b"", b"no picture", b"\xff\xd8\xff damaged"])
def test_what_cannot_be_decoded_gives_a_reason(raw: bytes) -> None:
    found = examine_picture(raw, reader=None)
    assert found.status == "not_read"
    assert found.reason
    assert (found.width, found.perceptual_hash) == (None, None)


def test_every_message_has_a_row_and_a_file_that_was_not_given_out_its_reason() -> None:
    wanted = pl.DataFrame(
        {
            "message_id": [3, 1, 2],
            "source_id": ["a", "a", "b"],
            "file": ["IMG-1.jpg", "IMG-1.jpg", "IMG-2.jpg"],
            "sha256": ["f", "f", None],
            "unread": [None, None, "encrypted"],
        }
    )
    table = build_pictures(
        wanted, {"f": Examined(status="read", text="vote", languages=("eng",), mean_confidence=90.0)}
    )
    assert table.schema == dict(TABLES["pictures"])
    assert table.select("message_id", "status", "text", "reason").rows() == [
        (1, "read", "vote", None),
        (2, "not_read", None, "encrypted"),
        (3, "read", "vote", None),
    ]
