"""Disguised letters, read as what they show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.labelling import classify_texts
from chatforensics.labelling.plain import read_plainly

ASKED = "Ward ballot: vote for Ines Duarte"


@pytest.mark.parametrize(
    ("disguised", "shown"),
    [
        ("𝐯𝐨𝐭𝐞 𝑓𝑜𝑟 𝟏", "vote for 1"),
        ("ｖｏｔｅ", "vote"),
        ("Ⓥⓞⓣⓔ 🅵🅞🅡", "Vote FOR"),
        ("ᴠᴏᴛᴇ", "vote"),
        ("v\u200bo\u00adt\u2060e", "vote"),
        ("v\u043ete f\u03bfr", "vote for"),
        ("v\u200b\u043ete", "vote"),
    ],
)
def test_a_disguised_word_is_read_as_it_shows(disguised: str, shown: str) -> None:
    assert read_plainly([disguised])[0].text == shown


@pytest.mark.parametrize(
    "text", ["за кого", "Ωμέγα", "@\u2068Ana Obi\u2069 hi", "می\u200cدهم", "1️⃣ 🅰️ or 🅱️", "c\u043eвет"]
)
def test_letters_that_disguise_nothing_stay(text: str) -> None:
    assert read_plainly([text])[0].text == text


@given(st.text(st.sampled_from("vote fор\u200b\u00ad𝐯😂")))
def test_every_letter_of_the_copy_has_its_place_in_the_text(text: str) -> None:
    (plain,) = read_plainly([text])
    for place in range(len(plain.text)):
        back = plain.carry_back({"start": place, "end": place + 1})
        original = text[back["start"] : back["end"]]
        assert len(original) == 1
        assert read_plainly([f"o{original}o"])[0].text[1:-1] == plain.text[place] or original == plain.text[place]


@pytest.mark.parametrize("word", ["𝐯𝐨𝐭𝐞", "v\u200bo\u200bt\u200be", "v\u043ete"])
def test_a_disguised_instruction_is_read_as_the_plain_one(word: str) -> None:
    text = ASKED.replace("vote", word)
    plain, disguised = classify_texts([ASKED, text])
    assert disguised["slate_instruction"]["probability"] == plain["slate_instruction"]["probability"]
    assert disguised["slates"] == plain["slates"]
    places = {text[span["start"] : span["end"]] for span in disguised["slate_instruction"]["spans"]}
    assert f"{word} for" in places
