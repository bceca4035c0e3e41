"""How the results move when a setting does: one column per result, the value that was used marked."""

from collections.abc import Sequence

import polars as pl

from chatforensics.report.language import say
from chatforensics.report.numbers import tell_number
from chatforensics.report.sightings import Row, Tables

OUTCOMES = {
    "n_flagged": say("messages flagged"),
    "n_families_tracked": say("texts followed"),
    "n_shares": say("shares"),
    "reach": say("people reached by the leading text"),
    "n_links_named": say("shares with a likely source"),
    "same_parent": say("part with the same likeliest source"),
    "same_earliest": say("earliest sender stays the same (1: yes)"),
    "n_pairs_significant": say("pairs closer in time than chance"),
    "n_clusters": say("clusters of such pairs"),
}
SETTINGS = {
    "window_s": say("window of closeness, in seconds"),
    "similarity": say("likeness of the texts of one family"),
    "link model": say("model of the links"),
    "phone left out": say("one phone left out"),
    "half of the exports": say("half of the exports, drawn at random"),
    "labels": say("thresholds of the labels"),
    "date order": say("order of day and month"),
    "clock": say("clock of a phone that nothing places"),
    "zone of the case": say("zone of the case"),
}


def view_sensitivity(tables: Tables) -> Row:
    """Return for each setting how far each result ranges, and all its values; settings changed one at a time.

    A result that does not move may still be wrong: what was not varied is in none of these numbers.
    """
    table = tables["sensitivity"]
    told = table.drop_nulls("result")
    outcomes = _in_order(told["outcome"].unique().to_list())
    settings = told["setting"].unique(maintain_order=True).to_list()
    still = table.filter(pl.col("result").is_null()).select("setting", "value", "outcome").unique(maintain_order=True)
    return {
        "outcomes": [OUTCOMES.get(name, _plain(name)) for name in outcomes],
        "ranges": [_view_range(told, setting, outcomes) for setting in settings],
        "settings": [_view_setting(told, setting) for setting in settings],
        "still": [(SETTINGS.get(row[0], _plain(row[0])), _plain(row[1]), row[2]) for row in still.iter_rows()],
        "cited": [],
    }


def _in_order(outcomes: Sequence[str]) -> list[str]:
    known = list(OUTCOMES)
    return sorted(outcomes, key=lambda name: (known.index(name) if name in known else len(known), name))


def _plain(name: str) -> str:
    return name.removeprefix("n_").replace("_", " ")


def _view_range(told: pl.DataFrame, setting: str, outcomes: Sequence[str]) -> Row:
    """Return one setting with each result's value as used and its range over all values."""
    own = told.filter(pl.col("setting") == setting)
    return {
        "name": SETTINGS.get(setting, _plain(setting)),
        "n": own["value"].n_unique(),
        "cells": [_tell_range(own.filter(pl.col("outcome") == outcome)) for outcome in outcomes],
    }


def _tell_range(results: pl.DataFrame) -> Row:
    """Return the value used, and from where to where the results go; `moves` says whether they differ at all."""
    if results.is_empty():
        return {"used": None, "low": "", "high": "", "moves": False}
    used = results.filter("used")["result"]
    low, high = (
        float(bound) for bound in results.select(low=pl.col("result").min(), high=pl.col("result").max()).row(0)
    )
    return {
        "used": tell_number(used[0]) if used.len() else "-",
        "low": tell_number(low),
        "high": tell_number(high),
        "moves": low != high,
    }


def _view_setting(told: pl.DataFrame, setting: str) -> Row:
    """Return one setting: a row for each value, a column for each result it was tried for."""
    own = told.filter(pl.col("setting") == setting)
    outcomes = _in_order(own["outcome"].unique().to_list())
    values = (
        own.select("value", "used")
        .unique(maintain_order=True)
        .group_by("value", maintain_order=True)
        .agg(pl.col("used").any())
    )
    results = {(value, outcome): result for value, outcome, result in own.select("value", "outcome", "result").rows()}
    return {
        "name": SETTINGS.get(setting, _plain(setting)),
        "outcomes": [OUTCOMES.get(name, _plain(name)) for name in outcomes],
        "rows": [
            {
                "value": value.replace("_", " "),
                "used": used,
                "cells": [tell_number(results.get((value, outcome))) for outcome in outcomes],
            }
            for value, used in values.iter_rows()
        ],
    }
