"""A package held to its exports: what was changed in it and hashed anew is named, and what is lacking is told."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from commandline import run
from workflow.test_packing import BY, KEY, QUICK, write_exports

from chatforensics.casefile import list_originals, new_case
from chatforensics.package.checker import FAILED, OK, OPEN, Result, check_bag, has_failed
from chatforensics.package.redactfile import ManualRule
from chatforensics.workflow.adding import Limits, add_exports
from chatforensics.workflow.packing import case_of_exports, pack_case
from chatforensics.workflow.rechecking import AGAIN, FILES, LABELS, RECORDS, recheck_package
from chatforensics.workflow.wanted import Hiding, Order, To
from chatforensics.workflow.written import Written

Row = dict[str, Any]
MESSAGES = "data/messages.jsonl"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack two invented chats: as they are with their exports, and with names, numbers and one message taken out."""
    folder = tmp_path_factory.mktemp("rechecking")
    exports = write_exports(folder / "exports")
    with case_of_exports(exports, key=KEY, title="Choir selection", by=BY) as (case, adding):
        assert not adding.failures
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
    rows.append({**rows[-1], "message_id": 10**19})


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

IN_REDACTED = (a_letter, a_word_called_hidden, a_message_called_withheld, a_record_left_out)


@pytest.mark.slow
@pytest.mark.parametrize(("edit", "words"), RECORD_CHANGES, ids=[edit.__name__ for edit, _ in RECORD_CHANGES])
def test_a_changed_record_is_named_though_every_hash_fits(
    edit: Callable[[list[Row]], None], words: str, made: Path, tmp_path: Path
) -> None:
    name = "redacted" if edit in IN_REDACTED else "plain"
    results = recheck_package(change(made / name, tmp_path, edit), exports=[made / "exports"])
    assert states(results)[RECORDS] == FAILED
    assert re.search(rf"message \d+: .*{words}", told(results, RECORDS))


@pytest.mark.slow
def test_changed_labels_and_slates_are_named(made: Path, tmp_path: Path) -> None:
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

    changes = [(decide, "label"), (drop, "label"), (add, "a label"), (move, "label"), (rename, "slate"), (nudge, "")]
    for number, (edit, words) in enumerate(changes):

        def change_row(rows: list[Row], edit: Callable[[Row], None] = edit) -> None:
            edit(find(rows, "Vote for"))

        bag = change(made / "redacted", tmp_path / str(number), change_row)
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
    assert "of exports that are not here: 2" in told(results, RECORDS)


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
def test_what_was_declared_of_an_export_is_declared_again_and_told_as_its_makers_word(tmp_path: Path) -> None:
    export = tmp_path / "WhatsApp Chat with Choir.txt"
    export.write_bytes(b"02/03/2031, 10:00 - Ines: Vote for Wiktor Nowak\n04/03/2031, 10:01 - Kofi: No\n")
    source_id = hashlib.sha256(export.read_bytes()).hexdigest()[:16]
    declared = Written("declared", f'[{source_id}]\ndates = "mdy"\ntimezone = "Asia/Dhaka"\nchat = "c"'.encode())
    with case_of_exports([export], key=KEY, title="x", by=BY) as (case, _):
        order = Order("all", hiding=Hiding(parties=False))
        pack_case(case, order, to=To(tmp_path / "bag"), by=BY, settings=replace(QUICK, declare=declared))
    results = recheck_package(tmp_path / "bag", exports=[export])
    assert states(results) == {FILES: OK, RECORDS: OK, LABELS: OK}
    assert "2031-02-03" in (tmp_path / "bag" / MESSAGES).read_text(encoding="utf-8")
    assert f"its maker's word: {source_id}" in told(results, RECORDS)


@pytest.mark.slow
def test_of_a_part_of_an_export_the_part_is_asked_for_and_agrees(tmp_path: Path) -> None:
    text = b"".join(b"%02d/03/2031, 10:00 - Ines: rehearsal %d\n" % (day, day) for day in range(1, 20))
    export = tmp_path / "in" / "WhatsApp Chat with Choir.txt"
    export.parent.mkdir()
    export.write_bytes(text)
    case = new_case(tmp_path / "case", title="x", by=BY, key=KEY)
    add_exports(case, [export], by=BY, limits=Limits(until=date(2031, 3, 5)))
    pack_case(case, Order("all"), to=To(tmp_path / "bag"), by=BY, settings=QUICK)
    results = recheck_package(tmp_path / "bag", exports=[export])
    assert states(results) == {FILES: OPEN, AGAIN: OPEN}
    assert "of which a case kept a part; give that part" in told(results, FILES)
    (part,) = list_originals(case)
    assert part.path
    results = recheck_package(tmp_path / "bag", exports=[part.path])
    assert states(results) == {FILES: OK, RECORDS: OK, LABELS: OK}


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
