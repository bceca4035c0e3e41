from dataclasses import replace
from datetime import datetime

import polars as pl
import pytest
from joining.phones import START, Export, Said, join, label_of, notice, talk

from chatforensics.joining import Joined

PEOPLE = ("Violeta", "Wiremu", "Xolani")
SAID = talk(30, PEOPLE)


def statuses(*exports: Export) -> dict[str, int]:
    return dict(join(*exports).corroboration["status"].value_counts().iter_rows())


def changed(place: int, said: Said) -> list[Said]:
    """Return the conversation with another record in one place, in the order of time."""
    return sorted([*SAID[:place], said, *SAID[place + 1 :]], key=lambda one: one.at_s)


def without(*places: int) -> list[Said]:
    return [one for place, one in enumerate(SAID) if place not in places]


def disagreements(joined: Joined) -> pl.DataFrame:
    """Return the observations about single messages."""
    about_times = (pl.col("indicator") == "J-07") & (pl.col("title") == "Different times")
    return joined.indicators.filter(pl.col("indicator").is_in(["J-04", "J-05", "J-06"]) | about_times)


def test_copies_that_agree_are_one_canonical_message_in_two_independent_exports() -> None:
    joined = join(Export("a", SAID), Export("b", SAID, labels={"Violeta": "Vi"}))
    assert joined.corroboration.select("n_sources", "n_independent", "status").unique().row(0) == (2, 2, "agree")
    assert joined.corroboration.height == 30
    assert joined.corroboration["detail"][0] == "2 of 2 exports that cover its time show it alike."
    assert joined.messages.group_by("canonical_id").len()["len"].to_list() == [2] * 30


def test_exports_of_one_phone_do_not_confirm_each_other() -> None:
    joined = join(Export("a", SAID, folder="x"), Export("b", SAID[:-1], folder="x"))
    assert joined.corroboration["n_independent"].unique().to_list() == [1]
    assert joined.corroboration["detail"].str.contains("do not confirm each other").any()


def test_a_copy_of_a_file_does_not_confirm_it() -> None:
    joined = join(Export("a", SAID, folder="x"), Export("b", SAID, folder="y"))
    assert joined.corroboration["n_independent"].unique().to_list() == [1]


def test_a_chat_of_one_export_is_single_source() -> None:
    assert statuses(Export("a", SAID)) == {"single_source": 30}


def test_messages_before_another_export_begins_are_outside_its_window() -> None:
    assert statuses(Export("a", SAID), Export("b", SAID[10:])) == {"agree": 20, "outside_window": 10}


def test_a_message_missing_inside_the_common_window_is_one_sided_and_only_noted() -> None:
    joined = join(Export("a", SAID), Export("b", without(12, 14)))
    assert joined.corroboration.filter(pl.col("status") == "one_sided").height == 2
    (row,) = disagreements(joined).to_dicts()
    assert (row["indicator"], row["level"], row["lines"], row["value"]) == ("J-04", "info", [13, 15], "2 messages")
    assert row["source_ids"] == [Export("a", []).source_id, Export("b", []).source_id]
    assert "Deleted for oneself" in row["innocent"]


def test_time_out_of_the_chat_is_not_covered() -> None:
    away = [*SAID[:10], notice(2800, "left", "You"), notice(6000, "joined", "You"), *SAID[20:]]
    assert "one_sided" not in statuses(Export("a", SAID), Export("b", away))
    unexplained = [*SAID[:10], *SAID[20:]]
    assert statuses(Export("a", SAID), Export("b", unexplained))["one_sided"] == 10


def test_an_exporter_removed_for_good_covers_nothing_after() -> None:
    away = [*SAID[:10], notice(2800, "removed", "Wiremu", "You")]
    assert "one_sided" not in statuses(Export("a", SAID), Export("b", away))


def test_an_altered_text_is_a_contradiction_in_both_exports() -> None:
    joined = join(
        Export("a", SAID), Export("b", changed(12, replace(SAID[12], text="vote for somebody else entirely")))
    )
    (row,) = joined.corroboration.filter(pl.col("status") != "agree").to_dicts()
    assert (row["status"], row["conflicts"], row["n_sources"]) == ("text_conflict", ["text_conflict"], 2)
    found = disagreements(joined).select("indicator", "level", "lines").rows()
    assert found == [("J-05", "contradiction", [13])] * 2
    firsts = {row[0][0] for row in disagreements(joined).select("source_ids").iter_rows()}
    assert firsts == set(joined.sources["source_id"])


