import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from package.secretsworld import PARTY, a_dossier, rules, write_files

from chatforensics.package.folding import fold, fold_with_places
from chatforensics.package.hidden import Secret, Secrets
from chatforensics.package.leaks import Leak, find_leaks
from chatforensics.package.likely import find_likely
from chatforensics.package.masks import find_masks
from chatforensics.package.redaction import redact_dossier
from chatforensics.package.spellings import list_spellings

CODE = r"P-[A-Z2-7]{10}"


def _redact(text: str, label: str, *more: str) -> str:
    people = {0: (PARTY,), 1: (label,)}
    done, told = redact_dossier(a_dossier(people, [text, *more]), rules())
    assert find_leaks(write_files(done), told) == []
    return str(done.tables["messages"]["text"][0])


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("Siobhán O’Brien", "Siobhán O'Brien"),
        ("Siobhán O’Brien", "SIOBHAN OʼBRIEN"),
        ("Siobhán O'Brien", "Siobhán O`Brien"),
        ("Kwame Mensah-Bonsu", "Kwame Mensah Bonsu"),
        ("Kwame Mensah Bonsu", "Kwame Mensah\u2011Bonsu"),
        ("Kwame Mensah Bonsu", "Kwame_Mensah_Bonsu"),
        ("Dilys Vaughan", "*Dilys* Vaughan"),
        ("Dilys Vaughan", "_Dilys_ ~Vaughan~"),
        ("Dilys Vaughan", "Vaughan, Dilys"),
        ("สมชาย ใจดี", "สมชายใจดี"),
        ("王 小明", "王小明"),
        ("محمد العلي", "مُحَمَّد العَلي"),
        ("محمد العلي", "محـمد العلي"),
        ("Olu 🌟 Ade", "Olu Ade"),
        ("José Núñez", "Jose Nunez"),
        ("José Núñez", "José Nunez"),
    ],
)
def test_a_name_is_found_as_people_spell_it(label: str, written: str) -> None:
    assert re.fullmatch(rf"ask: [*_~]*\[{CODE}\][*_~]*, now", _redact(f"ask: {written}, now", label))


def test_a_name_in_a_mention_is_somebodys_even_where_nobody_is_known_by_it() -> None:
    told = _redact("hi @\u2068Piotr Brzeska\u2069 and Piotr Brzeska, @\u2068everyone\u2069", "Ama Owusu")
    assert re.fullmatch(rf"hi @\u2068\[{CODE}\]\u2069 and \[{CODE}\], @\u2068everyone\u2069", told)


def test_a_turned_name_is_not_made_of_two_names_in_a_list() -> None:
    assert _redact("Hana Mensah, Ama Kudo", "Ama Mensah") == "Hana Mensah, Ama Kudo"


def test_a_name_that_is_a_word_goes_where_its_capital_letter_tells_it() -> None:
    assert _redact("I will. Will you? will\nWill they", "Will") == "I will. Will you? will\nWill they"
    assert re.fullmatch(rf"ask \[{CODE}\], he will", _redact("ask Will, he will", "Will"))


@pytest.mark.parametrize(
    "written",
    [
        "07700,900,456",
        "07700  900456",
        "07700   900   456",
        "07700*900*456",
        "07700_900_456",
        "07700/900/456",
        "07700\n900456",
        "+44 7700,900,456",
        "".join(f"{digit}\ufe0f\u20e3" for digit in "07700900456"),
        "⓪⑦⑦⓪⓪⑨⓪⓪④⑤⑥",
        "⁰⁷⁷⁰⁰⁹⁰⁰⁴⁵⁶",
    ],
)
def test_a_number_in_unusual_writing_is_masked_whole(written: str) -> None:
    text = f"ring {written} now"
    assert [(mask.kind, text[mask.start : mask.end]) for mask in find_masks(text)] == [("phone", written)]


@pytest.mark.parametrize(
    "text",
    [
        "01/02/2026, 09:00 and 02/02/2026  10:15",
        "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
        "scores 120, 130, 140, 150 and 1,000,000,000",
        "x² + y³ and ①②③",
        "room 012, 3 of 4",
    ],
)
def test_dates_lists_and_powers_are_no_numbers_to_ring(text: str) -> None:
    assert find_masks(text) == []


def test_a_number_that_is_masked_somewhere_is_masked_where_letters_stick_to_it() -> None:
    told = _redact("see 447700900456abc", "Ama Owusu", "call +44 7700 900456")
    assert re.fullmatch(rf"see \[phone {CODE}\]abc", told)


def test_one_word_has_no_other_spelling_and_initials_are_none() -> None:
    assert list_spellings("José") == list_spellings("Will") == list_spellings("🌻") == []
    assert list_spellings("Olu 🌟") == ["Olu"]


@given(st.text(alphabet="aÉé*_~-’'` \u0301ـَ王ก\u200e1\n", max_size=40))
def test_a_text_folds_alike_with_and_without_its_places(text: str) -> None:
    folded = fold_with_places(text)
    assert folded.text == fold(text)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


@pytest.mark.parametrize("piece", ["*", "_a", "~*_", "-", "'", "0\u20e3", "⓪", "0,,", "+1\n", "012/", "0123  "])
def test_ten_thousand_hostile_characters_are_folded_and_masked_in_a_moment(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    before = time.process_time()
    fold(text)
    find_masks(text)
    assert time.process_time() - before < 0.1


@pytest.mark.parametrize(
    "written", ["D.i.l.y.s Vaughan", "dilysvaughan", "#DilysVaughan!", "Dílys / Vaughan", "Dilys 🌟 Vaughan"]
)
def test_what_only_the_coarser_search_finds_is_a_place_to_look_at(written: str) -> None:
    secrets = Secrets(hidden=(Secret(3, "name", "Dilys Vaughan"), Secret(4, "name", "Uzo")))
    content = json.dumps({"message_id": 7, "text": f"so {written}"}).encode()
    assert find_likely({"m.jsonl": content, "m.csv": content}, secrets) == [Leak("m.jsonl", "line 1, message 7", 3)]
    assert find_likely({"m.jsonl": b'{"text": "Dilys, and Ann Vaughan, uzo"}'}, secrets) == []
