"""What somebody states of who is who: taken as data, beside what the exports show, and undone by leaving it out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal

import polars as pl

from chatforensics.errors import UsageError
from chatforensics.joining.linking import MESSAGES, NOTICES, SAME_LABEL, SAME_NUMBER
from chatforensics.joining.people import EXPORTER, YOU
from chatforensics.joining.records import plain_label
from chatforensics.schema import Sources

DECLARED = "made the export: declared"
_SHOWN = 3  # labels or exports named in an error as examples
_STATED, _UNKNOWN = 0, 4
_RANKS = {SAME_NUMBER: 1, MESSAGES: 2, NOTICES: 3, SAME_LABEL: 5}


@dataclass(frozen=True)
class Label:
    """A label as a phone prints it; `source` is the path, `source_id` or folder that prints it, null if one does."""

    label: str
    source: str | None = None


@dataclass(frozen=True)
class Statement:
    """One statement: two labels are the same or different people, or who made the exports of `source`.

    `said` becomes the basis of what follows from it, `where` tells in errors which statement it is.
    """

    kind: Literal["same", "different", "custodian"]
    labels: tuple[Label, ...]
    said: str
    where: str
    source: str | None = None


@dataclass(frozen=True)
class Corrections:
    """Statements of who is who, and the `source_id`s of each path, folder and id that they may name."""

    statements: tuple[Statement, ...] = ()
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Statement]:
        """Return the statements of one kind."""
        return [statement for statement in self.statements if statement.kind == kind]


@dataclass(frozen=True)
class Corrected:
    """The links that stand; of those told apart by a statement, what to say (`node`, `note`) and who (`a`, `b`)."""

    links: pl.DataFrame
    notes: pl.DataFrame
    apart: pl.DataFrame


def settle_corrections(corrections: Corrections | None, sources: Sources) -> Corrections:
    """Look up the exports that statements name, and add the custodians declared of single exports.

    Raises:
        UsageError: a statement names an export that is not among the sources.
    """
    stated = corrections or Corrections()
    places: dict[str, set[str]] = {}
    for column in ("source_id", "path", "folder"):
        for source_id, key in sources.select("source_id", key=column).drop_nulls().iter_rows():
            places.setdefault(_plain_path(key), set()).add(source_id)
    for statement in stated.statements:
        for name in (statement.source, *(label.source for label in statement.labels)):
            if name is not None and _plain_path(name) not in places:
                known = _list_few(sorted(places))
                raise UsageError(
                    f"{statement.where}: '{name}' is no export.", hint=f"Use one as read, such as {known}."
                )
    declared = _read_declared(sources)
    kept = {name: frozenset(held) for name, held in places.items()}
    return replace(stated, statements=(*stated.statements, *declared), places=kept)


def _plain_path(name: str) -> str:
    return name.rstrip("/\\") or name


def _read_declared(sources: Sources) -> Iterable[Statement]:
    if "declared_custodian" not in sources.columns:
        return ()
    told = sources.drop_nulls("declared_custodian").sort("source_id")
    return [
        Statement("custodian", (Label(label),), DECLARED, f"--declare: ['{path}']", source_id)
        for source_id, path, label in told.select("source_id", "path", "declared_custodian").iter_rows()
    ]


def name_exporters(inferred: pl.DataFrame, nodes: pl.DataFrame, stated: Corrections) -> pl.DataFrame:
    """Return the nodes of each phone's owner: `phone`, `node`, `reason`; a statement stands in for what was inferred.

    Raises:
        UsageError: a statement names a label that is not there, or two name different owners of one phone.
    """
    schema = {"phone": pl.String, "node": pl.Int64, "reason": pl.String}
    told: dict[str, tuple[set[int], Statement]] = {}
    for statement in stated.of_kind("custodian"):
        for phone in _find_phones(statement, nodes, stated):
            found = _find_owner(statement, phone, nodes, stated)
            before = told.setdefault(phone, (found, statement))
            if before[0] != found:
                raise UsageError(
                    f"{statement.where}: '{statement.labels[0].label}' made the export, but {before[1].where} names "
                    f"'{before[1].labels[0].label}'.",
                    hint="All exports in one folder come from one phone: keep one of the two.",
                )
    rows = [(phone, node, told[phone][1].said) for phone in sorted(told) for node in sorted(told[phone][0])]
    automatic = inferred.join(nodes, on=["phone", "label"]).select(*schema)
    return pl.concat([pl.DataFrame(rows, schema, orient="row"), automatic.filter(~pl.col("phone").is_in(list(told)))])


def _find_phones(statement: Statement, nodes: pl.DataFrame, stated: Corrections) -> list[str]:
    wanted = list(stated.places[_plain_path(str(statement.source))])
    owners = nodes.filter((pl.col("label") == EXPORTER) & _is_held(wanted))
    return owners["phone"].unique().sort().to_list()


def _find_owner(statement: Statement, phone: str, nodes: pl.DataFrame, stated: Corrections) -> set[int]:
    """Return the nodes of an owner's label, first looked for in the phone itself."""
    (label,) = statement.labels
    own = nodes.filter((pl.col("phone") == phone) & (pl.col("label") == _plain(label.label)))
    if label.source is None and own.height:
        return set(own["node"])
    return find_nodes(label, statement, nodes, stated)


