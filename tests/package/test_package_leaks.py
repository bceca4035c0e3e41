import base64
import gzip
import html
import io
import json
import quopri
import struct
import time
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from package.secretsworld import NAMES

import chatforensics
from chatforensics.package.hidden import Secret, Secrets
from chatforensics.package.leaks import Leak, find_leaks, list_short

SECRETS = Secrets(hidden=tuple(Secret(number, "name", name) for number, name in enumerate(NAMES, 1)))
PHONE = Secrets(hidden=(Secret(7, "phone", "+44 7700 900123"),))
Wrap = Callable[[str], bytes]


def _escape(text: str, spelled: str) -> bytes:
    units = struct.unpack(f">{len(text.encode('utf-16-be')) // 2}H", text.encode("utf-16-be"))
    return ("“" + "".join(spelled.format(unit) for unit in units) + "”").encode()


ENCODINGS: dict[str, Wrap] = {
    "as it is": lambda text: f"so {text}, left".encode(),
    "NFC": lambda text: unicodedata.normalize("NFC", text).encode(),
    "NFD": lambda text: unicodedata.normalize("NFD", text).encode(),
    "small": lambda text: text.casefold().encode(),
    "capitals": lambda text: text.upper().encode(),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0").encode(),
    "marks between": lambda text: f"\u2068{text[0]}\u200e{text[1:]}\u2069".encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big end first": lambda text: b"\0\0" + text.encode("utf-16-be"),
    "UTF-16, odd place": lambda text: b"\xff" + text.encode("utf-16-le") + b"\xff",
    "JSON": lambda text: json.dumps({"text": f"said\n{text}\n"}).encode(),
    "JSON, capitals": lambda text: _escape(text, "\\u{:04X}"),
    "JSON, all letters": lambda text: _escape(text, "\\u{:04x}"),
    "HTML": lambda text: html.escape(text).encode(),
    "HTML, decimal": lambda text: "".join(f"&#{ord(letter)};" for letter in text).encode(),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text).encode(),
    "percent": lambda text: urllib.parse.quote(f"a/{text}?").encode(),
    "percent with plus": lambda text: urllib.parse.quote_plus(text).encode(),
    "JSON in HTML": lambda text: html.escape(json.dumps(text)).encode(),
    "HTML in JSON": lambda text: json.dumps("".join(f"&#{ord(letter)};" for letter in text)).encode(),
    "quoted-printable": lambda text: quopri.encodestring(f"{'x ' * 34}{text}".encode()),
    "base64": lambda text: base64.b64encode(f"so {text} and more".encode()),
    "base64 in lines": lambda text: base64.encodebytes(f"{'so ' * 40}{text} and more".encode()),
}


def _zip(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("inner.txt", content)
    return buffer.getvalue()


def _png(content: bytes) -> bytes:
    words = b"Comment\0\0" + zlib.compress(content)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(words)) + b"zTXt" + words + b"\0\0\0\0"


def _pdf(content: bytes) -> bytes:
    packed = zlib.compress(b"BT (" + content + b") Tj ET")
    return b"%PDF-1.5\n1 0 obj <</Filter/FlateDecode>> stream\n" + packed + b"\nendstream\nendobj\n"


def _mail(content: bytes) -> bytes:
    body = base64.encodebytes(_zip(content))
    return b"MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n" + body


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda content: content,
    "beside bytes": lambda content: b"\x00\xff\xfe\x81" * 5 + content + b"\x00\xff\x81" * 5,
    "zip": _zip,
    "stored zip": lambda content: _zip(content, zipfile.ZIP_STORED),
    "zip in a zip": lambda content: _zip(_zip(content)),
    "gzip": gzip.compress,
    "picture": _png,
    "PDF stream": _pdf,
    "e-mail with a zip": _mail,
}
IN_BYTES = {"beside bytes"}


