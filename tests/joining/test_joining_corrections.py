"""What somebody states of who is who, and what follows from it: joins added, the weakest joins undone, nothing else."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import Export, join, label_of, tables, talk

from chatforensics.errors import UsageError
from chatforensics.joining import Corrections, Joined, Label, Statement, join_exports
from chatforensics.schema import Sources

PEOPLE = ("Siobhan", "Tadeusz", "Uchenna")
SAID = talk(12, PEOPLE)
APART = [Export("a", SAID), Export("b", talk(12, ("Mum", "Ondine"), topic="b"))]
TOGETHER = [Export("a", SAID), Export("b", SAID, labels={"Siobhan": "Mum"})]
TWICE = [Export(t, talk(8, ("~ Ali", other), topic=t), folder="x") for t, other in (("a", "Bea"), ("b", "Carys"))]


def state(kind: str, *labels: str | tuple[str, str], number: int = 1, source: str | None = None) -> Statement:
    listed = tuple(Label(x) if isinstance(x, str) else Label(*x) for x in labels)
    said = "stated by Ada Byrne (she knows them)"
    return Statement(kind, listed, said, f"people.toml: [[{kind}]] number {number}", source)  # type: ignore[arg-type]


def correct(exports: list[Export], *statements: Statement) -> Joined:
    return join(*exports, corrections=Corrections(statements))


def picture(joined: Joined) -> list[list[str]]:
    """Return who is who, without the reasons."""
    return sorted(joined.people["labels"].list.sort().to_list())


def test_two_labels_stated_to_be_one_person_are_one_and_say_so() -> None:
    joined = correct(APART, state("same", "Siobhan", "Mum"))
    assert label_of(joined, "Siobhan") == label_of(joined, "Mum")
    (person,) = joined.people.filter(pl.col("labels").list.contains("Mum")).to_dicts()
    assert person["basis"] == "2 labels in 2 phones: stated by Ada Byrne (she knows them)"
    assert sorted(person["source_ids"]) == sorted(export.source_id for export in APART)
    (row,) = joined.joins.filter(pl.col("basis").str.starts_with("stated")).to_dicts()
    assert {row["label_a"], row["label_b"]} == {"Siobhan", "Mum"}


def test_two_labels_stated_to_be_two_people_are_two_and_say_so() -> None:
    joined = correct(TOGETHER, state("different", "Siobhan", "Mum"))
    assert label_of(joined, "Siobhan").isdisjoint(label_of(joined, "Mum"))
    (person,) = joined.people.filter(pl.col("labels").list.contains("Mum")).to_dicts()
    assert person["basis"] == (
        "one label in one phone: not 'Siobhan': stated by Ada Byrne (she knows them) (joins undone: 1)"
    )
    assert joined.joins.filter(pl.col("label_b") == "Mum").is_empty()


NAMESAKES = [Export(t, talk(8, ("Ondine Achebe", other), topic=t)) for t, other in (("a", "Bea"), ("b", "Carys"))]


def test_namesakes_are_listed_until_somebody_states_that_they_are_one_or_two() -> None:
    assert join(*NAMESAKES).namesakes["name"].to_list() == ["achebe ondine"]
    both = [("Ondine Achebe", export.source_id) for export in NAMESAKES]
    for kind in ("same", "different"):
        assert correct(NAMESAKES, state(kind, *both)).namesakes.is_empty()
    assert len(label_of(correct(NAMESAKES, state("different", *both)), "Ondine Achebe")) == 2


def test_one_label_of_one_phone_can_be_told_apart_by_its_exports() -> None:
    assert len(label_of(join(*TWICE), "~ Ali")) == 1
    joined = correct(TWICE, state("different", ("~ Ali", "a.txt"), ("~ Ali", TWICE[1].source_id)))
    assert len(label_of(joined, "~ Ali")) == 2


def test_only_the_weakest_join_of_each_way_is_undone() -> None:
    other = Export("c", TWICE[0].said, labels={"~ Ali": "Ali"})
    last = Export("d", TWICE[1].said, labels={"~ Ali": "A."})
    before = join(*TWICE, other, last)
    assert label_of(before, "Ali") == label_of(before, "A.")
    joined = correct([*TWICE, other, last], state("different", "Ali", "A."))
    assert {tuple(sorted(x)) for x in joined.people["labels"].to_list() if "~ Ali" in x} == {
        ("Ali", "~ Ali"),
        ("A.", "~ Ali"),
    }
    lost = before.joins.height - joined.joins.height
    assert lost == 1


def test_a_stated_exporter_stands_in_for_the_inferred_one() -> None:
    chats = [Export(t, talk(6, ("Siobhan", o), topic=t), folder="x") for t, o in zip("abc", "DEF", strict=True)]
    assert [*{*join(*chats).sources["custodian_id"]}] == [*label_of(join(*chats), "Siobhan")]
    joined = correct(chats, state("custodian", "D", source="x"))
    assert {*joined.sources["custodian_id"]} == label_of(joined, "D")
    assert joined.joins.filter(pl.col("label_b") == "D")["basis"].to_list() == ["stated by Ada Byrne (she knows them)"]


def test_an_exporter_who_posts_nowhere_is_stated_as_another_phone_prints_them() -> None:
    joined = correct(APART, state("custodian", "Mum", source="a.txt"))
    assert joined.sources.sort("path")["custodian_id"].to_list() == [*label_of(joined, "Mum"), None]


def test_you_of_a_phone_may_be_stated_to_be_somebody() -> None:
    joined = correct(APART, state("same", ("You", "a.txt"), ("Ondine", "b.txt")))
    assert joined.sources.sort("path")["custodian_id"].to_list() == [*label_of(joined, "Ondine"), None]


def declared(labels: dict[str, str]) -> Joined:
    sources, messages, events = tables(*TWICE)
    told = pl.col("path").replace_strict(labels, default=None, return_dtype=pl.String)
    told_sources = Sources(sources.with_columns(declared_custodian=told))
    return join_exports(told_sources, messages, events, timezone="UTC")


def test_a_custodian_declared_of_one_export_made_all_of_that_phone() -> None:
    joined = declared({"a.txt": "Bea"})
    assert {*joined.sources["custodian_id"]} == label_of(joined, "Bea")
    assert joined.joins.filter(pl.col("label_b") == "Bea")["basis"].to_list() == ["made the export: declared"]
    with pytest.raises(UsageError, match=r"--declare: \['[ab].txt'\].*'Bea'"):
        declared({"a.txt": "Bea", "b.txt": "Carys"})


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        ([state("same", "Siobhan", "Nobody")], "'Nobody' is no label in any export"),
        ([state("same", "Siobhan", ("Mum", "a.txt"))], "'Mum' is no label in a.txt"),
        ([state("same", "Siobhan", ("Mum", "c.txt"))], "'c.txt' is no export. Use one as read"),
        ([state("same", "Siobhan", "Tadeusz"), state("different", "Siobhan", "Tadeusz")], "contradicts"),
        ([state("different", ("Mum", "b.txt"), "Mum")], "one label that one phone prints in one chat"),
        ([state("custodian", "Mum", source="b.txt"), state("custodian", "Ondine", source="b.txt")], "names 'Mum'"),
    ],
)
def test_a_statement_that_cannot_be_says_what_and_where(statements: list[Statement], told: str) -> None:
    with pytest.raises(UsageError) as error:
        correct(APART, *statements)
    assert told in str(error.value)
    assert "people.toml: [[" in str(error.value)
    assert error.value.hint


def test_a_label_of_two_phones_needs_its_export() -> None:
    exports = [*APART, Export("c", talk(6, ("Mum", "Bea"), topic="c"))]
    with pytest.raises(UsageError, match=r"'Mum' is a label of 2 phones. Add source"):
        correct(exports, state("same", "Siobhan", "Mum"))
    joined = correct(exports, state("same", "Siobhan", ("Mum", "c.txt")))
    assert len(label_of(joined, "Mum")) == 2


def test_three_statements_that_cannot_all_hold_are_refused() -> None:
    chain = [state("same", "Siobhan", "Mum"), state("same", "Mum", "Tadeusz", number=2)]
    with pytest.raises(UsageError, match="contradicts"):
        correct(APART, *chain, state("different", "Siobhan", "Tadeusz"))


CASE = [*TOGETHER, Export("c", talk(12, ("Siobhan", "Ondine"), topic="c"))]
SHOWN = [("Siobhan", "a.txt"), ("Mum", "b.txt"), ("Uchenna", "a.txt"), ("Uchenna", "b.txt"), ("Siobhan", "c.txt")]


@pytest.fixture(scope="module")
def before() -> Joined:
    return join(*CASE)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.permutations(SHOWN))
def test_a_statement_changes_the_picture_or_repeats_it_and_its_opposite_does_the_other(
    before: Joined,
    shown: list[tuple[str, str]],
) -> None:
    changed, kept = [correct(CASE, state(kind, *shown[:2])) for kind in ("same", "different")]
    pictures = [picture(x) for x in (changed, kept)]
    assert pictures.count(picture(before)) == 1
    with pytest.raises(UsageError, match="contradicts"):
        correct(CASE, state("same", *shown[:2]), state("different", *shown[:2]))
