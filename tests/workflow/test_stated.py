"""What a package says is read as a stranger's file, and parts of a text fit it only letter by letter."""

import json
from pathlib import Path

import pytest
from commandline import run
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.package.bag import write_bag
from chatforensics.package.checker import OPEN, Problem
from chatforensics.workflow.differing import fits
from chatforensics.workflow.rechecking import AGAIN, recheck_package
from chatforensics.workflow.stated import MESSAGES, find_tokens, read_stated

TOKENS = find_tokens(["P-ABCDEFGHIJ", "phone P-ABCDEFGHIK"])


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        ("Ask [P-ABCDEFGHIJ] or me", True),
        ("Ask P-ABCDEFGHIJ me", True),
        ("[P-ABCDEFGHIJ][phone P-ABCDEFGHIK] me", True),
        ("Ask Farhana or me", True),
        ("ask [P-ABCDEFGHIJ] or me", False),
        ("Ask [P-ABCDEFGHIJ] and me", False),
        ("Ask [P-ABCDEFGHIJ] or me!", False),
        ("Ask Farhana or me[P-ABCDEFGHIJ]", False),
        ("Ask [P-ZZZZZZZZZZ] or me", False),
        ("Ask Farhana", False),
        (None, False),
        (["Ask Farhana or me"], False),
    ],
)
def test_between_what_was_taken_out_every_letter_counts(shown: object, same: bool) -> None:
    assert fits(shown, "Ask Farhana or me", TOKENS) is same


@given(st.lists(st.text("ab ", min_size=1, max_size=4), min_size=1, max_size=6), st.data())
def test_whatever_words_are_taken_out_of_a_text_the_rest_fits_it(words: list[str], data: st.DataObject) -> None:
    gone = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    shown = "".join("[P-ABCDEFGHIJ]" if hide else word for word, hide in zip(words, gone, strict=True))
    assert fits(shown, "".join(words), TOKENS)
    kept = "".join(word for word, hide in zip(words, gone, strict=True) if not hide)
    assert not kept or not fits(shown.replace("a", "c").replace("b", "c").replace(" ", "c"), "".join(words), TOKENS)


def a_stated_bag(folder: Path, changes: dict[str, bytes]) -> Path:
    """Write the least of a package that can be read."""
    sha256 = "ab" * 32
    source = {"source_id": sha256[:16], "sha256": sha256}
    record = {"message_id": 1, "place": {"source_id": sha256[:16], "sha256": sha256}}
    payload: dict[str, bytes | Path] = {
        "messages.jsonl": json.dumps(record).encode() + b"\n",
        "tables/sources.jsonl": json.dumps(source).encode() + b"\n",
        "run.json": b'{"package": {"context": 1}}',
        **changes,
    }
    write_bag(folder, payload=payload, tags={}, info={"Bagging-Date": "2031-04-01"})
    return folder


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("messages.jsonl", b"[" * 100_000 + b"\n"),
        ("messages.jsonl", b'{"message_id": true, "place": {"source_id": "abababababababab"}}\n'),
        ("messages.jsonl", b'{"message_id":1,"place":{"source_id":"../../etc/passwd"}}\n'),
        ("messages.jsonl", b'{"message_id":NaN}\n'),
        ("messages.jsonl", b""),
        ("messages.jsonl", b"\xff\n"),
        ("messages.jsonl", b"1\n"),
        ("tables/sources.jsonl", b'{"source_id":"../../etc/passw","sha256":"../../etc/passwd"}\n'),
        ("tables/sources.jsonl", b'{"source_id":"x","sha256":["ab"]}\n'),
        ("run.json", b"[]"),
        ("run.json", b'{"package":{"context":' + b"9" * 5000 + b"}}"),
        ("redactions.csv", b'"number","token"\n"1","' + b"x" * 200_000 + b'"\n'),
    ],
)
def test_a_package_of_no_form_of_ours_is_told_and_nothing_is_opened(name: str, content: bytes, tmp_path: Path) -> None:
    read_stated(a_stated_bag(tmp_path / "fine", {}))
    with pytest.raises(Problem):
        read_stated(a_stated_bag(tmp_path / "bag", {name: content}))


def test_what_stands_for_words_has_no_form_but_our_own(tmp_path: Path) -> None:
    rows = b'"number","token"\n1,"e"\n2,"P-ABCDEFGHIJ"\n3,".*"\n4,"withheld 4: home"\n"x","postcode"\n'
    stated = read_stated(a_stated_bag(tmp_path / "bag", {"redactions.csv": rows}))
    assert stated.tokens == {2: "P-ABCDEFGHIJ", 4: "withheld 4: home"}
    assert stated.is_withheld({"text": "[withheld 4: home]", "redactions": [4]})
    assert not stated.is_withheld({"text": "[withheld 4: home]", "redactions": []})
    assert not stated.is_withheld({"text": "[withheld 5: home]", "redactions": [5]})


def test_a_package_whose_hashes_fail_is_not_computed_again(tmp_path: Path) -> None:
    bag = a_stated_bag(tmp_path / "bag", {})
    (bag / MESSAGES).write_bytes(b"")
    (result,) = recheck_package(bag)
    assert (result.name, result.state) == (AGAIN, OPEN)
    assert "files" in result.words


def test_exports_are_named_only_where_they_are_used(tmp_path: Path) -> None:
    bag = a_stated_bag(tmp_path / "bag", {})
    assert b"Give --rerun" in run("verify", bag, "--exports", tmp_path).stderr
    assert b"is not there" in run("verify", bag, "--rerun", "--exports", tmp_path / "none").stderr
    (tmp_path / "case.sqlite").write_bytes(b"")
    assert b"a case holds its own" in run("verify", tmp_path, "--rerun", "--exports", bag).stderr
