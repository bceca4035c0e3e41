"""Files that come in: under a name and never a path, whole or not at all, with the hash of what was sent."""

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report.hostile import PAYLOADS
from starlette.requests import Request
from web.apart import run_apart

from chatforensics.casefile import By, Case, new_case
from chatforensics.errors import UnreadableExport
from chatforensics.intake.chatnames import title_in
from chatforensics.web import uploads
from chatforensics.web.uploads import (
    clean_name,
    find_file,
    find_left,
    list_received,
    receive_file,
    remove_received,
    uploads_folder,
)

TRAVERSALS = (
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\x.zip", "....//....//x", "a/../../b.zip",
    "x\0.zip", "%2e%2e%2fx", "..%2f..%2fx", "..", ".", "...", "", " ", "\t\n", "/", "\\", "._.", "\ud800.zip", "-rf",
)  # fmt: skip
TEXT = b"03/03/2031, 08:00 - Ilse Marrow: Final reminder: vote for Bram Oduya on Thursday.\n"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return new_case(tmp_path / "case", title="ward", by=By("tester", datetime(2031, 3, 3, tzinfo=UTC)), key=bytes(32))


def make_request(
    pieces: Iterable[bytes], *, name: str = "chat.txt", phone: str = "", length: int | None = None, then: str = "end"
) -> Request:
    """Return a request whose body comes in these pieces, and then ends, breaks off, or says nothing any more."""
    queue: list[dict[str, Any]] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if then == "end":
        queue.append({"type": "http.request", "body": b"", "more_body": False})
    if then == "break":
        queue.append({"type": "http.disconnect"})

    async def receive() -> dict[str, Any]:
        if not queue:
            await asyncio.sleep(3600)
        return queue.pop(0)

    query = f"name={quote(name.encode('utf-8', 'surrogatepass'))}&phone={quote(phone)}"
    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope = {"type": "http", "method": "PUT", "path": "/uploads", "query_string": query.encode(), "headers": headers}
    return Request(scope, receive)


def send(folder: Path, *pieces: bytes, **how: Any) -> dict[str, Any]:
    return run_apart(receive_file(make_request(pieces, **how), folder))


def list_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_came_in_is_what_was_sent_with_its_hash(case: Case) -> None:
    sent = send(uploads_folder(case), TEXT[:7], b"", TEXT[7:], name="WhatsApp Chat with Ward 7.txt", phone="old phone")
    assert (sent["sha256"], sent["size"]) == (hashlib.sha256(TEXT).hexdigest(), len(TEXT))
    (received,) = list_received(case, [str(sent["upload"])])
    assert received.export.path.read_bytes() == TEXT
    assert received.export.path.name == "WhatsApp Chat with Ward 7.txt"
    assert (received.export.folder, received.export.shown) == ("old phone", "old phone/WhatsApp Chat with Ward 7.txt")
    assert received.sha256 == sent["sha256"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.binary(max_size=300), min_size=1, max_size=8).filter(any))
def test_however_a_file_is_cut_on_its_way_it_is_whole_with_its_hash(tmp_path: Path, pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    sent = send(tmp_path, *pieces)
    path = find_file(tmp_path, str(sent["upload"]))
    assert path is not None
    assert path.read_bytes() == content
    assert sent["sha256"] == hashlib.sha256(content).hexdigest()


@given(st.text(max_size=300))
def test_every_name_becomes_a_name_that_can_stand_in_a_folder(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean.encode()) <= 200
    assert not set(clean) & set("/\\\0\n\r\x1b")
    assert clean not in {".", ".."}
    assert clean_name(clean) == clean


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "uploads"
    names = [*PAYLOADS, *TRAVERSALS, "x" * 5000 + ".zip", "ß" * 300, "a." + "b" * 300]

    async def send_all() -> list[str]:
        return [str((await receive_file(make_request([TEXT], name=name), folder))["upload"]) for name in names]

    for number in run_apart(send_all()):
        path = find_file(folder, number)
        assert path is not None
        assert path.resolve().parent == (folder / number / "file").resolve()
    assert len(list_files(tmp_path)) == 2 * len(names)
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("x" * 5000 + ".zip") == "x" * 196 + ".zip"


@pytest.mark.parametrize(
    "name",
    [
        "WhatsApp Chat with Ward 7.zip", "\u200eWhatsApp Chat - ক্\u200dষ.zip", "WhatsApp Chat with علی\u200cرضا.txt",
        "Discussion WhatsApp avec\u00a0Zoë.zip", "WhatsApp Chat with 👩\u200d👩\u200d👧.txt",
    ],
)  # fmt: skip
def test_the_name_that_a_phone_gave_stays_and_so_does_the_chats_title(name: str) -> None:
    assert clean_name(name) == name
    assert title_in(clean_name(name)) == title_in(name)


@pytest.mark.parametrize(
    ("name", "clean"),
    [("CON.zip", "_CON.zip"), ("nul", "_nul"), ("a:b?.zip", "a_b_.zip"), ("x. .", "x"), ("com1 .t", "_com1 .t")],
)
def test_on_windows_no_name_is_a_device_or_a_stream(monkeypatch: pytest.MonkeyPatch, name: str, clean: str) -> None:
    monkeypatch.setattr(uploads, "_WINDOWS", True)
    monkeypatch.setattr(uploads, "_NOT_IN_NAMES", frozenset('/\\<>:"|?*'))
    assert clean_name(name) == clean


@pytest.mark.parametrize("then", ["break", "hang"])
def test_of_a_file_that_comes_in_half_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    monkeypatch.setattr(uploads, "_PAUSE_S", 0.05)
    with pytest.raises(UnreadableExport, match="did not come in whole"):
        send(tmp_path, TEXT, then=then)
    assert list_files(tmp_path) == []


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExport, match="empty"):
        send(tmp_path)
    assert list_files(tmp_path) == []


