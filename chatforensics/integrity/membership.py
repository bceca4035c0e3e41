"""Notices of who came and went against who writes."""

from collections.abc import Iterator, Mapping

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.telling import YOU, first_lines, plain_label, say_count, say_labels
from chatforensics.schema import TEXTS

_GRACE_S = 120  # what is typed while somebody goes may be printed behind the notice
_NUMBER = r"^\+?[0-9][0-9\s().-]{5,}$"
_CHANGES = {"created", "joined", "left", "added", "removed", "number_changed"}
_IN = pl.col("change") == "in"
_OUT = pl.col("change") == "out"


def find_membership(evidence: Evidence) -> Iterator[Observation]:
    """Tell senders who write while notices say that they are out, and notices that do not follow one another."""
    if not evidence.told.keys() & _CHANGES:
        return
    changes = _list_changes(_mend_targets(evidence.notices, evidence))
    if changes.is_empty():
        return
    posts = _list_posts(evidence, changes)
    outside = posts.filter(_OUT & _is_apart("at_change"))
    renamed = pl.col("event") == "number_changed"
    yield from _tell(
        outside.filter(~renamed), "by senders whom a notice has out of the chat, with no notice of a return"
    )
    # Whether a notice prints the old number or the new one is not known of all phones.
    yield from _tell(outside.filter(renamed), "under a number that a notice has changed for another", level=INFO)
    first = changes.unique("label", keep="first", maintain_order=True).filter(_IN & (pl.col("event") != "created"))
    before = posts.filter(pl.col("change").is_null()).join(first.select("label", at_first="at"), on="label")
    yield from _tell(before.filter(_is_apart("at_first")), "by senders before the first notice that they came in")
    yield from _find_after_own_exit(evidence, changes)
    yield from _find_repeats(changes)


def _is_apart(moment: str) -> pl.Expr:
    """Tell whether a message is further from a notice than late delivery in a group explains."""
    return (pl.col("at") - pl.col(moment)).dt.total_seconds().abs() > _GRACE_S


