"""Attacks on a running page by requests: names, methods, paths, sizes, ids, crowds and slowness."""

import http.client
import json
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from intake.zips import Entry, pack
from web.grounds import EXPORTS, copy_case, demo_case, make_analysed
from web.knocking import dawdling, get_raw, shout, time_of, wait_until
from web.serving import Served, serving

pytestmark = pytest.mark.slow
JSON = {"accept": "application/json"}


@dataclass
class Ground:
    """A page with two cases: `mine` has an export that was analysed, `other` has one of its own."""

    served: Served
    place: Path
    mine: str
    other: str

    @property
    def message(self) -> str:
        return str(self.look(self.mine)["items"][0]["message_id"])

    def look(self, base: str) -> Mapping[str, list[Mapping[str, object]]]:
        folder = self.place / ("mine" if base == self.mine else "other")
        path = max((folder / "desk" / "looks").glob("*.json"), key=lambda each: each.stat().st_size)
        looked: Mapping[str, list[Mapping[str, object]]] = json.loads(path.read_bytes())
        return looked


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    place = tmp_path_factory.mktemp("cases")
    copy_case(demo_case(tmp_path_factory), place).rename(place / "mine")
    make_analysed(place / "other", [EXPORTS[0]], title="other", analysed=False)
    with serving("--place", place) as served:
        mine, other = served.make_case(place, "mine"), served.make_case(place, "other")
        yield Ground(served, place, mine, other)
        assert served.process.poll() is None


def fingerprint(ground: Ground) -> dict[str, bytes]:
    """Return what must not change: all evidence and all working papers."""
    return {
        str(path): path.read_bytes()
        for path in sorted(ground.place.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", "-journal", "lock"))
    }


# ---------------------------------------------------------------------------------------------------- names and doors


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost", "127.0.0.1.evil.example", "[::1]", "0.0.0.0", "127.1", "2130706433"],  # noqa: S104
)
def test_under_any_other_name_nothing_is_told(ground: Ground, host: str) -> None:
    for target in ("/", f"{ground.served.root}/", f"{ground.served.root}{ground.mine}/"):
        status, told = get_raw(ground.served, target, host=f"{host}:{ground.served.port}")
        assert status == 403
        assert ground.served.root.encode() not in told


@pytest.mark.parametrize(
    "head",
    [
        "GET {root}/ HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n",
        "GET {root}/ HTTP/1.1\r\n\r\n",
        "GET {root}/ HTTP/1.0\r\n\r\n",
        "GET http://evil.example{root}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "GET {root}/ HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: {host}\r\nHost : x\r\n\r\n",
        "POST {root}/stop HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nOrigin: http://evil.example\r\n\r\n",
        "POST {root}/stop HTTP/1.1\r\nHost: {host}\r\nReferer: http://{host}/\r\nContent-Length: 0\r\n\r\n",
        "POST {root}/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET {root}/ HTTP/9.9\r\nHost: {host}\r\n\r\n",
        "GET {root}/\r\n\r\n",
    ],
)
def test_a_request_that_lies_about_where_it_comes_from_or_goes_to_is_refused(ground: Ground, head: str) -> None:
    told = shout(ground.served, head.format(root=ground.served.root, host=ground.served.host).encode("latin-1"))
    assert not told.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))
    assert b"HTTP/1.1 2" not in told
    assert ground.served.process.poll() is None


def test_a_websocket_is_not_opened(ground: Ground) -> None:
    served = ground.served
    head = f"GET {served.root}/ HTTP/1.1\r\nHost: {served.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    told = shout(
        served, f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n\r\n".encode()
    )
    assert b" 101 " not in told.split(b"\r\n")[0]


