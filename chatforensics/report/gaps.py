"""What the evidence does not hold: quiet stretches, uncovered days, lost files, phones nobody supplied."""

from datetime import timedelta

import polars as pl

from chatforensics.report.found import instruct
from chatforensics.report.sightings import Row, Tables, cap, number_sources, print_times
from chatforensics.tables import scan

GAP_LIMIT = 60
CHAT_LIMIT = 40
_DAY_S = 86_400


def view_gaps(tables: Tables, placed: pl.DataFrame) -> Row:
    """Return the gaps of the evidence, by export and by chat; a gap is not a deletion."""
    gaps, windows = _list_gaps(tables), _list_windows(tables)
    return {
        "gaps": gaps,
        "gaps_cap": cap(gaps, total=tables["sources"].height, where="tables/sources.parquet"),
        "single": _list_single_chats(tables),
        "windows": windows[:CHAT_LIMIT],
        "windows_cap": cap(windows[:CHAT_LIMIT], total=len(windows), where="tables/chats.parquet"),
        "phones": _count_phones(tables, placed),
    }


def _list_gaps(tables: Tables) -> list[Row]:
    """Return for each export its longest stretch without a record, and its deleted messages and lost attachments."""
    sources = number_sources(tables["sources"]).select("source_id", "place", "source", "clock_step_s").head(GAP_LIMIT)
    messages = scan(tables, "messages").join(sources.lazy(), on="source_id", how="semi")
    steps = messages.select("source_id", "sent_local").drop_nulls("sent_local").sort("source_id", "sent_local")
    quiet = (
        steps.with_columns(before=pl.col("sent_local").shift(1).over("source_id"))
        .with_columns(days=(pl.col("sent_local") - pl.col("before")).dt.total_seconds() / _DAY_S)
        .sort("source_id", "days", "before", descending=[False, True, False], nulls_last=True)
        .unique("source_id", keep="first", maintain_order=True)
        .select("source_id", "days", before="before", after="sent_local")
        .collect()
    )
    counted = messages.group_by("source_id").agg(
        n_deleted=pl.col("kind").eq("deleted").sum(),
        n_without_media=(pl.col("kind").eq("media") & pl.col("attachment").is_null()).sum(),
    )
    missing = tables["attachments"].filter(pl.col("status") == "missing").group_by("source_id").len("n_missing")
    rows = (
        sources.join(quiet, on="source_id", how="left")
        .join(counted.collect(), on="source_id", how="left")
        .join(missing, on="source_id", how="left")
        .sort("place")
    )
    shown = rows.with_columns(before=print_times("before"), after=print_times("after"))
    return shown.with_columns(pl.col("n_deleted", "n_without_media", "n_missing").fill_null(0)).to_dicts()


def _list_single_chats(tables: Tables) -> list[str]:
    """Return the titles of chats that only one export holds."""
    single = tables["chats"].filter(pl.col("source_ids").list.unique().list.len() == 1)
    return single.select(pl.coalesce("title", "chat_id").alias("title")).sort("title")["title"].to_list()


def _list_windows(tables: Tables) -> list[Row]:
    """Return for each chat the days of the case before, between and after the records of its exports, if any."""
    titles = tables["chats"].select("chat_id", chat=pl.coalesce("title", "chat_id"))
    spans = (
        scan(tables, "messages")
        .drop_nulls(["sent_at", "chat_id"])
        .group_by("chat_id", "source_id")
        .agg(first=pl.col("sent_at").min(), last=pl.col("sent_at").max())
        .collect()
        .join(titles.unique("chat_id", keep="first", maintain_order=True), on="chat_id", how="left")
        .sort("first", "last", "source_id")
    )
    if spans.is_empty():
        return []
    start, end = spans.select(first=pl.col("first").min(), last=pl.col("last").max()).row(0)
    before = pl.col("last").cum_max().shift(1).over("chat_id")
    between = pl.max_horizontal(pl.col("first") - before, pl.lit(timedelta(0)))
    chats = (
        spans.with_columns(between=between.fill_null(timedelta(0)))
        .group_by("chat_id")
        .agg(pl.col("chat").first(), pl.col("first").min(), pl.col("last").max(), pl.col("between").sum(), n=pl.len())
        .with_columns(early=pl.col("first") - start, late=end - pl.col("last"))
        .sort("first", "chat_id")
    )
    return [_show_window(row) for row in chats.iter_rows(named=True)]


def _show_window(row: Row) -> Row:
    days = {key: f"{row[key].total_seconds() / _DAY_S:.1f}" for key in ("early", "between", "late")}
    return {
        "chat": row["chat"],
        "n": row["n"],
        **days,
        "first": f"{row['first']:%Y-%m-%d}",
        "last": f"{row['last']:%Y-%m-%d}",
    }


def _count_phones(tables: Tables, placed: pl.DataFrame) -> Row:
    """Count the people whose phone is in the evidence as far as known, and the senders of instructions whose is not."""
    owners = tables["sources"]["custodian_id"].drop_nulls().unique()
    sent = placed.join(instruct(tables["labels"]), on="message_id", how="semi")
    senders = sent["person_id"].drop_nulls().unique()
    return {
        "n_people": tables["people"].height,
        "n_owners": owners.len(),
        "n_exports_unknown": tables["sources"]["custodian_id"].null_count(),
        "n_senders": senders.len(),
        "n_senders_without": senders.filter(~senders.is_in(owners.implode())).len(),
    }
