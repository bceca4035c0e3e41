"""The cascade forest of one family: decisions, each below the one it most probably came from."""

from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

from chatforensics.figures.facts import Tables, decisions, scan_table, table_of
from chatforensics.figures.spread import name_wordings

# Far less than one, however many there are, but more than nothing: no row may lack the one above it.
LITTLE = 1e-9
Step: TypeAlias = tuple[str, int, str | None]


@dataclass(frozen=True)
class Branch:
    """One row of a drawn forest: a decision, its place in the tree, and how much of the tree is left out below it.

    Attributes:
        decision: The id of the burst of shares.
        step: How many decisions in the evidence stand above it.
        parent: The decision above it; None where its likeliest source is not in the evidence.
        n_hidden: How many decisions directly below it are not drawn.
    """

    decision: str
    step: int
    parent: str | None
    n_hidden: int


def build_decisions(tables: Tables, family: str) -> pl.DataFrame:
    """Return one row per decision of a family, the earliest first.

    Columns: `burst_id, person_id, sent_at` (of its first share), `shares` (list of ids, in order of time), `again`
    (its person had sent the family before: their own first decision stands above it), `parent` (the likeliest
    decision before; null: not in the evidence), `parent_share_id` (the share of it), `probability` (of what stands
    above), `unseen` (that the source is not in the evidence), `others` (probabilities of the other candidates in the
    evidence, the likeliest first).
    """
    shares = table_of(tables, "shares").drop_nulls("sent_at").filter(pl.col("family_id") == family)
    known = shares.join(decisions(tables, shares), on="share_id").sort("sent_at", "share_id")
    made = known.group_by("burst_id", maintain_order=True).agg(
        pl.col("person_id", "sent_at").first(), pl.col("share_id").alias("shares")
    )
    own = pl.col("burst_id").first().over("person_id")
    made = made.with_columns(before=pl.when(pl.col("person_id").is_not_null() & (own != pl.col("burst_id"))).then(own))
    weighed = _weighed(scan_table(tables, "links"), made.select("burst_id", share_id=pl.col("shares").list.first()))
    holders = known.select("burst_id", parent_share_id="share_id").rename({"burst_id": "holder"})
    joined = made.join(weighed, on="burst_id", how="left").join(holders, on="parent_share_id", how="left")
    again = pl.col("before").is_not_null()
    return joined.select(
        "burst_id",
        "person_id",
        "sent_at",
        "shares",
        again=again,
        parent=pl.coalesce("before", "holder"),
        parent_share_id=pl.when(~again).then("parent_share_id"),
        probability=pl.when(~again).then("probability"),
        unseen=pl.when(~again).then("unseen"),
        others=pl.when(again).then(pl.lit([], pl.List(pl.Float32))).otherwise(pl.col("others").fill_null([])),
    ).sort("sent_at", "burst_id")


def _weighed(links: pl.LazyFrame, first: pl.DataFrame) -> pl.DataFrame:
    """Return for each decision its likeliest source and what speaks for others; all its shares have the same."""
    own = links.join(first.lazy(), on="share_id").collect(engine="streaming")
    own = own.sort("burst_id", "rank", "parent_share_id", nulls_last=True)
    unseen = pl.col("parent_share_id").is_null()
    others = pl.col("probability").filter((pl.col("rank") > 1) & ~unseen)
    return own.group_by("burst_id", maintain_order=True).agg(
        pl.col("parent_share_id").first(),
        pl.col("probability").first(),
        pl.col("probability").filter(unseen).sum().alias("unseen"),
        others.alias("others"),
    )


def grow_branches(made: pl.DataFrame, *, most: int) -> list[Branch]:
    """Return the rows of the forest from top to bottom; of a larger one, the decisions with most others below them.

    What is drawn is whole upwards: above each drawn decision stand all those it came from. What somebody sent again
    counts for little: it is drawn where there is room.
    """
    order = made["burst_id"].to_list()
    worth = {one: LITTLE if again else 1.0 for one, again in made.select("burst_id", "again").iter_rows()}
    walk = walk_trees(order, dict(made.select("burst_id", "parent").iter_rows()))
    kept = keep_most(order, walk, worth, most=most)
    hidden = dict.fromkeys(order, 0)
    for decision, _, parent in walk:
        if parent is not None and decision not in kept:
            hidden[parent] += 1
    return [Branch(one, step, parent, hidden[one]) for one, step, parent in walk if one in kept]


def keep_most(order: list[str], walk: list[Step], worth: dict[str, float], *, most: int) -> set[str]:
    """Return the members of the trees below whom most is worth most; with each, all above it are kept.

    Among those with nothing below them, the worthier come first, then those earlier in the order.
    """
    below = dict.fromkeys(order, 0.0)
    for member, _, parent in reversed(walk):
        if parent is not None:
            below[parent] += below[member] + worth[member]
    rank = {member: at for at, member in enumerate(order)}
    return set(sorted(order, key=lambda one: (-below[one], -worth[one], rank[one]))[:most])


def walk_trees(order: list[str], parents: dict[str, str | None]) -> list[Step]:
    """Return each member with its step and parent, in order, each followed by what came from it."""
    children: dict[str, list[str]] = {decision: [] for decision in order}
    roots: list[str] = []
    for decision in order:
        children.get(parents[decision] or "", roots).append(decision)
    found: list[Step] = []
    waiting: list[Step] = [(root, 0, None) for root in reversed(roots)]
    while waiting:
        decision, step, parent = waiting.pop()
        found.append((decision, step, parent))
        waiting += [(child, step + 1, decision) for child in reversed(children[decision])]
    return found


def list_decisions(
    made: pl.DataFrame, drawn: list[str], shares: pl.DataFrame, names: tuple[dict[str, str], dict[str, str]]
) -> pl.DataFrame:
    """Return the table twin of a forest: one row per share, with its source and what speaks for it."""
    persons, chats = names
    sender = pl.col("person_id").replace_strict(persons, default=None, return_dtype=pl.String)
    parents = made.select(parent="burst_id", source=sender, parent_at="sent_at")
    own = made.with_columns(decision=pl.int_range(1, pl.len() + 1)).join(parents, on="parent", how="left")
    rows = own.explode("shares").join(
        shares.select("chat_id", "variant_id", "message_ids", shares="share_id", at="sent_at"), on="shares"
    )
    wordings = name_wordings(shares)
    return rows.sort("at", "shares").select(
        "decision",
        pl.col("at").alias("time (UTC)"),
        sender.alias("sender"),
        pl.col("chat_id").replace_strict(chats, return_dtype=pl.String).alias("chat"),
        pl.col("variant_id").replace_strict(wordings, return_dtype=pl.String).alias("wording"),
        pl.when("again")
        .then(pl.lit("own share before"))
        .when(pl.col("parent").is_not_null())
        .then("source")
        .when(pl.col("probability").is_not_null())
        .then(pl.lit("not in the evidence"))
        .alias("likeliest source"),
        pl.col("probability").alias("probability of that"),
        pl.col("unseen").alias("probability that the source is not in the evidence"),
        pl.col("others").list.len().cast(pl.Int64).alias("other candidates"),
        pl.col("others").list.first().alias("probability of the next"),
        pl.col("burst_id").is_in(drawn).alias("in the picture"),
        "message_ids",
    )
