"""Who sent tracked texts, from whom each most probably had them, and an order in which these routes rarely cross."""

import polars as pl

from chatforensics.figures.facts import MESSAGES_BEHIND, Tables, best_parents, scan_table, table_of, unknown_sources


def build_senders(tables: Tables) -> pl.DataFrame:
    """Return one row per person who sent a tracked text."""
    shares = table_of(tables, "shares").drop_nulls(["person_id", "sent_at"]).sort("sent_at", "share_id")
    people = shares.group_by("person_id").agg(
        pl.col("sent_at").first().alias("first_at"),
        pl.col("chat_id").first().fill_null("unknown"),
        pl.len().alias("n_shares"),
        MESSAGES_BEHIND,
    )
    reached = (
        scan_table(tables, "edges")
        .select("sender_id", "recipient_id")
        .unique()
        .group_by(person_id="sender_id")
        .agg(
            pl.len().alias("n_recipients"),
            (~pl.col("recipient_id").is_in(people["person_id"].implode())).sum().alias("n_silent"),
        )
        .collect(engine="streaming")
    )
    unknown = (
        unknown_sources(tables)
        .join(shares.select("share_id", "person_id", "message_ids"), on="share_id")
        .group_by("person_id")
        .agg(pl.col("probability").max().alias("unknown"), MESSAGES_BEHIND.alias("unknown_message_ids"))
    )
    counts = pl.col("n_recipients", "n_silent").fill_null(0).cast(pl.Int64)
    joined = people.join(reached, on="person_id", how="left").join(unknown, on="person_id", how="left")
    return joined.with_columns(counts, pl.col("n_shares").cast(pl.Int64)).sort("first_at", "person_id")


def build_arrows(tables: Tables) -> pl.DataFrame:
    """Return one row per sender and recipient with the probability of the likeliest link between them."""
    shares = table_of(tables, "shares").drop_nulls(["person_id", "sent_at"])
    child = shares.select("share_id", "sent_at", "message_ids", recipient_id="person_id")
    parent = shares.select("message_ids", parent_share_id="share_id", sender_id="person_id")
    return (
        best_parents(tables)
        .join(child, on="share_id")
        .join(parent, on="parent_share_id", suffix="_of_parent")
        .filter(pl.col("sender_id") != pl.col("recipient_id"))
        .with_columns(pl.concat_list("message_ids", "message_ids_of_parent").alias("message_ids"))
        .group_by("sender_id", "recipient_id")
        .agg(
            pl.col("sent_at").min().alias("first_at"),
            pl.len().cast(pl.Int64).alias("n_shares"),
            pl.col("probability").max(),
            pl.col("rank").min(),
            MESSAGES_BEHIND,
        )
        .sort("probability", "sender_id", "recipient_id")
    )


def rows_in_tree(order: list[str], parents: dict[str, str]) -> dict[str, int]:
    """Return a row for each person so that the arrows from parents to children do not cross.

    `order` lists the people by time; a parent stands before its children there. Each person keeps to the middle of
    those who had the text from them.
    """
    children: dict[str | None, list[str]] = {None: [], **{person: [] for person in order}}
    for person in order:
        children[parents.get(person)].append(person)
    rows: dict[str, int] = {}
    waiting = [(person, False) for person in reversed(children[None])]
    while waiting:
        person, opened = waiting.pop()
        if opened:
            rows[person] = len(rows)
            continue
        above, below = children[person][::2], children[person][1::2]
        waiting += [*((kid, False) for kid in below), (person, True), *((kid, False) for kid in reversed(above))]
    return rows


def likeliest_parents(order: list[str], arrows: pl.DataFrame) -> dict[str, str]:
    """Return for each person the likeliest sender among those who came earlier."""
    place = {person: at for at, person in enumerate(order)}
    # The arrows come by rising probability: the last one that fits is the likeliest.
    found = arrows.select("recipient_id", "sender_id").iter_rows()
    return {recipient: sender for recipient, sender in found if place[sender] < place[recipient]}
