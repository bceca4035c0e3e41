"""The numbers behind the marks, beside a slow and obvious count of the same."""

from collections import Counter, defaultdict
from datetime import timedelta

import polars as pl
import pytest
from builders import Case, a_case
from drawn import draw_coordination, draw_diffusion, draw_sender_hours, draw_spreads, draw_timeline

from chatforensics.figures import coordination, spread
from chatforensics.figures.facts import count_of, focus_on_instructions, labelled_messages
from chatforensics.schema import SLATE_LABEL

pytestmark = pytest.mark.usefixtures("without_bytes")


@pytest.fixture(scope="module")
def case() -> Case:
    return a_case(30, seed=3)


@pytest.fixture(scope="module")
def unlabelled(case: Case) -> Case:
    """The same case without labels: nothing tells people how to vote, so every tracked text is drawn."""
    return {**case, "labels": case["labels"].clear()}


def slow_focus(case: Case) -> set[str]:
    """Name the families sent more than once of which a message is labelled as an instruction."""
    told = {
        row["message_id"]
        for row in case["labels"].iter_rows(named=True)
        if row["label"] == SLATE_LABEL and row["decision"] == "flag"
    }
    shares = case["shares"].to_dicts()
    counts = Counter(share["family_id"] for share in shares)
    return {s["family_id"] for s in shares if counts[s["family_id"]] > 1 and told & set(s["message_ids"])}


def slow_first_shares(case: Case) -> set[str]:
    """Name each person's first share of each family."""
    first: dict[tuple[str, str], str] = {}
    for share in case["shares"].sort("sent_at", "share_id").iter_rows(named=True):
        first.setdefault((share["person_id"], share["family_id"]), share["share_id"])
    return set(first.values())


def test_the_diffusion_graph_keeps_to_texts_that_tell_people_how_to_vote(case: Case) -> None:
    narrowed, found = focus_on_instructions(case)
    families = slow_focus(case)
    assert found
    assert set(narrowed["shares"]["family_id"]) == families == set(narrowed["edges"]["family_id"])
    assert families < set(case["shares"]["family_id"])
    drawing = draw_diffusion(case)
    assert drawing is not None
    senders = case["shares"].filter(pl.col("family_id").is_in(families))["person_id"].n_unique()
    assert drawing.table.filter(pl.col("mark") == "person").height == senders


def messages_once(case: Case) -> dict[int, dict[str, object]]:
    """Collect every message under its canonical id, with the gravest decision on any copy."""
    gravity = ["none", "review", "flag"]
    decisions = {
        r["message_id"]: r["decision"] for r in case["labels"].iter_rows(named=True) if r["label"] == SLATE_LABEL
    }
    shared = {number for ids in case["shares"]["message_ids"] for number in ids}
    found: dict[int, dict[str, object]] = {}
    for row in case["messages"].sort("message_id").iter_rows(named=True):
        if row["kind"] == "system":
            continue
        own = {"at": row["sent_local"], "who": row["person_id"], "decision": "none", "shared": False, "ids": []}
        entry = found.setdefault(row["canonical_id"], own)
        entry["ids"] = [*entry["ids"], row["message_id"]]  # type: ignore[misc] # a list of numbers
        decision = decisions.get(row["message_id"], "none")
        entry["decision"] = max(str(entry["decision"]), decision, key=gravity.index)
        entry["shared"] = bool(entry["shared"]) or row["message_id"] in shared
    return found


def test_each_message_counts_once_with_the_gravest_decision(case: Case) -> None:
    fast = labelled_messages(case)
    slow = messages_once(case)
    assert fast["is_first"].sum() == len(slow)
    assert fast["message_id"].to_list() == [number for key in sorted(slow) for number in slow[key]["ids"]]  # type: ignore[attr-defined] # a list of numbers
    for row in fast.iter_rows(named=True):
        entry = slow[row["canonical_id"]]
        assert row["is_first"] == (row["message_id"] == entry["ids"][0])  # type: ignore[index] # a list of numbers
        got = (row["sent_local"], row["person_id"], row["decision"], row["shared"])
        assert got == (entry["at"], entry["who"], entry["decision"], entry["shared"])


