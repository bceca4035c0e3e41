"""What a case comes to under one set of assumptions, in the few numbers that `sensitivity` compares."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.schema import (
    SIGNIFICANT_Q,
    SLATE_LABEL,
    AnyMessages,
    Families,
    Labels,
    Links,
    Memberships,
    Namesakes,
    Pairs,
    People,
    Pictures,
    Shares,
    Sources,
)
from chatforensics.tables import scan
from chatforensics.workflow.pictures import add_picture_texts
from chatforensics.workflow.run import Tables

if TYPE_CHECKING:
    from chatforensics.diffusion import LinkModel

Results = dict[str, float | None]
_ONE = pl.coalesce("canonical_id", "message_id").alias("canonical_id")


@dataclass(frozen=True, slots=True)
class World:
    """What one set of assumptions makes of the evidence."""

    messages: AnyMessages
    memberships: Memberships
    families: Families
    shares: Shares
    links: Links
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class Case:
    """What all variations start from: the run's own results, its window and clock step, and the largest slate family.

    `told` has the messages with the words of their pictures behind their own, for what compares texts. `share_of` gives
    the share of each message, however many exports show it (`canonical_id`), and `earliest` who sent the largest family
    first in the evidence.
    """

    world: World
    told: AnyMessages
    n_records: int
    labels: Labels
    sources: pl.DataFrame
    window_s: float
    step_s: int
    namesakes: Namesakes | None
    phones: pl.DataFrame | None
    largest: frozenset[int]
    share_of: pl.DataFrame
    earliest: str | None


def open_case(tables: Tables, *, window_s: float) -> Case:
    """Return the run's own results as what all variations start from."""
    from chatforensics.coordination import list_phones

    messages: AnyMessages = scan(tables, "messages")
    told = add_picture_texts(messages, Pictures(tables["pictures"])) if "pictures" in tables else messages
    world = World(
        messages,
        Memberships(tables["memberships"]),
        Families(tables["families"]),
        Shares(tables["shares"]),
        Links(tables["links"]),
        Pairs(tables["pairs"]),
    )
    labels = Labels(tables["labels"])
    step = tables["sources"]["clock_step_s"].max()
    largest = _find_largest(world, labels)
    return Case(
        world,
        told,
        messages.lazy().select(pl.len()).collect().item(),
        labels,
        tables["sources"],
        window_s,
        step if isinstance(step, int) else 0,
        Namesakes(tables["namesakes"]) if "namesakes" in tables else None,
        list_phones(People(tables["people"]), Sources(tables["sources"])) if "people" in tables else None,
        largest,
        _share_of_messages(world, messages).select("canonical_id", was="share_id"),
        _find_earliest(world, messages, largest),
    )


def _find_largest(world: World, labels: Labels) -> frozenset[int]:
    """Return the messages of the family with the most flagged as voting instructions, else of the one most shared."""
    told = labels.filter((pl.col("label") == SLATE_LABEL) & (pl.col("decision") == "flag"))
    flagged = world.families.join(told.select("message_id"), on="message_id", how="semi").group_by("family_id").len("n")
    counts = world.shares.group_by("family_id").len("n_shares").join(flagged, on="family_id", how="left")
    order = counts.sort(pl.col("n").fill_null(0), "n_shares", "family_id", descending=[True, True, False])
    chosen = order["family_id"].head(1)
    return frozenset(world.families.filter(pl.col("family_id").is_in(chosen.implode()))["message_id"])


def follow(world: World, case: Case) -> World:
    """Return the world with the shares, links and pairs that follow from its messages, families and stays."""
    from chatforensics.diffusion import build_shares

    sent = replace(world, shares=build_shares(world.messages, world.families))
    return replace(sent, links=link(sent, case), pairs=pair(sent, case, window_s=case.window_s))


def link(world: World, case: Case, *, model: "LinkModel | None" = None) -> Links:
    """Return the links of a world, by a model or by one estimated from the world itself."""
    from chatforensics.diffusion import LinkModel, build_links

    model = LinkModel() if model is None else model
    return build_links(world.shares, world.memberships, world.messages, namesakes=case.namesakes, model=model)


def estimate_model(case: Case) -> "LinkModel":
    """Return the parameters that the case itself tells."""
    from chatforensics.diffusion import link_shares

    world = case.world
    return link_shares(world.shares, world.memberships, world.messages, namesakes=case.namesakes)[1]


def pair(world: World, case: Case, *, window_s: float) -> Pairs:
    """Return the pairs of people whose shares come within the window."""
    from chatforensics.coordination import count_hours, find_pairs

    hours, tables = count_hours(world.messages), (world.shares, world.memberships)
    return find_pairs(*tables, hours, case.phones, clock_step_s=case.step_s, window_s=window_s)


