"""What is worked out within chats, some chats at a time, so that what is in memory does not grow with the case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from chatforensics.joining.comparisons import Picture
from chatforensics.joining.copies import match_copies
from chatforensics.joining.corroboration import corroborate, find_moved_slots
from chatforensics.joining.disagreements import reconcile
from chatforensics.joining.disputes import Disputes, gather_disputes
from chatforensics.joining.groups import group_messages
from chatforensics.joining.memberships import build_memberships
from chatforensics.joining.moves import list_moves
from chatforensics.joining.notices import find_exits
from chatforensics.joining.observations import Further, compare_exports
from chatforensics.joining.people import EXPORTER
from chatforensics.joining.placing import MEDIA, is_post, middle_ms
from chatforensics.joining.presence import find_coverage, list_sightings
from chatforensics.joining.slim import Records, cut_portions
from chatforensics.joining.windows import MARGIN_MS, find_missing, find_windows
from chatforensics.schema import CONFLICT_STATUSES, Attachments, Comparisons, Indicators, Memberships

_COPY_COLUMNS = (
    "message_id", "src", "line", "t", "step_ms", "chat", "person", "code", "long", "worded", "fold", "media",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What is known of all exports before their chats are looked into.

    `records` have `sent_at` and `dst`; `numbered` has the exports with `chat`, `chat_id`, `unit` and so on, `exports`
    the `source_id` of all as categories; `posters` says which `person` (and `person_id`) a label (`name`) of an export
    (`src`) is; `named` has the people in notices, `spans` the times of exports with their `owner`, `chats` the `kind`
    of each chat and when it began, `titled` whom one-to-one chats are titled after, `unread` the `src` and `t` of
    notices that were not understood, `parts` the pairs of exports of which one may be a part of the other.
    """

    records: Records
    numbered: pl.DataFrame
    exports: pl.Series
    posters: pl.DataFrame
    named: pl.DataFrame
    spans: pl.DataFrame
    chats: pl.DataFrame
    titled: pl.DataFrame
    unread: pl.DataFrame
    attachments: Attachments | None
    parts: frozenset[tuple[int, int]]

    def only(self, sources: Sequence[int]) -> "Case":
        """Return what is known of some exports, which are those of whole chats."""
        numbered = self.numbered.filter(pl.col("src").is_in(sources))
        ids = numbered.select("chat_id").unique()
        kept = {name: getattr(self, name).join(numbered.select("src"), on="src", how="semi") for name in _BY_EXPORT}
        there = {name: getattr(self, name).join(ids, on="chat_id", how="semi") for name in ("chats", "titled")}
        return replace(self, numbered=numbered, **kept, **there)


_BY_EXPORT = ("posters", "named", "spans", "unread")


@dataclass(frozen=True)
class Within:
    """What was found within some chats.

    `told` has `person`, `canonical_id` and `group` of the records at `places`, `corroborated` rows of `Corroborated`.
    """

    places: np.ndarray
    told: pl.DataFrame
    corroborated: pl.DataFrame
    disputes: Disputes
    comparisons: Comparisons
    observed: Indicators
    memberships: Memberships

    def forget_places(self) -> "Within":
        """Return what has no row per message, once the rest is taken note of."""
        return replace(self, places=self.places[:0], told=self.told.clear())


@dataclass(frozen=True)
class _Copies:
    """Messages with the `slot` of their copies, who lacks them, and where copies differ."""

    rows: pl.DataFrame
    missing: pl.DataFrame
    differs: pl.DataFrame
    notes: pl.DataFrame


def portion_chats(records: Records, numbered: pl.DataFrame) -> Iterator[list[int]]:
    """Yield the exports of some chats at a time: whole chats, as many as make a portion, one portion at least."""
    counts = np.diff(records.starts)
    chats = numbered.sort("chat", "src").group_by("chat", maintain_order=True).agg("src")["src"].to_list()
    sizes = np.array([counts[sources].sum() for sources in chats], dtype=np.int64)
    for first, last in cut_portions(sizes, records.portion):
        yield sorted(src for sources in chats[first:last] for src in sources)


