from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import WORDS, Export, Said, join, notice, tables, talk

from chatforensics.errors import UsageError
from chatforensics.joining import join_exports
from chatforensics.joining.alignment import components
from chatforensics.schema import Sources

PEOPLE = ("Aroha", "Bilal", "Chiara")


def chat_count(*exports: Export) -> int:
    return join(*exports).chats.height


def test_two_exports_of_one_conversation_are_one_chat_whatever_their_names_and_zones() -> None:
    said = talk(12, PEOPLE)
    there = Export("b", said, title="Choir", ahead_s=5 * 3600 + 40, step_s=1, labels={"Aroha": "Auntie"})
    assert chat_count(Export("a", said, title="Singers"), there) == 1


def test_chats_that_share_a_few_forwards_stay_apart() -> None:
    forwards = [Said(6000 + 40 * i, "Dmitri", f"please pass on this long notice {i}") for i in range(4)]
    chats = [sorted([*talk(40, PEOPLE, topic=topic), *forwards], key=lambda said: said.at_s) for topic in ("a", "b")]
    assert chat_count(*(Export(f"export {i}", said) for i, said in enumerate(chats))) == 2


def test_the_same_texts_at_unrelated_times_are_not_one_chat() -> None:
    said = talk(8, PEOPLE)
    moved = [Said(s.at_s + 7000 * place**2, s.label, s.text) for place, s in enumerate(said)]
    assert chat_count(Export("a", said), Export("b", moved)) == 2


def test_the_same_texts_in_reverse_order_are_not_one_chat() -> None:
    said = talk(8, PEOPLE, every_s=5)
    turned = [Said(said[-1 - place].at_s, s.label, s.text) for place, s in enumerate(said)][::-1]
    assert chat_count(Export("a", said), Export("b", turned)) == 2


@pytest.mark.parametrize(("shared", "chats"), [(2, 2), (3, 1)])
def test_three_shared_texts_are_needed(shared: int, chats: int) -> None:
    both = talk(shared, PEOPLE)
    own = [Said(100_000, "Bilal", "something that only one of the two exports shows")]
    assert chat_count(Export("a", both), Export("b", [*both, *own])) == chats


def test_everyday_sentences_that_recur_by_chance_do_not_hide_a_short_overlap() -> None:
    both = talk(12, PEOPLE, start_s=400_000)
    often = [f"an everyday sentence that recurs {i}" for i in range(40)]
    first = [Said(9000 * i, "Dmitri", text) for i, text in enumerate(often)]
    later = [Said(500_000 + 7001 * i, "Chiara", text) for i, text in enumerate(often)]
    assert chat_count(Export("a", [*first, *both]), Export("b", [*both, *later])) == 1
    assert chat_count(Export("a", first), Export("b", later)) == 2


def test_clocks_more_than_a_day_apart_are_not_aligned() -> None:
    said = talk(12, PEOPLE)
    assert chat_count(Export("a", said), Export("b", said, ahead_s=3 * 86_400)) == 2


def test_short_texts_do_not_align_chats() -> None:
    said = [Said(60 * i, PEOPLE[i % 3], f"ok {i}") for i in range(30)]
    assert chat_count(Export("a", said), Export("b", said[:-1])) == 2


def test_one_text_in_two_containers_is_one_chat_however_short() -> None:
    said = [Said(0, "Aroha", "hello"), Said(60, "Bilal", "hi")]
    other = [Said(0, "Aroha", "hello"), Said(60, "Bilal", "oh")]
    assert chat_count(Export("a", said), Export("b", said)) == 1
    assert chat_count(Export("a", said), Export("b", other)) == 2


def test_an_export_that_begins_later_is_the_same_chat() -> None:
    said = talk(60, PEOPLE)
    assert chat_count(Export("a", said), Export("b", said[40:])) == 1


def test_more_exports_than_are_compared_directly_still_make_one_chat() -> None:
    said = talk(12, PEOPLE)
    assert chat_count(*(Export(f"phone {i}", said, ahead_s=i) for i in range(9))) == 1


