"""What was assumed, read otherwise, and what would change: the table `sensitivity` in sentences with its numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from chatforensics.report.language import say, say_list
from chatforensics.report.numbers import tell_number
from chatforensics.report.otherwords import ASSUMED, OUTCOME_WORDS, STAYS, VALUE_WORDS
from chatforensics.report.sightings import Row, Tables, cap

MOVED_LIMIT = 12
STILL_NAMES = 4
_PART = "same_parent"
_WHO = "same_earliest"


def view_assumed(tables: Tables) -> Row:
    """Return for each thing that was assumed how the results move under the other readings, in sentences.

    One thing is read otherwise at a time. What was not read otherwise may be wrong all the same.
    """
    table = tables["sensitivity"]
    settings = sorted(
        table["setting"].unique(), key=lambda name: (list(ASSUMED).index(name) if name in ASSUMED else 99, name)
    )
    rows = [_view_setting(name, table.filter(pl.col("setting") == name)) for name in settings]
    tried = {row["setting"] for row in rows if row["n"] or row["reasons"]}
    return {
        "rows": rows,
        "n_moved": sum(bool(row["moved"]) for row in rows),
        "n_tried": sum(bool(row["n"]) for row in rows),
        "untold": [words for name, words in STAYS.items() if name not in tried],
    }


@dataclass(frozen=True)
class _Trial:
    """One other reading: its words, and what it changes."""

    value: str
    changes: list[str]


def _view_setting(name: str, own: pl.DataFrame) -> Row:
    """Return one assumption: the readings that move a result, in full, and those that do not, by name."""
    told = own.filter(pl.col("value") != "not varied")
    used = dict(told.filter("used").select("outcome", "result").iter_rows())
    values = told.filter(~pl.col("used"))["value"].unique(maintain_order=True).to_list()
    trials = [_Trial(_word(value), list(_tell_changes(own, value, used))) for value in values]
    moved = [trial for trial in trials if trial.changes]
    still = [trial.value for trial in trials if not trial.changes]
    as_used = told.filter("used")["value"].head(1).to_list()
    return {
        "setting": name,
        "words": ASSUMED.get(name, name.replace("_", " ")),
        "used": as_used[0] if as_used and as_used[0][:1].isdigit() else None,
        "n": len(trials),
        "moved": [{"value": trial.value, "changes": trial.changes} for trial in moved[:MOVED_LIMIT]],
        "cap": cap(moved[:MOVED_LIMIT], total=len(moved), where="tables/sensitivity.parquet"),
        "still": still[:STILL_NAMES],
        "n_still": len(still),
        "reasons": own.filter(pl.col("value") == "not varied")["outcome"].to_list(),
    }


def _word(value: str) -> str:
    """Return a value in words: the parameters of the model of links by what they are."""
    name, _, how = value.rpartition(" ")
    return say_list([VALUE_WORDS[name], how]) if name in VALUE_WORDS else value


def _tell_changes(own: pl.DataFrame, value: str, used: dict[str, float | None]) -> Iterator[str]:
    """Yield a clause for each result that is another one under this value."""
    for outcome, result in own.filter(pl.col("value") == value).select("outcome", "result").iter_rows():
        before = used.get(outcome)
        if result is None or before is None or tell_number(result) == tell_number(before):
            continue
        yield _tell_change(outcome, before, result)


def _tell_change(outcome: str, before: float, result: float) -> str:
    if outcome == _WHO:
        return say("another person is the earliest sender in the evidence of the leading text")
    if outcome == _PART:
        return say(
            "of the likely sources still in the evidence, {percent} % are replaced, or in doubt",
            percent=f"{100 * (1 - result):.0f}",
        )
    words = OUTCOME_WORDS.get(outcome, outcome.replace("_", " "))
    return say("{words}: {before} becomes {after}", words=words, before=tell_number(before), after=tell_number(result))