def test_the_timeline_counts_each_day(case: Case) -> None:
    drawing = draw_timeline(case)
    assert drawing is not None
    slow = Counter((entry["at"].date(), entry["decision"]) for entry in messages_once(case).values())  # type: ignore[attr-defined] # a datetime
    fast = Counter(dict(zip(range(drawing.table.height), drawing.table["count"], strict=True)))
    assert sum(fast.values()) == sum(slow.values())
    assert sorted(drawing.table["count"]) == sorted(slow.values())
    words = {"slate instruction (decided: flag)": "flag", "possible slate instruction (decided: review)": "review"}
    for day, word, n, _ids in drawing.table.iter_rows():
        assert slow[day, words.get(word, "none")] == n


def test_the_heat_map_counts_each_hour_of_each_sender(case: Case) -> None:
    drawing = draw_sender_hours(case)
    assert drawing is not None
    at_issue = [e for e in messages_once(case).values() if e["decision"] != "none" or e["shared"]]
    slow = Counter((e["who"], e["at"].hour) for e in at_issue)  # type: ignore[attr-defined] # a datetime
    names = dict(case["people"].select("person_id", pl.col("labels").list.first()).iter_rows())
    fast = {(row["sender"], row["hour"]): row["messages"] for row in drawing.table.iter_rows(named=True)}
    assert fast == {(names[who], hour): n for (who, hour), n in slow.items()}


def test_the_diffusion_table_holds_each_route_once_with_its_best_probability(unlabelled: Case) -> None:
    drawing = draw_diffusion(unlabelled)
    assert drawing is not None
    names = dict(unlabelled["people"].select("person_id", pl.col("labels").list.first()).iter_rows())
    shares = {row["share_id"]: row for row in unlabelled["shares"].iter_rows(named=True)}
    best: dict[str, dict[str, object]] = {}
    for link in unlabelled["links"].sort("rank").iter_rows(named=True):
        if link["parent_share_id"] and link["share_id"] in slow_first_shares(unlabelled):
            best.setdefault(link["share_id"], link)
    slow: dict[tuple[str, str], float] = defaultdict(float)
    for share, link in best.items():
        route = (names[shares[str(link["parent_share_id"])]["person_id"]], names[shares[share]["person_id"]])
        slow[route] = max(slow[route], float(str(link["probability"])))
    arrows = drawing.table.filter(pl.col("mark") == "arrow")
    fast = {(row["sender"], row["recipient"]): row["probability"] for row in arrows.iter_rows(named=True)}
    assert fast == pytest.approx({route: p for route, p in slow.items() if route[0] != route[1]})


def test_recipients_who_sent_nothing_on_are_counted(unlabelled: Case) -> None:
    drawing = draw_diffusion(unlabelled)
    assert drawing is not None
    sharers = set(unlabelled["shares"]["person_id"])
    names = dict(unlabelled["people"].select("person_id", pl.col("labels").list.first()).iter_rows())
    slow: dict[str, set[str]] = defaultdict(set)
    for edge in unlabelled["edges"].iter_rows(named=True):
        slow[names[edge["sender_id"]]].add(edge["recipient_id"])
    for row in drawing.table.filter(pl.col("mark") == "person").iter_rows(named=True):
        assert row["recipients"] == len(slow[row["sender"]])
        assert row["recipients who did not send it on"] == len(slow[row["sender"]] - sharers)


def test_the_first_row_of_the_diffusion_table_is_the_earliest_sender_in_the_evidence(unlabelled: Case) -> None:
    drawing = draw_diffusion(unlabelled)
    assert drawing is not None
    assert drawing.table["first time (UTC)"][0] == unlabelled["shares"]["sent_at"].min()


def test_a_spread_has_a_row_per_share_in_order_of_time(case: Case) -> None:
    for drawing in draw_spreads(case):
        family = drawing.name.removeprefix("spread-")
        expected = case["shares"].filter(pl.col("family_id") == family)
        assert drawing.table.height == expected.height
        assert drawing.table["time (UTC)"].is_sorted()


def test_the_largest_families_come_first_and_single_shares_are_left_out(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "MOST_FAMILIES", 2)
    sizes = [drawing.table.height for drawing in draw_spreads({"shares": case["shares"]})]
    assert sizes == case["shares"].group_by("family_id").len()["len"].sort(descending=True).to_list()[:2]
    lone = case["shares"].unique("family_id", keep="first", maintain_order=True)
    assert draw_spreads({"shares": lone}) == []


