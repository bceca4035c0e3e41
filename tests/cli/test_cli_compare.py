"""`compare` says in plain words what exports show of each other, and never which of them is right."""

import csv
import io
import json
import re
import subprocess
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import commandline
import pytest

from chatforensics.cli.casewords import print_moment
from chatforensics.cli.difference import mark_difference, name_characters, quote
from chatforensics.workflow import compare, reading

PEOPLE = ("Anahera", "Bogdan", "Chiyo")
WORDS = ("anchor", "basket", "cellar", "dinner", "engine", "fiddle", "garden", "harbour", "island", "jacket")
Line = tuple[int, str, str]


def talk(n: int = 30, topic: str = "about") -> list[Line]:
    """Return minutes, senders and texts of a conversation."""
    return [
        (5 * i, PEOPLE[i % 3], f"{topic} the {WORDS[i % 10]} and the {WORDS[i // 10 % 10]} {i:03d}") for i in range(n)
    ]


SAID = talk()


def write(path: Path, said: Sequence[Line], names: dict[str, str] | None = None, hours: int = 9) -> Path:
    """Write an export as an Android phone prints it."""
    known = names or {}
    lines = [
        f"13/03/2024, {hours + minute // 60:02d}:{minute % 60:02d} - {known.get(who, who)}: {text}\n"
        for minute, who, text in said
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def run(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    return commandline.run("compare", *words)


def say(*words: str | Path) -> str:
    """Return what is printed, on one line."""
    done = run(*words)
    assert done.returncode == 0, done.stderr.decode()
    return " ".join(done.stdout.decode().split())


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two phones that differ in one text, one sender and one message."""
    other = [*SAID[:12], (60, "Anahera", "another text than the first phone shows"), *SAID[13:20]]
    other += [(100, "Bogdan" if SAID[20][1] != "Bogdan" else "Chiyo", SAID[20][2]), *SAID[21:25], *SAID[26:]]
    return (
        write(tmp_path / "first" / "WhatsApp Chat with Choir.txt", SAID),
        write(tmp_path / "other" / "WhatsApp Chat with Choir.txt", other, {"Anahera": "Ana", "Chiyo": "~ Chiyo"}, 14),
    )


def test_two_exports_of_a_chat_are_put_side_by_side(pair: tuple[Path, Path]) -> None:
    told = say(*pair, "--tz", "Europe/Lisbon")
    assert "S1 and S2 (Choir): show one chat." in told
    assert "Nothing shows that both come from one phone, person or file" in told
    assert "The clock of S2 is 5 h ahead of that of S1, give or take" in told
    assert "S1 Anahera (10) = S2 Ana (" in told
    assert "Messages that agree: 27; that differ: 1 in text, 1 in sender; only in S1: 1, only in S2: 0" in told


def test_a_conflict_shows_both_wordings_with_file_line_time_and_sender_and_what_else_explains_it(
    pair: tuple[Path, Path],
) -> None:
    told = say(*pair)
    assert "DIFFERENT TEXTS (1)" in told
    assert "S1:13 2024-03-13 10:00 own clock" in told
    assert "S2:13 2024-03-13 15:00 own clock" in told
    assert "| about the cellar and the basket 012" in told
    assert "| another text than the first phone shows" in told
    assert "{+" in told
    assert "DIFFERENT SENDERS (1)" in told
    assert "IN ONE EXPORT ONLY, though another covers their time (1)" in told
    assert told.count("Lawful explanations:") >= 3


def test_it_ends_without_a_verdict(pair: tuple[Path, Path]) -> None:
    told = say(*pair)
    assert "WHAT THIS CANNOT SHOW" in told
    assert told.endswith("Keep the exports untouched, and ask further members for theirs.")
    for word in ("forged", "fake", "proves", "tampered", "suspicious", "authentic"):
        assert word not in told.lower()


def test_the_order_of_the_inputs_changes_nothing(pair: tuple[Path, Path]) -> None:
    assert run(*pair).stdout == run(*pair[::-1]).stdout


def test_agreeing_exports_have_no_disagreement(tmp_path: Path) -> None:
    one = write(tmp_path / "a.txt", SAID)
    other = write(tmp_path / "b.txt", SAID, {"Bogdan": "Bogdan from choir"})
    told = say(one, other)
    assert "NO DISAGREEMENT on any message that two of these exports could hold." in told
    assert "two or more independent exports show 30 alike" in told


def test_exports_of_two_chats_are_not_compared_and_it_says_why(tmp_path: Path) -> None:
    one = write(tmp_path / "a.txt", SAID)
    other = write(tmp_path / "b.txt", talk(topic="never"))
    told = say(one, other)
    assert "1 pair without a text of 20 characters or more in both; times that meet: 1." in told
    assert "No two of these exports were taken to show one chat" in told
    forwards = [*talk(25, topic="never"), *((7 + 19 * place, "Bogdan", SAID[place][2]) for place in range(5))]
    told = say(one, write(tmp_path / "c.txt", sorted(forwards)))
    assert "5 long texts in both, 1 of them at one distance of the clocks." in told
    assert "Forwards and common phrases are shared by many chats." in told


def test_a_text_that_many_chats_hold_is_said_not_to_be_compared_in_full(tmp_path: Path) -> None:
    letter = (2, "Bogdan", "one long text that goes round in many chats")
    exports = [
        write(tmp_path / f"{place}.txt", [(1, "Chiyo", f"something of chat {place}"), letter]) for place in range(8)
    ]
    told = say(*exports)
    assert told.count("were not joined: 1 long text in both") == 22
    assert "6 pairs without a text of 20 characters or more in both, but for 1 text that many exports hold;" in told


def test_order_and_time_that_one_export_alone_covers_are_told_with_their_lawful_explanations(tmp_path: Path) -> None:
    one = write(tmp_path / "a.txt", SAID)
    other = write(tmp_path / "b.txt", [*SAID[:5], *SAID[6:15], SAID[5], *SAID[15:22]], {"Bogdan": "Bogdan K"})
    told = say(one, other)
    assert "out of order: 1." in told
    assert "DIFFERENT ORDER S1 beside S2: 1 message (lines S1:6) S2 beside S1: 1 message (lines S2:15)" in told
    assert "TIME THAT NOTHING INDEPENDENT COVERS S1: 8 messages in 1 stretch, 0.0 days in all" in told
    assert told.count("Lawful explanations:") == 2


def test_a_long_list_is_cut_and_says_where_the_rest_is(tmp_path: Path) -> None:
    said = talk(100)
    one = write(tmp_path / "a.txt", said)
    other = write(tmp_path / "b.txt", [line for i, line in enumerate(said) if i % 2 or i > 95], {"Bogdan": "Bogdan K"})
    told = say(one, other)
    assert told.count("not in S2") == 40
    assert "further messages; --format jsonl or csv lists all." in told


def test_exports_of_one_phone_do_not_confirm_each_other(tmp_path: Path) -> None:
    write(tmp_path / "all" / "phone" / "a.txt", SAID)
    write(tmp_path / "all" / "phone" / "b.txt", SAID[:-5])
    told = say(tmp_path / "all")
    assert "Not independent. Both lie in one folder, and so are taken to come from one phone." in told
    assert "two or more independent exports show 0 alike; in several exports that are not independent: 25 more" in told


def test_a_copy_of_a_file_confirms_nothing(tmp_path: Path) -> None:
    told = say(write(tmp_path / "a.txt", SAID), write(tmp_path / "b.txt", SAID))
    assert "is the same file as" in told
    assert "A copy confirms nothing." in told


def test_what_would_hide_or_forge_a_line_on_the_terminal_is_written_out(tmp_path: Path) -> None:
    hostile = "over\u202eturned \x1b]0;owned\x07 and\nCHAT OF S1 and S9: forged"
    one = write(tmp_path / "a.txt", SAID)
    other = write(tmp_path / "b.txt", [*SAID[:12], (60, "Anahera", hostile), *SAID[13:]], {"Anahera": "Ana\u202e"})
    done = run(one, other)
    printed = done.stdout.decode()
    assert not {char for char in printed if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"}
    assert "| over[RLO]turned [ESC]]0;owned[BEL] and" in printed
    assert "\nCHAT OF S1 and S9" not in printed


def test_jsonl_and_csv_have_a_row_per_disagreement(pair: tuple[Path, Path], tmp_path: Path) -> None:
    rows = [json.loads(line) for line in run(*pair, "--format", "jsonl").stdout.decode().splitlines()]
    assert [row["conflict"] for row in rows] == ["text_conflict", "sender_conflict", "one_sided"]
    assert (rows[0]["line_a"], rows[0]["line_b"]) == (13, 13)
    assert rows[0]["text_b"] == "another text than the first phone shows"
    assert rows[2]["text_b"] is None
    assert rows[2]["file_b"].endswith("other/WhatsApp Chat with Choir.txt")
    assert all(row["innocent"] for row in rows)
    out = tmp_path / "found.csv"
    assert run(*pair, "--out", out).returncode == 0
    assert len(list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))) == 3


def test_exit_codes_are_those_of_the_contract(tmp_path: Path) -> None:
    one = write(tmp_path / "a.txt", SAID)
    no_export = tmp_path / "b.txt"
    no_export.write_text("nothing like an export\n")
    assert run(one).returncode == 2
    assert run(one, one, "--format", "xml").returncode == 2
    assert run(one, one, "--tz", "Atlantis").returncode == 2
    assert run(one, no_export).returncode == 3
    assert b"Not read: " in run(one, no_export).stderr
    assert run(no_export, tmp_path / "absent.txt").returncode == 1


def test_nothing_is_written_over_an_input(tmp_path: Path) -> None:
    one, other = (write(tmp_path / name, SAID[cut:]) for name, cut in (("a.txt", 0), ("b.txt", 3)))
    assert run(one, other, "--out", one).returncode == 2


def test_a_statement_of_who_is_who_is_followed(pair: tuple[Path, Path], tmp_path: Path) -> None:
    stated = tmp_path / "people.toml"
    stated.write_text('[[different]]\nlabels = ["Anahera", "Ana"]\nwhy = "she says so"\n')
    assert "S1 Anahera (10) = S2 Ana" not in say(*pair, "--people", stated)


def test_help_ends_with_a_runnable_example() -> None:
    text = " ".join(run("--help").stdout.decode().split("Example: ")[1].split())
    assert text.startswith("chatforensics compare ")


def test_python_gets_the_tables(pair: tuple[Path, Path]) -> None:
    compared = compare(pair)
    assert compared.disagreements["conflict"].to_list() == ["text_conflict", "sender_conflict", "one_sided"]
    assert compared.tables["comparisons"].height == 1
    assert compared.apart.pairs.height == 0


def test_differences_are_marked_character_by_character() -> None:
    assert mark_difference("vote for Ada", "vote for Ida!") == "vote for [-A-]{+I+}da{+!+}"
    assert mark_difference("same", "same") == "same"


def test_characters_that_look_alike_are_named() -> None:
    assert name_characters("S\u0430m", "Sam") == "U+0430 CYRILLIC SMALL LETTER A"
    assert name_characters("plain", "words") == ""
    assert name_characters("", "абвгдежз").endswith(" and 2 more")


def test_a_message_without_words_is_quoted_as_such() -> None:
    assert quote(None, indent="", kind="media") == ["| (media, no words in the export)"]


def test_words_that_one_export_lacks_are_not_called_confirmed(tmp_path: Path) -> None:
    gone = [(minute, who, "This message was deleted" if minute == 60 else text) for minute, who, text in SAID]
    one = write(tmp_path / "a" / "a.txt", SAID)
    told = say(one, write(tmp_path / "b" / "b.txt", gone, {"Bogdan": "Bogdan K"}))
    assert "independent exports show 30 alike. Of these, with words in one export and none in another: 1 (" in told
    assert "with words in one" not in say(one, write(tmp_path / "c" / "c.txt", SAID, {"Bogdan": "Bogdan K"}))


def test_messages_whose_senders_nothing_ties_together_are_counted(tmp_path: Path) -> None:
    said = talk(60)
    mixed = [(minute, "Chiyo" if who == "Bogdan" and minute % 2 else who, text) for minute, who, text in said]
    told = say(write(tmp_path / "a" / "a.txt", said), write(tmp_path / "b" / "b.txt", mixed))
    assert "the exports agree on words and times, not on who sent them." in told
    assert "DIFFERENT SENDERS" not in told


def test_comparing_does_not_look_at_single_exports(pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "observe", None)
    assert compare(pair).tables["comparisons"].height == 1


@pytest.mark.parametrize("command", ["compare", "check", "analyse"])
def test_a_file_name_that_would_forge_or_hide_a_warning_is_written_out(tmp_path: Path, command: str) -> None:
    write(tmp_path / "a" / "one.txt", SAID)
    (tmp_path / "a" / "\x1b[2Jtxt\u202etxt.\nWarning: forged.txt").write_text("nothing like an export\n")
    words: list[str | Path] = ["--out", tmp_path / "out"] if command == "analyse" else []
    told = commandline.run(command, tmp_path / "a", *words).stderr.decode()
    assert "[ESC][2Jtxt[RLO]txt." in told
    assert "\nWarning: forged" not in told
    assert not {char for char in told if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"}


def test_an_export_names_its_maker_as_it_prints_them_itself(tmp_path: Path) -> None:
    one = write(tmp_path / "a" / "WhatsApp Chat with Choir.txt", SAID, {"Anahera": "Ana"})
    other = write(tmp_path / "b" / "WhatsApp Chat with Choir.txt", SAID, {"Chiyo": "Chi"})
    stated = tmp_path / "declared.toml"
    stated.write_text(f"['{one}']\ncustodian = 'Chiyo'\n['{other}']\ncustodian = 'Anahera'\n")
    told = say(one, other, "--declare", stated).partition("ONE CHAT?")[0]
    assert [word.split(",")[0] for word in told.split("made by ")[1:]] == ["Chiyo", "Anahera"]


def test_an_export_without_a_word_of_its_maker_names_them_as_the_phone_does(tmp_path: Path) -> None:
    top = tmp_path / "all"
    spoken = write(top / "a" / "WhatsApp Chat with Choir.txt", SAID, {"Anahera": "Ana"})
    write(top / "a" / "WhatsApp Chat with Bogdan.txt", [line for line in talk(topic="never") if line[1] == "Bogdan"])
    write(top / "b" / "WhatsApp Chat with Choir.txt", SAID, {"Bogdan": "Bo"})
    stated = tmp_path / "declared.toml"
    stated.write_text(f"['{spoken}']\ncustodian = 'Ana'\n")
    told = say(top, "--declare", stated).partition("ONE CHAT?")[0]
    assert told.count("made by Ana, as it seems") == 2


def test_times_in_utc_are_rounded_as_finely_as_the_clock_prints() -> None:
    moment = datetime(2025, 3, 12, 19, 57, 56, 700_000, tzinfo=UTC)
    assert print_moment(moment, step_s=60) == "2025-03-12 19:58"
    assert print_moment(moment, step_s=1) == "2025-03-12 19:57:57"
    assert print_moment(moment.replace(second=29), step_s=86_400) == "2025-03-12 19:57"
    assert print_moment(None, step_s=60) == "no time"


def test_exports_that_a_declaration_parts_are_said_to_be_declared_apart(tmp_path: Path) -> None:
    one, other = (write(tmp_path / f"{name}.txt", SAID, {"Bogdan": name}) for name in "ab")
    stated = tmp_path / "declared.toml"
    stated.write_text(f"['{one}']\nchat = 'choir'\n['{other}']\nchat = 'band'\n")
    told = say(one, other, "--declare", stated)
    assert "S1 and S2 were not joined: declared to be of another chat; 30 long texts in both" in told
    assert "Forwards and common phrases" not in told


@pytest.mark.parametrize("command", ["compare", pytest.param("analyse", marks=pytest.mark.slow)])
def test_folders_given_one_by_one_are_warned_of(tmp_path: Path, command: str) -> None:
    one, other = (write(tmp_path / "all" / name / "chat.txt", SAID, {"Bogdan": name}) for name in "ab")
    words: list[str | Path] = ["--out", tmp_path / "out"] if command == "analyse" else []
    warning = b"Folders given one by one: each export counts as a phone of its own."
    assert warning in commandline.run(command, one.parent, other.parent, *words).stderr
    assert warning not in commandline.run(command, one, other, *words).stderr
    assert warning not in commandline.run(command, tmp_path / "all", *words).stderr
    assert warning not in commandline.run(command, tmp_path / "all", one.parent, other.parent, *words).stderr


def test_texts_that_tell_the_clock_are_told_from_all_that_are_shared(pair: tuple[Path, Path]) -> None:
    told = say(*pair)
    assert re.search(r"aligned \(of the texts shared with S\d, 2\d tell the clock\)", told)
    assert re.search(r"read against this clock \(of the texts shared with them, 2\d tell the clock\)", told)
