"""Namesakes: people of two tables' rows who bear the same printed name, and may be one.

Who is who is never settled by a name: the words of a name play no part in joining. But somebody who meets in no chat
that two phones exported stays two people, and to say of such a person that they were *not* in a chat, where somebody of
their name was, would say too much. So equal names are listed, for a reader to settle (`--people`), and later stages may
treat them as a possibility. Only equality and the number of words count, never what a name is: were all names exchanged
for others of as many words, one for one, the list would name the same people. Names written as one word, which is
customary in some scripts, are listed only where both are profile names: of others the list finds less.
"""

import polars as pl

from chatforensics.schema import Memberships, Namesakes, People, check, empty
from chatforensics.text import normalise

PROFILE_MARK = "~"
# A name that more people bear tells nobody apart.
MOST_ALIKE = 3
_FEWEST_WORDS = 2
_PHONE = r"^[+\d\s().\-‑–]+$"


def find_namesakes(people: People, memberships: Memberships, *, apart: pl.DataFrame | None = None) -> Namesakes:
    """List pairs of people who bear an equal printed name on two phones and are never seen in one chat.

    An equal name does not show that two are one: names are shared, and a phone's owner may save anybody under any. Left
    out are single words, unless both are profile names (which people type themselves, printed after a tilde); names of
    more than three people; pairs who were ever in one chat; pairs with two different phone numbers.

    Args:
        people: With `labels` as printed and `phones`.
        memberships: Who was in which chat, at whatever time.
        apart: Whom somebody states to be two: `person_a`, `person_b` (a before b).

    Returns:
        One row per pair: `person_a`, `person_b` (a before b), `name` (in normal form; the longest that both bear),
        `n_alike` (how many people bear it) and `source_ids` (exports that show either).
    """
    names = _list_names(people)
    alike = pl.col("person_id").n_unique().over("name")
    rare = names.with_columns(n_alike=alike.cast(pl.Int64)).filter(pl.col("n_alike").is_between(2, MOST_ALIKE))
    pairs = rare.join(rare, on=["name", "n_alike"], suffix="_b").filter(pl.col("person_id") < pl.col("person_id_b"))
    told = (pl.col("name").str.count_matches(" ") + 1 >= _FEWEST_WORDS) | (pl.col("profile") & pl.col("profile_b"))
    numbered = people.filter(pl.col("phones").list.len() > 0)["person_id"].implode()
    both_numbered = pl.col("person_id").is_in(numbered) & pl.col("person_id_b").is_in(numbered)
    shown = people.select("person_id", "source_ids")
    found = (
        pairs.filter(told & ~both_numbered)
        .join(_who_met(pairs, memberships), on=["person_id", "person_id_b"], how="anti")
        .sort(pl.col("name").str.len_chars(), "name", descending=[True, False])
        .unique(["person_id", "person_id_b"], keep="first", maintain_order=True)
        .join(shown, on="person_id")
        .join(shown, left_on="person_id_b", right_on="person_id", suffix="_b")
        .select(
            person_a="person_id",
            person_b="person_id_b",
            name="name",
            n_alike="n_alike",
            source_ids=pl.concat_list("source_ids", "source_ids_b").list.unique().list.sort(),
        )
        .sort("person_a", "person_b")
    )
    if apart is not None:
        found = found.join(apart, on=["person_a", "person_b"], how="anti", maintain_order="left")
    return Namesakes(check(pl.concat([empty("namesakes"), found]), table="namesakes"))


def _who_met(pairs: pl.DataFrame, memberships: Memberships) -> pl.DataFrame:
    """Return the pairs who were ever in one chat: `person_id`, `person_id_b`."""
    there = memberships.select("chat_id", "person_id").unique()
    one = pairs.select("person_id", "person_id_b").unique().join(there, on="person_id")
    return one.join(there, left_on=["chat_id", "person_id_b"], right_on=["chat_id", "person_id"], how="semi")


def _list_names(people: People) -> pl.DataFrame:
    """Return each name that somebody bears, in normal form, and whether it is a profile name: `person_id`, `name`."""
    printed = people.select("person_id", label="labels").explode("label", empty_as_null=True).drop_nulls()
    printed = printed.filter(~pl.col("label").str.contains(_PHONE))
    profile = pl.col("label").str.strip_chars().str.starts_with(PROFILE_MARK)
    names = pl.Series("name", [_fold(label) for label in printed["label"]], dtype=pl.String)
    return (
        printed.with_columns(names, profile=profile)
        .filter(pl.col("name") != "")
        .group_by("person_id", "name")
        .agg(pl.col("profile").any())
        .sort("person_id", "name")
    )


def _fold(label: str) -> str:
    """Return a printed name without case, profile mark and the comma between last and first name, words in order."""
    return " ".join(sorted(normalise(label).lstrip(PROFILE_MARK).replace(",", " ").split()))
