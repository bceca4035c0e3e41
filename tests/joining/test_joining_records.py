import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import Export, Said, tables

from chatforensics.joining.records import build_records, number_sources, plain_label
from chatforensics.text import normalise

TEXTS = st.text(alphabet=st.sampled_from("aAbB 12\n\t\r.ß\u00a0Ｆﬁé\u200eŽ\x1f"), max_size=12)


def records_of(*texts: str | None, kinds: tuple[str, ...] = ()) -> pl.DataFrame:
    said = [
        Said(60 * place, "Nkechi", text, kind)
        for place, (text, kind) in enumerate(zip(texts, kinds or ("text",) * len(texts), strict=True))
    ]
    sources, messages, _ = tables(Export("one", said))
    records = build_records(number_sources(sources), messages)
    return records.widen(records.rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_codes_agree_exactly_where_the_normal_forms_do(texts: list[str]) -> None:
    codes = records_of(*texts)["code"].to_list()
    forms = [normalise(text) for text in texts]
    for i in range(len(texts)):
        for j in range(len(texts)):
            assert (codes[i] == codes[j]) == (forms[i] == forms[j])


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_a_text_is_long_from_twenty_characters_of_its_normal_form(texts: list[str]) -> None:
    texts = [text * 5 for text in texts]
    assert records_of(*texts)["long"].to_list() == [len(normalise(text)) >= 20 for text in texts]


def test_a_mention_is_the_same_whether_printed_as_name_or_number() -> None:
    codes = records_of("thanks @\u2068Wen Li\u2069!", "thanks @447700900123!", "thanks @all!")["code"].to_list()
    assert codes[0] == codes[1] != codes[2]


def test_media_without_text_are_alike_and_differ_from_deleted_messages() -> None:
    found = records_of(None, None, None, "", kinds=("media", "view_once", "deleted", "media"))
    codes = found["code"].to_list()
    assert codes[0] == codes[1] == codes[3] != codes[2]
    assert not found["worded"].any()


def test_a_clock_reading_is_the_middle_of_its_step() -> None:
    sources, messages, _ = tables(Export("minutes", [Said(60, "Ama", "hello")]))
    records = build_records(number_sources(sources), messages)
    (row,) = records.widen(records.rows).to_dicts()
    assert row["local_ms"] % 60_000 == 30_000


def test_exports_in_one_folder_come_from_one_phone_and_others_from_their_own() -> None:
    sources, _, _ = tables(Export("a", [], folder="x"), Export("b", [], folder="x"), Export("c", []), Export("d", []))
    assert number_sources(sources)["phone"].n_unique() == 3


def test_one_file_given_twice_is_one_export() -> None:
    sources, _, _ = tables(Export("a", []), Export("a", []))
    assert number_sources(sources).height == 1


def test_labels_are_compared_without_invisible_marks() -> None:
    labels = pl.DataFrame({"x": ["\u202a+44 7700 900131\u202c", "Ravi ", "~\u202fInés"]})
    assert labels.select(plain_label(pl.col("x")))["x"].to_list() == ["+44 7700 900131", "Ravi", "~\u202fInés"]
