"""Whose phone made the export, as far as the export itself shows, and whether it shows one owner only."""

from collections.abc import Iterator, Mapping
from itertools import chain

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.lookalikes import strip_unseen
from chatforensics.integrity.telling import YOU, first_lines, plain_label, say_count, say_label, say_labels


def find_exporter(evidence: Evidence) -> Iterator[Observation]:
    """Tell who may have made the export, and where the export speaks of its owner in two ways.

    Notices call the owner "You", so that a sender whom a notice names is not the owner; and what the owner deleted is
    marked "You deleted this message". Neither shows who held the phone.
    """
    if not _speaks_of_owner(evidence):
        return
    labels = evidence.messages.select(pl.col("sender_label").drop_nulls().unique())
    posting = labels.select(plain_label(pl.col("sender_label")).unique().sort()).to_series()
    notices = evidence.notices
    named = _list_named(notices)
    yield from _tell_open(posting, named, n_notices=notices.filter(pl.col("event") != "encryption").height)
    yield from _tell_own(evidence, named)


def _speaks_of_owner(evidence: Evidence) -> bool:
    """Tell whether a notice may name the owner, or a deleted message is marked with a name: else nothing is to tell."""
    if evidence.messages["deleted_by"].null_count() < evidence.messages.height:
        return True
    names = {*evidence.events["actor"].to_list(), *chain.from_iterable(evidence.events["targets"].to_list())}
    return any(YOU in strip_unseen(name) for name in names if name)


def _list_named(told: pl.DataFrame) -> pl.DataFrame:
    """Return the labels that notices name, with their lines; `You` is named as such."""
    targets = told.select("line", label="targets").explode("label", empty_as_null=True)
    both = pl.concat([told.select("line", label="actor"), targets])
    return both.drop_nulls("label").with_columns(plain_label(pl.col("label")))


def _tell_open(posting: pl.Series, named: pl.DataFrame, *, n_notices: int) -> Iterator[Observation]:
    """Tell which senders no notice names, where notices speak of "You"."""
    lines = named.filter(pl.col("label") == YOU)
    if lines.is_empty() or not len(posting):
        return
    open_labels = posting.filter(~posting.is_in(named["label"].unique().implode())).to_list()
    n_senders = say_count(len(posting), "sender")
    whose = (
        f"{len(open_labels):,} of {n_senders} are named by no notice and may have made it: {say_labels(open_labels)}"
        if open_labels
        else f"notices name all {n_senders}, so that whoever made the export writes nothing in it"
    )
    value = f"“You” stands in {lines['line'].n_unique():,} of {say_count(n_notices, 'notice')}; {whose}."
    yield Observation(INFO, value, first_lines(lines))


def _tell_own(evidence: Evidence, named: pl.DataFrame) -> Iterator[Observation]:
    """Tell the senders whose deleted messages are marked as deleted by "You"."""
    own = evidence.messages.filter((pl.col("deleted_by") == YOU) & pl.col("sender_label").is_not_null())
    own = own.select("line", label=plain_label(pl.col("sender_label")))
    labels = own["label"].unique().sort().to_list()
    if not labels:
        return
    value = f"{say_count(own.height, 'message')} marked “You deleted this message”"
    if len(labels) > 1:
        several = f"{value}, under {say_count(len(labels), 'sender')}: {say_labels(labels)}."
        yield Observation(UNEXPLAINED, several, first_lines(own))
        return
    told = named.filter(pl.col("label") == labels[0])
    value = f"{value}, all under {say_label(labels[0])}"
    if told.height:
        n_notices = say_count(told["line"].n_unique(), "notice")
        lines = first_lines(pl.concat([own.select("line"), told.select("line")]))
        yield Observation(UNEXPLAINED, f"{value}, a label in {n_notices}, where the owner is “You”.", lines)
    else:
        yield Observation(INFO, f"{value}.", first_lines(own))


EXPORTER: Mapping[str, Indicator] = {
    "I-18": Indicator(
        title="Whose phone made the export",
        find=find_exporter,
        why=(
            "A phone calls its owner “You”: in notices, and where the owner deleted a message. Who the owner is helps "
            "to weigh what only this export shows; two owners in one export point to a file put together from two."
        ),
        innocent=(
            "The owner has a namesake in the chat; two exports of two people joined openly; words of the phone typed "
            "by somebody; a name in a notice that was cut wrongly because it holds a comma."
        ),
        resolve="Asking who made the export, with which phone; that phone; the export of another member.",
    ),
}
