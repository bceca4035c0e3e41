import numpy as np
import polars as pl
import pytest
from diffusion.linktables import AS_ASSUMED, EDITED, Sent, Stay, message_table, share_table, stay_table
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.diffusion.decisions import Decisions
from chatforensics.diffusion.links import build_links, weigh_links
from chatforensics.diffusion.weighed import list_links

PEOPLE, CHATS = ["amara", "bilal", "chen"], ["chat-1", "chat-2"]
TEXTS = [Sent("", "", 0).text, EDITED]
SENT = st.lists(
    st.builds(
        Sent,
        st.sampled_from(PEOPLE),
        st.sampled_from(CHATS),
        st.integers(0, 60),
        st.sampled_from(TEXTS),
        st.sampled_from(["f1", "f2"]),
    ),
    min_size=1,
    max_size=10,
    unique_by=lambda sent: (*sent[:3], sent.family),
)
STAYS = stay_table([Stay(chat, person) for chat in CHATS for person in PEOPLE])


@given(SENT)
@settings(max_examples=10, deadline=None)
def test_decisions_numbered_without_a_table_are_those_read_from_it(sent: list[Sent]) -> None:
    shares, messages = share_table(sent), message_table(sent)
    weighed, _ = weigh_links(shares, STAYS, messages, model=AS_ASSUMED)
    ordered = shares.select("share_id", "family_id", "sent_at").sort("family_id", "sent_at", "share_id")
    read = Decisions.read(ordered, build_links(shares, STAYS, messages, model=AS_ASSUMED))
    assert weighed is not None
    numbered = Decisions.number(weighed)
    assert numbered.n == read.n
    for name in ("of_share", "starts", "parents", "sums"):
        assert np.array_equal(getattr(numbered, name), getattr(read, name))


def test_links_listed_in_portions_are_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = [Sent(PEOPLE[minute % 3], CHATS[minute % 2], minute * 11) for minute in range(7)]
    shares, messages = share_table(sent), message_table(sent)
    whole = build_links(shares, STAYS, messages)
    monkeypatch.setattr("chatforensics.diffusion.weighed.PORTION", 2)
    parts = list(list_links(weigh_links(shares, STAYS, messages)[0]))
    assert len(parts) == 4
    assert pl.concat(parts).equals(whole)


def test_without_shares_the_table_of_links_is_empty() -> None:
    none = schema.Shares(schema.empty("shares"))
    weighed, _ = weigh_links(none, STAYS, schema.Messages(schema.empty("messages")))
    assert [part.height for part in list_links(weighed)] == [0]
