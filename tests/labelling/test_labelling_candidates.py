"""The list of candidates: its form, its spellings, and what it finds in a text."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.errors import UsageError
from chatforensics.labelling.candidates import known_names, read_candidates
from chatforensics.labelling.slates import find_instructions
from chatforensics.labelling.spelling import is_within, read_words

LIST = "name,variants\nAmara Osei,Amara Oseii;A. Osei\nTariq Mahmood,\nFarida Haidari,\nBilal Haidari,\n"
CANDIDATES = read_candidates(LIST.encode(), where="names.csv")


@pytest.mark.parametrize(
    ("written", "candidate"),
    [
        ("Amara Oseii", "Amara Osei"),
        ("AMARA", "Amara Osei"),
        ("Dr Osei", "Amara Osei"),
        ("امارا اوسئی", "Amara Osei"),
        ("অমরা ওসেই", "Amara Osei"),
        ("তারিক মাহমুদ", "Tariq Mahmood"),
        ("طارق محمود", "Tariq Mahmood"),
        ("Mehmood Tarik", "Tariq Mahmood"),
        ("Farida Haidri", "Farida Haidari"),
    ],
)
def test_a_spelling_in_any_script_is_the_candidate(written: str, candidate: str) -> None:
    assert CANDIDATES.match(written) == candidate


@pytest.mark.parametrize("written", ["Haidari", "Omar", "Ama", "", "!!", "17"])
def test_a_shared_surname_and_another_name_are_nobody_of_the_list(written: str) -> None:
    assert CANDIDATES.match(written) is None


def test_a_shared_surname_is_left_as_written_without_a_candidate() -> None:
    (found,) = find_instructions("vote for Haidari", candidates=CANDIDATES)
    assert (found.name, found.candidate) == ("Haidari", None)


def test_the_list_finds_a_name_that_the_wordings_miss_beside_a_directive() -> None:
    text = "select like before amara"
    assert find_instructions(text) == []
    (found,) = find_instructions(text, candidates=CANDIDATES)
    assert (found.name, found.stance, found.candidate) == ("amara", "for", "Amara Osei")


def test_the_list_finds_nobody_far_from_a_directive() -> None:
    assert find_instructions("amara baked the cake. come and vote", candidates=CANDIDATES) == []


def test_senders_are_spellings_beside_a_directive_and_no_candidates() -> None:
    text = "select like before wiktoria. nadia brings tea"
    (found,) = find_instructions(text, known=known_names(["~Wiktoria", "Nadia", "+44 7700 900123"]))
    assert (found.name, found.candidate) == ("wiktoria", None)


def test_a_byte_order_mark_and_a_contest_are_read() -> None:
    (only,) = read_candidates(b"\xef\xbb\xbfname,contest\nAda Osei,Elm Vale\n", where="f").listed
    assert (only.name, only.variants, only.contest) == ("Ada Osei", (), "Elm Vale")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "missing"),
        (b"surname\nOsei\n", "surname"),
        (b"name\n", "names nobody"),
        (b"name,variants\nAda,b,c\n", "line 2 has 3 columns"),
        (b"name,variants\n,b\n", "line 2 has no name"),
        (b"name\nAda\nAda\n", "listed twice"),
        (b"name\n\xff\xfe\n", "no CSV in UTF-8"),
    ],
)
def test_a_list_of_another_form_is_refused_with_its_place(content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_candidates(content, where="names.csv")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Muhammad", "Mohammed"), ("Shirin", "Shereen"), ("Yusuf", "Youssef"), ("Lukasz", "Łukasz"), ("Sunil", "سنیل"),
     ("Sunil", "सुनील"), ("Amara Osei", "ਅਮਾਰਾ ਓਸੇਈ")],
)  # fmt: skip
def test_spellings_of_one_name_are_the_same(one: str, other: str) -> None:
    assert is_within(read_words(one), read_words(other))


@pytest.mark.parametrize(("one", "other"), [("Amir", "Omar"), ("Sana", "Sara"), ("Mira", "Mara"), ("4", "14")])
def test_names_that_are_near_are_not_the_same(one: str, other: str) -> None:
    assert not is_within(read_words(one), read_words(other))


@given(st.text(max_size=30))
def test_every_name_is_within_itself_or_has_no_words(name: str) -> None:
    words = read_words(name)
    if words and all(word.shows_vowels for word in words):
        assert is_within(words, words)


def test_a_quote_that_is_never_closed_is_refused_instead_of_swallowing_names() -> None:
    with pytest.raises(UsageError, match="no CSV"):
        read_candidates(b'name\n"Amara Osei\nTariq Mahmood\n', where="names.csv")


def test_a_long_list_is_read_in_a_moment() -> None:
    names = "".join(f"Osei {number}\n" for number in range(50_000))
    began = process_time()
    assert len(read_candidates(f"name\n{names}".encode(), where="names.csv").listed) == 50_000
    assert process_time() - began < 10
