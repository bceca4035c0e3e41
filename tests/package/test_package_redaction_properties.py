import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from package.secretsworld import NAMES, PARTY, a_dossier, a_table, rules, write_files

from chatforensics.package.dossier import Dossier
from chatforensics.package.finding import Entry, Finder
from chatforensics.package.folding import fold, fold_with_places
from chatforensics.package.leaks import find_leaks
from chatforensics.package.redaction import redact_dossier

CODE = r"P-[A-Z2-7]{10}"


def _texts(dossier: Dossier) -> list[str]:
    return [text or "" for text in dossier.tables["messages"]["text"]]


LETTERS = st.text(alphabet=st.characters(categories=["L", "M"]), min_size=1, max_size=6)
LABELS = st.lists(LETTERS, min_size=1, max_size=3).map(" ".join)
NOISE = st.text(alphabet="ab1 .,\n\u200e“”é👍", max_size=12)


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[dict[int, tuple[str, ...]], list[str]]:
    labels = draw(st.lists(LABELS | st.sampled_from(NAMES), min_size=2, max_size=5, unique_by=fold))
    pieces = (
        st.sampled_from([*labels, *(label.upper() for label in labels), "+44 7700 900123", "a@b.example", "vote"])
        | NOISE
    )
    texts = draw(st.lists(st.lists(pieces, max_size=5).map(" ".join), min_size=1, max_size=5))
    return {number: (label,) for number, label in enumerate(labels)}, texts


@settings(max_examples=20, deadline=None)
@given(_worlds())
def test_nothing_that_was_taken_out_is_found_in_what_is_written(
    world: tuple[dict[int, tuple[str, ...]], list[str]],
) -> None:
    done, told = redact_dossier(a_dossier(*world), rules())
    assert find_leaks(write_files(done), told) == []


@settings(max_examples=20, deadline=None)
@given(_worlds())
def test_a_second_redaction_changes_nothing(world: tuple[dict[int, tuple[str, ...]], list[str]]) -> None:
    once, _ = redact_dossier(a_dossier(*world), rules())
    twice, _ = redact_dossier(once, rules())
    assert write_files(once) == write_files(twice)


@settings(max_examples=25, deadline=None)
@given(_worlds(), st.data())
def test_spans_mark_at_least_the_same_words_as_before(
    world: tuple[dict[int, tuple[str, ...]], list[str]], data: st.DataObject
) -> None:
    text = world[1][0]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    row = {"message_id": 1, "reference": "link", "start": start, "end": end}
    done, _ = redact_dossier(a_dossier(*world, references=a_table("references", [row])), rules())
    new, told = done.tables["references"].row(0, named=True), _texts(done)[0] or ""
    left, right = re.split(rf"\[(?:[a-z-]+ )?{CODE}\]", told[new["start"] : new["end"]]), text[start:end]
    assert 0 <= new["start"] <= new["end"] <= len(told)
    assert all(piece in right for piece in left)
    assert (
        told[: new["start"]] == text[:start]
        or re.search(CODE, told[: new["start"]])
        or text[:start].startswith(told[: new["start"]])
    )


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(_worlds())
def test_in_many_worlds_nothing_is_found_and_a_second_redaction_changes_nothing(
    world: tuple[dict[int, tuple[str, ...]], list[str]],
) -> None:
    done, told = redact_dossier(a_dossier(*world), rules())
    written = write_files(done)
    assert find_leaks(written, told) == []
    assert write_files(redact_dossier(done, rules())[0]) == written


def test_names_of_any_script_in_each_others_place_give_the_same_structure() -> None:
    seen = set()
    for name in NAMES[:4]:
        people = {0: (PARTY,), 1: (name,)}
        done, _ = redact_dossier(
            a_dossier(people, [f"I asked {name}, twice: {name}!", "x", f"@\u2068{name}\u2069"]), rules()
        )
        seen.add(re.sub(CODE, "P", str((_texts(done), [(row["kind"], row["n_places"]) for row in done.redactions]))))
    assert len(seen) == 1


@given(st.text(max_size=40))
def test_a_text_folded_with_its_places_is_the_folded_text(text: str) -> None:
    told = fold_with_places(text)
    assert told.text == fold(text)
    assert len(told.starts) == len(told.ends) == len(told.text)
    assert all(start < end for start, end in zip(told.starts, told.ends, strict=True))


@given(st.lists(LABELS, min_size=1, max_size=4), st.text(max_size=10), st.text(max_size=10))
def test_a_name_between_spaces_is_found_at_its_place(labels: list[str], before: str, after: str) -> None:
    label = labels[0]
    finder = Finder({fold(one).strip(): Entry(one, "x", "name", "") for one in labels})
    text = f"{before} {label} {after}"
    found = finder.find_all([text], tiny=True).get(text, [])
    assert any(fold(label).strip() in fold(text[hit.start : hit.end]) for hit in found)
