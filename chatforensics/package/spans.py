"""Tables that point into texts: their spans move with the words, and what they quote is quoted from the new text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl
import regex

from chatforensics.package.folding import fold, fold_with_places
from chatforensics.package.rewriting import SENTENCE, Rewriter, Rewritten

Row = dict[str, Any]
_QUOTE = regex.compile(r"“([^“”]{1,2000})”")


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts to which spans belong: of messages, and of wordings, before and after.

    `around` has for each message the other texts that its explanation may quote: of its group, of its picture.
    """

    of_message: Mapping[int, tuple[str, Rewritten]]
    of_variant: Mapping[str, tuple[str, Rewritten]]
    around: Mapping[int, Sequence[tuple[str, Rewritten]]]


def move_references(frame: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """Return the references with their spans moved."""
    return _replace_rows(frame, texts.of_message, lambda row, told: _move_span(row, told[1]))


def move_labels(frame: pl.DataFrame, texts: Texts, rewriter: Rewriter) -> pl.DataFrame:
    """Return the labels with their spans moved, and with explanations that quote what may be read."""
    moved = _replace_rows(frame, texts.of_message, lambda row, told: row | {"spans": _move_all(row["spans"], told[1])})
    if "explanation" not in frame.columns:
        return moved
    rows = moved.select("message_id", "explanation").iter_rows()
    told = [_requote(words, texts.around.get(number, ()), rewriter) for number, words in rows]
    return moved.with_columns(explanation=pl.Series(told, dtype=pl.String))


def move_slates(frame: pl.DataFrame, texts: Texts, rewriter: Rewriter) -> pl.DataFrame:
    """Return the slates with their spans moved; a name stays unless words by hand took it out."""

    def move(row: Row, told: tuple[str, Rewritten]) -> Row:
        if row["start"] is None or row["end"] is None:
            return row
        new = _move_span(row, told[1])
        if told[1].is_touched(row["start"], row["end"]):
            new["name"] = told[1].text[new["start"] : new["end"]]
        return new

    moved = _replace_rows(frame, texts.of_message, move)
    names = rewriter.rewrite_all(moved["name"].drop_nulls().to_list())
    return moved.with_columns(pl.col("name").replace({old: new.text for old, new in names.items() if new.edits}))


def move_changes(frame: pl.DataFrame, texts: Texts, rewriter: Rewriter) -> pl.DataFrame:
    """Return the changes of wordings with their spans moved and their words cut from the new texts."""
    sides = (("variant_id", "start", "end", "text"), ("parent_variant_id", "parent_start", "parent_end", "parent_text"))
    rows = [row | _cut_again(row, sides, texts, rewriter) for row in frame.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=frame.schema, orient="row") if rows else frame


def _cut_again(row: Row, sides: Sequence[tuple[str, str, str, str]], texts: Texts, rewriter: Rewriter) -> Row:
    new: Row = {}
    for variant, start, end, words in sides:
        known = texts.of_variant.get(row[variant] or "")
        whole = None if known is None else known[1].withheld
        if whole is not None and row[words]:
            new[start], new[end], new[words] = 0, len(whole), whole
        elif known is not None and row[start] is not None and known[0][row[start] : row[end]] == (row[words] or ""):
            new[start], new[end] = known[1].move(row[start], row[end])
            new[words] = None if row[words] is None else known[1].text[new[start] : new[end]]
        elif row[words]:
            new[words] = rewriter.rewrite(row[words]).text
    return new


def _move_span(row: Row, told: Rewritten) -> Row:
    if row["start"] is None or row["end"] is None:
        return row
    start, end = told.move(row["start"], row["end"])
    return row | {"start": start, "end": end}


def _move_all(spans: Sequence[Row] | None, told: Rewritten) -> list[Row] | None:
    return None if spans is None else [_move_span(span, told) for span in spans]


def _replace_rows(frame: pl.DataFrame, texts: Mapping[int, tuple[str, Rewritten]], move: Any) -> pl.DataFrame:  # noqa: ANN401 - a function of a row
    """Return the frame with the rows of rewritten messages moved, in their old order."""
    if not frame.height or not texts:
        return frame
    rows = [
        move(row, texts[row["message_id"]]) if row["message_id"] in texts else row
        for row in frame.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=frame.schema, orient="row")


def _requote(words: str | None, around: Sequence[tuple[str, Rewritten]], rewriter: Rewriter) -> str | None:
    """Return an explanation with its quotations taken from the new texts: a cut one may hold half a name."""
    if words is None:
        return None
    parts: list[str] = []
    end = 0
    for quote in _QUOTE.finditer(words):
        again = _quote_again(quote[1], around)
        if again is None:  # it may join words of several messages, and one of them is withheld
            again = next((told.withheld for _, told in around if told.withheld is not None), None)
        outside = rewriter.rewrite(words[end : quote.start(1)], manner=SENTENCE).text
        parts += [outside, rewriter.rewrite(quote[1]).text if again is None else again]
        end = quote.end(1)
    return "".join([*parts, rewriter.rewrite(words[end:], manner=SENTENCE).text])


def _quote_again(quoted: str, around: Sequence[tuple[str, Rewritten]]) -> str | None:
    """Return the words that stand now where the quoted ones stood, if a text holds them.

    The quoted words alone would be read otherwise: "select Ingrid" is no name where "select Ingrid Solheim" stands.
    """
    wanted = fold(quoted.removesuffix("…")).strip()
    for text, told in around:
        if wanted and wanted in _fold_once(text):
            folded = fold_with_places(text)
            at = folded.text.find(wanted)
            start, end = folded.place(at, at + len(wanted))
            first, last = told.move(start, end)
            return " ".join(told.text[first:last].split()) if told.is_touched(start, end) else quoted
    return None


@lru_cache(maxsize=4096)
def _fold_once(text: str) -> str:
    return fold(text)
