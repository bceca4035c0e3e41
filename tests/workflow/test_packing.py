"""From exports or a case to a package: what is refused before any work, what is written, and that it is the same."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatforensics.casefile import By, Case, answer, head, list_originals, list_replies, log_lines, new_case
from chatforensics.errors import ChatForensicsError, UsageError
from chatforensics.package.checker import check_bag, has_failed
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.signing import Signer, load_signer, make_key
from chatforensics.workflow import Settings
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.packing import case_of_exports, find_earlier_key, pack_case
from chatforensics.workflow.wanted import Hiding, Order, Packed, Sealing, To, check_order

AT = datetime(2031, 4, 1, 10, tzinfo=UTC)
BY = By("Ama Boateng", AT)
KEY = bytes(range(32))
QUICK = Settings(pictures="none")
CHOIR = (
    "13/02/2031, 10:00 - Ines Duarte: Vote for Wiktor Nowak on Thursday, then delete this message please\n"
    "13/02/2031, 10:01 - Kofi Mensah: No thanks, Ines. Ask Farhana Haque\n"
    "13/02/2031, 10:03 - Farhana Haque: Ring me on 07700 900123\n"
)
GARDEN = (
    "14/02/2031, 09:00 - Gurpreet Gill: Who has the key of the shed?\n"
    "14/02/2031, 09:05 - Ines Duarte: Vote for Wiktor Nowak on Thursday, then delete this message please\n"
)


def write_exports(folder: Path) -> list[Path]:
    """Write two chats as one phone exported them."""
    paths = [folder / "phone" / f"WhatsApp Chat with {name}.txt" for name in ("Choir", "Garden")]
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    for path, text in zip(paths, (CHOIR, GARDEN), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def a_case(folder: Path) -> Case:
    case = new_case(folder / "case", title="Choir selection", by=BY, key=KEY)
    write_exports(folder / "exports")
    assert not add_exports(case, [folder / "exports"], by=BY).failures
    return case


def read_all(bag: Path) -> dict[str, bytes]:
    return {path.relative_to(bag).as_posix(): path.read_bytes() for path in bag.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (Order(originals=True), "--no-pseudonyms"),
        (Order(originals=True, hiding=Hiding(names=False), reply_for="Ines"), "--reply-for"),
        (
            Order(originals=True, hiding=Hiding(names=False, manual=(ManualRule("home", words="Mill Lane"),))),
            "--redact",
        ),
        (Order(hiding=Hiding(keep=frozenset({"faces"}))), "faces"),
    ],
)
def test_wishes_that_exclude_each_other_are_refused_before_any_work(order: Order, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words):
        check_order(order, To(tmp_path / "out"))


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    check_order(Order(), To(tmp_path / "pack"))
    (tmp_path / "pack" / "mine.txt").write_bytes(b"")
    with pytest.raises(UsageError, match="is there already"):
        check_order(Order(), To(tmp_path / "pack"))
    (tmp_path / "other.tar.age").write_bytes(b"")
    check_order(Order(), To(tmp_path / "other"))
    with pytest.raises(UsageError, match=r"other\.tar\.age is there already"):
        check_order(Order(), To(tmp_path / "other", sealing=Sealing(("age1",))))


def test_exports_without_a_case_lie_where_only_their_owner_can_read_and_are_removed_whatever_happens(
    tmp_path: Path,
) -> None:
    exports = write_exports(tmp_path / "exports")
    kept: list[Path] = []

    def fail() -> None:
        with case_of_exports(exports, key=KEY, title="x", by=BY) as (case, adding):
            assert adding.failures == []
            assert case.folder.parent.stat().st_mode & 0o777 == 0o700
            assert len(log_lines(case)) == 3
            kept.append(case.folder.parent)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not kept[0].exists()


def test_exports_of_which_none_can_be_read_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    with pytest.raises(ChatForensicsError), case_of_exports([tmp_path / "no.txt"], key=KEY, title="x", by=BY):
        pass


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Packed]:
    """Pack the instructions of an invented case, signed."""
    folder = tmp_path_factory.mktemp("packing")
    case = a_case(folder)
    order = Order("flagged", context=1, uco=True, rsmf=True)
    return case, pack_case(case, order, to=To(folder / "pack", a_signer(folder)), by=BY, settings=QUICK)


def a_signer(folder: Path) -> Signer:
    make_key(folder / "ward.key")
    return load_signer(folder / "ward.key")


@pytest.mark.slow
def test_a_package_of_a_case_is_whole_and_signed(packed: tuple[Case, Packed]) -> None:
    _, made = packed
    files = read_all(made.out)
    assert hashlib.sha256(files["tagmanifest-sha256.txt"]).hexdigest() == made.sha256
    public = (made.out.parent / "ward.key.pub").as_posix()
    assert not has_failed(check_bag(made.out, public))
    wanted = "READ-ME-FIRST.txt verify.py data/exhibit.html data/exhibit.pdf data/messages.jsonl data/messages.csv"
    wanted += " data/method.html data/run.json data/redactions.csv data/custody/head.json.minisig data/case.jsonld"
    assert set(f"{wanted} data/messages.rsmf data/custody/answers.json".split()) <= files.keys()
    (made.out / "data/messages.csv").write_bytes(files["data/messages.csv"] + b" ")
    assert has_failed(check_bag(made.out, public))
    (made.out / "data/messages.csv").write_bytes(files["data/messages.csv"])


@pytest.mark.slow
def test_who_sent_no_ticked_message_has_no_name_anywhere_in_the_package(packed: tuple[Case, Packed]) -> None:
    _, made = packed
    told = b"\0".join(content + name.encode() for name, content in read_all(made.out).items())
    assert b"Ines Duarte" in told
    for hidden in (b"Kofi Mensah", b"Farhana Haque", b"900123", b"Gurpreet Gill", b"Choir.txt.zip"):
        assert hidden not in told


@pytest.mark.slow
def test_the_package_is_entered_in_the_custody_log_by_its_hash_and_the_log_in_it_ends_before(
    packed: tuple[Case, Packed],
) -> None:
    case, made = packed
    entry = json.loads(log_lines(case)[-1])
    assert (entry["action"], entry["actor"], entry["outputs"]) == ("bundle", "Ama Boateng", [made.sha256])
    assert entry["details"]["n_ticked"] == 2
    assert entry["details"]["key"] == find_earlier_key(case)
    inside = (made.out / "data/custody/log.jsonl").read_text(encoding="utf-8").splitlines()
    assert inside == log_lines(case)[: len(inside)]
    assert len(inside) == entry["seq"] - 1


@pytest.mark.slow
def test_without_pseudonyms_the_originals_can_come_along(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    order = Order("all", originals=True, hiding=Hiding(names=False))
    made = pack_case(case, order, to=To(tmp_path / "pack"), by=BY, settings=QUICK)
    files = read_all(made.out)
    kept = [content for name, content in files.items() if name.startswith("data/originals/")]
    assert sorted(kept) == sorted([CHOIR.encode(), GARDEN.encode()])
    assert b"07700 900123" in files["data/messages.jsonl"]
    assert not has_failed(check_bag(made.out))


@pytest.mark.slow
def test_a_reply_pack_shows_its_person_alone_and_is_recorded(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    order = Order(reply_for="Ines Duarte", context=1)
    made = pack_case(case, order, to=To(tmp_path / "pack"), by=BY, settings=QUICK)
    files = read_all(made.out)
    assert b"Ines Duarte" in files["data/reply.html"]
    assert not any(b"Kofi Mensah" in content for content in files.values())
    assert [(row["label"], row["status"]) for row in list_replies(case)] == [("Ines Duarte", "pack made")]
    assert [json.loads(line)["action"] for line in log_lines(case)][-2:] == ["bundle", "reply"]


@pytest.mark.slow
def test_where_makers_of_exports_are_hidden_no_file_has_the_name_of_one_and_the_log_stays_in_the_case(
    tmp_path: Path,
) -> None:
    case = a_case(tmp_path)
    told = {"exported_by": "Lucia Ferrer", "received": "by post from Lucia Ferrer", "phone": "Fairphone 4"}
    by = By("Lucia Ferrer", AT)
    answer(case, [original.source_id for original in list_originals(case)][:1], told, by=by)
    orders = (Order("flagged", hiding=Hiding(parties=False), uco=True), Order(reply_for="Ines Duarte"))
    for number, order in enumerate(orders):
        n, before = head(case)
        made = pack_case(case, order, to=To(tmp_path / str(number)), by=by, settings=QUICK)
        files = read_all(made.out)
        assert not [name for name, content in files.items() if b"Lucia" in content or b"Ferrer" in content]
        assert "data/custody/log.jsonl" not in files
        assert json.loads(files["data/custody/head.json"]) == {"entries": n, "sha256": before}
        said = json.loads(files["data/custody/answers.json"])["answers"]
        assert sorted({row["exported_by"] for row in said}) == ["unknown", "withheld"]
        assert b"withheld in this copy" in files["READ-ME-FIRST.txt"]
        assert not has_failed(check_bag(made.out))


@pytest.mark.slow
def test_where_a_hidden_word_would_be_readable_nothing_is_written(tmp_path: Path) -> None:
    """The actor stands in the custody log as typed, and the log is not rewritten."""
    case = new_case(tmp_path / "case", title="x", by=By("Kofi Mensah", AT), key=KEY)
    add_exports(case, write_exports(tmp_path / "exports"), by=BY)
    with pytest.raises(ChatForensicsError, match="Nothing was written") as refused:
        pack_case(case, Order("flagged"), to=To(tmp_path / "pack"), by=BY, settings=QUICK)
    assert "custody/log.jsonl" in str(refused.value)
    assert "Kofi" not in str(refused.value)
    assert not (tmp_path / "pack").exists()
    assert json.loads(log_lines(case)[-1])["action"] == "add"


_AGAIN = """
import sys
from pathlib import Path
from test_packing import *
from chatforensics.workflow.clock import now
by = By("Ama Boateng", now())
case = new_case(Path("case"), title="Choir selection", by=by, key=KEY)
paths = write_exports(Path("exports"))
add_exports(case, paths[::-1] if "turned" in sys.argv else paths, by=by)
made = pack_case(case, Order("flagged", uco=True, rsmf=True), to=To(Path("pack")), by=by, settings=QUICK)
print(made.sha256)
"""


@pytest.mark.slow
def test_a_package_is_the_same_in_any_zone_locale_hash_seed_and_order_of_inputs(tmp_path: Path) -> None:
    worlds = [
        {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"},
        {"TZ": "Asia/Kathmandu", "LC_ALL": "C.utf8", "PYTHONHASHSEED": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "0"},
    ]
    found = []
    for number, world in enumerate(worlds):
        folder = tmp_path / str(number)
        folder.mkdir()
        paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
        more = {"PYTHONPATH": paths, "SOURCE_DATE_EPOCH": "1900000000", "PYTHONUTF8": "1"}
        command = [sys.executable, "-c", _AGAIN, *(["turned"] if number == 1 else [])]
        ran = subprocess.run(command, cwd=folder, env=os.environ | more | world, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr.decode()
        found.append({"sha256": ran.stdout.decode().split()[-1], **_hash_all(folder / "pack")})
    assert found[0] == found[1]
    assert found[0] == found[2]


def _hash_all(bag: Path) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in read_all(bag).items()}
