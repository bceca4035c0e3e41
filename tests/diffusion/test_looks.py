import polars as pl

from chatforensics.diffusion.looks import count_over, cut_places, list_looks, number_places

STAYS = {"chat_id": pl.String, "person_id": pl.String, "begin": pl.Int64, "end": pl.Int64}
NOBODY = pl.DataFrame(schema={"reader": pl.Int64, "other": pl.Int64})
SENT = {"family": pl.Int64, "chat_id": pl.String, "person_id": pl.String, "moment": pl.Int64}


def look_at(sent: list[tuple[int, str, str, int]], stays: list[tuple[str, str, int, int]]) -> list[pl.DataFrame]:
    """Return the looks of each portion, of one family each."""
    shares, there = pl.DataFrame(sent, schema=SENT, orient="row"), pl.DataFrame(stays, schema=STAYS, orient="row")
    people = pl.Enum(pl.concat([shares["person_id"], there["person_id"]]).unique().sort())
    rows, there = number_places(shares, there, people)
    return [list_looks(part, there, NOBODY).sort("chat", "reader", "begin") for part in cut_places(rows, there, most=1)]


def test_a_text_that_goes_round_a_group_again_and_again_has_a_look_per_member() -> None:
    sent = [(0, "town", f"p{number % 5}", number) for number in range(1000)]
    (looks,) = look_at(sent, [("town", f"p{number}", -1, 2000) for number in range(8)])
    assert looks.height == 8
    assert looks["low", "high"].unique().rows() == [(0, 1000)]


def test_a_look_knows_the_first_time_that_others_sent_and_its_readers_own() -> None:
    sent = [(0, "c", "ama", 1), (0, "c", "ama", 2), (0, "c", "bo", 3), (0, "c", "cy", 3), (0, "c", "bo", 4)]
    (looks,) = look_at(sent, [("c", "ama", 0, 9), ("c", "bo", 2, 4), ("c", "dee", 9, 12)])
    columns = ["own", "low", "after", "high", "at", "early", "late"]
    assert looks[columns].rows() == [(1, 0, 0, 5, 3, 2, 4), (3, 1, 2, 4, 2, 1, 2), (None, 5, 5, 5, None, 0, 0)]


def test_families_are_looked_at_one_by_one_where_all_are_too_many() -> None:
    sent = [(1, "c", "ama", 5), (0, "c", "ama", 1), (0, "d", "ama", 1)]
    found = look_at(sent, [("c", "bo", 0, 9), ("d", "bo", 0, 9), ("e", "bo", 0, 9)])
    assert [looks["family"].to_list() for looks in found] == [[0, 0], [1]]
    assert look_at([], [("c", "bo", 0, 9)]) == []


def test_rows_are_covered_by_the_stretches_around_them() -> None:
    stretches = pl.DataFrame({"low": [0, 1, 2], "high": [2, 4, 2]})
    assert count_over(stretches["low"].to_numpy(), stretches["high"].to_numpy(), 4).tolist() == [1, 2, 1, 1]
