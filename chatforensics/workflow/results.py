"""What a run says of itself and leaves behind: summary, run, figures, graph files and the report."""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib import metadata
from typing import TYPE_CHECKING

import polars as pl

from chatforensics import schema
from chatforensics.casefile import PACKAGES
from chatforensics.tables import scan
from chatforensics.version import __version__
from chatforensics.workflow.corrected import read_stated
from chatforensics.workflow.pictures import assume_of_pictures, describe_pictures
from chatforensics.workflow.run import Settings, Tables
from chatforensics.workflow.statements import (
    describe_candidates,
    describe_corrections,
    describe_declarations,
    read_corrections,
)

if TYPE_CHECKING:
    from chatforensics.diffusion import LinkModel
    from chatforensics.graphfiles import GraphTable
    from chatforensics.workflow.inputs import Intake


def warn_of_dates(sources: pl.DataFrame) -> Iterator[str]:
    """Say of which exports the dates, or what begins a message, could be read in another way."""
    for row in sources.filter(pl.col("date_order_verdict") == "ambiguous").sort("path").iter_rows(named=True):
        yield (
            f"{row['path']}: the order of day and month is ambiguous ({row['date_order_evidence']}). It was read as "
            f"{row['date_order']}; times, overlaps and order change under the other reading. Settle it with --declare."
        )
    for row in sources.filter(pl.col("n_quoted") > 0).sort("path").iter_rows(named=True):
        yield (
            f"{row['path']}: lines that look like the start of a message but were read as text above it: "
            f"{row['n_quoted']:,}; the table readings lists each with its other reading."
        )
    for row in sources.filter(pl.col("n_doubtful") > 0).sort("path").iter_rows(named=True):
        yield (
            f"{row['path']}: messages that may be text somebody pasted, or have a longer sender's name: "
            f"{row['n_doubtful']:,}; the table readings lists them."
        )


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())


def _list_odd_hours(tables: Tables) -> Iterator[str]:
    """Say how many records stand in an hour that their zone skips or has twice, and how these were read."""
    n_gap, n_fold = (_count(scan(tables, "messages").filter(pl.col("dst") == odd)) for odd in ("gap", "fold"))
    if n_fold:
        yield f"Records in an hour that occurs twice in autumn: {n_fold:,}; the first was taken (dst is fold)."
    if n_gap:
        yield (
            f"Records in an hour that their zone skips in spring: {n_gap:,}; one hour was added (dst is gap). The zone "
            "may be wrong."
        )


def summarise(tables: Tables, failures: Sequence[object], warnings: list[str]) -> dict[str, object]:
    """Count what was found: the contract's summary.json."""
    messages, labels = scan(tables, "messages"), tables["labels"].lazy()
    told = labels.filter(pl.col("label") == schema.SLATE_LABEL)
    slate = told.join(messages.select("message_id", "canonical_id"), on="message_id").collect()
    decided = {d: slate.filter(pl.col("decision") == d)["canonical_id"].n_unique() for d in ("flag", "review")}
    levels = dict(tables["indicators"].group_by("level").len().iter_rows())
    conflicts = scan(tables, "corroboration").filter(pl.col("status").is_in(schema.CONFLICT_STATUSES))
    counted = messages.select(pl.len(), first=pl.col("sent_at").min(), last=pl.col("sent_at").max())
    n_messages, first, last = counted.collect().row(0)
    return {
        "n_sources": tables["sources"].height,
        "n_failed": len(failures),
        "n_messages": n_messages,
        "n_rejects": tables["rejects"].height,
        "first_at": first.isoformat() if isinstance(first, datetime) else None,
        "last_at": last.isoformat() if isinstance(last, datetime) else None,
        "n_people": tables["people"].height,
        "n_chats": tables["chats"].height,
        "n_flagged": decided["flag"],
        "n_review": decided["review"],
        "n_families_tracked": _count(scan(tables, "families").filter("tracked").select(pl.col("family_id").unique())),
        "n_shares": tables["shares"].height,
        "n_links_named": _count(
            scan(tables, "links").filter((pl.col("rank") == 1) & pl.col("parent_share_id").is_not_null())
        ),
        "n_edges": _count(scan(tables, "edges")),
        "n_pairs_significant": tables["pairs"].filter(pl.col("q_value") <= schema.SIGNIFICANT_Q).height,
        "n_clusters": tables["clusters"].height,
        "n_conflicts": _count(conflicts),
        "n_indicators": {level: levels.get(level, 0) for level in ("info", "unexplained", "contradiction")},
        "warnings": warnings,
    }


