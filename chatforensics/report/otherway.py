"""Section 6 of the report: what speaks the other way, so that no reader sees one side only."""

import polars as pl

from chatforensics.figures.numbering import number_texts
from chatforensics.report.assumed import view_assumed
from chatforensics.report.found import instruct
from chatforensics.report.gaps import view_gaps
from chatforensics.report.language import say
from chatforensics.report.othersides import count_habits, count_openness, list_against, list_neutral, list_sides
from chatforensics.report.sightings import Row, Tables, cap, list_sightings, order_messages, place_messages
from chatforensics.schema import SLATE_LABEL
from chatforensics.tables import scan
from chatforensics.text import normalise

LIST_LIMIT = 40
NAME_LIMIT = 40
ID_LIMIT = 6
SHORTEST_NAME = 4
NEAR_MISS = 0.2
ANSWERS = 3
ANSWER_HOURS = 24
_AGAINST = ("against", "trigger")
_BALLOT_LABELS = ("procedure", "mobilise", "remind")
_REASONS = {
    "notice": say("about a ballot, without saying how to vote"),
    "mention": say("names somebody who is on a slate"),
    "answer": say("among the next three after an instruction in the same chat, within a day"),
}


def view_other_way(tables: Tables, *, placed: pl.DataFrame) -> Row:
    """Return what weakens or opens up the findings: contrary words, people who passed nothing on, gaps.

    Messages are chosen by plain rules and are to be read by a person: the rules do not understand refusal or irony.
    """
    contrary, families = _list_contrary(tables["slates"], placed), _instructing_families(tables)
    replies, n_replies = _list_replies(tables)
    shown_ids = [message_id for row in contrary[:NAME_LIMIT] for message_id in row["ids"]]
    sides = list_sides(tables, placed, numbers=number_texts(tables))
    against, neutral = list_against(tables, placed), list_neutral(tables, placed, families)
    openness = count_openness(tables, placed)
    listed = [row["message_id"] for row in (*replies, *against["rows"], *neutral["rows"])]
    return {
        "contrary": contrary[:NAME_LIMIT],
        "contrary_cap": cap(contrary[:NAME_LIMIT], total=len(contrary), where="tables/slates.parquet"),
        "replies": replies,
        "replies_cap": cap(
            replies,
            total=n_replies,
            where=say("{one} and {other}", one="tables/messages.parquet", other="tables/labels.parquet"),
        ),
        "receivers": count_receivers(tables),
        "unknown_sources": count_unknown_sources(tables),
        "against": against,
        "sides": sides,
        "neutral": neutral,
        "openness": openness,
        "habits": count_habits(tables, families),
        "assumed": view_assumed(tables),
        **view_gaps(tables, placed),
        "cited": [
            *listed,
            *shown_ids,
            *(message_id for row in sides["rows"] for message_id in row["ids"]),
            *openness["withdrawn"],
        ],
    }


def count_receivers(tables: Tables) -> Row:
    """Count the people who could read a text with an instruction, and those among them with no share of one.

    Having no share in the evidence does not show that a person passed nothing on elsewhere.
    """
    chosen = _instructing_families(tables)
    could_read = scan(tables, "edges").filter(pl.col("family_id").is_in(chosen)).select(pl.col("recipient_id").unique())
    received = set(could_read.collect().to_series().drop_nulls())
    sent = set(tables["shares"].filter(pl.col("family_id").is_in(chosen))["person_id"].drop_nulls())
    return {"n_received": len(received), "n_silent": len(received - sent), "n_sent": len(sent)}


def count_unknown_sources(tables: Tables) -> Row:
    """Count the shares whose most probable source is not in the evidence."""
    unknown = scan(tables, "links").filter((pl.col("rank") == 1) & pl.col("parent_share_id").is_null())
    return {"n_unknown": unknown.select(pl.len()).collect().item(), "n_shares": tables["shares"].height}


def _instructing_families(tables: Tables) -> list[str]:
    """Return the families of which a message is flagged or unsure."""
    told = instruct(tables["labels"])["message_id"].unique()
    members = scan(tables, "families").filter(pl.col("message_id").is_in(told.implode()))
    return sorted(members.select(pl.col("family_id").drop_nulls().unique()).collect().to_series())


