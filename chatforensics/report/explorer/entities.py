"""Exports, chats, people and what was passed on, as the page's views read them: columns that point at each other."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import polars.selectors as cs

from chatforensics.report.explorer.rows import order_chats, order_people
from chatforensics.report.found import letter
from chatforensics.report.sightings import Tables, name_people, number_sources
from chatforensics.tables import scan

SHARE_LIMIT = 20_000  # shares that the views draw
LINK_RANKS = 3  # candidate sources of a share that the views know
SNIPPET = 80
Columns = dict[str, Any]
# How grave a decision is, so that the gravest of several copies counts; and the decision of that gravity.
GRAVITY = pl.col("decision").replace_strict({"flag": 2, "review": 1}, default=0, return_dtype=pl.Int8)
GRAVEST = pl.col("gravity").replace_strict({2: "flag", 1: "review", 0: "none"}, return_dtype=pl.String)


def columns_of(frame: pl.DataFrame) -> Columns:
    """Return a table as its columns and its number of rows; a reference to nothing is -1, other gaps are null."""
    known = frame.with_columns(pl.when(cs.float().is_finite()).then(cs.float()))
    return {**known.to_dict(as_series=False), "n": frame.height}


def capped(n_all: int, frame: pl.DataFrame) -> Columns:
    """Return a table as its columns, with how many rows there would be without the views' limit."""
    return {**columns_of(frame), "n_all": n_all}


def view_sources(tables: Tables, *, places: "Places") -> Columns:
    """Return the exports in the order of their paths, as the report numbers them."""
    ordered = number_sources(tables["sources"])
    return columns_of(
        ordered.select(
            id="source_id", name="source", path="path", chat=places.chat("chat_id"),
            n_messages="n_messages", step_s="clock_step_s",
        )
    )  # fmt: skip


class Places:
    """Where things stand in the lists that the views point into."""

    def __init__(self, tables: Tables) -> None:
        """Take the order of exports, chats and people from the tables."""
        sources = number_sources(tables["sources"]).select("source_id", pl.col("place").cast(pl.Int64) - 1)
        self.sources: Mapping[str, int] = dict(sources.iter_rows())
        self.chats: Mapping[str, int] = dict(order_chats(tables).select("chat_id", "chat").iter_rows())
        self.people: Mapping[str, int] = dict(order_people(tables).select("person_id", "person").iter_rows())

    def source(self, column: str) -> pl.Expr:
        """Return the place of an export, or -1."""
        return place_in(self.sources, column)

    def chat(self, column: str) -> pl.Expr:
        """Return the place of a chat, or -1."""
        return place_in(self.chats, column)

    def person(self, column: str) -> pl.Expr:
        """Return the place of a person, or -1."""
        return place_in(self.people, column)


def place_in(places: Mapping[str, int], column: str) -> pl.Expr:
    """Return the place of a column's value in a list, -1 where it has none."""
    return pl.col(column).replace_strict(dict(places), default=-1, return_dtype=pl.Int64).fill_null(-1)


def view_chats(tables: Tables, *, rows: pl.DataFrame, places: Places) -> Columns:
    """Return the chats by title with the reader's rows of each."""
    spans = rows.filter("is_shown").group_by("chat_id").agg(start=pl.col("row").min(), end=pl.col("row").max() + 1)
    known = order_chats(tables).join(spans, on="chat_id", how="left", maintain_order="left")
    frame = known.select(
        id="chat_id",
        title=pl.when(pl.col("title").is_not_null() & (pl.len().over("title") > 1))
        .then(pl.format("{} ({})", "title", "chat_id"))
        .otherwise(pl.coalesce("title", pl.format("{} chat {}", "kind", "chat_id"), "chat_id")),
        kind="kind",
        sources=pl.col("source_ids")
        .fill_null(pl.lit([], dtype=pl.List(pl.String)))
        .list.eval(place_in(places.sources, "")),
    ).with_columns(known["start"].fill_null(0).alias("from"), known["end"].fill_null(0).alias("to"))
    return columns_of(frame)


def view_people(tables: Tables, *, rows: pl.DataFrame) -> Columns:
    """Return the people by id with the names printed for each; namesakes get their pseudonym added."""
    sent = rows.filter(pl.col("is_shown") & (pl.col("kind") != "system")).group_by("person_id").len("n_messages")
    sent = sent.with_columns(pl.col("person_id").cast(pl.String))
    shared = tables["shares"].group_by("person_id").len("n_shares")
    names = name_people(tables["people"])
    known = (
        order_people(tables)
        .join(sent, on="person_id", how="left", maintain_order="left")
        .join(shared, on="person_id", how="left", maintain_order="left")
        .with_columns(name=pl.col("person_id").replace_strict(names, default=None, return_dtype=pl.String))
    )
    twice = pl.len().over("name") > 1
    return columns_of(
        known.select(
            id="person_id",
            name=pl.when(twice).then(pl.format("{} ({})", "name", "pseudonym")).otherwise("name"),
            n_messages=pl.col("n_messages").fill_null(0).cast(pl.Int64),
            n_shares=pl.col("n_shares").fill_null(0).cast(pl.Int64),
        )
    )


