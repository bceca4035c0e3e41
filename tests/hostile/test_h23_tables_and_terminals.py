"""Texts that attack spreadsheets and terminals, in what each command prints and writes."""

import csv
import io
import json
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import commandline
import pytest
import typer
from report.hostile import PAYLOADS

from chatforensics.cli import app, progress
from chatforensics.tablefiles import unguard

FORMULAS = ('=HYPERLINK("http://evil.test","a")', "+44 7700 900123", "-1", "@SUM(1)", "%0A", "|calc", "＝1+1", "'=1")
EVIL = "[link=http://evil.test]a[/link]\x1b]0;pwn\x07\x9b31m\x7f\u202egpj"
LAYOUT = "\n\t"
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # the direction in which is read
STARTS_A_FORMULA = {*"=+-@|%＝＋－＠｜％"}


def write_chat(folder: Path, said: Sequence[str], *, name: str = "WhatsApp Chat with Choir.txt") -> Path:
    """Write a chat in which everybody is named by what another says."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    senders = [text.replace(": ", ":").replace("\n", " ") for text in (*said[1:], said[0])]
    lines = [f"13/03/2024, 08:{n:02} - {a}: {b}" for n, (a, b) in enumerate(zip(senders, said, strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cells(table: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(table.decode(), newline="")):
        yield from row


def steering(printed: bytes) -> set[str]:
    """Return the characters that would steer a terminal."""
    return {char for char in printed.decode() if char in TURNS or unicodedata.category(char) == "Cc"} - {*LAYOUT}


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@contextmanager
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let commands take their standard output for a terminal."""
    with monkeypatch.context() as patched:
        patched.setattr(io, "TextIOWrapper", _Terminal)
        patched.setattr(progress, "_bar", lambda *_: nullcontext(lambda *_: None))  # it draws by steering
        yield


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("chats")
    said = [*FORMULAS, *(f"{text} and some more words to tell it by" for text in FORMULAS)]
    return write_chat(folder / "one", said), write_chat(folder / "two", [*said[:5], "=another", *said[6:]])


@pytest.mark.parametrize("command", ["parse", "check", pytest.param("compare", marks=pytest.mark.slow)])
def test_h23_no_cell_of_a_table_that_a_command_prints_is_a_formula_and_all_come_back(
    command: str, chats: tuple[Path, Path]
) -> None:
    paths = chats if command == "compare" else chats[:1]
    table = list(cells(commandline.run(command, *paths, "--format", "csv").stdout))
    assert [cell for cell in table if cell.lstrip()[:1] in STARTS_A_FORMULA] == []
    rows = commandline.run(command, *paths, "--format", "jsonl").stdout.decode().splitlines()
    texts = {value for row in rows for value in json.loads(row).values() if isinstance(value, str)}
    assert texts <= {unguard(cell) for cell in table}
    if command == "parse":
        assert {*FORMULAS} <= texts


def test_h23_families_of_formulas_are_written_as_words(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"id": f"{text} {n}", "text": text * 9}) + "\n" for n, text in enumerate(FORMULAS))
    out = tmp_path / "families.csv"
    done = commandline.run("families", "-", "--out", out, stdin=rows.encode())
    assert done.returncode == 0
    assert [cell for cell in cells(out.read_bytes()) if cell.lstrip()[:1] in STARTS_A_FORMULA] == []
    assert b"apostrophe" in done.stderr


def all_commands() -> list[tuple[str, ...]]:
    """Return the words that name each command, those of groups too."""
    group = typer.main.get_command(app)
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        found += [(name, inner) for inner in command.commands] if hasattr(command, "commands") else [(name,)]
    return found


@pytest.mark.parametrize("command", all_commands(), ids=" ".join)
def test_h32_a_name_that_steers_a_terminal_is_written_out_in_what_each_command_complains_of(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are wrong for each command in some way, so that each has to say something about them."""
    with on_a_terminal(monkeypatch):
        for words in ([EVIL], [EVIL, EVIL], [f"--{EVIL}"], [EVIL, "--out", EVIL], [EVIL, "--format", EVIL]):
            done = commandline.run(*command, *words, cwd=tmp_path)
            assert done.stderr or command == ("case", "new")
            assert steering(done.stderr + done.stdout) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("parse", "CHAT", "--format", "jsonl"),
        ("parse", "CHAT", "--format", "csv"),
        ("check", "CHAT", "--all"),
        ("check", "CHAT", "--format", "csv"),
        ("compare", "CHAT", "OTHER"),
        ("compare", "CHAT", "OTHER", "--format", "jsonl"),
        ("classify", "CHAT"),
        ("families", "LINES"),
        ("parse", "CHAT", "--out", "-"),
    ],
    ids=lambda words: "-".join(words).replace("--", ""),
)
def test_h32_what_is_read_on_a_terminal_cannot_steer_it(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [EVIL, *(f"vote for {EVIL} {payload} in the ward selection" for payload in PAYLOADS[-8:])]
    chat = write_chat(tmp_path / "one", said, name=f"WhatsApp Chat with {EVIL.replace('/', '|')}.txt")
    other = write_chat(tmp_path / "two", [*said[:4], f"another{EVIL}", *said[5:]])
    lines = tmp_path / "texts.jsonl"
    lines.write_text("".join(json.dumps({"id": text, "text": text}) + "\n" for text in said), encoding="utf-8")
    places = {"CHAT": chat, "OTHER": other, "LINES": lines}
    with on_a_terminal(monkeypatch):
        done = commandline.run(*(places.get(word, word) for word in words))
    assert done.returncode == 0
    assert steering(done.stdout + done.stderr) == set()


def test_h32_what_goes_to_a_program_is_as_it_was_received(tmp_path: Path) -> None:
    chat = write_chat(tmp_path, [EVIL, "hello"])
    rows = [json.loads(row) for row in commandline.run("parse", chat, "--format", "jsonl").stdout.splitlines()]
    assert EVIL in {row["text"] for row in rows}
    assert sys.stdout.isatty() is False
