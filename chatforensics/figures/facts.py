"""What several charts need to know about the tables."""

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from chatforensics.schema import SLATE_LABEL, empty
from chatforensics.tables import put_together, scan

_GRAVITY = {"none": 0, "review": 1, "flag": 2}
Tables = Mapping[str, pl.DataFrame]
MOST_LISTED = 1_000  # rows of a table beside a figure whose messages are listed; the page shows the first hundred
MESSAGES_BEHIND = pl.col("message_ids").explode().drop_nulls().unique().sort().alias("message_ids")


def table_of(tables: Tables, name: str) -> pl.DataFrame:
    """Return the named table, or an empty one where the case has none."""
    return tables[name] if name in tables else empty(name)


def scan_table(tables: Tables, name: str) -> pl.LazyFrame:
    """Return the named table to be read in part, or an empty one where the case has none."""
    return scan(tables, name) if name in tables else empty(name).lazy()


def sent_again(tables: Tables) -> pl.DataFrame:
    """Return the shares of a text by somebody who had shared it before: `share_id`. Their source is their own share."""
    shares = table_of(tables, "shares").select("share_id", "family_id", "person_id", "sent_at")
    shares = shares.drop_nulls(["person_id", "sent_at"]).sort("sent_at", "share_id")
    return shares.filter(~pl.struct("person_id", "family_id").is_first_distinct()).select("share_id")


def best_parents(tables: Tables) -> pl.DataFrame:
    """Return each share's most probable named parent: `share_id, parent_share_id, probability, rank`.

    The real source may not be in the evidence even where a parent is named; `rank` above 1 says that this is likelier.
    What somebody sent again has no parent but their own share before.
    """
    named = _links(tables).filter(pl.col("parent_share_id").is_not_null()).collect(engine="streaming")
    return named.sort("share_id", "rank", "parent_share_id").unique("share_id", keep="first", maintain_order=True)


def unknown_sources(tables: Tables) -> pl.DataFrame:
    """Return the shares whose likeliest source is not in the evidence: `share_id, probability`."""
    likeliest = _links(tables).filter(pl.col("parent_share_id").is_null() & (pl.col("rank") == 1))
    return likeliest.select("share_id", "probability").collect(engine="streaming")


def _links(tables: Tables) -> pl.LazyFrame:
    """Return what speaks for each source of each share but those that somebody sent again."""
    links = scan_table(tables, "links").select("share_id", "parent_share_id", "probability", "rank")
    return links.join(sent_again(tables).lazy(), on="share_id", how="anti")


def labelled_messages(tables: Tables) -> pl.DataFrame:
    """Return the copies of each message, all with what counts of it, and its decision on `slate_instruction`.

    Notices are left out. Columns: `canonical_id, message_id, is_first` (of its copies: a message counts there),
    `person_id` and `sent_local` of that first copy (`sent_at` where an export has no local time), `decision` (the
    gravest among the copies) and `shared` (part of a share of a tracked family).
    """
    shared = table_of(tables, "shares")["message_ids"].explode().drop_nulls()
    labels = table_of(tables, "labels").lazy().filter(pl.col("label") == SLATE_LABEL)
    decision = pl.col("decision").replace_strict(_GRAVITY, default=0, return_dtype=pl.Int8).alias("gravity")
    messages = scan_table(tables, "messages")
    people = messages.select(pl.col("person_id").unique().drop_nulls().sort()).collect().to_series()
    copies = (
        messages.filter(pl.col("kind") != "system")
        .select(
            "message_id",
            pl.col("canonical_id").fill_null(pl.col("message_id")),
            pl.col("person_id").cast(pl.Enum(people)),
            pl.coalesce("sent_local", pl.col("sent_at").dt.replace_time_zone(None)),
        )
        .join(labels.select("message_id", decision).unique("message_id"), on="message_id", how="left")
        .with_columns(pl.col("gravity").fill_null(0), shared=pl.col("message_id").is_in(shared.implode()))
        .sort("canonical_id", "message_id")
        .collect()
    )
    return _tell_of_all(copies) if copies.height else copies.drop("gravity").with_columns(is_first=True, decision=None)


def _tell_of_all(copies: pl.DataFrame) -> pl.DataFrame:
    """Give every copy the person and time of the first one, and the gravest decision; copies stand together."""
    is_first = np.append(True, np.diff(copies["canonical_id"].to_numpy()) != 0)
    starts = np.flatnonzero(is_first)
    place = np.cumsum(is_first) - 1
    gravity = np.maximum.reduceat(copies["gravity"].to_numpy(), starts)
    shared = np.logical_or.reduceat(copies["shared"].to_numpy(), starts)
    names = pl.Series(list(_GRAVITY), dtype=pl.Enum(list(_GRAVITY)))
    return copies.select(
        "canonical_id",
        "message_id",
        copies["person_id"].gather(starts[place]),
        copies["sent_local"].gather(starts[place]),
        is_first=pl.Series(is_first),
        decision=names.gather(gravity[place]),
        shared=pl.Series(shared[place]),
    )


