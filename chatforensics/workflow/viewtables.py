"""The messages of a finished analysis as rows for the database of a view."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from chatforensics.report.explorer.rows import number_rows, order_chats, order_people
from chatforensics.report.sightings import name_people, number_sources, print_times
from chatforensics.schema import SLATE_LABEL, TABLES, empty
from chatforensics.workflow.viewrows import as_json, message_columns, plain_labels
from chatforensics.workflow.viewsearch import fold

Tables = Mapping[str, pl.DataFrame]
Rows = Iterator[tuple[Any, ...]]
_GRAVITY = pl.col("decision").replace_strict({"flag": 2, "review": 1}, default=0, return_dtype=pl.Int64)
_PIECE = 100_000  # rows made at a time


@dataclass(frozen=True)
class Shaped:
    """All tables of an analysis, and the rows of the reader with the number of each in the order of times (`doc`)."""

    tables: Tables
    numbered: pl.DataFrame

    @cached_property
    def docs(self) -> pl.DataFrame:
        """Return one row per distinct message in the order of times: one, row, doc, decision (its gravest)."""
        told = self.tables["labels"].filter(pl.col("label") == SLATE_LABEL).select("message_id", gravity=_GRAVITY)
        known = self.numbered.select("message_id", "row").join(told, on="message_id")
        graves = known.group_by("row").agg(decision=pl.col("gravity").max())
        shown = self.numbered.filter("is_shown").select("row", "message_id", "sent_at", "chat", "status", "kind")
        counts = self.numbered.group_by("row").agg(n_copies=pl.len().cast(pl.Int64))
        ordered = shown.sort("sent_at", "row", nulls_last=True).with_row_index("doc", offset=1)
        joined = ordered.join(graves, on="row", how="left", maintain_order="left").join(
            counts, on="row", how="left", maintain_order="left"
        )
        return joined.with_columns(pl.col("doc").cast(pl.Int64), pl.col("decision").fill_null(0))


def shape(tables: Tables) -> Shaped:
    """Return the tables of an analysis in the order in which the pages read them; a missing one counts as empty."""
    known = {name: tables.get(name, empty(name)) for name in TABLES}
    return Shaped(known, number_rows(known))


def list_rows(shaped: Shaped) -> Rows:
    """Yield the distinct messages: doc, row, message_id, chat, decision, status, n_copies."""
    columns = ("doc", "row", "message_id", "chat", "decision", "status", "n_copies")
    status = pl.col("status").fill_null(-1)
    yield from shaped.docs.with_columns(status, pl.col("chat").fill_null(-1)).select(columns).iter_rows()


def list_messages(shaped: Shaped) -> Rows:
    """Yield every record: the columns of `MESSAGE_COLUMNS`; a copy's text only where it differs from the one shown."""
    steps = shaped.tables["sources"].select("source_id", "clock_step_s").unique("source_id", keep="first")
    shown = shaped.numbered.filter("is_shown").select("row", shown_text="text")
    for start in range(0, shaped.numbered.height, _PIECE):
        some = shaped.numbered.slice(start, _PIECE).join(steps, on="source_id", how="left", maintain_order="left")
        differs = ~pl.col("is_shown") & pl.col("text").ne_missing(pl.col("shown_text"))
        joined = some.join(shown, on="row", how="left", maintain_order="left").with_columns(differs=differs)
        kept = pl.when(pl.col("is_shown") | pl.col("differs")).then(pl.col("text"))
        cut = joined.select(
            "row", *message_columns(), "source", "person", "is_shown", "differs", told=kept
        ).with_columns(pl.col("source", "person").fill_null(-1), text="told")
        yield from cut.select(MESSAGE_COLUMNS).iter_rows()


MESSAGE_COLUMNS = (
    "message_id", "row", "source", "person", "line", "byte_start", "byte_end", "sender", "sent_local", "sent_at",
    "kind", "text", "attachment", "edited", "is_shown", "differs",
)  # fmt: skip