def _mend_targets(told: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """Put names together that hold a comma or an "and" themselves, so that a list of names was cut within them.

    A sender label that a notice prints, and of which a target is a part, is taken for one name.
    """
    labels = evidence.messages.select(pl.col("sender_label").drop_nulls().unique()).to_series()
    labels = labels.filter(labels.str.contains(r"[\s,،、，]"))
    listed = told.filter(pl.col("event").is_in(["added", "removed"]))
    if labels.is_empty() or listed.is_empty():
        return told
    found = listed["text"].str.extract_many(labels.implode(), overlapping=True).to_list()
    mended = [_join(targets, names or []) for targets, names in zip(listed["targets"].to_list(), found, strict=True)]
    whole = listed.select("row", mended=pl.Series(mended, dtype=TEXTS))
    return told.join(whole, on="row", how="left", maintain_order="left").with_columns(
        targets=pl.coalesce("mended", "targets")
    )


def _join(targets: list[str], names: list[str]) -> list[str]:
    for name in sorted(set(names), key=lambda name: (-len(name), name)):
        parts = [target for target in targets if target in name]
        if len(parts) > 1:
            targets = [*(target for target in targets if target not in parts), name]
    return targets


def _list_changes(told: pl.DataFrame) -> pl.DataFrame:
    """Return who came in or went out, in file order: `row`, `line`, `at`, `event`, `label`, `change` (in or out)."""
    columns = ("row", "line", "event")
    at = pl.col("sent_local").alias("at")
    actors = told.filter(pl.col("event").is_in(["created", "joined", "left"])).select(*columns, at, label="actor")
    targets = told.filter(pl.col("event").is_in(["added", "removed"])).select(*columns, at, label="targets")
    # The label of a saved contact stays the same when the number changes; that of a number does not.
    number = plain_label(pl.col("actor")).str.contains(_NUMBER)
    changed = told.filter((pl.col("event") == "number_changed") & number).select(*columns, at, label="actor")
    rows = pl.concat([actors, targets.explode("label", empty_as_null=True), changed]).drop_nulls("label")
    goes = pl.col("event").is_in(["left", "removed", "number_changed"])
    change = pl.when(goes).then(pl.lit("out")).otherwise(pl.lit("in"))
    return rows.with_columns(plain_label(pl.col("label")), change=change).sort("row", "label")


def _list_posts(evidence: Evidence, changes: pl.DataFrame) -> pl.DataFrame:
    """Return the messages of senders who come in or go out, each with the last change of its sender before it."""
    people = changes.select(pl.col("label").unique(maintain_order=True)).with_row_index("who")
    labels = evidence.messages.select(pl.col("sender_label").drop_nulls().unique())
    known = labels.with_columns(label=plain_label(pl.col("sender_label"))).join(people, on="label")
    posts = evidence.messages.select("line", "sender_label", at="sent_local").with_row_index("row")
    numbered = posts.join(known.select("sender_label", "who"), on="sender_label", maintain_order="left").drop(
        "sender_label"
    )
    last = changes.join(people, on="label", maintain_order="left").select(
        "row", "who", "change", "event", at_change="at"
    )
    told = numbered.set_sorted("row").join_asof(last.set_sorted("row"), on="row", by="who", check_sortedness=False)
    odd = told.filter(pl.col("change").is_null() | _OUT)
    return odd.join(people, on="who", maintain_order="left")


def _tell(rows: pl.DataFrame, what: str, *, level: str = UNEXPLAINED) -> Iterator[Observation]:
    if rows.height:
        labels = rows["label"].unique().sort().to_list()
        value = f"{say_count(rows.height, 'message')} {what}: {say_labels(labels)}."
        yield Observation(level, value, first_lines(rows))


def _find_after_own_exit(evidence: Evidence, changes: pl.DataFrame) -> Iterator[Observation]:
    """Tell messages after the exporter went out: a phone outside a chat gets none."""
    own = changes.filter(pl.col("label") == YOU).select("row", "change", at_change="at")
    if own.filter(_OUT).is_empty():
        return
    posts = evidence.messages.select("line", "sender_label", at="sent_local").with_row_index("row")
    told = posts.drop_nulls("sender_label").set_sorted("row").join_asof(own.set_sorted("row"), on="row")
    late = told.filter(_OUT & _is_apart("at_change"))
    if late.height:
        value = f"{say_count(late.height, 'message')} after a notice that whoever made the export went out of the chat."
        yield Observation(UNEXPLAINED, value, first_lines(late))


def _find_repeats(changes: pl.DataFrame) -> Iterator[Observation]:
    """Tell people who come in twice without going out between, or go out twice."""
    before = pl.col("change").shift().over("label")
    again = changes.filter((pl.col("event") != "number_changed") & (before == pl.col("change")))
    for rows, what in ((again.filter(_IN), "came in"), (again.filter(_OUT), "went out")):
        if rows.height:
            labels = say_labels(rows["label"].unique().sort().to_list())
            value = f"{say_count(rows.height, 'notice')} that somebody {what} who, by the notices before, already had"
            yield Observation(INFO, f"{value}: {labels}.", first_lines(rows))


MEMBERSHIP: Mapping[str, Indicator] = {
    "I-17": Indicator(
        title="Messages and notices of coming and going",
        find=find_membership,
        why=(
            "Whoever is out of a group cannot write in it, and a phone outside it gets nothing. Where a message "
            "stands at such a place, a notice or a message is missing, misplaced or not the phone's."
        ),
        innocent=(
            "Two people with one name in the exporter's address book; a return by way of a community, or by a "
            "notice whose wording is not known; a notice deleted on the phone; a message that arrived late; "
            "somebody invited twice."
        ),
        resolve=(
            "The exports of other members, above all of the one who came or went; the group's information on a "
            "phone, which lists past members."
        ),
    ),
}
