"""Section 5 of the report, its last part: what the exports themselves show, each kind of observation explained once."""

import polars as pl

from chatforensics.report.sightings import Row, Tables, cap, number_sources
from chatforensics.report.words import LEVEL_MEANINGS

ROW_LIMIT = 12  # observations of one kind
LINE_LIMIT = 6
SOURCE_LIMIT = 12
WHERE = "tables/indicators.parquet"
BRIEF = "info"  # so many that only their exports are counted, with one example

_TEXTS = ("title", "explanation", "innocent", "resolve")


def view_indicators(tables: Tables, *, placed: pl.DataFrame) -> Row:
    """Return the integrity observations by level and kind, with exports, lines and explanations; never added up."""
    kinds, ordered = _list_kinds(tables), tables["indicators"]
    numbers = dict(number_sources(tables["sources"]).select("source_id", "source").iter_rows())
    at_lines = _find_lines(list_lines(tables), placed)
    blocks = [_view_kind(kind, numbers, at_lines) for kind in kinds]
    levels = [
        {"level": level, "meaning": meaning, "brief": level == BRIEF, "blocks": _at_level(blocks, level)}
        for level, meaning in LEVEL_MEANINGS.items()
    ]
    cited = [found for block in blocks if block["level"] != BRIEF for row in block["rows"] for found in row["ids"]]
    return {"levels": levels, "n": ordered.height, "cited": cited, "where": WHERE}


def list_lines(tables: Tables) -> pl.DataFrame:
    """Return the lines of the observations for which the page has room: `source_id`, `line`."""
    shown = pl.concat([tables["indicators"].clear(), *(kind.head(ROW_LIMIT) for kind in _list_kinds(tables))])
    wanted = shown.select(source_id=pl.col("source_ids").list.first(), line=pl.col("lines").list.head(LINE_LIMIT))
    return wanted.explode("line").drop_nulls()


def _list_kinds(tables: Tables) -> list[pl.DataFrame]:
    """Return the observations of each kind apart, in their order."""
    ordered = _order(tables["indicators"])
    return ordered.partition_by("level", "indicator", *_TEXTS, maintain_order=True) if ordered.height else []


def _at_level(blocks: list[Row], level: str) -> list[Row]:
    return [block for block in blocks if block["level"] == level]


def _order(indicators: pl.DataFrame) -> pl.DataFrame:
    """Return the observations, the gravest level first, then by number, export and value."""
    gravity = {level: place for place, level in enumerate(LEVEL_MEANINGS)}
    return (
        indicators.with_columns(
            gravity=pl.col("level").replace_strict(gravity, default=len(gravity), return_dtype=pl.Int64),
            at=pl.col("source_ids").list.join(" "),
            lines=pl.col("lines").fill_null([]),
        )
        .sort("gravity", "indicator", "at", "value", nulls_last=True)
        .drop("gravity", "at")
    )


def _find_lines(lines: pl.DataFrame, placed: pl.DataFrame) -> dict[tuple[str, int], int]:
    """Return the message that begins at each line which the page shows, by export and line."""
    found = placed.join(lines, on=["source_id", "line"], how="semi")
    return {(source, line): number for source, line, number in found.select("source_id", "line", "message_id").rows()}


def _view_kind(kind: pl.DataFrame, numbers: dict[str, str], at_lines: dict[tuple[str, int], int]) -> Row:
    """Return one kind of observation: its texts once, and beneath them its exports, lines and values."""
    first = kind.row(0, named=True)
    concerned = kind["source_ids"].list.explode().drop_nulls().unique(maintain_order=True).to_list()
    sources = [numbers.get(source_id, source_id) for source_id in concerned]
    limit = 1 if first["level"] == BRIEF else ROW_LIMIT
    rows = [_view_row(row, numbers, at_lines) for row in kind.head(limit).iter_rows(named=True)]
    return {name: first[name] for name in ("level", "indicator", *_TEXTS)} | {
        "rows": rows,
        "cap": cap(rows, total=kind.height, where=WHERE),
        "sources": sorted(sources, key=lambda name: (len(name), name))[:SOURCE_LIMIT],
        "n_sources": len(sources),
        "more": len(sources[SOURCE_LIMIT:]),
    }


def _view_row(row: Row, numbers: dict[str, str], at_lines: dict[tuple[str, int], int]) -> Row:
    """Return one observation with the short names of its exports and the messages at its lines."""
    source_ids, lines = row["source_ids"] or [], row["lines"]
    first = source_ids[0] if source_ids else ""
    places = [{"line": line, "id": at_lines.get((first, line))} for line in lines[:LINE_LIMIT]]
    return {
        "sources": [numbers.get(source_id, source_id) for source_id in source_ids],
        "places": places,
        "ids": [place["id"] for place in places if place["id"] is not None],
        "more": len(lines[LINE_LIMIT:]),
        "value": row["value"],
    }