def test_a_chat_is_named_after_its_smallest_export_and_keeps_the_commonest_title() -> None:
    said = talk(6, PEOPLE)
    exports = [Export("a", said, title="Zebra"), Export("b", said, title="Zebra"), Export("c", said, title="Aardvark")]
    (chat,) = join(*exports).chats.to_dicts()
    assert chat["title"] == "Zebra"
    assert chat["source_ids"] == sorted(export.source_id for export in exports)
    assert chat["chat_id"].startswith("chat-")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=14))
def test_components_are_those_of_a_walk_along_the_links(links: list[tuple[int, int]]) -> None:
    frame = pl.DataFrame(links, schema={"a": pl.Int64, "b": pl.Int64}, orient="row")
    found = components(frame, n_nodes=12).to_list()
    for node in range(12):
        reached = {node}
        while more := {y for a, b in links for x, y in ((a, b), (b, a)) if x in reached} - reached:
            reached |= more
        assert found[node] == min(reached)


def forwards(n: int, senders: tuple[str, ...]) -> list[Said]:
    return talk(n, senders, every_s=1200, topic="forward")


def in_time(*parts: list[Said]) -> list[Said]:
    return sorted((said for part in parts for said in part), key=lambda said: said.at_s)


@pytest.mark.parametrize("own", [0, 10, 25, 29])
@pytest.mark.parametrize("every_s", [1200, 5])
def test_groups_to_which_one_person_forwards_everything_at_once_stay_apart(own: int, every_s: int) -> None:
    mine = talk(own, PEOPLE, every_s=every_s, start_s=420, topic="mine")
    theirs = talk(own, ("Zola", "Yves", "Xiu"), every_s=every_s, start_s=540, topic="theirs")
    extra = [Said(600, "Bilal", "a text that only this group holds")]
    exports = (in_time(forwards(30, ("Hub",)), part) for part in ([*mine, *extra], theirs))
    assert chat_count(*(Export(f"group {place}", said) for place, said in enumerate(exports))) == 2


@pytest.mark.parametrize("own", [6, 29])
def test_groups_to_which_several_people_forward_everything_at_once_stay_apart(own: int) -> None:
    mine = talk(own, PEOPLE, every_s=1200, start_s=420, topic="mine")
    theirs = talk(own, ("Zola", "Yves", "Xiu"), every_s=1200, start_s=540, topic="theirs")
    exports = (in_time(forwards(30, ("Hub", "Ife")), part) for part in (mine, theirs))
    assert chat_count(*(Export(f"group {place}", said) for place, said in enumerate(exports))) == 2


def test_a_group_that_holds_only_what_was_forwarded_is_not_the_one_that_holds_more() -> None:
    more = in_time(forwards(30, ("Hub", "Ife")), talk(29, PEOPLE, every_s=1200, start_s=420, topic="mine"))
    assert chat_count(Export("a", more), Export("b", forwards(30, ("Hub", "Ife")))) == 2


def test_groups_that_share_forwards_and_have_only_short_texts_besides_stay_apart() -> None:
    shorts = ([Said(1200 * i + 200 * place, "Bilal", f"fine {place}") for i in range(20)] for place in (1, 2))
    exports = (in_time(forwards(30, ("Hub", "Ife")), part) for part in shorts)
    assert chat_count(*(Export(f"group {place}", said) for place, said in enumerate(exports))) == 2


def test_one_short_text_that_meets_another_by_chance_is_no_second_sender() -> None:
    exports = (in_time(forwards(30, ("Hub",)), [Said(700 + place, f"Reader {place}", "ok")]) for place in range(2))
    assert chat_count(*(Export(f"group {place}", said) for place, said in enumerate(exports))) == 2


def test_a_one_to_one_chat_in_which_one_person_only_says_ok_is_one_chat() -> None:
    said = in_time(talk(8, ("Aroha",)), [Said(150 + 600 * i, "Bilal", "ok") for i in range(3)])
    assert chat_count(Export("a", said), Export("b", said, labels={"Bilal": "Bil"})) == 1


