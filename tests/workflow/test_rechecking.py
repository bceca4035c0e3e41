"""A package held to its exports: what was changed in it and hashed anew is named, and what is lacking is told."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commandline import run
from hypothesis import given
from hypothesis import strategies as st
from workflow.test_packing import BY, KEY, QUICK, write_exports

from chatforensics.package.bag import write_bag
from chatforensics.package.checker import FAILED, OK, OPEN, Problem, Result, check_bag, has_failed
from chatforensics.package.redactfile import ManualRule
from chatforensics.workflow.differing import fits
from chatforensics.workflow.packing import case_of_exports, pack_case
from chatforensics.workflow.rechecking import AGAIN, FILES, LABELS, RECORDS, recheck_package
from chatforensics.workflow.stated import find_tokens, read_stated
from chatforensics.workflow.wanted import Hiding, Order, To

Row = dict[str, Any]
MESSAGES = "data/messages.jsonl"
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack two invented chats: as they are with their exports, and with names, numbers and one message taken out."""
    folder = tmp_path_factory.mktemp("rechecking")
    exports = write_exports(folder / "exports")
    with case_of_exports(exports, key=KEY, title="Choir selection", by=BY) as (case, failures):
        assert not failures
        whole = Order("all", originals=True, hiding=Hiding(names=False))
        plain = pack_case(case, whole, to=To(folder / "plain"), by=BY, settings=QUICK)
        ids = plain.dossier.tables["messages"].sort("byte_start")["message_id"].to_list()
        rule = ManualRule("home", message_id=ids[0])
        chosen = Order("flagged", context=2, hiding=Hiding(manual=(rule,)))
        pack_case(case, chosen, to=To(folder / "redacted"), by=BY, settings=QUICK)
    return folder


def change(bag: Path, folder: Path, edit: Callable[[list[Row]], None]) -> Path:
    """Return a copy of a package of which the records are others, with lists of hashes that fit."""
    out = Path(shutil.copytree(bag, folder / "changed"))
    rows = [json.loads(line) for line in (out / MESSAGES).read_text(encoding="utf-8").splitlines()]
    edit(rows)
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for row in rows)
    (out / MESSAGES).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return hash_again(out)


def hash_again(bag: Path) -> Path:
    sizes = [path.stat().st_size for path in (bag / "data").rglob("*") if path.is_file()]
    info = (bag / "bag-info.txt").read_text(encoding="utf-8")
    stated = re.sub("Payload-Oxum: .*", f"Payload-Oxum: {sum(sizes)}.{len(sizes)}", info)
    (bag / "bag-info.txt").write_text(stated, encoding="utf-8")
    for listed in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        names = [line[66:] for line in (bag / listed).read_text(encoding="utf-8").splitlines()]
        lines = [f"{hashlib.sha256((bag / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        (bag / listed).write_text("".join(lines), encoding="utf-8")
    assert not has_failed(check_bag(bag))
    return bag


def states(results: list[Result]) -> dict[str, str]:
    return {result.name: result.state for result in results}


def told(results: list[Result], name: str) -> str:
    (result,) = (each for each in results if each.name == name)
    return " ".join((result.words, *result.details))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "redacted"])
def test_an_honest_package_agrees_with_its_exports(name: str, made: Path) -> None:
    results = recheck_package(made / name, exports=[made / "exports"])
    assert states(results) == {FILES: OK, RECORDS: OK, LABELS: OK}
    assert "5 of 5" in told(results, RECORDS)


@pytest.mark.slow
def test_a_package_with_its_exports_needs_no_others_and_one_without_says_what_to_ask_for(made: Path) -> None:
    assert states(recheck_package(made / "plain")) == {FILES: OK, RECORDS: OK, LABELS: OK}
    (result,) = recheck_package(made / "redacted")
    assert (result.name, result.state) == (AGAIN, OPEN)
    assert "--exports PATH" in result.words


def find(rows: list[Row], words: str) -> Row:
    return next(row for row in rows if words in str(row["text"]))


def a_letter(rows: list[Row]) -> None:
    row = find(rows, "Vote for")
    row["text"] = row["text"].replace("Thursday", "Thursdaw")


def a_time(rows: list[Row]) -> None:
    find(rows, "Vote for")["time"]["local"] = "2031-02-13T11:00:00"


def a_place(rows: list[Row]) -> None:
    find(rows, "Vote for")["place"]["line"] += 1


def a_sender(rows: list[Row]) -> None:
    find(rows, "Vote for")["sender"]["label"] = "Luca Haque"


def an_edit(rows: list[Row]) -> None:
    find(rows, "Vote for")["edited"] = True


def a_kind(rows: list[Row]) -> None:
    find(rows, "Vote for")["kind"] = "deleted"


def a_record_left_out(rows: list[Row]) -> None:
    del rows[-1]


def a_record_put_in(rows: list[Row]) -> None:
    rows.append({**rows[-1], "message_id": 5})


def a_word_called_hidden(rows: list[Row]) -> None:
    row = find(rows, "Vote for")
    row["text"] = row["text"].replace("Wiktor Nowak", "[P-ABCDEFGHIJ]")


def a_message_called_withheld(rows: list[Row]) -> None:
    find(rows, "Vote for")["text"] = "[withheld 99: home]"


def no_text(rows: list[Row]) -> None:
    find(rows, "Vote for")["text"] = None


