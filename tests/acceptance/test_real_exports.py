"""Other people's exports: each is read whole or refused with the reason; one conversation gives one timeline."""

import csv
from pathlib import Path

import polars as pl
import pytest

from chatforensics.errors import EvidenceError
from chatforensics.intake import ExportFile, read_export
from chatforensics.parsing import Parsed, parse_export

pytestmark = pytest.mark.acceptance
FOLDER = Path(__file__).resolve().parents[3] / "shared" / "acceptance" / "exports"
if not FOLDER.is_dir():
    pytest.skip("other people's exports are not beside this project", allow_module_level=True)

with (FOLDER / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
    ROWS = list(csv.DictReader(manifest, delimiter="\t"))


def parse(name: str) -> Parsed:
    return parse_export(read_export(ExportFile(FOLDER / name, None)))


def assert_same_times(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """Hold two exports of one chat to the same times; the phone rounds some of them by a second."""
    assert one.height == other.height
    assert all(abs((a - b).total_seconds()) <= 1 for a, b in zip(one["sent_local"], other["sent_local"], strict=True))


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_every_export_is_read_whole(row: dict[str, str]) -> None:
    parsed = parse(row["file"])  # holds the first law itself
    assert parsed.sources["n_rejects"][0] == 0
    if row["reference_header_count"]:
        assert parsed.messages.height == int(row["reference_header_count"])


@pytest.mark.parametrize("language", ["french", "deutch", "italian", "hindi", "arabic"])
def test_the_same_conversation_has_the_same_times_senders_and_kinds_in_every_language(language: str) -> None:
    english = parse("starkdmi+whats_json/english_ios.txt").messages
    other = parse(f"starkdmi+whats_json/{language}_ios.txt").messages
    assert_same_times(other, english)
    assert other["kind"].to_list() == english["kind"].to_list()
    for label, printed in zip(english["sender_label"], other["sender_label"], strict=True):
        # One of the phones did not know one number yet.
        assert printed == label or "+40" in printed


def test_android_in_two_languages_has_the_same_times_senders_and_kinds() -> None:
    czech, english = (
        parse(f"starkdmi+whats_json/{language}_android.txt").messages.select("sent_local", "sender_label", "kind")
        for language in ("czech", "english")
    )
    assert czech.equals(english)


def test_the_buddhist_calendar_gives_the_gregorian_dates() -> None:
    buddhist, gregorian = (parse(f"starkdmi+whats_json/{name} iOS.txt").messages for name in ("Buddhist", "Gregorian"))
    common = min(buddhist.height, gregorian.height) - 3  # the later export has further messages at its end
    assert_same_times(buddhist.head(common), gregorian.head(common))


def test_what_the_other_test_suites_expect() -> None:
    expected = {row["file"]: int(row["expected_messages"]) for row in ROWS if row["expected_messages"].isdigit()}
    reference = {row["file"]: row["reference_header_count"] for row in ROWS}
    differing = {}
    for name, count in expected.items():
        try:
            messages = parse(name).messages
        except EvidenceError as error:
            differing[name] = str(error)
            continue
        # Some count notices, some do not.
        counts = {messages.height, messages.filter(pl.col("kind") != "system").height}
        if count not in counts and str(messages.height) != reference[name]:
            differing[name] = str(counts)
    # chat-miner's notices are typed into the middle of its fixture: it drops one line more than there are notices.
    assert {name for name in differing if "chat-miner" not in name} == set()