def test_the_wrong_methods_are_refused_and_change_nothing(ground: Ground) -> None:
    before = fingerprint(ground)
    paths = [
        "/",
        "/stop",
        "/cases",
        "/jobs/x",
        *(f"{ground.mine}/{name}" for name in ("", "ticks", "receive", "state")),
    ]
    for path in paths:
        for method in ("DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "BREW"):
            assert get_raw(ground.served, f"{ground.served.root}{path}", method=method)[0] in (400, 405)
    for path in ("/stop", "/cases", f"{ground.mine}/ticks", f"{ground.mine}/receive", f"{ground.mine}/analyse"):
        assert ground.served.ask("GET", path).status == 405
        assert ground.served.ask("HEAD", path).status == 405
    assert ground.served.ask("PUT", f"{ground.mine}/ticks", body=b"").status == 405
    assert fingerprint(ground) == before


def test_a_head_that_is_too_large_is_refused_and_others_are_served(ground: Ground) -> None:
    served = ground.served
    for large in (f"X: {'a' * 2_000_000}", "\r\n".join(f"X-{n}: {'a' * 60}" for n in range(20_000))):
        told = shout(served, f"GET {served.root}/ HTTP/1.1\r\nHost: {served.host}\r\n{large}\r\n\r\n".encode())
        assert not told.startswith(b"HTTP/1.1 2")
    assert get_raw(served, f"{served.root}/{'a' * 100_000}")[0] in (0, 400, 404, 414)
    assert served.ask("GET", "/").status == 200


# ---------------------------------------------------------------------------------------------------- paths


UPS = (
    "..", "%2e%2e", "%252e%252e", "..%2f..%2f..", "%2e%2e%2f%2e%2e", "..%252f..", r"..\..", "..%5c..", "....//",
    "..;/", "%00", "x%00.css", "%c0%ae%c0%ae", "/etc/passwd", "%2fetc%2fpasswd", "file:%2f%2f%2fetc%2fpasswd",
    "..%2fkey", "key", "..%2fcase.sqlite", "..%2f..%2fcase.sqlite", "..%2f..%2fmine%2fkey", "%u002e%u002e", "~root",
    ".%2e/.%2e/key",
)  # fmt: skip


def test_no_address_leads_to_another_file(ground: Ground) -> None:
    served, base = ground.served, ground.mine
    secrets = [(ground.place / name / "key").read_bytes() for name in ("mine", "other")]
    below = ["results", "packages", "saved", "media", "data/chunk", "data/row", "message", "documents", "package/made"]
    places = ["/", "/assets/", "/explorer/", "/jobs/", "/c/", f"{base}/", *(f"{base}/{each}/" for each in below)]
    for place in places:
        for up in UPS:
            status, told = get_raw(served, f"{served.root}{place}{up}")
            assert status in (200, 303, 400, 403, 404, 405, 409), (place, up, status)
            assert status != 200 or b'"stopped"' in told or b"text/html" in told, (place, up)
            assert not any(secret in told for secret in [*secrets, b"root:x:0", b"SQLite format 3"]), (place, up)


def test_an_upload_lies_under_its_name_in_its_own_folder_whatever_the_name_says(ground: Ground) -> None:
    served = ground.served
    before = set(fingerprint(ground))
    numbers = []
    for up in UPS:
        told = served.ask("PUT", f"{ground.other}/uploads?name={up}&phone={up}", body=b"not a chat\n")
        assert told.status == 201, up
        numbers.append(told.value["upload"])
    new = {Path(path) for path in set(fingerprint(ground)) - before}
    uploads = ground.place / "other" / "desk" / "uploads"
    assert {path.parents[1 if path.name == "facts.json" else 2] for path in new} == {uploads}
    for number in numbers:
        shutil.rmtree(uploads / number)


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "/%2f%2fevil.example",
        "javascript:1", "/search\r\nX-Evil: 1", "/search%0d%0aX-Evil: 1", "/../../..//evil.example", "@evil.example",
        ".evil.example", "/.evil.example",
    ],
)  # fmt: skip
def test_no_form_sends_the_browser_to_another_place(ground: Ground, back: str) -> None:
    served = ground.served
    forms = {
        "/ticks": {"shown": ground.message, "back": back},
        "/notes": {"text": "a note", "back": back},
        "/addresses": {"name": "x", "address": back},
    }
    for path, form in forms.items():
        told = served.ask("POST", ground.mine + path, body={**form})
        assert told.status in (303, 400)
        assert "x-evil" not in told.headers
        location = told.headers.get("location", served.root)
        assert location.startswith(f"{served.root}{ground.mine}") or told.status == 400, location
        assert "evil" not in location
    assert served.ask("GET", f"{ground.mine}/addresses").text.count("evil.example") == 0


