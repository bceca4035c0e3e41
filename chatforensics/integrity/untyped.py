"""The invisible mark that iPhones put before what nobody typed: lines that lack it where their like have it."""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from chatforensics.integrity.counts import observe
from chatforensics.integrity.evidence import UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.octets import is_wide, read_spans
from chatforensics.integrity.telling import say_count, say_label

_MARKS = "\u200e\u200f"
_TAIL = rf"^\ufeff?[{_MARKS}]?\[[^\]\n]*\][^\n]*?[{_MARKS}]([^\n\r]*)"  # behind the first mark that follows the stamp
_FILE = r"^(<[^<>:]{1,30}: )[^<>]*>$"  # the name of an attached file is its own each time
_LONGEST = 400  # bytes of the beginning of a record
_FEWEST = 3  # lines that have the mark, before one without is odd
_MOST_SHARE = 0.2  # of lines without it; where more lack it, nothing tells which is the rule


def find_unmarked(evidence: Evidence) -> Iterator[Observation]:
    """Tell lines that lack the invisible mark which others of their kind have."""
    if evidence.source["platform"] != "ios" or is_wide(evidence.content):
        return
    if evidence.messages.height - evidence.kinds.get("text", 0) < _FEWEST:
        return
    untyped = _read_untyped(evidence)
    yield from _find_bare_words(evidence, untyped)
    notices = untyped.filter(kind="system").with_columns(marked=pl.col("wording").is_not_null())
    yield from _find_minority(evidence, notices, "notice", "before its words")
    media = untyped.filter(pl.col("wording").is_not_null() & (pl.col("kind") == "media"))
    yield from _find_minority(evidence, media.with_columns(marked="led"), "media line", "before the header")


def _read_untyped(evidence: Evidence) -> pl.DataFrame:
    """Return what nobody typed: `row`, `kind`, `led` (a mark begins the line), `wording` behind the second mark."""
    chosen = evidence.messages.with_row_index("row").filter(pl.col("kind") != "text")
    found = chosen.select("row", "kind")
    starts = chosen["byte_start"].to_numpy()
    ends = np.minimum(chosen["byte_end"].to_numpy(), starts + _LONGEST)
    spans = [_to_text(part) for part in read_spans(evidence.content, starts, ends)]
    lines = pl.concat(spans) if spans else pl.Series("span", [], dtype=pl.String)
    return found.with_columns(
        led=lines.str.contains(f"^\ufeff?[{_MARKS}]").fill_null(value=False),
        wording=lines.str.extract(_TAIL).str.replace(_FILE, "${1}>"),
    )


def _to_text(spans: pl.Series) -> pl.Series:
    """Read bytes as text; what is no UTF-8, such as a letter that the end of a span cuts, shows as U+FFFD."""
    try:
        return spans.cast(pl.String)
    except pl.exceptions.ComputeError:
        return pl.Series(spans.name, [span.decode(errors="replace") for span in spans.to_list()], dtype=pl.String)


def _find_bare_words(evidence: Evidence, untyped: pl.DataFrame) -> Iterator[Observation]:
    """Find texts in the very words of what nobody typed."""
    counts = untyped.group_by("wording").agg(pl.len().alias("n_marked")).filter(pl.col("n_marked") >= _FEWEST)
    counts = counts.drop_nulls("wording")
    if counts.is_empty():
        return
    text = pl.col("text")
    wording = pl.when(text.str.starts_with("<")).then(text.str.replace(_FILE, "${1}>")).otherwise(text)
    known = counts["wording"].implode()
    bare = (
        evidence.messages.select("text", "kind")
        .with_row_index("row")
        .filter((pl.col("kind") == "text") & (text.is_in(known) | text.str.contains(_FILE)))
        .with_columns(wording=wording)
        .join(counts, on="wording", maintain_order="left")
    )
    for (words,), rows in bare.group_by("wording", maintain_order=True):
        n, n_marked = rows.height, int(rows["n_marked"][0])
        if n <= _MOST_SHARE * (n + n_marked):
            value = (
                f"{say_count(n, 'message')} in the words {say_label(str(words))} without the invisible mark (U+200E) "
                f"that {n_marked:,} in these words have."
            )
            yield observe(evidence, UNEXPLAINED, value, rows["row"].to_numpy())


def _find_minority(evidence: Evidence, rows: pl.DataFrame, what: str, where: str) -> Iterator[Observation]:
    """Tell the few of some lines that have no mark where the others have one."""
    bare = rows.filter(~pl.col("marked"))
    n, n_marked = bare.height, rows.height - bare.height
    if n and n_marked >= _FEWEST and n <= _MOST_SHARE * rows.height:
        value = f"{say_count(n, what)} without the invisible mark (U+200E) {where} that {n_marked:,} others have."
        yield observe(evidence, UNEXPLAINED, value, bare["row"].to_numpy())


UNTYPED: Mapping[str, Indicator] = {
    "I-09": Indicator(
        title="Invisible marks that are missing",
        find=find_unmarked,
        why=(
            "iPhones put an invisible mark before what nobody typed: media, notices, deleted messages. Such a line "
            "without the mark was typed, on the phone or in the file, or went through a program that removes such "
            "marks."
        ),
        innocent=(
            "Somebody typed or pasted the words, for instance when quoting; a program or an app that removes invisible "
            "characters from parts of a file; another version of the app within a file that was joined."
        ),
        resolve="The message on the phone: typed words look different from media. The file as the phone first sent it.",
    )
}
