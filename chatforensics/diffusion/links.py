"""Links: from which earlier share a share may have come, as probabilities.

The model, all of it. A person's shares of one family at most ten minutes apart are one decision, taken before the first
of them. Its candidates are the earlier shares of the family, by other people, in chats where the person was a member
then. Looked at are, in each of these chats, the last `most_candidates` and the very first. A candidate weighs

    delay(lag) * closeness(texts) * first * same_chat * same_time

- delay: a Lomax law, (scale / (lag + scale))**2, heavy-tailed as reply times are: most pass on soon, some after days;
- closeness: exp(-sharpness * (1 - Jaccard of the texts' 4-character pieces)): people mostly pass on unchanged;
- first: more for the first exposure of all, because many pass on what is new to them and nothing later;
- same_chat: little where the text came from the very chat it was sent into;
- same_time: little, and nothing extra for being first, where both carry the same time. Times are compared in steps of
  a minute, unless every phone that shows the family prints seconds.

Of two shares of the same time nobody can say which came first. So a share is a candidate at its own time only where
its own person could, at that time, read no other: then the order is not arbitrary. Else its weight goes to *not in the
evidence*. Links therefore never run in a circle.

Against the candidates stands *not in the evidence*: another chat, another source, or the person's own idea. It weighs
`unseen / (1 + chats)`, plus what undecided ties leave to it; `chats` counts the chats in the evidence in which the
person was then: the more of somebody's chats are seen, the less is missing. The weights, divided by their sum, are the
probabilities.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from chatforensics.diffusion.candidates import Booleans, Candidates, list_candidates, merge_stays
from chatforensics.diffusion.wordings import Pieces, compare_wordings, count_pieces, list_sent, number_wordings
from chatforensics.schema import Links, Memberships, Messages, Shares, check, empty

MINUTE_S, SECOND_S = 60, 1
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class LinkModel:
    """The parameters of the model of who passed a text on to whom; weights are relative to a perfect candidate's 1."""

    one_decision_s: float = 600.0
    delay_scale_s: float = 7200.0
    sharpness: float = 20.0
    first_bonus: float = 5.0
    same_chat: float = 0.02
    same_time: float = 0.02
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
        messages: Give the text of each share, and whether its phone prints seconds.
        model: The parameters.

    Returns:
        One row per share and candidate, the likeliest first: `probability` (sums to 1 over a share), `rank` from 1,
        `lag_s` from the candidate to the share. A null `parent_share_id` is the source that is not in the evidence. All
        shares of one decision have the same candidates; beyond `most_candidates`, the least likely are left out.
    """
    if shares.is_empty():
        return Links(empty("links"))
    sent = list_sent(shares, messages)
    ordered, wordings = _order_shares(shares, sent, model=model)
    decisions = _list_decisions(ordered)
    stays = merge_stays(memberships, ordered["person_id"])
    listed = list_candidates(ordered, decisions, stays, most=model.most_candidates)
    pieces = count_pieces(wordings)
    weights = [_weigh(portion, ordered, decisions, pieces, model=model) for portion in listed]
    unseen = _weigh_unseen(decisions, stays, model=model)
    return Links(check(_rank(pl.concat([*weights, unseen]), ordered), table="links"))


def _order_shares(shares: Shares, sent: pl.DataFrame, *, model: LinkModel) -> tuple[pl.DataFrame, list[str]]:
    """Return the shares by family, chat and time, each with its decision, wording and clock step, and the wordings."""
    numbers, wordings = number_wordings(sent)
    person = ["person_id", "family_id"]
    gap = pl.col("moment").diff().over(person) > model.one_decision_s * MICROSECONDS
    starts = pl.any_horizontal(gap.fill_null(value=True), pl.struct(person).rle_id().diff().fill_null(1) != 0)
    ordered = (
        shares.select("share_id", *person, "chat_id", moment=pl.col("sent_at").dt.timestamp("us"))
        .join(numbers, on="share_id")
        .join(_clock_steps(sent), on="share_id")
        .with_columns(step=pl.col("step").max().over("family_id") * MICROSECONDS)
        .sort(*person, "moment", "share_id")
        .with_columns(decision=starts.cum_sum().cast(pl.Int64) - 1)
        .sort("family_id", "chat_id", "moment", "share_id")
    )
    return ordered, wordings


def _clock_steps(sent: pl.DataFrame) -> pl.DataFrame:
    """Return the step of each share's time in seconds: a second where a phone that prints seconds shows that time."""
    precise = (pl.col("prints_seconds") & (pl.col("sent_at") == pl.col("share_at"))).any()
    return sent.group_by("share_id").agg(step=pl.when(precise).then(SECOND_S).otherwise(MINUTE_S))


