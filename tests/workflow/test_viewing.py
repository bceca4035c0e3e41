"""What the pages read of a finished analysis: found by words, place and number; whole or not at all; up to date."""

import gzip
import json
import sqlite3
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from casefile.cases import BY, a_case, a_file
from hypothesis import given
from hypothesis import strategies as st
from pictures.drawn import draw, jpeg
from workflow.case_runs import SLATE, analyse

from chatforensics.casefile import Case, list_originals
from chatforensics.errors import CaseError, UsageError
from chatforensics.workflow import viewwriting
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.run import Outcome, Settings
from chatforensics.workflow.viewasking import Among
from chatforensics.workflow.viewing import Query, View, build_view, open_view
from chatforensics.workflow.viewsearch import fold

PICTURE = "IMG-20310114-WA0001.jpg"
BENGALI, HINDI, URDU = "শনিবার ভোট দিন নাদিয়াকে", "शनिवार को वोट दें", "ہفتے کو ووٹ دیں"
TEXTS = (
    ("Ama", "Rehearsal is at seven as usual"),
    ("Wiktor", SLATE),
    ("Ama", BENGALI),
    ("Wiktor", HINDI),
    ("Siân", URDU),
    ("Ama", "café at the RIVER 👍🏽 see you"),
    ("Wiktor", "vo\u200bte on Satur\u00adday, co-op hall"),
    ("Siân", "明天见 tomorrow"),
    ("Ama", "what?! really"),
    ("Wiktor", f"{PICTURE} (file attached)"),
    ("Siân", 'she said "the red door" twice'),
    ("Ama", "the door is red"),
)


def a_chat(names: dict[str, str], changes: dict[int, str] | None = None, *, owner: str) -> str:
    told = {**dict(enumerate(text for _, text in TEXTS)), **(changes or {})}
    lines = [f'13/01/2031, 09:00 - {owner} created group "Choir"']
    lines += [
        f"{14 + n // 4}/01/2031, 1{n % 4}:{10 + n} - {names.get(who, who)}: {told[n]}"
        for n, (who, _) in enumerate(TEXTS)
    ]
    return "\n".join(lines) + "\n"


def a_zip(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    path = folder / "WhatsApp Chat with Choir.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("WhatsApp Chat with Choir.txt", text)
        archive.writestr(PICTURE, jpeg(draw(text="seven o'clock")))
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Outcome]:
    folder = tmp_path_factory.mktemp("view")
    case = a_case(folder)
    a_zip(folder / "in" / "one", a_chat({}, owner="Ama"))
    other = a_chat({"Wiktor": "Wiktor Nowak"}, {5: "café at the lake 👍🏽 see you"}, owner="You")
    a_file(folder / "in" / "two", other.encode())
    add_exports(case, [folder / "in"], by=BY)
    outcome = analyse(case, Settings(pictures="none"))
    build_view(case, outcome)
    return case, outcome


@pytest.fixture(scope="module")
def view(made: tuple[Case, Outcome]) -> View:
    opened = open_view(made[0])
    assert opened
    return opened


def texts(view: View, words: str = "", **asked: str) -> list[str]:
    return [item["text"] for item in view.find(Query.from_params({"words": words, **asked})).items]


def item_of(view: View, text: str) -> dict[str, Any]:
    return next(item for item in view.find(Query()).items if item["text"] == text)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("usual SEVEN", ["Rehearsal is at seven as usual"]),
        ("rehear", ["Rehearsal is at seven as usual"]),
        ("rehear seven", []),
        ("cafe river", ["café at the RIVER 👍🏽 see you"]),
        ("ভোট", [BENGALI]),
        ("নাদিয়াকে", [BENGALI]),
        ("ভট", []),
        ("वोट दें", [HINDI]),
        ("ووٹ", [URDU]),
        ("vote saturday hall", ["vo\u200bte on Satur\u00adday, co-op hall"]),
        ("co-op", ["vo\u200bte on Satur\u00adday, co-op hall"]),
        ("👍", ["café at the RIVER 👍🏽 see you"]),
        ("天见", ["明天见 tomorrow"]),
        ("?!", ["what?! really"]),
        ('"red door"', ['she said "the red door" twice']),
        ("red door", ['she said "the red door" twice', "the door is red"]),
        ("wa0001", [None]),
        ("lake", ["café at the RIVER 👍🏽 see you"]),
    ],
)
def test_a_message_is_found_by_its_words_those_of_its_copies_and_its_files(
    view: View, words: str, found: list[str]
) -> None:
    assert texts(view, words) == found


PARTS = [*"aeotvr \"'*^:(){}-+?!\\%_ভো👍", "AND", " OR ", " NEAR ", "words:", "the", "red"]
ASKED = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)


@given(ASKED)
def test_nothing_that_is_typed_is_more_than_words(view: View, words: str) -> None:
    found = view.find(Query(words=words))
    assert found.n == len(found.items)
    tokens = [word for word in fold(words).replace('"', " ").split() if word.isalpha()]
    if tokens and words.replace(" ", "").isalpha():
        held = [item["text"] for item in view.find(Query()).items if item["text"] and _holds(item["text"], tokens)]
        assert [item["text"] for item in found.items] == held


