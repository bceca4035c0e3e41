"""Links: from which earlier share a share may have come, as probabilities.

A person's shares of one family at most ten minutes apart are one decision, taken before the first of them. Its
candidates are the earlier shares of the family, by other people, in chats where the person was a member then. Looked at
are, in each of these chats, the last `most_candidates` and the very first. What a candidate weighs, and what *not in
the evidence* does, says `linkmodel`; the parameters are estimated from the case (`fitting`).

Of two shares of the same time nobody can say which came first. So a share is a candidate at its own time only where
its own person could, at that time, read no other: then the order is not arbitrary. Else its weight goes to *not in the
evidence*. Links therefore never run in a circle. Times are compared in steps of a minute, unless every phone that shows
the family prints seconds.

People of the tables who bear the same printed name on two phones may be one person (`namesakes`). They are not joined;
but what the one could read, the other may have read, at a weight that the case itself tells. Such links say so in
`basis`.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from chatforensics.diffusion.candidates import Candidates, Integers, list_alike, list_candidates, list_stays, spread
from chatforensics.diffusion.fitting import Setting, divide, find_balance, fit_model
from chatforensics.diffusion.linkmodel import DAY_S, DEFAULT_MODEL, LinkModel
from chatforensics.diffusion.opportunities import count_opportunities
from chatforensics.diffusion.rates import Case, describe_rates, describe_standins
from chatforensics.diffusion.waking import WakingClock, find_waking_hours
from chatforensics.diffusion.weighed import Weighed, gather_weighed, list_links, name_places
from chatforensics.diffusion.wordings import Words, list_sent, number_wordings, split_words
from chatforensics.schema import AnyMessages, Links, Memberships, Namesakes, Shares, empty

MINUTE_S, SECOND_S = 60, 1
MICROSECONDS = 1_000_000
# Everyday sentences recur by themselves: only families of longer texts, which people mostly send once, say how
# people pass things on.
TELLING_CHARACTERS = 80
MOST_REPEATED = 1.3  # decisions per person
MOST_LEARNED_FROM = 20_000  # decisions
PORTION = 10_000  # decisions at once, unless one family has more
_MOST_AT_ONCE = 2_000_000


def build_links(
    shares: Shares,
    memberships: Memberships,
    messages: AnyMessages,
    *,
    namesakes: Namesakes | None = None,
    model: LinkModel = DEFAULT_MODEL,
) -> Links:
    """Weigh from which earlier share each share may have come, or that its source is not in the evidence.

    See `link_shares`, which also returns the estimated model.
    """
    return link_shares(shares, memberships, messages, namesakes=namesakes, model=model)[0]


def link_shares(
    shares: Shares,
    memberships: Memberships,
    messages: AnyMessages,
    *,
    namesakes: Namesakes | None = None,
    model: LinkModel = DEFAULT_MODEL,
) -> tuple[Links, LinkModel]:
    """Estimate how people of this case pass texts on, and weigh from which earlier share each share may have come.

    A link is a possibility with a probability, not an observation: exports do not show what anybody read, and texts
    travel outside them too. The earliest sender in the evidence has no candidate and need not be where a text began.

    Args:
        shares: All shares of the tracked families.
        memberships: Who was in which chat when.
        messages: Give the text of each share, the hours in which people write, and whether a phone prints seconds.
        namesakes: Who may be one person; without them nobody is.
        model: What is assumed before the case speaks; kept as it is where `fixed` is set.

    Returns:
        One row per share and candidate, the likeliest first: `probability` (sums to 1 over a share), `rank` from 1,
        `lag_s` from the candidate to the share, `burst_id` (the first share of the decision; all shares of one decision
        have the same candidates) and `basis`: `member`, or `namesake` where only somebody of the same printed name is
        known to have been in the candidate's chat. A null `parent_share_id` is the source that is not in the evidence
        (no basis). Beyond `most_candidates`, the least likely are left out. And the estimated model.
    """
    weighed, model = weigh_links(shares, memberships, messages, namesakes=namesakes, model=model)
    return Links(pl.concat(list_links(weighed))), model


def weigh_links(
    shares: Shares,
    memberships: Memberships,
    messages: AnyMessages,
    *,
    namesakes: Namesakes | None = None,
    model: LinkModel = DEFAULT_MODEL,
) -> tuple[Weighed | None, LinkModel]:
    """Return what `link_shares` returns, as numbers of which `list_links` makes the table; None without shares."""
    if shares.is_empty():
        return None, model
    named = Namesakes(empty("namesakes")) if namesakes is None else namesakes
    clock = WakingClock(find_waking_hours(messages))
    model = replace(model, awake=clock.awake)
    sent = list_sent(shares, messages)
    ordered, wordings = _order_shares(shares, sent, model=model)
    stays = list_stays(memberships, pl.concat([memberships["person_id"], shares["person_id"]]), named)
    case, setting = _describe_case(ordered, stays, list_alike(named), split_words(wordings), clock)
    if not model.fixed:
        model = _learn(case, setting, stays, model=model)
    names = name_places(ordered)
    weighed = [_weigh(part, case, setting, stays, names, model=model) for part in _family_portions(case)]
    return gather_weighed(ordered, names, weighed), model


def _order_shares(shares: Shares, sent: pl.DataFrame, *, model: LinkModel) -> tuple[pl.DataFrame, list[str]]:
    """Return the shares by family, chat and time, each with its decision, wording and clock step, and the wordings."""
    numbers, wordings = number_wordings(sent)
    lengths = pl.Series([len(wording) for wording in wordings], dtype=pl.Int64).gather(numbers["wording"])
    person = ["person_id", "family_id"]
    gap = pl.col("moment").diff().over(person) > model.one_decision_s * MICROSECONDS
    starts = pl.any_horizontal(gap.fill_null(value=True), pl.struct(person).rle_id().diff().fill_null(1) != 0)
    ordered = (
        shares.select("share_id", *person, "chat_id", moment=pl.col("sent_at").dt.timestamp("us"))
        .join(numbers.with_columns(length=lengths), on="share_id")
        .join(_clock_steps(sent), on="share_id")
        .with_columns(step=pl.col("step").max().over("family_id") * MICROSECONDS)
        .sort(*person, "moment", "share_id")
        .with_columns(decision=starts.cum_sum().cast(pl.Int64) - 1)
        .sort("family_id", "chat_id", "moment", "share_id")
        .with_columns(
            (pl.col(name).rank("dense").cast(pl.Int64) - 1).alias(name.removesuffix("_id"))
            for name in ("family_id", "person_id", "chat_id")
        )
    )
    return ordered.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64)), wordings


def _clock_steps(sent: pl.DataFrame) -> pl.DataFrame:
    """Return the step of each share's time in seconds: a second where a phone that prints seconds shows that time."""
    precise = (pl.col("prints_seconds") & (pl.col("sent_at") == pl.col("share_at"))).any()
    return sent.group_by("share_id").agg(step=pl.when(precise).then(SECOND_S).otherwise(MINUTE_S))


