"""What was assumed, taken otherwise: labels, the order of dates, clocks; and who is earliest then."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from workflow.test_sensitivity import SENT, SLATE, a_case, follow, results

from chatforensics import schema
from chatforensics.errors import UnknownExportFormat
from chatforensics.workflow import Settings, analyse
from chatforensics.workflow.otherwise import Reread, vary_clocks, vary_dates, vary_labels
from chatforensics.workflow.outcomes import open_case
from chatforensics.workflow.trials import LIMITS, Row

Tables = dict[str, pl.DataFrame]


def _results(rows: Iterator[Row], outcome: str) -> dict[str, float | None]:
    return {value: result for _, value, _, name, result in rows if name == outcome}


def _labels(tables: Tables, outcome: str) -> dict[str, float | None]:
    return _results(vary_labels(open_case(tables, window_s=300), limits=LIMITS), outcome)


def _clocks(tables: Tables, outcome: str) -> dict[str, float | None]:
    return _results(vary_clocks(open_case(tables, window_s=300), limits=LIMITS), outcome)


def _decided(tables: Tables, *, probability: float, decision: str, direction: float = 0.9) -> Tables:
    """Return the case with the first message's instruction at a probability, and with its direction."""
    first = int(tables["messages"]["message_id"].to_list()[0])
    rows: list[tuple[object, ...]] = [
        (first, schema.SLATE_LABEL, probability, decision, [], None),
        (first, "endorse", direction, "flag", [], None),
    ]
    told = tables["labels"].filter(pl.col("message_id") != first)
    labels = pl.DataFrame(rows, schema=dict(schema.TABLES["labels"]), orient="row")
    return tables | {"labels": pl.concat([told.filter(pl.lit(value=False)), labels])}


@pytest.mark.parametrize(
    ("probability", "decision", "flagged"),
    [
        (0.9, "flag", [1, 1, 1, 1, 1]),
        (0.5, "flag", [1, 1, 1, 1, 0]),
        (0.3, "review", [0, 0, 1, 1, 0]),
        (0.15, "review", [0, 0, 1, 0, 0]),
    ],
)
def test_a_text_counts_as_the_moved_thresholds_decide_it(probability: float, decision: str, flagged: list[int]) -> None:
    found = _labels(_decided(a_case(SENT), probability=probability, decision=decision), "n_flagged")
    values = ("as used", "flagged only", "review counted as flagged", "odds halved", "odds doubled")
    assert found == dict(zip(values, map(float, flagged), strict=True))


def test_an_instruction_without_a_direction_is_not_flagged_at_any_threshold() -> None:
    case = _decided(a_case(SENT), probability=0.9, decision="review", direction=0.13)
    flagged = _labels(case, "n_flagged")
    assert (flagged["odds halved"], flagged["odds doubled"]) == (1.0, 0.0)


def test_where_no_label_counts_any_more_a_short_text_is_not_followed() -> None:
    short = [(chat, who, minute, "Vote for Rowena") for chat, who, minute, _ in SENT]
    case = a_case(short)
    ids = case["messages"]["message_id"].to_list()
    rows: list[tuple[object, ...]] = [(each, schema.SLATE_LABEL, 0.2, "review", [], None) for each in ids]
    labels = pl.DataFrame(rows, schema=dict(schema.TABLES["labels"]), orient="row")
    case |= {"labels": labels}
    case |= follow(case, step_s=60)
    shares = _labels(case, "n_shares")
    assert (shares["flagged only"], shares["review counted as flagged"]) == (0.0, 3.0)
    assert _labels(case, "same_earliest")["review counted as flagged"] == 1.0


def test_a_clock_an_hour_off_makes_another_sender_the_earliest() -> None:
    earliest = _clocks(a_case(SENT), "same_earliest")
    changed = {value for value, same in earliest.items() if same == 0.0}
    assert changed == {"chat.txt (a) an hour later", "chat.txt (b) an hour earlier", "chat.txt (c) an hour earlier"}


