"""One export from Python: what the file must keep, and what the other order of dates would change."""

from pathlib import Path

import polars as pl
import pytest

from chatforensics.errors import HashMismatch
from chatforensics.intake import ChatText, chat_from_bytes
from chatforensics.parsing import batches, parse_export
from chatforensics.workflow import Declared, parse, parse_chat, parse_to_file, parsed_records
from chatforensics.workflow.orders import compare_orders, weigh_order

AMBIGUOUS = b"05/06/2024, 08:30 - Ama: hi\n05/06/2024, 08:31 - Ben: ok\n06/06/2024, 08:31 - Ben: ok\n"
CERTAIN = b"25/06/2024, 08:30 - Ama: hi\n26/06/2024, 08:31 - Ben: ok\n"


class Changed(ChatText):
    """A chat text whose file another program has written to."""

    def check_unchanged(self) -> None:
        raise HashMismatch("changed")


def changed(raw: bytes) -> ChatText:
    chat = chat_from_bytes(raw, name="chat.txt")
    return Changed(chat.path, chat.sha256, chat.size_bytes, None, raw)


def test_a_file_that_changed_while_it_was_read_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    with pytest.raises(HashMismatch):
        parse_to_file(changed(CERTAIN), out, Declared())
    assert list(tmp_path.iterdir()) == []


def test_the_year_can_be_given_from_python(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("13 Mar 08:30 - Ama: hi\n")
    assert parse(path).messages["sent_local"].to_list() == [None]
    assert parse(path, year=2014).messages["sent_local"][0].year == 2014


def test_the_other_order_is_told_by_what_it_changes() -> None:
    other = compare_orders(chat_from_bytes(AMBIGUOUS, name="chat.txt"), "dmy", "mdy", year=None)
    assert str(other) == "as mdy, 2 of 3 records would have another date, from 2024-05-06 to 2024-06-06"


def test_an_order_that_is_impossible_is_not_compared() -> None:
    assert compare_orders(chat_from_bytes(CERTAIN, name="chat.txt"), "dmy", "mdy", year=None) is None


def test_only_an_ambiguous_order_gets_more_evidence() -> None:
    certain, ambiguous = (chat_from_bytes(raw, name="chat.txt") for raw in (CERTAIN, AMBIGUOUS))
    for chat, longer in ((certain, False), (ambiguous, True)):
        sources = parse_export(chat).sources
        told = weigh_order(sources, chat, year=None)["date_order_evidence"][0]
        assert ("would have another date" in told) is longer
        assert told.startswith(sources["date_order_evidence"][0])


def test_the_streamed_file_equals_the_records_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 100)  # a few records a batch
    said = ["Ama added Ben", "Ama: hi", "Ben: <Media omitted>", "Something new happened", "Ben left", "Ama: bye"] * 4
    raw = "".join(f"25/06/2024, 08:{minute:02} - {words}\n" for minute, words in enumerate(said)).encode()
    chat = chat_from_bytes(raw, name="chat.txt")
    out = tmp_path / "out.parquet"
    parse_to_file(chat, out, Declared(timezone="Europe/London"))
    whole = parsed_records(parse_chat(chat, dates=None, timezone="Europe/London"))
    assert pl.read_parquet(out).equals(whole)
