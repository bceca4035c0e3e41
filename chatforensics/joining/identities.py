"""From labels to people: gathers what posts, notices, titles and aligned copies say about who is who."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from chatforensics.joining.alignment import NEIGHBOURS, components
from chatforensics.joining.copies import match_copies
from chatforensics.joining.corrections import Corrections, apply_corrections, name_exporters
from chatforensics.joining.exporters import INFERRED, find_exporters
from chatforensics.joining.linking import link_labels
from chatforensics.joining.notices import link_numbers_changed
from chatforensics.joining.people import EXPORTER, list_joins, list_labels, name_people, phone_number
from chatforensics.joining.records import plain_label
from chatforensics.schema import Chats, Joins, People

_NEEDED = ("message_id", "src", "line", "t", "step_ms")
_PLACE = ("phone", "chat_id", "label")


@dataclass(frozen=True)
class Identities:
    """The `people` table and the joins behind it, whom each label of a phone in a chat means, and whose phones it is.

    `persons` has `phone`, `chat_id`, `label`, `person_id` (the owner's label is `EXPORTER`), `owners` `phone`, `owner`,
    `apart` the people whom a statement tells apart: `person_a`, `person_b` (a before b).
    """

    people: People
    joins: Joins
    persons: pl.DataFrame
    owners: pl.DataFrame
    apart: pl.DataFrame


def identify_people(  # noqa: PLR0913 - tables first, the rest by name
    numbered: pl.DataFrame,
    chats: Chats,
    posted: pl.DataFrame,
    named: pl.DataFrame,
    *,
    shared: Iterable[pl.DataFrame],
    corrections: Corrections | None = None,
) -> Identities:
    """Join the labels of all phones into people.

    Args:
        numbered: Exports with `src`, `phone`, `source_id`, `chat_id`, `chat_title`.
        chats: Says which chats are one-to-one.
        posted: One row per export and label that posts there: `src`, `name` (the label's number), `phone`,
            `source_id`, `chat_id`, `chat`, `label`, `line` of the first post, `n_posts`, when the `first` and the
            `last` was, and whether the phone words a deletion as its owner's (`by_owner`).
        named: Labels in notices: `message_id`, `src`, `line`, `t`, `step_ms`, `long`, `phone`, `source_id`, `chat_id`,
            `chat`, `label`, `event`, `role`, `n_targets`.
        shared: Messages of chats that several exports show, in portions of whole chats: `message_id`, `src`, `line`,
            `t`, `step_ms`, `long`, `chat`, `code`, `label` (its number).
        corrections: What somebody states of who is who.

    Raises:
        UsageError: a statement names a label that is not there, or contradicts another.
    """
    stated = corrections or Corrections()
    titles = numbered.join(chats.select("chat_id", "kind"), on="chat_id").select(
        "src", "kind", title=plain_label(pl.col("chat_title"))
    )
    nodes = list_labels(_list_mentions(numbered, posted, named, titles))
    keys = nodes.select(*_PLACE, "node")
    named_nodes, posted_nodes = _add_nodes(named, keys), _add_nodes(posted, keys)
    exporters = name_exporters(_infer_exporters(posted, named, titles), nodes, stated)
    owners = _link_exporters(exporters, nodes)
    inferred = pl.col("reason").is_in(INFERRED)
    links = pl.concat([link_numbers_changed(named_nodes, posted_nodes), owners.filter(~inferred)])
    of_label = posted_nodes.select("src", "node", label="name")
    copies = pl.concat(
        [*(_pair_posts(posts.join(of_label, on=["src", "label"])) for posts in shared), _pair_notices(named_nodes)]
    )
    automatic = link_labels(nodes, links, owners.filter(inferred), copies)
    corrected = apply_corrections(nodes, automatic, stated)
    component = components(corrected.links, n_nodes=len(nodes))
    people, persons = name_people(nodes, component, corrected.links, corrected.notes)
    joins = list_joins(nodes, persons, corrected.links)
    apart = _name_apart(corrected.apart, persons)
    return Identities(People(people), Joins(joins), *_spread_owners(persons, numbered), apart)


def _name_apart(apart: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    who = persons.select("node", "person_id").drop_nulls()
    named = apart.join(who, left_on="a", right_on="node").join(who, left_on="b", right_on="node", suffix="_b")
    one, other = pl.col("person_id"), pl.col("person_id_b")
    return named.select(person_a=pl.min_horizontal(one, other), person_b=pl.max_horizontal(one, other)).unique()


def _add_nodes(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Add the node of each row's label; the exporter is the same in all chats of a phone."""
    place = pl.when(pl.col("label") == EXPORTER).then(pl.lit("")).otherwise("chat_id")
    return rows.with_columns(place=place).join(keys.rename({"chat_id": "place"}), on=["phone", "place", "label"])


def _spread_owners(persons: pl.DataFrame, numbered: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return whom each label means, the owner's in every chat of the phone, and whose phone each is."""
    owners = persons.filter(pl.col("label") == EXPORTER)
    chats = numbered.select("phone", "chat_id").unique()
    everywhere = owners.drop("chat_id").join(chats, on="phone").select(persons.columns)
    spread = pl.concat([persons.filter(pl.col("label") != EXPORTER), everywhere])
    return spread.select(*_PLACE, "person_id"), owners.select("phone", owner="person_id")


def _infer_exporters(posted: pl.DataFrame, named: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    mentioned = named.select("phone", "src", "label").unique()
    deleted = posted.filter("by_owner").select("phone", "label").unique()
    return find_exporters(posted.select("phone", "src", "chat", "label"), titles, mentioned, deleted)


def _list_mentions(
    numbered: pl.DataFrame, posted: pl.DataFrame, named: pl.DataFrame, titles: pl.DataFrame
) -> pl.DataFrame:
    """Return every label of every export, with how often it posts; an exporter whom nothing shows is there, too."""
    keys = ("phone", "source_id", "chat_id", "label")
    told = named.group_by(keys).agg(pl.col("line").min(), n_posts=pl.lit(0, pl.Int64))
    rows = pl.concat([posted.select("phone", "label", "src"), named.select("phone", "label", "src")])
    titled = _read_titles(numbered.join(titles, on="src"), rows)
    owners = numbered.select("phone", "source_id", "chat_id", label=pl.lit(EXPORTER))
    silent = [
        part.with_columns(line=pl.lit(None, pl.Int64), n_posts=pl.lit(0, pl.Int64), shown=pl.lit(shown))
        for part, shown in ((titled, True), (owners, False))
    ]
    seen = pl.concat([posted.select(told.columns), told]).with_columns(shown=pl.lit(value=True))
    return pl.concat([seen, *(part.select(seen.columns) for part in silent)])


def _read_titles(numbered: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the other person of one-to-one chats in which only the owner posts: a number, or a label known there."""
    titled = numbered.filter(pl.col("kind") == "direct").select("phone", "source_id", "chat_id", "src", label="title")
    known = titled.join(rows, on=["phone", "label"], how="semi")["src"]
    is_number = phone_number(pl.col("label")).is_not_null()
    return titled.filter(is_number | pl.col("src").is_in(known.implode())).drop("src")


def _link_exporters(exporters: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Link the owner's labels with what notices call "You"."""
    owner = nodes.filter(pl.col("label") == EXPORTER).select("phone", a="node")
    return exporters.join(owner, on="phone").select("a", b="node", reason="reason", n=pl.lit(1, pl.Int64))


def _pair_posts(posts: pl.DataFrame) -> pl.DataFrame:
    coded = posts.select(*_NEEDED, "chat", "code", "long", "node")
    return _pair_nodes(match_copies(coded, by=["chat", "code"]), post=True)


def _pair_notices(named: pl.DataFrame) -> pl.DataFrame:
    """Pair the labels in copies of a notice; of several targets nobody knows which is which."""
    exporter = pl.col("label") == EXPORTER
    coded = named.select(*_NEEDED, "chat", "event", "role", "n_targets", "long", "node", "phone", exporter=exporter)
    actors = coded.filter(pl.col("role") == "actor")
    targets = coded.filter((pl.col("role") == "target") & (pl.col("n_targets") == 1))
    matched = [_drop_two_yous(match_copies(part, by=["chat", "event"])) for part in (actors, targets)]
    return pl.concat([_pair_nodes(part, post=False) for part in matched])


def _drop_two_yous(matched: pl.DataFrame) -> pl.DataFrame:
    """Leave out notices that two phones word as "You": whoever starts a group adds several people at one time."""
    phones = matched.filter("exporter").group_by("slot").agg(n=pl.col("phone").n_unique())
    return matched.join(phones.filter(pl.col("n") > 1), on="slot", how="anti")


def _pair_nodes(matched: pl.DataFrame, *, post: bool) -> pl.DataFrame:
    """Count how often nodes stand beside each other in copies, where nothing else could be meant.

    Of a message that many exports hold, each copy is compared with the next few only, so that cost stays linear.
    """
    clear = matched.filter(pl.col("alone")).sort("slot", "src").select("slot", "node", "chat", "t", "long")
    pairs = [
        clear.with_columns(b=pl.col("node").shift(-step), same=pl.col("slot") == pl.col("slot").shift(-step))
        .filter("same")
        .select("chat", "t", "long", "b", a="node")
        for step in range(1, NEIGHBOURS + 1)
    ]
    spans = {"n": pl.len().cast(pl.Int64), "first": pl.col("t").min(), "last": pl.col("t").max()}
    counted = pl.concat(pairs).group_by("chat", "a", "b", "long").agg(**spans)
    return counted.with_columns(post=pl.lit(post))