def test_exports_that_share_captions_only_are_read_and_stay_apart() -> None:
    said = [replace(s, kind="media") for s in talk(12, PEOPLE)]
    assert chat_count(Export("a", said), Export("b", said[:-1])) == 2


def test_deleted_and_altered_texts_do_not_part_a_chat() -> None:
    said = talk(60, PEOPLE)
    mine = [replace(s, text=f"altered {place}") if place % 20 == 7 else s for place, s in enumerate(said)]
    theirs = [s for place, s in enumerate(said) if place % 20 != 11]
    assert chat_count(Export("a", mine), Export("b", theirs)) == 1


def test_an_absence_or_the_loss_of_all_texts_of_one_person_does_not_part_a_chat() -> None:
    said = talk(60, PEOPLE)
    assert chat_count(Export("a", said), Export("b", [*said[:20], *said[45:]])) == 1
    assert chat_count(Export("a", said), Export("b", [s for s in said if s.label != "Bilal"])) == 1


def test_a_phone_that_changed_its_zone_for_a_while_is_still_in_the_chat() -> None:
    said = in_time(talk(60, PEOPLE), [Said(300 * i + 100, PEOPLE[i % 3], "yes") for i in range(60)])
    away = [replace(s, at_s=s.at_s + 7200) if 80 < place < 110 else s for place, s in enumerate(said)]
    assert chat_count(Export("a", said), Export("b", away)) == 1


def test_whoever_deletes_or_alters_a_third_of_an_export_does_not_make_it_another_chat() -> None:
    said = talk(90, PEOPLE)
    fewer = [s for place, s in enumerate(said) if place % 4]
    altered = [replace(s, text=f"altered {place}") if place % 5 == 2 else s for place, s in enumerate(said)]
    assert chat_count(Export("a", said), Export("b", fewer)) == 1
    assert chat_count(Export("a", said), Export("b", altered)) == 1
    assert chat_count(Export("a", fewer), Export("b", altered)) == 1


def test_two_groups_of_the_same_people_that_share_forwards_stay_apart() -> None:
    groups = (
        in_time(forwards(30, PEOPLE), talk(own, PEOPLE, every_s=1200, start_s=start, topic=topic))
        for own, start, topic in ((29, 420, "mine"), (25, 540, "theirs"))
    )
    assert chat_count(*(Export(f"group {place}", said) for place, said in enumerate(groups))) == 2


def came_and_went(*at_s: int) -> list[Said]:
    return [notice(t, "joined" if place % 2 else "left", PEOPLE[place % 3]) for place, t in enumerate(at_s)]


def test_an_announcement_group_is_one_chat_where_notices_agree() -> None:
    posted = forwards(30, ("Hub",))
    group, other = came_and_went(900, 5000, 9000), came_and_went(1900, 6100, 12_000)
    assert chat_count(Export("a", in_time(posted, group)), Export("b", in_time(posted, group))) == 1
    assert chat_count(Export("a", in_time(posted, group)), Export("b", in_time(posted, other))) == 2
    for other_name, n in (("Choir", 1), ("Garden", 2)):
        names = ("Choir", other_name)
        begins = ([Said(-60, None, name, "system", ("created", "Hub", ()), new=name)] for name in names)
        exports = [in_time(begin, posted, group) for begin in begins]
        exports[0].append(Said(99_000, "Hub", "one more"))
        assert chat_count(*(Export(f"export {place}", said) for place, said in enumerate(exports))) == n


def test_shorter_texts_align_a_small_chat_where_few_exports_hold_them() -> None:
    said = [Said(300 * i, PEOPLE[i % 2], f"see you {WORDS[i]}") for i in range(8)]
    assert chat_count(Export("a", said), Export("b", said, ahead_s=7200, labels={"Aroha": "Auntie"})) == 1
    assert chat_count(Export("a", said[:3]), Export("b", [*said[:3], Said(9000, "Aroha", "fine")])) == 2


