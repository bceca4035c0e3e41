"""One export, or loose texts: what the commands `parse` and `classify` do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import polars as pl

from chatforensics.errors import UsageError
from chatforensics.intake import ChatText, ExportFile, chat_from_bytes, find_exports, read_export, read_stream
from chatforensics.intake.content import is_folder
from chatforensics.parsing import Parsed, parse_export
from chatforensics.schema import Messages, Sources
from chatforensics.workflow.orders import weigh_order
from chatforensics.workflow.statements import read_candidates
from chatforensics.workflow.streaming import add_utc, write_records


@dataclass(frozen=True)
class Declared:
    """What the caller knows of one export.

    `dates` is the order of day, month and year (dmy, mdy, ymd), `timezone` the zone of the phone's clock, `year` that
    of the first message, for exports that print none. `custodian` is the label of whoever made it; exports with one
    `chat` are of one conversation.
    """

    dates: str | None = None
    timezone: str | None = None
    year: int | None = None
    custodian: str | None = None
    chat: str | None = None


def parse(
    path: Path | str, *, dates: str | None = None, timezone: str | None = None, year: int | None = None
) -> Parsed:
    """Read one export file into its tables.

    Args:
        path: a .txt or .zip as the phone made it.
        dates: dmy, mdy or ymd, if you know the order; else it is inferred, and `sources` says how surely.
        timezone: the zone of the phone's clock; without it `sent_at` stays null.
        year: the year of the first message, for exports that print no year; without it their times are null.

    Raises:
        EvidenceError: the file cannot be read, is no export, or changed while it was read.
    """
    return parse_chat(receive(Path(path)), dates=dates, timezone=timezone, year=year)


def receive(path: Path, *, stdin: BinaryIO | None = None) -> ChatText:
    """Read one export from a file, from a folder that holds one, or from standard input where that is given.

    Raises:
        UsageError: the folder holds several exports.
    """
    if stdin:
        return read_stream(stdin, name="-")
    found = find_exports([path]) if is_folder(path) else [ExportFile(path, None)]
    if len(found) > 1:
        raise UsageError(f"{path}: {len(found)} exports in this folder.", hint="Name one of them, or use analyse.")
    return read_export(found[0])


def parse_chat(chat: ChatText, *, dates: str | None, timezone: str | None, year: int | None = None) -> Parsed:
    """Parse one chat text; with a zone, `sent_at` and `dst` are filled."""
    parsed = parse_received(chat, Declared(dates, timezone, year))
    if timezone is None:
        return parsed
    return replace(parsed, messages=Messages(add_utc(parsed.messages, timezone=timezone)))


def parse_received(chat: ChatText, declared: Declared) -> Parsed:
    """Parse one chat text, hold it to its hash, and say what an ambiguous order of dates would change.

    Raises:
        HashMismatch: the file changed while it was read.
    """
    parsed = parse_export(chat, dates=declared.dates, timezone=declared.timezone, year=declared.year)
    chat.check_unchanged()
    return replace(parsed, sources=weigh_order(parsed.sources, chat, year=declared.year))


def parse_to_file(chat: ChatText, out: Path, declared: Declared) -> tuple[Sources, int]:
    """Parse one chat text of any size to a Parquet file of its records; return its source and how many have no time.

    Raises:
        HashMismatch: the file changed while it was read; what was written is removed.
    """
    sources, undated = write_records(chat, out, dates=declared.dates, timezone=declared.timezone, year=declared.year)
    try:
        chat.check_unchanged()
    except Exception:
        out.unlink()
        raise
    return weigh_order(sources, chat, year=declared.year), undated


def diagnose(chat: ChatText) -> str:
    """Describe the headers of one chat text without anybody's names, words or dates; also of one that is refused."""
    from chatforensics.parsing.diagnose import describe_headers

    return describe_headers(chat.content)


def parsed_records(parsed: Parsed) -> pl.DataFrame:
    """Return every record in file order, notices included, with the event of each notice."""
    return parsed.messages.join(parsed.events, on="message_id", how="left", maintain_order="left")


def detailed_records(parsed: Parsed) -> Iterator[dict[str, object]]:
    """Yield every record in file order with, where it has them, its references, its poll, its place and its call."""
    from chatforensics.workflow.joined import read_bodies_further

    tables = read_bodies_further(parsed.messages)
    references = _group(tables["references"])
    polls = {number: _view_poll(rows) for number, rows in _group(tables["polls"]).items()}
    single = {name: _group(tables[f"{name}s"]) for name in ("place", "call")}
    for row in parsed_records(parsed).iter_rows(named=True):
        number = row["message_id"]
        if number in references:
            row["references"] = references[number]
        if number in polls:
            row["poll"] = polls[number]
        row.update({name: found[number][0] for name, found in single.items() if number in found})
        yield row


def _group(table: pl.DataFrame) -> dict[int, list[dict[str, object]]]:
    """Return the rows of each message, without its id."""
    grouped: dict[int, list[dict[str, object]]] = {}
    for row in table.iter_rows(named=True):
        grouped.setdefault(row.pop("message_id"), []).append(row)
    return grouped


def _view_poll(rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    options = [{"option": row["option"], "n_votes": row["n_votes"]} for row in rows]
    return {"question": rows[0]["question"], "options": options}


def classify_rows(
    rows: Sequence[Mapping[str, object]], *, candidates: Path | None = None
) -> Iterator[Mapping[str, object]]:
    """Label the field `text` of each row; other fields are passed on."""
    from chatforensics.labelling import classify_texts

    results = classify_texts([str(row["text"] or "") for row in rows], candidates=read_candidates(candidates))
    return (
        {**{k: v for k, v in row.items() if k != "text"}, **found} for row, found in zip(rows, results, strict=True)
    )


def classify_export(
    raw: bytes, *, name: str, dates: str | None, candidates: Path | None = None
) -> Iterator[Mapping[str, object]]:
    """Label an export per message group, in order; `line` is where the group begins."""
    from chatforensics.workflow.gathered import gather_parsed
    from chatforensics.workflow.joined import join_parsed

    parsed = parse_export(chat_from_bytes(raw, name=name), dates=dates)
    joined = join_parsed(gather_parsed([parsed]), timezone="UTC")
    groups = (
        joined.messages.filter(pl.col("text").is_not_null() & (pl.col("kind") != "system"))
        .sort("line")
        .group_by("group_id", maintain_order=True)
        .agg(pl.col("line").first(), pl.col("sent_local").first(), pl.col("message_id"), pl.col("text").str.join("\n"))
    )
    return classify_rows(groups.drop("group_id").to_dicts(), candidates=candidates)