def list_search(shaped: Shaped) -> Rows:
    """Yield what is searched of each distinct message: doc, its words, other words of it, its files, and its facts."""
    others = _gather_others(shaped)
    places = shaped.numbered.group_by("row").agg(
        pl.col("source", "person").drop_nulls().unique().sort(),
        files=pl.col("attachment").drop_nulls().unique().sort().str.join("\n"),
    )
    texts = shaped.numbered.filter("is_shown").select("row", "text")
    for start in range(0, shaped.docs.height, _PIECE):
        some = shaped.docs.slice(start, _PIECE)
        for table in (texts, others, places):
            some = some.join(table, on="row", how="left", maintain_order="left")
        made = some.select(
            "doc",
            _fold_all(some["text"]).alias("words"),
            _fold_all(some["other"]).alias("other"),
            _fold_all(some["files"]).alias("files"),
            _tell_facts().alias("facts"),
        )
        yield from made.iter_rows()


def _gather_others(shaped: Shaped) -> pl.DataFrame:
    """Return by row the texts of copies that differ, and the words read in pictures: row, other."""
    shown = shaped.numbered.filter("is_shown").select("row", shown_text="text")
    copies = shaped.numbered.filter(~pl.col("is_shown")).select("row", "text").join(shown, on="row", how="left")
    differing = copies.filter(pl.col("text").ne_missing(pl.col("shown_text"))).select("row", "text")
    read = shaped.tables["pictures"].filter(pl.col("text").is_not_null()).select("message_id", "text")
    pictured = read.join(shaped.numbered.select("message_id", "row"), on="message_id").select("row", "text")
    both = pl.concat([differing, pictured]).drop_nulls("text").unique().sort("row", "text")
    return both.group_by("row", maintain_order=True).agg(other=pl.col("text").str.join("\n"))


def _tell_facts() -> pl.Expr:
    """Return what a message is, in words of our own that no text can hold, for they stand in a column of their own."""
    lists = [
        pl.col(name).cast(pl.List(pl.String)).list.eval(pl.lit(sign) + pl.element()).list.join(" ")
        for name, sign in (("source", "fs"), ("person", "fp"))
    ]
    chat = pl.format("fc{}", pl.col("chat").fill_null(-1))
    kind, status = pl.format("fk{}", "kind"), pl.format("ft{}", pl.col("status").fill_null(-1))
    return pl.concat_str(chat, *lists, kind.str.replace("_", ""), status, pl.format("fd{}", "decision"), separator=" ")


def _fold_all(texts: pl.Series) -> pl.Series:
    """Return texts as they are searched, each distinct one that needs it read once."""
    plain = texts.str.contains(r"^[\t\n\r -~]*$")
    odd = texts.filter(~plain.fill_null(value=True)).unique()
    folded = pl.DataFrame({"text": odd, "to": pl.Series([fold(text) for text in odd], dtype=pl.String)})
    frame = pl.DataFrame({"text": texts}).join(folded, on="text", how="left", maintain_order="left")
    return frame.select(pl.coalesce("to", pl.col("text").str.to_lowercase())).to_series()


def list_days(shaped: Shaped) -> Rows:
    """Yield for each day of UTC the first distinct message of it, by its number: day, doc; and how many have a time."""
    days = shaped.docs.drop_nulls("sent_at").group_by(day=pl.col("sent_at").dt.date()).agg(pl.col("doc").min())
    yield from days.sort("day").select(pl.col("day").dt.to_string("%Y-%m-%d"), "doc").iter_rows()


def list_labels(shaped: Shaped) -> Rows:
    """Yield the labels of every record: message_id, label, probability, decision, explanation, spans."""
    rows = plain_labels(shaped.tables["labels"].sort("message_id", "label"))
    for row in rows:
        told = (row[key] for key in ("message_id", "label", "probability", "decision", "explanation"))
        yield (*told, as_json(row["spans"]))


def list_slates(shaped: Shaped) -> Rows:
    """Yield the names on slates: message_id, and the row as JSON."""
    kept = ("contest", "name", "stance", "step", "start", "end", "candidate")
    ordered = shaped.tables["slates"].sort("message_id", "step", "start", "name", nulls_last=True)
    yield from ((row.pop("message_id"), as_json({key: row[key] for key in kept})) for row in ordered.to_dicts())


