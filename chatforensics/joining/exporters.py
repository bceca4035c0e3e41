"""Who made an export: the label of the phone's owner, where the exports themselves show it."""

import polars as pl

from chatforensics.joining.people import EXPORTER, phone_number

_TWO_PEOPLE = 2


def find_exporters(labels: pl.DataFrame, titles: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Return the owner's label of each phone that shows it: `phone`, `label`; other phones are left out.

    Never a label that is a number, that carries `~`, or that a notice names, because notices call the owner "You".
    Of these, in this order: the one beside the person in the title of a one-to-one chat; the only one that posts in
    all of several chats; the only one posting whom no notice names, in an export whose notices speak of "You". An
    owner who never posts is not found, and in a chat of few posts the last two can be wrong.

    Args:
        labels: `phone`, `src`, `chat`, `label` of everybody who posts.
        titles: `src`, `title`, `kind` (group or direct).
        named: `phone`, `src`, `label` of everybody whom notices name.
    """
    posting = labels.unique().join(titles, on="src").with_columns(n_labels=pl.col("label").n_unique().over("src"))
    plain = phone_number(pl.col("label")).is_null() & ~pl.col("label").str.starts_with("~")
    able = posting.filter(plain).join(named, on=["phone", "label"], how="anti")
    found = pl.DataFrame(schema={"phone": pl.String, "label": pl.String})
    for votes in (_across_from_title(posting), _in_every_chat(able, posting), _never_named(posting, named)):
        able_votes = votes.join(able, on=["phone", "label"], how="semi").join(found, on="phone", how="anti").unique()
        found = pl.concat([found, able_votes.filter(pl.len().over("phone") == 1)])
    return found.sort("phone")


def _across_from_title(posting: pl.DataFrame) -> pl.DataFrame:
    """Return the label beside the one in the title of each one-to-one chat."""
    titled = pl.col("label") == pl.col("title")
    pairs = posting.filter(
        (pl.col("kind") == "direct") & (pl.col("n_labels") == _TWO_PEOPLE) & titled.any().over("src")
    )
    return pairs.filter(~titled).select("phone", "label")


def _in_every_chat(able: pl.DataFrame, posting: pl.DataFrame) -> pl.DataFrame:
    """Return the only label that posts in all chats of a phone with at least two."""
    chats = posting.group_by("phone").agg(n_chats=pl.col("chat").n_unique())
    spread = able.group_by("phone", "label").agg(n=pl.col("chat").n_unique()).join(chats, on="phone")
    common = spread.filter((pl.col("n_chats") > 1) & (pl.col("n") == pl.col("n_chats")))
    return common.select("phone", "label")


def _never_named(posting: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Return the only unnamed label of each export of which notices name everybody else and the owner."""
    spoken = posting.join(named.filter(pl.col("label") == EXPORTER), on="src", how="semi")
    unnamed = spoken.join(named, on=["phone", "label"], how="anti")
    alone = (pl.len().over("src") == 1) & (pl.col("n_labels") > _TWO_PEOPLE)  # with one other it is a toss-up
    return unnamed.filter(alone).select("phone", "label")
