"""The first screen: what was received and from whom, what it shows, and what it cannot show."""

from collections.abc import Mapping

import polars as pl

from chatforensics.report.language import say
from chatforensics.report.numbers import tell_number, tell_range
from chatforensics.report.sightings import Row, Tables, name_people
from chatforensics.report.words import LIMITS
from chatforensics.schema import CONFLICT_STATUSES, SIGNIFICANT_Q, SLATE_LABEL
from chatforensics.tables import scan

NAME_LIMIT = 6
CHAT_LIMIT = 5
_DECLARED = ("declared_custodian", "folder")
# What can be read otherwise, by its name in the table `sensitivity`.
READINGS = {
    "window_s": say("window of closeness"),
    "clock": say("reading of the clocks"),
    "date order": say("order of day and month"),
    "zone of the case": say("zone"),
    "similarity": say("likeness of texts"),
    "labels": say("threshold of the labels"),
    "link model": say("model of links"),
}
# The limits that every reader meets first; all of them stand in their own section.
FOREMOST = ("Sending", "Person", "Obeying", "Agreement", "Rules")


def view_front(tables: Tables, *, summary: Mapping[str, object], spread: Row, received: Row) -> Row:
    """Return the values of the first screen; each of them stands again, with its basis, in a section below.

    Args:
        tables: All tables.
        summary: The headline counts.
        spread: The followed texts, the leading one first, as `view_spread` returns them.
        received: The exports, failures and warnings as `view_received` returns them.
    """
    limits: dict[str, tuple[str, str]] = {subject: (one, other) for subject, one, other in LIMITS}
    foremost = [limits[subject] for subject in FOREMOST if subject in limits]
    return {
        "received": _view_received(tables, summary, received),
        "labels": _count_labels(tables),
        "leading": _view_leading(tables, spread),
        "pairs": _count_pairs(tables),
        "agreement": _count_agreement(tables),
        "limits": foremost or [row[1:] for row in LIMITS[: len(FOREMOST)]],
    }


def _view_received(tables: Tables, summary: Mapping[str, object], received: Row) -> Row:
    """Return how many exports came from whom, what they hold, and what failed."""
    sources, messages = tables["sources"], _count_messages(tables)
    # What was declared of an export is no column of the contract, and lacks where nothing could be declared.
    absent = [pl.lit(None, pl.String).alias(name) for name in _DECLARED if name not in sources.columns]
    phones = sources.with_columns(absent).select(*_DECLARED, "custodian_id", phone=pl.coalesce("folder", "path"))
    owners = _name_owners(phones, name_people(tables["people"]))
    titles = tables["chats"].sort("title", "chat_id", nulls_last=True).select(pl.coalesce("title", "chat_id"))
    failed = summary.get("n_failed", len(received["failures"]))
    return {
        "n_exports": sources.height,
        "n_phones": phones["phone"].n_unique(),
        "owners": owners[:NAME_LIMIT],
        "owners_more": len(owners[NAME_LIMIT:]),
        "n_unknown": phones.filter(pl.col("custodian_id").is_null())["phone"].n_unique(),
        "n_chats": tables["chats"].height,
        "chats": titles.to_series().head(CHAT_LIMIT).to_list(),
        "chats_more": max(0, tables["chats"].height - CHAT_LIMIT),
        **messages,
        "n_failed": failed if isinstance(failed, int) else 0,
        "n_rejects": tables["rejects"].height,
        "n_ambiguous": len(received["ambiguous"]),
        "custody": received["custody"],
        "n_warnings": len(received["warnings"]),
        "n_assumptions": len(received["assumptions"]),
        "n_people": tables["people"].height,
        "n_alone": tables["chats"].filter(pl.col("source_ids").list.n_unique() == 1).height,
    }


def _count_messages(tables: Tables) -> Row:
    """Return the first and the last time of a message, and how many records and distinct messages there are."""
    counted = scan(tables, "messages").select(
        first_at=pl.col("sent_at").min(),
        last_at=pl.col("sent_at").max(),
        n_records=pl.len(),
        n_distinct=pl.coalesce("canonical_id", "message_id").n_unique(),
    )
    return counted.collect().row(0, named=True)


