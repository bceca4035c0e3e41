"""Corrections of a case in its analysis: what they change, what stays to be seen, and that all of it can be undone."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest
from casefile.cases import AT, BY, a_case, a_file
from casefile.quick import quick_databases
from workflow.case_runs import a_copy, a_filled_case, analyse, in_short

from chatforensics.casefile import (
    By,
    Case,
    Fresh,
    check_records,
    correct,
    last_run,
    list_originals,
    list_stages,
    log_lines,
    withdraw,
)
from chatforensics.errors import UsageError
from chatforensics.joining import Corrections, Joined
from chatforensics.labelling import label_messages
from chatforensics.schema import SLATE_LABEL, TABLES, Labels, Messages, Pictures, Sources
from chatforensics.workflow import Settings
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.casework import load_outcome, read_case
from chatforensics.workflow.corrected import (
    Effect,
    correct_labels,
    key_of,
    list_statements,
    read_export_corrections,
    read_stated,
    settings_with_corrections,
)
from chatforensics.workflow.gathered import Gathered
from chatforensics.workflow.packing import pack_case
from chatforensics.workflow.rechecking import recheck_package
from chatforensics.workflow.remembered import describe, log_settings, restore, settle
from chatforensics.workflow.restating import join_as_stated
from chatforensics.workflow.run import Outcome, silent
from chatforensics.workflow.verifying import verify_case
from chatforensics.workflow.wanted import Hiding, Order, To
from chatforensics.workflow.written import Written

GONE = "f" * 16
AMBIGUOUS = b"03/02/2031, 10:00 - Ines: Vote for Wiktor\n05/02/2031, 10:01 - Kofi: No\n"


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with quick_databases():
        yield


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A case of two exports, analysed once."""
    case = a_filled_case(tmp_path_factory.mktemp("case"))
    analyse(case)
    return case


def note(case: Case, kind: str, what: dict[str, Any], *, who: str = "Kofi", why: str = "he told us") -> int:
    return correct(case, kind, what, who=who, why=why, by=BY)


def settings_of_case(case: Case, **more: Any) -> Settings:
    return settings_with_corrections(case, Settings(**more))


def slate(outcome: Outcome, message_id: int) -> dict[str, Any]:
    chosen = (pl.col("message_id") == message_id) & (pl.col("label") == SLATE_LABEL)
    return outcome.tables["labels"].filter(chosen).row(0, named=True)


def idle(outcome: Outcome) -> list[str]:
    return [warning for warning in outcome.warnings if warning.startswith("Correction")]


def two_messages(case: Case) -> tuple[int, int]:
    """Return a message that was flagged, and one that was not."""
    with in_short():
        tables = load_outcome(case, Settings()).tables
    flagged = tables["labels"].filter(pl.col("decision") == "flag")["message_id"].min()
    other = tables["messages"].filter(pl.col("text").str.contains("rehearsal"))["message_id"].min()
    return cast("int", flagged), cast("int", other)


@pytest.mark.slow
def test_corrections_change_labels_people_and_nothing_is_lost_when_they_are_withdrawn(
    done: Case, tmp_path: Path
) -> None:
    case = a_copy(done, tmp_path)
    before, outputs = two_messages(case), cast("Any", last_run(case)).outputs
    flagged, other = before
    numbers = [
        note(case, "label", {"message_id": flagged, "is": "not"}, why="a joke"),
        note(case, "label", {"message_id": other, "is": "instruction"}),
        note(case, "same", {"labels": [{"label": "Ines"}, {"label": "Yasmin"}]}, who="Ama"),
    ]
    outcome = analyse(case)
    assert (slate(outcome, flagged)["decision"], slate(outcome, other)["decision"]) == ("none", "flag")
    assert slate(outcome, flagged)["probability"] > 0.8
    assert slate(outcome, flagged)["explanation"].startswith(
        "Stated by “Kofi” on 2031-04-01: not an instruction (“a joke”). The program's own decision was flag at 0.87."
    )
    assert ["Ines", "Yasmin"] in outcome.tables["people"]["labels"].list.sort().to_list()
    assert outcome.run["corrections"] == {"n": 3, "flag": [other], "none": [flagged]}
    assert "'Ines' and 'Yasmin' are one person: stated by “Ama” on 2031-04-01 in correction 3 (“he told us”)." in cast(
        "list[str]", outcome.run["assumptions"]
    )
    assert idle(outcome) == []
    for number in numbers:
        withdraw(case, number, why="a slip", by=BY)
    again = analyse(case)
    assert "corrections" not in again.run
    left = cast("Any", last_run(case)).outputs
    assert {name for name in outputs.keys() | left.keys() if outputs.get(name) != left.get(name)} == {"run.json"}
    assert check_records(case) == []


