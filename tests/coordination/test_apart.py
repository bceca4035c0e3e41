import polars as pl
import pytest

from chatforensics import schema
from chatforensics.coordination.apart import list_phones, mark_doubles

SOURCES = schema.Sources(pl.DataFrame({"source_id": ["e1", "e2", "e3"], "custodian_id": ["nadia", "nadia", None]}))


def some_people(*rows: tuple[str, list[str], list[str]]) -> schema.People:
    names = ("person_id", "labels", "source_ids")
    return schema.People(pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows]))


def is_doubted(one: tuple[list[str], list[str]], other: tuple[list[str], list[str]]) -> bool:
    phones = list_phones(some_people(("p1", *one), ("p2", *other)), SOURCES)
    pairs = pl.DataFrame({"person_a": ["p1"], "person_b": ["p2"]})
    return bool(mark_doubles(pairs, phones).item())


@pytest.mark.parametrize(
    ("name", "export", "doubted"),
    [("~ Hana", "e3", True), ("Tunde Bello", "e3", True), ("~ Hana", "e2", False), ("Tunde Bello", "e2", False)],
)
def test_people_whom_no_phone_shows_both_may_be_one_whatever_they_are_called(
    name: str, export: str, *, doubted: bool
) -> None:
    assert is_doubted((["Hana Kovač"], ["e1"]), ([name], [export])) is doubted


def test_nobody_is_doubted_where_phones_are_not_told() -> None:
    assert mark_doubles(pl.DataFrame({"person_a": ["p1"], "person_b": ["p2"]}), None).to_list() == [False]
