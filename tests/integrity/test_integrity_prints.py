"""How headers are printed: masks, ends, forms and zeros."""

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.received import evidence_from

from chatforensics.integrity import octets
from chatforensics.integrity.prints import Prints, read_prints

FORMS = {
    "31/12/2024, 23:59 - Ama: hi": "9/9/9999, 9:9 - ",
    "12/31/24, 11:59 PM - Ama: hi": "9/9/9, 9:9 a - ",
    "31.12.24, 23:59 - Ama: hi": "9.9.9, 9:9 - ",
    "31.12.2024 klo 23.59 - Ama: hi": "9.9.9999 a 9.9 - ",
    "12/31/24, 11:59\u202fp. m. - Ama: hi": "9/9/9, 9:9\u202fa - ",
    "[31/12/2024, 23:59:59] Ama: hi": "[9/9/9999, 9:9:9]",
    "\u200e[31/12/2024, 23:59:59] Ama: \u200eimage omitted": "[9/9/9999, 9:9:9]",
    "[31/12/24, 23:59:59] ] - Ama: hi": "[9/9/9, 9:9:9]",
    "31/12/2024 - 23:59 - Ama: hi": "9/9/9999 - 9:9 - ",
    "31/12/2024, 23:59 – Ama: 1 - 2": "9/9/9999, 9:9 – ",
    "31/12/2024 23:59: Ama: hi": "9/9/9999 9:9: ",
    "٣١\u200f/١٢\u200f/٢٠٢٤، ١١:٥٩ م - Ama: hi": "٩\u200f/٩\u200f/٩٩٩٩، ٩:٩ a - ",
    "३१/१२/२४, २३:५९ - Ama: hi": "९/९/९, ९:९ - ",
}


def prints_of(lines: list[str]) -> Prints:
    return read_prints(evidence_from("".join(f"{line}\n" for line in lines).encode()))


@pytest.mark.parametrize(("line", "form"), FORMS.items())
def test_a_form_is_the_stamp_without_its_numbers_and_words(line: str, form: str) -> None:
    assert [one.form for one in prints_of([line]).known] == [form]


@pytest.mark.parametrize("line", FORMS)
def test_many_headers_are_printed_as_one_of_them_is(line: str) -> None:
    many = prints_of([line] * 100)
    assert list(many.known) == list(prints_of([line]).known)
    assert many.count().tolist() == [100]


def test_numbers_of_one_digit_and_with_a_zero_are_told_by_their_place() -> None:
    (one,) = prints_of(["9/01/24, 7:05 - Ama: hi"]).known
    assert (one.lone, one.zeroed) == (frozenset({0, 3}), frozenset({1, 4}))


def test_numbers_of_other_scripts_are_told_likewise() -> None:
    (one,) = prints_of(["९/०१/२४, ७:०५ - Ama: hi"]).known
    assert (one.lone, one.zeroed) == (frozenset({0, 3}), frozenset({1, 4}))


def test_a_stamp_longer_than_the_first_ones_is_read_to_its_end() -> None:
    prints = prints_of(["1/2/24, 7:15 - Ama: hi"] * 70 + ["12/12/24, 17:15 - Ama: hi"])
    assert {one.form for one in prints.known} == {"9/9/9, 9:9 - "}
    assert sorted(prints.count().tolist()) == [1, 70]


def test_a_text_in_utf_16_has_no_prints() -> None:
    evidence = evidence_from("31/12/2024, 23:59 - Ama: hi\n".encode("utf-16"))
    prints = read_prints(evidence)
    assert (prints.of.tolist(), list(prints.known)) == ([-1], [])


def slow_form(line: str) -> str:
    stamp = line.partition(" - ")[0]
    return regex.sub(r"\d+", lambda run: "9999" if len(run[0]) == 4 else "9", stamp) + " - "


stamps = st.builds(
    "{}{}{}{}{}, {}:{:02d} - ".format,
    st.integers(1, 12).map(str) | st.integers(1, 9).map("{:02d}".format),
    st.shared(st.sampled_from("/.-"), key="sign"),
    st.integers(1, 12),
    st.shared(st.sampled_from("/.-"), key="sign"),
    st.sampled_from(["2024", "24"]),
    st.integers(0, 23),
    st.integers(0, 59),
)


@settings(deadline=None, max_examples=30)
@given(st.lists(stamps, min_size=1, max_size=12))
def test_prints_are_what_a_slow_twin_reads_line_by_line(some: list[str]) -> None:
    evidence = evidence_from("".join(f"{stamp}Ama: hi\n" for stamp in some).encode(), dates="dmy")
    prints = read_prints(evidence)
    lines = [some[line - 1] for line in evidence.messages["line"].to_list()]
    assert [prints.known[number].form for number in prints.of] == [slow_form(line) for line in lines]
    for number, line in zip(prints.of, lines, strict=True):
        numbers = regex.findall(r"\d+", line)
        one = prints.known[number]
        assert one.lone == {place for place, n in enumerate(numbers) if len(n) == 1}
        assert one.zeroed == {place for place, n in enumerate(numbers) if len(n) > 1 and n[0] == "0"}


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=60), st.data())
def test_windows_are_the_bytes_at_their_offsets_with_zeros_behind_the_end(raw: bytes, data: st.DataObject) -> None:
    starts = sorted(data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=20)))
    got = [
        row.tobytes() for _, part in octets.cut_windows(raw, np.array(starts, dtype=np.int64), size=16) for row in part
    ]
    assert got == [raw[start : start + 16].ljust(16, b"\0") for start in starts]


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=60), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_spans_are_the_bytes_between_their_offsets(raw: bytes, cuts: list[int]) -> None:
    edges = [min(len(raw), edge) for edge in np.cumsum([0, *cuts]).tolist()]
    starts, ends = (np.array(side, dtype=np.int64) for side in (edges[:-1], edges[1:]))
    got = [span for part in octets.read_spans(raw, starts, ends) for span in part.to_list()]
    assert got == [raw[a:b] for a, b in zip(starts, ends, strict=True)]
