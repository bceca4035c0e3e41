from datetime import UTC, datetime

import polars as pl
import pytest
from builders import Case
from drawn import draw_diffusion, draw_spreads

from chatforensics.figures import Drawing
from chatforensics.figures.facts import name_earliest
from chatforensics.figures.spread import MOST_NAMES, _notes

FIRST = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)


def drawings_where_first(case: Case, seconds: list[int]) -> tuple[Drawing, Drawing, list[str]]:
    """Return both charts of one family whose first senders sent it that many seconds after nine, and their names."""
    family = case["shares"]["family_id"].value_counts().sort("count", "family_id").row(-1)[0]
    shares = case["shares"].filter(pl.col("family_id") == family).sort("sent_at", "share_id")
    senders = shares["person_id"].unique(maintain_order=True).head(len(seconds)).to_list()
    given = dict(zip(senders, seconds, strict=True))
    early = pl.col("person_id").replace_strict(given, default=None, return_dtype=pl.Int64)
    sent_at = pl.when(early.is_not_null()).then(FIRST + pl.duration(seconds=early)).otherwise("sent_at")
    changed = shares.with_columns(sent_at=sent_at)
    labels = dict(case["people"].select("person_id", pl.col("labels").list.first()).iter_rows())
    tables = {**case, "shares": changed}
    diffusion, (spread, *_) = draw_diffusion(tables), draw_spreads(tables)
    assert diffusion is not None
    return diffusion, spread, [labels[person] for person in senders]


@pytest.mark.parametrize("seconds", [[0, 0], [0, 20]], ids=["minutes", "a phone with seconds"])
def test_all_who_sent_in_the_earliest_minute_are_named(small_case: Case, seconds: list[int]) -> None:
    diffusion, spread, (one, other) = drawings_where_first(small_case, seconds)
    for drawing in (diffusion, spread):
        assert "Earliest senders in the evidence: " in drawing.alt
        assert ", same minute" in drawing.alt
        told = drawing.alt.split("Earliest senders in the evidence: ")[1].split(", same minute")[0]
        assert one in told
        assert other in told


def test_printed_seconds_tell_who_was_first(small_case: Case) -> None:
    diffusion, spread, (one, other) = drawings_where_first(small_case, [5, 20])
    for drawing in (diffusion, spread):
        told = drawing.alt.split("Earliest sender in the evidence: ")[1].split(". ")[0]
        assert one in told
        assert other not in told


def test_the_note_under_a_spread_names_all_who_are_tied_and_counts_a_crowd() -> None:
    def note(n: int) -> str:
        rows = {"person_id": [f"p{number}" for number in range(n)], "sent_at": [FIRST] * n}
        shares = pl.DataFrame({**rows, "chat_id": ["chat"] * n})
        return _notes(shares, {f"p{number}": f"Person {number}" for number in range(n)}, shares)[0]

    assert note(1).startswith("Earliest sender in the evidence: Person 0, 3 Mar 2031, 09:00 UTC;")
    assert note(2).startswith("Earliest senders in the evidence: Person 0 and Person 1, same minute, 3 Mar 2031, 09:00")
    assert f"Person {MOST_NAMES - 1} and 4 others, same minute" in note(MOST_NAMES + 4)


def test_several_earliest_senders_are_listed_in_words() -> None:
    assert name_earliest(["Anna", "Bo", "Chidi"]) == "Earliest senders in the evidence: Anna, Bo and Chidi, same minute"
