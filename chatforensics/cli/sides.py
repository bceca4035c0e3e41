"""The messages on which exports disagree, and what else is observed about several exports, as plain text."""

from collections.abc import Iterator
from itertools import groupby

import polars as pl

from chatforensics.cli.casewords import LIMIT, Case, Row, more, wrap
from chatforensics.cli.difference import can_mark, mark_difference, name_characters, quote
from chatforensics.cli.observations import show

TITLES = {
    "text_conflict": "DIFFERENT TEXTS",
    "sender_conflict": "DIFFERENT SENDERS",
    "time_conflict": "DIFFERENT TIMES",
    "one_sided": "IN ONE EXPORT ONLY, though another covers their time",
}
_OBSERVED = ("J-07", "J-08", "J-09", "J-12", "J-13")


def say_disagreements(case: Case, chat: Row) -> Iterator[str]:
    """Yield the messages on which exports disagree, kind by kind, each kind with its lawful explanations."""
    rows = case.compared.disagreements.filter(pl.col("chat_id") == chat["chat_id"])
    for kind, title in TITLES.items():
        found = rows.filter(pl.col("conflict") == kind).to_dicts()
        if not found:
            continue
        yield f"\n{title} ({len(found):,})"
        for row in found[:LIMIT]:
            yield from _say_disagreement(case, row)
        yield from more(len(found), "message", where="--format jsonl or csv lists all")
        yield wrap(found[0]["innocent"] or "", first="  Lawful explanations: ", indent="    ")
    if rows.is_empty():
        yield "\nNO DISAGREEMENT on any message that two of these exports could hold."


def _say_disagreement(case: Case, row: Row) -> Iterator[str]:
    """Yield both sides of one disagreement."""
    yield from _say_side(case, row, "a")
    if row["conflict"] == "one_sided":
        yield wrap(f"not in {case.cite(row['exports_b'])}", first="    ")
        return
    yield from _say_side(case, row, "b")
    if row["conflict"] == "text_conflict":
        one, other = row["text_a"] or "", row["text_b"] or ""
        if can_mark(one, other):
            yield "    from the first to the second, [-gone-] and {+come+}:"
            yield from quote(mark_difference(one, other), indent="      ")
        if odd := name_characters(one, other):
            yield wrap(f"characters that only one of them has: {odd}", first="    ")
    yield ""


def _say_side(case: Case, row: Row, side: str) -> Iterator[str]:
    """Yield one version of a message: where it stands, when and by whom, in its own words."""
    edited = ", marked as edited" if row[f"edited_{side}"] else ""
    source = row[f"source_{side}"]
    at = f"{case.names[source]}:{row[f'line_{side}']}"
    when = f"{case.print_time(row[f'sent_local_{side}'], source)} own clock"
    utc = f", {case.print_time(row[f'sent_at_{side}'], source)} UTC" if row[f"sent_at_{side}"] else ""
    others = [one for one in row[f"exports_{side}"] if one != source]
    also = f", and in {case.cite(others)}" if others else ""
    yield wrap(f"{at}  {when}{utc}, {show(row[f'sender_{side}'])}{edited}{also}:", first="  ", indent="      ")
    yield from quote(row[f"text_{side}"], indent="      ", kind=row[f"kind_{side}"])


def say_observations(case: Case, chat: Row) -> Iterator[str]:
    """Yield order, entries and exits, files, repeat exports and blind spots, each with its lawful explanations."""
    held = set(chat["source_ids"])
    rows = [row for row in case.compared.tables["indicators"].to_dicts() if row["source_ids"][0] in held]
    for indicator in _OBSERVED:
        found = [row for row in rows if row["indicator"] == indicator and row["title"] != "Different times"]
        for name, group in groupby(found, key=lambda row: row["title"]):
            listed = list(group)
            yield f"\n{name.upper()}"
            for row in listed[:LIMIT]:
                first, *others = (case.names[source] for source in row["source_ids"])
                beside = f" beside {', '.join(others)}" if others else ""
                lines = ", ".join(f"{first}:{line}" for line in row["lines"][:LIMIT])
                yield wrap(f"{first}{beside}: {show(row['value'])} (lines {lines})", first="  ", indent="    ")
            yield from more(len(listed), "observation")
            yield wrap(listed[0]["explanation"], first="  ")
            yield wrap(listed[0]["innocent"], first="  Lawful explanations: ", indent="    ")