@pytest.mark.slow
def test_only_the_stages_that_a_correction_changes_are_made_again(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    flagged, _ = two_messages(case)
    before = set(list_stages(case.folder / "derived"))
    note(case, "label", {"message_id": flagged, "is": "instruction"})
    analyse(case)
    kept = {name.rpartition("-")[0] for name in before & set(list_stages(case.folder / "derived"))}
    assert kept >= {"export", "joining"}
    assert "labelling" not in kept


@pytest.mark.slow
def test_a_case_with_corrections_is_verified_packed_and_rechecked_with_those_of_its_last_run(
    done: Case, tmp_path: Path
) -> None:
    case = a_copy(done, tmp_path)
    ticked = two_messages(case)
    (one, other) = (original.source_id for original in list_originals(case))
    note(case, "label", {"message_id": ticked[0], "is": "not"})
    note(case, "label", {"message_id": ticked[1], "is": "instruction"})
    note(case, "export", {"source_id": one, "timezone": "Asia/Kolkata", "custodian": "Ama"})
    analyse(case)
    note(case, "export", {"source_id": other, "timezone": "Asia/Tokyo"})
    withdraw(case, 1, why="later", by=BY)
    with in_short():
        states = {result.name: result.state for result in verify_case(case.folder, rerun=True)}
        order = Order(ticked, originals=True, hiding=Hiding(names=False))
        packed = pack_case(case, order, to=To(tmp_path / "pack"), by=BY)
    assert set(states.values()) == {"ok"}
    assert packed.dossier.run["corrections"] == {"n": 3, "flag": [ticked[1]], "none": [ticked[0]]}
    results = {result.name: result for result in recheck_package(tmp_path / "pack")}
    labels = results["labels computed again"]
    assert labels.state == "ok", labels
    assert "somebody's statement, as the run's assumptions say: 2." in labels.words
    entry = json.loads([line for line in log_lines(case) if '"analyse"' in line][-1])
    assert len(entry["details"]["corrections"]) == 64


@pytest.mark.slow
def test_a_package_in_which_a_stated_decision_was_changed_afterwards_does_not_agree(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    flagged, other = two_messages(case)
    note(case, "label", {"message_id": flagged, "is": "not"})
    analyse(case)
    with in_short(), pytest.MonkeyPatch.context() as patch:
        write = "chatforensics.workflow.packing.choose"
        from chatforensics.workflow import packing

        choose = packing.choose

        def forged(*args: Any, **kwargs: Any) -> Any:
            whole = choose(*args, **kwargs)
            cast("Any", whole.run)["corrections"] = {"n": 1, "flag": [flagged], "none": [2**60, "x", other]}
            return whole

        patch.setattr(write, forged)
        pack_case(case, Order((flagged,), originals=True, hiding=Hiding(names=False)), to=To(tmp_path / "p"), by=BY)
    (labels,) = [each for each in recheck_package(tmp_path / "p") if each.name == "labels computed again"]
    assert labels.state == "failed"


@pytest.mark.slow
def test_what_is_not_there_any_more_is_kept_and_told_and_changes_nothing(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    plain = load_outcome(case)
    note(case, "label", {"message_id": 7, "is": "not"})
    note(case, "export", {"source_id": GONE, "dates": "mdy"})
    note(case, "custodian", {"source": GONE, "label": "Ama"})
    note(case, "same", {"labels": [{"label": "Ines", "source": GONE}, {"label": "Kofi"}]})
    note(case, "different", {"labels": [{"label": "Ines"}, {"label": "Nobody"}]})
    with in_short():
        outcome = load_outcome(case, settings_of_case(case))
    assert idle(outcome) == [
        "Correction 1 has no effect: message 7 is not among the messages that were read.",
        f"Correction 2 has no effect: export {GONE} was not read.",
        f"Correction 3 has no effect: export {GONE} was not read.",
        f"Correction 4 has no effect: export {GONE} was not read.",
        "Correction 5 has no effect: 'Nobody' is no label in any export.",
    ]
    assert all(outcome.tables[name].equals(table) for name, table in plain.tables.items())


def an_ambiguous_case(folder: Path) -> Case:
    case = a_case(folder)
    add_exports(case, [a_file(folder / "in" / "ines", AMBIGUOUS)], by=BY)
    return case


def read(case: Case, **more: Any) -> tuple[dict[str, Any], list[str], list[str]]:
    """Read the exports of a case; return the source, warnings and assumptions."""
    intake = read_case(case, settings_of_case(case, **more), Fresh(), silent)
    return intake.all().tables["sources"].row(0, named=True), intake.warnings, intake.corrected.assumed


def test_an_export_is_read_as_it_was_corrected_and_over_what_was_declared(tmp_path: Path) -> None:
    case = an_ambiguous_case(tmp_path)
    (original,) = list_originals(case)
    declare = Written(
        "d.toml", f'["{original.source_id}"]\ndates = "dmy"\nchat = "Choir"\ncustodian = "Ines"\n'.encode()
    )
    note(case, "export", {"source_id": original.source_id, "dates": "ymd"})
    note(case, "export", {"source_id": original.source_id, "dates": "mdy", "custodian": "Kofi"}, who="Luca")
    source, warnings, assumed = read(case, declare=declare)
    assert (source["date_order"], source["date_order_verdict"]) == ("mdy", "declared")
    assert (source["declared_chat"], source["declared_custodian"]) == ("Choir", "Ines")
    over = "It counts more than “dmy”, as declared."
    assert assumed == [
        f"{original.shown}: dates mdy, stated by “Luca” on 2031-04-01 in correction 2 (“he told us”). {over}"
    ]
    assert warnings == ["Correction 1 has no effect: a later one counts."]


def test_an_export_that_cannot_be_read_as_corrected_is_read_without_and_nothing_fails(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    content = b"".join(b"%02d/02/2031, 10:00 - Ines: rehearsal %d\n" % (day, day) for day in range(11, 25))
    add_exports(case, [a_file(tmp_path / "in", content)], by=BY)
    note(case, "export", {"source_id": list_originals(case)[0].source_id, "dates": "mdy"})
    source, warnings, assumed = read(case)
    assert source["date_order"] == "dmy"
    assert len(warnings) == 1
    assert "cannot be read as it was corrected, and was read without that" in warnings[0]
    assert assumed == []


@pytest.mark.slow
def test_packing_holds_records_to_the_exports_read_as_corrected_and_hides_who_stated_it(tmp_path: Path) -> None:
    case = an_ambiguous_case(tmp_path)
    (original,) = list_originals(case)
    note(case, "export", {"source_id": original.source_id, "dates": "mdy"}, why="Kofi asked “Ines”")
    with in_short():
        number = load_outcome(case, settings_of_case(case)).tables["messages"]["message_id"][0]
    note(case, "label", {"message_id": number, "is": "not"}, why="Kofi was joking")
    outcome = analyse(case)
    assert outcome.tables["messages"]["sent_local"][0].month == 3
    with in_short():
        packed = pack_case(case, Order((number,)), to=To(tmp_path / "pack"), by=BY)
    assert packed.dossier.tables["messages"].height == 2
    files = [path.read_bytes() for path in (tmp_path / "pack").rglob("*.json*")]
    assert any(b"was joking" in content for content in files)
    assert not any("Kofi" in part for part in map(_without_log, files))


def _without_log(content: bytes) -> str:
    return "" if b'"prev"' in content else content.decode(errors="replace")


def test_corrections_are_remembered_as_they_were_and_are_no_option_of_the_next_run(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    assert settings_with_corrections(case, Settings(corrections=Written("x", b"{}"))).corrections is None
    note(case, "label", {"message_id": 7, "is": "not"}, why="শুধু ঠাট্টা")
    held = settings_of_case(case)
    assert restore(json.loads(json.dumps(describe(held)))) == held
    assert restore({key: value for key, value in describe(held).items() if key != "corrections"}).corrections is None
    assert not any("correction" in key for key in log_settings(held))
    assert [(each.kind, each.who, each.why) for each in read_stated(held.corrections)] == [
        ("label", "Kofi", "শুধু ঠাট্টা"),
    ]
    assert key_of(held.corrections, "same") is None
    assert len(key_of(held.corrections, "label") or ()) == 1
    assert settle({"window_s": 60.0}, case)[1] == []


def test_of_two_makers_of_one_export_the_later_correction_counts(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    note(case, "custodian", {"source": "0123456789abcdef", "label": "Ama"})
    note(case, "export", {"source_id": "0123456789abcdef", "custodian": "Ines", "chat": "Choir"})
    note(case, "export", {"source_id": "0123456789abcdef", "chat": "Court"})
    statements, notes = list_statements(settings_of_case(case).corrections)
    assert [(each.number, statement.labels[0].label) for each, statement in statements] == [(2, "Ines")]
    assert notes == ["Correction 1: the custodian that it names has no effect: Correction 2 is later."]
    fields = read_export_corrections(settings_of_case(case).corrections).fields["0123456789abcdef"]
    assert {name: value for name, (value, _) in fields.items()} == {"custodian": "Ines", "chat": "Court"}


# What the joining says where statements cannot be applied together, without the time that it takes.
PEOPLE = '[[different]]\nlabels = ["Ines", "Kofi"]\n[[custodian]]\nsource = "one"\nlabel = "Ines"\n'


def some_sources(*told: tuple[str, str, str | None]) -> Gathered:
    rows = [(source_id, path, None, declared) for source_id, path, declared in told]
    schema = dict.fromkeys(("source_id", "path", "folder", "declared_custodian"), pl.String)
    return Gathered({"sources": pl.DataFrame(rows, schema=schema, orient="row")})


def joining(check: Callable[[Corrections, Gathered], str | None]) -> Callable[..., Joined]:
    """Return a stand-in for the joining that refuses what `check` has words for."""

    def join(exports: Gathered, stated: Corrections | None) -> Joined:
        if said := check(stated or Corrections(), exports):
            raise UsageError(said, hint="")
        return cast("Joined", stated)

    return join


def kinds(joined: object) -> list[str]:
    return [statement.where for statement in cast("Corrections", joined or Corrections()).statements]


def contradicts(stated: Corrections, _exports: Gathered) -> str | None:
    """Refuse the first that tells apart whom another joins, as the joining does."""
    pairs = {kind: [(x, {y.label for y in x.labels}) for x in stated.of_kind(kind)] for kind in ("same", "different")}
    for apart, two in pairs["different"]:
        for same, labels in pairs["same"]:
            if two <= labels:
                return f"{apart.where} contradicts what is {same.said}."
    return None


def test_a_correction_counts_more_than_a_statement_of_the_file_and_a_later_one_more_than_an_earlier(
    tmp_path: Path,
) -> None:
    case, exports = a_case(tmp_path), some_sources(("a", "one", None))
    note(case, "same", {"labels": [{"label": "Ines"}, {"label": "Kofi"}]})
    note(case, "same", {"labels": [{"label": "Ama"}, {"label": "Luca"}]})
    note(case, "different", {"labels": [{"label": "Ama"}, {"label": "Luca"}]})
    settings = settings_of_case(case, people=Written("p.toml", PEOPLE.encode()))
    joined, effect = join_as_stated(exports, settings, joining(contradicts))
    assert kinds(joined) == ["--people: p.toml: [[custodian]] number 1", "Correction 1", "Correction 3"]
    assert effect.notes == [
        "--people: p.toml: [[different]] number 1 has no effect: Correction 1 says otherwise.",
        "Correction 2 has no effect: Correction 3 says otherwise, and is later.",
    ]
    assert len(effect.assumed) == 2


def test_a_slip_in_the_file_is_an_error_whatever_was_corrected(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    note(case, "same", {"labels": [{"label": "Ama"}, {"label": "Luca"}]})
    people = Written("p.toml", (PEOPLE + '[[same]]\nlabels = ["Ines", "Kofi"]\n').encode())
    with pytest.raises(UsageError, match=r"different]] number 1 contradicts"):
        join_as_stated(some_sources(("a", "one", None)), settings_of_case(case, people=people), joining(contradicts))


@pytest.mark.parametrize(
    ("message", "note_said"),
    [
        (
            "--declare: ['one']: 'Ines' made the export, but Correction 1 names 'Kofi'.",
            "--declare: ['one']: Correction 1 names another custodian.",
        ),
        (
            "Correction 1: 'Kofi' made the export, but --declare: ['one'] names 'Ines'.",
            "--declare: ['one']: Correction 1 names another custodian.",
        ),
    ],
)
def test_who_was_declared_to_have_made_another_export_of_the_phone_gives_way(
    tmp_path: Path, message: str, note_said: str
) -> None:
    case = a_case(tmp_path)
    note(case, "custodian", {"source": "two", "label": "Kofi"})

    def check(_stated: Corrections, exports: Gathered) -> str | None:
        return message if exports.tables["sources"]["declared_custodian"][0] == "Ines" else None

    exports = some_sources(("a", "one", "Ines"), ("b", "two", "Ines"))
    joined, effect = join_as_stated(exports, settings_of_case(case), joining(check))
    assert kinds(joined) == ["Correction 1"]
    assert effect.notes == [note_said]


@pytest.mark.slow
def test_who_made_an_export_is_corrected_over_declaration_and_file_in_earnest(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    lines = "".join(f"25/06/2031, 08:{n} - {('Ama', 'Ben')[n % 2]}: hello {n}\n" for n in range(10, 30))
    add_exports(case, [a_file(tmp_path / "in" / "ama", lines.encode())], by=By("Ama", AT))
    (original,) = list_originals(case)
    declare = Written("d.toml", f'["{original.source_id}"]\ncustodian = "Ama"\n'.encode())
    people = Written("p.toml", b'[[different]]\nlabels = ["Ama", "Ben"]\n')
    number = note(case, "custodian", {"source": original.shown, "label": "Ben"})
    note(case, "same", {"labels": [{"label": "Ama"}, {"label": "Ben"}]})
    outcome = analyse(case, Settings(declare=declare, people=people))
    (source,) = outcome.tables["sources"].to_dicts()
    (row,) = outcome.tables["people"].to_dicts()
    assert sorted(row["labels"]) == ["Ama", "Ben"]
    assert source["custodian_id"] == row["person_id"]
    assert source["declared_custodian"] is None
    assert any("different]] number 1 has no effect: Correction 2" in warning for warning in outcome.warnings)
    withdraw(case, number, why="x", by=BY)
    withdraw(case, 2, why="x", by=BY)
    again = analyse(case, Settings(declare=declare, people=people))
    assert again.tables["sources"]["declared_custodian"].to_list() == ["Ama"]
    assert again.tables["people"].height == 2


def a_labelled_chat(n: int) -> tuple[Messages, Labels, Sources]:
    """Return so many messages that tell how to vote, each alone in its group, and their labels."""
    at = datetime(2031, 4, 1, tzinfo=UTC)
    rows = [
        dict.fromkeys(TABLES["messages"])
        | {"message_id": k, "canonical_id": k, "group_id": f"g{k}", "source_id": "a", "line": k, "kind": "text"}
        | {"text": f"In the ward ballot vote for Wiktor, {k}", "sent_at": at}
        for k in range(1, n + 1)
    ]
    messages = Messages(pl.DataFrame(rows, schema=dict(TABLES["messages"])))
    sources = Sources(pl.DataFrame({"source_id": ["a"], "path": ["choir.txt"]}))
    return messages, label_messages(messages), sources


def test_each_corrected_label_is_told_with_its_place_and_of_many_the_rest_is_counted(tmp_path: Path) -> None:
    case, (messages, labels, sources) = a_case(tmp_path), a_labelled_chat(22)
    for number in range(1, 23):
        note(case, "label", {"message_id": number, "is": "not"})
    note(case, "label", {"message_id": 1, "is": "instruction"}, who="Inés “D”")
    note(case, "label", {"message_id": 99, "is": "not"})
    none = Pictures(pl.DataFrame(schema=dict(TABLES["pictures"])))
    corrected, effect = correct_labels(labels, messages, sources, none, settings_of_case(case).corrections)
    assert effect.decided == {"flag": [1], "none": list(range(2, 23))}
    assert effect.assumed[0] == (
        "choir.txt, line 2: not an instruction, stated by “Kofi” on 2031-04-01 in correction 2 (“he told us”)."
    )
    assert effect.assumed[20:] == ["Messages of which the label was corrected: 2 more."]
    assert effect.notes == [
        "Correction 1 has no effect: message 1 has a later correction, which counts.",
        "Correction 24 has no effect: message 99 is not among the messages that were read.",
    ]
    first = corrected.filter(pl.col("label") == SLATE_LABEL)["explanation"][0]
    assert first.startswith('Stated by “Inés "D"” on 2031-04-01: an instruction (“he told us”).')
    assert correct_labels(labels, messages, sources, none, None) == (labels, Effect())


def test_corrections_that_settings_had_give_way_to_those_of_the_case(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    number = note(case, "label", {"message_id": 1, "is": "not"})
    settings = settings_of_case(case)
    assert settings_with_corrections(case, settings) == settings
    withdraw(case, number, why="a slip", by=BY)
    assert settings_with_corrections(case, settings) == Settings()