def find_nodes(label: Label, statement: Statement, nodes: pl.DataFrame, stated: Corrections) -> set[int]:
    """Return the nodes that a label of a statement means.

    Raises:
        UsageError: no export prints it, or several phones do and none is named.
    """
    found = nodes.filter(pl.col("label") == _plain(label.label))
    if label.source is not None:
        found = _narrow(label, nodes, found, list(stated.places[_plain_path(label.source)]))
    elif found["phone"].n_unique() > 1:
        few = _list_few(found.explode("held", empty_as_null=True)["held"].unique().sort().to_list())
        raise UsageError(
            f"{statement.where}: '{label.label}' is a label of {found['phone'].n_unique()} phones.",
            hint=f"Add source = one of their exports or folders (source_id {few}).",
        )
    if found.is_empty():
        place = f"in {label.source}" if label.source else "in any export"
        raise UsageError(f"{statement.where}: '{label.label}' is no label {place}.", hint="Copy it from table people.")
    return set(found["node"])


def _narrow(label: Label, nodes: pl.DataFrame, found: pl.DataFrame, wanted: list[str]) -> pl.DataFrame:
    """Keep the nodes of some exports; `You` means their owner, unless a contact is called so."""
    here = found.filter(_is_held(wanted))
    if here.is_empty() and label.label == YOU:
        return nodes.filter((pl.col("label") == EXPORTER) & _is_held(wanted))
    return here


def _is_held(wanted: list[str]) -> pl.Expr:
    return pl.col("held").list.set_intersection(sorted(wanted)).list.len() > 0


def _plain(label: str) -> str:
    return str(pl.select(plain_label(pl.lit(label))).item())


def _list_few(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN])