# ---------------------------------------------------------------------------------------------------- forms and ids


def test_forms_that_are_none_or_too_large_are_told_in_words(ground: Ground) -> None:
    served, path = ground.served, f"{ground.mine}/ticks"
    for body in (b"\xff\xfe=1", b"a=1&" * 30_000, b"message=" + b"1" * 2_000_000, b"message=" + b"9" * 400 + b"&on=1"):
        told = served.ask("POST", path, body=body, headers=JSON)
        assert told.status == 400
        assert told.value["error"]
    multipart = {"content-type": "multipart/form-data; boundary=x", **JSON}
    assert served.ask("POST", path, body=b"--x\r\n\r\n--x--", headers=multipart).status in (200, 400)


@pytest.mark.parametrize(
    "number", ["", "-1", "0", "1e3", "٣", "9" * 30, "NaN", "1;DROP TABLE ticks", "' OR 1=1--", "\0", "<b>", "9" * 5000]
)
def test_ids_that_are_none_change_nothing_and_break_nothing(ground: Ground, number: str) -> None:
    served, base = ground.served, ground.mine
    asked = [
        ("GET", f"{base}/message/{quote(number, safe='')}", None),
        ("GET", f"{base}/documents/{quote(number, safe='')}", None),
        ("GET", f"{base}/?flagged={quote(number)}&review={quote(number)}", None),
        ("GET", f"{base}/search?page={quote(number)}&words={quote(number)}&person={quote(number)}", None),
        ("GET", f"{base}/log?page={quote(number)}", None),
        ("GET", f"{base}/data/row/{quote(number, safe='')}", None),
        ("POST", f"{base}/ticks", {"message": number, "on": "1"}),
        ("POST", f"{base}/notes/{quote(number, safe='')}", {"text": "x", "version": number}),
        ("POST", f"{base}/corrections/{quote(number, safe='')}/withdraw", {"why": "x"}),
        ("POST", f"{base}/receive", {"uploads": number}),
    ]
    for method, path, body in asked:
        assert served.ask(method, path, body=body, headers=JSON).status < 500, path


def test_what_belongs_to_another_case_is_not_reached_through_this_one(ground: Ground) -> None:
    served = ground.served
    told = served.ask("PUT", f"{ground.other}/uploads?name=x.txt", body=b"words of the other case").value["upload"]
    job = served.ask("POST", f"{ground.mine}/receive", body={"uploads": told}).value["job"]
    assert served.wait(job)["result"]["added"] == []
    assert (ground.place / "other" / "desk" / "uploads" / told).is_dir()
    shutil.rmtree(ground.place / "other" / "desk" / "uploads" / told)
    other = ground.look(ground.other)["items"][0]
    for path in (f"/message/{other['message_id']}", f"/package/made/{job}", f"/replies/pack/{job}"):
        assert served.ask("GET", f"{ground.mine}{path}").status == 404
    for slug in ("nothing", "..", "mine", f"{ground.mine.rpartition('/')[2]}x"):
        assert served.ask("GET", f"/c/{slug}/").status in (303, 404)


def test_a_case_in_which_a_link_was_put_is_not_opened(ground: Ground) -> None:
    served = ground.served
    base = served.make_case(ground.place, "linked")
    folder = ground.place / "linked" / "desk"
    folder.mkdir(exist_ok=True)
    for name in ("uploads", "packages", "looks", "view"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).symlink_to(ground.place / "other", target_is_directory=True)
        assert served.ask("GET", f"{base}/").status == 404
        assert served.ask("PUT", f"{base}/uploads?name=x.txt", body=b"x").status in (400, 404)
        (folder / name).unlink()
    shutil.rmtree(ground.place / "linked")


# ---------------------------------------------------------------------------------------------------- what is uploaded


