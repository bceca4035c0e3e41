import polars as pl
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.parsing.grammar import align, bare, fold, load_languages
from chatforensics.parsing.notices import EVENTS, LIMITS, Notice, load_pronouns, read_notice, read_notices

LANGUAGES = load_languages()
WORDINGS = [
    (language, event, wording)
    for language, words in LANGUAGES.items()
    for event, wordings in words.get("notices", {}).items()
    for wording in wordings
]
BODIES = {
    *("omitted", "contact_omitted", "attached", "deleted", "deleted_by_admin", "edited", "view_once", "poll"),
    *("poll_option", "location", "live_location", "call"),
}
# Languages whose words may have two letters only.
SHORT_WORDS = ("zh", "ja", "ko", "th", "lo", "km", "my")
FIELD = regex.compile(r"\{(\w+)(?:=([^{}]*))?\}")


def pieces(wording: str) -> list[str]:
    return regex.split(
        r"\{\w+\}", FIELD.sub(lambda field: field[2] if field[2] is not None else field[0], fold(wording))
    )


def read_file(*texts: str) -> dict[str, dict[str, object]]:
    return {row["text"]: row for row in read_notices(pl.Series(texts)).iter_rows(named=True)}


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("You were added", Notice("added", None, ("You",), language="en")),
        ("Ama added you", Notice("added", "Ama", ("You",), language="en")),
        ("\u200eAma added Ben, Li Wei, and Zoë", Notice("added", "Ama", ("Ben", "Li Wei", "Zoë"), language="en")),
        ("+44 7700 900123 joined using this group's invite link", Notice("joined", "+44 7700 900123", language="en")),
        ("Ben joined using this group\u2019s invite link", Notice("joined", "Ben", language="en")),
        ("Ama removed Ben", Notice("removed", "Ama", ("Ben",), language="en")),
        ("Ben left", Notice("left", "Ben", language="en")),
        ("Ben changed to +44 7700 900456", Notice("number_changed", "Ben", (), None, "+44 7700 900456", "en")),
        ("You created this group", Notice("created", "You", language="en")),
        ("Ama changed this group's icon", Notice("icon_changed", "Ama", language="en")),
        ("Ama hat Ben hinzugefügt.", Notice("added", "Ama", ("Ben",), language="de")),
        ("Ama a ajouté Ben et Zoë", Notice("added", "Ama", ("Ben", "Zoë"), language="fr")),
        ("Ama lisäsi henkilön Ben", Notice("added", "Ama", ("Ben",), language="fi")),
    ],
)
def test_a_notice_is_typed_by_its_wording(text: str, want: Notice) -> None:
    assert read_notice(text) == want


def test_the_words_of_nobody_known_are_of_unknown_type() -> None:
    assert read_notice("Dinner at eight") == Notice("unknown")


def test_encryption_is_told_by_its_words_whatever_follows() -> None:
    known = "Messages and calls are end-to-end encrypted."
    assert read_notice(known).event == read_notice(known + " Sentences of some later year.").event == "encryption"


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("Ama removed the group icon", "icon_changed"),
        ("Ama added this group to the community “Well diggers”", "community_changed"),
        ("Nadia hat dich dieser Gruppe und der Community „Chor“ hinzugefügt.", "added"),
        ("You removed Olga from the community", "removed"),
        ("Eliminaste el ícono de este grupo", "icon_changed"),
    ],
)
def test_the_special_wording_wins_over_the_general_one(text: str, event: str) -> None:
    assert read_notice(text).event == event


def test_a_verb_that_says_you_by_its_form_names_you() -> None:
    assert read_notice("Añadiste a Zoë y Li Wei.") == Notice("added", "You", ("Zoë", "Li Wei"), language="es")


@pytest.mark.parametrize(
    ("text", "actor", "targets"),
    [
        ("Mehmet te añadió", "Mehmet", ("You",)),
        ("Du hast Ben hinzugefügt", "You", ("Ben",)),
        ("Ama hat dich hinzugefügt.", "Ama", ("You",)),
        ("you left", "You", ()),
    ],
)
def test_whoever_made_the_export_is_you_in_any_language(text: str, actor: str, targets: tuple[str, ...]) -> None:
    notice = read_notice(text)
    assert (notice.actor, notice.targets) == (actor, targets)


def test_a_pronoun_of_another_language_is_a_name() -> None:
    assert read_notice("Dich left").actor == "Dich"
    assert "te" in load_pronouns("es")
    assert "dich" in load_pronouns("de")
    assert "dich" not in load_pronouns("es")


def test_values_are_printed_letters_not_folded_ones() -> None:
    # Ligature, full-width letters, no-break space and a mark inside the name.
    name = "ﬁﬁ Ａma\u00a0\u200eŞÜK"
    assert read_notice(f"\u2068{name}\u2069 left").actor == name


def test_old_and_new_subject_are_told_apart() -> None:
    notice = read_notice("Olga changed the subject from “a to b” to “c”")
    assert (notice.event, notice.old, notice.new) == ("subject_changed", "a to b", "c")


