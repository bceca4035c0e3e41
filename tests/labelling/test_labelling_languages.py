"""Names and stances out of instructions in every covered language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.labelling.directives import choose_languages, load_languages, load_wordings
from chatforensics.labelling.slates import find_instructions


def told(text: str) -> list[tuple[str, str]]:
    return [(each.name, each.stance) for each in find_instructions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kal sab Leila Marsh ko vote dein, Cllr Moss ko bilkul vote na dena",
         [("Leila Marsh", "for"), ("Cllr Moss", "against")]),
        ("is baar sirf patang par mohar lagana hai", [("patang", "for")]),
        ("Pehle paper pe Emeka Udo select karna", [("Emeka Udo", "for")]),
        ("کل اپنا ووٹ صرف نادیہ فیرو کو دیں", [("نادیہ فیرو", "for")]),
        ("پرانی کمیٹی کو ووٹ نہ دیں، نئے پینل پر مہر لگائیں", [("پرانی کمیٹی", "against"), ("نئے پینل", "for")]),
        ("सचिव के लिए अनवर भाई को ही चुनें, मोहन को वोट मत देना", [("अनवर भाई", "for"), ("मोहन", "against")]),
        ("ਗੁਰਦੁਆਰਾ ਕਮੇਟੀ ਵਿੱਚ ਸੇਵਾ ਗਰੁੱਪ ਨੂੰ ਵੋਟ ਪਾਓ", [("ਸੇਵਾ ਗਰੁੱਪ", "for")]),
        ("পিটার আর শিরিনকে ভোট দিন", [("পিটার", "for"), ("শিরিন", "for")]),
        ("sobai Lucy apa ke vote din, purono Farid ke vote diben na", [("Lucy apa", "for"), ("Farid", "against")]),
        ("Votem na Luísa para síndica e não votem no Tarcísio", [("Luísa", "for"), ("Tarcísio", "against")]),
        ("No votes a Garmendia, vota a Rosario", [("Garmendia", "against"), ("Rosario", "for")]),
        ("Votez pour Fatoumata, ne votez pas pour Lacroze", [("Fatoumata", "for"), ("Lacroze", "against")]),
        ("Głosujcie na Halinę Mroczek, nie głosujcie na Hughesa",
         [("Halinę Mroczek", "for"), ("Hughesa", "against")]),
        ("انتخبوا الزميلة سميرة ولا تصوتوا لقائمة الجسر", [("الزميلة سميرة", "for"), ("قائمة الجسر", "against")]),
        ("Pleidleisiwch dros Nia Prydderch, peidiwch â phleidleisio dros Rhodri",
         [("Nia Prydderch", "for"), ("Rhodri", "against")]),
    ],
)  # fmt: skip
def test_each_language_says_for_and_against_in_its_own_order(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vote 17 on Thursday", [("17", "for")]),
        ("Vote NO on question 2", [("question 2", "against")]),
        ("YES to strike action", [("strike action", "for")]),
        ("NO to the merger", [("merger", "against")]),
        ("please vote for the Orange list", [("Orange", "for")]),
        ("tick 2, tick 5", [("2", "for"), ("5", "for")]),
        ("Motion 11 FOR, motion 12 AGAINST", [("Motion 11", "for"), ("motion 12", "against")]),
        ("#VoteFarah", [("Farah", "for")]),
        ("vote for @nadia_f", [("nadia_f", "for")]),
        ("✅ Wanda Reis\n❌ Omar Lind", [("Wanda Reis", "for"), ("Omar Lind", "against")]),
        ("Federal 4️⃣0️⃣7️⃣7️⃣ Salim Barakat, vota confirma", [("Salim Barakat", "for")]),
        ("Our slate is Esra Yilmaz, P. Kowalczyk and Dr Obi", [
            ("Esra Yilmaz", "for"), ("P. Kowalczyk", "for"), ("Dr Obi", "for")]),
        ("Delegates: Nwachukwu, Bielak, Tse. Only these", [
            ("Nwachukwu", "for"), ("Bielak", "for"), ("Tse", "for")]),
        ("Vote Adjei 1, Pugh 2", [("Adjei", "for"), ("Pugh", "for")]),
    ],
)  # fmt: skip
def test_numbers_lists_symbols_and_options_are_names(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a text is going round telling us to vote for Ada Osei",
        "In alphabetical order the candidates are Ada Osei and Jan Novak, vote for whom you like",
        "vote for me please",
        "just vote no",
        "vote today before 5 pm",
    ],
)
def test_what_is_reported_or_names_nobody_gives_no_name(text: str) -> None:
    assert told(text) == []


def test_whoever_asks_for_a_vote_for_themselves_is_named_by_their_signature() -> None:
    assert told("I'm standing for treasurer, please vote for me. Anders Holm") == [("Anders Holm", "for")]


def test_a_short_instruction_in_unknown_words_gives_the_name_it_holds() -> None:
    assert told("tell auntie the committee is Grace Wambui, that one she should mark") == [("Grace Wambui", "for")]


def test_a_name_may_be_broken_across_lines_as_pictures_give_it() -> None:
    assert told("on Friday please vote for\nAda Osei and\njan novak") == [("Ada Osei", "for")]


def test_english_is_read_where_a_text_does_not_tell_its_language() -> None:
    assert choose_languages("Ada!") == ("en",)
    assert choose_languages("🗳") == ("en",)


def test_scripts_and_small_words_choose_the_languages() -> None:
    assert "bn" in choose_languages("ভোট")
    assert "ur" in choose_languages("ووٹ دیں")
    assert "ar" in choose_languages("صوتوا")
    assert "pt" in choose_languages("vota no vereador que você conhece")


@pytest.mark.parametrize("language", sorted(load_languages()))
def test_each_language_has_wordings_that_are_ready_for_use(language: str) -> None:
    wordings = load_wordings((language,))
    assert all(
        each.kind == "step" or each.stance in ("for", "against", "trigger", "none") for each in wordings.directives
    )
    assert all(
        each.place in ("before", "after", "either", "about", "back", "all", "office") for each in wordings.directives
    )
    assert all(each.names in ("capital", "number", "plain", "thing", "one") for each in wordings.directives)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.lists(st.sampled_from([
    "ko vote dein ", "vote for ", "کو ووٹ دیں ", "কে ভোট দিন ", "votem na ", "não vote em ", "1. ", "✅ ", "\n", ": ",
    "Ada Osei ", "آدا ", "NO to ", "(", "5", " and ", ", ",
]), max_size=8))  # fmt: skip
@pytest.mark.slow
def test_no_text_is_refused_and_every_name_stands_in_it(text: str, parts: list[str]) -> None:
    whole = text + "".join(parts)
    for each in find_instructions(whole):
        assert each.name
        assert " ".join(whole[each.start : each.end].split()) == each.name