def _limit(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(uploads, "LARGEST", len(TEXT) - 1)
    return "too large"


def _fill_disk(monkeypatch: pytest.MonkeyPatch) -> str:
    left = shutil.disk_usage("/")._replace(free=uploads._SPARE + len(TEXT) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: left)
    return "room"


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("limit", [_limit, _fill_disk])
def test_what_is_too_large_is_refused_and_nothing_of_it_kept_whether_its_length_is_stated_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: Callable[[pytest.MonkeyPatch], str], stated: bool
) -> None:
    words = limit(monkeypatch)
    with pytest.raises(UnreadableExport, match=words):
        send(tmp_path, TEXT, length=len(TEXT) if stated else None)
    assert list_files(tmp_path) == []
    assert send(tmp_path, TEXT[1:])["size"] == len(TEXT) - 1


def test_a_stated_length_that_is_too_large_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _limit(monkeypatch)
    with pytest.raises(UnreadableExport, match="too large"):
        send(tmp_path, then="hang", length=len(TEXT))


def test_a_disk_that_fills_up_meanwhile_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(UnreadableExport, match="No space left on device"):
        send(tmp_path, TEXT)
    assert list_files(tmp_path) == []


def test_after_a_crash_whole_files_are_found_again_and_half_ones_are_gone(case: Case) -> None:
    folder = uploads_folder(case)
    whole = str(send(folder, TEXT)["upload"])
    shutil.copytree(folder / whole, folder / f"{'0' * 32}.part")
    assert find_left(case) == [whole]
    assert [path.name for path in folder.iterdir()] == [whole]
    remove_received(case, [whole])
    assert find_left(case) == []


@pytest.mark.parametrize("number", ["", "..", "../..", "/", "x", "0" * 31, "0" * 33, "A" * 32, "0" * 32 + ".part"])
def test_an_id_is_never_a_path(case: Case, number: str) -> None:
    send(uploads_folder(case), TEXT)
    assert list_received(case, [number]) == []
    remove_received(case, [number])
    assert len(find_left(case)) == 1


def _lead_out_by_name(whole: Path, secret: Path) -> None:
    facts = json.loads((whole / "facts.json").read_text())
    (whole / "facts.json").write_text(json.dumps({**facts, "name": f"../../../../{secret.name}"}))


def _lead_out_by_file(whole: Path, secret: Path) -> None:
    (whole / "file" / "chat.txt").unlink()
    (whole / "file" / "chat.txt").symlink_to(secret)


def _lead_out_by_folder(whole: Path, secret: Path) -> None:
    shutil.rmtree(whole / "file")
    (whole / "file").symlink_to(secret.parent)
    secret.rename(secret.parent / "chat.txt")


def _lead_out_by_upload(whole: Path, _secret: Path) -> None:
    whole.rename(whole.parent.parent / "elsewhere")
    whole.symlink_to(whole.parent.parent / "elsewhere")


def _break_facts(whole: Path, _secret: Path) -> None:
    (whole / "facts.json").write_text("[1]")


@pytest.mark.parametrize(
    "change", [_lead_out_by_name, _lead_out_by_file, _lead_out_by_folder, _lead_out_by_upload, _break_facts]
)
def test_a_case_of_a_stranger_cannot_have_another_file_of_the_machine_taken_in(
    case: Case, change: Callable[[Path, Path], None]
) -> None:
    secret = case.folder.parent / "secret"
    secret.write_text("a key of somebody else")
    whole = uploads_folder(case) / str(send(uploads_folder(case), TEXT)["upload"])
    change(whole, secret)
    assert find_left(case) == []
    assert list_received(case, [whole.name]) == []


def test_a_file_that_comes_in_now_is_not_taken_for_one_that_was_left_half(case: Case) -> None:
    folder = uploads_folder(case)

    async def receive_while_another_page_opens_the_case() -> list[list[str]]:
        coming = asyncio.create_task(receive_file(make_request([TEXT], then="hang"), folder))
        await asyncio.sleep(0.02)
        found = [find_left(case), [path.suffix for path in folder.iterdir()]]
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        return found

    assert run_apart(receive_while_another_page_opens_the_case()) == [[], [".part"]]
    assert list_files(folder) == []
