"""Bubbles: which messages of a message group are texts of their own, and which are pieces of one text.

People send one text in several bubbles, and several texts within two minutes. A bubble of 25 characters or more is a
text of its own where its family turns up elsewhere in other company: then it is that text which travels, and what else
was said around it is chatter. Bubbles that always come together are one text. So are bubbles that, put together, are
nearer than any of them alone to a text that somebody sent in one piece.
"""

import polars as pl

from chatforensics.families.similar import MIN_CHARACTERS, find_families, reduce_texts

# Nobody splits one text into more bubbles than this; a flood of them is so many texts.
MOST_BUBBLES = 40
GRAM = 4
GROUP = ["source_id", "unit"]
JOINED = pl.col("text").unique(maintain_order=True).str.join("\n")


def mark_own_texts(bubbles: pl.DataFrame) -> pl.Series:
    """Say of each bubble of a message group whether it is a text of its own.

    Args:
        bubbles: In the order in which they were sent: `source_id`, `unit` (the group), `bubble` (the message, however
            many exports hold it), `text`.

    Returns:
        True or false per row, the same for all copies of a message; false where a group is one bubble.
    """
    sizes = bubbles.group_by("unit").agg(n=pl.col("bubble").n_unique())
    flooded = sizes.filter(pl.col("n") > MOST_BUBBLES)
    groups = sizes.filter(pl.col("n").is_between(2, MOST_BUBBLES))
    own = bubbles.join(flooded, on="unit", how="semi")["bubble"]
    if not groups.is_empty():
        lone = bubbles.join(groups, on="unit", how="anti")
        own = own.append(_find_own(lone, bubbles.join(groups, on="unit", how="semi", maintain_order="left")))
    return bubbles["bubble"].is_in(own.unique().implode())


def _find_own(lone: pl.DataFrame, grouped: pl.DataFrame) -> pl.Series:
    """Return the bubbles of groups that are texts of their own, given all texts sent in one bubble."""
    whole = grouped.group_by(GROUP, maintain_order=True).agg(JOINED)
    named = _name_families(pl.concat([lone["text"], grouped["text"], whole["text"]]).unique())
    lone, grouped, whole = (frame.join(named, on="text", maintain_order="left") for frame in (lone, grouped, whole))
    travelling = grouped.filter(pl.col("form").str.len_chars() >= MIN_CHARACTERS).join(
        _find_bound(pl.concat([lone, grouped], how="diagonal").select("unit", "family_id").unique()),
        on="family_id",
        how="anti",
    )
    facts = _describe_families(lone, whole)
    joined = whole.select(*GROUP, "family_id", "form").join(facts, on="family_id", how="left")
    compared = travelling.join(facts, on="family_id", how="left").join(joined, on=GROUP, suffix="_joined")
    known = pl.col("n_units_joined") > 1
    same = pl.col("family_id") == pl.col("family_id_joined")
    elsewhere = ~known | (pl.col("n_lone") >= pl.max_horizontal("n_lone_joined", 1))
    nearer = compared.select(pl.struct("form", "form_joined", "piece").map_elements(_is_nearer, pl.Boolean))
    keep = pl.when(same).then(nearer.to_series()).otherwise(elsewhere)
    return compared.filter(keep)["bubble"]


def _name_families(texts: pl.Series) -> pl.DataFrame:
    """Return each text with its reduced form and its family; texts without any are left out."""
    found = find_families(pl.DataFrame({"id": texts, "text": texts})).drop_nulls("family_id")
    return found.select(text="id", family_id="family_id", form=reduce_texts(found["id"]))


def _find_bound(sightings: pl.DataFrame) -> pl.DataFrame:
    """Return the families that turn up once only, or nowhere without one and the same other."""
    counted = sightings.with_columns(n=pl.len().over("family_id"))
    pairs = counted.join(sightings, on="unit", suffix="_other").filter(pl.col("family_id") != pl.col("family_id_other"))
    always = pairs.group_by("family_id", "family_id_other").agg(pl.col("n").first(), together=pl.len())
    bound = always.filter(pl.col("together") == pl.col("n")).select("family_id")
    return pl.concat([bound, counted.filter(pl.col("n") == 1).select("family_id")]).unique()


def _describe_families(lone: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """Return per family in how many units it is the whole text, in how many in one piece, and its commonest piece."""
    units = pl.concat([lone.select("unit", "family_id"), whole.select("unit", "family_id")])
    pieces = lone.group_by("family_id", "form").agg(n=pl.col("unit").n_unique()).sort("n", "form", descending=True)
    commonest = pieces.group_by("family_id", maintain_order=True).agg(piece=pl.col("form").first())
    n_lone = lone.group_by("family_id").agg(n_lone=pl.col("unit").n_unique())
    counts = units.group_by("family_id").agg(n_units=pl.col("unit").n_unique())
    return (
        counts.join(n_lone, on="family_id", how="left")
        .join(commonest, on="family_id", how="left")
        .with_columns(pl.col("n_lone").fill_null(0))
    )


def _is_nearer(texts: dict[str, str | None]) -> bool:
    """Say whether the bubble is nearer than its whole group to what others sent in one piece."""
    piece = texts["piece"]
    return piece is None or _likeness(str(texts["form"]), piece) > _likeness(str(texts["form_joined"]), piece)


def _likeness(one: str, other: str) -> float:
    sets = [{text[at : at + GRAM] for at in range(len(text) - GRAM + 1)} for text in (one, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])
