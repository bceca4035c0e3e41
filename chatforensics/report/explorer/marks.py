"""What the views draw: shares and their possible sources, pairs, labelled messages, conflicts, days."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from chatforensics.report.explorer.entities import (
    GRAVEST,
    GRAVITY,
    LINK_RANKS,
    SHARE_LIMIT,
    Behind,
    Columns,
    Places,
    capped,
    columns_of,
    place_in,
    place_variants,
)
from chatforensics.report.found import instruct
from chatforensics.report.sightings import Tables
from chatforensics.schema import CONFLICT_STATUSES, SLATE_LABEL
from chatforensics.tables import scan
from chatforensics.zones import to_utc

LABELLED_LIMIT = 50_000
PAIR_LIMIT = 25_000
CONFLICT_LIMIT = 10_000


def view_shares(
    tables: Tables, *, families: pl.DataFrame, variants: pl.DataFrame, where: Places, behind: Behind
) -> tuple[Columns, pl.DataFrame]:
    """Return the shares by time, and their places: share_id, share."""
    frame = (
        tables["shares"]
        .join(families.select("family_id", "family"), on="family_id", how="inner")
        .join(tables["exposures"], on="share_id", how="left")
        .sort("family", "sent_at", "share_id", nulls_last=True)
        .head(SHARE_LIMIT)
        .sort("sent_at", "share_id", nulls_last=True)
        .with_row_index("share")
    )
    columns = capped(
        tables["shares"].height,
        frame.select(
            id="share_id", family="family", variant=place_in(place_variants(variants), "variant_id"),
            chat=where.chat("chat_id"), person=where.person("person_id"), at=pl.col("sent_at").dt.epoch("s"),
            rows=behind.rows(frame["message_ids"]), recipients="n_recipients", newly="n_newly_reached",
        )
    )  # fmt: skip
    return columns, frame.select("share_id", pl.col("share").cast(pl.Int64))


def view_links(tables: Tables, *, shares: pl.DataFrame) -> Columns:
    """Return the three likeliest sources of each share; a source that is not in the evidence is -1."""
    places = dict(shares.iter_rows())
    likeliest = (pl.col("rank") <= LINK_RANKS) & pl.col("share_id").is_in(shares["share_id"].implode())
    kept = scan(tables, "links").filter(likeliest).collect().join(shares, on="share_id", how="inner")
    # A parent that the views do not draw must not pass for one outside the evidence.
    drawn = kept.filter(pl.col("parent_share_id").is_null() | pl.col("parent_share_id").is_in(list(places)))
    ordered = drawn.sort("share", "rank", "parent_share_id", nulls_last=True)
    return columns_of(
        ordered.select(
            "share", parent=place_in(places, "parent_share_id"), p=pl.col("probability").cast(pl.Float64).round(4),
            rank="rank", lag="lag_s", basis="basis",
        )
    )  # fmt: skip


def view_pairs(tables: Tables, *, where: Places) -> Columns:
    """Return the pairs of people, those least explained by chance first."""
    kept = tables["pairs"].sort("q_value", "p_value", "person_a", "person_b", nulls_last=True).head(PAIR_LIMIT)
    return capped(
        tables["pairs"].height,
        kept.select(
            "n_shares", "n_families", a=where.person("person_a"), b=where.person("person_b"),
            lag="median_lag_s", p="p_value", q="q_value", n_expected=pl.col("n_expected").round(4),
            may_be_one="may_be_one",
        )
    )  # fmt: skip


def view_clusters(tables: Tables, *, where: Places) -> Columns:
    """Return the clusters of people whom significant pairs tie together."""
    people = pl.col("person_ids").list.eval(place_in(where.people, ""))
    return columns_of(tables["clusters"].select("n_families", people=people, id="cluster_id"))


def view_labelled(tables: Tables, *, numbered: pl.DataFrame, families: pl.DataFrame, where: Places) -> Columns:
    """Return the distinct messages that are flagged, to be reviewed or in a family drawn, by time.

    Hours and days are those of the export's own clock.
    """
    members = scan(tables, "families").select("message_id", "family_id")
    tracked = members.join(families.lazy().select("family_id", "family"), on="family_id", how="inner").collect()
    known = (
        numbered.filter(pl.col("kind") != "system")
        .join(tracked.select("message_id", "family"), on="message_id", how="left")
        .join(instruct(tables["labels"]), on="message_id", how="left")
        .filter(pl.col("family").is_not_null() | pl.col("decision").is_not_null())
    )
    rows = known.group_by("row").agg(
        pl.col("person_id", "chat_id", "sent_local").first(), pl.col("family").min(),
        gravity=GRAVITY.max(), probability=pl.col("probability").max(), at=pl.col("sent_at").min().dt.epoch("s"),
    )  # fmt: skip
    ordered = rows.sort(-pl.col("gravity"), "row").head(LABELLED_LIMIT).sort("at", "row", nulls_last=True)
    return capped(
        _count_labelled(tables, families),
        ordered.select(
            "row", "at", person=where.person("person_id"), chat=where.chat("chat_id"),
            local_hour=pl.col("sent_local").dt.hour().cast(pl.Int64), day=pl.col("sent_local").dt.epoch("d"),
            decision=GRAVEST,
            probability=pl.col("probability").cast(pl.Float64).round(4), family=pl.col("family").fill_null(-1),
        )
    )  # fmt: skip


def _count_labelled(tables: Tables, families: pl.DataFrame) -> int:
    """Count the distinct messages that are flagged, to be reviewed or in a family drawn."""
    drawn = (
        scan(tables, "families")
        .filter(pl.col("family_id").is_in(families["family_id"].implode()))
        .select("message_id")
        .collect()
    )
    told = pl.concat([drawn, instruct(tables["labels"]).select("message_id")]).unique()
    messages = scan(tables, "messages").filter(pl.col("kind") != "system")
    counted = messages.filter(pl.col("message_id").is_in(told["message_id"].implode()))
    return counted.select(pl.coalesce("canonical_id", "message_id")).collect().to_series().n_unique()


def view_spans(tables: Tables, *, numbered: pl.DataFrame) -> Columns:
    """Return the words that carried a label, or name somebody on a slate, in the copies that the reader shows."""
    shown = numbered.filter("is_shown").select("message_id", "row")
    cues = (
        tables["labels"]
        .filter(pl.col("decision").is_in(["flag", "review"]), pl.col("label") != SLATE_LABEL)
        .select("message_id", "label", span="spans")
        .explode("span")
        .drop_nulls("span")
        .unnest("span")
        .select("message_id", "start", "end", cue="label")
    )
    names = tables["slates"].drop_nulls("start").select("message_id", "start", "end", cue=pl.lit("name"))
    both = pl.concat([cues, names]).unique().join(shown, on="message_id", how="inner")
    return columns_of(both.sort("row", "start", "end", "cue").select("row", "start", "end", "cue"))


def view_conflicts(tables: Tables, *, numbered: pl.DataFrame, where: Places) -> Columns:
    """Return the messages on which exports disagree, then those that one lacks; who holds each, and who lacks it."""
    rows = numbered.select("one", "row").unique("one")
    found = scan(tables, "corroboration").filter(pl.col("status").is_in([*CONFLICT_STATUSES, "one_sided"]))
    shown = found.filter(pl.col("canonical_id").is_in(rows["one"].implode())).collect()
    placed = shown.join(rows, left_on="canonical_id", right_on="one", how="inner")
    kept = placed.sort(pl.col("status") == "one_sided", "row").head(CONFLICT_LIMIT)
    none = pl.lit([], dtype=pl.List(pl.String))
    sources, lacking = (
        pl.col(name).fill_null(none).list.eval(place_in(where.sources, "")) for name in ("source_ids", "lacking")
    )
    n_found = found.select(pl.len()).collect().item()
    return capped(n_found, kept.select("row", "status", "detail", sources=sources, lacking=lacking))


def view_statuses(tables: Tables, *, where: Places) -> Columns:
    """Return how many distinct messages of each chat have which status of corroboration."""
    counts = scan(tables, "corroboration").group_by("chat_id", "status").agg(count=pl.len().cast(pl.Int64))
    counted = counts.collect()
    placed = counted.select("status", "count", chat=where.chat("chat_id"))
    return columns_of(placed.sort("chat", "status"))


def view_comparisons(tables: Tables, *, where: Places) -> Columns:
    """Return what two exports of one chat say of each other."""
    counts = [f"n_{name}" for name in ("a", "b", "agree", "only_a", "only_b", "text", "sender", "time", "order")]
    placed = tables["comparisons"].select(
        *counts, "independent", "dependence", "offset_s", "uncertainty_s",
        pl.col("from_at").dt.epoch("s").alias("from"), pl.col("to_at").dt.epoch("s").alias("to"),
        chat=where.chat("chat_id"), a=where.source("source_a"), b=where.source("source_b"),
    )  # fmt: skip
    return columns_of(placed.sort("chat", "a", "b"))


def view_days(rows: pl.DataFrame, *, where: Places) -> Columns:
    """Return how many distinct messages each chat has on each day of the exports' own clocks."""
    shown = rows.filter(pl.col("is_shown") & (pl.col("kind") != "system")).drop_nulls("sent_local")
    days = shown.group_by("chat_id", day=pl.col("sent_local").dt.epoch("d")).agg(count=pl.len().cast(pl.Int64))
    placed = days.with_columns(pl.col("chat_id").cast(pl.String)).select("day", "count", chat=where.chat("chat_id"))
    counted = placed.group_by("chat", "day").agg(pl.col("count").sum())
    return columns_of(counted.sort("chat", "day"))


def view_events(events: Sequence[Mapping[str, str]], *, zone: str) -> Columns:
    """Return the dates that the user passed, each from the start to the end of its day in the zone of the case."""
    days = pl.DataFrame(
        {"day": [date.fromisoformat(event["date"]) for event in events], "label": [event["label"] for event in events]},
        schema={"day": pl.Date, "label": pl.String},
    ).sort("day", "label")
    at, to = (
        to_utc((pl.col("day") + pl.duration(days=days_on)).cast(pl.Datetime("us")), zone=zone).dt.epoch("s")
        for days_on in (0, 1)
    )
    return columns_of(days.select(at=at, to=to, date=pl.col("day").dt.to_string("%Y-%m-%d"), label="label"))