def _holds(text: str, tokens: list[str]) -> bool:
    """Do slowly what the index does, for texts of plain letters."""
    import regex

    if "café" in text:  # its copy has other words
        text += " lake"
    held = regex.findall(r"[\p{L}\p{M}\p{N}\p{Co}]+", fold(text).replace("é", "e"))
    last = tokens[-1]
    begins = any(each.startswith(last) for each in held) if len(last) > 1 else last in held
    return begins and all(token in held for token in tokens[:-1])


def test_filters_narrow_what_is_found(view: View) -> None:
    person = next(row for row in view.people() if "Siân" in row["labels"])
    assert texts(view, person=person["person_id"]) == [text for who, text in TEXTS if who == "Siân"]
    assert texts(view, "the", person=person["person_id"]) == ['she said "the red door" twice']
    assert texts(view, since="2031-01-16") == [text for _, text in TEXTS[8:9]] + [
        None,
        *(text for _, text in TEXTS[10:]),
    ]
    assert texts(view, since="2031-01-14", until="2031-01-14") == [text for _, text in TEXTS[:4]]
    assert texts(view, until="2030-12-31") == []
    assert SLATE in texts(view, decision="flag")
    assert SLATE not in texts(view, decision="none")
    assert texts(view, kind="media") == [None]
    assert texts(view, status="text_conflict") == ["café at the RIVER 👍🏽 see you"]
    everything = view.find(Query()).n  # the notice of each export stands alone
    assert [view.find(Query(source_id=row["source_id"])).n for row in view.sources()] == [everything - 1] * 2
    assert [view.find(Query(chat_id=row["chat_id"])).n for row in view.chats()] == [everything]
    assert view.find(Query(person_id="nobody")).n == 0


def test_pages_follow_each_other_by_time(view: View) -> None:
    whole = view.find(Query()).items
    assert [item["sent_at"] for item in whole] == sorted(item["sent_at"] for item in whole)
    pages = [view.find(Query(), page, size=5).items for page in (1, 2, 3)]
    assert [item for page in pages for item in page] == whole
    assert view.find(Query(), 9, size=5).items == []


def test_what_is_asked_survives_an_address_and_a_slip_in_it_is_told() -> None:
    params = {"words": "red door", "chat": "c", "person": "p", "source": "s", "since": "2031-01-01", "decision": "flag"}
    assert Query.from_params(params).to_params() == params
    for wrong in (
        {"since": "01/02/2031"},
        {"until": "20310102"},
        {"decision": "guilty"},
        {"kind": "x"},
        {"words": "a" * 3000},
    ):
        with pytest.raises(UsageError):
            Query.from_params(wrong)


def test_a_message_is_shown_with_why_and_with_its_copies(view: View) -> None:
    item = item_of(view, SLATE)
    whole = view.message(int(item["message_id"]))
    assert whole is not None
    assert (whole["decision"], whole["n_copies"], whole["status"]) == ("flag", 2, "agree")
    assert any("vote for" in SLATE[start:end] for start, end, _ in whole["spans"])
    assert {row["name"] for row in whole["slate"]} == {"Nadia Blake", "Tomasz Zielinski"}
    assert whole["label_rows"][0]["label"]
    (copy,) = whole["copies"]
    assert (copy["sender"], copy["text_differs"], copy["text"]) == ("Wiktor Nowak", False, None)
    assert whole["corroboration"] == "Exports of the chat agree on it."


def test_a_copy_is_shown_as_it_stands_in_its_own_export(view: View) -> None:
    item = item_of(view, "café at the RIVER 👍🏽 see you")
    shown = view.message(int(item["message_id"]))
    assert shown is not None
    (copy,) = shown["copies"]
    assert (copy["text_differs"], copy["text"]) == (True, "café at the lake 👍🏽 see you")
    other = view.message(int(copy["message_id"]))
    assert other is not None
    assert (other["message_id"], other["text"], other["source"]) == (copy["message_id"], copy["text"], copy["source"])
    assert [each["message_id"] for each in other["copies"]] == [item["message_id"]]
    assert copy["message_id"] in {each["message_id"] for each in view.around(int(copy["message_id"]))}
    same = view.message(int(item_of(view, SLATE)["message_id"]))
    assert same is not None
    again = view.message(int(same["copies"][0]["message_id"]))
    assert again is not None
    assert (again["text"], again["sender"]) == (SLATE, "Wiktor Nowak")


def test_what_stands_around_a_message_is_in_order_and_a_place_that_is_not_there_is_none(view: View) -> None:
    item = item_of(view, HINDI)
    near = view.around(int(item["message_id"]), before=2, after=1)
    assert [each["text"] for each in near] == [SLATE, BENGALI, HINDI, URDU]
    assert view.message(5) is None
    assert view.around(5) == []
    assert view.row_of(5) is None


