"""The command line keeps the contract: help, exit codes, one-line errors, standard input and output, nothing heavy."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest
from commandline import run

from chatforensics.intake import ExportFile, read_export
from chatforensics.version import __version__

CHAT = b"13/03/2024, 08:30 - Ama: hi\n13/03/2024, 08:31 - Ben left\n13/03/2024, 08:32 - Ben: ok\nand more\n"
YEARLESS = b"13 Mar 08:30 - Ama: hi\n14 Mar 08:31 - Ben: ok\n"
AMBIGUOUS = b"05/06/2024, 08:30 - Ama: hi\n06/06/2024, 08:31 - Ben: ok\n"
COMMANDS = (
    "demo", "analyse", "parse", "check", "compare", "classify", "families", "coordinate", "tables",
    "bundle", "verify", "timestamp",
    "case", "case new", "case add", "case list", "case log", "case answer", "case reply", "case purge",
)  # fmt: skip
HEAVY = ("polars", "numpy", "scipy", "sklearn", "networkx", "matplotlib", "jinja2", "rich")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_a_runnable_example(command: str) -> None:
    done = run(*command.split(), "--help")
    assert done.returncode == 0
    text = " ".join(done.stdout.decode().split("Example: ")[1].split())
    assert text.startswith(("chatforensics " + command, "echo "))


def test_help_and_version_import_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['chatforensics', sys.argv[1]]\nfrom chatforensics.cli import main\ntry: main()\n"
    code += f"except SystemExit: pass\nprint([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    for word in ("--help", "--version"):
        done = subprocess.run([sys.executable, "-c", code, word], capture_output=True, check=True)
        assert done.stderr.decode().strip() == "[]"


def test_the_version_is_printed() -> None:
    assert run("--version").stdout.decode().strip() == f"chatforensics {__version__}"


def test_parse_prints_every_record_in_order_with_events(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    done = run("parse", str(path), "--tz", "Europe/London")
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [row["kind"] for row in rows] == ["text", "system", "text"]
    assert rows[1]["event"] == "left"
    assert rows[1]["actor"] == "Ben"
    assert rows[2]["text"] == "ok\nand more"
    assert rows[0]["sent_local"] == "2024-03-13T08:30:00"
    assert rows[0]["sent_at"] == "2024-03-13T08:30:00+00:00"
    assert b"records: 3, unread spans: 0" in done.stderr


def test_parse_reads_standard_input_and_writes_each_format(tmp_path: Path) -> None:
    assert run("parse", "-", stdin=CHAT).stdout.count(b"\n") == 3
    for kind in ("csv", "parquet", "jsonl"):
        out = tmp_path / f"out.{kind}"
        assert run("parse", "-", "--out", str(out), stdin=CHAT).returncode == 0
        assert out.stat().st_size > 0
    assert pl.read_parquet(tmp_path / "out.parquet").height == 3
    assert run("parse", "-", "--format", "xls", stdin=CHAT).returncode == 2


def test_parse_says_when_the_dates_are_ambiguous_and_dates_settles_it() -> None:
    done = run("parse", "-", stdin=AMBIGUOUS)
    assert done.returncode == 0
    assert b"pass --dates" in done.stderr
    assert b"as mdy, 1 of 2 records would have another date, from 2024-05-06 to 2024-06-06" in done.stderr
    done = run("parse", "-", "--dates", "mdy", stdin=AMBIGUOUS)
    assert b"pass --dates" not in done.stderr
    assert b"2024-05-06T08:30" in done.stdout


def test_parse_prints_references_polls_places_and_calls_where_there_are_any() -> None:
    bodies = [
        "hi",
        "call +233 20 555 0100 or see https://a.example/x",
        "POLL:\nWhich day?\nOPTION: Friday (3 votes)\nOPTION: Sunday (1 vote)",
        "location: https://maps.google.com/?q=5.55,-0.20",
        "Missed voice call",
    ]
    chat = "".join(f"13/03/2024, 08:3{n} - Ama: {body}\n" for n, body in enumerate(bodies))
    plain, words, poll, place, call = (
        json.loads(line) for line in run("parse", "-", stdin=chat.encode()).stdout.decode().splitlines()
    )
    assert not {"references", "poll", "place", "call"} & plain.keys()
    assert [(x["reference"], words["text"][x["start"] : x["end"]]) for x in words["references"]] == [
        ("phone", "+233 20 555 0100"),
        ("link", "https://a.example/x"),
    ]
    options = [{"option": "Friday", "n_votes": 3}, {"option": "Sunday", "n_votes": 1}]
    assert poll["poll"] == {"question": "Which day?", "options": options}
    assert (place["place"]["latitude"], place["place"]["longitude"]) == (5.55, -0.2)
    assert call["call"] == {"call": "voice", "group_call": False, "outcome": "missed", "duration_s": None}


def test_parse_tells_times_that_the_zone_skips_or_has_twice_in_every_format(tmp_path: Path) -> None:
    chat = b"29/03/2026, 00:59 - Ama: a\n29/03/2026, 01:30 - Ama: b\n25/10/2026, 01:30 - Ama: c\n"
    done = run("parse", "-", "--tz", "Europe/London", stdin=chat)
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [row["dst"] for row in rows] == [None, "gap", "fold"]
    out = tmp_path / "out.parquet"
    assert run("parse", "-", "--tz", "Europe/London", "--out", str(out), stdin=chat).returncode == 0
    assert pl.read_parquet(out)["dst"].to_list() == [None, "gap", "fold"]
    assert pl.read_parquet(out)["sent_at"].dt.to_string("iso:strict").to_list() == [
        row["sent_at"].replace("+00:00", ".000000+00:00") for row in rows
    ]


@pytest.mark.parametrize("words", [(), ("--format", "csv"), ("--out", "out.parquet")])
def test_records_without_a_year_have_no_time_and_parse_says_so_until_the_year_is_declared(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    done = run("parse", "-", *words, stdin=YEARLESS, cwd=tmp_path)
    assert done.returncode == 0
    assert b"records print no year, and nothing tells it: 2" in done.stderr
    assert b"--year" not in run("parse", "-", "--year", "2014", *words, stdin=YEARLESS, cwd=tmp_path).stderr


def test_a_declared_year_fills_the_times() -> None:
    done = run("parse", "-", "--year", "2014", stdin=YEARLESS)
    times = [json.loads(line)["sent_local"] for line in done.stdout.decode().splitlines()]
    assert times == ["2014-03-13T08:30:00", "2014-03-14T08:31:00"]


def test_diagnose_prints_the_form_of_headers_and_no_word_also_of_what_is_refused() -> None:
    done = run("parse", "--diagnose", "-", stdin=CHAT)
    assert done.returncode == 0
    assert b"3 x |99/99/9999, 99:99 - |" in done.stdout
    assert not any(word in done.stdout for word in (b"Ama", b"hi", b"2024", b"Ben"))
    done = run("parse", "--diagnose", "-", stdin=b"milk\neggs\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"No line looks like the start of a message." in done.stdout


def test_parse_says_what_is_odd_about_a_container(tmp_path: Path) -> None:
    path = tmp_path / "chat.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_chat.txt", CHAT)
        archive.writestr("../up.txt", b"x")
    done = run("parse", str(path))
    notes = read_export(ExportFile(path, None)).notes
    assert notes
    assert all(f"Warning: {path}: {note}".encode() in done.stderr for note in notes)


def test_quoted_lines_are_counted_with_the_table_that_lists_them() -> None:
    chat = "".join(f"13/03/2024, 08:{n} - Ama: hi\n" for n in range(10, 40)) + "[12/03/2024, 08:00:00] Ben: pasted\n"
    done = run("parse", "-", stdin=(chat + "13/03/2024, 08:50 - Ama: hi\n").encode())
    assert b"read as text of the one above: 1;" in done.stderr
    assert b"readings" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("parse", "none.txt"), 1, b"none.txt"),
        (("parse", "-"), 1, b"the file is empty"),
        (("parse", "-", "--tz", "Mars/Olympus"), 2, b"no time zone"),
        (("parse", "-", "--dates", "ydm"), 2, b""),
        (("parse", "-", "--year", "14"), 2, b"--year"),
        (("parse", "-", "--format", "xls"), 1, b"the file is empty"),
        (("classify", "-", "--format", "xml"), 2, b"--format"),
        (("families", "none.jsonl"), 1, b"none.jsonl"),
        (("analyse", "--out", "r"), 2, b"No export given"),
        (("analyse", "none.txt", "--out", "r"), 1, b"none.txt"),
        (("analyse", "none.txt", "--out", "r", "--progress", "loud"), 2, b"loud"),
        (("coordinate", "none.csv", "--window", "1", "--min-participation", "1"), 1, b"none.csv"),
        (("nonsense",), 2, b"nonsense"),
    ],
)
def test_errors_are_one_line_with_the_contracts_code(
    words: tuple[str, ...], code: int, reason: bytes, tmp_path: Path
) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == code
    assert reason in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("word", "code"), [("--version", 0), ("nonsense", 2)])
def test_the_code_reaches_whoever_started_the_process(word: str, code: int) -> None:
    done = subprocess.run([sys.executable, "-m", "chatforensics", word], capture_output=True, check=False)
    assert done.returncode == code


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chatforensics", "--debug", "parse", "none.txt"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, check=False)
    assert b"Traceback" in done.stderr


def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(CHAT * 20_000)
    command = f"{sys.executable} -m chatforensics parse {path} 2>/dev/null | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == 1


def test_families_reads_jsonl_and_writes_csv_by_the_files_ending(tmp_path: Path) -> None:
    text = "the water will be off in Canal Street on Friday from nine until noon"
    lines = "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in enumerate([text, text + "!", "hello"]))
    out = tmp_path / "families.csv"
    assert run("families", "-", "--out", str(out), stdin=lines.encode()).returncode == 0
    rows = pl.read_csv(out)
    assert rows.columns[:4] == ["id", "family_id", "variant_id", "similarity"]
    assert rows["family_id"].n_unique() == 2


def test_coordinate_reads_a_csv_and_prints_pairs(tmp_path: Path) -> None:
    path = tmp_path / "shares.csv"
    path.write_text("account_id,object_id,content_id,timestamp_share\na,o,1,100\nb,o,2,104\na,p,3,200\nb,p,4,207\n")
    done = run("coordinate", str(path), "--window", "10", "--min-participation", "2")
    (row,) = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert (row["account_a"], row["account_b"], row["weight"]) == ("a", "b", 2)


def test_classify_gives_one_line_per_line_in_order() -> None:
    lines = b'{"id": 7, "text": "Vote for Ama Boateng and Li Wei in the ward selection"}\n{"id": 8, "text": "hi"}\n'
    rows = [json.loads(line) for line in run("classify", "-", stdin=lines).stdout.decode().splitlines()]
    assert [row["id"] for row in rows] == [7, 8]
    assert set(rows[0]) >= {"slate_instruction", "labels", "slates"}
    assert rows[0]["slate_instruction"]["probability"] > rows[1]["slate_instruction"]["probability"]
    assert {slate["name"] for slate in rows[0]["slates"]} == {"Ama Boateng", "Li Wei"}


def test_classify_reads_an_export_per_message_group() -> None:
    rows = [json.loads(line) for line in run("classify", "-", stdin=CHAT).stdout.decode().splitlines()]
    assert [row["line"] for row in rows] == [1, 3]


def test_environment_locale_and_zone_change_nothing() -> None:
    outputs = set()
    for zone, locale in (("UTC", "C"), ("Asia/Karachi", "C.UTF-8")):
        environment = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": "random"}
        command = [sys.executable, "-m", "chatforensics", "parse", "-"]
        outputs.add(subprocess.run(command, input=CHAT, capture_output=True, env=environment, check=True).stdout)
    assert len(outputs) == 1


@pytest.mark.slow
def test_demo_runs_quietly_and_keeps_its_inputs_beside_the_result(tmp_path: Path) -> None:
    done = run("demo", "--out", str(tmp_path / "demo"), "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len([path for path in (tmp_path / "demo" / "exports").rglob("*") if path.is_file()]) == 6
    assert (tmp_path / "demo" / "report.html").stat().st_size > 100_000


def test_analyse_takes_a_list_of_files(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    done = run(
        "analyse", "--files-from", "-", "--out", str(tmp_path / "out"), "--progress", "json", stdin=f"{path}\n".encode()
    )
    assert done.returncode == 0
    stages = [json.loads(line)["stage"] for line in done.stderr.splitlines() if line.startswith(b"{")]
    assert (stages[0], stages[-1]) == ("reading", "done")
    assert b"records: 3; exports: 1" in done.stdout


def test_parse_and_families_fit_together() -> None:
    records = run("parse", "-", stdin=CHAT).stdout
    done = run("families", "-", stdin=records)
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == records.count(b"\n")
    assert run("families", "-", stdin=b'{"id": 1, "text": "a"}\n{"id": "b", "text": "a"}').returncode == 1


@pytest.mark.parametrize(("window", "reason"), [("-5", b"no window"), ("10", b"finer than the clocks")])
def test_a_window_that_no_clock_can_measure_is_refused_at_once(window: str, reason: bytes, tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    done = run("analyse", str(path), "--out", str(tmp_path / "out"), "--window", window)
    assert done.returncode == 2
    assert reason in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_declaration_of_no_input_is_refused_with_a_path_that_would_do(tmp_path: Path) -> None:
    path, declared = tmp_path / "chat.txt", tmp_path / "d.toml"
    path.write_bytes(CHAT)
    declared.write_text('["other.txt"]\ndates = "dmy"\n')
    done = run("analyse", str(path), "--out", str(tmp_path / "out"), "--declare", str(declared))
    assert done.returncode == 2
    assert str(path).encode() in done.stderr


@pytest.mark.slow
def test_a_log_reader_who_leaves_does_not_stop_the_work(tmp_path: Path) -> None:
    path, out = tmp_path / "chat.txt", tmp_path / "out"
    path.write_bytes(CHAT)
    command = f"{sys.executable} -m chatforensics analyse {path} --out {out} 2> >(head -n 1 >/dev/null) >/dev/null"
    subprocess.run(["bash", "-c", command], check=False)
    assert (out / "run.json").exists()