def _list_decisions(ordered: pl.DataFrame) -> pl.DataFrame:
    """Return each decision's person, family, time (µs), what times are tied with it, and wordings of it and its family.

    `first_own` is when the person first sent the family, `first_wording` the family's earliest.
    """
    floor = pl.col("moment") - pl.col("moment") % pl.col("step")
    earliest = pl.col("wording").sort_by("moment", "share_id").first().over("family_id")
    return (
        ordered.with_columns(first_wording=earliest)
        .sort("decision", "moment", "share_id")
        .unique("decision", keep="first", maintain_order=True)
        .with_columns(tied_from=floor, first_own=pl.col("moment").min().over("person_id", "family_id"))
        .with_columns(tied_to=pl.col("tied_from") + pl.col("step"))
        .drop("row", "step", "share_id", "chat_id", "chat")
    )


def _describe_case(
    ordered: pl.DataFrame, stays: pl.DataFrame, alike: pl.DataFrame, words: list[Words], clock: WakingClock
) -> tuple[Case, Setting]:
    """Return all shares and decisions in arrays, and what the families are like."""
    begun = pl.col("moment").min().over("family")
    age = ordered.select((pl.col("moment") - begun) / (MICROSECONDS * DAY_S)).to_series().to_numpy()
    n_people = pl.concat([ordered["person_id"], stays["person_id"]]).n_unique()
    counted = count_opportunities(ordered, stays, alike, age, n_people=n_people)
    facts = (
        ordered.group_by("family")
        .agg(
            span=(pl.col("moment").max() - pl.col("moment").min()) / MICROSECONDS,
            telling=(pl.col("length").median() >= TELLING_CHARACTERS)
            & (pl.col("decision").n_unique() <= MOST_REPEATED * pl.col("person").n_unique()),
        )
        .sort("family")
    )
    decisions, namesakes = _list_decisions(ordered), _number_namesakes(ordered, alike)
    n_senders, sent_into = ordered["person"].n_unique(), _list_sent_into(ordered)
    case = Case(ordered, decisions, counted.readers, age, words, clock, namesakes, n_senders, sent_into)
    telling = facts["telling"].to_numpy().astype(np.float64)
    return case, Setting(counted, facts["span"].to_numpy(), telling, n_people, find_balance(counted, n_people=n_people))


