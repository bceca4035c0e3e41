"""What the exports of a chat say together about each message, and the observations that follow from it."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations

import polars as pl

from chatforensics.joining.disagreements import UNTIED, WORDLESS
from chatforensics.schema import CONFLICT_STATUSES, TABLES, TEXTS, Corroboration, Indicators

ALIKE = 0.5  # share of matching characters from which two texts look like two states of one message
FEW_LACKING = 3  # an export that lacks so many messages may lack one more
LOOKED_AT = 1000  # characters
LONGEST_NAME = 4  # words
_NUMBER_MENTION = re.compile("@[0-9]{6,}")
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
_NOTES = {
    ORDER: " One export has it elsewhere in the order than another.",
    UNTIED: " The exports name its sender by labels that nothing ties together.",
    WORDLESS: " One export has words where another has none: a caption left out, or a deleted message.",
}

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
    copies: pl.DataFrame, missing: pl.DataFrame, differs: pl.DataFrame, notes: pl.DataFrame
) -> Corroboration:
    """Return what the exports say about each message: one row per canonical message, notices excluded.

    Agreement shows that exports agree, not that the message is true; exports of one phone or person count once in
    `n_independent`.

    Args:
        copies: One row per copy: `slot`, `src`, `source_id`, `unit` (what is independent), `chat_id`, `n_exports` (of
            the chat).
        missing: `slot`, `src`, `source_id` of exports that cover the time without showing the message.
        differs: `slot`, `differs` of copies that disagree.
        notes: `slot`, `differs` of copies that agree, with what should be known of it.
    """
    lacking = missing.group_by("slot").agg(n_missing=pl.len(), lacking=pl.col("source_id").sort())
    one_sided = missing.select("slot", differs=pl.lit("one_sided")).unique()
    found = pl.concat([differs, one_sided, notes.filter(pl.col("differs") == ORDER)])
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
        .join(notes.group_by("slot").agg(notes=pl.col("differs").unique()), on="slot", how="left")
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
    noted = pl.col("notes").fill_null(pl.lit([], TEXTS))
    further = [*((noted.list.contains(note), text) for note, text in _NOTES.items()), (repeated, _ONE_PHONE)]
    return pl.concat_str(words, *(pl.when(said).then(pl.lit(text)).otherwise(pl.lit("")) for said, text in further))


def find_moved_slots(copies: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Return the messages that stand elsewhere in the order of another export: `slot`, `differs`.

    Args:
        copies: One row per copy: `slot`, `source_id`, `line`.
        moved: `source_id`, `line` of the copies that were found to be moved.
    """
    there = copies.join(moved, on=["source_id", "line"], how="semi")
    return there.select("slot", differs=pl.lit(ORDER)).unique().sort("slot")


def find_indicators(
    copies: pl.DataFrame, missing: pl.DataFrame, differs: pl.DataFrame, texts: pl.DataFrame
) -> Indicators:
    """Return the observations about disagreeing exports, one row per export concerned; none of them is a finding.

    Args:
        copies: As for `build_corroboration`, with `message_id`, `line`, `edited`.
        missing: `slot`, `src`, `source_id` of exports that cover the time without showing the message.
        differs: `slot`, `differs` of copies that disagree.
        texts: `message_id`, `text`.
    """
    first = copies.sort("src").group_by("slot", maintain_order=True).first()
    one_sided = first.join(missing.select("slot", other="source_id"), on="slot").with_columns(
        differs=pl.lit("one_sided"), level=pl.lit("info")
    )
    graded = _grade(copies.join(differs, on="slot"), missing, texts)
    found = pl.concat([_group_lines(one_sided, by=["other"]), _group_lines(_pair_copies(graded), by=[])])
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


def _grade(disputed: pl.DataFrame, missing: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Add the level: different texts are for information where one is marked as edited, or may be two messages."""
    edited = (pl.col("differs") == "text_conflict") & pl.col("edited").any().over("slot", "differs")
    usual = pl.col("differs").replace_strict(_LEVELS, default="info", return_dtype=pl.String)
    told = disputed.filter(pl.col("differs") == "text_conflict").join(texts, on="message_id", how="left")
    lacks = dict(missing.group_by("src").len().iter_rows())
    rows = told.group_by("slot").agg("text", "src").iter_rows()
    doubtful = [slot for slot, words, sources in rows if _is_doubtful(words, [lacks.get(src, 0) for src in sources])]
    harmless = edited | ((pl.col("differs") == "text_conflict") & pl.col("slot").is_in(doubtful))
    return disputed.with_columns(level=pl.when(harmless).then(pl.lit("info")).otherwise(usual))


def _is_doubtful(texts: Sequence[str | None], n_lacking: Sequence[int]) -> bool:
    """Tell whether different texts may be lawful: a mention printed in two ways, or two messages, each deleted once."""
    pairs = [(a, b) for a, b in combinations(texts, 2) if a is not None and b is not None and a != b]
    if pairs and all(_differ_in_mentions(a, b) for a, b in pairs):
        return True
    alike = all(SequenceMatcher(None, a[:LOOKED_AT], b[:LOOKED_AT]).ratio() >= ALIKE for a, b in pairs)
    return not alike and sum(n >= FEW_LACKING for n in n_lacking) > 1


def _differ_in_mentions(a: str, b: str) -> bool:
    """Tell whether two texts are the same but for what follows an `@`, printed as a number on one side at least."""
    if not any(_NUMBER_MENTION.search(text) for text in (a, b)):
        return False
    parts = [re.split("@", text) for text in (a, b)]
    if len(parts[0]) != len(parts[1]) or parts[0][0] != parts[1][0]:
        return False
    return all(_share_tail(x, y) for x, y in zip(parts[0][1:], parts[1][1:], strict=True))


def _share_tail(a: str, b: str) -> bool:
    """Tell whether what follows a number, or a name of a few words, is the same."""
    tails = [{" ".join(text.split(" ")[n:]) for n in range(1, LONGEST_NAME + 1)} for text in (a, b)]
    return bool(tails[0] & tails[1])


def _pair_copies(graded: pl.DataFrame) -> pl.DataFrame:
    """Put each copy of a disputed message beside the other exports that show it."""
    others = graded.select("slot", "differs", other="source_id")
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