def describe_run(
    tables: Tables, intake: "Intake", warnings: list[str], settings: Settings, *, link_model: "LinkModel"
) -> dict[str, object]:
    """Describe the run, all but its times: the contract's run.json."""
    from chatforensics.labelling import describe_model

    sources = tables["sources"].sort("path")
    undeclared = sources["timezone"].null_count()
    n_corrections = len(read_stated(settings.corrections))
    n_media = _count(scan(tables, "messages").filter(pl.col("kind") == "media"))
    return {
        "version": __version__,
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "parameters": {
            "timezone": settings.timezone,
            "window_s": settings.window_s,
            "significant_q": schema.SIGNIFICANT_Q,
            "declare": str(settings.declare) if settings.declare else None,
            "people": str(settings.people) if settings.people else None,
            "candidates": describe_candidates(settings.candidates),
            "pictures": settings.pictures,
            **({"corrections": n_corrections} if n_corrections else {}),
            "events": [{"date": day.isoformat(), "label": label} for day, label in sorted(set(settings.events))],
        },
        "link_model": {
            "assumed": asdict(type(link_model)()),
            "estimated": asdict(link_model),
        },
        "inputs": sources.select("path", "sha256", "size_bytes").to_dicts(),
        "failures": intake.failures,
        "assumptions": [
            (
                f"Exports without a declared zone: {undeclared:,} of {sources.height:,}; clocks taken to show "
                f"{settings.timezone}, unless alignment with another export shows otherwise (table clocks)."
            ),
            "Exports in one sub-folder of a folder given come from one phone.",
            assume_of_pictures(tables["pictures"], n_media=n_media, settings=settings),
            *_list_odd_hours(tables),
            *describe_declarations(intake.stated),
            *describe_corrections(read_corrections(settings.people)),
            *intake.corrected.assumed,
        ],
        **({"corrections": {"n": n_corrections, **intake.corrected.decided}} if n_corrections else {}),
        "warnings": warnings,
        "pictures": describe_pictures(tables["pictures"], n_media=n_media, settings=settings),
        "model": describe_model(),
    }


def graph_files(tables: Tables) -> tuple[dict[str, bytes], list[str]]:
    """Return the graph files by their names, and what they leave out because there is too much of it."""
    files: dict[str, bytes] = {}
    notes: list[str] = []
    for name, draw in _GRAPHS.items():
        graph = draw(tables)
        is_whole = not graph.about.get("n_left_out") and graph.about.get("grain", "families") == "families"
        notes += [] if is_whole else [f"graph/{name}: {graph.about['description']}"]
        files |= {f"graph/{name}.{ending}": content for ending, content in _write_graph(graph)}
    return files, notes


def _write_graph(graph: "GraphTable") -> Iterator[tuple[str, bytes]]:
    from chatforensics.graphfiles import gexf_bytes, graphml_bytes, json_bytes

    yield "graphml", graphml_bytes(graph)
    yield "gexf", gexf_bytes(graph)
    yield "json", json_bytes(graph)


def _draw_diffusion(tables: Tables) -> "GraphTable":
    from chatforensics.diffusion.graph import list_diffusion_graph

    people, shares = schema.People(tables["people"]), schema.Shares(tables["shares"])
    return list_diffusion_graph(scan(tables, "edges"), people, shares, links=scan(tables, "links"))


def _draw_cascades(tables: Tables) -> "GraphTable":
    from chatforensics.diffusion.forest import list_cascade_forest

    people, chats = schema.People(tables["people"]), schema.Chats(tables["chats"])
    return list_cascade_forest(schema.Shares(tables["shares"]), scan(tables, "links"), people, chats)


def _draw_coordination(tables: Tables) -> "GraphTable":
    from chatforensics.coordination.graph import list_coordination_graph

    people, clusters = schema.People(tables["people"]), schema.Clusters(tables["clusters"])
    return list_coordination_graph(schema.Pairs(tables["pairs"]), people, clusters)


_GRAPHS = {"diffusion": _draw_diffusion, "cascades": _draw_cascades, "coordination": _draw_coordination}