RECORD_CHANGES: list[tuple[Callable[[list[Row]], None], str]] = [
    (a_letter, "text"),
    (a_time, "local time"),
    (a_place, "place"),
    (a_sender, "sender"),
    (an_edit, "edited"),
    (a_kind, "kind"),
    (a_record_left_out, "stands beside a ticked one"),
    (a_record_put_in, "no such record"),
    (a_word_called_hidden, "text"),
    (a_message_called_withheld, "text"),
    (no_text, "text"),
]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "redacted"])
@pytest.mark.parametrize(("edit", "words"), RECORD_CHANGES, ids=[edit.__name__ for edit, _ in RECORD_CHANGES])
def test_a_changed_record_is_named_though_every_hash_fits(
    edit: Callable[[list[Row]], None], words: str, name: str, made: Path, tmp_path: Path
) -> None:
    results = recheck_package(change(made / name, tmp_path, edit), exports=[made / "exports"])
    assert states(results)[RECORDS] == FAILED
    assert re.search(rf"message \d+: .*{words}", told(results, RECORDS))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "redacted"])
def test_changed_labels_and_slates_are_named(name: str, made: Path, tmp_path: Path) -> None:
    def decide(row: Row) -> None:
        row["labels"][0]["decision"] = "none"

    def drop(row: Row) -> None:
        del row["labels"][0]

    def add(row: Row) -> None:
        row["labels"].append({**row["labels"][0], "label": "a label of theirs"})

    def move(row: Row) -> None:
        row["labels"][0]["probability"] -= 0.006

    def rename(row: Row) -> None:
        row["slates"][0]["name"] = "Wiktor Novak"

    def nudge(row: Row) -> None:
        row["labels"][0]["probability"] -= 0.004

    for number, (edit, words) in enumerate(
        [(decide, "label"), (drop, "label"), (add, "a label"), (move, "label"), (rename, "slate"), (nudge, "")]
    ):

        def change_row(rows: list[Row], edit: Callable[[Row], None] = edit) -> None:
            edit(find(rows, "Vote for"))

        bag = change(made / name, tmp_path / str(number), change_row)
        results = recheck_package(bag, exports=[made / "exports"])
        assert states(results) == {FILES: OK, RECORDS: OK, LABELS: FAILED if words else OK}, edit.__name__
        assert re.search(rf"message \d+: .*{words}" if words else "", told(results, LABELS))


@pytest.mark.slow
def test_an_export_that_is_another_or_missing_is_told_and_its_records_are_not_compared(
    made: Path, tmp_path: Path
) -> None:
    choir, garden = sorted((made / "exports" / "phone").iterdir())
    saved = tmp_path / "saved.txt"
    saved.write_bytes(garden.read_bytes() + b" ")
    results = recheck_package(made / "redacted", exports=[saved])
    assert states(results) == {FILES: OPEN, AGAIN: OPEN}
    assert "saved.txt: no export of this package" in told(results, FILES)
    results = recheck_package(made / "redacted", exports=[choir, saved])
    assert states(results) == {FILES: OPEN, RECORDS: OK, LABELS: OK}
    assert f"{hashlib.sha256(garden.read_bytes()).hexdigest()}: not here" in told(results, FILES)
    assert "3 of 3; of exports that are not here: 2" in told(results, RECORDS)


@pytest.mark.slow
def test_another_file_in_the_place_of_an_original_fails(made: Path, tmp_path: Path) -> None:
    bag = Path(shutil.copytree(made / "plain", tmp_path / "bag"))
    garden = next(bag.glob("data/originals/*/*Garden.txt"))
    garden.chmod(0o600)
    garden.write_bytes(garden.read_bytes().replace(b"shed", b"barn"))
    results = recheck_package(hash_again(bag))
    assert states(results)[FILES] == FAILED
    assert f"data/originals/{garden.parent.name}/" in told(results, FILES)


@pytest.mark.slow
def test_the_order_of_dates_is_found_again_unless_somebody_declared_it(made: Path, tmp_path: Path) -> None:
    bag = Path(shutil.copytree(made / "plain", tmp_path / "bag"))
    sources = bag / "data/tables/sources.jsonl"
    sources.write_bytes(sources.read_bytes().replace(b'"date_order":"dmy"', b'"date_order":"mdy"'))
    results = recheck_package(hash_again(bag))
    assert states(results)[RECORDS] == FAILED
    assert "its dates are dmy, and not as the package says" in told(results, RECORDS)
    sources.write_bytes(sources.read_bytes().replace(b'"certain"', b'"declared"'))
    results = recheck_package(hash_again(bag))
    assert states(results) == {FILES: OK, AGAIN: FAILED}  # no day is in a thirteenth month


@pytest.mark.slow
def test_another_program_is_told(made: Path, tmp_path: Path) -> None:
    bag = Path(shutil.copytree(made / "plain", tmp_path / "bag"))
    record = bag / "data/run.json"
    told_of = json.loads(record.read_bytes())
    told_of["program"]["version"] = "0.0.1"
    told_of["program"]["packages"]["regex"] = ["[" * 3]
    record.write_text(json.dumps(told_of), encoding="utf-8")
    results = recheck_package(hash_again(bag))
    assert states(results)[RECORDS] == OK
    assert "version: 0.0.1 in the package" in told(results, RECORDS)
    assert "package regex:  in the package" in told(results, RECORDS)


@pytest.mark.slow
def test_verify_ends_with_4_where_the_records_are_not_those_of_the_exports(made: Path, tmp_path: Path) -> None:
    done = run("verify", made / "redacted", "--rerun", "--exports", made / "exports")
    assert (done.returncode, b"[ok] labels computed again" in done.stdout) == (0, True)
    done = run("verify", change(made / "plain", tmp_path, a_letter), "--rerun")
    assert done.returncode == 4
    assert b"FAILED: records computed again" in done.stdout
