"""Observations about several exports of a chat, one row per export concerned; none of them is a finding.

`corroboration` tells J-04 to J-06 and the times of J-07; J-11, the weakest link of a claim, is its table.
"""

from dataclasses import dataclass
from functools import partial

import polars as pl

from chatforensics.joining.blindspots import find_blind_spots, span_lines
from chatforensics.joining.comparisons import Compared, Picture, build_comparisons, list_pairs
from chatforensics.joining.dependence import Dependence, read_dependence
from chatforensics.joining.entrances import find_entrances, find_lacking, find_told_otherwise
from chatforensics.joining.observed import WORDS
from chatforensics.schema import CONFLICT_STATUSES, IDS, TABLES, Attachments, Indicators, empty

_TOLD = ("source_ids", "lines", "value")
_NO_LINES = pl.lit([], IDS).alias("lines")
_HOUR_S = 3600
_MINUTE_S = 60
MOST_LINES = 1000
ONE_SIDED = "too many texts of the common time are in one of them only"
ONE_SENDER = "one sender has written all of them, or nearly all"


@dataclass(frozen=True)
class Further:
    """What observing needs besides messages.

    `named` has the people in notices, `unread` the `src` and `t` of notices that were not understood, `attachments`
    the files that messages name.
    """

    named: pl.DataFrame
    unread: pl.DataFrame
    attachments: Attachments | None


def compare_exports(
    picture: Picture, further: Further, *, parts: frozenset[tuple[int, int]]
) -> tuple[Compared, Indicators]:
    """Compare the exports of each chat two by two, and observe what follows.

    Args:
        picture: What joining found.
        further: What observing needs besides messages.
        parts: Pairs of exports of which one may be a part of the other, as found by `find_parts`.
    """
    dependence = read_dependence(picture.numbered, parts)
    compared = build_comparisons(picture, dependence)
    return compared, observe_joined(picture, compared, dependence, further)


def observe_joined(picture: Picture, compared: Compared, dependence: Dependence, further: Further) -> Indicators:
    """Return J-01 to J-03, the order of J-07, J-08 to J-10, J-12 and J-13, all of level info.

    They describe files: how far exports support each other, and where they do not. None says which of two is right.
    """
    comparisons = compared.comparisons
    entrances = find_entrances(further.named)
    lacking = find_lacking(entrances, picture.windows, exports=picture.numbered, unread=further.unread)
    say_lines = partial(_say_lines, numbered=picture.numbered)
    told = {
        "same_chat": _say_same_chat(picture, comparisons),
        "clock": _say_clocks(comparisons),
        "alignment": _say_alignment(picture),
        "order": say_lines(compared.moved, "message"),
        "entry_lacking": say_lines(lacking, "notice"),
        "entry_differs": say_lines(find_told_otherwise(entrances), "notice"),
        "attachment": say_lines(_find_other_files(picture.copies, further.attachments), "message"),
        "dependence": _say_dependence(comparisons),
        "repeat": say_lines(_find_repeats(picture, dependence), "message"),
        "blind_spot": _say_blind_spots(picture),
    }
    return Indicators(pl.concat([_describe(rows, kind) for kind, rows in told.items()]))


def observe_near(near: pl.DataFrame, numbered: pl.DataFrame) -> Indicators:
    """Return J-01 of the pairs in step that are not of one chat, as made by `find_near`."""
    return Indicators(_describe(_say_near(near, numbered), "near"))


