"""A package for the page: what is asked for is read strictly, and what is offered has passed its receiver's check."""

import os
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from casefile.cases import BY
from workflow.test_packing import QUICK, a_case

from chatforensics.casefile import Case, append, new_case
from chatforensics.casefile.state import SIGNING_KEY
from chatforensics.errors import ChatForensicsError, UsageError
from chatforensics.package.checker import OK
from chatforensics.package.hidden import Secret, Secrets
from chatforensics.package.leaks import find_leaks
from chatforensics.package.unsealing import is_sealed
from chatforensics.storage import name_part
from chatforensics.workflow import handing, packing, parts
from chatforensics.workflow.handing import check_passphrase, open_signer, pack_for_page, read_order, read_public_key
from chatforensics.workflow.opening import verify_file
from chatforensics.workflow.parts import list_finished, part_folder
from chatforensics.workflow.run import Report
from chatforensics.workflow.wanted import Packed

KEY = bytes(range(32))
FLAGGED: dict[str, Any] = {"messages": "flagged"}
PHRASE = "plum tram lake nine"
ZIP = "Choir-selection.zip"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """An invented case, of which what one test has analysed serves the others."""
    return a_case(tmp_path_factory.mktemp("handing"))


def hand(case: Case, order: dict[str, Any], out: Path, *, name: str = "Choir selection") -> dict[str, Any]:
    """Hand out a package, with pictures left out of the analysis."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handing, "pack_case", partial(packing.pack_case, settings=QUICK))
        return pack_for_page(case, order, by=BY, out_folder=out, name=name)


def test_an_order_is_read_as_the_page_gives_it() -> None:
    wanted = read_order(
        {
            "messages": ["12", "7"], "context": "3", "shown": [" Ines Duarte ", ""], "parties": False, "uco": True,
            "redact": [{"words": "12 Mill Lane", "reason": "an address"}, {"words": " ", "reason": ""}],
            "sign": True, "passphrase": PHRASE,
        }
    )  # fmt: skip
    order = wanted.order
    assert (order.messages, order.context, order.uco, order.rsmf, order.originals) == ((7, 12), 3, True, False, False)
    assert (order.hiding.shown, order.hiding.parties, order.hiding.names) == (("Ines Duarte",), False, True)
    assert [(rule.words, rule.reason, rule.line) for rule in order.hiding.manual] == [("12 Mill Lane", "an address", 1)]
    assert (wanted.sign, wanted.new_key, "plum" in repr(wanted)) == (True, False, False)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({}, "Say what to pack"),
        ({"messages": [], "reply_for": ""}, "Say what to pack"),
        ({"messages": ["1"], "reply_for": "Ines"}, "Say what to pack"),
        ({"messages": ["1; DROP"]}, "no id of a message"),
        ({"messages": "everything"}, "no choice of messages"),
        ({"messages": ["1"], "context": "many"}, "0 to 1000"),
        (
            {"messages": ["1"], "redact": [{"words": "12 Mill Lane"}]},
            "to take out, line 1: the reason is missing",
        ),
        ({"messages": ["1"], "redact": [{"words": "x", "reason": "a name"}]}, "too short"),
        ({"messages": ["1"], "passphrase": "short"}, "four or more words"),
    ],
)
def test_an_order_that_cannot_be_is_refused_in_words(order: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_order(order)


def test_a_passphrase_is_as_it_was_typed() -> None:
    assert check_passphrase(" plum tram lake ") == " plum tram lake "
    assert check_passphrase("") is None


@pytest.mark.slow
def test_a_package_is_one_zip_that_its_receiver_can_check(case: Case, tmp_path: Path) -> None:
    redact = [{"words": "Canal Street", "reason": "an address"}]
    told = hand(case, {**FLAGGED, "sign": True, "redact": redact}, tmp_path / "out")
    (path,) = (tmp_path / "out").iterdir()
    assert (path.name, told["file"], told["size"]) == (ZIP, ZIP, path.stat().st_size)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = verify_file(path, name=path.name, work=tmp_path, key=str(told["public_key"]))
    assert (found["intact"], found["signature"], found["line"]) == (True, OK, told["verified"])
    assert "the list of words to take out, line 1: “Canal Street” found nothing." in told["doubts"]
    assert "name: " in str(told["hidden"])
    assert told["public_key"] == read_public_key(case)

    again = hand(case, {**FLAGGED, "sign": True}, tmp_path / "out", name="Farhana Haque wrote this")
    assert (again["public_key"], again["file"]) == (told["public_key"], "package.zip"), "a hidden name is in no name"
    assert hand(case, FLAGGED, tmp_path / "out")["file"] == "Choir-selection-2.zip"


@pytest.mark.slow
def test_nothing_is_offered_that_does_not_pass_its_check(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(packed: Packed, name: str, report: Report) -> Path:
        (packed.out / "data" / "exhibit.html").write_bytes(b"<p>")
        return whole(packed, name, report)

    whole = handing._put_together
    monkeypatch.setattr(handing, "_put_together", spoil)
    with pytest.raises(ChatForensicsError, match="did not pass its check"):
        hand(case, FLAGGED, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.slow
def test_a_locked_package_is_opened_and_checked_before_it_is_offered(case: Case, tmp_path: Path) -> None:
    told = hand(case, {**FLAGGED, "passphrase": PHRASE}, tmp_path / "out")
    assert (told["file"], told["sealed"], told["public_key"]) == ("Choir-selection.tar.age", True, None)
    (path,) = (tmp_path / "out").iterdir()
    assert is_sealed(path.read_bytes()[:64])


def test_a_key_is_made_once_for_its_owner_alone_and_not_beside_another_that_signed_before(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case", title="Choir", by=BY, key=KEY)
    assert read_public_key(case) is None
    first = open_signer(case).public_key
    assert stat.S_IMODE((case.folder / SIGNING_KEY).stat().st_mode) == 0o600
    assert open_signer(case).public_key == first == read_public_key(case)
    (case.folder / SIGNING_KEY).unlink()
    append(case, "bundle", by=BY, details={"key": "0123456789ABCDEF"})
    with pytest.raises(UsageError, match="0123456789ABCDEF, which is not kept in the case"):
        open_signer(case)
    assert open_signer(case, new_key=True).public_key != first


def test_half_made_files_are_never_listed_and_go_when_nobody_makes_them_any_more(tmp_path: Path) -> None:
    with part_folder(tmp_path, at=BY.at) as part:
        (part / "x.zip").write_bytes(b"")
        assert list_finished(tmp_path) == []
    assert not list(tmp_path.iterdir())
    left = tmp_path / name_part()
    left.mkdir()
    (left / "key").write_bytes(b"x")
    (tmp_path / "kept").mkdir()
    link = tmp_path / name_part()  # nobody made it for us
    link.symlink_to(tmp_path / "kept")
    with part_folder(tmp_path, at=BY.at) as held, part_folder(tmp_path, at=BY.at) as other:
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["kept", link.name, held.name, other.name])


@pytest.mark.skipif(sys.platform == "win32", reason="there is nothing to tell it by")
def test_what_a_killed_run_left_half_made_goes_and_what_a_living_one_makes_stays(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, datetime\n"
        "from chatforensics.workflow.parts import part_folder\n"
        "with part_folder(pathlib.Path(sys.argv[1]), at=datetime.datetime.now(datetime.UTC)) as part:\n"
        "    print(part.name, flush=True); sys.stdin.read()\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", script, tmp_path], stdin=pipe, stdout=pipe, text=True) as run:
        assert run.stdout
        name = run.stdout.readline().strip()
        with part_folder(tmp_path, at=BY.at):
            assert (tmp_path / name).is_dir()
        run.kill()
    with part_folder(tmp_path, at=BY.at):
        assert not (tmp_path / name).exists()


def test_where_a_disk_knows_no_locks_what_is_half_made_goes_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "hold_folder", lambda _folder: None)
    parts_left = {name: tmp_path / name_part() for name in ("old", "young")}
    for name, age in (("old", 100_000), ("young", 100)):
        parts_left[name].mkdir()
        os.utime(parts_left[name], (0, BY.at.timestamp() - age))
    with part_folder(tmp_path, at=BY.at):
        assert not parts_left["old"].exists()
        assert parts_left["young"].exists()


def test_a_folder_named_for_somebody_who_is_shown_is_no_leak() -> None:
    hidden = (Secret(3, "file name", "tendai-moyo"), Secret(4, "file name", "ada-byrne"))
    secrets = Secrets(hidden=hidden, shown=("Tendai Moyo",))
    assert find_leaks({"data/exhibit.html": b"<b>Tendai Moyo</b>"}, secrets) == []
    assert [leak.number for leak in find_leaks({"data/exhibit.html": b"<b>Ada Byrne</b>"}, secrets)] == [4]
