"""The complainant's way: drop, read and tick, answer and pack; at most three steps and no settings first."""

import json
import shutil
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from casefile.cases import BY, CHAT, a_case, a_case_with
from web.apart import run_apart
from web.asgi import Told
from web.desking import ROOT, Page, Sat, sit_at

from chatforensics.casefile import Case, is_case, list_answers, list_originals, open_case
from chatforensics.casefile.corrections import correct
from chatforensics.casefile.desk import list_ticks, read_setting, set_ticks
from chatforensics.casefile.made import write_look
from chatforensics.web import choosing
from chatforensics.web.desk import Desk
from chatforensics.web.jobs import Job
from chatforensics.web.ordering import People
from chatforensics.web.pages import questions
from chatforensics.workflow import viewing

FIRST = 7  # the id of the message that is flagged
JSON = (("accept", "application/json"),)


def _ask(
    app: Any,
    method: str,
    path: str,
    fields: Mapping[str, object] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Told:
    """Send a request as the door lets it through."""
    sent: list[MutableMapping[str, Any]] = []
    path, _, query = path.partition("?")

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": urlencode(fields or {}, doseq=True).encode(), "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers], "page_root": ROOT,
    }  # fmt: skip
    run_apart(app(scope, receive, send))
    told = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return Told(sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with one export, made once, as making it waits for the disk."""
    return a_case_with(tmp_path_factory.mktemp("held"), CHAT).folder


@pytest.fixture
def sat(tmp_path: Path, held: Path) -> Sat:
    """A case with one export in which a message was flagged, open at a desk."""
    return _sit(held, tmp_path, [_flagged()])


def _sit(held: Path, place: Path, items: Sequence[Mapping[str, Any]] | None = (), **received: object) -> Sat:
    """Open a copy of a case after a first look that found these messages; None: before any look."""
    shutil.copytree(held, place / "case")
    case = open_case(place / "case")
    (original,) = list_originals(case)
    facts = {
        "source_id": original.source_id, "chat_title": "Choir", "first": "2031-02-01 10:00", "last": "2031-02-01 10:02",
        "n_people": 3, "n_messages": 4, "n_notices": 1, "size": 123, "dates": "Its dates are day, month, year.",
        "date_order_verdict": "certain", "doubts": [], "cannot": ["It prints no seconds."],
    }  # fmt: skip
    if items is not None:
        found = {"received": {**facts, **received}, "items": items, "n_flagged": len(items), "n_review": 0}
        write_look(case, original.source_id, found)
    return sit_at(case, place)


def _item(number: int, text: str, *, sender: str = "Ines", decision: str | None = None) -> dict[str, Any]:
    return {
        "message_id": str(number), "sender": sender, "sent_local": "2031-02-01 10:00", "source": "S1", "line": number,
        "chat": "Choir", "kind": "text", "text": text, "attachment": None, "edited": False, "decision": decision,
        "explanation": "It tells the reader how to vote, by the words “Vote for”." if decision else None,
        "spans": [[0, 8, "endorse"]] if decision else [], "labels": ["endorse"] if decision else [], "n_copies": 1,
        "status": None, "before": [], "after": [],
    }  # fmt: skip


def _flagged(number: int = 7, text: str = "Vote for <script>alert(1)</script> Wiktor") -> dict[str, Any]:
    after = [_item(number + 1, "No", sender="Kofi"), _item(number + 2, "براہ کرم", sender="زینب")]
    return {**_item(number, text, sender="Ines <b>", decision="flag"), "after": after}


# ------------------------------------------------------------------------------------------------------------ start


def _start(place: Path, case: Path | None = None) -> Any:
    from chatforensics.web.app import make_app

    return make_app(Desk(place=place, start=case))


def test_the_start_page_suggests_a_folder_that_is_not_there_yet_and_lists_the_cases(tmp_path: Path, held: Path) -> None:
    case = open_case(shutil.copytree(held, tmp_path / "case"))
    page = Page(_ask(_start(tmp_path), "GET", "/"), ROOT)
    (folder,) = page.find("input", id="folder")
    assert not Path(folder["value"]).expanduser().exists()
    assert "Ward" in page.words
    assert page.find("a", href=f"{ROOT}/c/{_slug(case)}/")
    assert page.find("input", id="files", type="file")
    assert page.find("label", **{"for": "files"})


def _slug(case: Case) -> str:
    from chatforensics.web.desk import name_slug

    return name_slug(case.folder.resolve())


def test_a_page_that_was_started_with_a_case_begins_there(tmp_path: Path, held: Path) -> None:
    case = open_case(shutil.copytree(held, tmp_path / "case"))
    app = _start(tmp_path, case.folder)
    assert _ask(app, "GET", "/").headers["location"] == f"{ROOT}/c/{_slug(case)}/"
    assert _ask(app, "GET", "/?other").status == 200


@pytest.mark.parametrize("typed", ["ward", "{place}/ward"])
def test_a_case_is_made_in_the_folder_that_was_typed_and_opened_again_by_the_same_words(
    tmp_path: Path, typed: str
) -> None:
    app, fields = _start(tmp_path), {"folder": typed.format(place=tmp_path)}
    first, second = (_ask(app, "POST", "/cases", fields, JSON) for _ in range(2))
    assert (first.status, first.body) == (201, second.body)
    assert is_case(tmp_path / "ward")
    assert _ask(app, "GET", json.loads(first.body)["base"].removeprefix(ROOT) + "/").status == 200


def test_a_folder_with_something_else_in_it_is_refused_in_words_and_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("Dear")
    told = _ask(_start(tmp_path), "POST", "/cases", {"folder": "letters"}, JSON)
    assert told.status == 400
    assert "something here already" in json.loads(told.body)["error"]
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["one.txt"]


@pytest.mark.parametrize("typed", ["", "a\nb", "x" * 2000, "~nobody-of-that-name/x"])
def test_what_is_no_folder_is_refused_in_words(tmp_path: Path, typed: str) -> None:
    told = _ask(_start(tmp_path), "POST", "/cases", {"folder": typed}, JSON)
    assert told.status == 400
    assert json.loads(told.body)["error"]


def test_opening_a_folder_without_a_case_says_so(tmp_path: Path) -> None:
    told = _ask(_start(tmp_path), "POST", "/open", {"folder": str(tmp_path)})
    assert told.status == 400
    assert "no case here" in told.body.decode()


# ------------------------------------------------------------------------------------------------- read and tick


def test_a_flagged_message_stands_with_its_marks_why_and_what_stands_around_it(sat: Sat) -> None:
    page = sat.get("/")
    assert page.status == 200
    assert "Vote for" in page.text.partition("<mark>")[2][:40]
    assert "It tells the reader how to vote" in page.words
    assert page.find("article", **{"class": "msg msg-context"})
    assert page.find("input", type="checkbox", name="tick", value=str(FIRST))


def test_names_and_words_of_a_chat_are_never_markup(sat: Sat) -> None:
    page = sat.get("/")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text.replace("</mark>", "").replace("<mark>", "")
    assert "Ines <b>" in page.words


def test_every_word_of_a_chat_keeps_its_own_direction(sat: Sat) -> None:
    page = sat.get("/")
    bodies = [given for tag, given in page.tags if given.get("class") == "words"]
    assert bodies
    assert all(given.get("dir") == "auto" for given in bodies)


def test_what_was_received_is_told_with_its_fingerprint(sat: Sat) -> None:
    page = sat.get("/")
    assert list_originals(sat.case)[0].sha256 in page.words
    assert "2031-02-01 10:00" in page.words


def test_dates_that_can_be_read_in_two_ways_lead_to_where_that_is_settled(tmp_path: Path, held: Path) -> None:
    sat = _sit(held, tmp_path, date_order_verdict="ambiguous")
    page = sat.get("/")
    assert "Day and month cannot be told apart" in page.words
    assert page.find("a", href=f"{sat.base}/exports")


def test_a_chat_without_a_marked_message_says_what_that_does_not_show(tmp_path: Path, held: Path) -> None:
    page = _sit(held, tmp_path).get("/")
    assert "It does not show that there was none" in page.words
    assert page.find("a", href=f"{page.base}/search")


def test_an_export_that_was_not_looked_at_is_listed_all_the_same(tmp_path: Path, held: Path) -> None:
    sat = _sit(held, tmp_path, None)
    assert "This file is kept as it came" in sat.get("/").words


def test_a_case_without_exports_asks_for_one(tmp_path: Path) -> None:
    page = sit_at(a_case(tmp_path), tmp_path).get("/")
    assert "No export is in this case yet" in page.words
    assert page.find("form", id="drop-form", **{"data-known": page.base})


def test_a_tick_of_the_script_is_stored_and_counted(sat: Sat) -> None:
    number = FIRST
    for on, then in (("1", [number]), ("1", [number]), ("0", [])):
        told = _ask(sat.app, "POST", f"/c/{sat.slug}/ticks", {"message": number, "on": on}, JSON)
        assert json.loads(told.body) == {"n": len(then)}
        assert list_ticks(sat.case) == then


def test_without_a_script_the_form_stores_what_it_showed_and_leaves_other_ticks_alone(sat: Sat) -> None:
    set_ticks(sat.case, [2, 99], on=True, at=BY.at)
    sent = sat.post("/ticks", shown=[1, 2, 3], tick=[1, 3, 7], back="/?flagged=2#flag")
    assert sent.leads_to == "/?flagged=2"
    assert list_ticks(sat.case) == [1, 3, 99]
    sat.post("/ticks", shown=[1, 2], all="yes")
    assert list_ticks(sat.case) == [1, 2, 3, 99]


@pytest.mark.parametrize("back", ["//elsewhere.example", "https://elsewhere.example/", "/../../x", "/unknown"])
def test_a_form_never_leads_out_of_the_case(sat: Sat, back: str) -> None:
    assert sat.post("/ticks", shown=[1], back=back).leads_to == "/"


def test_what_is_no_id_ticks_nothing(sat: Sat) -> None:
    assert sat.post("/ticks", shown=["1", "x"], tick=["1"]).status == 400
    assert list_ticks(sat.case) == []


def test_a_ticked_message_is_shown_as_ticked_and_the_way_on_counts_it(sat: Sat) -> None:
    assert not sat.get("/").find("input", name="tick", checked="")
    set_ticks(sat.case, [FIRST], on=True, at=BY.at)
    page = sat.get("/")
    assert page.find("input", name="tick", checked="", value=str(FIRST))
    assert "Next: pack 1 message" in page.words


def test_many_messages_stand_on_pages_that_lead_to_each_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: Path
) -> None:
    monkeypatch.setattr(choosing, "PER_PAGE", 2)
    sat = _sit(held, tmp_path, [_flagged(10 * n) for n in range(1, 6)])
    seen: list[str] = []
    address = "/"
    while address:
        page = sat.get(address)
        seen += [given["value"] for given in page.find("input", name="tick")]
        further = [given["href"] for given in page.find("a", **{"class": "button"}) if "flagged=" in given["href"]]
        address = further[0].removeprefix(sat.base).partition("#")[0] if further else ""
    assert seen == ["10", "20", "30", "40", "50"]


class _View:
    """An analysis in which message 7 stands in two exports, and somebody stated that message 9 is no instruction."""

    def __init__(self, sources: Sequence[str], *, current: bool = True) -> None:
        self.held = sources
        self.is_current = lambda _case: current
        said = "Stated by “Goran” on 2031-03-04: not an instruction (“a joke”)."
        said += " The program's own decision was flag at 0.40."
        corrected = {**_item(9, "Vote for Priya", decision="none"), "explanation": said, "row": 2, "copies": []}
        self.known = {7: _flagged() | {"n_copies": 2, "row": 1, "copies": [{"message_id": "8"}]}, 9: corrected}

    def sources(self) -> list[dict[str, Any]]:
        return [{"source_id": each} for each in self.held]

    def flagged(self, decision: str, *, page: int, size: int) -> Any:
        items = [self.known[7]] if decision == "flag" else []
        return SimpleNamespace(n=len(items), items=items[(page - 1) * size : page * size])

    def message(self, number: int) -> Mapping[str, Any] | None:
        return self.known.get(7 if number == 8 else number)

    def around(self, number: int, *, before: int, after: int) -> list[Mapping[str, Any]]:
        assert (before, after) == (5, 5)
        return [self.known[number]]

    def row_of(self, number: int) -> int | None:
        return {7: 1, 8: 1, 9: 2}.get(number)


@pytest.fixture
def analysed(sat: Sat, monkeypatch: pytest.MonkeyPatch) -> Sat:
    """A case that was analysed after the look at it."""
    view = _View([original.source_id for original in list_originals(sat.case)])
    monkeypatch.setattr(viewing, "open_view", lambda _case: view)
    return sat


def test_before_the_analysis_is_done_the_page_says_that_copies_are_listed_apart(sat: Sat) -> None:
    assert "listed once for each, and corrections do not count yet" in sat.get("/").words


def test_after_the_analysis_its_messages_are_shown_with_copies_as_one(analysed: Sat) -> None:
    words = analysed.get("/").words
    assert "It stands 2 times in the exports; one is shown." in words
    assert "listed once for each" not in words
    assert "has changed since the last analysis" not in words


def test_an_older_analysis_is_called_one_and_exports_that_came_since_are_added(
    sat: Sat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "open_view", lambda _case: _View(["of another export"], current=False))
    page = sat.get("/")
    assert "has changed since the last analysis" in page.words
    assert "Exports came in since the last analysis" in page.words
    assert len(page.find("input", name="tick")) == 2
    monkeypatch.setattr(choosing, "PER_PAGE", 1)
    assert ["It stands 2 times" in sat.get(f"/?flagged={n}").words for n in (1, 2)] == [True, False]


def test_a_tick_on_a_copy_is_one_on_the_message_and_is_taken_from_each(analysed: Sat) -> None:
    set_ticks(analysed.case, [7, 8], on=True, at=BY.at)
    page = analysed.get("/")
    assert page.find("input", name="tick", checked="", value="7")
    assert "Next: pack 1 message" in page.words
    analysed.post("/ticks", shown=[7])
    assert list_ticks(analysed.case) == []


def test_the_package_page_counts_copies_of_one_message_as_one(analysed: Sat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "list_people", lambda _case: People([], [], []))
    set_ticks(analysed.case, [7, 8], on=True, at=BY.at)
    words = analysed.get("/package").words
    assert "1 message is packed." in words
    assert words.count("Tick this message") == 1


def test_what_a_correction_took_out_stands_in_a_fold_with_whose_word_that_is(analysed: Sat) -> None:
    fold = "Corrected: not an instruction, somebody says"
    assert fold not in analysed.get("/").words
    correct(analysed.case, "label", {"message_id": 9, "is": "not"}, who="Goran", why="a joke", by=BY)
    page = analysed.get("/")
    assert fold in page.words
    assert "Corrected: Stated by “Goran” on 2031-03-04: not an instruction (“a joke”)." in page.words
    assert [given["value"] for given in page.find("input", name="tick")] == ["7", "9"]


def test_a_correction_that_waits_for_an_analysis_is_told_at_its_message(sat: Sat) -> None:
    correct(sat.case, "label", {"message_id": FIRST, "is": "not"}, who="Goran “G”", why="a joke", by=BY)
    assert "This counts when the case is analysed again." in sat.get("/").words


# ------------------------------------------------------------------------------------------------ answer and pack


@pytest.fixture
def ticked(sat: Sat) -> Sat:
    set_ticks(sat.case, [FIRST], on=True, at=BY.at)
    return sat


@pytest.fixture
def jobs(ticked: Sat, monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs that were asked for, none of which is done."""
    asked: list[Job] = []
    desk = ticked.app.state.desk

    def submit(kind: str, slug: str, args: Mapping[str, object]) -> Job:
        job = Job(kind, slug, args)
        asked.extend([job] if kind == "pack" else [])
        return job

    monkeypatch.setattr(desk, "submit", submit)
    monkeypatch.setattr(desk, "find_job", lambda number: next((job for job in asked if job.id == number), None))
    return asked


def test_without_ticks_the_package_page_leads_back(sat: Sat) -> None:
    page = sat.get("/package")
    assert "No message is ticked yet" in page.words
    assert not page.find("form", action=f"{sat.base}/package")


def test_the_package_page_asks_each_question_with_not_knowing_as_a_choice(ticked: Sat) -> None:
    page = ticked.get("/package")
    assert len(page.find("input", type="checkbox", value="yes", name="all.phone.unknown")) == 1
    assert len(page.find("input", type="radio", value="unknown", name="all.source_kind")) == 1
    assert page.find("input", name="parties", checked="")
    assert not page.find("input", name="shown", checked="")


def test_an_order_says_what_was_filled_in(ticked: Sat, jobs: list[Job]) -> None:
    sent = ticked.post(
        "/package",
        **{"all.phone": "Pixel 7"},
        actor="Ama Boateng",
        parties="yes",
        shown=["Kofi"],
        words="12 Mill Lane\n\n12 Mill Lane\nRose",
        reason="home address",
        context="4",
        sign="yes",
    )
    (job,) = jobs
    assert sent.leads_to == f"/package/made/{job.id}"
    assert (job.kind, job.args["actor"], job.args["name"]) == ("pack", "Ama Boateng", "Ward")
    assert job.args["order"] == {
        "messages": [str(FIRST)], "context": 4, "shown": ["Kofi"], "parties": True,
        "redact": [{"words": each, "reason": "home address"} for each in ("12 Mill Lane", "Rose")],
        "reviewer": "Ama Boateng", "sign": True, "new_key": False, "passphrase": None, "keep": [],
    }  # fmt: skip
    assert list_answers(ticked.case)[0]["phone"] == "Pixel 7"
    assert read_setting(ticked.case, "actor") == "Ama Boateng"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"locked": "yes"}, "no passphrase was typed"),
        ({"locked": "yes", "passphrase": "four words of mine", "again": "four words"}, "typed in two ways"),
        ({"locked": "yes", "passphrase": "short", "again": "short", "reason": "a child"}, "could be guessed"),
        ({"context": "many"}, "no number from 0 to 1000"),
        ({"context": "1001"}, "no number from 0 to 1000"),
        ({"words": "Rose"}, "the reason is missing"),
    ],
)
def test_a_wish_that_cannot_be_comes_back_with_a_sentence_and_what_was_typed(
    ticked: Sat, jobs: list[Job], fields: dict[str, str], words: str
) -> None:
    page = ticked.post("/package", **{"words": "Rose", "reason": "", "all.phone": "Pixel 7", "actor": "Ama", **fields})
    assert page.status == 400
    assert words in page.words
    assert page.find("div", role="alert", **{"class": "alert"})
    assert "four words of mine" not in page.text
    assert "Rose" in page.words
    assert jobs == []
    assert list_answers(ticked.case)[0]["phone"] == "Pixel 7"