def test_an_edited_copy_explains_another_text() -> None:
    edited = changed(12, replace(SAID[12], text="corrected wording of it", edited=True))
    joined = join(Export("a", SAID), Export("b", edited))
    assert disagreements(joined).select("indicator", "level").unique().rows() == [("J-05", "info")]
    assert joined.corroboration["status"].value_counts().height == 2


def test_another_sender_is_a_conflict_and_joins_no_people() -> None:
    joined = join(Export("a", SAID), Export("b", changed(12, replace(SAID[12], label="Wiremu"))))
    assert joined.corroboration.filter(pl.col("status") == "sender_conflict").height == 1
    assert disagreements(joined)["indicator"].to_list() == ["J-06", "J-06"]
    assert label_of(joined, "Wiremu").isdisjoint(label_of(joined, "Violeta"))


def test_a_sender_whom_the_other_export_does_not_know_is_no_conflict() -> None:
    new = [Said(20_000 + 500 * i, "Yuki", f"a long text that is only number {i}") for i in range(2)]
    said = [*SAID, *new, *talk(3, PEOPLE, start_s=30_000, topic="end")]
    renamed = [replace(s, label=f"Yuki {i}") if s.label == "Yuki" else s for i, s in enumerate(said)]
    assert statuses(Export("a", said), Export("b", renamed))["agree"] == 35


def test_another_time_is_a_conflict() -> None:
    joined = join(Export("a", SAID), Export("b", changed(12, replace(SAID[12], at_s=SAID[12].at_s + 3000))))
    assert joined.corroboration.filter(pl.col("status") == "time_conflict").height == 1
    assert disagreements(joined).select("indicator", "level").unique().rows() == [("J-07", "info")]


def test_media_or_a_deletion_in_place_of_a_text_is_no_conflict() -> None:
    for kind in ("media", "deleted"):
        assert statuses(Export("a", SAID), Export("b", changed(12, replace(SAID[12], text=None, kind=kind)))) == {
            "agree": 30
        }


def test_a_location_worded_in_two_languages_is_no_conflict() -> None:
    words = [replace(SAID[12], kind="location", text=f"{word}: https://maps.example/1") for word in ("place", "poloha")]
    assert statuses(*(Export(said.text or "", changed(12, said)) for said in words)) == {"agree": 30}


def test_what_could_be_paired_in_two_ways_is_left_apart() -> None:
    pair = [Said(3601, "Violeta", "one text of many words here"), Said(3602, "Violeta", "another text of many words")]
    mine = sorted([*without(12), *pair], key=lambda one: one.at_s)
    assert statuses(Export("a", mine), Export("b", SAID)) == {"agree": 29, "one_sided": 3}


def test_three_readings_of_one_message_are_one_conflict() -> None:
    exports = [Export(n, changed(12, replace(SAID[12], text=f"reading {n} of this message"))) for n in ("a", "b", "c")]
    joined = join(*exports)
    (row,) = joined.corroboration.filter(pl.col("status") != "agree").to_dicts()
    assert (row["status"], row["n_sources"]) == ("text_conflict", 3)


def test_the_gravest_disagreement_is_the_status() -> None:
    changed_text = changed(12, replace(SAID[12], text="vote for somebody else entirely"))
    joined = join(Export("a", SAID), Export("b", changed_text), Export("c", without(12)))
    (row,) = joined.corroboration.filter(pl.col("status") != "agree").to_dicts()
    assert (row["status"], row["conflicts"]) == ("text_conflict", ["text_conflict", "one_sided"])


def test_runs_of_ok_are_paired_one_to_one() -> None:
    oks = [Said(20_000 + 15 * i, "Violeta", "ok") for i in range(8)]
    assert statuses(Export("a", [*SAID, *oks]), Export("b", [*SAID, *oks], ahead_s=20)) == {"agree": 38}


