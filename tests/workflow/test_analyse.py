"""The main job on the demo case: what it finds, that it finds it every time, and that it survives bad input."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import commandline
import networkx as nx
import polars as pl
import pytest

from chatforensics.errors import UsageError
from chatforensics.schema import TABLES, check
from chatforensics.workflow import Outcome, Settings, analyse, demo_folder

EXPECTED = json.loads((demo_folder().parent / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    out = tmp_path_factory.mktemp("case") / "out"
    return out, analyse([demo_folder()], out=out, settings=Settings(timezone="Europe/London"))


def digest(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "run.json"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
def test_the_contracts_files_are_there(case: tuple[Path, Outcome]) -> None:
    out, _ = case
    for name in ("report.html", "run.json", "summary.json"):
        assert (out / name).stat().st_size > 0
    for graph in ("diffusion", "coordination"):
        for kind in ("graphml", "gexf"):
            ET.parse(out / "graph" / f"{graph}.{kind}")  # noqa: S314 - our own file
    for table in TABLES:
        check(pl.read_parquet(out / "tables" / f"{table}.parquet"), table=table)
    figures = {path.stem for path in (out / "figures").glob("*.svg")}
    assert {"diffusion", "timeline", "sender-by-hour"} <= figures
    for kind in ("png", "pdf", "txt"):
        assert figures == {path.stem for path in (out / "figures").glob(f"*.{kind}")}


@pytest.mark.slow
def test_every_export_is_counted_as_its_notes_say(case: tuple[Path, Outcome]) -> None:
    sources = case[1].tables["sources"]
    assert sources.height == 6
    found = {"/".join(Path(path).parts[-2:]): n for path, n in sources.select("path", "n_messages").iter_rows()}
    assert found == {"/".join(Path(x["file"]).parts[-2:]): x["n_messages"] for x in EXPECTED["exports"]}
    assert case[1].summary["n_messages"] == sum(found.values())
    assert case[1].summary["n_chats"] == 5


@pytest.mark.slow
def test_the_altered_line_is_the_one_conflict(case: tuple[Path, Outcome]) -> None:
    tables = case[1].tables
    conflicts = tables["corroboration"].filter(pl.col("status") == "text_conflict")
    lines = tables["messages"].join(conflicts, on="canonical_id", how="semi").select("source_id", "line")
    (altered,) = EXPECTED["altered"]
    sources = {row["source_id"]: row["path"] for row in tables["sources"].to_dicts()}
    name = Path(altered["file"]).name
    assert any(line == altered["line"] and sources[source].endswith(name) for source, line in lines.iter_rows())
    assert case[1].summary["n_conflicts"] == conflicts.height == 1


@pytest.mark.slow
def test_each_share_of_the_campaign_is_found_once(case: tuple[Path, Outcome]) -> None:
    tables = case[1].tables
    places = line_numbers(tables)
    expected = {
        frozenset(places[key] for key in seen)
        for share in EXPECTED["campaign"]["shares"]
        if share["medium"] == "text"
        for seen in [visible_lines(share)]
    }
    found = {frozenset(ids) for ids in tables["shares"]["message_ids"].to_list()}
    assert expected <= found


def line_numbers(tables: Mapping[str, pl.DataFrame]) -> dict[tuple[str, int], int]:
    rows = tables["messages"].join(tables["sources"].select("source_id", "path"), on="source_id")
    return {
        ("/".join(Path(path).parts[-2:]), line): number
        for path, line, number in rows.select("path", "line", "message_id").iter_rows()
    }


def visible_lines(share: dict[str, list[dict[str, object]]]) -> list[tuple[str, int]]:
    return [("/".join(Path(str(x["file"])).parts[-2:]), int(str(x["line"]))) for x in share["visible_in"]]


@pytest.mark.slow
def test_the_campaign_is_flagged_and_what_must_not_be_is_not(case: tuple[Path, Outcome]) -> None:
    tables = case[1].tables
    places = line_numbers(tables)
    slate = tables["labels"].filter(pl.col("label") == "slate_instruction")
    flagged = set(slate.filter(pl.col("decision") == "flag")["message_id"])
    for share in EXPECTED["campaign"]["shares"]:
        if share["medium"] == "text":
            assert {places[key] for key in visible_lines(share)} <= flagged
    innocent = {places[key] for message in EXPECTED["no_instructions"] for key in visible_lines(message)}
    # One is flagged all the same, as the model card says: a fun vote that names neither soups nor fun.
    wrong = tables["messages"].filter(pl.col("message_id").is_in(sorted(innocent & flagged)))["text"].to_list()
    assert wrong == ["Vote for both you cowards"]
    names = defaultdict(set)
    slates = tables["slates"].filter(pl.col("message_id").is_in(flagged))
    for stance, name in slates.select("stance", "name").iter_rows():
        names[stance].add(name)
    assert set(EXPECTED["supported"]) <= names["for"]
    assert {"Gerald Ashcombe"} <= names["trigger"] | names["against"]


@pytest.mark.slow
def test_graphs_open_elsewhere_with_times_on_their_edges(case: tuple[Path, Outcome]) -> None:
    graph = nx.read_graphml(case[0] / "graph" / "diffusion.graphml")
    assert graph.number_of_edges() == case[1].tables["edges"].height
    root = ET.parse(case[0] / "graph" / "diffusion.gexf").getroot()  # noqa: S314 - our own file
    edges = [element for element in root.iter() if element.tag.endswith("}edge")]
    assert edges
    assert all("start" in edge.attrib for edge in edges)


@pytest.mark.slow
def test_two_runs_and_any_order_of_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    folder, out = tmp_path / "phones", tmp_path / "out"
    shutil.copytree(demo_folder(), folder)
    folders = sorted(path for path in folder.iterdir())
    code = "import sys; from chatforensics.workflow import *; from pathlib import Path\n"
    code += "analyse([Path(p) for p in sys.argv[2:]], out=sys.argv[1], settings=Settings(timezone='Europe/London'))"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Karachi"}
    results = []
    for paths in (folders, folders[::-1]):
        subprocess.run([sys.executable, "-c", code, str(out), *map(str, paths)], check=True, env=environment)
        results.append(digest(out))
    assert results[0] == results[1]
    assert len(results[0]) > 30


@pytest.mark.slow
def test_bad_inputs_are_listed_and_the_rest_is_done(tmp_path: Path) -> None:
    good = min(demo_folder().rglob("*.txt"))
    bad, empty, twin = tmp_path / "shopping.txt", tmp_path / "empty", tmp_path / "twin.txt"
    bad.write_text("milk\neggs\n")
    empty.mkdir()
    shutil.copy(good, twin)
    done = commandline.run("analyse", bad, good, empty, twin, "--out", tmp_path / "out")
    assert done.returncode == 3, done.stderr
    assert b"shopping.txt: no line looks like the start of a message" in done.stderr
    assert b"no export in this folder" in done.stderr
    assert len(done.stdout.strip().splitlines()) == 6
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert {Path(failure["path"]).name for failure in run["failures"]} == {"shopping.txt", "empty"}
    lines = (tmp_path / "out" / "failures.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == run["failures"]
    assert any("is the same file as" in warning for warning in run["warnings"])


def test_a_declared_order_settles_ambiguous_dates(tmp_path: Path) -> None:
    chat = tmp_path / "chat.txt"
    chat.write_text("05/06/2024, 08:30 - Ama: hi\n06/06/2024, 08:31 - Ben: ok\n")
    outcome = analyse([chat], out=tmp_path / "a")
    (warning,) = [warning for warning in outcome.warnings if "custodian" not in warning]
    changed = "as mdy, 1 of 2 records would have another date, from 2024-05-06 to 2024-06-06"
    assert "ambiguous" in warning
    assert changed in warning
    assert changed in (tmp_path / "a" / "report.html").read_text().partition("What this cannot show</h2>")[2]
    declared = tmp_path / "d.toml"
    declared.write_text(f'["{chat}"]\ndates = "mdy"\ntimezone = "Europe/London"\ncustodian = "Ama"\n')
    outcome = analyse([chat], out=tmp_path / "b", settings=Settings(declare=declared))
    assert outcome.warnings == []
    assert outcome.tables["messages"]["sent_at"][0].isoformat() == "2024-05-06T07:30:00+00:00"


def test_the_further_tables_of_a_run_hold_what_its_exports_say(tmp_path: Path) -> None:
    chat = tmp_path / "chat.txt"
    lines = [f"13/03/2024, 08:{n} - Ama: hi" for n in range(10, 40)]
    lines += ["[12/03/2024, 08:00:00] Ben: pasted", "13/03/2024, 08:50 - Ben: see https://a.example/x"]
    lines += [
        "13/03/2024, 08:51 - Ben: IMG-20240313-WA0001.jpg (file attached)",
        "13/03/2024, 08:52 - Ben: Missed voice call",
    ]
    lines += ["13/03/2024, 08:53 - Ben: location: https://maps.google.com/?q=5.55,-0.20"]
    lines += ["13/03/2024, 08:54 - Ben: POLL:\nWhich day?\nOPTION: Friday (3 votes)\nOPTION: Sunday (1 vote)"]
    chat.write_text("\n".join(lines))
    tables = analyse([chat], out=tmp_path / "out").tables
    assert tables["readings"].select("taken_as", "sender_label").rows() == [("text", "Ben")]
    assert tables["references"].select("reference").rows() == [("link",), ("link",)]
    assert tables["attachments"].select("file", "status").rows() == [("IMG-20240313-WA0001.jpg", "missing")]
    assert tables["calls"].select("call", "outcome").rows() == [("voice", "missed")]
    assert tables["places"].select("latitude", "live").rows() == [(5.55, False)]
    assert tables["polls"].select("position", "option", "n_votes").rows() == [(1, "Friday", 3), (2, "Sunday", 1)]


def test_an_export_without_years_is_listed_as_not_read_until_its_year_is_declared(tmp_path: Path) -> None:
    chat, other, declared = tmp_path / "old.txt", tmp_path / "new.txt", tmp_path / "d.toml"
    chat.write_text("13 Mar 08:30 - Ama: hi\n14 Mar 08:31 - Ben: ok\n")
    other.write_text("13/03/2024, 08:30 - Ama: hi\n")
    outcome = analyse([chat, other], out=tmp_path / "a")
    (failure,) = outcome.failures
    assert "records print no year, and nothing tells it: 2." in failure["reason"]
    assert "year = 2014" in failure["reason"]
    declared.write_text(f'["{chat}"]\nyear = 2014\n')
    outcome = analyse([chat, other], out=tmp_path / "b", settings=Settings(declare=declared))
    assert outcome.failures == []
    assert {time.year for time in outcome.tables["messages"]["sent_local"]} == {2014, 2024}


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ("year = '2014'", "is no year of a message"),
        ("year = true", "is no year of a message"),
        ("year = 2008", "is no year of a message"),
        ("year = 2014.0", "is no year of a message"),
        ("timezone = 3", "timezone is no text"),
        ("zone = 'UTC'", "has unknown .'zone'."),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(known: str, reason: str, tmp_path: Path) -> None:
    declared = tmp_path / "d.toml"
    declared.write_text(f'["chat.txt"]\n{known}\n')
    with pytest.raises(UsageError, match=reason):
        analyse([tmp_path], out=tmp_path / "a", settings=Settings(declare=declared))


def test_odd_hours_are_told_among_the_assumptions_and_notes_among_the_warnings(tmp_path: Path) -> None:
    path, out = tmp_path / "chat.zip", tmp_path / "out"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_chat.txt", "29/03/2026, 01:30 - Ama: a\n25/10/2026, 01:30 - Ama: b\n")
        archive.writestr("../up.txt", b"x")
    outcome = analyse([path], out=out, settings=Settings(timezone="Europe/London"))
    assert outcome.tables["messages"]["dst"].to_list() == ["gap", "fold"]
    assert any(warning.startswith(f"{path}: ") for warning in outcome.warnings)
    assumptions = json.loads((out / "run.json").read_text())["assumptions"]
    assert sum(": 1; " in x for x in assumptions if x.startswith("Records in an hour")) == 2