def _name_owners(phones: pl.DataFrame, names: Mapping[str, str]) -> list[Row]:
    """Return who made the exports, as far as the files show it or somebody declared it, with how many each."""
    known = phones.with_columns(
        name=pl.coalesce("declared_custodian", pl.col("custodian_id").replace_strict(names, default=None))
        if names
        else pl.col("declared_custodian")
    ).drop_nulls("name")
    counted = known.group_by("name").agg(n=pl.len()).sort("n", "name", descending=[True, False])
    return counted.to_dicts()


def _count_labels(tables: Tables) -> Row:
    """Return how many messages were flagged or left open, and how many of each the model's own probabilities expect."""
    canonical = scan(tables, "messages").select("message_id", one=pl.coalesce("canonical_id", "message_id"))
    slates = tables["labels"].lazy().filter(pl.col("label") == SLATE_LABEL)
    labels = slates.join(canonical, on="message_id", maintain_order="left").collect()
    each = labels.group_by("one", "decision").agg(pl.col("probability").cast(pl.Float64).mean())
    found = each.group_by("decision").agg(n=pl.len(), expected=pl.col("probability").sum())
    rows = found.rows_by_key("decision", named=True, unique=True)
    none = {"n": 0, "expected": 0.0}
    flag, review = (rows.get(decision, none) for decision in ("flag", "review"))
    return {
        "n_flag": flag["n"],
        "n_review": review["n"],
        "expected_flag": round(flag["expected"]),
        "expected_review": round(review["expected"]),
    }


def _view_leading(tables: Tables, spread: Row) -> Row | None:
    """Return the leading text with its reach and the range of its shares without a source; none without a text."""
    if not spread["rows"]:
        return None
    row = spread["rows"][0]
    own = tables["cascades"].filter(pl.col("family_id") == row["family_id"])
    found = own.rows_by_key("measure", named=True, unique=True)
    counted = {key: tell_number((found.get(key) or {}).get("value")) for key in ("reach", "n_senders", "n_chats")}
    trees = found.get("n_trees")
    range_of = "-" if trees is None else tell_range(trees["middle"], trees["low"], trees["high"])
    return {**row, **counted, "trees": range_of}


def _count_pairs(tables: Tables) -> Row:
    """Return how many pairs were compared and how many are closer than chance, with the people and clusters."""
    near = tables["pairs"].filter(pl.col("q_value") <= SIGNIFICANT_Q)
    moved = _find_moved_pairs(tables["sensitivity"], any_near=near.height > 0)
    return {
        "n": tables["pairs"].height,
        "n_near": near.height,
        "n_people": pl.concat([near["person_a"], near["person_b"]]).n_unique() if near.height else 0,
        "n_clusters": tables["clusters"].height,
        "largest_q": near["q_value"].max(),
        "moved": moved,
    }


def _find_moved_pairs(sensitivity: pl.DataFrame, *, any_near: bool) -> Row:
    """Return in how many other readings there are pairs where the report has none, or none where it has some.

    Leaving exports out is no reading: with fewer messages there are fewer pairs in any case.
    """
    tried = sensitivity.filter(
        (pl.col("outcome") == "n_pairs_significant") & ~pl.col("used") & pl.col("setting").is_in(list(READINGS))
    ).drop_nulls("result")
    moved = tried.filter((pl.col("result") > 0) != any_near)
    return {
        "n": moved.height,
        "tried": tried.height,
        "settings": [words for setting, words in READINGS.items() if setting in moved["setting"]],
    }


def _count_agreement(tables: Tables) -> Row:
    """Return how many distinct messages several independent exports show alike, how many one alone, and conflicts."""
    found = scan(tables, "corroboration")
    levels = dict(tables["indicators"].group_by("level").len().iter_rows())
    alike = (pl.col("status") == "agree") & (pl.col("n_independent") >= 2)  # noqa: PLR2004 - two exports
    counted = found.select(
        n=pl.len(),
        n_alike=alike.sum(),
        n_single=pl.col("status").is_in(["single_source", "outside_window"]).sum(),
        n_conflicts=pl.col("status").is_in(CONFLICT_STATUSES).sum(),
    )
    return {
        **counted.collect().row(0, named=True),
        "n_contradictions": levels.get("contradiction", 0),
        "n_unexplained": levels.get("unexplained", 0),
    }