def choose_families(tables: Tables, *, decisions: pl.DataFrame, numbers: Mapping[str, int]) -> pl.DataFrame:
    """Return the tracked families to draw, those with most flagged messages first, then those most shared.

    The views open on the first. Small talk that hundreds sent has a flagged message now and then: shares count last.
    Columns: family_id, family (its place), name, decision, n_messages, n_shares. Where the case has more than 20,000
    shares, families are taken until these are full.

    Args:
        tables: the tables of the run.
        decisions: `message_id`, `decision` of the messages flagged or to be reviewed.
        numbers: the number of each text in the written report.
    """
    tracked = scan(tables, "families").filter("tracked").select("message_id", "family_id").collect()
    decided = tracked.join(decisions, on="message_id", how="left")
    counted = decided.group_by("family_id").agg(
        gravity=GRAVITY.max(),
        n_messages=pl.len().cast(pl.Int64),
        n_flagged=pl.col("decision").eq("flag").sum(),
        n_told=pl.col("decision").is_not_null().sum(),
    )
    order = ("gravity", "n_flagged", "n_told", "n_shares", "n_messages")
    shared = tables["shares"].group_by("family_id").agg(n_shares=pl.len().cast(pl.Int64))
    number = place_in(numbers, "family_id")
    ordered = (
        counted.join(shared, on="family_id", how="left")
        .with_columns(pl.col("n_shares").fill_null(0), number=number)
        .sort(*order, "family_id", descending=[*(True for _ in order), False])
        .filter(pl.col("n_shares").cum_sum() - pl.col("n_shares") < SHARE_LIMIT)
        .with_row_index("family")
    )
    return ordered.select(
        "family_id",
        pl.col("family").cast(pl.Int64),
        "n_messages",
        "n_shares",
        name=pl.when(pl.col("number") > 0)
        .then(pl.format("Text {}", "number"))
        .otherwise(pl.format("Family {}", pl.col("family_id").str.head(6))),
        decision=GRAVEST,
    )


def view_families(families: pl.DataFrame, *, variants: pl.DataFrame) -> Columns:
    """Return the families with the beginning of their earliest wording."""
    earliest = variants.unique("family_id", keep="first", maintain_order=True)
    snippets = earliest.select("family_id", snippet=pl.col("text").str.head(SNIPPET))
    frame = families.join(snippets, on="family_id", how="left", maintain_order="left")
    return columns_of(
        frame.select(pl.col("family_id").alias("id"), "name", "snippet", "decision", "n_messages", "n_shares")
    )


def order_variants(tables: Tables, *, families: pl.DataFrame) -> pl.DataFrame:
    """Return the wordings of the families, the earliest first, each with its place; `first_at` is its first share's."""
    shared = tables["shares"].group_by("variant_id").agg(shared_at=pl.col("sent_at").min())
    known = (
        tables["variants"]
        .join(families.select("family_id", "family"), on="family_id", how="inner")
        .join(shared, on="variant_id", how="left")
        .with_columns(first_at=pl.coalesce("shared_at", "first_at"))
    )
    ordered = known.sort("family", "first_at", "variant_id", nulls_last=True)
    return ordered.with_columns(place=pl.int_range(pl.len()).over("family_id")).with_row_index("variant")


def view_variants(variants: pl.DataFrame, *, behind: "Behind") -> Columns:
    """Return the wordings with the wording each is nearest to among the earlier ones."""
    return columns_of(
        variants.select(
            id="variant_id", family="family",
            name=pl.col("place").map_elements(letter, return_dtype=pl.String),
            n_messages="n_messages", first=pl.col("first_at").dt.epoch("s"), text="text",
            parent=place_in(place_variants(variants), "parent_variant_id"), edits="n_edits",
            rows=behind.rows(variants["message_ids"]),
        )
    )  # fmt: skip


def place_variants(variants: pl.DataFrame) -> Mapping[str, int]:
    """Return the place of each wording among the ordered ones, by its id."""
    return dict(variants.select("variant_id", pl.col("variant").cast(pl.Int64)).iter_rows())


class Behind:
    """The reader's row of each message id, so that every mark leads to the messages behind it."""

    def __init__(self, numbered: pl.DataFrame) -> None:
        """Take the rows from the numbered records."""
        self._rows = numbered.select("message_id", "row")

    def rows(self, ids: pl.Series) -> pl.Series:
        """Return for each list of message ids the sorted rows of the reader, each once."""
        listed = pl.DataFrame({"ids": ids}).with_row_index("mark").explode("ids")
        found = listed.join(self._rows, left_on="ids", right_on="message_id", how="left").drop_nulls("row")
        grouped = found.group_by("mark").agg(pl.col("row").unique().sort())
        marks = pl.DataFrame({"mark": pl.Series(range(len(ids)), dtype=pl.get_index_type())})
        lists = marks.join(grouped, on="mark", how="left", maintain_order="left")["row"]
        return lists.fill_null(pl.Series([[]], dtype=pl.List(pl.Int64)))