def list_shared(records: Records, numbered: pl.DataFrame, posted: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the messages of chats in which several exports show some, in portions of whole chats."""
    with_posts = numbered.join(posted.select("src").unique(), on="src", how="semi")
    several = with_posts.filter(pl.len().over("chat") > 1)
    for sources in portion_chats(records, several):
        rows = _read_rows(records, numbered, records.places(sources)).filter(is_post())
        yield rows.select("message_id", "src", "line", "t", "step_ms", "long", "chat", "code", "label")


def look_into(case: Case, sources: Sequence[int]) -> Within:
    """Work out what is to be known within some chats.

    Args:
        case: What is known of all exports.
        sources: The exports of some chats, all of each, in order.
    """
    known = case.only(sources)
    places = known.records.places(sources)
    rows = _read_rows(known.records, known.numbered, places)
    found, copies, windows = _find_copies(rows, known)
    unread = known.unread.select("src", "t").drop_nulls()
    compared, observed = compare_exports(
        Picture(found, copies.missing, copies.differs, windows, known.numbered),
        Further(known.named, unread, known.attachments),
        parts=known.parts,
    )
    notes = pl.concat([copies.notes, find_moved_slots(found, compared.moved)])
    told = rows.select("message_id").join(_group(found), on="message_id", how="left", maintain_order="left")
    return Within(
        places,
        told.select("person", "group", canonical_id=pl.coalesce("slot", "message_id")),
        corroborate(found, copies.missing, copies.differs, notes, exports=known.exports),
        gather_disputes(found, copies.missing, copies.differs),
        compared.comparisons,
        observed,
        _build_memberships(rows, found, known),
    )


def _read_rows(records: Records, numbered: pl.DataFrame, places: np.ndarray) -> pl.DataFrame:
    """Return records by their places, with `t` (milliseconds on the reference clock), `fold`, `media` and `chat`."""
    rows = records.widen(records.rows[places])
    fold = (pl.col("dst") == "fold").fill_null(value=False)
    timed = rows.with_columns(t=middle_ms(), fold=fold, media=pl.col("kind").is_in(MEDIA))
    return timed.join(numbered.select("src", "chat"), on="src", how="left", maintain_order="left")


def _find_copies(rows: pl.DataFrame, case: Case) -> tuple[pl.DataFrame, _Copies, pl.DataFrame]:
    """Return the messages with `slot`, `unit` and `n_exports`; their copies; and what exports cover."""
    names = case.posters.select("src", label="name", person="person")
    posts = rows.filter(is_post()).join(names, on=["src", "label"], how="left", maintain_order="left")
    windows = find_windows(rows, find_exits(case.named))
    copies = _match(posts, windows, case.named, case.numbered)
    counted = case.numbered.select("src", "unit", n_exports=pl.len().over("chat"))
    found = copies.rows.join(counted, on="src", maintain_order="left")
    return found, copies, windows


def _match(posts: pl.DataFrame, windows: pl.DataFrame, named: pl.DataFrame, numbered: pl.DataFrame) -> _Copies:
    """Match the copies of messages, then those left over that differ in one thing.

    Two that stand for each other are looked for up to the ends of both exports; one alone there is not missed.
    """
    held = posts.select("src", "chat").unique().filter(pl.len().over("chat") > 1)
    shared = posts.filter(pl.col("t").is_not_null()).join(held, on="src", how="semi").select(_COPY_COLUMNS)
    matched = match_copies(shared, by=["chat", "person", "code"])
    chat_of = numbered.select("src", "chat")
    missing = find_missing(matched, windows, chat_of=chat_of, margin_ms=-MARGIN_MS)
    by_name = named.filter(pl.col("label") != EXPORTER)  # "You" does not show by which name the owner would post
    seen = pl.concat([table.select("person", "src").unique() for table in (posts, by_name)]).drop_nulls()
    inside = find_missing(matched, windows, chat_of=chat_of, margin_ms=0)
    moves, differs = reconcile(matched, missing, inside, seen=seen)
    moved = matched.join(moves, on="slot", how="left").with_columns(slot=pl.coalesce("into", "slot"))
    rows = posts.join(moved.select("message_id", "slot"), on="message_id", how="left", maintain_order="left")
    rows = rows.with_columns(slot=pl.coalesce("slot", "message_id"))
    is_conflict = pl.col("differs").is_in(CONFLICT_STATUSES)
    alone = find_missing(moved, windows, chat_of=chat_of).sort("slot", "src")
    return _Copies(rows, alone, differs.filter(is_conflict), differs.filter(~is_conflict))


def _group(found: pl.DataFrame) -> pl.DataFrame:
    """Return of each message its `person`, `slot` and `group`."""
    posts = found.select("message_id", "chat", "person", "sent_at", "slot", canonical_id="slot")
    groups = group_messages(posts).rename({"canonical_id": "slot"})
    return posts.select("message_id", "person", "slot").join(groups, on="slot", how="left")


def _build_memberships(rows: pl.DataFrame, found: pl.DataFrame, case: Case) -> Memberships:
    coverage = find_coverage(rows, case.named, case.spans)
    owned = coverage.join(case.spans.select("src", person_id="owner"), on="src")
    people = case.posters.select("person", "person_id").unique()
    posts = found.select("src", "person", "sent_at").join(people, on="person", how="left")
    placed = posts.join(case.numbered.select("src", "source_id", "chat_id"), on="src")
    seen = list_sightings(placed, case.named, owned, case.titled)
    return build_memberships(list_moves(case.named), seen, owned, case.chats)
