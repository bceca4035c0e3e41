"""The tables: their columns, types and units, and `check()` which holds a frame to them.

Times are `datetime[us, UTC]` unless named `_local` (the export's own wall clock, no zone). Offsets `byte_*` are bytes
in the chat text member, lines count from 1, spans in texts are code points. Columns ending in `_s` are seconds.
"""

from collections.abc import Mapping
from functools import cache
from typing import NewType, TypeAlias, TypeVar

import polars as pl

from chatforensics.errors import SchemaError

Sources = NewType("Sources", pl.DataFrame)
Messages = NewType("Messages", pl.DataFrame)
Events = NewType("Events", pl.DataFrame)
Rejects = NewType("Rejects", pl.DataFrame)
Readings = NewType("Readings", pl.DataFrame)
Attachments = NewType("Attachments", pl.DataFrame)
References = NewType("References", pl.DataFrame)
Polls = NewType("Polls", pl.DataFrame)
Places = NewType("Places", pl.DataFrame)
Calls = NewType("Calls", pl.DataFrame)
Chats = NewType("Chats", pl.DataFrame)
People = NewType("People", pl.DataFrame)
Clocks = NewType("Clocks", pl.DataFrame)
Memberships = NewType("Memberships", pl.DataFrame)
Labels = NewType("Labels", pl.DataFrame)
Slates = NewType("Slates", pl.DataFrame)
Families = NewType("Families", pl.DataFrame)
Shares = NewType("Shares", pl.DataFrame)
Links = NewType("Links", pl.DataFrame)
Edges = NewType("Edges", pl.DataFrame)
Pairs = NewType("Pairs", pl.DataFrame)
Indicators = NewType("Indicators", pl.DataFrame)
Corroboration = NewType("Corroboration", pl.DataFrame)
Members = NewType("Members", pl.DataFrame)
SameSlates = NewType("SameSlates", pl.DataFrame)
Pictures = NewType("Pictures", pl.DataFrame)
PictureLinks = NewType("PictureLinks", pl.DataFrame)
Joins = NewType("Joins", pl.DataFrame)
Comparisons = NewType("Comparisons", pl.DataFrame)
Variants = NewType("Variants", pl.DataFrame)
VariantChanges = NewType("VariantChanges", pl.DataFrame)
Clusters = NewType("Clusters", pl.DataFrame)
Cascades = NewType("Cascades", pl.DataFrame)
Sensitivity = NewType("Sensitivity", pl.DataFrame)
Namesakes = NewType("Namesakes", pl.DataFrame)
# Whole in memory, or a scan of a file: a stage that takes these reads only the columns that it needs, so that millions
# of messages need not be in memory.
AnyMessages: TypeAlias = "Messages | pl.LazyFrame"
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)

DataType: TypeAlias = pl.DataType | type[pl.DataType]

UTC = pl.Datetime("us", "UTC")
LOCAL = pl.Datetime("us")
TEXTS = pl.List(pl.String)
IDS = pl.List(pl.Int64)
SPANS = pl.List(pl.Struct({"start": pl.Int32, "end": pl.Int32, "cue": pl.String}))

MESSAGE_KINDS = ("text", "media", "deleted", "system", "poll", "location", "contact", "call", "view_once")
LABELS = (
    "endorse",
    "oppose",
    "procedure",
    "mobilise",
    "remind",
    "relay",
    "conceal",
    "bloc_appeal",
    "recruit",
    "vote_handling",
    "pressure",
)
SLATE_LABEL = "slate_instruction"
SIGNIFICANT_Q = 0.05  # pairs with a q-value up to this are called close in time beyond chance
CONFLICT_STATUSES = ("text_conflict", "sender_conflict", "time_conflict")  # the gravest first

