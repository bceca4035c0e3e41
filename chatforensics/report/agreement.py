"""Section 5 of the report, in its middle: which exports confirm which, two by two, chat by chat."""

import polars as pl

from chatforensics.report.language import say, say_list
from chatforensics.report.sightings import Row, Tables, cap, number_sources

PAIR_LIMIT = 60
_HOUR_S = 3600
_MINUTE_S = 60
_ENDS = (("source_a", "source_b"), ("n_a", "n_b"), ("n_only_a", "n_only_b"))


def view_confirmations(tables: Tables) -> Row:
    """Return the pairs of exports of each chat: whether they count as independent, and how far they agree.

    Agreement shows that files agree, not that what they say is true; a pair that counts as independent is one of which
    nothing shows that it is not.
    """
    places = dict(number_sources(tables["sources"]).select("source_id", "place").iter_rows())
    titles = dict(tables["chats"].select("chat_id", pl.coalesce("title", "chat_id")).iter_rows())
    known = tables["comparisons"].filter(pl.col("source_a").is_in(places) & pl.col("source_b").is_in(places))
    pairs = [_view_pair(row, places) for row in known.iter_rows(named=True)]
    ordered = sorted(pairs, key=lambda row: (places[row["source_a"]], places[row["source_b"]]))
    by_chat: dict[str, list[Row]] = {}
    for row in ordered[:PAIR_LIMIT]:
        by_chat.setdefault(row["chat_id"], []).append(row)
    chats = [{"title": titles.get(chat_id, chat_id), "rows": rows} for chat_id, rows in by_chat.items()]
    return {"chats": chats, "cap": cap(ordered[:PAIR_LIMIT], total=len(ordered), where="tables/comparisons.parquet")}


def _view_pair(row: Row, places: dict[str, int]) -> Row:
    """Return one pair with the export first that has the lower number."""
    if places[row["source_a"]] > places[row["source_b"]]:
        names = {one: other for pair in _ENDS for one, other in (pair, pair[::-1])}
        turned = {name: row[names.get(name, name)] for name in row}
        row = turned | {"offset_s": None if row["offset_s"] is None else -row["offset_s"]}
    differ = [
        (row["n_text"], say("{n} in text", n=row["n_text"])),
        (row["n_sender"], say("{n} in sender", n=row["n_sender"])),
        (row["n_time"], say("{n} in time", n=row["n_time"])),
    ]
    return row | {
        "first": f"S{places[row['source_a']]}",
        "second": f"S{places[row['source_b']]}",
        "n_differ": sum(number for number, _ in differ),
        "differ": say_list(words for number, words in differ if number),
        "clock": _say_clock(row["offset_s"], row["uncertainty_s"]),
    }


def _say_clock(offset_s: int | None, uncertainty_s: int | None) -> str:
    """Say how far the clock of the second export is ahead of that of the first."""
    if offset_s is None:
        return say("not measured")
    told, uncertainty = _say_size(abs(offset_s)), uncertainty_s
    if offset_s >= 0:
        return say("{time} ahead, give or take {uncertainty} s", time=told, uncertainty=uncertainty)
    return say("{time} behind, give or take {uncertainty} s", time=told, uncertainty=uncertainty)


def _say_size(size: int) -> str:
    """Return a difference of clocks to the second."""
    hours, minutes, seconds = size // _HOUR_S, size % _HOUR_S // _MINUTE_S, size % _MINUTE_S
    parts = [(hours, say("{n} h", n=hours)), (minutes, say("{n} min", n=minutes)), (seconds, say("{n} s", n=seconds))]
    return say_list((words for number, words in parts if number), " ") if size else say("{n} s", n=0)