def test_family_ids_never_leave_the_folder(case: Case) -> None:
    odd = case["shares"].with_columns(family_id=pl.lit("../etc/a b"))
    (drawing,) = draw_spreads({"shares": odd})
    assert drawing.name.startswith("spread-.._etc_a_b-")
    assert "/" not in drawing.name


def test_more_wordings_than_colours_share_the_grey(case: Case) -> None:
    many = case["shares"].with_columns(variant_id=pl.col("share_id"), family_id=pl.lit("one"))
    (drawing,) = draw_spreads({"shares": many})
    assert drawing.table["wording"].n_unique() == many.height


def test_shares_without_person_or_chat_are_drawn_as_unknown(case: Case) -> None:
    blank = case["shares"].with_columns(person_id=pl.lit(None, pl.String), chat_id=pl.lit(None, pl.String))
    assert draw_diffusion({"shares": blank}) is None
    assert draw_spreads({"shares": blank})[0].table["chat"].unique().to_list() == ["chat unknown"]


def test_long_cases_are_counted_by_the_week_and_longer_ones_by_more(case: Case) -> None:
    def spaced(days: int) -> str:
        at = pl.col("sent_local").min() + pl.int_range(pl.len()) * timedelta(days=days)
        drawing = draw_timeline({"messages": case["messages"].with_columns(sent_local=at)})
        assert drawing is not None
        return drawing.table.columns[0]

    assert [spaced(days) for days in (1, 7)] == ["week from", "four weeks from"]
    assert int(spaced(90).removesuffix(" days from")) % 28 == 0


def test_a_message_without_local_time_is_counted_by_its_utc_time(case: Case) -> None:
    bare = case["messages"].with_columns(sent_local=pl.lit(None, pl.Datetime("us")))
    drawing = draw_timeline({"messages": bare})
    assert drawing is not None
    assert drawing.table["count"].sum() == len(messages_once(case))


def test_more_people_than_the_picture_holds_are_still_in_the_table(
    unlabelled: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatforensics.figures.diffusion.MOST_PEOPLE", 4)
    drawing = draw_diffusion(unlabelled)
    assert drawing is not None
    people = drawing.table.filter(pl.col("mark") == "person")
    assert people["in the picture"].sum() == 4
    assert people.height == unlabelled["shares"]["person_id"].n_unique()


def test_pairs_beyond_the_pictures_room_are_still_in_the_table(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordination, "MOST_PAIRS", 3)
    drawing = draw_coordination(case)
    assert drawing is not None
    assert drawing.table.height == case["pairs"].height > 3
    assert drawing.table["in the picture"].to_list() == [True] * 3 + [False] * (case["pairs"].height - 3)


def test_pairs_are_told_apart_by_their_q_value_and_none_counts_as_chance(case: Case) -> None:
    q_values = [0.05, 0.051, None, *[1.0] * (case["pairs"].height - 3)]
    drawing = draw_coordination(case | {"pairs": case["pairs"].with_columns(q_value=pl.Series(q_values))})
    assert drawing is not None
    assert "drawn solid: 1;" in drawing.alt
    assert drawing.table["q_value"][0] == 0.05


def test_a_pair_leads_to_the_messages_of_both_in_their_common_families(case: Case) -> None:
    drawing = draw_coordination(case)
    assert drawing is not None
    names = {
        name: person for person, name in case["people"].select("person_id", pl.col("labels").list.first()).iter_rows()
    }
    for row in drawing.table.iter_rows(named=True):
        own = [
            case["shares"].filter(pl.col("person_id") == names[row[column]]) for column in ("one person", "the other")
        ]
        common = set(own[0]["family_id"]) & set(own[1]["family_id"])
        slow = pl.concat(own).filter(pl.col("family_id").is_in(common))["message_ids"].explode().unique().sort()
        assert row["message_ids"] == slow.to_list()


def test_counts_agree_with_their_nouns() -> None:
    assert count_of(1, "family", "families") == "1 family"
    assert count_of(1200, "family", "families") == "1,200 families"
    assert count_of(0, "share") == "0 shares"
