"""The files of a result, as the page hands them out."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from report.invented import render, tiny_case
from web.desking import sit_at, sit_down

from chatforensics.casefile import By, Case, Run, new_case, record_run
from chatforensics.errors import CaseError
from chatforensics.report.explorer.page import hash_of, read_script, read_style, read_vendored, read_views
from chatforensics.web.results import list_result, read_report_policy

BY = By("Asha", datetime(2031, 3, 3, 9, 0, tzinfo=UTC))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return new_case(tmp_path / "case", title="Ward", by=BY, key=bytes(32))


def write_run(case: Case, files: dict[str, bytes], *, result: str = "result") -> Path:
    """Write files below the case's folder and record them as what an analysis made."""
    folder = case.folder / result
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    record_run(case, Run(BY.at.isoformat(), {}, result, hashes), by=BY, details={}, inputs=[])
    return folder


def test_figures_stand_under_their_titles_and_files_that_were_changed_give_none(tmp_path: Path) -> None:
    sat = sit_down(tmp_path)
    told = b"Who sent <b>what</b>\n\nA network of 5 people.\n"
    files = {f"figures/{name}.{end}": told for name in ("coordination", "reach") for end in ("png", "txt")}
    folder = write_run(sat.case, files)
    (folder / "figures" / "reach.txt").write_bytes(b"Another title\n")
    page = sat.get("/results")
    assert (page.words.count("Who sent <b>what</b>"), "Another title" in page.words) == (1, False)
    assert ("<b>what" in page.text, "A network" in page.words, "reach.png" in page.words) == (False, False, True)


def test_a_case_without_a_finished_analysis_has_no_files(case: Case) -> None:
    assert list_result(case) == {}


def test_files_are_found_by_the_names_in_the_record_of_the_run(case: Case) -> None:
    folder = write_run(case, {"run.json": b"{}", "tables/pairs.parquet": b"P"})
    (folder / "private.txt").write_bytes(b"not of the run")
    assert list(list_result(case)) == ["run.json", "tables/pairs.parquet"]
    assert list_result(case)["tables/pairs.parquet"].hold().path.read_bytes() == b"P"


def test_a_file_that_was_changed_or_removed_is_not_handed_out(case: Case) -> None:
    folder = write_run(case, {"report.pdf": b"as written", "run.json": b"{}"})
    (folder / "report.pdf").write_bytes(b"edited")
    with pytest.raises(CaseError, match=r"report\.pdf: not what the analysis wrote"):
        list_result(case)["report.pdf"].hold()
    (folder / "run.json").unlink()
    assert "run.json" not in list_result(case)


@pytest.mark.parametrize("name", ["../key", "/etc/hostname", "tables/../../key", "..\\key", "tables"])
def test_a_record_that_names_other_files_leads_to_none_of_them(case: Case, name: str) -> None:
    write_run(case, {"tables/pairs.parquet": b"P"})
    hashes = {name: hashlib.sha256((case.folder / "key").read_bytes()).hexdigest()}
    record_run(case, Run(BY.at.isoformat(), {}, "result", hashes), by=BY, details={}, inputs=[])
    assert list_result(case) == {}


def test_a_link_in_a_result_is_not_followed_out_of_it(case: Case) -> None:
    folder = write_run(case, {"run.json": b"{}"})
    (folder / "run.json").unlink()
    (folder / "run.json").symlink_to(case.folder / "key")
    assert list_result(case) == {}


@pytest.mark.parametrize("result", ["..", ".", "/"])
def test_a_result_outside_of_its_own_folder_is_not_listed(case: Case, result: str) -> None:
    content = (case.folder / "key").read_bytes()
    run = Run(BY.at.isoformat(), {}, result, {"key": hashlib.sha256(content).hexdigest()})
    record_run(case, run, by=BY, details={}, inputs=[])
    assert list_result(case) == {}


def test_a_report_is_served_under_its_own_policy_and_cut_off_from_the_page(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(tiny_case()), encoding="utf-8")
    policy = read_report_policy(path)
    assert policy.startswith("sandbox allow-scripts ")
    assert "allow-same-origin" not in policy
    assert f"script-src '{hash_of(read_script())}'" in policy
    assert f"style-src '{hash_of(read_style())}'" in policy
    assert "connect-src" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("more", "runs"),
    [
        ("<p>&lt;meta http-equiv=refresh content=0&gt; http-equiv</p>", True),
        ('<meta name="color-scheme" content="light">', True),
        ("<meta http-equiv=refresh content='0;url=https://elsewhere.example/'>", False),
        ("<META\nhttp-equiv=refresh content='0;url=https://elsewhere.example/'>", False),
        ("<meta/name='>'/http-equiv=refresh>", False),
        ('<meta name="x" content="y" http-equiv=refresh>', False),
    ],
)
def test_scripts_of_a_report_run_only_where_no_tag_could_send_the_browser_elsewhere(
    tmp_path: Path, more: str, runs: bool
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(tiny_case()) + more, encoding="utf-8")
    assert read_report_policy(path).startswith("sandbox allow-scripts ") == runs


@pytest.mark.parametrize(
    "head",
    [
        "<script>alert(1)</script>",
        "<meta content=\"style-src 'unsafe-inline'; script-src *\">",
        f"<meta content=\"script-src 'sha256-{'A' * 43}='\">",
    ],
)
def test_a_page_that_is_no_report_is_not_served(tmp_path: Path, head: str) -> None:
    path = tmp_path / "report.html"
    path.write_text(head, encoding="utf-8")
    with pytest.raises(CaseError, match="no report of this program"):
        read_report_policy(path)


def test_pages_without_a_finished_analysis_say_so_and_appear_by_themselves(tmp_path: Path) -> None:
    sat = sit_down(tmp_path / "case")
    for path in ("/views", "/results"):
        page = sat.get(path)
        assert page.status == 200
        assert "finished" in page.words
        assert any("data-reload" in given for _, given in page.tags)
        assert "served.js" not in page.text
    for path in ("/report", "/results/key", "/data/tables", "/data/chunk/0", "/data/rows", "/data/row/1"):
        assert sat.get(path).status == 404, path
    assert sat.get("/data/ticks").text == '{"ticked": []}'


@pytest.mark.parametrize(
    "name", ["..%2Fkey", "../key", "..%2F..%2Fcase.sqlite", "tables/", "run.json%00", "/etc/hostname"]
)
def test_no_address_leads_to_a_file_that_the_run_did_not_write(case: Case, tmp_path: Path, name: str) -> None:
    write_run(case, {"run.json": b"{}"})
    sat = sit_at(case, tmp_path)
    assert sat.get(f"/results/{name}").status == 404


def test_the_served_views_are_those_of_the_report_and_only_their_source_asks_for_anything(tmp_path: Path) -> None:
    assert read_script() == f"{read_vendored()}\n{read_views()}"
    assert "fetch" not in read_views()
    page = sit_down(tmp_path / "case").app
    assert any(getattr(route, "path", "") == "/explorer/{name}" for route in page.routes)
