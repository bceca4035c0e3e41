"""Indicators of how texts are written: letters of two signs, signs of a word processor, and where a share changes."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.received import evidence_from, observe

from chatforensics.integrity.counts import find_change, say_chance, say_share
from chatforensics.integrity.counts import observe as observation
from chatforensics.integrity.writing import WRITING


def seen(number: str, texts: list[str], *, sender: str = "Zoë") -> list[tuple[str, str, list[int]]]:
    raw = "".join(
        f"13/03/2024, {at // 60 % 24:02d}:{at % 60:02d} - {sender}: {text}\n" for at, text in enumerate(texts)
    ).encode()
    return [(x.level, x.value, list(x.lines)) for x in observe(WRITING, number, evidence_from(raw))]


def test_letters_that_become_two_signs_from_some_text_on_are_told_there() -> None:
    texts = ["un café"] * 30 + [unicodedata.normalize("NFD", "un café")] * 30
    ((level, value, lines),) = seen("I-10", texts)
    assert (level, lines) == ("info", [31])
    assert value.startswith("Texts of “Zoë” whose letters with accents are written as two signs: 0 of 30 (0.0 %")
    assert "30 of 30 (100.0 %" in value


@pytest.mark.parametrize(
    "texts",
    [
        ["un café"] * 60,
        [unicodedata.normalize("NFD", "un café")] * 60,
        ["un café", unicodedata.normalize("NFD", "un café")] * 30,
        ["plain"] * 30 + ["plain 👍🏽 “so”"] * 30,
        ["क़लम"] * 30 + [unicodedata.normalize("NFD", "क़लम")] * 30,
        ["ਸ਼ਹਿਰ"] * 30 + [unicodedata.normalize("NFD", "ਸ਼ਹਿਰ")] * 30,
    ],
    ids=["one sign", "two signs", "both throughout", "no accents", "nukta of one script", "nukta of another"],
)
def test_letters_without_a_change_or_that_are_never_joined_show_nothing(texts: list[str]) -> None:
    assert seen("I-10", texts) == []


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        ("“so”", "with curly quotation marks"),
        ("so\u00a0so", "with a no-break space (U+00A0)"),
        ("so\tso", "with a tab"),
        ("so ", "that end in a blank"),
        ("so \nand so", "with a blank at the end of a line"),
    ],
)
def test_a_sign_that_sets_in_is_told_where_it_does(sign: str, words: str) -> None:
    ((level, value, lines),) = seen("I-11", ["plain"] * 30 + [sign] * 30)
    assert (level, lines) == ("info", [31])
    assert value.startswith(f"Texts of “Zoë” {words}: 0 of 30 ")


def test_each_sender_is_compared_with_nobody_else() -> None:
    raw = "".join(
        f"13/03/2024, 12:{at:02d} - {'Zoë: “so”' if at % 2 else 'Ngozi: plain'}\n" for at in range(60)
    ).encode()
    assert list(observe(WRITING, "I-11", evidence_from(raw))) == []


def test_very_few_texts_with_a_tab_are_told_with_their_share() -> None:
    texts = ["plain"] * 300
    texts[120] = "plain\tand more"
    ((level, value, lines),) = seen("I-11", texts)
    assert (level, lines) == ("info", [121])
    assert value == "1 text with a tab: 1 of 300 (0.3 %, 95 % interval 0.0 to 1.8 %)."


def test_curly_quotation_marks_that_are_rare_are_not_told() -> None:
    assert seen("I-11", ["plain"] * 300 + ["“so”"]) == []


def slow_change(flags: list[bool]) -> int:
    """Return the split with the largest likelihood, counted one by one."""

    def likelihood(part: list[bool]) -> float:
        share = sum(part) / len(part)
        return sum(float(np.log(share if flag else 1 - share)) for flag in part)

    return max(range(10, len(flags) - 9), key=lambda at: round(likelihood(flags[:at]) + likelihood(flags[at:]), 9))


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=0, max_size=50), st.integers(30, 60), st.integers(30, 60))
def test_a_change_is_the_split_that_a_slow_twin_finds_likeliest(noise: list[bool], n_before: int, n_after: int) -> None:
    flags = [False] * n_before + [True] * n_after + noise[:5]
    assert find_change(np.array(flags)) == slow_change(flags)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_an_even_share_has_no_change(seed: int, share: float) -> None:
    assert find_change(np.random.default_rng(seed).random(300) < share) is None


@pytest.mark.parametrize("n", [0, 1, 19])
def test_few_values_have_no_change(n: int) -> None:
    assert find_change(np.arange(n) > n // 2) is None


def test_shares_and_chances_are_said_with_their_uncertainty() -> None:
    assert say_share(12, 40) == "12 of 40 (30.0 %, 95 % interval 16.6 to 46.5 %)"
    assert (say_chance(0.00123), say_chance(1e-300)) == ("p = 0.0012", "p below 1e-12")


def test_of_many_messages_the_first_thousand_lines_are_listed() -> None:
    evidence = evidence_from(b"13/03/2024, 12:00 - Ama: hi\n" * 1200)
    seen = observation(evidence, "info", "1,200 texts.", np.ones(1200, dtype=bool))
    assert list(seen.lines) == list(range(1, 1001))
    assert seen.value == "1,200 texts. The first 1,000 of 1,200 lines are listed."