def focus_on_instructions(tables: Tables) -> tuple[Tables, bool]:
    """Narrow the tables to families sent more than once that tell people how to vote; say whether there are such.

    Arrows of unrelated texts, drawn together, would seem to run back in time. Where no such family was sent twice,
    the tables stay as they are. Of who reached whom, the families and the people are kept.
    """
    families = instructing_families(tables)
    if families.is_empty():
        return tables, False
    edges = scan_table(tables, "edges").select("family_id", "sender_id", "recipient_id")
    own = edges.join(families.to_frame().lazy(), on="family_id", how="semi").collect(engine="streaming")
    return put_together(of_families(tables, families), {"edges": own}), True


def instructing_families(tables: Tables) -> pl.Series:
    """Return the families sent more than once that tell people how to vote."""
    shares = table_of(tables, "shares").select("family_id", "message_ids")
    labels = table_of(tables, "labels").filter(
        pl.col("label") == SLATE_LABEL, pl.col("decision").is_in(["flag", "review"])
    )
    if (labels["decision"] == "flag").any():  # with flagged texts at hand, unsure ones would only blur the picture
        labels = labels.filter(pl.col("decision") == "flag")
    told = shares.explode("message_ids").join(labels, left_on="message_ids", right_on="message_id", how="semi")
    repeated = shares.group_by("family_id").len().filter(pl.col("len") > 1)
    return repeated.join(told, on="family_id", how="semi")["family_id"]


def of_families(tables: Tables, families: Iterable[str]) -> Tables:
    """Narrow shares and their links to some families."""
    own = pl.DataFrame({"family_id": pl.Series(families, dtype=pl.String)})
    shares = table_of(tables, "shares").join(own, on="family_id", how="semi", maintain_order="left")
    links = scan_table(tables, "links").join(shares.lazy().select("share_id"), on="share_id", how="semi")
    return put_together(tables, {"shares": shares, "links": links.collect(engine="streaming")})


def is_earliest(times: pl.Expr) -> pl.Expr:
    """Say which times may be the earliest: a phone that prints no seconds leaves the order within a minute open."""
    first = times.min()
    prints_seconds = first.dt.second() != 0
    return pl.when(prints_seconds).then(times == first).otherwise(times.dt.truncate("1m") == first.dt.truncate("1m"))


def name_earliest(names: list[str]) -> str:
    """Say who sent first in the evidence; where the times do not tell several apart, all of them."""
    *others, last = names
    if not others:
        return f"Earliest sender in the evidence: {last}"
    return f"Earliest senders in the evidence: {', '.join(others)} and {last}, same minute"


def count_of(n: int, thing: str, things: str = "") -> str:
    """Return the number with its noun, in the singular where it is one."""
    return f"{n:,} {thing if n == 1 else things or thing + 's'}"


def decisions(tables: Tables, shares: pl.DataFrame) -> pl.DataFrame:
    """Return the decision, a burst of shares sent one after another, that each of some shares belongs to.

    A share of which the links do not tell stands for itself. Columns: `share_id, burst_id`.
    """
    links, own = scan_table(tables, "links"), shares.select("share_id")
    if "burst_id" not in links.collect_schema():
        return own.with_columns(burst_id=pl.col("share_id"))
    told = links.select("share_id", "burst_id").drop_nulls().join(own.lazy(), on="share_id", how="semi")
    known = told.unique("share_id", keep="any").collect(engine="streaming")
    return own.join(known, on="share_id", how="left").with_columns(pl.col("burst_id").fill_null(pl.col("share_id")))


def families_to_draw(tables: Tables, *, most: int) -> list[str]:
    """Return the families that are drawn one by one; see `order_families`."""
    return order_families(tables)["family_id"].head(most).to_list()


def order_families(tables: Tables) -> pl.DataFrame:
    """Return the families sent more than once, those that tell people how to vote first: `family_id, has_branches`.

    Among them come first those with most shares whose likeliest source is in the evidence, then those with most shares.
    Where there is such a share, the family has branches.
    """
    told = instructing_families(tables).to_frame().with_columns(told=pl.lit(value=True))
    likeliest = _links(tables).filter(pl.col("parent_share_id").is_not_null() & (pl.col("rank") == 1))
    traced = likeliest.select(pl.col("share_id").unique(), traced=1).collect(engine="streaming")
    shares = table_of(tables, "shares").select("family_id", "share_id", "sent_at")
    shares = shares.join(traced, on="share_id", how="left").with_columns(
        has_branches=pl.col("traced").is_not_null().any().over("family_id")
    )
    sizes = shares.drop_nulls("sent_at").group_by("family_id", "has_branches").agg(pl.len(), pl.col("traced").sum())
    order = sizes.filter(pl.col("len") > 1).join(told, on="family_id", how="left")
    order = order.with_columns(pl.col("told").fill_null(value=False))
    order = order.sort("told", "traced", "len", "family_id", descending=[True, True, True, False])
    return order.select("family_id", "has_branches")


def show_percent(probability: float) -> str:
    """Return a probability in percent that never claims certainty: `>99 %`, not `100 %`."""
    if probability > 0.99:  # noqa: PLR2004 - as it is printed
        return ">99 %"
    return "<1 %" if probability < 0.01 else f"{probability:.0%}".replace("%", " %")  # noqa: PLR2004 - as it is printed