TABLES: Mapping[str, Mapping[str, DataType]] = {
    "sources": {
        "source_id": pl.String,
        "path": pl.String,
        "sha256": pl.String,
        "size_bytes": pl.Int64,
        "member": pl.String,
        "platform": pl.String,
        "header_format": pl.String,
        "date_order": pl.String,
        "date_order_verdict": pl.String,
        "date_order_evidence": pl.String,
        "clock_step_s": pl.Int32,
        "timezone": pl.String,
        "utc_offset_s": pl.Int32,
        "chat_id": pl.String,
        "chat_title": pl.String,
        "custodian_id": pl.String,
        "n_messages": pl.Int64,
        "n_rejects": pl.Int64,
        "n_quoted": pl.Int64,
        "n_doubtful": pl.Int64,
        "first_at": UTC,
        "last_at": UTC,
    },
    "messages": {
        "message_id": pl.Int64,
        "group_id": pl.String,
        "source_id": pl.String,
        "chat_id": pl.String,
        "line": pl.Int64,
        "byte_start": pl.Int64,
        "byte_end": pl.Int64,
        "sent_local": LOCAL,
        "sent_at": UTC,
        "sender_label": pl.String,
        "person_id": pl.String,
        "kind": pl.String,
        "text": pl.String,
        "attachment": pl.String,
        "edited": pl.Boolean,
        "deleted_by": pl.String,
        "canonical_id": pl.Int64,
        "dst": pl.String,
    },
    "events": {
        "message_id": pl.Int64,
        "event": pl.String,
        "actor": pl.String,
        "targets": TEXTS,
        "old": pl.String,
        "new": pl.String,
        "language": pl.String,
    },
    "rejects": {
        "source_id": pl.String,
        "line": pl.Int64,
        "byte_start": pl.Int64,
        "byte_end": pl.Int64,
        "reason": pl.String,
    },
    "readings": {
        "source_id": pl.String,
        "message_id": pl.Int64,
        "line": pl.Int64,
        "byte_start": pl.Int64,
        "byte_end": pl.Int64,
        "taken_as": pl.String,
        "sent_local": LOCAL,
        "sender_label": pl.String,
        "reason": pl.String,
    },
    "attachments": {
        "source_id": pl.String,
        "file": pl.String,
        "message_id": pl.Int64,
        "status": pl.String,
        "size_bytes": pl.Int64,
        "sha256": pl.String,
    },
    "pictures": {
        "message_id": pl.Int64,
        "source_id": pl.String,
        "file": pl.String,
        "sha256": pl.String,
        "perceptual_hash": pl.String,
        "width": pl.Int32,
        "height": pl.Int32,
        "text": pl.String,
        "languages": TEXTS,
        "mean_confidence": pl.Float32,
        "status": pl.String,
        "reason": pl.String,
    },
    "picture_links": {
        "message_a": pl.Int64,
        "message_b": pl.Int64,
        "relation": pl.String,
        "distance": pl.Int32,
        "text_similarity": pl.Float32,
    },
    "members": {
        "source_id": pl.String,
        "position": pl.Int32,
        "name": pl.String,
        "role": pl.String,
        "size_bytes": pl.Int64,
        "packed_bytes": pl.Int64,
        "crc32": pl.Int64,
        "method": pl.Int32,
        "flags": pl.Int32,
        "create_system": pl.Int32,
        "create_version": pl.Int32,
        "extract_version": pl.Int32,
        "extra_ids": pl.List(pl.Int32),
        "modified_local": LOCAL,
        "modified_at": UTC,
        "magic": pl.String,
        "exif": pl.Boolean,
        "software": pl.String,
        "taken_local": LOCAL,
        "unread": pl.String,
        "oddities": pl.List(pl.Struct({"kind": pl.String, "n": pl.Int64})),
    },
    "references": {
        "message_id": pl.Int64,
        "reference": pl.String,
        "start": pl.Int32,
        "end": pl.Int32,
    },
    "polls": {
        "message_id": pl.Int64,
        "question": pl.String,
        "position": pl.Int32,
        "option": pl.String,
        "n_votes": pl.Int32,
    },
    "places": {
        "message_id": pl.Int64,
        "name": pl.String,
        "latitude": pl.Float64,
        "longitude": pl.Float64,
        "live": pl.Boolean,
    },
    "calls": {
        "message_id": pl.Int64,
        "call": pl.String,
        "group_call": pl.Boolean,
        "outcome": pl.String,
        "duration_s": pl.Int32,
    },
    "chats": {"chat_id": pl.String, "title": pl.String, "kind": pl.String, "source_ids": TEXTS},
    "people": {
        "person_id": pl.String,
        "pseudonym": pl.String,
        "labels": TEXTS,
        "phones": TEXTS,
        "basis": pl.String,
        "source_ids": TEXTS,
    },
    "namesakes": {
        "person_a": pl.String,
        "person_b": pl.String,
        "name": pl.String,
        "n_alike": pl.Int64,
        "source_ids": TEXTS,
    },
    "joins": {
        "person_id": pl.String,
        "source_a": pl.String,
        "label_a": pl.String,
        "source_b": pl.String,
        "label_b": pl.String,
        "basis": pl.String,
        "n": pl.Int64,
        "n_against": pl.Int64,
    },
    "comparisons": {
        "chat_id": pl.String,
        "source_a": pl.String,
        "source_b": pl.String,
        "independent": pl.Boolean,
        "dependence": pl.String,
        "n_anchors": pl.Int64,
        "n_at_offset": pl.Int64,
        "offset_s": pl.Int32,
        "uncertainty_s": pl.Int32,
        "from_at": UTC,
        "to_at": UTC,
        "n_a": pl.Int64,
        "n_b": pl.Int64,
        "n_agree": pl.Int64,
        "n_only_a": pl.Int64,
        "n_only_b": pl.Int64,
        "n_text": pl.Int64,
        "n_sender": pl.Int64,
        "n_time": pl.Int64,
        "n_order": pl.Int64,
    },
    "clocks": {
        "source_id": pl.String,
        "from_local": LOCAL,
        "to_local": LOCAL,
        "utc_offset_s": pl.Int32,
        "uncertainty_s": pl.Int32,
        "basis": pl.String,
    },
    "memberships": {
        "chat_id": pl.String,
        "person_id": pl.String,
        "from_at": UTC,
        "to_at": UTC,
        "basis": pl.String,
        "entry": pl.String,
        "exit": pl.String,
        "added_by": pl.String,
        "removed_by": pl.String,
        "first_seen_at": UTC,
        "last_seen_at": UTC,
        "source_ids": TEXTS,
    },
    "labels": {
        "message_id": pl.Int64,
        "label": pl.String,
        "probability": pl.Float32,
        "decision": pl.String,
        "spans": SPANS,
        "explanation": pl.String,
    },
    "slates": {
        "message_id": pl.Int64,
        "contest": pl.String,
        "name": pl.String,
        "stance": pl.String,
        "step": pl.Int32,
        "start": pl.Int32,
        "end": pl.Int32,
        "candidate": pl.String,
    },
    "same_slates": {
        "family_a": pl.String,
        "family_b": pl.String,
        "n_names_a": pl.Int32,
        "n_names_b": pl.Int32,
        "n_shared": pl.Int32,
        "jaccard": pl.Float32,
        "contradicted": pl.Int32,
        "names": TEXTS,
    },
    "families": {
        "message_id": pl.Int64,
        "family_id": pl.String,
        "variant_id": pl.String,
        "similarity": pl.Float32,
        "tracked": pl.Boolean,
    },
    "variants": {
        "family_id": pl.String,
        "variant_id": pl.String,
        "n_messages": pl.Int64,
        "first_at": UTC,
        "message_ids": IDS,
        "text": pl.String,
        "parent_variant_id": pl.String,
        "n_edits": pl.Int32,
        "similarity": pl.Float32,
    },
    "variant_changes": {
        "family_id": pl.String,
        "variant_id": pl.String,
        "parent_variant_id": pl.String,
        "position": pl.Int32,
        "change": pl.String,
        "start": pl.Int32,
        "end": pl.Int32,
        "text": pl.String,
        "parent_start": pl.Int32,
        "parent_end": pl.Int32,
        "parent_text": pl.String,
    },
    "shares": {
        "share_id": pl.String,
        "family_id": pl.String,
        "variant_id": pl.String,
        "chat_id": pl.String,
        "person_id": pl.String,
        "sent_at": UTC,
        "message_ids": IDS,
        "similarity": pl.Float32,
        "source_ids": TEXTS,
    },
    "exposures": {"share_id": pl.String, "n_recipients": pl.Int64, "n_newly_reached": pl.Int64},
    "exposed_chats": {
        "family_id": pl.String,
        "chat_id": pl.String,
        "n_shares": pl.Int64,
        "n_members_exposed": pl.Int64,
        "first_at": UTC,
    },
    "links": {
        "share_id": pl.String,
        "parent_share_id": pl.String,
        "probability": pl.Float32,
        "rank": pl.Int32,
        "lag_s": pl.Float64,
        "burst_id": pl.String,
        "basis": pl.String,
    },
    "edges": {
        "sender_id": pl.String,
        "recipient_id": pl.String,
        "family_id": pl.String,
        "n_shares": pl.Int64,
        "first_at": UTC,
        "last_at": UTC,
        "source_ids": TEXTS,
        "variant_ids": TEXTS,
    },
    "pairs": {
        "person_a": pl.String,
        "person_b": pl.String,
        "n_shares": pl.Int64,
        "n_families": pl.Int64,
        "median_lag_s": pl.Float64,
        "p_value": pl.Float64,
        "q_value": pl.Float64,
        "source_ids": TEXTS,
        "n_occasions": pl.Int64,
        "n_common": pl.Int64,
        "n_expected": pl.Float64,
        "may_be_one": pl.Boolean,
    },
    "clusters": {
        "cluster_id": pl.String,
        "person_ids": TEXTS,
        "n_pairs": pl.Int64,
        "n_families": pl.Int64,
        "family_ids": TEXTS,
        "message_ids": IDS,
        "first_at": UTC,
        "last_at": UTC,
        "largest_q": pl.Float64,
        "source_ids": TEXTS,
    },
    "cascades": {
        "family_id": pl.String,
        "measure": pl.String,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "middle": pl.Float64,
    },
    "sensitivity": {
        "setting": pl.String,
        "value": pl.String,
        "used": pl.Boolean,
        "outcome": pl.String,
        "result": pl.Float64,
    },
    "indicators": {
        "source_ids": TEXTS,
        "indicator": pl.String,
        "level": pl.String,
        "lines": IDS,
        "value": pl.String,
        "title": pl.String,
        "explanation": pl.String,
        "innocent": pl.String,
        "resolve": pl.String,
    },
    "corroboration": {
        "canonical_id": pl.Int64,
        "chat_id": pl.String,
        "n_sources": pl.Int64,
        "n_independent": pl.Int64,
        "status": pl.String,
        "conflicts": TEXTS,
        "detail": pl.String,
        "source_ids": TEXTS,
        "lacking": TEXTS,
    },
}


def empty(table: str) -> pl.DataFrame:
    """Return the named table with its columns and no rows."""
    return _make_empty(table).clone()


@cache
def _make_empty(table: str) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(TABLES[table]))


def check(frame: Frame, *, table: str) -> Frame:
    """Return the frame with the table's columns first and in order, or say which column is wrong.

    Further columns are kept behind the named ones: users may add their own.

    Raises:
        SchemaError: a column is missing or of another type.
    """
    found: dict[str, pl.DataType] = dict(frame.collect_schema())
    for column, want in TABLES[table].items():
        if column not in found:
            raise SchemaError(f"{table}.{column} is missing.")
        if found[column] != want:
            raise SchemaError(f"{table}.{column} should be {want}, is {found[column]}.")
    named = [*TABLES[table], *(column for column in found if column not in TABLES[table])]
    return frame if named == list(found) else frame.select(named)


def is_within_stay(at: pl.Expr) -> pl.Expr:
    """Say whether a time lies in a stay of `memberships`: from `from_at` on and before `to_at`; nulls are open ends."""
    return (at >= pl.col("from_at")).fill_null(value=True) & (at < pl.col("to_at")).fill_null(value=True)
