"""Who is who: sender labels of several phones joined into people by what the exports show, never by likeness of names.

A label of one phone is one person. Labels of two phones are one person when aligned copies of messages or notices say
so, or when both print the same full phone number. Two people whom one phone lists under one label stay one.
"""

from collections.abc import Sequence
from hashlib import sha256

import polars as pl

from chatforensics.joining.alignment import components

EXPORTER = ""  # the label of whoever made the export, whom notices call "You"
MIN_COPIES = 2
MIN_PURITY = 0.9

_PHONE = r"^[\s\p{Cf}]*(?:\+|00)[\s\p{Cf}0-9().\-\u{2010}-\u{2015}]*$"
_SHORTEST_NUMBER = 7
_SHORTEST_CODE = 5
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0 and 1


def phone_number(label: pl.Expr) -> pl.Expr:
    """Return a label that is a full phone number as `+` and digits, else null; the region is never guessed."""
    digits = label.str.replace_all(r"[^0-9]", "").str.replace(r"^00", "")
    is_number = label.str.contains(_PHONE) & (digits.str.len_chars() >= _SHORTEST_NUMBER)
    return pl.when(is_number).then(pl.concat_str(pl.lit("+"), digits))


def list_labels(mentions: pl.DataFrame) -> pl.DataFrame:
    """Number the labels of each phone: `node`, `phone`, `label`, `first_source`, `n_posts`.

    Args:
        mentions: `phone`, `source_id`, `label`, `n_posts`; the exporter's label is `EXPORTER`.
    """
    return (
        mentions.group_by("phone", "label")
        .agg(first_source=pl.col("source_id").min(), n_posts=pl.col("n_posts").sum())
        .sort("first_source", "phone", "label")
        .with_row_index("node")
        .with_columns(pl.col("node").cast(pl.Int64))
    )


