"""Links between labels that are one person: a full phone number, aligned copies, and last one label in one phone.

Nothing here looks at what a name says: links follow from who sent the same thing, never from likeness of names.
"""

from collections.abc import Sequence

import polars as pl

from chatforensics.joining.alignment import components
from chatforensics.joining.people import EXPORTER, phone_number

MIN_COPIES = 2
MIN_PURITY = 0.8
MIN_BUT_ONE = 4
SAME_NUMBER = "same phone number"
SAME_LABEL = "one label in several chats of one phone"
MESSAGES = "aligned messages"
NOTICES = "aligned notices"

_ENDS = ("a", "b", "reason")


def link_labels(nodes: pl.DataFrame, links: pl.DataFrame, likely: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
    """Return the links that make labels into people: `a`, `b`, `reason`, `n` and `n_against`.

    A label of one phone in several chats is one person, and whoever seems to have made its exports did, unless other
    phones show there that it is two people.

    Args:
        nodes: As made by `list_labels`.
        links: Labels known to be one person: `a`, `b`, `reason`, `n`.
        likely: The same, of labels that a phone's owner seems to have.
        copies: Which nodes `a`, `b` of two phones stand beside each other in aligned copies in a `chat`, how often
            (`n`), from when (`first`) to when (`last`), in texts that are `long` or not, and in a `post` or a notice.
    """
    found = pl.concat([links.select(*_ENDS, "n"), _link_numbers(nodes)])
    for some in (copies.filter(pl.col("long")), copies):  # one long text at one time is hardly ever a coincidence
        found = pl.concat([found, _link_copies(_add_parts(nodes, found), some)])
    for guesses in (likely.select(*_ENDS, "n", group="a"), _list_same_labels(nodes)):
        found = pl.concat([found, _keep_unmixed(_add_parts(nodes, found), guesses)])
        found = pl.concat([found, _link_copies(_add_parts(nodes, found), copies)])
    return _count_copies(nodes, found, copies)


def _add_parts(nodes: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    return nodes.with_columns(part=components(links, n_nodes=len(nodes)))


def _link_numbers(nodes: pl.DataFrame) -> pl.DataFrame:
    numbers = nodes.select("node", number=phone_number(pl.col("label"))).drop_nulls()
    linked = numbers.select(a=pl.col("node").min().over("number"), b="node", reason=pl.lit(SAME_NUMBER))
    return linked.filter(pl.col("a") != pl.col("b")).with_columns(n=pl.lit(1, pl.Int64))


def _list_same_labels(nodes: pl.DataFrame) -> pl.DataFrame:
    """Link the places where one phone prints one label: two contacts may have been saved under one name.

    A profile name (`~`) is whatever its owner types.
    """
    known = nodes.filter((pl.col("label") != EXPORTER) & phone_number(pl.col("label")).is_null())
    first = pl.col("node").min().over("phone", "label")
    stars = known.select(a=first, b="node", reason=pl.lit(SAME_LABEL), n=pl.lit(1, pl.Int64), group=first)
    return stars.filter(pl.col("a") != pl.col("b")).sort("a", "b")


def _keep_unmixed(nodes: pl.DataFrame, guesses: pl.DataFrame) -> pl.DataFrame:
    """Return the guesses, less those which alone or together would make two labels of a phone one person.

    Args:
        nodes: With `part`, what is known to be one person.
        guesses: `a`, `b`, `reason`, `n`, and `group`: what holds or falls together.
    """
    known = nodes.with_columns(key=pl.coalesce(phone_number(pl.col("label")), "label"))
    shown = known.filter(pl.col("label") != EXPORTER).select("part", "phone", "key")
    parts = nodes.select("node", "part")
    ends = pl.concat([guesses.select("group", node=end) for end in ("a", "b")])
    held = ends.join(parts, on="node").select("group", "part").unique().join(shown, on="part")
    alone = guesses.join(_find_mixed(held, "group"), on="group", how="anti").sort("a", "b")
    links = pl.concat([alone.select("a", "b"), parts.select(a="node", b="part")])
    whole = nodes.select("node", "part", whole=components(links, n_nodes=len(nodes)))
    merged = whole.select("part", "whole").unique().join(shown, on="part")
    mixed = whole.join(_find_mixed(merged, "whole"), on="whole", how="semi").select(a="node")
    return alone.join(mixed, on="a", how="anti").drop("group")


def _find_mixed(held: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return the groups of parts that show more labels in one phone than any single part of them joins there.

    A number and a profile name do not count as two: whom a phone has not saved, it prints as either.
    """
    rows = [held.filter(~pl.col("key").str.starts_with(sign)) for sign in ("+", "~")]
    return pl.concat([_find_crowded(some, by) for some in rows]).unique()


def _find_crowded(held: pl.DataFrame, by: str) -> pl.DataFrame:
    each = held.group_by(by, "phone", "part").agg(n=pl.col("key").n_unique())
    most = each.group_by(by, "phone").agg(pl.col("n").max())
    together = held.group_by(by, "phone").agg(n_all=pl.col("key").n_unique()).join(most, on=[by, "phone"])
    return together.filter(pl.col("n") < pl.col("n_all")).select(by)


def _link_copies(nodes: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
    """Link labels of two phones whose copies nearly always carry each other.

    One label may stand opposite several of another phone, each of which leads back to it, if these follow each other
    in every chat: somebody changed number or name. Were they two people, they would speak in between each other.
    """
    meetings = _meet_labels(nodes, copies)
    facing = ("part_b", "phone", "phone_b")
    votes = meetings.group_by("part", *facing).agg(pl.col("n").sum())
    totals = votes.with_columns(
        out=pl.col("n").sum().over("part", "phone", "phone_b"), back=pl.col("n").sum().over(facing)
    )
    known = pl.col("part") == pl.col("part_b")
    enough = known | (pl.col("n") >= MIN_COPIES) | ((pl.col("out") == 1) & (pl.col("back") == 1))
    sure = totals.filter(_nearly_all(pl.col("n"), pl.col("out")) & enough)
    sure = sure.filter(_nearly_all(pl.col("n").sum().over(facing), pl.col("back")))
    clashes = _find_clashes(meetings.join(sure, on=["part", *facing], how="semi"), facing)
    kept = sure.join(clashes, on=facing, how="anti").filter(pl.col("part") != pl.col("part_b"))
    met = meetings.join(kept, on=["part", *facing], how="semi")
    ends = met.select(a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b")).unique().sort("a", "b")
    return ends.select("a", "b", reason=pl.lit(MESSAGES), n=pl.lit(1, pl.Int64))  # counted at the end


def _nearly_all(n: pl.Expr, total: pl.Expr) -> pl.Expr:
    """Tell whether few copies carry another label: one in five, or a single one, as where a sender was altered."""
    return (n >= MIN_PURITY * total) | ((n >= MIN_BUT_ONE) & (total - n == 1))


def _meet_labels(nodes: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
    """Count in both directions how often labels of two phones stand for each other in each chat, from when to when."""
    one_way = copies.select("a", "b", "chat", "n", "first", "last")
    there = pl.concat([one_way, one_way.rename({"a": "b", "b": "a"}).select(one_way.columns)])
    here = nodes.select("node", "phone", "part")
    met = there.group_by("a", "b", "chat").agg(pl.col("n").sum(), pl.col("first").min(), pl.col("last").max())
    return (
        met.join(here, left_on="a", right_on="node")
        .join(here, left_on="b", right_on="node", suffix="_b")
        .filter(pl.col("phone") != pl.col("phone_b"))
    )


def _find_clashes(meetings: pl.DataFrame, facing: Sequence[str]) -> pl.DataFrame:
    """Return the labels opposite which two others were in use at one time in one chat."""
    spans = meetings.group_by("part", *facing, "chat").agg(pl.col("first").min(), pl.col("last").max())
    ordered = spans.sort(*facing, "chat", "first", "last", "part")
    before = pl.col("last").cum_max().shift(1).over(*facing, "chat")
    return ordered.filter(pl.col("first") <= before).select(facing).unique()


def _count_copies(nodes: pl.DataFrame, links: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
    """Count for each link by copies how many messages and notices speak for it, and how many of them against it."""
    aligned = pl.col("reason") == MESSAGES
    phones = nodes.select("node", "phone")
    ends = copies.select("post", "n", a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b"))
    n_posts, n_notices = pl.col("n").filter("post").sum(), pl.col("n").filter(~pl.col("post")).sum()
    met = ends.group_by("a", "b").agg(n_posts=n_posts, n_notices=n_notices)
    both = met.join(phones, left_on="a", right_on="node").join(phones, left_on="b", right_on="node", suffix="_b")
    n = pl.col("n_posts") + pl.col("n_notices")
    sides = [
        both.select(node="a", opposite="phone_b", n=n),
        both.select(node="b", opposite="phone", n=n),
    ]
    held = pl.concat(sides).group_by("node", "opposite").agg(pl.col("n").sum())
    told = (
        both.join(links.filter(aligned).select("a", "b").unique(), on=["a", "b"])
        .join(held.rename({"n": "of_a"}), left_on=["a", "phone_b"], right_on=["node", "opposite"])
        .join(held.rename({"n": "of_b"}), left_on=["b", "phone"], right_on=["node", "opposite"])
        .with_columns(n_against=pl.col("of_a") + pl.col("of_b") - 2 * n)
    )
    rows = [
        told.filter(pl.col(count) > 0).select("a", "b", "n_against", reason=pl.lit(reason), n=count)
        for reason, count in ((MESSAGES, "n_posts"), (NOTICES, "n_notices"))
    ]
    other = links.filter(~aligned).with_columns(n_against=pl.lit(0, pl.Int64))
    columns = (*_ENDS, "n", "n_against")
    return pl.concat([part.select(columns) for part in (other, *rows)]).unique(maintain_order=True)