def _numbers(content: bytes, secrets: Secrets = SECRETS) -> set[int]:
    return {leak.number for leak in find_leaks({"data/x.bin": content}, secrets)} - {0}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_planted_name_of_any_script_is_found_in_any_writing(encoding: str) -> None:
    for number, name in enumerate(NAMES[:4], 1):
        assert _numbers(ENCODINGS[encoding](name)) == {number}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("encoding", ["as it is", "JSON", "HTML, decimal", "UTF-16"])
def test_a_planted_name_is_found_in_any_container(container: str, encoding: str) -> None:
    assert _numbers(CONTAINERS[container](ENCODINGS[encoding](NAMES[1]))) >= (
        {2} if container not in IN_BYTES or encoding in {"as it is", "UTF-16"} else set()
    )


@pytest.mark.parametrize("container", [name for name in CONTAINERS if name not in IN_BYTES])
def test_a_single_name_is_found_as_a_whole_word_in_any_container(container: str) -> None:
    assert _numbers(CONTAINERS[container](b"so Nnamdi, said")) == {6}
    assert _numbers(CONTAINERS[container](b"Nnamdiville")) == set()


@pytest.mark.parametrize(
    "written",
    [
        "+44 7700 900123",
        "447700900123",
        "44-7700-900-123",
        "+44\u00a07700 900123",
        "0044.7700.900123",
        "٤٤٧٧٠٠٩٠٠١٢٣",
        "44 7700\u200e900123",
    ],
)
def test_a_number_is_found_by_its_digits_however_grouped(written: str) -> None:
    assert _numbers(f"ring {written}!".encode(), PHONE) == {7}
    assert _numbers(json.dumps(f"ring {written}!").encode(), PHONE) == {7}
    assert _numbers(_zip(f"ring {written}!".encode()), PHONE) == {7}


def test_a_longer_number_is_not_a_shorter_one() -> None:
    assert _numbers(b"id 1447700900123 or 4477009001234", PHONE) == set()


def test_a_name_on_a_page_of_a_pdf_is_found_in_the_words_of_the_page() -> None:
    import typst

    fonts = str(Path(chatforensics.__file__).parent / "fonts")
    for number, name in enumerate(NAMES[:4], 1):
        source = f"#set page(width: 4cm)\n{'so it was said by all ' * 3}{name}."
        page: bytes = typst.compile(source.encode(), font_paths=[fonts])  # type: ignore[misc]
        found = find_leaks({"exhibit.pdf": page}, SECRETS)
        assert {leak.number for leak in found} == {number}, name


def test_a_name_in_the_name_of_a_file_or_member_is_found_and_not_repeated() -> None:
    for name in (
        f"data/{NAMES[0]}.txt",
        f"data/{urllib.parse.quote(NAMES[0])}.txt",
        unicodedata.normalize("NFD", f"{NAMES[1]}.txt"),
    ):
        found = find_leaks({name: b"x"}, SECRETS)
        assert [leak.place for leak in found] == ["name of the file"]
        assert "Achterberg" not in str(found)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{NAMES[3]}.txt", b"x")
    assert Leak("a.zip", "name of member 1, line 1", 4) in find_leaks({"a.zip": buffer.getvalue()}, SECRETS)


def test_a_leak_says_file_line_and_number_and_never_the_words() -> None:
    found = find_leaks({"data/a.txt": f"one\ntwo\nso {NAMES[0]}".encode(), "data/b.txt": b"clear"}, SECRETS)
    assert found == [Leak("data/a.txt", "line 3", 1)]
    assert NAMES[0] not in repr(SECRETS)