def _family_portions(case: Case) -> Iterator[pl.DataFrame]:
    """Yield the decisions of some families at a time."""
    sizes = case.decisions.group_by("family").len().sort("family")
    numbered = sizes.select("family", portion=pl.col("len").cast(pl.Int64).cum_sum() // PORTION)
    placed = case.decisions.join(numbered, on="family", maintain_order="left")
    yield from placed.sort("portion", "decision").partition_by("portion", maintain_order=True, include_key=False)


def _learn(case: Case, setting: Setting, stays: pl.DataFrame, *, model: LinkModel) -> LinkModel:
    """Estimate the model from the families of long texts; where these are many, from some, chosen by their ids."""
    telling = np.flatnonzero(setting.telling)
    sizes = case.decisions.group_by("family_id", "family").len().filter(pl.col("family").is_in(telling))
    chosen = sizes.sort("family_id").filter(pl.col("len").cum_sum().shift(1, fill_value=0) < MOST_LEARNED_FROM)
    decisions = case.decisions.join(chosen, on="family", how="semi", maintain_order="left")
    if decisions.is_empty():
        return model
    part, _ = _cut_case(case, decisions)
    kept = np.zeros_like(setting.telling)
    kept[chosen["family"].to_numpy()] = 1.0
    rates = describe_rates(_list(part, stays, model=model), part)
    standins = next(describe_standins(rates, part, most=decisions.height))
    return fit_model(rates, standins, replace(setting, telling=kept), model=model)


def _cut_case(case: Case, decisions: pl.DataFrame) -> tuple[Case, Integers]:
    """Return the case of some families, given all their decisions, numbered anew in their order, and its shares' rows.

    So the work on a portion grows with the portion, not with the case.
    """
    decisions = decisions.sort("decision")
    families, family = decisions["family"].unique().sort().to_numpy(), case.ordered["family"].to_numpy()
    ends = [np.searchsorted(family, families, side=side)[:, None] for side in ("left", "right")]
    _, rows = spread(*ends)
    number = np.searchsorted(decisions["decision"].to_numpy(), case.ordered["decision"].to_numpy()[rows])
    ordered = case.ordered[rows].with_columns(row=np.arange(rows.size), decision=number)
    decisions = decisions.with_columns(decision=np.arange(decisions.height))
    cut = replace(case, ordered=ordered, decisions=decisions, readers=case.readers[rows], age=case.age[rows])
    return replace(cut, sent_into=_list_sent_into(ordered)), rows


def _list(case: Case, stays: pl.DataFrame, *, model: LinkModel) -> Candidates:
    """Return the candidates of all decisions, in one piece."""
    decisions = case.decisions
    most = int(np.clip(_MOST_AT_ONCE // decisions.height, 5, model.most_candidates))
    there = stays.join(decisions.select("person_id"), on="person_id", how="semi")
    parts = list(list_candidates(case.ordered, decisions, there, most=most))
    fields = ("decision", "parent", "tied", "namesake")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in fields}
    # What the person's own namesake sent may be their own.
    askers = decisions["person"].to_numpy()[joined["decision"]]
    senders = case.ordered["person"].to_numpy()[joined["parent"]]
    other = ~np.isin(askers * case.n_senders + senders, case.namesakes)
    return Candidates(**{name: values[other] for name, values in joined.items()})


def _number_namesakes(ordered: pl.DataFrame, alike: pl.DataFrame) -> Integers:
    """Return asker and sender in one number, for every two people who sent something and may be one."""
    numbers = ordered.select("person_id", "person").unique()
    senders = numbers.rename({"person_id": "other", "person": "sender"})
    pairs = alike.join(numbers, on="person_id").join(senders, on="other")
    return (pairs["person"] * numbers.height + pairs["sender"]).to_numpy()


def _list_sent_into(ordered: pl.DataFrame) -> Integers:
    """Return decision and chat in one number, for every chat that a decision sent into."""
    chat = ordered["chat"].to_numpy()
    pairs: Integers = np.unique(ordered["decision"].to_numpy() * (int(chat.max(initial=0)) + 1) + chat)
    return pairs


def _weigh(  # noqa: PLR0913 - what is known of the case
    decisions: pl.DataFrame,
    case: Case,
    setting: Setting,
    stays: pl.DataFrame,
    names: Integers,
    *,
    model: LinkModel,
) -> pl.DataFrame:
    """Return the sources of some families' decisions, the likeliest first, without the weakest beyond the limit.

    Of two that are equally likely, the one whose id comes first, by `names`, stands first.
    """
    part, rows = _cut_case(case, decisions)
    numbers = np.sort(decisions["decision"].to_numpy())
    listed = _list(part, stays, model=model)
    rates = describe_rates(listed, part)
    divided = divide(rates, describe_standins(rates, part), setting, model=model)
    named = pl.DataFrame(
        {
            "decision": numbers[listed.decision],
            "parent": rows[listed.parent],
            "probability": divided.candidate,
            "namesake": listed.namesake,
        }
    ).filter(~pl.Series(rates.undecided))
    place = pl.col("probability").rank("ordinal", descending=True).over("decision")
    kept = named.sort("decision", "parent").filter(place <= model.most_candidates)
    unseen = pl.DataFrame({"decision": numbers, "probability": divided.unseen}).select(
        "decision", pl.lit(-1, pl.Int64).alias("parent"), "probability", pl.lit(value=False).alias("namesake")
    )
    whole, last = pl.col("probability").sum().over("decision"), np.iinfo(np.int64).max
    found = pl.concat([kept, unseen]).with_columns(pl.col("probability") / whole)
    found = found.with_columns(name=np.append(names, last)[found["parent"].to_numpy()])
    ranked = found.sort("decision", "probability", "name", descending=[False, True, False]).drop("name")
    return ranked.cast({"parent": pl.Int32, "probability": pl.Float32})
