"""What named analysts say of the findings: kept apart from what was observed and computed."""

from collections.abc import Mapping, Sequence

from chatforensics.report.sightings import Row


def view_interpretations(run: Mapping[str, object]) -> Row:
    """Return the interpretations of the run record; one without a name is counted and left out.

    The program itself interprets nothing. Each has `who`, `words`, and may have `when` and `message_ids`.
    """
    given = run.get("interpretations")
    listed = [row for row in given if isinstance(row, Mapping)] if isinstance(given, Sequence) else []
    named = [row for row in listed if str(row.get("who") or "").strip() and str(row.get("words") or "").strip()]
    rows = [_view_interpretation(row) for row in named]
    return {
        "rows": rows,
        "n_left_out": len(listed) - len(named),
        "cited": [message_id for row in rows for message_id in row["ids"]],
    }


def _view_interpretation(row: Mapping[str, object]) -> Row:
    ids = row.get("message_ids")
    return {
        "who": str(row["who"]),
        "when": str(row["when"]) if row.get("when") else None,
        "words": str(row["words"]),
        "ids": [number for number in ids if isinstance(number, int)] if isinstance(ids, Sequence) else [],
    }