def test_notices_are_not_corroborated_and_keep_their_own_id() -> None:
    said = [*SAID, notice(20_000, "left", "Xolani")]
    joined = join(Export("a", said), Export("b", said))
    notices = joined.messages.filter(pl.col("kind") == "system")
    assert notices["canonical_id"].equals(notices["message_id"])
    assert joined.corroboration.height == 30


def test_a_crowd_of_left_over_messages_is_not_paired() -> None:
    said = talk(300, PEOPLE)
    mine = [Said(3601 + i, "Violeta", f"text {i} of the first crowd") for i in range(25)]
    theirs = [Said(3601 + i, "Violeta", f"text {i} of the other crowd") for i in range(25)]
    exports = [Export(n, sorted([*said, *crowd], key=lambda s: s.at_s)) for n, crowd in (("a", mine), ("b", theirs))]
    assert statuses(*exports) == {"agree": 300, "one_sided": 50}


@pytest.mark.parametrize("kind", ["single_source", "agree", "outside_window", "one_sided"])
def test_every_status_has_its_words(kind: str) -> None:
    joined = join(Export("a", SAID), Export("b", without(*range(5), 12)), Export("c", talk(5, PEOPLE, topic="c")))
    rows = joined.corroboration.filter(pl.col("status") == kind)
    assert rows.height > 0
    assert not rows["detail"].str.contains(r"\{").any()


@pytest.mark.parametrize("place", [0, 29])
@pytest.mark.parametrize("ahead_s", [0, 40])
def test_an_altered_first_or_last_message_is_a_conflict_like_any_other(place: int, ahead_s: int) -> None:
    altered = changed(place, replace(SAID[place], text="vote for somebody else entirely"))
    joined = join(Export("a", SAID), Export("b", altered, ahead_s=ahead_s))
    (row,) = joined.corroboration.filter(pl.col("status") != "agree").to_dicts()
    assert (row["status"], row["n_sources"]) == ("text_conflict", 2)
    found = disagreements(joined).select("indicator", "level", "lines").rows()
    assert found == [("J-05", "contradiction", [place + 1])] * 2


def test_an_altered_last_message_is_a_conflict_when_the_other_export_goes_on() -> None:
    altered = changed(19, replace(SAID[19], text="vote for somebody else entirely"))[:20]
    assert statuses(Export("a", SAID), Export("b", altered)) == {"agree": 19, "text_conflict": 1, "outside_window": 10}


def test_one_more_message_at_the_end_is_not_missed_in_the_other_export() -> None:
    more = [*SAID, Said(SAID[-1].at_s + 20, "Wiremu", "one more, sent while the other was being made")]
    assert statuses(Export("a", SAID), Export("b", more)) == {"agree": 30, "outside_window": 1}


def test_a_text_conflict_may_be_a_line_that_was_read_wrongly() -> None:
    joined = join(Export("a", SAID), Export("b", changed(12, replace(SAID[12], text="anchor basket"))))
    (innocent,) = disagreements(joined).filter(pl.col("indicator") == "J-05")["innocent"].unique()
    assert "read with a wrong start or time" in innocent
    assert "looks like the beginning of a message" in innocent


def test_a_message_that_stands_elsewhere_in_one_export_agrees_but_is_noted() -> None:
    swapped = [*SAID[:12], SAID[15], *SAID[13:15], SAID[12], *SAID[16:]]
    rows = join(Export("a", SAID), Export("b", swapped)).corroboration.filter(pl.col("conflicts").list.len() > 0)
    assert rows.select("status", "conflicts").unique().rows() == [("agree", ["order"])]
    assert all("elsewhere in the order" in detail for detail in rows["detail"])


def test_an_owner_of_whom_an_export_shows_no_name_is_not_missing_there() -> None:
    """Notices call the owner "You", so that nothing tells by which label the one message was posted."""
    talked = talk(30, ("Boris", "Chidi"), every_s=600)
    short = [Said(9100, "Tendai", "ok"), Said(9110, "Boris", "ok")]  # of two at once, neither tells who is who
    said = sorted([*talked, notice(4000, "joined", "Tendai"), *short], key=lambda one: one.at_s)
    own = [replace(one, event=("joined", "You", ())) if one.event else one for one in said]
    joined = join(Export("a", said, labels={"Tendai": "~ Tendai"}), Export("b", own))
    assert joined.corroboration["status"].unique().to_list() == ["agree"]


