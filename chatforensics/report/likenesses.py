"""Pictures that are the same or look alike, two messages a row."""

import polars as pl

from chatforensics.report.language import say
from chatforensics.report.sightings import Row, Tables, cap

LINK_LIMIT = 30
RELATIONS = {
    "same_file": say("the same file, byte for byte"),
    "same_picture": say("alike, and the words read in them are the same"),
    "same_template_other_words": say("alike, with other words: other names on one template, or a slip of the reader"),
    "alike_unread": say("alike; no words were read in one of them or in both"),
}


def view_likenesses(tables: Tables, *, placed: pl.DataFrame) -> Row:
    """Return the linked pictures with both messages; pictures that look alike need not come from one another."""
    order = {relation: place for place, relation in enumerate(RELATIONS)}
    known = placed.select("message_id", "chat", "sender_label")
    ends = [known.rename({name: f"{name}_{side}" for name in known.columns}) for side in ("a", "b")]
    links = tables["picture_links"].sort(
        pl.col("relation").replace_strict(order, default=len(order), return_dtype=pl.Int64), "message_a", "message_b"
    )
    shown = links.head(LINK_LIMIT)
    for side, end in zip(("a", "b"), ends, strict=True):
        shown = shown.join(
            end, left_on=f"message_{side}", right_on=f"message_id_{side}", how="left", maintain_order="left"
        )
    rows = [row | {"words": RELATIONS.get(row["relation"], row["relation"])} for row in shown.to_dicts()]
    return {
        "rows": rows,
        "cap": cap(rows, total=links.height, where="tables/picture_links.parquet"),
        "cited": [row[side] for row in rows for side in ("message_a", "message_b")],
    }
