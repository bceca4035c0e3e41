"""Words of the phone in a person's mouth, and notices in several languages."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import polars as pl
import regex

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.telling import first_lines, say_count, say_labels
from chatforensics.text import INVISIBLE

_TELLING = 12  # fixed characters that nobody types by accident
_MOST_WORDINGS = 200
_LONGEST = 1_000
_MARK = "\u200e"


def find_mouthed(evidence: Evidence) -> Iterator[Observation]:
    """Tell messages that have a sender but the words of a notice of this export, or a phone's mark for "not typed"."""
    wordings = dict(islice(_list_wordings(evidence), _MOST_WORDINGS))
    if not _may_be_mouthed(evidence, [*wordings.values()]):
        return
    typed = (pl.col("kind") == "text") & pl.col("sender_label").is_not_null()
    spoken = evidence.messages.select("line", "sender_label", "text", "kind").filter(typed)
    alike = _find_alike(wordings, spoken)
    if alike.height:
        value = f"{say_count(alike.height, 'message')} in the words of notices of this export, but with a sender: "
        yield Observation(INFO, f"{value}{_whose(alike)}.", first_lines(alike))
    marked = spoken.filter(pl.col("text").str.starts_with(_MARK))
    if marked.height:
        value = (
            f"{say_count(marked.height, 'message')} with a sender and the mark that phones put before what is not typed"
        )
        yield Observation(
            INFO, f"{value} (U+200E), in words that are not known: {_whose(marked)}.", first_lines(marked)
        )


def _may_be_mouthed(evidence: Evidence, words: Sequence[str]) -> bool:
    """Tell whether one of few texts has a notice's words, or begins with the mark; many are looked at in one sweep."""
    texts = evidence.few_texts
    return texts is None or any(text.startswith(_MARK) or any(some in text for some in words) for _, text in texts)


def _whose(rows: pl.DataFrame) -> str:
    return say_labels(rows["sender_label"].unique().sort().to_list())


def _find_alike(wordings: Mapping[str, str], spoken: pl.DataFrame) -> pl.DataFrame:
    """Return the messages with a sender whose text has the fixed words of a notice, and names where it has names."""
    plain = pl.col("text").str.replace_all(f"[{INVISIBLE}]", "").str.strip_chars()
    if not wordings:
        return spoken.clear()
    near = spoken.filter(pl.col("text").str.contains_any([*wordings.values()]))
    near = near.with_columns(plain=plain).filter(pl.col("plain").str.len_chars() <= _LONGEST)
    whole = regex.compile("|".join(wordings))
    return near.filter(pl.Series([whole.fullmatch(text) is not None for text in near["plain"]], dtype=pl.Boolean))


def _list_wordings(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield the wordings of this export's notices, each as a pattern with its longest fixed words."""
    if not evidence.told.keys() - {"unknown"}:
        return
    told = evidence.notices.filter(pl.col("event") != "unknown").unique("text", maintain_order=True)
    columns = ("text", "actor", "targets", "old", "new")
    for text, actor, targets, old, new in told.select(columns).drop_nulls("text").iter_rows():
        plain = regex.sub(f"[{INVISIBLE}]", "", text).strip()
        fields = sorted({field for field in (actor, *targets, old, new) if field}, key=len, reverse=True)
        pieces = regex.split("|".join(map(regex.escape, fields)), plain) if fields else [plain]
        longest = max(pieces, key=len).strip()
        if len(longest) >= _TELLING and "\n" not in plain:
            yield ".{1,60}?".join(map(regex.escape, pieces)), longest


def find_languages(evidence: Evidence) -> Iterator[Observation]:
    """Tell an export whose notices are in several languages; those that share wordings cannot be told apart."""
    if evidence.events.is_empty() or evidence.events["language"].drop_nulls().n_unique() < 2:  # noqa: PLR2004 - several
        return
    told = evidence.messages.select("message_id", "line").join(evidence.events, on="message_id", maintain_order="left")
    counts = told.drop_nulls("language").group_by("language").agg(n=pl.len(), line=pl.col("line").min())
    ranked = counts.sort("n", "language", descending=[True, False])
    if ranked.height > 1:
        listed = ", ".join(f"{n:,} in {language}" for language, n in ranked.select("language", "n").iter_rows())
        rare = told.filter(pl.col("language").is_in(ranked["language"][1:].implode()))
        yield Observation(UNEXPLAINED, f"{say_count(int(ranked['n'].sum()), 'notice')}: {listed}.", first_lines(rare))


NOTICES: Mapping[str, Indicator] = {
    "I-19": Indicator(
        title="Words of the phone with a sender",
        find=find_mouthed,
        why=(
            "Phones print notices without a sender on Android, and on iPhones at times in the mouth of the group "
            "or of the other person. Words of a notice under a person's name may thus be the phone's and "
            "nobody's, or may have been typed or put there to be taken for a notice. Only wordings that this "
            "export has as notices are known here."
        ),
        innocent=(
            "First of all an iPhone, which prints notices behind a name; a joke, a quotation or a question about "
            "a notice; a business account whose notices are new."
        ),
        resolve="The place in the chat on a phone, where notices stand in the middle and messages at the side.",
    ),
    "I-26": Indicator(
        title="Language of the notices",
        find=find_languages,
        why=(
            "A phone prints all notices of an export in the language to which it is set when the export is made. "
            "Notices in two languages point to two exports in one file, or to typed notices. This is the language "
            "of the phone's menus and says nothing of any person."
        ),
        innocent=(
            "Two exports joined by somebody who says so; a language in which parts of the app are not translated; "
            "a notice whose words fit two languages."
        ),
        resolve="A new export of the chat from the same phone.",
    ),
}
