from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.errors import UsageError
from chatforensics.package.redactfile import EXAMPLE, ManualRule, read_redact_file


def test_the_example_of_the_guide_is_read() -> None:
    assert read_redact_file(EXAMPLE.encode()) == (
        ManualRule("home address", words="12 Mill Lane", line=2),
        ManualRule("about a child", message_id=8121304400512, line=3),
    )


@pytest.mark.parametrize("parted", [",", ";", "\t"])
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_save_is_read(parted: str, code: str) -> None:
    rows = f"Words{parted}Reason\r\n\r\nمحمد الحسيني{parted}safety\r\n"
    assert read_redact_file(rows.encode(code)) == (ManualRule("safety", words="محمد الحسيني", line=3),)


def test_words_in_quotation_marks_may_hold_commas_and_line_breaks() -> None:
    rows = 'words,reason\n"Flat 2, Mill Lane\nLeeds",address\nnext one,why\n'
    assert [(rule.words, rule.line) for rule in read_redact_file(rows.encode())] == [
        ("Flat 2, Mill Lane\nLeeds", 2),
        ("next one", 4),
    ]


def test_words_that_are_to_stay_are_marked() -> None:
    assert read_redact_file(b"words,reason,action\nWill,a verb,keep\n")[0].keep


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (b"", "empty"),
        (b"words,message_id,reason\nMill Lane,,\n", "line 2: the reason"),
        (b"words,message_id,reason\n\nMill Lane,12,both\n", "line 3: give either"),
        (b"words,message_id,reason\n,,why\n", "line 2: give either"),
        (b"words,reason\nx,why\n", "line 2: the words are too short"),
        (b"message_id,reason\n8.12E+12,why\n", "line 2: message_id"),
        (b"words,reason\nMill Lane,says Mill Lane\n", "line 2: the reason says"),
        (b"words,why\nMill Lane,x\n", "line 1: no column is called 'why'"),
        (b"words\nMill Lane\n", "line 1: the columns"),
        (b"words,reason,reason\nMill Lane,x,y\n", "line 1: a column stands twice"),
        (b"words,reason\nFlat 2, Mill Lane,address\n", "line 2: there are more cells"),
        (b"words,reason\nMill Lane,x\nM\xfcller,x\n", "line 3: these letters"),
        (b'words,reason\n"Mill Lane,x\n', "line 2: this row"),
        (b"words,reason,action\nMill Lane,x,hide\n", "line 2: action"),
    ],
)
def test_a_row_that_cannot_be_is_named_by_its_line(rows: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_redact_file(rows, name="list.csv")


def test_an_error_and_a_rule_do_not_repeat_the_words() -> None:
    assert "Mill" not in repr(ManualRule("why", words="Mill Lane"))
    with pytest.raises(UsageError) as caught:
        read_redact_file(b"words,reason\nMill Lane,\n")
    assert "Mill" not in str(caught.value)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_with_a_sentence(content: bytes) -> None:
    with suppress(UsageError):
        assert all(rule.words and rule.reason for rule in read_redact_file(b"words,reason\n" + content))
