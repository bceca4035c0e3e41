"""What others did, and what else the senders did: slates that name other people, neutral sends, open sends, habits."""

from collections.abc import Mapping

import polars as pl

from chatforensics.report.found import instruct
from chatforensics.report.language import say
from chatforensics.report.numbers import tell_number
from chatforensics.report.sightings import Row, Tables, cap, first_copies, list_sightings, read_messages
from chatforensics.schema import SLATE_LABEL
from chatforensics.tables import scan
from chatforensics.text import normalise

SIDE_LIMIT = 12
SIDE_NAMES = 8
ID_LIMIT = 4
NEUTRAL_LIMIT = 12
NOTICE_HOURS = 24
_BALLOT_LABELS = ("procedure", "mobilise", "remind")
_AGAINST = ("against", "trigger")


def list_sides(tables: Tables, placed: pl.DataFrame, *, numbers: Mapping[str, int]) -> Row:
    """Return the slates of the case, those that name the same people together: whom they name, and how widely sent.

    Slates are put together by the names that could be read alone. Two that stand apart need not come from opponents,
    and two that stand together need not come from people who know of each other.
    """
    named = tables["slates"].join(scan(tables, "families").select("message_id", "family_id").collect(), on="message_id")
    named = named.join(instruct(tables["labels"]).select("message_id"), on="message_id", how="semi")
    groups = _group_families(sorted(named["family_id"].unique()), tables["same_slates"])
    facts = placed.select("message_id", "one", "person_id", "chat_id", "sent_at")
    found = named.join(facts, on="message_id", maintain_order="left")
    found = found.with_columns(side=pl.col("family_id").replace_strict(groups, default=None))
    rows = [_view_side(own, numbers=numbers) for own in found.partition_by("side", maintain_order=True)]
    rows.sort(key=lambda row: (-row["n_messages"], row["ids"]))
    opposed = _count_opposed(rows)
    return {
        "rows": rows[:SIDE_LIMIT],
        "cap": cap(
            rows[:SIDE_LIMIT],
            total=len(rows),
            where=say("{one} and {other}", one="tables/slates.parquet", other="tables/same_slates.parquet"),
        ),
        "n_opposed": opposed,
        "n_contradicted": tables["same_slates"].filter(pl.col("contradicted") > 0).height,
    }


def _group_families(families: list[str], links: pl.DataFrame) -> dict[str, str]:
    """Return for each family the first of those that name the same people, by the links of `same_slates`."""
    group = {family: family for family in families}
    for one, other in links.sort("family_a", "family_b").select("family_a", "family_b").iter_rows():
        if one in group and other in group:
            kept, gone = sorted((group[one], group[other]))
            group = {family: kept if leader == gone else leader for family, leader in group.items()}
    return group


def _view_side(own: pl.DataFrame, *, numbers: Mapping[str, int]) -> Row:
    """Return one slate: the names for and against, in how many texts, messages, chats, by how many people."""
    names: dict[str, dict[str, str]] = {"for": {}, "against": {}}
    for name, stance in own.sort("message_id", "start", nulls_last=True).select("name", "stance").iter_rows():
        names["against" if stance in _AGAINST else "for"].setdefault(normalise(name), name)
    texts = sorted(numbers[family] for family in own["family_id"].unique() if family in numbers)
    return {
        "names": {side: list(found.values())[:SIDE_NAMES] for side, found in names.items()},
        "more": {side: max(len(found) - SIDE_NAMES, 0) for side, found in names.items()},
        "keys": {side: set(found) for side, found in names.items()},
        "texts": texts,
        "pictured": bool(own["start"].is_null().any()),
        "n_messages": own["one"].n_unique(),
        "n_people": own["person_id"].drop_nulls().n_unique(),
        "n_chats": own["chat_id"].drop_nulls().n_unique(),
        "ids": first_copies(own, limit=ID_LIMIT),
    }


def _count_opposed(rows: list[Row]) -> int:
    """Count the slates of which a name stands on the opposite side in another slate."""
    empty: set[str] = set()
    return sum(
        any(
            row["keys"].get("for", empty) & other["keys"].get("against", empty)
            or row["keys"].get("against", empty) & other["keys"].get("for", empty)
            for other in rows
            if other is not row
        )
        for row in rows
    )


def list_neutral(tables: Tables, placed: pl.DataFrame, families: list[str]) -> Row:
    """Return messages that hold the text of an instruction but were not counted as one themselves."""
    members = scan(tables, "families").filter(pl.col("family_id").is_in(families)).select("message_id").collect()
    found = (
        placed.join(members, on="message_id", how="semi")
        .join(instruct(tables["labels"]), on="message_id", how="anti")
        .sort("sent_at", "message_id", nulls_last=True)
        .unique("one", keep="first", maintain_order=True)
    )
    rows = list_sightings(found, ids=found["message_id"].head(NEUTRAL_LIMIT))
    return {
        "rows": rows,
        "cap": cap(
            rows,
            total=found.height,
            where=say("{one} and {other}", one="tables/families.parquet", other="tables/labels.parquet"),
        ),
    }