def test_rows_of_several_people_and_decisions_are_asked_for_at_once_and_are_those_of_each_together(view: View) -> None:
    two = [row["person_id"] for row in view.people()[:2]]
    each = [view.rows(Query(person_id=person_id)) for person_id in two]
    assert all(each)
    assert view.rows(Query(), among=Among(two)) == sorted({*each[0], *each[1]})
    assert view.rows(Query(), among=Among([*two, *(f"person-{n}" for n in range(398))])) == sorted({*each[0], *each[1]})
    assert view.rows(Query(), among=Among(["nobody"])) == []
    decided = [set(view.rows(Query(decision=decision))) for decision in ("flag", "review")]
    assert view.rows(Query(), among=Among(decisions=("flag", "review"))) == sorted(decided[0] | decided[1])
    both = view.rows(Query(words="the"), among=Among(two, ("none",)))
    assert both == [row for row in view.rows(Query(words="the", decision="none")) if row in {*each[0], *each[1]}]


def test_rows_lead_to_the_messages_of_the_linked_views(view: View) -> None:
    chunk = json.loads(gzip.decompress(view.chunk(0)))
    (row,) = view.rows(Query(words="seven usual"))
    assert chunk["text"][row] == "Rehearsal is at seven as usual"
    assert view.row_of(chunk["id"][row]) == row
    assert view.row_of(chunk["copies"][5][0]) == chunk["copies"][0][0]
    tables = json.loads(gzip.decompress(view.tables()))
    assert tables["n_rows"] == view.find(Query()).n
    with pytest.raises(CaseError):
        view.chunk(99)


def test_flagged_messages_stand_before_those_to_be_reviewed(view: View) -> None:
    both = view.flagged()
    assert both.n == view.flagged("flag").n + view.flagged("review").n
    decisions = [item["decision"] for item in both.items]
    assert decisions == sorted(decisions)
    assert view.flagged("flag", page=2, size=50).items == []


def test_a_picture_is_drawn_small_from_the_original_and_any_other_file_is_not(view: View) -> None:
    (item,) = view.find(Query(kind="media")).items
    whole = view.message(int(item["message_id"]))
    assert whole is not None
    (picture,) = whole["pictures"]
    drawn = view.picture(picture["sha256"])
    assert drawn is not None
    assert drawn.startswith(b"\xff\xd8")
    assert view.picture("0" * 64) is None


def test_many_threads_read_one_view_at_once(view: View) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: view.find(Query(words=("red", "seven")[n % 2])).n, range(40)))
    assert found == [2, 1] * 20


def test_a_view_is_readable_by_its_owner_only(view: View) -> None:
    assert view.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in view.folder.iterdir()} == {0o600}


def test_the_same_analysis_gives_the_same_view(made: tuple[Case, Outcome], view: View, tmp_path: Path) -> None:
    viewwriting.write_view(tmp_path, made[1], {"form": 1, "state": view.state}, lambda *_: None)
    names = sorted(path.name for path in view.folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        if name != viewwriting.VIEW_DATABASE:
            assert (view.folder / name).read_bytes() == (tmp_path / name).read_bytes()
    assert _dump(view.folder) == _dump(tmp_path)


def _dump(folder: Path) -> list[str]:
    with sqlite3.connect(folder / viewwriting.VIEW_DATABASE) as database:
        return list(database.iterdump())


@pytest.fixture
def changing(tmp_path: Path) -> tuple[Case, Outcome]:
    case = a_case(tmp_path)
    add_exports(case, [a_file(tmp_path / "in", a_chat({}, owner="Ama").encode())], by=BY)
    return case, analyse(case, Settings(pictures="none"))


@pytest.mark.slow
def test_a_view_is_there_whole_or_not_at_all_and_an_older_one_stays_until_then(
    changing: tuple[Case, Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, outcome = changing
    assert open_view(case) is None

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(viewwriting, "compress", fail)
        with pytest.raises(CaseError, match="No space left"):
            build_view(case, outcome)
    assert open_view(case) is None
    first = build_view(case, outcome)
    assert [path.name for path in first.parent.iterdir()] == [first.name]
    assert build_view(case, outcome) == first


@pytest.mark.slow
def test_a_view_is_up_to_date_until_an_export_comes_or_settings_change(
    changing: tuple[Case, Outcome], tmp_path: Path
) -> None:
    case, outcome = changing
    first = build_view(case, outcome)
    view = open_view(case)
    assert view
    assert view.is_current(case)
    added = a_file(
        tmp_path / "more", a_chat({}, {0: "another"}, owner="Kofi").encode(), "WhatsApp Chat with Choir 2.txt"
    )
    add_exports(case, [added], by=BY)
    assert not view.is_current(case)
    assert view.message(int(view.find(Query()).items[0]["message_id"]))
    second = build_view(case, analyse(case, Settings(pictures="none")))
    opened = open_view(case)
    assert opened
    assert (opened.id, opened.is_current(case)) == (second.name, True)
    assert [path.name for path in first.parent.iterdir()] == [second.name]
    analyse(case, Settings(pictures="none", timezone="Europe/London"))
    assert not opened.is_current(case)
    assert len(list_originals(case)) == len(opened.sources())