def in_turn(after_s: int = 0, name: str = "Choir") -> tuple[Export, Export]:
    """Return two exports of a group whose owners were in it one after the other."""
    begin = notice(0, "created", "Boris", new=name)
    early, late = talk(9, PEOPLE, topic="early"), talk(9, PEOPLE, start_s=90_000, topic="late")
    first = Export("a", [notice(0, "created", "Boris", new="Choir"), *early])
    return first, Export("b", [replace(begin, at_s=after_s), *late], ahead_s=18_000)


def test_exports_without_a_common_text_are_one_chat_where_both_show_its_creation() -> None:
    assert chat_count(*in_turn()) == 1
    assert chat_count(*in_turn(name="Garden")) == 2
    assert chat_count(*in_turn(after_s=420)) == 2


def test_two_groups_created_under_one_name_at_one_time_stay_apart_where_both_show_other_talk() -> None:
    begin = notice(0, "created", "Boris", new="Choir")
    exports = (Export(topic, [begin, *talk(9, PEOPLE, start_s=600, topic=topic)]) for topic in ("early", "late"))
    assert chat_count(*exports) == 2


def test_a_declared_chat_joins_and_parts() -> None:
    apart = (Export("a", talk(9, PEOPLE, topic="a")), Export("b", talk(9, PEOPLE, topic="b")))
    same = (Export("a", talk(9, PEOPLE)), Export("b", talk(9, PEOPLE)), Export("c", talk(9, PEOPLE)))
    for exports, declared, n in ((apart, ("x", "x"), 1), (same, ("x", "y", "x"), 2), (same, (None, None, None), 1)):
        assert declared_count(exports, declared) == n
    with pytest.raises(UsageError, match="of another chat than exports that show the same messages as a third"):
        declared_count(same, ("x", "y", None))


def declared_count(exports: tuple[Export, ...], declared: tuple[str | None, ...]) -> int:
    sources, messages, events = tables(*exports)
    stated = sources.with_columns(declared_chat=pl.Series(declared, dtype=pl.String))
    return join_exports(Sources(stated), messages, events, timezone="UTC").chats.height


def pictures(
    late_s: int = 0, words: tuple[str, str] = ("image omitted", "image omise")
) -> tuple[list[Said], list[Said]]:
    """Return what phones in two languages show of a chat of pictures, the second some seconds off at one place."""
    made = [Said(400 * i + i * i, PEOPLE[i % 7 == 3], None, ("media", "contact", "media")[i % 3]) for i in range(16)]
    texts = [[*made[:8], replace(made[8], kind="text", text=text), *made[9:]] for text in words]
    return texts[0], [replace(one, at_s=one.at_s + late_s * (place == 5)) for place, one in enumerate(texts[1])]


@pytest.mark.parametrize(("late_s", "step_s", "n"), [(0, 1, 1), (2, 1, 1), (4, 1, 2), (0, 60, 2)])
def test_a_chat_of_pictures_is_one_where_every_record_agrees_to_the_second(late_s: int, step_s: int, n: int) -> None:
    one, other = pictures(late_s)
    exports = (
        Export("a", one, step_s=step_s),
        Export("b", other, step_s=step_s, ahead_s=3600, labels={"Aroha": "Moi"}),
    )
    assert chat_count(*exports) == n


def test_pictures_by_one_person_or_of_other_kinds_do_not_join_chats() -> None:
    one, other = pictures()
    alone = [[replace(said, label="Hub") for said in export] for export in (one, other)]
    assert chat_count(*(Export(f"export {place}", said, step_s=1) for place, said in enumerate(alone))) == 2
    assert chat_count(Export("a", one, step_s=1), Export("b", other[1:], step_s=1)) == 2
    mixed = [*other[:2], replace(other[2], kind="location"), *other[3:]]
    assert chat_count(Export("a", one, step_s=1), Export("b", mixed, step_s=1)) == 2