def apply_corrections(nodes: pl.DataFrame, links: pl.DataFrame, stated: Corrections) -> Corrected:
    """Add the links that statements make, and undo those that join whom a statement tells apart.

    Links are laid from the strongest to the weakest, statements first, one label in several chats last; a link that
    would join two people told apart is left out. So only the weakest link of each way between them is undone, and
    nothing else changes.

    Args:
        nodes: As made by `list_labels`.
        links: Found in the exports: nodes `a`, `b`, `reason`, `n`, `n_against`.
        stated: The statements.

    Raises:
        UsageError: a statement names a label that is not there, or contradicts another.
    """
    notes: dict[str, list[object]] = {"node": [], "note": []}
    every = pl.concat([_state_same(nodes, stated, links.schema), links])
    apart = {
        place: _find_sides(statement, nodes, stated) for place, statement in enumerate(stated.of_kind("different"))
    }
    undone = _find_undone(every, apart, stated) if apart else {}
    cut = {row for rows in undone.values() for row in rows}
    for place, statement in enumerate(stated.of_kind("different")):
        n = len(undone.get(place, ()))
        for mine, other in (0, 1), (1, 0):
            for node in sorted(apart[place][mine]):
                notes["node"].append(node)
                notes["note"].append(f"not '{statement.labels[other].label}': {statement.said} (joins undone: {n})")
    kept = every.with_row_index("row").filter(~pl.col("row").is_in(sorted(cut))).drop("row")
    pairs = sorted({pair for one, other in apart.values() for pair in product(one, other)})
    told = pl.DataFrame(pairs, {"a": pl.Int64, "b": pl.Int64}, orient="row")
    return Corrected(kept, pl.DataFrame(notes, {"node": pl.Int64, "note": pl.String}), told)


def _state_same(nodes: pl.DataFrame, stated: Corrections, schema: pl.Schema) -> pl.DataFrame:
    rows: list[tuple[int, int, str, int, int]] = []
    for statement in stated.of_kind("same"):
        found = sorted(set().union(*(find_nodes(label, statement, nodes, stated) for label in statement.labels)))
        rows += [(found[0], node, statement.said, 1, 0) for node in found[1:]]
    return pl.DataFrame(rows, schema, orient="row")


def _find_sides(statement: Statement, nodes: pl.DataFrame, stated: Corrections) -> tuple[set[int], set[int]]:
    one, other = (find_nodes(label, statement, nodes, stated) for label in statement.labels)
    if one & other:
        raise UsageError(
            f"{statement.where}: both are one label that one phone prints in one chat.",
            hint="Nothing in an export tells two people under one label apart.",
        )
    return one, other


def _find_undone(
    links: pl.DataFrame, apart: Mapping[int, tuple[set[int], set[int]]], stated: Corrections
) -> dict[int, set[int]]:
    """Return the rows of the links left out, by the statement that asks for it."""
    said = [statement.said for statement in stated.statements]
    found = pl.col("reason").replace_strict(_RANKS, default=_UNKNOWN, return_dtype=pl.Int64)
    rank = pl.when(pl.col("reason").is_in(said)).then(_STATED).otherwise(found)
    ordered = links.with_row_index("row").with_columns(rank=rank)
    ordered = ordered.sort("rank", pl.col("n_against") - pl.col("n"), "a", "b", "row")
    sides: dict[int, set[tuple[int, int]]] = {}
    for place, pair in apart.items():
        for side, held in enumerate(pair):
            for node in held:
                sides.setdefault(node, set()).add((place, side))
    return _lay_links(ordered, sides, stated)


def _lay_links(
    ordered: pl.DataFrame, sides: dict[int, set[tuple[int, int]]], stated: Corrections
) -> dict[int, set[int]]:
    """Lay links one by one and leave out each that would bring two sides of a statement together."""
    parents: dict[int, int] = {}
    undone: dict[int, set[int]] = {}
    for row, a, b, rank, reason in ordered.select("row", "a", "b", "rank", "reason").iter_rows():
        one, other = _find_root(parents, a), _find_root(parents, b)
        clash = {place for place, side in sides.get(one, ()) if (place, 1 - side) in sides.get(other, ())}
        if clash and rank == _STATED:
            statement = stated.of_kind("different")[min(clash)]
            raise UsageError(f"{statement.where} contradicts what is {reason}.", hint="Keep one of the two statements.")
        for place in clash:
            undone.setdefault(place, set()).add(row)
        if not clash and one != other:
            parents[other] = one
            sides[one] = sides.get(one, set()) | sides.get(other, set())
    return undone


def _find_root(parents: dict[int, int], node: int) -> int:
    while node in parents:
        node = parents[node]
    return node
