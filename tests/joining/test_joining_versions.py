"""Messages on which exports disagree, side by side."""

from dataclasses import replace

import polars as pl
from joining.phones import Export, Said, join, talk

from chatforensics.joining import list_disagreements
from chatforensics.joining.join import Joined
from chatforensics.schema import Messages

PEOPLE = ("Violeta", "Wiremu", "Xolani")
SAID = talk(30, PEOPLE)


def changed(place: int, said: Said) -> list[Said]:
    return sorted([*SAID[:place], said, *SAID[place + 1 :]], key=lambda one: one.at_s)


def disagreements(joined: Joined) -> list[dict[str, object]]:
    table = list_disagreements(joined.sources, joined.messages, joined.corroboration, joined.indicators)
    return table.to_dicts()


def test_each_two_of_three_readings_stand_side_by_side() -> None:
    exports = [Export(n, changed(12, replace(SAID[12], text=f"reading {n} of this message"))) for n in "abc"]
    rows = disagreements(join(*exports))
    assert [(row["file_a"], row["file_b"]) for row in rows] == [
        ("a.txt", "b.txt"),
        ("a.txt", "c.txt"),
        ("b.txt", "c.txt"),
    ]
    assert {row["conflict"] for row in rows} == {"text_conflict"}


def test_exports_of_one_reading_stand_on_one_side() -> None:
    odd = changed(12, replace(SAID[12], text="another reading of this message"))
    exports = [Export("a", SAID), Export("b", odd), Export("c", SAID)]
    (row,) = disagreements(join(*exports))
    assert row["exports_a"] == [exports[0].source_id, exports[2].source_id]
    assert row["exports_b"] == [exports[1].source_id]
    assert (row["line_a"], row["text_b"]) == (13, "another reading of this message")
    assert "edited" in str(row["innocent"])


def test_a_copy_without_words_has_no_part_in_a_disagreement_about_words() -> None:
    exports = [Export(n, changed(12, replace(SAID[12], text=f"reading {n} of this message"))) for n in "abc"]
    joined = join(*exports)
    third = pl.col("text") == "reading c of this message"
    media = joined.messages.with_columns(
        kind=pl.when(third).then(pl.lit("media")).otherwise("kind"), text=pl.when(~third).then("text")
    )
    rows = disagreements(replace(joined, messages=Messages(media)))
    assert [(row["file_a"], row["file_b"]) for row in rows] == [("a.txt", "b.txt")]


def test_times_within_the_clocks_steps_are_one_version() -> None:
    moved = changed(12, replace(SAID[12], at_s=SAID[12].at_s + 3000))
    exports = (Export("a", SAID), Export("b", moved), Export("c", SAID, ahead_s=20, labels={"Violeta": "V"}))
    (row,) = disagreements(join(*exports))
    assert (row["conflict"], sorted(row["exports_a"])) == (  # type: ignore[call-overload]
        "time_conflict",
        sorted([exports[0].source_id, exports[2].source_id]),
    )
    assert row["exports_b"] == [exports[1].source_id]


def test_a_one_sided_message_names_all_exports_that_lack_it() -> None:
    without = [*SAID[:12], *SAID[13:]]
    exports = (Export("a", SAID), Export("b", without), Export("c", without, labels={"Violeta": "V"}))
    (row,) = disagreements(join(*exports))
    assert (row["conflict"], row["file_a"], row["file_b"], row["text_b"]) == ("one_sided", "a.txt", "b.txt", None)
    assert row["exports_b"] == [exports[1].source_id, exports[2].source_id]


def test_exports_that_agree_have_no_row() -> None:
    assert disagreements(join(Export("a", SAID), Export("b", SAID))) == []
