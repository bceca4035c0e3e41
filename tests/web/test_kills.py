"""The page killed at any moment: nothing is lost, what was under way is taken up, and the results stay the same.

Two windows on one case stay consistent.
"""

import http.client
import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from web.grounds import copy_case, demo_case, find_export
from web.knocking import wait_until
from web.serving import Served, open_page, serving
from web.test_server import LINUX, list_children

from chatforensics.casefile import By, check_chain, last_run, list_originals, log_lines, new_case, open_case
from chatforensics.workflow.viewing import open_view

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, LINUX]
BY = By("Ilse Marrow", datetime(2031, 3, 3, tzinfo=UTC))
N_KILLS = 20


def make(folder: Path) -> Path:
    new_case(folder, title="ward", by=BY, key=bytes(range(32)))
    return folder


def open_base(served: Served) -> str:
    return served.ask("GET", "/").headers["location"].removeprefix(served.root).rstrip("/")


def kill(served: Served) -> None:
    """Kill the page and see all its processes end."""
    children = list_children(served.process.pid)
    served.kill()
    wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


def read_tables(folder: Path) -> dict[str, pl.DataFrame]:
    run = last_run(open_case(folder))
    assert run is not None
    return {path.name: pl.read_parquet(path) for path in sorted((folder / run.result / "tables").glob("*.parquet"))}


def send_half(served: Served, base: str, content: bytes) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    connection.putrequest("PUT", f"{served.root}{base}/uploads?name=half.txt")
    connection.putheader("Origin", f"http://{served.host}")
    connection.putheader("Content-Length", str(len(content)))
    connection.endheaders(content[: len(content) // 2])
    return connection


def test_killed_during_an_upload_it_loses_nothing_and_what_came_in_whole_is_taken_up_by_itself(tmp_path: Path) -> None:
    case, whole, half = make(tmp_path / "case"), find_export("Winston Clarke"), find_export("Cricket").read_bytes()
    with serving("--place", tmp_path, case) as served:
        base = open_base(served)
        served.ask("PUT", f"{base}/uploads?name=Winston.txt", body=whole.read_bytes())
        connection = send_half(served, base, half)
        uploads = case / "desk" / "uploads"
        wait_until(lambda: len(list(uploads.glob("*.part/file/*"))) == 1)
        kill(served)
        connection.close()
    assert list_originals(open_case(case)) == []
    with serving("--place", tmp_path, case) as served:
        served.ask("GET", f"{open_base(served)}/")
        wait_until(lambda: len(list_originals(open_case(case))) == 1, seconds=60)
        wait_until(lambda: list(uploads.iterdir()) == [], seconds=60)
        (original,) = list_originals(open_case(case))
        assert original.path is not None
        assert original.path.read_bytes() == whole.read_bytes()
        assert served.ask("PUT", f"{base}/uploads?name=half.txt", body=half).status == 201


def test_killed_twenty_times_at_any_moment_it_ends_with_the_tables_of_an_undisturbed_run(tmp_path: Path) -> None:
    exports = [find_export("Winston Clarke"), find_export("Canal Street")]
    calm, case = make(tmp_path / "calm"), make(tmp_path / "case")
    moments = random.Random(9)  # noqa: S311 - moments, the same on every run
    for n in range(N_KILLS):
        with serving("--place", tmp_path, case) as served:
            base = open_base(served)
            if n < len(exports):
                name = exports[n].name.replace(" ", "%20")
                told = served.ask("PUT", f"{base}/uploads?name={name}", body=exports[n].read_bytes()).value["upload"]
                served.ask("POST", f"{base}/receive", body={"uploads": told})
            served.ask("GET", f"{base}/")
            time.sleep(moments.uniform(0, 3))
            kill(served)
    with serving("--place", tmp_path, case) as served:
        served.wait_until_current(open_base(served))
        assert served.ask("GET", f"{open_base(served)}/search?decision=flag").status == 200
    opened = open_case(case)
    assert len(list_originals(opened)) == len(exports)
    assert check_chain(log_lines(opened)) is None
    with serving("--place", tmp_path, calm) as served:
        served.add(open_base(served), *exports, wait_for="analyse")
    disturbed, undisturbed = read_tables(case), read_tables(calm)
    assert list(disturbed) == list(undisturbed)
    assert [name for name, table in disturbed.items() if not table.equals(undisturbed[name])] == []
    view = open_view(opened)
    assert view is not None
    assert view.is_current(opened)


# ---------------------------------------------------------------------------------------------------- two windows


def test_two_windows_on_one_case_notice_each_other_and_neither_loses_what_was_typed(
    browser: "Browser", tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = copy_case(demo_case(tmp_path_factory), tmp_path)
    with serving("--place", tmp_path, case) as served:
        base = open_base(served)
        (one, watch), (other, _) = (open_page(browser, served, f"{base}/") for _ in range(2))
        one.locator("input[name='tick']").first.check()
        wait_until(lambda: "1 message is ticked" in one.inner_text("#dock"))
        wait_until(lambda: other.locator("#renewed").is_visible())
        other.reload()
        assert other.locator("input[name='tick']").first.is_checked()

        one.goto(f"{served.address}{base}/notes")
        one.fill("#note-new", "first words")
        one.click("button:has-text('Add the note')")
        other.goto(f"{served.address}{base}/notes")
        for page, words in ((one, "words of one"), (other, "words of the other")):
            page.locator(".note summary").first.click()
            page.fill("#note-text-1", words)
            page.click("button:has-text('Save the change')")
        assert "Somebody else changed this note meanwhile" in other.inner_text("main")
        assert "words of one" in other.inner_text("main")
        assert other.input_value("#stale-text") == "words of the other"
        other.click("button:has-text('Save mine in its place')")
        one.goto(f"{served.address}{base}/notes")
        assert "words of the other" in one.inner_text("main")

        one.goto(f"{served.address}{base}/documents")
        one.fill("#title", "A draft")
        one.click("button:has-text('Begin it')")
        one.wait_for_url("**/documents/1*")
        other.goto(f"{served.address}{base}/documents/1")
        for page, title in ((one, "Draft of one"), (other, "Draft of the other")):
            page.fill("#title", title)
            page.click("button[value='save']")
        assert "Somebody else changed it meanwhile" in other.inner_text("main")
        assert other.input_value("#title") == "Draft of the other"
        assert "Draft of one" in str(other.locator("main details").first.text_content())
        watch.check()
        one.close()
        other.close()


def test_a_correction_that_two_take_back_is_taken_back_once(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = copy_case(demo_case(tmp_path_factory), tmp_path)
    with serving("--place", tmp_path, case) as served:
        base = open_base(served)
        looks = [json.loads(path.read_bytes()) for path in (case / "desk" / "looks").glob("*.json")]
        message = next(item["message_id"] for look in looks for item in look["items"])
        said = {
            "kind": "label",
            "message_id": message,
            "is": "not",
            "who": "Bram Oduya",
            "why": "I read it.",
            "actor": "x",
        }
        assert served.ask("POST", f"{base}/corrections", body=said).status == 303
        answers = [
            served.ask("POST", f"{base}/corrections/1/withdraw", body={"why": "an error"}).status for _ in range(2)
        ]
        assert answers[0] == 303
        assert answers[1] in (303, 400)
        recorded = [
            entry["details"]["correction"]
            for entry in map(json.loads, log_lines(open_case(case)))
            if entry["action"] == "correct"
        ]
        assert recorded == ["label", "withdrawal"]
