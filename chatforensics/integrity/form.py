"""The form of the headers: whether one phone may have printed them all, and which lines can be read in two ways."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import polars as pl
import regex

from chatforensics.integrity.counts import observe
from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.prints import Print, Prints, read_prints
from chatforensics.integrity.telling import first_lines, say_count, say_labels
from chatforensics.schema import Readings
from chatforensics.text import spell_mark

_APPENDED = "another form than the export's first"  # how such reasons in `readings` begin
_OF_NAMES = "belong to the name"
_NO_LETTERS = regex.compile(r"[^\p{L}\p{M}]")
_MOST_FORMS = 20  # named one by one
_UNDECIDED = ("likely", "ambiguous")


def find_grammar(evidence: Evidence) -> Iterator[Observation]:
    """Tell records whose header has another form than that of the first record."""
    if evidence.readings.is_empty():
        return
    readings = evidence.readings.filter(pl.col("taken_as") == "message")
    appended = readings.filter(pl.col("reason").str.starts_with(_APPENDED))
    if appended.height:
        value = (
            f"{_say_records(appended, evidence)} begin in another form than the first record and follow all records of "
            f"that form ({evidence.source['header_format']})."
        )
        yield Observation(UNEXPLAINED, value, first_lines(appended))


def _say_records(rows: Readings | pl.DataFrame, evidence: Evidence) -> str:
    return f"{rows.height:,} of {say_count(evidence.messages.height, 'record')}"


def find_quoted(evidence: Evidence) -> Iterator[Observation]:
    """Tell lines that look like the start of a message and were read as text, and the other way round."""
    if evidence.readings.is_empty():
        return
    text = evidence.readings.filter(pl.col("taken_as") == "text")
    if text.height:
        yield Observation(INFO, _say_quoted(text, evidence), first_lines(text))
    doubtful = evidence.readings.filter(
        (pl.col("taken_as") == "message") & ~pl.col("reason").str.starts_with(_APPENDED)
    )
    if doubtful.height:  # phones print the opening notices in any order, and no message above could hold them
        typed = evidence.messages["sender_label"].is_not_null()
        first = evidence.messages["line"][int(typed.arg_max() or 0)]
        doubtful = doubtful.filter(pl.col("line") >= first)
    for (reason,), rows in doubtful.group_by("reason", maintain_order=True):
        fewer = "" if _OF_NAMES in str(reason) else f" Read so, the export has {rows.height:,} fewer."
        yield Observation(INFO, f"{_say_records(rows, evidence)}: {reason}.{fewer}", first_lines(rows))


def _say_quoted(text: pl.DataFrame, evidence: Evidence) -> str:
    """Say both readings and what the other one would change."""
    known = evidence.messages["sender_label"].unique()
    named = text["sender_label"].drop_nulls().unique(maintain_order=True)
    strangers = named.filter(~named.is_in(known.implode())).to_list()
    others = (
        f", {say_count(len(strangers), 'sender')} not seen otherwise ({say_labels(strangers)})" if strangers else ""
    )
    n, total = text.height, evidence.messages.height
    return (
        f"{say_count(n, 'line')} inside messages {'looks' if n == 1 else 'look'} like the start of a message and "
        f"{'was' if n == 1 else 'were'} read as text. Read the other way, the export has {total + n:,} records instead "
        f"of {total:,}{others}."
    )


def find_date_order(evidence: Evidence) -> Iterator[Observation]:
    """Tell an export whose dates can be read in more than one order."""
    verdict = str(evidence.source["date_order_verdict"])
    if verdict in _UNDECIDED:
        order, said = evidence.source["date_order"], evidence.source["date_order_evidence"]
        yield Observation(INFO, f"The dates were read as {order}, which is {verdict}: {said}.")


def find_mixed(evidence: Evidence) -> Iterator[Observation]:
    """Tell headers that are printed otherwise than most: in order, signs, digits, day periods or zeros."""
    prints = read_prints(evidence)
    counts = prints.count().tolist()
    totals: Counter[str] = Counter()
    for one, n in zip(prints.known, counts, strict=True):
        totals[one.form] += n
    usual = [form for form, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))]
    others = [[form] for form in usual[1:_MOST_FORMS]] + [usual[_MOST_FORMS:]] * (len(usual) > _MOST_FORMS)
    for forms in others:
        chosen = prints.choose([number for number, one in enumerate(prints.known) if one.form in forms])
        printed = _show(forms[0]) if len(forms) == 1 else f"{_show(forms[0])} and {len(forms) - 1:,} other forms"
        value = (
            f"{say_count(int(chosen.sum()), 'header')} printed as {printed}, {totals[usual[0]]:,} as {_show(usual[0])} "
            "(9 for numbers, a for words)."
        )
        yield observe(evidence, UNEXPLAINED, value, chosen)
    for form in usual[:_MOST_FORMS]:
        yield from _find_mixed_zeros(evidence, prints, counts, form)
    yield from _find_mixed_words(evidence, prints, counts)
    fitting = _find_fitting(evidence)
    if fitting.height:
        value = (
            f"{say_count(fitting.height, 'line')} of another form, read as text, with a known sender and a time after "
            "that of the record above and not after that of the next: what is pasted was sent before."
        )
        yield Observation(UNEXPLAINED, value, first_lines(fitting))


def _find_fitting(evidence: Evidence) -> pl.DataFrame:
    """Return the lines read as text that would fit as messages: later than the record that holds them, not the next."""
    if evidence.readings.is_empty():
        return evidence.readings
    quoted = evidence.readings.filter((pl.col("taken_as") == "text") & pl.col("sent_local").is_not_null())
    if quoted.is_empty():
        return quoted
    around = evidence.messages.select(
        "message_id", before="sent_local", after=pl.col("sent_local").shift(-1).fill_null(pl.col("sent_local").max())
    )
    known = evidence.messages["sender_label"].unique().drop_nulls()
    fits = (pl.col("sent_local") > pl.col("before")) & (pl.col("sent_local") <= pl.col("after"))
    return quoted.join(around, on="message_id").filter(fits & pl.col("sender_label").is_in(known.implode()))


def _find_mixed_zeros(evidence: Evidence, prints: Prints, counts: Sequence[int], form: str) -> Iterator[Observation]:
    """Tell headers of one form in which a number below ten has a zero before it and elsewhere has none."""
    own = [(number, one) for number, one in enumerate(prints.known) if one.form == form]
    for place in sorted({place for _, one in own for place in one.lone}):
        lone, zeroed = (_numbers_of(own, place, kind) for kind in ("lone", "zeroed"))
        few, many = sorted((lone, zeroed), key=lambda some: sum(counts[number] for number in some))
        if few and many:
            n_few, n_many = (sum(counts[number] for number in some) for some in (few, many))
            how = ("without", "with") if few is lone else ("with", "without")
            value = (
                f"In {_show(form)}, number {place + 1} is printed {how[0]} a zero before it in "
                f"{say_count(n_few, 'header')} and {how[1]} one in {n_many:,}."
            )
            yield observe(evidence, UNEXPLAINED, value, prints.choose(few))


def _find_mixed_words(evidence: Evidence, prints: Prints, counts: Sequence[int]) -> Iterator[Observation]:
    """Tell headers in which a day period or month is spelled otherwise than in most, such as pm for PM or p.m."""
    spelled: dict[str, dict[str, list[int]]] = {}
    for number, one in enumerate(prints.known):
        for word in one.words:
            spelled.setdefault(_NO_LETTERS.sub("", word.casefold()), {}).setdefault(word, []).append(number)
    for ways in spelled.values():
        totals = sorted(((sum(counts[number] for number in some), word) for word, some in ways.items()), reverse=True)
        for n, word in totals[1:_MOST_FORMS]:
            value = f"{say_count(n, 'header')} with {_show(word)}, {totals[0][0]:,} with {_show(totals[0][1])}."
            yield observe(evidence, UNEXPLAINED, value, prints.choose(ways[word]))


def _numbers_of(own: Sequence[tuple[int, Print]], place: int, kind: str) -> list[int]:
    return [number for number, one in own if place in getattr(one, kind)]


def _show(form: str) -> str:
    """Show a form with what does not show made visible."""
    shown = "".join(letter if letter.isprintable() else spell_mark(letter) for letter in form)
    return f"“{shown}”"


FORM: Mapping[str, Indicator] = {
    "I-01": Indicator(
        title="Form of the headers",
        find=find_grammar,
        why=(
            "A phone prints all headers of one export in one form. Records in a second form behind the others come "
            "from another export, or are text that stands in the last message before them."
        ),
        innocent=(
            "Somebody joined two exports of one chat, for instance from an old and a new phone, and says so; somebody "
            "pasted a long stretch of another chat."
        ),
        resolve="The files before they were joined, or a new export of the chat from the phone.",
    ),
    "I-02": Indicator(
        title="Lines that can be read in two ways",
        find=find_quoted,
        why=(
            "A message may hold lines that look like the start of other messages, and nothing in an export marks them. "
            "Who said what, and when, depends on the reading; both are kept."
        ),
        innocent=(
            "People paste parts of chats, logs and timetables into messages every day. A phone whose clock was wrong "
            "for a while, and messages that arrived days late, stand out of order."
        ),
        resolve="The message on the phone, where one bubble holds all its lines; another member's export.",
    ),
    "I-05": Indicator(
        title="Order of day and month",
        find=find_date_order,
        why="Where no day above 12 decides, day and month may change places, and the times of records with them.",
        innocent=(
            "The phone's language sets the order. A short chat, or one of the first days of months, cannot show it."
        ),
        resolve="The phone's language and region settings, or one message whose day is known; then declare the order.",
    ),
    "I-06": Indicator(
        title="Headers printed otherwise than the rest",
        find=find_mixed,
        why=(
            "A phone prints every header of an export by one rule: the same signs, order, digits, day periods and "
            "zeros. Lines that differ were hardly printed in the same go: typed, joined from another export, or "
            "changed by a program."
        ),
        innocent=(
            "A line of another chat that was pasted into a message and has nearly the same form; two exports joined by "
            "somebody who says so; a program that was meant to tidy the file; a phone's language that prints some "
            "times of day or months in a way not known here."
        ),
        resolve="A new export from the same phone, compared line by line; the file as the phone first sent it.",
    ),
}
