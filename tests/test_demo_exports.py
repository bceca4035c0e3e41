import json
import re
import subprocess
import sys
import tomllib
import unicodedata
import zipfile
import zlib
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from chatforensics.intake import find_exports, read_export
from chatforensics.joining import join_exports
from chatforensics.parsing import Parsed, parse_export
from chatforensics.schema import Events, Messages, Sources

EXPORTS = Path(__file__).parents[1] / "exports"
PHONES = EXPORTS / "phones"
TRUTH: dict[str, Any] = json.loads((EXPORTS / "expected.json").read_text(encoding="utf-8"))
CAST: dict[str, Any] = tomllib.loads((EXPORTS / "story" / "cast.toml").read_text(encoding="utf-8"))
FAMILIES = {"campaign": TRUTH["campaign"], **TRUTH["other_families"]}
SHARES = [share for family in FAMILIES.values() for share in family["shares"]]
README = (EXPORTS / "README.md").read_text(encoding="utf-8")
HEADERS = {
    "android": re.compile(r"\d{1,2}/\d{1,2}/(20)?25, \d{1,2}:\d\d(\u202f([ap]m|[AP]M))? - "),
    "ios": re.compile(r"\u200e?\[\d\d/\d\d/2025, \d\d:\d\d:\d\d\] "),
}
# What phones print and nobody types: the mark of iOS, the space before AM, those around a mention and a number.
MARKS = set("\u200e\u202f\u202a\u202c\u2068\u2069")


def read_text(file: str) -> str:
    path = PHONES / file
    if path.suffix == ".txt":
        return path.read_bytes().decode()
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0]).decode()


def read_lines(file: str) -> list[str]:
    return read_text(file).replace("\r\n", "\n").split("\n")


def read_records(file: str, platform: str) -> list[str]:
    records: list[str] = []
    for line in read_lines(file)[:-1]:
        if HEADERS[platform].match(line):
            records.append(line)
        else:
            records[-1] += "\n" + line
    return records


def run_script(name: str, folder: Path) -> None:
    subprocess.run([sys.executable, str(EXPORTS / name), str(folder)], check=True, timeout=60)


def files_under(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def label_of(person: str, file: str) -> str:
    folder = file.split("/", maxsplit=1)[0]
    return str(next(p["labels"][folder] for p in TRUTH["people"] if p["name"] == person))


def without_marks(label: str) -> str:
    return label.strip("\u202a\u202c")


def test_the_script_writes_the_committed_exports_byte_for_byte(tmp_path: Path) -> None:
    run_script("make_demo.py", tmp_path)
    assert files_under(tmp_path / "phones") == files_under(PHONES)
    assert (tmp_path / "expected.json").read_bytes() == (EXPORTS / "expected.json").read_bytes()


def test_the_script_draws_the_committed_pictures_byte_for_byte(tmp_path: Path) -> None:
    run_script("draw_pictures.py", tmp_path)
    assert files_under(tmp_path) == files_under(EXPORTS / "story" / "pictures")


def test_six_exports_lie_in_five_phones_and_every_file_is_expected() -> None:
    files = set(files_under(PHONES))
    assert files == {export["file"] for export in TRUTH["exports"]}
    assert len(files) == 6
    assert {file.split("/")[0] for file in files} == set(TRUTH["custodians"])
    assert len(TRUTH["custodians"]) == 5


def test_the_demo_stays_small() -> None:
    assert sum(map(len, files_under(EXPORTS).values())) < 400_000


@pytest.mark.parametrize("export", TRUTH["exports"], ids=lambda export: export["file"])
def test_each_export_holds_the_expected_number_of_messages(export: dict[str, Any]) -> None:
    records = read_records(export["file"], export["platform"])
    assert len(records) == export["n_messages"]
    assert 60 <= export["n_messages"] <= 150
    assert sum("deleted this message" in r or "message was deleted" in r for r in records) == export["n_deleted"]
    assert sum(r.endswith("<This message was edited>") for r in records) == export["n_edited"]


@pytest.mark.parametrize("export", TRUTH["exports"], ids=lambda export: export["file"])
def test_texts_hold_no_hidden_or_unassigned_characters_but_the_marks_of_phones(export: dict[str, Any]) -> None:
    text = read_text(export["file"])
    hidden = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}} - MARKS
    assert hidden <= {"\n", "\r", "\u200d"}
    assert unicodedata.is_normalized("NFC", text)


def test_line_ends_are_those_of_the_platform() -> None:
    for export in TRUTH["exports"]:
        text = read_text(export["file"])
        assert text.endswith("\r\n" if export["platform"] == "ios" else "\n")
        assert ("\r" in text) == (export["platform"] == "ios")


def test_messages_never_go_back_in_time() -> None:
    for story in (EXPORTS / "story").glob("*.txt"):
        lines = story.read_text(encoding="utf-8").splitlines()
        day, stamps = "", []
        for line in lines:
            if line.startswith("@ "):
                day = line[2:]
            elif re.match(r"\d\d:\d\d:\d\d ", line):
                stamps.append(f"{day} {line[:8]}")
        assert stamps == sorted(stamps)