def status_of(joined: Joined) -> set[str]:
    return set(joined.corroboration["status"])


def test_a_minute_after_the_clocks_go_forward_is_not_a_conflict_on_a_phone_that_runs_slow() -> None:
    start = int((datetime(2026, 3, 28, 20) - START).total_seconds())
    said = talk(100, PEOPLE, every_s=360, start_s=start)
    jump = int((datetime(2026, 3, 29, 1) - START).total_seconds())
    summer = [replace(one, at_s=one.at_s + 3600 * (one.at_s >= jump)) for one in said]
    late = [replace(one, at_s=one.at_s - 25 + 3600 * (one.at_s - 25 >= jump)) for one in said]
    joined = join(Export("a", summer), Export("b", late, step_s=1), timezone="Europe/London")
    assert status_of(joined) == {"agree"}


def test_two_messages_each_deleted_on_one_phone_are_not_one_with_two_texts() -> None:
    said = talk(60, PEOPLE, every_s=40)
    mine, theirs = without_these(said, 11, 24, 36, 50), without_these(said, 14, 27, 39, 53)
    joined = join(Export("a", mine), Export("b", theirs))
    assert status_of(joined) == {"agree", "one_sided"}


def without_these(said: list[Said], *places: int) -> list[Said]:
    return [one for place, one in enumerate(said) if place not in places]


def other_text(said: list[Said], place: int, text: str) -> list[Said]:
    return [replace(one, text=text) if at == place else one for at, one in enumerate(said)]


def levels(a: list[Said], b: list[Said]) -> list[tuple[str, str]]:
    rows = disagreements(join(Export("a", a), Export("b", b))).filter(pl.col("indicator") == "J-05")
    return rows.select("indicator", "level").unique().rows()


def test_a_mention_printed_as_a_number_and_as_a_name_is_for_information() -> None:
    said = talk(40, PEOPLE)
    number, name = (other_text(said, 20, f"@{who} can you bring the keys") for who in ("447700900123", "Chiyo Tanaka"))
    changed = other_text(said, 20, "@Chiyo Tanaka can you bring the money")
    assert levels(number, name) == [("J-05", "info")]
    assert levels(number, changed) == [("J-05", "contradiction")]


def test_unlike_texts_are_a_contradiction_unless_both_exports_lack_several_messages() -> None:
    said = talk(90, PEOPLE)
    mine, theirs = other_text(said, 45, "yes"), other_text(said, 45, "nobody told me of it")
    assert levels(mine, theirs) == [("J-05", "contradiction")]
    fewer = (without_these(mine, 10, 20, 30), without_these(theirs, 60, 70, 80))
    assert levels(*fewer) == [("J-05", "info")]


def test_an_album_without_captions_is_the_one_with_captions() -> None:
    said = talk(30, PEOPLE, every_s=600)
    plain = [Said(9010 + 15 * i, PEOPLE[1], None, "media") for i in range(4)]
    words = [replace(one, text=f"picture number {i} of the hall") if i % 2 else one for i, one in enumerate(plain)]
    order = [sorted([*said, *album], key=lambda one: one.at_s) for album in (plain, words)]
    joined = join(*(Export(f"export {i}", one) for i, one in enumerate(order)))
    assert status_of(joined) == {"agree"}
    assert joined.corroboration.filter(pl.col("detail").str.contains("words where another has none")).height == 2


def test_a_tenth_of_a_person_s_messages_under_another_name_is_a_conflict_of_senders() -> None:
    said = talk(120, PEOPLE)
    taken = [place for place, one in enumerate(said) if one.label == PEOPLE[0]][3::7]
    given = [replace(one, label=PEOPLE[1]) if place in taken else one for place, one in enumerate(said)]
    joined = join(Export("a", said), Export("b", given, labels={name: f"my {name}" for name in PEOPLE}))
    assert joined.corroboration.filter(pl.col("status") == "sender_conflict").height == len(taken)
