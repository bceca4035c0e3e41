"""What the exports of a chat say together about each message, and the observations that follow from it."""

from collections.abc import Mapping

import polars as pl

from chatforensics.schema import CONFLICT_STATUSES, TABLES, TEXTS, Corroboration, Indicators

GRAVITY = (*CONFLICT_STATUSES, "one_sided")

_DETAILS = {
    "text_conflict": "The exports show different texts for what seems to be one message.",
    "sender_conflict": "The exports name different senders for one text.",
    "time_conflict": "The exports show one text of one sender at different times.",
    "one_sided": "{} of {} exports that cover its time show it.",
    "single_source": "No other export of this chat.",
    "outside_window": "No other export of this chat covers its time.",
    "agree": "{} of {} exports that cover its time show it alike.",
}
_ONE_PHONE = " They come from one phone, person or file and do not confirm each other."
ORDER = "order"  # a difference that stands beside the others and decides no status
_MOVED = " One export has it elsewhere in the order than another."

_INDICATORS = {"one_sided": "J-04", "text_conflict": "J-05", "sender_conflict": "J-06", "time_conflict": "J-07"}
_TITLES = {
    "one_sided": "In one export only",
    "text_conflict": "Different texts",
    "sender_conflict": "Different senders",
    "time_conflict": "Different times",
}
_EXPLANATIONS = {
    "one_sided": "Messages of the first export are missing from the second, which covers their time.",
    "text_conflict": """The first export and the others show different texts by one person at one moment. If none of
        the innocent explanations holds, one file at least is not as the phone wrote it; this cannot show which.""",
    "sender_conflict": """The first export and the others give one text at one moment to different people. If none of
        the innocent explanations holds, one file at least is not as the phone wrote it; this cannot show which.""",
    "time_conflict": "The first export and the others show one text of one person at different times.",
}
_INNOCENT = {
    "one_sided": """Deleted for oneself on one phone; disappearing messages; a truncated or repeated export;
        somebody who joined later or was out of the chat without a notice; a message that never reached the phone.""",
    "text_conflict": """The message was edited before one of the exports was made; two different messages were each
        deleted on one phone; a line was read with a wrong start or time (a pasted line that looks like the
        beginning of a message).""",
    "sender_conflict": """Two people sent the same words at once and each message is missing from one export; one
        phone lists two people under one name.""",
    "time_conflict": """The text was sent twice and each message is missing from one export; a phone was offline;
        its clock was set.""",
}
_RESOLVE = {
    "one_sided": "The phones themselves; the export of a third member of the chat; asking who deleted what.",
    "text_conflict": "The message on either phone, where an edited one says so; the export of a third member.",
    "sender_conflict": "The message on either phone; the export of a third member.",
    "time_conflict": "The message's details on either phone; the export of a third member.",
}
_LEVELS = {"text_conflict": "contradiction", "sender_conflict": "contradiction"}


def build_corroboration(
    copies: pl.DataFrame, missing: pl.DataFrame, differs: pl.DataFrame, moved: pl.DataFrame
) -> Corroboration:
    """Return what the exports say about each message: one row per canonical message, notices excluded.

    Agreement shows that exports agree, not that the message is true; exports of one phone or person count once in
    `n_independent`.

    Args:
        copies: One row per copy: `slot`, `src`, `source_id`, `unit` (what is independent), `chat_id`, `n_exports` (of
            the chat).
        missing: `slot`, `src`, `source_id` of exports that cover the time without showing the message.
        differs: `slot`, `differs` of copies that disagree.
        moved: `source_id`, `line` of copies that stand elsewhere in the order of another export.
    """
    lacking = missing.group_by("slot").agg(n_missing=pl.len(), lacking=pl.col("source_id").sort())
    one_sided = missing.select("slot", differs=pl.lit("one_sided")).unique()
    elsewhere = copies.join(moved, on=["source_id", "line"], how="semi").select("slot", differs=pl.lit(ORDER)).unique()
    found = pl.concat([differs, one_sided, elsewhere])
    ways = (*GRAVITY, ORDER)
    place = pl.col("differs").replace_strict(ways, range(len(ways)), return_dtype=pl.Int32)
    conflicts = found.with_columns(place=place).sort("place").group_by("slot").agg(conflicts=pl.col("differs"))
    rows = (
        copies.group_by("slot")
        .agg(
            pl.col("chat_id", "n_exports").first(),
            n_sources=pl.col("src").n_unique().cast(pl.Int64),
            n_independent=pl.col("unit").n_unique().cast(pl.Int64),
            source_ids=pl.col("source_id").unique().sort(),
        )
        .join(lacking, on="slot", how="left")
        .join(conflicts, on="slot", how="left")
        .with_columns(pl.col("n_missing").fill_null(0), pl.col("conflicts", "lacking").fill_null(pl.lit([], TEXTS)))
        .with_columns(status=_status())
        .rename({"slot": "canonical_id"})
    )
    told = rows.with_columns(detail=_detail()).select(*TABLES["corroboration"])
    return Corroboration(told.sort("canonical_id"))