def count_all(world: World, case: Case) -> Results:
    """Return every outcome."""
    tracked = world.families.filter("tracked")["family_id"].n_unique()
    return {
        "n_families_tracked": float(tracked),
        "n_shares": float(world.shares.height),
        **count_links(world, case),
        **count_pairs(world.pairs),
        "reach": _measure_reach(world, case.largest),
        "same_earliest": _keeps_earliest(world, case),
    }


def count_flagged(labels: Labels, case: Case) -> Results:
    """Count the messages whose words are taken to tell the reader how to vote; copies count once."""
    told = labels.filter(pl.col("label") == SLATE_LABEL, pl.col("decision") == "flag").select("message_id")
    counted = told.lazy().join(case.world.messages.lazy().select("message_id", _ONE), on="message_id").collect()
    return {"n_flagged": float(counted["canonical_id"].n_unique())}


def count_pairs(pairs: Pairs) -> Results:
    """Count the significant pairs, and the groups that they hang together in."""
    import networkx as nx

    close = pairs.filter(pl.col("q_value") <= SIGNIFICANT_Q)
    graph: nx.Graph[str] = nx.Graph(close.select("person_a", "person_b").rows())
    return {"n_pairs_significant": float(close.height), "n_clusters": float(nx.number_connected_components(graph))}


def count_links(world: World, case: Case) -> Results:
    """Count the named likeliest parents, and how many decisions to send keep theirs (null where none had one)."""
    named = world.links.filter((pl.col("rank") == 1) & pl.col("parent_share_id").is_not_null()).height
    before, after = _best_parents(case.world, case), _best_parents(world, case)
    seen = after["was"].implode()
    kept = before.filter(pl.col("parent").is_in(seen)).join(after, on="was", suffix="_now")
    same = kept.select(pl.col("parent").eq_missing(pl.col("parent_now"))).to_series().mean()
    return {"n_links_named": float(named), "same_parent": float(same) if isinstance(same, float) else None}


def _best_parents(world: World, case: Case) -> pl.DataFrame:
    """Return for each decision to send its likeliest parent, both by the ids of the run's own shares: was, parent."""
    own = (
        _share_of_messages(world, case.world.messages)
        .join(case.share_of, on="canonical_id")
        .group_by("share_id")
        .agg(pl.col("was").min())
    )
    best = world.links.filter(pl.col("rank") == 1)
    firsts = best.filter(pl.col("share_id") == pl.col("burst_id"))
    parents = own.rename({"share_id": "parent_share_id", "was": "parent"})
    placed = firsts.join(own, on="share_id").join(parents, on="parent_share_id", how="left")
    return placed.select("was", parent=pl.coalesce("parent", "parent_share_id")).unique("was").sort("was")


def _share_of_messages(world: World, messages: AnyMessages) -> pl.DataFrame:
    """Return the share of each message, however many exports show it: canonical_id (as in `messages`), share_id."""
    listed = world.shares.lazy().select("share_id", message_id="message_ids").explode("message_id")
    known = listed.join(messages.lazy().select("message_id", _ONE), on="message_id")
    return known.select("canonical_id", "share_id").unique().collect()


def _shares_of_largest(world: World, largest: frozenset[int]) -> Shares:
    """Return the shares of the family that holds most of these messages."""
    among = world.families.filter("tracked", pl.col("message_id").is_in(sorted(largest)))
    counts = among.group_by("family_id").len().sort("len", "family_id", descending=[True, False])
    family = counts["family_id"].head(1)
    return Shares(world.shares.filter(pl.col("family_id").is_in(family.implode())))


def _keeps_earliest(world: World, case: Case) -> float | None:
    """Return 1 where the largest family's earliest sender is the run's own, 0 where not; null without a sender."""
    now = _find_earliest(world, case.world.messages, case.largest)
    return None if now is None or case.earliest is None else float(now == case.earliest)


def _find_earliest(world: World, messages: AnyMessages, largest: frozenset[int]) -> str | None:
    """Return who sent the largest family first, by the ids that `messages` gives people; of equal times the first."""
    first = _shares_of_largest(world, largest).sort("sent_at", "share_id")["message_ids"].head(1).explode()
    sent = messages.lazy().filter(pl.col("message_id").is_in(first.implode())).select("message_id", "person_id")
    known = sent.sort("message_id").collect()["person_id"].drop_nulls()
    return str(known[0]) if known.len() else None


def _measure_reach(world: World, largest: frozenset[int]) -> float | None:
    """Count the people who sent the family that holds most of these messages, or could read it."""
    from chatforensics.diffusion import build_edges

    shares = _shares_of_largest(world, largest)
    readers = build_edges(shares, world.memberships)["recipient_id"]
    return float(pl.concat([readers, shares["person_id"]]).n_unique())
