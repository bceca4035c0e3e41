"""Section 1 of the report: what was received, what could not be read, and what was assumed."""

from collections.abc import Mapping, Sequence

import polars as pl

from chatforensics.report.bases import tell_basis
from chatforensics.report.custody import view_custody
from chatforensics.report.sightings import SOURCE_LIMIT, Row, Tables, cap, number_sources, print_times
from chatforensics.tables import scan

REJECT_LIMIT = 100


def view_received(tables: Tables, *, run: Mapping[str, object], summary: Mapping[str, object]) -> Row:
    """Return the exports, failures, assumptions and warnings as the page shows them."""
    sources = _describe_sources(tables)
    rows = sources.head(SOURCE_LIMIT).to_dicts()
    rejects, n_rejects = _list_rejects(tables)
    return {
        "sources": rows,
        "cap": cap(rows, total=sources.height, where="tables/sources.parquet"),
        "ambiguous": [row["source"] for row in rows if row["date_order_verdict"] == "ambiguous"],
        "other_dates": _list_other_dates(rows),
        "failures": _list_failures(run),
        "custody": view_custody(run, rows),
        "assumptions": _strings(run.get("assumptions")),
        "warnings": list(dict.fromkeys([*_strings(run.get("warnings")), *_strings(summary.get("warnings"))])),
        "basis": tell_basis(tables["sources"]["source_id"], tables=tables),
        "rejects_basis": tell_basis(tables["rejects"]["source_id"], tables=tables),
        "rejects": rejects,
        "rejects_cap": cap(rejects, total=n_rejects, where="tables/rejects.parquet"),
    }


def _list_other_dates(sources: Sequence[Row]) -> list[Row]:
    """Return the exports whose dates may be read in another order, with what is known of both readings."""
    ambiguous = [row for row in sources if row["date_order_verdict"] == "ambiguous"]
    return [
        {"source": row["source"], "order": row["date_order"], "evidence": row["date_order_evidence"]}
        for row in ambiguous
    ]


def measure_spans(tables: Tables) -> pl.DataFrame:
    """Return for each source how the byte spans of its records and rejects lie: gaps, overlaps, first and last byte.

    Both counts are zero where the spans tile the chat text; the length of the text itself is not in the tables.
    """
    keys = ["source_id", "byte_start", "byte_end"]
    spans = pl.concat([scan(tables, "messages").select(keys), tables["rejects"].lazy().select(keys)])
    exports = pl.Enum(spans.select(pl.col("source_id").unique().drop_nulls().sort()).collect().to_series())
    ordered = spans.with_columns(pl.col("source_id").cast(exports)).collect().sort(keys)
    opens = pl.col("source_id").ne_missing(pl.col("source_id").shift(1))
    before = pl.when(opens).then(0).otherwise(pl.col("byte_end").shift(1, fill_value=0))
    return (
        ordered.with_columns(before=before)
        .group_by("source_id")
        .agg(
            n_gaps=(pl.col("byte_start") > pl.col("before")).sum(),
            n_overlaps=(pl.col("byte_start") < pl.col("before")).sum(),
            last_byte=pl.col("byte_end").max(),
        )
        .with_columns(pl.col("source_id").cast(pl.String))
        .sort("source_id")
    )


def _describe_sources(tables: Tables) -> pl.DataFrame:
    """Return the numbered sources with chat title, local span, clock basis and how their spans lie."""
    sources = number_sources(tables["sources"])
    titles = tables["chats"].select("chat_id", "title").unique("chat_id", keep="first", maintain_order=True)
    local = (
        scan(tables, "messages")
        .group_by("source_id")
        .agg(first=pl.col("sent_local").min(), last=pl.col("sent_local").max())
        .collect()
    )
    names = dict(sources.select("source_id", "source").iter_rows())
    told = pl.col("basis").str.replace_many(names) if names else pl.col("basis")
    each = tables["clocks"].drop_nulls("basis").with_columns(told).sort("source_id", "from_local")
    basis = each.group_by("source_id", maintain_order=True).agg(pl.col("basis").unique(maintain_order=True))
    return (
        sources.join(titles, on="chat_id", how="left")
        .join(local, on="source_id", how="left")
        .join(basis, on="source_id", how="left")
        .join(measure_spans(tables), on="source_id", how="left")
        .with_columns(
            chat=pl.coalesce("chat_title", "title", "chat_id"),
            first=print_times("first"),
            last=print_times("last"),
            offset=_print_offset(),
        )
        .sort("place")
    )


def _print_offset() -> pl.Expr:
    """Return the offset from UTC as text such as +05:30, with seconds where there are any."""
    size = pl.col("utc_offset_s").abs()
    sign = pl.when(pl.col("utc_offset_s") < 0).then(pl.lit("-")).otherwise(pl.lit("+"))
    parts = [(size // 3600), (size // 60) % 60, size % 60]
    hours, minutes, seconds = (part.cast(pl.String).str.zfill(2) for part in parts)
    rest = pl.when(size % 60 > 0).then(pl.concat_str(pl.lit(":"), seconds)).otherwise(pl.lit(""))
    return pl.concat_str(sign, hours, pl.lit(":"), minutes, rest)


def _list_failures(run: Mapping[str, object]) -> list[Row]:
    """Return each input that could not be read with the reason and, where it was hashed, its SHA-256."""
    hashes = {entry.get("path"): entry for entry in _mappings(run.get("inputs"))}
    return [
        {
            "path": failure.get("path"),
            "reason": failure.get("reason"),
            "sha256": failure.get("sha256") or hashes.get(failure.get("path"), {}).get("sha256"),
        }
        for failure in _mappings(run.get("failures"))
    ]


def _list_rejects(tables: Tables) -> tuple[list[Row], int]:
    """Return the first rejected spans in file order, and how many there are."""
    names = number_sources(tables["sources"]).select("source_id", "source", "place")
    rejects = tables["rejects"].join(names, on="source_id", how="left").sort("place", "byte_start", nulls_last=True)
    return rejects.head(REJECT_LIMIT).to_dicts(), rejects.height


def _strings(values: object) -> list[str]:
    """Return a list of texts from a value of the run record."""
    return [str(value) for value in values] if isinstance(values, Sequence) and not isinstance(values, str) else []


def _mappings(values: object) -> list[Mapping[str, object]]:
    """Return the records of a value of the run record."""
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, Sequence) else []