def test_what_was_wanted_last_is_filled_in_next_time_and_no_passphrase_is_kept(ticked: Sat, jobs: list[Job]) -> None:
    typed = "four words of mine"
    ticked.post("/package", words="Rose", reason="a child", locked="yes", passphrase=typed, again=typed)
    (job,) = jobs
    order: Any = job.args["order"]
    assert order["passphrase"] == typed
    page = ticked.get("/package")
    assert "Rose" in page.words
    assert page.find("input", name="reason", value="a child")
    assert page.find("input", name="locked", checked="")
    assert not page.find("input", name="parties", checked="")
    kept = b"".join(path.read_bytes() for path in ticked.case.folder.rglob("*") if path.is_file())
    assert typed.encode() not in kept


def test_the_page_of_a_package_follows_its_job_to_the_end(ticked: Sat, jobs: list[Job]) -> None:
    address = ticked.post("/package", sign="yes").leads_to
    (job,) = jobs
    assert ticked.get(address).find("p", role="status", **{"data-job": job.id})
    job.state, job.error = "failed", "Nothing was written: words that are to be hidden would be readable."
    assert job.error in ticked.get(address).words
    job.state, job.result = "done", _made()
    page = ticked.get(address)
    assert page.find("a", href=f"{ticked.base}/packages/Ward.zip", download="")
    assert {"ab" * 32, "cd" * 32, "RWQkey"} <= {*page.text.replace("<", ">").split(">")}
    assert "Rose <3" in page.words


