"""The tables that links are made from, out of a few words per share."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import polars as pl

from chatforensics import schema
from chatforensics.diffusion.linkmodel import LinkModel
from chatforensics.diffusion.links import build_links

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
TEXT = "Final reminder: select Rowena Adjei at step 1 and Tariq Lindqvist at step 2, then press submit."
EDITED = TEXT.replace("Tariq Lindqvist", "Mei Okonkwo")
AS_ASSUMED = LinkModel(fixed=True)


class Sent(NamedTuple):
    """One share, its time in minutes."""

    who: str
    chat: str
    minute: int
    text: str = TEXT
    family: str = "f1"

    @property
    def share_id(self) -> str:
        return f"{self.family} {self.who} {self.chat} {self.minute}"


class Stay(NamedTuple):
    """A stay in a chat, in minutes."""

    chat: str
    who: str
    begin: int | None = None
    end: int | None = None


def at(minute: int | None) -> datetime | None:
    return None if minute is None else NINE + timedelta(minutes=minute)


def share_table(sent: Sequence[Sent]) -> schema.Shares:
    rows = [
        (one.share_id, one.family, "v", one.chat, one.who, at(one.minute), [number], 1.0, ["a"])
        for number, one in enumerate(sent)
    ]
    return schema.Shares(pl.DataFrame(rows, schema=dict(schema.TABLES["shares"]), orient="row"))


def message_table(sent: Sequence[Sent]) -> schema.Messages:
    rows = [{"message_id": number, "text": one.text} for number, one in enumerate(sent)]
    return schema.Messages(pl.DataFrame(rows, schema=dict(schema.TABLES["messages"])))


def stay_table(stays: Sequence[Stay]) -> schema.Memberships:
    rows = [
        {"chat_id": stay.chat, "person_id": stay.who, "from_at": at(stay.begin), "to_at": at(stay.end)}
        for stay in stays
    ]
    return schema.Memberships(pl.DataFrame(rows, schema=dict(schema.TABLES["memberships"])))


def namesake_table(pairs: Sequence[tuple[str, str]]) -> schema.Namesakes:
    rows = [{"person_a": min(pair), "person_b": max(pair)} for pair in pairs]
    return schema.Namesakes(pl.DataFrame(rows, schema=dict(schema.TABLES["namesakes"])))


def everybody_in(chats: Sequence[str], sent: Sequence[Sent]) -> list[Stay]:
    return [Stay(chat, who) for chat in chats for who in sorted({one.who for one in sent})]


def links_of(
    sent: Sequence[Sent],
    stays: Sequence[Stay] | None = None,
    *,
    alike: Sequence[tuple[str, str]] = (),
    model: LinkModel = AS_ASSUMED,
) -> schema.Links:
    """Link the shares; everybody is in every chat all the time, unless stays are given."""
    stays = everybody_in(sorted({one.chat for one in sent}), sent) if stays is None else stays
    tables = share_table(sent), stay_table(stays), message_table(sent)
    return build_links(*tables, namesakes=namesake_table(alike), model=model)


def sources(links: schema.Links, share: Sent) -> dict[str | None, float]:
    """Return where a share may have come from, the likeliest first."""
    mine = links.filter(pl.col("share_id") == share.share_id).sort("rank")
    return dict(mine.select("parent_share_id", "probability").iter_rows())