def join_labels(nodes: pl.DataFrame, links: pl.DataFrame, copies: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Return the component of each label, and the links behind it with their `reason` and `n`.

    Args:
        nodes: As made by `list_labels`.
        links: Labels of one phone known to be one person: `a`, `b`, `reason`.
        copies: One row per pair of aligned copies: nodes `a`, `b` of two phones, `chat`, `t`, `long`.
    """
    found = pl.concat([links.select("a", "b", "reason"), _link_numbers(nodes)]).with_columns(n=pl.lit(1, pl.Int64))
    for some in (copies.filter(pl.col("long")), copies):  # one long text at one time is hardly ever a coincidence
        parts = nodes.with_columns(part=components(found, n_nodes=len(nodes)))
        found = pl.concat([found, _link_copies(parts, some)])
    return components(found, n_nodes=len(nodes)), found


def _link_numbers(nodes: pl.DataFrame) -> pl.DataFrame:
    numbers = nodes.select("node", number=phone_number(pl.col("label"))).drop_nulls()
    linked = numbers.select(a=pl.col("node").min().over("number"), b="node", reason=pl.lit("same phone number"))
    return linked.filter(pl.col("a") != pl.col("b"))


def _link_copies(nodes: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
    """Link labels of two phones whose copies nearly always carry each other.

    One label may stand opposite several of another phone, each of which leads back to it, if these follow each other
    in every chat: somebody changed number or name. Were they two people, they would speak in between each other.
    """
    meetings = _meet_labels(nodes, copies)
    facing = ("part_b", "phone", "phone_b")
    votes = meetings.group_by("part", *facing).agg(pl.col("n").sum(), a=pl.col("a").min(), b=pl.col("b").min())
    totals = votes.with_columns(
        out=pl.col("n").sum().over("part", "phone", "phone_b"), back=pl.col("n").sum().over(facing)
    )
    enough = (pl.col("n") >= MIN_COPIES) | ((pl.col("out") == 1) & (pl.col("back") == 1))
    sure = totals.filter((pl.col("n") >= MIN_PURITY * pl.col("out")) & enough)
    sure = sure.filter(pl.col("n").sum().over(facing) >= MIN_PURITY * pl.col("back"))
    clashes = _find_clashes(meetings.join(sure, on=["part", *facing], how="semi"), facing)
    kept = sure.join(clashes, on=facing, how="anti").filter(pl.col("part") != pl.col("part_b"))
    ends = kept.select("n", a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b"))
    return (
        ends.group_by("a", "b")
        .agg(reason=pl.lit("aligned messages"), n=pl.col("n").max())
        .select("a", "b", "reason", "n")
        .sort("a", "b")
    )


def _meet_labels(nodes: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
    """Count in both directions how often labels of two phones stand for each other in each chat, from when to when."""
    there = pl.concat(
        [
            copies.select("a", "b", "chat", "t"),
            copies.select(pl.col("b").alias("a"), pl.col("a").alias("b"), "chat", "t"),
        ]
    )
    here = nodes.select("node", "phone", "part")
    return (
        there.join(here, left_on="a", right_on="node")
        .join(here, left_on="b", right_on="node", suffix="_b")
        .filter(pl.col("phone") != pl.col("phone_b"))
        .group_by("part", "part_b", "phone", "phone_b", "chat")
        .agg(
            n=pl.len().cast(pl.Int64),
            a=pl.col("a").min(),
            b=pl.col("b").min(),
            first=pl.col("t").min(),
            last=pl.col("t").max(),
        )
    )


def _find_clashes(meetings: pl.DataFrame, facing: Sequence[str]) -> pl.DataFrame:
    """Return the labels opposite which two others were in use at one time in one chat."""
    ordered = meetings.sort(*facing, "chat", "first", "last", "part")
    before = pl.col("last").cum_max().shift(1).over(*facing, "chat")
    return ordered.filter(pl.col("first") <= before).select(facing).unique()


def name_people(nodes: pl.DataFrame, component: pl.Series, links: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the `people` table, and the `person_id` of each node (null for an exporter whose label is unknown)."""
    joined = nodes.with_columns(component=component)
    real = joined.filter(pl.col("label") != EXPORTER)
    key = pl.concat_str("first_source", "label", separator="\x1f")
    keys = real.group_by("component").agg(key=key.min()).sort("key")
    keys = keys.with_columns(person_id=pl.Series([_digest("person", k) for k in keys["key"]], dtype=pl.String))
    people = keys.join(_gather_labels(real), on="component").join(_say_basis(real, joined, links), on="component")
    people = people.sort("person_id")
    named = people.with_columns(pseudonym=pl.Series(_pseudonyms(people["person_id"].to_list()), dtype=pl.String))
    persons = joined.join(keys.select("component", "person_id"), on="component", how="left").sort("node")
    return named.select("person_id", "pseudonym", "labels", "phones", "basis"), persons.select(
        "node", "phone", "label", "person_id"
    )


def _digest(kind: str, key: str) -> str:
    return f"{kind}-{sha256(key.encode()).hexdigest()[:16]}"


def _gather_labels(real: pl.DataFrame) -> pl.DataFrame:
    """Return per person the labels, names before numbers and the most used first, and the phone numbers among them."""
    number = phone_number(pl.col("label"))
    counted = real.group_by("component", "label").agg(n=pl.col("n_posts").sum())
    ordered = counted.sort("component", number.is_not_null(), "n", "label", descending=[False, False, True, False])
    return ordered.group_by("component", maintain_order=True).agg(
        labels=pl.col("label"), phones=number.drop_nulls().unique().sort()
    )


def _say_basis(real: pl.DataFrame, joined: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Say in words how the labels of each person were joined."""
    size = real.group_by("component").agg(n_labels=pl.len(), n_phones=pl.col("phone").n_unique())
    of_node = joined.select(a="node", component="component")
    reasons = links.join(of_node, on="a").group_by("component", "reason").agg(pl.col("n").sum()).sort("reason")
    counted = pl.format("{} (n={})", "reason", "n")
    word = pl.when(pl.col("reason") == "aligned messages").then(counted).otherwise("reason")
    told = reasons.group_by("component", maintain_order=True).agg(told=word.str.join("; "))
    labels = pl.when(pl.col("n_labels") == 1).then(pl.lit("one label")).otherwise(pl.format("{} labels", "n_labels"))
    phones = pl.when(pl.col("n_phones") == 1).then(pl.lit("one phone")).otherwise(pl.format("{} phones", "n_phones"))
    base = pl.format("{} in {}", labels, phones)
    basis = pl.when(pl.col("told").is_null()).then(base).otherwise(pl.format("{}: {}", base, "told"))
    return size.join(told, on="component", how="left").select("component", basis=basis)


def _pseudonyms(person_ids: Sequence[str]) -> list[str]:
    """Return short codes, as long as needed to be unique in the case.

    They are not secret: whoever has the exports can work them out again.
    """
    codes = [_code(person_id) for person_id in person_ids]
    length = next(n for n in range(_SHORTEST_CODE, 33) if len({code[:n] for code in codes}) == len(codes))
    return [f"P-{code[:length]}" for code in codes]


def _code(person_id: str) -> str:
    digest = int.from_bytes(sha256(f"pseudonym {person_id}".encode()).digest()[:20])
    return "".join(_ALPHABET[digest >> (5 * place) & 31] for place in range(32))