def _made() -> dict[str, object]:
    checks = [{"name": "hashes", "state": "ok", "words": "all as listed", "places": []}]
    return {
        "file": "Ward.zip", "size": 12345, "sha256": "ab" * 32, "file_sha256": "cd" * 32, "public_key": "RWQkey",
        "verified": "9 checks passed.", "checks": checks, "counts": {}, "hidden": "name: 3",
        "doubts": ["  P-abc “Rose <3”: Rose 1"], "warnings": [], "sealed": False,
        "is_signed": True, "n_hidden": {"name": 3}, "acted": [], "person": None,
    }  # fmt: skip


def test_a_package_that_nobody_knows_of_is_told_in_words(ticked: Sat, jobs: list[Job]) -> None:
    jobs.append(Job("pack", "another-case", {}))
    for number in ("0123", jobs[0].id):
        page = ticked.get(f"/package/made/{number}")
        assert page.status == 404
        assert "Nothing is known of this any more" in page.words


def test_answers_alone_can_be_stored(ticked: Sat) -> None:
    assert ticked.post("/questions", **{"all.zone": "London", "actor": "Ama"}).leads_to == "/questions?saved=yes"
    page = ticked.get("/questions?saved=yes")
    assert page.find("input", name="all.zone", value="London")
    assert "The answers are stored" in page.words
