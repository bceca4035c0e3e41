"""Names, links and numbers taken out before the model reads."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.labelling import masking
from chatforensics.labelling.masking import LINK, NAME, RARE, mask_text, mask_texts

ORDINARY = frozenset({"vote", "for", "please", "the", "ballot", "select", "today", "tomorrow", "evening", "so"}) | {
    *("apparently", "indeed", "it", "is", "said", "paper", "on", "ask", "about", "open", "now"),
}


def masked(text: str) -> str:
    return mask_text(text, ordinary=ORDINARY)


@pytest.mark.parametrize(
    "name", ["Ines", "Ines Duarte", "Ngozi Adeyemi-Bell", "Jan van der Meer", "Nguyễn Thị Hoa", "O’Brien"]
)
def test_a_capitalised_name_inside_a_sentence_becomes_one_token(name: str) -> None:
    assert masked(f"please vote for {name} today") == f"please vote for {NAME} today"


def test_a_name_that_is_partly_an_ordinary_word_is_masked_whole() -> None:
    assert mask_text("please vote for Grace Okoye", ordinary=ORDINARY | {"grace"}) == f"please vote for {NAME}"


def test_a_capitalised_directive_before_a_name_stays() -> None:
    assert masked("so please Vote Ines") == f"so please vote {NAME}"


def test_two_names_side_by_side_become_one_token() -> None:
    assert masked("vote for Ines, Tariq") == f"vote for {NAME}"


def test_an_ordinary_word_with_a_capital_stays() -> None:
    assert masked("please Vote For the ballot") == "please vote for the ballot"


def test_a_single_capitalised_word_at_the_start_of_a_sentence_stays() -> None:
    assert masked("Apparently so. Indeed it is") == "apparently so. indeed it is"


def test_two_unknown_capitalised_words_at_the_start_of_a_sentence_are_a_name() -> None:
    assert masked("Ines Duarte said so") == f"{NAME} said so"


def test_a_possessive_ordinary_word_stays_ordinary() -> None:
    assert masked("the Ballot's paper") == "the ballot's paper"


def test_short_capitals_are_abbreviations_not_names() -> None:
    assert mask_text("the AGM is on", ordinary=ORDINARY | {"agm"}) == "the agm is on"


def test_a_shouted_text_keeps_its_words() -> None:
    assert masked("PLEASE VOTE TOMORROW EVENING") == "please vote tomorrow evening"


@pytest.mark.parametrize("name", ["ines", "INES DUARTE", "o’brien", "nguyễn thị hoa", "okoye-bell", "jan, ines"])
def test_a_name_without_capitals_of_its_own_is_read_as_any_unknown_word(name: str) -> None:
    capitals = name.isupper()
    read = masked(f"VOTE FOR {name} TODAY" if capitals else f"vote for {name} today")
    assert read == f"vote for {RARE} today"


@pytest.mark.parametrize("text", ["ووٹ {} کو", "{} কে ভোট", "{} को वोट", "{} ਨੂੰ ਵੋਟ"])
def test_a_name_in_a_script_without_capitals_is_read_as_any_unknown_word(text: str) -> None:
    ordinary = frozenset(text.replace("{}", "").split())
    read = [mask_text(text.format(name), ordinary=ordinary) for name in ("نور حسن", "মিতা", "रवि", "ਜੀਤ ਕੌਰ")]
    assert set(read) == {text.format(RARE)}


def test_an_unknown_name_in_the_genitive_keeps_its_ending() -> None:
    assert masked("the ballot is on ines's paper") == f"the ballot is on {RARE}'s paper"


def test_an_ordinary_word_with_a_short_ending_is_read_as_the_ordinary_word() -> None:
    assert masked("selecting for the ballot") == "select for the ballot"


@pytest.mark.parametrize("mention", ["@Ines", "@447700900123", "@\u2068Ines\u2069", "+44 7700 900123"])
def test_mentions_and_telephone_numbers_become_names(mention: str) -> None:
    assert masked(f"ask {mention} about it") == f"ask {NAME} about it"


@pytest.mark.parametrize("link", ["https://a.example/vote?x=1", "www.a.example", "ines@a.example"])
def test_links_become_one_token(link: str) -> None:
    assert masked(f"open {link} now") == f"open {LINK} now"


def test_emphasis_keycaps_and_foreign_digits_are_levelled() -> None:
    assert masked("1️⃣ *vote* for ২") == masked("1 vote for 2")


def test_long_numbers_keep_only_their_length() -> None:
    assert masked("vote 45") == masked("vote 91") == "vote 00"


@given(
    st.sampled_from(["Ines", "Tomasz", "Yaw", "Farrukh", "Sunita", "Beatriz"]),
    st.sampled_from(["Ines", "Wojtek", "Chidi"]),
)
def test_swapping_one_name_for_another_changes_nothing(one: str, other: str) -> None:
    assert masked(f"please vote for {one} on the ballot") == masked(f"please vote for {other} on the ballot")


def test_many_texts_are_masked_as_each_one_is() -> None:
    texts = ["vote for Ines", "", "no", "vote for ines"]
    assert mask_texts(texts, ordinary=ORDINARY) == [masked(text) for text in texts]


_PIECES = st.sampled_from(
    ["Vote", "Ines Duarte", "vote", "THE BALLOT", ".", "!", ":", " ", " ", "\n", "²5", "+44 7700 900123", "@Ines",
     "\u200b", "1️⃣", "\u0301", "\x1c", "*", "’", "-", "www.a.example", "٣", "de", "Öz"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_a_text_cut_into_pieces_reads_as_the_whole(text: str) -> None:
    cut = masked(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(masking, "_PIECE_ENDS", regex.compile(r"(?!)"))
        assert cut == masked(text)
