"""Files tied to the messages that print their names."""

import unicodedata
from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.intake import Attachment, ChatText
from chatforensics.parsing.attachments import build_attachments
from chatforensics.schema import TABLES

Row = tuple[int | None, str, str, int | None, str | None]


def tie(printed: list[str | None], files: list[tuple[str, str | None]]) -> list[Row]:
    messages = pl.DataFrame(
        {"message_id": range(len(printed)), "attachment": printed},
        schema={"message_id": pl.Int64, "attachment": pl.String},
    )
    attachments = tuple(Attachment(name, len(name), sha256) for name, sha256 in files)
    table = build_attachments(messages, ChatText("x.zip", "ab" * 32, 1, "_chat.txt", b"", attachments))
    assert dict(table.schema) == dict(TABLES["attachments"])
    assert set(table["source_id"]) <= {"ab" * 8}
    return table.select("message_id", "file", "status", "size_bytes", "sha256").rows()


def test_one_file_of_the_name_that_one_message_prints_is_tied() -> None:
    assert tie([None, "a.jpg"], [("a.jpg", "h1")]) == [(1, "a.jpg", "tied", 5, "h1")]


def test_a_name_without_a_file_is_missing_and_a_file_without_a_name_an_orphan() -> None:
    assert tie(["b.jpg"], [("z.jpg", "h1"), ("a.jpg", None)]) == [
        (0, "b.jpg", "missing", None, None),
        (None, "a.jpg", "orphan", 5, None),
        (None, "z.jpg", "orphan", 5, "h1"),
    ]


def test_a_text_passed_on_alone_has_only_missing_files() -> None:
    assert tie(["a.jpg", "a.jpg"], []) == [(0, "a.jpg", "missing", None, None), (1, "a.jpg", "missing", None, None)]


def test_an_export_without_names_and_files_has_no_rows() -> None:
    assert tie([None], []) == []


def test_a_name_that_two_messages_print_is_ambiguous_for_both() -> None:
    assert tie(["a.pdf", "a.pdf"], [("a.pdf", "h1")]) == [
        (0, "a.pdf", "ambiguous", 5, "h1"),
        (1, "a.pdf", "ambiguous", 5, "h1"),
    ]


def test_two_files_of_one_name_are_ambiguous_and_both_listed() -> None:
    assert tie(["a.pdf"], [("a.pdf", "h2"), ("x/a.pdf", "h1")]) == [
        (0, "a.pdf", "ambiguous", None, None),
        (None, "a.pdf", "ambiguous", 5, "h2"),
        (None, "x/a.pdf", "ambiguous", 7, "h1"),
    ]


def test_two_files_of_one_name_with_the_same_bytes_have_one_hash() -> None:
    assert tie(["a.pdf"], [("a.pdf", "h1"), ("a.pdf", "h1")])[0] == (0, "a.pdf", "ambiguous", 5, "h1")


def test_a_file_that_was_not_read_agrees_with_no_other() -> None:
    assert tie(["a.pdf"], [("a.pdf", None), ("a.pdf", None)])[0] == (0, "a.pdf", "ambiguous", None, None)


def test_names_are_compared_in_one_form_and_without_marks_where_they_differ() -> None:
    composed, split = "caf\u00e9.pdf", unicodedata.normalize("NFD", "caf\u00e9.pdf")
    assert tie(["\u200e" + composed + "\u202c"], [(split, "h1")]) == [(0, split, "tied", len(split), "h1")]
    assert [row[2] for row in tie([composed, split], [(split, "h1"), (composed, "h2")])] == ["tied", "tied"]


def test_folders_before_a_files_own_name_do_not_count() -> None:
    assert [row[2] for row in tie(["a.jpg", "b.jpg"], [("Choir/a.jpg", "h1"), ("C:\\x\\b.jpg", "h2")])] == [
        "tied",
        "tied",
    ]


def test_a_name_in_a_message_is_never_a_path() -> None:
    assert tie(["../../etc/passwd"], [("passwd", "h1")]) == [
        (0, "../../etc/passwd", "missing", None, None),
        (None, "passwd", "orphan", 6, "h1"),
    ]


def test_a_hundred_thousand_namesakes_make_no_more_rows_than_messages_and_files() -> None:
    assert len(tie(["a.jpg"] * 100_000, [("a.jpg", "h1")] * 1_000)) == 101_000


NAMES = st.sampled_from(["a.jpg", "b.jpg", "e\u0301.jpg", "\u00e9.jpg", "\u200ea.jpg"])


@given(st.lists(NAMES), st.lists(st.tuples(NAMES, st.sampled_from(["h1", "h2", None]))))
def test_no_message_and_no_file_is_lost(printed: list[str], files: list[tuple[str, str | None]]) -> None:
    rows = tie(list(printed), files)
    assert [row[0] for row in rows if row[0] is not None] == list(range(len(printed)))
    untied = Counter(row[1] for row in rows if row[0] is None)
    alone = Counter(row[1] for row in rows if row[2] == "tied")
    counted = untied + alone
    shared = {row[1] for row in rows if row[0] is not None and row[2] == "ambiguous"}
    for name, number in Counter(name for name, _ in files).items():
        assert counted[name] == number or (name in shared and number == 1)
