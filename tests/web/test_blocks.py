"""A document's parts as they are edited: nothing typed is lost, and each part names who typed it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.errors import UsageError
from chatforensics.web.blocks import (
    BLOCK_LIMIT,
    TEXT_LIMIT,
    Block,
    add_block,
    add_quote,
    credit_writers,
    discard_removed,
    list_quoted,
    move_block,
    read_blocks,
    read_form,
    read_number,
    remove_block,
    renumber,
    store_blocks,
    tidy_text,
)
from chatforensics.web.forms import Form

TEXTS = st.text(max_size=30).map(tidy_text)
NAMES = st.sampled_from(["Ama Boateng", "Priya Nair", "Goran Lindqvist"])


@st.composite
def documents(draw: st.DrawFn) -> list[Block]:
    numbers = draw(st.lists(st.integers(1, 999), unique=True, max_size=8))
    kinds = [draw(st.sampled_from(["heading", "paragraph", "quote"])) for _ in numbers]
    return [
        Block(
            number=number,
            kind=kind,
            text=draw(TEXTS),
            message_id=draw(st.integers(1, 2**52)) if kind == "quote" else None,
            by=tuple(draw(st.lists(NAMES, unique=True, max_size=2))),
            removed=draw(st.booleans()),
        )
        for number, kind in zip(numbers, kinds, strict=True)
    ]


def _post(blocks: list[Block]) -> Form:
    """Return the form that the editor sends for these blocks."""
    fields: dict[str, list[str]] = {"block": [str(block.number) for block in blocks]}
    for block in blocks:
        fields |= {f"kind-{block.number}": [block.kind], f"text-{block.number}": [block.text]}
        fields |= {f"message-{block.number}": [str(block.message_id)]} if block.message_id else {}
        fields |= {f"removed-{block.number}": ["yes"]} if block.removed else {}
    return Form(fields)


@settings(max_examples=30)
@given(documents())
def test_what_is_stored_is_read_back(blocks: list[Block]) -> None:
    assert read_blocks(store_blocks(blocks)) == blocks


@settings(max_examples=30)
@given(documents())
def test_a_form_that_changes_nothing_is_the_document_and_credits_nobody_new(blocks: list[Block]) -> None:
    credited = credit_writers(read_form(_post(blocks)), before=blocks, actor="Somebody Else")
    assert credited == [replace(block, by=block.by if block.text else ()) for block in blocks]


@settings(max_examples=30)
@given(documents(), st.data())
def test_moving_taking_out_and_putting_back_lose_no_part(blocks: list[Block], data: st.DataObject) -> None:
    changed = blocks
    for _ in range(data.draw(st.integers(0, 6)) if blocks else 0):
        number = data.draw(st.sampled_from([block.number for block in changed]))
        changed = move_block(changed, number, by=data.draw(st.sampled_from([-1, 1])))
    assert sorted(block.number for block in changed) == sorted(block.number for block in blocks)
    full = [block for block in blocks if not block.is_empty and not block.removed]
    for block in full:
        out = remove_block(changed, block.number)
        assert remove_block(out, block.number, removed=False) == changed


@settings(max_examples=30)
@given(documents(), documents())
def test_after_two_people_saved_every_number_is_used_once(mine: list[Block], theirs: list[Block]) -> None:
    numbered = renumber(mine, beside=theirs)
    assert len({block.number for block in numbered}) == len(mine)
    assert [(block.kind, block.text, block.message_id) for block in numbered] == [
        (block.kind, block.text, block.message_id) for block in mine
    ]


def test_who_changes_words_is_named_beside_who_wrote_them_first() -> None:
    before = [Block(1, "paragraph", "One.", by=("Ama Boateng",)), Block(2, "paragraph", "Two.", by=("Ama Boateng",))]
    typed = [Block(1, "paragraph", "One."), Block(2, "paragraph", "Two, and more."), Block(3, "paragraph", "Three.")]
    credited = credit_writers(typed, before=before, actor="Priya Nair")
    assert [block.by for block in credited] == [("Ama Boateng",), ("Ama Boateng", "Priya Nair"), ("Priya Nair",)]


def test_a_part_moves_past_what_was_taken_out_and_stays_at_the_end() -> None:
    blocks = [Block(1, "paragraph", "a"), Block(2, "paragraph", "b", removed=True), Block(3, "paragraph", "c")]
    assert [block.number for block in move_block(blocks, 1, by=1)] == [2, 3, 1]
    assert move_block(blocks, 3, by=1) == blocks


def test_a_new_part_stands_where_it_was_asked_for_with_a_number_of_its_own() -> None:
    blocks = [Block(4, "paragraph", "a"), Block(2, "paragraph", "b")]
    assert [block.number for block in add_block(blocks, "heading", after=4)] == [4, 5, 2]
    assert [block.number for block in add_block(blocks, "heading")] == [5, 4, 2]
    assert add_quote(blocks, 77)[-1] == Block(5, "quote", message_id=77)


def test_an_empty_part_that_is_taken_out_is_gone_and_a_full_one_stays_until_it_is_discarded() -> None:
    blocks = [Block(1, "paragraph"), Block(2, "paragraph", "words")]
    assert remove_block(blocks, 1) == [blocks[1]]
    out = remove_block(blocks, 2)
    assert out[1].removed
    assert discard_removed(out) == [blocks[0]]


def test_a_message_is_listed_once_and_not_where_its_quote_was_taken_out() -> None:
    blocks = [Block(n, "quote", message_id=m, removed=n == 4) for n, m in ((1, 8), (2, 7), (3, 8), (4, 6))]
    assert list_quoted(blocks) == [8, 7]


@pytest.mark.parametrize(
    "fields",
    [
        {"block": ["1"], "kind-1": ["script"]},
        {"block": ["1"], "kind-1": ["quote"]},
        {"block": ["1"], "kind-1": ["paragraph"], "message-1": ["5"]},
        {"block": ["1", "1"], "kind-1": ["paragraph"]},
        {"block": ["../1"], "kind-../1": ["paragraph"]},
        {"block": ["1"], "kind-1": ["paragraph"], "text-1": ["x" * (TEXT_LIMIT + 1)]},
        {"block": [str(n) for n in range(BLOCK_LIMIT + 1)]},
    ],
)
def test_a_form_that_our_page_does_not_send_is_refused_in_words(fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        read_form(Form(fields))


@pytest.mark.parametrize("said", ["", "-1", "1.0", "٣", "1e3", "9" * 17, str(2**53), " 1"])
def test_only_small_plain_numbers_are_numbers(said: str) -> None:
    with pytest.raises(UsageError):
        read_number(said)
