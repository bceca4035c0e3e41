"""Links: from which earlier share a share may have come, as probabilities.

The model, all of it. A person's shares of one family at most ten minutes apart are one decision, taken before the first
of them. Its candidates are the earlier shares of the family, by other people, in chats where the person was a member
then. A candidate weighs

    delay(lag) * closeness(texts) * first * same_chat * same_time

- delay: a Lomax law, (scale / (lag + scale))**2, heavy-tailed as reply times are: most pass on soon, some after days;
- closeness: exp(-sharpness * (1 - Jaccard of the texts' 4-character pieces)): people mostly pass on unchanged;
- first: more for the first exposure of all, because many pass on what is new to them and nothing later;
- same_chat: little where the text came from the very chat it was sent into;
- same_time: less where both carry the same time, because the order of the two is then unknown.

Against the candidates stands *not in the evidence*: another chat, another source, or the person's own idea. It weighs
`unseen / (1 + chats)`, where `chats` counts the chats in the evidence in which the person was then: the more of
somebody's chats are seen, the less is missing. The weights, divided by their sum, are the probabilities.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from chatforensics.diffusion.edges import list_exposures
from chatforensics.schema import Links, Memberships, Messages, Shares, check, empty
from chatforensics.text import normalise

GRAM = 4
DECISION = ["person_id", "family_id", "decision"]


@dataclass(frozen=True, slots=True)
class LinkModel:
    """The parameters of the model of who passed a text on to whom; weights are relative to a perfect candidate's 1."""

    one_decision_s: float = 600.0
    delay_scale_s: float = 7200.0
    sharpness: float = 20.0
    first_bonus: float = 5.0
    same_chat: float = 0.02
    same_time: float = 0.5
    unseen: float = 0.2
    most_candidates: int = 50


DEFAULT_MODEL = LinkModel()


def build_links(
    shares: Shares, memberships: Memberships, messages: Messages, *, model: LinkModel = DEFAULT_MODEL
) -> Links:
    """Weigh from which earlier share each share may have come, or that its source is not in the evidence.

    A link is a possibility with a weight, not an observation: exports do not show what anybody read, and texts travel
    outside them too. The earliest sender in the evidence has no candidate and need not be where a text began. The
    probabilities rest on assumed habits (see the module), not on measured ones.

    Args:
        shares: All shares of the tracked families.
        memberships: Who was in which chat when.
        messages: Give the text of each share, by its first message.
        model: The parameters.

    Returns:
        One row per share and candidate, the likeliest first: `probability` (sums to 1 over a share), `rank` from 1,
        `lag_s` from the candidate to the share. A null `parent_share_id` is the source that is not in the evidence. All
        shares of one decision have the same candidates; beyond `most_candidates`, the least likely are left out.
    """
    if shares.is_empty():
        return Links(empty("links"))
    decided = _decide(shares, model=model)
    weighed = _weigh(_list_candidates(decided, shares, memberships), shares, messages, model=model)
    nulls = _weigh_unseen(decided, memberships, model=model)
    rows = pl.concat([weighed, nulls], how="diagonal")
    return Links(check(_rank(rows, decided, shares), table="links"))


def _decide(shares: Shares, *, model: LinkModel) -> pl.DataFrame:
    """Return each share with the number and the time of the decision it belongs to."""
    person = DECISION[:2]
    gap = pl.col("sent_at").diff().over(person).dt.total_microseconds() / 1e6
    return (
        shares.sort(*person, "sent_at", "share_id")
        .with_columns(decision=(gap > model.one_decision_s).fill_null(value=True).cum_sum().over(person))
        .with_columns(
            decided_at=pl.col("sent_at").min().over(DECISION), chats=pl.col("chat_id").unique().implode().over(DECISION)
        )
        .select("share_id", *DECISION, "decided_at", "chats", first_share_id=pl.col("share_id").first().over(DECISION))
    )


def _list_candidates(decided: pl.DataFrame, shares: Shares, memberships: Memberships) -> pl.DataFrame:
    """Return for each decision the shares that its person could have read before."""
    decisions = decided.select(*DECISION, "decided_at", "chats", "first_share_id").unique(DECISION)
    readers = memberships.filter(pl.col("person_id").is_in(shares["person_id"].unique().implode()))
    exposures = list_exposures(shares, Memberships(readers)).rename(
        {"share_id": "parent_share_id", "sender_id": "parent_id"}
    )
    return (
        decisions.join(exposures, left_on=["person_id", "family_id"], right_on=["recipient_id", "family_id"])
        .filter(pl.col("sent_at") <= pl.col("decided_at"))
        .with_columns(wait_s=(pl.col("decided_at") - pl.col("sent_at")).dt.total_microseconds() / 1e6)
        .sort(*DECISION, "sent_at", "parent_share_id")
    )


