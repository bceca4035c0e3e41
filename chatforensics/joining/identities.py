"""From labels to people: gathers what posts, notices, titles and aligned copies say about who is who."""

from dataclasses import dataclass

import polars as pl

from chatforensics.joining.copies import match_copies
from chatforensics.joining.exporters import find_exporters
from chatforensics.joining.notices import link_numbers_changed
from chatforensics.joining.people import EXPORTER, join_labels, list_labels, name_people, phone_number
from chatforensics.joining.records import plain_label
from chatforensics.schema import Chats, People

_NEEDED = ("message_id", "src", "line", "t", "step_ms")


@dataclass(frozen=True)
class Identities:
    """The `people` table, and the `person_id` of each `phone` and `label` (the owner's label is `EXPORTER`)."""

    people: People
    persons: pl.DataFrame


def identify_people(numbered: pl.DataFrame, chats: Chats, posts: pl.DataFrame, named: pl.DataFrame) -> Identities:
    """Join the labels of all phones into people.

    Args:
        numbered: Exports with `src`, `phone`, `source_id`, `chat_id`, `chat_title`.
        chats: Says which chats are one-to-one.
        posts: Messages with `src`, `phone`, `source_id`, `chat_id`, `chat`, `label` and what matching copies needs.
        named: Labels in notices, with the same columns and `event`, `role`, `n_targets`.
    """
    titles = numbered.join(chats.select("chat_id", "kind"), on="chat_id").select(
        "src", "kind", title=plain_label(pl.col("chat_title"))
    )
    mentioned = named.select("phone", "src", "label").unique()
    exporters = find_exporters(posts.select("phone", "src", "chat", "label"), titles, mentioned)
    nodes = list_labels(_list_mentions(numbered, posts, named, titles))
    keys = nodes.select("phone", "label", "node")
    named_nodes = named.join(keys, on=["phone", "label"])
    posted_nodes = posts.join(keys, on=["phone", "label"])
    links = pl.concat([link_numbers_changed(named_nodes, posted_nodes), _link_exporters(exporters, keys)])
    copies = pl.concat([_pair_posts(posted_nodes), _pair_notices(named_nodes)])
    component, reasons = join_labels(nodes, links, copies)
    people, persons = name_people(nodes, component, reasons)
    return Identities(People(people), persons)


def _list_mentions(
    numbered: pl.DataFrame, posts: pl.DataFrame, named: pl.DataFrame, titles: pl.DataFrame
) -> pl.DataFrame:
    """Return every label of every export, with how often it posts."""
    keys = ("phone", "source_id", "label")
    posted = posts.group_by(keys).agg(n_posts=pl.len().cast(pl.Int64))
    silent = pl.concat(
        [
            named.select(keys),
            numbered.select("phone", "source_id", label=pl.lit(EXPORTER)),
            _read_titles(numbered.join(titles, on="src"), pl.concat([posts, named.select(posts.columns)])),
        ]
    )
    return pl.concat([posted, silent.with_columns(n_posts=pl.lit(0, pl.Int64))])


def _read_titles(numbered: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the other person of one-to-one chats in which only the owner posts: a number, or a label known there."""
    titled = numbered.filter(pl.col("kind") == "direct").select("phone", "source_id", "src", label="title")
    known = titled.join(rows, on=["phone", "label"], how="semi")["src"]
    is_number = phone_number(pl.col("label")).is_not_null()
    return titled.filter(is_number | pl.col("src").is_in(known.implode())).select("phone", "source_id", "label")


def _link_exporters(exporters: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Link the owner's label with what notices call "You"."""
    owner = keys.filter(pl.col("label") == EXPORTER).select("phone", a="node")
    linked = exporters.join(keys, on=["phone", "label"]).join(owner, on="phone")
    return linked.select("a", b="node", reason=pl.lit("made the export"))


def _pair_posts(posts: pl.DataFrame) -> pl.DataFrame:
    coded = posts.select(*_NEEDED, "chat", "code", "long", "node")
    return _pair_nodes(match_copies(coded, by=["chat", "code"]))


def _pair_notices(named: pl.DataFrame) -> pl.DataFrame:
    """Pair the labels in copies of a notice; of several targets nobody knows which is which."""
    coded = named.select(*_NEEDED, "chat", "event", "role", "n_targets", "long", "node")
    actors = coded.filter(pl.col("role") == "actor")
    targets = coded.filter((pl.col("role") == "target") & (pl.col("n_targets") == 1))
    return pl.concat([_pair_nodes(match_copies(part, by=["chat", "event"])) for part in (actors, targets)])


def _pair_nodes(matched: pl.DataFrame) -> pl.DataFrame:
    """Return the nodes of each copy beside the node of its first copy, where nothing else could be meant."""
    clear = matched.filter(pl.col("alone")).sort("slot", "src")
    first = clear.with_columns(a=pl.col("node").first().over("slot"), first=pl.col("src").first().over("slot"))
    return first.filter(pl.col("src") != pl.col("first")).select("a", "chat", "t", "long", b="node")
