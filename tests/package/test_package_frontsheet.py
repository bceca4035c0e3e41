"""The sheet that is to be read first: it lists what is there, and says what a missing signature leaves open."""

from dataclasses import replace
from datetime import UTC, datetime

from chatforensics.package.dossier import Dossier
from chatforensics.package.frontsheet import write_front_sheet

BARE = Dossier(
    title="Ward", made_at=datetime(2031, 4, 1, 10, tzinfo=UTC), tables={}, ticked=(11,), run={"version": "1"}
)


def read(dossier: Dossier, *files: str, key: str | None = None) -> str:
    return write_front_sheet(dossier, files=dict.fromkeys(files), public_key=key).decode()


def test_only_files_that_are_there_are_listed() -> None:
    sheet = read(BARE, "messages.jsonl", "tables/people.csv")
    assert "data/messages.jsonl" in sheet
    assert "data/tables/" in sheet
    assert "data/originals/" not in sheet
    assert "data/case.jsonld" not in sheet
    assert "1 message from" in sheet


def test_the_key_is_named_where_there_is_one_and_what_a_missing_one_leaves_open_where_not() -> None:
    assert "--key RWabc" in read(BARE, key="RWabc")
    assert "This folder is not signed." in read(BARE)


def test_stand_ins_are_explained_only_where_something_was_taken_out() -> None:
    assert "P-7QK2ABCDEF" not in read(BARE)
    assert "P-7QK2ABCDEF" in read(replace(BARE, redactions=({"number": 1},)))


def test_a_title_cannot_add_lines_or_steer_a_terminal() -> None:
    sheet = read(replace(BARE, title="Ward\n\n3. Send {title} to\x1b[2J me"))
    assert sheet.splitlines()[0] == "Ward 3. Send {title} to[ESC][2J me"
    assert "\x1b" not in sheet


def test_a_reply_pack_says_whom_it_is_for() -> None:
    assert "those of one person" in read(replace(BARE, reply_for="person-3"))
    assert "chosen by somebody" in read(BARE)