def _weigh(candidates: pl.DataFrame, shares: Shares, messages: Messages, *, model: LinkModel) -> pl.DataFrame:
    """Return the candidates with their weights, the weakest beyond the limit left out."""
    closeness = _compare_texts(candidates, shares, messages)
    delay = (model.delay_scale_s / (pl.col("wait_s") + model.delay_scale_s)) ** 2
    earliest = pl.col("sent_at") == pl.col("sent_at").min().over(DECISION)
    back = pl.col("chat_id").is_in(pl.col("chats"))
    weight = (
        delay
        * (-model.sharpness * (1 - pl.col("closeness"))).exp()
        * pl.when(earliest).then(1 + model.first_bonus).otherwise(1.0)
        * pl.when(back).then(model.same_chat).otherwise(1.0)
        * pl.when(pl.col("wait_s") == 0).then(model.same_time).otherwise(1.0)
    )
    weighed = candidates.with_columns(closeness=closeness).with_columns(weight=weight)
    strongest = pl.col("weight").rank("ordinal", descending=True).over(DECISION) <= model.most_candidates
    return weighed.filter(strongest).select(*DECISION, "parent_share_id", "weight")


def _weigh_unseen(decided: pl.DataFrame, memberships: Memberships, *, model: LinkModel) -> pl.DataFrame:
    """Return for each decision the weight of a source outside the evidence."""
    decisions = decided.select(*DECISION, "decided_at").unique(DECISION)
    at = pl.col("decided_at")
    there = (at >= pl.col("from_at")).fill_null(value=True) & (at < pl.col("to_at")).fill_null(value=True)
    chats = (
        decisions.join(memberships, on="person_id").filter(there).group_by(DECISION).agg(n=pl.col("chat_id").n_unique())
    )
    return (
        decisions.join(chats, on=DECISION, how="left")
        .with_columns(weight=model.unseen / (1.0 + pl.col("n").fill_null(0)))
        .select(*DECISION, pl.lit(None, pl.String).alias("parent_share_id"), "weight")
    )


def _rank(rows: pl.DataFrame, decided: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    """Return the weights as probabilities, ranked, for every share of each decision."""
    order = ["share_id", "probability", "parent_share_id"]
    sent = shares.select("share_id", "sent_at")
    return (
        rows.sort(*DECISION, "parent_share_id")
        .with_columns(probability=pl.col("weight") / pl.col("weight").sum().over(DECISION))
        .join(decided.select("share_id", *DECISION), on=DECISION)
        .join(sent, on="share_id")
        .join(sent.rename({"share_id": "parent_share_id", "sent_at": "parent_at"}), on="parent_share_id", how="left")
        .sort(order, descending=[False, True, False], nulls_last=True)
        .with_columns(
            pl.col("probability").cast(pl.Float32),
            rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("share_id"),
            lag_s=(pl.col("sent_at") - pl.col("parent_at")).dt.total_microseconds() / 1e6,
        )
        .select("share_id", "parent_share_id", "probability", "rank", "lag_s")
    )


def _compare_texts(candidates: pl.DataFrame, shares: Shares, messages: Messages) -> pl.Series:
    """Return how alike the texts of each decision's first share and its candidate are, from 0 to 1."""
    texts = _share_texts(shares, messages)
    distinct = texts["text"].unique().sort()
    number = texts.join(pl.DataFrame({"text": distinct}).with_row_index("n"), on="text").select("share_id", "n")
    both = candidates.select(child="first_share_id", parent="parent_share_id")
    both = both.join(number, left_on="child", right_on="share_id", how="left", maintain_order="left")
    both = both.join(number, left_on="parent", right_on="share_id", how="left", maintain_order="left", suffix="_parent")
    pairs = both.select("n", "n_parent").unique().sort("n", "n_parent")
    pairs = pairs.with_columns(closeness=_jaccard(distinct, pairs["n"].to_numpy(), pairs["n_parent"].to_numpy()))
    return both.join(pairs, on=["n", "n_parent"], how="left", maintain_order="left")["closeness"]


def _share_texts(shares: Shares, messages: Messages) -> pl.DataFrame:
    """Return the text of each share: the distinct texts of its messages in the order of their ids."""
    listed = shares.select("share_id", message_id="message_ids").explode("message_id")
    listed = listed.join(messages.select("message_id", "text"), on="message_id", how="left").sort(
        "share_id", "message_id"
    )
    joined = listed.group_by("share_id", maintain_order=True).agg(
        text=pl.col("text").drop_nulls().unique(maintain_order=True).str.join("\n")
    )
    return joined.with_columns(text=pl.Series([normalise(text) for text in joined["text"]], dtype=pl.String))


def _jaccard(
    texts: pl.Series, first: "np.typing.NDArray[np.uint32]", second: "np.typing.NDArray[np.uint32]"
) -> pl.Series:
    """Return the share of common 4-character pieces of each pair of texts, 1 for equal ones."""
    sets = [sorted({text[at : at + GRAM] for at in range(max(1, len(text) - GRAM + 1))}) for text in texts]
    numbers = {gram: number for number, gram in enumerate(sorted({gram for grams in sets for gram in grams}))}
    columns = np.array([numbers[gram] for grams in sets for gram in grams], dtype=np.int64)
    ends = np.cumsum([0, *(len(grams) for grams in sets)])
    matrix = sparse.csr_array((np.ones(columns.size), columns, ends), shape=(len(sets), max(1, len(numbers))))
    common = matrix[first].multiply(matrix[second]).sum(axis=1)
    sizes = np.diff(ends)
    return pl.Series(common / (sizes[first] + sizes[second] - common), dtype=pl.Float64)
