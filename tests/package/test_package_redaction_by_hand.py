from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from package.secretsworld import CANDIDATE, PARTY, a_dossier, a_table, person_of, rules, write_files

from chatforensics.errors import UsageError
from chatforensics.package.dossier import Dossier
from chatforensics.package.leaks import find_leaks
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.redaction import redact_dossier
from chatforensics.package.withholding import find_withheld

FIRST, LAST = CANDIDATE.split()
TEXT = f"select {CANDIDATE} in Elm ward"


def _list(*words: str) -> tuple[ManualRule, ...]:
    return tuple(ManualRule("private", words=one, line=line) for line, one in enumerate(words, 2))


def _a_slate(text: str = TEXT, *, labels: dict[int, tuple[str, ...]] | None = None) -> Dossier:
    start = text.index(CANDIDATE)
    slate = {"message_id": 1, "name": CANDIDATE, "start": start, "end": start + len(CANDIDATE)}
    wording = {"variant_id": "e" * 16, "family_id": "f" * 16, "text": text, "message_ids": [1]}
    tables = {"slates": a_table("slates", [slate]), "variants": a_table("variants", [wording])}
    dossier = a_dossier(labels or {0: (PARTY,), 1: ("Hana",)}, [text], **tables)
    return replace(dossier, run={"package": {"n_ticked": 1}})


@pytest.mark.parametrize("word", [FIRST, LAST, FIRST.lower(), CANDIDATE])
@pytest.mark.parametrize("candidate", ["in no chat", "hidden", "a party"])
def test_a_word_of_the_list_goes_from_texts_slates_and_wordings_whoevers_name_it_is_in(
    word: str, candidate: str
) -> None:
    labels: dict[str, dict[int, tuple[str, ...]]] = {
        "in no chat": {0: (PARTY,), 1: ("Hana",)},
        "hidden": {0: (PARTY,), 1: (CANDIDATE,)},
        "a party": {0: (CANDIDATE,), 1: ("Hana",)},
    }
    done, told = redact_dossier(_a_slate(labels=labels[candidate]), rules(manual=_list(word)))
    files = write_files(done)
    assert not any(word.encode().lower() in content.lower() for content in files.values())
    assert "[redacted P-" in done.tables["slates"]["name"][0]
    assert "[redacted P-" in done.tables["variants"]["text"][0]
    assert told.unused == ()
    assert find_leaks(files, told) == []
    assert find_leaks({"exhibit.html": TEXT.encode()}, told)


def test_a_word_of_the_list_that_stands_nowhere_is_searched_for_as_well() -> None:
    done, told = redact_dossier(_a_slate(), rules(manual=_list("Kwabena")))
    assert find_leaks(write_files(done), told) == []
    assert find_leaks({"custody/log.jsonl": b'{"actor":"Kwabena Osei"}'}, told)


def test_a_word_of_the_list_goes_from_sentences_of_this_program_without_quotation_marks() -> None:
    row = {"indicator": "I-15", "value": f"1 message names {FIRST}", "explanation": "the mark may stand"}
    dossier = replace(_a_slate(), run={"note": f"told by {FIRST}"})
    dossier = replace(dossier, tables={**dossier.tables, "indicators": a_table("indicators", [row])})
    done, _ = redact_dossier(dossier, rules(manual=_list(FIRST, "mark", "may")))
    told = done.tables["indicators"].row(0, named=True)
    assert FIRST not in told["value"] + str(done.run)
    assert told["explanation"] == "the mark may stand"


def test_a_longer_word_that_begins_with_one_of_the_list_stays() -> None:
    done, _ = redact_dossier(_a_slate(f"{TEXT}, Elmer"), rules(manual=_list("Elm")))
    assert done.tables["messages"]["text"][0].endswith("ward, Elmer")
    assert "Elm ward" not in done.tables["messages"]["text"][0]


def test_words_found_only_inside_hidden_names_and_longer_words_of_the_list_did_find_something() -> None:
    dossier = a_dossier({0: (PARTY,), 1: ("Hana Kudo",)}, ["hello 12 Canal Street"])
    told = redact_dossier(dossier, rules(manual=_list("Hana", "12 Canal", "12 Canal Street", "zebra")))[1]
    assert [rule.words for rule in told.unused] == ["zebra"]


def test_a_second_redaction_by_the_same_list_changes_nothing() -> None:
    hand = _list(FIRST, "phone", "redacted")
    once, _ = redact_dossier(_a_slate(f"{TEXT}: phone +44 7700 900123"), rules(manual=hand))
    assert write_files(redact_dossier(once, rules(manual=hand))[0]) == write_files(once)


def test_hidden_people_whose_names_stay_on_slates_are_named_and_counted() -> None:
    dossier = _a_slate(labels={0: (PARTY,), 1: (CANDIDATE,), 2: ("Hana Kudo",)})
    done, told = redact_dossier(dossier, rules())
    (stayed,) = told.stayed
    assert (stayed.name, stayed.on_slate, stayed.words) == (CANDIDATE, True, ((LAST, 1), (FIRST, 1)))
    assert done.run["package"] == {"n_ticked": 1, "n_slate_names_shown": 1}
    taken, told = redact_dossier(dossier, rules(manual=_list(FIRST)))
    assert taken.run["package"] == {"n_ticked": 1, "n_slate_names_shown": 0}
    assert [(one.on_slate, one.words) for one in told.stayed] == [(False, ((LAST, 1),))]


def test_nobody_is_counted_on_slates_where_everybody_is_shown() -> None:
    shown = rules(parties=frozenset({person_of(0), person_of(1)}))
    done, told = redact_dossier(_a_slate(labels={0: (PARTY,), 1: (CANDIDATE,)}), shown)
    assert (done.run["package"], told.stayed) == ({"n_ticked": 1, "n_slate_names_shown": 0}, ())


def _messages(rows: list[tuple[int, int | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"message_id": pl.Int64, "canonical_id": pl.Int64}, orient="row")


def test_a_message_to_withhold_is_found_by_the_id_of_a_copy_that_is_not_packed() -> None:
    case, packed = _messages([(1, 1), (2, 1), (3, 1), (4, None)]), _messages([(2, 1), (4, None)])
    hand = [ManualRule("x", message_id=number) for number in (1, 2, 3, 4)]
    found = find_withheld(hand, packed=packed, case=case)
    assert [rule.message_id for rule in found] == [1, 2, 1, 4]


@pytest.mark.parametrize(("number", "said"), [(9, "9 is no id of a message"), (5, "5 is in the case, but not in")])
def test_a_message_to_withhold_that_is_not_packed_is_an_error_with_its_id_and_line(number: int, said: str) -> None:
    rule: Any = ManualRule("x", message_id=number, line=7)
    with pytest.raises(UsageError, match=f"line 7: {said}"):
        find_withheld([rule], packed=_messages([(1, 1)]), case=_messages([(1, 1), (5, 5)]))


def test_a_message_is_withheld_by_the_id_of_its_first_copy_where_only_another_is_packed() -> None:
    dossier = a_dossier({0: (PARTY,)}, ["a private matter"])
    messages = dossier.tables["messages"].with_columns(canonical_id=pl.lit(77, dtype=pl.Int64))
    hand = (ManualRule("private", message_id=77),)
    done, told = redact_dossier(replace(dossier, tables={**dossier.tables, "messages": messages}), rules(manual=hand))
    assert (done.tables["messages"]["text"][0], told.unused) == ("[withheld 1: private]", ())
