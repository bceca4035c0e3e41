"""Whole files on the page: a package checked, packages and saved cases handed out, a case brought back."""

import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import pytest
from bags import make_bag, signer
from web.desking import ROOT, Page, Sat, sit_down
from web.serving import open_page, serving

from chatforensics.casefile import log_lines, open_case
from chatforensics.casefile.desk import desk_folder
from chatforensics.errors import UnreadableExport
from chatforensics.package.boxes import list_folder, zip_files
from chatforensics.web import boxtasks
from chatforensics.web.forms import Form
from chatforensics.web.jobs import Job
from chatforensics.web.pages import verify as verify_pages
from chatforensics.workflow.run import silent

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("Ward.zip", "ہاؤس ‘x’ & <b>.zip", "100% of #3.tar.age")
PHRASE = "plum tram lake nine"
SAYS = "<script>alert(1)</script>"


@pytest.fixture
def sat(tmp_path: Path) -> Sat:
    return sit_down(tmp_path)


def put(sat: Sat, folder: str, *names: str) -> Path:
    place = desk_folder(sat.case) / folder
    place.mkdir(exist_ok=True)
    for name in names:
        (place / name).write_bytes(name.encode())
    return place


def upload(folder: Path, name: str, content: bytes) -> dict[str, object]:
    """Put a file where the page puts what came in."""
    number = "0123456789abcdef" * 2
    (folder / number / "file").mkdir(parents=True)
    (folder / number / "file" / name).write_bytes(content)
    facts = {"id": number, "name": name, "phone": "", "sha256": "", "size": len(content)}
    (folder / number / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return {"folder": str(folder), "upload": number}


def tell(sat: Sat, kind: str, result: Mapping[str, Any] | None = None, **how: str) -> str:
    """Let the desk know of a job, and return its id."""
    job = Job(kind, args={}, result=result or {}, **{"slug": "", "state": "done", **how})  # type: ignore[arg-type]
    sat.app.state.desk._side.jobs[job.id] = job
    return job.id


def streaming(sat: Sat) -> Sat:
    """Return the same desk behind a server that tells of gone browsers by an error, as streams of files need it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await sat.app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send)

    return replace(sat, app=app)


def ask_root(sat: Sat, path: str) -> Page:
    """Ask for a page that belongs to no case."""
    from web.asgi import ask

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await sat.app({**scope, "page_root": ROOT}, receive, send)

    return Page(ask(app, "GET", path, headers=[("host", "127.0.0.1")]), ROOT)


@pytest.mark.parametrize(("folder", "path"), [(boxtasks.PACKAGES, "packages"), (boxtasks.SAVED, "saved")])
def test_a_finished_file_is_handed_out_by_its_name_to_be_stored_and_not_shown(folder: str, path: str, sat: Sat) -> None:
    put(sat, folder, *NAMES)
    listed = sat.get("/packages" if path == "packages" else "/save")
    links = [tag["href"] for tag in listed.find("a") if f"/{path}/" in tag.get("href", "")]
    assert sorted(unquote(link.rpartition("/")[2]) for link in links) == sorted(NAMES)
    for link in links:
        given = streaming(sat).get(unquote(link.removeprefix(sat.base)))
        assert given.told.headers["content-disposition"].startswith("attachment")
        assert given.told.body.decode() == unquote(link.rpartition("/")[2])


def test_no_name_leads_to_another_file(sat: Sat) -> None:
    place = put(sat, boxtasks.PACKAGES, "Ward.zip")
    (place / ".part-x").mkdir()
    (place / "link.zip").symlink_to(sat.case.folder / "key")
    asked = ["..", "../../key", "..%2f..%2fkey", "..\\..\\key", ".part-x", "key", "/etc/passwd", "x\0", "link.zip"]
    for name in [*asked, *(quote(name, safe="") for name in asked)]:
        for path in (f"/packages/{name}", f"/saved/{name}"):
            given = sat.get(path)
            assert (given.status, sat.case.key in given.told.body) == (404, False), path
        assert sat.post(f"/packages/{name}/remove").status in (404, 405)
    assert (sat.case.folder / "key").exists()


def test_a_package_that_is_removed_stays_in_the_log(sat: Sat) -> None:
    place = put(sat, boxtasks.PACKAGES, *NAMES)
    before = log_lines(sat.case)
    forms = [tag["action"] for tag in sat.get("/packages").find("form") if "/remove" in tag.get("action", "")]
    for address in forms:
        assert sat.post(unquote(address.removeprefix(sat.base))).leads_to == "/packages"
    assert (list(place.iterdir()), log_lines(sat.case)) == ([], before)


def test_names_of_files_are_shown_as_text(sat: Sat) -> None:
    put(sat, boxtasks.PACKAGES, NAMES[1])
    page = sat.get("/packages")
    assert (NAMES[1] in page.words, "<b>.zip" in page.text) == (True, False)


def test_a_case_is_not_saved_by_a_slip(sat: Sat) -> None:
    slips = {
        "No passphrase was given": {},
        "not the same": {"passphrase": PHRASE},
        "shorter than 12": {"passphrase": "short", "again": "short"},
    }
    for said, sent in slips.items():
        page = sat.post("/save", **sent)
        assert (page.status, said in page.words, PHRASE in page.text) == (400, True, False)


def test_a_case_is_saved_locked_or_where_that_is_said_plainly(sat: Sat) -> None:
    for sent in ({"passphrase": f" {PHRASE}", "again": f" {PHRASE}"}, {"plain": "yes"}):
        assert sat.post("/save", **sent).leads_to.startswith("/save/")


def test_a_job_of_another_kind_or_case_is_told_on_no_page_of_another(sat: Sat) -> None:
    saved = {"file": "w.zip", "n_files": 3}
    mine = tell(sat, "save", saved, slug=sat.slug)
    assert "Saved as w.zip" in sat.get(f"/save/{mine}").words
    others = tell(sat, "save", saved, slug="another"), tell(sat, "verify"), "none"
    for number in others:
        assert sat.get(f"/save/{number}").status == 404
    assert ask_root(sat, f"/verify/{mine}").status == 404


FOUND = {
    "name": SAYS, "title": SAYS, "n_beside": 1, "innocent": SAYS, "limits": ["It cannot."], "signed_by": "0" * 16,
    "sha256": "a" * 64, "file_sha256": "b" * 64,
    "results": [{"name": "files", "state": "ok", "words": SAYS, "places": [SAYS], "n_more": 2}],
}  # fmt: skip


def test_a_check_is_told_in_words_and_a_mark_never_stands_for_more_than_was_checked(sat: Sat) -> None:
    told = {
        (True, "ok"): ("The package is as it was signed", "✓ A line"),
        (True, "not checked"): ("The package agrees with its own lists", " A line"),
        (False, "ok"): ("Something here is not as it should be", "✗ A line"),
        (False, "failed"): ("Something here is not as it should be", "✗ A line"),
    }
    for (intact, signature), (title, mark) in told.items():
        number = tell(sat, "verify", {**FOUND, "intact": intact, "signature": signature, "line": "A line"})
        page = ask_root(sat, f"/verify/{number}")
        assert (page.status, title in page.words, mark in page.words, SAYS in page.text) == (200, True, True, False)
        assert ("✓ A line" in page.words) == (mark == "✓ A line")
        assert page.words.count("It cannot.") == 1


def test_what_a_job_says_of_itself_is_told_while_it_runs_and_when_it_failed(sat: Sat) -> None:
    for kind in ("verify", "restore"):
        assert "Check" in ask_root(sat, "/verify").words
        assert ask_root(sat, f"/{kind}/{tell(sat, kind, state='running')}").find("p", id="under-way")
        failed = ask_root(sat, f"/{kind}/{tell(sat, kind, state='failed', error=f'x.zip: {SAYS}')}")
        assert (SAYS in failed.words, SAYS in failed.text) == (True, False)


def test_what_was_uploaded_is_removed_whatever_came_of_it(tmp_path: Path) -> None:
    zip_files(tmp_path / "p.zip", list_folder(make_bag(tmp_path / "p"), top="p"))
    work = tmp_path / "work"
    assert boxtasks.verify(upload(work, "Pack.zip", (tmp_path / "p.zip").read_bytes()), silent)["intact"]
    assert not list(work.iterdir())
    with pytest.raises(UnreadableExport, match=r"x\.txt: a text"):
        boxtasks.verify(upload(work, "x.txt", b"hello"), silent)
    with pytest.raises(UnreadableExport, match="no saved case"):
        boxtasks.restore({**upload(work, "p.zip", (tmp_path / "p.zip").read_bytes()), "place": str(tmp_path)}, silent)
    assert not list(work.iterdir())
    with pytest.raises(UnreadableExport, match="not here any more"):
        boxtasks.verify({"folder": str(work), "upload": "../../p"}, silent)


def test_a_case_is_saved_and_brought_back_by_the_tasks_of_the_page(sat: Sat, tmp_path: Path) -> None:
    told = boxtasks.save({"case": str(sat.case.folder), "actor": "Ama Boateng"}, silent)
    path = desk_folder(sat.case) / boxtasks.SAVED / str(told["file"])
    place = tmp_path / "place"
    back = boxtasks.restore({**upload(tmp_path / "work", "w.zip", path.read_bytes()), "place": str(place)}, silent)
    assert (back["intact"], open_case(Path(str(back["folder"]))).title) == (True, sat.case.title)
    number = tell(sat, "restore", back)
    sat.app.state.desk.place = place
    page = ask_root(sat, f"/restore/{number}")
    assert [tag["action"] for tag in page.find("form") if tag["action"].endswith("/analyse")]


def test_what_differs_and_the_plain_possibility_stand_beside_a_failed_check_unfolded(sat: Sat) -> None:
    files = {"name": "files", "state": "failed", "words": "1 difference.", "n_more": 3}
    rows = [{**files, "places": [f"data/{n}.csv: changed" for n in range(7)]}]
    found = {**FOUND, "intact": False, "signature": "not checked", "line": "FAILED", "results": rows}
    page = ask_root(sat, f"/verify/{tell(sat, 'verify', found)}")
    before, _, after = page.text.partition('id="means"')
    assert ("data/4.csv: changed" in before, "data/5.csv" in before, "and 5 more" in before) == (True, False, True)
    assert ("somebody changed something" in after, "data/6.csv" in after) == (True, True)
    assert "the files do not agree with it" in before
    sealed = {**found, "results": [{**files, "name": "signature", "places": []}]}
    other = ask_root(sat, f"/verify/{tell(sat, 'verify', sealed)}")
    assert ("the files do not agree with it" in other.text, "would not undo that" in other.text) == (False, True)


def test_a_signature_is_checked_with_a_key_that_is_given_later_until_another_file_is_checked(sat: Sat) -> None:
    desk = sat.app.state.desk
    made = signer(desk.scratch)
    zip_files(desk.scratch / "p.zip", list_folder(make_bag(desk.scratch / "p", sign=made), top="p"))
    args = upload(desk.scratch, "Ward.zip", (desk.scratch / "p.zip").read_bytes())
    number = tell(sat, "verify", boxtasks.verify(args, silent))
    desk.find_job(number).args = args
    assert [tag["value"] for tag in ask_root(sat, f"/verify/{number}").find("input", name="again")] == [number]
    asked = _Request(sat)
    begun: list[Job] = []

    def submit(kind: str, slug: str, args: Mapping[str, object]) -> Job:
        begun.append(Job(kind, slug, args))
        return begun[-1]

    desk.submit = submit
    verify_pages.begin(asked, Form({"again": [number], "key": [made.public_key]}))  # type: ignore[arg-type]
    again = begun[0].args
    assert (begun[0].kind, again) == ("verify", {**args, "key": made.public_key})
    others = str(args["upload"])[::-1]
    shutil.copytree(desk.scratch / str(args["upload"]), desk.scratch / others)
    facts = json.loads((desk.scratch / others / "facts.json").read_text())
    (desk.scratch / others / "facts.json").write_text(json.dumps({**facts, "id": others}))
    (desk.scratch / others / "kept").unlink()
    assert boxtasks.verify(again, silent)["signature"] == "ok"
    assert not (desk.scratch / str(args["upload"])).exists(), "nothing more can be asked of it"
    boxtasks.verify({**args, "upload": others}, silent)
    assert (desk.scratch / others).exists()
    boxtasks.verify(upload(desk.scratch, "Other.zip", (desk.scratch / "p.zip").read_bytes()), silent)
    assert not (desk.scratch / others).exists()
    shutil.rmtree(desk.scratch / str(args["upload"]))
    assert "drop the file again" in ask_root(sat, f"/verify/{number}").words
    with pytest.raises(UnreadableExport, match="not here any more"):
        verify_pages.begin(asked, Form({"again": [number], "key": [made.public_key]}))  # type: ignore[arg-type]


def test_a_file_that_is_not_here_is_not_checked(sat: Sat) -> None:
    for address in ("verify", "restore"):
        with pytest.raises(UnreadableExport, match="No file came in"):
            verify_pages.submit(_Request(sat), address, Form({"upload": ["../x"]}), {})  # type: ignore[arg-type]


class _Request:
    def __init__(self, sat: Sat) -> None:
        self.app = sat.app
        self.scope = {"page_root": ROOT}


@pytest.mark.slow
def test_a_package_is_dropped_checked_with_a_key_and_a_case_saved_and_brought_back_in_a_browser(
    browser: "Browser", tmp_path: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()

    made = signer(tmp_path)
    zip_files(tmp_path / "Ward.zip", list_folder(make_bag(tmp_path / "p", sign=made), top="Ward"))
    shutil.copy(tmp_path / "Ward.zip", tmp_path / "more.zip")
    with zipfile.ZipFile(tmp_path / "more.zip", "a") as archive:
        archive.writestr("Ward/data/x<img src=x onerror=alert(1)>.csv", "")
    with serving("--place", tmp_path / "place") as served:
        base = served.make_case(tmp_path / "place")
        page, watch = open_page(browser, served, "/verify")
        for name, key, title in (
            ("Ward.zip", "", "The package agrees with its own lists"),
            ("Ward.zip", made.public_key, "The package is as it was signed"),
            ("more.zip", "", "Something here is not as it should be"),
        ):
            page.goto(f"{served.address}/verify")
            page.set_input_files("#file", tmp_path / name)
            if key:
                page.locator("summary").press("Enter")
                page.fill("#key", key)
            page.locator("button[type=submit].primary").press("Enter")
            page.get_by_role("heading", name=title).wait_for(timeout=60_000)
            assert axe.run(page).violations_count == 0
        page.goto(f"{served.address}{base}/save")
        page.check("[name=plain]")
        page.get_by_role("button", name="Save the case").press("Enter")
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("link", name="Download the saved case").click(timeout=60_000)
        download.value.save_as(tmp_path / "saved.zip")
        page.goto(f"{served.address}/restore")
        page.set_input_files("#file", tmp_path / "saved.zip")
        page.get_by_role("button", name="Bring it back").press("Enter")
        page.get_by_role("heading", name="The case is back").wait_for(timeout=60_000)
        assert axe.run(page).violations_count == 0
        assert sorted(path.name for path in (tmp_path / "place").iterdir()) == ["ward", "ward-2"]
        watch.check()
        page.close()