def list_pictures(shaped: Shaped) -> Rows:
    """Yield the files that came with messages: message_id, source_id, file, sha256, and what was read, as JSON."""
    kept = ("file", "sha256", "width", "height", "text", "mean_confidence", "status", "reason")
    files = (
        shaped.tables["attachments"]
        .drop_nulls(["message_id", "sha256"])
        .select("message_id", "source_id", "file", "sha256")
    )
    read = shaped.tables["pictures"].drop("source_id", "sha256").unique(["message_id", "file"], keep="first")
    both = files.join(read, on=["message_id", "file"], how="left").sort("message_id", "file")
    for row in both.to_dicts():
        told = as_json({key: row[key] for key in kept})
        yield row["message_id"], row["source_id"], row["file"], row["sha256"], row["status"] is not None, told


def list_details(shaped: Shaped) -> Rows:
    """Yield what exports say of a message beside its status: row, detail; of one export alone there is nothing."""
    rows = shaped.numbered.select("one", "row").unique("one")
    several = (pl.col("status") != "single_source") & pl.col("detail").is_not_null()
    told = shaped.tables["corroboration"].filter(several).select("canonical_id", "detail")
    joined = told.join(rows, left_on="canonical_id", right_on="one").unique("row", keep="first").sort("row")
    yield from joined.select("row", "detail").iter_rows()


def list_entities(shaped: Shaped) -> dict[str, list[dict[str, Any]]]:
    """Return chats, people and exports, in the order of their places."""
    return {name: make(shaped).to_dicts() for name, make in _ENTITIES.items()}


def _list_chats(shaped: Shaped) -> pl.DataFrame:
    counts = shaped.docs.group_by("chat").agg(n_messages=pl.len())
    known = order_chats(shaped.tables).join(counts, on="chat", how="left", maintain_order="left")
    return known.select(
        "chat_id", "title", "kind", pl.col("n_messages").fill_null(0), n_sources=pl.col("source_ids").list.len()
    )


def _list_people(shaped: Shaped) -> pl.DataFrame:
    posts = shaped.numbered.filter(pl.col("is_shown") & (pl.col("kind") != "system"))
    counts = posts.group_by("person").agg(n_messages=pl.len())
    names = name_people(shaped.tables["people"])
    known = order_people(shaped.tables).join(counts, on="person", how="left", maintain_order="left")
    named = known.with_columns(
        pl.col("n_messages").fill_null(0),
        name=pl.col("person_id").replace_strict(names, default=None, return_dtype=pl.String),
    )
    several = pl.len().over("name") > 1  # namesakes get their pseudonym added
    name = pl.when(several).then(pl.format("{} ({})", "name", "pseudonym")).otherwise("name")
    return named.select("person_id", name, "labels", "phones", "pseudonym", "basis", "source_ids", "n_messages")


def _list_sources(shaped: Shaped) -> pl.DataFrame:
    tables = shaped.tables
    spans = (
        tables["messages"].group_by("source_id").agg(first=pl.col("sent_local").min(), last=pl.col("sent_local").max())
    )
    names = name_people(tables["people"])
    sources = number_sources(tables["sources"]).join(spans, on="source_id", how="left", maintain_order="left")
    return sources.select(
        "source_id", "source", "path", "sha256", "size_bytes", "platform", "date_order", "date_order_verdict",
        "date_order_evidence", "clock_step_s", "timezone", "utc_offset_s", "chat_id", "chat_title", "custodian_id",
        "n_messages", "n_rejects", "n_doubtful",
        first=print_times("first"), last=print_times("last"),
        custodian=pl.col("custodian_id").replace_strict(names, default=None, return_dtype=pl.String),
    )  # fmt: skip


_ENTITIES: Mapping[str, Callable[[Shaped], pl.DataFrame]] = {
    "chats": _list_chats,
    "people": _list_people,
    "sources": _list_sources,
}
