"""The process that opens zips: it gives what reading them here gives, and whatever happens to it stays there."""

import io
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake.zips import CHAT, Entry, deflate, pack

from chatforensics.errors import EvidenceError, UnreadableExport
from chatforensics.intake import ExportFile, archives, chat_from_bytes, frames, read_attached, read_export, unpacking
from chatforensics.intake.archives import Unpacked
from chatforensics.intake.unpacking import unpack

pytestmark = pytest.mark.skipif(not unpacking.APART, reason="this system cannot limit a process")

JPEG = (
    b"\xff\xd8\xff\xe1\x00\x40Exif\0\0II*\0"
    + struct.pack("<LHHHLLL", 8, 1, 0x0132, 2, 20, 26, 0)
    + b"2026:03:01 10:00:00\0"
)
ZIP = pack(
    Entry(b"_chat.txt"),
    Entry(b"00000001-PHOTO.jpg", JPEG),
    Entry("caf\udce9".encode(errors="surrogateescape"), flags=0),
)
PACKAGE = str(Path(unpacking.__file__).parents[2])


def alone(raw: bytes) -> Unpacked:
    return archives.read_zip(io.BytesIO(raw), name="x.zip")


def apart(raw: bytes) -> Unpacked:
    return unpack(io.BytesIO(raw), name="x.zip")


def outcome(read: Callable[[bytes], Unpacked], raw: bytes) -> object:
    try:
        return read(raw)
    except EvidenceError as error:
        return type(error), error.args, error.hint


def run_apart(code: str) -> str:
    """Run code in a bare interpreter, as the process that opens zips is."""
    start = f"import sys; sys.path.append({PACKAGE!r})\n"
    command = [sys.executable, "-I", "-S", "-c", start + code]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end(pid: int) -> bool:
    for _ in range(200):
        if not is_alive(pid):
            return True
        time.sleep(0.01)
    return False


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_zip_gives_there_what_it_gives_here(data: st.DataObject) -> None:
    raw = bytearray(ZIP)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    assert outcome(apart, bytes(raw)) == outcome(alone, bytes(raw))


def test_a_picture_with_a_date_and_names_in_any_encoding_come_back_whole() -> None:
    unpacked = apart(ZIP)
    assert unpacked == alone(ZIP)
    (photo,) = [facts for facts in unpacked.members if facts.name.endswith(".jpg")]
    assert photo.look is not None
    assert photo.look.exif is not None
    assert str(photo.look.exif.taken_local) == "2026-03-01 10:00:00"


def test_a_process_that_runs_out_of_memory_refuses_the_zip_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(unpacking, "MEGABYTES", 1)
        with pytest.raises(UnreadableExport, match=r"x\.zip: the zip could not be unpacked within the limits"):
            apart(pack(Entry(b"_chat.txt"), *(Entry(b"%d" % at) for at in range(5_000))))
    assert apart(ZIP).content == CHAT


@pytest.mark.slow
def test_a_process_that_runs_out_of_time_refuses_the_zip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "CPU_S", 1)
    zeros = b"\0" * archives.RATIO_FLOOR
    one = Entry(b"0", zeros, packed=deflate(zeros), crc=zlib.crc32(zeros))
    with pytest.raises(UnreadableExport, match="within the limits of memory and time"):
        apart(pack(Entry(b"_chat.txt"), *(replace(one, name=b"%d" % at) for at in range(600))))


def test_the_program_does_not_wait_for_a_process_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    apart(ZIP)
    server = unpacking._servers[0].process.pid
    os.kill(server, signal.SIGSTOP)
    with monkeypatch.context() as patched:
        patched.setattr(unpacking, "WAIT_S", 0.1)
        with pytest.raises(UnreadableExport, match="within the limits"):
            apart(ZIP)
    assert not is_alive(server)
    assert apart(ZIP).content == CHAT


def test_a_process_that_somebody_ended_is_replaced() -> None:
    apart(ZIP)
    process = unpacking._servers[0].process
    process.kill()
    process.wait()
    assert apart(ZIP).content == CHAT
    assert unpacking._servers[0].process is not process


def test_a_process_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacking._end_servers()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(UnreadableExport, match="could not be started"):
        apart(ZIP)


def test_the_process_may_open_nothing_start_nothing_and_write_nothing() -> None:
    found = run_apart("""
import os, socket, tempfile
from chatforensics.intake import unpacker
unpacker._leave_all_folders()
held = os.dup(1)
big = os.open(tempfile.gettempdir(), os.O_RDWR | os.O_TMPFILE) if hasattr(os, "O_TMPFILE") else held
unpacker._limit(5, 512)
def outcome(act):
    try:
        act()
    except OSError as error:
        return error.strerror
    except MemoryError:
        return "no memory"
    return "done"
acts = [lambda: open("/etc/hostname"), lambda: open("new", "w"), socket.socket, lambda: os.mkdir("new"),
        lambda: bytes(2**30), lambda: os.write(big, b"x"), lambda: os.write(held, b"said\\n")]
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
print([outcome(act) for act in acts])
""")
    none = "Too many open files"
    told, last = found.splitlines()
    assert told == "said"
    gone, full = "No such file or directory", "File too large"
    assert last == str([none, none, none, gone, "no memory", full, "done"])