def test_hostile_files_are_told_in_words_and_those_after_them_are_read(ground: Ground) -> None:
    served = ground.served
    base = served.make_case(ground.place, "hostile")
    chat = EXPORTS[0]
    bombs = {
        "bomb.zip": pack(Entry(b"_chat.txt", content=b"0" * 100_000_000)),
        "overlap.zip": pack(Entry(b"_chat.txt"), Entry(b"b.txt", header_at=0)),
        "many.zip": pack(*(Entry(f"{n}.txt".encode(), content=b"x") for n in range(3000)), count=65_535),
        "link.zip": pack(Entry(b"_chat.txt", content=b"/etc/passwd", mode=0o120777)),
        "up.zip": pack(Entry(b"../../../../tmp/_chat.txt")),
        "nested.zip": pack(Entry(b"inner.zip", content=pack(Entry(b"_chat.txt", content=b"0" * 1_000_000)))),
        "cut.zip": pack(Entry(b"_chat.txt"))[:-30],
        "noise.txt": bytes(range(256)) * 400,
        "image.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    }
    ids = [served.ask("PUT", f"{base}/uploads?name={name}", body=body).value["upload"] for name, body in bombs.items()]
    last = served.ask("PUT", f"{base}/uploads?name={quote(chat.name)}", body=chat.read_bytes()).value["upload"]
    told = served.wait(served.ask("POST", f"{base}/receive", body={"uploads": [*ids, last]}).value["job"])
    assert told["state"] == "done", told
    assert len(told["result"]["failures"]) >= len(bombs) - 2
    assert all("Traceback" not in words and len(words) < 600 for words in told["result"]["failures"])
    assert any(each["shown"] == chat.name for each in told["result"]["added"])
    assert not Path("/tmp/_chat.txt").exists()  # noqa: S108 - where the zip would have it
    assert served.ask("GET", f"{base}/").status == 200


# ---------------------------------------------------------------------------------------------------- crowds


def test_200_requests_at_once_are_all_answered_and_each_with_its_own_answer(ground: Ground) -> None:
    served, base = ground.served, ground.mine
    items = [str(item["message_id"]) for item in ground.look(base)["items"]]

    def ask(n: int) -> bool:
        if n % 4 == 0:
            return f'value="number {n}"' in served.ask("GET", f"{base}/search?words=number+{n}").text
        if n % 4 == 1:
            return items[n % len(items)] in served.ask("GET", f"{base}/message/{items[n % len(items)]}").text
        if n % 4 == 2:
            told = served.ask("POST", f"{base}/ticks", body={"message": items[n % len(items)], "on": "1"}, headers=JSON)
            return told.status == 200 and int(told.value["n"]) > 0
        return "version" in served.ask("GET", f"{base}/state").value

    with ThreadPoolExecutor(200) as pool:
        assert all(pool.map(ask, range(200)))


def test_slow_senders_do_not_keep_others_from_being_served(ground: Ground) -> None:
    served = ground.served
    slow_head = f"GET {served.root}/ HTTP/1.1\r\nHost: ".encode()
    head = f"PUT {served.root}{ground.other}/uploads?name=slow.txt HTTP/1.1\r\nHost: {served.host}\r\n"
    slow_body = f"{head}Origin: http://{served.host}\r\nContent-Length: 1000000\r\n\r\nx".encode()
    form = f"POST {served.root}{ground.other}/ticks HTTP/1.1\r\nHost: {served.host}\r\n"
    slow_form = f"{form}Origin: http://{served.host}\r\nContent-Length: 1000\r\n\r\nmessage=".encode()
    with dawdling(served, slow_head, 200), dawdling(served, slow_body, 60), dawdling(served, slow_form, 60):
        times = sorted(time_of(served, f"{ground.mine}/message/{ground.message}") for _ in range(20))
        assert times[-2] < 2
    uploads = ground.place / "other" / "desk" / "uploads"
    wait_until(lambda: not list(uploads.glob("*.part")))


def test_an_upload_that_breaks_off_leaves_nothing_and_the_next_one_is_whole(ground: Ground) -> None:
    served = ground.served
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    connection.putrequest("PUT", f"{served.root}{ground.other}/uploads?name=half.txt")
    connection.putheader("Origin", f"http://{served.host}")
    connection.putheader("Content-Length", "5000")
    connection.endheaders(b"half")
    connection.close()
    told = served.ask("PUT", f"{ground.other}/uploads?name=whole.txt", body=b"whole").value
    uploads = ground.place / "other" / "desk" / "uploads"
    wait_until(lambda: [path.name for path in uploads.iterdir()] == [told["upload"]])
    shutil.rmtree(uploads / told["upload"])