def _status() -> pl.Expr:
    alone = pl.when(pl.col("n_exports") == 1).then(pl.lit("single_source")).otherwise(pl.lit("outside_window"))
    plain = pl.when(pl.col("n_sources") > 1).then(pl.lit("agree")).otherwise(alone)
    gravest = pl.col("conflicts").list.first()
    return pl.coalesce(pl.when(gravest != ORDER).then(gravest), plain)


def _detail() -> pl.Expr:
    covering = pl.col("n_sources") + pl.col("n_missing")
    words = pl.coalesce(
        pl.when(pl.col("status") == status).then(
            pl.format(words, "n_sources", covering) if "{}" in words else pl.lit(words)
        )
        for status, words in _DETAILS.items()
    )
    repeated = (pl.col("n_sources") > 1) & (pl.col("n_independent") == 1)
    further = [(pl.col("conflicts").list.contains(ORDER), _MOVED), (repeated, _ONE_PHONE)]
    return pl.concat_str(words, *(pl.when(said).then(pl.lit(text)).otherwise(pl.lit("")) for said, text in further))


def find_indicators(copies: pl.DataFrame, missing: pl.DataFrame, differs: pl.DataFrame) -> Indicators:
    """Return the observations about disagreeing exports, one row per export concerned; none of them is a finding.

    Args:
        copies: As for `build_corroboration`, with `source_id`, `line`, `edited`.
        missing: `slot`, `src`, `source_id` of exports that cover the time without showing the message.
        differs: `slot`, `differs` of copies that disagree.
    """
    first = copies.sort("src").group_by("slot", maintain_order=True).first()
    one_sided = first.join(missing.select("slot", other="source_id"), on="slot").with_columns(
        differs=pl.lit("one_sided"), level=pl.lit("info")
    )
    found = pl.concat([_group_lines(one_sided, by=["other"]), _group_lines(_pair_copies(copies, differs), by=[])])
    n_lines = pl.col("lines").list.len()
    told = found.with_columns(
        indicator=_say(_INDICATORS),
        title=_say(_TITLES),
        explanation=_say(_EXPLANATIONS),
        innocent=_say(_INNOCENT),
        resolve=_say(_RESOLVE),
        value=pl.when(n_lines == 1).then(pl.lit("1 message")).otherwise(pl.format("{} messages", n_lines)),
    )
    return Indicators(told.select(*TABLES["indicators"]).sort("indicator", "source_ids", "level"))


def _say(texts: Mapping[str, str]) -> pl.Expr:
    words = {name: " ".join(text.split()) for name, text in texts.items()}
    return pl.col("differs").replace_strict(words, return_dtype=pl.String)


def _pair_copies(copies: pl.DataFrame, differs: pl.DataFrame) -> pl.DataFrame:
    """Put each copy of a disputed message beside the other exports that show it."""
    disputed = copies.join(differs, on="slot")
    edited = (pl.col("differs") == "text_conflict") & pl.col("edited").any().over("slot", "differs")
    usual = pl.col("differs").replace_strict(_LEVELS, default="info", return_dtype=pl.String)
    graded = disputed.with_columns(level=pl.when(edited).then(pl.lit("info")).otherwise(usual))
    others = disputed.select("slot", "differs", other="source_id")
    return graded.join(others, on=["slot", "differs"]).filter(pl.col("source_id") != pl.col("other"))


def _group_lines(rows: pl.DataFrame, *, by: list[str]) -> pl.DataFrame:
    """Gather the lines of one export under one observation."""
    keys = ["source_id", "differs", "level", *by]
    grouped = (
        rows.with_columns(partner="other")
        .group_by(keys)
        .agg(lines=pl.col("line").unique().sort(), partners=pl.col("partner").unique().sort())
    )
    return grouped.select("differs", "level", "lines", source_ids=pl.concat_list("source_id", "partners"))
