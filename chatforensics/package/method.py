"""The method sheet: what the program did, with which settings, how often it is right, and what it cannot show."""

from collections.abc import Mapping

import polars as pl

from chatforensics.package.dossier import Dossier
from chatforensics.package.measured import CORPUS, OTHERS, SLATE, is_same_model, tell_measured
from chatforensics.package.sheets import Row, as_rows, as_words, fill_tables, name_file, render_sheet
from chatforensics.report.sightings import number_sources
from chatforensics.report.view import flatten
from chatforensics.report.words import DECISION_MEANINGS, LABEL_MEANINGS, LIMITS

HTML = "method.html"
SECTIONS = (
    ("steps", "What the program did"),
    ("measured", "How often its labels are right"),
    ("settings", "Versions, settings and seeds"),
    ("assumed", "What was assumed, and what it warned of"),
    ("bytes", "What was read, and what was not"),
    ("codebook", "What each label means"),
    ("limits", "Limits and open doubts"),
    ("standing", "Standing of this work, and how to check it"),
)
# Where chance enters, the numbers that fix it in the program; see the modules named.
SEEDS = (
    ("ranges of the measures of spread", "200 draws of forests, seed 0"),
    ("halves of the exports, in the table sensitivity", "four draws, seed 0"),
    ("signatures by which texts that may be alike are found", "seed 0"),
    ("pairs close in time", "computed, not drawn: no seed"),
)


def write_method(dossier: Dossier) -> dict[str, bytes]:
    """Return the method sheet as one page: steps, versions, settings, measured errors, assumptions and limits.

    It speaks of the program and not of people. That a method is described does not show that it suits a question.

    Args:
        dossier: of which the run record, `sources` and `rejects` are read.

    Returns:
        `method.html`.
    """
    return {HTML: render_method(dossier).encode("utf-8", errors="replace")}


def render_method(dossier: Dossier) -> str:
    """Return the page of the method sheet; see `write_method`."""
    run = dossier.run
    model = run.get("model")
    return render_sheet(
        "method.html.j2",
        {
            "title": dossier.title,
            "made_at": dossier.made_at.strftime("%Y-%m-%d %H:%M"),
            "version": str(run.get("version", "unknown")),
            "sections": [{"id": key, "title": title, "n": number} for number, (key, title) in enumerate(SECTIONS, 1)],
            "labels": _list_labels(model if isinstance(model, Mapping) else {}),
            "model_hash": model.get("sha256") if isinstance(model, Mapping) else None,
            "is_same_model": is_same_model(run),
            "corpus": CORPUS,
            "slate": SLATE,
            "others": OTHERS,
            "decisions": list(DECISION_MEANINGS.items()),
            "settings": _list_settings(run),
            "seeds": SEEDS,
            "assumptions": as_words(run.get("assumptions")),
            "warnings": as_words(run.get("warnings")),
            "failures": [row | {"file": name_file(row.get("path"))} for row in map(dict, as_rows(run.get("failures")))],
            "sources": _list_sources(dossier),
            "limits": LIMITS,
            "is_redacted": bool(dossier.redactions),
        },
    )


def _list_labels(model: Mapping[str, object]) -> list[Row]:
    """Return each label of the codebook with its thresholds in this run and how often it was right."""
    thresholds = model.get("thresholds")
    known = thresholds if isinstance(thresholds, Mapping) else {}
    alone = as_words(model.get("decided_by_cues_alone"))
    return [
        {
            "label": label,
            "meaning": meaning,
            "measured": tell_measured(label),
            "thresholds": known.get(label),
            "by_cues": label in alone,
        }
        for label, meaning in LABEL_MEANINGS.items()
    ]


def _list_settings(run: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return every setting of the run that is no list of files, people or times."""
    programs = {key: run[key] for key in ("python", "packages", "pictures", "lock_sha256", "commit") if key in run}
    return [
        *flatten(run.get("parameters")),
        *((f"link model: {key}", value) for key, value in flatten(run.get("link_model"))),
        *flatten(programs),
    ]


def _list_sources(dossier: Dossier) -> list[Row]:
    """Return for each export how it was read, and the bytes that fit no record."""
    tables = fill_tables(dossier.tables)
    rejects = tables["rejects"].group_by("source_id").agg(unread=(pl.col("byte_end") - pl.col("byte_start")).sum())
    sources = number_sources(tables["sources"]).join(rejects, on="source_id", how="left").sort("place")
    keys: tuple[str, ...] = (
        "source",
        "sha256",
        "size_bytes",
        "header_format",
        "date_order",
        "date_order_verdict",
        "clock_step_s",
    )
    keys += ("n_messages", "n_rejects", "n_doubtful", "n_quoted", "date_order_evidence")
    return [{key: row[key] for key in keys} | {"unread": row["unread"]} for row in sources.to_dicts()]