def test_a_notice_of_two_lines_is_none() -> None:
    assert read_notice("Ama\nleft").event == "unknown"


def test_the_language_of_the_file_decides_between_two_languages_that_fit() -> None:
    both = next(text for text in ("Olga la til Bo",) if read_notice(text).event == "added")
    norwegian = read_file(both, "Ama endret emnet til «Brønn»", "Ama fjernet Bo")
    assert {row["language"] for row in norwegian.values()} == {"nb"}


def test_a_short_wording_of_another_language_is_not_taken_in_a_file_that_does_not_speak_it() -> None:
    foreign = "Ben hat Ama entfernt"
    fitting = read_notice(foreign)
    assert (fitting.event, fitting.language) == ("removed", "de")
    short = "Bo saiu"
    assert read_notice(short).language == "pt"
    english = ["Ama joined using this group's invite link", "Ben changed the group description", short]
    assert read_file(*english)[short]["event"] == "unknown"


def test_each_distinct_text_gets_one_row_and_nulls_none() -> None:
    typed = read_notices(pl.Series(["Ama left", None, "Ama left", "Dinner at eight"]))
    assert typed["text"].to_list() == ["Ama left", "Dinner at eight"]
    assert typed["language"].to_list() == ["en", None]


def test_no_texts_give_no_rows() -> None:
    assert read_notices(pl.Series([], dtype=pl.String)).is_empty()


def test_many_texts_are_typed_as_each_of_them_alone() -> None:
    texts = [
        f"{name} {what}" for name in ("Ama", "Zoë", "李伟") for what in ("left", "added Ben", "and I dined", "joined")
    ]
    texts += [f"{name} joined using this group's invite link" for name in "abcdefghijklmnop"]
    many = read_notices(pl.Series(texts))
    assert many["event"].to_list() == [read_notice(text).event for text in texts]
    assert len(texts) > 20  # or they are searched one by one


def test_a_long_line_is_typed_in_no_time() -> None:
    assert read_notice("a added " * 20_000).event == "unknown"
    assert read_notice("a added " * 300).event == "added"


@given(st.text(max_size=200))
def test_reading_never_fails_and_every_value_stands_in_the_text(text: str) -> None:
    notice = read_notice(text)
    values = [notice.actor, *notice.targets, notice.old, notice.new]
    assert all(value is None or value in text or value == "You" for value in values)


@given(st.sampled_from(WORDINGS), st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30))
def test_every_wording_is_typed_whatever_the_names(found: tuple[str, str, str], name: str) -> None:
    _, _, wording = found
    filled = FIELD.sub(lambda field: field[2] if field[2] is not None else f"x{bare(name)}x", wording)
    assert read_notice(filled).event != "unknown"


@given(st.text(max_size=60))
def test_every_folded_letter_has_its_place_in_the_text(text: str) -> None:
    places = align(text)
    assert len(places) == len(fold(text)) + 1
    assert list(places) == sorted(places)
    assert places[-1] == len(text)


@given(st.text(max_size=20), st.text(max_size=20))
def test_folding_twice_is_folding_once(first: str, second: str) -> None:
    visible = fold(first + second)
    assert all(mark not in visible for mark in "\u200e\u2068\u202f’“")


# The language files.


def test_no_wording_has_only_words_that_stand_anywhere() -> None:
    loose = []
    for language, event, wording in WORDINGS:
        longest = max(len(piece.replace(" ", "")) for piece in pieces(wording))
        if longest < (2 if language.startswith(SHORT_WORDS) else 3):
            loose.append((language, event, wording))
    assert loose == []


def test_no_wording_is_listed_under_two_events() -> None:
    events: dict[tuple[str, str], set[str]] = {}
    for language, event, wording in WORDINGS:
        events.setdefault((language, fold(wording)), set()).add(event)
    assert [wording for wording, some in events.items() if len(some) > 1] == []


def test_every_event_and_every_field_is_known() -> None:
    assert {event for _, event, _ in WORDINGS} <= set(EVENTS)
    fields = [(*found, field[0]) for found in WORDINGS for field in FIELD.findall(found[2]) if field[0] not in LIMITS]
    assert fields == []
    unclosed = [found for found in WORDINGS if regex.search("[{}]", FIELD.sub("", found[2]))]
    assert unclosed == []


def test_behind_a_name_or_value_there_are_words() -> None:
    # Otherwise the name would be its first letter. Behind {rest}, which then is empty, nothing is lost.
    adjacent = [found for found in WORDINGS if regex.search(r"\{(?!rest)\w+\}\{\w+\}", found[2])]
    assert adjacent == []


def test_every_body_wording_has_a_known_kind() -> None:
    assert {kind for words in LANGUAGES.values() for kind in words.get("bodies", {})} <= BODIES


def test_a_word_for_and_is_no_part_of_a_name() -> None:
    joiners = [(tag, joiner) for tag, words in LANGUAGES.items() for joiner in words.get("and", ())]
    within = [found for found in joiners if regex.fullmatch(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Arabic}]+", found[1])]
    assert within == []