def test_a_file_is_read_from_disk_as_well(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(NAMES[0], encoding="utf-8")
    assert [leak.number for leak in find_leaks({"a": tmp_path / "a"}, SECRETS)] == [1]


def test_a_name_inside_a_longer_one_that_stays_is_no_leak_and_alone_it_is() -> None:
    secrets = Secrets(hidden=(Secret(1, "name", "Oyelaran"),), shown=("Oyelaran Brzeska",))
    assert _numbers(b"vote Oyelaran  BRZESKA", secrets) == set()
    assert _numbers(b"vote Oyelaran, Brzeska", secrets) == {1}


@pytest.mark.parametrize("word", ["Ingrid", "Jo", "may"])
def test_a_word_of_somebodys_own_list_is_found_inside_a_name_that_stays(word: str) -> None:
    told = Secrets(hidden=(Secret(2, "words", word),), shown=(f"{word} Solheim", f"Aud {word}"))
    for written in (f"{word} Solheim", f"Aud {word}"):
        assert find_leaks({"m.jsonl": json.dumps({"text": written}).encode()}, told)


def test_short_and_ordinary_names_are_searched_for_in_the_tables_texts_only_and_listed() -> None:
    names = ("A", "Jo", "Mark", "Nnamdi")
    secrets = Secrets(hidden=tuple(Secret(number, "name", name) for number, name in enumerate(names, 1)))
    assert list_short(secrets) == (1, 2, 3)
    assert list_short(Secrets(hidden=(Secret(4, "name", "Uzo"),))) == (4,)
    assert find_leaks({"a.html": b"<p>Jo may mark a page</p>"}, secrets) == []
    row = json.dumps({"text": "Jo and Mark, not a jo", "why": "Mark"}).encode()
    assert {leak.number for leak in find_leaks({"a.jsonl": row}, secrets)} == {2, 3}


def test_our_own_stand_ins_hide_no_name_that_looks_like_a_part_of_them() -> None:
    secrets = Secrets(hidden=(Secret(1, "name", "Postcode"), Secret(2, "name", "Phone")))
    row = json.dumps({"text": "[phone P-7QK2ABCDEF] [postcode]"}).encode()
    assert find_leaks({"a.jsonl": row}, secrets) == []


def test_a_whole_word_by_chance_inside_an_encoded_body_is_no_leak() -> None:
    secrets = Secrets(hidden=(Secret(1, "name", "Uzo"),))
    body = base64.b64encode(bytes(range(256)) * 9)
    assert _numbers(body[:400] + b"/uzo/" + body[400:], secrets) == set()
    assert _numbers(b"/uzo/", secrets) == {1}


def test_what_cannot_be_opened_is_said_to_be_not_searched() -> None:
    broken = _zip(b"x" * 500)[:-30]
    assert [leak.number for leak in find_leaks({"a.zip": broken}, SECRETS)] == [0]
    deep = b"x"
    for _ in range(9):
        deep = _zip(deep)
    assert any("deeper" in leak.place for leak in find_leaks({"a.zip": deep}, SECRETS))


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(NAMES[:5]),
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from(sorted(set(CONTAINERS) - IN_BYTES)),
)
def test_a_name_in_any_writing_in_any_container_is_found(name: str, encoding: str, container: str) -> None:
    assert NAMES.index(name) + 1 in _numbers(CONTAINERS[container](ENCODINGS[encoding](name)))


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="abcdefgh +-/=%&#;\\u0061x<>\n", max_size=200))
def test_a_text_without_the_names_gives_no_leak(text: str) -> None:
    assert find_leaks({"a": text.encode(), "b.jsonl": json.dumps({"text": text}).encode()}, SECRETS) == []


@pytest.mark.slow
def test_fifty_megabytes_are_searched_in_a_minute() -> None:

    words = islice(
        cycle(["the", "a", "of", "and", "ward", "vote", "reminder", "2031", "é", "ভোট", "0.53125", "Ünal"]), 200_000
    )
    text = json.dumps({"text": " ".join(words)}, ensure_ascii=False) + "\n"
    content = (text * (50_000_000 // len(text.encode()))).encode()
    before = time.process_time()
    assert find_leaks({"a.jsonl": content}, SECRETS) == []
    assert time.process_time() - before < 60