def test_archives_open_and_hold_every_picture_that_the_text_names() -> None:
    for path in PHONES.rglob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            text, *pictures = archive.namelist()
            named = re.findall(r"[\w-]+\.png", archive.read(text).decode())
            assert named == pictures
            assert pictures


@pytest.mark.parametrize("path", sorted((EXPORTS / "story" / "pictures").glob("*.png")), ids=lambda path: path.stem)
def test_pictures_are_sound_png_files_with_ink_on_them(path: Path) -> None:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, rest = {}, content[8:]
    while rest:
        size, kind = int.from_bytes(rest[:4], "big"), rest[4:8]
        chunks[kind] = rest[8 : 8 + size]
        assert int.from_bytes(rest[8 + size : 12 + size], "big") == zlib.crc32(kind + chunks[kind])
        rest = rest[12 + size :]
    width, height = int.from_bytes(chunks[b"IHDR"][:4], "big"), int.from_bytes(chunks[b"IHDR"][4:8], "big")
    raw = zlib.decompress(chunks[b"IDAT"])
    assert len(raw) == height * (width // 8 + 1)
    assert 0.01 < sum(byte.bit_count() for byte in raw) / (8 * len(raw)) < 0.3


@pytest.mark.parametrize("share", SHARES, ids=lambda share: share["share"])
def test_each_share_stands_where_the_truth_says(share: dict[str, Any]) -> None:
    chats = {
        export["chat"] for export in TRUTH["exports"] if export["file"] in {p["file"] for p in share["visible_in"]}
    }
    assert chats == {share["chat"]}
    for place in share["visible_in"]:
        line = read_lines(place["file"])[place["line"] - 1]
        platform = next(export["platform"] for export in TRUTH["exports"] if export["file"] == place["file"])
        header = HEADERS[platform].match(line)
        assert header
        assert line[header.end() :].startswith(label_of(share["sender"], place["file"]) + ": ")
        assert ("file attached" in line) == (share["medium"] == "picture")


@pytest.mark.parametrize("share", [share for share in SHARES if share["source"]], ids=lambda share: share["share"])
def test_each_source_is_earlier_and_was_seen_or_sent_by_the_sender(share: dict[str, Any]) -> None:
    source = next(other for other in SHARES if other["share"] == share["source"])
    assert datetime.fromisoformat(source["sent_local"]) < datetime.fromisoformat(share["sent_local"])
    assert share["sender"] in [*source["recipients"], source["sender"]]
    assert share["sender"] not in share["recipients"]


def test_who_has_left_receives_nothing_and_who_joined_does() -> None:
    shares = {share["share"]: share for share in SHARES}
    assert "Oksana Bondar" in shares["S5"]["recipients"]
    assert "Oksana Bondar" not in shares["S10"]["recipients"]
    assert "Callum Rennick" in shares["S4"]["recipients"]
    assert not {"Rosa Delgado", "Lwazi Dube"} & set(shares["S1"]["recipients"])
    assert shares["S7"]["recipients"] == ["Bronagh Keane"]


def test_the_campaign_has_four_variants_two_branches_and_one_sender_seen_nowhere_else() -> None:
    campaign = TRUTH["campaign"]
    texts = [share for share in campaign["shares"] if share["medium"] == "text"]
    assert campaign["variants"] == ["campaign-1", "campaign-2", "campaign-3", "campaign-4"]
    assert (len(texts), campaign["n_shares_text"], campaign["n_shares_picture"]) == (11, 11, 1)
    assert campaign["earliest_visible_sender"] == "Callum Rennick"
    assert {s["sender"] for s in texts if s["source"] == "S1"} - {"Callum Rennick"} == {
        "Piotr Gawron",
        "Farah Siddiqui",
    }
    winston = next(person for person in TRUTH["people"] if person["name"] == "Winston Clarke")
    assert list(winston["labels"]) == ["bronagh-keane"]


def test_the_two_exports_of_the_ward_group_differ_in_one_message_only() -> None:
    android, ios = (e for e in TRUTH["exports"] if e["chat"] == "Lockside Ward Members")
    pairs = []
    for export in (android, ios):
        records = read_records(export["file"], export["platform"])
        bodies = [HEADERS[export["platform"]].sub("", record, count=1).partition(": ")[2] for record in records]
        pairs.append([body.replace("\u200e", "") for body in bodies])
    differing = [pair for pair in zip(*pairs, strict=True) if pair[0].rstrip(".") != pair[1].rstrip(".")]
    media_or_notice = [pair for pair in differing if pair[0] in {"", "<Media omitted>"}]
    rest = [pair for pair in differing if pair not in media_or_notice]
    altered = TRUTH["altered"]
    assert len(altered) == 1
    assert rest == [(altered[0]["as_altered"], altered[0]["as_sent"])]
    assert altered[0]["as_altered"] in read_lines(altered[0]["file"])[altered[0]["line"] - 1]
    assert len(media_or_notice) == ios["n_notices"] + 4


def test_no_two_people_share_a_label_on_one_phone() -> None:
    for phone in CAST["phones"].values():
        assert len(set(phone["labels"].values())) == len(phone["labels"])


def test_every_phone_number_is_from_the_range_kept_free_for_drama() -> None:
    story = "".join(path.read_text(encoding="utf-8") for path in (EXPORTS / "story").glob("*.t*"))
    numbers = re.findall(r"(?:\+44 ?|0)\d[\d ]{8,}\d", story)
    assert numbers
    assert all(re.fullmatch(r"(\+44 |0)7700 ?900\d{3}", number) for number in numbers)


def test_names_of_many_origins_are_spread_over_all_roles() -> None:
    people = [person for person in CAST["people"].values() if person["role"] != "stranger"]
    traditions = Counter(person["tradition"] for person in people)
    assert len({person["name"].split()[-1] for person in people}) == len(people)
    assert len(traditions) >= 20
    assert max(traditions.values()) <= 2
    roles = Counter(person["role"] for person in people)
    pairs = {(person["role"], person["tradition"]) for person in people}
    assert Counter(role for role, _ in pairs) == roles


def test_the_readme_tells_the_same_numbers() -> None:
    for export in TRUTH["exports"]:
        row = next(line for line in README.splitlines() if f"`{export['file']}`" in line)
        assert row.endswith(f"| {export['n_messages']} | {export['n_notices']} |")
    for share in TRUTH["campaign"]["shares"]:
        row = next(line for line in README.splitlines() if line.startswith(f"| {share['share']} |"))
        day = f"{int(share['sent_local'][8:10])}th {share['sent_local'][11:16]}"
        assert f"| {day} | {share['chat']}" in row
        assert f"| {share['sender']} | {share['variant']}" in row
        assert row.removesuffix(" |").endswith(share["source"] or "not in the evidence")
    for name, family in TRUTH["other_families"].items():
        cells = [name, family["n_shares_text"], len(family["variants"]), family["earliest_visible_sender"]]
        assert f"| {' | '.join(map(str, cells))} |" in README
    assert f"Line {TRUTH['altered'][0]['line']} of Bronagh's" in README


@pytest.fixture(scope="module")
def parsed() -> dict[str, Parsed]:
    exports = [read_export(export) for export in find_exports([PHONES])]
    return {Path(chat.path).relative_to(PHONES).as_posix(): parse_export(chat) for chat in exports}


@pytest.mark.parametrize("export", TRUTH["exports"], ids=lambda export: export["file"])
def test_the_parser_reads_each_export_whole(parsed: dict[str, Parsed], export: dict[str, Any]) -> None:
    source = parsed[export["file"]].sources.row(0, named=True)
    columns = ("platform", "date_order", "clock_step_s", "n_messages", "member")
    assert {name: source[name] for name in columns} == {name: export[name] for name in columns}
    assert (source["date_order_verdict"], source["n_rejects"]) == ("certain", 0)
    messages = parsed[export["file"]].messages
    assert messages.filter(pl.col("kind") == "system").height == export["n_notices"]
    assert messages.filter(pl.col("kind") == "deleted").height == export["n_deleted"]
    assert messages.filter(pl.col("attachment").is_not_null()).height == export["n_pictures"]
    assert "unknown" not in parsed[export["file"]].events["event"]


def test_the_parser_finds_every_share_at_its_line_and_under_its_sender(parsed: dict[str, Parsed]) -> None:
    for share in SHARES:
        for place in share["visible_in"]:
            found = parsed[place["file"]].messages.filter(pl.col("line") == place["line"]).row(0, named=True)
            assert without_marks(found["sender_label"]) == without_marks(label_of(share["sender"], place["file"]))
            assert f"{found['sent_local']:%Y-%m-%dT%H:%M}" == share["sent_local"][:16]


def who_is_shown_to_be_who() -> set[frozenset[str]]:
    """Return the labels of each person as far as a chat held twice, or a number, ties them together."""
    people = set()
    for person in TRUTH["people"]:
        parts: dict[str, set[str]] = {}
        numbered = {folder for folder, label in person["labels"].items() if "+44" in label}
        aligned = {"bronagh-keane", "lucia-ferrer"}
        for folder, label in person["labels"].items():
            tied = folder in numbered or (folder in aligned and numbered & aligned)
            key = "number" if tied else "aligned" if folder in aligned else folder
            parts.setdefault(key, set()).add(without_marks(label))
        people |= {frozenset(labels) for labels in parts.values()}
    return people


def test_people_are_joined_as_far_as_the_exports_tie_them_together(parsed: dict[str, Parsed]) -> None:
    sources, messages, events = (
        pl.concat([getattr(one, table) for one in parsed.values()]) for table in ("sources", "messages", "events")
    )
    joined = join_exports(Sources(sources), Messages(messages), Events(events), timezone=TRUTH["timezone"])
    assert {frozenset(map(without_marks, labels)) for labels in joined.people["labels"]} == who_is_shown_to_be_who()
    assert joined.people.height == 34
    conflicts = joined.corroboration.filter(pl.col("status") != "agree", pl.col("status") != "single_source")
    assert conflicts["status"].to_list() == ["text_conflict"]