def _list_contrary(slates: pl.DataFrame, placed: pl.DataFrame) -> list[Row]:
    """Return the names that some messages support and others oppose, with those messages."""
    known = placed.select("message_id", "one")
    stances = slates.join(known, on="message_id").with_columns(
        key=pl.col("name").map_elements(normalise, return_dtype=pl.String), is_against=pl.col("stance").is_in(_AGAINST)
    )
    both = (
        stances.sort("message_id", "start", nulls_last=True)
        .group_by("key", maintain_order=True)
        .agg(
            name=pl.col("name").first(),
            n_for=pl.col("one").filter(~pl.col("is_against")).n_unique(),
            n_against=pl.col("one").filter(pl.col("is_against")).n_unique(),
            ids_for=pl.col("message_id").filter(~pl.col("is_against")).unique(maintain_order=True).head(ID_LIMIT),
            ids_against=pl.col("message_id").filter(pl.col("is_against")).unique(maintain_order=True).head(ID_LIMIT),
        )
        .filter((pl.col("n_for") > 0) & (pl.col("n_against") > 0))
        .sort("key")
    )
    return [row | {"ids": [*row["ids_for"], *row["ids_against"]]} for row in both.to_dicts()]


def _list_replies(tables: Tables) -> tuple[list[Row], int]:
    """Return messages near the subject that were not counted as instructions, each with the rule that found it."""
    found = find_near_subject(tables)
    why = dict(found.select("message_id", "reason").head(LIST_LIMIT).iter_rows())
    placed = place_messages(tables, only=pl.Series(list(why), dtype=pl.Int64))
    rows = {row["message_id"]: row for row in list_sightings(placed, ids=why)}
    return [rows[message_id] | {"reason": tell_reason(reason)} for message_id, reason in why.items()], found.height


def find_near_subject(tables: Tables) -> pl.DataFrame:
    """Return distinct messages near the subject that were not counted as instructions, with the `reason` of each."""
    labels = tables["labels"]
    rules = [_near_misses(labels), _notices(labels), _mentions(tables), _answers(tables)]
    reasons = pl.concat(found.with_columns(rule=pl.lit(place)) for place, found in enumerate(rules))
    families = scan(tables, "families").filter(pl.col("family_id").is_in(_instructing_families(tables)))
    return (
        scan(tables, "messages")
        .filter(pl.col("kind") != "system")
        .select("message_id", "sent_at", one=pl.coalesce("canonical_id", "message_id"))
        .join(reasons.unique("message_id", keep="first", maintain_order=True).lazy(), on="message_id")
        .join(instruct(labels).lazy(), on="message_id", how="anti")
        .join(families, on="message_id", how="anti")
        .collect()
        .sort("rule", "sent_at", "message_id", nulls_last=True)
        .unique("one", keep="first", maintain_order=True)
    )


def tell_reason(reason: str) -> str:
    """Return in words why a message is listed."""
    rule, _, probability = reason.partition(" ")
    return (
        _REASONS[rule]
        if rule in _REASONS
        else say("read as no instruction (probability {probability})", probability=probability)
    )


def _near_misses(labels: pl.DataFrame) -> pl.DataFrame:
    """Return messages read as no instruction though the model gave it a fair chance, with the probability."""
    is_near = pl.col("label").eq(SLATE_LABEL) & pl.col("decision").eq("none") & (pl.col("probability") >= NEAR_MISS)
    turned_down = labels.filter(is_near)
    words = pl.concat_str(pl.lit("near "), pl.col("probability").cast(pl.Float64).round(2))
    return turned_down.sort("message_id").select("message_id", reason=words)


def _notices(labels: pl.DataFrame) -> pl.DataFrame:
    """Return messages that explain, announce or remind of a ballot."""
    found = labels.filter(pl.col("label").is_in(_BALLOT_LABELS) & pl.col("decision").is_in(["flag", "review"]))
    return found.select("message_id").unique().sort("message_id").select("message_id", reason=pl.lit("notice"))


def _mentions(tables: Tables) -> pl.DataFrame:
    """Return messages whose text holds a name of a slate."""
    names = sorted({name.lower() for name in tables["slates"]["name"].drop_nulls() if len(name) >= SHORTEST_NAME})
    if not names:
        return pl.DataFrame(schema={"message_id": pl.Int64, "reason": pl.String})
    holds = pl.col("text").str.to_lowercase().str.contains_any(names)
    return scan(tables, "messages").filter(holds).select("message_id", reason=pl.lit("mention")).collect()


def _answers(tables: Tables) -> pl.DataFrame:
    """Return messages with words among the next three, and within a day, after a flagged one in the same export."""
    flagged = instruct(tables["labels"]).filter(pl.col("decision") == "flag")["message_id"]
    listed = order_messages(tables, "sent_local", pl.col("text").is_not_null().alias("has_text"))
    listed = listed.with_columns(told=pl.col("message_id").is_in(flagged.implode()))
    after = pl.any_horizontal(pl.col("told").shift(k, fill_value=False).over("place") for k in range(1, ANSWERS + 1))
    last_told = pl.when("told").then("sent_local").forward_fill().over("place")
    is_soon = pl.col("sent_local") - last_told <= pl.duration(hours=ANSWER_HOURS)
    return listed.filter(after & is_soon & pl.col("has_text")).select("message_id", reason=pl.lit("answer"))
