"""Bubbles: which messages of a message group are texts of their own, and which are pieces of one text.

People send one text in several bubbles, and several texts within two minutes. A bubble of 25 characters or more is a
text of its own where its family turns up elsewhere in other company: then it is that text which travels, and what else
was said around it is chatter. Bubbles that always come together are one text. So are bubbles that, put together, are
nearer than any of them alone to a text that somebody sent in one piece.
"""

import polars as pl

from chatforensics.families.similar import MIN_CHARACTERS, group_texts

# Nobody splits one text into more bubbles than this; a flood of them is so many texts.
MOST_BUBBLES = 40
GRAM = 4
# Of so many senders, what one alone puts beside a text is that one's habit.
MANY_SENDERS = 3
GROUP = ["source_id", "unit"]
JOINED = pl.col("text").unique(maintain_order=True).str.join("\n")


def mark_own_texts(bubbles: pl.DataFrame) -> pl.Series:
    """Say of each bubble of a message group whether it is a text of its own.

    Args:
        bubbles: In the order in which they were sent: `source_id`, `unit` (the group), `bubble` (the message, however
            many exports hold it), `text`, `sender`.

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
    sightings = pl.concat([lone, grouped], how="diagonal").select("unit", "sender", "family_id").unique()
    beside = _list_beside(sightings)
    company = _count_company(sightings, beside)
    travelling = (
        grouped.filter(pl.col("form").str.len_chars() >= MIN_CHARACTERS)
        .join(_find_bound(sightings, company), on="family_id", how="anti")
        .join(_find_pieces(sightings, beside, company), on="family_id", how="anti", maintain_order="left")
    )
    facts = _describe_families(lone, whole)
    joined = whole.select(*GROUP, "family_id", "form").join(facts, on="family_id", how="left")
    compared = travelling.join(facts, on="family_id", how="left").join(joined, on=GROUP, suffix="_joined")
    known = pl.col("n_units_joined") > 1
    same = pl.col("family_id") == pl.col("family_id_joined")
    elsewhere = ~known | (pl.col("n_lone") >= pl.max_horizontal("n_lone_joined", 1))
    alike, apart = compared.filter(same), compared.filter(~same & elsewhere)
    forms = alike.select("form", "form_joined", "piece").unique()
    nearer = forms.filter(forms.select(pl.struct(pl.all()).map_elements(_is_nearer, pl.Boolean)).to_series())
    kept = alike.join(nearer, on=forms.columns, how="semi", nulls_equal=True)
    return pl.concat([kept["bubble"], apart["bubble"]])


def _name_families(texts: pl.Series) -> pl.DataFrame:
    """Return each text with its reduced form and its family; texts without any are left out."""
    return group_texts(texts).select("text", "family_id", "form")


def _list_beside(sightings: pl.DataFrame) -> pl.DataFrame:
    """Return each sighting of a family with each other family of its unit."""
    several = sightings.filter(pl.len().over("unit") > 1)
    others = several.select("unit", family_id_other="family_id")
    return several.join(others, on="unit").filter(pl.col("family_id") != pl.col("family_id_other"))


def _count_company(sightings: pl.DataFrame, beside: pl.DataFrame) -> pl.DataFrame:
    """Count for each family and each other that turns up beside it the units and senders of it, and with both."""
    counted = sightings.group_by("family_id").agg(n=pl.len(), n_senders=pl.col("sender").n_unique())
    n_other = counted.select(family_id_other="family_id", n_other="n")
    pairs = beside.group_by("family_id", "family_id_other").agg(
        together=pl.len(), senders_together=pl.col("sender").n_unique()
    )
    return pairs.join(counted, on="family_id").join(n_other, on="family_id_other")


def _find_bound(sightings: pl.DataFrame, company: pl.DataFrame) -> pl.DataFrame:
    """Return the families that turn up once only, or nowhere without one and the same other."""
    bound = company.filter(pl.col("together") == pl.col("n")).select("family_id")
    once = sightings.group_by("family_id").len().filter(pl.col("len") == 1).select("family_id")
    return pl.concat([bound, once]).unique()


def _find_pieces(sightings: pl.DataFrame, beside: pl.DataFrame, company: pl.DataFrame) -> pl.DataFrame:
    """Return the families that mostly stand beside another piece of the same text.

    Another piece is one that turns up beside this one more than once, mostly if seen from either, and by several
    senders, unless at most two sent this one at all. With such a one most senders of the family have sent it; where as
    many have sent it without any, most units have to hold one. So a text that lost a bubble once (deleted, or cut off
    by what somebody else wrote) does not make texts of its pieces, and an ending that several texts share is no text.
    """
    mostly = (2 * pl.col("together") >= pl.col("n_other")) | (2 * pl.col("together") > pl.col("n"))
    habit = (pl.col("senders_together") == 1) & (pl.col("n_senders") >= MANY_SENDERS)
    others = company.filter((pl.col("together") > 1) & mostly & ~habit).select("family_id", "family_id_other")
    held = beside.join(others, on=["family_id", "family_id_other"], how="semi")
    held = held.select("unit", "sender", "family_id").unique()
    counts = [pl.col("unit").n_unique().cast(pl.Int64), pl.col("sender").n_unique().cast(pl.Int64)]
    lacking = sightings.join(held, on=["unit", "family_id"], how="anti").group_by("family_id").agg(counts)
    both = held.group_by("family_id").agg(counts).join(lacking, on="family_id", how="left", suffix="_lacking")
    senders, units = (pl.col(name) - pl.col(f"{name}_lacking").fill_null(0) for name in ("sender", "unit"))
    return both.filter((senders > 0) | ((senders == 0) & (units > 0))).select("family_id")


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