def _name(rows: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Add the `source_id` of exports."""
    return rows.join(numbered.select("src", "source_id"), on="src")


def _describe(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Add the words of the observation."""
    words = {name: pl.lit(text) for name, text in WORDS[kind].columns().items()}
    typed = [pl.col(name).cast(TABLES["indicators"][name]) for name in _TOLD]
    return rows.select(typed).with_columns(level=pl.lit("info"), **words).select(*TABLES["indicators"])


def _count(number: pl.Expr, thing: str) -> pl.Expr:
    ending = pl.when(number == 1).then(pl.lit("")).otherwise(pl.lit("s"))
    return pl.format(f"{{}} {thing}{{}}", _print_number(number), ending)


def _print_number(number: pl.Expr) -> pl.Expr:
    """Print a number with its thousands apart."""
    threes = number.cast(pl.String).str.reverse().str.replace_all(r"(\d{3})", "$1,")
    return threes.str.reverse().str.strip_chars_start(",")


def _say_lines(rows: pl.DataFrame, thing: str, numbered: pl.DataFrame) -> pl.DataFrame:
    """Gather the lines of an export (`src`, `line`) by the `other` export beside which they stand out."""
    found = rows.group_by("src", "other").agg(lines=pl.col("line").unique().sort())
    others = numbered.select(other="src", other_id="source_id")
    named = _name(found, numbered).join(others, on="other")
    grouped = named.select("source_id", "lines", other="other_id")
    told = _count(pl.col("lines").list.len(), thing)
    return grouped.select("lines", source_ids=pl.concat_list("source_id", "other"), value=told)


def _both_ways(comparisons: pl.DataFrame) -> pl.DataFrame:
    """Return each comparison from either side: `source_id`, `other`; `ahead_s` is the clock of the first of the two."""
    columns = ("dependence", "n_anchors", "n_at_offset", "uncertainty_s")
    sides = (("source_a", "source_b", -pl.col("offset_s")), ("source_b", "source_a", pl.col("offset_s")))
    return pl.concat(
        [
            comparisons.select(*columns, source_id=one, other=other, ahead_s=ahead).sort("source_id", "other")
            for one, other, ahead in sides
        ]
    )


def _say_same_chat(picture: Picture, comparisons: pl.DataFrame) -> pl.DataFrame:
    """Say on how many shared texts it rests that an export shows the chat that others show."""
    long = picture.copies.filter(pl.col("long") & (pl.len().over("slot") > 1))
    lines = _name(long.group_by("src").agg(n=pl.col("slot").n_unique(), lines=span_lines()), picture.numbered)
    partners = (
        _both_ways(comparisons)
        .filter(pl.col("n_anchors") > 0)
        .group_by("source_id")
        .agg(
            others=pl.col("other").sort(),
            n_others=pl.len(),
            least=pl.col("n_anchors").min(),
            most=pl.col("n_anchors").max(),
        )
    )
    least, most = (_print_number(pl.col(name)) for name in ("least", "most"))
    several = pl.when(pl.col("n_others") > 1).then(pl.format(", {} to {} with each", least, most))
    texts, exports = _count(pl.col("n"), "long text"), _count(pl.col("n_others"), "other export")
    value = pl.format("{} shared with {}{}", texts, exports, several.fill_null(""))
    told = partners.join(lines, on="source_id")
    return told.select("lines", source_ids=_first_then("others"), value=value)


def _say_near(near: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Say of each export with which exports of another chat it is in step, and why they were not joined."""
    here, there = numbered.select("src", "source_id"), numbered.select("src", "chat", other="source_id")
    told = [
        near.select("n_anchors", "several", f"lines_{one}", here=one, there=other)
        .rename({f"lines_{one}": "lines"})
        .join(here, left_on="here", right_on="src")
        .join(there, left_on="there", right_on="src")
        .select("source_id", "other", "chat", "several", "n_anchors", "lines")
        for one, other in (("a", "b"), ("b", "a"))
    ]
    grouped = pl.concat(told).group_by("source_id", "chat", "several").agg(
        lines=pl.col("lines").explode().unique().sort().head(MOST_LINES),
        others=pl.col("other").sort(),
        least=pl.col("n_anchors").min(),
        most=pl.col("n_anchors").max(),
    )  # fmt: skip
    differ, several = pl.col("least") < pl.col("most"), pl.col("others").list.len() > 1
    fewest = pl.when(differ).then(pl.format("{} to ", _print_number(pl.col("least")))).otherwise(pl.lit(""))
    each = pl.when(several).then(pl.lit(", with each export,")).otherwise(pl.lit(""))
    n = pl.format("{}{} in both{}", fewest, _count(pl.col("most"), "text"), each)
    why = pl.when("several").then(pl.lit(ONE_SIDED)).otherwise(pl.lit(ONE_SENDER))
    value = pl.format("{} at one distance in time; not taken for one chat because {}", n, why)
    return grouped.select("lines", source_ids=_first_then("others"), value=value)


def _say_clocks(comparisons: pl.DataFrame) -> pl.DataFrame:
    """Say how far the clock of an export is ahead of that of the export with which it shares the most."""
    known = _both_ways(comparisons).filter(pl.col("ahead_s").is_not_null())
    ordered = known.sort(-pl.col("n_anchors"), "source_id", "other")
    best = ordered.unique("source_id", keep="first", maintain_order=True)
    words = pl.when(pl.col("ahead_s") < 0).then(pl.lit("behind")).otherwise(pl.lit("ahead"))
    rest = pl.col("n_anchors") - pl.col("n_at_offset")
    told = pl.format("; {} of {} at another distance", *map(_print_number, (rest, pl.col("n_anchors"))))
    apart = pl.when(rest > 0).then(told).otherwise(pl.lit(""))
    size = _print_seconds(pl.col("ahead_s").abs())
    value = pl.format("{} {}, give or take {} s, by {}{}", size, words, "uncertainty_s", _shared(), apart)
    return best.select(_NO_LINES, source_ids=pl.concat_list("source_id", "other"), value=value)


def _shared() -> pl.Expr:
    return _count(pl.col("n_anchors"), "shared text")


def _print_seconds(seconds: pl.Expr) -> pl.Expr:
    """Print seconds as hours, minutes and seconds, without the parts that are nought."""
    parts = [(seconds // _HOUR_S, "h"), (seconds % _HOUR_S // _MINUTE_S, "min"), (seconds % _MINUTE_S, "s")]
    shown = [pl.when(number > 0).then(pl.format(f"{{}} {unit}", number)) for number, unit in parts]
    return pl.when(seconds == 0).then(pl.lit("0 s")).otherwise(pl.concat_str(shown, separator=" ", ignore_nulls=True))


def _say_alignment(picture: Picture) -> pl.DataFrame:
    """Say what other exports of the chat say of the messages of each export."""
    several = picture.numbered.filter(pl.len().over("chat") > 1).select("src")
    rows = picture.copies.join(several, on="src", how="semi").select("slot", "src")
    holders = rows.group_by("slot").agg(n=pl.len())
    lacking = picture.missing.select("slot", lacking=pl.lit(value=True)).unique()
    differing = picture.differs.filter(pl.col("differs").is_in(CONFLICT_STATUSES))
    disputed = differing.select("slot", disputed=pl.lit(value=True)).unique()
    joined = rows.join(holders, on="slot").join(lacking, on="slot", how="left").join(disputed, on="slot", how="left")
    lacks, differ = (pl.col(name).fill_null(value=False) for name in ("lacking", "disputed"))
    counted = joined.group_by("src").agg(
        n_covered=((pl.col("n") > 1) | lacks).sum(),
        n_alike=((pl.col("n") > 1) & ~lacks & ~differ).sum(),
        n_differ=differ.sum(),
        n_lacking=(lacks & ~differ).sum(),
        n_alone=((pl.col("n") == 1) & ~lacks).sum(),
    )
    value = pl.format(
        "{} that others cover: {} shown alike by all, {} shown differently, {} missing in some; {} that none covers",
        _count(pl.col("n_covered"), "message"),
        *(_print_number(pl.col(name)) for name in ("n_alike", "n_differ", "n_lacking", "n_alone")),
    )
    named = _name(counted, picture.numbered)
    return named.select(_NO_LINES, source_ids=pl.concat_list("source_id"), value=value)


def _find_other_files(copies: pl.DataFrame, attachments: Attachments | None) -> pl.DataFrame:
    """Return messages of which two exports hold files of different content; what was not read is left out."""
    known = empty("attachments") if attachments is None else attachments
    tied = known.filter((pl.col("status") == "tied") & pl.col("sha256").is_not_null())
    placed = copies.select("message_id", "slot", "src", "line")
    held = tied.select("message_id", "sha256").join(placed, on="message_id")
    differing = held.filter(pl.col("sha256").n_unique().over("slot") > 1)
    others = differing.select("slot", there="sha256", other="src")
    pairs = differing.join(others, on="slot").filter(pl.col("sha256") != pl.col("there"))
    return pairs.filter(pl.col("src") != pl.col("other")).select("src", "line", "other")


def _say_dependence(comparisons: pl.DataFrame) -> pl.DataFrame:
    """Say which exports do not count as independent of one, and why."""
    found = _both_ways(comparisons).drop_nulls("dependence")
    grouped = found.group_by("source_id", "dependence").agg(others=pl.col("other").sort())
    return grouped.select(_NO_LINES, source_ids=_first_then("others"), value="dependence")


def _first_then(others: str) -> pl.Expr:
    return pl.concat_list(pl.concat_list("source_id"), others)


def _find_repeats(picture: Picture, dependence: Dependence) -> pl.DataFrame:
    """Return what an export has and a later one of the same phone or person lacks."""
    ends = dict(picture.windows.group_by("src").agg(pl.col("to_t").max()).iter_rows())
    pairs = [pair for pair in list_pairs(picture.numbered) if dependence.one_hand(*pair) and set(pair) <= set(ends)]
    ordered = [tuple(sorted(pair, key=lambda src: (ends[src], src))) for pair in pairs]
    found = pl.DataFrame(ordered, schema={"src": pl.Int64, "later": pl.Int64}, orient="row")
    lost = picture.missing.select("slot", later="src")
    placed = picture.copies.select("slot", "src", "line")
    return placed.join(found, on="src").join(lost, on=["slot", "later"]).rename({"later": "other"})


def _say_blind_spots(picture: Picture) -> pl.DataFrame:
    spots = _name(find_blind_spots(picture.copies, picture.windows, picture.numbered), picture.numbered)
    value = pl.format(
        "{} in {}, {} days in all",
        _count(pl.col("n"), "message"),
        _count(pl.col("n_stretches"), "stretch").str.replace("stretchs", "stretches"),
        pl.col("days").round(1),
    )
    return spots.select("lines", source_ids=pl.concat_list("source_id"), value=value)
