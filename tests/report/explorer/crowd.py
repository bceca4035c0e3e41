"""An invented crowd: people, texts and chats as many as wanted, and a page with the linked views alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from random import Random
from types import MappingProxyType
from typing import Any

import polars as pl
from report.invented import a_message, a_source, a_table

from chatforensics.report.explorer import build_islands
from chatforensics.report.explorer.page import hash_of, read_script, read_style
from chatforensics.schema import TABLES

START = datetime(2031, 3, 3, 8, 0, tzinfo=UTC)
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Graphs</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:;
 style-src '{style_hash}'; script-src '{script_hash}'"><style>{style}</style></head>
<body><main><h1>Graphs</h1><section id="explorer" aria-label="Views"><p class="cap" id="caps" hidden></p>
<div class="explorer-bar">
<div id="selection" role="group" aria-label="Chosen"></div>
<div id="view-tabs" role="tablist" aria-label="Views"></div></div>
<p id="notice" class="cap" role="status"></p>
<div class="explorer-body"><div id="view-panel" role="tabpanel" tabindex="0"></div>
<aside id="drawer" aria-labelledby="drawer-title" hidden></aside></div>
<div id="ticks" role="status"></div></section></main>
{islands}<script>{script}</script></body></html>"""


def build_tables(people: int, shares: int, pairs: int, *, seed: int = 5) -> dict[str, pl.DataFrame]:
    """Return the tables of an invented case with so many people, shares and pairs, each share one message."""
    chance = Random(seed)  # noqa: S311 - invented
    sent: list[dict[str, Any]] = [
        {
            "share_id": f"share-{i:06}", "family_id": f"family-{int(chance.random() ** 3 * shares / 40)}",
            "chat_id": f"chat-{chance.randrange(1 + people // 20)}",
            "person_id": f"person-{chance.randrange(people):05}",
            "sent_at": START + timedelta(seconds=int(chance.random() ** 2 * 40 * 86_400)),
        }
        for i in range(shares)
    ]  # fmt: skip
    sent.sort(key=itemgetter("sent_at"))
    families = sorted({str(share["family_id"]) for share in sent})
    variants = [
        {"family_id": name, "variant_id": name, "n_messages": 1, "text": name, "message_ids": []} for name in families
    ]
    rows: dict[str, list[dict[str, Any]]] = {
        "people": [
            {"person_id": f"person-{i:05}", "pseudonym": f"P-{i}", "labels": [f"Person {i}"]} for i in range(people)
        ],
        "chats": [{"chat_id": f"chat-{i}", "title": f"Chat {i}", "kind": "group"} for i in range(1 + people // 20)],
        "shares": [share | {"variant_id": share["family_id"], "message_ids": [i]} for i, share in enumerate(sent)],
        "links": list_links(sent, chance),
        "pairs": list_pairs(people, pairs, chance),
        "sources": [a_source(1, n_messages=shares)],
        "messages": [
            a_message(i, source=1, minute=i, text=f"Words of share {i}", sender=str(share["person_id"]))
            for i, share in enumerate(sent)
        ],
        "families": [
            {"message_id": i, "family_id": share["family_id"], "variant_id": share["family_id"], "tracked": True}
            for i, share in enumerate(sent)
        ],
        "variants": variants,
        "exposures": [
            {"share_id": share["share_id"], "n_recipients": 20, "n_newly_reached": chance.randrange(15)}
            for share in sent
        ],
    }
    return {name: a_table(name, rows.get(name, [])) for name in TABLES}


def render_page(tables: dict[str, pl.DataFrame], *, run: Mapping[str, Any] = MappingProxyType({})) -> str:
    """Return a page that holds the linked views alone, under the report's own policy."""
    islands, style, script = build_islands(tables, run=run, numbers={}), read_style(), read_script()
    chunks = {f"messages-{i}": chunk for i, chunk in enumerate(islands.chunks)}
    held = {"catalogue": islands.catalogue, "tables": islands.tables, **chunks}
    tags = "".join(f'<script type="text/plain" id="{name}">{value}</script>' for name, value in held.items())
    hashes = {"style_hash": hash_of(style), "script_hash": hash_of(script)}
    return PAGE.format(**hashes, style=style, script=script, islands=tags)


def list_links(sent: list[dict[str, Any]], chance: Random) -> list[dict[str, Any]]:
    """Give each share an earlier one of its family as likeliest source, and one that is not in the evidence."""
    earlier: dict[str, list[dict[str, Any]]] = {}
    links: list[dict[str, Any]] = []
    for share in sent:
        before = earlier.setdefault(share["family_id"], [])
        parent = before[max(0, len(before) - chance.randint(1, 6))] if before and chance.random() < 0.8 else None
        likeliest = round(chance.uniform(0.5, 0.95), 3) if parent else 1.0
        options = [(parent, likeliest), (None, 1 - likeliest)] if parent else [(None, 1.0)]
        for rank, (source, probability) in enumerate(options, 1):
            links.append(
                {"share_id": share["share_id"], "parent_share_id": source and source["share_id"], "rank": rank,
                 "probability": probability, "burst_id": share["share_id"]}
            )  # fmt: skip
        before.append(share)
    return links


def list_pairs(people: int, pairs: int, chance: Random) -> list[dict[str, Any]]:
    """Join people of one of several groups, and now and then two of different groups."""
    size = max(5, people // 150)
    found: set[tuple[int, int]] = set()
    while len(found) < pairs:
        one = chance.randrange(people)
        start = one // size * size
        other = (
            chance.randrange(start, min(people, start + size)) if chance.random() < 0.95 else chance.randrange(people)
        )
        if one != other:
            found.add((min(one, other), max(one, other)))
    return [
        {"person_a": f"person-{a:05}", "person_b": f"person-{b:05}", "n_shares": chance.randint(2, 9), "n_families": 2,
         "median_lag_s": 60.0, "p_value": 0.01, "q_value": chance.choice([0.01, 0.3]), "n_occasions": 2, "n_common": 3,
         "n_expected": 0.5, "may_be_one": False}
        for a, b in sorted(found)
    ]  # fmt: skip
