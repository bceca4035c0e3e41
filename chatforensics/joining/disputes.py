"""The observations about exports that disagree on messages, one row per export concerned; none of them is a finding."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

import polars as pl

from chatforensics.schema import TABLES, Indicators

ALIKE = 0.5  # share of matching characters from which two texts look like two states of one message
FEW_LACKING = 3  # an export that lacks so many messages may lack one more
LOOKED_AT = 1000  # characters
LONGEST_NAME = 4  # words
_NUMBER_MENTION = re.compile("@[0-9]{6,}")

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


@dataclass(frozen=True)
class Disputes:
    """What is seen of messages that exports disagree on.

    `one_sided` gathers the `lines` of an export (`src`) that the `other` lacks, `disputed` has the copies of messages
    that differ (`message_id`, `slot`, `differs`, `src`, `line`, `edited`), `lacks` the number of messages (`n`) that
    each export (`src`) lacks.
    """

    one_sided: pl.DataFrame
    disputed: pl.DataFrame
    lacks: pl.DataFrame

    @property
    def disputed_texts(self) -> pl.Series:
        """Return the `message_id` of the copies of which the texts differ."""
        return self.disputed.filter(pl.col("differs") == "text_conflict")["message_id"]


def gather_disputes(copies: pl.DataFrame, missing: pl.DataFrame, differs: pl.DataFrame) -> Disputes:
    """Gather what is seen in the exports of some chats.

    Args:
        copies: One row per copy in the order of exports: `message_id`, `slot`, `src`, `line`, `edited`.
        missing: `slot`, `src` of exports that cover the time without showing the message.
        differs: `slot`, `differs` of copies that disagree.
    """
    held = copies.select("slot", "src", "line").join(missing.select("slot"), on="slot", how="semi")
    first = held.unique("slot", keep="first", maintain_order=True)
    one_sided = first.join(missing.select("slot", other="src"), on="slot")
    disputed = copies.join(differs, on="slot").select("message_id", "slot", "differs", "src", "line", "edited")
    lines = one_sided.group_by("src", "other").agg(lines=pl.col("line").unique().sort())
    return Disputes(lines, disputed, missing.group_by("src").agg(n=pl.len()))


def merge_disputes(parts: Sequence[Disputes]) -> Disputes:
    """Put together what was gathered in different chats."""
    tables = [[getattr(part, name) for part in parts] for name in ("one_sided", "disputed", "lacks")]
    return Disputes(*(pl.concat(rows) for rows in tables))


def find_indicators(disputes: Disputes, texts: pl.DataFrame, numbered: pl.DataFrame) -> Indicators:
    """Return the observations about disagreeing exports.

    Args:
        disputes: What is seen of messages that exports disagree on.
        texts: `message_id`, `text` of the `disputed_texts`.
        numbered: The exports with `src` and `source_id`.
    """
    names = numbered.select("src", "source_id")
    others = names.rename({"src": "other", "source_id": "other_id"})
    one_sided = disputes.one_sided.join(others, on="other").select(
        "src", differs=pl.lit("one_sided"), level=pl.lit("info"), lines="lines", partners=pl.concat_list("other_id")
    )
    found = pl.concat([one_sided, _group_lines(_pair_copies(_grade(disputes, texts)).join(others, on="other"))])
    named = found.join(names, on="src")
    n_lines = pl.col("lines").list.len()
    told = named.with_columns(
        source_ids=pl.concat_list("source_id", "partners"),
        indicator=_say(_INDICATORS),
        title=_say(_TITLES),
        explanation=_say(_EXPLANATIONS),
        innocent=_say(_INNOCENT),
        resolve=_say(_RESOLVE),
        value=pl.when(n_lines == 1).then(pl.lit("1 message")).otherwise(pl.format("{} messages", n_lines)),
    )
    return Indicators(told.select(list(TABLES["indicators"])).sort("indicator", "source_ids", "level"))


def _say(texts: Mapping[str, str]) -> pl.Expr:
    words = {name: " ".join(text.split()) for name, text in texts.items()}
    return pl.col("differs").replace_strict(words, return_dtype=pl.String)


def _grade(disputes: Disputes, texts: pl.DataFrame) -> pl.DataFrame:
    """Add the level: different texts are for information where one is marked as edited, or may be two messages."""
    disputed = disputes.disputed
    edited = (pl.col("differs") == "text_conflict") & pl.col("edited").any().over("slot", "differs")
    usual = pl.col("differs").replace_strict(_LEVELS, default="info", return_dtype=pl.String)
    told = disputed.filter(pl.col("differs") == "text_conflict").join(texts, on="message_id", how="left")
    lacks = dict(disputes.lacks.iter_rows())
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
    others = graded.select("slot", "differs", other="src")
    return graded.join(others, on=["slot", "differs"]).filter(pl.col("src") != pl.col("other"))


def _group_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Gather the lines of one export under one observation."""
    lines, partners = pl.col("line").unique().sort(), pl.col("other_id").unique().sort()
    return rows.group_by("src", "differs", "level").agg(lines=lines, partners=partners)