def test_a_clock_that_something_places_is_not_moved() -> None:
    case = a_case(SENT)
    known = pl.when(pl.col("source_id") == "a").then(pl.lit("Europe/London")).alias("timezone")
    aligned = pl.when(pl.col("source_id") == "b").then(pl.lit(0, pl.Int32)).alias("utc_offset_s")
    moved = set(_clocks(case | {"sources": case["sources"].with_columns(known, aligned)}, "n_shares"))
    assert moved == {"as assumed", "chat.txt an hour earlier", "chat.txt an hour later"}


def test_several_clocks_that_nothing_places_are_also_moved_together() -> None:
    case = a_case(SENT)
    known = pl.when(pl.col("source_id") == "a").then(pl.lit("Europe/London")).alias("timezone")
    earliest = _clocks(case | {"sources": case["sources"].with_columns(known)}, "same_earliest")
    assert earliest["all of them an hour earlier"] == 0.0
    assert earliest["all of them an hour later"] == 1.0


def test_with_every_zone_declared_nothing_is_said_of_the_zone_of_the_case() -> None:
    case = a_case(SENT)
    declared = case["sources"].with_columns(timezone=pl.lit("Europe/London"))
    assert list(vary_clocks(open_case(case | {"sources": declared}, window_s=300), limits=LIMITS)) == []


def test_links_are_weighed_from_the_words_of_messages_as_the_run_does_and_texts_with_those_in_pictures() -> None:
    case = a_case(SENT)
    first = case["messages"].row(0, named=True)
    picture = dict.fromkeys(schema.TABLES["pictures"]) | {
        "message_id": first["message_id"],
        "source_id": first["source_id"],
        "status": "read",
        "text": "Words in a picture",
    }
    pictures = pl.DataFrame([picture], schema=dict(schema.TABLES["pictures"]))
    opened = open_case(case | {"pictures": pictures}, window_s=300)
    assert opened.world.messages.lazy().collect()["text"].to_list() == case["messages"]["text"].to_list()
    assert "Words in a picture" in opened.told.lazy().collect()["text"][0]


def test_a_reading_that_cannot_be_and_readings_beyond_the_limit_are_named() -> None:
    def refuse() -> Tables:
        raise UnknownExportFormat("No date fits.")

    rereads = [Reread(f"phones/{name}/chat.txt", "mdy", refuse) for name in "abc"]
    case = open_case(a_case(SENT), window_s=300)
    rows = list(vary_dates(case, rereads, limits=replace(LIMITS, most_orders=2)))
    said = [outcome for _, value, _, outcome, _ in rows if value == "not varied"]
    assert said[:2] == ["chat.txt as mdy: No date fits."] * 2
    assert said[2].startswith("1 readings: more than 2 ")


def test_dates_read_in_the_other_order_change_who_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lane = ["04/05/2026, 09:10 - Nadia: the kettle is at the hall", f"05/06/2026, 10:20 - Nadia: {SLATE}"]
    choir = ["13/05/2026, 08:00 - Kofi: the rehearsal moved", f"14/05/2026, 10:40 - Kofi: {SLATE}"]
    for phone, chat, lines in (("mei", "Lane", lane), ("tomasz", "Choir", choir)):
        (tmp_path / "in" / phone).mkdir(parents=True)
        (tmp_path / "in" / phone / f"WhatsApp Chat with {chat}.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.setattr("chatforensics.figures.sketch_figures", lambda *_a, **_k: [])
    monkeypatch.setattr("chatforensics.report.render_report", lambda *_a, **_k: "")
    run = analyse([tmp_path / "in"], out=tmp_path / "out", settings=Settings(timezone="Europe/London"))
    table = schema.Sensitivity(run.tables["sensitivity"])
    (order,) = run.tables["sources"].filter(pl.col("date_order_verdict") == "ambiguous")["date_order"]
    other = {"mdy": "dmy", "dmy": "mdy"}[order]
    earliest = results(table, "date order", "same_earliest")
    assert earliest == {"as read": 1.0, f"WhatsApp Chat with Lane.txt as {other}": 0.0}
    assert set(results(table, "date order", "n_flagged").values()) == {2.0}