def test_the_process_loads_the_standard_library_and_intake_only() -> None:
    loaded = json.loads(
        run_apart("""
import json
from chatforensics.intake import unpacker
unpacker._warm_up()
ours = ("chatforensics.intake", "chatforensics.errors", "chatforensics.version")
print(json.dumps([name for name, module in sys.modules.items()
    if "site-packages" in str(getattr(module, "__file__", ""))
    or name.startswith("chatforensics.") and not name.startswith(ours)]))
""")
    )
    assert loaded == []


def test_nothing_is_left_behind_when_the_program_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat with Choir.zip"
    picture = os.urandom(3_000_000)  # more than a socket holds, so that the child is still at work
    path.write_bytes(pack(Entry(b"WhatsApp Chat with Choir.txt"), Entry(b"a.jpg", picture, method=0)))
    code = f"""
import sys; sys.path.append({PACKAGE!r})
from chatforensics.intake import unpacking
with open({str(path)!r}, "rb") as file:
    options = {{"wanted": {{"a.jpg": ""}}, "name": "x", "most_bytes": 10**8}}
    with unpacking._ask(file, {{"task": "find", "options": options}}, name="x") as answers:
        next(answers)
        print(unpacking._servers[0].process.pid, flush=True)
        sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-I", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        server = int(program.stdout.readline())
        children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
        program.kill()
    assert len(children) == 1
    assert wait_for_end(server)
    assert wait_for_end(int(children[0]))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_copy_of_the_program_gets_a_process_of_its_own() -> None:
    apart(ZIP)
    server = unpacking._servers[0].process.pid
    reading, writing = os.pipe()
    if os.fork() == 0:
        fine = apart(ZIP).content == CHAT and unpacking._servers[0].process.pid != server
        unpacking._end_servers()
        os.write(writing, b"fine" if fine else b"not")
        os._exit(0)
    os.wait()
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        assert told.read() == b"fine"
    assert is_alive(server)
    assert apart(ZIP).content == CHAT


DEEP = b"[" * 100_000 + b"]" * 100_000


def answer(*sent: tuple[bytes, bytes]) -> bytes:
    return b"".join(struct.pack("<cL", kind, len(payload)) + payload for kind, payload in sent)


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"r\xff",
        b"t" + b"\xff" * 4,
        answer((frames.WHOLE, b"")),
        answer((frames.WHOLE, b""), (frames.RESULT, DEEP)),
        answer((frames.WHOLE, b""), (frames.RESULT, b"{}")),
        answer((frames.WHOLE, b""), (frames.RESULT, b"\xff")),
        answer(
            (frames.WHOLE, b""), (frames.RESULT, b'{"member":1,"content":"","attachments":[],"notes":[],"members":[]}')
        ),
        answer((frames.REFUSED, DEEP)),
        answer((frames.REFUSED, b'["one"]')),
        answer((frames.PIECE, b"x" * 2_000), (frames.WHOLE, b"")),
    ],
)
def test_answers_of_a_process_that_was_taken_over_are_held_to_their_form(
    monkeypatch: pytest.MonkeyPatch, told: bytes
) -> None:
    def tell(descriptors: tuple[int, ...], **_: str) -> None:
        with socket.socket(fileno=os.dup(descriptors[0])) as link:
            link.sendall(told)

    monkeypatch.setattr(unpacking, "_hand_over", tell)
    monkeypatch.setattr(archives, "MAX_TEXT_BYTES", 1_000)
    with pytest.raises(UnreadableExport, match="within the limits"):
        apart(ZIP)


def test_a_system_that_cannot_limit_a_process_reads_zips_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(unpacking, "APART", False)
    monkeypatch.setattr(unpacking, "_hand_over", None)
    path = tmp_path / "x.zip"
    path.write_bytes(ZIP)
    chat = chat_from_bytes(ZIP, name="x.zip")
    wanted = {x.name: x.sha256 for x in chat.attachments if x.sha256 is not None}
    assert chat.content == CHAT
    assert len(list(read_attached(path, wanted, most_bytes=1_000))) == len(wanted) == 2


def test_a_zip_on_disk_is_lent_and_not_copied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("chatforensics.intake.content.SMALL_BYTES", 10)
    monkeypatch.setattr(os, "memfd_create", None)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_chat.txt", CHAT)
    assert read_export(ExportFile(path, None)).content[:] == CHAT


def test_a_copy_of_an_export_is_shown_under_the_path_it_was_received_under(tmp_path: Path) -> None:
    path = tmp_path / "00ff"
    path.write_bytes(ZIP)
    chat = read_export(ExportFile(path, "phone", shown="phone/WhatsApp Chat with Choir.zip"))
    assert (chat.path, chat.title) == ("phone/WhatsApp Chat with Choir.zip", "Choir")
    path.write_bytes(ZIP[:-5])
    with pytest.raises(UnreadableExport, match=r"^phone/WhatsApp Chat with Choir\.zip: "):
        read_export(ExportFile(path, None, shown="phone/WhatsApp Chat with Choir.zip"))
