"""Build a whole invented case as tables, consistent with each other; see `simulation.py` for what happens in it."""

import hashlib
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from simulation import CAMPAIGN, ENDINGS, OFFSET, PLACES, START, TOPICS, Draft, a_name, simulate_town

from chatforensics.schema import SLATE_LABEL, TABLES, check

if TYPE_CHECKING:
    from datetime import datetime

Row = dict[str, object]
Case = dict[str, pl.DataFrame]


def a_case(n_people: int = 5, seed: int = 0) -> Case:
    """Return every table of one consistent invented case; equal arguments give equal tables."""
    draft = simulate_town(n_people, seed)
    messages = _messages(draft)
    rows: dict[str, list[Row]] = {
        "people": _people(draft),
        "chats": _chats(draft),
        "memberships": _memberships(draft),
        "shares": _shares(draft, messages),
        "links": _links(draft),
        "edges": _edges(draft),
        "pairs": _pairs(draft),
        **_about_messages(messages),
        **_about_sources(draft, messages),
    }
    rows["messages"] = [{key: row[key] for key in TABLES["messages"]} for row in messages]
    return {name: check(pl.DataFrame(rows.get(name, []), schema=dict(TABLES[name])), table=name) for name in TABLES}


def person_id(person: int) -> str:
    """Return the id of the person of that number."""
    return f"person-{person:04d}"


def _chat_id(chat: int) -> str:
    return f"chat-{chat:03d}"


def _family_id(family: int) -> str:
    return f"fam-{hashlib.sha256(CAMPAIGN[family][0].encode()).hexdigest()[:8]}"


def _variant_id(family: int, variant: int) -> str:
    return f"{_family_id(family)}-v{variant}"


def _share_id(number: int) -> str:
    return f"share-{number:05d}"


