"""Keep of an export what is needed and no more: decided before anything is stored.

What is left out never reaches the case. What is kept are the bytes of whole records, as they stood in the export, so
that nobody's words are rewritten; the case notes the hash of what was received and where in it each kept piece lay.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.casefile import Extract
from chatforensics.errors import UsageError
from chatforensics.intake import ChatText, ExportFile, read_attached, read_export
from chatforensics.parsing import Parsed
from chatforensics.schema import SLATE_LABEL, empty
from chatforensics.workflow.gathered import gather_parsed
from chatforensics.workflow.joined import join_parsed
from chatforensics.workflow.single import Declared, parse_received

if TYPE_CHECKING:
    from chatforensics.casefile.originals import Minimise
    from chatforensics.schema import Labels

MODES = ("full", "evidence", "triage")
CONTEXT = 10  # records before and after an instruction
_MARKS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MOST_BYTES = 2 * 1024**3  # of one file that came with a message


class LeftOut(Exception):
    """The chat of an export is none of those that were asked for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be stored.

    `mode` is `full` (the file as received), `evidence` (records that look like instructions to vote, ten records before
    and after each, and the notices, which tell who was a member) or `triage` (counts). `since` and `until` are days of
    the export's own clock, `titles` words of which a chat's title must hold one, `drop_media` keeps the text alone.
    """

    mode: str = "full"
    since: date | None = None
    until: date | None = None
    titles: tuple[str, ...] = ()
    drop_media: bool = False

    def check(self) -> None:
        """Refuse what cannot be.

        Raises:
            UsageError: no such mode, or days that end before they begin.
        """
        if self.mode not in MODES:
            raise UsageError(f"--mode: '{self.mode}' is not offered.", hint=f"Use one of: {', '.join(MODES)}.")
        if self.since and self.until and self.until < self.since:
            raise UsageError(f"--to: {self.until} is before --from.", hint="Exchange them.")

    def make_minimise(self, declared: Declared | None = None) -> "Minimise | None":
        """Return what cuts an export down to these limits; None where the whole of each export is kept."""
        if self == Limits():
            return None
        return lambda export: _minimise(export, self, declared or Declared())


def _minimise(export: ExportFile, limits: Limits, declared: Declared) -> Extract | None:
    chat = read_export(export)
    title = (chat.title or "").casefold()
    if limits.titles and not any(words.casefold() in title for words in limits.titles):
        raise LeftOut
    if limits.mode == "full" and not (limits.since or limits.until or limits.drop_media):
        return None
    parsed = parse_received(chat, declared)
    labels = _label(parsed) if limits.mode != "full" else None
    kept = _choose(parsed, limits, labels)
    facts = _describe(parsed, kept, limits, labels)
    if limits.mode == "triage":
        return Extract(None, b"", facts)
    spans = _merge(kept)
    text = _cut(chat, spans)
    files = {} if limits.drop_media else _wanted_files(parsed, kept)
    placed = {"spans": spans, "n_media_left_out": len(chat.attachments) - len(files)}
    name, content = _wrap(chat, export, text, files)
    return Extract(name, content, facts | placed)


def _label(parsed: Parsed) -> "Labels":
    from chatforensics.labelling import label_messages
    from chatforensics.schema import Pictures

    joined = join_parsed(gather_parsed([parsed]), timezone="UTC")
    return label_messages(joined.messages, Pictures(empty("pictures")))


def _choose(parsed: Parsed, limits: Limits, labels: "Labels | None") -> pl.DataFrame:
    """Return the records that may be kept, in file order."""
    records = parsed.messages.sort("byte_start")
    if labels is not None:
        instructing = _instructing(labels)
        is_cited = pl.col("message_id").is_in(instructing["message_id"].implode())
        records = records.with_columns(cited=is_cited)
        near = pl.any_horizontal(pl.col("cited").shift(k, fill_value=False) for k in range(-CONTEXT, CONTEXT + 1))
        records = records.filter(near | (pl.col("kind") == "system"))
    if limits.since:
        records = records.filter(pl.col("sent_local").dt.date() >= limits.since)
    if limits.until:
        records = records.filter(pl.col("sent_local").dt.date() <= limits.until)
    return records


def _instructing(labels: "Labels") -> pl.DataFrame:
    chosen = (pl.col("label") == SLATE_LABEL) & pl.col("decision").is_in(["flag", "review"])
    return labels.filter(chosen)


def _describe(parsed: Parsed, kept: pl.DataFrame, limits: Limits, labels: "Labels | None") -> dict[str, object]:
    """Return counts, and how the export was read: cut down, it may no longer tell the order of its dates."""
    source = parsed.sources.row(0, named=True)
    decided = dict(_instructing(labels).group_by("decision").len().iter_rows()) if labels is not None else {}
    return {
        "mode": limits.mode,
        "from": limits.since.isoformat() if limits.since else None,
        "to": limits.until.isoformat() if limits.until else None,
        "drop_media": limits.drop_media,
        "date_order": source["date_order"],
        "date_order_verdict": source["date_order_verdict"],
        "n_records": parsed.messages.height,
        "n_kept": kept.height if limits.mode != "triage" else 0,
        "n_rejects": parsed.rejects.height,
        "n_senders": parsed.messages["sender_label"].drop_nulls().n_unique(),
        "n_flagged": decided.get("flag", 0) if labels is not None else None,
        "n_review": decided.get("review", 0) if labels is not None else None,
    }


def _merge(kept: pl.DataFrame) -> list[list[int]]:
    """Return where in the chat text the kept records lie, neighbours as one piece."""
    spans: list[list[int]] = []
    for start, end in kept.select("byte_start", "byte_end").iter_rows():
        if spans and spans[-1][1] == start:
            spans[-1][1] = end
        else:
            spans.append([start, end])
    return spans


def _cut(chat: ChatText, spans: list[list[int]]) -> bytes:
    """Return the kept pieces, behind the mark that tells the encoding of the whole."""
    head = chat.content[:4]
    mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
    body = b"".join(chat.content[start:end] for start, end in spans)
    return body if not spans or spans[0][0] == 0 else mark + body


def _wanted_files(parsed: Parsed, kept: pl.DataFrame) -> dict[str, str]:
    """Return the SHA-256 of each file that came with a kept record, by its name."""
    there = parsed.attachments.filter(pl.col("sha256").is_not_null())
    chosen = there.filter(pl.col("message_id").is_in(kept["message_id"].implode()))
    return dict(chosen.select("file", "sha256").iter_rows())


def _wrap(chat: ChatText, export: ExportFile, text: bytes, files: Mapping[str, str]) -> tuple[str, bytes]:
    """Return the name and bytes of the file to keep: a text as it was, a zip where it was one or has media."""
    if chat.member is None and not files:
        return export.path.name, text
    name = export.path.name if chat.member is not None else f"{export.path.stem}.zip"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for member, content in _members(chat, export, text, files):
            archive.writestr(zipfile.ZipInfo(member, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return name, packed.getvalue()


def _members(chat: ChatText, export: ExportFile, text: bytes, files: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    yield chat.member or export.path.name, text
    names: dict[str, list[str]] = {}
    for name, sha256 in sorted(files.items()):
        names.setdefault(sha256, []).append(name)
    for found in read_attached(Path(export.path), files, most_bytes=_MOST_BYTES):
        if found.content is not None:
            yield from ((name, found.content) for name in names.pop(found.sha256, []))
