import polars as pl
from joining.phones import Export, join, notice, talk

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
    one = Export("a", talk(6, PEOPLE), folder="x")
    other = Export("b", talk(6, ("Ebele", "Hemi", "Ida"), topic="b"), folder="x")
    assert exporters(one, other) == ["Ebele", "Ebele"]
    assert exporters(Export("a", one.said, folder="x"), Export("b", other.said, folder="y")) == [None, None]


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
