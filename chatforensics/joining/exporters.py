"""Who made an export: the label of the phone's owner, where the exports themselves show it."""

from collections.abc import Mapping

import polars as pl

from chatforensics.joining.people import EXPORTER, phone_number

_TWO_PEOPLE = 2
_FEWEST_CHATS = 3  # in two, a friend may post where the owner only reads
OWN_DELETION = 'made the export, which says "you" of a message that they deleted'
ACROSS = "made the export: writes to the person in the title of a one-to-one chat"
EVERYWHERE = "made the export: the only one who posts in all chats of the phone"
UNNAMED = "made the export: the only one who posts and whom no notice names"
INFERRED = (OWN_DELETION, ACROSS, EVERYWHERE, UNNAMED)


def find_exporters(
    labels: pl.DataFrame, titles: pl.DataFrame, named: pl.DataFrame, deleted: pl.DataFrame
) -> pl.DataFrame:
    """Return the owner's label of each phone that shows it: `phone`, `label`, `reason`; other phones are left out.

    Never a label that is a number, that carries `~`, or that a notice names, because notices call the owner "You".
    Two things show it: a deletion that the phone words as the owner's own, and a one-to-one chat titled after the other
    person; if these disagree, nobody is named. Else it is taken from what only an owner is likely to do: to post in all
    of three chats or more, or to be the only one posting whom no notice names where notices speak of "You". An owner
    who never posts is not found, and in chats of few posts the last two can be wrong.

    Args:
        labels: `phone`, `src`, `chat`, `label` of everybody who posts.
        titles: `src`, `title`, `kind` (group or direct).
        named: `phone`, `src`, `label` of everybody whom notices name.
        deleted: `phone`, `label` of messages whose deletion the phone words as its owner's.
    """
    posting = labels.unique().join(titles, on="src").with_columns(n_labels=pl.col("label").n_unique().over("src"))
    plain = phone_number(pl.col("label")).is_null() & ~pl.col("label").str.starts_with("~")
    able = posting.filter(plain).join(named, on=["phone", "label"], how="anti")
    shown = {OWN_DELETION: deleted, ACROSS: _across_from_title(posting, named)}
    likely = {EVERYWHERE: _in_every_chat(able, posting), UNNAMED: _never_named(posting, named)}
    found = pl.DataFrame(schema={"phone": pl.String, "label": pl.String, "reason": pl.String})
    for votes in (_gather(shown, able), *(_gather({reason: rows}, able) for reason, rows in likely.items())):
        new = votes.join(found, on="phone", how="anti")
        found = pl.concat([found, new.filter(pl.col("label").n_unique().over("phone") == 1)])
    return found.unique(["phone", "label"], keep="first", maintain_order=True).sort("phone")


def _gather(votes: Mapping[str, pl.DataFrame], able: pl.DataFrame) -> pl.DataFrame:
    told = [rows.select("phone", "label", reason=pl.lit(reason)) for reason, rows in votes.items()]
    return pl.concat(told).join(able, on=["phone", "label"], how="semi").unique(maintain_order=True)


def _across_from_title(posting: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Return the label beside the one in the title of each one-to-one chat, who need not have posted."""
    direct = posting.filter(pl.col("kind") == "direct")
    titled = pl.col("label") == pl.col("title")
    both = (pl.col("n_labels") == _TWO_PEOPLE) & titled.any().over("src")
    is_number = phone_number(pl.col("title")).is_not_null()
    known = pl.concat([posting.select("phone", "label"), named.select("phone", "label")])
    of_known = direct.join(known, left_on=["phone", "title"], right_on=["phone", "label"], how="semi")["src"]
    alone = (pl.col("n_labels") == 1) & (is_number | pl.col("src").is_in(of_known.unique().implode()))
    return direct.filter((both | alone) & ~titled).select("phone", "label")


def _in_every_chat(able: pl.DataFrame, posting: pl.DataFrame) -> pl.DataFrame:
    """Return the only label that posts in all chats of a phone with three or more."""
    chats = posting.group_by("phone").agg(n_chats=pl.col("chat").n_unique())
    spread = able.group_by("phone", "label").agg(n=pl.col("chat").n_unique()).join(chats, on="phone")
    common = spread.filter((pl.col("n_chats") >= _FEWEST_CHATS) & (pl.col("n") == pl.col("n_chats")))
    return common.select("phone", "label")


def _never_named(posting: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Return the only unnamed label of each export of which notices name everybody else and the owner."""
    spoken = posting.join(named.filter(pl.col("label") == EXPORTER), on="src", how="semi")
    unnamed = spoken.join(named, on=["phone", "label"], how="anti")
    alone = (pl.len().over("src") == 1) & (pl.col("n_labels") > _TWO_PEOPLE)  # with one other it is a toss-up
    return unnamed.filter(alone).select("phone", "label")