def count_openness(tables: Tables, placed: pl.DataFrame) -> Row:
    """Count how openly instructions were sent: into groups, without words that ask to hide, beside ballot notices."""
    labels = tables["labels"]
    sent = placed.join(instruct(labels).filter(pl.col("decision") == "flag"), on="message_id", how="semi")
    groups = tables["chats"].filter(pl.col("kind") == "group")["chat_id"]
    hidden = labels.filter(pl.col("label") == "conceal", pl.col("decision") != "none")["message_id"]
    each = (
        sent.sort("message_id")
        .group_by("one", maintain_order=True)
        .agg(
            in_group=pl.col("chat_id").is_in(groups.implode()).any(),
            hidden=pl.col("message_id").is_in(hidden.unique().implode()).any(),
            edited=pl.col("edited").any(),
            ids=pl.col("message_id"),
            chat_id=pl.col("chat_id").first(),
            sent_at=pl.col("sent_at").max(),
        )
    )
    deleted = scan(tables, "messages").filter(pl.col("kind") == "deleted")
    gone = deleted.select(one=pl.coalesce("canonical_id", "message_id")).collect()
    withdrawn = each.join(gone, on="one", how="semi")
    after, before = _near_notices(each, tables)
    return {
        "n": each.height,
        "n_group": int(each["in_group"].sum()),
        "n_hidden": int(each["hidden"].sum()),
        "n_edited": int(each["edited"].sum()),
        "n_withdrawn": withdrawn.height,
        "withdrawn": withdrawn["ids"].explode().drop_nulls().head(ID_LIMIT).to_list(),
        "n_after": after,
        "n_before": before,
    }


def _near_notices(each: pl.DataFrame, tables: Tables) -> tuple[int, int]:
    """Count the instructions within a day after, and before, a notice of the ballot in the same chat."""
    labels = tables["labels"]
    told = labels.filter(pl.col("label").is_in(_BALLOT_LABELS), pl.col("decision") == "flag")
    notices = (
        read_messages(tables, only=told["message_id"])
        .join(instruct(labels), on="message_id", how="anti")
        .select("chat_id", noticed_at="sent_at")
        .drop_nulls()
        .sort("noticed_at")
    )
    sent = each.select("one", "chat_id", "sent_at").drop_nulls().sort("sent_at")
    # Only the nearest notice on either side: every instruction beside every notice would grow with the square.
    last = sent.join_asof(notices, left_on="sent_at", right_on="noticed_at", by="chat_id", check_sortedness=False)
    following = sent.join_asof(
        notices,
        left_on="sent_at",
        right_on="noticed_at",
        by="chat_id",
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    lag = (pl.col("sent_at") - pl.col("noticed_at")).abs()
    after, before = (near.filter(lag <= pl.duration(hours=NOTICE_HOURS)).height for near in (last, following))
    return after, before


def count_habits(tables: Tables, families: list[str]) -> Row:
    """Return how much of what the senders of instructions wrote is part of a text that is followed.

    Over all these people together: no person is listed, and the part says nothing of what anybody meant.
    """
    senders = tables["shares"].filter(pl.col("family_id").is_in(families))["person_id"].drop_nulls().unique()
    tracked = scan(tables, "families").filter("tracked").select(pl.col("message_id").unique()).collect().to_series()
    messages = scan(tables, "messages")
    chats = messages.select(pl.col("chat_id").unique().drop_nulls().sort()).collect().to_series()
    own = messages.filter((pl.col("kind") != "system") & pl.col("person_id").is_in(senders.implode())).select(
        pl.col("person_id").cast(pl.Enum(senders.sort())),
        pl.col("chat_id").cast(pl.Enum(chats)),
        one=pl.coalesce("canonical_id", "message_id"),
        tracked=pl.col("message_id").is_in(tracked.implode()),
    )
    one = own.group_by("person_id", "one").agg(pl.col("tracked").any(), pl.col("chat_id").first()).collect()
    parts = one.group_by("person_id").agg(
        part=pl.col("tracked").mean(), n=pl.len(), n_chats=pl.col("chat_id").n_unique()
    )
    low, middle, high = (
        tell_percent(value)
        for value in parts.select(
            low=pl.col("part").min(), middle=pl.col("part").median(), high=pl.col("part").max()
        ).row(0)
    )
    return {
        "n_people": parts.height,
        "n_messages": one.height,
        "n_tracked": int(one["tracked"].sum()),
        "low": low,
        "middle": middle,
        "high": high,
        "median_messages": tell_number(parts.select(pl.col("n").median()).item()),
    }


def tell_percent(part: float | None) -> str:
    """Return a part as a percentage; a dash where there is none."""
    return "-" if part is None else f"{100 * part:.0f} %"


def list_against(tables: Tables, placed: pl.DataFrame) -> Row:
    """Return messages that tell the reader to vote against, deselect or leave off somebody who is named."""
    against = tables["slates"].filter(pl.col("stance").is_in(_AGAINST)).select("message_id").unique()
    decided = dict(tables["labels"].filter(pl.col("label") == SLATE_LABEL).select("message_id", "decision").iter_rows())
    found = placed.join(against, on="message_id", how="semi")
    ids = first_copies(found, limit=NEUTRAL_LIMIT)
    rows = [row | {"reason": decided.get(row["message_id"], "none")} for row in list_sightings(found, ids=ids)]
    return {"rows": rows, "cap": cap(rows, total=found["one"].n_unique(), where="tables/slates.parquet")}
