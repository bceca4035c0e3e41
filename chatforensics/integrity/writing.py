"""How texts are written, letter by letter: habits of a keyboard or a program that set in, stop, or are rare."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl
import regex

from chatforensics.integrity.counts import Flags, find_change, observe, say_share
from chatforensics.integrity.evidence import INFO, Evidence, Indicator, Observation
from chatforensics.integrity.telling import say_count, say_label

_FEWEST_TEXTS, _FEWEST_HITS = 40, 8
_RARE_SHARE, _MANY_TEXTS = 0.01, 200
_MARK = regex.compile(r"\p{M}")


@dataclass(frozen=True)
class _Trait:
    """A trait of texts: what it is, in words that follow `texts`, and how it is told; `among` which texts."""

    words: str
    holds: pl.Expr
    often: bool = False


def _contains(sign: str) -> pl.Expr:
    return pl.col("text").str.contains(sign, literal=True)


_TRAITS = (
    _Trait("with curly quotation marks", pl.col("text").str.contains("[“”„‘’]"), often=True),
    _Trait("with a no-break space (U+00A0)", _contains("\u00a0")),
    _Trait("with a tab", _contains("\t")),
    _Trait("that end in a blank", pl.col("text").str.ends_with(" ")),
    _Trait("with a blank at the end of a line", _contains(" \n") | _contains(" \r\n")),
)


def find_composition(evidence: Evidence) -> Iterator[Observation]:
    """Tell senders whose letters with accents are written as two signs from some place on, or to some place."""
    text = evidence.short_text
    if not _has_able(evidence) or (text is not None and len(_MARK.findall(text)) < _FEWEST_HITS):
        return
    texts = _take_texts(evidence).filter(pl.col("text").str.len_bytes() > pl.col("text").str.len_chars())
    if texts.select(pl.col("text").str.contains(r"\p{M}").sum()).item() < _FEWEST_HITS:
        return  # a letter that is two signs has a mark
    whole = pl.col("text").str.normalize("NFC")
    parted = pl.col("text").str.len_chars() > whole.str.len_chars()
    joined = whole.str.normalize("NFD").str.len_chars() > whole.str.len_chars()
    told = texts.with_columns(hit=parted).filter(pl.col("hit") | joined)
    yield from _find_changes(evidence, told, "whose letters with accents are written as two signs")


def find_marks(evidence: Evidence) -> Iterator[Observation]:
    """Tell signs of a word processor that set in or stop with a sender, or that very few texts have."""
    if evidence.messages.height < _MANY_TEXTS and not _has_able(evidence):
        return
    texts = _take_texts(evidence)
    totals = texts.select(trait.holds.sum().alias(trait.words) for trait in _TRAITS).row(0)
    for trait in (trait for trait, n in zip(_TRAITS, totals, strict=True) if n):
        told = texts.with_columns(hit=trait.holds)
        yield from _find_changes(evidence, told, trait.words)
        rows = told.filter("hit")["row"].to_numpy()
        if not trait.often and 0 < len(rows) <= _RARE_SHARE * texts.height and texts.height >= _MANY_TEXTS:
            value = f"{say_count(len(rows), 'text')} {trait.words}: {say_share(len(rows), texts.height)}."
            yield observe(evidence, INFO, value, rows)


def _has_able(evidence: Evidence) -> bool:
    """Tell whether a sender has messages enough for a change in the writing to be told."""
    return max(evidence.senders.values(), default=0) >= _FEWEST_TEXTS


def _take_texts(evidence: Evidence) -> pl.DataFrame:
    """Return the texts that people typed: `row`, `sender_label`, `text`."""
    typed = (pl.col("kind") == "text") & pl.col("text").is_not_null() & pl.col("sender_label").is_not_null()
    rows = evidence.messages.lazy().select("kind", "sender_label", "text").with_row_index("row")
    return rows.filter(typed).drop("kind").collect()


def _find_changes(evidence: Evidence, told: pl.DataFrame, words: str) -> Iterator[Observation]:
    """Tell each sender of whose texts far more, or far fewer, have a trait from some place on."""
    if told["hit"].sum() < _FEWEST_HITS:
        return
    n, n_hits = pl.len(), pl.col("hit").sum()
    changing = (n >= _FEWEST_TEXTS) & (n_hits >= _FEWEST_HITS) & (n - n_hits >= _FEWEST_HITS)
    able = told.group_by("sender_label").agg(able=changing).filter("able")["sender_label"]
    of_able = told.filter(pl.col("sender_label").is_in(able.implode()))
    for (label,), own in of_able.select("row", "sender_label", "hit").group_by("sender_label", maintain_order=True):
        place = find_change(own["hit"].to_numpy())
        if place is not None:
            hits = own["hit"].to_numpy()
            value = (
                f"Texts of {say_label(str(label))} {words}: {_say_part(hits[:place])} before the line listed, "
                f"{_say_part(hits[place:])} from there on."
            )
            yield observe(evidence, INFO, value, own["row"].to_numpy()[[place]])


def _say_part(hits: Flags) -> str:
    return say_share(int(hits.sum()), len(hits))


WRITING: Mapping[str, Indicator] = {
    "I-10": Indicator(
        title="Letters with accents written in two ways",
        find=find_composition,
        why=(
            "A letter with an accent can be one sign or two. A keyboard writes it one way; texts of one sender that "
            "change from one way to the other may have come from another device or program. The place named is the "
            "likeliest of all, so that the difference looks larger than it may be."
        ),
        innocent=(
            "A new phone, another keyboard, WhatsApp on a computer, text pasted from elsewhere, copied file names."
        ),
        resolve="Which phones, keyboards and computers the sender used at the time; another member's export.",
    ),
    "I-11": Indicator(
        title="Signs of a word processor",
        find=find_marks,
        why=(
            "Curly quotation marks, no-break spaces, tabs and blanks at line ends are rare on some keyboards and usual "
            "in word processors. Where they set in or are rare, the texts may have been written elsewhere. The place "
            "named is the likeliest of all, so that the difference looks larger than it may be."
        ),
        innocent=(
            "Some phones write curly quotation marks by themselves; a new phone or keyboard; WhatsApp on a computer; "
            "text pasted from a letter, a page or a table."
        ),
        resolve="Which devices the sender used at the time; the message on the phone; another member's export.",
    ),
}
