import csv
import gzip
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import networkx as nx
import polars as pl
import pytest
from commandline import run
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.cli.sharetable import ShareColumns, read_shares
from chatforensics.errors import UnreadableExport

HEADER = ["account_id", "object_id", "content_id", "timestamp_share"]
# ana and bo share two links within seven seconds; chidi is quick once, on another thing.
ROWS = [
    ["ana", "link", "1", "100"],
    ["bo", "link", "2", "104"],
    ["ana", "song", "3", "200"],
    ["bo", "song", "4", "207"],
    ["chidi", "song", "5", "208"],
    ["chidi", "film", "6", "400"],
]
ASKED = ("--window", "10", "--min-participation", "2")


def a_csv(folder: Path, rows: list[list[str]], *, header: list[str] | None = None, delimiter: str = ",") -> Path:
    path = folder / "shares.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header or HEADER, *rows])
    return path


def edges_of(*words: str | Path, stdin: bytes = b"") -> list[dict[str, Any]]:
    done = run("coordinate", *words, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def ways(edges: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return [(edge["account_a"], edge["account_b"], edge["weight"]) for edge in edges]


EDGES = [("ana", "bo", 2), ("ana", "chidi", 1), ("bo", "chidi", 1)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_is_read(tmp_path: Path, delimiter: str) -> None:
    assert ways(edges_of(a_csv(tmp_path, ROWS, delimiter=delimiter), *ASKED)) == EDGES


@pytest.mark.parametrize(
    "pack", [gzip.compress, lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.decode().encode("utf-16")]
)
def test_packed_marked_and_wide_text_is_read_also_from_standard_input(tmp_path: Path, pack: Any) -> None:
    raw = pack(a_csv(tmp_path, ROWS).read_bytes())
    assert ways(edges_of("-", *ASKED, stdin=raw)) == EDGES


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    path = a_csv(tmp_path, ROWS, header=["who", "what", "post", "when"])
    names = ("--account", "who", "--object", "what", "--content", "post", "--time", "when")
    assert ways(edges_of(path, *ASKED, *names)) == EDGES


def test_dates_of_any_zone_count_as_seconds_do(tmp_path: Path) -> None:
    times = [
        "2026-05-04T09:00:00Z", "2026-05-04 09:00:04", "2026-05-04 12:00", "2026-05-04T17:30:07+05:30",
        "2026-05-04T12:00:08.000", "2026-05-05 09:00",
    ]  # fmt: skip
    rows = [[*row[:3], time] for row, time in zip(ROWS, times, strict=True)]
    edges = edges_of(a_csv(tmp_path, rows), *ASKED)
    assert ways(edges) == EDGES
    assert edges[0]["avg_time_delta"] == 5.5


def test_csv_begins_with_the_columns_of_the_contract(tmp_path: Path) -> None:
    out = tmp_path / "pairs.csv"
    assert run("coordinate", a_csv(tmp_path, ROWS), *ASKED, "--out", out).returncode == 0
    assert pl.read_csv(out).columns[:5] == [
        "account_a", "account_b", "weight", "avg_time_delta", "edge_symmetry_score",
    ]  # fmt: skip


def test_directions_are_those_of_time(tmp_path: Path) -> None:
    found = ways(edges_of(a_csv(tmp_path, ROWS), *ASKED, "--directed", "--min-weight", "2"))
    assert found == [("ana", "bo", 2)]


def test_messages_count_both_ways(tmp_path: Path) -> None:
    found = ways(edges_of(a_csv(tmp_path, ROWS), "--window", "10", "--min-participation", "1", "--messages"))
    assert {way[:2] for way in found} == {(a, b) for one in EDGES for a, b in (one[:2], one[1::-1])}


def test_a_fast_window_adds_columns_and_a_part_leaves_edges(tmp_path: Path) -> None:
    path = a_csv(tmp_path, ROWS)
    edges = edges_of(path, *ASKED, "--fast-window", "4", "--edge-weight", "0.5")
    assert [(edge["weight_fast"], edge["weight_threshold"]) for edge in edges] == [(1, 1), (None, 0), (1, 0)]
    assert ways(edges_of(path, *ASKED, "--edge-weight", "0.5", "--part", "heavy")) == EDGES[:1]


def test_two_columns_of_objects_are_two_layers(tmp_path: Path) -> None:
    rows = [["ana", "link", "tag", "1", "100"], ["bo", "link", "tag", "2", "104"], ["bo", "link", "", "2", "104"]]
    path = a_csv(tmp_path, rows, header=["account_id", "url", "hashtag", "content_id", "timestamp_share"])
    out = tmp_path / "objects.csv"
    asked = ("--window", "10", "--min-participation", "1", "--object", "url", "--object", "hashtag")
    assert ways(edges_of(path, *asked, "--objects", out)) == [("ana", "bo", 2)]
    assert pl.read_csv(out)["object_id", "n_accounts"].rows() == [("hashtag:tag", 2), ("url:link", 2)]


def test_several_files_are_layers_with_their_own_participation(tmp_path: Path) -> None:
    one = a_csv(tmp_path, ROWS)
    (tmp_path / "more").mkdir()
    two = a_csv(tmp_path / "more", ROWS[:2])
    assert ways(edges_of(one, two, *ASKED)) == EDGES  # in the second file nobody has two rows
    assert ways(edges_of(one, two, "--window", "10", "--min-participation", "1"))[0] == ("ana", "bo", 3)


def test_repeated_rows_count_once_where_that_is_asked_for(tmp_path: Path) -> None:
    path = a_csv(tmp_path, [ROWS[0], *ROWS])
    assert ways(edges_of(path, *ASKED))[0][2] == 3
    assert ways(edges_of(path, *ASKED, "--distinct"))[0][2] == 2


def test_near_duplicate_texts_are_one_object(tmp_path: Path) -> None:
    text = "Please pass this on before Friday: the market in Harbour Road opens at nine and closes at noon"
    rows = [["ana", text, "1", "100"], ["bo", text.lower() + "!!", "2", "104"], ["chidi", "Something else", "3", "105"]]
    path = a_csv(tmp_path, rows, header=["account_id", "words", "content_id", "timestamp_share"])
    asked = ("--window", "10", "--min-participation", "1")
    assert ways(edges_of(path, *asked, "--similar-text", "words")) == [("ana", "bo", 1)]
    assert edges_of(path, *asked, "--object", "words") == []


def test_pairs_accounts_and_a_network_are_written(tmp_path: Path) -> None:
    path = a_csv(tmp_path, ROWS)
    others = {name: tmp_path / f"{name}.csv" for name in ("pairs", "accounts")}
    words = [word for name, place in others.items() for word in (f"--{name}", place)]
    for ending in ("graphml", "gexf", "json"):
        place = tmp_path / f"network.{ending}"
        edges_of(path, *ASKED, *words, "--network", place)
        assert place.stat().st_size > 0
    assert pl.read_csv(others["pairs"]).height == 4
    assert pl.read_csv(others["accounts"])["unique_shares_count"].to_list() == [2, 2, 1]
    graph = nx.read_graphml(tmp_path / "network.graphml")
    assert graph["ana"]["bo"]["weight"] == 2
    assert not graph.is_directed()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["ana", "link", "1", "100"], ["bo", "a\nb", "2", "soon"]], b"line 4: 'timestamp_share' holds 'soon'"),
        ([["ana", "link", "1", "2026-05-04 09:00"], ["bo", "link", "2", "7"]], b"line 3: 'timestamp_share' holds '7'"),
        ([["ana", "link", "1", "nan"]], b"line 2: 'timestamp_share' holds 'nan'"),
        ([["ana", "link", "1", "100"], ["bo", "link", "2", "104", "more"]], b"line 3 has 5 cells"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, rows: list[list[str]], said: bytes) -> None:
    done = run("coordinate", a_csv(tmp_path, rows), *ASKED)
    assert (done.returncode, done.stdout) == (1, b"")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("header", "said"),
    [(["who", *HEADER[1:]], b"no column 'account_id'"), (["account_id", *HEADER[:3]], b"more than once")],
)
def test_a_column_that_is_missing_or_double_is_named(tmp_path: Path, header: list[str], said: bytes) -> None:
    done = run("coordinate", a_csv(tmp_path, ROWS, header=header), *ASKED)
    assert done.returncode == 1
    assert said in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--directed", "--messages"), ("--directed", "--fast-window", "3"), ("--messages", "--edge-weight", "0.5"),
        ("--part", "heavy"), ("--min-weight", "-1"), ("--edge-weight", "2"), ("--network", "graph.txt"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_wrong_usage(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run("coordinate", a_csv(tmp_path, ROWS), *ASKED, *words, cwd=tmp_path).returncode == 2


def test_empty_cells_and_milliseconds_are_warned_of(tmp_path: Path) -> None:
    rows = [[*row[:3], f"{row[3]}0000000000"] for row in ROWS] + [["", "link", " ", "100"]]
    done = run("coordinate", a_csv(tmp_path, rows), *ASKED)
    assert done.returncode == 0
    assert b"1 of 7 rows" in done.stderr
    assert b"milliseconds" in done.stderr


def test_a_broken_gzip_file_is_refused() -> None:
    done = run("coordinate", "-", *ASKED, stdin=gzip.compress(",".join(HEADER).encode())[:-9])
    assert (done.returncode, b"gzip" in done.stderr) == (1, True)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=6).filter(str.strip)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS, st.integers(-(10**9), 10**9)), max_size=6),
    delimiter=st.sampled_from(",;\t|"),
)
def test_every_cell_that_can_be_quoted_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, int]], delimiter: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "cells.csv"
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    path.write_bytes(file.getvalue().encode())
    assert read_shares(path, columns=ShareColumns()).select(HEADER).rows() == rows


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=60), with_header=st.booleans())
def test_no_bytes_end_in_anything_but_a_table_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, with_header: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes((",".join(HEADER).encode() + b"\n") * with_header + raw)
    with suppress(UnreadableExport):
        assert set(read_shares(path, columns=ShareColumns()).columns) == set(HEADER)
