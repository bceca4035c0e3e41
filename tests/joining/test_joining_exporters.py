from dataclasses import replace

import polars as pl
from joining.phones import Export, Said, join, label_of, notice, talk

PEOPLE = ("Ebele", "Fionn", "Gulnara")


def exporters(*exports: Export) -> list[str | None]:
    joined = join(*exports)
    names = dict(joined.people.select("person_id", pl.col("labels").list.first()).iter_rows())
    return [names.get(person) for person in joined.sources.sort("path")["custodian_id"]]


def test_in_a_titled_one_to_one_chat_the_exporter_is_the_other() -> None:
    assert exporters(Export("a", talk(4, ("Ebele", "Fionn")), title="Fionn")) == ["Ebele"]


def test_an_untitled_one_to_one_chat_does_not_tell() -> None:
    assert exporters(Export("a", talk(4, ("Ebele", "Fionn")), title=None)) == [None]


def test_the_only_label_in_all_chats_of_a_phone_is_the_exporter() -> None:
    said = {"a": PEOPLE, "b": ("Ebele", "Hemi", "Ida"), "c": ("Ebele", "Hemi", "Jun")}
    chats = [Export(topic, talk(6, people, topic=topic), folder="x") for topic, people in said.items()]
    assert exporters(*chats) == ["Ebele"] * 3
    assert exporters(*(replace(chat, folder=chat.name) for chat in chats)) == [None] * 3


def test_in_two_chats_a_friend_may_post_where_the_exporter_only_reads() -> None:
    said = {"a": PEOPLE, "b": ("Ebele", "Hemi", "Ida")}
    assert exporters(*(Export(t, talk(6, people, topic=t), folder="x") for t, people in said.items())) == [None, None]


def deletion(at_s: float, label: str) -> Said:
    return Said(at_s, label, None, "deleted", deleted_by="You")


def test_whoever_deleted_a_message_that_the_phone_words_as_its_owners_is_the_exporter() -> None:
    said = talk(6, PEOPLE)
    assert exporters(Export("a", [*said, deletion(5000, "Fionn")])) == ["Fionn"]
    assert exporters(Export("a", [*said, Said(5000, "Fionn", None, "deleted", deleted_by="Fionn")])) == [None]


def test_two_labels_with_such_a_deletion_or_another_title_do_not_tell() -> None:
    said = talk(6, PEOPLE[:2])
    assert exporters(Export("a", [*said, deletion(5000, "Ebele"), deletion(6000, "Fionn")])) == [None]
    assert exporters(Export("a", [*said, deletion(5000, "Fionn")], title="Fionn")) == [None]


def test_a_one_to_one_chat_in_which_one_person_posts_is_theirs_if_its_title_is_a_person() -> None:
    said = talk(6, ("Ebele",))
    known = Export("b", talk(6, PEOPLE, topic="b"), folder="x")
    assert exporters(Export("a", said, title="+44 7700 900555")) == ["Ebele"]
    assert exporters(Export("a", said, title="Fionn", folder="x"), known) == ["Ebele", "Ebele"]
    assert exporters(Export("a", said, title="Choir", folder="x"), known) == [None, None]


def test_an_owner_who_would_make_two_labels_of_another_phone_one_person_is_not_named() -> None:
    said = [*talk(12, PEOPLE), notice(5000, "removed", "Fionn", "Gulnara"), notice(6000, "joined", "Gulnara")]
    mine = [*said[:12], notice(5000, "removed", "Fionn", "You"), notice(6000, "joined", "You"), deletion(7000, "Ebele")]
    assert exporters(Export("a", mine), Export("b", said)) == ["Gulnara", None]
    joined = join(Export("a", mine), Export("b", said))
    assert label_of(joined, "Ebele").isdisjoint(label_of(joined, "Gulnara"))


def test_two_founding_members_whom_one_person_added_stay_two() -> None:
    said = [notice(0, "added", "Fionn", "You"), *talk(12, PEOPLE, start_s=60)]
    joined = join(Export("a", [*said, deletion(7000, "Ebele")]), Export("b", [*said, deletion(7300, "Gulnara")]))
    ebele, gulnara = joined.sources.sort("path")["custodian_id"]
    assert {ebele} == label_of(joined, "Ebele")
    assert {gulnara} == label_of(joined, "Gulnara")


def test_two_labels_in_all_chats_do_not_tell() -> None:
    exports = [Export(topic, talk(6, PEOPLE, topic=topic), folder="x") for topic in ("a", "b")]
    assert exporters(*exports) == [None, None]


def test_a_label_that_a_notice_names_is_not_the_exporter() -> None:
    one = Export("a", [*talk(6, PEOPLE), notice(5000, "left", "Ebele")], folder="x")
    other = Export("b", talk(6, ("Ebele", "Hemi", "Ida"), topic="b"), folder="x")
    assert exporters(one, other) == [None, None]


def test_numbers_and_unsaved_names_are_never_the_exporter() -> None:
    for label in ("+44 7700 900444", "~ Ebele"):
        exports = [Export(other, talk(6, (label, other), topic=other), folder="x") for other in ("Hemi", "Ida")]
        assert exporters(*exports) == [None, None]


def test_the_only_poster_whom_no_notice_names_is_the_exporter_where_notices_say_you() -> None:
    named = [notice(0, "created", "You"), notice(1, "added", "You", "Fionn", "Gulnara")]
    assert exporters(Export("a", [*named, *talk(6, PEOPLE, start_s=60)])) == ["Ebele"]
    silent = [notice(0, "created", "Fionn"), notice(1, "added", "Fionn", "Gulnara")]
    assert exporters(Export("b", [*silent, *talk(6, PEOPLE, start_s=60)])) == [None]


def test_posts_of_the_exporter_and_you_in_notices_are_one_person() -> None:
    named = [notice(0, "created", "You"), notice(1, "added", "You", "Fionn", "Gulnara")]
    joined = join(Export("a", [*named, *talk(6, PEOPLE, start_s=60)]))
    assert joined.people.height == 3
    created = joined.memberships.filter(pl.col("from_at") == pl.col("from_at").min())
    assert joined.sources["custodian_id"][0] in created["person_id"].to_list()
