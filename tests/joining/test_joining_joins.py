"""The table `joins`: every pair of labels that a person rests on, so that each can be checked and undone."""

import networkx as nx
import polars as pl
import pytest
from joining.phones import Export, Said, join, notice, talk

from chatforensics.schema import check

PEOPLE = ("Siobhan", "Tadeusz", "Uchenna")


def rows(*exports: Export) -> list[tuple[str, str, str, str, str, int, int]]:
    """Return the joins with the exports' names in place of their ids."""
    names = {export.source_id: export.name for export in exports}
    columns = ("source_a", "label_a", "source_b", "label_b", "basis", "n", "n_against")
    found = join(*exports).joins.select(columns).rows()
    return sorted((names[a], label, names[b], *rest) for a, label, b, *rest in found)


def test_aligned_messages_are_counted_for_each_pair_of_labels() -> None:
    said = talk(12, PEOPLE[:2])
    exports = [Export("a", said), Export("b", said, labels={"Siobhan": "Mum"})]
    found = {tuple(sorted(row[:4:2] + row[1:4:2])): row[4:] for row in rows(*exports)}
    assert set(found.values()) == {("aligned messages", 6, 0)}
    assert len(found) == 2


def test_a_message_that_stands_opposite_somebody_else_is_counted_against() -> None:
    said = talk(42, PEOPLE[:2])
    resent = [Said(s.at_s, "Tadeusz", s.text) if place == 20 else s for place, s in enumerate(said)]
    exports = [Export("a", said), Export("b", resent)]
    siobhan = [row for row in rows(*exports) if row[1] == "Siobhan"]
    assert [row[4:] for row in siobhan] == [("aligned messages", 20, 1)]


def test_aligned_notices_are_counted_apart() -> None:
    said = [*talk(9, PEOPLE), notice(5000, "added", "Siobhan", "Yara"), notice(6000, "left", "Yara")]
    found = rows(Export("a", said), Export("b", said, labels={"Yara": "Yara gym"}))
    assert {row[4:6] for row in found if "Yara" in row[1]} == {("aligned notices", 2)}


@pytest.mark.parametrize("other", ["+44 7700 900222", "0044 7700 900222"])
def test_a_number_that_two_phones_print_is_a_join(other: str) -> None:
    found = rows(Export("a", talk(4, ("+44 7700 900222", "Bea"))), Export("b", talk(4, (other, "Carys"), topic="b")))
    assert [row[4:] for row in found] == [("same phone number", 1, 0)]


def test_one_label_in_several_exports_of_one_phone_is_a_join() -> None:
    said = talk(12, ("Ali", "Bea"))
    other = Export("c", talk(6, ("Ali", "Carys"), topic="c"), folder="x")
    found = rows(Export("a", said, folder="x"), Export("b", said[:8], folder="x"), other)
    of_ali = sorted(row[4] for row in found if row[1] == "Ali")
    assert of_ali == ["one label in one phone's exports of a chat", "one label in several chats of one phone"]


def test_the_exporter_stands_as_you() -> None:
    said = [
        notice(0, "created", "You"),
        *talk(6, PEOPLE, start_s=60),
        Said(9, "Siobhan", None, "deleted", deleted_by="You"),
    ]
    ((_, you, _, label, basis, *_),) = rows(Export("a", said))
    assert {you, label} == {"You", "Siobhan"}
    assert basis == 'made the export, which says "you" of a message that they deleted'


def test_a_changed_number_is_a_join() -> None:
    new = "+44 7700 900333"
    said = [*talk(4, PEOPLE), notice(5000, "number_changed", "Uchenna", new=new), Said(6000, new, "hello again")]
    ((*_, basis, n, against),) = rows(Export("a", said))
    assert (basis, n, against) == ("number change notice and later use of the number", 1, 0)


def test_a_person_alone_rests_on_no_join() -> None:
    joined = join(Export("a", talk(6, PEOPLE)))
    assert joined.joins.is_empty()
    check(joined.joins, table="joins")


def test_the_joins_of_a_person_tie_all_exports_that_show_them_together() -> None:
    said = talk(30, PEOPLE)
    exports = [Export(n, said[start:], folder=f, labels=labels) for n, start, f, labels in (
        ("a", 0, "x", {}), ("b", 3, "x", {}), ("c", 6, "y", {"Siobhan": "Mum"}), ("d", 0, "z", {"Uchenna": "~ U"}),
    )]  # fmt: skip
    joined = join(*exports, Export("e", talk(6, ("Mum", "Bea"), topic="e"), folder="y"))
    assert joined.people.height == 4
    for person in joined.people.to_dicts():
        own = joined.joins.filter(pl.col("person_id") == person["person_id"])
        graph: nx.Graph[str] = nx.Graph(own.select("source_a", "source_b").rows())
        graph.add_nodes_from(person["source_ids"])
        assert set(graph) == set(person["source_ids"])
        assert nx.number_connected_components(graph) == 1