def _list_decisions(ordered: pl.DataFrame) -> pl.DataFrame:
    """Return each decision's person, family, time (µs), what times are tied with it, and the wording of its start."""
    floor = pl.col("moment") - pl.col("moment") % pl.col("step")
    return (
        ordered.sort("decision", "moment", "share_id")
        .unique("decision", keep="first", maintain_order=True)
        .select("decision", "person_id", "family_id", "moment", "wording", "step", tied_from=floor)
        .with_columns(tied_to=pl.col("tied_from") + pl.col("step"))
    )


def _weigh(
    listed: Candidates, ordered: pl.DataFrame, decisions: pl.DataFrame, pieces: Pieces, *, model: LinkModel
) -> pl.DataFrame:
    """Return the candidates with their weights, the weakest beyond the limit left out, and what ties leave to none."""
    parents = ordered.select("moment", "wording", "decision")[listed.parent]
    children = decisions.select("moment", "wording")[listed.decision]
    wait = ((children["moment"] - parents["moment"]).clip(0) / MICROSECONDS).to_numpy()
    closeness = compare_wordings(pieces, children["wording"].to_numpy(), parents["wording"].to_numpy())
    moment = pl.col("moment")
    # What ties leave undecided takes no place among the named candidates.
    place = pl.col("weight").rank("ordinal", descending=True).over("decision", pl.col("parent").is_not_null())
    strongest = place <= model.most_candidates
    known = pl.DataFrame({"decision": listed.decision, "parent": listed.parent, "tied": listed.tied}).with_columns(
        moment=parents["moment"],
        closeness=(-model.sharpness * (1 - closeness)).exp(),
        delay=pl.Series((model.delay_scale_s / (wait + model.delay_scale_s)) ** 2),
        back=pl.Series(_is_same_chat(listed, ordered)),
        undecided=pl.Series(listed.tied & listed.in_doubt[parents["decision"].to_numpy()]),
    )
    earliest = (moment == moment.min().over("decision")) & ~pl.col("tied")
    weighed = known.sort("decision", "moment", "parent").select(
        "decision",
        parent=pl.when(~pl.col("undecided")).then("parent"),
        weight=pl.col("delay")
        * pl.col("closeness")
        * pl.when(earliest).then(1 + model.first_bonus).otherwise(1.0)
        * pl.when("back").then(model.same_chat).otherwise(1.0)
        * pl.when("tied").then(model.same_time).otherwise(1.0),
    )
    return weighed.filter(strongest | pl.col("parent").is_null())


def _is_same_chat(listed: Candidates, ordered: pl.DataFrame) -> Booleans:
    """Say which candidates stand in a chat that the decision itself sent into."""
    chat = ordered["chat_id"].rank("dense").to_numpy().astype(np.int64)
    sent_into = np.unique(ordered["decision"].to_numpy() * (chat.max() + 1) + chat)
    return np.isin(listed.decision * (chat.max() + 1) + chat[listed.parent], sent_into)


def _weigh_unseen(decisions: pl.DataFrame, stays: pl.DataFrame, *, model: LinkModel) -> pl.DataFrame:
    """Return for each decision the weight of a source outside the evidence."""
    there = (pl.col("begin") <= pl.col("moment")) & (pl.col("moment") < pl.col("end"))
    chats = decisions.join(stays, on="person_id").filter(there).group_by("decision").agg(n=pl.len())
    return decisions.join(chats, on="decision", how="left").select(
        "decision",
        parent=pl.lit(None, pl.Int64),
        weight=model.unseen / (1.0 + pl.col("n").fill_null(0)),
    )


def _rank(weights: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """Return the weights as probabilities, ranked, for every share of each decision."""
    shares = ordered.select("share_id", "decision", "moment")
    parents = ordered.select(parent_share_id="share_id", parent_moment="moment").with_row_index("parent")
    lag = (pl.col("moment") - pl.col("parent_moment")).clip(0) / MICROSECONDS
    return (
        weights.sort("decision", "parent", "weight")
        .group_by("decision", "parent", maintain_order=True)
        .agg(pl.col("weight").sum())
        .with_columns(probability=pl.col("weight") / pl.col("weight").sum().over("decision"))
        .join(shares, on="decision")
        .join(parents.with_columns(pl.col("parent").cast(pl.Int64)), on="parent", how="left")
        .sort("share_id", "probability", "parent_share_id", descending=[False, True, False], nulls_last=True)
        .select(
            "share_id",
            "parent_share_id",
            pl.col("probability").cast(pl.Float32),
            rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("share_id"),
            lag_s=lag,
        )
    )
