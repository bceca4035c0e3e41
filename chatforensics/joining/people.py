"""Who is who: labels of several phones named as people, with the reasons for which they are taken to be one.

A label is what one phone prints in one chat. Which labels are one person says `linking`, and never the words of a name.
"""

from collections.abc import Sequence
from hashlib import sha256

import polars as pl

EXPORTER = "\n"  # the label of whoever made the export, whom notices call "You"; no phone prints such a label
YOU = "You"

_PHONE = r"^[\s\p{Cf}]*(?:\+|00)[\s\p{Cf}0-9().\-\u{2010}-\u{2015}]*$"
_SHORTEST_NUMBER = 7
_SHORTEST_CODE = 5
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0 and 1
_PLACE = ("phone", "chat_id", "label")
_IN_ONE_CHAT = "one label in one phone's exports of a chat"


def phone_number(label: pl.Expr) -> pl.Expr:
    """Return a label that is a full phone number as `+` and digits, else null; the region is never guessed."""
    digits = label.str.replace_all(r"[^0-9]", "").str.replace(r"^00", "")
    is_number = label.str.contains(_PHONE) & (digits.str.len_chars() >= _SHORTEST_NUMBER)
    return pl.when(is_number).then(pl.concat_str(pl.lit("+"), digits))


def list_labels(mentions: pl.DataFrame) -> pl.DataFrame:
    """Number what each phone prints in each chat: `node`, `phone`, `chat_id`, `label`, `source_ids`, `n_posts`.

    `held` are the exports of the phone in that chat, `source_ids` those of them that show the label. The exporter is
    one in all chats of the phone.

    Args:
        mentions: `phone`, `source_id`, `chat_id`, `label`, `line`, `n_posts`, `shown`; the exporter's label is
            `EXPORTER`.
    """
    everywhere = pl.when(pl.col("label") == EXPORTER).then(pl.lit("")).otherwise("chat_id")
    return (
        mentions.with_columns(chat_id=everywhere)
        .group_by(_PLACE)
        .agg(
            first_source=pl.col("source_id").min(),
            first_line=pl.col("line").sort_by("source_id", "line").first(),
            source_ids=pl.col("source_id").filter("shown").unique().sort(),
            held=pl.col("source_id").unique().sort(),
            n_posts=pl.col("n_posts").sum(),
        )
        .sort("first_source", "phone", "first_line", "label", nulls_last=True)
        .with_row_index("node")
        .with_columns(pl.col("node").cast(pl.Int64))
    )


def name_people(
    nodes: pl.DataFrame, component: pl.Series, links: pl.DataFrame, notes: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the `people` table, and the `person_id` of each node (null for an exporter whose label is unknown).

    Args:
        nodes: As made by `list_labels`.
        component: What each node hangs together with.
        links: Why: nodes `a`, `b`, `reason`, `n`.
        notes: What else to say of a node's person: `node`, `note`.
    """
    joined = nodes.with_columns(component=component)
    real = joined.filter(pl.col("label") != EXPORTER)
    key = pl.concat_str("first_source", "label", separator="\x1f")
    keys = real.group_by("component").agg(key=key.min()).sort("key")
    keys = keys.with_columns(person_id=pl.Series([_digest("person", k) for k in keys["key"]], dtype=pl.String))
    shown = joined.explode("source_ids", empty_as_null=True).drop_nulls("source_ids")
    held = shown.group_by("component").agg(pl.col("source_ids").unique().sort())
    people = keys.join(_gather_labels(real), on="component").join(
        _say_basis(real, joined, links, notes), on="component"
    )
    people = people.join(held, on="component").sort("person_id")
    named = people.with_columns(pseudonym=pl.Series(_pseudonyms(people["person_id"].to_list()), dtype=pl.String))
    persons = joined.join(keys.select("component", "person_id"), on="component", how="left").sort("node")
    return named.select("person_id", "pseudonym", "labels", "phones", "basis", "source_ids"), persons.select(
        "node", *_PLACE, "person_id"
    )


def list_joins(nodes: pl.DataFrame, persons: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return the `joins` table: each pair of labels taken to be one person, with the exports and the reason.

    `n` is how many aligned messages or notices speak for it (1 where it rests on a number, a label, a notice or a
    statement), `n_against` how many of those of the two labels stand opposite somebody else. `You` is the exporter.
    """
    named = nodes.join(persons.select("node", "person_id"), on="node").drop_nulls("person_id")
    places = named.select(
        "node",
        "person_id",
        label=pl.when(pl.col("label") == EXPORTER).then(pl.lit(YOU)).otherwise("label"),
        source=pl.coalesce(pl.col("source_ids").list.first(), "first_source"),
        source_ids="source_ids",
    )
    two = links.join(places, left_on="a", right_on="node").join(places, left_on="b", right_on="node", suffix="_b")
    across = two.select(
        "person_id", source_a="source", label_a="label", source_b="source_b", label_b="label_b", basis="reason", n="n",
        n_against="n_against",
    )  # fmt: skip
    again = places.filter(pl.col("label") != YOU).explode("source_ids", empty_as_null=True)
    within = again.filter(pl.col("source_ids") != pl.col("source")).select(
        "person_id", source_a="source", label_a="label", source_b="source_ids", label_b="label",
        basis=pl.lit(_IN_ONE_CHAT), n=pl.lit(1, pl.Int64), n_against=pl.lit(0, pl.Int64),
    )  # fmt: skip
    return pl.concat([across, within]).sort("person_id", "source_a", "label_a", "source_b", "label_b", "basis")


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


def _say_basis(real: pl.DataFrame, joined: pl.DataFrame, links: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    """Say in words how the labels of each person were joined, and what somebody stated of them."""
    size = real.group_by("component").agg(
        n_labels=pl.struct("phone", "label").n_unique(), n_phones=pl.col("phone").n_unique()
    )
    of_node = joined.select(node="node", component="component")
    reasons = links.join(of_node, left_on="a", right_on="node").group_by("component", "reason").agg(pl.col("n").sum())
    counted = pl.format("{} (n={})", "reason", "n")
    word = pl.when(pl.col("reason").str.starts_with("aligned")).then(counted).otherwise("reason")
    stated = notes.join(of_node, on="node").select("component", word="note").unique()
    words = pl.concat([reasons.sort("reason").select("component", word=word), stated.sort("component", "word")])
    told = words.group_by("component", maintain_order=True).agg(told=pl.col("word").str.join("; "))
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
