"""Header lines seen in the wild: each begins a message with its sender and text."""

import csv
from pathlib import Path

import pytest
import regex

from chatforensics.errors import EvidenceError
from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import parse_export

pytestmark = pytest.mark.acceptance
TABLE = Path(__file__).resolve().parents[3] / "shared" / "acceptance" / "headers" / "header_variants.tsv"
if not TABLE.is_file():
    pytest.skip("the header lines seen in the wild are not beside this project", allow_module_level=True)

with TABLE.open(encoding="utf-8", newline="") as table:
    HEADERS = sorted({next(iter(row.values())) for row in csv.DictReader(table, delimiter="\t")})
# Another parser's test string: no phone and no locale prints the year in the middle.
NOBODYS = "[06/2018/13, 21:25:15] NAME: TEXT"
# A month's name and a day, but no year.
YEARLESS = regex.compile(r"^(?!.*\d{4})[^\p{L}]*(\d{1,2} \p{L}{3}\b|\p{L}{3} \d{1,2}, )")


def write_out(escaped: str) -> str:
    return regex.sub(r"\\u([0-9A-F]{4})", lambda code: chr(int(code[1], 16)), escaped)


def read(content: str) -> list[tuple[str | None, str | None]] | None:
    """Return senders and texts; None where a date without its year is refused, but not for its shape."""
    try:
        parsed = parse_export(chat_from_bytes(content.encode(), name="chat.txt"))
    except EvidenceError as error:
        if YEARLESS.search(content) and "looks like the start" not in str(error):
            return None
        raise
    return parsed.messages.select("sender_label", "text").rows()


@pytest.mark.parametrize("header", [header for header in HEADERS if header != NOBODYS])
def test_one_line_is_one_message_with_what_stands_below(header: str) -> None:
    line = write_out(header).replace("NAME", "Ama Owusu").replace("TEXT", "good morning")
    assert read(f"{line}\nhow are you\nbye\n") in ([("Ama Owusu", "good morning\nhow are you\nbye")], None)


@pytest.mark.parametrize("header", [header for header in HEADERS if header != NOBODYS])
def test_three_lines_are_three_messages(header: str) -> None:
    said = [("Ama Owusu", "good morning"), ("Dilnoza", "how are you"), ("Gunnar", "bye")]
    lines = [write_out(header).replace("NAME", name).replace("TEXT", text) for name, text in said]
    assert read("".join(f"{line}\n" for line in lines)) in (said, None)
