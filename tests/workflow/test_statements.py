"""Who is who as users state it: the files of `--people` and `--declare`, what a run makes of them, and what it asks."""

import json
from pathlib import Path

import polars as pl
import pytest

from chatforensics.errors import UsageError
from chatforensics.workflow import Declared, Outcome, Settings, analyse
from chatforensics.workflow.statements import (
    describe_corrections,
    describe_declarations,
    read_corrections,
    warn_of_custodians,
)


@pytest.fixture
def phones(tmp_path: Path) -> Path:
    """Two phones with a chat each that share nobody's messages."""
    folder = tmp_path / "phones"
    for phone, people in (("one", ("Ama", "Ben")), ("two", ("Mum", "Chidi"))):
        (folder / phone).mkdir(parents=True)
        lines = [f"25/06/2024, 08:{n} - {people[n % 2]}: {phone} {n}" for n in range(10, 20)]
        (folder / phone / "chat.txt").write_text("\n".join(lines) + "\n")
    return folder


def run(phones: Path, **files: str) -> Outcome:
    out = phones.parent / "out"
    paths = {}
    for name, content in files.items():
        paths[name] = phones.parent / f"{name}.toml"
        paths[name].write_text(content)
    settings = Settings(timezone="Europe/London", people=paths.get("people"), declare=paths.get("declare"))
    return analyse([phones], out=out, settings=settings)


def labels_of(outcome: Outcome) -> list[list[str]]:
    return sorted(outcome.tables["people"]["labels"].list.sort().to_list())


def test_stated_joins_are_in_the_tables_and_in_the_assumptions_of_the_run(phones: Path) -> None:
    said = '[[same]]\nlabels = ["Ama", {label = "Mum", source = "%s"}]\nwhy = "same voice"\nwho = "Zoë"\n'
    outcome = run(phones, people=said % (phones / "two"))
    assert labels_of(outcome) == [["Ama", "Mum"], ["Ben"], ["Chidi"]]
    assert outcome.tables["joins"]["basis"].to_list() == ["stated by Zoë (same voice)"]
    told = json.loads((phones.parent / "out" / "run.json").read_text())
    assert told["parameters"]["people"] == str(phones.parent / "people.toml")
    assert f"'Ama' and 'Mum' in {phones / 'two'} are one person: stated by Zoë (same voice)." in told["assumptions"]
    assert labels_of(run(phones)) == [["Ama"], ["Ben"], ["Chidi"], ["Mum"]]


def test_a_declared_custodian_and_chat_are_kept_beside_the_sources(phones: Path) -> None:
    path = phones / "one" / "chat.txt"
    outcome = run(phones, declare=f'[\'{path}\']\ncustodian = "Ben"\nchat = "Choir"\n')
    (row,) = outcome.tables["sources"].filter(pl.col("path") == str(path)).to_dicts()
    assert (row["declared_custodian"], row["declared_chat"]) == ("Ben", "Choir")
    (ben,) = outcome.tables["people"].filter(pl.col("person_id") == row["custodian_id"])["labels"].to_list()
    assert ben == ["Ben"]
    assert not any(warning.startswith(str(phones / "one")) for warning in outcome.warnings)


def test_phones_of_unknown_custodians_are_asked_after_with_words_that_work(phones: Path) -> None:
    (warning,) = [w for w in run(phones).warnings if w.startswith(str(phones / "one"))]
    (table,) = [word for word in warning.split() if word.startswith("[")]
    assert "custodian = " in warning
    again = run(phones, declare=f'{table}\ncustodian = "Ama"\n')
    assert not any(w.startswith(str(phones / "one")) for w in again.warnings)


def test_of_many_such_phones_a_few_are_named_and_the_rest_counted() -> None:
    paths = [f"{n:02}.txt" for n in range(12)]
    sources = pl.DataFrame({"path": paths, "custodian_id": [None] * 12}, schema_overrides={"custodian_id": pl.String})
    warnings = list(warn_of_custodians(sources))
    assert len(warnings) == 6
    assert "7 further phones" in warnings[-1]
    assert not list(warn_of_custodians(sources.with_columns(custodian_id=pl.lit("p"))))


def test_one_further_phone_is_not_called_phones() -> None:
    sources = pl.DataFrame({"path": [*"abcdef"]}, schema={"path": pl.String}).with_columns(
        custodian_id=pl.lit(None, pl.String)
    )
    assert "1 further phone is" in list(warn_of_custodians(sources))[-1]


def test_what_was_declared_is_told_among_the_assumptions(phones: Path, tmp_path: Path) -> None:
    path = phones / "one" / "chat.txt"
    run(phones, declare=f'[\'{path}\']\ncustodian = "Ben"\nchat = "Choir"\ntimezone = "Africa/Accra"\n')
    (record,) = tmp_path.rglob("run.json")
    told = [x for x in json.loads(record.read_text())["assumptions"] if x.startswith("Declared")]
    assert told == [f"Declared for {path}: timezone Africa/Accra, custodian Ben, chat Choir."]


def test_of_many_declarations_twenty_are_told_and_the_rest_counted() -> None:
    told = list(describe_declarations({f"{n:02}.txt": Declared(year=2014) for n in range(21)} | {"z.txt": Declared()}))
    assert told[0] == "Declared for 00.txt: year 2014."
    assert told[20:] == ["Declared for 1 more export: see the file given to --declare."]


@pytest.mark.parametrize("key", ["custodian", "chat"])
@pytest.mark.parametrize("value", ["3", '""'])
def test_a_declaration_that_is_no_text_is_refused(phones: Path, key: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"{key} is no text"):
        run(phones, declare=f"['{phones / 'one' / 'chat.txt'}']\n{key} = {value}\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("same = 3", "[same] is no list"),
        ('[[sane]]\nlabels = ["a", "b"]', "unknown [[sane]]"),
        ('[[same]]\nlabels = ["a", "b"]\nby = "me"', "has unknown ['by']"),
        ('[[same]]\nlabels = ["a"]', "needs two labels or more"),
        ('[[different]]\nlabels = ["a", "b", "c"]', "needs two labels."),
        ('[[same]]\nlabels = ["a", 3]', "3 is no label"),
        ('[[same]]\nlabels = ["a", {label = "b", phone = "c"}]', "is no label"),
        ('[[same]]\nlabels = ["a", "b"]\nwho = ""', "who is no text"),
        ('[[custodian]]\nlabel = "a"', "source is no text"),
        ('[[custodian]]\nsource = "a"', "is no label"),
        ("same = [1]", "has unknown ['(no table)']"),
    ],
)
def test_a_slip_in_the_file_is_told_with_its_place_before_any_work(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "people.toml"
    path.write_text(content)
    with pytest.raises(UsageError) as error:
        read_corrections(path)
    assert told in str(error.value)
    assert str(path) in str(error.value)
    assert error.value.hint
    with pytest.raises(UsageError):
        analyse([tmp_path / "absent.txt"], out=tmp_path / "out", settings=Settings(people=path))


def test_without_a_name_the_file_is_the_basis(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text('[[different]]\nlabels = ["a", "b"]\n[[custodian]]\nsource = "x"\nlabel = "a"\n')
    assert describe_corrections(read_corrections(path)) == [
        "'a' and 'b' are two people: stated in people.toml.",
        "x: 'a' made the export: stated in people.toml.",
    ]
    assert describe_corrections(None) == []