def _title(chat: int, n_chats: int) -> str | None:
    if chat == n_chats - 1:
        return None  # the direct chat has no title of its own
    place, topic = PLACES[chat % len(PLACES)], TOPICS[(chat // len(PLACES) + chat) % len(TOPICS)]
    return f"{place} {topic}"


def _messages(draft: Draft) -> list[Row]:
    """Write each chat once as one phone exported it; the first chat twice, from two phones."""
    rows: list[Row] = []
    for export in range(len(draft.members) + 1):
        chat = export % len(draft.members)
        source, line, byte_start = _source_id(export), 1, 0
        for at, _, person, kind, text, number in (entry for entry in draft.sent if entry[1] == chat):
            printed = f"{at + OFFSET:%d/%m/%Y, %H:%M} - {a_name(person)}: {text}\n"
            byte_end = byte_start + len(printed.encode())
            rows.append(
                {
                    "message_id": _message_id(source, byte_start),
                    "group_id": f"group-{_message_id(_source_id(chat), byte_start)}",
                    "source_id": source,
                    "chat_id": _chat_id(chat),
                    "line": line,
                    "byte_start": byte_start,
                    "byte_end": byte_end,
                    "sent_local": (at + OFFSET).replace(tzinfo=None),
                    "sent_at": at,
                    "sender_label": None if kind == "system" else a_name(person),
                    "person_id": None if kind == "system" else person_id(person),
                    "kind": kind,
                    "text": text,
                    "attachment": f"IMG-{line:04d}.jpg" if kind == "media" else None,
                    "edited": False,
                    "deleted_by": None,
                    "dst": None,
                    "canonical_id": min(_message_id(_source_id(x), byte_start) for x in _exports_of(chat, draft)),
                    "share": number,
                }
            )
            line, byte_start = line + 1, byte_end
    return rows


def _exports_of(chat: int, draft: Draft) -> list[int]:
    return [0, len(draft.members)] if chat == 0 else [chat]


def _sources_of(chat: int, draft: Draft) -> list[str]:
    return sorted(_source_id(export) for export in _exports_of(chat, draft))


def _source_id(export: int) -> str:
    return hashlib.sha256(f"export {export}".encode()).hexdigest()[:16]


def _message_id(source: str, byte_start: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{source}:{byte_start}".encode()).digest()[:6], "big")


def _people(draft: Draft) -> list[Row]:
    chats = [[chat for chat, members in enumerate(draft.members) if x in members] for x in range(draft.n_people)]
    return [
        {
            "person_id": person_id(person),
            "pseudonym": f"P-{person + 1:03d}",
            "labels": [a_name(person), f"~{a_name(person)}"] if person % 7 == 0 else [a_name(person)],
            "phones": [f"+999 555 {person:05d}"],
            "basis": "label",
            "source_ids": sorted({source for chat in chats[person] for source in _sources_of(chat, draft)}),
        }
        for person in range(draft.n_people)
    ]


def _chats(draft: Draft) -> list[Row]:
    n_chats = len(draft.members)
    return [
        {
            "chat_id": _chat_id(chat),
            "title": _title(chat, n_chats),
            "kind": "direct" if chat == n_chats - 1 else "group",
            "source_ids": [_source_id(export) for export in _exports_of(chat, draft)],
        }
        for chat in range(n_chats)
    ]


def _memberships(draft: Draft) -> list[Row]:
    return [
        {
            "chat_id": _chat_id(chat),
            "person_id": person_id(person),
            "from_at": START,
            "to_at": None,
            "basis": "posted",
            "source_ids": _sources_of(chat, draft),
        }
        for chat, people in enumerate(draft.members)
        for person in people
    ]


def _shares(draft: Draft, messages: list[Row]) -> list[Row]:
    ids: dict[object, list[object]] = {}
    for row in messages:
        ids.setdefault(row["share"], []).append(row["message_id"])
    return [
        {
            "share_id": _share_id(number),
            "family_id": _family_id(share.family),
            "variant_id": _variant_id(share.family, share.variant),
            "chat_id": _chat_id(share.chat),
            "person_id": person_id(share.person),
            "sent_at": share.at,
            "message_ids": ids[number],
            "similarity": 1.0 - 0.02 * share.variant,
            "source_ids": _sources_of(share.chat, draft),
        }
        for number, share in enumerate(draft.shares)
    ]


def _links(draft: Draft) -> list[Row]:
    """Name up to two candidate parents per share, and always the source that is not in the evidence."""
    rows: list[Row] = []
    for number, share in enumerate(draft.shares):
        known = [share.parent] if share.parent is not None else []
        others = [
            other
            for other, earlier in enumerate(draft.shares[:number])
            if earlier.family == share.family
            and earlier.at <= share.at
            and share.person in draft.members[earlier.chat]
            and earlier.person != share.person
            and other != share.parent
        ]
        parents: list[int | None] = [*known, *others[-1:], None]
        weights = [6.0 * draft.rng.random() + 0.5 for _ in parents[:-1]] + [1.2]
        order = [int(at) for at in np.argsort(weights)[::-1]]
        for rank, at in enumerate(order, start=1):
            parent = parents[at]
            lag = None if parent is None else (share.at - draft.shares[parent].at).total_seconds()
            link = {"parent_share_id": None if parent is None else _share_id(parent), "rank": rank, "lag_s": lag}
            rows.append({"share_id": _share_id(number), "probability": weights[at] / sum(weights), **link})
    return rows


def _edges(draft: Draft) -> list[Row]:
    found: dict[tuple[int, int, int], list[datetime]] = {}
    shown: dict[tuple[int, int, int], set[str]] = {}
    for share in draft.shares:
        for reader in set(draft.members[share.chat]) - {share.person}:
            found.setdefault((share.person, reader, share.family), []).append(share.at)
            shown.setdefault((share.person, reader, share.family), set()).update(_sources_of(share.chat, draft))
    return [
        {
            "sender_id": person_id(sender),
            "recipient_id": person_id(reader),
            "family_id": _family_id(family),
            "n_shares": len(times),
            "first_at": min(times),
            "last_at": max(times),
            "source_ids": sorted(shown[sender, reader, family]),
        }
        for (sender, reader, family), times in sorted(found.items())
    ]


def _pairs(draft: Draft) -> list[Row]:
    """Pair people who sent one family within ten minutes, twice at least; the p-values are made up and spread."""
    lags: dict[tuple[int, int], list[tuple[int, int, float]]] = {}
    shown: dict[tuple[int, int], set[str]] = {}
    for (number, one), (_, other) in combinations(enumerate(draft.shares), 2):
        lag = abs((other.at - one.at).total_seconds())
        if one.family == other.family and one.person != other.person and lag <= 600:
            pair = (min(one.person, other.person), max(one.person, other.person))
            lags.setdefault(pair, []).append((one.family, number, lag))
            shown.setdefault(pair, set()).update(_sources_of(one.chat, draft), _sources_of(other.chat, draft))
    pairs = [
        (pair, _pair(pair, found))
        for pair, found in sorted(lags.items())
        if len({number for _, number, _ in found}) > 1
    ]
    return [row | {"source_ids": sorted(shown[pair])} for pair, row in pairs]


def _pair(pair: tuple[int, int], found: list[tuple[int, int, float]]) -> Row:
    n_shares = len({number for _, number, _ in found})
    p_value = 0.6 / 3.5 ** (n_shares - 1)
    return {
        "person_a": person_id(pair[0]),
        "person_b": person_id(pair[1]),
        "n_shares": n_shares,
        "n_families": len({family for family, _, _ in found}),
        "median_lag_s": float(np.median([lag for _, _, lag in found])),
        "p_value": p_value,
        "q_value": min(1.0, 1.3 * p_value),
    }


def _about_messages(messages: list[Row]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {
        name: [] for name in ("labels", "slates", "families", "events", "rejects", "corroboration", "indicators")
    }
    for row in messages:
        ids, text = {"message_id": row["message_id"]}, str(row["text"])
        if row["canonical_id"] == row["message_id"]:
            rows["corroboration"].append(_corroboration_of(row))
        if row["kind"] == "system":
            actor = text.removesuffix(" created group")
            rows["events"].append(ids | {"event": "created", "actor": actor, "targets": [], "old": None, "new": None})
        for family, (wording, decision) in enumerate(CAMPAIGN):
            if text.startswith(wording):
                variant = ENDINGS.index(text.removeprefix(wording))
                names = {"family_id": _family_id(family), "variant_id": _variant_id(family, variant)}
                rows["families"].append(ids | names | {"similarity": 1.0 - 0.02 * variant, "tracked": True})
                rows["labels"].extend(_labels_of(ids, decision))
                rows["slates"].extend(_slates_of(ids, text))
    return rows


def _corroboration_of(row: Row) -> Row:
    n_sources = 2 if row["chat_id"] == _chat_id(0) else 1
    status = {"n_sources": n_sources, "n_independent": n_sources, "status": ("single_source", "agree")[n_sources - 1]}
    return {"canonical_id": row["canonical_id"], "chat_id": row["chat_id"], "conflicts": [], "detail": ""} | status


def _labels_of(ids: Row, decision: str) -> list[Row]:
    probability = {"flag": 0.94, "review": 0.55, "none": 0.06}[decision]
    spans = [] if decision == "none" else [{"start": 0, "end": 6, "cue": "imperative"}]
    found = (SLATE_LABEL,) if decision == "none" else (SLATE_LABEL, "endorse")
    return [ids | {"label": x, "probability": probability, "decision": decision, "spans": spans} for x in found]


def _slates_of(ids: Row, text: str) -> list[Row]:
    return [
        ids | {"contest": None, "name": name, "stance": "for", "step": step, "start": start, "end": start + len(name)}
        for step, name in enumerate(("Mara Quill", "Tobin Ashe"), start=1)
        if (start := text.find(name)) >= 0
    ]


def _about_sources(draft: Draft, messages: list[Row]) -> dict[str, list[Row]]:
    sources: list[Row] = []
    clocks: list[Row] = []
    for export in range(len(draft.members) + 1):
        chat, source = export % len(draft.members), _source_id(export)
        own = [row for row in messages if row["source_id"] == source]
        sources.append(
            {
                "source_id": source,
                "path": f"phone-{export + 1}/chat.txt",
                "sha256": hashlib.sha256(f"export {export}".encode()).hexdigest(),
                "size_bytes": own[-1]["byte_end"],
                "member": None,
                "platform": "android",
                "header_format": "dd/MM/yyyy, HH:mm - ",
                "date_order": "dmy",
                "date_order_verdict": "certain",
                "date_order_evidence": "days above 12 stand first",
                "clock_step_s": 60,
                "timezone": "Africa/Harare",
                "utc_offset_s": int(OFFSET.total_seconds()),
                "chat_id": _chat_id(chat),
                "chat_title": _title(chat, len(draft.members)),
                "custodian_id": person_id(draft.members[chat][export // len(draft.members)]),
                "n_messages": len(own),
                "n_rejects": 0,
                "first_at": own[0]["sent_at"],
                "last_at": own[-1]["sent_at"],
            }
        )
        span = {"from_local": own[0]["sent_local"], "to_local": own[-1]["sent_local"], "uncertainty_s": 60}
        clocks.append({"source_id": source, "utc_offset_s": 7200, "basis": "declared", **span})
    return {"sources": sources, "clocks": clocks}
